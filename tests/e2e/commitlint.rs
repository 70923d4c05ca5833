//! commitlint as an oracle: over messages that a grammar makes and mutations spoil, the preset
//! `commitlint-config-conventional` gives commitlint's verdict, or the difference is one of those that `docs/commitlint.md`
//! lists. Every listed difference is shown by its example.

mod differences;
mod messages;

use crate::support::{ROOT, Repo, run};
use differences::{DIFFERENCES, Verdict};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder that commitlint is installed in.
fn tool() -> PathBuf {
    let folder =
        std::env::var_os("E2E_TOOLS").map_or_else(|| Path::new(ROOT).join("target/tools"), PathBuf::from);
    let folder = folder.join("commitlint");
    assert!(
        folder.join("node_modules/@commitlint/lint").is_dir(),
        "there is no commitlint: `npm install --prefix {} @commitlint/lint@20 @commitlint/load@20 \
         @commitlint/config-conventional@20`, or set E2E_TOOLS",
        folder.display()
    );
    folder
}

/// What commitlint says of each message: the names of the rules that it breaks. One process judges all of them.
fn theirs(messages: &[String]) -> Vec<Vec<String>> {
    let script = std::fs::read_to_string(Path::new(ROOT).join("tests/e2e/commitlint.mjs")).unwrap();
    let mut command = Command::new("node");
    // What a script on the command line imports is looked for from the current folder.
    command.current_dir(tool()).args(["--input-type=module", "-e", &script]);
    let run = run(&mut command, serde_json::to_string(messages).unwrap().as_bytes()).ok();
    let verdicts: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let names = |verdict: &serde_json::Value| {
        let names = verdict.as_array().unwrap().iter();
        names.map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    verdicts.as_array().unwrap().iter().map(names).collect()
}

/// What gatepost says of each with the preset: the names of the rules that block.
fn ours(messages: &[String]) -> Vec<Vec<String>> {
    let repo = Repo::new();
    repo.write("gatepost.toml", "schema = 1\nextends = [\"preset:commitlint-config-conventional\"]\n");
    let judge = |message: &String| {
        let run = repo.run(
            crate::support::GATEPOST,
            ["check", "message", "-", "-f", "json"],
            repo.root(),
            message.as_bytes(),
        );
        assert!([0, 1].contains(&run.code), "{message:?}: {}", run.said());
        let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        let denied = report["findings"].as_array().unwrap().iter().filter(|f| f["level"] == "deny");
        denied.map(|f| f["rule"].as_str().unwrap().to_owned()).collect()
    };
    // A process for each message: as many at a time as there are cores.
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = messages.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let shares: Vec<_> = messages
            .chunks(share)
            .map(|chunk| scope.spawn(|| chunk.iter().map(judge).collect::<Vec<Vec<String>>>()))
            .collect();
        shares.into_iter().flat_map(|share| share.join().unwrap()).collect()
    })
}

#[test]
fn commitlint_gives_the_same_verdict_or_the_difference_is_listed() {
    let generated = messages::generate(0x5eed, 600);
    let examples = DIFFERENCES.iter().map(|difference| difference.example.to_owned());
    let all: Vec<String> = generated.iter().cloned().chain(examples).collect();
    let (theirs, ours) = (theirs(&all), ours(&all));
    assert_eq!((theirs.len(), ours.len()), (all.len(), all.len()));
    let (mut refused, mut unlisted) = (0, Vec::new());
    let mut listed: BTreeMap<&str, usize> = BTreeMap::new();
    for ((message, theirs), ours) in all.iter().zip(&theirs).zip(&ours).take(generated.len()) {
        refused += usize::from(!theirs.is_empty());
        if theirs.is_empty() == ours.is_empty() {
            continue;
        }
        match DIFFERENCES.iter().find(|difference| difference.explains(message, theirs, ours)) {
            Some(difference) => *listed.entry(difference.title).or_default() += 1,
            None => unlisted.push(format!("{message:?}\n  commitlint: {theirs:?}\n  gatepost:   {ours:?}")),
        }
    }
    let different: usize = listed.values().sum();
    println!(
        "{} messages, {refused} refused by commitlint, {different} listed differences: {listed:#?}",
        generated.len()
    );
    assert!(
        unlisted.is_empty(),
        "{} differences that are not listed:\n{}",
        unlisted.len(),
        unlisted.join("\n")
    );
    // Both verdicts must come up often, or equality says little.
    assert!(refused > 150 && generated.len() - refused > 150, "{refused} of {} refused", generated.len());
    for (difference, (theirs, ours)) in DIFFERENCES.iter().zip(theirs.iter().zip(&ours).skip(generated.len()))
    {
        let refuses = (!theirs.is_empty(), !ours.is_empty());
        let expected = match difference.refused_by {
            Verdict::Commitlint => (true, false),
            Verdict::Gatepost => (false, true),
        };
        assert_eq!(refuses, expected, "{}: {theirs:?} {ours:?}", difference.title);
        assert!(difference.explains(difference.example, theirs, ours), "{}", difference.title);
    }
}

#[test]
fn the_page_lists_every_difference_with_its_example() {
    let page = std::fs::read_to_string(Path::new(ROOT).join("docs/commitlint.md")).unwrap();
    for difference in DIFFERENCES {
        let example =
            difference.example.escape_default().to_string().replace("\\'", "'").replace("\\\"", "\"");
        let example = example.chars().take(60).collect::<String>();
        let row = page.lines().find(|line| line.starts_with(&format!("| {} |", difference.title)));
        let row = row.unwrap_or_else(|| panic!("docs/commitlint.md has no row `{}`", difference.title));
        assert!(row.contains(&example), "{}: the row does not show `{example}`", difference.title);
        let by = match difference.refused_by {
            Verdict::Commitlint => "| commitlint |",
            Verdict::Gatepost => "| gatepost |",
        };
        assert!(row.contains(by), "{}: refused by {by}", difference.title);
    }
    let rows = page.lines().filter(|line| line.ends_with("| commitlint |") || line.ends_with("| gatepost |"));
    assert_eq!(rows.count(), DIFFERENCES.len(), "docs/commitlint.md has a row that no test holds");
}
