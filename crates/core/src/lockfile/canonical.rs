//! Texts of JSON exactly as other languages write them: tools hash them, and one byte more or less is another hash.

use super::data::{Data, Entry, Map, Value};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

/// What PHP's `json_encode` makes, without flags, of what its `json_decode` read: objects are arrays to it, so an empty one
/// and one whose keys are 0, 1, 2, … are lists.
#[must_use]
pub(super) fn php(value: &Value) -> String {
    let mut out = String::new();
    php_value(value, &mut out);
    out
}

/// The same of a map that is put together from parts. It is written as an object unless it is empty.
#[must_use]
pub(super) fn php_map(entries: &[(&str, String)]) -> String {
    if entries.is_empty() {
        return "[]".to_owned();
    }
    let mut out = String::from("{");
    for (at, (key, value)) in entries.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        php_text(key, &mut out);
        let _ = write!(out, ":{value}");
    }
    out.push('}');
    out
}

fn php_value(value: &Value, out: &mut String) {
    match &value.data {
        Data::Null => out.push_str("null"),
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::Number(number) => php_number(number, out),
        Data::Text(text) => php_text(text, out),
        Data::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                php_value(item, out);
            }
            out.push(']');
        }
        Data::Map(map) => {
            let entries = once(map);
            let is_list = entries.iter().enumerate().all(|(at, entry)| entry.key == at.to_string());
            out.push(if is_list { '[' } else { '{' });
            for (at, entry) in entries.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                if !is_list {
                    php_text(&entry.key, out);
                    out.push(':');
                }
                php_value(&entry.value, out);
            }
            out.push(if is_list { ']' } else { '}' });
        }
    }
}

/// Of a key that stands twice the last value, at the place of the first.
fn once(map: &Map) -> Vec<&Entry> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut entries: Vec<&Entry> = Vec::with_capacity(map.len());
    for entry in map {
        let place = *places.entry(&entry.key).or_insert(entries.len());
        match entries.get_mut(place) {
            Some(known) => *known = entry,
            None => entries.push(entry),
        }
    }
    entries
}

fn php_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '/' => out.push_str("\\/"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='\u{7f}' => out.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

/// A whole number that fits into 64 bits stays one; everything else is a double, written with the fewest digits that
/// mean it (`serialize_precision = -1`).
fn php_number(number: &str, out: &mut String) {
    if let Ok(whole) = number.parse::<i64>() {
        let _ = write!(out, "{whole}");
        return;
    }
    let value: f64 = number.parse().unwrap_or_default();
    let shortest = format!("{value:e}");
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    // The decimal point stands behind this many digits.
    let point = exponent + 1;
    out.push_str(sign);
    if !(-3..=17).contains(&point) {
        let (first, rest) = digits.split_at_checked(1).unwrap_or((&digits, ""));
        let rest = if rest.is_empty() { "0" } else { rest };
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(out, "{first}.{rest}e{sign}{}", exponent.unsigned_abs());
        return;
    }
    match usize::try_from(point) {
        Ok(point) if point > 0 => {
            out.extend(digits.chars().chain(std::iter::repeat('0')).take(point));
            if let Some(rest) = digits.get(point..).filter(|rest| !rest.is_empty()) {
                let _ = write!(out, ".{rest}");
            }
        }
        // Zero has no digits that count.
        _ if value == 0.0 => out.push('0'),
        _ => {
            out.push_str("0.");
            out.extend(std::iter::repeat_n('0', point.unsigned_abs() as usize));
            out.push_str(&digits);
        }
    }
}

/// A map that is put together from parts, and the values that tools hash of it.
#[derive(Clone, Debug)]
pub(super) enum Json<'v> {
    /// `null`.
    Null,
    /// A value of a file.
    Value(&'v Value),
    /// A list.
    List(Vec<Json<'v>>),
    /// A map; its keys are written sorted.
    Map(BTreeMap<String, Json<'v>>),
}

/// The map of these entries.
pub(super) fn map<'v>(entries: Vec<(&str, Json<'v>)>) -> BTreeMap<String, Json<'v>> {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// What Python's `json.dumps(sort_keys=True)` makes, with these two separators; `None`: it would fail, as it does of dates.
#[must_use]
pub(super) fn python(json: &Json<'_>, comma: &str, colon: &str) -> Option<String> {
    let mut out = String::new();
    python_json(json, (comma, colon), &mut out)?;
    Some(out)
}

fn python_json(json: &Json<'_>, marks: (&str, &str), out: &mut String) -> Option<()> {
    match json {
        Json::Null => out.push_str("null"),
        Json::Value(value) => python_value(value, marks, out)?,
        Json::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { marks.0 } else { "" });
                python_json(item, marks, out)?;
            }
            out.push(']');
        }
        Json::Map(map) => {
            out.push('{');
            for (at, (key, value)) in map.iter().enumerate() {
                out.push_str(if at > 0 { marks.0 } else { "" });
                python_text(key, out);
                out.push_str(marks.1);
                python_json(value, marks, out)?;
            }
            out.push('}');
        }
    }
    Some(())
}

fn python_value(value: &Value, marks: (&str, &str), out: &mut String) -> Option<()> {
    match &value.data {
        Data::Null => out.push_str("null"),
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::Number(number) => out.push_str(&python_number(number)?),
        Data::Text(text) => python_text(text, out),
        Data::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { marks.0 } else { "" });
                python_value(item, marks, out)?;
            }
            out.push(']');
        }
        Data::Map(map) => {
            let sorted: BTreeMap<&str, &Value> =
                map.iter().map(|entry| (entry.key.as_str(), &entry.value)).collect();
            out.push('{');
            for (at, (key, value)) in sorted.into_iter().enumerate() {
                out.push_str(if at > 0 { marks.0 } else { "" });
                python_text(key, out);
                out.push_str(marks.1);
                python_value(value, marks, out)?;
            }
            out.push('}');
        }
    }
    Some(())
}

/// Whole numbers alone: what else TOML knows has many spellings, and nobody writes it where tools hash.
fn python_number(number: &str) -> Option<String> {
    number.parse::<i64>().ok().map(|number| number.to_string())
}

fn python_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

/// A text as Go's `json.Marshal` writes it.
pub(super) fn go_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Since Go 1.22; before that they were written as the others are.
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::super::data::json;
    use super::*;

    /// What PHP 8.2 wrote.
    #[test]
    fn php_writes_numbers_with_the_fewest_digits() {
        let text =
            "[-0,-0.0,0.0,1e20,1.0,0.0001,0.00001,123456789012345678901,1e17,1e16,1.5e-7,0.5,123.25,-12]";
        let written = "[0,-0,0,1.0e+20,1,0.0001,1.0e-5,1.2345678901234568e+20,1.0e+17,10000000000000000,1.5e-7,0.5,123.25,-12]";
        assert_eq!(php(&json(text).unwrap()), written);
    }

    #[test]
    fn php_takes_objects_for_arrays() {
        let text = r#"{"a":{},"b":{"0":1,"1":2},"c":{"1":1,"0":2},"d":1,"e":[[]],"d":{"x":null,"x":true}}"#;
        let written = r#"{"a":[],"b":[1,2],"c":{"1":1,"0":2},"d":{"x":true},"e":[[]]}"#;
        assert_eq!(php(&json(text).unwrap()), written);
    }

    #[test]
    fn php_escapes_slashes_and_what_is_not_ascii() {
        let text = "\"a/b é \u{1f600} \u{7f} \\u0001 \\n \\\" \\\\\"";
        let written = "\"a\\/b \\u00e9 \\ud83d\\ude00 \u{7f} \\u0001 \\n \\\" \\\\\"";
        assert_eq!(php(&json(text).unwrap()), written);
        assert_eq!(php_map(&[]), "[]");
        assert_eq!(php_map(&[("a/b", "1".to_owned())]), r#"{"a\/b":1}"#);
    }

    #[test]
    fn go_escapes_what_html_knows() {
        let mut out = String::new();
        go_text("a<b>&\u{2028}é\"\\/\u{1}", &mut out);
        assert_eq!(out, "\"a\\u003cb\\u003e\\u0026\\u2028é\\\"\\\\/\\u0001\"");
    }
}
