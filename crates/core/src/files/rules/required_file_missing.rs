//! A file that every revision has to have, and one has not.

use super::{Complaint, FileRule};
use crate::Level;
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(in super::super) const RULE: FileRule = FileRule {
    info: CodeInfo {
        code: "GP-FILE-015",
        name: "required-file-missing",
        severity: Severity::Medium,
        summary: "No file matches an entry of `require` once the change is made, or all that do are empty.",
        why: "Who owns the code, how to report a hole in it and what a release needs is asked when there is no time to write it down.",
        fix: "Put the file back, or write it.",
        fires: "README.md",
        silent: "SECURITY.md",
    },
    options: "require = [\"SECURITY.md\"]",
    level: |settings, _| if settings.is_off() { Level::Off } else { Level::Deny },
    // What stands after a change is judged as a whole, in `after.rs`.
    judge: |_| None::<Complaint>,
};
