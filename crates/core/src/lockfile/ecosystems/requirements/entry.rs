//! One requirement of a requirements file: a package of some versions, an address, a path.

use super::super::python::{Requirement, Wanted, is_commit, split_git};
use pep440_rs::Operator;
use std::collections::BTreeSet;
use std::ops::Range;

/// The hashes that pip takes.
pub(super) const HASHES: &[&str] = &["sha256", "sha384", "sha512"];

/// Endings of archives, by which pip knows a path.
const ARCHIVES: &[&str] = &[".whl", ".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tar.xz", ".tar"];

/// A requirement.
#[derive(Clone, Debug)]
pub(in super::super) struct Entry {
    /// The package, normalised; `None`: a path or an address that does not say.
    pub(in super::super) name: Option<String>,
    /// Its extras, normalised.
    pub(in super::super) extras: BTreeSet<String>,
    /// Which of it.
    pub(in super::super) what: What,
    /// The marker as it is written.
    pub(in super::super) marker: String,
    /// `sha256:…`, sorted.
    pub(in super::super) hashes: Vec<String>,
    pub(in super::super) is_editable: bool,
    /// As it is written, without options and comments.
    pub(in super::super) text: String,
    pub(in super::super) span: Range<usize>,
    /// Whom its `# via` names; `None`: there is none.
    pub(in super::super) via: Option<Vec<String>>,
}

/// Which version, or which file.
#[derive(Clone, Debug)]
pub(in super::super) enum What {
    /// One version.
    Pinned(String),
    /// Any other range.
    Range(Box<Requirement>),
    /// A repository, at a commit, where it names one.
    Git { url: String, at: Option<String> },
    /// A file at an address.
    Url(String),
    /// A file or a folder.
    Path(String),
}

impl Entry {
    /// The requirement, where it is one of versions.
    pub(in super::super) fn requirement(&self) -> Option<Requirement> {
        match &self.what {
            What::Range(requirement) => Some((**requirement).clone()),
            What::Pinned(_) => Requirement::parse(&self.text),
            _ => None,
        }
    }

    /// Whether pip lets it by when hashes are required, as far as its version goes.
    pub(in super::super) fn is_pinned(&self) -> bool {
        match &self.what {
            What::Pinned(_) | What::Url(_) => true,
            // A wheel or an archive is one file, a folder is not.
            What::Path(path) => is_archive(path),
            What::Range(requirement) => match &requirement.wanted {
                Wanted::Specifiers(all) => {
                    matches!(all.iter().as_slice(), [one] if *one.operator() == Operator::EqualStar)
                }
                Wanted::Url(_) => false,
            },
            What::Git { .. } => false,
        }
    }

    /// Whether a hash says which file it is.
    pub(in super::super) fn has_hash(&self) -> bool {
        !self.hashes.is_empty() || self.hash_in_address().is_some()
    }

    /// The hash that stands in its address, `https://example.org/a.whl#sha256=00`, as `sha256:00`.
    pub(in super::super) fn hash_in_address(&self) -> Option<String> {
        let (What::Url(address) | What::Path(address)) = &self.what else { return None };
        let parts = address.split_once('#')?.1.split('&').filter_map(|part| part.split_once('='));
        let mut hashes = parts.filter(|(name, value)| HASHES.contains(name) && !value.is_empty());
        hashes.next().map(|(name, value)| format!("{name}:{value}"))
    }
}

fn is_archive(path: &str) -> bool {
    let path = path.split(['#', '[']).next().unwrap_or_default().to_ascii_lowercase();
    ARCHIVES.iter().any(|ending| path.ends_with(ending))
}

fn bare(text: &str, span: Range<usize>, what: What) -> Entry {
    let (extras, marker, hashes) = (BTreeSet::new(), String::new(), Vec::new());
    let text = text.to_owned();
    Entry { name: None, extras, what, marker, hashes, is_editable: false, text, span, via: None }
}

/// What stands after `-e`.
pub(super) fn editable(value: &str, span: Range<usize>) -> Entry {
    if let Some(entry) = requirement(value, span.clone())
        && !matches!(entry.what, What::Range(_) | What::Pinned(_))
    {
        return entry;
    }
    bare(value, span, What::Path(value.to_owned()))
}

/// A requirement, a path or an address.
pub(super) fn requirement(text: &str, span: Range<usize>) -> Option<Entry> {
    let head = text.split([';', ' ', '[', '@']).next().unwrap_or_default();
    let is_address = head.contains("://");
    let is_path = !is_address && (head.contains(['/', '\\']) || head.starts_with('.') || is_archive(head));
    if is_address || is_path {
        let (address, marker) = text.split_once(" ;").or_else(|| text.split_once("; ")).unwrap_or((text, ""));
        let address = address.trim();
        let what = if is_path { What::Path(address.to_owned()) } else { of_address(address) };
        let mut entry = bare(text, span, what);
        marker.trim().clone_into(&mut entry.marker);
        // pip takes the name from `#egg=`, and from that of a wheel.
        let egg = address.split_once('#').map_or("", |(_, fragment)| fragment);
        let egg = egg.split('&').find_map(|part| part.strip_prefix("egg="));
        entry.name = egg.and_then(Requirement::parse).map(|egg| egg.name);
        return Some(entry);
    }
    let parsed = Requirement::parse(text)?;
    let what = match &parsed.wanted {
        Wanted::Url(url) => of_address(url),
        Wanted::Specifiers(all) => match all.iter().as_slice() {
            [one] if matches!(one.operator(), Operator::Equal | Operator::ExactEqual) => {
                What::Pinned(one.version().to_string())
            }
            _ => What::Range(Box::new(parsed.clone())),
        },
    };
    let mut entry = bare(text, span, what);
    (entry.name, entry.extras, entry.marker) = (Some(parsed.name), parsed.extras, parsed.marker);
    Some(entry)
}

fn of_address(address: &str) -> What {
    if let Some(git) = address.strip_prefix("git+") {
        let (url, at) = split_git(git);
        let at = at.filter(|at| is_commit(at)).map(str::to_owned);
        return What::Git { url: url.to_owned(), at };
    }
    if ["hg+", "bzr+", "svn+"].iter().any(|prefix| address.starts_with(prefix)) {
        return What::Git { url: address.to_owned(), at: None };
    }
    match address.strip_prefix("file:") {
        Some(path) => What::Path(path.trim_start_matches("//").to_owned()),
        None if address.contains("://") => What::Url(address.to_owned()),
        None => What::Path(address.to_owned()),
    }
}
