//! The statement of a run, as it is written: in-toto Statement v1 with a predicate of our own, whose schema is
//! `schema/gate-run-v1.json`.

use super::facts::{Bypass, CiRun, Coverage, Findings, Policy, Retention, Scope, Tool, Used};
use crate::break_glass::Actor;
use crate::text::instant;
use gatepost_core::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What every statement of in-toto calls itself.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// What our predicate is called. It is a name, and nothing is fetched from it.
pub const PREDICATE_TYPE: &str = "https://github.com/gatepost/gatepost/attestations/gate-run/v1";

/// What a repository does not hold, so that no record may imply it.
pub const NOT_DECIDED: [&str; 4] = [
    "approvals: who approved a change is known to the forge alone",
    "code owners' review: CODEOWNERS names who should review, not who did",
    "separation of duties: names in commits are claims, and one person can use several",
    "tickets: a number is found in a message; whether the ticket exists and is approved is not",
];

/// A statement about a run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    /// [`STATEMENT_TYPE`].
    #[serde(rename = "_type")]
    pub kind: String,
    /// The commits.
    pub subject: Vec<Subject>,
    /// [`PREDICATE_TYPE`].
    pub predicate_type: String,
    /// What was done with them.
    pub predicate: Predicate,
}

/// A commit that a statement is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// What it is where it is no judged commit: `HEAD`.
    pub name: Option<String>,
    /// `gitCommit` and `gitTree`, in hexadecimal.
    pub digest: BTreeMap<String, String>,
    /// What it has to do with the run.
    pub annotations: Annotations,
}

/// What a subject has to do with the run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Annotations {
    /// Its part.
    pub role: Role,
}

/// The part of a commit in a run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It was judged.
    Judged,
    /// It is what the judged was based on: a run over the index or over files has no commit of its own.
    Context,
}

/// What was done, by what, and how it ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Predicate {
    /// 128 random bits, in hexadecimal.
    pub run_id: String,
    /// Its place in the log: what a signature binds it to.
    pub log: Place,
    /// `pre-commit`, `commit-msg`, `pre-push`, `pre-receive`, `ci` or `scan`.
    pub gate: String,
    /// `files`, `message`, `range` or `history`.
    pub reach: String,
    /// Whether a violation would have refused anything.
    pub enforcement: Enforcement,
    /// How it ended.
    pub result: RunResult,
    /// The exit code of the process.
    pub exit_code: u8,
    /// Why there is no report, or that there was nothing to judge.
    pub reason: Option<String>,
    /// What judged.
    pub tool: Tool,
    /// By which policy; `None` where none could be read.
    pub policy: Option<Policy>,
    /// What was to be judged.
    pub scope: Scope,
    /// What was judged.
    pub coverage: Coverage,
    /// The sections of the policy whose checks judged.
    pub checks: Vec<String>,
    /// What was found.
    pub findings: Findings,
    /// The exceptions of the policy that let findings stand.
    pub exceptions_used: Vec<Used>,
    /// How many findings each kind of suppression let stand: `exception`, `baseline`, `inline` …
    pub suppressions: BTreeMap<String, u64>,
    /// By what the gate was passed although it refused.
    pub bypass: Option<Bypass>,
    /// Who pushed or started the run, and where that name comes from.
    pub actor: Actor,
    /// Who wrote the commits, as they claim; at most [`Scope::NAMES`].
    pub authors: Vec<String>,
    /// The tickets that their messages name; at most [`Scope::NAMES`].
    pub tickets: Vec<String>,
    /// The pull request, where the CI system names it.
    pub pull_request: Option<String>,
    /// The run of a CI system.
    pub ci: Option<CiRun>,
    /// The repository: the server's name for it, or the address that it was cloned from.
    pub repository: Option<String>,
    /// When it began.
    #[serde(with = "instant")]
    pub started: Timestamp,
    /// When it ended.
    #[serde(with = "instant")]
    pub finished: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The ids of the controls that the record is evidence for.
    pub controls: Vec<String>,
    /// How long to keep it.
    pub retention: Retention,
    /// What no record of a Git gate says.
    pub not_decided: Vec<String>,
}

/// A place in the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// From 1.
    pub sequence: u64,
    /// SHA-256 of the line before, in hexadecimal; `None` of the first.
    pub previous: Option<String>,
}

/// Whether a violation refuses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Enforcement {
    /// It does.
    Blocking,
    /// It does not: a dry run, or `--exit-zero`.
    Advisory,
}

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RunResult {
    /// Everything was judged, nothing to say.
    Pass,
    /// Everything was judged, and nothing denies.
    Warn,
    /// Something denies.
    Fail,
    /// Something could not be judged.
    Incomplete,
    /// The run could not be done.
    Error,
    /// Something denies, or was not judged, and came in all the same.
    Bypassed,
}

impl Statement {
    /// A statement about `subject`.
    #[must_use]
    pub fn new(subject: Vec<Subject>, predicate: Predicate) -> Self {
        Self {
            kind: STATEMENT_TYPE.to_owned(),
            subject,
            predicate_type: PREDICATE_TYPE.to_owned(),
            predicate,
        }
    }

    /// The commits that were judged.
    pub fn judged(&self) -> impl Iterator<Item = &Subject> {
        self.subject.iter().filter(|subject| subject.annotations.role == Role::Judged)
    }
}

impl Subject {
    /// A commit and its tree, in hexadecimal; without them, the tree alone.
    #[must_use]
    pub fn new(name: Option<&str>, commit: Option<String>, tree: String, role: Role) -> Self {
        let mut digest = BTreeMap::from([("gitTree".to_owned(), tree)]);
        digest.extend(commit.map(|commit| ("gitCommit".to_owned(), commit)));
        Self { name: name.map(str::to_owned), digest, annotations: Annotations { role } }
    }

    /// The commit.
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        self.digest.get("gitCommit").map(String::as_str)
    }

    /// Its tree.
    #[must_use]
    pub fn tree(&self) -> Option<&str> {
        self.digest.get("gitTree").map(String::as_str)
    }
}

impl RunResult {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Pass, Self::Warn, Self::Fail, Self::Incomplete, Self::Error, Self::Bypassed];

    /// As records have it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Warn => "WARN",
            Self::Fail => "FAIL",
            Self::Incomplete => "INCOMPLETE",
            Self::Error => "ERROR",
            Self::Bypassed => "BYPASSED",
        }
    }

    /// Whether everything was judged and nothing denies.
    #[must_use]
    pub const fn is_pass(self) -> bool {
        matches!(self, Self::Pass | Self::Warn)
    }
}

#[cfg(test)]
mod tests {
    use crate::run::testing::statement;
    use serde_json::Value;

    #[test]
    fn a_statement_is_what_its_schema_says() {
        let schema: Value = serde_json::from_str(include_str!("../../schema/gate-run-v1.json")).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let value = serde_json::to_value(statement("PASS", &["1"])).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let mut other = value;
        other["predicate"]["secret"] = Value::from("hunter2");
        assert!(!validator.is_valid(&other), "the schema lets anything in");
    }
}
