//! Lines that end otherwise than the policy has it.

use super::super::content::is_binary;
use super::super::judge::quoted;
use super::super::tree::Eol;
use super::{Complaint, FileRule};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: FileRule = FileRule {
    info: CodeInfo {
        code: "GP-FILE-009",
        name: "line-endings",
        severity: Severity::Low,
        summary: "A file of `eol-lf` has a line that ends with CR LF, or one of `eol-crlf` a line that ends with LF, in the object database.",
        why: "A script with the other system's line ends does not run, and a file that changes between the two shows every line as changed.",
        fix: "Name the file in .gitattributes (`*.sh text eol=lf`) and add it again.",
        fires: "#!/bin/sh\r\necho\r\n",
        silent: "#!/bin/sh\necho\n",
    },
    options: "eol-lf = [\"*.dat\"]",
    level: |settings, info| settings.level.of(info.severity),
    judge: |subject| {
        let wanted = subject.tree.eol(subject.path).filter(|_| !subject.symlink)?;
        let bytes = subject.document.bytes.filter(|bytes| !is_binary(bytes))?;
        let line = first_wrong(bytes, wanted)?;
        let (has, should, attribute) = match wanted {
            Eol::Lf => ("CR LF", "LF", "text eol=lf"),
            Eol::CrLf => ("LF", "CR LF", "-text"),
        };
        let path = quoted(subject.path);
        Some(Complaint {
            message: format!(
                "line {line} of {} ends with {has}, and should with {should}",
                subject.path.escaped()
            ),
            fix: vec![
                format!("name it in .gitattributes: {} {attribute}", subject.path.escaped()),
                match wanted {
                    Eol::Lf => format!("git add --renormalize {path}"),
                    Eol::CrLf => format!("unix2dos {path} && git add {path}"),
                },
            ],
        })
    },
};

/// The first line, from 1, that ends otherwise.
fn first_wrong(bytes: &[u8], wanted: Eol) -> Option<usize> {
    let is_wrong = |at: &usize| {
        let is_crlf = at.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&b'\r');
        is_crlf == (wanted == Eol::Lf)
    };
    memchr::memchr_iter(b'\n', bytes).position(|at| is_wrong(&at)).map(|line| line.saturating_add(1))
}
