//! The ways to a server: a folder, an SSH server on the loopback, and a web server before `git http-backend`.

use crate::support::Repo;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A way to push.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    File,
    Ssh,
    Http,
    Gitolite,
}

/// A server program that ends with the test.
pub(crate) struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program, from PATH or where Debian puts servers. A test that skips proves nothing: without it the test fails.
fn program(name: &str, package: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    let found = folders.map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("there is no {name}: apt-get install {package}"))
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Starts a server and waits until it answers.
fn start(command: &mut Command, port: u16, log: &Path) -> Program {
    let output = std::fs::File::create(log).unwrap();
    let errors = output.try_clone().unwrap();
    let child = command.stdin(Stdio::null()).stdout(output).stderr(errors).spawn().unwrap();
    let mut program = Program(child);
    for _ in 0..600 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return program;
        }
        if let Some(status) = program.0.try_wait().unwrap() {
            panic!("{status}: {}", std::fs::read_to_string(log).unwrap());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("no answer: {}", std::fs::read_to_string(log).unwrap());
}

/// A key for SSH, made here.
pub(crate) fn key(repo: &Repo, name: &str) -> PathBuf {
    let path = repo.beside(name);
    let arguments = ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", path.to_str().unwrap()];
    repo.run("ssh-keygen", arguments, repo.root(), b"").ok();
    path
}

/// An SSH server.
pub(crate) struct Ssh {
    pub(crate) port: u16,
    _program: Program,
}

impl Ssh {
    /// Lets in whoever `authorized_keys` lets in, as the user who runs the test. `settings` are more lines of its
    /// configuration.
    pub(crate) fn start(repo: &Repo, authorized_keys: &Path, settings: &str) -> Self {
        let (port, host) = (free_port(), key(repo, "host"));
        let config = repo.beside("sshd_config");
        let text = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\n\
             UsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n{settings}",
            host.display(),
            authorized_keys.display()
        );
        std::fs::write(&config, text).unwrap();
        let sshd = program("sshd", "openssh-server");
        let mut command = repo.command(sshd, repo.root());
        command.args(["-D", "-e", "-f"]).arg(&config);
        let program = start(&mut command, port, &repo.beside("sshd.log"));
        Self { port, _program: program }
    }

    /// What `git` must be told to come here with a key.
    pub(crate) fn command(&self, repo: &Repo, key: &Path) -> String {
        format!(
            "ssh -F /dev/null -p {} -i {} -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=accept-new -o \
             UserKnownHostsFile={}",
            self.port,
            key.display(),
            repo.beside("known_hosts").display()
        )
    }
}

/// The account that runs the test.
pub(crate) fn account(repo: &Repo) -> String {
    repo.run("id", ["-un"], repo.root(), b"").ok().out.trim().to_owned()
}

/// A web server that serves the repositories of `folder` below `/git/` to `alice` and `bob`, whose passwords are their names.
pub(crate) struct Http {
    pub(crate) port: u16,
    _program: Program,
}

impl Http {
    pub(crate) fn start(repo: &Repo, folder: &Path) -> Self {
        let port = free_port();
        let (config, users, log) =
            (repo.beside("lighttpd.conf"), repo.beside("users"), repo.beside("lighttpd-errors.log"));
        std::fs::write(&users, "alice:alice\nbob:bob\n").unwrap();
        let backend = Path::new(&repo.git(["--exec-path"])).join("git-http-backend");
        let text = format!(
            r#"server.port = {port}
server.bind = "127.0.0.1"
server.document-root = "{folder}"
server.errorlog = "{log}"
server.modules = ("mod_auth", "mod_authn_file", "mod_alias", "mod_setenv", "mod_cgi")
alias.url = ("/git" => "{backend}")
cgi.assign = ("" => "")
setenv.add-environment = ("GIT_PROJECT_ROOT" => "{folder}", "GIT_HTTP_EXPORT_ALL" => "1", "PATH" => env.PATH)
auth.backend = "plain"
auth.backend.plain.userfile = "{users}"
auth.require = ("/git/" => ("method" => "basic", "realm" => "git", "require" => "valid-user"))
"#,
            folder = folder.display(),
            log = log.display(),
            backend = backend.display(),
            users = users.display(),
        );
        std::fs::write(&config, text).unwrap();
        let mut command = repo.command(program("lighttpd", "lighttpd"), repo.root());
        command.arg("-D").arg("-f").arg(&config);
        Self { port, _program: start(&mut command, port, &repo.beside("lighttpd.log")) }
    }
}
