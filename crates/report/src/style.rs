//! Colour, and words that fit their number and their line.

use anstyle::{AnsiColor, Style};
use std::borrow::Cow;
use std::fmt::{self, Display};
use unicode_width::UnicodeWidthStr as _;

/// What a piece of the report is; it decides the colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// A finding that denies, and what could not be checked.
    Error,
    /// A finding that warns.
    Warning,
    /// A finding that is only noted, and notices.
    Note,
    /// The frame: arrows, bars, line numbers, labels.
    Frame,
    /// A title.
    Title,
    /// A clean result.
    Good,
}

impl Role {
    const fn style(self) -> Style {
        match self {
            Self::Error => AnsiColor::Red.on_default().bold(),
            Self::Warning => AnsiColor::Yellow.on_default().bold(),
            Self::Note => AnsiColor::Cyan.on_default().bold(),
            Self::Frame => AnsiColor::Blue.on_default(),
            Self::Title => Style::new().bold(),
            Self::Good => AnsiColor::Green.on_default(),
        }
    }
}

/// Gives text its colour, or leaves it as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    pub(crate) color: bool,
}

impl Paint {
    /// `text`, which must be escaped already, as `role`.
    pub(crate) fn text<T: Display>(self, role: Role, text: T) -> Painted<T> {
        Painted { style: self.color.then(|| role.style()), text }
    }
}

/// Text with its colour around it.
pub(crate) struct Painted<T> {
    style: Option<Style>,
    text: T,
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.style {
            Some(style) => write!(f, "{style}{}{style:#}", self.text),
            None => self.text.fmt(f),
        }
    }
}

/// `1 file`, `2 files`.
pub(crate) fn count(number: u64, one: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {one}{plural}")
}

/// Breaks `text` at its spaces into lines of at most `width` columns; a longer word gets a line of its own, whole,
/// so that an address or a path can still be copied. `None`: one line.
///
/// A step that begins with a lower-case letter is taken for a command and kept whole: a command with a line
/// break in it cannot be pasted.
pub(crate) fn wrap(text: &str, width: Option<usize>) -> Vec<Cow<'_, str>> {
    let is_command = text.starts_with(|first: char| !first.is_uppercase());
    let Some(width) = width.filter(|width| text.width() > *width && !is_command) else {
        return vec![Cow::Borrowed(text)];
    };
    let mut lines: Vec<Cow<'_, str>> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(Cow::Owned(std::mem::take(&mut line)));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(Cow::Owned(line));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fit_their_number() {
        assert_eq!(count(0, "file"), "0 files");
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(2, "file"), "2 files");
    }

    #[test]
    fn sentences_are_wrapped_and_commands_are_not() {
        let text = "Revoke it at https://example.com/a/very/long/path and make a new one.";
        assert_eq!(
            wrap(text, Some(24)),
            ["Revoke it at", "https://example.com/a/very/long/path", "and make a new one."]
        );
        assert_eq!(wrap(text, None), [text]);
        let command = "git rebase --interactive --autosquash 0123456789ab";
        assert_eq!(wrap(command, Some(24)), [command]);
        assert_eq!(wrap("", Some(24)), [""]);
        assert_eq!(
            wrap("Einw\u{e4}nde \u{6f22}\u{5b57} ab", Some(13)),
            ["Einw\u{e4}nde \u{6f22}\u{5b57}", "ab"]
        );
    }

    #[test]
    fn colour_is_only_there_when_asked_for() {
        assert_eq!(Paint { color: false }.text(Role::Error, "x").to_string(), "x");
        assert_eq!(Paint { color: true }.text(Role::Good, "x").to_string(), "\u{1b}[32mx\u{1b}[0m");
    }
}
