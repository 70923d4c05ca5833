//! `gatepost deps diff`: what a change makes of the locked dependencies.

use crate::args::{Cli, DepsWhat};
use crate::exit::Failure;
use crate::judge::after::{in_index, read};
use crate::output::{Places, say};
use crate::policy_source::PolicySource;
use crate::repo;
use crate::session::Session;
use crate::stages::staged;
use gatepost_core::lockfile::diff::{Difference, Judge, differences};
use gatepost_core::lockfile::{DEFAULT_LIMIT, ECOSYSTEMS, Ecosystem, Locked, Role, Source, Tree, is_in};
use gatepost_core::{Change, FileMode, Level, ObjectId, RepoPath, Stage, TreeEntry};
use gatepost_report::deps::{Deps, Fate, Lock, Row, formats};
use gatepost_source::{Head, Repository};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::process::ExitCode;

/// `gatepost deps`.
///
/// # Errors
///
/// Whatever keeps it from comparing.
pub(crate) fn run(cli: &Cli, what: &DepsWhat) -> Result<ExitCode, Failure> {
    let DepsWhat::Diff { range } = what;
    let places = Places::new(&cli.common.output, &formats())?;
    let repository = repo::open()?;
    let repository = repository.as_ref();
    let session = session(cli, repository)?;
    let judge = Judge::new(session.policy(), session.stage, session.now.date())?.asked_for();
    let (before, now) = sides(repository, range.as_deref())?;
    let mut comparing = Comparing { repository, judge: &judge, before, now, deps: Deps::default() };
    for path in comparing.changed() {
        comparing.lock(&path);
    }
    let deps = comparing.deps;
    if deps.locks.is_empty() && deps.unclear.is_empty() && deps.problems.is_empty() {
        say("note: no lock file is another than before");
    }
    places.write(|format, width| deps.write(format, width))?;
    let refuses = session.policy().enforce() && !session.filter.exit_zero;
    let code = match () {
        () if deps.is_denied() && refuses => 1,
        () if deps.problems.is_empty() => 0,
        () => 3,
    };
    Ok(ExitCode::from(code))
}

/// A session at the levels of a commit, whose formats are the list's own.
fn session(cli: &Cli, repository: &dyn Repository) -> Result<Session, Failure> {
    let mut cli = cli.clone();
    cli.common.output.formats.clear();
    cli.common.output.outputs.clear();
    Session::new(&cli, Stage::PreCommit, PolicySource::WorkTree(Some(repository)))
}

type Files = BTreeMap<String, ObjectId>;

/// The files of both sides; of a range whose ends have several common ancestors, those of each.
fn sides(repository: &dyn Repository, range: Option<&str>) -> Result<(Vec<Files>, Files), Failure> {
    if let Some(range) = range {
        let (from, to) = repo::range(repository, range)?;
        let mut bases = repository.merge_bases(&from, &to)?;
        if bases.is_empty() {
            bases.push(from);
        }
        let before = bases.iter().map(|base| Ok(files(repository.files(base)?)));
        return Ok((before.collect::<Result<_, Failure>>()?, files(repository.files(&to)?)));
    }
    let changes = staged(repository, Stage::PreCommit)?;
    let changed: Vec<&Change> = changes.changes.iter().collect();
    let head = match repository.head()? {
        Head::Branch(_, head) | Head::Detached(head) => files(repository.files(&head)?),
        Head::Unborn(_) => Files::new(),
    };
    Ok((vec![head], files(in_index(repository, &changed)?)))
}

fn files(files: Vec<(RepoPath, TreeEntry)>) -> Files {
    let is_file = |entry: &TreeEntry| matches!(entry.mode, FileMode::File | FileMode::Executable);
    let text = |path: RepoPath| String::from_utf8(path.as_bytes().to_vec()).ok();
    let named = files.into_iter().filter(|(_, entry)| is_file(entry));
    named.filter_map(|(path, entry)| Some((text(path)?, entry.id))).collect()
}

/// A comparison under way.
struct Comparing<'a> {
    repository: &'a dyn Repository,
    judge: &'a Judge,
    before: Vec<Files>,
    now: Files,
    deps: Deps,
}

impl Comparing<'_> {
    /// The locks that are not as they were.
    fn changed(&self) -> Vec<String> {
        let is_lock = |path: &str| {
            !is_in(path, &["node_modules", "vendor"])
                && ECOSYSTEMS.iter().any(|ecosystem| ecosystem.role(path).is_some_and(Role::may_be_lock))
        };
        let paths: BTreeSet<&String> =
            self.before.iter().flat_map(Files::keys).chain(self.now.keys()).collect();
        let is_same = |path: &String| self.before.iter().all(|files| files.get(path) == self.now.get(path));
        let is_excluded = |path: &String| self.judge.is_excluded(&RepoPath::from(path.as_str()));
        let changed = paths.into_iter().filter(|path| is_lock(path) && !is_same(path) && !is_excluded(path));
        changed.cloned().collect()
    }

    fn lock(&mut self, path: &str) {
        let now = self.now.get(path).copied();
        let before: Vec<ObjectId> = self.before.iter().filter_map(|files| files.get(path).copied()).collect();
        let Some(now) = now.and_then(|id| self.text(path, id)) else {
            if now.is_none() {
                self.gone(path);
            }
            return;
        };
        let texts: Vec<String> = before.iter().filter_map(|id| self.text(path, *id)).collect();
        let source = Source::new(path, &now);
        let (ecosystem, new) = match locked(&source) {
            Ok(found) => found,
            Err(why) => return self.deps.unclear.push((path.to_owned(), why)),
        };
        let old = texts.iter().filter_map(|text| ecosystem.locked(&Source::new(path, text)).ok());
        let old: Vec<Locked> = old.flatten().collect();
        let mut found = differences(ecosystem, &old, &new, self.judge.names());
        let asked = self.asked(ecosystem, path);
        for difference in &mut found {
            let is_direct = difference.is_direct.or_else(|| {
                let asked = asked.as_ref()?;
                Some(asked.contains(&difference.name))
            });
            difference.is_direct = is_direct;
        }
        let fate = if texts.is_empty() { Fate::New } else { Fate::Changed };
        let rows = found.into_iter().map(|difference| self.row(difference, fate)).collect();
        self.deps.locks.push(Lock { path: path.to_owned(), ecosystem: ecosystem.info().name, fate, rows });
    }

    fn gone(&mut self, path: &str) {
        let ecosystem =
            ECOSYSTEMS.iter().find(|ecosystem| ecosystem.role(path).is_some_and(Role::may_be_lock));
        if let Some(ecosystem) = ecosystem {
            let (path, ecosystem) = (path.to_owned(), ecosystem.info().name);
            self.deps.locks.push(Lock { path, ecosystem, fate: Fate::Gone, rows: Vec::new() });
        }
    }

    /// A difference with the levels of its signals. Of a lock that is new nothing is another than before.
    fn row(&self, difference: Difference, fate: Fate) -> Row {
        let noted = difference.signals.iter().filter(|_| fate == Fate::Changed);
        let signals = noted.map(|noted| (noted.clone(), self.judge.level(noted)));
        Row { signals: signals.filter(|(_, level)| *level != Level::Off).collect(), difference }
    }

    /// The names that the manifests of a lock ask for; `None` where one of them cannot be read.
    fn asked(&mut self, ecosystem: &dyn Ecosystem, lock: &str) -> Option<HashSet<String>> {
        let from_blob = |path: &str, limit: u64| match self.now.get(path) {
            Some(id) => read(self.repository, id, limit),
            None => Ok(Some(Vec::new())),
        };
        let tree = Tree::new(self.now.keys().map(String::as_str).collect(), &from_blob);
        let pair = ecosystem.pairs(&tree).into_iter().find(|pair| pair.lock.as_deref() == Some(lock))?;
        let manifests = pair.manifest.iter().chain(&pair.members);
        let declared = manifests.map(|path| ecosystem.declared(&tree.read(path).ok()?).ok());
        let declared: Vec<_> = declared.collect::<Option<_>>()?;
        Some(declared.into_iter().flatten().map(|declared| declared.name).collect())
    }

    /// The text of a lock; `None`, with the reason told, where it is none.
    fn text(&mut self, path: &str, id: ObjectId) -> Option<String> {
        let why = match read(self.repository, &id, DEFAULT_LIMIT) {
            Ok(Some(bytes)) => match String::from_utf8(bytes) {
                Ok(text) => return Some(text),
                Err(_) => "it is no text",
            },
            Ok(None) => "it is larger than 50 MiB",
            Err(unanswered) => {
                self.deps.problems.push(unanswered.problem);
                return None;
            }
        };
        self.deps.unclear.push((path.to_owned(), why.to_owned()));
        None
    }
}

/// What a lock holds, by the first ecosystem that can read it: some share a file name.
fn locked(lock: &Source) -> Result<(&'static dyn Ecosystem, Vec<Locked>), String> {
    let mut why = String::new();
    for ecosystem in
        ECOSYSTEMS.iter().filter(|ecosystem| ecosystem.role(&lock.path).is_some_and(Role::may_be_lock))
    {
        match ecosystem.locked(lock) {
            Ok(locked) => return Ok((*ecosystem, locked)),
            Err(unclear) => why = unclear.why,
        }
    }
    Err(why)
}
