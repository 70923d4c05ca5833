//! The description is in a case that the policy does not want.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-022",
        name: "description-case",
        severity: Severity::Low,
        summary: "The description has none of the cases of `description-case`, or one of `description-case-forbid`.",
        why: "Titles in one style read as one list, in the log and in the changelog.",
        fix: "Write the description in a case that the policy wants.",
        fires: "fix: Keep the login",
        silent: "fix: keep the login of `Admin`",
    },
    options: "description-case-forbid = [\"sentence-case\", \"start-case\", \"pascal-case\", \"upper-case\"]",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let Ok(header) = subject.header else { return };
    let (wanted, forbidden) = (&subject.config.description_case, &subject.config.description_case_forbid);
    let text = header.description.text;
    // What has no case, a number or a name in backticks, can stand in front.
    if !text.starts_with(|c: char| c.is_lowercase() || c.is_uppercase()) {
        return;
    }
    let has_one = wanted.is_empty() || wanted.iter().any(|case| case.is_of(text));
    let message = match forbidden.iter().find(|case| case.is_of(text)) {
        Some(case) => format!("the description is in {}", case.as_str()),
        None if has_one => return,
        None => {
            let names: Vec<&str> = wanted.iter().map(|case| case.as_str()).collect();
            format!("the description is not in {}", names.join(" or "))
        }
    };
    let fits = |text: &str| {
        (wanted.is_empty() || wanted.iter().any(|case| case.is_of(text)))
            && !forbidden.iter().any(|case| case.is_of(text))
    };
    let small = uncapitalised(text);
    let meant =
        std::iter::once(small).chain(wanted.iter().map(|case| case.apply(text))).find(|text| fits(text));
    let prefix =
        header.description.start.checked_sub(header.line.start).and_then(|at| header.line.text.get(..at));
    complaints.push(Complaint {
        detail: String::new(),
        message,
        range: header.description.range(),
        header: meant.zip(prefix).map(|(meant, prefix)| format!("{prefix}{meant}")),
        fix: Vec::new(),
    });
}

/// The text with a small first letter.
fn uncapitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
