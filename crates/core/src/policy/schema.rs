//! Every key there is: those of the registered checks and those of the root.

use super::key::{Key, Kind, defaults};
use super::strictness::Strictness;
use crate::check::{CHECKS, CheckInfo};

/// The keys that stand outside every section.
pub(super) static ROOT_KEYS: &[Key] = &[
    Key {
        name: "schema",
        kind: Kind::Integer { min: 1, max: 1 },
        default: "1",
        strictness: Strictness::Unordered,
        help: "The version of this file's format.",
    },
    Key {
        name: "extends",
        kind: Kind::List(&Kind::Text),
        default: "[]",
        strictness: Strictness::Unordered,
        help: "Policies that this one builds on, earliest first: files and folders relative to this file, or `repo@<full commit id>:path`. Nothing is fetched from a network.",
    },
    Key {
        name: "final",
        kind: Kind::List(&Kind::Text),
        default: "[]",
        strictness: Strictness::Unordered,
        help: "Keys that later layers may only make stricter: levels may rise, everything else must stay as it is. A section's name stands for all of its keys, `exception` for adding exceptions.",
    },
    Key {
        name: "enforce",
        kind: Kind::Bool,
        default: "true",
        strictness: Strictness::Words(&[&["false"], &["true"]]),
        help: "`false` is a dry run: everything is judged and reported, nothing is refused.",
    },
    Key {
        name: "on-deny",
        kind: Kind::Text,
        default: "\"\"",
        strictness: Strictness::Neutral,
        help: "A step that is added to every finding that blocks: whom to ask for an exception.",
    },
    Key {
        name: "on-warn",
        kind: Kind::Text,
        default: "\"\"",
        strictness: Strictness::Neutral,
        help: "A step that is added to every finding that warns: where to open its ticket. gatepost opens none itself, since it has no network code.",
    },
];

/// The keys of the root that are settings like those of sections; the others say how the file is read.
const SETTINGS: [&str; 3] = ["enforce", "on-deny", "on-warn"];

/// The keys that stand outside every section.
#[must_use]
pub fn root_keys() -> &'static [Key] {
    ROOT_KEYS
}

/// The keys of a set of checks.
#[derive(Clone, Copy)]
pub struct Schema {
    checks: &'static [&'static CheckInfo],
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.checks.iter().map(|check| check.section)).finish()
    }
}

impl Schema {
    /// The keys of every check of [`CHECKS`].
    #[must_use]
    pub const fn built_in() -> Self {
        Self { checks: CHECKS }
    }

    /// The keys of these checks alone: for embedders with checks of their own, and for tests.
    #[must_use]
    pub const fn new(checks: &'static [&'static CheckInfo]) -> Self {
        Self { checks }
    }

    /// The sections with their keys, in the registry's order; those that are written as blocks are not among them.
    pub fn sections(&self) -> impl Iterator<Item = (&'static str, &'static [Key])> + Clone + use<> {
        let tables = self.checks.iter().filter(|check| check.blocks.is_none());
        tables.map(|check| (check.section, check.keys))
    }

    /// The sections that are written as blocks (`[[ref]]`), each as one key.
    pub fn blocks(&self) -> impl Iterator<Item = &'static Key> + Clone + use<> {
        self.checks.iter().filter_map(|check| check.blocks)
    }

    /// A section that is written as blocks.
    #[must_use]
    pub fn block(&self, name: &str) -> Option<&'static Key> {
        self.blocks().find(|key| key.name == name)
    }

    /// The checks.
    #[must_use]
    pub const fn checks(&self) -> &'static [&'static CheckInfo] {
        self.checks
    }

    /// A section's keys.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<&'static [Key]> {
        self.sections().find(|(section, _)| *section == name).map(|(_, keys)| keys)
    }

    /// Every key with its path (`message.header-max`), in the registry's order, tables taken apart; of the keys of the
    /// root those that say something of what is judged.
    #[must_use]
    pub fn keys(&self) -> Vec<(String, &'static Key)> {
        let mut out: Vec<(String, &'static Key)> = Vec::new();
        out.extend(
            ROOT_KEYS.iter().filter(|key| SETTINGS.contains(&key.name)).map(|key| (key.name.to_owned(), key)),
        );
        for check in self.checks {
            match check.blocks {
                Some(key) => out.push((key.name.to_owned(), key)),
                None => collect(check.section, check.keys, &mut out),
            }
        }
        out
    }

    /// The key at a path.
    #[must_use]
    pub fn key(&self, path: &str) -> Option<&'static Key> {
        if SETTINGS.contains(&path) {
            return ROOT_KEYS.iter().find(|key| key.name == path);
        }
        if let Some(key) = self.block(path) {
            return Some(key);
        }
        let mut segments = path.split('.');
        let mut keys = self.section(segments.next()?)?;
        loop {
            let name = segments.next()?;
            let key = keys.iter().find(|key| key.name == name)?;
            match (key.kind, segments.clone().next()) {
                (Kind::Table(inner), Some(_)) => keys = inner,
                (_, None) => return Some(key),
                _ => return None,
            }
        }
    }

    /// Whether `final` may name this path.
    pub(super) fn names(&self, path: &str) -> bool {
        path == "exception" || self.section(path).is_some() || self.key(path).is_some()
    }

    /// What `final` may name.
    pub(super) fn paths(&self) -> Vec<String> {
        let keys = self.keys().into_iter().map(|(path, _)| path);
        keys.chain(self.sections().map(|(name, _)| name.to_owned())).chain(["exception".to_owned()]).collect()
    }

    /// Every default.
    pub(super) fn defaults(&self) -> toml::Table {
        self.sections()
            .map(|(section, keys)| (section.to_owned(), toml::Value::Table(defaults(keys))))
            .chain(defaults(ROOT_KEYS).into_iter().filter(|(name, _)| SETTINGS.contains(&name.as_str())))
            .collect()
    }
}

fn collect(path: &str, keys: &'static [Key], out: &mut Vec<(String, &'static Key)>) {
    for key in keys {
        let inner = format!("{path}.{}", key.name);
        match key.kind {
            Kind::Table(keys) => collect(&inner, keys, out),
            _ => out.push((inner, key)),
        }
    }
}
