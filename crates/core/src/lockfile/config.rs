//! The section `[locks]` of the policy.

use super::ecosystem::{Breaks, Reason};
use super::ecosystems::ECOSYSTEMS;
use crate::policy::{EXCUSED_PATHS, Excuse, Key, Kind, Levels, Policy, PolicyError, Strictness, nearest};
use crate::text::{PathGlob, Size};
use crate::{Date, Level, RepoPath, Stage};
use serde::Deserialize;

/// The section, as the policy holds it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    /// What a lock means that a strict install would refuse.
    pub strict: Levels,
    /// What a lock means that an ordinary install would rewrite.
    pub rewrite: Levels,
    /// What it means that nobody can tell.
    pub cannot_tell: Levels,
    /// Manifests that have a lock.
    pub require: Vec<String>,
    /// What it means that a lock is kept out of the repository.
    pub ignored: Levels,
    /// What two locks of one manifest mean.
    pub rivals: Levels,
    /// What a lock without a manifest means.
    pub orphans: Levels,
    /// What it means that a manifest changes, its lock does not, and nobody can tell whether they agree.
    pub manifest_alone: Levels,
    /// What it means that a lock changes and none of its manifests does.
    pub lock_alone: Levels,
    /// The largest lock that is read.
    pub max_file_size: Size,
    /// Paths that are not judged.
    pub exclude: Vec<Excuse>,
    /// Levels of single ecosystems.
    #[serde(default)]
    pub ecosystem: Vec<OfEcosystem>,
}

/// Levels of one ecosystem.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct OfEcosystem {
    /// Its name.
    pub name: String,
    /// Its `strict`.
    pub strict: Option<Levels>,
    /// Its `rewrite`.
    pub rewrite: Option<Levels>,
    /// Its `cannot-tell`.
    pub cannot_tell: Option<Levels>,
}

const fn levels(name: &'static str, default: &'static str, help: &'static str) -> Key {
    Key { name, kind: Kind::Levels, default, strictness: Strictness::Levels, help }
}

pub(super) const KEYS: &[Key] = &[
    levels(
        "strict",
        "\"deny\"",
        "What a lock means that a strict install would refuse (`npm ci`, `cargo --locked`, `uv sync --locked`): deny, warn, note or off, or one of these by stage. Without any policy file it warns.",
    ),
    levels(
        "rewrite",
        "\"warn\"",
        "What a lock means that a strict install takes and the next ordinary install would rewrite.",
    ),
    levels(
        "cannot-tell",
        "\"note\"",
        "What it means that the files alone do not say whether lock and manifest agree. A lock of a form that is not known counts as `strict` instead.",
    ),
    Key {
        name: "require",
        kind: Kind::List(&Kind::Glob),
        default: "[]",
        strictness: Strictness::MoreItems,
        help: "Manifests that must have a lock, at the level `strict`: `**` is every one that asks for dependencies. Libraries often have none.",
    },
    levels(
        "ignored",
        "\"warn\"",
        "What it means that .gitignore keeps a missing lock out of the repository.",
    ),
    levels("rivals", "\"warn\"", "What it means that two tools have a lock for one manifest."),
    levels("orphans", "\"warn\"", "What a lock means that has no manifest."),
    levels(
        "manifest-alone",
        "\"warn\"",
        "What it means that a change alters a manifest and not its lock, where nobody can tell whether they agree.",
    ),
    levels(
        "lock-alone",
        "\"warn\"",
        "What it means that a change alters a lock and none of its manifests: right for an update within the ranges, worth a look otherwise.",
    ),
    Key {
        name: "max-file-size",
        kind: Kind::Size,
        default: "\"50 MiB\"",
        strictness: Strictness::Greater,
        help: "The largest manifest or lock that is read. Of a larger one nobody can tell.",
    },
    Key {
        name: "exclude",
        kind: EXCUSED_PATHS,
        default: "[]",
        strictness: Strictness::FewerExcuses,
        help: "Manifests and locks that are not judged, each entry with a reason: fixtures, vendored code.",
    },
    Key {
        name: "ecosystem",
        kind: Kind::Tables(&[
            Key {
                name: "name",
                kind: Kind::Text,
                default: "",
                strictness: Strictness::Unordered,
                help: "The ecosystem, by the names of `docs/lockfiles.md`: `npm`, `cargo`, `uv`. Required.",
            },
            levels("strict", "", "Its `strict`."),
            levels("rewrite", "", "Its `rewrite`."),
            levels("cannot-tell", "", "Its `cannot-tell`."),
        ]),
        default: "",
        strictness: Strictness::Unordered,
        help: "Levels of single ecosystems: `[[locks.ecosystem]]`.",
    },
];

/// The section, compiled for a stage.
#[derive(Debug)]
pub(super) struct Settings {
    config: Config,
    stage: Stage,
    require: Vec<PathGlob>,
    exclude: Vec<PathGlob>,
    /// Whether anything denies: not at a gate for which nobody has written a policy.
    denies: bool,
}

impl Settings {
    pub(super) fn new(policy: &Policy, stage: Stage, today: Date) -> Result<Self, PolicyError> {
        let config: Config = policy.section("locks")?;
        let known = || ECOSYSTEMS.iter().map(|ecosystem| ecosystem.info().name);
        if let Some(block) = config.ecosystem.iter().find(|block| !known().any(|name| name == block.name)) {
            let message = format!("`locks.ecosystem` names `{}`, which is not known", block.name);
            let help = nearest(&block.name, known()).map_or_else(
                || format!("it takes {}", known().collect::<Vec<_>>().join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(policy.error("locks.ecosystem", message, Some(help)));
        }
        let globs = |key: &str, patterns: Vec<&str>| {
            let compiled = patterns.into_iter().map(PathGlob::new);
            let compiled: Result<Vec<_>, _> = compiled.collect();
            compiled.map_err(|error| policy.error(key, format!("`{key}`: {error}"), None))
        };
        let require = globs("locks.require", config.require.iter().map(String::as_str).collect())?;
        let excluded = config.exclude.iter().filter(|excuse| excuse.holds(today));
        let excluded = excluded.filter_map(|excuse| excuse.path.as_deref()).collect();
        let exclude = globs("locks.exclude", excluded)?;
        Ok(Self { stage, require, exclude, denies: !policy.is_default(), config })
    }

    pub(super) fn ask_for(&mut self) {
        self.denies = true;
    }

    pub(super) fn limit(&self) -> u64 {
        self.config.max_file_size.0
    }

    pub(super) fn is_off(&self) -> bool {
        let Config {
            strict, rewrite, cannot_tell, ignored, rivals, orphans, manifest_alone, lock_alone, ..
        } = &self.config;
        let own = [strict, rewrite, cannot_tell, ignored, rivals, orphans, manifest_alone, lock_alone];
        let of = self
            .config
            .ecosystem
            .iter()
            .flat_map(|block| [&block.strict, &block.rewrite, &block.cannot_tell]);
        own.into_iter().chain(of.flatten()).all(|levels| levels.at(self.stage) == Level::Off)
    }

    pub(super) fn is_excluded(&self, path: &str) -> bool {
        let path = RepoPath::from(path);
        self.exclude.iter().any(|glob| glob.is_match(&path))
    }

    pub(super) fn is_required(&self, manifest: &str) -> bool {
        let path = RepoPath::from(manifest);
        self.require.iter().any(|glob| glob.is_match(&path))
    }

    /// The level of a reason of an ecosystem.
    pub(super) fn of(&self, ecosystem: &str, reason: &Reason) -> Level {
        let block = self.config.ecosystem.iter().rev().find(|block| block.name == ecosystem);
        let (own, common) = match (reason.drift, reason.breaks) {
            (None, _) => (block.and_then(|block| block.cannot_tell.as_ref()), &self.config.cannot_tell),
            (_, Breaks::Both | Breaks::Strict | Breaks::Perhaps) => {
                (block.and_then(|block| block.strict.as_ref()), &self.config.strict)
            }
            _ => (block.and_then(|block| block.rewrite.as_ref()), &self.config.rewrite),
        };
        self.at(own.unwrap_or(common))
    }

    /// The level of what is no reason of a pair, by its key.
    pub(super) fn level(&self, of: fn(&Config) -> &Levels) -> Level {
        self.at(of(&self.config))
    }

    fn at(&self, levels: &Levels) -> Level {
        let level = levels.at(self.stage);
        if self.denies { level } else { level.min(Level::Warn) }
    }
}
