//! `--stats`, and progress on a terminal.

use crate::support::{Repo, leak, token};
use serde_json::Value;

fn numbers(text: &str) -> Value {
    let report: Value = serde_json::from_str(text).unwrap();
    report["stats"].clone()
}

#[test]
fn a_history_says_where_the_time_went() {
    let repo = Repo::new();
    for version in 0..6 {
        repo.write("a.txt", format!("{}version {version}\n", "the same line again\n".repeat(200)));
        repo.commit_all("feat: grow");
    }
    repo.write("a.env", leak(&token()));
    repo.commit_all("feat: leak");
    repo.git(["repack", "-q", "-a", "-d", "-f"]);
    let run = repo.gatepost(["scan", "--history", "--stats", "-f", "json"]);
    for word in [
        "where the time went",
        "scanner:",
        "objects: 7 blobs",
        "7 commits",
        "came as an edit",
        "processor time",
    ] {
        assert!(run.err.contains(word), "`{word}` is not in\n{}", run.err);
    }
    let stats = numbers(&run.out);
    assert_eq!(stats["history"]["kinds"][0]["objects"], 7);
    assert!(stats["history"]["edits"].as_u64().unwrap() >= 4, "{stats:#}");
    let (scanned, inflated) = (&stats["scanner"]["bytes"], &stats["history"]["inflated"]);
    assert!(scanned.as_u64().unwrap() * 2 < inflated.as_u64().unwrap(), "{stats:#}");
    assert!(stats["scanner"]["runs"].as_u64().unwrap() > 0, "{stats:#}");
    let phases: Vec<&str> =
        stats["phases"].as_array().unwrap().iter().map(|one| one["phase"].as_str().unwrap()).collect();
    assert_eq!(phases, ["policy", "opening", "walk", "links", "attribution", "settling"]);
    let quiet = repo.gatepost(["scan", "--history", "-f", "json"]);
    assert!(quiet.err.is_empty() && numbers(&quiet.out).is_null(), "{}", quiet.err);
}

#[test]
fn files_and_gates_say_it_too() {
    let repo = Repo::new();
    repo.write("a.env", leak(&token()));
    repo.git(["add", "a.env"]);
    for arguments in [&["scan"][..], &["scan", "--staged"], &["run", "pre-commit"]] {
        let run = repo.gatepost(arguments.iter().chain(&["--stats", "-f", "json"]));
        assert_eq!(run.code, 1, "{}", run.said());
        assert!(run.err.contains("where the time went") && !run.err.contains("objects:"), "{}", run.err);
        let stats = numbers(&run.out);
        assert!(stats["scanner"]["bytes"].as_u64().unwrap() > 40, "{stats:#}");
        assert_eq!(stats["phases"][1]["phase"], "judging");
    }
}

/// Progress needs a terminal: `script` of util-linux lends one.
#[cfg(target_os = "linux")]
mod terminal {
    use super::*;
    use crate::support::{GATEPOST, run};
    use std::fmt::Write as _;

    /// What a terminal shows of a command.
    fn shown(repo: &Repo, arguments: &str, ci: bool) -> String {
        let command = format!("{GATEPOST} {arguments} > out.txt");
        let mut script = repo.command("script", repo.root());
        script.args(["-qec", &command, "/dev/null"]).env("COLUMNS", "100").env("TERM", "xterm");
        if ci {
            script.env("CI", "true");
        }
        run(&mut script, b"").out
    }

    /// A history and files that take some seconds, with and without optimisation.
    fn large() -> Repo {
        let repo = Repo::new();
        repo.write(".gitignore", "out.txt\n");
        let mut state = 1_u64;
        for file in 0..if cfg!(debug_assertions) { 8 } else { 240 } {
            let mut text = String::new();
            for line in 0..12_000 {
                state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
                let _ = writeln!(
                    text,
                    "let password_{line} = lookup(\"{:016x}\", token[{}]);",
                    state,
                    state >> 50
                );
            }
            repo.write(format!("src/{file}.js"), text);
        }
        repo.commit_all("feat: much");
        repo
    }

    /// The line is wiped: nothing of it is left behind the last return to the first column.
    #[track_caller]
    fn assert_wiped(text: &str) {
        let rest = text.rsplit('\r').next().unwrap().replace("\u{1b}[2K", "");
        assert!(!rest.contains("left") && !rest.contains("MB"), "{text:?}");
        assert!(text.contains("\u{1b}[2K"), "{text:?}");
    }

    #[test]
    fn a_long_run_is_drawn_and_wiped_and_a_short_one_is_not() {
        let repo = large();
        for (scan, things) in [("scan --history", "objects"), ("scan src", "files")] {
            let text = shown(&repo, scan, false);
            for word in [things, "MB", "/s", "left"] {
                assert!(text.contains(word), "{scan} does not show `{word}`: {text:?}");
            }
            assert_wiped(&text);
            assert_eq!(shown(&repo, &format!("{scan} -q"), false), "", "-q");
        }
        assert_eq!(shown(&repo, "scan --history", true), "", "CI");
        let small = Repo::new();
        small.write("a.txt", "a\n");
        small.commit_all("feat: a");
        // A machine may be so busy that even this takes half a second; nothing is left all the same.
        let text = shown(&small, "scan --history", false);
        assert!(text.is_empty() || text.contains("\u{1b}[2K"), "{text:?}");
    }
}
