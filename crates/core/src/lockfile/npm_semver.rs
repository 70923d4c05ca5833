//! Versions and ranges as npm reads them: `semver` of JavaScript in its loose form. Other readers of the same grammar differ
//! from it where ranges contradict themselves (`>=2 <1`) or bear what is none (`>=1,<2`), and a verdict must not.

use std::cmp::Ordering;

/// Longest text that is a version.
const LONGEST: usize = 256;

/// Largest number that JavaScript counts with.
const LARGEST: u64 = 9_007_199_254_740_991;

/// A version. What stands behind its `+` is not kept: it makes no difference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version {
    numbers: [u64; 3],
    pre: Vec<Identifier>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Identifier {
    Number(u64),
    Text(String),
}

/// A range of versions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Range {
    /// A version is to satisfy all of one set.
    sets: Vec<Vec<Comparator>>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Comparator {
    Any,
    Never,
    Than(Operator, Version),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Operator {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl Version {
    /// Reads a version; `None`: it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let partial = Partial::parse(text.trim())?;
        let [Some(major), Some(minor), Some(patch)] = partial.numbers else { return None };
        Some(Self { numbers: [major, minor, patch], pre: partial.pre })
    }

    /// The first number.
    #[must_use]
    pub fn major(&self) -> u64 {
        self.numbers[0]
    }

    fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self { numbers: [major, minor, patch], pre: Vec::new() }
    }

    /// The least of all versions that begin with these numbers.
    fn before(major: u64, minor: u64, patch: u64) -> Self {
        Self { numbers: [major, minor, patch], pre: vec![Identifier::Number(0)] }
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        // One without identifiers is the release that those with them lead to.
        let of_pre = match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            _ => self.pre.cmp(&other.pre),
        };
        self.numbers.cmp(&other.numbers).then(of_pre)
    }
}

impl PartialOrd for Identifier {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Identifier {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(one), Self::Number(two)) => one.cmp(two),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
            (Self::Text(one), Self::Text(two)) => one.cmp(two),
        }
    }
}

impl Range {
    /// Reads a range; `None`: it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let sets: Vec<_> = text.split("||").map(set).filter(|set| !set.is_empty()).collect();
        (!sets.is_empty()).then_some(Self { sets })
    }

    /// Whether a version satisfies it.
    #[must_use]
    pub fn satisfies(&self, version: &Version) -> bool {
        self.sets.iter().any(|set| is_in(set, version))
    }

    /// Whether some version may satisfy both, as npm counts it.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        let mut pairs = self.sets.iter().flat_map(|one| other.sets.iter().map(move |two| (one, two)));
        pairs.any(|(one, two)| {
            is_satisfiable(one)
                && is_satisfiable(two)
                && one.iter().all(|one| two.iter().all(|two| one.intersects(two)))
        })
    }
}

fn is_in(set: &[Comparator], version: &Version) -> bool {
    if !set.iter().all(|comparator| comparator.has(version)) {
        return false;
    }
    // What leads to a release is only meant where the range itself names such a one of the same release.
    let names = |comparator: &Comparator| match comparator {
        Comparator::Than(_, than) => !than.pre.is_empty() && than.numbers == version.numbers,
        _ => false,
    };
    version.pre.is_empty() || set.iter().any(names)
}

fn is_satisfiable(set: &[Comparator]) -> bool {
    set.iter().enumerate().all(|(at, one)| set.iter().take(at).all(|two| one.intersects(two)))
}

impl Comparator {
    fn has(&self, version: &Version) -> bool {
        match self {
            Self::Any => true,
            Self::Never => false,
            Self::Than(operator, than) => {
                let order = version.cmp(than);
                match operator {
                    Operator::Less => order.is_lt(),
                    Operator::AtMost => order.is_le(),
                    Operator::Equal => order.is_eq(),
                    Operator::AtLeast => order.is_ge(),
                    Operator::More => order.is_gt(),
                }
            }
        }
    }

    fn intersects(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => true,
            (Self::Never, _) | (_, Self::Never) => false,
            (Self::Than(Operator::Equal, version), other) | (other, Self::Than(Operator::Equal, version)) => {
                is_in(std::slice::from_ref(other), version)
            }
            (Self::Than(one, than), Self::Than(two, other)) => {
                let is_nothing =
                    |operator: Operator, version: &Version| !operator.is_up() && version.numbers == [0; 3];
                let is_including = |operator| matches!(operator, Operator::AtMost | Operator::AtLeast);
                if is_nothing(*one, than) || is_nothing(*two, other) {
                    return false;
                }
                one.is_up() == two.is_up()
                    || (than == other && is_including(*one) && is_including(*two))
                    || (than < other && one.is_up())
                    || (than > other && two.is_up())
            }
        }
    }
}

impl Operator {
    fn is_up(self) -> bool {
        matches!(self, Self::AtLeast | Self::More)
    }
}

/// `1`, `1.x`, `v1.2.3-rc.1`: numbers of which some may be left out.
struct Partial {
    numbers: [Option<u64>; 3],
    pre: Vec<Identifier>,
    /// A number stands behind one that is left out: `*.1`.
    is_disordered: bool,
}

impl Partial {
    fn parse(text: &str) -> Option<Self> {
        let mut rest = text.trim_start_matches(|c: char| matches!(c, 'v' | '=') || c.is_whitespace());
        let mut numbers = [None; 3];
        let mut count = 0;
        for number in &mut numbers {
            if count > 0 {
                let Some(more) = rest.strip_prefix('.') else { break };
                rest = more;
            }
            (*number, rest) = number_or_x(rest)?;
            count += 1;
        }
        let (rest, build) = rest.split_once('+').map_or((rest, None), |(pre, build)| (pre, Some(build)));
        let is_build = build.is_none_or(|build| build.split('.').all(is_identifier));
        let has_more = !rest.is_empty() || build.is_some();
        if !is_build || (has_more && count < 3) {
            return None;
        }
        let [major, minor, patch] = numbers;
        let is_disordered = (major.is_none() && minor.is_some()) || (minor.is_none() && patch.is_some());
        Some(Self { numbers, pre: identifiers(rest)?, is_disordered })
    }
}

fn number_or_x(text: &str) -> Option<(Option<u64>, &str)> {
    if let Some(rest) = text.strip_prefix(['x', 'X', '*']) {
        return Some((None, rest));
    }
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number = text.get(..end)?.parse().ok().filter(|number| *number <= LARGEST)?;
    Some((Some(number), text.get(end..)?))
}

/// What stands behind the third number: `-rc.1`, and `rc.1` too.
fn identifiers(text: &str) -> Option<Vec<Identifier>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let all = |text: &str| text.split('.').map(identifier).collect::<Option<Vec<_>>>();
    text.strip_prefix('-').and_then(all).or_else(|| all(text))
}

fn identifier(text: &str) -> Option<Identifier> {
    if !is_identifier(text) {
        return None;
    }
    let number = if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None };
    Some(number.map_or_else(|| Identifier::Text(text.to_owned()), Identifier::Number))
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// The comparators of what stands between two `||`. Words that are none are passed over, as npm does.
fn set(text: &str) -> Vec<Comparator> {
    let words = words(text);
    if words.is_empty() {
        return vec![Comparator::Any];
    }
    if let [from, dash, to] = words.as_slice()
        && dash == "-"
        && let (Some(from), Some(to)) = (Partial::parse(from), Partial::parse(to))
    {
        return hyphen(from, to);
    }
    let comparators: Vec<Comparator> = words.iter().flat_map(|word| comparator(word)).collect();
    if comparators.contains(&Comparator::Never) {
        return vec![Comparator::Never];
    }
    comparators
}

/// Words, with an operator that stands apart put before what it is for.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let is_version = word.starts_with(|c: char| c.is_ascii_digit() || "v=xX*".contains(c));
        match words.last_mut() {
            Some(last) if last.ends_with(['~', '^']) || last.ends_with("~>") => last.push_str(word),
            Some(last) if is_version && last.ends_with(['<', '>', '=']) => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
    }
    words
}

fn hyphen(from: Partial, to: Partial) -> Vec<Comparator> {
    let lower = match from.numbers {
        [None, ..] => None,
        [Some(major), None, _] => Some(Version::new(major, 0, 0)),
        [Some(major), Some(minor), None] => Some(Version::new(major, minor, 0)),
        [Some(major), Some(minor), Some(patch)] => {
            Some(Version { numbers: [major, minor, patch], pre: from.pre })
        }
    };
    let upper = match to.numbers {
        [None, ..] => None,
        [Some(major), None, _] => Some((Operator::Less, Version::before(major + 1, 0, 0))),
        [Some(major), Some(minor), None] => Some((Operator::Less, Version::before(major, minor + 1, 0))),
        [Some(major), Some(minor), Some(patch)] => {
            Some((Operator::AtMost, Version { numbers: [major, minor, patch], pre: to.pre }))
        }
    };
    let lower = lower.map(|lower| Comparator::Than(Operator::AtLeast, lower));
    let upper = upper.map(|(operator, upper)| Comparator::Than(operator, upper));
    let both: Vec<Comparator> = lower.into_iter().chain(upper).collect();
    if both.is_empty() { vec![Comparator::Any] } else { both }
}

/// The comparators of a word; none where it is none.
fn comparator(word: &str) -> Vec<Comparator> {
    if let Some(rest) = word.strip_prefix('^') {
        return Partial::parse(rest).map_or_else(Vec::new, |partial| upwards(partial, true));
    }
    if let Some(rest) = word.strip_prefix("~>").or_else(|| word.strip_prefix('~')) {
        return Partial::parse(rest).map_or_else(Vec::new, |partial| upwards(partial, false));
    }
    let (operator, rest) = [
        ("<=", Operator::AtMost),
        (">=", Operator::AtLeast),
        ("<", Operator::Less),
        (">", Operator::More),
        ("=", Operator::Equal),
    ]
    .iter()
    .find_map(|(sign, operator)| word.strip_prefix(sign).map(|rest| (*operator, rest)))
    .unwrap_or((Operator::Equal, word));
    match Partial::parse(rest) {
        Some(partial) if !partial.is_disordered => simple(operator, partial),
        _ => Vec::new(),
    }
}

fn simple(operator: Operator, partial: Partial) -> Vec<Comparator> {
    let one = |operator, version| vec![Comparator::Than(operator, version)];
    let [Some(major), minor, patch] = partial.numbers else {
        let is_strict = matches!(operator, Operator::Less | Operator::More);
        return vec![if is_strict { Comparator::Never } else { Comparator::Any }];
    };
    if let (Some(minor), Some(patch)) = (minor, patch) {
        return one(operator, Version { numbers: [major, minor, patch], pre: partial.pre });
    }
    let next = minor.map_or((major + 1, 0), |minor| (major, minor + 1));
    let first = minor.unwrap_or(0);
    match operator {
        Operator::More => one(Operator::AtLeast, Version::new(next.0, next.1, 0)),
        Operator::AtLeast => one(operator, Version::new(major, first, 0)),
        Operator::Less => one(operator, Version::before(major, first, 0)),
        Operator::AtMost => one(Operator::Less, Version::before(next.0, next.1, 0)),
        Operator::Equal => vec![
            Comparator::Than(Operator::AtLeast, Version::new(major, first, 0)),
            Comparator::Than(Operator::Less, Version::before(next.0, next.1, 0)),
        ],
    }
}

/// `^` and `~`.
fn upwards(partial: Partial, is_caret: bool) -> Vec<Comparator> {
    let [Some(major), minor, patch] = partial.numbers else { return vec![Comparator::Any] };
    let (lower, upper) = match (minor, patch) {
        (None, _) => (Version::new(major, 0, 0), Version::before(major + 1, 0, 0)),
        (Some(minor), _) => {
            let upper = match (is_caret, major, minor, patch) {
                (true, 0, 0, Some(patch)) => Version::before(0, 0, patch + 1),
                (true, 0, ..) | (false, ..) => Version::before(major, minor + 1, 0),
                (true, ..) => Version::before(major + 1, 0, 0),
            };
            let pre = if patch.is_some() { partial.pre } else { Vec::new() };
            (Version { numbers: [major, minor, patch.unwrap_or(0)], pre }, upper)
        }
    };
    vec![Comparator::Than(Operator::AtLeast, lower), Comparator::Than(Operator::Less, upper)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn has(range: &str, version: &str) -> bool {
        Range::parse(range).unwrap().satisfies(&Version::parse(version).unwrap())
    }

    #[test]
    fn versions_are_in_ranges() {
        for (range, versions) in [
            ("^1.2", "1.2.3 1.99.0 1.2.3+build"),
            ("~1", "1.9.0"),
            ("~1.2.3", "1.2.9"),
            ("^0.0.3", "0.0.3"),
            ("^0.1.2", "0.1.9"),
            ("1 - 2", "1.0.0 2.9.9"),
            (">2", "3.0.0"),
            ("<=2", "2.9.0"),
            (">= 1 < 2", "1.0.0"),
            ("1 || 2", "2.1.0"),
            ("~> *", "1.0.0"),
            ("", "1.0.0 =v1.0.0"),
            ("1.0.0 foo", "1.0.0"),
            ("^1.2.3-rc.0", "1.2.3-rc.1 1.2.3"),
            ("1.2.3-alpha", "1.2.3alpha"),
        ] {
            assert!(versions.split(' ').all(|version| has(range, version)), "{range}: {versions}");
        }
    }

    #[test]
    fn versions_are_not_in_ranges() {
        for (range, versions) in [
            ("^1.2", "2.0.0 1.1.9 1.3.0-rc.1"),
            ("*", "1.2.3-rc.1"),
            (">1 <0", "1.1.1"),
            ("^0.0.3", "0.0.4"),
            (">2.2", "2.2.0"),
            ("<3", "3.0.0 3.0.0-0"),
            ("<x", "1.0.0"),
            ("^1.2.3-rc.0", "1.2.4-rc.1"),
        ] {
            assert!(!versions.split(' ').any(|version| has(range, version)), "{range}: {versions}");
        }
    }

    #[test]
    fn what_is_neither() {
        for range in ["latest", ">=1,<2", "1.2.3.4", "*.1"] {
            assert_eq!(Range::parse(range), None, "{range}");
        }
        for version in ["1", "1.2", "1.2.3.4", "", "1.2.3 x", "9007199254740992.0.0"] {
            assert_eq!(Version::parse(version), None, "{version}");
        }
    }

    #[test]
    fn ranges_meet_or_do_not() {
        let meet = |one, two| Range::parse(one).unwrap().intersects(&Range::parse(two).unwrap());
        assert!(meet("^1", "1.5.0") && meet(">=1", "<2") && meet("*", "3") && meet("1 || 3", "^3.1"));
        assert!(!meet("^1", "^2") && !meet("<1", ">=1") && !meet("1.0.0", "1.0.1"));
    }

    #[test]
    fn order_is_that_of_releases() {
        let texts = ["1.0.0-1", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0.0", "1.0.1", "1.10.0"];
        let versions: Vec<Version> = texts.iter().map(|text| Version::parse(text).unwrap()).collect();
        assert!(versions.is_sorted());
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer(one in "[0-9xX*.v=<>~^| a-]{0,24}", two in "\\PC{0,24}") {
            let ranges = [Range::parse(&one), Range::parse(&two)];
            let versions = [Version::parse(&one), Version::parse(&two)];
            for range in ranges.iter().flatten() {
                let _ = versions.iter().flatten().any(|version| range.satisfies(version));
                let _ = ranges.iter().flatten().any(|other| range.intersects(other));
            }
        }
    }
}
