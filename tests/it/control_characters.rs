//! Whoever pushes chooses paths, messages, names and much else. None of it does anything to the terminal of whoever reads what
//! the gates say of it: the pusher, a colleague, an administrator.

use crate::receive::{HOOK, Server};
use crate::support::{GATEPOST, Repo, leak, run, token};
use gatepost_core::text::is_unsafe;
use std::ffi::OsString;

/// What does something to a terminal, turns text around, or hides in it.
const ATTACKS: &[(&str, &str)] = &[
    ("ESC", "\u{1b}[2J"),
    ("CSI of one byte", "\u{9b}31m"),
    ("OSC 8", "\u{1b}]8;;https://example.com\u{1b}\\here\u{1b}]8;;\u{1b}\\"),
    ("OSC 0", "\u{1b}]0;title\u{7}"),
    ("CR", "\rgatepost: clean"),
    ("BS", "\u{8}\u{8}\u{8}"),
    ("bidi override", "\u{202e}txt"),
    ("bidi isolate", "\u{2066}abc\u{2069}"),
    ("bidi marks", "\u{200e}\u{200f}\u{61c}"),
    ("zero width", "\u{200b}\u{200d}\u{feff}\u{2060}"),
    ("line separator", "\u{2028}gatepost: clean\u{85}"),
    ("tags", "\u{e0041}"),
];

#[track_caller]
fn harmless(name: &str, said: &[u8], words: &[&str]) {
    let said = std::str::from_utf8(said).unwrap();
    for word in words {
        assert!(said.contains(word), "{name}: does not say `{word}`:\n{said:?}");
    }
    let raw: Vec<char> = said.chars().filter(|c| is_unsafe(*c) && !matches!(c, '\n' | '\t')).collect();
    assert_eq!(raw, [] as [char; 0], "{name}: {said:?}");
}

/// A server whose hook keeps what it says.
fn server() -> Server {
    let server = Server::new();
    let said = server.bare.join("said");
    let save = format!("#!/bin/sh\n{HOOK} >'{0}' 2>&1; code=$?; cat '{0}'; exit $code\n", said.display());
    server.script("pre-receive", &save);
    server.repo.run("git", ["config", "receive.advertisePushOptions", "true"], &server.bare, b"").ok();
    server
}

/// What the hook says of a push that it refuses.
#[track_caller]
fn refused(server: &Server, arguments: &[OsString]) -> Vec<u8> {
    let before = server.refs();
    let said = server.bare.join("said");
    let _ = std::fs::remove_file(&said);
    server.push(arguments).refused(&["pre-receive hook declined"]);
    assert_eq!(server.refs(), before);
    std::fs::read(said).unwrap()
}

fn words(list: &[&str]) -> Vec<OsString> {
    list.iter().map(OsString::from).collect()
}

#[test]
fn paths_and_what_stands_in_files() {
    let server = server();
    for (name, attack) in ATTACKS {
        server.repo.git(["checkout", "-q", "-B", "topic", "main"]);
        server
            .repo
            .write(format!("a{attack}/b{attack}.env"), format!("# {attack}\n{}", leak(&token()).trim_end()));
        server.repo.commit_all("feat: add settings");
        harmless(name, &refused(&server, &words(&["topic"])), &["github-pat", ".env"]);
    }
}

#[test]
fn messages_and_who_wrote_them() {
    let server = server();
    for (name, attack) in ATTACKS {
        let (repo, secret) = (&server.repo, token());
        repo.git(["checkout", "-q", "-B", "topic", "main"]);
        let message =
            format!("feat no colon {attack}\n\nbody {attack}\n{}\nRefs{attack}: {attack}\n", leak(&secret));
        repo.write(".git/MSG", message);
        let mut commit = repo.command("git", repo.root());
        commit
            .env("GIT_AUTHOR_NAME", format!("A {attack} U Thor"))
            .env("GIT_AUTHOR_EMAIL", format!("a{attack}@example.com"))
            .env("GIT_COMMITTER_NAME", format!("C {attack} {secret}"))
            .args(["commit", "-q", "--allow-empty", "--cleanup=verbatim", "-F", ".git/MSG"]);
        run(&mut commit, b"").ok();
        let said = refused(&server, &words(&["topic"]));
        harmless(name, &said, &["github-pat", "GP-MSG-", "feat no colon"]);
    }
}

#[test]
fn names_of_branches_and_tags() {
    let server = server();
    server.policy("schema = 1\n\n[branch]\nlevel = \"deny\"\npatterns = [\"main\"]\n");
    for (name, attack) in ATTACKS {
        let repo = &server.repo;
        // Git itself refuses C0 in the name of a ref, and has no say in the name that a tag gives itself.
        let safe: String = attack.chars().filter(|c| *c >= '\u{80}').collect();
        if !safe.is_empty() {
            let refspec = OsString::from(format!("main:refs/heads/o{safe}dd"));
            harmless(name, &refused(&server, &[refspec]), &["GP-REF-", "dd"]);
        }
        let tag = format!(
            "object {}\ntype commit\ntag v1{attack}\ntagger T {attack} <t{attack}@example.com> 1700000000 +0000\n\n{attack}{}",
            repo.head(),
            leak(&token())
        );
        let id = run(
            repo.command("git", repo.root()).args([
                "hash-object",
                "-w",
                "-t",
                "tag",
                "--literally",
                "--stdin",
            ]),
            tag.as_bytes(),
        )
        .ok();
        let refspec = OsString::from(format!("{}:refs/tags/v1", id.out.trim()));
        harmless(name, &refused(&server, &[refspec]), &["github-pat", "tag v1"]);
    }
}

#[test]
fn push_options_and_policies() {
    let server = server();
    for (name, attack) in ATTACKS {
        let options = [
            format!("gatepost.exception=EX{attack}"),
            format!("gatepost.{attack}"),
            format!("gatepost.break-glass.reason={attack}"),
            format!("gatepost.break-glass.{attack}=x"),
        ];
        for option in options {
            let arguments = ["-o", &option, "main:refs/heads/topic"].map(OsString::from);
            harmless(name, &refused(&server, &arguments), &["error"]);
        }
        // A policy that is pushed is wrong in its own words.
        let quoted: String = attack
            .chars()
            .flat_map(|c| format!("\\U{:08X}", u32::from(c)).chars().collect::<Vec<_>>())
            .collect();
        let policies = [
            format!("schema = 1\n[\"a{quoted}\"]\n"),
            format!("schema = 1\n[secrets]\n\"b{quoted}\" = \"{quoted}\"\n"),
            format!("schema = 1\nextends = [\"x{quoted}\"]\n"),
            format!("schema = 1\n[message]\nscope-pattern = \"(x{quoted}\"\n"),
            format!("schema = 1\n# {attack}\n[message]\ntypes = [\"x{attack}\n"),
        ];
        for policy in policies {
            server.repo.git(["checkout", "-q", "-B", "policy", "main"]);
            server.repo.write("gatepost.toml", policy);
            server.repo.commit_all("chore: a policy");
            harmless(name, &refused(&server, &words(&["policy:main"])), &["error"]);
        }
    }
}

#[test]
fn the_hooks_at_home() {
    for (name, attack) in ATTACKS {
        let repo = Repo::gated();
        let token = token();
        repo.write(format!("a{attack}.env"), format!("# {attack}\n{}", leak(&token)));
        repo.git(["add", "-A"]);
        let said = repo.try_git(["commit", "-m", "feat: add settings"]).refused(&["github-pat"]).said();
        harmless(name, said.as_bytes(), &["github-pat"]);
        repo.git(["reset", "-q", "--hard"]);
        let said = repo.try_git(["commit", "--allow-empty", "-m", &format!("no colon {attack}")]);
        harmless(name, said.refused(&["GP-MSG-"]).said().as_bytes(), &["no colon"]);
        repo.write(format!("a{attack}.env"), format!("# {attack}\n{}", leak(&token)));
        repo.commit_all(&format!("no colon {attack}"));
        let bare = repo.beside("server.git");
        repo.git(["init", "-q", "--bare", bare.to_str().unwrap()]);
        repo.git(["remote", "add", "origin", bare.to_str().unwrap()]);
        let said = repo.try_git(["push", "origin", "main"]).refused(&["GP-MSG-", "github-pat"]).said();
        harmless(name, said.as_bytes(), &["no colon"]);
        // Names of files come as arguments, and may look like flags.
        if !attack.contains('\u{2028}') {
            let said =
                repo.gatepost(["run", "pre-commit", &format!("--x{attack}")]).failed(&[2], &["--x"]).said();
            harmless(name, said.as_bytes(), &["--x"]);
        }
    }
}

#[test]
fn what_an_administrator_reads() {
    let server = server();
    server.policy("schema = 1\n\n[server]\nbudget = \"0 s\"\non-timeout = \"record\"\n");
    server.repo.commit_all("feat: nothing wrong here");
    let attack = "\u{1b}[2J\u{202e}\u{9b}1m";
    let mut push = server.repo.command("git", server.repo.root());
    push.env("GL_USERNAME", format!("al{attack}ice")).args(["push", "-q", "origin", "main"]);
    run(&mut push, b"").ok();
    let list = server.repo.run(GATEPOST, ["break-glass", "list"], &server.bare, b"").ok();
    harmless("list", list.said().as_bytes(), &["TO-", "ice"]);
}
