//! Every rule for refs, by every way to push: one push that it lets in, and one that it refuses.

use super::transport::{self, Way};
use super::{HOOK, LAX, Server};
use crate::support::{Run, run};

/// A rule by its code, and the pushes that show it.
type Shown = (&'static str, fn(&Board<'_>));

/// Each rule with what is pushed for it.
const RULES: &[Shown] = &[
    ("GP-REF-001", branch_name),
    ("GP-REF-002", hex_name),
    ("GP-REF-003", reserved_name),
    ("GP-REF-010", create),
    ("GP-REF-011", update),
    ("GP-REF-012", move_a_tag),
    ("GP-REF-013", delete),
    ("GP-REF-014", force),
    ("GP-REF-015", merge_arrives),
    ("GP-REF-016", merge_required),
    ("GP-REF-017", one_commit),
    ("GP-REF-018", unrelated),
    ("GP-REF-019", committer_is_pusher),
    ("GP-REF-020", types),
    ("GP-REF-021", cherry_picked),
    ("GP-REF-022", max_commits),
    ("GP-REF-023", max_files),
    ("GP-REF-024", max_size),
    ("GP-REF-025", author_email),
    ("GP-REF-026", committer_email),
    ("GP-REF-027", commit_date),
    ("GP-REF-030", annotated),
    ("GP-REF-031", tag_name),
    ("GP-REF-032", tag_on_branch),
    ("GP-REF-033", increasing),
    ("GP-REF-034", bump),
    ("GP-REF-035", tag_message),
    ("GP-REF-036", tagger_email),
    ("GP-REF-037", same_name),
    ("GP-REF-038", branch_origin),
    ("GP-REF-040", commit_signature),
    ("GP-REF-041", tag_signature),
    ("GP-REF-042", name_too_long),
    ("GP-REF-043", case_clash),
    ("GP-REF-044", namespace),
    ("GP-REF-046", forward_port_missing),
    ("GP-REF-047", forward_port_differs),
    ("GP-REF-048", pick_differs),
    ("GP-REF-049", pick_names),
    ("GP-REF-050", changelog),
    ("GP-REF-051", created_with_commits),
    ("GP-REF-052", forward_port_late),
    ("GP-REF-053", tag_records),
    ("GP-REF-060", freeze),
    ("GP-REF-061", window),
];

by!({over_a_folder = File, over_ssh = Ssh, over_http = Http, over_gitolite = Gitolite}: every_rule_holds);

#[test]
fn no_rule_is_forgotten() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/checks");
    let mut documented = Vec::new();
    for page in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(page.unwrap().path()).unwrap();
        let headings = text.lines().filter_map(|line| line.strip_prefix("## "));
        let codes = headings.filter(|heading| heading.starts_with("GP-REF-"));
        documented.extend(codes.filter_map(|heading| heading.split(' ').next().map(str::to_owned)));
    }
    documented.sort();
    let pushed: Vec<&str> = RULES.iter().map(|(code, _)| *code).collect();
    assert_eq!(documented, pushed);
}

fn every_rule_holds(way: Way) {
    let server = Server::of_alice(way);
    let base = server.repo.head();
    for (code, push) in RULES {
        let board = Board { server: &server, code, base: &base };
        board.at("work");
        push(&board);
    }
}

/// A server, and refs below the code of a rule.
struct Board<'a> {
    server: &'a Server,
    code: &'a str,
    base: &'a str,
}

impl Board<'_> {
    /// The number of the rule, by which its refs and files are called.
    fn name(&self, rest: &str) -> String {
        format!("{}/{rest}", self.code)
    }

    fn head(&self, rest: &str) -> String {
        format!("refs/heads/{}", self.name(rest))
    }

    fn tag(&self, rest: &str) -> String {
        format!("refs/tags/{}", self.name(rest))
    }

    fn git(&self, arguments: &[&str]) -> String {
        self.server.repo.git(arguments)
    }

    /// A branch of the developer, from the first commit.
    fn at(&self, branch: &str) {
        self.git(&["checkout", "-q", "-f", "-B", branch, self.base]);
    }

    /// Commits a file.
    fn commit(&self, file: &str, message: &str) -> String {
        self.commit_as(file, message, &[])
    }

    fn commit_as(&self, file: &str, message: &str, variables: &[(&str, &str)]) -> String {
        let repo = &self.server.repo;
        repo.write(format!("{}-{file}", self.code), format!("{message} {}", repo.head()));
        repo.git(["add", "-A"]);
        let mut command = repo.command("git", repo.root());
        run(command.envs(variables.iter().copied()).args(["commit", "-q", "-m", message]), b"").ok();
        repo.head()
    }

    /// Pushes what has to be there, past every rule.
    fn given(&self, refs: &[&str]) {
        self.server.policy(LAX);
        self.server.accepts(&[&["--force"], refs].concat(), &[]);
    }

    /// The rule: a block for the branches and tags of the board. Messages are judged elsewhere.
    fn block(&self, rules: &str) {
        self.policy(&format!(
            "[[ref]]\nmatch = [\"refs/heads/{0}/closed/**\", \"refs/tags/{0}/**\"]\n{rules}\n",
            self.code
        ));
    }

    fn policy(&self, text: &str) {
        self.server.policy(&format!("schema = 1\n[message]\nlevel = \"off\"\n{text}"));
    }

    #[track_caller]
    fn accepts(&self, what: &str) {
        self.server.accepts(&[what], &["clean"]);
    }

    #[track_caller]
    fn refuses(&self, what: &str) -> Run {
        self.server.refuses(&[what], &[self.code])
    }

    /// An annotated tag of a version in the board's own series.
    fn release(&self, version: &str, message: &str) -> String {
        let name = self.name(version);
        self.git(&["tag", "-f", "-a", "-m", message, &name]);
        format!("refs/tags/{name}")
    }
}

fn branch_name(on: &Board<'_>) {
    on.policy(&format!("[branch]\nlevel = \"deny\"\npatterns = [\"{}/feature/{{any}}\"]\n", on.code));
    on.accepts(&format!("HEAD:{}", on.head("feature/a")));
    on.refuses(&format!("HEAD:{}", on.head("My_Stuff")));
}

fn hex_name(on: &Board<'_>) {
    on.policy("[branch]\nhex-names = \"deny\"\n");
    on.accepts(&format!("HEAD:refs/heads/{}", "c0ffee".repeat(3)));
    on.refuses(&format!("HEAD:refs/heads/{}", "c0ffee42".repeat(5)));
}

fn reserved_name(on: &Board<'_>) {
    on.policy("[branch]\nreserved-names = \"deny\"\n");
    on.accepts("HEAD:refs/heads/head-first");
    on.refuses("HEAD:refs/heads/FETCH_HEAD");
}

fn create(on: &Board<'_>) {
    on.block("create = \"deny\"");
    on.accepts(&format!("HEAD:{}", on.head("open")));
    on.refuses(&format!("HEAD:{}", on.head("closed/a")));
}

fn update(on: &Board<'_>) {
    let (open, closed) = (format!("HEAD:{}", on.head("open")), format!("HEAD:{}", on.head("closed/a")));
    on.given(&[&open, &closed]);
    on.block("update = \"deny\"");
    on.commit("a", "feat: go on");
    on.accepts(&open);
    on.refuses(&closed);
}

fn move_a_tag(on: &Board<'_>) {
    let to = format!("HEAD:{}", on.tag("v1"));
    on.given(&[&to]);
    on.block("move = \"deny\"");
    on.commit("a", "feat: go on");
    on.accepts(&format!("HEAD:{}", on.tag("v2")));
    on.refuses(&format!("+{to}"));
}

fn delete(on: &Board<'_>) {
    let (open, closed) = (on.head("open"), on.head("closed/a"));
    on.given(&[&format!("HEAD:{open}"), &format!("HEAD:{closed}")]);
    on.block("delete = \"deny\"");
    on.refuses(&format!(":{closed}"));
    on.server.accepts(&[&format!(":{open}")], &["1 ref deleted"]);
}

fn force(on: &Board<'_>) {
    let to = format!("+HEAD:{}", on.head("closed/a"));
    on.given(&[&to]);
    on.block("force = \"deny\"");
    on.commit("a", "feat: go on");
    on.accepts(&to);
    on.at("other");
    on.commit("b", "feat: go elsewhere");
    on.refuses(&to);
}

/// A merge of a side branch into what is checked out.
fn merge(on: &Board<'_>) {
    let branch = on.git(&["symbolic-ref", "--short", "HEAD"]);
    on.git(&["checkout", "-q", "-B", "side", on.base]);
    on.commit("side", "feat: on the side");
    on.git(&["checkout", "-q", &branch]);
    on.git(&["merge", "-q", "--no-ff", "-m", "Merge branch 'side'", "side"]);
}

fn merge_arrives(on: &Board<'_>) {
    let to = format!("HEAD:{}", on.head("closed/a"));
    on.given(&[&to]);
    on.block("merges = \"deny\"");
    on.commit("a", "feat: go on");
    on.accepts(&to);
    merge(on);
    on.refuses(&to);
}

fn merge_required(on: &Board<'_>) {
    let to = format!("HEAD:{}", on.head("closed/a"));
    on.given(&[&to]);
    on.block("merge-required = \"deny\"");
    merge(on);
    on.accepts(&to);
    on.commit("a", "feat: go on");
    on.refuses(&to);
}

fn one_commit(on: &Board<'_>) {
    let to = format!("HEAD:{}", on.head("closed/a"));
    on.given(&[&to]);
    on.block("one-commit = \"deny\"");
    on.commit("a", "feat: go on");
    on.accepts(&to);
    on.commit("b", "feat: go on");
    on.commit("c", "feat: and on");
    on.refuses(&to);
}

fn unrelated(on: &Board<'_>) {
    on.block("unrelated = \"deny\"");
    on.commit("a", "feat: go on");
    on.accepts(&format!("HEAD:{}", on.head("closed/a")));
    on.git(&["checkout", "-q", "--orphan", "elsewhere"]);
    on.commit("b", "feat: begin anew");
    on.refuses(&format!("HEAD:{}", on.head("closed/b")));
    on.at("work");
    on.git(&["branch", "-D", "elsewhere"]);
}

fn committer_is_pusher(on: &Board<'_>) {
    let to = format!("HEAD:{}", on.head("closed/a"));
    on.block("committer-is-pusher = \"deny\"");
    on.commit_as("a", "feat: go on", &[("GIT_COMMITTER_NAME", "alice")]);
    on.accepts(&to);
    on.commit_as("b", "feat: go on", &[("GIT_COMMITTER_NAME", "mallory")]);
    on.refuses(&to);
}

fn types(on: &Board<'_>) {
    let to = format!("HEAD:{}", on.head("closed/a"));
    on.block("types = [\"fix\"]");
    on.commit("a", "fix: close the file");
    on.accepts(&to);
    on.commit("b", "feat: slip in");
    on.refuses(&to);
}

fn cherry_picked(on: &Board<'_>) {
    let (main, to) = (on.head("main"), format!("+HEAD:{}", on.head("closed/a")));
    on.given(&[&to]);
    let fix = on.commit("a", "fix: close the file");
    on.given(&[&format!("HEAD:{main}")]);
    on.block(&format!("cherry-pick-from = [\"{main}\"]"));
    on.at("release");
    on.git(&["commit", "-q", "--allow-empty", "-m", "chore: stand elsewhere"]);
    on.given(&[&to]);
    on.block(&format!("cherry-pick-from = [\"{main}\"]"));
    on.git(&["cherry-pick", &fix]);
    on.refuses(&to);
    on.git(&["reset", "-q", "--hard", "HEAD~1"]);
    on.git(&["cherry-pick", "-x", &fix]);
    on.accepts(&to);
}

fn max_commits(on: &Board<'_>) {
    let to = format!("HEAD:{}", on.head("closed/a"));
    on.block("max-commits = 1");
    on.commit("a", "feat: go on");
    on.accepts(&to);
    on.commit("b", "feat: go on");
    on.commit("c", "feat: and on");
    on.refuses(&to);
}

fn max_files(on: &Board<'_>) {
    let to = format!("HEAD:{}", on.head("closed/a"));
    on.block("max-files = 1");
    on.commit("a", "feat: go on");
    on.accepts(&to);
    on.server.repo.write("another", "file");
    on.commit("b", "feat: go on");
    on.refuses(&to);
}

fn max_size(on: &Board<'_>) {
    let to = format!("HEAD:{}", on.head("closed/a"));
    on.block("max-size = \"1 KiB\"");
    on.commit("a", "feat: go on");
    on.accepts(&to);
    on.server.repo.write("large", "a line of text\n".repeat(100));
    on.commit("b", "feat: go on");
    on.refuses(&to);
}

fn author_email(on: &Board<'_>) {
    let to = format!("HEAD:{}", on.head("closed/a"));
    on.block("author-email = ['.*@corp\\.example']");
    on.commit_as("a", "feat: go on", &[("GIT_AUTHOR_EMAIL", "a@corp.example")]);
    on.accepts(&to);
    on.commit_as("b", "feat: go on", &[("GIT_AUTHOR_EMAIL", "a@corp.example.net")]);
    on.refuses(&to);
}

fn committer_email(on: &Board<'_>) {
    let to = format!("HEAD:{}", on.head("closed/a"));
    on.block("committer-email = ['.*@corp\\.example']");
    on.commit_as("a", "feat: go on", &[("GIT_COMMITTER_EMAIL", "a@corp.example")]);
    on.accepts(&to);
    on.commit_as("b", "feat: go on", &[("GIT_COMMITTER_EMAIL", "a@corp.example.net")]);
    on.refuses(&to);
}

fn commit_date(on: &Board<'_>) {
    let to = format!("HEAD:{}", on.head("closed/a"));
    on.block("max-age-days = 30");
    on.commit("a", "feat: go on");
    on.accepts(&to);
    on.commit_as("b", "feat: go on", &[("GIT_COMMITTER_DATE", "2001-02-03T04:05:06Z")]);
    on.refuses(&to);
}

fn annotated(on: &Board<'_>) {
    on.block("annotated = \"deny\"");
    on.accepts(&on.release("v1.0.0", "Release 1.0.0"));
    on.refuses(&format!("{}:{}", on.base, on.tag("light")));
}

fn tag_name(on: &Board<'_>) {
    on.block(&format!("name = [\"{}/v{{semver}}\"]", on.code));
    on.accepts(&on.release("v1.0.0", "Release 1.0.0"));
    on.refuses(&on.release("monday", "Release of a day"));
}

fn tag_on_branch(on: &Board<'_>) {
    on.block("on = [\"refs/heads/main\"]");
    on.accepts(&on.release("v1.0.0", "Release 1.0.0"));
    on.commit("a", "feat: go astray");
    on.refuses(&on.release("v1.1.0", "Release 1.1.0"));
}

fn increasing(on: &Board<'_>) {
    on.block("increasing = \"deny\"");
    on.accepts(&on.release("v1.4.0", "Release 1.4.0"));
    on.commit("a", "feat: go on");
    on.refuses(&on.release("v1.3.9", "Release 1.3.9"));
}

fn bump(on: &Board<'_>) {
    on.given(&[&on.release("v1.4.0", "Release 1.4.0")]);
    on.block("bump = \"deny\"");
    on.commit("a", "feat: go on");
    on.refuses(&on.release("v1.4.1", "Release 1.4.1"));
    on.accepts(&on.release("v1.5.0", "Release 1.5.0"));
}

fn tag_message(on: &Board<'_>) {
    on.block("message-names-version = \"deny\"");
    on.accepts(&on.release("v1.0.0", "Release 1.0.0"));
    on.refuses(&on.release("v1.1.0", "Release of a day"));
}

fn tagger_email(on: &Board<'_>) {
    let tag = |name: &str, email: &str| {
        let repo = &on.server.repo;
        let name = on.name(name);
        let mut command = repo.command("git", repo.root());
        run(command.env("GIT_COMMITTER_EMAIL", email).args(["tag", "-a", "-m", "Release", &name]), b"").ok();
        format!("refs/tags/{name}")
    };
    on.block("tagger-email = ['release@corp\\.example']");
    on.accepts(&tag("v1.0.0", "release@corp.example"));
    on.refuses(&tag("v1.1.0", "mallory@corp.example"));
}

fn same_name(on: &Board<'_>) {
    on.block("same-name = \"deny\"");
    let tag = on.release("v1.0.0", "Release 1.0.0");
    on.accepts(&tag);
    on.refuses(&format!("{tag}:{}", on.tag("v1.0.1")));
}

fn branch_origin(on: &Board<'_>) {
    on.commit("a", "feat: go on");
    on.given(&[&on.release("v1.0.0", "Release 1.0.0")]);
    on.block(&format!("starts-at = [\"{}\"]", on.tag("v1.0.0")));
    on.accepts(&format!("HEAD:{}", on.head("closed/a")));
    on.refuses(&format!("{}:{}", on.base, on.head("closed/b")));
}

/// Lets the developer sign with a key of their own.
fn sign(on: &Board<'_>) {
    let key = on.server.repo.beside("signer");
    if !key.exists() {
        transport::key(&on.server.repo, "signer");
    }
    on.git(&["config", "gpg.format", "ssh"]);
    on.git(&["config", "user.signingkey", key.to_str().unwrap()]);
}

fn commit_signature(on: &Board<'_>) {
    let to = format!("HEAD:{}", on.head("closed/a"));
    sign(on);
    on.block("commit-signatures = \"valid\"");
    on.git(&["commit", "-q", "-S", "--allow-empty", "-m", "feat: go on"]);
    on.accepts(&to);
    on.commit("a", "feat: go on");
    on.refuses(&to);
}

fn tag_signature(on: &Board<'_>) {
    sign(on);
    on.block("tag-signatures = \"valid\"");
    on.git(&["tag", "-s", "-m", "Release 1.0.0", &on.name("v1.0.0")]);
    on.accepts(&on.tag("v1.0.0"));
    on.refuses(&on.release("v1.1.0", "Release 1.1.0"));
}

fn name_too_long(on: &Board<'_>) {
    on.policy("[branch]\nlength-max = 20\n");
    on.accepts(&format!("HEAD:{}", on.head("a")));
    on.refuses(&format!("HEAD:{}", on.head("a-long-name")));
}

fn case_clash(on: &Board<'_>) {
    on.given(&[&format!("HEAD:{}", on.head("topic"))]);
    on.policy("[branch]\ncase-clashes = \"deny\"\n");
    on.accepts(&format!("HEAD:{}", on.head("topics")));
    on.refuses(&format!("HEAD:{}", on.head("Topic")));
}

fn namespace(on: &Board<'_>) {
    let to = format!("HEAD:refs/changes/{}", on.name("1"));
    on.policy("");
    on.refuses(&to);
    on.policy("[branch]\nopen-refs = [\"refs/heads/**\", \"refs/changes/**\"]\n");
    on.accepts(&to);
}

/// A hotfix with one fix, which has to come to a `main`. The commit of the fix.
fn hotfix(on: &Board<'_>) -> String {
    on.server.repo.write("ported", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    on.commit("before", "feat: lay the ground");
    on.given(&[&format!("HEAD:{}", on.head("main"))]);
    on.git(&["branch", "-f", "later"]);
    on.server.repo.write("ported", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n");
    on.git(&["commit", "-q", "-a", "-m", "fix: close the file"]);
    let fix = on.server.repo.head();
    on.given(&[&format!("HEAD:{}", on.head("closed/hotfix"))]);
    on.block(&format!("forward-port-to = [\"{}\"]", on.head("main")));
    on.git(&["checkout", "-q", "later"]);
    fix
}

fn forward_port_missing(on: &Board<'_>) {
    let fix = hotfix(on);
    let delete = format!(":{}", on.head("closed/hotfix"));
    on.refuses(&delete);
    on.git(&["cherry-pick", "-x", &fix]);
    on.accepts(&format!("HEAD:{}", on.head("main")));
    on.server.accepts(&[&delete], &["1 ref deleted"]);
}

fn forward_port_differs(on: &Board<'_>) {
    let fix = hotfix(on);
    let (main, delete) = (format!("+HEAD:{}", on.head("main")), format!(":{}", on.head("closed/hotfix")));
    on.git(&["cherry-pick", "-x", &fix]);
    on.server.repo.write("ported", "1\n2\n3\n4\nsix\n6\n7\n8\n9\n");
    on.git(&["commit", "-q", "-a", "--amend", "--no-edit"]);
    on.accepts(&main);
    on.refuses(&delete);
    on.git(&[
        "commit",
        "-q",
        "--amend",
        "--no-edit",
        "--trailer",
        "Conflict-resolved: the file is called six there",
    ]);
    on.accepts(&main);
    on.server.accepts(&[&delete], &["1 ref deleted"]);
}

/// A fix on one branch, and its pick, not pushed yet, on another.
fn pick(on: &Board<'_>, rules: &str) {
    let fix = on.commit("a", "fix: close the file");
    on.given(&[&format!("HEAD:{}", on.head("main"))]);
    on.at("release");
    on.git(&["commit", "-q", "--allow-empty", "-m", "chore: stand elsewhere"]);
    on.given(&[&format!("HEAD:{}", on.head("closed/a"))]);
    on.block(rules);
    on.git(&["cherry-pick", "-x", &fix]);
}

fn pick_differs(on: &Board<'_>) {
    let to = format!("HEAD:{}", on.head("closed/a"));
    pick(on, "picks = \"deny\"");
    on.server.repo.write(format!("{}-a", on.code), "another change");
    on.git(&["commit", "-q", "-a", "--amend", "--no-edit"]);
    on.refuses(&to);
    on.git(&[
        "commit",
        "-q",
        "--amend",
        "--no-edit",
        "--trailer",
        "Conflict-resolved: it is another file there",
    ]);
    on.accepts(&to);
}

fn pick_names(on: &Board<'_>) {
    let to = format!("HEAD:{}", on.head("closed/a"));
    pick(on, "pick-names = ['INC[0-9]+']");
    on.refuses(&to);
    on.git(&["commit", "-q", "--amend", "--no-edit", "--trailer", "Incident: INC12345"]);
    on.accepts(&to);
}

fn changelog(on: &Board<'_>) {
    on.block("changelog = [\"CHANGELOG.md\"]");
    let tag = format!("HEAD:{}", on.tag("v1.0.0"));
    on.refuses(&tag);
    on.server.repo.write("CHANGELOG.md", "## 1.0.0\n- begin (ABC-1, #1)\n");
    on.git(&["add", "-A"]);
    on.git(&["commit", "-q", "-m", "docs: write the changelog"]);
    on.accepts(&tag);
}

fn created_with_commits(on: &Board<'_>) {
    on.block("create-with-commits = \"deny\"");
    on.commit("a", "fix: nobody has seen this");
    on.refuses(&format!("HEAD:{}", on.head("closed/a")));
    on.accepts(&format!("HEAD~1:{}", on.head("closed/a")));
}

/// With records in a folder beside the server's repositories.
fn tag_records(on: &Board<'_>) {
    let hook = std::fs::read_link(on.server.bare.join("hooks/pre-receive"));
    let folder = on.server.bare.with_file_name("evidence");
    on.server.script("pre-receive", &format!("#!/bin/sh\nexec '{HOOK}' --evidence '{}'\n", folder.display()));
    on.block("records = \"deny\"");
    on.given(&[&format!("HEAD:{}", on.tag("v1.0.0"))]);
    on.block("records = \"deny\"");
    on.commit("a", "feat: add a");
    on.release("v1.1.0", "Release v1.1.0");
    on.refuses(&format!("refs/tags/{}", on.name("v1.1.0")));
    on.accepts(&format!("HEAD:{}", on.head("recorded")));
    on.accepts(&format!("refs/tags/{}", on.name("v1.1.0")));
    let script = on.server.bare.join("hooks/pre-receive");
    std::fs::remove_file(&script).unwrap();
    std::os::unix::fs::symlink(hook.unwrap(), script).unwrap();
}

fn forward_port_late(on: &Board<'_>) {
    let fix = hotfix(on);
    on.block(&format!("forward-port-to = [\"{}\"]\nforward-port-days = 1", on.head("main")));
    // One that was made long ago comes in, and then is late.
    on.git(&["checkout", "-q", "--detach", &fix]);
    let old = [("GIT_COMMITTER_DATE", "2020-01-01T12:00:00Z")];
    let late = on.commit_as("a", "fix: the oldest of all", &old);
    let to = format!("HEAD:{}", on.head("closed/hotfix"));
    on.accepts(&to);
    on.commit("b", "fix: another");
    on.refuses(&to);
    let here = on.server.repo.head();
    on.git(&["checkout", "-q", "later"]);
    on.git(&["cherry-pick", "-x", &late]);
    on.accepts(&format!("HEAD:{}", on.head("main")));
    on.git(&["checkout", "-q", "--detach", &here]);
    on.accepts(&to);
}

fn freeze(on: &Board<'_>) {
    on.policy(&format!(
        "[[freeze]]\nmatch = [\"{}\"]\nfrom = 2020-01-01\nto = 2099-01-01\napprover = \"the release \
         manager\"\nscope = \"all services\"\nexit-criteria = \"support is back\"\n",
        on.head("closed/*")
    ));
    on.accepts(&format!("HEAD:{}", on.head("open")));
    on.refuses(&format!("HEAD:{}", on.head("closed/a")));
}

fn window(on: &Board<'_>) {
    // Of three days from yesterday on none is this one.
    let weekday =
        on.server.repo.run("date", ["-u", "-d", "+3 days", "+%a"], on.server.repo.root(), b"").ok().out;
    let day = weekday.trim().to_lowercase();
    let window = |branch: &str, days: &str, from: &str, to: &str| {
        let branch = on.head(branch);
        format!("[[window]]\nmatch = [\"{branch}\"]\ndays = [{days}]\nfrom = \"{from}\"\nto = \"{to}\"\n")
    };
    let all = r#""mon", "tue", "wed", "thu", "fri", "sat", "sun""#;
    on.policy(&format!(
        "{}{}{}",
        window("open", all, "00:00", "12:00"),
        window("open", all, "12:00", "00:00"),
        window("closed/*", &format!("\"{day}\""), "00:00", "23:59"),
    ));
    on.accepts(&format!("HEAD:{}", on.head("open")));
    on.refuses(&format!("HEAD:{}", on.head("closed/a")));
}
