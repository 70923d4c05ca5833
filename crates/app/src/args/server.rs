//! `gatepost server` and `gatepost audit`: the repositories of a server.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `gatepost server`.
#[derive(Clone, Debug, Args)]
pub(crate) struct ServerCommand {
    /// What to do
    #[command(subcommand)]
    pub(crate) what: ServerWhat,
}

/// What `gatepost server` can do.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ServerWhat {
    /// Put the pre-receive hook into repositories, and point them at a policy; a hook that is there is kept and runs first
    Install(InstallServer),
    /// Say for each repository what is set up, what is missing and how to mend it; exit code 1 when something is missing
    Check(CheckServer),
}

/// The repositories that a command is about.
#[derive(Clone, Debug, Args)]
#[group(required = true)]
pub(crate) struct Repositories {
    /// A repository, by its own directory (`/srv/git/project.git`)
    #[arg(long, value_name = "DIR")]
    pub(crate) repo: Vec<PathBuf>,
    /// Every repository in a folder and below
    #[arg(long, value_name = "DIR")]
    pub(crate) all_under: Vec<PathBuf>,
}

/// `gatepost audit`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Audit {
    #[command(flatten)]
    pub(crate) repositories: Repositories,
    /// The policy that the repositories are to go by
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// The server that keeps the repositories; without it, each is looked at
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(gatepost_core::server::PLATFORMS), default_value = "auto")]
    pub(crate) platform: String,
}

/// `gatepost server install`.
#[derive(Clone, Debug, Args)]
pub(crate) struct InstallServer {
    #[command(flatten)]
    pub(crate) repositories: Repositories,
    /// The policy that the repositories go by; without it, each goes by that of its default branch
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// The server that keeps the repositories; without it, each is looked at
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(gatepost_core::server::PLATFORMS), default_value = "auto")]
    pub(crate) platform: String,
    /// Only say what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `gatepost server check`.
#[derive(Clone, Debug, Args)]
pub(crate) struct CheckServer {
    #[command(flatten)]
    pub(crate) repositories: Repositories,
    /// The policy that the repositories are to go by
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// The server that keeps the repositories; without it, each is looked at
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(gatepost_core::server::PLATFORMS), default_value = "auto")]
    pub(crate) platform: String,
}
