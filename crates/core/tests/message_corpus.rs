//! Our verdicts on a corpus of messages that other tools agree on. The corpus is not part of this repository:
//! `GATEPOST_COMMITS_JSONL` names a file with a line `{"message": …, "valid": …, "type": …, "scope": …, "breaking": …}`
//! for each message. Run it with `--run-ignored all`.

#![allow(clippy::disallowed_methods, clippy::print_stderr, clippy::unwrap_used, reason = "reads the corpus")]

use gatepost_core::Stage;
use gatepost_core::message::{Cleanup, CleanupMode, Judge, Text, clean, parse};
use gatepost_core::policy::{Layer, Origin, Policy};

#[test]
#[ignore = "GATEPOST_COMMITS_JSONL must name a corpus"]
fn the_corpus_is_judged_as_agreed() {
    let file = std::env::var("GATEPOST_COMMITS_JSONL").unwrap();
    let text = "[message]\ntypes = []\nmerge = 'check'\nrevert = 'check'\nfixup = 'check'\ninitial = 'check'\nheader-max = 0\n";
    let layer = Layer { origin: Origin::File("corpus".into()), text: text.into() };
    let judge = Judge::new(&Policy::load(&[layer]).unwrap(), Stage::Scan).unwrap();
    let (mut rows, mut wrong) = (0, Vec::new());
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let cleanup = Cleanup { mode: CleanupMode::Strip, comment: b"#".to_vec() };
        let cleaned = clean(row["message"].as_str().unwrap().as_bytes(), &cleanup);
        let message = String::from_utf8(cleaned.bytes).unwrap();
        let findings = judge.text(&Text { text: &message, subject: "commit message", merge: None });
        let parsed = parse(&message);
        rows += 1;
        let agreed = |name: &str, ours: serde_json::Value| row[name].is_null() || row[name] == ours;
        let parts = parsed.as_ref().is_ok_and(|m| {
            agreed("type", m.header.kind.text.into())
                && agreed("scope", m.header.scope.map(|s| s.text).into())
                && agreed("breaking", m.is_breaking().into())
        });
        let valid = row["valid"].as_bool().unwrap();
        if findings.is_empty() != valid || (valid && !parts) {
            wrong.push(format!("{row}: {:?}", findings.iter().map(|f| &f.rule).collect::<Vec<_>>()));
        }
    }
    eprintln!("{} of {rows} messages are judged as agreed", rows - wrong.len());
    assert!(rows > 0, "the corpus is empty");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
