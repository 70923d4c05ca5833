//! What the formats of other tools have in common: every finding with what became of it, places in words, and lengths that
//! their readers take. Nothing leaves this module unmasked, and nothing that would act on a terminal.

use crate::mask::Mask;
use gatepost_core::report::Suppression;
use gatepost_core::text::escape;
use gatepost_core::{Finding, Location, RepoPath, Report, Secret, Timestamp};
use std::borrow::Cow;

/// Where gatepost comes from.
pub(crate) const HOME: &str = "https://github.com/gatepost/gatepost";

/// A finding, and what suppressed it.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) finding: &'a Finding,
    pub(crate) by: Option<&'a Suppression>,
}

/// Every finding, those that count first.
pub(crate) fn rows(report: &Report) -> impl Iterator<Item = Row<'_>> {
    let found = report.findings.iter().map(|finding| Row { finding, by: None });
    found.chain(report.suppressed.iter().map(|one| Row { finding: &one.finding, by: Some(&one.by) }))
}

/// The places of a finding; of one that has none, a place that says nothing.
pub(crate) fn places(finding: &Finding) -> impl Iterator<Item = Cow<'_, Location>> {
    let none = finding.locations.is_empty().then(|| Cow::Owned(Location::default()));
    finding.locations.iter().map(Cow::Borrowed).chain(none)
}

/// Every finding, the worst first where there are more than `most`; and whether that was so.
pub(crate) fn worst_first<'a>(rows: impl Iterator<Item = Row<'a>>, most: usize) -> (Vec<Row<'a>>, bool) {
    let mut rows: Vec<Row<'a>> = rows.collect();
    let many = rows.len() > most;
    if many {
        rows.sort_by_key(|row| {
            std::cmp::Reverse((
                row.by.is_none(),
                row.finding.level,
                row.finding.severity,
                row.finding.confidence,
            ))
        });
    }
    (rows, many)
}

/// Text in one line, masked and without anything that acts on a terminal.
pub(crate) fn line(text: &str, mask: &Mask) -> String {
    escape(&mask.text(text).replace(['\n', '\t'], " ")).into_owned()
}

/// As much of `text` as has `most` UTF-16 code units, which is what readers count where they say characters.
pub(crate) fn bounded(text: &str, most: usize) -> String {
    const MORE: char = '\u{2026}';
    if text.encode_utf16().count() <= most {
        return text.to_owned();
    }
    let mut left = most.saturating_sub(MORE.len_utf16());
    let mut out = String::new();
    for character in text.chars() {
        let Some(rest) = left.checked_sub(character.len_utf16()) else { break };
        left = rest;
        out.push(character);
    }
    out.push(MORE);
    out
}

/// The bytes of a path without the secrets in it.
pub(crate) fn masked(path: &RepoPath, mask: &Mask) -> RepoPath {
    RepoPath::new(mask.bytes(path.as_bytes()))
}

/// The path in words, with those inside archives: `lib/app.jar!/conf/x.env`. `None`: there is none.
pub(crate) fn path(location: &Location, mask: &Mask) -> Option<String> {
    Some(format!("{}{}", file(location, mask)?, inner(location, mask)))
}

/// The file of the repository, without what is inside an archive: what readers can open. `None`: there is none.
pub(crate) fn file(location: &Location, mask: &Mask) -> Option<String> {
    let outer = masked(location.path.as_ref()?, mask);
    Some(escape(&outer.escaped()).into_owned())
}

/// What follows the name of an archive: `!/conf/x.env`.
pub(crate) fn inner(location: &Location, mask: &Mask) -> String {
    let names = location.inner.iter();
    names.map(|name| format!("!/{}", escape(&masked(name, mask).escaped()))).collect()
}

/// Where it is, in words: `config/prod.env:12:5`, `commit message of 3333333:1:1`.
pub(crate) fn place(location: &Location, mask: &Mask) -> String {
    let what = path(location, mask).unwrap_or_else(|| {
        let subject = location.subject.as_deref().unwrap_or("somewhere");
        let of = location.commit.map_or_else(String::new, |commit| format!(" of {}", commit.short()));
        format!("{}{}{of}", line(subject, mask), inner(location, mask))
    });
    match location.span {
        Some(span) => format!("{what}:{}:{}", span.line, span.column),
        None => what,
    }
}

/// Where the first place of a finding is, in words.
pub(crate) fn first_place(finding: &Finding, mask: &Mask) -> String {
    finding.locations.first().map_or_else(|| "no place".to_owned(), |location| place(location, mask))
}

/// What was found, in one line, with the redacted secret.
pub(crate) fn headline(finding: &Finding, mask: &Mask) -> String {
    let said = [&finding.message, &finding.name].into_iter().find(|text| !text.trim().is_empty());
    let message = line(said.map_or(finding.code.as_str(), String::as_str), mask);
    match finding.secret.as_ref() {
        Some(secret) => format!("{message} ({})", shown(secret, mask)),
        None => message,
    }
}

/// The secret, as it may be shown.
pub(crate) fn shown(secret: &Secret, mask: &Mask) -> String {
    if mask.shows_secrets() {
        line(&String::from_utf8_lossy(secret.reveal()), mask)
    } else {
        secret.redacted()
    }
}

/// What was found, where else it stands and what to do, a line each.
pub(crate) fn advice(finding: &Finding, mask: &Mask) -> String {
    let mut lines = vec![headline(finding, mask)];
    lines.extend(finding.why.iter().map(|why| line(why, mask)));
    lines.extend(finding.fix.iter().map(|fix| format!("Fix: {}", line(fix, mask))));
    lines.join("\n")
}

/// What suppressed a finding, in one line: `exception EX-2026-0007 (@platform, until 2027-05-22): documented example`.
pub(crate) fn reason(by: &Suppression, mask: &Mask) -> String {
    let text = match by {
        Suppression::Exception(exception) => format!(
            "exception {} ({}, until {}): {}",
            exception.id, exception.owner, exception.expires, exception.reason
        ),
        Suppression::BreakGlass { id, reason, owner } => format!("break-glass {id} ({owner}): {reason}"),
        Suppression::Baseline => "the baseline has it".to_owned(),
        Suppression::AllowList { entry, reason } => format!("allowed, {entry}: {reason}"),
        Suppression::Exempt { entry, reason } => format!("exempt, {entry}: {reason}"),
        Suppression::Inline { dialect, reason, .. } => {
            format!("a {dialect} comment: {}", reason.as_deref().unwrap_or("no reason given"))
        }
    };
    line(&text, mask)
}

/// Who answers for what suppressed a finding.
pub(crate) fn owner(by: &Suppression) -> Option<&str> {
    match by {
        Suppression::Exception(exception) => Some(&exception.owner),
        Suppression::BreakGlass { owner, .. } => Some(owner),
        _ => None,
    }
}

/// When the run ended, to the second.
pub(crate) fn ended(report: &Report, started: Timestamp) -> Timestamp {
    let seconds = i64::try_from(report.duration.as_secs()).unwrap_or(i64::MAX);
    Timestamp { seconds: started.seconds.saturating_add(seconds), ..started }
}

/// What could not be judged, a line each: problems, and what was skipped though nothing declares it.
pub(crate) fn not_judged(report: &Report, mask: &Mask) -> Vec<String> {
    let problems = report.problems.iter().map(|problem| {
        let place = problem.place.as_deref().map_or_else(String::new, |place| format!(" ({place})"));
        line(&format!("{}{place}: {}", problem.what, problem.fix), mask)
    });
    let skipped = report.coverage.skipped.iter();
    let skipped = skipped
        .filter(|(reason, count)| **count > 0 && !reason.is_declared())
        .map(|(reason, count)| format!("{count} skipped and not judged: {}", reason.as_str()));
    problems.chain(skipped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn text_is_cut_at_characters_and_says_so() {
        assert_eq!(bounded("abc", 3), "abc");
        assert_eq!(bounded("abcd", 3), "ab\u{2026}");
        assert_eq!(bounded("a\u{1f600}\u{1f600}", 4), "a\u{1f600}\u{2026}");
        assert_eq!(bounded("a\u{1f600}\u{1f600}", 3), "a\u{2026}");
    }

    #[test]
    fn the_worst_come_first_only_where_there_are_too_many() {
        let report = testing::full();
        let (all, many) = worst_first(rows(&report), 100);
        assert!(!many && all[2].finding.rule == "npm-token");
        let (sorted, many) = worst_first(rows(&report), 2);
        assert!(many && sorted.len() == all.len());
        let counts: Vec<bool> = sorted.iter().map(|row| row.by.is_none()).collect();
        assert!(counts.is_sorted_by_key(|counted| !counted));
    }

    #[test]
    fn places_are_said_in_words() {
        let report = testing::full();
        let mask = Mask::new(&report, false);
        let places: Vec<String> = report.findings.iter().map(|f| first_place(f, &mask)).collect();
        assert_eq!(
            places,
            [
                "dir/1.env:3:5",
                "config/prod.env:12:17",
                "notes/a.yml!/lib/a.jar!/b/c.yml",
                "commit message of 333333333333:1:1",
                "no place"
            ]
        );
    }
}
