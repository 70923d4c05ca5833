//! The section `[markers]` of the policy.

use super::kinds::{KINDS, MarkerKind, PRINTS, analyser_names};
use super::reason::Tickets;
use crate::policy::{
    EXCUSED_PATHS, Excuse, Key, Kind, Levels, Policy, PolicyError, SeverityLevels, Strictness, nearest,
};
use crate::text::PathGlob;
use crate::{Date, Level, RepoPath, Stage};
use regex::bytes::Regex;
use serde::Deserialize;
use std::sync::Arc;

/// What is demanded of a marker that a change adds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Demand {
    /// Nothing.
    Allow,
    /// That a reason stands with it.
    NeedsReason,
    /// That a ticket stands with it.
    NeedsTicket,
    /// That it is not there.
    Forbid,
}

/// The section, as the policy holds it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    /// What a marker means that breaks its rule, by stage and severity.
    pub level: Levels,
    /// Kinds that mean a warning at the most.
    pub warn_only: Vec<String>,
    /// What is demanded of TODO comments.
    pub todo: Demand,
    /// The words that make one.
    pub todo_words: Vec<String>,
    /// What is demanded of debug statements.
    pub debug: Demand,
    /// Languages in which printing is one too.
    pub debug_prints: Vec<String>,
    /// What else is one: regular expressions over code.
    pub debug_patterns: Vec<String>,
    /// What is demanded of tests that are switched off.
    pub disabled_tests: Demand,
    /// What is demanded of tests that switch the others off.
    pub focused_tests: Demand,
    /// What is demanded of comments and attributes that silence analysers.
    pub suppressions: Demand,
    /// Analysers that anybody may silence.
    pub ignore_analysers: Vec<String>,
    /// What is demanded of merge conflicts: `allow` or `forbid`.
    pub conflicts: Demand,
    /// Paths that are not judged.
    pub exclude: Vec<Excuse>,
}

const DEMAND: Kind = Kind::Choice(&["allow", "needs-reason", "needs-ticket", "forbid"]);
const STRICTNESS: Strictness =
    Strictness::Words(&[&["allow"], &["needs-reason", "needs-ticket"], &["forbid"]]);

const fn demand(name: &'static str, help: &'static str) -> Key {
    Key { name, kind: DEMAND, default: "\"allow\"", strictness: STRICTNESS, help }
}

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "level",
        kind: Kind::Levels,
        default: "\"deny\"",
        strictness: Strictness::Levels,
        help: "What a marker means that breaks its rule: deny, warn, note or off, or one of these by stage, by severity or both. TODO comments are of low severity, focused tests and conflicts of high, the others of medium.",
    },
    Key {
        name: "warn-only",
        kind: Kind::List(&Kind::Choice(&[
            "todo",
            "debug",
            "disabled-tests",
            "focused-tests",
            "suppressions",
            "conflicts",
        ])),
        default: "[]",
        strictness: Strictness::FewerItems,
        help: "Kinds that mean a warning at the most, whatever `level` says.",
    },
    demand(
        "todo",
        "What a TODO comment on an added line needs: allow, needs-ticket (in the same comment), needs-reason (what is left), forbid.",
    ),
    Key {
        name: "todo-words",
        kind: Kind::List(&Kind::Text),
        default: r#"["TODO", "FIXME", "XXX", "HACK"]"#,
        strictness: Strictness::MoreItems,
        help: "The words that make a TODO comment, as they are written.",
    },
    demand(
        "debug",
        "What a debug statement on an added line needs: allow, needs-reason, needs-ticket, forbid. Breakpoints and dumps of values count in every language, printing where `debug-prints` says so.",
    ),
    Key {
        name: "debug-prints",
        kind: Kind::List(&Kind::Choice(PRINTS)),
        default: r#"["javascript"]"#,
        strictness: Strictness::MoreItems,
        help: "Languages in which printing is a debug statement too: console.log in javascript, System.out.println in java, fmt.Println in go, print in python.",
    },
    Key {
        name: "debug-patterns",
        kind: Kind::List(&Kind::Regex),
        default: "[]",
        strictness: Strictness::MoreItems,
        help: "What else is a debug statement: regular expressions over the code of any language, comments and strings left out.",
    },
    demand(
        "disabled-tests",
        "What a test that an added line switches off needs: allow, needs-ticket, needs-reason, forbid.",
    ),
    demand(
        "focused-tests",
        "What a test needs that switches all others off (it.only, fdescribe): allow, needs-ticket, needs-reason, forbid.",
    ),
    demand(
        "suppressions",
        "What a comment or attribute needs that silences an analyser (nosemgrep, # noqa, //nolint, eslint-disable, @SuppressWarnings): allow, needs-reason, needs-ticket, forbid.",
    ),
    Key {
        name: "ignore-analysers",
        kind: Kind::List(&Kind::Text),
        default: "[]",
        strictness: Strictness::FewerItems,
        help: "Analysers that anybody may silence, by the names of the page: `rust`, `java`, `noqa`.",
    },
    Key {
        name: "conflicts",
        kind: Kind::Choice(&["allow", "forbid"]),
        default: "\"allow\"",
        strictness: Strictness::Words(&[&["allow"], &["forbid"]]),
        help: "What a merge conflict means that a change adds as Git left it: allow or forbid.",
    },
    Key {
        name: "exclude",
        kind: EXCUSED_PATHS,
        default: "[]",
        strictness: Strictness::FewerExcuses,
        help: "Paths that are not judged, each entry with a reason. They are counted in the report.",
    },
];

/// The section, compiled for a stage.
#[derive(Debug)]
pub(super) struct Settings {
    level: SeverityLevels,
    warn_only: Vec<String>,
    pub(super) todo: Demand,
    /// The words, as one pattern; `None` where there are none.
    pub(super) todo_words: Option<Arc<Regex>>,
    pub(super) debug: Demand,
    pub(super) prints: Vec<String>,
    pub(super) debug_patterns: Vec<Arc<Regex>>,
    pub(super) disabled_tests: Demand,
    pub(super) focused_tests: Demand,
    pub(super) suppressions: Demand,
    pub(super) ignore_analysers: Vec<String>,
    pub(super) conflicts: Demand,
    pub(super) tickets: Tickets,
    exclude: Vec<PathGlob>,
}

impl Settings {
    pub(super) fn new(policy: &Policy, stage: Stage, today: Date) -> Result<Self, PolicyError> {
        let config: Config = policy.section("markers")?;
        let known = analyser_names();
        if let Some(tool) = config.ignore_analysers.iter().find(|tool| !known.contains(&tool.as_str())) {
            let message = format!("`markers.ignore-analysers` names `{tool}`, which is not known");
            let help = nearest(tool, known.iter().copied()).map_or_else(
                || format!("it takes {}", known.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(policy.error("markers.ignore-analysers", message, Some(help)));
        }
        let excluded = config.exclude.iter().filter(|excuse| excuse.holds(today));
        let exclude = excluded.filter_map(|excuse| excuse.path.as_deref()).map(PathGlob::new);
        let exclude = exclude
            .collect::<Result<_, _>>()
            .map_err(|error| policy.error("markers.exclude", format!("`markers.exclude`: {error}"), None))?;
        Ok(Self {
            level: config.level.by_severity(stage),
            warn_only: config.warn_only,
            todo: config.todo,
            todo_words: words(policy, &config.todo_words)?,
            debug: config.debug,
            prints: config.debug_prints,
            debug_patterns: patterns(policy, &config.debug_patterns)?,
            disabled_tests: config.disabled_tests,
            focused_tests: config.focused_tests,
            suppressions: config.suppressions,
            ignore_analysers: config.ignore_analysers,
            conflicts: config.conflicts,
            tickets: Tickets::new(policy)?,
            exclude,
        })
    }

    pub(super) fn is_excluded(&self, path: &RepoPath) -> bool {
        self.exclude.iter().any(|glob| glob.is_match(path))
    }

    /// The level of a kind: off where nothing is demanded.
    pub(super) fn level(&self, kind: &MarkerKind) -> Level {
        if (kind.demand)(self) == Demand::Allow {
            return Level::Off;
        }
        let most = if self.warn_only.iter().any(|name| name == kind.key) { Level::Warn } else { Level::Deny };
        self.level.of(kind.info.severity).min(most)
    }

    pub(super) fn is_off(&self) -> bool {
        KINDS.iter().all(|kind| self.level(kind) == Level::Off)
    }
}

fn words(policy: &Policy, words: &[String]) -> Result<Option<Arc<Regex>>, PolicyError> {
    let quoted: Vec<String> =
        words.iter().filter(|word| !word.is_empty()).map(|word| regex::escape(word)).collect();
    if quoted.is_empty() {
        return Ok(None);
    }
    let edge = r"(?-u:\b)";
    let one = Regex::new(&format!("{edge}(?:{}){edge}", quoted.join("|")));
    one.map(|regex| Some(Arc::new(regex)))
        .map_err(|error| policy.error("markers.todo-words", format!("`markers.todo-words`: {error}"), None))
}

fn patterns(policy: &Policy, patterns: &[String]) -> Result<Vec<Arc<Regex>>, PolicyError> {
    let compiled = patterns.iter().map(|pattern| {
        let regex = regex::bytes::RegexBuilder::new(pattern).multi_line(true).build();
        regex.map(Arc::new).map_err(|error| {
            policy.error("markers.debug-patterns", format!("`markers.debug-patterns`: {error}"), None)
        })
    });
    compiled.collect()
}
