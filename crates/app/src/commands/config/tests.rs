//! What `config` prints, letter by letter.

use super::*;
use crate::commands::{baseline, init};
use crate::settings::tests::schema;
use gatepost_core::policy::{Layer, Purpose};
use gatepost_core::{Baseline, Fingerprint};

fn load(text: &str) -> Result<Policy, Vec<PolicyError>> {
    let origin = Origin::File("gatepost.toml".to_owned());
    Policy::load_for(schema(), Purpose::Gate, &[Layer { origin, text: text.to_owned() }])
}

const SOUND: &str = r#"
message.header-max = 72
message.level = { default = "warn", ci = "deny" }
message.types = ["a-type-with-a-long-name", "another-type-with-a-long-name", "fix"]

[[exception]]
id = "EX-2026-0007"
rule = "aws-access-key"
path = 'docs/**'
status = "test-credential"
reason = 'the "documented" AWS example key'
owner = "@platform"
expires = 2027-05-22
"#;

#[test]
fn show_says_the_same_when_it_is_read_again() {
    let policy = load(SOUND).unwrap();
    insta::assert_snapshot!("show_origin", show(&policy, true));
    insta::assert_snapshot!("show", show(&policy, false));
    for origin in [false, true] {
        assert_eq!(load(&show(&policy, origin)).unwrap().digest(), policy.digest());
    }
}

#[test]
fn check_names_layers_and_ended_exceptions() {
    let settings = |text: &str| Settings {
        layers: vec![Layer { origin: Origin::File("gatepost.toml".to_owned()), text: text.to_owned() }],
        rule_files: Vec::new(),
        trust_files: Vec::new(),
        policy: load(text).unwrap(),
    };
    let day = |text| Date::parse(text).unwrap();
    insta::assert_snapshot!("check_sound", check(&settings(SOUND), day("2027-05-22")));
    let dry = format!("enforce = false\n{SOUND}");
    insta::assert_snapshot!("check_ended", check(&settings(&dry), day("2027-05-23")));
    let none = Settings {
        layers: Vec::new(),
        rule_files: Vec::new(),
        trust_files: Vec::new(),
        policy: load("").unwrap(),
    };
    insta::assert_snapshot!("check_none", check(&none, day("2027-05-22")));
}

#[test]
fn errors_look_like_rustc() {
    let wide = format!("ticket = \"{}(\"", "a".repeat(150));
    let text = format!(
        "[message]\nhedder-max = 72\nlevel = \"dney\"\n\tmax-size = 1.5\ntypes = [\"x\", 7]\nheader-max = 2_000 # much\n{wide}\n\n\
         [[exception]]\nid = \"EX\\u001b[31m\"\nreason = \"\u{202e}dab\"\n\n[[exeption]]\n"
    );
    insta::assert_snapshot!(render_errors(&load(&text).unwrap_err()));
    assert!(!render_errors(&load(&text).unwrap_err()).contains(['\u{1b}', '\u{202e}', '\t']));
}

#[test]
fn errors_of_toml_itself_look_the_same() {
    for (name, text) in
        [("open", "[message\n"), ("unquoted", "a = deny\n"), ("end", "[message]\ntypes = [\"a\",\n")]
    {
        insta::assert_snapshot!(format!("toml_{name}"), render_errors(&load(text).unwrap_err()));
    }
}

#[test]
fn a_mark_never_leaves_its_line() {
    for offset in 0..40 {
        let excerpt = Excerpt::new("ü = \"a\\\"b\" # é", offset);
        assert!(excerpt.width >= 1 && excerpt.start <= excerpt.text.chars().count(), "{offset}");
    }
    for (rest, len) in [
        ("\"a\\\"b\" c", 6),
        ("'a' b", 3),
        ("[1, 2] #", 6),
        ("[[a]]", 5),
        ("a-b = 1", 3),
        ("1.5 #", 3),
        ("", 0),
    ] {
        assert_eq!(token_len(rest), len, "{rest}");
    }
}

#[test]
fn init_knows_its_presets() {
    const KEY: &str = "gpk1:abcdefghijklmnopqrstuvwxyz234567";
    assert!(init::text(&schema(), "default", KEY).unwrap().contains("[message]"));
    assert!(load(&init::text(&schema(), "standard", KEY).unwrap()).is_ok());
    let whole = init::text(&gatepost_core::policy::Schema::built_in(), "default", KEY).unwrap();
    assert!(whole.contains(&format!("\nfingerprint-key = \"{KEY}\"\n")), "{whole}");
    assert_eq!(
        init::text(&schema(), "defualt", KEY).unwrap_err(),
        "there is no preset `defualt`; did you mean `default`?"
    );
    assert_eq!(
        init::text(&schema(), "gitflow", KEY).unwrap_err(),
        "there is no preset `gitflow`; the presets are default, conventional-branches, conventional, \
         commitlint-config-conventional, strict, audit, regulated, severity-high-blocks, severity-high-warns"
    );
}

#[test]
fn baselines_in_words() {
    let text = "gp1:aaaaaaaaaaaaaaaa github-pat\n";
    let none = Baseline::parse("").unwrap();
    let old = Baseline::parse(text).unwrap();
    assert_eq!(baseline::create(&[]), none.render());
    assert_eq!(baseline::diff(&none.diff(&[])), "the baseline says what is there\n");
    let mut difference = old.diff(&[]);
    difference.added.push((Fingerprint::of_value("test", b"1"), "aws-access-key".to_owned()));
    insta::assert_snapshot!("baseline_diff", baseline::diff(&difference));
    let errors = Baseline::parse("<<<<<<< HEAD\n\u{1b}[31m\n").unwrap_err();
    insta::assert_snapshot!("baseline_errors", baseline::render_errors(".gatepost-baseline", &errors));
}
