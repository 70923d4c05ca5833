//! Whether two markers say the same for every Python that a project takes. They are tried out: both hang on finitely many
//! values (the versions that they name and what lies between, the strings that they name and any other), and are compared at
//! each. What would take too many is not told.

use super::normal;
use super::requirement::specifiers;
use pep440_rs::{Operator, Version, VersionSpecifier, VersionSpecifiers};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// Most parts of a marker.
const MOST_PARTS: usize = 64;

/// Deepest parentheses of a marker.
const DEEPEST: usize = 16;

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

const TEXTS: &[(&str, &str)] = &[
    ("os_name", "os_name"),
    ("os.name", "os_name"),
    ("sys_platform", "sys_platform"),
    ("sys.platform", "sys_platform"),
    ("platform_machine", "platform_machine"),
    ("platform.machine", "platform_machine"),
    ("platform_python_implementation", "platform_python_implementation"),
    ("platform.python_implementation", "platform_python_implementation"),
    ("python_implementation", "platform_python_implementation"),
    ("platform_system", "platform_system"),
    ("platform_release", "platform_release"),
    ("platform_version", "platform_version"),
    ("implementation_name", "implementation_name"),
];

impl Marker {
    /// Reads a marker; `None`: it is none, or of a form that is not compared.
    pub(in super::super) fn parse(text: &str) -> Option<Self> {
        if text.trim().is_empty() {
            return Some(Self::Always);
        }
        let tokens = tokens(text)?;
        let mut reader = Reader { tokens: &tokens, at: 0 };
        let marker = reader.any(0)?;
        (reader.at == tokens.len()).then_some(marker)
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

/// The Pythons that a project takes, between two bounds: what is excluded between them counts as taken, as uv sees it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in super::super) struct PythonRange {
    lower: Option<(Version, bool)>,
    upper: Option<(Version, bool)>,
}

impl PythonRange {
    /// Reads a `requires-python`; `None`: it is none.
    pub(in super::super) fn parse(text: &str) -> Option<Self> {
        let mut range = Self::default();
        range.narrow(&specifiers(text)?)?;
        Some(range)
    }

    /// What this and another have in common.
    pub(in super::super) fn narrow_text(&mut self, text: &str) -> Option<()> {
        self.narrow(&specifiers(text)?)
    }

    fn narrow(&mut self, specifiers: &VersionSpecifiers) -> Option<()> {
        for specifier in specifiers.iter() {
            let version = specifier.version().only_release();
            match specifier.operator() {
                Operator::GreaterThanEqual => self.from(version, true),
                Operator::GreaterThan => self.from(version, false),
                Operator::LessThanEqual => self.to(version, true),
                Operator::LessThan => self.to(version, false),
                Operator::Equal | Operator::ExactEqual => {
                    self.from(version.clone(), true);
                    self.to(version, true);
                }
                Operator::EqualStar => {
                    self.to(next(version.release())?, false);
                    self.from(version, true);
                }
                Operator::TildeEqual => {
                    let (_, kept) = version.release().split_last()?;
                    self.to(next(kept)?, false);
                    self.from(version, true);
                }
                Operator::NotEqual | Operator::NotEqualStar => {}
            }
        }
        Some(())
    }

    fn from(&mut self, version: Version, is_included: bool) {
        let is_narrower = self
            .lower
            .as_ref()
            .is_none_or(|(lower, has)| version > *lower || (version == *lower && *has && !is_included));
        if is_narrower {
            self.lower = Some((version, is_included));
        }
    }

    fn to(&mut self, version: Version, is_included: bool) {
        let is_narrower = self
            .upper
            .as_ref()
            .is_none_or(|(upper, has)| version < *upper || (version == *upper && *has && !is_included));
        if is_narrower {
            self.upper = Some((version, is_included));
        }
    }

    fn contains(&self, version: &Version) -> bool {
        let above =
            self.lower.as_ref().is_none_or(|(lower, has)| version > lower || (*has && version == lower));
        above && self.upper.as_ref().is_none_or(|(upper, has)| version < upper || (*has && version == upper))
    }

    fn edges(&self) -> BTreeSet<Version> {
        let mut edges = BTreeSet::from([Version::new([3, 99, 0])]);
        for (version, _) in self.lower.iter().chain(&self.upper) {
            edges.extend(around(&version.to_string()).unwrap_or_default());
        }
        edges
    }
}

fn next(release: &[u64]) -> Option<Version> {
    let (last, kept) = release.split_last()?;
    let last = last.checked_add(1)?;
    Some(Version::new(kept.iter().copied().chain([last])))
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Operator(Compare),
    Name(Name),
    Value(String),
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if tokens.len() > MOST_PARTS * 8 {
            return None;
        }
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '\'' | '"' => {
                let inner = rest.get(1..)?;
                let end = inner.find(first)?;
                (Token::Value(inner.get(..end)?.to_owned()), end + 2)
            }
            '<' | '>' | '=' | '!' | '~' => {
                let end = rest.find(|c| !matches!(c, '<' | '>' | '=' | '!' | '~')).unwrap_or(rest.len());
                let operator = Operator::from_str(rest.get(..end)?).ok()?;
                (Token::Operator(Compare::Version(operator)), end)
            }
            _ => {
                let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
                let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                (word(rest.get(..end)?, tokens.last())?, end)
            }
        };
        if tokens.last() == Some(&Token::Operator(Compare::NotIn)) && token == Token::Operator(Compare::In) {
            tokens.pop();
            tokens.push(Token::Operator(Compare::NotIn));
        } else {
            tokens.push(token);
        }
        rest = rest.get(length..)?.trim_start();
    }
    Some(tokens)
}

fn word(word: &str, before: Option<&Token>) -> Option<Token> {
    Some(match word {
        "and" => Token::And,
        "or" => Token::Or,
        // The `in` that follows it makes one operator of the two.
        "not" if before.is_some() => Token::Operator(Compare::NotIn),
        "in" => Token::Operator(Compare::In),
        "python_version" => Token::Name(Name::Python),
        "python_full_version" => Token::Name(Name::PythonFull),
        "extra" => Token::Name(Name::Extra),
        _ => Token::Name(Name::Text(TEXTS.iter().find(|(name, _)| *name == word)?.1)),
    })
}

struct Reader<'t> {
    tokens: &'t [Token],
    at: usize,
}

impl Reader<'_> {
    fn take(&mut self) -> Option<&Token> {
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        Some(token)
    }

    fn is_next(&mut self, token: &Token) -> bool {
        let is_next = self.tokens.get(self.at) == Some(token);
        self.at += usize::from(is_next);
        is_next
    }

    fn any(&mut self, depth: usize) -> Option<Marker> {
        if depth > DEEPEST {
            return None;
        }
        let mut parts = vec![self.all(depth)?];
        while self.is_next(&Token::Or) {
            parts.push(self.all(depth)?);
        }
        Some(if parts.len() == 1 { parts.pop()? } else { Marker::Any(parts) })
    }

    fn all(&mut self, depth: usize) -> Option<Marker> {
        let mut parts = vec![self.one(depth)?];
        while self.is_next(&Token::And) {
            parts.push(self.one(depth)?);
        }
        Some(if parts.len() == 1 { parts.pop()? } else { Marker::All(parts) })
    }

    fn one(&mut self, depth: usize) -> Option<Marker> {
        if self.is_next(&Token::Open) {
            let marker = self.any(depth + 1)?;
            return self.is_next(&Token::Close).then_some(marker);
        }
        let left = self.take()?.clone();
        let Token::Operator(operator) = *self.take()? else { return None };
        let right = self.take()?.clone();
        let (name, value, is_reversed) = match (left, right) {
            (Token::Name(name), Token::Value(value)) => (name, value, false),
            (Token::Value(value), Token::Name(name)) => (name, value, true),
            _ => return None,
        };
        let value = if name == Name::Extra { normal(&value) } else { value };
        let operator = if is_reversed { turned(operator)? } else { operator };
        Some(Marker::Compare { name, operator, value, is_reversed })
    }
}

/// The operator of a comparison whose sides are changed over.
fn turned(operator: Compare) -> Option<Compare> {
    Some(match operator {
        Compare::Version(operator) => Compare::Version(match operator {
            Operator::LessThan => Operator::GreaterThan,
            Operator::LessThanEqual => Operator::GreaterThanEqual,
            Operator::GreaterThan => Operator::LessThan,
            Operator::GreaterThanEqual => Operator::LessThanEqual,
            Operator::Equal | Operator::NotEqual => operator,
            _ => return None,
        }),
        inside => inside,
    })
}
