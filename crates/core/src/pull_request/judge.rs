//! From a pull request to findings, and to what could not be judged.

use super::body::Visible;
use super::config::{Settings, TitleForm};
use super::facts::{PullRequest, Unknown};
use super::rules::{Complaint, PullRequestRule, RULES};
use crate::policy::{Policy, PolicyError};
use crate::text::escape;
use crate::{
    Change, ChangeSet, Check, Code, Confidence, Excerpt, Finding, Fingerprint, Level, Location, Problem,
    Sink, Stage,
};

/// The check of pull requests, built from a policy for one stage.
#[derive(Debug)]
pub struct Judge {
    settings: Settings,
}

/// What a rule is shown.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    pub(super) settings: &'a Settings,
    pub(super) facts: &'a PullRequest,
    /// The paths that the commits of the request change.
    pub(super) changes: &'a [Change],
    /// What is seen of the description; `None` where it is not known or nobody asks.
    pub(super) visible: Option<&'a Visible>,
}

/// What rules have to say.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    pub(super) complaints: Vec<Complaint>,
    /// What was to be judged and is not known: `labels`, and why.
    pub(super) unknown: Vec<(&'static str, Unknown)>,
}

impl Judge {
    /// Builds the check for a stage.
    ///
    /// # Errors
    ///
    /// A value of `[pull-request]` that is impossible: a label for backports without a place for the version.
    pub fn new(policy: &Policy, stage: Stage) -> Result<Self, PolicyError> {
        Ok(Self { settings: Settings::new(policy, stage)? })
    }

    fn judge(&self, facts: &PullRequest, changes: &[Change], sink: &mut dyn Sink) {
        let settings = &self.settings;
        if settings.level.strictest() == Level::Off {
            return;
        }
        let body = facts.body.known().filter(|_| settings.needs_body());
        let visible = body.map(|body| Visible::new(&body.text));
        let subject = Subject { settings, facts, changes, visible: visible.as_ref() };
        let mut unknown: Vec<(&'static str, Unknown)> = Vec::new();
        if settings.title == TitleForm::Conventional
            && let Err(why) = facts.title.get()
        {
            unknown.push(("title", why.clone()));
        }
        for rule in RULES.iter().filter(|rule| settings.level.of(rule.info.severity) != Level::Off) {
            let mut verdicts = Verdicts::default();
            (rule.judge)(&subject, &mut verdicts);
            for complaint in verdicts.complaints {
                sink.finding(self.finding(rule, complaint, facts));
            }
            unknown.extend(verdicts.unknown);
        }
        if let Some(cut) = body.and_then(|body| body.cut.as_ref()) {
            sink.notice(format!("of the body of {} only the beginning was judged: {}", facts.name, cut.why));
        }
        for (at, missing) in unknown.iter().enumerate() {
            if !unknown.iter().take(at).any(|before| before == missing) {
                self.not_judged(missing, facts, sink);
            }
        }
    }

    fn not_judged(&self, (what, unknown): &(&str, Unknown), facts: &PullRequest, sink: &mut dyn Sink) {
        let what = format!("not judged: the {what} of {}: {}", facts.name, unknown.why);
        if self.settings.needs_facts {
            sink.problem(Problem { what, place: None, fix: unknown.fix.clone() });
        } else {
            sink.notice(what);
        }
    }

    fn finding(&self, rule: &PullRequestRule, complaint: Complaint, facts: &PullRequest) -> Finding {
        let excerpt = complaint.shown.map(|shown| {
            let text = escape(&shown).into_owned();
            Excerpt { start: 0, end: text.len(), text }
        });
        let mut fix = complaint.fix;
        fix.push(format!("edit {}, and run the job again where an edit does not start it", facts.name));
        Finding {
            rule: rule.info.name.to_owned(),
            code: Code::new(rule.info.code),
            family: super::CHECK.family,
            name: rule.info.name.replace('-', " "),
            severity: rule.info.severity,
            confidence: Confidence::High,
            level: self.settings.level.of(rule.info.severity),
            message: complaint.message,
            why: vec![rule.info.why.to_owned()],
            fix,
            fingerprint: Fingerprint::of_place(
                rule.info.code,
                facts.name.as_bytes(),
                complaint.about.as_bytes(),
            ),
            secret: None,
            locations: vec![Location {
                subject: Some(format!("{} of {}", complaint.place, facts.name)),
                excerpt,
                ..Location::default()
            }],
        }
    }
}

impl Check for Judge {
    fn change_set(&self, change_set: &ChangeSet, sink: &mut dyn Sink) {
        if let Some(facts) = &change_set.pull_request {
            self.judge(facts, &change_set.changes, sink);
        }
    }
}
