//! Workflows and composite actions of GitHub.
//!
//! Source: <https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax>.

use super::super::codes::{NARROWED, NOT_BLOCKING};
use super::super::gate::Setting;
use super::super::walk::{Dialect, gates as in_tree, softener};
use super::{Watcher, gates, parts, yaml, yaml_name};
use crate::text::YamlNode;

pub(super) const WATCHER: Watcher = Watcher {
    watches: |path, _| {
        let (folder, name) = parts(path);
        folder.ends_with(".github/workflows") && yaml_name(name).is_some()
            || yaml_name(name) == Some("action")
    },
    judge: |changes| gates(changes, |text| yaml(text, |root| in_tree(root, &DIALECT, "", &[]))),
};

const DIALECT: Dialect =
    Dialect { texts: &["name", "run-name", "description", "on", "env", "with", "if"], around };

fn around(table: YamlNode<'_>) -> Vec<Setting> {
    let mut settings = Vec::new();
    settings.extend(softener(table, "continue-on-error", &["false"], &["true"], &NOT_BLOCKING));
    settings.extend(softener(table, "if", &["true", "always()", "success()"], &["false"], &NARROWED));
    if let Some(environment) = table.get("env") {
        settings.extend(softener(environment, "SKIP", &[""], &[], &NOT_BLOCKING));
    }
    settings.extend(table.get("steps").and_then(depth));
    if table.get("jobs").is_some() {
        settings.extend(table.get("on").into_iter().flat_map(triggers));
    }
    settings
}

/// How much of the history the job sees: without it, a range has no beginning.
fn depth(steps: YamlNode<'_>) -> Option<Setting> {
    let checkout = steps.items().find(|step| {
        let uses = step.get("uses").and_then(YamlNode::text);
        uses.is_some_and(|uses| uses.starts_with("actions/checkout@"))
    })?;
    let value = checkout.get("with").and_then(|with| with.get("fetch-depth"));
    let shown = value.and_then(YamlNode::text).unwrap_or("1");
    let rank = match shown.parse::<u64>().ok()? {
        0 => u64::MAX,
        commits => commits,
    };
    let line = value.map_or(checkout.line(), YamlNode::line);
    Some(Setting::rank("fetch-depth", rank, shown, u64::MAX, &NARROWED).at(line))
}

/// Most events of a workflow that are looked at: GitHub has about forty.
const MOST_EVENTS: usize = 100;

/// When the workflow runs.
fn triggers(on: YamlNode<'_>) -> Vec<Setting> {
    let mut events: Vec<(&str, Option<YamlNode<'_>>)> =
        on.entries().into_iter().map(|(event, filter)| (event, Some(filter))).collect();
    events.extend(on.texts().into_iter().map(|event| (event, None)));
    events.truncate(MOST_EVENTS);
    let names = events.iter().map(|(event, _)| (*event).to_owned()).collect();
    let mut settings = vec![Setting::demanded("on", Some(names), &NARROWED).at(on.line())];
    for (event, filter) in events {
        let Some(filter) = filter else { continue };
        for key in ["branches", "types", "paths", "branches-ignore", "paths-ignore"] {
            let Some(node) = filter.get(key) else { continue };
            let items = node.texts().into_iter().map(str::to_owned);
            let name = format!("on.{event}.{key}");
            let setting = if key.ends_with("-ignore") {
                Setting::softened_by(&name, items.map(|item| (item, false)).collect(), &NARROWED)
            } else {
                Setting::demanded(&name, Some(items.collect()), &NARROWED)
            };
            settings.push(setting.at(node.line()));
        }
    }
    settings
}
