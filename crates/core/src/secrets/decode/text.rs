//! Whether bytes look like text: the cheap test that most runs do not pass.

/// Whether bytes are text in UTF-8 without control characters, the last character perhaps cut.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let is_control = |byte: &u8| matches!(byte, 0..=8 | 11 | 12 | 14..=31 | 127);
    if bytes.iter().any(is_control) {
        return false;
    }
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

/// Whether bytes begin as something worth decoding: text, text in UTF-16, or a compressed stream.
pub(super) fn is_promising(start: &[u8]) -> bool {
    is_text(start) || is_compressed(start) || super::utf16::is_likely(start)
}

/// Whether the first bytes rule [`is_promising`] out, whatever follows.
pub(super) fn is_hopeless(first: [u8; 3]) -> bool {
    let is_wide = first[1] == 0 || first[0] == 0 || matches!(first, [0xFF, 0xFE, _] | [0xFE, 0xFF, _]);
    !is_wide && !is_text(&first) && !is_compressed(&first)
}

/// The header of gzip (RFC 1952, deflate being the one method) or of zlib (RFC 1950) as compressors write it.
pub(super) fn is_compressed(start: &[u8]) -> bool {
    is_gzip(start) || is_zlib(start)
}

pub(super) fn is_gzip(start: &[u8]) -> bool {
    start.starts_with(&[0x1F, 0x8B, 8])
}

/// A window of 32 KiB and no dictionary, which is what everybody writes; the header is a multiple of 31.
pub(super) fn is_zlib(start: &[u8]) -> bool {
    matches!(start, [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..])
}
