//! Signed commits and tags, pushed to a server that demands them: real keys, real git, `ssh-keygen` and `gpg`.

use crate::receive::{HOOK, Server};
use std::path::PathBuf;

/// What a server demands.
const DEMANDS: &str = "\n[[ref]]\nmatch = [\"refs/heads/main\", \"refs/heads/release/*\"]\ncommit-signatures = \"trusted\"\n\
                       \n[[ref]]\nmatch = [\"refs/tags/v*\"]\ntag-signatures = \"trusted\"\n";

/// A server that has taken the first commit in, and a developer who signs with SSH.
struct Signing {
    server: Server,
}

impl Signing {
    fn new() -> Self {
        let server = Server::empty();
        server.take_in();
        server.repo.git(["config", "gpg.format", "ssh"]);
        Self { server }
    }

    fn key(&self, name: &str) -> PathBuf {
        self.server.repo.beside(name)
    }

    /// Makes an SSH key; its public half.
    fn make(&self, name: &str) -> String {
        let file = self.key(name);
        let arguments = ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file.to_str().unwrap()];
        self.server.repo.run("ssh-keygen", arguments, self.server.repo.root(), b"").ok();
        std::fs::read_to_string(file.with_extension("pub")).unwrap().trim().to_owned()
    }

    /// The server's policy, with these lines of allowed signers in a file beside it.
    fn demands(&self, signers: &str, section: &str) {
        std::fs::write(self.server.bare.join("signers"), signers).unwrap();
        let files = "[signatures]\nallowed-signers-files = [\"signers\"]";
        self.server.policy(&format!("schema = 1\n{files}\n{section}\n{DEMANDS}"));
    }

    fn signing_with(&self, name: &str) {
        self.server.repo.git(["config", "user.signingKey", self.key(name).to_str().unwrap()]);
    }

    /// A commit; signed, where a key is named.
    fn commit(&self, key: Option<&str>, date: &str) {
        let mut arguments = vec!["commit", "-q", "--allow-empty", "-m", "docs: say more"];
        if let Some(key) = key {
            self.signing_with(key);
            arguments.push("-S");
        }
        let repo = &self.server.repo;
        let mut command = repo.command("git", repo.root());
        command.args(arguments);
        if date != TODAY {
            command.env("GIT_COMMITTER_DATE", date);
        }
        crate::support::run(&mut command, b"").ok();
    }

    fn undo(&self) {
        self.server.repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    }
}

/// No date of its own.
const TODAY: &str = "";

#[test]
fn a_branch_takes_what_trusted_keys_signed() {
    let signing = Signing::new();
    let server = &signing.server;
    let (dev, _) = (signing.make("dev"), signing.make("stranger"));
    signing.demands(&format!("dev@example.com namespaces=\"git\" {dev}\n"), "");
    signing.commit(None, TODAY);
    let sign = "git commit --amend --no-edit -S";
    server.refuses(&["main"], &["GP-REF-040", "(docs: say more) has no signature", sign]);
    // Nobody demands it of other branches.
    server.accepts(&["main:refs/heads/feature/x"], &[]);
    // And none of them is the way around.
    server.refuses(&["main"], &["GP-REF-040", "has no signature"]);
    server.refuses(&["main:refs/heads/release/1.0"], &["GP-REF-040", "has no signature"]);
    server.accepts(&["HEAD~1:refs/heads/release/1.0"], &[]);
    signing.undo();
    signing.commit(Some("stranger"), TODAY);
    let words =
        ["a valid, untrusted SSH signature with the key SHA256:", "`allowed-signers` in [signatures]"];
    server.refuses(&["main"], &words);
    signing.undo();
    signing.commit(Some("dev"), TODAY);
    signing.commit(Some("dev"), TODAY);
    server.accepts(&["main"], &[]);
    // What is refused is what is not signed, and nothing else.
    signing.commit(Some("dev"), TODAY);
    signing.commit(None, TODAY);
    let run = server.refuses(&["main"], &["GP-REF-040"]);
    assert_eq!(run.said().matches("has no signature").count(), 1, "{}", run.said());
}

#[test]
fn a_tag_is_signed_and_not_only_annotated() {
    let signing = Signing::new();
    let server = &signing.server;
    let dev = signing.make("dev");
    signing.demands(&format!("dev@example.com {dev}\n"), "");
    server.repo.git(["tag", "v1.0.0"]);
    server.refuses(&["v1.0.0"], &["GP-REF-041", "the tag v1.0.0 has no signature", "lightweight"]);
    server.repo.git(["tag", "-a", "-f", "-m", "the first", "v1.0.0"]);
    let fix = "git tag -s -f v1.0.0";
    server.refuses(&["v1.0.0"], &["GP-REF-041", "the tag v1.0.0 has no signature", fix]);
    signing.signing_with("dev");
    server.repo.git(["tag", "-s", "-f", "-m", "the first", "v1.0.0"]);
    let good = server.repo.git(["rev-parse", "v1.0.0"]);
    let raw = server.repo.git(["cat-file", "tag", "v1.0.0"]).replace("the first", "the last") + "\n";
    let run = server.repo.run(
        "git",
        ["hash-object", "-w", "-t", "tag", "--stdin"],
        server.repo.root(),
        raw.as_bytes(),
    );
    server.repo.git(["update-ref", "refs/tags/v1.0.0", run.ok().out.trim()]);
    server.refuses(&["v1.0.0"], &["GP-REF-041", "a bad SSH signature", fix]);
    server.repo.git(["update-ref", "refs/tags/v1.0.0", good.trim()]);
    server.accepts(&["v1.0.0"], &[]);
    // Other tags are free.
    server.repo.git(["tag", "nightly"]);
    server.accepts(&["nightly"], &[]);
}

#[test]
fn a_backdated_commit_does_not_escape_an_expired_key_where_now_counts() {
    let signing = Signing::new();
    let server = &signing.server;
    let old = signing.make("old");
    let signers = format!("old@example.com valid-before=\"20240101Z\" {old}\n");
    signing.demands(&signers, "at = \"now\"");
    signing.commit(Some("old"), TODAY);
    let words = ["SSH signature with the key SHA256:", "which had expired", "sign with a key that is valid"];
    server.refuses(&["main"], &words);
    signing.undo();
    signing.commit(Some("old"), "2023-06-01T12:00:00Z");
    server.refuses(&["main"], &["by old@example.com", "which had expired"]);
    signing.demands(&signers, "at = \"commit\"");
    server.accepts(&["main"], &[]);
    let key = format!("revoked-keys = [\"{old}\"]");
    signing.demands(&signers, &key);
    signing.commit(Some("old"), "2023-06-01T12:00:00Z");
    server.refuses(&["main"], &["which is revoked", "sign with another key"]);
}

#[test]
fn openpgp_keys_are_those_of_the_policy_and_not_those_of_the_account() {
    let signing = Signing::new();
    let (server, home) = (&signing.server, signing.key("gnupg"));
    let repo = &server.repo;
    repo.run("mkdir", ["-m", "700", home.to_str().unwrap()], repo.root(), b"").ok();
    let gpg = |arguments: &[&str]| {
        let always = ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""];
        let mut command = repo.command("gpg", repo.root());
        command.arg("--homedir").arg(&home).args(always).args(arguments);
        crate::support::run(&mut command, b"").ok().out
    };
    gpg(&["--quick-gen-key", "Dev <dev@example.com>", "ed25519", "sign", "never"]);
    let commit = || {
        let mut command = repo.command("git", repo.root());
        command.args(["-c", "gpg.format=openpgp", "-c", "user.signingKey=dev@example.com"]);
        command.args(["commit", "-q", "--allow-empty", "-S", "-m", "docs: say more"]);
        crate::support::run(command.env("GNUPGHOME", &home), b"").ok();
    };
    let stranger = signing.make("somebody");
    signing.demands(&format!("somebody@example.com {stranger}\n"), "");
    commit();
    let mut command = repo.command("git", repo.root());
    // A push over a file system runs the hook with the pusher's environment.
    command.args(["push", "origin", "main"]).env("GNUPGHOME", &home);
    let words = ["an OpenPGP signature that cannot be checked", "the policy has no OpenPGP keys"];
    crate::support::run(&mut command, b"").refused(&words);
    std::fs::write(server.bare.join("dev.asc"), gpg(&["--armor", "--export", "dev@example.com"])).unwrap();
    server.policy(&format!("schema = 1\n[signatures]\nopenpgp-keys-files = [\"dev.asc\"]\n{DEMANDS}"));
    server.accepts(&["main"], &[]);
    let mut command = repo.command("gpgconf", repo.root());
    crate::support::run(command.arg("--homedir").arg(&home).args(["--kill", "all"]), b"").ok();
}

#[test]
fn a_push_cannot_bring_the_key_that_it_is_signed_with() {
    let signing = Signing::new();
    let server = &signing.server;
    let (dev, own) = (signing.make("dev"), signing.make("own"));
    let line = |name: &str, key: &str| format!("{name}@example.com {key}\n");
    let policy = "schema = 1\n[signatures]\nallowed-signers-files = [\"keys/signers\"]\n";
    server.repo.write("gatepost.toml", format!("{policy}{DEMANDS}"));
    server.repo.write("keys/signers", line("dev", &dev));
    server.repo.commit_all("ci: demand signatures");
    server.take_in();
    server.repo.write("keys/signers", line("dev", &dev) + &line("own", &own));
    server.repo.git(["add", "--all"]);
    signing.commit(Some("own"), TODAY);
    server.refuses(&["main"], &["GP-REF-040", "a valid, untrusted SSH signature"]);
    // Somebody who is trusted already brings the key in; from the next push on it counts.
    signing.signing_with("dev");
    server.repo.git(["commit", "-q", "--amend", "--no-edit", "-S"]);
    server.accepts(&["main"], &[]);
    signing.commit(Some("own"), TODAY);
    server.accepts(&["main"], &[]);
    // Nor can it leave a list of keys behind that nobody understands.
    server.repo.write("keys/signers", "dev@example.com ssh-ed25519\n");
    server.repo.git(["add", "--all"]);
    signing.commit(Some("dev"), TODAY);
    server.refuses(&["main"], &["keys/signers", "line 1: there is no key after", "cannot be obeyed"]);
}

#[test]
fn what_verifies_is_never_missing_in_silence() {
    let signing = Signing::new();
    let server = &signing.server;
    let dev = signing.make("dev");
    signing.demands(&format!("dev@example.com {dev}\n"), "");
    signing.commit(Some("dev"), TODAY);
    server.script("pre-receive", &format!("#!/bin/sh\nPATH=/nowhere exec {HOOK}\n"));
    server.refuses(&["main"], &["`ssh-keygen`, which is not on PATH", "install OpenSSH", "INCOMPLETE"]);
    // Where nothing is demanded nothing is verified.
    server.accepts(&["main:refs/heads/feature/x"], &[]);
    // One that says what nobody expects has not verified anything either.
    let tools = server.repo.beside("tools");
    std::fs::create_dir(&tools).unwrap();
    std::fs::copy("/bin/true", tools.join("ssh-keygen")).unwrap();
    server.script("pre-receive", &format!("#!/bin/sh\nPATH={} exec {HOOK}\n", tools.display()));
    server.refuses(&["main"], &["a signature could not be verified", "`ssh-keygen` failed"]);
}

#[test]
fn a_list_of_keys_that_cannot_be_read_breaks_the_policy() {
    let signing = Signing::new();
    let server = &signing.server;
    let check = || {
        server.repo.run(
            crate::support::GATEPOST,
            ["config", "check", "--config", "gatepost.toml"],
            &server.bare,
            b"",
        )
    };
    signing.demands("dev@example.com valid_before=\"20240101\" ssh-ed25519 AAAA\n", "");
    let words = ["\"signers\": line 1: `valid_before` is neither an option nor a key type"];
    check().failed(&[2], &words);
    signing.commit(None, TODAY);
    // The pusher learns that it is broken, and nothing of what stands in it.
    let run = server.refuses(&["main"], &["the server's policy is broken"]);
    assert!(!run.said().contains("valid_before"), "{}", run.said());
    std::fs::remove_file(server.bare.join("signers")).unwrap();
    check().failed(&[2], &["\"signers\", which cannot be read"]);
    server.policy(&format!("schema = 1\n{DEMANDS}"));
    check().failed(&[2], &["wants trusted signatures, and nobody is trusted", "[signatures]"]);
}
