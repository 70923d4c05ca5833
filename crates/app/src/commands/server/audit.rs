//! `gatepost audit`: what is wrong with the repositories of a server, gate by gate and branch by branch.

use super::policy::{self, Central};
use super::{check, find};
use crate::args::{Audit as Asked, Cli};
use crate::exit::Failure;
use crate::failure;
use crate::moves::Standing;
use crate::output::Places;
use crate::repo;
use crate::session::{self, Session};
use gatepost_core::refs::Config;
use gatepost_core::text::PathGlob;
use gatepost_core::{Level, ObjectId, RefName, RefUpdate, RepoPath, Timestamp};
use gatepost_report::audit::{Audit, Matter, Row, formats};
use gatepost_source::{Error, Head, Reference, Repository};
use std::path::Path;
use std::process::ExitCode;

/// A day, in seconds.
const DAY: i64 = 86_400;

/// `gatepost audit`.
///
/// # Errors
///
/// Repositories that cannot be found, a policy that is broken, an output that cannot be written.
pub(crate) fn run(cli: &Cli, asked: &Asked) -> Result<ExitCode, Failure> {
    repo::refuse_git_dir()?;
    let places = Places::new(&cli.common.output, &formats())?;
    let central = asked.policy.as_deref().map(|file| policy::central(cli, file)).transpose()?;
    let repositories = find::all(&asked.repositories)?;
    let mut rows = Vec::new();
    for path in &repositories {
        let mut found = Found { repository: path.display().to_string(), rows: Vec::new() };
        one(cli, path, &asked.platform, central.as_ref(), &mut found);
        rows.append(&mut found.rows);
    }
    let audit = Audit { today: session::now().date(), repositories: repositories.len(), rows };
    places.write(|format, width| audit.write(format, width))?;
    let unreadable = |row: &Row| row.matter == Matter::Unreadable;
    let code = match (audit.rows.iter().all(unreadable), audit.rows.is_empty()) {
        (_, true) => 0,
        (true, false) => 3,
        (false, false) => 1,
    };
    Ok(ExitCode::from(code))
}

/// What is wrong with one repository.
struct Found {
    repository: String,
    rows: Vec<Row>,
}

impl Found {
    fn add(&mut self, matter: Matter, name: Option<&RefName>, days: Option<i64>, what: String, fix: String) {
        let name = name.map(|name| name.escaped().into_owned());
        self.rows.push(Row { repository: self.repository.clone(), matter, name, days, what, fix });
    }

    fn unreadable(&mut self, error: &Error) {
        self.add(Matter::Unreadable, None, None, error.message.clone(), error.fix.clone());
    }
}

fn one(cli: &Cli, path: &Path, platform: &str, central: Option<&Central>, found: &mut Found) {
    for (what, fix) in check::gate(path, platform) {
        found.add(Matter::NoGate, None, None, what, fix);
    }
    let repository = match gatepost_source::open(Some(path)) {
        Ok(repository) => repository,
        Err(error) => return found.unreadable(&error),
    };
    let repository = repository.as_ref();
    let session = match policy::in_force(cli, repository) {
        Ok(session) => session,
        Err(Failure::Source(error)) => return found.unreadable(&error),
        Err(failure) => {
            let what = format!("{}; its branches and tags were not looked at", failure::words(&failure));
            let fix = "gatepost config check, in the repository".to_owned();
            return found.add(Matter::BrokenPolicy, None, None, what, fix);
        }
    };
    if let Some(central) = central.filter(|central| central.digest != session.settings.digest()) {
        let what = format!("its policy says something else than {}", central.path.display());
        let fix =
            format!("gatepost server install --repo {} --policy {}", path.display(), central.path.display());
        found.add(Matter::DriftedPolicy, None, None, what, fix);
    }
    if let Err(error) = refs(&session, repository, found) {
        match error {
            Failure::Source(error) => found.unreadable(&error),
            other => found.add(Matter::BrokenPolicy, None, None, failure::words(&other), String::new()),
        }
    }
}

fn refs(session: &Session, repository: &dyn Repository, found: &mut Found) -> Result<(), Failure> {
    let references = repository.references()?;
    let config: Config = session.policy().section("branch")?;
    let long_lived: Vec<PathGlob> =
        config.long_lived.iter().filter_map(|glob| PathGlob::new(&format!("/{glob}")).ok()).collect();
    let is_long_lived = |name: &[u8]| long_lived.iter().any(|glob| glob.is_match(&RepoPath::new(name)));
    if let Head::Branch(default, tip) = repository.head()? {
        for reference in &references {
            let Some(short) = reference.name.branch() else { continue };
            if reference.name == default || is_long_lived(short) {
                continue;
            }
            branch(session, repository, &default, tip, reference, config.stale_after_days, found)?;
        }
    }
    let standing = Standing::new(session, repository, &references);
    for reference in &references {
        rules(session, &standing, reference, found)?;
    }
    Ok(())
}

/// How long a branch has been open: since the first of its commits that the default branch has not.
fn branch(
    session: &Session,
    repository: &dyn Repository,
    default: &RefName,
    tip: ObjectId,
    reference: &Reference,
    days: u32,
    found: &mut Found,
) -> Result<(), Failure> {
    let own = repository.commits(&[reference.target], &[tip])?;
    let (name, main) = (reference.name.escaped(), default.escaped());
    let short = name.strip_prefix("refs/heads/").unwrap_or(&name).to_owned();
    let delete = format!("git push --delete REMOTE {short}");
    if own.is_empty() {
        let what = format!("everything in it is in {main}");
        found.add(Matter::MergedBranch, Some(&reference.name), None, what, delete);
        return Ok(());
    }
    if days == 0 {
        return Ok(());
    }
    let mut first: Option<Timestamp> = None;
    for id in &own {
        let time = repository.commit(id)?.committer.time;
        first = first.into_iter().chain(time).min();
    }
    let Some(open) = first.map(|first| session.now.seconds.saturating_sub(first.seconds)) else {
        return Ok(());
    };
    if open > i64::from(days) * DAY {
        let open = open / DAY;
        let what =
            format!("open for {open} days, and the policy wants no more than {days} (stale-after-days)");
        let fix = format!("merge it into {main}, or give it up: {delete}");
        found.add(Matter::StaleBranch, Some(&reference.name), Some(open), what, fix);
    }
    Ok(())
}

/// What the policy's rules for names and for tags say of a branch or a tag that is there.
fn rules(
    session: &Session,
    standing: &Standing<'_>,
    reference: &Reference,
    found: &mut Found,
) -> Result<(), Failure> {
    if reference.name.branch().is_none() && reference.name.tag().is_none() {
        return Ok(());
    }
    let update = RefUpdate { name: reference.name.clone(), old: None, new: Some(reference.target) };
    let gate = session.gate_on(Some(&reference.name), |check| ["branch", "ref"].contains(&check.section))?;
    let collected = standing.judge(&gate, &[update]);
    for problem in collected.problems {
        found.add(Matter::Unreadable, Some(&reference.name), None, problem.what, problem.fix);
    }
    for finding in collected.findings.into_iter().filter(|finding| finding.level >= Level::Warn) {
        let what = format!("{} ({})", finding.message, finding.code);
        let fix = finding.fix.into_iter().next().unwrap_or_default();
        found.add(Matter::BadRef, Some(&reference.name), None, what, fix);
    }
    Ok(())
}
