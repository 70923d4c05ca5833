//! A line of the body is longer than the policy allows.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::message::config::LongLine;
use crate::message::header::Part;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-009",
        name: "body-line-too-long",
        severity: Severity::Low,
        summary: "A line of the body is longer than `body-line-max` characters. Lines with a URL, code (fenced, or indented by four spaces or a tab) and trailers are excepted; `body-line-except` says which.",
        why: "Git shows the body as it is, without breaking lines.",
        fix: "Break the line.",
        fires: "fix: keep it\n\nThe cookie was lost after a reload.",
        silent: "fix: keep it\n\nSee https://example.com/a/long/path\n\n    let cookie = jar.get(\"session\");",
    },
    options: "body-line-max = 20",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let max = subject.config.body_line_max;
    for line in too_long(&subject.layout.body, max, &subject.config.body_line_except) {
        complaints.push(complaint(line, max, "the body"));
    }
}

/// The lines of more than `max` characters, but what `excepted` names.
pub(super) fn too_long<'l, 'a>(
    lines: &'l [Part<'a>],
    max: usize,
    excepted: &[LongLine],
) -> Vec<&'l Part<'a>> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in lines.iter().filter(|_| max > 0) {
        let text = line.text.trim_start();
        let fence = text.starts_with("```") || text.starts_with("~~~");
        fenced ^= fence;
        let code = fence || fenced || line.text.starts_with("    ") || line.text.starts_with('\t');
        let is_excepted = |kind: &LongLine| match kind {
            LongLine::Url => line.text.contains("://"),
            LongLine::Code => code,
        };
        if line.text.chars().nth(max).is_some() && !excepted.iter().any(is_excepted) {
            found.push(line);
        }
    }
    found
}

/// The complaint about one of them.
pub(super) fn complaint(line: &Part<'_>, max: usize, of: &str) -> Complaint {
    let length = line.text.chars().count();
    let cut = line.text.char_indices().nth(max).map_or(line.text.len(), |(cut, _)| cut);
    Complaint {
        detail: String::new(),
        message: format!(
            "a line of {of} has {length} characters, {} more than {max}",
            length.saturating_sub(max)
        ),
        range: line.start.saturating_add(cut)..line.range().end,
        header: None,
        fix: vec![format!("break the line after at most {max} characters")],
    }
}
