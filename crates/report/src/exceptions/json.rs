//! As JSON, for programs: `gatepost.exceptions/1`, described in `docs/exceptions.md`.

use super::Listing;
use crate::json::to_string;
use gatepost_core::exception::ExceptionState;
use gatepost_core::policy::Value as Toml;
use serde_json::{Map, Value, json};

/// The value of `schema`.
const SCHEMA: &str = "gatepost.exceptions/1";

pub(super) fn write(listing: &Listing<'_>, _: usize) -> String {
    let records: Vec<Value> = listing
        .records
        .iter()
        .map(|record| {
            let mut row = Map::new();
            for (key, value) in record.exception.fields() {
                row.insert(key.replace('-', "_"), plain(&value));
            }
            row.insert("state".to_owned(), json!(listing.state(record).as_str()));
            row.insert("age_days".to_owned(), json!(listing.age(record)));
            row.insert("uses".to_owned(), json!(record.uses.count()));
            row.insert("days_left".to_owned(), json!(listing.left(record)));
            Value::Object(row)
        })
        .collect();
    let counts = |rows: Vec<(&str, usize)>| -> Map<String, Value> {
        rows.into_iter().map(|(name, count)| (name.to_owned(), json!(count))).collect()
    };
    let all = json!({
        "schema": SCHEMA,
        "as_of": listing.today.to_string(),
        "exceptions": records,
        "totals": {
            "exceptions": listing.records.len(),
            "expired": listing.count(ExceptionState::Expired),
            "expiring": listing.count(ExceptionState::Expiring),
            "active": listing.count(ExceptionState::Active),
            "unused": listing.unused(),
            "by_status": counts(listing.by_status()),
            "by_owner": counts(listing.by_owner()),
        },
    });
    to_string(&all)
}

fn plain(value: &Toml) -> Value {
    match value {
        Toml::String(text) => json!(text),
        Toml::Boolean(flag) => json!(flag),
        Toml::Integer(number) => json!(number),
        Toml::Array(items) => Value::Array(items.iter().map(plain).collect()),
        other => json!(other.to_string()),
    }
}
