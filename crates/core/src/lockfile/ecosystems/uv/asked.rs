//! Requirements as uv.lock holds them: with their source, without their place. What a manifest asks for is put into that
//! form, what the lock recorded is read from it, and the two are compared as sets.

use super::workspace::{Project, Workspace};
use crate::lockfile::Tree;
use crate::lockfile::data::Value;
use crate::lockfile::ecosystems::python::pyproject::Asked;
use crate::lockfile::ecosystems::python::{
    Marker, PythonRange, Requirement, Same, Wanted, normal, same_specifiers, split_git,
};
use crate::lockfile::tree::{folder, join};
use pep440_rs::VersionSpecifiers;
use std::collections::BTreeSet;
use std::ops::Range;
use std::str::FromStr;

/// A requirement with its source.
#[derive(Clone, Debug)]
pub(super) struct Need {
    pub(super) name: String,
    pub(super) extras: BTreeSet<String>,
    pub(super) from: Supply,
    /// `None`: of a form that is not compared.
    pub(super) marker: Option<Marker>,
    /// For people.
    pub(super) text: String,
    pub(super) span: Range<usize>,
}

/// Where it comes from.
#[derive(Clone, Debug)]
pub(super) enum Supply {
    Registry {
        specifiers: VersionSpecifiers,
        index: Option<String>,
        conflict: Option<String>,
    },
    /// The address, the rest as sorted pairs of a query.
    Git(String, BTreeSet<(String, String)>),
    Url(String, Option<String>),
    Path(String),
    Folder {
        path: String,
        kind: Folder,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Folder {
    Editable,
    Virtual,
    Directory,
}

impl Supply {
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Registry { specifiers, index, conflict },
                Self::Registry { specifiers: other, index: other_index, conflict: other_conflict },
            ) => same_specifiers(specifiers, other) && index == other_index && conflict == other_conflict,
            (Self::Git(url, query), Self::Git(other, other_query)) => url == other && query == other_query,
            (Self::Url(url, sub), Self::Url(other, other_sub)) => url == other && sub == other_sub,
            (Self::Path(path), Self::Path(other)) => path == other,
            (Self::Folder { path, kind }, Self::Folder { path: other, kind: other_kind }) => {
                path == other && kind == other_kind
            }
            _ => false,
        }
    }
}

impl Need {
    /// Whether it is the other one.
    pub(super) fn same(&self, other: &Self, pythons: &PythonRange) -> Same {
        let is_same =
            self.name == other.name && self.extras == other.extras && self.from.is_same(&other.from);
        if !is_same {
            return Same::No;
        }
        match (&self.marker, &other.marker) {
            (Some(one), Some(two)) => one.same(two, pythons),
            _ => Same::Unclear,
        }
    }

    /// One that the lock recorded; `None`: of no known form.
    pub(super) fn recorded(value: &Value, root: &str) -> Option<Self> {
        let text = |key: &str| value.text_of(key);
        let from = if let Some(git) = text("git") {
            git_of_query(git)
        } else if let Some(url) = text("url") {
            Supply::Url(without_credentials(url), text("subdirectory").map(str::to_owned))
        } else if let Some(path) = text("path") {
            Supply::Path(join(root, path)?)
        } else if let Some((path, kind)) =
            [("editable", Folder::Editable), ("virtual", Folder::Virtual), ("directory", Folder::Directory)]
                .into_iter()
                .find_map(|(key, kind)| Some((text(key)?, kind)))
        {
            Supply::Folder { path: join(root, path)?, kind }
        } else {
            let specifiers = VersionSpecifiers::from_str(text("specifier").unwrap_or_default()).ok()?;
            let index = text("index").map(index_url);
            let conflict = value.get("conflict").map(conflict_text);
            Supply::Registry { specifiers, index, conflict }
        };
        let extras = value.get("extras").or_else(|| value.get("extra"));
        let extras = extras.into_iter().flat_map(Value::items).filter_map(Value::text).map(normal).collect();
        let name = normal(text("name")?);
        let marker = Marker::parse(text("marker").unwrap_or_default());
        let text = shown(&name, &from, text("marker").unwrap_or_default());
        Some(Self { name, extras, from, marker, text, span: value.span.clone() })
    }
}

fn shown(name: &str, from: &Supply, marker: &str) -> String {
    let source = match from {
        Supply::Registry { specifiers, index, .. } => match index {
            Some(index) => format!("{specifiers} from {index}"),
            None => specifiers.to_string(),
        },
        Supply::Git(url, query) => {
            let query = query.iter().map(|(key, value)| format!(" {key} {value}"));
            format!(" @ git+{url}{}", query.collect::<String>())
        }
        Supply::Url(url, _) => format!(" @ {url}"),
        Supply::Path(path) | Supply::Folder { path, .. } => {
            format!(" @ {}", if path.is_empty() { "." } else { path })
        }
    };
    let marker = if marker.is_empty() { String::new() } else { format!(" ; {marker}") };
    format!("{name}{source}{marker}")
}

/// What a manifest asks for, in the form of the lock.
pub(super) struct Lowering<'a> {
    pub(super) tree: &'a Tree<'a>,
    pub(super) workspace: &'a Workspace,
    pub(super) project: &'a Project,
}

/// For what a requirement is asked for: sources may be limited to that.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct For<'a> {
    pub(super) extra: Option<&'a str>,
    pub(super) group: Option<&'a str>,
}

impl Lowering<'_> {
    /// The requirements that one line stands for: one for each of its sources.
    ///
    /// # Errors
    ///
    /// Why that cannot be told.
    pub(super) fn lower(&self, asked: &Asked, purpose: For<'_>) -> Result<Vec<Need>, String> {
        let Some(requirement) = &asked.requirement else {
            return Err(format!("`{}` cannot be read as a requirement", asked.text));
        };
        let marker = Marker::parse(&requirement.marker);
        let extra = purpose.extra.map(Marker::extra);
        let marker = match (marker, extra) {
            (Some(marker), Some(extra)) => Some(marker.and(extra)),
            (marker, None) => marker,
            (None, _) => None,
        };
        let (source, base) = match self.project.source_of(&requirement.name) {
            Some(source) => (Some(source), self.project.folder.as_str()),
            None => {
                let root = &self.workspace.root;
                (root.source_of(&requirement.name), root.folder.as_str())
            }
        };
        let need = |from: Supply, marker: Option<Marker>| Need {
            name: requirement.name.clone(),
            extras: requirement.extras.clone(),
            text: shown(&requirement.name, &from, &requirement.marker),
            from,
            marker,
            span: asked.span.clone(),
        };
        let Some(source) = source else {
            return Ok(vec![need(self.plain(requirement)?, marker)]);
        };
        let single = (source.items().len() == 0).then_some(source);
        let mut needs = Vec::new();
        for source in source.items().chain(single) {
            let is_for = |key: &str, of: Option<&str>| {
                source.text_of(key).is_none_or(|wanted| Some(normal(wanted).as_str()) == of)
            };
            if !is_for("extra", purpose.extra) || !is_for("group", purpose.group) {
                // Where none is left the requirement is a plain one.
                continue;
            }
            let own = Marker::parse(source.text_of("marker").unwrap_or_default());
            if own.as_ref().is_none_or(|own| *own != Marker::Always) {
                // What the sources leave over would have to be negated.
                return Err(format!("the sources of {} have markers", requirement.name));
            }
            needs.push(need(self.sourced(requirement, source, base)?, marker.clone()));
        }
        if needs.is_empty() {
            needs.push(need(self.plain(requirement)?, marker));
        }
        Ok(needs)
    }

    fn plain(&self, requirement: &Requirement) -> Result<Supply, String> {
        let url = match &requirement.wanted {
            Wanted::Specifiers(specifiers) => {
                let specifiers = specifiers.clone();
                return Ok(Supply::Registry { specifiers, index: None, conflict: None });
            }
            Wanted::Url(url) => url,
        };
        if let Some(git) = url.strip_prefix("git+") {
            let (address, reference) = split_git(git);
            let mut query = BTreeSet::new();
            query.extend(reference.map(|reference| ("rev".to_owned(), reference.to_owned())));
            for part in git.split_once('#').map_or("", |(_, after)| after).split('&') {
                if let Some((key @ ("subdirectory" | "lfs" | "path"), value)) = part.split_once('=') {
                    query.insert((key.to_owned(), value.to_owned()));
                }
            }
            return Ok(Supply::Git(git_url(address), query));
        }
        if url.contains("://") && !url.starts_with("file:") {
            let (address, fragment) = url.split_once('#').unwrap_or((url, ""));
            let sub = fragment.split('&').find_map(|part| part.strip_prefix("subdirectory="));
            return Ok(Supply::Url(without_credentials(address), sub.map(str::to_owned)));
        }
        Err(format!("{} is at `{url}`, a path of the machine", requirement.name))
    }

    fn sourced(&self, requirement: &Requirement, source: &Value, base: &str) -> Result<Supply, String> {
        let name = &requirement.name;
        let specifiers = match &requirement.wanted {
            Wanted::Specifiers(specifiers) => specifiers.clone(),
            Wanted::Url(_) => VersionSpecifiers::empty(),
        };
        if let Some(git) = source.text_of("git") {
            let mut query = BTreeSet::new();
            for key in ["rev", "tag", "branch", "subdirectory", "path"] {
                query.extend(source.text_of(key).map(|value| (key.to_owned(), value.to_owned())));
            }
            if source.get("lfs").and_then(Value::bool) == Some(true) {
                query.insert(("lfs".to_owned(), "true".to_owned()));
            }
            return Ok(Supply::Git(git_url(git), query));
        }
        if let Some(url) = source.text_of("url") {
            let sub = source.text_of("subdirectory").map(str::to_owned);
            return Ok(Supply::Url(without_credentials(url), sub));
        }
        if let Some(index) = source.text_of("index") {
            let named = |project: &Project| {
                let mut indexes = project.uv("index").into_iter().flat_map(Value::items);
                indexes
                    .find(|one| one.text_of("name") == Some(index))
                    .and_then(|one| one.text_of("url"))
                    .map(index_url)
            };
            let url = named(self.project).or_else(|| named(&self.workspace.root));
            let url = url.ok_or_else(|| {
                format!("{name} is from the index `{index}`, which no [[tool.uv.index]] names")
            })?;
            let purpose = ["extra", "group"].iter().find_map(|key| source.text_of(key));
            let conflict =
                purpose.zip(self.project.name()).map(|(of, project)| format!("{project} {}", normal(of)));
            return Ok(Supply::Registry { specifiers, index: Some(url), conflict });
        }
        let editable = source.get("editable").and_then(Value::bool);
        if let Some(path) = source.text_of("path") {
            let at = join(base, path).ok_or_else(|| format!("{name} is at `{path}`, outside of the tree"))?;
            if self.tree.has(&at) {
                return Ok(Supply::Path(at));
            }
            if self.tree.under(&at).is_empty() {
                return Err(format!("{name} is at `{path}`, where this tree has nothing"));
            }
            let package = source.get("package").and_then(Value::bool);
            let is_package =
                || package.unwrap_or_else(|| self.project_at(&at).is_none_or(|one| one.is_package(true)));
            let kind = match editable {
                Some(true) => Folder::Editable,
                _ if is_package() => Folder::Directory,
                _ => Folder::Virtual,
            };
            return Ok(Supply::Folder { path: at, kind });
        }
        if source.get("workspace").and_then(Value::bool) == Some(true) {
            let Some(member) = self.workspace.members.get(name) else {
                return Err(format!("{name} is said to be of the workspace, which has no such member"));
            };
            let kind = match self.workspace.required.get(name).copied().flatten() {
                _ if !member.is_package(true) => Folder::Virtual,
                Some(false) => Folder::Directory,
                _ => Folder::Editable,
            };
            return Ok(Supply::Folder { path: member.folder.clone(), kind });
        }
        Err(format!("the source of {name} is of no known form"))
    }

    fn project_at(&self, at: &str) -> Option<Project> {
        read_project(self.tree, at)
    }
}

/// The project of a folder; `None`: it has no manifest that can be read.
pub(super) fn read_project(tree: &Tree<'_>, at: &str) -> Option<Project> {
    let source = tree.read(&crate::lockfile::ecosystems::python::in_folder(at, "pyproject.toml")).ok()?;
    let document = crate::lockfile::data::toml(&source.text).ok()?;
    Some(Project { folder: folder(&source.path).to_owned(), source, document })
}

/// `https://host/path?rev=x#commit`.
fn git_of_query(text: &str) -> Supply {
    let text = text.split('#').next().unwrap_or_default();
    let (url, query) = text.split_once('?').unwrap_or((text, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    Supply::Git(git_url(url), pairs.map(|(key, value)| (key.to_owned(), decoded(value))).collect())
}

fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let pair =
                    [bytes.next(), bytes.next()].map(|digit| (digit.unwrap_or(0) as char).to_digit(16));
                let [Some(high), Some(low)] = pair else { return text.to_owned() };
                out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
            }
            byte => out.push(byte),
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

fn git_url(url: &str) -> String {
    let url = url.split(['#', '?']).next().unwrap_or_default();
    without_credentials(url.strip_prefix("git+").unwrap_or(url))
}

/// An index is the same with and without a slash at its end.
pub(super) fn index_url(url: &str) -> String {
    without_credentials(url).trim_end_matches('/').to_owned()
}

fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.find('/').and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, ""));
    // `git@` of an address of SSH is no secret, and stays.
    let host = match host.rsplit_once('@') {
        Some((user, host)) if user != "git" => host.to_owned(),
        _ => host.to_owned(),
    };
    format!("{}://{}{path}", scheme.to_ascii_lowercase(), host.to_ascii_lowercase())
}

fn conflict_text(value: &Value) -> String {
    let of = value.text_of("extra").or_else(|| value.text_of("group")).unwrap_or_default();
    format!("{} {of}", value.text_of("package").unwrap_or_default())
}
