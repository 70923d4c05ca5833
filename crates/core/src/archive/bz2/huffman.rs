//! Bits, and the codes that they make.

use super::corrupt;
use std::io;

/// The longest code, in bits.
const LONGEST: u32 = 20;

/// Reads bits, the highest of a byte first.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// The byte that comes into the buffer next.
    at: usize,
    /// Its low `count` bits are still to be used.
    buffer: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, buffer: 0, count: 0 }
    }

    /// Goes to the next whole byte, and gives the bytes from there on.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        self.at -= (self.count / 8) as usize;
        self.count = 0;
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn fill(&mut self) {
        while self.count <= 48
            && let Some(byte) = self.bytes.get(self.at)
        {
            self.buffer = (self.buffer << 8) | u64::from(*byte);
            self.at += 1;
            self.count += 8;
        }
    }

    /// The next bits, at most 24.
    pub(super) fn take(&mut self, count: u32) -> io::Result<u32> {
        if self.count < count {
            self.fill();
        }
        self.count = self.count.checked_sub(count).ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(low(self.buffer >> self.count, count))
    }

    pub(super) fn is_set(&mut self) -> io::Result<bool> {
        Ok(self.take(1)? == 1)
    }

    /// As many bits as the longest code has, without taking them; 0 stands for those behind the end.
    fn peek(&mut self) -> u32 {
        if self.count < LONGEST {
            self.fill();
        }
        match self.count.checked_sub(LONGEST) {
            Some(after) => low(self.buffer >> after, LONGEST),
            None => low(self.buffer << (LONGEST - self.count), LONGEST),
        }
    }
}

/// The low bits of a number.
const fn low(number: u64, count: u32) -> u32 {
    (number & ((1 << count) - 1)) as u32
}

/// A code of Huffman's, in its canonical form.
pub(super) struct Code {
    /// By length: behind the last code of this length, filled up to the longest; the first code; its place in `symbols`.
    rows: [(u32, u32, u32); LONGEST as usize + 1],
    shortest: usize,
    /// By length, then value.
    symbols: Vec<u16>,
}

impl Code {
    /// Reads the lengths of a code for so many symbols, each as a difference from the one before.
    pub(super) fn read(bits: &mut Bits<'_>, symbols: usize) -> io::Result<Self> {
        let mut length = bits.take(5)?;
        let mut lengths = Vec::with_capacity(symbols);
        for _ in 0..symbols {
            loop {
                if !(1..=LONGEST).contains(&length) {
                    return Err(corrupt());
                }
                if !bits.is_set()? {
                    break;
                }
                length = if bits.is_set()? { length - 1 } else { length + 1 };
            }
            lengths.push(length);
        }
        Self::new(&lengths)
    }

    fn new(lengths: &[u32]) -> io::Result<Self> {
        let mut symbols = Vec::with_capacity(lengths.len());
        let mut rows = [(0, 0, 0); LONGEST as usize + 1];
        let (mut code, mut shortest) = (0_u32, 0);
        for (length, row) in (0..).zip(&mut rows) {
            code <<= 1;
            let (first, place) = (code, u32::try_from(symbols.len()).unwrap_or(u32::MAX));
            symbols
                .extend((0_u16..).zip(lengths).filter(|(_, own)| **own == length).map(|(symbol, _)| symbol));
            if symbols.is_empty() {
                shortest = length as usize + 1;
            }
            code += u32::try_from(symbols.len()).unwrap_or(u32::MAX) - place;
            if code > 1 << length {
                return Err(corrupt());
            }
            *row = (code << (LONGEST - length), first, place);
        }
        Ok(Self { rows, shortest, symbols })
    }

    /// The next symbol.
    pub(super) fn symbol(&self, bits: &mut Bits<'_>) -> io::Result<u16> {
        let ahead = bits.peek();
        let mut rows = (0..).zip(&self.rows).skip(self.shortest);
        let (length, (_, first, place)) = rows.find(|(_, (end, _, _))| ahead < *end).ok_or_else(corrupt)?;
        bits.take(length)?;
        let index = (ahead >> (LONGEST - length)).wrapping_sub(*first).wrapping_add(*place);
        self.symbols.get(index as usize).copied().ok_or_else(corrupt)
    }
}
