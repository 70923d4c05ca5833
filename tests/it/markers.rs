//! Markers on added lines, from end to end: what a commit, a push and a range bring, and what was there before them.

use crate::ci::report;
use crate::receive::Server;
use crate::support::{Repo, Run};

const POLICY: &str = "schema = 1\n\n[markers]\ntodo = \"needs-ticket\"\ndebug = \"forbid\"\nsuppressions = \"needs-reason\"\n\
                      disabled-tests = \"needs-ticket\"\nconflicts = \"forbid\"\n\n[message]\nlevel = \"off\"\n";

/// Code with an old TODO and an old debug statement.
const OLD: &str = "function total(cart) {\n  // TODO: round\n  console.log(cart);\n  return sum(cart);\n}\n";

fn repository() -> (Repo, String) {
    let repo = Repo::new();
    repo.write("gatepost.toml", POLICY);
    repo.write("src/cart.js", OLD);
    let base = repo.commit_all("feat: begin");
    (repo, base)
}

fn pre_commit(repo: &Repo) -> Run {
    repo.git(["add", "-A"]);
    repo.gatepost(["run", "pre-commit"])
}

fn ci(repo: &Repo, base: &str) -> Run {
    repo.gatepost(["run", "ci", "--from-ref", base])
}

/// The rules, lines and commits of a report.
fn found(run: &Run) -> Vec<(String, u64, String)> {
    let report = report(run);
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            let place = &finding["locations"][0];
            (text(&finding["rule"]), place["line"].as_u64().unwrap(), text(&place["commit"]))
        })
        .collect()
}

#[test]
fn a_commit_answers_for_the_lines_that_it_adds() {
    let (repo, _) = repository();
    repo.write("src/cart.js", format!("import {{ sum }} from './sum.js';\n{OLD}"));
    pre_commit(&repo).ok();
    repo.write("src/cart.js", format!("{OLD}// FIXME: taxes\ndebugger;\n"));
    let words = [
        "GP-MARK-001",
        "src/cart.js:6:4",
        "FIXME comment without a ticket",
        "FIXME(PROJ-123)",
        "GP-MARK-002",
        "src/cart.js:7:1",
        "`debugger` is a debug statement",
    ];
    let run = pre_commit(&repo).failed(&[1], &words);
    assert!(!run.said().contains("console.log"), "{}", run.said());
    repo.write("src/cart.js", format!("{OLD}// FIXME(PROJ-7): taxes\n"));
    pre_commit(&repo).ok();
    // The whole file counts where it is named and no change is, under its path in the repository.
    repo.gatepost(["check", "markers", "src"]).failed(&[1], &["src/cart.js:2:6", "console.log"]);
    let here = repo.root().join("src");
    for path in [".", "cart.js", "../src/cart.js"] {
        let run = repo.run(crate::support::GATEPOST, ["check", "markers", path], &here, b"");
        run.failed(&[1], &["src/cart.js:2:6"]);
    }
    repo.gatepost(["check", "markers", "."]).failed(&[1], &["src/cart.js:2:6"]);
    repo.gatepost(["check", "markers"]).ok();
}

#[test]
fn what_is_moved_or_indented_is_nobodys_news() {
    let (repo, _) = repository();
    repo.git(["mv", "src/cart.js", "src/basket.js"]);
    pre_commit(&repo).ok();
    repo.git(["mv", "src/basket.js", "cart.js"]);
    let indented = OLD.replace('\n', "\n    ");
    repo.write("cart.js", format!("{indented}\nmore();\n"));
    repo.git(["commit", "-q", "--no-verify", "-m", "refactor: move"]);
    repo.git(["reset", "-q", "--soft", "HEAD~1"]);
    pre_commit(&repo).ok();
    // The same name elsewhere, and another content.
    repo.git(["reset", "-q", "--hard"]);
    repo.git(["mv", "src/cart.js", "cart.js"]);
    repo.write("cart.js", format!("{OLD}debugger;\n"));
    pre_commit(&repo).failed(&[1], &["cart.js:6:1", "debugger"]);
}

#[test]
fn a_merge_brings_what_none_of_its_sides_had() {
    let (repo, base) = repository();
    repo.git(["checkout", "-q", "-b", "side"]);
    repo.write("src/cart.js", OLD.replace("sum(cart)", "0; // TODO: side"));
    repo.commit_all("feat: side");
    repo.git(["checkout", "-q", "main"]);
    repo.write("src/cart.js", OLD.replace("sum(cart)", "1; // TODO: main"));
    let main = repo.commit_all("feat: main");
    assert_ne!(repo.try_git(["merge", "-q", "side"]).code, 0, "it conflicts");
    // As Git left it, then decided: both lines were there.
    pre_commit(&repo).failed(&[1], &["GP-MARK-006", "src/cart.js:4:1", "lines 4 to 8"]);
    repo.write("src/cart.js", OLD.replace("sum(cart)", "0; // TODO: side;\n  return 1; // TODO: main"));
    pre_commit(&repo).ok();
    repo.git(["commit", "-q", "--no-verify", "-m", "Merge branch 'side'"]);
    let run = repo.gatepost(["run", "ci", "--from-ref", &main, "-f", "json"]);
    let side = repo.git(["rev-parse", "side"]);
    assert_eq!(
        found(&run),
        [("todo-comment".to_owned(), 4, side)],
        "the branch brings its own, and is named"
    );
    repo.gatepost(["run", "ci", "--from-ref", &main, "--to-ref", &main]).ok();
    // What the merge itself brings is the merge's.
    repo.git(["checkout", "-q", "-B", "other", &base]);
    repo.git(["merge", "-q", "--no-ff", "--no-commit", "side"]);
    repo.write("a.js", "debugger;\n");
    let merge = repo.commit_all("Merge branch 'side'");
    let run = repo.gatepost(["run", "ci", "--from-ref", "side", "-f", "json"]);
    assert_eq!(found(&run), [("debug-statement".to_owned(), 1, merge)]);
}

#[test]
fn a_range_is_judged_by_what_is_left_of_it_and_names_the_commit() {
    let (repo, base) = repository();
    repo.write("src/cart.js", format!("{OLD}debugger;\n"));
    repo.commit_all("feat: look");
    repo.write("src/cart.js", format!("{OLD}// TODO: taxes\n"));
    let first = repo.commit_all("feat: taxes");
    repo.write("src/cart.js", format!("// Carts.\n{OLD}// TODO: taxes\n"));
    repo.commit_all("docs: say more");
    let run = repo.gatepost(["run", "ci", "--from-ref", &base, "-f", "json"]);
    assert_eq!(found(&run), [("todo-comment".to_owned(), 7, first.clone())]);
    let run = repo.gatepost(["check", "markers", "--range", &format!("{base}..HEAD"), "-f", "json"]);
    assert_eq!(found(&run), [("todo-comment".to_owned(), 7, first)]);
    ci(&repo, &base).failed(&[1], &["src/cart.js:7:4", "1 file, 3 commits"]);
    // A policy of the change itself has no say.
    repo.write("gatepost.toml", "schema = 1\n");
    repo.commit_all("chore: no markers");
    ci(&repo, &base).failed(&[1], &["GP-MARK-001"]);
    ci(&repo, "HEAD").ok();
}

#[test]
fn a_push_is_refused_for_what_it_adds_alone() {
    let server = Server::new();
    let repo = &server.repo;
    repo.write("src/cart.js", OLD);
    repo.commit_all("feat: begin");
    server.push(&["main"]).ok();
    server.policy(POLICY);
    repo.write("src/cart.js", format!("{OLD}x = 1 // eslint-disable-line\n"));
    let commit = repo.commit_all("feat: silence");
    server.refuses(
        &["main"],
        &["GP-MARK-005", "src/cart.js:6", "eslint is silenced without a reason", &commit[..7]],
    );
    repo.write("src/cart.js", format!("{OLD}x = 1 // eslint-disable-line -- the text is ours\n"));
    repo.commit_all("feat: say why");
    server.push(&["main"]).ok();
    // A branch over commits that the server has brings nothing.
    repo.git(["checkout", "-q", "-b", "release", "main~2"]);
    server.push(&["release"]).ok();
    repo.git(["merge", "-q", "--ff-only", "main"]);
    server.push(&["release"]).ok();
    // A merge of them that is taken over as it is, neither.
    repo.git(["checkout", "-q", "-b", "side", "main~2"]);
    repo.write("b.js", "b();\n");
    repo.commit_all("feat: b");
    repo.git(["merge", "-q", "--no-ff", "main", "-m", "Merge branch 'main'"]);
    server.push(&["side"]).ok();
}

#[test]
fn what_is_demanded_differs_by_path() {
    let (repo, base) = repository();
    let overlays = "\n[[overlay]]\npaths = [\"scripts/**\"]\nmarkers.debug = \"allow\"\n\n[[overlay]]\npaths = [\"docs/**\"]\n\
                    markers.todo = \"allow\"\nmarkers.debug = \"allow\"\nmarkers.conflicts = \"allow\"\n";
    repo.write("gatepost.toml", format!("{POLICY}{overlays}"));
    let text = "// TODO: a\nconsole.log(1);\n";
    for path in ["scripts/a.js", "docs/a.js", "src/a.js"] {
        repo.write(path, text);
    }
    repo.commit_all("feat: add");
    repo.git(["reset", "-q", "--soft", &base]);
    let run = repo.gatepost(["run", "pre-commit", "-f", "json"]);
    let report = report(&run);
    let markers = report["findings"].as_array().unwrap().iter();
    let markers = markers.filter(|finding| finding["code"].as_str().unwrap().starts_with("GP-MARK"));
    let paths: Vec<&str> = markers.map(|finding| finding["locations"][0]["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["scripts/a.js", "src/a.js", "src/a.js"]);
    // An overlay can switch the section on for some paths alone.
    repo.write(
        "gatepost.toml",
        "schema = 1\n\n[[overlay]]\npaths = [\"src/**\"]\nmarkers.debug = \"forbid\"\n",
    );
    let run = pre_commit(&repo).failed(&[1], &["src/a.js:2:1"]);
    assert!(!run.said().contains("scripts/a.js"), "{}", run.said());
}

#[test]
fn nothing_is_judged_unless_the_policy_says_so() {
    let repo = Repo::new();
    repo.write("a.js", "debugger; // TODO: x\n");
    pre_commit(&repo).ok();
    repo.gatepost(["check", "markers"]).failed(&[0], &["[markers] allows everything"]);
    repo.write("gatepost.toml", POLICY);
    pre_commit(&repo).failed(&[1], &["GP-MARK-002"]);
    // Large and binary files, and links, are left alone; the first are counted.
    repo.write("a.js", "a();\n");
    repo.write("large.js", format!("debugger;\n{}", "x();\n".repeat(600_000)));
    repo.write("b.js", b"debugger;\0");
    std::os::unix::fs::symlink("debugger;", repo.root().join("link.js")).unwrap();
    let run = pre_commit(&repo).failed(&[0], &["too large"]);
    assert!(!run.said().contains("GP-MARK"), "{}", run.said());
}

#[test]
fn untrusted_bytes_of_a_line_are_escaped() {
    let (repo, _) = repository();
    repo.write("src/a\u{202e}.py", "x  # noqa: E501\u{1b}[31m\u{202e}\n");
    repo.write("src/b.test.js", "it.skip('\u{1b}]8;;http://x\u{7}')\n");
    let run = pre_commit(&repo).failed(&[1], &["GP-MARK-005", "GP-MARK-003"]);
    assert!(!run.said().contains(['\u{1b}', '\u{202e}', '\u{7}']), "{:?}", run.said());
}
