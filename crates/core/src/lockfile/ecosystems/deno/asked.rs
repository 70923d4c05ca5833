//! What the manifests of a project ask for: those of its root and of the members of its workspace.

use super::requirement::{Asked, Registry, Spelling, Unread, Versions, is_address};
use super::{CONFIGS, config_of};
use crate::lockfile::data::{Data, Entry, Malformed, Value, json_with_comments};
use crate::lockfile::ecosystem::{Source, Unclear, Verdict};
use crate::lockfile::package_json::{Dependency, Field, Members, Negation, PackageJson, is_manifest};
use crate::lockfile::tree::{Tree, file_name, folder, is_in, join, relative};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

/// A deno.json or deno.jsonc.
#[derive(Clone, Debug)]
pub(super) struct Config {
    pub(super) source: Source,
    pub(super) value: Value,
}

/// The manifests of a folder.
#[derive(Clone, Debug, Default)]
pub(super) struct Folder {
    pub(super) config: Option<Config>,
    pub(super) package: Option<PackageJson>,
}

/// A project: its folders as seen from its root, which is `""`.
#[derive(Debug, Default)]
pub(super) struct Project {
    pub(super) folders: BTreeMap<String, Folder>,
    /// Members that are named, whose folders are there, and that have no manifest.
    pub(super) bare: Vec<(String, Source, Range<usize>)>,
    /// Manifests that cannot be read.
    pub(super) broken: Vec<(Source, Malformed)>,
    /// Whether its folders or their manifests may be others than these: that is said, and nothing is compared.
    pub(super) is_open: bool,
}

/// The members that the manifests of a root name.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// By their paths from the root, and where they are named.
    pub(super) members: BTreeMap<String, (Source, Range<usize>)>,
    /// Why they may be others.
    unclear: Vec<Unclear>,
    /// Whether there may be more.
    pub(super) may_be_more: bool,
}

/// Something that is asked for.
#[derive(Debug)]
pub(super) struct Want {
    pub(super) asked: Asked,
    pub(super) text: String,
    pub(super) source: Source,
    pub(super) span: Range<usize>,
    /// Whether Deno looks for it also where nothing imports it.
    pub(super) is_installed: bool,
}

/// What the manifests of a folder ask for.
#[derive(Debug, Default)]
pub(super) struct Wants {
    pub(super) of_config: Vec<Want>,
    pub(super) of_package: Vec<Want>,
    /// Addresses of files, and where they stand.
    pub(super) addresses: Vec<(String, Source, Range<usize>)>,
    /// What Deno refuses in a package.json, and where it stands.
    pub(super) invalid: Vec<(String, Source, Range<usize>)>,
}

impl Config {
    pub(super) fn parse(source: &Source) -> Result<Self, Malformed> {
        let value = json_with_comments(&source.text)?;
        if value.map().is_none() {
            return Err(Malformed { line: None, message: "it is not a map".to_owned() });
        }
        Ok(Self { source: source.clone(), value })
    }

    /// Deno refuses a workspace that is no list of paths.
    fn with_workspace(self) -> Result<Self, Malformed> {
        let Some(workspace) = self.value.get("workspace").filter(|value| value.data != Data::Null) else {
            return Ok(self);
        };
        let is_list = self.members().is_some_and(|list| {
            matches!(list.data, Data::List(_)) && list.items().all(|item| item.text().is_some())
        });
        if is_list {
            return Ok(self);
        }
        let line = Some(self.source.line_of(workspace.span.start));
        Err(Malformed { line, message: "its workspace is no list of paths".to_owned() })
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.value.text_of("name")
    }

    /// The values of `imports` and of every scope.
    pub(super) fn imports(&self) -> impl Iterator<Item = &Entry> {
        let scopes = self.value.get("scopes").map(Value::entries).unwrap_or_default();
        let imports = self.value.get("imports").map(Value::entries).unwrap_or_default();
        imports.chain(scopes.flat_map(|scope| scope.value.entries()))
    }

    /// What the compiler options name.
    pub(super) fn options(&self) -> impl Iterator<Item = &Value> {
        let options = self.value.get("compilerOptions");
        let of = move |key: &str| options.and_then(|options| options.get(key));
        let types = of("types").map(Value::items).unwrap_or_default();
        [of("jsxImportSource"), of("jsxImportSourceTypes")].into_iter().flatten().chain(types)
    }

    /// The members of its workspace, where it is the root of one.
    fn members(&self) -> Option<&Value> {
        let workspace = self.value.get("workspace")?;
        if workspace.map().is_some() { workspace.get("members") } else { Some(workspace) }
    }

    /// The file that stands in for `imports`, where there are none.
    pub(super) fn import_map(&self) -> Option<&Value> {
        let has_own = ["imports", "scopes"].iter().any(|key| self.value.get(key).is_some());
        self.value.get("importMap").filter(|_| !has_own)
    }
}

impl Folder {
    /// The manifests of a folder; `None`: there are none.
    fn read(tree: &Tree<'_>, at: &str, project: &mut Project, verdict: &mut Verdict) -> Option<Self> {
        let paths = [config_of(tree, at), join(at, "package.json").filter(|path| tree.has(path))];
        if paths.iter().all(Option::is_none) {
            return None;
        }
        let mut read = Self::default();
        for path in paths.into_iter().flatten() {
            let source = match tree.read(&path) {
                Ok(source) => source,
                Err(unread) => {
                    verdict.unread(&path, &unread);
                    project.is_open = true;
                    continue;
                }
            };
            let parsed = if is_manifest(&path) {
                PackageJson::parse(&source).map(|package| read.package = Some(package))
            } else {
                let config = Config::parse(&source).and_then(Config::with_workspace);
                config.map(|config| read.config = Some(config))
            };
            if let Err(malformed) = parsed {
                project.broken.push((source, malformed));
            }
        }
        Some(read)
    }
}

impl Project {
    pub(super) fn read(tree: &Tree<'_>, at: &str, verdict: &mut Verdict) -> Self {
        let (mut project, named) = Self::root(tree, at, verdict);
        for (member, (source, span)) in named.members {
            let Some(path) = join(at, &member).filter(|path| relative(at, path).is_some()) else {
                verdict
                    .unclear(Unclear::at(format!("the member {member} lies outside"), source.place(&span)));
                project.is_open = true;
                continue;
            };
            match Folder::read(tree, &path, &mut project, verdict) {
                Some(folder) => drop(project.folders.insert(member, folder)),
                // Deno passes over a folder that is not there.
                None if tree.under(&path).is_empty() => {}
                None => project.bare.push((member, source, span)),
            }
        }
        project
    }

    /// The root alone, and the members that it names.
    pub(super) fn root(tree: &Tree<'_>, at: &str, verdict: &mut Verdict) -> (Self, Named) {
        let mut project = Self::default();
        let Some(root) = Folder::read(tree, at, &mut project, verdict) else {
            return (project, Named::default());
        };
        let mut named = Named::of(tree, at, &root);
        named.may_be_more |= project.is_open || !project.broken.is_empty();
        project.is_open |= !named.unclear.is_empty();
        for unclear in named.unclear.drain(..) {
            verdict.unclear(unclear);
        }
        project.folders.insert(String::new(), root);
        (project, named)
    }

    /// The names of the packages of the project: who asks for one of them may be given it.
    pub(super) fn names(&self) -> HashSet<&str> {
        let mut names = HashSet::new();
        for folder in self.folders.values() {
            names.extend(folder.config.as_ref().and_then(Config::name));
            names.extend(folder.package.as_ref().map(PackageJson::name));
        }
        names
    }

    /// The versions that catalogs give: those of the package.json of the root, and where it has none, of its deno.json.
    fn catalog(&self, name: &str, package: &str) -> Option<String> {
        let root = self.folders.get("")?;
        let has = |value: &&Value| value.get("catalog").is_some() || value.get("catalogs").is_some();
        let from = |value: &Value| {
            let direct = if name == "default" { value.get("catalog") } else { None };
            let named = || value.get("catalogs").and_then(|all| all.get(name));
            Some(direct.or_else(named)?.text_of(package)?.to_owned())
        };
        let own = root.package.as_ref().map(|package| &package.value);
        let nested = own.and_then(|own| own.get("workspaces"));
        let config = root.config.as_ref().map(|config| &config.value);
        from([own, nested, config].into_iter().flatten().find(has)?)
    }

    pub(super) fn wants(&self, tree: &Tree<'_>, at: &str, member: &str, verdict: &mut Verdict) -> Wants {
        let mut wants = Wants::default();
        let Some(folder) = self.folders.get(member) else { return wants };
        if let Some(config) = &folder.config {
            match config.import_map().filter(|_| member.is_empty()) {
                Some(path) => match import_map(tree, at, config, path) {
                    Ok(map) => self.of_config(&map, false, &mut wants),
                    Err(unclear) => verdict.unclear(unclear),
                },
                None => self.of_config(config, true, &mut wants),
            }
        }
        for dependency in folder.package.iter().flat_map(of_package) {
            let source = folder.package.as_ref().map(|package| package.source.clone());
            let Some(source) = source else { continue };
            self.of_package(&dependency, &source, &mut wants, verdict);
        }
        wants
    }

    /// Of an import map in a file of its own no options count.
    fn of_config(&self, config: &Config, has_options: bool, wants: &mut Wants) {
        let scopes = config.value.get("scopes").map(|scopes| scopes.span.clone());
        let is_in_scopes =
            |span: &Range<usize>| scopes.as_ref().is_some_and(|scopes| scopes.contains(&span.start));
        let imports = config.imports().map(|entry| (Some(entry), &entry.value));
        let options = config.options().filter(|_| has_options).map(|value| (None, value));
        for (entry, value) in imports.chain(options) {
            let Some(text) = value.text() else { continue };
            let span = entry.map_or(value.span.start, |entry| entry.span.start)..value.span.end;
            let asked = match (text.strip_prefix("catalog:"), entry) {
                (Some(name), Some(entry)) => self.of_catalog(name, entry.key.trim_end_matches('/')),
                _ => Asked::parse(text, Spelling::Specifier),
            };
            match asked {
                None => wants.addresses.extend(
                    // What is imported from below an address, Deno looks for where code does.
                    entry
                        .filter(|entry| {
                            is_address(text) && !(entry.key.ends_with('/') && text.ends_with('/'))
                        })
                        .map(|_| (text.to_owned(), config.source.clone(), span)),
                ),
                // What cannot be read is no dependency to Deno either.
                Some(Err(_)) => {}
                Some(Ok(asked)) => wants.of_config.push(Want {
                    asked,
                    text: text.to_owned(),
                    source: config.source.clone(),
                    is_installed: entry.is_some() && !is_in_scopes(&span),
                    span,
                }),
            }
        }
    }

    fn of_catalog(&self, name: &str, package: &str) -> Option<Result<Asked, Unread>> {
        let name = if name.is_empty() { "default" } else { name };
        let version = self.catalog(name, package)?;
        let versions = Versions::parse(&version, Spelling::Npm);
        Some(versions.map(|versions| Asked { registry: Registry::Npm, name: package.to_owned(), versions }))
    }

    fn of_package(
        &self,
        dependency: &Dependency<'_>,
        source: &Source,
        wants: &mut Wants,
        verdict: &mut Verdict,
    ) {
        let Dependency { name, spec, .. } = *dependency;
        let asked = match spec.strip_prefix("catalog:") {
            Some(catalog) => match self.of_catalog(catalog, name) {
                Some(asked) => Some(asked),
                None => Some(Err(Unread::Invalid)),
            },
            None => Asked::of_package(name, spec),
        };
        let text = format!("{name}: {spec}");
        match asked {
            None => {}
            Some(Err(Unread::Invalid)) => wants.invalid.push((text, source.clone(), dependency.span())),
            Some(Err(Unread::Unknown)) => {
                let why = format!("{name} is asked for at `{spec}`, which Deno may read or not");
                verdict.unclear(Unclear::at(why, source.place(&dependency.span())));
            }
            Some(Ok(asked)) => wants.of_package.push(Want {
                asked,
                text,
                source: source.clone(),
                span: dependency.span(),
                is_installed: true,
            }),
        }
    }
}

/// What Deno takes from a package.json.
pub(super) fn of_package(package: &PackageJson) -> impl Iterator<Item = Dependency<'_>> {
    let fields = [Field::Dependencies, Field::DevDependencies];
    fields.into_iter().flat_map(|field| package.dependencies(field))
}

/// The file of `importMap`.
fn import_map(tree: &Tree<'_>, at: &str, config: &Config, path: &Value) -> Result<Config, Unclear> {
    let place = config.source.place(&path.span);
    let text = path.text().unwrap_or_default();
    let is_address = text.contains("://");
    let path = join(at, text).filter(|_| !is_address);
    let Some(path) = path else {
        return Err(Unclear::at(format!("the import map {text} lies outside the repository"), place));
    };
    let source = tree.read(&path).map_err(|unread| Unclear::at(format!("{path} {unread}"), place))?;
    Config::parse(&source).map_err(|malformed| {
        let why = format!("{path} cannot be read: {}", malformed.message);
        Unclear::at(why, source.line(malformed.line))
    })
}

impl Named {
    fn of(tree: &Tree<'_>, at: &str, root: &Folder) -> Self {
        let mut named = Self::default();
        if let Some(config) = &root.config
            && let Some(list) = config.members()
        {
            let names = [CONFIGS[0], CONFIGS[1], "package.json"];
            named.list(tree, at, list, &config.source, &names);
        }
        if let Some(package) = &root.package
            && let Some(list) = package.value.get("workspaces")
        {
            let list = if list.map().is_some() { list.get("packages") } else { Some(list) };
            if let Some(list) = list {
                named.list(tree, at, list, &package.source, &["package.json"]);
            }
        }
        named.members.remove("");
        named
    }

    /// A list of members: those that it takes out are kept, for nobody looked how Deno does that.
    fn list(&mut self, tree: &Tree<'_>, at: &str, list: &Value, source: &Source, names: &[&str]) {
        let mut globs = Vec::new();
        for value in list.items() {
            let Some(text) = value.text() else { continue };
            if text.starts_with('!') {
                let why = format!("`{text}` takes members out in a way that is not looked at");
                self.unclear.push(Unclear::at(why, source.place(&value.span)));
            } else if text.contains(['*', '?', '[', ']', '{', '}']) {
                globs.push((text, value));
            } else if let Some(member) = join("", text) {
                self.members.insert(member, (source.clone(), value.span.clone()));
            } else {
                let why = format!("the member {text} lies outside");
                self.unclear.push(Unclear::at(why, source.place(&value.span)));
            }
        }
        if globs.is_empty() {
            return;
        }
        let mut folders = BTreeSet::new();
        for path in tree.under(at) {
            let is_installed = is_in(path, &["node_modules", ".git", "vendor"]);
            if names.contains(&file_name(path)) && !is_installed {
                folders.extend(relative(at, folder(path)).filter(|folder| *folder != "."));
            }
        }
        for (text, value) in globs {
            let glob = match Members::new(&[text], Negation::Always) {
                Ok(glob) => glob,
                Err(unclear) => {
                    self.unclear.push(unclear);
                    self.may_be_more = true;
                    continue;
                }
            };
            for folder in folders.iter().filter(|folder| glob.has(folder)) {
                let place = || (source.clone(), value.span.clone());
                self.members.entry((*folder).to_owned()).or_insert_with(place);
            }
        }
    }
}
