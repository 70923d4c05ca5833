//! XML 1.0 as far as a report needs it.

use gatepost_core::text::escape;

/// Untrusted text for XML, in one line: as text and in attributes in double quotes. What XML has no way to write, and what acts
/// on terminals, is shown as `\u{..}`.
pub(crate) fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len() + 16);
    for character in escape(raw).chars() {
        push(&mut out, character);
    }
    out
}

/// The same of several lines, for the text of an element.
pub(crate) fn lines(raw: &str) -> String {
    raw.split('\n').map(text).collect::<Vec<_>>().join("\n")
}

fn push(out: &mut String, character: char) {
    match character {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\'' => out.push_str("&#39;"),
        // No characters of XML (2.2).
        '\u{fffe}' | '\u{ffff}' => out.extend(character.escape_unicode()),
        other => out.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text_and_what_xml_lacks_is_shown() {
        assert_eq!(
            text("<a b=\"c\">&'\u{1b}\u{ffff}\n"),
            "&lt;a b=&quot;c&quot;&gt;&amp;&#39;\\u{1b}\\u{ffff}\\u{a}"
        );
        assert_eq!(lines("]]>\n\u{0}x"), "]]&gt;\n\\u{0}x");
    }
}
