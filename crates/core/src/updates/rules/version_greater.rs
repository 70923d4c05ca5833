//! Versions that do not grow.

use super::super::subject::{Complaint, Subject};
use super::super::versions::{Release, in_branch};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;
use crate::text::Version;
use crate::{ObjectId, RefName};

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-033",
        name: "version-not-greater",
        severity: Severity::Medium,
        summary: "A version is not greater than those before it in its line.",
        why: "Whoever takes the greatest version takes the newest code; a version that goes back is never installed, or replaces what is newer.",
        fix: "Tag the next version of the line: `git tag -a NEXT -m 'Release NEXT' COMMIT`.",
        fires: "git push origin v1.4.1 (where v1.4.2 is there)",
        silent: "git push origin v1.4.3 (where v1.4.2 and v2.0.0 are there, and it is on release/1.4)",
    },
    levels: |block| block.naming.increasing.clone(),
    in_ci: false,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    let (Some(commit), Some(tagged)) = (subject.tagged_commit()?, moved.tagged()) else {
        return Ok(Vec::new());
    };
    let version = &tagged.version;
    let mut greater: Vec<Release<'_>> =
        moved.releases(tagged.series).into_iter().filter(|release| release.version >= *version).collect();
    greater.sort_by(|one, other| other.version.cmp(&one.version));
    let targets: Vec<ObjectId> = greater.iter().map(|release| release.target).collect();
    let before = moved.in_history(&targets, &commit)?;
    let branch = if before.is_empty() { own_branch(subject, &commit, version)? } else { None };
    let on_branch = match &branch {
        Some((_, tip)) => moved.in_history(&targets, tip)?,
        None => Default::default(),
    };
    for release in &greater {
        let is_same = release.version == *version;
        let place = if before.contains(&release.target) && (is_same || !is_at(subject, release, &commit)?) {
            "in the history of its commit".to_owned()
        } else if release.is_new {
            // Of what comes in one push nothing was there first, but what the other builds on.
            continue;
        } else if release.version.is_of_line(version) {
            format!("in the line {}", version.line())
        } else if let Some((name, _)) = branch.as_ref().filter(|_| on_branch.contains(&release.target)) {
            format!("on {}", name.shown())
        } else {
            continue;
        };
        let how = if is_same { "is the same version as" } else { "is less than" };
        let message = format!("the {} {how} {}, which is there {place}", moved.named(), release.name.shown());
        return Ok(vec![
            Complaint::new(message).fix(format!("tag a version after {}", release.name.shown())),
        ]);
    }
    Ok(Vec::new())
}

/// Whether a release of the same push, or of the refs that are there, names the very commit: `v1.4.2-rc.1` and `v1.4.2`.
fn is_at(subject: &Subject<'_>, release: &Release<'_>, commit: &ObjectId) -> Result<bool, Unanswered> {
    if !release.is_new {
        return Ok(false);
    }
    let peeled = subject.moved.push.history.peel(&release.target)?;
    Ok(peeled.commit.is_some_and(|found| found.id == *commit))
}

/// The branch of `on` whose versions the tag must follow: one that is of no line of its own, where the commit is on none that
/// is of the version's.
fn own_branch<'a>(
    subject: &Subject<'a>,
    commit: &ObjectId,
    version: &Version,
) -> Result<Option<(&'a RefName, ObjectId)>, Unanswered> {
    let moved = subject.moved;
    if moved.standing {
        return Ok(None);
    }
    let branches = moved.branches_with(commit, |name| subject.block.naming.is_on(name))?;
    let of_line = |name: &RefName| in_branch(name).is_some_and(|line| line.is_of_line(version));
    if branches.iter().any(|(name, _)| of_line(name)) {
        return Ok(None);
    }
    Ok(branches.into_iter().find(|(name, _)| in_branch(name).is_none()))
}
