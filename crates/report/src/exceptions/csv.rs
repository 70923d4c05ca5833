//! As CSV: every key of a record, and what is known of it, one column each.

use super::Listing;
use crate::table::{Column, Table};
use gatepost_core::policy::{Value, exception_keys};

pub(super) fn write(listing: &Listing<'_>, _: usize) -> String {
    let known = ["state", "age_days", "uses", "days_left"].map(Column::text);
    let columns: Vec<Column> =
        exception_keys().iter().map(|key| Column::text(key.name)).chain(known).collect();
    let rows = listing.records.iter().map(|record| {
        let fields = record.exception.fields();
        let cell = |key: &str| {
            let value = fields.iter().find(|(name, _)| *name == key).map(|(_, value)| value);
            value.map_or_else(String::new, plain)
        };
        let number = |number: Option<String>| number.unwrap_or_default();
        let mut row: Vec<String> = exception_keys().iter().map(|key| cell(key.name)).collect();
        row.push(listing.state(record).to_string());
        row.push(number(listing.age(record).map(|days| days.to_string())));
        row.push(number(record.uses.count().map(|count| count.to_string())));
        row.push(listing.left(record).to_string());
        row
    });
    Table::new(&columns, rows.collect()).csv()
}

/// A value as one cell. The items of a list stand side by side: links have no spaces.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}
