//! The pages of the built-in rules, `docs/rules.md` and `docs/rules/`, are made of the rules. One page for every initial of
//! a provider: thousands of rules in one file would be too large to be shown, and a file for each too many.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use gatepost_core::secrets::{Facts, Rule};
use gatepost_rules::BUILTIN;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const MADE: &str =
    "<!-- Made from rules/*.toml by `GATEPOST_UPDATE=1 cargo test -p gatepost-rules`. Do not edit. -->\n\n";

/// The rules of each provider, in the order in which people look for it.
fn providers() -> BTreeMap<(String, &'static str), Vec<&'static Rule>> {
    let mut out: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for rule in BUILTIN.rules() {
        let provider: &'static str = &rule.provider;
        out.entry((provider.to_lowercase(), provider)).or_default().push(rule);
    }
    out
}

/// The page that a provider is on: its initial, or `0-9`.
fn page(provider: &str) -> String {
    let initial = provider.chars().find(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase());
    initial.filter(char::is_ascii_alphabetic).map_or_else(|| "0-9".to_owned(), String::from)
}

/// The anchor that a heading gets: lower case, spaces as hyphens, nothing else than letters, digits, `-` and `_`.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || ['-', '_'].contains(c)).collect()
}

/// Every page, by its path below `docs/`.
fn pages() -> BTreeMap<String, String> {
    let mut pages: BTreeMap<String, String> = BTreeMap::new();
    let providers = providers();
    let mut index = format!(
        "{MADE}# The built-in secret rules\n\n{} rules of {} providers. `gatepost explain RULE` prints what these pages say of a \
         rule, `gatepost rules show RULE` its pattern, and [rules-guide.md](rules-guide.md) tells how to write one.\n\n\
         | provider | rules |\n|---|---|\n",
        BUILTIN.len(),
        providers.len()
    );
    for ((_, provider), rules) in &providers {
        let name = page(provider);
        let ids: Vec<String> = rules.iter().map(|rule| format!("`{}`", rule.id)).collect();
        let _ =
            writeln!(index, "| [{provider}](rules/{name}.md#{}) | {} |", anchor(provider), ids.join(", "));
        let text = pages.entry(format!("rules/{name}.md")).or_insert_with(|| {
            format!("{MADE}# Secret rules: {}\n\n[All of them](../rules.md)\n", name.to_uppercase())
        });
        let _ = write!(text, "\n## {provider}\n");
        for rule in rules {
            let _ = write!(text, "\n{}", Facts::new(rule).markdown());
        }
    }
    pages.insert("rules.md".to_owned(), index);
    pages
}

#[test]
fn the_pages_are_those_of_the_rules() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let pages = pages();
    let there =
        std::fs::read_dir(docs.join("rules")).into_iter().flatten().map(|entry| entry.unwrap().path());
    let left: Vec<PathBuf> = there
        .filter(|path| !pages.contains_key(&format!("rules/{}", path.file_name().unwrap().to_string_lossy())))
        .collect();
    if std::env::var_os("GATEPOST_UPDATE").is_some() {
        std::fs::create_dir_all(docs.join("rules")).unwrap();
        for path in left {
            std::fs::remove_file(path).unwrap();
        }
        for (name, text) in &pages {
            std::fs::write(docs.join(name), text).unwrap();
        }
        return;
    }
    let stale = |(name, text): &(&String, &String)| {
        std::fs::read_to_string(docs.join(name)).ok().as_ref() != Some(*text)
    };
    let stale: Vec<&String> = pages.iter().filter(stale).map(|(name, _)| name).collect();
    assert!(
        stale.is_empty() && left.is_empty(),
        "docs/ is stale ({stale:?}, too many: {left:?}); run: GATEPOST_UPDATE=1 cargo test -p gatepost-rules"
    );
}

#[test]
fn every_rule_says_what_people_need() {
    for rule in BUILTIN.rules() {
        assert!(rule.reference.starts_with("https://"), "{}: {}", rule.id, rule.reference);
        assert!(!rule.fix.is_empty() && rule.fix.iter().all(|step| !step.trim().is_empty()), "{}", rule.id);
        let section = Facts::new(rule).markdown();
        assert!(section.lines().count() <= 8, "{}:\n{section}", rule.id);
        assert!(!section.contains(": \n"), "{}:\n{section}", rule.id);
    }
}
