//! JSON that is safe to print, and instants and days as JSON has them.

use gatepost_core::text::is_unsafe;
use serde::Serialize;
use std::fmt::Write as _;

/// One line of JSON.
pub(crate) fn line<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string(value).map(|text| visible(&text))
}

/// JSON over several lines, for people and programs alike.
pub(crate) fn pretty<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(value).map(|text| visible(&text) + "\n")
}

/// Writes what would do something to a terminal as `\uXXXX`. Such characters stand in JSON only inside strings, and a
/// parser reads the same value.
fn visible(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        if character != '\n' && is_unsafe(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
    out
}

/// Instants as RFC 3339 in UTC, to the second.
pub(crate) mod instant {
    use gatepost_core::Timestamp;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(value: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(deserializer)?;
        Timestamp::parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is no instant")))
    }
}

/// Days as `YYYY-MM-DD`.
pub(crate) mod day {
    use gatepost_core::Date;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(value: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        let text = String::deserialize(deserializer)?;
        Date::parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is no day")))
    }

    /// The same, where there may be none.
    pub(crate) mod option {
        use super::{Date, Deserialize, Deserializer, Error, Serializer};

        pub(crate) fn serialize<S: Serializer>(
            value: &Option<Date>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            match value {
                Some(day) => serializer.collect_str(day),
                None => serializer.serialize_none(),
            }
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Date>, D::Error> {
            let text = Option::<String>::deserialize(deserializer)?;
            text.map(|text| Date::parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is no day"))))
                .transpose()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_unsafe_is_printed_and_the_value_stays(text in any::<String>()) {
            let json = line(&text).unwrap();
            prop_assert!(!json.contains(is_unsafe));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text.clone());
            let json = pretty(&[&text]).unwrap();
            prop_assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), [text]);
        }
    }
}
