//! The last line of the human report: what was found, in how much, and whether that was all of it.

use crate::mask::Mask;
use crate::style::{Paint, Role, count};
use gatepost_core::report::Suppression;
use gatepost_core::text::escape;
use gatepost_core::{Coverage, Level, Report, SkipReason, Stage};
use std::time::Duration;

/// The line, without its line end.
pub(crate) fn line(report: &Report, mask: &Mask, paint: Paint) -> String {
    let found = found(report);
    let skipped = skipped(&report.coverage, SkipReason::is_declared);
    let mut parts = Vec::new();
    if !report.is_complete() {
        let found = place(&found.unwrap_or_else(|| "nothing found".to_owned()), report);
        parts.push(format!("{} {}; {found}", paint.text(Role::Error, "INCOMPLETE:"), missed(report)));
        parts.extend(skipped);
    } else if report.findings.is_empty() && report.coverage.is_empty() {
        parts.push(format!("nothing to check: {}", escape(&mask.text(&report.scope))));
        parts.extend(skipped);
    } else if let Some(opened) = opened(report) {
        parts.extend(looked_at(&report.coverage, report.stage));
        parts.push(paint.text(Role::Error, format_args!("{opened} LET THROUGH by break-glass")).to_string());
        parts.extend(found);
        parts.extend(skipped);
    } else if is_clean(report) {
        parts.extend(looked_at(&report.coverage, report.stage));
        parts.push(paint.text(Role::Good, "clean").to_string());
        parts.extend(found);
        parts.extend(skipped);
    } else {
        let role = if report.count(Level::Deny) > 0 { Role::Error } else { Role::Warning };
        parts.push(place(&paint.text(role, found.unwrap_or_default()).to_string(), report));
        parts.extend(skipped);
    }
    if !report.suppressed.is_empty() {
        parts.push(format!("{} suppressed", report.suppressed.len()));
    }
    parts.push(duration(report.duration));
    let enforced = if report.enforced { "" } else { " (not enforced)" };
    // A part of a history that is clean is no clean history.
    let shard = report.shard.as_ref().map_or_else(String::new, |part| format!("shard {}: ", part.shard));
    format!("gatepost: {shard}{}{enforced}", parts.join(", "))
}

/// Whether there is nothing that somebody has to look at.
pub(crate) fn is_clean(report: &Report) -> bool {
    let quiet = report.count(Level::Deny) == 0 && report.count(Level::Warn) == 0;
    report.is_complete() && quiet && opened(report).is_none()
}

/// `2 findings`, that break-glass opened; `None` when it opened none.
fn opened(report: &Report) -> Option<String> {
    let by = report.suppressed.iter().filter(|s| matches!(s.by, Suppression::BreakGlass { .. }));
    Some(by.count() as u64).filter(|number| *number > 0).map(|number| count(number, "finding"))
}

/// `2 errors, 1 warning, 3 notes`, and where a secret stands in several places `(5 secrets in 12 places)`; `None` when
/// there are no findings.
fn found(report: &Report) -> Option<String> {
    let parts: Vec<String> = [(Level::Deny, "error"), (Level::Warn, "warning"), (Level::Note, "note")]
        .into_iter()
        .map(|(level, word)| (report.count(level), word))
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| count(number as u64, word))
        .collect();
    let found = (!parts.is_empty()).then(|| parts.join(", "))?;
    Some(secrets(report).map_or_else(|| found.clone(), |secrets| format!("{found} ({secrets})")))
}

/// `3 secrets in 7 places`; `None` when each stands in one.
fn secrets(report: &Report) -> Option<String> {
    let secrets = report.findings.iter().filter(|finding| finding.secret.is_some());
    let (number, places) = secrets.fold((0_u64, 0_u64), |(number, places), finding| {
        (number.saturating_add(1), places.saturating_add(finding.locations.len() as u64))
    });
    (places > number).then(|| format!("{} in {}", count(number, "secret"), count(places, "place")))
}

/// `2 errors in 14 files, 3 commits (12.3 KB)`.
fn place(found: &str, report: &Report) -> String {
    let looked_at = looked_at(&report.coverage, report.stage).join(", ");
    match (looked_at.as_str(), report.coverage.bytes) {
        ("", _) => found.to_owned(),
        (looked_at, 0) => format!("{found} in {looked_at}"),
        (looked_at, size) => format!("{found} in {looked_at} ({})", bytes(size)),
    }
}

/// What was looked at, in the words of the gate: files where there are files, else the objects, else the texts.
fn looked_at(coverage: &Coverage, stage: Stage) -> Vec<String> {
    let text = if stage == Stage::CommitMsg { "message" } else { "text" };
    let things = if coverage.files > 0 {
        Some((coverage.files, "file"))
    } else if coverage.blobs > 0 {
        Some((coverage.blobs, "blob"))
    } else if coverage.commits > 0 {
        None
    } else if coverage.texts > 0 {
        Some((coverage.texts, text))
    } else {
        Some((coverage.objects, "object")).filter(|(objects, _)| *objects > 0)
    };
    let commits = Some((coverage.commits, "commit")).filter(|(commits, _)| *commits > 0);
    things.into_iter().chain(commits).map(|(number, word)| count(number, word)).collect()
}

/// What was not judged: `1 problem, 3 missing`.
fn missed(report: &Report) -> String {
    let problems = Some(report.problems.len() as u64)
        .filter(|number| *number > 0)
        .map(|number| format!("{} could not be checked", count(number, "thing")));
    let skipped = skipped(&report.coverage, |reason| !reason.is_declared());
    problems.into_iter().chain(skipped).collect::<Vec<_>>().join(", ")
}

/// `2 skipped (1 too large, 1 excluded)`; `None` when nothing was skipped for such a reason.
fn skipped(coverage: &Coverage, wanted: impl Fn(SkipReason) -> bool) -> Option<String> {
    let skips: Vec<(SkipReason, u64)> = coverage
        .skipped
        .iter()
        .map(|(reason, number)| (*reason, *number))
        .filter(|(reason, number)| wanted(*reason) && *number > 0)
        .collect();
    let total = skips.iter().fold(0_u64, |total, (_, number)| total.saturating_add(*number));
    let reasons: Vec<String> =
        skips.iter().map(|(reason, number)| format!("{number} {}", words(*reason))).collect();
    (total > 0).then(|| format!("{total} skipped ({})", reasons.join(", ")))
}

const fn words(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::Excluded => "excluded",
        SkipReason::TooLarge => "too large",
        SkipReason::Ignored => "ignored",
        SkipReason::Submodule => "in submodules",
        SkipReason::Unreadable => "unreadable",
        SkipReason::Missing => "missing",
        SkipReason::Shallow => "beyond a shallow clone",
        SkipReason::TimeOut => "out of time",
        SkipReason::ArchiveLimit => "beyond the limits for archives",
        SkipReason::ArchiveRatio => "zip bombs",
        SkipReason::EncryptedArchive => "encrypted in archives",
        SkipReason::UnreadableArchive => "broken in archives",
        SkipReason::UnsupportedArchive => "packed in unknown ways",
    }
}

/// A size in decimal units, as disks and networks count: `999 B`, `12.3 KB`, `1.0 GB`.
pub(crate) fn bytes(size: u64) -> String {
    if size < 1000 {
        return format!("{size} B");
    }
    // What would round up to 1000.0 belongs to the next unit.
    let (mut value, mut unit) = (size as f64 / 1e3, "KB");
    for next in ["MB", "GB", "TB", "PB"] {
        if value < 999.95 {
            break;
        }
        (value, unit) = (value / 1e3, next);
    }
    format!("{value:.1} {unit}")
}

pub(crate) fn duration(took: Duration) -> String {
    let millis = took.as_millis();
    match took.as_secs() {
        0 if millis == 0 => "<1 ms".to_owned(),
        0 => format!("{millis} ms"),
        seconds @ 1..60 => format!("{seconds}.{} s", took.subsec_millis() / 100),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// A whole number with its digits in groups of three, `1,234,567`.
#[must_use]
pub fn grouped(number: impl std::fmt::Display) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn plain(report: &Report) -> String {
        line(report, &Mask::new(report, false), Paint { color: false })
    }

    #[test]
    fn sizes_and_times_read_well() {
        let sizes = [0, 999, 1000, 12_345, 999_949, 999_950, 3_400_000_000, u64::MAX];
        assert_eq!(
            sizes.map(bytes),
            ["0 B", "999 B", "1.0 KB", "12.3 KB", "999.9 KB", "1.0 MB", "3.4 GB", "18446.7 PB"]
        );
        let times = [0.0, 0.0004, 0.004, 0.999, 1.0, 2.35, 59.99, 60.0, 83.2].map(Duration::from_secs_f64);
        assert_eq!(
            times.map(duration),
            ["<1 ms", "<1 ms", "4 ms", "999 ms", "1.0 s", "2.3 s", "59.9 s", "1 min 0 s", "1 min 23 s"]
        );
    }

    #[test]
    fn a_run_that_looked_at_nothing_says_so() {
        let mut report = testing::empty();
        report.scope = "nothing staged".to_owned();
        assert_eq!(plain(&report), "gatepost: nothing to check: nothing staged, 4 ms");
        report.coverage.skip(SkipReason::Excluded);
        report.scope = "1 staged file".to_owned();
        assert_eq!(plain(&report), "gatepost: nothing to check: 1 staged file, 1 skipped (1 excluded), 4 ms");
    }

    #[test]
    fn what_was_looked_at_is_named_as_the_gate_names_it() {
        let mut report = testing::empty();
        report.coverage = Coverage { texts: 1, ..Coverage::default() };
        report.stage = Stage::CommitMsg;
        assert_eq!(plain(&report), "gatepost: 1 message, clean, 4 ms");
        report.stage = Stage::Scan;
        report.coverage = Coverage { blobs: 9, commits: 1, texts: 4, objects: 20, ..Coverage::default() };
        assert_eq!(plain(&report), "gatepost: 9 blobs, 1 commit, clean, 4 ms");
        report.coverage = Coverage { objects: 1, ..Coverage::default() };
        assert_eq!(plain(&report), "gatepost: 1 object, clean, 4 ms");
    }

    #[test]
    fn a_part_of_a_history_says_which_it_is() {
        let report = Report { findings: Vec::new(), suppressed: Vec::new(), ..testing::shard() };
        let report = Report { coverage: Coverage { blobs: 2, ..Coverage::default() }, ..report };
        assert_eq!(plain(&report), "gatepost: shard 3/16: 2 blobs, clean, 4 ms");
    }

    #[test]
    fn a_secret_in_many_places_is_counted_once() {
        let mut report = testing::empty();
        report.coverage.files = 9;
        report.findings = vec![testing::one_secret(), testing::one_secret(), testing::message_error()];
        assert_eq!(plain(&report), "gatepost: 3 errors in 9 files, 4 ms");
        let place = report.findings[0].locations[0].clone();
        report.findings[0].locations = vec![place; 6];
        assert_eq!(plain(&report), "gatepost: 3 errors (2 secrets in 7 places) in 9 files, 4 ms");
    }

    #[test]
    fn what_break_glass_let_through_never_reads_like_a_clean_run() {
        let mut report = testing::empty();
        report.coverage.files = 2;
        let by = Suppression::BreakGlass {
            id: "BG-20261124-1".to_owned(),
            reason: "payments are down".to_owned(),
            owner: "@oncall".to_owned(),
        };
        report.suppressed.push(gatepost_core::Suppressed { finding: testing::message_error(), by });
        assert_eq!(
            plain(&report),
            "gatepost: 2 files, 1 finding LET THROUGH by break-glass, 1 suppressed, 4 ms"
        );
        assert!(!is_clean(&report), "-q must not silence it");
    }

    #[test]
    fn an_incomplete_run_never_reads_like_a_clean_one() {
        let mut report = testing::empty();
        report.coverage.files = 2;
        report.coverage.skip(SkipReason::Missing);
        report.coverage.skip(SkipReason::TooLarge);
        assert_eq!(
            plain(&report),
            "gatepost: INCOMPLETE: 1 skipped (1 missing); nothing found in 2 files, \
             1 skipped (1 too large), 4 ms"
        );
    }
}
