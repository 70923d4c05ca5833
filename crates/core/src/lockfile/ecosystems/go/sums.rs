//! `go.sum` and `go.work.sum`: on each line a module, a version and a hash.

use crate::lockfile::ecosystem::{Breaks, Drift, Reason, Source, Unclear, Verdict};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;

/// A hash, and the line that it stands in.
#[derive(Clone, Debug)]
pub(super) struct Sum<'t> {
    pub(super) hash: &'t str,
    pub(super) span: Range<usize>,
}

/// The lines of a file of sums.
#[derive(Debug, Default)]
pub(super) struct Sums<'t> {
    /// By module and version; of the `go.mod` alone the version ends in `/go.mod`.
    pub(super) of: HashMap<(&'t str, &'t str), Vec<Sum<'t>>>,
    /// The keys in the order in which they stand.
    pub(super) order: Vec<(&'t str, &'t str)>,
    /// The lines that Go refuses.
    pub(super) malformed: Vec<Range<usize>>,
    /// The first line whose hash Go does not know.
    pub(super) unknown: Option<Range<usize>>,
    /// The first line that Go would write otherwise, or elsewhere.
    pub(super) otherwise: Option<Range<usize>>,
}

impl<'t> Sums<'t> {
    pub(super) fn read(source: &'t Source) -> Self {
        let mut sums = Self::default();
        let mut before: Option<(&str, Option<semver::Version>, &str, &str)> = None;
        let mut start = 0;
        for line in source.text.split_inclusive('\n') {
            let bare = line.strip_suffix('\n').unwrap_or(line);
            let span = start..start + bare.len();
            start += line.len();
            let mut fields = bare.split_whitespace();
            let (Some(path), Some(version), Some(hash), None) =
                (fields.next(), fields.next(), fields.next(), fields.next())
            else {
                // Go passes over blank lines, and writes none.
                if bare.trim().is_empty() {
                    sums.otherwise.get_or_insert(span);
                } else {
                    sums.malformed.push(span);
                }
                continue;
            };
            let (number, file) =
                version.find('/').and_then(|at| version.split_at_checked(at)).unwrap_or((version, ""));
            let place = (path, super::version::version(number), file, hash);
            let is_after = before.as_ref().is_none_or(|before| compare(before, &place) == Ordering::Less);
            let is_plain = line.len() == path.len() + version.len() + hash.len() + 3 && line.ends_with('\n');
            if !is_after || !is_plain || line.contains('\t') {
                sums.otherwise.get_or_insert_with(|| span.clone());
            }
            if place.1.is_none() {
                // Nothing has such a version.
                sums.otherwise.get_or_insert_with(|| span.clone());
            } else if !hash.starts_with("h1:") {
                sums.unknown.get_or_insert_with(|| span.clone());
            }
            before = Some(place);
            let key = (path, version);
            let known = sums.of.entry(key).or_default();
            if known.is_empty() {
                sums.order.push(key);
            }
            known.push(Sum { hash, span });
        }
        sums
    }

    /// The hashes of the kind that Go compares.
    pub(super) fn hashes<'s>(&'s self, path: &'s str, version: &'s str) -> impl Iterator<Item = &'s Sum<'s>> {
        self.of.get(&(path, version)).into_iter().flatten().filter(|sum| sum.hash.starts_with("h1:"))
    }

    pub(super) fn has(&self, path: &str, version: &str) -> bool {
        self.hashes(path, version).next().is_some()
    }
}

/// Lines that Go refuses, and two hashes of one thing.
pub(super) fn malformed(lock: &Source, sums: &Sums<'_>, mend: &str, verdict: &mut Verdict) {
    let mend = format!("take the line out of {}, then: {mend}", lock.path);
    for span in &sums.malformed {
        let what = format!("a line of {} is not a module, a version and a hash", lock.path);
        verdict.drift(Reason::new(Drift::Unreadable, Breaks::Both, what, &*mend).in_lock(lock.place(span)));
    }
    if let Some(span) = &sums.unknown {
        let why = format!("{} has a hash of a kind that is not known", lock.path);
        verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, lock.place(span)));
    }
    for (path, version) in &sums.order {
        let mut hashes = sums.hashes(path, version);
        let Some(first) = hashes.next() else { continue };
        if let Some(other) = hashes.find(|other| other.hash != first.hash) {
            let what = format!("{path} {version} has two different hashes: one of them is of something else");
            let reason = Reason::new(Drift::Tampered, Breaks::Perhaps, what, &*mend);
            let reason = reason.dependency(*path).in_lock(lock.place(&other.span));
            verdict.drift(reason.expected(first.hash).found(other.hash));
        }
    }
}

/// The order in which Go writes lines.
fn compare(
    one: &(&str, Option<semver::Version>, &str, &str),
    two: &(&str, Option<semver::Version>, &str, &str),
) -> Ordering {
    let versions = match (&one.1, &two.1) {
        (Some(one), Some(two)) => one.cmp_precedence(two),
        (one, two) => one.is_some().cmp(&two.is_some()),
    };
    one.0.cmp(two.0).then(versions).then_with(|| one.2.cmp(two.2)).then_with(|| one.3.cmp(two.3))
}

/// Whether it is the hash that it says it is: SHA-256 in base64.
pub(super) fn is_hash(hash: &str) -> bool {
    let digest = hash.strip_prefix("h1:").map(|text| data_encoding::BASE64.decode(text.as_bytes()));
    matches!(digest, Some(Ok(bytes)) if bytes.len() == 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HASH: &str = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    #[test]
    fn lines_are_read_and_their_order_is_that_of_go() {
        let text =
            format!("a.org/x v1.9.0 {HASH}\na.org/x v1.10.0/go.mod {HASH}\na.org/x/v2 v2.0.0 {HASH}\n");
        let source = Source::new("go.sum", &text);
        let sums = Sums::read(&source);
        assert!(sums.malformed.is_empty() && sums.otherwise.is_none());
        assert!(sums.has("a.org/x", "v1.9.0") && !sums.has("a.org/x", "v1.10.0"));
        assert!(is_hash(HASH) && !is_hash("h1:none") && !is_hash("h2:x"));
    }

    #[test]
    fn what_go_would_write_otherwise_or_refuse() {
        for text in [
            "\n",
            "b v1.0.0 h1:x\na v1.0.0 h1:x\n",
            "a  v1.0.0 h1:x\n",
            "a v1.0.0 h1:x",
            "a v1.0.0 h1:x\r\n",
            "a v1.0.0 h1:x\na v1.0.0 h1:x\n",
        ] {
            let source = Source::new("go.sum", text);
            let sums = Sums::read(&source);
            assert!(sums.otherwise.is_some() && sums.malformed.is_empty(), "{text:?}");
        }
        for text in ["a v1.0.0\n", "a v1.0.0 h1:x y\n", "x\n"] {
            let source = Source::new("go.sum", text);
            assert_eq!(Sums::read(&source).malformed.len(), 1, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_read(text in "(a\\.org/x|v1\\.0\\.0|/go\\.mod|h1:|[ \t\r\n]|\\PC){0,40}") {
            let source = Source::new("go.sum", &text);
            let sums = Sums::read(&source);
            prop_assert!(sums.order.len() <= text.len());
        }
    }
}
