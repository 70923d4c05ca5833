//! The policy that comes out: keys of `[message]`, levels of its rules, and what could not be said.

use crate::{Imported, Left};
use gatepost_core::text::escape;
use std::collections::BTreeMap;
use toml::Value;

/// How much a rule of commitlint matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Severity {
    Off,
    Warning,
    Error,
}

impl Severity {
    const fn level(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warning => "warn",
            Self::Error => "deny",
        }
    }
}

pub(super) struct Writer {
    source: String,
    keys: Vec<(String, Value)>,
    levels: BTreeMap<&'static str, Severity>,
    left: Vec<Left>,
}

impl Writer {
    /// A policy that judges the form of a message, and whatever else is set.
    pub(super) fn new(source: &str) -> Self {
        let mut writer = Self {
            source: escape(source).into_owned(),
            keys: Vec::new(),
            levels: BTreeMap::new(),
            left: Vec::new(),
        };
        writer.text("level", "deny");
        writer.text("parse", "strict");
        // What commitlint does not limit is not limited.
        writer.set("types", Value::Array(Vec::new()));
        writer.set("header-max", Value::Integer(0));
        writer
    }

    /// Sets a key of `[message]`.
    pub(super) fn set(&mut self, key: &str, value: Value) {
        match self.keys.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => *old = value,
            None => self.keys.push((key.to_owned(), value)),
        }
    }

    pub(super) fn text(&mut self, key: &str, word: &str) {
        self.set(key, Value::from(word));
    }

    /// Sets a list, in which a policy has each word once.
    pub(super) fn texts(&mut self, key: &str, words: &[&str]) {
        self.set(key, Value::Array(Vec::new()));
        for word in words {
            self.add(key, word);
        }
    }

    /// Adds to a list.
    pub(super) fn add(&mut self, key: &str, word: &str) {
        let old =
            self.keys.iter().find(|(name, _)| name == key).and_then(|(_, value)| value.as_array().cloned());
        let mut list = old.unwrap_or_default();
        if !list.contains(&Value::from(word)) {
            list.push(Value::from(word));
        }
        self.set(key, Value::Array(list));
    }

    /// Sets the level of one of our rules. Of several rules of commitlint that become one of ours the strictest counts.
    /// Gives back whether it was another one.
    pub(super) fn level(&mut self, rule: &'static str, severity: Severity) -> bool {
        let old = self.levels.get(rule).copied();
        self.levels.insert(rule, old.unwrap_or(Severity::Off).max(severity));
        old.is_some_and(|old| old != severity)
    }

    /// Takes down what cannot be said.
    pub(super) fn leave(&mut self, what: &str, why: &str) {
        self.left.push(Left { what: what.to_owned(), why: why.to_owned() });
    }

    pub(super) fn finish(self) -> Imported {
        let mut policy = format!(
            "# Made of {} by `gatepost import commitlint`. `gatepost config check` reads it, and docs/commitlint.md says where\n\
             # the two judge differently.\nschema = 1\n\n[message]\n",
            self.source
        );
        for (key, value) in &self.keys {
            policy.push_str(&format!("{key} = {value}\n"));
        }
        for (rule, severity) in self.levels.iter().filter(|(_, severity)| **severity != Severity::Error) {
            policy.push_str(&format!("rules.{rule} = \"{}\"\n", severity.level()));
        }
        Imported { policy, left: self.left }
    }
}
