//! Slack's tokens: `xoxb-` and its kin, ids of workspace and user in decimal, and a random part.

use super::{StructureCheck, Subject, Verdict, fails, holds, open};

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "slack",
    about: "between the prefix and the random part stand ids in decimal that do not begin with a zero, and the random part is \
            of a length that Slack issues: 24 (bots), 32 or 64 characters",
    params: &[],
    source: "https://docs.slack.dev/authentication/tokens",
    example: "{slack-bot}",
    check,
};

fn check(subject: &Subject<'_>) -> Verdict {
    let parts: Vec<&[u8]> = subject.secret.split(|byte| *byte == b'-').collect();
    let [prefix, ids @ .., random] = parts.as_slice() else {
        return fails("it has not the parts of a token");
    };
    if !matches!(*prefix, b"xoxb" | b"xoxp" | b"xoxe" | b"xoxs" | b"xoxo" | b"xoxc") || ids.len() < 2 {
        // Other tokens have no ids that can be looked at.
        return open("");
    }
    let id = |id: &&[u8]| id.iter().all(u8::is_ascii_digit) && id.first().is_some_and(|digit| *digit != b'0');
    if !ids.iter().all(id) {
        return fails("its ids cannot be: they begin with a zero or are not decimal");
    }
    if matches!(random.len(), 24 | 32 | 64) {
        holds("its ids and its random part are such as Slack issues")
    } else {
        open("")
    }
}
