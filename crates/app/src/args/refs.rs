//! The arguments of `gatepost check refs`.

use clap::Args;

const HELP: &str = "\
Judges every branch and every tag by what the policy asks of names ([branch]) and of tags ([[ref]]), at the levels of
pre-receive. What it asks of moves (force, delete, what may arrive) is nothing that refs which are there can answer.

Examples:
  gatepost check refs                    the branches and tags of this repository
  gatepost check refs --at origin        the branches of a remote as they were fetched last, and the tags
  gatepost check refs -f json -o refs.json";

/// `gatepost check refs`.
#[derive(Clone, Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct CheckRefs {
    /// The branches of this remote, as they were fetched last, instead of those of this repository
    #[arg(long, value_name = "REMOTE")]
    pub(crate) at: Option<String>,
}
