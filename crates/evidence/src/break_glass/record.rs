//! The records, as the log has them. They hold fingerprints and places of findings, never what was found.

use crate::text::{day, instant};
use gatepost_core::{Date, Timestamp};
use serde::{Deserialize, Serialize};

/// One record of the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Record {
    /// A push was let through.
    Activation(Box<Activation>),
    /// What was let through is mended.
    Settled(Settled),
    /// A push came in before it was judged in full, since the time was up and the policy says so.
    TimeOut(Box<Activation>),
    /// A registered exception was named, and let something in.
    Exception(Box<NamedException>),
    /// Somebody pushed whom rules for refs do not bind.
    Exempt(Box<ExemptPush>),
    /// A push came in that would have been refused, were it not for a dry run.
    DryRun(Box<DryRun>),
}

/// A push that was let through.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Activation {
    /// `BG-20261124-1`: the day and a number.
    pub id: String,
    /// When.
    #[serde(with = "instant")]
    pub time: Timestamp,
    /// When it must be mended.
    #[serde(with = "instant")]
    pub due: Timestamp,
    /// Why it could not wait.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Who allowed it, as the pusher said.
    pub approver: Option<String>,
    /// What it touches.
    pub scope: Option<String>,
    /// How it is undone.
    pub rollback: Option<String>,
    /// The day by which the pusher promised to mend it.
    #[serde(with = "day::option")]
    pub remediation: Option<Date>,
    /// The last day of the obligation.
    #[serde(with = "day")]
    pub expires: Date,
    /// Its ticket.
    pub ticket: Option<String>,
    /// Who pushed.
    pub actor: Actor,
    /// The refs that moved.
    pub refs: Vec<RefChange>,
    /// The commits that came in.
    pub commits: Commits,
    /// The findings that were opened.
    pub opened: Vec<Opened>,
    /// The exceptions that were named in the same push.
    pub exceptions: Vec<String>,
    /// What was judged.
    pub coverage: Coverage,
    /// What judged, and by which policy.
    pub tool: Tool,
}

/// A registered exception that a push named, and what it let in. It owes nothing and counts against no limit: the policy
/// foresaw it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NamedException {
    /// The exception's id in the policy of that day.
    pub id: String,
    /// When it was named.
    #[serde(with = "instant")]
    pub time: Timestamp,
    /// The rule, code or family that it is for.
    pub rule: String,
    /// Why it was registered.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Who allowed it.
    pub approver: Option<String>,
    /// Its last day.
    #[serde(with = "day")]
    pub expires: Date,
    /// Its ticket.
    pub ticket: Option<String>,
    /// Who pushed.
    pub actor: Actor,
    /// The refs that moved.
    pub refs: Vec<RefChange>,
    /// The commits that came in.
    pub commits: Commits,
    /// The findings that it covered.
    pub covered: Vec<Opened>,
    /// What was judged.
    pub coverage: Coverage,
    /// What judged, and by which policy.
    pub tool: Tool,
}

/// A push that rules for refs would have refused, by somebody whom the policy exempts from them. It owes nothing and counts
/// against no limit: the policy foresaw it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ExemptPush {
    /// When.
    #[serde(with = "instant")]
    pub time: Timestamp,
    /// The entries that exempt, each with its reason.
    pub entries: Vec<Exemption>,
    /// Who pushed.
    pub actor: Actor,
    /// The refs that moved.
    pub refs: Vec<RefChange>,
    /// The commits that came in.
    pub commits: Commits,
    /// The findings that would have been denied.
    pub covered: Vec<Opened>,
    /// What was judged.
    pub coverage: Coverage,
    /// What judged, and by which policy.
    pub tool: Tool,
}

/// A push that a gate would have refused, which came in since the policy is tried out (`enforce = false`). It owes nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DryRun {
    /// When.
    #[serde(with = "instant")]
    pub time: Timestamp,
    /// Who pushed.
    pub actor: Actor,
    /// The refs that moved.
    pub refs: Vec<RefChange>,
    /// The commits that came in.
    pub commits: Commits,
    /// How many findings would have been denied.
    pub count: u64,
    /// The first of them, [`DryRun::LISTED`] at the most.
    pub denied: Vec<Opened>,
    /// What could not be judged, which refuses a push as well.
    pub unjudged: Vec<String>,
    /// What was judged.
    pub coverage: Coverage,
    /// What judged, and by which policy.
    pub tool: Tool,
}

impl DryRun {
    /// The most findings, and the most things that could not be judged, that are listed one by one.
    pub const LISTED: usize = 1000;
}

/// An entry of the policy that exempts somebody.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Exemption {
    /// The block and the name.
    pub entry: String,
    /// The reason.
    pub reason: String,
}

/// Who pushed, and how that is known.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Actor {
    /// The name.
    pub name: String,
    /// Where it comes from: an environment variable, or `nothing`.
    pub source: String,
    /// Whether the platform vouches for it.
    pub authenticated: bool,
}

impl Actor {
    /// The source of a name that nothing gave.
    const NOTHING: &str = "nothing";

    /// Somebody of whom nothing is known.
    #[must_use]
    pub fn unknown() -> Self {
        Self { name: "unknown".to_owned(), source: Self::NOTHING.to_owned(), authenticated: false }
    }

    /// Whether anything gave a name.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.source != Self::NOTHING
    }
}

/// A ref that moved.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RefChange {
    /// Its full name; bytes that are not UTF-8 are percent-escaped.
    pub name: String,
    /// What it pointed at.
    pub old: Option<String>,
    /// What it points at; `None` when it was deleted.
    pub new: Option<String>,
}

/// The commits of a push: those that `tips` reach and `boundary` does not.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Commits {
    /// How many.
    pub count: u64,
    /// Each of them, unless there are more than [`Commits::LISTED`].
    pub ids: Vec<String>,
    /// Those that no other one of them has as a parent.
    pub tips: Vec<String>,
    /// Their parents outside.
    pub boundary: Vec<String>,
}

impl Commits {
    /// The most that are listed one by one.
    pub const LISTED: usize = 1000;
}

/// A finding that was let in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Opened {
    /// Its rule.
    pub rule: String,
    /// Its code.
    pub code: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// Where it stands.
    pub places: Vec<Place>,
}

/// A place of a finding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Place {
    /// The path.
    pub path: Option<String>,
    /// What it is where there is no path.
    pub subject: Option<String>,
    /// The commit.
    pub commit: Option<String>,
}

/// What was judged.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Coverage {
    /// Commits.
    pub commits: u64,
    /// Blobs.
    pub blobs: u64,
    /// Messages and names.
    pub texts: u64,
    /// Bytes.
    pub bytes: u64,
    /// Findings that exceptions, comments and the baseline suppressed.
    pub suppressed: u64,
}

/// What judged, and by which policy.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Tool {
    /// Version of gatepost.
    pub version: String,
    /// SHA-256 of the policy, in hexadecimal.
    pub policy_digest: String,
    /// SHA-256 of the secret rules, in hexadecimal.
    pub ruleset_digest: String,
}

/// The end of an activation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Settled {
    /// The activation's id.
    pub of: String,
    /// When.
    #[serde(with = "instant")]
    pub time: Timestamp,
    /// How.
    pub how: Ending,
    /// What judged, and by which policy.
    pub tool: Tool,
}

/// How an activation ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// Its commits passed in full.
    Passed,
    /// Nothing of it is left: no ref reaches its commits.
    Withdrawn,
}

/// The id of an activation now: the day, and the number that no activation of that day has.
#[must_use]
pub fn next_id(records: &[Record], now: Timestamp) -> String {
    let prefix = format!("BG-{}-", now.date().to_string().replace('-', ""));
    let numbers = records.iter().filter_map(|record| match record {
        Record::Activation(activation) => activation.id.strip_prefix(&prefix)?.parse::<u64>().ok(),
        Record::Settled(_)
        | Record::Exception(_)
        | Record::TimeOut(_)
        | Record::Exempt(_)
        | Record::DryRun(_) => None,
    });
    format!("{prefix}{}", numbers.max().unwrap_or(0).saturating_add(1))
}

/// The same of a push that came in before it was judged in full: `TO-20261124-1`.
#[must_use]
pub fn next_time_out(records: &[Record], now: Timestamp) -> String {
    let prefix = format!("TO-{}-", now.date().to_string().replace('-', ""));
    let numbers = records.iter().filter_map(|record| match record {
        Record::TimeOut(activation) => activation.id.strip_prefix(&prefix)?.parse::<u64>().ok(),
        Record::Activation(_)
        | Record::Settled(_)
        | Record::Exception(_)
        | Record::Exempt(_)
        | Record::DryRun(_) => None,
    });
    format!("{prefix}{}", numbers.max().unwrap_or(0).saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::break_glass::testing::{activated, at, named, settled};
    use crate::break_glass::{Ending, Log};

    #[test]
    fn a_record_comes_back_as_it_was_written() {
        let records = [
            activated("BG-20261124-1", "2026-11-24T10:00:00Z"),
            settled("BG-20261124-1", "2026-11-24T12:00:00Z", Ending::Passed),
            named("EX-2026-0001", "2026-11-24T13:00:00Z"),
        ];
        let mut log = Log::default();
        let text: String = records.iter().map(|record| log.push(record.clone()).unwrap()).collect();
        assert_eq!(Log::read(text.as_bytes()).unwrap().records(), records);
        insta::assert_snapshot!(text);
    }

    #[test]
    fn an_instant_that_is_none_breaks_the_log() {
        let mut log = Log::default();
        let text = log.push(activated("BG-20261124-1", "2026-11-24T10:00:00Z")).unwrap();
        let broken = Log::read(text.replace("2026-11-24T10:00:00Z", "yesterday").as_bytes()).unwrap_err();
        assert!(broken.to_string().contains("`yesterday` is no instant"), "{broken}");
    }

    #[test]
    fn an_id_is_used_once() {
        let now = at("2026-11-24T23:00:00Z");
        assert_eq!(next_id(&[], now), "BG-20261124-1");
        let records = [
            activated("BG-20261124-9", "2026-11-24T10:00:00Z"),
            activated("BG-20261123-12", "2026-11-23T10:00:00Z"),
        ];
        assert_eq!(next_id(&records, now), "BG-20261124-10");
    }
}
