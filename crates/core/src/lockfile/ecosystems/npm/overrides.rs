//! `overrides` of package.json: rules that replace what packages ask for, some only below other packages.

use crate::lockfile::data::{Data, Value};
use crate::lockfile::npm_spec::{Spec, range, split};
use crate::lockfile::package_json::{FIELDS, Field, dependencies};
use std::collections::HashSet;

/// Deepest nesting of rules that is followed.
const DEEPEST: usize = 32;

/// Every rule, each with the one that it stands in; the first is that of the whole project.
#[derive(Debug, Default)]
pub(super) struct Overrides {
    rules: Vec<Rule>,
}

#[derive(Debug, Default)]
struct Rule {
    parent: Option<usize>,
    children: Vec<usize>,
    key: String,
    name: String,
    /// The versions that the rule is about.
    key_spec: String,
    /// What is asked for instead.
    value: String,
}

/// What a dependency asks for under the rules.
#[derive(Debug)]
pub(super) struct Ruled {
    /// The rule that holds for what the dependency needs in turn.
    pub(super) rule: usize,
    /// What is asked for instead; `None`: what is written.
    pub(super) spec: Option<String>,
    /// The versions that the rule is about.
    pub(super) key_spec: String,
}

impl Overrides {
    /// Reads the rules of the root's manifest.
    pub(super) fn new(root: &Value) -> Self {
        let mut overrides = Self::default();
        overrides.rules.push(Rule::default());
        if let Some(value) = root.get("overrides") {
            overrides.read(value, 0, 0);
        }
        overrides
    }

    fn read(&mut self, value: &Value, parent: usize, depth: usize) {
        for entry in value.entries().filter(|entry| entry.key != "." && depth < DEEPEST) {
            let (name, key_spec) = split(&entry.key).unwrap_or((&entry.key, "*"));
            let key_spec = if key_spec.is_empty() { "*" } else { key_spec };
            let own = match &entry.value.data {
                Data::Text(text) => Some(text.as_str()),
                _ => entry.value.text_of("."),
            };
            let value = own.map(|own| if own.is_empty() { "*" } else { own });
            let index = self.rules.len();
            self.rules.push(Rule {
                parent: Some(parent),
                children: Vec::new(),
                key: entry.key.clone(),
                name: name.to_owned(),
                key_spec: key_spec.to_owned(),
                value: value.unwrap_or(key_spec).to_owned(),
            });
            if let Some(rule) = self.rules.get_mut(parent) {
                rule.children.push(index);
            }
            self.read(&entry.value, index, depth + 1);
        }
    }

    /// The rules that hold where `rule` does, nearest first.
    fn in_force(&self, rule: usize) -> Vec<usize> {
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        let mut at = Some(rule);
        while let Some(rule) = at.and_then(|at| self.rules.get(at)) {
            let own = at.filter(|_| rule.parent.is_some());
            for index in rule.children.iter().copied().chain(own) {
                if self.rules.get(index).is_some_and(|rule| seen.insert(rule.key.as_str())) {
                    found.push(index);
                }
            }
            at = rule.parent;
        }
        found
    }

    /// What becomes of a dependency of a package for which `rule` holds. `root` is the root's manifest, `own` the package's:
    /// `$name` stands for what they ask for.
    pub(super) fn apply(&self, rule: usize, name: &str, spec: &str, root: &Value, own: &Value) -> Ruled {
        let found = self.in_force(rule).into_iter().find(|index| self.is_for(*index, name, spec));
        let rule = found.unwrap_or(rule);
        let Some(found) = self.rules.get(rule) else {
            return Ruled { rule, spec: None, key_spec: String::new() };
        };
        let is_own = found.name == name && found.value != "*" && found.parent.is_some();
        let spec = is_own.then(|| match found.value.strip_prefix('$') {
            Some(reference) => referred(root, reference)
                .or_else(|| referred(own, reference))
                .unwrap_or(&found.value)
                .to_owned(),
            None => found.value.clone(),
        });
        Ruled { rule, spec, key_spec: found.key_spec.clone() }
    }

    fn is_for(&self, index: usize, name: &str, spec: &str) -> bool {
        let Some(rule) = self.rules.get(index).filter(|rule| rule.name == name) else { return false };
        if rule.key_spec == "*" {
            return true;
        }
        let meets = |asked: &str| match (range(asked), range(&rule.key_spec)) {
            (Some(asked), Some(key)) => asked.intersects(&key),
            _ => false,
        };
        let parsed = match Spec::parse(spec) {
            Spec::Alias { spec, .. } => *spec,
            other => other,
        };
        match parsed {
            Spec::Git(git) => git.range.as_deref().is_some_and(meets),
            Spec::Version(asked) | Spec::Range(asked) => meets(&asked),
            _ => true,
        }
    }

    /// Whether `inner` stands in `outer`, or is it.
    pub(super) fn is_within(&self, inner: usize, outer: usize) -> bool {
        let mut at = Some(inner);
        while let Some(index) = at {
            if index == outer {
                return true;
            }
            at = self.rules.get(index).and_then(|rule| rule.parent);
        }
        false
    }
}

/// What a manifest asks for under a name.
fn referred<'v>(manifest: &'v Value, name: &str) -> Option<&'v str> {
    let order =
        [Field::DevDependencies, Field::OptionalDependencies, Field::Dependencies, Field::PeerDependencies];
    debug_assert_eq!(order.len(), FIELDS.len());
    order.iter().find_map(|field| {
        dependencies(manifest, *field)
            .find(|dependency| dependency.name == name)
            .map(|dependency| dependency.spec)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockfile::data::json;

    #[test]
    fn the_nearest_rule_counts() {
        let root = json(
            r#"{"dependencies": {"c": "^3"},
                "overrides": {"a": {"b": "2", ".": "1"}, "b@1": "9", "c": "$c", "d": {"e": {"b": "4"}}}}"#,
        )
        .unwrap();
        let overrides = Overrides::new(&root);
        let apply = |rule, name: &str, spec: &str| overrides.apply(rule, name, spec, &root, &root);
        let a = apply(0, "a", "^1");
        assert_eq!(a.spec.as_deref(), Some("1"));
        assert_eq!(apply(a.rule, "b", "^1").spec.as_deref(), Some("2"));
        assert_eq!(apply(0, "b", "^1").spec.as_deref(), Some("9"));
        assert_eq!(apply(0, "b", "^2").spec, None);
        assert_eq!(apply(0, "c", "*").spec.as_deref(), Some("^3"));
        let e = apply(apply(0, "d", "1").rule, "e", "1");
        assert_eq!(apply(e.rule, "b", "7").spec.as_deref(), Some("4"));
        assert!(overrides.is_within(e.rule, 0) && !overrides.is_within(0, e.rule));
    }
}
