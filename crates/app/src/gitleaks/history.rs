//! Commits, and what is about to become one: what `git log -p` and `git diff` print.

use super::Fatal;
use super::archives::{self, Outer};
use super::run::Run;
use gatepost_compat::gitleaks::{Broken, Changed, Fragment, Patches, Platform, Remote, packed};
use gatepost_core::text::display;
use gatepost_source::{Printed, printed, read_printed};
use std::ffi::OsString;
use std::io::BufRead;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// What is looked at.
pub(super) enum What {
    /// What is changed, or staged.
    Diff { is_staged: bool },
    /// Commits: all of them without options.
    Log { options: Vec<String>, platform: Wanted },
}

/// Where links lead to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wanted {
    /// Wherever the remote is.
    Unknown,
    /// Nowhere.
    No,
    /// The remote is of this kind.
    Known(Platform),
}

/// What git has to be told so that it prints patches that hide nothing, whatever the user's settings are.
const SETTINGS: [&str; 10] = [
    // Grafts are switched off with an empty file, about which Git gives advice.
    "-c",
    "advice.graftFileDeprecated=false",
    "-c",
    "core.quotePath=true",
    "-c",
    "log.showSignature=false",
    "-c",
    "log.date=default",
    "-c",
    "diff.submodule=short",
];
const PATCH: [&str; 7] =
    ["-p", "-U0", "--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/"];

/// Options with which git prints no patch, or prints it elsewhere: what was asked for would look clean.
const SILENT: [&str; 12] = [
    "-s",
    "--no-patch",
    "--output",
    "--name-only",
    "--name-status",
    "--graph",
    "--word-diff",
    "--color-words",
    "--line-prefix",
    "--quiet",
    "--oneline",
    "-z",
];

impl What {
    /// `git log` with the options in a text.
    pub(super) fn log(options: &str, platform: &str) -> Result<Self, Fatal> {
        let platform = match platform.to_lowercase().as_str() {
            "" | "unknown" => Wanted::Unknown,
            "none" => Wanted::No,
            name => Wanted::Known(
                Platform::from_name(name).ok_or_else(|| format!("invalid scm platform value: {platform}"))?,
            ),
        };
        let options = words(options)?;
        for option in &options {
            let name = option.split('=').next().unwrap_or(option);
            if SILENT.contains(&name) {
                return Err(format!("--log-opts: with `{option}` git prints no patches that could be read"));
            }
        }
        Ok(Self::Log { options, platform })
    }
}

/// The words of a text; quotes keep blanks together.
fn words(text: &str) -> Result<Vec<String>, Fatal> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in text.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err(format!("--log-opts: a quote is not closed in `{text}`"));
    }
    words.extend(word);
    Ok(words)
}

/// Looks at it.
pub(super) fn scan(run: &Run<'_>, source: &Path, what: &What) {
    let mut arguments: Vec<OsString> = SETTINGS.iter().map(OsString::from).collect();
    let mut remote = None;
    match what {
        What::Diff { is_staged } => {
            arguments.push("diff".into());
            arguments.extend(PATCH.iter().map(OsString::from));
            arguments.extend(is_staged.then(|| "--staged".into()));
            arguments.push(".".into());
        }
        What::Log { options, platform } => {
            arguments.push("log".into());
            arguments.extend(PATCH.iter().map(OsString::from));
            match options.as_slice() {
                [] => {
                    arguments.extend(["--full-history", "--all", "--diff-filter=tuxdb"].map(OsString::from));
                }
                options => arguments.extend(options.iter().map(OsString::from)),
            }
            shallow(run, source, options.is_empty());
            remote = self::remote(source, *platform).map(Arc::new);
        }
    }
    let is_log = matches!(what, What::Log { .. });
    if !is_log {
        narrow(run, source);
    }
    let read = read_printed(source, &arguments, |output| read(run, source, output, remote));
    match read {
        Err(error) => run.problem(format!("{}; {}", error.message, error.fix)),
        Ok(ended) => judge(run, ended, is_log),
    }
}

/// What git's end says about what was read.
fn judge(run: &Run<'_>, ended: Printed<Result<(u64, bool), Broken>>, is_log: bool) {
    for line in ended.said.iter().filter(|_| ended.failure.is_none()) {
        run.log().warn(&format!("[git] {line}"));
    }
    if let Some(failure) = ended.failure {
        run.problem(failure);
    }
    match ended.value {
        Err(broken) => run.problem(broken.to_string()),
        Ok((0, true)) if is_log => {
            run.problem(
                "git printed something that has no commits in it: see to the options in --log-opts"
                    .to_owned(),
            );
        }
        Ok((commits, _)) if is_log => run.commits(commits),
        Ok(_) => run.commits(0),
    }
}

/// A clone that lacks history shows a part of it as if it were all.
fn shallow(run: &Run<'_>, source: &Path, is_all_asked: bool) {
    let answer = printed(source, &["rev-parse", "--is-shallow-repository"]);
    // Where git fails here it fails below, too, and is told there.
    if answer.is_ok_and(|answer| answer.trim_ascii() == b"true") {
        let what = "this is a shallow clone: its older commits are not here and were not looked at";
        if is_all_asked {
            run.problem(format!(
                "{what}; `git fetch --unshallow`, or say which commits are meant with --log-opts"
            ));
        } else {
            run.log().warn(what);
        }
    }
}

/// gitleaks looks at the changes below its folder only, and does not say so.
fn narrow(run: &Run<'_>, source: &Path) {
    let answer = printed(source, &["rev-parse", "--show-prefix"]).unwrap_or_default();
    let prefix = answer.trim_ascii();
    if !prefix.is_empty() {
        run.log().warn(&format!("only changes below {} are looked at", display(prefix)));
    }
}

fn remote(source: &Path, wanted: Wanted) -> Option<Remote> {
    let platform = match wanted {
        Wanted::No => return None,
        Wanted::Unknown => None,
        Wanted::Known(platform) => Some(platform),
    };
    let answer = printed(source, &["ls-remote", "--quiet", "--get-url"]).ok()?;
    Remote::of(&String::from_utf8_lossy(&answer), platform)
}

/// Reads patches and has threads look at them; how many commits there were, and whether there was anything.
fn read(
    run: &Run<'_>,
    source: &Path,
    output: &mut dyn BufRead,
    remote: Option<Arc<Remote>>,
) -> Result<(u64, bool), Broken> {
    let threads = Run::threads();
    let mut patches = Patches::new(output, remote);
    let mut is_any = false;
    let (sender, receiver) = sync_channel::<(usize, Changed)>(threads * 16);
    let receiver = Mutex::new(receiver);
    let worker = || work(run, source, &receiver);
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads)
            .filter_map(|_| std::thread::Builder::new().spawn_scoped(scope, worker).ok())
            .collect();
        let sender: Option<SyncSender<_>> = (!started.is_empty()).then_some(sender);
        let mut number = 0;
        while !run.is_late() {
            let Some(changed) = patches.next_file()? else { break };
            is_any = true;
            match &sender {
                Some(sender) => {
                    // It comes back only where every thread is gone, and then its panic ends the run.
                    if sender.send((number, changed)).is_err() {
                        break;
                    }
                }
                None => look(run, source, number, &changed),
            }
            number += 1;
        }
        Ok((patches.commits(), is_any || patches.has_read()))
    })
}

fn work(run: &Run<'_>, source: &Path, receiver: &Mutex<Receiver<(usize, Changed)>>) {
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, changed)) = next else { return };
        look(run, source, number, &changed);
    }
}

fn look(run: &Run<'_>, source: &Path, number: usize, changed: &Changed) {
    let commit = Some(&*changed.commit);
    if changed.is_binary {
        if packed(&changed.path).is_none() || run.settings.archive_depth == 0 || run.is_late() {
            return;
        }
        let object = [changed.commit.id.as_bytes(), b":", &changed.path].concat();
        let Ok(object) = String::from_utf8(object) else {
            run.problem(format!("{}: its name is no text, so it was not opened", display(&changed.path)));
            return;
        };
        match printed(source, &["cat-file", "blob", &object]) {
            Ok(bytes) => {
                archives::scan(run, number, Outer { path: &changed.path, symlink: b"", commit }, &bytes);
            }
            Err(error) => run.problem(format!("{}: {}", display(&changed.path), error.message)),
        }
        return;
    }
    for (index, hunk) in changed.hunks.iter().enumerate() {
        let fragment = Fragment {
            text: &hunk.text,
            path: &changed.path,
            symlink: b"",
            commit,
            start_line: hunk.start_line,
        };
        run.piece((number, index), &fragment);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_for_git_keep_what_is_quoted_together() {
        assert_eq!(words("--all  --since=\"2 weeks\" 'a b'c").unwrap(), ["--all", "--since=2 weeks", "a bc"]);
        assert_eq!(words(" ").unwrap(), [] as [&str; 0]);
        assert!(words("--since='2").is_err());
    }

    #[test]
    fn options_that_hide_the_patches_are_refused() {
        for options in ["--output=x", "-s HEAD", "--all --name-only", "--no-patch"] {
            assert!(What::log(options, "").is_err(), "{options}");
        }
        assert!(What::log("--all main..dev", "github").is_ok());
        assert!(What::log("", "elsewhere").is_err());
    }
}
