//! The section `[message]` of the policy.

use crate::policy::{Key, Kind, Levels, Strictness};
use serde::Deserialize;

/// What the policy does with a kind of message that Git writes itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnMessages {
    /// Let through unread.
    Ignore,
    /// Judged like any other.
    Check,
    /// Refused.
    Deny,
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
}

/// The section, as the policy holds it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    /// What a broken rule means, by stage.
    pub level: Levels,
    /// The types there are; empty: every type.
    pub types: Vec<String>,
    /// Longest header, in characters; 0: no limit.
    pub header_max: usize,
    /// Longest line of the body, in characters; 0: no limit.
    pub body_line_max: usize,
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
    pub merge: OwnMessages,
    /// `Revert "…"` and `Reapply "…"`.
    pub revert: OwnMessages,
    /// `fixup!`, `squash!` and `amend!`.
    pub fixup: OwnMessages,
    /// `Initial commit`.
    pub initial: OwnMessages,
    /// Where a message names its ticket; empty: nowhere.
    pub ticket_in: Vec<TicketPlace>,
    /// Trailers.
    pub trailers: Trailers,
    /// Words that no message has.
    pub forbid_words: Vec<String>,
}

const OWN: Kind = Kind::Choice(&["ignore", "check", "deny"]);
const TEXTS: Kind = Kind::List(&Kind::Text);

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "level",
        kind: Kind::Levels,
        default: "\"deny\"",
        strictness: Strictness::Levels,
        help: "What a message that breaks a rule means: deny, warn, note or off, or one of these by stage.",
    },
    Key {
        name: "types",
        kind: TEXTS,
        default: r#"["feat", "fix", "docs", "style", "refactor", "perf", "test", "build", "ci", "chore", "revert", "security"]"#,
        strictness: Strictness::FewerOrAll,
        help: "The types a header can have, compared by case. An empty list allows every type.",
    },
    Key {
        name: "header-max",
        kind: Kind::Integer { min: 0, max: 10_000 },
        default: "100",
        strictness: Strictness::SmallerOrNone,
        help: "Longest header, in characters. 0: no limit.",
    },
    Key {
        name: "body-line-max",
        kind: Kind::Integer { min: 0, max: 10_000 },
        default: "0",
        strictness: Strictness::SmallerOrNone,
        help: "Longest line of the body, in characters; URLs, code blocks and trailers are excepted. 0: no limit.",
    },
    Key {
        name: "scope",
        kind: Kind::Choice(&["optional", "required", "forbidden"]),
        default: "\"optional\"",
        strictness: Strictness::Words(&[&["optional"], &["required", "forbidden"]]),
        help: "Whether a header has a scope.",
    },
    Key {
        name: "scopes",
        kind: TEXTS,
        default: "[]",
        strictness: Strictness::FewerOrAll,
        help: "The scopes there are. Several in one header are separated by commas or slashes. An empty list allows every scope.",
    },
    Key {
        name: "scope-pattern",
        kind: Kind::Regex,
        default: "\"\"",
        strictness: Strictness::Unordered,
        help: "What a scope must match as a whole, unless `scopes` lists it. Empty: anything.",
    },
    Key {
        name: "full-stop",
        kind: Kind::Choice(&["allow", "forbid"]),
        default: "\"allow\"",
        strictness: Strictness::Words(&[&["allow"], &["forbid"]]),
        help: "Whether a header may end with a full stop.",
    },
    Key {
        name: "breaking",
        kind: Kind::Choice(&["either", "agree"]),
        default: "\"either\"",
        strictness: Strictness::Words(&[&["either"], &["agree"]]),
        help: "With `agree`, a breaking change has both the `!` and the footer `BREAKING CHANGE: `.",
    },
    Key {
        name: "merge",
        kind: OWN,
        default: "\"ignore\"",
        strictness: Strictness::Words(&[&["ignore"], &["check"], &["deny"]]),
        help: "Messages of merges: ignore lets them through, check judges them, deny refuses them.",
    },
    Key {
        name: "revert",
        kind: OWN,
        default: "\"ignore\"",
        strictness: Strictness::Words(&[&["ignore"], &["check"], &["deny"]]),
        help: "Messages of `git revert` (`Revert \"…\"`, `Reapply \"…\"`).",
    },
    Key {
        name: "fixup",
        kind: OWN,
        default: "\"ignore\"",
        strictness: Strictness::Words(&[&["ignore"], &["check"], &["deny"]]),
        help: "Messages of `git commit --fixup` and `--squash`. With check, the header behind the mark is judged.",
    },
    Key {
        name: "initial",
        kind: OWN,
        default: "\"ignore\"",
        strictness: Strictness::Words(&[&["ignore"], &["check"], &["deny"]]),
        help: "The message `Initial commit`.",
    },
    Key {
        name: "ticket",
        kind: Kind::Regex,
        default: "\"\"",
        strictness: Strictness::Unordered,
        help: "What a ticket looks like, for messages, branches and tags: `[A-Z]+-[0-9]+`, `INC[0-9]+`, `[0-9]+`. Empty: `[A-Z]+-?[0-9]+`.",
    },
    Key {
        name: "ticket-in",
        kind: Kind::List(&Kind::Choice(&["header", "body", "trailer"])),
        default: "[]",
        strictness: Strictness::FewerOrAll,
        help: "Where a message must name its ticket; any one of the places is enough. An empty list asks for none.",
    },
    Key {
        name: "trailers",
        kind: Kind::Table(&[Key {
            name: "required",
            kind: TEXTS,
            default: "[]",
            strictness: Strictness::MoreItems,
            help: "Trailers that every message ends with, by name in any case: `Refs`, `Signed-off-by`.",
        }]),
        strictness: Strictness::Unordered,
        default: "",
        help: "What a message ends with.",
    },
    Key {
        name: "forbid-words",
        kind: TEXTS,
        default: "[]",
        strictness: Strictness::MoreItems,
        help: "Words that no message has, in any case, as whole words: `WIP`.",
    },
];
