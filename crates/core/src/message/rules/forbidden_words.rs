//! A word that the policy does not want in messages.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-014",
        name: "forbidden-words",
        severity: Severity::Low,
        summary: "The message has a word that `forbid-words` lists, in any case, as a whole word.",
        why: "The policy lists words that mark unfinished or unwanted work.",
        fix: "Take the word out, or finish the work first.",
        fires: "fix: keep the login (wip)",
        silent: "fix: wipe the cookie",
    },
    options: "forbid-words = [\"WIP\"]",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    for forbidden in &subject.patterns.words {
        let Some(range) = forbidden.find(subject.text) else { continue };
        let found = subject.text.get(range.clone()).unwrap_or_default();
        complaints.push(Complaint {
            detail: String::new(),
            message: format!("the message has the word `{}`", forbidden.word),
            fix: vec![format!("take `{found}` out of the message, or finish the work first")],
            range,
            header: None,
        });
    }
}
