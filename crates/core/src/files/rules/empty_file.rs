//! A file that has to say something, and says nothing.

use super::{Complaint, FileRule};
use crate::code::CodeInfo;
use crate::severity::Severity;
use crate::{FileMode, Level};

pub(super) const RULE: FileRule = FileRule {
    info: CodeInfo {
        code: "GP-FILE-014",
        name: "empty-file",
        severity: Severity::Medium,
        summary: "A file at a path of `not-empty` is added or changed and has nothing but white space.",
        why: "It is there for whoever looks whether it is there, and says nothing to whoever reads it.",
        fix: "Write into the file what it is for, or delete it.",
        fires: "",
        silent: "* @owners\n",
    },
    options: "not-empty = [\"*.dat\"]",
    level: |settings, _| if settings.is_off() { Level::Off } else { Level::Deny },
    judge: |subject| {
        let is_submodule = subject.document.mode == Some(FileMode::Submodule);
        let glob =
            subject.tree.not_empty(subject.path).filter(|_| !subject.symlink && !is_submodule)?.as_str();
        let is_blank = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_whitespace);
        let is_empty = subject.document.size == 0 || subject.document.bytes.is_some_and(is_blank);
        is_empty.then(|| Complaint {
            message: format!("{} is empty, and what matches `{glob}` may not be", subject.path.escaped()),
            fix: vec!["write into it what it is for".to_owned()],
        })
    },
};
