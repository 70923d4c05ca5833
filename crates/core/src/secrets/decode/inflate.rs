//! Compressed streams in what another decoder made: gzip (RFC 1952) and zlib (RFC 1950). A stream that is broken or cut
//! gives what could be read of it; a byte of it stands for all of the stream.

use super::View;
use super::text::{is_gzip, is_text, is_zlib};
use std::io::Read;

pub(super) fn gzip(bytes: &[u8], most: usize) -> Option<View> {
    is_gzip(bytes).then(|| read("gzip", flate2::read::MultiGzDecoder::new(bytes), bytes.len(), most))
}

/// `x^` begins a stream, and a text just as well. No stream worth reading is text through and through.
pub(super) fn zlib(bytes: &[u8], most: usize) -> Option<View> {
    (is_zlib(bytes) && !is_text(bytes))
        .then(|| read("zlib", flate2::read::ZlibDecoder::new(bytes), bytes.len(), most))
}

fn read(by: &'static str, stream: impl Read, length: usize, most: usize) -> View {
    let mut view = View::new(by, length.saturating_mul(3).min(most), 0);
    view.read = 0..length;
    view.units(0, usize::MAX, length);
    let most_and_one = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    // A broken stream ends with an error, and what came before it is there all the same.
    let _ = stream.take(most_and_one).read_to_end(&mut view.bytes);
    view.cut = view.bytes.len() > most;
    view.bytes.truncate(most);
    view
}
