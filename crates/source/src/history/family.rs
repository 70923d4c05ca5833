//! Walks one family of deltas depth first, with a stack of its own: chains can be thousands deep.

use super::delta::Delta;
use super::inflate::Inflater;
use super::large::{Piece, Stored};
use super::pack::{EntryHeader, Pack};
use super::plan::{Family, Plan};
use super::problems::Problems;
use super::set::Set;
use super::store::{DELTA_SLACK, Store, delta_sizes};
use super::{Edit, Object, ObjectKind, Options};
use gatepost_core::{ObjectId, Stretch};
use std::collections::VecDeque;

/// How many bytes of objects are enough to be taken out of a large one in one go.
const AHEAD: usize = 32 << 20;

const CORRUPT: &str = "its delta is corrupt";

/// One thread's tools for reading packs.
pub(super) struct Walker<'a> {
    pub(super) store: &'a Store,
    pub(super) options: &'a Options,
    pub(super) inflater: Inflater,
    pub(super) problems: Problems,
    /// Bytes of objects that were made.
    pub(super) inflated: u64,
    /// The delta that was applied last.
    delta: Vec<u8>,
    /// Whether the content that was read last was made by that delta.
    is_edit: bool,
    stretches: Vec<Stretch>,
    spare: Vec<Vec<u8>>,
}

/// Where a family is: a pack and its plan.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) number: usize,
    pub(super) pack: &'a Pack,
    pub(super) plan: &'a Plan,
    pub(super) duplicates: &'a Set,
    pub(super) kind: ObjectKind,
}

/// What is known of an object once it was its turn.
enum Content {
    Bytes(Vec<u8>),
    /// Larger than the limit: where it is, and its size.
    Large(Stored, u64),
    /// It cannot be read: why.
    Broken(&'static str),
}

struct Frame<T> {
    entry: u32,
    next: usize,
    content: Content,
    /// What was read of the children that come next: of a large object's, several are read at a time.
    ahead: VecDeque<Content>,
    /// What the visitor kept of it.
    trace: Option<T>,
}

/// An entry that is as the index says.
struct Entry<'p> {
    at: Stored,
    kind: ObjectKind,
    header: EntryHeader,
    stream: &'p [u8],
}

/// Edits of one large object that are made in one go.
#[derive(Default)]
struct Batch {
    /// One after the other.
    out: Vec<u8>,
    /// What they have of the large object.
    pieces: Vec<Piece>,
}

impl Batch {
    fn is_full(&self) -> bool {
        self.out.len() >= AHEAD || self.pieces.len() >= AHEAD / 32
    }
}

/// Takes the end of `bytes` away.
fn split_off(bytes: &mut Vec<u8>, start: usize) -> Vec<u8> {
    if start == 0 { std::mem::take(bytes) } else { bytes.split_off(start.min(bytes.len())) }
}

impl<'a> Walker<'a> {
    pub(super) fn new(store: &'a Store, options: &'a Options) -> Self {
        Self {
            store,
            options,
            inflater: Inflater::new(),
            problems: Problems::default(),
            inflated: 0,
            delta: Vec::new(),
            is_edit: false,
            stretches: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// Shows every object of a family.
    pub(super) fn family<T>(
        &mut self,
        place: Place<'_>,
        family: Family,
        visit: &mut impl FnMut(&Object<'_>, Option<Edit<'_, T>>) -> Option<T>,
    ) {
        let outside = family.outside.as_ref().map(|id| {
            let copy = self.copy_elsewhere(place, id);
            copy.map_or(Content::Broken("its delta base cannot be read"), |(_, base)| base)
        });
        let content = self.content(place, family.head, outside.as_ref());
        let mut stack: Vec<Frame<T>> = Vec::new();
        stack.extend(self.enter(place, family.head, content, None, visit));
        while let Some(frame) = stack.last_mut() {
            let children = place.plan.children(frame.entry);
            let Some(&child) = children.get(frame.next) else {
                if let Some(frame) = stack.pop() {
                    self.recycle(frame.content);
                }
                continue;
            };
            frame.next += 1;
            let is_last = frame.next == children.len();
            if !place.plan.is_wanted(child) {
                continue;
            }
            let content = match (frame.ahead.pop_front(), &frame.content) {
                (Some(ahead), _) => {
                    self.is_edit = false;
                    ahead
                }
                (None, &Content::Large(at, size)) => {
                    let siblings = children.get(frame.next..).unwrap_or_default();
                    let (content, ahead) = self.of_large(place, child, siblings, (at, size));
                    frame.ahead = ahead;
                    content
                }
                (None, base) => self.content(place, child, Some(base)),
            };
            // After its last child a base is not needed any more: children are sorted so that the deepest branch
            // comes last.
            let done = if is_last { stack.pop() } else { None };
            let base = done.as_ref().or(stack.last()).and_then(|frame| frame.trace.as_ref());
            let entered = self.enter(place, child, content, base, visit);
            if let Some(done) = done {
                self.recycle(done.content);
            }
            stack.extend(entered);
        }
    }

    /// Shows an object; a frame for the stack if others are made from it. `base` is what was kept of its base.
    fn enter<T>(
        &mut self,
        place: Place<'_>,
        entry: u32,
        content: Content,
        base: Option<&T>,
        visit: &mut impl FnMut(&Object<'_>, Option<Edit<'_, T>>) -> Option<T>,
    ) -> Option<Frame<T>> {
        let (range, position) = place.plan.entry(entry)?;
        let id = place.pack.id(position)?;
        let content = match content {
            Content::Broken(why) => {
                self.is_edit = false;
                self.rescue(place, &id, why)
            }
            sound => sound,
        };
        let mut trace = None;
        if !place.duplicates.contains(position) && !place.plan.is_passed_over(entry) {
            let (size, bytes) = match &content {
                Content::Bytes(bytes) => (bytes.len() as u64, Some(bytes.as_slice())),
                Content::Large(_, size) => (*size, None),
                Content::Broken(why) => {
                    let place = format!("{} at offset {}", place.pack.name, range.start);
                    self.broken(&id, why, place);
                    (0, None)
                }
            };
            if !matches!(content, Content::Broken(_)) {
                let base = base.filter(|_| self.is_edit && bytes.is_some());
                let delta = base.and_then(|_| Delta::parse(&self.delta));
                if let Some(delta) = delta {
                    delta.stretches(&mut self.stretches);
                }
                let edit = base.filter(|_| delta.is_some());
                let edit = edit.map(|base| Edit { base, stretches: &self.stretches });
                trace = visit(&Object { id, kind: place.kind, size, bytes }, edit);
            }
        }
        if place.plan.children(entry).is_empty() {
            self.recycle(content);
            return None;
        }
        Some(Frame { entry, next: 0, content, ahead: VecDeque::new(), trace })
    }

    /// Tells of an object that cannot be read.
    pub(super) fn broken(&mut self, id: &ObjectId, why: &str, place: String) {
        if self.options.is_here(id) {
            self.problems.object(id, why, place);
        } else {
            self.problems.named(id, why, place);
        }
    }

    /// Looks for another copy of a broken object.
    fn rescue(&mut self, place: Place<'_>, id: &ObjectId, why: &'static str) -> Content {
        match self.copy_elsewhere(place, id) {
            Some((kind, content)) if kind == place.kind => content,
            _ => Content::Broken(why),
        }
    }

    /// The copy of an object that is anywhere but in this pack.
    fn copy_elsewhere(&mut self, place: Place<'_>, id: &ObjectId) -> Option<(ObjectKind, Content)> {
        let read =
            self.store.read(id, Some(place.number), self.options.limit(place.kind), &mut self.inflater)?;
        Some((read.kind, read.bytes.map_or(Content::Large(read.at, read.size), Content::Bytes)))
    }

    /// Reads an entry, given its base.
    fn content(&mut self, place: Place<'_>, entry: u32, base: Option<&Content>) -> Content {
        self.is_edit = false;
        let stored = match self.stored(place, entry) {
            Ok(stored) => stored,
            Err(why) => return Content::Broken(why),
        };
        let content = match base {
            None => self.whole(&stored),
            Some(Content::Bytes(base)) => self.edited(&stored, base),
            Some(&Content::Large(at, size)) => self.of_large(place, entry, &[], (at, size)).0,
            Some(Content::Broken(_)) => Content::Broken("its delta base cannot be read"),
        };
        if let Content::Bytes(bytes) = &content {
            self.inflated += bytes.len() as u64;
        }
        content
    }

    /// Finds an entry and checks that it is what the index says.
    fn stored<'p>(&self, place: Place<'p>, entry: u32) -> Result<Entry<'p>, &'static str> {
        let (range, position) = place.plan.entry(entry).ok_or("it is not in the pack")?;
        let header = place.pack.header(range.start).ok_or("its entry header is malformed")?;
        if !place.pack.is_intact(position, range.clone()) {
            return Err("its checksum in the pack index does not match");
        }
        let stream = place.pack.bytes(header.data..range.end);
        Ok(Entry { at: Stored::Packed(place.number, range.start), kind: place.kind, header, stream })
    }

    fn whole(&mut self, entry: &Entry<'_>) -> Content {
        let size = entry.header.size;
        if size > self.options.limit(entry.kind) {
            return Content::Large(entry.at, size);
        }
        let mut bytes = self.spare.pop().unwrap_or_default();
        match self.inflater.whole(entry.stream, size, &mut bytes) {
            Some(()) => Content::Bytes(bytes),
            None => Content::Broken("its data is corrupt or not of the size it declares"),
        }
    }

    fn edited(&mut self, entry: &Entry<'_>, base: &[u8]) -> Content {
        let limit = self.options.limit(entry.kind);
        if entry.header.size > limit.saturating_add(DELTA_SLACK) {
            return match delta_sizes(entry.stream, &mut self.inflater) {
                Some((_, size)) if size > limit => Content::Large(entry.at, size),
                Some((_, size)) => self.copied_out(entry, size).unwrap_or(Content::Broken(CORRUPT)),
                None => Content::Broken(CORRUPT),
            };
        }
        let mut delta_bytes = std::mem::take(&mut self.delta);
        let content = match self.inflater.whole(entry.stream, entry.header.size, &mut delta_bytes) {
            Some(()) => self.apply(entry, &delta_bytes, base),
            None => Content::Broken(CORRUPT),
        };
        self.delta = delta_bytes;
        content
    }

    fn apply(&mut self, entry: &Entry<'_>, delta: &[u8], base: &[u8]) -> Content {
        let Some(delta) = Delta::parse(delta) else { return Content::Broken(CORRUPT) };
        if delta.size > self.options.limit(entry.kind) {
            return Content::Large(entry.at, delta.size);
        }
        let mut bytes = self.spare.pop().unwrap_or_default();
        match delta.apply(base, &mut bytes) {
            Some(()) => {
                self.is_edit = true;
                Content::Bytes(bytes)
            }
            None => Content::Broken("its delta does not fit its base"),
        }
    }

    /// Reads an entry whose delta is too large to be inflated.
    fn copied_out(&mut self, entry: &Entry<'_>, size: u64) -> Option<Content> {
        let length = usize::try_from(size).ok()?;
        let mut bytes = vec![0; length];
        let all = vec![Piece::start(0, length)];
        self.store.copy_out((entry.at, size), all, &mut bytes, &mut self.inflater)?;
        Some(Content::Bytes(bytes))
    }

    /// Reads an entry that is an edit of a large object (where it is, and its size); and those of `siblings` that come next
    /// as well, as long as it is not too much: the large object has to be inflated once for all of them.
    fn of_large(
        &mut self,
        place: Place<'_>,
        entry: u32,
        siblings: &[u32],
        large: (Stored, u64),
    ) -> (Content, VecDeque<Content>) {
        self.is_edit = false;
        let mut batch = Batch::default();
        let first = self.add(&mut batch, place, entry, large.1);
        let mut parts = VecDeque::new();
        for &sibling in siblings.iter().filter(|sibling| place.plan.is_wanted(**sibling)) {
            if batch.is_full() {
                break;
            }
            parts.push_back(self.add(&mut batch, place, sibling, large.1));
        }
        let Batch { mut out, pieces } = batch;
        let copied = self.store.copy_out(large, pieces, &mut out, &mut self.inflater);
        let mut content = |part| match (part, copied) {
            (Err(content), _) => content,
            (Ok(start), Some(())) => Content::Bytes(split_off(&mut out, start)),
            (Ok(_), None) => Content::Broken("its delta base cannot be read"),
        };
        // The last first: what stands before it stays where it is.
        let mut ahead = VecDeque::with_capacity(parts.len());
        parts.into_iter().rev().for_each(|part| ahead.push_front(content(part)));
        (content(first), ahead)
    }

    /// Copies what an edit inserts to the end of a batch and returns where it begins there; or what it is otherwise.
    fn add(
        &mut self,
        batch: &mut Batch,
        place: Place<'_>,
        entry: u32,
        size_of_base: u64,
    ) -> Result<usize, Content> {
        let stored = self.stored(place, entry).map_err(Content::Broken)?;
        let sizes = delta_sizes(stored.stream, &mut self.inflater);
        let (of, size) = sizes.ok_or(Content::Broken(CORRUPT))?;
        if size > self.options.limit(place.kind) {
            return Err(Content::Large(stored.at, size));
        }
        if of != size_of_base {
            return Err(Content::Broken("its delta does not fit its base"));
        }
        let start = batch.out.len();
        let length = usize::try_from(size).map_err(|_| Content::Broken(CORRUPT))?;
        batch.out.resize(start.saturating_add(length), 0);
        let mut pieces = vec![Piece::start(start, length)];
        match self.store.copy_step((stored.at, size), &mut pieces, &mut batch.out, &mut self.inflater) {
            Some(_) => batch.pieces.append(&mut pieces),
            None => {
                batch.out.truncate(start);
                return Err(Content::Broken(CORRUPT));
            }
        }
        Ok(start)
    }

    /// Keeps a buffer for the next object, unless it is unusually large.
    fn recycle(&mut self, content: Content) {
        if let Content::Bytes(bytes) = content
            && bytes.capacity() <= 1 << 20
            && self.spare.len() < 8
        {
            self.spare.push(bytes);
        }
    }
}
