//! Conventional Commits 1.0.0: a test for each of its sixteen rules, and one that holds every decision of the table in
//! `docs/checks/message.md` on what the specification leaves open.

#![allow(
    clippy::disallowed_methods,
    reason = "the test reads docs/checks/message.md, and a corpus if there is one"
)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use gatepost_core::change::PendingMessage;
use gatepost_core::message::{
    Author, Cleanup, CleanupMode, Footer, Judge, Message, clean, layout, parse, parse_header_leniently,
    trailers,
};
use gatepost_core::policy::{Layer, Origin, Policy};
use gatepost_core::sink::Collected;
use gatepost_core::{ChangeSet, Check, Level, Stage};
use std::path::Path;

/// The rules of the policy that a message breaks, with `lines` in `[message]`.
fn broken(lines: &str, message: &str) -> Vec<String> {
    let layer = Layer { origin: Origin::File("gatepost.toml".into()), text: format!("[message]\n{lines}\n") };
    let judge = Judge::new(&Policy::load(&[layer]).unwrap(), Stage::CommitMsg).unwrap();
    let mut change_set = ChangeSet::new(Stage::CommitMsg);
    change_set.message = Some(PendingMessage {
        bytes: message.as_bytes().to_vec(),
        encoding: None,
        author: None,
        cleanup: editor(),
        is_merge: false,
        is_initial: false,
    });
    let mut sink = Collected::default();
    judge.change_set(&change_set, &mut sink);
    sink.findings.into_iter().filter(|f| f.level == Level::Deny).map(|f| f.rule).collect()
}

fn editor() -> Cleanup {
    Cleanup { mode: CleanupMode::Strip, comment: b"#".to_vec() }
}

#[track_caller]
fn parsed(text: &str) -> Message<'_> {
    parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

/// The number of the rule that a header breaks.
#[track_caller]
fn rule_of(text: &str) -> u8 {
    match parse(text) {
        Ok(message) => panic!("{text:?} is taken: {:?}", message.header),
        Err(error) => error.kind.rule(),
    }
}

fn tokens<'a>(message: &'a Message<'_>) -> Vec<(&'a str, &'a str)> {
    message.layout.footers.iter().map(|footer| (footer.token.text, footer.value.as_str())).collect()
}

#[test]
fn rule_01_a_type_an_optional_scope_and_mark_then_colon_and_space() {
    let message = parsed("feat(api)!: add a login form");
    let header = message.header;
    assert_eq!(
        (header.kind.text, header.scope.map(|s| s.text), header.breaking),
        ("feat", Some("api"), true)
    );
    for text in ["add a login form", "feat:x", "feat : x", "feat\u{ff1a}x", " feat: x", "feat/x: y"] {
        assert_eq!(rule_of(text), 1, "{text}");
    }
    let error = parse("feat:x").unwrap_err();
    assert_eq!(error.to_string(), "there is no space after the colon (Conventional Commits rule 1)");
}

#[test]
fn rule_02_a_feature_is_feat() {
    assert_eq!(parsed("feat: add a login form").header.kind.text, "feat");
    assert_eq!(broken("", "feat: add a login form"), [""; 0]);
    assert_eq!(broken("", "feature: add a login form"), ["unknown-type"]);
}

#[test]
fn rule_03_a_bug_fix_is_fix() {
    assert_eq!(parsed("fix: keep the login").header.kind.text, "fix");
    assert_eq!(broken("", "fix: keep the login"), [""; 0]);
    assert_eq!(broken("", "bugfix: keep the login"), ["unknown-type"]);
}

#[test]
fn rule_04_a_scope_is_a_noun_in_parentheses() {
    assert_eq!(parsed("fix(parser): x").header.scope.map(|s| s.text), Some("parser"));
    assert_eq!(parsed("fix: x").header.scope, None);
    for text in ["fix(): x", "fix( ): x", "fix(a: x", "fix (a): x", "fix(a)(b): x", "fix(a(b)): x"] {
        assert_eq!(rule_of(text), 4, "{text}");
    }
}

#[test]
fn rule_05_a_description_follows_the_colon_and_the_space() {
    assert_eq!(
        parsed("fix: array parsing when: spaces").header.description.text,
        "array parsing when: spaces"
    );
    for text in ["fix:", "fix: ", "fix:   \n\nbody"] {
        assert_eq!(rule_of(text), 5, "{text}");
    }
}

#[test]
fn rule_06_a_body_begins_one_blank_line_after_the_description() {
    let message = parsed("fix: x\n\nbody");
    assert_eq!(message.layout.body.first().map(|line| line.text), Some("body"));
    assert!(message.layout.separated);
    assert!(!parsed("fix: x\nbody").layout.separated);
    assert_eq!(broken("", "fix: x\nbody"), ["body-blank-line"]);
}

#[test]
fn rule_07_a_body_is_free_and_has_any_number_of_paragraphs() {
    let message = parsed("fix: x\n\none\n\ntwo: three\n\n- four");
    let body: Vec<&str> = message.layout.body.iter().map(|line| line.text).collect();
    assert_eq!(body, ["one", "", "two: three", "", "- four"]);
    assert!(message.layout.footers.is_empty());
}

#[test]
fn rule_08_footers_are_tokens_with_a_colon_and_space_or_a_space_and_hash() {
    let message = parsed("fix: x\n\nbody\n\nReviewed-by: Z\nRefs #123");
    assert_eq!(tokens(&message), [("Reviewed-by", "Z"), ("Refs", "#123")]);
    assert_eq!(message.layout.body.len(), 1);
    assert!(parsed("fix: x\n\nbody\nReviewed-by: Z").layout.footers.is_empty());
    let strict = "footer-blank-line = \"require\"";
    assert_eq!(broken(strict, "fix: x\n\nbody\nReviewed-by: Z"), ["footer-blank-line"]);
}

#[test]
fn rule_09_a_token_has_hyphens_for_spaces_but_for_breaking_change() {
    assert_eq!(tokens(&parsed("fix: x\n\nAcked-by: Z")), [("Acked-by", "Z")]);
    assert!(parsed("fix: x\n\nAcked by: Z").layout.footers.is_empty());
    assert_eq!(tokens(&parsed("fix: x\n\nBREAKING CHANGE: y")), [("BREAKING CHANGE", "y")]);
}

#[test]
fn rule_10_a_value_goes_on_until_the_next_token() {
    let message = parsed("fix: x\n\nBREAKING CHANGE: a\nb\n\nc\nRefs: 1");
    assert_eq!(tokens(&message), [("BREAKING CHANGE", "a\nb\nc"), ("Refs", "1")]);
}

#[test]
fn rule_11_a_breaking_change_is_marked_in_the_prefix_or_in_a_footer() {
    assert!(parsed("feat!: x").is_breaking());
    assert!(parsed("feat: x\n\nBREAKING CHANGE: y").is_breaking());
    assert!(!parsed("feat: x\n\nnothing is BREAKING").is_breaking());
}

#[test]
fn rule_12_the_footer_is_breaking_change_colon_space_and_a_description() {
    assert!(parsed("chore: x\n\nBREAKING CHANGE: environment variables win").is_breaking());
    for text in ["BREAKING CHANGE:x", "BREAKING CHANGE #1", "BREAKING CHANGES: x", "* BREAKING CHANGE: x"] {
        let text = format!("chore: x\n\n{text}");
        assert!(!parsed(&text).is_breaking(), "{text}");
    }
    let message = "chore!: x\n\nbody\nBREAKING CHANGE: y";
    assert_eq!(broken("breaking = \"agree\"", message), ["breaking-mark"]);
}

#[test]
fn rule_13_the_mark_stands_immediately_before_the_colon() {
    assert!(parsed("feat(api)!: x").header.breaking);
    for text in ["feat!(api): x", "feat!!: x", "feat! : x"] {
        assert_eq!(rule_of(text), 13, "{text}");
    }
}

#[test]
fn rule_14_there_may_be_other_types() {
    assert_eq!(parsed("docs: x").header.kind.text, "docs");
    assert_eq!(broken("types = []", "anything: x"), [""; 0]);
    assert_eq!(broken("types = [\"docs\"]", "anything: x"), ["unknown-type"]);
}

#[test]
fn rule_15_case_does_not_matter_but_for_breaking_change() {
    assert_eq!(broken("type-case = \"any\"", "FEAT: x"), [""; 0]);
    assert_eq!(broken("trailers.required = [\"Refs\"]", "feat: x\n\nREFS: 1"), [""; 0]);
    assert!(!parsed("feat: x\n\nbreaking change: y").is_breaking());
}

#[test]
fn rule_16_breaking_change_may_be_written_with_a_hyphen() {
    assert!(parsed("feat: x\n\nBREAKING-CHANGE: y").is_breaking());
    assert!(!parsed("feat: x\n\nBreaking-Change: y").is_breaking());
}

/// `\n`, `\t`, `\r` and `\u{…}` as the characters that they stand for.
fn unescaped(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, escape)) = rest.split_once('\\') {
        out.push_str(before);
        let mut letters = escape.chars();
        match letters.next() {
            Some('u') => {
                let (digits, after) = escape.trim_start_matches("u{").split_once('}').unwrap();
                out.push(u32::from_str_radix(digits, 16).ok().and_then(char::from_u32).unwrap());
                rest = after;
                continue;
            }
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            other => panic!("{text}: an escape {other:?}"),
        }
        rest = letters.as_str();
    }
    out + rest
}

#[test]
fn every_decision_of_the_table_holds() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/checks/message.md");
    let page = std::fs::read_to_string(page).unwrap();
    let table = page.split("| rule | message |").nth(1).unwrap().split("\n\n").next().unwrap();
    let mut rows = 0;
    for row in table.lines().skip(2) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let [_, message, strict, lenient, reading, _] = cells.as_slice() else { panic!("{row}") };
        let message = message.trim();
        let message = unescaped(message.strip_prefix('`').unwrap().strip_suffix('`').unwrap());
        for (parse, verdict) in [("strict", strict), ("lenient", lenient)] {
            let expected =
                if verdict.trim() == "taken" { Vec::new() } else { vec![verdict.trim().to_owned()] };
            assert_eq!(
                broken(&format!("types = []\nparse = \"{parse}\""), &message),
                expected,
                "{parse}: {row}"
            );
        }
        let cleaned = String::from_utf8(clean(message.as_bytes(), &editor()).bytes).unwrap();
        reading.split(';').map(str::trim).filter(|said| !said.is_empty()).for_each(|said| {
            assert!(is_read_as(&cleaned, &unescaped(said)), "not `{said}`: {row}");
        });
        rows += 1;
    }
    assert!(rows > 80, "{rows} rows");
}

/// Whether a message is read as a cell of the table says.
fn is_read_as(text: &str, said: &str) -> bool {
    let layout = layout(text);
    let header = parse_header_leniently(layout.header);
    let footers: Vec<&str> = layout.footers.iter().map(|footer| footer.token.text).collect();
    let breaking =
        header.as_ref().is_ok_and(|header| header.breaking) || layout.footers.iter().any(Footer::is_breaking);
    match said.split_once(' ').unwrap_or((said, "")) {
        ("type", kind) => header.is_ok_and(|header| header.kind.text == kind),
        ("scope", scope) => header.is_ok_and(|header| header.scope.is_some_and(|s| s.text == scope)),
        ("no", "scope") => header.is_ok_and(|header| header.scope.is_none()),
        ("footers", names) => footers.join(", ") == names,
        ("no", "footers") => footers.is_empty(),
        ("trailers", names) => {
            trailers(text).iter().map(|trailer| trailer.token.text).collect::<Vec<_>>().join(", ") == names
        }
        ("body", "") => !layout.body.is_empty(),
        ("no", "body") => layout.body.is_empty(),
        ("breaking", "") => breaking,
        ("not", "breaking") => !breaking,
        ("by", who) => format!("{:?}", Author::of(layout.header.text, None)).to_lowercase() == who,
        _ => panic!("nobody knows what `{said}` means"),
    }
}
