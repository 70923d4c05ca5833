//! gitleaks' command line. It is written for Go's flags: a switch may be `--staged=false`, a flag may come again and the last
//! one counts, and `--redact` alone is `--redact=100`.

use clap::{ArgAction, Args, Parser, Subcommand};
use std::ffi::OsString;
use std::path::Path;

/// All of it.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "gitleaks",
    about = "gitleaks' command line over gatepost: the same configurations, reports and exit codes",
    after_help = AFTER_HELP,
    disable_version_flag = true,
    arg_required_else_help = true,
    args_override_self = true,
    max_term_width = 100
)]
pub(super) struct Line {
    /// What to look at.
    #[command(subcommand)]
    pub(super) command: Command,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub(super) flags: Flags,
}

const AFTER_HELP: &str = "\
The configuration is that of -c, else of GITLEAKS_CONFIG (a file), of GITLEAKS_CONFIG_TOML (its text), of .gitleaks.toml in the
target. gitleaks' own rules are not here: without a configuration, and for `useDefault = true`, gatepost's rules stand in for
them, or your copy of its default configuration that GATEPOST_GITLEAKS_DEFAULT names.

Exit codes: 0 no leaks, --exit-code (1) leaks, 1 an error or something that could not be looked at, 126 an unknown flag.";

/// The commands.
#[derive(Clone, Debug, Subcommand)]
pub(super) enum Command {
    /// Scan a repository: its history, or what is about to be committed
    Git(Git),
    /// Scan files and folders
    #[command(visible_aliases = ["file", "directory"])]
    Dir(Dir),
    /// Scan standard input
    Stdin {
        /// Nothing is done with them
        #[arg(hide = true)]
        rest: Vec<OsString>,
    },
    /// The old form of `git`, `dir` and `stdin`
    #[command(hide = true)]
    Detect(Detect),
    /// The old form of `git --pre-commit`
    #[command(hide = true)]
    Protect(Protect),
    /// Print the version
    Version,
}

/// `gitleaks git`.
#[derive(Clone, Debug, Args)]
pub(super) struct Git {
    /// The repository; the current folder without one
    pub(super) repo: Option<OsString>,
    /// Where links lead to: github, gitlab, azuredevops, gitea, bitbucket or none
    #[arg(long, hide_default_value = true, default_value = "")]
    pub(super) platform: String,
    /// What is staged
    #[arg(long, hide_default_value = true, hide_possible_values = true, value_name = "BOOL", default_value = "false", default_missing_value = "true", num_args = 0..=1, require_equals = true, action = ArgAction::Set, value_parser = truth)]
    pub(super) staged: bool,
    /// What is changed and not committed
    #[arg(long, hide_default_value = true, hide_possible_values = true, value_name = "BOOL", default_value = "false", default_missing_value = "true", num_args = 0..=1, require_equals = true, action = ArgAction::Set, value_parser = truth)]
    pub(super) pre_commit: bool,
    /// Options for `git log`, in one text
    #[arg(long, hide_default_value = true, default_value = "", allow_hyphen_values = true)]
    pub(super) log_opts: String,
}

/// `gitleaks dir`.
#[derive(Clone, Debug, Args)]
pub(super) struct Dir {
    /// The file or folder; the current folder without one
    pub(super) paths: Vec<OsString>,
    /// Read the files that symbolic links lead to
    #[arg(long, hide_default_value = true, hide_possible_values = true, value_name = "BOOL", default_value = "false", default_missing_value = "true", num_args = 0..=1, require_equals = true, action = ArgAction::Set, value_parser = truth)]
    pub(super) follow_symlinks: bool,
}

/// `gitleaks detect`.
#[derive(Clone, Debug, Args)]
pub(super) struct Detect {
    /// Treat the source as a folder
    #[arg(long, hide_default_value = true, hide_possible_values = true, value_name = "BOOL", default_value = "false", default_missing_value = "true", num_args = 0..=1, require_equals = true, action = ArgAction::Set, value_parser = truth)]
    pub(super) no_git: bool,
    /// Read standard input
    #[arg(long, hide_default_value = true, hide_possible_values = true, value_name = "BOOL", default_value = "false", default_missing_value = "true", num_args = 0..=1, require_equals = true, action = ArgAction::Set, value_parser = truth)]
    pub(super) pipe: bool,
    /// Read the files that symbolic links lead to
    #[arg(long, hide_default_value = true, hide_possible_values = true, value_name = "BOOL", default_value = "false", default_missing_value = "true", num_args = 0..=1, require_equals = true, action = ArgAction::Set, value_parser = truth)]
    pub(super) follow_symlinks: bool,
    /// The repository or folder
    #[arg(short, long, default_value = ".")]
    pub(super) source: OsString,
    /// Options for `git log`, in one text
    #[arg(long, hide_default_value = true, default_value = "", allow_hyphen_values = true)]
    pub(super) log_opts: String,
    /// Where links lead to
    #[arg(long, hide_default_value = true, default_value = "")]
    pub(super) platform: String,
}

/// `gitleaks protect`.
#[derive(Clone, Debug, Args)]
pub(super) struct Protect {
    /// What is staged
    #[arg(long, hide_default_value = true, hide_possible_values = true, value_name = "BOOL", default_value = "false", default_missing_value = "true", num_args = 0..=1, require_equals = true, action = ArgAction::Set, value_parser = truth)]
    pub(super) staged: bool,
    /// Nothing is done with it, as in gitleaks
    #[arg(long, hide_default_value = true, default_value = "", allow_hyphen_values = true)]
    pub(super) log_opts: String,
    /// The repository
    #[arg(short, long, default_value = ".")]
    pub(super) source: OsString,
}

/// Flags of every command.
#[derive(Clone, Debug, Args)]
pub(super) struct Flags {
    /// The configuration
    #[arg(short, long, value_name = "FILE", global = true)]
    pub(super) config: Option<OsString>,
    /// The exit code when there are leaks
    #[arg(long, value_name = "CODE", default_value_t = 1, global = true, allow_negative_numbers = true)]
    pub(super) exit_code: i32,
    /// Where the report goes; - is standard output
    #[arg(short, long, value_name = "FILE", global = true)]
    pub(super) report_path: Option<OsString>,
    /// Its form: json, csv, junit or sarif; by the file's ending without this
    #[arg(
        short = 'f',
        long,
        value_name = "FORMAT",
        hide_default_value = true,
        default_value = "",
        global = true
    )]
    pub(super) report_format: String,
    /// Not here: a template of Go
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) report_template: Option<OsString>,
    /// A JSON report whose findings are known
    #[arg(short, long, value_name = "FILE", global = true)]
    pub(super) baseline_path: Option<OsString>,
    /// How much is said: trace, debug, info, warn, error or fatal
    #[arg(short, long, default_value = "info", global = true)]
    pub(super) log_level: String,
    /// Print each leak
    #[arg(short, long, hide_default_value = true, hide_possible_values = true, value_name = "BOOL", default_value = "false", default_missing_value = "true", num_args = 0..=1, require_equals = true, action = ArgAction::Set, value_parser = truth, global = true)]
    pub(super) verbose: bool,
    /// Nothing is coloured anyway
    #[arg(long, hide_default_value = true, hide_possible_values = true, value_name = "BOOL", default_value = "false", default_missing_value = "true", num_args = 0..=1, require_equals = true, action = ArgAction::Set, value_parser = truth, global = true)]
    pub(super) no_color: bool,
    /// Pass larger files over
    #[arg(long, value_name = "N", default_value_t = 0, global = true)]
    pub(super) max_target_megabytes: u64,
    /// Take no notice of gitleaks:allow
    #[arg(long, hide_default_value = true, hide_possible_values = true, value_name = "BOOL", default_value = "false", default_missing_value = "true", num_args = 0..=1, require_equals = true, action = ArgAction::Set, value_parser = truth, global = true)]
    pub(super) ignore_gitleaks_allow: bool,
    /// Hide so many percent of each secret
    #[arg(long, value_name = "PERCENT", default_value_t = 0, default_missing_value = "100", num_args = 0..=1, require_equals = true, global = true)]
    pub(super) redact: u32,
    /// There is no banner anyway
    #[arg(long, hide_default_value = true, hide_possible_values = true, value_name = "BOOL", default_value = "false", default_missing_value = "true", num_args = 0..=1, require_equals = true, action = ArgAction::Set, value_parser = truth, global = true)]
    pub(super) no_banner: bool,
    /// Only these rules
    #[arg(long, value_name = "ID", value_delimiter = ',', global = true)]
    pub(super) enable_rule: Vec<String>,
    /// The .gitleaksignore, or the folder of one
    #[arg(short = 'i', long, value_name = "PATH", global = true)]
    pub(super) gitleaks_ignore_path: Option<OsString>,
    /// How often to decode
    #[arg(long, value_name = "N", default_value_t = 5, global = true, allow_negative_numbers = true)]
    pub(super) max_decode_depth: i32,
    /// How many archives within archives to open
    #[arg(long, value_name = "N", default_value_t = 0, global = true, allow_negative_numbers = true)]
    pub(super) max_archive_depth: i32,
    /// Seconds after which it is an error
    #[arg(long, value_name = "SECONDS", default_value_t = 0, global = true)]
    pub(super) timeout: u64,
    /// Not here
    #[arg(long, hide_default_value = true, default_value = "", hide = true, global = true)]
    pub(super) diagnostics: String,
    /// Not here
    #[arg(long, hide_default_value = true, default_value = "", hide = true, global = true)]
    pub(super) diagnostics_dir: String,
}

/// What Go takes for true or false.
fn truth(word: &str) -> Result<bool, String> {
    match word {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err("expected true or false".to_owned()),
    }
}

/// A path that is given and not empty.
pub(super) fn given(value: Option<&OsString>) -> Option<&Path> {
    value.filter(|value| !value.is_empty()).map(Path::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(words: &[&str]) -> Flags {
        Line::try_parse_from([&["gitleaks"], words].concat()).unwrap().flags
    }

    #[test]
    fn flags_are_read_as_go_reads_them() {
        let hook = flags(&["git", "--pre-commit", "--redact", "--staged", "--verbose"]);
        assert_eq!((hook.redact, hook.verbose), (100, true));
        let flags = flags(&[
            "-v=false",
            "--redact=20",
            "detect",
            "-r",
            "out.json",
            "-f",
            "json",
            "--enable-rule",
            "a,b",
            "--enable-rule=c",
            "-l",
            "warn",
            "-l",
            "error",
            "--exit-code=0",
            "-i",
            "",
            "-s",
            "x",
            "--log-opts=--all -1",
        ]);
        assert_eq!((flags.redact, flags.verbose, flags.exit_code), (20, false, 0));
        assert_eq!(flags.enable_rule, ["a", "b", "c"]);
        assert_eq!(flags.log_level, "error");
        assert_eq!(given(flags.gitleaks_ignore_path.as_ref()), None);
    }

    #[test]
    fn the_command_line_is_in_order() {
        use clap::CommandFactory as _;
        Line::command().debug_assert();
    }
}
