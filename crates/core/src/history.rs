//! What checks may ask of the repository that a change comes from: commits that are not new, trees, who builds on whom.
//!
//! Most rules need none of it, and some of it takes long. So it is not handed over but asked for, and whoever answers
//! looks it up then. A question that cannot be answered is no answer: it makes the run incomplete, and a push is refused.

use crate::patch::{self, PatchId};
use crate::{Change, Commit, ObjectId, Problem, RepoPath, Signature, SkipReason, Tag, TreeEntry};
use std::sync::Arc;

/// A question that the repository could not answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unanswered {
    /// What went wrong, and what to do about it.
    pub problem: Problem,
    /// How the coverage counts what could not be judged.
    pub reason: SkipReason,
}

/// A commit that no record says to have passed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unrecorded {
    /// Its id.
    pub commit: ObjectId,
    /// What there is instead, in words: `no record`.
    pub instead: String,
}

/// What a ref leads to, past its annotated tags.
#[derive(Clone, Debug)]
pub struct Peeled {
    /// The annotated tags on the way, outermost first; none for a branch and for a lightweight tag.
    pub tags: Vec<Tag>,
    /// The object at the end.
    pub id: ObjectId,
    /// That object, where it is a commit; `None` for a tree and a blob.
    pub commit: Option<Arc<Commit>>,
}

/// Follows annotated tags: those on the way, and the object at the end. `tag` is the annotated tag of an id, or nothing.
///
/// # Errors
///
/// Whatever `tag` fails with.
pub fn follow_tags<E>(
    mut id: ObjectId,
    mut tag: impl FnMut(&ObjectId) -> Result<Option<Tag>, E>,
) -> Result<(Vec<Tag>, ObjectId), E> {
    let mut tags = Vec::new();
    // A tag can point at a tag; Git itself peels without a limit, and each step is another object.
    while let Some(found) = tag(&id)? {
        id = found.target;
        tags.push(found);
    }
    Ok((tags, id))
}

/// The questions. Answers are those of the stored objects: replace refs and grafts are not obeyed.
pub trait History {
    /// The commit of this id; `None` where the object is something else.
    ///
    /// # Errors
    ///
    /// When the object is missing or broken.
    fn commit(&self, id: &ObjectId) -> Result<Option<Arc<Commit>>, Unanswered>;

    /// The annotated tag of this id; `None` where the object is something else.
    ///
    /// # Errors
    ///
    /// When the object is missing or broken.
    fn tag(&self, id: &ObjectId) -> Result<Option<Tag>, Unanswered>;

    /// The commits reachable from `include` and not from `exclude`, parents before children. Ids of tags are peeled; ids
    /// of trees and blobs are ignored.
    ///
    /// # Errors
    ///
    /// When a commit is missing, or hidden by a shallow clone.
    fn commits(&self, include: &[ObjectId], exclude: &[ObjectId]) -> Result<Vec<ObjectId>, Unanswered>;

    /// The best common ancestors of two commits; none where their histories have nothing in common.
    ///
    /// # Errors
    ///
    /// As [`History::commits`].
    fn merge_bases(&self, one: &ObjectId, other: &ObjectId) -> Result<Vec<ObjectId>, Unanswered>;

    /// What a commit changes: the paths whose entry differs from the entry in every parent.
    ///
    /// # Errors
    ///
    /// When a tree is missing or broken.
    fn changes(&self, commit: &ObjectId) -> Result<Vec<Change>, Unanswered>;

    /// What is another in the tree of the commit `new` than in that of the commit `old`.
    ///
    /// # Errors
    ///
    /// When a tree is missing or broken.
    fn changes_between(&self, old: &ObjectId, new: &ObjectId) -> Result<Vec<Change>, Unanswered>;

    /// What stands at `path` in the tree of `commit`.
    ///
    /// # Errors
    ///
    /// When a tree is missing or broken.
    fn entry(&self, commit: &ObjectId, path: &RepoPath) -> Result<Option<TreeEntry>, Unanswered>;

    /// Every file in the tree of `commit`, sorted by path.
    ///
    /// # Errors
    ///
    /// When a tree is missing or broken.
    fn files(&self, commit: &ObjectId) -> Result<Vec<(RepoPath, TreeEntry)>, Unanswered>;

    /// The size of a blob in bytes.
    ///
    /// # Errors
    ///
    /// When it is missing or broken.
    fn blob_size(&self, id: &ObjectId) -> Result<u64, Unanswered>;

    /// A blob of at most `limit` bytes; `None` where it is larger.
    ///
    /// # Errors
    ///
    /// When it is missing or broken.
    fn blob(&self, id: &ObjectId, limit: u64) -> Result<Option<Vec<u8>>, Unanswered>;

    /// What the signatures of commits and annotated tags are worth, in the order of `ids`. Many at once are verified side by
    /// side.
    ///
    /// # Errors
    ///
    /// When an object is missing or broken, or the program that verifies its signature is missing or failed.
    fn signatures(&self, ids: &[ObjectId]) -> Result<Vec<Signature>, Unanswered>;

    /// Of some commits those that no record says to have passed a gate, in the order that they came in, with what there is
    /// instead.
    ///
    /// # Errors
    ///
    /// When there are no records to look into, or they cannot be believed.
    fn unrecorded(&self, commits: &[ObjectId]) -> Result<Vec<Unrecorded>, Unanswered> {
        let _ = commits;
        let problem = Problem {
            what: "there are no records to look into".to_owned(),
            place: None,
            fix: "judge where the gates leave their records".to_owned(),
        };
        Err(Unanswered { problem, reason: SkipReason::Missing })
    }

    /// What a commit changes, as the id of its patch; `None` where it changes nothing.
    ///
    /// # Errors
    ///
    /// When a tree or a blob is missing or broken.
    fn patch_id(&self, commit: &ObjectId) -> Result<Option<PatchId>, Unanswered> {
        patch::patch_id(&self.changes(commit)?, |id| self.blob(id, patch::LARGEST))
    }

    /// The id of the patch that takes a commit back.
    ///
    /// # Errors
    ///
    /// As [`History::patch_id`].
    fn reverse_patch_id(&self, commit: &ObjectId) -> Result<Option<PatchId>, Unanswered> {
        let mut changes = self.changes(commit)?;
        for change in &mut changes {
            std::mem::swap(&mut change.old, &mut change.new);
        }
        patch::patch_id(&changes, |id| self.blob(id, patch::LARGEST))
    }

    /// The commit of an id that somebody wrote down; `None` where it names none, or nothing that is here: anybody can type
    /// a line.
    ///
    /// # Errors
    ///
    /// When the object is broken, or cannot be looked for.
    fn named_commit(&self, id: &ObjectId) -> Result<Option<Arc<Commit>>, Unanswered> {
        match self.commit(id) {
            Err(unanswered) if unanswered.reason == SkipReason::Missing => Ok(None),
            answer => answer,
        }
    }

    /// Follows annotated tags to what they lead to.
    ///
    /// # Errors
    ///
    /// When an object on the way is missing or broken.
    fn peel(&self, id: &ObjectId) -> Result<Peeled, Unanswered> {
        let (tags, id) = follow_tags(*id, |id| self.tag(id))?;
        let commit = self.commit(&id)?;
        Ok(Peeled { tags, id, commit })
    }

    /// Whether `descendant` is `ancestor` or builds on it.
    ///
    /// # Errors
    ///
    /// As [`History::commits`].
    fn is_ancestor(&self, ancestor: &ObjectId, descendant: &ObjectId) -> Result<bool, Unanswered> {
        Ok(ancestor == descendant || self.commits(&[*ancestor], &[*descendant])?.is_empty())
    }
}
