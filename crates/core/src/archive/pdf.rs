//! PDF (ISO 32000-1, 7.3.8 and 7.4.4): its streams that are packed with Flate. Pages, forms, scripts and attachments are
//! such streams; what is not packed is seen without unpacking.

use super::{Format, Holds, Unpacker};
use crate::SkipReason;
use flate2::bufread::ZlibDecoder;
use memchr::memmem::{self, Finder};

pub(super) static FORMAT: Format = Format { name: "pdf", holds: Holds::Parts, is, open };

/// How far before a stream its dictionary can begin, in bytes.
const DICTIONARY: usize = 2048;

fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(b"%PDF-")
}

fn open(bytes: &[u8], unpacker: &mut Unpacker<'_>) {
    // Also said in a comment, where it means nothing: every stream is tried all the same.
    let is_encrypted = memmem::find(bytes, b"/Encrypt").is_some();
    let mut is_sealed = false;
    let (begin, end) = (Finder::new(b"stream"), Finder::new(b"endstream"));
    let (mut at, mut number) = (0, 0_u32);
    while let Some(found) = bytes.get(at..).and_then(|rest| begin.find(rest)).map(|found| found + at) {
        if unpacker.is_spent() {
            break;
        }
        at = found + b"stream".len();
        let rest = bytes.get(at..).unwrap_or_default();
        // The word is followed by a line end, and by none where it ends a stream.
        let Some(data) = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")) else { continue };
        let before = bytes.get(found.saturating_sub(DICTIONARY)..found).unwrap_or_default();
        if before.ends_with(b"end") {
            continue;
        }
        number += 1;
        let length = end.find(data);
        at = bytes.len() - data.len() + length.unwrap_or(data.len());
        match filter(before) {
            Filter::Flate => {}
            Filter::Other => continue,
            Filter::Unsupported => {
                unpacker.skip(SkipReason::UnsupportedArchive);
                continue;
            }
        }
        let packed = length.and_then(|length| data.get(..length)).unwrap_or(data);
        let name = format!("stream {number}");
        match unpacker.try_unpack(name.as_bytes(), packed.len(), ZlibDecoder::new(packed)) {
            Some(SkipReason::UnreadableArchive) if is_encrypted => is_sealed = true,
            Some(reason) => unpacker.skip(reason),
            None => {}
        }
    }
    if is_sealed {
        unpacker.skip(SkipReason::EncryptedArchive);
    }
}

/// How a stream is packed.
enum Filter {
    /// With Flate before anything else.
    Flate,
    /// In another way that hides text.
    Unsupported,
    /// Not at all, or as pictures are.
    Other,
}

/// What the dictionary that ends here says of its stream.
fn filter(before: &[u8]) -> Filter {
    let from = memmem::rfind(before, b"obj").unwrap_or_default();
    let dictionary = before.get(from..).unwrap_or_default();
    let Some(filter) = memmem::find(dictionary, b"/Filter") else { return Filter::Other };
    let filter = dictionary.get(filter + b"/Filter".len()..).unwrap_or_default().trim_ascii_start();
    let first = filter.strip_prefix(b"[").unwrap_or(filter).trim_ascii_start();
    let names = |name: &[u8]| memmem::find(filter, name).is_some();
    if [&b"/FlateDecode"[..], b"/Fl ", b"/Fl/", b"/Fl]", b"/Fl>"].iter().any(|name| first.starts_with(name)) {
        Filter::Flate
    } else if names(b"/FlateDecode") || names(b"/LZWDecode") {
        Filter::Unsupported
    } else {
        Filter::Other
    }
}
