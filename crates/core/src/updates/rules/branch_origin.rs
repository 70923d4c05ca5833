//! Where branches begin.

use super::super::judge::of_block;
use super::super::naming::{StartsAt, Word};
use super::super::subject::{Complaint, Subject, named};
use super::super::versions::{in_branch, short_tag};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;
use crate::text::{Tagged, Version};
use crate::{ObjectId, RefName};
use std::collections::HashSet;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-038",
        name: "branch-origin",
        severity: Severity::Medium,
        summary: "A branch begins elsewhere than the policy says: a hotfix beside its release tag, a release beside main.",
        why: "A hotfix that is cut from main ships everything that has landed there since; a release that is cut beside main ships what nobody has integrated.",
        fix: "Begin it where it belongs and bring your commits there: `git rebase --onto v1.4.2 origin/main BRANCH`.",
        fires: "git push origin main:refs/heads/hotfix/1.4.2-ABC-7",
        silent: "git push origin v1.4.2^{}:refs/heads/hotfix/1.4.2-ABC-7",
    },
    levels: |block| of_block(block, !block.naming.starts_at.is_empty()),
    in_ci: false,
    judge,
};

/// A ref that a branch may begin at, and the commit that it leads to.
struct Origin<'a> {
    name: &'a RefName,
    commit: ObjectId,
}

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    // Once, when it is made: later its origin may have been forgotten, merged away or deleted.
    if moved.update.old.is_some() || moved.update.name.branch().is_none() {
        return Ok(Vec::new());
    }
    let Some(tip) = moved.tip()?.and_then(|tip| tip.commit.as_ref()).map(|commit| commit.id) else {
        return Ok(Vec::new());
    };
    let (mut reasons, mut steps) = (Vec::new(), Vec::new());
    for start in &subject.block.naming.starts_at {
        let origins = match origins(subject, start)? {
            Ok(origins) => origins,
            Err(reason) => {
                reasons.push(reason);
                continue;
            }
        };
        let near = if origins.len() == 1 { None } else { Some(near(subject, tip)?) };
        for origin in &origins {
            // Of many tags most are far away, and need no walk to tell.
            if near.as_ref().is_some_and(|near| origin.name.tag().is_some() && !near.contains(&origin.commit))
            {
                continue;
            }
            let Some(reason) = elsewhere(subject, origin, &tip)? else { return Ok(Vec::new()) };
            // Of many tags one is meant, and nobody can tell which.
            if origins.len() == 1 {
                reasons.push(reason);
                let name = origin.name.shown();
                steps.push(format!(
                    "begin it at {name}: git switch -c NEW-BRANCH {name}, then git cherry-pick your commits"
                ));
            }
        }
        if origins.len() != 1 {
            reasons.push(format!("it begins at none of {}", start.source));
        }
    }
    let message = format!("the {} begins elsewhere: {}", moved.named(), reasons.join("; "));
    let complaint = steps.into_iter().fold(Complaint::new(message), Complaint::fix);
    Ok(vec![complaint])
}

/// Where a branch can have begun: its tip, what arrives with it, and what that builds on.
fn near(subject: &Subject<'_>, tip: ObjectId) -> Result<HashSet<ObjectId>, Unanswered> {
    let arriving = subject.moved.arriving()?.iter();
    let ids = arriving.flat_map(|commit| commit.parents.iter().copied().chain([commit.id]));
    Ok(ids.chain([tip]).collect())
}

/// The refs that a pattern is for, for this branch; or why there is none.
fn origins<'a>(
    subject: &Subject<'a>,
    start: &StartsAt,
) -> Result<Result<Vec<Origin<'a>>, String>, Unanswered> {
    let moved = subject.moved;
    let of_form = moved.all_refs().filter(|(name, ..)| start.is_of_form(name) && **name != moved.update.name);
    let mut refs: Vec<(&RefName, ObjectId)> = of_form.map(|(name, target, _)| (name, target)).collect();
    let version = in_branch(&moved.update.name);
    if let (Some((before, word, behind)), Some(version)) = (&start.word, &version) {
        let found = |name: &RefName| found_version(name, before, behind);
        match word {
            Word::Version => refs.retain(|(name, _)| found(name).is_some_and(|found| found == *version)),
            Word::Previous => {
                let is_before = |found: &Version| {
                    found.is_of_line(version) && found < version && found.pre_release().is_empty()
                };
                let last = refs.iter().filter_map(|(name, _)| found(name).filter(is_before)).max();
                refs.retain(|(name, _)| found(name).is_some_and(|found| Some(&found) == last.as_ref()));
            }
        }
    }
    let mut origins = Vec::new();
    for (name, target) in refs {
        if let Some(commit) = moved.push.history.peel(&target)?.commit {
            origins.push(Origin { name, commit: commit.id });
        }
    }
    if origins.is_empty() {
        let of = match (&start.word, version) {
            (Some((_, Word::Version, _)), Some(version)) => format!(" for the version {version}"),
            (Some((_, Word::Previous, _)), Some(version)) => {
                format!(" for a release before {version} in the line {}", version.line())
            }
            _ => String::new(),
        };
        return Ok(Err(format!("there is no {}{of}", start.source)));
    }
    Ok(Ok(origins))
}

/// The version in the name of a ref, between what stands before and behind it in a pattern.
fn found_version(name: &RefName, before: &str, behind: &str) -> Option<Version> {
    let text = std::str::from_utf8(name.as_bytes()).ok()?;
    // A pattern may have globs beside its word; then it is the version at the end of the tag that counts.
    let exact = text.strip_prefix(before).and_then(|rest| rest.strip_suffix(behind)).and_then(Version::new);
    exact.or_else(|| Some(Tagged::new(short_tag(name)?)?.version))
}

/// Why a branch does not begin at an origin; `None` where it does.
///
/// Its own commits are those that the origin does not have, and they are new to the repository: what another branch has comes
/// from there. Before them stands one commit: that of the tag, or one of the branch's own line.
fn elsewhere(
    subject: &Subject<'_>,
    origin: &Origin<'_>,
    tip: &ObjectId,
) -> Result<Option<String>, Unanswered> {
    let moved = subject.moved;
    let history = moved.push.history;
    let name = origin.name.shown();
    let own: HashSet<ObjectId> = history.commits(&[*tip], &[origin.commit])?.into_iter().collect();
    let mut starts: HashSet<ObjectId> = HashSet::new();
    if own.is_empty() {
        starts.insert(*tip);
    }
    for id in &own {
        let Some(commit) = history.commit(id)? else { continue };
        if commit.parents.is_empty() {
            return Ok(Some(format!("it has nothing in common with {name}")));
        }
        starts.extend(commit.parents.iter().filter(|parent| !own.contains(parent)));
    }
    let arriving: HashSet<ObjectId> = moved.arriving()?.iter().map(|commit| commit.id).collect();
    let foreign = own.iter().filter(|id| !arriving.contains(id)).count();
    if foreign > 0 {
        let them = if foreign == 1 { "1 commit".to_owned() } else { format!("{foreign} commits") };
        return Ok(Some(format!("{them} of it that {name} does not have came from other branches")));
    }
    let mut starts = starts.into_iter();
    let (Some(start), None) = (starts.next(), starts.next()) else {
        return Ok(Some(format!("it leaves {name} at more than one commit")));
    };
    let is_there = match origin.name.tag() {
        Some(_) => start == origin.commit,
        None => is_on_own_line(subject, &start, &origin.commit)?,
    };
    if is_there {
        return Ok(None);
    }
    let shown = history.commit(&start)?.map_or_else(|| start.short(), |commit| named(&commit));
    let where_ = if origin.name.tag().is_some() { "which is not" } else { "which is not on the own line of" };
    Ok(Some(format!("it begins at {shown}, {where_} {name}")))
}

/// Whether a commit is on the line of first parents of a tip.
fn is_on_own_line(subject: &Subject<'_>, commit: &ObjectId, tip: &ObjectId) -> Result<bool, Unanswered> {
    let history = subject.moved.push.history;
    let since: HashSet<ObjectId> = history.commits(&[*tip], &[*commit])?.into_iter().collect();
    let mut next = *tip;
    while next != *commit {
        if !since.contains(&next) {
            return Ok(false);
        }
        let parent = history.commit(&next)?.and_then(|commit| commit.parents.first().copied());
        let Some(parent) = parent else { return Ok(false) };
        next = parent;
    }
    Ok(true)
}
