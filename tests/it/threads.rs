//! However many threads judge, they say the same, in the same order, and lose nothing.

use crate::support::{Repo, Run, leak, token};
use serde_json::Value;

/// A tree in which the same tokens stand in several files and forms: of findings that are merged, the first may have the word.
fn fill(repo: &Repo, files: usize) -> usize {
    let tokens: Vec<String> = (0..7).map(|_| token()).collect();
    let mut leaks = 0;
    for index in 0..files {
        let path = format!("d{}/e{}/f{index}.txt", index % 9, index % 4);
        let token = &tokens[index % tokens.len()];
        let text = format!("a line of file {index}\n").repeat(index % 50 + 1);
        let bytes = match index % 10 {
            0 => leak(token),
            1 => format!("{text}\"password\": \"{token}\",\n{text}"),
            2 => format!("{text}curl -H 'Authorization: Bearer {token}' https://api.example.com\n"),
            3 => format!("{text}\0\u{1}\0binary\0{token}\0"),
            _ => text.clone(),
        };
        leaks += usize::from(index % 10 < 4);
        repo.write(path, bytes);
    }
    leaks
}

/// The report without the time that it took.
#[track_caller]
fn report(run: &Run) -> String {
    let mut report: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.said()));
    report.as_object_mut().unwrap().remove("timing").unwrap();
    report.to_string()
}

/// The places of secrets; a gate tells of binaries as well.
fn places(report: &str) -> usize {
    let report: Value = serde_json::from_str(report).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let secrets = findings.iter().filter(|finding| !finding["code"].as_str().unwrap().starts_with("GP-"));
    secrets.map(|finding| finding["locations"].as_array().unwrap().len()).sum()
}

/// What the command says with one thread; eight say the same, each time.
#[track_caller]
fn by_one_and_by_eight(repo: &Repo, arguments: &[&str], code: i32) -> String {
    let with = |threads: &str| {
        let run = repo.gatepost(arguments.iter().copied().chain(["-f", "json", "--threads", threads]));
        assert_eq!(run.code, code, "{}", run.said());
        report(&run)
    };
    let one = with("1");
    for _ in 0..3 {
        assert_eq!(one, with("8"));
    }
    one
}

#[test]
fn a_tree_is_judged_alike_by_one_thread_and_by_eight() {
    let repo = Repo::new();
    let leaks = fill(&repo, 400);
    repo.write(".gitignore", "*.log\n");
    repo.write("d1/left.log", leak(&token()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Root reads them all the same; then it reads them on every run.
        for index in [20, 41, 82] {
            let path = repo.root().join(format!("d{}/e{}/f{index}.txt", index % 9, index % 4));
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o000)).unwrap();
        }
        std::os::unix::fs::symlink("nowhere", repo.root().join("d2/link")).unwrap();
    }
    let all = by_one_and_by_eight(&repo, &["scan", ".", "missing", "d1"], 1);
    assert!(places(&all) + 3 >= leaks, "{} of {leaks}", places(&all));
    assert!(all.contains("it was to be judged and cannot be found"), "{all}");
    assert!(all.contains("\"ignored\""), "{all}");
}

#[test]
fn named_files_are_judged_alike_by_one_thread_and_by_eight() {
    let repo = Repo::new();
    fill(&repo, 100);
    let files: Vec<String> =
        (0..100).map(|index| format!("d{}/e{}/f{index}.txt", index % 9, index % 4)).collect();
    let named = |command: &[&'static str]| -> Vec<String> {
        command.iter().map(|&word| word.to_owned()).chain(files.iter().cloned()).collect()
    };
    for command in [&["scan"][..], &["run", "pre-commit"]] {
        let named = named(command);
        let arguments: Vec<&str> = named.iter().map(String::as_str).collect();
        let all = by_one_and_by_eight(&repo, &arguments, 1);
        assert_eq!(places(&all), 40);
    }
}

#[test]
fn a_large_commit_is_judged_alike_by_one_thread_and_by_eight() {
    let repo = Repo::new();
    let leaks = fill(&repo, 2000);
    repo.git(["add", "-A"]);
    let id = repo.git(["rev-parse", ":d4/e0/f4.txt"]);
    std::fs::remove_file(repo.loose(id.trim())).unwrap();
    for command in [&["scan", "--staged"][..], &["run", "pre-commit"]] {
        let all = by_one_and_by_eight(&repo, command, 1);
        assert_eq!(places(&all), leaks);
        assert!(all.contains("\"complete\":false") && all.contains("\"missing\""), "{all}");
    }
}

#[test]
fn what_a_thread_cannot_read_makes_the_run_incomplete() {
    let repo = Repo::new();
    for index in 0..40 {
        repo.write(format!("f{index}.txt"), format!("file {index}\n"));
    }
    repo.git(["add", "-A"]);
    let id = repo.git(["rev-parse", ":f39.txt"]);
    std::fs::remove_file(repo.loose(id.trim())).unwrap();
    let report = by_one_and_by_eight(&repo, &["run", "pre-commit"], 3);
    assert!(report.contains("f39.txt"), "{report}");
}
