//! The addresses of taggers.

use super::super::judge::of_block;
use super::super::subject::{Complaint, Subject, address};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-036",
        name: "tagger-email",
        severity: Severity::Medium,
        summary: "The address of a tag's tagger is none that the policy takes.",
        why: "Who made a release must be somebody whom an audit can ask; where the pipeline alone makes tags, it is the pipeline's address.",
        fix: "Set the address and make the tag anew: `git config user.email ADDRESS && git tag -f -a NAME -m 'Release NAME' NAME^{}`.",
        fires: "me@laptop.local, where the policy takes release@example\\.com",
        silent: "release@example.com, where the policy takes release@example\\.com",
    },
    levels: |block| of_block(block, !block.naming.tagger_email.is_empty()),
    in_ci: false,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let (moved, patterns) = (subject.moved, &subject.block.naming.tagger_email);
    // What has no tagger since it is no object is for `annotated` to say.
    let Some(tag) = moved.tip()?.and_then(|tip| tip.tags.first()) else { return Ok(Vec::new()) };
    let message = match &tag.tagger {
        None => format!("the {} does not say who made it", moved.named()),
        Some(tagger) => {
            let email = String::from_utf8_lossy(&tagger.email);
            if patterns.iter().any(|pattern| pattern.is_match(&email)) {
                return Ok(Vec::new());
            }
            format!("the {} was made by {}, whom the policy does not take", moved.named(), address(tagger))
        }
    };
    let takes = subject.block.block.naming.tagger_email.join(" or ");
    Ok(vec![
        Complaint::new(message).fix(RULE.info.fix).fix(format!("the policy takes addresses like {takes}")),
    ])
}
