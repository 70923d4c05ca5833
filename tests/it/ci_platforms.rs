//! `gatepost run ci` on each CI system: real clones, full and shallow, with the variables and the event files that its documentation
//! describes.

use crate::ci::report;
use crate::support::{GATEPOST, Repo, Run, leak, run, token};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Variables and their values.
type Pairs = &'static [(&'static str, &'static str)];

const NULL: &str = "0000000000000000000000000000000000000000";

/// A server's repository and a clone of it, as a CI job has it.
struct Job {
    origin: Repo,
    clone: PathBuf,
    variables: Vec<(String, String)>,
}

/// The commits of the origin: `main` has two, `topic` two more from the first of them, and a merge of both is what a forge makes.
struct Commits {
    root: String,
    main: String,
    first: String,
    head: String,
    merge: String,
}

/// An origin with a branch to be merged.
fn origin() -> (Repo, Commits) {
    let repo = Repo::new();
    repo.write("README.md", "hello\n");
    let root = repo.commit_all("docs: say hello");
    repo.git(["checkout", "-q", "-b", "topic"]);
    repo.write("a.txt", "a\n");
    let first = repo.commit_all("feat: add a");
    repo.write("b.txt", "b\n");
    let head = repo.commit_all("feat: add b");
    repo.git(["checkout", "-q", "main"]);
    repo.write("main.txt", "main\n");
    let main = repo.commit_all("feat: add main");
    repo.git(["checkout", "-q", "--detach"]);
    repo.git(["merge", "-q", "--no-ff", "-m", "made by the forge, and no header", "topic"]);
    let merge = repo.head();
    repo.git(["update-ref", "refs/pull/12/merge", &merge]);
    repo.git(["update-ref", "refs/pull/12/head", &head]);
    repo.git(["checkout", "-q", "main"]);
    (repo, Commits { root, main, first, head, merge })
}

impl Job {
    /// A clone of the whole history with `commit` checked out.
    fn full(origin: Repo, commit: &str) -> Self {
        let clone = origin.beside("clone");
        let url = format!("file://{}", origin.root().display());
        origin.git(["clone", "-q", "--no-checkout", &url, clone.to_str().unwrap()]);
        let job = Self { origin, clone, variables: Vec::new() };
        job.git(&["fetch", "-q", "origin", "+refs/pull/*:refs/pull/*"]);
        job.git(&["checkout", "-q", "--detach", commit]);
        job
    }

    /// A clone of nothing but the newest commit of a ref, as most systems make it.
    fn shallow(origin: Repo, reference: &str) -> Self {
        let clone = origin.beside("clone");
        let url = format!("file://{}", origin.root().display());
        origin.git(["init", "-q", clone.to_str().unwrap()]);
        let job = Self { origin, clone, variables: Vec::new() };
        job.git(&["remote", "add", "origin", &url]);
        job.git(&["fetch", "-q", "--no-tags", "--depth", "1", "origin", reference]);
        job.git(&["checkout", "-q", "--detach", "FETCH_HEAD"]);
        job
    }

    fn git(&self, arguments: &[&str]) {
        self.origin.run("git", arguments, &self.clone, b"").ok();
    }

    fn set(mut self, variables: &[(&str, &str)]) -> Self {
        self.variables
            .extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self
    }

    /// GitHub Actions, with an event file.
    fn github(self, name: &str, event: &Value) -> Self {
        let file = self.origin.beside("event.json");
        std::fs::write(&file, event.to_string()).unwrap();
        let file = file.to_str().unwrap().to_owned();
        self.set(&[("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", name), ("GITHUB_EVENT_PATH", &file)])
    }

    fn run_with(&self, arguments: &[&str]) -> Run {
        let mut command = self.origin.command(GATEPOST, &self.clone);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        run(command.args(["run", "ci"]).args(arguments), b"")
    }

    fn run(&self) -> Run {
        self.run_with(&[])
    }

    /// The first notice of the report: what was chosen, and how many commits that were.
    #[track_caller]
    fn chosen(&self) -> (String, u64) {
        let run = self.run_with(&["-f", "json"]);
        assert_eq!(run.code, 0, "{}", run.said());
        let report = report(&run);
        let commits = report["coverage"]["commits"].as_u64().unwrap();
        (report["notices"][0].as_str().unwrap().to_owned(), commits)
    }
}

fn short(id: &str) -> &str {
    &id[..12]
}

/// What GitHub's webhook `pull_request` has, as far as it matters.
fn pull_request(commits: &Commits) -> Value {
    json!({
        "action": "synchronize",
        "number": 12,
        "pull_request": {
            "number": 12, "title": "feat: add a and b", "body": "## Summary\r\nIt adds.\r\n", "draft": false,
            "labels": [{"id": 1, "name": "risk:low"}],
            "base": {"ref": "main", "sha": commits.main},
            "head": {"ref": "topic", "sha": commits.head},
        },
        "repository": {"default_branch": "main"},
    })
}

fn push(before: &str, after: &str, branch: &str) -> Value {
    json!({
        "ref": format!("refs/heads/{branch}"), "before": before, "after": after, "forced": false,
        "repository": {"default_branch": "main"},
    })
}

#[test]
fn github_judges_the_commits_of_a_pull_request_and_not_the_merge_that_it_made() {
    for (name, reference) in [("pull_request", "merge"), ("pull_request_target", "main")] {
        let (origin, commits) = origin();
        let at = if reference == "merge" { &commits.merge } else { &commits.main };
        let job = Job::full(origin, at)
            .github(name, &pull_request(&commits))
            .set(&[("GITHUB_BASE_REF", "main"), ("GITHUB_SHA", at)]);
        let (said, count) = job.chosen();
        assert_eq!(
            said,
            format!(
                "base {} = origin/main (GITHUB_BASE_REF), head {} (pull_request.head.sha of the event), on GitHub \
                 Actions: 2 commits",
                short(&commits.main),
                short(&commits.head)
            )
        );
        assert_eq!(count, 2);
        // People are told as well.
        job.run().failed(&[0], &["notice: base", "origin/main (GITHUB_BASE_REF)", "2 commits, clean"]);
    }
}

#[test]
fn what_came_in_by_merging_the_target_is_nobodys_twice() {
    let (origin, commits) = origin();
    origin.git(["checkout", "-q", "topic"]);
    origin.git(["merge", "-q", "--no-ff", "-m", "Merge branch 'main' into topic", "main"]);
    let head = origin.head();
    let mut event = pull_request(&commits);
    // As old as the pull request: `main` has moved since.
    event["pull_request"]["base"]["sha"] = json!(commits.root);
    event["pull_request"]["head"]["sha"] = json!(head);
    let job = Job::full(origin, &head).github("pull_request", &event).set(&[("GITHUB_BASE_REF", "main")]);
    assert_eq!(job.chosen().1, 3);
    // The event alone knows only the old base.
    let job = Job {
        variables: job.variables.into_iter().filter(|(name, _)| name != "GITHUB_BASE_REF").collect(),
        ..job
    };
    assert!(job.chosen().0.contains("pull_request.base.ref of the event"));
}

#[test]
fn the_policy_is_the_targets_newest_and_no_commit_that_the_author_chose() {
    let (origin, mut commits) = origin();
    // The branch left main when there was no policy; since then scopes are required.
    origin.write("gatepost.toml", "schema = 1\n\n[message]\nscope = \"required\"\n");
    commits.main = origin.commit_all("chore(policy): require scopes");
    let event = pull_request(&Commits { main: commits.root.clone(), ..commits });
    let head = event["pull_request"]["head"]["sha"].as_str().unwrap().to_owned();
    let job = Job::full(origin, &head).github("pull_request", &event).set(&[("GITHUB_BASE_REF", "main")]);
    job.run().failed(&[1], &["GP-MSG-004", "feat: add a", &format!("at {}", short(&commits.main))]);
}

#[test]
fn a_pull_request_is_judged_again_after_it_was_merged() {
    let (origin, commits) = origin();
    origin.git(["merge", "-q", "--no-ff", "-m", "Merge pull request #12 from x/topic", "topic"]);
    let job = Job::full(origin, &commits.head)
        .github("pull_request", &pull_request(&commits))
        .set(&[("GITHUB_BASE_REF", "main")]);
    let (said, count) = job.chosen();
    assert!(said.contains("pull_request.base.sha of the event"), "{said}");
    assert_eq!(count, 2);
}

#[test]
fn every_system_says_what_to_write_where_the_clone_is_too_shallow() {
    let cases: &[(&str, &str, Pairs)] = &[
        ("github", "fetch-depth: 0", &[("GITHUB_BASE_REF", "main")]),
        ("gitea", "fetch-depth: 0", &[("GITEA_ACTIONS", "true"), ("GITHUB_BASE_REF", "main")]),
        (
            "",
            "GIT_DEPTH: \"0\"",
            &[
                ("GITLAB_CI", "true"),
                ("CI_MERGE_REQUEST_IID", "5"),
                ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "$ROOT"),
                ("CI_COMMIT_SHA", "$HEAD"),
            ],
        ),
        (
            "",
            "depth: full",
            &[
                ("BITBUCKET_BUILD_NUMBER", "1"),
                ("BITBUCKET_PR_ID", "5"),
                ("BITBUCKET_PR_DESTINATION_BRANCH", "main"),
                ("BITBUCKET_COMMIT", "$HEAD"),
            ],
        ),
        (
            "",
            "fetchDepth: 0",
            &[
                ("TF_BUILD", "True"),
                ("BUILD_REASON", "PullRequest"),
                ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"),
                ("SYSTEM_PULLREQUEST_SOURCECOMMITID", "$HEAD"),
            ],
        ),
        (
            "",
            "Shallow clone",
            &[
                ("JENKINS_URL", "https://ci.example.com/"),
                ("CHANGE_ID", "5"),
                ("CHANGE_TARGET", "main"),
                ("GIT_COMMIT", "$HEAD"),
            ],
        ),
        ("", "method: full", &[("CIRCLECI", "true"), ("PRE_COMMIT_FROM_REF", "$ROOT")]),
        (
            "",
            "--depth",
            &[
                ("BUILDKITE", "true"),
                ("BUILDKITE_PULL_REQUEST", "5"),
                ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "main"),
                ("BUILDKITE_COMMIT", "$HEAD"),
            ],
        ),
    ];
    for (kind, line, variables) in cases {
        let (origin, commits) = origin();
        let variables: Vec<(&str, &str)> = variables
            .iter()
            .map(|(name, value)| match *value {
                "$ROOT" => (*name, commits.root.as_str()),
                "$HEAD" => (*name, commits.head.as_str()),
                other => (*name, other),
            })
            .collect();
        let reference = if kind.is_empty() { "refs/heads/topic" } else { "refs/pull/12/merge" };
        let mut job = Job::shallow(origin, reference);
        if !kind.is_empty() {
            job = job.github("pull_request", &pull_request(&commits));
        }
        let job = job.set(&variables);
        job.run().failed(&[3], &[line, "shallow", "git fetch --unshallow"]);
        // As it says.
        job.git(&["fetch", "-q", "--unshallow", "origin", "+refs/heads/*:refs/remotes/origin/*"]);
        let run = job.run();
        assert_eq!(run.code, 0, "{line}: {}", run.said());
        assert!(run.said().contains("2 commits"), "{line}: {}", run.said());
    }
    // One commit of which the parent is there, and not the rest.
    let (origin, commits) = origin();
    let job = Job::shallow(origin, "refs/pull/12/merge");
    job.git(&[
        "fetch",
        "-q",
        "--depth",
        "1",
        "origin",
        "+refs/heads/main:refs/remotes/origin/main",
        "refs/heads/topic",
    ]);
    let job = job.github("pull_request", &pull_request(&commits)).set(&[("GITHUB_BASE_REF", "main")]);
    job.run().failed(&[3], &["shallow", "fetch-depth: 0"]);
}

#[test]
fn github_judges_what_a_push_brings() {
    let (origin, commits) = origin();
    let job = Job::full(origin, &commits.head);
    let with = |event: &Value, more: &[(&str, &str)]| {
        let file = job.origin.beside("event.json");
        std::fs::write(&file, event.to_string()).unwrap();
        let mut variables = vec![("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "push")];
        variables.extend(more);
        let path = file.to_str().unwrap().to_owned();
        variables.push(("GITHUB_EVENT_PATH", &path));
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut command = job.origin.command(GATEPOST, &job.clone);
        run(command.envs(variables).args(["run", "ci"]), b"")
    };
    let short = |id: &str| short(id).to_owned();
    // The default branch: from where it was, by the policy that it had.
    with(&push(&commits.root, &commits.main, "main"), &[]).failed(
        &[0],
        &[
            "1 commit, clean",
            &format!("base {}", short(&commits.root)),
            &format!("{} has no gatepost.toml", short(&commits.root)),
        ],
    );
    // Another branch: the same, by the policy of the default branch.
    with(&push(&commits.first, &commits.head, "topic"), &[]).failed(
        &[0],
        &[
            "1 commit, clean",
            &format!("base {}", short(&commits.first)),
            &format!("{} has no gatepost.toml", short(&commits.main)),
        ],
    );
    // A protected one has its own.
    with(&push(&commits.first, &commits.head, "topic"), &[("GITHUB_REF_PROTECTED", "true")])
        .failed(&[0], &["1 commit, clean", &format!("{} has no gatepost.toml", short(&commits.first))]);
    // A new one: from where it left the default branch.
    with(&push(NULL, &commits.head, "topic"), &[]).failed(
        &[0],
        &[
            "2 commits, clean",
            "origin/main (repository.default_branch of the event)",
            "from where it left origin/main",
        ],
    );
    // One that has nothing of its own.
    with(&push(NULL, &commits.root, "other"), &[])
        .failed(&[0], &["0 commits were judged", "nothing to check"]);
    // The first push of all has nothing to be compared with.
    with(&push(NULL, &commits.main, "main"), &[])
        .failed(&[3], &["nothing to compare main with", "gatepost scan --history"]);
    // With force, and what was there before is still here.
    with(&push(&commits.head, &commits.main, "main"), &[])
        .failed(&[0], &["1 commit", "forced", "2 commits that the branch had"]);
    // Taken back.
    with(&push(&commits.head, &commits.first, "topic"), &[])
        .failed(&[0], &["0 commits were judged", "forced: 1 commit that the branch had"]);
    // With force, and what was there before is gone.
    let gone = "1234567890123456789012345678901234567890";
    with(&push(gone, &commits.head, "topic"), &[])
        .failed(&[0], &["2 commits", "a push with force took it away", gone]);
    with(&push(gone, &commits.main, "main"), &[]).failed(&[3], &[gone, "git fetch origin"]);
    // Deleted, and what is no push.
    with(&push(&commits.head, NULL, "topic"), &[]).failed(&[2], &["deletes"]);
    with(&json!({"schedule": "0 0 * * *"}), &[])
        .failed(&[2], &["does not say which commits are new", "--from-ref", "scan --history"]);
    with(&push("main; true", &commits.head, "topic"), &[]).failed(&[2], &["no commit id"]);
}

#[test]
fn a_branch_that_weakens_the_policy_first_is_judged_by_the_default_branchs() {
    let (origin, commits) = origin();
    origin.git(["checkout", "-q", "topic"]);
    origin.write("gatepost.toml", "schema = 1\n\n[secrets]\nlevel = \"off\"\n");
    let weaker = origin.commit_all("chore: a policy");
    origin.write("app.env", leak(&token()));
    let after = origin.commit_all("feat: add settings");
    let job = Job::full(origin, &after).github("push", &push(&weaker, &after, "topic"));
    job.run().failed(&[1], &["github-pat", "app.env"]);
    // Where the default branch is not known, that it counts is said.
    let mut event = push(&weaker, &after, "topic");
    event["repository"] = json!({});
    let job = job.github("push", &event);
    job.run().failed(&[0], &["the policy is read from", "may have changed"]);
    assert_eq!(commits.root.len(), 40);
}

#[test]
fn a_merge_queue_is_compared_with_what_stands_before_it() {
    let (origin, commits) = origin();
    let group = |base: &str, head: &str| {
        json!({
            "action": "checks_requested",
            "merge_group": {"head_sha": head, "head_ref": "refs/heads/gh-readonly-queue/main/pr-12-x",
                "base_sha": base, "base_ref": "refs/heads/main"},
        })
    };
    // What comes to main is judged by the rules for main.
    let policy = "schema = 1\n[[ref]]\nmatch = [\"refs/heads/main\"]\ntypes = [\"docs\"]\n";
    origin.write("gatepost.toml", policy);
    let main = origin.commit_all("ci: a policy");
    origin.git(["checkout", "-q", "--detach", &main]);
    origin.write("one.txt", "one\n");
    let first = origin.commit_all("docs: the first of the queue");
    origin.write("two.txt", "two\n");
    let second = origin.commit_all("feat: the second of the queue");
    origin.git(["branch", "queue", &second]);
    origin.git(["checkout", "-q", "main"]);
    let job = Job::full(origin, &second).github("merge_group", &group(&main, &first));
    let (said, count) = job.chosen();
    assert!(said.contains("origin/main (merge_group.base_ref of the event)"), "{said}");
    assert_eq!(count, 1);
    // The second is measured by the first, which main has not taken yet, and by main's policy.
    let job = job.github("merge_group", &group(&first, &second));
    let said = job.run().failed(&[1], &["GP-REF-020", "the second of the queue"]).said();
    assert!(said.contains("merge_group.base_sha of the event") && said.contains("1 commit"), "{said}");
    assert!(!said.contains("which branch this comes to is not known"), "{said}");
    assert_eq!(commits.root.len(), 40);
}

#[test]
fn gitlab_finds_merge_requests_and_pushes() {
    let (origin, commits) = origin();
    let job = Job::full(origin, &commits.merge).set(&[
        ("GITLAB_CI", "true"),
        ("CI_MERGE_REQUEST_IID", "5"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", &commits.root),
        // A pipeline for merged results.
        ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", &commits.main),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", &commits.head),
        ("CI_COMMIT_SHA", &commits.merge),
        ("CI_PIPELINE_SOURCE", "merge_request_event"),
        ("CI_COMMIT_BEFORE_SHA", NULL),
    ]);
    let (said, count) = job.chosen();
    let wanted = format!(
        "base {} = origin/main (CI_MERGE_REQUEST_TARGET_BRANCH_NAME), head {} (CI_MERGE_REQUEST_SOURCE_BRANCH_SHA), on GitLab \
         CI: 2 commits",
        short(&commits.main),
        short(&commits.head)
    );
    assert_eq!((said, count), (wanted, 2));
    // The branch alone was fetched: the base of the diff is all there is, and that is said.
    let job = job.set(&[
        ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", ""),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", ""),
        ("CI_COMMIT_SHA", &commits.head),
    ]);
    job.git(&["update-ref", "-d", "refs/remotes/origin/main"]);
    job.git(&["branch", "-q", "-D", "main"]);
    let said = job.run().ok().said();
    assert!(
        said.contains("(CI_MERGE_REQUEST_DIFF_BASE_SHA)") && said.contains("which may be older"),
        "{said}"
    );
    // A push to a branch, and the first pipeline of a branch.
    job.git(&["fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*"]);
    let job = Job { variables: Vec::new(), ..job };
    let job = job.set(&[
        ("GITLAB_CI", "true"),
        ("CI_COMMIT_SHA", &commits.head),
        ("CI_COMMIT_BRANCH", "topic"),
        ("CI_DEFAULT_BRANCH", "main"),
        ("CI_PIPELINE_SOURCE", "push"),
        ("CI_COMMIT_BEFORE_SHA", &commits.first),
    ]);
    let (said, count) = job.chosen();
    assert!(said.contains("(CI_COMMIT_BEFORE_SHA)"), "{said}");
    assert_eq!(count, 1);
    let job = job.set(&[("CI_COMMIT_BEFORE_SHA", NULL)]);
    let (said, count) = job.chosen();
    assert!(said.contains("origin/main (CI_DEFAULT_BRANCH)"), "{said}");
    assert_eq!(count, 2);
}

#[test]
fn the_others_find_the_base_of_a_pull_request() {
    let cases: &[(Pairs, &str)] = &[
        (
            &[
                ("BITBUCKET_BUILD_NUMBER", "1"),
                ("BITBUCKET_PR_ID", "5"),
                ("BITBUCKET_PR_DESTINATION_BRANCH", "main"),
                ("BITBUCKET_PR_DESTINATION_COMMIT", "$MAIN12"),
                ("BITBUCKET_COMMIT", "$HEAD"),
            ],
            "origin/main (BITBUCKET_PR_DESTINATION_BRANCH), head $H (BITBUCKET_COMMIT), on Bitbucket Pipelines: 2 commits",
        ),
        (
            &[
                ("BITBUCKET_BUILD_NUMBER", "1"),
                ("BITBUCKET_PR_ID", "5"),
                ("BITBUCKET_PR_DESTINATION_BRANCH", "elsewhere"),
                ("BITBUCKET_PR_DESTINATION_COMMIT", "$MAIN12"),
                ("BITBUCKET_COMMIT", "$HEAD"),
            ],
            "the commit that was told (BITBUCKET_PR_DESTINATION_COMMIT), head $H (BITBUCKET_COMMIT), on Bitbucket Pipelines: 2 commits",
        ),
        (
            &[
                ("TF_BUILD", "True"),
                ("BUILD_REASON", "PullRequest"),
                ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"),
                ("SYSTEM_PULLREQUEST_SOURCECOMMITID", "$HEAD"),
                ("BUILD_SOURCEVERSION", "$MERGE"),
            ],
            "origin/main (SYSTEM_PULLREQUEST_TARGETBRANCH), head $H (SYSTEM_PULLREQUEST_SOURCECOMMITID), on Azure Pipelines: 2 commits",
        ),
        (
            &[
                ("JENKINS_URL", "https://ci.example.com/"),
                ("CHANGE_ID", "5"),
                ("CHANGE_TARGET", "main"),
                ("GIT_COMMIT", "$HEAD"),
            ],
            "origin/main (CHANGE_TARGET), head $H (GIT_COMMIT), on Jenkins: 2 commits",
        ),
        (
            &[
                ("JENKINS_URL", "https://ci.example.com/"),
                ("BRANCH_NAME", "topic"),
                ("GIT_PREVIOUS_SUCCESSFUL_COMMIT", "$FIRST"),
                ("GIT_COMMIT", "$HEAD"),
            ],
            "the commit that was told (GIT_PREVIOUS_SUCCESSFUL_COMMIT), head $H (GIT_COMMIT), on Jenkins: 1 commit",
        ),
        (
            &[
                ("BUILDKITE", "true"),
                ("BUILDKITE_PULL_REQUEST", "5"),
                ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "main"),
                ("BUILDKITE_COMMIT", "$HEAD"),
            ],
            "origin/main (BUILDKITE_PULL_REQUEST_BASE_BRANCH), head $H (BUILDKITE_COMMIT), on Buildkite: 2 commits",
        ),
        (
            &[
                ("BUILDKITE", "true"),
                ("BUILDKITE_PULL_REQUEST", "false"),
                ("BUILDKITE_BRANCH", "topic"),
                ("BUILDKITE_PIPELINE_DEFAULT_BRANCH", "main"),
                ("BUILDKITE_COMMIT", "$HEAD"),
            ],
            "origin/main (BUILDKITE_PIPELINE_DEFAULT_BRANCH), head $H (BUILDKITE_COMMIT), on Buildkite: 2 commits",
        ),
    ];
    let (origin, commits) = origin();
    let mut job = Job::full(origin, &commits.head);
    for (variables, wanted) in cases {
        let value = |value: &str| match value {
            "$HEAD" => commits.head.clone(),
            "$MERGE" => commits.merge.clone(),
            "$FIRST" => commits.first.clone(),
            "$MAIN12" => commits.main[..12].to_owned(),
            other => other.to_owned(),
        };
        job.variables = variables.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect();
        let wanted = wanted.replace("$H", short(&commits.head));
        let (said, _) = job.chosen();
        assert!(said.ends_with(&wanted), "{said}\nis not\n{wanted}");
    }
    // What is not told is said, with what to pass on.
    for (variables, words) in [
        (&[("CIRCLECI", "true")][..], &["CircleCI", "<< pipeline.git.base_revision >>"][..]),
        (
            &[("TF_BUILD", "True"), ("BUILD_REASON", "IndividualCI")],
            &["before a push", "--from-ref origin/main"],
        ),
        (&[("BITBUCKET_BUILD_NUMBER", "1"), ("BITBUCKET_COMMIT", "abcdef0")], &["before a push"]),
        (&[("BUILDKITE", "true"), ("BUILDKITE_COMMIT", "HEAD")], &["before a push"]),
        (&[("JENKINS_URL", "https://ci.example.com/"), ("BRANCH_NAME", "topic")], &["first build"]),
    ] {
        job.variables =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        job.run().failed(&[2], words);
    }
}

#[test]
fn what_is_named_wins_over_what_is_found() {
    let (origin, commits) = origin();
    let job = Job::full(origin, &commits.head).github("pull_request", &pull_request(&commits));
    let said = job.run_with(&["--from-ref", &commits.first]).ok().said();
    assert!(said.contains("(--from-ref), head") && said.contains("1 commit, clean"), "{said}");
    let job = job.set(&[("PRE_COMMIT_FROM_REF", "origin/main"), ("PRE_COMMIT_TO_REF", "")]);
    let said = job.run().ok().said();
    assert!(said.contains("origin/main (PRE_COMMIT_FROM_REF), head") && said.contains("2 commits"), "{said}");
    let said = job.run_with(&["--from-ref", &commits.first]).ok().said();
    assert!(said.contains("(--from-ref)"), "{said}");
    job.run_with(&["--from-ref", NULL]).failed(&[2], &["null id", "leave --from-ref away", "GitHub Actions"]);
}

#[test]
fn an_empty_range_is_no_clean_one() {
    let (origin, commits) = origin();
    let job = Job::full(origin, &commits.head).github("pull_request", &pull_request(&commits));
    // The same commit on both ends: nothing was to be judged, and that is said.
    job.run_with(&["--from-ref", "HEAD"])
        .failed(&[0], &["0 commits were judged", "the same commit", "(no --to-ref)"]);
    // A head that is in the base already.
    let run = job.run_with(&["--from-ref", "HEAD", "--to-ref", &commits.first, "-f", "json"]);
    assert_eq!((run.code, report(&run)["result"].as_str()), (3, Some("incomplete")), "{}", run.said());
    job.run_with(&["--from-ref", "HEAD", "--to-ref", &commits.first])
        .failed(&[3], &["0 commits were judged", "--to-ref"]);
    // The variable that empties what was found.
    let job = job.set(&[("PRE_COMMIT_TO_REF", &commits.root)]);
    job.run().failed(&[3], &["0 commits were judged"]);
    let job = Job { variables: Vec::new(), ..job };
    let job = job
        .github("push", &push(&commits.first, &commits.head, "topic"))
        .set(&[("PRE_COMMIT_TO_REF", &commits.root)]);
    job.run().failed(&[3], &["0 commits were judged"]);
    // What has nothing in common is judged from its beginning.
    job.git(&["checkout", "-q", "--orphan", "alone"]);
    job.git(&["commit", "-q", "-m", "did some stuff"]);
    job.run_with(&["--from-ref", "origin/main", "--to-ref", "alone"])
        .failed(&[1], &["no history in common", "GP-MSG-001"]);
}

/// A job for a pull request whose target has this policy.
fn asked(policy: &str, change: impl Fn(&mut Value)) -> Job {
    let (origin, mut commits) = origin();
    origin.write("gatepost.toml", format!("schema = 1\n\n[pull-request]\n{policy}\n"));
    commits.main = origin.commit_all("chore: a policy");
    let mut event = pull_request(&commits);
    change(&mut event["pull_request"]);
    Job::full(origin, &commits.head).github("pull_request", &event).set(&[("GITHUB_BASE_REF", "main")])
}

const POLICY: &str = "title = \"conventional\"\nticket-in = [\"title\", \"body\"]\nlabels.exactly-one = [\"risk:*\"]\n\
                      backport.label = \"backport:*\"\nheadings = [\"Summary\", \"Rollback plan\"]\ndraft = \"forbid\"";

#[test]
fn a_pull_request_is_judged_by_what_is_written_in_it() {
    let good = |request: &mut Value| {
        request["body"] =
            json!("For ABC-12.\r\n\r\n## Summary\r\nIt adds.\r\n\r\n## Rollback plan\r\nRevert it.\r\n");
    };
    asked(POLICY, good).run().failed(&[0], &["2 commits, clean"]);
    let bad = |request: &mut Value| {
        request["title"] = json!("Feat: add a and b");
        request["body"] = json!("<!-- ABC-1 -->\n## Summary\n<!-- say what it does -->\n");
        request["labels"] = json!([{"name": "risk:low"}, {"name": "risk:high"}, {"name": "backport:9.9"}]);
        request["draft"] = json!(true);
    };
    let run = asked(POLICY, bad).run().failed(
        &[1],
        &[
            "GP-MSG-002",
            "title of pull request #12",
            "make the title: feat: add a and b",
            "GP-PR-001",
            "GP-PR-003",
            "nothing is written below the heading `Summary`",
            "the heading `Rollback plan` is missing",
            "GP-PR-007",
        ],
    );
    // The clone has no release branch at all: whether 9.9 is one of them nobody can tell.
    assert!(run.said().contains("not judged: the backport labels"), "{}", run.said());
    // Nothing of it is asked of who asks for nothing.
    asked("level = \"deny\"", bad).run().failed(&[0], &["clean"]);
    asked(&format!("{POLICY}\nlevel = \"warn\""), bad).run().failed(&[0], &["warning", "GP-MSG-002"]);
}

#[test]
fn the_title_is_judged_where_messages_are_not() {
    let policy = "title = \"conventional\"\n\n[message]\nlevel = { default = \"deny\", ci = \"off\" }\ntrailers.required = [\"Refs\"]";
    let title = |title: &'static str| move |request: &mut Value| request["title"] = json!(title);
    asked(policy, title("feat: add a and b")).run().failed(&[0], &["clean"]);
    asked(policy, title("did some stuff")).run().failed(&[1], &["GP-MSG-001", "title of pull request #12"]);
    asked(policy, title("Merge branch 'main' into topic")).run().failed(&[1], &["GP-MSG-001"]);
}

#[test]
fn a_secret_in_a_description_is_found() {
    let secret = token();
    let run = asked("level = \"deny\"", |request| request["body"] = json!(leak(&secret))).run();
    let said = run.failed(&[1], &["github-pat", "body of pull request #12"]).said();
    assert!(!said.contains(&secret));
}

#[test]
fn what_an_author_writes_sends_nothing_to_a_terminal() {
    let nasty = "WIP: \u{1b}[31mred\u{202e}\u{7}";
    let run = asked("draft = \"forbid\"\ntitle = \"conventional\"\nlabels.allowed = [\"bug\"]", |request| {
        request["title"] = json!(nasty);
        request["labels"] = json!([{"name": nasty}]);
    })
    .run()
    .failed(&[1], &["GP-PR-007", "GP-PR-004"]);
    assert!(!run.said().contains(['\u{1b}', '\u{202e}', '\u{7}']), "{:?}", run.said());
}

#[test]
fn what_a_system_does_not_tell_is_not_taken_for_good() {
    let policy = "labels.required = [\"risk:*\"]\nheadings = [\"Summary\"]";
    let azure = |policy: &str| {
        let (origin, commits) = origin();
        origin.write("gatepost.toml", format!("schema = 1\n\n[pull-request]\n{policy}\n"));
        origin.commit_all("chore: a policy");
        Job::full(origin, &commits.head).set(&[
            ("TF_BUILD", "True"),
            ("BUILD_REASON", "PullRequest"),
            ("SYSTEM_PULLREQUEST_TARGETBRANCH", "main"),
            ("SYSTEM_PULLREQUEST_SOURCECOMMITID", &commits.head),
            ("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "12"),
        ])
    };
    azure("draft = \"allow\"").run().failed(&[0], &["clean"]);
    azure(policy).run().failed(
        &[3],
        &[
            "not judged: the labels of pull request #12: Azure Pipelines does not tell the labels",
            "not judged: the body of pull request #12",
            "--pull-request FILE",
        ],
    );
    azure(&format!("{policy}\nunknown = \"note\""))
        .run()
        .failed(&[0], &["notice: not judged: the labels of pull request #12", "clean"]);
    // Handed over, in the form of the interface.
    let job = azure(policy);
    let file = job.origin.beside("request.json");
    let path = file.to_str().unwrap();
    let mut request =
        json!({"number": 12, "title": "x", "body": "## Summary\ntext", "labels": [{"name": "risk:low"}]});
    std::fs::write(&file, request.to_string()).unwrap();
    job.run_with(&["--pull-request", path]).failed(&[0], &["clean"]);
    request["labels"] = json!([]);
    std::fs::write(&file, request.to_string()).unwrap();
    job.run_with(&["--pull-request", path]).failed(&[1], &["GP-PR-002", "the labels are: none"]);
    std::fs::write(&file, "{}").unwrap();
    job.run_with(&["--pull-request", path]).failed(&[2], &["has no pull request"]);
    job.run_with(&["--pull-request", "nowhere.json"]).failed(&[3], &["nowhere.json"]);
    // An event file that is not there.
    let job = asked(policy, |_| ()).set(&[("GITHUB_EVENT_PATH", "/nowhere/event.json")]);
    job.run().failed(&[3], &["cannot read the event file", "mount it"]);
    job.run_with(&["--from-ref", "origin/main"])
        .failed(&[3], &["not judged: the labels", "could not be read"]);
}

#[test]
fn a_merge_request_of_gitlab_is_judged_and_a_cut_description_is_said() {
    let (origin, commits) = origin();
    origin.write("gatepost.toml", format!("schema = 1\n\n[pull-request]\n{POLICY}\n"));
    origin.commit_all("chore: a policy");
    let job = |description: &str, cut: &str, more: &[(&str, &str)]| {
        let variables = [
            ("GITLAB_CI", "true"),
            ("CI_MERGE_REQUEST_IID", "5"),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
            ("CI_MERGE_REQUEST_DIFF_BASE_SHA", commits.root.as_str()),
            ("CI_COMMIT_SHA", &commits.head),
            ("CI_MERGE_REQUEST_TITLE", "feat: ABC-12 add a and b"),
            ("CI_MERGE_REQUEST_LABELS", "bug,risk:low"),
            ("CI_MERGE_REQUEST_DESCRIPTION", description),
            ("CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED", cut),
        ];
        variables.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let mut here = Job::full(origin, &commits.head);
    let whole = "## Summary\ntext\n## Rollback plan\nrevert\n";
    here.variables = job(whole, "false", &[]);
    here.run().failed(&[0], &["clean"]);
    here.variables = job(whole, "true", &[]);
    here.run()
        .failed(&[0], &["of the body of merge request !5 only the beginning was judged", "2700", "clean"]);
    here.variables = job("## Summary\ntext\n", "true", &[]);
    here.run().failed(&[3], &["not judged: the body of merge request !5", "2700"]);
    here.variables = job(
        "## Summary\ntext\n",
        "false",
        &[("CI_MERGE_REQUEST_LABELS", ""), ("CI_MERGE_REQUEST_TITLE", "Draft: x")],
    );
    here.run().failed(&[1], &["GP-PR-006", "GP-PR-002", "GP-PR-007", "title of merge request !5"]);
}
