//! How checks meet the rest: a registry, a contract, and the [`Gate`] that runs those a policy switches on.
//!
//! A check is a folder of this crate with one [`CheckInfo`]: its section of the policy, its codes, its keys
//! and the function that builds it from a policy. Adding a check is that folder and one line in [`CHECKS`];
//! the application, the policy reader, `gatepost explain` and the tests walk the registry.

mod gate;

pub use gate::Gate;

use crate::change::{After, Edit, FileChange};
use crate::fingerprint::FingerprintKey;
use crate::policy::{Key, Policy, PolicyError};
use crate::secrets::Builtin;
use crate::statistics::ScannerStatistics;
use crate::{ChangeSet, CodeInfo, Document, Push, RepoPath, Sink, Stage, Timestamp};

/// Every check there is.
pub static CHECKS: &[&CheckInfo] = &[
    &crate::secrets::CHECK,
    &crate::message::CHECK,
    &crate::refs::CHECK,
    &crate::updates::CHECK,
    &crate::updates::FREEZE,
    &crate::updates::WINDOW,
    &crate::pull_request::CHECK,
    &crate::files::CHECK,
    &crate::exceptions::CHECK,
    &crate::break_glass::CHECK,
    &crate::signatures::CHECK,
    &crate::server::CHECK,
    &crate::drift::CHECK,
    &crate::markers::CHECK,
    #[cfg(feature = "locks")]
    &crate::lockfile::CHECK,
    #[cfg(feature = "locks")]
    &crate::lockfile::diff::CHECK,
    #[cfg(feature = "locks")]
    &crate::lockfile::pins::CHECK,
];

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
    /// The keys of its section; of one that is written as blocks (`[[ref]]`), those of a block.
    pub keys: &'static [Key],
    /// The section as one key whose value is a list of tables, where it is written as blocks.
    pub blocks: Option<&'static Key>,
    /// What its settings can depend on.
    pub scope: Scope,
    /// Keys that are read once for a whole run, whatever `scope` says.
    pub run_keys: &'static [&'static str],
    /// Where its findings can stand, and so what an exception for them can name.
    pub places: Places,
    /// Builds it.
    pub build: fn(&Context<'_>) -> Result<Box<dyn Check>, PolicyError>,
}

impl CheckInfo {
    /// Its section as a policy writes it: `[message]`, `[[ref]]`.
    #[must_use]
    pub fn heading(&self) -> String {
        match self.blocks {
            Some(_) => format!("[[{}]]", self.section),
            None => format!("[{}]", self.section),
        }
    }
}

/// What the settings of a section can depend on: what an `[[overlay]]` may set it for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Nothing: they hold for a whole run.
    Run,
    /// The branch.
    Branch,
    /// The branch and the path.
    Path,
}

/// Where the findings of a check can stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Places {
    /// Whether they can have a path: a message and a name have none.
    pub path: bool,
    /// Whether they can have a commit: a name has none.
    pub commit: bool,
}

/// What a check is built from.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The policy in force.
    pub policy: &'a Policy,
    /// The gate.
    pub stage: Stage,
    /// The built-in secret rules (`gatepost_rules::BUILTIN`).
    pub rules: &'static Builtin,
    /// Now.
    pub now: Timestamp,
    /// The key of fingerprints, where the policy leaves it to whoever runs the gate
    /// (`fingerprint-key = "external"` of `[secrets]`); otherwise it is not asked for.
    pub fingerprint_key: Option<&'a FingerprintKey>,
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

    /// Says why each thing in a document that the check looked at closely is a finding or is none. What it finds it does not
    /// report here.
    fn explain(&self, document: &Document<'_>, sink: &mut dyn Sink) {
        let _ = (document, sink);
    }

    /// Judges a change set as a whole: messages, branch and ref names, updates.
    fn change_set(&self, change_set: &ChangeSet, sink: &mut dyn Sink) {
        let _ = (change_set, sink);
    }

    /// Whether the check has anything to say of refs that move: else nobody need look up what they are judged by.
    fn is_judging_moves(&self) -> bool {
        false
    }

    /// Judges refs that move, and what comes to each of them, where [`Check::is_judging_moves`].
    fn push(&self, push: &Push<'_>, sink: &mut dyn Sink) {
        let _ = (push, sink);
    }

    /// Judges refs that are there already, as they are: those of `push.updates`, among `push.refs`. Nothing moves.
    fn standing(&self, push: &Push<'_>, sink: &mut dyn Sink) {
        let _ = (push, sink);
    }

    /// What the check's scanner did so far; nothing for a check that has none.
    fn statistics(&self) -> ScannerStatistics {
        ScannerStatistics::default()
    }

    /// Whether the check wants to see a file of this path whole, before and after a change.
    fn watches(&self, path: &RepoPath) -> bool {
        let _ = path;
        false
    }

    /// Whether there is any path that the check watches.
    fn is_watching(&self) -> bool {
        false
    }

    /// Judges the watched files that one line of work changes: each against its version before that work began.
    fn file_changes(&self, changes: &[FileChange<'_>], sink: &mut dyn Sink) {
        let _ = (changes, sink);
    }

    /// The size in bytes up to which the check wants to see what a change makes of a file of this path; `None`: it does
    /// not. Unlike watched files these are seen one by one, and what is larger is left out and counted.
    fn edit_limit(&self, path: &RepoPath) -> Option<u64> {
        let _ = path;
        None
    }

    /// Whether there is any path of which the check wants to see edits.
    fn is_reading_edits(&self) -> bool {
        false
    }

    /// Whether the check wants to see what stands once a change of these paths is made: it takes reading whole trees.
    fn is_reading_trees(&self, changed: &[&RepoPath]) -> bool {
        let _ = changed;
        false
    }

    /// Judges what stands once a change is made.
    fn after(&self, after: &After<'_>, sink: &mut dyn Sink) {
        let _ = (after, sink);
    }

    /// Judges what one line of work makes of a file.
    fn edit(&self, edit: &Edit<'_>, sink: &mut dyn Sink) {
        let _ = (edit, sink);
    }
}

/// The checks whose findings `name` can stand for: a code, the name of one, or a family; none for what no check has a code
/// for, and so for secret rules.
pub fn checks_named(name: &str) -> impl Iterator<Item = &'static CheckInfo> {
    let coded = find_code(name).map(|(check, _)| check);
    CHECKS.iter().copied().filter(move |check| match coded {
        Some(coded) => std::ptr::eq(coded, *check),
        None => check.family == name,
    })
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
/// No built-in rules, for tests of other subjects.
#[cfg(test)]
pub(crate) fn no_rules() -> &'static Builtin {
    Builtin::none()
}
