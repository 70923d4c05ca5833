//! The arguments of `gatepost check refs`.

use clap::Args;

const HELP: &str = "\
Judges every branch and every tag by what the policy asks of names ([branch]) and of tags ([[ref]]), at the levels of
pre-receive. What it asks of moves (force, delete, what may arrive) is nothing that refs which are there can answer.

Examples:
  gatepost check refs                    the branches and tags of this repository
  gatepost check refs --at origin        the branches of a remote as they were fetched last, and the tags
  gatepost check refs -f json -o refs.json
  gatepost check refs --forward-ports    the fixes that must come to other branches as well
  gatepost check refs --forward-ports hotfix/1.4.3-INC12345 -f json";

/// `gatepost check refs`.
#[derive(Clone, Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct CheckRefs {
    /// The branches of this remote, as they were fetched last, instead of those of this repository
    #[arg(long, value_name = "REMOTE")]
    pub(crate) at: Option<String>,
    /// Instead, list the commits that must come to other branches as well (`forward-port-to` of the policy), and what has
    /// become of them there
    #[arg(long)]
    pub(crate) forward_ports: bool,
    /// Only what these branches owe
    #[arg(value_name = "BRANCH", requires = "forward_ports")]
    pub(crate) branches: Vec<String>,
}
