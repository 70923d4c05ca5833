//! What a push was, as its record has it: no secret in any string, the commits so that they can be found again.

use super::break_glass::Asked;
use crate::rules;
use crate::session::Session;
use gatepost_core::break_glass::Config;
use gatepost_core::policy::PolicyError;
use gatepost_core::report::Suppression;
use gatepost_core::{Commit, Exception, Finding, Level, ObjectId, RefUpdate, RepoPath, Report};
use gatepost_evidence::break_glass::{
    Activation, Actor, Commits, Coverage, DryRun, ExemptPush, Exemption, NamedException, Opened, Place,
    RefChange, Tool,
};
use gatepost_report::Mask;
use std::collections::BTreeSet;

/// The refs that a push moves and the commits that it brings.
#[derive(Debug)]
pub(crate) struct Pushed {
    /// The updates.
    pub(crate) updates: Vec<RefUpdate>,
    /// The new commits.
    pub(crate) commits: Vec<Commit>,
    /// The commits that the new values are, or that their tags lead to.
    pub(crate) tips: Vec<ObjectId>,
}

/// What judges, and by which policy.
pub(crate) fn tool(session: &Session) -> Tool {
    Tool {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        policy_digest: session.policy().digest(),
        ruleset_digest: rules::digest(session.policy(), session.now.date()),
    }
}

/// The record of a push that is let through with `opened`.
pub(crate) fn activation(
    id: String,
    asked: &Asked,
    session: &Session,
    pushed: &Pushed,
    report: &Report,
    opened: &[Finding],
) -> Activation {
    let Asked { request, config, actor } = asked;
    let mask = Mask::new(report, false);
    let text = |text: &str| mask.text(text).into_owned();
    let option = |value: &Option<String>| value.as_deref().map(text);
    Activation {
        id,
        time: session.now,
        due: request.due(config, session.now),
        reason: text(&request.reason),
        owner: text(&request.owner),
        approver: option(&request.approver),
        scope: option(&request.scope),
        rollback: option(&request.rollback),
        remediation: request.remediation,
        expires: request.expires,
        ticket: option(&request.ticket),
        actor: Actor { name: text(&actor.name), ..actor.clone() },
        refs: pushed.updates.iter().map(|update| change(update, &mask)).collect(),
        commits: commits(pushed),
        opened: opened.iter().map(|finding| of_finding(finding, &mask)).collect(),
        exceptions: session.named.clone(),
        coverage: coverage(report),
        tool: tool(session),
    }
}

/// The record of a push that came in before it was judged in full. Nobody asked for it: the policy did.
///
/// # Errors
///
/// A section of the policy that makes no sense.
pub(crate) fn time_out(
    id: String,
    what: &str,
    session: &Session,
    pushed: &Pushed,
    report: &Report,
) -> Result<Activation, PolicyError> {
    let mask = Mask::new(report, false);
    let config = Config::new(session.policy())?;
    let due = session.now.plus_hours(i64::from(config.remediate_within_hours));
    let actor = session.actor();
    Ok(Activation {
        id,
        time: session.now,
        due,
        reason: format!("{what}, and on-timeout is \"record\""),
        owner: "the administrator".to_owned(),
        approver: None,
        scope: session.server.as_ref().and_then(|server| server.repository.clone()),
        rollback: None,
        remediation: None,
        expires: due.date(),
        ticket: None,
        actor: Actor { name: mask.text(&actor.name).into_owned(), ..actor },
        refs: pushed.updates.iter().map(|update| change(update, &mask)).collect(),
        commits: commits(pushed),
        opened: Vec::new(),
        exceptions: session.named.clone(),
        coverage: coverage(report),
        tool: tool(session),
    })
}

/// The record of an exception that was named, and covered `covered`.
pub(crate) fn named(
    exception: &Exception,
    actor: &Actor,
    session: &Session,
    pushed: &Pushed,
    report: &Report,
    covered: &[&Finding],
) -> NamedException {
    let mask = Mask::new(report, false);
    let text = |text: &str| mask.text(text).into_owned();
    NamedException {
        id: exception.id.clone(),
        time: session.now,
        rule: exception.rule.clone(),
        reason: text(&exception.reason),
        owner: text(&exception.owner),
        approver: exception.approver.as_deref().map(text),
        expires: exception.expires,
        ticket: exception.ticket.as_deref().map(text),
        actor: Actor { name: text(&actor.name), ..actor.clone() },
        refs: pushed.updates.iter().map(|update| change(update, &mask)).collect(),
        commits: commits(pushed),
        covered: covered.iter().map(|finding| of_finding(finding, &mask)).collect(),
        coverage: coverage(report),
        tool: tool(session),
    }
}

/// The record of a push by somebody whom rules for refs do not bind.
pub(crate) fn exempt(session: &Session, pushed: &Pushed, report: &Report) -> ExemptPush {
    let mask = Mask::new(report, false);
    let text = |text: &str| mask.text(text).into_owned();
    let actor = session.actor();
    let (mut entries, mut covered) = (BTreeSet::new(), Vec::new());
    for suppressed in &report.suppressed {
        if let Suppression::Exempt { entry, reason } = &suppressed.by {
            entries.insert(Exemption { entry: text(entry), reason: text(reason) });
            covered.push(of_finding(&suppressed.finding, &mask));
        }
    }
    ExemptPush {
        time: session.now,
        entries: entries.into_iter().collect(),
        actor: Actor { name: text(&actor.name), ..actor },
        refs: pushed.updates.iter().map(|update| change(update, &mask)).collect(),
        commits: commits(pushed),
        covered,
        coverage: coverage(report),
        tool: tool(session),
    }
}

/// The record of a push that a dry run lets in.
pub(crate) fn dry_run(session: &Session, pushed: &Pushed, report: &Report) -> DryRun {
    let mask = Mask::new(report, false);
    let text = |text: &str| mask.text(text).into_owned();
    let actor = session.actor();
    let denied = || report.findings.iter().filter(|finding| finding.level == Level::Deny);
    let problems = report.problems.iter().map(|problem| match &problem.place {
        Some(place) => text(&format!("{place}: {}", problem.what)),
        None => text(&problem.what),
    });
    let skipped = report.coverage.skipped.iter();
    let skipped = skipped.filter(|(reason, count)| !reason.is_declared() && **count > 0);
    let skipped = skipped.map(|(reason, count)| format!("{count} left out: {}", reason.as_str()));
    DryRun {
        time: session.now,
        actor: Actor { name: text(&actor.name), ..actor },
        refs: pushed.updates.iter().map(|update| change(update, &mask)).collect(),
        commits: commits(pushed),
        count: denied().count() as u64,
        denied: denied().take(DryRun::LISTED).map(|finding| of_finding(finding, &mask)).collect(),
        unjudged: problems.chain(skipped).take(DryRun::LISTED).collect(),
        coverage: coverage(report),
        tool: tool(session),
    }
}

fn coverage(report: &Report) -> Coverage {
    Coverage {
        commits: report.coverage.commits,
        blobs: report.coverage.blobs,
        texts: report.coverage.texts,
        bytes: report.coverage.bytes,
        suppressed: report.suppressed.len() as u64,
    }
}

fn change(update: &RefUpdate, mask: &Mask) -> RefChange {
    let hex = |id: Option<ObjectId>| id.map(|id| id.to_string());
    RefChange {
        name: mask.text(&update.name.escaped()).into_owned(),
        old: hex(update.old),
        new: hex(update.new),
    }
}

/// A new value that was here already belongs to the boundary: what it reaches did not come with this push.
fn commits(pushed: &Pushed) -> Commits {
    let ids: BTreeSet<ObjectId> = pushed.commits.iter().map(|commit| commit.id).collect();
    let parents: BTreeSet<ObjectId> = pushed.commits.iter().flat_map(|c| c.parents.iter().copied()).collect();
    let hex = |ids: &mut dyn Iterator<Item = ObjectId>| ids.map(|id| id.to_string()).collect::<Vec<_>>();
    let old = pushed.tips.iter().filter(|tip| !ids.contains(tip));
    let boundary: BTreeSet<ObjectId> = parents.difference(&ids).chain(old).copied().collect();
    let listed = if ids.len() > Commits::LISTED { &[][..] } else { &pushed.commits };
    Commits {
        count: ids.len() as u64,
        ids: hex(&mut listed.iter().map(|commit| commit.id)),
        tips: hex(&mut ids.difference(&parents).copied()),
        boundary: hex(&mut boundary.into_iter()),
    }
}

fn of_finding(finding: &Finding, mask: &Mask) -> Opened {
    let places = finding.locations.iter().map(|at| Place {
        path: at.path.as_ref().map(|path| RepoPath::new(mask.bytes(path.as_bytes())).escaped().into_owned()),
        subject: at.subject.as_deref().map(|subject| mask.text(subject).into_owned()),
        commit: at.commit.map(|id| id.to_string()),
    });
    Opened {
        rule: finding.rule.clone(),
        code: finding.code.as_str().to_owned(),
        fingerprint: finding.fingerprint.to_string(),
        places: places.collect(),
    }
}
