//! A file that Git LFS should keep and Git keeps.

use super::super::content::LfsPointer;
use super::super::judge::quoted;
use super::{Complaint, FileRule};
use crate::Level;
use crate::code::CodeInfo;
use crate::severity::Severity;
use crate::text::shell_word;

pub(super) const RULE: FileRule = FileRule {
    info: CodeInfo {
        code: "GP-FILE-012",
        name: "lfs-required",
        severity: Severity::Medium,
        summary: "A file at a path of `lfs-required` is no valid pointer of Git LFS.",
        why: "It was added where Git LFS is not installed, or not told of the path; every clone now carries every version of it.",
        fix: "Install Git LFS, track the path, and add the file again.",
        fires: "the content itself\n",
        silent: "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n",
    },
    options: "lfs-required = [\"*.dat\"]",
    level: |settings, _| if settings.is_off() { Level::Off } else { Level::Deny },
    judge: |subject| {
        let glob = subject.tree.lfs_required(subject.path).filter(|_| !subject.symlink)?.as_str();
        // Git LFS keeps nothing of an empty file, and writes no pointer for it.
        if subject.document.size == 0 || matches!(subject.pointer, Some(LfsPointer::Valid { .. })) {
            return None;
        }
        let path = quoted(subject.path);
        Some(Complaint {
            message: format!(
                "{} is no pointer of Git LFS, which keeps what matches `{glob}`",
                subject.path.escaped()
            ),
            fix: vec![
                "git lfs install".to_owned(),
                format!(
                    "git lfs track {} && git add .gitattributes && git add --renormalize {path}",
                    shell_word(glob)
                ),
            ],
        })
    },
};
