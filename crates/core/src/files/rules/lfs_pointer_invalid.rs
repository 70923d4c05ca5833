//! A pointer that Git LFS cannot follow.

use super::super::content::LfsPointer;
use super::super::judge::quoted;
use super::{Complaint, FileRule};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: FileRule = FileRule {
    info: CodeInfo {
        code: "GP-FILE-003",
        name: "lfs-pointer-invalid",
        severity: Severity::Medium,
        summary: "A file begins like a pointer of Git LFS and is not a valid one.",
        why: "Git LFS checks such a file out as it stands: the content is lost for everybody who clones.",
        fix: "Add the real file again, so that Git LFS writes the pointer.",
        fires: "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12\n",
        silent: "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n",
    },
    options: "",
    level: |settings, info| settings.level.of(info.severity),
    judge: |subject| {
        let Some(LfsPointer::Invalid { problem }) = subject.pointer else { return None };
        let path = quoted(subject.path);
        Some(Complaint {
            message: format!("{} is a broken pointer of Git LFS: {problem}", subject.path.escaped()),
            fix: vec![
                "put the real content back in place of the pointer".to_owned(),
                format!("git lfs track {path} && git add --renormalize {path}"),
            ],
        })
    },
};
