//! The `gatepost-commit-msg` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatepost_app::main()
}
