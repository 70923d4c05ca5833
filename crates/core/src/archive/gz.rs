//! gzip (RFC 1952): one file, in one member or several.

use super::unpacker::InARow;
use super::{Format, Holds, Unpacker};
use flate2::bufread::GzDecoder;

pub(super) static FORMAT: Format = Format { name: "gz", holds: Holds::OneFile, is, open };

/// The magic bytes, the only method there is, and no flag that does not exist.
fn is(bytes: &[u8]) -> bool {
    matches!(bytes, [0x1f, 0x8b, 8, flags, ..] if flags & 0xe0 == 0)
}

fn open(bytes: &[u8], unpacker: &mut Unpacker<'_>) {
    let first = GzDecoder::new(bytes);
    let name = first.header().and_then(|header| header.filename()).unwrap_or_default();
    let members =
        InARow::new(bytes, |rest| is(rest).then(|| Ok(GzDecoder::new(rest))), GzDecoder::into_inner);
    unpacker.unpack(name, bytes.len(), members);
}
