//! The `gatepost-pre-commit` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatepost_app::main()
}
