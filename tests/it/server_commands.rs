//! `gatepost server install` and `check`: the gate of many repositories, in the layouts of the servers there are.

use crate::receive::{HOOK, Server};
use crate::support::{GATEPOST, Repo, Run};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A folder of bare repositories, and a developer.
struct Site {
    repo: Repo,
    folder: PathBuf,
}

impl Site {
    fn new(names: &[&str]) -> Self {
        let repo = Repo::new();
        let folder = repo.beside("srv");
        repo.write("README.md", "hello\n");
        repo.commit_all("docs: say hello");
        for name in names {
            let bare = folder.join(name);
            repo.git(["init", "-q", "--bare", "-b", "main", bare.to_str().unwrap()]);
        }
        Self { repo, folder }
    }

    fn policy(&self, text: &str) -> String {
        let path = self.repo.beside("central.toml");
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn server(&self, arguments: &[&str]) -> Run {
        self.repo.gatepost([&["server"], arguments].concat())
    }

    fn install(&self, arguments: &[&str]) -> Run {
        let all = ["install", "--all-under", self.folder.to_str().unwrap()];
        self.server(&[&all, arguments].concat())
    }

    fn check(&self, arguments: &[&str]) -> Run {
        let all = ["check", "--all-under", self.folder.to_str().unwrap()];
        self.server(&[&all, arguments].concat())
    }

    fn push(&self, name: &str, refspec: &str) -> Run {
        self.repo.try_git(["push", self.folder.join(name).to_str().unwrap(), refspec])
    }

    /// Every file and link of the folder, with its content.
    fn everything(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let (mut todo, mut all) = (vec![self.folder.clone()], Vec::new());
        while let Some(path) = todo.pop() {
            for entry in std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()) {
                if entry.is_dir() && !entry.is_symlink() {
                    todo.push(entry);
                } else {
                    let bytes = std::fs::read(&entry).unwrap();
                    all.push((entry, bytes));
                }
            }
        }
        all.sort();
        all
    }
}

fn script(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn many_repositories_are_set_up_once_and_go_by_one_policy() {
    let site = Site::new(&["one.git", "group/two.git"]);
    let policy = site.policy("schema = 1\n\n[branch]\nlevel = \"deny\"\npatterns = [\"main\"]\n");
    let before = site.everything();
    let run = site.install(&["--policy", &policy, "--dry-run"]).ok();
    for words in
        ["would write", "one.git/hooks/pre-receive", "which extends", "2 repositories would be set up, 0 not"]
    {
        assert!(run.out.contains(words), "does not say `{words}`:\n{}", run.out);
    }
    assert_eq!(site.everything(), before, "a dry run writes nothing");
    site.check(&[]).failed(&[1], &["MISSING", "there is no", "gatepost server install --repo", "2 not"]);
    site.install(&["--policy", &policy]).ok().failed(&[0], &["2 repositories set up, 0 not"]);
    let after = site.everything();
    site.install(&["--policy", &policy]).ok().failed(&[0], &["is there already"]);
    assert_eq!(site.everything(), after, "doing it twice changes nothing");
    site.push("one.git", "main").ok();
    site.push("group/two.git", "main:refs/heads/My_Stuff").refused(&["GP-REF-", "My_Stuff"]);
    let run = site.check(&["--policy", &policy]).ok();
    for words in [
        "ok       hook",
        "ok       policy",
        "lets a push of nothing pass",
        "receive.fsckObjects true",
        "0 not",
    ] {
        assert!(run.out.contains(words), "does not say `{words}`:\n{}", run.out);
    }
    assert!(!site.everything().iter().any(|(path, _)| path.to_string_lossy().contains("tmp_objdir")));
    // The repositories go by the file itself: what is changed there holds at once.
    site.policy("schema = 1\nenforce = false\n");
    site.push("group/two.git", "main:refs/heads/My_Stuff").ok();
    site.check(&["--policy", &policy]).ok().failed(&[0], &["this is a dry run"]);
}

#[test]
fn a_hook_that_is_there_runs_first_and_reads_the_same() {
    let site = Site::new(&["one.git"]);
    let (hook, seen) = (site.folder.join("one.git/hooks/pre-receive"), site.repo.beside("seen"));
    script(&hook, &format!("#!/bin/sh\ncat >'{}'\ntest ! -e '{0}.no'\n", seen.display()));
    site.install(&[]).ok().failed(&[0], &["kept the hook that is there", "which runs it first"]);
    site.install(&[]).ok().failed(&[0], &["is there already"]);
    site.repo.commit_all("did some stuff");
    site.push("one.git", "main").refused(&["GP-MSG-"]);
    assert!(std::fs::read_to_string(&seen).unwrap().ends_with("refs/heads/main\n"));
    site.repo.git(["commit", "-q", "--amend", "--allow-empty", "-m", "feat: some stuff"]);
    std::fs::write(seen.with_extension("no"), "").unwrap();
    site.push("one.git", "main").refused(&["pre-receive hook declined"]);
    std::fs::remove_file(seen.with_extension("no")).unwrap();
    site.push("one.git", "main").ok();
    site.check(&[]).ok();
    // A link that somebody made by hand is a hook as well.
    std::fs::remove_file(&hook).unwrap();
    std::os::unix::fs::symlink(HOOK, &hook).unwrap();
    site.install(&[]).ok().failed(&[0], &["is there already, as a link"]);
    site.check(&[]).ok();
    // Two foreign hooks are one too many.
    std::fs::remove_file(&hook).unwrap();
    script(&hook, "#!/bin/sh\n");
    site.install(&[]).failed(&[1], &["NOT DONE", "is somebody else's", "run pre-receive"]);
    assert_eq!(std::fs::read_to_string(&hook).unwrap(), "#!/bin/sh\n");
}

#[test]
fn a_policy_of_its_own_is_left_alone() {
    let site = Site::new(&["one.git", "two.git"]);
    let policy = site.policy("schema = 1\n");
    let own = site.folder.join("one.git/gatepost.toml");
    std::fs::write(&own, "schema = 1\nenforce = false\n").unwrap();
    site.install(&["--policy", &policy])
        .failed(&[1], &["is a policy of its own", "extends = [", "1 repository set up, 1 not"]);
    assert_eq!(std::fs::read_to_string(&own).unwrap(), "schema = 1\nenforce = false\n");
    site.check(&["--policy", &policy]).failed(&[1], &["says something else than"]);
    std::fs::write(&own, "schema = 1\n[secrts]\n").unwrap();
    site.check(&[]).failed(&[1], &["MISSING  policy", "secrts", "refuses a push of nothing"]);
    std::fs::remove_file(&own).unwrap();
    site.install(&["--policy", &policy]).ok();
    site.check(&["--policy", &policy]).ok();
    // A policy that is broken is not handed out.
    let broken = site.policy("schema = 1\n[secrts]\n");
    site.install(&["--policy", &broken]).failed(&[2], &["secrts"]);
    site.install(&["--policy", "/nowhere.toml"]).failed(&[2], &["cannot read the policy"]);
}

#[test]
fn what_is_missing_is_said_with_what_to_do() {
    let site = Site::new(&["one.git"]);
    site.install(&[]).ok();
    let bare = site.folder.join("one.git");
    let config = |key: &str, value: &str| {
        site.repo.run("git", ["config", key, value], &bare, b"").ok();
    };
    let hook = bare.join("hooks/pre-receive");
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o644)).unwrap();
    site.check(&[]).failed(&[1], &["is not executable", "chmod +x"]);
    site.install(&[]).ok();
    let text = std::fs::read_to_string(&hook).unwrap();
    std::fs::write(&hook, text.replace(GATEPOST, "/nowhere/gatepost")).unwrap();
    site.check(&[]).failed(&[1], &["there is no /nowhere/gatepost"]);
    site.push("one.git", "main").refused(&["the pre-receive hook cannot run: there is no /nowhere/gatepost"]);
    site.install(&[]).ok();
    std::fs::write(bare.join("gatepost.toml"), "schema = 1\n\n[break-glass]\nallow = true\n").unwrap();
    site.check(&[]).failed(&[1], &["no push option arrives here", "receive.advertisePushOptions true"]);
    config("receive.advertisePushOptions", "true");
    config("receive.fsckObjects", "true");
    let run = site.check(&[]).ok();
    assert!(!run.out.contains("advice"), "{}", run.out);
    config("core.hooksPath", "/etc/githooks");
    site.check(&[]).failed(&[1], &["`core.hooksPath` is `/etc/githooks`"]);
    site.install(&[]).failed(&[1], &["NOT DONE", "core.hooksPath"]);
    // What is asked for must be there.
    site.server(&["check", "--repo", "/nowhere"]).failed(&[2], &["is no Git repository"]);
    site.server(&["check", "--all-under", site.repo.beside("home").to_str().unwrap()])
        .failed(&[2], &["no Git repository below"]);
    site.server(&["check"]).failed(&[2], &["--repo"]);
}

/// What Gitea's and GitLab's own programs do with the hooks of a folder: each reads the same, and one that fails fails all.
fn delegate(bare: &Path, folder: &str) {
    let loop_over = format!(
        "#!/bin/sh\ndata=$(cat)\nfor hook in \"$GIT_DIR/{folder}\"/*; do\n    [ -x \"$hook\" ] || continue\n    echo \"$data\" | \
         \"$hook\" || exit 1\ndone\n"
    );
    script(&bare.join("hooks/pre-receive"), &loop_over);
}

#[test]
fn gitlab_and_gitea_have_folders_of_hooks() {
    for (folder, sign) in
        [("custom_hooks/pre-receive.d", "custom_hooks"), ("hooks/pre-receive.d", "hooks/pre-receive.d")]
    {
        let site = Site::new(&["one.git"]);
        let bare = site.folder.join("one.git");
        std::fs::create_dir_all(bare.join(sign)).unwrap();
        delegate(&bare, folder);
        script(&bare.join(folder).join("another"), "#!/bin/sh\ncat >/dev/null\n");
        site.install(&[]).ok().failed(&[0], &[&format!("{folder}/gatepost")]);
        site.install(&[]).ok().failed(&[0], &["is there already"]);
        site.check(&[]).ok();
        site.push("one.git", "main").ok().failed(&[0], &["1 commit, clean"]);
        site.repo.commit_all("did some stuff");
        site.push("one.git", "main").refused(&["GP-MSG-"]);
        script(&bare.join(folder).join("gatepost"), "#!/bin/sh\n");
        site.install(&[]).failed(&[1], &["is somebody else's"]);
    }
    // The folder need not be there yet, where the server is named.
    let site = Site::new(&["one.git"]);
    site.install(&["--platform", "gitlab"]).ok();
    assert!(site.folder.join("one.git/custom_hooks/pre-receive.d/gatepost").is_file());
    let run = site
        .install(&["--platform", "github"])
        .failed(&[1], &["takes no hooks from a folder", "docs/server.md"]);
    assert!(run.out.contains("GitHub Enterprise Server"), "{}", run.out);
}

#[test]
fn gitolite_links_what_all_its_repositories_share() {
    let site = Site::new(&["one.git", "two.git"]);
    let common = site.repo.beside("gitolite/hooks/common");
    script(&common.join("update"), "#!/bin/sh\n");
    for name in ["one.git", "two.git"] {
        std::fs::write(site.folder.join(name).join("gl-conf"), "").unwrap();
    }
    site.install(&[]).failed(&[1], &["hooks/update is no link", "gitolite setup --hooks-only"]);
    for name in ["one.git", "two.git"] {
        std::os::unix::fs::symlink(common.join("update"), site.folder.join(name).join("hooks/update"))
            .unwrap();
    }
    site.install(&[]).ok().failed(&[0], &["linked"]);
    site.install(&[]).ok().failed(&[0], &["is there already"]);
    site.check(&[]).ok();
    site.push("one.git", "main").ok().failed(&[0], &["1 commit, clean"]);
    std::fs::remove_file(site.folder.join("two.git/hooks/pre-receive")).unwrap();
    site.check(&[]).failed(&[1], &["does not lead there"]);
    // Theirs runs first, wherever the link to ours is.
    std::fs::remove_file(common.join("pre-receive")).unwrap();
    script(&common.join("pre-receive"), "#!/bin/sh\necho theirs\n");
    site.install(&[]).ok();
    site.repo.commit_all("feat: nothing wrong here");
    site.push("one.git", "main").ok().failed(&[0], &["theirs", "1 commit, clean"]);
}

#[test]
fn a_repository_that_is_broken_is_said() {
    let server = Server::new();
    let run = server.repo.gatepost(["server", "check", "--repo", server.bare.to_str().unwrap()]).ok();
    assert!(run.out.contains("1 repository sound, 0 not"), "{}", run.out);
    std::fs::write(server.bare.join("HEAD"), "nonsense\n").unwrap();
    server
        .repo
        .gatepost(["server", "check", "--repo", server.bare.to_str().unwrap()])
        .failed(&[1], &["refuses a push of nothing: the ref HEAD is broken", "fix: delete it"]);
}

#[test]
fn an_audit_lists_what_is_wrong_and_says_so_in_every_format() {
    let site = Site::new(&["good.git", "bare.git", "drifted.git"]);
    let policy = site.policy(
        "schema = 1\n\n[branch]\nlevel = \"deny\"\npatterns = [\"main\", \"topic/{slug}\", \"release/{major}.{minor}\"]\nstale-after-days = 2\n",
    );
    let folder = site.folder.to_str().unwrap();
    let audit =
        |arguments: &[&str]| site.repo.gatepost([&["audit", "--all-under", folder], arguments].concat());
    site.install(&["--policy", &policy]).ok();
    for name in ["good.git", "drifted.git"] {
        site.push(name, "main").ok();
    }
    std::fs::remove_file(site.folder.join("bare.git/hooks/pre-receive")).unwrap();
    std::fs::write(site.folder.join("drifted.git/gatepost.toml"), "schema = 1\nenforce = false\n").unwrap();
    let run = audit(&["--policy", &policy])
        .failed(&[1], &["no-gate", "drifted-policy", "2 things to mend in 2 repositories"]);
    assert!(!run.out.contains("good.git\n"), "{}", run.out);
    std::fs::remove_file(site.folder.join("drifted.git/gatepost.toml")).unwrap();
    site.install(&["--policy", &policy]).ok();
    audit(&["--policy", &policy]).ok().failed(&[0], &["3 repositories on", "0 things to mend"]);

    // Branches: one open for three days, one since today, one merged, one that stays, and a name from before there were rules.
    let repo = &site.repo;
    let at = |days: u64| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        format!("{} +0000", now - days * 86_400 - 60)
    };
    let commit = |branch: &str, days: u64| {
        repo.git(["checkout", "-q", "-B", branch, "main"]);
        let mut command = repo.command("git", repo.root());
        command.env("GIT_COMMITTER_DATE", at(days)).args([
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            "feat: a commit",
        ]);
        crate::support::run(&mut command, b"").ok();
        repo.git(["commit", "-q", "--allow-empty", "-m", "feat: another one"]);
    };
    commit("topic/old", 3);
    commit("topic/new", 1);
    commit("release/1.0", 90);
    for name in ["topic/old", "topic/new", "release/1.0", "main:topic/merged"] {
        site.push("good.git", name).ok();
    }
    let bare = site.folder.join("good.git");
    repo.run("git", ["branch", "My_Stuff", "topic/new"], &bare, b"").ok();
    let run = audit(&[]).failed(
        &[1],
        &[
            "stale-branch    refs/heads/topic/old: open for 3 days",
            "merged-branch   refs/heads/topic/merged: everything in it is in refs/heads/main",
            "git push --delete REMOTE topic/merged",
            "bad-ref         refs/heads/My_Stuff",
            "3 things to mend in 1 repository",
        ],
    );
    assert!(!run.out.contains("release/1.0:") && !run.out.contains("topic/new:"), "{}", run.out);
    let json: serde_json::Value =
        serde_json::from_str(&audit(&["-f", "json"]).failed(&[1], &[]).out).unwrap();
    assert_eq!(json["schema"], "gatepost.audit/1");
    let rows: Vec<(&str, &str)> = json["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["matter"].as_str().unwrap(), row["ref"].as_str().unwrap()))
        .collect();
    assert_eq!(rows.len(), 3);
    assert!(rows.contains(&("stale-branch", "refs/heads/topic/old")), "{rows:?}");
    let csv = audit(&["-f", "csv"]).failed(&[1], &[]).out;
    assert!(
        csv.starts_with("repository,matter,ref,days,what,fix\r\n")
            && csv.contains(",stale-branch,refs/heads/topic/old,3,"),
        "{csv}"
    );
    // What cannot be looked at is no clean bill.
    std::fs::write(bare.join("HEAD"), "nonsense\n").unwrap();
    audit(&[]).failed(&[3], &["unreadable", "the ref HEAD is broken"]);
    std::fs::write(bare.join("gatepost.toml"), "schema = 1\n[secrts]\n").unwrap();
    audit(&[]).failed(&[1], &["broken-policy", "secrts", "were not looked at"]);
}

#[test]
fn an_audit_lists_tags_that_break_the_rules_for_refs() {
    let site = Site::new(&["good.git"]);
    let repo = &site.repo;
    let key = repo.beside("dev");
    let arguments = ["-q", "-t", "ed25519", "-N", "", "-C", "dev", "-f", key.to_str().unwrap()];
    repo.run("ssh-keygen", arguments, repo.root(), b"").ok();
    let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
    let signers = repo.beside("signers");
    std::fs::write(&signers, format!("committer@example.com {public}")).unwrap();
    let policy = site.policy(&format!(
        "schema = 1\n[signatures]\nallowed-signers-files = [\"{}\"]\n[[ref]]\nmatch = [\"refs/tags/v*\"]\n\
         tag-signatures = \"trusted\"\nannotated = \"deny\"\nname = [\"v{{semver}}\"]\ndelete = \"deny\"\nmove = \"deny\"\n",
        signers.display()
    ));
    site.install(&["--policy", &policy]).ok();
    site.push("good.git", "main").ok();
    repo.git(["config", "gpg.format", "ssh"]);
    repo.git(["config", "user.signingKey", key.to_str().unwrap()]);
    repo.git(["tag", "-s", "-m", "the first", "v1.0.0"]);
    repo.git(["tag", "-a", "-m", "the second", "v1.1.0"]);
    repo.git(["tag", "-a", "-m", "the third", "v1.2"]);
    repo.git(["tag", "v1.3.0"]);
    repo.git(["tag", "nightly"]);
    let bare = site.folder.join("good.git");
    // Past the hook: they are older than the policy.
    let from = repo.root().to_str().unwrap();
    repo.run("git", ["fetch", "-q", from, "+refs/tags/*:refs/tags/*"], &bare, b"").ok();
    let run = repo.gatepost(["audit", "--all-under", site.folder.to_str().unwrap()]).failed(
        &[1],
        &[
            "bad-ref         refs/tags/v1.1.0: the tag v1.1.0 has no signature (GP-REF-041)",
            "bad-ref         refs/tags/v1.2: the tag v1.2 has no signature (GP-REF-041)",
            "refs/tags/v1.2: ",
            "(GP-REF-031)",
            "(GP-REF-030)",
            "it is a lightweight tag (GP-REF-041)",
            "5 things to mend in 1 repository",
        ],
    );
    // How a ref moves is no question of what is there, and what is asked of nobody is none either.
    for word in ["v1.0.0", "nightly", "GP-REF-010", "GP-REF-012", "GP-REF-013"] {
        assert!(!run.out.contains(word), "{word}: {}", run.out);
    }
}
