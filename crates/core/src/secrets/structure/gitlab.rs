//! GitLab's routable tokens: `PREFIX PAYLOAD . VERSION . LENGTH CRC`, and without the version those of early 2025.
//!
//! The payload is base64url and holds, beside sixteen random bytes, whom the token belongs to. Its length stands in two
//! digits of base 36, and the CRC-32 of all before it, the prefix included, in seven.

use super::decode::base64;
use super::{StructureCheck, Subject, Verdict, fails, holds, open};

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "gitlab-routable",
    about: "a routable token: behind the payload stand its length in base 36 and the CRC-32 of all before, in base 36; \
            an older token without a dot carries no proof",
    params: &[],
    source: "https://handbook.gitlab.com/handbook/engineering/architecture/design-documents/cells/routable_tokens/",
    example: "{gitlab:glpat-}",
    check,
};

fn check(subject: &Subject<'_>) -> Verdict {
    let token = subject.secret;
    if !token.contains(&b'.') {
        return open("");
    }
    let parts = token.split_last_chunk::<7>();
    if parts.is_none_or(|(body, sum)| base36(crc32fast::hash(body)) != *sum) {
        return fails(
            "its checksum is wrong: it is cut off, altered, made up, or behind a prefix of its server's own",
        );
    }
    match owner(token) {
        Some(owner) if owner.is_empty() => holds("its checksum is right, so it was issued in this form"),
        Some(owner) => {
            holds(format!("its checksum is right, so it was issued in this form; it is for {owner}"))
        }
        None => fails("its checksum is right and its payload is not what GitLab puts there"),
    }
}

/// Whom the payload names: lines such as `o:1` and `u:3f`, ids in base 36, before the random bytes.
fn owner(token: &[u8]) -> Option<String> {
    let head = token.split(|byte| *byte == b'.').next()?;
    // The prefix has hyphens, and so may the payload: the length says where it begins.
    let digits = token.get(token.len().checked_sub(9)?..token.len().checked_sub(7)?)?;
    let length = usize::try_from(from_base36(digits)?).ok()?;
    let payload = base64(head.get(head.len().checked_sub(length)?..)?)?;
    let random = usize::from(*payload.last()?);
    let routing = payload.get(..payload.len().checked_sub(random + 1)?)?;
    let mut owners = Vec::new();
    for line in routing.split(|byte| *byte == b'\n') {
        let (key, id) = (line.first()?, from_base36(line.get(2..)?));
        let name = match key {
            b'o' => "organisation",
            b'g' => "group",
            b'p' => "project",
            b'u' => "user",
            _ => continue,
        };
        owners.extend(id.map(|id| format!("{name} {id}")));
    }
    Some(owners.join(", "))
}

pub(in crate::secrets) fn base36(number: u32) -> [u8; 7] {
    let mut number = number;
    let mut out = [b'0'; 7];
    for slot in out.iter_mut().rev() {
        let digit = number % 36;
        *slot = char::from_digit(digit, 36).and_then(|digit| u8::try_from(digit).ok()).unwrap_or(b'0');
        number /= 36;
    }
    out
}

fn from_base36(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok().and_then(|digits| u64::from_str_radix(digits, 36).ok())
}

#[cfg(test)]
mod tests {
    use crate::secrets::structure::Outcome;
    use crate::secrets::structure::tests::{judge, template};

    #[test]
    fn owners_are_told_and_older_tokens_left_alone() {
        let token = template("{gitlab:glrt-t1_}", 3);
        let verdict = judge("gitlab-routable", &[], &token);
        assert_eq!(verdict.outcome, Outcome::Holds);
        assert!(verdict.why.contains("it is for organisation 1, user "), "{}", verdict.why);
        assert_eq!(
            judge("gitlab-routable", &[], &template("glpat-{base64url:20}", 3)).outcome,
            Outcome::Open
        );
    }
}
