use super::*;
use gatepost_core::Stage;
use gatepost_core::message::{Judge, Text};
use gatepost_core::policy::{Layer, Origin, Policy, Preset};

fn imported(name: &str, text: &str) -> Imported {
    import(&File { name, text }).unwrap_or_else(|error| panic!("{error}"))
}

fn loaded(text: &str) -> Policy {
    let layer = Layer { origin: Origin::File("gatepost.toml".into()), text: text.to_owned() };
    Policy::load(&[layer]).unwrap_or_else(|errors| panic!("{errors:#?}\n{text}"))
}

/// The names of the rules that a message breaks, with those that only warn.
fn broken(policy: &str, message: &str) -> Vec<String> {
    let judge = Judge::new(&loaded(policy), Stage::CommitMsg).unwrap();
    let found = judge.text(&Text { text: message, subject: "commit message", merge: None });
    found.into_iter().map(|finding| format!("{}:{}", finding.level, finding.rule)).collect()
}

/// A configuration with one rule beside those of the form.
fn with(rule: &str) -> Imported {
    let text =
        format!(r#"{{ "rules": {{ "type-empty": [2, "never"], "subject-empty": [2, "never"], {rule} }} }}"#);
    imported(".commitlintrc", &text)
}

#[test]
fn the_preset_is_what_its_configuration_becomes() {
    let made = imported(
        "commitlint.config.js",
        "module.exports = { extends: ['@commitlint/config-conventional'] };",
    );
    assert_eq!(made.left, []);
    let preset = Preset::find("commitlint-config-conventional").unwrap();
    assert_eq!(loaded(&made.policy).digest(), loaded(preset.text).digest(), "{}", made.policy);
}

#[test]
fn every_form_of_a_file_is_read() {
    let expected = imported(
        "x.json",
        r#"{ "extends": "@commitlint/config-angular", "rules": { "scope-empty": [1, "never"] } }"#,
    );
    let policy = expected.policy.split_once('\n').unwrap().1;
    for (name, text) in [
        (".commitlintrc", "extends:\n  - '@commitlint/config-angular'\nrules:\n  scope-empty: [1, never]\n"),
        (
            ".commitlintrc.yml",
            "extends: ['@commitlint/config-angular']\nrules:\n  scope-empty:\n    - 1\n    - never\n",
        ),
        (
            "package.json",
            r#"{ "name": "x", "commitlint": { "extends": ["@commitlint/config-angular"], "rules": { "scope-empty": [1, "never"] } } }"#,
        ),
        (
            "commitlint.config.ts",
            "import { RuleConfigSeverity } from '@commitlint/types';\nexport default {\n  extends: ['@commitlint/config-angular'],\n  rules: { 'scope-empty': [RuleConfigSeverity.Warning, 'never'] },\n} satisfies UserConfig;",
        ),
    ] {
        let made = imported(name, text);
        assert_eq!(made.policy.split_once('\n').unwrap().1, policy, "{name}");
    }
    assert!(
        policy.contains("header-max = 72") && policy.contains("rules.scope-required = \"warn\""),
        "{policy}"
    );
}

#[test]
fn what_cannot_be_read_says_what_to_type() {
    for (name, text, said) in [
        ("package.json", "{}", "no key `commitlint`"),
        ("commitlint.config.mjs", "export default {\n  rules: rules(),\n};", "line 2: `rules` is computed"),
        (".commitlintrc", "[1]", "an object is expected"),
        (".commitlintrc", r#"{ "rules": 1 }"#, "`rules` is no object"),
        (".commitlintrc.json", "{ \"rules\": {", "line 1: it is no JSON"),
    ] {
        let error = import(&File { name, text }).unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
        assert!(error.fix.contains("npx commitlint --print-config json"), "{error:?}");
    }
}

#[test]
fn each_rule_refuses_what_it_refused() {
    for (rule, refused, taken) in [
        (r#""type-enum": [2, "always", ["fix"]]"#, "feat: x", "fix: x"),
        (r#""type-enum": [2, "always", ["fix", "ci", "fix"]]"#, "feat: x", "fix: x"),
        (r#""type-enum": [2, "never", ["wip"]]"#, "wip(a): x", "wipe: x"),
        (r#""type-case": [2, "always", "upper-case"]"#, "fix: x", "FIX: x"),
        (r#""type-max-length": [2, "always", 3]"#, "feat(a): x", "fix(a): x"),
        (r#""type-min-length": [2, "always", 4]"#, "fix: x", "feat: x"),
        (r#""scope-enum": [2, "always", ["api"]]"#, "fix(web): x", "fix(api): x"),
        (r#""scope-enum": [2, "always", { "scopes": ["api"] }]"#, "fix(web): x", "fix(api): x"),
        (r#""scope-enum": [2, "never", ["a.b"]]"#, "fix(x, a.b): x", "fix(aab): x"),
        (r#""scope-case": [2, "always", ["kebab-case", "snake-case"]]"#, "fix(aB): x", "fix(a_b,c_d): x"),
        (r#""scope-empty": [2, "never"]"#, "fix: x", "fix(a): x"),
        (r#""scope-empty": [2, "always"]"#, "fix(a): x", "fix: x"),
        (r#""scope-max-length": [2, "always", 2]"#, "fix(abc): x", "fix(ab): x (abc): y"),
        (r#""scope-min-length": [2, "always", 3]"#, "fix(ab): x", "fix(abc): x"),
        (r#""subject-case": [2, "always", "sentence-case"]"#, "fix: x y", "fix: X y"),
        (r#""subject-case": [2, "never", ["upper-case"]]"#, "fix: X", "fix: Xy"),
        (r#""subject-full-stop": [2, "never", "."]"#, "fix: x.", "fix: x..."),
        (r#""subject-full-stop": [2, "never", "!"]"#, "fix: x!", "fix: x."),
        (r#""subject-full-stop": [2, "always", "."]"#, "fix: x", "fix: x."),
        (r#""header-full-stop": [2, "never", "."]"#, "fix: x...", "fix: x"),
        (r#""subject-max-length": [2, "always", 3]"#, "fix: abcd", "fix: abc"),
        (r#""subject-min-length": [2, "always", 3]"#, "fix: ab", "fix: abc"),
        (r#""subject-exclamation-mark": [2, "never"]"#, "fix!: x", "fix: x!: y"),
        (r#""subject-exclamation-mark": [2, "always"]"#, "fix: x", "fix(a)!: x"),
        (r#""header-max-length": [2, "always", 6]"#, "fix: ab", "fix: a"),
        (r#""header-min-length": [2, "always", 7]"#, "fix: a", "fix: ab"),
        (r#""body-leading-blank": [2, "always"]"#, "fix: x\nbody", "fix: x\n\nbody"),
        (r#""body-empty": [2, "never"]"#, "fix: x", "fix: x\n\nbody"),
        (r#""body-min-length": [2, "always", 5]"#, "fix: x\n\nbody", "fix: x"),
        (r#""body-max-line-length": [2, "always", 5]"#, "fix: x\n\n    code", "fix: x\n\nhttp://x.y"),
        (r#""footer-leading-blank": [2, "always"]"#, "fix: x\n\nbody\nRefs: 1", "fix: x\n\nbody\n\nRefs: 1"),
        (r#""footer-max-line-length": [2, "always", 7]"#, "fix: x\n\nRefs: 12", "fix: x\n\nRefs: 1"),
        (
            r#""signed-off-by": [2, "always", "Signed-off-by:"]"#,
            "fix: x",
            "fix: x\n\nSigned-off-by: A <a@b.c>",
        ),
        (r#""trailer-exists": [2, "always", "Refs:"]"#, "fix: x", "fix: x\n\nRefs: 1"),
        (r#""breaking-change-exclamation-mark": [2, "always"]"#, "fix!: x", "fix!: x\n\nBREAKING CHANGE: y"),
    ] {
        let made = with(rule);
        assert_eq!(made.left, [], "{rule}");
        let found = broken(&made.policy, refused);
        assert!(
            found.len() == 1 && found[0].starts_with("deny:"),
            "{rule}: {refused:?} {found:?}\n{}",
            made.policy
        );
        assert_eq!(broken(&made.policy, taken), [""; 0], "{rule}: {taken:?}\n{}", made.policy);
        // At level 1 it warns, and at level 0 it says nothing.
        let warns = broken(&with(&rule.replace("[2", "[1")).policy, refused);
        assert!(warns.len() == 1 && warns[0].starts_with("warn:"), "{rule}: {warns:?}");
        assert_eq!(broken(&with(&rule.replace("[2", "[0")).policy, refused), [""; 0], "{rule}");
    }
}

#[test]
fn without_the_rules_of_the_form_any_header_passes() {
    let policy =
        imported(".commitlintrc", r#"{ "rules": { "header-max-length": [2, "always", 20] } }"#).policy;
    assert_eq!(broken(&policy, "did something\nelse"), [""; 0]);
    assert_eq!(broken(&policy, "did something that takes long"), ["deny:header-too-long"]);
    let policy = imported(".commitlintrc", r#"{ "rules": { "type-empty": [1, "never"] } }"#).policy;
    assert_eq!(broken(&policy, "did something"), ["warn:not-conventional"]);
}

#[test]
fn what_cannot_be_said_is_listed_by_name_with_the_reason() {
    let text = r#"module.exports = {
        extends: ['@commitlint/config-conventional', './other'],
        parserPreset: { parserOpts: { headerPattern: /^(\w+)$/ } },
        ignores: [(message) => message.includes('WIP')],
        defaultIgnores: false,
        plugins: ['x'],
        helpUrl: 'https://example.com',
        formatter: 'y',
        rules: {
            'body-case': [2, 'always', 'lower-case'],
            'body-max-length': [0],
            'references-empty': [2, 'never'],
            'scope-enum': async () => [2, 'always', []],
            'subject-case': [2, 'always', [{ when: 'never', case: 'upper-case' }]],
            'type-case': [2, 'never', 'upper-case'],
            'x/y': [2, 'always'],
            'header-full-stop': [1, 'never', '.'],
            'subject-exclamation-mark': [2, 'never'],
        },
    };"#;
    let made = imported("commitlint.config.cjs", text);
    let left: Vec<&str> = made.left.iter().map(|left| left.what.as_str()).collect();
    assert_eq!(
        left,
        [
            "extends ./other",
            "body-case",
            "references-empty",
            "scope-enum",
            "subject-case",
            "subject-exclamation-mark at its level",
            "type-case",
            "x/y",
            "formatter",
            "helpUrl",
            "ignores",
            "parserPreset of its own",
            "plugins",
        ]
    );
    assert!(made.left.iter().all(|left| !left.why.is_empty()));
    assert!(
        made.policy.contains("merge = \"check\"\nrevert = \"check\"\nfixup = \"check\"\n"),
        "{}",
        made.policy
    );
    loaded(&made.policy);
    assert_eq!(imported(".commitlintrc", "").left[0].what, "rules");
}

#[test]
fn every_rule_of_commitlint_has_its_row_in_the_docs() {
    let page = include_str!("../../../../docs/commitlint.md");
    for name in rules::names() {
        assert!(
            page.contains(&format!("| `{name}` |")),
            "docs/commitlint.md does not say what becomes of `{name}`"
        );
    }
}
