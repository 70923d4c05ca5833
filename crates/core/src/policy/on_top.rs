//! One policy on top of another, of which only what makes it stricter counts: a repository's own on the server's.
//!
//! An error for what would weaken the lower policy would be the wrong answer. Nobody who pushes could take the line out
//! again: every push, that of the mend too, would meet the error. So it is left out, and named.

use super::key::Kind;
use super::layer::Setting;
use super::merge::{ADDS_UP, get, set, united};
use super::own_rules::{RULE_FILES, RULES, joined};
use super::source::Place;
use super::{Comparison, Levels, Origin, Overlay, Policy, Strictness};
use crate::{Level, Stage};
use serde::Deserialize;
use toml::Value;

/// Keys that only say what a level means, with the key of that level: while it is off they let nothing through.
const MEANT_BY: [(&str, &str); 3] = [
    ("branch.patterns", "branch.level"),
    ("branch.preset", "branch.level"),
    ("branch.exempt", "branch.level"),
];

/// Something of the upper policy that does not count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeftOut {
    /// What: `message.header-max`, `exception EX-2026-0007`.
    pub what: String,
    /// The layer that it stands in.
    pub origin: Origin,
    /// Its line there, from 1.
    pub line: Option<u32>,
    /// Whether it would let more through; `false`: nobody can tell.
    pub weakens: bool,
}

impl LeftOut {
    fn new(what: String, origin: &Origin, place: &Place, weakens: bool) -> Self {
        Self { what, origin: origin.clone(), line: place.line, weakens }
    }
}

impl Policy {
    /// This policy with everything of `upper` that makes it stricter, and what of `upper` does not count: settings that would
    /// let more through, those that nobody can compare, exceptions, and secret rules of a name that is taken. Lists
    /// that demand something add up. `upper` is a policy of its own, made of its layers alone.
    #[must_use]
    pub fn with_stricter(&self, upper: &Self) -> (Self, Vec<LeftOut>) {
        let mut policy = self.clone();
        let mut left_out = Vec::new();
        for (path, (origin, place)) in &upper.origins {
            let Some(value) = get(&upper.merged, path) else { continue };
            if [RULES, RULE_FILES].contains(&path.as_str()) {
                continue;
            }
            let old = get(&self.merged, path);
            match self.stricter(path, &[old], value) {
                Ok(None) => {}
                Ok(Some(value)) => {
                    set(&mut policy.merged, path, value);
                    policy.origins.insert(path.clone(), (origin.clone(), place.clone()));
                }
                Err(weakens) => left_out.push(LeftOut::new(format!("`{path}`"), origin, place, weakens)),
            }
        }
        policy.add_rules_of(upper, &mut left_out);
        for overlay in &upper.overlays {
            let overlay = self.stricter_overlay(overlay, &mut left_out);
            if !overlay.settings.is_empty() {
                policy.overlays.push(overlay);
            }
        }
        left_out.extend(upper.exceptions.iter().zip(&upper.places).map(|(exception, at)| LeftOut {
            what: format!("exception {}", exception.id),
            origin: at.origin.clone(),
            line: at.line(),
            weakens: true,
        }));
        left_out.sort_by_key(|out| out.line);
        (policy, left_out)
    }

    /// The value that makes the key stricter than each of `olds`; `None` where it says nothing new. Otherwise whether it would
    /// weaken one of them; `false`: nobody can tell.
    fn stricter(&self, path: &str, olds: &[Option<&Value>], new: &Value) -> Result<Option<Value>, bool> {
        if self.says_nothing(path) {
            return Ok(Some(new.clone()));
        }
        let key = self.schema.key(path);
        let strictness = key.map_or(Strictness::Unordered, |key| key.strictness);
        let adds_up = ADDS_UP.contains(&path) || self.schema.block(path).is_some();
        let is_list = key.is_some_and(|key| matches!(key.kind, Kind::List(_)));
        let mut value = new.clone();
        if adds_up || (is_list && matches!(strictness, Strictness::MoreItems)) {
            value = olds.iter().flatten().fold(value, |value, old| united(old, value));
        }
        let (mut stricter, mut unknown) = (false, false);
        for old in olds {
            match strictness.compare(*old, Some(&value)) {
                Comparison::Same => {}
                Comparison::Stricter => stricter = true,
                Comparison::Weaker(_) => return Err(true),
                // The first block for a ref, such as a window, takes away: nothing was said of it.
                Comparison::Unknown if old.is_none() && self.schema.block(path).is_some() => stricter = true,
                Comparison::Unknown => unknown = true,
            }
        }
        if unknown { Err(false) } else { Ok(stricter.then_some(value)) }
    }

    /// Whether a key only says what a level means that is off, here and in every overlay.
    fn says_nothing(&self, path: &str) -> bool {
        let Some((_, level)) = MEANT_BY.iter().find(|(key, _)| *key == path) else { return false };
        let is_off = get(&self.merged, level)
            .and_then(|value| Levels::deserialize(value.clone()).ok())
            .is_some_and(|levels| Stage::ALL.iter().all(|stage| levels.at(*stage) == Level::Off));
        is_off && !self.overlays.iter().any(|overlay| overlay.settings.iter().any(|s| s.path == *level))
    }

    /// What of an overlay is stricter than the policy and than each of its overlays: they can hold for the same path.
    fn stricter_overlay(&self, overlay: &Overlay, left_out: &mut Vec<LeftOut>) -> Overlay {
        let mut kept = Overlay { settings: Vec::new(), ..overlay.clone() };
        for setting in &overlay.settings {
            let path = &setting.path;
            let others = self.overlays.iter().flat_map(|overlay| &overlay.settings);
            let others = others.filter(|other| other.path == *path).map(|other| Some(&other.value));
            let olds: Vec<Option<&Value>> = std::iter::once(get(&self.merged, path)).chain(others).collect();
            match self.stricter(path, &olds, &setting.value) {
                // What says the same as the policy can take back what the upper one says elsewhere.
                Ok(value) => kept.settings.push(Setting {
                    value: value.unwrap_or_else(|| setting.value.clone()),
                    ..setting.clone()
                }),
                Err(weakens) => {
                    let what = format!("`{path}` in an [[overlay]]");
                    left_out.push(LeftOut::new(what, &overlay.origin, &setting.place, weakens));
                }
            }
        }
        kept
    }

    /// Adds the secret rules of `upper` whose ids are new.
    fn add_rules_of(&mut self, upper: &Self, left_out: &mut Vec<LeftOut>) {
        let mut added = Vec::new();
        for own in &upper.own_rules {
            let id = own.rule.id.as_ref();
            if self.own_rules.iter().any(|known| known.rule.id == own.rule.id) {
                left_out.push(LeftOut::new(
                    format!("the secret rule `{id}`"),
                    &own.origin,
                    &own.place,
                    false,
                ));
                continue;
            }
            let is_it = |table: &&toml::Table| table.get("id").and_then(Value::as_str) == Some(id);
            added.extend(upper.own_rule_tables().find(is_it).cloned().map(Value::Table));
            self.own_rules.push(own.clone());
        }
        if !added.is_empty() {
            let all = joined(get(&self.merged, RULES), Value::Array(added));
            set(&mut self.merged, RULES, all);
            if let Some(origin) = upper.origins.get(RULES).or_else(|| upper.origins.get(RULE_FILES)) {
                self.origins.insert(RULES.to_owned(), origin.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Layer;

    fn load(name: &str, text: &str) -> Policy {
        let origin = Origin::File(name.to_owned());
        let layer = Layer { origin, text: text.to_owned() };
        Policy::load(&[layer]).unwrap_or_else(|errors| panic!("{errors:#?}"))
    }

    /// The value of a key, and what is left out with its line: a `?` for what nobody can compare.
    fn on_top(server: &str, own: &str, path: &str) -> (String, Vec<String>) {
        let (policy, left_out) = load("server.toml", server).with_stricter(&load("own.toml", own));
        let value = get(&policy.merged, path).map_or_else(|| "-".to_owned(), ToString::to_string);
        let words = |out: &LeftOut| {
            let sign = if out.weakens { "" } else { "?" };
            format!("{}:{} {}{sign}", out.origin, out.line.unwrap_or(0), out.what)
        };
        (value, left_out.iter().map(words).collect())
    }

    fn counts(server: &str, own: &str, path: &str, value: &str) {
        assert_eq!(on_top(server, own, path), (value.to_owned(), Vec::new()), "{own}");
    }

    fn does_not_count(server: &str, own: &str, path: &str, value: &str, out: &str) {
        assert_eq!(on_top(server, own, path), (value.to_owned(), vec![out.to_owned()]), "{own}");
    }

    #[test]
    fn what_is_stricter_counts_and_what_is_weaker_is_named() {
        let server = "[message]\nheader-max = 80\n";
        counts(server, "[message]\nheader-max = 72\n", "message.header-max", "72");
        counts(server, "[message]\nheader-max = 80\n", "message.header-max", "80");
        let out = "own.toml:2 `message.header-max`";
        does_not_count(server, "[message]\nheader-max = 100\n", "message.header-max", "80", out);
        // What the server does not say is the default, and that is in force as well.
        does_not_count(
            "",
            "[secrets]\nlevel = \"off\"\n",
            "secrets.level",
            "\"deny\"",
            "own.toml:2 `secrets.level`",
        );
        does_not_count("", "enforce = false\n", "enforce", "true", "own.toml:1 `enforce`");
        counts("enforce = false\n", "enforce = true\n", "enforce", "true");
        let ticket = "[message]\nticket = \"A-[0-9]+\"\n";
        does_not_count(
            ticket,
            "[message]\nticket = \"B-[0-9]+\"\n",
            "message.ticket",
            "\"A-[0-9]+\"",
            "own.toml:2 `message.ticket`?",
        );
    }

    #[test]
    fn lists_that_demand_add_up() {
        let server = "[message]\ntrailers.required = [\"Refs\"]\n";
        counts(
            server,
            "[message]\ntrailers.required = [\"Risk\"]\n",
            "message.trailers.required",
            "[\"Refs\", \"Risk\"]",
        );
        let blocks = "[[ref]]\nmatch = [\"refs/heads/main\"]\nforce = \"deny\"\n";
        let (value, out) = on_top(blocks, "[[ref]]\nmatch = [\"refs/heads/*\"]\ndelete = \"deny\"\n", "ref");
        assert_eq!((value.matches("match").count(), out.len()), (2, 0), "{value}");
    }

    #[test]
    fn windows_count_where_there_are_none() {
        let window = |day: &str| {
            format!(
                "[[window]]\nmatch = [\"refs/heads/main\"]\ndays = [\"{day}\"]\nfrom = \"09:00\"\nto = \"16:00\"\n"
            )
        };
        let (value, out) = on_top("", &window("mon"), "window");
        assert_eq!((value.matches("days").count(), out.len()), (1, 0), "{value}");
        // Each window opens: another one beside the server's would open more.
        let (value, out) = on_top(&window("mon"), &window("tue"), "window");
        assert_eq!(value.matches("days").count(), 1, "{value}");
        assert_eq!(out, ["own.toml:1 `window`?"]);
    }

    #[test]
    fn what_a_level_means_is_free_while_it_is_off() {
        let own = "[branch]\nlevel = \"deny\"\npatterns = [\"topic/{any}\"]\n";
        counts("", own, "branch.patterns", "[\"topic/{any}\"]");
        let server = "[branch]\nlevel = \"warn\"\npatterns = [\"main\"]\n";
        does_not_count(server, own, "branch.patterns", "[\"main\"]", "own.toml:3 `branch.patterns`");
        let overlay = "[[overlay]]\nbranches = [\"release/*\"]\nbranch.level = \"deny\"\n";
        assert_eq!(on_top(overlay, own, "branch.patterns").0, "[]");
    }

    #[test]
    fn trust_and_exceptions_are_the_servers() {
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA";
        let own = format!(
            "[signatures]\nallowed-signers = [\"a@example.com {key}\"]\nrevoked-keys = [\"SHA256:abc\"]\n"
        );
        let (policy, out) = Policy::built_in().with_stricter(&load("own.toml", &own));
        let out: Vec<&str> = out.iter().map(|out| out.what.as_str()).collect();
        assert_eq!(out, ["`signatures.allowed-signers`"]);
        assert_eq!(get(&policy.merged, "signatures.revoked-keys").unwrap().to_string(), "[\"SHA256:abc\"]");
        let own = "[[exception]]\nid = \"EX-1\"\nrule = \"github-pat\"\npath = \"a\"\nstatus = \"test-credential\"\n\
                   reason = \"made for the tests\"\nowner = \"@o\"\nexpires = 2027-01-01\n";
        let (policy, out) = Policy::built_in().with_stricter(&load("own.toml", own));
        assert!(policy.exceptions().is_empty());
        assert_eq!((out[0].what.as_str(), out[0].line, out[0].weakens), ("exception EX-1", Some(1), true));
    }

    #[test]
    fn overlays_are_no_way_around() {
        let server =
            "[message]\nheader-max = 80\n[[overlay]]\nbranches = [\"main\"]\nmessage.header-max = 50\n";
        let own = |max: u32| {
            format!(
                "[message]\nheader-max = 60\n[[overlay]]\nbranches = [\"ma*\"]\nmessage.header-max = {max}\n"
            )
        };
        let main = crate::RefName::from("refs/heads/main");
        let effective = |own: &str| {
            let (policy, out) = load("server.toml", server).with_stricter(&load("own.toml", own));
            let on_main = policy.on_branch(Some(&main));
            (get(&on_main.merged, "message.header-max").unwrap().to_string(), out.len())
        };
        assert_eq!(effective(&own(40)), ("40".to_owned(), 0));
        assert_eq!(effective(&own(70)), ("50".to_owned(), 1));
    }

    #[test]
    fn secret_rules_add_up_under_names_that_are_free() {
        let rule = |id: &str, prefix: &str| {
            format!(
                "[[secrets.rules]]\nid = \"{id}\"\nname = \"Acme key\"\nprovider = \"acme\"\ndescription = \"A key.\"\nseverity = \
                 \"high\"\nconfidence = \"high\"\nregex = '{prefix}_([a-z]{{20}})'\nkeywords = [\"{prefix}_\"]\nrisk = \"It opens \
                 everything.\"\nfix = [\"Rotate it.\"]\nreference = \"https://example.com/\"\n\
                 examples = [\"{prefix}_{{lower:20}}\", \"k={prefix}_{{lower:20}}\"]\n\
                 counter-examples = [\"{prefix}_1\", \"{prefix}\"]\n"
            )
        };
        let server = load("server.toml", &rule("acme-key", "acme"));
        let own = load("own.toml", &(rule("acme-key", "other") + &rule("own-key", "own")));
        let (policy, out) = server.with_stricter(&own);
        let ids: Vec<&str> = policy.own_rules().iter().map(|own| own.rule.id.as_ref()).collect();
        assert_eq!(ids, ["acme-key", "own-key"]);
        assert_eq!(policy.own_rule_tables().count(), 2);
        assert_eq!(
            out.iter().map(|out| out.what.as_str()).collect::<Vec<_>>(),
            ["the secret rule `acme-key`"]
        );
    }
}
