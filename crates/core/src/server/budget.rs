//! How long a gate may take, as people write it: `4.5 s`.

use std::fmt;
use std::time::Duration;

/// How long a gate may take.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Budget {
    /// As long as the server that it stands on lets it.
    #[default]
    Auto,
    /// As long as it needs.
    None,
    /// So long.
    Limited(Duration),
}

/// Units, in milliseconds.
const UNITS: &[(&str, f64)] = &[("ms", 1.0), ("s", 1_000.0), ("min", 60_000.0)];

/// The longest, in milliseconds: a day.
const LONGEST: f64 = 86_400_000.0;

impl Budget {
    /// Reads `auto`, `none`, or a number and a unit (ms, s, min).
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        match text {
            "auto" => return Ok(Self::Auto),
            "none" => return Ok(Self::None),
            _ => {}
        }
        let digits = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let (number, unit) = text.split_at_checked(digits).unwrap_or((text, ""));
        let number: f64 = number.parse().map_err(|_| format!("`{text}` is not a time"))?;
        let unit = unit.trim_start();
        let factor = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
        let factor = factor.ok_or_else(|| format!("`{text}` has no unit that is known"))?;
        let milliseconds = number * factor;
        if !(0.0..=LONGEST).contains(&milliseconds) {
            return Err(format!("`{text}` is more than a day"));
        }
        Ok(Self::Limited(Duration::from_secs_f64(milliseconds / 1_000.0)))
    }
}

impl fmt::Display for Budget {
    /// As [`Budget::parse`] reads it: seconds with as many decimals as there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::None => f.write_str("none"),
            Self::Limited(time) => write!(f, "{} s", time.as_secs_f64()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let limited = |milliseconds| Ok(Budget::Limited(Duration::from_millis(milliseconds)));
        for (text, read) in [
            ("4.5 s", limited(4_500)),
            (" 800ms ", limited(800)),
            ("2 min", limited(120_000)),
            ("0 s", limited(0)),
            ("auto", Ok(Budget::Auto)),
            ("none", Ok(Budget::None)),
        ] {
            assert_eq!(Budget::parse(text), read, "{text}");
        }
        for text in ["", "s", "4", "4.5.1 s", "-1 s", "1e3 s", "1 h", "1441 min", "inf s", "4 S", "."] {
            assert!(Budget::parse(text).is_err(), "{text}");
        }
        let long = "9".repeat(400);
        assert!(Budget::parse(&format!("{long} s")).is_err());
    }

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["4.5 s", "0 s", "120 s", "0.8 s", "auto", "none"] {
            assert_eq!(Budget::parse(text).unwrap().to_string(), text);
        }
    }
}
