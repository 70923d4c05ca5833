//! The section `[server]` of the policy.

use super::Budget;
use crate::policy::{Key, Kind, Policy, PolicyError, Strictness};
use serde::Deserialize;

/// The servers that are known, as the policy names them.
pub const PLATFORMS: &[&str] = &["auto", "bare", "gitolite", "gitlab", "gitea", "github"];

/// What a push means that could not be judged in time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnTimeout {
    /// It is refused.
    Deny,
    /// It comes in, unless what was judged denies it, and a record says that it was not judged in full.
    Record,
}

/// The section, as the policy holds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// How long a push may be judged.
    pub budget: Budget,
    /// What happens when the time is up.
    pub on_timeout: OnTimeout,
    /// The server that the gate stands on; `auto`: as its variables say.
    pub platform: String,
    /// What the repository's own policy has to say beside the server's.
    pub repository_policy: RepositoryPolicy,
}

/// What a repository's own policy has to say where the server has one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RepositoryPolicy {
    /// Nothing.
    None,
    /// What makes the server's stricter.
    Stricter,
}

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "budget",
        kind: Kind::Text,
        default: "\"auto\"",
        strictness: Strictness::Unordered,
        help: "How long pre-receive may judge one push: a time such as `4.5 s`, `800 ms` or `2 min`, `none`, or `auto`: 4.5 s on GitHub Enterprise Server, which ends every hook after five, and no limit elsewhere.",
    },
    Key {
        name: "on-timeout",
        kind: Kind::Choice(&["deny", "record"]),
        default: "\"deny\"",
        strictness: Strictness::Words(&[&["record"], &["deny"]]),
        help: "What a push means that could not be judged within `budget`: it is refused, or it comes in with a record in the log of break-glass, to be judged later by `gatepost break-glass check`. What was judged and denies refuses it in any case.",
    },
    Key {
        name: "platform",
        kind: Kind::Choice(PLATFORMS),
        default: "\"auto\"",
        strictness: Strictness::Unordered,
        help: "The server that the hook stands on. `auto` takes the one whose variables are there; where it is named, the variables of others say nothing.",
    },
    Key {
        name: "repository-policy",
        kind: Kind::Choice(&["none", "stricter"]),
        default: "\"none\"",
        strictness: Strictness::Words(&[&["none"], &["stricter"]]),
        help: "What the `gatepost.toml` of a repository's default branch, as it was before the push, has to say where the server has a policy of its own: nothing, or what makes the server's stricter. What would weaken that does not count, and is named.",
    },
];

/// The section as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Written {
    budget: String,
    on_timeout: OnTimeout,
    platform: String,
    repository_policy: RepositoryPolicy,
}

impl Config {
    /// The section of a policy.
    ///
    /// # Errors
    ///
    /// A value that its key does not take.
    pub fn new(policy: &Policy) -> Result<Self, PolicyError> {
        let Written { budget, on_timeout, platform, repository_policy } = policy.section("server")?;
        let budget = Budget::parse(&budget).map_err(|error| {
            let help = "write a time with its unit, such as \"4.5 s\", \"800 ms\" or \"2 min\", or \"none\" or \"auto\"";
            policy.error("server.budget", format!("`server.budget`: {error}"), Some(help.to_owned()))
        })?;
        Ok(Self { budget, on_timeout, platform, repository_policy })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Layer, Origin};
    use std::time::Duration;

    fn load(text: &str) -> Result<Config, String> {
        let origin = Origin::File("gatepost.toml".to_owned());
        let policy = Policy::load(&[Layer { origin, text: text.to_owned() }]).unwrap();
        Config::new(&policy).map_err(|error| error.to_string())
    }

    #[test]
    fn a_server_denies_what_it_cannot_judge_in_time() {
        let config = Config::new(&Policy::built_in()).unwrap();
        assert_eq!((config.budget, config.on_timeout), (Budget::Auto, OnTimeout::Deny));
        assert_eq!(config.platform, "auto");
        assert_eq!(config.repository_policy, RepositoryPolicy::None);
        let set =
            load("[server]\nbudget = \"2 min\"\non-timeout = \"record\"\nplatform = \"gitea\"\n").unwrap();
        assert_eq!(set.budget, Budget::Limited(Duration::from_secs(120)));
        assert_eq!((set.on_timeout, set.platform.as_str()), (OnTimeout::Record, "gitea"));
    }

    #[test]
    fn a_time_that_is_none_is_said_with_its_line() {
        let error = load("[server]\nbudget = \"4.5 seconds\"\n").unwrap_err();
        assert!(error.contains("gatepost.toml:2") && error.contains("4.5 seconds"), "{error}");
    }
}
