//! Exceptions: deviations that somebody asked for, justified, owns, and that end on a day.

use crate::severity::words;
use crate::text::PathGlob;
use crate::{Date, Finding, Fingerprint, Location};
use toml::Value;

/// Why a finding may stand.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum ExceptionStatus {
    /// The rule is wrong here.
    FalsePositive,
    /// A credential made for tests or documentation.
    TestCredential,
    /// The credential no longer opens anything.
    Revoked,
    /// Somebody took the risk.
    AcceptedRisk,
    /// It will be mended by the day it expires.
    FixLater,
}

words!(ExceptionStatus {
    FalsePositive = "false-positive",
    TestCredential = "test-credential",
    Revoked = "revoked",
    AcceptedRisk = "accepted-risk",
    FixLater = "fix-later",
});

impl ExceptionStatus {
    /// The longest time from the day an exception of this status is made to the last day it holds, in days, unless
    /// the policy says otherwise (`max-days` of `[exceptions]`).
    #[must_use]
    pub const fn longest_life_days(self) -> i32 {
        match self {
            Self::FixLater => 30,
            Self::AcceptedRisk => 180,
            Self::FalsePositive | Self::TestCredential | Self::Revoked => 365,
        }
    }
}

/// One `[[exception]]` of the policy.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Exception {
    /// Its own id (`EX-2026-0007`), unique and never used again.
    pub id: String,
    /// The rule or code it is for; a family (`GP-MSG`) only with `on_request`.
    pub rule: String,
    /// The finding it is for; the narrowest scope.
    pub fingerprint: Option<Fingerprint>,
    /// The paths it is for: a glob.
    pub path: Option<String>,
    /// The commit it is for: a full id in hexadecimal.
    pub commit: Option<String>,
    /// Why the finding may stand, in one word.
    pub status: ExceptionStatus,
    /// Why it may stand, in a sentence.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Who allowed it.
    pub approver: Option<String>,
    /// The ticket it was discussed in.
    pub ticket: Option<String>,
    /// The day it was made.
    pub created: Option<Date>,
    /// The last day it holds, through its end in UTC.
    pub expires: Date,
    /// Whether it holds only where somebody names it (`git push -o gatepost.exception=ID`).
    pub on_request: bool,
    /// The refs that may be pushed under it: a glob over full names. Only where it is named.
    pub refs: Option<String>,
    /// What auditors ask for beyond that. A policy says which of it every record must have.
    pub details: Details,
}

/// What an exception can say of itself that decides nothing: it is for whoever approves it, and for whoever audits it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Details {
    /// The requirement that it deviates from: a section of a standard or of a policy.
    pub policy_ref: Option<String>,
    /// Where it applies, in words: repositories, branches, environments.
    pub scope: Option<String>,
    /// The risk that is taken: impact and likelihood.
    pub risk: Option<String>,
    /// What keeps the risk small meanwhile.
    pub compensating_controls: Option<String>,
    /// The day on which somebody looks at it again.
    pub review: Option<Date>,
    /// What to do when it turns out to have been wrong.
    pub rollback: Option<String>,
    /// Evidence: pull requests, builds, incidents.
    pub links: Vec<String>,
    /// The day on which the credential was replaced.
    pub rotated_on: Option<Date>,
    /// Who replaced it.
    pub rotated_by: Option<String>,
}

/// How far along an exception is on a given day.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum ExceptionState {
    /// Its last day is over: what it excused is found again.
    Expired,
    /// It ends within the days of warning that the policy gives.
    Expiring,
    /// It holds.
    Active,
}

words!(ExceptionState { Expired = "expired", Expiring = "expiring", Active = "active" });

impl Exception {
    /// Whether the exception is for this finding and all of its places. The day is another question
    /// ([`Exception::is_expired`]).
    #[must_use]
    pub fn covers(&self, finding: &Finding) -> bool {
        Scope::new(self).is_some_and(|scope| {
            scope.concerns(finding) && finding.locations.iter().all(|location| scope.covers(location))
        })
    }

    /// Whether the exception is for this finding at one of its places at least, whatever commit it names.
    #[must_use]
    pub fn is_for_place_of(&self, finding: &Finding) -> bool {
        Scope::new(self).is_some_and(|scope| {
            let path = |location: &Location| {
                scope
                    .path
                    .as_ref()
                    .is_none_or(|glob| location.path.as_ref().is_some_and(|path| glob.is_match(path)))
            };
            scope.concerns(finding) && finding.locations.iter().any(path)
        })
    }

    /// What the record says, key by key, in the order in which a policy is written.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, Value)> {
        let required = |key, value: &dyn std::fmt::Display| Some((key, Value::String(value.to_string())));
        let text = |key, value: &Option<String>| value.clone().map(|value| (key, Value::String(value)));
        let date = |key, value: Option<Date>| value.map(|value| (key, Value::from(value)));
        let details = &self.details;
        let links = || details.links.iter().cloned().map(Value::String).collect();
        [
            required("id", &self.id),
            required("rule", &self.rule),
            self.fingerprint.as_ref().and_then(|print| required("fingerprint", print)),
            text("path", &self.path),
            text("commit", &self.commit),
            required("status", &self.status),
            required("reason", &self.reason),
            required("owner", &self.owner),
            text("approver", &self.approver),
            text("ticket", &self.ticket),
            date("created", self.created),
            date("expires", Some(self.expires)),
            self.on_request.then_some(("on-request", Value::Boolean(true))),
            text("ref", &self.refs),
            text("policy-ref", &details.policy_ref),
            text("scope", &details.scope),
            text("risk", &details.risk),
            text("compensating-controls", &details.compensating_controls),
            date("review", details.review),
            text("rollback", &details.rollback),
            (!details.links.is_empty()).then(|| ("links", Value::Array(links()))),
            date("rotated-on", details.rotated_on),
            text("rotated-by", &details.rotated_by),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Whether the record has a key of [`Exception::fields`].
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.fields().iter().any(|(name, _)| *name == key)
    }

    /// Days left, the last one not among them: 0 on the last day, less when it is over.
    #[must_use]
    pub fn days_left(&self, today: Date) -> i32 {
        today.days_until(self.expires)
    }

    /// How far along it is.
    #[must_use]
    pub fn state(&self, today: Date, warn_before_days: i32) -> ExceptionState {
        match self.days_left(today) {
            ..0 => ExceptionState::Expired,
            days if days <= warn_before_days => ExceptionState::Expiring,
            _ => ExceptionState::Active,
        }
    }

    /// Whether the last day is over.
    #[must_use]
    pub fn is_expired(&self, today: Date) -> bool {
        self.expires < today
    }
}

/// An exception made ready to be asked about many places: its glob is compiled once.
#[derive(Debug)]
pub(crate) struct Scope<'e> {
    pub(crate) exception: &'e Exception,
    path: Option<PathGlob>,
}

impl<'e> Scope<'e> {
    /// `None` for an exception that is for nothing, or whose glob is none: neither comes out of a policy.
    pub(crate) fn new(exception: &'e Exception) -> Option<Self> {
        let everywhere =
            exception.fingerprint.is_none() && exception.path.is_none() && exception.commit.is_none();
        if everywhere && !exception.on_request {
            return None;
        }
        let path = exception.path.as_deref().map(PathGlob::new).transpose().ok()?;
        Some(Self { exception, path })
    }

    /// Whether rule and fingerprint are the finding's. A finding that stands nowhere has no path and no commit to be
    /// excepted by.
    pub(crate) fn concerns(&self, finding: &Finding) -> bool {
        let exception = self.exception;
        // A family is too much for an exception that holds by itself.
        let rule =
            finding.is_named(&exception.rule) && (exception.on_request || exception.rule != finding.family);
        let print = exception.fingerprint.as_ref().is_none_or(|wanted| *wanted == finding.fingerprint);
        let placed =
            !finding.locations.is_empty() || (exception.path.is_none() && exception.commit.is_none());
        rule && print && placed
    }

    /// Whether the exception is for this place of a finding that it concerns.
    pub(crate) fn covers(&self, location: &Location) -> bool {
        let path = self.path.as_ref();
        let path = path.is_none_or(|glob| location.path.as_ref().is_some_and(|path| glob.is_match(path)));
        let commit = self.exception.commit.as_ref();
        path && commit.is_none_or(|wanted| location.commit.is_some_and(|id| id.to_string() == *wanted))
    }
}
