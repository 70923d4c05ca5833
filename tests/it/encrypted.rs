//! Encrypted files under each setting of `encrypted`, committed with real git; and what the secret rules make
//! of them. The files are put together when the tests run: their ciphertext is noise, their metadata is as the tools
//! write it.

use crate::support::{Repo, Run, leak, token};
use std::fmt::Write as _;

const CODE: &str = "GP-FILE-005";
const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/1a2b3c4d-0000-4000-8000-000000000001";
const OTHER: &str = "arn:aws:kms:eu-central-1:444455556666:key/9f8e7d6c-0000-4000-8000-000000000002";

/// Noise: the same for the same seed.
struct Noise(u64);

impl Noise {
    fn text(&mut self, length: usize, digits: &[u8]) -> String {
        let next = |state: &mut u64| {
            // xorshift64*: evenly spread is all that is asked of it.
            *state ^= *state >> 12;
            *state ^= *state << 25;
            *state ^= *state >> 27;
            state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33
        };
        let at = |number: u64| usize::try_from(number).unwrap() % digits.len();
        (0..length).map(|_| char::from(digits[at(next(&mut self.0))])).collect()
    }

    /// Base64 of `bytes` bytes.
    fn base64(&mut self, bytes: usize) -> String {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = self.text(bytes.div_ceil(3) * 4, DIGITS);
        let padding = (3 - bytes % 3) % 3;
        text.truncate(text.len() - padding);
        if padding > 0 {
            // The last digit before the padding has bits to spare, and they are zero.
            text.pop();
            text.push('A');
        }
        text + &"=".repeat(padding)
    }

    fn value(&mut self, bytes: usize) -> String {
        let (data, iv, tag) = (self.base64(bytes), self.base64(32), self.base64(16));
        format!("ENC[AES256_GCM,data:{data},iv:{iv},tag:{tag},type:str]")
    }

    /// A file of SOPS in YAML for some keys of AWS and one of age.
    fn sops(&mut self, arns: &[&str]) -> String {
        let mut text = format!(
            "github_token: {}\ndb:\n    password: {}\nsops:\n    kms:\n",
            self.value(40),
            self.value(16)
        );
        for arn in arns {
            let enc = self.base64(184);
            let _ = writeln!(
                text,
                "        - arn: {arn}\n          created_at: \"2026-01-01T00:00:00Z\"\n          enc: {enc}\n          aws_profile: \"\""
            );
        }
        let block = self.armored("AGE ENCRYPTED FILE", 240).replace('\n', "\n            ");
        let _ = writeln!(
            text,
            "    age:\n        - recipient: age1{}",
            self.text(58, b"qpzry9x8gf2tvdw0s3jn54khce6mua7l")
        );
        let _ = writeln!(text, "          enc: |\n            {}", block.trim_end());
        let _ = writeln!(text, "    lastmodified: \"2026-01-01T00:00:00Z\"\n    mac: {}", self.value(128));
        text + "    unencrypted_suffix: _unencrypted\n    version: 3.10.2\n"
    }

    fn armored(&mut self, label: &str, bytes: usize) -> String {
        let body = self.base64(bytes);
        let lines: Vec<&str> =
            body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
    }

    fn vault(&mut self, header: &str, indent: &str) -> String {
        let lines: Vec<String> = (0..8).map(|_| format!("{indent}{}", self.text(80, b"36"))).collect();
        format!("{indent}$ANSIBLE_VAULT;{header}\n{}\n", lines.join("\n"))
    }

    fn sealed(&mut self) -> String {
        let (one, two) = (self.base64(560), self.base64(560));
        format!(
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: db\nspec:\n  encryptedData:\n    password: AgB{one}\n    token: AgB{two}\n  template:\n    metadata:\n      name: db\n"
        )
    }
}

fn policy(repo: &Repo, files: &str) {
    repo.write("gatepost.toml", format!("schema = 1\n\n[files]\nbinary = \"allow\"\n{files}"));
}

/// A commit of everything there is, through the hooks.
fn commit(repo: &Repo) -> Run {
    repo.git(["add", "-A"]);
    repo.try_git(["commit", "-m", "feat: add settings"])
}

#[track_caller]
fn refused(repo: &Repo, words: &[&str]) {
    let before = repo.head();
    commit(repo).refused(&[CODE]).refused(words);
    assert_eq!(repo.head(), before, "HEAD moved");
}

#[track_caller]
fn accepted(repo: &Repo) {
    let before = repo.head();
    commit(repo).ok();
    assert_ne!(repo.head(), before);
}

#[test]
fn allowed_by_default() {
    let repo = Repo::gated();
    repo.write("secrets.yaml", Noise(1).sops(&[KEY]));
    accepted(&repo);
}

#[test]
fn approved_when_every_key_is() {
    let repo = Repo::gated();
    let approved =
        |keys: &str| policy(&repo, &format!("encrypted = \"approved\"\nkey-management = [{keys}]\n"));
    approved("\"aws-kms:arn:aws:kms:*:111122223333:key/*\", \"age:age1*\"");
    repo.write("deploy/secrets.yaml", Noise(2).sops(&[KEY]));
    accepted(&repo);

    // One more recipient in a file that is there already.
    repo.write("deploy/secrets.yaml", Noise(3).sops(&[KEY, OTHER]));
    refused(&repo, &["deploy/secrets.yaml", OTHER, "sops updatekeys deploy/secrets.yaml"]);
    approved("\"aws-kms:arn:aws:kms:*:111122223333:key/*\", \"age:age1*\", \"aws-kms:*:444455556666:*\"");
    accepted(&repo);

    repo.write("group_vars/all.yml", Noise(4).vault("1.2;AES256;laptop", ""));
    refused(&repo, &["ansible-vault:laptop", "ansible-vault rekey"]);
    repo.write("group_vars/all.yml", "plain: true\n");
    repo.write("deploy/broken.yaml", Noise(5).sops(&[KEY]).replace("    kms:\n", "    kms: &keys\n"));
    refused(
        &repo,
        &["deploy/broken.yaml", "not every key of its SOPS data can be read", "not in block style"],
    );
}

#[test]
fn denied_in_every_format() {
    let repo = Repo::gated();
    policy(&repo, "level = \"note\"\nencrypted = \"deny\"\n");
    accepted(&repo);
    let mut noise = Noise(6);
    let files: [(&str, &str, Vec<u8>); 8] = [
        ("sops.yaml", "SOPS", noise.sops(&[KEY]).into_bytes()),
        ("sops.json", "SOPS", format!("{{\"data\": \"{}\", \"sops\": {{}}}}", noise.value(30)).into_bytes()),
        ("vault.yml", "Ansible Vault", noise.vault("1.1;AES256", "").into_bytes()),
        (
            "inline.yml",
            "Ansible Vault",
            format!("key: !vault |\n{}", noise.vault("1.1;AES256", "  ")).into_bytes(),
        ),
        ("crypt.bin", "git-crypt", [&b"\0GITCRYPT\0"[..], noise.base64(60).as_bytes()].concat()),
        ("sealed.yaml", "Sealed Secrets", noise.sealed().into_bytes()),
        ("message.asc", "OpenPGP", noise.armored("PGP MESSAGE", 300).into_bytes()),
        ("file.age", "age", format!("age-encryption.org/v1\n-> X25519 {}\n", noise.base64(32)).into_bytes()),
    ];
    for (name, format, bytes) in files {
        repo.write(name, bytes);
        refused(&repo, &[name, format, "encrypted files are denied here"]);
        repo.git(["rm", "-q", "-f", name]);
    }
    repo.write("README.md", "SOPS writes `ENC[AES256_GCM,data:…]`, Ansible `$ANSIBLE_VAULT;1.1;AES256`.\n");
    accepted(&repo);
}

#[test]
fn a_file_that_was_not_read_is_counted() {
    let repo = Repo::gated();
    policy(&repo, "max-size = \"1 GiB\"\nencrypted = \"deny\"\n");
    repo.write("large.bin", vec![b'\n'; (50 << 20) + 1]);
    repo.git(["add", "-A"]);
    let run = repo.gatepost(["run", "pre-commit", "-f", "json"]).ok();
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let skipped = report["coverage"]["skipped"].as_array().unwrap();
    assert!(skipped.iter().any(|skip| skip["reason"] == "too-large"), "{skipped:?}");
}

#[test]
fn settings_that_make_no_sense_are_told_with_their_line() {
    let repo = Repo::gated();
    policy(&repo, "encrypted = \"approved\"\nkey-management = [\"awskms:arn:aws:kms:*\"]\n");
    let run =
        repo.gatepost(["config", "check"]).failed(&[2], &["gatepost.toml:6:", "did you mean `aws-kms`?"]);
    assert!(run.said().contains("key-management = ["), "{}", run.said());
    policy(&repo, "encrypted = \"aproved\"\n");
    repo.gatepost(["config", "check"]).failed(&[2], &["did you mean \"approved\"?"]);
}

/// What is encrypted as it should be is no secret to the rules; what stands beside it in the clear still is one.
#[test]
fn secret_rules_are_quiet_about_ciphertext() {
    let repo = Repo::new();
    for seed in 1..=40 {
        let mut noise = Noise(seed * 0x9e37_79b9);
        repo.write(format!("sops-{seed}.yaml"), noise.sops(&[KEY, OTHER]));
        repo.write(
            format!("sops-{seed}.env"),
            format!("GITHUB_TOKEN={}\nAWS_SECRET_ACCESS_KEY={}\n", noise.value(40), noise.value(40)),
        );
        repo.write(format!("vault-{seed}.yml"), noise.vault("1.2;AES256;prod", ""));
        repo.write(
            format!("inline-{seed}.yml"),
            format!("password: !vault |\n{}", noise.vault("1.1;AES256", "    ")),
        );
        repo.write(format!("sealed-{seed}.yaml"), noise.sealed());
    }
    let run = repo.gatepost(["scan", "--min-confidence", "low", "-f", "json", "."]).ok();
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["coverage"]["files"], 200);
    assert_eq!(
        (&report["findings"], &report["suppressed"]),
        (&serde_json::json!([]), &serde_json::json!([]))
    );
    repo.write("sops-1.yaml", leak(&token()) + &Noise(1).sops(&[KEY]));
    repo.gatepost(["scan", "."]).failed(&[1], &["github-pat", "sops-1.yaml"]);
}
