//! A line of the body is longer than the policy allows.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-009",
        name: "body-line-too-long",
        severity: Severity::Low,
        summary: "A line of the body is longer than `body-line-max` characters. Lines with a URL, code (fenced, or indented by four spaces or a tab) and trailers are excepted.",
        why: "Git shows the body as it is, without breaking lines.",
        fix: "Break the line.",
        fires: "fix: keep it\n\nThe cookie was lost after a reload.",
        silent: "fix: keep it\n\nSee https://example.com/a/long/path\n\n    let cookie = jar.get(\"session\");",
    },
    options: "body-line-max = 20",
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let max = subject.config.body_line_max;
    if max == 0 {
        return;
    }
    let mut fenced = false;
    for line in &subject.layout.body {
        let text = line.text.trim_start();
        if text.starts_with("```") || text.starts_with("~~~") {
            fenced = !fenced;
            continue;
        }
        let code = fenced || line.text.starts_with("    ") || line.text.starts_with('\t');
        let Some((cut, _)) = line.text.char_indices().nth(max) else { continue };
        if code || line.text.contains("://") {
            continue;
        }
        let length = line.text.chars().count();
        complaints.push(Complaint {
            detail: String::new(),
            message: format!(
                "a line of the body has {length} characters, {} more than {max}",
                length.saturating_sub(max)
            ),
            range: line.start.saturating_add(cut)..line.range().end,
            header: None,
            fix: vec![format!("break the line after at most {max} characters")],
        });
    }
}
