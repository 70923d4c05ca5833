//! A line of the footers is longer than the policy allows.

use super::body_line_too_long::{complaint, too_long};
use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-023",
        name: "footer-line-too-long",
        severity: Severity::Low,
        summary: "A line of the footers is longer than `footer-line-max` characters. What `body-line-except` names is excepted.",
        why: "Git shows the footers as they are, without breaking lines.",
        fix: "Break the line; a line that goes on begins with a space.",
        fires: "fix: keep it\n\nBREAKING CHANGE: the cookie has a new name",
        silent: "fix: keep it\n\nRefs: PROJ-123\nSee-also: https://example.com/a/path",
    },
    options: "footer-line-max = 20",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let max = subject.config.footer_line_max;
    for line in too_long(&subject.layout.footer_lines, max, &subject.config.body_line_except) {
        complaints.push(complaint(line, max, "the footers"));
    }
}
