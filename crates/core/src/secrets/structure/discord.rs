//! Discord's bot tokens: the first of three parts is the bot's id, a snowflake in decimal, in base64.

use super::decode::{base64, day};
use super::{StructureCheck, Subject, Verdict, fails, holds};

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "discord",
    about: "three parts, the first of which is an id in decimal in base64; the id tells when the bot was made",
    params: &[],
    source: "https://discord.com/developers/docs/reference#snowflakes",
    example: "{discord}",
    check,
};

/// Milliseconds between 1970 and 2015, when Discord's ids begin.
const EPOCH: u64 = 1_420_070_400_000;

fn check(subject: &Subject<'_>) -> Verdict {
    let parts: Vec<&[u8]> = subject.secret.split(|byte| *byte == b'.').collect();
    let [first, second, third] = parts.as_slice() else { return fails("it has no three parts") };
    if second.len() < 6 || third.len() < 27 {
        return fails("it is cut off: its second or its third part is too short");
    }
    let id = base64(first)
        .filter(|id| (17..=20).contains(&id.len()))
        .and_then(|id| std::str::from_utf8(&id).ok().and_then(|id| id.parse::<u64>().ok()));
    // Seconds, from the milliseconds in the upper 42 bits.
    let made = id.and_then(|id| i64::try_from(((id >> 22) + EPOCH) / 1000).ok()).and_then(day);
    match made {
        Some(day) => holds(format!("its first part is the id of an account made on {day}")),
        None => fails("its first part is no id of an account: it is cut off, altered or made up"),
    }
}

#[cfg(test)]
mod tests {
    use crate::secrets::structure::tests::judge;

    #[test]
    fn an_id_tells_its_day() {
        // The snowflake of Discord's own documentation.
        let first = data_encoding::BASE64_NOPAD.encode(b"175928847299117063");
        let verdict = judge("discord", &[], &format!("{first}.{}.{}", "a".repeat(6), "b".repeat(27)));
        assert_eq!(verdict.why, "its first part is the id of an account made on 2016-04-30");
    }
}
