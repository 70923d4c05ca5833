//! `gatepost check locks`: the locks of a folder, of the index, of a revision, or commit by commit.

use crate::args::{CheckLocks, Cli};
use crate::exit::Failure;
use crate::judge::after::{in_index, read};
use crate::output::{Places, say};
use crate::policy_source::PolicySource;
use crate::repo;
use crate::session::Session;
use crate::stages::staged;
use gatepost_core::history::Unanswered;
use gatepost_core::lockfile::{ECOSYSTEMS, Judge, Record, State, Told, Tree, Want, concerns, survey, told};
use gatepost_core::policy::nearest;
use gatepost_core::report::Suppression;
use gatepost_core::settle::{Settle, settle};
use gatepost_core::{Change, FileMode, Finding, ObjectId, Problem, RepoPath, SkipReason, Stage, TreeEntry};
use gatepost_report::locks::{Entry, Locks, Said, formats};
use gatepost_source::{Repository, files};
use std::collections::HashMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// `gatepost check locks`.
///
/// # Errors
///
/// An ecosystem that is not known, a revision that is not there, whatever keeps it from checking.
pub(super) fn run(cli: &Cli, asked: &CheckLocks) -> Result<ExitCode, Failure> {
    let places = Places::new(&cli.common.output, &formats())?;
    let names = known(&asked.ecosystems)?;
    let names = (!names.is_empty()).then_some(names.as_slice());
    let repository = if asked.folder.is_none() || asked.staged || asked.at.is_some() || asked.range.is_some()
    {
        repo::open_if_any()?
    } else {
        asked.folder.as_deref().and_then(|folder| gatepost_source::open(Some(folder)).ok())
    };
    let session = session(cli, repository.as_deref())?;
    let judge = Judge::new(session.policy(), session.stage, session.now.date())?.asked_for();
    let mut checking = Checking { session: &session, judge: &judge, names, locks: Locks::default() };
    if asked.staged {
        checking.staged(&*repo::open()?)?;
    } else if let Some(revision) = &asked.at {
        let repository = repo::open()?;
        let commit = repo::resolve(repository.as_ref(), revision)?;
        checking.commit(repository.as_ref(), commit, None)?;
    } else if let Some(range) = &asked.range {
        checking.range(&*repo::open()?, range)?;
    } else {
        checking.folder(asked.folder.as_deref().unwrap_or_else(|| Path::new(".")), asked.no_ignore);
    }
    let locks = checking.locks;
    if locks.entries.is_empty() && locks.problems.is_empty() {
        say("note: there is no lock file, and no manifest that gatepost knows a lock of");
    }
    places.write(|format, width| locks.write(format, width))?;
    Ok(ExitCode::from(exit_code(&session, &locks)))
}

/// A session at the levels of a commit, whose formats are the list's own.
fn session(cli: &Cli, repository: Option<&dyn Repository>) -> Result<Session, Failure> {
    let mut cli = cli.clone();
    cli.common.output.formats.clear();
    cli.common.output.outputs.clear();
    Session::new(&cli, Stage::PreCommit, PolicySource::WorkTree(repository))
}

fn known(asked: &[String]) -> Result<Vec<&str>, Failure> {
    let known = || ECOSYSTEMS.iter().map(|ecosystem| ecosystem.info().name);
    for name in asked {
        if !known().any(|known| known == name) {
            let fix = nearest(name, known()).map_or_else(
                || format!("it takes {}", known().collect::<Vec<_>>().join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(Failure::usage(format!("`{name}` is no ecosystem that is judged"), fix));
        }
    }
    Ok(asked.iter().map(String::as_str).collect())
}

/// What came so far.
struct Checking<'a> {
    session: &'a Session,
    judge: &'a Judge,
    names: Option<&'a [&'a str]>,
    locks: Locks,
}

impl Checking<'_> {
    /// Files as they lie on the disk.
    fn folder(&mut self, folder: &Path, no_ignore: bool) {
        let (listed, walked) = files::list(folder, no_ignore);
        self.locks.problems.extend(walked.problems);
        let root: PathBuf = folder.to_path_buf();
        let read = move |path: &str, limit: u64| read_file(&root, path, limit);
        let tree = Tree::new(texts(&listed.files), &read).with_links(texts(&listed.links));
        self.tree(tree, None, None);
    }

    fn staged(&mut self, repository: &dyn Repository) -> Result<(), Failure> {
        let changes = staged(repository, Stage::PreCommit)?;
        let changed: Vec<&Change> = changes.changes.iter().collect();
        let files = in_index(repository, &changed)?;
        self.files(repository, &files, Some(&changed), None);
        Ok(())
    }

    fn range(&mut self, repository: &dyn Repository, range: &str) -> Result<(), Failure> {
        let (from, to) = repo::range(repository, range)?;
        for commit in repository.commits(&[to], &[from])? {
            let changes = repository.changes(&commit)?;
            let is_concerned =
                |change: &Change| std::str::from_utf8(change.path.as_bytes()).is_ok_and(concerns);
            if changes.iter().any(is_concerned) {
                self.commit(repository, commit, Some(&changes.iter().collect::<Vec<_>>()))?;
            }
        }
        Ok(())
    }

    fn commit(
        &mut self,
        repository: &dyn Repository,
        commit: ObjectId,
        changed: Option<&[&Change]>,
    ) -> Result<(), Failure> {
        let files = repository.files(&commit)?;
        self.files(repository, &files, changed, Some(commit));
        Ok(())
    }

    fn files(
        &mut self,
        repository: &dyn Repository,
        files: &[(RepoPath, TreeEntry)],
        changed: Option<&[&Change]>,
        commit: Option<ObjectId>,
    ) {
        let is_file = |entry: &TreeEntry| matches!(entry.mode, FileMode::File | FileMode::Executable);
        let ids: HashMap<&str, ObjectId> = files
            .iter()
            .filter(|(_, entry)| is_file(entry))
            .filter_map(|(path, entry)| Some((std::str::from_utf8(path.as_bytes()).ok()?, entry.id)))
            .collect();
        let from_blob = |path: &str, limit: u64| match ids.get(path) {
            Some(id) => read(repository, id, limit),
            None => Ok(Some(Vec::new())),
        };
        let touched = changed.map(|changed| {
            let paths = changed.iter().filter_map(|change| std::str::from_utf8(change.path.as_bytes()).ok());
            let mut touched: Vec<&str> = paths.collect();
            touched.sort_unstable();
            touched.dedup();
            touched
        });
        let links = files.iter().filter(|(_, entry)| entry.mode == FileMode::Symlink).map(|(path, _)| path);
        let tree = Tree::new(ids.keys().copied().collect(), &from_blob).with_links(texts(links));
        self.tree(tree, touched.as_deref(), commit);
    }

    fn tree(&mut self, tree: Tree<'_>, touched: Option<&[&str]>, commit: Option<ObjectId>) {
        let tree = tree.with_limit(self.judge.limit());
        let records = survey(&tree, &Want { ecosystems: self.names, touched });
        self.locks.problems.extend(tree.take_failures().into_iter().map(|failure| failure.problem));
        for record in records {
            if self.judge.is_excluded(&record) {
                self.locks.excluded += 1;
                continue;
            }
            let entry = self.entry(&record, touched, commit);
            // A manifest that nobody demands a lock of is none of this list's business.
            let is_missing = matches!(record.state, State::Missing { .. });
            if !(is_missing && entry.said.is_empty()) {
                self.locks.entries.push(entry);
            }
        }
    }

    /// A record with what the policy makes of it.
    fn entry(&self, record: &Record, touched: Option<&[&str]>, commit: Option<ObjectId>) -> Entry {
        let told = told(self.judge, record, touched, commit);
        let settled = settle(
            told.iter().map(|told| told.finding.clone()).collect(),
            Vec::new(),
            &Settle {
                exceptions: self.session.policy().exceptions(),
                baseline: self.session.settings.baseline.as_ref(),
                named: &self.session.named,
                today: self.session.now.date(),
            },
        );
        let accepted = |finding: &Finding| {
            let mut all = settled.suppressed.iter();
            let known = all.find(|known| known.finding.fingerprint == finding.fingerprint)?;
            Some(match &known.by {
                Suppression::Exception(exception) => exception.id.clone(),
                Suppression::Baseline => "the baseline".to_owned(),
                _ => "the policy".to_owned(),
            })
        };
        let said = told.iter().map(|Told { finding, reason }| Said {
            accepted_by: accepted(finding),
            finding: finding.clone(),
            reason: reason.cloned(),
        });
        Entry {
            commit: commit.map(|commit| commit.to_string()),
            said: said.collect(),
            record: record.clone(),
        }
    }
}

/// Paths that are text: no tool looks for a manifest of another name.
fn texts<'p>(paths: impl IntoIterator<Item = &'p RepoPath>) -> Vec<&'p str> {
    paths.into_iter().filter_map(|path| std::str::from_utf8(path.as_bytes()).ok()).collect()
}

fn exit_code(session: &Session, locks: &Locks) -> u8 {
    let denied = locks.entries.iter().any(Entry::is_denied);
    match () {
        () if !session.policy().enforce() => 0,
        () if denied && session.filter.exit_zero => 0,
        () if denied => 1,
        () if !locks.problems.is_empty() => 3,
        () => 0,
    }
}

fn read_file(root: &Path, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Unanswered> {
    let place = root.join(path);
    let read = || -> std::io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        // One byte more than the limit tells a file that grows while it is read.
        std::fs::File::open(&place)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        Ok((bytes.len() as u64 <= limit).then_some(bytes))
    };
    read().map_err(|error| Unanswered {
        reason: SkipReason::Unreadable,
        problem: Problem {
            what: format!("it cannot be read: {error}"),
            place: Some(place.display().to_string()),
            fix: "make it readable for the user that runs gatepost; it was not judged".to_owned(),
        },
    })
}
