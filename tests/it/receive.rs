//! `gatepost-pre-receive` as the `pre-receive` hook of a bare repository, pushed to with real git: what comes in, what
//! is refused, and whose policy is in force.

use crate::support::{GATEPOST, Repo, Run, leak, run, token};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const RULE: &str = "github-pat";
pub(crate) const HOOK: &str = env!("CARGO_BIN_EXE_gatepost-pre-receive");

/// A policy under which nothing is refused.
const LAX: &str = "schema = 1\n\n[secrets]\nlevel = \"off\"\n\n[message]\nlevel = \"off\"\n";

/// A developer without any hook, and a server with ours.
pub(crate) struct Server {
    pub(crate) repo: Repo,
    pub(crate) bare: PathBuf,
}

impl Server {
    /// A bare repository without a commit; the developer has one good commit on `main`.
    pub(crate) fn empty() -> Self {
        let repo = Repo::new();
        let bare = repo.beside("server.git");
        repo.git(["init", "-q", "--bare", "-b", "main", bare.to_str().unwrap()]);
        repo.git(["remote", "add", "origin", bare.to_str().unwrap()]);
        let server = Self { repo, bare };
        std::os::unix::fs::symlink(HOOK, server.hook("pre-receive")).unwrap();
        server.repo.write("README.md", "hello\n");
        server.repo.commit_all("docs: say hello");
        server
    }

    /// The same, with `main` pushed.
    pub(crate) fn new() -> Self {
        let server = Self::empty();
        server.push(&["main"]).ok();
        server
    }

    pub(crate) fn hook(&self, name: &str) -> PathBuf {
        self.bare.join("hooks").join(name)
    }

    /// Writes a hook of the administrator's own.
    pub(crate) fn script(&self, name: &str, text: &str) {
        // A hook that is a link to our binary is replaced, not written through.
        let _ = std::fs::remove_file(self.hook(name));
        std::fs::write(self.hook(name), text).unwrap();
        std::fs::set_permissions(self.hook(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The administrator's policy.
    pub(crate) fn policy(&self, text: &str) {
        std::fs::write(self.bare.join("gatepost.toml"), text).unwrap();
    }

    pub(crate) fn push<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Run {
        let all = ["push", "origin"].map(OsString::from).into_iter();
        self.repo.try_git(all.chain(arguments.iter().map(OsString::from)))
    }

    /// Every ref of the server.
    pub(crate) fn refs(&self) -> String {
        self.repo.run("git", ["for-each-ref"], &self.bare, b"").ok().out
    }

    /// The administrator takes `main` in, past the hook.
    pub(crate) fn take_in(&self) {
        let from = self.repo.root().to_str().unwrap();
        self.repo.run("git", ["fetch", "-q", from, "+main:main"], &self.bare, b"").ok();
    }

    /// A push that is refused with `words` and leaves the server as it was.
    #[track_caller]
    pub(crate) fn refuses(&self, arguments: &[&str], words: &[&str]) -> Run {
        let before = self.refs();
        let run = self.push(arguments).refused(&["pre-receive hook declined"]).refused(words);
        assert_eq!(self.refs(), before, "a ref moved");
        run
    }

    /// A push that is accepted and says `words`.
    #[track_caller]
    pub(crate) fn accepts(&self, arguments: &[&str], words: &[&str]) -> Run {
        let run = self.push(arguments).ok();
        for word in words {
            assert!(run.said().contains(word), "does not say `{word}`:\n{}", run.said());
        }
        run
    }

    /// Commits a file with a new token, which comes back with the commit.
    pub(crate) fn leak(&self, path: &str) -> (String, String) {
        let token = token();
        self.repo.write(path, leak(&token));
        (self.repo.commit_all("feat: add settings"), token)
    }

    pub(crate) fn branch(&self, name: &str) {
        self.repo.git(["checkout", "-q", "-b", name]);
    }
}

fn short(id: &str) -> &str {
    &id[..7]
}

#[test]
fn the_first_push_to_a_new_repository() {
    let server = Server::empty();
    let (_, token) = server.leak("app.env");
    let run = server.refuses(&["main"], &[RULE, "app.env"]);
    assert!(!run.said().contains(&token), "the secret is shown:\n{}", run.said());
    server.repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    server.accepts(&["main"], &["1 commit, clean"]);
    assert!(server.refs().contains("refs/heads/main"));
}

#[test]
fn a_new_branch_brings_its_own_commits_only() {
    let server = Server::new();
    server.branch("topic");
    server.repo.write("a.txt", "a\n");
    server.repo.commit_all("feat: add a");
    server.accepts(&["topic"], &["1 commit, clean"]);
    server.accepts(&["topic:refs/heads/again"], &["clean"]);
    server.leak("app.env");
    server.refuses(&["topic:refs/heads/other"], &[RULE]);
}

#[test]
fn a_secret_that_a_later_commit_removes() {
    let server = Server::new();
    let (commit, token) = server.leak("app.env");
    server.repo.remove("app.env");
    server.repo.commit_all("fix: remove the settings");
    let run = server.refuses(&["main"], &[RULE, "app.env", short(&commit)]);
    assert!(!run.said().contains(&token));
}

#[test]
fn a_secret_that_is_reverted_within_the_push() {
    let server = Server::new();
    let (commit, token) = server.leak("app.env");
    server.repo.git(["revert", "--no-edit", "HEAD"]);
    assert!(!server.repo.root().join("app.env").exists());
    let run = server.refuses(&["main"], &[RULE, "app.env", short(&commit)]);
    assert!(!run.said().contains(&token));
}

#[test]
fn a_secret_in_a_file_that_is_renamed() {
    let server = Server::new();
    server.policy("schema = 1\n\n[secrets]\nexclude = [{ path = \"testdata/**\", reason = \"nothing here is real\" }]\n");
    server.leak("testdata/app.env");
    server.accepts(&["main"], &["1 skipped (1 excluded)"]);
    // The blob is not new, and stands in a place where it counts from now on.
    std::fs::create_dir(server.repo.root().join("src")).unwrap();
    server.repo.git(["mv", "testdata/app.env", "src/app.env"]);
    let renamed = server.repo.commit_all("refactor: move the settings");
    server.refuses(&["main"], &[RULE, "src/app.env", short(&renamed)]);
    // Committed and renamed in one push: the commit that brought it in is named, and the rename does not take it out.
    server.repo.git(["reset", "-q", "--hard", "origin/main"]);
    let (commit, _) = server.leak("first.env");
    server.repo.git(["mv", "first.env", "second.env"]);
    server.repo.commit_all("refactor: rename the settings");
    server.refuses(&["main"], &[RULE, "first.env", short(&commit)]);
}

#[test]
fn the_content_that_only_a_merge_has() {
    let server = Server::new();
    let repo = &server.repo;
    server.branch("side");
    repo.write("side.txt", "side\n");
    repo.commit_all("feat: side");
    repo.git(["checkout", "-q", "main"]);
    repo.write("main.txt", "main\n");
    repo.commit_all("feat: main");
    repo.git(["merge", "-q", "--no-ff", "--no-commit", "side"]);
    repo.write("main.txt", format!("main\n{}", leak(&token())));
    let merge = repo.commit_all("Merge branch 'side'");
    server.refuses(&["main"], &[RULE, "main.txt", short(&merge)]);
}

#[test]
fn tags() {
    let server = Server::new();
    let repo = &server.repo;
    repo.git(["tag", "-a", "v1", "-m", &format!("release\n\n{}", leak(&token()))]);
    server.refuses(&["v1"], &[RULE, "tag v1"]);
    let blob = repo.run("git", ["hash-object", "-w", "--stdin"], repo.root(), leak(&token()).as_bytes()).ok();
    let blob = blob.out.trim();
    repo.git(["tag", "light", blob]);
    server.refuses(&["light"], &[RULE, short(blob)]);
    repo.git(["tag", "-a", "heavy", blob, "-m", "a file"]);
    server.refuses(&["heavy"], &[RULE, short(blob)]);
    repo.git(["tag", "-f", "-a", "v1", "-m", "release"]);
    repo.git(["tag", "plain"]);
    server.accepts(&["v1", "plain"], &["clean"]);
    // A tree has no paths of its own to judge by: said, and not let in.
    repo.git(["tag", "tree", "HEAD^{tree}"]);
    server.refuses(&["tree"], &["neither a commit nor a blob"]);
}

#[test]
fn deletions() {
    let server = Server::new();
    server.accepts(&["main:refs/heads/old"], &[]);
    server.accepts(&["--delete", "old"], &["1 ref deleted, no new commits"]);
    assert!(!server.refs().contains("old"));
}

#[test]
fn nobody_is_blamed_for_what_the_server_has() {
    let server = Server::new();
    server.branch("side");
    server.policy(LAX);
    server.leak("old.env");
    server.accepts(&["side"], &[]);
    server.policy("schema = 1\n");
    let repo = &server.repo;
    repo.git(["checkout", "-q", "main"]);
    repo.write("main.txt", "main\n");
    repo.commit_all("feat: main");
    repo.git(["merge", "-q", "--no-ff", "-m", "Merge branch 'side'", "side"]);
    server.accepts(&["main"], &["2 commits, clean"]);
}

#[test]
fn commits_that_an_update_hook_refused_are_judged_when_they_come_again() {
    let server = Server::new();
    // The objects of the first push stay behind: Git moves them out of quarantine before it asks `update`.
    server.policy(LAX);
    server.script("update", "#!/bin/sh\nexit 1\n");
    let (commit, _) = server.leak("app.env");
    server.push(&["main:refs/heads/first"]).refused(&["hook declined"]);
    server.repo.run("git", ["cat-file", "-e", &commit], &server.bare, b"").ok();
    std::fs::remove_file(server.hook("update")).unwrap();
    server.policy("schema = 1\n");
    server.refuses(&["main:refs/heads/second"], &[RULE, short(&commit)]);
}

#[test]
fn a_pack_in_quarantine() {
    let server = Server::new();
    let token = token();
    // More objects than `receive.unpackLimit` (100): the pack stays a pack, with deltas.
    let mut stream = String::new();
    for number in 0..150 {
        let secret = if number == 77 { leak(&token) } else { String::new() };
        let text = format!("{}{secret}{number}\n", "a line of text that stays\n".repeat(40));
        stream.push_str(&format!(
            "commit refs/heads/many\ncommitter A <a@example.com> {} +0000\ndata <<END\nfeat: number {number}\nEND\n{}\
             M 100644 inline many.txt\ndata {}\n{text}\n",
            1_700_000_000 + number,
            if number == 0 { "from refs/heads/main\n" } else { "" },
            text.len()
        ));
    }
    server.repo.run("git", ["fast-import", "--quiet"], server.repo.root(), stream.as_bytes()).ok();
    let commit = server.repo.git(["log", "--format=%H", "--grep=number 77", "many"]);
    let run = server.refuses(&["many"], &[RULE, "many.txt", short(&commit)]);
    assert!(!run.said().contains(&token));
    server.accepts(&["many~100:refs/heads/many"], &["50 commits, clean"]);
}

#[test]
fn a_replace_ref_hides_nothing() {
    let server = Server::new();
    let repo = &server.repo;
    let base = repo.head();
    let (commit, _) = server.leak("app.env");
    let harmless =
        repo.git(["commit-tree", &format!("{base}^{{tree}}"), "-p", &base, "-m", "feat: harmless"]);
    let replace = format!("{harmless}:refs/replace/{commit}");
    server.refuses(&["main", &replace], &[RULE, "app.env"]);
    // Without any policy the namespace is closed; an administrator who opens it is still not fooled.
    server.refuses(&[&replace], &["GP-REF-044", "refs/replace/"]);
    server.policy("schema = 1\n[branch]\nopen-refs = [\"refs/**\"]\n");
    server.accepts(&[&replace], &[]);
    server.refuses(&["main"], &[RULE, "app.env"]);
}

#[test]
fn every_ref_of_a_push_is_judged() {
    let server = Server::new();
    server.branch("bad");
    server.leak("app.env");
    server.repo.git(["checkout", "-q", "-b", "good", "main"]);
    server.repo.write("good.txt", "good\n");
    server.repo.commit_all("feat: good");
    // Git takes all of a push or nothing of it, where pre-receive is asked.
    server.refuses(&["good", "bad"], &[RULE, "app.env"]);
    server.accepts(&["good"], &[]);
}

#[test]
fn nothing_that_a_pusher_wrote_reaches_a_terminal_raw() {
    let server = Server::new();
    let repo = &server.repo;
    let odd = OsString::from_vec(b"we\x1b[31mird\n\xff\x7f\xc2\x9b.env".to_vec());
    let token = token();
    repo.write(Path::new(&odd), format!("\u{1b}]0;title\u{7}\r\x08{}", leak(&token)));
    repo.git(["add", "-A"]);
    repo.write(".git/MSG", b"feat no \x1b[2J colon \xff\n\n\x1b]0;x\x07body\n");
    let mut commit = repo.command("git", repo.root());
    commit.env("GIT_AUTHOR_NAME", OsString::from_vec(b"A \x1b[1mbold\xff one".to_vec()));
    run(commit.args(["-c", "core.quotePath=false", "commit", "-q", "-F", ".git/MSG"]), b"").ok();
    // What the hook says, before any git in between mends it.
    let said = server.bare.join("said");
    let save = format!("#!/bin/sh\n{HOOK} >'{0}' 2>&1; code=$?; cat '{0}'; exit $code\n", said.display());
    server.script("pre-receive", &save);
    let name = OsString::from_vec(b"HEAD:refs/heads/o\xffdd".to_vec());
    let before = server.refs();
    server.push(&[name]).refused(&["pre-receive hook declined"]);
    assert_eq!(server.refs(), before);
    let said = String::from_utf8(std::fs::read(said).unwrap()).expect("UTF-8");
    assert!(said.contains(RULE) && said.contains("GP-MSG-") && said.contains("ird"), "{said}");
    assert!(!said.contains(&token), "{said}");
    let raw: Vec<char> = said.chars().filter(|c| c.is_control() && *c != '\n').collect();
    assert_eq!(raw, [] as [char; 0], "{said:?}");
}

#[test]
fn a_bad_message() {
    let server = Server::new();
    let bad = server.repo.commit_all("did some stuff");
    server.refuses(&["main"], &["GP-MSG-", "did some stuff", short(&bad)]);
    server.repo.git(["commit", "-q", "--amend", "--allow-empty", "-m", "chore: do some stuff"]);
    server.accepts(&["main"], &[]);
}

#[test]
fn the_servers_own_policy_wins() {
    let server = Server::new();
    server.repo.write("gatepost.toml", LAX);
    server.repo.commit_all("chore: a policy");
    server.accepts(&["main"], &[]);
    server.policy("schema = 1\n\n[branch]\nlevel = \"deny\"\npatterns = [\"main\", \"feature/{slug}\"]\n");
    server.leak("app.env");
    server.refuses(&["main"], &[RULE]);
    server.refuses(&["origin/main:refs/heads/My_Stuff"], &["GP-REF-", "My_Stuff"]);
    server.accepts(&["origin/main:refs/heads/feature/my-stuff"], &[]);
}

#[test]
fn a_push_is_judged_by_the_policy_before_it() {
    let server = Server::new();
    server.repo.write("gatepost.toml", "schema = 1\n");
    server.repo.commit_all("chore: a policy");
    server.accepts(&["main"], &["built-in policy"]);
    server.repo.write("gatepost.toml", LAX);
    let weaker = server.repo.commit_all("chore: a weaker policy");
    server.leak("app.env");
    server.refuses(&["main"], &[RULE]);
    // On another branch it has no say at all.
    server.refuses(&["main:refs/heads/topic"], &[RULE]);
    server.accepts(&[&format!("{weaker}:refs/heads/main")], &["the policy is gatepost.toml at"]);
    server.accepts(&["main"], &["the policy is gatepost.toml at"]);
}

#[test]
fn a_broken_policy_refuses_and_shows_nothing_of_the_servers_files() {
    let server = Server::new();
    server.policy("schema = 1\n# hunter2\n[secrts]\nlevel = \"hunter3\"\n");
    let run =
        server.refuses(&["main:refs/heads/topic"], &["gatepost.toml", "line 3", "gatepost config check"]);
    assert!(!run.said().contains("secrts") && !run.said().contains("hunter"), "{}", run.said());
    let zeros = "0".repeat(40);
    let update = format!("{zeros} {} refs/heads/topic\n", server.repo.head());
    server.repo.run(HOOK, [] as [&str; 0], &server.bare, update.as_bytes()).failed(&[2], &[]);
    // Whoever administers the server sees it all.
    server
        .repo
        .run(GATEPOST, ["config", "check", "gatepost.toml"], &server.bare, b"")
        .failed(&[2], &["secrts"]);
    // And finds what the last push met.
    let kept = server.bare.join("gatepost/broken-policy.txt");
    let text = std::fs::read_to_string(&kept).unwrap();
    assert!(text.contains("gatepost.toml:3:") && text.contains("secrts"), "{text}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&kept).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    server.policy("schema = 1\n");
    server.accepts(&["main:refs/heads/mended"], &[]);
    assert!(!kept.exists(), "it is mended");
    std::fs::remove_file(server.bare.join("gatepost.toml")).unwrap();

    // A policy that is pushed names a file that only the server can read.
    let secret = server.repo.beside("server-secrets");
    std::fs::write(&secret, "password: hunter4\n").unwrap();
    let extends = format!("schema = 1\nextends = [{:?}]\n", secret.to_str().unwrap());
    server.repo.write("gatepost.toml", extends);
    server.repo.commit_all("chore: read the server's files");
    let quiet = |run: &Run| {
        assert!(!run.said().contains("hunter4") && !run.said().contains("password"), "{}", run.said());
    };
    quiet(&server.refuses(&["main"], &["server-secrets"]));
    // It came in all the same, while the server had a policy of its own.
    server.policy(LAX);
    server.accepts(&["main"], &[]);
    std::fs::remove_file(server.bare.join("gatepost.toml")).unwrap();
    quiet(&server.refuses(&["main:refs/heads/topic"], &["server-secrets"]));
}

#[test]
fn the_pushers_can_read_what_is_wrong_with_their_own_policy() {
    let server = Server::new();
    server.policy(&format!("{LAX}\n[drift]\nlevel = \"off\"\n"));
    server.repo.write("gatepost.toml", "schema = 1\n\n[secrts]\n");
    server.repo.commit_all("chore: a typo");
    server.accepts(&["main"], &[]);
    std::fs::remove_file(server.bare.join("gatepost.toml")).unwrap();
    server.refuses(&["main:refs/heads/topic"], &["secrts", "secrets"]);
}

#[test]
fn a_dry_run_refuses_nothing_and_says_so() {
    let server = Server::new();
    server.policy("schema = 1\nenforce = false\n");
    server.leak("app.env");
    server.accepts(&["main"], &[RULE, "app.env", "enforce"]);
    assert!(server.refs().contains(&server.repo.head()));
}

#[test]
fn what_a_dry_run_would_have_refused_is_on_record() {
    let server = Server::new();
    server.policy("schema = 1\nenforce = false\n");
    let list = |more: &[&str]| {
        let bare = server.bare.to_str().unwrap();
        server.repo.gatepost([&["-C", bare, "break-glass", "list"], more].concat()).ok()
    };
    // A push that passes leaves no record.
    server.repo.commit_all("feat: nothing wrong here");
    server.accepts(&["main"], &["clean"]);
    list(&[]).says(&["nothing was let through here"]);
    let (commit, token) = server.leak("app.env");
    server.accepts(&["main"], &["this push would have been refused, and that is on record"]);
    server.repo.git(["commit", "-q", "--allow-empty", "-m", "no type and no colon"]);
    server.branch("topic");
    server.accepts(&["topic"], &["on record"]);
    let list_words = [
        "pushes that a dry run let in",
        "1 commit to refs/heads/main",
        "1 (github-pat)",
        "1 commit to refs/heads/topic",
    ];
    list(&[]).says(&list_words).says(&["0 overdue, 0 open, 0 settled"]);
    let json = list(&["-f", "json"]).says(&["\"dry-runs\"", &commit, "github-pat", "not-conventional"]);
    assert!(!json.said().contains(&token), "a record has the secret");
    // Chained, a line for each push.
    let lines =
        || std::fs::read_to_string(server.bare.join("gatepost/break-glass.jsonl")).unwrap().lines().count();
    assert_eq!(lines(), 2);
    // Where no record can be written, a dry run still refuses nothing.
    std::fs::remove_dir_all(server.bare.join("gatepost")).unwrap();
    std::fs::write(server.bare.join("gatepost"), "in the way").unwrap();
    server.leak("other.env");
    server.accepts(&["topic"], &["no record of it could be written: cannot write the log of break-glass"]);
}

#[test]
fn a_hook_without_its_gatepost_refuses() {
    let server = Server::new();
    std::fs::remove_file(server.hook("pre-receive")).unwrap();
    std::fs::copy(HOOK, server.hook("pre-receive")).unwrap();
    server.repo.commit_all("feat: nothing wrong here");
    server.refuses(&["main"], &["could not start", "install"]);
}

#[test]
fn an_object_that_the_server_lost() {
    let server = Server::new();
    let repo = &server.repo;
    repo.write("a.txt", "text that is worth a blob\n");
    repo.commit_all("feat: text");
    server.accepts(&["main"], &[]);
    let blob = repo.git(["rev-parse", "HEAD:a.txt"]);
    std::fs::remove_file(server.bare.join("objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    // Git does not send it again, since the server's `main` has it.
    repo.git(["mv", "a.txt", "b.txt"]);
    repo.commit_all("feat: another name");
    server.refuses(&["main"], &["b.txt", short(&blob)]);
    // Git keeps the hook's exit code to itself: here it is written down.
    let code = server.bare.join("code");
    let script = format!("#!/bin/sh\n{HOOK}; code=$?; echo $code >'{}'; exit $code\n", code.display());
    server.script("pre-receive", &script);
    server.refuses(&["main"], &[]);
    assert_eq!(std::fs::read_to_string(code).unwrap(), "3\n");
}

#[test]
fn notes_have_messages_that_git_writes_and_content_that_people_write() {
    let server = Server::new();
    server.policy("schema = 1\n[branch]\nopen-refs = [\"refs/heads/**\", \"refs/notes/*\"]\n");
    server.repo.git(["notes", "add", "-m", "reviewed by nobody in particular"]);
    server.accepts(&["refs/notes/commits"], &["clean"]);
    let token = token();
    server.repo.git(["notes", "append", "-m", leak(&token).trim()]);
    let run = server.refuses(&["refs/notes/commits"], &[RULE]);
    assert!(!run.said().contains(&token));
}

#[test]
fn a_secret_cannot_come_in_with_a_file_too_large_to_be_judged() {
    let server = Server::new();
    server.policy("schema = 1\n\n[secrets]\nmax-file-size = \"1 KiB\"\n");
    let secret = leak(&token());
    server.repo.write("app.env", format!("{}{secret}", "# padding\n".repeat(200)));
    server.repo.commit_all("feat: add settings");
    // What the policy declares too large is counted and let through …
    server.accepts(&["main"], &["too large"]);
    server.repo.write("app.env", secret);
    server.repo.commit_all("fix: drop the padding");
    // … but it vouches for nothing: when the file shrinks, the secret is new.
    server.refuses(&["main"], &[RULE]);
}

#[test]
fn a_secret_counts_when_the_comment_that_allowed_it_goes() {
    let repo = Repo::new();
    repo.gatepost(["install"]).ok();
    let secret = leak(&token());
    repo.write("app.env", format!("# gatepost:allow {RULE} reason=\"made for a test\"\n{secret}"));
    repo.commit_all("feat: add settings");
    repo.write("app.env", format!("{secret}\n# changed\n"));
    repo.git(["add", "-A"]);
    repo.try_git(["commit", "-m", "fix: change settings"]).refused(&[RULE]);
}
