//! Whether two markers say the same for every Python that a project takes. They are tried out: both hang on finitely many
//! values (the versions that they name and what lies between, the strings that they name and any other), and are compared at
//! each. What would take too many is not told.

mod parse;
mod range;

pub(in super::super) use self::range::PythonRange;

use super::normal;
use pep440_rs::{Operator, Version, VersionSpecifier};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// Most environments that two markers are tried in.
const MOST_ENVIRONMENTS: usize = 20_000;

/// A marker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in super::super) enum Marker {
    /// It holds everywhere.
    Always,
    /// A comparison.
    Compare { name: Name, operator: Compare, value: String, is_reversed: bool },
    /// All of them.
    All(Vec<Marker>),
    /// Any of them.
    Any(Vec<Marker>),
}

/// What of the environment is compared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in super::super) enum Name {
    Python,
    PythonFull,
    Extra,
    Text(&'static str),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) enum Compare {
    Version(Operator),
    In,
    NotIn,
}

/// Whether two markers say the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) enum Same {
    Yes,
    No,
    /// Who knows more about which values go together may say so, or there are too many to try.
    Unclear,
}

impl Marker {
    /// Reads a marker; `None`: it is none, or of a form that is not compared.
    pub(in super::super) fn parse(text: &str) -> Option<Self> {
        if text.trim().is_empty() {
            return Some(Self::Always);
        }
        parse::marker(text)
    }

    /// This one and another.
    pub(in super::super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always, one) | (one, Self::Always) => one,
            (one, two) => Self::All(vec![one, two]),
        }
    }

    /// That an extra is asked for.
    pub(in super::super) fn extra(name: &str) -> Self {
        let operator = Compare::Version(Operator::Equal);
        Self::Compare { name: Name::Extra, operator, value: normal(name), is_reversed: false }
    }

    /// Whether it says the same as another for every Python of a range.
    pub(in super::super) fn same(&self, other: &Self, pythons: &PythonRange) -> Same {
        if self == other {
            return Same::Yes;
        }
        let mut names: BTreeMap<Name, BTreeSet<String>> = BTreeMap::new();
        let counted = self.collect(&mut names).and_then(|()| other.collect(&mut names));
        if counted.is_none() {
            return Same::Unclear;
        }
        let texts = names.keys().filter(|name| matches!(name, Name::Text(_))).count();
        let Some(grid) = Grid::new(&names, pythons) else { return Same::Unclear };
        for environment in grid.environments() {
            match (self.holds(&environment), other.holds(&environment)) {
                (Some(one), Some(two)) if one == two => {}
                (Some(_), Some(_)) if texts < 2 => return Same::No,
                // That `sys_platform` and `os_name` do not go together in this way some tools know.
                _ => return Same::Unclear,
            }
        }
        Same::Yes
    }

    fn collect(&self, names: &mut BTreeMap<Name, BTreeSet<String>>) -> Option<()> {
        match self {
            Self::Always => {}
            Self::Compare { name, value, .. } => {
                names.entry(*name).or_default().insert(value.clone());
            }
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.collect(names)?;
                }
            }
        }
        Some(())
    }

    fn holds(&self, environment: &Environment<'_>) -> Option<bool> {
        match self {
            Self::Always => Some(true),
            Self::All(parts) => {
                parts.iter().try_fold(true, |all, part| Some(part.holds(environment)? && all))
            }
            Self::Any(parts) => {
                parts.iter().try_fold(false, |any, part| Some(part.holds(environment)? || any))
            }
            Self::Compare { name, operator, value, is_reversed } => {
                compare(*name, *operator, value, *is_reversed, environment)
            }
        }
    }
}

fn compare(
    name: Name,
    operator: Compare,
    value: &str,
    is_reversed: bool,
    environment: &Environment<'_>,
) -> Option<bool> {
    match name {
        Name::Extra => {
            let has = environment.extras.contains(value);
            match operator {
                Compare::Version(Operator::Equal) => Some(has),
                Compare::Version(Operator::NotEqual) => Some(!has),
                _ => None,
            }
        }
        Name::Text(text) => {
            let actual = *environment.texts.get(text)?;
            match operator {
                Compare::Version(Operator::Equal) => Some(actual == value),
                Compare::Version(Operator::NotEqual) => Some(actual != value),
                Compare::In if is_reversed => Some(actual.contains(value)),
                Compare::NotIn if is_reversed => Some(!actual.contains(value)),
                Compare::In => Some(value.contains(actual)),
                Compare::NotIn => Some(!value.contains(actual)),
                Compare::Version(_) => None,
            }
        }
        Name::Python | Name::PythonFull => {
            let actual = match name {
                Name::Python => Version::new(environment.python.release().iter().take(2).copied()),
                _ => environment.python.clone(),
            };
            match operator {
                Compare::Version(operator) => version_holds(&actual, operator, value),
                // A list of versions parted by commas or spaces.
                Compare::In | Compare::NotIn if !is_reversed => {
                    let mut has = false;
                    for version in value.split([',', ' ']).filter(|version| !version.is_empty()) {
                        has |= Version::from_str(version).ok()? == actual;
                    }
                    Some(has == (operator == Compare::In))
                }
                _ => None,
            }
        }
    }
}

fn version_holds(actual: &Version, operator: Operator, value: &str) -> Option<bool> {
    let specifier = format!("{operator}{value}");
    Some(VersionSpecifier::from_str(&specifier).ok()?.contains(actual))
}

/// Everything that a marker may ask of.
struct Environment<'a> {
    python: &'a Version,
    texts: BTreeMap<&'a str, &'a str>,
    extras: BTreeSet<&'a str>,
}

/// The values that two markers can tell apart.
struct Grid {
    pythons: Vec<Version>,
    texts: Vec<(&'static str, Vec<String>)>,
    extras: Vec<String>,
    count: usize,
}

impl Grid {
    fn new(names: &BTreeMap<Name, BTreeSet<String>>, range: &PythonRange) -> Option<Self> {
        let mut pythons: BTreeSet<Version> = range.edges();
        let mut texts = Vec::new();
        let mut extras = Vec::new();
        for (name, values) in names {
            match name {
                Name::Python | Name::PythonFull => {
                    for value in values {
                        for version in value.split([',', ' ']).filter(|version| !version.is_empty()) {
                            pythons.extend(around(version.trim_end_matches(".*"))?);
                        }
                    }
                }
                Name::Extra => extras.extend(values.iter().cloned()),
                Name::Text(name) => {
                    let mut values: Vec<String> = values.iter().cloned().collect();
                    values.push("\u{1}other".to_owned());
                    texts.push((*name, values));
                }
            }
        }
        let pythons: Vec<Version> = pythons.into_iter().filter(|version| range.contains(version)).collect();
        let extra_count = u32::try_from(extras.len()).ok().and_then(|count| 1_usize.checked_shl(count))?;
        let mut count = pythons.len().checked_mul(extra_count)?;
        for (_, values) in &texts {
            count = count.checked_mul(values.len())?;
        }
        (extras.len() < 16 && count <= MOST_ENVIRONMENTS).then_some(Self { pythons, texts, extras, count })
    }

    fn environments(&self) -> impl Iterator<Item = Environment<'_>> {
        (0..self.count).filter_map(|number| {
            let mut rest = number;
            let mut digit = |base: usize| {
                let digit = rest.checked_rem(base)?;
                rest = rest.checked_div(base)?;
                Some(digit)
            };
            let python = self.pythons.get(digit(self.pythons.len())?)?;
            let mut texts = BTreeMap::new();
            for (name, values) in &self.texts {
                texts.insert(*name, values.get(digit(values.len())?)?.as_str());
            }
            let mut extras = BTreeSet::new();
            for extra in &self.extras {
                if digit(2)? == 1 {
                    extras.insert(extra.as_str());
                }
            }
            Some(Environment { python, texts, extras })
        })
    }
}

/// A version, and those right below and above it that a marker can tell from it.
fn around(text: &str) -> Option<Vec<Version>> {
    let version = Version::from_str(text).ok()?;
    let part = |at: usize| version.release().get(at).copied().unwrap_or(0);
    let (major, minor, patch) = (part(0), part(1), part(2));
    let mut found = vec![
        Version::new([major, minor, patch]),
        Version::new([major, minor, patch.checked_add(1)?]),
        Version::new([major, minor.checked_add(1)?, 0]),
        Version::new([major.checked_add(1)?, 0, 0]),
    ];
    if let Some(below) = patch.checked_sub(1) {
        found.push(Version::new([major, minor, below]));
    } else if let Some(below) = minor.checked_sub(1) {
        found.push(Version::new([major, below, 99]));
    } else if let Some(below) = major.checked_sub(1) {
        found.push(Version::new([below, 99, 99]));
    }
    Some(found)
}
