//! No message at all.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-015",
        name: "empty-message",
        severity: Severity::Medium,
        summary: "Nothing is left of the message once comments and white space are gone.",
        why: "A commit without a message tells nobody what it is for.",
        fix: "Write a first line such as `fix: keep the login after a reload`.",
        fires: "# Please enter the commit message for your changes.\n",
        silent: "fix: keep the login",
    },
    options: "",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    if subject.layout.header.text.trim().is_empty() {
        complaints.push(Complaint {
            detail: String::new(),
            message: "the message is empty".to_owned(),
            range: 0..0,
            header: None,
            fix: Vec::new(),
        });
    }
}
