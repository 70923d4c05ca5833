//! The overlays of two versions of a policy, paired by what they are for. What an overlay does not set is what the file
//! says for everything, so an overlay that is new or gone is compared with that.

use super::{PolicyChange, PolicyChangeKind, is_strictest, said, shown};
use crate::policy::layer::Read;
use crate::policy::{Comparison, Schema, Strictness, merge};
use std::collections::{BTreeMap, BTreeSet};
use toml::Value;

/// What an overlay is for, and a key in it.
type Key = (String, String);

pub(super) fn compare(schema: &Schema, before: &Read, after: &Read, changes: &mut Vec<PolicyChange>) {
    let (old, new) = (settings(before), settings(after));
    let defaults = schema.defaults();
    let layered = !before.extends.is_empty() || !after.extends.is_empty();
    let keys: BTreeSet<&Key> = old.keys().chain(new.keys()).collect();
    for key @ (scope, path) in keys {
        let (was, now) = (old.get(key), new.get(key));
        let line = now.and_then(|(_, line)| *line);
        let (was, now) = (was.map(|(value, _)| *value), now.map(|(value, _)| *value));
        if was == now {
            continue;
        }
        let default = merge::get(&defaults, path);
        let (base_old, base_new) = (everywhere(before, path), everywhere(after, path));
        let (old, new) = (was.or(base_old).or(default), now.or(base_new).or(default));
        let strictness = schema.key(path).map_or(Strictness::Unordered, |key| key.strictness);
        let unsure = layered && (was.or(base_old).is_none() || now.or(base_new).is_none());
        let compared = strictness.compare(old, new);
        let (kind, why) = match compared {
            Comparison::Weaker(why) => (PolicyChangeKind::Weaker, why),
            Comparison::Unknown => (PolicyChangeKind::Unknown, String::new()),
            _ if unsure && !is_strictest(strictness, now) => {
                (PolicyChangeKind::Unknown, "the rest is in the files that it extends".to_owned())
            }
            Comparison::Stricter | Comparison::Same => continue,
        };
        let told = |value: Option<&Value>, set: bool| {
            let value = value.map_or_else(|| shown(None), said);
            if set { value } else { format!("{value} (outside the overlay)") }
        };
        let (old, new) = (told(old, was.is_some()), told(new, now.is_some()));
        let path = format!("overlay {scope}, {path}");
        changes.push(PolicyChange { kind, path, old, new, why, line });
    }
    order(before, after, changes);
}

fn settings(read: &Read) -> BTreeMap<Key, (&Value, Option<u32>)> {
    let mut out = BTreeMap::new();
    for overlay in &read.overlays {
        let scope = overlay.scope().join(", ");
        for setting in &overlay.settings {
            out.insert((scope.clone(), setting.path.clone()), (&setting.value, setting.place.line));
        }
    }
    out
}

fn everywhere<'r>(read: &'r Read, path: &str) -> Option<&'r Value> {
    read.settings.iter().find(|setting| setting.path == path).map(|setting| &setting.value)
}

/// Of two overlays that set a key the later one counts.
fn order(before: &Read, after: &Read, changes: &mut Vec<PolicyChange>) {
    let scopes = |read: &Read| read.overlays.iter().map(|o| o.scope().join(", ")).collect::<Vec<_>>();
    let (old, new) = (scopes(before), scopes(after));
    let common = |list: &[String], other: &[String]| {
        list.iter().filter(|scope| other.contains(scope)).cloned().collect::<Vec<_>>()
    };
    let (was, now) = (common(&old, &new), common(&new, &old));
    if was != now {
        changes.push(PolicyChange {
            kind: PolicyChangeKind::Unknown,
            path: "the order of the overlays".to_owned(),
            old: was.join("; "),
            new: now.join("; "),
            why: "of two that set a key the later one counts".to_owned(),
            line: after.overlays.first().and_then(|overlay| overlay.place.line),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NONE, changes};

    fn overlay(paths: &str, level: &str) -> String {
        format!("[[overlay]]\npaths = [\"{paths}\"]\n[overlay.secrets]\nlevel = \"{level}\"\n")
    }

    #[test]
    fn an_overlay_is_compared_with_what_held_without_it() {
        assert_eq!(
            changes("", &overlay("infra/**", "warn")),
            [
                "Weaker overlay paths = [\"infra/**\"], secrets.level:5: \"deny\" (outside the overlay) -> \"warn\" (at pre-commit it would fall from \"deny\" to \"warn\")"
            ]
        );
        let outside = "[secrets]\nlevel = \"warn\"\n";
        assert_eq!(changes(outside, &format!("{outside}{}", overlay("infra/**", "deny"))), NONE);
        assert_eq!(
            changes(&format!("{outside}{}", overlay("infra/**", "deny")), outside),
            [
                "Weaker overlay paths = [\"infra/**\"], secrets.level:-: \"deny\" -> \"warn\" (outside the overlay) (at pre-commit it would fall from \"deny\" to \"warn\")"
            ]
        );
    }

    #[test]
    fn overlays_pair_by_what_they_are_for_and_their_order_counts() {
        let (one, two) = (overlay("a/**", "deny"), overlay("b/**", "warn"));
        let both = format!("{one}{two}");
        assert_eq!(changes(&both, &format!("# why\n{both}")), NONE);
        assert_eq!(
            changes(&both, &format!("{two}{one}")),
            [
                "Unknown the order of the overlays:2: paths = [\"a/**\"]; paths = [\"b/**\"] -> paths = [\"b/**\"]; paths = [\"a/**\"] (of two that set a key the later one counts)"
            ]
        );
    }
}
