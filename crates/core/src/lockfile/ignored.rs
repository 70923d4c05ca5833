//! What keeps a lock out of a repository, as Git has it (gitignore(5)).

use super::ecosystems::ECOSYSTEMS;
use super::survey::KeptOut;
use super::tree::{Tree, file_name, folder, join, relative};
use globset::{GlobBuilder, GlobMatcher};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

/// The .gitignore files of a tree.
pub(super) struct Ignores<'t> {
    tree: &'t Tree<'t>,
    /// The patterns of a file that may be for a lock, by its path: many manifests have one above them.
    known: RefCell<HashMap<String, Rc<Vec<Pattern>>>>,
}

/// A line of a .gitignore. As a text, for a matcher takes a thousand times as much.
struct Pattern {
    glob: String,
    /// Whether it takes back what others keep out.
    is_kept: bool,
    span: Range<usize>,
}

impl<'t> Ignores<'t> {
    pub(super) fn new(tree: &'t Tree<'t>) -> Self {
        Self { tree, known: RefCell::default() }
    }

    /// The line, in the folder of a manifest or above it, that keeps a lock beside the manifest out: the last line that
    /// matches in the deepest file that has one.
    pub(super) fn kept_out(&self, locks: &str, manifest: &str) -> Option<KeptOut> {
        let beside = folder(manifest);
        let locks = locks.split(", ").filter(|name| !name.contains(['*', '<', ' ']));
        let locks: Vec<String> = locks.filter_map(|name| join(beside, name)).collect();
        let mut at = beside;
        loop {
            let path = if at.is_empty() { ".gitignore".to_owned() } else { format!("{at}/.gitignore") };
            let seen: Vec<&str> = locks.iter().filter_map(|lock| relative(at, lock)).collect();
            let patterns = self.patterns(&path);
            let is_match = |pattern: &&Pattern| {
                matcher(&pattern.glob).is_some_and(|glob| seen.iter().any(|lock| glob.is_match(lock)))
            };
            if let Some(pattern) = patterns.iter().rfind(is_match) {
                let source = self.tree.read(&path).ok().filter(|_| !pattern.is_kept)?;
                let line = source.text.get(pattern.span.clone()).unwrap_or_default().trim().to_owned();
                return Some(KeptOut { line, place: source.place(&pattern.span) });
            }
            if at.is_empty() {
                return None;
            }
            at = folder(at);
        }
    }

    /// The patterns of a file; none where there is none.
    fn patterns(&self, path: &str) -> Rc<Vec<Pattern>> {
        if let Some(known) = self.known.borrow().get(path) {
            return Rc::clone(known);
        }
        let mut patterns = Vec::new();
        if let Ok(source) = self.tree.read(path) {
            let mut start = 0;
            for line in source.text.split_inclusive('\n') {
                patterns.extend(Pattern::parse(line, start));
                start += line.len();
            }
        }
        let patterns = Rc::new(patterns);
        self.known.borrow_mut().insert(path.to_owned(), Rc::clone(&patterns));
        patterns
    }
}

impl Pattern {
    /// A pattern for files, which begins at a byte of its text. Folders that are ignored as a whole do not count: their
    /// manifest is in the repository all the same.
    fn parse(line: &str, start: usize) -> Option<Self> {
        let pattern = line.trim();
        let (pattern, is_kept) = pattern.strip_prefix('!').map_or((pattern, false), |rest| (rest, true));
        if pattern.is_empty() || pattern.starts_with('#') || pattern.ends_with('/') {
            return None;
        }
        // Without a slash before its end it is for names at any depth.
        let glob = match pattern.strip_prefix('/') {
            Some(rest) => rest.to_owned(),
            None if pattern.contains('/') => pattern.to_owned(),
            None => format!("**/{pattern}"),
        };
        is_for_a_lock(file_name(&glob)).then_some(())?;
        Some(Self { glob, is_kept, span: start..start + line.trim_end().len() })
    }
}

/// Whether a lock may have a name.
fn is_for_a_lock(name: &str) -> bool {
    let mut locks = ECOSYSTEMS.iter().flat_map(|ecosystem| ecosystem.info().locks.split(", "));
    if !name.contains(['*', '?', '[', '\\', '{']) {
        return locks.any(|lock| lock == name);
    }
    matcher(name).is_some_and(|glob| locks.any(|lock| glob.is_match(lock)))
}

fn matcher(glob: &str) -> Option<GlobMatcher> {
    let glob = GlobBuilder::new(glob).literal_separator(true).backslash_escape(true).build().ok()?;
    Some(glob.compile_matcher())
}
