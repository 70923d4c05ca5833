//! Buildkite: `BUILDKITE_PULL_REQUEST*`, `BUILDKITE_MERGE_QUEUE_BASE_COMMIT`, `BUILDKITE_PIPELINE_DEFAULT_BRANCH`.

use super::facts::{labels, nothing_of};
use super::{Base, Platform, Proposal, Seen, Variables};
use crate::exit::Failure;
use gatepost_core::pull_request::{Fact, PullRequest};

pub(super) static PLATFORM: Platform = Platform {
    name: "Buildkite",
    documentation: "https://buildkite.com/docs/pipelines/configure/environment-variables",
    is_here: |variables| variables.is_true("BUILDKITE"),
    look: |variables| Seen { range: range(variables), pull_request: pull_request(variables) },
    deepen: "take `--depth` out of BUILDKITE_GIT_CLONE_FLAGS and BUILDKITE_GIT_FETCH_FLAGS",
};

/// The number of the pull request; without one the variable says `false`.
fn number(variables: &Variables) -> Option<&str> {
    variables.get("BUILDKITE_PULL_REQUEST").filter(|number| *number != "false")
}

fn range(variables: &Variables) -> Result<Proposal, Failure> {
    let head = variables
        .named("BUILDKITE_COMMIT")
        .ok_or_else(|| Failure::usage("BUILDKITE_COMMIT is not set", "pass it on to where gatepost runs"))?;
    if let Some(commit) = variables.named("BUILDKITE_MERGE_QUEUE_BASE_COMMIT") {
        return Ok(Proposal { base: Base::Target { branch: None, commit: Some(commit) }, head });
    }
    if number(variables).is_some() {
        let branch = variables.named("BUILDKITE_PULL_REQUEST_BASE_BRANCH");
        return Ok(Proposal { base: Base::Target { branch, commit: None }, head });
    }
    let branch = variables.get("BUILDKITE_BRANCH").map(str::to_owned);
    let default = variables.named("BUILDKITE_PIPELINE_DEFAULT_BRANCH");
    if default.as_ref().is_none_or(|default| branch.as_ref() == Some(&default.what)) {
        return Err(Failure::usage(
            "Buildkite does not tell what the default branch was before a push",
            "run the step for pull requests and other branches; or name the base: gatepost run ci --from-ref REV",
        ));
    }
    // What the branch was before is not told: it is judged as a new one, from where it left the default branch.
    Ok(Proposal { base: Base::Before { commit: None, branch, default, is_protected: false }, head })
}

fn pull_request(variables: &Variables) -> Option<PullRequest> {
    let mut request = nothing_of(format!("pull request #{}", number(variables)?), "Buildkite");
    if let Some(list) = variables.get_even_empty("BUILDKITE_PULL_REQUEST_LABELS") {
        request.labels = Fact::Known(labels(list));
    }
    // For repositories of other forges than GitHub it is never set, and without it nobody knows.
    if variables.is_true("BUILDKITE_PULL_REQUEST_DRAFT") {
        request.draft = Fact::Known(true);
    }
    Some(request)
}
