//! Who pushes, and how, as far as the server around Git says. Git itself knows no pusher.

use crate::RefName;

/// Who pushes, and how.
///
/// All of it comes from variables that the server sets, never from what a pusher wrote. Where the server says nothing,
/// or two servers speak at once, this is the reading that allows least: nobody in particular, by an ordinary push.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pusher {
    /// The name by which the server knows them; `None` where nothing names them.
    pub name: Option<String>,
    /// Their e-mail address, where the server tells it.
    pub email: Option<String>,
    /// Whether the server has asked for a password or a key, and vouches for the name. A name without that (the account
    /// that a process runs under) is for records, and opens nothing.
    pub authenticated: bool,
    /// The server: `GitLab`, `Gitea or Forgejo`, `gitolite`, …
    pub platform: String,
    /// By what way the change comes.
    pub via: Via,
}

impl Pusher {
    /// Whether the server vouches for it that `name` pushes.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.authenticated && self.name.as_deref() == Some(name)
    }
}

impl Pusher {
    /// By what way a ref moves: where the server keeps its own books, a branch or a tag is none of them, and is pushed to.
    #[must_use]
    pub fn way(&self, name: &RefName) -> Via {
        let is_book = name.branch().is_none() && name.tag().is_none();
        if self.via == Via::Internal && !is_book { Via::Push } else { self.via }
    }
}

/// By what way a change comes to a server.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Via {
    /// A push, an edit in the browser, a call of an API: somebody moves a ref.
    #[default]
    Push,
    /// The server merges a request that it keeps: the merge button, or the call that stands for it.
    Merge,
    /// The server keeps its own books (`refs/pull/*` of Gitea).
    Internal,
}

impl Via {
    /// The word of policies and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Merge => "merge",
            Self::Internal => "internal",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_nobody_vouches_for_is_nobody() {
        let mut pusher = Pusher {
            name: Some("alice".to_owned()),
            email: None,
            authenticated: true,
            platform: "gitolite".to_owned(),
            via: Via::default(),
        };
        assert!(pusher.is("alice") && !pusher.is("Alice"));
        pusher.via = Via::Internal;
        assert_eq!(pusher.way(&RefName::from("refs/pull/7/head")), Via::Internal);
        assert_eq!(pusher.way(&RefName::from("refs/heads/main")), Via::Push);
        pusher.authenticated = false;
        assert!(!pusher.is("alice"));
    }
}
