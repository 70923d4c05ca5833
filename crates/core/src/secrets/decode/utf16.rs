//! Text in UTF-16 (RFC 2781): with a byte order mark, or without one when its first 32 characters are ASCII. It is
//! judged and decoded whole: what a byte means is decided at the beginning.

use super::View;

/// How many bytes are looked at where there is no mark, at most and at least.
const SNIFFED: usize = 64;
const LEAST: usize = 12;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

/// The text of bytes that are UTF-16 in either order.
pub(in crate::secrets) fn view(bytes: &[u8]) -> Option<View> {
    order(bytes).map(|order| decode(bytes, order))
}

pub(super) fn little(bytes: &[u8]) -> Option<View> {
    (order(bytes)? == Order::Little).then(|| decode(bytes, Order::Little))
}

pub(super) fn big(bytes: &[u8]) -> Option<View> {
    (order(bytes)? == Order::Big).then(|| decode(bytes, Order::Big))
}

/// Whether bytes begin as text in UTF-16.
pub(super) fn is_likely(bytes: &[u8]) -> bool {
    order(bytes).is_some()
}

fn order(bytes: &[u8]) -> Option<Order> {
    match bytes {
        // FF FE 00 00 begins UTF-32.
        [0xFF, 0xFE, rest @ ..] if !rest.starts_with(&[0, 0]) && rest.len() >= 2 => {
            return Some(Order::Little);
        }
        [0xFE, 0xFF, _, _, ..] => return Some(Order::Big),
        _ => {}
    }
    let start = bytes.get(..bytes.len().min(SNIFFED))?;
    let is_ascii = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    let is = |order: Order| {
        start.chunks_exact(2).all(|unit| match (order, unit) {
            (Order::Little, &[low, high]) | (Order::Big, &[high, low]) => high == 0 && is_ascii(low),
            _ => false,
        })
    };
    if start.len() < LEAST {
        return None;
    }
    [Order::Little, Order::Big].into_iter().find(|order| is(*order))
}

fn decode(bytes: &[u8], order: Order) -> View {
    let by = if order == Order::Little { "utf-16le" } else { "utf-16be" };
    let mut view = View::new(by, bytes.len() / 2, 0);
    view.read = 0..bytes.len();
    let start = if matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) { 2 } else { 0 };
    let units = bytes.get(start..).unwrap_or(&[]).chunks_exact(2).map(|unit| match (order, unit) {
        (Order::Little, &[low, high]) | (Order::Big, &[high, low]) => u16::from(high) << 8 | u16::from(low),
        _ => 0,
    });
    let mut at = start;
    for character in char::decode_utf16(units) {
        let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
        let length = if u32::from(character) > 0xFFFF { 4 } else { 2 };
        view.character(character, at, length);
        at += length;
    }
    view
}
