//! Windows: the hours of the week in which refs move.

use super::super::reach::{EXCEPT, EXEMPT, MATCH, Reach, VIA, Way};
use super::{Closed, judge, wrong};
use crate::change::Push;
use crate::check::{Check, CheckInfo, Context, Places, Scope};
use crate::code::CodeInfo;
use crate::policy::{Excuse, Key, Kind, Levels, Policy, PolicyError, Strictness};
use crate::severity::Severity;
use crate::{RefName, Sink, Timestamp, Via};
use serde::Deserialize;

/// The check's entry in the registry.
pub static WINDOW: CheckInfo = CheckInfo {
    section: "window",
    family: "GP-REF",
    title: "change windows",
    codes: &CODES,
    keys: KEYS,
    blocks: Some(&BLOCKS),
    scope: Scope::Run,
    run_keys: &[],
    places: Places { path: false, commit: false },
    build: |context: &Context<'_>| Ok(Box::new(Judge::new(context.policy, context.now)?)),
};

static CODES: [CodeInfo; 1] = [CodeInfo {
    code: "GP-REF-061",
    name: "outside-window",
    severity: Severity::Medium,
    summary: "A ref moves outside of the windows in which it may.",
    why: "Changes to production land while those who can take them back are at work.",
    fix: "Push again when the window is open.",
    fires: "git push origin v1.4.2 (on a Friday evening)",
    silent: "git push origin v1.4.2 (on a Tuesday morning)",
}];

/// One `[[window]]`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Window {
    /// The refs: globs over full names.
    #[serde(rename = "match")]
    pub matches: Vec<String>,
    /// Refs that match and are always open.
    #[serde(default)]
    pub except: Vec<String>,
    /// The way of moving that has hours; `None`: both.
    pub via: Option<Way>,
    /// The days of the week.
    pub days: Vec<String>,
    /// When it opens, `09:00`.
    pub from: String,
    /// When it closes, `16:30`.
    pub to: String,
    /// The time zone of both.
    pub time_zone: Option<String>,
    /// What a move outside means.
    pub level: Option<Levels>,
    /// Whom it does not bind.
    #[serde(default)]
    pub exempt: Vec<Excuse>,
}

/// The days, as policies write them, from Monday.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

static BLOCKS: Key = Key {
    name: "window",
    kind: Kind::Tables(KEYS),
    default: "",
    strictness: Strictness::Unordered,
    help: "Hours in which refs move, one block for each. A ref that a block matches moves only while one of its blocks is open; a ref that none matches always does.",
};

const fn time(name: &'static str, help: &'static str) -> Key {
    Key { name, kind: Kind::Text, default: "", strictness: Strictness::Unordered, help }
}

static KEYS: &[Key] = &[
    MATCH,
    EXCEPT,
    VIA,
    Key {
        name: "days",
        kind: Kind::List(&Kind::Choice(&DAYS)),
        default: "",
        strictness: Strictness::FewerItems,
        help: "The days on which it opens. Required.",
    },
    time("from", "When it opens: hours and minutes, `09:00`. Required."),
    time("to", "When it closes, `16:30`; with an earlier time than `from`, on the next day. Required."),
    time(
        "time-zone",
        "The time zone of both, by its name in the IANA database: `Europe/Berlin`. UTC when it is not set.",
    ),
    Key {
        name: "level",
        kind: Kind::Levels,
        default: "",
        strictness: Strictness::Levels,
        help: "What a move outside of the windows means on the server; deny when it is not set. Elsewhere it warns at most.",
    },
    EXEMPT,
];

#[derive(Debug)]
struct Compiled {
    block: Window,
    reach: Reach,
    from: jiff::civil::Time,
    to: jiff::civil::Time,
    zone: jiff::tz::TimeZone,
}

#[derive(Debug)]
struct Judge {
    blocks: Vec<Compiled>,
    now: Timestamp,
}

impl Judge {
    fn new(policy: &Policy, now: Timestamp) -> Result<Self, PolicyError> {
        let blocks: Vec<Window> = policy.blocks("window")?;
        let compiled = blocks.into_iter().enumerate().map(|(at, block)| {
            let number = at.saturating_add(1);
            let fail = |message: String, help: &str| wrong(policy, "window", number, &message, help);
            let time = |key: &str, text: &str| {
                let parsed = jiff::civil::Time::strptime("%H:%M", text).ok();
                parsed.ok_or_else(|| {
                    fail(format!("`{key}` is no time of day: {text:?}"), "write hours and minutes: 09:00")
                })
            };
            let (from, to) = (time("from", &block.from)?, time("to", &block.to)?);
            if from == to || block.days.is_empty() {
                return Err(fail(
                    "it never opens".to_owned(),
                    "give it days, and a `to` that is not its `from`",
                ));
            }
            let name = block.time_zone.as_deref().unwrap_or("UTC");
            let zone = jiff::tz::TimeZone::get(name).map_err(|_| {
                fail(
                    format!("`time-zone` is not known: {name:?}"),
                    "the names are those of the IANA database: Europe/Berlin",
                )
            })?;
            let globs: [&[String]; 2] = [&block.matches, &block.except];
            let reach = Reach::new(policy, "window", number, block.via, globs, &block.exempt, now.date())?;
            Ok(Compiled { block, reach, from, to, zone })
        });
        Ok(Self { blocks: compiled.collect::<Result<_, _>>()?, now })
    }

    /// The blocks for a ref, unless one of them is open.
    fn closing(&self, name: &RefName, via: Via) -> Vec<Closed<'_>> {
        let blocks = self.blocks.iter().enumerate().filter(|(_, block)| block.reach.is_for(name, via));
        let blocks: Vec<(usize, &Compiled)> = blocks.collect();
        if blocks.iter().any(|(_, block)| block.is_open(self.now)) {
            return Vec::new();
        }
        let hours: Vec<String> = blocks.iter().map(|(_, block)| block.hours()).collect();
        let first = blocks.first().copied();
        first
            .map(|(at, block)| Closed {
                section: "window",
                number: at.saturating_add(1),
                reach: &block.reach,
                code: &CODES[0],
                levels: block.block.level.as_ref(),
                message: "moves outside of its windows".to_owned(),
                why: Vec::new(),
                fix: vec![format!("push again when it is open: {}", hours.join("; "))],
            })
            .into_iter()
            .collect()
    }
}

impl Compiled {
    fn is_open(&self, now: Timestamp) -> bool {
        let Ok(instant) = jiff::Timestamp::from_second(now.seconds) else { return false };
        let local = self.zone.to_datetime(instant);
        let on = |day: jiff::civil::Date| {
            let at = usize::try_from(day.weekday().to_monday_zero_offset()).ok();
            at.and_then(|at| DAYS.get(at)).is_some_and(|day| self.block.days.iter().any(|open| open == day))
        };
        let time = local.time();
        if self.from < self.to {
            return on(local.date()) && (self.from..self.to).contains(&time);
        }
        // Through midnight: of the day on which it opened.
        let opened_yesterday = local.date().yesterday().is_ok_and(on);
        (on(local.date()) && time >= self.from) || (opened_yesterday && time < self.to)
    }

    /// `mon, tue 09:00 to 16:30 Europe/Berlin`.
    fn hours(&self) -> String {
        let Window { days, from, to, time_zone, .. } = &self.block;
        format!("{} {from} to {to} {}", days.join(", "), time_zone.as_deref().unwrap_or("UTC"))
    }
}

impl Check for Judge {
    fn is_judging_moves(&self) -> bool {
        !self.blocks.is_empty()
    }

    fn push(&self, push: &Push<'_>, sink: &mut dyn Sink) {
        judge(push, sink, |name, via| self.closing(name, via));
    }
}
