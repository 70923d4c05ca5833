//! Stripe's keys. Those of today have 99 characters behind `sk_live_`, `51` and the account first; older ones have 24.
//!
//! Stripe documents no length and says that keys may grow, so that another one is no proof of anything.

use super::{PREFIX, StructureCheck, Subject, Verdict, holds, open};

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "stripe",
    about: "behind the prefix stand 24 characters, or 99 that begin with `51`, as Stripe issues them; another length concludes \
            nothing",
    params: &[PREFIX],
    source: "https://docs.stripe.com/keys",
    example: "51{base62:97}",
    check,
};

fn check(subject: &Subject<'_>) -> Verdict {
    let key = subject.unprefixed();
    match key.len() {
        99 if key.starts_with(b"51") => holds("it has the form of the keys that Stripe issues today"),
        24 if !key.starts_with(b"51") => holds("it has the form of the keys that Stripe issued until 2019"),
        _ => open(""),
    }
}
