//! Forward-ports (`forward-port-to`), by real pushes: a fix on a hotfix or release branch has come to the branches that
//! follow before the branch is deleted, and before the tag after the next is made.

use crate::receive::Server;
use crate::support::Run;

const POLICY: &str = "schema = 1\n\n[[ref]]\nmatch = [\"refs/heads/hotfix/*\", \"refs/heads/release/*\"]\n\
    forward-port-to = [\"refs/heads/main\", \"refs/heads/release/*\"]\n";

const HOTFIX: &str = "hotfix/1.4.3-INC12345";
const DELETE: &str = ":refs/heads/hotfix/1.4.3-INC12345";

/// A file of nine lines whose fifth is `middle`.
fn text(middle: &str) -> String {
    format!("1\n2\n3\n4\n{middle}\n6\n7\n8\n9\n")
}

/// A server with `v1.4.2` in production and a `main` that has gone on; the developer is on a hotfix with one fix, pushed and
/// released as `v1.4.3`. The commit of the fix.
fn hotfix() -> (Server, String) {
    let server = Server::new();
    let repo = &server.repo;
    server.policy(POLICY);
    repo.write("a.txt", text("5"));
    repo.commit_all("feat: add a");
    server.release("v1.4.2");
    repo.git(["branch", HOTFIX]);
    repo.write("a.txt", format!("0\n0\n0\n0\n{}", text("5")));
    repo.commit_all("feat: go on");
    server.accepts(&["main", "v1.4.2"], &[]);
    repo.git(["checkout", "-q", HOTFIX]);
    repo.write("a.txt", text("five"));
    let fix = repo.commit_all("fix: close the file");
    server.release("v1.4.3");
    // The tag that releases the hotfix is made before anything is ported.
    server.accepts(&[HOTFIX, "v1.4.3"], &[]);
    (server, fix)
}

impl Server {
    fn release(&self, name: &str) {
        self.repo.git(["tag", "-a", name, "-m", &format!("Release {name}")]);
    }

    fn on(&self, branch: &str) {
        self.repo.git(["checkout", "-q", branch]);
    }

    fn amend(&self, message: &str) {
        self.repo.git(["commit", "-q", "-a", "--amend", "-m", message]);
    }

    /// `gatepost check refs --forward-ports` on the server, with more arguments.
    fn owed(&self, more: &[&str]) -> Run {
        let arguments = [&["check", "refs", "--forward-ports"], more].concat();
        self.repo.run(crate::support::GATEPOST, arguments, &self.bare, b"")
    }
}

#[test]
fn a_hotfix_is_picked_to_main_before_its_branch_goes() {
    let (server, fix) = hotfix();
    let short = &fix[..12];
    server.refuses(
        &[DELETE],
        &[
            "GP-REF-046",
            &format!(
                "hotfix/1.4.3-INC12345 still owes a commit: {short} (fix: close the file) is not on main"
            ),
            &format!("git cherry-pick -x {short}"),
        ],
    );
    server.on("main");
    server.repo.git(["cherry-pick", "-x", &fix]);
    // It must have landed.
    server.refuses(&[DELETE], &["is not on main"]);
    server.accepts(&["main"], &[]);
    server.accepts(&[DELETE], &[]);
}

#[test]
fn a_pick_and_the_deletion_may_come_in_one_push() {
    let (server, fix) = hotfix();
    server.on("main");
    server.repo.git(["cherry-pick", "-x", &fix]);
    server.accepts(&["main", DELETE], &[]);
}

#[test]
fn a_pick_without_its_origin_leads_nowhere() {
    let (server, fix) = hotfix();
    server.on("main");
    server.repo.git(["cherry-pick", &fix]);
    let picked = server.repo.head();
    server.accepts(&["main"], &[]);
    let words =
        ["GP-REF-046", &format!("is on main as {}, which does not say that it was picked", &picked[..12])];
    server.refuses(&[DELETE], &[&words[..], &["git merge -s ours"]].concat());
    // A merge that takes nothing is the record that they belong together.
    server.repo.git(["merge", "-q", "-s", "ours", "-m", "Merge the hotfix, which is here", &fix]);
    server.accepts(&["main"], &[]);
    server.accepts(&[DELETE], &[]);
}

#[test]
fn typing_the_line_is_not_enough() {
    let (server, fix) = hotfix();
    server.on("main");
    let line = format!("fix: close the file\n\n(cherry picked from commit {fix})");
    server.repo.commit_all(&line);
    server.accepts(&["main"], &[]);
    server.refuses(&[DELETE], &["GP-REF-047", "which makes another change and does not say why"]);
    // Nor does a reason help where nothing of it is touched.
    server.repo.write("b.txt", "b\n");
    server.repo.commit_all(&format!("{line}\nConflict-resolved: no time"));
    server.accepts(&["main"], &[]);
    server.refuses(&[DELETE], &["GP-REF-047"]);
}

#[test]
fn an_amended_pick_counts_by_what_it_changes() {
    let (server, fix) = hotfix();
    server.on("main");
    server.repo.git(["cherry-pick", "-x", &fix]);
    let line = format!("(cherry picked from commit {fix})");
    // Other words, the same change.
    server.amend(&format!("fix(a): close the file again\n\nRefs: INC12345\n{line}"));
    server.accepts(&["main"], &[]);
    server.accepts(&[DELETE], &[]);

    let (server, fix) = hotfix();
    server.on("main");
    server.repo.git(["cherry-pick", "-x", &fix]);
    server.repo.write("a.txt", format!("0\n0\n0\n0\n{}", text("six")));
    let line = format!("(cherry picked from commit {fix})");
    server.amend(&format!("fix: close the file\n\n{line}"));
    server.accepts(&["main"], &[]);
    server.refuses(&[DELETE], &["GP-REF-047"]);
    // It can be taken back and picked as it is.
    server.repo.git(["revert", "--no-edit", "HEAD"]);
    server.repo.git(["cherry-pick", "-x", &fix]);
    server.accepts(&["main", DELETE], &[]);
}

#[test]
fn a_resolved_conflict_says_why() {
    let (server, fix) = hotfix();
    server.on("main");
    server.repo.write("a.txt", format!("0\n0\n0\n0\n{}", text("cinq")));
    server.repo.commit_all("feat: speak French");
    assert_ne!(server.repo.try_git(["cherry-pick", "-x", &fix]).code, 0, "no conflict");
    server.repo.write("a.txt", format!("0\n0\n0\n0\n{}", text("cinq (closed)")));
    let line = format!("(cherry picked from commit {fix})");
    server.repo.commit_all(&format!("fix: close the file\n\nConflict-resolved: main speaks French\n{line}"));
    server.accepts(&["main"], &[]);
    let run = server.owed(&[]).ok();
    assert!(
        run.out.contains("conflict-resolved") && run.out.contains("main speaks French"),
        "{}",
        run.said()
    );
    server.accepts(&[DELETE], &[]);
}

#[test]
fn a_merge_forward_brings_the_commit_itself_unless_it_takes_nothing() {
    let (server, _) = hotfix();
    server.on("main");
    server.repo.git(["merge", "-q", "--no-ff", "-m", "Merge the hotfix", HOTFIX]);
    server.accepts(&["main"], &[]);
    server.accepts(&[DELETE], &[]);

    let (server, fix) = hotfix();
    server.on("main");
    server.repo.git(["merge", "-q", "-s", "ours", "-m", "Merge the hotfix", HOTFIX]);
    let merge = server.repo.head();
    server.accepts(&["main"], &[]);
    server.refuses(&[DELETE], &[&format!("by the merge {}, which took nothing of it", &merge[..12])]);
    server.repo.git(["cherry-pick", "-x", &fix]);
    server.accepts(&["main", DELETE], &[]);
}

#[test]
fn what_was_picked_from_main_is_there_already() {
    let server = Server::new();
    let repo = &server.repo;
    server.policy(POLICY);
    repo.write("a.txt", text("5"));
    repo.commit_all("feat: add a");
    repo.git(["branch", "release/1.4"]);
    repo.write("a.txt", format!("0\n0\n0\n0\n0\n{}", text("five")));
    repo.commit_all("feat: go on");
    repo.write("a.txt", format!("0\n0\n0\n0\n0\n{}", text("FIVE").replace('9', "nine")));
    repo.commit_all("feat: and on");
    repo.write("b.txt", "b\n");
    let fix = repo.commit_all("fix: close the file");
    repo.write("a.txt", format!("0\n0\n0\n0\n0\n{}", text("FIVE!").replace('9', "nine")));
    let conflicting = repo.commit_all("fix: shout");
    server.on("release/1.4");
    repo.git(["cherry-pick", "-x", &fix]);
    server.accepts(&["main", "release/1.4"], &[]);
    server.owed(&[]).ok();
    // A conflict on the way back is told by the trailer of the later commit.
    assert_ne!(repo.try_git(["cherry-pick", "-x", &conflicting]).code, 0, "no conflict");
    repo.write("a.txt", text("5!"));
    let line = format!("(cherry picked from commit {conflicting})");
    repo.commit_all(&format!("fix: shout\n\n{line}"));
    server.accepts(&["release/1.4"], &[]);
    server.refuses(&[":release/1.4"], &["GP-REF-047"]);
    repo.git([
        "commit",
        "-q",
        "--amend",
        "-m",
        &format!("fix: shout\n\nConflict-resolved: 1.4 has digits\n{line}"),
    ]);
    server.accepts(&["+release/1.4"], &[]);
    server.accepts(&[":release/1.4"], &[]);
}

#[test]
fn the_next_tag_waits_for_what_the_last_one_released() {
    let (server, fix) = hotfix();
    let repo = &server.repo;
    repo.write("b.txt", "b\n");
    repo.commit_all("fix: add b");
    server.release("v1.4.4");
    server.refuses(
        &[HOTFIX, "v1.4.4"],
        &["GP-REF-046", "the tag v1.4.4 comes after v1.4.3 of hotfix/1.4.3-INC12345", "close the file"],
    );
    // A hotfix that is cut from the tag is no way around.
    repo.git(["checkout", "-q", "-b", "hotfix/1.4.4-INC12346", "v1.4.3"]);
    repo.git(["cherry-pick", "v1.4.4"]);
    repo.git(["tag", "-f", "-a", "v1.4.4", "-m", "Release v1.4.4"]);
    server.accepts(&["hotfix/1.4.4-INC12346"], &[]);
    server.refuses(&["v1.4.4"], &["comes after v1.4.3"]);
    // A tag of another line is none of it.
    repo.git(["tag", "v1.5.0", "main"]);
    server.accepts(&["v1.5.0"], &[]);
    server.on("main");
    repo.git(["cherry-pick", "-x", &fix]);
    server.accepts(&["main"], &[]);
    // What the tag releases anew may be owed.
    let run = server.accepts(&["v1.4.4"], &[]);
    assert!(!run.said().contains("GP-REF"), "{}", run.said());
    server.accepts(&[DELETE], &[]);
    server.refuses(&[":hotfix/1.4.4-INC12346"], &["(fix: add b) is not on main"]);
}

#[test]
fn two_tags_in_one_push_are_no_way_around() {
    let (server, _) = hotfix();
    server.refuses(&[DELETE], &["GP-REF-046"]);
    let repo = &server.repo;
    repo.git(["checkout", "-q", "-b", "release/1.6", "main"]);
    repo.write("b.txt", "b\n");
    repo.commit_all("fix: add b");
    server.release("v1.6.0-rc.1");
    repo.write("c.txt", "c\n");
    repo.commit_all("fix: add c");
    server.release("v1.6.0");
    // A candidate is no release, and holds nothing up.
    server.accepts(&["release/1.6", "v1.6.0-rc.1", "v1.6.0"], &[]);
    repo.write("d.txt", "d\n");
    repo.commit_all("fix: add d");
    server.release("v1.6.1");
    repo.write("e.txt", "e\n");
    repo.commit_all("fix: add e");
    server.release("v1.6.2");
    server.refuses(&["release/1.6", "v1.6.1", "v1.6.2"], &["v1.6.2 comes after v1.6.1", "fix: add d"]);
}

#[test]
fn a_released_fix_cannot_be_pushed_away() {
    let (server, _) = hotfix();
    server.refuses(
        &[&format!("+v1.4.2^{{}}:refs/heads/{HOTFIX}")],
        &["was released with it and would lose it"],
    );
    // What nobody has released may still be made anew.
    server.repo.write("b.txt", "b\n");
    server.repo.commit_all("fix: add b");
    server.accepts(&[HOTFIX], &[]);
    server.amend("fix: add b again");
    server.accepts(&[&format!("+{HOTFIX}")], &[]);
}

#[test]
fn a_fix_goes_to_every_line_that_is_not_older() {
    let (server, fix) = hotfix();
    let repo = &server.repo;
    for line in ["release/1.3", "release/1.4", "release/1.5"] {
        let refspec = format!("v1.4.2^{{}}:refs/heads/{line}");
        server.accepts(&[&refspec], &[]);
    }
    let run =
        server.refuses(&[DELETE], &["is not on main", "is not on release/1.4", "is not on release/1.5"]);
    assert!(!run.said().contains("release/1.3"), "{}", run.said());
    for line in ["main", "release/1.4", "release/1.5"] {
        repo.git(["fetch", "-q", "origin"]);
        repo.git(["checkout", "-q", "--detach", &format!("origin/{line}")]);
        repo.git(["cherry-pick", "-x", &fix]);
        server.accepts(&[&format!("HEAD:{line}")], &[]);
    }
    server.accepts(&[DELETE], &[]);
    // The release lines have it of one origin, and 1.4 owes 1.5 nothing.
    server.accepts(&[":release/1.4"], &[]);
}

#[test]
fn lines_that_nobody_maintains_get_nothing() {
    let (server, _) = hotfix();
    server.policy(&format!("{POLICY}active-lines = [\"refs/heads/release/1.6\"]\n"));
    server.accepts(&["v1.4.2^{}:refs/heads/release/1.5", "v1.4.2^{}:refs/heads/release/1.6"], &[]);
    let run = server.refuses(&[DELETE], &["is not on main", "is not on release/1.6"]);
    assert!(!run.said().contains("release/1.5"), "{}", run.said());
}

#[test]
fn what_a_branch_takes_back_itself_is_not_owed() {
    let (server, _) = hotfix();
    server.repo.git(["revert", "--no-edit", "HEAD"]);
    server.accepts(&[HOTFIX], &[]);
    server.accepts(&[DELETE], &[]);
}

#[test]
fn an_exception_records_what_is_never_ported() {
    let (server, fix) = hotfix();
    let exception = format!(
        "\n[[exception]]\nid = \"EX-1\"\nrule = \"forward-port-missing\"\ncommit = \"{fix}\"\nstatus = \"accepted-risk\"\n\
         reason = \"main has no such file any more\"\nowner = \"@platform\"\napprover = \"@security\"\nexpires = {}\n",
        crate::support::in_days(30)
    );
    server.policy(&format!("{POLICY}{exception}"));
    let run = server.owed(&[]).ok();
    assert!(run.out.contains("EX-1"), "{}", run.said());
    server.accepts(&[DELETE], &["1 suppressed"]);
}

#[test]
fn what_cannot_be_told_is_refused() {
    let server = Server::new();
    server.policy(&POLICY.replace("\"refs/heads/main\", \"refs/heads/release/*\"", "\"refs/heads/trunk\""));
    server.accepts(&["main:refs/heads/hotfix/1.4.3-X-1"], &[]);
    server.refuses(&[":hotfix/1.4.3-X-1"], &["no branch matches `forward-port-to`"]);
    server.owed(&[]).failed(&[3], &["no branch matches `forward-port-to`"]);
}

#[test]
fn the_list_says_what_is_owed_to_whom() {
    let (server, fix) = hotfix();
    let run = server.owed(&[]).failed(&[1], &["COMMIT", "FROM", "TO", "STATE", "missing", "1 of 1 is owed"]);
    assert!(run.out.contains(&fix[..12]), "{}", run.out);
    server.owed(&[HOTFIX]).failed(&[1], &["missing"]);
    server.owed(&["hotfix/9.9.9"]).failed(&[2], &["hotfix/9.9.9", "hotfix/1.4.3-INC12345"]);
    let run = server.owed(&["-f", "json"]);
    let list: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(list["schema"], "gatepost.forward-ports/1");
    let port = &list["ports"][0];
    assert_eq!(port["commit"], fix.as_str());
    assert_eq!(port["from"], "refs/heads/hotfix/1.4.3-INC12345");
    assert_eq!(port["to"], "refs/heads/main");
    assert_eq!((port["state"].as_str(), port["owed"].as_bool()), (Some("missing"), Some(true)));
    server.on("main");
    server.repo.git(["cherry-pick", "-x", &fix]);
    let picked = server.repo.head();
    server.accepts(&["main"], &[]);
    let run = server.owed(&[]).ok();
    assert!(run.out.contains(&format!("picked as {}", &picked[..12])), "{}", run.said());
    // At a warning nothing is refused, and the list says the same.
    server.policy(&format!("{POLICY}level = \"warn\"\n"));
    server.repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    server.accepts(&["+main"], &[]);
    server.owed(&[]).ok();
    server.accepts(&[DELETE], &["is not on main"]);
}

#[test]
fn the_list_at_home_is_that_of_the_remote() {
    let (server, _) = hotfix();
    server.repo.write("gatepost.toml", POLICY);
    server.repo.git(["fetch", "-q"]);
    server.repo.gatepost(["check", "refs", "--forward-ports", "--at", "origin"]).failed(&[1], &["missing"]);
    server.repo.write("gatepost.toml", "schema = 1\n");
    server.repo.gatepost(["check", "refs", "--forward-ports"]).ok().says_that_nothing_is_asked();
}

#[test]
fn the_hook_at_home_says_so_before_the_server_does() {
    let (server, fix) = hotfix();
    let repo = &server.repo;
    server.policy("schema = 1\n");
    repo.write("gatepost.toml", POLICY);
    repo.gatepost(["install"]).ok();
    repo.git(["fetch", "-q"]);
    let run = server.push(&[DELETE]).refused(&["GP-REF-046", "is not on main"]);
    assert!(!run.said().contains("pre-receive"), "{}", run.said());
    // The tags that are here tell what was released.
    repo.write("b.txt", "b\n");
    repo.commit_all("fix: add b");
    server.release("v1.4.4");
    server.push(&["v1.4.4"]).refused(&["the tag v1.4.4 comes after v1.4.3"]);
    server.on("main");
    repo.git(["cherry-pick", "-x", &fix]);
    server.accepts(&["main", "v1.4.4"], &[]);
}

impl Run {
    fn says_that_nothing_is_asked(&self) {
        assert!(self.said().contains("forward-port-to"), "{}", self.said());
    }
}

#[test]
fn a_pick_that_differs_is_told_when_it_arrives() {
    let (server, fix) = hotfix();
    server.policy(&format!(
        "{POLICY}\n[[ref]]\nmatch = [\"refs/heads/main\"]\npicks = \"deny\"\npick-names = ['INC[0-9]+', 'v1\\.4\\.[0-9]+']\nlevel = \"warn\"\n"
    ));
    server.on("main");
    server.repo.git(["cherry-pick", "-x", &fix]);
    server.accepts(&["main"], &["GP-REF-049", "names nothing like `INC[0-9]+`"]);
    let line = format!("(cherry picked from commit {fix})");
    server.repo.write("a.txt", "another\n");
    server.repo.commit_all(&format!("fix: close the file\n\nRefs: INC12345, v1.4.2\n{line}"));
    let run = server.refuses(&["main"], &["GP-REF-048", "which makes another change"]);
    assert!(!run.said().contains("GP-REF-049"), "{}", run.said());
    server
        .amend(&format!("fix: close it\n\nRefs: INC12345, v1.4.2\nConflict-resolved: another file\n{line}"));
    server.accepts(&["main"], &[]);
    server.repo.commit_all(&format!("fix: x\n\nINC1 v1.4.2\n(cherry picked from commit {})", "1".repeat(40)));
    server.refuses(&["main"], &["which is not here"]);
}

#[test]
fn a_branch_waits_for_what_is_owed_for_too_long() {
    let (server, fix) = hotfix();
    let policy = |days: u32| server.policy(&format!("{POLICY}forward-port-days = {days}\n"));
    let committed = |message: &str, date: &str| {
        let mut command = server.repo.command("git", server.repo.root());
        command.args(["commit", "-q", "--allow-empty", "-m", message]).env("GIT_COMMITTER_DATE", date);
        crate::support::run(&mut command, b"").ok();
    };
    // Nothing is late on the day on which it was made, and nothing that comes with the push.
    policy(1);
    server.on(HOTFIX);
    committed("fix: nothing at all", "2020-01-01T12:00:00Z");
    server.repo.write("b.txt", "b\n");
    server.repo.git(["add", "-A"]);
    committed("fix: add b", "2020-01-01T12:00:00Z");
    server.accepts(&[HOTFIX], &[]);
    let late = server.repo.head();
    server.commit("c.txt", "fix: add c");
    let words = [
        "GP-REF-052",
        "owes a commit for longer than 1 day",
        "(fix: add b) is not on main",
        "cherry-pick -x",
    ];
    let run = server.refuses(&[HOTFIX], &words);
    // A commit that changes nothing is owed to nobody, and the fix of today is not late.
    assert_eq!(run.said().matches("error[GP-REF-052]").count(), 1, "{}", run.said());
    let check = || server.repo.run(crate::support::GATEPOST, ["check", "refs"], &server.bare, b"");
    check().failed(&[1], &["GP-REF-052", "(fix: add b) is not on main"]);
    policy(100_000);
    server.accepts(&[HOTFIX], &[]);
    policy(1);
    server.commit("d.txt", "fix: add d");
    server.refuses(&[HOTFIX], &["GP-REF-052"]);
    // The port mends it, in the same push too.
    server.on("main");
    server.repo.git(["cherry-pick", "-x", &late]);
    server.accepts(&["main", HOTFIX], &[]);
    check().ok();
    assert_eq!(fix.len(), 40);
}
