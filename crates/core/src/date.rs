//! Days and instants as plain values: core has no clock, `now` is always an argument.

use std::fmt;

/// An instant: seconds since 1970-01-01T00:00:00Z, with the offset its author's clock had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Timestamp {
    /// Seconds since the epoch, in UTC.
    pub seconds: i64,
    /// Offset east of UTC, in minutes; Git keeps it beside the seconds.
    pub offset_minutes: i32,
}

impl Timestamp {
    /// The day in UTC; the calendar's first or last day for instants outside the years -9999 to 9999.
    #[must_use]
    pub fn date(self) -> Date {
        Date(self.civil().date())
    }

    /// An instant from `YYYY-MM-DDTHH:MM:SSZ`, and nothing else: what [`Timestamp`] prints.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // Before the year 0 RFC 3339 has nothing to say; the parser wants six digits there, and four are printed.
        let before = text.strip_prefix('-').map(|rest| format!("-00{rest}"));
        let instant: jiff::Timestamp = before.as_deref().unwrap_or(text).parse().ok()?;
        let parsed = Self { seconds: instant.as_second(), offset_minutes: 0 };
        (parsed.to_string() == text).then_some(parsed)
    }

    /// The instant that `YYYY-MM-DDTHH:MM:SS` with `Z` or an offset (`+01:00`) names (RFC 3339).
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let instant: jiff::Timestamp = text.parse().ok()?;
        Some(Self { seconds: instant.as_second(), offset_minutes: 0 })
    }

    /// The instant `hours` later.
    #[must_use]
    pub const fn plus_hours(self, hours: i64) -> Self {
        Self { seconds: self.seconds.saturating_add(hours.saturating_mul(3600)), ..self }
    }

    fn civil(self) -> jiff::civil::DateTime {
        let range = jiff::Timestamp::MIN.as_second()..=jiff::Timestamp::MAX.as_second();
        let seconds = self.seconds.clamp(*range.start(), *range.end());
        let instant = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        jiff::tz::TimeZone::UTC.to_datetime(instant)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, to the second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Z", self.civil().strftime("%Y-%m-%dT%H:%M:%S"))
    }
}

/// A calendar day, in UTC.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Date(jiff::civil::Date);

impl Date {
    /// A day; `None` when the calendar has no such day.
    #[must_use]
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        jiff::civil::Date::new(year, month, day).ok().map(Self)
    }

    /// A day from `YYYY-MM-DD`, and nothing else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let day = text.parse().ok().map(Self)?;
        (day.to_string() == text).then_some(day)
    }

    /// The day `days` later (earlier when negative); `None` outside the calendar's years -9999 to 9999.
    #[must_use]
    pub fn checked_add_days(self, days: i32) -> Option<Self> {
        self.0.checked_add(jiff::SignedDuration::from_hours(i64::from(days) * 24)).ok().map(Self)
    }

    /// The first second of the day, in UTC.
    #[must_use]
    pub fn start(self) -> Timestamp {
        let seconds =
            self.0.to_zoned(jiff::tz::TimeZone::UTC).map_or(i64::MIN, |day| day.timestamp().as_second());
        Timestamp { seconds, offset_minutes: 0 }
    }

    /// The first second after the day, in UTC.
    #[must_use]
    pub fn end(self) -> Timestamp {
        let next = self.checked_add_days(1).unwrap_or(self);
        let seconds =
            next.0.to_zoned(jiff::tz::TimeZone::UTC).map_or(i64::MAX, |day| day.timestamp().as_second());
        Timestamp { seconds, offset_minutes: 0 }
    }

    /// Days from `self` until `other`; negative when `other` is earlier.
    #[must_use]
    pub fn days_until(self, other: Self) -> i32 {
        self.0.until(other.0).map_or(0, |span| span.get_days())
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A day as TOML writes it: without quotes. A year with a sign is no day of TOML, and becomes text.
impl From<Date> for toml::Value {
    fn from(day: Date) -> Self {
        day.to_string().parse().map_or_else(|_| Self::String(day.to_string()), Self::Datetime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_instants_print_as_rfc_3339() {
        let at = |seconds| Timestamp { seconds, offset_minutes: 0 }.to_string();
        assert_eq!(at(0), "1970-01-01T00:00:00Z");
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(at(-1), "1969-12-31T23:59:59Z");
        assert!(at(i64::MAX).starts_with("9999-12-"));
        for seconds in [0, 951_782_400, -1] {
            assert_eq!(Timestamp::parse(&at(seconds)).map(|instant| instant.seconds), Some(seconds));
        }
        for bad in ["1970-01-01", "1970-01-01T00:00:00+01:00", "1970-01-01T00:00:00.5Z", "now"] {
            assert_eq!(Timestamp::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        let day = Date::parse("2027-03-31").unwrap();
        assert_eq!(day.to_string(), "2027-03-31");
        assert_eq!(day.days_until(Date::new(2027, 5, 1).unwrap()), 31);
        assert_eq!(day.checked_add_days(31), Date::new(2027, 5, 1));
        assert_eq!(day.checked_add_days(i32::MAX), None);
        assert_eq!(day.end().to_string(), "2027-04-01T00:00:00Z");
        for bad in ["2027-02-29", "2027-13-01", "27-01-01", "2027-1-1", "tomorrow", "2027-00-10"] {
            assert!(Date::parse(bad).is_none(), "{bad}");
        }
    }
}
