//! Numbers with a Luhn check digit (ISO/IEC 7812): payment cards.

use super::{StructureCheck, Subject, Verdict, fails, holds};

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "luhn",
    about: "digits, with spaces and hyphens between them or without, whose last one is the check digit of Luhn's formula",
    params: &[],
    source: "https://www.iso.org/standard/70484.html",
    example: "{luhn:16}",
    check,
};

fn check(subject: &Subject<'_>) -> Verdict {
    let mut digits = Vec::new();
    for byte in subject.secret.iter().filter(|byte| !matches!(byte, b' ' | b'-')) {
        match char::from(*byte).to_digit(10) {
            Some(digit) => digits.push(digit),
            None => return fails("it is not made of digits"),
        }
    }
    if digits.len() < 2 || digits.iter().all(|digit| *digit == 0) {
        return fails("it is too short or all zeros");
    }
    if sum(&digits).is_multiple_of(10) {
        holds("its check digit is right")
    } else {
        fails("its check digit is wrong")
    }
}

/// Every second digit from the right is doubled, and the digits of the results are added.
pub(in crate::secrets) fn sum(digits: &[u32]) -> u32 {
    let value = |(at, digit): (usize, &u32)| match (at % 2, *digit) {
        (0, digit) => digit,
        (_, digit) if digit > 4 => digit * 2 - 9,
        (_, digit) => digit * 2,
    };
    digits.iter().rev().enumerate().map(value).sum()
}
