//! The parts of a statement: what judged, what was to be judged, what was found, and what let it stand.

use crate::text::day;
use gatepost_core::Date;
use serde::{Deserialize, Serialize};

/// What judged.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// `gatepost`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the program, in hexadecimal; `None` where it cannot be read.
    pub sha256: Option<String>,
}

/// By which policy.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// SHA-256 of what it says.
    pub digest: String,
    /// SHA-256 of the secret rules in force.
    pub ruleset_digest: String,
    /// Its exceptions.
    pub exceptions: Exceptions,
}

/// The exceptions of a policy.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exceptions {
    /// SHA-256 of what they say.
    pub digest: String,
    /// How many hold.
    pub active: u64,
    /// How many have ended.
    pub expired: u64,
}

/// What was to be judged.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scope {
    /// In words: `3 commits in main..HEAD`.
    pub words: String,
    /// The commit before it.
    pub base: Option<String>,
    /// Its last commit.
    pub head: Option<String>,
    /// How the base was found.
    pub how: Option<String>,
    /// The ref whose rules counted, where there is one.
    pub branch: Option<String>,
    /// The refs that were to move.
    pub refs: Vec<RefMove>,
    /// How many commits there are.
    pub commits_expected: u64,
    /// How many of them were judged in full.
    pub commits_judged: u64,
    /// Whether each is a subject: not where there are more than [`Scope::LISTED`].
    pub commits_listed: bool,
    /// SHA-256 of their ids in hexadecimal, sorted, each with a line end.
    pub commits_digest: String,
}

impl Scope {
    /// The most commits that are listed one by one.
    pub const LISTED: usize = 10_000;
    /// The most authors and tickets that are listed.
    pub const NAMES: usize = 100;
}

/// A ref that was to move.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefMove {
    /// Its name.
    pub name: String,
    /// What it pointed at.
    pub old: Option<String>,
    /// What it was to point at; `None`: it was to go.
    pub new: Option<String>,
    /// Of a tag that was to be there: whether it has a signature, whoever's. `None` of all else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<bool>,
}

/// What was judged.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// Whether that is everything.
    pub complete: bool,
    /// Whether the clone was shallow.
    pub shallow: bool,
    /// Objects of a history.
    pub objects: u64,
    /// Blobs.
    pub blobs: u64,
    /// Files.
    pub files: u64,
    /// Messages and names.
    pub texts: u64,
    /// Bytes.
    pub bytes: u64,
    /// What was left out.
    pub skipped: Vec<Skipped>,
    /// What could not be judged, in words; at most [`Scope::NAMES`].
    pub unjudged: Vec<String>,
}

/// What was left out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Skipped {
    /// Why.
    pub reason: String,
    /// How often.
    pub count: u64,
    /// Whether the policy says so; else the run is incomplete.
    pub declared: bool,
}

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Findings {
    /// How many deny.
    pub denied: u64,
    /// How many warn.
    pub warned: u64,
    /// How many are notes.
    pub noted: u64,
    /// How many were allowed to stand.
    pub suppressed: u64,
    /// How many of the ones that deny are secrets.
    pub secrets: u64,
    /// The findings, the suppressed ones after the others; at most [`Findings::LISTED`].
    pub listed: Vec<Finding>,
}

impl Findings {
    /// The most findings that are listed one by one.
    pub const LISTED: usize = 1000;
}

/// A finding, by its fingerprint.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Its fingerprint.
    pub fingerprint: String,
    /// Its rule.
    pub rule: String,
    /// The family of its code: `GP-SEC` of secrets.
    pub family: String,
    /// How bad it would be.
    pub severity: String,
    /// `deny`, `warn`, `note`, or what let it stand: `exception`, `baseline`, `break-glass` …
    pub disposition: String,
    /// The commit that brings it.
    pub commit: Option<String>,
}

/// An exception that let findings stand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Used {
    /// Its id.
    pub id: String,
    /// The rule that it is for.
    pub rule: String,
    /// Its status: `accepted-risk` …
    pub status: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Who allowed it, as the policy says.
    pub approver: Option<String>,
    /// Its ticket.
    pub ticket: Option<String>,
    /// Its last day.
    #[serde(with = "day")]
    pub expires: Date,
    /// How many findings it let stand.
    pub findings: u64,
}

/// By what a gate was passed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bypass {
    /// `break-glass` or `time-out`.
    pub method: String,
    /// The id of its record in the log of break-glass.
    pub id: Option<String>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Whether somebody who may was named as having allowed it.
    pub approved: bool,
    /// How many findings came in by it.
    pub findings: u64,
}

/// A run of a CI system.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CiRun {
    /// The system.
    pub system: String,
    /// Its id there.
    pub run: Option<String>,
    /// Its page.
    pub url: Option<String>,
}

/// How long to keep a record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Retention {
    /// `12-months`, `2-years`, `5-years` or `7-years`.
    pub class: String,
    /// The first day on which it may go.
    #[serde(with = "day")]
    pub until: Date,
}
