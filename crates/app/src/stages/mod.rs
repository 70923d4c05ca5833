//! The gates: one file each. A stage finds out what is judged, and nothing else.

mod ci;
mod commit_msg;
mod pre_commit;
mod pre_push;
mod pre_receive;
mod updates;
mod withheld;

use crate::args::{Cli, Run, RunStage};
use crate::exit::Failure;
use std::process::ExitCode;

pub(crate) use commit_msg::{cleanup, read as read_message};
pub(crate) use pre_commit::staged;

/// `gatepost run`.
///
/// # Errors
///
/// Whatever keeps the gate from judging.
pub(crate) fn run(cli: &Cli, run: &Run) -> Result<ExitCode, Failure> {
    match &run.stage {
        RunStage::PreCommit { files } => pre_commit::run(cli, files),
        RunStage::CommitMsg { file } => commit_msg::run(cli, file),
        RunStage::PrePush { remote } => pre_push::run(cli, remote),
        RunStage::PreReceive => pre_receive::run(cli),
        RunStage::Ci(asked) => ci::run(cli, asked),
    }
}
