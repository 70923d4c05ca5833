//! Character references of HTML and XML: `&#103;`, `&#x67;`, and the few named ones that text with a secret has
//! (<https://html.spec.whatwg.org/multipage/named-characters.html>).

use super::View;
use super::numeric::{Escape, Meaning, decimal, hexadecimal, unescape};
use std::ops::Range;

/// Name, character, and whether it is a reason to decode: `<`, `>` and `&` are escaped in every page.
const NAMED: &[(&[u8], char, bool)] = &[
    (b"amp", '&', false),
    (b"lt", '<', false),
    (b"gt", '>', false),
    (b"nbsp", ' ', false),
    (b"quot", '"', true),
    (b"apos", '\'', true),
    (b"colon", ':', true),
    (b"equals", '=', true),
    (b"sol", '/', true),
    (b"lowbar", '_', true),
    (b"period", '.', true),
    (b"commat", '@', true),
];

pub(super) fn view(bytes: &[u8], token: Range<usize>) -> Option<View> {
    unescape(bytes, token, "entities", b'&', |text| {
        let end = text.iter().take(12).position(|byte| *byte == b';')?;
        let name = text.get(1..end)?;
        match name {
            [b'#', b'x' | b'X', digits @ ..] => Escape::of(hexadecimal(digits)?, end + 1),
            [b'#', digits @ ..] => Escape::of(decimal(digits)?, end + 1),
            _ => {
                let &(_, character, counts) = NAMED.iter().find(|(known, ..)| *known == name)?;
                Some(Escape { means: Meaning::Character(character), length: end + 1, counts })
            }
        }
    })
}
