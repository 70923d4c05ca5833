//! Two versions of one policy file: in which of its settings the new one lets more through.
//!
//! Each file is compared as the one layer that it is. What it extends cannot be read here, so a key that only one of the
//! versions sets is measured against the built-in default, and where the file extends others nothing better than
//! "cannot be compared" is said of it, unless it is weaker than the default too.

mod exceptions;
mod overlays;

use super::key::{Key, Kind};
use super::layer::{Read, read};
use super::record::Record;
use super::schema::{ROOT_KEYS, Schema};
use super::strictness::shown;
use super::{Comparison, Layer, PolicyError, Strictness};
use std::collections::BTreeMap;
use toml::Value;

/// What became of one setting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyChange {
    /// What kind of change it is.
    pub kind: PolicyChangeKind,
    /// The setting: `message.header-max`, `exception EX-2026-0007, expires`.
    pub path: String,
    /// What it was, as the policy writes it; `not set` where it had no value.
    pub old: String,
    /// What it is now.
    pub new: String,
    /// In which way it lets more through, in words that follow the values; empty where there is nothing to add.
    pub why: String,
    /// The line of the new file, from 1; `None` where the setting is gone.
    pub line: Option<u32>,
}

/// The kinds of changes that are told of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PolicyChangeKind {
    /// It lets more through.
    Weaker,
    /// Nobody can tell whether it does.
    Unknown,
    /// Other files are extended, or not in the same order.
    Extends,
    /// An exception is there that was not.
    ExceptionAdded,
    /// As before, and it excuses its rule in every file.
    ExceptionForEverything,
    /// An exception holds longer or for more, or its id is used again.
    ExceptionExtended,
}

/// A version that is no policy, with what is wrong in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CompareError {
    /// The old one.
    Old(Vec<PolicyError>),
    /// The new one.
    New(Vec<PolicyError>),
}

/// Compares two versions of a policy file. Without an old version the new one is compared with the defaults that
/// were in force. `beside` are the old versions of other files of the same change: an exception may come from there.
///
/// # Errors
///
/// A version that cannot be read; of two, the new one.
pub fn compare(
    schema: &Schema,
    old: Option<&Layer>,
    new: &Layer,
    beside: &[Layer],
) -> Result<Vec<PolicyChange>, CompareError> {
    let after = read(schema, new).map_err(CompareError::New)?;
    let before =
        old.map_or_else(|| Ok(Read::default()), |old| read(schema, old)).map_err(CompareError::Old)?;
    let mut changes = Vec::new();
    settings(schema, &before, &after, &mut changes);
    overlays::compare(schema, &before, &after, &mut changes);
    finals(&before, &after, &mut changes);
    extends(&before, &after, &mut changes);
    let mut records: Vec<Record> = before.records;
    // What cannot be read excused nothing.
    records.extend(beside.iter().flat_map(|layer| read(schema, layer).unwrap_or_default().records));
    exceptions::compare(&records, &after.records, &mut changes);
    others(schema, old.map_or("", |old| &old.text), &new.text, &mut changes);
    Ok(changes)
}

/// Keys that only say something to people.
const WORDS: [&str; 2] = ["on-deny", "on-warn"];

fn settings(schema: &Schema, before: &Read, after: &Read, changes: &mut Vec<PolicyChange>) {
    let old: BTreeMap<&str, &Value> = before.settings.iter().map(|s| (s.path.as_str(), &s.value)).collect();
    let new: BTreeMap<&str, (&Value, Option<u32>)> =
        after.settings.iter().map(|s| (s.path.as_str(), (&s.value, s.place.line))).collect();
    let defaults = schema.defaults();
    let layered = !before.extends.is_empty() || !after.extends.is_empty();
    for (path, key) in schema.keys().into_iter().filter(|(path, _)| !WORDS.contains(&path.as_str())) {
        let (was, now) = (old.get(path.as_str()).copied(), new.get(path.as_str()).copied());
        let line = now.and_then(|(_, line)| line);
        let now = now.map(|(value, _)| value);
        if was == now {
            continue;
        }
        if let Kind::Tables(keys) = key.kind {
            let demands = matches!(key.strictness, Strictness::MoreItems);
            blocks(&path, keys, demands, was, now, line, changes);
            continue;
        }
        let default = super::merge::get(&defaults, &path);
        let (old, new) = (was.or(default), now.or(default));
        let compared = key.strictness.compare(old, new);
        let unsure = layered && (was.is_none() || now.is_none());
        let told = |value: Option<&Value>, set: bool| match (value, set) {
            (Some(value), false) => format!("{} (the default)", said(value)),
            (value, _) => value.map_or_else(|| shown(None), said),
        };
        let (kind, why) = match compared {
            Comparison::Weaker(why) => (PolicyChangeKind::Weaker, why),
            Comparison::Unknown => (PolicyChangeKind::Unknown, String::new()),
            Comparison::Stricter | Comparison::Same if unsure && !is_strictest(key.strictness, now) => {
                (PolicyChangeKind::Unknown, "the rest is in the files that it extends".to_owned())
            }
            Comparison::Stricter | Comparison::Same => continue,
        };
        let (old, new) = (told(old, was.is_some()), told(new, now.is_some()));
        changes.push(PolicyChange { kind, path, old, new, why, line });
    }
}

/// A value in one line.
fn said(value: &Value) -> String {
    shown(Some(value)).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether no value of the key is stricter: then it does not matter what stood in its place.
fn is_strictest(strictness: Strictness, value: Option<&Value>) -> bool {
    let Some(value) = value else { return false };
    match strictness {
        Strictness::Levels => {
            let deny = Value::String("deny".to_owned());
            !matches!(strictness.compare(Some(&deny), Some(value)), Comparison::Weaker(_))
        }
        Strictness::WordsByStage(ranks) => ranks.last().and_then(|words| words.first()).is_some_and(|word| {
            let strictest = Value::String((*word).to_owned());
            !matches!(strictness.compare(Some(&strictest), Some(value)), Comparison::Weaker(_))
        }),
        Strictness::Words(ranks) => {
            let word = value.as_bool().map(|flag| flag.to_string());
            let word = word.as_deref().or(value.as_str()).unwrap_or_default();
            ranks.last().is_some_and(|strictest| strictest.contains(&word))
        }
        Strictness::FewerItems | Strictness::FewerExcuses => value.as_array().is_some_and(Vec::is_empty),
        _ => false,
    }
}

/// Most blocks of a key that are paired, each being compared with each; more do not compare.
const MOST_BLOCKS: usize = 1000;

/// Blocks such as `[[files.path]]`. Two are one when what they are for is the same; what is for other things does not
/// compare.
fn blocks(
    path: &str,
    keys: &[Key],
    demands: bool,
    old: Option<&Value>,
    new: Option<&Value>,
    line: Option<u32>,
    changes: &mut Vec<PolicyChange>,
) {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let (mut rest, mut unpaired) = (list(old), Vec::new());
    let few = rest.len() <= MOST_BLOCKS;
    let unordered = || keys.iter().filter(|key| matches!(key.strictness, Strictness::Unordered));
    for block in list(new) {
        let same = |other: &Value| unordered().all(|key| other.get(key.name) == block.get(key.name));
        let at = if few { rest.iter().position(same) } else { None };
        let Some(at) = at else {
            unpaired.push(block);
            continue;
        };
        let was = rest.remove(at);
        for key in keys {
            let (old, new) = (was.get(key.name), block.get(key.name));
            let (kind, why) = match key.strictness.compare(old, new) {
                Comparison::Weaker(why) => (PolicyChangeKind::Weaker, why),
                Comparison::Unknown => (PolicyChangeKind::Unknown, String::new()),
                Comparison::Same | Comparison::Stricter => continue,
            };
            let told = |value: Option<&Value>| value.map_or_else(|| shown(None), said);
            let scope: Vec<String> = unordered().filter_map(|key| block.get(key.name)).map(said).collect();
            let path = format!("{path} {}, {}", scope.join(" "), key.name);
            changes.push(PolicyChange { kind, path, old: told(old), new: told(new), why, line });
        }
    }
    // Where blocks only demand, a new one lets nothing through.
    let is_stricter = demands && rest.is_empty();
    if !is_stricter && (!unpaired.is_empty() || !rest.is_empty()) {
        let told = |blocks: Vec<Value>| match blocks.is_empty() {
            true => shown(None),
            false => said(&Value::Array(blocks)),
        };
        // Where blocks only demand, one that is gone lets more through.
        let is_weaker = demands && unpaired.is_empty();
        changes.push(PolicyChange {
            kind: if is_weaker { PolicyChangeKind::Weaker } else { PolicyChangeKind::Unknown },
            path: path.to_owned(),
            old: told(rest),
            new: told(unpaired),
            why: String::new(),
            line,
        });
    }
}

fn finals(before: &Read, after: &Read, changes: &mut Vec<PolicyChange>) {
    let list = |read: &Read| {
        let names: Vec<String> = read.finals.iter().map(|(name, _)| format!("{name:?}")).collect();
        format!("[{}]", names.join(", "))
    };
    let kept = |name: &str| after.finals.iter().any(|(other, _)| other == name);
    let gone: Vec<&str> =
        before.finals.iter().map(|(name, _)| name.as_str()).filter(|name| !kept(name)).collect();
    if !gone.is_empty() {
        changes.push(PolicyChange {
            kind: PolicyChangeKind::Weaker,
            path: "final".to_owned(),
            old: list(before),
            new: list(after),
            why: format!("later layers could weaken {}", gone.join(", ")),
            line: after.finals.first().and_then(|(_, place)| place.line),
        });
    }
}

fn extends(before: &Read, after: &Read, changes: &mut Vec<PolicyChange>) {
    let names = |read: &Read| read.extends.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let (old, new) = (names(before), names(after));
    if old != new {
        changes.push(PolicyChange {
            kind: PolicyChangeKind::Extends,
            path: "extends".to_owned(),
            old: format!("{old:?}"),
            new: format!("{new:?}"),
            why: String::new(),
            line: after.extends.first().and_then(|(_, place)| place.line),
        });
    }
}

/// What stands at the root and is neither a section nor a key known here.
fn others(schema: &Schema, old: &str, new: &str, changes: &mut Vec<PolicyChange>) {
    let table = |text: &str| text.parse::<toml::Table>().unwrap_or_default();
    let (old, new) = (table(old), table(new));
    let known = |name: &str| {
        ["exception", "overlay"].contains(&name)
            || schema.section(name).is_some()
            || schema.block(name).is_some()
            || ROOT_KEYS.iter().any(|key| key.name == name)
    };
    let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names.into_iter().filter(|name| !known(name)) {
        let (was, now) = (old.get(name), new.get(name));
        if was != now {
            let told = |value: Option<&Value>| value.map_or_else(|| shown(None), said);
            changes.push(PolicyChange {
                kind: PolicyChangeKind::Unknown,
                path: name.clone(),
                old: told(was),
                new: told(now),
                why: String::new(),
                line: None,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Origin;

    pub(super) fn changes(old: &str, new: &str) -> Vec<String> {
        let layer = |text: &str| Layer {
            origin: Origin::File("gatepost.toml".to_owned()),
            text: format!("schema = 1\n{text}\n"),
        };
        let changes = compare(&Schema::built_in(), Some(&layer(old)), &layer(new), &[]).unwrap();
        let line = |line: Option<u32>| line.map_or_else(|| "-".to_owned(), |line| line.to_string());
        changes
            .into_iter()
            .map(|c| format!("{:?} {}:{}: {} -> {} ({})", c.kind, c.path, line(c.line), c.old, c.new, c.why))
            .collect()
    }

    pub(super) const NONE: [&str; 0] = [];

    #[test]
    fn keys_are_compared_by_what_they_let_through() {
        assert_eq!(
            changes("[secrets]\nlevel = \"deny\"", "# why not\n[secrets]\nlevel = \"warn\""),
            [
                "Weaker secrets.level:4: \"deny\" -> \"warn\" (at pre-commit it would fall from \"deny\" to \"warn\")"
            ]
        );
        assert_eq!(changes("[message]\nlevel = \"warn\"", "[message]\nlevel = \"deny\""), NONE);
        assert_eq!(changes("[message]\nheader-max = 100", ""), NONE, "the default is the same");
        assert_eq!(
            changes("[files]\nmax-size = \"1 MiB\"", ""),
            ["Weaker files.max-size:-: \"1 MiB\" -> \"5 MiB\" (the default) (the limit was \"1 MiB\")"]
        );
        assert_eq!(
            changes("enforce = true", "enforce = false"),
            ["Weaker enforce:2: true -> false (it was true)"]
        );
    }

    #[test]
    fn what_lies_in_other_files_is_not_guessed() {
        let extends = "extends = [\"a.toml\"]\n";
        let with = |text: &str| format!("{extends}{text}");
        assert_eq!(
            changes(extends, &with("[files]\nmax-size = \"1 MiB\"")),
            [
                "Unknown files.max-size:4: \"5 MiB\" (the default) -> \"1 MiB\" (the rest is in the files that it extends)"
            ]
        );
        assert_eq!(changes(extends, &with("[message]\nlevel = \"deny\"")), NONE);
        assert_eq!(
            changes(extends, "extends = [\"b.toml\", \"a.toml\"]"),
            ["Extends extends:2: [\"a.toml\"] -> [\"b.toml\", \"a.toml\"] ()"]
        );
        assert_eq!(
            changes("final = [\"secrets.level\", \"exception\"]", "final = [\"exception\"]"),
            [
                "Weaker final:2: [\"secrets.level\", \"exception\"] -> [\"exception\"] (later layers could weaken secrets.level)"
            ]
        );
    }

    #[test]
    fn blocks_pair_by_what_they_are_for() {
        let block =
            |glob: &str, size: &str| format!("[[files.path]]\nmatch = [\"{glob}\"]\nmax-size = \"{size}\"\n");
        let two = block("a/**", "1 MiB") + &block("b/**", "1 MiB");
        let swapped = block("b/**", "1 MiB") + &block("a/**", "1 kB");
        assert_eq!(changes(&two, &swapped), NONE);
        assert_eq!(
            changes(&two, &(block("a/**", "2 MiB") + &block("b/**", "1 MiB"))),
            ["Weaker files.path [\"a/**\"], max-size:2: \"1 MiB\" -> \"2 MiB\" (the limit was \"1 MiB\")"]
        );
        assert_eq!(
            changes("", &block("a/**", "2 MiB")),
            ["Unknown files.path:2: not set -> [{ match = [\"a/**\"], max-size = \"2 MiB\" }] ()"]
        );
    }

    #[test]
    fn an_entry_is_what_it_is_for_and_not_why() {
        let exclude = |path: &str, reason: &str| {
            format!("[files]\nexclude = [{{ path = \"{path}\", reason = \"{reason}\" }}]")
        };
        let old = exclude("vendor/**", "third party code");
        assert_eq!(changes(&old, &exclude("vendor/**", "third party, scanned upstream")), NONE);
        assert_eq!(
            changes("", &old),
            [
                "Weaker files.exclude:3: [] (the default) -> [{ path = \"vendor/**\", reason = \"third party code\" }] (it newly has \"vendor/**\")"
            ]
        );
    }

    #[test]
    fn exceptions_are_followed_by_their_id() {
        let record = |id: &str, scope: &str, expires: &str| {
            format!(
                "[[exception]]\nid = \"{id}\"\nrule = \"binary-file\"\n{scope}\nstatus = \"accepted-risk\"\n\
                 reason = \"a drawing of it\"\nowner = \"@me\"\nexpires = {expires}\n"
            )
        };
        let old = record(
            "EX-1",
            "path = \"a.png\"\ncommit = \"1111111111111111111111111111111111111111\"",
            "2027-01-01",
        );
        assert_eq!(changes(&old, &old.replace("a drawing of it", "a good drawing")), NONE);
        assert_eq!(
            changes(&old, &record("EX-1", "path = \"*.png\"", "2027-02-01")),
            [
                "ExceptionExtended exception EX-1, path:2: a.png -> *.png (it is for other places)",
                "ExceptionExtended exception EX-1, commit:2: 1111111111111111111111111111111111111111 -> not set (it is for more than it was)",
                "ExceptionExtended exception EX-1, expires:2: 2027-01-01 -> 2027-02-01 (it holds longer)",
            ]
        );
        assert_eq!(
            changes(&old, &record("EX-2", "path = \"a.png\"", "2027-01-01")),
            [
                "ExceptionAdded exception EX-2:2: not set -> binary-file, path a.png, until 2027-01-01, owner @me ()"
            ]
        );
        assert_eq!(changes(&old, ""), NONE, "one that is gone excuses nothing");
        let layer = |text: &str| Layer {
            origin: Origin::File("gatepost.toml".to_owned()),
            text: format!("schema = 1\n{text}\n"),
        };
        let moved = compare(&Schema::built_in(), Some(&layer("")), &layer(&old), &[layer(&old)]).unwrap();
        assert_eq!(moved, [], "it came from the file beside");
    }

    #[test]
    fn a_version_that_is_no_policy_says_which() {
        let layer =
            |text: &str| Layer { origin: Origin::File("gatepost.toml".to_owned()), text: text.to_owned() };
        let compare =
            |old: &str, new: &str| compare(&Schema::built_in(), Some(&layer(old)), &layer(new), &[]);
        assert!(matches!(compare("nonsense", ""), Err(CompareError::Old(_))));
        assert!(matches!(compare("nonsense", "also"), Err(CompareError::New(_))));
    }
}
