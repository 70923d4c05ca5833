//! The files among which manifests and locks are looked for: of a folder, of the index, of a commit. Nothing is read
//! before somebody asks.

use super::source::Source;
use crate::history::Unanswered;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;

/// Texts up to this many bytes are kept: the manifest of a member is asked for more than once.
const KEPT: usize = 256 << 10;

/// Largest manifest or lock that is read by default, in bytes.
pub const DEFAULT_LIMIT: u64 = 50 << 20;

/// Reads a file of at most so many bytes by its path; `None`: it is larger.
pub type Read<'a> = dyn Fn(&str, u64) -> Result<Option<Vec<u8>>, Unanswered> + 'a;

/// Files by their paths.
pub struct Tree<'a> {
    /// Sorted.
    paths: Vec<&'a str>,
    /// Sorted.
    links: Vec<&'a str>,
    read: &'a Read<'a>,
    limit: u64,
    kept: RefCell<HashMap<String, Source>>,
    failed: RefCell<Vec<Unanswered>>,
}

/// Why a file was not read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unread {
    /// There is none.
    Missing,
    /// It is a symbolic link, or lies in a folder that is one.
    Link,
    /// It is larger than this many bytes.
    TooLarge(u64),
    /// It is no UTF-8.
    NotText,
    /// The repository could not give it: the run is incomplete.
    Failed,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is not there"),
            Self::Link => f.write_str("is, or lies behind, a symbolic link, which is not followed"),
            Self::TooLarge(limit) => write!(f, "is larger than {} MiB", limit >> 20),
            Self::NotText => f.write_str("is not UTF-8 text"),
            Self::Failed => f.write_str("could not be read"),
        }
    }
}

impl fmt::Debug for Tree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").field("paths", &self.paths.len()).finish_non_exhaustive()
    }
}

impl<'a> Tree<'a> {
    /// The files at `paths`, which `read` reads: of those, files and no links, folders or submodules.
    #[must_use]
    pub fn new(mut paths: Vec<&'a str>, read: &'a Read<'a>) -> Self {
        paths.sort_unstable();
        paths.dedup();
        let (kept, failed) = (RefCell::default(), RefCell::default());
        Self { paths, links: Vec::new(), read, limit: DEFAULT_LIMIT, kept, failed }
    }

    /// With the paths of symbolic links. Nobody follows them, but some tools do: what they lead to cannot be told.
    #[must_use]
    pub fn with_links(mut self, mut links: Vec<&'a str>) -> Self {
        links.sort_unstable();
        self.links = links;
        self
    }

    /// With another limit to the size of a file, in bytes.
    #[must_use]
    pub fn with_limit(mut self, limit: u64) -> Self {
        self.limit = limit;
        self
    }

    /// Every path, sorted.
    #[must_use]
    pub fn paths(&self) -> &[&'a str] {
        &self.paths
    }

    /// Whether a file stands at a path.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.paths.binary_search(&path).is_ok()
    }

    /// Whether a path is a symbolic link or lies in a folder that is one: what stands there nobody can see here.
    #[must_use]
    pub fn is_linked(&self, path: &str) -> bool {
        let mut parts =
            std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(above, _)| above));
        !self.links.is_empty() && parts.any(|path| self.links.binary_search(&path).is_ok())
    }

    /// The files of a folder itself, sorted; what lies in the folders below it is passed over unseen.
    pub fn files_in<'s>(&'s self, folder: &str) -> impl Iterator<Item = &'a str> + 's {
        let start = if folder.is_empty() { 0 } else { folder.len() + 1 };
        let mut rest = self.under(folder);
        std::iter::from_fn(move || {
            loop {
                let (path, after) = rest.split_first()?;
                rest = after;
                let Some(slash) = path.get(start..)?.find('/') else { return Some(*path) };
                let inner = path.get(..=start + slash)?;
                rest = rest.get(rest.partition_point(|path| path.starts_with(inner))..)?;
            }
        })
    }

    /// The paths in a folder and the folders below it, sorted; the folder `""` is the root.
    #[must_use]
    pub fn under(&self, folder: &str) -> &[&'a str] {
        below(&self.paths, folder)
    }

    /// The symbolic links in a folder and the folders below it, sorted.
    #[must_use]
    pub fn links_under(&self, folder: &str) -> &[&'a str] {
        below(&self.links, folder)
    }

    /// The text of a file. What the repository cannot give is kept for [`Tree::take_failures`].
    ///
    /// # Errors
    ///
    /// Why it was not read.
    pub fn read(&self, path: &str) -> Result<Source, Unread> {
        if let Some(source) = self.kept.borrow().get(path) {
            return Ok(source.clone());
        }
        let bytes = self.bytes(path)?;
        let text = String::from_utf8(bytes).map_err(|_| Unread::NotText)?;
        let source = Source::new(path, &text);
        if source.text.len() <= KEPT {
            self.kept.borrow_mut().insert(path.to_owned(), source.clone());
        }
        Ok(source)
    }

    /// The bytes of a file, for hashes of what is no text.
    ///
    /// # Errors
    ///
    /// Why it was not read.
    pub fn bytes(&self, path: &str) -> Result<Vec<u8>, Unread> {
        if !self.has(path) {
            return Err(if self.is_linked(path) { Unread::Link } else { Unread::Missing });
        }
        match (self.read)(path, self.limit) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(Unread::TooLarge(self.limit)),
            Err(unanswered) => {
                self.failed.borrow_mut().push(unanswered);
                Err(Unread::Failed)
            }
        }
    }

    /// What the repository could not give since it was last asked.
    #[must_use]
    pub fn take_failures(&self) -> Vec<Unanswered> {
        self.failed.take()
    }
}

fn below<'p, 'a>(paths: &'p [&'a str], folder: &str) -> &'p [&'a str] {
    if folder.is_empty() {
        return paths;
    }
    let prefix = format!("{folder}/");
    let start = paths.partition_point(|path| *path < prefix.as_str());
    let rest = paths.get(start..).unwrap_or_default();
    let count = rest.partition_point(|path| path.starts_with(&prefix));
    rest.get(..count).unwrap_or_default()
}

/// The folder of a path, `""` for the root.
#[must_use]
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last part of a path.
#[must_use]
pub fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// A path seen from a folder, its `.` and `..` resolved; `None`: it leads out of the tree.
#[must_use]
pub fn join(folder: &str, relative: &str) -> Option<String> {
    if relative.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A path seen from a folder that it lies in or below: `crates/a` from `crates` is `a`, a folder from itself is `.`.
#[must_use]
pub fn relative<'p>(folder: &str, path: &'p str) -> Option<&'p str> {
    if folder.is_empty() {
        return Some(if path.is_empty() { "." } else { path });
    }
    let rest = path.strip_prefix(folder)?;
    if rest.is_empty() { Some(".") } else { rest.strip_prefix('/') }
}

/// Whether a path lies in a folder of that name, at any depth: what tools install is nobody's manifest.
#[must_use]
pub fn is_in(path: &str, names: &[&str]) -> bool {
    folder(path).split('/').any(|part| names.contains(&part))
}
