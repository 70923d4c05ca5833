//! The three axes of a finding: how bad it would be ([`Severity`]), how sure we are ([`Confidence`]), and
//! what the policy makes of it ([`Level`]).

/// How bad it is when the finding is true.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// Worth a row in a report.
    Info,
    /// A matter of order.
    Low,
    /// Somebody will have to repair it.
    Medium,
    /// A credential or a rule that guards others.
    High,
    /// A credential that opens everything (cloud root keys, private signing keys).
    Critical,
}

/// How sure the rule is that the finding is true.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Confidence {
    /// A shape that many harmless things share.
    Low,
    /// A shape that is mostly a credential.
    Medium,
    /// A shape that nothing else has, or one that proved itself (a checksum).
    High,
}

/// What the policy does with a finding.
///
/// The order is from lenient to strict, so that the stricter of two levels is their maximum.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Level {
    /// Not judged.
    Off,
    /// A number in the summary and a row in every report.
    Note,
    /// Shown in full; does not block.
    Warn,
    /// Blocks.
    Deny,
}

macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $type {
            /// Every value, from the least to the greatest.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word that policies, reports and flags use.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value that `word` names; `None` for any other word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words!(Severity { Info = "info", Low = "low", Medium = "medium", High = "high", Critical = "critical" });
words!(Confidence { Low = "low", Medium = "medium", High = "high" });
words!(Level { Off = "off", Note = "note", Warn = "warn", Deny = "deny" });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip_and_order_is_strictness() {
        for level in Level::ALL {
            assert_eq!(Level::from_word(level.as_str()), Some(*level));
        }
        assert!(Level::Deny > Level::Warn && Level::Warn > Level::Note && Level::Note > Level::Off);
        assert!(Severity::Critical > Severity::Info);
        assert!(Confidence::from_word("certain").is_none());
    }
}
