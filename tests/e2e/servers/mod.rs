//! Real pushes to real servers: over a folder, over SSH (a real `sshd` on the loopback, test keys, no privileges), over smart
//! HTTP (`git http-backend` behind a real web server), and to gitolite. What is pushed is the same everywhere, and so is the
//! verdict.
//!
//! ```sh
//! apt-get install openssh-server lighttpd gitolite3
//! cargo test --test e2e servers
//! ```

/// Each function as a test by these ways.
macro_rules! by {
    ({$($test:ident = $way:ident),*}: $($name:ident),* $(,)?) => {
        by!(@each [$($test = $way),*] $($name)*);
    };
    (@each $ways:tt $($name:ident)*) => {$( by!(@one $name $ways); )*};
    (@one $name:ident [$($test:ident = $way:ident),*]) => {
        mod $name {
            use super::Way;
            $(
                #[test]
                fn $test() {
                    super::$name(Way::$way);
                }
            )*
        }
    };
}

mod file_rules;
mod gitolite;
mod ref_rules;
mod scenarios;
mod transport;

use crate::support::{Repo, Run, leak, run, token};
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use transport::{Http, Ssh, Way};

const RULE: &str = "github-pat";
const HOOK: &str = env!("CARGO_BIN_EXE_gatepost-pre-receive");

/// A policy under which nothing is refused.
const LAX: &str = "schema = 1\n\n[secrets]\nlevel = \"off\"\n\n[message]\nlevel = \"off\"\n";

/// A developer without any hook, and a server with ours, on which `main` is.
struct Server {
    repo: Repo,
    bare: PathBuf,
    /// `GIT_SSH_COMMAND`.
    ssh: String,
    /// More variables of the developer's git. Over a folder they are the hook's as well.
    variables: &'static [(&'static str, &'static str)],
    _programs: (Option<Ssh>, Option<Http>),
}

impl Server {
    fn new(way: Way) -> Self {
        Self::with_settings(way, "")
    }

    /// One that knows its pusher as `alice`, by every way.
    fn of_alice(way: Way) -> Self {
        let mut server = Self::with_settings(way, "SetEnv REMOTE_USER=alice\n");
        if way == Way::File {
            server.variables = &[("REMOTE_USER", "alice")];
        }
        server
    }

    /// With more lines of the configuration of its SSH server, where it has one.
    fn with_settings(way: Way, settings: &str) -> Self {
        let repo = Repo::new();
        let folder = repo.beside("srv");
        let bare = folder.join("server.git");
        std::fs::create_dir(&folder).unwrap();
        repo.git(["init", "-q", "--bare", "-b", "main", bare.to_str().unwrap()]);
        std::os::unix::fs::symlink(HOOK, bare.join("hooks/pre-receive")).unwrap();
        let (mut ssh, mut programs) = (String::new(), (None, None));
        let url = match way {
            Way::File => bare.display().to_string(),
            Way::Ssh => {
                let key = transport::key(&repo, "key");
                let server = Ssh::start(&repo, &key.with_extension("pub"), settings);
                ssh = server.command(&repo, &key);
                programs.0 = Some(server);
                format!("ssh://{}@127.0.0.1{}", transport::account(&repo), bare.display())
            }
            Way::Gitolite => return gitolite::server_of_alice(),
            Way::Http => {
                let server = Http::start(&repo, &folder);
                let port = server.port;
                programs.1 = Some(server);
                format!("http://alice:alice@127.0.0.1:{port}/git/server.git")
            }
        };
        repo.git(["remote", "add", "origin", &url]);
        let server = Self { repo, bare, ssh, variables: &[], _programs: programs };
        server.repo.write("README.md", "hello\n");
        server.repo.commit_all("docs: say hello");
        server.push(&["main"]).ok();
        server
    }

    /// Another repository of the server, an empty one, and how it is called where this one is called `url`.
    fn another(&self, url: &str) -> (PathBuf, String) {
        let folder = self.bare.parent().unwrap();
        let empty = folder.join("empty.git");
        if self.bare.ends_with("testing.git") {
            gitolite::add_repository(&self.repo, folder.parent().unwrap(), "empty");
            return (empty, url.replace("/testing", "/empty"));
        }
        self.repo.git(["init", "-q", "--bare", "-b", "main", empty.to_str().unwrap()]);
        std::os::unix::fs::symlink(HOOK, empty.join("hooks/pre-receive")).unwrap();
        (empty, url.replace("server.git", "empty.git"))
    }

    /// git in a folder, with the way to the server.
    fn git_in(&self, folder: &Path, arguments: &[&str]) -> std::process::Command {
        let mut command = self.repo.command("git", folder);
        command.env("GIT_SSH_COMMAND", &self.ssh).envs(self.variables.iter().copied());
        command.args(arguments.iter().map(OsString::from));
        command
    }

    fn push(&self, arguments: &[&str]) -> Run {
        run(&mut self.git_in(self.repo.root(), &[&["push", "origin"], arguments].concat()), b"")
    }

    /// git on the server.
    fn server_git(&self, arguments: &[&str]) -> Run {
        self.repo.run("git", arguments, &self.bare, b"")
    }

    fn refs(&self) -> String {
        self.server_git(&["for-each-ref"]).ok().out
    }

    fn script(&self, name: &str, text: &str) {
        let hook = self.bare.join("hooks").join(name);
        let _ = std::fs::remove_file(&hook);
        std::fs::write(&hook, text).unwrap();
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn policy(&self, text: &str) {
        std::fs::write(self.bare.join("gatepost.toml"), text).unwrap();
    }

    /// A push that is refused with `words` and leaves the server as it was.
    #[track_caller]
    fn refuses(&self, arguments: &[&str], words: &[&str]) -> Run {
        let before = self.refs();
        let run = self.push(arguments).refused(&["pre-receive hook declined"]).refused(words);
        assert_eq!(self.refs(), before, "a ref moved");
        run
    }

    #[track_caller]
    fn accepts(&self, arguments: &[&str], words: &[&str]) -> Run {
        let run = self.push(arguments).ok();
        for word in words {
            assert!(run.said().contains(word), "does not say `{word}`:\n{}", run.said());
        }
        run
    }

    /// Commits a file with a new token, which comes back with the commit.
    fn leak(&self, path: &str) -> (String, String) {
        let token = token();
        self.repo.write(path, leak(&token));
        (self.repo.commit_all("feat: add settings"), token)
    }

    fn branch(&self, name: &str) {
        self.repo.git(["checkout", "-q", "-b", name]);
    }
}

fn short(id: &str) -> &str {
    &id[..7]
}
