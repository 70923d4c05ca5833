//! The checks that a policy switches on, put together and asked.

use super::{CHECKS, Check, CheckInfo, Context};
use crate::change::{After, Edit, FileChange};
use crate::fingerprint::FingerprintKey;
use crate::policy::{Overlay, Policy, PolicyError};
use crate::secrets::Builtin;
use crate::statistics::ScannerStatistics;
use crate::{ChangeSet, Document, Exception, Finding, Problem, Push, RepoPath, Sink, Stage, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

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

    /// What its checks are known as.
    #[must_use]
    pub fn infos(&self) -> &[&'static CheckInfo] {
        &self.infos
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

    /// Whether a check has anything to say of refs that move.
    #[must_use]
    pub fn is_judging_moves(&self) -> bool {
        self.checks.iter().any(|check| check.is_judging_moves())
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

    /// Whether a check wants to see what stands once a change of these paths is made: else nobody need read whole trees.
    #[must_use]
    pub fn is_reading_trees(&self, changed: &[&RepoPath]) -> bool {
        self.checks.iter().any(|check| check.is_reading_trees(changed))
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
