//! The form of a secret rule: plain data that a TOML file and a compiled-in constant share.

use super::demand::Demand;
use super::detector;
use crate::{Confidence, Severity};
use std::borrow::Cow;

/// Text that is a constant in built-in rules and owned in a user's.
pub type Text = Cow<'static, str>;
/// A list that is a constant in built-in rules and owned in a user's.
pub type List<T> = Cow<'static, [T]>;

/// A rule that finds one kind of credential.
#[derive(Clone, PartialEq, Debug)]
pub struct Rule {
    /// Its id, and the code of its findings: `github-pat`. Lower case, digits and hyphens; never reused.
    pub id: Text,
    /// A title: `GitHub personal access token`.
    pub name: Text,
    /// Who issues the credential: `GitHub`.
    pub provider: Text,
    /// What the credential is, in a sentence.
    pub description: Text,
    /// How bad a leak is.
    pub severity: Severity,
    /// How sure a match is, before structure checks.
    pub confidence: Confidence,
    /// What a match looks like (the `regex` crate's syntax, bytes, Unicode off unless asked for).
    /// Empty where there is a `detector`.
    pub regex: Text,
    /// The detector in code that takes the place of the regex: `assignment`.
    pub detector: Option<Text>,
    /// Literals (lower-case ASCII, found in any case, three bytes or more) one of which is in every match or within
    /// the window around it. [`crate::secrets::RuleFile::parse`] draws them from the regex when a file gives none, so that
    /// nothing is left to derive when a program starts. Empty: the regex runs over every document whole.
    pub keywords: List<Text>,
    /// How far from a literal's hit a match can reach.
    pub window: Window,
    /// A run of bytes that every match holds, drawn from the regex; the regex is not run over a window without it.
    pub demand: Option<Demand>,
    /// The least Shannon entropy of the secret, in bits per byte.
    pub entropy: Option<f64>,
    /// The capture group that is the secret; 0 is the whole match. `None`: the first group that took part,
    /// else the whole match.
    pub secret_group: Option<u32>,
    /// Whether the secret has 80 bits of randomness or more, so that its fingerprint may be a digest of it.
    pub strong: bool,
    /// A regex that the path must match, where the shape alone would say too little.
    pub path: Option<Text>,
    /// A regex of paths at which the rule does not count: files that a program writes.
    pub except_path: Option<Text>,
    /// A proof that the secret carries in itself.
    pub structure: Option<Structure>,
    /// Secrets that are none.
    pub allow: List<Allow>,
    /// The other parts of the credential: near one of them a match says more. They are other rules, without a `path`.
    pub with: List<Partner>,
    /// What a match is worth that stands near none of them; `None`: what it is worth anyway.
    pub alone: Option<Alone>,
    /// What somebody who has it can do: `Read and write every repository of the account.`
    pub risk: Text,
    /// What to do next, one step each.
    pub fix: List<Text>,
    /// The vendor's page that the rule rests on.
    pub reference: Text,
    /// Templates of texts with exactly this secret in them.
    pub examples: List<Text>,
    /// Templates of texts in which the rule finds nothing.
    pub counter_examples: List<Text>,
}

impl Rule {
    /// What the rule's detector finds, when it has one in place of a regex.
    #[must_use]
    pub fn detects(&self) -> Option<&'static str> {
        detector::detector(self.detector.as_deref()?).map(|detector| detector.about)
    }
}

/// How far from a literal's hit a rule's match can reach. It is what makes a scan of only the changed bytes exact.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Window {
    /// Bytes before and after the hit.
    Bytes {
        /// Before the hit's first byte.
        before: u32,
        /// After the hit's last byte.
        after: u32,
    },
    /// The whole document: the rule has no bound.
    Whole,
}

/// A proof that a secret carries in itself, as a rule asks for it: which check of [`super::STRUCTURES`], and with what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Structure {
    /// The check's name: `crc32-base62`.
    pub kind: Text,
    /// The parameters that the rule gives, by their names, in the order of the names.
    pub params: List<(Text, u32)>,
    /// What becomes of a match whose proof does not hold.
    pub fails: Fails,
}

/// What becomes of a match whose proof does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Fails {
    /// It is reported with one step less confidence.
    #[default]
    Lower,
    /// It is not reported: the shape without the proof says too little.
    Drop,
}

/// What is allowed although the regex matches.
#[derive(Clone, PartialEq, Debug)]
pub struct Allow {
    /// A regex over the secret, unanchored.
    pub regex: Text,
    /// Why, in a sentence.
    pub reason: Text,
}

/// Another part of the same credential (the secret of a key id, the client of a client secret), as another rule finds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Partner {
    /// The id of the rule that finds it.
    pub rule: Text,
    /// How many lines may lie between the two, 0 (one line) to [`Partner::FARTHEST`], in either direction.
    pub lines: u32,
    /// The least severity that a match has near it.
    pub severity: Option<Severity>,
    /// The least confidence that a match has near it.
    pub confidence: Option<Confidence>,
}

impl Partner {
    /// The greatest distance, in lines: what is farther away belongs together by chance.
    pub const FARTHEST: u32 = 100;
}

/// What a match of a rule is worth without any of its [`Rule::with`] near.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Alone {
    /// It is reported, and no surer than this.
    Confidence(Confidence),
    /// It is not reported: an id that is no secret by itself, or a shape that says nothing by itself. With an empty
    /// [`Rule::with`] it never is, and only serves as a part of others.
    Hidden,
}
