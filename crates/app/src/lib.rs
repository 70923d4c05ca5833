//! The process around gatepost: arguments, settings, stages, commands, exit codes.
//!
//! The only crate that knows it is a process. Everything that it decides is which bytes are judged by which policy;
//! the judging is `gatepost-core`'s.

mod args;
mod bypass;
mod checkout;
mod ci;
mod collect;
pub mod commands;
mod deadline;
mod durable;
mod evidence;
mod exit;
mod failure;
mod fingerprint_key;
mod finish;
mod gitleaks;
mod judge;
mod moves;
mod next_policy;
mod output;
pub mod platform;
mod policy_source;
mod push;
mod repo;
mod repository_policy;
mod rules;
mod scan;
mod server;
mod session;
pub mod settings;
pub mod sibling;
mod stages;
mod trees;
mod usage;
mod voice;
mod why;

use args::{Cli, Command};
use clap::{CommandFactory as _, FromArgMatches as _};
use exit::Failure;
use std::process::ExitCode;

/// The README's library example must compile.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// Exit code for wrong usage, as clap has it, and for a process that fell over.
const USAGE: u8 = 2;

/// The `gatepost` binary.
#[must_use]
pub fn main() -> ExitCode {
    // A bug must not look like "no violations": whatever falls over ends in 2.
    std::panic::catch_unwind(real_main).unwrap_or_else(|_| {
        output::say("gatepost: this is a bug, please report it; nothing was judged");
        ExitCode::from(USAGE)
    })
}

fn real_main() -> ExitCode {
    if let Some(words) = gitleaks::asked(std::env::args_os()) {
        gatepost_source::trust_object_names();
        return gitleaks::main(words);
    }
    let cli = match parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output with code 0, errors to standard error with code 2.
            let code = u8::try_from(error.exit_code()).unwrap_or(USAGE);
            return if output::complain(&error).is_ok() {
                ExitCode::from(code)
            } else {
                ExitCode::from(USAGE)
            };
        }
    };
    gatepost_source::trust_object_names();
    match enter(&cli).and_then(|()| evidence::around(&cli, || dispatch(&cli))) {
        Ok(code) => code,
        Err(failure) => {
            failure::say(&failure, &cli.common.output);
            ExitCode::from(failure.exit_code())
        }
    }
}

fn parse() -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    let mut cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    cli.common.output.pair(&matches);
    evidence::begin(&mut cli, &matches).map_err(|error| error.format(&mut command))?;
    Ok(cli)
}

/// Obeys `-C` once, so that every path on the command line means what it would mean there.
fn enter(cli: &Cli) -> Result<(), Failure> {
    let Some(directory) = &cli.common.directory else { return Ok(()) };
    std::env::set_current_dir(directory).map_err(|error| {
        Failure::usage(
            format!("cannot enter {}: {error}", directory.display()),
            "name a folder that exists with -C",
        )
    })
}

fn dispatch(cli: &Cli) -> Result<ExitCode, Failure> {
    match &cli.command {
        Command::Run(run) => stages::run(cli, run),
        Command::Scan(scan) => scan::run(cli, scan),
        Command::Check(check) => commands::check::run(cli, &check.what),
        Command::Deps(deps) => commands::deps::run(cli, &deps.what),
        Command::Init(init) => commands::policy::init(&init.preset),
        Command::Install(install) => commands::hooks::install(install),
        Command::Uninstall => commands::hooks::uninstall(),
        Command::Doctor => commands::hooks::doctor(cli),
        Command::Config(config) => commands::policy::config(cli, &config.what),
        Command::Rules(rules) => commands::rules::run(cli, &rules.what),
        Command::Explain(explain) => commands::explain::run(cli, explain.code.as_deref()),
        Command::Baseline(baseline) => commands::baseline::run(cli, baseline.what),
        Command::Exceptions(exceptions) => commands::exceptions::run(cli, &exceptions.what),
        Command::Report(report) => commands::report::run(cli, &report.what),
        Command::BreakGlass(glass) => commands::break_glass::run(cli, glass.what),
        Command::Server(server) => commands::server::run(cli, &server.what),
        Command::Audit(audit) => commands::server::audit::run(cli, audit),
        Command::Import(import) => commands::import::run(cli, import),
        Command::Gitleaks { words } => Ok(gitleaks::main(words.clone())),
        Command::Evidence(asked) => commands::evidence::run(cli, &asked.what),
        Command::Metrics(metrics) => commands::evidence::metrics(cli, metrics),
        Command::Completions(completions) => commands::completions::run(completions.shell),
    }
}
