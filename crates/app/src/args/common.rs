//! Flags that every command takes.

use clap::{Args, ValueEnum};
use gatepost_core::{Confidence, Severity};
use std::path::PathBuf;

/// Flags that every command takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// Run as if started in this folder
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub(crate) directory: Option<PathBuf>,
    /// Use this policy file instead of the repository's
    #[arg(long, value_name = "FILE", global = true, conflicts_with = "no_config")]
    pub(crate) config: Option<PathBuf>,
    /// Use no policy file: the built-in defaults
    #[arg(long, global = true)]
    pub(crate) no_config: bool,
    /// Lay a ready-made policy over what is in force: strict, default, audit or any of `gatepost config presets`. At a
    /// gate it can only make the policy stricter
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) profile: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub(crate) output: Output,
    /// Report only findings of this confidence and above; not at a gate (`run`, `check`)
    #[arg(long, value_name = "LEVEL", value_parser = confidence, global = true)]
    pub(crate) min_confidence: Option<Confidence>,
    /// Report only findings of this severity and above; not at a gate (`run`, `check`)
    #[arg(long, value_name = "LEVEL", value_parser = severity, global = true)]
    pub(crate) min_severity: Option<Severity>,
    /// Exit with 0 where violations would give 1; errors keep their code. Not at pre-receive
    #[arg(long, global = true)]
    pub(crate) exit_zero: bool,
    /// Say where the time went: on standard error, and in JSON reports
    #[arg(long, global = true)]
    pub(crate) stats: bool,
    /// Threads to use; as many as there are processors without this
    #[arg(long, value_name = "N", global = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
}

/// Flags about output.
#[derive(Clone, Debug, Args)]
pub(crate) struct Output {
    /// Format of the report: human or json; `exceptions audit` has markdown and csv too. Repeatable, each with its own -o
    #[arg(short = 'f', long = "format", value_name = "FORMAT", global = true)]
    pub(crate) formats: Vec<String>,
    /// Where the report goes; - is standard output. The n-th -o belongs to the n-th -f
    #[arg(short = 'o', long = "output", value_name = "FILE", global = true)]
    pub(crate) outputs: Vec<PathBuf>,
    /// Print secrets instead of masking them
    #[arg(long, global = true)]
    pub(crate) show_secrets: bool,
    /// Colour
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    pub(crate) color: Color,
    /// Say nothing when clean
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) quiet: u8,
    /// Say more: every place, notes in full
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
}

/// When to use colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn confidence(word: &str) -> Result<Confidence, String> {
    Confidence::from_word(word).ok_or_else(|| "expected low, medium or high".to_owned())
}

fn severity(word: &str) -> Result<Severity, String> {
    Severity::from_word(word).ok_or_else(|| "expected info, low, medium, high or critical".to_owned())
}
