//! The hash by which PDM knows what a lock was made from. What goes into it changed twice, and the version of the lock says when.

use crate::lockfile::canonical::{self, Json};
use crate::lockfile::data::{Data, Value, toml};
use crate::lockfile::ecosystems::python::in_folder;
use crate::lockfile::tree::{folder, join, relative};
use crate::lockfile::{Source, Tree};
use globset::{GlobBuilder, GlobMatcher};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Most patterns for members of a workspace: each is compared with every path of the tree.
const MOST_PATTERNS: usize = 256;

/// What goes into the hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) enum Form {
    /// Of all that is said about resolution the overrides alone: PDM 2.0 to 2.15.
    Overrides,
    /// PDM 2.16 to 2.19.
    Resolution,
    /// With `[dependency-groups]`, and names of groups normalised: PDM 2.20 to 2.28.
    Groups,
    /// With the members of the workspace.
    Workspace,
}

/// Why there is no hash.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in super::super) enum Failed {
    /// PDM itself refuses the manifest: a group of this name is there twice.
    Repeated(String),
    /// Nobody can tell, and why.
    Unclear(String),
}

/// The hash of a manifest, and of the members of its workspace where they count.
pub(super) fn content_hash(
    tree: &Tree<'_>,
    manifest: &Source,
    project: &Value,
    form: Form,
) -> Result<String, Failed> {
    let root = of_project(project, form)?;
    let is_workspace = form == Form::Workspace && workspace(project).is_some();
    if !is_workspace {
        return Ok(root);
    }
    let mut hasher = Sha256::new();
    hasher.update(root.as_bytes());
    let at = folder(&manifest.path);
    for path in members(tree, manifest, project).map_err(Failed::Unclear)? {
        let unclear = |why: String| Failed::Unclear(format!("{path} {why}"));
        let source = tree.read(&path).map_err(|unread| unclear(unread.to_string()))?;
        let member =
            toml(&source.text).map_err(|error| unclear(format!("cannot be read: {}", error.message)))?;
        let below = relative(at, folder(&path)).unwrap_or_default();
        hasher.update(b"\0");
        hasher.update(below.as_bytes());
        hasher.update(b"\0");
        hasher.update(of_project(&member, form)?.as_bytes());
    }
    Ok(data_encoding::HEXLOWER.encode(&hasher.finalize()))
}

fn workspace(project: &Value) -> Option<&Value> {
    project.at(&["tool", "pdm", "workspace"]).filter(|workspace| workspace.entries().len() > 0)
}

/// The manifests of the members of a workspace, in the order of their folders.
///
/// # Errors
///
/// Why they cannot be told.
pub(super) fn members(tree: &Tree<'_>, manifest: &Source, project: &Value) -> Result<Vec<String>, String> {
    let patterns = workspace(project).and_then(|workspace| workspace.get("members"));
    let at = folder(&manifest.path);
    if patterns.is_some_and(|patterns| patterns.items().len() > MOST_PATTERNS) {
        return Err(format!("the workspace has more than {MOST_PATTERNS} patterns for its members"));
    }
    let mut folders = BTreeSet::new();
    for pattern in patterns.into_iter().flat_map(Value::items) {
        let Some(text) = pattern.text() else {
            return Err("a member of the workspace is no text".to_owned());
        };
        let links = |is_member: &dyn Fn(&str) -> bool| {
            tree.links_under(at).iter().any(|link| relative(at, link).is_some_and(is_member))
        };
        let linked = || format!("the member `{text}` of the workspace is a symbolic link");
        let outside = || format!("the member `{text}` of the workspace leads out of its folder");
        if text.contains(['*', '?', '[']) {
            let glob =
                glob(text).ok_or_else(|| format!("the glob `{text}` of the workspace cannot be read"))?;
            if links(&|below| glob.is_match(below)) {
                return Err(linked());
            }
            let manifests = tree.under(at).iter().filter_map(|path| path.strip_suffix("/pyproject.toml"));
            let found = manifests.filter(|found| {
                relative(at, found).is_some_and(|below| below != "." && glob.is_match(below))
            });
            folders.extend(found.map(str::to_owned));
        } else {
            let found = join(at, text).ok_or_else(outside)?;
            if relative(at, &found).is_none_or(|below| below == ".") {
                return Err(outside());
            }
            if links(&|below| join(at, below).as_ref() == Some(&found)) {
                return Err(linked());
            }
            if tree.has(&in_folder(&found, "pyproject.toml")) {
                folders.insert(found);
            }
        }
    }
    Ok(folders.iter().map(|found| in_folder(found, "pyproject.toml")).collect())
}

/// A glob of Python's `pathlib`, but for `**`.
fn glob(text: &str) -> Option<GlobMatcher> {
    let text = join("", text).filter(|text| !text.contains("**") && !text.contains('{'))?;
    let glob = GlobBuilder::new(&text).literal_separator(true).backslash_escape(false).build().ok()?;
    Some(glob.compile_matcher())
}

fn or_list(value: Option<&Value>) -> Json<'_> {
    value.map_or_else(|| Json::List(Vec::new()), Json::Value)
}

fn or_map(value: Option<&Value>) -> Json<'_> {
    value.map_or_else(|| Json::Map(BTreeMap::new()), Json::Value)
}

/// The hash of a manifest alone.
pub(in super::super) fn of_project(project: &Value, form: Form) -> Result<String, Failed> {
    let unclear = |why: &str| Failed::Unclear(why.to_owned());
    let Some(metadata) = project.get("project").filter(|metadata| metadata.map().is_some()) else {
        return Err(unclear(
            "the manifest has no [project], and PDM may make one of what other tools have in it",
        ));
    };
    let settings = project.at(&["tool", "pdm"]);
    let setting = |key: &str| settings.and_then(|settings| settings.get(key));
    let no_text = Value { span: 0..0, data: Data::Text(String::new()) };
    let groups = match form {
        Form::Overrides | Form::Resolution => or_map(setting("dev-dependencies")),
        Form::Groups | Form::Workspace => Json::Map(groups(project, setting("dev-dependencies"))?),
    };
    let resolution = setting("resolution");
    let resolution = match form {
        // Where they stood before.
        Form::Overrides => {
            let overrides = setting("overrides").or_else(|| resolution?.get("overrides"));
            ("overrides", or_map(overrides))
        }
        _ => ("resolution", or_map(resolution)),
    };
    let content = canonical::map(vec![
        ("sources", or_list(setting("source"))),
        ("dependencies", or_list(metadata.get("dependencies"))),
        ("dev-dependencies", groups),
        ("optional-dependencies", or_map(metadata.get("optional-dependencies"))),
        ("requires-python", Json::Value(metadata.get("requires-python").unwrap_or(&no_text))),
        resolution,
    ]);
    let text = canonical::python(&Json::Map(content), ", ", ": ")
        .ok_or_else(|| unclear("what PDM hashes of the manifest has a value that JSON does not have"))?;
    Ok(data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes())))
}

/// The groups for development: those of the standard, and those of PDM at their ends.
fn groups<'v>(project: &'v Value, own: Option<&'v Value>) -> Result<BTreeMap<String, Json<'v>>, Failed> {
    let mut groups: BTreeMap<String, Vec<Json<'v>>> = BTreeMap::new();
    let entries = |value: Option<&'v Value>| value.into_iter().flat_map(Value::entries);
    let items = |entry: &'v crate::lockfile::data::Entry| match &entry.value.data {
        Data::List(items) => Ok(items.iter().map(Json::Value)),
        _ => Err(Failed::Unclear(format!("the group `{}` is no list", entry.key))),
    };
    for entry in entries(project.get("dependency-groups")) {
        let name = group_name(&entry.key);
        if groups.insert(name.clone(), items(entry)?.collect()).is_some() {
            return Err(Failed::Repeated(name));
        }
    }
    for entry in entries(own) {
        groups.entry(group_name(&entry.key)).or_default().extend(items(entry)?);
    }
    Ok(groups.into_iter().map(|(name, items)| (name, Json::List(items))).collect())
}

/// The name of a group as PDM normalises it: whatever is neither a letter nor a digit of ASCII is a mark.
pub(super) fn group_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    out
}
