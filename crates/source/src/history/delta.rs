//! Deltas: a list of copies from a base and of bytes to insert (`git/Documentation/gitformat-pack.txt`, "Deltified
//! representation").

use gatepost_core::Stretch;

/// What a delta says of itself: the size of its base, the size of its result, and its instructions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delta<'a> {
    /// Size of the base in bytes.
    pub(super) base_size: u64,
    /// Size of the result in bytes.
    pub(super) size: u64,
    instructions: &'a [u8],
}

/// The most bytes that the two sizes at the start of a delta take.
pub(super) const MAX_HEADER: usize = 20;

impl<'a> Delta<'a> {
    /// Reads the two sizes; `None` when they are malformed.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (base_size, rest) = varint(bytes)?;
        let (size, instructions) = varint(rest)?;
        Some(Self { base_size, size, instructions })
    }

    /// What the result is made of, for a delta that [`Delta::apply`] has accepted. Copies that go on where the one
    /// before ended are one stretch: Git splits long ones.
    pub(super) fn stretches(&self, out: &mut Vec<Stretch>) {
        out.clear();
        let (mut rest, mut at) = (self.instructions, 0);
        while let Some((&command, tail)) = rest.split_first() {
            let (from, length) = if command & 0x80 != 0 {
                let Some((from, length, tail)) = copy_operands(command, tail) else { return };
                rest = tail;
                (Some(from), length)
            } else {
                let length = usize::from(command);
                rest = tail.get(length..).unwrap_or(&[]);
                (None, length)
            };
            let range = at..at + length;
            at = range.end;
            match out.last_mut() {
                Some(last) if last.from.map(|f| f + last.range.len()) == from => last.range.end = range.end,
                _ => out.push(Stretch { range, from }),
            }
        }
    }

    /// Writes the result into `out`, which is cleared first. `None` when the delta does not fit the base or does
    /// not yield the size that it promises.
    pub(super) fn apply(&self, base: &[u8], out: &mut Vec<u8>) -> Option<()> {
        if self.base_size != base.len() as u64 {
            return None;
        }
        let size = usize::try_from(self.size).ok()?;
        out.clear();
        out.reserve(size);
        let mut rest = self.instructions;
        while let Some((&command, tail)) = rest.split_first() {
            let bytes = if command & 0x80 != 0 {
                let (from, length, tail) = copy_operands(command, tail)?;
                rest = tail;
                base.get(from..from.checked_add(length)?)?
            } else {
                let (bytes, tail) = tail.split_at_checked(usize::from(command))?;
                if bytes.is_empty() {
                    return None; // 0 is reserved.
                }
                rest = tail;
                bytes
            };
            // Never grow past what was promised: a small delta can ask for a lot of copies.
            if bytes.len() > size.checked_sub(out.len())? {
                return None;
            }
            out.extend_from_slice(bytes);
        }
        (out.len() == size).then_some(())
    }
}

/// How many bytes of operands follow the command of a copy.
pub(super) const fn operand_bytes(command: u8) -> usize {
    (command & 0x7f).count_ones() as usize
}

/// The offset and length of a copy, and what follows it.
pub(super) fn copy_operands(command: u8, mut rest: &[u8]) -> Option<(usize, usize, &[u8])> {
    let mut operand = |bits: std::ops::Range<u32>| {
        let start = bits.start;
        let mut value = 0_usize;
        for bit in bits {
            if command & (1 << bit) != 0 {
                let (&byte, tail) = rest.split_first()?;
                value |= usize::from(byte) << (8 * (bit - start));
                rest = tail;
            }
        }
        Some(value)
    };
    let from = operand(0..4)?;
    let length = operand(4..7)?;
    Some((from, if length == 0 { 0x1_0000 } else { length }, rest))
}

/// A size, seven bits a byte, the least significant first.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (index, &byte) in bytes.iter().enumerate().take(10) {
        let bits = u64::from(byte & 0x7f);
        let shift = 7 * u32::try_from(index).ok()?;
        if shift > 0 && bits.leading_zeros() < shift {
            return None;
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(index + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(delta: &[u8], base: &[u8]) -> Option<Vec<u8>> {
        let mut out = b"left over".to_vec();
        Delta::parse(delta)?.apply(base, &mut out)?;
        Some(out)
    }

    #[test]
    fn copies_and_insertions_make_the_result() {
        // Base 6 bytes, result 7: copy 4 from 1, insert "xyz".
        assert_eq!(apply(b"\x06\x07\x91\x01\x04\x03xyz", b"abcdef").unwrap(), b"bcdexyz");
        // A copy without a length is 64 KiB long.
        let base = vec![b'q'; 0x1_0000];
        assert_eq!(apply(b"\x80\x80\x04\x80\x80\x04\x80", &base).unwrap(), base);
    }

    #[test]
    fn stretches_say_what_was_copied_and_what_is_new() {
        let mut out = Vec::new();
        // Copy 4 from 1, copy 1 from 5 (goes on), insert "xy", insert "z" (goes on), copy 2 from 0.
        let delta = b"\x06\x0a\x91\x01\x04\x91\x05\x01\x02xy\x01z\x90\x02";
        Delta::parse(delta).unwrap().stretches(&mut out);
        assert_eq!(
            out,
            [
                Stretch { range: 0..5, from: Some(1) },
                Stretch { range: 5..8, from: None },
                Stretch { range: 8..10, from: Some(0) },
            ]
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (delta, why) in [
            (&b"\x05\x07\x91\x01\x04\x03xyz"[..], "another base"),
            (b"\x06\x06\x91\x01\x04\x03xyz", "longer than promised"),
            (b"\x06\x08\x91\x01\x04\x03xyz", "shorter than promised"),
            (b"\x06\x04\x91\x03\x04", "copy past the end of the base"),
            (b"\x06\x04\x91\x03", "operand missing"),
            (b"\x06\x03\x03xy", "inserted bytes missing"),
            (b"\x06\x00\x00", "reserved instruction"),
            (b"\x06", "result size missing"),
            (b"\x06\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "size of more than 64 bits"),
        ] {
            assert_eq!(apply(delta, b"abcdef"), None, "{why}");
        }
    }
}
