//! The `gatepost-pre-commit` binary: `gatepost run pre-commit`, for Git's `pre-commit` hook.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatepost_app::sibling::run("pre-commit")
}
