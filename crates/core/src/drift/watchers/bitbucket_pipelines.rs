//! Pipelines of Bitbucket.
//!
//! Source: <https://support.atlassian.com/bitbucket-cloud/docs/bitbucket-pipelines-configuration-reference/>.

use super::super::codes::{NARROWED, NOT_BLOCKING};
use super::super::gate::Setting;
use super::super::walk::{Dialect, gates as in_tree, softener};
use super::{Watcher, gates, parts, yaml, yaml_name};
use crate::text::YamlNode;

pub(super) const WATCHER: Watcher = Watcher {
    watches: |path, _| yaml_name(parts(path).1) == Some("bitbucket-pipelines"),
    judge: |changes| {
        gates(changes, |text| {
            yaml(text, |root| {
                // What stands under `definitions` runs where an alias takes it up.
                let pipelines = root.get("pipelines");
                let settings = around(root);
                pipelines.map(|node| in_tree(node, &DIALECT, "pipelines", &settings)).unwrap_or_default()
            })
        })
    },
};

const DIALECT: Dialect = Dialect { texts: &["name", "image", "condition", "variables"], around };

fn around(table: YamlNode<'_>) -> Vec<Setting> {
    let mut settings = Vec::new();
    settings.extend(softener(table, "trigger", &["automatic"], &["manual"], &NARROWED));
    settings.extend(softener(table, "condition", &[], &[], &NARROWED));
    if let Some(on_fail) = table.get("on-fail") {
        settings.extend(softener(on_fail, "strategy", &["fail"], &["ignore"], &NOT_BLOCKING));
    }
    if let Some(depth) = table.get("clone").and_then(|clone| clone.get("depth"))
        && let Some(shown) = depth.text()
    {
        let rank = shown.parse::<u64>().unwrap_or(u64::MAX);
        settings.push(Setting::rank("clone.depth", rank, shown, 50, &NARROWED).at(depth.line()));
    }
    settings
}
