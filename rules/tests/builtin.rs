//! The built-in rules: constants and TOML agree, and every rule does what its examples say.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use gatepost_core::secrets::{
    Alone, Builtin, Demand, Keywords, Partner, Rule, RuleFile, Ruleset, Structure, Window,
    estimated_commonness, expand, selftest,
};
use gatepost_rules::{BUILTIN, DIGEST, RULES};
use std::borrow::Cow;
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
    let rendered = render(&written());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/generated.rs");
    if std::env::var_os("GATEPOST_UPDATE").is_some() {
        std::fs::write(&path, &rendered).unwrap();
        return;
    }
    assert!(
        std::fs::read_to_string(&path).unwrap() == rendered,
        "rules/src/generated.rs is stale; run: GATEPOST_UPDATE=1 cargo test -p gatepost-rules"
    );
    assert_eq!(RULES, written());
    assert_eq!(BUILTIN.keywords, keywords(&written()));
    let parsed = Ruleset::new(Builtin::none(), written()).unwrap();
    assert_eq!(Ruleset::new(&BUILTIN, Vec::new()).unwrap().digest(), parsed.digest());
    assert_eq!(DIGEST, parsed.digest());
}

/// The rules as Rust source.
fn render(rules: &[Rule]) -> String {
    let mut names = vec!["Keywords", "Rule"];
    if rules.iter().any(|rule| !rule.allow.is_empty()) {
        names.push("Allow");
    }
    if rules.iter().any(|rule| rule.alone.is_some()) {
        names.push("Alone");
    }
    if rules.iter().any(|rule| !rule.with.is_empty()) {
        names.push("Partner");
    }
    if rules.iter().any(|rule| rule.structure.is_some()) {
        names.push("Fails");
        names.push("Structure");
    }
    let mut out = String::from(
        "//! Made from `rules/*.toml` by `GATEPOST_UPDATE=1 cargo test -p gatepost-rules`. Do not edit.\n\n",
    );
    if rules.is_empty() {
        out.push_str("use gatepost_core::secrets::{Keywords, Rule};\nuse std::borrow::Cow::Borrowed;\n");
    } else {
        names.push("Window");
        if rules.iter().any(|rule| rule.demand.is_some()) {
            names.push("Demand");
        }
        names.sort_unstable();
        let _ = writeln!(out, "use gatepost_core::secrets::{{{}}};", names.join(", "));
        out.push_str("use gatepost_core::{Confidence, Severity};\nuse std::borrow::Cow::Borrowed;\n");
    }
    let digest = Ruleset::new(Builtin::none(), rules.to_vec()).unwrap().digest();
    let _ = writeln!(
        out,
        "\n/// SHA-256, in hexadecimal, over what decides what is found.\npub const DIGEST: &str = \"{digest}\";"
    );
    // A static of its own: what a reference alone names is copied into every part of a program that uses it.
    let _ = writeln!(out, "\nstatic ALL: [Rule; {}] = [", rules.len());
    for rule in rules {
        render_rule(rule, &mut out);
    }
    out.push_str("];\n\n/// Every built-in rule, in the order of the files and in the files' order.\n");
    out.push_str("pub static RULES: &[Rule] = &ALL;\n");
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
        writeln!(out, "\n/// The keywords of [`RULES`].\npub(super) const KEYWORDS: Keywords = Keywords {{");
    let _ = writeln!(out, "    text: Borrowed({text:?}),");
    for (name, list) in lists {
        let _ = writeln!(out, "    {name}: Borrowed(&{list}),");
    }
    let _ = writeln!(out, "    reach: {reach:?},\n}};");
}

fn text(text: &str) -> String {
    format!("Borrowed({text:?})")
}

fn optional(text: Option<&Cow<'static, str>>) -> String {
    text.map_or("None".to_owned(), |text| format!("Some(Borrowed({text:?}))"))
}

fn list(list: &[Cow<'static, str>]) -> String {
    let all: Vec<_> = list.iter().map(|item| text(item)).collect();
    format!("Borrowed(&[{}])", all.join(", "))
}

fn render_rule(rule: &Rule, out: &mut String) {
    let window = match rule.window {
        Window::Whole => "Window::Whole".to_owned(),
        Window::Bytes { before, after } => format!("Window::Bytes {{ before: {before}, after: {after} }}"),
    };
    let demand = rule.demand.map_or("None".to_owned(), |Demand { bytes: [a, b, c, d], least }| {
        format!("Some(Demand {{ bytes: [{a:#x}, {b:#x}, {c:#x}, {d:#x}], least: {least} }})")
    });
    let structure = rule.structure.as_ref().map_or("None".to_owned(), |structure| {
        let Structure { kind, params, fails } = structure;
        let params: Vec<_> =
            params.iter().map(|(name, value)| format!("({}, {value})", text(name))).collect();
        format!(
            "Some(Structure {{ kind: {}, params: Borrowed(&[{}]), fails: Fails::{fails:?} }})",
            text(kind),
            params.join(", ")
        )
    });
    let allow: Vec<_> = rule
        .allow
        .iter()
        .map(|a| format!("Allow {{ regex: {}, reason: {} }}", text(&a.regex), text(&a.reason)))
        .collect();
    let with: Vec<_> = rule.with.iter().map(partner).collect();
    let alone = match rule.alone {
        None => "None".to_owned(),
        Some(Alone::Hidden) => "Some(Alone::Hidden)".to_owned(),
        Some(Alone::Confidence(least)) => format!("Some(Alone::Confidence(Confidence::{least:?}))"),
    };
    let fields = [
        ("id", text(&rule.id)),
        ("name", text(&rule.name)),
        ("provider", text(&rule.provider)),
        ("description", text(&rule.description)),
        ("severity", format!("Severity::{:?}", rule.severity)),
        ("confidence", format!("Confidence::{:?}", rule.confidence)),
        ("regex", text(&rule.regex)),
        ("detector", optional(rule.detector.as_ref())),
        ("keywords", list(&rule.keywords)),
        ("window", window),
        ("demand", demand),
        ("entropy", format!("{:?}", rule.entropy)),
        ("secret_group", format!("{:?}", rule.secret_group)),
        ("strong", format!("{:?}", rule.strong)),
        ("path", optional(rule.path.as_ref())),
        ("except_path", optional(rule.except_path.as_ref())),
        ("structure", structure),
        ("allow", format!("Borrowed(&[{}])", allow.join(", "))),
        ("with", format!("Borrowed(&[{}])", with.join(", "))),
        ("alone", alone),
        ("risk", text(&rule.risk)),
        ("fix", list(&rule.fix)),
        ("reference", text(&rule.reference)),
        ("examples", list(&rule.examples)),
        ("counter_examples", list(&rule.counter_examples)),
    ];
    out.push_str("    Rule {\n");
    for (name, value) in fields {
        let _ = writeln!(out, "        {name}: {value},");
    }
    out.push_str("    },\n");
}

fn partner(partner: &Partner) -> String {
    let severity = partner.severity.map_or("None".to_owned(), |word| format!("Some(Severity::{word:?})"));
    let confidence =
        partner.confidence.map_or("None".to_owned(), |word| format!("Some(Confidence::{word:?})"));
    format!(
        "Partner {{ rule: {}, lines: {}, severity: {severity}, confidence: {confidence} }}",
        text(&partner.rule),
        partner.lines
    )
}
