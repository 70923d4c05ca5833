//! A scan of an edit sees what a scan of everything sees, where it is hardest: at the edges of windows, with rules that look beyond
//! them, over chains of edits that copy, move, delete and write again what was there.

use super::*;
use crate::secrets::{Builtin, RuleFile};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

/// A scanner with rules of these ids and keys; one that is called `off` is off.
fn scanner(rules: &[(&str, &str)]) -> Scanner {
    let rule = |(id, keys): &(&str, &str)| {
        format!(
            "[[rules]]\nid = \"{id}\"\nname = \"n\"\ndescription = \"d\"\nseverity = \"high\"\n\
             confidence = \"medium\"\n{keys}\nrisk = \"r\"\nfix = [\"f\"]\nreference = \"https://example.com\"\n\
             examples = [\"a\", \"b\"]\ncounter-examples = [\"a\", \"b\"]\n\n"
        )
    };
    let text: String = rules.iter().map(rule).collect();
    let rules = RuleFile::parse(&format!("provider = \"Test\"\n{text}")).unwrap();
    let ruleset = Ruleset::without(Builtin::none(), rules, &BTreeSet::from(["off".to_owned()])).unwrap();
    Scanner::new(Arc::new(ruleset))
}

/// Every kind of window, and everything that a regex can look for beside one, with short literals: a hundred bytes hold many of
/// them.
static SCANNER: LazyLock<Scanner> = LazyLock::new(|| {
    let rules = [
        ("word", r"regex = '\bkey_[a-c0-9]{4,12}\b'"),
        ("line", "regex = '(?m)^key=([a-c]{2,6})$'\nkeywords = ['key=']\nwindow = { before = 3, after = 6 }"),
        ("any-line-end", "regex = '(?mR)^.{0,5}abc.{0,5}$'\nkeywords = ['abc']"),
        ("begins", "regex = '(?s)\\A.{0,12}?(abc)'\nkeywords = ['abc']\nwindow = { before = 12, after = 0 }"),
        ("ends", "regex = '(?s)(abc.{0,8})\\z'\nkeywords = ['abc']"),
        ("unannounced", "regex = '[0-9]{3,5}'"),
        ("script", "regex = '(?u:\\b)abc(?u:\\b)'\nkeywords = ['abc']\nwindow = { before = 0, after = 0 }"),
        ("half", "regex = '\\b{start-half}@key\\b{end-half}'\nwindow = { before = 0, after = 0 }"),
        (
            "detector",
            "detector = 'assignment'\nkeywords = ['password', 'key=']\nwindow = { before = 12, after = 40 }",
        ),
        (
            "before",
            "regex = '(?:^|[0-9])([a-c]{2,5})@key'\nkeywords = ['@key']\nwindow = { before = 7, after = 2 }",
        ),
        ("middle", "regex = '@key[^;]{0,1400};([0-9a-c]{3})'\nkeywords = ['@key']"),
        (
            "far",
            "regex = 'abc[^;]{0,4900};([0-9a-c]{3})'\nkeywords = ['abc']\nwindow = { before = 4, after = 4904 }",
        ),
        ("whole", "regex = '(?s)=c.*?key_'\nkeywords = ['key_']\nwindow = 'whole'"),
        ("blanks", "regex = ' {3}([a-c]+)'\nkeywords = ['   ']"),
        ("line-before", "regex = '\\n@k([a-z]{2})'\nkeywords = [\"\\n@k\"]"),
        ("off", "regex = 'key_[a-z0-9_]{2,}'"),
    ];
    scanner(&rules)
});

fn piece() -> impl Strategy<Value = Vec<u8>> {
    let of =
        |pieces: &'static [&'static str]| prop::sample::select(pieces).prop_map(|p| p.as_bytes().to_vec());
    let words = of(&["key_", "abc", "@key", "key=", "=c", "password", "key_abc012", "key=ab", "1abc@key"]);
    let signs = of(&["=", ";", ";abc", " ", "   ", "a", "b0", "12", "123", "_", "\"", "\\", "~"]);
    let lines = of(&["\n", "\r\n", "\r", "\n@kab", "\\\n", "\n  ", "=\\\n", "\" + \"", "\"\n\""]);
    // Letters of two bytes, and their halves.
    let bytes = prop::sample::select(vec![
        "é".as_bytes(),
        "×".as_bytes(),
        b"\xc3",
        b"\xa9",
        b"\x97",
        b"\0",
        b"\xff\xfe",
    ])
    .prop_map(<[u8]>::to_vec);
    let encoded = of(&[
        " a2V5X2FiYzAxMiB4IGtleV9iMGMx",
        "IGtleV9hYmMwMTIgeCBrZXlfYjBjMSAgIGtleV9hYmMw\n",
        "\\u006b\\u0065\\u0079_abc012",
        "%6b%65%79_b0c1%20aaaaaaaa",
        "&#107;ey_abc&#48;aaaaaaaaaa",
        "6b65795f61626330313220782078207820",
        "password = \"k3Jx0Qz7Lm2P\"",
    ]);
    // Windows that are joined far beyond what an edit touches, and what is beyond every reach.
    let again = prop::sample::select(vec!["key_abc0 ", "abc=", "key=ab\n", "@key;", "   ", "~ "]);
    let wide = (1usize..12, again).prop_map(|(times, text)| text.repeat(times * times).into_bytes());
    prop_oneof![6 => words, 6 => signs, 4 => lines, 2 => bytes, 2 => encoded, 1 => wide]
}

fn text(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(piece(), 0..most).prop_map(|pieces| pieces.concat())
}

/// One step of an edit. Places are counted among those that matter, and a little beside them.
#[derive(Clone, Debug)]
struct Step {
    kind: u8,
    place: (usize, i8),
    other: (usize, i8),
    new: Vec<u8>,
}

fn step() -> impl Strategy<Value = Step> {
    let place = || (any::<usize>(), -5i8..6);
    (0u8..8, place(), place(), text(3)).prop_map(|(kind, place, other, new)| Step { kind, place, other, new })
}

/// The offsets where hits and their windows begin and end, and the ends of the text.
fn places(trace: &Trace) -> Vec<usize> {
    let literals = SCANNER.ruleset().literals();
    let mut places = vec![0, trace.len];
    for hit in &trace.hits {
        let found = hit.offset..hit.offset + literals.length(hit.literal);
        places.extend([found.start, found.end]);
        for announced in literals.announced(hit.literal, &keywords::CLASSES) {
            let window = announced.window(&found, trace.len);
            places.extend([window.start, window.end]);
        }
    }
    places.sort_unstable();
    places.dedup();
    places
}

/// The edited text, and where each of its stretches comes from.
fn edited(base: &[u8], trace: &Trace, steps: &[Step]) -> (Vec<u8>, Vec<Stretch>) {
    let places = places(trace);
    let mut out: Vec<(u8, Option<usize>)> = base.iter().copied().zip((0..).map(Some)).collect();
    let mut cuts = BTreeSet::new();
    for Step { kind, place, other, new } in steps {
        let [at, to] = [place, other].map(|(place, beside)| {
            let place = places[place % places.len()];
            place.saturating_add_signed(isize::from(*beside)).min(out.len())
        });
        // Most edits are short.
        let range = if kind % 2 == 0 { at.min(to)..at.max(to) } else { at..(at + to % 6).min(out.len()) };
        let new = new.iter().map(|byte| (*byte, None));
        match kind {
            0 | 1 => drop(out.splice(at..at, new)),
            2 | 3 => drop(out.drain(range)),
            4 | 5 => out[range].iter_mut().for_each(|(_, from)| *from = None),
            6 => {
                let copied = out[range].to_vec();
                out.splice(at..at, copied);
            }
            _ => drop(out.splice(range, new)),
        }
        cuts.insert(to);
    }
    let mut stretches: Vec<Stretch> = Vec::new();
    for (at, (_, from)) in out.iter().enumerate() {
        match stretches.last_mut() {
            Some(last) if last.from.map(|from| from + last.range.len()) == *from && !cuts.contains(&at) => {
                last.range.end = at + 1;
            }
            _ => stretches.push(Stretch { range: at..at + 1, from: *from }),
        }
    }
    (out.into_iter().map(|(byte, _)| byte).collect(), stretches)
}

/// In UTF-16, low byte first.
fn wide(text: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(text).encode_utf16().flat_map(u16::to_le_bytes).collect()
}

proptest! {
    // Each case is a chain of edits.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 2, ..ProptestConfig::default() })]
    #[test]
    fn an_edit_at_an_edge_is_seen_as_everything_is(
        base in text(20), is_wide in prop::bool::weighted(0.05),
        edits in prop::collection::vec(prop::collection::vec(step(), 0..4), 1..4),
    ) {
        let scratch = &mut Scratch::default();
        let mut text = if is_wide { wide(&base) } else { base };
        let mut trace = SCANNER.trace(&text, scratch);
        for steps in &edits {
            let (next, stretches) = edited(&text, &trace, steps);
            let of_edit = SCANNER.both_ways(&next, &trace, &stretches);
            let of_whole = SCANNER.trace(&next, scratch);
            // Said in a line: what a trace holds fills a screen.
            let shown = || format!("{} of {}", next.escape_ascii(), text.escape_ascii());
            prop_assert!(of_edit == of_whole, "{:?}: {}", stretches, shown());
            prop_assert_eq!(SCANNER.matches_of(&of_edit), SCANNER.scan(&next, scratch), "{}", shown());
            (text, trace) = (next, of_edit);
        }
    }
}

/// Asserts that an edit of `base` into `text`, which has the range `copied` of it at the same offsets, is seen as all of it is.
fn assert_same(base: &[u8], text: &[u8], copied: Range<usize>) -> Trace {
    assert_same_by(&SCANNER, base, text, copied)
}

fn assert_same_by(scanner: &Scanner, base: &[u8], text: &[u8], copied: Range<usize>) -> Trace {
    let scratch = &mut Scratch::default();
    assert_eq!(base[copied.clone()], text[copied.clone()]);
    let stretches = [
        Stretch { range: 0..copied.start, from: None },
        Stretch { range: copied.clone(), from: Some(copied.start) },
        Stretch { range: copied.end..text.len(), from: None },
    ];
    let of_edit = scanner.both_ways(text, &scanner.trace(base, scratch), &stretches);
    assert!(of_edit == scanner.trace(text, scratch));
    of_edit
}

#[test]
fn a_letter_that_is_cut_beside_a_window_may_be_another_one() {
    // `é` and `×` begin with the same byte, and only one of them belongs to a word.
    let script = |trace: &Trace| trace.matches.iter().filter(|m| m.range.len() == 3).count();
    let [letter, sign] = ["a abc\u{e9} ", "a abc\u{d7} "].map(str::as_bytes);
    assert_eq!(script(&assert_same(letter, sign, 0..6)), script(&assert_same(sign, letter, 0..6)) + 1);
    // `é` and `©` end with the same byte.
    let [letter, sign] = ["a \u{e9}abc ", "a \u{a9}abc "].map(str::as_bytes);
    assert_eq!(script(&assert_same(letter, sign, 3..8)), script(&assert_same(sign, letter, 3..8)) + 1);
}

#[test]
fn a_sign_behind_many_blanks_continues_no_line_on_the_word_of_what_is_far_away() {
    let line = |first: &str, blanks: usize| format!("{first}{}\\\nabc012\n", " ".repeat(blanks)).into_bytes();
    for blanks in [1, 3, 100, 124, 125, 126, 127, 128, 129, 200, 600] {
        let (open, closed) = (line("=", blanks), line(";", blanks));
        assert_same(&open, &closed, 1..open.len());
        assert_same(&closed, &open, 1..open.len());
    }
    let joined = assert_same(b"", &line("=", 100), 0..0);
    assert!(joined.layers.matches().next().is_some(), "blanks in a reasonable number join");
}

#[test]
fn a_keyword_that_is_longer_than_what_is_looked_at_behind_it_leads_to_what_it_leads_to() {
    let keyword = format!("1\" + \"23{}", "yx".repeat(350));
    let long = format!("regex = '1\" [+] \"23(?:yx){{350}}'\nkeywords = ['{keyword}']");
    let scanner = scanner(&[("long", &long), ("unannounced", "regex = '[0-9]{3,5}'")]);
    let text = format!("{}{keyword};\n", "~".repeat(200)).into_bytes();
    let cut = text.len() - 10;
    let whole = assert_same_by(&scanner, &text[..cut], &text, 0..cut);
    assert!(whole.layers.matches().next().is_some());
    assert_same_by(&scanner, &text, &text[..cut], 0..cut);
}

#[test]
fn what_is_empty_binary_or_deleted_is_an_edit_as_well() {
    let text = b"key_abc012 abc=123;\r\n1abc@key\r\n";
    let kept = assert_same(text, text, 0..text.len());
    assert!(!kept.is_clean());
    assert!(assert_same(text, b"", 0..0).is_clean());
    assert_same(b"", text, 0..0);
    assert_same(text, b"\0\xff\xfe\x01", 0..0);
    assert_same(b"\0\xff\xfe\x01", text, 0..0);
    for end in 0..text.len() {
        assert_same(text, &text[..end], 0..end);
    }
    let unix: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'\r').collect();
    assert_same(text, &unix, 0..19);
    assert_same(&unix, text, 0..19);
}
