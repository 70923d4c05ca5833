//! `pre-push`: every commit that the remote does not have, for every ref that is pushed.
//!
//! A hook manager may have read standard input already. It then says what is pushed in `PRE_COMMIT_FROM_REF`,
//! `PRE_COMMIT_TO_REF` and `PRE_COMMIT_REMOTE_BRANCH`, of one ref only; that is said aloud.

use super::updates;
use crate::args::Cli;
use crate::bypass::recorded::Recorded;
use crate::exit::Failure;
use crate::policy_source::PolicySource;
use crate::push::Known;
use crate::session::Session;
use crate::{finish, push, repo};
use gatepost_core::{RefName, RefUpdate, Stage};
use gatepost_source::Repository;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, remote: &[String]) -> Result<ExitCode, Failure> {
    let repository = repo::open()?;
    let repository = repository.as_ref();
    let source = PolicySource::WorkTree(Some(repository));
    let session = Session::new(cli, Stage::PrePush, source)?;
    let managed = managed(repository)?;
    let (remote, pushed, notice) = match managed {
        Some((remote, pushed)) => {
            let notice = "a hook manager names one ref of this push; the others are judged on the server or by \
                          `gatepost install`";
            (Some(remote), pushed, Some(notice.to_owned()))
        }
        None => {
            let form = "<local ref> <local oid> <remote ref> <remote oid>";
            let input = updates::read_stdin("pre-push", form)?;
            (remote.first().cloned(), updates::pre_push(&input)?, None)
        }
    };
    let known = known_to_remote(repository, remote.as_deref(), &pushed)?;
    let push::Judged { mut collected, scope, pushed, .. } =
        push::judge(&session, repository, pushed, &known, &Recorded::nothing())?;
    session.draft.push((&session, repository), &pushed, 0, 0);
    collected.notices.extend(notice);
    finish::finish(&session, collected, scope)
}

/// The remote and the push that a hook manager tells of; `None` when Git itself called.
fn managed(repository: &dyn Repository) -> Result<Option<(String, Vec<RefUpdate>)>, Failure> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let Some(remote) = variable("PRE_COMMIT_REMOTE_NAME") else { return Ok(None) };
    let old = variable("PRE_COMMIT_FROM_REF").map(|name| repository.resolve(&name)).transpose()?;
    // A branch that brings a root commit: pre-commit names neither end, prek only the new one.
    let new = repository.resolve(variable("PRE_COMMIT_TO_REF").as_deref().unwrap_or("HEAD"))?;
    let name = variable("PRE_COMMIT_REMOTE_BRANCH").unwrap_or_else(|| "refs/heads/HEAD".to_owned());
    Ok(Some((remote, vec![RefUpdate { name: RefName::from(name.as_str()), old, new: Some(new) }])))
}

/// What the remote is known to have: its refs as last seen here, and the old values that it announced. An old value
/// that is not here (somebody else pushed meanwhile) can hide nothing.
fn known_to_remote(
    repository: &dyn Repository,
    remote: Option<&str>,
    pushed: &[RefUpdate],
) -> Result<Vec<Known>, Failure> {
    let mut known: Vec<Known> = Vec::new();
    if let Some(remote) = remote {
        let prefix = format!("refs/remotes/{remote}/");
        for reference in repository.references()? {
            let Some(branch) = reference.name.as_bytes().strip_prefix(prefix.as_bytes()) else { continue };
            let name = Some(RefName::new([b"refs/heads/", branch].concat()));
            known.push(Known { name, id: reference.target });
        }
    }
    let old = pushed.iter().filter_map(|update| Some((update.name.clone(), update.old?)));
    let here = old.filter(|(_, id)| repository.commit(id).is_ok());
    known.extend(here.map(|(name, id)| Known { name: Some(name), id }));
    Ok(known)
}
