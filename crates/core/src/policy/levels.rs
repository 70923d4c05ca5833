//! A level, a level by stage, a level by severity, or both.

use crate::{Level, Severity, Stage};
use serde::{Deserialize, Deserializer, de};
use std::collections::BTreeMap;

/// The levels, for people.
pub(super) const LEVEL_WORDS: &str = "\"deny\", \"warn\", \"note\" or \"off\"";

/// One level for each severity.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SeverityLevels([Level; Severity::ALL.len()]);

impl SeverityLevels {
    /// One level whatever the severity.
    #[must_use]
    pub const fn all(level: Level) -> Self {
        Self([level; Severity::ALL.len()])
    }

    /// The level of a finding of this severity.
    #[must_use]
    pub fn of(&self, severity: Severity) -> Level {
        self.0.get(severity as usize).copied().unwrap_or(Level::Deny)
    }

    /// The strictest of them: `Off` when nothing is judged.
    #[must_use]
    pub fn strictest(&self) -> Level {
        self.0.iter().copied().max().unwrap_or(Level::Off)
    }

    fn set(&mut self, severity: Severity, level: Level) {
        if let Some(slot) = self.0.get_mut(severity as usize) {
            *slot = level;
        }
    }
}

/// What `level = "deny"`, `level = { default = "warn", ci = "deny" }`, `level = { critical = "deny", default = "warn" }` and
/// `level = { default = "deny", ci = { high = "deny", default = "note" } }` say.
///
/// A stage that is not named has the levels outside every stage; where nothing stands there, its level is `off`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Levels {
    everywhere: SeverityLevels,
    by_stage: BTreeMap<Stage, SeverityLevels>,
}

/// Where one table of levels is more lenient than another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WeakerLevel {
    /// The first stage at which it is.
    pub stage: Stage,
    /// The severity; `None`: whatever the severity.
    pub severity: Option<Severity>,
    /// The more lenient level.
    pub level: Level,
    /// The other one.
    pub than: Level,
}

impl std::fmt::Display for WeakerLevel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { stage, level, than, .. } = self;
        let severity = self.severity.map_or_else(String::new, |severity| format!(" for {severity} severity"));
        write!(f, "at {stage}{severity} it would fall from \"{than}\" to \"{level}\"")
    }
}

impl Levels {
    /// One level at every stage.
    #[must_use]
    pub const fn all(level: Level) -> Self {
        Self { everywhere: SeverityLevels::all(level), by_stage: BTreeMap::new() }
    }

    /// The strictest level at `stage`, over all severities.
    #[must_use]
    pub fn at(&self, stage: Stage) -> Level {
        self.by_severity(stage).strictest()
    }

    /// The levels at `stage`.
    #[must_use]
    pub fn by_severity(&self, stage: Stage) -> SeverityLevels {
        self.by_stage.get(&stage).copied().unwrap_or(self.everywhere)
    }

    /// The first stage and severity at which `self` is more lenient than `other`; `None` when `self` is as strict or
    /// stricter everywhere.
    #[must_use]
    pub fn weaker_than(&self, other: &Self) -> Option<WeakerLevel> {
        Stage::ALL.iter().find_map(|&stage| {
            let (mine, theirs) = (self.by_severity(stage), other.by_severity(stage));
            let uniform = |levels: &SeverityLevels| levels.0.iter().all(|level| *level == levels.strictest());
            let severity = *Severity::ALL.iter().rev().find(|s| mine.of(**s) < theirs.of(**s))?;
            Some(WeakerLevel {
                stage,
                severity: (!uniform(&mine) || !uniform(&theirs)).then_some(severity),
                level: mine.of(severity),
                than: theirs.of(severity),
            })
        })
    }
}

/// The text of a level, as policies write it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Form {
    One(String),
    Table(BTreeMap<String, Form>),
}

fn level<E: de::Error>(word: &str) -> Result<Level, E> {
    Level::from_word(word)
        .ok_or_else(|| E::custom(format!("`{word}` is not a level: deny, warn, note or off")))
}

/// A level, or a table of levels by severity.
fn severities<E: de::Error>(form: &Form) -> Result<SeverityLevels, E> {
    let table = match form {
        Form::One(word) => return Ok(SeverityLevels::all(level(word)?)),
        Form::Table(table) => table,
    };
    let mut levels = SeverityLevels::all(Level::Off);
    if let Some(Form::One(word)) = table.get("default") {
        levels = SeverityLevels::all(level(word)?);
    }
    for (name, form) in table.iter().filter(|(name, _)| *name != "default") {
        let severity = Severity::from_word(name)
            .ok_or_else(|| E::custom(format!("`{name}` is neither a stage nor a severity")))?;
        let Form::One(word) = form else {
            return Err(E::custom(format!("`{name}` has one level, no table")));
        };
        levels.set(severity, level(word)?);
    }
    Ok(levels)
}

impl<'de> Deserialize<'de> for Levels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut table = match Form::deserialize(deserializer)? {
            Form::One(word) => return Ok(Self::all(level(&word)?)),
            Form::Table(table) => table,
        };
        let mut by_stage = BTreeMap::new();
        for stage in Stage::ALL {
            if let Some(form) = table.remove(stage.as_str()) {
                by_stage.insert(*stage, severities(&form)?);
            }
        }
        Ok(Self { everywhere: severities(&Form::Table(table))?, by_stage })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(text: &str) -> Levels {
        let table: toml::Table = format!("level = {text}").parse().unwrap();
        Levels::deserialize(table["level"].clone()).unwrap()
    }

    #[test]
    fn stages_and_severities_stand_in_one_table() {
        let some = levels(
            r#"{ critical = "deny", default = "warn", ci = { high = "deny", default = "note" }, scan = "off" }"#,
        );
        let at = |stage, severity| some.by_severity(stage).of(severity);
        assert_eq!(at(Stage::PrePush, Severity::Critical), Level::Deny);
        assert_eq!(at(Stage::PrePush, Severity::High), Level::Warn);
        assert_eq!(at(Stage::Ci, Severity::High), Level::Deny);
        assert_eq!(at(Stage::Ci, Severity::Critical), Level::Note);
        assert_eq!(some.at(Stage::Ci), Level::Deny, "the strictest says whether it is on");
        assert_eq!(some.at(Stage::Scan), Level::Off);
        assert_eq!(levels(r#"{ ci = "deny" }"#).at(Stage::PrePush), Level::Off);
    }

    #[test]
    fn the_first_weaker_stage_and_severity_is_named() {
        let deny = levels(r#""deny""#);
        assert_eq!(deny.weaker_than(&deny), None);
        let said = |text: &str| levels(text).weaker_than(&deny).unwrap().to_string();
        assert_eq!(said(r#""warn""#), "at pre-commit it would fall from \"deny\" to \"warn\"");
        assert_eq!(
            said(r#"{ default = "deny", ci = { medium = "note", default = "deny" } }"#),
            "at ci for medium severity it would fall from \"deny\" to \"note\""
        );
        assert_eq!(deny.weaker_than(&levels(r#"{ high = "deny", default = "off" }"#)), None);
    }
}
