//! What a folder of Terraform and the modules that it calls ask for.

use super::constraint::{self, Part};
use super::files::{files_of, is_local, is_override, links_of, terragrunt_of, tests_of};
use super::written::{BUILTIN, Required, address, literal, prefix, required_blocks, required_in, root_name};
use super::{Tool, hcl};
use crate::lockfile::ecosystem::{Breaks, Drift, Place, Reason, Source, Unclear, Verdict};
use crate::lockfile::tree::{Tree, join};
use hcl_edit::Span as _;
use hcl_edit::structure::{Block, BlockLabel, Body, Structure};
use std::collections::{HashMap, HashSet};

/// A provider that is asked for.
#[derive(Debug)]
pub(super) struct Asked {
    /// With its host: `registry.terraform.io/hashicorp/aws`.
    pub address: String,
    pub constraint: Option<String>,
    pub parts: Vec<Part>,
    pub place: Place,
}

/// What a root and the modules that it calls ask for.
#[derive(Debug)]
pub(super) struct Walk {
    pub asked: Vec<Asked>,
    pub verdict: Verdict,
    tool: Tool,
}

/// The names of providers in one module.
#[derive(Debug, Default)]
struct Names {
    /// With their addresses; an empty one is not known.
    known: HashMap<String, String>,
    /// What is not read may give further names to providers.
    is_open: bool,
}

pub(super) fn walk(tree: &Tree<'_>, root: &str, tool: Tool) -> Walk {
    let mut walk = Walk { asked: Vec::new(), verdict: Verdict::default(), tool };
    for path in tests_of(tree, root) {
        walk.test(tree, path);
    }
    let terragrunt = terragrunt_of(tree, root);
    let is_generated = terragrunt.is_some();
    if let Some(path) = terragrunt {
        walk.unread(&path, "what Terragrunt makes of it is not known");
    }
    let mut seen = HashSet::from([root.to_owned()]);
    let mut waiting = vec![root.to_owned()];
    while let Some(at) = waiting.pop() {
        for called in walk.module(tree, &at, is_generated && at == root) {
            if seen.insert(called.clone()) {
                waiting.push(called);
            }
        }
    }
    walk
}

impl Walk {
    fn unread(&mut self, path: &str, why: &str) {
        let place = Place { path: path.to_owned(), span: None };
        self.verdict.unclear(Unclear::at(format!("{path}: {why}"), place));
    }

    /// A test without providers and modules of its own asks for nothing.
    fn test(&mut self, tree: &Tree<'_>, path: &str) {
        let is_plain = |block: &Block| match block.ident.as_str() {
            "run" => block
                .body
                .iter()
                .filter_map(Structure::as_block)
                .all(|inner| inner.ident.as_str() != "module"),
            name => matches!(name, "variables" | "test"),
        };
        let body =
            tree.read(path).ok().filter(|_| path.ends_with("test.hcl")).and_then(|source| hcl(&source).ok());
        if !body.is_some_and(|body| body.iter().filter_map(Structure::as_block).all(is_plain)) {
            self.unread(path, "what tests and queries ask for is not read");
        }
    }

    /// The files of a folder that can be read, and whether others may say what providers are called.
    fn bodies(&mut self, tree: &Tree<'_>, at: &str) -> (Vec<(Source, Body)>, bool) {
        let mut bodies = Vec::new();
        let mut is_open = false;
        for path in links_of(tree, at) {
            is_open = true;
            self.unread(path, "a symbolic link, which is not followed");
        }
        for path in files_of(tree, at) {
            if !path.ends_with(".tf") {
                is_open = true;
                self.unread(path, "of the forms of configuration only *.tf is read");
                continue;
            }
            match tree.read(path).map(|source| (hcl(&source), source)) {
                Ok((Ok(body), source)) => bodies.push((source, body)),
                Ok((Err(unclear), _)) => {
                    is_open = true;
                    self.verdict.unclear(unclear);
                }
                Err(unread) => {
                    is_open = true;
                    self.verdict.unread(path, &unread);
                }
            }
        }
        (bodies, is_open)
    }

    /// Reads the files of a folder; the folders of the modules that they call.
    fn module(&mut self, tree: &Tree<'_>, at: &str, is_generated: bool) -> Vec<String> {
        let (mut bodies, is_open) = self.bodies(tree, at);
        // What is written again in an override, or by OpenTofu's file of the same name, does not count where it stands first.
        let is_again = |path: &str| is_override(path) || path.contains(".tofu");
        let links = links_of(tree, at);
        let is_certain = !files_of(tree, at)
            .into_iter()
            .chain(links)
            .any(|path| is_again(path) && !self.is_harmless(tree, path));
        bodies.retain(|(source, _)| !is_override(&source.path));
        let mut names = Names { known: HashMap::new(), is_open: is_open || is_generated };
        if is_certain {
            self.requirements(&bodies, &mut names);
        }
        let mut called = Vec::new();
        for (source, body) in &bodies {
            for block in body.iter().filter_map(Structure::as_block) {
                if is_certain {
                    self.block(source, block, &names);
                }
                if block.ident.as_str() == "module" {
                    called.extend(self.call(tree, source, block, at));
                }
            }
        }
        called
    }

    /// Whether an override leaves alone what this is about; otherwise it is told.
    fn is_harmless(&mut self, tree: &Tree<'_>, path: &str) -> bool {
        let body =
            tree.read(path).ok().filter(|_| path.ends_with(".tf")).and_then(|source| hcl(&source).ok());
        let is_other = |block: &Block| {
            let has = |key: &str| block.body.get_attribute(key).is_some();
            match block.ident.as_str() {
                "terraform" => block
                    .body
                    .iter()
                    .filter_map(Structure::as_block)
                    .all(|inner| inner.ident.as_str() == "backend"),
                "provider" => !has("version"),
                "module" => !has("source"),
                "resource" | "data" => !has("provider"),
                name => matches!(name, "variable" | "output" | "locals"),
            }
        };
        let is_harmless = body.is_some_and(|body| body.iter().filter_map(Structure::as_block).all(is_other));
        if !is_harmless {
            self.unread(path, "it takes the place of what other files say, and is not read");
        }
        is_harmless
    }

    fn requirements(&mut self, bodies: &[(Source, Body)], names: &mut Names) {
        let mut is_second = false;
        for (source, body) in bodies {
            for block in required_blocks(body) {
                if is_second {
                    let place = source.place(&block.span().unwrap_or_default());
                    let what = "a module has `required_providers` twice: it may have one";
                    let reason = Reason::new(Drift::Repeated, Breaks::Both, what, self.tool.init());
                    self.verdict.drift(reason.in_manifest(place));
                }
                is_second = true;
                for required in required_in(&block.body) {
                    self.required(source, required, &mut names.known);
                }
            }
        }
    }

    fn required(&mut self, source: &Source, required: Required, locals: &mut HashMap<String, String>) {
        let place = source.place(&required.span);
        let name = required.source.as_deref().unwrap_or(&required.name);
        let Some(address) = address(name, self.tool.registry()).filter(|_| !required.is_computed) else {
            let why = format!("the source or the version of the provider {} is not read", required.name);
            self.verdict.unclear(Unclear::at(why, place));
            // Resources of it are of a provider that nobody can name.
            locals.insert(required.name, String::new());
            return;
        };
        locals.insert(required.name, address.clone());
        let version = required.version.as_ref();
        self.ask(address, version.map(|(text, span)| (text.as_str(), source.place(span))), place);
    }

    fn ask(&mut self, address: String, version: Option<(&str, Place)>, place: Place) {
        let mut parts = Vec::new();
        if let Some((text, at)) = &version {
            match constraint::parse(text) {
                Some(found) => parts = found,
                None => {
                    let what = format!("`{text}` is no constraint of versions that Terraform takes");
                    let reason = Reason::new(Drift::Unreadable, Breaks::Both, what, self.tool.init());
                    self.verdict.drift(reason.dependency(address.clone()).in_manifest(at.clone()));
                }
            }
        }
        let constraint = version.as_ref().map(|(text, _)| (*text).to_owned());
        let place = version.map_or(place, |(_, at)| at);
        self.asked.push(Asked { address, constraint, parts, place });
    }

    /// What a block implies: the provider of a resource, and one that is configured.
    fn block(&mut self, source: &Source, block: &Block, names: &Names) {
        let place = source.place(&block.span().unwrap_or_default());
        let kind = block.ident.as_str();
        let label = block.labels.first().map(BlockLabel::as_str).unwrap_or_default();
        match kind {
            "resource" | "data" | "ephemeral" => {
                let own = block.body.get_attribute("provider").map(|attribute| root_name(&attribute.value));
                match own {
                    Some(None) => {
                        self.verdict.unclear(Unclear::at("the provider of a resource is computed", place));
                    }
                    Some(Some(name)) => self.imply(name, None, place, names),
                    None => self.imply(prefix(label), None, place, names),
                }
            }
            "provider" => {
                let version = block.body.get_attribute("version");
                let text = version.and_then(|version| literal(&version.value));
                if version.is_some() && text.is_none() {
                    let why = format!("the version of the provider {label} is computed");
                    self.verdict.unclear(Unclear::at(why, place));
                    return;
                }
                self.imply(label, text.map(|(text, span)| (text, source.place(&span))), place, names);
            }
            "check" => {
                for inner in block.body.iter().filter_map(Structure::as_block) {
                    if inner.ident.as_str() == "data" {
                        self.block(source, inner, names);
                    }
                }
            }
            "import" => {
                let named = ["provider", "to"].iter().find_map(|key| block.body.get_attribute(key));
                match named.and_then(|attribute| Some((attribute.key.as_str(), root_name(&attribute.value)?)))
                {
                    Some(("provider", name)) => self.imply(name, None, place, names),
                    Some((_, name)) if name != "module" => self.imply(prefix(name), None, place, names),
                    _ => self.verdict.unclear(Unclear::at("the target of an import is not read", place)),
                }
            }
            "action" | "list" | "state_store" => {
                let why = format!("which provider a block `{kind}` needs is not read");
                self.verdict.unclear(Unclear::at(why, place));
            }
            _ => {}
        }
    }

    fn imply(&mut self, name: &str, version: Option<(&str, Place)>, place: Place, names: &Names) {
        let known = names.known.get(name).cloned();
        if known.is_none() && names.is_open {
            return;
        }
        let tool = self.tool;
        let implied =
            || if name == "terraform" { Some(BUILTIN.to_owned()) } else { address(name, tool.registry()) };
        match known.or_else(implied) {
            Some(address) if address.is_empty() => {}
            Some(address) => self.ask(address, version, place),
            None => self.verdict.unclear(Unclear::at(format!("`{name}` names no provider"), place)),
        }
    }

    /// The folder of the module that is called, where it lies in this tree.
    fn call(&mut self, tree: &Tree<'_>, source: &Source, block: &Block, at: &str) -> Option<String> {
        let place = source.place(&block.span().unwrap_or_default());
        let from = block.body.get_attribute("source").and_then(|source| literal(&source.value));
        let (from, _) = from.unwrap_or_default();
        let is_local = is_local(from);
        let folder = if is_local { join(at, from) } else { None };
        let why = match folder {
            Some(folder) if !files_of(tree, &folder).is_empty() => return Some(folder),
            _ if is_local => format!("the module {from} is not in this repository"),
            _ => format!("what the module {from} asks for stands elsewhere"),
        };
        self.verdict.unclear(Unclear::at(why, place));
        None
    }
}
