//! Dates as git prints them, as RFC 3339 in UTC.

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The forms that `--date` of git has: default, iso, iso-strict, rfc, short, unix and raw.
pub(super) fn utc(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let seconds = match words.as_slice() {
        [_, month, day, time, year, zone] if MONTHS.contains(month) => {
            at(year, month, day, time, Some(zone))?
        }
        [_, month, day, time, year] if MONTHS.contains(month) => at(year, month, day, time, None)?,
        [_, day, month, year, time, zone] => at(year, month, day, time, Some(zone))?,
        [date, time, zone] => iso(date, time, Some(zone))?,
        [number, _zone] => number.parse().ok()?,
        [one] => match one.split_once('T') {
            Some((date, rest)) => {
                let split = rest.find(['+', '-', 'Z']).unwrap_or(rest.len());
                let (time, zone) = rest.split_at_checked(split)?;
                iso(date, time, Some(zone))?
            }
            None => iso(one, "0:0:0", None).or_else(|| one.parse().ok())?,
        },
        _ => return None,
    };
    Some(written(seconds))
}

fn iso(date: &str, time: &str, zone: Option<&str>) -> Option<i64> {
    let mut parts = date.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let name = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
    at(year, name, day, time, zone)
}

fn at(year: &str, month: &str, day: &str, time: &str, zone: Option<&str>) -> Option<i64> {
    let year: i64 = year.parse().ok().filter(|year| (-9999..=9999).contains(year))?;
    let month = i64::try_from(MONTHS.iter().position(|name| *name == month)? + 1).ok()?;
    let day: i64 = day.parse().ok().filter(|day| (1..=31).contains(day))?;
    let mut clock =
        time.splitn(3, ':').map(|part| part.parse::<i64>().ok().filter(|part| (0..=60).contains(part)));
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    Some(days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset(zone)?)
}

/// `+0200` in seconds.
fn offset(zone: Option<&str>) -> Option<i64> {
    let Some(zone) = zone.filter(|zone| *zone != "Z") else { return Some(0) };
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let number: i64 = digits.parse().ok().filter(|_| digits.len() == 4)?;
    Some(sign * (number / 100 * 3600 + number % 100 * 60))
}

/// Days since 1970-01-01: <https://howardhinnant.github.io/date_algorithms.html#days_from_civil>
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn written(seconds: i64) -> String {
    let (day, second) = (seconds.div_euclid(86_400) + 719_468, seconds.rem_euclid(86_400));
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}Z", second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_git_is_the_same_time() {
        for text in [
            "Sat Nov 7 01:30:05 2026 +0200",
            "2026-11-07 01:30:05 +0200",
            "2026-11-07T01:30:05+02:00",
            "Sat, 7 Nov 2026 01:30:05 +0200",
            "1794007805",
            "1794007805 +0200",
        ] {
            assert_eq!(utc(text).as_deref(), Some("2026-11-06T23:30:05Z"), "{text}");
        }
        assert_eq!(utc("2024-02-29").as_deref(), Some("2024-02-29T00:00:00Z"));
        for text in ["", "soon", "Sat Foo 7 01:30:05 2026 +0200", "Sat Nov 99 01:30:05 2026 +0200"] {
            assert_eq!(utc(text), None, "{text}");
        }
    }
}
