//! A policy's own secret rules: from `[[secrets.rules]]` and from the rule files that `rule-files` names.
//!
//! Unlike other lists they add up over the layers. What a team extends has the rules of the whole company, and a
//! repository that adds one must not lose those by it; what switches a rule off is `disable-rules`, with a reason.

use super::named_files::{NamedFiles, named_files};
use super::source::{Place, Source};
use super::validate::{Errors, Value, found_in_words};
use super::{Layer, Origin, Policy, PolicyError, Schema, nearest};
use crate::secrets::{OWN_KEYS, Rule, own_rule};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::HashMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// The key of rules that stand in a policy.
pub(super) const RULES: &str = "secrets.rules";
/// The key of files of rules.
pub(super) const RULE_FILES: &str = "secrets.rule-files";

/// A secret rule that the policy brings along, and where it stands.
#[derive(Clone, Debug)]
pub struct OwnRule {
    /// The rule.
    pub rule: Rule,
    pub(super) origin: Origin,
    pub(super) place: Place,
}

impl OwnRule {
    /// The layer or the rule file that it stands in, and its line there, from 1.
    #[must_use]
    pub const fn origin(&self) -> (&Origin, Option<u32>) {
        (&self.origin, self.place.line)
    }

    /// An error about it, which shows the line that it begins in.
    #[must_use]
    pub fn error(&self, message: String, help: Option<String>) -> PolicyError {
        self.place.error(&self.origin, message, help)
    }
}

/// The rule files that a layer names; see [`named_files`].
#[must_use]
pub fn rule_files(schema: &Schema, layer: &Layer) -> Vec<NamedFiles> {
    named_files(schema, layer, RULE_FILES)
}

impl Policy {
    /// The secret rules that the policy brings along, in the order of its layers.
    #[must_use]
    pub fn own_rules(&self) -> &[OwnRule] {
        &self.own_rules
    }

    /// The same rules as tables, each with its provider: what a policy without rule files would have to say.
    pub fn own_rule_tables(&self) -> impl Iterator<Item = &toml::Table> {
        let list = super::merge::get(&self.merged, RULES).and_then(toml::Value::as_array);
        list.into_iter().flatten().filter_map(toml::Value::as_table)
    }

    /// Adds the rules of rule files: TOML with `provider` and `[[rules]]`, as the built-in ones have it.
    ///
    /// # Errors
    ///
    /// Everything that is wrong in the files, and an id that is there already.
    pub fn add_rule_files(&mut self, files: &[Layer]) -> Result<(), Vec<PolicyError>> {
        let mut wrong = Vec::new();
        for file in files {
            let mut errors = Errors::new(Source { origin: &file.origin, text: &file.text });
            let rules = read_file(&file.text, &mut errors);
            let errors = errors.into_sorted();
            if errors.is_empty() {
                let values = rules.iter().filter_map(|(_, value)| value.clone()).collect();
                let own = rules.into_iter().map(|(own, _)| own).collect();
                let old = super::merge::get(&self.merged, RULES);
                let all = joined(old, toml::Value::Array(values));
                super::merge::set(&mut self.merged, RULES, all);
                wrong.extend(add(&mut self.own_rules, own));
            } else {
                wrong.extend(errors);
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    /// The own rules whose id a built-in rule has: nobody could tell which of the two an exception is for.
    #[must_use]
    pub fn own_rules_that_are_built_in(&self, built_in: &[&str]) -> Vec<PolicyError> {
        let taken = self.own_rules.iter().filter(|own| built_in.contains(&own.rule.id.as_ref()));
        taken
            .map(|own| {
                let id = &own.rule.id;
                let message = format!("a built-in rule is called `{id}` already");
                let help = format!(
                    "give yours an id of its own, such as `my-{id}`; to use it in the place of the built-in one, switch \
                     that off with `disable-rules`"
                );
                own.error(message, Some(help))
            })
            .collect()
    }
}

/// The rules of `[[secrets.rules]]`, with an error for each that is none.
pub(super) fn read(found: &Value<'_>, errors: &mut Errors<'_>) -> Vec<OwnRule> {
    let Some(items) = found.get_ref().as_array() else { return Vec::new() };
    items.iter().filter_map(|item| one(item, None, errors)).map(|(own, _)| own).collect()
}

/// Checks that the value of `rules` is a list of tables, and takes it over as it is. What the tables say is read by
/// [`read`].
pub(super) fn value(items: &[Value<'_>], path: &str, errors: &mut Errors<'_>) -> Option<toml::Value> {
    let mut out = Vec::with_capacity(items.len());
    for found in items {
        match found.get_ref() {
            DeValue::Table(_) => out.extend(plain(found)),
            other => {
                let message = format!("`{path}`: expected a rule, found {}", found_in_words(other));
                errors.push(found.span(), message, format!("write each one as [[{path}]]"));
            }
        }
    }
    (out.len() == items.len()).then_some(toml::Value::Array(out))
}

/// The items of both lists.
pub(super) fn joined(old: Option<&toml::Value>, new: toml::Value) -> toml::Value {
    let (Some(old), toml::Value::Array(new)) = (old.and_then(toml::Value::as_array), &new) else {
        return new;
    };
    toml::Value::Array(old.iter().chain(new).cloned().collect())
}

/// Adds rules whose ids are new, and gives an error for each other one.
pub(super) fn add(to: &mut Vec<OwnRule>, rules: Vec<OwnRule>) -> Vec<PolicyError> {
    let mut known: HashMap<Cow<'static, str>, String> = HashMap::new();
    for own in to.iter() {
        known.insert(own.rule.id.clone(), own.place.words(&own.origin));
    }
    let mut wrong = Vec::new();
    for own in rules {
        match known.get(&own.rule.id) {
            Some(first) => {
                let message =
                    format!("the id `{}` stands twice: a rule has it already in {first}", own.rule.id);
                let help = "every rule has an id of its own; remove one of the two, or rename it".to_owned();
                wrong.push(own.error(message, Some(help)));
            }
            None => {
                known.insert(own.rule.id.clone(), own.place.words(&own.origin));
                to.push(own);
            }
        }
    }
    wrong
}

/// A rule and its table with its provider in it.
type Read = (OwnRule, Option<toml::Value>);

/// Reads one rule.
fn one(found: &Value<'_>, provider: Option<&str>, errors: &mut Errors<'_>) -> Option<Read> {
    let table = found.get_ref().as_table()?;
    if has_unknown_keys(table, &OWN_KEYS.iter().map(|(name, _)| *name), "a rule", errors) {
        return None;
    }
    let rule = match own_rule(found, provider) {
        Ok(rule) => rule,
        Err((span, message)) => {
            let help = "`gatepost rules show github-pat` prints a rule that is right; docs/rules-guide.md has every key";
            errors.push(span, message, help.to_owned());
            return None;
        }
    };
    let mut value = plain(found);
    if let (Some(toml::Value::Table(table)), Some(provider)) = (&mut value, provider) {
        table.entry("provider").or_insert_with(|| toml::Value::String(provider.to_owned()));
    }
    let place = errors.source.place(found.span().start);
    Some((OwnRule { rule, origin: errors.source.origin.clone(), place }, value))
}

/// The rules of a rule file.
fn read_file(text: &str, errors: &mut Errors<'_>) -> Vec<Read> {
    let (root, syntax) = DeTable::parse_recoverable(text);
    if !syntax.is_empty() {
        for error in syntax {
            let span = error.span().unwrap_or(text.len()..text.len());
            errors.push(span, format!("not TOML: {}", error.message()), None);
        }
        return Vec::new();
    }
    let table = root.get_ref();
    if has_unknown_keys(table, &["provider", "rules"].into_iter(), "a rule file", errors) {
        return Vec::new();
    }
    let provider = table.get("provider");
    let name = provider.and_then(|provider| provider.get_ref().as_str());
    if name.is_none_or(|name| name.trim().is_empty()) {
        let span = provider.map_or(0..0, Spanned::span);
        let help = "write who issues the credentials above the rules: provider = \"Acme\"".to_owned();
        errors.push(span, "a rule file needs a `provider`", help);
        return Vec::new();
    }
    let rules = table.get("rules");
    let items = rules.and_then(|rules| rules.get_ref().as_array()).filter(|items| !items.is_empty());
    let Some(items) = items else {
        let span = rules.map_or(0..0, Spanned::span);
        errors.push(
            span,
            "a rule file without rules",
            "write each rule below a [[rules]] of its own".to_owned(),
        );
        return Vec::new();
    };
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        if let other @ (DeValue::String(_) | DeValue::Array(_)) = item.get_ref() {
            let message = format!("`rules`: expected a rule, found {}", found_in_words(other));
            errors.push(item.span(), message, "write each one as [[rules]]".to_owned());
        }
        out.extend(one(item, name, errors));
    }
    out
}

/// Says of every key that is none of `known`, and whether there was one.
fn has_unknown_keys(
    table: &DeTable<'_>,
    known: &(impl Iterator<Item = &'static str> + Clone),
    of: &str,
    errors: &mut Errors<'_>,
) -> bool {
    let mut any = false;
    for name in table.keys() {
        let word = name.get_ref().as_ref();
        if known.clone().any(|known| known == word) {
            continue;
        }
        any = true;
        let help = match nearest(word, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the keys of {of} are {}", known.clone().collect::<Vec<_>>().join(", ")),
        };
        errors.push(name.span(), format!("{of} has no key `{word}`"), help);
    }
    any
}

/// A value without its places.
fn plain(found: &Value<'_>) -> Option<toml::Value> {
    toml::Value::deserialize(ValueDeserializer::from(found.clone())).ok()
}

#[cfg(test)]
mod tests;
