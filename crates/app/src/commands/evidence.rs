//! `gatepost evidence` and `gatepost metrics`: what the records that runs left behind say.

use crate::args::{Cli, EvidenceReport, EvidenceWhat, Metrics};
use crate::evidence::{LogFile, SHARED, public_keys};
use crate::exit::Failure;
use crate::output::{Places, print};
use crate::{repo, session};
use gatepost_core::text::escape;
use gatepost_core::{ObjectId, Timestamp};
use gatepost_evidence::run::{Audit, Gap, Log, Missing, Read, Statement, audit, gaps};
use gatepost_source::Repository;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// `gatepost evidence`.
///
/// # Errors
///
/// Records that cannot be read or believed, and revisions that name nothing.
pub(crate) fn run(cli: &Cli, what: &EvidenceWhat) -> Result<ExitCode, Failure> {
    match what {
        EvidenceWhat::Verify { path, key, expect } => {
            plain(cli)?;
            verify(cli, path.as_deref(), key, expect.as_deref())
        }
        EvidenceWhat::Coverage { range, gate, accept_tree, key } => {
            plain(cli)?;
            coverage(cli, range, gate, *accept_tree, key)
        }
        EvidenceWhat::Report(asked) => report(cli, asked),
    }
}

/// `gatepost metrics`.
///
/// # Errors
///
/// Records that cannot be read or believed.
pub(crate) fn metrics(cli: &Cli, asked: &Metrics) -> Result<ExitCode, Failure> {
    plain(cli)?;
    let log = LogFile::to_read(directory(cli)?)?.read(&[])?;
    print(&gatepost_evidence::run::metrics(log.since(asked.since.map(gatepost_core::Date::start))))?;
    Ok(ExitCode::SUCCESS)
}

/// These say what they have to say in one form.
fn plain(cli: &Cli) -> Result<(), Failure> {
    let output = &cli.common.output;
    if output.formats.iter().all(|format| format == "human") && output.outputs.is_empty() {
        return Ok(());
    }
    Err(Failure::usage(
        "this has one format, and goes to standard output",
        "leave -f and -o away, and redirect it; `gatepost evidence report` has -f markdown, json and csv",
    ))
}

fn directory(cli: &Cli) -> Result<&Path, Failure> {
    cli.common.recording.evidence.as_deref().ok_or_else(|| {
        Failure::usage(
            "the folder with the records is not named",
            "name it: --evidence DIR, or set GATEPOST_EVIDENCE",
        )
    })
}

fn verify(
    cli: &Cli,
    path: Option<&Path>,
    keys: &[PathBuf],
    expect: Option<&str>,
) -> Result<ExitCode, Failure> {
    let file = LogFile::to_read(match path {
        Some(path) => path,
        None => directory(cli)?,
    })?;
    if let Some(head) = expect.filter(|head| head.len() != 64 || !head.bytes().all(|b| b.is_ascii_hexdigit()))
    {
        return Err(Failure::usage(
            format!("--expect {head} is no head of a log"),
            "give the 64 hexadecimal digits that `gatepost evidence verify` said before",
        ));
    }
    let keys = public_keys(keys)?;
    let expect = expect.map(str::to_ascii_lowercase);
    let shown = file.path().display();
    let log = match Log::read(&file.bytes()?, Read { keys: &keys, expect: expect.as_deref() }) {
        Ok(log) => log,
        Err(broken) => {
            print(&format!("{shown}:{}: {}\n", broken.line, escape(&broken.what)))?;
            return Ok(ExitCode::from(1));
        }
    };
    let mut out = format!("{shown}: {}, each fits the one before\n", records(log.records.len()));
    let signed = log.records.iter().filter(|record| record.signed.is_some()).count();
    let _ = match (keys.is_empty(), signed) {
        (false, _) => writeln!(out, "every one is signed with a key that was given"),
        (true, 0) => writeln!(out, "none is signed"),
        (true, some) => writeln!(out, "{some} are signed; the signatures were not verified: give --key FILE"),
    };
    match (&log.head, &expect) {
        (None, _) => out.push_str("the log is empty: it has no head\n"),
        (Some(head), None) => {
            let _ = writeln!(
                out,
                "head: {head}\nthat no line is missing at the end shows only against a head that was kept elsewhere: \
                 --expect SHA256"
            );
        }
        (Some(head), Some(_)) => {
            let _ = writeln!(out, "head: {head}\nthe log had the expected head");
        }
    }
    print(&out)?;
    Ok(ExitCode::SUCCESS)
}

fn records(count: usize) -> String {
    format!("{count} {}", if count == 1 { "record" } else { "records" })
}

fn coverage(
    cli: &Cli,
    range: &str,
    wanted: &[String],
    accept_tree: bool,
    keys: &[PathBuf],
) -> Result<ExitCode, Failure> {
    let log = LogFile::to_read(directory(cli)?)?.read(&public_keys(keys)?)?;
    let repository = repo::open()?;
    let repository = repository.as_ref();
    let (from, to) = repo::range(repository, range)?;
    let commits = commits(repository, &[to], &[from])?;
    let statements = || log.records.iter().map(|stored| &stored.statement);
    let mut found = gaps(statements(), &gates(wanted)?, &commits);
    let all = found.len();
    if accept_tree {
        found.retain(|gap| !matches!(gap.missing, Missing::SameTree(_)));
    }
    let mut out = String::new();
    for gap in &found {
        let header = header(repository, &gap.commit);
        let _ = writeln!(out, "{}  {}  {header}", gap.commit.get(..12).unwrap_or(&gap.commit), gap.words());
    }
    let covered = commits.len().saturating_sub(found.len());
    let _ = writeln!(
        out,
        "{covered} of {} commits in {} have a record that they passed",
        commits.len(),
        escape(range)
    );
    if all > found.len() {
        let _ = writeln!(
            out,
            "{} of them by another commit with the same files",
            all.saturating_sub(found.len())
        );
    }
    print(&out)?;
    Ok(ExitCode::from(u8::from(!found.is_empty())))
}

/// The gates whose records count.
fn gates(wanted: &[String]) -> Result<Vec<String>, Failure> {
    const KNOWN: [&str; 6] = ["pre-commit", "commit-msg", "pre-push", "pre-receive", "ci", "scan"];
    if wanted.is_empty() {
        return Ok(SHARED.map(str::to_owned).to_vec());
    }
    match wanted.iter().find(|gate| !KNOWN.contains(&gate.as_str())) {
        Some(unknown) => Err(Failure::usage(
            format!("there is no gate `{unknown}`"),
            format!("gates: {}", KNOWN.join(", ")),
        )),
        None => Ok(wanted.to_vec()),
    }
}

/// Commits with their trees.
fn commits(
    repository: &dyn Repository,
    include: &[ObjectId],
    exclude: &[ObjectId],
) -> Result<Vec<(String, String)>, Failure> {
    let ids = repository.commits(include, exclude)?;
    let with_tree = |id: &ObjectId| Ok((id.to_string(), repository.commit(id)?.tree.to_string()));
    ids.iter().map(with_tree).collect()
}

/// The first line of a commit's message, for people.
fn header(repository: &dyn Repository, commit: &str) -> String {
    let commit = ObjectId::from_hex(commit.as_bytes()).and_then(|id| repository.commit(&id).ok());
    let message =
        commit.map(|commit| String::from_utf8_lossy(&commit.message).into_owned()).unwrap_or_default();
    let line: String = message.lines().next().unwrap_or_default().chars().take(60).collect();
    escape(&line).into_owned()
}

fn report(cli: &Cli, asked: &EvidenceReport) -> Result<ExitCode, Failure> {
    let mut output = cli.common.output.clone();
    if output.formats.is_empty() {
        output.formats.push("markdown".to_owned());
    }
    let places = Places::new(&output, &["markdown", "json", "csv"])?;
    let keys = public_keys(&asked.key)?;
    let log = LogFile::to_read(directory(cli)?)?.read(&keys)?;
    let release = asked.release.as_deref().map(|tag| release(tag, asked.after.as_deref())).transpose()?;
    let end: Option<Timestamp> = asked.until.map(gatepost_core::Date::end);
    let is_in = |record: &&Statement| {
        end.is_none_or(|end| record.predicate.started <= end)
            && release.as_ref().is_none_or(|commits| {
                record.judged().any(|subject| subject.commit().is_some_and(|id| commits.ids.contains(id)))
            })
    };
    let records = log.since(asked.since.map(gatepost_core::Date::start)).filter(is_in);
    let mut audit = audit(title(asked), session::now(), log.head.clone(), records);
    if !keys.is_empty() {
        audit.signatures_verified = Some(log.records.len() as u64);
    }
    let missing: Option<Vec<Gap>> =
        release.map(|release| gaps(log.since(None), &SHARED.map(str::to_owned), &release.commits));
    let has_gaps = missing.as_ref().is_some_and(|gaps| !gaps.is_empty());
    audit.gaps = missing;
    let json = audit
        .json()
        .map_err(|error| Failure::usage(format!("cannot write the report: {error}"), "report this"))?;
    places.write(|format, _| form(&audit, format, &json))?;
    Ok(ExitCode::from(u8::from(has_gaps)))
}

fn form(audit: &Audit<'_>, format: &str, json: &str) -> Option<String> {
    match format {
        "markdown" => Some(audit.markdown()),
        "json" => Some(json.to_owned()),
        "csv" => Some(audit.csv()),
        _ => None,
    }
}

fn title(asked: &EvidenceReport) -> String {
    let mut parts = Vec::new();
    if let Some(tag) = &asked.release {
        parts.push(format!("release {tag}"));
        parts.extend(asked.after.as_ref().map(|tag| format!("after {tag}")));
    }
    parts.extend(asked.since.map(|day| format!("since {day}")));
    parts.extend(asked.until.map(|day| format!("until {day}")));
    if parts.is_empty() { "all records".to_owned() } else { parts.join(", ") }
}

/// The commits of a release.
struct Release {
    ids: HashSet<String>,
    commits: Vec<(String, String)>,
}

fn release(tag: &str, after: Option<&str>) -> Result<Release, Failure> {
    let repository = repo::open()?;
    let repository = repository.as_ref();
    let tip = repo::resolve(repository, &format!("refs/tags/{tag}^{{commit}}"))?;
    let before =
        after.map(|tag| repo::resolve(repository, &format!("refs/tags/{tag}^{{commit}}"))).transpose()?;
    let commits = commits(repository, &[tip], before.as_slice())?;
    Ok(Release { ids: commits.iter().map(|(id, _)| id.clone()).collect(), commits })
}
