//! `gatepost scan --why`: what became of each decision once the run was settled. The check that decided knows neither
//! the exceptions nor the versions that were there before, and so cannot say.

use crate::session::{Filter, Session};
use gatepost_core::decision::DecisionOutcome;
use gatepost_core::report::Suppression;
use gatepost_core::{Decision, Decisions, Report};

/// The decisions of a run, as its report has them; `None` where nobody asked.
pub(crate) fn settle(session: &Session, mut decisions: Decisions, report: &Report) -> Option<Decisions> {
    if !session.why {
        return None;
    }
    decisions.settle();
    for decision in decisions.iter_mut() {
        if matches!(decision.outcome, DecisionOutcome::Reported(_)) {
            end(session.filter, decision, report);
        }
    }
    decisions.settle();
    Some(decisions)
}

/// Says what became of a finding.
fn end(filter: Filter, decision: &mut Decision, report: &Report) {
    if let Some(finding) = report.findings.iter().find(|finding| decision.is_about(finding)) {
        decision.outcome = DecisionOutcome::Reported(finding.level);
        return;
    }
    let mut suppressed = report.suppressed.iter();
    if let Some(by) = suppressed.find(|one| decision.is_about(&one.finding)).map(|one| clause(&one.by)) {
        return decision.decide(DecisionOutcome::Suppressed, "suppressed", by);
    }
    let below = filter.confidence.is_some_and(|least| decision.confidence.1 < least)
        || filter.severity.is_some_and(|least| decision.severity.1 < least);
    if below {
        let clause = "it is below --min-confidence or --min-severity";
        decision.decide(DecisionOutcome::NotReported, "filter", clause);
    } else {
        let clause = "it stood there before this change, or came with a moved file";
        decision.decide(DecisionOutcome::NotReported, "change", clause);
    }
}

fn clause(by: &Suppression) -> String {
    match by {
        Suppression::Exception(exception) => {
            format!("the exception {} is for it: {}", exception.id, exception.reason)
        }
        Suppression::BreakGlass { id, reason, .. } => format!("break-glass {id} let it through: {reason}"),
        Suppression::Baseline => "the baseline has it".to_owned(),
        Suppression::AllowList { entry, reason } => {
            format!("the policy's `allow` has it, {entry}: {reason}")
        }
        Suppression::Exempt { entry, reason } => format!("{entry}: {reason}"),
        Suppression::Inline { dialect, reason: Some(reason), .. } => {
            format!("a comment of {dialect} allows it: {reason}")
        }
        Suppression::Inline { dialect, .. } => format!("a comment of {dialect} allows it"),
    }
}
