//! What is pushed, the same by every way.

use super::transport::Way;
use super::{HOOK, LAX, RULE, Server, leak, short, token};
use crate::support::run;
use std::process::Stdio;

by!(
    {over_a_folder = File, over_ssh = Ssh, over_http = Http, over_gitolite = Gitolite}:
    a_secret_is_refused_and_leaves_nothing,
    atomic_or_not_nothing_comes_in_beside_a_secret,
    branches_come_move_and_go,
    tags_are_judged,
    a_thousand_commits,
    a_merge_blames_nobody_twice,
    a_repository_that_borrows_objects,
    shallow_pushes,
    replace_refs_hide_nothing,
    notes_are_judged,
    push_options_arrive,
    two_pushes_at_once,
    a_hook_that_is_killed_lets_nothing_in,
    a_broken_policy_says_nothing_of_the_server,
);

// gitolite's `update` hook is its own: what that one refuses is pushed in `gitolite.rs`.
by!(
    {over_a_folder = File, over_ssh = Ssh, over_http = Http}:
    what_an_update_hook_refused_is_judged_again,
);

fn a_secret_is_refused_and_leaves_nothing(way: Way) {
    let server = Server::new(way);
    let (commit, token) = server.leak("app.env");
    let run = server.refuses(&["main"], &[RULE, "app.env", short(&commit)]);
    assert!(!run.said().contains(&token), "{}", run.said());
    // Git throws the quarantine away.
    server.server_git(&["cat-file", "-e", &commit]).refused(&[]);
    server.repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    let bad = server.repo.commit_all("did some stuff");
    server.refuses(&["main"], &["GP-MSG-", "did some stuff", short(&bad)]);
    server.repo.git(["commit", "-q", "--amend", "--allow-empty", "-m", "chore: do some stuff"]);
    server.accepts(&["main"], &["1 commit, clean"]);
}

fn atomic_or_not_nothing_comes_in_beside_a_secret(way: Way) {
    let server = Server::new(way);
    server.branch("bad");
    server.leak("app.env");
    server.repo.git(["checkout", "-q", "-b", "good", "main"]);
    server.repo.commit_all("feat: good");
    server.refuses(&["good", "bad"], &[RULE]);
    server.refuses(&["--atomic", "good", "bad"], &[RULE]);
    server.accepts(&["--atomic", "good", "good:refs/heads/better"], &["clean"]);
}

fn branches_come_move_and_go(way: Way) {
    let server = Server::new(way);
    server.branch("topic");
    server.repo.write("a.txt", "a\n");
    server.repo.commit_all("feat: add a");
    server.accepts(&["topic"], &["1 commit, clean"]);
    server.repo.git(["commit", "-q", "--amend", "-m", "feat: add another a"]);
    server.push(&["topic"]).refused(&["non-fast-forward"]);
    server.accepts(&["--force", "topic"], &["1 commit, clean"]);
    server.leak("app.env");
    server.repo.git(["commit", "-q", "--amend", "-m", "feat: settings"]);
    server.refuses(&["--force", "topic"], &[RULE]);
    server.accepts(&["--delete", "topic"], &["1 ref deleted, no new commits"]);
    assert!(!server.refs().contains("topic"));
}

fn tags_are_judged(way: Way) {
    let server = Server::new(way);
    let repo = &server.repo;
    repo.git(["tag", "-a", "v1", "-m", &format!("release\n\n{}", leak(&token()))]);
    server.refuses(&["v1"], &[RULE, "tag v1"]);
    repo.git(["tag", "-f", "-a", "v1", "-m", "release"]);
    repo.git(["tag", "light"]);
    server.accepts(&["v1", "light"], &["clean"]);
    server.branch("side");
    let (commit, _) = server.leak("app.env");
    repo.git(["tag", "-a", "v2", "-m", "release"]);
    server.refuses(&["v2"], &[RULE, "app.env", short(&commit)]);
}

fn a_thousand_commits(way: Way) {
    let server = Server::new(way);
    let token = token();
    let mut stream = String::new();
    for number in 0..1_000 {
        let secret = if number == 512 { leak(&token) } else { String::new() };
        let text = format!("{}{secret}{number}\n", "a line of text that stays\n".repeat(40));
        let from = if number == 0 { "from refs/heads/main\n" } else { "" };
        stream.push_str(&format!(
            "commit refs/heads/many\ncommitter A <a@example.com> {} +0000\ndata <<END\nfeat: number {number}\nEND\n\
             {from}M 100644 inline many.txt\ndata {}\n{text}\n",
            1_700_000_000 + number,
            text.len()
        ));
    }
    server.repo.run("git", ["fast-import", "--quiet"], server.repo.root(), stream.as_bytes()).ok();
    let commit = server.repo.git(["log", "--format=%H", "--grep=number 512", "many"]);
    let run = server.refuses(&["many"], &[RULE, "many.txt", short(&commit), "1 error in"]);
    assert!(!run.said().contains(&token));
    server.accepts(&["many~488:refs/heads/many"], &["512 commits, clean"]);
    server.policy(LAX);
    server.accepts(&["many"], &["488 commits"]);
}

fn a_merge_blames_nobody_twice(way: Way) {
    let server = Server::new(way);
    server.branch("side");
    server.policy(LAX);
    server.leak("old.env");
    server.repo.commit_all("did some stuff");
    server.accepts(&["side"], &[]);
    server.policy("schema = 1\n");
    let repo = &server.repo;
    repo.git(["checkout", "-q", "main"]);
    repo.write("main.txt", "main\n");
    repo.commit_all("feat: main");
    repo.git(["merge", "-q", "--no-ff", "-m", "Merge branch 'side'", "side"]);
    server.accepts(&["main"], &["2 commits, clean"]);
    // What only the merge has is its own.
    server.branch("other");
    repo.write("other.txt", "other\n");
    repo.commit_all("feat: other");
    repo.git(["checkout", "-q", "main"]);
    repo.write("main.txt", "more\n");
    repo.commit_all("feat: more");
    repo.git(["merge", "-q", "--no-ff", "--no-commit", "other"]);
    repo.write("main.txt", format!("more\n{}", leak(&token())));
    let merge = repo.commit_all("Merge branch 'other'");
    server.refuses(&["main"], &[RULE, "main.txt", short(&merge)]);
}

fn a_repository_that_borrows_objects(way: Way) {
    let server = Server::new(way);
    // A fork: its own objects are few, the others are its parent's.
    let (parent, objects) = (server.repo.beside("parent.git"), server.bare.join("objects"));
    server.repo.git(["clone", "-q", "--bare", server.bare.to_str().unwrap(), parent.to_str().unwrap()]);
    let info = objects.join("info");
    std::fs::create_dir_all(&info).unwrap();
    std::fs::write(info.join("alternates"), format!("{}\n", parent.join("objects").display())).unwrap();
    for entry in std::fs::read_dir(&objects).unwrap().map(|entry| entry.unwrap()) {
        let name = entry.file_name();
        if name.len() == 2 {
            std::fs::remove_dir_all(entry.path()).unwrap();
        }
    }
    server.server_git(&["fsck", "--connectivity-only"]).ok();
    server.repo.write("README.md", "hello\nagain\n");
    server.repo.commit_all("docs: say it again");
    server.accepts(&["main"], &["1 commit, clean"]);
    let (commit, _) = server.leak("app.env");
    server.refuses(&["main"], &[RULE, short(&commit)]);
}

fn shallow_pushes(way: Way) {
    let server = Server::new(way);
    server.repo.write("a.txt", "a\n");
    server.repo.commit_all("feat: add a");
    server.accepts(&["main"], &[]);
    let shallow = server.repo.beside("shallow");
    let url = server.repo.git(["remote", "get-url", "origin"]);
    let url = if way == Way::File { format!("file://{url}") } else { url };
    let folder = shallow.to_str().unwrap();
    run(&mut server.git_in(server.repo.root(), &["clone", "-q", "--depth=1", &url, folder]), b"").ok();
    let git = |arguments: &[&str]| run(&mut server.git_in(&shallow, arguments), b"");
    let commit = |path: &str, text: &str| {
        std::fs::write(shallow.join(path), text).unwrap();
        git(&["add", "-A"]).ok();
        git(&["commit", "-q", "-m", "feat: from a shallow clone"]).ok();
    };
    commit("b.txt", "b\n");
    let run = git(&["push", "origin", "HEAD:main"]).ok();
    assert!(run.said().contains("1 commit, clean"), "{}", run.said());
    let before = server.refs();
    commit("app.env", &leak(&token()));
    git(&["push", "origin", "HEAD:main"]).refused(&[RULE, "app.env"]);
    assert_eq!(server.refs(), before);
    // A history that ends in nothing: what comes before it cannot be known, so it does not come in.
    let (empty, url) = server.another(&url);
    git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    for setting in ["false", "true"] {
        server.repo.run("git", ["config", "receive.shallowUpdate", setting], &empty, b"").ok();
        let pushed = git(&["push", &url, "HEAD:main"]);
        let refs = server.repo.run("git", ["for-each-ref"], &empty, b"").ok().out;
        assert_ne!(pushed.code, 0, "receive.shallowUpdate={setting}: {}", pushed.said());
        assert_eq!(refs, "", "receive.shallowUpdate={setting}");
    }
}

fn replace_refs_hide_nothing(way: Way) {
    let server = Server::new(way);
    let repo = &server.repo;
    let base = repo.head();
    let (commit, _) = server.leak("app.env");
    let harmless =
        repo.git(["commit-tree", &format!("{base}^{{tree}}"), "-p", &base, "-m", "feat: harmless"]);
    let replace = format!("{harmless}:refs/replace/{commit}");
    server.refuses(&["main", &replace], &[RULE, "app.env"]);
    server.server_git(&["config", "core.useReplaceRefs", "true"]).ok();
    server.refuses(&[&replace], &["GP-REF-044"]);
    server.policy("schema = 1\n[branch]\nopen-refs = [\"refs/**\"]\n");
    server.accepts(&[&replace], &[]);
    server.refuses(&["main"], &[RULE, "app.env", short(&commit)]);
}

fn notes_are_judged(way: Way) {
    let server = Server::new(way);
    server.repo.git(["notes", "add", "-m", "reviewed by nobody in particular"]);
    server.refuses(&["refs/notes/commits"], &["GP-REF-044"]);
    server.policy("schema = 1\n[branch]\nopen-refs = [\"refs/heads/**\", \"refs/notes/*\"]\n");
    server.accepts(&["refs/notes/commits"], &["clean"]);
    let token = token();
    server.repo.git(["notes", "append", "-m", leak(&token).trim()]);
    let run = server.refuses(&["refs/notes/commits"], &[RULE]);
    assert!(!run.said().contains(&token));
}

fn push_options_arrive(way: Way) {
    let server = Server::new(way);
    server.server_git(&["config", "receive.advertisePushOptions", "true"]).ok();
    server.repo.commit_all("feat: nothing wrong here");
    server.refuses(&["-o", "gatepost.exeption=EX-1", "main"], &["did you mean `gatepost.exception`?"]);
    server.refuses(&["-o", "gatepost.exception=EX-1", "main"], &["EX-1 is not in the policy"]);
    server.accepts(&["-o", "ci.skip", "main"], &["clean"]);
}

fn two_pushes_at_once(way: Way) {
    let server = Server::new(way);
    let repo = &server.repo;
    server.branch("bad");
    server.leak("app.env");
    for name in ["one", "two", "three"] {
        repo.git(["checkout", "-q", "-B", name, "main"]);
        repo.write(format!("{name}.txt"), name);
        repo.commit_all("feat: add a file");
    }
    let begin = |arguments: &[&str]| {
        let mut command = server.git_in(repo.root(), &[&["push", "origin"], arguments].concat());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let pushes = [begin(&["one", "two:shared"]), begin(&["bad", "three"]), begin(&["three:shared"])];
    let ends = pushes.map(|push| push.wait_with_output().unwrap());
    let said = |index: usize| String::from_utf8_lossy(&ends[index].stderr).into_owned();
    assert!(!ends[1].status.success() && said(1).contains(RULE), "{}", said(1));
    // Of two that make the same branch, one comes first.
    let refs = server.refs();
    assert!(!refs.contains("refs/heads/bad") && !refs.contains("refs/heads/three"), "{refs}");
    assert!(refs.contains("refs/heads/one"), "{refs}\n{}", said(0));
    assert_eq!(refs.matches("refs/heads/shared").count(), 1, "{refs}");
    server.server_git(&["fsck", "--strict"]).ok();
}

fn a_hook_that_is_killed_lets_nothing_in(way: Way) {
    let server = Server::new(way);
    server.repo.commit_all("feat: nothing wrong here");
    // It has read half of what is pushed when it dies.
    let pipe = server.bare.join("pipe");
    let script = format!(
        "#!/bin/sh\nmkfifo '{0}'\n{HOOK} <'{0}' &\npid=$!\nexec 3>'{0}'\nhead -c 10 >&3\nkill -9 $pid\nwait $pid\ncode=$?\n\
         rm '{0}'\nexit $code\n",
        pipe.display()
    );
    server.script("pre-receive", &script);
    server.refuses(&["main"], &[]);
    // Half of the input, and no more, is no push.
    server.script("pre-receive", &format!("#!/bin/sh\nhead -c 60 | {HOOK}\n"));
    server.refuses(&["main"], &["standard input has a line that is no ref update"]);
    server.script("pre-receive", &format!("#!/bin/sh\nexec {HOOK}\n"));
    server.accepts(&["main"], &["1 commit, clean"]);
}

fn a_broken_policy_says_nothing_of_the_server(way: Way) {
    let server = Server::new(way);
    server.policy("schema = 1\n# hunter2\n[secrts]\nlevel = \"hunter3\"\n");
    server.repo.commit_all("feat: nothing wrong here");
    let run = server.refuses(&["main"], &["line 3", "tell the administrator", "gatepost config check"]);
    assert!(!run.said().contains("secrts") && !run.said().contains("hunter"), "{}", run.said());
    server.policy("schema = 1\n");
    server.accepts(&["main"], &["clean"]);
}

fn what_an_update_hook_refused_is_judged_again(way: Way) {
    let server = Server::new(way);
    server.policy(LAX);
    server.script("update", "#!/bin/sh\nexit 1\n");
    let (commit, _) = server.leak("app.env");
    server.push(&["main:refs/heads/first"]).refused(&["hook declined"]);
    server.server_git(&["cat-file", "-e", &commit]).ok();
    std::fs::remove_file(server.bare.join("hooks/update")).unwrap();
    server.policy("schema = 1\n");
    server.refuses(&["main:refs/heads/second"], &[RULE, short(&commit)]);
}

/// Who pushed, as the log of a push that comes in unjudged has it.
fn pusher(server: &Server) -> (String, bool) {
    server.policy("schema = 1\n\n[server]\nbudget = \"0 s\"\non-timeout = \"record\"\n");
    server.repo.commit_all("feat: nothing wrong here");
    server.accepts(&["main"], &["NOT JUDGED IN FULL"]);
    let log = std::fs::read_to_string(server.bare.join("gatepost/break-glass.jsonl")).unwrap();
    let record: serde_json::Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    let actor = &record["actor"];
    (actor["name"].as_str().unwrap().to_owned(), actor["authenticated"].as_bool().unwrap())
}

#[test]
fn the_web_server_names_the_pusher() {
    let server = Server::new(Way::Http);
    assert_eq!(pusher(&server), ("alice".to_owned(), true));
}

#[test]
fn an_ssh_server_names_an_account_and_lets_no_variable_in() {
    let mut server = Server::new(Way::Ssh);
    server.ssh.push_str(" -o SetEnv=GL_USERNAME=mallory -o SetEnv=REMOTE_USER=mallory");
    assert_eq!(pusher(&server), (super::transport::account(&server.repo), false));
}
