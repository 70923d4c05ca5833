//! Every row has its test, or stands on the list of what Git cannot see.

use crate::support::{ROOT, Repo};
use std::path::Path;

/// The tests, by section.
const TESTS: &[&str] = &[
    include_str!("a_names.rs"),
    include_str!("b_messages.rs"),
    include_str!("c_pull_requests.rs"),
    include_str!("d_protection.rs"),
    include_str!("e_releases.rs"),
    include_str!("f_hotfixes.rs"),
    include_str!("g_versions.rs"),
    include_str!("r_freezes.rs"),
];

/// How many rows each section has.
const SECTIONS: &[(char, u32)] =
    &[('a', 22), ('b', 14), ('c', 5), ('d', 12), ('e', 9), ('f', 7), ('g', 17), ('r', 2)];

/// Rows without a test, and parts of rows that have one, each with the words of a line in `docs/limits.md`.
const ELSEWHERE: &[(&str, &str)] = &[
    ("a22", "a support horizon"),
    ("b10", "commits are logically scoped"),
    ("c5", "the branch is up to date"),
    ("d10", "two approvals"),
    ("d10", "the approval of a code owner"),
    ("d11", "stale reviews dismissed"),
    ("d11", "separation of duties"),
    ("e1", "the record of a cut"),
    ("e1", "only where every required check passed"),
    ("e8", "the tracking fields"),
    ("e9", "releasing without a release branch"),
    ("f6", "a fix is minimal"),
    ("g13", "only where every required check passed"),
    ("r2", "inside its window"),
];

#[test]
fn every_row_is_tested_or_listed() {
    let page = std::fs::read_to_string(Path::new(ROOT).join("docs/limits.md")).unwrap();
    for (row, words) in ELSEWHERE {
        assert!(page.contains(words), "docs/limits.md has lost `{words}` ({row})");
    }
    for (section, rows) in SECTIONS {
        for number in 1..=*rows {
            let row = format!("{section}{number}");
            let test = format!("#[test]\nfn {row}_");
            let tested = TESTS.iter().any(|text| text.contains(&test));
            assert!(
                tested || ELSEWHERE.iter().any(|(listed, _)| *listed == row),
                "nothing decides row {row}"
            );
        }
    }
}

#[test]
fn the_limits_page_is_what_the_program_prints() {
    let path = Path::new(ROOT).join("docs/limits.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once("limits_page -->\n").expect("docs/limits.md has lost its marker");
    let (listed, after) =
        rest.split_once("<!-- limits: end -->").expect("docs/limits.md has lost its end marker");
    let wanted = gatepost_core::limits::markdown() + "\n";
    if std::env::var_os("GATEPOST_UPDATE").is_some() {
        let page = format!("{before}limits_page -->\n{wanted}<!-- limits: end -->{after}");
        std::fs::write(&path, page).unwrap();
        return;
    }
    assert!(
        listed == wanted,
        "docs/limits.md is not what `gatepost explain limits` says: GATEPOST_UPDATE=1 writes it anew"
    );
    let said = Repo::new().gatepost(["explain", "limits"]).ok().out;
    assert_eq!(said, gatepost_core::limits::text());
}
