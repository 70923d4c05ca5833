//! The built-in rules: constants and TOML agree, and every rule does what its examples say.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use gatepost_core::secrets::{
    Builtin, Keywords, Packing, Rule, RuleFile, Ruleset, estimated_commonness, expand, selftest,
};
use gatepost_rules::{BUILTIN, DIGEST};
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Every rule of every `*.toml` beside the manifest, files in the order of their names.
fn written() -> Vec<Rule> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml") && !path.ends_with("Cargo.toml"))
        .collect();
    files.sort();
    let parse = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        let rules = RuleFile::parse(&std::fs::read_to_string(path).unwrap());
        rules.unwrap_or_else(|error| panic!("rules/{name}: {error}"))
    };
    files.iter().flat_map(parse).collect()
}

#[test]
fn ids_are_unique() {
    let mut seen = BTreeSet::new();
    for rule in written() {
        assert!(seen.insert(rule.id.clone()), "two rules are called `{}`", rule.id);
    }
}

#[test]
fn every_example_fires_and_every_counter_example_is_silent() {
    let failures: Vec<String> = written().iter().flat_map(selftest).map(|f| f.to_string()).collect();
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_rule_is_announced_by_a_literal() {
    // A rule without one runs its regex over every byte of every file.
    let slow: Vec<_> = written().into_iter().filter(|r| r.keywords.is_empty()).map(|r| r.id).collect();
    assert!(slow.is_empty(), "no literal can be drawn from the regex; state `keywords`: {slow:?}");
}

/// The bits that vary in what a template expands to, position by position; a little less than there are.
fn bits(template: &str) -> f64 {
    let texts: Vec<String> = (0..300).map(|seed| expand(template, seed)).collect();
    let shortest = texts.iter().map(String::len).min().unwrap_or(0);
    let different =
        |at: usize| texts.iter().filter_map(|text| text.as_bytes().get(at)).collect::<BTreeSet<_>>().len();
    (0..shortest.min(200)).map(|at| (different(at).max(1) as f64).log2()).sum()
}

#[test]
fn no_value_of_a_strong_rule_can_be_guessed() {
    // Its fingerprint is a hash of it, without a key.
    for rule in written().iter().filter(|rule| rule.strong) {
        for example in rule.examples.iter() {
            let bits = bits(example);
            assert!(bits > 78.0, "{}: {bits:.0} bits, say `strong = false`: {example}", rule.id);
        }
    }
    assert!(bits("key: {hex:16}") < 65.0);
}

#[test]
fn the_constants_are_the_rules_of_the_toml_files() {
    let written = written();
    let packing = Packing::of(&written).unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (name, made) in [("generated.rs", render(&written, &packing)), ("rules.txt", packing.text.clone())] {
        let path = source.join(name);
        if std::env::var_os("GATEPOST_UPDATE").is_some() {
            std::fs::write(&path, &made).unwrap();
            continue;
        }
        assert!(
            std::fs::read_to_string(&path).unwrap() == made,
            "rules/src/{name} is stale; run: GATEPOST_UPDATE=1 cargo test -p gatepost-rules"
        );
    }
    if std::env::var_os("GATEPOST_UPDATE").is_some() {
        return;
    }
    assert_eq!(BUILTIN.len(), written.len());
    for (index, rule) in written.iter().enumerate() {
        assert_eq!(BUILTIN.get(index), Some(rule));
        assert_eq!(BUILTIN.find(&rule.id), Some(rule));
    }
    assert_eq!(BUILTIN.get(written.len()), None);
    assert!(BUILTIN.ids().eq(written.iter().map(|rule| rule.id.as_ref())));
    assert!(BUILTIN.rules().eq(&written));
    assert_eq!(*BUILTIN.keywords(), keywords(&written));
    let parsed = Ruleset::new(Builtin::none(), written).unwrap();
    assert_eq!(Ruleset::new(&BUILTIN, Vec::new()).unwrap().digest(), parsed.digest());
    assert_eq!(DIGEST, parsed.digest());
}

/// What stands beside the text of the rules, as Rust source.
fn render(rules: &[Rule], packing: &Packing) -> String {
    let mut out = String::from(
        "//! Made from `rules/*.toml` by `GATEPOST_UPDATE=1 cargo test -p gatepost-rules`. Do not edit.\n\n\
         use gatepost_core::secrets::Keywords;\nuse std::borrow::Cow::Borrowed;\n",
    );
    let digest = Ruleset::new(Builtin::none(), rules.to_vec()).unwrap().digest();
    let _ = writeln!(
        out,
        "\n/// SHA-256, in hexadecimal, over what decides what is found.\npub const DIGEST: &str = \"{digest}\";"
    );
    let Packing { ids, text: _, ends, by_id } = packing;
    let count = rules.len();
    let _ = writeln!(out, "\n/// The ids of the rules.\npub(super) const IDS: &str = {ids:?};");
    let _ = writeln!(
        out,
        "\n/// Where the id of each rule ends, and its part of `rules.txt`.\n\
         pub(super) static ENDS: [[u32; 2]; {count}] = {ends:?};"
    );
    let _ = writeln!(
        out,
        "\n/// The rules in the order of their ids.\npub(super) static BY_ID: [u32; {count}] = {by_id:?};"
    );
    render_keywords(&keywords(rules), &mut out);
    out
}

/// The rules' keywords. The rarest four bytes of each are chosen by what was counted: `common-grams.bin` has the commonest
/// groups of four in source text, the commonest first (`examples/common_grams.rs` made it).
fn keywords(rules: &[Rule]) -> Keywords {
    let counted = include_bytes!("../common-grams.bin").as_chunks().0;
    let common: HashMap<[u8; 4], usize> = counted.iter().copied().zip(0..).collect();
    let commonness = |four: [u8; 4]| match common.get(&four.map(|byte| byte | 0x20)) {
        Some(rank) => (1000 + common.len() - rank) as f64,
        None => estimated_commonness(four),
    };
    Keywords::new(rules.iter().zip(0..), commonness).unwrap()
}

fn render_keywords(keywords: &Keywords, out: &mut String) {
    let Keywords { text, ends, rarest, starts, announced, unannounced, reach } = keywords;
    let lists = [
        ("ends", format!("{ends:?}")),
        ("rarest", format!("{rarest:?}")),
        ("starts", format!("{starts:?}")),
        ("announced", format!("{announced:?}")),
        ("unannounced", format!("{unannounced:?}")),
    ];
    let _ =
        writeln!(out, "\n/// The keywords of the rules.\npub(super) const KEYWORDS: Keywords = Keywords {{");
    let _ = writeln!(out, "    text: Borrowed({text:?}),");
    for (name, list) in lists {
        let _ = writeln!(out, "    {name}: Borrowed(&{list}),");
    }
    let _ = writeln!(out, "    reach: {reach:?},\n}};");
}
