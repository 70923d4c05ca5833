//! The `gatepost-commit-msg` binary: `gatepost run commit-msg`, for Git's `commit-msg` hook.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatepost_app::sibling::run("commit-msg")
}
