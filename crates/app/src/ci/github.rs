//! GitHub Actions: the event file, `GITHUB_BASE_REF`, `GITHUB_REF_PROTECTED`.

use super::event::{self, text};
use super::facts::nothing_of;
use super::{Base, Named, Platform, Proposal, Seen, Variables};
use crate::exit::Failure;
use gatepost_core::pull_request::Fact;
use serde_json::Value;
use std::path::Path;

pub(super) static PLATFORM: Platform = Platform {
    name: "GitHub Actions",
    documentation: "https://docs.github.com/en/actions/reference/workflows-and-actions/variables",
    is_here: |variables| variables.is_true("GITHUB_ACTIONS"),
    look: |variables| look(variables, "GitHub Actions"),
    deepen: "write `fetch-depth: 0` below `with:` of actions/checkout",
};

/// What the event says: here, and in what reads the same workflows.
pub(super) fn look(variables: &Variables, system: &str) -> Seen {
    let name = variables.get("GITHUB_EVENT_NAME").unwrap_or_default();
    let event = variables
        .get("GITHUB_EVENT_PATH")
        .ok_or_else(|| Failure::usage("GITHUB_EVENT_PATH is not set", "pass it on to where gatepost runs"))
        .and_then(|path| event::read(Path::new(path)));
    let event = match event {
        Ok(event) => event,
        Err(failure) => {
            // It is a pull request all the same, of which nothing is known.
            let unread = name.starts_with("pull_request").then(|| {
                let mut request = nothing_of("the pull request".to_owned(), system);
                let why = "the event file could not be read";
                let fix = "make the file of GITHUB_EVENT_PATH readable where gatepost runs";
                request.title = Fact::unknown(why, fix);
                request.body = Fact::unknown(why, fix);
                request.labels = Fact::unknown(why, fix);
                request.draft = Fact::unknown(why, fix);
                request
            });
            return Seen { range: Err(failure), pull_request: unread };
        }
    };
    // Only what happened to a pull request is about one; other events of it (a comment, a review) have it too.
    let pull_request = event.get("pull_request").and_then(|_| event::pull_request(&event));
    Seen { range: range(variables, name, &event, system), pull_request }
}

fn range(variables: &Variables, name: &str, event: &Value, system: &str) -> Result<Proposal, Failure> {
    let named = |pointer: &str, by: &'static str| text(event, pointer).map(|what| Named::new(what, by));
    if event.get("pull_request").is_some_and(Value::is_object) {
        // Not HEAD: for a pull request that is a merge which the system made, and nobody wrote its message.
        let head = named("/pull_request/head/sha", "pull_request.head.sha of the event");
        let branch = variables
            .named("GITHUB_BASE_REF")
            .or_else(|| named("/pull_request/base/ref", "pull_request.base.ref of the event"));
        let commit = named("/pull_request/base/sha", "pull_request.base.sha of the event");
        let head = head.ok_or_else(|| incomplete(name, "pull_request.head.sha"))?;
        return Ok(Proposal { base: Base::Target { branch, commit }, head });
    }
    if event.get("merge_group").is_some_and(Value::is_object) {
        let head = named("/merge_group/head_sha", "merge_group.head_sha of the event");
        let commit = named("/merge_group/base_sha", "merge_group.base_sha of the event");
        let head = head.ok_or_else(|| incomplete(name, "merge_group.head_sha"))?;
        let branch = named("/merge_group/base_ref", "merge_group.base_ref of the event");
        return Ok(Proposal { base: Base::Target { branch, commit }, head });
    }
    let (Some(before), Some(after)) =
        (named("/before", "before of the event"), named("/after", "after of the event"))
    else {
        return Err(Failure::usage(
            format!("the event `{name}` of {system} does not say which commits are new"),
            "run the job on pull_request and push; or name the range: --from-ref, --to-ref; \
             or scan everything: gatepost scan --history",
        ));
    };
    if after.what.bytes().all(|byte| byte == b'0') {
        return Err(Failure::usage(
            "the push deletes a branch or a tag: there is nothing to judge",
            "do not run the job where `github.event.deleted` is true",
        ));
    }
    let reference = text(event, "/ref").or_else(|| variables.get("GITHUB_REF")).unwrap_or_default();
    Ok(Proposal {
        base: Base::Before {
            commit: Some(before),
            branch: reference.strip_prefix("refs/heads/").map(str::to_owned),
            default: named("/repository/default_branch", "repository.default_branch of the event"),
            is_protected: variables.is_true("GITHUB_REF_PROTECTED"),
        },
        head: after,
    })
}

fn incomplete(name: &str, fact: &str) -> Failure {
    Failure::usage(format!("the event `{name}` has no {fact}"), "name the range: --from-ref, --to-ref")
}
