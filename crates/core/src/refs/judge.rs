//! Which names a change set brings, and what the rules say of them.

use super::config::Settings;
use super::rules::{Complaint, RULES, RefRule};
use crate::policy::{Policy, PolicyError};
use crate::text::shell_word;
use crate::{
    ChangeSet, Check, Code, Confidence, Date, Excerpt, Finding, Fingerprint, Level, Location, RefName, Sink,
    Span, Stage,
};

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

    fn judge(&self, name: &RefName, moment: Moment) -> Vec<Finding> {
        let short = name.branch().or_else(|| name.tag()).unwrap_or(name.as_bytes());
        if name.branch().is_some() && self.settings.is_exempt(short) {
            return Vec::new();
        }
        RULES
            .iter()
            .filter_map(|rule| {
                let level = (rule.levels)(&self.settings).of(rule.info.severity);
                let complaint =
                    (level != Level::Off).then(|| (rule.judge)(&self.settings, name)).flatten()?;
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
        let updates = change_set.ref_updates.iter().filter(|update| update.new.is_some());
        let pushed = updates.map(|update| (&update.name, Moment::Pushed));
        for finding in local.chain(pushed).flat_map(|(name, moment)| self.judge(name, moment)) {
            sink.finding(finding);
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
    let short = name.branch().or_else(|| name.tag()).unwrap_or(name.as_bytes());
    let shown = RefName::new(short).escaped().into_owned();
    let what = if branch { "branch" } else { "tag" };
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
