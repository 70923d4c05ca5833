//! The rules for messages, one file each: what a rule is called, why it is there, and the function that
//! judges. To add a rule, write its file and name it twice below.

mod body_blank_line;
mod body_line_too_long;
mod breaking_mark;
mod control_character;
mod empty_description;
mod empty_message;
mod forbidden_words;
mod full_stop;
mod git_message_denied;
mod header_too_long;
mod message_encoding;
mod not_conventional;
mod scope_forbidden;
mod scope_required;
mod ticket_required;
mod trailers_required;
mod unknown_scope;
mod unknown_type;

use super::judge::{Complaint, Subject};
use crate::code::CodeInfo;

/// A rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct MessageRule {
    /// Its code, name and words.
    pub(super) info: CodeInfo,
    /// The settings under which `info.fires` fires and `info.silent` is silent, as lines of `[message]`.
    /// Empty: the defaults.
    pub(super) options: &'static str,
    /// Judges a message.
    pub(super) judge: fn(&Subject<'_>, &mut Vec<Complaint>),
}

/// Every rule, by code.
pub(super) const RULES: &[&MessageRule] = &[
    &not_conventional::RULE,
    &unknown_type::RULE,
    &header_too_long::RULE,
    &scope_required::RULE,
    &unknown_scope::RULE,
    &scope_forbidden::RULE,
    &empty_description::RULE,
    &body_blank_line::RULE,
    &body_line_too_long::RULE,
    &full_stop::RULE,
    &ticket_required::RULE,
    &trailers_required::RULE,
    &breaking_mark::RULE,
    &forbidden_words::RULE,
    &empty_message::RULE,
    &git_message_denied::RULE,
    &message_encoding::RULE,
    &control_character::RULE,
];

/// The one rule for Git's own messages where the policy refuses them.
pub(super) const GIT_MESSAGE_DENIED: &[&MessageRule] = &[&git_message_denied::RULE];

pub(super) static CODES: [CodeInfo; RULES.len()] = codes();

const fn codes() -> [CodeInfo; RULES.len()] {
    let mut codes = [RULES[0].info; RULES.len()];
    let mut at = 0;
    while at < RULES.len() {
        codes[at] = RULES[at].info;
        at += 1;
    }
    codes
}

/// The lines of `[message]` under which the examples of a code hold; empty: the defaults. `None`: there is
/// no such code or name.
#[must_use]
pub fn example_options(code: &str) -> Option<&'static str> {
    let rule = RULES.iter().find(|rule| rule.info.code == code || rule.info.name == code)?;
    Some(rule.options)
}
