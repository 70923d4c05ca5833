//! The section `[branch]` of the policy.

use crate::policy::{
    DEFAULT_TICKET, Excuse, Key, Kind, Levels, Policy, PolicyError, SeverityLevels, Strictness,
    without_anchors,
};
use crate::text::{PathGlob, Template};
use crate::{Date, Level, Stage};
use crate::{RefName, RepoPath};
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
    /// What a name that is too long means, by stage.
    pub length: Levels,
    /// The longest name, in bytes, without `refs/heads/` or `refs/tags/`; `None`: any.
    pub length_max: Option<u64>,
    /// What a name means that only differs in case from one that is there, by stage.
    pub case_clashes: Levels,
    /// What a ref outside the open namespaces means, by stage.
    pub other_refs: Levels,
    /// The namespaces that are open, as globs over full names.
    pub open_refs: Vec<String>,
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
        help: "The branch names there are: templates with {ticket}, {slug}, {major}, {minor}, {patch}, {semver}, {version}, the parts of a calendar version ({yyyy}, {0m}, {micro} …) and {any}, an optional part in square brackets, or a regular expression between slashes.",
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
    Key {
        name: "length-max",
        kind: Kind::Integer { min: 1, max: 4096 },
        default: "",
        strictness: Strictness::Smaller,
        help: "The longest name of a branch or a tag, in bytes, without refs/heads/ or refs/tags/.",
    },
    Key {
        name: "length",
        kind: Kind::Levels,
        default: "\"deny\"",
        strictness: Strictness::Levels,
        help: "What a name means that is longer than `length-max`, where that is set.",
    },
    Key {
        name: "case-clashes",
        kind: Kind::Levels,
        default: "\"off\"",
        strictness: Strictness::Levels,
        help: "What a new branch or tag means whose name, or a folder of it, differs only in case from one that is there. Judged where a push says what is there.",
    },
    Key {
        name: "other-refs",
        kind: Kind::Levels,
        default: "{ pre-receive = \"deny\" }",
        strictness: Strictness::Levels,
        help: "What it means to push a ref outside of `open-refs`: refs/replace, refs/notes, refs/for. Deleting one is let through.",
    },
    Key {
        name: "open-refs",
        kind: Kind::List(&Kind::Glob),
        default: "[\"refs/heads/**\", \"refs/tags/**\"]",
        strictness: Strictness::FewerItems,
        help: "The refs that may be pushed: globs over full names. `*` stays within a part of the name, `**` crosses.",
    },
];

/// The section, compiled for a stage.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) level: SeverityLevels,
    pub(super) hex_names: SeverityLevels,
    pub(super) reserved_names: SeverityLevels,
    pub(super) length: SeverityLevels,
    pub(super) length_max: Option<u64>,
    pub(super) case_clashes: SeverityLevels,
    pub(super) other_refs: SeverityLevels,
    /// The open namespaces, as they are written.
    pub(super) open_refs: Vec<String>,
    open: Vec<PathGlob>,
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
            length: config.length.by_severity(stage),
            length_max: config.length_max,
            case_clashes: config.case_clashes.by_severity(stage),
            other_refs: config.other_refs.by_severity(stage),
            open: open(policy, &config.open_refs)?,
            open_refs: config.open_refs,
            templates,
            exempt: exempt.into_iter().flatten().collect(),
            tickets,
        })
    }

    /// Whether a full name is in an open namespace.
    pub(super) fn is_open(&self, name: &RefName) -> bool {
        let path = RepoPath::new(name.as_bytes());
        self.open.iter().any(|glob| glob.is_match(&path))
    }

    pub(super) fn is_exempt(&self, name: &[u8]) -> bool {
        let path = RepoPath::new(name);
        self.exempt.iter().any(|glob| glob.is_match(&path))
    }

    pub(super) fn is_allowed(&self, name: &str) -> bool {
        self.templates.iter().any(|template| template.is_match(name))
    }
}

/// The open namespaces, compiled: globs that are tied to the beginning.
fn open(policy: &Policy, patterns: &[String]) -> Result<Vec<PathGlob>, PolicyError> {
    let fail =
        |error: String, help| policy.error("branch.open-refs", format!("`branch.open-refs`: {error}"), help);
    if let Some(short) = patterns.iter().find(|pattern| !pattern.starts_with("refs/")) {
        let help = format!("write the full name: refs/heads/{short} or refs/{short}");
        return Err(fail(format!("no ref has a name like `{short}`"), Some(help)));
    }
    let globs = patterns.iter().map(|pattern| PathGlob::new(&format!("/{pattern}")));
    globs.collect::<Result<_, _>>().map_err(|error| fail(error, None))
}
