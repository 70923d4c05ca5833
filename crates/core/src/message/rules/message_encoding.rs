//! Bytes that are no text.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::message::decode::EncodingProblem;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-017",
        name: "message-encoding",
        severity: Severity::Medium,
        summary: "The message is not in its encoding (UTF-8, unless the commit names another), is in one that gatepost does not read, or holds U+FFFD, which is what a failed conversion leaves.",
        why: "What cannot be decoded is lost for everybody who reads the log, and cannot be judged.",
        fix: "Write the message in UTF-8, and set `i18n.commitEncoding` if your editor does not.",
        fires: "fix: keep the r\u{fffd}sum\u{fffd}",
        silent: "fix: keep the résumé",
    },
    options: "",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let replaced = subject.text.find('\u{fffd}');
    let message = match subject.encoding {
        Some(EncodingProblem::NotUtf8 { at }) => {
            format!("the message is not UTF-8: byte {} cannot be decoded", at.saturating_add(1))
        }
        Some(EncodingProblem::Unsupported { name }) => {
            format!("the commit says that its message is in `{name}`, which gatepost does not read")
        }
        None if replaced.is_some() => "the message holds U+FFFD, the mark of a failed conversion".to_owned(),
        None => return,
    };
    let at = match subject.encoding {
        // What stands before it is the same in the bytes and in the text.
        Some(EncodingProblem::NotUtf8 { at }) => Some(*at),
        _ => replaced,
    };
    let width =
        |at: usize| subject.text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let range = at.map_or(0..0, |at| at..at.saturating_add(width(at)));
    complaints.push(Complaint { detail: String::new(), message, range, header: None, fix: Vec::new() });
}
