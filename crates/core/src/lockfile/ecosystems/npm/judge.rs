//! lockfileVersion 2 and 3: a walk over `packages` with every edge valid, and the record of every manifest.

use super::edges::{self, Edge, Fault, Kind, Rules};
use super::graph::{Graph, Node, installed_name, is_installed, locate};
use super::overrides::{Overrides, Ruled};
use super::record::{self, DEPENDENCIES};
use super::{MEND, Project, legacy, members};
use crate::lockfile::data::{Entry, Value};
use crate::lockfile::ecosystem::{Breaks, Drift, Place, Reason, Unclear, Verdict};
use crate::lockfile::package_json::PackageJson;
use crate::lockfile::tree::{folder, join, relative};
use std::collections::{BTreeMap, HashMap, HashSet};

pub(super) fn judge(project: &Project<'_>, verdict: &mut Verdict) {
    let Some(graph) = read(project, verdict) else { return };
    let members = match members(project.tree, project.folder, &project.manifest) {
        Ok(members) => members,
        Err(unclear) => return verdict.unclear(unclear),
    };
    let overrides = Overrides::new(&project.manifest.value);
    let rules = Rules {
        graph: &graph,
        overrides: &overrides,
        root: &project.manifest.value,
        is_legacy: project.settings.is_legacy,
        is_installing_links: project.settings.is_installing_links,
    };
    let mut walk = Walk {
        project,
        rules,
        members: named(project, &members),
        verdict,
        rule_of: HashMap::new(),
        reached: HashSet::new(),
        told: HashSet::new(),
        perhaps: HashSet::new(),
        is_perhaps: false,
        noted: HashMap::new(),
    };
    if project.value.get("lockfileVersion").and_then(Value::scalar) == Some("2") {
        walk.noted = legacy::entries(&project.value);
        legacy::compare(project, &graph, walk.verdict);
    }
    walk.all();
    walk.records();
    walk.leftovers();
    walk.flags();
}

/// The locations of the lock; `None`: there is nothing to go on with.
fn read<'a>(project: &'a Project<'_>, verdict: &mut Verdict) -> Option<Graph<'a>> {
    let packages = project.value.get("packages").and_then(Value::map);
    let Some(packages) = packages.filter(|packages| packages.get("").is_some()) else {
        let what = format!("{} has no entry of the project itself in `packages`", project.lock.path);
        let reason = Reason::new(Drift::Unreadable, Breaks::Both, what, MEND);
        verdict.drift(reason.in_lock(project.lock.whole()));
        return None;
    };
    for entry in packages.repeated() {
        let what = format!("{} is there twice in {}", shown(&entry.key), project.lock.path);
        let reason = Reason::new(Drift::Repeated, Breaks::Both, what, MEND);
        // JSON has one meaning for that, the last: whether npm would write anything else nobody can tell.
        verdict.drift(reason.in_lock(project.lock.place(&entry.span)));
    }
    let mut graph = Graph::default();
    let mut targets = HashSet::new();
    for entry in packages {
        if packages.entry(&entry.key).is_some_and(|last| last.span != entry.span) {
            continue;
        }
        let is_link = entry.value.get("link").and_then(Value::bool) == Some(true);
        let target = is_link.then(|| locate("", entry.value.text_of("resolved").unwrap_or_default()));
        targets.extend(target.clone().filter(|target| !is_installed(target)));
        let span = entry.span.start..entry.span.end;
        graph.add(Node { location: &entry.key, entry: &entry.value, span, target, manifest: None });
    }
    let mut is_whole = true;
    for node in &graph.nodes {
        let Some(target) = node.target.as_deref().filter(|target| graph.at(target).is_none()) else {
            continue;
        };
        let what = format!("{} leads to {}, which is not in the lock", shown(node.location), shown(target));
        let reason = Reason::new(
            Drift::LockIncomplete,
            Breaks::Both,
            what,
            format!("rm {} && {MEND}", project.lock.path),
        );
        verdict.drift(reason.in_lock(project.lock.place(&node.span)));
        is_whole = false;
    }
    for node in &mut graph.nodes {
        if node.location.is_empty() {
            node.manifest = Some(project.manifest.clone());
        } else if targets.contains(node.location) {
            node.manifest = manifest_at(project, node.location);
        }
    }
    is_whole.then_some(graph)
}

fn manifest_at(project: &Project<'_>, location: &str) -> Option<PackageJson> {
    let path = join(project.folder, &format!("{location}/package.json"))?;
    PackageJson::parse(&project.tree.read(&path).ok()?).ok()
}

/// The members: the location and the name of each.
fn named(project: &Project<'_>, members: &[String]) -> BTreeMap<String, (String, PackageJson)> {
    let of = |path: &String| {
        let location = relative(project.folder, folder(path))?.to_owned();
        let package = PackageJson::parse(&project.tree.read(path).ok()?).ok()?;
        let name = if package.name().is_empty() {
            super::graph::folder_name(&location).to_owned()
        } else {
            package.name().to_owned()
        };
        Some((location, (name, package)))
    };
    members.iter().filter_map(of).collect()
}

struct Walk<'w, 'a> {
    project: &'a Project<'a>,
    rules: Rules<'a>,
    members: BTreeMap<String, (String, PackageJson)>,
    verdict: &'w mut Verdict,
    /// Of every node that was come to the rule of the overrides under which that was.
    rule_of: HashMap<usize, usize>,
    reached: HashSet<usize>,
    /// Names at locations of which a reason was given: the record is not told again.
    told: HashSet<(String, String)>,
    /// Nodes that only optional peers lead to: some versions of npm keep them, others do not.
    perhaps: HashSet<usize>,
    is_perhaps: bool,
    /// The entries of `dependencies` in lockfileVersion 2.
    noted: HashMap<String, &'a Entry>,
}

/// How far npm itself looks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sight {
    /// From the root, not through links: every edge is looked at.
    Full,
    /// A folder that a link leads to: its own edges are looked at.
    Linked,
    /// What only such a folder needs: npm does not look at it.
    Beyond,
}

impl<'a> Walk<'_, 'a> {
    fn all(&mut self) {
        let graph = self.rules.graph;
        let Some(root) = graph.at("") else { return };
        let mut linked = Vec::new();
        self.walk(vec![(root, 0, Sight::Full)], &mut linked);
        let mut beyond = Vec::new();
        while let Some((index, rule)) = linked.pop() {
            let mut more = Vec::new();
            self.step(index, rule, Sight::Linked, &mut beyond, &mut more);
            linked.extend(more);
        }
        let beyond = beyond.into_iter().map(|(index, rule, _)| (index, rule, Sight::Beyond)).collect();
        let mut more = Vec::new();
        self.walk(beyond, &mut more);
        self.through_links(more);
        self.is_perhaps = true;
        let unsure: Vec<usize> = self.perhaps.difference(&self.reached).copied().collect();
        let mut more = Vec::new();
        self.walk(unsure.into_iter().map(|index| (index, 0, Sight::Beyond)).collect(), &mut more);
        self.through_links(more);
    }

    fn through_links(&mut self, mut linked: Vec<(usize, usize)>) {
        while let Some((index, rule)) = linked.pop() {
            self.walk(vec![(index, rule, Sight::Beyond)], &mut linked);
        }
    }

    fn walk(&mut self, mut queue: Vec<(usize, usize, Sight)>, linked: &mut Vec<(usize, usize)>) {
        while let Some((index, rule, sight)) = queue.pop() {
            self.step(index, rule, sight, &mut queue, linked);
        }
    }

    /// Looks at a node's edges and puts what they lead to in the queues.
    fn step(
        &mut self,
        index: usize,
        rule: usize,
        sight: Sight,
        queue: &mut Vec<(usize, usize, Sight)>,
        linked: &mut Vec<(usize, usize)>,
    ) {
        let known = self.rule_of.get(&index).copied();
        // What is come to under several rules stands under the innermost.
        let is_news = known.is_none_or(|known| known != rule && self.rules.overrides.is_within(rule, known));
        if !is_news {
            return;
        }
        self.rule_of.insert(index, rule);
        self.reach(index);
        let graph: &'a Graph<'a> = self.rules.graph;
        let Some(node) = graph.node(index) else { return };
        let members = std::mem::take(&mut self.members);
        let mut edges = edges::edges(node, self.rules.is_legacy);
        if node.location.is_empty() {
            edges.retain(|edge| !members.values().any(|(name, _)| name == edge.name));
            edges.extend(members.iter().map(|(location, (name, _))| edges::member(name, location)));
        }
        for edge in &edges {
            let ruled = self.rules.ruled(node, rule, edge);
            let is_direct = node.location.is_empty() && edge.kind != Kind::Member;
            if is_direct && ruled.spec.as_ref().is_some_and(|spec| *spec != edge.spec) {
                self.contradicted(node, edge, &ruled);
                continue;
            }
            if let Some(fault) = self.rules.fault(node, edge, &ruled) {
                self.fault(node, edge, ruled.spec.as_deref(), &fault, sight);
            }
            self.note(node, edge, &ruled);
            if let Some(to) = graph.resolve(node.location, edge.name) {
                if edge.kind == Kind::PeerOptional && !self.is_perhaps {
                    self.perhaps.insert(to);
                    continue;
                }
                self.reach(to);
                let target = graph.target(to);
                if target == to {
                    queue.push((to, ruled.rule, sight));
                } else {
                    linked.push((target, ruled.rule));
                }
            }
        }
        self.members = members;
    }

    fn reach(&mut self, index: usize) {
        if self.is_perhaps {
            self.perhaps.insert(index)
        } else {
            self.reached.insert(index)
        };
    }

    /// npm takes no override of what the project itself asks for otherwise.
    fn contradicted(&mut self, root: &Node<'_>, edge: &Edge<'_>, ruled: &Ruled) {
        let spec = ruled.spec.as_deref().unwrap_or_default();
        let what =
            format!("the override of {} by {spec} contradicts the dependency {}", edge.name, edge.spec);
        let mend = format!("say the same in both, then {MEND}");
        let reason = Reason::new(Drift::SettingsDiffer, Breaks::Both, what, mend).dependency(edge.name);
        let place = self.place_of(root, edge);
        self.verdict.drift(reason.in_manifest(place).expected(spec).found(&*edge.spec));
    }

    /// Whether the half of the lock that npm 6 reads says the same.
    fn note(&mut self, from: &Node<'_>, edge: &Edge<'_>, ruled: &Ruled) {
        let spec = ruled.spec.as_deref().unwrap_or(&edge.spec);
        let Some(entry) = self.noted.get(from.location).filter(|_| from.is_installed()) else { return };
        if !legacy::is_noted(entry, edge, spec) {
            legacy::tell(
                self.project,
                from,
                edge.name,
                "is needed otherwise in `dependencies`",
                self.verdict,
            );
        }
    }

    fn fault(
        &mut self,
        from: &Node<'_>,
        edge: &Edge<'_>,
        overridden: Option<&str>,
        fault: &Fault,
        sight: Sight,
    ) {
        let graph = self.rules.graph;
        let wanted = overridden.unwrap_or(&edge.spec);
        let who =
            if from.location.is_empty() { String::new() } else { format!(" by {}", shown(from.location)) };
        let asked = format!("{} {wanted}, asked for{who},", edge.name);
        let found = graph.resolve(from.location, edge.name).map(|to| graph.version(to)).unwrap_or_default();
        let what = match fault {
            Fault::Missing if edge.kind == Kind::Member => {
                format!("{} is a member of the workspace and is not in the lock", edge.name)
            }
            Fault::Missing => format!("{asked} is not in the lock"),
            Fault::Version(_) => format!("{asked} is locked at {found}"),
            Fault::Source(_) => format!("{asked} is locked from elsewhere"),
            Fault::Spec(why) => format!("{}: {why}", edge.name),
            Fault::Unclear(why) => format!("{}: {why}", edge.name),
        };
        let place = self.place_of(from, edge);
        let is_own = from.manifest.is_some();
        // The overrides do not always reach what a member asks for.
        let is_linked_rule = sight == Sight::Linked && overridden.is_some_and(|spec| spec != edge.spec);
        let is_odd = is_linked_rule || self.is_odd(from, edge, fault, sight);
        if sight == Sight::Beyond || is_odd {
            let why = if sight == Sight::Beyond { format!("{what}; npm does not look there") } else { what };
            return self.verdict.unclear(Unclear::at(why, place));
        }
        self.told.insert((from.location.to_owned(), edge.name.to_owned()));
        let drift = match fault {
            Fault::Missing if edge.kind == Kind::Member => Drift::MembersDiffer,
            Fault::Missing if is_own => Drift::NotLocked,
            _ if overridden.is_some() => Drift::SettingsDiffer,
            Fault::Missing => Drift::LockIncomplete,
            _ if is_own => Drift::LockedDifferently,
            _ => Drift::LockIncomplete,
        };
        let breaks = match fault {
            Fault::Source(_) => Breaks::RewriteAndPerhapsStrict,
            _ if edge.kind == Kind::PeerOptional => Breaks::RewriteAndPerhapsStrict,
            // What one member asks of another npm 8 does not compare.
            Fault::Version(to) if sight == Sight::Linked && graph.target(*to) != *to => {
                Breaks::RewriteAndPerhapsStrict
            }
            _ => Breaks::Both,
        };
        let mut reason = Reason::new(drift, breaks, what, MEND).dependency(edge.name).expected(wanted);
        if !found.is_empty() {
            reason = reason.found(found);
        }
        reason = if is_own { reason.in_manifest(place) } else { reason.in_lock(place) };
        if let Some(to) = graph.resolve(from.location, edge.name).and_then(|to| graph.node(to)) {
            reason = reason.in_lock(self.project.lock.place(&to.span));
        }
        self.verdict.drift(reason);
    }

    /// Faults of which npm itself, or one version of it and not another, makes nothing.
    fn is_odd(&self, from: &Node<'_>, edge: &Edge<'_>, fault: &Fault, sight: Sight) -> bool {
        let is_own = sight == Sight::Linked || from.location.is_empty();
        let is_bundling = from.is("inBundle") || from.is("hasShrinkwrap");
        let is_bundled = !is_own
            && from.entry.get("bundleDependencies").is_some_and(|names| {
                names.bool() == Some(true) || names.items().any(|name| name.text() == Some(edge.name))
            });
        let is_peer = matches!(edge.kind, Kind::Peer | Kind::PeerOptional);
        // Peers that contradict one another are left as they are, and what is optional may have been left out.
        let is_conflict = is_peer && !is_own && *fault != Fault::Missing;
        let is_left_out = edge.kind == Kind::Optional && !is_own && *fault == Fault::Missing;
        is_bundling || is_bundled || is_conflict || is_left_out || matches!(fault, Fault::Unclear(_))
    }

    fn place_of(&self, from: &Node<'_>, edge: &Edge<'_>) -> Place {
        let source = from.manifest.as_ref().map_or(&self.project.lock, |manifest| &manifest.source);
        match edge.written {
            Some(entry) => source.place(&(entry.span.start..entry.value.span.end)),
            None => {
                let globs = self.project.manifest.value.map().and_then(|map| map.entry("workspaces"));
                globs.map_or_else(|| source.whole(), |entry| source.place(&entry.span))
            }
        }
    }

    /// The records of the root and of every folder that is linked.
    fn records(&mut self) {
        let graph = self.rules.graph;
        for index in 0..graph.nodes.len() {
            let Some(node) = graph.node(index).filter(|_| self.reached.contains(&index)) else { continue };
            if let Some(manifest) = &node.manifest {
                self.record(node, manifest);
            }
        }
        let name = self.project.manifest.name();
        for (key, wanted) in [("name", name), ("version", self.project.manifest.version())] {
            let has = self.project.value.text_of(key).unwrap_or_default();
            // A project without a name is called by its folder, and nobody knows what that is called elsewhere.
            if has != wanted && !(key == "name" && wanted.is_empty()) {
                let what = format!("{} says {key} {has}, the manifest says {wanted}", self.project.lock.path);
                let span =
                    self.project.value.map().and_then(|map| map.entry(key)).map(|entry| entry.span.clone());
                let place = self.project.lock.place(&span.unwrap_or(0..0));
                let reason = Reason::new(Drift::RecordStale, Breaks::Rewrite, what, MEND);
                self.verdict.drift(reason.in_lock(place).expected(wanted).found(has));
            }
        }
    }

    fn record(&mut self, node: &Node<'_>, manifest: &PackageJson) {
        for field in DEPENDENCIES {
            let wanted = record::dependencies(&manifest.value, field);
            let noted = record::dependencies(node.entry, field);
            for (name, value) in &wanted {
                let has = noted.get(name);
                let is_same = has.is_some_and(|has| has.is_same(value));
                if is_same || self.told.contains(&(node.location.to_owned(), (*name).to_owned())) {
                    continue;
                }
                let (asked, has_text) =
                    (value.scalar().unwrap_or_default(), has.and_then(|has| has.scalar()));
                let what = format!(
                    "{name} {asked} of {field} is written down as {} in the lock",
                    has_text.unwrap_or("nothing")
                );
                let mut reason = Reason::new(Drift::RecordStale, Breaks::Rewrite, what, MEND)
                    .dependency(*name)
                    .in_manifest(manifest.place(&value.span))
                    .expected(asked);
                let place = has.map_or(&node.span, |has| &has.span);
                reason = reason.in_lock(self.project.lock.place(place));
                self.verdict.drift(reason.found(has_text.unwrap_or("nothing")));
            }
            for (name, value) in noted.iter().filter(|(name, _)| !wanted.contains_key(*name)) {
                let what = format!(
                    "{name} is written down under {field} in the lock, the manifest does not have it there"
                );
                let reason = Reason::new(Drift::RecordStale, Breaks::Rewrite, what, MEND).dependency(*name);
                let reason =
                    reason.found(value.scalar().unwrap_or_default()).in_manifest(manifest.source.whole());
                self.verdict.drift(reason.in_lock(self.project.lock.place(&value.span)));
            }
        }
        for (field, wanted, has) in record::differing(node, manifest) {
            let what = format!("`{field}` of {} is written down otherwise in the lock", manifest.source.path);
            let entry = manifest.value.map().and_then(|map| map.entry(field));
            let place = entry.map_or_else(|| manifest.source.whole(), |entry| manifest.place(&entry.span));
            let noted =
                node.entry.map().and_then(|map| map.entry(field)).map_or(&node.span, |entry| &entry.span);
            let drift = if field == "workspaces" { Drift::MembersDiffer } else { Drift::RecordStale };
            let reason = Reason::new(drift, Breaks::Rewrite, what, MEND).in_manifest(place);
            self.verdict.drift(reason.in_lock(self.project.lock.place(noted)).expected(wanted).found(has));
        }
    }

    /// What nothing asks for.
    fn leftovers(&mut self) {
        let graph = self.rules.graph;
        let targets: HashSet<usize> = self.reached.iter().map(|index| graph.target(*index)).collect();
        for (index, node) in graph.nodes.iter().enumerate() {
            let is_needed = self.reached.contains(&index) || targets.contains(&index);
            if is_needed || node.location.is_empty() || graph.is_taken_as_it_is(index) {
                continue;
            }
            if self.perhaps.contains(&index) {
                let what =
                    format!("{} is in the lock, and only optional peers ask for it", shown(node.location));
                let place = self.project.lock.place(&node.span);
                self.verdict.unclear_for(Breaks::Rewrite, Unclear::at(what, place));
                continue;
            }
            let is_member = !node.is_installed() || node.target.is_some();
            let (drift, what) = if is_member {
                (
                    Drift::MembersDiffer,
                    format!("{} is in the lock and is no member any more", shown(node.location)),
                )
            } else {
                (
                    Drift::NotAskedFor,
                    format!("{} is in the lock and nothing asks for it", shown(node.location)),
                )
            };
            let reason = Reason::new(drift, Breaks::Rewrite, what, MEND);
            let reason = reason.dependency(installed_name(node.location)).found(graph.version(index));
            self.verdict.drift(reason.in_lock(self.project.lock.place(&node.span)));
        }
    }
}

impl Walk<'_, '_> {
    /// What is marked as for developing alone although what is shipped needs it, and the reverse.
    fn flags(&mut self) {
        let graph = self.rules.graph;
        let mut shipped = HashSet::new();
        let mut queue: Vec<usize> = graph.at("").into_iter().collect();
        while let Some(index) = queue.pop() {
            let index = graph.target(index);
            let Some(node) = graph.node(index).filter(|_| shipped.insert(index)) else { continue };
            let edges = edges::edges(node, self.rules.is_legacy);
            let kept = edges.iter().filter(|edge| edge.kind != Kind::Development);
            queue.extend(kept.filter_map(|edge| graph.resolve(node.location, edge.name)));
            if node.location.is_empty() {
                queue.extend(self.members.values().filter_map(|(name, _)| graph.resolve("", name)));
            }
        }
        for index in self.reached.iter().copied() {
            let Some(node) = graph.node(index).filter(|node| node.is_installed() && node.target.is_none())
            else {
                continue;
            };
            if node.is("dev") == shipped.contains(&index) && !graph.is_taken_as_it_is(index) {
                let what = format!(
                    "{} is marked wrongly as for developing, or for what is shipped",
                    shown(node.location)
                );
                let place = self.project.lock.place(&node.span);
                self.verdict.unclear_for(Breaks::Rewrite, Unclear::at(what, place));
            }
        }
    }
}

/// A location for people: what npm calls it.
fn shown(location: &str) -> &str {
    if location.is_empty() {
        "the project"
    } else {
        location.strip_prefix("node_modules/").unwrap_or(location)
    }
}
