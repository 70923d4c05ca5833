use super::super::{Comparison, Purpose, Strictness, rule_files};
use super::*;
use crate::secrets::{Scanner, Scratch, expand, ruleset_digest};
use crate::{Date, Stage, Timestamp};

/// A rule, below the header that a policy or a rule file has for it.
pub(super) fn rule(id: &str, prefix: &str) -> String {
    format!(
        "id = \"{id}\"\nname = \"Acme key\"\ndescription = \"A key.\"\nseverity = \"high\"\nconfidence = \"high\"\n\
         regex = '{prefix}_[0-9a-f]{{32}}'\nrisk = \"Order anvils.\"\nfix = [\"Revoke it.\"]\n\
         reference = \"https://acme.example\"\nexamples = [\"{prefix}_{{hex:32}}\", \"k={prefix}_{{hex:32}}\"]\n\
         counter-examples = [\"{prefix}_{{hex:31}}\", \"{prefix}\"]\n"
    )
}

fn inline(id: &str, prefix: &str) -> String {
    format!("[[secrets.rules]]\nprovider = \"Acme\"\n{}", rule(id, prefix))
}

fn file(id: &str, prefix: &str) -> String {
    format!("provider = \"Acme\"\n\n[[rules]]\n{}", rule(id, prefix))
}

fn layer(name: &str, text: &str) -> Layer {
    Layer { origin: Origin::File(name.to_owned()), text: text.to_owned() }
}

fn load(layers: &[Layer]) -> Result<Policy, Vec<PolicyError>> {
    Policy::load_for(Schema::built_in(), Purpose::Gate, layers)
}

fn ids(policy: &Policy) -> Vec<&str> {
    policy.own_rules().iter().map(|own| own.rule.id.as_ref()).collect()
}

fn first_error(result: Result<Policy, Vec<PolicyError>>) -> String {
    result.unwrap_err().first().unwrap().to_string()
}

#[test]
fn rules_add_up_over_layers_and_files() {
    let mut policy = load(&[
        layer("company.toml", &inline("company-key", "comp")),
        layer("gatepost.toml", &inline("acme-key", "acme")),
    ])
    .unwrap();
    policy.add_rule_files(&[layer("rules/a.toml", &file("file-key", "file"))]).unwrap();
    assert_eq!(ids(&policy), ["company-key", "acme-key", "file-key"]);
    let own = policy.own_rules().last().unwrap();
    assert_eq!(own.origin(), (&Origin::File("rules/a.toml".to_owned()), Some(3)));
    assert_eq!(own.rule.provider, "Acme");
    let listed = super::super::merge::get(&policy.merged, RULES).and_then(toml::Value::as_array).unwrap();
    assert!(listed.iter().all(|rule| rule.get("provider").is_some()), "each can stand in a policy");
    assert_eq!(listed.len(), 3);
}

#[test]
fn errors_have_the_file_the_line_and_what_to_do() {
    let wrong = |from: &str, to: &str| {
        first_error(load(&[layer("gatepost.toml", &inline("acme-key", "acme").replace(from, to))]))
    };
    assert_eq!(
        wrong("regex =", "regx ="),
        "gatepost.toml:8:1: a rule has no key `regx` (did you mean `regex`?)"
    );
    assert!(
        wrong("{32}'", "{32'").starts_with("gatepost.toml:1:1: rule `acme-key`: regex: "),
        "{}",
        wrong("{32}'", "{32'")
    );
    assert!(wrong("provider = \"Acme\"\n", "").contains("needs a `provider`"));
    assert!(
        wrong("severity = \"high\"", "severity = \"huge\"")
            .starts_with("gatepost.toml:6:12: `huge` is not one of info, low, medium, high, critical"),
        "{}",
        wrong("severity = \"high\"", "severity = \"huge\"")
    );
    let twice = inline("acme-key", "acme") + &inline("acme-key", "acmf");
    assert_eq!(
        first_error(load(&[layer("gatepost.toml", &twice)])),
        "gatepost.toml:14:1: the id `acme-key` stands twice: a rule has it already in gatepost.toml, line 1 (every rule has \
         an id of its own; remove one of the two, or rename it)"
    );
    assert_eq!(
        first_error(load(&[layer("gatepost.toml", "[secrets]\nrules = [\"acme\"]\n")])),
        "gatepost.toml:2:10: `secrets.rules`: expected a rule, found a string (write each one as [[secrets.rules]])"
    );
}

#[test]
fn a_rule_file_that_is_none_says_so() {
    let wrong = |text: &str| {
        let mut policy = Policy::built_in();
        let errors = policy.add_rule_files(&[layer("rules/a.toml", text)]).unwrap_err();
        assert_eq!(policy.own_rules().len(), 0);
        errors.first().unwrap().to_string()
    };
    assert!(wrong("[[rules]\n").starts_with("rules/a.toml:1:"), "{}", wrong("[[rules]\n"));
    assert_eq!(
        wrong(&file("a-key", "aaa").replace("provider = \"Acme\"", "")),
        "rules/a.toml:1:1: a rule file needs a `provider` (write who issues the credentials above the rules: provider = \
         \"Acme\")"
    );
    assert!(wrong("provider = \"Acme\"\n").contains("a rule file without rules"));
    assert!(wrong("provider = \"Acme\"\n[[rule]]\n").ends_with("(did you mean `rules`?)"));
    assert!(wrong("provider = \"Acme\"\nrules = [\"a\"]\n").contains("expected a rule, found"));
}

#[test]
fn the_id_of_a_built_in_rule_is_refused() {
    let policy = load(&[layer("gatepost.toml", &inline("acme-key", "acme"))]).unwrap();
    let built_in = [policy.own_rules().first().unwrap().rule.id.as_ref()];
    let errors = policy.own_rules_that_are_built_in(&built_in);
    assert_eq!(errors.len(), 1);
    let text = errors.first().unwrap().to_string();
    assert!(text.starts_with("gatepost.toml:1:1: a built-in rule is called `acme-key` already"), "{text}");
    assert_eq!(policy.own_rules_that_are_built_in(&[]), []);
}

#[test]
fn the_files_that_a_layer_names_have_its_line() {
    let named = rule_files(
        &Schema::built_in(),
        &layer("gatepost.toml", "[secrets]\nrule-files = [\"a.toml\", \"r/\"]\n"),
    );
    let names: Vec<&str> = named.iter().map(|entry| entry.reference.as_str()).collect();
    assert_eq!(names, ["a.toml", "r/"]);
    let error = named.first().unwrap().error("gone".to_owned(), None);
    assert_eq!(error.to_string(), "gatepost.toml:2:1: gone");
    assert_eq!(rule_files(&Schema::built_in(), &layer("gatepost.toml", "nonsense")), []);
}

#[test]
fn a_rule_that_is_gone_or_milder_is_a_weakening() {
    let compare = |old: &str, new: &str| {
        let value = |text: &str| {
            text.parse::<toml::Table>().unwrap().get("secrets").and_then(|s| s.get("rules")).cloned()
        };
        Strictness::MoreRules.compare(value(old).as_ref(), value(new).as_ref())
    };
    let (one, other) = (inline("acme-key", "acme"), inline("other-key", "other"));
    let both = format!("{one}{other}");
    assert_eq!(compare(&one, &both), Comparison::Stricter);
    assert_eq!(compare(&both, &one), Comparison::Weaker("it no longer has the rule `other-key`".to_owned()));
    assert!(matches!(
        compare(&one, &one.replace("severity = \"high\"", "severity = \"low\"")),
        Comparison::Weaker(_)
    ));
    assert_eq!(
        compare(&one, &one.replace("severity = \"high\"", "severity = \"critical\"")),
        Comparison::Stricter
    );
    assert_eq!(compare(&one, &one.replace("Order anvils.", "Order anvils and rockets.")), Comparison::Same);
    assert_eq!(compare(&one, &one.replace("{32}'", "{33}'")), Comparison::Unknown);
}

#[test]
fn own_rules_find_and_disabled_ones_do_not() {
    let text = expand("a acme_{hex:32}\nb other_{hex:32}\n", 7);
    let found = |policy: &str| {
        let policy = load(&[layer("gatepost.toml", policy)]).unwrap();
        let context = crate::check::Context {
            policy: &policy,
            stage: Stage::PreCommit,
            rules: crate::check::no_rules(),
            now: Timestamp { seconds: 1_800_000_000, offset_minutes: 0 },
            fingerprint_key: None,
        };
        let secrets = crate::secrets::Secrets::new(&context).unwrap();
        let scanner: &Scanner = secrets.scanner();
        let matches = scanner.scan(text.as_bytes(), &mut Scratch::default());
        matches
            .iter()
            .filter_map(|m| scanner.ruleset().rule(m.rule))
            .map(|r| r.id.to_string())
            .collect::<Vec<_>>()
    };
    let both = inline("acme-key", "acme") + &inline("other-key", "other");
    assert_eq!(found(&both), ["acme-key", "other-key"]);
    let off = |until: &str| {
        format!(
            "{both}[[secrets.disable-rules]]\nrule = \"acme-key\"\nreason = \"it finds our test data\"\n{until}"
        )
    };
    assert_eq!(found(&off("")), ["other-key"]);
    assert_eq!(found(&off("until = 2020-01-01\n")), ["acme-key", "other-key"], "that day is over");
}

#[test]
fn the_digest_of_the_rules_tells_of_own_and_of_disabled_ones() {
    let today = Date::parse("2026-11-24").unwrap();
    let digest = |text: &str| ruleset_digest("base", &load(&[layer("gatepost.toml", text)]).unwrap(), today);
    let one = inline("acme-key", "acme");
    assert_eq!(digest(""), "base");
    assert_ne!(digest(&one), "base");
    assert_ne!(digest(&one), digest(&one.replace("{32}'", "{33}'")));
    assert_eq!(digest(&one), digest(&one.replace("Order anvils.", "Order rockets.")));
    let off = "[[secrets.disable-rules]]\nrule = \"acme-key\"\nreason = \"it finds our test data\"\n";
    assert_ne!(digest(&format!("{one}{off}")), digest(&one));
}

#[test]
fn every_key_of_a_rule_is_named() {
    let text = file("acme-key", "acme").replace("risk =", "rusk =");
    let error = crate::secrets::RuleFile::parse(&text).unwrap_err().to_string();
    let list = error.split_once("expected one of ").unwrap().1;
    let mut known: Vec<&str> = list.split(", ").map(|name| name.trim_matches('`')).collect();
    let mut ours: Vec<&str> = OWN_KEYS.iter().map(|(name, _)| *name).collect();
    known.sort_unstable();
    ours.sort_unstable();
    assert_eq!(known, ours);
}
