//! What a compiled file and its sources have, by name.

use super::super::python::normal;
use super::asked::{Ask, Sources};
use super::command::{Command, Tool};
use super::entry::Entry;
use super::file::File;
use std::collections::{HashMap, HashSet};

/// Packages that pip-compile leaves out, unless it is told otherwise.
const UNSAFE: &[&str] = &["setuptools", "distribute", "pip"];

/// What is looked up by name.
#[derive(Debug, Default)]
pub(super) struct Index<'a> {
    pub(super) asks: HashMap<&'a str, Vec<&'a Ask>>,
    pub(super) limits: HashMap<&'a str, Vec<&'a Ask>>,
    pub(super) locked: HashMap<&'a str, Vec<&'a Entry>>,
    /// What is locked as it is written, without spaces, and by its address.
    pub(super) texts: HashMap<String, &'a Entry>,
    /// Sources that ask for something without a name.
    pub(super) nameless: HashSet<&'a str>,
    /// Whether something is locked without a name.
    pub(super) has_nameless: bool,
    /// Packages that the command leaves out.
    pub(super) left_out: HashSet<String>,
}

impl<'a> Index<'a> {
    /// Of a file, the command that made it and its sources.
    pub(super) fn new(file: &'a File, command: Option<&Command>, sources: &'a Sources) -> Self {
        let mut index = Self::default();
        for (asks, into) in [(&sources.asks, &mut index.asks), (&sources.limits, &mut index.limits)] {
            for ask in asks {
                match ask.name() {
                    Some(name) => into.entry(name).or_default().push(ask),
                    None => drop(index.nameless.insert(&*ask.source.path)),
                }
            }
        }
        for entry in &file.entries {
            match &entry.name {
                Some(name) => index.locked.entry(name).or_default().push(entry),
                None => index.has_nameless = true,
            }
            index.texts.insert(plain(&entry.text), entry);
            index.texts.insert(plain(address(&entry.text)), entry);
        }
        let named = command.map_or_else(Vec::new, |command| {
            command.values(&["--unsafe-package", "--no-emit-package", "--no-install-package"])
        });
        index.left_out = named.into_iter().map(normal).collect();
        let is_pip_compile = command.is_none_or(|command| command.tool != Tool::UvCompile);
        if is_pip_compile && !command.is_some_and(|command| command.has("--allow-unsafe")) {
            index.left_out.extend(UNSAFE.iter().map(|name| (*name).to_owned()));
        }
        index
    }
}

/// A requirement without its spaces.
pub(super) fn plain(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The address of `name @ address`; the whole of anything else.
pub(super) fn address(text: &str) -> &str {
    text.split_once('@').map_or(text, |(_, address)| address)
}
