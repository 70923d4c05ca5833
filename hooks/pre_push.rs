//! The `gatepost-pre-push` binary: `gatepost run pre-push`, for Git's `pre-push` hook.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatepost_app::sibling::run("pre-push")
}
