//! How checks meet the rest: a registry, a contract, and the [`Gate`] that runs those a policy switches on.
//!
//! A check is a folder of this crate with one [`CheckInfo`]: its section of the policy, its codes, its keys
//! and the function that builds it from a policy. Adding a check is that folder and one line in [`CHECKS`];
//! the application, the policy reader, `gatepost explain` and the tests walk the registry.

use crate::change::{After, Edit, FileChange};
use crate::fingerprint::FingerprintKey;
use crate::policy::{Key, Overlay, Policy, PolicyError};
use crate::secrets::Builtin;
use crate::statistics::ScannerStatistics;
use crate::{
    ChangeSet, CodeInfo, Document, Exception, Finding, Problem, Push, RepoPath, Sink, Stage, Timestamp,
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

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

    /// Judges refs that move, and what comes to each of them.
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

    /// Whether the check wants to see what stands once a change is made: it takes reading whole trees.
    fn is_reading_trees(&self) -> bool {
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

/// The checks that a policy switches on at a stage, ready to judge.
///
/// Where the policy has overlays for paths, a document is judged by the checks of its path: they are built when the
/// first such document comes.
pub struct Gate {
    infos: Vec<&'static CheckInfo>,
    checks: Checks,
    exceptions: Vec<Exception>,
    explains: bool,
    /// What overlays are built from; `None` where the policy has none for paths.
    by_path: Option<ByPath>,
}

type Checks = Arc<[Arc<dyn Check>]>;

/// Checks by the overlays that count for a path.
struct ByPath {
    policy: Policy,
    stage: Stage,
    rules: &'static Builtin,
    now: Timestamp,
    fingerprint_key: Option<FingerprintKey>,
    /// The largest wish of the checks of any one overlay.
    read_limit: u64,
    /// Whether those of any one overlay want to see edits.
    reads_edits: bool,
    built: Mutex<HashMap<Vec<usize>, Result<Checks, PolicyError>>>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("checks", &self.checks).finish_non_exhaustive()
    }
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
        let infos: Vec<&'static CheckInfo> = CHECKS.iter().copied().filter(|info| wanted(info)).collect();
        let (mut checks, mut errors) = (Vec::new(), Vec::new());
        for info in &infos {
            match (info.build)(context) {
                Ok(check) => checks.push(Arc::from(check)),
                Err(error) => errors.push(error),
            }
        }
        let exceptions = context.policy.exceptions().to_vec();
        let mut gate = Self { infos, checks: checks.into(), exceptions, explains: false, by_path: None };
        if context.policy.overlays().iter().any(Overlay::has_paths) {
            gate.by_path = Some(ByPath::new(context));
            errors.extend(gate.try_overlays());
        }
        if errors.is_empty() { Ok(gate) } else { Err(errors) }
    }

    /// Builds the checks of each overlay alone, so that a mistake in one is found before anything is judged.
    fn try_overlays(&mut self) -> Vec<PolicyError> {
        let Some(by_path) = &self.by_path else { return Vec::new() };
        let (mut read_limit, mut reads_edits, mut errors) = (0, false, Vec::new());
        for index in 0..by_path.policy.overlays().len() {
            match self.checks_of(by_path, vec![index]) {
                Ok(checks) => {
                    read_limit = read_limit.max(limit(&checks));
                    reads_edits |= checks.iter().any(|check| check.is_reading_edits());
                }
                Err(error) => errors.push(error),
            }
        }
        if let Some(by_path) = &mut self.by_path {
            (by_path.read_limit, by_path.reads_edits) = (read_limit, reads_edits);
        }
        errors
    }

    /// The size in bytes up to which documents are worth reading: the greatest wish of its checks.
    #[must_use]
    pub fn read_limit(&self) -> u64 {
        limit(&self.checks).max(self.by_path.as_ref().map_or(0, |by_path| by_path.read_limit))
    }

    /// What the scanners of the checks did so far.
    #[must_use]
    pub fn statistics(&self) -> ScannerStatistics {
        let mut all = ScannerStatistics::default();
        let mut add = |checks: &Checks| checks.iter().for_each(|check| all.merge(check.statistics()));
        add(&self.checks);
        if let Some(by_path) = &self.by_path {
            let built = by_path.built.lock().unwrap_or_else(PoisonError::into_inner);
            built.values().flatten().for_each(add);
        }
        all
    }

    /// The exceptions that are for a finding at one of its places, those that ended among them: what stands by their
    /// word alone.
    pub fn exceptions_for(&self, finding: &Finding) -> impl Iterator<Item = &Exception> {
        self.exceptions.iter().filter(move |exception| exception.is_for_place_of(finding))
    }

    /// The same gate, which also says why: [`Gate::document`] then hands over a decision for everything that was looked at.
    #[must_use]
    pub fn explaining(mut self, explains: bool) -> Self {
        self.explains = explains;
        self
    }

    /// Has every check judge one document.
    pub fn document(&self, document: &Document<'_>, sink: &mut dyn Sink) {
        match self.checks_at(document.path) {
            Ok(checks) => self.judge(&checks, document, sink),
            // Each overlay is sound and two of them together are not.
            Err(error) => sink.problem(Problem {
                what: format!("the overlays for this path contradict each other: {error}"),
                place: document.path.map(|path| path.escaped().into_owned()),
                fix: "mend the [[overlay]]s of the policy".to_owned(),
            }),
        }
    }

    /// The checks that count at a path.
    fn checks_at(&self, path: Option<&RepoPath>) -> Result<Checks, PolicyError> {
        let overlaid = self.by_path.as_ref().zip(path).and_then(|(by_path, path)| {
            let overlays = by_path.policy.overlays_of_path(path);
            (!overlays.is_empty()).then(|| self.checks_of(by_path, overlays))
        });
        overlaid.unwrap_or_else(|| Ok(Arc::clone(&self.checks)))
    }

    fn judge(&self, checks: &[Arc<dyn Check>], document: &Document<'_>, sink: &mut dyn Sink) {
        for check in checks {
            check.document(document, sink);
            if self.explains {
                check.explain(document, sink);
            }
        }
    }

    /// Has every check judge the change set as a whole.
    pub fn change_set(&self, change_set: &ChangeSet, sink: &mut dyn Sink) {
        for check in &*self.checks {
            check.change_set(change_set, sink);
        }
    }

    /// Has every check judge refs that move.
    pub fn push(&self, push: &Push<'_>, sink: &mut dyn Sink) {
        for check in &*self.checks {
            check.push(push, sink);
        }
    }

    /// Has every check judge refs that are there already.
    pub fn standing(&self, push: &Push<'_>, sink: &mut dyn Sink) {
        for check in &*self.checks {
            check.standing(push, sink);
        }
    }

    /// Whether a check wants to see a file of this path whole, before and after a change.
    #[must_use]
    pub fn watches(&self, path: &RepoPath) -> bool {
        self.checks.iter().any(|check| check.watches(path))
    }

    /// Whether a check watches files at all: else nobody need look for what became of them.
    #[must_use]
    pub fn is_watching(&self) -> bool {
        self.checks.iter().any(|check| check.is_watching())
    }

    /// Has every check judge the watched files that one line of work changes.
    pub fn file_changes(&self, changes: &[FileChange<'_>], sink: &mut dyn Sink) {
        for check in &*self.checks {
            check.file_changes(changes, sink);
        }
    }

    /// Whether a check wants to see what stands once a change is made: else nobody need read whole trees.
    #[must_use]
    pub fn is_reading_trees(&self) -> bool {
        self.checks.iter().any(|check| check.is_reading_trees())
    }

    /// Has every check judge what stands once a change is made.
    pub fn after(&self, after: &After<'_>, sink: &mut dyn Sink) {
        for check in &*self.checks {
            check.after(after, sink);
        }
    }

    /// Whether a check wants to see edits at all: else nobody need look for them.
    #[must_use]
    pub fn is_reading_edits(&self) -> bool {
        self.checks.iter().any(|check| check.is_reading_edits())
            || self.by_path.as_ref().is_some_and(|by_path| by_path.reads_edits)
    }

    /// The size in bytes up to which a check wants to see what a change makes of a file of this path; `None`: none does.
    /// Overlays that contradict each other are told of with the file itself ([`Gate::document`]).
    #[must_use]
    pub fn edit_limit(&self, path: &RepoPath) -> Option<u64> {
        let checks = self.checks_at(Some(path)).ok()?;
        checks.iter().filter_map(|check| check.edit_limit(path)).max()
    }

    /// Has every check judge what one line of work makes of a file.
    pub fn edit(&self, edit: &Edit<'_>, sink: &mut dyn Sink) {
        for check in self.checks_at(Some(edit.path)).iter().flat_map(|checks| checks.iter()) {
            if check.edit_limit(edit.path).is_some() {
                check.edit(edit, sink);
            }
        }
    }

    /// The checks where these overlays count. A check whose section none of them sets is the one that is there already.
    fn checks_of(&self, by_path: &ByPath, overlays: Vec<usize>) -> Result<Checks, PolicyError> {
        // A thread that failed has left nothing half done in the map.
        let mut built = by_path.built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = built.get(&overlays) {
            return known.clone();
        }
        let policy = by_path.policy.with_overlays(&overlays);
        let set = |section: &str| {
            let those = overlays.iter().filter_map(|index| by_path.policy.overlays().get(*index));
            those.flat_map(Overlay::settings).any(|(path, _)| path.split('.').next() == Some(section))
        };
        let context = Context {
            policy: &policy,
            stage: by_path.stage,
            rules: by_path.rules,
            now: by_path.now,
            fingerprint_key: by_path.fingerprint_key.as_ref(),
        };
        let checks = self.infos.iter().zip(&*self.checks).map(|(info, check)| {
            if set(info.section) { (info.build)(&context).map(Arc::from) } else { Ok(Arc::clone(check)) }
        });
        let checks: Result<Vec<Arc<dyn Check>>, PolicyError> = checks.collect();
        let checks = checks.map(Checks::from);
        built.insert(overlays, checks.clone());
        checks
    }
}

impl ByPath {
    fn new(context: &Context<'_>) -> Self {
        Self {
            policy: context.policy.clone(),
            stage: context.stage,
            rules: context.rules,
            now: context.now,
            fingerprint_key: context.fingerprint_key.cloned(),
            read_limit: 0,
            reads_edits: false,
            built: Mutex::default(),
        }
    }
}

fn limit(checks: &[Arc<dyn Check>]) -> u64 {
    checks.iter().map(|check| check.read_limit()).max().unwrap_or(0)
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
