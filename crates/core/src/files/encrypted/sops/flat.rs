//! Metadata of dotenv files (`sops_kms__list_0__map_arn=…`) and of INI files (`kms__list_0__map_arn = …` in the
//! section `[sops]`): one line a value.
//!
//! Source: <https://github.com/getsops/sops/blob/main/stores/flatten.go>.

use super::{Metadata, lines};
use std::borrow::Cow;

pub(super) fn read(bytes: &[u8], metadata: &mut Metadata) {
    let mut in_section = false;
    for (start, line) in lines(bytes) {
        let line = super::without_mark(line).trim_ascii();
        if line.starts_with(b"[") {
            in_section = line == b"[sops]";
            continue;
        }
        let Some(equals) = line.iter().position(|byte| *byte == b'=') else { continue };
        let (key, value) = line.split_at(equals);
        let key = match key.strip_prefix(b"sops_") {
            Some(key) => key,
            None if in_section => key,
            None => continue,
        };
        metadata.ranges.push(start..start + line.len().max(1));
        let value = value.get(1..).unwrap_or_default();
        match (std::str::from_utf8(key), std::str::from_utf8(value)) {
            (Ok(key), Ok(value)) => {
                metadata.leaf(path(key.trim()), unquoted(value.trim()));
            }
            _ => metadata.problem("a line of it is not UTF-8"),
        }
    }
}

/// `pgp__list_0__map_fp` as its parts.
fn path(key: &str) -> impl Iterator<Item = Cow<'_, str>> {
    key.split("__list_").flat_map(|part| part.split("__map_")).map(Cow::Borrowed)
}

/// A value without the quotes that INI may need.
fn unquoted(value: &str) -> &str {
    ['`', '"', '\''].iter().fold(value, |value, quote| {
        value.strip_prefix(*quote).and_then(|inner| inner.strip_suffix(*quote)).unwrap_or(value)
    })
}
