//! Signatures made by the real `git`, `ssh-keygen` and `gpg`, judged here and by `git verify-commit` and `git verify-tag`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use gatepost_core::signature::{At, Trust};
use gatepost_core::{ObjectId, Signature, SignatureState, Timestamp};
use gatepost_source::{Backend, ErrorKind, ObjectKind, Repository, Verifier, open, open_with};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use support::Scratch;

const TRUSTED: SignatureState = SignatureState::Valid { trusted: true };
const UNTRUSTED: SignatureState = SignatureState::Valid { trusted: false };

/// 2026-05-28, whatever day it is.
const NOW: Timestamp = Timestamp { seconds: 1_780_000_000, offset_minutes: 0 };

const IN_2023: &str = "1690000000 +0200";
const IN_2025: &str = "1750000000 -0700";
const IN_2026: &str = "1779000000 +0000";

fn run(directory: &Path, program: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .env("LC_ALL", "C")
        .env("GNUPGHOME", directory.join("gnupg"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    output
}

/// A repository, keys, and what is trusted of them.
struct Bench {
    scratch: Scratch,
    signers: String,
    revoked: String,
    openpgp: Vec<Vec<u8>>,
}

impl Bench {
    fn new(format: &str) -> Self {
        let scratch = Scratch::with(&[&format!("--object-format={format}")]);
        scratch.commit("the first");
        for (key, value) in [("gpg.format", "ssh"), ("gpg.ssh.allowedSignersFile", "../signers")] {
            scratch.git(&["config", key, value]);
        }
        scratch.git(&["config", "gpg.ssh.revocationFile", "../revoked"]);
        let bench = Self { scratch, signers: String::new(), revoked: String::new(), openpgp: Vec::new() };
        bench.write_down();
        bench
    }

    fn root(&self) -> &Path {
        self.scratch.root()
    }

    fn key(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// Makes an SSH key; its public half.
    fn make_key(&self, name: &str) -> String {
        run(self.root(), "ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", name]);
        std::fs::read_to_string(self.key(&format!("{name}.pub"))).unwrap().trim().to_owned()
    }

    /// Makes an SSH key that is trusted with these options.
    fn trust(&mut self, name: &str, options: &str) {
        let public = self.make_key(name);
        self.signers += &format!("{name}@example.com {options} {public}\n");
        self.write_down();
    }

    /// What Git is to go by.
    fn write_down(&self) {
        std::fs::write(self.root().join("signers"), &self.signers).unwrap();
        std::fs::write(self.root().join("revoked"), &self.revoked).unwrap();
    }

    fn verifier(&self, at: At) -> Verifier {
        let mut trust = Trust::default();
        trust.at = at;
        trust.add_allowed_signers(&self.signers).unwrap();
        for line in self.revoked.lines() {
            trust.revoke(line).unwrap();
        }
        for keys in &self.openpgp {
            trust.add_openpgp_keys(keys).unwrap();
        }
        Verifier::new(trust, NOW)
    }

    fn repository(&self) -> Box<dyn Repository> {
        open(Some(&self.scratch.path())).unwrap()
    }

    fn judged(&self, at: At, id: &ObjectId) -> Signature {
        self.verifier(at).signature(self.repository().as_ref(), id).unwrap()
    }

    fn env<'a>(&self, date: &'a str) -> [(&'static str, &'a str); 2] {
        [("GIT_COMMITTER_DATE", date), ("GIT_AUTHOR_DATE", IN_2023)]
    }

    /// A commit or a tag, signed by Git.
    fn signed(&self, kind: ObjectKind, name: &str, date: &str, message: &str) -> ObjectId {
        let key = format!("user.signingKey={}", self.key(name).display());
        let mut arguments = vec!["-c", &key];
        let tag = format!("tag-{name}-{}", date.split(' ').next().unwrap());
        let revision = match kind {
            ObjectKind::Tag => {
                arguments.extend(["tag", "--force", "-s", "-m", message, &tag]);
                format!("refs/tags/{tag}")
            }
            _ => {
                arguments.extend(["commit", "-q", "--allow-empty", "-S", "-m", message]);
                "HEAD".to_owned()
            }
        };
        let output = self.scratch.try_git(&self.scratch.path(), &arguments, &self.env(date));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        self.scratch.id(&revision)
    }

    fn raw(&self, id: &ObjectId) -> Vec<u8> {
        let mut raw = Vec::new();
        self.repository().raw(id, &mut raw).unwrap();
        raw
    }

    fn store(&self, kind: ObjectKind, raw: &[u8]) -> ObjectId {
        let arguments = ["hash-object", "--literally", "-w", "-t", kind.name(), "--stdin"];
        ObjectId::from_hex(self.scratch.git_with_input(&arguments, raw).as_bytes()).unwrap()
    }

    /// Whether Git takes the signature.
    fn is_good_for_git(&self, kind: ObjectKind, id: &ObjectId) -> bool {
        let command = if kind == ObjectKind::Tag { "verify-tag" } else { "verify-commit" };
        let home = self.root().join("verifying");
        let env = [("GNUPGHOME", home.to_str().unwrap()), ("TZ", "UTC")];
        self.scratch.try_git(&self.scratch.path(), &[command, &id.to_string()], &env).status.success()
    }

    /// A commit or a tag at a date, unsigned, and the bytes that a signature of it is made over.
    fn unsigned(&self, kind: ObjectKind, date: &str) -> (ObjectId, Vec<u8>) {
        let path = self.scratch.path();
        let (arguments, revision) = match kind {
            ObjectKind::Tag => (vec!["tag", "--force", "-m", "a tag", "plain"], "refs/tags/plain"),
            _ => (vec!["commit", "-q", "--allow-empty", "-m", "a commit"], "HEAD"),
        };
        assert!(self.scratch.try_git(&path, &arguments, &self.env(date)).status.success());
        let id = self.scratch.id(revision);
        (id, self.raw(&id))
    }

    /// The object with a signature put into it.
    fn with_signature(&self, kind: ObjectKind, payload: &[u8], signature: &str) -> ObjectId {
        if kind == ObjectKind::Tag {
            return self.store(kind, &[payload, signature.as_bytes()].concat());
        }
        let header = if self.repository().info().hash_len == 32 { "gpgsig-sha256" } else { "gpgsig" };
        let folded = format!("{header} {}\n", signature.trim_end().replace('\n', "\n "));
        let text = String::from_utf8(payload.to_vec()).unwrap();
        self.store(kind, text.replacen("\n\n", &format!("\n{folded}\n"), 1).as_bytes())
    }

    /// A signature by `ssh-keygen` itself.
    fn sign_with(&self, key: &str, namespace: &str, payload: &[u8]) -> String {
        std::fs::write(self.root().join("to-sign"), payload).unwrap();
        let _ = std::fs::remove_file(self.root().join("to-sign.sig"));
        run(self.root(), "ssh-keygen", &["-q", "-Y", "sign", "-n", namespace, "-f", key, "to-sign"]);
        std::fs::read_to_string(self.root().join("to-sign.sig")).unwrap()
    }

    /// That an object is judged so, and that Git says the same where it has a say.
    fn expect(
        &self,
        kind: ObjectKind,
        id: &ObjectId,
        at_commit: SignatureState,
        at_now: SignatureState,
        what: &str,
    ) {
        let found = self.judged(At::Commit, id);
        assert_eq!(found.state, at_commit, "{what}, {}: {found}", kind.name());
        let now = self.judged(At::Now, id);
        assert_eq!(now.state, at_now, "{what} now, {}: {now}", kind.name());
        assert_eq!(
            self.is_good_for_git(kind, id),
            at_commit == TRUSTED,
            "Git: {what}, {}: {found}",
            kind.name()
        );
    }
}

const BOTH: [ObjectKind; 2] = [ObjectKind::Commit, ObjectKind::Tag];

fn ssh_signatures(format: &str) {
    let mut bench = Bench::new(format);
    bench.trust("good", "");
    bench.trust("old", "valid-before=\"20240101\"");
    bench.trust("later", "valid-after=\"20300101\"");
    bench.trust("file", "namespaces=\"file\"");
    bench.trust("gone", "");
    bench.revoked = format!("{}\n", std::fs::read_to_string(bench.key("gone.pub")).unwrap().trim());
    bench.make_key("unknown");
    bench.write_down();
    use SignatureState::{Bad, Expired, NotYetValid, Revoked, Unsigned, WrongNamespace};
    for kind in BOTH {
        for (key, date, at_commit, at_now) in [
            ("good", IN_2026, TRUSTED, TRUSTED),
            ("old", IN_2025, Expired, Expired),
            // With another date than that on which it was made.
            ("old", IN_2023, TRUSTED, Expired),
            ("later", IN_2026, NotYetValid, NotYetValid),
            ("file", IN_2026, WrongNamespace, WrongNamespace),
            ("gone", IN_2026, Revoked, Revoked),
            ("unknown", IN_2026, UNTRUSTED, UNTRUSTED),
        ] {
            let id = bench.signed(kind, key, date, "subject\n\nbody");
            bench.expect(kind, &id, at_commit, at_now, key);
        }
        let good = bench.signed(kind, "good", IN_2026, "subject");
        let found = bench.judged(At::Commit, &good);
        assert_eq!(found.signer.as_deref(), Some("good@example.com"));
        let listed = run(bench.root(), "ssh-keygen", &["-l", "-f", "good.pub"]).stdout;
        assert!(String::from_utf8_lossy(&listed).contains(found.key.as_deref().unwrap()), "{found}");
        let changed = String::from_utf8(bench.raw(&good)).unwrap().replace("\n\nsubject", "\n\nanother");
        bench.expect(kind, &bench.store(kind, changed.as_bytes()), Bad, Bad, "changed");
        let (plain, payload) = bench.unsigned(kind, IN_2026);
        bench.expect(kind, &plain, Unsigned, Unsigned, "unsigned");
        let for_a_file = bench.with_signature(kind, &payload, &bench.sign_with("good", "file", &payload));
        bench.expect(kind, &for_a_file, WrongNamespace, WrongNamespace, "made for a file");
        let broken = bench.sign_with("good", "git", &payload).replacen("U1NIU0lH", "U1NIU0lI", 1);
        bench.expect(kind, &bench.with_signature(kind, &payload, &broken), Bad, Bad, "broken");
    }
}

#[test]
fn ssh_signatures_are_judged_as_git_does() {
    ssh_signatures("sha1");
}

#[test]
fn ssh_signatures_are_judged_as_git_does_with_sha256() {
    ssh_signatures("sha256");
}

#[test]
fn whatever_git_signs_verifies() {
    for format in ["sha1", "sha256"] {
        let mut bench = Bench::new(format);
        bench.trust("good", "");
        bench.scratch.git(&["config", "user.signingKey", bench.key("good").to_str().unwrap()]);
        bench.scratch.git(&["config", "commit.gpgSign", "true"]);
        let path = bench.scratch.path();
        let messages: [&[u8]; 8] = [
            b"",
            b"one",
            b"no end",
            b"gpgsig in the subject\n\ngpgsig -----BEGIN SSH SIGNATURE-----\n folded\n",
            b"x\r\n\r\nCRLF\r\n",
            b"caf\xe9 is no UTF-8\n",
            b"blank at the end\n\n\n \n",
            b"-----BEGIN SSH SIGNATURE-----\nquoted\n-----END SSH SIGNATURE-----\n",
        ];
        let mut made = Vec::new();
        for (number, message) in messages.iter().enumerate() {
            let file = bench.root().join("message");
            std::fs::write(&file, message).unwrap();
            let encoding = if number % 2 == 0 { "UTF-8" } else { "ISO-8859-1" };
            let encoding = format!("i18n.commitEncoding={encoding}");
            let file = file.to_str().unwrap();
            let commit = [
                "-c",
                &encoding,
                "commit",
                "-q",
                "--allow-empty",
                "--allow-empty-message",
                "--cleanup=verbatim",
                "-F",
                file,
            ];
            assert!(bench.scratch.try_git(&path, &commit, &[]).status.success());
            made.push((ObjectKind::Commit, bench.scratch.id("HEAD")));
            // Git puts the signature right behind a message without an end, where it finds it no more itself.
            if !message.ends_with(b"\n") {
                continue;
            }
            let tag = format!("t{number}");
            bench.scratch.git(&["tag", "-s", "--cleanup=verbatim", "-F", file, &tag]);
            made.push((ObjectKind::Tag, bench.scratch.id(&tag)));
        }
        // A merge of a signed tag has the whole tag in a header, with its signature.
        bench.scratch.git(&["checkout", "-q", "-b", "side", "HEAD~1"]);
        bench.scratch.commit("aside");
        bench.scratch.git(&["tag", "-s", "-m", "to merge", "side-1"]);
        bench.scratch.git(&["checkout", "-q", "main"]);
        bench.scratch.git(&["merge", "-q", "--no-ff", "-m", "merge", "side-1"]);
        let merge = bench.scratch.id("HEAD");
        assert!(String::from_utf8_lossy(&bench.raw(&merge)).contains("\nmergetag object "));
        made.push((ObjectKind::Commit, merge));
        let verifier = bench.verifier(At::Now);
        let repository = bench.repository();
        let ids: Vec<ObjectId> = made.iter().map(|(_, id)| *id).collect();
        verifier.prepare(repository.as_ref(), &ids, 4);
        for (kind, id) in made {
            let found = verifier.signature(repository.as_ref(), &id).unwrap();
            assert_eq!(found.state, TRUSTED, "{format} {} {id}: {found}", kind.name());
            assert!(bench.is_good_for_git(kind, &id), "{format} {} {id}", kind.name());
        }
    }
}

#[test]
fn certificates_are_as_good_as_their_authority() {
    let mut bench = Bench::new("sha1");
    let authority = bench.make_key("authority");
    bench.make_key("other");
    let make = |name: &str, by: &str, validity: &str| {
        bench.make_key(name);
        let public = format!("{name}.pub");
        let who = format!("{name}@example.com");
        run(bench.root(), "ssh-keygen", &["-q", "-s", by, "-I", name, "-n", &who, "-V", validity, &public]);
    };
    make("dev", "authority", "20200101:20400101");
    make("past", "authority", "20200101:20240101");
    make("stranger", "other", "20200101:20400101");
    bench.signers = format!("*@example.com cert-authority,namespaces=\"git\" {authority}\n");
    let kind = ObjectKind::Commit;
    let sign = |bench: &Bench, name: &str, date: &str| {
        let (_, payload) = bench.unsigned(kind, date);
        let signature = bench.sign_with(&format!("{name}-cert.pub"), "git", &payload);
        bench.with_signature(kind, &payload, &signature)
    };
    bench.write_down();
    let dev = sign(&bench, "dev", IN_2026);
    bench.expect(kind, &dev, TRUSTED, TRUSTED, "dev");
    let past = sign(&bench, "past", IN_2025);
    bench.expect(kind, &past, SignatureState::Expired, SignatureState::Expired, "past");
    let backdated = sign(&bench, "past", IN_2023);
    bench.expect(kind, &backdated, TRUSTED, SignatureState::Expired, "past, backdated");
    let stranger = sign(&bench, "stranger", IN_2026);
    bench.expect(kind, &stranger, SignatureState::UnknownKey, SignatureState::UnknownKey, "stranger");
    // Whoever revokes the key or its authority revokes the certificate.
    for name in ["dev", "authority"] {
        let listed = run(bench.root(), "ssh-keygen", &["-l", "-f", &format!("{name}.pub")]).stdout;
        let listed = String::from_utf8(listed).unwrap();
        bench.revoked = format!("{}\n", listed.split(' ').nth(1).unwrap());
        let found = bench.judged(At::Commit, &dev);
        assert_eq!(found.state, SignatureState::Revoked, "{name}: {found}");
    }
}

#[test]
fn a_revocation_list_of_openssh_counts_for_known_and_unknown_keys() {
    let mut bench = Bench::new("sha1");
    bench.trust("good", "");
    bench.trust("gone", "");
    bench.make_key("unknown");
    bench.make_key("harmless");
    run(bench.root(), "ssh-keygen", &["-q", "-k", "-f", "krl", "gone.pub", "unknown.pub"]);
    let mut trust = Trust::default();
    trust.add_allowed_signers(&bench.signers).unwrap();
    let bytes = std::fs::read(bench.root().join("krl")).unwrap();
    let file = |bytes: &[u8]| gatepost_core::signature::TrustFile {
        kind: gatepost_core::signature::TrustFileKind::RevokedKeys,
        name: "krl".to_owned(),
        bytes: bytes.to_vec(),
    };
    let mut broken = trust.clone();
    trust.add_file(&file(&bytes)).unwrap();
    let verifier = Verifier::new(trust, NOW);
    let (repository, kind) = (bench.repository(), ObjectKind::Commit);
    for (name, state) in [
        ("good", TRUSTED),
        ("gone", SignatureState::Revoked),
        ("unknown", SignatureState::Revoked),
        ("harmless", UNTRUSTED),
    ] {
        let id = bench.signed(kind, name, IN_2026, "subject");
        assert_eq!(verifier.signature(repository.as_ref(), &id).unwrap().state, state, "{name}");
    }
    // A list that cannot be read revokes nobody knows whom.
    broken.add_file(&file(&bytes[..bytes.len() - 9])).unwrap();
    let good = bench.signed(kind, "good", IN_2026, "subject");
    let error = Verifier::new(broken, NOW).signature(repository.as_ref(), &good).unwrap_err();
    assert_eq!(error.kind, ErrorKind::SignatureProgram);
    assert!(error.message.contains("list of revoked keys is broken"), "{error}");
}

/// Stops the agent that signing started.
struct Agent(PathBuf);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf").arg("--homedir").arg(&self.0).args(["--kill", "all"]).output();
    }
}

fn gpg(bench: &Bench, arguments: &[&str]) -> Vec<u8> {
    let always = ["--batch", "--quiet", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", ""];
    run(bench.root(), "gpg", &[always.as_slice(), arguments].concat()).stdout
}

/// Makes a folder that `gpg` takes for its home.
fn gpg_home(bench: &Bench, name: &str) -> PathBuf {
    let home = bench.root().join(name);
    run(bench.root(), "mkdir", &["-m", "700", home.to_str().unwrap()]);
    home
}

#[test]
fn openpgp_signatures_are_judged_as_git_does_and_by_their_time() {
    use SignatureState::{Bad, Expired, NotYetValid, Revoked, UnknownKey};
    let mut bench = Bench::new("sha1");
    bench.scratch.git(&["config", "gpg.format", "openpgp"]);
    let _agent = Agent(gpg_home(&bench, "gnupg"));
    for (name, made, life) in [
        ("good", "20200101T000000", "never"),
        ("old", "20200101T000000", "1400d"),
        ("gone", "20200101T000000", "never"),
        ("named", "20200101T000000", "never"),
        ("young", "20260101T000000", "never"),
        ("unknown", "20200101T000000", "never"),
    ] {
        let who = format!("{name} <{name}@example.com>");
        gpg(&bench, &["--faked-system-time", made, "--quick-gen-key", &who, "ed25519", "sign", life]);
    }
    let fingerprint = |name: &str| {
        let listed = String::from_utf8(gpg(&bench, &["--list-keys", "--with-colons", name])).unwrap();
        let line = listed.lines().find(|line| line.starts_with("fpr:")).unwrap().to_owned();
        line.split(':').nth(9).unwrap().to_owned()
    };
    let sign = |name: &str, at: &str, payload: &[u8]| {
        std::fs::write(bench.root().join("to-sign"), payload).unwrap();
        let who = format!("{name}@example.com");
        let arguments =
            ["--faked-system-time", at, "-u", &who, "--armor", "--detach-sign", "-o", "-", "to-sign"];
        String::from_utf8(gpg(&bench, &arguments)).unwrap()
    };
    let cases = [
        ("good", IN_2026, "20260517T064001", TRUSTED, TRUSTED),
        // Signed later than the commit says: an editor, a passphrase.
        ("good", IN_2026, "20260517T070000", TRUSTED, TRUSTED),
        ("old", IN_2023, "20230722T062640", TRUSTED, Expired),
        ("old", IN_2025, "20231001T000000", Expired, Expired),
        ("gone", IN_2026, "20260517T064001", Revoked, Revoked),
        ("gone", IN_2023, "20230722T062640", Revoked, Revoked),
        ("named", IN_2026, "20260517T064001", Revoked, Revoked),
        ("young", IN_2025, "20260517T064001", NotYetValid, NotYetValid),
        ("unknown", IN_2026, "20260517T064001", UnknownKey, UnknownKey),
    ];
    let mut made = Vec::new();
    for kind in BOTH {
        for (name, date, at, at_commit, at_now) in cases {
            let (_, payload) = bench.unsigned(kind, date);
            let id = bench.with_signature(kind, &payload, &sign(name, at, &payload));
            made.push((kind, id, name, at_commit, at_now));
            if name == "good" {
                let changed = String::from_utf8(bench.raw(&id)).unwrap().replace("\n\na ", "\n\nanother ");
                made.push((kind, bench.store(kind, changed.as_bytes()), "changed", Bad, Bad));
            }
        }
        let (_, payload) = bench.unsigned(kind, IN_2026);
        let twice = sign("good", "20260517T064001", &payload) + &sign("good", "20260517T064001", &payload);
        if kind == ObjectKind::Commit {
            made.push((kind, bench.with_signature(kind, &payload, &twice), "twice", Bad, Bad));
        }
    }
    // As Git itself signs.
    for kind in BOTH {
        let key = ["-c", "user.signingKey=good@example.com"];
        let (arguments, revision) = match kind {
            ObjectKind::Tag => (["tag", "-s", "-m", "a tag", "signed"].as_slice(), "refs/tags/signed"),
            _ => (["commit", "-q", "--allow-empty", "-S", "-m", "a commit"].as_slice(), "HEAD"),
        };
        let home = bench.root().join("gnupg");
        let env = [("GNUPGHOME", home.to_str().unwrap()), ("GIT_COMMITTER_DATE", IN_2026)];
        let output = bench.scratch.try_git(&bench.scratch.path(), &[&key, arguments].concat(), &env);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        made.push((kind, bench.scratch.id(revision), "by Git", TRUSTED, TRUSTED));
    }
    // What others get of the keys.
    let gone = format!("gnupg/openpgp-revocs.d/{}.rev", fingerprint("gone"));
    let certificate = std::fs::read_to_string(bench.root().join(&gone)).unwrap().replace("\n:---", "\n---");
    std::fs::write(bench.root().join(&gone), certificate).unwrap();
    gpg(&bench, &["--import", &gone]);
    let (named, good) = (fingerprint("named"), fingerprint("good"));
    let public = gpg(&bench, &["--export", "--armor", "good", "old", "gone", "named", "young"]);
    let verifying = gpg_home(&bench, "verifying");
    std::fs::write(bench.root().join("public.asc"), &public).unwrap();
    gpg(&bench, &["--homedir", verifying.to_str().unwrap(), "--import", "public.asc"]);
    bench.openpgp = vec![public];
    bench.revoked = format!("{named}\n");
    let (at_commit, at_now, repository) =
        (bench.verifier(At::Commit), bench.verifier(At::Now), bench.repository());
    for (kind, id, name, commit, now) in &made {
        let found = at_commit.signature(repository.as_ref(), id).unwrap();
        assert_eq!(found.state, *commit, "{name}, {}: {found}", kind.name());
        let later = at_now.signature(repository.as_ref(), id).unwrap();
        assert_eq!(later.state, *now, "{name} now, {}: {later}", kind.name());
        // Git asks whether the key is valid today; some versions take one that has expired. It knows no list of revoked keys.
        let git = bench.is_good_for_git(*kind, id);
        match *name {
            "old" => {}
            "named" | "young" => assert!(git, "{name}, {}: {found}", kind.name()),
            _ => assert_eq!(git, *commit == TRUSTED, "{name}, {}: {found}", kind.name()),
        }
        if *name == "good" {
            assert_eq!(found.signer.as_deref(), Some("good <good@example.com>"));
            assert_eq!(found.key.as_ref(), Some(&good));
        }
    }
    // Without a key nobody can tell, and a private key is none.
    bench.openpgp.clear();
    let (_, good, ..) = &made[0];
    assert_eq!(bench.judged(At::Commit, good).state, UnknownKey);
}

#[test]
fn what_is_no_commit_and_no_tag_has_no_signature() {
    let bench = Bench::new("sha1");
    let tree = bench.scratch.id("HEAD^{tree}");
    let error = bench.verifier(At::Commit).signature(bench.repository().as_ref(), &tree).unwrap_err();
    assert!(error.message.contains("only commits and tags are signed"), "{error}");
    let (id, payload) = bench.unsigned(ObjectKind::Commit, IN_2026);
    assert_eq!(bench.judged(At::Commit, &id), Signature::unsigned());
    for (signature, state) in [
        ("-----BEGIN SIGNED MESSAGE-----\nAAAA\n-----END SIGNED MESSAGE-----\n", SignatureState::Unsupported),
        ("-----BEGIN NONSENSE-----\n", SignatureState::Bad),
    ] {
        let id = bench.with_signature(ObjectKind::Commit, &payload, signature);
        assert_eq!(bench.judged(At::Commit, &id).state, state);
    }
}

#[test]
fn both_backends_have_the_same_bytes() {
    let mut bench = Bench::new("sha1");
    bench.trust("good", "");
    for kind in BOTH {
        let id = bench.signed(kind, "good", IN_2026, "subject");
        let stored = run(&bench.scratch.path(), "git", &["cat-file", kind.name(), &id.to_string()]).stdout;
        for backend in [Backend::Libgit2, Backend::GitCommand] {
            let repository = open_with(Some(&bench.scratch.path()), backend).unwrap();
            let mut raw = vec![1, 2, 3];
            assert_eq!(repository.raw(&id, &mut raw).unwrap(), kind);
            assert_eq!(raw, stored, "{backend:?}");
        }
    }
}
