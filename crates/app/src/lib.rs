//! The process around gatepost: arguments, settings, stages, commands, exit codes. The only crate that knows it is
//! a process.

use std::process::ExitCode;

/// The main job of `gatepost`.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::from(2)
}
