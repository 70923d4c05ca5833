//! A message taken apart: header, body, footers.
//!
//! Where the footers begin is what tools disagree about most. Here they are the last paragraphs of the
//! message, and only those: a paragraph is one of them when its first line is `Token: value` or
//! `Token #value`, or when Git's own rule for trailer blocks takes it for one (a line that Git writes, and at
//! least a quarter trailers). So a URL, or a `Note:` in the middle of the body, is no footer. A paragraph
//! that begins with `BREAKING CHANGE: ` begins the footers wherever it stands, because its value may have
//! blank lines in it (rule 10).
//!
//! Source: Conventional Commits 1.0.0, rules 6 to 16; git-interpret-trailers(1).

use super::header::{Header, ParseError, Part, parse_header};
use std::ops::Range;

/// A footer: `Refs: #12`, `Fixes #12`, `BREAKING CHANGE: the key is gone`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Footer<'a> {
    /// The token.
    pub token: Part<'a>,
    /// The value; its lines are joined by line feeds. Empty where nothing was written.
    pub value: String,
    /// The whole footer's place in the message.
    pub range: Range<usize>,
}

impl Footer<'_> {
    /// Whether it says what breaks: `BREAKING CHANGE` or `BREAKING-CHANGE`, in capitals (rules 12, 15, 16).
    #[must_use]
    pub fn is_breaking(&self) -> bool {
        matches!(self.token.text, "BREAKING CHANGE" | "BREAKING-CHANGE")
    }
}

/// The parts of any message, conventional or not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout<'a> {
    /// The first line that is not blank.
    pub header: Part<'a>,
    /// Whether a blank line follows the header, or nothing does.
    pub separated: bool,
    /// The body's lines, without blank ones at the ends.
    pub body: Vec<Part<'a>>,
    /// The footers.
    pub footers: Vec<Footer<'a>>,
    /// The lines that the footers stand in, those that Git writes among them, from the first to the end.
    pub footer_lines: Vec<Part<'a>>,
}

/// A conventional message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message<'a> {
    /// The header.
    pub header: Header<'a>,
    /// Everything else.
    pub layout: Layout<'a>,
}

impl Message<'_> {
    /// Whether the message marks a breaking change, by `!` or by a footer (rule 11).
    #[must_use]
    pub fn is_breaking(&self) -> bool {
        self.header.breaking || self.layout.footers.iter().any(Footer::is_breaking)
    }
}

/// Parses a message that Git has cleaned up.
///
/// # Errors
///
/// What keeps its header from being conventional. The layout of a body can not be wrong; whether a blank
/// line separates it is in [`Layout::separated`].
pub fn parse(text: &str) -> Result<Message<'_>, ParseError> {
    let layout = layout(text);
    Ok(Message { header: parse_header(layout.header)?, layout })
}

/// Takes any message apart.
#[must_use]
pub fn layout(text: &str) -> Layout<'_> {
    let mut lines = lines(text).skip_while(|line| line.text.trim().is_empty());
    let header = lines.next().unwrap_or(Part { text: "", start: 0 });
    let rest: Vec<Part<'_>> = lines.collect();
    let separated = rest.first().is_none_or(|line| line.text.trim().is_empty());
    let footers_at = footers_start(&rest);
    let (body, footer_lines) = rest.split_at_checked(footers_at).unwrap_or((&rest, &[]));
    let blank = |line: &&Part<'_>| line.text.trim().is_empty();
    let lead = body.iter().take_while(blank).count();
    let tail = body.iter().rev().take_while(blank).count();
    let body = body.get(lead..body.len().saturating_sub(tail)).unwrap_or(&[]).to_vec();
    Layout { header, separated, body, footers: footers(footer_lines), footer_lines: footer_lines.to_vec() }
}

/// The lines of a text, without their ends (`\n`, `\r\n`).
pub(super) fn lines(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let part = Part { text: line.trim_end_matches(['\n', '\r']), start };
        start += line.len();
        part
    })
}

/// The index of the first line of the footers; the number of lines when there are none.
fn footers_start(lines: &[Part<'_>]) -> usize {
    let blank = |line: &Part<'_>| line.text.trim().is_empty();
    let mut start = lines.len();
    let mut searching = true;
    let mut end = lines.len();
    for paragraph in lines.rsplit(blank) {
        let first = end.saturating_sub(paragraph.len());
        end = first.saturating_sub(1);
        let Some(opening) = paragraph.first() else { continue };
        searching = searching && is_footer_paragraph(paragraph);
        if searching || footer_line(*opening).is_some_and(|(token, _)| is_breaking_token(token.text)) {
            start = first;
        }
    }
    start
}

fn is_breaking_token(token: &str) -> bool {
    matches!(token, "BREAKING CHANGE" | "BREAKING-CHANGE")
}

fn is_footer_paragraph(lines: &[Part<'_>]) -> bool {
    if lines.first().is_some_and(|line| footer_line(*line).is_some()) {
        return true;
    }
    // Git's rule (trailer.c, `find_trailer_block_start`): one line that Git itself writes, and at least one
    // trailer for every three other lines.
    let own = |line: &&Part<'_>| is_git_line(line.text);
    let trailers =
        lines.iter().filter(|line| is_git_line(line.text) || footer_line(**line).is_some()).count();
    lines.iter().any(|line| own(&line)) && trailers * 3 >= lines.len() - trailers
}

fn is_git_line(line: &str) -> bool {
    line.starts_with("Signed-off-by: ") || line.starts_with("(cherry picked from commit ")
}

/// Whether a line reads like the beginning of a footer, wherever it stands.
pub(super) fn is_footer_line(line: Part<'_>) -> bool {
    footer_line(line).is_some()
}

/// The token and the value of a line that begins a footer (rules 8, 9, 12).
fn footer_line(line: Part<'_>) -> Option<(Part<'_>, &str)> {
    let token_len = ["BREAKING CHANGE", "BREAKING-CHANGE"]
        .iter()
        .find(|token| line.text.starts_with(**token))
        .map_or_else(
            || line.text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(line.text.len()),
            |token| token.len(),
        );
    let (token, rest) = line.text.split_at_checked(token_len)?;
    if !token.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let value = match rest.strip_prefix(':') {
        Some(value) if value.trim().is_empty() || value.starts_with([' ', '\t']) => value.trim(),
        Some(_) => return None,
        // The specification gives `#` to the value; a breaking change needs a colon (rule 12).
        None if !is_breaking_token(token) => rest.strip_prefix(' ').filter(|v| v.starts_with('#'))?.trim(),
        None => return None,
    };
    Some((Part { text: token, start: line.start }, value))
}

fn footers<'a>(lines: &[Part<'a>]) -> Vec<Footer<'a>> {
    let mut found: Vec<Footer<'a>> = Vec::new();
    for line in lines {
        if let Some((token, value)) = footer_line(*line) {
            found.push(Footer { token, value: value.to_owned(), range: line.range() });
        } else if let Some(footer) = found.last_mut()
            && !line.text.trim().is_empty()
            && !is_git_line(line.text)
        {
            if !footer.value.is_empty() {
                footer.value.push('\n');
            }
            footer.value.push_str(line.text.trim());
            footer.range.end = line.range().end;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tokens(text: &str) -> Vec<(&str, String)> {
        layout(text).footers.into_iter().map(|f| (f.token.text, f.value)).collect()
    }

    #[test]
    fn footers_are_the_last_paragraphs_and_nothing_else() {
        let none: &[(&str, &str)] = &[];
        for (text, expected) in [
            ("fix: x\n\nbody\n\nRefs: A-1\nReviewed-by: Z", &[("Refs", "A-1"), ("Reviewed-by", "Z")][..]),
            ("fix: x\n\nFixes #12", &[("Fixes", "#12")]),
            ("fix: x\n\nRefs: A-1", &[("Refs", "A-1")]),
            ("fix: x\n\nNote: body\n\nmore body", none),
            ("fix: x\n\nhttps://example.com/x", none),
            ("fix: x\n\nsee https://example.com/x: it says", none),
            ("fix: x\n\nbody\nReviewed-by: Z", none),
            ("fix: x\n\nAcked by: Z", none),
            ("fix: x\n\nRefs:12", none),
            ("fix: x\n\nRefs:", &[("Refs", "")]),
            ("fix: x\n\nTested-by: Leo\na", &[("Tested-by", "Leo\na")]),
            ("fix: x\n\nA: 1\n\nB: 2\n\n", &[("A", "1"), ("B", "2")]),
            ("fix: x\n\n[z: typo]\nSigned-off-by: Z <z@x.y>", &[("Signed-off-by", "Z <z@x.y>")]),
            ("fix: x\n\nRefs: 1\n(cherry picked from commit 6761)", &[("Refs", "1")]),
            (
                "fix: x\n\nBREAKING CHANGE: a\nb\n\nc\nRefs: 1",
                &[("BREAKING CHANGE", "a\nb\nc"), ("Refs", "1")],
            ),
            ("fix: x\n\nbody\n\nBREAKING-CHANGE: y", &[("BREAKING-CHANGE", "y")]),
            ("fix: x\n\nBREAKING CHANGE #12", none),
            ("fix: x\n\nBREAKING CHANGE was discussed", none),
            ("fix: x\r\n\r\nbody\r\n\r\nRefs: 1\r\n", &[("Refs", "1")]),
        ] {
            let expected: Vec<_> = expected.iter().map(|(t, v)| (*t, (*v).to_owned())).collect();
            assert_eq!(tokens(text), expected, "{text:?}");
        }
    }

    #[test]
    fn breaking_marks_are_read_as_the_specification_says() {
        for (text, breaking) in [
            ("feat!: x", true),
            ("fix: x\n\nBREAKING CHANGE: y", true),
            ("fix: x\n\nBREAKING-CHANGE: y", true),
            ("fix: x\n\nAcked-by: L\n\nBREAKING CHANGE: y", true),
            ("fix: x\n\nbreaking change: y", false),
            ("fix: x\n\nBREAKING CHANGES: y", false),
            ("fix: x\n\nbody\nBREAKING CHANGE: y\nmore", false),
            ("fix: x\n\n* BREAKING CHANGE: y", false),
        ] {
            assert_eq!(parse(text).unwrap().is_breaking(), breaking, "{text:?}");
        }
    }

    #[test]
    fn the_body_is_what_stands_between() {
        let text = "\n\nfix: x\n\n\none\n\ntwo\n\nRefs: 1\n";
        let layout = layout(text);
        let body: Vec<&str> = layout.body.iter().map(|line| line.text).collect();
        assert_eq!((layout.header.text, layout.separated, body), ("fix: x", true, vec!["one", "", "two"]));
        assert!(!super::layout("fix: x\nbody").separated);
        assert!(super::layout("fix: x\n \nbody").separated);
    }

    proptest! {
        #[test]
        fn any_text_comes_apart_without_losing_its_places(
            text in "(?s).{0,80}|([a-zA-Z(): !#\\-\n\r]|BREAKING CHANGE: |\n\nRefs: ){0,60}"
        ) {
            let parts = layout(&text);
            let places = parts.body.iter().chain([&parts.header]);
            for part in places.chain(parts.footers.iter().map(|f| &f.token)) {
                prop_assert_eq!(text.get(part.range()), Some(part.text));
            }
            match parse(&text) {
                Ok(message) => {
                    let d = message.header.description;
                    prop_assert_eq!(text.get(d.range()), Some(d.text));
                    prop_assert!(!d.text.is_empty());
                }
                Err(error) => prop_assert!(text.get(error.span).is_some()),
            }
        }
    }
}
