//! Rules for tags and for how branches begin, by real pushes: each refused and accepted; and the refs that are there already.

use crate::moves::server;
use crate::receive::Server;
use crate::support::{Repo, run};

impl Server {
    /// An annotated tag at a commit.
    fn tag(&self, name: &str, at: &str, message: &str) {
        self.repo.git(["tag", "-f", "-a", name, "-m", message, at]);
    }

    /// An annotated tag at HEAD that is pushed past the hook: it is there already.
    fn released(&self, name: &str) {
        self.tag(name, "HEAD", &format!("Release {name}"));
        let from = self.repo.root().to_str().unwrap();
        let refspec = format!("+refs/tags/{name}:refs/tags/{name}");
        self.repo.run("git", ["fetch", "-q", from, &refspec], &self.bare, b"").ok();
    }
}

#[test]
fn a_tag_is_annotated_and_leads_to_a_commit() {
    let server = server("refs/tags/v*", "annotated = \"deny\"");
    server.repo.git(["tag", "v1.0.0"]);
    server.refuses(&["v1.0.0"], &["GP-REF-030", "the tag v1.0.0 is not annotated", "git tag -f -a v1.0.0"]);
    server.repo.git(["tag", "-a", "v1.0.0-blob", "-m", "a file", "HEAD:README.md"]);
    server.refuses(&["v1.0.0-blob"], &["GP-REF-030", "which is no commit"]);
    server.repo.git(["tag", "other"]);
    server.tag("v1.0.0", "HEAD", "Release v1.0.0");
    server.accepts(&["v1.0.0", "other"], &[]);
}

#[test]
fn a_tag_has_the_name_of_a_version() {
    let server = server("refs/tags/**", "name = [\"v{semver}\", \"/^nightly-[0-9]+$/\"]");
    for name in ["version-1.4.2", "v1.4", "v01.4.2", "V1.4.2"] {
        let refspec = format!("HEAD:refs/tags/{name}");
        server.refuses(&[&refspec], &["GP-REF-031", name, "v{semver} (such as v1.4.2)"]);
    }
    server.accepts(&["HEAD:refs/tags/v1.4.2", "HEAD:refs/tags/v1.5.0-rc.1", "HEAD:refs/tags/nightly-7"], &[]);
    let calendar = self::server("refs/tags/**", "name = [\"v{yyyy}.{0m}.{micro}\"]");
    calendar.refuses(&["HEAD:refs/tags/v2026.2.0"], &["such as v2026.02.0"]);
    calendar.refuses(&["HEAD:refs/tags/v2026.13.0"], &["GP-REF-031"]);
    calendar.accepts(&["HEAD:refs/tags/v2026.02.0"], &[]);
}

#[test]
fn a_tag_stands_on_a_branch_that_may_be_released() {
    let on = "on = [\"refs/heads/main\", \"refs/heads/release/*\", \"refs/heads/hotfix/*\"]";
    let server = server("refs/tags/v*", on);
    server.branch("topic");
    server.commit("a.txt", "feat: add a");
    server.accepts(&["topic"], &[]);
    server.tag("v1.4.0", "HEAD", "Release v1.4.0");
    server.refuses(&["v1.4.0"], &["GP-REF-032", "git branch -r --contains"]);
    // With the push that brings the commit to the branch.
    server.accepts(&["topic:main", "v1.4.0"], &[]);
    server.commit("b.txt", "fix: mend b");
    server.accepts(&["HEAD:refs/heads/release/1.4"], &[]);
    server.tag("v1.5.0", "HEAD", "Release v1.5.0");
    server.refuses(&["v1.5.0"], &["GP-REF-032", "stands on release/1.4 alone, where versions are 1.4.*"]);
    server.tag("v1.4.1", "HEAD", "Release v1.4.1");
    server.accepts(&["v1.4.1"], &[]);
    // The cut is on main as well.
    server.tag("v2.0.0", "HEAD~1", "Release v2.0.0");
    server.accepts(&["v2.0.0"], &[]);
    server.commit("c.txt", "fix: mend c");
    server.accepts(&["HEAD:refs/heads/hotfix/1.4.2-ABC-7"], &[]);
    server.tag("v1.4.2", "HEAD", "Hotfix v1.4.2");
    server.accepts(&["v1.4.2"], &[]);
}

#[test]
fn a_version_is_greater_than_those_before_it_in_its_line() {
    let server = server("refs/tags/**", "increasing = \"deny\"\non = [\"refs/heads/**\"]");
    server.released("v1.4.0");
    server.commit("a.txt", "feat: add a");
    server.accepts(&["HEAD:main"], &[]);
    server.released("v2.0.0");
    let main = server.repo.head();
    // On main: whatever is there already, on a later or an earlier commit.
    server.tag("v1.9.0", "HEAD", "Release v1.9.0");
    server.refuses(
        &["v1.9.0"],
        &["GP-REF-033", "is less than v2.0.0, which is there in the history of its commit"],
    );
    server.tag("v1.5.0", "HEAD~1", "Release v1.5.0");
    server.refuses(&["v1.5.0"], &["is less than v2.0.0, which is there on main"]);
    server.tag("v2.0.0-rc.1", "HEAD", "Release v2.0.0-rc.1");
    server.refuses(&["v2.0.0-rc.1"], &["GP-REF-033"]);
    // On a release branch: its own line.
    server.repo.git(["checkout", "-q", "-b", "release", "v1.4.0"]);
    server.commit("b.txt", "fix: mend b");
    server.accepts(&["HEAD:refs/heads/release/1.4"], &[]);
    server.tag("v1.4.1", "HEAD", "Release v1.4.1");
    server.tag("v1.4.2", "HEAD", "Release v1.4.2");
    server.accepts(&["v1.4.1", "v1.4.2"], &[]);
    server.commit("c.txt", "fix: mend c");
    server.accepts(&["HEAD:refs/heads/release/1.4"], &[]);
    server.tag("v1.4.2+again", "HEAD", "Release");
    server.refuses(&["v1.4.2+again"], &["is the same version as v1.4.2"]);
    server.tag("v1.4.3", "HEAD", "Release v1.4.3");
    // Another product of the same repository, and what is no version.
    server.tag("tools/v0.1.0", &main, "Release tools/v0.1.0");
    server.tag("v1", &main, "the newest of 1");
    server.accepts(&["v1.4.3", "tools/v0.1.0", "v1"], &[]);
    server.tag("v2.0.1", &main, "Release v2.0.1");
    server.accepts(&["v2.0.1"], &[]);
}

#[test]
fn a_version_says_what_the_commits_since_the_last_one_demand() {
    let server = server("refs/tags/v*", "bump = \"deny\"");
    // The first one can be anything.
    server.tag("v0.3.0", "HEAD", "Release v0.3.0");
    server.accepts(&["v0.3.0"], &[]);
    server.commit("a.txt", "feat: add a");
    server.tag("v0.3.1", "HEAD", "Release v0.3.1");
    server.accepts(&["HEAD:main", "v0.3.1"], &[]);
    server.commit("a.txt", "feat!: take a away");
    server.tag("v0.3.2", "HEAD", "Release v0.3.2");
    server.refuses(
        &["v0.3.2"],
        &["GP-REF-034", "is a patch after v0.3.1", "demands a minor version", "v0.4.0"],
    );
    server.tag("v1.0.0", "HEAD", "Release v1.0.0");
    server.accepts(&["HEAD:main", "v1.0.0"], &[]);

    server.commit("b.txt", "fix: mend b");
    server.tag("v1.0.1", "HEAD", "Release v1.0.1");
    server.accepts(&["HEAD:main", "v1.0.1"], &[]);
    server.commit("c.txt", "feat(api): add c");
    let feature = server.repo.head();
    server.commit("d.txt", "fix: mend d");
    server.tag("v1.0.2", "HEAD", "Release v1.0.2");
    let words = ["demands a minor version", "feat(api): add c", "git tag -a v1.1.0", &feature[..12]];
    server.refuses(&["v1.0.2"], &words);
    // More than is demanded is nobody's harm; what is on the way to a version counts as it.
    server.tag("v1.1.0-rc.1", "HEAD", "Release v1.1.0-rc.1");
    server.accepts(&["v1.1.0-rc.1"], &[]);
    server.repo.git(["revert", "--no-edit", &feature]);
    server.tag("v1.0.3", "HEAD", "Release v1.0.3");
    server.accepts(&["HEAD:main", "v1.0.3"], &[]);
    server.commit("e.txt", "fix: mend e\n\nBREAKING CHANGE: e is gone");
    server.tag("v1.1.0", "HEAD", "Release v1.1.0");
    server.refuses(&["v1.1.0"], &["is a minor version after v1.0.3", "demands a major version", "v2.0.0"]);
    server.tag("v2.0.0", "HEAD", "Release v2.0.0");
    server.accepts(&["v2.0.0"], &[]);
    // A calendar says nothing of changes.
    server.repo.write(
        "gatepost.toml",
        "schema = 1\n[[ref]]\nmatch = [\"refs/tags/v*\"]\nbump = \"deny\"\nname = [\"v{yyyy}.{0m}.{micro}\"]\n",
    );
    server.repo.gatepost(["config", "check"]).failed(&[2], &["calendar"]);
}

#[test]
fn the_message_of_a_tag_names_its_version_and_that_of_a_hotfix_a_ticket() {
    let server = server("refs/tags/v*", "message-names-version = \"deny\"");
    server.tag("v1.4.2", "HEAD", "Release v1.4.20");
    server.refuses(
        &["v1.4.2"],
        &["GP-REF-035", "does not name 1.4.2", "git tag -f -a v1.4.2 -m \"Release v1.4.2\""],
    );
    server.tag("v1.4.2", "HEAD", "Release v1.4.2");
    server.accepts(&["v1.4.2"], &[]);
    server.branch("hotfix/1.4.3-ABC-7");
    server.commit("a.txt", "fix: close the file");
    server.accepts(&["hotfix/1.4.3-ABC-7"], &[]);
    server.tag("v1.4.3", "HEAD", "Release v1.4.3");
    server.refuses(&["v1.4.3"], &["names no ticket", "stands on hotfix/1.4.3-ABC-7 alone"]);
    server.tag("v1.4.3", "HEAD", "Hotfix v1.4.3 (ABC-7)");
    server.accepts(&["v1.4.3"], &[]);
    server.tag("v1.4.4", "main", "Hotfix v1.4.4");
    server.refuses(&["v1.4.4"], &["it is a hotfix: it says so itself"]);
}

#[test]
fn a_tag_is_made_by_whom_the_policy_takes_under_its_own_name() {
    let server = server("refs/tags/v*", "tagger-email = ['release@example\\.com']\nsame-name = \"deny\"");
    server.tag("v1.0.0", "HEAD", "Release v1.0.0");
    server.refuses(&["v1.0.0"], &["GP-REF-036", "C O Mitter <committer@example.com>", "release@example"]);
    let by_the_pipeline = |name: &str| {
        let mut command = server.repo.command("git", server.repo.root());
        command.args(["tag", "-f", "-a", name, "-m", "x"]).env("GIT_COMMITTER_EMAIL", "release@example.com");
        run(&mut command, b"").ok();
    };
    by_the_pipeline("v1.0.0");
    server.refuses(&["v1.0.0:refs/tags/v1.0.1"], &["GP-REF-037", "a tag object of another name: v1.0.0"]);
    server.accepts(&["v1.0.0"], &[]);
}

#[test]
fn tags_are_made_by_named_identities_alone() {
    let block = "create = \"deny\"\nexempt = [{ name = \"release-bot\", reason = \"makes the releases\" }]";
    let server = server("refs/tags/v*", block);
    server.tag("v1.0.0", "HEAD", "Release v1.0.0");
    server.push_as(&[("GL_USER", "alice"), ("GL_REPO", "r")], "v1.0.0").refused(&["GP-REF-010", "v1.0.0"]);
    server.push_as(&[("GL_USER", "release-bot"), ("GL_REPO", "r")], "v1.0.0").ok();
}

#[test]
fn a_hotfix_begins_at_its_release() {
    let server = server("refs/heads/hotfix/*", "starts-at = [\"refs/tags/v{version}\"]");
    server.released("v1.4.1");
    server.commit("a.txt", "fix: mend a");
    server.accepts(&["HEAD:main"], &[]);
    server.released("v1.4.2");
    server.commit("b.txt", "feat: add b");
    server.accepts(&["HEAD:main"], &[]);
    let name = "refs/heads/hotfix/1.4.2-ABC-7";
    server.refuses(
        &[&format!("HEAD:{name}")],
        &[
            "GP-REF-038",
            "1 commit of it that v1.4.2 does not have came from other branches",
            "git switch -c NEW-BRANCH v1.4.2",
        ],
    );
    server.refuses(&[&format!("HEAD~2:{name}")], &["which is not v1.4.2"]);
    server.refuses(
        &["HEAD:refs/heads/hotfix/1.4.9-ABC-7"],
        &["there is no refs/tags/v{version} for the version 1.4.9"],
    );
    server.accepts(&[&format!("v1.4.2^{{}}:{name}")], &[]);
    server.repo.git(["checkout", "-q", "-b", "mine", "v1.4.2"]);
    server.commit("c.txt", "fix: close c");
    server.accepts(&["mine:refs/heads/hotfix/1.4.2-ABC-8"], &[]);
    // Later it is only a branch.
    server.commit("d.txt", "fix: close d");
    server.accepts(&["mine:refs/heads/hotfix/1.4.2-ABC-8"], &[]);
    // A name without a version: any release, and a release it is.
    server.repo.git(["checkout", "-q", "-b", "third", "v1.4.1"]);
    server.commit("e.txt", "fix: close e");
    server.accepts(&["third:refs/heads/hotfix/ABC-9"], &[]);
    server.refuses(&["main:refs/heads/hotfix/ABC-10"], &["it begins at none of refs/tags/v{version}"]);
}

#[test]
fn a_hotfix_can_be_named_by_the_version_that_it_becomes() {
    let server = server("refs/heads/hotfix/*", "starts-at = [\"refs/tags/v{previous}\"]");
    server.released("v1.4.1");
    server.commit("a.txt", "fix: mend a");
    server.accepts(&["HEAD:main"], &[]);
    server.released("v1.4.2");
    server.released("v1.4.3-rc.1");
    server.refuses(&["v1.4.1^{}:refs/heads/hotfix/1.4.3-INC12345"], &["GP-REF-038", "which is not v1.4.2"]);
    server.refuses(
        &["HEAD:refs/heads/hotfix/1.5.0-INC12345"],
        &["there is no refs/tags/v{previous} for a release before 1.5.0 in the line 1.5"],
    );
    server.accepts(&["HEAD:refs/heads/hotfix/1.4.3-INC12345"], &[]);
}

#[test]
fn a_release_begins_on_the_own_line_of_main() {
    let server = server("refs/heads/release/*", "starts-at = [\"refs/heads/main\"]");
    server.branch("topic");
    server.commit("a.txt", "feat: add a");
    server.accepts(&["topic"], &[]);
    server.refuses(&["topic:refs/heads/release/1.5"], &["GP-REF-038", "came from other branches"]);
    server.repo.git(["checkout", "-q", "main"]);
    server.commit("b.txt", "feat: add b");
    server.repo.git(["merge", "-q", "--no-ff", "-m", "Merge branch 'topic'", "topic"]);
    // With main in one push, at its tip and behind it; what was merged into main is not its own line.
    server.accepts(&["main", "main:refs/heads/release/1.5", "main~1:refs/heads/release/1.4"], &[]);
    server.refuses(&["topic:refs/heads/release/1.6"], &["which is not on the own line of main"]);
    server.repo.git(["checkout", "-q", "-b", "cut", "main"]);
    server.commit("c.txt", "chore: set the version");
    server.accepts(&["cut:refs/heads/release/1.7"], &[]);
    server.repo.git(["checkout", "-q", "--orphan", "elsewhere"]);
    server.commit("x.txt", "feat: begin anew");
    server.refuses(&["elsewhere:refs/heads/release/1.8"], &["has nothing in common with main"]);
}

#[test]
fn names_have_a_length_and_no_twin_in_another_case() {
    let server = Server::new();
    server.policy("schema = 1\n[branch]\nlength-max = 12\ncase-clashes = \"deny\"\n");
    server.refuses(&["HEAD:refs/heads/a-long-name-x"], &["GP-REF-042", "has 13 bytes, and the most is 12"]);
    server.accepts(&["HEAD:refs/heads/a-long-name"], &[]);
    server.refuses(&["HEAD:refs/heads/Main"], &["GP-REF-043", "`Main` differs only in case from `main`"]);
    server.accepts(&["HEAD:refs/heads/topic/a"], &[]);
    server.refuses(&["HEAD:refs/heads/Topic/b"], &["differs only in case from `topic/a`"]);
    server.refuses(&["HEAD:refs/tags/v1", "HEAD:refs/tags/V1"], &["GP-REF-043"]);
    server.accepts(&[":refs/heads/topic/a", "HEAD:refs/heads/Topic/b"], &[]);
}

#[test]
fn other_namespaces_are_closed_without_any_policy_and_open_where_one_says_so() {
    let server = Server::new();
    for name in
        ["refs/notes/commits", "refs/replace/0123456789abcdef0123456789abcdef01234567", "refs/for/main"]
    {
        server.refuses(&[&format!("HEAD:{name}")], &["GP-REF-044", name, "open-refs"]);
    }
    server.policy("schema = 1\n[branch]\nopen-refs = [\"refs/heads/**\", \"refs/notes/*\"]\n");
    server.repo.git(["notes", "add", "-m", "a note"]);
    server.accepts(&["refs/notes/commits"], &[]);
    server.refuses(&["HEAD:refs/tags/v1"], &["GP-REF-044"]);
    // A server keeps books of its own, and says so.
    server.policy("schema = 1\n");
    server.push_as(&[("GITEA_PUSHER_NAME", "alice")], "main:refs/pull/7/head").refused(&["GP-REF-044"]);
    let books = [("GITEA_PUSHER_NAME", "alice"), ("GITEA_INTERNAL_PUSH", "true")];
    server.push_as(&books, "main:refs/pull/7/head").ok();
    // What is there already can go.
    server.policy("schema = 1\n");
    server.accepts(&[":refs/notes/commits"], &[]);
}

#[test]
fn a_developer_hears_of_it_before_the_push() {
    let server = Server::new();
    server.repo.write(
        "gatepost.toml",
        "schema = 1\n[[ref]]\nmatch = [\"refs/heads/hotfix/*\"]\nstarts-at = [\"refs/tags/v{version}\"]\n\
         [[ref]]\nmatch = [\"refs/tags/v*\"]\nannotated = \"deny\"\nincreasing = \"deny\"\n",
    );
    server.repo.commit_all("chore: a policy");
    server.released("v1.4.2");
    server.accepts(&["main"], &[]);
    std::fs::remove_file(server.hook("pre-receive")).unwrap();
    server.repo.gatepost(["install", "--hook", "pre-push"]).ok();
    server.push(&["HEAD~1:refs/heads/hotfix/1.4.2-ABC-7"]).refused(&["GP-REF-038", "which is not v1.4.2"]);
    server.push(&["v1.4.2^{}:refs/heads/hotfix/1.4.2-ABC-7"]).ok();
    server.tag("v1.4.1", "HEAD", "Release v1.4.1");
    server.push(&["v1.4.1"]).refused(&["GP-REF-033", "is less than v1.4.2"]);
}

#[test]
fn the_tags_that_are_there_are_judged_as_they_are() {
    let server = Server::new();
    let policy = "schema = 1\n[[ref]]\nmatch = [\"refs/tags/**\"]\nname = [\"v{semver}\"]\nannotated = \"deny\"\n\
                  on = [\"refs/heads/main\", \"refs/heads/release/*\"]\nincreasing = \"deny\"\nbump = \"deny\"\nmove = \"deny\"\ncreate = \"deny\"\n\
                  [[ref]]\nmatch = [\"refs/heads/release/*\"]\nstarts-at = [\"refs/tags/v{version}\"]\n";
    server.repo.write("gatepost.toml", policy);
    server.repo.commit_all("chore: a policy");
    server.tag("v1.0.0", "HEAD", "Release v1.0.0");
    server.commit("a.txt", "feat: add a");
    server.tag("v1.1.0-rc.1", "HEAD", "Release v1.1.0-rc.1");
    server.tag("v1.1.0", "HEAD", "Release v1.1.0");
    server.repo.git(["branch", "release/1.1"]);
    server.repo.gatepost(["check", "refs"]).ok().says(&["2 branches, 3 tags", "clean"]);
    server.commit("b.txt", "feat: add b");
    server.tag("v1.1.1", "HEAD", "Release v1.1.1");
    server.tag("v0.9.0", "HEAD", "Release v0.9.0");
    server.repo.git(["tag", "light"]);
    server.branch("topic");
    server.commit("c.txt", "feat: add c");
    server.tag("v1.2.0", "HEAD", "Release v1.2.0");
    let run = server.repo.gatepost(["check", "refs"]).failed(
        &[1],
        &[
            "the tag light is not annotated",
            "the tag light has no name that the policy takes",
            "the tag v1.2.0 stands on",
            "the tag v0.9.0 is less than v1.1.0",
            "the tag v1.1.1 is a patch after v1.1.0",
        ],
    );
    for silent in ["v1.0.0", "v1.1.0-rc.1", "may not be made", "would move", "begins elsewhere"] {
        assert!(!run.said().contains(&format!("the tag {silent} ")), "{silent}:\n{}", run.said());
    }
    // Who made a tag that is there, nobody can tell: whom the block exempts, it may have been.
    let exempt = policy.replace("move =", "exempt = [{ name = \"bot\", reason = \"makes them\" }]\nmove =");
    server.repo.write("gatepost.toml", exempt);
    server.repo.gatepost(["check", "refs"]).ok().says(&["who made a ref that is there is not on record"]);
}

#[test]
fn the_refs_that_are_there_are_judged_by_name() {
    let repo = Repo::new();
    repo.write("README.md", "hello\n");
    repo.commit_all("docs: say hello");
    repo.gatepost(["check", "refs"]).ok().says(&["1 branch, 0 tags", "no [[ref]]", "[branch] is off"]);
    repo.write("gatepost.toml", "schema = 1\n[branch]\nlevel = \"deny\"\npatterns = [\"main\"]\n");
    repo.git(["branch", "My_Stuff"]);
    repo.git(["tag", "v1"]);
    repo.gatepost(["check", "refs"])
        .failed(&[1], &["2 branches, 1 tag", "GP-REF-001", "My_Stuff", "git branch -m NEW-NAME"]);
    let run = repo.gatepost(["check", "refs", "-f", "json"]).failed(&[1], &[]);
    assert!(run.out.contains("\"gatepost.report/1\"") && run.out.contains("GP-REF-001"), "{}", run.out);
    repo.gatepost(["check", "refs", "--at", "origin"])
        .failed(&[2], &["no branch of a remote `origin` is known here", "git fetch origin"]);
}

#[test]
fn the_refs_of_a_remote_and_of_a_server_are_judged() {
    let server = Server::new();
    server.policy("schema = 1\n[branch]\nlevel = { pre-receive = \"off\" }\n");
    server.accepts(&["main:refs/heads/Odd_Name"], &[]);
    let policy = "schema = 1\n[branch]\nlevel = \"deny\"\npatterns = [\"main\"]\n";
    server.repo.write("gatepost.toml", policy);
    server.repo.gatepost(["check", "refs"]).ok().says(&["1 branch, 0 tags", "clean"]);
    server
        .repo
        .gatepost(["check", "refs", "--at", "origin"])
        .failed(&[1], &["2 branches of origin, 0 tags", "Odd_Name"]);
    // In the server's repository it is the server's policy that counts, and everything is seen that is there.
    server.repo.run("git", ["notes", "add", "-m", "a note", "main"], &server.bare, b"").ok();
    server.policy(policy);
    let gatepost = crate::support::GATEPOST;
    let run = server.repo.run(gatepost, ["check", "refs"], &server.bare, b"");
    run.failed(&[1], &["2 branches, 0 tags", "Odd_Name", "not judged: refs/notes (1)"]);
}

#[test]
fn a_branch_is_made_without_commits_of_its_own() {
    let block = "create-with-commits = \"deny\"\nstarts-at = [\"refs/tags/v{version}\"]";
    let server = server("refs/heads/hotfix/*", block);
    server.released("v1.4.2");
    let hotfix = "HEAD:refs/heads/hotfix/1.4.2-ABC-7";
    server.commit("a.txt", "fix: mend it");
    let words =
        ["GP-REF-051", "is made with commits that nobody has seen", "(fix: mend it)", "git push origin "];
    server.refuses(&[hotfix], &words);
    // Nor by way of another branch, before it or with it.
    server.refuses(&["HEAD:refs/heads/feature/x", hotfix], &["GP-REF-051"]);
    server.accepts(&["HEAD:refs/heads/feature/x"], &[]);
    server.refuses(&[hotfix], &["GP-REF-038", "came from other branches"]);
    server.accepts(&["v1.4.2^{}:refs/heads/hotfix/1.4.2-ABC-7"], &[]);
    server.accepts(&[hotfix], &[]);
}

#[test]
fn a_version_is_told_of_in_the_changelog() {
    let server = server("refs/tags/v*", "changelog = [\"CHANGELOG.md\"]");
    let repo = &server.repo;
    let log = |text: &str| {
        repo.write("CHANGELOG.md", text);
        repo.commit_all("docs: write the changelog")
    };
    let refused = |words: &[&str]| {
        server.tag("v1.5.0", "HEAD", "Release v1.5.0");
        server.refuses(&["v1.5.0"], &[&["GP-REF-050"], words].concat())
    };
    server.released("v1.4.2");
    // What was released before comes forward, and is no backport.
    repo.git(["checkout", "-q", "-b", "old"]);
    server.commit("old.txt", "fix: mend the old one (ABC-1)");
    let old = repo.head();
    server.released("v1.4.3");
    repo.git(["checkout", "-q", "main"]);
    repo.git(["cherry-pick", "-x", &old]);
    server.commit("a.txt", "feat(api)!: drop the port (ABC-2)");
    server.commit("b.txt", "chore: tidy up (ABC-3)");
    refused(&["CHANGELOG.md is not in the commit"]);
    log("# Changelog\n\n## 1.4.3\n\n- old\n");
    refused(&["CHANGELOG.md has no heading with 1.5.0", "## 1.5.0"]);
    log("# Changelog\n\n## [1.5.0] - 2026-03-01\n\n- no port any more (ABC-2)\n- the old one (ABC-1, #7)\n");
    let run = refused(&[
        "names no pull request",
        "no port any more",
        "it breaks others, and the entry of ABC-2 is not marked",
    ]);
    assert_eq!(run.said().matches("error[GP-REF-050]").count(), 2, "{}", run.said());
    log(
        "# Changelog\n\n## [1.5.0] - 2026-03-01\n\n- **Breaking:** no port any more (ABC-2, #8)\n- something (#9)\n",
    );
    refused(&[
        "names no ticket",
        "something",
        "(fix: mend the old one (ABC-1)) as it must: no entry names ABC-1",
    ]);
    let good = "# Changelog\n\n## [1.5.0] - 2026-03-01\n\n### Breaking\n\n- no port any more (ABC-2, #8)\n\n### Fixed\n\n- the old one (ABC-1, #7)\n";
    log(good);
    server.tag("v1.5.0-rc.1", "HEAD~3", "Release v1.5.0-rc.1");
    server.tag("v1.5.0", "HEAD", "Release v1.5.0");
    server.accepts(&["v1.5.0-rc.1", "v1.5.0", "main"], &[]);
    // A backport says what of.
    repo.git(["checkout", "-q", "-b", "late", "v1.4.3"]);
    repo.git(["cherry-pick", "-x", "main~5"]);
    log("## 1.4.4\n- no port any more, which is breaking (ABC-2, #10)\n");
    server.tag("v1.4.4", "HEAD", "Release v1.4.4");
    server.refuses(
        &["v1.4.4"],
        &["GP-REF-050", "it is a backport, and the entry of ABC-2 names neither its origin"],
    );
    log("## 1.4.4\n- no port any more, which is breaking, backport of #8 (ABC-2, #10)\n");
    server.tag("v1.4.4", "HEAD", "Release v1.4.4");
    server.accepts(&["v1.4.4"], &[]);
}
