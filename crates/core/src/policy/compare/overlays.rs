//! The overlays of two versions of a policy, paired by what they are for. What an overlay does not set is what the file
//! says for everything, so an overlay that is new or gone is compared with that.

use super::{PolicyChange, PolicyChangeKind, is_strictest, said, shown};
use crate::policy::layer::Read;
use crate::policy::{Comparison, Overlay, Schema, Strictness, merge};
use crate::text::PathGlob;
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
    overrides(schema, before, after, changes);
    order(before, after, changes);
}

/// More overlays than this are not held against one another: it would take too long.
const MOST: usize = 200;

/// An overlay and an earlier one that sets the same key, with both values.
type Override<'r> = (String, String, &'r str, &'r Value, &'r Value);

/// Where two overlays are for the same path the later one counts, so an overlay that only repeats what the file says for
/// everything takes back what an earlier, stricter one says.
fn overrides(schema: &Schema, before: &Read, after: &Read, changes: &mut Vec<PolicyChange>) {
    if after.overlays.len() > MOST && after.overlays.len() > before.overlays.len() {
        changes.push(PolicyChange {
            kind: PolicyChangeKind::Weaker,
            path: "overlay".to_owned(),
            old: format!("{} overlays", before.overlays.len()),
            new: format!("{} overlays", after.overlays.len()),
            why: format!("more than {MOST} are not held against one another"),
            line: after.overlays.get(MOST).and_then(|overlay| overlay.place.line),
        });
        return;
    }
    let known: Vec<Override<'_>> = pairs(before).map(|(found, _)| found).collect();
    for (found, line) in pairs(after) {
        let (earlier, later, path, was, now) = &found;
        let strictness = schema.key(path).map_or(Strictness::Unordered, |key| key.strictness);
        if known.contains(&found) || earlier == later {
            continue;
        }
        if let Comparison::Weaker(why) = strictness.compare(Some(was), Some(now)) {
            let path = format!("overlay {later}, {path}, over overlay {earlier}");
            changes.push(PolicyChange {
                kind: PolicyChangeKind::Weaker,
                path,
                old: said(was),
                new: said(now),
                why,
                line,
            });
        }
    }
}

/// Whether two overlays can be for the same path on the same branch, as far as the beginnings of their globs tell.
fn may_meet(one: &Overlay, other: &Overlay) -> bool {
    /// What a path has to begin with; nothing where the glob is for names in any folder.
    fn start(glob: &PathGlob) -> &str {
        let text = glob.as_str().trim_start_matches('/');
        let anywhere = !glob.as_str().trim_end_matches('/').contains('/');
        if anywhere { "" } else { text.split(['*', '?', '[', '{']).next().unwrap_or_default() }
    }
    let meet = |one: &[PathGlob], other: &[PathGlob]| {
        let pair =
            |a: &PathGlob, b: &PathGlob| start(a).starts_with(start(b)) || start(b).starts_with(start(a));
        one.is_empty() || other.is_empty() || one.iter().any(|a| other.iter().any(|b| pair(a, b)))
    };
    meet(&one.paths, &other.paths) && meet(&one.branches, &other.branches)
}

fn pairs(read: &Read) -> impl Iterator<Item = (Override<'_>, Option<u32>)> {
    let overlays = read.overlays.iter().take(MOST).enumerate();
    overlays.flat_map(move |(at, later)| {
        let earlier = read.overlays.iter().take(at).filter(move |earlier| may_meet(earlier, later));
        earlier.flat_map(move |earlier| {
            later.settings.iter().filter_map(move |setting| {
                let other = earlier.settings.iter().find(|other| other.path == setting.path)?;
                let (first, second) = (earlier.scope().join(", "), later.scope().join(", "));
                let found = (first, second, setting.path.as_str(), &other.value, &setting.value);
                Some((found, setting.place.line))
            })
        })
    })
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
    fn an_overlay_that_takes_an_earlier_one_back_is_weaker() {
        let base = "[secrets]\nlevel = \"warn\"\n";
        let strict = format!("{base}{}", overlay("infra/**", "deny"));
        assert_eq!(
            changes(&strict, &format!("{strict}{}", overlay("**", "warn"))),
            [
                "Weaker overlay paths = [\"**\"], secrets.level, over overlay paths = [\"infra/**\"]:11: \"deny\" -> \"warn\" (at pre-commit it would fall from \"deny\" to \"warn\")"
            ]
        );
        assert_eq!(
            changes(&strict, &format!("{strict}{}", overlay("deploy/**", "warn"))),
            NONE,
            "they never meet"
        );
    }

    #[test]
    fn overlays_pair_by_what_they_are_for_and_their_order_counts() {
        let (one, two) = (overlay("a/**", "deny"), overlay("b/**", "warn"));
        let both = format!("{one}{two}");
        assert_eq!(changes(&both, &format!("# why\n{both}")), NONE);
        assert_eq!(
            changes(&format!("{two}{one}"), &both),
            [
                "Unknown the order of the overlays:2: paths = [\"b/**\"]; paths = [\"a/**\"] -> paths = [\"a/**\"]; paths = [\"b/**\"] (of two that set a key the later one counts)"
            ]
        );
        assert_eq!(
            changes(&both, &format!("{two}{one}")),
            [
                "Unknown the order of the overlays:2: paths = [\"a/**\"]; paths = [\"b/**\"] -> paths = [\"b/**\"]; paths = [\"a/**\"] (of two that set a key the later one counts)"
            ]
        );
    }
}
