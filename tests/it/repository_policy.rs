//! `repository-policy = "stricter"`: a repository's own policy on top of the server's, pushed to with real git.

use crate::receive::Server;
use crate::support::{Run, leak, token};

/// The server's policy: tickets are not asked for, headers may have 80 characters.
const SERVER: &str = "schema = 1\n\n[server]\nrepository-policy = \"stricter\"\n\n[message]\nheader-max = 80\ntrailers.required = [\"Refs\"]\n";

/// A server with this policy, and a default branch that has `own`.
fn server(own: &str) -> Server {
    let server = Server::empty();
    server.policy("schema = 1\n");
    server.repo.write("gatepost.toml", own);
    server.repo.commit_all("chore: set the policy");
    server.push(&["main"]).ok();
    server.policy(SERVER);
    server
}

fn commit(server: &Server, header: &str, trailers: &str) {
    server.repo.git(["commit", "-q", "--allow-empty", "-m", header, "-m", trailers]);
}

/// Pushes one more commit to `main`; a refused one is taken back.
fn push(server: &Server, header: &str, trailers: &str) -> Run {
    commit(server, header, trailers);
    let run = server.push(&["main"]);
    if run.code != 0 {
        server.repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    }
    run
}

const LONG: &str = "feat: say in a header of more than seventy-two characters what was done here";

#[test]
fn what_is_stricter_in_the_repository_counts() {
    let own = "schema = 1\n[message]\nheader-max = 72\ntrailers.required = [\"Risk\"]\n";
    let server = server(own);
    let words = ["the policy is the server's, and what is stricter in gatepost.toml at"];
    push(&server, "feat: add one", "Refs: A-1\nRisk: low").ok().says(&words);
    // The repository's own demands, and those of the server beside them.
    push(&server, LONG, "Refs: A-1\nRisk: low").refused(&["GP-MSG-003"]);
    push(&server, "feat: add two", "Refs: A-1").refused(&["Risk"]);
    push(&server, "feat: add two", "Risk: low").refused(&["Refs"]);
}

#[test]
fn what_would_weaken_the_servers_policy_does_not_count_and_is_named() {
    let own = "schema = 1\nenforce = false\n[message]\nheader-max = 200\nticket = \"B-[0-9]+\"\n[secrets]\nlevel = \"off\"\n";
    let server = server(own);
    let weaker = "since it would weaken the server's policy: `enforce` (line 2), `message.header-max` (line 4), \
                  `secrets.level` (line 7)";
    let unknown =
        "since nobody can tell whether it would weaken the server's policy: `message.ticket` (line 5)";
    push(&server, "feat: add one", "Refs: A-1").ok().says(&[weaker, unknown]);
    let long = "feat: say in a header of more than even eighty characters what was done in this change";
    push(&server, long, "Refs: A-1").refused(&["GP-MSG-003"]);
    server.repo.write("settings", leak(&token()));
    server.repo.git(["add", "-A"]);
    push(&server, "feat: add settings", "Refs: A-1").refused(&["github-pat"]);
}

#[test]
fn the_pushed_policy_is_not_the_one_in_force() {
    let server = server("schema = 1\n[message]\nheader-max = 72\n");
    // Neither a laxer one, nor a stricter one: each counts from the next push on.
    server.repo.write("gatepost.toml", "schema = 1\n");
    server.repo.git(["add", "-A"]);
    push(&server, LONG, "Refs: A-1").refused(&["GP-MSG-003"]);
    server.repo.write("gatepost.toml", "schema = 1\n[message]\nheader-max = 20\n");
    server.repo.git(["add", "-A"]);
    push(&server, "chore: ask for short headers", "Refs: A-1").ok();
    push(&server, "chore: ask for more than that", "Refs: A-1").refused(&["GP-MSG-003"]);
    // Nor does that of another branch count.
    server.branch("topic");
    server.repo.write("gatepost.toml", "schema = 1\n");
    server.repo.git(["add", "-A"]);
    commit(&server, "chore: ask for any header", "Refs: A-1");
    server.refuses(&["topic"], &["GP-MSG-003"]);
}

#[test]
fn without_the_setting_and_without_a_default_branch_nothing_is_on_top() {
    let server = server("schema = 1\n[message]\nheader-max = 72\n");
    server.policy("schema = 1\n");
    push(&server, LONG, "Refs: A-1").ok();
    let empty = Server::empty();
    empty.policy(SERVER);
    empty.repo.write("gatepost.toml", "schema = 1\n[message]\nheader-max = 72\n");
    empty.repo.git(["add", "-A"]);
    empty.repo.git(["commit", "-q", "--amend", "-m", LONG, "-m", "Refs: A-1"]);
    // On another branch first: it is no default branch, and what it has does not count.
    empty.push(&["main:topic"]).ok();
    empty.accepts(
        &["main"],
        &["HEAD names refs/heads/main, which does not exist: the server's policy alone is in force"],
    );
}

#[test]
fn a_policy_that_is_broken_counts_for_nothing_and_can_be_mended() {
    let server = server("schema = 1\n[message]\nheader-max = 72\n");
    let broken = "schema = 1\n[message]\nheader-mx = 72\n";
    server.repo.write("gatepost.toml", broken);
    server.repo.git(["add", "-A"]);
    // Nobody sheds it by breaking it.
    commit(&server, "chore: break the policy", "Refs: A-1");
    server.refuses(
        &["main"],
        &[
            "the policy that this change leaves behind cannot be obeyed",
            "unknown key `header-mx` in [message]",
        ],
    );
    server.take_in();
    let said = "is broken and counts for nothing: the server's alone is in force until it is mended. Line 3: unknown key \
                `header-mx` in [message]";
    push(&server, LONG, "Refs: A-1").ok().says(&[said]);
    push(&server, "feat: add one", "Risk: low").refused(&["Refs", said]);
    server.repo.write("gatepost.toml", "schema = 1\n[message]\nheader-max = 72\n");
    server.repo.git(["add", "-A"]);
    push(&server, "fix: mend the policy", "Refs: A-1").ok();
    push(&server, LONG, "Refs: A-1").refused(&["GP-MSG-003"]);
}

#[test]
fn what_cannot_be_built_together_is_no_dead_end() {
    // Sound as text, and not what its check takes; and two files of which nobody knows which one counts.
    let server = server("schema = 1\n");
    server
        .repo
        .write("gatepost.toml", "schema = 1\n[branch]\nlevel = \"deny\"\npatterns = [\"feature/{tiket}\"]\n");
    server.repo.commit_all("chore: name the branches");
    server.take_in();
    push(&server, "feat: add one", "Refs: A-1").ok().says(&["is broken and counts for nothing"]);
    server.repo.write("gatepost.toml", "schema = 1\n");
    server.repo.write(".gatepost.toml", "schema = 1\n");
    server.repo.commit_all("chore: have two policies");
    server.take_in();
    let words = ["is broken and counts for nothing", "has both gatepost.toml and .gatepost.toml"];
    push(&server, "feat: add two", "Refs: A-1").ok().says(&words);
}

#[test]
fn exceptions_and_keys_of_the_repository_are_not_the_servers() {
    let own = "schema = 1\n[[exception]]\nid = \"EX-1\"\nrule = \"GP-MSG-003\"\npath = \"a\"\nstatus = \"accepted-risk\"\n\
               reason = \"a long story that nobody reads\"\nowner = \"@o\"\nexpires = 2027-01-01\n";
    let server = server("schema = 1\n");
    server.repo.write("gatepost.toml", own);
    server.repo.write("gatepost-exceptions.toml", "schema = 1\n");
    server.repo.commit_all("chore: have an exception");
    server.take_in();
    let words = [
        "does not count, since it would weaken the server's policy: exception EX-1 (line 2), everything in gatepost-exceptions.toml",
    ];
    push(&server, "feat: add one", "Refs: A-1").ok().says(&words);
}

#[test]
fn an_administrator_sees_what_counts_and_no_drift() {
    let server = server("schema = 1\n[message]\nheader-max = 72\n");
    let central = server.repo.beside("central.toml");
    std::fs::write(&central, SERVER).unwrap();
    let path = central.to_str().unwrap();
    server.policy(&format!("schema = 1\nextends = [\"{path}\"]\n"));
    let bare = server.bare.to_str().unwrap();
    let audit = server.repo.gatepost(["audit", "--repo", bare, "--policy", path]);
    assert!(!audit.said().contains("drifted-policy"), "{}", audit.said());
    let check = server.repo.gatepost(["server", "check", "--repo", bare, "--policy", path]);
    assert!(check.said().contains("and what is stricter in gatepost.toml at"), "{}", check.said());
    assert!(!check.said().contains("says something else"), "{}", check.said());
}
