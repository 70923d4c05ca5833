//! Gitea and Forgejo: the variables of `modules/repository/env.go`, which are the same in both.

use super::{Facts, Place, Platform, Variables};
use gatepost_core::Via;

pub(super) const PLATFORM: Platform = Platform {
    id: "gitea",
    name: "Gitea or Forgejo",
    budget: None,
    marks: &["GITEA_PUSHER_NAME", "GITEA_PUSHER_ID", "GITEA_REPO_NAME", "GITEA_PR_ID", "GITEA_PUSH_TRIGGER"],
    names: &["GITEA_PUSHER_NAME"],
    read,
    place: Place::Folder("hooks/pre-receive.d"),
    keeps: |path| path.join("hooks/pre-receive.d").is_dir(),
};

fn read(variables: &Variables<'_>) -> Facts {
    let id = |name| variables.get(name).filter(|id| id != "0");
    let owner = variables.get("GITEA_REPO_USER_NAME");
    let repository = variables.get("GITEA_REPO_NAME");
    // A deploy key pushes under the name of the repository's owner. No user's name has a space.
    let key = id("GITEA_DEPLOY_KEY_ID").map(|id| (format!("deploy key {id}"), "GITEA_DEPLOY_KEY_ID"));
    let is_key = key.is_some();
    Facts {
        name: key.or_else(|| variables.named("GITEA_PUSHER_NAME")),
        email: variables.get("GITEA_PUSHER_EMAIL").filter(|_| !is_key),
        authenticated: true,
        repository: match (owner, repository) {
            (Some(owner), Some(name)) => Some(format!("{owner}/{name}")),
            (_, name) => name,
        },
        via: match variables.get("GITEA_PUSH_TRIGGER").as_deref() {
            Some("pr-merge-to-base") => Via::Merge,
            Some(_) => Via::Push,
            None if variables.get("GITEA_INTERNAL_PUSH").as_deref() == Some("true") => Via::Internal,
            // Before there was a trigger, only merges of a pull request had its number.
            None if id("GITEA_PR_ID").is_some() => Via::Merge,
            None => Via::Push,
        },
        prefix: "",
    }
}
