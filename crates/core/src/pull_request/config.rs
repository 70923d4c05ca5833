//! The section `[pull-request]` of the policy.

use super::label_form::LabelForm;
use super::pattern::Pattern;
use crate::policy::{
    DEFAULT_TICKET, Key, Kind, Levels, Policy, PolicyError, SeverityLevels, Strictness, without_anchors,
};
use crate::text::PathGlob;
use crate::{Change, Level, Stage};
use regex::Regex;
use serde::Deserialize;
use std::collections::HashMap;

/// What a title is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TitleForm {
    /// Anything.
    Any,
    /// The header of a commit, by `[message]`.
    Conventional,
}

/// Where a ticket counts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TicketPlace {
    /// In the title.
    Title,
    /// In the description.
    Body,
}

/// What a pull request means that is marked as not ready.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Drafts {
    /// Nothing.
    Allow,
    /// It is refused.
    Forbid,
}

/// What it means that something was to be judged and is not known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownFacts {
    /// The run is incomplete.
    Incomplete,
    /// It is said.
    Note,
}

/// The key `labels`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Labels {
    /// Patterns, each of which at least one label matches.
    pub required: Vec<String>,
    /// Patterns, each of which exactly one label matches.
    pub exactly_one: Vec<String>,
    /// Patterns, one of which each label matches; empty: every label is allowed.
    pub allowed: Vec<String>,
    /// Labels that have one of several values: `risk:{low,medium,high}`.
    pub values: Vec<String>,
}

/// The key `changelog`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Changelog {
    /// Globs over paths; empty: nothing is asked.
    pub files: Vec<String>,
    /// The types of titles that it is asked of; empty: of all.
    pub types: Vec<String>,
    /// The label of a request that needs no entry; empty: there is none.
    pub label: String,
}

/// The key `backport`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Backport {
    /// The labels; `*` stands for the version. Empty: none is judged.
    pub label: String,
    /// The branch that such a label names; `*` stands for the version.
    pub branch: String,
}

/// The section, as the policy holds it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    /// What a broken rule means, by stage.
    pub level: Levels,
    /// What the title is.
    pub title: TitleForm,
    /// Where a ticket is named; empty: nowhere.
    pub ticket_in: Vec<TicketPlace>,
    /// Labels.
    pub labels: Labels,
    /// Labels for backports.
    pub backport: Backport,
    /// The changelog.
    pub changelog: Changelog,
    /// The sections of the description.
    pub headings: Vec<String>,
    /// What a draft means.
    pub draft: Drafts,
    /// What it means that something is not known.
    pub unknown: UnknownFacts,
}

const TEXTS: Kind = Kind::List(&Kind::Text);

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "level",
        kind: Kind::Levels,
        default: "\"deny\"",
        strictness: Strictness::Levels,
        help: "What a pull request that breaks a rule means, its title included: deny, warn, note or off, or one of these by stage. Only `run ci` sees pull requests.",
    },
    Key {
        name: "title",
        kind: Kind::Choice(&["any", "conventional"]),
        default: "\"any\"",
        strictness: Strictness::Words(&[&["any"], &["conventional"]]),
        help: "With `conventional`, the title is judged as the header of a commit by the rules of [message], at the level of this section: with squash merges it becomes one.",
    },
    Key {
        name: "ticket-in",
        kind: Kind::List(&Kind::Choice(&["title", "body"])),
        default: "[]",
        strictness: Strictness::FewerOrAll,
        help: "Where a pull request must name its ticket (`ticket` of [message]); any one of the places is enough. An empty list asks for none.",
    },
    Key {
        name: "labels",
        kind: Kind::Table(&[
            Key {
                name: "required",
                kind: TEXTS,
                default: "[]",
                strictness: Strictness::MoreItems,
                help: "Labels that every pull request has, at least one for each pattern: `risk:*`. `*` stands for any characters.",
            },
            Key {
                name: "exactly-one",
                kind: TEXTS,
                default: "[]",
                strictness: Strictness::MoreItems,
                help: "As `required`, and no second label may match the same pattern.",
            },
            Key {
                name: "allowed",
                kind: TEXTS,
                default: "[]",
                strictness: Strictness::FewerOrAll,
                help: "The labels there are, as patterns. An empty list allows every label.",
            },
            Key {
                name: "values",
                kind: TEXTS,
                default: "[]",
                strictness: Strictness::Unordered,
                help: "Labels that have a value, each with the values there are: `risk:{low,medium,high}`. Whether there must be such a label is for `required` and `exactly-one`.",
            },
        ]),
        default: "",
        strictness: Strictness::Unordered,
        help: "The labels of a pull request.",
    },
    Key {
        name: "backport",
        kind: Kind::Table(&[
            Key {
                name: "label",
                kind: Kind::Text,
                default: "\"\"",
                strictness: Strictness::Present,
                help: "Labels that name a release to bring the change to: `backport:*`. `*` must be a version such as 1.6, and its branch must exist. Empty: none is judged.",
            },
            Key {
                name: "branch",
                kind: Kind::Text,
                default: "\"release/*\"",
                strictness: Strictness::Unordered,
                help: "The branch of that release, with the version for `*`.",
            },
        ]),
        default: "",
        strictness: Strictness::Unordered,
        help: "Labels for backports.",
    },
    Key {
        name: "changelog",
        kind: Kind::Table(&[
            Key {
                name: "files",
                kind: Kind::List(&Kind::Glob),
                default: "[]",
                strictness: Strictness::FewerOrAll,
                help: "The files of the changelog, one of which every pull request adds or alters: `CHANGELOG.md`, `changelog.d/**`. An empty list asks for none.",
            },
            Key {
                name: "types",
                kind: TEXTS,
                default: "[]",
                strictness: Strictness::Unordered,
                help: "The types of titles of which it is asked; what is marked as breaking is always asked. An empty list: of every pull request.",
            },
            Key {
                name: "label",
                kind: Kind::Text,
                default: "\"\"",
                strictness: Strictness::Unordered,
                help: "A label that says that the changelog needs no entry. Empty: there is none.",
            },
        ]),
        default: "",
        strictness: Strictness::Unordered,
        help: "The changelog.",
    },
    Key {
        name: "headings",
        kind: TEXTS,
        default: "[]",
        strictness: Strictness::MoreItems,
        help: "Headings that the description has, in any case, each with something written below it: `Risk assessment`. Comments of the template (`<!-- … -->`) do not count.",
    },
    Key {
        name: "draft",
        kind: Kind::Choice(&["allow", "forbid"]),
        default: "\"allow\"",
        strictness: Strictness::Words(&[&["allow"], &["forbid"]]),
        help: "Whether a pull request may be a draft, or have a title that begins with `WIP` or `Draft:`, when it is judged.",
    },
    Key {
        name: "unknown",
        kind: Kind::Choice(&["incomplete", "note"]),
        default: "\"incomplete\"",
        strictness: Strictness::Words(&[&["note"], &["incomplete"]]),
        help: "What it means that the CI system does not tell what is to be judged: incomplete (exit code 3), or a notice. Where `level` does not deny, it is a notice.",
    },
];

/// The section, compiled for a stage.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) level: SeverityLevels,
    pub(super) title: TitleForm,
    pub(super) ticket_in: Vec<TicketPlace>,
    /// A ticket, with nothing alphanumeric on either side; `None` when none is asked for.
    pub(super) ticket: Option<Regex>,
    /// The ticket pattern as the policy has it.
    pub(super) ticket_source: String,
    pub(super) required: Vec<Pattern>,
    pub(super) exactly_one: Vec<Pattern>,
    pub(super) allowed: Vec<Pattern>,
    pub(super) values: Vec<LabelForm>,
    pub(super) changelog: CompiledChangelog,
    /// The labels for backports and their branches.
    pub(super) backport: Option<(Pattern, Pattern)>,
    pub(super) headings: Vec<String>,
    pub(super) draft: Drafts,
    /// Whether what is not known makes the run incomplete.
    pub(super) needs_facts: bool,
}

impl Settings {
    pub(super) fn new(policy: &Policy, stage: Stage) -> Result<Self, PolicyError> {
        let config: Config = policy.section("pull-request")?;
        let level = config.level.by_severity(stage);
        let ticket_source = policy.ticket().unwrap_or(DEFAULT_TICKET).to_owned();
        let bare = without_anchors(&ticket_source);
        let whole = format!(r"(?:^|[^0-9A-Za-z])(?:{bare})(?:$|[^0-9A-Za-z])");
        let ticket = (!config.ticket_in.is_empty()).then(|| Regex::new(&whole)).transpose();
        let ticket = ticket.map_err(|error| {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default().trim().to_owned();
            let message = format!("`message.ticket`: `{ticket_source}` cannot be used: {reason}");
            policy.error("message.ticket", message, None)
        })?;
        let patterns = |key: &str, list: &[String]| -> Result<Vec<Pattern>, PolicyError> {
            let is_empty = |text: &&String| text.trim().is_empty();
            if list.iter().any(|text| is_empty(&text)) {
                let message = format!("`{key}` has an empty pattern, which no label matches");
                return Err(policy.error(key, message, Some("remove it".to_owned())));
            }
            Ok(list.iter().map(|text| Pattern::new(text)).collect())
        };
        if config.headings.iter().any(|heading| heading.trim().is_empty()) {
            let message = "`pull-request.headings` has an empty heading".to_owned();
            return Err(policy.error("pull-request.headings", message, Some("remove it".to_owned())));
        }
        Ok(Self {
            level,
            title: config.title,
            required: patterns("pull-request.labels.required", &config.labels.required)?,
            exactly_one: patterns("pull-request.labels.exactly-one", &config.labels.exactly_one)?,
            allowed: patterns("pull-request.labels.allowed", &config.labels.allowed)?,
            values: values(policy, &config.labels.values)?,
            changelog: CompiledChangelog::new(policy, config.changelog)?,
            backport: backport(policy, &config.backport)?,
            ticket_in: config.ticket_in,
            ticket,
            ticket_source,
            headings: config.headings,
            draft: config.draft,
            needs_facts: config.unknown == UnknownFacts::Incomplete && level.strictest() == Level::Deny,
        })
    }

    /// Whether anything of the description is judged.
    pub(super) fn needs_body(&self) -> bool {
        !self.headings.is_empty() || self.ticket_in.contains(&TicketPlace::Body)
    }
}

/// The key `changelog`, compiled.
#[derive(Debug)]
pub(super) struct CompiledChangelog {
    pub(super) files: Vec<PathGlob>,
    /// The files as the policy has them.
    pub(super) sources: Vec<String>,
    pub(super) types: Vec<String>,
    pub(super) label: String,
}

impl CompiledChangelog {
    fn new(policy: &Policy, changelog: Changelog) -> Result<Self, PolicyError> {
        let files = changelog.files.iter().map(|glob| PathGlob::new(glob)).collect::<Result<_, _>>();
        let key = "pull-request.changelog.files";
        let files = files.map_err(|error| policy.error(key, format!("`{key}`: {error}"), None))?;
        Ok(Self { files, sources: changelog.files, types: changelog.types, label: changelog.label })
    }

    /// Whether the changes, parents before children, leave one of the files added or altered.
    pub(super) fn is_in(&self, changes: &[Change]) -> bool {
        let those = changes.iter().filter(|change| self.files.iter().any(|glob| glob.is_match(&change.path)));
        let mut left: HashMap<_, _> = HashMap::new();
        for change in those {
            let (first, last) = left.entry(&change.path).or_insert((change.old, None));
            *last = change.new;
            // What a later commit puts back as it was has not changed.
            if *first == *last {
                *last = None;
            }
        }
        left.values().any(|(_, last)| last.is_some())
    }
}

fn values(policy: &Policy, forms: &[String]) -> Result<Vec<LabelForm>, PolicyError> {
    let read = |form: &String| {
        LabelForm::new(form).ok_or_else(|| {
            let key = "pull-request.labels.values";
            let help = "write what is always there and, in braces, the values: \"risk:{low,medium,high}\"";
            policy.error(key, format!("`{key}`: `{form}` lists no values"), Some(help.to_owned()))
        })
    };
    forms.iter().map(read).collect()
}

fn backport(policy: &Policy, backport: &Backport) -> Result<Option<(Pattern, Pattern)>, PolicyError> {
    if backport.label.is_empty() {
        return Ok(None);
    }
    let pattern = |key: &str, text: &str, example: &str| {
        let pattern = Pattern::new(text);
        if pattern.has_one_star() {
            return Ok(pattern);
        }
        let key = format!("pull-request.backport.{key}");
        let message = format!("`{key}`: `{text}` does not say where the version stands");
        Err(policy.error(&key, message, Some(format!("write one `*` for it: \"{example}\""))))
    };
    let label = pattern("label", &backport.label, "backport:*")?;
    let branch = pattern("branch", &backport.branch, "release/*")?;
    Ok(Some((label, branch)))
}
