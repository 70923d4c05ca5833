//! The run of a CI system, and who started it, by the variables that the system's documentation names. Whoever writes the job can
//! set them to anything: no name out of them is vouched for.

use crate::ci::{Platform, Variables};
use gatepost_evidence::break_glass::Actor;
use gatepost_evidence::run::CiRun;

/// Where a system says which run this is.
struct Source {
    /// Its name, as [`Platform::name`].
    system: &'static str,
    /// The variables that make up the id of the run.
    run: &'static [&'static str],
    /// The variable with its page; of GitHub and what is like it, the page is put together.
    url: Option<&'static str>,
    /// The variables of which the first that is set names who started it.
    actor: &'static [&'static str],
}

static SOURCES: &[Source] = &[
    Source {
        system: "Gitea and Forgejo Actions",
        run: &["GITHUB_RUN_ID"],
        url: None,
        actor: &["GITHUB_ACTOR"],
    },
    Source {
        system: "GitHub Actions",
        run: &["GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT"],
        url: None,
        actor: &["GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR"],
    },
    Source {
        system: "GitLab CI",
        run: &["CI_PIPELINE_ID", "CI_JOB_ID"],
        url: Some("CI_JOB_URL"),
        actor: &["GITLAB_USER_LOGIN"],
    },
    Source {
        system: "Bitbucket Pipelines",
        run: &["BITBUCKET_BUILD_NUMBER"],
        url: None,
        actor: &["BITBUCKET_STEP_TRIGGERER_UUID"],
    },
    Source {
        system: "Azure Pipelines",
        run: &["BUILD_BUILDID"],
        url: None,
        actor: &["BUILD_REQUESTEDFOR", "BUILD_QUEUEDBY"],
    },
    Source {
        system: "CircleCI",
        run: &["CIRCLE_BUILD_NUM"],
        url: Some("CIRCLE_BUILD_URL"),
        actor: &["CIRCLE_USERNAME"],
    },
    Source {
        system: "Buildkite",
        run: &["BUILDKITE_BUILD_ID"],
        url: Some("BUILDKITE_BUILD_URL"),
        actor: &["BUILDKITE_BUILD_CREATOR"],
    },
    Source {
        system: "Jenkins",
        run: &["BUILD_TAG"],
        url: Some("BUILD_URL"),
        actor: &["BUILD_USER_ID", "CHANGE_AUTHOR"],
    },
];

fn source(platform: &Platform) -> Option<&'static Source> {
    SOURCES.iter().find(|source| source.system == platform.name)
}

/// The run.
pub(super) fn run(platform: &Platform, variables: &Variables) -> CiRun {
    let source = source(platform);
    let parts: Vec<&str> =
        source.into_iter().flat_map(|source| source.run).filter_map(|name| variables.get(name)).collect();
    let page = || {
        let (server, repository) = (variables.get("GITHUB_SERVER_URL")?, variables.get("GITHUB_REPOSITORY")?);
        Some(format!("{server}/{repository}/actions/runs/{}", variables.get("GITHUB_RUN_ID")?))
    };
    let url = match source.and_then(|source| source.url) {
        Some(name) => variables.get(name).map(str::to_owned),
        None => page(),
    };
    CiRun {
        system: platform.name.to_owned(),
        run: (!parts.is_empty()).then(|| parts.join(".")),
        // An address with a name in it may have a password in it, too.
        url: url.filter(|url| !url.contains('@')),
    }
}

/// Who started it.
pub(super) fn actor(platform: &Platform, variables: &Variables) -> Option<Actor> {
    let named = source(platform)?.actor.iter().find_map(|name| Some((*name, variables.get(name)?)));
    named.map(|(source, name)| Actor {
        name: name.to_owned(),
        source: source.to_owned(),
        authenticated: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ci::PLATFORMS;

    #[test]
    fn every_system_says_which_run_it_is() {
        for platform in PLATFORMS {
            let source = source(platform).unwrap_or_else(|| panic!("nothing of {}", platform.name));
            let set: Vec<(&str, &str)> = source
                .run
                .iter()
                .chain(source.actor)
                .chain(&source.url)
                .map(|name| (*name, if name.ends_with("URL") { "https://ci.example.com/7" } else { "x7" }))
                .collect();
            let variables = Variables::of(&set);
            let found = run(platform, &variables);
            assert!(found.run.is_some_and(|run| run.starts_with("x7")), "{}", platform.name);
            assert_eq!(found.url.is_some(), source.url.is_some(), "{}", platform.name);
            assert_eq!(
                actor(platform, &variables).map(|actor| (actor.name, actor.authenticated)),
                Some(("x7".to_owned(), false))
            );
            assert_eq!(run(platform, &Variables::of(&[])).run, None);
        }
    }

    #[test]
    fn the_page_of_a_run_is_put_together_and_never_has_a_password() {
        let platform = PLATFORMS.iter().find(|platform| platform.name == "GitHub Actions").unwrap();
        let mut set = vec![
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "o/r"),
            ("GITHUB_RUN_ID", "12"),
            ("GITHUB_RUN_ATTEMPT", "2"),
        ];
        let found = run(platform, &Variables::of(&set));
        assert_eq!(found.run.as_deref(), Some("12.2"));
        assert_eq!(found.url.as_deref(), Some("https://github.com/o/r/actions/runs/12"));
        set[0].1 = "https://me:pw@github.com";
        assert_eq!(run(platform, &Variables::of(&set)).url, None);
    }
}
