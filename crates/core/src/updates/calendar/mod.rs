//! When refs may move: freezes, from one day to another, and windows, at certain hours of certain days.
//!
//! Both are judged by the clock of the machine that judges, which on a server nobody sets but its administrator. A hook at
//! home and a pipeline warn: when the change lands is for the server to see.

mod freeze;
mod window;

pub use freeze::{FREEZE, Freeze};
pub use window::{WINDOW, Window};

use super::reach::Reach;
use super::told::Told;
use crate::change::Push;
use crate::policy::{Levels, Policy, PolicyError};
use crate::{
    Code, CodeInfo, Confidence, Finding, Fingerprint, Level, Location, RefName, RefUpdate, Sink, Stage, Via,
};

/// What a block of either kind is to the rest.
struct Closed<'a> {
    section: &'static str,
    number: usize,
    reach: &'a Reach,
    code: &'static CodeInfo,
    levels: Option<&'a Levels>,
    /// Why the ref is closed, in words that follow its name.
    message: String,
    why: Vec<String>,
    fix: Vec<String>,
}

/// An error about block `number` of a section.
fn wrong(policy: &Policy, section: &str, number: usize, message: &str, help: &str) -> PolicyError {
    policy.error(section, format!("[[{section}]] number {number}: {message}"), Some(help.to_owned()))
}

/// Judges every ref that moves by the blocks that `closing` finds for it.
fn judge<'a>(push: &Push<'_>, sink: &mut dyn Sink, closing: impl Fn(&RefName, Via) -> Vec<Closed<'a>>) {
    for update in push.updates {
        let via = push.pusher.map_or(Via::Push, |pusher| pusher.way(&update.name));
        if via == Via::Internal {
            continue;
        }
        let via = if push.stage == Stage::Ci { Via::Merge } else { via };
        let mut told = Told::default();
        for closed in closing(&update.name, via) {
            if let Some(finding) = finding(push.stage, update, &closed) {
                told.tell(finding, closed.section, closed.number, closed.reach, push.pusher);
            }
        }
        told.into_sink(sink);
    }
}

fn finding(stage: Stage, update: &RefUpdate, closed: &Closed<'_>) -> Option<Finding> {
    let info = closed.code;
    let levels = closed.levels.cloned().unwrap_or(Levels::all(Level::Deny));
    let level = levels.by_severity(stage).of(info.severity);
    let decides = stage == Stage::PreReceive;
    let level = if decides { level } else { level.min(Level::Warn) };
    if level == Level::Off {
        return None;
    }
    let name = &update.name;
    let shown = name.described();
    let mut why = vec![info.why.to_owned()];
    why.extend(closed.why.iter().cloned());
    if !decides {
        why.push("The server decides, by its own clock, when the change lands there.".to_owned());
    }
    Some(Finding {
        rule: info.name.to_owned(),
        code: Code::new(info.code),
        family: "GP-REF",
        name: info.name.replace('-', " "),
        severity: info.severity,
        confidence: Confidence::High,
        level,
        message: format!("the {shown} {}", closed.message),
        why,
        fix: closed.fix.clone(),
        fingerprint: Fingerprint::of_place(info.code, name.as_bytes(), closed.number.to_string().as_bytes()),
        secret: None,
        locations: vec![Location { subject: Some(shown), ..Location::default() }],
    })
}
