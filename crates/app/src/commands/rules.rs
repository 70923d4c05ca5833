//! `gatepost rules`: list, show and test the secret rules.

mod test;

use super::explain::unknown;
use crate::args::{Cli, RulesWhat};
use crate::exit::Failure;
use crate::output;
use crate::rules::{self, Named};
use gatepost_core::secrets::{Alone, Fails, Partner, Rule, Structure, Window};
use std::fmt::Write as _;
use std::process::ExitCode;

pub(crate) fn run(cli: &Cli, what: &RulesWhat) -> Result<ExitCode, Failure> {
    match what {
        RulesWhat::List => {
            output::print(&list(&rules::of_repository(cli)?))?;
            Ok(ExitCode::SUCCESS)
        }
        RulesWhat::Show { id } => {
            let Named { rule, from } = rules::named(cli, id)?.ok_or_else(|| unknown(cli, id))?;
            output::print(&show(&rule, from.as_deref()))?;
            Ok(ExitCode::SUCCESS)
        }
        RulesWhat::Test { file } => test::run(cli, file.as_deref()),
    }
}

fn list(rules: &[Named]) -> String {
    let width = rules.iter().map(|named| named.rule.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    for Named { rule, from } in rules {
        let from = from.as_ref().map_or_else(String::new, |from| format!("  (own: {from})"));
        let _ = writeln!(
            out,
            "{:<width$}  {:<8}  {:<6}  {}{from}",
            rule.id, rule.severity, rule.confidence, rule.name
        );
    }
    let own = rules.iter().filter(|named| named.from.is_some()).count();
    let own = if own == 0 { String::new() } else { format!(", {own} of them the policy's own") };
    let _ = writeln!(out, "{} rules{own}", rules.len());
    out
}

fn show(rule: &Rule, from: Option<&str>) -> String {
    let mut out = String::new();
    let mut line = |key: &str, value: &str| {
        let _ = writeln!(out, "{key:<16} {value}");
    };
    line("id", &rule.id);
    if let Some(from) = from {
        line("from", &format!("the policy's own: {from}"));
    }
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
