//! `gatepost server check`: whether the gate of each repository stands, as the account that asks sees it.

use super::hook::{self, There};
use super::policy::{self, Central};
use super::{find, place};
use crate::args::{CheckServer, Cli};
use crate::bypass::log::LogFile;
use crate::exit::Failure;
use crate::output::print;
use crate::{failure, platform, voice};
use gatepost_core::break_glass::Config as BreakGlass;
use gatepost_evidence::break_glass::{Cause, rows};
use gatepost_source::Repository;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// How one thing stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Ok,
    Advice,
    Missing,
}

/// One thing that was looked at.
struct Fact {
    state: State,
    /// What was looked at.
    about: &'static str,
    text: String,
    fix: String,
}

impl Fact {
    fn ok(about: &'static str, text: impl Into<String>) -> Self {
        Self { state: State::Ok, about, text: text.into(), fix: String::new() }
    }

    fn missing(about: &'static str, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { state: State::Missing, about, text: text.into(), fix: fix.into() }
    }

    fn advice(about: &'static str, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { state: State::Advice, about, text: text.into(), fix: fix.into() }
    }
}

pub(super) fn run(cli: &Cli, asked: &CheckServer) -> Result<ExitCode, Failure> {
    let central = asked.policy.as_deref().map(|file| policy::central(cli, file)).transpose()?;
    let (mut text, mut bad, mut good) = (String::new(), 0_usize, 0_usize);
    for repository in find::all(&asked.repositories)? {
        let facts = facts(cli, &repository, &asked.platform, central.as_ref());
        let is_bad = facts.iter().any(|fact| fact.state == State::Missing);
        bad += usize::from(is_bad);
        good += usize::from(!is_bad);
        let _ = writeln!(text, "{}", repository.display());
        for Fact { state, about, text: what, fix } in facts {
            let word = match state {
                State::Ok => "ok",
                State::Advice => "advice",
                State::Missing => "MISSING",
            };
            let _ = writeln!(text, "  {word:<8} {about:<11} {what}");
            for line in fix.lines() {
                let _ = writeln!(text, "  {:<20} fix: {line}", "");
            }
        }
    }
    let _ = writeln!(text, "{} sound, {bad} not", crate::usage::repositories(good));
    print(&voice::said(&text, false))?;
    Ok(ExitCode::from(u8::from(bad > 0)))
}

fn facts(cli: &Cli, path: &Path, platform: &str, central: Option<&Central>) -> Vec<Fact> {
    let mut facts = Vec::new();
    let binary = hook_facts(path, platform, &mut facts);
    let repository = match gatepost_source::open(Some(path)) {
        Ok(repository) => repository,
        Err(error) => {
            facts.push(Fact::missing("repository", error.message, error.fix));
            return facts;
        }
    };
    let repository = repository.as_ref();
    policy_facts(cli, repository, central, &mut facts);
    if let Some(binary) = binary {
        facts.push(trial(path, &binary));
    }
    git_facts(repository, &mut facts);
    log_facts(repository, &mut facts);
    facts
}

/// What is wrong with the hook of a repository, and what to do.
pub(super) fn gate(path: &Path, platform: &str) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    hook_facts(path, platform, &mut facts);
    let missing = facts.into_iter().filter(|fact| fact.state == State::Missing);
    missing.map(|fact| (fact.text, fact.fix)).collect()
}

/// The hook, and the gatepost that it runs.
fn hook_facts(path: &Path, platform: &str, facts: &mut Vec<Fact>) -> Option<PathBuf> {
    let install = format!("gatepost server install --repo {}", path.display());
    let place = match place::of(path, platform) {
        Ok(place) => place,
        Err((what, fix)) => {
            facts.push(Fact::missing("hook", what, fix));
            return None;
        }
    };
    let there = hook::look(&place.file);
    let shown = place.file.display();
    match there {
        There::Nothing => facts.push(Fact::missing("hook", format!("there is no {shown}"), install.as_str())),
        There::Foreign => {
            facts.push(Fact::missing("hook", format!("{shown} does not run gatepost"), install.as_str()));
        }
        There::Ours(_) | There::Linked(_) if !platform::is_executable(&place.file) => {
            facts.push(Fact::missing(
                "hook",
                format!("{shown} is not executable"),
                format!("chmod +x {shown}"),
            ));
        }
        There::Ours(_) | There::Linked(_) => {
            facts.push(Fact::ok("hook", format!("{shown} ({})", place.server)));
            if let Some(link) = place.link.filter(|link| hook::runs(&hook::look(link)).is_none()) {
                let what = format!("{} does not lead there", link.display());
                facts.push(Fact::missing("hook", what, "gitolite setup --hooks-only"));
            }
        }
    }
    let binary = hook::runs(&there)?;
    if platform::is_executable(&binary) {
        return Some(binary);
    }
    facts.push(Fact::missing("program", format!("there is no {}", binary.display()), install));
    None
}

fn policy_facts(cli: &Cli, repository: &dyn Repository, central: Option<&Central>, facts: &mut Vec<Fact>) {
    let session = match policy::in_force(cli, repository) {
        Ok(session) => session,
        Err(failure) => {
            facts.push(Fact::missing(
                "policy",
                failure::words(&failure),
                "gatepost config check, in the repository",
            ));
            return;
        }
    };
    let policy = session.policy();
    let origin = match &session.settings.file {
        Some(file) => file.display().to_string(),
        None => session.settings.notices.first().cloned().unwrap_or_else(|| "the built-in one".to_owned()),
    };
    match central {
        Some(central) if central.digest != session.settings.digest() => {
            let what = format!("{origin} says something else than {}", central.path.display());
            let fix = format!(
                "compare them with `gatepost config show --origin`, or `gatepost server install --policy {}`",
                central.path.display()
            );
            facts.push(Fact::missing("policy", what, fix));
        }
        _ => facts.push(Fact::ok("policy", origin)),
    }
    if let Some(on_top) = &session.settings.on_top {
        facts.extend(on_top.notices.iter().map(|notice| {
            if on_top.is_broken {
                Fact::advice("policy", notice.clone(), "push a mended gatepost.toml")
            } else {
                Fact::ok("policy", notice.clone())
            }
        }));
    }
    if !policy.enforce() {
        let what = "this is a dry run: everything is judged, and nothing refused (enforce = false)";
        facts.push(Fact::advice("policy", what, "enforce = true"));
    }
    let needs = BreakGlass::new(policy).is_ok_and(|config| config.allow)
        || policy.exceptions().iter().any(|exception| exception.on_request);
    if needs && !is_on(repository, "receive.advertisePushOptions", facts) {
        let what = "the policy has break-glass or exceptions on request, and no push option arrives here";
        facts.push(Fact::missing("options", what, "git config receive.advertisePushOptions true"));
    }
}

/// Runs the hook's program as Git does, on a push of nothing, with a quarantine of its own: it must start, find the repository
/// its own, read its policy, and pass.
fn trial(path: &Path, binary: &Path) -> Fact {
    let objects = path.join("objects");
    let quarantine = objects.join(format!("tmp_objdir-incoming-check-{}", std::process::id()));
    if let Err(error) = std::fs::create_dir(&quarantine) {
        let what = format!("cannot write {}: {error}", objects.display());
        return Fact::missing(
            "trial",
            what,
            "run this as the account that runs the hooks: sudo -u git gatepost …",
        );
    }
    let ran = Command::new(binary)
        .args(["run", "pre-receive"])
        .current_dir(path)
        .env("GIT_DIR", ".")
        .env("GIT_QUARANTINE_PATH", &quarantine)
        .env("GIT_OBJECT_DIRECTORY", &quarantine)
        .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", &objects)
        .env_remove("GIT_PUSH_OPTION_COUNT")
        .stdin(Stdio::null())
        .output();
    let removed = std::fs::remove_dir(&quarantine);
    match (ran, removed) {
        (Ok(output), Ok(())) if output.status.success() => {
            Fact::ok("trial", format!("{} lets a push of nothing pass", binary.display()))
        }
        (Ok(output), Ok(())) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let lines = || said.lines().map(|line| line.trim_start_matches("GL-HOOK-ERR: ").trim());
            let first = lines().next().unwrap_or_default().trim_start_matches("error: ");
            let fix = lines().find_map(|line| line.strip_prefix("= fix: ").or(line.strip_prefix("= help: ")));
            let what = format!("{} refuses a push of nothing: {first}", binary.display());
            Fact::missing("trial", what, fix.unwrap_or_default())
        }
        (Err(error), _) => Fact::missing(
            "trial",
            format!("cannot run {}: {error}", binary.display()),
            "install gatepost again, and run `gatepost server install`",
        ),
        (_, Err(error)) => Fact::missing(
            "trial",
            format!("cannot remove {}: {error}", quarantine.display()),
            format!("rmdir {}", quarantine.display()),
        ),
    }
}

/// A value of Git's configuration; one that cannot be read is a fact of its own.
fn value(repository: &dyn Repository, key: &str, facts: &mut Vec<Fact>) -> Option<String> {
    repository.config(key).unwrap_or_else(|error| {
        facts.push(Fact::missing("config", format!("`{key}`: {}", error.message), error.fix));
        None
    })
}

fn is_on(repository: &dyn Repository, key: &str, facts: &mut Vec<Fact>) -> bool {
    value(repository, key, facts)
        .is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "true" | "yes" | "on" | "1"))
}

fn git_facts(repository: &dyn Repository, facts: &mut Vec<Fact>) {
    if let Some(elsewhere) = value(repository, "core.hooksPath", facts) {
        facts.push(Fact::missing(
            "hook",
            format!("`core.hooksPath` is `{elsewhere}`: Git does not look into the repository for hooks"),
            "git config --unset core.hooksPath",
        ));
    }
    if !["receive.fsckObjects", "transfer.fsckObjects"].iter().any(|key| is_on(repository, key, facts)) {
        facts.push(Fact::advice(
            "objects",
            "Git takes malformed objects in here",
            "git config receive.fsckObjects true",
        ));
    }
}

fn log_facts(repository: &dyn Repository, facts: &mut Vec<Fact>) {
    match LogFile::of(repository).read() {
        Ok(None) => {}
        Ok(Some(log)) => {
            let owed = rows(log.records(), crate::session::now());
            let owed = owed.iter().filter(|row| row.state.is_owed());
            let late = owed.clone().filter(|row| row.cause == Cause::TimeOut).count();
            let count = owed.count();
            if count > 0 {
                let what = format!(
                    "{count} pushes came in past the gate and are owed, {late} of them for want of time"
                );
                facts.push(Fact::advice("records", what, "gatepost break-glass check, in the repository"));
            }
        }
        Err(failure) => {
            facts.push(Fact::missing(
                "records",
                failure::words(&failure),
                "gatepost break-glass list, in the repository",
            ));
        }
    }
}
