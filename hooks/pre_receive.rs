//! The `gatepost-pre-receive` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatepost_app::main()
}
