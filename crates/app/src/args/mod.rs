//! What a user can type. Parsing validates single values; what they mean together is decided by the commands.

mod common;
mod deps;
mod evidence;
mod exceptions;
mod locks;
mod refs;
mod server;

pub(crate) use common::{Color, Common, Output};
pub(crate) use deps::{Deps, DepsWhat};
pub(crate) use evidence::{Evidence, EvidenceReport, EvidenceWhat, Metrics, Recording, Retention};
pub(crate) use exceptions::{
    AddException, AuditExceptions, Exceptions, ExceptionsWhat, ListExceptions, PruneExceptions, days,
};
pub(crate) use locks::CheckLocks;
pub(crate) use refs::CheckRefs;
pub(crate) use server::{Audit, CheckServer, InstallServer, Repositories, ServerCommand, ServerWhat};

use clap::{Args, Parser, Subcommand, ValueEnum};
use gatepost_core::Shard;
use std::ffi::OsString;
use std::path::PathBuf;

/// Everything on the command line.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "gatepost",
    version,
    about = "The Git gate: secrets, commit messages, branch names and files",
    long_about = "Judges every change at four gates (pre-commit, commit-msg, pre-push, pre-receive) and whole histories in CI.\n\
                  Finds secrets, checks commit messages, branch names and files.",
    after_help = AFTER_HELP,
    after_long_help = AFTER_HELP,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub(crate) common: Common,
}

const AFTER_HELP: &str = "\
Examples:
  gatepost install                       set the hooks of this repository up
  gatepost scan --history                every object of this repository
  gatepost scan --range main..HEAD       what this branch adds
  gatepost scan src config.yaml          files and folders
  gatepost check message .git/COMMIT_EDITMSG
  gatepost explain github-pat            what a finding means and what to do

Exit codes: 0 clean, 1 violations, 2 wrong usage or broken policy, 3 something could not be judged.";

/// The commands.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a commented gatepost.toml
    Init(Init),
    /// Look for secrets in files, standard input, a range or a whole history
    #[command(after_help = SCAN_HELP)]
    Scan(Scan),
    /// Run a gate: what the hooks call
    Run(Run),
    /// Check one thing: a message, a branch name, files
    Check(Check),
    /// What a change makes of the locked dependencies
    Deps(Deps),
    /// Set up the hooks of this repository; an existing hook is kept and runs first
    Install(Install),
    /// Remove our hooks and put back what was there before
    Uninstall,
    /// Say what is set up, what is missing and how to mend it
    Doctor,
    /// Print or check the policy in force
    Config(Config),
    /// List, show and test the secret rules
    Rules(Rules),
    /// Explain a code or a rule: what it is, why it matters, what to do
    Explain(Explain),
    /// Accept the secrets that are there today, so that only new ones count
    Baseline(Baseline),
    /// Let findings stand, with a reason, an owner and a last day: write, list, audit and remove such records
    Exceptions(Exceptions),
    /// Put the reports of all shards of a history together
    Report(Report),
    /// List what break-glass let through on this server, and find out whether it is mended
    BreakGlass(BreakGlass),
    /// Set up and look after the gate of a server's repositories
    Server(ServerCommand),
    /// List what is wrong with a server's repositories: no gate, another policy, branches and tags; exit code 1 when something is
    Audit(Audit),
    /// Make a policy of another tool's configuration, and list what it cannot say
    #[command(after_help = IMPORT_HELP)]
    Import(Import),
    /// gitleaks' command line: `gatepost gitleaks --help`
    #[command(disable_help_flag = true)]
    Gitleaks {
        /// What gitleaks would be given
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<OsString>,
    },
    /// Verify the records that runs leave (--evidence), find commits without one, put a report for an auditor together
    Evidence(Evidence),
    /// Numbers of the records that runs leave, in Prometheus' text format
    Metrics(Metrics),
    /// Print a completion script for a shell
    Completions(Completions),
}

const IMPORT_HELP: &str = "\
Examples:
  gatepost import commitlint commitlint.config.js -o gatepost.toml
  gatepost import commitlint package.json
  gatepost import gitleaks .gitleaks.toml
  gatepost import detect-secrets .secrets.baseline

The policy goes to standard output, or to -o; what it cannot say goes to standard error. No code of the configuration is run.";

/// `gatepost import`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Import {
    /// The tool: commitlint, gitleaks or detect-secrets
    pub(crate) tool: String,
    /// Its configuration
    pub(crate) file: PathBuf,
}

/// `gatepost init`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Init {
    /// A ready-made policy to start from
    #[arg(long, default_value = "default")]
    pub(crate) preset: String,
}

const SCAN_HELP: &str = "\
Examples:
  gatepost scan                          the current folder
  gatepost scan --staged                 what the next commit would hold
  gatepost scan --history -f json -o report.json
  gatepost scan --history --shard 3/16 -f json -o shard-3.json
  git show HEAD:app.env | gatepost scan --stdin --name app.env
  gatepost scan --why app.env            why each value in it is reported or not";

/// `gatepost scan`.
#[derive(Clone, Debug, Args)]
#[command(group = clap::ArgGroup::new("source").multiple(false))]
pub(crate) struct Scan {
    /// Files and folders; the current folder when nothing else is asked for
    #[arg(group = "source")]
    pub(crate) paths: Vec<PathBuf>,
    /// What is staged
    #[arg(long, group = "source")]
    pub(crate) staged: bool,
    /// Standard input
    #[arg(long, group = "source")]
    pub(crate) stdin: bool,
    /// The file name that standard input stands for
    #[arg(long, value_name = "FILE", requires = "stdin")]
    pub(crate) name: Option<String>,
    /// Commits reachable from B and not from A, each against all its parents
    #[arg(long, value_name = "A..B", group = "source")]
    pub(crate) range: Option<String>,
    /// Every object of the repository, reachable or not, and every message
    #[arg(long, group = "source")]
    pub(crate) history: bool,
    /// Only the objects of one of N shards, by their ids: 3/16. Each shard is a run of its own, and `gatepost report merge`
    /// puts their JSON reports together
    #[arg(long, value_name = "K/N", requires = "history", value_parser = shard)]
    pub(crate) shard: Option<Shard>,
    /// Also files that .gitignore and .ignore leave out
    #[arg(long)]
    pub(crate) no_ignore: bool,
    /// Judge the part of the history that a shallow clone has, and call it complete
    #[arg(long, requires = "history")]
    pub(crate) allow_shallow: bool,
    /// Ignore the baseline: report what it accepts, too
    #[arg(long)]
    pub(crate) no_baseline: bool,
    /// Say which tests decided: of every finding, and of everything that looked like a secret and is none. Not with
    /// --history
    #[arg(long)]
    pub(crate) why: bool,
}

fn shard(text: &str) -> Result<Shard, String> {
    Shard::parse(text)
        .ok_or_else(|| format!("expected K/N with K from 1 to N and N at most {}, such as 3/16", Shard::MOST))
}

/// `gatepost run`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Run {
    /// The gate
    #[command(subcommand)]
    pub(crate) stage: RunStage,
}

/// The gates of `gatepost run`.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum RunStage {
    /// The index against HEAD; named files that are not staged are judged as files
    PreCommit {
        /// Files that a hook manager names
        files: Vec<PathBuf>,
    },
    /// The message that Git is about to store
    CommitMsg {
        /// The message file, as Git passes it
        file: PathBuf,
    },
    /// What is about to be pushed; reads the updates from standard input, as Git writes them
    PrePush {
        /// Name of the remote, then its URL, as Git passes them; anything a hook manager adds is ignored
        #[arg(num_args = 0..)]
        remote: Vec<String>,
    },
    /// What somebody pushes; reads the updates from standard input, as Git writes them
    PreReceive,
    /// A range in continuous integration
    #[command(after_help = CI_HELP)]
    Ci(Ci),
}

const CI_HELP: &str = "\
Without --from-ref the base and the head are found by the variables of GitHub Actions, Gitea and
Forgejo Actions, GitLab CI, Bitbucket Pipelines, Azure Pipelines, Jenkins, CircleCI and Buildkite;
what was chosen and why is said. docs/ci.md has what to write for each of them. A clone that is too
shallow ends with exit code 3.";

/// `gatepost run ci`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Ci {
    /// Commit before the range: the protected base. The policy is read from it. Without it the variable
    /// `PRE_COMMIT_FROM_REF` counts, then what the CI system names
    #[arg(long, value_name = "REV")]
    pub(crate) from_ref: Option<String>,
    /// Last commit of the range. Without it the variable `PRE_COMMIT_TO_REF` counts, then HEAD where a base is named, else what
    /// the CI system names
    #[arg(long, value_name = "REV")]
    pub(crate) to_ref: Option<String>,
    /// Branch that the commits come to, whose overlays of the policy and whose `[[ref]]` count, where nothing else names it: the
    /// target of a pull request
    #[arg(long, value_name = "NAME")]
    pub(crate) branch: Option<String>,
    /// The pull request, where the CI system does not tell its title, labels and description: a JSON file in the form of GitHub's
    /// events or of its interface
    #[arg(long, value_name = "FILE")]
    pub(crate) pull_request: Option<PathBuf>,
    /// Let what this exception of the base's policy is for through; repeatable
    #[arg(long = "exception", value_name = "ID")]
    pub(crate) exceptions: Vec<String>,
    /// Files that a hook manager names; ignored, the range decides
    #[arg(hide = true)]
    pub(crate) files: Vec<PathBuf>,
}

/// `gatepost check`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Check {
    /// What to check
    #[command(subcommand)]
    pub(crate) what: CheckWhat,
}

/// The subjects of `gatepost check`.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum CheckWhat {
    /// A message: a file, standard input (-), or those of a range
    Message {
        /// The file; `-` is standard input
        #[arg(required_unless_present = "range")]
        file: Option<PathBuf>,
        /// The messages of these commits
        #[arg(long, value_name = "A..B", conflicts_with = "file")]
        range: Option<String>,
    },
    /// A branch name; the current branch without one
    Branch {
        /// The name, without refs/heads/
        name: Option<String>,
    },
    /// Files that are staged, or changed in a range: sizes, binaries, forbidden paths
    Files {
        /// The changes of these commits instead of what is staged
        #[arg(long, value_name = "A..B")]
        range: Option<String>,
    },
    /// Debug statements, TODO comments, disabled tests and the like, in what is staged or what a range adds
    Markers {
        /// Files and folders whose every line counts, instead of what is staged
        paths: Vec<PathBuf>,
        /// The lines that these commits add
        #[arg(long, value_name = "A..B", conflicts_with = "paths")]
        range: Option<String>,
    },
    /// References that can mean something else tomorrow, in what is staged or what a range adds: tags of images and actions,
    /// ranges, registries
    Pins {
        /// Files and folders whose every line counts, instead of what is staged
        paths: Vec<PathBuf>,
        /// What these commits add
        #[arg(long, value_name = "A..B", conflicts_with = "paths")]
        range: Option<String>,
    },
    /// The branches and tags that are there already, and what branches owe to those that follow
    Refs(CheckRefs),
    /// Lock files: whether each says what its manifests ask for, from the files alone
    Locks(CheckLocks),
}

/// `gatepost install`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Install {
    /// The hooks to set up; all three without this
    #[arg(long = "hook", value_name = "HOOK", value_enum)]
    pub(crate) hooks: Vec<HookName>,
    /// Chain into a hook manager's folder, or a global one, although it belongs to somebody else
    #[arg(long)]
    pub(crate) force: bool,
}

/// Hooks that can be installed in a work repository.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum HookName {
    /// Git's pre-commit
    PreCommit,
    /// Git's commit-msg
    CommitMsg,
    /// Git's pre-push
    PrePush,
}

/// `gatepost config`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Config {
    /// What to do
    #[command(subcommand)]
    pub(crate) what: ConfigWhat,
}

/// What `gatepost config` can do.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ConfigWhat {
    /// Print every setting in force
    Show {
        /// Say where each value comes from
        #[arg(long)]
        origin: bool,
    },
    /// Check a policy file; the one in force without a name
    Check {
        /// The file
        file: Option<PathBuf>,
    },
    /// List the ready-made policies, or print one of them
    #[command(visible_alias = "presets")]
    Preset {
        /// Its name
        name: Option<String>,
    },
    /// Print the JSON Schema of policies, for editors
    Schema,
    /// Rewrite a policy file in the form that this version reads
    Migrate {
        /// The file; the repository's without a name
        file: Option<PathBuf>,
        /// Write the file; without this, only what would change is printed
        #[arg(long)]
        write: bool,
        /// The reason for entries of allow-lists that have none, not even in a comment
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
}

/// `gatepost rules`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Rules {
    /// What to do
    #[command(subcommand)]
    pub(crate) what: RulesWhat,
}

/// What `gatepost rules` can do.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum RulesWhat {
    /// List every rule
    List,
    /// Print one rule
    Show {
        /// Its id
        id: String,
    },
    /// Run the examples and counter-examples of every rule, or of a rule file
    Test {
        /// A TOML file of rules
        file: Option<PathBuf>,
    },
}

/// `gatepost explain`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Explain {
    /// A code (GP-MSG-001), a name (header-too-long) or a secret rule (github-pat), `exceptions`, or `limits` (what
    /// Git cannot see); all codes without one
    pub(crate) code: Option<String>,
}

/// `gatepost baseline`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Baseline {
    /// What to do
    #[command(subcommand)]
    pub(crate) what: BaselineWhat,
}

/// What `gatepost baseline` can do.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum BaselineWhat {
    /// Write the fingerprints of every secret in the history; refuses when there is a baseline
    Create,
    /// Add what is new and drop what is gone
    Update,
    /// Say what `update` would do; exit code 1 when it would do something
    Diff,
    /// Draw a key for `fingerprint-key` of [secrets] and print it
    Key,
}

/// `gatepost report`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Report {
    /// What to do
    #[command(subcommand)]
    pub(crate) what: ReportWhat,
}

const MERGE_HELP: &str = "\
Examples:
  gatepost report merge shard-*.json
  gatepost report merge shard-*.json -f human -f json -o - -o report.json

Refuses, with exit code 2, when a shard is missing or there twice, and when the reports are not of one history, one policy, one
set of rules and this version of gatepost. Otherwise the exit code is that of a scan of the whole history.";

/// What `gatepost report` can do.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ReportWhat {
    /// One report of the JSON reports of all shards (`scan --history --shard K/N -f json`), as one run would have written it
    #[command(after_help = MERGE_HELP)]
    Merge {
        /// The reports, in any order
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// `gatepost break-glass`.
#[derive(Clone, Debug, Args)]
pub(crate) struct BreakGlass {
    /// What to do
    #[command(subcommand)]
    pub(crate) what: BreakGlassWhat,
}

/// What `gatepost break-glass` can do.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum BreakGlassWhat {
    /// Print every activation and how it stands, and the exceptions that were named; exit code 1 when one is overdue
    List,
    /// Judge the commits of open activations again, in full, and settle those that pass
    Check,
}

/// `gatepost completions`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}
