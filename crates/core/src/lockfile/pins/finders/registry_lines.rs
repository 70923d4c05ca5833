//! The registries that files name: settings of package managers, and manifests that carry settings.

use crate::lockfile::data::{Value, json, toml, yaml};
use crate::lockfile::{Source, file_name};
use std::ops::Range;

/// A registry that a file names.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct RegistryLine {
    /// Its address; empty where the line is about certificates.
    pub(super) url: String,
    /// The scope of npm that it is for: `@acme`.
    pub(super) scope: Option<String>,
    /// Whether it is one of several that are asked at once, the highest version winning: the indexes of pip.
    pub(super) is_merged: bool,
    /// Whether its certificate is not looked at.
    pub(super) is_unverified: bool,
    /// Where it stands.
    pub(super) span: Range<usize>,
}

/// Finds the registries that a file names.
type Read = fn(&Source) -> Vec<RegistryLine>;

/// The files, by the end of their path.
const FILES: &[(&str, Read)] = &[
    (".npmrc", ini),
    (".yarnrc", ini),
    (".yarnrc.yml", yarnrc),
    ("bunfig.toml", bunfig),
    ("pip.conf", pip),
    ("pip.ini", pip),
    ("pyproject.toml", python),
    ("uv.toml", python),
    ("Pipfile", python),
    (".cargo/config.toml", cargo),
    (".cargo/config", cargo),
    ("composer.json", composer),
    ("Gemfile", gemfile),
    ("gems.rb", gemfile),
    ("pom.xml", xml),
];

fn read_of(path: &str) -> Option<Read> {
    let name = file_name(path);
    if name.eq_ignore_ascii_case("nuget.config") {
        return Some(xml);
    }
    if name.starts_with("requirements") && (name.ends_with(".txt") || name.ends_with(".in")) {
        return Some(pip);
    }
    let is =
        |end: &str| name == end || (end.contains('/') && (path == end || path.ends_with(&format!("/{end}"))));
    FILES.iter().find(|(end, _)| is(end)).map(|(_, read)| *read)
}

pub(super) fn reads(path: &str) -> bool {
    read_of(path).is_some()
}

pub(super) fn lines(source: &Source) -> Vec<RegistryLine> {
    read_of(&source.path).map(|read| read(source)).unwrap_or_default()
}

/// Lines without their comments, each with its bytes.
fn each_line(source: &Source) -> impl Iterator<Item = (&str, Range<usize>)> {
    let mut start = 0;
    source.text.split_inclusive('\n').filter_map(move |line| {
        let at = start;
        start += line.len();
        let bare = line.trim();
        let is_comment = bare.is_empty() || bare.starts_with(['#', ';']);
        let begin = at + (line.len() - line.trim_start().len());
        (!is_comment).then(|| (bare, begin..begin + bare.len()))
    })
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '\''])
}

/// `.npmrc` (`key=value`) and the `.yarnrc` of yarn 1 (`key value`).
fn ini(source: &Source) -> Vec<RegistryLine> {
    let mut found = Vec::new();
    for (line, span) in each_line(source) {
        let Some((key, value)) = line.split_once('=').or_else(|| line.split_once(' ')) else { continue };
        let (key, value) = (unquoted(key), unquoted(value));
        let base = RegistryLine { span, ..RegistryLine::default() };
        match key.strip_suffix(":registry").or_else(|| (key == "registry").then_some("")) {
            Some(scope) => {
                let scope = (!scope.is_empty()).then(|| scope.to_owned());
                found.push(RegistryLine { url: value.to_owned(), scope, ..base });
            }
            None if key == "strict-ssl" && value == "false" => {
                found.push(RegistryLine { is_unverified: true, ..base });
            }
            None => {}
        }
    }
    found
}

fn named(value: Option<&Value>) -> Option<RegistryLine> {
    let value = value?;
    Some(RegistryLine { url: value.text()?.to_owned(), span: value.span.clone(), ..RegistryLine::default() })
}

fn yarnrc(source: &Source) -> Vec<RegistryLine> {
    let Ok(root) = yaml(&source.text) else { return Vec::new() };
    let mut found: Vec<RegistryLine> = named(root.get("npmRegistryServer")).into_iter().collect();
    for entry in root.get("npmScopes").map(Value::entries).into_iter().flatten() {
        let scope = Some(format!("@{}", entry.key));
        found.extend(named(entry.value.get("npmRegistryServer")).map(|line| RegistryLine { scope, ..line }));
    }
    if let Some(off) = root.get("enableStrictSsl").filter(|value| value.bool() == Some(false)) {
        found.push(RegistryLine { is_unverified: true, span: off.span.clone(), ..RegistryLine::default() });
    }
    found
}

fn bunfig(source: &Source) -> Vec<RegistryLine> {
    let Ok(root) = toml(&source.text) else { return Vec::new() };
    let registry =
        |value: Option<&Value>| named(value).or_else(|| named(value.and_then(|value| value.get("url"))));
    let mut found: Vec<RegistryLine> = registry(root.at(&["install", "registry"])).into_iter().collect();
    for entry in root.at(&["install", "scopes"]).map(Value::entries).into_iter().flatten() {
        let scope = Some(format!("@{}", entry.key.trim_start_matches('@')));
        found.extend(registry(Some(&entry.value)).map(|line| RegistryLine { scope, ..line }));
    }
    found
}

/// `pip.conf` (`index-url = …`, with further lines indented) and the options of requirements files.
fn pip(source: &Source) -> Vec<RegistryLine> {
    let mut found = Vec::new();
    let mut goes_on = false;
    for (line, span) in each_line(source) {
        let option = line.trim_start_matches('-');
        let (key, value) = option.split_once(['=', ' ']).unwrap_or((option, ""));
        let (key, mut value) = (key.trim(), value.trim().trim_start_matches('=').trim());
        let is_key = matches!(key, "index-url" | "extra-index-url" | "i" | "find-links");
        let base = RegistryLine { span, ..RegistryLine::default() };
        if key == "trusted-host" {
            found.push(RegistryLine { is_unverified: true, ..base });
            goes_on = false;
            continue;
        }
        if !is_key && goes_on && line.contains("://") {
            value = line;
        } else {
            goes_on = is_key && key == "extra-index-url";
            if !is_key {
                continue;
            }
        }
        for url in value.split_whitespace().filter(|word| word.contains("://")) {
            let is_merged = key != "find-links";
            found.push(RegistryLine { url: unquoted(url).to_owned(), is_merged, ..base.clone() });
        }
    }
    found
}

/// The indexes of uv, the sources of poetry, pdm and pipenv.
fn python(source: &Source) -> Vec<RegistryLine> {
    let Ok(root) = toml(&source.text) else { return Vec::new() };
    let lists: [&[&str]; 6] = [
        &["tool", "uv", "index"],
        &["index"],
        &["tool", "poetry", "source"],
        &["tool", "pdm", "source"],
        &["source"],
        &["tool", "uv", "pip", "index"],
    ];
    let mut found = Vec::new();
    for item in lists.iter().filter_map(|path| root.at(path)).flat_map(Value::items) {
        found.extend(named(item.get("url")));
        if let Some(off) = item.get("verify_ssl").filter(|value| value.bool() == Some(false)) {
            found.push(RegistryLine {
                is_unverified: true,
                span: off.span.clone(),
                ..RegistryLine::default()
            });
        }
    }
    for tool in [root.at(&["tool", "uv"]), Some(&root)].into_iter().flatten() {
        found.extend(named(tool.get("index-url")));
        for item in tool.get("extra-index-url").map(Value::items).into_iter().flatten() {
            found.extend(named(Some(item)));
        }
    }
    found
}

fn cargo(source: &Source) -> Vec<RegistryLine> {
    let Ok(root) = toml(&source.text) else { return Vec::new() };
    let mut found = Vec::new();
    for (table, key) in [("registries", "index"), ("source", "registry")] {
        for entry in root.get(table).map(Value::entries).into_iter().flatten() {
            let line = named(entry.value.get(key));
            found.extend(line.map(|line| {
                let url = line.url.strip_prefix("sparse+").unwrap_or(&line.url).to_owned();
                RegistryLine { url, ..line }
            }));
        }
    }
    if let Some(off) = root.at(&["http", "check-revoke"]).filter(|value| value.bool() == Some(false)) {
        found.push(RegistryLine { is_unverified: true, span: off.span.clone(), ..RegistryLine::default() });
    }
    found
}

fn composer(source: &Source) -> Vec<RegistryLine> {
    let Ok(root) = json(&source.text) else { return Vec::new() };
    let Some(repositories) = root.get("repositories") else { return Vec::new() };
    let all = repositories.items().chain(repositories.entries().map(|entry| &entry.value));
    let mut found: Vec<RegistryLine> = all
        .filter(|repository| repository.text_of("type") == Some("composer"))
        .filter_map(|repository| named(repository.get("url")))
        .collect();
    if let Some(off) = root.at(&["config", "secure-http"]).filter(|value| value.bool() == Some(false)) {
        found.push(RegistryLine { is_unverified: true, span: off.span.clone(), ..RegistryLine::default() });
    }
    found
}

fn gemfile(source: &Source) -> Vec<RegistryLine> {
    let sources = each_line(source).filter_map(|(line, span)| {
        let rest = line.strip_prefix("source")?.trim_start_matches(['(', ' ']);
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let url = rest.get(1..)?.split(quote).next()?;
        url.contains("://").then(|| RegistryLine { url: url.to_owned(), span, ..RegistryLine::default() })
    });
    sources.collect()
}

/// `packageSources` of NuGet, and repositories of Maven.
fn xml(source: &Source) -> Vec<RegistryLine> {
    let Ok(document) = roxmltree::Document::parse(&source.text) else { return Vec::new() };
    let mut found = Vec::new();
    for node in document.descendants() {
        let parent = node.parent().map(|parent| parent.tag_name().name().to_owned()).unwrap_or_default();
        let url = match node.tag_name().name() {
            "add" if parent == "packageSources" => node.attribute("value"),
            "url" if matches!(parent.as_str(), "repository" | "pluginRepository") => node.text(),
            _ => None,
        };
        if let Some(url) = url.map(str::trim).filter(|url| url.contains("://")) {
            found.push(RegistryLine { url: url.to_owned(), span: node.range(), ..RegistryLine::default() });
        }
    }
    found
}
