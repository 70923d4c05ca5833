//! Markdown: for the job summary of GitHub Actions, and for comments and tickets.
//!
//! Text is untrusted, and whoever reads it is logged in: nothing becomes a link, a picture or a tag, and nobody is called by
//! name. Job summaries have a limit, above which GitHub shows nothing at all: the report stays below half of it.

use crate::foreign::{bounded, first_place, headline, line, not_judged, owner, reason, rows, worst_first};
use crate::mask::Mask;
use crate::style::{Paint, count};
use crate::{Options, Reporter, summary};
use gatepost_core::{Level, Report};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The largest report in bytes. GitHub takes 1,024 KiB for all that a step writes.
const LARGEST: usize = 512 * 1024;

/// The longest cell.
const LONGEST: usize = 400;

/// The format `markdown`.
#[derive(Clone, Copy, Debug)]
pub struct Markdown;

impl Reporter for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn summary(&self) -> &'static str {
        "Markdown, at most 512 KiB: job summaries, comments, tickets"
    }

    fn write(&self, report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let mask = Mask::new(report, options.show_secrets);
        let mut page = Page::new(LARGEST);
        head(report, &mask, &mut page);
        for (level, title) in [(Level::Deny, "Errors"), (Level::Warn, "Warnings"), (Level::Note, "Notes")] {
            findings(report, level, title, &mask, &mut page);
        }
        suppressed(report, &mask, &mut page);
        notices(report, &mask, &mut page);
        out.write_all(page.text.as_bytes())?;
        out.flush()
    }
}

/// Text that says when it is full.
struct Page {
    text: String,
    most: usize,
}

impl Page {
    /// What ends a section that did not fit.
    const ROOM: usize = 200;

    const fn new(most: usize) -> Self {
        Self { text: String::new(), most }
    }

    fn has_room(&self, more: &str) -> bool {
        self.text.len().saturating_add(more.len()).saturating_add(Self::ROOM) < self.most
    }

    /// A section with as many rows as fit, and how many did not.
    fn section(&mut self, title: &str, head: &str, rows: impl Iterator<Item = String>) {
        let mut rows = rows.peekable();
        if rows.peek().is_none() {
            return;
        }
        let opening = format!("\n{title}\n\n{head}");
        if !self.has_room(&opening) {
            return;
        }
        self.text.push_str(&opening);
        let mut left_out = 0_u64;
        for row in rows {
            if left_out == 0 && self.has_room(&row) {
                self.text.push_str(&row);
            } else {
                left_out += 1;
            }
        }
        if left_out > 0 {
            self.text.push_str(&format!(
                "\n{} not shown here: the report in JSON has all\n",
                count(left_out, "more row")
            ));
        }
    }
}

fn head(report: &Report, mask: &Mask, page: &mut Page) {
    let (sign, word) = match report.outcome() {
        gatepost_core::Outcome::Pass => ("\u{2705}", "passed"),
        gatepost_core::Outcome::Violations => ("\u{274c}", "found what must not pass"),
        gatepost_core::Outcome::Incomplete => ("\u{26a0}\u{fe0f}", "could not judge everything"),
        gatepost_core::Outcome::Error => ("\u{274c}", "failed"),
    };
    page.text.push_str(&format!("## {sign} gatepost {word}\n\n"));
    page.text.push_str(&format!(
        "{}\n\n",
        plain(&bounded(&summary::line(report, mask, Paint { color: false }), LONGEST))
    ));
    page.text.push_str(&format!(
        "Judged: {}, at {}, by gatepost {}.\n",
        plain(&bounded(&line(&report.scope, mask), LONGEST)),
        report.stage,
        report.version
    ));
    let problems = not_judged(report, mask);
    page.section(
        "### Not judged",
        "",
        problems.iter().map(|what| format!("- {}\n", plain(&bounded(what, LONGEST)))),
    );
    let mut rules: BTreeMap<&str, u64> = BTreeMap::new();
    for finding in &report.findings {
        *rules.entry(finding.code.as_str()).or_default() += 1;
    }
    if rules.len() > 1 {
        let mut rules: Vec<_> = rules.into_iter().collect();
        rules.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
        let rows = rules.iter().map(|(rule, number)| format!("| {} | {number} |\n", code(&line(rule, mask))));
        page.section("### By rule", "| rule | findings |\n| --- | --: |\n", rows);
    }
}

fn findings(report: &Report, level: Level, title: &str, mask: &Mask, page: &mut Page) {
    let own = rows(report).filter(|row| row.by.is_none() && row.finding.level == level);
    let (rows, _) = worst_first(own, 0);
    let cells = rows.iter().map(|row| {
        let finding = row.finding;
        let more = match finding.locations.len() {
            0 | 1 => String::new(),
            places => format!(" and {} more", places - 1),
        };
        let first = finding.locations.first();
        let commit =
            first.and_then(|at| at.commit).map_or_else(String::new, |id| code(&id.short().to_string()));
        let fix =
            finding.fix.first().map_or_else(String::new, |fix| plain(&bounded(&line(fix, mask), LONGEST)));
        format!(
            "| {} | {}{more} | {} | {} | {commit} | {fix} |\n",
            code(&line(finding.code.as_str(), mask)),
            code(&bounded(&first_place(finding, mask), LONGEST)),
            plain(&bounded(&headline(finding, mask), LONGEST)),
            finding.severity.as_str(),
        )
    });
    let title = format!("### {title} ({})", rows.len());
    page.section(
        &title,
        "| rule | where | what | severity | commit | next |\n| --- | --- | --- | --- | --- | --- |\n",
        cells,
    );
}

fn suppressed(report: &Report, mask: &Mask, page: &mut Page) {
    let rows = report.suppressed.iter().map(|one| {
        format!(
            "| {} | {} | {} | {} |\n",
            code(&line(one.finding.code.as_str(), mask)),
            code(&bounded(&first_place(&one.finding, mask), LONGEST)),
            plain(&bounded(&reason(&one.by, mask), LONGEST)),
            owner(&one.by).map_or_else(String::new, |owner| code(&line(owner, mask))),
        )
    });
    let title = format!("### Suppressed ({})", report.suppressed.len());
    page.section(&title, "| rule | where | by what | owner |\n| --- | --- | --- | --- |\n", rows);
}

fn notices(report: &Report, mask: &Mask, page: &mut Page) {
    let rows =
        report.notices.iter().map(|notice| format!("- {}\n", plain(&bounded(&line(notice, mask), LONGEST))));
    page.section("### Notices", "", rows);
}

/// Text as code: nothing in it means anything, in a table either.
pub(crate) fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    // A code span cannot have a backtick unless its own are more; and a table ends cells at bars, in code too.
    let ticks = if text.contains('`') { "``" } else { "`" };
    let (text, pad) = (text.replace("``", "` `").replace('|', "\\|"), if ticks.len() > 1 { " " } else { "" });
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// Text in which nothing marks anything up, links, calls or loads: what could is escaped, and an address is no link.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '-' | '.' | '!'
            | '|' | '~' | '>' | '$' | ':' => {
                out.push('\\');
                out.push(character);
            }
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            // A name behind it would be called: nothing is between the two that anybody sees.
            '@' => out.push_str("@<!-- -->"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use gatepost_core::RepoPath;
    use proptest::prelude::*;

    fn write(report: &Report) -> String {
        let mut out = Vec::new();
        Markdown.write(report, &Options::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_full_report_and_a_clean_one() {
        insta::assert_snapshot!(write(&testing::full()));
        insta::assert_snapshot!(write(&testing::empty()));
    }

    #[test]
    fn text_marks_nothing_up() {
        let mut report = testing::empty();
        let mut finding = testing::one_secret();
        finding.message =
            "![x](https://evil.example/p.png) <img src=x> @everyone | `a` &lt; https://evil.example"
                .to_owned();
        finding.locations[0].path = Some(RepoPath::from("a|b``c`<b>\n# x"));
        report.findings.push(finding);
        let text = write(&report);
        assert!(!text.contains("](") && !text.contains("<img") && !text.contains("@everyone"), "{text}");
        assert!(!text.contains("https://"), "{text}");
        assert_eq!(text.lines().filter(|line| line.starts_with('#')).count(), 2, "{text}");
    }

    #[test]
    fn it_stays_below_the_limit_and_says_what_is_missing() {
        let mut report = testing::empty();
        report.findings = std::iter::repeat_with(testing::one_secret).take(20_000).collect();
        report.suppressed = testing::full().suppressed;
        let text = write(&report);
        assert!(text.len() < LARGEST && text.len() > LARGEST / 2, "{}", text.len());
        assert!(text.contains("more rows not shown here"), "{}", text.len());
    }

    proptest! {
        #[test]
        fn any_report_has_whole_tables(report in testing::any_report()) {
            let text = write(&report);
            let cells = |line: &str| line.replace("\\|", "").matches('|').count();
            let mut of = 0;
            for line in text.lines() {
                if line.starts_with("| rule") {
                    of = cells(line);
                }
                if line.starts_with("| ") {
                    prop_assert_eq!(cells(line), of, "{}", line);
                }
            }
        }
    }
}
