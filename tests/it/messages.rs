//! Commit messages through the real git: what is judged is what git stores, trailers are those that git sees, and the
//! settings of `[message]` do at the gates what they say.

use crate::support::{GATEPOST, Repo, Run, run};
use serde_json::Value;
use std::path::Path;

/// Every line of a message becomes a finding, with its place and its text, and none refuses.
const EVERY_LINE: &str = r#"
[message]
level = "warn"
types = ["none"]
header-max = 1
body-line-max = 1
footer-line-max = 1
body-line-except = []
merge = "check"
revert = "check"
fixup = "check"
initial = "check"
"#;

/// A repository whose `commit-msg` hook keeps the report of gatepost as `judged.json`.
struct Watched(Repo);

impl Watched {
    fn new() -> Self {
        let repo = Repo::new();
        repo.write("gatepost.toml", EVERY_LINE);
        repo.commit_all("chore: begin");
        let hook = format!(
            "#!/bin/sh\n{GATEPOST} run commit-msg \"$1\" -f json -o \"$(git rev-parse --git-dir)/judged.json\"\n"
        );
        script(&repo.root().join(".git/hooks/commit-msg"), &hook);
        repo.write("file.txt", "one\n");
        repo.git(["add", "-A"]);
        Self(repo)
    }

    /// Commits with these settings and arguments, and an editor that writes `typed` above what it finds, where there is
    /// one.
    fn commit(&self, settings: &[(&str, &str)], arguments: &[&str], typed: Option<&[u8]>) -> Run {
        let repo = &self.0;
        let mut command = repo.command("git", repo.root());
        if let Some(typed) = typed {
            let (text, editor) = (repo.beside("typed"), repo.beside("editor"));
            std::fs::write(&text, typed).unwrap();
            let body =
                format!("#!/bin/sh\ncat \"$1\" >\"$1.old\"\ncat {} \"$1.old\" >\"$1\"\n", text.display());
            script(&editor, &body);
            command.env("GIT_EDITOR", editor);
        }
        for (key, value) in settings {
            command.arg("-c").arg(format!("{key}={value}"));
        }
        run(command.arg("commit").args(arguments), b"").ok()
    }

    /// What the hook said of the message and what is said of the commit: the same rules, places and words.
    #[track_caller]
    fn same(&self, case: &str) {
        let repo = &self.0;
        let judged = std::fs::read_to_string(repo.root().join(".git/judged.json")).unwrap();
        let stored = repo.gatepost(["check", "message", "--range", "HEAD^..HEAD", "-f", "json"]).ok().out;
        let (judged, stored) = (findings(&judged, None), findings(&stored, Some(&repo.head())));
        assert_eq!(judged, stored, "{case}: git stored {:?}", repo.git(["log", "-1", "--format=%B"]));
        assert!(!stored.is_empty(), "{case}: nothing was seen");
    }
}

fn script(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// Rule, sentence, line and columns of each finding; of a commit alone, where one is named.
fn findings(report: &str, commit: Option<&str>) -> Vec<String> {
    let report: Value = serde_json::from_str(report).unwrap();
    let row = |finding: &Value| {
        let place = &finding["locations"][0];
        let parts =
            [&finding["rule"], &finding["message"], &place["line"], &place["column"], &place["end_column"]];
        parts.map(ToString::to_string).join(" ")
    };
    let is_of = |finding: &&Value| commit.is_none_or(|id| finding["locations"][0]["commit"] == id);
    report["findings"].as_array().unwrap().iter().filter(is_of).map(row).collect()
}

/// Settings, arguments of `git commit`, and what is typed in the editor, where one is opened.
type Case<'c> = (Vec<(&'c str, &'c str)>, Vec<&'c str>, Option<&'c [u8]>);

#[test]
#[cfg(unix)]
fn what_is_judged_is_what_git_stores() {
    const TYPED: &[u8] = b"feat: keep the login  \n\n\n# a comment\n; another\n// and one more\nthe body \t\n\n\n  # indented\n\nRefs: 1\n\n";
    const SCISSORS: &[u8] =
        b"feat: keep it\n\n# a comment\nbody\n# ------------------------ >8 ------------------------\nbelow\n";
    let modes = ["default", "strip", "whitespace", "verbatim", "scissors"];
    let mut cases: Vec<Case<'_>> = Vec::new();
    let text = std::str::from_utf8(TYPED).unwrap();
    for mode in modes {
        let cleanup = ("commit.cleanup", mode);
        cases.push((vec![cleanup], vec![], Some(TYPED)));
        cases.push((vec![cleanup], vec!["-v"], Some(TYPED)));
        cases.push((vec![cleanup], vec!["-m", text], None));
        cases.push((vec![cleanup], vec!["-m", text, "-e"], Some(b"feat: above\n\n")));
        cases.push((vec![cleanup], vec!["-m", std::str::from_utf8(SCISSORS).unwrap()], None));
        cases.push((vec![cleanup], vec![], Some(b"feat: crlf\r\n\r\nbody\r\n# comment\r\n")));
    }
    for comment in [";", "#", "auto", "%"] {
        cases.push((vec![("core.commentChar", comment)], vec![], Some(TYPED)));
        cases.push((vec![("core.commentChar", comment), ("commit.verbose", "true")], vec![], Some(TYPED)));
        cases.push((vec![("core.commentChar", comment)], vec!["-m", text], None));
    }
    cases.push((vec![("commit.cleanup", "scissors"), ("core.commentChar", ";")], vec![], Some(TYPED)));
    cases.push((vec![("i18n.commitEncoding", "ISO-8859-1")], vec![], Some(b"feat: \xfcber\n\nb\xf6dy\n")));
    cases.push((vec![], vec![], Some("feat: \u{fc}ber\n\nb\u{f6}dy\n".as_bytes())));
    cases.push((vec![], vec!["--amend", "--no-edit"], None));
    cases.push((vec![], vec!["--fixup=HEAD"], None));
    cases.push((vec![], vec!["-m", "feat: one\n\n#12 is\nfixed", "-m", "two"], None));
    let watched = Watched::new();
    watched.commit(&[], &["-m", "feat: first"], None);
    for (settings, arguments, typed) in cases {
        let arguments = [arguments.as_slice(), &["--allow-empty"]].concat();
        watched.commit(&settings, &arguments, typed);
        watched.same(&format!("{settings:?} {arguments:?}"));
    }
    // Git mends what is not UTF-8, and stores what it takes it for. That it had to is told before.
    watched.commit(&[], &["--allow-empty"], Some(b"feat: \xfcber \xe2\x82\n\nno \xff text\n"));
    let judged = std::fs::read_to_string(watched.0.root().join(".git/judged.json")).unwrap();
    let judged = findings(&judged, None).into_iter().filter(|row| !row.contains("byte 7 cannot be decoded"));
    let stored = watched.0.gatepost(["check", "message", "--range", "HEAD^..HEAD", "-f", "json"]).ok().out;
    assert_eq!(judged.collect::<Vec<_>>(), findings(&stored, None));
    let version = watched.0.git(["version"]);
    // core.commentString is as old as Git 2.45.
    let number: Vec<u32> = version
        .trim_start_matches("git version ")
        .split('.')
        .take(2)
        .filter_map(|n| n.parse().ok())
        .collect();
    if number >= vec![2, 45] {
        let settings = [("core.commentString", "//")];
        watched.commit(&settings, &["--allow-empty"], Some(TYPED));
        watched.same("core.commentString");
        watched.commit(&settings, &["--allow-empty", "-v"], Some(TYPED));
        watched.same("core.commentString, verbose");
    }
}

#[test]
#[cfg(unix)]
fn a_merge_is_judged_as_git_stores_it() {
    let watched = Watched::new();
    let repo = &watched.0;
    watched.commit(&[], &["-m", "feat: ours"], None);
    repo.git(["checkout", "-q", "-b", "side", "HEAD^"]);
    repo.write("other.txt", "two\n");
    repo.commit_all("feat: theirs");
    repo.git(["checkout", "-q", "main"]);
    repo.git(["merge", "-q", "--no-ff", "--no-commit", "side"]);
    watched.commit(&[], &[], Some(b""));
    watched.same("a merge");
}

#[test]
fn trailers_are_those_that_git_sees() {
    const LINES: &[&str] = &[
        "Refs: 1",
        "Signed-off-by: A <a@example.com>",
        "Risk:low",
        "Key : spaced",
        "Empty:",
        "Fixes #12",
        "BREAKING CHANGE: x",
        "(cherry picked from commit 0123456)",
        " continued",
        "\tby a tab",
        "prose without a mark",
        "see https://example.com/x",
        "https://example.com/x",
        "# a comment",
        "Conflicts:",
        "a-b-c: d: e",
        "_x: y",
        "1: 2",
        ": nothing",
        "---",
        "",
        "",
        "",
        "  ",
    ];
    let repo = Repo::new();
    let mut state = 0x2545_f491_u64;
    let mut below = |end: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % end as u64).unwrap()
    };
    let mut with_trailers = 0;
    for _ in 0..300 {
        let mut text = String::from(if below(4) == 0 { "Title: x\n" } else { "fix: x\n\n" });
        for _ in 0..below(9) {
            text.push_str(LINES[below(LINES.len())]);
            text.push('\n');
        }
        if below(6) == 0 {
            text.truncate(text.trim_end().len());
        }
        let arguments = ["interpret-trailers", "--parse", "--no-divider"];
        let theirs = repo.run("git", arguments, repo.root(), text.as_bytes()).ok().out;
        let ours: String = gatepost_core::message::trailers(&text)
            .iter()
            .map(|trailer| format!("{}: {}\n", trailer.token.text, trailer.value))
            .collect();
        assert_eq!(ours, theirs, "{text:?}");
        with_trailers += usize::from(!theirs.is_empty());
    }
    assert!(with_trailers > 75, "only {with_trailers} had trailers");
}

/// A gated repository with these lines in `[message]`.
fn gated(lines: &str) -> Repo {
    let repo = Repo::gated();
    repo.write("gatepost.toml", format!("[message]\n{lines}\n"));
    repo.commit_all("chore: set the policy");
    repo
}

fn commit(repo: &Repo, arguments: &[&str]) -> Run {
    let all: Vec<&str> = ["commit", "--allow-empty"].iter().chain(arguments).copied().collect();
    repo.try_git(all)
}

#[test]
fn a_sign_off_is_the_authors() {
    let repo = gated("sign-off = \"author\"");
    commit(&repo, &["-m", "fix: x"]).refused(&["GP-MSG-029", "git commit --amend --signoff --no-edit"]);
    // -s signs for the committer, who is somebody else here.
    commit(&repo, &["-s", "-m", "fix: x"]).refused(&["C O Mitter", "A U Thor"]);
    commit(&repo, &["-m", "fix: x\n\nSigned-off-by: A U Thor <AUTHOR@example.com>"]).ok();
    let own = ["-s", "-m", "fix: x", "--author", "C O Mitter <committer@example.com>"];
    // Git tells its hooks who the author is, wherever the name comes from.
    commit(&repo, &own).ok();
    let checked = repo.gatepost(["check", "message", "--range", "HEAD^..HEAD"]);
    assert_eq!(checked.code, 0, "{}", checked.said());
}

#[test]
fn a_fixup_is_welcome_at_home_and_nowhere_else() {
    let repo = gated("fixup = { default = \"ignore\", pre-push = \"deny\" }");
    let origin = repo.beside("origin.git");
    repo.git(["init", "-q", "--bare", origin.to_str().unwrap()]);
    repo.git(["remote", "add", "origin", origin.to_str().unwrap()]);
    repo.git(["push", "-q", "origin", "main"]);
    commit(&repo, &["--fixup=HEAD"]).ok();
    repo.try_git(["push", "origin", "main"]).refused(&["GP-MSG-016", "git rebase -i --autosquash"]);
}

#[test]
fn one_rule_has_a_level_of_its_own() {
    let repo = gated("rules.full-stop = \"warn\"\nrules.unknown-type = \"off\"\nfull-stop = \"forbid\"");
    let run = commit(&repo, &["-m", "anything: x."]).ok();
    assert!(
        run.said().contains("warning[GP-MSG-010]") && !run.said().contains("GP-MSG-002"),
        "{}",
        run.said()
    );
    repo.write("gatepost.toml", "[message]\nrules.full-stopp = \"warn\"\n");
    repo.gatepost(["config", "check"]).failed(&[2], &["did you mean `full-stop`?"]);
}

#[test]
fn trailers_have_their_form() {
    let repo = gated(
        "trailers.required = [\"Refs\", \"Risk\"]\ntrailers.match = ['Refs: [A-Z]+-\\d+', 'Risk: low|medium|high']",
    );
    commit(&repo, &["-m", "fix: x", "--trailer", "Refs: A-1", "--trailer", "Risk: none"])
        .refused(&["GP-MSG-028", "low|medium|high"]);
    commit(&repo, &["-m", "fix: x", "--trailer", "Refs: A-1", "--trailer", "Risk: low"]).ok();
    repo.write("gatepost.toml", "[message]\ntrailers.match = [\"Risk\"]\n");
    repo.gatepost(["config", "check"]).failed(&[2], &["write it like the trailer", "gatepost.toml:2"]);
}

#[test]
fn dependencies_change_alone() {
    let repo = gated("dependency-changes = \"alone\"");
    repo.write("web/package.json", "{}\n");
    repo.write("web/index.js", "1\n");
    let both = repo.commit_all("feat: add a library and use it");
    let checked = repo.gatepost(["check", "message", "--range", "HEAD^..HEAD"]);
    checked.failed(&[1], &["GP-MSG-032", "web/package.json", "web/index.js", "git reset HEAD^", &both[..12]]);
    repo.write("web/package.json", "{ }\n");
    repo.commit_all("build(deps): add a library");
    repo.gatepost(["check", "message", "--range", "HEAD^..HEAD"]).ok();
}

#[test]
#[cfg(unix)]
fn a_refused_message_comes_back() {
    let repo = gated("");
    let run =
        commit(&repo, &["-m", "feature: add a form"]).refused(&["make the first line: feat: add a form"]);
    let command = "git commit -eF .git/COMMIT_EDITMSG";
    assert!(run.said().contains(command), "{}", run.said());
    let editor = repo.beside("editor");
    script(&editor, "#!/bin/sh\nsed -i.old 's/^feature:/feat:/' \"$1\"\n");
    let mut git = repo.command("git", repo.root());
    git.env("GIT_EDITOR", editor).args(command.split(' ').skip(1)).arg("--allow-empty");
    crate::support::run(&mut git, b"").ok();
    assert_eq!(repo.git(["log", "-1", "--format=%s"]), "feat: add a form");
}

#[test]
fn presets_are_files_to_print_and_to_build_on() {
    let repo = Repo::new();
    let list = repo.gatepost(["config", "presets"]).ok().out;
    for name in ["conventional", "commitlint-config-conventional"] {
        assert!(list.contains(name), "{list}");
        let text = repo.gatepost(["config", "preset", name]).ok().out;
        repo.write("printed.toml", &text);
        repo.gatepost(["config", "check", "printed.toml"]).ok();
    }
    repo.gatepost(["init", "--preset", "conventional"]).ok();
    let judge =
        |message: &str| repo.run(GATEPOST, ["check", "message", "-"], repo.root(), message.as_bytes());
    judge("FEAT(api)!: anything at all").ok();
    judge("feat:x").refused(&["rule 1"]);
    repo.write("gatepost.toml", "schema = 1\nextends = [\"preset:commitlint-config-conventional\"]\n");
    judge("FEAT: x").refused(&["GP-MSG-019"]);
    judge("fix: Keep it").refused(&["GP-MSG-022", "make the first line: fix: keep it"]);
    judge("fix: keep it").ok();
}

#[test]
fn a_configuration_of_commitlint_becomes_a_policy() {
    let repo = Repo::new();
    repo.write(
        "commitlint.config.js",
        "module.exports = {\n  extends: ['@commitlint/config-conventional'],\n  ignores: [(m) => m === 'x'],\n  rules: { 'scope-enum': [2, 'always', ['api']], 'header-max-length': [1, 'always', 50] },\n};\n",
    );
    let run = repo.gatepost(["import", "commitlint", "commitlint.config.js", "-o", "gatepost.toml"]).ok();
    assert_eq!(run.out, "");
    assert!(
        run.err.contains("1 thing of commitlint is not in the policy") && run.err.contains("ignores: "),
        "{}",
        run.err
    );
    repo.gatepost(["config", "check"]).ok();
    let judge =
        |message: &str| repo.run(GATEPOST, ["check", "message", "-"], repo.root(), message.as_bytes());
    judge("fix(web): keep it").refused(&["GP-MSG-005"]);
    judge("fix(api): keep it").ok();
    let run = judge("fix(api): keep the login of everybody after a reload of it").ok();
    assert!(run.said().contains("warning[GP-MSG-003]"), "{}", run.said());
    let printed = repo.gatepost(["import", "commitlint", "commitlint.config.js"]).ok().out;
    assert_eq!(printed, std::fs::read_to_string(repo.root().join("gatepost.toml")).unwrap());
    repo.write("commitlint.config.js", "export default {\n  rules: require('./rules'),\n};\n");
    repo.gatepost(["import", "commitlint", "commitlint.config.js"])
        .failed(&[2], &["commitlint.config.js: line 2", "npx commitlint --print-config json"]);
    repo.gatepost(["import", "commitlnt", "x"]).failed(&[2], &["gatepost import commitlint FILE"]);
    repo.gatepost(["import", "commitlint", "nowhere"]).failed(&[2], &["cannot read nowhere"]);
}
