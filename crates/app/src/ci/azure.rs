//! Azure Pipelines: `SYSTEM_PULLREQUEST_*`, `BUILD_REASON`. It does not tell what a branch was before a push.

use super::facts::nothing_of;
use super::{Base, Named, Platform, Proposal, Seen, Variables};
use crate::exit::Failure;

pub(super) static PLATFORM: Platform = Platform {
    name: "Azure Pipelines",
    documentation: "https://learn.microsoft.com/en-us/azure/devops/pipelines/build/variables",
    is_here: |variables| variables.is_true("TF_BUILD"),
    look,
    deepen: "write the step `- checkout: self` with `fetchDepth: 0` below it",
};

fn look(variables: &Variables) -> Seen {
    let is_request = variables.get("BUILD_REASON") == Some("PullRequest");
    if !is_request {
        return Seen {
            range: Err(Failure::usage(
                "Azure Pipelines does not tell what a branch was before a push",
                "run the job for pull requests; or name the base: gatepost run ci --from-ref origin/main",
            )),
            pull_request: None,
        };
    }
    let number = variables
        .get("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER")
        .or_else(|| variables.get("SYSTEM_PULLREQUEST_PULLREQUESTID"));
    let name =
        number.map_or_else(|| "the pull request".to_owned(), |number| format!("pull request #{number}"));
    // In Azure Repos it is a full name, for repositories of GitHub a short one.
    let branch = variables.get("SYSTEM_PULLREQUEST_TARGETBRANCH").map(|branch| {
        Named::new(branch.trim().trim_start_matches("refs/heads/"), "SYSTEM_PULLREQUEST_TARGETBRANCH")
    });
    // BUILD_SOURCEVERSION is a merge that the system made.
    let range = match variables.named("SYSTEM_PULLREQUEST_SOURCECOMMITID") {
        Some(head) => Ok(Proposal { base: Base::Target { branch, commit: None }, head }),
        None => Err(Failure::usage(
            "SYSTEM_PULLREQUEST_SOURCECOMMITID is not set",
            "pass it on to where gatepost runs, or name the range: --from-ref, --to-ref",
        )),
    };
    Seen { range, pull_request: Some(nothing_of(name, "Azure Pipelines")) }
}
