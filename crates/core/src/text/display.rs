//! Showing untrusted text. Whoever pushes a commit chooses its paths, messages and names; none of them may send a
//! control sequence to the screen of whoever reads about it, turn its text around, or hide in it.

use std::borrow::Cow;

/// Whether a character would do something to a terminal other than show itself: control characters (C0, DEL and C1,
/// so ESC and CSI in every form; tabs and line ends too), marks that reorder text, and characters without a shape.
///
/// Sources: Unicode 16 general category Cc; UAX #9 (bidirectional formatting characters); UTR #36; Unicode property
/// `Default_Ignorable_Code_Point`; U+2028 and U+2029, which some terminals take for line ends; ECMA-48.
#[must_use]
pub const fn is_unsafe(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// `text` without what CI systems take for a command in a job's log: `##vso[…]` (Azure Pipelines), `##[…]` (GitHub Actions,
/// Azure Pipelines) and `##teamcity[…]` wherever in a line, `::error::…` (GitHub Actions) where a line begins. A blank between
/// the two signs undoes them.
///
/// Sources: `ActionCommand` of actions/runner and `Command` of microsoft/azure-pipelines-agent.
#[must_use]
pub fn without_commands(text: &str) -> Cow<'_, str> {
    let is_command = |rest: &str| {
        rest.trim_start_matches('#').trim_start_matches(|c: char| c.is_ascii_alphanumeric()).starts_with('[')
    };
    let anywhere = text.match_indices("##").any(|(at, _)| text.get(at..).is_some_and(is_command));
    let begins = |line: &str| line.trim_start().starts_with("::");
    if !anywhere && !text.lines().any(begins) {
        return Cow::Borrowed(text);
    }
    let text = if anywhere { text.replace("##", "# #").replace("##", "# #") } else { text.to_owned() };
    let lines = text.split_inclusive('\n');
    Cow::Owned(
        lines
            .map(|line| if begins(line) { line.replacen("::", ": :", 1) } else { line.to_owned() })
            .collect(),
    )
}

/// `text` in one line with every unsafe character as `\u{..}`. Backslashes stay as they are: this is for reading, not
/// for parsing back.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        push(&mut out, character);
    }
    Cow::Owned(out)
}

/// Bytes in one line: as [`escape`], but that tabs stay, line ends are `\n` and `\r`, and bytes that are not UTF-8
/// become `\x..`.
#[must_use]
pub fn display(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains(|c| c != '\t' && is_unsafe(c)) => return Cow::Borrowed(text),
        _ => {}
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push('\t'),
                other => push(&mut out, other),
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    Cow::Owned(out)
}

fn push(out: &mut String, character: char) {
    if is_unsafe(character) {
        out.extend(character.escape_unicode());
    } else {
        out.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_could_fool_a_terminal_is_escaped() {
        let cases: &[(&[u8], &str)] = &[
            (b"plain \xc3\xbc \xe2\x9c\x93\tx", "plain \u{fc} \u{2713}\tx"),
            (b"\x1b[2Jgone", "\\u{1b}[2Jgone"),
            (b"\xc2\x9b31m", "\\u{9b}31m"),
            (b"a\r\nb\x07\x7f", "a\\r\\nb\\u{7}\\u{7f}"),
            ("a\u{202e}b\u{2066}c\u{200b}d".as_bytes(), "a\\u{202e}b\\u{2066}c\\u{200b}d"),
            (b"\xff\xfe", "\\xff\\xfe"),
            ("\u{e0041}".as_bytes(), "\\u{e0041}"),
        ];
        for (bytes, shown) in cases {
            assert_eq!(display(bytes), *shown);
        }
    }

    #[test]
    fn control_bidi_and_invisible_characters_become_visible() {
        assert_eq!(escape("a\x1b[31mb\r\n\t"), "a\\u{1b}[31mb\\u{d}\\u{a}\\u{9}");
        assert_eq!(escape("\u{9b}2J"), "\\u{9b}2J");
        assert_eq!(escape("user\u{202e}txt.exe\u{2066}"), "user\\u{202e}txt.exe\\u{2066}");
        assert_eq!(escape("a\u{200b}b\u{feff}\u{e0041}"), "a\\u{200b}b\\u{feff}\\u{e0041}");
        assert!(matches!(escape("plain, 漢字, é, 👍, \\u{1b}"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_log_is_sent_no_commands() {
        assert_eq!(without_commands("x ##vso[task.setvariable a]b"), "x # #vso[task.setvariable a]b");
        assert_eq!(without_commands("###[error]x"), "# # #[error]x");
        assert_eq!(without_commands("####[error]x"), "# # # #[error]x");
        assert_eq!(without_commands("a\n  ::error::x\nb"), "a\n  : :error::x\nb");
        assert!(matches!(without_commands("## Title, a::b, ##x and # [y]"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn nothing_unsafe_is_left_and_nothing_safe_is_touched(text in any::<String>()) {
            let shown = escape(&text);
            prop_assert!(!shown.contains(is_unsafe));
            prop_assert!(!shown.chars().any(char::is_control));
            let safe: String = text.chars().filter(|c| !is_unsafe(*c)).collect();
            if safe == text {
                prop_assert_eq!(shown.as_ref(), text.as_str());
                prop_assert!(matches!(display(text.as_bytes()), Cow::Borrowed(shown) if shown == text));
            }
        }

        #[test]
        fn no_bytes_get_through(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            prop_assert!(!display(&bytes).contains(|c| c != '\t' && is_unsafe(c)));
        }
    }
}
