//! Metadata in JSON: what stands under the top-level key `sops`.
//!
//! This is no validation: commas may be missing, and what follows the end is not looked at. What matters is that no
//! value under `sops` is overlooked.

use super::Metadata;
use std::borrow::Cow;

/// Deeper nesting is not read. SOPS writes eight levels at most, below data of the user's own.
const DEEPEST: usize = 256;

/// An object or a list that is open.
struct Frame {
    is_object: bool,
    /// The key whose value comes next.
    key: Option<String>,
    /// Where that key began.
    key_at: usize,
    /// How many items of a list came before.
    index: usize,
}

pub(super) fn read(bytes: &[u8], metadata: &mut Metadata) {
    Reader { bytes, at: 0, frames: Vec::new(), metadata }.read();
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    frames: Vec<Frame>,
    metadata: &'a mut Metadata,
}

impl Reader<'_> {
    fn read(&mut self) {
        while let Some(byte) = self.bytes.get(self.at).copied() {
            match byte {
                b'{' | b'[' => {
                    if self.frames.len() == DEEPEST {
                        self.metadata.problem("it is nested too deeply");
                        return;
                    }
                    self.frames.push(Frame { is_object: byte == b'{', key: None, key_at: self.at, index: 0 });
                    self.at += 1;
                }
                b'}' | b']' => {
                    self.at += 1;
                    self.frames.pop();
                    self.value_ends();
                    if self.frames.is_empty() {
                        return;
                    }
                }
                b'"' => {
                    let start = self.at;
                    let Some(text) = self.string() else {
                        self.metadata.problem("a string in it is broken");
                        return;
                    };
                    self.text(start, text);
                }
                _ if byte.is_ascii_alphanumeric() || byte == b'-' => self.literal(),
                _ => self.at += 1,
            }
        }
        self.metadata.problem("it ends in the middle");
    }

    /// A string that has been read: a key, or a value.
    fn text(&mut self, start: usize, text: String) {
        match self.frames.last_mut() {
            Some(frame) if frame.is_object && frame.key.is_none() => {
                frame.key = Some(text);
                frame.key_at = start;
            }
            _ => {
                self.leaf(&text);
                self.value_ends();
            }
        }
    }

    /// A number or a word. `null` is no value: SOPS writes it for lists without keys.
    fn literal(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let in_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.');
        let length = rest.iter().take_while(|b| in_word(b)).count();
        let word = rest.get(..length).unwrap_or_default();
        self.at += length.max(1);
        if word != b"null" {
            self.leaf(&String::from_utf8_lossy(word));
        }
        self.value_ends();
    }

    fn leaf(&mut self, value: &str) {
        let is_metadata = self.frames.first().is_some_and(|frame| frame.key.as_deref() == Some("sops"));
        if is_metadata {
            let path = self.frames.iter().skip(1).map(|frame| match &frame.key {
                Some(key) => Cow::Borrowed(key.as_str()),
                None => Cow::Owned(frame.index.to_string()),
            });
            self.metadata.leaf(path, value);
        }
    }

    fn value_ends(&mut self) {
        let is_top = self.frames.len() == 1;
        let Some(frame) = self.frames.last_mut() else { return };
        frame.index += 1;
        if let Some(key) = frame.key.take()
            && is_top
            && key == "sops"
        {
            self.metadata.ranges.push(frame.key_at..self.at);
        }
    }

    /// A string from its opening quote on; `None` when it has no end.
    fn string(&mut self) -> Option<String> {
        let start = self.at + 1;
        let mut end = start;
        let mut escaped = false;
        loop {
            match self.bytes.get(end)? {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    end += 2;
                }
                _ => end += 1,
            }
        }
        self.at = end + 1;
        let text = std::str::from_utf8(self.bytes.get(start..end)?).ok()?;
        if escaped { unescape(text) } else { Some(text.to_owned()) }
    }
}

/// A string's content without escapes (RFC 8259, section 7). YAML's double quotes have these, among others.
pub(super) fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    let mut high = None;
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        out.push(match characters.next()? {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'b' => '\u{8}',
            'f' => '\u{c}',
            plain @ ('"' | '\\' | '/') => plain,
            'u' => {
                let digits: String = characters.by_ref().take(4).collect();
                let unit = u16::from_str_radix(&digits, 16).ok()?;
                match (high.take(), unit) {
                    (None, 0xd800..=0xdbff) => {
                        high = Some(unit);
                        continue;
                    }
                    (first, _) => char::decode_utf16(first.into_iter().chain([unit])).next()?.ok()?,
                }
            }
            _ => return None,
        });
    }
    high.is_none().then_some(out)
}
