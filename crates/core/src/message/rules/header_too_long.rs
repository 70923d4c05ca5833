//! The header is longer than the policy allows.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-003",
        name: "header-too-long",
        severity: Severity::Low,
        summary: "The first line is longer than `header-max` characters.",
        why: "Logs, mail subjects and forges cut long first lines off.",
        fix: "Say it in fewer words, and move the rest below a blank line.",
        fires: "fix: keep the login after a reload",
        silent: "fix: keep the login",
    },
    options: "header-max = 20",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let (header, max) = (subject.layout.header, subject.config.header_max);
    let Some((cut, _)) = header.text.char_indices().nth(max).filter(|_| max > 0) else { return };
    let length = header.text.chars().count();
    complaints.push(Complaint {
        detail: String::new(),
        message: format!(
            "the header has {length} characters, {} more than {max}",
            length.saturating_sub(max)
        ),
        range: header.start.saturating_add(cut)..header.range().end,
        header: None,
        fix: vec![format!("shorten the first line to {max} characters and move the rest below a blank line")],
    });
}
