//! What npm writes down of a manifest, field by field: of the root and of every member it stands in the lock, and an ordinary
//! install writes it anew.

use super::graph::{Node, folder_name};
use crate::lockfile::data::{Data, Value};
use crate::lockfile::package_json::PackageJson;
use std::collections::BTreeMap;

/// The fields that are maps of names to specifications.
pub(super) const DEPENDENCIES: [&str; 4] =
    ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

/// Every other field.
const OTHERS: [&str; 12] = [
    "version",
    "peerDependenciesMeta",
    "bundleDependencies",
    "acceptDependencies",
    "funding",
    "engines",
    "os",
    "cpu",
    "libc",
    "license",
    "bin",
    "workspaces",
];

/// What the manifest has in a map of dependencies, as it would be written down.
pub(super) fn dependencies<'m>(manifest: &'m Value, field: &str) -> BTreeMap<&'m str, &'m Value> {
    let optional = manifest.get("optionalDependencies");
    let is_kept = |name: &str| field != "dependencies" || optional.and_then(|map| map.get(name)).is_none();
    let entries = manifest.get(field).map(Value::entries).unwrap_or_default();
    entries.filter(|entry| is_kept(&entry.key)).map(|entry| (entry.key.as_str(), &entry.value)).collect()
}

/// The other fields in which manifest and record differ. `(field, what the manifest has, what the lock has)`
pub(super) fn differing(node: &Node<'_>, manifest: &PackageJson) -> Vec<(&'static str, String, String)> {
    let mut found = Vec::new();
    let value = &manifest.value;
    for field in OTHERS {
        let wanted = wanted(manifest, field);
        let Some(wanted) = wanted else { continue };
        let has = node.entry.get(field).filter(|value| !is_empty(value)).map(plain);
        if wanted != has {
            found.push((field, shown(wanted.as_ref()), shown(has.as_ref())));
        }
    }
    let has_script =
        |name| value.at(&["scripts", name]).and_then(Value::text).is_some_and(|text| !text.is_empty());
    let runs = ["preinstall", "install", "postinstall"].into_iter().any(has_script);
    if runs != node.is("hasInstallScript") {
        found.push(("hasInstallScript", runs.to_string(), node.is("hasInstallScript").to_string()));
    }
    let name = manifest.name();
    let noted = node.entry.text_of("name");
    let is_other = match noted {
        Some(noted) => noted != name,
        None => node.location.is_empty() || folder_name(node.location) != name,
    };
    if !name.is_empty() && is_other {
        found.push(("name", name.to_owned(), noted.unwrap_or("nothing").to_owned()));
    }
    found
}

/// A value without its places, in one form.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Plain {
    Text(String),
    List(Vec<Plain>),
    Map(BTreeMap<String, Plain>),
}

fn plain(value: &Value) -> Plain {
    match &value.data {
        Data::List(items) => Plain::List(items.iter().map(plain).collect()),
        Data::Map(map) => {
            Plain::Map(map.iter().map(|entry| (entry.key.clone(), plain(&entry.value))).collect())
        }
        _ => Plain::Text(value.scalar().unwrap_or("null").to_owned()),
    }
}

fn shown(value: Option<&Plain>) -> String {
    fn write(value: &Plain, out: &mut String) {
        match value {
            Plain::Text(text) => out.push_str(text),
            Plain::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at > 0 { ", " } else { "" });
                    write(item, out);
                }
            }
            Plain::Map(map) => {
                for (at, (key, value)) in map.iter().enumerate() {
                    out.push_str(if at > 0 { ", " } else { "" });
                    out.push_str(key);
                    out.push_str(": ");
                    write(value, out);
                }
            }
        }
    }
    let mut out = String::new();
    match value {
        Some(value) => write(value, &mut out),
        None => out.push_str("nothing"),
    }
    out
}

/// What JavaScript counts as nothing.
fn is_empty(value: &Value) -> bool {
    match &value.data {
        Data::Null | Data::Bool(false) => true,
        Data::Text(text) => text.is_empty(),
        Data::Number(number) => number == "0",
        Data::List(items) => items.is_empty(),
        Data::Map(map) => map.is_empty(),
        Data::Bool(true) => false,
    }
}

/// What would be written down; the outer `None`: it cannot be told.
#[allow(clippy::option_option, reason = "nothing is written, and nobody can tell, are two things")]
fn wanted(manifest: &PackageJson, field: &str) -> Option<Option<Plain>> {
    let value = manifest.value.get(field).filter(|value| !is_empty(value));
    Some(match field {
        "license" => value.map(|value| match value.get("type") {
            Some(kind) if !is_empty(kind) => plain(kind),
            _ => plain(value),
        }),
        "funding" => value.map(|value| match value.text() {
            Some(url) => Plain::Map([("url".to_owned(), Plain::Text(url.to_owned()))].into()),
            None => plain(value),
        }),
        "bundleDependencies" => bundled(&manifest.value),
        "bin" => return bin(manifest),
        _ => value.map(plain),
    })
}

fn bundled(manifest: &Value) -> Option<Plain> {
    let value = manifest.get("bundleDependencies").or_else(|| manifest.get("bundledDependencies"))?;
    let keys = |map: Option<&Value>| -> Vec<Plain> {
        let entries = map.map(Value::entries).unwrap_or_default();
        entries.map(|entry| Plain::Text(entry.key.clone())).collect()
    };
    let names = match &value.data {
        Data::Bool(true) => keys(manifest.get("dependencies")),
        Data::Map(_) => keys(Some(value)),
        Data::List(items) => items.iter().map(plain).collect(),
        _ => return None,
    };
    (!names.is_empty()).then_some(Plain::List(names))
}

/// The programs, each by its path without what leads nowhere.
#[allow(clippy::option_option, reason = "as above")]
fn bin(manifest: &PackageJson) -> Option<Option<Plain>> {
    let Some(value) = manifest.value.get("bin") else {
        // The programs would be those of a folder, whatever is in it.
        return manifest.value.at(&["directories", "bin"]).is_none().then_some(None);
    };
    let tidy = |path: &str| {
        let path = super::graph::locate("", path.trim_start_matches('/'));
        Plain::Text(path.trim_start_matches("../").to_owned())
    };
    let own = manifest.name().rsplit('/').next().unwrap_or_default();
    let map: BTreeMap<String, Plain> = match &value.data {
        Data::Text(path) if own.is_empty() => return if path.is_empty() { Some(None) } else { None },
        Data::Text(path) => [(own.to_owned(), tidy(path))].into(),
        Data::Map(map) => {
            let texts = map.iter().filter_map(|entry| Some((entry, entry.value.text()?)));
            texts
                .filter(|(_, path)| !path.is_empty())
                .map(|(entry, path)| {
                    (entry.key.rsplit('/').next().unwrap_or_default().to_owned(), tidy(path))
                })
                .collect()
        }
        _ => return None,
    };
    Some((!map.is_empty()).then_some(Plain::Map(map)))
}
