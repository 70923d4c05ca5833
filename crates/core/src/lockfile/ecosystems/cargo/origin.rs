//! Where a package comes from, as `Cargo.lock` and `Cargo.toml` write it, and when the two mean the same.

use crate::lockfile::ecosystem::GitRef;

/// The index of crates.io, as locks have it.
pub(super) const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Where a package comes from.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Origin {
    /// A folder; which one the lock does not say.
    Path,
    /// A registry: its kind and address in one, canonical.
    Registry(String),
    /// A repository: its address, canonical, and what of it.
    Git(String, Reference),
}

/// What of a repository.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Reference {
    Default,
    Branch(String),
    Tag(String),
    Rev(String),
}

impl Reference {
    /// As pins speak of it.
    pub(super) fn as_git_ref(&self) -> GitRef {
        match self {
            Self::Default => GitRef::Default,
            Self::Branch(name) => GitRef::Branch(name.clone()),
            Self::Tag(name) => GitRef::Tag(name.clone()),
            Self::Rev(name) if is_commit(name) => GitRef::Commit(name.clone()),
            Self::Rev(name) => GitRef::Name(name.clone()),
        }
    }
}

/// Whether a text is the full id of a commit.
fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The `source` of a lock's entry; `None`: Cargo does not know it either. Only from the fourth form of locks on are names of
/// branches and tags escaped.
pub(super) fn of_lock(source: &str, form: u8) -> Option<Origin> {
    let decoded = |name: &str| if form < 4 { name.to_owned() } else { decoded(name) };
    let (kind, address) = source.split_once('+')?;
    match kind {
        "registry" | "sparse" => Some(Origin::Registry(canonical_registry(source))),
        "git" => {
            let address = address.split_once('#').map_or(address, |(address, _)| address);
            let (address, query) = address.split_once('?').unwrap_or((address, ""));
            let mut reference = Reference::Default;
            for part in query.split('&') {
                match part.split_once('=') {
                    Some(("branch", name)) => reference = Reference::Branch(decoded(name)),
                    Some(("tag", name)) => reference = Reference::Tag(decoded(name)),
                    Some(("rev" | "ref", name)) => reference = Reference::Rev(decoded(name)),
                    _ => {}
                }
            }
            Some(Origin::Git(canonical(address), reference))
        }
        _ => None,
    }
}

/// The address and the commit of a git `source`.
pub(super) fn git_parts(source: &str) -> Option<(&str, Option<&str>)> {
    let address = source.strip_prefix("git+")?;
    let (address, commit) = address.split_once('#').map_or((address, None), |(at, id)| (at, Some(id)));
    Some((address.split_once('?').map_or(address, |(address, _)| address), commit))
}

/// A `source` without the commit.
pub(super) fn without_commit(source: &str) -> &str {
    source.split_once('#').map_or(source, |(source, _)| source)
}

/// A registry by the address that a manifest or `.cargo/config.toml` gives.
pub(super) fn of_index(index: &str) -> Origin {
    let text = if index.starts_with("sparse+") { index.to_owned() } else { format!("registry+{index}") };
    Origin::Registry(canonical_registry(&text))
}

fn canonical_registry(source: &str) -> String {
    source
        .split_once('+')
        .map_or_else(|| source.to_owned(), |(kind, url)| format!("{kind}+{}", canonical(url)))
}

/// Cargo takes two addresses for one that differ in the case of the host, and on GitHub of the path, in a slash at the end
/// and in `.git`.
pub(super) fn canonical(url: &str) -> String {
    let mut url = spelled(url);
    while url.ends_with('/') {
        url.pop();
    }
    if let Some(rest) = url.strip_suffix(".git") {
        url = rest.to_owned();
    }
    if url.split_once("://").is_some_and(|(_, rest)| host(rest) == "github.com") {
        url.make_ascii_lowercase();
    }
    url
}

/// An address as Cargo writes it down: scheme and host in lower case.
pub(super) fn spelled(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (user, host) = authority.rsplit_once('@').map_or(("", authority), |(user, host)| (user, host));
    let at = if authority.contains('@') { "@" } else { "" };
    format!("{}://{user}{at}{}{path}", scheme.to_ascii_lowercase(), host.to_ascii_lowercase())
}

fn host(rest: &str) -> &str {
    let authority = rest.split('/').next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

/// A part of a query: `%2B` and, as in forms, `+` for a space.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let mut ahead = rest.clone();
        match (byte, hex(ahead.next()), hex(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                bytes.extend(u8::try_from(high * 16 + low));
                rest = ahead;
            }
            (b'+', ..) => bytes.push(b' '),
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_however_it_is_spelled() {
        for other in ["https://GitHub.com/A/B", "https://github.com/a/b.git", "HTTPS://github.com/a/b/"] {
            assert_eq!(canonical(other), "https://github.com/a/b", "{other}");
        }
        assert_eq!(canonical("https://Git.example.org/A/B.git"), "https://git.example.org/A/B");
        assert_eq!(spelled("ssh://Git@GitHub.com/A"), "ssh://Git@github.com/A");
    }

    #[test]
    fn a_reference_is_read_as_it_is_meant() {
        let git = |reference| Some(Origin::Git("https://git.example.org/a".to_owned(), reference));
        assert_eq!(
            of_lock("git+https://git.example.org/a?tag=v1%2Bx#0a", 4),
            git(Reference::Tag("v1+x".to_owned()))
        );
        assert_eq!(of_lock("git+https://git.example.org/a#0a", 4), git(Reference::Default));
        assert_eq!(
            of_lock("git+https://git.example.org/a?branch=a%2", 4),
            git(Reference::Branch("a%2".to_owned()))
        );
        let raw = of_lock("git+https://git.example.org/a?tag=v1+x#0a", 3);
        assert_eq!(raw, git(Reference::Tag("v1+x".to_owned())));
        assert_eq!(of_lock("somewhere", 4), None);
        assert_eq!(of_lock("registry+https://x/", 4), Some(of_index("https://x")));
        assert_ne!(of_lock("sparse+https://x/", 4), Some(of_index("https://x")));
        assert_eq!(git_parts("git+https://x/a?rev=1#0a"), Some(("https://x/a", Some("0a"))));
    }
}
