//! The signatures of commits.

use super::super::judge::of_block;
use super::super::subject::named;
use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;
use crate::signature::SignatureLevel;
use crate::{Commit, ObjectId, SignatureState, Via};
use std::sync::Arc;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-040",
        name: "commit-signature",
        severity: Severity::High,
        summary: "A commit that arrives is not signed as the policy demands.",
        why: "Anybody can write any name into a commit: only a signature by a known key says who made it.",
        fix: "Sign it and push again: `git commit --amend --no-edit -S`, or `git rebase --exec 'git commit --amend --no-edit -S' origin/main` for several.",
        fires: "a commit without a signature, where the policy takes trusted ones",
        silent: "a commit signed by a key of the allowed signers",
    },
    levels: |block| of_block(block, block.commit_signatures > SignatureLevel::Any),
    in_ci: true,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let level = subject.block.block.commit_signatures;
    let commits = arriving(subject)?;
    let ids: Vec<ObjectId> = commits.iter().map(|commit| commit.id).collect();
    let signatures = subject.moved.push.history.signatures(&ids)?;
    let mut complaints = Vec::new();
    for (commit, signature) in commits.iter().zip(signatures) {
        if signature.meets(level) {
            continue;
        }
        let complaint = Complaint::about(commit, format!("{} {signature}", named(commit)));
        let sign = |complaint: Complaint| complaint.fix(RULE.info.fix);
        complaints.push(match signature.state {
            SignatureState::Unsigned | SignatureState::Bad => sign(complaint),
            _ => sign(complaint.fix(signature.advice())),
        });
    }
    Ok(complaints)
}

/// The commits that come to the ref. That another branch has had one for long is no excuse: it may take what is unsigned, and
/// would be the way around. To a new ref they come past the refs that the same block is for; where there are none yet, past all.
fn arriving(subject: &Subject<'_>) -> Result<Vec<Arc<Commit>>, Unanswered> {
    let moved = subject.moved;
    let guarded =
        |name| subject.block.reach.is_for(name, Via::Push) || subject.block.reach.is_for(name, Via::Merge);
    let refs = moved.push.refs.iter().filter(|reference| guarded(&reference.name));
    let held: Vec<ObjectId> = refs.map(|reference| reference.target).collect();
    let tip = moved.tip()?.and_then(|tip| tip.commit.as_ref());
    let (Some(tip), None, false) = (tip, moved.update.old, held.is_empty()) else {
        return Ok(moved.arriving()?.to_vec());
    };
    let history = moved.push.history;
    let mut commits = Vec::new();
    for id in history.commits(&[tip.id], &held)? {
        commits.extend(history.commit(&id)?);
    }
    Ok(commits)
}
