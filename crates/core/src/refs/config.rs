//! The section `[branch]` of the policy.

use super::template::Template;
use crate::RepoPath;
use crate::policy::{
    DEFAULT_TICKET, Excuse, Key, Kind, Levels, Policy, PolicyError, SeverityLevels, Strictness,
    without_anchors,
};
use crate::text::PathGlob;
use crate::{Date, Level, Stage};
use serde::Deserialize;

/// A ready-made set of patterns.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// None.
    None,
    /// Trunk, features, bugs, chores, releases, hotfixes and backports, with tickets: [`STANDARD`].
    Standard,
}

/// The patterns of the preset `standard`.
pub const STANDARD: &[&str] = &[
    "main",
    "develop",
    "feature/{ticket}[-{slug}]",
    "bugfix/{ticket}[-{slug}]",
    "chore/{ticket}[-{slug}]",
    "hotfix/{ticket}",
    "hotfix/{major}.{minor}.{patch}-{ticket}",
    "release/{major}.{minor}",
    "release/{major}.{minor}.{patch}",
    "backport/{ticket}-to-{major}.{minor}",
];

/// The section, as the policy holds it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    /// What a name outside the patterns means, by stage.
    pub level: Levels,
    /// The names there are, as templates.
    pub patterns: Vec<String>,
    /// More patterns, ready-made.
    pub preset: Preset,
    /// Names that are not judged, as globs.
    pub exempt: Vec<Excuse>,
    /// What a branch or tag named like a commit means, by stage.
    pub hex_names: Levels,
    /// What a branch named like one of Git's own refs means, by stage.
    pub reserved_names: Levels,
    /// How many days a branch may be open; 0: any number.
    pub stale_after_days: u32,
    /// Branches that stay, as globs.
    pub long_lived: Vec<String>,
}

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "level",
        kind: Kind::Levels,
        default: "\"off\"",
        strictness: Strictness::Levels,
        help: "What a branch name outside the patterns means: deny, warn, note or off, or one of these by stage.",
    },
    Key {
        name: "patterns",
        kind: Kind::List(&Kind::Text),
        default: "[]",
        strictness: Strictness::FewerItems,
        help: "The branch names there are: templates with {ticket}, {slug}, {major}, {minor}, {patch}, {semver}, {version} and {any}, an optional part in square brackets, or a regular expression between slashes.",
    },
    Key {
        name: "preset",
        kind: Kind::Choice(&["none", "standard"]),
        default: "\"none\"",
        strictness: Strictness::Words(&[&["standard"], &["none"]]),
        help: "More patterns, ready-made: `standard` has main, develop, feature, bugfix, chore, hotfix, release and backport branches.",
    },
    Key {
        name: "exempt",
        kind: Kind::Excuses {
            subjects: &[Key {
                name: "name",
                kind: Kind::Glob,
                default: "",
                strictness: Strictness::Unordered,
                help: "The branches: a glob over the whole name, `dependabot/**`. Required.",
            }],
            further: &[],
        },
        default: "[]",
        strictness: Strictness::FewerExcuses,
        help: "Branches that are not judged, each entry with a reason.",
    },
    Key {
        name: "hex-names",
        kind: Kind::Levels,
        default: "\"off\"",
        strictness: Strictness::Levels,
        help: "What a branch or a tag means whose name is 40 or 64 hexadecimal digits, like a commit's id.",
    },
    Key {
        name: "reserved-names",
        kind: Kind::Levels,
        default: "\"off\"",
        strictness: Strictness::Levels,
        help: "What a branch means that is named like one of Git's own refs: HEAD, FETCH_HEAD, refs/…",
    },
    Key {
        name: "stale-after-days",
        kind: Kind::Integer { min: 0, max: 3650 },
        default: "0",
        strictness: Strictness::SmallerOrNone,
        help: "How many days a branch may be open, from the first of its commits that the default branch has not; `gatepost audit` lists those that are older. 0: any number.",
    },
    Key {
        name: "long-lived",
        kind: Kind::List(&Kind::Glob),
        default: "[\"develop\", \"release/**\"]",
        strictness: Strictness::FewerItems,
        help: "Branches that stay, beside the default branch: `gatepost audit` finds them neither open for too long nor merged and left over. Globs over whole names.",
    },
];

/// The section, compiled for a stage.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) level: SeverityLevels,
    pub(super) hex_names: SeverityLevels,
    pub(super) reserved_names: SeverityLevels,
    pub(super) templates: Vec<Template>,
    exempt: Vec<PathGlob>,
    /// What finds a ticket in a wrong name: as it should be written, anywhere; in another case, only where
    /// tickets usually stand, at the beginning (`utf-8` in the middle of a name is none).
    pub(super) tickets: Vec<regex::Regex>,
}

impl Settings {
    pub(super) fn new(policy: &Policy, stage: Stage, today: Date) -> Result<Self, PolicyError> {
        let config: Config = policy.section("branch")?;
        let preset = match config.preset {
            Preset::None => &[],
            Preset::Standard => STANDARD,
        };
        let sources = config.patterns.iter().map(String::as_str).chain(preset.iter().copied());
        let templates = sources
            .map(|source| Template::new(source, policy.ticket()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| policy.error("branch.patterns", format!("`branch.patterns`: {error}"), None))?;
        let level = config.level.by_severity(stage);
        if level.strictest() != Level::Off && templates.is_empty() {
            let message = format!(
                "`branch.level` is `{}`, and there are no patterns: no name would be allowed",
                level.strictest()
            );
            let help = "set `patterns`, or `preset = \"standard\"`".to_owned();
            return Err(policy.error("branch.level", message, Some(help)));
        }
        let exempt: Vec<Option<PathGlob>> = config
            .exempt
            .iter()
            .filter(|excuse| excuse.holds(today))
            .map(Excuse::glob)
            .collect::<Result<_, _>>()
            .map_err(|error| policy.error("branch.exempt", format!("`branch.exempt`: {error}"), None))?;
        let ticket = without_anchors(policy.ticket().unwrap_or(DEFAULT_TICKET));
        let mut tickets = Vec::new();
        if !templates.is_empty() {
            let forms = [format!(r"\b(?:{ticket})\b"), format!(r"(?i)\A(?:{ticket})(?:\b|_)")];
            tickets.extend(forms.iter().filter_map(|pattern| regex::Regex::new(pattern).ok()));
        }
        Ok(Self {
            level,
            hex_names: config.hex_names.by_severity(stage),
            reserved_names: config.reserved_names.by_severity(stage),
            templates,
            exempt: exempt.into_iter().flatten().collect(),
            tickets,
        })
    }

    pub(super) fn is_exempt(&self, name: &[u8]) -> bool {
        let path = RepoPath::new(name);
        self.exempt.iter().any(|glob| glob.is_match(&path))
    }

    pub(super) fn is_allowed(&self, name: &str) -> bool {
        self.templates.iter().any(|template| template.is_match(name))
    }
}
