//! Bitbucket Pipelines: `BITBUCKET_PR_*`, `BITBUCKET_COMMIT`. It does not tell what a branch was before a push.

use super::facts::nothing_of;
use super::{Base, Platform, Proposal, Seen, Variables};
use crate::exit::Failure;

pub(super) static PLATFORM: Platform = Platform {
    name: "Bitbucket Pipelines",
    documentation: "https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/",
    is_here: |variables| variables.get("BITBUCKET_BUILD_NUMBER").is_some(),
    look,
    deepen: "write `clone: { depth: full }` in bitbucket-pipelines.yml",
};

fn look(variables: &Variables) -> Seen {
    let request = variables.get("BITBUCKET_PR_ID");
    let range = match (request, variables.named("BITBUCKET_COMMIT")) {
        // HEAD may be a merge with the destination that Bitbucket made; this is the source's own commit.
        (Some(_), Some(head)) => Ok(Proposal {
            base: Base::Target {
                branch: variables.named("BITBUCKET_PR_DESTINATION_BRANCH"),
                commit: variables.named("BITBUCKET_PR_DESTINATION_COMMIT"),
            },
            head,
        }),
        (Some(_), None) => {
            Err(Failure::usage("BITBUCKET_COMMIT is not set", "pass it on to where gatepost runs"))
        }
        (None, _) => Err(Failure::usage(
            "Bitbucket Pipelines does not tell what a branch was before a push",
            "run the step below `pull-requests:`; or name the base: gatepost run ci --from-ref origin/main",
        )),
    };
    let pull_request = request.map(|id| nothing_of(format!("pull request #{id}"), "Bitbucket Pipelines"));
    Seen { range, pull_request }
}
