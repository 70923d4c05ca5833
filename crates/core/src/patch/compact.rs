//! Where a change stands that could stand at several places: of `a {} b {}`, which `{}` is the new one?
//!
//! Two diffs of one change must choose the same, and patch ids must be equal exactly where Git's are. So the choice is
//! Git's: a change is pushed together with its neighbours, set beside a change of the other file, or placed by the
//! indentation around it (the constants are those of `diff.indentHeuristic`, found by experiment over many histories:
//! <https://github.com/mhagger/diff-slider-tools>).

/// A change is moved no further than this, in lines.
const FURTHEST: usize = 100;
/// An indentation is not measured beyond this.
const DEEPEST: i64 = 200;
/// So many blank lines are looked at.
const BLANKS: i64 = 20;
/// What an indentation weighs against everything else.
const INDENT_WEIGHT: i64 = 60;

/// A run of changed lines, or the empty place between two unchanged ones.
#[derive(Clone, Copy, Default)]
struct Group {
    start: usize,
    end: usize,
}

fn is_set(marks: &[bool], at: usize) -> bool {
    marks.get(at) == Some(&true)
}

fn set(marks: &mut [bool], at: usize, to: bool) {
    if let Some(mark) = marks.get_mut(at) {
        *mark = to;
    }
}

impl Group {
    fn first(marks: &[bool]) -> Self {
        let mut group = Self::default();
        group.grow_down(marks);
        group
    }

    fn grow_down(&mut self, marks: &[bool]) {
        while is_set(marks, self.end) {
            self.end = self.end.saturating_add(1);
        }
    }

    fn grow_up(&mut self, marks: &[bool]) {
        while self.start.checked_sub(1).is_some_and(|before| is_set(marks, before)) {
            self.start = self.start.saturating_sub(1);
        }
    }

    fn is_empty(self) -> bool {
        self.start == self.end
    }

    fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    fn next(&mut self, marks: &[bool]) -> bool {
        if self.end >= marks.len() {
            return false;
        }
        self.start = self.end.saturating_add(1);
        self.end = self.start;
        self.grow_down(marks);
        true
    }

    fn previous(&mut self, marks: &[bool]) -> bool {
        let Some(end) = self.start.checked_sub(1) else { return false };
        (self.start, self.end) = (end, end);
        self.grow_up(marks);
        true
    }

    fn slide_down(&mut self, lines: &[&[u8]], marks: &mut [bool]) -> bool {
        let (Some(first), Some(after)) = (lines.get(self.start), lines.get(self.end)) else { return false };
        if first != after {
            return false;
        }
        set(marks, self.start, false);
        set(marks, self.end, true);
        (self.start, self.end) = (self.start.saturating_add(1), self.end.saturating_add(1));
        self.grow_down(marks);
        true
    }

    fn slide_up(&mut self, lines: &[&[u8]], marks: &mut [bool]) -> bool {
        let (Some(before), Some(last)) = (self.start.checked_sub(1), self.end.checked_sub(1)) else {
            return false;
        };
        if lines.get(before) != lines.get(last) {
            return false;
        }
        set(marks, before, true);
        set(marks, last, false);
        (self.start, self.end) = (before, last);
        self.grow_up(marks);
        true
    }
}

/// Puts the changes of one file, `marks`, where they belong. Unchanged lines of the two files belong together one by one, and
/// so do the places between them.
pub(super) fn compact(lines: &[&[u8]], marks: &mut [bool], other: &mut [bool]) {
    let (mut group, mut beside) = (Group::first(marks), Group::first(other));
    loop {
        if !group.is_empty() {
            place(&mut group, &mut beside, lines, marks, other);
        }
        if !(group.next(marks) && beside.next(other)) {
            return;
        }
    }
}

fn place(group: &mut Group, beside: &mut Group, lines: &[&[u8]], marks: &mut [bool], other: &[bool]) {
    let (mut earliest, mut aligned, mut size);
    loop {
        size = group.len();
        while group.slide_up(lines, marks) {
            beside.previous(other);
        }
        earliest = group.end;
        aligned = !beside.is_empty();
        while group.slide_down(lines, marks) {
            beside.next(other);
            aligned |= !beside.is_empty();
        }
        if size == group.len() {
            break;
        }
    }
    if group.end == earliest {
        return;
    }
    let wanted = if aligned { None } else { Some(best(lines, *group, earliest, size)) };
    while wanted.map_or(beside.is_empty(), |end| group.end > end) {
        if !group.slide_up(lines, marks) {
            return;
        }
        beside.previous(other);
    }
}

/// The end at which a group stands best among those that it can have.
fn best(lines: &[&[u8]], group: Group, earliest: usize, size: usize) -> usize {
    let whole_round = group.end.saturating_sub(size.saturating_add(1));
    let from = earliest.max(whole_round).max(group.end.saturating_sub(FURTHEST));
    let mut best: Option<(usize, Score)> = None;
    for end in from..=group.end {
        let mut score = Score::default();
        score.add(&Split::at(lines, end));
        score.add(&Split::at(lines, end.saturating_sub(size)));
        if best.as_ref().is_none_or(|(_, best)| score.is_no_worse_than(best)) {
            best = Some((end, score));
        }
    }
    best.map_or(group.end, |(end, _)| end)
}

/// What stands around the place where a change begins or ends. An indentation of `None` is that of a blank line, or of
/// none at all.
struct Split {
    at_the_end: bool,
    indent: Option<i64>,
    blanks_before: i64,
    indent_before: Option<i64>,
    blanks_after: i64,
    indent_after: Option<i64>,
}

impl Split {
    fn at(lines: &[&[u8]], place: usize) -> Self {
        let (before, after) = lines.split_at_checked(place).unwrap_or((lines, &[]));
        let (blanks_before, indent_before) = nearest(before.iter().rev());
        let (blanks_after, indent_after) = nearest(after.iter().skip(1));
        Self {
            at_the_end: after.is_empty(),
            indent: after.first().and_then(|line| indent(line)),
            blanks_before,
            indent_before,
            blanks_after,
            indent_after,
        }
    }
}

/// How many blank lines come first, and the indentation of the line behind them.
fn nearest<'a>(lines: impl Iterator<Item = &'a &'a [u8]>) -> (i64, Option<i64>) {
    let mut blanks = 0i64;
    for line in lines {
        if let Some(indent) = indent(line) {
            return (blanks, Some(indent));
        }
        blanks = blanks.saturating_add(1);
        if blanks == BLANKS {
            return (blanks, Some(0));
        }
    }
    (blanks, None)
}

/// The indentation of a line in columns; `None` of a blank one.
fn indent(line: &[u8]) -> Option<i64> {
    let mut columns = 0i64;
    for byte in line {
        match byte {
            b' ' => columns = columns.saturating_add(1),
            b'\t' => columns = columns.saturating_add(8 - columns % 8),
            b'\n' | b'\r' => {}
            _ => return Some(columns),
        }
        if columns >= DEEPEST {
            return Some(DEEPEST);
        }
    }
    None
}

#[derive(Default)]
struct Score {
    indent: i64,
    penalty: i64,
}

impl Score {
    fn add(&mut self, split: &Split) {
        let mut penalty = 0i64;
        if split.indent_before.is_none() && split.blanks_before == 0 {
            penalty += 1;
        }
        if split.at_the_end {
            penalty += 21;
        }
        let after = if split.indent.is_none() { split.blanks_after.saturating_add(1) } else { 0 };
        let blanks = split.blanks_before.saturating_add(after);
        penalty += blanks.saturating_mul(-30).saturating_add(after.saturating_mul(6));
        let indent = split.indent.or(split.indent_after);
        self.indent = self.indent.saturating_add(indent.unwrap_or(-1));
        if let (Some(indent), Some(before)) = (indent, split.indent_before) {
            let begins_a_block = split.indent_after.is_some_and(|after| after > indent);
            penalty += match (indent.cmp(&before), blanks != 0) {
                (std::cmp::Ordering::Equal, _) => 0,
                (std::cmp::Ordering::Greater, true) => 10,
                (std::cmp::Ordering::Greater, false) => -4,
                (std::cmp::Ordering::Less, true) => 17,
                (std::cmp::Ordering::Less, false) if begins_a_block => 24,
                (std::cmp::Ordering::Less, false) => 23,
            };
        }
        self.penalty = self.penalty.saturating_add(penalty);
    }

    fn is_no_worse_than(&self, other: &Self) -> bool {
        let indents = match self.indent.cmp(&other.indent) {
            std::cmp::Ordering::Less => -INDENT_WEIGHT,
            std::cmp::Ordering::Equal => 0,
            std::cmp::Ordering::Greater => INDENT_WEIGHT,
        };
        indents.saturating_add(self.penalty).saturating_sub(other.penalty) <= 0
    }
}
