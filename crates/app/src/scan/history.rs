//! The whole history: every object once, then the commits and paths of those that hold something.
//!
//! Detection sees bytes alone, since most blobs are clean and their paths are never needed. Only for blobs with a
//! detection are commits and paths looked up; rules and excludes that depend on a path are then judged against
//! **every** path the blob ever had.

#[cfg(test)]
mod equal;

use super::names::{Names, judge_names};
use super::progress::Progress;
use super::{part, statistics};
use crate::collect::Collector;
use crate::exit::Failure;
use crate::judge::{self, Identities};
use crate::session::Session;
use gatepost_core::policy::Policy;
use gatepost_core::secrets::{Detection, Scratch, Secrets, Trace};
use gatepost_core::settle::{Versions, introductions, merge_findings};
use gatepost_core::{
    Gate, Level, Location, ObjectId, Phase, Problem, RepoPath, Shard, Sink, SkipReason, Suppressed, Timestamp,
};
use gatepost_source::history::{self, Appearance, Edit, Graph, Kinds, Object, ObjectKind, Reader, Visitor};
use gatepost_source::{Repository, parse_commit, parse_tag};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

/// Scans every object, message, identity and ref name of a repository.
///
/// # Errors
///
/// When the objects cannot be listed. Objects that cannot be read are problems in the result.
pub(crate) fn collect(
    session: &Session,
    repository: &dyn Repository,
    allow_shallow: bool,
    shard: Option<Shard>,
) -> Result<Collector, Failure> {
    // A history is of all branches, so overlays for one of them do not count.
    let policy = session.policy().on_branch(None);
    let gate = session.gate_on(None, |check| check.section == "secrets")?;
    let mut overlaid = Overlaid::new(session, &policy)?;
    let secrets = &overlaid.base;
    let progress = Arc::new(history::Progress::default());
    let options = history::Options {
        threads: session.threads,
        max_blob: overlaid.limit(),
        kinds: Kinds::CONTENT,
        graph: true,
        shard,
    };
    let ready = session.started.elapsed();
    let bar = Progress::history(session, &progress);
    let scan = Scan { gate: &gate, secrets, is_on: overlaid.is_on() };
    let mut walked = history::walk(repository, &options, &scan, &progress)?;
    drop(bar);

    let mut collected = Collector::default();
    let mut detections: HashMap<ObjectId, Vec<Detection>> = HashMap::new();
    for worker in std::mem::take(&mut walked.workers) {
        collected.statistics.scanner.merge(worker.scratch.statistics());
        collected.absorb(worker.collected);
        for (id, found) in worker.detections {
            detections.entry(id).or_default().extend(found);
        }
    }
    collected.problems.append(&mut walked.problems);
    secrets.tell_of_failures(&mut collected);
    collected.coverage.objects = walked.objects;
    if walked.unreadable > 0 {
        *collected.coverage.skipped.entry(SkipReason::Unreadable).or_default() += walked.unreadable;
    }
    if let Reader::GitCommand(why) = &walked.reader {
        collected.notices.push(format!("the objects were read with `git cat-file`, which is slower: {why}"));
    }
    if shard.is_none_or(Shard::is_first) {
        ref_names(repository, &gate, &mut collected)?;
    }
    limits(repository, walked.missing, allow_shallow, &mut collected);
    collected.records.whole_history = overlaid.is_on() && !collected.coverage.shallow;
    collected.statistics.phases.push((Phase::Policy, ready));
    statistics::of_walk(&walked.work, &gate, &mut collected);
    let started = Instant::now();
    let graph = walked.graph.as_ref();
    attribute(session, repository, &mut overlaid, detections, graph, shard, &mut collected)?;
    collected.statistics.phases.push((Phase::Attribution, started.elapsed()));
    if let Some(shard) = shard {
        let set = part::object_set(repository, graph, walked.missing_ids)?;
        collected.part = Some(part::of(shard, &set, &overlaid.base, &collected));
    }
    Ok(collected)
}

/// What every thread of the walk does.
struct Scan<'a> {
    gate: &'a Gate,
    secrets: &'a Secrets,
    /// Whether secrets are looked for anywhere at all.
    is_on: bool,
}

/// The check as the policy has it, and as its overlays for paths have it.
pub(super) struct Overlaid<'a> {
    session: &'a Session,
    pub(super) policy: &'a Policy,
    base: Secrets,
    by_overlays: HashMap<Vec<usize>, Secrets>,
}

impl<'a> Overlaid<'a> {
    /// Builds the check for each overlay alone, to know what must be read.
    fn new(session: &'a Session, policy: &'a Policy) -> Result<Self, Failure> {
        let base = Secrets::new(&session.context(policy))?;
        let mut overlaid = Self { session, policy, base, by_overlays: HashMap::new() };
        for index in 0..policy.overlays().len() {
            overlaid.build(vec![index])?;
        }
        let Self { base, by_overlays, .. } = overlaid;
        let base = by_overlays.values().fold(base, Secrets::with_decoding_of);
        Ok(Self { base, by_overlays, ..overlaid })
    }

    pub(super) fn build(&mut self, overlays: Vec<usize>) -> Result<(), Failure> {
        if !overlays.is_empty() && !self.by_overlays.contains_key(&overlays) {
            let policy = self.policy.with_overlays(&overlays);
            self.by_overlays.insert(overlays, Secrets::new(&self.session.context(&policy))?);
        }
        Ok(())
    }

    fn all(&self) -> impl Iterator<Item = &Secrets> {
        std::iter::once(&self.base).chain(self.by_overlays.values())
    }

    fn limit(&self) -> u64 {
        self.all().map(Secrets::limit).max().unwrap_or(0)
    }

    fn is_on(&self) -> bool {
        self.all().any(Secrets::is_on)
    }

    /// Sorts places by the overlays that count there.
    fn sort(&mut self, places: &[Appearance]) -> Result<BTreeMap<Vec<usize>, Vec<Appearance>>, Failure> {
        let mut sorted: BTreeMap<Vec<usize>, Vec<Appearance>> = BTreeMap::new();
        for place in places {
            sorted.entry(self.policy.overlays_of_path(&place.path)).or_default().push(place.clone());
        }
        if sorted.is_empty() {
            sorted.insert(Vec::new(), Vec::new());
        }
        for overlays in sorted.keys() {
            self.build(overlays.clone())?;
        }
        Ok(sorted)
    }

    pub(super) fn at(&self, overlays: &[usize]) -> &Secrets {
        self.by_overlays.get(overlays).unwrap_or(&self.base)
    }
}

/// One thread's part.
#[derive(Default)]
struct Worker {
    collected: Collector,
    scratch: Scratch,
    detections: Vec<(ObjectId, Vec<Detection>)>,
    identities: Identities,
}

impl Visitor for Scan<'_> {
    type Worker = Worker;
    type Trace = Trace;

    fn worker(&self) -> Worker {
        Worker::default()
    }

    fn visit(
        &self,
        worker: &mut Worker,
        object: &Object<'_>,
        edit: Option<Edit<'_, Trace>>,
    ) -> Option<Trace> {
        match object.kind {
            ObjectKind::Blob => return self.blob(worker, object, edit.as_ref()),
            ObjectKind::Commit => self.text(worker, object, |gate, worker, bytes| {
                let commit = parse_commit(object.id, bytes)?;
                let Worker { collected, identities, .. } = worker;
                judge::commit_texts(gate, &commit, identities, collected);
                collected.coverage.commits += 1;
                Ok(())
            }),
            ObjectKind::Tag => self.text(worker, object, |gate, worker, bytes| {
                judge::tag_texts(gate, &parse_tag(object.id, bytes)?, &mut worker.collected);
                Ok(())
            }),
            ObjectKind::Tree => {}
        }
        None
    }

    fn pass(&self, worker: &mut Worker, object: &Object<'_>, edit: Option<Edit<'_, Trace>>) -> Option<Trace> {
        let bytes = object.bytes.filter(|_| self.is_on)?;
        Some(self.trace(worker, bytes, edit.as_ref()))
    }
}

impl Scan<'_> {
    fn trace(&self, worker: &mut Worker, bytes: &[u8], edit: Option<&Edit<'_, Trace>>) -> Trace {
        let scanner = self.secrets.scanner();
        match edit {
            Some(Edit { base, stretches }) => scanner.trace_edit(bytes, base, stretches, &mut worker.scratch),
            None => scanner.trace(bytes, &mut worker.scratch),
        }
    }

    /// Scans a blob: of one that is stored as an edit of another one, only what the edit can have changed. An archive is
    /// unpacked whole: where one byte of it changes, everything behind it does.
    fn blob(
        &self,
        worker: &mut Worker,
        object: &Object<'_>,
        edit: Option<&Edit<'_, Trace>>,
    ) -> Option<Trace> {
        let Some(bytes) = object.bytes else {
            worker.collected.skip(SkipReason::TooLarge);
            return None;
        };
        worker.collected.coverage.blobs += 1;
        worker.collected.coverage.bytes += object.size;
        if !self.is_on {
            return None;
        }
        let trace = self.trace(worker, bytes, edit);
        let scanner = self.secrets.scanner();
        let Worker { collected, scratch, detections, .. } = worker;
        if trace.is_cut() {
            collected.skip(SkipReason::TooLarge);
        }
        let mut found = if trace.is_clean() {
            Vec::new()
        } else {
            self.secrets.describe(bytes, &scanner.matches_of(&trace))
        };
        self.secrets.detect_inside(bytes, &mut found, scratch, &mut |reason| collected.skip(reason));
        if !found.is_empty() {
            detections.push((object.id, found));
        }
        Some(trace)
    }

    fn text(
        &self,
        worker: &mut Worker,
        object: &Object<'_>,
        judge: impl FnOnce(&Gate, &mut Worker, &[u8]) -> Result<(), gatepost_source::Error>,
    ) {
        let Some(bytes) = object.bytes else {
            worker.collected.skip(SkipReason::TooLarge);
            return;
        };
        if let Err(error) = judge(self.gate, worker, bytes) {
            worker.collected.skip(judge::skip_reason(&error));
            worker.collected.problem(judge::unreadable(&error, object.id.to_string()));
        }
    }
}

fn ref_names(repository: &dyn Repository, gate: &Gate, collected: &mut Collector) -> Result<(), Failure> {
    for reference in repository.references()? {
        judge::ref_text(gate, reference.name.as_bytes(), collected);
    }
    Ok(())
}

/// What the repository does not have, and therefore nobody scanned.
fn limits(repository: &dyn Repository, missing: u64, allow_shallow: bool, collected: &mut Collector) {
    let info = repository.info();
    collected.coverage.shallow = info.shallow;
    if info.shallow && !allow_shallow {
        collected.skip(SkipReason::Shallow);
        collected.problem(Problem {
            what: "the clone is shallow: the history before its boundary is not here".to_owned(),
            place: None,
            fix: "git fetch --unshallow (in CI: fetch-depth: 0, GIT_DEPTH: 0), or --allow-shallow to scan what is here"
                .to_owned(),
        });
    }
    if missing > 0 {
        *collected.coverage.skipped.entry(SkipReason::Missing).or_default() += missing;
        let (what, fix) = if info.partial {
            ("the clone is partial", "git fetch --refetch --no-filter")
        } else {
            ("the repository is damaged", "`git fsck` names them; fetch them from a repository that has them")
        };
        let (objects, are) = if missing == 1 { ("object", "is") } else { ("objects", "are") };
        collected.problem(Problem {
            what: format!("{what}: {missing} {objects} that the history needs {are} not here"),
            place: None,
            fix: fix.to_owned(),
        });
    }
}

/// Looks up the commits and paths of every blob with a detection and turns detections into findings.
fn attribute(
    session: &Session,
    repository: &dyn Repository,
    overlaid: &mut Overlaid<'_>,
    detections: HashMap<ObjectId, Vec<Detection>>,
    graph: Option<&Graph>,
    shard: Option<Shard>,
    collected: &mut Collector,
) -> Result<(), Failure> {
    let versions = if shard.is_some() { Versions::Some } else { Versions::All };
    let names = match graph.filter(|_| overlaid.is_on()) {
        Some(graph) => Names::of(graph, &overlaid.base),
        None => Names::default(),
    };
    let targets: HashSet<ObjectId> = detections.keys().copied().chain(names.ids()).collect();
    if targets.is_empty() {
        return Ok(());
    }
    let tracing = Progress::tracing(session, targets.len());
    let history::Attribution { appearances, problems } =
        graph.map(|graph| graph.attribute(repository, &targets)).unwrap_or_default();
    drop(tracing);
    collected.problems.extend(problems);
    let authors = Authors::new(repository, &appearances);
    // In one order on every run: of findings that are worth the same the first has the word.
    let mut detections: Vec<_> = detections.into_iter().collect();
    detections.sort_unstable_by_key(|(id, _)| *id);
    for (id, found) in detections {
        let places = appearances.get(&id).map_or(&[][..], Vec::as_slice);
        let sorted = overlaid.sort(places)?;
        for (detection, (overlays, places)) in
            found.iter().flat_map(|detection| sorted.iter().map(move |group| (detection, group)))
        {
            let (secrets, mut detection) = (overlaid.at(overlays), detection.clone());
            secrets.set_level(&mut detection);
            let paths: Vec<RepoPath> = places.iter().map(|place| place.path.clone()).collect();
            if detection.finding.level == Level::Off {
                continue;
            }
            if !secrets.admits(&detection, &paths) {
                collected.skip(SkipReason::Excluded);
                continue;
            }
            let Detection { finding, suppression, .. } = detection.at(locations(id, places, &authors));
            match suppression.or_else(|| secrets.allowed(&finding, &paths)) {
                Some(by) => collected.suppressed.push(Suppressed { finding, by }),
                None => collected.findings.push(finding),
            }
        }
    }
    judge_names(&names, &appearances, overlaid, &authors, shard, collected)?;
    collected.findings = merge_findings(std::mem::take(&mut collected.findings));
    for finding in &mut collected.findings {
        introductions(finding, versions);
    }
    Ok(())
}

/// Who wrote each commit and when.
pub(super) struct Authors(HashMap<ObjectId, gatepost_core::Commit>);

impl Authors {
    fn new(repository: &dyn Repository, appearances: &HashMap<ObjectId, Vec<Appearance>>) -> Self {
        let ids: HashSet<ObjectId> = appearances.values().flatten().map(|place| place.commit).collect();
        // A commit that cannot be read again leaves its findings without an author, not unreported.
        Self(ids.into_iter().filter_map(|id| Some((id, repository.commit(&id).ok()?))).collect())
    }

    pub(super) fn author(&self, commit: &ObjectId) -> Option<gatepost_core::Identity> {
        self.0.get(commit).map(|commit| commit.author.clone())
    }

    pub(super) fn committed(&self, commit: &ObjectId) -> Option<Timestamp> {
        self.0.get(commit).and_then(|commit| commit.committer.time)
    }
}

/// One location for each place where a blob came in; of a blob that no commit has, the blob itself.
fn locations(blob: ObjectId, places: &[Appearance], authors: &Authors) -> Vec<Location> {
    if places.is_empty() {
        let subject = format!("blob {blob}, in no commit");
        return vec![Location { subject: Some(subject), object: Some(blob), ..Location::default() }];
    }
    let location = |place: &Appearance| Location {
        path: Some(place.path.clone()),
        commit: Some(place.commit),
        committed: authors.committed(&place.commit),
        object: Some(blob),
        author: authors.author(&place.commit),
        in_tip: Some(place.in_tip),
        ..Location::default()
    };
    places.iter().map(location).collect()
}
