//! Baselines: the secrets that were there on the day gatepost came, so that an old repository can start
//! at once and only new ones are refused.
//!
//! The file is a set of lines: a fingerprint, a space, the rule. Rendering sorts it; reading
//! accepts any order and repetition, so that two branches that each add lines merge into a valid file by
//! keeping both sides (`merge=union` in `.gitattributes`, which `gatepost baseline` writes, has Git do it). A line that one
//! branch removed may come back in that way: it is reported as stale, and `gatepost baseline update` drops it.
//! A fingerprint is no way to look a secret up (see [`crate::fingerprint`]).

use crate::{Finding, Fingerprint};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

const HEADER: &str = "\
# gatepost baseline: secrets that were known when it was made. They are reported as suppressed, not refused.
# One line each: fingerprint and rule. Lines may stand in any order; `gatepost baseline update` sorts them.
";

/// The fingerprints of known secrets, with the rules that found them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Baseline {
    entries: BTreeMap<Fingerprint, BTreeSet<String>>,
}

/// One entry of a baseline: a fingerprint and the rule that found it.
pub type Entry = (Fingerprint, String);

/// What changed between a baseline and the findings of today.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Difference {
    /// Found today, not in the baseline.
    pub added: Vec<Entry>,
    /// In the baseline, not found today. Only a scan of everything that the baseline was made from can tell.
    pub gone: Vec<Entry>,
}

/// What is wrong with a line of a baseline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BaselineError {
    /// The line, from 1.
    pub line: usize,
    /// Its text: untrusted, escaped by whoever prints it.
    pub source_line: String,
    /// What is wrong with it.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {} ({})", self.line, self.message, self.help)
    }
}

impl std::error::Error for BaselineError {}

impl Baseline {
    /// The baseline that these findings make. Only secrets are taken: everything else is judged by what changes.
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut baseline = Self::default();
        for finding in findings.into_iter().filter(|finding| is_secret(finding)) {
            baseline.insert(finding.fingerprint.clone(), finding.rule.clone());
        }
        baseline
    }

    /// Reads a baseline. Blank lines and lines that open with `#` are skipped; a line without a rule is accepted.
    ///
    /// # Errors
    ///
    /// Every line that is none, conflict markers among them.
    pub fn parse(text: &str) -> Result<Self, Vec<BaselineError>> {
        let (mut baseline, mut errors) = (Self::default(), Vec::new());
        // Windows editors put a byte order mark in front.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (index, line) in text.lines().enumerate() {
            match parse_line(line) {
                Ok(Some((fingerprint, rule))) => baseline.insert(fingerprint, rule),
                Ok(None) => {}
                Err((message, help)) => errors.push(BaselineError {
                    line: index + 1,
                    source_line: line.to_owned(),
                    message,
                    help: help.to_owned(),
                }),
            }
        }
        if errors.is_empty() { Ok(baseline) } else { Err(errors) }
    }

    /// The baseline's text: a header, then the entries in order, each line ending in a newline.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = String::from(HEADER);
        for (fingerprint, rule) in self.entries() {
            out.push_str(fingerprint.as_str());
            if !rule.is_empty() {
                out.push(' ');
                out.push_str(rule);
            }
            out.push('\n');
        }
        out
    }

    /// Whether the baseline knows this fingerprint.
    #[must_use]
    pub fn contains(&self, fingerprint: &Fingerprint) -> bool {
        self.entries.contains_key(fingerprint)
    }

    /// How many fingerprints there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no fingerprint.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries, in order. The rule is empty where its line had none.
    pub fn entries(&self) -> impl Iterator<Item = (&Fingerprint, &str)> {
        self.entries.iter().flat_map(|(print, rules)| rules.iter().map(move |rule| (print, rule.as_str())))
    }

    /// Compares with the findings of today, by fingerprint; other findings than secrets do not count.
    pub fn diff<'f>(&self, findings: impl IntoIterator<Item = &'f Finding>) -> Difference {
        let today = Self::of(findings);
        Difference { added: today.without(self), gone: self.without(&today) }
    }

    /// The entries that none of the findings has: their secrets are gone, if everything was looked at.
    pub fn stale<'f>(&self, findings: impl IntoIterator<Item = &'f Finding>) -> Vec<Entry> {
        self.without(&Self::of(findings))
    }

    fn without(&self, other: &Self) -> Vec<Entry> {
        self.entries()
            .filter(|(print, _)| !other.contains(print))
            .map(|(print, rule)| (print.clone(), rule.to_owned()))
            .collect()
    }

    fn insert(&mut self, fingerprint: Fingerprint, rule: String) {
        let rules = self.entries.entry(fingerprint).or_default();
        // A line without a rule says no more than one with it.
        if rule.is_empty() && !rules.is_empty() {
            return;
        }
        rules.remove("");
        rules.insert(rule);
    }
}

pub(crate) fn is_secret(finding: &Finding) -> bool {
    finding.family == crate::secrets::CHECK.family
}

fn parse_line(line: &str) -> Result<Option<Entry>, (String, &'static str)> {
    let trimmed = line.trim();
    if trimmed.is_empty() || trimmed.starts_with('#') {
        return Ok(None);
    }
    let markers = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"];
    if markers.iter().any(|marker| line.starts_with(marker)) {
        let help = "keep the lines of both sides and remove the marker";
        return Err(("a merge conflict was left here".to_owned(), help));
    }
    let mut words = trimmed.split_whitespace();
    let (first, rule) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let Some(fingerprint) = Fingerprint::parse(first) else {
        let help = "a line is `gp1:` and 16 of a-z and 2-7, a space and the rule; `gatepost baseline create` writes them";
        return Err((format!("`{first}` is not a fingerprint"), help));
    };
    if let Some(extra) = words.next() {
        return Err((format!("`{extra}` is too much"), "a line has a fingerprint and a rule, nothing else"));
    }
    Ok(Some((fingerprint, rule.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settle::tests::{finding, secret};
    use proptest::prelude::*;

    const A: &str = "gp1:aaaaaaaaaaaaaaaa";
    const B: &str = "gp1:bbbbbbbbbbbbbbbb";

    #[test]
    fn a_baseline_is_a_sorted_set_of_lines() {
        let text =
            format!("\u{feff}{B} aws-access-key\r\n\n# a comment\n{A}\n{A} github-pat\n{B} aws-access-key\n");
        let baseline = Baseline::parse(&text).unwrap();
        assert_eq!(baseline.len(), 2);
        assert_eq!(baseline.render(), format!("{HEADER}{A} github-pat\n{B} aws-access-key\n"));
        assert_eq!(Baseline::parse(&baseline.render()), Ok(baseline));
        assert_eq!(Baseline::parse(&Baseline::default().render()), Ok(Baseline::default()));
    }

    #[test]
    fn every_bad_line_is_named() {
        let text = format!("{A} ok\n<<<<<<< HEAD\n{A}\n=======\n{B}\n>>>>>>> topic\nsecret\n{A} rule more\n");
        let errors = Baseline::parse(&text).unwrap_err();
        let lines: Vec<String> = errors.iter().map(|error| format!("{error}\n")).collect();
        insta::assert_snapshot!(lines.concat());
    }

    #[test]
    fn differences_are_by_fingerprint_and_of_secrets_alone() {
        let (old, new) = (secret("github-pat", 1, &["a"]), secret("github-pat", 2, &["b"]));
        let (kept, other) = (secret("aws-access-key", 3, &["a"]), finding("GP-FILE", "too-big", 4, &["c"]));
        let baseline = Baseline::of([&old, &kept, &other]);
        assert_eq!(baseline.len(), 2);
        let difference = baseline.diff([&new, &kept, &other]);
        assert_eq!(baseline.stale([&new, &kept, &other]), difference.gone);
        assert_eq!(difference.added, [(new.fingerprint, "github-pat".to_owned())]);
        assert_eq!(difference.gone, [(old.fingerprint, "github-pat".to_owned())]);
    }

    proptest! {
        #[test]
        fn two_branches_merge_by_keeping_both_sides(
            base in proptest::collection::vec(0u8..20, 0..10),
            ours in proptest::collection::vec(0u8..20, 0..10),
            theirs in proptest::collection::vec(0u8..20, 0..10),
        ) {
            let of = |parts: &[&Vec<u8>]| {
                let all: Vec<Finding> = parts.iter().flat_map(|part| part.iter()).map(|n| secret("r", *n, &["a"])).collect();
                Baseline::of(&all)
            };
            let union = format!("{}{}", of(&[&base, &ours]).render(), of(&[&base, &theirs]).render());
            prop_assert_eq!(Baseline::parse(&union).unwrap(), of(&[&base, &ours, &theirs]));
        }

        #[test]
        fn no_text_makes_it_panic(text in "(?s).{0,200}") {
            let _ = Baseline::parse(&text);
        }
    }
}
