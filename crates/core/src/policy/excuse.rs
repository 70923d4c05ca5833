//! Entries of allow-lists: what is left out, and why. An entry without a reason is refused, since nobody can tell later whether
//! it is still needed, and one that covers everything is a gate switched off under another name.

use super::key::{Key, Kind};
use super::source::Place;
use super::strictness::Strictness;
use super::validate::{Errors, Value, find, found_in_words, value};
use super::{Origin, Policy, PolicyError, nearest};
use crate::Date;
use crate::text::PathGlob;
use serde::Deserialize;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// The least a reason must say.
pub(crate) const REASON_CHARACTERS: usize = 10;

/// Entries that leave paths out.
pub const EXCUSED_PATHS: Kind = Kind::Excuses {
    subjects: &[Key {
        name: "path",
        kind: Kind::Glob,
        default: "",
        strictness: Strictness::Unordered,
        help: "The paths. Required.",
    }],
    further: &[],
};

/// The keys that every entry has.
pub(super) static COMMON_KEYS: &[Key] = &[
    key("reason", Kind::Text, "Why, in a sentence of ten characters or more. Required."),
    key("owner", Kind::Text, "Who answers for it."),
    key("until", Kind::Date, "The last day it holds, through its end in UTC. Afterwards it hides nothing."),
];

const fn key(name: &'static str, kind: Kind, help: &'static str) -> Key {
    Key { name, kind, default: "", strictness: Strictness::Unordered, help }
}

/// An entry of an allow-list.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Excuse {
    /// The paths it is for: a glob.
    pub path: Option<String>,
    /// The names it is for: a glob.
    pub name: Option<String>,
    /// The secret rule it is for: an entry that switches the rule off.
    pub rule: Option<String>,
    /// The values it is for: a regular expression.
    pub value: Option<String>,
    /// The rules it is for; none: all of them.
    #[serde(default)]
    pub rules: Vec<String>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    until: Option<String>,
}

impl Excuse {
    /// The last day it holds, where it has one.
    #[must_use]
    pub fn until(&self) -> Option<Date> {
        self.until.as_deref().and_then(Date::parse)
    }

    /// Whether it still holds.
    #[must_use]
    pub fn holds(&self, today: Date) -> bool {
        self.until.is_none() || self.until().is_some_and(|until| until >= today)
    }

    /// What it is for, in words: `testdata/**`, `docs/** with a value like EXAMPLE`.
    #[must_use]
    pub fn subject(&self) -> String {
        let place = self.path.as_deref().or(self.name.as_deref()).or(self.rule.as_deref());
        let what = match (place, self.value.as_deref()) {
            (Some(place), Some(value)) => format!("{place} with a value like {value}"),
            (Some(place), None) => place.to_owned(),
            (None, value) => format!("values like {}", value.unwrap_or_default()),
        };
        if self.rules.is_empty() { what } else { format!("{what} ({})", self.rules.join(", ")) }
    }

    /// The glob over paths or names, compiled; `None` when it names neither.
    ///
    /// # Errors
    ///
    /// What is wrong with it. A policy has checked its syntax.
    pub fn glob(&self) -> Result<Option<PathGlob>, String> {
        // Names are tied to the beginning: `main` does not stand for `feature/main`.
        let name = self.name.as_ref().map(|name| format!("/{}", name.trim_start_matches('/')));
        self.path.as_ref().or(name.as_ref()).map(|glob| PathGlob::new(glob)).transpose()
    }
}

/// A list of the policy, with the key that it stands under; of an overlay, with its place too.
type Listed<'p> = (String, &'p toml::Value, Option<(&'p Origin, &'p Place)>);

impl Policy {
    /// Every entry of every allow-list, with the key that it stands under: `secrets.exclude`. What only overlays
    /// list is not among them ([`Policy::with_overlays`]).
    #[must_use]
    pub fn excuses(&self) -> Vec<(String, Excuse)> {
        let lists = self.lists(is_allow_list).into_iter().filter(|(_, _, overlay)| overlay.is_none());
        lists.flat_map(|(path, list, _)| entries_of(list).map(move |entry| (path.clone(), entry))).collect()
    }

    /// Whether an allow-list has an entry, here or in an overlay.
    #[must_use]
    pub fn has_excuses(&self) -> bool {
        self.lists(is_allow_list)
            .iter()
            .any(|(_, list, _)| list.as_array().is_some_and(|list| !list.is_empty()))
    }

    /// The same policy with nothing on its allow-lists and without exceptions: what it would find.
    #[must_use]
    pub fn without_excuses(&self) -> Self {
        let mut bare = self.clone();
        for (path, _) in self.schema.keys().into_iter().filter(|(_, key)| is_allow_list(key)) {
            super::merge::set(&mut bare.merged, &path, toml::Value::Array(Vec::new()));
        }
        let listed = |path: &str| self.schema.key(path).is_some_and(is_allow_list);
        for overlay in &mut bare.overlays {
            overlay.settings.retain(|setting| !listed(&setting.path));
        }
        bare.exceptions.clear();
        bare.places.clear();
        bare
    }

    /// What is said of the entries of allow-lists that have ended.
    #[must_use]
    pub fn ended_excuses(&self, today: Date) -> Vec<String> {
        let lists = self.lists(is_allow_list).into_iter();
        let entries =
            lists.flat_map(|(key, list, _)| entries_of(list).map(move |entry| (key.clone(), entry)));
        let ended = entries.filter(|(_, excuse)| !excuse.holds(today));
        ended
            .filter_map(|(key, excuse)| {
                let (subject, until) = (excuse.subject(), excuse.until()?);
                let owner = excuse.owner.map_or_else(String::new, |owner| format!(" with {owner}"));
                Some(format!(
                    "the entry `{subject}` of `{key}` ended on {until} and hides nothing any more: renew it{owner}, or \
                     remove it"
                ))
            })
            .collect()
    }

    /// The secret rules that lists of the policy name and that are not known: such an entry would do nothing, silently.
    /// `known` has the ids of the secret rules.
    #[must_use]
    pub fn unknown_secret_rules(&self, known: &[&str]) -> Vec<PolicyError> {
        let mut errors = Vec::new();
        let lists = self.lists(|key| is_allow_list(key) || key.name == TRUST_ADDED);
        for (key, list, overlay) in lists {
            let own =
                list.as_array().into_iter().flatten().filter_map(toml::Value::as_str).map(str::to_owned);
            let rules =
                own.chain(entries_of(list).flat_map(|entry| entry.rules.into_iter().chain(entry.rule)));
            for rule in rules.filter(|rule| !known.contains(&rule.as_str())) {
                let message = format!("`{key}` names the rule `{rule}`, which is not known");
                let help = nearest(&rule, known.iter().copied()).map_or_else(
                    || "`gatepost rules list` names the rules".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                errors.push(match overlay {
                    Some((origin, place)) => place.error(origin, message, Some(help)),
                    None => self.error(&key, message, Some(help)),
                });
            }
        }
        errors
    }

    /// The lists under keys that `wanted` picks, in the policy and then in its overlays.
    fn lists(&self, wanted: impl Fn(&Key) -> bool) -> Vec<Listed<'_>> {
        let keys = self.schema.keys().into_iter().filter(|(_, key)| wanted(key));
        let own = keys.filter_map(|(path, _)| {
            let list = super::merge::get(&self.merged, &path)?;
            Some((path, list, None))
        });
        let overlaid = self
            .overlays
            .iter()
            .flat_map(|overlay| overlay.settings.iter().map(move |setting| (&overlay.origin, setting)));
        let overlaid = overlaid
            .filter(|(_, setting)| self.schema.key(&setting.path).is_some_and(&wanted))
            .map(|(origin, setting)| (setting.path.clone(), &setting.value, Some((origin, &setting.place))));
        own.chain(overlaid).collect()
    }
}

/// The key of `[secrets]` whose list has rules.
const TRUST_ADDED: &str = "trust-added-inline";

const fn is_allow_list(key: &Key) -> bool {
    matches!(key.kind, Kind::Excuses { .. })
}

/// The entries of a list. The reader let nothing through that does not convert.
fn entries_of(list: &toml::Value) -> impl Iterator<Item = Excuse> {
    list.as_array().into_iter().flatten().filter_map(|entry| entry.clone().try_into().ok())
}

/// Reads a list of entries; `None`: an error was pushed.
pub(super) fn excuses(
    subjects: &[Key],
    further: &[Key],
    items: &[Value<'_>],
    path: &str,
    errors: &mut Errors<'_>,
) -> Option<toml::Value> {
    let keys: Vec<Key> = subjects.iter().chain(further).chain(COMMON_KEYS).copied().collect();
    let mut out: Vec<toml::Value> = Vec::with_capacity(items.len());
    for found in items {
        match found.get_ref() {
            DeValue::Table(table) => {
                let Some(entry) = entry(subjects, &keys, table, found.span(), path, errors) else { continue };
                if out.iter().any(|other| covers(other) == covers(&entry)) {
                    let message = format!("`{path}` lists {} twice", shown_cover(&entry));
                    errors.push(found.span(), message, "remove one of them".to_owned());
                    continue;
                }
                out.push(entry);
            }
            DeValue::String(text) => {
                let help = format!("write {}", entry_of(subjects, text));
                let text = toml::Value::String(text.to_string());
                errors.push(found.span(), format!("{text} has no reason"), help);
            }
            other => {
                let message = format!("`{path}`: expected an entry, found {}", found_in_words(other));
                errors.push(found.span(), message, format!("write {}", entry_of(subjects, "a/glob/**")));
            }
        }
    }
    (out.len() == items.len()).then_some(toml::Value::Array(out))
}

/// The entry that somebody meant who wrote a text alone.
pub(super) fn entry_of(subjects: &[Key], text: &str) -> String {
    let name = subjects.first().map_or("path", |key| key.name);
    let text = toml::Value::String(text.to_owned());
    format!("{{ {name} = {text}, reason = \"why, in a sentence\" }}")
}

fn entry(
    subjects: &[Key],
    keys: &[Key],
    table: &DeTable<'_>,
    span: Range<usize>,
    path: &str,
    errors: &mut Errors<'_>,
) -> Option<toml::Value> {
    let mut out = toml::Table::new();
    for (name, found) in table {
        let Some(key) = find(keys, name, path, errors) else { continue };
        let inner = format!("{path}.{}", key.name);
        let Some(checked) = value(key.kind, found, &inner, errors) else { continue };
        if let (Kind::Regex, Some(pattern)) = (key.kind, checked.as_str())
            && matches_everything(pattern)
        {
            let help = "say what the values have in common: a part that only they have";
            errors.push(found.span(), format!("`{inner}` matches every value"), help.to_owned());
            continue;
        }
        if let (Kind::Glob, Some(glob)) = (key.kind, checked.as_str())
            && !table.contains_key("value")
            && PathGlob::new(glob).is_ok_and(|glob| glob.covers_everything())
        {
            let help = "name the paths that it is for; `level = \"off\"` switches a section off, and is seen";
            errors.push(found.span(), format!("`{inner}` covers everything"), help.to_owned());
            continue;
        }
        out.insert(key.name.to_owned(), checked);
    }
    if !subjects.iter().any(|key| table.contains_key(key.name)) {
        let names: Vec<String> = subjects.iter().map(|key| format!("`{}`", key.name)).collect();
        let message = format!("an entry of `{path}` names nothing that it is for");
        errors.push(span, message, format!("give it {}", names.join(" or ")));
        return None;
    }
    match table.get("reason").map(|reason| (reason.span(), reason.get_ref().as_str())) {
        None => {
            let message = format!("{} has no reason", shown_cover(&toml::Value::Table(out.clone())));
            errors.push(span, message, "add reason = \"why, in a sentence\"".to_owned());
            return None;
        }
        Some((at, Some(reason))) if reason.trim().chars().count() < REASON_CHARACTERS => {
            let message = format!("`{path}.reason` has fewer than {REASON_CHARACTERS} characters");
            errors.push(at, message, "say in a sentence why it may be left out".to_owned());
            return None;
        }
        Some(_) => {}
    }
    (out.len() == table.len()).then_some(toml::Value::Table(out))
}

/// Whether a pattern is one of those that look for nothing in particular: it finds itself in values that have nothing
/// in common.
fn matches_everything(pattern: &str) -> bool {
    // What takes more than this is refused when the check is built; here only time would be lost.
    let built = regex::bytes::RegexBuilder::new(pattern).size_limit(1 << 18).build();
    let Ok(regex) = built else { return false };
    // What matches no bytes at all matches between any two as well.
    regex.is_match(b"") || [b'a', b'Z', b'0'].iter().all(|byte| regex.is_match(&[*byte; 64]))
}

/// What an entry covers: all but its reason, its owner and its last day.
pub(super) fn covers(entry: &toml::Value) -> toml::Table {
    let mut table = entry.as_table().cloned().unwrap_or_default();
    table.retain(|key, _| !COMMON_KEYS.iter().any(|common| common.name == key));
    table
}

/// What an entry covers, as a policy writes it.
pub(super) fn shown_cover(entry: &toml::Value) -> String {
    let cover = covers(entry);
    match (cover.len(), cover.values().next()) {
        (1, Some(only)) => only.to_string(),
        _ => toml::Value::Table(cover).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Layer, Origin, Purpose, Schema};
    use super::*;

    fn load(text: &str) -> Result<Policy, Vec<PolicyError>> {
        let origin = Origin::File("gatepost.toml".to_owned());
        Policy::load_for(Schema::built_in(), Purpose::Gate, &[Layer { origin, text: text.to_owned() }])
    }

    #[test]
    fn a_path_for_everything_is_refused_unless_a_value_narrows_it() {
        let errors =
            load("[files]\nexclude = [{ path = \"**\", reason = \"it is in the way\" }]\n").unwrap_err();
        assert_eq!(
            errors[0].to_string(),
            "gatepost.toml:2:21: `files.exclude.path` covers everything (name the paths that it is for; `level = \"off\"` \
             switches a section off, and is seen)"
        );
        let narrowed =
            "[[secrets.allow]]\npath = \"**\"\nvalue = \"EXAMPLE\"\nreason = \"documented examples\"\n";
        assert!(load(narrowed).is_ok());
    }

    fn errors(text: &str) -> String {
        let lines = load(text).unwrap_err().into_iter().map(|error| {
            let line = error.source_line.as_deref().map_or(String::new(), |line| format!("\n    > {line}"));
            format!("{error}{line}\n")
        });
        lines.collect()
    }

    #[test]
    fn every_entry_says_why() {
        insta::assert_snapshot!(errors(
            r#"
[secrets]
exclude = ["testdata/**", 'a "b"', 7, { path = "docs/**" }, { path = "x/**", reason = "short" }]
[files]
exclude = [{ reason = "generated by the build" }, { path = "a[", reason = "generated by the build" }]
[branch]
exempt = ["dependabot/**", { nam = "renovate/**", reason = "made by a robot" }]
"#
        ));
        insta::assert_snapshot!(errors(
            r#"
[secrets]
exclude = "testdata/**"
[files]
exclude = [
  { path = "a/**", reason = "generated by the build" },
  { path = "a/**", reason = "for another reason" },
]
[branch]
exempt = { name = "dependabot/**", reason = "made by a robot" }
"#
        ));
    }

    #[test]
    fn an_allow_list_is_for_something() {
        insta::assert_snapshot!(errors(
            r#"
[[secrets.allow]]
value = ".*"
reason = "everything, please"
[[secrets.allow]]
value = ""
reason = "everything, please"
[[secrets.allow]]
value = '[\s\S]{2}'
reason = "everything, please"
[[secrets.allow]]
value = "EXAMPLE("
reason = "documented examples"
[[secrets.allow]]
rules = ["github-pat"]
reason = "documented examples"
[[secrets.allow]]
value = "EXAMPLE"
until = "tomorrow"
reason = "documented examples"
"#
        ));
    }

    #[test]
    fn rules_that_nobody_knows_are_named() {
        let policy = load(
            "[secrets]\ntrust-added-inline = [\"github-pat\"]\n[[secrets.allow]]\nvalue = \"EXAMPLE\"\nrules = [\"github-patt\"]\nreason = \"documented examples\"\n",
        )
        .unwrap();
        let said: Vec<String> =
            policy.unknown_secret_rules(&["github-pat"]).iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(said.join("\n"));
        assert_eq!(policy.unknown_secret_rules(&[]).len(), 2);
        let policy = load(
            "[[overlay]]\npaths = [\"docs/**\"]\n[[overlay.secrets.allow]]\nvalue = \"EXAMPLE\"\nrules = [\"no-such\"]\nreason = \"documented examples\"\n",
        )
        .unwrap();
        assert_eq!(
            policy.unknown_secret_rules(&["github-pat"])[0].to_string(),
            "gatepost.toml:3:19: `secrets.allow` names the rule `no-such`, which is not known (`gatepost rules list` names \
             the rules)"
        );
    }

    #[test]
    fn an_entry_ends_and_says_so() {
        let policy = load(
            "[files]\nexclude = [{ path = \"gen/**\", reason = \"generated code\", owner = \"@build\", until = 2026-11-22 }]\n",
        )
        .unwrap();
        let day = |text: &str| Date::parse(text).unwrap();
        assert!(policy.ended_excuses(day("2026-11-22")).is_empty());
        insta::assert_snapshot!(policy.ended_excuses(day("2026-11-23")).join("\n"));
        let overlaid = load(
            "[[overlay]]\npaths = [\"docs/**\"]\nfiles.exclude = [{ path = \"*.png\", reason = \"screenshots\", until = 2026-11-22 }]\n",
        )
        .unwrap();
        assert_eq!(overlaid.ended_excuses(day("2026-11-23")).len(), 1);
        assert!(overlaid.has_excuses() && overlaid.excuses().is_empty());
        assert!(!overlaid.without_excuses().has_excuses());
        assert_eq!(overlaid.with_overlays(&[0]).excuses().len(), 1);
        let (key, excuse) = policy.excuses().remove(0);
        assert_eq!((key.as_str(), excuse.subject().as_str()), ("files.exclude", "gen/**"));
    }

    #[test]
    fn a_final_list_grows_no_entries() {
        let entry = |path: &str, reason: &str| format!("{{ path = \"{path}\", reason = \"{reason}\" }}");
        let org = format!(
            "final = [\"secrets\"]\n[secrets]\nexclude = [{}]\ntrust-inline = [\"gatepost\", \"gitleaks\"]\n",
            entry("a/**", "generated code")
        );
        let with = |text: String| {
            let file = |name: &str, text: String| Layer { origin: Origin::File(name.to_owned()), text };
            let layers =
                [file("org.toml", org.clone()), file("gatepost.toml", format!("[secrets]\n{text}\n"))];
            Policy::load_for(Schema::built_in(), Purpose::Gate, &layers)
        };
        assert!(with(format!("exclude = [{}]", entry("a/**", "for another reason"))).is_ok());
        assert!(with("exclude = []\ntrust-inline = \"own\"".to_owned()).is_ok());
        let entries = [entry("a/**", "generated code"), entry("b/**", "generated code")].join(", ");
        let weaker = format!(
            "exclude = [{entries}]\ntrust-inline = \"all\"\ntrust-added-inline = [\"github-pat\"]\n\
             [[secrets.allow]]\nvalue = \"EXAMPLE\"\nreason = \"documented examples\""
        );
        let errors = with(weaker).unwrap_err();
        insta::assert_snapshot!(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    }

    #[test]
    fn patterns_that_look_for_nothing() {
        for pattern in
            [".*", "", ".", "x*", "(?s).+", "^", r"[^\x00]", r"\b", ".{9,}", "[A-Za-z0-9]{20}", r"\w"]
        {
            assert!(matches_everything(pattern), "{pattern}");
        }
        for pattern in ["EXAMPLE", "^AKIA", "[0-9]{12}", "test|fake", r"\d"] {
            assert!(!matches_everything(pattern), "{pattern}");
        }
    }
}
