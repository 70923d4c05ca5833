//! What no gate in Git can see or decide, and who controls it instead. An auditor who reads "enforced by the hook" must not take it for
//! more than it is: a list that the program prints cannot be missed as a gap in a manual can.

use std::fmt::Write as _;

/// Something that policies ask for and that Git does not show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    /// What a policy asks for.
    pub what: &'static str,
    /// Why Git cannot tell, where that is not evident.
    pub why: &'static str,
    /// Who or what controls it instead, and what gatepost does for it, where it does something.
    pub instead: &'static str,
}

/// Limits of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// What they are about.
    pub title: &'static str,
    /// Each of them.
    pub limits: &'static [Limit],
}

const fn limit(what: &'static str, why: &'static str, instead: &'static str) -> Limit {
    Limit { what, why, instead }
}

/// Every limit there is, by kind.
pub const LIMITS: &[Limits] = &[
    Limits {
        title: "Reviews and approvals",
        limits: &[
            limit(
                "two approvals, or as many as a change needs",
                "an approval is a record of the forge; a commit does not carry it",
                "branch protection of the forge; where its settings are a file of the repository, `[drift]` refuses a lower number",
            ),
            limit(
                "the approval of a code owner",
                "CODEOWNERS names owners, and whether one of them approved is known to the forge alone",
                "branch protection (code owner reviews); `files.require` keeps CODEOWNERS in every branch",
            ),
            limit(
                "stale reviews dismissed, the last push approved by somebody else, conversations resolved",
                "",
                "branch protection of the forge; `[drift]` watches its settings",
            ),
            limit(
                "separation of duties: the author neither approves nor releases alone",
                "names in commits are what their authors wrote",
                "branch protection and the roles of the release system; of exceptions, `approver-must-differ` holds it",
            ),
            limit(
                "the branch is up to date with its target when it is merged",
                "at the moment of the merge only the forge knows both",
                "branch protection (require branches to be up to date), or a merge queue",
            ),
        ],
    },
    Limits {
        title: "Judgement",
        limits: &[
            limit(
                "commits are logically scoped, large refactorings are split",
                "a size can be counted, a purpose cannot",
                "reviewers; `max-files` and `max-commits` of `[[ref]]` bound the size",
            ),
            limit(
                "a fix is minimal, and the risk that a message names is the right one",
                "",
                "reviewers; `types` of `[[ref]]` keeps features out of hotfixes",
            ),
            limit(
                "a ticket exists, is open, and is about this change",
                "gatepost asks no network",
                "the ticket system and its integration in the forge",
            ),
            limit(
                "what a record says is complete and true: a decision, a rollback plan, a support horizon",
                "",
                "reviewers and its owner; `files.require` and `pull-request.headings` see to it that it is there",
            ),
        ],
    },
    Limits {
        title: "Releases",
        limits: &[
            limit(
                "a release is cut, and a version tagged, only where every required check passed",
                "results of checks are records of the CI system, not of Git",
                "the release pipeline, which alone may make tags (`create`, `exempt`)",
            ),
            limit(
                "the record of a cut: its commit, its time, the release captain",
                "Git knows the commit, and nobody's role",
                "the release system's record; the report of the push has time, pusher and commit",
            ),
            limit(
                "the tracking fields of a stabilisation, and the reason for releasing without a release branch",
                "",
                "the release record, in the ticket system",
            ),
            limit(
                "promotion without a rebuild, artifact digests, signed artifacts, provenance, attached SBOMs",
                "artifacts are not in Git",
                "the artifact registry and the build system",
            ),
            limit(
                "what is in production, and that only versions with a tag are",
                "",
                "the deployment system; tags say what may be",
            ),
            limit(
                "approval of a deployment, and that it happens inside its window",
                "a merge is seen, a deployment is not",
                "the deployment system; `[[window]]` and `[[freeze]]` close the branches and tags",
            ),
            limit(
                "rollback, release flags at run time, progressive delivery",
                "",
                "the deployment system and the flag service",
            ),
        ],
    },
    Limits {
        title: "Tests and other scans",
        limits: &[
            limit(
                "unit tests, coverage, flaky tests",
                "",
                "the CI system; `[markers]` refuses tests that are switched off without a ticket",
            ),
            limit(
                "SAST, DAST, infrastructure, vulnerability and licence scans",
                "",
                "those scanners, as required checks; `[markers]` asks for a reason where one is silenced",
            ),
            limit("database changes that expand and contract", "", "the migration tool and reviewers"),
        ],
    },
    Limits {
        title: "Operations and organisation",
        limits: &[
            limit("environments, observability, ChatOps", "", "the platform"),
            limit(
                "which packages a registry proxy serves",
                "",
                "the registry; `[locks]` and `[pins]` judge what is written down",
            ),
            limit(
                "who is accountable for what (RACI), trainings, reviews of access",
                "",
                "the quality management system",
            ),
        ],
    },
];

/// The list, as `gatepost explain limits` prints it.
#[must_use]
pub fn text() -> String {
    let mut out = String::from("What no gate in Git can see or decide, and who controls it instead.\n");
    for kind in LIMITS {
        let _ = writeln!(out, "\n{}", kind.title);
        for limit in kind.limits {
            let _ = writeln!(out, "  - {}", limit.what);
            if !limit.why.is_empty() {
                let _ = writeln!(out, "    why:     {}", limit.why);
            }
            let _ = writeln!(out, "    instead: {}", limit.instead);
        }
    }
    out.push_str("\ndocs/limits.md has this list.\n");
    out
}

/// The list, as `docs/limits.md` has it.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::new();
    for kind in LIMITS {
        let _ = writeln!(
            out,
            "\n## {}\n\n| what | why not in Git | who controls it instead |\n|---|---|---|",
            kind.title
        );
        for limit in kind.limits {
            let _ = writeln!(out, "| {} | {} | {} |", limit.what, limit.why, limit.instead);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_stands_once_and_names_its_control() {
        let all: Vec<&Limit> = LIMITS.iter().flat_map(|kind| kind.limits).collect();
        for (at, limit) in all.iter().enumerate() {
            assert!(!limit.what.is_empty() && !limit.instead.is_empty(), "{limit:?}");
            assert!(all.iter().skip(at + 1).all(|other| other.what != limit.what), "{limit:?}");
            // A row of a table is one line, with three cells.
            let cells = [limit.what, limit.why, limit.instead];
            assert!(cells.iter().all(|cell| !cell.contains(['|', '\n'])), "{limit:?}");
            assert!(text().contains(limit.what) && text().contains(limit.instead), "{limit:?}");
        }
    }
}
