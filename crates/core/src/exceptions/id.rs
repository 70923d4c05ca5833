//! Ids for new exceptions: `EX-2026-0007`.

use super::Config;
use crate::Date;
use crate::policy::Policy;

/// The id after the last one of this year that any exception has or had.
#[must_use]
pub fn next_id(policy: &Policy, today: Date) -> String {
    let year: String = today.to_string().chars().take(4).collect();
    let prefix = format!("EX-{year}-");
    let retired = Config::of(policy).map(|config| config.retired).unwrap_or_default();
    let ids = policy.exceptions().iter().map(|exception| exception.id.as_str());
    let numbers = ids.chain(retired.iter().map(String::as_str)).filter_map(|id| {
        // In any case: `ex-2026-0007` is taken by whoever compares without looking at it.
        id.to_ascii_uppercase().strip_prefix(&prefix)?.parse::<u64>().ok()
    });
    let next = numbers.max().unwrap_or(0).saturating_add(1);
    format!("{prefix}{next:04}")
}
