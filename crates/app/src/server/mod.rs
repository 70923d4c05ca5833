//! The server around a `pre-receive` hook: which one it is, who pushes, by what way, and how it wants to be spoken to.
//!
//! A server is known by variables that it sets for its hooks and that a client cannot send. Push options are the
//! pusher's, and nothing here looks at them. Where the variables of two servers are there at once, nobody can say which
//! of them speaks: then nobody vouches for anybody, and the push is an ordinary one.

mod bare;
mod gitea;
mod github;
mod gitlab;
mod gitolite;

use gatepost_core::server::Budget;
use gatepost_core::{Pusher, Via};
use gatepost_evidence::break_glass::Actor;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

/// The servers that are known, each in a file of its own. The last one has no variables of its own, and is every other.
const PLATFORMS: &[Platform] =
    &[gitlab::PLATFORM, gitolite::PLATFORM, gitea::PLATFORM, github::PLATFORM, bare::PLATFORM];

/// A server.
pub(crate) struct Platform {
    /// Its name in policies.
    id: &'static str,
    /// Its name, for people.
    pub(crate) name: &'static str,
    /// How long it lets a hook run, less what the answer takes.
    budget: Option<Duration>,
    /// Variables that only this server sets: one that is there, and not empty, is proof.
    marks: &'static [&'static str],
    /// The variables that name the pusher.
    names: &'static [&'static str],
    /// What its variables say.
    read: fn(&Variables<'_>) -> Facts,
    /// Where it looks for the pre-receive hook of a repository.
    pub(crate) place: Place,
    /// Whether a repository's own directory is one of this server's.
    keeps: fn(&Path) -> bool,
}

/// Where a server looks for the pre-receive hook of a repository.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// `hooks/pre-receive`, as Git does.
    Hook,
    /// Every file of this folder of the repository.
    Folder(&'static str),
    /// Where the link `hooks/update` leads: one folder for all repositories.
    BesideUpdate,
    /// Not in the repository: where else.
    Elsewhere(&'static str),
}

/// The server that keeps a repository: the one of that name, else the one whose marks the repository has.
pub(crate) fn of_repository(directory: &Path, platform: &str) -> &'static Platform {
    let named = PLATFORMS.iter().find(|known| known.id == platform);
    named.or_else(|| PLATFORMS.iter().find(|known| (known.keeps)(directory))).unwrap_or(&bare::PLATFORM)
}

/// What a server's variables say.
#[derive(Default)]
struct Facts {
    /// The pusher, and the variable that names them.
    name: Option<(String, &'static str)>,
    email: Option<String>,
    authenticated: bool,
    repository: Option<String>,
    via: Via,
    /// What every line must begin with for people to see it.
    prefix: &'static str,
}

/// The environment of the hook.
struct Variables<'a>(&'a dyn Fn(&str) -> Option<OsString>);

impl Variables<'_> {
    /// A variable; `None` where it is not set, or says nothing.
    fn get(&self, name: &str) -> Option<String> {
        let value = (self.0)(name)?.to_string_lossy().trim().to_owned();
        (!value.is_empty()).then_some(value)
    }

    /// A variable, with its name.
    fn named(&self, name: &'static str) -> Option<(String, &'static str)> {
        Some((self.get(name)?, name))
    }
}

/// The server that a hook runs on, and what it says of this push.
pub(crate) struct Server {
    /// Who pushes, and how.
    pub(crate) pusher: Pusher,
    /// The variable that names the pusher.
    source: Option<&'static str>,
    /// The repository, by the server's name for it.
    pub(crate) repository: Option<String>,
    /// What every line must begin with for people to see it.
    pub(crate) prefix: &'static str,
    /// How long it lets this hook run.
    budget: Option<Duration>,
    /// What there is to say of the server itself.
    pub(crate) notice: Option<String>,
}

impl Server {
    /// The server of this process.
    pub(crate) fn from_environment() -> Self {
        of(&|name| std::env::var_os(name))
    }

    /// The server that the policy names, whatever the variables of others say; this one where it names none.
    pub(crate) fn named(self, platform: &str) -> Self {
        let known = PLATFORMS.iter().find(|known| known.id == platform);
        known.map_or(self, |known| server(known, &Variables(&|name| std::env::var_os(name))))
    }

    /// How long this push may be judged.
    pub(crate) fn budget(&self, budget: Budget) -> Option<Duration> {
        match budget {
            Budget::Auto => self.budget,
            Budget::None => None,
            Budget::Limited(time) => Some(time),
        }
    }

    /// The pusher, for records.
    pub(crate) fn actor(&self) -> Actor {
        match (&self.pusher.name, self.source) {
            (Some(name), Some(source)) => Actor {
                name: name.clone(),
                source: source.to_owned(),
                authenticated: self.pusher.authenticated,
            },
            _ => Actor::unknown(),
        }
    }
}

/// A line of advice for a server that names no pusher.
pub(crate) fn how_to_name_one() -> String {
    let names: Vec<&str> = PLATFORMS.iter().flat_map(|platform| platform.names).copied().collect();
    format!("\nor have the platform tell the hook who pushes, in one of {}", names.join(", "))
}

fn of(variable: &dyn Fn(&str) -> Option<OsString>) -> Server {
    let variables = Variables(variable);
    let is_set = |name: &str| variables.get(name).is_some();
    let recognised = |platform: &&Platform| platform.marks.iter().any(|name| is_set(name));
    let found: Vec<&Platform> = PLATFORMS.iter().filter(recognised).collect();
    match found.as_slice() {
        [] => server(&bare::PLATFORM, &variables),
        [one] => server(one, &variables),
        several => unclear(several, &variables),
    }
}

fn server(platform: &Platform, variables: &Variables<'_>) -> Server {
    let Facts { name, email, authenticated, repository, via, prefix } = (platform.read)(variables);
    let (name, source) = name.unzip();
    let authenticated = authenticated && name.is_some();
    let pusher = Pusher { name, email, authenticated, platform: platform.name.to_owned(), via };
    Server { pusher, source, repository, prefix, budget: platform.budget, notice: None }
}

/// The reading of several servers at once that allows least. Whatever prefix one of them needs does no harm.
fn unclear(several: &[&Platform], variables: &Variables<'_>) -> Server {
    let names: Vec<&str> = several.iter().map(|platform| platform.name).collect();
    let names = names.join(" and ");
    let facts = several.iter().map(|platform| (platform.read)(variables));
    let prefix = facts.map(|facts| facts.prefix).find(|prefix| !prefix.is_empty()).unwrap_or_default();
    let notice = format!(
        "the environment is that of {names} at once: nobody is taken for the pusher, and no merge for one that the \
         server made. Unset the variables of the other one for this hook"
    );
    let pusher = Pusher { name: None, email: None, authenticated: false, platform: names, via: Via::Push };
    let budget = several.iter().filter_map(|platform| platform.budget).min();
    Server { pusher, source: None, repository: None, prefix, budget, notice: Some(notice) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(variables: &[(&str, &str)]) -> Server {
        of(&|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value)))
    }

    /// Platform, name, whether it is vouched for, and the way.
    fn told(variables: &[(&str, &str)]) -> (String, Option<String>, bool, Via) {
        let Pusher { name, authenticated, platform, via, .. } = on(variables).pusher;
        (platform, name, authenticated, via)
    }

    fn sure(platform: &str, name: &str, via: Via) -> (String, Option<String>, bool, Via) {
        (platform.to_owned(), Some(name.to_owned()), true, via)
    }

    #[test]
    fn the_platform_knows_better_than_the_account() {
        let alice = [("USER", "git"), ("GL_USERNAME", "alice")];
        assert_eq!(told(&alice), sure("GitLab", "alice", Via::Push));
        let Actor { name, source, authenticated } = on(&alice).actor();
        assert_eq!((name.as_str(), source.as_str(), authenticated), ("alice", "GL_USERNAME", true));
        let git = on(&[("USER", "git"), ("GL_USERNAME", " ")]).actor();
        assert_eq!((git.name.as_str(), git.source.as_str(), git.authenticated), ("git", "USER", false));
        assert!(!on(&[]).actor().is_known());
    }

    #[test]
    fn gitlab() {
        let over = |protocol| {
            [
                ("GL_ID", "user-3"),
                ("GL_USERNAME", "alice"),
                ("GL_PROTOCOL", protocol),
                ("GL_PROJECT_PATH", "group/project"),
                ("GL_REPOSITORY", "project-7"),
            ]
        };
        assert_eq!(told(&over("ssh")), sure("GitLab", "alice", Via::Push));
        assert_eq!(told(&over("http")), sure("GitLab", "alice", Via::Push));
        assert_eq!(told(&over("web")), sure("GitLab", "alice", Via::Merge));
        let server = on(&over("ssh"));
        assert_eq!((server.prefix, server.repository.as_deref()), ("GL-HOOK-ERR: ", Some("group/project")));
        // A user may be called like the id of a key; no user is called like this.
        assert_eq!(told(&[("GL_ID", "key-12")]), sure("GitLab", "GL_ID key-12", Via::Push));
        assert_eq!(on(&[("GL_USERNAME", "alice")]).prefix, "");
    }

    #[test]
    fn gitea() {
        let of = |more: &[(&'static str, &'static str)]| {
            let mut all = vec![
                ("GITEA_REPO_NAME", "project"),
                ("GITEA_REPO_USER_NAME", "owner"),
                ("GITEA_PUSHER_NAME", "alice"),
                ("GITEA_PUSHER_EMAIL", "alice@example.com"),
                ("GITEA_DEPLOY_KEY_ID", "0"),
            ];
            all.extend(more);
            all
        };
        let name = "Gitea or Forgejo";
        assert_eq!(told(&of(&[("GITEA_PR_ID", "0")])), sure(name, "alice", Via::Push));
        assert_eq!(told(&of(&[("GITEA_PR_ID", "7")])), sure(name, "alice", Via::Merge));
        let merge = [("GITEA_PR_ID", "7"), ("GITEA_PUSH_TRIGGER", "pr-merge-to-base")];
        assert_eq!(told(&of(&merge)), sure(name, "alice", Via::Merge));
        let update = [("GITEA_PR_ID", "7"), ("GITEA_PUSH_TRIGGER", "pr-update-with-base")];
        assert_eq!(told(&of(&update)), sure(name, "alice", Via::Push));
        assert_eq!(told(&of(&[("GITEA_INTERNAL_PUSH", "true")])), sure(name, "alice", Via::Internal));
        let server = on(&of(&[]));
        assert_eq!(server.repository.as_deref(), Some("owner/project"));
        assert_eq!(server.pusher.email.as_deref(), Some("alice@example.com"));
        // With a deploy key Gitea names the owner of the repository, who has not pushed.
        let key = [("GITEA_PUSHER_NAME", "owner"), ("GITEA_DEPLOY_KEY_ID", "7")];
        assert_eq!(told(&key), sure(name, "deploy key 7", Via::Push));
        assert_eq!(on(&key).pusher.email, None);
    }

    #[test]
    fn github_enterprise_server() {
        let via = |via| {
            told(&[
                ("GITHUB_USER_LOGIN", "octocat"),
                ("GITHUB_REPO_NAME", "octo-org/hello"),
                ("GITHUB_VIA", via),
            ])
        };
        let name = "GitHub Enterprise Server";
        for merge in ["merge", "pull request merge api", "pull request merge button"] {
            assert_eq!(via(merge), sure(name, "octocat", Via::Merge), "{merge}");
        }
        for push in
            ["", "blob#save", "branch merge api", "git refs update api", "merge base into head", "Merge"]
        {
            assert_eq!(via(push), sure(name, "octocat", Via::Push), "{push}");
        }
    }

    #[test]
    fn gitolite_and_bare_repositories() {
        let gitolite = [("GL_USER", "alice"), ("GL_REPO", "project"), ("REMOTE_USER", "alice")];
        assert_eq!(told(&gitolite), sure("gitolite", "alice", Via::Push));
        assert_eq!(on(&gitolite).repository.as_deref(), Some("project"));
        assert_eq!(on(&gitolite).prefix, "");
        assert_eq!(told(&[("REMOTE_USER", "alice"), ("USER", "www")]), sure("bare Git", "alice", Via::Push));
        let account = ("bare Git".to_owned(), Some("bob".to_owned()), false, Via::Push);
        assert_eq!(told(&[("USER", "bob")]), account);
    }

    #[test]
    fn a_policy_can_name_every_server_and_github_has_little_time() {
        let known: Vec<&str> = PLATFORMS.iter().map(|platform| platform.id).collect();
        let mut named: Vec<&str> = gatepost_core::server::PLATFORMS.to_vec();
        named.retain(|id| *id != "auto");
        named.sort_by_key(|id| known.iter().position(|other| other == id));
        assert_eq!(known, named);
        let github = on(&[("GITHUB_USER_LOGIN", "octocat")]);
        let gitlab = on(&[("GL_ID", "user-3")]);
        let second = Duration::from_secs(1);
        assert_eq!(github.budget(Budget::Auto), Some(Duration::from_millis(4_500)));
        assert_eq!((github.budget(Budget::None), gitlab.budget(Budget::Auto)), (None, None));
        assert_eq!(gitlab.budget(Budget::Limited(second)), Some(second));
        let both = on(&[("GITHUB_USER_LOGIN", "octocat"), ("GL_ID", "user-3")]);
        assert_eq!(both.budget(Budget::Auto), github.budget(Budget::Auto));
    }

    #[test]
    fn two_servers_at_once_vouch_for_nobody() {
        let both =
            [("GL_ID", "user-3"), ("GL_USERNAME", "alice"), ("GL_PROTOCOL", "web"), ("GITEA_PR_ID", "7")];
        let server = on(&both);
        assert_eq!(
            (server.pusher.name, server.pusher.authenticated, server.pusher.via),
            (None, false, Via::Push)
        );
        assert_eq!(server.prefix, "GL-HOOK-ERR: ");
        assert!(server.notice.unwrap().contains("GitLab and Gitea"));
        let gitolite = [("GL_USER", "alice"), ("GL_ID", "user-3"), ("GL_USERNAME", "bob")];
        assert!(!told(&gitolite).2, "{:?}", told(&gitolite));
    }
}
