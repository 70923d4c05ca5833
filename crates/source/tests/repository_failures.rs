//! What is broken, missing, cut off or forbidden is said: with its kind, its name, and what to do. Never an empty answer.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::fs;
use support::{Scratch, section, without_backend};

/// Not a test: the process that the tests start to ask a backend in an environment of their choice.
#[test]
#[ignore = "run by the other tests"]
fn ask_in_a_process_of_its_own() {
    support::answer();
}

fn small() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("a.txt", "one\n");
    scratch.write("dir/b.txt", "two\n");
    scratch.commit("first");
    scratch.write("a.txt", "second\n");
    scratch.commit("second");
    scratch
}

/// Overwrites a read-only file of the object store.
fn overwrite(file: &std::path::Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(file).unwrap();
    change(&mut bytes);
    fs::remove_file(file).unwrap();
    fs::write(file, bytes).unwrap();
}

#[test]
fn not_a_repository() {
    let scratch = Scratch::empty();
    for who in ["libgit2", "git", "open"] {
        let answer = scratch.ask_in(who, scratch.root(), &[]);
        assert_eq!(
            answer,
            "error NotARepository\nthe current directory is not in a Git repository\n\
             run this inside a repository, name one with `-C DIR`, or make one with `git init`\n"
        );
        let nowhere = [("GATEPOST_TEST_START", "/no/such/directory")];
        let answer = scratch.ask_in(who, scratch.root(), &nowhere);
        assert!(answer.starts_with("error NotARepository\n/no/such/directory is not in a Git"), "{answer}");
        let git_dir = [("GIT_DIR", "/no/such/directory")];
        let answer = scratch.ask_in(who, scratch.root(), &git_dir);
        assert!(answer.starts_with("error NotARepository\n/no/such/directory is not in a Git"), "{answer}");
    }
}

#[test]
fn a_ceiling_stops_the_search() {
    let scratch = small();
    let root = scratch.root().canonicalize().unwrap();
    let folder = root.join("repo/dir");
    let env = [("GIT_CEILING_DIRECTORIES", root.join("repo").to_str().unwrap().to_owned())];
    let env: Vec<_> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for who in ["libgit2", "git", "open"] {
        assert!(scratch.ask_in(who, &folder, &env).starts_with("error NotARepository\n"), "{who}");
        let mut with_start = env.clone();
        with_start.push(("GATEPOST_TEST_START", folder.to_str().unwrap()));
        assert!(scratch.ask_in(who, &root, &with_start).starts_with("error NotARepository\n"), "{who}");
    }
}

#[test]
fn a_corrupt_index() {
    let scratch = small();
    overwrite(&scratch.path().join(".git/index"), |bytes| bytes.iter_mut().skip(12).for_each(|b| *b ^= 0x55));
    for who in ["libgit2", "git", "open"] {
        let staged = scratch.ask(who);
        assert!(section(&staged, "staged").starts_with("error "), "{who}: {staged}");
    }
}

#[test]
fn corrupt_objects() {
    // A blob, a tree, a commit: in each, the compressed bytes after the header of the stream are damaged.
    for revision in ["HEAD:a.txt", "HEAD:dir", "HEAD^{tree}", "HEAD~1"] {
        let scratch = small();
        let id = scratch.id(revision);
        overwrite(&scratch.loose(&id), |bytes| bytes.iter_mut().skip(3).for_each(|b| *b ^= 0xff));
        let (libgit2, git) = (scratch.ask("libgit2"), scratch.ask("git"));
        assert!(section(&libgit2, "commits").contains("error CorruptObject"), "{revision}: {libgit2}");
        // Git needs no tree that its index has cached; everything else is said alike.
        let staged = |answer: &str| answer.replace("== staged\nerror CorruptObject\n", "== staged\n");
        assert_eq!(without_backend(&staged(&libgit2)), without_backend(&staged(&git)), "{revision}");
    }
}

#[test]
fn a_missing_blob_is_named() {
    let scratch = small();
    let id = scratch.id("HEAD:a.txt");
    fs::remove_file(scratch.loose(&id)).unwrap();
    let answer = scratch.agreed();
    let expected = format!(
        "Err(MissingObject) error MissingObject\n  object {id} is missing from the repository\n  \
         see what is missing with `git fsck --full`, then fetch it again or copy it from another clone"
    );
    assert!(section(&answer, "commits").contains(&expected), "{answer}");
}

#[test]
fn missing_commits_and_trees() {
    for revision in ["HEAD~1", "HEAD^{tree}"] {
        let scratch = small();
        fs::remove_file(scratch.loose(&scratch.id(revision))).unwrap();
        let answer = scratch.agreed();
        assert!(section(&answer, "commits").contains("error MissingObject"), "{revision}: {answer}");
    }
    // Git needs no tree that its index has cached, so only the commits are compared.
    let scratch = small();
    fs::remove_file(scratch.loose(&scratch.id("HEAD:dir"))).unwrap();
    let answer = scratch.ask("libgit2");
    assert!(section(&answer, "commits").contains("error MissingObject"), "{answer}");
    assert_eq!(section(&answer, "commits"), section(&scratch.ask("git"), "commits"));
    // HEAD's own tree is needed to say what is staged.
    let scratch = small();
    fs::remove_file(scratch.loose(&scratch.id("HEAD^{tree}"))).unwrap();
    assert_eq!(section(&scratch.agreed(), "staged"), "error MissingObject\n");
}

#[test]
fn a_malformed_tree_is_an_error_or_read_to_its_end() {
    let scratch = small();
    let blob = scratch.id("HEAD:a.txt");
    let commit = |tree: &str| {
        let commit = scratch.git_with_input(&["commit-tree", tree], b"odd\n");
        scratch.git(&["update-ref", "refs/heads/odd", &commit]);
    };
    // The same name twice, out of order, with an unknown mode; every one of them is seen.
    let mut raw = Vec::new();
    for entry in ["100644 z", "100644 a", "100755 a", "0 m"] {
        raw.extend_from_slice(entry.as_bytes());
        raw.push(0);
        raw.extend_from_slice(blob.as_bytes());
    }
    let write = ["hash-object", "-t", "tree", "-w", "--stdin", "--literally"];
    commit(&scratch.git_with_input(&write, &raw));
    let answer = scratch.ask("libgit2");
    let odd = section(&answer, "commits").split("commit ").find(|part| part.contains("\"odd")).unwrap();
    assert_eq!(odd.lines().filter(|line| line.contains(" -> ")).count(), 4, "{odd}");
    raw.truncate(raw.len() - 1);
    let cut = scratch.git_with_input(&write, &raw);
    commit(&cut);
    let answer = scratch.agreed();
    assert!(section(&answer, "commits").contains("error CorruptObject"), "{answer}");
}

#[test]
fn a_broken_ref_is_named() {
    let scratch = small();
    fs::write(scratch.path().join(".git/refs/heads/broken"), "garbage\n").unwrap();
    for who in ["libgit2", "git"] {
        let answer = scratch.ask(who);
        let references = section(&answer, "references");
        assert!(
            references.starts_with("error Unreadable\n  the ref refs/heads/broken is broken\n"),
            "{references}"
        );
    }
    fs::remove_file(scratch.path().join(".git/refs/heads/broken")).unwrap();
    fs::write(scratch.path().join(".git/refs/heads/main"), "garbage\n").unwrap();
    let answer = scratch.agreed();
    assert!(answer.contains("\nhead error Unreadable\n"), "{answer}");
    assert_eq!(section(&answer, "staged"), "error Unreadable\n");
}

#[test]
fn broken_variables_are_named() {
    let scratch = small();
    for (name, value) in [("GIT_CONFIG_PARAMETERS", "garbage"), ("GIT_CONFIG_COUNT", "x")] {
        let answer = scratch.ask_in("open", &scratch.path(), &[(name, value)]);
        assert!(
            answer.starts_with(&format!("error Unreadable\nthe environment variable {name} ")),
            "{answer}"
        );
    }
}

#[test]
fn a_shallow_clone_says_where_it_ends() {
    let origin = small();
    origin.write("c.txt", "three\n");
    let third = origin.commit("third");
    origin.git(&["tag", "-a", "v1", "-m", "one"]);
    let scratch = Scratch::empty();
    let url = format!("file://{}", origin.path().display());
    scratch.git_in(scratch.root(), &["clone", "--quiet", "--depth=2", &url, "repo"]);
    let answer = scratch.agreed();
    let boundary = scratch.id("HEAD~1");
    assert_eq!(
        section(&answer, "commits"),
        format!(
            "error Shallow\n  this clone is shallow: the history before commit {boundary} is not here\n  \
             fetch it with `git fetch --unshallow`; in CI, check out with full history (`fetch-depth: 0`)\n"
        )
    );
    assert!(answer.contains("info 20 shallow true partial false\n"));
    // A range that ends above the cut is whole.
    let range = [("GATEPOST_TEST_NOT", boundary.to_string())];
    let range: Vec<_> = range.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = scratch.agreed_in(&scratch.path(), &range);
    assert!(section(&answer, "commits").starts_with(&format!("commit {third} ")), "{answer}");
    scratch.git(&["fetch", "--quiet", "--unshallow"]);
    let answer = scratch.agreed();
    assert!(answer.contains("info 20 shallow false partial false\n"));
    assert_eq!(section(&answer, "commits"), section(&origin.agreed(), "commits"));
}

#[test]
fn a_partial_clone_is_never_completed_in_silence() {
    let origin = small();
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    origin.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let scratch = Scratch::empty();
    let url = format!("file://{}", origin.path().display());
    scratch.git_in(scratch.root(), &["clone", "--quiet", "--filter=blob:none", &url, "repo"]);
    let promised = origin.id("HEAD~1:a.txt");
    let objects = || scratch.git(&["rev-list", "--objects", "--all", "--missing=print"]);
    let before = objects();
    assert!(before.contains(&format!("?{promised}")), "{before}");

    scratch.write("new.txt", "new\n");
    scratch.git(&["add", "new.txt"]);
    let answer = scratch.ask("open");
    assert!(answer.starts_with("backend GitCommand\n"));
    assert!(answer.contains("info 20 shallow false partial true\n"));
    assert!(section(&answer, "staged").starts_with("\"new.txt\": - -> File "));
    let expected = format!(
        "Err(MissingObject) error MissingObject\n  object {promised} was left out of this partial clone, \
         and nothing is fetched behind your back\n  fetch everything: git fetch --refetch --no-filter"
    );
    assert!(section(&answer, "commits").contains(&expected), "{answer}");
    assert_eq!(objects(), before, "something was fetched");

    // The remedy works, and then the answers are those of the origin.
    scratch.git(&["fetch", "--quiet", "--refetch", "--no-filter"]);
    let answer = scratch.ask("open");
    assert_eq!(section(&answer, "commits"), section(&origin.agreed(), "commits"));
}

#[test]
fn without_the_git_program() {
    let empty = tempfile::tempdir().unwrap();
    let path = [("PATH", empty.path().to_str().unwrap())];
    let ordinary = small();
    let answer = ordinary.ask_in("open", &ordinary.path(), &path);
    assert_eq!(without_backend(&answer), without_backend(&ordinary.ask("open")));
    let scratch = Scratch::with(&["--object-format=sha256"]);
    let answer = scratch.ask_in("open", &scratch.path(), &path);
    assert!(
        answer.starts_with("error GitCommand\nthe `git` program is needed for this repository"),
        "{answer}"
    );
    assert!(answer.ends_with("\ninstall Git 2.31 or newer, or add its directory to PATH\n"), "{answer}");
}

#[cfg(unix)]
#[test]
fn a_repository_of_another_user() {
    let scratch = small();
    let nobody = 65534;
    if std::os::unix::fs::chown(scratch.path().join(".git"), Some(nobody), Some(nobody)).is_err() {
        println!("skipped 1 check: changing the owner of a repository needs root");
        return;
    }
    let everything = ["-R", "65534:65534", "."];
    let changed = std::process::Command::new("chown").args(everything).current_dir(scratch.path()).status();
    assert!(changed.unwrap().success());
    let empty = tempfile::tempdir().unwrap();
    let without_git = [("PATH", empty.path().to_str().unwrap())];
    for (who, env) in [("libgit2", &[][..]), ("git", &[]), ("open", &[]), ("open", &without_git)] {
        assert_eq!(
            scratch.ask_in(who, &scratch.path(), env),
            "error DubiousOwnership\nthe repository at $ROOT/repo belongs to another user, so Git refuses to use it\n\
             if you trust it: git config --global --add safe.directory $ROOT/repo\n"
        );
    }
    // Git does not check when it is told the directory, and hooks are told.
    let git_dir = scratch.path().join(".git");
    let answer = scratch.ask_in("open", &scratch.path(), &[("GIT_DIR", git_dir.to_str().unwrap())]);
    assert!(answer.starts_with("backend GitCommand\n"), "{answer}");
    // The proposed command helps both.
    let global = scratch.root().join("global");
    let directory = scratch.path().canonicalize().unwrap();
    fs::write(&global, format!("[safe]\n\tdirectory = {}\n", directory.display())).unwrap();
    let answer = scratch.agreed_in(&scratch.path(), &[("GIT_CONFIG_GLOBAL", global.to_str().unwrap())]);
    assert!(answer.starts_with("backend Libgit2\n"), "{answer}");
}
