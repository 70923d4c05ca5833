//! What a release brings: the commits since the one before it.

use super::subject::Subject;
use super::versions::Release;
use crate::history::Unanswered;
use crate::text::Version;
use crate::{Commit, ObjectId};
use std::collections::HashSet;
use std::sync::Arc;

/// The greatest release in the history of the commit that is less than `version`; pre-releases are on the way to one.
pub(super) fn last_release<'a>(
    subject: &Subject<'a>,
    commit: &ObjectId,
    series: &str,
    version: &Version,
) -> Result<Option<Release<'a>>, Unanswered> {
    let is_before = |release: &Release<'_>| {
        let older = &release.version;
        older.is_semver() == version.is_semver() && older.pre_release().is_empty() && older < version
    };
    let mut releases: Vec<Release<'a>> = subject.moved.releases(series);
    releases.retain(is_before);
    let targets: Vec<ObjectId> = releases.iter().map(|release| release.target).collect();
    let before = subject.moved.in_history(&targets, commit)?;
    let releases = releases.into_iter().filter(|release| before.contains(&release.target));
    Ok(releases.max_by(|one, other| one.version.cmp(&other.version)))
}

/// The commits since a release that are no merges, newest first, without those that another one of them took back.
pub(super) fn since(
    subject: &Subject<'_>,
    commit: &ObjectId,
    last: &ObjectId,
) -> Result<Vec<Arc<Commit>>, Unanswered> {
    let history = subject.moved.push.history;
    let (mut commits, mut reverted) = (Vec::new(), HashSet::new());
    for id in history.commits(&[*commit], &[*last])?.into_iter().rev() {
        let Some(found) = history.commit(&id)?.filter(|found| found.parents.len() < 2) else { continue };
        // A revert that was itself taken back takes nothing back.
        if reverted.contains(&id) {
            continue;
        }
        let taken_back = reverts(&found.message);
        if taken_back.is_empty() {
            commits.push(found);
        } else {
            reverted.extend(taken_back);
        }
    }
    Ok(commits)
}

/// The commits that a message says it takes back (git-revert(1)).
fn reverts(message: &[u8]) -> Vec<ObjectId> {
    let lines = message.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let id = |line: &[u8]| {
        let rest = line.strip_prefix(b"This reverts commit ")?;
        let end = rest.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(rest.len());
        ObjectId::from_hex(rest.get(..end)?)
    };
    lines.filter_map(id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revert_names_what_it_takes_back() {
        let line = format!("Revert \"feat: a\"\n\nThis reverts commit {}.\n", "1".repeat(40));
        assert_eq!(reverts(line.as_bytes()).len(), 1);
    }
}
