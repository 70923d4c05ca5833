//! package.json, as every package manager of JavaScript reads it: dependencies by their fields, the globs of a workspace and
//! the folders that they stand for.

use super::data::{Data, Entry, Malformed, Value, json};
use super::ecosystem::{Declared, Kind, Place, Source, Unclear};
use super::npm_spec::Spec;
use super::tree::{Tree, file_name, folder, is_in, relative};
use globset::{GlobBuilder, GlobMatcher};
use std::collections::HashSet;
use std::ops::Range;

/// A package.json that was read.
#[derive(Clone, Debug)]
pub struct PackageJson {
    /// The file.
    pub source: Source,
    /// What is in it: a map.
    pub value: Value,
}

/// The fields that dependencies stand in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Field {
    /// `dependencies`
    Dependencies,
    /// `devDependencies`
    DevDependencies,
    /// `optionalDependencies`
    OptionalDependencies,
    /// `peerDependencies`
    PeerDependencies,
}

/// Every field.
pub const FIELDS: [Field; 4] =
    [Field::Dependencies, Field::DevDependencies, Field::OptionalDependencies, Field::PeerDependencies];

/// A dependency as it is written.
#[derive(Clone, Copy, Debug)]
pub struct Dependency<'a> {
    /// The name that it is installed under.
    pub name: &'a str,
    /// What is asked for.
    pub spec: &'a str,
    /// The field that it stands in.
    pub field: Field,
    /// The name and the specification, where they stand.
    pub entry: &'a Entry,
}

impl Field {
    /// Its key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Dependencies => "dependencies",
            Self::DevDependencies => "devDependencies",
            Self::OptionalDependencies => "optionalDependencies",
            Self::PeerDependencies => "peerDependencies",
        }
    }

    /// What a dependency in it is for.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Dependencies => Kind::Production,
            Self::DevDependencies => Kind::Development,
            Self::OptionalDependencies => Kind::Optional,
            Self::PeerDependencies => Kind::Peer,
        }
    }
}

impl Dependency<'_> {
    /// Where it stands: its name and what is asked for.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.entry.span.start..self.entry.value.span.end
    }
}

impl PackageJson {
    /// Reads a package.json.
    ///
    /// # Errors
    ///
    /// What is no JSON, and what is no map.
    pub fn parse(source: &Source) -> Result<Self, Malformed> {
        let value = json(&source.text)?;
        if value.map().is_none() {
            return Err(Malformed { line: None, message: "it is not a map".to_owned() });
        }
        Ok(Self { source: source.clone(), value })
    }

    /// The name; empty where there is none.
    #[must_use]
    pub fn name(&self) -> &str {
        self.value.text_of("name").unwrap_or_default()
    }

    /// The version; empty where there is none.
    #[must_use]
    pub fn version(&self) -> &str {
        self.value.text_of("version").unwrap_or_default()
    }

    /// The dependencies of a field, in the order in which they are written. What is no text is none.
    pub fn dependencies(&self, field: Field) -> impl Iterator<Item = Dependency<'_>> {
        dependencies(&self.value, field)
    }

    /// The place of some bytes of it.
    #[must_use]
    pub fn place(&self, span: &Range<usize>) -> Place {
        self.source.place(span)
    }

    /// The globs of `workspaces`, a list or a map whose `packages` is one; `None`: there is no such key.
    #[must_use]
    pub fn workspaces(&self) -> Option<Vec<&str>> {
        let value = self.value.get("workspaces")?;
        let list = if value.map().is_some() { value.get("packages")? } else { value };
        matches!(list.data, Data::List(_)).then(|| list.items().filter_map(Value::text).collect())
    }

    /// What it asks for, for the pins and the lock diff.
    #[must_use]
    pub fn declared(&self) -> Vec<Declared> {
        let optional: HashSet<&str> =
            self.dependencies(Field::OptionalDependencies).map(|dependency| dependency.name).collect();
        let all = FIELDS.iter().flat_map(|field| self.dependencies(*field));
        // npm writes what is optional into `dependencies` as well, and only the optional one counts.
        let counts = |d: &Dependency<'_>| d.field != Field::Dependencies || !optional.contains(d.name);
        all.filter(counts)
            .map(|dependency| {
                let spec = Spec::parse(dependency.spec);
                Declared {
                    name: spec.package().unwrap_or(dependency.name).to_owned(),
                    requirement: dependency.spec.to_owned(),
                    kind: dependency.field.kind(),
                    precision: spec.precision(),
                    origin: spec.origin(),
                    span: dependency.span(),
                }
            })
            .collect()
    }
}

/// The dependencies of a field of a map that has package.json's form: entries of package-lock.json have it too.
pub fn dependencies(value: &Value, field: Field) -> impl Iterator<Item = Dependency<'_>> {
    let entries = value.get(field.key()).map(Value::entries).unwrap_or_default();
    entries.filter_map(move |entry| {
        let spec = entry.value.text()?;
        Some(Dependency { name: &entry.key, spec, field, entry })
    })
}

/// Whether a path may be a manifest of JavaScript: not one of a package that is installed.
#[must_use]
pub fn is_manifest(path: &str) -> bool {
    file_name(path) == "package.json" && !is_in(path, &["node_modules", "bower_components"])
}

/// What a `!` before a glob does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Negation {
    /// It takes out what any other glob brings, wherever it stands (pnpm, yarn 2 and later).
    Always,
    /// It takes out what globs before it bring; one after it that lies in it brings it back (npm).
    InOrder,
    /// It has no meaning (yarn 1).
    Never,
}

/// The globs of a workspace.
#[derive(Debug)]
pub struct Members {
    wanted: Vec<Glob>,
    unwanted: Vec<Glob>,
}

#[derive(Debug)]
struct Glob {
    text: String,
    matcher: GlobMatcher,
    is_of_hidden: bool,
}

impl Members {
    /// Reads globs.
    ///
    /// # Errors
    ///
    /// A glob of a form that is not known.
    pub fn new(globs: &[&str], negation: Negation) -> Result<Self, Unclear> {
        let mut members = Self { wanted: Vec::new(), unwanted: Vec::new() };
        for text in globs {
            let rest = text.trim_start_matches('!');
            let is_negated = (text.len() - rest.len()) % 2 == 1;
            if is_negated && negation == Negation::Never {
                continue;
            }
            let glob = Glob::new(rest)?;
            if is_negated {
                members.unwanted.push(glob);
                continue;
            }
            if negation == Negation::InOrder {
                members.unwanted.retain(|unwanted| !unwanted.matcher.is_match(&glob.text));
            }
            members.wanted.push(glob);
        }
        Ok(members)
    }

    /// Whether a folder, as seen from the root of the workspace, is a member.
    #[must_use]
    pub fn has(&self, folder: &str) -> bool {
        let is_match = |globs: &[Glob]| globs.iter().any(|glob| glob.is_match(folder));
        is_match(&self.wanted) && !is_match(&self.unwanted)
    }

    /// The package.json of every member of the workspace whose root is a folder, sorted; not that of the root itself.
    #[must_use]
    pub fn manifests(&self, tree: &Tree<'_>, root: &str) -> Vec<String> {
        let is_member = |path: &&&str| {
            let at = folder(path);
            at != root && is_manifest(path) && relative(root, at).is_some_and(|at| self.has(at))
        };
        tree.under(root).iter().filter(is_member).map(|path| (*path).to_owned()).collect()
    }
}

impl Glob {
    fn new(text: &str) -> Result<Self, Unclear> {
        let text = text.replace('\\', "/");
        let text = text.trim_start_matches("./").trim_start_matches('/').trim_end_matches('/');
        let unclear = || Unclear::new(format!("`{text}` is a glob of a form that gatepost does not know"));
        let is_extended = ["+(", "@(", "!(", "?(", "*("].iter().any(|mark| text.contains(mark));
        if is_extended {
            return Err(unclear());
        }
        let glob = GlobBuilder::new(text).literal_separator(true).build().map_err(|_| unclear())?;
        let is_of_hidden = text.split('/').any(|part| part.starts_with('.') && part != "..");
        Ok(Self { text: text.to_owned(), matcher: glob.compile_matcher(), is_of_hidden })
    }

    fn is_match(&self, folder: &str) -> bool {
        let is_hidden = folder.split('/').any(|part| part.starts_with('.') && part != ".");
        (!is_hidden || self.is_of_hidden) && self.matcher.is_match(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockfile::{Origin, Precision};

    fn package(text: &str) -> PackageJson {
        PackageJson::parse(&Source::new("package.json", text)).unwrap()
    }

    #[test]
    fn what_is_asked_for() {
        let text = r#"{
  "name": "x", "version": "1.0.0",
  "dependencies": {"a": "^1", "b": "1.0.0", "odd": 1},
  "devDependencies": {"c": "npm:other@latest"},
  "optionalDependencies": {"b": "1.0.0"},
  "peerDependencies": {"d": "o/p"}
}"#;
        let declared = package(text).declared();
        let told: Vec<_> = declared.iter().map(|d| (d.name.as_str(), d.kind, d.precision)).collect();
        assert_eq!(
            told,
            [
                ("a", Kind::Production, Precision::Range),
                ("other", Kind::Development, Precision::Any),
                ("b", Kind::Optional, Precision::Exact),
                ("d", Kind::Peer, Precision::None),
            ]
        );
        assert_eq!(text.get(declared[0].span.clone()), Some("\"a\": \"^1\""));
        assert!(matches!(&declared[3].origin, Origin::Git { url, .. } if url.contains("o/p")));
    }

    #[test]
    fn what_is_no_map_is_no_manifest() {
        assert!(PackageJson::parse(&Source::new("package.json", "[]")).is_err());
        assert_eq!(PackageJson::parse(&Source::new("package.json", "{\n,}")).unwrap_err().line, Some(2));
    }

    #[test]
    fn globs_stand_for_folders() {
        let has = |globs: &[&str], negation, folder: &str| Members::new(globs, negation).unwrap().has(folder);
        let always = Negation::Always;
        assert!(has(&["packages/*"], always, "packages/a"));
        assert!(has(&["./packages/*/"], always, "packages/a"));
        assert!(!has(&["packages/*"], always, "packages/a/b"));
        assert!(has(&["packages/**"], always, "packages/a/b"));
        assert!(has(&["{apps,libs}/*"], always, "libs/a"));
        assert!(!has(&["packages/*"], always, "packages/.a"));
        assert!(!has(&["packages/*", "!packages/a"], always, "packages/a"));
        assert!(!has(&["!packages/a", "packages/a"], always, "packages/a"));
        assert!(has(&["!packages/a", "packages/a"], Negation::InOrder, "packages/a"));
        assert!(has(&["packages/*", "!packages/a"], Negation::Never, "packages/a"));
        assert!(Members::new(&["packages/!(a)"], always).is_err());
    }

    #[test]
    fn members_are_those_of_the_tree() {
        let read = |_: &str, _: u64| Ok(Some(b"{}".to_vec()));
        let paths = vec![
            "w/package.json",
            "w/p/a/package.json",
            "w/p/node_modules/b/package.json",
            "p/c/package.json",
        ];
        let tree = Tree::new(paths, &read);
        let members = Members::new(&["**"], Negation::Always).unwrap();
        assert_eq!(members.manifests(&tree, "w"), ["w/p/a/package.json"]);
        let list = package(r#"{"workspaces": {"packages": ["a", "b"]}}"#);
        assert_eq!(list.workspaces().unwrap(), ["a", "b"]);
        assert_eq!(package("{}").workspaces(), None);
    }
}
