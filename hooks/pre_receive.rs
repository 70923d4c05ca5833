//! The `gatepost-pre-receive` binary: `gatepost run pre-receive`, for Git's `pre-receive` hook.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatepost_app::sibling::run("pre-receive")
}
