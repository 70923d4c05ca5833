//! A text with what is comment, what is string and what is code in it.
//!
//! A string that is never closed ends with its line: a quote that was none (in a regular expression, in a here document)
//! costs one line and not the rest of the file.

use super::languages::{Language, Quote, Syntax, language_of, syntax_of};
use crate::RepoPath;
use crate::text::LineIndex;
use std::ops::Range;

/// What a byte is part of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Class {
    /// Neither of the others.
    Code,
    /// A comment, with its signs.
    Comment,
    /// A string, with its quotes.
    String,
}

/// A text, taken apart.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) lines: LineIndex<'a>,
    pub(super) language: Option<&'static Language>,
    /// Comments and strings, in order.
    spans: Vec<(Range<usize>, Class)>,
}

impl<'a> Source<'a> {
    pub(super) fn new(path: &RepoPath, bytes: &'a [u8]) -> Self {
        let language = language_of(path, bytes);
        let spans = Lexer { bytes, syntax: syntax_of(language), at: 0, spans: Vec::new() }.run();
        Self { bytes, lines: LineIndex::new(bytes), language, spans }
    }

    pub(super) fn is_language(&self, names: &[&str]) -> bool {
        self.language.is_some_and(|language| names.contains(&language.name))
    }

    /// The bytes of a range.
    pub(super) fn get(&self, range: Range<usize>) -> &'a [u8] {
        self.bytes.get(range).unwrap_or_default()
    }

    fn span_at(&self, offset: usize) -> Option<&(Range<usize>, Class)> {
        let after = self.spans.partition_point(|(range, _)| range.start <= offset);
        self.spans.get(after.checked_sub(1)?).filter(|(range, _)| range.contains(&offset))
    }

    pub(super) fn class_at(&self, offset: usize) -> Class {
        self.span_at(offset).map_or(Class::Code, |(_, class)| *class)
    }

    /// The comment that a byte is part of, with its signs.
    pub(super) fn comment_at(&self, offset: usize) -> Option<Range<usize>> {
        self.span_at(offset).filter(|(_, class)| *class == Class::Comment).map(|(range, _)| range.clone())
    }

    /// The first comment that begins in a range.
    pub(super) fn comment_in(&self, range: Range<usize>) -> Option<Range<usize>> {
        let from = self.spans.partition_point(|(span, _)| span.start < range.start);
        let spans = self.spans.get(from..).unwrap_or_default().iter();
        let mut comments = spans.take_while(|(span, _)| span.start < range.end);
        comments.find(|(_, class)| *class == Class::Comment).map(|(span, _)| span.clone())
    }

    /// Whether nothing but white space stands before an offset in its line.
    pub(super) fn is_first(&self, offset: usize) -> bool {
        let line = self.lines.range(self.lines.line_of(offset));
        self.get(line.start..offset).trim_ascii().is_empty()
    }

    /// The part of a line that is comment, where the line has nothing else.
    pub(super) fn whole_comment(&self, line: usize) -> Option<Range<usize>> {
        let range = self.lines.range(line);
        let indent = self.get(range.clone()).iter().position(|byte| !byte.is_ascii_whitespace())?;
        let start = range.start.saturating_add(indent);
        self.comment_at(start).map(|comment| start..comment.end.min(range.end).max(start))
    }

    /// The comment in the line above, where that has nothing else and documents nothing: `/** … */` and `/// …` say what a
    /// thing is, and not why a warning about it is silenced.
    pub(super) fn remark_above(&self, line: usize) -> &'a [u8] {
        let remark = line.checked_sub(1).and_then(|above| self.whole_comment(above)).filter(|range| {
            let begins = self.comment_at(range.start).unwrap_or_default();
            let text = self.get(begins);
            !["/**", "///", "//!", "/*!"].iter().any(|sign| text.starts_with(sign.as_bytes()))
        });
        remark.map(|range| self.get(range)).unwrap_or_default()
    }
}

struct Lexer<'a> {
    bytes: &'a [u8],
    syntax: &'static Syntax,
    at: usize,
    spans: Vec<(Range<usize>, Class)>,
}

impl Lexer<'_> {
    fn run(mut self) -> Vec<(Range<usize>, Class)> {
        let mut begins: [bool; 256] = [false; 256];
        let signs = self.syntax.line.iter().chain(self.syntax.block.iter().map(|(open, _)| open));
        for sign in signs.chain(self.syntax.strings.iter().map(|quote| &quote.open)) {
            if let Some(slot) = sign.bytes().next().and_then(|first| begins.get_mut(usize::from(first))) {
                *slot = true;
            }
        }
        if let Some(slot) = begins.get_mut(usize::from(b'\'')).filter(|_| self.syntax.characters) {
            *slot = true;
        }
        while let Some(rest) = self.bytes.get(self.at..) {
            let is_begin = |byte: &u8| begins.get(usize::from(*byte)).copied().unwrap_or(false);
            let Some(found) = rest.iter().position(is_begin) else { break };
            self.at = self.at.saturating_add(found);
            let start = self.at;
            match self.token() {
                Some((end, class)) => {
                    self.at = end.max(start.saturating_add(1));
                    if class != Class::Code {
                        self.spans.push((start..self.at.min(self.bytes.len()), class));
                    }
                }
                None => self.at = start.saturating_add(1),
            }
        }
        self.spans
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn starts_with(&self, sign: &str) -> bool {
        self.rest().starts_with(sign.as_bytes())
    }

    /// Where what begins here ends, and what it is.
    fn token(&self) -> Option<(usize, Class)> {
        if let Some((open, close)) = self.syntax.block.iter().find(|(open, _)| self.starts_with(open)) {
            // `=begin` of Ruby is one at the beginning of a line alone.
            if !open.starts_with('=') || self.is_line_start() {
                let after = self.at.saturating_add(open.len());
                let end = find(self.bytes, close, after)
                    .map_or(self.bytes.len(), |at| at.saturating_add(close.len()));
                return Some((end, Class::Comment));
            }
        }
        if let Some(sign) = self.syntax.line.iter().find(|sign| self.starts_with(sign))
            && self.is_comment(sign)
        {
            return Some((self.line_end(self.at), Class::Comment));
        }
        if self.syntax.characters && self.starts_with("'") {
            return Some((self.character(), Class::Code));
        }
        let quote = self.syntax.strings.iter().find(|quote| self.starts_with(quote.open))?;
        Some((self.string(quote), Class::String))
    }

    fn before(&self) -> Option<u8> {
        self.at.checked_sub(1).and_then(|at| self.bytes.get(at)).copied()
    }

    fn is_line_start(&self) -> bool {
        self.before().is_none_or(|byte| matches!(byte, b'\n' | b'\r'))
    }

    /// Whether a sign begins a comment here: `//` of an address, `#` of `$#` and `\%` do not.
    fn is_comment(&self, sign: &str) -> bool {
        if self.syntax.whole_lines {
            let line = self.bytes.get(..self.at).unwrap_or_default();
            let start = line.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).map_or(0, |at| at + 1);
            return line.get(start..).unwrap_or_default().trim_ascii().is_empty();
        }
        match (sign, self.before()) {
            ("//", Some(b':')) | ("%" | ";" | "'" | "!", Some(b'\\')) => false,
            // Attributes of PHP, colours of style sheets.
            ("#", _) if self.starts_with("#[") => self.syntax.line.len() == 1,
            ("#", Some(byte)) => {
                byte.is_ascii_whitespace() || matches!(byte, b';' | b',' | b')' | b']' | b'}')
            }
            _ => true,
        }
    }

    fn line_end(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        memchr::memchr2(b'\n', b'\r', rest).map_or(self.bytes.len(), |at| from.saturating_add(at))
    }

    fn string(&self, quote: &Quote) -> usize {
        let start = self.at.saturating_add(quote.open.len());
        let line_end = self.line_end(start);
        let end = if quote.lines { self.bytes.len() } else { line_end };
        let mut at = start;
        while at < end {
            let rest = self.bytes.get(at..end).unwrap_or_default();
            if quote.escapes && rest.first() == Some(&b'\\') {
                at = at.saturating_add(2);
            } else if rest.starts_with(quote.close.as_bytes()) {
                return at.saturating_add(quote.close.len());
            } else {
                at = at.saturating_add(1);
            }
        }
        line_end
    }

    /// The end of one character in quotes; of a quote that begins none (`'a` in Rust), the quote itself.
    fn character(&self) -> usize {
        let after = self.at.saturating_add(1);
        let rest = self.bytes.get(after..).unwrap_or_default();
        let rest = rest.get(..12).unwrap_or(rest);
        let from = if rest.first() == Some(&b'\\') { 2 } else { 1 };
        let close = rest.iter().skip(from).position(|byte| matches!(byte, b'\'' | b'\n'));
        match close.map(|at| at.saturating_add(from)) {
            // One character has four bytes at the most; only an escape has more.
            Some(at) if rest.get(at) == Some(&b'\'') && (from == 2 || is_one(rest.get(..at))) => {
                after.saturating_add(at).saturating_add(1)
            }
            _ => after,
        }
    }
}

fn is_one(bytes: Option<&[u8]>) -> bool {
    bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).is_some_and(|text| text.chars().count() == 1)
}

fn find(bytes: &[u8], what: &str, from: usize) -> Option<usize> {
    let found = memchr::memmem::find(bytes.get(from..)?, what.as_bytes())?;
    Some(from.saturating_add(found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The comments of a text, one a line.
    fn comments(path: &str, text: &str) -> Vec<String> {
        let source = Source::new(&RepoPath::from(path), text.as_bytes());
        let spans = source.spans.iter().filter(|(_, class)| *class == Class::Comment);
        spans.map(|(range, _)| text.get(range.clone()).unwrap().to_owned()).collect()
    }

    #[test]
    fn comments_are_told_from_strings_and_code() {
        assert_eq!(
            comments("a.js", "let a = \"// no\"; // yes\n/* and\nthis */ `//\nno`"),
            ["// yes", "/* and\nthis */"]
        );
        assert_eq!(comments("a.rs", "fn f<'a>(c: char) { '\"'; '\\''; \"//\n no\" } // yes"), ["// yes"]);
        assert_eq!(comments("a.rs", "r#\"// \"no\" \"#; // yes"), ["// yes"]);
        assert_eq!(comments("a.py", "\"\"\"\n# no\n\"\"\"\nx = '#' # yes\n"), ["# yes"]);
        assert_eq!(comments("a.sh", "echo $# \"#\" a#b # yes\nit's\n# yes too\n"), ["# yes", "# yes too"]);
        assert_eq!(comments("a.php", "#[Attribute]\n# yes\n"), ["# yes"]);
        assert_eq!(comments("a.sql", "select 'it''s -- no' -- yes"), ["-- yes"]);
        assert_eq!(comments("a.lua", "--[[ one\ntwo ]] x -- three"), ["--[[ one\ntwo ]]", "-- three"]);
        assert_eq!(comments("a.rb", "=begin\none\n=end\nx = 1 # two"), ["=begin\none\n=end", "# two"]);
        assert_eq!(comments("a.html", "it's <!-- one --> http://x"), ["<!-- one -->"]);
        assert_eq!(comments("a.vue", "<a href=\"https://x\"> // one"), ["// one"]);
        assert_eq!(comments("a.unknown", "  # one\nx # no\n// two"), ["# one", "// two"]);
        assert_eq!(comments("a.json", "{\"a\": \"// no\"}"), [""; 0]);
        assert_eq!(comments("a.tex", "50\\% % one"), ["% one"]);
    }

    #[test]
    fn a_string_that_is_never_closed_ends_with_its_line() {
        assert_eq!(comments("a.js", "x = `// no\n// yes\n"), ["// yes"]);
        assert_eq!(comments("a.py", "'''# no\n# yes\n"), ["# yes"]);
    }

    #[test]
    fn a_remark_above_is_a_whole_line_and_no_documentation() {
        let above = |text: &str| {
            let source = Source::new(&RepoPath::from("a.rs"), text.as_bytes());
            String::from_utf8_lossy(source.remark_above(1)).into_owned()
        };
        assert_eq!(above("  // why\nx"), "// why");
        assert_eq!(above("y // why\nx"), "");
        assert_eq!(above("/// what\nx"), "");
        assert_eq!(above("/** what */\nx"), "");
    }

    proptest! {
        #[test]
        fn any_text_is_taken_apart(
            name in prop::sample::select(vec!["a.js", "a.rs", "a.py", "a.sh", "a.lua", "a.rb", "a.x", "a.php"]),
            text in "[a'\"`/*#\\-\\[\\]\n\\\\é=!]{0,60}",
        ) {
            let source = Source::new(&RepoPath::from(name), text.as_bytes());
            let mut end = 0;
            for (range, _) in &source.spans {
                prop_assert!(range.start >= end && range.end <= text.len() && !range.is_empty());
                end = range.end;
            }
        }
    }
}
