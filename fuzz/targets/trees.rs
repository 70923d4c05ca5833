//! JSON, TOML and YAML as trees with places: within bounds, and every place lies in the text.
#![no_main]

use gatepost_core::lockfile::data::{Data, Malformed, Value, json, json_with_comments, toml, yaml_documents};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let lines = text.bytes().filter(|byte| *byte == b'\n').count() as u32 + 1;
    let said =
        |error: Malformed| assert!(error.line.is_none_or(|line| (1..=lines).contains(&line)), "{error:?}");
    for parse in [json, json_with_comments, toml] {
        match parse(&text) {
            Ok(value) => check(&value, text.len()),
            Err(error) => said(error),
        }
    }
    match yaml_documents(&text) {
        Ok(values) => values.iter().for_each(|value| check(value, text.len())),
        Err(error) => said(error),
    }
});

fn check(value: &Value, length: usize) {
    assert!(value.span.start <= value.span.end && value.span.end <= length, "{:?}", value.span);
    match &value.data {
        Data::List(items) => items.iter().for_each(|item| check(item, length)),
        Data::Map(map) => map.iter().for_each(|entry| check(&entry.value, length)),
        _ => {}
    }
}
