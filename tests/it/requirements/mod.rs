//! What the policies of audited companies ask of names, messages, pull requests, refs and versions, row by row: each row is
//! accepted or refused as it asks by the preset `regulated`, through the real hooks. Where such policies contradict each other,
//! the preset takes the stricter reading, and the test has the other one as a policy that differs.

mod a_names;
mod b_messages;
mod c_pull_requests;
mod d_protection;
mod e_releases;
mod f_hotfixes;
mod g_versions;
mod guide;
mod r_freezes;
mod rows;

use crate::receive::Server;
use crate::support::{Run, run};

/// What a message must end with.
const TRAILERS: &str = "Refs: PROJ-1234\nRisk: low";

/// A message with this header that is as the preset wants it.
fn message(header: &str) -> String {
    format!("{header}\n\n{TRAILERS}")
}

/// The text of the preset with these passages replaced: what a team that reads its rules another way prints and changes.
#[track_caller]
fn edited(changes: &[(&str, &str)]) -> String {
    let preset = gatepost_core::policy::Preset::find("regulated").unwrap();
    changes.iter().fold(preset.text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the preset does not have {from:?}");
        text.replacen(from, to, 1)
    })
}

/// A server that goes by the preset, with the files that it requires on `main`, and a developer's clone.
struct Gate(Server);

impl Gate {
    fn new() -> Self {
        Self::with("")
    }

    /// The preset, and what an organisation adds to it.
    fn with(more: &str) -> Self {
        Self::of(&format!("schema = 1\nextends = [\"preset:regulated\"]\n\n{more}"))
    }

    fn of(policy: &str) -> Self {
        let server = Server::empty();
        for file in ["CODEOWNERS", "SECURITY.md", "RELEASE.md"] {
            server.repo.write(file, "* @team-api\n");
        }
        server.repo.commit_all(&message("docs: say who answers for what"));
        server.take_in();
        server.policy(policy);
        Self(server)
    }

    /// A commit of a file of its own.
    fn commit(&self, header: &str) -> String {
        self.commit_all(&message(header))
    }

    fn commit_all(&self, message: &str) -> String {
        let repo = &self.0.repo;
        let count = repo.git(["rev-list", "--all", "--count"]);
        repo.write(format!("src/{count}.txt"), format!("{message}\n"));
        repo.commit_all(message)
    }

    fn git(&self, arguments: &[&str]) -> String {
        self.0.repo.git(arguments)
    }

    /// A branch of the developer's that begins there.
    fn switch(&self, name: &str, at: &str) {
        self.git(&["checkout", "-q", "-B", name, at]);
    }

    #[track_caller]
    fn accepts(&self, refspec: &str) -> Run {
        self.0.accepts(&[refspec], &[])
    }

    #[track_caller]
    fn refuses(&self, refspec: &str, words: &[&str]) -> Run {
        self.0.refuses(&[refspec], words)
    }

    /// A push in the environment that a server gives its hooks.
    fn push_as(&self, variables: &[(&str, &str)], refspec: &str) -> Run {
        let mut command = self.0.repo.command("git", self.0.repo.root());
        command.args(["push", "origin", refspec]).envs(variables.iter().copied());
        run(&mut command, b"")
    }

    /// What the merge button of a server does: the same move, and the server says that it makes it.
    fn merges(&self, refspec: &str) -> Run {
        let variables = [
            ("GITEA_PUSHER_NAME", "alice"),
            ("GITEA_PR_ID", "7"),
            ("GITEA_PUSH_TRIGGER", "pr-merge-to-base"),
        ];
        self.push_as(&variables, refspec)
    }

    #[track_caller]
    fn lands(&self, refspec: &str) -> Run {
        self.merges(refspec).ok()
    }

    #[track_caller]
    fn declines(&self, refspec: &str, words: &[&str]) -> Run {
        let before = self.0.refs();
        let run = self.merges(refspec).refused(&["pre-receive hook declined"]).refused(words);
        assert_eq!(self.0.refs(), before, "a ref moved");
        run
    }

    /// The developer is on a branch of their own, from where the server's branch is.
    fn on(&self, branch: &str) {
        self.git(&["fetch", "-q", "origin", "--no-tags"]);
        self.switch("work", &format!("origin/{branch}"));
    }

    /// A commit that lands on `main`.
    #[track_caller]
    fn on_main(&self, header: &str) -> String {
        self.on("main");
        let commit = self.commit(header);
        self.lands("HEAD:main");
        commit
    }

    /// A ref that was there before the gate was.
    fn there(&self, refspec: &str) {
        let from = self.0.repo.root().to_str().unwrap();
        self.0.repo.run("git", ["fetch", "-q", from, &format!("+{refspec}")], &self.0.bare, b"").ok();
    }

    /// From now on the developer can sign, with an SSH key.
    fn can_sign(&self) {
        let repo = &self.0.repo;
        let key = repo.beside("key");
        let key = key.to_str().unwrap();
        if !std::path::Path::new(key).exists() {
            repo.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key], repo.root(), b"").ok();
        }
        repo.git(["config", "gpg.format", "ssh"]);
        repo.git(["config", "user.signingKey", key]);
    }

    /// A signed tag.
    fn tag(&self, name: &str, at: &str, message: &str) {
        self.can_sign();
        self.git(&["tag", "-f", "-s", name, "-m", message, at]);
    }

    /// A version that is released already.
    fn released(&self, name: &str, at: &str) {
        self.tag(name, at, &format!("Release {name}"));
        self.there(&format!("refs/tags/{name}:refs/tags/{name}"));
    }
}
