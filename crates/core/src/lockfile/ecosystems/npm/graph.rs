//! The tree of a lock: which folder of `node_modules` holds what, and which of them a package finds by a name.

use crate::lockfile::data::Value;
use crate::lockfile::package_json::PackageJson;
use crate::lockfile::tree::folder;
use std::collections::HashMap;

/// What stands at a location of the lock.
#[derive(Debug)]
pub(super) struct Node<'a> {
    /// Where it is installed, from the folder of the lock: `node_modules/a`; the root is empty.
    pub(super) location: &'a str,
    /// What the lock says of it.
    pub(super) entry: &'a Value,
    /// The bytes of its key.
    pub(super) span: std::ops::Range<usize>,
    /// Of a link the location that it leads to.
    pub(super) target: Option<String>,
    /// The manifest of the tree, where the package lies in it: that counts then, and not what the lock says.
    pub(super) manifest: Option<PackageJson>,
}

/// Every location of the lock.
#[derive(Debug, Default)]
pub(super) struct Graph<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    by_location: HashMap<&'a str, usize>,
}

impl<'a> Graph<'a> {
    pub(super) fn add(&mut self, node: Node<'a>) {
        self.by_location.insert(node.location, self.nodes.len());
        self.nodes.push(node);
    }

    pub(super) fn at(&self, location: &str) -> Option<usize> {
        self.by_location.get(location).copied()
    }

    pub(super) fn node(&self, index: usize) -> Option<&Node<'a>> {
        self.nodes.get(index)
    }

    /// What a package finds by a name: in its own `node_modules` and in those above it.
    pub(super) fn resolve(&self, from: &str, name: &str) -> Option<usize> {
        let mut at = from;
        loop {
            let candidate = if at.is_empty() {
                format!("node_modules/{name}")
            } else {
                format!("{at}/node_modules/{name}")
            };
            if let Some(found) = self.at(&candidate) {
                return Some(found);
            }
            if at.is_empty() {
                return None;
            }
            at = above(at);
        }
    }

    /// The node that a link leads to, or the node itself.
    pub(super) fn target(&self, index: usize) -> usize {
        let target = self.node(index).and_then(|node| node.target.as_deref());
        target.and_then(|target| self.at(target)).unwrap_or(index)
    }

    /// The version of what stands at a node, through links; empty where it has none.
    pub(super) fn version(&self, index: usize) -> &str {
        self.node(self.target(index)).map_or("", |node| node.meta().text_of("version").unwrap_or_default())
    }

    /// Whether what stands at a node was packed into another package, or locked by one.
    pub(super) fn is_taken_as_it_is(&self, index: usize) -> bool {
        let Some(node) = self.node(index) else { return false };
        if node.is("inBundle") {
            return true;
        }
        let mut at = node.location;
        while let Some((owner, _)) = at.rsplit_once("/node_modules/") {
            if self
                .at(owner)
                .and_then(|owner| self.node(owner))
                .is_some_and(|owner| owner.is("hasShrinkwrap"))
            {
                return true;
            }
            at = owner;
        }
        false
    }
}

impl Node<'_> {
    /// What is known of the package: its manifest in the tree, or else what the lock says.
    pub(super) fn meta(&self) -> &Value {
        self.manifest.as_ref().map_or(self.entry, |manifest| &manifest.value)
    }

    pub(super) fn is_installed(&self) -> bool {
        is_installed(self.location)
    }

    pub(super) fn is(&self, key: &str) -> bool {
        self.entry.get(key).and_then(Value::bool) == Some(true)
    }
}

/// The folder above, past `node_modules` and the folder of a scope.
fn above(location: &str) -> &str {
    match location.rsplit_once("node_modules/") {
        Some((owner, name)) if name.matches('/').count() <= usize::from(name.starts_with('@')) => {
            owner.trim_end_matches('/')
        }
        _ => folder(location),
    }
}

/// Whether a location lies in `node_modules`.
pub(super) fn is_installed(location: &str) -> bool {
    location.starts_with("node_modules/") || location.contains("/node_modules/")
}

/// The name under which something is installed: `@scope/name` of `a/node_modules/@scope/name`.
pub(super) fn installed_name(location: &str) -> &str {
    location.rsplit_once("node_modules/").map_or_else(|| folder_name(location), |(_, name)| name)
}

/// The name that npm takes a folder for: its own, with a scope before it where the folder above is one.
pub(super) fn folder_name(location: &str) -> &str {
    let mut cuts = location.rmatch_indices('/').map(|(at, _)| at);
    let Some(last) = cuts.next() else { return location };
    let scope = cuts.next().map_or(0, |at| at + 1);
    let start =
        if location.get(scope..).is_some_and(|rest| rest.starts_with('@')) { scope } else { last + 1 };
    location.get(start..).unwrap_or(location)
}

/// A path as seen from the folder of the lock, its `.` and `..` resolved; one that leads out keeps its `..`.
pub(super) fn locate(from: &str, path: &str) -> String {
    if path.starts_with(['/', '~']) {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = from.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_above_and_names() {
        assert_eq!(above("node_modules/a/node_modules/@s/b"), "node_modules/a");
        assert_eq!(above("node_modules/@s/b"), "");
        assert_eq!(above("packages/a"), "packages");
        assert_eq!(above("node_modules/a/vendor/b"), "node_modules/a/vendor");
        assert_eq!(installed_name("x/node_modules/@s/b"), "@s/b");
        assert_eq!(folder_name("packages/@s/b"), "@s/b");
        assert_eq!(folder_name("packages/b"), "b");
        assert_eq!(locate("packages/a", "../b/./c"), "packages/b/c");
        assert_eq!(locate("", "../../x"), "../../x");
    }
}
