//! Files of SOPS, in YAML, JSON, dotenv and INI, which is also what helm-secrets, Flux and others write.
//!
//! Sources: <https://getsops.io/docs/>, "Encryption Protocol" and "Motivation"; the names of the metadata's fields are those
//! of <https://github.com/getsops/sops/blob/main/stores/stores.go>. Values are `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]`;
//! the key `sops` has the metadata, with a list for each kind of key; several groups of keys stand in
//! `key_groups`. Each key has the data key or, where `shamir_threshold` asks for several groups, a share of it.

mod flat;
mod json;
mod yaml;

use super::{Format, Found, Input, Keys, lines, without_mark};
use memchr::memmem;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

pub(super) const FORMAT: Format = Format {
    name: "SOPS",
    other_keys: "take the key out of .sops.yaml, then: sops updatekeys FILE && sops rotate --in-place FILE",
    find,
};

/// The metadata as the formats of files have it in common: what stands at which path under `sops`.
#[derive(Debug, Default)]
struct Metadata {
    /// Every value with its path. An item of a list has a number of its own, of whatever kind.
    leaves: Vec<(Vec<String>, String)>,
    /// Where it stands.
    ranges: Vec<Range<usize>>,
    /// What is not written as SOPS writes it.
    problem: Option<String>,
}

/// Paths are cut here: a field of a key in a group is the fifth segment.
const DEEPEST: usize = 6;

/// Segments are cut here, in bytes: no name that SOPS knows is as long.
const LONGEST: usize = 64;

/// How many values are read. A file that has more of them in its metadata is none that SOPS wrote.
const MOST_LEAVES: usize = 100_000;

fn path_of<'a>(segments: impl Iterator<Item = Cow<'a, str>>) -> Vec<String> {
    let cut = |segment: Cow<'_, str>| match segment.len() {
        0..=LONGEST => segment.into_owned(),
        _ => segment.chars().take(LONGEST).collect(),
    };
    segments.take(DEEPEST).map(cut).collect()
}

impl Metadata {
    fn leaf<'a>(&mut self, path: impl Iterator<Item = Cow<'a, str>>, value: &str) {
        if self.leaves.len() < MOST_LEAVES {
            self.leaves.push((path_of(path), value.to_owned()));
        } else {
            self.problem("it has more values than a file of SOPS");
        }
    }

    /// Another line of the value at a path.
    fn goes_on(&mut self, path: &[String], line: &str) {
        match self.leaves.last_mut().filter(|(before, _)| before == path) {
            Some((_, value)) => value.extend([" ", line]),
            None => self.leaf(path.iter().map(|segment| Cow::Borrowed(segment.as_str())), line),
        }
    }

    /// The first problem stays.
    fn problem(&mut self, what: impl Into<String>) {
        self.problem.get_or_insert_with(|| what.into());
    }

    /// Whether it is metadata of a file, and not a key that happens to have this name.
    fn is_of_a_file(&self) -> bool {
        self.leaves
            .iter()
            .any(|(path, _)| matches!(path.as_slice(), [key] if key == "mac" || key == "lastmodified"))
    }
}

fn find(input: &Input<'_>) -> Option<Found> {
    let bytes = input.bytes;
    let has_values = has_value(bytes);
    if !has_values && memmem::find(bytes, b"sops").is_none() {
        return None;
    }
    let mut metadata = Metadata::default();
    if without_mark(bytes).trim_ascii_start().first() == Some(&b'{') {
        json::read(bytes, &mut metadata);
    } else {
        yaml::read(bytes, &mut metadata);
        flat::read(bytes, &mut metadata);
    }
    if !has_values && !metadata.is_of_a_file() {
        return None;
    }
    let mut keys = keys(&metadata.leaves);
    if let Some(problem) = metadata.problem {
        keys.cannot_read(format!("its metadata is not as SOPS writes it: {problem}"));
    } else if keys.known.is_empty() {
        keys.cannot_read("it has values of SOPS and no metadata that names their keys");
    }
    Some(Found { keys, taken: merged(metadata.ranges) })
}

/// The same stretches in order, none of them in another.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    ranges.dedup_by(|next, before| {
        let joins = next.start <= before.end;
        before.end = if joins { before.end.max(next.end) } else { before.end };
        joins
    });
    ranges
}

/// Whether an encrypted value stands anywhere. Values that a manual abbreviates and a test makes up do
/// not count.
fn has_value(bytes: &[u8]) -> bool {
    const BEGIN: &[u8] = b"ENC[AES256_GCM,data:";
    /// Sixteen bytes in base64.
    const TAG_LENGTH: usize = 24;
    memmem::find_iter(bytes, BEGIN).any(|at| {
        let rest = bytes.get(at + BEGIN.len()..).unwrap_or_default();
        let in_value =
            |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b',' | b':' | b'_');
        let length = rest.iter().take_while(|b| in_value(b)).count();
        let value = rest.get(..length).unwrap_or_default();
        rest.get(length) == Some(&b']')
            && memmem::find(value, b",iv:").is_some()
            && memmem::find(value, b",tag:").is_some_and(|tag| {
                let tag = value.get(tag + b",tag:".len()..).unwrap_or_default();
                tag.iter().take_while(|b| **b != b',').count() == TAG_LENGTH
            })
    })
}

/// A list of keys in the metadata.
struct List {
    name: &'static str,
    /// What the identifiers of its keys begin with.
    kind: &'static str,
    /// The fields that name a key, each with what joins it to those before, as in the vendors' addresses.
    fields: &'static [(&'static str, &'static str)],
}

const fn list(
    name: &'static str,
    kind: &'static str,
    fields: &'static [(&'static str, &'static str)],
) -> List {
    List { name, kind, fields }
}

const LISTS: &[List] = &[
    list("kms", "aws-kms:", &[("", "arn")]),
    list("gcp_kms", "gcp-kms:", &[("", "resource_id")]),
    list("azure_kv", "azure-kv:", &[("", "vault_url"), ("/keys/", "name"), ("/", "version")]),
    list("hc_vault", "hc-vault:", &[("", "vault_address"), ("/v1/", "engine_path"), ("/keys/", "key_name")]),
    list("hckms", "hckms:", &[("", "key_id")]),
    list("age", "age:", &[("", "recipient")]),
    list("pgp", "pgp:", &[("", "fp")]),
];

/// Every key that the metadata names, whatever the number of shares it takes to open the file.
fn keys(leaves: &[(Vec<String>, String)]) -> Keys {
    let mut keys = Keys::default();
    let mut items: BTreeMap<(&[String], &str), BTreeMap<&str, &str>> = BTreeMap::new();
    for (path, value) in leaves {
        let inner = match path.as_slice() {
            [groups, _, inner @ ..] if groups == "key_groups" => inner,
            all => all,
        };
        match inner {
            [list, _, field, ..] => {
                let item = path.get(..path.len() - inner.len() + 2).unwrap_or_default();
                let fields = items.entry((item, list)).or_default();
                if inner.len() == 3 && fields.insert(field, value).is_some_and(|before| before != value) {
                    keys.cannot_read(format!("one key of its metadata has two values of `{field}`"));
                }
            }
            [name]
                if path.len() == 1 && name != "key_groups" && !LISTS.iter().any(|list| list.name == name) => {
            }
            _ => keys.cannot_read("a list of keys in its metadata holds something else"),
        }
    }
    for ((_, list), fields) in items {
        match identifier(list, &fields) {
            Ok(identifier) => {
                keys.known.insert(identifier);
            }
            Err(why) => keys.cannot_read(why),
        }
    }
    keys
}

fn identifier(list: &str, fields: &BTreeMap<&str, &str>) -> Result<String, String> {
    let known = LISTS.iter().find(|known| known.name == list);
    let known = known.ok_or_else(|| format!("keys of the kind `{list}` are not known"))?;
    let mut identifier = known.kind.to_owned();
    for (joint, field) in known.fields {
        let value = fields.get(field).copied().filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| format!("a key in the list `{list}` has no `{field}`"))?;
        identifier.push_str(joint);
        // An address may be written with a slash at its end, and a path with one at its start.
        identifier.push_str(value.trim_matches('/'));
    }
    if list == "pgp" {
        identifier.retain(|c| c != ' ');
    }
    Ok(identifier)
}

#[cfg(test)]
mod tests;
