//! Jenkins: `CHANGE_*` of multibranch projects, `GIT_PREVIOUS_SUCCESSFUL_COMMIT` of the Git plugin.

use super::facts::nothing_of;
use super::{Base, Named, Platform, Proposal, Seen, Variables};
use crate::exit::Failure;
use gatepost_core::pull_request::Fact;

pub(super) static PLATFORM: Platform = Platform {
    name: "Jenkins",
    documentation: "https://plugins.jenkins.io/git/",
    is_here: |variables| variables.get("JENKINS_URL").is_some(),
    look,
    deepen: "take `Shallow clone` out of the Git behaviours of the job (`CloneOption` with `shallow: false`)",
};

fn look(variables: &Variables) -> Seen {
    let head = variables.named("GIT_COMMIT").unwrap_or_else(|| Named::new("HEAD", "the work tree"));
    if let Some(id) = variables.get("CHANGE_ID") {
        let mut request = nothing_of(format!("pull request #{id}"), "Jenkins");
        if let Some(title) = variables.get("CHANGE_TITLE") {
            request.title = Fact::Known(title.to_owned());
        }
        let range = match variables.named("CHANGE_TARGET") {
            Some(branch) => Ok(Proposal { base: Base::Target { branch: Some(branch), commit: None }, head }),
            None => Err(Failure::usage(
                "CHANGE_TARGET is not set: this Jenkins does not tell what the change is for",
                "name the base: gatepost run ci --from-ref origin/main",
            )),
        };
        return Seen { range, pull_request: Some(request) };
    }
    // The last build that passed: what failed since then is judged again.
    let before =
        variables.named("GIT_PREVIOUS_SUCCESSFUL_COMMIT").or_else(|| variables.named("GIT_PREVIOUS_COMMIT"));
    let range = match before {
        Some(commit) => Ok(Proposal {
            base: Base::Before {
                commit: Some(commit),
                branch: variables.get("BRANCH_NAME").map(str::to_owned),
                default: None,
                is_protected: variables.is_true("BRANCH_IS_PRIMARY"),
            },
            head,
        }),
        None => Err(Failure::usage(
            "this is the first build of the branch on Jenkins, which tells nothing before it",
            "name the base: gatepost run ci --from-ref origin/main; or scan everything: gatepost scan --history",
        )),
    };
    Seen { range, pull_request: None }
}
