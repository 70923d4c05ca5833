//! The header ends with a full stop.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::message::config::FullStop;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-010",
        name: "full-stop",
        severity: Severity::Low,
        summary: "The header ends with a full stop, and the policy forbids it. An ellipsis is no full stop.",
        why: "A header is a title, and a changelog sets its own punctuation.",
        fix: "Leave the full stop out.",
        fires: "fix: keep the login.",
        silent: "fix: keep the login...",
    },
    options: "full-stop = \"forbid\"",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let header = subject.layout.header;
    let line = header.text.trim_end();
    if subject.config.full_stop != FullStop::Forbid {
        return;
    }
    let Some(bare) = line.strip_suffix('.').filter(|_| !line.ends_with("...")) else { return };
    let at = header.start.saturating_add(bare.len());
    complaints.push(Complaint {
        detail: String::new(),
        message: "the header ends with a full stop".to_owned(),
        range: at..at.saturating_add(1),
        header: Some(bare.trim_end_matches('.').to_owned()),
        fix: Vec::new(),
    });
}
