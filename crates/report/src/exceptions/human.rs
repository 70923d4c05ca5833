//! For a terminal: one line for each record, by state.

use super::{Listing, Record, Uses};
use crate::table::{Column, Table};
use gatepost_core::exception::ExceptionState;
use gatepost_core::text::escape;
use unicode_width::UnicodeWidthStr as _;

const LIST: [Column; 6] = [
    Column::text("ID"),
    Column::shrinking("RULE"),
    Column::text("STATUS"),
    Column::shrinking("OWNER"),
    Column::text("EXPIRES"),
    Column::number("LEFT"),
];

const AUDIT: [Column; 7] = [
    Column::text("ID"),
    Column::shrinking("RULE"),
    Column::text("STATUS"),
    Column::shrinking("OWNER"),
    Column::number("AGE"),
    Column::number("USES"),
    Column::number("LEFT"),
];

pub(super) fn write(listing: &Listing<'_>, width: usize) -> String {
    let mut out = String::new();
    if !listing.records.is_empty() {
        let columns = if listing.audit { &AUDIT[..] } else { &LIST[..] };
        let rows = listing.records.iter().map(|record| row(listing, record)).collect();
        let (titles, lines) = Table::new(columns, rows).lines(width);
        out.push_str(&titles);
        out.push('\n');
        let mut before = None;
        for (record, line) in listing.records.iter().zip(lines) {
            let state = listing.state(record);
            if before != Some(state) {
                out.push_str(&format!("{}:\n", heading(listing, state)));
                before = Some(state);
            }
            out.push_str(&line);
            out.push('\n');
        }
        out.push('\n');
    }
    let (records, parts) = listing.counted();
    wrapped(&records, &parts, width, &mut out);
    if listing.audit && !listing.records.is_empty() {
        totals(listing, width, &mut out);
    }
    out
}

fn row(listing: &Listing<'_>, record: &Record<'_>) -> Vec<String> {
    let exception = record.exception;
    let mut row = vec![
        exception.id.clone(),
        exception.rule.clone(),
        exception.status.to_string(),
        exception.owner.clone(),
    ];
    if listing.audit {
        row.push(listing.age(record).map_or_else(|| "?".to_owned(), |days| days.to_string()));
        row.push(record.uses.shown());
    } else {
        row.push(exception.expires.to_string());
    }
    row.push(listing.left(record).to_string());
    row
}

fn heading(listing: &Listing<'_>, state: ExceptionState) -> String {
    match state {
        ExceptionState::Expired => "expired".to_owned(),
        ExceptionState::Expiring => format!("in their last {} days", listing.warn_before_days),
        ExceptionState::Active => "active".to_owned(),
    }
}

fn totals(listing: &Listing<'_>, width: usize, out: &mut String) {
    let counted = |rows: Vec<(&str, usize)>| -> Vec<String> {
        let last = rows.len();
        let comma = |index: usize| if index + 1 < last { "," } else { "" };
        let row = |(index, (name, count)): (usize, (&str, usize))| {
            format!("{} {count}{}", escape(name), comma(index))
        };
        rows.into_iter().enumerate().map(row).collect()
    };
    wrapped("by status:", &counted(listing.by_status()), width, out);
    wrapped("by owner: ", &counted(listing.by_owner()), width, out);
    out.push_str("AGE and LEFT are days.");
    if listing.records.iter().any(|record| matches!(record.uses, Uses::Count(_))) {
        out.push_str(" USES are findings in the whole history and the index.");
    }
    if listing.records.iter().any(|record| record.uses == Uses::Untold) {
        out.push_str("\nA - in USES: the history cannot tell.");
    }
    if listing.records.iter().any(|record| record.uses == Uses::Unknown) {
        out.push_str("\nA ? in USES: nobody looked.");
    }
    out.push('\n');
}

/// Items behind a label, on as many lines as it takes.
fn wrapped(label: &str, items: &[String], width: usize, out: &mut String) {
    let indent = " ".repeat(label.len());
    let mut line = label.to_owned();
    for item in items {
        if line.width() + 1 + item.width() > width && line.trim() != label.trim() {
            out.push_str(&line);
            out.push('\n');
            line.clone_from(&indent);
        }
        line.push_str(&format!(" {item}"));
    }
    out.push_str(&line);
    out.push('\n');
}
