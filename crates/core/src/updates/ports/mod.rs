//! Forward-ports: what was fixed on a release or a hotfix branch and must not be broken again in the versions that follow.
//!
//! A branch owes each of its own commits to every target: the main line and the release lines that come after it. It has
//! paid where the target has the commit itself, by a merge, or a commit that says that it was picked (`git cherry-pick -x`)
//! **and** makes the same change, by its patch id. Anybody can type a line; and a change that merely looks the same leads
//! nowhere.

mod counterpart;
mod ledger;
mod owed;
mod own;

pub(super) use counterpart::reason;
pub(super) use ledger::Ledger;
pub(super) use owed::{Owed, about, complaint, fact, owed};

use super::reach::{Reach, ref_glob};
use crate::text::PathGlob;
use crate::{Commit, Finding, Level, ObjectId, RefName, RepoPath};
use std::sync::Arc;

/// What has become of a commit on a target.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PortState {
    /// It is there itself: a merge brought it.
    Merged,
    /// It is there as this commit, which was picked from it, from which it was picked, or which has its origin.
    Picked(ObjectId),
    /// It is there as this commit, which differs and says why.
    Resolved(ObjectId, String),
    /// Another commit of the branch takes it back, or it takes another one back.
    Reverted(ObjectId),
    /// This commit says that it is its counterpart, and makes another change.
    Differs(ObjectId),
    /// This commit makes the same change, and does not say where it comes from.
    Unnamed(ObjectId),
    /// This merge brought the commit, and took nothing of its branch.
    Dropped(ObjectId),
    /// Nothing is there.
    Missing,
}

impl PortState {
    /// Whether the branch still owes it.
    #[must_use]
    pub const fn is_owed(&self) -> bool {
        matches!(self, Self::Differs(_) | Self::Unnamed(_) | Self::Dropped(_) | Self::Missing)
    }

    /// One word for it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Merged => "merged",
            Self::Picked(_) => "picked",
            Self::Resolved(..) => "conflict-resolved",
            Self::Reverted(_) => "reverted",
            Self::Differs(_) => "differs",
            Self::Unnamed(_) => "without-origin",
            Self::Dropped(_) => "merged-without-changes",
            Self::Missing => "missing",
        }
    }

    /// The other commit that it is about.
    #[must_use]
    pub const fn other(&self) -> Option<ObjectId> {
        match self {
            Self::Picked(id)
            | Self::Resolved(id, _)
            | Self::Reverted(id)
            | Self::Differs(id)
            | Self::Unnamed(id)
            | Self::Dropped(id) => Some(*id),
            Self::Merged | Self::Missing => None,
        }
    }
}

/// One commit of a branch, and one target.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Row {
    pub(super) commit: Arc<Commit>,
    pub(super) from: RefName,
    pub(super) to: RefName,
    pub(super) state: PortState,
}

/// A row of the list of what is owed.
#[derive(Clone, Debug)]
pub struct Port {
    /// The commit.
    pub commit: Arc<Commit>,
    /// The branch that has it.
    pub from: RefName,
    /// The branch that it belongs to as well.
    pub to: RefName,
    /// What has become of it there.
    pub state: PortState,
    /// What its absence means; of what is there, nothing.
    pub level: Level,
    /// The finding that the deletion of the branch would be refused with, where it is owed.
    pub finding: Option<Finding>,
}

/// The targets of a block.
#[derive(Debug)]
pub(super) struct Ports {
    targets: Vec<PathGlob>,
    active: Vec<PathGlob>,
}

impl Ports {
    /// Compiles `forward-port-to` and `active-lines`; `None` where nothing must be ported.
    pub(super) fn new(targets: &[String], active: &[String]) -> Result<Option<Self>, String> {
        let short = targets.iter().chain(active).find(|glob| !glob.starts_with("refs/heads/"));
        if let Some(short) = short {
            return Err(format!("no branch has a name like `{short}`: write refs/heads/{short}"));
        }
        let globs = |patterns: &[String]| patterns.iter().map(|p| ref_glob(p)).collect::<Result<Vec<_>, _>>();
        let (targets, active) = (globs(targets)?, globs(active)?);
        Ok((!targets.is_empty()).then_some(Self { targets, active }))
    }

    fn is_target(&self, name: &RefName) -> bool {
        is_any(&self.targets, name)
    }

    /// Whether a release line is still maintained.
    fn is_active(&self, name: &RefName) -> bool {
        self.active.is_empty() || is_any(&self.active, name)
    }
}

fn is_any(globs: &[PathGlob], name: &RefName) -> bool {
    let path = RepoPath::new(name.as_bytes());
    name.branch().is_some() && globs.iter().any(|glob| glob.is_match(&path))
}

/// Whether a block has something to say of a branch, whoever moves it.
pub(super) fn is_from(reach: &Reach, name: &RefName) -> bool {
    name.branch().is_some() && reach.matches(name)
}
