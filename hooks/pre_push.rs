//! The `gatepost-pre-push` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatepost_app::main()
}
