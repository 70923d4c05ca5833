//! The pairs of a tree and the verdicts on them: what `gatepost check locks` prints and what the gates make findings of.

use super::choice::Chooser;
use super::ecosystem::{
    Answer, Breaks, Drift, Ecosystem, Info, Pair, Place, Reason, Role, Source, Unclear, Verdict,
};
use super::ecosystems::{ECOSYSTEMS, unknown_lock};
use super::ignored::Ignores;
use super::tree::{Tree, file_name, is_in};
use std::collections::{BTreeMap, HashMap, HashSet};

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
    verdict.reasons.sort_by(|one, two| order(one).cmp(&order(two)));
    verdict.reasons.dedup();
    shorten(&mut verdict);
    verdict
}

/// Keeps the first of many reasons, and of the others those without which an answer would be another.
fn shorten(verdict: &mut Verdict) {
    if verdict.reasons.len() <= MOST_REASONS {
        return;
    }
    let questions: [fn(&Verdict) -> Answer; 2] = [Verdict::strict, Verdict::rewrite];
    let answers = questions.map(|question| question(verdict));
    let more = verdict.reasons.split_off(MOST_REASONS);
    if let Some(last) = verdict.reasons.last_mut() {
        last.what = format!("{}; and {} more of the kind", last.what, more.len());
    }
    for (question, answer) in questions.into_iter().zip(answers) {
        if question(verdict) != answer {
            let alone = more.iter().map(|reason| Verdict { reasons: vec![reason.clone()] });
            let deciding = alone.into_iter().find(|alone| question(alone) == answer);
            verdict.reasons.extend(deciding.into_iter().flat_map(|alone| alone.reasons));
        }
    }
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
    let (chooser, ignores) = (Chooser::new(tree), Ignores::new(tree));
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
            let kept_out = ignores.kept_out(&locks.join(", "), path);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_reasons_are_shortened_and_the_answers_stay() {
        let stale = |breaks| {
            move |n: usize| Reason::new(Drift::RecordStale, breaks, format!("{n:04}"), "npm install")
        };
        let mut verdict = Verdict::default();
        verdict.reasons.extend((0..600).map(stale(Breaks::Rewrite)));
        verdict.unclear_for(Breaks::Strict, Unclear::new("the registry would have to be asked"));
        shorten(&mut verdict);
        assert_eq!((verdict.strict(), verdict.rewrite()), (Answer::CannotTell, Answer::OutOfSync));
        assert_eq!(verdict.reasons.len(), MOST_REASONS + 1);
        assert!(verdict.reasons[MOST_REASONS - 1].what.ends_with("; and 101 more of the kind"));
        let mut verdict = Verdict::default();
        verdict.reasons.extend((0..600).map(stale(Breaks::Strict)));
        verdict.reasons.extend((0..2).map(stale(Breaks::Rewrite)));
        shorten(&mut verdict);
        assert_eq!((verdict.strict(), verdict.rewrite()), (Answer::OutOfSync, Answer::OutOfSync));
        assert_eq!(verdict.reasons.len(), MOST_REASONS + 1);
    }
}
