//! The checksums that pnpm writes into a lock: of the extensions of packages, of patches and of the pnpmfile. Each major
//! has its own.

use super::lock::Era;
use crate::lockfile::data::{Data, Value};
use data_encoding::{BASE32_NOPAD, BASE64, HEXLOWER};
use md5::Md5;
use sha2::{Digest, Sha256};

/// `packageExtensionsChecksum`; `None`: it cannot be told.
pub(super) fn of_extensions(value: &Value, era: Era) -> Option<String> {
    if era < Era::V10 {
        let mut text = String::new();
        write_json(value, era >= Era::V8, &mut text)?;
        return Some(HEXLOWER.encode(&Md5::digest(text)));
    }
    let mut stream = String::new();
    write_stream(value, &mut stream)?;
    Some(format!("sha256-{}", BASE64.encode(&Sha256::digest(stream))))
}

/// The hash of a patch.
pub(super) fn of_patch(bytes: &[u8], era: Era) -> String {
    let text = normal(bytes);
    if era < Era::V10 { base32(text.as_bytes()) } else { HEXLOWER.encode(&Sha256::digest(text)) }
}

/// `pnpmfileChecksum` of a pnpmfile that exports hooks.
pub(super) fn of_pnpmfile(bytes: &[u8], era: Era) -> String {
    let text = normal(bytes);
    if era < Era::V10 {
        return base32(text.as_bytes());
    }
    format!("sha256-{}", BASE64.encode(&Sha256::digest(text)))
}

fn base32(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(&Md5::digest(bytes)).to_ascii_lowercase()
}

/// Line ends are those of Unix, on every system.
fn normal(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n")
}

/// `JSON.stringify`, with keys in order or as they are written. `None`: JavaScript would order or write it otherwise.
fn write_json(value: &Value, is_sorted: bool, out: &mut String) -> Option<()> {
    match &value.data {
        Data::Null => out.push_str("null"),
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::Number(number) => out.push_str(plain_number(number)?),
        Data::Text(text) => out.push_str(&serde_json::to_string(text).ok()?),
        Data::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_json(item, is_sorted, out)?;
            }
            out.push(']');
        }
        Data::Map(_) => {
            out.push('{');
            for (at, (key, value)) in keys(value, is_sorted)?.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&serde_json::to_string(key).ok()?);
                out.push(':');
                write_json(value, is_sorted, out)?;
            }
            out.push('}');
        }
    }
    Some(())
}

/// What the package `object-hash` feeds to its hash, where types are not told apart and the order of lists does not matter.
fn write_stream(value: &Value, out: &mut String) -> Option<()> {
    match &value.data {
        Data::Null => out.push_str("Null"),
        Data::Bool(value) => out.push_str(if *value { "bool:true" } else { "bool:false" }),
        Data::Number(number) => {
            out.push_str("number:");
            out.push_str(plain_number(number)?);
        }
        Data::Text(text) => write_text(text, out),
        Data::List(items) => {
            out.push_str(&format!("array:{}:", items.len()));
            let mut streams = Vec::with_capacity(items.len());
            for item in items {
                let mut stream = String::new();
                write_stream(item, &mut stream)?;
                streams.push(stream);
            }
            if let [one] = streams.as_slice() {
                out.push_str(one);
                return Some(());
            }
            streams.sort_unstable();
            if !streams.is_empty() {
                out.push_str(&format!("array:{}:", streams.len()));
            }
            streams.iter().for_each(|stream| write_text(stream, out));
        }
        Data::Map(_) => {
            let keys = keys(value, true)?;
            out.push_str(&format!("object:{}:", keys.len()));
            for (key, value) in keys {
                write_text(key, out);
                out.push(':');
                write_stream(value, out)?;
                out.push(',');
            }
        }
    }
    Some(())
}

fn write_text(text: &str, out: &mut String) {
    out.push_str(&format!("string:{}:", text.encode_utf16().count()));
    out.push_str(text);
}

/// The keys of a map, the last value of each. `None`: one is a whole number, which JavaScript puts first, or not ASCII,
/// which it orders by UTF-16.
fn keys(value: &Value, is_sorted: bool) -> Option<Vec<(&str, &Value)>> {
    let map = value.map()?;
    let mut keys = Vec::with_capacity(map.len());
    for entry in map {
        let is_odd = entry.key.bytes().all(|b| b.is_ascii_digit()) || !entry.key.is_ascii();
        if is_odd || map.repeated().next().is_some() {
            return None;
        }
        keys.push((entry.key.as_str(), &entry.value));
    }
    if is_sorted {
        keys.sort_unstable_by_key(|(key, _)| *key);
    }
    Some(keys)
}

/// A number that JavaScript writes as it stands.
fn plain_number(number: &str) -> Option<&str> {
    let is_whole = number == "0" || !number.starts_with('0') && number.bytes().all(|b| b.is_ascii_digit());
    (is_whole && number.len() < 16).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockfile::data::{json, yaml};

    #[test]
    fn the_four_checksums_of_extensions() {
        let value =
            json(r#"{"b@1": {"dependencies": {"z": "1"}}, "a": {"peerDependencies": {"y": "*"}}}"#).unwrap();
        let same = yaml("a: {peerDependencies: {y: '*'}}\nb@1: {dependencies: {z: '1'}}\n").unwrap();
        let of = |value, era| of_extensions(value, era).unwrap();
        assert_ne!(of(&value, Era::V7), of(&same, Era::V7), "pnpm 7 keeps the order");
        assert_eq!(of(&value, Era::V8), of(&same, Era::V8));
        assert_eq!(of(&value, Era::V8), of(&value, Era::V9));
        assert_eq!(of(&value, Era::V10), of(&same, Era::V10));
        assert!(of(&value, Era::V10).starts_with("sha256-"));
    }

    #[test]
    fn the_stream_of_object_hash() {
        let value =
            json(r#"{"b": ["y", "x"], "a": {"o": true, "n": null, "e": [], "k": 3}, "c": ["z"]}"#).unwrap();
        let mut out = String::new();
        write_stream(&value, &mut out).unwrap();
        assert_eq!(
            out,
            "object:3:string:1:a:object:4:string:1:e:array:0:,string:1:k:number:3,string:1:n:Null,\
             string:1:o:bool:true,,string:1:b:array:2:array:2:string:10:string:1:xstring:10:string:1:y,\
             string:1:c:array:1:string:1:z,"
        );
    }

    #[test]
    fn what_javascript_would_write_otherwise_is_not_guessed() {
        for text in [r#"{"1": "a"}"#, r#"{"ä": "a"}"#, r#"{"a": 1.50}"#, r#"{"a": "x", "a": "y"}"#] {
            assert_eq!(of_extensions(&json(text).unwrap(), Era::V10), None, "{text}");
        }
    }

    #[test]
    fn line_ends_do_not_matter() {
        for era in [Era::V8, Era::V10] {
            assert_eq!(of_patch(b"a\r\nb\n", era), of_patch(b"a\nb\n", era));
            assert_eq!(of_pnpmfile(b"a\r\nb\n", era), of_pnpmfile(b"a\nb\n", era));
        }
        assert_eq!(of_patch(b"", Era::V10).len(), 64);
    }
}
