//! Sizes as people write them: `5 MiB`.

use serde::{Deserialize, Deserializer, de};
use std::fmt;

/// A number of bytes. In a policy it is a number, or text such as `"5 MiB"`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Size(pub u64);

/// Units and their bytes: IEC 80000-13 for `KiB`, `MiB`, `GiB`; SI for `kB`, `MB`, `GB`.
const UNITS: &[(&str, u64)] = &[
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
];

impl Size {
    /// Reads a whole number, a unit (B, KiB, MiB, GiB, kB, MB, GB) and white space between them; without a
    /// unit, bytes.
    ///
    /// # Errors
    ///
    /// What is wrong with the text: no number, an unknown unit, more than 8 EiB.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at_checked(digits).unwrap_or((text, ""));
        if number.is_empty() {
            return Err(format!("`{text}` is not a size"));
        }
        let factor = match unit.trim_start() {
            "" => 1,
            unit => UNITS
                .iter()
                .find(|(name, _)| *name == unit)
                .map(|(_, factor)| *factor)
                .ok_or_else(|| format!("`{unit}` is not a unit of size"))?,
        };
        // TOML's integers end at 8 EiB, and so do files.
        number
            .parse::<u64>()
            .ok()
            .and_then(|number| number.checked_mul(factor))
            .filter(|bytes| i64::try_from(*bytes).is_ok())
            .map(Self)
            .ok_or_else(|| format!("`{text}` is more than 8 EiB"))
    }
}

impl fmt::Display for Size {
    /// In the largest binary unit that leaves one or more, with one decimal, rounded down: `5 MiB`, `1.5 KiB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut binary = UNITS.iter().take_while(|(unit, _)| *unit != "B");
        let Some((unit, factor)) = binary.find(|(_, factor)| self.0 >= *factor) else {
            return write!(f, "{} B", self.0);
        };
        let tenths = u128::from(self.0) * 10 / u128::from(*factor);
        match tenths % 10 {
            0 => write!(f, "{} {unit}", tenths / 10),
            tenth => write!(f, "{}.{tenth} {unit}", tenths / 10),
        }
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a size is a number of bytes or text such as \"5 MiB\"")]
        enum Form {
            Bytes(u64),
            Text(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Bytes(bytes) => Ok(Self(bytes)),
            Form::Text(text) => Self::parse(&text).map_err(|why| {
                de::Error::custom(format!(
                    "{why}: write bytes, or text such as \"5 MiB\" (B, KiB, MiB, GiB, kB, MB, GB)"
                ))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("0", 0),
            ("17", 17),
            ("512", 512),
            ("5 MiB", 5 << 20),
            ("5MiB", 5 << 20),
            ("1 kB", 1000),
            ("2 kB", 2000),
            ("1 GB", 1_000_000_000),
            (" 2 GB ", 2_000_000_000),
            (" 10 B ", 10),
            ("9223372036854775807", i64::MAX.cast_unsigned()),
        ] {
            assert_eq!(Size::parse(text), Ok(Size(bytes)), "{text}");
        }
        for (bad, why) in [
            ("", "`` is not a size"),
            ("MiB", "`MiB` is not a size"),
            ("-1", "`-1` is not a size"),
            (".5 MB", "`.5 MB` is not a size"),
            ("5 mib", "`mib` is not a unit of size"),
            ("5 KB", "`KB` is not a unit of size"),
            ("5 MiBs", "`MiBs` is not a unit of size"),
            ("5 MiB x", "`MiB x` is not a unit of size"),
            ("5 M", "`M` is not a unit of size"),
            ("1 TiB", "`TiB` is not a unit of size"),
            ("5.5 MiB", "`.5 MiB` is not a unit of size"),
            ("1.2.3 MB", "`.2.3 MB` is not a unit of size"),
            ("5. MB", "`. MB` is not a unit of size"),
            ("0.0001 GB", "`.0001 GB` is not a unit of size"),
            ("9223372036854775808", "`9223372036854775808` is more than 8 EiB"),
            ("99999999999 GiB", "`99999999999 GiB` is more than 8 EiB"),
            ("18446744073709551615 KiB", "`18446744073709551615 KiB` is more than 8 EiB"),
        ] {
            assert_eq!(Size::parse(bad), Err(why.to_owned()), "{bad}");
        }
    }

    #[test]
    fn sizes_are_shown_in_the_largest_unit() {
        let shown = [1, 1023, 1024, 1536, 5 << 20, u64::MAX].map(|bytes| Size(bytes).to_string());
        assert_eq!(shown, ["1 B", "1023 B", "1 KiB", "1.5 KiB", "5 MiB", "17179869183.9 GiB"]);
    }

    #[test]
    fn a_policy_has_numbers_or_text() {
        let read = |json: &str| serde_json::from_str::<Size>(json).map_err(|error| error.to_string());
        assert_eq!((read("17"), read("\"5 MiB\"")), (Ok(Size(17)), Ok(Size(5 << 20))));
        assert_eq!(
            read("\"5 megs\""),
            Err("`megs` is not a unit of size: write bytes, or text such as \"5 MiB\" (B, KiB, MiB, GiB, kB, MB, GB)"
                .to_owned())
        );
        assert_eq!(read("true"), Err("a size is a number of bytes or text such as \"5 MiB\"".to_owned()));
    }
}
