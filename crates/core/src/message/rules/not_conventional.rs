//! The header does not follow the grammar.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::message::header::ParseErrorKind;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-001",
        name: "not-conventional",
        severity: Severity::Medium,
        summary: "The first line does not follow Conventional Commits: `type(scope)!: description`.",
        why: "Changelogs, version numbers and reviews are made from the type and the description.",
        fix: "Write the first line as `type: description`, for example `fix: keep the login after a reload`.",
        fires: "Fixed the login",
        silent: "fix: keep the login after a reload",
    },
    options: "",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let Err(error) = subject.header else { return };
    if matches!(error.kind, ParseErrorKind::Empty | ParseErrorKind::EmptyDescription) {
        return;
    }
    let types = &subject.config.types;
    let known = |header: &&String| {
        let kind = header.split([':', '(', '!']).next().unwrap_or_default();
        types.is_empty() || types.iter().any(|t| t == kind)
    };
    let header = error.suggestion.as_ref().filter(known).cloned();
    let mut fix = Vec::new();
    if header.is_none() {
        let list = if types.is_empty() { "feat, fix, docs".to_owned() } else { types.join(", ") };
        fix.push(format!("begin the first line with a type, a colon and a space; the types are: {list}"));
    }
    complaints.push(Complaint {
        detail: String::new(),
        message: format!("the header is not conventional: {error}"),
        range: error.span.clone(),
        header,
        fix,
    });
}
