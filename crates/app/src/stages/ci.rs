//! `ci`: the commits of a range, judged by the policy of the revision before it.

use crate::args::Cli;
use crate::bypass::named;
use crate::exit::Failure;
use crate::policy_source::PolicySource;
use crate::session::Session;
use crate::{finish, judge, next_policy, repo};
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
    session.branch = branch(repository, from, branch_flag)?;
    let refs = session.branch.clone().map(|name| vec![name]);
    named::check(exceptions, session.policy(), refs.as_deref(), session.now.date())?;
    session.named = exceptions.to_vec();
    let next = next_policy::check(cli, &session, repository, Some(base), head);
    let gate = session.gate(|_| true)?;
    let mut changes = judge::range(repository, Stage::Ci, &[head], &[base])?;
    changes.trusted = vec![base];
    changes.base = Some(base);
    let commits = changes.commits.len();
    let collected = judge::change_set(repository, &gate, &changes, session.threads)?;
    let scope = format!("{commits} {} in {from}..{to}", if commits == 1 { "commit" } else { "commits" });
    next_policy::end(cli, next, finish::finish(&session, collected, scope)?)
}

/// The branch whose overlays count: the one that is named, else the one that the base is, which the change cannot choose. The
/// name of the branch under judgement is the pusher's.
fn branch(repository: &dyn Repository, from: &str, named: Option<&str>) -> Result<Option<RefName>, Failure> {
    let full = |name: &str| RefName::new(format!("refs/heads/{}", name.trim_start_matches("refs/heads/")));
    if let Some(name) = named {
        return Ok(Some(full(name)));
    }
    let names: Vec<RefName> = repository.references()?.into_iter().map(|reference| reference.name).collect();
    if names.contains(&full(from)) {
        return Ok(Some(full(from)));
    }
    let remote = from.trim_start_matches("refs/").trim_start_matches("remotes/");
    let is_remote = names.contains(&RefName::new(format!("refs/remotes/{remote}")));
    Ok(remote.split_once('/').filter(|_| is_remote).map(|(_, branch)| full(branch)))
}
