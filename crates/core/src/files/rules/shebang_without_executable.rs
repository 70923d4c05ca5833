//! A script that cannot be run by its name.

use super::super::judge::quoted;
use super::executable_without_shebang::has_shebang;
use super::{Complaint, FileRule};
use crate::FileMode;
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: FileRule = FileRule {
    info: CodeInfo {
        code: "GP-FILE-011",
        name: "shebang-without-executable",
        severity: Severity::Low,
        summary: "A text begins with `#!` and is not executable.",
        why: "It runs for whoever wrote it, where the bit was set, and for nobody who clones.",
        fix: "Set the bit: git update-index --chmod=+x FILE",
        fires: "#!/bin/sh\n",
        silent: "#![no_std]\n",
    },
    options: "shebang-without-executable = \"deny\"",
    level: |settings, _| settings.shebang_without_executable,
    judge: |subject| {
        let is_file = subject.document.mode == Some(FileMode::File);
        let bytes = subject.document.bytes.filter(|_| is_file)?;
        has_shebang(bytes).then(|| Complaint {
            message: format!("{} begins with `#!` and is not executable", subject.path.escaped()),
            fix: vec![
                format!("git update-index --chmod=+x {}", quoted(subject.path)),
                "or take the first line out, where the file is only read by others".to_owned(),
            ],
        })
    },
};
