//! The rules for messages, one file each: what a rule is called, why it is there, and the function that
//! judges. To add a rule, write its file and name it twice below.

mod body_blank_line;
mod body_line_too_long;
mod body_required;
mod body_too_short;
mod breaking_mark;
mod control_character;
mod dependencies_alone;
mod description_case;
mod empty_description;
mod empty_message;
mod footer_blank_line;
mod footer_line_too_long;
mod forbidden_words;
mod full_stop;
mod git_message_denied;
mod header_forbidden;
mod header_mismatch;
mod header_too_long;
mod header_too_short;
mod message_encoding;
mod not_conventional;
mod scope_case;
mod scope_forbidden;
mod scope_required;
mod sign_off;
mod ticket_required;
mod trailer_depends;
mod trailer_value;
mod trailers_required;
mod type_case;
mod unknown_scope;
mod unknown_trailer;
mod unknown_type;

use super::judge::{Complaint, Subject};
use crate::code::CodeInfo;
use crate::policy::{Key, Kind, Strictness};

/// A rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct MessageRule {
    /// Its code, name and words.
    pub(super) info: CodeInfo,
    /// The settings under which `info.fires` fires and `info.silent` is silent, as lines of `[message]`.
    /// Empty: the defaults.
    pub(super) options: &'static str,
    /// Whether a new message is what mends it, so that the finding says how to come by one.
    pub(super) rewords: bool,
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
    &type_case::RULE,
    &scope_case::RULE,
    &header_too_short::RULE,
    &description_case::RULE,
    &footer_line_too_long::RULE,
    &footer_blank_line::RULE,
    &body_required::RULE,
    &body_too_short::RULE,
    &unknown_trailer::RULE,
    &trailer_value::RULE,
    &sign_off::RULE,
    &header_mismatch::RULE,
    &header_forbidden::RULE,
    &dependencies_alone::RULE,
    &trailer_depends::RULE,
];

/// The one rule for Git's own messages where the policy refuses them.
pub(super) const REFUSES_OWN: &str = git_message_denied::RULE.info.name;

pub(super) static CODES: [CodeInfo; RULES.len()] = crate::code::codes_of!(RULES);

/// The keys of the table `rules`: a level for each rule, by its name.
pub(super) static RULE_KEYS: [Key; RULES.len()] = rule_keys();

const fn rule_keys() -> [Key; RULES.len()] {
    const NONE: Key =
        Key { name: "", kind: Kind::Levels, default: "", strictness: Strictness::Levels, help: "" };
    let mut keys = [NONE; RULES.len()];
    let mut at = 0;
    while at < RULES.len() {
        keys[at] = Key { name: RULES[at].info.name, help: RULES[at].info.summary, ..NONE };
        at += 1;
    }
    keys
}

/// The lines of `[message]` under which the examples of a code hold; empty: the defaults. `None`: there is
/// no such code or name.
#[must_use]
pub fn example_options(code: &str) -> Option<&'static str> {
    let rule = RULES.iter().find(|rule| rule.info.code == code || rule.info.name == code)?;
    Some(rule.options)
}
