//! gitolite, set up as its manual says, in a home of its own behind a real SSH server. Its own `update` hook stays in charge of
//! who may push where; ours judges what is pushed.

use super::transport::{Ssh, account, key};
use super::{HOOK, RULE, Server, short};
use crate::support::{Repo, Run, leak, run, token};
use std::path::{Path, PathBuf};

struct Gitolite {
    repo: Repo,
    home: PathBuf,
    ssh: Ssh,
    alice: PathBuf,
    bob: PathBuf,
}

impl Gitolite {
    /// With `alice` as the administrator, and our hook in the folder of hooks for every repository.
    fn new() -> Self {
        let repo = Repo::new();
        let home = repo.beside("gitolite");
        std::fs::create_dir(&home).unwrap();
        let (alice, bob) = (key(&repo, "alice"), key(&repo, "bob"));
        let gitolite = |arguments: &[&str]| {
            run(repo.command("gitolite", repo.root()).env("HOME", &home).args(arguments), b"").ok()
        };
        gitolite(&["setup", "-pk", alice.with_extension("pub").to_str().unwrap()]);
        std::os::unix::fs::symlink(HOOK, home.join(".gitolite/hooks/common/pre-receive")).unwrap();
        gitolite(&["setup", "--hooks-only"]);
        let settings = format!("SetEnv HOME={}\n", home.display());
        let ssh = Ssh::start(&repo, &home.join(".ssh/authorized_keys"), &settings);
        let this = Self { repo, home, ssh, alice, bob };
        this.repo.git(["remote", "add", "origin", &this.url("testing")]);
        this.repo.write("README.md", "hello\n");
        this.repo.commit_all("docs: say hello");
        this
    }

    fn url(&self, name: &str) -> String {
        format!("ssh://{}@127.0.0.1/{name}", account(&self.repo))
    }

    fn bare(&self, name: &str) -> PathBuf {
        self.home.join("repositories").join(format!("{name}.git"))
    }

    fn git(&self, who: &Path, folder: &Path, arguments: &[&str]) -> Run {
        let mut command = self.repo.command("git", folder);
        run(command.env("GIT_SSH_COMMAND", self.ssh.command(&self.repo, who)).args(arguments), b"")
    }

    fn push(&self, who: &Path, arguments: &[&str]) -> Run {
        self.git(who, self.repo.root(), &[&["push", "origin"], arguments].concat())
    }

    fn refs(&self) -> String {
        self.repo.run("git", ["for-each-ref"], &self.bare("testing"), b"").ok().out
    }

    /// The administrator lets `bob` write to branches of his own, through gitolite's own repository.
    fn add_bob(&self) {
        let admin = self.repo.beside("admin");
        self.git(
            &self.alice,
            self.repo.root(),
            &["clone", "-q", &self.url("gitolite-admin"), admin.to_str().unwrap()],
        )
        .ok();
        std::fs::copy(self.bob.with_extension("pub"), admin.join("keydir/bob.pub")).unwrap();
        let rules = "repo gitolite-admin\n    RW+ = alice\n\nrepo testing\n    RW+ = alice\n    RW bob/ = bob\n    R = bob\n";
        std::fs::write(admin.join("conf/gitolite.conf"), rules).unwrap();
        self.git(&self.alice, &admin, &["add", "-A"]).ok();
        // gitolite's own repository has the gate, too.
        self.git(&self.alice, &admin, &["commit", "-q", "-m", "did some stuff"]).ok();
        self.git(&self.alice, &admin, &["push", "-q", "origin", "HEAD"]).refused(&["GP-MSG-"]);
        self.git(&self.alice, &admin, &["commit", "-q", "--amend", "-m", "feat: let bob in"]).ok();
        self.git(&self.alice, &admin, &["push", "-q", "origin", "HEAD"]).ok();
    }
}

/// The administrator of the machine adds a repository that everybody may write to.
pub(super) fn add_repository(repo: &Repo, home: &Path, name: &str) {
    let conf = home.join(".gitolite/conf/gitolite.conf");
    let rules = std::fs::read_to_string(&conf).unwrap();
    std::fs::write(conf, format!("{rules}\nrepo {name}\n    RW+ = @all\n")).unwrap();
    run(repo.command("gitolite", repo.root()).env("HOME", home).arg("setup"), b"").ok();
}

/// `testing`, with `main` pushed by `alice`.
pub(super) fn server_of_alice() -> Server {
    let gitolite = Gitolite::new();
    gitolite.push(&gitolite.alice, &["main"]).ok();
    let (bare, ssh) = (gitolite.bare("testing"), gitolite.ssh.command(&gitolite.repo, &gitolite.alice));
    let Gitolite { repo, ssh: program, .. } = gitolite;
    // gitolite leaves it at what its account's Git calls a first branch.
    repo.run("git", ["symbolic-ref", "HEAD", "refs/heads/main"], &bare, b"").ok();
    Server { repo, bare, ssh, variables: &[], _programs: (Some(program), None) }
}

#[test]
fn the_gate_judges_and_gitolite_says_who_may() {
    let server = Gitolite::new();
    let said = server.push(&server.alice, &["main"]).ok().said();
    assert!(said.contains("1 commit, clean"), "{said}");
    let token = token();
    server.repo.write("app.env", leak(&token));
    let commit = server.repo.commit_all("feat: add settings");
    let before = server.refs();
    let said = server
        .push(&server.alice, &["main"])
        .refused(&["pre-receive hook declined", RULE, "app.env", short(&commit)])
        .said();
    assert!(!said.contains(&token));
    assert_eq!(server.refs(), before);
    server.repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    server.add_bob();
    server.repo.commit_all("feat: nothing wrong here");
    // Our hook lets it pass; gitolite does not, and what it refused is judged again with the next push.
    server.push(&server.bob, &["main"]).refused(&["DENIED by"]);
    server.push(&server.bob, &["main:refs/heads/bob/topic"]).ok();
    server.push(&server.alice, &["main"]).ok();
    server.push(&server.alice, &["--delete", "bob/topic"]).ok();
}

#[test]
fn what_gitolite_refused_is_judged_when_it_comes_again() {
    let server = Gitolite::new();
    server.push(&server.alice, &["main"]).ok();
    server.add_bob();
    let policy = server.bare("testing").join("gatepost.toml");
    std::fs::write(&policy, super::LAX).unwrap();
    server.repo.write("app.env", leak(&token()));
    let commit = server.repo.commit_all("feat: add settings");
    server.push(&server.bob, &["main"]).refused(&["DENIED by"]);
    server.repo.run("git", ["cat-file", "-e", &commit], &server.bare("testing"), b"").ok();
    std::fs::write(&policy, "schema = 1\n").unwrap();
    server.push(&server.bob, &["main:refs/heads/bob/topic"]).refused(&[RULE, short(&commit)]);
}

#[test]
fn gitolite_names_the_pusher_and_nobody_else_does() {
    let server = Gitolite::new();
    server.push(&server.alice, &["main"]).ok();
    server.add_bob();
    let policy = "schema = 1\n\n[server]\nbudget = \"0 s\"\non-timeout = \"record\"\n";
    std::fs::write(server.bare("testing").join("gatepost.toml"), policy).unwrap();
    server.repo.commit_all("feat: nothing wrong here");
    let mut push = server.repo.command("git", server.repo.root());
    let ssh = format!(
        "{} -o SetEnv=GL_USER=mallory -o SetEnv=GL_ID=user-1",
        server.ssh.command(&server.repo, &server.bob)
    );
    run(push.env("GIT_SSH_COMMAND", ssh).args(["push", "origin", "main:refs/heads/bob/topic"]), b"").ok();
    let log = std::fs::read_to_string(server.bare("testing").join("gatepost/break-glass.jsonl")).unwrap();
    let record: serde_json::Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!(record["actor"]["name"], "bob");
    assert_eq!(record["actor"]["source"], "GL_USER");
    assert_eq!(record["actor"]["authenticated"], true);
    assert_eq!(record["scope"], "testing");
}
