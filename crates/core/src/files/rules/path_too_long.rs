//! A path that is longer than the policy allows.

use super::{Complaint, FileRule};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: FileRule = FileRule {
    info: CodeInfo {
        code: "GP-FILE-006",
        name: "path-too-long",
        severity: Severity::Low,
        summary: "The path of a new file has more bytes than `path-max`.",
        why: "Programs and file systems have limits, Windows the lowest; where one is met, a clone cannot be checked out.",
        fix: "Give the file, or a folder above it, a shorter name.",
        fires: "a/folder/with/a/name",
        silent: "a/folder",
    },
    options: "path-max = 10",
    level: |settings, info| settings.level.of(info.severity),
    judge: |subject| {
        let (length, most) = (subject.path.as_bytes().len() as u64, subject.tree.path_max);
        (subject.document.is_new && most > 0 && length > most).then(|| Complaint {
            message: format!("the path {} has {length} bytes, more than {most}", subject.path.escaped()),
            fix: vec!["give the file, or a folder above it, a shorter name".to_owned()],
        })
    },
};
