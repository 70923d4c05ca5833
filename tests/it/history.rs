//! The places where a history hides things from `git log -p`, each with a token of its own.

use crate::support::{Repo, leak, token};
use std::collections::BTreeMap;

/// A repository and what is hidden in it: the place's name and its token.
struct Hidden {
    repo: Repo,
    tokens: BTreeMap<&'static str, String>,
}

impl Hidden {
    fn new() -> Self {
        let repo = Repo::new();
        repo.write("a.txt", "hello\n");
        repo.commit_all("feat: begin");
        Self { repo, tokens: BTreeMap::new() }
    }

    /// A new token for `place`.
    fn token(&mut self, place: &'static str) -> String {
        let token = token();
        assert!(self.tokens.insert(place, token.clone()).is_none(), "{place} twice");
        token
    }

    fn leak(&mut self, place: &'static str) -> String {
        leak(&self.token(place))
    }

    /// A file with a token, committed.
    fn file(&mut self, place: &'static str, path: &str, frame: impl FnOnce(String) -> String) {
        let text = frame(self.leak(place));
        self.repo.write(path, text);
        self.repo.commit_all(place);
    }

    fn merge_only(&mut self) {
        let new = self.leak("merge: new file");
        let edit = self.leak("merge: edit");
        let repo = &self.repo;
        repo.git(["checkout", "-q", "-b", "side"]);
        repo.write("side.txt", "side\n");
        repo.commit_all("side");
        repo.git(["checkout", "-q", "main"]);
        repo.write("main.txt", "main\n");
        repo.commit_all("main");
        repo.git(["merge", "-q", "--no-commit", "--no-ff", "side"]);
        repo.write("merged.env", new);
        repo.write("a.txt", format!("hello\n{edit}"));
        repo.commit_all("merge side");
        repo.remove("merged.env");
        repo.write("a.txt", "hello\n");
        repo.commit_all("clean up");
    }

    fn attributes(&mut self) {
        let (minus, convert) = (self.leak("-diff attribute"), self.leak("textconv"));
        let repo = &self.repo;
        repo.git(["config", "diff.hide.textconv", "echo nothing #"]);
        repo.write(".gitattributes", "*.nodiff -diff\n*.hide diff=hide\n");
        repo.write("x.nodiff", minus);
        repo.write("y.hide", convert);
        repo.commit_all("attributes");
    }

    #[cfg(unix)]
    fn links(&mut self) {
        use std::os::unix::fs::symlink;
        let target = format!("https://user:{}@example.com/", self.token("symlink target"));
        let text = self.leak("typechange");
        let repo = &self.repo;
        symlink("a.txt", repo.root().join("link")).unwrap();
        repo.commit_all("a link");
        repo.remove("link");
        repo.write("link", text);
        repo.commit_all("no link");
        symlink(target, repo.root().join("link2")).unwrap();
        repo.commit_all("another link");
    }

    fn messages(&mut self) {
        let (commit, tag, note) = (self.leak("commit message"), self.leak("tag message"), self.leak("note"));
        let repo = &self.repo;
        repo.commit_all(&format!("fix: log in\n\n{commit}"));
        repo.git(["tag", "-a", "v1", "-m", &format!("release\n\n{tag}")]);
        repo.git(["notes", "add", "-m", &note]);
    }

    fn stashes(&mut self) {
        let (tree, untracked, older) =
            (self.leak("stash: work tree"), self.leak("stash: untracked"), self.leak("stash: older"));
        let repo = &self.repo;
        repo.write("old.env", older);
        repo.git(["add", "."]);
        repo.git(["stash", "-q"]);
        repo.write("a.txt", format!("hello\n{tree}"));
        repo.git(["stash", "-q"]);
        repo.write("untracked.env", untracked);
        repo.git(["stash", "-q", "-u"]);
        repo.write("b.txt", "nothing\n");
        repo.git(["stash", "-q", "-u"]);
    }

    fn unreachable(&mut self) {
        let (amended, blob) = (self.leak("amended away"), self.leak("dangling blob"));
        let repo = &self.repo;
        repo.write("amend.env", amended);
        repo.commit_all("oops");
        repo.remove("amend.env");
        repo.git(["add", "-A"]);
        repo.git(["commit", "-q", "--amend", "--allow-empty", "-m", "fixed"]);
        repo.run("git", ["hash-object", "-w", "--stdin"], repo.root(), blob.as_bytes()).ok();
    }

    fn replaced(&mut self) {
        let text = self.leak("replaced commit");
        let repo = &self.repo;
        repo.write("hidden.env", text);
        let hidden = repo.commit_all("hidden");
        repo.write("hidden.env", "nothing\n");
        repo.git(["add", "-A"]);
        let tree = repo.git(["write-tree"]);
        let harmless = repo.git(["commit-tree", &tree, "-p", &format!("{hidden}^"), "-m", "hidden"]);
        repo.git(["replace", &hidden, &harmless]);
        repo.git(["reset", "-q", "--hard"]);
    }

    fn all() -> Self {
        let mut hidden = Self::new();
        hidden.file("plain", "plain.env", |text| text);
        hidden.merge_only();
        hidden.file("NUL byte", "nul.dat", |text| format!("\0\0bin\n{text}\0"));
        hidden.attributes();
        #[cfg(unix)]
        hidden.links();
        hidden.file("rename out of node_modules", "node_modules/x/conf.js", |text| {
            format!("// {}{text}", "pad\n".repeat(30))
        });
        hidden.repo.git(["mv", "node_modules/x/conf.js", "conf.js"]);
        hidden.repo.commit_all("move");
        hidden.messages();
        hidden.file("line of 300 KB", "min.js", |text| format!("{};{text}", "a".repeat(300_000)));
        hidden.file("odd path", "we ird/\u{e9} 'q' b/file.env", |text| text);
        hidden.file("CR only", "cr.txt", |text| format!("{}{}", "x\r".repeat(5), text.replace('\n', "\r")));
        hidden.stashes();
        hidden.unreachable();
        hidden.replaced();
        hidden
    }

    /// The places whose token `scan --history` does not report.
    #[track_caller]
    fn missed(&self) -> Vec<&'static str> {
        let run = self.repo.gatepost(["scan", "--history", "-f", "json", "--show-secrets"]);
        assert_eq!(run.code, 1, "{}", run.err);
        let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        assert_eq!(report["schema"], "gatepost.report/1");
        assert_eq!(report["result"], "violations");
        assert_eq!(report["complete"], true, "{}", report["coverage"]);
        let found: Vec<&str> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|finding| finding["secret"].as_str())
            .collect();
        self.tokens
            .iter()
            .filter(|(_, token)| !found.iter().any(|secret| secret.contains(token.as_str())))
            .map(|(place, _)| *place)
            .collect()
    }
}

#[test]
fn nothing_hides_from_a_scan_of_the_history() {
    let hidden = Hidden::all();
    assert_eq!(hidden.missed(), [] as [&str; 0]);
}

#[test]
fn nor_in_packs() {
    let hidden = Hidden::all();
    // Everything, what nothing leads to as well, into packs with deltas.
    hidden.repo.git(["repack", "-q", "-a", "-d", "-f", "--keep-unreachable"]);
    hidden.repo.git(["prune-packed"]);
    assert_eq!(hidden.missed(), [] as [&str; 0]);
}

#[test]
fn a_finding_names_the_commit_that_brought_it() {
    let repo = Repo::new();
    repo.write("a.txt", "a\n");
    repo.commit_all("feat: begin");
    let token = token();
    repo.write("deep/app.env", format!("first line\n{}", leak(&token)));
    let commit = repo.commit_all("feat: leak");
    repo.remove("deep/app.env");
    repo.commit_all("fix: remove");
    let run = repo.gatepost(["scan", "--history", "-f", "json"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(!run.out.contains(&token), "the report shows the secret");
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(findings[0]["rule"], "github-pat");
    let location = &findings[0]["locations"][0];
    assert_eq!(location["path"], "deep/app.env");
    assert_eq!(location["commit"], commit.as_str());
    assert_eq!(location["line"], 2);
    assert_eq!(location["column"], 17);
    assert_eq!(location["in_tip"], false);
}

#[test]
fn a_clean_history_is_clean_and_says_what_it_saw() {
    let repo = Repo::new();
    repo.write("a.txt", "a\n");
    repo.commit_all("feat: begin");
    let run = repo.gatepost(["scan", "--history", "-f", "json"]).ok();
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["result"], "pass");
    assert_eq!(report["complete"], true);
    assert_eq!(report["coverage"]["commits"], 1);
    assert_eq!(report["coverage"]["blobs"], 1);
}
