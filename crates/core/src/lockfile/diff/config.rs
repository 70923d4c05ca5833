//! The section `[lock-diff]` of the policy.

use super::codes::Signal;
use crate::policy::{EXCUSED_PATHS, Excuse, Key, Kind, Levels, Policy, PolicyError, Strictness};
use crate::text::PathGlob;
use crate::{Date, Level, RepoPath, Stage};
use serde::Deserialize;

/// The section, as the policy holds it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    /// Of packages that manifests ask for.
    pub new_direct: Levels,
    /// Of packages that come along.
    pub new_transitive: Levels,
    /// Of packages that run programs when they are installed.
    pub install_scripts: Levels,
    /// Of another host.
    pub host_changed: Levels,
    /// Of another hash for the same version.
    pub integrity_changed: Levels,
    /// Of an older version.
    pub version_down: Levels,
    /// Of a name like that of another.
    pub look_alikes: Levels,
    /// Of a source that is no registry any more.
    pub left_registry: Levels,
    /// Of a source that is not encrypted.
    pub unencrypted: Levels,
    /// Of a hash that is gone or weaker.
    pub integrity_weaker: Levels,
    /// Of the address of another package.
    pub other_address: Levels,
    /// Names of the own organisation.
    pub internal_names: Vec<String>,
    /// Locks that are not compared.
    pub exclude: Vec<Excuse>,
}

const fn levels(name: &'static str, default: &'static str, help: &'static str) -> Key {
    Key { name, kind: Kind::Levels, default, strictness: Strictness::Levels, help }
}

pub(super) const KEYS: &[Key] = &[
    levels(
        "new-direct",
        "\"note\"",
        "What it means that a package which a manifest asks for is new in a lock.",
    ),
    levels("new-transitive", "\"note\"", "What it means that a package came into a lock along with another."),
    levels(
        "install-scripts",
        "\"warn\"",
        "What it means that a package runs programs when it is installed and did not before. Locks of npm say so; most others do not.",
    ),
    levels("host-changed", "\"warn\"", "What it means that a package comes from another host than before."),
    levels(
        "integrity-changed",
        "\"deny\"",
        "What it means that a package has another hash and the same version. Without any policy file it warns.",
    ),
    levels("version-down", "\"warn\"", "What it means that a version goes down."),
    levels(
        "look-alikes",
        "\"warn\"",
        "What it means that a new name is one edit away from one that very many use, or from one of `internal-names`.",
    ),
    levels(
        "left-registry",
        "\"warn\"",
        "What it means that a package came from a registry and comes from Git or an address now.",
    ),
    levels(
        "unencrypted",
        "\"warn\"",
        "What it means that a package is fetched by http or git, and was not before.",
    ),
    levels(
        "integrity-weaker",
        "\"warn\"",
        "What it means that a hash is gone, or of a weaker kind than before.",
    ),
    levels(
        "other-address",
        "\"deny\"",
        "What it means that a package is fetched from the address of another one. Without any policy file it warns.",
    ),
    Key {
        name: "internal-names",
        kind: Kind::List(&Kind::Text),
        default: "[]",
        strictness: Strictness::MoreItems,
        help: "Names of packages of the own organisation, for `look-alikes`: `acme-core`, `@acme/*`.",
    },
    Key {
        name: "exclude",
        kind: EXCUSED_PATHS,
        default: "[]",
        strictness: Strictness::FewerExcuses,
        help: "Locks that are not compared, each entry with a reason.",
    },
];

/// The section, compiled for a stage.
#[derive(Debug)]
pub(super) struct Settings {
    config: Config,
    stage: Stage,
    exclude: Vec<PathGlob>,
    denies: bool,
}

impl Settings {
    pub(super) fn new(policy: &Policy, stage: Stage, today: Date) -> Result<Self, PolicyError> {
        let config: Config = policy.section("lock-diff")?;
        let excluded = config.exclude.iter().filter(|excuse| excuse.holds(today));
        let excluded = excluded.filter_map(|excuse| excuse.path.as_deref()).map(PathGlob::new);
        let exclude = excluded.collect::<Result<_, _>>().map_err(|error| {
            policy.error("lock-diff.exclude", format!("`lock-diff.exclude`: {error}"), None)
        })?;
        Ok(Self { stage, exclude, denies: !policy.is_default(), config })
    }

    pub(super) fn ask_for(&mut self) {
        self.denies = true;
    }

    pub(super) fn internal_names(&self) -> &[String] {
        &self.config.internal_names
    }

    pub(super) fn is_off(&self) -> bool {
        Signal::ALL.into_iter().all(|signal| self.level(signal) == Level::Off)
    }

    pub(super) fn is_excluded(&self, path: &RepoPath) -> bool {
        self.exclude.iter().any(|glob| glob.is_match(path))
    }

    pub(super) fn level(&self, signal: Signal) -> Level {
        let levels = match signal {
            Signal::NewDirect => &self.config.new_direct,
            Signal::NewTransitive => &self.config.new_transitive,
            Signal::InstallScript => &self.config.install_scripts,
            Signal::HostChanged => &self.config.host_changed,
            Signal::IntegrityChanged => &self.config.integrity_changed,
            Signal::VersionDown => &self.config.version_down,
            Signal::LookAlike => &self.config.look_alikes,
            Signal::LeftRegistry => &self.config.left_registry,
            Signal::Unencrypted => &self.config.unencrypted,
            Signal::IntegrityWeaker => &self.config.integrity_weaker,
            Signal::OtherAddress => &self.config.other_address,
        };
        let level = levels.at(self.stage);
        if self.denies { level } else { level.min(Level::Warn) }
    }
}
