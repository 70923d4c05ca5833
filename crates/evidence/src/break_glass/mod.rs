//! What was let through by break-glass, what became of it, and whether there may be more of it; and what came in by
//! exceptions that were named.

mod limit;
mod list;
mod record;

pub use limit::{Limit, Refusal, may_activate};
pub use list::{Cause, Row, State, Summary, dry_runs, exempt, json, named, rows, summary};
pub use record::{
    Activation, Actor, Commits, Coverage, DryRun, Ending, ExemptPush, Exemption, NamedException, Opened,
    Place, Record, RefChange, Settled, Tool, next_id, next_time_out,
};

/// The log of a repository: one record a line.
pub type Log = crate::chain::Chain<Record>;

#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use gatepost_core::{Date, Timestamp};

    pub(crate) fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    /// An activation that is due a day later.
    pub(crate) fn activation(id: &str, time: &str) -> Activation {
        let time = at(time);
        Activation {
            id: id.to_owned(),
            time,
            due: time.plus_hours(24),
            reason: "payments are down".to_owned(),
            owner: "@oncall".to_owned(),
            approver: Some("@release".to_owned()),
            scope: Some("payments".to_owned()),
            rollback: Some("git revert".to_owned()),
            remediation: Date::parse("2026-11-25"),
            expires: Date::parse("2026-11-26").unwrap(),
            ticket: None,
            actor: Actor { name: "alice".to_owned(), source: "GL_USERNAME".to_owned(), authenticated: true },
            refs: vec![RefChange {
                name: "refs/heads/main".to_owned(),
                old: None,
                new: Some("1".repeat(40)),
            }],
            commits: Commits {
                count: 1,
                ids: vec!["1".repeat(40)],
                tips: vec!["1".repeat(40)],
                boundary: Vec::new(),
            },
            opened: Vec::new(),
            exceptions: Vec::new(),
            coverage: Coverage::default(),
            tool: Tool::default(),
        }
    }

    pub(crate) fn settled(id: &str, time: &str, how: Ending) -> Record {
        Record::Settled(Settled { of: id.to_owned(), time: at(time), how, tool: Tool::default() })
    }

    /// An exception that was named, and let one commit in.
    pub(crate) fn named(id: &str, time: &str) -> Record {
        let Activation { actor, refs, commits, coverage, tool, .. } = activation("", time);
        Record::Exception(Box::new(NamedException {
            id: id.to_owned(),
            time: at(time),
            rule: "GP-MSG".to_owned(),
            reason: "the old repository is imported as it is".to_owned(),
            owner: "@platform".to_owned(),
            approver: None,
            expires: Date::parse("2027-01-31").unwrap(),
            ticket: None,
            actor,
            refs,
            commits,
            covered: vec![Opened {
                rule: "not-conventional".to_owned(),
                code: "GP-MSG-001".to_owned(),
                fingerprint: "gp1:aaaaaaaaaaaaaaaa".to_owned(),
                places: vec![Place { path: None, subject: None, commit: Some("1".repeat(40)) }],
            }],
            coverage,
            tool,
        }))
    }

    pub(crate) fn activated(id: &str, time: &str) -> Record {
        Record::Activation(Box::new(activation(id, time)))
    }
}
