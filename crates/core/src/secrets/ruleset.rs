//! Rules made ready to scan with: their literals in one table, their regexes compiled when first needed.

use super::derive;
use super::detector::{self, Detector};
use super::error::RuleError;
use super::literal::Literals;
use super::rule::{Alone, Rule, Window};
use super::structure;
use super::syntax;
use crate::{Confidence, Severity};
use regex_automata::meta::Regex;
use regex_automata::util::syntax as regex_syntax_config;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::OnceLock;

/// The most memory one compiled regex may take, in bytes.
const SIZE_LIMIT: usize = 16 << 20;

/// Rules, ready to scan with. Made in microseconds: built-in rules carry what can be worked out of
/// their regexes, and no regex is compiled before a literal of its rule is found.
pub struct Ruleset {
    builtin: &'static [Rule],
    user: Vec<Rule>,
    literals: Literals,
    /// By literal: the rules it stands for.
    rules_of_literal: Vec<Vec<u32>>,
    /// The rules that no literal announces.
    unannounced: Vec<u32>,
    compiled: Vec<OnceLock<Compiled>>,
}

/// A rule's regexes.
pub(super) struct Compiled {
    pub(super) regex: Option<Regex>,
    pub(super) detector: Option<&'static Detector>,
    pub(super) allow: Vec<Regex>,
    pub(super) path: Option<Regex>,
    pub(super) except_path: Option<Regex>,
    pub(super) error: Option<String>,
}

impl Ruleset {
    /// A set of built-in rules (`gatepost_rules::RULES`) and of a user's own.
    ///
    /// # Errors
    ///
    /// A user's rule whose regex does not compile or takes too much memory, whose id is already taken, or whose `with`
    /// names no rule of the set, or one that holds at some paths only.
    pub fn new(builtin: &'static [Rule], user: Vec<Rule>) -> Result<Self, RuleError> {
        let ruleset = Self::without(builtin, user, &BTreeSet::new())?;
        for (rule, index) in ruleset.user.iter().zip(ruleset.builtin.len()..) {
            if let Some(error) = ruleset.compiled(index).and_then(|c| c.error.clone()) {
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
        builtin: &'static [Rule],
        user: Vec<Rule>,
        disabled: &BTreeSet<String>,
    ) -> Result<Self, RuleError> {
        let user = user.into_iter().map(complete).collect::<Result<Vec<_>, _>>()?;
        for (index, rule) in user.iter().enumerate() {
            if builtin.iter().chain(user.iter().take(index)).any(|other| other.id == rule.id) {
                return Err(RuleError::of(&rule.id, "another rule has this id; choose one of your own"));
            }
        }
        let all = || builtin.iter().chain(&user);
        let on = |rule: &&Rule| disabled.is_empty() || !disabled.contains(rule.id.as_ref());
        let texts = all().filter(on).flat_map(|rule| rule.keywords.iter().map(|k| k.as_bytes()));
        let literals = Literals::new(texts).ok_or_else(|| RuleError {
            rule: None,
            line: None,
            message: "a keyword has less than three bytes, or there are more than 16,000 of them".into(),
        })?;
        let mut rules_of_literal = vec![Vec::new(); literals.len()];
        let mut unannounced = Vec::new();
        for (rule, index) in all().zip(0u32..).filter(|(rule, _)| on(rule)) {
            if rule.keywords.is_empty() {
                unannounced.push(index);
            }
            for keyword in rule.keywords.iter() {
                let position = literals.position(keyword.to_ascii_lowercase().as_bytes());
                if let Some(list) = position.and_then(|p| rules_of_literal.get_mut(p as usize)) {
                    list.push(index);
                }
            }
        }
        for rule in &user {
            partners(rule, all)?;
        }
        let compiled = all().map(|_| OnceLock::new()).collect();
        Ok(Self { builtin, user, literals, rules_of_literal, unannounced, compiled })
    }

    /// The rules, built-in ones first.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.builtin.iter().chain(&self.user)
    }

    /// The rule with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules().find(|rule| rule.id == id)
    }

    /// The rule with this index (see [`super::Match::rule`]).
    #[must_use]
    pub fn rule(&self, index: usize) -> Option<&Rule> {
        match index.checked_sub(self.builtin.len()) {
            None => self.builtin.get(index),
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
        let pairs = self.rules().zip(&self.compiled);
        pairs.filter_map(|(rule, c)| Some(RuleError::of(&rule.id, c.get()?.error.clone()?))).collect()
    }

    pub(super) fn rules_of(&self, literal: u32) -> &[u32] {
        self.rules_of_literal.get(literal as usize).map_or(&[], Vec::as_slice)
    }

    pub(super) fn unannounced(&self) -> &[u32] {
        &self.unannounced
    }

    pub(super) fn compiled(&self, index: usize) -> Option<&Compiled> {
        let rule = self.rule(index)?;
        Some(self.compiled.get(index)?.get_or_init(|| Compiled::new(rule)))
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
        let mut keep = |regex: Result<Regex, String>| regex.map_err(|e| error.get_or_insert(e).clone()).ok();
        let detector = rule.detector.as_deref().and_then(detector::detector);
        let regex = if rule.detector.is_some() { None } else { keep(compile(&rule.regex)) };
        let allow = rule.allow.iter().filter_map(|allow| keep(compile(&allow.regex))).collect();
        let path = rule.path.as_ref().and_then(|path| keep(compile(path)));
        let except_path = rule.except_path.as_ref().and_then(|path| keep(compile(path)));
        if let Some(Err(wrong)) = rule.structure.as_ref().map(structure::validate) {
            error.get_or_insert(wrong);
        }
        Self { regex, detector, allow, path, except_path, error }
    }
}

fn compile(regex: &str) -> Result<Regex, String> {
    Regex::builder()
        .configure(Regex::config().utf8_empty(false).nfa_size_limit(Some(SIZE_LIMIT)))
        .syntax(regex_syntax_config::Config::new().unicode(false).utf8(false))
        .build(regex)
        .map_err(|error| match error.size_limit() {
            Some(limit) => {
                format!("the regex takes more than {limit} bytes of memory; make its repetitions smaller")
            }
            None => format!("the regex does not compile: {error}"),
        })
}

/// Whether the rules that a rule is found together with are there, and found whatever the path.
fn partners<'a, I: Iterator<Item = &'a Rule>>(rule: &Rule, all: impl Fn() -> I) -> Result<(), RuleError> {
    for partner in rule.with.iter() {
        let wrong = match all().find(|other| other.id == partner.rule) {
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
