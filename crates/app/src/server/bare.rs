//! A bare repository behind a web server or an SSH server, without a platform.

use super::{Facts, Place, Platform, Variables};
use gatepost_core::Via;

/// It has no variable of its own by which to be told: what is none of the others is this.
pub(super) const PLATFORM: Platform = Platform {
    id: "bare",
    name: "bare Git",
    budget: None,
    marks: &[],
    names: &["REMOTE_USER"],
    read,
    place: Place::Hook,
    keeps: |_| true,
};

/// Where the account stands that the process runs under: many may share it, and whoever has a shell may call it anything.
const ACCOUNT: &[&str] = &["USER", "LOGNAME", "USERNAME"];

fn read(variables: &Variables<'_>) -> Facts {
    // A web server sets this for `git http-backend` when it has asked for a password (RFC 3875, 4.1.11).
    let asked = variables.named("REMOTE_USER");
    let authenticated = asked.is_some();
    Facts {
        name: asked.or_else(|| ACCOUNT.iter().find_map(|name| variables.named(name))),
        email: None,
        authenticated,
        repository: None,
        via: Via::Push,
        prefix: "",
    }
}
