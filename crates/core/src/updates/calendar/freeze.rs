//! Freezes: refs that nobody moves from one moment to another.

use super::super::reach::{EXCEPT, EXEMPT, MATCH, Reach, VIA, Way};
use super::{Closed, judge, wrong};
use crate::change::Push;
use crate::check::{Check, CheckInfo, Context, Places, Scope};
use crate::code::CodeInfo;
use crate::policy::{Excuse, Key, Kind, Levels, Policy, PolicyError, Strictness};
use crate::severity::Severity;
use crate::{Date, Sink, Timestamp};
use serde::Deserialize;

/// The check's entry in the registry.
pub static FREEZE: CheckInfo = CheckInfo {
    section: "freeze",
    family: "GP-REF",
    title: "freezes",
    codes: &CODES,
    keys: KEYS,
    blocks: Some(&BLOCKS),
    scope: Scope::Run,
    run_keys: &[],
    places: Places { path: false, commit: false },
    build: |context: &Context<'_>| Ok(Box::new(Judge::new(context.policy, context.now)?)),
};

static CODES: [CodeInfo; 1] = [CodeInfo {
    code: "GP-REF-060",
    name: "frozen",
    severity: Severity::High,
    summary: "A ref moves while a freeze holds for it.",
    why: "What lands during a freeze is released untested, or while nobody is there to take it back.",
    fix: "Wait until the freeze ends, or ask its approver.",
    fires: "git push origin main (during the freeze of the year's end)",
    silent: "git push origin main (after it)",
}];

/// One `[[freeze]]`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Freeze {
    /// The refs: globs over full names.
    #[serde(rename = "match")]
    pub matches: Vec<String>,
    /// Refs that match and stay open.
    #[serde(default)]
    pub except: Vec<String>,
    /// The way of moving that is closed; `None`: both.
    pub via: Option<Way>,
    /// The first moment.
    pub from: String,
    /// The last day, or the moment from which it no longer holds.
    pub to: String,
    /// Who declared it.
    pub approver: String,
    /// What it is about.
    pub scope: String,
    /// What must be true for it to end.
    pub exit_criteria: String,
    /// What a move during it means.
    pub level: Option<Levels>,
    /// Whom it does not bind.
    #[serde(default)]
    pub exempt: Vec<Excuse>,
}

static BLOCKS: Key = Key {
    name: "freeze",
    kind: Kind::Tables(KEYS),
    default: "",
    strictness: Strictness::MoreItems,
    help: "Times in which refs do not move, one block for each. A block without approver, scope or exit criteria is an error: a freeze that nobody declared cannot be ended.",
};

const fn text(name: &'static str, help: &'static str) -> Key {
    Key { name, kind: Kind::Text, default: "", strictness: Strictness::Neutral, help }
}

const fn moment(name: &'static str, help: &'static str) -> Key {
    Key { name, kind: Kind::Moment, default: "", strictness: Strictness::Unordered, help }
}

static KEYS: &[Key] = &[
    MATCH,
    EXCEPT,
    VIA,
    moment("from", "When it begins: a day (from 00:00 UTC) or an instant. Required."),
    moment("to", "When it ends: a day (through its end in UTC) or an instant. Required."),
    text("approver", "Who declared it. Required."),
    text("scope", "What it is about, in words: `the payment services, for the year's end`. Required."),
    text("exit-criteria", "What must be true for it to end. Required."),
    Key {
        name: "level",
        kind: Kind::Levels,
        default: "",
        strictness: Strictness::Levels,
        help: "What a move during the freeze means on the server; deny when it is not set. Elsewhere it warns at most.",
    },
    EXEMPT,
];

#[derive(Debug)]
struct Compiled {
    block: Freeze,
    reach: Reach,
    /// The first second, and the first one after it.
    holds: std::ops::Range<i64>,
}

#[derive(Debug)]
struct Judge {
    blocks: Vec<Compiled>,
    now: Timestamp,
}

impl Judge {
    fn new(policy: &Policy, now: Timestamp) -> Result<Self, PolicyError> {
        let blocks: Vec<Freeze> = policy.blocks("freeze")?;
        let compiled = blocks.into_iter().enumerate().map(|(at, block)| {
            let number = at.saturating_add(1);
            let fail = |message: String, help: &str| wrong(policy, "freeze", number, &message, help);
            for (key, text) in [
                ("approver", &block.approver),
                ("scope", &block.scope),
                ("exit-criteria", &block.exit_criteria),
            ] {
                if text.trim().is_empty() {
                    return Err(fail(
                        format!("`{key}` is empty"),
                        "say who declared it, what it is about and when it may end",
                    ));
                }
            }
            let start =
                |text: &str| Date::parse(text).map(Date::start).or_else(|| Timestamp::parse_rfc3339(text));
            let end =
                |text: &str| Date::parse(text).map(Date::end).or_else(|| Timestamp::parse_rfc3339(text));
            let holds = start(&block.from).zip(end(&block.to)).map(|(from, to)| from.seconds..to.seconds);
            let holds = holds.filter(|holds| !holds.is_empty()).ok_or_else(|| {
                fail(
                    format!("it ends ({}) before it begins ({})", block.to, block.from),
                    "let `to` be later than `from`",
                )
            })?;
            let globs: [&[String]; 2] = [&block.matches, &block.except];
            let reach = Reach::new(policy, "freeze", number, block.via, globs, &block.exempt, now.date())?;
            Ok(Compiled { block, reach, holds })
        });
        Ok(Self { blocks: compiled.collect::<Result<_, _>>()?, now })
    }
}

impl Check for Judge {
    fn is_judging_moves(&self) -> bool {
        !self.blocks.is_empty()
    }

    fn push(&self, push: &Push<'_>, sink: &mut dyn Sink) {
        judge(push, sink, |name, via| {
            let blocks = self.blocks.iter().enumerate();
            let closing = blocks.filter(|(_, block)| {
                block.holds.contains(&self.now.seconds) && block.reach.is_for(name, via)
            });
            closing.map(|(at, block)| closed(at.saturating_add(1), block)).collect()
        });
    }
}

fn closed(number: usize, Compiled { block, reach, .. }: &Compiled) -> Closed<'_> {
    let Freeze { from, to, approver, scope, exit_criteria, .. } = block;
    Closed {
        section: "freeze",
        number,
        reach,
        code: &CODES[0],
        levels: block.level.as_ref(),
        message: format!("is frozen from {from} to {to}: {scope}"),
        why: vec![format!("{approver} declared it; it ends when: {exit_criteria}")],
        fix: vec![format!("wait until {to}, or ask {approver}")],
    }
}
