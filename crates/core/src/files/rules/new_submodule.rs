//! A submodule that was not there before.

use super::super::judge::quoted;
use super::{Complaint, FileRule};
use crate::FileMode;
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: FileRule = FileRule {
    info: CodeInfo {
        code: "GP-FILE-013",
        name: "new-submodule",
        severity: Severity::Medium,
        summary: "A change adds a submodule.",
        why: "Its content is another repository's, which no gate of this one judges.",
        fix: "Add the content, or have the submodule allowed by a change of the policy.",
        fires: "160000 vendor/lib",
        silent: "100644 vendor/lib",
    },
    options: "submodules = \"deny\"",
    level: |settings, _| settings.submodules,
    judge: |subject| {
        (subject.document.mode == Some(FileMode::Submodule)).then(|| Complaint {
            message: format!("{} is a new submodule", subject.path.escaped()),
            fix: vec![
                format!("git rm --cached {}", quoted(subject.path)),
                "or have it allowed first, in [files] of gatepost.toml: submodules = \"allow\"".to_owned(),
            ],
        })
    },
};
