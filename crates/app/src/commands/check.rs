//! `gatepost check`: one subject at a time, with the policy of the repository.

mod forward_ports;
mod locks;
mod refs;

use crate::args::{CheckWhat, Cli};
use crate::exit::Failure;
use crate::policy_source::PolicySource;
use crate::session::Session;
use crate::stages::{cleanup, read_message, staged};
use crate::{finish, judge, repo, scan};
use gatepost_core::change::PendingMessage;
use gatepost_core::message::{Cleanup, CleanupMode};
use gatepost_core::{ChangeSet, Gate, RefName, RefUpdate, RepoPath, Stage};
use gatepost_source::{Repository, files as source_files};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// `gatepost check`.
///
/// # Errors
///
/// Whatever keeps it from checking.
pub(crate) fn run(cli: &Cli, what: &CheckWhat) -> Result<ExitCode, Failure> {
    match what {
        CheckWhat::Message { range: Some(range), .. } => messages(cli, range),
        CheckWhat::Message { file, range: None } => {
            message(cli, file.as_deref().unwrap_or_else(|| Path::new("-")))
        }
        CheckWhat::Branch { name } => branch(cli, name.as_deref()),
        CheckWhat::Files { range } => files(cli, range.as_deref()),
        CheckWhat::Markers { paths, range: None } if !paths.is_empty() => lines_of(cli, "markers", paths),
        CheckWhat::Markers { range, .. } => lines(cli, "markers", range.as_deref()),
        CheckWhat::Pins { paths, range: None } if !paths.is_empty() => lines_of(cli, "pins", paths),
        CheckWhat::Pins { range, .. } => lines(cli, "pins", range.as_deref()),
        CheckWhat::Refs(asked) if asked.forward_ports => forward_ports::run(cli, asked),
        CheckWhat::Refs(asked) => refs::run(cli, asked),
        CheckWhat::Locks(asked) => locks::run(cli, asked),
    }
}

/// The level of a check that somebody asks for by name is that of its own gate.
fn message(cli: &Cli, file: &Path) -> Result<ExitCode, Failure> {
    let repository = repo::open_if_any()?;
    let source = PolicySource::WorkTree(repository.as_deref());
    let session = Session::new(cli, Stage::CommitMsg, source)?;
    let gate = session.gate(|check| check.section == "message")?;
    let bytes = if file.as_os_str() == "-" { stdin()? } else { read_message(file)? };
    let cleanup = match repository.as_deref() {
        Some(repository) => cleanup(repository, &bytes)?,
        None => Cleanup { mode: CleanupMode::Strip, comment: b"#".to_vec() },
    };
    let encoding = match repository.as_deref() {
        Some(repository) => repository.config("i18n.commitEncoding")?.map(String::into_bytes),
        None => None,
    };
    let author = repository.as_deref().and_then(Repository::author);
    let mut changes = ChangeSet::new(Stage::CommitMsg);
    changes.message =
        Some(PendingMessage { bytes, encoding, author, cleanup, is_merge: false, is_initial: false });
    let mut collected = crate::collect::Collector::default();
    gate.change_set(&changes, &mut collected);
    collected.coverage.texts = 1;
    collected.notices.extend(session.notice_if_off("message"));
    finish::finish(&session, collected, "the message".to_owned())
}

fn messages(cli: &Cli, range: &str) -> Result<ExitCode, Failure> {
    let repository = repo::open()?;
    let repository = repository.as_ref();
    let session = Session::new(cli, Stage::Ci, PolicySource::WorkTree(Some(repository)))?;
    let gate = session.gate(|check| check.section == "message")?;
    let (from, to) = repo::range(repository, range)?;
    let policy = session.policy().on_branch(session.branch.as_ref());
    // What each commit changes is read where a rule asks for it.
    let changes = if policy.text("message.dependency-changes").as_deref() == Some("alone") {
        judge::range(repository, Stage::Ci, &[to], &[from])?
    } else {
        let mut changes = ChangeSet::new(Stage::Ci);
        for id in repository.commits(&[to], &[from])? {
            changes.commits.push(repository.commit(&id)?);
        }
        changes
    };
    let mut collected = crate::collect::Collector::default();
    gate.change_set(&changes, &mut collected);
    collected.coverage.commits = changes.commits.len() as u64;
    collected.coverage.texts = changes.commits.len() as u64;
    let scope = format!("{} messages in {range}", changes.commits.len());
    collected.notices.extend(session.notice_if_off("message"));
    finish::finish(&session, collected, scope)
}

fn branch(cli: &Cli, name: Option<&str>) -> Result<ExitCode, Failure> {
    let repository = if name.is_some() { repo::open_if_any()? } else { Some(repo::open()?) };
    let source = PolicySource::WorkTree(repository.as_deref());
    let session = Session::new(cli, Stage::PrePush, source)?;
    let full = match (name, repository.as_deref()) {
        (Some(name), _) => Some(RefName::new(format!("refs/heads/{name}"))),
        (None, Some(_)) => session.branch.clone(),
        (None, None) => None,
    };
    let gate = session.gate_on(full.as_ref(), |check| check.section == "branch")?;
    let mut changes = ChangeSet::new(Stage::PrePush);
    let mut collected = crate::collect::Collector::default();
    let scope = match full {
        Some(name) => {
            let scope = format!("branch {}", RefName::new(name.branch().unwrap_or_default()).escaped());
            // The name alone is judged: which object it has makes no difference.
            let new = gatepost_core::ObjectId::from_bytes(&[1; 20]);
            changes.ref_updates.push(RefUpdate { name, old: None, new });
            collected.coverage.texts = 1;
            scope
        }
        None => "HEAD is detached: there is no branch to check".to_owned(),
    };
    gate.change_set(&changes, &mut collected);
    collected.notices.extend(session.notice_if_off("branch"));
    finish::finish(&session, collected, scope)
}

fn files(cli: &Cli, range: Option<&str>) -> Result<ExitCode, Failure> {
    let repository = repo::open()?;
    let repository: &dyn Repository = repository.as_ref();
    let source = PolicySource::WorkTree(Some(repository));
    let session = Session::new(cli, Stage::PreCommit, source)?;
    let gate = session.gate(|check| check.section == "files")?;
    let (changes, scope) = staged_or_range(repository, range)?;
    let mut collected = judge::change_set(repository, &gate, &changes, session.threads)?;
    collected.notices.extend(session.notice_if_off("files"));
    finish::finish(&session, collected, scope)
}

/// What is staged, or what a range changes, and how to call it.
fn staged_or_range(repository: &dyn Repository, range: Option<&str>) -> Result<(ChangeSet, String), Failure> {
    if let Some(text) = range {
        let (from, to) = repo::range(repository, text)?;
        return Ok((judge::range(repository, Stage::PreCommit, &[to], &[from])?, text.to_owned()));
    }
    let changes = staged(repository, Stage::PreCommit)?;
    let scope = match changes.changes.len() {
        0 => "nothing is staged".to_owned(),
        count => format!("{count} staged paths"),
    };
    Ok((changes, scope))
}

/// What is staged, or what a range adds, by the check of one section.
fn lines(cli: &Cli, section: &'static str, range: Option<&str>) -> Result<ExitCode, Failure> {
    let repository = repo::open()?;
    let repository: &dyn Repository = repository.as_ref();
    let session = Session::new(cli, Stage::PreCommit, PolicySource::WorkTree(Some(repository)))?;
    let gate = session.gate(|check| check.section == section)?;
    let (changes, scope) = staged_or_range(repository, range)?;
    let mut collected = judge::change_set(repository, &gate, &changes, session.threads)?;
    collected.notices.extend(notice_if_nothing_is_demanded(&gate, section));
    finish::finish(&session, collected, scope)
}

/// Files as they are, with every line of them.
fn lines_of(cli: &Cli, section: &'static str, paths: &[PathBuf]) -> Result<ExitCode, Failure> {
    let repository = repo::open_if_any()?;
    let source = PolicySource::WorkTree(repository.as_deref());
    let session = Session::new(cli, Stage::PreCommit, source)?;
    let gate = session.gate(|check| check.section == section)?;
    // Overlays and excludes speak of paths of the repository, wherever in it the command is given.
    let root = repository.as_deref().and_then(|repository| repository.info().work_tree.clone());
    let places: Vec<Option<PathBuf>> = paths.iter().map(|path| below(root.as_deref()?, path)).collect();
    let name = |file: &source_files::File<'_>| {
        let place = repo::path(places.get(file.root)?.as_ref()?);
        if paths.get(file.root)?.is_file() {
            return Some(place);
        }
        let between: &[u8] = if place.as_bytes().is_empty() { b"" } else { b"/" };
        Some(RepoPath::new([place.as_bytes(), between, file.path.as_bytes()].concat()))
    };
    let progress = source_files::Progress::default();
    let mut collected = scan::judge_files_as(&gate, paths, false, session.threads, &progress, &name);
    collected.notices.extend(notice_if_nothing_is_demanded(&gate, section));
    let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    finish::finish(&session, collected, names.join(" "))
}

/// A path of the file system below a folder; `None`: it is elsewhere.
fn below(root: &Path, path: &Path) -> Option<PathBuf> {
    let (root, path) = (root.canonicalize().ok()?, path.canonicalize().ok()?);
    path.strip_prefix(root).ok().map(Path::to_path_buf)
}

fn notice_if_nothing_is_demanded(gate: &Gate, section: &str) -> Option<String> {
    (!gate.is_reading_edits()).then(|| {
        format!(
            "[{section}] allows everything in the policy, so nothing of it was judged; docs/checks/{section}.md has \
             settings to begin with"
        )
    })
}

fn stdin() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).map_err(|error| {
        Failure::usage(format!("cannot read standard input: {error}"), "pipe the message in, or name a file")
    })?;
    Ok(bytes)
}
