//! `ci`: the commits of a range, judged by the policy of the revision before it.

use crate::args::Cli;
use crate::bypass::named;
use crate::exit::Failure;
use crate::policy_source::PolicySource;
use crate::session::{Session, checked_out};
use crate::{finish, judge, repo};
use gatepost_core::{RefName, Stage};
use gatepost_source::Repository;
use std::process::ExitCode;

pub(super) fn run(
    cli: &Cli,
    from: Option<&str>,
    to: &str,
    branch_flag: Option<&str>,
    exceptions: &[String],
) -> Result<ExitCode, Failure> {
    let repository = repo::open()?;
    let repository = repository.as_ref();
    let Some(from) = from else {
        return Err(Failure::usage(
            "the base of the range is not known",
            "name it: gatepost run ci --from-ref origin/main --to-ref HEAD (or set PRE_COMMIT_FROM_REF)",
        ));
    };
    let (base, head) = (repo::resolve(repository, from)?, repo::resolve(repository, to)?);
    let mut session = Session::new(cli, Stage::Ci, PolicySource::Revision(repository, base))?;
    session.branch = branch(repository, to, branch_flag)?;
    let refs = session.branch.clone().map(|name| vec![name]);
    named::check(exceptions, session.policy(), refs.as_deref(), session.now.date())?;
    session.named = exceptions.to_vec();
    let gate = session.gate(|_| true)?;
    let mut changes = judge::range(repository, Stage::Ci, &[head], &[base])?;
    changes.trusted = vec![base];
    let commits = changes.commits.len();
    let collected = judge::change_set(repository, &gate, &changes, session.threads)?;
    let scope = format!("{commits} {} in {from}..{to}", if commits == 1 { "commit" } else { "commits" });
    finish::finish(&session, collected, scope)
}

/// The branch whose overlays count: the one that is named, else the one that `to` names, else the one that is checked
/// out where that is what is judged. CI systems often check out no branch: then only a name tells.
fn branch(repository: &dyn Repository, to: &str, named: Option<&str>) -> Result<Option<RefName>, Failure> {
    if let Some(name) = named {
        return Ok(Some(RefName::new(format!("refs/heads/{}", name.trim_start_matches("refs/heads/")))));
    }
    let full = RefName::new(format!("refs/heads/{}", to.trim_start_matches("refs/heads/")));
    if to != "HEAD" && repository.references()?.iter().any(|reference| reference.name == full) {
        return Ok(Some(full));
    }
    if to == "HEAD" { checked_out(repository) } else { Ok(None) }
}
