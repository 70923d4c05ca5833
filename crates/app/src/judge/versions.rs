//! Versions of one file, each scanned as an edit of the one before.
//!
//! A push of a thousand commits brings many versions of few files, and nearly all of each version stands in the one before.
//! So secrets are looked for in what is new of it, as a scan of a history does. A version without any is done with; one that
//! has something goes to the gate like every other document, so that nothing is told in two ways.

use super::Blob;
use crate::exit::Failure;
use crate::session::Session;
use gatepost_core::policy::Overlay;
use gatepost_core::secrets::{Scratch, Secrets, Trace};
use gatepost_core::statistics::ScannerStatistics;
use gatepost_core::{Gate, RefName, RepoPath, Stretch};
use std::cmp::Reverse;
use std::collections::HashMap;

/// With fewer commits there is nothing to gain.
const FEWEST_COMMITS: usize = 16;

/// What versions are judged with: the check for secrets, and the gate without it.
pub(crate) struct Versions {
    secrets: Secrets,
    rest: Gate,
}

impl Versions {
    /// For so many commits that come to a branch. `None`: where there is nothing to gain, where the policy judges paths each in
    /// its own way, and where somebody asks why.
    ///
    /// # Errors
    ///
    /// Impossible values in the policy.
    pub(crate) fn new(
        session: &Session,
        branch: Option<&RefName>,
        commits: usize,
    ) -> Result<Option<Self>, Failure> {
        let policy = session.policy().on_branch(branch);
        if commits < FEWEST_COMMITS || session.why || policy.overlays().iter().any(Overlay::has_paths) {
            return Ok(None);
        }
        let secrets = Secrets::new(&session.context(&policy))?;
        if !secrets.is_on() {
            return Ok(None);
        }
        let rest = session.gate_on(branch, |check| check.section != "secrets")?;
        Ok(Some(Self { secrets, rest }))
    }

    /// The gate that is left for a blob without secrets, at one of its paths. That a path is excluded is for the whole gate to
    /// say.
    pub(super) fn rest_at(&self, path: &RepoPath) -> Option<&Gate> {
        (!self.secrets.is_excluded(path)).then_some(&self.rest)
    }
}

/// The blobs by the path that each comes in at first, those of a path in their order, paths with many versions before those with
/// few: the threads end together.
pub(super) fn by_path(work: &[Blob<'_>]) -> Vec<Vec<usize>> {
    let mut chains: Vec<Vec<usize>> = Vec::new();
    let mut place: HashMap<&RepoPath, usize> = HashMap::new();
    for (index, blob) in work.iter().enumerate() {
        let Some(change) = blob.changes.first() else { continue };
        let chain = *place.entry(&change.path).or_insert_with(|| {
            chains.push(Vec::new());
            chains.len() - 1
        });
        if let Some(chain) = chains.get_mut(chain) {
            chain.push(index);
        }
    }
    chains.sort_by_key(|chain| Reverse(chain.len()));
    chains
}

/// What a thread knows of the version before.
pub(super) struct Reading<'a> {
    versions: &'a Versions,
    scratch: Scratch,
    bytes: Vec<u8>,
    trace: Option<Trace>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(versions: &'a Versions) -> Self {
        Self { versions, scratch: Scratch::default(), bytes: Vec::new(), trace: None }
    }

    /// What was looked at so far.
    pub(super) const fn statistics(&self) -> ScannerStatistics {
        self.scratch.statistics()
    }

    /// Begins with another file.
    pub(super) fn forget(&mut self) {
        self.trace = None;
    }

    /// Looks at the next version. What it is judged with where it is beyond doubt that the check for secrets has nothing to
    /// say of it, not even of a part that it did not look at.
    pub(super) fn look(&mut self, bytes: &[u8]) -> Option<&'a Versions> {
        let secrets = &self.versions.secrets;
        if bytes.len() as u64 > secrets.limit() {
            self.trace = None;
            return None;
        }
        let scanner = secrets.scanner();
        let trace = match &self.trace {
            Some(before) => {
                scanner.trace_edit(bytes, before, &stretches(&self.bytes, bytes), &mut self.scratch)
            }
            None => scanner.trace(bytes, &mut self.scratch),
        };
        let mut is_clean = trace.is_clean() && !trace.is_cut() && scanner.ruleset().failures().is_empty();
        self.trace = Some(trace);
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        if is_clean {
            let (mut inside, mut skips) = (Vec::new(), 0_u64);
            secrets.detect_inside(bytes, &mut inside, &mut self.scratch, &mut |_| skips += 1);
            is_clean = inside.is_empty() && skips == 0;
        }
        is_clean.then_some(self.versions)
    }
}

/// What of a text stands in an older one: its beginning and its end, as far as they are the same. To find what is the same between
/// two edits as well takes as long as it saves.
fn stretches(old: &[u8], new: &[u8]) -> Vec<Stretch> {
    let head = same(old, new);
    let tail = same_at_end(old.get(head..).unwrap_or(&[]), new.get(head..).unwrap_or(&[]));
    let end = new.len() - tail;
    let parts = [(0..head, Some(0)), (head..end, None), (end..new.len(), Some(old.len() - tail))];
    let parts = parts.into_iter().filter(|(range, _)| !range.is_empty());
    parts.map(|(range, from)| Stretch { range, from }).collect()
}

/// How many bytes are compared at a time.
const STEP: usize = 64;

/// How far two texts are the same.
fn same(one: &[u8], other: &[u8]) -> usize {
    let steps = one.chunks_exact(STEP).zip(other.chunks_exact(STEP));
    let at = STEP * steps.take_while(|(one, other)| one == other).count();
    let rest = one.iter().skip(at).zip(other.iter().skip(at));
    at + rest.take_while(|(one, other)| one == other).count()
}

/// How far two texts are the same, from their ends.
fn same_at_end(one: &[u8], other: &[u8]) -> usize {
    let steps = one.rchunks_exact(STEP).zip(other.rchunks_exact(STEP));
    let at = STEP * steps.take_while(|(one, other)| one == other).count();
    let rest = one.iter().rev().skip(at).zip(other.iter().rev().skip(at));
    at + rest.take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many bytes are new, where the rest is what the stretches say it is.
    fn fresh(old: &str, new: &str) -> usize {
        let (old, new) = (old.as_bytes(), new.as_bytes());
        let (mut made, mut fresh) = (Vec::new(), 0);
        for Stretch { range, from } in stretches(old, new) {
            assert_eq!(range.start, made.len(), "no gaps");
            match from {
                Some(from) => made.extend_from_slice(&old[from..from + range.len()]),
                None => {
                    fresh += range.len();
                    made.extend_from_slice(&new[range]);
                }
            }
        }
        assert_eq!(made, new);
        fresh
    }

    #[test]
    fn what_is_the_same_at_the_ends_is_not_new_and_not_taken_twice() {
        let line = "a line of some length, as they are\n";
        let long = line.repeat(20);
        assert_eq!(fresh(&long, &long), 0);
        assert_eq!(fresh("", &long), long.len());
        assert_eq!(fresh(&long, ""), 0);
        assert_eq!(fresh(&long, &format!("{long}more")), 4);
        assert_eq!(fresh(&long, &format!("more{long}")), 4);
        assert_eq!(fresh(&long, &line.repeat(19)), 0);
        assert_eq!(fresh("aba", "ababa"), 2);
        assert_eq!(fresh(&format!("{long}x{long}"), &format!("{long}yz{long}")), 2);
    }
}
