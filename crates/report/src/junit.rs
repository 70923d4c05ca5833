//! The XML of `JUnit`, for Jenkins, GitLab, Bitbucket, CircleCI and Azure DevOps: a suite for each check, a case for each finding.
//!
//! A check that found nothing is a case that passed: readers take a suite without cases for one that never ran. What denies
//! is a failure; a warning is a case that passed and says so in its output, since the format knows nothing between; what is
//! suppressed is skipped; what could not be judged is an error.

use crate::foreign::{Row, advice, file, first_place, headline, line, not_judged, reason, rows};
use crate::mask::Mask;
use crate::{Options, Reporter, xml};
use gatepost_core::check::CHECKS;
use gatepost_core::{Level, Report};
use std::io::{self, BufWriter, Write};

/// The format `junit`.
#[derive(Clone, Copy, Debug)]
pub struct Junit;

impl Reporter for Junit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn summary(&self) -> &'static str {
        "JUnit XML: Jenkins, GitLab, Bitbucket, CircleCI, Azure DevOps"
    }

    fn write(&self, report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let mask = Mask::new(report, options.show_secrets);
        let suites = suites(report, &mask);
        let mut out = BufWriter::new(out);
        let sum = |count: fn(&Case) -> bool| {
            suites.iter().flat_map(|suite| &suite.cases).filter(|case| count(case)).count()
        };
        let time = report.duration.as_secs_f64();
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(
            out,
            "<testsuites name=\"gatepost\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{time:.3}\">",
            sum(|_| true),
            sum(Case::is_failure),
            sum(Case::is_error),
            sum(Case::is_skipped),
        )?;
        let timestamp = report.about.started.map(|started| started.to_string());
        // Readers add the times of suites up: only the first has one.
        for (number, suite) in suites.iter().enumerate() {
            suite.write(timestamp.as_deref(), if number == 0 { time } else { 0.0 }, &mut out)?;
        }
        writeln!(out, "</testsuites>")?;
        out.flush()
    }
}

/// What became of a case.
enum Verdict {
    Passed,
    /// With what there is to say all the same.
    PassedWith(String),
    Failed {
        kind: &'static str,
        message: String,
        text: String,
    },
    Skipped(String),
    Error(String),
}

struct Case {
    name: String,
    class: String,
    file: Option<(String, u32)>,
    verdict: Verdict,
}

impl Case {
    const fn is_failure(&self) -> bool {
        matches!(self.verdict, Verdict::Failed { .. })
    }

    const fn is_error(&self) -> bool {
        matches!(self.verdict, Verdict::Error(_))
    }

    const fn is_skipped(&self) -> bool {
        matches!(self.verdict, Verdict::Skipped(_))
    }
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

/// The checks that judged, the families of findings beside them, and the run itself.
fn suites(report: &Report, mask: &Mask) -> Vec<Suite> {
    let mut named: Vec<(&str, &str)> = report.about.checks.clone();
    for row in rows(report) {
        let section = section(row.finding.family);
        if !named.iter().any(|(known, _)| *known == section) {
            named.push((section, section));
        }
    }
    let mut suites: Vec<Suite> =
        named.into_iter().map(|(section, title)| suite(report, section, title, mask)).collect();
    let run: Vec<Case> = not_judged(report, mask)
        .into_iter()
        .map(|what| Case {
            name: what.clone(),
            class: "gatepost.run".to_owned(),
            file: None,
            verdict: Verdict::Error(what),
        })
        .collect();
    let complete = || Case {
        name: format!("everything was judged: {}", line(&report.scope, mask)),
        class: "gatepost.run".to_owned(),
        file: None,
        verdict: Verdict::Passed,
    };
    let cases = if run.is_empty() { vec![complete()] } else { run };
    suites.push(Suite { name: "gatepost.run".to_owned(), cases });
    suites
}

fn suite(report: &Report, section: &str, title: &str, mask: &Mask) -> Suite {
    let own = rows(report).filter(|row| self::section(row.finding.family) == section);
    let mut cases: Vec<Case> = own.map(|row| case(&row, mask)).collect();
    if !cases.iter().any(Case::is_failure) {
        let passed = Case {
            name: format!("{title}: nothing that denies"),
            class: format!("gatepost.{section}"),
            file: None,
            verdict: Verdict::Passed,
        };
        cases.insert(0, passed);
    }
    Suite { name: format!("gatepost.{section}"), cases }
}

/// The section of the check that a family belongs to: the first that has it.
fn section(family: &'static str) -> &'static str {
    CHECKS.iter().find(|check| check.family == family).map_or(family, |check| check.section)
}

fn case(row: &Row<'_>, mask: &Mask) -> Case {
    let Row { finding, by } = *row;
    let at = finding.locations.first();
    let file = at.and_then(|at| {
        let span = at.span.filter(|_| at.inner.is_empty());
        Some((file(at, mask)?, span.map_or(1, |span| span.line)))
    });
    let place = first_place(finding, mask);
    let text = || format!("{}\n{place}\n{}", advice(finding, mask), finding.fingerprint.as_str());
    let verdict = match (by, finding.level) {
        (Some(by), _) => Verdict::Skipped(reason(by, mask)),
        (None, Level::Deny) => Verdict::Failed {
            kind: finding.severity.as_str(),
            message: headline(finding, mask),
            text: text(),
        },
        (None, level) => Verdict::PassedWith(format!("{}: {}", level.as_str(), text())),
    };
    Case {
        name: format!("{}: {place}", line(finding.code.as_str(), mask)),
        class: format!("gatepost.{}", section(finding.family)),
        file,
        verdict,
    }
}

impl Suite {
    fn write(&self, timestamp: Option<&str>, time: f64, out: &mut dyn Write) -> io::Result<()> {
        let count = |which: fn(&Case) -> bool| self.cases.iter().filter(|case| which(case)).count();
        let timestamp = timestamp.map_or_else(String::new, |at| format!(" timestamp=\"{}\"", xml::text(at)));
        writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{time:.3}\"{timestamp}>",
            xml::text(&self.name),
            self.cases.len(),
            count(Case::is_failure),
            count(Case::is_error),
            count(Case::is_skipped),
        )?;
        for case in &self.cases {
            case.write(out)?;
        }
        writeln!(out, "  </testsuite>")
    }
}

impl Case {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let file = self.file.as_ref().map_or_else(String::new, |(path, line)| {
            format!(" file=\"{}\" line=\"{line}\"", xml::text(path))
        });
        let (class, name) = (xml::text(&self.class), xml::text(&self.name));
        write!(out, "    <testcase classname=\"{class}\" name=\"{name}\"{file} time=\"0\"")?;
        match &self.verdict {
            Verdict::Passed => return writeln!(out, "/>"),
            Verdict::PassedWith(text) => write!(out, "><system-out>{}</system-out>", xml::lines(text))?,
            Verdict::Failed { kind, message, text } => {
                let (message, text) = (xml::text(message), xml::lines(text));
                write!(out, "><failure message=\"{message}\" type=\"{kind}\">{text}</failure>")?;
            }
            Verdict::Skipped(why) => write!(out, "><skipped message=\"{}\"/>", xml::text(why))?,
            Verdict::Error(what) => {
                write!(out, "><error message=\"{}\" type=\"incomplete\"/>", xml::text(what))?;
            }
        }
        writeln!(out, "</testcase>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use gatepost_core::RepoPath;
    use proptest::prelude::*;

    fn write(report: &Report) -> String {
        let mut out = Vec::new();
        Junit.write(report, &Options::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// The names of the elements in order, `/` before those that end; panics where the text is no XML.
    fn elements(text: &str) -> Vec<String> {
        let (mut found, mut open) = (Vec::new(), Vec::new());
        for piece in text.split('<').skip(2) {
            let (tag, rest) = piece.split_once('>').unwrap();
            assert!(!rest.contains('>'), "{piece}");
            let plain = rest.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "");
            assert!(!plain.replace("&quot;", "").replace("&#39;", "").contains('&'), "{piece}");
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            let name = tag.trim_end_matches('/').split(' ').next().unwrap();
            found.push(name.to_owned());
            match name.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop().as_deref(), Some(name)),
                None if tag.ends_with('/') => {}
                None => open.push(name.to_owned()),
            }
        }
        assert!(open.is_empty(), "{open:?}");
        found
    }

    #[test]
    fn a_full_report_has_every_verdict() {
        insta::assert_snapshot!(write(&testing::full()));
        elements(&write(&testing::full()));
    }

    #[test]
    fn a_clean_run_has_a_case_that_passed_for_each_check() {
        let text = write(&testing::empty());
        assert!(text.contains("tests=\"3\" failures=\"0\" errors=\"0\" skipped=\"0\""), "{text}");
        assert!(text.contains("name=\"commit messages: nothing that denies\""), "{text}");
        elements(&text);
    }

    #[test]
    fn what_could_not_be_judged_is_an_error() {
        let mut report = testing::empty();
        report.coverage.skip(gatepost_core::SkipReason::Shallow);
        let text = write(&report);
        assert!(
            text.contains("errors=\"1\"") && text.contains("1 skipped and not judged: shallow"),
            "{text}"
        );
    }

    #[test]
    fn a_path_cannot_break_out() {
        let mut report = testing::empty();
        let mut finding = testing::one_secret();
        finding.locations[0].path = Some(RepoPath::from("\"/><script>\u{1b}[2J]]>&amp;"));
        report.findings.push(finding);
        let text = write(&report);
        assert!(!text.contains("<script") && !text.contains('\u{1b}'), "{text}");
        assert!(text.contains("&quot;/&gt;&lt;script&gt;\\u{1b}[2J]]&gt;&amp;amp;"), "{text}");
        elements(&text);
    }

    proptest! {
        #[test]
        fn any_report_is_xml_and_its_counts_are_right(report in testing::any_report()) {
            let text = write(&report);
            let elements = elements(&text);
            let count = |name: &str| elements.iter().filter(|element| *element == name).count();
            let head = format!(
                "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
                count("testcase"), count("failure"), count("error"), count("skipped")
            );
            prop_assert!(text.contains(&head), "{}", text);
        }
    }
}
