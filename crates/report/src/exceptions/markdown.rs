//! As Markdown: to paste into a ticket or a meeting's minutes.

use super::Listing;
use crate::table::{Column, Table};

const COLUMNS: [Column; 11] = [
    Column::text("id"),
    Column::text("state"),
    Column::text("rule"),
    Column::text("status"),
    Column::text("owner"),
    Column::text("approver"),
    Column::number("age"),
    Column::number("uses"),
    Column::number("days left"),
    Column::text("expires"),
    Column::text("reason"),
];

pub(super) fn write(listing: &Listing<'_>, _: usize) -> String {
    let mut out = format!("# Exceptions on {}\n\n{}.\n", listing.today, listing.summary());
    if listing.records.is_empty() {
        return out;
    }
    if listing.audit {
        let count = |title: &'static str, rows: Vec<(&str, usize)>| {
            let rows = rows.into_iter().map(|(name, count)| vec![name.to_owned(), count.to_string()]);
            Table::new(&[Column::text(title), Column::number("exceptions")], rows.collect()).markdown()
        };
        out.push_str(&format!("\n{}", count("status", listing.by_status())));
        out.push_str(&format!("\n{}", count("owner", listing.by_owner())));
    }
    let rows = listing.records.iter().map(|record| {
        let exception = record.exception;
        vec![
            exception.id.clone(),
            listing.state(record).to_string(),
            exception.rule.clone(),
            exception.status.to_string(),
            exception.owner.clone(),
            exception.approver.clone().unwrap_or_default(),
            listing.age(record).map_or_else(|| "?".to_owned(), |days| days.to_string()),
            record.uses.shown(),
            listing.left(record).to_string(),
            exception.expires.to_string(),
            exception.reason.clone(),
        ]
    });
    out.push_str(&format!("\n{}", Table::new(&COLUMNS, rows.collect()).markdown()));
    out
}
