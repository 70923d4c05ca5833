//! What Git ignores. The walker of the `ignore` crate drops such files without a word; here they are counted, so
//! the question is asked separately, of a matcher for every thread.

use ignore::{IncrementalIgnore, WalkBuilder};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Matchers for one root. Each has a cache of its own, so that threads do not wait for one another.
pub(super) struct Matchers {
    all: Vec<Mutex<IncrementalIgnore>>,
}

impl Matchers {
    /// Matchers for the files below `root`: `.ignore`, and inside a repository `.gitignore`, `.git/info/exclude` and
    /// the user's own list (`core.excludesFile`), those of the folders above `root` as well.
    pub(super) fn new(root: &Path, threads: usize) -> Self {
        let mut builder = WalkBuilder::new(root);
        // `.ignore` is honoured where Git's own lists are: in a repository.
        builder.hidden(false).require_git(true).ignore(in_repository(root));
        let all = (0..threads).flat_map(|_| builder.build_matchers()).map(Mutex::new).collect();
        Self { all }
    }

    /// Whether the entry at this path below the root is ignored.
    pub(super) fn is_ignored(&self, relative: &Path, is_folder: bool) -> bool {
        let free = self.all.iter().find_map(|matcher| matcher.try_lock().ok());
        let Some(mut matcher) = free.or_else(|| Some(lock(self.all.first()?))) else { return false };
        // A list that is broken or cannot be read ignores less, so nothing is lost by it; Git is as lenient.
        matcher.matched(relative, is_folder).is_ignore()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether `folder` is in the work tree of a repository.
fn in_repository(folder: &Path) -> bool {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    folder.ancestors().any(|above| above.join(".git").exists())
}
