//! Telegram's bot tokens: the bot's id, a colon, and 35 characters.

use super::{StructureCheck, Subject, Verdict, fails, holds};

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "telegram",
    about: "a bot's id in decimal that does not begin with a zero, a colon, and 35 characters of base64url",
    params: &[],
    source: "https://core.telegram.org/bots/api#authorizing-your-bot",
    example: "{telegram}",
    check,
};

fn check(subject: &Subject<'_>) -> Verdict {
    let colon = subject.secret.iter().position(|byte| *byte == b':');
    let parts = colon.and_then(|at| Some((subject.secret.get(..at)?, subject.secret.get(at + 1..)?)));
    let right = parts.is_some_and(|(id, random)| {
        let random_ok = random.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let id_ok = id.iter().all(u8::is_ascii_digit) && id.first().is_some_and(|digit| *digit != b'0');
        (6..=12).contains(&id.len()) && id_ok && random.len() == 35 && random_ok
    });
    if right {
        holds("its id and its length are such as Telegram issues")
    } else {
        fails("its id or its length cannot be")
    }
}
