//! From what was collected to an exit code: suppressions applied, flags obeyed, reports written.

use crate::bypass::named;
use crate::checkout;
use crate::collect::{Collector, Records};
use crate::exit::Failure;
use crate::output::say;
use crate::rules;
use crate::session::Session;
use crate::usage;
use crate::why;
use gatepost_core::policy::Policy;
use gatepost_core::report::{About, Claim, ShardPart};
use gatepost_core::settle::{Settle, Settled, join_secrets, name_pending, settle};
use gatepost_core::{Exception, Finding, Fingerprint, Level, Outcome, Phase, Report, Stage, exceptions};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

/// Settles a run, writes its reports and gives its exit code.
///
/// # Errors
///
/// A report that cannot be written.
pub(crate) fn finish(session: &Session, collected: Collector, scope: String) -> Result<ExitCode, Failure> {
    let mut report = report(session, collected, scope);
    write(session, &mut report)?;
    Ok(exit_code(session, &report))
}

/// Writes a run's reports. Only now, when nobody asks any more what each place is known as, one secret is one finding; in a
/// shard not even now, since the places in other shards are still to come.
///
/// # Errors
///
/// A report that cannot be written.
pub(crate) fn write(session: &Session, report: &mut Report) -> Result<(), Failure> {
    if report.shard.is_none() {
        report.findings = join_secrets(std::mem::take(&mut report.findings));
    }
    report.sort();
    session.draft.report(session, report);
    let started = Instant::now();
    if session.outputs.want_checkout() {
        checkout::look(report);
    }
    session.outputs.write(report)?;
    if let Some(statistics) = &mut report.statistics {
        statistics.phases.push((Phase::Report, started.elapsed()));
        say(&gatepost_report::statistics(statistics, report.duration));
    }
    Ok(())
}

/// Settles a run: exceptions and baseline applied, everything sorted.
pub(crate) fn report(session: &Session, collected: Collector, scope: String) -> Report {
    let started = Instant::now();
    let Collector {
        findings,
        suppressed,
        problems,
        mut notices,
        coverage,
        known,
        records,
        decisions,
        mut statistics,
        mut part,
        late: _,
        late_refs: _,
    } = collected;
    let policy = session.policy();
    let mut settled = settle(
        findings,
        suppressed,
        &Settle {
            exceptions: policy.exceptions(),
            baseline: session.settings.baseline.as_ref(),
            named: &session.named,
            today: session.now.date(),
        },
    );
    notices.extend(notices_of(session, &mut settled, known));
    let complete = problems.is_empty() && coverage.is_complete();
    speak_of_records(session, &mut settled, &records, complete, part.as_mut());
    let claims = claims(session, &settled, &records);
    let mut report = Report {
        version: env!("CARGO_PKG_VERSION"),
        ruleset_digest: rules::digest(policy, session.now.date()),
        policy_digest: policy.digest(),
        stage: session.stage,
        enforced: policy.enforce(),
        scope,
        findings: settled.findings,
        suppressed: settled.suppressed,
        problems,
        notices,
        stale_baseline: None,
        decisions: None,
        coverage,
        shard: part,
        statistics: None,
        duration: session.started.elapsed(),
        about: About { claims, ..session.about() },
    };
    for finding in &mut report.findings {
        finding.fix.extend(policy.step_on(finding.level).map(str::to_owned));
    }
    if records.whole_history && report.is_complete() {
        stale_baseline(session, &mut report);
    }
    leave_out(session, &mut report);
    report.decisions = why::settle(session, decisions, &report);
    named::tell(&session.named, policy, &mut report);
    report.problems.sort_by(|a, b| (&a.place, &a.what).cmp(&(&b.place, &b.what)));
    report.sort();
    if session.stats {
        usage::complete(&mut statistics, session, started);
        report.statistics = Some(statistics);
    }
    report.duration = session.started.elapsed();
    report
}

/// What a run has to tell beside its findings. `known` secrets were there before.
fn notices_of(session: &Session, settled: &mut Settled, known: u64) -> Vec<String> {
    let (policy, today) = (session.policy(), session.now.date());
    let mut notices = Vec::new();
    if known > 0 {
        let them = if known == 1 { "1 secret was" } else { &format!("{known} secrets were") };
        notices.push(format!(
            "{them} in these files before this change and not counted; `gatepost scan` lists them"
        ));
    }
    if session.stage == Stage::Scan {
        notices.extend(session.notice_if_off("secrets"));
    }
    notices.extend(session.settings.notices.iter().cloned());
    notices.extend(session.server.as_ref().and_then(|server| server.notice.clone()));
    notices.extend(policy.ended_excuses(today));
    notices.extend(std::mem::take(&mut settled.notices));
    notices.extend(exceptions::ending_soon(policy, &settled.suppressed, today));
    notices
}

/// Obeys `--min-confidence` and `--min-severity`, and says how many findings they leave out.
fn leave_out(session: &Session, report: &mut Report) {
    let filter = session.filter;
    let wanted = |finding: &Finding| {
        filter.confidence.is_none_or(|least| finding.confidence >= least)
            && filter.severity.is_none_or(|least| finding.severity >= least)
    };
    let found = report.findings.len() + report.suppressed.len();
    report.findings.retain(wanted);
    report.suppressed.retain(|suppressed| wanted(&suppressed.finding));
    let left_out = found - report.findings.len() - report.suppressed.len();
    if left_out > 0 {
        let them = if left_out == 1 { "1 finding is" } else { &format!("{left_out} findings are") };
        report
            .notices
            .push(format!("{them} below --min-confidence or --min-severity, and not in this report"));
    }
}

/// Says which entries of the baseline are for nothing that was found, suppressed or not.
fn stale_baseline(session: &Session, report: &mut Report) {
    let Some(baseline) = &session.settings.baseline else { return };
    let suppressed = report.suppressed.iter().map(|suppressed| &suppressed.finding);
    let stale = baseline.stale(report.findings.iter().chain(suppressed));
    // Of a shard nobody can tell: what is nowhere in it may be in another one.
    if report.shard.is_none() {
        report.notices.extend(stale_notice(stale.len()));
    }
    report.stale_baseline = Some(stale);
}

/// What there is to say of so many entries of the baseline that are for nothing.
pub(crate) fn stale_notice(entries: usize) -> Option<String> {
    let them = match entries {
        0 => return None,
        1 => "1 entry of the baseline is for a secret that is",
        many => &format!("{many} entries of the baseline are for secrets that are"),
    };
    Some(format!(
        "{them} nowhere any more: `gatepost baseline diff` lists them, `gatepost baseline update` drops them"
    ))
}

/// What there is to say of exceptions in findings: of those that the change brings along, in the findings that they would
/// be for; of those that ended or are for nothing, in findings of their own. One that is for something else than a secret
/// was not looked for in a history, and of half a history nobody can tell.
fn speak_of_records(
    session: &Session,
    settled: &mut Settled,
    records: &Records,
    complete: bool,
    part: Option<&mut ShardPart>,
) {
    let (policy, today) = (session.policy(), session.now.date());
    name_pending(&mut settled.findings, &records.pending, today);
    if records.whole_history {
        let on = policy.levels("secrets").is_some_and(|levels| levels.at(session.stage) != Level::Off);
        let looked_for = |exception: &&Exception| complete && on && is_for_a_secret(policy, exception);
        let unused: Vec<Exception> = settled.unused.iter().filter(looked_for).cloned().collect();
        let told = |unused: &[Exception]| exceptions::findings(policy, unused, today, session.stage);
        let Some(part) = part else { return settled.findings.extend(told(&unused)) };
        // What is said of the record itself is the first shard's to say. Whether it is for nothing, all must say together.
        let of_records = told(&[]);
        let is_new = |finding: &Finding| {
            !of_records
                .iter()
                .any(|known| (&known.rule, &known.fingerprint) == (&finding.rule, &finding.fingerprint))
        };
        part.unused = told(&unused).into_iter().filter(is_new).collect();
        if part.shard.is_first() {
            settled.findings.extend(of_records);
        }
    }
}

/// Whether a scan of the history could find what an exception is for.
pub(crate) fn is_for_a_secret(policy: &Policy, exception: &Exception) -> bool {
    rules::find(policy, &exception.rule).is_some()
}

/// The exceptions that would be for what was found: those that the change brings along, and those that ended.
fn claims(
    session: &Session,
    settled: &Settled,
    records: &Records,
) -> BTreeMap<Fingerprint, (Claim, Exception)> {
    let today = session.now.date();
    let (ended, holding) = (session.policy().exceptions().iter(), records.pending.iter());
    let ended = ended.filter(|one| one.is_expired(today)).map(|one| (Claim::Ended, one));
    let holding = holding.filter(|one| !one.is_expired(today)).map(|one| (Claim::Pending, one));
    let candidates: Vec<_> = ended.chain(holding).filter(|(_, one)| !one.on_request).collect();
    let claim = |finding: &Finding| {
        let (claim, exception) = candidates.iter().find(|(_, one)| one.covers(finding))?;
        Some((finding.fingerprint.clone(), (*claim, (*exception).clone())))
    };
    settled.findings.iter().filter_map(claim).collect()
}

/// The exit code of a run that has a report.
pub(crate) fn exit_code(session: &Session, report: &Report) -> ExitCode {
    let code = match report.outcome() {
        // A dry run refuses nothing, whatever it found or could not read.
        _ if !report.enforced => 0,
        Outcome::Violations if session.filter.exit_zero => 0,
        outcome => outcome.exit_code(),
    };
    ExitCode::from(code)
}
