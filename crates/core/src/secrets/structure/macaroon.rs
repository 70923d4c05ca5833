//! Macaroons in the second binary format, in base64url: what PyPI issues.
//!
//! `2`, then packets of type, length and content: an optional location (1), an identifier (2), an end (0); caveats, each
//! ended by 0; one more 0; and a signature (6) of 32 bytes. Numbers are of variable length, seven bits a byte.

use super::decode::{Reader, base64, word};
use super::{PREFIX, StructureCheck, Subject, Verdict, fails, holds};

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "macaroon",
    about: "behind the prefix is a macaroon of version 2 in base64url: location, identifier, caveats, a signature of 32 \
            bytes, and nothing else",
    params: &[PREFIX],
    source: "https://github.com/rescrv/libmacaroons/blob/master/doc/format.txt",
    example: "{macaroon:pypi.org}",
    check,
};

fn check(subject: &Subject<'_>) -> Verdict {
    let Some(raw) = base64(subject.unprefixed()) else {
        return fails("it is not base64url: it is cut off, altered or made up");
    };
    let Some(macaroon) = parse(&raw) else {
        return fails("it is no macaroon: it is cut off, altered or made up");
    };
    let location = std::str::from_utf8(macaroon.location).ok().and_then(word);
    let location = location.map(|location| format!(" of {location}")).unwrap_or_default();
    let caveats = match macaroon.caveats {
        0 => "no caveat limits it".to_owned(),
        1 => "one caveat limits it".to_owned(),
        count => format!("{count} caveats limit it"),
    };
    holds(format!("it is a macaroon{location}, complete with its signature; {caveats}"))
}

struct Macaroon<'a> {
    location: &'a [u8],
    caveats: usize,
}

const END: u64 = 0;
const LOCATION: u64 = 1;
const IDENTIFIER: u64 = 2;
const VERIFICATION: u64 = 4;
const SIGNATURE: u64 = 6;

fn parse(raw: &[u8]) -> Option<Macaroon<'_>> {
    let mut reader = Reader(raw);
    if reader.byte()? != 2 {
        return None;
    }
    let mut location: &[u8] = &[];
    let mut kind = varint(&mut reader)?;
    if kind == LOCATION {
        location = field(&mut reader)?;
        kind = varint(&mut reader)?;
    }
    if kind != IDENTIFIER || field(&mut reader)?.is_empty() || varint(&mut reader)? != END {
        return None;
    }
    let mut caveats = 0;
    loop {
        // A caveat, or the end of them.
        let mut kind = varint(&mut reader)?;
        if kind == END {
            break;
        }
        if kind == LOCATION {
            field(&mut reader)?;
            kind = varint(&mut reader)?;
        }
        if kind != IDENTIFIER {
            return None;
        }
        field(&mut reader)?;
        kind = varint(&mut reader)?;
        if kind == VERIFICATION {
            field(&mut reader)?;
            kind = varint(&mut reader)?;
        }
        if kind != END {
            return None;
        }
        caveats += 1;
    }
    let signed = varint(&mut reader)? == SIGNATURE && field(&mut reader)?.len() == 32;
    (signed && reader.0.is_empty()).then_some(Macaroon { location, caveats })
}

fn field<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let length = usize::try_from(varint(reader)?).ok()?;
    reader.take(length)
}

fn varint(reader: &mut Reader<'_>) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..63).step_by(7) {
        let byte = reader.byte()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::secrets::structure::Outcome;
    use crate::secrets::structure::tests::{judge, template};

    #[test]
    fn the_location_is_told() {
        let token = template("pypi-{macaroon:test.pypi.org}", 5);
        assert!(token.starts_with("pypi-AgENdGVzdC5weXBpLm9yZw"), "{token}");
        let verdict = judge("macaroon", &[("prefix", 5)], &token);
        assert_eq!(verdict.outcome, Outcome::Holds);
        assert!(verdict.why.contains("a macaroon of test.pypi.org"), "{}", verdict.why);
        let shaped = template("pypi-AgEIcHlwaS5vcmc{base64url:120}", 5);
        assert_eq!(judge("macaroon", &[("prefix", 5)], &shaped).outcome, Outcome::Fails);
    }
}
