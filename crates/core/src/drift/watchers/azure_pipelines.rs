//! Pipelines of Azure DevOps.
//!
//! Source: <https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/>.

use super::super::codes::{NARROWED, NOT_BLOCKING};
use super::super::gate::Setting;
use super::super::walk::{Dialect, gates as in_tree, softener};
use super::{Watcher, gates, parts, yaml, yaml_name};
use crate::text::YamlNode;

pub(super) const WATCHER: Watcher = Watcher {
    watches: |path, _| {
        let (folder, name) = parts(path);
        yaml_name(name).is_some_and(|name| {
            name.trim_start_matches('.').starts_with("azure-pipelines") || folder.contains("azure-pipelines")
        })
    },
    judge: |changes| gates(changes, |text| yaml(text, |root| in_tree(root, &DIALECT, "", &[]))),
};

const DIALECT: Dialect =
    Dialect { texts: &["name", "displayName", "condition", "variables", "trigger", "pr"], around };

fn around(table: YamlNode<'_>) -> Vec<Setting> {
    let mut settings = Vec::new();
    settings.extend(softener(table, "continueOnError", &["false"], &["true"], &NOT_BLOCKING));
    settings.extend(softener(
        table,
        "condition",
        &["true", "succeeded()", "always()"],
        &["false"],
        &NARROWED,
    ));
    settings.extend(softener(table, "enabled", &["true"], &["false"], &NOT_BLOCKING));
    for key in ["pr", "trigger"] {
        let none = table.get(key).filter(|value| value.text() == Some("none"));
        settings.extend(none.and_then(|_| softener(table, key, &[], &["none"], &NARROWED)));
    }
    let checkout =
        table.get("steps").and_then(|steps| steps.items().find(|step| step.get("checkout").is_some()));
    if let Some(depth) = checkout.and_then(|checkout| checkout.get("fetchDepth"))
        && let Some(shown) = depth.text()
        && let Ok(commits) = shown.parse::<u64>()
    {
        let rank = if commits == 0 { u64::MAX } else { commits };
        // New pipelines fetch one commit.
        settings.push(Setting::rank("fetchDepth", rank, shown, 1, &NARROWED).at(depth.line()));
    }
    settings
}
