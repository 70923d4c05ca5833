//! Versions and ranges as Deno reads them: those of npm, in three spellings of which two know less than npm does.

use std::cmp::Ordering;

/// How a requirement is spelled: where it stands decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Spelling {
    /// In code and in `imports`: one range, `^`, `~` or none before it.
    Specifier,
    /// In package.json, and before the versions in a lock.
    Npm,
    /// In the record that a lock has of the manifests.
    Record,
}

/// One end of a range; `None`: there is no end.
pub(super) type Bound = Option<(bool, Version)>;

/// A version. Two that differ in what stands behind `+` are of one rank, and not the same.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Version {
    numbers: [u64; 3],
    pre: Vec<String>,
    build: Vec<String>,
}

/// Whether no version lies in a range.
pub(super) fn is_none(range: &(Bound, Bound)) -> bool {
    matches!(&range.1, Some((false, version)) if version.numbers == [0; 3])
}

impl Version {
    fn of(numbers: [u64; 3]) -> Self {
        Self { numbers, ..Self::default() }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text.trim(), spelling: Spelling::Npm };
        let partial = reader.partial()?;
        reader.rest.is_empty().then_some(())?;
        let [Some(major), Some(minor), Some(patch)] = partial.numbers else { return None };
        Some(Self { numbers: [major, minor, patch], pre: partial.pre, build: partial.build })
    }

    fn rank(&self, other: &Self) -> Ordering {
        let numbers = self.numbers.cmp(&other.numbers);
        numbers.then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, true) => Ordering::Equal,
            (false, true) => Ordering::Less,
            (true, false) => Ordering::Greater,
            (false, false) => {
                let pairs = self.pre.iter().zip(&other.pre);
                let mut orders = pairs.map(|(one, two)| rank_of_part(one, two));
                orders.find(|order| order.is_ne()).unwrap_or_else(|| self.pre.len().cmp(&other.pre.len()))
            }
        })
    }

    pub(super) fn is_in(&self, (from, to): &(Bound, Bound)) -> bool {
        let is_above = from.as_ref().is_none_or(|(is_in, bound)| match self.rank(bound) {
            Ordering::Equal => *is_in,
            order => order.is_gt(),
        });
        let is_below = to.as_ref().is_none_or(|(is_in, bound)| match self.rank(bound) {
            Ordering::Equal => *is_in,
            order => order.is_lt(),
        });
        let is_named = |bound: &Bound| {
            bound.as_ref().is_some_and(|(_, bound)| !bound.pre.is_empty() && bound.numbers == self.numbers)
        };
        is_above && is_below && (self.pre.is_empty() || is_named(from) || is_named(to))
    }
}

fn rank_of_part(one: &str, two: &str) -> Ordering {
    match (one.parse::<u64>(), two.parse::<u64>()) {
        (Ok(one), Ok(two)) => one.cmp(&two),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => one.cmp(two),
    }
}

/// `1.2.x-pre+build`: `None` for a number is any.
#[derive(Clone, Debug)]
struct Partial {
    numbers: [Option<u64>; 3],
    pre: Vec<String>,
    build: Vec<String>,
}

/// What is left of a text.
#[derive(Debug)]
pub(super) struct Reader<'t> {
    rest: &'t str,
    spelling: Spelling,
}

/// Reads a whole range; `None`: it is none.
pub(super) fn range(text: &str, spelling: Spelling) -> Option<(Bound, Bound)> {
    let mut reader = Reader { rest: text, spelling };
    if spelling == Spelling::Npm
        && let Some(range) = (Reader { rest: text, spelling }).hyphen()
    {
        return Some(range);
    }
    let mut all = reader.simple()?;
    while !reader.rest.is_empty() {
        if !reader.separator() {
            return None;
        }
        all = clamp(all, reader.simple()?);
    }
    Some(all)
}

/// The versions that lie in both.
fn clamp(one: (Bound, Bound), two: (Bound, Bound)) -> (Bound, Bound) {
    let end = tighter(one.1, two.1, Ordering::Less);
    let start = tighter(one.0, two.0, Ordering::Greater);
    let start = if start.is_some() { tighter(start, end.clone(), Ordering::Less) } else { start };
    (start, end)
}

/// The bound that is further on one side; of two at one place the one that is left out.
fn tighter(one: Bound, two: Bound, side: Ordering) -> Bound {
    match (one, two) {
        (None, other) | (other, None) => other,
        (Some(one), Some(two)) => Some(match one.1.rank(&two.1) {
            Ordering::Equal if one.0 => two,
            Ordering::Equal => one,
            order if order == side => one,
            _ => two,
        }),
    }
}

impl<'t> Reader<'t> {
    pub(super) fn new(rest: &'t str, spelling: Spelling) -> Self {
        Self { rest, spelling }
    }

    /// Whether everything was read.
    pub(super) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    fn eat(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn space(&mut self) -> bool {
        let rest = self.rest.trim_start();
        let is_there = rest.len() < self.rest.len();
        self.rest = rest;
        is_there
    }

    fn separator(&mut self) -> bool {
        let is_apart = self.space();
        if self.spelling == Spelling::Npm && (self.eat("&&") || self.eat(",")) {
            self.space();
            return true;
        }
        is_apart
    }

    fn number(&mut self) -> Option<u64> {
        let mut end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        // Nothing stands behind a zero there.
        if self.spelling == Spelling::Specifier && self.rest.starts_with('0') {
            end = 1;
        }
        let (digits, rest) = self.rest.split_at_checked(end)?;
        let number: u64 = digits.parse().ok()?;
        self.rest = rest;
        // One more than it is asked for.
        (number < u64::MAX).then_some(number)
    }

    /// A number, or `None` for any; the outer `None`: it is neither.
    fn part(&mut self) -> Option<Option<u64>> {
        let wild: &[&str] = if self.spelling == Spelling::Record { &["*"] } else { &["x", "X", "*"] };
        if wild.iter().any(|mark| self.eat(mark)) {
            return Some(None);
        }
        self.number().map(Some)
    }

    fn partial(&mut self) -> Option<Partial> {
        if self.spelling == Spelling::Npm {
            self.eat("v");
        }
        let mut partial = Partial { numbers: [self.part()?, None, None], pre: Vec::new(), build: Vec::new() };
        for at in 1..3 {
            let before = self.rest;
            if !self.eat(".") {
                return Some(partial);
            }
            let Some(part) = self.part() else {
                self.rest = before;
                return Some(partial);
            };
            if let Some(number) = partial.numbers.get_mut(at) {
                *number = part;
            }
        }
        let before = self.rest;
        let is_marked = self.eat("-");
        if is_marked || self.spelling != Spelling::Specifier {
            partial.pre = self.identifiers();
        }
        if partial.pre.is_empty() {
            self.rest = before;
        }
        let before = self.rest;
        if self.eat("+") {
            partial.build = self.identifiers();
        }
        if partial.build.is_empty() && self.rest.len() < before.len() {
            self.rest = before;
        }
        Some(partial)
    }

    fn identifiers(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        loop {
            let before = self.rest;
            if !all.is_empty() && !self.eat(".") {
                return all;
            }
            let end =
                self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(self.rest.len());
            let Some((word, rest)) = self.rest.split_at_checked(end).filter(|(word, _)| !word.is_empty())
            else {
                self.rest = before;
                return all;
            };
            all.push(word.to_owned());
            self.rest = rest;
        }
    }

    fn hyphen(&mut self) -> Option<(Bound, Bound)> {
        let from = self.partial()?;
        (self.space() && self.eat("-") && self.space()).then_some(())?;
        let to = self.partial()?;
        self.rest.is_empty().then(|| (Some((true, from.lowest())), to.highest()))
    }

    /// One range: `^1`, `~1.2`, `>=1`, `1.x`.
    pub(super) fn simple(&mut self) -> Option<(Bound, Bound)> {
        let is_npm = self.spelling == Spelling::Npm;
        for mark in ["~", "^"] {
            if self.eat(mark) {
                if is_npm {
                    if mark == "~" {
                        self.eat(">");
                    }
                    self.rest = self.rest.trim_start_matches('=');
                    self.space();
                    self.eat("v");
                    self.space();
                }
                let partial = self.partial()?;
                return Some(if mark == "~" { partial.tilde() } else { partial.caret() });
            }
        }
        if self.spelling != Spelling::Specifier {
            for mark in [">=", "<=", "<", ">", "="] {
                if self.eat(mark) {
                    self.space();
                    return Some(self.partial()?.compared(mark));
                }
            }
        }
        Some(self.partial()?.equal())
    }
}

impl Partial {
    fn lowest(&self) -> Version {
        let numbers = self.numbers.map(Option::unwrap_or_default);
        Version { numbers, pre: self.pre.clone(), build: self.build.clone() }
    }

    /// The end of a range written with a hyphen.
    fn highest(&self) -> Bound {
        let [major, minor, patch] = self.numbers;
        let major = major?;
        Some(match (minor, patch) {
            (None, Some(patch)) => (false, Version::of([major + 1, 0, patch])),
            (None, None) => (false, Version::of([major + 1, 0, 0])),
            (Some(minor), None) => (false, Version::of([major, minor + 1, 0])),
            (Some(minor), Some(patch)) => {
                (true, Version { pre: self.pre.clone(), ..Version::of([major, minor, patch]) })
            }
        })
    }

    fn tilde(&self) -> (Bound, Bound) {
        let end = match self.numbers {
            [None, ..] => return (None, None),
            [Some(major), None, _] => [major + 1, 0, 0],
            [Some(major), Some(minor), _] => [major, minor + 1, 0],
        };
        (Some((true, self.lowest())), Some((false, Version::of(end))))
    }

    fn caret(&self) -> (Bound, Bound) {
        let end = match self.numbers {
            [None, ..] => return (None, None),
            [Some(0), Some(0), Some(patch)] => [0, 0, patch + 1],
            [Some(0), Some(minor), _] => [0, minor + 1, 0],
            [Some(major), ..] => [major + 1, 0, 0],
        };
        (Some((true, self.lowest())), Some((false, Version::of(end))))
    }

    fn equal(&self) -> (Bound, Bound) {
        match self.numbers {
            [None, ..] => (None, None),
            [Some(_), Some(_), Some(_)] => (Some((true, self.lowest())), Some((true, self.lowest()))),
            [Some(major), minor, patch] => {
                let mut start = [major, 0, 0];
                let mut end = [major, 0, 0];
                match patch {
                    None if minor.is_some() => end[1] += 1,
                    None => {}
                    Some(patch) => (start[2], end[2]) = (patch, patch),
                }
                match minor {
                    None => end[0] += 1,
                    Some(minor) => {
                        start[1] = minor;
                        end[1] += minor;
                    }
                }
                (Some((true, Version::of(start))), Some((start == end, Version::of(end))))
            }
        }
    }

    fn compared(&self, mark: &str) -> (Bound, Bound) {
        let is_in = mark.ends_with('=');
        let zero = || Version::of([0; 3]);
        let [Some(major), minor, patch] = self.numbers else {
            // Below or above every version there is none.
            let is_all = is_in || mark == "=";
            return if is_all { (None, None) } else { (Some((true, zero())), Some((false, zero()))) };
        };
        match mark {
            "=" => self.equal(),
            ">" | ">=" => {
                let (mut is_in, mut start) =
                    (is_in, Version::of([major, minor.unwrap_or(0), patch.unwrap_or(0)]));
                if is_in || patch.is_some() {
                    start.pre.clone_from(&self.pre);
                }
                if minor.is_none() && !is_in {
                    is_in = true;
                    start.numbers[0] += 1;
                }
                if patch.is_none() && !is_in {
                    is_in = true;
                    start.numbers[1] += 1;
                }
                (Some((is_in, start)), None)
            }
            _ => {
                let (mut is_in, mut end) =
                    (is_in, Version::of([major, minor.unwrap_or(0), patch.unwrap_or(0)]));
                if minor.is_none() {
                    end.numbers[0] += u64::from(is_in);
                    is_in = false;
                }
                if patch.is_none() {
                    end.numbers[1] += u64::from(is_in);
                    is_in = false;
                }
                if is_in || patch.is_some() {
                    end.pre.clone_from(&self.pre);
                }
                (Some((true, zero())), Some((is_in, end)))
            }
        }
    }
}
