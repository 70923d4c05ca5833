//! What is said of records that are sound: those that have ended, that are for nothing, and that end soon.

use super::codes::{EXPIRED, UNUSED};
use super::config::Config;
use crate::code::CodeInfo;
use crate::exception::ExceptionState;
use crate::policy::Policy;
use crate::report::Suppression;
use crate::{Code, Confidence, Date, Exception, Finding, Fingerprint, Level, Stage, Suppressed};
use std::collections::BTreeMap;

/// The findings about records, for whoever scanned a whole history. `unused` are the exceptions that were for nothing in
/// it; only those belong there whose rules were judged.
#[must_use]
pub fn findings(policy: &Policy, unused: &[Exception], today: Date, stage: Stage) -> Vec<Finding> {
    let Ok(config) = Config::of(policy) else { return Vec::new() };
    let (expired_levels, unused_levels) =
        (config.expired.by_severity(stage), config.unused.by_severity(stage));
    let expired =
        policy.exceptions().iter().filter(|exception| exception.is_expired(today)).map(|exception| {
            let Exception { id, rule, owner, expires, .. } = exception;
            let message = format!("exception {id} for {rule} ended on {expires}; its owner is {owner}");
            finding(policy, &EXPIRED, expired_levels.of(EXPIRED.severity), exception, message)
        });
    let unused = unused.iter().filter(|exception| !exception.is_expired(today)).map(|exception| {
        let Exception { id, rule, owner, .. } = exception;
        let message =
            format!("exception {id} for {rule} is for nothing in the history; its owner is {owner}");
        finding(policy, &UNUSED, unused_levels.of(UNUSED.severity), exception, message)
    });
    expired.chain(unused).filter(|finding| finding.level != Level::Off).collect()
}

fn finding(
    policy: &Policy,
    code: &CodeInfo,
    level: Level,
    exception: &Exception,
    message: String,
) -> Finding {
    Finding {
        rule: code.name.to_owned(),
        code: Code::new(code.code),
        family: super::CHECK.family,
        name: code.name.replace('-', " "),
        severity: code.severity,
        confidence: Confidence::High,
        level,
        message,
        why: vec![code.why.to_owned()],
        fix: vec![code.fix.to_owned()],
        fingerprint: Fingerprint::of_place(code.code, exception.id.as_bytes(), b""),
        secret: None,
        locations: policy.exception_location(&exception.id).into_iter().collect(),
    }
}

/// A sentence for each exception that suppressed something and ends within the policy's days of warning.
#[must_use]
pub fn ending_soon(policy: &Policy, suppressed: &[Suppressed], today: Date) -> Vec<String> {
    let used = suppressed.iter().filter_map(|suppressed| match &suppressed.by {
        Suppression::Exception(exception) => Some((exception.id.as_str(), exception.as_ref())),
        _ => None,
    });
    let used: BTreeMap<&str, &Exception> = used.collect();
    if used.is_empty() {
        return Vec::new();
    }
    let Ok(config) = Config::of(policy) else { return Vec::new() };
    let soon =
        |exception: &&Exception| exception.state(today, config.warn_before_days) == ExceptionState::Expiring;
    used.into_values()
        .filter(soon)
        .map(|exception| {
            let Exception { id, rule, owner, expires, .. } = exception;
            let left = match exception.days_left(today) {
                0 => "today".to_owned(),
                1 => format!("tomorrow, {expires}"),
                days => format!("in {days} days, on {expires}"),
            };
            format!(
                "exception {id} for {rule} ends {left}: its finding will be back. Mend it, or renew it with {owner}"
            )
        })
        .collect()
}
