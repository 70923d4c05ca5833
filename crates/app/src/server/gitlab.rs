//! GitLab: server hooks, which Gitaly runs (<https://docs.gitlab.com/administration/server_hooks/>, "Environment variables
//! available to server hooks").

use super::{Facts, Place, Platform, Variables};
use gatepost_core::Via;

pub(super) const PLATFORM: Platform = Platform {
    id: "gitlab",
    name: "GitLab",
    budget: None,
    marks: &["GL_ID", "GL_USERNAME", "GL_PROTOCOL", "GL_PROJECT_PATH", "GL_REPOSITORY"],
    names: &["GL_USERNAME"],
    read,
    place: Place::Folder("custom_hooks/pre-receive.d"),
    keeps: |path| {
        path.join("custom_hooks").is_dir() || path.components().any(|part| part.as_os_str() == "@hashed")
    },
};

fn read(variables: &Variables<'_>) -> Facts {
    let id = variables.get("GL_ID");
    // A deploy key has an id and no user. `key-12` alone could be the name of a user; no user's name has a space.
    let key = || Some((format!("GL_ID {}", id.as_ref()?), "GL_ID"));
    Facts {
        name: variables.named("GL_USERNAME").or_else(key),
        email: None,
        authenticated: true,
        repository: variables.get("GL_PROJECT_PATH").or_else(|| variables.get("GL_REPOSITORY")),
        // The merge button, and everything else that is done in the browser or by the API: GitLab does not tell one from
        // another. Who may do those is for its protected branches to say.
        via: if variables.get("GL_PROTOCOL").as_deref() == Some("web") { Via::Merge } else { Via::Push },
        // The browser shows lines that begin so, and no others.
        prefix: if id.is_some() { "GL-HOOK-ERR: " } else { "" },
    }
}
