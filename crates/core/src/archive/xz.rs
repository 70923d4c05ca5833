//! xz (The .xz File Format, version 1.2.1): one file, in one stream or several.

use super::{Format, Holds, Unpacker};
use lzma_rust2::XzReader;

pub(super) static FORMAT: Format = Format { name: "xz", holds: Holds::OneFile, is, open };

/// The most memory for a dictionary, in KiB: what `xz -9` asks for, twice.
pub(super) const MEMORY: u32 = 128 << 10;

fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xfd7zXZ\0")
}

fn open(bytes: &[u8], unpacker: &mut Unpacker<'_>) {
    unpacker.unpack(b"", bytes.len(), XzReader::new_mem_limit(bytes, true, MEMORY));
}
