//! gitolite: `GL_USER` and `GL_REPO` (<https://gitolite.com/gitolite/dev-notes.html>). GitLab begins its variables with the
//! same letters, and sets neither of these two.

use super::{Facts, Place, Platform, Variables};
use gatepost_core::Via;

pub(super) const PLATFORM: Platform = Platform {
    id: "gitolite",
    name: "gitolite",
    budget: None,
    marks: &["GL_USER", "GL_REPO"],
    names: &["GL_USER"],
    read,
    place: Place::BesideUpdate,
    keeps: |path| path.join("gl-conf").is_file(),
};

fn read(variables: &Variables<'_>) -> Facts {
    Facts {
        name: variables.named("GL_USER"),
        email: None,
        authenticated: true,
        repository: variables.get("GL_REPO"),
        via: Via::Push,
        prefix: "",
    }
}
