//! A configuration as it is in force: rules and allowlists, with all that it extends.

use super::allowlist::Allowlist;
use super::pattern::Pattern;
use super::read::{self, Document};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many configurations may stand above one another.
const MOST_EXTENDED: u32 = 2;

/// The version of gitleaks whose configurations are read.
pub const VERSION: &str = "8.30.1";

/// A rule.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) description: String,
    pub(crate) regex: Option<Arc<Pattern>>,
    pub(crate) path: Option<Arc<Pattern>>,
    pub(crate) secret_group: usize,
    pub(crate) entropy: f64,
    /// In lower case. One of them in a text is enough; none asks nothing.
    pub(crate) keywords: Vec<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) allowlists: Vec<Arc<Allowlist>>,
    pub(crate) required: Vec<Required>,
    pub(crate) skip_report: bool,
}

/// Another rule that must match near.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Required {
    pub(crate) id: String,
    pub(crate) within_lines: Option<i64>,
    pub(crate) within_columns: Option<i64>,
}

/// What a configuration is put on top of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Base<'a> {
    /// The default configuration of gitleaks.
    Default,
    /// A file; a relative path is meant from the current directory.
    File(&'a str),
}

/// What stands at a [`Base`].
pub enum Found {
    /// Its text.
    Text(String),
    /// gatepost's own rules stand in for the default configuration.
    Own,
}

/// A whole configuration.
#[derive(Debug, Default)]
pub struct Config {
    /// By id, in the order in which reports list them.
    pub(crate) rules: Vec<Rule>,
    pub(crate) allowlists: Vec<Arc<Allowlist>>,
    /// Where gatepost's own rules stand in for gitleaks' default ones: the ids that are switched off.
    pub(crate) own: Option<BTreeSet<String>>,
    /// What is odd about it, in words.
    pub(crate) warnings: Vec<String>,
}

impl Config {
    /// Reads a configuration and what it extends; `name` is what it is called in errors.
    ///
    /// # Errors
    ///
    /// What gitleaks refuses as well: no TOML, an expression that is none, a rule without an id, and so on. In words, with
    /// the rule that it is about.
    pub fn read(
        name: &str,
        text: &str,
        base: &mut dyn FnMut(Base<'_>) -> Result<Found, String>,
    ) -> Result<Self, String> {
        let mut config = Self::layer(name, text, base, 0)?;
        config.validate().map_err(|why| format!("{name}: {why}"))?;
        Ok(config)
    }

    /// No configuration: gatepost's own rules.
    #[must_use]
    pub fn own() -> Self {
        Self { own: Some(BTreeSet::new()), ..Self::default() }
    }

    /// What is odd about it, though it can be used.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Whether gatepost's own rules take part.
    #[must_use]
    pub const fn has_own(&self) -> bool {
        self.own.is_some()
    }

    /// The ids of the rules of the configuration itself.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(|rule| rule.id.as_str())
    }

    pub(crate) fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    fn layer(
        name: &str,
        text: &str,
        base: &mut dyn FnMut(Base<'_>) -> Result<Found, String>,
        depth: u32,
    ) -> Result<Self, String> {
        let document = read::document(text, false).map_err(|why| format!("{name}: {why}"))?;
        let mut config = Self::default();
        config.warnings.extend(
            document
                .unknown
                .iter()
                .map(|key| format!("{name}: gitleaks has no setting `{key}`: it does nothing")),
        );
        config.min_version(name, &document.min_version)?;
        for rule in &document.rules {
            config.put(rule.clone());
        }
        for rule in &config.rules {
            if let Some(absent) = rule.required.iter().find(|required| config.rule(&required.id).is_none()) {
                return Err(format!(
                    "{name}: {}: [[rules.required]] there is no rule `{}`",
                    rule.id, absent.id
                ));
            }
        }
        config.allowlists.clone_from(&document.allowlists);
        if depth < MOST_EXTENDED {
            config.extend(name, &document, base, depth)?;
        }
        if depth == 0 {
            config.target(name, &document)?;
        }
        Ok(config)
    }

    /// The last rule of an id counts, at the place of the first.
    fn put(&mut self, rule: Rule) {
        match self.rules.iter_mut().find(|old| old.id == rule.id) {
            Some(old) => {
                self.warnings.push(format!("the rule `{}` is there twice: the last one counts", rule.id));
                *old = rule;
            }
            None => self.rules.push(rule),
        }
    }

    fn min_version(&mut self, name: &str, asked: &str) -> Result<(), String> {
        if asked.is_empty() {
            return Ok(());
        }
        let number = |text: &str| -> Option<Vec<u64>> {
            let core = text.trim().trim_start_matches('v').split(['-', '+']).next()?;
            core.split('.').map(|part| part.parse().ok()).collect()
        };
        let Some(least) = number(asked) else {
            return Err(format!("{name}: `{asked}` is no version (minVersion)"));
        };
        if Some(least) > number(VERSION) {
            self.warnings.push(format!("{name} wants gitleaks {asked}; what {VERSION} can is understood"));
        }
        Ok(())
    }

    fn extend(
        &mut self,
        name: &str,
        document: &Document,
        base: &mut dyn FnMut(Base<'_>) -> Result<Found, String>,
        depth: u32,
    ) -> Result<(), String> {
        let extend = &document.extend;
        let (what, found) = match (extend.path.as_str(), extend.use_default) {
            ("", false) => return Ok(()),
            ("", true) => ("the default configuration", base(Base::Default)),
            (path, false) => (path, base(Base::File(path))),
            _ => {
                return Err(format!(
                    "{name}: [extend] has both `path` and `useDefault`, and only one can be"
                ));
            }
        };
        let cannot = |why: String| format!("{name}: [extend] {what}: {why}");
        match found.map_err(cannot)? {
            Found::Text(text) => {
                let below = Self::layer(what, &text, base, depth + 1)?;
                self.merge(what, below, &extend.disabled);
            }
            Found::Own => {
                self.own.get_or_insert_default().extend(extend.disabled.iter().cloned());
            }
        }
        Ok(())
    }

    /// Puts what a configuration extends below it.
    fn merge(&mut self, what: &str, below: Self, disabled: &[String]) {
        for id in disabled.iter().filter(|id| below.rule(id).is_none() && below.own.is_none()) {
            self.warnings.push(format!("{what} has no rule `{id}` that could be disabled"));
        }
        for mut rule in below.rules {
            if disabled.contains(&rule.id) {
                continue;
            }
            match self.rules.iter_mut().find(|own| own.id == rule.id) {
                None => self.rules.push(rule),
                Some(own) => {
                    rule.overlay(own);
                    *own = rule;
                }
            }
        }
        self.allowlists.extend(below.allowlists);
        self.warnings.extend(below.warnings);
        if let Some(off) = below.own {
            self.own.get_or_insert_default().extend(off.into_iter().chain(disabled.iter().cloned()));
        }
        self.rules.sort_by(|a, b| a.id.cmp(&b.id));
    }

    /// Hands allowlists with `targetRules` to their rules.
    fn target(&mut self, name: &str, document: &Document) -> Result<(), String> {
        for (ids, allowlist) in &document.targeted {
            for id in ids {
                match self.rules.iter_mut().find(|rule| rule.id == *id) {
                    Some(rule) => rule.allowlists.push(Arc::clone(allowlist)),
                    // It may be meant for a rule of gitleaks that ours stand in for.
                    None if self.own.is_some() => self.warnings.push(format!(
                        "{name}: [[allowlists]] is for the rule `{id}`, which is not among gatepost's own: it does nothing"
                    )),
                    None => return Err(format!("{name}: [[allowlists]] targetRules names `{id}`, and there is no such rule")),
                }
            }
        }
        Ok(())
    }

    fn validate(&mut self) -> Result<(), String> {
        for rule in &self.rules {
            if rule.id.trim().is_empty() {
                let about = rule.regex.as_ref().or(rule.path.as_ref()).map_or("", |pattern| pattern.source());
                return Err(format!("a rule has no id ({} {about})", rule.description));
            }
            let Some(regex) = &rule.regex else {
                if rule.path.is_none() {
                    return Err(format!(
                        "{}: it has neither a regex nor a path, so it can find nothing",
                        rule.id
                    ));
                }
                continue;
            };
            if rule.secret_group > regex.groups() {
                return Err(format!(
                    "{}: secretGroup is {}, and the regex has {} groups",
                    rule.id,
                    rule.secret_group,
                    regex.groups()
                ));
            }
        }
        Ok(())
    }

    /// Where each id of a rule leads, for whoever looks many up.
    pub(crate) fn places(&self) -> BTreeMap<&str, usize> {
        self.rules.iter().enumerate().map(|(index, rule)| (rule.id.as_str(), index)).collect()
    }

    /// The first expression that turned out to be too large to be run: what it should find was not looked for.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        let of_rule = |rule: &Rule| {
            let own = [&rule.regex, &rule.path];
            let own =
                own.into_iter().flatten().find_map(|pattern| Some((pattern.source(), pattern.failure()?)));
            own.or_else(|| rule.allowlists.iter().find_map(|list| list.failure()))
                .map(|(text, why)| (text.to_owned(), why.to_owned()))
        };
        let of_list =
            |list: &Arc<Allowlist>| list.failure().map(|(text, why)| (text.to_owned(), why.to_owned()));
        let found = self.rules.iter().find_map(of_rule).or_else(|| self.allowlists.iter().find_map(of_list));
        found.map(|(text, why)| format!("the expression `{text}` cannot be run: {why}"))
    }
}

impl Rule {
    /// Takes over what the same rule of a higher configuration says.
    fn overlay(&mut self, above: &Self) {
        if !above.description.is_empty() {
            self.description.clone_from(&above.description);
        }
        if above.entropy != 0.0 {
            self.entropy = above.entropy;
        }
        if above.secret_group != 0 {
            self.secret_group = above.secret_group;
        }
        if above.regex.is_some() {
            self.regex.clone_from(&above.regex);
        }
        if above.path.is_some() {
            self.path.clone_from(&above.path);
        }
        self.tags.extend(above.tags.iter().cloned());
        self.keywords.extend(above.keywords.iter().cloned());
        self.allowlists.extend(above.allowlists.iter().cloned());
    }
}
