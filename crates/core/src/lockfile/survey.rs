//! The pairs of a tree and the verdicts on them: what `gatepost check locks` prints and what the gates make findings of.

use super::choice::Chooser;
use super::ecosystem::{
    Answer, Breaks, Drift, Ecosystem, Info, Pair, Place, Reason, Role, Source, Unclear, Verdict,
};
use super::ecosystems::{ECOSYSTEMS, unknown_lock};
use super::tree::{Tree, file_name, folder, is_in, join, relative};
use globset::GlobBuilder;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

/// What tools install: no manifest in it is anybody's.
const INSTALLED: &[&str] =
    &["node_modules", "bower_components", ".yarn", "site-packages", ".venv", "Pods", ".terraform", ".build"];

/// Reasons that are kept of one pair: a lock that has nothing to do with its manifest would have thousands.
const MOST_REASONS: usize = 500;

/// What to look at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Want<'a> {
    /// Ecosystems by name; `None`: all.
    pub ecosystems: Option<&'a [&'a str]>,
    /// Paths, sorted, that a change touches: only pairs with one of them are judged. `None`: every pair.
    pub touched: Option<&'a [&'a str]>,
}

/// What the survey says of one pair, or of what is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// The name of the ecosystem; of a lock that is known by name alone, that of its tool.
    pub ecosystem: &'static str,
    /// The lock and what it was made from.
    pub pair: Pair,
    /// What is to be said of it.
    pub state: State,
}

/// What is to be said of a pair.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    /// Both are there, and were compared.
    Judged(Verdict),
    /// A manifest that asks for dependencies has no lock.
    Missing {
        /// Why there is none, where a file of the tree says so.
        kept_out: Option<KeptOut>,
        /// The command that makes one; of several tools that it may be meant for each.
        make: String,
    },
    /// A lock has no manifest.
    Orphan,
    /// The lock is of a tool that is not judged.
    Unknown,
    /// Another lock of the same manifest: its path.
    Rival(String),
}

/// Why a lock is not there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptOut {
    /// The line that keeps it out.
    pub line: String,
    /// Where that stands.
    pub place: Place,
}

impl Record {
    /// Would a strict install take the lock?
    #[must_use]
    pub fn strict(&self) -> Answer {
        self.answer(Verdict::strict)
    }

    /// Would an ordinary install leave the lock as it is?
    #[must_use]
    pub fn rewrite(&self) -> Answer {
        self.answer(Verdict::rewrite)
    }

    fn answer(&self, of: fn(&Verdict) -> Answer) -> Answer {
        match &self.state {
            State::Judged(verdict) => of(verdict),
            _ => Answer::CannotTell,
        }
    }
}

/// Whether a path has a part in any ecosystem: a change without one needs no survey.
#[must_use]
pub fn concerns(path: &str) -> bool {
    let is_known = || ECOSYSTEMS.iter().any(|ecosystem| ecosystem.role(path).is_some());
    !is_in(path, INSTALLED) && (is_known() || unknown_lock(path).is_some() || file_name(path) == ".gitignore")
}

/// Judges the pairs of a tree, by path.
#[must_use]
pub fn survey(tree: &Tree<'_>, want: &Want<'_>) -> Vec<Record> {
    let mut records = Vec::new();
    let mut claimed: HashMap<&str, HashSet<String>> = HashMap::new();
    let mut locks_of: BTreeMap<(&str, String), Vec<(&'static str, Pair)>> = BTreeMap::new();
    for ecosystem in wanted(want) {
        let info = ecosystem.info();
        for pair in ecosystem.pairs(tree) {
            let manifests = pair.manifest.iter().chain(&pair.members);
            claimed.entry(info.family).or_default().extend(manifests.cloned());
            if let Some(manifest) = &pair.manifest {
                locks_of.entry((info.family, manifest.clone())).or_default().push((info.name, pair.clone()));
            }
            if is_touched(&pair, want) {
                let state = match (&pair.lock, &pair.manifest) {
                    (Some(lock), Some(_)) => State::Judged(judge(*ecosystem, tree, &pair, lock)),
                    _ => State::Orphan,
                };
                records.push(Record { ecosystem: info.name, pair, state });
            }
        }
    }
    rivals(&locks_of, want, &mut records);
    missing(tree, want, &claimed, &mut records);
    if want.ecosystems.is_none() {
        unknown(tree, want, &mut records);
    }
    records.sort_by(|one, two| key(one).cmp(&key(two)));
    records
}

fn key(record: &Record) -> (Option<&str>, Option<&str>, &str) {
    let Pair { manifest, lock, .. } = &record.pair;
    (manifest.as_deref().or(lock.as_deref()), lock.as_deref(), record.ecosystem)
}

fn wanted<'w>(want: &'w Want<'_>) -> impl Iterator<Item = &'static &'static dyn Ecosystem> + 'w {
    ECOSYSTEMS
        .iter()
        .filter(|ecosystem| want.ecosystems.is_none_or(|names| names.contains(&ecosystem.info().name)))
}

fn is_touched(pair: &Pair, want: &Want<'_>) -> bool {
    want.touched.is_none_or(|touched| pair.files().any(|file| touched.binary_search(&file).is_ok()))
}

fn judge(ecosystem: &dyn Ecosystem, tree: &Tree<'_>, pair: &Pair, lock: &str) -> Verdict {
    let mut verdict = Verdict::default();
    for path in [Some(lock), pair.manifest.as_deref()].into_iter().flatten() {
        match tree.read(path) {
            Ok(source) => verdict.reasons.extend(conflict(&source, ecosystem.info().make)),
            Err(unread) => verdict.unread(path, &unread),
        }
    }
    if verdict.reasons.is_empty() {
        verdict = ecosystem.judge(tree, pair);
    }
    let reasons = &mut verdict.reasons;
    reasons.sort_by(|one, two| order(one).cmp(&order(two)));
    reasons.dedup();
    let more = reasons.len().saturating_sub(MOST_REASONS);
    if more > 0 {
        reasons.truncate(MOST_REASONS);
        if let Some(last) = reasons.last_mut() {
            last.what = format!("{}; and {more} more of the kind", last.what);
        }
    }
    verdict
}

/// What decides both questions first, and by place.
fn order(reason: &Reason) -> (bool, bool, Option<&Place>, Option<&Place>, &str) {
    let is_rewrite_only = matches!(reason.breaks, Breaks::Rewrite | Breaks::RewriteAndPerhapsStrict);
    (reason.drift.is_none(), is_rewrite_only, reason.manifest.as_ref(), reason.lock.as_ref(), &reason.what)
}

/// The marks of a merge that was never resolved.
fn conflict(source: &Source, make: &str) -> Option<Reason> {
    let text = &*source.text;
    let at = |mark: &str, from: usize| {
        let rest = text.get(from..)?;
        let mut starts = memchr::memmem::find_iter(rest.as_bytes(), mark.as_bytes()).map(|at| at + from);
        starts.find(|at| *at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n'))
    };
    let ours = at("<<<<<<< ", 0)?;
    at(">>>>>>> ", at("=======", ours)?)?;
    let what = format!("{} has an unresolved merge conflict", source.path);
    Some(Reason::new(Drift::Conflict, Breaks::Both, what, make).in_lock(source.place(&(ours..ours))))
}

fn rivals(
    locks_of: &BTreeMap<(&str, String), Vec<(&'static str, Pair)>>,
    want: &Want<'_>,
    records: &mut Vec<Record>,
) {
    for ((_, manifest), locks) in locks_of {
        let Some(((first, first_pair), rest)) = locks.split_first() else { continue };
        for (name, pair) in rest.iter().filter(|(name, _)| name != first) {
            let both = [first_pair, pair];
            let (Some(lock), Some(other)) = (&pair.lock, &first_pair.lock) else { continue };
            if both.iter().any(|pair| is_touched(pair, want)) {
                let pair = Pair::new(manifest.clone(), lock.clone());
                records.push(Record { ecosystem: name, pair, state: State::Rival(other.clone()) });
            }
        }
    }
}

/// Manifests that ask for something and that no lock of their family covers.
fn missing(
    tree: &Tree<'_>,
    want: &Want<'_>,
    claimed: &HashMap<&str, HashSet<String>>,
    records: &mut Vec<Record>,
) {
    let chooser = Chooser::new(tree);
    let mut asked = HashSet::new();
    for ecosystem in wanted(want) {
        let family = ecosystem.info().family;
        let is_claimed = |path: &str| claimed.get(family).is_some_and(|paths| paths.contains(path));
        let is_asked = |path: &str| want.touched.is_none_or(|touched| touched.binary_search(&path).is_ok());
        for path in tree.paths().iter().copied() {
            let is_manifest = ecosystem.role(path) == Some(Role::Manifest) && !is_in(path, INSTALLED);
            if !is_manifest || is_claimed(path) || !is_asked(path) || !asked.insert((family, path)) {
                continue;
            }
            let Ok(manifest) = tree.read(path) else { continue };
            if !ecosystem.declared(&manifest).is_ok_and(|declared| !declared.is_empty()) {
                continue;
            }
            let readers = wanted(want).map(|other| (other.info(), other.role(path)));
            let readers =
                readers.filter(|(info, role)| info.family == family && *role == Some(Role::Manifest));
            let readers: Vec<&Info> = readers.map(|(info, _)| info).collect();
            let names: Vec<&'static str> = readers.iter().map(|info| info.name).collect();
            let chosen = chooser.choose(family, &names, &manifest);
            let infos: Vec<&&Info> = readers.iter().filter(|info| chosen.contains(&info.name)).collect();
            let locks: Vec<&str> = infos.iter().map(|info| info.locks).collect();
            let kept_out = kept_out(tree, &locks.join(", "), path);
            let manifest = Some(path.to_owned());
            let pair = Pair { manifest, lock: None, members: Vec::new(), inputs: Vec::new() };
            let makes: Vec<&str> = infos.iter().map(|info| info.make).collect();
            let state = State::Missing { kept_out, make: or(&makes) };
            let ecosystem = infos.first().map_or(ecosystem.info().name, |info| info.name);
            records.push(Record { ecosystem, pair, state });
        }
    }
}

/// One of several: `a, b or c`.
fn or(several: &[&str]) -> String {
    match several {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
    }
}

/// The line of a .gitignore, in the folder of the manifest or above it, that keeps a lock beside the manifest out: as Git
/// has it (gitignore(5)), the last line that matches in the deepest file that has one.
fn kept_out(tree: &Tree<'_>, locks: &str, manifest: &str) -> Option<KeptOut> {
    let beside = folder(manifest);
    let locks = locks.split(", ").filter(|name| !name.contains(['*', '<', ' ']));
    let locks: Vec<String> = locks.filter_map(|name| join(beside, name)).collect();
    let mut at = beside;
    loop {
        let path = if at.is_empty() { ".gitignore".to_owned() } else { format!("{at}/.gitignore") };
        if let Ok(source) = tree.read(&path) {
            let seen: Vec<&str> = locks.iter().filter_map(|lock| relative(at, lock)).collect();
            let (mut start, mut last) = (0, None);
            let mut is_said = false;
            for line in source.text.split_inclusive('\n') {
                let span = start..start + line.trim_end().len();
                start += line.len();
                let pattern = line.trim();
                let (pattern, is_kept) =
                    pattern.strip_prefix('!').map_or((pattern, false), |rest| (rest, true));
                if is_ignoring(pattern, &seen) {
                    (last, is_said) = ((!is_kept).then_some(span), true);
                }
            }
            if is_said {
                let line = |span: &Range<usize>| source.text.get(span.clone()).unwrap_or_default().trim();
                return last.map(|span| KeptOut { line: line(&span).to_owned(), place: source.place(&span) });
            }
        }
        if at.is_empty() {
            return None;
        }
        at = folder(at);
    }
}

/// Whether a pattern of a .gitignore is for one of some files, seen from its folder. Folders that are ignored as a whole do not
/// count: their manifest is in the repository all the same.
fn is_ignoring(pattern: &str, files: &[&str]) -> bool {
    if pattern.is_empty() || pattern.starts_with('#') || pattern.ends_with('/') {
        return false;
    }
    // Without a slash before its end it is for names at any depth.
    let glob = match pattern.strip_prefix('/') {
        Some(rest) => rest.to_owned(),
        None if pattern.contains('/') => pattern.to_owned(),
        None => format!("**/{pattern}"),
    };
    let glob = GlobBuilder::new(&glob).literal_separator(true).backslash_escape(true).build();
    glob.is_ok_and(|glob| {
        let glob = glob.compile_matcher();
        files.iter().any(|file| glob.is_match(file))
    })
}

fn unknown(tree: &Tree<'_>, want: &Want<'_>, records: &mut Vec<Record>) {
    for path in tree.paths().iter().copied().filter(|path| !is_in(path, INSTALLED)) {
        let Some(tool) = unknown_lock(path) else { continue };
        let pair = Pair::orphan(path);
        if is_touched(&pair, want) {
            records.push(Record { ecosystem: tool, pair, state: State::Unknown });
        }
    }
}

/// What a manifest asks for, by whichever ecosystem reads it.
///
/// # Errors
///
/// Why it cannot be told.
pub fn declared(manifest: &Source) -> Option<Result<Vec<super::Declared>, Unclear>> {
    let ecosystem = ECOSYSTEMS
        .iter()
        .find(|ecosystem| ecosystem.role(&manifest.path).is_some_and(Role::may_be_manifest))?;
    Some(ecosystem.declared(manifest))
}
