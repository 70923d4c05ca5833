//! Charts that a chart of Helm takes in: `dependencies` of Chart.yaml and of requirements.yaml (helm.sh, "Charts").

use super::super::loose::{Finder, Hold, Loose, Wanted};
use crate::code::CodeInfo;
use crate::lockfile::data::{Value, yaml};
use crate::lockfile::{Source, file_name};
use crate::severity::Severity;

pub(super) const FINDER: Finder = Finder {
    info: CodeInfo {
        code: "GP-PIN-006",
        name: "chart-not-pinned",
        severity: Severity::High,
        summary: "A chart takes in another one by a range of versions, or by none.",
        why: "helm dependency update takes whatever is newest in the range, and rolls it out.",
        fix: "Write one version, and commit Chart.lock.",
        fires: "dependencies:\n  - name: redis\n    version: ^18.0.0\n    repository: https://charts.example.org\n",
        silent: "dependencies:\n  - name: redis\n    version: 18.1.2\n    repository: https://charts.example.org\n",
    },
    key: "charts",
    options: "charts = \"warn\"",
    example_path: "charts/app/Chart.yaml",
    reads: |path| matches!(file_name(path), "Chart.yaml" | "requirements.yaml"),
    find,
};

fn find(source: &Source, _: &Wanted<'_>) -> Vec<Loose> {
    let Ok(root) = yaml(&source.text) else { return Vec::new() };
    let dependencies = root.get("dependencies").map(Value::items).into_iter().flatten();
    dependencies.filter_map(loose).collect()
}

fn loose(dependency: &Value) -> Option<Loose> {
    let name = dependency.text_of("name")?;
    if dependency
        .text_of("repository")
        .is_none_or(|repository| repository.is_empty() || repository.starts_with("file:"))
    {
        return None;
    }
    let value = dependency.get("version");
    let version = value.and_then(Value::scalar).unwrap_or_default().trim();
    let hold = match version {
        "" | "*" | "x" | "latest" => Hold::Nothing,
        _ if is_one(version) => return None,
        _ => Hold::Name,
    };
    let shown = if version.is_empty() { "no version" } else { version };
    Some(Loose {
        hold,
        key: format!("{name} {version}"),
        what: format!("the chart {name} is held by {shown}"),
        fix: "write one version, then: helm dependency update".to_owned(),
        span: value.unwrap_or(dependency).span.clone(),
    })
}

/// Whether a constraint is one version with all its numbers.
fn is_one(version: &str) -> bool {
    semver::Version::parse(version.trim_start_matches(['v', '='])).is_ok()
}
