//! Standard input, up to a limit: a pipe has no size that could be asked for first.

use std::io::{self, Read};

/// What was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// All of it.
    Whole(Vec<u8>),
    /// There is more than the limit allows; nothing is kept.
    TooLarge,
}

/// Reads everything from `reader`, but no more than `limit` bytes and one: that one says that it is too large.
///
/// # Errors
///
/// What the reader says.
pub fn read(reader: impl Read, limit: u64) -> io::Result<Input> {
    let mut bytes = Vec::new();
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(if bytes.len() as u64 > limit { Input::TooLarge } else { Input::Whole(bytes) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_the_last_size_that_is_read() {
        assert_eq!(read(&b"12345"[..], 5).unwrap(), Input::Whole(b"12345".to_vec()));
        assert_eq!(read(&b"123456"[..], 5).unwrap(), Input::TooLarge);
        assert_eq!(read(&b""[..], 0).unwrap(), Input::Whole(Vec::new()));
        assert_eq!(read(io::repeat(b'x'), 1 << 20).unwrap(), Input::TooLarge);
    }
}
