//! The text around keys: lines of dashes and base64 (RFC 7468, RFC 1421, RFC 9580), as files and as source code have it.

use memchr::memmem::find;

/// The label of a block: `RSA PRIVATE KEY`.
pub(in crate::secrets::structure) fn label(block: &[u8]) -> Option<&[u8]> {
    let start = find(block, b"-----BEGIN ")? + b"-----BEGIN ".len();
    let rest = block.get(start..)?;
    rest.get(..find(rest, b"-----")?)
}

/// Whether the block has its last line.
pub(in crate::secrets::structure) fn is_closed(block: &[u8]) -> bool {
    find(block, b"-----END ").is_some()
}

/// The base64 between the lines of dashes, without what strings in source code put around it: quotes, line ends that
/// are written `\n`, `+` and `.` that join strings at a line's end.
pub(in crate::secrets::structure) fn body(secret: &[u8]) -> Vec<u8> {
    let inner = find(secret, b"-----BEGIN ").and_then(|begin| {
        let rest = secret.get(begin + 11..)?;
        let rest = rest.get(find(rest, b"-----")? + 5..)?;
        rest.get(..find(rest, b"-----END").unwrap_or(rest.len()))
    });
    let mut out = Vec::new();
    for line in inner.unwrap_or(&[]).split(|b| matches!(b, b'\n' | b'\r')) {
        for piece in split_escapes(line) {
            // `Name: value` and `Name=value` headers are not part of the body.
            if memchr::memchr(b':', piece).is_none() {
                let piece = piece.trim_ascii();
                let quoted = memchr::memchr2(b'"', b'\'', piece).is_some();
                let skip = |b: &u8| {
                    b.is_ascii_whitespace()
                        || matches!(b, b'"' | b'\'' | b',' | b';' | b'\\')
                        || (quoted && *b == b'.')
                };
                let piece: Vec<u8> = piece.iter().copied().filter(|b| !skip(b)).collect();
                let joined = if quoted { piece.strip_suffix(b"+").unwrap_or(&piece) } else { &piece };
                out.extend_from_slice(joined);
            }
        }
    }
    out
}

/// Splits at a written-out `\n` or `\r`.
fn split_escapes(line: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut rest = line;
    let escape = |bytes: &[u8]| {
        memchr::memchr_iter(b'\\', bytes).find(|at| matches!(bytes.get(at + 1), Some(b'n' | b'r')))
    };
    while let Some(at) = escape(rest) {
        pieces.push(rest.get(..at).unwrap_or(&[]));
        rest = rest.get(at + 2..).unwrap_or(&[]);
    }
    pieces.push(rest);
    pieces
}
