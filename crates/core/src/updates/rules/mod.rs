//! The rules for refs that move, one file each. To add a rule, write its file, name it twice below, and give its key to
//! a block in `config`.

mod annotated;
mod author_email;
mod branch_origin;
mod changelog_incomplete;
mod cherry_picked;
mod commit_date;
mod commit_signature;
mod commit_types;
mod committer_email;
mod committer_is_pusher;
mod create_denied;
mod created_with_commits;
mod delete_denied;
mod forced;
mod forward_port_differs;
mod forward_port_late;
mod forward_port_missing;
mod max_commits;
mod max_files;
mod max_size;
mod merge_commit;
mod merge_required;
mod one_commit;
mod pick_differs;
mod pick_names;
mod same_name;
mod tag_message;
mod tag_moved;
mod tag_name;
mod tag_on;
mod tag_records;
mod tag_signature;
mod tagger_email;
mod unrelated;
mod update_denied;
mod version_bump;
mod version_greater;

use super::config::Block;
use super::ports::PortState;
use super::subject::{Complaint, Subject};
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::policy::Levels;

/// A rule.
#[derive(Clone, Copy)]
pub(super) struct UpdateRule {
    /// Its code, name and words. The examples are in words.
    pub(super) info: CodeInfo,
    /// Its levels in a block; `None` where the block does not ask for it.
    pub(super) levels: fn(&Block) -> Option<Levels>,
    /// Whether it says something of commits that a request would bring, before anything moves.
    pub(super) in_ci: bool,
    /// Judges a ref that moves.
    pub(super) judge: fn(&Subject<'_>) -> Result<Vec<Complaint>, Unanswered>,
}

/// Every rule, by code.
pub(super) const RULES: &[&UpdateRule] = &[
    &create_denied::RULE,
    &update_denied::RULE,
    &tag_moved::RULE,
    &delete_denied::RULE,
    &forced::RULE,
    &merge_commit::RULE,
    &merge_required::RULE,
    &one_commit::RULE,
    &unrelated::RULE,
    &committer_is_pusher::RULE,
    &commit_types::RULE,
    &cherry_picked::RULE,
    &max_commits::RULE,
    &max_files::RULE,
    &max_size::RULE,
    &author_email::RULE,
    &committer_email::RULE,
    &commit_date::RULE,
    &annotated::RULE,
    &tag_name::RULE,
    &tag_on::RULE,
    &version_greater::RULE,
    &version_bump::RULE,
    &tag_message::RULE,
    &tagger_email::RULE,
    &same_name::RULE,
    &branch_origin::RULE,
    &commit_signature::RULE,
    &tag_signature::RULE,
    &forward_port_missing::RULE,
    &forward_port_differs::RULE,
    &pick_differs::RULE,
    &pick_names::RULE,
    &changelog_incomplete::RULE,
    &created_with_commits::RULE,
    &forward_port_late::RULE,
    &tag_records::RULE,
];

/// The rules that say something of a ref that is there already, however it came about.
pub(super) const STANDING: &[&UpdateRule] = &[
    &annotated::RULE,
    &tag_name::RULE,
    &tag_on::RULE,
    &version_greater::RULE,
    &version_bump::RULE,
    &tag_message::RULE,
    &tagger_email::RULE,
    &same_name::RULE,
    &tag_signature::RULE,
    &forward_port_late::RULE,
];
/// The rules that look at every tag, be it among the refs that a block is for or not.
pub(super) const FOR_TAGS: &[&UpdateRule] = &[&forward_port_missing::RULE, &forward_port_differs::RULE];

/// The rule that a commit breaks which has not been ported.
pub(super) const fn rule_of(state: &PortState) -> &'static UpdateRule {
    match state {
        PortState::Differs(_) => &forward_port_differs::RULE,
        _ => &forward_port_missing::RULE,
    }
}

pub(super) static CODES: [CodeInfo; RULES.len()] = crate::code::codes_of!(RULES);
