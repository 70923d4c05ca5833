//! Branch protection of GitHub that is kept as files: `.github/settings.yml`, rulesets, and bodies for the API.
//!
//! Sources: <https://docs.github.com/rest/branches/branch-protection>, <https://docs.github.com/rest/repos/rules>,
//! <https://github.com/repository-settings/app>.

use super::super::codes::PROTECTION_WEAKENED;
use super::super::gate::{Gate, Setting};
use super::{Watcher, gates, parts, yaml, yaml_name};
use crate::text::YamlNode;
use std::collections::BTreeSet;

pub(super) const WATCHER: Watcher = Watcher {
    watches: |path, _| {
        let (folder, name) = parts(path);
        let Some(name) = yaml_name(name).or_else(|| name.strip_suffix(".json")) else { return false };
        let protection = name.starts_with("branch-protection") || name.starts_with("branch_protection");
        folder.ends_with(".github/rulesets")
            || (folder.ends_with(".github") && (name == "settings" || name == "ruleset" || protection))
    },
    judge: |changes| gates(changes, |text| yaml(text, protections)),
};

/// Keys that protect less when they are true.
const LENIENT: &[&str] =
    &["allow_force_pushes", "allow_deletions", "allow_fork_syncing", "do_not_enforce_on_create"];

/// Lists of who need not obey.
const EXEMPT: &[&str] = &["bypass_actors", "bypass_pull_request_allowances", "exclude"];

fn protections(root: YamlNode<'_>) -> Vec<Gate> {
    let name = |node: YamlNode<'_>| node.get("name").and_then(YamlNode::text).unwrap_or("?").to_owned();
    if let Some(branches) = root.get("branches") {
        let protection = |branch: YamlNode<'_>| {
            let what = format!("the protection of branch \"{}\"", name(branch));
            gate(what, branch, branch.get("protection").unwrap_or(branch))
        };
        return branches.items().map(protection).collect();
    }
    let rulesets = |nodes: YamlNode<'_>| nodes.items().map(ruleset).collect::<Vec<_>>();
    if let Some(nodes) = root.get("rulesets") {
        return rulesets(nodes);
    }
    if root.get("rules").is_some() || root.get("enforcement").is_some() {
        return vec![ruleset(root)];
    }
    let known = ["required_pull_request_reviews", "required_status_checks", "enforce_admins"];
    match known.iter().any(|key| root.get(key).is_some()) {
        true => vec![gate("the branch protection".to_owned(), root, root)],
        false => Vec::new(),
    }
}

fn gate(what: String, place: YamlNode<'_>, node: YamlNode<'_>) -> Gate {
    let mut settings = Vec::new();
    leaves("", node, &mut settings);
    Gate { what, place: String::new(), line: place.line(), removed: &PROTECTION_WEAKENED, settings }
}

fn ruleset(node: YamlNode<'_>) -> Gate {
    let name = node.get("name").and_then(YamlNode::text).unwrap_or("?");
    let mut settings = Vec::new();
    let enforcement = node.get("enforcement");
    let word = enforcement.and_then(YamlNode::text).unwrap_or("disabled");
    let rank = match word {
        "active" => 2,
        "evaluate" => 1,
        _ => 0,
    };
    let line = enforcement.map_or(node.line(), YamlNode::line);
    settings.push(Setting::rank("enforcement", rank, word, 0, &PROTECTION_WEAKENED).at(line));
    for key in ["conditions", "bypass_actors"] {
        if let Some(value) = node.get(key) {
            leaves(key, value, &mut settings);
        }
    }
    let rules: Vec<YamlNode<'_>> = node.get("rules").into_iter().flat_map(YamlNode::items).collect();
    let kind = |rule: &YamlNode<'_>| rule.get("type").and_then(YamlNode::text).unwrap_or("?").to_owned();
    let kinds: BTreeSet<String> = rules.iter().map(kind).collect();
    let line = node.get("rules").map_or(node.line(), YamlNode::line);
    settings.push(Setting::required("rules", kinds, &PROTECTION_WEAKENED).at(line));
    for rule in &rules {
        if let Some(parameters) = rule.get("parameters") {
            leaves(&kind(rule), parameters, &mut settings);
        }
    }
    let what = format!("ruleset \"{name}\"");
    Gate { what, place: String::new(), line: node.line(), removed: &PROTECTION_WEAKENED, settings }
}

/// Every setting in a tree, by its path.
fn leaves(path: &str, node: YamlNode<'_>, out: &mut Vec<Setting>) {
    let key = path.rsplit('.').next().unwrap_or(path);
    let exempt = path.split('.').any(|part| EXEMPT.contains(&part));
    let items: BTreeSet<String> = node.items().map(YamlNode::flat).collect();
    let entries = node.entries();
    let setting = if let Some(text) = node.text() {
        value(path, key, text)
    } else if !entries.is_empty() {
        for (key, value) in entries {
            let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
            leaves(&path, value, out);
        }
        return;
    } else if exempt {
        Setting::softened_by(
            path,
            items.into_iter().map(|item| (item, false)).collect(),
            &PROTECTION_WEAKENED,
        )
    } else if matches!(key, "allowed_merge_methods" | "users" | "teams" | "apps") {
        Setting::opaque(path, Some(node.flat()))
    } else {
        Setting::required(path, items, &PROTECTION_WEAKENED)
    };
    out.push(setting.at(node.line()));
}

fn value(path: &str, key: &str, text: &str) -> Setting {
    let lenient = LENIENT.contains(&key);
    match text {
        "true" => Setting::rank(path, u64::from(!lenient), text, u64::from(lenient), &PROTECTION_WEAKENED),
        "false" | "" | "~" | "null" => {
            Setting::rank(path, u64::from(lenient), text, u64::from(lenient), &PROTECTION_WEAKENED)
        }
        _ => match text.parse::<u64>() {
            Ok(number) => Setting::rank(path, number, text, 0, &PROTECTION_WEAKENED),
            Err(_) => Setting::opaque(path, Some(text.to_owned())),
        },
    }
}
