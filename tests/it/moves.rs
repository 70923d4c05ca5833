//! Rules for refs that move (`[[ref]]`), by real pushes: each refused and accepted, and whom a rule does not bind.

use crate::receive::Server;
use crate::support::{Run, run};

/// A server whose policy has one block for `matches`.
pub(crate) fn server(matches: &str, block: &str) -> Server {
    let server = Server::new();
    server.policy(&format!("schema = 1\n\n[[ref]]\nmatch = [\"{matches}\"]\n{block}\n"));
    server
}

impl Server {
    pub(crate) fn commit(&self, path: &str, message: &str) -> String {
        self.repo.write(path, format!("{message}\n"));
        self.repo.commit_all(message)
    }

    /// A push in the environment that a server gives its hooks.
    pub(crate) fn push_as(&self, variables: &[(&str, &str)], refspec: &str) -> Run {
        let mut command = self.repo.command("git", self.repo.root());
        command.args(["push", "origin", refspec]).envs(variables.iter().copied());
        run(&mut command, b"")
    }
}

#[test]
fn refs_are_made_moved_and_deleted_as_the_policy_says() {
    let server = server("refs/heads/kept/*", "create = \"deny\"\nupdate = \"deny\"\ndelete = \"deny\"");
    server.refuses(&["HEAD:refs/heads/kept/a"], &["the branch kept/a may not be made", "GP-REF-010"]);
    server.accepts(&["HEAD:refs/heads/other"], &[]);
    // The administrator makes it.
    server.repo.run("git", ["branch", "kept/a", "main"], &server.bare, b"").ok();
    server.commit("a.txt", "feat: add a");
    server.refuses(&["HEAD:refs/heads/kept/a"], &["may not be pushed to directly"]);
    server.refuses(&[":refs/heads/kept/a"], &["the branch kept/a may not be deleted"]);
    server.accepts(&["HEAD:refs/heads/main", ":refs/heads/other"], &[]);
}

#[test]
fn a_forced_update_is_told_from_a_fast_forward() {
    let server = server("refs/heads/main", "force = \"deny\"");
    server.commit("a.txt", "feat: add a");
    server.accepts(&["HEAD:main"], &[]);
    server.repo.git(["commit", "-q", "--amend", "-m", "feat: add b"]);
    server.refuses(&["+HEAD:main"], &["would be forced", "git pull --rebase && git push"]);
    server.accepts(&["+HEAD:refs/heads/mine"], &[]);
    // A step back is as forced as any other.
    server.refuses(&["+HEAD~1:main"], &["GP-REF-014"]);
}

#[test]
fn a_tag_stays_where_it_is() {
    let server = server("refs/tags/v*", "move = \"deny\"\ndelete = \"deny\"");
    server.repo.git(["tag", "-a", "v1.0.0", "-m", "Release v1.0.0"]);
    server.accepts(&["v1.0.0"], &[]);
    server.repo.git(["tag", "-f", "-a", "v1.0.0", "-m", "again"]);
    server.refuses(&["+v1.0.0"], &["the tag v1.0.0 would move", "GP-REF-012"]);
    server.refuses(&[":v1.0.0"], &["may not be deleted"]);
}

#[test]
fn history_is_linear_or_made_of_merges() {
    let linear = server("refs/heads/main", "merges = \"deny\"");
    linear.branch("topic");
    linear.commit("a.txt", "feat: add a");
    linear.repo.git(["checkout", "-q", "main"]);
    linear.commit("b.txt", "feat: add b");
    linear.accepts(&["main"], &[]);
    linear.repo.git(["merge", "-q", "--no-ff", "topic", "-m", "Merge topic"]);
    linear.refuses(&["main"], &["GP-REF-015", "Merge topic"]);

    let merged = server("refs/heads/main", "merge-required = \"deny\"");
    merged.branch("topic");
    merged.commit("a.txt", "feat: add a");
    merged.refuses(&["topic:main"], &["stands on the branch main itself and is no merge"]);
    merged.repo.git(["checkout", "-q", "main"]);
    merged.repo.git(["merge", "-q", "--no-ff", "topic", "-m", "Merge topic"]);
    merged.accepts(&["main"], &[]);
}

#[test]
fn a_squash_brings_one_commit() {
    let server = server("refs/heads/main", "one-commit = \"deny\"");
    server.commit("a.txt", "feat: add a");
    server.commit("b.txt", "feat: add b");
    server.refuses(&["HEAD:main"], &["one commit at a time, and 2 arrive"]);
    server.accepts(&["HEAD~1:main"], &[]);
    server.accepts(&["HEAD:main"], &[]);
}

#[test]
fn a_history_of_its_own_is_unrelated() {
    let server = server("refs/heads/**", "unrelated = \"deny\"");
    server.repo.git(["checkout", "-q", "--orphan", "elsewhere"]);
    server.commit("x.txt", "feat: begin anew");
    server.refuses(&["elsewhere"], &["GP-REF-018", "begins a history of its own"]);
    let empty = Server::empty();
    empty.policy("schema = 1\n\n[[ref]]\nmatch = [\"refs/heads/**\"]\nunrelated = \"deny\"\n");
    empty.accepts(&["main"], &[]);
}

#[test]
fn a_release_branch_takes_fixes_whatever_branch_had_a_feature_before() {
    let server = server("refs/heads/release/*", "types = [\"fix\", \"docs\", \"revert\"]");
    server.accepts(&["main:refs/heads/release/1.4"], &[]);
    server.commit("a.txt", "feat(api): add a");
    // The feature is no news to the repository, and it is to the release.
    server.accepts(&["HEAD:main"], &[]);
    server.refuses(
        &["HEAD:refs/heads/release/1.4"],
        &["GP-REF-020", "has the type `feat`, and the branch release/1.4 takes fix, docs, revert"],
    );
    server.repo.git(["checkout", "-q", "-b", "release", "HEAD~1"]);
    server.commit("b.txt", "fix!: close the file");
    server.repo.git(["revert", "--no-edit", "HEAD"]);
    server.accepts(&["HEAD:refs/heads/release/1.4"], &[]);
    server.commit("c.txt", "close another file");
    server.policy(
        "schema = 1\n[message]\nlevel = \"off\"\n[[ref]]\nmatch = [\"refs/heads/release/*\"]\ntypes = [\"fix\"]\n",
    );
    server.refuses(&["HEAD:refs/heads/release/1.4"], &["has no type"]);
}

#[test]
fn a_picked_commit_names_its_origin_and_the_origin_is_on_the_branch() {
    let server = server("refs/heads/release/*", "cherry-pick-from = [\"refs/heads/main\"]");
    server.accepts(&["main:refs/heads/release/1.4"], &[]);
    server.repo.git(["branch", "release", "main"]);
    server.commit("a.txt", "fix: close the file");
    server.repo.git(["checkout", "-q", "release"]);
    server.repo.git(["cherry-pick", "main"]);
    server.refuses(
        &["release:release/1.4"],
        &["does not say which commit it was picked from", "git cherry-pick -x"],
    );
    server.repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    server.repo.git(["cherry-pick", "-x", "main"]);
    // The origin must have landed, not only lie about somewhere.
    server.accepts(&["main:refs/heads/aside"], &[]);
    server.refuses(&["release:release/1.4"], &["which is not on refs/heads/main"]);
    // Both in one push will do.
    server.accepts(&["main", "release:release/1.4"], &[]);
    // Anybody can type a line.
    let typed = format!("fix: more\n\n(cherry picked from commit {})", "1".repeat(40));
    server.commit("b.txt", &typed);
    server.refuses(&["release:release/1.4"], &["which is not on refs/heads/main"]);
}

#[test]
fn pushes_have_limits() {
    for (block, word) in [
        ("max-commits = 1", "2 new commits come to the branch main, and the most is 1"),
        ("max-files = 1", "2 files change on the branch main, and the most is 1"),
        ("max-size = \"10 B\"", "of new files come to the branch main"),
    ] {
        let server = server("refs/heads/main", block);
        server.commit("a.txt", "fix: a");
        let first = server.repo.head();
        server.commit("b.txt", "fix: b");
        server.refuses(&["HEAD:main"], &[word]);
        server.accepts(&[&format!("{first}:main")], &[]);
    }
}

#[test]
fn addresses_and_dates_are_judged_on_new_commits_alone() {
    let block = "author-email = ['.*@example\\.com']\ncommitter-email = ['.*@example\\.org']";
    let server = server("refs/heads/main", block);
    server.commit("a.txt", "fix: a");
    server.refuses(&["HEAD:main"], &["GP-REF-026", "C O Mitter <committer@example.com>"]);
    // What another branch has is somebody else's affair.
    server.accepts(&["HEAD:refs/heads/aside"], &[]);
    server.accepts(&["HEAD:main"], &[]);

    let dated = |server: &Server, date: &str| {
        let mut command = server.repo.command("git", server.repo.root());
        command.args(["commit", "-q", "--allow-empty", "-m", "fix: a date"]).env("GIT_COMMITTER_DATE", date);
        run(&mut command, b"").ok();
    };
    let strict = self::server("refs/heads/main", "max-future-minutes = 60\nmax-age-days = 30");
    dated(&strict, "2099-01-01T00:00:00Z");
    strict.refuses(&["HEAD:main"], &["GP-REF-027", "is dated in the future: 2099-01-01"]);
    strict.repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    dated(&strict, "2001-01-01T00:00:00Z");
    strict.refuses(&["HEAD:main"], &["is older than 30 days: 2001-01-01"]);
    strict.repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    strict.commit("a.txt", "fix: a");
    strict.accepts(&["HEAD:main"], &[]);
}

#[test]
fn the_committer_is_the_pusher() {
    let server = server("refs/heads/main", "committer-is-pusher = \"deny\"");
    server.commit("a.txt", "fix: a");
    // Nobody says who pushes: that is no pass.
    server.refuses(&["HEAD:main"], &["the server does not say who pushes"]);
    let run = server
        .push_as(&[("GITEA_PUSHER_NAME", "bob"), ("GITEA_PUSHER_EMAIL", "bob@example.com")], "HEAD:main");
    run.refused(&["was committed by C O Mitter <committer@example.com>, and bob@example.com pushes it"]);
    let own = [("GITEA_PUSHER_NAME", "carl"), ("GITEA_PUSHER_EMAIL", "Committer@example.com")];
    server.push_as(&own, "HEAD:main").ok();
}

#[test]
fn who_is_exempt_is_named_vouched_for_and_recorded() {
    let block = "create = \"deny\"\nexempt = [{ name = \"release-bot\", reason = \"cuts the releases\" }]";
    let server = server("refs/tags/v*", block);
    server.repo.git(["tag", "-a", "v1.0.0", "-m", "Release v1.0.0"]);
    server.refuses(&["v1.0.0"], &["the tag v1.0.0 may not be made"]);
    server.push_as(&[("GL_USER", "alice"), ("GL_REPO", "r")], "v1.0.0").refused(&["may not be made"]);
    // The name of an account is nobody's word.
    server.push_as(&[("USER", "release-bot")], "v1.0.0").refused(&["may not be made"]);
    let run = server.push_as(&[("GL_USER", "release-bot"), ("GL_REPO", "r")], "v1.0.0").ok();
    assert!(
        run.said().contains("release-bot is exempt from a rule for refs, and that is on record"),
        "{}",
        run.said()
    );
    let log = server.repo.run(crate::support::GATEPOST, ["break-glass", "list"], &server.bare, b"").ok();
    for word in
        ["exempt", "release-bot (GL_USER)", "cuts the releases", "refs/tags/v1.0.0", "ref-create-denied"]
    {
        assert!(log.said().contains(word), "does not say `{word}`:\n{}", log.said());
    }
    // Without a record nobody is exempt.
    let path = server.bare.join("gatepost");
    std::fs::remove_dir_all(&path).unwrap();
    std::fs::write(&path, "in the way").unwrap();
    server.repo.git(["tag", "-a", "v1.0.1", "-m", "Release v1.0.1"]);
    server.push_as(&[("GL_USER", "release-bot"), ("GL_REPO", "r")], "v1.0.1").refused(&["may not be made"]);
}

#[test]
fn the_merge_button_works_where_pushing_does_not() {
    let server = server("refs/heads/main", "update = \"deny\"\nvia = \"push\"");
    server.commit("a.txt", "fix: a");
    let user = ("GITEA_PUSHER_NAME", "alice");
    server.push_as(&[user], "HEAD:main").refused(&["may not be pushed to directly"]);
    server
        .push_as(&[user, ("GITEA_PR_ID", "7"), ("GITEA_PUSH_TRIGGER", "pr-merge-to-base")], "HEAD:main")
        .ok();
}

#[test]
fn of_two_blocks_the_stricter_one_counts_and_each_thing_is_told_once() {
    let server = Server::new();
    server.policy(
        "schema = 1\n[[ref]]\nmatch = [\"refs/heads/**\"]\nforce = \"warn\"\n[[ref]]\nmatch = [\"refs/heads/main\"]\nforce = \"deny\"\n",
    );
    server.commit("a.txt", "fix: a");
    server.accepts(&["HEAD:main", "HEAD:refs/heads/side"], &[]);
    server.repo.git(["commit", "-q", "--amend", "-m", "fix: b"]);
    let said = server.refuses(&["+HEAD:main"], &[]).said();
    assert_eq!(said.matches("would be forced").count(), 1, "{said}");
    server.accepts(&["+HEAD:refs/heads/side"], &["would be forced"]);
}

#[test]
fn a_block_that_says_nothing_or_nonsense_is_an_error_of_the_policy() {
    for (block, words) in [
        ("force = \"deny\"", "match"),
        ("match = []\nforce = \"deny\"", "matches nothing"),
        ("match = [\"main\"]\nforce = \"deny\"", "write the full name: refs/heads/main"),
        ("match = [\"refs/heads/main\"]\nforse = \"deny\"", "did you mean `force`?"),
        ("match = [\"refs/heads/main\"]\nauthor-email = ['(']", "author-email"),
        ("match = [\"refs/heads/main\"]\nexempt = [{ name = \"bob\" }]", "reason"),
    ] {
        let server = Server::new();
        server.repo.write("gatepost.toml", format!("schema = 1\n[[ref]]\n{block}\n"));
        server.repo.gatepost(["config", "check"]).failed(&[2], &[words]);
    }
}

#[test]
fn a_freeze_closes_refs_and_names_who_can_open_them() {
    let server = Server::new();
    let freeze = |to: &str| {
        format!(
            "schema = 1\n[[freeze]]\nmatch = [\"refs/heads/main\", \"refs/tags/**\"]\nfrom = 2020-01-01\nto = {to}\n\
             approver = \"the release manager\"\nscope = \"all services\"\nexit-criteria = \"tests are green\"\n\
             exempt = [{{ name = \"incident-lead\", reason = \"fixes of incidents\" }}]\n"
        )
    };
    server.policy(&freeze("2099-01-01"));
    server.commit("a.txt", "fix: a");
    server.repo.git(["tag", "v1.0.0"]);
    let words = [
        "is frozen from 2020-01-01 to 2099-01-01: all services",
        "ask the release manager",
        "tests are green",
    ];
    server.refuses(&["HEAD:main"], &words);
    server.refuses(&["v1.0.0"], &["the tag v1.0.0 is frozen"]);
    server.accepts(&["HEAD:refs/heads/topic"], &[]);
    server.push_as(&[("GL_USER", "incident-lead"), ("GL_REPO", "r")], "HEAD:main").ok();
    server.policy(&freeze("2020-12-31"));
    server.accepts(&["v1.0.0"], &[]);
}

#[test]
fn a_ref_moves_while_one_of_its_windows_is_open() {
    let server = Server::new();
    let half = |from: &str, to: &str| {
        format!(
            "[[window]]\nmatch = [\"refs/heads/main\"]\ndays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]\n\
             from = \"{from}\"\nto = \"{to}\"\n"
        )
    };
    server.policy(&format!("schema = 1\n{}{}", half("00:00", "12:00"), half("12:00", "00:00")));
    server.commit("a.txt", "fix: a");
    server.accepts(&["HEAD:main"], &[]);
}

/// A commit that is there and cannot be read is no commit that is left out.
#[test]
fn a_broken_commit_that_another_branch_has_does_not_slip_in() {
    let server = server("refs/heads/release/*", "types = [\"fix\"]");
    server.accepts(&["main:refs/heads/release/1.4"], &[]);
    let (tree, parent) = (server.repo.git(["rev-parse", "main^{tree}"]), server.repo.head());
    // Without an author.
    let raw = format!(
        "tree {tree}\nparent {parent}\ncommitter A <a@example.com> 1790000000 +0000\n\nfeat: slip in\n"
    );
    let arguments = ["hash-object", "-t", "commit", "-w", "--literally", "--stdin"];
    let id = server.repo.run("git", arguments, server.repo.root(), raw.as_bytes()).ok().out;
    // The administrator has it already.
    server.repo.git(["update-ref", "refs/heads/old", id.trim()]);
    let from = server.repo.root().to_str().unwrap();
    server.repo.run("git", ["fetch", "-q", from, "+old:aside"], &server.bare, b"").ok();
    server.refuses(&["old:release/1.4"], &["cannot be read"]);
}
