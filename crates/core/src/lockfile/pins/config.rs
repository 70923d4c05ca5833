//! The section `[pins]` of the policy.

use super::finders::FINDERS;
use super::loose::Finder;
use crate::policy::{
    EXCUSED_PATHS, Excuse, Key, Kind, Levels, Policy, PolicyError, SeverityLevels, Strictness,
};
use crate::text::PathGlob;
use crate::{Date, Level, RepoPath, Severity, Stage};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The section, as the policy holds it.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    /// Files that are not judged.
    pub exclude: Vec<Excuse>,
    /// Hosts that packages may come from; none: any.
    pub registry_hosts: Vec<String>,
    /// Names of the own organisation, and where they come from.
    #[serde(default)]
    pub internal: Vec<Internal>,
    /// The levels of the kinds, by their keys.
    #[serde(flatten)]
    pub levels: BTreeMap<String, toml::Value>,
}

/// Names of the own organisation, and where they come from.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Internal {
    /// The names: `@acme/*`, `acme-*`, `acme-core`.
    pub names: Vec<String>,
    /// The hosts.
    pub hosts: Vec<String>,
}

impl Internal {
    /// Whether a package is the organisation's.
    #[must_use]
    pub fn is_name(&self, package: &str) -> bool {
        self.names.iter().any(|name| match name.strip_suffix('*') {
            Some(prefix) => package.starts_with(prefix),
            None => name == package,
        })
    }
}

/// Of kinds that are worth a word by default only where nothing holds them.
const MILD: &str = "{ high = \"warn\", default = \"note\" }";

const fn levels(name: &'static str, default: &'static str, help: &'static str) -> Key {
    Key { name, kind: Kind::Levels, default, strictness: Strictness::Levels, help }
}

pub(super) const KEYS: &[Key] = &[
    levels(
        "actions",
        "\"warn\"",
        "What an action or a reusable workflow of GitHub means that is not pinned to a full commit id (`uses: OWNER/NAME@COMMIT`): a branch is of high severity, a tag of medium.",
    ),
    levels(
        "images",
        "\"warn\"",
        "What an image of a container means that has no digest (Dockerfile, Compose, Kubernetes, CI): `latest` and no tag are of high severity, another tag of medium.",
    ),
    levels(
        "includes",
        MILD,
        "What an include or a component of GitLab, a shared library of Jenkins, an orb of CircleCI or a repository of Azure Pipelines means that is not held by a commit.",
    ),
    levels("hooks", MILD, "What a `rev` of .pre-commit-config.yaml means that is no full commit id."),
    levels(
        "modules",
        MILD,
        "What a module of Terraform means that comes from elsewhere without a commit, or from a registry without one version.",
    ),
    levels("charts", MILD, "What a dependency of a chart of Helm means that has no one version."),
    levels(
        "ranges",
        "\"off\"",
        "What a dependency of a manifest means that is asked for by a range; any version is of high severity, a range of medium. Those for development and of peers are left alone.",
    ),
    levels(
        "git-dependencies",
        "\"off\"",
        "What a dependency of a manifest means that comes from Git without a full commit id: a branch is of high severity, a tag of medium.",
    ),
    levels(
        "url-dependencies",
        "\"off\"",
        "What a dependency of a manifest means that comes from an address without a hash.",
    ),
    levels("integrity", "\"warn\"", "What an entry of a lock means that has no hash of what is fetched."),
    levels(
        "install-commands",
        MILD,
        "What a command of a pipeline or an image build means that installs dependencies and does not hold to the lock: `npm install` and updates are of high severity, `cargo build` without `--locked` and the like of medium.",
    ),
    levels(
        "install-scripts",
        "\"off\"",
        "What a command of a pipeline or an image build means that runs the programs which packages bring along (`npm ci` without `--ignore-scripts`).",
    ),
    levels(
        "registries",
        "\"warn\"",
        "What a registry means that is asked by plain http or without its certificate being looked at, or that is not in `registry-hosts`.",
    ),
    levels(
        "internal-names",
        "\"deny\"",
        "What it means that a name of `internal` is asked for, or locked, at another host than its own. Without `internal` nothing is judged.",
    ),
    Key {
        name: "registry-hosts",
        kind: Kind::List(&Kind::Text),
        default: "[]",
        strictness: Strictness::Present,
        help: "Hosts that packages may come from: `registry.npmjs.org`, `*.acme.example`. Without any, every host may.",
    },
    Key {
        name: "internal",
        kind: Kind::Tables(&[
            Key {
                name: "names",
                kind: Kind::List(&Kind::Text),
                default: "",
                strictness: Strictness::MoreItems,
                help: "Names of packages: `@acme/*`, `acme-*`, `acme-core`.",
            },
            Key {
                name: "hosts",
                kind: Kind::List(&Kind::Text),
                default: "",
                strictness: Strictness::FewerItems,
                help: "The hosts that they come from, and no others.",
            },
        ]),
        default: "",
        strictness: Strictness::Unordered,
        help: "Names of the own organisation and where they come from: `[[pins.internal]]`.",
    },
    Key {
        name: "exclude",
        kind: EXCUSED_PATHS,
        default: "[]",
        strictness: Strictness::FewerExcuses,
        help: "Files that are not judged, each entry with a reason.",
    },
];

/// The section, compiled for a stage.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) config: Config,
    /// The levels of the finders, in their order.
    levels: Vec<SeverityLevels>,
    exclude: Vec<PathGlob>,
    denies: bool,
}

impl Settings {
    pub(super) fn new(policy: &Policy, stage: Stage, today: Date) -> Result<Self, PolicyError> {
        let config: Config = policy.section("pins")?;
        let of = |finder: &&Finder| {
            let value = config.levels.get(finder.key).cloned();
            let levels = value
                .map(Levels::deserialize)
                .transpose()
                .map_err(|error| policy.error(&format!("pins.{}", finder.key), error.to_string(), None))?;
            Ok(levels.map_or(SeverityLevels::all(Level::Off), |levels| levels.by_severity(stage)))
        };
        let levels = FINDERS.iter().map(of).collect::<Result<_, PolicyError>>()?;
        let excluded = config.exclude.iter().filter(|excuse| excuse.holds(today));
        let excluded = excluded.filter_map(|excuse| excuse.path.as_deref()).map(PathGlob::new);
        let exclude = excluded
            .collect::<Result<_, _>>()
            .map_err(|error| policy.error("pins.exclude", format!("`pins.exclude`: {error}"), None))?;
        Ok(Self { levels, exclude, denies: !policy.is_default(), config })
    }

    pub(super) fn ask_for(&mut self) {
        self.denies = true;
    }

    pub(super) fn is_excluded(&self, path: &RepoPath) -> bool {
        self.exclude.iter().any(|glob| glob.is_match(path))
    }

    /// The finders that are on and read a file.
    pub(super) fn finders<'s>(
        &'s self,
        path: &'s str,
    ) -> impl Iterator<Item = (usize, &'static Finder)> + 's {
        let on =
            FINDERS.iter().copied().enumerate().filter(|(at, _)| {
                self.levels.get(*at).is_some_and(|levels| levels.strictest() != Level::Off)
            });
        on.filter(move |(_, finder)| (finder.reads)(path))
    }

    pub(super) fn is_off(&self) -> bool {
        self.levels.iter().all(|levels| levels.strictest() == Level::Off)
    }

    pub(super) fn level(&self, finder: usize, severity: Severity) -> Level {
        let level = self.levels.get(finder).map_or(Level::Off, |levels| levels.of(severity));
        if self.denies { level } else { level.min(Level::Warn) }
    }
}
