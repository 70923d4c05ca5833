//! Pipelines that are put together from elsewhere: `include` and components of GitLab, shared libraries of Jenkins, orbs of
//! CircleCI, repositories that Azure Pipelines takes templates from (docs.gitlab.com "CI/CD YAML syntax reference",
//! jenkins.io "Extending with Shared Libraries", circleci.com "Orbs", learn.microsoft.com "resources.repositories").

use super::super::loose::{Finder, Hold, Loose, Wanted};
use super::held_by;
use crate::code::CodeInfo;
use crate::lockfile::data::{Value, yaml_documents};
use crate::lockfile::{Source, file_name, folder};
use crate::severity::Severity;

pub(super) const FINDER: Finder = Finder {
    info: CodeInfo {
        code: "GP-PIN-003",
        name: "include-not-pinned",
        severity: Severity::High,
        summary: "A pipeline takes a part from another repository by a branch or a tag.",
        why: "Whoever can move it changes this pipeline, and with it what may read its secrets.",
        fix: "Name the full commit id.",
        fires: "include:\n  - project: platform/templates\n    file: build.yml\n",
        silent: "include:\n  - local: ci/build.yml\n",
    },
    key: "includes",
    options: "",
    example_path: ".gitlab-ci.yml",
    reads,
    find,
};

fn reads(path: &str) -> bool {
    form(path).is_some()
}

/// Who reads a file.
#[derive(Clone, Copy)]
enum Form {
    GitLab,
    Jenkins,
    CircleCi,
    Azure,
}

fn form(path: &str) -> Option<Form> {
    let name = file_name(path);
    let is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    match name {
        _ if name == "Jenkinsfile" || name.starts_with("Jenkinsfile.") => Some(Form::Jenkins),
        _ if !is_yaml => None,
        _ if name.starts_with("azure-pipelines") || folder(path).ends_with(".azuredevops") => {
            Some(Form::Azure)
        }
        _ if folder(path).ends_with(".circleci") => Some(Form::CircleCi),
        _ if name.contains(".gitlab-ci.") || path.starts_with(".gitlab/ci/") => Some(Form::GitLab),
        _ => None,
    }
}

fn find(source: &Source, _: &Wanted<'_>) -> Vec<Loose> {
    let mut found = Vec::new();
    let Some(form) = form(&source.path) else { return found };
    if let Form::Jenkins = form {
        libraries(&source.text, &mut found);
        return found;
    }
    for root in yaml_documents(&source.text).unwrap_or_default() {
        match form {
            Form::GitLab => included(&root, &mut found),
            Form::CircleCi => orbs(&root, &mut found),
            Form::Azure => repositories(&root, &mut found),
            Form::Jenkins => {}
        }
    }
    found
}

fn included(root: &Value, found: &mut Vec<Loose>) {
    let Some(include) = root.get("include") else { return };
    for item in include.items().chain(include.map().map(|_| include)) {
        if let Some(project) = item.get("project") {
            let name = project.text().unwrap_or_default();
            let at = item.get("ref").and_then(Value::scalar).unwrap_or_default();
            found.extend(held(&format!("the include of {name}"), name, at, project, "ref"));
        } else if let Some(component) = item.get("component") {
            let text = component.text().unwrap_or_default();
            let (name, at) = text.rsplit_once('@').unwrap_or((text, ""));
            let at = if at.starts_with('~') { "" } else { at };
            found.extend(held(&format!("the component {name}"), name, at, component, "version"));
        } else if let Some(remote) = item.get("remote").filter(|_| item.get("integrity").is_none()) {
            let url = remote.text().unwrap_or_default();
            found.push(Loose {
                hold: Hold::Nothing,
                key: url.to_owned(),
                what: format!("the include of {url} is whatever stands there when the pipeline runs"),
                fix: "write its `integrity`, or take the file into this repository and include it as `local`"
                    .to_owned(),
                span: remote.span.clone(),
            });
        }
    }
}

fn held(what: &str, name: &str, at: &str, value: &Value, key: &str) -> Option<Loose> {
    if at.contains('$') || name.contains('$') {
        return None;
    }
    let (hold, how) = held_by(at)?;
    Some(Loose {
        hold,
        key: format!("{name}@{at}"),
        what: format!("{what} is held {how}, and not by a full commit id"),
        fix: format!("write the full commit id as its {key}"),
        span: value.span.clone(),
    })
}

/// `@Library('name@version')`, with one library or a list of them.
fn libraries(text: &str, found: &mut Vec<Loose>) {
    for (start, _) in text.match_indices("@Library(") {
        let rest = text.get(start..).unwrap_or_default();
        let Some(end) = rest.find(')') else { continue };
        let inside = rest.get(.."@Library(".len().max(end)).unwrap_or_default();
        for (number, quoted) in inside.split(['\'', '"']).enumerate() {
            if number % 2 == 0 || quoted.contains('$') {
                continue;
            }
            let (name, at) = quoted.split_once('@').unwrap_or((quoted, ""));
            if let Some((hold, how)) = held_by(at) {
                found.push(Loose {
                    hold,
                    key: quoted.to_owned(),
                    what: format!("the shared library {name} is held {how}, and not by a full commit id"),
                    fix: format!("write @Library('{name}@COMMIT')"),
                    span: start..start + end,
                });
            }
        }
    }
}

/// A release of an orb cannot be replaced once it is published; what moves is `volatile`, a development version and a version
/// without its last numbers.
fn orbs(root: &Value, found: &mut Vec<Loose>) {
    for entry in root.get("orbs").map(Value::entries).into_iter().flatten() {
        let Some((name, at)) = entry.value.text().and_then(|text| text.split_once('@')) else { continue };
        let numbers = at.split('.').filter(|part| part.parse::<u64>().is_ok()).count();
        let hold = match at {
            _ if numbers == 3 => continue,
            _ if numbers > 0 => Hold::Name,
            _ => Hold::Nothing,
        };
        found.push(Loose {
            hold,
            key: format!("{name}@{at}"),
            what: format!("the orb {name} is held by {at}, which moves"),
            fix: format!("write all three numbers of its version: {name}@1.2.3"),
            span: entry.value.span.clone(),
        });
    }
}

fn repositories(root: &Value, found: &mut Vec<Loose>) {
    for repository in root.at(&["resources", "repositories"]).map(Value::items).into_iter().flatten() {
        let Some(name) = repository.get("name").or_else(|| repository.get("repository")) else { continue };
        let at = repository.get("ref").and_then(Value::scalar).unwrap_or_default();
        let short = at.strip_prefix("refs/heads/").map_or(at, |_| "");
        let shown = name.text().unwrap_or_default();
        found.extend(held(&format!("the repository {shown}"), shown, short, name, "ref"));
    }
}
