//! What only the files that are checked out tell, for the formats that ask for it: the commit, and what GitHub knows lines by.

use crate::repo;
use gatepost_core::{Finding, Location, RepoPath, Report};
use gatepost_report::line_hashes;
use gatepost_source::{Head, Repository};
use std::collections::BTreeMap;
use std::path::Path;

/// Larger files have no hashes: no alert is shown in them either.
const LARGEST: u64 = 50 << 20;

/// Fills in what can be had. Nothing of it is needed for a report to be right: what cannot be read stays unknown, and a
/// finding is then known by its own fingerprint.
pub(crate) fn look(report: &mut Report) {
    let Ok(Some(repository)) = repo::open_if_any() else { return };
    report.about.revision = match repository.head() {
        Ok(Head::Branch(_, commit) | Head::Detached(commit)) => Some(commit),
        _ => None,
    };
    report.about.repository = origin(repository.as_ref());
    if let Some(root) = &repository.info().work_tree {
        report.about.lines = lines(report, root);
    }
}

/// The address that a repository was cloned from.
pub(crate) fn origin(repository: &dyn Repository) -> Option<String> {
    repository.config("remote.origin.url").ok().flatten().as_deref().and_then(address)
}

/// The address of a remote as a URI (RFC 3986) without user and password: many CI systems write a token there. `None` for what
/// is none: a folder, a name with spaces.
fn address(remote: &str) -> Option<String> {
    let (scheme, rest) = match remote.split_once("://") {
        Some((scheme @ ("https" | "http" | "ssh" | "git"), rest)) => (scheme, rest.to_owned()),
        Some(_) => return None,
        // git@host:path
        None => {
            let (host, path) = remote.split_once(':').filter(|(host, _)| !host.contains('/'))?;
            ("ssh", format!("{host}/{path}"))
        }
    };
    let (host, path) = rest.split_once('/')?;
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let is_plain = |text: &str, more: &str| {
        !text.is_empty()
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c) || more.contains(c))
    };
    (is_plain(host, ":") && is_plain(path, "/%+")).then(|| format!("{scheme}://{host}/{path}"))
}

/// The hashes of the lines at which findings begin, where what was found still stands there.
fn lines(report: &Report, root: &Path) -> BTreeMap<(RepoPath, u32), String> {
    let mut wanted: BTreeMap<&RepoPath, Vec<(&Finding, &Location)>> = BTreeMap::new();
    let suppressed = report.suppressed.iter().map(|one| &one.finding);
    for finding in report.findings.iter().chain(suppressed) {
        let first = finding.locations.first();
        let plain = first.filter(|at| at.inner.is_empty() && at.in_tip != Some(false));
        if let Some((at, path)) = plain.and_then(|at| Some((at, at.path.as_ref()?))) {
            wanted.entry(path).or_default().push((finding, at));
        }
    }
    let mut hashes = BTreeMap::new();
    for (path, places) in wanted {
        let Some(bytes) = read(root, path) else { continue };
        let stands = places.iter().filter(|(finding, at)| still_stands(&bytes, finding, at));
        let lines: Vec<u32> = stands.filter_map(|(_, at)| Some(at.span?.line)).collect();
        let found = line_hashes(&bytes, &lines);
        hashes.extend(found.into_iter().map(|(line, hash)| ((path.clone(), line), hash)));
    }
    hashes
}

/// A file of the work tree. A link is not followed: what is behind it is not what the repository has at this path.
fn read(root: &Path, path: &RepoPath) -> Option<Vec<u8>> {
    let file = root.join(std::str::from_utf8(path.as_bytes()).ok()?);
    let about = std::fs::symlink_metadata(&file).ok()?;
    if !about.is_file() || about.len() > LARGEST {
        return None;
    }
    std::fs::read(file).ok()
}

/// Whether the file has the secret where it was found: what is checked out may be another version.
fn still_stands(bytes: &[u8], finding: &Finding, at: &Location) -> bool {
    let Some(span) = at.span else { return false };
    let Some(secret) = finding.secret.as_ref().filter(|_| at.decoded_by.is_empty()) else { return true };
    let range = usize::try_from(span.start_byte).ok().zip(usize::try_from(span.end_byte).ok());
    let there = range.and_then(|(start, end)| bytes.get(start..end));
    // A span can be wider than the value: quotes and line ends are parts of what is written.
    there.is_some_and(|there| {
        there == secret.reveal() || there.windows(secret.len().max(1)).any(|part| part == secret.reveal())
    })
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_address_has_no_user_and_no_password() {
        let cases = [
            ("https://github.com/a/b.git", Some("https://github.com/a/b.git")),
            ("https://user:pass@git.example.com:8443/a/b", Some("https://git.example.com:8443/a/b")),
            ("https://a@b@host/x", Some("https://host/x")),
            ("git@github.com:a/b.git", Some("ssh://github.com/a/b.git")),
            ("ssh://git@host/a", Some("ssh://host/a")),
            ("/srv/git/a.git", None),
            ("../a", None),
            ("file:///srv/a", None),
            ("https://host/a b", None),
            ("https://host/a?token=x", None),
            ("https://host", None),
        ];
        for (remote, expected) in cases {
            assert_eq!(address(remote).as_deref(), expected, "{remote}");
        }
    }
}
