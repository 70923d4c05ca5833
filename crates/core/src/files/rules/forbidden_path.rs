//! A path that the policy keeps out of the repository.

use super::super::judge::quoted;
use super::{Complaint, FileRule};
use crate::Level;
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: FileRule = FileRule {
    info: CodeInfo {
        code: "GP-FILE-004",
        name: "forbidden-path",
        severity: Severity::High,
        summary: "A file is added or changed at a path that `forbid` lists.",
        why: "Files of such names hold keys, passwords or machine settings, often in forms that no scan can read.",
        fix: "Take the file out of the index, name it in .gitignore, and revoke what was in it if it was ever pushed.",
        fires: "deploy/.env",
        silent: "deploy/.env.example",
    },
    options: "forbid = [\".env\"]",
    level: |settings, _| if settings.is_off() { Level::Off } else { Level::Deny },
    judge: |subject| {
        let glob = subject.forbidden?.as_str();
        let path = quoted(subject.path);
        Some(Complaint {
            message: format!("{} is a forbidden path: it matches `{glob}`", subject.path.escaped()),
            fix: vec![
                format!("git rm --cached {path}"),
                format!(
                    "name it in .gitignore, or take `{glob}` out of forbid in gatepost.toml if it belongs in the repository"
                ),
            ],
        })
    },
};
