//! Exceptions: deviations that somebody asked for, justified, owns, and that end on a day.

use crate::severity::words;
use crate::{Date, Finding, Fingerprint};

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

/// One `[[exception]]` of the policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exception {
    /// Its own id (`EX-2026-0007`), unique and never used again.
    pub id: String,
    /// The rule or code it is for.
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
}

impl Exception {
    /// Whether the exception is for this rule and this place. The day is another question
    /// ([`Exception::is_expired`]).
    #[must_use]
    pub fn covers(&self, finding: &Finding) -> bool {
        if self.rule != finding.rule && self.rule != finding.code.as_str() {
            return false;
        }
        if self.fingerprint.as_ref().is_some_and(|wanted| *wanted != finding.fingerprint) {
            return false;
        }
        let everywhere = |test: &dyn Fn(&crate::Location) -> bool| {
            !finding.locations.is_empty() && finding.locations.iter().all(test)
        };
        if let Some(glob) = &self.path {
            let Ok(glob) = crate::text::PathGlob::new(glob) else { return false };
            // Every place must be covered: a blob may stand at an excepted path and at another one.
            if !everywhere(&|l| l.path.as_ref().is_some_and(|p| glob.is_match(p))) {
                return false;
            }
        }
        if let Some(commit) = &self.commit
            && !everywhere(&|l| l.commit.is_some_and(|id| id.to_string() == *commit))
        {
            return false;
        }
        self.fingerprint.is_some() || self.path.is_some() || self.commit.is_some()
    }

    /// Whether the last day is over.
    #[must_use]
    pub fn is_expired(&self, today: Date) -> bool {
        self.expires < today
    }
}
