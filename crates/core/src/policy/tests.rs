//! Every error text as a snapshot, layering, `final`, gates, digests and the template, over a schema that has a
//! key of every kind.

use super::*;
use crate::check::{Check, CheckInfo, Places, Scope};
use crate::{Level, Stage};
use proptest::prelude::*;

#[derive(Debug)]
struct Nothing;
impl Check for Nothing {}

const fn key(name: &'static str, kind: Kind, default: &'static str) -> Key {
    let strictness = if let Kind::Levels = kind { Strictness::Levels } else { Strictness::Unordered };
    Key { name, kind, default, strictness, help: "What it is for, in a sentence." }
}

static MESSAGE: CheckInfo = CheckInfo {
    section: "message",
    family: "GP-MSG",
    title: "commit messages",
    codes: &[],
    keys: &[
        key("level", Kind::Levels, "\"deny\""),
        key("types", Kind::List(&Kind::Text), "[\"feat\", \"fix\"]"),
        key("header-max", Kind::Integer { min: 10, max: 1000 }, "100"),
        key("merge", Kind::Choice(&["ignore", "check", "deny"]), "\"ignore\""),
        key("ticket", Kind::Regex, ""),
        key("sign-off", Kind::Bool, "false"),
        key("trailers", Kind::Table(&[key("required", Kind::List(&Kind::Text), "[]")]), ""),
    ],
    scope: Scope::Path,
    blocks: None,
    run_keys: &[],
    places: Places { path: true, commit: true },
    build: |_| Ok(Box::new(Nothing)),
};

static BRANCH: CheckInfo = CheckInfo {
    section: "branch",
    family: "GP-REF",
    title: "branch names",
    codes: &[],
    keys: &[
        key("level", Kind::Levels, "\"off\""),
        key("preset", Kind::Choice(&["none", "standard"]), "\"none\""),
    ],
    scope: Scope::Path,
    blocks: None,
    run_keys: &[],
    places: Places { path: true, commit: true },
    build: |_| Ok(Box::new(Nothing)),
};

static FILES: CheckInfo = CheckInfo {
    section: "files",
    family: "GP-FILE",
    title: "file sizes",
    codes: &[],
    keys: &[
        key("level", Kind::Levels, "\"warn\""),
        key("max-size", Kind::Size, "\"5 MiB\""),
        key("exclude", Kind::List(&Kind::Glob), "[]"),
        key("since", Kind::Date, ""),
        key("skip", EXCUSED_PATHS, "[]"),
        key("trust", Kind::ChoiceOrList { words: &["none", "all"], items: &["one", "two"] }, "\"none\""),
        key("path", Kind::Tables(&[key("match", Kind::Glob, ""), key("max-size", Kind::Size, "")]), ""),
    ],
    scope: Scope::Path,
    blocks: None,
    run_keys: &[],
    places: Places { path: true, commit: true },
    build: |_| Ok(Box::new(Nothing)),
};

fn schema() -> Schema {
    static CHECKS: &[&CheckInfo] = &[&MESSAGE, &BRANCH, &FILES];
    Schema::new(CHECKS)
}

fn file(name: &str, text: &str) -> Layer {
    Layer { origin: Origin::File(name.to_owned()), text: text.to_owned() }
}

fn load(text: &str) -> Result<Policy, Vec<PolicyError>> {
    Policy::load_for(schema(), Purpose::Gate, &[file("gatepost.toml", text)])
}

/// The errors of a policy, each with its line, as lines.
fn errors(text: &str) -> String {
    shown(load(text).map(drop))
}

fn shown(result: Result<(), Vec<PolicyError>>) -> String {
    let Err(errors) = result else { return "no error".to_owned() };
    let lines = errors.iter().map(|error| {
        let line = error.source_line.as_deref().map_or(String::new(), |line| format!("\n    > {line}"));
        format!("{error}{line}\n")
    });
    lines.collect()
}

#[test]
fn unknown_names() {
    insta::assert_snapshot!(errors(
        r#"
schema = 1
enfroce = true
header-max = 7
colour = "red"

[mesage]
level = "deny"

[colours]
red = 1

[message]
hedder-max = 72
header_max = 72
width = 72
trailers.require = ["Refs"]

[[exeption]]
id = "EX-1"

[[files.path]]
mach = "*.bin"
"#
    ));
}

#[test]
fn wrong_types() {
    insta::assert_snapshot!(errors(
        r#"
schema = "1"
extends = "base.toml"
final = [1]
enforce = "false"
branch = "main"
[message]
level = true
types = "feat"
header-max = "72"
merge = 1
ticket = 3
sign-off = "true"
trailers = []
[files]
max-size = 1.5
exclude = [1, "*.bin"]
since = 2027-01-01T10:00:00Z
path = { match = "*.bin" }
skip = { path = "*.bin" }
trust = 1
[exception]
id = "EX-1"
"#
    ));
}

#[test]
fn impossible_values() {
    insta::assert_snapshot!(errors(
        r#"
schema = 2
final = ["message.hedder-max", "colour", "message.level", "message"]
[message]
level = { pre-comit = "deny", ci = "wran", scan = 3, lunch = "deny" }
types = ["feat", "fix", "feat"]
header-max = 5
merge = "ingore"
ticket = '[A-Z+-(\d+'
[branch]
level = {}
preset = "gitflow"
[files]
level = "error"
max-size = "5 megs"
exclude = ["a[", ""]
since = "2027-02-30"
skip = "a/**"
trust = "one"
[[files.path]]
match = "{a"
max-size = -1
"#
    ));
}

#[test]
fn no_toml() {
    insta::assert_snapshot!(errors("[message\nlevel = deny\nheader-max = = 3\n"));
    insta::assert_snapshot!(errors("[message]\nlevel = \"deny\"\nlevel = \"warn\"\n[message]\n"));
    insta::assert_snapshot!(errors("[message]\nlevel = \"deny\n"));
}

#[test]
fn malformed_exceptions() {
    insta::assert_snapshot!(errors(
        r#"
[[exception]]

[[exception]]
id = "EX-1"
rule = "github-pat"
fingerprint = "gp1:abc"
commit = "1234"
path = "a["
status = "wont-fix"
reason = "short"
owner = "  "
expires = "tomorrow"
approved-by = "@security"

[[exception]]
id = "EX-2"
rule = "github-pat"
path = "a/**"
status = "revoked"
reason = "replaced after the incident"
owner = "@platform"
expires = 2027-02-01
rotated-by = " "
links = []
review = "soon"
on-request = "yes"
created = 2026-11-22T10:00:00Z
rotated-on = 20261120

[[exception]]
id = "EX-3"
rule = "github-pat"
path = "**/*"
status = "false-positive"
reason = "everything, please"
owner = "@platform"
expires = 2027-02-01
"#
    ));
}

const EXCEPTION: &str = r#"
[[exception]]
id = "EX-2026-0007"
rule = "aws-access-key"
fingerprint = "gp1:abcdefghij234567"
path = "docs/**"
commit = "0123456789ABCDEF0123456789abcdef01234567"
status = "test-credential"
reason = "documented AWS example key"
owner = "@platform"
approver = "@security"
ticket = "SEC-1"
created = 2026-11-22
expires = "2027-05-22"
policy-ref = "SEC-7 section 3"
scope = "the documentation"
risk = "none: it opens nothing"
compensating-controls = "the account has no rights"
review = 2027-02-22
rollback = "remove the page"
links = ["https://example.com/1", "https://example.com/2"]
"#;

#[test]
fn an_exception_is_read_in_full() {
    let policy = load(EXCEPTION).unwrap();
    let lines: Vec<String> = policy.exceptions()[0]
        .fields()
        .into_iter()
        .map(|(key, value)| format!("{key} = {value}\n"))
        .collect();
    insta::assert_snapshot!(lines.concat());
}

#[test]
fn an_id_is_used_once() {
    let twice = [file("org.toml", EXCEPTION), file("gatepost.toml", EXCEPTION)];
    insta::assert_snapshot!(shown(Policy::load_for(schema(), Purpose::Gate, &twice).map(drop)));
}

#[test]
fn exceptions_for_rules_that_nobody_knows_are_named() {
    let policy = load(EXCEPTION).unwrap();
    assert!(policy.exceptions_for_unknown_rules(&["aws-access-key"]).is_empty());
    let unknown = policy.exceptions_for_unknown_rules(&["aws-access-key-id"]);
    insta::assert_snapshot!(shown(Err(unknown)));
}

#[test]
fn later_layers_override_key_by_key_and_entries_say_where() {
    let layers = [
        file("org.toml", "[message]\nheader-max = 72\ntypes = [\"feat\"]\ntrailers.required = [\"Refs\"]\n"),
        Layer {
            origin: Origin::Revision { commit: "0123abc".to_owned(), path: "gatepost.toml".to_owned() },
            text: "[message]\n\ntypes = [\"fix\", \"docs\"]\nlevel = { ci = \"deny\" }\n".to_owned(),
        },
        Layer {
            origin: Origin::Environment("GATEPOST_BRANCH_LEVEL".to_owned()),
            text: "branch.level = \"warn\"".to_owned(),
        },
    ];
    let policy = Policy::load_for(schema(), Purpose::Gate, &layers).unwrap();
    let rows: Vec<String> = policy
        .entries()
        .into_iter()
        .map(|e| {
            format!(
                "{} = {} # {}{}\n",
                e.path,
                e.value,
                e.origin,
                e.line.map_or(String::new(), |l| format!(":{l}"))
            )
        })
        .collect();
    insta::assert_snapshot!(rows.concat());
    assert_eq!(policy.origin("message.header-max"), &Origin::File("org.toml".to_owned()));
    assert_eq!(policy.origin("message.merge"), &Origin::BuiltIn);

    #[derive(serde::Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct Message {
        level: Levels,
        header_max: u32,
        types: Vec<String>,
    }
    let message: Message = policy.section("message").unwrap();
    assert_eq!((message.level.at(Stage::Ci), message.level.at(Stage::PreCommit)), (Level::Deny, Level::Off));
    assert_eq!((message.header_max, message.types), (72, vec!["fix".to_owned(), "docs".to_owned()]));
}

#[test]
fn what_is_final_only_gets_stricter() {
    let org = "final = [\"message.level\", \"files\", \"exception\", \"enforce\"]\n[message]\nlevel = { default = \"warn\", ci = \"deny\" }\n";
    let with = |text: &str| {
        let layers = [file("org.toml", org), file("gatepost.toml", text)];
        Policy::load_for(schema(), Purpose::Gate, &layers)
    };
    assert!(with("[message]\nlevel = \"deny\"\nheader-max = 50\n").is_ok());
    assert!(with("[files]\nmax-size = \"5 MiB\"\nlevel = \"deny\"\n").is_ok(), "confirmed or stricter");
    let weaker = format!(
        "enforce = false\n[message]\nlevel = \"warn\"\n[files]\nmax-size = \"6 MiB\"\nsince = 2027-01-01\n{EXCEPTION}"
    );
    insta::assert_snapshot!(shown(with(&weaker).map(drop)));
    // The layer that makes a key final sets it freely, wherever in the file it does.
    assert!(load("final = [\"message.level\"]\n[message]\nlevel = \"off\"\n").is_ok());
}

#[test]
fn environment_and_flags_never_weaken_a_gate() {
    let layers = |text: &str| {
        let origin = Origin::Flag("--level".to_owned());
        [file("gatepost.toml", ""), Layer { origin, text: text.to_owned() }]
    };
    let gate = |text: &str| Policy::load_for(schema(), Purpose::Gate, &layers(text)).map(drop);
    let scan = |text: &str| Policy::load_for(schema(), Purpose::Scan, &layers(text)).map(drop);
    let weaker = "enforce = false\nmessage.level = \"note\"\nfiles.exclude = [\"**\"]\n";
    insta::assert_snapshot!(shown(gate(weaker)));
    assert_eq!(scan(weaker), Ok(()));
    assert_eq!(gate("enforce = true\nfiles.level = \"deny\"\nmessage.header-max = 100\n"), Ok(()));
}

#[test]
fn every_layer_is_judged_in_full() {
    let layers = [file("org.toml", "colour = 1\n"), file("gatepost.toml", "[message]\nlevl = \"deny\"\n")];
    insta::assert_snapshot!(shown(Policy::load_for(schema(), Purpose::Gate, &layers).map(drop)));
}

#[test]
fn an_error_of_a_check_shows_the_line_that_set_the_key() {
    let policy = load("[message]\n  ticket = 'a{100000}'\n").unwrap();
    let error = policy.error("message.ticket", "too big".to_owned(), None);
    assert_eq!(error.to_string(), "gatepost.toml:2:3: too big");
    assert_eq!(policy.error("message.merge", "no".to_owned(), None).to_string(), "built-in: no");
    #[derive(Debug, serde::Deserialize)]
    struct Odd {
        #[serde(rename = "header-max")]
        _header_max: String,
    }
    let error = policy.section::<Odd>("message").unwrap_err();
    assert_eq!(error.origin, Origin::File("gatepost.toml".to_owned()));
}

#[test]
fn digests_tell_what_is_said_and_not_where() {
    let digest = |text: &str| load(text).unwrap().digest();
    let plain = digest("");
    assert_eq!(plain.len(), 64);
    assert_eq!(plain, Policy::defaults(schema()).digest());
    assert_eq!(plain, digest("# a comment\nschema = 1\n[message]\nheader-max = 100\n"));
    let others = [
        digest("enforce = false\n"),
        digest("[message]\nheader-max = 99\n"),
        digest(EXCEPTION),
        digest(&EXCEPTION.replace("2027-05-22", "2027-05-23")),
    ];
    for (i, other) in others.iter().enumerate() {
        assert_ne!(*other, plain);
        assert!(!others[..i].contains(other));
    }
}

#[test]
fn the_template_loads_and_says_what_the_defaults_say() {
    let text = render_template(&schema(), Preset::find("default").unwrap(), &[]);
    insta::assert_snapshot!(text);
    assert_eq!(load(&text).unwrap().digest(), Policy::defaults(schema()).digest());
    // Every default, with its `#` taken away, says the same.
    let bare: String = text
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') && !setting.is_empty() => format!("{setting}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    assert_ne!(bare, text);
    assert_eq!(load(&bare).unwrap().digest(), Policy::defaults(schema()).digest());
}

#[test]
fn the_branch_preset_turns_branches_on() {
    for word in ["standard", "conventional-branches"] {
        let preset = Preset::find(word).unwrap();
        let policy = load(&render_template(&schema(), preset, &[])).unwrap();
        let set: Vec<String> = policy
            .entries()
            .into_iter()
            .filter(|entry| entry.origin != Origin::BuiltIn)
            .map(|entry| format!("{} = {}", entry.path, entry.value))
            .collect();
        assert_eq!(set, ["branch.level = \"deny\"", "branch.preset = \"standard\""]);
    }
    assert_eq!(Preset::find("gitflow"), None);
}

#[test]
fn the_reference_lists_every_key() {
    insta::assert_snapshot!(reference(&schema()));
}

#[test]
fn a_key_with_an_impossible_default_is_told() {
    for check in schema().checks() {
        assert_eq!(check.keys.iter().flat_map(Key::problems).collect::<Vec<_>>(), Vec::<String>::new());
    }
    let bad = [
        key("Level", Kind::Levels, "\"block\""),
        key("max", Kind::Integer { min: 1, max: 2 }, "3"),
        key("max", Kind::Integer { min: 1, max: 2 }, "three"),
        Key { help: " ", ..key("on", Kind::Bool, "true") },
    ];
    insta::assert_snapshot!(bad.iter().flat_map(Key::problems).collect::<Vec<_>>().join("\n"));
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "(?s).{0,200}") {
        let _ = load(&text);
    }

    #[test]
    fn no_arrangement_of_its_own_words_makes_the_reader_panic(
        words in proptest::collection::vec(
            prop_oneof![
                Just("[message]\n"), Just("[[exception]]\n"), Just("level"), Just(" = "), Just("\"deny\""), Just("\n"),
                Just("{"), Just("}"), Just("["), Just("]"), Just(","), Just("."), Just("0x1F"), Just("2027-01-01"),
                Just("final"), Just("extends"), Just("types"), Just("ticket"), Just("'('"), Just("é"), Just("\r\n"),
            ],
            0..40,
        )
    ) {
        if let Err(errors) = load(&words.concat()) {
            prop_assert!(!errors.is_empty());
            for error in errors {
                prop_assert!(error.line.is_some() && error.column.is_some() && error.source_line.is_some());
            }
        }
    }
}

#[test]
fn anchors_are_taken_off_the_ends_of_a_pattern() {
    for (pattern, bare) in [
        ("^[0-9]+$", "[0-9]+"),
        ("[0-9]+", "[0-9]+"),
        ("", ""),
        ("^$", ""),
        (r"US\$", r"US\$"),
        (r"US\$$", r"US\$"),
        (r"a\\$", r"a\\"),
    ] {
        assert_eq!(without_anchors(pattern), bare, "{pattern}");
    }
    let ticket = Schema::built_in().keys().into_iter().find(|(path, _)| path == "message.ticket").unwrap().1;
    assert!(ticket.help.contains(DEFAULT_TICKET), "the help names the default");
}

#[test]
fn a_glob_has_a_bound() {
    let text = format!("[files]\nforbid = [\"{}\"]\n", "?".repeat(4097));
    let errors = Policy::load(&[Layer { origin: Origin::File("gatepost.toml".into()), text }]).unwrap_err();
    assert_eq!(errors[0].message, "`files.forbid` is not a glob: it has 4097 bytes, more than 4096");
    assert!(crate::text::PathGlob::new(&"?".repeat(4096)).is_ok());
    assert!(crate::text::PathGlob::new(&"?".repeat(4097)).is_err());
}

#[test]
fn a_file_made_of_mistakes_is_told_of_and_does_not_fill_the_memory() {
    let many = format!("extends = [{}]", "\"preset:strict\", ".repeat(20_000));
    let errors = load(&many).unwrap_err();
    assert_eq!(errors.len(), 101);
    assert_eq!(errors[100].message, "and 19899 more mistakes in this file");
    assert!(errors.iter().all(|error| error.source_line.is_none()));
}
