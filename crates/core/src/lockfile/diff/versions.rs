//! Which of two versions is the higher one, for packages of any ecosystem. Only versions of one package are compared,
//! which are of one kind: by the rules of Semantic Versioning where both are such, of Python where both are such, and
//! else number by number.

use std::cmp::Ordering;
use std::str::FromStr;

/// The order of two versions; `None`: nobody can tell.
pub(super) fn compare(one: &str, other: &str) -> Option<Ordering> {
    let (one, other) = (one.trim_start_matches('v'), other.trim_start_matches('v'));
    if let (Ok(one), Ok(other)) = (semver::Version::parse(one), semver::Version::parse(other)) {
        return Some(one.cmp_precedence(&other));
    }
    if let (Ok(one), Ok(other)) = (pep440_rs::Version::from_str(one), pep440_rs::Version::from_str(other)) {
        return Some(one.cmp(&other));
    }
    let numbers = |version: &str| -> Option<Vec<u64>> {
        let released = version.split(['-', '+']).next()?;
        released.split('.').map(|part| part.parse().ok()).collect()
    };
    let (one, other) = (numbers(one)?, numbers(other)?);
    let length = one.len().max(other.len());
    let padded = |mut numbers: Vec<u64>| {
        numbers.resize(length, 0);
        numbers
    };
    Some(padded(one).cmp(&padded(other)))
}
