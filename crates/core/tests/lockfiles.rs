//! The verdicts on lock files against those of the package managers themselves.
//!
//! `tests/oracles/ECOSYSTEM.py` makes a project with the real tool, alters it in many ways, asks the tool, and writes
//! `crates/core/tests/lockfiles/ECOSYSTEM.cases`. Here each case is judged from its files. Ours is the tool's verdict or that
//! nobody can tell, and never the opposite; and it is the latter of at most one case in ten.
//!
//! A file of cases is text. Lines that begin with `@@@ ` are its own:
//!
//! ```text
//! @@@ tool npm 11.19.1                      what was asked; the first line
//! @@@ base                                  the files that every case begins with
//! @@@ file package.json                     a file, up to the next such line
//! @@@ case range-edited strict=in-sync rewrite=out-of-sync
//! @@@ edit package.json                     text that stands once in the file, and what stands there instead
//! "^1.2.0"
//! @@@ into
//! "^1.3.0"
//! @@@ gone package-lock.json                a file that is not there
//! ```
//!
//! An answer that the tool cannot be asked for is `unasked`. `@@@ pair MANIFEST LOCK` in a case says which of several pairs
//! is meant; without it the worst answer over all pairs counts. A case of a lock that is not there is a record without a
//! verdict: it counts as out of sync.

#![cfg(feature = "locks")]
#![allow(clippy::disallowed_methods, reason = "the test reads its cases from files")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a case that is no case fails the test"
)]

use gatepost_core::lockfile::{Answer, ECOSYSTEMS, Record, State, Tree, Want, survey};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

type Files = BTreeMap<String, String>;

struct Case {
    name: String,
    strict: Option<Answer>,
    rewrite: Option<Answer>,
    pair: Option<(String, String)>,
    files: Files,
}

struct Cases {
    ecosystem: String,
    tool: String,
    cases: Vec<Case>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lockfiles")
}

fn answer(word: &str) -> Option<Answer> {
    match word {
        "in-sync" => Some(Answer::InSync),
        "out-of-sync" => Some(Answer::OutOfSync),
        "unasked" => None,
        _ => panic!("`{word}` is no answer of a tool"),
    }
}

fn read(path: &Path) -> Cases {
    let text = std::fs::read_to_string(path).unwrap();
    let ecosystem = path.file_stem().unwrap().to_str().unwrap().to_owned();
    let ecosystem = ecosystem.split('@').next().unwrap().to_owned();
    let mut cases = Cases { ecosystem, tool: String::new(), cases: Vec::new() };
    let mut base = Files::new();
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let mut blocks =
        text.strip_prefix("@@@ ").unwrap_or_else(|| panic!("{}", path.display())).split("\n@@@ ");
    while let Some(block) = blocks.next() {
        let (head, body) = block.split_once('\n').map_or((block, ""), |(head, body)| (head, body));
        let (word, rest) = head.split_once(' ').unwrap_or((head, ""));
        let place = format!("{}: @@@ {head}", path.display());
        let files = cases.cases.last_mut().map_or(&mut base, |case| &mut case.files);
        match word {
            "tool" => rest.clone_into(&mut cases.tool),
            "base" => {}
            // The line end before the next `@@@` is the file's own.
            "file" => drop(files.insert(rest.to_owned(), format!("{body}\n"))),
            "bare" => drop(files.insert(rest.to_owned(), body.to_owned())),
            "gone" => assert!(files.remove(rest).is_some(), "{place}: there is no such file"),
            "edit" => {
                let into = blocks.next().unwrap_or_default();
                let into = into.strip_prefix("into").unwrap_or_else(|| panic!("{place} without @@@ into"));
                let into = into.strip_prefix('\n').unwrap_or(into);
                let file = files.get_mut(rest).unwrap_or_else(|| panic!("{place}: there is no such file"));
                assert_eq!(file.matches(body).count(), 1, "{place}: the text does not stand there once");
                *file = file.replacen(body, into, 1);
            }
            "pair" => {
                let (manifest, lock) = rest.split_once(' ').unwrap();
                cases.cases.last_mut().unwrap().pair = Some((manifest.to_owned(), lock.to_owned()));
            }
            "case" => {
                let mut words = rest.split(' ');
                let name = words.next().unwrap().to_owned();
                let mut said = |key: &str| answer(words.next().unwrap().strip_prefix(key).unwrap());
                let (strict, rewrite) = (said("strict="), said("rewrite="));
                cases.cases.push(Case { name, strict, rewrite, pair: None, files: base.clone() });
            }
            _ => panic!("{place}: unknown"),
        }
    }
    cases
}

fn all() -> Vec<Cases> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "cases")).collect();
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn judged(ecosystem: &str, case: &Case) -> Vec<Record> {
    let read = |path: &str, _: u64| Ok(case.files.get(path).map(|text| text.clone().into_bytes()));
    let tree = Tree::new(case.files.keys().map(String::as_str).collect(), &read);
    let mut records = survey(&tree, &Want { ecosystems: Some(&[ecosystem]), touched: None });
    if let Some((manifest, lock)) = &case.pair {
        records.retain(|record| {
            record.pair.manifest.as_ref() == Some(manifest) && record.pair.lock.as_ref() == Some(lock)
        });
    }
    records
}

fn answers(records: &[Record]) -> (Answer, Answer) {
    let worst = |of: fn(&Record) -> Answer| {
        let answers = records.iter().map(|record| match record.state {
            State::Missing { .. } => Answer::OutOfSync,
            _ => of(record),
        });
        answers.max().unwrap_or(Answer::InSync)
    };
    (worst(Record::strict), worst(Record::rewrite))
}

fn reasons(records: &[Record]) -> String {
    let mut out = String::new();
    for record in records {
        let _ = writeln!(out, "    {:?} {:?}", record.pair.manifest, record.pair.lock);
        if let State::Judged(verdict) = &record.state {
            for reason in &verdict.reasons {
                let _ = writeln!(out, "      {:?} {:?}: {}", reason.drift, reason.breaks, reason.what);
            }
        }
    }
    out
}

#[test]
fn verdicts_are_those_of_the_tools_or_that_nobody_can_tell() {
    let mut wrong = String::new();
    for cases in all() {
        let mut unclear = 0;
        for case in &cases.cases {
            let records = judged(&cases.ecosystem, case);
            let (strict, rewrite) = answers(&records);
            let mut is_unclear = false;
            for (question, ours, tool) in
                [("strict", strict, case.strict), ("rewrite", rewrite, case.rewrite)]
            {
                is_unclear |= tool.is_some() && ours == Answer::CannotTell;
                if ours != Answer::CannotTell && tool.is_some_and(|tool| tool != ours) {
                    let said = tool.map_or("", Answer::as_str);
                    let _ = writeln!(
                        wrong,
                        "{} {}: {question}: {} says {said}, ours is {ours}\n{}",
                        cases.ecosystem,
                        case.name,
                        cases.tool,
                        reasons(&records)
                    );
                }
            }
            unclear += usize::from(is_unclear);
        }
        if unclear * 10 > cases.cases.len() {
            let (of, tool) = (cases.cases.len(), &cases.tool);
            let _ =
                writeln!(wrong, "{} ({tool}): nobody can tell of {unclear} cases of {of}", cases.ecosystem);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_drift_says_how_it_is_mended() {
    for cases in all() {
        for case in &cases.cases {
            for record in judged(&cases.ecosystem, case) {
                let State::Judged(verdict) = &record.state else { continue };
                for reason in verdict.reasons.iter().filter(|reason| reason.drift.is_some()) {
                    let place = format!("{} {}: {reason:?}", cases.ecosystem, case.name);
                    let is_unknown = reason.drift == Some(gatepost_core::lockfile::Drift::VersionUnknown);
                    assert!(!reason.mend.is_empty() || is_unknown, "no mend: {place}");
                    assert!(reason.manifest.is_some() || reason.lock.is_some(), "no place: {place}");
                }
            }
        }
    }
}

/// Whatever is cut off, doubled or overwritten: a verdict, and no panic.
#[test]
fn broken_files_get_a_verdict() {
    for cases in all() {
        let Some(case) = cases.cases.first() else { continue };
        let is_part = |path: &str| {
            ECOSYSTEMS.iter().any(|e| e.info().name == cases.ecosystem && e.role(path).is_some())
        };
        for path in case.files.keys().filter(|path| is_part(path)) {
            let text = &case.files[path];
            let step = (text.len() / 97).max(1);
            for at in (0..text.len()).step_by(step).filter(|at| text.is_char_boundary(*at)) {
                let broken = [
                    text[..at].to_owned(),
                    format!("{}\0{}", &text[..at], &text[at..]),
                    format!("{}[{{((\"'{}", &text[..at], &text[at..]),
                    format!("{}{}", &text[..at], text),
                ];
                for broken in broken {
                    let mut files = case.files.clone();
                    files.insert(path.clone(), broken);
                    let (name, strict, rewrite) = (String::new(), None, None);
                    let case = Case { name, strict, rewrite, pair: None, files };
                    let _ = answers(&judged(&cases.ecosystem, &case));
                }
            }
        }
    }
}

/// The table of docs/lockfiles.md. `GATEPOST_UPDATE=1` writes it.
#[test]
fn the_page_has_the_table() {
    let mut table = "| ecosystem | asked | cases | cannot tell |\n|---|---|---|---|\n".to_owned();
    for cases in all() {
        let unclear = cases.cases.iter().filter(|case| {
            let (strict, rewrite) = answers(&judged(&cases.ecosystem, case));
            (case.strict.is_some() && strict == Answer::CannotTell)
                || (case.rewrite.is_some() && rewrite == Answer::CannotTell)
        });
        let (tool, count) = (&cases.tool, cases.cases.len());
        let _ = writeln!(table, "| `{}` | {tool} | {count} | {} |", cases.ecosystem, unclear.count());
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/lockfiles.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let (start, end) = ("<!-- table of the oracles -->\n", "<!-- end of the table -->");
    let (before, rest) = text.split_once(start).unwrap();
    let (old, after) = rest.split_once(end).unwrap();
    if std::env::var_os("GATEPOST_UPDATE").is_some() {
        std::fs::write(&page, format!("{before}{start}{table}{end}{after}")).unwrap();
    } else {
        assert_eq!(old, table, "run: GATEPOST_UPDATE=1 cargo test -p gatepost-core --test lockfiles");
    }
}
