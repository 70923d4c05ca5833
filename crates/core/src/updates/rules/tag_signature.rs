//! The signatures of tags.

use super::super::judge::of_block;
use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;
use crate::signature::SignatureLevel;
use crate::text::shell_word;
use crate::{Signature, SignatureState};

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-041",
        name: "tag-signature",
        severity: Severity::High,
        summary: "A tag is not signed as the policy demands.",
        why: "A version is what somebody says it is: only a signature by a known key says who did.",
        fix: "Make the tag anew with a signature and push it again: `git tag -s -f TAG TAG^{}`.",
        fires: "git tag v1.4.2, where the policy takes trusted ones",
        silent: "git tag -s v1.4.2, by a key of the allowed signers",
    },
    levels: |block| of_block(block, block.tag_signatures > SignatureLevel::Any),
    in_ci: false,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    let (Some(tip), Some(_)) = (moved.tip()?, moved.update.name.tag()) else { return Ok(Vec::new()) };
    let signature = match tip.tags.first() {
        Some(tag) => moved.push.history.signatures(&[tag.id])?.pop().unwrap_or_else(Signature::unsigned),
        None => Signature::unsigned().because("it is a lightweight tag"),
    };
    if signature.meets(subject.block.block.tag_signatures) {
        return Ok(Vec::new());
    }
    let tag = shell_word(&moved.short());
    let sign = format!("git tag -s -f {tag} {tag}^{{}}");
    let complaint = Complaint::new(format!("the {} {signature}", moved.named()));
    Ok(vec![match signature.state {
        SignatureState::Unsigned | SignatureState::Bad => complaint.fix(sign),
        _ => complaint.fix(signature.advice()).fix(sign),
    }])
}
