//! Where the preset and commitlint part ways on purpose.

/// Who refuses a message that the other one takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    Commitlint,
    Gatepost,
}

/// A kind of message on which the two differ.
pub(super) struct Difference {
    pub(super) title: &'static str,
    pub(super) example: &'static str,
    pub(super) refused_by: Verdict,
    /// The rules, of which one at least is broken, and none but these.
    rules: &'static [&'static str],
    /// What else is true of such a message.
    is_of: fn(&str) -> bool,
}

impl Difference {
    pub(super) fn explains(&self, message: &str, theirs: &[String], ours: &[String]) -> bool {
        let broken = match self.refused_by {
            Verdict::Commitlint => theirs,
            Verdict::Gatepost => ours,
        };
        let other_is_content = match self.refused_by {
            Verdict::Commitlint => ours.is_empty(),
            Verdict::Gatepost => theirs.is_empty(),
        };
        let only = broken.iter().all(|rule| self.rules.contains(&rule.as_str()));
        other_is_content && !broken.is_empty() && only && (self.is_of)(message)
    }
}

use Verdict::{Commitlint, Gatepost};

pub(super) const DIFFERENCES: &[Difference] = &[
    Difference {
        title: "An empty scope",
        example: "feat(): keep the login",
        refused_by: Gatepost,
        rules: &["not-conventional"],
        is_of: |text| {
            let scope = header(text).split_once('(').and_then(|(_, rest)| rest.split_once(')'));
            scope.is_some_and(|(scope, _)| scope.trim().is_empty())
        },
    },
    Difference {
        title: "Parentheses in a scope, or two scopes",
        example: "feat(a)(b): keep the login",
        refused_by: Gatepost,
        rules: &["not-conventional"],
        is_of: |text| {
            header(text).split("):").next().is_some_and(|prefix| prefix.matches(['(', ')']).count() > 2)
        },
    },
    Difference {
        title: "A tab or another blank behind the space that follows the colon",
        example: "feat: \tkeep the login",
        refused_by: Gatepost,
        rules: &["not-conventional"],
        is_of: |text| {
            let blank = |after: &str| after[..after.len() - after.trim_start().len()].contains(|c| c != ' ');
            header(text).match_indices(": ").any(|(at, _)| blank(&header(text)[at + 1..]))
        },
    },
    Difference {
        title: "A capital behind two spaces",
        example: "feat:  Keep the login",
        refused_by: Gatepost,
        rules: &["description-case"],
        is_of: |text| header(text).contains(":  "),
    },
    Difference {
        title: "Blanks at the end of the header",
        example: "feat: keep the login ",
        refused_by: Commitlint,
        rules: &["header-trim"],
        is_of: |text| header(text).ends_with(char::is_whitespace),
    },
    Difference {
        title: "A long line with a URL that is not http",
        example: "fix: keep it\n\nsee ftp://example.com/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        refused_by: Commitlint,
        rules: &["body-max-line-length", "footer-max-line-length"],
        is_of: |text| text.lines().any(|line| line.chars().count() > 100 && line.contains("://")),
    },
    Difference {
        title: "Lengths with characters beyond U+FFFF",
        example: "fix: \u{1f600} aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        refused_by: Commitlint,
        rules: &["header-max-length", "body-max-line-length", "footer-max-line-length"],
        is_of: |text| text.chars().any(|c| c.len_utf16() > 1),
    },
    Difference {
        title: "An empty message",
        example: "",
        refused_by: Gatepost,
        rules: &["empty-message"],
        is_of: |text| text.trim().is_empty(),
    },
    Difference {
        title: "A control character, or a mark of a failed conversion",
        example: "feat: keep the login\u{1b}[2K",
        refused_by: Gatepost,
        rules: &["control-character", "message-encoding"],
        is_of: |text| {
            text.contains(|c: char| c.is_control() || matches!(c, '\u{fffd}' | '\u{2028}'..='\u{2069}'))
        },
    },
    Difference {
        title: "A version for a title",
        example: "1.2.3",
        refused_by: Gatepost,
        rules: &["not-conventional", "unknown-type"],
        is_of: |text| {
            header(text).contains(|c: char| c.is_ascii_digit()) && header(text).matches('.').count() >= 2
        },
    },
    Difference {
        title: "Titles that begin like one of Git's",
        example: "Revert the login",
        refused_by: Gatepost,
        rules: &[
            "not-conventional",
            "unknown-type",
            "type-case",
            "description-case",
            "full-stop",
            "header-too-long",
            "body-line-too-long",
            "footer-line-too-long",
            "empty-description",
        ],
        is_of: |text| {
            const TITLES: &[&str] = &[
                "Revert ",
                "revert ",
                "Reapply ",
                "reapply ",
                "Merge ",
                "Merged ",
                "Automatic merge",
                "Auto-merged ",
                "fixup!",
                "squash!",
                "amend!",
            ];
            text.lines().any(|line| TITLES.iter().any(|title| line.starts_with(title)))
        },
    },
    Difference {
        title: "Merges that commitlint does not know",
        example: "Merge commit 'abc'",
        refused_by: Commitlint,
        rules: &["type-empty", "subject-empty"],
        is_of: |text| header(text).starts_with("Merge "),
    },
];

/// The first line with something in it.
fn header(text: &str) -> &str {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default()
}
