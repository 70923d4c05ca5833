//! Archives that are recognised and not opened: nobody shall think that they were looked into.

use super::{Format, Holds, Unpacker};
use crate::SkipReason;

/// 7z (`7zFormat.txt` of the LZMA SDK).
pub(super) static SEVEN_ZIP: Format =
    Format { name: "7z", holds: Holds::Files, is: |bytes| bytes.starts_with(b"7z\xbc\xaf\x27\x1c"), open };

/// RAR 1.5 to 5 (RARLAB, "RAR 5.0 archive format").
pub(super) static RAR: Format =
    Format { name: "rar", holds: Holds::Files, is: |bytes| bytes.starts_with(b"Rar!\x1a\x07"), open };

fn open(_: &[u8], unpacker: &mut Unpacker<'_>) {
    unpacker.skip(SkipReason::UnsupportedArchive);
}
