//! A block: codes, runs, move-to-front and the Burrows-Wheeler transform, undone.

use super::corrupt;
use super::huffman::{Bits, Code};
use std::io;

/// How many symbols are read with one code before the next one is chosen.
const GROUP: usize = 50;

pub(super) struct Block {
    /// For each place of the sorted text its byte, and above it the place that comes next.
    places: Vec<u32>,
    next: u32,
    /// Places that are still to be followed.
    left: usize,
    /// The byte that was written last, and how often in a row; after four times its further number follows.
    last: u8,
    row: u8,
    /// How often it is still to be written.
    repeat: u8,
    /// The sum that was said, and that of what was written.
    said: u32,
    sum: u32,
}

impl Block {
    /// Reads a block behind its magic bytes.
    pub(super) fn read(bits: &mut Bits<'_>, most: usize) -> io::Result<Self> {
        let said = (bits.take(16)? << 16) | bits.take(16)?;
        if bits.is_set()? {
            // Blocks were randomised before version 0.9.5, of 1999.
            return Err(corrupt());
        }
        let origin = bits.take(24)?;
        let bytes = Symbols::read(bits)?.bytes(bits, most)?;
        let (places, next) = untransform(&bytes, origin).ok_or_else(corrupt)?;
        Ok(Self { left: places.len(), places, next, last: 0, row: 0, repeat: 0, said, sum: u32::MAX })
    }

    /// Writes as much as there is room for.
    pub(super) fn write(&mut self, out: &mut [u8]) -> usize {
        let mut written = 0;
        for place in out {
            let Some(byte) = self.byte() else { break };
            *place = byte;
            self.sum = (self.sum << 8) ^ row_of(self.sum >> 24 ^ u32::from(byte));
            written += 1;
        }
        written
    }

    /// Whether what was written is what was packed.
    pub(super) const fn is_sound(&self) -> bool {
        self.said == !self.sum
    }

    fn byte(&mut self) -> Option<u8> {
        if self.repeat == 0 && self.row == 4 {
            self.row = 0;
            self.repeat = self.follow()?;
        }
        if let Some(rest) = self.repeat.checked_sub(1) {
            self.repeat = rest;
            return Some(self.last);
        }
        let byte = self.follow()?;
        self.row = if byte == self.last { self.row + 1 } else { 1 };
        self.last = byte;
        Some(byte)
    }

    fn follow(&mut self) -> Option<u8> {
        self.left = self.left.checked_sub(1)?;
        let place = *self.places.get(self.next as usize)?;
        self.next = place >> 8;
        Some((place & 0xff) as u8)
    }
}

/// What is needed to read the symbols of a block.
struct Symbols {
    /// The bytes that occur.
    used: Vec<u8>,
    /// Which code each group of symbols is written in.
    selectors: Vec<u8>,
    codes: Vec<Code>,
}

impl Symbols {
    fn read(bits: &mut Bits<'_>) -> io::Result<Self> {
        let mut used = Vec::with_capacity(256);
        let rows = bits.take(16)?;
        for row in (0..16_u8).filter(|row| rows >> (15 - row) & 1 == 1) {
            let columns = bits.take(16)?;
            used.extend((0..16_u8).filter(|column| columns >> (15 - column) & 1 == 1).map(|c| row * 16 + c));
        }
        let (count, selected) = (bits.take(3)?, bits.take(15)?);
        if used.is_empty() || !(2..=6).contains(&count) || selected == 0 {
            return Err(corrupt());
        }
        let mut order: Vec<u8> = (0..6).collect();
        let mut selectors = Vec::new();
        for _ in 0..selected {
            let mut place = 0;
            while bits.is_set()? {
                place += 1;
                if place >= count {
                    return Err(corrupt());
                }
            }
            selectors.push(to_front(&mut order, place as usize).ok_or_else(corrupt)?);
        }
        let codes = (0..count).map(|_| Code::read(bits, used.len() + 2)).collect::<io::Result<_>>()?;
        Ok(Self { used, selectors, codes })
    }

    /// The bytes of the sorted text: two symbols write runs of the byte in front, in base 2 without a zero; the others
    /// bring a byte to the front; the last one is the end.
    fn bytes(self, bits: &mut Bits<'_>, most: usize) -> io::Result<Vec<u8>> {
        let Self { used: mut order, selectors, codes } = self;
        let end = order.len() + 1;
        let mut bytes = Vec::new();
        let (mut run, mut weight) = (0_usize, 1_usize);
        for selector in selectors {
            let code = codes.get(usize::from(selector)).ok_or_else(corrupt)?;
            for _ in 0..GROUP {
                let symbol = usize::from(code.symbol(bits)?);
                if symbol < 2 {
                    run += weight << symbol;
                    weight *= 2;
                    if run > most {
                        return Err(corrupt());
                    }
                    continue;
                }
                if bytes.len() + run > most {
                    return Err(corrupt());
                }
                bytes.resize(bytes.len() + run, order.first().copied().unwrap_or_default());
                (run, weight) = (0, 1);
                if symbol == end {
                    return Ok(bytes);
                }
                bytes.push(to_front(&mut order, symbol - 1).ok_or_else(corrupt)?);
            }
        }
        Err(corrupt())
    }
}

/// Brings what stands at a place to the front.
fn to_front(order: &mut [u8], place: usize) -> Option<u8> {
    let moved = order.get_mut(..=place)?;
    moved.rotate_right(1);
    moved.first().copied()
}

/// Undoes the Burrows-Wheeler transform: for each place the byte and the next place, and where to begin.
fn untransform(bytes: &[u8], origin: u32) -> Option<(Vec<u32>, u32)> {
    let mut starts = [0_u32; 256];
    for byte in bytes {
        *starts.get_mut(usize::from(*byte))? += 1;
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += std::mem::replace(start, sum);
    }
    let mut places: Vec<u32> = bytes.iter().map(|byte| u32::from(*byte)).collect();
    for (place, byte) in (0_u32..).zip(bytes) {
        let start = starts.get_mut(usize::from(*byte))?;
        *places.get_mut(*start as usize)? |= place << 8;
        *start += 1;
    }
    let next = *places.get(origin as usize)? >> 8;
    Some((places, next))
}

/// CRC-32 of bzip2: that of Ethernet with the highest bit first.
const SUMS: [u32; 256] = {
    let mut sums = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = (byte as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 1 << 31 == 0 { sum << 1 } else { (sum << 1) ^ 0x04c1_1db7 };
            bit += 1;
        }
        sums[byte] = sum;
        byte += 1;
    }
    sums
};

fn row_of(index: u32) -> u32 {
    SUMS.get(index as usize & 0xff).copied().unwrap_or_default()
}
