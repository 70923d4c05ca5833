//! Which lines two texts have in common, as Git decides by default.
//!
//! The algorithm is that of Myers ("An O(ND) Difference Algorithm and Its Variations", Algorithmica 1986) in linear space:
//! a search from both ends for the middle of a shortest edit, and then the same for the two halves. A text can have several
//! shortest edits, and a patch id depends on which one is taken: so the order of the search, the lines that are left out
//! before it and where it gives up are Git's.

use std::collections::HashMap;

/// Beyond this cost an edit need not be the shortest.
const COST: i64 = 256;
/// So many equal lines in a row are a path worth following.
const SNAKE: i64 = 20;
/// How far such a path must have come for its cost.
const WORTH: i64 = 4;
/// A line that is there more often than this says nothing.
const OFTEN: usize = 1024;
/// So far around a line its neighbours are looked at.
const WINDOW: usize = 100;
/// Among lines of no match a frequent one is left out, unless every so many-th is one.
const RUN: usize = 4;
/// No line.
const NEVER: i64 = i64::MAX / 4;

/// A file: which of its lines are marked as changed, and the others, by number and by the class of equal lines.
struct Side<'a> {
    marks: &'a mut [bool],
    places: Vec<usize>,
    classes: Vec<usize>,
}

impl Side<'_> {
    fn class(&self, at: i64) -> Option<usize> {
        self.classes.get(usize::try_from(at).ok()?).copied()
    }

    fn mark(&mut self, from: i64, to: i64) {
        for at in from..to {
            let place = usize::try_from(at).ok().and_then(|at| self.places.get(at));
            if let Some(mark) = place.and_then(|place| self.marks.get_mut(*place)) {
                *mark = true;
            }
        }
    }

    fn len(&self) -> i64 {
        i64::try_from(self.classes.len()).unwrap_or(NEVER)
    }
}

/// Marks what is gone from `before` and what has come in `after`.
pub(super) fn mark(before: &[&[u8]], after: &[&[u8]], gone: &mut [bool], come: &mut [bool]) {
    let mut classes = Classes::default();
    let (one, other) = (classes.of(before, 0), classes.of(after, 1));
    let equal = |(a, b): &(&usize, &usize)| a == b;
    let start = one.iter().zip(&other).take_while(equal).count();
    let tail = one.iter().rev().zip(other.iter().rev()).take_while(equal).count();
    let tail = tail.min(one.len().min(other.len()).saturating_sub(start));
    let mut one = matched(gone, &one, start, tail, |class| classes.count(class, 1));
    let mut other = matched(come, &other, start, tail, |class| classes.count(class, 0));
    let diagonals = one.len().saturating_add(other.len()).saturating_add(3);
    let mut search = Search {
        forward: Reached::new(diagonals, other.len(), -1),
        backward: Reached::new(diagonals, other.len(), NEVER),
        most: i64::try_from(roughly_root(usize::try_from(diagonals).unwrap_or(usize::MAX)))
            .unwrap_or(NEVER)
            .max(COST),
    };
    let whole = Part { left: 0, right: one.len(), top: 0, bottom: other.len() };
    search.compare(&mut one, &mut other, whole);
}

/// Equal lines have one class; how often each is in the first file and in the second.
#[derive(Default)]
struct Classes<'a> {
    numbers: HashMap<&'a [u8], usize>,
    counts: Vec<[usize; 2]>,
}

impl<'a> Classes<'a> {
    fn of(&mut self, lines: &[&'a [u8]], side: usize) -> Vec<usize> {
        let class = |line: &&'a [u8]| {
            let class = *self.numbers.entry(line).or_insert(self.counts.len());
            if class == self.counts.len() {
                self.counts.push([0, 0]);
            }
            if let Some(count) = self.counts.get_mut(class).and_then(|counts| counts.get_mut(side)) {
                *count = count.saturating_add(1);
            }
            class
        };
        lines.iter().map(class).collect()
    }

    fn count(&self, class: usize, side: usize) -> usize {
        self.counts.get(class).and_then(|counts| counts.get(side)).copied().unwrap_or(0)
    }
}

/// A power of two near the square root.
fn roughly_root(mut number: usize) -> usize {
    let mut root = 1usize;
    while number > 0 {
        root = root.saturating_mul(2);
        number >>= 2;
    }
    root
}

/// How often a line is in the other file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Matches {
    None,
    Some,
    Many,
}

/// The lines of a file that are worth searching; of the others, those that have no match are marked.
fn matched<'a>(
    marks: &'a mut [bool],
    classes: &[usize],
    start: usize,
    tail: usize,
    in_other: impl Fn(usize) -> usize,
) -> Side<'a> {
    let often = roughly_root(classes.len()).min(OFTEN);
    let middle = classes.get(start..classes.len().saturating_sub(tail)).unwrap_or_default();
    let matches = middle.iter().map(|&class| match in_other(class) {
        0 => Matches::None,
        count if count >= often => Matches::Many,
        _ => Matches::Some,
    });
    let matches: Vec<Matches> = matches.collect();
    let mut side = Side { marks, places: Vec::new(), classes: Vec::new() };
    for (at, (class, how)) in middle.iter().zip(&matches).enumerate() {
        let place = start.saturating_add(at);
        if *how == Matches::Some || *how == Matches::Many && !is_noise(&matches, at) {
            side.places.push(place);
            side.classes.push(*class);
        } else if let Some(mark) = side.marks.get_mut(place) {
            *mark = true;
        }
    }
    side
}

/// Whether a frequent line stands among lines that have no match.
fn is_noise(matches: &[Matches], at: usize) -> bool {
    let (before, rest) = matches.split_at_checked(at).unwrap_or((matches, &[]));
    let after = rest.get(1..).unwrap_or_default();
    let (none_before, many_before) = run(before.iter().rev());
    if none_before == 0 {
        return false;
    }
    let (none_after, many_after) = run(after.iter());
    let (none, many) = (none_before.saturating_add(none_after), many_before.saturating_add(many_after));
    none_after > 0 && many.saturating_mul(RUN) < many.saturating_add(none)
}

/// How many lines have no match and how many have many (the line itself among them), up to one that has some.
fn run<'a>(lines: impl Iterator<Item = &'a Matches>) -> (usize, usize) {
    let (mut none, mut many) = (0usize, 1usize);
    for how in lines.take(WINDOW) {
        match how {
            Matches::None => none = none.saturating_add(1),
            Matches::Many => many = many.saturating_add(1),
            Matches::Some => break,
        }
    }
    (none, many)
}

/// The furthest line of the first file that was reached on each diagonal (line of the first minus line of the second).
struct Reached {
    lines: Vec<i64>,
    offset: i64,
    nothing: i64,
}

impl Reached {
    fn new(diagonals: i64, second: i64, nothing: i64) -> Self {
        let lines = vec![nothing; usize::try_from(diagonals).unwrap_or(0)];
        Self { lines, offset: second.saturating_add(1), nothing }
    }

    fn at(&self, diagonal: i64) -> i64 {
        let place = usize::try_from(diagonal.saturating_add(self.offset)).ok();
        place.and_then(|place| self.lines.get(place)).copied().unwrap_or(self.nothing)
    }

    fn set(&mut self, diagonal: i64, line: i64) {
        let place = usize::try_from(diagonal.saturating_add(self.offset)).ok();
        if let Some(reached) = place.and_then(|place| self.lines.get_mut(place)) {
            *reached = line;
        }
    }
}

/// A part of each file.
#[derive(Clone, Copy)]
struct Part {
    left: i64,
    right: i64,
    top: i64,
    bottom: i64,
}

/// Diagonals that a search is on.
#[derive(Clone, Copy)]
struct Band {
    low: i64,
    high: i64,
}

impl Band {
    /// One more on either side; at the edge of the box one less, since only every other diagonal is looked at.
    fn widen(&mut self, lowest: i64, highest: i64, reached: &mut Reached) {
        if self.low > lowest {
            self.low = self.low.saturating_sub(1);
            reached.set(self.low.saturating_sub(1), reached.nothing);
        } else {
            self.low = self.low.saturating_add(1);
        }
        if self.high < highest {
            self.high = self.high.saturating_add(1);
            reached.set(self.high.saturating_add(1), reached.nothing);
        } else {
            self.high = self.high.saturating_sub(1);
        }
    }

    fn has(self, diagonal: i64) -> bool {
        (self.low..=self.high).contains(&diagonal)
    }

    fn down(self) -> impl Iterator<Item = i64> {
        (self.low..=self.high).rev().step_by(2)
    }
}

/// Where a box is cut, and which of the halves must have a shortest edit.
struct Cut {
    one: i64,
    other: i64,
    first_shortest: bool,
    second_shortest: bool,
}

struct Search {
    forward: Reached,
    backward: Reached,
    most: i64,
}

impl Search {
    fn compare(&mut self, one: &mut Side<'_>, other: &mut Side<'_>, whole: Part) {
        // Halves that wait; recursion would be as deep as an attacker wants.
        let mut waiting = vec![(whole, false)];
        while let Some((mut part, shortest)) = waiting.pop() {
            while part.left < part.right
                && part.top < part.bottom
                && one.class(part.left) == other.class(part.top)
            {
                (part.left, part.top) = (part.left.saturating_add(1), part.top.saturating_add(1));
            }
            while part.left < part.right
                && part.top < part.bottom
                && one.class(part.right.saturating_sub(1)) == other.class(part.bottom.saturating_sub(1))
            {
                (part.right, part.bottom) = (part.right.saturating_sub(1), part.bottom.saturating_sub(1));
            }
            if part.left == part.right || part.top == part.bottom {
                one.mark(part.left, part.right);
                other.mark(part.top, part.bottom);
                continue;
            }
            let cut = self.cut(one, other, part, shortest);
            let first = Part { right: cut.one, bottom: cut.other, ..part };
            let second = Part { left: cut.one, top: cut.other, ..part };
            waiting.push((second, cut.second_shortest));
            waiting.push((first, cut.first_shortest));
        }
    }

    fn cut(&mut self, one: &Side<'_>, other: &Side<'_>, part: Part, shortest: bool) -> Cut {
        let (lowest, highest) = (part.left - part.bottom, part.right - part.top);
        let (ahead, back) = (part.left - part.top, part.right - part.bottom);
        let is_odd = (ahead - back) & 1 != 0;
        let (mut forth_band, mut back_band) =
            (Band { low: ahead, high: ahead }, Band { low: back, high: back });
        self.forward.set(ahead, part.left);
        self.backward.set(back, part.right);
        let met = |at: i64, diagonal: i64| Cut {
            one: at,
            other: at - diagonal,
            first_shortest: true,
            second_shortest: true,
        };
        let mut cost = 0i64;
        loop {
            cost = cost.saturating_add(1);
            let mut has_snake = false;
            forth_band.widen(lowest, highest, &mut self.forward);
            for diagonal in forth_band.down() {
                let (below, above) = (self.forward.at(diagonal - 1), self.forward.at(diagonal + 1));
                let start = if below >= above { below + 1 } else { above };
                let mut at = start;
                while at < part.right
                    && at - diagonal < part.bottom
                    && one.class(at) == other.class(at - diagonal)
                {
                    at += 1;
                }
                has_snake |= at - start > SNAKE;
                self.forward.set(diagonal, at);
                if is_odd && back_band.has(diagonal) && self.backward.at(diagonal) <= at {
                    return met(at, diagonal);
                }
            }
            back_band.widen(lowest, highest, &mut self.backward);
            for diagonal in back_band.down() {
                let (below, above) = (self.backward.at(diagonal - 1), self.backward.at(diagonal + 1));
                let start = if below < above { below } else { above - 1 };
                let mut at = start;
                while at > part.left
                    && at - diagonal > part.top
                    && one.class(at - 1) == other.class(at - diagonal - 1)
                {
                    at -= 1;
                }
                has_snake |= start - at > SNAKE;
                self.backward.set(diagonal, at);
                if !is_odd && forth_band.has(diagonal) && at <= self.forward.at(diagonal) {
                    return met(at, diagonal);
                }
            }
            if shortest {
                continue;
            }
            if has_snake && cost > COST {
                let found = self.good_start(one, other, part, (forth_band, ahead), cost);
                let found = found.or_else(|| self.good_end(one, other, part, (back_band, back), cost));
                if let Some(cut) = found {
                    return cut;
                }
            }
            if cost >= self.most {
                return self.furthest(part, forth_band, back_band);
            }
        }
    }

    /// A path from the start that has come far for its cost and ends with many equal lines.
    fn good_start(
        &self,
        one: &Side<'_>,
        other: &Side<'_>,
        part: Part,
        (band, middle): (Band, i64),
        cost: i64,
    ) -> Option<Cut> {
        let (mut best, mut cut) = (0i64, None);
        for diagonal in band.down() {
            let at = self.forward.at(diagonal);
            let beside = at - diagonal;
            let value = (at - part.left) + (beside - part.top) - (diagonal - middle).abs();
            let is_inside = part.left + SNAKE <= at
                && at < part.right
                && part.top + SNAKE <= beside
                && beside < part.bottom;
            if value > WORTH * cost
                && value > best
                && is_inside
                && (1..=SNAKE).all(|k| one.class(at - k) == other.class(beside - k))
            {
                best = value;
                cut = Some(Cut { one: at, other: beside, first_shortest: true, second_shortest: false });
            }
        }
        cut
    }

    /// The same from the end.
    fn good_end(
        &self,
        one: &Side<'_>,
        other: &Side<'_>,
        part: Part,
        (band, middle): (Band, i64),
        cost: i64,
    ) -> Option<Cut> {
        let (mut best, mut cut) = (0i64, None);
        for diagonal in band.down() {
            let at = self.backward.at(diagonal);
            let beside = at - diagonal;
            let value = (part.right - at) + (part.bottom - beside) - (diagonal - middle).abs();
            let is_inside = part.left < at
                && at <= part.right - SNAKE
                && part.top < beside
                && beside <= part.bottom - SNAKE;
            if value > WORTH * cost
                && value > best
                && is_inside
                && (0..SNAKE).all(|k| one.class(at + k) == other.class(beside + k))
            {
                best = value;
                cut = Some(Cut { one: at, other: beside, first_shortest: false, second_shortest: true });
            }
        }
        cut
    }

    /// Where the paths have come furthest, when the search has cost enough.
    fn furthest(&self, part: Part, forth_band: Band, back_band: Band) -> Cut {
        let (mut forth, mut forth_at) = (-1i64, -1i64);
        for diagonal in forth_band.down() {
            let at = self.forward.at(diagonal).min(part.right);
            let at = if part.bottom < at - diagonal { part.bottom + diagonal } else { at };
            let sum = at + (at - diagonal);
            if forth < sum {
                (forth, forth_at) = (sum, at);
            }
        }
        let (mut back, mut back_at) = (NEVER, NEVER);
        for diagonal in back_band.down() {
            let at = self.backward.at(diagonal).max(part.left);
            let at = if at - diagonal < part.top { part.top + diagonal } else { at };
            let sum = at + (at - diagonal);
            if sum < back {
                (back, back_at) = (sum, at);
            }
        }
        if (part.right + part.bottom) - back < forth - (part.left + part.top) {
            Cut { one: forth_at, other: forth - forth_at, first_shortest: true, second_shortest: false }
        } else {
            Cut { one: back_at, other: back - back_at, first_shortest: false, second_shortest: true }
        }
    }
}
