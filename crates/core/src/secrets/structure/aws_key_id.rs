//! AWS access key ids, which name the account that they belong to.
//!
//! Sixteen characters of base 32 behind a prefix of four. Where the first bit is set, the forty bits behind it are the
//! account's number; ids from before that (`AKIAI…`, `AKIAJ…`) do not tell it.
//!
//! Sources: AWS documents the prefixes, and that an account has twelve digits; how the number is stored was found out by
//! A. Steele and T. Be'ery and measured by `WithSecure` over three thousand ids.

use super::decode::Reader;
use super::{StructureCheck, Subject, Verdict, fails, holds, open};
use data_encoding::BASE32_NOPAD;

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "aws-key-id",
    about: "sixteen characters of base 32 behind a prefix of four, which give the number of an account, if they are not of \
            the older form",
    params: &[],
    source: "https://labs.withsecure.com/publications/a-bitwise-analysis-of-aws-access-key-identifiers",
    example: "{aws-key-id}",
    check,
};

/// The greatest number of twelve digits.
const LAST_ACCOUNT: u64 = 999_999_999_999;

fn check(subject: &Subject<'_>) -> Verdict {
    let text = subject.secret.get(4..).filter(|text| text.len() == 16);
    let Some(raw) = text.and_then(|text| BASE32_NOPAD.decode(text).ok()) else {
        return fails("it is not sixteen characters of base 32 behind its prefix, as such an id is");
    };
    let Some(head) = Reader(&raw).number(6).and_then(|head| u64::try_from(head).ok()) else {
        return fails("it is too short for such an id");
    };
    if !subject.secret.starts_with(b"AKIA") && !subject.secret.starts_with(b"ASIA") {
        // Nobody has told what is in the ids of other kinds.
        return open("");
    }
    if head >> 47 == 0 {
        return open("it is of the older form, which does not say whose account it is of");
    }
    let account = (head >> 7) & ((1 << 40) - 1);
    if account > LAST_ACCOUNT {
        return fails("it names an account of more than twelve digits, which there is not: it is made up");
    }
    holds(format!("it is of the AWS account {account:012}"))
}

#[cfg(test)]
mod tests {
    use crate::secrets::structure::Outcome;
    use crate::secrets::structure::tests::{judge, template};

    #[test]
    fn accounts_are_told_where_an_id_has_one() {
        for prefix in ["AKIA", "ASIA"] {
            let id = template(&format!("{{aws-key-id:{prefix}}}"), 8);
            let verdict = judge("aws-key-id", &[], &id);
            assert_eq!(verdict.outcome, Outcome::Holds);
            assert!(verdict.why.ends_with(|c: char| c.is_ascii_digit()), "{}", verdict.why);
        }
        let of = |rest: &str| judge("aws-key-id", &[], &format!("AKIA{rest}"));
        assert_eq!(of("IAAAAAAAAAAAAAAA").outcome, Outcome::Open);
        // All bits of the number set: 1,099,511,627,775.
        assert_eq!(of("7777777777777777").outcome, Outcome::Fails);
        // The number 1 is bit 40: Q AAAA AAAC.
        assert_eq!(of("QAAAAAAAQAAAAAAA").why, "it is of the AWS account 000000000001");
        assert_eq!(of("QAAAAAAA1AAAAAAA").outcome, Outcome::Fails);
        assert_eq!(of("QAAAAAAA").outcome, Outcome::Fails);
    }
}
