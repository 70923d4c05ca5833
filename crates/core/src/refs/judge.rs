//! Which names a change set brings, and what the rules say of them.

use super::config::Settings;
use super::rules::{Complaint, Judges, RULES, RefRule};
use crate::policy::{Policy, PolicyError};
use crate::text::shell_word;
use crate::{
    ChangeSet, Check, Code, Confidence, Date, Excerpt, Finding, Fingerprint, Level, Location, Push, RefName,
    Sink, Span, Stage, Via,
};
use std::collections::HashSet;

/// The check of names, built from a policy for one stage.
#[derive(Debug)]
pub struct Judge {
    settings: Settings,
}

/// How a name came to be judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Moment {
    /// It is the branch that a commit is being made on.
    Local,
    /// It is the name on the receiving side of a push.
    Pushed,
}

impl Judge {
    /// Builds the check for a stage and a day.
    ///
    /// # Errors
    ///
    /// A value of `[branch]` that is impossible: a template that can match nothing, a level without patterns.
    pub fn new(policy: &Policy, stage: Stage, today: Date) -> Result<Self, PolicyError> {
        Ok(Self { settings: Settings::new(policy, stage, today)? })
    }

    /// Judges one full ref name, as a local branch.
    #[must_use]
    pub fn name(&self, name: &RefName) -> Vec<Finding> {
        self.judge(name, Moment::Local)
    }

    /// What is to be said of a name by itself.
    fn judge(&self, name: &RefName, moment: Moment) -> Vec<Finding> {
        self.by_rules(name, moment, |rule| match rule.judge {
            Judges::Name(judge) => judge(&self.settings, name),
            Judges::Among(_) => None,
        })
    }

    /// What is to be said of a name among those that are there.
    pub(super) fn among(&self, name: &RefName, others: &[&RefName], moment: Moment) -> Vec<Finding> {
        self.by_rules(name, moment, |rule| match rule.judge {
            Judges::Name(_) => None,
            Judges::Among(judge) => judge(name, others),
        })
    }

    fn by_rules(
        &self,
        name: &RefName,
        moment: Moment,
        judge: impl Fn(&RefRule) -> Option<Complaint>,
    ) -> Vec<Finding> {
        let short = name.short();
        if name.branch().is_some() && self.settings.is_exempt(short) {
            return Vec::new();
        }
        RULES
            .iter()
            .filter_map(|rule| {
                let level = (rule.levels)(&self.settings).of(rule.info.severity);
                let complaint = (level != Level::Off).then(|| judge(rule)).flatten()?;
                Some(finding(rule, level, complaint, name, moment))
            })
            .collect()
    }
}

impl Check for Judge {
    fn change_set(&self, change_set: &ChangeSet, sink: &mut dyn Sink) {
        // A push says under which names its commits arrive; the branch checked out is none of its business.
        let pushes = matches!(change_set.stage, Stage::PrePush | Stage::PreReceive | Stage::Ci);
        let local = change_set.branch.iter().filter(|_| !pushes).map(|name| (name, Moment::Local));
        // What a server moves for its own books it may name as it likes.
        let is_internal = change_set.pusher.as_ref().is_some_and(|pusher| pusher.via == Via::Internal);
        let updates = change_set.ref_updates.iter().filter(|update| {
            let is_books = is_internal && update.name.branch().is_none() && update.name.tag().is_none();
            update.new.is_some() && !is_books
        });
        let pushed = updates.map(|update| (&update.name, Moment::Pushed));
        for finding in local.chain(pushed).flat_map(|(name, moment)| self.judge(name, moment)) {
            sink.finding(finding);
        }
    }

    fn is_judging_moves(&self) -> bool {
        self.settings.case_clashes.strictest() != Level::Off
    }

    fn push(&self, push: &Push<'_>, sink: &mut dyn Sink) {
        if !self.is_judging_moves() {
            return;
        }
        let made = || push.updates.iter().filter(|update| update.new.is_some() && update.old.is_none());
        // What the push deletes makes room; of two names of one push each is told of.
        let deleted: HashSet<&RefName> =
            push.updates.iter().filter(|update| update.new.is_none()).map(|update| &update.name).collect();
        let there = push.refs.iter().map(|reference| &reference.name).filter(|name| !deleted.contains(name));
        let others: Vec<&RefName> = there.chain(made().map(|update| &update.name)).collect();
        for finding in made().flat_map(|update| self.among(&update.name, &others, Moment::Pushed)) {
            sink.finding(finding);
        }
    }

    fn standing(&self, push: &Push<'_>, sink: &mut dyn Sink) {
        let others: Vec<&RefName> = push.refs.iter().map(|reference| &reference.name).collect();
        for name in push.updates.iter().map(|update| &update.name) {
            self.judge(name, Moment::Local).into_iter().for_each(|finding| sink.finding(finding));
            self.among(name, &others, Moment::Local).into_iter().for_each(|finding| sink.finding(finding));
        }
    }
}

fn finding(rule: &RefRule, level: Level, complaint: Complaint, name: &RefName, moment: Moment) -> Finding {
    let branch = name.branch().is_some();
    let mut fix = Vec::new();
    if let Some(better) = &complaint.better {
        let better = shell_word(better);
        match (moment, branch) {
            (Moment::Local, true) => fix.push(format!("git branch -m {better}")),
            (Moment::Pushed, true) => fix.push(format!("git push origin HEAD:refs/heads/{better}")),
            _ => {}
        }
    } else if branch {
        fix.push("rename the branch: git branch -m NEW-NAME".to_owned());
    }
    fix.extend(complaint.fix);
    let shown = name.shown().into_owned();
    let what = name.kind();
    Finding {
        rule: rule.info.name.to_owned(),
        code: Code::new(rule.info.code),
        family: super::CHECK.family,
        name: rule.info.name.replace('-', " "),
        severity: rule.info.severity,
        confidence: Confidence::High,
        level,
        message: complaint.message,
        why: vec![rule.info.why.to_owned()],
        fix,
        fingerprint: Fingerprint::of_place(rule.info.code, name.as_bytes(), b""),
        secret: None,
        locations: vec![Location {
            subject: Some(format!("{what} name {shown}")),
            span: Some(span(&shown)),
            excerpt: Some(Excerpt { start: 0, end: shown.len(), text: shown }),
            ..Location::default()
        }],
    }
}

/// The whole of a name, which is one line.
fn span(name: &str) -> Span {
    let after = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1);
    Span {
        start_byte: 0,
        end_byte: name.len() as u64,
        line: 1,
        column: 1,
        character: 1,
        utf16: 1,
        end_line: 1,
        end_column: after(name.len()),
        end_character: after(name.chars().count()),
        end_utf16: after(name.encode_utf16().count()),
    }
}
