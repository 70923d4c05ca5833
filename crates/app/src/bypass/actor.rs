//! Who pushes, as far as the server says.
//!
//! Git knows no pusher: it is the platform around it that has asked for a password or a key, and tells the hook in
//! a variable. Where there is none, the name of the account is all that is left, and nobody vouches for it.

use gatepost_evidence::break_glass::Actor;
use std::ffi::OsString;

/// The variables of platforms: GitLab, Gitolite, Gitea and Forgejo, GitHub Enterprise Server,
/// and a web server in front of `git http-backend`.
const PLATFORM: &[&str] =
    &["GL_USERNAME", "GL_USER", "GITEA_PUSHER_NAME", "GITHUB_USER_LOGIN", "REMOTE_USER"];
const ACCOUNT: &[&str] = &["USER", "LOGNAME", "USERNAME"];

/// The pusher of this process.
pub(crate) fn from_environment() -> Actor {
    of(|name| std::env::var_os(name))
}

/// A line of advice for a server that names no pusher.
pub(crate) fn how_to_name_one() -> String {
    format!("\nor have the platform tell the hook who pushes, in one of {}", PLATFORM.join(", "))
}

fn of(variable: impl Fn(&str) -> Option<OsString>) -> Actor {
    let value = |name: &&'static str| {
        let value = variable(name)?.to_string_lossy().trim().to_owned();
        (!value.is_empty()).then_some((value, *name))
    };
    let platform = PLATFORM.iter().find_map(value);
    let authenticated = platform.is_some();
    match platform.or_else(|| ACCOUNT.iter().find_map(value)) {
        Some((name, source)) => Actor { name, source: source.to_owned(), authenticated },
        None => Actor::unknown(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(variables: &[(&str, &str)]) -> (String, String, bool) {
        let Actor { name, source, authenticated } =
            of(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value)));
        (name, source, authenticated)
    }

    #[test]
    fn the_platform_knows_better_than_the_account() {
        let of = |name: &str, source: &str, sure| (name.to_owned(), source.to_owned(), sure);
        assert_eq!(actor(&[("USER", "git"), ("GL_USERNAME", "alice")]), of("alice", "GL_USERNAME", true));
        assert_eq!(actor(&[("USER", "git"), ("GL_USERNAME", " ")]), of("git", "USER", false));
        assert_eq!(actor(&[]), of("unknown", "nothing", false));
    }
}
