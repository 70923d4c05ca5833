//! Which directories hold the objects: the repository's own, its alternates and theirs, and what the environment
//! adds (a push in quarantine is nothing but two environment variables).

use crate::{Error, ErrorKind, RepositoryInfo, platform};
use gatepost_core::Problem;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// How deep alternates of alternates are followed. Source: `git/object-file.c`, `link_alt_odb_entries` ("too deep"), where
/// the first list has depth 0 and the one of depth 5 is the last that is read.
const MAX_DEPTH: usize = 6;

/// What the environment says about object directories.
#[derive(Clone, Debug, Default)]
pub(super) struct Environment {
    /// `GIT_OBJECT_DIRECTORY`: instead of the repository's own.
    pub(super) object_directory: Option<OsString>,
    /// `GIT_ALTERNATE_OBJECT_DIRECTORIES`: as well, separated like `PATH`.
    pub(super) alternates: Option<OsString>,
}

impl Environment {
    /// What this process was given.
    pub(super) fn of_process() -> Self {
        let get = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            object_directory: get("GIT_OBJECT_DIRECTORY"),
            alternates: get("GIT_ALTERNATE_OBJECT_DIRECTORIES"),
        }
    }
}

/// The object directories, the repository's own first, each once; and what could not be followed.
pub(super) fn find(
    info: &RepositoryInfo,
    environment: &Environment,
) -> Result<(Vec<PathBuf>, Vec<Problem>), Error> {
    let own =
        environment.object_directory.as_ref().map_or_else(|| info.common_dir.join("objects"), PathBuf::from);
    if !own.is_dir() {
        return Err(Error::new(
            ErrorKind::Unreadable,
            format!("{} is not a directory that can be read", own.display()),
            "check the repository with `git fsck`, and GIT_OBJECT_DIRECTORY if it is set",
        ));
    }
    let mut found = Found { directories: Vec::new(), seen: Vec::new(), problems: Vec::new() };
    found.add(&own, 0);
    if let Some(list) = &environment.alternates {
        for path in split_list(list) {
            found.add_alternate(&path, "GIT_ALTERNATE_OBJECT_DIRECTORIES", 1);
        }
    }
    Ok((found.directories, found.problems))
}

struct Found {
    directories: Vec<PathBuf>,
    seen: Vec<PathBuf>,
    problems: Vec<Problem>,
}

impl Found {
    fn add(&mut self, directory: &Path, depth: usize) {
        let real = directory.canonicalize().unwrap_or_else(|_| directory.to_path_buf());
        if self.seen.contains(&real) {
            return;
        }
        self.seen.push(real);
        self.directories.push(directory.to_path_buf());
        let list = directory.join("info").join("alternates");
        let bytes = match std::fs::read(&list) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => {
                self.problems.push(Problem {
                    what: format!("the list of alternate object directories cannot be read: {error}"),
                    place: Some(list.display().to_string()),
                    fix: "make the file readable; objects that only the alternates have were not judged"
                        .into(),
                });
                return;
            }
        };
        for line in bytes.split(|&b| b == b'\n') {
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            // Relative paths are meant from the object directory that has the list (gitrepository-layout(5)).
            let path = directory.join(platform::to_path(&unquote(line)));
            self.add_alternate(&path, &list.display().to_string(), depth + 1);
        }
    }

    fn add_alternate(&mut self, path: &Path, from: &str, depth: usize) {
        let (what, fix) = if depth > MAX_DEPTH {
            ("is nested too deep: Git ignores it", "name it in a list that is nearer to the repository")
        } else if path.is_dir() {
            return self.add(path, depth);
        } else {
            ("does not exist or cannot be read", "restore the directory or remove it from the list")
        };
        self.problems.push(Problem {
            what: format!("alternate object directory {} {what}", path.display()),
            place: Some(from.to_owned()),
            fix: format!("{fix}; its objects were not judged"),
        });
    }
}

/// The paths of `GIT_ALTERNATE_OBJECT_DIRECTORIES`: separated like `PATH`, quoted in Git's manner where one has
/// the separator in it (git(1)).
fn split_list(list: &OsStr) -> Vec<PathBuf> {
    let separator = if cfg!(windows) { b';' } else { b':' };
    let mut rest = list.as_encoded_bytes();
    let mut paths = Vec::new();
    while !rest.is_empty() {
        let end = if rest.starts_with(b"\"") { quoted_end(rest) } else { None }
            .or_else(|| rest.iter().position(|&b| b == separator))
            .unwrap_or(rest.len());
        let (entry, tail) = rest.split_at_checked(end).unwrap_or((rest, b""));
        if !entry.is_empty() {
            paths.push(platform::to_path(&unquote(entry)));
        }
        rest = tail.get(1..).unwrap_or_default();
    }
    paths
}

/// Where the quoted string at the start of `bytes` ends.
fn quoted_end(bytes: &[u8]) -> Option<usize> {
    let mut escaped = false;
    for (at, &byte) in bytes.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Undoes Git's C-style quoting (`quote.c`); anything else is returned as it is.
fn unquote(bytes: &[u8]) -> Vec<u8> {
    let Some(inner) = bytes.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) else {
        return bytes.to_vec();
    };
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner.iter().copied();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match rest.next() {
            Some(b'a') => out.push(7),
            Some(b'b') => out.push(8),
            Some(b't') => out.push(b'\t'),
            Some(b'n') => out.push(b'\n'),
            Some(b'v') => out.push(11),
            Some(b'f') => out.push(12),
            Some(b'r') => out.push(b'\r'),
            Some(first @ b'0'..=b'3') => {
                let digits = [Some(first), rest.next(), rest.next()];
                let value = digits.iter().flatten().fold(0_u32, |value, digit| {
                    value.wrapping_mul(8).wrapping_add(u32::from(digit.wrapping_sub(b'0')))
                });
                out.push(u8::try_from(value & 0xff).unwrap_or_default());
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn lists_are_split_like_git_splits_them() {
        let split = |text: &str| split_list(OsStr::new(text));
        assert_eq!(split("/a:/b c"), [PathBuf::from("/a"), PathBuf::from("/b c")]);
        assert_eq!(split("\"/with:colon\":/b"), [PathBuf::from("/with:colon"), PathBuf::from("/b")]);
        assert_eq!(split("\"/q\\\"\\303\\274\""), [PathBuf::from("/q\"ü")]);
        assert_eq!(split("::/a:"), [PathBuf::from("/a")]);
        assert_eq!(split("\"open"), [PathBuf::from("\"open")]);
    }

    #[test]
    fn a_quarantine_is_read_before_the_repository_that_it_stands_for() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.join("info")).unwrap();
            path
        };
        let (own, quarantine) = (make("objects"), make("objects/incoming"));
        let (shared, relative) = (make("shared"), make("relative"));
        std::fs::write(own.join("info/alternates"), "# a comment\n../relative\n../relative\n../gone\n")
            .unwrap();
        // A circle ends where it began.
        std::fs::write(relative.join("info/alternates"), format!("{}\n", own.display())).unwrap();
        let info = RepositoryInfo {
            git_dir: folder.path().into(),
            common_dir: folder.path().into(),
            work_tree: None,
            shallow: false,
            partial: false,
            hash_len: 20,
            backend: crate::Backend::Libgit2,
        };
        let list = std::env::join_paths([&own, &shared]).unwrap();
        let environment =
            Environment { object_directory: Some(quarantine.clone().into()), alternates: Some(list) };
        let (found, problems) = find(&info, &environment).unwrap();
        assert_eq!(found, [quarantine, own.clone(), own.join("../relative"), shared]);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].what.contains("gone"), "{problems:?}");
        let (found, _) = find(&info, &Environment::default()).unwrap();
        assert_eq!(found, [own.clone(), own.join("../relative")]);
        std::fs::remove_dir_all(&own).unwrap();
        assert_eq!(find(&info, &Environment::default()).unwrap_err().kind, ErrorKind::Unreadable);
    }
}
