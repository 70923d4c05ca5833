//! gitleaks' detection: a piece of text in, findings out.
//!
//! A rule runs over the whole of a piece when one of its keywords is anywhere in it; what it matched is cut down to the
//! secret, measured and held against the allowlists; then the piece is decoded, and all of it is done again.

use super::allowlist::{Allowlist, Seen, lowered_bytes};
use super::config::{Config, Required, Rule};
use super::decode::{self, Segment};
use super::finding::{Finding, Remote, entropy};
use super::location::place;
use super::pattern::{Text, has_folds};
use super::piece::Piece;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// A piece of text to look at.
#[derive(Clone, Copy, Debug)]
pub struct Fragment<'a> {
    /// The text.
    pub text: &'a [u8],
    /// The file that it is from; empty where there is none.
    pub path: &'a [u8],
    /// The symbolic link that led to the file.
    pub symlink: &'a [u8],
    /// The commit that added it.
    pub commit: Option<&'a Commit>,
    /// The line that it begins on.
    pub start_line: i64,
}

/// Who added a piece of text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Commit {
    /// The id; empty for what is not committed yet.
    pub id: String,
    /// The author's name.
    pub author: Vec<u8>,
    /// The author's address.
    pub email: Vec<u8>,
    /// When it was written, RFC 3339 in UTC.
    pub date: String,
    /// Title and text, an empty line between them.
    pub message: Vec<u8>,
    /// Where the repository lives on the web.
    pub remote: Option<Arc<Remote>>,
}

/// How to look.
#[derive(Clone, Debug)]
pub struct Options {
    /// How often to decode.
    pub max_decode_depth: usize,
    /// Pieces of more megabytes than this, rounded down, are not looked into; 0: all are.
    pub max_megabytes: u64,
    /// `gitleaks:allow` says nothing.
    pub ignore_allow: bool,
    /// How many percent of each secret to hide.
    pub redact: u32,
    /// Only these rules, where there are any.
    pub only: Vec<String>,
    /// Files that are never looked at: the configuration and the baseline.
    pub skip: Vec<Vec<u8>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_decode_depth: 5,
            max_megabytes: 0,
            ignore_allow: false,
            redact: 0,
            only: Vec::new(),
            skip: Vec::new(),
        }
    }
}

/// Other rules that take part: gatepost's own, where they stand in for those that gitleaks brings along.
pub trait OwnRules: Sync {
    /// The secrets in a text.
    fn find(&self, text: &[u8], path: &[u8]) -> Vec<OwnFound>;
}

/// A secret that such a rule found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnFound {
    /// The id of the rule.
    pub rule: String,
    /// What the rule finds.
    pub description: String,
    /// Where the secret stands.
    pub secret: Range<usize>,
    /// The secret, where it was decoded.
    pub decoded: Option<Vec<u8>>,
}

/// Finds what a configuration asks for.
pub struct Detector<'a> {
    config: &'a Config,
    own: Option<&'a dyn OwnRules>,
    options: Options,
    keywords: AhoCorasick,
    /// For each keyword the rules that it wakes.
    wakes: Vec<Vec<usize>>,
    /// Rules without a keyword.
    always: Vec<usize>,
    /// A keyword has letters outside of ASCII.
    has_letters: bool,
    places: BTreeMap<&'a str, usize>,
}

impl<'a> Detector<'a> {
    /// A detector.
    ///
    /// # Errors
    ///
    /// A rule of [`Options::only`] that is not there, or more keywords than can be looked for.
    pub fn new(config: &'a Config, own: Option<&'a dyn OwnRules>, options: Options) -> Result<Self, String> {
        for id in &options.only {
            if config.rule(id).is_none() && own.is_none() {
                return Err(format!("there is no rule `{id}` that could be enabled"));
            }
        }
        let mut by_word: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut always = Vec::new();
        for (index, rule) in config.rules.iter().enumerate() {
            if !options.only.is_empty() && !options.only.contains(&rule.id) {
                continue;
            }
            if rule.keywords.iter().all(String::is_empty) {
                always.push(index);
            }
            for word in rule.keywords.iter().filter(|word| !word.is_empty()) {
                by_word.entry(word).or_default().push(index);
            }
        }
        let keywords = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            // Every byte of every text goes through it, and the words are a few hundred.
            .kind(Some(AhoCorasickKind::DFA))
            .ascii_case_insensitive(true)
            .build(by_word.keys())
            .map_err(|error| format!("the keywords cannot be looked for: {error}"))?;
        let has_letters = by_word.keys().any(|word| !word.is_ascii());
        let wakes = by_word.into_values().collect();
        Ok(Self { config, own, options, keywords, wakes, always, has_letters, places: config.places() })
    }

    /// The configuration.
    #[must_use]
    pub const fn config(&self) -> &'a Config {
        self.config
    }

    /// Whether a file is let through unread, whatever is in it: that is decided before it is opened.
    #[must_use]
    pub fn passes_path(&self, path: &[u8]) -> bool {
        self.config.allowlists.iter().any(|list| list.passes_path(path))
    }

    /// The findings of a piece of text, in the order of the rules.
    #[must_use]
    pub fn detect(&self, fragment: &Fragment<'_>) -> Vec<Finding> {
        let id = fragment.commit.map_or("", |commit| commit.id.as_str());
        let is_skipped =
            !fragment.path.is_empty() && self.options.skip.iter().any(|path| path == fragment.path);
        if is_skipped || passes_place(&self.config.allowlists, fragment.path, id) {
            return Vec::new();
        }
        let mut findings = Vec::new();
        let piece = Piece::new(fragment, id);
        self.own_rules(&piece, &mut findings);
        self.scan(&piece, Pass { text: fragment.text, segments: &[] }, &mut findings);
        let mut held: Option<Vec<u8>> = None;
        let mut segments: Arc<[Segment]> = Arc::from([]);
        for _ in 0..self.options.max_decode_depth {
            let ground = held.as_deref().unwrap_or(fragment.text);
            let Some((text, next)) = decode::decode(ground, &segments) else { break };
            segments = next;
            self.scan(&piece, Pass { text: &text, segments: &segments }, &mut findings);
            held = Some(text);
        }
        self.settled(findings)
    }

    /// Runs the rules that the text wakes.
    fn scan(&self, piece: &Piece<'_>, pass: Pass<'_>, findings: &mut Vec<Finding>) {
        let mut is_awake = vec![false; self.config.rules.len()];
        let mut wake = |index: usize| {
            if let Some(slot) = is_awake.get_mut(index) {
                *slot = true;
            }
        };
        self.always.iter().for_each(|&index| wake(index));
        let lower;
        let text = if has_folds(pass.text) || (self.has_letters && !pass.text.is_ascii()) {
            lower = lowered_bytes(pass.text);
            &lower
        } else {
            pass.text
        };
        for hit in self.keywords.find_overlapping_iter(text) {
            self.wakes.get(hit.pattern().as_usize()).into_iter().flatten().for_each(|&index| wake(index));
        }
        let text = Text::new(pass.text);
        for (rule, _) in self.config.rules.iter().zip(is_awake).filter(|(_, is_awake)| *is_awake) {
            findings.extend(self.rule(piece, pass, text, rule, false));
        }
    }

    /// What a rule finds; `is_asked` says that another rule needs it.
    fn rule(
        &self,
        piece: &Piece<'_>,
        pass: Pass<'_>,
        text: Text<'_>,
        rule: &Rule,
        is_asked: bool,
    ) -> Vec<Finding> {
        let fragment = piece.fragment;
        if (rule.skip_report && !is_asked) || passes_place(&rule.allowlists, fragment.path, piece.id) {
            return Vec::new();
        }
        let is_there = rule.path.as_ref().map(|path| path.is_match(fragment.path));
        let Some(regex) = &rule.regex else {
            let is_found = is_there == Some(true) && pass.segments.is_empty();
            return if is_found { vec![piece.by_name(rule)] } else { Vec::new() };
        };
        let megabytes = (pass.text.len() / 1_000_000) as u64;
        let is_too_large = self.options.max_megabytes > 0 && megabytes > self.options.max_megabytes;
        if is_there == Some(false) || is_too_large {
            return Vec::new();
        }
        let found = regex.find_all(text).into_iter();
        let findings = found.filter_map(|span| self.finding(piece, pass, rule, span.range())).collect();
        if is_asked || rule.required.is_empty() {
            return findings;
        }
        self.with_required(piece, pass, text, rule, findings)
    }

    /// What becomes of one match.
    fn finding(
        &self,
        piece: &Piece<'_>,
        pass: Pass<'_>,
        rule: &Rule,
        found: Range<usize>,
    ) -> Option<Finding> {
        let (fragment, regex) = (piece.fragment, rule.regex.as_ref()?);
        let matched = trimmed(pass.text.get(found.clone())?);
        let mut tags = rule.tags.clone();
        let (at, decoded_line) = if pass.segments.is_empty() {
            (found.start..found.start + matched.len(), None)
        } else {
            let met = decode::overlapping(pass.segments, &found);
            if met.is_empty() {
                // It stands in what was not decoded, and was found before.
                return None;
            }
            tags.extend(decode::tags(&met));
            (decode::adjusted(&met, &found), Some(decode::line(&met, pass.text)))
        };
        let place = place(piece.feeds(), fragment.text, &at);
        let line = fragment.text.get(place.lines.clone()).unwrap_or(&[]);
        if !self.options.ignore_allow && piece.has_comment(&place.lines) {
            return None;
        }
        // The groups are those of the match alone, out of its text.
        let groups = regex.first_groups(matched).unwrap_or_default();
        let secret = match rule.secret_group {
            _ if groups.is_empty() => matched,
            0 => groups.iter().copied().find(|group| !group.is_empty()).unwrap_or(matched),
            group => groups.get(group - 1).copied()?,
        };
        if rule.entropy != 0.0 && entropy(secret) <= rule.entropy {
            return None;
        }
        let decoded_line = decoded_line.filter(|line| !line.is_empty()).unwrap_or(line);
        let seen = Seen { secret, text: matched, line: decoded_line, path: fragment.path, commit: piece.id };
        if passes(&self.config.allowlists, &seen) || passes(&rule.allowlists, &seen) {
            return None;
        }
        let mut finding = piece.located(&rule.id, &rule.description, &place, &at, matched, secret);
        finding.tags = tags;
        Some(finding)
    }

    /// Keeps the findings near which all that the rule requires was found.
    fn with_required(
        &self,
        piece: &Piece<'_>,
        pass: Pass<'_>,
        text: Text<'_>,
        rule: &Rule,
        findings: Vec<Finding>,
    ) -> Vec<Finding> {
        if findings.is_empty() {
            return findings;
        }
        let others: Vec<(&Required, Vec<Finding>)> = rule
            .required
            .iter()
            .map(|required| {
                let other =
                    self.places.get(required.id.as_str()).and_then(|&index| self.config.rules.get(index));
                let found = other.map(|other| self.rule(piece, pass, text, other, true));
                (required, found.unwrap_or_default())
            })
            .collect();
        let complete = |mut finding: Finding| {
            for (required, found) in &others {
                let near: Vec<_> = found.iter().filter(|other| is_near(&finding, other, required)).collect();
                if near.is_empty() {
                    return None;
                }
                let parts: Vec<_> = near
                    .into_iter()
                    .map(|other| (other.rule.clone(), other.start_line, other.secret.clone()))
                    .collect();
                finding.required.extend(parts);
            }
            Some(finding)
        };
        findings.into_iter().filter_map(complete).collect()
    }

    /// What gatepost's own rules find.
    fn own_rules(&self, piece: &Piece<'_>, findings: &mut Vec<Finding>) {
        let (Some(own), Some(disabled)) = (self.own, &self.config.own) else { return };
        let fragment = piece.fragment;
        for found in own.find(fragment.text, fragment.path) {
            let is_off = disabled.contains(&found.rule)
                || (!self.options.only.is_empty() && !self.options.only.contains(&found.rule))
                || self.config.rule(&found.rule).is_some();
            let Some(text) = fragment.text.get(found.secret.clone()).filter(|_| !is_off) else { continue };
            let place = place(piece.feeds(), fragment.text, &found.secret);
            let line = fragment.text.get(place.lines.clone()).unwrap_or(&[]);
            let secret = found.decoded.as_deref().unwrap_or(text);
            let seen = Seen { secret, text, line, path: fragment.path, commit: piece.id };
            let is_allowed = !self.options.ignore_allow && piece.has_comment(&place.lines);
            if is_allowed || passes(&self.config.allowlists, &seen) {
                continue;
            }
            findings.push(piece.located(
                &found.rule,
                &found.description,
                &place,
                &found.secret,
                text,
                secret,
            ));
        }
    }

    /// Drops what a rule with `generic` in its id found where another one says more of it, hides the secrets and names each
    /// finding.
    fn settled(&self, findings: Vec<Finding>) -> Vec<Finding> {
        let is_generic = |finding: &Finding| finding.rule.to_lowercase().contains("generic");
        let is_told_better = |finding: &Finding| {
            findings.iter().any(|other| {
                finding.start_line == other.start_line
                    && finding.commit == other.commit
                    && finding.rule != other.rule
                    && contains(&other.secret, &finding.secret)
                    && !is_generic(other)
            })
        };
        let is_kept: Vec<bool> =
            findings.iter().map(|finding| !(is_generic(finding) && is_told_better(finding))).collect();
        let kept =
            findings.into_iter().zip(is_kept).filter(|(_, is_kept)| *is_kept).map(|(finding, _)| finding);
        kept.map(|mut finding| {
            if self.options.redact > 0 {
                finding.redact(self.options.redact);
            }
            let global = finding.global_fingerprint();
            finding.fingerprint =
                if finding.commit.is_empty() { global } else { format!("{}:{global}", finding.commit) };
            finding
        })
        .collect()
    }
}

/// The text of one pass; `segments` are what was decoded for it.
#[derive(Clone, Copy)]
struct Pass<'a> {
    text: &'a [u8],
    segments: &'a [Segment],
}

fn passes_place(lists: &[Arc<Allowlist>], path: &[u8], commit: &str) -> bool {
    let is_somewhere = !path.is_empty() || !commit.is_empty();
    is_somewhere && lists.iter().any(|list| list.passes_place(path, commit))
}

fn passes(lists: &[Arc<Allowlist>], seen: &Seen<'_>) -> bool {
    lists.iter().any(|list| list.passes(seen))
}

fn is_near(finding: &Finding, other: &Finding, required: &Required) -> bool {
    let within = |a: i64, b: i64, most: Option<i64>| match most {
        Some(most) => (a - b).abs() <= most,
        None => true,
    };
    within(finding.start_line, other.start_line, required.within_lines)
        && within(finding.start_column, other.start_column, required.within_columns)
}

/// Without line feeds at either end.
fn trimmed(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|&byte| byte != b'\n').unwrap_or(text.len());
    let end = text.iter().rposition(|&byte| byte != b'\n').map_or(start, |last| last + 1);
    text.get(start..end).unwrap_or(&[])
}

pub(super) fn contains(text: &[u8], part: &[u8]) -> bool {
    part.is_empty() || memchr::memmem::find(text, part).is_some()
}
