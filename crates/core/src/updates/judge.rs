//! From refs that move to findings.

use super::config::{Compiled, compile};
use super::ports::{Ledger, Owed, Port, Row, complaint};
use super::rules::{FOR_TAGS, RULES, STANDING, UpdateRule, rule_of};
use super::subject::{Complaint, Moved, Subject};
use super::told::Told;
use crate::change::Push;
use crate::history::Unanswered;
use crate::policy::{Levels, Policy, PolicyError};
use crate::{
    Check, Code, Confidence, Finding, Fingerprint, Level, Location, RefName, RefUpdate, Sink, Stage,
    Timestamp, Via,
};
use std::collections::BTreeSet;

/// The check of refs that move, built from a policy for one stage.
#[derive(Debug)]
pub struct Judge {
    blocks: Vec<Compiled>,
    stage: Stage,
    now: Timestamp,
}

impl Judge {
    /// Builds the check for a stage and a moment.
    ///
    /// # Errors
    ///
    /// A block that matches nothing, a pattern that does not compile.
    pub fn new(policy: &Policy, stage: Stage, now: Timestamp) -> Result<Self, PolicyError> {
        Ok(Self { blocks: compile(policy, now.date())?, stage, now })
    }

    /// Judges one ref by the blocks that are for it.
    fn moved(&self, moved: &Moved<'_>, sink: &mut dyn Sink) {
        let via = moved.push.pusher.map_or(Via::Push, |pusher| pusher.way(&moved.update.name));
        if via == Via::Internal {
            return;
        }
        // In CI nothing moves yet: it is the server's merge that will be judged.
        let via = if self.stage == Stage::Ci { Via::Merge } else { via };
        let mut told = Told::default();
        for block in &self.blocks {
            let rules = match &moved.update.name {
                name if block.reach.is_for(name, via) && moved.standing => STANDING,
                name if block.reach.is_for(name, via) => RULES,
                name if name.tag().is_some() && !moved.standing => FOR_TAGS,
                _ => continue,
            };
            let subject = Subject { moved, block };
            for rule in rules.iter().filter(|rule| self.stage != Stage::Ci || rule.in_ci) {
                let level = self.level(rule, &subject);
                if level == Level::Off {
                    continue;
                }
                match (rule.judge)(&subject) {
                    Ok(complaints) => {
                        for complaint in complaints {
                            let finding = self.finding(rule, level, complaint, &subject);
                            told.tell(finding, "ref", block.number, &block.reach, moved.push.pusher);
                        }
                    }
                    Err(Unanswered { problem, reason }) => {
                        sink.skip(reason);
                        sink.problem(problem);
                    }
                }
            }
        }
        told.into_sink(sink);
    }

    /// The branches among `push.refs` that a block wants ported.
    #[must_use]
    pub fn sources_of_ports(&self, push: &Push<'_>) -> Vec<RefName> {
        let blocks = self.blocks.iter().filter_map(|block| Some((block.ports.as_ref()?, &block.reach)));
        let names = blocks.flat_map(|(ports, reach)| Ledger::new(push, ports, reach).sources());
        names.map(|(name, _)| name).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Every own commit of the branches among `push.refs` that a block wants ported, `wanted` of them, and what has become
    /// of it on each target. Of what several blocks want, the strictest counts.
    ///
    /// # Errors
    ///
    /// When the repository cannot answer: part of a list would look like the whole.
    pub fn forward_ports(
        &self,
        push: &Push<'_>,
        wanted: &dyn Fn(&RefName) -> bool,
    ) -> Result<Vec<Port>, Unanswered> {
        let mut ports: Vec<Port> = Vec::new();
        for block in &self.blocks {
            let Some(of_block) = &block.ports else { continue };
            let ledger = Ledger::new(push, of_block, &block.reach);
            for (from, tip) in ledger.sources().into_iter().filter(|(from, _)| wanted(from)) {
                // As if it were deleted.
                let update = RefUpdate { name: from.clone(), old: Some(tip), new: None };
                let moved = Moved::new(push, &update, self.now);
                let subject = Subject { moved: &moved, block };
                for row in ledger.rows(&from, tip)? {
                    let port = self.port(row, &subject);
                    let same = |known: &&mut Port| {
                        known.commit.id == port.commit.id && known.from == port.from && known.to == port.to
                    };
                    match ports.iter_mut().find(same) {
                        Some(known) if known.level < port.level => *known = port,
                        Some(_) => {}
                        None => ports.push(port),
                    }
                }
            }
        }
        Ok(ports)
    }

    fn port(&self, row: Row, subject: &Subject<'_>) -> Port {
        let rule = rule_of(&row.state);
        let level = self.level(rule, subject);
        let owed = Owed { row, released: None };
        let is_owed = owed.row.state.is_owed();
        let finding = is_owed.then(|| self.finding(rule, level, complaint(subject.moved, &owed), subject));
        let Row { commit, from, to, state } = owed.row;
        Port { commit, from, to, state, level: if is_owed { level } else { Level::Off }, finding }
    }

    fn level(&self, rule: &UpdateRule, subject: &Subject<'_>) -> Level {
        let Some(levels) = (rule.levels)(&subject.block.block) else { return Level::Off };
        let level = levels.by_severity(self.stage).of(rule.info.severity);
        if self.why_unsure(subject).is_some() { level.min(Level::Warn) } else { level }
    }

    /// Why nobody can tell here whether the block binds whoever moved the ref; `None` where it can be told.
    fn why_unsure(&self, subject: &Subject<'_>) -> Option<&'static str> {
        if !subject.block.reach.exempts_anybody() {
            return None;
        }
        if subject.moved.standing {
            return Some("Some are exempt, and who made a ref that is there is not on record.");
        }
        // Who pushes is not known before the server asks: whom it exempts, a hook at home cannot tell.
        (self.stage == Stage::PrePush)
            .then_some("The server decides: it knows who pushes, and some are exempt.")
    }

    fn finding(
        &self,
        rule: &UpdateRule,
        level: Level,
        complaint: Complaint,
        subject: &Subject<'_>,
    ) -> Finding {
        let moved = subject.moved;
        let mut why = vec![rule.info.why.to_owned()];
        why.extend(self.why_unsure(subject).map(str::to_owned));
        let mut fix = complaint.fix;
        if fix.is_empty() {
            fix.push(rule.info.fix.to_owned());
        }
        let name = moved.update.name.as_bytes();
        Finding {
            rule: rule.info.name.to_owned(),
            code: Code::new(rule.info.code),
            family: super::CHECK.family,
            name: rule.info.name.replace('-', " "),
            severity: rule.info.severity,
            confidence: Confidence::High,
            level,
            message: complaint.message,
            why,
            fix,
            fingerprint: Fingerprint::of_place(rule.info.code, name, complaint.detail.as_bytes()),
            secret: None,
            locations: vec![Location {
                subject: Some(moved.named()),
                commit: complaint.commit.as_ref().map(|commit| commit.id),
                author: complaint.commit.as_ref().map(|commit| commit.author.clone()),
                ..Location::default()
            }],
        }
    }
}

impl Check for Judge {
    fn is_judging_moves(&self) -> bool {
        !self.blocks.is_empty()
    }

    fn push(&self, push: &Push<'_>, sink: &mut dyn Sink) {
        for update in push.updates {
            self.moved(&Moved::new(push, update, self.now), sink);
        }
    }

    fn standing(&self, push: &Push<'_>, sink: &mut dyn Sink) {
        for update in push.updates {
            self.moved(&Moved::standing(push, update, self.now), sink);
        }
    }
}

/// The level of a rule that has none of its own: the block's, where `is_set`.
pub(super) fn of_block(block: &super::Block, is_set: bool) -> Option<Levels> {
    is_set.then(|| block.level.clone().unwrap_or(Levels::all(Level::Deny)))
}
