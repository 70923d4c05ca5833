//! Whether pip takes a requirements file: what it can read, and its rules for hashes. One hash anywhere, and everything must
//! be one file that a hash vouches for.

use super::entry::{Entry, What};
use super::file::File;
use crate::lockfile::tree::{Tree, folder, join};
use crate::lockfile::{Breaks, Drift, Reason, Source, Unclear, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// Most files that take in one another.
const MOST_FILES: usize = 64;

/// What a drift of the lock breaks besides the strict install.
#[derive(Clone, Copy, Debug)]
pub(super) struct Made<'a> {
    /// The command that makes the file anew.
    pub(super) mend: &'a str,
    /// Whether it writes hashes.
    pub(super) with_hashes: bool,
    /// Whether it writes the file anew whatever stands there.
    pub(super) is_known: bool,
    /// Whether that is uv.
    pub(super) is_uv: bool,
}

/// Judges a file and those that it takes in.
pub(super) fn judge(tree: &Tree<'_>, lock: &Source, file: &File, made: Made<'_>, verdict: &mut Verdict) {
    let included = included(tree, lock, file, verdict);
    let all = || std::iter::once((lock, file)).chain(included.iter().map(|(source, file, _)| (source, file)));
    for (source, file) in all() {
        for (span, what) in &file.wrong {
            let what = format!("pip cannot read {}: {what}", source.path);
            let reason = Reason::new(Drift::Unreadable, Breaks::Both, what, made.mend);
            verdict.drift(reason.in_lock(source.place(span)));
        }
        for (span, hash) in &file.weak {
            let what = format!("`{hash}` is no hash that pip takes: sha256, sha384 or sha512");
            // uv reads it, and leaves it there.
            let breaks = if made.is_uv { Breaks::Strict } else { Breaks::Both };
            verdict.drift(Reason::new(Drift::Tampered, breaks, what, made.mend).in_lock(source.place(span)));
        }
        for (span, why) in &file.unclear {
            let why = format!("{}: {why}", source.path);
            verdict.unclear(Unclear::at(why, source.place(span)));
        }
        encoding(source, verdict);
    }
    if let Some((source, _)) = all().find(|(_, file)| file.refuses_hashes) {
        let why = format!("{} has --no-require-hashes, which some versions of pip do not know", source.path);
        return verdict.unclear_for(Breaks::Strict, Unclear::at(why, source.whole()));
    }
    let is_hashed = all().any(|(_, file)| file.is_hashed());
    let has_limits = included.iter().any(|(_, _, is_limit)| *is_limit);
    for (source, file) in std::iter::once((lock, file))
        .chain(included.iter().filter(|(_, _, limit)| !limit).map(|(s, f, _)| (s, f)))
    {
        if is_hashed {
            hashed(source, file, has_limits, made, verdict);
        } else if made.with_hashes && made.is_known {
            unhashed(source, file, made, verdict);
        }
        twice(source, file, made, verdict);
    }
}

/// The files that a file takes in, and whether they only constrain.
fn included(tree: &Tree<'_>, lock: &Source, file: &File, verdict: &mut Verdict) -> Vec<(Source, File, bool)> {
    let mut found: Vec<(Source, File, bool)> = Vec::new();
    // A file that constrains may be taken in as well.
    let mut seen = BTreeSet::from([(lock.path.to_string(), false)]);
    let mut queue: Vec<(Source, Vec<super::file::Include>, bool)> =
        vec![(lock.clone(), file.includes.clone(), false)];
    while let Some((source, includes, is_limit)) = queue.pop() {
        for include in includes {
            let path = join(folder(&source.path), &include.path).filter(|path| tree.has(path));
            let Some(path) = path else {
                let why =
                    format!("{} takes in {}, which is not in the repository", source.path, include.path);
                verdict.unclear_for(Breaks::Strict, Unclear::at(why, source.place(&include.span)));
                continue;
            };
            let is_limit = is_limit || include.is_constraint;
            if !seen.insert((path.clone(), is_limit)) {
                continue;
            }
            let read = tree.read(&path);
            let (Ok(next), true) = (read, found.len() < MOST_FILES) else {
                let why = format!("{} takes in {path}, which cannot be read", source.path);
                verdict.unclear_for(Breaks::Strict, Unclear::at(why, source.place(&include.span)));
                continue;
            };
            let parsed = File::parse(&next.text);
            queue.push((next.clone(), parsed.includes.clone(), is_limit));
            found.push((next, parsed, is_limit));
        }
    }
    found
}

/// Another encoding than UTF-8 that the first lines name.
fn encoding(source: &Source, verdict: &mut Verdict) {
    if source.text.is_ascii() {
        return;
    }
    for line in source.text.lines().take(2).filter(|line| line.starts_with('#')) {
        let Some((_, name)) = line.split_once("coding:").or_else(|| line.split_once("coding=")) else {
            continue;
        };
        let name = name.trim_start().split(|c: char| !(c.is_alphanumeric() || "-_.".contains(c))).next();
        let name = name.unwrap_or_default().to_ascii_lowercase().replace('_', "-");
        if !matches!(name.as_str(), "utf-8" | "utf8" | "utf-8-sig") {
            let why = format!("{} says that it is written in {name}", source.path);
            verdict.unclear(Unclear::at(why, source.line(Some(1))));
        }
    }
}

/// Every requirement is one file, and has its hash.
fn hashed(source: &Source, file: &File, has_limits: bool, made: Made<'_>, verdict: &mut Verdict) {
    for entry in &file.entries {
        let name = entry.name.clone().unwrap_or_else(|| entry.text.clone());
        let (drift, what) = if entry.is_editable {
            (
                Drift::Tampered,
                format!("{name} is editable, which no hash can vouch for, and others have hashes"),
            )
        } else if matches!(entry.what, What::Git { .. }) {
            (
                Drift::Tampered,
                format!(
                    "{name} comes from a repository, which no hash can vouch for, and others have hashes"
                ),
            )
        } else if let (What::Path(path), false) = (&entry.what, entry.is_pinned()) {
            let what = format!("{path} is a folder, which no hash can vouch for, and others have hashes");
            (Drift::Tampered, what)
        } else if !entry.is_pinned() {
            (Drift::Tampered, format!("{name} is not pinned by `==`, and others have hashes"))
        } else if !entry.has_hash() {
            (Drift::Tampered, format!("{name} has no hash, and others have one"))
        } else {
            continue;
        };
        let place = source.place(&entry.span);
        let is_rewritten =
            made.is_known && made.with_hashes && matches!(entry.what, What::Pinned(_) | What::Range(_));
        if !entry.marker.is_empty() || (has_limits && entry.is_pinned()) {
            // Where its marker does not hold pip passes it over, and constraints may have the hash.
            let why = if entry.marker.is_empty() {
                format!("{what}, unless a constraint has it")
            } else {
                format!("{what}; pip refuses it where its marker holds")
            };
            verdict.unclear_for(Breaks::Strict, Unclear::at(why.clone(), place.clone()));
            if is_rewritten {
                let reason = Reason::new(drift, Breaks::Rewrite, what, made.mend).dependency(name);
                verdict.drift(reason.in_lock(place));
            }
            continue;
        }
        let breaks = if is_rewritten || (made.is_known && matches!(entry.what, What::Range(_))) {
            Breaks::Both
        } else {
            Breaks::Strict
        };
        verdict.drift(Reason::new(drift, breaks, what, made.mend).dependency(name).in_lock(place));
    }
}

/// The command writes hashes and the file has none: pip asks for none then.
fn unhashed(source: &Source, file: &File, made: Made<'_>, verdict: &mut Verdict) {
    let pinned = |entry: &&Entry| matches!(entry.what, What::Pinned(_));
    if let Some(entry) = file.entries.iter().find(pinned) {
        let what = format!("{} is made with hashes, and has none", source.path);
        let reason = Reason::new(Drift::Tampered, Breaks::Rewrite, what, made.mend);
        verdict.drift(reason.in_lock(source.place(&entry.span)));
    }
}

/// The same package twice, without a marker that parts them: at two versions pip finds none.
fn twice(source: &Source, file: &File, made: Made<'_>, verdict: &mut Verdict) {
    let mut seen: BTreeMap<(&str, &str), &Entry> = BTreeMap::new();
    for entry in &file.entries {
        let (Some(name), What::Pinned(version)) = (&entry.name, &entry.what) else { continue };
        let Some(first) = seen.insert((name, &entry.marker), entry) else { continue };
        let is_same = matches!(&first.what, What::Pinned(other) if other == version);
        let breaks = match (is_same, made.is_known) {
            (true, false) => continue,
            (true, true) => Breaks::Rewrite,
            (false, false) => Breaks::Strict,
            (false, true) => Breaks::Both,
        };
        let what = format!("{name} stands twice in {}", source.path);
        let reason = Reason::new(Drift::Repeated, breaks, what, made.mend).dependency(name.clone());
        if !is_same && !entry.marker.is_empty() {
            let why = format!("{name} stands twice in {} under one marker", source.path);
            verdict.unclear(Unclear::at(why, source.place(&entry.span)));
            continue;
        }
        verdict.drift(reason.in_lock(source.place(&entry.span)));
    }
}
