//! `gatepost server install`: the hook and the policy of each repository, written where they are not there yet.

use super::find;
use super::hook::{self, There};
use super::place::{self, HookPlace};
use super::policy::{self, Central};
use crate::args::{Cli, InstallServer};
use crate::commands::install::own_binary;
use crate::exit::Failure;
use crate::output::{print, replace};
use crate::{platform, voice};
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

/// What was done with one repository, or would be.
#[derive(Default)]
struct Done {
    lines: Vec<String>,
    failed: bool,
}

/// What keeps a repository from being set up, and what to do.
type Obstacle = (String, String);

pub(super) fn run(cli: &Cli, asked: &InstallServer) -> Result<ExitCode, Failure> {
    let central = asked.policy.as_deref().map(|file| policy::central(cli, file)).transpose()?;
    let binary = own_binary(std::env::var_os("PATH").as_deref()).map_err(|error| {
        Failure::usage(format!("cannot find the gatepost program itself: {error}"), "run it by its full path")
    })?;
    let (mut text, mut failed, mut set_up) = (String::new(), 0_usize, 0_usize);
    for repository in find::all(&asked.repositories)? {
        let done = one(&repository, asked, &binary, central.as_ref());
        failed += usize::from(done.failed);
        set_up += usize::from(!done.failed);
        let _ = writeln!(text, "{}", repository.display());
        for line in done.lines {
            let _ = writeln!(text, "  {line}");
        }
    }
    let verb = if asked.dry_run { "would be set up" } else { "set up" };
    let _ = writeln!(text, "{} {verb}, {failed} not", crate::usage::repositories(set_up));
    print(&voice::said(&text, false))?;
    Ok(ExitCode::from(u8::from(failed > 0)))
}

fn one(repository: &Path, asked: &InstallServer, binary: &Path, central: Option<&Central>) -> Done {
    let mut done = Done::default();
    let mut dry = Hands { dry: asked.dry_run, lines: Vec::new() };
    let outcome = not_elsewhere(repository)
        .and_then(|()| place::of(repository, &asked.platform))
        .and_then(|place| put_hook(&place, binary, &mut dry))
        .and_then(|()| central.map_or(Ok(()), |central| put_policy(repository, central, &mut dry)));
    done.lines = dry.lines;
    if let Err((what, fix)) = outcome {
        done.failed = true;
        done.lines.push(format!("NOT DONE: {what}"));
        done.lines.extend(fix.lines().map(|line| format!("  fix: {line}")));
    }
    done
}

/// Writes, or says what would be written.
struct Hands {
    dry: bool,
    lines: Vec<String>,
}

impl Hands {
    fn act(
        &mut self,
        done: &str,
        would: &str,
        what: &str,
        act: impl FnOnce() -> std::io::Result<()>,
    ) -> Result<(), Obstacle> {
        if self.dry {
            self.lines.push(format!("would {would} {what}"));
            return Ok(());
        }
        act().map_err(|error| {
            (
                format!("cannot {would} {what}: {error}"),
                "run this as the account that owns the repository".to_owned(),
            )
        })?;
        self.lines.push(format!("{done} {what}"));
        Ok(())
    }
}

/// Git looks for hooks in one place: a setting can move it away from the repository.
fn not_elsewhere(repository: &Path) -> Result<(), Obstacle> {
    let opened = gatepost_source::open(Some(repository)).map_err(|error| (error.message, error.fix))?;
    match opened.config("core.hooksPath") {
        Ok(None) => Ok(()),
        Ok(Some(elsewhere)) => Err((
            format!("`core.hooksPath` is `{elsewhere}`: Git looks for hooks there, and other repositories may share them"),
            "unset it for this repository (git config --unset core.hooksPath), or have the pre-receive hook there run \
             `gatepost run pre-receive`"
                .to_owned(),
        )),
        Err(error) => Err((error.message, error.fix)),
    }
}

fn put_hook(place: &HookPlace, binary: &Path, hands: &mut Hands) -> Result<(), Obstacle> {
    let file = &place.file;
    let before = hook::before(file);
    let there = hook::look(file);
    let shown = format!("{} ({})", file.display(), place.server);
    match &there {
        There::Linked(_) => hands.lines.push(format!("hook: {shown} is there already, as a link")),
        There::Foreign if !place.alone || before.symlink_metadata().is_ok() => {
            return Err((
                format!("{} is somebody else's", file.display()),
                format!(
                    "move it away, or have it run `{} run pre-receive` with its own standard input",
                    binary.display()
                ),
            ));
        }
        There::Foreign => {
            hands.act("kept", "keep", &format!("the hook that is there, as {}", before.display()), || {
                std::fs::rename(file, &before)
            })?;
            write_hook(
                file,
                &hook::script(binary, Some(&before)),
                &format!("{shown}, which runs it first"),
                hands,
            )?;
        }
        There::Nothing | There::Ours(_) => {
            let chained = Some(before.as_path()).filter(|before| before.symlink_metadata().is_ok());
            let text = hook::script(binary, chained);
            if matches!(&there, There::Ours(old) if *old == text) && platform::is_executable(file) {
                hands.lines.push(format!("hook: {shown} is there already"));
            } else {
                write_hook(file, &text, &shown, hands)?;
            }
        }
    }
    place.link.as_deref().map_or(Ok(()), |link| put_link(file, link, hands))
}

fn write_hook(file: &Path, text: &[u8], shown: &str, hands: &mut Hands) -> Result<(), Obstacle> {
    hands.act("hook: wrote", "write", shown, || {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        replace(file, text)?;
        platform::make_executable(file)
    })
}

/// gitolite links the hooks that all repositories share into each of them.
fn put_link(file: &Path, link: &Path, hands: &mut Hands) -> Result<(), Obstacle> {
    match std::fs::read_link(link) {
        Ok(to) if to == file => Ok(()),
        _ if link.symlink_metadata().is_ok() => Err((
            format!("{} is somebody else's", link.display()),
            format!("move it away, and link it: ln -s {} {}", file.display(), link.display()),
        )),
        _ => hands.act("linked", "link", &link.display().to_string(), || platform::link(file, link)),
    }
}

fn put_policy(repository: &Path, central: &Central, hands: &mut Hands) -> Result<(), Obstacle> {
    let text = policy::pointer(central)?;
    let file = match policy::there(repository) {
        Some((file, Some(old))) if old == text => {
            hands.lines.push(format!("policy: {} is there already", file.display()));
            return Ok(());
        }
        Some((file, old)) if !policy::is_ours(old.as_deref()) => {
            return Err((
                format!("{} is a policy of its own", file.display()),
                format!("remove it, or have it build on the policy: extends = [{:?}]", central.path),
            ));
        }
        Some((file, _)) => file,
        None => repository.join(crate::settings::FILE_NAMES[0]),
    };
    let what = format!("{}, which extends {}", file.display(), central.path.display());
    hands.act("policy: wrote", "write", &what, || replace(&file, text.as_bytes()))
}
