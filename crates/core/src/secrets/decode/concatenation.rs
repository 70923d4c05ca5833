//! Literals that are joined: by an operator (`+` in most languages, `.` in PHP and Perl, `&` in Basic, `||` in SQL, `..` in
//! Lua, `<>` in Elixir, `~` in Twig and Raku, `++` in Haskell and Erlang), before or after a line's end, or by standing
//! one after the other on two lines as in C and Python. Two literals beside each other on one line are more often two
//! arguments.

use super::join::{Joined, skip_blanks, skip_line_end};

const OPERATORS: &[&[u8]] = &[b"||", b"..", b"<>", b"++", b"+", b".", b"&", b"~"];
/// The most line ends between two literals.
const LINES: usize = 3;

/// At a closing quote: the next literal's beginning.
pub(super) fn joint(bytes: &[u8], quote: usize) -> Option<Joined> {
    let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'');
    bytes.get(quote).filter(|byte| is_quote(byte))?;
    if quote.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&b'\\') {
        return None;
    }
    // Most quotes are followed by a comma, a bracket or a word.
    let is_joint = |byte: &u8| b" \t\r\n\\_`^|.<+&~".contains(byte);
    bytes.get(quote + 1).filter(|byte| is_joint(byte))?;
    let (mut at, mut operator, mut lines) = (quote + 1, false, 0);
    loop {
        at = skip_blanks(bytes, at);
        let rest = bytes.get(at..)?;
        if let Some(next) = line_end(bytes, at).filter(|_| lines < LINES) {
            (at, lines) = (next, lines + 1);
            continue;
        }
        match OPERATORS.iter().find(|sign| rest.starts_with(sign)).filter(|_| !operator) {
            Some(sign) => (at, operator) = (at + sign.len(), true),
            None => break,
        }
    }
    if !operator && lines == 0 {
        return None;
    }
    let rest = bytes.get(at..)?;
    // The prefix of a literal: f"", r"", b"", L"", u8"", @"", $"".
    let prefix =
        rest.iter().take(2).take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'@' | b'$'));
    let prefix = prefix.count();
    rest.get(prefix).filter(|byte| is_quote(byte))?;
    Some(Joined { end: quote, next: at + prefix + 1 })
}

/// The offset behind a line's end, perhaps with a sign before it that continues the line.
fn line_end(bytes: &[u8], at: usize) -> Option<usize> {
    let sign = usize::from(matches!(bytes.get(at)?, b'\\' | b'_' | b'`' | b'^'));
    skip_line_end(bytes, at + sign)
}
