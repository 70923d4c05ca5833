//! The configuration of the pre-commit framework and of prek, which reads the same file.
//!
//! Source: <https://pre-commit.com/#pre-commit-configyaml---hooks>.

use super::super::codes::{GATE_REMOVED, NARROWED, NOT_BLOCKING};
use super::super::gate::{Gate, Setting};
use super::super::shell::{self, is_ours};
use super::super::walk::{combined, softener};
use super::{Watcher, gates, parts, yaml, yaml_name};
use crate::text::YamlNode;
use std::collections::BTreeSet;

pub(super) const WATCHER: Watcher = Watcher {
    watches: |path, _| yaml_name(parts(path).1) == Some(".pre-commit-config"),
    judge: |changes| gates(changes, |text| yaml(text, hooks)),
};

fn hooks(root: YamlNode<'_>) -> Vec<Gate> {
    let everywhere = everywhere(root);
    let skipped: Vec<&str> =
        root.get("ci").and_then(|ci| ci.get("skip")).map(YamlNode::texts).unwrap_or_default();
    let mut out = Vec::new();
    for repo in root.get("repos").into_iter().flat_map(YamlNode::items) {
        let is_local = repo.get("repo").and_then(YamlNode::text) == Some("local");
        for hook in repo.get("hooks").into_iter().flat_map(YamlNode::items) {
            let Some(id) = hook.get("id").and_then(YamlNode::text) else { continue };
            let entry = hook.get("entry").and_then(YamlNode::text);
            let own = entry.and_then(|entry| shell::invocations(entry).into_iter().next());
            if !is_ours(id) && own.is_none() {
                continue;
            }
            let known = id.strip_suffix("-system").unwrap_or(id);
            let what = match &own {
                Some(own) if is_local || !is_ours(id) => format!("hook `{}`", own.command),
                _ => format!("hook \"{known}\""),
            };
            let mut settings = everywhere.clone();
            // Whose code it is: another address is another program, or the same one that has moved.
            settings
                .extend(repo.get("repo").map(|url| Setting::opaque("repo", Some(url.flat())).at(url.line())));
            if skipped.contains(&id) {
                settings.push(Setting::softened("ci.skip", id, true, &NOT_BLOCKING));
            }
            settings = combined(&settings, of_hook(hook, known, root));
            settings.extend(own.iter().flat_map(|own| own.settings.clone()));
            if let (None, Some(entry), false) = (&own, entry, is_local) {
                settings.push(Setting::softened("entry", entry, true, &NOT_BLOCKING));
            }
            out.push(Gate {
                what,
                place: String::new(),
                line: hook.line(),
                removed: &GATE_REMOVED,
                settings,
            });
        }
    }
    out
}

/// What stands outside every hook and narrows all of them.
fn everywhere(root: YamlNode<'_>) -> Vec<Setting> {
    ["files", "exclude"].iter().filter_map(|key| softener(root, key, &["", "^$"], &[], &NARROWED)).collect()
}

fn of_hook(hook: YamlNode<'_>, id: &str, root: YamlNode<'_>) -> Vec<Setting> {
    let mut settings = Vec::new();
    for key in ["files", "exclude", "types", "types_or", "exclude_types"] {
        settings.extend(softener(hook, key, &["", "^$", "[]", "[file]"], &[], &NARROWED));
    }
    settings.extend(softener(hook, "always_run", &["true"], &[], &NARROWED));
    settings.push(stages(hook, id, root));
    if let Some(args) = hook.get("args") {
        let command = format!("gatepost run hook {}", args.texts().join(" "));
        let invocation = shell::invocations(&command).into_iter().next();
        let flags = invocation.into_iter().flat_map(|invocation| invocation.settings);
        settings.extend(flags.map(|setting| setting.at(args.line())));
    }
    settings
}

/// The stages of a hook. Ours say their own in their manifest; without any a hook runs at every stage.
fn stages(hook: YamlNode<'_>, id: &str, root: YamlNode<'_>) -> Setting {
    let usual: Option<&[&str]> = match id {
        "gatepost" => Some(&["pre-commit"]),
        "gatepost-commit-msg" => Some(&["commit-msg"]),
        "gatepost-pre-push" => Some(&["pre-push"]),
        "gatepost-ci" => Some(&["manual"]),
        _ => None,
    };
    let node = hook.get("stages").or_else(|| root.get("default_stages").filter(|_| usual.is_none()));
    let listed = node.map(YamlNode::texts).or_else(|| usual.map(<[&str]>::to_vec));
    // The names of before pre-commit 3.2.
    let current = |stage: &str| match stage {
        "commit" => "pre-commit".to_owned(),
        "push" => "pre-push".to_owned(),
        "merge-commit" => "pre-merge-commit".to_owned(),
        other => other.to_owned(),
    };
    let listed = listed.map(|stages| stages.into_iter().map(current).collect::<BTreeSet<_>>());
    let mut setting = Setting::demanded("stages", listed, &NARROWED);
    setting.none = "all stages";
    setting.at(node.map_or(hook.line(), YamlNode::line))
}
