//! What a project of `MSBuild` says, as far as files tell: properties first, from every file that it imports, and then the items
//! with the values that the properties have in the end, as `MSBuild` does it.

use super::condition::Scope;
use super::items::{Package, Raw};
use crate::lockfile::ecosystem::{Place, Source, Unclear};
use crate::lockfile::tree::{Tree, file_name, folder, join};
use roxmltree::{Document, Node};
use std::cell::Cell;
use std::collections::{HashMap, HashSet};

/// SDKs of which it is known what they bring.
const SDKS: [&str; 5] = [
    "Microsoft.NET.Sdk",
    "Microsoft.NET.Sdk.Web",
    "Microsoft.NET.Sdk.Worker",
    "Microsoft.NET.Sdk.Razor",
    "Microsoft.NET.Sdk.WindowsDesktop",
];
/// Files that a project imports, itself among them.
const MOST_FILES: usize = 200;
/// Items of a project, those of what it imports among them.
pub(super) const MOST_ITEMS: usize = 10_000;
/// Imports in imports, and choices in choices: more than this nobody writes.
const DEEPEST: usize = 60;
pub(super) const ITEMS: [&str; 4] =
    ["PackageReference", "PackageVersion", "GlobalPackageReference", "ProjectReference"];

/// A project with its properties and items.
#[derive(Debug, Default)]
pub(super) struct Project {
    pub properties: HashMap<String, Option<String>>,
    pub packages: Vec<Package>,
    /// Versions of the central file by their names in lower case.
    pub central: HashMap<String, Package>,
    pub references: Vec<Package>,
    /// The files that were read for it.
    pub files: Vec<String>,
    /// Why there may be more, or other things, than were found.
    pub open: Vec<Unclear>,
}

pub(super) struct Reading<'s, 't> {
    tree: &'s Tree<'t>,
    pub(super) path: &'s str,
    pub(super) project: Project,
    pub(super) raw: Vec<Raw>,
    seen: HashSet<String>,
    count: usize,
    depth: usize,
    /// What properties were written out to, in bytes.
    written: Cell<usize>,
    /// The framework is chosen from those of the project.
    is_chosen: bool,
}

impl Project {
    /// A property; the outer `None`: no file sets it.
    pub(super) fn property(&self, name: &str) -> Option<Option<&str>> {
        self.properties.get(&name.to_ascii_lowercase()).map(Option::as_deref)
    }

    /// A property that is nothing where no file sets it; `None`: nobody can tell.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.property(name).unwrap_or(Some(""))
    }

    /// Whether a property is `true`; `None`: nobody can tell.
    pub(super) fn is_true(&self, name: &str) -> Option<bool> {
        self.text(name).map(|value| value.trim().eq_ignore_ascii_case("true"))
    }
}

/// Reads a project for one target framework, or for what it says before one is chosen.
pub(super) fn read(tree: &Tree<'_>, path: &str, framework: Option<&str>) -> Project {
    let mut reading = Reading {
        tree,
        path,
        project: Project::default(),
        raw: Vec::new(),
        seen: HashSet::new(),
        count: 0,
        depth: 0,
        written: Cell::new(0),
        is_chosen: framework.is_some(),
    };
    let chosen = Some(framework.unwrap_or_default().to_owned());
    reading.project.properties.insert("targetframework".to_owned(), chosen);
    reading.above("Directory.Build.rsp", false);
    reading.above("Directory.Build.props", true);
    reading.above("Directory.Packages.props", true);
    reading.file(path, true);
    reading.above("Directory.Build.targets", true);
    reading.derived();
    reading.items();
    reading.project
}

impl<'s> Reading<'s, '_> {
    pub(super) fn open(&mut self, why: String, place: Option<Place>) {
        let unclear = Unclear { why, place };
        if !self.project.open.contains(&unclear) {
            self.project.open.push(unclear);
        }
    }

    /// A file that is imported from the folder of the project or the nearest one above it.
    fn above(&mut self, name: &str, is_read: bool) {
        let mut at = folder(self.path);
        loop {
            let of = |name: &str| join(at, name).unwrap_or_default();
            let is_link = self.tree.is_linked(&of(name));
            let lower = name.to_ascii_lowercase();
            let variants =
                [lower.clone(), lower.replace("directory", "Directory"), name.replace("Build", "build")];
            let other =
                variants.iter().map(|name| of(name)).find(|path| *path != of(name) && self.tree.has(path));
            if is_link || other.is_some() {
                let path = other.unwrap_or_else(|| of(name));
                self.open(format!("{path} is a link, or is found on some machines only"), None);
                return;
            }
            if self.tree.has(&of(name)) {
                if is_read {
                    self.file(&of(name), true);
                } else {
                    self.open(format!("{} has arguments for the command line", of(name)), None);
                }
                return;
            }
            if at.is_empty() {
                return;
            }
            at = folder(at);
        }
    }

    fn file(&mut self, path: &str, is_certain: bool) {
        self.count += 1;
        if !self.seen.insert(path.to_owned()) {
            return;
        }
        if self.count > MOST_FILES {
            self.open(format!("{} imports more than {MOST_FILES} files", self.path), None);
            return;
        }
        self.project.files.push(path.to_owned());
        let source = match self.tree.read(path) {
            Ok(source) => source,
            Err(unread) => return self.open(format!("{path} {unread}"), None),
        };
        let Some(document) = parse(&source) else {
            return self.open(format!("{path} is no XML that could be read"), Some(source.whole()));
        };
        let root = document.root_element();
        if path == self.path && root.attribute("Sdk").is_none() && !root.children().any(|node| is_sdk(&node))
        {
            self.open(format!("{path} names no SDK"), Some(source.whole()));
        }
        self.sdk(root.attribute("Sdk"), &source);
        self.children(&root, &source, is_certain);
    }

    fn sdk(&mut self, names: Option<&str>, source: &Source) {
        for name in names.into_iter().flat_map(|names| names.split(';')) {
            let name = name.split('/').next().unwrap_or_default().trim();
            if !SDKS.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                self.open(format!("what the SDK {name} brings stands elsewhere"), Some(source.whole()));
            }
        }
    }

    pub(super) fn scope<'a>(&'a self, file: &'a str, own: Option<&'a str>) -> Scope<'a, 's>
    where
        's: 'a,
    {
        Scope {
            tree: self.tree,
            properties: &self.project.properties,
            file,
            project: self.path,
            own,
            written: &self.written,
        }
    }

    /// Whether the condition of an element is met; `Some(true)` where it has none.
    fn is_met(&self, node: &Node<'_, '_>, source: &Source) -> Option<bool> {
        let own = node.tag_name().name();
        let Some(condition) = node.attribute("Condition") else { return Some(true) };
        self.scope(&source.path, Some(own)).is_met(condition)
    }

    fn children(&mut self, parent: &Node<'_, '_>, source: &Source, is_certain: bool) {
        if self.depth > DEEPEST {
            return self.open(format!("{} nests too deep", source.path), Some(source.place(&parent.range())));
        }
        self.depth += 1;
        self.each(parent, source, is_certain);
        self.depth -= 1;
    }

    fn each(&mut self, parent: &Node<'_, '_>, source: &Source, is_certain: bool) {
        for node in parent.children().filter(Node::is_element) {
            match node.tag_name().name() {
                "ItemGroup" => self.group(&node, source, is_certain),
                "Target" | "ItemDefinitionGroup" => {
                    let is_item = |inner: Node<'_, '_>| ITEMS.contains(&inner.tag_name().name());
                    if node.descendants().any(is_item) {
                        let place = source.place(&node.range());
                        self.open(
                            "items that a target or a definition makes are not read".to_owned(),
                            Some(place),
                        );
                    }
                }
                "Sdk" => self.sdk(node.attribute("Name"), source),
                "Choose" => self.choose(&node, source, is_certain),
                name @ ("PropertyGroup" | "ImportGroup" | "Import") => {
                    let met = self.is_met(&node, source);
                    if met == Some(false) {
                        continue;
                    }
                    let is_certain = is_certain && met.is_some();
                    match name {
                        "PropertyGroup" => self.properties(&node, source, is_certain),
                        "ImportGroup" => self.children(&node, source, is_certain),
                        _ => self.import(&node, source, is_certain),
                    }
                }
                _ => {}
            }
        }
    }

    fn choose(&mut self, node: &Node<'_, '_>, source: &Source, is_certain: bool) {
        let mut is_certain = is_certain;
        for inner in node.children().filter(Node::is_element) {
            let met = self.is_met(&inner, source);
            if met == Some(false) {
                continue;
            }
            is_certain &= met.is_some();
            self.children(&inner, source, is_certain);
            if met == Some(true) && is_certain {
                return;
            }
            // Another of them may be the one.
            is_certain = false;
        }
    }

    fn properties(&mut self, group: &Node<'_, '_>, source: &Source, is_certain: bool) {
        for node in group.children().filter(Node::is_element) {
            let met = self.is_met(&node, source);
            if met == Some(false) {
                continue;
            }
            let name = node.tag_name().name();
            // What is chosen from without is altered by no file.
            if self.is_chosen && name.eq_ignore_ascii_case("TargetFramework") {
                continue;
            }
            let value = self.scope(&source.path, Some(name)).expand(text_in(&node).trim());
            let known = self.project.properties.get(&name.to_ascii_lowercase());
            let is_known = known.is_some_and(|known| known.is_some() && *known == value);
            let value = value.filter(|_| (is_certain && met == Some(true)) || is_known);
            self.project.properties.insert(name.to_ascii_lowercase(), value);
        }
    }

    fn import(&mut self, node: &Node<'_, '_>, source: &Source, is_certain: bool) {
        if node.attribute("Sdk").is_some() {
            return self.sdk(node.attribute("Sdk"), source);
        }
        let written = node.attribute("Project").unwrap_or_default();
        let path = self.scope(&source.path, None).path(written);
        match path {
            Some(path) if self.tree.has(&path) => self.file(&path, is_certain),
            _ => {
                let why = format!("what the import of {written} brings is not known");
                self.open(why, Some(source.place(&node.range())));
            }
        }
    }

    /// What the SDK makes of the framework before it looks at items.
    fn derived(&mut self) {
        let properties = &mut self.project.properties;
        let framework = properties.get("targetframework").cloned().flatten();
        let Some(framework) = framework.and_then(|text| super::framework::Framework::parse(&text)) else {
            return;
        };
        let mut set = |name: &str, value: String| {
            properties.entry(name.to_owned()).or_insert(Some(value));
        };
        set("targetframeworkidentifier", framework.family.to_owned());
        set("targetframeworkversion", format!("v{}", framework.version));
        set("targetplatformidentifier", framework.platform.unwrap_or_default());
    }
}

fn is_sdk(node: &Node<'_, '_>) -> bool {
    node.tag_name().name() == "Sdk" || (node.tag_name().name() == "Import" && node.attribute("Sdk").is_some())
}

/// The text in an element, on both sides of comments.
pub(super) fn text_in(node: &Node<'_, '_>) -> String {
    node.children().filter(Node::is_text).filter_map(|part| part.text()).collect()
}

/// Names of entities are not taken, for they may stand for more than any text has room for.
pub(super) fn parse(source: &Source) -> Option<Document<'_>> {
    let options = roxmltree::ParsingOptions { allow_dtd: false, nodes_limit: 1 << 20, ..Default::default() };
    let document = Document::parse_with_options(&source.text, options).ok()?;
    (document.root_element().tag_name().name() == "Project").then_some(document)
}

/// Whether a path is that of a project that has packages in it.
pub(super) fn is_project(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    [".csproj", ".fsproj", ".vbproj"].iter().any(|end| name.ends_with(end))
}
