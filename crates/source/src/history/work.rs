//! Shares a walk out over threads.

use super::family::{Place, Walker};
use super::graph::{Part, Recorder, TreeTrace};
use super::inflate::Inflater;
use super::loose;
use super::plan::{Family, Plan};
use super::problems::Problems;
use super::store::Store;
use super::{Edit, Object, ObjectKind, Options, Progress, Reader, Visitor, Walked, Work};
use crate::in_threads;
use gatepost_core::ObjectId;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// How many small families, or loose objects, a thread takes at a time.
const BATCH: usize = 32;

/// What can be done on its own.
#[derive(Clone, Copy)]
enum Item {
    /// A family of a pack, by the pack's number.
    Family(usize, Family),
    /// A loose object, by its place in the list.
    Loose(usize),
}

/// Counts of what one thread did.
#[derive(Default)]
pub(super) struct Counts {
    kinds: [u64; 4],
    bytes: u64,
    too_large: u64,
    work: Work,
}

impl Counts {
    /// Counts an object that was read.
    pub(super) fn read(&mut self, object: &Object<'_>) {
        if let Some((objects, bytes)) = self.work.read.get_mut(object.kind as usize) {
            *objects += 1;
            *bytes += object.bytes.map_or(0, |bytes| bytes.len() as u64);
        }
    }

    /// Counts one visit.
    pub(super) fn visited(&mut self, object: &Object<'_>) {
        if let Some(count) = self.kinds.get_mut(object.kind as usize) {
            *count += 1;
        }
        match object.bytes {
            Some(bytes) => self.bytes += bytes.len() as u64,
            None => self.too_large += 1,
        }
    }

    /// Adds another thread's.
    pub(super) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.kinds.iter_mut().zip(other.kinds) {
            *mine += theirs;
        }
        self.bytes += other.bytes;
        self.too_large += other.too_large;
        for (mine, theirs) in self.work.read.iter_mut().zip(other.work.read) {
            mine.0 += theirs.0;
            mine.1 += theirs.1;
        }
        self.work.edits += other.work.edits;
        self.work.lent += other.work.lent;
        self.work.inflated += other.work.inflated;
    }

    fn of(&self, kind: ObjectKind) -> u64 {
        self.kinds.get(kind as usize).copied().unwrap_or_default()
    }

    /// The result of a walk.
    pub(super) fn walked<W>(&self, workers: Vec<W>, reader: Reader, problems: Problems) -> Walked<W> {
        let (problems, unreadable) = problems.finish();
        Walked {
            workers,
            reader,
            objects: self.kinds.iter().sum(),
            blobs: self.of(ObjectKind::Blob),
            commits: self.of(ObjectKind::Commit),
            tags: self.of(ObjectKind::Tag),
            trees: self.of(ObjectKind::Tree),
            bytes: self.bytes,
            too_large: self.too_large,
            unreadable,
            missing: 0,
            missing_ids: Vec::new(),
            work: self.work.clone(),
            graph: None,
            problems,
        }
    }
}

/// Everything the threads share.
struct Shared<'a, V> {
    store: &'a Store,
    plans: &'a [Plan],
    heavy: &'a [Item],
    light: &'a [Item],
    next_heavy: AtomicUsize,
    next_light: AtomicUsize,
    options: &'a Options,
    visitor: &'a V,
    progress: &'a Progress,
    recorder: Option<&'a Recorder>,
}

/// What is kept of an object while others are made from it: at least that it was seen.
struct Kept<T> {
    trace: Option<T>,
    tree: Option<TreeTrace>,
}

impl<V: Visitor> Shared<'_, V> {
    /// Counts an object, writes down what it names and shows it to the visitor, if it is of a kind that was asked for.
    fn visit(
        &self,
        own: &mut Own<V::Worker>,
        object: &Object<'_>,
        edit: Option<Edit<'_, Kept<V::Trace>>>,
    ) -> Option<Kept<V::Trace>> {
        let tree = self.recorder.and_then(|recorder| {
            let edit = edit
                .as_ref()
                .and_then(|edit| Some(Edit { base: edit.base.tree.as_ref()?, stretches: edit.stretches }));
            recorder.record(&mut own.part, object, edit)
        });
        let is_here = self.options.is_here(&object.id);
        let is_wanted = self.options.kinds.contains(object.kind);
        own.counts.read(object);
        if self.options.concerns(object.kind, &object.id) {
            self.progress.add(1, object.size);
        }
        if !is_wanted || (!is_here && object.kind != ObjectKind::Blob) {
            return Some(Kept { trace: None, tree });
        }
        let edit =
            edit.and_then(|Edit { base, stretches }| Some(Edit { base: base.trace.as_ref()?, stretches }));
        if !is_here {
            own.counts.work.lent += 1;
            return Some(Kept { trace: self.visitor.pass(&mut own.worker, object, edit), tree });
        }
        own.counts.visited(object);
        if object.kind == ObjectKind::Blob {
            own.counts.work.edits += u64::from(edit.is_some());
        }
        Some(Kept { trace: self.visitor.visit(&mut own.worker, object, edit), tree })
    }
}

/// What is one thread's own.
struct Own<W> {
    worker: W,
    counts: Counts,
    part: Part,
}

impl<W> Own<W> {
    fn new(worker: W) -> Self {
        Self { worker, counts: Counts::default(), part: Part::default() }
    }
}

/// Walks a store; what was written down comes with it, a part for each thread.
pub(super) fn walk_store<V: Visitor>(
    store: &Store,
    options: &Options,
    visitor: &V,
    progress: &Progress,
    recorder: Option<&Recorder>,
) -> (Walked<V::Worker>, Vec<Part>) {
    let started = Instant::now();
    let kinds = if recorder.is_some() { options.kinds.and_links() } else { options.kinds };
    let mut inflater = Inflater::new();
    let mut problems = Problems::default();
    for problem in &store.problems {
        problems.other(problem.clone());
    }
    let plans: Vec<Plan> = (0..store.packs.len())
        .map(|number| Plan::new(store, number, kinds, options, &mut inflater))
        .collect();
    let total: u64 = plans.iter().map(Plan::objects).sum();
    let loose = loose_items(store, options);
    progress.set_total(total + loose.len() as u64);
    let (heavy, light) = items(&plans, loose, options.threads.max(1));
    let opened = started.elapsed();
    let shared = Shared {
        store,
        plans: &plans,
        heavy: &heavy,
        light: &light,
        next_heavy: AtomicUsize::new(0),
        next_light: AtomicUsize::new(0),
        options,
        visitor,
        progress,
        recorder,
    };
    let mut all = Vec::new();
    for (own, their_problems) in in_threads(options.threads, || run(&shared)) {
        all.push(own);
        problems.merge(their_problems);
    }
    let mut walker = Walker::new(store, options);
    let mut last = all.pop().unwrap_or_else(|| Own::new(visitor.worker()));
    orphans(&shared, &mut walker, &mut |object| drop(shared.visit(&mut last, object, None)));
    all.push(last);
    problems.merge(std::mem::take(&mut walker.problems));
    let (mut counts, mut workers, mut parts) = (Counts::default(), Vec::new(), Vec::new());
    for own in all {
        counts.merge(&own.counts);
        workers.push(own.worker);
        parts.push(own.part);
    }
    counts.work.inflated += walker.inflated;
    let mut walked = counts.walked(workers, Reader::Packs, problems);
    (walked.work.opening, walked.work.walking) = (opened, started.elapsed().saturating_sub(opened));
    (walked, parts)
}

/// The work: families so heavy that a thread should begin with them, the heaviest first; then all others in the
/// order of the packs, which is kind to the page cache.
fn items(plans: &[Plan], loose: Vec<Item>, threads: usize) -> (Vec<Item>, Vec<Item>) {
    let families = plans
        .iter()
        .enumerate()
        .flat_map(|(number, plan)| plan.families.iter().map(move |&family| (number, family)));
    let total = families.clone().fold(0_u64, |sum, (_, family)| sum.saturating_add(family.weight));
    let threshold = (total / (threads as u64).saturating_mul(64).max(1)).max(1 << 20);
    let (mut heavy, mut light) = (Vec::new(), Vec::new());
    for (number, family) in families {
        let list = if family.weight >= threshold { &mut heavy } else { &mut light };
        list.push(Item::Family(number, family));
    }
    heavy.sort_by_key(|item| match item {
        Item::Family(_, family) => std::cmp::Reverse(family.weight),
        Item::Loose(_) => std::cmp::Reverse(0),
    });
    light.extend(loose);
    (heavy, light)
}

/// The loose objects that have to be read. The kind of one is only known when it is opened.
fn loose_items(store: &Store, options: &Options) -> Vec<Item> {
    let is_read = |(_, (id, _)): &(usize, &(ObjectId, u32))| options.graph || options.is_here(id);
    store.loose.iter().enumerate().filter(is_read).map(|(at, _)| Item::Loose(at)).collect()
}

/// One thread's work.
fn run<V: Visitor>(shared: &Shared<'_, V>) -> (Own<V::Worker>, Problems) {
    let mut own = Own::new(shared.visitor.worker());
    let mut walker = Walker::new(shared.store, shared.options);
    let mut buffer = Vec::new();
    loop {
        let at = shared.next_heavy.fetch_add(1, Ordering::Relaxed);
        let items = match shared.heavy.get(at..at.saturating_add(1)) {
            Some(items) => items,
            None => {
                let at = shared.next_light.fetch_add(BATCH, Ordering::Relaxed);
                let end = at.saturating_add(BATCH).min(shared.light.len());
                match shared.light.get(at..end) {
                    Some(items) if !items.is_empty() => items,
                    _ => break,
                }
            }
        };
        for &item in items {
            let mut visit = |object: &Object<'_>, edit: Option<Edit<'_, Kept<V::Trace>>>| {
                shared.visit(&mut own, object, edit)
            };
            match item {
                Item::Family(number, family) => {
                    if let (Some(pack), Some(plan), Some(duplicates)) = (
                        shared.store.packs.get(number),
                        shared.plans.get(number),
                        shared.store.duplicates.get(number),
                    ) {
                        let place = Place { number, pack, plan, duplicates, kind: family.kind };
                        walker.family(place, family, &mut visit);
                    }
                }
                Item::Loose(at) => {
                    if let Some(&(id, directory)) = shared.store.loose.get(at) {
                        let mut visit = |object: &Object<'_>| drop(visit(object, None));
                        loose_object(&mut walker, id, directory, &mut buffer, &mut visit);
                    }
                }
            }
        }
    }
    own.counts.work.inflated += walker.inflated;
    (own, walker.problems)
}

fn loose_object(
    walker: &mut Walker<'_>,
    id: ObjectId,
    directory: u32,
    buffer: &mut Vec<u8>,
    visit: &mut impl FnMut(&Object<'_>),
) {
    let Some(directory) = walker.store.directories.get(directory as usize) else { return };
    let path = loose::path(directory, &id);
    let options = walker.options;
    if !options.is_here(&id) {
        // Of another shard: read only for what it names.
        let header = loose::read(&path, |_| 0, &mut walker.inflater, buffer);
        if header.is_ok_and(|object| !options.reads_names(object.kind)) {
            return;
        }
    }
    match loose::read(&path, |kind| options.limit(kind), &mut walker.inflater, buffer) {
        Ok(object) => {
            let bytes = if object.whole { buffer.get(object.header..) } else { None };
            walker.inflated += bytes.map_or(0, |bytes| bytes.len() as u64);
            visit(&Object { id, kind: object.kind, size: object.size, bytes });
        }
        Err(why) => elsewhere(walker, &id, None, &why, path.display().to_string(), visit),
    }
}

/// Shows the entries that no family has, where another copy of them is.
fn orphans<V: Visitor>(shared: &Shared<'_, V>, walker: &mut Walker<'_>, visit: &mut impl FnMut(&Object<'_>)) {
    for (number, (pack, plan)) in shared.store.packs.iter().zip(shared.plans).enumerate() {
        for &(entry, why) in &plan.orphans {
            if let Some((range, position)) = plan.entry(entry)
                && let Some(id) = pack.id(position)
            {
                let place = format!("{} at offset {}", pack.name, range.start);
                elsewhere(walker, &id, Some(number), why, place, visit);
            }
        }
    }
}

/// Shows another copy of a broken object; without one, it is a problem.
fn elsewhere(
    walker: &mut Walker<'_>,
    id: &ObjectId,
    not_in: Option<usize>,
    why: &str,
    place: String,
    visit: &mut impl FnMut(&Object<'_>),
) {
    match walker.store.read(id, not_in, walker.options.max_blob, &mut walker.inflater) {
        Some(read) => {
            visit(&Object { id: *id, kind: read.kind, size: read.size, bytes: read.bytes.as_deref() });
        }
        None => walker.broken(id, why, place),
    }
}
