//! Versions that say less than the commits since the last one.

use super::super::releases::{last_release, since};
use super::super::subject::{Complaint, Subject, named};
use super::UpdateRule;
use crate::Commit;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;
use crate::text::{Version, commit_type, shell_word};
use std::sync::Arc;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-034",
        name: "version-bump",
        severity: Severity::Medium,
        summary: "A version says less than the commits since the last one: a feature in a patch, a breaking change in a minor version.",
        why: "Whoever takes patches without looking relies on it that a patch holds compatible fixes and nothing else.",
        fix: "Tag the version that the commits demand: `git tag -a NEXT -m 'Release NEXT' COMMIT`.",
        fires: "git push origin v1.4.3 (with a commit `feat: add the export` since v1.4.2)",
        silent: "git push origin v1.5.0 (with a commit `feat: add the export` since v1.4.2)",
    },
    levels: |block| block.naming.bump.clone(),
    in_ci: false,
    judge,
};

/// How much a version says that has changed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Bump {
    Patch,
    Minor,
    Major,
}

impl Bump {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Minor => "minor version",
            Self::Major => "major version",
        }
    }

    /// What a version is, coming after another one.
    fn between(old: &Version, new: &Version) -> Self {
        if new.number(0) > old.number(0) {
            Self::Major
        } else if new.number(1) > old.number(1) {
            Self::Minor
        } else {
            Self::Patch
        }
    }

    /// What a commit demands of the version after `old`. Below 1.0.0 there is nothing to be compatible with: what breaks it
    /// takes the place of a minor version, and all else that of a patch.
    fn demanded(commit: &Commit, old: &Version) -> Self {
        let text = String::from_utf8_lossy(&commit.message);
        let kind = commit_type(&text);
        let (breaking, feature) =
            kind.map_or((false, false), |kind| (kind.breaking, kind.name.eq_ignore_ascii_case("feat")));
        match (old.number(0), breaking, feature) {
            (0, true, _) => Self::Minor,
            (0, false, _) | (_, false, false) => Self::Patch,
            (_, true, _) => Self::Major,
            (_, false, true) => Self::Minor,
        }
    }

    /// The least version after `old` that says so.
    fn of(self, old: &Version) -> String {
        let [major, minor, patch] = [0, 1, 2].map(|at| old.number(at));
        match self {
            Self::Major => format!("{}.0.0", major.saturating_add(1)),
            Self::Minor => format!("{major}.{}.0", minor.saturating_add(1)),
            Self::Patch => format!("{major}.{minor}.{}", patch.saturating_add(1)),
        }
    }
}

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    let (Some(commit), Some(tagged)) = (subject.tagged_commit()?, moved.tagged()) else {
        return Ok(Vec::new());
    };
    if !tagged.version.is_semver() {
        return Ok(Vec::new());
    }
    let Some(last) = last_release(subject, &commit, tagged.series, &tagged.version)? else {
        return Ok(Vec::new());
    };
    let bump = Bump::between(&last.version, &tagged.version);
    let commits = since(subject, &commit, &last.target)?;
    let demands = |commit: &Arc<Commit>| Bump::demanded(commit, &last.version);
    let Some(demanded) = commits.iter().map(demands).max().filter(|demanded| *demanded > bump) else {
        return Ok(Vec::new());
    };
    let those: Vec<&Arc<Commit>> = commits.iter().filter(|commit| demands(commit) == demanded).collect();
    let first = those.first().map(|commit| named(commit)).unwrap_or_default();
    let more = match those.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count.saturating_sub(1)),
    };
    let message = format!(
        "the {} is a {} after {}, and what came since demands a {}: {first}{more}",
        moved.named(),
        bump.as_str(),
        last.name.shown(),
        demanded.as_str()
    );
    let next = shell_word(&format!("{}{}", tagged.series, demanded.of(&last.version)));
    let fix = format!("git tag -a {next} -m \"Release {next}\" {} && git push origin {next}", commit.short());
    Ok(vec![Complaint::new(message).fix(fix)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ObjectId;

    #[test]
    fn commits_demand_versions() {
        let version = |text: &str| Version::new(text).unwrap();
        let demanded = |message: &str, old: &str| {
            let id = ObjectId::from_bytes(&[1; 20]).unwrap();
            let (author, committer) = Default::default();
            let message = message.as_bytes().to_vec();
            let commit =
                Commit { id, tree: id, parents: Vec::new(), author, committer, encoding: None, message };
            Bump::demanded(&commit, &version(old))
        };
        for (message, stable, young) in [
            ("fix: a", Bump::Patch, Bump::Patch),
            ("feat(api): a", Bump::Minor, Bump::Patch),
            ("Feat: a", Bump::Minor, Bump::Patch),
            ("fix!: a", Bump::Major, Bump::Minor),
            ("docs: a\n\nBREAKING CHANGE: b", Bump::Major, Bump::Minor),
            ("whatever", Bump::Patch, Bump::Patch),
        ] {
            assert_eq!(demanded(message, "1.4.2"), stable, "{message}");
            assert_eq!(demanded(message, "0.4.2"), young, "{message}");
        }
        assert_eq!(Bump::between(&version("1.4.2"), &version("1.4.3")), Bump::Patch);
        assert_eq!(Bump::between(&version("1.4.2"), &version("1.5.0-rc.1")), Bump::Minor);
        assert_eq!(Bump::between(&version("1.4.2"), &version("2.0.0")), Bump::Major);
        assert_eq!(Bump::Minor.of(&version("1.4.2")), "1.5.0");
    }
}
