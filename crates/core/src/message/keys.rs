//! The keys of `[message]`.

use super::case::WORDS as CASES;
use super::rules::RULE_KEYS;
use crate::policy::{Key, Kind, Strictness};

const OWN: Kind = Kind::ChoiceByStage(&["ignore", "check", "deny"]);
const OWN_RANKS: Strictness = Strictness::WordsByStage(&[&["ignore"], &["check"], &["deny"]]);
const TEXTS: Kind = Kind::List(&Kind::Text);
const REGEXES: Kind = Kind::List(&Kind::Regex);
const CASE_LIST: Kind = Kind::List(&Kind::Choice(CASES));

pub(super) static KEYS: &[Key] = &[
    Key {
        name: "level",
        kind: Kind::Levels,
        default: "\"deny\"",
        strictness: Strictness::Levels,
        help: "What a message that breaks a rule means: deny, warn, note or off, or one of these by stage.",
    },
    Key {
        name: "rules",
        kind: Kind::Table(&RULE_KEYS),
        default: "",
        strictness: Strictness::Unordered,
        help: "What breaking one rule means, by its name, where that is something else than `level`: `full-stop = \"warn\"`.",
    },
    Key {
        name: "parse",
        kind: Kind::Choice(&["strict", "lenient"]),
        default: "\"strict\"",
        strictness: Strictness::Words(&[&["lenient"], &["strict"]]),
        help: "How exactly a header follows the grammar: `strict` as the specification says; `lenient` also takes what at least one tool in use takes (`feat:x`, an empty scope).",
    },
    Key {
        name: "types",
        kind: TEXTS,
        default: r#"["feat", "fix", "docs", "style", "refactor", "perf", "test", "build", "ci", "chore", "revert", "security"]"#,
        strictness: Strictness::FewerOrAll,
        help: "The types a header can have. An empty list allows every type.",
    },
    Key {
        name: "type-case",
        kind: Kind::Choice(&["listed", "any", "lower", "upper"]),
        default: "\"listed\"",
        strictness: Strictness::Words(&[&["any"], &["listed", "lower", "upper"]]),
        help: "The case of a type: as `types` lists it, any (`FEAT` is `feat`), lower case or capitals.",
    },
    Key {
        name: "header-max",
        kind: Kind::Integer { min: 0, max: 10_000 },
        default: "100",
        strictness: Strictness::SmallerOrNone,
        help: "Longest header, in characters. 0: no limit.",
    },
    Key {
        name: "header-min",
        kind: Kind::Integer { min: 0, max: 10_000 },
        default: "0",
        strictness: Strictness::Greater,
        help: "Fewest characters of a header. 0: no limit.",
    },
    Key {
        name: "header-match",
        kind: REGEXES,
        default: "[]",
        strictness: Strictness::MoreItems,
        help: "Regular expressions of which a header matches every one, somewhere in the line.",
    },
    Key {
        name: "header-forbid",
        kind: REGEXES,
        default: "[]",
        strictness: Strictness::MoreItems,
        help: "Regular expressions of which a header matches none.",
    },
    Key {
        name: "description-case",
        kind: CASE_LIST,
        default: "[]",
        strictness: Strictness::FewerOrAll,
        help: "The cases of a description, of which it has one. What stands in quotes or backticks does not count, nor a description that begins with no letter. An empty list allows every case.",
    },
    Key {
        name: "description-case-forbid",
        kind: CASE_LIST,
        default: "[]",
        strictness: Strictness::MoreItems,
        help: "The cases that a description does not have. `sentence-case` is an initial capital.",
    },
    Key {
        name: "body-line-max",
        kind: Kind::Integer { min: 0, max: 10_000 },
        default: "0",
        strictness: Strictness::SmallerOrNone,
        help: "Longest line of the body, in characters; what `body-line-except` names and trailers are excepted. 0: no limit.",
    },
    Key {
        name: "body-line-except",
        kind: Kind::List(&Kind::Choice(&["url", "code"])),
        default: r#"["url", "code"]"#,
        strictness: Strictness::FewerItems,
        help: "What may be longer than `body-line-max` and `footer-line-max`: lines with a URL, and code (fenced, or indented by four spaces or a tab).",
    },
    Key {
        name: "body-required",
        kind: TEXTS,
        default: "[]",
        strictness: Strictness::MoreItems,
        help: "The types whose messages need a body. `*` stands for all of them.",
    },
    Key {
        name: "body-min",
        kind: Kind::Integer { min: 0, max: 10_000 },
        default: "0",
        strictness: Strictness::Greater,
        help: "Fewest characters of a body, where there is one. 0: no limit.",
    },
    Key {
        name: "footer-line-max",
        kind: Kind::Integer { min: 0, max: 10_000 },
        default: "0",
        strictness: Strictness::SmallerOrNone,
        help: "Longest line of the footers, in characters. 0: no limit.",
    },
    Key {
        name: "footer-blank-line",
        kind: Kind::Choice(&["allow", "require"]),
        default: "\"allow\"",
        strictness: Strictness::Words(&[&["allow"], &["require"]]),
        help: "Whether lines that look like footers must be parted from the body by a blank line. Without one they are body.",
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
        name: "scope-case",
        kind: CASE_LIST,
        default: "[]",
        strictness: Strictness::FewerOrAll,
        help: "The cases of a scope, of which it has one. An empty list allows every case.",
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
        strictness: OWN_RANKS,
        help: "Messages of merges: ignore lets them through, check judges them, deny refuses them.",
    },
    Key {
        name: "revert",
        kind: OWN,
        default: "\"ignore\"",
        strictness: OWN_RANKS,
        help: "Messages of `git revert` (`Revert \"…\"`, `Reapply \"…\"`).",
    },
    Key {
        name: "fixup",
        kind: OWN,
        default: "\"ignore\"",
        strictness: OWN_RANKS,
        help: "Messages of `git commit --fixup` and `--squash`. With check, the header behind the mark is judged.",
    },
    Key {
        name: "initial",
        kind: OWN,
        default: "\"ignore\"",
        strictness: OWN_RANKS,
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
        kind: Kind::Table(TRAILERS),
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
    Key {
        name: "sign-off",
        kind: Kind::Choice(&["optional", "required", "author"]),
        default: "\"optional\"",
        strictness: Strictness::Words(&[&["optional"], &["required"], &["author"]]),
        help: "Whether a message has a trailer `Signed-off-by`: by anybody, or by the author of the commit (the Developer Certificate of Origin).",
    },
    Key {
        name: "dependency-changes",
        kind: Kind::Choice(&["any", "alone"]),
        default: "\"any\"",
        strictness: Strictness::Words(&[&["any"], &["alone"]]),
        help: "With `alone`, a commit that changes a dependency manifest or a lock file changes nothing else. Judged for commits, not for a message in the making.",
    },
];

const TRAILERS: &[Key] = &[
    Key {
        name: "required",
        kind: TEXTS,
        default: "[]",
        strictness: Strictness::MoreItems,
        help: "Trailers that every message ends with, by name in any case: `Refs`, `Signed-off-by`.",
    },
    Key {
        name: "allowed",
        kind: TEXTS,
        default: "[]",
        strictness: Strictness::FewerOrAll,
        help: "The trailers there are, beside those that are required or matched, and `BREAKING CHANGE`. An empty list allows every trailer.",
    },
    Key {
        name: "match",
        kind: TEXTS,
        default: "[]",
        strictness: Strictness::MoreItems,
        help: "What the value of a trailer matches as a whole, each written like the trailer: `Refs: [A-Z]+-[0-9]+`, `Risk: low|medium|high`.",
    },
];
