//! How checks meet the rest: a registry, a contract, and the [`Gate`] that runs those a policy switches on.
//!
//! A check is a folder of this crate with one [`CheckInfo`]: its section of the policy, its codes, its keys
//! and the function that builds it from a policy. Adding a check is that folder and one line in [`CHECKS`];
//! the application, the policy reader, `gatepost explain` and the tests walk the registry.

use crate::policy::{Key, Policy, PolicyError};
use crate::secrets::Rule;
use crate::{ChangeSet, CodeInfo, Document, Sink, Stage, Timestamp};

/// Every check there is.
pub static CHECKS: &[&CheckInfo] =
    &[&crate::secrets::CHECK, &crate::message::CHECK, &crate::refs::CHECK, &crate::files::CHECK];

/// What is known of a check before it is built.
#[derive(Clone, Copy, Debug)]
pub struct CheckInfo {
    /// Its section of the policy: `message`.
    pub section: &'static str,
    /// Its family: `GP-MSG`.
    pub family: &'static str,
    /// What it judges, in a few words.
    pub title: &'static str,
    /// Its codes. Secret rules are not listed here: each rule is its own code.
    pub codes: &'static [CodeInfo],
    /// The keys of its section.
    pub keys: &'static [Key],
    /// Builds it.
    pub build: fn(&Context<'_>) -> Result<Box<dyn Check>, PolicyError>,
}

/// What a check is built from.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The policy in force.
    pub policy: &'a Policy,
    /// The gate.
    pub stage: Stage,
    /// The built-in secret rules (`gatepost_rules::RULES`).
    pub rules: &'static [Rule],
    /// Now.
    pub now: Timestamp,
}

/// A check, built for one stage from one policy. It is asked from several threads at once.
pub trait Check: Send + Sync + std::fmt::Debug {
    /// The size in bytes up to which the check wants to see a document's bytes. Sources leave larger documents
    /// unread ([`Document::bytes`] is `None`) when no check wants more.
    fn read_limit(&self) -> u64 {
        0
    }

    /// Judges one document: a changed file at its new content, a message, a name.
    fn document(&self, document: &Document<'_>, sink: &mut dyn Sink) {
        let _ = (document, sink);
    }

    /// Judges a change set as a whole: messages, branch and ref names, updates.
    fn change_set(&self, change_set: &ChangeSet, sink: &mut dyn Sink) {
        let _ = (change_set, sink);
    }
}

/// The checks that a policy switches on at a stage, ready to judge.
#[derive(Debug)]
pub struct Gate {
    checks: Vec<Box<dyn Check>>,
}

impl Gate {
    /// Builds every check of [`CHECKS`].
    ///
    /// # Errors
    ///
    /// The policy's impossible values that only a check can see (a pattern that does not compile), all of
    /// them.
    pub fn new(context: &Context<'_>) -> Result<Self, Vec<PolicyError>> {
        Self::with_checks(context, |_| true)
    }

    /// Builds the checks of [`CHECKS`] that `wanted` picks.
    ///
    /// # Errors
    ///
    /// As [`Gate::new`].
    pub fn with_checks(
        context: &Context<'_>,
        wanted: impl Fn(&CheckInfo) -> bool,
    ) -> Result<Self, Vec<PolicyError>> {
        let (mut checks, mut errors) = (Vec::new(), Vec::new());
        for info in CHECKS.iter().filter(|info| wanted(info)) {
            match (info.build)(context) {
                Ok(check) => checks.push(check),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(Self { checks }) } else { Err(errors) }
    }

    /// The size in bytes up to which documents are worth reading: the greatest wish of its checks.
    #[must_use]
    pub fn read_limit(&self) -> u64 {
        self.checks.iter().map(|check| check.read_limit()).max().unwrap_or(0)
    }

    /// Has every check judge one document.
    pub fn document(&self, document: &Document<'_>, sink: &mut dyn Sink) {
        for check in &self.checks {
            check.document(document, sink);
        }
    }

    /// Has every check judge the change set as a whole.
    pub fn change_set(&self, change_set: &ChangeSet, sink: &mut dyn Sink) {
        for check in &self.checks {
            check.change_set(change_set, sink);
        }
    }
}

/// The code that `name` stands for, by code or by name, in any case.
#[must_use]
pub fn find_code(name: &str) -> Option<(&'static CheckInfo, &'static CodeInfo)> {
    CHECKS.iter().find_map(|check| {
        let code = check
            .codes
            .iter()
            .find(|c| c.code.eq_ignore_ascii_case(name) || c.name.eq_ignore_ascii_case(name))?;
        Some((*check, code))
    })
}
