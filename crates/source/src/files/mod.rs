//! Files and folders as they lie on the disk, for trees that are no repository and for what is not yet added.
//!
//! Hidden files are read: that is where people keep credentials. `.git` folders are never entered; their
//! objects are history's business. Files that Git ignores are passed over inside a repository and counted, unless
//! [`Options::no_ignore`] asks for them.

mod few;
mod ignored;
mod read;

use crate::in_threads;
use gatepost_core::{Problem, RepoPath, SkipReason};
use ignore::{DirEntry, WalkBuilder, WalkState};
use ignored::Matchers;
use std::collections::BTreeMap;
use std::fs::FileType;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// How to walk.
#[derive(Clone, Debug)]
pub struct Options {
    /// Reads ignored files too.
    pub no_ignore: bool,
    /// How many threads walk and read at most; 0 counts as 1. What has few files gets fewer.
    pub threads: usize,
    /// Files of more bytes than this are announced without their bytes.
    pub max_size: u64,
}

/// How far a walk is, for whoever draws a progress bar from another thread.
#[derive(Debug, Default)]
pub struct Progress {
    files: AtomicU64,
    bytes: AtomicU64,
}

impl Progress {
    /// Files visited.
    #[must_use]
    pub fn files(&self) -> u64 {
        self.files.load(Ordering::Relaxed)
    }

    /// Their bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Counts a file that was visited.
    pub fn add(&self, bytes: u64) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// A file on its visit.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// The index of the root that it was found below, or that it is.
    pub root: usize,
    /// Its path: below the root that was asked for, or that root itself where it is a file; `/`-separated.
    pub path: &'a RepoPath,
    /// Its size in bytes.
    pub size: u64,
    /// Its bytes; of a symbolic link, where it points. `None`: larger than [`Options::max_size`].
    pub bytes: Option<&'a [u8]>,
}

/// What a walk did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Walked {
    /// Files and symbolic links visited.
    pub files: u64,
    /// Bytes of the files that were visited with their bytes.
    pub bytes: u64,
    /// What was passed over, by reason. Under [`SkipReason::Ignored`] an ignored folder counts once, whatever is in
    /// it: it is not entered. Under [`SkipReason::TooLarge`] are the files announced without bytes, under
    /// [`SkipReason::Excluded`] what a folder holds that is no file: sockets, pipes and devices.
    pub skipped: BTreeMap<SkipReason, u64>,
    /// What could not be read, sorted by place.
    pub problems: Vec<Problem>,
}

impl Walked {
    fn skip(&mut self, reason: SkipReason) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    fn problem(&mut self, path: &Path, what: &dyn std::fmt::Display) {
        self.skip(SkipReason::Unreadable);
        self.problems.push(Problem {
            what: format!("it cannot be read: {what}"),
            place: Some(path.display().to_string()),
            fix: "make it readable for the user that runs gatepost, or exclude it; it was not judged".into(),
        });
    }

    fn merge(&mut self, other: Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        for (reason, count) in other.skipped {
            *self.skipped.entry(reason).or_default() += count;
        }
        self.problems.extend(other.problems);
    }
}

/// Shows every file below `roots` to `visit`, in no particular order and by several threads at once.
///
/// A root that is a file or a pipe is shown even where it is ignored, and a root that is a symbolic link is followed; links
/// below a root are not, their target's name is their content. A file that lies below two roots is shown twice.
pub fn walk(roots: &[PathBuf], options: &Options, visit: &(dyn Fn(&File<'_>) + Sync)) -> Walked {
    let total = Mutex::new(Walked::default());
    let walk = Walk { options, visit, total: &total };
    let mut named = Vec::new();
    for (index, root) in roots.iter().enumerate() {
        match std::fs::metadata(root) {
            Ok(metadata) if metadata.is_dir() => walk.folder(index, root),
            Ok(metadata) => named.push((index, root.as_path(), metadata.file_type())),
            Err(error) => with(&total, |total| {
                total.skip(SkipReason::Missing);
                total.problems.push(Problem {
                    what: format!("it was to be judged and cannot be found: {error}"),
                    place: Some(root.display().to_string()),
                    fix: "check the path; relative paths start at the current directory".into(),
                });
            }),
        }
    }
    walk.named(&named);
    let mut walked = total.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    walked.problems.sort_by(|a, b| (&a.place, &a.what).cmp(&(&b.place, &b.what)));
    walked
}

/// How many files [`walk`] would show, by listing folders on one thread and reading no file. `None` once `stop` is set:
/// nobody wants to know any more.
#[must_use]
pub fn count(roots: &[PathBuf], no_ignore: bool, stop: &AtomicBool) -> Option<u64> {
    let mut files = 0;
    for root in roots {
        if !root.is_dir() {
            files += 1;
            continue;
        }
        let matchers = (!no_ignore).then(|| Matchers::new(root, 1));
        let is_entered = {
            let root = root.clone();
            move |entry: &DirEntry| passed_over(entry, &root, matchers.as_ref()).is_none()
        };
        let mut builder = WalkBuilder::new(root);
        builder.standard_filters(false).follow_links(false).filter_entry(is_entered);
        for entry in builder.build() {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            let kind = entry.ok().and_then(|entry| entry.file_type());
            files += u64::from(kind.is_some_and(|kind| kind.is_file() || kind.is_symlink()));
        }
    }
    Some(files)
}

/// The files below a folder by their paths below it, and apart from them the symbolic links; both sorted.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// The files.
    pub files: Vec<RepoPath>,
    /// The links, whatever they lead to.
    pub links: Vec<RepoPath>,
}

/// What [`walk`] would show below a folder. No file is read, and no link followed.
#[must_use]
pub fn list(root: &Path, no_ignore: bool) -> (Listed, Walked) {
    let mut walked = Walked::default();
    let mut listed = Listed::default();
    if !root.is_dir() {
        walked.problem(root, &"it is no folder");
        return (listed, walked);
    }
    let matchers = (!no_ignore).then(|| Matchers::new(root, 1));
    let is_entered = {
        let root = root.to_path_buf();
        move |entry: &DirEntry| passed_over(entry, &root, matchers.as_ref()).is_none()
    };
    let mut builder = WalkBuilder::new(root);
    builder.standard_filters(false).follow_links(false).filter_entry(is_entered);
    for entry in builder.build() {
        match entry {
            Ok(entry) => {
                let kept = match entry.file_type() {
                    Some(kind) if kind.is_file() => &mut listed.files,
                    Some(kind) if kind.is_symlink() && entry.depth() > 0 => &mut listed.links,
                    _ => continue,
                };
                let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
                kept.push(RepoPath::new(slashes(relative)));
            }
            Err(error) => {
                let place = place_of(&error).unwrap_or_else(|| root.to_path_buf());
                walked.problem(&place, &innermost(&error));
            }
        }
    }
    listed.files.sort();
    listed.links.sort();
    walked.files = listed.files.len() as u64;
    (listed, walked)
}

/// Why an entry below a root is not looked at, nor what is below it.
enum PassedOver {
    /// The repository itself.
    Git,
    Ignored,
}

fn passed_over(entry: &DirEntry, root: &Path, matchers: Option<&Matchers>) -> Option<PassedOver> {
    let is_folder = entry.file_type().filter(|_| entry.depth() > 0)?.is_dir();
    if is_folder && entry.file_name() == ".git" {
        return Some(PassedOver::Git);
    }
    let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
    matchers?.is_ignored(relative, is_folder).then_some(PassedOver::Ignored)
}

fn with(total: &Mutex<Walked>, change: impl FnOnce(&mut Walked)) {
    change(&mut total.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
}

/// What all threads of a walk know.
#[derive(Clone, Copy)]
struct Walk<'a> {
    options: &'a Options,
    visit: &'a (dyn Fn(&File<'_>) + Sync),
    total: &'a Mutex<Walked>,
}

impl<'a> Walk<'a> {
    /// Walks a folder.
    fn folder(self, index: usize, root: &'a Path) {
        let threads = few::threads(few::files(root, self.options.threads), self.options.threads);
        let matchers = (!self.options.no_ignore).then(|| Matchers::new(root, threads));
        let mut builder = WalkBuilder::new(root);
        // The walker decides nothing: what is ignored is decided, and counted, below.
        builder.standard_filters(false).follow_links(false).threads(threads);
        builder.build_parallel().run(|| {
            let mut thread = self.thread(index, root);
            let matchers = &matchers;
            Box::new(move |entry| thread.entry(entry, matchers.as_ref()))
        });
    }

    /// Shows files that were named one by one: a hook manager names every file of a repository.
    fn named(self, files: &[(usize, &Path, FileType)]) {
        let next = AtomicUsize::new(0);
        in_threads(few::threads(files.len(), self.options.threads), || {
            let mut thread = self.thread(0, Path::new(""));
            while let Some(&(index, file, kind)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                thread.index = index;
                thread.show(file, &RepoPath::new(slashes(file)), kind, true);
            }
        });
    }

    fn thread<'t>(self, index: usize, root: &'t Path) -> Thread<'t>
    where
        'a: 't,
    {
        Thread { walk: self, index, root, walked: Walked::default(), buffer: Vec::new() }
    }
}

/// One thread of a walk; it adds what it did to the total when it ends.
struct Thread<'a> {
    walk: Walk<'a>,
    index: usize,
    root: &'a Path,
    walked: Walked,
    /// As long as the largest file so far: what is behind the end of the present one is of an earlier one.
    buffer: Vec<u8>,
}

impl Drop for Thread<'_> {
    fn drop(&mut self) {
        let walked = std::mem::take(&mut self.walked);
        with(self.walk.total, |total| total.merge(walked));
    }
}

impl Thread<'_> {
    fn entry(&mut self, entry: Result<DirEntry, ignore::Error>, matchers: Option<&Matchers>) -> WalkState {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let place = place_of(&error).unwrap_or_else(|| self.root.to_path_buf());
                self.walked.problem(&place, &innermost(&error));
                return WalkState::Continue;
            }
        };
        let Some(kind) = entry.file_type().filter(|_| entry.depth() > 0) else { return WalkState::Continue };
        match passed_over(&entry, self.root, matchers) {
            None => {}
            Some(PassedOver::Git) => return WalkState::Skip,
            Some(PassedOver::Ignored) => {
                self.walked.skip(SkipReason::Ignored);
                return WalkState::Skip;
            }
        }
        if !kind.is_dir() {
            let relative = entry.path().strip_prefix(self.root).unwrap_or(entry.path());
            let path = RepoPath::new(slashes(relative));
            self.show(entry.path(), &path, kind, false);
        }
        WalkState::Continue
    }

    /// Reads and shows a file or link; a pipe only where somebody named it, as `<(command)` does.
    fn show(&mut self, file: &Path, path: &RepoPath, kind: FileType, is_named: bool) {
        let limit = self.walk.options.max_size;
        let read = if kind.is_symlink() {
            read::link(file, limit, &mut self.buffer)
        } else if kind.is_file() || is_named {
            read::file(file, limit, &mut self.buffer)
        } else {
            self.walked.skip(SkipReason::Excluded);
            return;
        };
        let (size, bytes) = match read {
            Ok(read::Read::Whole(len)) => (len as u64, self.buffer.get(..len)),
            Ok(read::Read::TooLarge(size)) => (size, None),
            Err(error) => {
                self.walked.problem(file, &error);
                return;
            }
        };
        self.walked.files += 1;
        match bytes {
            Some(bytes) => self.walked.bytes += bytes.len() as u64,
            None => self.walked.skip(SkipReason::TooLarge),
        }
        (self.walk.visit)(&File { root: self.index, path, size, bytes });
    }
}

/// The path as bytes, with `/` between its parts.
fn slashes(path: &Path) -> Vec<u8> {
    let bytes = path.as_os_str().as_encoded_bytes();
    if std::path::MAIN_SEPARATOR == '/' {
        return bytes.to_vec();
    }
    bytes.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte }).collect()
}

/// The path that an error of the walker is about.
fn place_of(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => place_of(err),
        ignore::Error::Loop { child, .. } => Some(child.clone()),
        _ => None,
    }
}

/// The error without the path around it.
fn innermost(error: &ignore::Error) -> String {
    match error {
        ignore::Error::WithPath { err, .. } | ignore::Error::WithDepth { err, .. } => innermost(err),
        other => other.to_string(),
    }
}
