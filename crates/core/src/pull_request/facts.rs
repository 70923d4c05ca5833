//! What a forge says of a pull request (GitLab: merge request), as far as the CI system passes it on. Untrusted text.

use crate::RefName;

/// Something that is known, or the reason why it is not. Nobody may take "was not told" for "there is none".
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fact<T> {
    /// It was told.
    Known(T),
    /// It was not.
    Unknown(Unknown),
}

/// Why something is not known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unknown {
    /// The reason, as a sentence without its full stop: `Azure Pipelines tells no labels`.
    pub why: String,
    /// What to do about it.
    pub fix: String,
}

/// The description of a pull request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Body {
    /// The text, as far as it was told.
    pub text: String,
    /// Why there is more of it than was told; `None`: this is all of it.
    pub cut: Option<Unknown>,
}

/// A pull request. What of it is to be merged are the commits of the change set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PullRequest {
    /// What to call it: `pull request #12`, `merge request !5`.
    pub name: String,
    /// The title. With squash merges it becomes the header of the commit.
    pub title: Fact<String>,
    /// The description.
    pub body: Fact<Body>,
    /// The labels.
    pub labels: Fact<Vec<String>>,
    /// Whether it is marked as not ready.
    pub draft: Fact<bool>,
    /// The branches of the repository, as far as the clone has them, by the names that they have on the server: `refs/heads/release/1.6`.
    pub branches: Vec<RefName>,
}

impl<T> Fact<T> {
    /// What is known.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(fact) => Some(fact),
            Self::Unknown(_) => None,
        }
    }

    /// What is known, or why nothing is.
    ///
    /// # Errors
    ///
    /// The reason why it is not known.
    pub const fn get(&self) -> Result<&T, &Unknown> {
        match self {
            Self::Known(fact) => Ok(fact),
            Self::Unknown(unknown) => Err(unknown),
        }
    }

    /// A fact that was not told.
    pub fn unknown(why: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Unknown(Unknown { why: why.into(), fix: fix.into() })
    }
}
