//! The section `[exceptions]` of the policy.

use crate::exception::ExceptionStatus;
use crate::policy::{Key, Kind, Levels, Policy, PolicyError, Strictness};
use crate::{Level, Severity};
use serde::Deserialize;

/// What a record may be asked to have. The others are always required, or decide what it is for.
const REQUIRABLE: &[&str] = &[
    "fingerprint",
    "approver",
    "ticket",
    "created",
    "policy-ref",
    "scope",
    "risk",
    "compensating-controls",
    "review",
    "rollback",
    "links",
];

/// The section, as the policy holds it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Config {
    /// Keys that every record must have.
    pub require: Vec<String>,
    /// Whether nobody approves an exception of their own.
    pub approver_must_differ: bool,
    /// Who may approve, by the severity of the rule.
    pub approvers: Approvers,
    /// Groups that `approvers` can name.
    pub group: Vec<Group>,
    /// The longest life by status, in days.
    pub max_days: MaxDays,
    /// The least number of characters of a reason.
    pub min_reason: usize,
    /// How many days before its end an exception is spoken of.
    pub warn_before_days: i32,
    /// What a record means that is for nothing.
    pub unused: Levels,
    /// What a record means whose last day is over.
    pub expired: Levels,
    /// Ids that were used once.
    pub retired: Vec<String>,
}

/// Names and groups by the severity of the rule; an empty list is that of `default`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Approvers {
    /// Of rules of critical severity.
    pub critical: Vec<String>,
    /// Of high severity.
    pub high: Vec<String>,
    /// Of medium severity.
    pub medium: Vec<String>,
    /// Of low severity.
    pub low: Vec<String>,
    /// Of info.
    pub info: Vec<String>,
    /// Of every severity that has no list of its own; empty: everybody, or nobody.
    pub default: Vec<String>,
}

/// A group of people.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Group {
    /// Its name, as `approvers` has it.
    pub name: String,
    /// Who is in it, as records name them.
    pub members: Vec<String>,
}

/// The longest life of an exception by its status, in days.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct MaxDays {
    /// Of `false-positive`.
    pub false_positive: i32,
    /// Of `test-credential`.
    pub test_credential: i32,
    /// Of `revoked`.
    pub revoked: i32,
    /// Of `accepted-risk`.
    pub accepted_risk: i32,
    /// Of `fix-later`.
    pub fix_later: i32,
}

impl Default for MaxDays {
    fn default() -> Self {
        Self {
            false_positive: ExceptionStatus::FalsePositive.longest_life_days(),
            test_credential: ExceptionStatus::TestCredential.longest_life_days(),
            revoked: ExceptionStatus::Revoked.longest_life_days(),
            accepted_risk: ExceptionStatus::AcceptedRisk.longest_life_days(),
            fix_later: ExceptionStatus::FixLater.longest_life_days(),
        }
    }
}

impl MaxDays {
    /// The longest life of an exception of this status.
    #[must_use]
    pub const fn of(&self, status: ExceptionStatus) -> i32 {
        match status {
            ExceptionStatus::FalsePositive => self.false_positive,
            ExceptionStatus::TestCredential => self.test_credential,
            ExceptionStatus::Revoked => self.revoked,
            ExceptionStatus::AcceptedRisk => self.accepted_risk,
            ExceptionStatus::FixLater => self.fix_later,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            require: Vec::new(),
            approver_must_differ: true,
            approvers: Approvers::default(),
            group: Vec::new(),
            max_days: MaxDays::default(),
            min_reason: 10,
            warn_before_days: 14,
            unused: Levels::all(Level::Warn),
            expired: Levels::all(Level::Warn),
            retired: Vec::new(),
        }
    }
}

impl Config {
    /// The section of a policy.
    ///
    /// # Errors
    ///
    /// A value that the section cannot take.
    pub fn of(policy: &Policy) -> Result<Self, PolicyError> {
        policy.section("exceptions")
    }
}

impl Approvers {
    /// Where the policy lists who may approve for a severity, and the list; `None`: nowhere.
    #[must_use]
    pub fn of(&self, severity: Severity) -> Option<(&'static str, &[String])> {
        let own = match severity {
            Severity::Critical => ("critical", &self.critical),
            Severity::High => ("high", &self.high),
            Severity::Medium => ("medium", &self.medium),
            Severity::Low => ("low", &self.low),
            Severity::Info => ("info", &self.info),
        };
        let lists = [own, ("default", &self.default)];
        lists.into_iter().find(|(_, list)| !list.is_empty()).map(|(key, list)| (key, list.as_slice()))
    }

    /// Every list with its key.
    pub(super) fn lists(&self) -> [(&'static str, &[String]); 6] {
        [
            ("critical", &self.critical),
            ("high", &self.high),
            ("medium", &self.medium),
            ("low", &self.low),
            ("info", &self.info),
            ("default", &self.default),
        ]
    }
}

const fn approvers(name: &'static str, help: &'static str) -> Key {
    Key { name, kind: Kind::List(&Kind::Text), default: "[]", strictness: Strictness::FewerOrAll, help }
}

const fn days(name: &'static str, default: &'static str, help: &'static str) -> Key {
    let kind = Kind::Integer { min: 1, max: 3650 };
    Key { name, kind, default, strictness: Strictness::Smaller, help }
}

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "require",
        kind: Kind::List(&Kind::Choice(REQUIRABLE)),
        default: "[]",
        strictness: Strictness::MoreItems,
        help: "Keys that every [[exception]] must have, beyond those that are always required.",
    },
    Key {
        name: "approver-must-differ",
        kind: Kind::Bool,
        default: "true",
        strictness: Strictness::Words(&[&["false"], &["true"]]),
        help: "Whether the approver of an exception must be somebody else than its owner.",
    },
    Key {
        name: "approvers",
        kind: Kind::Table(&[
            approvers("critical", "Of rules of critical severity."),
            approvers("high", "Of rules of high severity."),
            approvers("medium", "Of rules of medium severity."),
            approvers("low", "Of rules of low severity."),
            approvers("info", "Of rules of the severity info."),
            approvers(
                "default",
                "Of severities without a list of their own. Empty as well: no approver is needed.",
            ),
        ]),
        default: "",
        strictness: Strictness::Unordered,
        help: "Who may approve exceptions, by the severity of the rule: names as records write them, or names of an [[exceptions.group]]. Where there is a list, an approver is required.",
    },
    Key {
        name: "group",
        kind: Kind::Tables(&[
            Key {
                name: "name",
                kind: Kind::Text,
                default: "",
                strictness: Strictness::Unordered,
                help: "Its name, as `approvers` writes it.",
            },
            Key {
                name: "members",
                kind: Kind::List(&Kind::Text),
                default: "",
                strictness: Strictness::FewerItems,
                help: "Who is in it, as records write them in `approver`.",
            },
        ]),
        default: "",
        strictness: Strictness::Unordered,
        help: "Groups of people that `approvers` can name.",
    },
    Key {
        name: "max-days",
        kind: Kind::Table(&[
            days(
                "false-positive",
                "365",
                "The most days of `false-positive`, from `created` (without it, from today) to `expires`.",
            ),
            days(
                "test-credential",
                "365",
                "The most days of `test-credential`, from `created` (without it, from today) to `expires`.",
            ),
            days(
                "revoked",
                "365",
                "The most days of `revoked`, from `created` (without it, from today) to `expires`.",
            ),
            days(
                "accepted-risk",
                "180",
                "The most days of `accepted-risk`, from `created` (without it, from today) to `expires`.",
            ),
            days(
                "fix-later",
                "30",
                "The most days of `fix-later`, from `created` (without it, from today) to `expires`.",
            ),
        ]),
        default: "",
        strictness: Strictness::Unordered,
        help: "How long an exception may last, by its status.",
    },
    Key {
        name: "min-reason",
        kind: Kind::Integer { min: 1, max: 500 },
        default: "10",
        strictness: Strictness::Greater,
        help: "The least number of characters of a reason.",
    },
    Key {
        name: "warn-before-days",
        kind: Kind::Integer { min: 0, max: 365 },
        default: "14",
        strictness: Strictness::Greater,
        help: "In its last days, this many, an exception that is used is spoken of in every report.",
    },
    Key {
        name: "unused",
        kind: Kind::Levels,
        default: "\"warn\"",
        strictness: Strictness::Levels,
        help: "What an exception means that is for nothing. Only a scan of the whole history can tell: of the stages, `scan` counts.",
    },
    Key {
        name: "expired",
        kind: Kind::Levels,
        default: "\"warn\"",
        strictness: Strictness::Levels,
        help: "What an exception means whose last day is over, in a scan of the whole history. Its findings are back in any case.",
    },
    Key {
        name: "retired",
        kind: Kind::List(&Kind::Text),
        default: "[]",
        strictness: Strictness::MoreItems,
        help: "Ids that were used once and can never be used again. The lists of all layers add up.",
    },
];
