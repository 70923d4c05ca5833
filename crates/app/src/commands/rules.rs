//! `gatepost rules`: list, show and test the secret rules.

use super::explain::{find_rule, unknown};
use crate::args::RulesWhat;
use crate::exit::Failure;
use crate::output;
use gatepost_core::secrets::{Alone, Fails, Partner, Rule, RuleFile, Structure, Window, selftest};
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(what: &RulesWhat) -> Result<ExitCode, Failure> {
    match what {
        RulesWhat::List => {
            output::print(&list(gatepost_rules::RULES))?;
            Ok(ExitCode::SUCCESS)
        }
        RulesWhat::Show { id } => {
            let rule = find_rule(id).ok_or_else(|| unknown(id))?;
            output::print(&show(rule))?;
            Ok(ExitCode::SUCCESS)
        }
        RulesWhat::Test { file: None } => test(gatepost_rules::RULES),
        RulesWhat::Test { file: Some(file) } => test(&read(file)?),
    }
}

fn read(file: &Path) -> Result<Vec<Rule>, Failure> {
    let name = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::usage(format!("cannot read {name}: {error}"), "name a TOML file of rules, as under rules/")
    })?;
    RuleFile::parse(&text).map_err(|error| {
        Failure::usage(
            format!("{name}: {error}"),
            "`gatepost rules show github-pat` prints a rule that is right",
        )
    })
}

fn list(rules: &[Rule]) -> String {
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    for rule in rules {
        let _ =
            writeln!(out, "{:<width$}  {:<8}  {:<6}  {}", rule.id, rule.severity, rule.confidence, rule.name);
    }
    let _ = writeln!(out, "{} rules", rules.len());
    out
}

fn show(rule: &Rule) -> String {
    let mut out = String::new();
    let mut line = |key: &str, value: &str| {
        let _ = writeln!(out, "{key:<16} {value}");
    };
    line("id", &rule.id);
    line("name", &rule.name);
    line("provider", &rule.provider);
    line("description", &rule.description);
    line("severity", rule.severity.as_str());
    line("confidence", rule.confidence.as_str());
    match rule.detects() {
        Some(about) => line("detector", about),
        None => line("regex", &rule.regex),
    }
    line("keywords", &rule.keywords.join(", "));
    line("window", &window(rule.window));
    if let Some(entropy) = rule.entropy {
        line("entropy", &format!("{entropy} bits per byte"));
    }
    if let Some(group) = rule.secret_group {
        line("secret-group", &group.to_string());
    }
    if let Some(path) = &rule.path {
        line("path", path);
    }
    if let Some(path) = &rule.except_path {
        line("except-path", path);
    }
    if let Some(structure) = &rule.structure {
        line("structure", &structure_words(structure));
    }
    line(
        "strong",
        if rule.strong {
            "yes: its values have 80 bits or more, and no dictionary has them"
        } else {
            "no: a value could be guessed, and its fingerprint needs a key (docs/fingerprints.md)"
        },
    );
    for allow in rule.allow.iter() {
        line("allow", &format!("{} ({})", allow.regex, allow.reason));
    }
    for partner in rule.with.iter() {
        line("with", &company(partner));
    }
    match rule.alone {
        None => {}
        Some(Alone::Hidden) => line("alone", "it is not reported"),
        Some(Alone::Confidence(least)) => line("alone", &format!("{least} confidence at most")),
    }
    line("risk", &rule.risk);
    for step in rule.fix.iter() {
        line("fix", step);
    }
    line("reference", &rule.reference);
    for example in rule.examples.iter() {
        line("example", &example.escape_debug().to_string());
    }
    for example in rule.counter_examples.iter() {
        line("counter-example", &example.escape_debug().to_string());
    }
    out
}

/// `aws-access-key within 8 lines: severity critical, confidence high`.
fn company(partner: &Partner) -> String {
    let Partner { rule, lines, severity, confidence } = partner;
    let severity = severity.map(|word| format!("severity {word}"));
    let confidence = confidence.map(|word| format!("confidence {word}"));
    let worth: Vec<String> = [severity, confidence].into_iter().flatten().collect();
    let worth = if worth.is_empty() { String::new() } else { format!(": {} at least", worth.join(", ")) };
    match lines {
        0 => format!("{rule} in the same line{worth}"),
        1 => format!("{rule} within 1 line{worth}"),
        lines => format!("{rule} within {lines} lines{worth}"),
    }
}

fn window(window: Window) -> String {
    match window {
        Window::Bytes { before, after } => format!("{before} bytes before a keyword, {after} bytes after it"),
        Window::Whole => "the whole document".to_owned(),
    }
}

fn structure_words(structure: &Structure) -> String {
    let about = structure.check().map_or("unknown", |check| check.about);
    let fails = match structure.fails {
        Fails::Lower => "where it fails, the finding has less confidence",
        Fails::Drop => "where it fails, there is no finding",
    };
    format!("{structure}: {about}; {fails}")
}

fn test(rules: &[Rule]) -> Result<ExitCode, Failure> {
    let mut out = String::new();
    let (mut examples, mut failed) = (0, 0);
    for rule in rules {
        examples += rule.examples.len() + rule.counter_examples.len();
        for failure in selftest(rule) {
            failed += 1;
            let _ = writeln!(out, "{}: {failure}", rule.id);
        }
    }
    let _ = writeln!(out, "{} rules, {examples} examples, {failed} failed", rules.len());
    output::print(&out)?;
    if rules.is_empty() {
        return Err(Failure::usage("there is no rule to test", "name a file with [[rules]]"));
    }
    Ok(ExitCode::from(u8::from(failed > 0)))
}
