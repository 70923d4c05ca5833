//! A new file that is no text.

use super::super::content::{LfsPointer, is_binary};
use super::super::judge::quoted;
use super::{Complaint, FileRule};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: FileRule = FileRule {
    info: CodeInfo {
        code: "GP-FILE-002",
        name: "binary-file",
        severity: Severity::Low,
        summary: "A new file is binary: a NUL stands in its first 8000 bytes, and it is not UTF-16 or UTF-32 text.",
        why: "A binary cannot be reviewed or merged, and each new version is stored whole.",
        fix: "Track the file with Git LFS, build it instead of storing it, or allow binaries for its path.",
        fires: "\u{1}\0\u{2}\0",
        silent: "text\n",
    },
    options: "",
    level: |settings, _| settings.binary,
    judge: |subject| {
        let bytes = subject.document.bytes.filter(|_| subject.document.is_new && !subject.symlink)?;
        if matches!(subject.pointer, Some(LfsPointer::Valid { .. })) || !is_binary(bytes) {
            return None;
        }
        let path = quoted(subject.path);
        Some(Complaint {
            message: format!("{} is a new binary file", subject.path.escaped()),
            fix: vec![
                format!("git rm --cached {path}"),
                format!("git lfs track {path} && git add .gitattributes {path}"),
                "if it belongs in the repository, set binary = \"allow\" for it in a [[files.path]] block of gatepost.toml".to_owned(),
            ],
        })
    },
};
