//! Takes a script apart into commands, as far as words, quotes and operators go.

use std::iter::Peekable;
use std::str::Chars;

/// A part of a line between operators, and the operator behind it.
#[derive(Debug, Default)]
pub(super) struct Segment {
    pub(super) words: Vec<String>,
    /// `(` also where a function gets its body.
    pub(super) operator: &'static str,
    /// How many subshells it stands in.
    pub(super) parens: u32,
}

/// A line, with those that a backslash or an operator joins to it.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) number: u32,
    pub(super) segments: Vec<Segment>,
    /// Which one it is from of the parts that a script is made of.
    pub(super) part: usize,
}

/// Longest substitution that is kept in its word, in characters.
const LONGEST_SUBSTITUTION: usize = 120;

pub(super) fn first_word(segment: &Segment) -> &str {
    segment.words.first().map_or("", String::as_str)
}

/// Takes a script apart.
pub(super) fn lines(script: &str) -> Vec<Line> {
    let mut reader = Reader::default();
    let mut characters = script.chars().peekable();
    let (mut number, mut quote) = (1_u32, None);
    while let Some(c) = characters.next() {
        if c == '\n' {
            number = number.saturating_add(1);
        }
        match (quote, c) {
            (None, '#') if reader.word.is_none() => while characters.next_if(|c| *c != '\n').is_some() {},
            (Some(open), c) if c == open => quote = None,
            (None | Some('"'), '\\') => match characters.next() {
                Some('\n') => number = number.saturating_add(1),
                Some('\r') if characters.next_if_eq(&'\n').is_some() => number = number.saturating_add(1),
                Some(other) => reader.push(other, number),
                None => {}
            },
            (Some(_), c) => reader.push(c, number),
            (None, '\'' | '"') => {
                quote = Some(c);
                reader.word.get_or_insert_default();
            }
            (None, '\n') => reader.end_line(),
            (None, c) if c.is_whitespace() => reader.end_word(),
            (None, '&') if reader.ends_with('>') || characters.peek() == Some(&'>') => reader.push(c, number),
            (None, '&' | '|' | ';') => {
                let doubled = c != ';' && characters.next_if_eq(&c).is_some();
                reader.end_segment(match (c, doubled) {
                    ('&', true) => "&&",
                    ('|', true) => "||",
                    ('&', false) => "&",
                    ('|', false) => "|",
                    _ => ";",
                });
            }
            (None, '(') => {
                reader.end_segment("(");
                reader.parens = reader.parens.saturating_add(1);
            }
            (None, ')') => {
                reader.end_segment("");
                reader.parens = reader.parens.saturating_sub(1);
            }
            (None, c) => {
                reader.push(c, number);
                if matches!(c, '$' | '`')
                    && let Some(text) = substitution(c, characters.clone())
                {
                    text.chars().for_each(|c| reader.push(c, number));
                    characters.by_ref().take(text.chars().count()).for_each(drop);
                }
            }
        }
    }
    reader.end_line();
    reader.lines.push(reader.line);
    reader.lines.retain(|line| !line.segments.is_empty());
    reader.lines
}

/// What is put into a word when the script runs, and where no gate runs: `$(git merge-base a b)`, `${{ github.sha }}`.
fn substitution(open: char, mut rest: Peekable<Chars<'_>>) -> Option<String> {
    if open == '$' && !matches!(rest.peek(), Some('(' | '{')) {
        return None;
    }
    let text: String = rest.take_while(|c| *c != '\n').take(LONGEST_SUBSTITUTION).collect();
    let end = match open {
        '`' => text.find('`')? + 1,
        _ if text.starts_with("{{") => text.find("}}")? + 2,
        _ if text.starts_with('(') => closed(&text)?,
        _ => return None,
    };
    let text = text.get(..end)?;
    let runs_a_gate = super::MANAGERS.iter().chain(&["gatepost"]).any(|name| text.contains(name));
    (!runs_a_gate).then(|| text.to_owned())
}

/// Where the parenthesis that a text begins with is closed.
fn closed(text: &str) -> Option<usize> {
    let mut depth = 0_u32;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return Some(at + 1),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[derive(Default)]
struct Reader {
    lines: Vec<Line>,
    line: Line,
    segment: Segment,
    word: Option<String>,
    parens: u32,
}

impl Reader {
    fn push(&mut self, c: char, number: u32) {
        if self.line.number == 0 {
            self.line.number = number;
        }
        self.word.get_or_insert_default().push(c);
    }

    fn ends_with(&self, c: char) -> bool {
        self.word.as_ref().is_some_and(|word| word.ends_with(c))
    }

    fn end_word(&mut self) {
        self.segment.words.extend(self.word.take());
    }

    fn end_segment(&mut self, operator: &'static str) {
        self.end_word();
        let mut segment = std::mem::take(&mut self.segment);
        segment.operator = operator;
        segment.parens = self.parens;
        if !segment.words.is_empty() {
            self.line.segments.push(segment);
        }
    }

    fn end_line(&mut self) {
        self.end_segment("");
        // What an operator waits for may stand in the next line.
        if self.line.segments.last().is_none_or(|last| !matches!(last.operator, "&&" | "||" | "|")) {
            self.lines.push(std::mem::take(&mut self.line));
        }
    }
}
