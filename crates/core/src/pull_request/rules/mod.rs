//! The rules for pull requests, one file each. To add a rule, write its file and name it twice below.

mod backport_label;
mod changelog_missing;
mod draft;
mod heading_missing;
mod label_ambiguous;
mod label_required;
mod label_unknown;
mod label_value;
mod ticket;

use super::judge::{Subject, Verdicts};
use crate::code::CodeInfo;

/// A rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct PullRequestRule {
    /// Its code, name and words. The examples are a title, the labels in a line of their own (`Labels: a, b`), the changed files
    /// in another one (`Files: a, b`), an empty line and the description; the repository has the branch `release/1.6`.
    pub(super) info: CodeInfo,
    /// The settings under which `info.fires` fires and `info.silent` is silent, as lines of `[pull-request]`.
    pub(super) options: &'static str,
    /// Judges a pull request.
    pub(super) judge: fn(&Subject<'_>, &mut Verdicts),
}

/// What a rule has to say.
#[derive(Debug)]
pub(super) struct Complaint {
    /// One sentence with the particulars.
    pub(super) message: String,
    /// What of the pull request it is about: `labels`.
    pub(super) place: &'static str,
    /// The words that it is about, where there are some: untrusted.
    pub(super) shown: Option<String>,
    /// What tells it from the rule's other complaints: a heading.
    pub(super) about: String,
    /// What to change, one step each.
    pub(super) fix: Vec<String>,
}

/// Every rule, by code.
pub(super) const RULES: &[&PullRequestRule] = &[
    &ticket::RULE,
    &label_required::RULE,
    &label_ambiguous::RULE,
    &label_unknown::RULE,
    &backport_label::RULE,
    &heading_missing::RULE,
    &draft::RULE,
    &label_value::RULE,
    &changelog_missing::RULE,
];

pub(super) static CODES: [CodeInfo; RULES.len()] = crate::code::codes_of!(RULES);

/// The lines of `[pull-request]` under which the examples of a code hold. `None`: there is no such code or name.
#[must_use]
pub fn example_options(code: &str) -> Option<&'static str> {
    let rule = RULES.iter().find(|rule| rule.info.code == code || rule.info.name == code)?;
    Some(rule.options)
}

/// The labels, in words: `risk:high, bug`, or `none`.
fn listed(labels: &[String]) -> String {
    let shown: Vec<_> = labels.iter().map(|label| crate::text::escape(label)).collect();
    if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
}
