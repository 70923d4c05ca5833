//! `gatepost rules test`: whether rules do what their examples say, what they cost, and what they find where nothing is.

use crate::args::Cli;
use crate::exit::Failure;
use crate::output;
use crate::rules;
use gatepost_core::policy::{Layer, Origin, Policy, Purpose, Schema};
use gatepost_core::secrets::{Rule, Sample, Scratch, Trial, Verdict};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// A rule that is slower than the median one by this factor is warned of.
const SLOW: u64 = 20;
/// How many built-in rules are timed to say what is usual, about.
const TIMED: usize = 32;

/// What came of one rule.
struct Tried {
    /// The rule's own lines: each example with its verdict.
    examples: Vec<String>,
    failures: Vec<String>,
    warnings: Vec<String>,
    speed: Speed,
}

/// Bytes of source-like text a second.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Speed(u64);

impl Speed {
    fn of(bytes: usize, time: Duration) -> Self {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1);
        Self((bytes as u64).saturating_mul(1_000_000) / micros)
    }

    fn median(mut speeds: Vec<Self>) -> Self {
        speeds.sort_unstable();
        speeds.get(speeds.len() / 2).copied().unwrap_or_default()
    }
}

impl std::fmt::Display for Speed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} MB/s", self.0 / 1_000_000)
    }
}

/// Tries the rules of a file, else all that are in force.
pub(super) fn run(cli: &Cli, file: Option<&Path>) -> Result<ExitCode, Failure> {
    let rules: Vec<Cow<'static, Rule>> = match file {
        Some(file) => read(file)?.into_iter().map(Cow::Owned).collect(),
        None => rules::of_repository(cli)?.into_iter().map(|named| named.rule).collect(),
    };
    if rules.is_empty() {
        return Err(Failure::usage("there is no rule to test", "name a file with [[rules]]"));
    }
    let sample = Sample::new();
    let mut scratch = Scratch::default();
    // The same runs say what is usual and what each rule takes.
    let mut tried: Vec<Tried> = rules.iter().map(|rule| attempt(rule, &sample, &mut scratch)).collect();
    let speeds = match file {
        Some(_) => gatepost_rules::BUILTIN
            .rules()
            .step_by((gatepost_rules::BUILTIN.len() / TIMED).max(1))
            .filter_map(|rule| timed(rule, &sample, &mut scratch))
            .collect(),
        None => tried.iter().map(|tried| tried.speed).collect(),
    };
    let median = Speed::median(speeds);
    for one in &mut tried {
        compare(one, median);
    }
    output::print(&told(&rules, &tried, file.is_some(), median))?;
    Ok(ExitCode::from(u8::from(tried.iter().any(|tried| !tried.failures.is_empty()))))
}

/// The rules of a rule file, or the own ones of a policy file.
fn read(file: &Path) -> Result<Vec<Rule>, Failure> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::usage(format!("cannot read {name}: {error}"), "name a TOML file of rules, as under rules/")
    })?;
    let is_policy = text.parse::<toml::Table>().is_ok_and(|table| table.contains_key("secrets"));
    let layer = Layer { origin: Origin::File(name), text };
    let policy = if is_policy {
        Policy::load_for(Schema::built_in(), Purpose::Scan, &[layer])?
    } else {
        let mut policy = Policy::built_in();
        policy.add_rule_files(&[layer])?;
        policy
    };
    Ok(policy.own_rules().iter().map(|own| own.rule.clone()).collect())
}

fn attempt(rule: &Rule, sample: &Sample, scratch: &mut Scratch) -> Tried {
    let (mut examples, mut failures) = (Vec::new(), Vec::new());
    let trial = match Trial::new(rule) {
        Ok(trial) => trial,
        Err(failure) => {
            let failures = vec![failure.message];
            return Tried { examples, failures, warnings: Vec::new(), speed: Speed::default() };
        }
    };
    for Verdict { is_example, template, failure } in trial.verdicts() {
        let kind = if is_example { "example" } else { "counter-example" };
        let mark = if failure.is_some() { "FAILED" } else { "ok" };
        examples.push(format!("  {mark:<7} {kind:<16} {}", template.escape_debug()));
        failures.extend(failure.map(|failure| format!("{}: {}", failure.message, template.escape_debug())));
    }
    let warnings = trial.warnings(sample).iter().map(ToString::to_string).collect();
    Tried { examples, failures, warnings, speed: speed(&trial, sample, scratch) }
}

fn speed(trial: &Trial<'_>, sample: &Sample, scratch: &mut Scratch) -> Speed {
    let mut best = Duration::MAX;
    // The first run builds what the regex works with.
    for _ in 0..2 {
        let started = Instant::now();
        let _ = trial.scan(sample, scratch);
        best = best.min(started.elapsed());
    }
    Speed::of(sample.source().len(), best)
}

fn timed(rule: &Rule, sample: &Sample, scratch: &mut Scratch) -> Option<Speed> {
    let trial = Trial::new(rule).ok()?;
    Some(speed(&trial, sample, scratch))
}

/// Warns of a rule that is slow beside the others.
fn compare(tried: &mut Tried, median: Speed) {
    if tried.speed != Speed::default() && tried.speed.0.saturating_mul(SLOW) < median.0 {
        tried.warnings.push(format!(
            "it scans {} of source-like text, against {median} of the median built-in rule",
            tried.speed
        ));
    }
}

fn told(rules: &[Cow<'static, Rule>], tried: &[Tried], whole: bool, median: Speed) -> String {
    let mut out = String::new();
    let (mut examples, mut failed, mut warnings) = (0, 0, 0);
    for (rule, one) in rules.iter().zip(tried) {
        examples += one.examples.len();
        failed += one.failures.len();
        warnings += one.warnings.len();
        if !whole && one.failures.is_empty() && one.warnings.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{}: {} (usual: {median})", rule.id, one.speed);
        if whole {
            one.examples.iter().for_each(|line| {
                let _ = writeln!(out, "{line}");
            });
        }
        one.failures.iter().for_each(|failure| {
            let _ = writeln!(out, "  failed: {failure}");
        });
        one.warnings.iter().for_each(|warning| {
            let _ = writeln!(out, "  warning: {warning}");
        });
    }
    let slowest = rules.iter().zip(tried).min_by_key(|(_, tried)| tried.speed);
    let slowest = slowest
        .map_or_else(String::new, |(rule, tried)| format!(", the slowest {} ({})", tried.speed, rule.id));
    let _ = writeln!(
        out,
        "{} rules, {examples} examples, {failed} failed, {warnings} warnings; the median built-in rule scans {median}{slowest}",
        rules.len()
    );
    out
}
