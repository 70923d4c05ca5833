//! The part of the doctor that looks at hook files and at the managers that write them.

use super::{Diagnosis, Facts, version_of};
use crate::commands::install::{Context, Hook, HooksPlace, Manager, ManagerKind, binary_of, is_ours, script};
use crate::platform;
use std::path::{Path, PathBuf};

const INSTALL: &str = "gatepost install";

pub(super) fn check(
    context: &Context<'_>,
    place: &HooksPlace,
    manager: Option<&Manager>,
    facts: &Facts<'_>,
    out: &mut Vec<Diagnosis>,
) {
    let mut binaries: Vec<PathBuf> = Vec::new();
    for hook in Hook::ALL {
        out.push(one(hook, context, place, manager, &mut binaries));
    }
    binaries.sort();
    binaries.dedup();
    out.extend(binaries.iter().map(|binary| version(binary, facts)));
    if let Some(manager) = manager {
        system_ids(manager, facts, out);
    }
}

fn one(
    hook: Hook,
    context: &Context<'_>,
    place: &HooksPlace,
    manager: Option<&Manager>,
    binaries: &mut Vec<PathBuf>,
) -> Diagnosis {
    let path = place.directory.join(hook.name());
    let text = std::fs::read(&path).ok();
    if let Some(text) = text.as_deref().filter(|text| is_ours(text)) {
        return ours(hook, context, &path, text, binaries);
    }
    match (manager, text) {
        (Some(manager), text) => managed(hook, manager, &path, text.is_some()),
        (None, Some(_)) => Diagnosis::fail(
            format!("{hook}: {} is somebody else's and does not run gatepost", path.display()),
            format!("{INSTALL} (keeps that hook and runs it first)"),
        ),
        (None, None) => Diagnosis::fail(format!("{hook}: not installed"), INSTALL),
    }
}

fn ours(
    hook: Hook,
    context: &Context<'_>,
    path: &Path,
    text: &[u8],
    binaries: &mut Vec<PathBuf>,
) -> Diagnosis {
    if !platform::is_executable(path) {
        return Diagnosis::fail(
            format!("{hook}: {} is not executable, Git passes it over", path.display()),
            INSTALL,
        );
    }
    let Some(binary) = binary_of(text).map(PathBuf::from) else {
        return Diagnosis::fail(format!("{hook}: {} names no gatepost", path.display()), INSTALL);
    };
    if !platform::is_executable(&binary) {
        return Diagnosis::fail(format!("{hook}: it runs {}, which is gone", binary.display()), INSTALL);
    }
    let expected = script(hook, &binary);
    let other = binary != context.binary && binary.canonicalize().ok() != context.binary.canonicalize().ok();
    binaries.push(binary.clone());
    if expected != text {
        return Diagnosis::warn(
            format!("{hook}: {} was written by another version", path.display()),
            INSTALL,
        );
    }
    if other {
        return Diagnosis::warn(format!("{hook}: it runs another gatepost, {}", binary.display()), INSTALL);
    }
    Diagnosis::ok(format!("{hook}: installed, {}", path.display()))
}

fn managed(hook: Hook, manager: &Manager, path: &Path, present: bool) -> Diagnosis {
    let name = manager.kind.name();
    match (manager.runs_gatepost(hook), present) {
        (true, true) => Diagnosis::ok(format!("{hook}: run by {name}, {}", manager.file.display())),
        // husky has no file of its own for a hook until its `prepare` script has run.
        (true, false) => Diagnosis::fail(
            format!(
                "{hook}: {} has it, but {name} has not put {} there",
                manager.file.display(),
                path.display()
            ),
            put_there(manager.kind, hook),
        ),
        (false, _) => Diagnosis::fail(
            format!("{hook}: {name} manages the hooks, and {} does not run gatepost", manager.file.display()),
            format!("{INSTALL} (prints the lines to add)"),
        ),
    }
}

fn put_there(kind: ManagerKind, hook: Hook) -> String {
    match kind {
        ManagerKind::Husky => "npx husky".to_owned(),
        ManagerKind::Lefthook => "lefthook install".to_owned(),
        ManagerKind::PreCommit | ManagerKind::Prek => format!("{} install -t {hook}", kind.name()),
    }
}

fn version(binary: &Path, facts: &Facts<'_>) -> Diagnosis {
    match version_of(binary) {
        None => Diagnosis::fail(format!("{} does not run", binary.display()), "install gatepost again"),
        Some(version) if version == facts.version => {
            Diagnosis::ok(format!("the hooks run gatepost {version}"))
        }
        Some(version) => Diagnosis::warn(
            format!("the hooks run gatepost {version}, this is {}", facts.version),
            format!("{INSTALL} with the gatepost that the hooks shall run"),
        ),
    }
}

/// The `-system` ids of `.pre-commit-hooks.yaml` take gatepost from PATH.
fn system_ids(manager: &Manager, facts: &Facts<'_>, out: &mut Vec<Diagnosis>) {
    let Ok(bytes) = std::fs::read(&manager.file) else { return };
    let text = String::from_utf8_lossy(&bytes);
    let ids = text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ','));
    let Some(id) = ids.into_iter().find(|word| word.starts_with("gatepost") && word.ends_with("-system"))
    else {
        return;
    };
    let suffix = std::env::consts::EXE_SUFFIX;
    let names = ["gatepost", "gatepost-pre-commit", "gatepost-commit-msg", "gatepost-pre-push"];
    let directories: Vec<PathBuf> = facts.search_path.into_iter().flat_map(std::env::split_paths).collect();
    let missing: Vec<&str> = names
        .into_iter()
        .filter(|name| {
            !directories
                .iter()
                .any(|directory| platform::is_executable(&directory.join(format!("{name}{suffix}"))))
        })
        .collect();
    out.push(if missing.is_empty() {
        Diagnosis::ok(format!("`{id}` finds gatepost in PATH"))
    } else {
        Diagnosis::fail(
            format!("`{id}` takes gatepost from PATH, where there is no {}", missing.join(", ")),
            "put the directory of the five gatepost binaries into PATH, or use the id without `-system`",
        )
    });
}
