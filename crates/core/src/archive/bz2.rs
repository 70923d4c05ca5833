//! bzip2: one file, in one stream or several.
//!
//! The decoder is our own: the other one in safe Rust reads a single stream (parallel compressors write many), and falls
//! over broken ones. Source of the format: J. Tsai, "BZIP2: Format Specification".

mod block;
mod huffman;

use super::{Format, Holds, Unpacker};
use block::Block;
use huffman::Bits;
use std::io::{self, Read};

pub(super) static FORMAT: Format = Format { name: "bz2", holds: Holds::OneFile, is, open };

/// What a block begins with, and what stands behind the last one: the digits of pi, and of its square root.
const BLOCK: u64 = 0x3141_5926_5359;
const END: u64 = 0x1772_4538_5090;

/// The magic bytes, a level, and what every stream goes on with.
fn is(bytes: &[u8]) -> bool {
    level(bytes).is_some() && matches!(bytes.get(4..10), Some(b"1AY&SY" | b"\x17rE8P\x90"))
}

fn open(bytes: &[u8], unpacker: &mut Unpacker<'_>) {
    unpacker.unpack(b"", bytes.len(), reader(bytes));
}

/// Reads all streams.
pub(super) const fn reader(bytes: &[u8]) -> impl Read {
    Reader { bits: Bits::new(bytes), most: 0, block: None }
}

/// The level of a stream: how many times 100,000 bytes its blocks have.
fn level(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'B', b'Z', b'h', level @ b'1'..=b'9', ..] => Some(usize::from(level - b'0')),
        _ => None,
    }
}

fn corrupt() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

struct Reader<'a> {
    bits: Bits<'a>,
    /// Bytes that a block of this stream has at most; 0: the stream is yet to begin.
    most: usize,
    block: Option<Block>,
}

impl Reader<'_> {
    /// Goes on to the next block; `false` at the end.
    fn advance(&mut self) -> io::Result<bool> {
        loop {
            if self.most == 0 {
                // What follows the last stream and is none is nothing to us.
                let Some(level) = level(self.bits.rest()) else { return Ok(false) };
                self.bits.take(16)?;
                self.bits.take(16)?;
                self.most = level * 100_000;
            }
            let magic = (u64::from(self.bits.take(24)?) << 24) | u64::from(self.bits.take(24)?);
            match magic {
                BLOCK => {
                    self.block = Some(Block::read(&mut self.bits, self.most)?);
                    return Ok(true);
                }
                END => {
                    // The sum over the sums of the blocks, each of which was compared.
                    self.bits.take(16)?;
                    self.bits.take(16)?;
                    self.most = 0;
                }
                _ => return Err(corrupt()),
            }
        }
    }
}

impl Read for Reader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(block) = &mut self.block {
                let written = block.write(out);
                if written > 0 || out.is_empty() {
                    return Ok(written);
                }
                if !block.is_sound() {
                    return Err(corrupt());
                }
                self.block = None;
            }
            if !self.advance()? {
                return Ok(0);
            }
        }
    }
}
