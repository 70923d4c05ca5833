//! Requirements as Deno compares them: by what they stand for, and not by how they are written. `^3.0.0`, `3` and `3.x` are one.

pub(super) use super::range::Spelling;
use super::range::{Bound, Reader, Version, is_none, range};

/// Longest requirement that is read.
const LONGEST: usize = 1024;

/// Where a package comes from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Registry {
    Jsr,
    Npm,
}

impl Registry {
    pub(super) const fn scheme(self) -> &'static str {
        match self {
            Self::Jsr => "jsr:",
            Self::Npm => "npm:",
        }
    }
}

/// A package, and the versions of it that will do.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Asked {
    pub(super) registry: Registry,
    pub(super) name: String,
    pub(super) versions: Versions,
}

/// Versions that will do.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Versions {
    /// One of these ranges.
    Ranges(Vec<(Bound, Bound)>),
    /// The version that a name stands for.
    Tag(String),
}

/// Why a requirement was not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unread {
    /// Deno refuses it.
    Invalid,
    /// Deno may read it.
    Unknown,
}

impl Asked {
    /// `npm:NAME@VERSIONS/PATH`, with or without all but the name; `None`: it is no specifier of a registry.
    pub(super) fn parse(text: &str, spelling: Spelling) -> Option<Result<Self, Unread>> {
        let registry =
            [Registry::Jsr, Registry::Npm].into_iter().find(|kind| text.starts_with(kind.scheme()))?;
        let rest = text.get(registry.scheme().len()..)?;
        Some(Self::of(registry, rest.strip_prefix('/').unwrap_or(rest), spelling))
    }

    fn of(registry: Registry, text: &str, spelling: Spelling) -> Result<Self, Unread> {
        let scope = if text.starts_with('@') { text.find('/').ok_or(Unread::Invalid)? + 1 } else { 0 };
        let rest = text.get(scope..).unwrap_or_default();
        let (last, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (name, versions) = last.rsplit_once('@').map_or((last, None), |(name, text)| (name, Some(text)));
        if name.is_empty() || (scope == 0 && text.is_empty()) {
            return Err(Unread::Invalid);
        }
        if !path.is_empty() && spelling != Spelling::Specifier {
            return Err(Unread::Invalid);
        }
        // `npm:a/b@1` was meant to be `npm:a@1/b`.
        if path.contains('@') && versions.is_none_or(|text| text == "*") {
            return Err(Unread::Invalid);
        }
        let name = format!("{}{name}", text.get(..scope).unwrap_or_default());
        Ok(Self { registry, name, versions: Versions::parse(versions.unwrap_or("*"), spelling)? })
    }

    /// What a package.json asks for; `None`: nothing of a registry.
    pub(super) fn of_package(name: &str, spec: &str) -> Option<Result<Self, Unread>> {
        let of = |name: &str, text: &str| {
            let name = name.to_owned();
            let versions = Versions::parse(text, Spelling::Npm)?;
            Ok(Self { registry: Registry::Npm, name, versions })
        };
        let Some((scheme, rest)) = spec.split_once(':') else { return Some(of(name, spec)) };
        match scheme {
            "npm" => Some(match rest.rsplit_once('@') {
                Some((other, versions)) if !other.is_empty() => of(other, versions),
                _ if rest.is_empty() => Err(Unread::Invalid),
                _ => of(rest, "*"),
            }),
            "jsr" => {
                let (other, versions) = match rest.rsplit_once('@') {
                    Some((other, versions)) if !other.is_empty() => (other, versions),
                    _ if rest.starts_with('@') => (rest, "*"),
                    _ => (name, rest),
                };
                let split = other.strip_prefix('@').and_then(|other| other.split_once('/'));
                Some(split.map_or(Err(Unread::Unknown), |(scope, own)| {
                    of(&format!("@jsr/{scope}__{own}"), versions)
                }))
            }
            // Files and members have no entry, and what has another scheme is passed over.
            _ => None,
        }
    }

    /// Whether a version does; `None`: a name stands for it, or it is none.
    pub(super) fn does(&self, version: &str) -> Option<bool> {
        let Versions::Ranges(ranges) = &self.versions else { return None };
        let version = Version::parse(version)?;
        Some(ranges.iter().any(|range| version.is_in(range)))
    }

    /// Whether any version does.
    pub(super) fn is_any(&self) -> bool {
        matches!(&self.versions, Versions::Ranges(ranges) if ranges.iter().any(|range| matches!(range, (None, None))))
    }

    /// Whether one version alone does.
    pub(super) fn is_exact(&self) -> bool {
        match &self.versions {
            Versions::Ranges(ranges) => matches!(ranges.as_slice(), [(Some(from), Some(to))] if from == to),
            Versions::Tag(_) => false,
        }
    }

    /// Whether a name stands for the version.
    pub(super) fn is_tag(&self) -> bool {
        matches!(self.versions, Versions::Tag(_))
    }
}

impl Versions {
    pub(super) fn parse(text: &str, spelling: Spelling) -> Result<Self, Unread> {
        let text = if spelling == Spelling::Npm { text.trim() } else { text };
        // A dot at the end, or before `+`, belongs to what stands before it, or not; and what Deno writes has no spaces around.
        if text.len() > LONGEST
            || text.ends_with('.')
            || text.contains(".+")
            || (spelling == Spelling::Record && text.trim() != text)
        {
            return Err(Unread::Unknown);
        }
        if text.is_empty() {
            let is_refused = spelling == Spelling::Specifier;
            return if is_refused { Err(Unread::Invalid) } else { Ok(Self::Ranges(vec![(None, None)])) };
        }
        if spelling == Spelling::Specifier {
            return Self::of_specifier(text);
        }
        let parts: Vec<&str> = text.split("||").map(str::trim).collect();
        let ranges: Option<Vec<(Bound, Bound)>> = parts.iter().map(|part| range(part, spelling)).collect();
        match ranges {
            // Ranges in which no version lies are left out.
            Some(ranges) => Ok(Self::Ranges(ranges.into_iter().filter(|range| !is_none(range)).collect())),
            None if parts.len() == 1 && is_tag(text) => Ok(Self::Tag(text.to_owned())),
            // No range has either.
            None if text.contains(['/', ':']) && parts.len() == 1 => Err(Unread::Invalid),
            None => Err(Unread::Unknown),
        }
    }

    fn of_specifier(text: &str) -> Result<Self, Unread> {
        let mut reader = Reader::new(text, Spelling::Specifier);
        match reader.simple() {
            Some(range) if reader.is_done() => Ok(Self::Ranges(vec![range])),
            None if is_tag(text) => Ok(Self::Tag(text.to_owned())),
            _ => Err(Unread::Invalid),
        }
    }
}

/// Whether Deno fetches a text as a file of an address.
pub(super) fn is_address(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

fn is_tag(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '~'))
}
