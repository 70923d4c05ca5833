//! Percent-encoding (RFC 3986, section 2.1): `%67` is `g`.

use super::View;
use super::numeric::{Escape, hexadecimal, unescape};
use std::ops::Range;

pub(super) fn view(bytes: &[u8], token: Range<usize>) -> Option<View> {
    unescape(bytes, token, "percent", b'%', |text| {
        let byte = hexadecimal(text.get(1..3)?)?;
        Some(Escape::byte(u8::try_from(byte).ok()?, 3))
    })
}
