//! Walks over files and folders, with the real git's idea of what is ignored.
#![allow(clippy::unwrap_used, clippy::string_slice)]

use gatepost_core::{RepoPath, SkipReason};
use gatepost_source::files::{File, Options, Walked, walk};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tempfile::TempDir;

type Seen = BTreeMap<String, Option<Vec<u8>>>;

const DEFAULT: Options = Options { no_ignore: false, threads: 2, max_size: 1000 };

fn look(roots: &[&Path], options: &Options) -> (Seen, Walked) {
    let seen = Mutex::new(Seen::new());
    let roots: Vec<PathBuf> = roots.iter().map(|root| root.to_path_buf()).collect();
    let walked = walk(&roots, options, &|file: &File<'_>| {
        let path = file.path.escaped().into_owned();
        if let Some(bytes) = file.bytes {
            assert_eq!(file.size, bytes.len() as u64);
        }
        assert!(seen.lock().unwrap().insert(path, file.bytes.map(<[u8]>::to_vec)).is_none());
    });
    let seen = seen.into_inner().unwrap();
    assert_eq!(walked.files, seen.len() as u64);
    assert_eq!(walked.bytes, seen.values().flatten().map(Vec::len).sum::<usize>() as u64);
    (seen, walked)
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn names(seen: &Seen) -> Vec<&str> {
    seen.keys().map(String::as_str).collect()
}

fn skipped(counts: &[(SkipReason, u64)]) -> BTreeMap<SkipReason, u64> {
    counts.iter().copied().collect()
}

const IGNORING: &[(&str, &str)] = &[
    (".git/config", "[core]\n"),
    (".gitignore", "*.log\n/target/\n!kept.log\n"),
    (".ignore", "by-ignore\n"),
    (".env", "hidden"),
    ("a.log", "ignored"),
    ("kept.log", "kept"),
    ("by-ignore", "ignored"),
    ("target/one", "ignored"),
    ("target/two", "ignored"),
    ("sub/.gitignore", "local\n"),
    ("sub/local", "ignored"),
    ("sub/b.log", "ignored"),
    ("sub/file", "judged"),
];

#[test]
fn ignored_files_are_counted_and_hidden_ones_are_read() {
    let folder = folder(IGNORING);
    let (seen, walked) = look(&[folder.path()], &DEFAULT);
    assert_eq!(names(&seen), [".env", ".gitignore", ".ignore", "kept.log", "sub/.gitignore", "sub/file"]);
    assert_eq!(walked.skipped, skipped(&[(SkipReason::Ignored, 5)]));
    assert_eq!(walked.problems, []);
    // The lists of the folders above hold as well.
    let (seen, walked) = look(&[&folder.path().join("sub")], &DEFAULT);
    assert_eq!(names(&seen), [".gitignore", "file"]);
    assert_eq!(walked.skipped, skipped(&[(SkipReason::Ignored, 2)]));
}

#[test]
fn nothing_is_ignored_on_demand_or_outside_a_repository() {
    let inside = folder(IGNORING);
    let (seen, walked) = look(&[inside.path()], &Options { no_ignore: true, ..DEFAULT });
    assert_eq!(seen.len(), IGNORING.len() - 1);
    assert!(!seen.contains_key(".git/config"));
    assert_eq!(walked.skipped, skipped(&[]));
    let outside = folder(&IGNORING[1..]);
    let (seen, walked) = look(&[outside.path()], &DEFAULT);
    assert_eq!(seen.len(), IGNORING.len() - 1);
    assert_eq!(walked.skipped, skipped(&[]));
}

#[test]
fn named_files_are_judged_even_when_ignored() {
    let folder = folder(IGNORING);
    let file = folder.path().join("a.log");
    let (seen, walked) = look(&[&file], &DEFAULT);
    assert_eq!(names(&seen), [file.to_str().unwrap()]);
    assert_eq!(walked.skipped, skipped(&[]));
}

#[test]
fn files_over_the_limit_are_announced() {
    let folder = folder(&[("exact", &"x".repeat(1000)), ("over", &"x".repeat(1001)), ("empty", "")]);
    let sizes = Mutex::new(BTreeMap::new());
    let walked = walk(&[folder.path().to_path_buf()], &DEFAULT, &|file: &File<'_>| {
        sizes.lock().unwrap().insert(file.path.clone(), (file.size, file.bytes.is_some()));
    });
    let expected = [("empty", (0, true)), ("exact", (1000, true)), ("over", (1001, false))];
    assert_eq!(
        sizes.into_inner().unwrap(),
        expected.map(|(name, size)| (RepoPath::from(name), size)).into_iter().collect()
    );
    assert_eq!((walked.files, walked.bytes), (3, 1000));
    assert_eq!(walked.skipped, skipped(&[(SkipReason::TooLarge, 1)]));
}

#[test]
fn a_root_that_is_not_there_is_a_problem() {
    let folder = folder(&[("file", "x")]);
    let missing = folder.path().join("missing");
    let (seen, walked) = look(&[&missing, folder.path()], &DEFAULT);
    assert_eq!(names(&seen), ["file"]);
    assert_eq!(walked.problems.len(), 1);
    assert_eq!(walked.problems[0].place.as_deref(), missing.to_str());
    assert_eq!(walked.skipped, skipped(&[(SkipReason::Missing, 1)]));
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_are_their_targets_name_and_roots_are_followed() {
        let folder = folder(&[("dir/file", "x")]);
        let at = |name: &str| folder.path().join(name);
        symlink("dir", at("to-folder")).unwrap();
        symlink("https://user@example.org/", at("to-nowhere")).unwrap();
        symlink(folder.path(), at("dir/loop")).unwrap();
        let (seen, walked) = look(&[folder.path()], &DEFAULT);
        assert_eq!(names(&seen), ["dir/file", "dir/loop", "to-folder", "to-nowhere"]);
        assert_eq!(seen["to-folder"].as_deref(), Some(&b"dir"[..]));
        assert_eq!(seen["to-nowhere"].as_deref(), Some(&b"https://user@example.org/"[..]));
        assert_eq!(walked.problems, []);
        let (seen, _) = look(&[&at("to-folder")], &DEFAULT);
        assert_eq!(names(&seen), ["file", "loop"]);
    }

    #[test]
    fn sockets_and_pipes_are_counted_and_not_waited_for() {
        let folder = folder(&[("file", "x")]);
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(folder.path().join("pipe")).status().unwrap();
        assert!(made.success());
        let (seen, walked) = look(&[folder.path()], &DEFAULT);
        assert_eq!(names(&seen), ["file"]);
        assert_eq!(walked.skipped, skipped(&[(SkipReason::Excluded, 2)]));
        // One that is named is asked for, as `<(command)` is.
        let pipe = folder.path().join("pipe");
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::write(pipe, "from the pipe").unwrap()
        });
        let (seen, walked) = look(&[&pipe], &DEFAULT);
        writer.join().unwrap();
        assert_eq!(seen.values().flatten().collect::<Vec<_>>(), [&b"from the pipe"[..]]);
        assert_eq!(walked.skipped, skipped(&[]));
    }

    #[test]
    fn what_cannot_be_read_is_a_problem() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = folder(&[("open", "x"), ("closed", "x"), ("shut/file", "x")]);
        let closed = [folder.path().join("closed"), folder.path().join("shut")];
        for path in &closed {
            fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
        }
        // Root may read everything, and then there is nothing to see here.
        let unrestricted = fs::read(&closed[0]).is_ok();
        let (seen, walked) = look(&[folder.path()], &DEFAULT);
        fs::set_permissions(&closed[1], fs::Permissions::from_mode(0o700)).unwrap();
        if unrestricted {
            assert_eq!(names(&seen), ["closed", "open", "shut/file"]);
            return;
        }
        assert_eq!(names(&seen), ["open"]);
        let places: Vec<_> =
            walked.problems.iter().map(|problem| problem.place.as_deref().unwrap()).collect();
        assert_eq!(places, closed.iter().map(|path| path.to_str().unwrap()).collect::<Vec<_>>());
        assert_eq!(walked.skipped, skipped(&[(SkipReason::Unreadable, 2)]));
    }

    #[test]
    fn names_that_are_no_text_are_kept() {
        use std::os::unix::ffi::OsStrExt as _;
        let folder = folder(&[]);
        fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"odd\xff\n")), "x").unwrap();
        let (seen, _) = look(&[folder.path()], &DEFAULT);
        assert_eq!(names(&seen), ["odd%FF\n"]);
    }
}
