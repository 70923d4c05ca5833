//! `commit-msg`: the message file, judged as Git will store it.
//!
//! The hook sees the file before Git cleans it up, and is told neither `--cleanup` nor whether an editor was open.
//! What can be known is: `GIT_EDITOR=:` says that no editor was opened, and the configuration has the rest.

use crate::args::Cli;
use crate::exit::Failure;
use crate::policy_source::PolicySource;
use crate::session::Session;
use crate::{finish, judge, repo};
use gatepost_core::change::PendingMessage;
use gatepost_core::message::{Cleanup, CleanupMode};
use gatepost_core::{ChangeSet, Stage};
use gatepost_source::{Head, Repository};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, file: &Path) -> Result<ExitCode, Failure> {
    let repository = repo::open()?;
    let source = PolicySource::WorkTree(Some(repository.as_ref()));
    let session = Session::new(cli, Stage::CommitMsg, source)?;
    let gate = session.gate(|_| true)?;
    let bytes = read(file)?;
    let mut changes = ChangeSet::new(Stage::CommitMsg);
    changes.message = Some(PendingMessage {
        encoding: repository.config("i18n.commitEncoding")?.map(String::into_bytes),
        author: repository.author(),
        cleanup: cleanup(repository.as_ref(), &bytes)?,
        is_merge: repository.info().git_dir.join("MERGE_HEAD").exists(),
        is_initial: matches!(repository.head()?, Head::Unborn(_)),
        bytes,
    });
    let mut collected = judge::change_set(repository.as_ref(), &gate, &changes, 1)?;
    for finding in &mut collected.findings {
        for step in &mut finding.fix {
            *step = step.replace(".git/COMMIT_EDITMSG", &typed(file));
        }
    }
    finish::finish(&session, collected, "the commit message".to_owned())
}

/// The message file as it is typed where the user is: Git runs hooks at the root of the work tree, and names the
/// sub-folder that they were started from in `GIT_PREFIX`.
fn typed(file: &Path) -> String {
    let is_elsewhere = std::env::var_os("GIT_PREFIX").is_some_and(|prefix| !prefix.is_empty());
    let file =
        if is_elsewhere { std::path::absolute(file).ok() } else { None }.unwrap_or_else(|| file.into());
    let name = file.display().to_string();
    let is_plain = name.chars().all(|c| c.is_alphanumeric() || "/\\:._-".contains(c));
    if is_plain { name } else { format!("'{}'", name.replace('\'', r"'\''")) }
}

/// Reads a message file.
///
/// # Errors
///
/// When it cannot be read: the message is then not judged, which is no reason to pass.
pub(crate) fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|error| {
        Failure::usage(
            format!("cannot read the message file {}: {error}", file.display()),
            "pass the file that Git hands to the commit-msg hook, usually .git/COMMIT_EDITMSG",
        )
    })
}

/// How Git will clean the message up, as far as a hook can know.
pub(crate) fn cleanup(repository: &dyn Repository, message: &[u8]) -> Result<Cleanup, Failure> {
    let no_editor = std::env::var_os("GIT_EDITOR").is_some_and(|editor| editor == ":");
    let configured = repository.config("commit.cleanup")?;
    let mode = match configured.as_deref() {
        Some("strip") => CleanupMode::Strip,
        Some("whitespace") => CleanupMode::Whitespace,
        Some("verbatim") => CleanupMode::Verbatim,
        // Without an editor, scissors are as good as whitespace (git-commit(1)).
        Some("scissors") if !no_editor => CleanupMode::Scissors,
        Some("scissors") => CleanupMode::Whitespace,
        _ if no_editor => CleanupMode::Whitespace,
        _ => CleanupMode::Strip,
    };
    // core.commentString since Git 2.45, core.commentChar before; the last one set wins and they are aliases.
    let comment = match repository.config("core.commentString")? {
        Some(comment) => Some(comment),
        None => repository.config("core.commentChar")?,
    };
    let comment = match comment.as_deref() {
        None | Some("") => b"#".to_vec(),
        Some("auto") => vec![automatic_comment(message)],
        Some(comment) => comment.as_bytes().to_vec(),
    };
    Ok(Cleanup { mode, comment })
}

/// The character that `core.commentChar=auto` chose: Git takes the first of these that begins no line of the
/// message, then writes its own hints with it, so it is the one that begins the last non-empty line.
fn automatic_comment(message: &[u8]) -> u8 {
    let last = message.split(|&byte| byte == b'\n').rfind(|line| !line.is_empty());
    match last.and_then(|line| line.first()) {
        Some(&byte) if b"#;@!$%^&|:".contains(&byte) => byte,
        _ => b'#',
    }
}

#[cfg(test)]
mod tests {
    use super::automatic_comment;

    #[test]
    fn the_automatic_comment_character_is_the_one_git_wrote_its_hints_with() {
        assert_eq!(automatic_comment(b"feat: a\n\n#12 is fixed\n; Please enter the message\n;\n"), b';');
        assert_eq!(automatic_comment(b"feat: a\n"), b'#');
        assert_eq!(automatic_comment(b""), b'#');
    }
}
