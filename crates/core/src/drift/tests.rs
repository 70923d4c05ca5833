//! The table of weakenings and the table of harmless edits, each an edit of one file or two.
//!
//! An edit is written as in the codes' examples: a path, and the lines below it with ` `, `-` or `+` in front. A line
//! that opens with `@` begins another file of the same change.

use super::*;
use crate::change::FileChange;
use crate::check::{Check, Context};
use crate::policy::{Layer, Origin, Policy};
use crate::sink::Collected;
use crate::{Finding, Level, RepoPath, Stage, Timestamp};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp { seconds: 1_795_305_600, offset_minutes: 0 };

fn judge(text: &str) -> Judge {
    let layer = Layer { origin: Origin::File("gatepost.toml".into()), text: text.to_owned() };
    let policy = Policy::load(&[layer]).unwrap();
    Judge::new(&Context {
        policy: &policy,
        stage: Stage::Ci,
        rules: crate::check::no_rules(),
        now: NOW,
        fingerprint_key: None,
    })
    .unwrap()
}

/// A file before and after; a side without a line is no file.
struct Edit {
    path: RepoPath,
    old: Option<String>,
    new: Option<String>,
}

fn edits(text: &str) -> Vec<Edit> {
    text.split("\n@").map(edit).collect()
}

fn edit(text: &str) -> Edit {
    let (path, body) = text.split_once('\n').unwrap();
    let (mut old, mut new) = (None, None);
    for line in body.lines() {
        let (sign, rest) = line.split_at(line.len().min(1));
        let sides: &mut [&mut Option<String>] = match sign {
            "-" => &mut [&mut old],
            "+" => &mut [&mut new],
            " " | "" => &mut [&mut old, &mut new],
            other => panic!("{path}: a line opens with {other:?}"),
        };
        for side in sides {
            let text = side.get_or_insert_default();
            text.push_str(rest);
            text.push('\n');
        }
    }
    Edit { path: RepoPath::from(path), old, new }
}

fn judged_by(judge: &Judge, edits: &[Edit]) -> Vec<Finding> {
    let changes: Vec<FileChange<'_>> = edits
        .iter()
        .map(|edit| FileChange {
            path: &edit.path,
            old: edit.old.as_ref().map(String::as_bytes),
            new: edit.new.as_ref().map(String::as_bytes),
            commit: None,
        })
        .collect();
    for edit in edits {
        assert!(judge.watches(&edit.path), "{:?} is not watched", edit.path);
    }
    let mut sink = Collected::default();
    judge.file_changes(&changes, &mut sink);
    assert!(sink.problems.is_empty() && sink.skips.is_empty());
    sink.findings
}

fn judged(text: &str) -> Vec<Finding> {
    judged_by(&judge("[drift]\nlevel = \"deny\""), &edits(text))
}

/// The edits of a table: paragraphs below a title that opens with `#`.
fn table(text: &str) -> Vec<(String, String)> {
    let parts = text.split("\n# ").skip(1);
    parts
        .map(|part| part.split_once('\n').unwrap())
        .map(|(title, body)| (title.into(), body.into()))
        .collect()
}

#[test]
fn every_code_fires_on_its_example_and_is_silent_on_the_other() {
    for code in CHECK.codes {
        let names = |text| judged(text).into_iter().map(|found| found.rule).collect::<Vec<_>>();
        assert_eq!(names(code.fires), [code.name], "{} fires", code.name);
        assert_eq!(names(code.silent), [""; 0], "{} silent", code.name);
    }
}

#[test]
fn every_weakening_is_found_with_the_old_and_the_new_value() {
    let table = table(include_str!("weakenings.txt"));
    assert!(table.len() >= 20, "{} weakenings", table.len());
    let mut said = String::new();
    for (title, text) in &table {
        let found = judged(text);
        assert!(!found.is_empty(), "{title}: nothing was found");
        said.push_str(&format!("# {title}\n"));
        for finding in found {
            let span = finding.locations[0].span;
            let line = span.map_or_else(|| "-".to_owned(), |span| span.line.to_string());
            said.push_str(&format!(
                "{} {} line {line}\n  {}\n",
                finding.code, finding.level, finding.message
            ));
            let words = &finding.message;
            let both = [("was: ", "is now: "), ("were: ", "are now: "), ("had: ", "now: ")];
            assert!(both.iter().any(|(old, new)| words.contains(old) && words.contains(new)), "{words}");
            assert!(finding.fix.iter().all(|step| !step.is_empty()) && !finding.why.is_empty());
        }
    }
    insta::assert_snapshot!(said);
}

#[test]
fn harmless_edits_are_silent() {
    let table = table(include_str!("harmless.txt"));
    assert!(table.len() >= 20, "{} edits", table.len());
    for (title, text) in &table {
        let found: Vec<String> = judged(text).into_iter().map(|found| found.message).collect();
        assert_eq!(found, [""; 0], "{title}");
        let sides = edits(text);
        assert!(sides.iter().any(|edit| edit.old != edit.new), "{title}: nothing is edited");
    }
}

/// Weakenings that are another weakening when they are turned round.
const BOTH_WAYS: [&str; 5] = [
    "the organisation's policy is dropped",
    "the policy is moved to where it is not read",
    "an exception is for more, and for another rule",
    "a hook moves to the manual stage",
    "a step takes another policy than the one it took",
];

#[test]
fn what_undoes_a_weakening_is_none() {
    for (title, text) in table(include_str!("weakenings.txt")) {
        let turned: Vec<Edit> = edits(&text)
            .into_iter()
            .map(|edit| Edit { path: edit.path, old: edit.new, new: edit.old })
            .collect();
        let back = judged_by(&judge("[drift]\nlevel = \"deny\""), &turned);
        // What nobody can compare is noted both ways.
        let found: Vec<&str> = back
            .iter()
            .filter(|found| found.level != Level::Note)
            .map(|found| found.message.as_str())
            .collect();
        assert_eq!(!found.is_empty(), BOTH_WAYS.contains(&title.as_str()), "{title}: {found:?}");
    }
}

#[test]
fn the_level_is_the_policys_and_what_cannot_be_told_is_a_note_at_most() {
    let weakening = CHECK.codes[0].fires;
    for (policy, level) in [("", Level::Warn), ("[drift]\nlevel = \"deny\"", Level::Deny)] {
        assert_eq!(judged_by(&judge(policy), &edits(weakening))[0].level, level);
    }
    let off = judge("[drift]\nlevel = \"off\"");
    assert!(!off.watches(&RepoPath::from("gatepost.toml")));
    for code in codes::AT_MOST_NOTE {
        let code = CHECK.codes.iter().find(|info| info.code == code).unwrap();
        assert_eq!(judged(code.fires)[0].level, Level::Note, "{}", code.name);
    }
}

#[test]
fn a_policy_that_stops_every_gate_is_denied_wherever_the_section_is_on() {
    let levels = |section: &str, path: &str| {
        let edit = format!("{path}\n schema = 1\n+nonsense\n");
        let found = judged_by(&judge(&format!("[drift]\nlevel = {section}")), &edits(&edit));
        assert!(found.iter().all(|found| found.rule == "gate-file-broken"), "{found:?}");
        found.into_iter().map(|found| found.level).collect::<Vec<_>>()
    };
    for path in ["gatepost.toml", ".gatepost.toml", "gatepost-exceptions.toml"] {
        for section in ["\"deny\"", "\"warn\"", "\"note\"", "{ default = \"warn\", medium = \"off\" }"] {
            assert_eq!(levels(section, path), [Level::Deny], "{path} at {section}");
        }
        assert_eq!(levels("\"note\"", &format!("sub/{path}")), [Level::Note], "{path} of a folder");
    }
}

#[test]
fn two_weakenings_have_two_fingerprints() {
    let print = |level: &str| {
        let text = format!("gatepost.toml\n [secrets]\n-level = \"deny\"\n+level = \"{level}\"\n");
        judged(&text)[0].fingerprint.clone()
    };
    assert_ne!(print("warn"), print("off"), "an exception is for one of them");
    assert_eq!(print("warn"), print("warn"));
}

#[test]
fn what_is_too_much_to_look_at_is_said() {
    let many = "+gatepost run pre-commit\n".repeat(501);
    let found = judged(&format!(".husky/pre-commit\n-gatepost run pre-commit\n{many}"));
    assert_eq!(
        found.iter().map(|found| found.message.as_str()).collect::<Vec<_>>(),
        [
            ".husky/pre-commit: it cannot be read (had: `gatepost run pre-commit`, now: it runs gates more than 500 times)"
        ]
    );
    let long = format!("+# {}\n", "x".repeat(1 << 20));
    let found = judged(&format!("gatepost.toml\n schema = 1\n{long}"));
    assert_eq!(found[0].rule, "gate-file-broken");
    assert!(
        found[0].message.contains("(had: 11 bytes, now: it has 1048590 bytes, more than 1048576)"),
        "{}",
        found[0].message
    );
}

#[test]
fn the_page_has_every_code_key_and_weakening() {
    let page = include_str!("../../../../docs/checks/drift.md");
    for code in CHECK.codes {
        let heading = format!("## {} {}\n", code.code, code.name);
        let section = page.split(&heading).nth(1).unwrap_or_else(|| panic!("no heading for {}", code.code));
        let section = section.split("\n## ").next().unwrap();
        assert!(section.contains("**Why.**") && section.contains("**Fix.**"), "{}", code.name);
    }
    for key in CHECK.keys {
        assert!(page.contains(&format!("`{}`", key.name)), "the page does not name `{}`", key.name);
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(
        which in 0..PATHS.len(),
        old in "[-a-z:&*\\[\\]{}, \n\"'#|=.@/]{0,60}",
        new in proptest::collection::vec(any::<u8>(), 0..60),
        swap in any::<bool>(),
    ) {
        let path = RepoPath::from(PATHS[which]);
        let (old, new) = if swap { (new, old.into_bytes()) } else { (old.into_bytes(), new) };
        let change = FileChange { path: &path, old: Some(&old), new: Some(&new), commit: None };
        let judge = judge("");
        prop_assert!(judge.watches(&path));
        let mut sink = Collected::default();
        judge.file_changes(&[change], &mut sink);
        for finding in sink.findings {
            let most = if finding.rule == "gate-file-broken" { Level::Deny } else { Level::Warn };
            prop_assert!(finding.level <= most);
        }
    }

    #[test]
    fn a_file_that_stays_as_it_is_weakens_nothing(which in 0..PATHS.len(), text in "[-a-z:\\[\\]{}, \n\"'#|=.]{0,80}") {
        let path = RepoPath::from(PATHS[which]);
        let change = FileChange { path: &path, old: Some(text.as_bytes()), new: Some(text.as_bytes()), commit: None };
        let mut sink = Collected::default();
        judge("").file_changes(&[change], &mut sink);
        prop_assert!(
            sink.findings.iter().all(|found| found.rule == "gate-file-broken"),
            "{:?}",
            sink.findings
        );
    }
}

/// A file of each watcher.
const PATHS: [&str; 16] = [
    "gatepost.toml",
    "gatepost-exceptions.toml",
    "gatepost-baseline.txt",
    ".pre-commit-config.yaml",
    "lefthook.yml",
    ".husky/pre-commit",
    "package.json",
    ".github/workflows/ci.yml",
    ".gitlab-ci.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    ".circleci/config.yml",
    "Jenkinsfile",
    ".github/settings.yml",
    ".github/rulesets/main.json",
    "CODEOWNERS",
];
