//! `gatepost server`: the gate in the repositories of a server, set up and looked after.

pub(crate) mod audit;
mod check;
mod find;
mod hook;
mod install;
mod place;
mod policy;

use crate::args::{Cli, ServerWhat};
use crate::exit::Failure;
use crate::repo;
use std::process::ExitCode;

/// `gatepost server`.
///
/// # Errors
///
/// Repositories that cannot be found, and a policy that is broken.
pub(crate) fn run(cli: &Cli, what: &ServerWhat) -> Result<ExitCode, Failure> {
    if !cli.common.output.formats.is_empty() || !cli.common.output.outputs.is_empty() {
        return Err(Failure::usage(
            "gatepost server has words for people and no formats",
            "leave -f and -o away; `gatepost audit -f json` has the state of many repositories",
        ));
    }
    repo::refuse_git_dir()?;
    match what {
        ServerWhat::Install(install) => install::run(cli, install),
        ServerWhat::Check(check) => check::run(cli, check),
    }
}
