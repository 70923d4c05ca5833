//! Numbers of a log, in Prometheus' text format. `docs/evidence.md` has the formulas.

use super::statement::{Enforcement, Predicate, Statement};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

/// What the numbers are kept apart by.
type Key = (String, String);

#[derive(Default)]
struct Numbers<'a> {
    results: BTreeMap<&'static str, u64>,
    commits: u64,
    found: BTreeSet<&'a str>,
    blocked: BTreeSet<&'a str>,
    reached: BTreeSet<&'a str>,
    suppressed: u64,
    counted: u64,
    approved: u64,
    unapproved: u64,
    first: u64,
    first_passed: u64,
    tags: u64,
    signed_tags: u64,
    milliseconds: Vec<u64>,
}

/// The text.
#[must_use]
pub fn metrics<'a>(records: impl Iterator<Item = &'a Statement>) -> String {
    let mut all: BTreeMap<Key, Numbers<'a>> = BTreeMap::new();
    let mut last: HashMap<(String, String, String), bool> = HashMap::new();
    for Statement { predicate: run, .. } in records {
        let repository = run.repository.clone().unwrap_or_default();
        let numbers = all.entry((run.gate.clone(), repository.clone())).or_default();
        numbers.add(run);
        let before = last.insert((run.gate.clone(), repository, line_of_work(run)), run.result.is_pass());
        // What follows a run that did not pass is another try at the same change.
        if before != Some(false) {
            numbers.first += 1;
            numbers.first_passed += u64::from(run.result.is_pass());
        }
    }
    write(&all)
}

/// What a run is a try at: the pull request, else the refs or the branch.
fn line_of_work(run: &Predicate) -> String {
    if let Some(request) = &run.pull_request {
        return request.clone();
    }
    if run.scope.refs.is_empty() {
        return run.scope.branch.clone().unwrap_or_default();
    }
    run.scope.refs.iter().map(|change| change.name.as_str()).collect::<Vec<_>>().join(" ")
}

impl<'a> Numbers<'a> {
    fn add(&mut self, run: &'a Predicate) {
        *self.results.entry(run.result.as_str()).or_default() += 1;
        self.commits += run.scope.commits_judged;
        self.suppressed += run.findings.suppressed;
        self.counted += run.findings.suppressed + run.findings.denied + run.findings.warned;
        self.milliseconds.push(run.duration_ms);
        if let Some(bypass) = &run.bypass {
            *(if bypass.approved { &mut self.approved } else { &mut self.unapproved }) += 1;
        }
        let refuses = run.enforcement == Enforcement::Blocking && run.exit_code != 0;
        let comes_in = run.gate == "pre-receive" && run.exit_code == 0;
        if comes_in {
            let tags: Vec<bool> = run.scope.refs.iter().filter_map(|change| change.signed).collect();
            self.tags += tags.len() as u64;
            self.signed_tags += tags.iter().filter(|signed| **signed).count() as u64;
        }
        for finding in run.findings.listed.iter().filter(|finding| finding.family == "GP-SEC") {
            let denies = finding.disposition == "deny";
            if denies || finding.disposition == "break-glass" {
                self.found.insert(&finding.fingerprint);
                if refuses && denies {
                    self.blocked.insert(&finding.fingerprint);
                } else if comes_in {
                    self.reached.insert(&finding.fingerprint);
                }
            }
        }
    }

    /// The time that so many thousandths of the runs took at most, by nearest rank.
    fn quantile(sorted: &[u64], thousandths: usize) -> u64 {
        let rank = sorted.len().saturating_mul(thousandths).div_ceil(1000);
        sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }
}

/// The plain counters: name, help, value.
type Counter = (&'static str, &'static str, fn(&Numbers<'_>) -> u64);

const COUNTERS: [Counter; 10] = [
    ("commits_judged_total", "Commits that were judged in full", |n| n.commits),
    ("secrets_found_total", "Different secrets that denied", |n| n.found.len() as u64),
    ("secrets_blocked_total", "Different secrets for which a run refused", |n| n.blocked.len() as u64),
    ("secrets_reached_shared_total", "Different secrets that a server's gate let in", |n| {
        n.reached.len() as u64
    }),
    ("findings_suppressed_total", "Findings that something let stand", |n| n.suppressed),
    ("findings_counted_total", "Findings that deny or warn, and those that something let stand", |n| {
        n.counted
    }),
    ("first_runs_total", "Runs that were the first try at a change", |n| n.first),
    ("first_runs_passed_total", "First tries that passed", |n| n.first_passed),
    ("tags_total", "Tags that a server's gate let in", |n| n.tags),
    ("tags_signed_total", "Those of them that have a signature", |n| n.signed_tags),
];

fn write(all: &BTreeMap<Key, Numbers<'_>>) -> String {
    let mut out = String::new();
    head(&mut out, "runs_total", "counter", "Runs by how they ended");
    for (key, numbers) in all {
        for (result, count) in &numbers.results {
            line(&mut out, "runs_total", key, &format!(",result=\"{result}\""), count);
        }
    }
    for (name, help, value) in COUNTERS {
        head(&mut out, name, "counter", help);
        all.iter().for_each(|(key, numbers)| line(&mut out, name, key, "", value(numbers)));
    }
    head(&mut out, "bypasses_total", "counter", "Runs that were passed although they refused");
    for (key, numbers) in all {
        for (approved, count) in [("true", numbers.approved), ("false", numbers.unapproved)] {
            line(&mut out, "bypasses_total", key, &format!(",approved=\"{approved}\""), count);
        }
    }
    ratio(&mut out, all, "suppression_ratio", "Share of findings that something let stand", |n| {
        (n.suppressed, n.counted)
    });
    ratio(&mut out, all, "first_run_pass_ratio", "Share of first tries that passed", |n| {
        (n.first_passed, n.first)
    });
    ratio(&mut out, all, "signed_tag_ratio", "Share of tags that have a signature", |n| {
        (n.signed_tags, n.tags)
    });
    let name = "run_duration_seconds";
    head(&mut out, name, "summary", "How long runs took");
    for (key, numbers) in all {
        let mut sorted = numbers.milliseconds.clone();
        sorted.sort_unstable();
        for (label, thousandths) in [("0.5", 500), ("0.95", 950), ("1", 1000)] {
            let value = seconds(Numbers::quantile(&sorted, thousandths));
            line(&mut out, name, key, &format!(",quantile=\"{label}\""), value);
        }
        let sum = sorted.iter().fold(0u64, |sum, one| sum.saturating_add(*one));
        line(&mut out, "run_duration_seconds_sum", key, "", seconds(sum));
        line(&mut out, "run_duration_seconds_count", key, "", sorted.len());
    }
    out
}

fn ratio(
    out: &mut String,
    all: &BTreeMap<Key, Numbers<'_>>,
    name: &str,
    help: &str,
    of: fn(&Numbers<'_>) -> (u64, u64),
) {
    head(out, name, "gauge", help);
    for (key, numbers) in all {
        let (part, whole) = of(numbers);
        // Of nothing there is no share: no line rather than a number that nobody measured.
        if let Some(thousandths) = part.saturating_mul(1000).checked_div(whole) {
            line(out, name, key, "", format!("{}.{:03}", thousandths / 1000, thousandths % 1000));
        }
    }
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP gatepost_{name} {help}.\n# TYPE gatepost_{name} {kind}");
}

fn line(out: &mut String, name: &str, (gate, repository): &Key, more: &str, value: impl std::fmt::Display) {
    let (gate, repository) = (label(gate), label(repository));
    let _ = writeln!(out, "gatepost_{name}{{gate=\"{gate}\",repository=\"{repository}\"{more}}} {value}");
}

/// The value of a label. Records are read from a file: whatever could act on a terminal is escaped first.
fn label(text: &str) -> String {
    let shown = gatepost_core::text::escape(text);
    shown.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::testing::statement;

    #[test]
    fn the_numbers_of_a_small_log() {
        let mut advisory = statement("FAIL", &["5"]);
        advisory.predicate.enforcement = Enforcement::Advisory;
        advisory.predicate.exit_code = 0;
        advisory.predicate.duration_ms = 4000;
        advisory.predicate.repository = Some("a\"b".to_owned());
        let mut release = statement("PASS", &["6"]);
        for (name, signed) in [("a", Some(true)), ("b", Some(false)), ("c", Some(true)), ("d", None)] {
            let mut tag = release.predicate.scope.refs.first().unwrap().clone();
            (tag.name, tag.signed) = (format!("refs/tags/{name}"), signed);
            release.predicate.scope.refs.push(tag);
        }
        let records = [
            statement("FAIL", &["1"]),
            statement("PASS", &["2"]),
            statement("PASS", &["3"]),
            statement("BYPASSED", &["4"]),
            advisory,
            release,
        ];
        insta::assert_snapshot!(metrics(records.iter()));
    }
}
