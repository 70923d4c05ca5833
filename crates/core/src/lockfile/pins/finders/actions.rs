//! Actions and reusable workflows of GitHub: `uses: OWNER/NAME@REF` in workflows and in composite actions
//! (docs.github.com, "Security hardening for GitHub Actions": a full commit id is the only reference that does not move).

use super::super::loose::{Finder, Loose, Wanted};
use super::held_by;
use super::places::is_pipeline;
use crate::code::CodeInfo;
use crate::lockfile::data::{Value, yaml};
use crate::lockfile::{Source, file_name, folder};
use crate::severity::Severity;

pub(super) const FINDER: Finder = Finder {
    info: CodeInfo {
        code: "GP-PIN-001",
        name: "action-not-pinned",
        severity: Severity::High,
        summary: "An action or a reusable workflow is not pinned to a full commit id.",
        why: "Whoever can move the tag or the branch runs their code in the pipeline, with its secrets.",
        fix: "Write the full commit id, and the version in a comment behind it.",
        fires: "jobs:\n  test:\n    steps:\n      - uses: example/setup@v4\n",
        silent: "jobs:\n  test:\n    steps:\n      - uses: ./local\n",
    },
    key: "actions",
    options: "",
    example_path: ".github/workflows/ci.yml",
    reads,
    find,
};

fn reads(path: &str) -> bool {
    is_pipeline(path) && (folder(path).ends_with("/workflows") || file_name(path).starts_with("action."))
}

fn find(source: &Source, _: &Wanted<'_>) -> Vec<Loose> {
    let mut found = Vec::new();
    if let Ok(root) = yaml(&source.text) {
        walk(&root, &mut found);
    }
    found
}

/// `uses` stands in steps and in jobs; whatever has a key of that name there is one. The tree's depth is bounded.
fn walk(value: &Value, found: &mut Vec<Loose>) {
    for entry in value.entries() {
        match entry.value.text().filter(|_| entry.key == "uses") {
            Some(reference) => found.extend(loose(reference, &entry.value)),
            None => walk(&entry.value, found),
        }
    }
    value.items().for_each(|item| walk(item, found));
}

fn loose(reference: &str, value: &Value) -> Option<Loose> {
    // An image is the business of another finder, and what lies in this repository moves with it.
    if reference.starts_with("./") || reference.starts_with("docker://") || reference.contains("${{") {
        return None;
    }
    let (name, at) = reference.split_once('@').map_or((reference, ""), |(name, at)| (name, at));
    let (hold, how) = held_by(at)?;
    let repository = name.splitn(3, '/').take(2).collect::<Vec<_>>().join("/");
    let shown = if at.is_empty() { "HEAD" } else { at };
    Some(Loose {
        hold,
        key: format!("{name}@{at}"),
        what: format!("{name} is held {how}, and not by a full commit id"),
        fix: format!(
            "git ls-remote https://github.com/{repository} {shown}, and write the id: {name}@COMMIT # {shown}"
        ),
        span: value.span.clone(),
    })
}
