//! From a message's bytes to text. A commit says its encoding in a header, or means UTF-8; bytes that are
//! neither are shown as well as can be, and the reader is told.

/// What is wrong with a message's bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EncodingProblem {
    /// They are not UTF-8, and nothing says what they are.
    NotUtf8 {
        /// Offset of the first byte that is not UTF-8.
        at: usize,
    },
    /// The commit names an encoding that gatepost does not read.
    Unsupported {
        /// The name, with undecodable bytes replaced.
        name: String,
    },
}

/// A message as text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decoded {
    /// The text; what could not be decoded stands as U+FFFD.
    pub text: String,
    /// Why some of it could not be decoded.
    pub problem: Option<EncodingProblem>,
}

/// Decodes a message. `encoding` is the commit's `encoding` header; without one Git means UTF-8.
///
/// UTF-8 (and so ASCII) and ISO-8859-1 are read. Of any other encoding the ASCII part is read.
#[must_use]
pub fn decode(bytes: &[u8], encoding: Option<&[u8]>) -> Decoded {
    let name = String::from_utf8_lossy(encoding.unwrap_or(b"UTF-8")).trim().to_ascii_lowercase();
    let plain = |text: String| Decoded { text, problem: None };
    if matches!(name.as_str(), "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1" | "latin-1") {
        return plain(bytes.iter().map(|&b| char::from(b)).collect());
    }
    let utf8 = matches!(name.as_str(), "utf-8" | "utf8" | "us-ascii" | "ascii" | "");
    match std::str::from_utf8(bytes) {
        Ok(text) if utf8 || text.is_ascii() => plain(text.to_owned()),
        Ok(text) => Decoded { text: text.to_owned(), problem: Some(EncodingProblem::Unsupported { name }) },
        Err(error) => Decoded {
            text: String::from_utf8_lossy(bytes).into_owned(),
            problem: Some(if utf8 {
                EncodingProblem::NotUtf8 { at: error.valid_up_to() }
            } else {
                EncodingProblem::Unsupported { name }
            }),
        },
    }
}

/// Text that was to be UTF-8 and is not, as Git stores it: a byte that no character of UTF-8 begins with or goes on with is
/// taken for ISO-8859-1.
///
/// Source: Git's `verify_utf8` (commit.c), which `git commit` calls once the hooks have passed.
pub(super) fn mended(bytes: &[u8]) -> String {
    let (mut out, mut rest) = (String::with_capacity(bytes.len()), bytes);
    while let Err(error) = std::str::from_utf8(rest) {
        let (good, bad) = rest.split_at_checked(error.valid_up_to()).unwrap_or((rest, &[]));
        out.push_str(&String::from_utf8_lossy(good));
        let Some((&byte, after)) = bad.split_first() else { return out };
        out.push(char::from(byte));
        rest = after;
    }
    out + &String::from_utf8_lossy(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_utf8_is_mended_as_git_does() {
        assert_eq!(mended(b"a\xfcb \xc3\xbc \xe2\x82 \xff"), "a\u{fc}b \u{fc} \u{e2}\u{82} \u{ff}");
        assert_eq!(mended("\u{20ac}".as_bytes()), "\u{20ac}");
        assert_eq!(mended(b""), "");
    }

    #[test]
    fn text_is_read_by_its_encoding_and_the_rest_is_named() {
        assert_eq!(decode("fix: ü".as_bytes(), None).text, "fix: ü");
        assert_eq!(
            decode(b"fix: \xfc", Some(b"ISO-8859-1")),
            Decoded { text: "fix: ü".into(), problem: None }
        );
        let lossy = decode(b"fix: \xfc", None);
        assert_eq!(lossy.text, "fix: \u{fffd}");
        assert_eq!(lossy.problem, Some(EncodingProblem::NotUtf8 { at: 5 }));
        let other = decode(b"fix: \x83\x65", Some(b"Shift_JIS"));
        assert_eq!(other.problem, Some(EncodingProblem::Unsupported { name: "shift_jis".into() }));
        assert_eq!(decode(b"fix: x", Some(b"Shift_JIS")).problem, None);
    }
}
