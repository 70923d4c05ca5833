//! `gatepost gitleaks …`, and gatepost called as `gitleaks`: gitleaks' command line, configurations, reports and exit codes.
//!
//! The detection is `gatepost_compat::gitleaks`; here are its sources and its voice. What gitleaks leaves to chance is an
//! error here: Git that fails, a file that cannot be read, a run that saw a part only. None of them ends with "no leaks found".

mod archives;
mod args;
mod files;
mod history;
mod own;
mod run;
mod said;
mod settings;

use args::{Command, Line, given};
use clap::Parser as _;
use history::What;
use run::Run;
use said::Log;
use settings::Settings;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

/// The name that asks for this command line.
const NAME: &str = "gitleaks";

/// The exit code for an error.
const ERROR: u8 = 1;

/// The exit code for a flag that nobody knows.
const UNKNOWN_FLAG: u8 = 126;

/// What makes a run end without a report, in words.
type Fatal = String;

/// The arguments after the name where a process is called as gitleaks: by its own name, or by its first argument.
pub(crate) fn asked(mut words: impl Iterator<Item = OsString>) -> Option<Vec<OsString>> {
    let own = words.next()?;
    if Path::new(&own).file_stem()? == NAME {
        return Some(words.collect());
    }
    let first = words.next()?;
    (first == NAME).then(|| words.collect())
}

/// Runs it.
pub(crate) fn main(words: Vec<OsString>) -> ExitCode {
    let line = match Line::try_parse_from(std::iter::once(OsString::from(NAME)).chain(words)) {
        Ok(line) => line,
        Err(error) => return not_understood(&error),
    };
    if matches!(line.command, Command::Version) {
        return match crate::output::print(&format!("{}\n", gatepost_compat::gitleaks::VERSION)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::from(ERROR),
        };
    }
    let log = Log::new(&line.flags.log_level);
    match start(&line, &log) {
        Ok(code) => code,
        Err(fatal) => {
            log.fatal(&fatal);
            ExitCode::from(ERROR)
        }
    }
}

/// Help, or what is wrong with the command line.
fn not_understood(error: &clap::Error) -> ExitCode {
    let is_said = crate::output::complain(error).is_ok();
    let code = match error.kind() {
        _ if !is_said => ERROR,
        clap::error::ErrorKind::UnknownArgument => UNKNOWN_FLAG,
        _ if error.exit_code() == 0 => 0,
        clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => 0,
        _ => ERROR,
    };
    ExitCode::from(code)
}

/// What is looked at.
enum Target {
    Files { follows: bool },
    History(What),
    Stdin,
}

fn start(line: &Line, log: &Log) -> Result<ExitCode, Fatal> {
    let (target, source) = target(&line.command)?;
    let settings = Settings::new(&line.flags, Path::new(&source), matches!(target, Target::Stdin), log)?;
    let own = own::Own::new(&settings)?;
    let run = Run::new(&settings, own.as_ref())?;
    match target {
        Target::Files { follows } => files::scan(&run, Path::new(&source), follows),
        Target::History(what) => history::scan(&run, Path::new(&source), &what),
        Target::Stdin => files::stdin(&run),
    }
    run.finish()
}

/// What a command looks at, and where.
fn target(command: &Command) -> Result<(Target, OsString), Fatal> {
    let here = || OsString::from(".");
    let or_here = |source: &OsString| if source.is_empty() { here() } else { source.clone() };
    Ok(match command {
        Command::Git(git) => {
            let source = given(git.repo.as_ref()).map_or_else(here, |repo| repo.as_os_str().to_owned());
            let what = if git.staged || git.pre_commit {
                What::Diff { is_staged: git.staged }
            } else {
                What::log(&git.log_opts, &git.platform)?
            };
            (Target::History(what), source)
        }
        Command::Dir(dir) => match dir.paths.as_slice() {
            [] => (Target::Files { follows: dir.follow_symlinks }, here()),
            [source] => (Target::Files { follows: dir.follow_symlinks }, or_here(source)),
            several => {
                return Err(format!(
                    "{} paths: gitleaks takes one, and would look at the current folder instead; call it for each",
                    several.len()
                ));
            }
        },
        Command::Detect(detect) => {
            let target = if detect.no_git {
                Target::Files { follows: detect.follow_symlinks }
            } else if detect.pipe {
                Target::Stdin
            } else {
                Target::History(What::log(&detect.log_opts, &detect.platform)?)
            };
            (target, or_here(&detect.source))
        }
        Command::Protect(protect) => {
            (Target::History(What::Diff { is_staged: protect.staged }), or_here(&protect.source))
        }
        Command::Stdin { .. } | Command::Version => (Target::Stdin, here()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_process_or_the_first_word_asks_for_it() {
        let asked = |words: &[&str]| asked(words.iter().map(OsString::from));
        assert_eq!(asked(&["/usr/bin/gitleaks", "git"]), Some(vec![OsString::from("git")]));
        assert_eq!(asked(&["gitleaks.exe"]), Some(Vec::new()));
        assert_eq!(asked(&["gatepost", "gitleaks", "dir"]), Some(vec![OsString::from("dir")]));
        assert_eq!(asked(&["gatepost", "scan", "gitleaks"]), None);
        assert_eq!(asked(&[]), None);
    }
}
