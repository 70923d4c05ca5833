//! Two paths that are one where capital letters do not count.

use super::{Complaint, FileRule};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(in super::super) const RULE: FileRule = FileRule {
    info: CodeInfo {
        code: "GP-FILE-016",
        name: "case-clash",
        severity: Severity::Medium,
        summary: "A change adds a path that differs from another one in capital letters alone.",
        why: "On macOS and Windows only one of the two can be checked out, and the other shows as changed for ever.",
        fix: "Rename one of the two.",
        fires: "docs/Readme.md",
        silent: "docs/guide.md",
    },
    options: "case-clashes = \"deny\"",
    level: |settings, _| settings.case_clashes,
    judge: |_| None::<Complaint>,
};
