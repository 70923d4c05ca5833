//! Rules made ready to scan with: their literals in one table, their regexes compiled when first needed.

use super::demand::Demand;
use super::derive;
use super::detector::{self, Detector};
use super::error::RuleError;
use super::keywords::Keywords;
use super::literal::{Literals, estimated_commonness};
use super::packed::Packed;
use super::pattern::{Pattern, compile};
use super::rule::{Alone, Rule, Window};
use super::structure;
use super::syntax;
use crate::{Confidence, Severity};
use regex_automata::meta::Regex;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// The built-in rules, with what is worked out of them before a program starts.
#[derive(Clone, Debug)]
pub struct Builtin {
    rules: Packed,
    keywords: Keywords,
}

/// No rules.
static NONE: Builtin = Builtin::packed(
    Packed::NONE,
    Keywords {
        text: Cow::Borrowed(""),
        ends: Cow::Borrowed(&[]),
        rarest: Cow::Borrowed(&[]),
        starts: Cow::Borrowed(&[]),
        announced: Cow::Borrowed(&[]),
        unannounced: Cow::Borrowed(&[]),
        reach: [0; 3],
    },
);

impl Builtin {
    /// No built-in rules.
    #[must_use]
    pub fn none() -> &'static Self {
        &NONE
    }

    /// Rules that are constants, with their keywords.
    #[must_use]
    pub const fn packed(rules: Packed, keywords: Keywords) -> Self {
        Self { rules, keywords }
    }

    /// Rules that are still to be packed, and whose keywords are still to be sorted; thousands take milliseconds. The rules are
    /// kept as long as the program runs.
    ///
    /// # Errors
    ///
    /// A rule that cannot be packed (see [`super::Packing::of`]), or a keyword that cannot be looked for.
    pub fn new(rules: &[Rule]) -> Result<Self, RuleError> {
        let keywords = Keywords::new(rules.iter().zip(0..), estimated_commonness)?;
        Ok(Self { rules: Packed::keep(rules)?, keywords })
    }

    /// How many rules there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rule with this index. It is put together when it is first asked for. `None` also when it cannot be read, which a
    /// [`Ruleset`] reports.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&'static Rule> {
        self.rules.get(index)
    }

    /// The rule with this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&'static Rule> {
        self.get(self.rules.find(id)?)
    }

    /// The ids of the rules, in the rules' order. No rule is put together for them.
    pub fn ids(&self) -> impl Iterator<Item = &'static str> + Clone + use<> {
        let rules = self.rules;
        (0..rules.len()).filter_map(move |index| rules.id(index))
    }

    /// The rules, each of which is put together.
    pub fn rules(&self) -> impl Iterator<Item = &'static Rule> + Clone + use<> {
        let rules = self.rules;
        (0..rules.len()).filter_map(move |index| rules.get(index))
    }

    /// What announces the rules.
    #[must_use]
    pub const fn keywords(&self) -> &Keywords {
        &self.keywords
    }
}

/// Rules, ready to scan with. Made in microseconds: built-in rules carry what can be worked out of
/// their regexes, and no regex is compiled before a literal of its rule is found.
pub struct Ruleset {
    builtin: Packed,
    user: Vec<Rule>,
    literals: Literals,
    /// The rules that find nothing.
    off: BTreeSet<u32>,
    compiled: Vec<OnceLock<Box<Compiled>>>,
    /// Whether a regex that was needed did not compile.
    failed: AtomicBool,
}

/// What finds a rule's matches.
pub(super) struct Compiled {
    pub(super) regex: Option<Pattern>,
    pub(super) detector: Option<&'static Detector>,
    error: Option<String>,
    /// Most rules that are looked for find nothing.
    judging: OnceLock<Judging>,
}

/// What a match of a rule is judged by.
pub(super) struct Judging {
    pub(super) allow: Vec<Regex>,
    pub(super) path: Option<Regex>,
    pub(super) except_path: Option<Regex>,
    error: Option<String>,
}

impl Ruleset {
    /// A set of built-in rules (`gatepost_rules::BUILTIN`, or [`Builtin::none`]) and of a user's own.
    ///
    /// # Errors
    ///
    /// A user's rule whose regex does not compile or takes too much memory, whose id is already taken, or whose `with`
    /// names no rule of the set, or one that holds at some paths only.
    pub fn new(builtin: &Builtin, user: Vec<Rule>) -> Result<Self, RuleError> {
        let ruleset = Self::without(builtin, user, &BTreeSet::new())?;
        for (rule, index) in ruleset.user.iter().zip(ruleset.builtin.len()..) {
            let _ = ruleset.judging(index);
            if let Some(error) = ruleset.compiled(index).and_then(Compiled::mistake) {
                return Err(RuleError::of(&rule.id, error));
            }
        }
        Ok(ruleset)
    }

    /// As [`Ruleset::new`], and the rules with the ids `disabled` find nothing, as if they were not there. The regexes of a
    /// user's rules are compiled when they are needed, like those of built-in ones: a hook that starts a thousand times a day
    /// must not compile what it does not use. What does not compile is in [`Ruleset::failures`].
    ///
    /// # Errors
    ///
    /// An id that is already taken.
    pub fn without(
        builtin: &Builtin,
        user: Vec<Rule>,
        disabled: &BTreeSet<String>,
    ) -> Result<Self, RuleError> {
        let user = user.into_iter().map(complete).collect::<Result<Vec<_>, _>>()?;
        for (index, rule) in user.iter().enumerate() {
            let is_taken = builtin.rules.find(&rule.id).is_some();
            if is_taken || user.iter().take(index).any(|other| other.id == rule.id) {
                return Err(RuleError::of(&rule.id, "another rule has this id; choose one of your own"));
            }
        }
        let first = u32::try_from(builtin.len()).unwrap_or(u32::MAX);
        let own = Keywords::new(user.iter().zip(first..), estimated_commonness)?;
        for rule in &user {
            partners(rule, |id| builtin.find(id).or_else(|| user.iter().find(|other| other.id == id)))?;
        }
        let own_index = |id: &str| Some(user.iter().position(|rule| rule.id == id)? + builtin.len());
        let index = |id: &String| builtin.rules.find(id).or_else(|| own_index(id));
        let off = disabled.iter().filter_map(|id| u32::try_from(index(id)?).ok()).collect();
        let compiled = (0..builtin.len() + user.len()).map(|_| OnceLock::new()).collect();
        let literals = Literals::new(builtin.keywords.clone(), own);
        Ok(Self { builtin: builtin.rules, user, literals, off, compiled, failed: AtomicBool::new(false) })
    }

    /// The rules, built-in ones first.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        (0..self.len()).filter_map(|index| self.rule(index))
    }

    /// Their ids.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        let builtin = (0..self.builtin.len()).filter_map(|index| self.builtin.id(index));
        builtin.chain(self.user.iter().map(|rule| rule.id.as_ref()))
    }

    /// The rule with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Rule> {
        let builtin = self.builtin.find(id).and_then(|index| self.rule(index));
        builtin.or_else(|| self.user.iter().find(|rule| rule.id == id))
    }

    /// The rule with this index (see [`super::Match::rule`]).
    #[must_use]
    pub fn rule(&self, index: usize) -> Option<&Rule> {
        match index.checked_sub(self.builtin.len()) {
            None => {
                let rule = self.builtin.get(index);
                if rule.is_none() {
                    self.failed.store(true, Ordering::Relaxed);
                }
                rule
            }
            Some(index) => self.user.get(index),
        }
    }

    /// SHA-256, in hexadecimal, over what decides what is found: two rulesets with the same digest find the same.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for rule in self.rules() {
            let mut text = String::new();
            canonical(rule, &mut text);
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        }
        data_encoding::HEXLOWER.encode(&hash.finalize())
    }

    /// The literals that announce the rules.
    #[must_use]
    pub const fn literals(&self) -> &Literals {
        &self.literals
    }

    /// Rules whose regex was needed and could not be compiled, with the reason: what they would find is missing.
    #[must_use]
    pub fn failures(&self) -> Vec<RuleError> {
        // Asked after every document.
        if !self.failed.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let failure = |(index, compiled): (usize, &OnceLock<Box<Compiled>>)| match self.rule(index) {
            Some(rule) => Some(RuleError::of(&rule.id, compiled.get()?.failure()?)),
            None => Some(RuleError::of(
                self.builtin.id(index).unwrap_or("?"),
                "it cannot be read: the constants of the built-in rules are not as they were made",
            )),
        };
        self.compiled.iter().enumerate().filter_map(|(index, compiled)| failure((index, compiled))).collect()
    }

    /// Whether a rule is looked for.
    pub(super) fn is_on(&self, index: u32) -> bool {
        self.off.is_empty() || !self.off.contains(&index)
    }

    /// Whether every rule is looked for.
    pub(super) fn is_whole(&self) -> bool {
        self.off.is_empty()
    }

    /// How many rules there are.
    pub(super) const fn len(&self) -> usize {
        self.compiled.len()
    }

    pub(super) fn compiled(&self, index: usize) -> Option<&Compiled> {
        let rule = self.rule(index)?;
        Some(self.compiled.get(index)?.get_or_init(|| {
            let compiled = Compiled::new(rule);
            self.note(compiled.error.as_ref());
            Box::new(compiled)
        }))
    }

    /// What a rule's matches are judged by. Compiled at the latest when there is a match, so that by the end of a scan all
    /// that failed is in [`Ruleset::failures`].
    pub(super) fn judging(&self, index: usize) -> Option<&Judging> {
        let rule = self.rule(index)?;
        Some(self.compiled(index)?.judging.get_or_init(|| {
            let judging = Judging::new(rule);
            self.note(judging.error.as_ref());
            judging
        }))
    }

    fn note(&self, error: Option<&String>) {
        if error.is_some() {
            self.fail();
        }
    }

    /// Notes that a regex that was needed did not compile.
    pub(super) fn fail(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }
}

impl fmt::Debug for Ruleset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ruleset({} built-in, {} own)", self.builtin.len(), self.user.len())
    }
}

impl Compiled {
    fn new(rule: &Rule) -> Self {
        let mut error = None;
        let detector = rule.detector.as_deref().and_then(detector::detector);
        let pattern = rule.detector.is_none().then(|| Pattern::new(&rule.regex, rule.window));
        let regex = pattern.and_then(|pattern| pattern.map_err(|e| error = Some(e)).ok());
        if let Some(Err(wrong)) = rule.structure.as_ref().map(structure::validate) {
            error.get_or_insert(wrong);
        }
        Self { regex, detector, error, judging: OnceLock::new() }
    }

    /// What was found to be wrong with it so far.
    fn failure(&self) -> Option<String> {
        let judging = || self.judging.get()?.error.clone();
        let late = || self.regex.as_ref().and_then(Pattern::failure).map(str::to_owned);
        self.error.clone().or_else(judging).or_else(late)
    }

    /// What is wrong with it, also with what no text has needed yet.
    fn mistake(&self) -> Option<String> {
        let judging = || self.judging.get()?.error.clone();
        self.error.clone().or_else(judging).or_else(|| self.regex.as_ref()?.whole().err())
    }
}

impl Judging {
    fn new(rule: &Rule) -> Self {
        let mut error = None;
        let mut keep = |regex: Result<Regex, String>| regex.map_err(|e| error.get_or_insert(e).clone()).ok();
        let allow = rule.allow.iter().filter_map(|allow| keep(compile(&allow.regex))).collect();
        let path = rule.path.as_ref().and_then(|path| keep(compile(path)));
        let except_path = rule.except_path.as_ref().and_then(|path| keep(compile(path)));
        Self { allow, path, except_path, error }
    }
}

/// Whether the rules that a rule is found together with are there, and found whatever the path.
fn partners<'a>(rule: &Rule, find: impl Fn(&str) -> Option<&'a Rule>) -> Result<(), RuleError> {
    for partner in rule.with.iter() {
        let wrong = match find(&partner.rule) {
            None => format!("`with`: there is no rule `{}`", partner.rule),
            Some(other) if other.path.is_some() => {
                format!("`with`: `{}` holds at some paths only, and a part is looked for at all", other.id)
            }
            Some(_) => continue,
        };
        return Err(RuleError::of(&rule.id, wrong));
    }
    Ok(())
}

/// A rule that was built in code may leave its keywords open.
fn complete(mut rule: Rule) -> Result<Rule, RuleError> {
    let hir =
        derive::parse(&rule.regex).map_err(|error| RuleError::of(&rule.id, format!("regex: {error}")))?;
    let wrong = |message| RuleError::of(&rule.id, message);
    (rule.keywords, rule.window) = syntax::search(&hir, &rule.keywords, Some(rule.window)).map_err(wrong)?;
    rule.demand = Demand::of(&hir, &rule.keywords);
    Ok(rule)
}

/// One line for every field that decides what is found.
pub(super) fn canonical(rule: &Rule, out: &mut String) {
    let mut line = |key: &str, value: &str| {
        out.push_str(key);
        out.push('=');
        out.push_str(&value.replace('\\', "\\\\").replace('\n', "\\n"));
        out.push('\n');
    };
    line("id", &rule.id);
    line("provider", &rule.provider);
    line("severity", rule.severity.as_str());
    line("confidence", rule.confidence.as_str());
    line("regex", &rule.regex);
    line("detector", rule.detector.as_deref().unwrap_or_default());
    for keyword in rule.keywords.iter() {
        line("keyword", keyword);
    }
    match rule.window {
        Window::Whole => line("window", "whole"),
        Window::Bytes { before, after } => line("window", &format!("{before} {after}")),
    }
    line("entropy", &rule.entropy.map(|e| e.to_string()).unwrap_or_default());
    line("secret-group", &rule.secret_group.map(|g| g.to_string()).unwrap_or_default());
    line("strong", if rule.strong { "1" } else { "0" });
    line("path", rule.path.as_deref().unwrap_or_default());
    line("except-path", rule.except_path.as_deref().unwrap_or_default());
    if let Some(structure) = &rule.structure {
        line("structure", &structure.to_string());
    }
    for allow in rule.allow.iter() {
        line("allow", &allow.regex);
    }
    for partner in rule.with.iter() {
        let severity = partner.severity.map_or("", Severity::as_str);
        let confidence = partner.confidence.map_or("", Confidence::as_str);
        line("with", &format!("{} {} {severity} {confidence}", partner.rule, partner.lines));
    }
    match rule.alone {
        None => {}
        Some(Alone::Hidden) => line("alone", "hidden"),
        Some(Alone::Confidence(least)) => line("alone", least.as_str()),
    }
}
