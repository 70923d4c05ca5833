//! PNG (W3C, third edition, 11.3.3): the texts beside the picture. Prompts, comments and whole documents stand there.

use super::{Format, Holds, Unpacker};
use crate::SkipReason;
use flate2::bufread::ZlibDecoder;

pub(super) static FORMAT: Format = Format { name: "png", holds: Holds::Parts, is, open };

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

fn open(bytes: &[u8], unpacker: &mut Unpacker<'_>) {
    let mut rest = bytes.strip_prefix(SIGNATURE).unwrap_or_default();
    while !rest.is_empty() && !unpacker.is_spent() {
        // A picture that breaks off hides nothing: what is there was looked at as it is.
        let Some((kind, data, next)) = chunk(rest) else { return };
        match kind {
            b"tEXt" | b"zTXt" | b"iTXt" if text(kind, data, unpacker).is_none() => {
                unpacker.skip(SkipReason::UnreadableArchive);
            }
            b"IEND" => return,
            _ => {}
        }
        rest = next;
    }
}

/// The kind of the first chunk, its data, and what comes after its checksum.
fn chunk(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (kind, rest) = rest.split_at_checked(4)?;
    let (data, rest) = rest.split_at_checked(length)?;
    Some((kind, data, rest.get(4..).unwrap_or_default()))
}

/// Hands out the text of a chunk, under its kind and keyword.
fn text(kind: &[u8], data: &[u8], unpacker: &mut Unpacker<'_>) -> Option<()> {
    let (keyword, data) = split(data)?;
    let name = [kind, b" ", keyword].concat();
    let packed = match kind {
        b"tEXt" => {
            unpacker.entry(&name, data);
            return Some(());
        }
        b"zTXt" => data.strip_prefix(&[0])?,
        _ => {
            let (flags, data) = data.split_at_checked(2)?;
            let (_language, data) = split(data)?;
            let (_translated, data) = split(data)?;
            match flags {
                [0, _] => {
                    unpacker.entry(&name, data);
                    return Some(());
                }
                [1, 0] => data,
                _ => return None,
            }
        }
    };
    unpacker.unpack(&name, packed.len(), ZlibDecoder::new(packed));
    Some(())
}

/// What stands before and after the first NUL.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let nul = memchr::memchr(0, bytes)?;
    Some((bytes.get(..nul)?, bytes.get(nul + 1..)?))
}
