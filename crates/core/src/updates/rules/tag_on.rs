//! The branches that a tag must stand on.

use super::super::judge::of_block;
use super::super::subject::{Complaint, Subject};
use super::super::versions::in_branch;
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-032",
        name: "tag-off-branch",
        severity: Severity::High,
        summary: "A tag stands on none of the branches that it must stand on, or on one of another line.",
        why: "What is released from a branch that nobody protects has passed none of the gates that a release rests on.",
        fix: "Bring the commit to such a branch first, then tag it there: `git switch main && git pull && git tag -a NAME`.",
        fires: "git tag -a v1.5.0 release/1.4 && git push origin v1.5.0",
        silent: "git tag -a v1.4.3 release/1.4 && git push origin v1.4.3",
    },
    levels: |block| of_block(block, !block.naming.on.is_empty()),
    in_ci: false,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    let Some(tip) = moved.tip()?.filter(|_| moved.update.name.tag().is_some()) else { return Ok(Vec::new()) };
    let Some(commit) = &tip.commit else {
        let message =
            format!("the {} leads to {}, which is no commit and on no branch", moved.named(), tip.id.short());
        return Ok(vec![Complaint::new(message)]);
    };
    let branches = moved.branches_with(&commit.id, |name| subject.block.naming.is_on(name))?;
    if branches.is_empty() {
        let on = subject.block.block.naming.on.join(", ");
        let message =
            format!("the {} stands on {}, which none of {on} has", moved.named(), commit.id.short());
        return Ok(vec![
            Complaint::new(message)
                .fix("bring the commit to one of these branches first, or tag the one that came of it there")
                .fix(format!("to see where it is: git branch -r --contains {}", commit.id.short())),
        ]);
    }
    let Some(tagged) = moved.tagged() else { return Ok(Vec::new()) };
    // A branch that names a line has versions of that line; the cut of a release is on main as well.
    let is_of_line = |name| in_branch(name).is_none_or(|line| line.is_of_line(&tagged.version));
    if branches.iter().any(|(name, _)| is_of_line(name)) {
        return Ok(Vec::new());
    }
    let names: Vec<String> = branches.iter().map(|(name, _)| name.shown().into_owned()).collect();
    let lines: Vec<String> =
        branches.iter().filter_map(|(name, _)| in_branch(name)).map(|version| version.line()).collect();
    let message = format!(
        "the {} stands on {} alone, where versions are {}.*",
        moved.named(),
        names.join(", "),
        lines.join(".* or ")
    );
    Ok(vec![
        Complaint::new(message)
            .fix("tag the next version of that line, or a commit of the branch that this version is for"),
    ])
}
