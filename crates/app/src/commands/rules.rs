//! `gatepost rules`: list, show and test the secret rules.

use super::explain::unknown;
use crate::args::{Cli, RulesWhat};
use crate::exit::Failure;
use crate::output;
use crate::rules::{self, Named};
use gatepost_core::secrets::{Rule, RuleFile, Structure, Window, selftest};
use std::fmt::Write as _;
use std::path::Path;
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
        line("structure", structure_words(*structure));
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

fn window(window: Window) -> String {
    match window {
        Window::Bytes { before, after } => format!("{before} bytes before a keyword, {after} bytes after it"),
        Window::Whole => "the whole document".to_owned(),
    }
}

const fn structure_words(structure: Structure) -> &'static str {
    match structure {
        Structure::Crc32Base62 { .. } => "ends in a CRC-32 of what is between the prefix and it, in base 62",
        Structure::Jwt => "a JSON Web Token: header and payload are JSON",
        Structure::Pem => "a PEM block that holds a private key",
    }
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
