//! Files that nobody owns.

use super::{Complaint, FileRule};
use crate::Level;
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(in super::super) const RULE: FileRule = FileRule {
    info: CodeInfo {
        code: "GP-FILE-018",
        name: "file-unowned",
        severity: Severity::Medium,
        summary: "A file at a path of `owned-paths` is added or changed, and CODEOWNERS names nobody for it.",
        why: "Where nobody is named, nobody is asked: the forge merges the change with anybody's approval.",
        fix: "Name an owner in CODEOWNERS: `/config/ @org/team`.",
        fires: "/docs/ @org/writers\n",
        silent: "/config/ @org/operations\n",
    },
    options: "owned-paths = [\"config/**\"]",
    level: |settings, _| if settings.is_off() { Level::Off } else { Level::Deny },
    // What stands after a change is judged as a whole, in `owners.rs`.
    judge: |_| None::<Complaint>,
};
