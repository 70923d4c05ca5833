//! A level, or a level by stage.

use crate::{Level, Stage};
use serde::{Deserialize, Deserializer, de};
use std::collections::BTreeMap;

/// The levels, for people.
pub(super) const LEVEL_WORDS: &str = "\"deny\", \"warn\", \"note\" or \"off\"";

/// What `level = "deny"` and `level = { pre-commit = "warn", ci = "deny" }` say. Stages that are not named
/// have the level under `default`; without one, the level is `off`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Levels {
    everywhere: Level,
    by_stage: BTreeMap<Stage, Level>,
}

impl Levels {
    /// One level at every stage.
    #[must_use]
    pub const fn all(level: Level) -> Self {
        Self { everywhere: level, by_stage: BTreeMap::new() }
    }

    /// The level at `stage`.
    #[must_use]
    pub fn at(&self, stage: Stage) -> Level {
        self.by_stage.get(&stage).copied().unwrap_or(self.everywhere)
    }

    /// The first stage at which `self` is more lenient than `other`, with the two levels; `None` when `self` is as
    /// strict or stricter at every stage.
    #[must_use]
    pub fn weaker_than(&self, other: &Self) -> Option<(Stage, Level, Level)> {
        Stage::ALL
            .iter()
            .map(|&stage| (stage, self.at(stage), other.at(stage)))
            .find(|(_, mine, theirs)| mine < theirs)
    }
}

impl<'de> Deserialize<'de> for Levels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            One(String),
            ByStage(BTreeMap<String, String>),
        }
        let level = |word: &str| {
            Level::from_word(word)
                .ok_or_else(|| de::Error::custom(format!("`{word}` is not a level: deny, warn, note or off")))
        };
        match Form::deserialize(deserializer)? {
            Form::One(word) => Ok(Self::all(level(&word)?)),
            Form::ByStage(table) => {
                let mut levels = Self::all(Level::Off);
                for (stage, word) in table {
                    if stage == "default" {
                        levels.everywhere = level(&word)?;
                    } else {
                        let stage = Stage::from_word(&stage)
                            .ok_or_else(|| de::Error::custom(format!("`{stage}` is not a stage")))?;
                        levels.by_stage.insert(stage, level(&word)?);
                    }
                }
                Ok(levels)
            }
        }
    }
}
