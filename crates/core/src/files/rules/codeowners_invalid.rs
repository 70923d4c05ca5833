//! Lines of CODEOWNERS that forges pass over.

use super::super::owners;
use super::{Complaint, FileRule};
use crate::code::CodeInfo;
use crate::severity::Severity;
use crate::text::Codeowners;

/// Most lines that are named beside the first.
const MOST_NAMED: usize = 10;

pub(super) const RULE: FileRule = FileRule {
    info: CodeInfo {
        code: "GP-FILE-017",
        name: "codeowners-invalid",
        severity: Severity::Medium,
        summary: "A CODEOWNERS is added or changed that names nobody, or has a line that forges pass over.",
        why: "A forge says nothing of a line that it passes over: the files below it are merged without anybody being asked.",
        fix: "Write the line as `PATTERN @name`, `PATTERN @org/team` or `PATTERN name@example.com`.",
        fires: "* @org/all\n/config/ alice\n",
        silent: "* @org/all\n/config/ @alice # since the move\n",
    },
    options: "codeowners = \"deny\"",
    level: |settings, _| settings.codeowners,
    judge: |subject| {
        let dialect = owners::dialect(subject.path)?;
        let path = subject.path.escaped();
        if subject.document.size > Codeowners::MOST_BYTES {
            return Some(Complaint {
                message: format!("{path} is larger than 3 MB: GitHub does not load it, and it names nobody"),
                fix: vec!["name folders instead of files".to_owned()],
            });
        }
        let text = String::from_utf8_lossy(subject.document.bytes?);
        let read = Codeowners::new(&text, dialect);
        let (first, others) = read.faults().split_first()?;
        let place = first.line.map_or_else(String::new, |line| format!("line {line} of "));
        let mut lines: Vec<String> =
            others.iter().filter_map(|fault| fault.line).map(|line| line.to_string()).collect();
        lines.dedup();
        let more = match lines.len() {
            0 => String::new(),
            1 => format!("; so does line {}, in its way", lines.concat()),
            count => {
                let left = count.saturating_sub(MOST_NAMED);
                lines.truncate(MOST_NAMED);
                let left = if left > 0 { format!(" and {left} more") } else { String::new() };
                format!("; so do the lines {}{left}, each in its way", lines.join(", "))
            }
        };
        Some(Complaint {
            message: format!("{place}{path} {}{more}", first.what),
            fix: vec![
                "write each line as a pattern and its owners: /config/ @org/team name@example.com".to_owned(),
            ],
        })
    },
};
