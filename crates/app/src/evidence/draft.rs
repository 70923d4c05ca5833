//! What a run says of itself while it runs, for its record: the stages tell what is judged, and the end what came of it.

use crate::bypass::record::Pushed;
use crate::session::Session;
use gatepost_core::message::Tickets;
use gatepost_core::pull_request::PullRequest;
use gatepost_core::report::Suppression;
use gatepost_core::{
    Commit, Exception, Level, ObjectId, Outcome, RefUpdate, Report, SignatureFormat, Timestamp,
};
use gatepost_evidence::break_glass::Actor;
use gatepost_evidence::run::{
    Bypass, Coverage, Enforcement, Exceptions, Finding, Findings, Policy, RefMove, Scope, Skipped, Used,
};
use gatepost_report::Mask;
use gatepost_source::{Head, Repository};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The draft of a record; nothing where none is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft(Option<Arc<Mutex<Facts>>>);

/// What is known of a run.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) started: Timestamp,
    pub(super) clock: Instant,
    pub(super) base: Option<ObjectId>,
    pub(super) head: Option<ObjectId>,
    pub(super) how: Option<String>,
    pub(super) refs: Vec<RefMove>,
    /// The commits that were judged, each with its tree.
    pub(super) commits: Vec<(ObjectId, ObjectId)>,
    /// How many commits there were to judge: more than `commits` where there was no time to read them.
    pub(super) expected: u64,
    pub(super) late: u64,
    pub(super) authors: BTreeSet<String>,
    pub(super) tickets: BTreeSet<String>,
    pub(super) pull_request: Option<String>,
    approved: bool,
    /// What came of it; `None`: the run has no report.
    pub(super) judged: Option<Judged>,
}

/// What came of a run that has a report.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) outcome: Outcome,
    pub(super) warns: bool,
    pub(super) nothing: bool,
    pub(super) words: String,
    pub(super) enforcement: Enforcement,
    pub(super) branch: Option<String>,
    pub(super) policy: Policy,
    pub(super) coverage: Coverage,
    pub(super) checks: Vec<String>,
    pub(super) findings: Findings,
    pub(super) used: Vec<Used>,
    pub(super) suppressions: BTreeMap<String, u64>,
    pub(super) bypass: Option<Bypass>,
    pub(super) actor: Option<Actor>,
    pub(super) repository: Option<String>,
}

impl Draft {
    /// A draft of a run that begins now.
    pub(super) fn new() -> Self {
        Self(Some(Arc::new(Mutex::new(Facts {
            started: crate::session::now(),
            clock: Instant::now(),
            base: None,
            head: None,
            how: None,
            refs: Vec::new(),
            commits: Vec::new(),
            expected: 0,
            late: 0,
            authors: BTreeSet::new(),
            tickets: BTreeSet::new(),
            pull_request: None,
            approved: false,
            judged: None,
        }))))
    }

    /// Whether a record is asked for.
    pub(super) const fn is_wanted(&self) -> bool {
        self.0.is_some()
    }

    fn facts(&self) -> Option<MutexGuard<'_, Facts>> {
        Some(self.0.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is known so far.
    pub(super) fn known(&self) -> Option<Facts> {
        Some(self.facts()?.clone())
    }

    /// The ends of what is judged, and how they were found.
    pub(crate) fn range(&self, base: ObjectId, head: ObjectId, how: &str) {
        let Some(mut facts) = self.facts() else { return };
        (facts.base, facts.head, facts.how) = (Some(base), Some(head), Some(how.to_owned()));
    }

    /// The commits that are judged.
    pub(crate) fn commits(&self, session: &Session, commits: &[Commit]) {
        let Some(mut facts) = self.facts() else { return };
        let tickets = Tickets::new(session.policy());
        let mut seen: HashSet<ObjectId> = HashSet::new();
        // A push of several refs may judge a commit for each of them.
        for commit in commits.iter().filter(|commit| seen.insert(commit.id)) {
            facts.commits.push((commit.id, commit.tree));
            let author = &commit.author;
            let author = [author.name.as_slice(), b" <", &author.email, b">"].concat();
            facts.authors.insert(String::from_utf8_lossy(&author).into_owned());
            let message = String::from_utf8_lossy(&commit.message);
            facts.tickets.extend(tickets.find(&message).map(str::to_owned));
        }
        facts.expected = facts.commits.len() as u64;
    }

    /// A push: its refs, and its commits; `late` of them not judged in full, and `all` where not all of them were read.
    pub(crate) fn push(
        &self,
        (session, repository): (&Session, &dyn Repository),
        pushed: &Pushed,
        late: usize,
        all: usize,
    ) {
        self.commits(session, &pushed.commits);
        let Some(mut facts) = self.facts() else { return };
        facts.late = late as u64;
        facts.expected = facts.expected.max(all as u64);
        let hex = |id: Option<ObjectId>| id.map(|id| id.to_string());
        let moves = pushed.updates.iter().map(|update| RefMove {
            name: update.name.escaped().into_owned(),
            old: hex(update.old),
            new: hex(update.new),
            signed: is_signed(repository, update),
        });
        facts.refs = moves.collect();
    }

    /// A whole history: its last commit stands for it.
    pub(crate) fn history(&self, repository: &dyn Repository) {
        let Some(mut facts) = self.facts() else { return };
        // Without a HEAD there is no commit to name, and the record says so.
        let Ok(Head::Branch(_, id) | Head::Detached(id)) = repository.head() else { return };
        if let Ok(commit) = repository.commit(&id) {
            facts.commits = vec![(id, commit.tree)];
            facts.head = Some(id);
            facts.expected = 1;
        }
    }

    /// The pull request that is judged.
    pub(crate) fn pull_request(&self, request: Option<&PullRequest>) {
        if let Some(mut facts) = self.facts() {
            facts.pull_request = request.map(|request| request.name.clone());
        }
    }

    /// Whether break-glass names somebody who allowed it.
    pub(crate) fn approved(&self, approved: bool) {
        if let Some(mut facts) = self.facts() {
            facts.approved = approved;
        }
    }

    /// The push comes in although the time did not suffice.
    pub(crate) fn timed_out(&self) {
        let Some(mut facts) = self.facts() else { return };
        if let Some(judged) = &mut facts.judged {
            judged.bypass = Some(Bypass {
                method: "time-out".to_owned(),
                id: None,
                reason: "the time was up, and on-timeout is \"record\"".to_owned(),
                owner: Some("the administrator".to_owned()),
                approved: false,
                findings: 0,
            });
        }
    }

    /// What came of it.
    pub(crate) fn report(&self, session: &Session, report: &Report) {
        let Some(mut held) = self.facts() else { return };
        let facts = &mut *held;
        let mask = Mask::new(report, false);
        let text = |text: &str| mask.text(text).into_owned();
        for names in [&mut facts.authors, &mut facts.tickets] {
            *names = names.iter().map(|name| text(name)).collect();
        }
        facts.refs.iter_mut().for_each(|change| change.name = text(&change.name));
        facts.pull_request = facts.pull_request.as_deref().map(text);
        facts.how = facts.how.as_deref().map(text);
        let approved = facts.approved;
        let actor = session.server.is_some().then(|| session.actor());
        facts.judged = Some(Judged {
            outcome: report.outcome(),
            warns: report.count(Level::Warn) > 0,
            nothing: report.coverage.is_empty(),
            words: text(&report.scope),
            enforcement: if report.enforced && !session.filter.exit_zero {
                Enforcement::Blocking
            } else {
                Enforcement::Advisory
            },
            branch: session.branch.as_ref().map(|name| text(&name.escaped())),
            policy: policy(session, report),
            coverage: coverage(report, &mask),
            checks: report.about.checks.iter().map(|(section, _)| (*section).to_owned()).collect(),
            findings: findings(report),
            used: used(report, &mask),
            suppressions: suppressions(report),
            bypass: bypass(report, &mask, approved),
            actor: actor.map(|actor| Actor { name: text(&actor.name), ..actor }),
            repository: session.server.as_ref().and_then(|server| server.repository.as_deref()).map(text),
        });
    }
}

fn policy(session: &Session, report: &Report) -> Policy {
    let today = session.now.date();
    let exceptions = session.policy().exceptions();
    let expired = exceptions.iter().filter(|exception| exception.is_expired(today)).count() as u64;
    Policy {
        digest: report.policy_digest.clone(),
        ruleset_digest: report.ruleset_digest.clone(),
        exceptions: Exceptions {
            digest: session.policy().exceptions_digest(),
            active: (exceptions.len() as u64).saturating_sub(expired),
            expired,
        },
    }
}

fn coverage(report: &Report, mask: &Mask) -> Coverage {
    let judged = &report.coverage;
    let skipped = judged.skipped.iter().map(|(reason, count)| Skipped {
        reason: reason.as_str().to_owned(),
        count: *count,
        declared: reason.is_declared(),
    });
    let problems = report.problems.iter().map(|problem| match &problem.place {
        Some(place) => mask.text(&format!("{place}: {}", problem.what)).into_owned(),
        None => mask.text(&problem.what).into_owned(),
    });
    Coverage {
        complete: report.is_complete(),
        shallow: judged.shallow,
        objects: judged.objects,
        blobs: judged.blobs,
        files: judged.files,
        texts: judged.texts,
        bytes: judged.bytes,
        skipped: skipped.collect(),
        unjudged: problems.take(Scope::NAMES).collect(),
    }
}

fn findings(report: &Report) -> Findings {
    let row = |finding: &gatepost_core::Finding, disposition: &str| Finding {
        fingerprint: finding.fingerprint.to_string(),
        rule: finding.rule.clone(),
        family: finding.family.to_owned(),
        severity: finding.severity.as_str().to_owned(),
        disposition: disposition.to_owned(),
        commit: finding.locations.first().and_then(|at| at.commit).map(|id| id.to_string()),
    };
    let found = report.findings.iter().map(|finding| row(finding, finding.level.as_str()));
    let stand = report.suppressed.iter().map(|one| row(&one.finding, one.by.kind()));
    let denied = || report.findings.iter().filter(|finding| finding.level == Level::Deny);
    Findings {
        denied: denied().count() as u64,
        warned: report.count(Level::Warn) as u64,
        noted: report.count(Level::Note) as u64,
        suppressed: report.suppressed.len() as u64,
        secrets: denied().filter(|finding| finding.family == "GP-SEC").count() as u64,
        listed: found.chain(stand).take(Findings::LISTED).collect(),
    }
}

fn used(report: &Report, mask: &Mask) -> Vec<Used> {
    let mut used: BTreeMap<&str, (&Exception, u64)> = BTreeMap::new();
    for suppressed in &report.suppressed {
        if let Suppression::Exception(exception) = &suppressed.by {
            used.entry(&exception.id).or_insert((exception, 0)).1 += 1;
        }
    }
    let text = |text: &str| mask.text(text).into_owned();
    let record = |(exception, findings): (&Exception, u64)| Used {
        id: text(&exception.id),
        rule: text(&exception.rule),
        status: exception.status.as_str().to_owned(),
        reason: text(&exception.reason),
        owner: text(&exception.owner),
        approver: exception.approver.as_deref().map(text),
        ticket: exception.ticket.as_deref().map(text),
        expires: exception.expires,
        findings,
    };
    used.into_values().map(record).collect()
}

fn suppressions(report: &Report) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for suppressed in &report.suppressed {
        *counts.entry(suppressed.by.kind().to_owned()).or_default() += 1;
    }
    counts
}

fn bypass(report: &Report, mask: &Mask, approved: bool) -> Option<Bypass> {
    let is_opened = |by: &Suppression| matches!(by, Suppression::BreakGlass { .. });
    let opened = || report.suppressed.iter().map(|one| &one.by).filter(|by| is_opened(by));
    let Suppression::BreakGlass { id, reason, owner } = opened().next()? else { return None };
    Some(Bypass {
        method: "break-glass".to_owned(),
        id: Some(id.clone()),
        reason: mask.text(reason).into_owned(),
        owner: Some(mask.text(owner).into_owned()),
        approved,
        findings: opened().count() as u64,
    })
}

/// Whether the tag that a ref is to be has a signature; `None` also of one that cannot be read, which the gate itself says.
fn is_signed(repository: &dyn Repository, update: &RefUpdate) -> Option<bool> {
    update.name.tag()?;
    let tag = repository.tag(&update.new?).ok()?;
    // As Git finds it: by the line that it begins with.
    let is_beginning = |line: &[u8]| SignatureFormat::of(line).is_some();
    Some(tag.is_some_and(|tag| tag.message.split(|byte| *byte == b'\n').any(is_beginning)))
}
