//! What a rule's regex says about itself: the literals that are in every match, and how far a match reaches
//! around them. Worked out once, when a rule file is read; built-in rules carry the result as constants.
//!
//! The `regex-syntax` crate has an extractor of its own. It keeps upper and lower case apart, and `(?i)api_key`
//! then has 64 literals; the scanner compares without case, so this one folds case before it counts.

use regex_syntax::hir::{Class, Hir, HirKind, Literal, Repetition};

/// What an unbounded repetition is taken to reach at most, in bytes, when a rule states no window.
const UNBOUNDED: usize = 1024;
/// What unbounded white space (`\s*`) is taken to reach at most, in bytes.
const UNBOUNDED_SPACE: usize = 64;
/// The furthest that a derived window reaches to either side, in bytes.
pub(super) const FURTHEST: usize = 16 * 1024;
/// The most literals one rule may have before a shorter common part is preferred.
const MOST_LITERALS: usize = 48;
/// Literals shorter than this are in every file.
pub(super) const SHORTEST: usize = 3;

/// A set of literals (lower case) one of which is in every match, and how many bytes of the match can be before
/// the literal and after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Required {
    pub(super) literals: Vec<Vec<u8>>,
    pub(super) before: usize,
    pub(super) after: usize,
}

impl Required {
    fn shortest(&self) -> usize {
        self.literals.iter().map(Vec::len).min().unwrap_or(0)
    }

    /// More is better: long literals first, few of them second, a short way back third.
    fn score(&self) -> (usize, usize, usize) {
        let length = self.shortest().min(5);
        (length, usize::MAX - self.literals.len(), usize::MAX - self.before)
    }
}

/// Parses a rule's regex as the scanner will.
pub(super) fn parse(regex: &str) -> Result<Hir, String> {
    regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build()
        .parse(regex)
        .map_err(|error| error.to_string())
}

/// The best set of literals of three bytes and more, if there is any.
pub(super) fn required(hir: &Hir) -> Option<Required> {
    candidates(hir).into_iter().filter(|c| c.shortest() >= SHORTEST).max_by_key(Required::score)
}

/// The reach around `keywords` (lower case): exact when every literal that the regex demands holds one of them, else
/// the whole length of a match to either side.
pub(super) fn reach(hir: &Hir, keywords: &[Vec<u8>]) -> (usize, usize) {
    let within = |c: &Required| -> Option<(usize, usize)> {
        let mut reach = (0, 0);
        for literal in &c.literals {
            let (at, len) =
                keywords.iter().find_map(|k| Some((memchr::memmem::find(literal, k)?, k.len())))?;
            reach.0 = reach.0.max(c.before + at);
            reach.1 = reach.1.max(c.after + literal.len() - at - len);
        }
        Some(reach)
    };
    let best = candidates(hir).iter().filter_map(within).min_by_key(|(before, after)| before + after);
    let longest = longest(hir);
    let (before, after) = best.unwrap_or((longest, longest));
    (before.min(FURTHEST), after.min(FURTHEST))
}

/// The most bytes a match can have; unbounded repetitions count as [`UNBOUNDED`].
pub(super) fn longest(hir: &Hir) -> usize {
    let length = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(Literal(bytes)) => bytes.len(),
        HirKind::Class(class) => match class {
            Class::Unicode(c) => c.ranges().iter().map(|r| r.end().len_utf8()).max().unwrap_or(0),
            Class::Bytes(_) => 1,
        },
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            let one = longest(sub);
            match max {
                Some(max) => one.saturating_mul(*max as usize),
                None => one.saturating_mul(*min as usize).saturating_add(unbounded(sub)),
            }
        }
        HirKind::Capture(capture) => longest(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(longest).fold(0, usize::saturating_add),
        HirKind::Alternation(parts) => parts.iter().map(longest).max().unwrap_or(0),
    };
    length.min(FURTHEST)
}

fn unbounded(sub: &Hir) -> usize {
    let is_space = |c: &Class| match c {
        Class::Bytes(c) => {
            c.ranges().iter().all(|r| (r.start()..=r.end()).all(|b| b.is_ascii_whitespace() || b == 0x0b))
        }
        Class::Unicode(_) => false,
    };
    match sub.kind() {
        HirKind::Class(class) if is_space(class) => UNBOUNDED_SPACE,
        _ => UNBOUNDED,
    }
}

/// The literals (lower case) that `hir` is made of, when it is nothing else and there are few.
fn exact(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    let strings = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![Vec::new()],
        HirKind::Literal(Literal(bytes)) => vec![bytes.to_ascii_lowercase()],
        HirKind::Class(Class::Bytes(class)) => {
            let bytes: usize = class.ranges().iter().map(regex_syntax::hir::ClassBytesRange::len).sum();
            if bytes > 2 * MOST_LITERALS {
                return None;
            }
            let all = class.ranges().iter().flat_map(|r| r.start()..=r.end());
            all.map(|b| vec![b.to_ascii_lowercase()]).collect()
        }
        HirKind::Class(Class::Unicode(_)) => return None,
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            let (min, max) = (*min as usize, (*max)? as usize);
            if max > 16 {
                return None;
            }
            let one = exact(sub)?;
            let mut all = Vec::new();
            let mut power = vec![Vec::new()];
            for count in 0..=max {
                if count >= min {
                    all.extend(power.iter().cloned());
                }
                if count < max {
                    power = product(&power, &one)?;
                }
            }
            all
        }
        HirKind::Capture(capture) => exact(&capture.sub)?,
        HirKind::Concat(parts) => {
            let mut all = vec![Vec::new()];
            for part in parts {
                all = product(&all, &exact(part)?)?;
            }
            all
        }
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(exact(part)?);
            }
            all
        }
    };
    few(strings)
}

fn few(mut strings: Vec<Vec<u8>>) -> Option<Vec<Vec<u8>>> {
    strings.sort_unstable();
    strings.dedup();
    (strings.len() <= MOST_LITERALS).then_some(strings)
}

fn product(left: &[Vec<u8>], right: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    if left.len() * right.len() > 4 * MOST_LITERALS {
        return None;
    }
    let mut all = Vec::with_capacity(left.len() * right.len());
    for l in left {
        all.extend(right.iter().map(|r| [l.as_slice(), r.as_slice()].concat()));
    }
    few(all)
}

/// Every set of literals that could serve, each with its reach.
fn candidates(hir: &Hir) -> Vec<Required> {
    if let Some(literals) = exact(hir) {
        return vec![Required { literals, before: 0, after: 0 }];
    }
    match hir.kind() {
        HirKind::Capture(capture) => candidates(&capture.sub),
        HirKind::Repetition(Repetition { min, sub, .. }) if *min > 0 => {
            // The literal may be in any of the repeated copies.
            let rest = longest(hir);
            candidates(sub)
                .into_iter()
                .map(|c| Required { before: rest.min(FURTHEST), after: rest.min(FURTHEST), ..c })
                .collect()
        }
        HirKind::Concat(parts) => in_sequence(parts),
        HirKind::Alternation(parts) => {
            let mut all = Required { literals: Vec::new(), before: 0, after: 0 };
            for part in parts {
                let Some(best) = required(part) else { return Vec::new() };
                all.literals.extend(best.literals);
                all.before = all.before.max(best.before);
                all.after = all.after.max(best.after);
            }
            few(all.literals).map(|literals| vec![Required { literals, ..all }]).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// Runs of neighbouring exact parts make one set each; the parts that are not exact are looked into.
fn in_sequence(parts: &[Hir]) -> Vec<Required> {
    let lengths: Vec<usize> = parts.iter().map(longest).collect();
    let total = |some: &[usize]| some.iter().copied().fold(0, usize::saturating_add).min(FURTHEST);
    let before = |index: usize| total(lengths.get(..index).unwrap_or(&[]));
    let after = |index: usize| total(lengths.get(index + 1..).unwrap_or(&[]));
    let mut found = Vec::new();
    for start in 0..parts.len() {
        let mut run = vec![Vec::new()];
        for (index, part) in parts.iter().enumerate().skip(start) {
            let Some(longer) = exact(part).and_then(|e| product(&run, &e)) else { break };
            run = longer;
            found.push(Required { literals: run.clone(), before: before(start), after: after(index) });
        }
        if let Some(part) = parts.get(start).filter(|part| exact(part).is_none()) {
            found.extend(candidates(part).into_iter().map(|c| Required {
                before: c.before.saturating_add(before(start)).min(FURTHEST),
                after: c.after.saturating_add(after(start)).min(FURTHEST),
                ..c
            }));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(regex: &str) -> Option<(Vec<String>, usize, usize)> {
        let found = required(&parse(regex).unwrap())?;
        let text = |l: &Vec<u8>| String::from_utf8_lossy(l).into_owned();
        Some((found.literals.iter().map(text).collect(), found.before, found.after))
    }

    #[test]
    fn literals_and_their_reach_come_from_the_regex() {
        let one = |s: &str| vec![s.to_owned()];
        assert_eq!(of(r"\bghp_[0-9A-Za-z]{36}\b"), Some((one("ghp_"), 0, 36)));
        assert_eq!(of(r"\bgh[oprsu]_[0-9A-Za-z]{36}\b").unwrap().0, ["gho_", "ghp_", "ghr_", "ghs_", "ghu_"]);
        assert_eq!(
            of(r"(?i)api[_-]?key.{0,20}=([a-z0-9]{32})"),
            Some((vec!["api-key".into(), "api_key".into(), "apikey".into()], 0, 53))
        );
        assert_eq!(of(r"[a-z0-9]{14}\.atlasv1\.[a-z]{60}"), Some((one(".atlasv1."), 14, 60)));
        assert_eq!(of(r"(?:AKIA|ASIA)[A-Z2-7]{16}"), Some((vec!["akia".into(), "asia".into()], 0, 16)));
        assert_eq!(of(r"[a-f0-9]{32}"), None);
    }

    #[test]
    fn keywords_reach_as_far_as_the_regex_says() {
        let hir = parse(r"(?i)heroku.{0,20}([0-9a-f]{8}-[0-9a-f]{27})").unwrap();
        assert_eq!(reach(&hir, &[b"heroku".to_vec()]), (0, 56));
        assert_eq!(reach(&hir, &[b"elsewhere".to_vec()]), (62, 62));
    }
}
