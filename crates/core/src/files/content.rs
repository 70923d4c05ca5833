//! What a file's bytes are: text, binary, or a pointer to content kept by Git LFS.

/// How many bytes Git looks at (`FIRST_FEW_BYTES` in xdiff-interface.c).
const LOOKED_AT: usize = 8000;

/// Whether bytes are binary: a NUL among the first 8000, as Git has it. Text in UTF-16 or UTF-32 is full of
/// NULs and is not taken for binary: it is known by its byte-order mark, or by its pattern of NULs.
#[must_use]
pub fn is_binary(bytes: &[u8]) -> bool {
    let head = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    head.contains(&0) && !has_byte_order_mark(head) && !is_bare_utf16(head)
}

fn has_byte_order_mark(head: &[u8]) -> bool {
    // UTF-32LE begins like UTF-16LE; what follows a mark must still read as text.
    let marks: [(&[u8], usize); 4] =
        [(b"\xff\xfe\0\0", 4), (b"\0\0\xfe\xff", 4), (b"\xff\xfe", 2), (b"\xfe\xff", 2)];
    let Some((mark, width)) = marks.iter().find(|(mark, _)| head.starts_with(mark)) else { return false };
    // A unit of nothing but NULs is the character U+0000, and that is no text.
    head.get(mark.len()..).unwrap_or_default().chunks_exact(*width).all(|unit| unit.iter().any(|b| *b != 0))
}

/// UTF-16 without a mark: nearly every pair has one NUL, always on the same side, and a plain character on
/// the other.
fn is_bare_utf16(head: &[u8]) -> bool {
    const FEWEST_PAIRS: usize = 8;
    let plain = |b: u8| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    let (mut pairs, mut little, mut big) = (0_usize, 0_usize, 0_usize);
    for pair in head.chunks_exact(2) {
        pairs += 1;
        match pair {
            [0, 0] => return false,
            [c, 0] if plain(*c) => little += 1,
            [0, c] if plain(*c) => big += 1,
            _ => {}
        }
    }
    pairs >= FEWEST_PAIRS && little.max(big) * 10 >= pairs * 9 && little.min(big) == 0
}

/// What a small file has to do with Git LFS.
///
/// Source: the specification, <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>, "The Pointer".
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LfsPointer {
    /// A valid pointer, to content of this many bytes.
    Valid {
        /// Size of the content in bytes.
        size: u64,
    },
    /// It begins like a pointer, and Git LFS does not read it.
    Invalid {
        /// What is wrong, as the end of a sentence.
        problem: &'static str,
    },
}

/// Longest pointer, in bytes.
pub(super) const LONGEST_POINTER: usize = 1024;

/// Versions that Git LFS reads; the last two are of its first releases.
const VERSIONS: &[&str] =
    &["https://git-lfs.github.com/spec/v1", "https://hawser.github.com/spec/v1", "http://git-media.io/v/2"];

/// Reads a pointer; `None` when the bytes do not begin like one, or are too many to be one.
#[must_use]
pub fn lfs_pointer(bytes: &[u8]) -> Option<LfsPointer> {
    let rest = bytes.strip_prefix(b"version ")?;
    let known = [
        &b"https://git-lfs.github.com/spec/"[..],
        b"https://hawser.github.com/spec/",
        b"http://git-media.io/v/",
    ];
    if bytes.len() >= LONGEST_POINTER || !known.iter().any(|prefix| rest.starts_with(prefix)) {
        return None;
    }
    Some(match pointer_size(bytes) {
        Ok(size) => LfsPointer::Valid { size },
        Err(problem) => LfsPointer::Invalid { problem },
    })
}

fn pointer_size(bytes: &[u8]) -> Result<u64, &'static str> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8")?;
    if text.contains('\r') {
        return Err("its lines end with carriage returns");
    }
    let lines = text.strip_suffix('\n').ok_or("its last line has no line feed")?;
    let (mut oid, mut size) = (None, None);
    let mut last = "";
    for (index, line) in lines.split('\n').enumerate() {
        let (key, value) = line.split_once(' ').ok_or("a line is not a key, a space and a value")?;
        if !key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-')) {
            return Err("a line is not a key, a space and a value");
        }
        if index == 0 {
            if !VERSIONS.contains(&value) {
                return Err("its version is not https://git-lfs.github.com/spec/v1");
            }
            continue;
        }
        if key <= last {
            return Err("its keys are not in alphabetical order, or one stands twice");
        }
        last = key;
        match key {
            "oid" => oid = Some(value),
            "size" => size = Some(value),
            _ => {}
        }
    }
    let digest = oid.ok_or("it has no oid")?.strip_prefix("sha256:").ok_or("its oid is not a sha256")?;
    if digest.len() != 64 || !digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err("its oid is not 64 small hexadecimal digits");
    }
    let size = size.ok_or("it has no size")?;
    let digits = !size.is_empty() && size.bytes().all(|b| b.is_ascii_digit());
    size.parse().ok().filter(|_| digits).ok_or("its size is not a number of bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn binary_is_what_git_calls_binary_but_text_in_wide_characters() {
        let wide = |text: &str, mark: &[u8], big: bool| -> Vec<u8> {
            let units = text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() });
            mark.iter().copied().chain(units).collect()
        };
        let mut late = vec![b'a'; 8000];
        late.push(0);
        let mut early = vec![b'a'; 7999];
        early.push(0);
        for (what, bytes, binary) in [
            ("empty", Vec::new(), false),
            ("text", b"plain\n".to_vec(), false),
            ("latin-1", b"caf\xe9".to_vec(), false),
            ("PNG", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), true),
            ("NUL after what Git reads", late, false),
            ("NUL at the end of it", early, true),
            ("UTF-16LE with a mark", wide("hällo\n", b"\xff\xfe", false), false),
            ("UTF-16BE with a mark", wide("hello\n", b"\xfe\xff", true), false),
            ("UTF-32LE with a mark", b"\xff\xfe\0\0h\0\0\0i\0\0\0".to_vec(), false),
            ("a mark, then no text", b"\xff\xfe\x01\0\0\0\0\0\0\0".to_vec(), true),
            ("UTF-16LE without", wide("<?xml version=\"1.0\"?>", b"", false), false),
            ("UTF-16BE without", wide("<?xml version=\"1.0\"?>", b"", true), false),
            ("too short to tell", b"a\0b\0".to_vec(), true),
            ("numbers", vec![1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9, 0], true),
        ] {
            assert_eq!(is_binary(&bytes), binary, "{what}");
        }
    }

    #[test]
    fn pointers_are_read_by_the_specification() {
        let oid = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";
        let version = "version https://git-lfs.github.com/spec/v1";
        let pointer = |rest: &str| lfs_pointer(format!("{version}\n{rest}").as_bytes());
        let invalid = |problem| Some(LfsPointer::Invalid { problem });
        let good = Some(LfsPointer::Valid { size: 12345 });
        assert_eq!(pointer(&format!("oid sha256:{oid}\nsize 12345\n")), good);
        assert_eq!(pointer(&format!("ext-0-foo sha256:{oid}\noid sha256:{oid}\nsize 12345\n")), good);
        for (rest, problem) in [
            ("size 12345\n".to_owned(), "it has no oid"),
            (format!("oid sha256:{oid}\n"), "it has no size"),
            (format!("oid sha256:{oid}\nsize 12345"), "its last line has no line feed"),
            (format!("oid sha256:{oid}\r\nsize 12345\r\n"), "its lines end with carriage returns"),
            (
                format!("size 1\noid sha256:{oid}\n"),
                "its keys are not in alphabetical order, or one stands twice",
            ),
            (format!("oid sha256:{oid}\nsize -1\n"), "its size is not a number of bytes"),
            (format!("oid sha256:{oid}\nsize +1\n"), "its size is not a number of bytes"),
            (
                format!("oid sha256:{}\nsize 1\n", oid.to_uppercase()),
                "its oid is not 64 small hexadecimal digits",
            ),
            ("oid md5:00\nsize 1\n".to_owned(), "its oid is not a sha256"),
            (format!("<<<<<<< HEAD\noid sha256:{oid}\n"), "a line is not a key, a space and a value"),
        ] {
            assert_eq!(pointer(&rest), invalid(problem), "{rest}");
        }
        let other = b"version https://git-lfs.github.com/spec/v9\n";
        assert!(matches!(lfs_pointer(other), Some(LfsPointer::Invalid { .. })));
        assert_eq!(lfs_pointer(b"version 1.2\n"), None);
        assert_eq!(lfs_pointer(format!("{version}\n{}", "x".repeat(1100)).as_bytes()), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_something(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if is_binary(&bytes) {
                prop_assert!(bytes.contains(&0));
            }
            let mut pointer = b"version https://git-lfs.github.com/spec/v1\n".to_vec();
            pointer.extend_from_slice(&bytes);
            let invalid = matches!(lfs_pointer(&pointer), Some(LfsPointer::Invalid { .. }));
            prop_assert!(invalid);
        }
    }
}
