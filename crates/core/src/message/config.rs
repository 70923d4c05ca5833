//! The section `[message]` of the policy.

use super::case::Case;
use crate::Stage;
use crate::policy::{ByStage, Levels};
use serde::Deserialize;
use std::collections::BTreeMap;

/// How exactly a header follows the grammar.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grammar {
    /// As the specification says.
    Strict,
    /// As it is read by at least one of the tools that are in use.
    Lenient,
}

/// The case of a type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TypeCase {
    /// As the list of types has it.
    Listed,
    /// Any (rule 15).
    Any,
    /// Lower case.
    Lower,
    /// Capitals.
    Upper,
}

/// What may be longer than a line's limit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LongLine {
    /// A line with a URL in it.
    Url,
    /// Code: fenced, or indented by four spaces or a tab.
    Code,
}

/// Whether a blank line must stand somewhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlankLine {
    /// It need not.
    Allow,
    /// It must.
    Require,
}

/// Whether a message is signed off.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignOff {
    /// As the author likes.
    Optional,
    /// By anybody.
    Required,
    /// By the author of the commit.
    Author,
}

/// What a commit that changes dependencies may change besides.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DependencyChanges {
    /// Anything.
    Any,
    /// Nothing.
    Alone,
}

/// What the policy does with a kind of message that Git writes itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OwnMessages {
    /// Let through unread.
    Ignore,
    /// Judged like any other.
    Check,
    /// Refused.
    Deny,
}

impl OwnMessages {
    /// What a policy says for a stage. What nobody can read refuses.
    pub(super) fn at(setting: &ByStage, stage: Stage) -> Self {
        match setting.at(stage) {
            Some("ignore") => Self::Ignore,
            Some("check") => Self::Check,
            _ => Self::Deny,
        }
    }
}

/// Whether a header has a scope.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScopeUse {
    /// As the author likes.
    Optional,
    /// Always.
    Required,
    /// Never.
    Forbidden,
}

/// Whether a header may end with a full stop.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FullStop {
    /// It may.
    Allow,
    /// It may not.
    Forbid,
}

/// How `!` and the footer `BREAKING CHANGE` go together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BreakingMarks {
    /// Either marks a breaking change (rule 11).
    Either,
    /// A breaking change has both.
    Agree,
}

/// Where a ticket counts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TicketPlace {
    /// In the first line.
    Header,
    /// Anywhere below the first line.
    Body,
    /// In the value of a trailer.
    Trailer,
}

/// The key `trailers`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Trailers {
    /// The trailers that every message needs.
    pub required: Vec<String>,
    /// The trailers there are; empty: every trailer.
    pub allowed: Vec<String>,
    /// What the values of trailers look like: `Name: regex`.
    #[serde(rename = "match")]
    pub matching: Vec<String>,
    /// Trailers that some messages need: `Risk: high -> Approved-by`.
    pub when: Vec<String>,
}

/// The section, as the policy holds it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    /// What a broken rule means, by stage.
    pub level: Levels,
    /// What breaking one rule means, by its name, where that is something else.
    pub rules: BTreeMap<String, Levels>,
    /// How exactly a header follows the grammar.
    pub parse: Grammar,
    /// The types there are; empty: every type.
    pub types: Vec<String>,
    /// The case of a type.
    pub type_case: TypeCase,
    /// Fewest characters of a header; 0: no limit.
    pub header_min: usize,
    /// Longest header, in characters; 0: no limit.
    pub header_max: usize,
    /// Longest line of the body, in characters; 0: no limit.
    pub body_line_max: usize,
    /// What may be longer than that.
    pub body_line_except: Vec<LongLine>,
    /// Longest line of the footers, in characters; 0: no limit.
    pub footer_line_max: usize,
    /// Whether a blank line must stand before the footers.
    pub footer_blank_line: BlankLine,
    /// The types whose messages need a body; `*`: all of them.
    pub body_required: Vec<String>,
    /// Fewest characters of a body, where there is one; 0: no limit.
    pub body_min: usize,
    /// Expressions of which a header matches every one.
    pub header_match: Vec<String>,
    /// Expressions of which a header matches none.
    pub header_forbid: Vec<String>,
    /// The cases of a description, of which it has one; empty: any.
    pub description_case: Vec<Case>,
    /// The cases that a description does not have.
    pub description_case_forbid: Vec<Case>,
    /// The cases of a scope, of which it has one; empty: any.
    pub scope_case: Vec<Case>,
    /// Whether a header has a scope.
    pub scope: ScopeUse,
    /// The scopes there are; empty: every scope.
    pub scopes: Vec<String>,
    /// What a scope that is not in `scopes` must match; empty: nothing.
    pub scope_pattern: String,
    /// Whether a header may end with a full stop.
    pub full_stop: FullStop,
    /// How the marks of a breaking change go together.
    pub breaking: BreakingMarks,
    /// Merges.
    pub merge: ByStage,
    /// `Revert "…"` and `Reapply "…"`.
    pub revert: ByStage,
    /// `fixup!`, `squash!` and `amend!`.
    pub fixup: ByStage,
    /// `Initial commit`.
    pub initial: ByStage,
    /// Where a message names its ticket; empty: nowhere.
    pub ticket_in: Vec<TicketPlace>,
    /// Trailers.
    pub trailers: Trailers,
    /// Whether a message is signed off.
    pub sign_off: SignOff,
    /// What a commit that changes dependencies may change besides.
    pub dependency_changes: DependencyChanges,
    /// Words that no message has.
    pub forbid_words: Vec<String>,
}
