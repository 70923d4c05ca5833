//! What several systems have in common: facts that they do not tell, and lists in one variable.

use gatepost_core::pull_request::{Fact, PullRequest};

/// A pull request of which a system tells nothing but that it is one.
pub(super) fn nothing_of(name: String, system: &str) -> PullRequest {
    PullRequest {
        title: not_told(system, "title"),
        body: not_told(system, "description"),
        labels: not_told(system, "labels"),
        draft: not_told(system, "state of a draft"),
        branches: Vec::new(),
        name,
    }
}

/// A fact that a system does not pass on.
pub(super) fn not_told<T>(system: &str, fact: &str) -> Fact<T> {
    Fact::unknown(
        format!("{system} does not tell the {fact} of a pull request"),
        "hand it over with --pull-request FILE (docs/ci.md), or set `unknown = \"note\"` in [pull-request]",
    )
}

/// The labels of a list with commas.
pub(super) fn labels(list: &str) -> Vec<String> {
    list.split(',').map(|label| label.trim().to_owned()).filter(|label| !label.is_empty()).collect()
}
