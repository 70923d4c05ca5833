//! Decoding on top of a scan: the views of a text, each scanned as a text of its own, and what a scan of an edited text
//! takes over.
//!
//! A result belongs to a group of tokens (see [`token`]) or to a literal's hit (see [`join`]), and depends on the bytes of
//! its context alone. Where the context lies in one copied stretch, the result is that of the base. A text in UTF-16
//! has no such parts: it is decoded anew, whole.

use super::super::collapse::collapse;
use super::super::literal::Hit;
use super::super::scanner::{Decoded, Match, Scanner};
use super::super::windows::Windows;
use super::join::Joint;
use super::token::Run;
use super::{Decoding, Form, View, join, token};
use crate::Stretch;
use crate::text::merge;
use std::cell::{Cell, RefCell};
use std::ops::Range;

/// Decoded bytes for every byte of a run, in all layers together, and some more for a short one: ten times what text
/// compresses to, and a bound on what a pushed bomb costs.
const RATIO: usize = 64;
const FLOOR: usize = 64 << 10;
/// The most decoded bytes of one run.
const MOST: usize = 64 << 20;

/// What decoding gave, part by part. Parts that gave nothing are not kept.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::secrets) struct Layers {
    /// By groups, sorted by place.
    groups: Vec<Unit>,
    /// By hits, sorted by place.
    joins: Vec<Unit>,
    /// By the text as a whole.
    whole: Vec<Unit>,
}

/// What one part gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::secrets) struct Unit {
    /// Where the group begins, or the hit.
    at: usize,
    /// The bytes that decide, of a group.
    context: Range<usize>,
    found: Vec<Match>,
    /// Whether something was longer than may be decoded.
    cut: bool,
}

impl Layers {
    /// What was found, in all parts.
    pub(in crate::secrets) fn matches(&self) -> impl Iterator<Item = &Match> {
        [&self.groups, &self.joins, &self.whole].into_iter().flatten().flat_map(|unit| &unit.found)
    }

    /// Whether something was longer than may be decoded.
    pub(in crate::secrets) fn is_cut(&self) -> bool {
        [&self.groups, &self.joins, &self.whole].into_iter().flatten().any(|unit| unit.cut)
    }
}

/// What is left to decode, and the buffers to scan it with.
struct Means<'a> {
    /// Decoded bytes.
    left: Cell<usize>,
    windows: &'a RefCell<&'a mut Windows>,
}

/// Limits and results while the layers of one part are followed.
struct Following {
    left: usize,
    cut: bool,
    found: Vec<Match>,
}

impl Following {
    /// The part of `length` bytes, within what is left of the part that holds it.
    fn new(length: usize, means: &Means<'_>) -> Self {
        let left = length.saturating_mul(RATIO).saturating_add(FLOOR).min(MOST);
        Self { left: left.min(means.left.get()), cut: false, found: Vec::new() }
    }

    fn unit(self, at: usize) -> Option<Unit> {
        let Self { cut, found, .. } = self;
        (cut || !found.is_empty()).then_some(Unit { at, context: 0..0, found, cut })
    }
}

impl Scanner {
    /// What stands encoded in bytes that are an edit of those that `base` was made of. `hits` are the literals of the
    /// bytes, sorted; the stretches fit the bytes and the base, which had `base_len` bytes.
    pub(in crate::secrets) fn layers(
        &self,
        bytes: &[u8],
        hits: &[Hit],
        base: &Layers,
        base_len: usize,
        stretches: &[Stretch],
        windows: &mut Windows,
    ) -> Layers {
        let decoding = self.decoding();
        if decoding.is_off() {
            return Layers::default();
        }
        let ahead = join::AHEAD.max(self.ruleset().literals().longest());
        let seams = Seams { stretches, len: bytes.len(), base_len, ahead };
        let means = Means { left: Cell::new(usize::MAX), windows: &RefCell::new(windows) };
        let mut groups = seams.carried(&base.groups, |_| true);
        for range in seams.changed(bytes) {
            groups.retain(|unit| !range.contains(&unit.at));
            self.groups(bytes, range, decoding, &means, &mut groups);
        }
        groups.sort_by_key(|unit| unit.at);
        let held: Vec<Range<usize>> = stretches.iter().map(|stretch| seams.held(stretch)).collect();
        let mut joins = seams.carried(&base.joins, |at| held.iter().any(|range| range.contains(&at)));
        // Between the hits whose result is known.
        let mut from = 0;
        for range in held.iter().filter(|range| !range.is_empty()).chain([&(bytes.len()..bytes.len())]) {
            let known = hits.partition_point(|hit| hit.offset < range.start);
            self.joins(bytes, hits.get(from..known).unwrap_or(&[]), decoding, &means, &mut joins);
            from = hits.partition_point(|hit| hit.offset < range.end).max(known);
        }
        joins.sort_by_key(|unit| unit.at);
        let mut whole = Vec::new();
        self.whole(bytes, decoding, &means, &mut whole);
        Layers { groups, joins, whole }
    }

    /// What stands encoded in the groups of a range, which begins and ends with groups.
    fn groups(
        &self,
        bytes: &[u8],
        range: Range<usize>,
        decoding: Decoding,
        means: &Means<'_>,
        units: &mut Vec<Unit>,
    ) {
        let mut at = range.start;
        while let Some(first) = token::next(bytes, at..range.end) {
            let mut group = first.clone();
            let mut unit = Unit { at: group.start, context: 0..0, found: Vec::new(), cut: false };
            let (mut current, mut wrapped) = (first, 0);
            loop {
                self.token(bytes, &current, decoding, means, &mut wrapped, &mut unit);
                let Some(next) = token::after(bytes, current.end) else { break };
                group.end = next.end;
                current = next;
            }
            at = group.end;
            if unit.cut || !unit.found.is_empty() {
                unit.context = token::context(bytes, &group);
                units.push(unit);
            }
        }
    }

    /// What stands encoded in a token. What was read as a part of wrapped text ends at `wrapped`.
    fn token(
        &self,
        bytes: &[u8],
        token: &Range<usize>,
        decoding: Decoding,
        means: &Means<'_>,
        wrapped: &mut usize,
        unit: &mut Unit,
    ) {
        let text = bytes.get(token.clone()).unwrap_or(&[]);
        let mut follow = |view: View| {
            let mut part = self.part(&view, decoding, means);
            unit.cut |= part.cut;
            unit.found.append(&mut part.found);
        };
        if memchr::memchr3(b'%', b'\\', b'&', text).is_some() {
            let readers = decoding.decoders().filter_map(|decoder| match decoder.form {
                Form::Token(read) => read(bytes, token.clone()),
                _ => None,
            });
            readers.for_each(&mut follow);
        }
        let read = |run: &Run| {
            decoding.decoders().find_map(|decoder| match decoder.form {
                Form::Run(read) => read(bytes, run),
                _ => None,
            })
        };
        let mut at = token.start;
        while let Some(run) = token::next_base64(bytes, at, token) {
            at = run.range.end;
            if run.range.start < *wrapped {
                // Lines may be one text, or each a text of its own: both are looked at.
                read(&run.alone()).map(&mut follow);
            } else if let Some(view) = read(&run) {
                if view.read.end > run.range.end {
                    *wrapped = view.read.end;
                    read(&run.alone()).map(&mut follow);
                }
                follow(view);
            }
        }
    }

    /// The texts whose pieces stand behind a hit.
    fn joins(
        &self,
        bytes: &[u8],
        hits: &[Hit],
        decoding: Decoding,
        means: &Means<'_>,
        units: &mut Vec<Unit>,
    ) {
        if hits.is_empty() {
            return;
        }
        let joints = decoding.decoders().filter_map(|decoder| match decoder.form {
            Form::Join(joint) => Some((decoder.name, joint)),
            _ => None,
        });
        let joints: Vec<(&'static str, Joint)> = joints.collect();
        let mut last = None;
        for hit in hits {
            if joints.is_empty() || last == Some(hit.offset) {
                continue;
            }
            last = Some(hit.offset);
            let Some(view) = join::view(bytes, hit.offset, &joints) else { continue };
            units.extend(self.part(&view, decoding, means).unit(hit.offset));
        }
    }

    /// A text that is encoded as a whole.
    fn whole(&self, bytes: &[u8], decoding: Decoding, means: &Means<'_>, units: &mut Vec<Unit>) {
        let view = decoding.decoders().find_map(|decoder| match decoder.form {
            Form::Whole(read) => read(bytes),
            _ => None,
        });
        let Some(view) = view else { return };
        let mut following = Following { left: means.left.get(), cut: false, found: Vec::new() };
        self.follow(&view, decoding, means, &mut following);
        units.extend(following.unit(0));
    }

    /// Follows a view as a part of its own.
    fn part(&self, view: &View, decoding: Decoding, means: &Means<'_>) -> Following {
        let mut part = Following::new(view.read.len(), means);
        let before = part.left;
        self.follow(view, decoding, means, &mut part);
        means.left.set(means.left.get().saturating_sub(before - part.left));
        part
    }

    /// Scans a view, and what is encoded in it, as deep as `decoding` goes.
    fn follow(&self, view: &View, decoding: Decoding, means: &Means<'_>, following: &mut Following) {
        following.left = following.left.saturating_sub(view.bytes.len());
        following.cut |= view.cut;
        let inner = decoding.inner();
        let streams = decoding.decoders().find_map(|decoder| match decoder.form {
            Form::Stream(read) if !inner.is_off() => read(&view.bytes, following.left),
            _ => None,
        });
        let mut found = Vec::new();
        if let Some(stream) = streams {
            let before = std::mem::take(&mut following.found);
            self.follow(&stream, inner, means, following);
            found = std::mem::replace(&mut following.found, before);
        } else {
            let mut hits = Vec::new();
            self.hits(&view.bytes, 0..view.bytes.len(), &mut hits);
            self.raw(&view.bytes, &hits, &mut means.windows.borrow_mut(), &mut found);
            if !inner.is_off() {
                let mut units = Vec::new();
                let left = Means { left: Cell::new(following.left), windows: means.windows };
                self.groups(&view.bytes, 0..view.bytes.len(), inner, &left, &mut units);
                // Two literals that are joined in a text that was joined are the same again.
                if !is_joined(view) {
                    self.joins(&view.bytes, &hits, inner, &left, &mut units);
                }
                self.whole(&view.bytes, inner, &left, &mut units);
                following.left = left.left.get();
                following.cut |= units.iter().any(|unit| unit.cut);
                found.extend(units.into_iter().flat_map(|unit| unit.found));
            }
        }
        let found = collapse(self.ruleset(), found);
        following.found.extend(found.into_iter().map(|found| outwards(found, view)));
    }
}

fn is_joined(view: &View) -> bool {
    super::DECODERS.iter().any(|decoder| decoder.name == view.by && matches!(decoder.form, Form::Join(_)))
}

/// A match in a view as a match in what the view was decoded from.
fn outwards(found: Match, view: &View) -> Match {
    let value = found.value(&view.bytes).into();
    let (mut by, mut name) = (vec![view.by], String::new());
    if let Some(decoded) = &found.decoded {
        by.extend_from_slice(&decoded.by);
        name.clone_from(&decoded.name);
    }
    if name.is_empty() {
        name = super::super::identity::name_of(&view.bytes, &found.secret);
    }
    let (inside, inside_mask) = (found.secret.clone(), found.mask.clone());
    Match {
        range: view.origin(&found.range),
        secret: view.origin(&found.secret),
        mask: view.origin(&found.mask),
        decoded: Some(Box::new(Decoded { value, by, name, inside, inside_mask })),
        ..found
    }
}

/// What a text has of its base.
struct Seams<'a> {
    stretches: &'a [Stretch],
    len: usize,
    base_len: usize,
    /// How far a hit, and what it leads to, reaches.
    ahead: usize,
}

impl Seams<'_> {
    /// The parts of the base that were copied with their contexts, where they stand now, and which are held there.
    fn carried(&self, units: &[Unit], is_held: impl Fn(usize) -> bool) -> Vec<Unit> {
        let mut carried: Vec<Unit> = Vec::new();
        if units.is_empty() {
            return carried;
        }
        for stretch in self.stretches {
            let Some(from) = stretch.from else { continue };
            let there = from..from + stretch.range.len();
            let first = units.partition_point(|unit| unit.at < there.start);
            for unit in units.get(first..).unwrap_or(&[]).iter().take_while(|unit| unit.at < there.end) {
                let shift = |at: usize| (at + stretch.range.start).saturating_sub(from);
                let (at, context) = (shift(unit.at), &unit.context);
                // An empty context is that of a hit.
                let is_inside = there.start <= context.start && context.end <= there.end;
                if (is_inside || context.is_empty()) && is_held(at) {
                    let moved = |found: &Match| super::super::trace::moved(found, from, stretch.range.start);
                    let found = unit.found.iter().map(moved).collect();
                    let context =
                        if context.is_empty() { 0..0 } else { shift(context.start)..shift(context.end) };
                    carried.push(Unit { at, context, found, cut: unit.cut });
                }
            }
        }
        carried
    }

    /// The offsets of hits whose context lies in a stretch that is copied, with the ends of the text where it touches them.
    fn held(&self, stretch: &Stretch) -> Range<usize> {
        let Range { start, end } = stretch.range;
        if stretch.from.is_none() {
            return start..start;
        }
        let from = if holds_start(stretch) { start } else { start.saturating_add(join::BEHIND + 1) };
        let to = if self.holds_end(stretch) { end } else { end.saturating_sub(self.ahead) };
        from..to.max(from)
    }

    /// Whether a stretch that ends the text ended the base.
    fn holds_end(&self, stretch: &Stretch) -> bool {
        let end = stretch.from.map(|from| from + stretch.range.len());
        stretch.range.end == self.len && end == Some(self.base_len)
    }

    /// The ranges, sorted and apart, that hold every group of which the base knows nothing.
    fn changed(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let mut changed: Vec<Range<usize>> = Vec::new();
        let mut token_end = 0;
        let mut look = |from: usize, to: usize| {
            let to = to.min(bytes.len());
            // Many changes of one long token are one.
            if to > token_end || changed.is_empty() {
                token_end = token::end(bytes, to);
                changed.push(token::widen(bytes, &(from.min(to)..to)));
            }
        };
        for stretch in self.stretches {
            let Range { start, end } = stretch.range;
            if stretch.from.is_none() {
                look(start.saturating_sub(1), end.saturating_add(1));
                continue;
            }
            if start > 0 || !holds_start(stretch) {
                look(start.saturating_sub(1), start.saturating_add(1));
            }
            if end == self.len && !self.holds_end(stretch) {
                look(end.saturating_sub(1), end);
            }
        }
        merge(changed)
    }
}

/// Whether a stretch that begins the text began the base.
fn holds_start(stretch: &Stretch) -> bool {
    stretch.range.start == 0 && stretch.from == Some(0)
}
