//! A file above the limit.

use super::super::content::LfsPointer;
use super::super::judge::quoted;
use super::{Complaint, FileRule};
use crate::code::CodeInfo;
use crate::severity::Severity;
use crate::text::Size;

pub(super) const RULE: FileRule = FileRule {
    info: CodeInfo {
        code: "GP-FILE-001",
        name: "file-too-large",
        severity: Severity::Medium,
        summary: "A file is larger than `max-size`, by its size in the object database.",
        why: "Every clone carries every version of a file for ever; taking one out again means rewriting the history.",
        fix: "Track the file with Git LFS, keep it elsewhere, or raise `max-size` for its path.",
        fires: "more than ten bytes\n",
        silent: "ten bytes\n",
    },
    options: "max-size = 10",
    level: |settings, info| settings.level.of(info.severity),
    judge: |subject| {
        let size = subject.document.size;
        if size <= subject.max_size || matches!(subject.pointer, Some(LfsPointer::Valid { .. })) {
            return None;
        }
        let path = quoted(subject.path);
        Some(Complaint {
            message: format!(
                "{} is {} ({size} bytes), more than {}",
                subject.path.escaped(),
                Size(size),
                Size(subject.max_size)
            ),
            fix: vec![
                format!("git rm --cached {path}"),
                format!("git lfs track {path} && git add .gitattributes {path}"),
                "if it belongs in the repository, raise max-size for it in a [[files.path]] block of gatepost.toml".to_owned(),
            ],
        })
    },
};
