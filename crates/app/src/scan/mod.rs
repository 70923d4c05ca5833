//! `gatepost scan`: secrets, wherever somebody points it.

mod history;
mod names;
mod part;
mod progress;
mod statistics;

use crate::args::{Cli, Scan};
use crate::collect::{Collector, Shared};
use crate::exit::Failure;
use crate::policy_source::PolicySource;
use crate::session::Session;
use crate::stages::staged;
use crate::{finish, judge, repo};
use gatepost_core::report::Reach;
use gatepost_core::{Document, DocumentKind, Gate, RepoPath, Sink, SkipReason, Stage};
use gatepost_source::stdin::Input;
use gatepost_source::{Repository, files};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

pub(crate) use history::collect as collect_history;

/// `gatepost scan`.
///
/// # Errors
///
/// Whatever keeps it from scanning.
pub(crate) fn run(cli: &Cli, scan: &Scan) -> Result<ExitCode, Failure> {
    if scan.why && scan.history {
        return Err(Failure::usage(
            "--why is not offered with --history: a history has as many decisions as values in all its versions",
            "ask of one version: git show COMMIT:PATH | gatepost scan --stdin --name PATH --why; or of a range: \
             gatepost scan --range A..B --why",
        ));
    }
    let needs_repository = scan.staged || scan.history || scan.range.is_some();
    let repository = if needs_repository { Some(repo::open()?) } else { repo::open_if_any()? };
    let source = PolicySource::WorkTree(repository.as_deref());
    let mut session = Session::new(cli, Stage::Scan, source)?;
    if scan.no_baseline {
        session.settings.baseline = None;
    }
    session.why = scan.why;
    let gate = session.gate(|check| check.section == "secrets")?.explaining(scan.why);
    match repository.as_deref() {
        Some(repository) if scan.history => {
            session.reach = Reach::History;
            if scan.shard.is_none() {
                session.draft.history(repository);
            }
            let collected = history::collect(&session, repository, scan.allow_shallow, scan.shard)?;
            let scope = match scan.shard {
                Some(shard) => format!("shard {shard} of the whole history"),
                None => "the whole history".to_owned(),
            };
            finish::finish(&session, collected, scope)
        }
        Some(repository) if scan.staged => {
            let changes = staged(repository, Stage::Scan)?;
            let scope = match changes.changes.len() {
                0 => "nothing is staged".to_owned(),
                count => format!("{count} staged paths"),
            };
            let collected = judge::change_set(repository, &gate, &changes, session.threads)?;
            finish::finish(&session, collected, scope)
        }
        Some(repository) if scan.range.is_some() => {
            session.reach = Reach::Range;
            let text = scan.range.as_deref().unwrap_or_default();
            let (from, to) = repo::range(repository, text)?;
            let changes = judge::range(repository, Stage::Scan, &[to], &[from])?;
            session.draft.range(from, to, "--range");
            session.draft.commits(&session, &changes.commits);
            let scope = format!("{} commits in {text}", changes.commits.len());
            let collected = judge::change_set(repository, &gate, &changes, session.threads)?;
            finish::finish(&session, collected, scope)
        }
        _ if scan.stdin => {
            let collected = stdin(&gate, scan.name.as_deref())?;
            finish::finish(&session, collected, "standard input".to_owned())
        }
        Some(repository) if scan.paths.is_empty() && repository.info().work_tree.is_none() => {
            Err(Failure::usage("a bare repository has no files to scan", "gatepost scan --history"))
        }
        _ => {
            let here = [PathBuf::from(".")];
            let roots = if scan.paths.is_empty() { &here[..] } else { &scan.paths };
            let counts = Arc::new(files::Progress::default());
            let progress = progress::Progress::files(&session, &counts, roots, scan.no_ignore);
            let collected = judge_files(&gate, roots, scan.no_ignore, session.threads, &counts);
            drop(progress);
            let names: Vec<_> = roots.iter().map(|root| root.display().to_string()).collect();
            finish::finish(&session, collected, names.join(" "))
        }
    }
}

/// What is staged, scanned for secrets.
///
/// # Errors
///
/// When the index cannot be read.
pub(crate) fn collect_staged(session: &Session, repository: &dyn Repository) -> Result<Collector, Failure> {
    let gate = session.gate(|check| check.section == "secrets")?;
    let changes = staged(repository, Stage::Scan)?;
    Ok(judge::change_set(repository, &gate, &changes, session.threads)?)
}

/// Judges files and folders, on several threads.
pub(crate) fn judge_files(
    gate: &Gate,
    roots: &[PathBuf],
    no_ignore: bool,
    threads: usize,
    progress: &files::Progress,
) -> Collector {
    judge_files_as(gate, roots, no_ignore, threads, progress, &|_| None)
}

/// The same, with files called otherwise than the walk calls them where `name` says so.
pub(crate) fn judge_files_as(
    gate: &Gate,
    roots: &[PathBuf],
    no_ignore: bool,
    threads: usize,
    progress: &files::Progress,
    name: &(dyn Fn(&files::File<'_>) -> Option<RepoPath> + Sync),
) -> Collector {
    let (shared, counted) = (Shared::default(), gate.statistics());
    let options = files::Options { no_ignore, threads, max_size: gate.read_limit() };
    let walked = files::walk(roots, &options, &|file| {
        let mut part = Collector::default();
        let named = name(file);
        let document = Document {
            path: Some(named.as_ref().unwrap_or(file.path)),
            size: file.size,
            bytes: file.bytes,
            ..Document::new(DocumentKind::File, &[])
        };
        gate.document(&document, &mut part);
        shared.absorb(|| (file.root, file.path.clone()), part);
        progress.add(file.size);
    });
    let mut collected = shared.into_inner();
    collected.coverage.files += walked.files;
    collected.coverage.bytes += walked.bytes;
    // What is too large was shown without its bytes, and the gate has counted it.
    for (reason, count) in walked.skipped.into_iter().filter(|(reason, _)| *reason != SkipReason::TooLarge) {
        *collected.coverage.skipped.entry(reason).or_default() += count;
    }
    collected.problems.extend(walked.problems);
    collected.statistics.scanner = gate.statistics().since(counted);
    collected
}

fn stdin(gate: &Gate, name: Option<&str>) -> Result<Collector, Failure> {
    let mut collected = Collector::default();
    let limit = gate.read_limit();
    let input = gatepost_source::stdin::read(std::io::stdin().lock(), limit).map_err(|error| {
        Failure::usage(format!("cannot read standard input: {error}"), "pipe the content in")
    })?;
    let Input::Whole(bytes) = input else {
        collected.skip(SkipReason::TooLarge);
        return Ok(collected);
    };
    let path = name.map(RepoPath::from);
    let document = Document {
        path: path.as_ref(),
        subject: Some("standard input"),
        ..Document::new(DocumentKind::Stdin, &bytes)
    };
    gate.document(&document, &mut collected);
    collected.coverage.files = 1;
    collected.coverage.bytes = bytes.len() as u64;
    collected.statistics.scanner = gate.statistics();
    Ok(collected)
}
