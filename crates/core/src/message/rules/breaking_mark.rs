//! The two marks of a breaking change do not agree, or one is written so that no tool reads it.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::message::config::BreakingMarks;
use crate::message::parse::Footer;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-013",
        name: "breaking-mark",
        severity: Severity::Medium,
        summary: "With `breaking = \"agree\"`: a `!` without a `BREAKING CHANGE: ` footer, a footer without the `!`, or a mark that is misspelt.",
        why: "A breaking change that a tool does not see becomes a minor version.",
        fix: "Mark it twice: `feat!: …` in the header, and `BREAKING CHANGE: what breaks` in the last paragraph.",
        fires: "feat: drop the old key\n\nBREAKING CHANGE: the key is gone",
        silent: "feat!: drop the old key\n\nBREAKING CHANGE: the key is gone",
    },
    options: "breaking = \"agree\"",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let Ok(header) = subject.header else { return };
    if subject.config.breaking != BreakingMarks::Agree {
        return;
    }
    let footer = subject.layout.footers.iter().find(|footer| footer.is_breaking());
    let bullet = |c: char| c.is_whitespace() || c == '*' || c == '-';
    let lines = crate::message::parse::lines(subject.text).skip(1);
    let misspelt = lines.filter(|line| is_misspelt(line.text.trim_start_matches(bullet))).find(|line| {
        let read = |footer: &Footer<'_>| footer.token.start == line.start && footer.is_breaking();
        !subject.layout.footers.iter().any(read)
    });
    let complaint = match (header.breaking, footer) {
        (true, Some(_)) => None,
        (_, None) if misspelt.is_some() => misspelt.map(|line| Complaint {
            detail: String::new(),
message: "this line marks a breaking change in a form that is not read: a footer begins with `BREAKING CHANGE: `, after a blank line (Conventional Commits rule 12)".to_owned(),
            range: line.range(),
            header: None,
            fix: vec!["write it as a paragraph of its own: BREAKING CHANGE: what breaks".to_owned()],
        }),
        (true, None) => Some(Complaint {
            detail: String::new(),
message: "`!` marks a breaking change, and no `BREAKING CHANGE` footer says what breaks (Conventional Commits rule 11)".to_owned(),
            range: header.kind.range(),
            header: None,
            fix: vec!["end the message with a paragraph: BREAKING CHANGE: what breaks".to_owned()],
        }),
        (false, Some(footer)) => Some(Complaint {
            detail: String::new(),
message: "the footer says that something breaks, and the header has no `!` (Conventional Commits rule 11)".to_owned(),
            range: footer.token.range(),
            header: header.line.text.split_once(':').and_then(|_| marked(subject)),
            fix: Vec::new(),
        }),
        (false, None) => None,
    };
    complaints.extend(complaint);
}

/// Whether a line opens with something like `breaking change:`, in any case.
fn is_misspelt(line: &str) -> bool {
    let head = line.get(..8).unwrap_or_default();
    let rest = line.get(8..).unwrap_or_default().trim_start_matches(['-', ' ', '_']).to_ascii_lowercase();
    let after = rest.strip_prefix("changes").or_else(|| rest.strip_prefix("change"));
    head.eq_ignore_ascii_case("breaking") && after.is_some_and(|after| after.trim_start().starts_with(':'))
}

/// The header with a `!` before its colon.
fn marked(subject: &Subject<'_>) -> Option<String> {
    let header = subject.header.as_ref().ok()?;
    let scope = header.scope.map(|scope| format!("({})", scope.text)).unwrap_or_default();
    Some(format!("{}{scope}!: {}", header.kind.text, header.description.text))
}
