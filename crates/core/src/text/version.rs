//! Versions in names of tags and branches: read, and compared as Semantic Versioning does.
//!
//! Names hold versions of more forms than SemVer has (`release/1.4`, `v2026.02.0`, `payments/v1.4.2`): any count of numbers
//! is read, and zeros before a number are none.

use std::cmp::Ordering;
use std::fmt;

/// A version.
///
/// The order is the precedence of SemVer 2.0.0, rule 11: numbers from the left, where one that is missing is 0; a
/// pre-release is less than its release; build metadata has no say.
#[derive(Clone, Debug)]
pub struct Version {
    /// The numbers, at least one.
    numbers: Vec<u64>,
    /// The pre-release, `rc.1`; empty: none.
    pre: String,
    /// As it was written.
    text: String,
    /// Whether a number is written with zeros before it: then it is no SemVer.
    padded: bool,
}

/// A tag's name with the version in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tagged<'a> {
    /// What stands before the version, `payments/v`: tags of one series are versions of one thing.
    pub series: &'a str,
    /// The version.
    pub version: Version,
}

impl<'a> Tagged<'a> {
    /// The version at the end of a tag's name: two or more numbers, with whatever SemVer has behind them. `None` where
    /// there is none: `v1`, `nightly`, `before-the-split`.
    #[must_use]
    pub fn new(name: &'a str) -> Option<Self> {
        let starts = starts(name).filter_map(|at| Some((name.get(..at)?, name.get(at..)?)));
        let mut found = starts.filter_map(|(series, rest)| Some((series, Version::new(rest)?)));
        let (series, version) = found.find(|(_, version)| version.numbers.len() > 1)?;
        Some(Self { series, version })
    }
}

/// Where a number begins that may be the first of a version: at the beginning, behind `v`, or behind what no word has.
fn starts(name: &str) -> impl Iterator<Item = usize> {
    let bytes = name.as_bytes();
    let before = |at: usize, back: usize| at.checked_sub(back).and_then(|at| bytes.get(at)).copied();
    let is_word = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    bytes.iter().enumerate().filter(|(_, byte)| byte.is_ascii_digit()).map(|(at, _)| at).filter(move |at| {
        let (last, but_one) = (before(*at, 1), before(*at, 2));
        !is_word(last) || (matches!(last, Some(b'v' | b'V')) && !is_word(but_one))
    })
}

impl Version {
    /// A version that is the whole text; `None` where the text is something else.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let without_build = text.split_once('+').map_or(text, |(version, _)| version);
        let (core, pre) = match without_build.split_once('-') {
            Some((core, pre)) => (core, Some(pre)),
            None => (without_build, None),
        };
        let identifier = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if pre.is_some_and(|pre| !pre.split('.').all(identifier)) {
            return None;
        }
        Self::of_numbers(core, pre.unwrap_or_default(), text)
    }

    /// The first version in a branch's name, its numbers alone: `1.4.2` of `hotfix/1.4.2-ABC-7`, where what follows is a
    /// ticket and no pre-release. `None` where no two numbers stand together.
    #[must_use]
    pub fn in_branch(name: &str) -> Option<Self> {
        let numbers = |at: usize| {
            let rest = name.get(at..)?;
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            let text = rest.get(..end)?.trim_end_matches('.');
            let follows = rest.get(end..).and_then(|rest| rest.chars().next());
            let version = Self::of_numbers(text, "", text)?;
            (version.numbers.len() > 1 && !follows.is_some_and(char::is_alphanumeric)).then_some(version)
        };
        starts(name).find_map(numbers)
    }

    fn of_numbers(core: &str, pre: &str, text: &str) -> Option<Self> {
        let number =
            |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?;
        let numbers = core.split('.').map(number).collect::<Option<Vec<u64>>>()?;
        let padded = core.split('.').any(|part| part.len() > 1 && part.starts_with('0'));
        Some(Self { numbers, pre: pre.to_owned(), text: text.to_owned(), padded })
    }

    /// A number by its place, from 0; 0 where there is none.
    #[must_use]
    pub fn number(&self, at: usize) -> u64 {
        self.numbers.get(at).copied().unwrap_or(0)
    }

    /// The pre-release, `rc.1`; empty where it is a release.
    #[must_use]
    pub fn pre_release(&self) -> &str {
        &self.pre
    }

    /// Whether it is of the form of SemVer: three numbers, none with zeros before it.
    #[must_use]
    pub fn is_semver(&self) -> bool {
        self.numbers.len() == 3 && !self.padded
    }

    /// Whether two versions are of one line: the first two numbers are the same.
    #[must_use]
    pub fn is_of_line(&self, other: &Self) -> bool {
        (0..2).all(|at| self.number(at) == other.number(at))
    }

    /// The line, for people: `1.4`, as it is written.
    #[must_use]
    pub fn line(&self) -> String {
        let core = self.text.split(['-', '+']).next().unwrap_or_default();
        core.split('.').take(2).collect::<Vec<_>>().join(".")
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let most = self.numbers.len().max(other.numbers.len());
        let numbers = (0..most).map(|at| self.number(at).cmp(&other.number(at)));
        let numbers = numbers.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal);
        numbers.then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => pre_releases(&self.pre, &other.pre),
        })
    }
}

/// Pre-releases part by part: numbers by value and before words, words by their bytes, and the longer one last.
fn pre_releases(one: &str, other: &str) -> Ordering {
    let (mut ours, mut theirs) = (one.split('.'), other.split('.'));
    loop {
        let (a, b) = match (ours.next(), theirs.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) => (a, b),
        };
        let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let order = match (number(a), number(b)) {
            (true, true) => {
                let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
                a.len().cmp(&b.len()).then_with(|| a.cmp(b))
            }
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => a.cmp(b),
        };
        if order.is_ne() {
            return order;
        }
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_at_the_end_of_tags() {
        for (name, series, version) in [
            ("v1.4.2", "v", "1.4.2"),
            ("1.4.2", "", "1.4.2"),
            ("v1.4.2-rc.1", "v", "1.4.2-rc.1"),
            ("v1.4.2+build.5", "v", "1.4.2+build.5"),
            ("v2026.02.0", "v", "2026.02.0"),
            ("payments/v1.4.2", "payments/v", "1.4.2"),
            ("payments-v1.4.2", "payments-v", "1.4.2"),
            ("app2-1.4.2", "app2-", "1.4.2"),
            ("release-2-1.2.3", "release-2-", "1.2.3"),
        ] {
            let found = Tagged::new(name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!((found.series, found.version.to_string().as_str()), (series, version), "{name}");
        }
        for name in [
            "",
            "v1",
            "nightly",
            "v1.x",
            "v1.4.",
            "1.4.2_final",
            "vv1.2",
            "ver1.2",
            "v99999999999999999999.1",
        ] {
            assert_eq!(Tagged::new(name), None, "{name}");
        }
    }

    #[test]
    fn versions_are_found_in_branches_whatever_follows() {
        for (name, version) in [
            ("release/1.4", Some("1.4")),
            ("hotfix/1.4.3-INC12345", Some("1.4.3")),
            ("hotfix/v1.4.3-ABC-7", Some("1.4.3")),
            ("backport/ABC-123-to-1.4", Some("1.4")),
            ("release/2026.02", Some("2026.02")),
            ("hotfix/ABC-123", None),
            ("main", None),
            ("release/1.x", None),
            ("topic/a1.4b", None),
        ] {
            let found = Version::in_branch(name).map(|version| version.to_string());
            assert_eq!(found.as_deref(), version, "{name}");
        }
    }

    #[test]
    fn precedence_is_that_of_semver() {
        let ordered = [
            "0.9.9",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.1",
            "1.2",
            "1.10.0",
            "2026.02.0",
            "2026.2.1",
        ];
        let versions: Vec<Version> = ordered.iter().map(|text| Version::new(text).unwrap()).collect();
        for (at, one) in versions.iter().enumerate() {
            for (other_at, other) in versions.iter().enumerate() {
                assert_eq!(one.cmp(other), at.cmp(&other_at), "{one} {other}");
            }
        }
        let version = |text: &str| Version::new(text).unwrap();
        assert_eq!(version("1.4"), version("1.4.0"));
        assert_eq!(version("1.4.0+a"), version("1.4.0+b"));
        assert_eq!(version("2026.02.0"), version("2026.2.0"));
        assert!(
            version("1.4.0").is_semver() && !version("1.4").is_semver() && !version("2026.02.0").is_semver()
        );
        assert!(
            version("1.4.2").is_of_line(&version("1.4")) && !version("1.4.2").is_of_line(&version("1.5.2"))
        );
        assert_eq!(version("2026.02.0-rc.1").line(), "2026.02");
    }
}
