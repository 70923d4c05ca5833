//! Zstandard (RFC 8878): one file, in one frame or several.
//!
//! The decoder gives out what can no longer be referred to: of a frame that breaks off, the last window is not seen.

use super::unpacker::{InARow, little};
use super::{Format, Holds, Unpacker};
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};
use std::io;

pub(super) static FORMAT: Format = Format { name: "zst", holds: Holds::OneFile, is, open };

/// The largest window: what `zstd -d` takes without being told otherwise.
const WINDOW: u64 = 128 << 20;

type Frame<'a> = StreamingDecoder<&'a [u8], FrameDecoder>;

fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x28\xb5\x2f\xfd")
}

fn open(bytes: &[u8], unpacker: &mut Unpacker<'_>) {
    unpacker.unpack(b"", bytes.len(), reader(bytes));
}

/// Reads all frames.
pub(super) fn reader(bytes: &[u8]) -> impl io::Read {
    InARow::new(bytes, frame, Frame::into_inner)
}

fn frame(bytes: &[u8]) -> Option<io::Result<Frame<'_>>> {
    let bytes = past_skippable(bytes);
    let open = || StreamingDecoder::new_with_max_window_size(bytes, WINDOW).map_err(io::Error::other);
    is(bytes).then(open)
}

/// Passes over frames that hold no content (section 3.1.2).
fn past_skippable(mut bytes: &[u8]) -> &[u8] {
    while let [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] = bytes {
        let after = little::<4>(bytes, 4).and_then(|size| usize::try_from(size).ok()?.checked_add(8));
        bytes = after.and_then(|after| bytes.get(after..)).unwrap_or_default();
    }
    bytes
}
