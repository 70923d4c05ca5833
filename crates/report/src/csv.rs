//! CSV by RFC 4180: a row for each place of each finding, for spreadsheets and scripts.

use crate::foreign::{Row, line, owner, path, places, reason, rows, shown};
use crate::mask::Mask;
use crate::table::{Column, Table};
use crate::{Options, Reporter};
use gatepost_core::{Location, Report};
use std::io;

const COLUMNS: [Column; 20] = [
    Column::text("status"),
    Column::text("level"),
    Column::text("severity"),
    Column::text("confidence"),
    Column::text("code"),
    Column::text("rule"),
    Column::text("path"),
    Column::text("subject"),
    Column::number("line"),
    Column::number("column"),
    Column::number("end_line"),
    Column::number("end_column"),
    Column::text("commit"),
    Column::text("author"),
    Column::text("date"),
    Column::text("in_tip"),
    Column::text("secret"),
    Column::text("message"),
    Column::text("fingerprint"),
    Column::text("why_suppressed"),
];

/// The format `csv`.
#[derive(Clone, Copy, Debug)]
pub struct Csv;

impl Reporter for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn summary(&self) -> &'static str {
        "CSV (RFC 4180): a row for each place of each finding"
    }

    fn write(&self, report: &Report, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
        let mask = Mask::new(report, options.show_secrets);
        let mut cells = Vec::new();
        for row in rows(report) {
            cells.extend(places(row.finding).map(|at| self::cells(&row, &at, &mask)));
        }
        out.write_all(Table::new(&COLUMNS, cells).csv().as_bytes())?;
        out.flush()
    }
}

fn cells(row: &Row<'_>, at: &Location, mask: &Mask) -> Vec<String> {
    let Row { finding, by } = *row;
    let span = at.span;
    let number =
        |of: fn(gatepost_core::Span) -> u32| span.map_or_else(String::new, |span| of(span).to_string());
    let author = at.author.as_ref();
    let why = by.map_or_else(String::new, |by| {
        let owner = owner(by).map_or_else(String::new, |owner| format!(" [{}]", line(owner, mask)));
        format!("{}{owner}", reason(by, mask))
    });
    vec![
        by.map_or("found", |by| by.kind()).to_owned(),
        finding.level.as_str().to_owned(),
        finding.severity.as_str().to_owned(),
        finding.confidence.as_str().to_owned(),
        line(finding.code.as_str(), mask),
        line(&finding.rule, mask),
        path(at, mask).unwrap_or_default(),
        at.subject.as_deref().map_or_else(String::new, |subject| line(subject, mask)),
        number(|span| span.line),
        number(|span| span.column),
        number(|span| span.end_line),
        number(|span| span.end_column),
        at.commit.map_or_else(String::new, |id| id.to_string()),
        author.map_or_else(String::new, |who| line(&crate::wire::wire_author(who), mask)),
        author.and_then(|who| who.time).map_or_else(String::new, |time| time.to_string()),
        at.in_tip.map_or("", |there| if there { "yes" } else { "no" }).to_owned(),
        finding.secret.as_ref().map_or_else(String::new, |secret| shown(secret, mask)),
        line(&finding.message, mask),
        finding.fingerprint.as_str().to_owned(),
        why,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::read_csv;
    use crate::testing;
    use gatepost_core::RepoPath;
    use proptest::prelude::*;

    fn write(report: &Report) -> Vec<Vec<String>> {
        let mut out = Vec::new();
        Csv.write(report, &Options::default(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.ends_with("\r\n"));
        text.trim_end_matches("\r\n").split("\r\n").map(read_csv).collect()
    }

    #[test]
    fn every_place_is_a_row() {
        let report = testing::full();
        let table = write(&report);
        let places: usize = rows(&report).map(|row| row.finding.locations.len().max(1)).sum();
        assert_eq!(table.len(), places + 1);
        assert_eq!(table[0][0], "status");
        let first = &table[1];
        assert_eq!((first[0].as_str(), first[6].as_str(), first[8].as_str()), ("found", "dir/1.env", "3"));
        assert_eq!((first[13].as_str(), first[16].as_str()), ("Jane Doe <jane@example.com>", "ghp_********"));
        let last = table.last().unwrap();
        assert_eq!(last[0], "inline");
        assert_eq!(last[19], "a gatepost comment: an example");
        assert_eq!(write(&testing::empty()).len(), 1);
    }

    #[test]
    fn no_cell_is_a_formula() {
        let mut report = testing::empty();
        let mut finding = testing::one_secret();
        finding.message = "=HYPERLINK(\"https://evil.example\")".to_owned();
        finding.locations[0].path = Some(RepoPath::from("@SUM(1,2)\n=1"));
        report.findings.push(finding);
        let table = write(&report);
        assert_eq!(table[1][17], "'=HYPERLINK(\"https://evil.example\")");
        assert_eq!(table[1][6], "'@SUM(1,2)\\u{a}=1");
    }

    proptest! {
        #[test]
        fn any_report_comes_back_in_its_columns(report in testing::any_report()) {
            for row in write(&report) {
                prop_assert_eq!(row.len(), COLUMNS.len());
                let safe = |cell: &String| !cell.starts_with(['=', '+', '-', '@']) || cell.parse::<i64>().is_ok();
                prop_assert!(row.iter().all(safe), "{:?}", row);
            }
        }
    }
}
