//! The activations for people: what is owed first, each with who answers for it.

use gatepost_core::Timestamp;
use gatepost_core::text::escape;
use gatepost_evidence::break_glass::{Activation, Limit, Record, Row, State, Summary, rows, summary};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The table, and a line that sums it up.
pub(super) fn table(records: &[Record], limit: Limit, now: Timestamp) -> String {
    let mut rows = rows(records, now);
    rows.sort_by_key(|row| match row.state {
        State::Overdue => 0,
        State::Open => 1,
        State::Settled | State::Withdrawn => 2,
    });
    let mut out = String::new();
    for row in &rows {
        push(&mut out, row);
    }
    let Summary { open, overdue, used, max_activations, window_days } = summary(records, limit, now);
    let settled = rows.len() - open - overdue;
    let _ = writeln!(
        out,
        "{overdue} overdue, {open} open, {settled} settled; {used} of {max_activations} used in {window_days} days"
    );
    out
}

fn push(out: &mut String, row: &Row<'_>) {
    let Activation { id, time, due, owner, approver, reason, actor, refs, commits, opened, .. } =
        row.activation;
    let state = row.state.as_str();
    let when = match row.settled {
        Some(settled) => format!("{state} {}", settled.time),
        None => format!("due {due}"),
    };
    let _ = writeln!(out, "{state:<9}  {id:<16}  {time}  {when}");
    let mut line = |label: &str, text: &str| {
        let _ = writeln!(out, "           {label:<8}  {}", escape(text));
    };
    let approver = approver.as_ref().map(|who| format!(", allowed by {who}")).unwrap_or_default();
    let vouched = if actor.authenticated { "" } else { ", which nobody vouches for" };
    line("owner", &format!("{owner}{approver}"));
    line("pushed", &format!("by {} ({}{vouched})", actor.name, actor.source));
    line("reason", reason);
    let names: Vec<&str> = refs.iter().map(|change| change.name.as_str()).collect();
    let number =
        if commits.count == 1 { "1 commit".to_owned() } else { format!("{} commits", commits.count) };
    line("what", &format!("{number} to {}", names.join(", ")));
    let rules: BTreeSet<&str> = opened.iter().map(|finding| finding.rule.as_str()).collect();
    line("opened", &format!("{} ({})", opened.len(), rules.into_iter().collect::<Vec<_>>().join(", ")));
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatepost_core::Date;
    use gatepost_evidence::break_glass::{
        Actor, Commits, Coverage, Ending, Opened, RefChange, Settled, Tool,
    };

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn activation(id: &str, time: &str, reason: &str) -> Record {
        let opened = |rule: &str| Opened {
            rule: rule.to_owned(),
            code: String::new(),
            fingerprint: String::new(),
            places: Vec::new(),
        };
        Record::Activation(Box::new(Activation {
            id: id.to_owned(),
            time: at(time),
            due: at(time).plus_hours(24),
            reason: reason.to_owned(),
            owner: "@oncall".to_owned(),
            approver: Some("@release".to_owned()),
            scope: None,
            rollback: None,
            remediation: None,
            expires: Date::parse("2026-11-26").unwrap(),
            ticket: None,
            actor: Actor { name: "git".to_owned(), source: "USER".to_owned(), authenticated: false },
            refs: vec![RefChange { name: "refs/heads/main".to_owned(), old: None, new: None }],
            commits: Commits { count: 3, ..Commits::default() },
            opened: vec![opened("header-too-long"), opened("body-blank-line"), opened("header-too-long")],
            exceptions: Vec::new(),
            coverage: Coverage::default(),
            tool: Tool::default(),
        }))
    }

    #[test]
    fn what_is_owed_comes_first() {
        let records = [
            activation("BG-20261120-1", "2026-11-20T10:00:00Z", "payments are down"),
            Record::Settled(Settled {
                of: "BG-20261120-1".to_owned(),
                time: at("2026-11-20T12:00:00Z"),
                how: Ending::Passed,
                tool: Tool::default(),
            }),
            activation("BG-20261124-1", "2026-11-24T09:00:00Z", "a \u{1b}[2Jreason"),
            activation("BG-20261122-1", "2026-11-22T10:00:00Z", "the release is late"),
        ];
        let limit = Limit { max_activations: 2, window_days: 30 };
        insta::assert_snapshot!(table(&records, limit, at("2026-11-24T10:00:00Z")));
    }
}
