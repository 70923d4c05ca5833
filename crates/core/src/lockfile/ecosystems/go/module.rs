//! A module: its `go.mod`, what its packages import, and who has that.

use super::imports::Imports;
use super::modfile::{File, Form, Require};
use super::version::major_of;
use super::work::prefixes;
use super::{INFO, beside};
use crate::lockfile::ecosystem::{Breaks, Drift, Reason, Source, Verdict};
use crate::lockfile::tree::{Tree, folder, join, relative};
use std::collections::HashMap;

/// A module: what it says, and what its packages import.
#[derive(Debug)]
pub(super) struct Module<'a> {
    pub(super) tree: &'a Tree<'a>,
    pub(super) source: &'a Source,
    pub(super) at: &'a str,
    pub(super) path: String,
    pub(super) file: File,
    pub(super) imports: Imports,
    /// The requirements by their modules.
    pub(super) required: HashMap<String, usize>,
}

/// Who has an imported package.
#[derive(Debug)]
pub(super) enum Provider<'m> {
    /// Go itself, or the module.
    Own,
    /// Modules that may have it, the one with the longest path first.
    Required(Vec<&'m Require>),
    /// A module below this one, which nothing requires.
    Nested,
    /// Nobody: the module would have it, and there is no such folder.
    NoFolder,
    /// Nobody that is required.
    Nobody,
}

impl<'a> Module<'a> {
    /// `None`: it is no `go.mod` that Go reads, which has been said.
    pub(super) fn read(tree: &'a Tree<'a>, source: &'a Source, verdict: &mut Verdict) -> Option<Self> {
        let file = File::read(&source.text, Form::Mod);
        faults(source, &file, verdict);
        let path = file.module.clone().filter(|_| file.faults.is_empty())?;
        let at = folder(&source.path);
        let imports = Imports::read(tree, at, &file, verdict);
        // Of two requirements of one module the last counts; that there are two is said elsewhere.
        let required =
            file.requires.iter().enumerate().map(|(at, require)| (require.path.clone(), at)).collect();
        Some(Self { tree, source, at, path, file, imports, required })
    }

    pub(super) fn provider(&self, import: &str) -> Provider<'_> {
        let required: Vec<&Require> = prefixes(import)
            .filter_map(|prefix| self.file.requires.get(*self.required.get(prefix)?))
            .collect();
        let own = relative(&self.path, import).map(|inner| if inner == "." { "" } else { inner });
        let is_longer = |require: &&Require| require.path.len() > self.path.len();
        match own {
            Some(inner) if !required.first().is_some_and(is_longer) => self.own(inner),
            _ if !required.is_empty() => Provider::Required(required),
            _ if self.is_of_go(import) => Provider::Own,
            _ => Provider::Nobody,
        }
    }

    /// Paths of Go itself have no dot before their first slash.
    fn is_of_go(&self, import: &str) -> bool {
        let first = import.split('/').next().unwrap_or_default();
        !first.contains('.') && !self.is_replaced(import)
    }

    fn is_replaced(&self, import: &str) -> bool {
        prefixes(import).any(|prefix| self.file.is_replaced(prefix))
    }

    fn own(&self, inner: &str) -> Provider<'_> {
        let Some(place) = join(self.at, inner) else { return Provider::NoFolder };
        let nested = prefixes(inner).filter(|above| !above.is_empty());
        let mut nested = nested.filter_map(|above| join(self.at, above));
        if nested.any(|above| self.tree.has(&beside(&above, "go.mod"))) {
            return Provider::Nested;
        }
        if has_go_files(self.tree, &place) { Provider::Own } else { Provider::NoFolder }
    }
}

/// What keeps Go from reading a `go.mod`.
pub(super) fn faults(source: &Source, file: &File, verdict: &mut Verdict) {
    for fault in &file.faults {
        let what = format!("{} is not one that Go reads: {}", source.path, fault.what);
        let mend = format!("mend {} by hand, then: {}", source.path, INFO.make);
        let reason = Reason::new(Drift::Unreadable, Breaks::Both, what, mend);
        verdict.drift(reason.in_manifest(source.place(&fault.span)));
    }
}

/// Whether files of Go stand in a folder itself.
pub(super) fn has_go_files(tree: &Tree<'_>, at: &str) -> bool {
    tree.files_in(at).any(|path| path.ends_with(".go"))
}

/// What a use of a package makes of a question: what is built on some systems alone is not built on others.
pub(super) fn breaks(is_certain: bool) -> Breaks {
    if is_certain { Breaks::Both } else { Breaks::RewriteAndPerhapsStrict }
}

/// A path that goes on after that of the module as that of its next major version would.
pub(super) fn is_of_another_major(require: &Require, import: &str) -> bool {
    let next = relative(&require.path, import).and_then(|inner| inner.split('/').next());
    let number = next.and_then(|next| next.strip_prefix('v')).and_then(|number| number.parse::<u32>().ok());
    number.is_some_and(|number| number >= 2) && major_of(&require.path).is_none()
}
