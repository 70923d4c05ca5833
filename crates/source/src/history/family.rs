//! Walks one family of deltas depth first, with a stack of its own: chains can be thousands deep.

use super::delta::Delta;
use super::inflate::Inflater;
use super::pack::{EntryHeader, Pack};
use super::plan::{Family, Plan};
use super::problems::Problems;
use super::store::{BitSet, MAX_BASE, Store, delta_size};
use super::{Edit, Object, ObjectKind, Options};
use gatepost_core::{ObjectId, Stretch};

/// The most bytes of a delta beyond the largest object it may make.
const DELTA_SLACK: u64 = 1 << 16;

/// One thread's tools for reading packs.
pub(super) struct Walker<'a> {
    pub(super) store: &'a Store,
    pub(super) options: &'a Options,
    pub(super) inflater: Inflater,
    pub(super) problems: Problems,
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
    pub(super) duplicates: &'a BitSet,
    pub(super) kind: ObjectKind,
}

/// What is known of an object once it was its turn.
enum Content {
    Bytes(Vec<u8>),
    /// Larger than the limit, and nothing that is not is made from it.
    TooLarge(u64),
    /// Larger than the limit, but smaller objects are made from it.
    LargeBase(Vec<u8>),
    /// It cannot be read: why.
    Broken(&'static str),
}

struct Frame<T> {
    entry: u32,
    next: usize,
    content: Content,
    /// What the visitor kept of it.
    trace: Option<T>,
}

impl<'a> Walker<'a> {
    pub(super) fn new(store: &'a Store, options: &'a Options) -> Self {
        Self {
            store,
            options,
            inflater: Inflater::new(),
            problems: Problems::default(),
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
        let outside = match &family.outside {
            None => None,
            Some(id) => match self.store.read(id, Some(place.number), MAX_BASE, &mut self.inflater) {
                Some(read) => read.bytes.map(Content::Bytes),
                None => None,
            }
            .or(Some(Content::Broken("its delta base cannot be read"))),
        };
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
            let content = self.content(place, child, Some(&frame.content));
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
        if !place.duplicates.contains(position) {
            let (size, bytes) = match &content {
                Content::Bytes(bytes) => (bytes.len() as u64, Some(bytes.as_slice())),
                Content::LargeBase(bytes) => (bytes.len() as u64, None),
                Content::TooLarge(size) => (*size, None),
                Content::Broken(why) => {
                    let place = format!("{} at offset {}", place.pack.name, range.start);
                    self.problems.object(&id, why, place);
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
        Some(Frame { entry, next: 0, content, trace })
    }

    /// Looks for another copy of a broken object.
    fn rescue(&mut self, place: Place<'_>, id: &ObjectId, why: &'static str) -> Content {
        match self.store.read(id, Some(place.number), self.options.limit(place.kind), &mut self.inflater) {
            Some(read) if read.kind == place.kind => match read.bytes {
                Some(bytes) => Content::Bytes(bytes),
                None => Content::TooLarge(read.size),
            },
            _ => Content::Broken(why),
        }
    }

    /// Reads an entry, given its base.
    fn content(&mut self, place: Place<'_>, entry: u32, base: Option<&Content>) -> Content {
        self.is_edit = false;
        let Some((range, position)) = place.plan.entry(entry) else {
            return Content::Broken("it is not in the pack");
        };
        let Some(header) = place.pack.header(range.start) else {
            return Content::Broken("its entry header is malformed");
        };
        if !place.pack.is_intact(position, range.clone()) {
            return Content::Broken("its checksum in the pack index does not match");
        }
        let stream = place.pack.bytes(header.data..range.end);
        match base {
            None => self.whole(place, entry, header, stream),
            Some(base) => self.edited(place, entry, header, stream, base),
        }
    }

    fn whole(&mut self, place: Place<'_>, entry: u32, header: EntryHeader, stream: &[u8]) -> Content {
        let large = header.size > self.options.limit(place.kind);
        if large && !(header.size <= MAX_BASE && self.makes_smaller(place, entry)) {
            return Content::TooLarge(header.size);
        }
        let mut bytes = self.spare.pop().unwrap_or_default();
        match self.inflater.whole(stream, header.size, &mut bytes) {
            Some(()) if large => Content::LargeBase(bytes),
            Some(()) => Content::Bytes(bytes),
            None => Content::Broken("its data is corrupt or not of the size it declares"),
        }
    }

    fn edited(
        &mut self,
        place: Place<'_>,
        entry: u32,
        header: EntryHeader,
        stream: &[u8],
        base: &Content,
    ) -> Content {
        const CORRUPT: Content = Content::Broken("its delta is corrupt");
        let limit = self.options.limit(place.kind);
        let base = match base {
            Content::Bytes(bytes) | Content::LargeBase(bytes) => bytes,
            Content::Broken(_) => return Content::Broken("its delta base cannot be read"),
            Content::TooLarge(_) => {
                return match delta_size(stream, &mut self.inflater) {
                    Some(size) if size > limit => Content::TooLarge(size),
                    Some(_) => Content::Broken("its delta base is too large to be inflated"),
                    None => CORRUPT,
                };
            }
        };
        if header.size > limit.saturating_add(DELTA_SLACK) {
            match delta_size(stream, &mut self.inflater) {
                Some(size) if size > limit && !self.makes_smaller(place, entry) => {
                    return Content::TooLarge(size);
                }
                _ if header.size <= MAX_BASE => {}
                _ => return Content::Broken("its delta is too large"),
            }
        }
        let mut delta_bytes = std::mem::take(&mut self.delta);
        let content = match self.inflater.whole(stream, header.size, &mut delta_bytes) {
            Some(()) => self.apply(place, entry, &delta_bytes, base),
            None => CORRUPT,
        };
        self.delta = delta_bytes;
        content
    }

    fn apply(&mut self, place: Place<'_>, entry: u32, delta: &[u8], base: &[u8]) -> Content {
        let Some(delta) = Delta::parse(delta) else { return Content::Broken("its delta is corrupt") };
        let large = delta.size > self.options.limit(place.kind);
        if large && !(delta.size <= MAX_BASE && self.makes_smaller(place, entry)) {
            return Content::TooLarge(delta.size);
        }
        let mut bytes = self.spare.pop().unwrap_or_default();
        match delta.apply(base, &mut bytes) {
            Some(()) if large => Content::LargeBase(bytes),
            Some(()) => {
                self.is_edit = true;
                Content::Bytes(bytes)
            }
            None => Content::Broken("its delta does not fit its base"),
        }
    }

    /// Whether anything of acceptable size is made from an entry that is too large itself.
    fn makes_smaller(&mut self, place: Place<'_>, entry: u32) -> bool {
        let mut rest = place.plan.children(entry).to_vec();
        while let Some(entry) = rest.pop() {
            let size = place.plan.entry(entry).and_then(|(range, _)| {
                let header = place.pack.header(range.start)?;
                delta_size(place.pack.bytes(header.data..range.end), &mut self.inflater)
            });
            if size.is_some_and(|size| size <= self.options.limit(place.kind)) {
                return true;
            }
            rest.extend_from_slice(place.plan.children(entry));
        }
        false
    }

    /// Keeps a buffer for the next object, unless it is unusually large.
    fn recycle(&mut self, content: Content) {
        if let Content::Bytes(bytes) = content
            && bytes.capacity() <= 4 << 20
            && self.spare.len() < 16
        {
            self.spare.push(bytes);
        }
    }
}
