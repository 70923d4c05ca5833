//! A regular expression of a configuration: checked when it is read, compiled when a text first asks for it, and run only
//! where a match can be.
//!
//! gitleaks runs each of its expressions over the whole of each fragment. Two facts that follow from an expression itself
//! say where that is for nothing. Each match holds one of a few literals; and it lies in a run of bytes that the expression
//! can match at all (`generic-api-key` never crosses a parenthesis). A window is what both leave, and the same search in it
//! finds the same matches: no match that begins in one can end in another.

use super::translate::translate;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex_automata::meta::{self, Regex};
use regex_automata::util::syntax;
use regex_automata::{Input, Span};
use regex_syntax::hir::{Class, Hir, HirKind};
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// What one compiled expression may take. Counted repetitions of classes with all their Unicode cases are large.
const SIZE_LIMIT: usize = 64 << 20;

/// The cache of the lazy automaton.
const CACHE: usize = 8 << 20;

/// Literals that are looked for at once. More say little about where a match is.
const MOST_LITERALS: usize = 64;

/// Shorter ones are everywhere.
const SHORTEST_LITERAL: usize = 2;

/// An expression, as it was written and as it is run.
#[derive(Debug)]
pub(crate) struct Pattern {
    source: String,
    translated: String,
    hir: Hir,
    compiled: OnceLock<Result<Box<Compiled>, String>>,
}

#[derive(Debug)]
struct Compiled {
    regex: Regex,
    plan: Option<Plan>,
}

/// What is known of all matches.
#[derive(Debug)]
struct Plan {
    /// One of these is in each match.
    literals: AhoCorasick,
    /// The bytes that can be in a match.
    bytes: [bool; 256],
    /// The longest match.
    longest: usize,
}

/// A text to search, with what is found out of it once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    pub(crate) bytes: &'a [u8],
    /// It has letters outside of ASCII that are the same as one in it, but for their case: the literals do not tell.
    folds: bool,
}

impl<'a> Text<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, folds: has_folds(bytes) }
    }
}

/// Whether there is a letter whose lower case is ASCII and which is not: the long s, the sign of Kelvin, the I with a dot.
pub(super) fn has_folds(bytes: &[u8]) -> bool {
    !bytes.is_ascii() && bytes.windows(2).any(|two| matches!(two, [0xc5, 0xbf] | [0xe2, 0x84] | [0xc4, 0xb0]))
}

impl Pattern {
    /// Reads an expression in Go's syntax.
    ///
    /// # Errors
    ///
    /// What is no expression.
    pub(crate) fn new(source: &str) -> Result<Self, String> {
        Self::of(source.to_owned(), translate(source)?)
    }

    /// Any of several, as gitleaks joins them: a flag in one holds for those behind it, too.
    pub(crate) fn any(patterns: &[Self]) -> Result<Self, String> {
        let join = |texts: Vec<&str>| format!("(?:{})", texts.join("|"));
        Self::of(
            join(patterns.iter().map(|pattern| pattern.source.as_str()).collect()),
            join(patterns.iter().map(|pattern| pattern.translated.as_str()).collect()),
        )
    }

    fn of(source: String, translated: String) -> Result<Self, String> {
        let hir = regex_syntax::ParserBuilder::new()
            .utf8(false)
            .nest_limit(500)
            .build()
            .parse(&translated)
            .map_err(|error| said(&error))?;
        Ok(Self { source, translated, hir, compiled: OnceLock::new() })
    }

    /// As it was written.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// As the `regex` crate reads it.
    pub(crate) fn translated(&self) -> &str {
        &self.translated
    }

    /// How many groups it has.
    pub(crate) fn groups(&self) -> usize {
        self.hir.properties().explicit_captures_len()
    }

    fn compiled(&self) -> Result<&Compiled, &str> {
        let compile = || {
            let config = meta::Config::new()
                .utf8_empty(false)
                .nfa_size_limit(Some(SIZE_LIMIT))
                .hybrid_cache_capacity(CACHE);
            let regex = Regex::builder()
                .configure(config)
                .syntax(syntax::Config::new().utf8(false))
                .build_from_hir(&self.hir)
                .map_err(|error| error.to_string())?;
            Ok(Box::new(Compiled { regex, plan: Plan::of(&self.hir) }))
        };
        self.compiled.get_or_init(compile).as_deref().map_err(String::as_str)
    }

    /// Why it cannot be run, where that only shows when it is compiled.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.compiled.get()?.as_ref().err().map(String::as_str)
    }

    /// Whether there is a match. An expression that cannot be compiled has none; [`Pattern::failure`] tells.
    pub(crate) fn is_match(&self, bytes: &[u8]) -> bool {
        self.compiled().is_ok_and(|compiled| compiled.regex.is_match(bytes))
    }

    /// All matches, from left to right, none of which overlap.
    pub(crate) fn find_all(&self, text: Text<'_>) -> Vec<Span> {
        let Ok(compiled) = self.compiled() else { return Vec::new() };
        let regex = &compiled.regex;
        match &compiled.plan {
            Some(plan) if !text.folds => {
                let mut found = Vec::new();
                for window in plan.windows(text.bytes) {
                    let input = Input::new(text.bytes).span(window);
                    found.extend(regex.find_iter(input).map(|one| one.span()));
                }
                found
            }
            _ => regex.find_iter(text.bytes).map(|one| one.span()).collect(),
        }
    }

    /// What the groups of the first match hold, without the whole of it; `None` where there is none.
    pub(crate) fn first_groups<'t>(&self, bytes: &'t [u8]) -> Option<Vec<&'t [u8]>> {
        let regex = &self.compiled().ok()?.regex;
        let mut captures = regex.create_captures();
        regex.captures(bytes, &mut captures);
        if !captures.is_match() {
            return None;
        }
        let group = |index: usize| captures.get_group(index).and_then(|span| bytes.get(span.range()));
        Some((1..captures.group_len()).map(|index| group(index).unwrap_or_default()).collect())
    }
}

/// The one line of an error that says what is wrong.
fn said(error: &regex_syntax::Error) -> String {
    match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        other => other.to_string(),
    }
}

impl Plan {
    fn of(hir: &Hir) -> Option<Self> {
        if hir.properties().minimum_len().unwrap_or(0) == 0 {
            return None;
        }
        let literals = required(hir)?;
        let shortest = literals.iter().map(Vec::len).min()?;
        if shortest < SHORTEST_LITERAL || literals.len() > MOST_LITERALS {
            return None;
        }
        let mut bytes = [false; 256];
        mark(hir, &mut bytes);
        let literals = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .ascii_case_insensitive(true)
            .build(literals)
            .ok()?;
        Some(Self { literals, bytes, longest: hir.properties().maximum_len().unwrap_or(usize::MAX) })
    }

    /// Where matches can be: sorted, and no two touch.
    fn windows(&self, text: &[u8]) -> Vec<Span> {
        let mut windows: Vec<Span> = Vec::new();
        let may =
            |at: usize| text.get(at).is_some_and(|&byte| self.bytes.get(usize::from(byte)) == Some(&true));
        for hit in self.literals.find_overlapping_iter(text) {
            let last = windows.last().copied().unwrap_or(Span { start: usize::MAX, end: 0 });
            let is_behind = hit.start() >= last.start;
            let far = hit.end().saturating_add(self.longest).min(text.len());
            if is_behind && (last.end >= far || (last.end >= hit.end() && !may(last.end))) {
                // Inside of the last window, which already reaches as far as it could.
                continue;
            }
            let near = hit.start().saturating_sub(self.longest);
            let stop = if is_behind { last.end } else { 0 };
            let mut start = hit.start();
            while start > near && start > stop && may(start - 1) {
                start -= 1;
            }
            let mut end = hit.end().max(last.end);
            while end < far && may(end) {
                end += 1;
            }
            while let Some(window) = windows.pop_if(|window| start <= window.end) {
                (start, end) = (start.min(window.start), end.max(window.end));
            }
            windows.push(Span { start, end });
        }
        windows
    }
}

/// Marks the bytes that can be in a match.
fn mark(hir: &Hir, bytes: &mut [bool; 256]) {
    let mut add = |low: u8, high: u8| {
        for byte in low..=high {
            if let Some(slot) = bytes.get_mut(usize::from(byte)) {
                *slot = true;
            }
        }
    };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => literal.0.iter().for_each(|&byte| add(byte, byte)),
        HirKind::Class(Class::Unicode(class)) => {
            for range in class.iter() {
                if let Ok(low) = u8::try_from(range.start())
                    && low.is_ascii()
                {
                    add(low, u8::try_from(range.end()).unwrap_or(0x7f).min(0x7f));
                }
                if !range.end().is_ascii() {
                    add(0x80, 0xff);
                }
            }
        }
        HirKind::Class(Class::Bytes(class)) => class.iter().for_each(|range| add(range.start(), range.end())),
        HirKind::Repetition(repetition) => mark(&repetition.sub, bytes),
        HirKind::Capture(capture) => mark(&capture.sub, bytes),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().for_each(|part| mark(part, bytes));
        }
    }
}

type Literals = BTreeSet<Vec<u8>>;

/// Literals, in lower case, of which each match holds one.
fn required(hir: &Hir) -> Option<Literals> {
    if let Some(exact) = exact(hir) {
        return Some(exact);
    }
    match hir.kind() {
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Alternation(parts) => {
            let mut all = Literals::new();
            for part in parts {
                all.extend(required(part)?);
            }
            (all.len() <= MOST_LITERALS).then_some(all)
        }
        HirKind::Concat(parts) => required_of_row(parts),
        _ => None,
    }
}

/// The best of what stands in a row: pieces that are known letter by letter are put together.
fn required_of_row(parts: &[Hir]) -> Option<Literals> {
    let mut best: Option<Literals> = None;
    let better = |best: &mut Option<Literals>, new: Literals| {
        let worth = |set: &Literals| (set.iter().map(Vec::len).min(), std::cmp::Reverse(set.len()));
        if best.as_ref().is_none_or(|old| worth(&new) > worth(old)) {
            *best = Some(new);
        }
    };
    let mut row = Literals::from([Vec::new()]);
    for part in parts {
        match exact(part) {
            Some(next) if row.len() * next.len() <= MOST_LITERALS => row = product(&row, &next),
            Some(next) => {
                better(&mut best, std::mem::replace(&mut row, next));
            }
            None => {
                better(&mut best, std::mem::replace(&mut row, Literals::from([Vec::new()])));
                if let Some(inner) = required(part) {
                    better(&mut best, inner);
                }
            }
        }
    }
    better(&mut best, row);
    best.filter(|set| set.iter().all(|literal| !literal.is_empty()))
}

fn product(left: &Literals, right: &Literals) -> Literals {
    left.iter().flat_map(|a| right.iter().map(move |b| [a.as_slice(), b.as_slice()].concat())).collect()
}

/// Everything that it matches, in lower case, where that is little.
fn exact(hir: &Hir) -> Option<Literals> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(Literals::from([Vec::new()])),
        HirKind::Literal(literal) => Some(Literals::from([literal.0.to_ascii_lowercase()])),
        HirKind::Class(Class::Unicode(class)) => {
            let count: u32 =
                class.iter().map(|range| u32::from(range.end()) - u32::from(range.start()) + 1).sum();
            if count > 16 {
                return None;
            }
            class
                .iter()
                .flat_map(|range| range.start()..=range.end())
                .map(|c| lower(c).map(|c| vec![c]))
                .collect()
        }
        HirKind::Class(Class::Bytes(class)) => {
            let count: usize = class.iter().map(|range| usize::from(range.end() - range.start()) + 1).sum();
            let bytes = || class.iter().flat_map(|range| range.start()..=range.end());
            (count <= 16).then(|| bytes().map(|byte| vec![byte.to_ascii_lowercase()]).collect())
        }
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Alternation(parts) => {
            let mut all = Literals::new();
            for part in parts {
                all.extend(exact(part)?);
            }
            (all.len() <= MOST_LITERALS).then_some(all)
        }
        HirKind::Concat(parts) => {
            let mut row = Literals::from([Vec::new()]);
            for part in parts {
                row = product(&row, &exact(part)?);
                if row.len() > MOST_LITERALS {
                    return None;
                }
            }
            Some(row)
        }
        HirKind::Repetition(_) => None,
    }
}

/// The ASCII letter that this one is the same as, but for its case.
fn lower(c: char) -> Option<u8> {
    match c {
        '\u{212a}' => Some(b'k'),
        '\u{17f}' => Some(b's'),
        c => u8::try_from(c).ok().filter(u8::is_ascii).map(|byte| byte.to_ascii_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literals(pattern: &str) -> Vec<String> {
        let pattern = Pattern::new(pattern).unwrap();
        let set = required(&pattern.hir).unwrap_or_default();
        set.into_iter().map(|literal| String::from_utf8(literal).unwrap()).collect()
    }

    #[test]
    fn the_literals_of_a_match_are_drawn_from_the_expression() {
        assert_eq!(literals(r"\b(ghp_[a-z]{36})\b"), ["ghp_"]);
        assert_eq!(literals(r"(?i)[\w.-]{0,50}?(?:acme|foo(?:x)?)[ \t]{0,20}=\w{10}"), ["acme", "foo"]);
        assert_eq!(literals(r"[Kk]ey[0-9]+"), ["key"]);
        assert_eq!(literals("(?:a|b)+x?"), ["a", "b"]);
        assert_eq!(literals("a*b*"), [] as [&str; 0]);
    }

    #[test]
    fn a_search_in_windows_finds_what_a_search_of_everything_finds() {
        let patterns = [
            r#"(?i)[\w.-]{0,50}?(?:key|tok|(?-i:[Aa]pi|API))(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|:)[\s'"]{0,5}([\w.=-]{5,15}|[a-z0-9][a-z0-9+/]{6,}={0,3})(?:['"\s;]|$)"#,
            r"\bab[a-c]{2,4}\b",
            r"(?i)kes\w*?s",
            r"key.{3,9}tok",
        ];
        let words: [&[u8]; 16] = [
            b"key",
            b"Tok",
            b"api",
            b"API",
            b" = ",
            b": \"",
            b"abc12345+/x",
            b"(",
            b"\n",
            b"abba",
            b"kess",
            b";",
            b"\xe2\x84\xaa",
            b"\xff",
            b"'",
            b"tok",
        ];
        let mut state = 1u64;
        for pattern in patterns {
            let pattern = Pattern::new(pattern).unwrap();
            let regex = &pattern.compiled().unwrap().regex;
            assert!(pattern.compiled().unwrap().plan.is_some(), "{}", pattern.source());
            for _ in 0..400 {
                let mut text = Vec::new();
                for _ in 0..60 {
                    state =
                        state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    text.extend_from_slice(words[usize::try_from(state >> 60).unwrap()]);
                }
                let whole: Vec<Span> = regex.find_iter(&text).map(|one| one.span()).collect();
                assert_eq!(pattern.find_all(Text::new(&text)), whole, "{} in {text:?}", pattern.source());
            }
        }
    }

    #[test]
    fn flags_reach_over_what_is_joined_as_in_gitleaks() {
        let any = |texts: [&str; 2]| {
            let patterns: Vec<Pattern> = texts.iter().map(|text| Pattern::new(text).unwrap()).collect();
            Pattern::any(&patterns).unwrap()
        };
        assert!(any(["(?i)a", "b"]).is_match(b"B"));
        assert!(!any(["b", "(?i)a"]).is_match(b"B"));
    }

    #[test]
    fn groups_of_a_match_that_took_no_part_are_empty() {
        let pattern = Pattern::new("(a)|(b)").unwrap();
        assert_eq!(pattern.groups(), 2);
        assert_eq!(pattern.first_groups(b"xb"), Some(vec![&b""[..], b"b"]));
        assert_eq!(pattern.first_groups(b"x"), None);
    }
}
