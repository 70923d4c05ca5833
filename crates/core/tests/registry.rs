//! Walks the registry of checks: what holds for every check, code and key, whoever adds one.

#![allow(clippy::disallowed_methods, reason = "the test reads the pages of docs/checks")]

use gatepost_core::check::{CHECKS, CheckInfo};
use gatepost_core::policy::{Key, PRESETS, Policy, Schema, render_template};
use std::collections::BTreeSet;
use std::path::Path;

fn is_kebab(name: &str) -> bool {
    let word =
        |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.split('-').all(word)
}

#[test]
fn sections_are_unique_and_families_are_well_formed() {
    let mut sections = BTreeSet::new();
    for check in CHECKS {
        assert!(is_kebab(check.section), "[{}] is no name of a section", check.section);
        assert!(sections.insert(check.section), "[{}] is registered twice", check.section);
        assert!(!check.title.is_empty(), "[{}] has no title", check.section);
        let family = check.family.strip_prefix("GP-").unwrap_or("");
        assert!(
            family.split('-').all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_uppercase())),
            "{} is no family: GP- and words of capital letters",
            check.family
        );
    }
}

#[test]
fn codes_and_names_are_unique_and_well_formed() {
    let mut seen = BTreeSet::new();
    for (check, code) in CHECKS.iter().flat_map(|check| check.codes.iter().map(move |code| (check, code))) {
        let number =
            code.code.strip_prefix(check.family).and_then(|rest| rest.strip_prefix('-')).unwrap_or("");
        assert!(
            number.len() == 3 && number.bytes().all(|b| b.is_ascii_digit()),
            "{} is not {}-NNN",
            code.code,
            check.family
        );
        assert!(is_kebab(code.name), "`{}` is not words joined by hyphens", code.name);
        assert!(seen.insert(code.code), "{} is used twice", code.code);
        assert!(seen.insert(code.name), "`{}` is used twice", code.name);
    }
}

#[test]
fn every_code_says_what_why_and_how_to_mend() {
    for code in CHECKS.iter().flat_map(|check| check.codes) {
        let texts = [
            ("summary", code.summary),
            ("why", code.why),
            ("fix", code.fix),
            ("fires", code.fires),
            ("silent", code.silent),
        ];
        for (what, text) in texts {
            // What fires on emptiness has an empty example.
            let of_emptiness = what == "fires" && code.name.split('-').any(|word| word == "empty");
            assert!(of_emptiness || !text.trim().is_empty(), "{} has an empty `{what}`", code.code);
        }
        assert_ne!(code.fires, code.silent, "{}: one example both fires and is silent", code.code);
    }
}

#[test]
fn every_code_has_its_heading_in_the_docs() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/checks");
    for check in CHECKS.iter().filter(|check| !check.codes.is_empty()) {
        let path = docs.join(format!("{}.md", check.section));
        let page = std::fs::read_to_string(&path);
        let page = page.unwrap_or_else(|error| panic!("docs/checks/{}.md: {error}", check.section));
        for code in check.codes {
            let heading = page
                .lines()
                .any(|line| line.starts_with('#') && line.contains(code.code) && line.contains(code.name));
            assert!(
                heading,
                "docs/checks/{}.md has no heading with {} and {}",
                check.section, code.code, code.name
            );
        }
    }
}

#[test]
fn every_key_has_help_and_a_default_that_it_takes() {
    for check in CHECKS {
        let problems: Vec<String> = check.keys.iter().flat_map(Key::problems).collect();
        assert!(problems.is_empty(), "[{}]: {}", check.section, problems.join("; "));
        unique_keys(check.section, check.keys);
    }
}

fn unique_keys(path: &str, keys: &[Key]) {
    let mut names = BTreeSet::new();
    for key in keys {
        assert!(names.insert(key.name), "[{path}] has `{}` twice", key.name);
        let inner: Vec<Key> = key.kind.inner().copied().collect();
        if !inner.is_empty() {
            unique_keys(&format!("{path}.{}", key.name), &inner);
        }
    }
}

#[test]
fn every_key_has_an_environment_variable_of_its_own() {
    let mut variables = BTreeSet::new();
    for (path, _) in Schema::built_in().keys() {
        let variable = path.replace(['-', '.'], "_");
        assert!(variables.insert(variable), "`{path}` shares its environment variable with another key");
    }
}

#[test]
fn a_section_names_no_key_of_the_root() {
    let root = ["schema", "extends", "final", "enforce", "on-deny", "on-warn", "exception", "overlay"];
    let taken = |check: &&&CheckInfo| root.contains(&check.section);
    assert!(!CHECKS.iter().any(|check| taken(&check)), "a section has the name of a key of the root");
}

#[test]
fn every_preset_loads_and_the_default_one_says_what_the_defaults_say() {
    for preset in PRESETS {
        let text = render_template(&Schema::built_in(), preset, &[]);
        let origin = gatepost_core::policy::Origin::File("gatepost.toml".to_owned());
        let policy = Policy::load(&[gatepost_core::policy::Layer { origin, text: text.clone() }]);
        let policy = policy.unwrap_or_else(|errors| panic!("{}: {errors:#?}\n{text}", preset.name));
        let origin = gatepost_core::policy::Origin::Preset(preset.name.to_owned());
        let layer = gatepost_core::policy::Layer { origin, text: preset.text.to_owned() };
        let extended = Policy::load(&[layer]).unwrap_or_else(|errors| panic!("{}: {errors:#?}", preset.name));
        assert_eq!(policy.digest(), extended.digest(), "{}: init writes what the file says", preset.name);
        assert!(preset.summary().ends_with('.'), "{} does not say what it is for", preset.name);
        if preset.name == "default" {
            assert_eq!(policy.digest(), Policy::built_in().digest());
        }
    }
}
