//! Both backends give the same answers about the same repository, and the right ones.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use support::{NOT_UTF8, Scratch, section, without_backend, without_format};

/// Not a test: the process that the tests start to ask a backend in an environment of their choice.
#[test]
#[ignore = "run by the other tests"]
fn ask_in_a_process_of_its_own() {
    support::answer();
}

/// A history with everything in it, and something staged.
fn fill(scratch: &Scratch) {
    scratch.git(&["config", "user.name", "Configured"]);
    scratch.git(&["config", "user.email", "configured@example.org"]);
    scratch.git(&["config", "x.Sub.Section.y", "dotted"]);
    scratch.write("a.txt", "one\n");
    scratch.write("dir/b.txt", "two\n");
    scratch.write("dir.txt", "sorts before dir/\n");
    scratch.write("sub/folder/d.txt", "four\n");
    scratch.write("deep/er/est/c.txt", "three\n");
    scratch.commit("first\n\nwith a body");
    scratch.git(&["tag", "-a", "v1", "-m", "version one"]);
    scratch.git(&["tag", "light"]);
    scratch.git(&["branch", "side"]);
    scratch.git(&["branch", "other"]);
    scratch.write("a.txt", "main\n");
    scratch.write("with space", "s\n");
    scratch.write("quote\"tab\tline\nfeed", "q\n");
    scratch.commit("main goes on");
    scratch.git(&["checkout", "--quiet", "side"]);
    scratch.write("side.txt", "side\n");
    std::fs::remove_file(scratch.path().join("dir/b.txt")).unwrap();
    scratch.commit("side removes and adds");
    scratch.git(&["checkout", "--quiet", "other"]);
    scratch.write("other.txt", "other\n");
    scratch.commit("other");
    scratch.git(&["checkout", "--quiet", "main"]);
    // An evil merge: a.txt becomes what no parent has.
    scratch.git(&["merge", "--quiet", "--no-commit", "--no-ff", "side"]);
    scratch.write("a.txt", "evil\n");
    scratch.commit("evil merge");
    scratch.git(&["branch", "left", "HEAD~1"]);
    scratch.git(&["checkout", "--quiet", "left"]);
    scratch.write("left.txt", "left\n");
    scratch.commit("left");
    scratch.git(&["checkout", "--quiet", "main"]);
    scratch.git(&["merge", "--quiet", "-m", "octopus", "left", "other"]);
    let submodule = "a".repeat(scratch.id("HEAD").to_string().len());
    scratch.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{submodule},module")]);
    scratch.git(&["commit", "--quiet", "-m", "a submodule"]);
    scratch.git(&["symbolic-ref", "refs/heads/alias", "refs/heads/main"]);
    scratch.git(&["notes", "add", "-m", "a note", "HEAD"]);
}

/// Additions, changes, deletions, renames, types and bits, all staged.
fn stage(scratch: &Scratch) {
    scratch.write("added.txt", "staged\n");
    scratch.write("a.txt", "changed\n");
    scratch.git(&["add", "added.txt", "a.txt"]);
    scratch.write("a.txt", "not staged\n");
    scratch.git(&["rm", "--quiet", "side.txt"]);
    scratch.git(&["mv", "left.txt", "right.txt"]);
    scratch.git(&["update-index", "--chmod=+x", "other.txt"]);
    let link = scratch.git_with_input(&["hash-object", "-w", "--stdin"], b"a.txt");
    scratch.git(&["update-index", "--cacheinfo", &format!("120000,{link},dir.txt")]);
    let mut line = format!("100644 {link}\t").into_bytes();
    line.extend_from_slice(NOT_UTF8);
    line.push(0);
    scratch.git_with_input(&["update-index", "-z", "--index-info"], &line);
    // A file where a directory was.
    scratch.git(&["rm", "--quiet", "-r", "deep"]);
    scratch.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{link},deep")]);
    scratch.write("intended.txt", "not yet\n");
    scratch.git(&["add", "--intent-to-add", "intended.txt"]);
    let other = "b".repeat(scratch.id("HEAD").to_string().len());
    scratch.git(&["update-index", "--cacheinfo", &format!("160000,{other},module")]);
}

fn full() -> Scratch {
    let scratch = Scratch::new();
    fill(&scratch);
    stage(&scratch);
    scratch
}

/// What [`fill`] and [`stage`] stage, as paths and modes.
fn staged_lines(answer: &str) -> Vec<String> {
    let is_id = |word: &&str| !(word.len() >= 40 && word.bytes().all(|b| b.is_ascii_hexdigit()));
    section(answer, "staged")
        .lines()
        .map(|line| line.split(' ').filter(is_id).collect::<Vec<_>>().join(" "))
        .collect()
}

const STAGED: [&str; 11] = [
    r#""a.txt": File -> File"#,
    r#""added.txt": - -> File"#,
    r#""caf%E9.txt": - -> File"#,
    r#""deep": - -> File"#,
    r#""deep/er/est/c.txt": File -> -"#,
    r#""dir.txt": File -> Symlink"#,
    r#""left.txt": File -> -"#,
    r#""module": Submodule -> Submodule"#,
    r#""other.txt": File -> Executable"#,
    r#""right.txt": - -> File"#,
    r#""side.txt": File -> -"#,
];

#[test]
fn everything_at_once() {
    let answer = full().agreed();
    assert!(answer.starts_with("backend Libgit2\n"));
    assert_eq!(staged_lines(&answer), STAGED);
    let commits = section(&answer, "commits");
    let subjects: Vec<&str> =
        commits.lines().filter(|line| line.starts_with('"') && line.contains(" Identity ")).collect();
    assert_eq!(subjects.len(), 9, "{commits}");
    assert!(!answer.contains("but at the path stands"));
    // The evil merge is seen with what it makes itself, and nothing that it took over.
    let evil = commits.split("commit ").find(|part| part.contains("evil merge")).unwrap();
    assert_eq!(evil.lines().filter(|line| line.contains(" -> ")).count(), 1, "{evil}");
    assert!(evil.contains(r#""a.txt": File"#) && evil.contains("\"evil\\n\""), "{evil}");
    let octopus = commits.split("commit ").find(|part| part.contains("\"octopus")).unwrap();
    assert!(!octopus.contains(" -> "), "{octopus}");
    assert!(section(&answer, "tags").starts_with("v1 "));
    assert!(section(&answer, "references").contains("refs/notes/commits"));
    assert!(!section(&answer, "references").contains("alias"));
    assert!(section(&answer, "config").contains(r#"x.Sub.Section.y Ok(Some("dotted"))"#));
}

#[test]
fn the_files_of_a_commit_are_those_of_its_tree() {
    let scratch = full();
    let answer = scratch.agreed();
    let ids = |text: &str, of: fn(&str) -> Option<String>| text.lines().filter_map(of).collect::<Vec<_>>();
    let mut told = ids(section(&answer, "files"), |line| line.rsplit(' ').next().map(str::to_owned));
    let listed = scratch.git(&["ls-tree", "-r", "HEAD"]);
    let mut listed = ids(&listed, |line| line.split([' ', '\t']).nth(2).map(str::to_owned));
    told.sort();
    listed.sort();
    assert!(listed.len() > 5);
    assert_eq!(told, listed);
}

#[test]
fn two_commits_compare_as_git_compares_them() {
    let scratch = full();
    // Two bases, neither of which builds on the other; and a history of its own.
    scratch.git(&["reset", "--quiet", "--hard"]);
    scratch.git(&["checkout", "--quiet", "-b", "cross", "left"]);
    scratch.git(&["merge", "--quiet", "-m", "other into left", "other"]);
    scratch.git(&["checkout", "--quiet", "-b", "crossed", "other"]);
    scratch.git(&["merge", "--quiet", "-m", "left into other", "left"]);
    scratch.git(&["checkout", "--quiet", "--orphan", "alone"]);
    scratch.commit("alone");
    let answer = scratch.agreed_in(&scratch.path(), &[("GATEPOST_TEST_PAIRS", "1")]);
    let (mut pairs, mut crossed, mut alone) = (0, 0, 0);
    for pair in section(&answer, "between")
        .split_inclusive('\n')
        .collect::<Vec<_>>()
        .chunk_by(|_, line| line.starts_with("  base ") || line.starts_with('"'))
    {
        let ids: Vec<&str> = pair[0].split_whitespace().collect();
        let told: Vec<&str> =
            pair.iter().filter_map(|line| line.strip_prefix("  base ")).map(str::trim).collect();
        let bases = scratch.try_git(&scratch.path(), &["merge-base", "--all", ids[0], ids[1]], &[]).stdout;
        let bases = String::from_utf8(bases).unwrap();
        let mut bases: Vec<&str> = bases.lines().collect();
        bases.sort_unstable();
        assert_eq!(told, bases, "{ids:?}");
        let paths = scratch.git(&["diff-tree", "-r", "-z", "--no-renames", "--name-only", ids[0], ids[1]]);
        let changed = pair.iter().filter(|line| line.starts_with('"')).count();
        assert_eq!(changed, paths.matches('\0').count(), "{ids:?}");
        pairs += 1;
        crossed += usize::from(bases.len() == 2);
        alone += usize::from(bases.is_empty());
    }
    assert!(pairs > 50 && crossed > 0 && alone > 0, "{pairs} pairs, {crossed} crossed, {alone} alone");
}

#[test]
fn parents_come_before_children() {
    let scratch = full();
    for who in ["libgit2", "git"] {
        let answer = scratch.ask(who);
        let mut seen = Vec::new();
        for line in section(&answer, "commits").lines().filter(|line| line.starts_with("commit ")) {
            let words: Vec<&str> = line.split(' ').collect();
            assert!(words[5..].iter().all(|parent| seen.contains(parent)), "{line}");
            seen.push(words[1]);
        }
    }
}

#[test]
fn an_unborn_branch_stages_everything() {
    let scratch = Scratch::new();
    assert_eq!(section(&scratch.agreed(), "staged"), "");
    scratch.write("a.txt", "one\n");
    scratch.write("dir/b.txt", "two\n");
    scratch.git(&["add", "."]);
    let answer = scratch.agreed();
    assert_eq!(staged_lines(&answer), [r#""a.txt": - -> File"#, r#""dir/b.txt": - -> File"#]);
    assert!(answer.contains("head \"refs/heads/main\" unborn\n"));
    assert!(section(&answer, "resolve").contains("\"HEAD\" error UnknownRevision"));
}

#[test]
fn a_detached_head() {
    let scratch = full();
    scratch.git(&["checkout", "--quiet", "--detach"]);
    let answer = scratch.agreed();
    assert!(answer.contains("\nhead detached "));
    assert_eq!(staged_lines(&answer), STAGED);
}

#[test]
fn packed_refs_and_packed_objects() {
    let scratch = full();
    let before = scratch.agreed();
    scratch.git(&["pack-refs", "--all"]);
    scratch.git(&["repack", "-adq"]);
    assert_eq!(scratch.agreed(), before);
}

#[test]
fn a_subfolder_as_current_directory() {
    let scratch = full();
    let top = scratch.agreed();
    assert_eq!(scratch.agreed_in(&scratch.path().join("sub/folder"), &[]), top);
}

#[test]
fn another_directory_is_named_as_with_git_dash_c() {
    let scratch = full();
    let start = scratch.path().join("sub/folder");
    let env = [("GATEPOST_TEST_START", start.to_str().unwrap())];
    assert_eq!(scratch.agreed_in(scratch.root(), &env), scratch.agreed());
    // A relative GIT_DIR counts from the named directory, whoever answers.
    let env = [("GATEPOST_TEST_START", start.to_str().unwrap()), ("GIT_DIR", "../../.git")];
    let chosen = scratch.ask_in("open", scratch.root(), &env);
    assert_eq!(staged_lines(&chosen), STAGED);
}

#[test]
fn a_linked_work_tree_has_its_own_index_and_head() {
    let scratch = full();
    let linked = scratch.root().join("linked");
    scratch.git(&["worktree", "add", "--quiet", "-b", "linked", linked.to_str().unwrap(), "side"]);
    std::fs::write(linked.join("only-here.txt"), "x\n").unwrap();
    scratch.git_in(&linked, &["add", "only-here.txt"]);
    let answer = scratch.agreed_in(&linked, &[]);
    assert_eq!(staged_lines(&answer), [r#""only-here.txt": - -> File"#]);
    assert!(answer.contains("head \"refs/heads/linked\""));
    // As a hook of the linked work tree is started.
    let git_dir = scratch.path().join(".git/worktrees/linked");
    let hook = scratch.agreed_in(&linked, &[("GIT_DIR", git_dir.to_str().unwrap())]);
    assert_eq!(hook, answer);
}

#[test]
fn the_index_that_git_hands_over() {
    let scratch = full();
    let other = scratch.root().join("other-index");
    std::fs::copy(scratch.path().join(".git/index"), &other).unwrap();
    let env = [("GIT_INDEX_FILE", other.to_str().unwrap())];
    scratch.try_git(&scratch.path(), &["rm", "--quiet", "--cached", "added.txt"], &env);
    scratch.write("second.txt", "x\n");
    scratch.try_git(&scratch.path(), &["add", "second.txt"], &env);
    let handed_over = staged_lines(&scratch.agreed_in(&scratch.path(), &env));
    assert!(handed_over.contains(&r#""second.txt": - -> File"#.to_owned()));
    assert!(!handed_over.contains(&r#""added.txt": - -> File"#.to_owned()));
    assert_eq!(staged_lines(&scratch.agreed()), STAGED);
    // A relative name counts from the root of the work tree, as Git counts, wherever we stand.
    std::fs::rename(&other, scratch.path().join(".git/next-index.lock")).unwrap();
    let env = [("GIT_INDEX_FILE", ".git/next-index.lock")];
    assert_eq!(staged_lines(&scratch.ask_in("open", &scratch.path(), &env)), handed_over);
    assert_eq!(staged_lines(&scratch.ask_in("open", &scratch.path().join("sub/folder"), &env)), handed_over);
}

/// Real commits through a real hook: Git hands over a different index for each way to commit.
#[cfg(unix)]
#[test]
fn every_way_to_commit_shows_the_hook_what_is_committed() {
    let scratch = Scratch::new();
    for name in ["a.txt", "b.txt", "sub/c.txt"] {
        scratch.write(name, "one\n");
    }
    scratch.commit("first");
    scratch.install_hook(&scratch.path().join(".git"), "pre-commit", "");
    let change = |text: &str| {
        scratch.write("a.txt", text);
        scratch.write("b.txt", text);
    };
    let (a, b) = (r#""a.txt": File -> File"#, r#""b.txt": File -> File"#);
    let committed = |directory: &str, arguments: &[&str]| {
        let arguments = [&["commit", "--quiet", "-m", "x"], arguments].concat();
        scratch.git_in(&scratch.path().join(directory), &arguments);
        staged_lines(&scratch.agreed_in_hook())
    };
    change("two\n");
    scratch.git(&["add", "a.txt"]);
    assert_eq!(committed("", &[]), [a]);
    change("three\n");
    assert_eq!(committed("", &["-a"]), [a, b]);
    change("four\n");
    scratch.git(&["add", "a.txt"]);
    assert_eq!(committed("", &["b.txt"]), [b]);
    assert_eq!(committed("sub", &[]), [a]);
    change("five\n");
    assert_eq!(committed("sub", &["-a", "--amend"]), [a, b]);
    let linked = scratch.root().join("linked");
    scratch.git(&["worktree", "add", "--quiet", linked.to_str().unwrap()]);
    std::fs::write(linked.join("b.txt"), "linked\n").unwrap();
    assert_eq!(committed("../linked", &["-a"]), [b]);
    assert_eq!(committed("../linked", &["--amend"]), Vec::<String>::new());
}

/// A real push through a real hook: the new objects are in quarantine, and no ref names them yet.
#[cfg(unix)]
#[test]
fn a_push_shows_the_hook_its_new_commits() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "one\n");
    let old = scratch.commit("first");
    let bare = scratch.root().join("bare.git");
    scratch.git(&["clone", "--quiet", "--mirror", ".", bare.to_str().unwrap()]);
    let set_up = format!("read old new ref\nexport GATEPOST_TEST_TIP=$new GATEPOST_TEST_NOT={old}");
    scratch.install_hook(&bare, "pre-receive", &set_up);
    scratch.write("a.txt", "two\n");
    let new = scratch.commit("second");
    scratch.git(&["push", "--quiet", bare.to_str().unwrap(), "HEAD:refs/heads/topic"]);
    let answer = scratch.agreed_in_hook();
    assert!(section(&answer, "commits").starts_with(&format!("commit {new} ")), "{answer}");
    assert_eq!(section(&answer, "commits").matches("commit ").count(), 1, "{answer}");
    assert!(section(&answer, "commits").contains("Ok(4) \"two\\n\""), "{answer}");
}

#[test]
fn objects_of_a_quarantine_and_of_alternates() {
    let scratch = full();
    let lender = Scratch::new();
    lender.write("lent.txt", "lent\n");
    let lent = lender.commit("lent");
    let objects = lender.path().join(".git/objects");
    let env = [("GIT_ALTERNATE_OBJECT_DIRECTORIES", objects.to_str().unwrap())];
    scratch.try_git(&scratch.path(), &["update-ref", "refs/heads/lent", &lent.to_string()], &env);
    let answer = scratch.agreed_in(&scratch.path(), &env);
    assert!(section(&answer, "commits").contains(r#""lent\n" "#), "{answer}");
    assert!(section(&scratch.agreed(), "commits").starts_with("error MissingObject"));
    // The same with the file that `git clone --shared` writes.
    let file = scratch.path().join(".git/objects/info/alternates");
    std::fs::write(file, format!("{}\n", objects.display())).unwrap();
    assert_eq!(scratch.agreed(), answer);
}

#[test]
fn replacements_and_grafts_are_not_obeyed() {
    let scratch = full();
    let before = scratch.agreed();
    let (real, harmless) = (scratch.id("HEAD:a.txt"), scratch.id("HEAD:with space"));
    scratch.git(&["replace", &real.to_string(), &harmless.to_string()]);
    scratch.git(&["replace", "--graft", "HEAD~1"]);
    let replaced = scratch.agreed();
    assert!(section(&replaced, "commits").starts_with(section(&before, "commits")));
    assert!(section(&replaced, "references").contains("refs/replace/"));
    scratch.git(&["update-ref", "-d", &format!("refs/replace/{}", scratch.id("HEAD~1"))]);
    scratch.git(&["replace", "-d", &real.to_string()]);
    std::fs::write(scratch.path().join(".git/info/grafts"), format!("{}\n", scratch.id("HEAD"))).unwrap();
    // libgit2 obeys grafts in `HEAD~1`, so Git answers, which can be told not to.
    assert_eq!(without_backend(&scratch.ask("open")), without_backend(&before));
}

#[test]
fn unmerged_paths_are_an_error() {
    let scratch = full();
    scratch.git(&["reset", "--quiet", "--hard"]);
    scratch.git(&["checkout", "--quiet", "-b", "conflict", "HEAD~1"]);
    scratch.write("a.txt", "ours\n");
    scratch.commit("ours");
    scratch.git(&["checkout", "--quiet", "main"]);
    scratch.write("a.txt", "theirs\n");
    scratch.commit("theirs");
    assert!(!scratch.try_git(&scratch.path(), &["merge", "conflict"], &[]).status.success());
    assert_eq!(section(&scratch.agreed(), "staged"), "error Unreadable\n");
}

#[test]
fn configuration_from_the_command_line_is_seen() {
    let scratch = full();
    let env = [
        ("GIT_CONFIG_COUNT", "2"),
        ("GIT_CONFIG_KEY_0", "core.commentchar"),
        ("GIT_CONFIG_VALUE_0", "%"),
        ("GIT_CONFIG_KEY_1", "User.Name"),
        ("GIT_CONFIG_VALUE_1", "Counted"),
        ("GIT_CONFIG_PARAMETERS", "'core.commentChar'=';' 'x.implicit'="),
    ];
    let answer = scratch.agreed_in(&scratch.path(), &env);
    let config = section(&answer, "config");
    assert!(config.contains(r#"core.CommentChar Ok(Some(";"))"#), "{config}");
    assert!(config.contains(r#"user.name Ok(Some("Counted"))"#), "{config}");
    assert!(config.contains(r#"x.implicit Ok(Some("true"))"#), "{config}");
}

#[test]
fn a_bare_repository() {
    let scratch = full();
    let bare = scratch.root().join("bare.git");
    scratch.git(&["clone", "--quiet", "--mirror", ".", bare.to_str().unwrap()]);
    let answer = scratch.agreed_in(&bare, &[]);
    assert!(answer.contains("info work_tree None\n"));
    assert_eq!(section(&answer, "commits"), section(&scratch.agreed(), "commits"));
    let hook = scratch.agreed_in(&bare, &[("GIT_DIR", ".")]);
    assert_eq!(hook, answer);
}

fn other_format(init: &[&str]) {
    let ordinary = full();
    let special = Scratch::with(init);
    fill(&special);
    stage(&special);
    let answer = special.ask("open");
    assert!(answer.starts_with("backend GitCommand\n"), "{answer}");
    assert_eq!(without_format(&answer), without_format(&ordinary.ask("libgit2")));
    assert_eq!(staged_lines(&answer), STAGED);
}

#[test]
fn sha256_is_answered_by_git() {
    other_format(&["--object-format=sha256"]);
}

#[test]
fn reftable_is_answered_by_git() {
    let scratch = Scratch::empty();
    if !scratch.try_git(scratch.root(), &["init", "--ref-format=reftable", "probe"], &[]).status.success() {
        println!("skipped 1 check: this git is older than 2.45 and knows no reftable");
        return;
    }
    other_format(&["--ref-format=reftable"]);
}

#[test]
fn an_unborn_branch_in_sha256() {
    let scratch = Scratch::with(&["--object-format=sha256"]);
    scratch.write("a.txt", "one\n");
    scratch.git(&["add", "."]);
    assert_eq!(staged_lines(&scratch.ask("open")), [r#""a.txt": - -> File"#]);
}

#[test]
fn a_split_index() {
    let scratch = full();
    let ordinary = scratch.ask("libgit2");
    scratch.git(&["update-index", "--split-index"]);
    scratch.write("added.txt", "again\n");
    scratch.git(&["add", "added.txt"]);
    let split = scratch.ask("open");
    assert_eq!(staged_lines(&split), STAGED);
    scratch.write("added.txt", "staged\n");
    scratch.git(&["add", "added.txt"]);
    assert_eq!(without_backend(&scratch.agreed()), without_backend(&ordinary));
    assert!(
        String::from_utf8_lossy(&std::fs::read(scratch.path().join(".git/index")).unwrap()).contains("link")
    );
}

#[test]
fn a_sparse_index() {
    let ordinary = full();
    let scratch = Scratch::new();
    fill(&scratch);
    scratch.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "sub"]);
    let read =
        || String::from_utf8_lossy(&std::fs::read(scratch.path().join(".git/index")).unwrap()).into_owned();
    assert!(read().contains("sdir"));
    scratch.write("a.txt", "changed\n");
    scratch.git(&["add", "a.txt"]);
    assert!(read().contains("sdir"));
    assert_eq!(staged_lines(&scratch.agreed()), [STAGED[0]]);
    assert_eq!(section(&scratch.agreed(), "commits"), section(&ordinary.ask("git"), "commits"));
}
