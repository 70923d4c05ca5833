//! TOML, by the `toml` crate, which bounds the nesting.

use super::{Budget, DEEPEST, Data, Entry, Malformed, Map, Value, line_of, too_deep};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Reads TOML 1.0.
///
/// # Errors
///
/// What is not TOML: a key that is there twice is not.
pub fn toml(text: &str) -> Result<Value, Malformed> {
    let mut budget = Budget::of(text, *b",=[")?;
    let table = DeTable::parse(text).map_err(|error| Malformed {
        line: error.span().map(|span| line_of(text, span.start)),
        message: error.message().to_owned(),
    })?;
    let span = table.span();
    let data = map(text, table.into_inner(), 0, &mut budget)?;
    Ok(Value { span, data })
}

fn map(text: &str, table: DeTable<'_>, depth: usize, budget: &mut Budget) -> Result<Data, Malformed> {
    let mut entries = Vec::with_capacity(table.len());
    for (key, value) in table {
        entries.push(Entry {
            span: key.span(),
            key: key.into_inner().into_owned(),
            value: convert(text, value, depth + 1, budget)?,
        });
    }
    entries.sort_by_key(|entry| entry.span.start);
    Ok(Data::Map(Map::new(entries)))
}

fn convert(
    text: &str,
    value: Spanned<DeValue<'_>>,
    depth: usize,
    budget: &mut Budget,
) -> Result<Value, Malformed> {
    budget.take(1)?;
    let span = value.span();
    if depth > DEEPEST {
        return Err(too_deep(text, span.start));
    }
    let data = match value.into_inner() {
        DeValue::String(string) => Data::Text(string.into_owned()),
        DeValue::Boolean(value) => Data::Bool(value),
        DeValue::Integer(number) => Data::Number(number.to_string()),
        DeValue::Float(number) => Data::Number(number.to_string()),
        DeValue::Datetime(moment) => Data::Number(moment.to_string()),
        DeValue::Array(items) => Data::List(
            items.into_iter().map(|item| convert(text, item, depth + 1, budget)).collect::<Result<_, _>>()?,
        ),
        DeValue::Table(table) => map(text, table, depth, budget)?,
    };
    Ok(Value { span, data })
}
