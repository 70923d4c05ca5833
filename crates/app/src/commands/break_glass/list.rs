//! The log for people: activations, what is owed first, each with who answers for it; then exceptions that were named, and pushes
//! of those who are exempt, and what dry runs let in.

use gatepost_core::Timestamp;
use gatepost_core::text::escape;
use gatepost_evidence::break_glass::{
    Activation, Actor, Commits, DryRun, ExemptPush, Exemption, Limit, NamedException, Opened, Record,
    RefChange, Row, State, Summary, dry_runs, exempt, named, rows, summary,
};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The table of activations, a line that sums it up, and the exceptions.
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
    let mut named = named(records).peekable();
    if named.peek().is_some() {
        out.push_str("\nexceptions that were named, which owe nothing:\n");
    }
    named.for_each(|exception| push_named(&mut out, exception));
    let mut exempt = exempt(records).peekable();
    if exempt.peek().is_some() {
        out.push_str("\npushes of those whom rules for refs do not bind, which owe nothing:\n");
    }
    exempt.for_each(|push| push_exempt(&mut out, push));
    let mut dry_runs = dry_runs(records).peekable();
    if dry_runs.peek().is_some() {
        out.push_str("\npushes that a dry run let in (enforce = false), which would have been refused:\n");
    }
    dry_runs.for_each(|push| push_dry_run(&mut out, push));
    out
}

fn push_named(out: &mut String, named: &NamedException) {
    let NamedException { id, time, rule, reason, owner, approver, expires, .. } = named;
    let _ = writeln!(out, "{:<9}  {:<16}  {time}  for {} until {expires}", "named", escape(id), escape(rule));
    line(out, "owner", &answers(owner, approver.as_deref()));
    line(out, "pushed", &who(&named.actor));
    line(out, "reason", reason);
    line(out, "what", &what(&named.commits, &named.refs));
    line(out, "covered", &findings(&named.covered));
}

fn push_exempt(out: &mut String, push: &ExemptPush) {
    let _ = writeln!(out, "{:<9}  {:<16}  {}", "exempt", escape(&push.actor.name), push.time);
    line(out, "pushed", &who(&push.actor));
    for Exemption { entry, reason } in &push.entries {
        line(out, "by", &format!("{entry}: {reason}"));
    }
    line(out, "what", &what(&push.commits, &push.refs));
    line(out, "covered", &findings(&push.covered));
}

fn push_dry_run(out: &mut String, push: &DryRun) {
    let _ = writeln!(out, "{:<9}  {:<16}  {}", "dry run", escape(&push.actor.name), push.time);
    line(out, "pushed", &who(&push.actor));
    line(out, "what", &what(&push.commits, &push.refs));
    if push.count > 0 {
        line(out, "denied", &format!("{} ({})", push.count, rules(&push.denied)));
    }
    for unjudged in &push.unjudged {
        line(out, "unjudged", unjudged);
    }
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
    line(out, "owner", &answers(owner, approver.as_deref()));
    line(out, "pushed", &who(actor));
    line(out, "reason", reason);
    line(out, "what", &what(commits, refs));
    if !opened.is_empty() {
        line(out, "opened", &findings(opened));
    }
}

fn line(out: &mut String, label: &str, text: &str) {
    let _ = writeln!(out, "           {label:<8}  {}", escape(text));
}

fn answers(owner: &str, approver: Option<&str>) -> String {
    approver.map_or_else(|| owner.to_owned(), |who| format!("{owner}, allowed by {who}"))
}

fn who(actor: &Actor) -> String {
    let Actor { name, source, authenticated } = actor;
    match (authenticated, actor.is_known()) {
        (true, _) => format!("by {name} ({source})"),
        (false, true) => format!("by {name} ({source}), for whom no platform vouches"),
        (false, false) => "by somebody whom neither the platform nor the account named".to_owned(),
    }
}

fn what(commits: &Commits, refs: &[RefChange]) -> String {
    let names: Vec<&str> = refs.iter().map(|change| change.name.as_str()).collect();
    let number =
        if commits.count == 1 { "1 commit".to_owned() } else { format!("{} commits", commits.count) };
    format!("{number} to {}", names.join(", "))
}

fn findings(findings: &[Opened]) -> String {
    format!("{} ({})", findings.len(), rules(findings))
}

/// The rules of findings, each once.
fn rules(findings: &[Opened]) -> String {
    let rules: BTreeSet<&str> = findings.iter().map(|finding| finding.rule.as_str()).collect();
    rules.into_iter().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatepost_core::Date;
    use gatepost_evidence::break_glass::{Coverage, Ending, Settled, Tool};

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

    #[test]
    fn exceptions_have_a_section_of_their_own() {
        let Record::Activation(like) = activation("", "2026-11-23T10:00:00Z", "") else { panic!() };
        let by = |id: &str, actor: Actor| {
            Record::Exception(Box::new(NamedException {
                id: id.to_owned(),
                time: like.time,
                rule: "GP-MSG".to_owned(),
                reason: "the old repository is imported as it is".to_owned(),
                owner: "@platform".to_owned(),
                approver: None,
                expires: Date::parse("2027-01-31").unwrap(),
                ticket: None,
                actor,
                refs: like.refs.clone(),
                commits: like.commits.clone(),
                covered: like.opened.clone(),
                coverage: Coverage::default(),
                tool: Tool::default(),
            }))
        };
        let alice = Actor { name: "alice".to_owned(), source: "GL_USERNAME".to_owned(), authenticated: true };
        let records = [by("EX-2026-0001", alice), by("EX-2026-0002", Actor::unknown())];
        let limit = Limit { max_activations: 2, window_days: 30 };
        insta::assert_snapshot!(table(&records, limit, at("2026-11-24T10:00:00Z")));
    }
}
