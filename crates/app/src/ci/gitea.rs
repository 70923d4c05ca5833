//! Gitea and Forgejo Actions, which pass for GitHub Actions: the same variables, and an event file of the same form.

use super::{Platform, github};

pub(super) static PLATFORM: Platform = Platform {
    name: "Gitea and Forgejo Actions",
    documentation: "https://docs.gitea.com/usage/actions/actions-variables",
    is_here: |variables| variables.is_true("GITEA_ACTIONS") || variables.is_true("FORGEJO_ACTIONS"),
    look: |variables| github::look(variables, "Gitea and Forgejo Actions"),
    deepen: "write `fetch-depth: 0` below `with:` of actions/checkout",
};
