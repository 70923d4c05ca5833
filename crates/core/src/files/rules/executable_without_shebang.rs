//! A text that is executable, and nothing says by what.

use super::super::content::is_binary;
use super::super::judge::quoted;
use super::{Complaint, FileRule};
use crate::FileMode;
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: FileRule = FileRule {
    info: CodeInfo {
        code: "GP-FILE-010",
        name: "executable-without-shebang",
        severity: Severity::Low,
        summary: "A text is executable and does not begin with `#!`.",
        why: "Most often the bit came from a file system without modes; run, such a file is taken for a shell script.",
        fix: "Take the bit away (`git update-index --chmod=-x FILE`), or name the interpreter in the first line.",
        fires: "[settings]\n",
        silent: "#!/bin/sh\n",
    },
    options: "executable-without-shebang = \"deny\"",
    level: |settings, _| settings.executable_without_shebang,
    judge: |subject| {
        let is_executable = subject.document.mode == Some(FileMode::Executable);
        let bytes = subject.document.bytes.filter(|bytes| is_executable && !is_binary(bytes))?;
        if has_shebang(bytes) || subject.pointer.is_some() {
            return None;
        }
        Some(Complaint {
            message: format!("{} is executable and does not begin with `#!`", subject.path.escaped()),
            fix: vec![format!("git update-index --chmod=-x {}", quoted(subject.path))],
        })
    },
};

/// Whether a text names its interpreter. `#![…]` is an attribute of Rust.
pub(super) fn has_shebang(bytes: &[u8]) -> bool {
    bytes.strip_prefix(b"#!").is_some_and(|rest| !rest.starts_with(b"["))
}
