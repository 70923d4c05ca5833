//! Annotations of GitHub Actions: workflow commands on standard output, which the runner turns into marks at lines of the diff.
//!
//! GitHub shows ten of a kind for each step and drops the rest silently: the worst nine are written, and one that says how many
//! more there are. The job summary, which has them all, is Markdown (`crate::markdown`).

use crate::foreign::{Row, advice, bounded, file, first_place, headline, not_judged, rows, worst_first};
use crate::mask::Mask;
use crate::style::Paint;
use crate::{Options, Reporter, summary};
use gatepost_core::text::without_commands;
use gatepost_core::{Level, Report};
use std::io::{self, BufWriter, Write};

/// So many annotations of a kind are shown.
const SHOWN: usize = 9;

/// More than anybody reads beside a diff.
const LONGEST: usize = 4000;

/// The format `github`.
#[derive(Clone, Copy, Debug)]
pub struct Github;

impl Reporter for Github {
    fn name(&self) -> &'static str {
        "github"
    }

    fn summary(&self) -> &'static str {
        "annotations of GitHub Actions, and the job summary where GITHUB_STEP_SUMMARY names its file"
    }

    fn write(&self, report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let mask = Mask::new(report, options.show_secrets);
        let mut out = BufWriter::new(out);
        let not_judged = not_judged(report, &mask);
        let errors = not_judged.iter().map(|what| Annotation {
            title: "gatepost could not judge everything".to_owned(),
            place: None,
            text: what.clone(),
        });
        let of = |level| annotations(report, level, &mask);
        kind("error", errors.chain(of(Level::Deny)).collect(), &mut out)?;
        kind("warning", of(Level::Warn), &mut out)?;
        // No command: `::` means something to the runner at the beginning of a line only.
        let summary = summary::line(report, &mask, Paint { color: false });
        writeln!(out, "{}", without_commands(&summary))?;
        out.flush()
    }
}

struct Annotation {
    title: String,
    /// The path, the first line and column, the last line, the column after the last.
    place: Option<(String, [u32; 4])>,
    text: String,
}

/// The findings of a level, the worst first where there are more than are shown. What is only noted has no annotation.
fn annotations(report: &Report, level: Level, mask: &Mask) -> Vec<Annotation> {
    let own = rows(report).filter(|row| row.by.is_none() && row.finding.level == level);
    let (rows, _) = worst_first(own, SHOWN);
    let annotation = |Row { finding, .. }: &Row<'_>| {
        let at = finding.locations.first();
        let place = at.and_then(|at| {
            // The place in an archive is none in the file.
            let span = at.span.filter(|_| at.inner.is_empty());
            let numbers = span.map_or([1, 1, 1, 1], |s| [s.line, s.character, s.end_line, s.end_character]);
            Some((file(at, mask)?, numbers))
        });
        let text = match &place {
            Some(_) if at.is_some_and(|at| at.inner.is_empty()) => advice(finding, mask),
            _ => format!("{}\n{}", first_place(finding, mask), advice(finding, mask)),
        };
        Annotation { title: bounded(&headline(finding, mask), 255), place, text }
    };
    rows.iter().map(annotation).collect()
}

fn kind(kind: &str, annotations: Vec<Annotation>, out: &mut dyn Write) -> io::Result<()> {
    let total = annotations.len();
    // Where there are ten, the tenth fits as well.
    let shown = if total > SHOWN + 1 { SHOWN } else { total };
    for Annotation { title, place, text } in annotations.into_iter().take(shown) {
        let place = place.map_or_else(String::new, |(path, [line, column, end_line, end_column])| {
            let columns = if line == end_line {
                format!(",col={column},endColumn={}", end_column.saturating_sub(1).max(column))
            } else {
                String::new()
            };
            format!("file={},line={line},endLine={end_line}{columns},", property(&path))
        });
        writeln!(out, "::{kind} {place}title={}::{}", property(&title), data(&bounded(&text, LONGEST)))?;
    }
    if total > shown {
        let more = total - shown;
        writeln!(
            out,
            "::{kind} title=gatepost::{more} more, which GitHub does not show here: the job summary and the log have them"
        )?;
    }
    Ok(())
}

/// Text after the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, where commas and colons end it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use gatepost_core::{RepoPath, Severity};
    use proptest::prelude::*;

    fn write(report: &Report) -> String {
        let mut out = Vec::new();
        Github.write(report, &Options::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_report_is_told_in_commands() {
        let mut report = testing::full();
        report.findings.truncate(4);
        insta::assert_snapshot!(write(&report));
    }

    #[test]
    fn ten_are_shown_and_of_more_the_worst_nine_and_how_many_more() {
        let many = |count: usize| {
            let mut report = testing::empty();
            let mild = || {
                let mut finding = testing::one_secret();
                finding.severity = Severity::Low;
                finding
            };
            report.findings = std::iter::repeat_with(mild).take(count - 1).collect();
            report
                .findings
                .push(gatepost_core::Finding { message: "the worst".to_owned(), ..testing::one_secret() });
            write(&report)
        };
        assert_eq!(many(10).matches("::error").count(), 10);
        let text = many(30);
        assert_eq!(text.matches("::error").count(), 10);
        assert!(text.contains("::error title=gatepost::21 more"), "{text}");
        assert!(text.lines().next().unwrap().contains("the worst"), "{text}");
    }

    #[test]
    fn nothing_untrusted_becomes_a_command() {
        let mut report = testing::empty();
        let mut finding = testing::one_secret();
        finding.message = "x\n::stop-commands::z\r\n%0A::error::y".to_owned();
        finding.locations[0].path = Some(RepoPath::from("a,line=1::error::b\n::warning::c"));
        report.findings.push(finding);
        report.scope = "\n::add-mask::a".to_owned();
        let text = write(&report);
        assert_eq!(text.lines().filter(|line| line.starts_with("::")).count(), 1, "{text}");
        assert!(text.starts_with("::error file=a%2Cline=1%3A%3Aerror%3A%3Ab"), "{text}");
        assert!(text.contains("%250A::error"), "{text}");
    }

    #[test]
    fn the_last_line_is_no_command_either() {
        let mut report = testing::empty();
        report.scope = "::error::x ##[error]y".to_owned();
        assert!(
            write(&report).starts_with("gatepost: nothing to check: ::error::x # #[error]y"),
            "{}",
            write(&report)
        );
    }

    proptest! {
        #[test]
        fn any_report_has_only_our_commands(report in testing::any_report()) {
            let text = write(&report);
            for line in text.lines().filter(|line| line.trim_start().starts_with("::")) {
                prop_assert!(line.starts_with("::error ") || line.starts_with("::warning "), "{}", line);
                let (head, _) = line.trim_start_matches(':').split_once("::").unwrap();
                prop_assert!(head.contains("title="), "{}", line);
            }
            prop_assert!(text.matches("\n::").count() <= 21);
        }
    }
}
