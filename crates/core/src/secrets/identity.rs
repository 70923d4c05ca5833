//! What makes a secret the same secret tomorrow: its value where that may be hashed, else the place that it stands in.
//! `crate::fingerprint` says when which.
//!
//! Both are freed of what formatters change. Of a place that is white space, quotes, a comma or semicolon at its end,
//! and the line break between a name and its value. What a formatter can do beyond that (one argument to a line,
//! members in another order) makes another place of it.

use super::rule::Rule;
use crate::Fingerprint;
use crate::fingerprint::FingerprintKey;
use std::borrow::Cow;
use std::ops::Range;

/// How much of a long line goes into a fingerprint, in bytes on either side.
const SURROUNDINGS: usize = 200;

/// The bytes around a secret.
pub(super) struct Place<'a> {
    /// The document.
    pub(super) bytes: &'a [u8],
    /// Where the document's secrets stand, in order.
    pub(super) masks: &'a [Range<usize>],
    /// The line that the secret begins in.
    pub(super) line: Range<usize>,
    /// The secret.
    pub(super) secret: Range<usize>,
}

/// The fingerprint of a secret with this `value` that a rule found, which is assigned to `name`.
pub(super) fn fingerprint(
    rule: &Rule,
    key: Option<&FingerprintKey>,
    place: &Place<'_>,
    name: &str,
    value: &[u8],
) -> Fingerprint {
    match (rule.strong, key) {
        (true, _) => Fingerprint::of_value(&rule.provider, &unwrapped(value)),
        (false, Some(key)) => Fingerprint::of_keyed_value(key, &rule.provider, value),
        (false, None) => Fingerprint::of_place(&rule.id, name.as_bytes(), &place.surroundings()),
    }
}

/// The name that the value in `secret` is assigned to; empty when there is none.
pub(super) fn name_of(bytes: &[u8], secret: &Range<usize>) -> String {
    let before = bytes.get(..secret.start).unwrap_or(&[]);
    let start = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
    let masks = [secret.clone()];
    Place { bytes, masks: &masks, line: start..secret.end, secret: secret.clone() }.name()
}

/// A value of several lines (a private key) by its letters and digits alone: what joins its lines is the file's format,
/// be it an indentation, `\n` in a string, quotes and `+`, or comment signs. Of the 80 bits and more of a strong value
/// enough is left.
fn unwrapped(value: &[u8]) -> Cow<'_, [u8]> {
    if !value.iter().any(|byte| byte.is_ascii_whitespace() || *byte == b'\\') {
        return Cow::Borrowed(value);
    }
    let mut escaped = false;
    let is_kept = |byte: &u8| {
        let kept = !escaped && byte.is_ascii_alphanumeric();
        escaped = *byte == b'\\' && !escaped;
        kept
    };
    Cow::Owned(value.iter().copied().filter(is_kept).collect())
}

impl Place<'_> {
    /// The name that the value is assigned to; empty when there is none.
    pub(super) fn name(&self) -> String {
        let left = [self.cut(self.above()), self.cut(self.start()..self.secret.start)].concat();
        String::from_utf8_lossy(name_before(&left).unwrap_or(&[])).into_owned()
    }

    /// The line with every secret cut out, free of what formatters change.
    fn surroundings(&self) -> Vec<u8> {
        let end = self.secret.end.saturating_add(SURROUNDINGS).min(self.line.end);
        let mut out = [self.cut(self.above()), self.cut(self.start()..end)].concat();
        out.retain(|byte| !byte.is_ascii_whitespace() && !is_quote(*byte));
        while matches!(out.last(), Some(b',' | b';')) {
            out.pop();
        }
        out
    }

    /// The bytes of a range without the secrets in it.
    fn cut(&self, range: Range<usize>) -> Vec<u8> {
        let (mut out, mut at) = (Vec::new(), range.start);
        let first = self.masks.partition_point(|mask| mask.end <= range.start);
        for mask in self.masks.iter().skip(first).take_while(|mask| mask.start < range.end) {
            out.extend_from_slice(self.slice(at..mask.start));
            at = mask.end;
        }
        out.extend_from_slice(self.slice(at..range.end));
        out
    }

    /// The line above, where a formatter broke the line between a name and its value:
    ///
    /// ```text
    /// const url =          url = (              url: \
    ///   "…";                   "…"                "…"
    ///                      )
    /// ```
    fn above(&self) -> Range<usize> {
        let left = self.slice(self.start()..self.secret.start).trim_ascii_start();
        let is_opening = match left.split_first() {
            None => true,
            // A text that begins in this line and holds the secret, not a name in quotes.
            Some((quote, rest)) => is_quote(*quote) && !rest.contains(quote),
        };
        if !is_opening || self.start() > self.line.start {
            return 0..0;
        }
        let above = self.slice(0..self.line.start).trim_ascii_end();
        let near = above.get(above.len().saturating_sub(SURROUNDINGS)..).unwrap_or(&[]);
        let line = near.rsplit(|byte| *byte == b'\n').next().unwrap_or(&[]);
        let head =
            line.strip_suffix(b"\\").or_else(|| line.strip_suffix(b"(")).unwrap_or(line).trim_ascii_end();
        let start = above.len() - line.len();
        if head.ends_with(b"=") || head.ends_with(b":") || head.ends_with(b"=>") {
            start..start + head.len()
        } else {
            0..0
        }
    }

    fn start(&self) -> usize {
        self.secret.start.saturating_sub(SURROUNDINGS).max(self.line.start)
    }

    fn slice(&self, range: Range<usize>) -> &[u8] {
        self.bytes.get(range).unwrap_or(&[])
    }
}

const fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// The nearest identifier at the left, behind an assignment's signs.
fn name_before(left: &[u8]) -> Option<&[u8]> {
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let end = left.iter().rposition(is_name)?;
    // Without `=`, `:` or an opening bracket in between it is a word, not a name.
    let between = left.get(end + 1..)?;
    if !between.iter().any(|b| matches!(b, b'=' | b':' | b'(' | b'[' | b'>')) {
        return None;
    }
    let start = left.get(..end)?.iter().rposition(|b| !is_name(b)).map_or(0, |at| at + 1);
    left.get(start..=end)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::string_slice, reason = "the texts are ASCII")]

    use super::super::syntax::RuleFile;
    use super::*;
    use crate::fingerprint::tests::key;
    use proptest::prelude::*;

    fn rule(strong: bool) -> Rule {
        let text = include_str!("tests.toml");
        let rule = RuleFile::parse(text).unwrap().into_iter().find(|rule| rule.strong == strong);
        rule.unwrap()
    }

    /// The place of the first `VALUE` of a text; every other one and every `OTHER` is a secret as well.
    fn with<T>(text: &str, then: impl FnOnce(&Place<'_>) -> T) -> T {
        let mut masks: Vec<Range<usize>> = ["VALUE", "OTHER"]
            .iter()
            .flat_map(|word| text.match_indices(word).map(|(at, word)| at..at + word.len()))
            .collect();
        masks.sort_by_key(|mask| mask.start);
        let at = text.find("VALUE").unwrap();
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        then(&Place { bytes: text.as_bytes(), masks: &masks, line: start..end, secret: at..at + 5 })
    }

    fn value<'a>(place: &Place<'a>) -> &'a [u8] {
        &place.bytes[place.secret.clone()]
    }

    /// The fingerprint without a key, and the name.
    fn both(text: &str) -> (Fingerprint, String) {
        with(text, |place| {
            (fingerprint(&rule(false), None, place, &place.name(), value(place)), place.name())
        })
    }

    fn bound(text: &str) -> Fingerprint {
        both(text).0
    }

    fn name(text: &str) -> String {
        both(text).1
    }

    #[test]
    fn a_place_survives_what_formatters_do() {
        let before = bound("const url = \"db://app:VALUE@host\";\n");
        for after in [
            "const url='db://app:VALUE@host'",
            "  const url =\n    \"db://app:VALUE@host\",\n",
            "const url = (\r\n\t`db://app:VALUE@host`\r\n)\r\n",
            "const url = \\\n'db://app:VALUE@host';",
            "const other = 1;\n\nconst  url  =  \"db://app:VALUE@host\" ;",
        ] {
            assert_eq!(bound(after), before, "{after}");
        }
        assert_eq!(bound("password:\n  VALUE\n"), bound("\"password\": \"VALUE\",\n"));
    }

    #[test]
    fn other_places_are_told_apart() {
        let texts = [
            "password = \"VALUE\"",
            "password: \"VALUE\"",
            "password = \"VALUE\" # of the other one",
            "passphrase = \"VALUE\"",
            "connect(\n  password = \"VALUE\",\n",
            "connect(host, password = \"VALUE\")",
            "password == \"VALUE\"",
            "x =\n  password = \"VALUE2\"",
        ];
        for (index, one) in texts.iter().enumerate() {
            for two in texts.iter().skip(index + 1).filter(|two| !two.starts_with("connect(\n")) {
                assert_ne!(bound(one), bound(two), "{one} and {two}");
            }
        }
        // A name in quotes does not belong to the line above.
        assert_eq!(bound("secrets:\n  \"password\": \"VALUE\""), bound("\"password\": \"VALUE\""));
        assert_ne!(bound("a =\n  \"VALUE\""), bound("b =\n  \"VALUE\""));
    }

    #[test]
    fn no_secret_is_part_of_a_place() {
        for (one, two) in [
            ("password = \"VALUE\", \"OTHER\"", "password = \"VALUE\", \"VALUE\""),
            (
                "a: OTHER, key =\n \"VALUE\"",
                "a: VALUE, key =\n \"VALUE\"".replacen("VALUE", "OTHER", 1).as_str(),
            ),
            ("OTHER: \"VALUE\"", ": \"VALUE\""),
        ] {
            assert_eq!(bound(one), bound(two));
        }
        assert_eq!(name("user = OTHER: \"VALUE\""), "user");
    }

    #[test]
    fn names_are_what_a_value_is_assigned_to() {
        for (text, expected) in [
            ("db.password = 'VALUE'", "db.password"),
            ("\"client-secret\": \"VALUE\"", "client-secret"),
            ("login(pass(VALUE))", "pass"),
            ("the word VALUE", ""),
            ("token =>\n  'VALUE'", "token"),
            ("VALUE", ""),
        ] {
            assert_eq!(name(text), expected, "{text}");
        }
    }

    #[test]
    fn with_a_key_the_value_alone_counts() {
        let keyed = |text: &str, seed| {
            with(text, |place| {
                fingerprint(&rule(false), Some(&key(seed)), place, &place.name(), value(place))
            })
        };
        assert_eq!(keyed("a = VALUE", 1), keyed("connect(\n  b: \"VALUE\")", 1));
        assert_ne!(keyed("a = VALUE", 1), keyed("a = VALUE", 2));
    }

    #[test]
    fn how_a_key_of_several_lines_is_written_does_not_count() {
        let one = unwrapped(b"-----BEGIN KEY-----\nMIIE+a/b\nxyz==\n-----END KEY-----");
        for other in [
            "-----BEGIN KEY-----\r\n    MIIE+a/b\r\n    xyz==\r\n    -----END KEY-----",
            r"-----BEGIN KEY-----\nMIIE+a/b\nxyz==\n-----END KEY-----",
            "-----BEGIN KEY-----\\n\" +\n  \"MIIE+a/b\\n\" +\n  \"xyz==\\n\" +\n  \"-----END KEY-----",
        ] {
            assert_eq!(unwrapped(other.as_bytes()), one, "{other}");
        }
        assert_eq!(unwrapped(b"ghp_a-b/c+d"), &b"ghp_a-b/c+d"[..]);
    }

    proptest! {
        #[test]
        fn nothing_of_a_value_is_in_a_bound_fingerprint(one in "[!-~]{4,40}", two in "[!-~]{4,40}") {
            let of = |value: &str| {
                let text = format!("password = {value}\n");
                let (line, secret) = (0..text.len() - 1, 11..11 + value.len());
                let masks = [secret.clone()];
                let place = Place { bytes: text.as_bytes(), masks: &masks, line, secret };
                fingerprint(&rule(false), None, &place, &place.name(), value.as_bytes())
            };
            prop_assert_eq!(of(&one), of(&two));
        }
    }
}
