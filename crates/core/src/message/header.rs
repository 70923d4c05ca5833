//! The first line of a message by the grammar of Conventional Commits 1.0.0, and what is wrong with one that
//! does not follow it: with the number of the specification's rule, the place, and the line as it was
//! probably meant.
//!
//! Source: <https://www.conventionalcommits.org/en/v1.0.0/#specification>, rules 1, 4, 5, 11 and 13. What
//! the text leaves open is decided strictly and in one place, here: one or more plain spaces after the
//! colon; a type is made of letters, digits, `-` and `_`; a scope has no parentheses and is not blank.

use super::{lenient, suggest};
use std::fmt;
use std::ops::Range;

/// A piece of a message, with its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part<'a> {
    /// The text.
    pub text: &'a str,
    /// Offset of its first byte in the message.
    pub start: usize,
}

impl Part<'_> {
    /// Its bytes' place in the message.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.start..self.start.saturating_add(self.text.len())
    }
}

/// A header that follows the grammar: `type(scope)!: description`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header<'a> {
    /// The whole line.
    pub line: Part<'a>,
    /// The type, in the case it was written in.
    pub kind: Part<'a>,
    /// The scope, without its parentheses.
    pub scope: Option<Part<'a>>,
    /// Whether `!` marks a breaking change.
    pub breaking: bool,
    /// The description, without white space at its ends.
    pub description: Part<'a>,
}

/// What a header breaks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ParseErrorKind {
    /// There is no text at all.
    Empty,
    /// There is no `type:` in front.
    MissingType,
    /// White space, a byte-order mark or a picture before the type.
    LeadingText,
    /// The type holds something that is no letter, digit, `-` or `_`.
    TypeCharacter,
    /// White space before the scope's parenthesis.
    SpaceBeforeScope,
    /// The scope's parenthesis is not closed.
    UnclosedScope,
    /// Nothing, or only white space, between the parentheses.
    EmptyScope,
    /// A parenthesis inside a scope, a second scope, or text between the scope and the colon.
    ScopeForm,
    /// The `!` does not stand immediately before the colon, or stands there twice.
    BreakingMark,
    /// White space before the colon.
    SpaceBeforeColon,
    /// A colon that is not `:` (full-width, for one).
    ColonCharacter,
    /// No plain space after the colon.
    SpaceAfterColon,
    /// Nothing after the colon.
    EmptyDescription,
}

impl ParseErrorKind {
    /// The number of the specification's rule.
    #[must_use]
    pub const fn rule(self) -> u8 {
        match self {
            Self::SpaceBeforeScope | Self::UnclosedScope | Self::EmptyScope | Self::ScopeForm => 4,
            Self::EmptyDescription => 5,
            Self::BreakingMark => 13,
            _ => 1,
        }
    }

    /// What is wrong, as the end of a sentence.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "there is no header",
            Self::MissingType => "no type stands in front of the description (`fix: …`)",
            Self::LeadingText => "something stands before the type",
            Self::TypeCharacter => "a type has only letters, digits, `-` and `_`",
            Self::SpaceBeforeScope => "there is a space before the scope",
            Self::UnclosedScope => "the scope's parenthesis is not closed",
            Self::EmptyScope => "the scope is empty",
            Self::ScopeForm => "a header has one scope, in one pair of parentheses",
            Self::BreakingMark => "`!` stands once, immediately before the colon",
            Self::SpaceBeforeColon => "there is a space before the colon",
            Self::ColonCharacter => "the colon is not a plain `:`",
            Self::SpaceAfterColon => "there is no space after the colon",
            Self::EmptyDescription => "the description is missing",
        }
    }
}

/// Why a header is not conventional.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParseError {
    /// What is wrong.
    pub kind: ParseErrorKind,
    /// Where, as bytes of the message.
    pub span: Range<usize>,
    /// The header as it was probably meant; it follows the grammar.
    pub suggestion: Option<String>,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (Conventional Commits rule {})", self.kind.as_str(), self.kind.rule())
    }
}

impl std::error::Error for ParseError {}

/// Parses one line.
///
/// # Errors
///
/// The first thing, from the left, that the grammar does not allow.
pub fn parse_header(line: Part<'_>) -> Result<Header<'_>, ParseError> {
    scan(line).map_err(|(kind, span)| {
        let suggestion = suggest::header(line.text, kind)
            .filter(|text| *text != line.text && scan(Part { text, start: 0 }).is_ok());
        let place = line.start.saturating_add(span.start)..line.start.saturating_add(span.end);
        ParseError { kind, span: place, suggestion }
    })
}

/// Parses one line, and takes also what at least one of the tools in use takes: see `lenient`.
///
/// # Errors
///
/// What [`parse_header`] says of a line that nobody takes.
pub fn parse_header_leniently(line: Part<'_>) -> Result<Header<'_>, ParseError> {
    parse_header(line).or_else(|error| lenient::scan(line).ok_or(error))
}

type Broken = (ParseErrorKind, Range<usize>);

/// Reads a line from the left; spans of errors count from the line's start.
fn scan(line: Part<'_>) -> Result<Header<'_>, Broken> {
    let text = line.text;
    if text.trim().is_empty() {
        return Err((ParseErrorKind::Empty, 0..text.len()));
    }
    let type_len = text.find(|c| !is_type_character(c)).unwrap_or(text.len());
    let (kind, mut rest) = text.split_at(type_len);
    if kind.is_empty() {
        return Err(no_type(text));
    }
    let mut at = type_len;
    let mut scope = None;
    if let Some(inside) = rest.strip_prefix('(') {
        let (name, after) = scan_scope(inside, at)?;
        scope = Some(Part { text: name, start: line.start.saturating_add(at + 1) });
        at += name.len() + 2;
        rest = after;
    }
    let breaking = rest.starts_with('!');
    if let Some(after) = rest.strip_prefix('!') {
        at += 1;
        rest = after;
    }
    let Some(after) = rest.strip_prefix(':') else {
        return Err(no_colon(text, rest, at, scope.is_some(), breaking));
    };
    at += 1;
    let description = after.trim();
    if description.is_empty() {
        return Err((ParseErrorKind::EmptyDescription, at - 1..text.len()));
    }
    let spaces = after.len() - after.trim_start_matches(' ').len();
    let gap = after.len() - after.trim_start().len();
    if spaces == 0 || spaces != gap {
        return Err((ParseErrorKind::SpaceAfterColon, at - 1..at + gap));
    }
    Ok(Header {
        line,
        kind: Part { text: kind, start: line.start },
        scope,
        breaking,
        description: Part { text: description, start: line.start.saturating_add(at + gap) },
    })
}

/// The scope, and what follows its closing parenthesis. `at` is the place of the opening one.
fn scan_scope(inside: &str, at: usize) -> Result<(&str, &str), Broken> {
    let Some(end) = inside.find(['(', ')']) else {
        let until = inside.find(':').unwrap_or(inside.len());
        return Err((ParseErrorKind::UnclosedScope, at..at + 1 + until));
    };
    let (name, rest) = inside.split_at(end);
    let Some(after) = rest.strip_prefix(')') else {
        let kind =
            if inside.contains(')') { ParseErrorKind::ScopeForm } else { ParseErrorKind::UnclosedScope };
        return Err((kind, at..at + 1 + end + 1));
    };
    if name.trim().is_empty() {
        return Err((ParseErrorKind::EmptyScope, at..at + end + 2));
    }
    Ok((name, after))
}

/// Why there is no type at the very start of `text`.
fn no_type(text: &str) -> Broken {
    let lead = text.find(is_type_character).unwrap_or(0);
    let (before, rest) = text.split_at(lead);
    // ` feat: x`, `✨ feat: x` and a byte-order mark: what follows is a header, or nearly one.
    if !before.is_empty() && !before.contains([':', '(']) && rest.contains(':') {
        return (ParseErrorKind::LeadingText, 0..lead);
    }
    let end = text.find([':', ')']).map_or(text.len(), |i| i + 1);
    (ParseErrorKind::MissingType, 0..end)
}

/// Why the type, the scope and the `!` before `at` are not followed by a colon.
fn no_colon(text: &str, rest: &str, at: usize, scoped: bool, breaking: bool) -> Broken {
    let first_width = rest.chars().next().map_or(0, char::len_utf8);
    let here = at..at + first_width;
    let blank = rest.len() - rest.trim_start().len();
    let after_blank = rest.trim_start();
    let prefix_ends = text.find(':').unwrap_or(text.len());
    if matches!(rest.chars().next(), Some('：' | '﹕' | '∶' | 'ː')) {
        return (ParseErrorKind::ColonCharacter, here);
    }
    if breaking && (rest.starts_with(['!', '(']) || after_blank.starts_with(':')) {
        return (ParseErrorKind::BreakingMark, at - 1..at + 1.max(blank));
    }
    if blank > 0 && (after_blank.starts_with(':') || after_blank.starts_with("!:")) {
        return (ParseErrorKind::SpaceBeforeColon, at..at + blank);
    }
    if blank > 0 && !scoped && after_blank.starts_with('(') && after_blank.contains("):") {
        return (ParseErrorKind::SpaceBeforeScope, at..at + blank);
    }
    if blank > 0 && !scoped && after_blank.starts_with('(') && after_blank.contains(") :") {
        return (ParseErrorKind::SpaceBeforeScope, at..at + blank);
    }
    if scoped && prefix_ends < text.len() {
        return (ParseErrorKind::ScopeForm, at..prefix_ends.max(at));
    }
    if scoped || breaking || rest.is_empty() || blank > 0 || prefix_ends == text.len() {
        return (ParseErrorKind::MissingType, 0..at);
    }
    (ParseErrorKind::TypeCharacter, here)
}

fn is_type_character(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}

#[cfg(test)]
mod tests {
    use super::ParseErrorKind::*;
    use super::*;

    fn parsed(text: &str) -> Result<Header<'_>, ParseError> {
        parse_header(Part { text, start: 0 })
    }

    #[test]
    fn conventional_headers_come_apart() {
        for (text, kind, scope, breaking, description) in [
            ("feat: x", "feat", None, false, "x"),
            ("feat:  two spaces", "feat", None, false, "two spaces"),
            ("feat!: x", "feat", None, true, "x"),
            ("feat(api)!: x: y", "feat", Some("api"), true, "x: y"),
            ("build-dep: x", "build-dep", None, false, "x"),
            ("feat(@org/pkg.x): x", "feat", Some("@org/pkg.x"), false, "x"),
            ("feat(a, b): x", "feat", Some("a, b"), false, "x"),
            ("feat(a:b): x", "feat", Some("a:b"), false, "x"),
            ("FEAT: x", "FEAT", None, false, "x"),
            ("füx: x", "füx", None, false, "x"),
            ("revert: feat: x", "revert", None, false, "feat: x"),
        ] {
            let header = parsed(text).unwrap();
            assert_eq!(
                (header.kind.text, header.scope.map(|s| s.text), header.breaking, header.description.text),
                (kind, scope, breaking, description),
                "{text}"
            );
            assert_eq!(text.get(header.description.range()), Some(description));
            if let Some(scope) = header.scope {
                assert_eq!(text.get(scope.range()), Some(scope.text));
            }
        }
    }

    #[test]
    fn every_error_names_its_rule_its_place_and_what_was_meant() {
        for (text, kind, place, suggestion) in [
            ("", Empty, "", None),
            ("   ", Empty, "   ", None),
            ("add a login form", MissingType, "add", Some("feat: add a login form")),
            ("Fixed the login", MissingType, "Fixed", Some("fix: the login")),
            ("something else", MissingType, "something", None),
            (": message", MissingType, ":", None),
            ("(scope): message", MissingType, "(scope)", None),
            ("feat message", MissingType, "feat", Some("feat: message")),
            ("fix(scope)!", MissingType, "fix(scope)!", None),
            (" feat: x", LeadingText, " ", Some("feat: x")),
            ("\u{feff}feat: x", LeadingText, "\u{feff}", Some("feat: x")),
            ("✨ feat: x", LeadingText, "✨ ", Some("feat: x")),
            ("feat/x: y", TypeCharacter, "/", None),
            ("feat[api]: y", TypeCharacter, "[", Some("feat(api): y")),
            ("bpf, selftests: y", TypeCharacter, ",", None),
            ("feat (api): y", SpaceBeforeScope, " ", Some("feat(api): y")),
            ("feat (api) : y", SpaceBeforeScope, " ", Some("feat(api): y")),
            ("feat(api: y", UnclosedScope, "(api", Some("feat(api): y")),
            ("fix(a(", UnclosedScope, "(a(", None),
            ("feat(): y", EmptyScope, "()", Some("feat: y")),
            ("feat( ): y", EmptyScope, "( )", Some("feat: y")),
            ("feat(a(b)): y", ScopeForm, "(a(", None),
            ("feat(a)(b): y", ScopeForm, "(b)", None),
            ("feat!(api): y", BreakingMark, "!(", Some("feat(api)!: y")),
            ("feat!!: y", BreakingMark, "!!", Some("feat!: y")),
            ("feat! : y", BreakingMark, "! ", Some("feat!: y")),
            ("feat : y", SpaceBeforeColon, " ", Some("feat: y")),
            ("feat(api) : y", SpaceBeforeColon, " ", Some("feat(api): y")),
            ("feat：y", ColonCharacter, "：", Some("feat: y")),
            ("feat:y", SpaceAfterColon, ":", Some("feat: y")),
            ("feat:\ty", SpaceAfterColon, ":\t", Some("feat: y")),
            ("feat:\u{a0}y", SpaceAfterColon, ":\u{a0}", Some("feat: y")),
            ("feat:", EmptyDescription, ":", None),
            ("feat:   ", EmptyDescription, ":   ", None),
        ] {
            let error = parsed(text).unwrap_err();
            assert_eq!(
                (error.kind, text.get(error.span.clone()), error.suggestion.as_deref()),
                (kind, Some(place), suggestion),
                "{text}"
            );
        }
        assert_eq!(
            parsed("feat:x").unwrap_err().to_string(),
            "there is no space after the colon (Conventional Commits rule 1)"
        );
    }
}
