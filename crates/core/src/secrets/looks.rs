//! What a rule's regex looks for, in words: `` `ghp_`, then 36 letters or digits ``. Somebody who looks at a finding, or for a
//! credential of their own, reads that faster than a regex.

use super::derive;
use super::rule::Rule;
use regex_syntax::hir::{Class, Hir, HirKind, Literal};

/// More words than this are not easier to read than the regex.
const LONGEST: usize = 240;
/// The most branches of an alternation that are told.
const MOST_BRANCHES: usize = 8;

/// How to recognise what a rule finds.
pub(super) fn looks(rule: &Rule) -> String {
    let structure = rule.structure.as_ref().map(|structure| structure.kind.as_ref());
    let mut out = match (rule.detects(), structure) {
        (Some(about), _) => about.to_owned(),
        (None, Some("jwt")) => {
            "a JSON Web Token: three parts with points between, the first beginning with `eyJ`".to_owned()
        }
        (None, Some("pem")) => "a PEM block, from `-----BEGIN` to `-----END`".to_owned(),
        (None, _) => of_regex(rule),
    };
    if structure == Some("crc32-base62") {
        out.push_str("; the last six characters are a checksum of those before");
    }
    if let Some(path) = &rule.path {
        out.push_str(&format!("; only in files whose path matches `{path}`"));
    }
    out
}

fn of_regex(rule: &Rule) -> String {
    let Ok(hir) = derive::parse(&rule.regex) else { return String::new() };
    let wanted = rule.secret_group.unwrap_or(1);
    let secret = if wanted == 0 { None } else { capture(&hir, wanted) };
    let words = describe(secret.unwrap_or(&hir)).filter(|words| words.len() <= LONGEST && !words.is_empty());
    let what = words
        .unwrap_or_else(|| format!("what the pattern says that `gatepost rules show {}` prints", rule.id));
    if secret.is_none() || rule.keywords.is_empty() {
        return what;
    }
    let keywords: Vec<String> = rule.keywords.iter().take(4).map(|keyword| code(keyword)).collect();
    // A word that is a part of the value itself says nothing of what stands beside it.
    if keywords.iter().any(|keyword| what.to_ascii_lowercase().contains(keyword.trim_matches('`'))) {
        return what;
    }
    let more = if rule.keywords.len() > keywords.len() { " and the like" } else { "" };
    format!("{what}, beside {}{more}", keywords.join(", "))
}

/// The capture group of that number.
fn capture(hir: &Hir, wanted: u32) -> Option<&Hir> {
    match hir.kind() {
        HirKind::Capture(found) if found.index == wanted => Some(&found.sub),
        HirKind::Capture(other) => capture(&other.sub, wanted),
        HirKind::Repetition(repetition) => capture(&repetition.sub, wanted),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().find_map(|part| capture(part, wanted))
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => None,
    }
}

/// A piece of the description.
enum Piece {
    /// Characters that stand there as they are.
    Exact(String),
    /// Words.
    Words(String),
}

/// The description; `None` of what is easier to read as a regex.
fn describe(hir: &Hir) -> Option<String> {
    let mut pieces = Vec::new();
    collect(hir, &mut pieces)?;
    let mut out: Vec<String> = Vec::new();
    let mut exact = String::new();
    for piece in pieces {
        match piece {
            Piece::Exact(text) => exact.push_str(&text),
            Piece::Words(words) => {
                if !exact.is_empty() {
                    out.push(code(&std::mem::take(&mut exact)));
                }
                out.push(words);
            }
        }
    }
    if !exact.is_empty() {
        out.push(code(&exact));
    }
    Some(out.join(", then "))
}

fn collect(hir: &Hir, pieces: &mut Vec<Piece>) -> Option<()> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(Literal(bytes)) => pieces.push(Piece::Exact(printable(bytes)?)),
        HirKind::Class(class) => pieces.push(match only(class) {
            Some(letter) => Piece::Exact(letter.to_string()),
            None => Piece::Words(one_of(&class_words(class)?)),
        }),
        HirKind::Capture(capture) => collect(&capture.sub, pieces)?,
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| collect(part, pieces))?,
        HirKind::Alternation(branches) => {
            if branches.len() > MOST_BRANCHES {
                return None;
            }
            let words = branches.iter().map(describe).collect::<Option<Vec<_>>>()?;
            let words: Vec<String> = words.into_iter().filter(|words| !words.is_empty()).collect();
            let simple = words.iter().all(|words| !words.contains(' '));
            let words: Vec<String> =
                words.into_iter().map(|words| if simple { words } else { format!("({words})") }).collect();
            pieces.push(Piece::Words(either(&words)));
        }
        HirKind::Repetition(repetition) => {
            let (min, max) = (repetition.min, repetition.max);
            if max == Some(0) {
                return Some(());
            }
            let inner = repetition.sub.kind();
            if let (HirKind::Class(class), None) = (inner, exact(&repetition.sub)) {
                let many = class_words(class)?;
                pieces.push(Piece::Words(match (min, max) {
                    (0, Some(1)) => format!("perhaps {}", one_of(&many)),
                    (min, Some(max)) if min == max => format!("{min} {many}"),
                    (0, Some(max)) => format!("up to {max} {many}"),
                    (min, Some(max)) => format!("{min} to {max} {many}"),
                    (0, None) => format!("any number of {many}"),
                    (min, None) => format!("{min} or more {many}"),
                }));
                return Some(());
            }
            let one = describe(&repetition.sub)?;
            match (min, max) {
                _ if one.is_empty() => {}
                (0, Some(1)) => pieces.push(Piece::Words(format!("perhaps {one}"))),
                (1, Some(1)) => collect(&repetition.sub, pieces)?,
                (min, Some(max)) if min == max => pieces.push(Piece::Words(format!("{min} times ({one})"))),
                (min, Some(max)) => pieces.push(Piece::Words(format!("{min} to {max} times ({one})"))),
                (min, None) => pieces.push(Piece::Words(format!("{min} or more times ({one})"))),
            }
        }
    }
    Some(())
}

/// The one character that something stands for, whatever its case.
fn exact(hir: &Hir) -> Option<char> {
    match hir.kind() {
        HirKind::Class(class) => only(class),
        _ => None,
    }
}

fn only(class: &Class) -> Option<char> {
    let bytes = members(class)?;
    let first = bytes.first()?.to_ascii_lowercase();
    let same = bytes.iter().all(|byte| byte.to_ascii_lowercase() == first);
    (same && first.is_ascii_graphic()).then(|| char::from(first))
}

/// The bytes of a class.
fn members(class: &Class) -> Option<Vec<u8>> {
    match class {
        Class::Bytes(class) => {
            Some(class.ranges().iter().flat_map(|range| range.start()..=range.end()).collect())
        }
        Class::Unicode(class) => {
            let all = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            all.map(|c| u8::try_from(u32::from(c)).ok()).take(257).collect()
        }
    }
}

/// One character of a class that has these words.
fn one_of(words: &str) -> String {
    match words {
        CHARACTERS => "one character".to_owned(),
        words if words.starts_with('`') => words.to_owned(),
        words => format!("one of the {words}"),
    }
}

/// What is said of a class that leaves little out.
const CHARACTERS: &str = "characters";

/// A class in the plural: `letters or digits`.
fn class_words(class: &Class) -> Option<String> {
    let bytes = members(class)?;
    if bytes.len() > 100 {
        return Some(CHARACTERS.to_owned());
    }
    let has = |range: std::ops::RangeInclusive<u8>| range.clone().all(|byte| bytes.contains(&byte));
    let (digits, lower, upper) = (has(b'0'..=b'9'), has(b'a'..=b'z'), has(b'A'..=b'Z'));
    let mut words: Vec<String> = Vec::new();
    let mut told = [false; 256];
    let mut tell = |range: std::ops::RangeInclusive<u8>| {
        for byte in range {
            if let Some(slot) = told.get_mut(usize::from(byte)) {
                *slot = true;
            }
        }
    };
    let hex = digits && (has(b'a'..=b'f') || has(b'A'..=b'F'));
    let letters =
        bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).all(|b| b.to_ascii_lowercase() <= b'f');
    if hex && letters {
        words.push("hexadecimal digits".to_owned());
        tell(b'0'..=b'9');
        tell(b'a'..=b'f');
        tell(b'A'..=b'F');
    } else {
        match (lower, upper) {
            (true, true) => words.push("letters".to_owned()),
            (true, false) => words.push("lower-case letters".to_owned()),
            (false, true) => words.push("upper-case letters".to_owned()),
            (false, false) => {}
        }
        if lower {
            tell(b'a'..=b'z');
        }
        if upper {
            tell(b'A'..=b'Z');
        }
        if digits {
            words.push("digits".to_owned());
            tell(b'0'..=b'9');
        }
    }
    let mut rest = bytes
        .iter()
        .copied()
        .filter(|byte| !told.get(usize::from(*byte)).copied().unwrap_or(false))
        .peekable();
    while let Some(first) = rest.next() {
        let mut last = first;
        while let Some(next) = rest.next_if(|next| *next == last.saturating_add(1)) {
            last = next;
        }
        words.push(match last - first {
            0 => code(&printable(&[first])?),
            1 => format!("{}, {}", code(&printable(&[first])?), code(&printable(&[last])?)),
            _ => format!("{} to {}", code(&printable(&[first])?), code(&printable(&[last])?)),
        });
    }
    (words.len() <= 10).then(|| either(&words))
}

/// `a, b or c`.
fn either(words: &[String]) -> String {
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

fn printable(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    Some(text.replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t"))
}

/// Text between backticks; with two where it has one itself.
fn code(text: &str) -> String {
    match text {
        " " => "a space".to_owned(),
        text if text.contains('`') => format!("`` {text} ``"),
        text => format!("`{text}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(regex: &str) -> String {
        describe(&derive::parse(regex).unwrap()).unwrap_or_else(|| "?".to_owned())
    }

    #[test]
    fn a_regex_reads_as_words() {
        assert_eq!(of(r"\bghp_[0-9A-Za-z]{36}\b"), "`ghp_`, then 36 letters or digits");
        assert_eq!(of("(?i:acme)-[0-9a-f]{8,12}"), "`acme-`, then 8 to 12 hexadecimal digits");
        assert_eq!(
            of("sk_(?:live|test)_[0-9a-z_-]{20,}"),
            "`sk_`, then `live` or `test`, then `_`, then 20 or more lower-case letters, digits, `-` or `_`"
        );
        assert_eq!(of("[A-Z2-7]{16}={0,2}"), "16 upper-case letters or `2` to `7`, then 0 to 2 times (`=`)");
        assert_eq!(of("a(?:-b)?"), "`a`, then perhaps `-b`");
        assert_eq!(
            of("a[xz](?:[0-9]{2}|[a-z]{3})[^,]"),
            "`a`, then `x` or `z`, then (2 digits) or (3 lower-case letters), then one character"
        );
    }

    proptest! {
        #[test]
        fn any_regex_is_described_or_not(regex in "[a-c0-9\\[\\](){}|*+?,.-]{0,24}") {
            if let Ok(hir) = derive::parse(&regex) {
                prop_assert!(describe(&hir).is_none_or(|words| !words.contains('\n')));
            }
        }
    }
}
