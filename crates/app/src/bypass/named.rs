//! Exceptions that are named: whether they may be, what became of the naming, and the record of it.

use super::log::LogFile;
use super::record::{self, Pushed};
use crate::exit::Failure;
use crate::session::Session;
use gatepost_core::policy::{Policy, nearest};
use gatepost_core::report::Suppression;
use gatepost_core::text::PathGlob;
use gatepost_core::{Date, Exception, Finding, Outcome, RefName, RepoPath, Report, Suppressed};
use gatepost_evidence::break_glass::Record;

/// Checks that each id is an exception of the trusted policy, holds today, and is for every ref that moves. `refs` is
/// `None` where nobody knows which refs those are.
///
/// # Errors
///
/// The first id that may not be named, and why.
pub(crate) fn check(
    ids: &[String],
    policy: &Policy,
    refs: Option<&[RefName]>,
    today: Date,
) -> Result<(), Failure> {
    for id in ids {
        let known = || policy.exceptions().iter();
        let Some(exception) = known().find(|exception| exception.id == *id) else {
            let fix = nearest(id, known().map(|exception| exception.id.as_str())).map_or_else(
                || {
                    "ask for it in the policy that is in force here: what a push brings does not count yet"
                        .to_owned()
                },
                |near| format!("did you mean {near}?"),
            );
            return Err(Failure::usage(format!("the exception {id} is not in the policy"), fix));
        };
        if exception.is_expired(today) {
            let Exception { expires, owner, .. } = exception;
            return Err(Failure::usage(
                format!("the exception {id} ended on {expires}"),
                format!("renew it with {owner}, or mend what it excused"),
            ));
        }
        is_for_every_ref(exception, refs)?;
    }
    Ok(())
}

fn is_for_every_ref(exception: &Exception, refs: Option<&[RefName]>) -> Result<(), Failure> {
    let (id, Some(wanted)) = (&exception.id, &exception.refs) else { return Ok(()) };
    let Some(refs) = refs else {
        return Err(Failure::usage(
            format!("the exception {id} is for refs like {wanted}, and the ref of this range is not known"),
            "name the target with --branch, or with --from-ref as a branch",
        ));
    };
    let glob = PathGlob::new(wanted)
        .map_err(|error| Failure::usage(error, format!("mend `ref` of the exception {id}")))?;
    let other = refs.iter().find(|name| !glob.is_match(&RepoPath::new(name.as_bytes())));
    match other {
        Some(name) => Err(Failure::usage(
            format!("the exception {id} is for refs like {wanted}, and this moves {}", name.escaped()),
            "push the refs that it is for on their own",
        )),
        None => Ok(()),
    }
}

/// Says what each named exception covered.
pub(crate) fn tell(ids: &[String], policy: &Policy, report: &mut Report) {
    let notices: Vec<String> =
        policy.exceptions().iter().filter(|e| ids.contains(&e.id)).map(|e| told(e, report)).collect();
    report.notices.extend(notices);
}

fn told(exception: &Exception, report: &Report) -> String {
    let Exception { id, rule, reason, owner, expires, .. } = exception;
    let covered = match covered(report, id).count() {
        0 => "it covered nothing".to_owned(),
        1 => "it covered 1 finding".to_owned(),
        count => format!("it covered {count} findings"),
    };
    let by_itself = if exception.on_request { "" } else { ", and holds without being named" };
    format!("exception {id} for {rule} was named: {covered}{by_itself} ({reason}; {owner}, until {expires})")
}

/// What an exception covered.
fn covered<'r>(report: &'r Report, id: &str) -> impl Iterator<Item = &'r Finding> {
    let by = move |suppressed: &&Suppressed| is_by(suppressed, id);
    report.suppressed.iter().filter(by).map(|suppressed| &suppressed.finding)
}

fn is_by(suppressed: &Suppressed, id: &str) -> bool {
    matches!(&suppressed.by, Suppression::Exception(exception) if exception.id == id)
}

/// Writes down what named exceptions let in, before the push goes through. One that covered nothing leaves no record,
/// nor does a push that is refused, or a dry run, which refuses nothing.
///
/// # Errors
///
/// When it cannot be written: then what they covered is denied, as if they had not been named.
pub(crate) fn record(
    session: &Session,
    file: &LogFile,
    pushed: &Pushed,
    report: &mut Report,
) -> Result<(), Failure> {
    if session.named.is_empty() || !report.enforced || report.outcome() != Outcome::Pass {
        return Ok(());
    }
    let actor = session.actor();
    let named = session.policy().exceptions().iter().filter(|e| session.named.contains(&e.id));
    let records: Vec<Record> = named
        .filter_map(|exception| {
            let covered: Vec<&Finding> = covered(report, &exception.id).collect();
            let record = || record::named(exception, &actor, session, pushed, report, &covered);
            (!covered.is_empty()).then(|| Record::Exception(Box::new(record())))
        })
        .collect();
    if records.is_empty() {
        return Ok(());
    }
    let written = file.lock().and_then(|mut held| held.append(records));
    if written.is_err() {
        let let_in = |suppressed: &Suppressed| session.named.iter().any(|id| is_by(suppressed, id));
        let (back, kept) = std::mem::take(&mut report.suppressed).into_iter().partition(let_in);
        report.suppressed = kept;
        let back: Vec<Suppressed> = back;
        report.findings.extend(back.into_iter().map(|suppressed| suppressed.finding));
        report.sort();
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatepost_core::policy::{Layer, Origin};

    const POLICY: &str = r#"
[[exception]]
id = "EX-2026-0001"
rule = "GP-MSG"
status = "accepted-risk"
reason = "the import of the old repository"
owner = "@platform"
expires = 2026-11-24
on-request = true
ref = "refs/heads/import/**"
"#;

    fn checked(id: &str, refs: Option<&[&str]>, today: &str) -> Result<(), String> {
        let origin = Origin::File("gatepost.toml".to_owned());
        let policy = Policy::load(&[Layer { origin, text: POLICY.to_owned() }]).unwrap();
        let refs: Option<Vec<RefName>> =
            refs.map(|refs| refs.iter().map(|name| RefName::from(*name)).collect());
        check(&[id.to_owned()], &policy, refs.as_deref(), Date::parse(today).unwrap()).map_err(|failure| {
            match failure {
                Failure::Usage { what, fix } => format!("{what}: {fix}"),
                other => panic!("{other:?}"),
            }
        })
    }

    #[test]
    fn what_may_be_named() {
        let import: Option<&[&str]> = Some(&["refs/heads/import/a", "refs/heads/import/b/c"]);
        assert_eq!(checked("EX-2026-0001", import, "2026-11-24"), Ok(()));
        let wrong = [
            checked("EX-2026-0010", import, "2026-11-24"),
            checked("another", import, "2026-11-24"),
            checked("EX-2026-0001", import, "2026-11-25"),
            checked("EX-2026-0001", Some(&["refs/heads/import/a", "refs/heads/main"]), "2026-11-24"),
            checked("EX-2026-0001", None, "2026-11-24"),
        ];
        insta::assert_snapshot!(wrong.map(Result::unwrap_err).join("\n"));
    }
}
