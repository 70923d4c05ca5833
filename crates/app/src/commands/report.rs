//! `gatepost report`: reports that are there already.

use crate::args::{Cli, ReportWhat};
use crate::exit::Failure;
use crate::output::Outputs;
use crate::{checkout, finish, session};
use gatepost_core::report::{About, Reach, ShardPart};
use gatepost_core::settle::{join_secrets, join_shards};
use gatepost_core::{Coverage, Finding, Outcome, Problem, Report, SkipReason};
use gatepost_report::read::{self, Read, ReadError};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A report of a shard, and where it came from.
struct Part {
    file: PathBuf,
    report: Report,
    shows_secrets: bool,
    shard: ShardPart,
}

/// `gatepost report`.
///
/// # Errors
///
/// Reports that cannot be read or do not belong together; a report that cannot be written.
pub(crate) fn run(cli: &Cli, what: &ReportWhat) -> Result<ExitCode, Failure> {
    let ReportWhat::Merge { files } = what;
    if cli.common.min_confidence.is_some() || cli.common.min_severity.is_some() {
        return Err(Failure::usage(
            "--min-confidence and --min-severity are for the scans: what they left out is not in these reports",
            "give them to each `gatepost scan --history --shard K/N`, or to none",
        ));
    }
    let outputs = Outputs::new(&cli.common.output, false)?;
    let mut parts = files.iter().map(|file| read_part(file)).collect::<Result<Vec<Part>, Failure>>()?;
    parts.sort_by_key(|part| part.shard.shard);
    belong_together(&parts)?;
    if cli.common.output.show_secrets {
        have_secrets(&parts)?;
    }
    let Some(mut report) = merge(parts) else { return Err(nothing()) };
    report.findings = join_secrets(std::mem::take(&mut report.findings));
    report.sort();
    report.about = About { reach: Reach::History, started: Some(session::now()), ..About::default() };
    if outputs.want_checkout() {
        checkout::look(&mut report);
    }
    outputs.write(&report)?;
    let code = match report.outcome() {
        _ if !report.enforced => 0,
        Outcome::Violations if cli.common.exit_zero => 0,
        outcome => outcome.exit_code(),
    };
    Ok(ExitCode::from(code))
}

const SCAN: &str = "gatepost scan --history --shard";

fn read_part(file: &Path) -> Result<Part, Failure> {
    let name = file.display();
    let bytes = std::fs::read(file).map_err(|error| {
        Failure::usage(
            format!("cannot read the report {name}: {error}"),
            format!("name the files that the shards wrote: {SCAN} K/N -f json -o FILE"),
        )
    })?;
    let Read { mut report, shows_secrets } =
        read::report(&bytes, env!("CARGO_PKG_VERSION")).map_err(|error| {
            let fix = match &error {
                ReadError::OtherVersion(version) => {
                    format!(
                        "merge with gatepost {version}, or scan every shard with {}",
                        env!("CARGO_PKG_VERSION")
                    )
                }
                _ => format!("write it anew: {SCAN} K/N -f json -o {name}"),
            };
            Failure::usage(format!("{name} cannot be merged: {error}"), fix)
        })?;
    match report.shard.take() {
        Some(shard) => Ok(Part { file: file.to_path_buf(), report, shows_secrets, shard }),
        None => Err(Failure::usage(
            format!("{name} is no report of a shard: it is of {}", report.scope),
            format!("merge reports of {SCAN} K/N -f json; any other report is whole already"),
        )),
    }
}

fn nothing() -> Failure {
    Failure::usage("there is nothing to merge", "name the reports of all shards")
}

/// Something in which all shards of a history agree.
struct Fact {
    /// What is to be said of two reports that do not.
    differ: &'static str,
    fix: &'static str,
    of: fn(&Part) -> String,
}

const FACTS: [Fact; 6] = [
    Fact {
        differ: "are not shards of the same number",
        fix: "scan every shard of one N",
        of: |part| part.shard.shard.of().to_string(),
    },
    Fact {
        differ: "were judged by different policies (`tool.policy_digest`)",
        fix: "scan every shard with the same policy: the same commit of gatepost.toml, the same flags and environment",
        of: |part| part.report.policy_digest.clone(),
    },
    Fact {
        differ: "were judged by different secret rules (`tool.ruleset_digest`)",
        fix: "scan every shard with the same rules, on the same day where a rule is switched off until a day",
        of: |part| part.report.ruleset_digest.clone(),
    },
    Fact {
        differ: "are of different sets of objects (`shard.objects`)",
        fix: "scan every shard in a clone with the same refs, HEAD and depth; a clone that lacks an object has another \
              set: `git fsck` names it",
        of: |part| part.shard.objects.clone(),
    },
    Fact {
        differ: "are of different stages",
        fix: "scan every shard alike",
        of: |part| part.report.stage.to_string(),
    },
    Fact {
        differ: "are not enforced alike (`enforced`)",
        fix: "scan every shard with the same policy",
        of: |part| part.report.enforced.to_string(),
    },
];

/// Whether the reports are all shards of one history, each once, judged in one way. They are sorted.
fn belong_together(parts: &[Part]) -> Result<(), Failure> {
    let Some((first, rest)) = parts.split_first() else { return Err(nothing()) };
    for Fact { differ, fix, of } in &FACTS {
        let own = of(first);
        if let Some((other, theirs)) = rest.iter().map(|part| (part, of(part))).find(|(_, fact)| *fact != own)
        {
            let (one, other) = (first.file.display(), other.file.display());
            return Err(Failure::usage(format!("{one} and {other} {differ}: {own} and {theirs}"), *fix));
        }
    }
    for pair in parts.windows(2) {
        if let [one, other] = pair
            && one.shard.shard == other.shard.shard
        {
            let (shard, one, other) = (one.shard.shard, one.file.display(), other.file.display());
            return Err(Failure::usage(
                format!("shard {shard} is there twice: {one} and {other}"),
                "name the report of each shard once",
            ));
        }
    }
    all_are_there(parts, first.shard.shard.of())
}

fn all_are_there(parts: &[Part], of: u32) -> Result<(), Failure> {
    let missing: Vec<String> = (1..=of)
        .filter(|index| parts.iter().all(|part| part.shard.shard.index() != *index))
        .map(|index| format!("{index}/{of}"))
        .collect();
    let Some(one) = missing.first() else { return Ok(()) };
    let (shards, are) = if missing.len() == 1 { ("shard", "is") } else { ("shards", "are") };
    Err(Failure::usage(
        format!("{shards} {} {are} missing: what they hold was not judged", missing.join(", ")),
        format!("{SCAN} {one} -f json -o FILE, and merge again with all {of} reports"),
    ))
}

/// Secrets can be shown when the reports have them.
fn have_secrets(parts: &[Part]) -> Result<(), Failure> {
    match parts.iter().find(|part| !part.shows_secrets) {
        None => Ok(()),
        Some(part) => Err(Failure::usage(
            format!("{} holds no secrets to show", part.file.display()),
            "scan every shard with --show-secrets, or merge without it",
        )),
    }
}

/// One report of all; `None` of none.
fn merge(parts: Vec<Part>) -> Option<Report> {
    let of = parts.len();
    let (mut merged, mut found, mut unused) = (None, Vec::new(), Vec::new());
    for Part { mut report, shard, .. } in parts {
        found.push((std::mem::take(&mut report.findings), std::mem::take(&mut report.suppressed)));
        unused.push(shard.unused);
        match &mut merged {
            None => merged = Some(report),
            Some(merged) => absorb(merged, report),
        }
    }
    let mut merged = merged?;
    (merged.findings, merged.suppressed) = join_shards(found);
    if merged.is_complete() {
        merged.findings.extend(in_all(unused));
    } else {
        merged.stale_baseline = None;
    }
    if let Some(stale) = &merged.stale_baseline {
        merged.notices.extend(finish::stale_notice(stale.len()));
    }
    merged.scope =
        if of == 1 { "the whole history".to_owned() } else { format!("the whole history, in {of} shards") };
    merged.problems.sort_by(|a, b| (&a.place, &a.what).cmp(&(&b.place, &b.what)));
    Some(merged)
}

/// Adds what another shard says beside its findings.
fn absorb(merged: &mut Report, other: Report) {
    // What a whole clone lacks, each shard of it says.
    let is_of_the_clone = |reason: &SkipReason| matches!(reason, SkipReason::Missing | SkipReason::Shallow);
    let mut skipped = other.coverage.skipped.clone();
    for (reason, count) in &mut skipped {
        if is_of_the_clone(reason) {
            let known = merged.coverage.skipped.get(reason).copied().unwrap_or_default();
            *count = count.saturating_sub(known);
        }
    }
    merged.coverage.merge(&Coverage { skipped, ..other.coverage });
    let problems = other.problems.into_iter().filter(|problem| !merged.problems.contains(problem));
    let problems: Vec<Problem> = problems.collect();
    merged.problems.extend(problems);
    let notices = other.notices.into_iter().filter(|notice| !merged.notices.contains(notice));
    let notices: Vec<String> = notices.collect();
    merged.notices.extend(notices);
    merged.stale_baseline = match (merged.stale_baseline.take(), other.stale_baseline) {
        (Some(stale), Some(theirs)) => {
            Some(stale.into_iter().filter(|entry| theirs.contains(entry)).collect())
        }
        _ => None,
    };
    // They ran side by side, or could have.
    merged.duration = merged.duration.max(other.duration);
}

/// The findings that every shard has.
fn in_all(lists: Vec<Vec<Finding>>) -> Vec<Finding> {
    let mut lists = lists.into_iter();
    let mut all = lists.next().unwrap_or_default();
    for list in lists {
        let is_there = |finding: &Finding| {
            list.iter()
                .any(|other| (&other.rule, &other.fingerprint) == (&finding.rule, &finding.fingerprint))
        };
        all.retain(is_there);
    }
    all
}
