//! lockfileVersion 2 says everything twice: in `packages`, which npm 7 and later read, and in `dependencies` for npm 6. An
//! ordinary install writes the second anew from the first.

use super::edges::{Edge, Kind};
use super::graph::{Graph, Node};
use super::{MEND, Project};
use crate::lockfile::data::{Entry, Value};
use crate::lockfile::ecosystem::{Breaks, Drift, Reason, Verdict};
use std::collections::HashMap;

/// Deepest nesting that is followed; the reader of JSON takes no deeper one.
const DEEPEST: usize = 128;

/// The entries of `dependencies` by the location that each stands for.
pub(super) fn entries(lock: &Value) -> HashMap<String, &Entry> {
    let mut found = HashMap::new();
    if let Some(dependencies) = lock.get("dependencies") {
        read(dependencies, "", 0, &mut found);
    }
    found
}

fn read<'a>(dependencies: &'a Value, owner: &str, depth: usize, found: &mut HashMap<String, &'a Entry>) {
    for entry in dependencies.entries().filter(|_| depth < DEEPEST) {
        let slash = if owner.is_empty() { "" } else { "/" };
        let location = format!("{owner}{slash}node_modules/{}", entry.key);
        if let Some(inner) = entry.value.get("dependencies") {
            read(inner, &location, depth + 1, found);
        }
        found.insert(location, entry);
    }
}

/// What the two say otherwise of one package.
pub(super) fn compare(project: &Project<'_>, graph: &Graph<'_>, verdict: &mut Verdict) {
    let entries = entries(&project.value);
    for node in graph.nodes.iter().filter(|node| node.location.starts_with("node_modules/")) {
        let Some(entry) = entries.get(node.location) else {
            // What hangs below a link stands below its target in the one, and below the link in the other.
            if node.target.is_none() {
                tell(project, node, node.location, "is not in `dependencies`", verdict);
            }
            continue;
        };
        if node.target.is_some() {
            continue;
        }
        let is_same = |key| node.entry.text_of(key) == entry.value.text_of(key);
        let is_registry = node.entry.text_of("resolved").is_none_or(|resolved| resolved.starts_with("http"));
        let is_plain = node.entry.get("name").is_none() && is_registry;
        if !is_same("integrity") || (is_plain && !(is_same("version") && is_same("resolved"))) {
            tell(project, node, node.location, "is another in `dependencies`", verdict);
        }
    }
}

/// Whether `dependencies` notes what a package needs as it is asked for, overrides included.
pub(super) fn is_noted(entry: &Entry, edge: &Edge<'_>, spec: &str) -> bool {
    let is_peer = matches!(edge.kind, Kind::Peer | Kind::PeerOptional);
    is_peer
        || spec.contains(':')
        || entry.value.get("requires").and_then(|map| map.text_of(edge.name)) == Some(spec)
}

pub(super) fn tell(project: &Project<'_>, node: &Node<'_>, name: &str, how: &str, verdict: &mut Verdict) {
    let name = name.strip_prefix("node_modules/").unwrap_or(name);
    let what = format!("{name} of `packages` {how}, which npm 6 reads");
    let reason = Reason::new(Drift::RecordStale, Breaks::Rewrite, what, MEND).dependency(name);
    verdict.drift(reason.in_lock(project.lock.place(&node.span)));
}
