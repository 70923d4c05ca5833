//! Where in continuous integration a run takes place, and what that system says of the change: one file for each system, which reads
//! the variables that its documentation names and nothing else.
//!
//! What is read here is said by whoever wrote the job: it chooses what is judged, and never by which policy. That one comes from a
//! revision that is protected (see [`range`]), or the run says that it does not.

mod arrival;
mod azure;
mod bitbucket;
mod buildkite;
mod circleci;
mod event;
mod facts;
mod gitea;
mod github;
mod gitlab;
mod jenkins;
mod range;
mod variables;

pub(crate) use arrival::{arrival, unknown};
pub(crate) use event::{pull_request, read as read_event};
pub(crate) use range::{Emptiness, Range, explicit, find};
pub(crate) use variables::Variables;

use crate::exit::Failure;
use gatepost_core::pull_request::PullRequest;
use gatepost_source::{Error, ErrorKind, Repository};

/// A system for continuous integration.
#[derive(Debug)]
pub(crate) struct Platform {
    /// What it is called.
    pub(crate) name: &'static str,
    /// Where the variables that are read are documented.
    pub(crate) documentation: &'static str,
    /// Whether this is it.
    pub(crate) is_here: fn(&Variables) -> bool,
    /// What it says of the change.
    pub(crate) look: fn(&Variables) -> Seen,
    /// What to write so that the clone has the whole history.
    pub(crate) deepen: &'static str,
}

/// Every system, in the order in which they are asked: those that pass for another one come before it.
pub(crate) static PLATFORMS: &[&Platform] = &[
    &gitea::PLATFORM,
    &github::PLATFORM,
    &gitlab::PLATFORM,
    &bitbucket::PLATFORM,
    &azure::PLATFORM,
    &circleci::PLATFORM,
    &buildkite::PLATFORM,
    &jenkins::PLATFORM,
];

/// What a system says of the change.
#[derive(Debug)]
pub(crate) struct Seen {
    /// Which commits it is, or why that is not said.
    pub(crate) range: Result<Proposal, Failure>,
    /// The pull request that it is; `None`: it is none.
    pub(crate) pull_request: Option<PullRequest>,
}

/// Which commits a change is, in the words of the system that it comes from.
#[derive(Debug)]
pub(crate) struct Proposal {
    /// What it is measured against.
    pub(crate) base: Base,
    /// Its last commit.
    pub(crate) head: Named,
}

/// What a change is measured against.
#[derive(Debug)]
pub(crate) enum Base {
    /// The branch that a pull request is for.
    Target {
        /// The branch, by its short name.
        branch: Option<Named>,
        /// The commit that the system compares with.
        commit: Option<Named>,
    },
    /// Where the branch was before a push.
    Before {
        /// That commit, which is null for a new branch; `None`: the system does not say, and the default branch counts.
        commit: Option<Named>,
        /// The branch that was pushed, by its short name; `None`: a tag, or nobody says.
        branch: Option<String>,
        /// The default branch, by its short name.
        default: Option<Named>,
        /// Whether the system says that the branch is protected.
        is_protected: bool,
    },
}

/// Something that a variable or an event names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Named {
    /// What it names.
    pub(crate) what: String,
    /// What named it: `GITHUB_BASE_REF`.
    pub(crate) by: &'static str,
}

impl Named {
    pub(crate) fn new(what: impl Into<String>, by: &'static str) -> Self {
        Self { what: what.into(), by }
    }
}

/// The system that this run takes place in.
pub(crate) fn platform(variables: &Variables) -> Option<&'static Platform> {
    PLATFORMS.iter().copied().find(|platform| (platform.is_here)(variables))
}

/// Says in a failure what to write on this system, where the clone is too shallow.
pub(crate) fn deepen(platform: Option<&Platform>, failure: Failure) -> Failure {
    match (platform, failure) {
        (Some(platform), Failure::Source(error)) if error.kind == ErrorKind::Shallow => {
            Failure::Source(Error { fix: shallow_fix(platform), ..error })
        }
        (_, failure) => failure,
    }
}

fn shallow_fix(platform: &Platform) -> String {
    format!(
        "on {}: {}\nor, in the job, before this one: git fetch --unshallow origin '+refs/heads/*:refs/remotes/origin/*'",
        platform.name, platform.deepen
    )
}

/// The branches of the repository as its server names them, as far as the clone has them.
pub(crate) fn branches(repository: &dyn Repository) -> Result<Vec<gatepost_core::RefName>, Error> {
    let names = repository.references()?.into_iter().map(|reference| reference.name);
    let mut branches: Vec<gatepost_core::RefName> = names
        .filter_map(|name| {
            let Some(rest) = name.as_bytes().strip_prefix(b"refs/remotes/") else {
                return name.branch().is_some().then_some(name);
            };
            // The name of the remote, then that of the branch.
            let at = rest.iter().position(|byte| *byte == b'/')?;
            let branch = rest.get(at.checked_add(1)?..)?;
            Some(gatepost_core::RefName::new([b"refs/heads/", branch].concat()))
        })
        .collect();
    branches.sort_by(|one, other| one.as_bytes().cmp(other.as_bytes()));
    branches.dedup();
    Ok(branches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_names_its_documentation_and_how_to_get_the_history() {
        for platform in PLATFORMS {
            assert!(platform.documentation.starts_with("https://"), "{}", platform.name);
            assert!(!platform.deepen.is_empty(), "{}", platform.name);
            assert!(!(platform.is_here)(&Variables::of(&[])), "{} is everywhere", platform.name);
            let page = include_str!("../../../../docs/ci.md");
            assert!(
                page.contains(platform.documentation),
                "docs/ci.md does not name {}",
                platform.documentation
            );
            assert!(
                page.contains(&format!("## {}", platform.name)),
                "docs/ci.md has nothing of {}",
                platform.name
            );
        }
    }

    #[test]
    fn a_system_is_known_by_its_own_variable_and_by_ci_alone_none() {
        let here =
            |variables: &[(&str, &str)]| platform(&Variables::of(variables)).map(|platform| platform.name);
        assert_eq!(here(&[("CI", "true")]), None);
        for (variable, value, name) in [
            ("GITHUB_ACTIONS", "true", "GitHub Actions"),
            ("GITLAB_CI", "true", "GitLab CI"),
            ("BITBUCKET_BUILD_NUMBER", "7", "Bitbucket Pipelines"),
            ("TF_BUILD", "True", "Azure Pipelines"),
            ("CIRCLECI", "true", "CircleCI"),
            ("BUILDKITE", "true", "Buildkite"),
            ("JENKINS_URL", "https://ci.example.com/", "Jenkins"),
        ] {
            assert_eq!(here(&[("CI", "true"), (variable, value)]), Some(name));
            assert_eq!(here(&[(variable, "")]), None, "{name} without a value");
        }
        for variable in ["GITEA_ACTIONS", "FORGEJO_ACTIONS"] {
            assert_eq!(
                here(&[("GITHUB_ACTIONS", "true"), (variable, "true")]),
                Some("Gitea and Forgejo Actions")
            );
        }
    }
}
