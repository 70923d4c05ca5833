//! What packages ask for, and whether the lock has it: an edge is from a package to what it finds by a name.

use super::graph::{Graph, Node, locate};
use super::overrides::{Overrides, Ruled};
use crate::lockfile::data::{Entry, Value};
use crate::lockfile::npm_spec::{Git, Spec, is_commit, satisfies};
use crate::lockfile::package_json::{FIELDS, Field, dependencies};
use std::collections::HashMap;

/// What kind of edge it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Production,
    Development,
    Optional,
    Peer,
    PeerOptional,
    Member,
}

/// What a package asks for.
#[derive(Debug)]
pub(super) struct Edge<'a> {
    pub(super) name: &'a str,
    pub(super) kind: Kind,
    pub(super) spec: String,
    /// A further range that will do.
    accept: Option<&'a str>,
    /// Where it is written: in a manifest of the tree, or in the lock.
    pub(super) written: Option<&'a Entry>,
}

/// What is wrong with an edge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// Nothing is found by the name.
    Missing,
    /// What is found has a version that is not asked for.
    Version(usize),
    /// What is found comes from elsewhere: whether its version is the same nobody knows.
    Source(usize),
    /// What is asked for has no form that npm knows.
    Spec(String),
    /// It cannot be told; why.
    Unclear(&'static str),
}

/// What edges are judged by.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    pub(super) graph: &'a Graph<'a>,
    pub(super) overrides: &'a Overrides,
    pub(super) root: &'a Value,
    pub(super) is_legacy: bool,
    pub(super) is_installing_links: bool,
}

/// The edges of a package, by name; of several for one name the one that npm takes.
pub(super) fn edges<'a>(node: &'a Node<'_>, is_legacy: bool) -> Vec<Edge<'a>> {
    let meta = node.meta();
    let is_top = !node.is_installed();
    let accept = meta.get("acceptDependencies");
    let mut found: HashMap<&str, Edge<'a>> = HashMap::new();
    let order =
        [Field::PeerDependencies, Field::Dependencies, Field::OptionalDependencies, Field::DevDependencies];
    debug_assert_eq!(order.len(), FIELDS.len());
    for field in order {
        if (field == Field::PeerDependencies && is_legacy) || (field == Field::DevDependencies && !is_top) {
            continue;
        }
        for dependency in dependencies(meta, field) {
            let name = dependency.name;
            let kind = match field {
                Field::Dependencies => Kind::Production,
                Field::DevDependencies => Kind::Development,
                Field::OptionalDependencies => Kind::Optional,
                Field::PeerDependencies if is_optional_peer(meta, name) => Kind::PeerOptional,
                Field::PeerDependencies => Kind::Peer,
            };
            let accept = accept.and_then(|accept| accept.text_of(name));
            let written = Some(dependency.entry);
            found.insert(name, Edge { name, kind, spec: dependency.spec.to_owned(), accept, written });
        }
    }
    let mut edges: Vec<Edge<'a>> = found.into_values().collect();
    edges.sort_by(|one, two| one.name.cmp(two.name));
    edges
}

/// The edge from the root to a member.
pub(super) fn member<'a>(name: &'a str, location: &str) -> Edge<'a> {
    Edge { name, kind: Kind::Member, spec: format!("file:./{location}"), accept: None, written: None }
}

fn is_optional_peer(meta: &Value, name: &str) -> bool {
    meta.at(&["peerDependenciesMeta", name, "optional"]).and_then(Value::bool) == Some(true)
}

impl Rules<'_> {
    /// What an edge asks for under the overrides.
    pub(super) fn ruled(&self, from: &Node<'_>, rule: usize, edge: &Edge<'_>) -> Ruled {
        self.overrides.apply(rule, edge.name, &edge.spec, self.root, from.meta())
    }

    /// What is wrong with an edge; `None`: nothing.
    pub(super) fn fault(&self, from: &Node<'_>, edge: &Edge<'_>, ruled: &Ruled) -> Option<Fault> {
        let Some(to) = self.graph.resolve(from.location, edge.name) else {
            return (edge.kind != Kind::PeerOptional).then_some(Fault::Missing);
        };
        let is_peer = matches!(edge.kind, Kind::Peer | Kind::PeerOptional);
        let found = self.graph.node(to)?;
        if is_peer
            && from.is_installed()
            && found.location == format!("{}/node_modules/{}", from.location, edge.name)
        {
            return Some(Fault::Unclear("a package has its own peer below it"));
        }
        let own = self.valid(from, to, edge, &edge.spec, false);
        if self.graph.is_taken_as_it_is(to) {
            return own.err();
        }
        let Some(spec) = &ruled.spec else { return own.err() };
        let Err(fault) = self.valid(from, to, edge, spec, true) else { return None };
        // What does not take the override must at least not be what the override is about.
        let is_spared = own.is_ok() && self.valid(from, to, edge, &ruled.key_spec, false).is_err();
        (!is_spared).then_some(fault)
    }

    fn valid(
        &self,
        from: &Node<'_>,
        to: usize,
        edge: &Edge<'_>,
        spec: &str,
        is_ruled: bool,
    ) -> Result<(), Fault> {
        let result = self.matches(from, to, edge.name, spec, is_ruled);
        match edge.accept {
            Some(accept) if result.is_err() => self.matches(from, to, edge.name, accept, is_ruled),
            _ => result,
        }
    }

    fn matches(
        &self,
        from: &Node<'_>,
        to: usize,
        name: &str,
        spec: &str,
        is_ruled: bool,
    ) -> Result<(), Fault> {
        let Some(node) = self.graph.node(to) else { return Err(Fault::Missing) };
        let resolved = if node.target.is_some() { None } else { node.entry.text_of("resolved") };
        let check = |holds: bool, fault: Fault| if holds { Ok(()) } else { Err(fault) };
        match Spec::parse(spec.trim()) {
            Spec::Range(range) if matches!(range.as_str(), "" | "*") => Ok(()),
            Spec::Version(range) | Spec::Range(range) => self.version(to, &range),
            Spec::Alias { spec, .. } => match *spec {
                Spec::Version(range) | Spec::Range(range) if range != "*" => self.version(to, &range),
                Spec::Tag(_) => tag(resolved),
                _ => Ok(()),
            },
            Spec::Tag(_) => tag(resolved),
            Spec::Folder(path) => {
                if self.is_installing_links {
                    return Err(Fault::Unclear("`install-links` copies folders instead of linking them"));
                }
                let wanted = locate(self.folder_of(from, is_ruled), &path);
                check(node.target.as_deref() == Some(wanted.as_str()), Fault::Source(to))
            }
            Spec::File(path) => {
                let wanted = locate(self.folder_of(from, is_ruled), &path);
                let has =
                    resolved.and_then(|resolved| resolved.strip_prefix("file:")).map(|path| locate("", path));
                check(has.as_deref() == Some(wanted.as_str()), Fault::Source(to))
            }
            Spec::Url(url) => check(resolved == Some(url.as_str()), Fault::Source(to)),
            Spec::Git(git) => self.git(from, to, name, &git, resolved),
            Spec::Other { protocol, .. } => Err(Fault::Spec(format!("npm does not know `{protocol}:`"))),
            Spec::Invalid(why) => Err(Fault::Spec(format!("`{spec}` is {why}"))),
        }
    }

    fn version(&self, to: usize, range: &str) -> Result<(), Fault> {
        let holds = satisfies(self.graph.version(to), range) == Some(true);
        if holds { Ok(()) } else { Err(Fault::Version(to)) }
    }

    /// The folder from which a path is meant.
    fn folder_of<'n>(&self, from: &'n Node<'_>, is_ruled: bool) -> &'n str {
        if is_ruled { "" } else { from.location }
    }

    fn git(
        &self,
        from: &Node<'_>,
        to: usize,
        name: &str,
        wanted: &Git,
        resolved: Option<&str>,
    ) -> Result<(), Fault> {
        let Some(Spec::Git(locked)) = resolved.map(Spec::parse) else { return Err(Fault::Source(to)) };
        if !wanted.is_same_repository(&locked) {
            return Err(Fault::Source(to));
        }
        if let Some(range) = &wanted.range {
            return self.version(to, range);
        }
        let committish = wanted.committish.as_deref().unwrap_or_default();
        if is_commit(committish) {
            let is_other = wanted.hosted.is_some() && locked.committish.as_deref() != Some(committish);
            return if is_other { Err(Fault::Source(to)) } else { Ok(()) };
        }
        // A name may lead anywhere by now: what the lock noted of it is compared.
        let noted = [
            Field::Dependencies,
            Field::OptionalDependencies,
            Field::DevDependencies,
            Field::PeerDependencies,
        ]
        .iter()
        .find_map(|field| from.entry.get(field.key())?.text_of(name));
        match noted.map(Spec::parse) {
            Some(Spec::Git(noted)) if noted.committish.as_deref().unwrap_or_default() != committish => {
                Err(Fault::Source(to))
            }
            _ => Ok(()),
        }
    }
}

/// Of a tag no more can be said than that it was fetched from somewhere.
fn tag(resolved: Option<&str>) -> Result<(), Fault> {
    match resolved.map(Spec::parse) {
        Some(Spec::Url(_)) => Ok(()),
        Some(_) => Err(Fault::Unclear("a tag is asked for, and the lock has something from elsewhere")),
        None => {
            Err(Fault::Unclear("a tag is asked for, and the lock does not say where the package comes from"))
        }
    }
}
