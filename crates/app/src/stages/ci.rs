//! `ci`: the commits of a range, judged by the policy of the revision before it.

use crate::args::Cli;
use crate::exit::Failure;
use crate::policy_source::PolicySource;
use crate::session::Session;
use crate::{finish, judge, repo};
use gatepost_core::Stage;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, from: Option<&str>, to: &str) -> Result<ExitCode, Failure> {
    let repository = repo::open()?;
    let repository = repository.as_ref();
    let Some(from) = from else {
        return Err(Failure::usage(
            "the base of the range is not known",
            "name it: gatepost run ci --from-ref origin/main --to-ref HEAD (or set PRE_COMMIT_FROM_REF)",
        ));
    };
    let (base, head) = (repo::resolve(repository, from)?, repo::resolve(repository, to)?);
    let session = Session::new(cli, Stage::Ci, PolicySource::Revision(repository, base))?;
    let gate = session.gate(|_| true)?;
    let changes = judge::range(repository, Stage::Ci, &[head], &[base])?;
    let commits = changes.commits.len();
    let collected = judge::change_set(repository, &gate, &changes, session.threads)?;
    let scope = format!("{commits} {} in {from}..{to}", if commits == 1 { "commit" } else { "commits" });
    finish::finish(&session, collected, scope)
}
