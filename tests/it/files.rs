//! Paths, modes and the form of contents, committed with real git.

use crate::support::{Repo, Run};
use std::os::unix::fs::{PermissionsExt, symlink};

const POLICY: &str = "schema = 1\n\n[files]\nlevel = \"deny\"\npath-max = 40\nwindows-paths = \"deny\"\nsymlinks-outside = \"deny\"\n\
                      submodules = \"deny\"\nexecutable-without-shebang = \"deny\"\nshebang-without-executable = \"warn\"\n\
                      eol-lf = [\"*.sh\"]\nlfs-required = [\"*.psd\"]\nnot-empty = [\"CODEOWNERS\"]\n\n[message]\nlevel = \"off\"\n";

fn repository() -> (Repo, String) {
    let repo = Repo::new();
    repo.write("gatepost.toml", POLICY);
    repo.write("notes.txt", "hello\n");
    let base = repo.commit_all("feat: begin");
    (repo, base)
}

fn pre_commit(repo: &Repo) -> Run {
    repo.git(["add", "-A"]);
    repo.gatepost(["run", "pre-commit"])
}

fn set_mode(repo: &Repo, path: &str, mode: u32) {
    std::fs::set_permissions(repo.root().join(path), std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_commit_answers_for_the_paths_and_the_form_of_its_files() {
    let (repo, _) = repository();
    repo.write("src/aux.c", "int a;\n");
    repo.write("a/folder/that/has/a/rather/long/name/a.txt", "a\n");
    repo.write("run.sh", "#!/bin/sh\r\n");
    repo.write("logo.psd", "8BPS");
    repo.write("CODEOWNERS", "\n");
    symlink("../../etc/passwd", repo.root().join("passwd")).unwrap();
    symlink("notes.txt", repo.root().join("link")).unwrap();
    let words = [
        "GP-FILE-006",
        "GP-FILE-007",
        "the name `aux.c` is a device's",
        "passwd is a symbolic link to ../../etc/passwd, which is above the root",
        "line 1 of run.sh ends with CR LF, and should with LF",
        "warning[GP-FILE-011]",
        "logo.psd is no pointer of Git LFS",
        "CODEOWNERS is empty",
    ];
    let run = pre_commit(&repo).failed(&[1], &words);
    assert!(!run.said().contains("link is a symbolic link"), "{}", run.said());
}

#[test]
fn a_mode_alone_is_a_change() {
    let (repo, base) = repository();
    set_mode(&repo, "notes.txt", 0o755);
    let words = ["GP-FILE-010", "notes.txt is executable", "git update-index --chmod=-x notes.txt"];
    pre_commit(&repo).failed(&[1], &words);
    // Also where one push brings the file and sets the bit later.
    repo.git(["reset", "-q", "--hard", &base]);
    repo.write("more.txt", "more\n");
    repo.commit_all("feat: more");
    repo.gatepost(["run", "ci", "--from-ref", &base]).ok();
    set_mode(&repo, "more.txt", 0o755);
    let commit = repo.commit_all("chore: run it");
    repo.gatepost(["run", "ci", "--from-ref", &base]).failed(&[1], &["more.txt is executable", &commit[..7]]);
}

#[test]
fn a_submodule_is_new_once() {
    let (repo, base) = repository();
    let inner = Repo::new();
    inner.write("a.txt", "a\n");
    inner.commit_all("feat: a");
    repo.git(["submodule", "--quiet", "add", inner.root().to_str().unwrap(), "lib"]);
    pre_commit(&repo).failed(&[1], &["GP-FILE-013", "lib is a new submodule", "git rm --cached lib"]);
    let with = repo.commit_all("feat: a library");
    repo.gatepost(["run", "ci", "--from-ref", &base]).failed(&[1], &["lib is a new submodule", &with[..7]]);
    inner.write("b.txt", "b\n");
    inner.commit_all("feat: b");
    repo.git(["-C", "lib", "pull", "-q"]);
    repo.commit_all("feat: a newer library");
    repo.gatepost(["run", "ci", "--from-ref", &with]).ok();
}

#[test]
fn a_required_file_stays() {
    let repo = Repo::new();
    repo.write(
        "gatepost.toml",
        "schema = 1\n\n[files]\nrequire = [\"CODEOWNERS\", \"/SECURITY.md\"]\n\n[message]\nlevel = \"off\"\n",
    );
    repo.write(".github/CODEOWNERS", "* @all\n");
    let base = repo.commit_all("feat: begin");
    repo.write("a.txt", "a\n");
    pre_commit(&repo).ok();
    let tip = repo.commit_all("feat: a");
    let ci = || repo.gatepost(["run", "ci", "--from-ref", &base]);
    ci().failed(&[1], &["GP-FILE-015", "there is no file `SECURITY.md`", &tip[..7]]);
    repo.write("SECURITY.md", "\n");
    pre_commit(&repo).failed(&[1], &["SECURITY.md is required, and is empty"]);
    repo.write("SECURITY.md", "Write to us.\n");
    pre_commit(&repo).ok();
    repo.commit_all("docs: security");
    ci().ok();
    repo.remove(".github/CODEOWNERS");
    pre_commit(&repo).failed(&[1], &["there is no file `CODEOWNERS`"]);
    repo.write("CODEOWNERS", "* @all\n");
    pre_commit(&repo).ok();
}

#[test]
fn paths_that_differ_in_capital_letters_clash_with_the_tree() {
    let repo = Repo::new();
    repo.write(
        "gatepost.toml",
        "schema = 1\n\n[files]\ncase-clashes = \"deny\"\n\n[message]\nlevel = \"off\"\n",
    );
    repo.write("docs/README.md", "a\n");
    let base = repo.commit_all("feat: begin");
    repo.write("docs/Readme.md", "b\n");
    let words = ["GP-FILE-016", "docs/Readme.md differs from docs/README.md in capital letters alone"];
    pre_commit(&repo).failed(&[1], &words);
    repo.commit_all("feat: more");
    repo.gatepost(["run", "ci", "--from-ref", &base]).failed(&[1], &words);
    repo.git(["rm", "-q", "docs/README.md"]);
    repo.commit_all("fix: one of them");
    repo.gatepost(["run", "ci", "--from-ref", &base]).ok();
}

#[test]
fn what_nobody_owns_is_not_committed() {
    let repo = Repo::new();
    repo.write(
        "gatepost.toml",
        "schema = 1\n\n[files]\ncodeowners = \"deny\"\nowned-paths = [\"config/**\", \"terraform/**\"]\n\n[message]\nlevel = \"off\"\n",
    );
    repo.write("config/old.yml", "a: 1\n");
    let root = repo.commit_all("feat: begin");
    // What was there before is nobody's fault, until it changes.
    repo.write("src/a.c", "int a;\n");
    pre_commit(&repo).ok();
    repo.write("config/old.yml", "a: 2\n");
    pre_commit(&repo).failed(&[1], &["GP-FILE-018", "config/old.yml has no owner", "there is no CODEOWNERS"]);
    repo.write(".github/CODEOWNERS", "# who is asked\n/config/ @org/operations\n");
    pre_commit(&repo).ok();
    repo.commit_all("feat: name owners");
    // A line that nobody understands leaves its files without an owner.
    repo.write(".github/CODEOWNERS", "/config/ operations\n");
    pre_commit(&repo).failed(
        &[1],
        &[
            "GP-FILE-017",
            "line 1 of .github/CODEOWNERS names `operations`",
            "GP-FILE-018",
            "1 file of owned-paths has no owner in .github/CODEOWNERS: config/old.yml",
        ],
    );
    repo.git(["reset", "-q", "--hard"]);
    repo.remove(".github/CODEOWNERS");
    pre_commit(&repo).failed(&[1], &["GP-FILE-018", "config/old.yml"]);
    // At the end of a range, whatever the commits in between did.
    repo.commit_all("feat: drop the owners");
    let ci = |base: &str| repo.gatepost(["run", "ci", "--from-ref", base]);
    ci(&root).failed(&[1], &["GP-FILE-018", "config/old.yml"]);
    repo.write("CODEOWNERS", "[Operations][2] @org/operations\nconfig/\n!/config/free.yml\n");
    repo.commit_all("feat: name them again");
    ci(&root).ok();
    repo.write("config/free.yml", "b: 1\n");
    repo.commit_all("feat: a file that is taken out");
    ci(&root).failed(&[1], &["config/free.yml has no owner in CODEOWNERS"]);
}
