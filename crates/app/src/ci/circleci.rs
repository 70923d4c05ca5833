//! `CircleCI`: the base of a pipeline is a value of its configuration and no variable, so that the job has to pass it on.

use super::facts::nothing_of;
use super::{Platform, Seen, Variables};
use crate::exit::Failure;

pub(super) static PLATFORM: Platform = Platform {
    name: "CircleCI",
    documentation: "https://circleci.com/docs/reference/variables/",
    is_here: |variables| variables.is_true("CIRCLECI"),
    look,
    deepen: "write `- checkout: { method: full }` as the first step",
};

fn look(variables: &Variables) -> Seen {
    let range = Err(Failure::usage(
        "CircleCI tells the base of a pipeline in no variable",
        "pass it on in the step: environment: { PRE_COMMIT_FROM_REF: << pipeline.git.base_revision >> }\n\
         or name the base: gatepost run ci --from-ref origin/main",
    ));
    let request = variables.get("CIRCLE_PULL_REQUEST").map(|url| {
        let number = url.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        nothing_of(format!("pull request #{number}"), "CircleCI")
    });
    Seen { range, pull_request: request }
}
