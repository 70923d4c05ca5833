//! JSON, and JSON with comments and trailing commas, by `jsonc-parser`.

use super::{Budget, DEEPEST, Data, Entry, Malformed, Map, Value, line_of, too_deep};
use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

/// Reads JSON (RFC 8259).
///
/// # Errors
///
/// What is not JSON, and what is nested too deep.
pub fn json(text: &str) -> Result<Value, Malformed> {
    read(text, &options(false))
}

/// Reads JSON with comments and trailing commas: `bun.lock`, `deno.jsonc`.
///
/// # Errors
///
/// As [`json`].
pub fn json_with_comments(text: &str) -> Result<Value, Malformed> {
    read(text, &options(true))
}

fn options(is_lenient: bool) -> ParseOptions {
    ParseOptions {
        allow_comments: is_lenient,
        allow_loose_object_property_names: false,
        allow_trailing_commas: is_lenient,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_extended_string_escapes: false,
        allow_non_finite_numbers: false,
    }
}

fn read(text: &str, options: &ParseOptions) -> Result<Value, Malformed> {
    let mut budget = Budget::of(text, *b",[{")?;
    let text_or_mark = text.strip_prefix('\u{feff}').unwrap_or(text);
    let skipped = text.len() - text_or_mark.len();
    let parsed =
        parse_to_ast(text_or_mark, &CollectOptions::default(), options).map_err(|error| Malformed {
            line: Some(line_of(text, error.range().start + skipped)),
            message: error.kind().to_string(),
        })?;
    let Some(root) = parsed.value else {
        return Err(Malformed { line: None, message: "it is empty".to_owned() });
    };
    convert(text, skipped, root, 0, &mut budget)
}

fn convert(
    text: &str,
    skipped: usize,
    value: ast::Value<'_>,
    depth: usize,
    budget: &mut Budget,
) -> Result<Value, Malformed> {
    budget.take(1)?;
    let span = |range: jsonc_parser::common::Range| range.start + skipped..range.end + skipped;
    let place = span(value.range());
    if depth > DEEPEST {
        return Err(too_deep(text, place.start));
    }
    let data = match value {
        ast::Value::NullKeyword(_) => Data::Null,
        ast::Value::BooleanLit(lit) => Data::Bool(lit.value),
        ast::Value::NumberLit(lit) => Data::Number(lit.value.to_owned()),
        ast::Value::StringLit(lit) => Data::Text(lit.value.into_owned()),
        ast::Value::Array(array) => Data::List(
            array
                .elements
                .into_iter()
                .map(|item| convert(text, skipped, item, depth + 1, budget))
                .collect::<Result<_, _>>()?,
        ),
        ast::Value::Object(object) => {
            let mut entries = Vec::with_capacity(object.properties.len());
            for property in object.properties {
                let key_span = span(property.name.range());
                let key = match property.name {
                    ast::ObjectPropName::String(lit) => lit.value.into_owned(),
                    ast::ObjectPropName::Word(lit) => lit.value.to_owned(),
                };
                let value = convert(text, skipped, property.value, depth + 1, budget)?;
                entries.push(Entry { key, span: key_span, value });
            }
            Data::Map(Map::new(entries))
        }
    };
    Ok(Value { span: place, data })
}
