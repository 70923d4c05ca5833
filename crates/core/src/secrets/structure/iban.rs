//! International bank account numbers (ISO 13616): two check digits by ISO 7064, modulo 97.

use super::{StructureCheck, Subject, Verdict, fails, holds};

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "iban",
    about: "an international bank account number, with spaces or without: 15 to 34 characters whose remainder modulo 97 is 1",
    params: &[],
    source: "https://www.iso.org/standard/81090.html",
    example: "{iban:DE}",
    check,
};

fn check(subject: &Subject<'_>) -> Verdict {
    let text: Vec<u8> = subject.secret.iter().copied().filter(|byte| !matches!(byte, b' ' | b'-')).collect();
    let shaped = (15..=34).contains(&text.len())
        && text.iter().take(2).all(u8::is_ascii_alphabetic)
        && text.iter().skip(2).take(2).all(u8::is_ascii_digit);
    if shaped && remainder(&text) == Some(1) {
        holds("its check digits are right")
    } else {
        fails("its check digits are wrong")
    }
}

/// The remainder modulo 97 of the number that the letters and digits stand for, the first four moved to the end.
pub(in crate::secrets) fn remainder(text: &[u8]) -> Option<u32> {
    let (head, rest) = text.split_at_checked(4)?;
    rest.iter().chain(head).try_fold(0, |sum, byte| {
        let value = char::from(*byte).to_digit(36)?;
        Some((sum * if value < 10 { 10 } else { 100 } + value) % 97)
    })
}
