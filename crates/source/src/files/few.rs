//! How many threads some files are worth. A thread costs about a millisecond, with its matchers and its buffers; a file costs
//! more than reading it, since the first one that asks for a rule's regex has it compiled.

use std::path::Path;

/// Files for each thread: with four of them, two threads are quicker than one.
const FILES_PER_THREAD: usize = 2;

/// How many of at most `threads` threads so many files are worth.
pub(super) fn threads(files: usize, threads: usize) -> usize {
    files.div_ceil(FILES_PER_THREAD).min(threads).max(1)
}

/// How many files there are below a folder: all, or as many as keep `threads` threads busy. What cannot be listed is left
/// to the walk, which says so.
pub(super) fn files(root: &Path, threads: usize) -> usize {
    let enough = threads.saturating_mul(FILES_PER_THREAD);
    let (mut folders, mut files) = (vec![root.to_path_buf()], 0);
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for entry in entries.flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if entry.file_name() != ".git" {
                    folders.push(entry.path());
                }
                continue;
            }
            files += 1;
            if files >= enough {
                return files;
            }
        }
    }
    files
}

#[cfg(test)]
mod tests {
    #[test]
    fn few_files_are_one_threads_and_threads_are_never_more_than_asked_for() {
        let threads = |files| super::threads(files, 8);
        assert_eq!([0, 1, 2, 3, 4, 5, 16, 1000].map(threads), [1, 1, 1, 2, 2, 3, 8, 8]);
        assert_eq!((super::threads(1000, 0), super::threads(1000, 1)), (1, 1));
    }

    #[test]
    fn counting_ends_where_it_is_enough() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
        std::fs::create_dir_all(folder.path().join(".git")).unwrap();
        for path in ["one", "a/two", "a/b/three", ".git/four"] {
            std::fs::write(folder.path().join(path), "").unwrap();
        }
        assert_eq!(super::files(folder.path(), 8), 3);
        assert_eq!(super::files(folder.path(), 1), 2);
        assert_eq!(super::files(&folder.path().join("missing"), 8), 0);
    }
}
