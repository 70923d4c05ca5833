//! The arguments of `gatepost check locks`.

use clap::Args;
use std::path::PathBuf;

const HELP: &str = "\
Decides from the files alone whether every lock says what its manifests ask for: no package manager, no network. Two
questions are told apart: would the strict install refuse (strict), would an ordinary one rewrite the lock (rewrite).

Examples:
  gatepost check locks                     every lock below this folder, as the files are on the disk
  gatepost check locks --staged            what is staged, as the pre-commit gate sees it
  gatepost check locks --at v2.1.0         every lock of a revision
  gatepost check locks --range main..HEAD  commit by commit, the locks that each touches
  gatepost check locks -f json -o locks.json";

/// `gatepost check locks`.
#[derive(Clone, Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct CheckLocks {
    /// The folder; the present one without it
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// What is staged: the locks that it touches
    #[arg(long, conflicts_with = "folder")]
    pub(crate) staged: bool,
    /// Every lock of this revision
    #[arg(long, value_name = "REV", conflicts_with_all = ["folder", "staged"])]
    pub(crate) at: Option<String>,
    /// Of each of these commits the locks that it touches, as it leaves them
    #[arg(long, value_name = "A..B", conflicts_with_all = ["folder", "staged", "at"])]
    pub(crate) range: Option<String>,
    /// Files that Git ignores, too
    #[arg(long)]
    pub(crate) no_ignore: bool,
    /// Only this ecosystem (npm, cargo, uv, ...); repeatable
    #[arg(long = "ecosystem", value_name = "NAME")]
    pub(crate) ecosystems: Vec<String>,
}
