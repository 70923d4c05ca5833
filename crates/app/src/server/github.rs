//! GitHub Enterprise Server: pre-receive hooks ("Creating a pre-receive hook script" in its documentation,
//! <https://docs.github.com/en/enterprise-server/admin/enforcing-policies/enforcing-policy-with-pre-receive-hooks>).

use super::{Facts, Place, Platform, Variables};
use gatepost_core::Via;
use std::time::Duration;

pub(super) const PLATFORM: Platform = Platform {
    id: "github",
    name: "GitHub Enterprise Server",
    // All hooks of a push have five seconds together; when they are over, the push fails without a word.
    budget: Some(Duration::from_millis(4_500)),
    marks: &["GITHUB_USER_LOGIN", "GITHUB_REPO_NAME", "GITHUB_VIA"],
    names: &["GITHUB_USER_LOGIN"],
    read,
    place: Place::Elsewhere(
        "an administrator of the site adds the script to a repository of hooks, and switches it on for the others: \"Managing \
         pre-receive hooks on your instance\" in its documentation, and docs/server.md",
    ),
    keeps: |_| false,
};

/// The values of `GITHUB_VIA` that are the merge of a pull request: by itself when all is green, by the API, by the
/// button. `branch merge api` merges without a request, and `merge base into head` goes the other way.
const MERGES: &[&str] = &["merge", "pull request merge api", "pull request merge button"];

fn read(variables: &Variables<'_>) -> Facts {
    let is_merge = variables.get("GITHUB_VIA").is_some_and(|via| MERGES.contains(&via.as_str()));
    Facts {
        name: variables.named("GITHUB_USER_LOGIN"),
        email: None,
        authenticated: true,
        repository: variables.get("GITHUB_REPO_NAME"),
        via: if is_merge { Via::Merge } else { Via::Push },
        prefix: "",
    }
}
