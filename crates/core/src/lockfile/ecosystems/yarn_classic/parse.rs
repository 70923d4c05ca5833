//! The form of yarn.lock version 1: lines, two blanks of indentation a level, names that may be quoted.

use crate::lockfile::data::Malformed;
use std::collections::HashMap;
use std::ops::Range;

/// A lock that was read.
#[derive(Debug, Default)]
pub(super) struct Lock {
    /// The number behind `# yarn lockfile v`, where there is one, and its place.
    pub(super) version: Option<(u32, Range<usize>)>,
    pub(super) entries: Vec<Entry>,
    /// The entry of every pattern.
    pub(super) by_pattern: HashMap<String, usize>,
    /// Patterns that stand twice.
    pub(super) repeated: Vec<(String, Range<usize>)>,
}

/// What several patterns (`a@^1, a@^1.2`) are locked as.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) patterns: Vec<String>,
    pub(super) span: Range<usize>,
    pub(super) version: String,
    pub(super) resolved: Option<String>,
    pub(super) integrity: Option<String>,
    /// Names and what is asked for.
    pub(super) needs: Vec<(String, String)>,
}

const MARK: &str = "# yarn lockfile v";

/// Reads a lock.
pub(super) fn parse(text: &str) -> Result<Lock, Malformed> {
    let mut lock = Lock::default();
    let mut is_in_needs = false;
    let mut start = 0;
    for (at, whole) in text.split_inclusive('\n').enumerate() {
        let line = whole.trim_end_matches(['\n', '\r']);
        let span = start..start + line.len();
        start += whole.len();
        let rest = line.trim_start_matches(' ');
        let indent = line.len() - rest.len();
        if let Some(version) = line.strip_prefix(MARK) {
            lock.version = version.trim().parse().ok().map(|version| (version, span));
            continue;
        }
        if rest.is_empty() || rest.starts_with('#') {
            continue;
        }
        let number = u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1);
        let wrong = |message: &str| Malformed { line: Some(number), message: message.to_owned() };
        let words = words(rest).ok_or_else(|| wrong("a quote is not closed"))?;
        match (indent, lock.entries.last_mut()) {
            (0, _) => {
                is_in_needs = false;
                let patterns =
                    patterns(&words).ok_or_else(|| wrong("it is not the beginning of an entry"))?;
                lock.add(patterns, span);
            }
            (2, Some(entry)) => {
                is_in_needs = entry.field(&words).ok_or_else(|| wrong("it is not a field of an entry"))?;
            }
            (4, Some(entry)) => match words.as_slice() {
                [Word::Text(name), Word::Text(range)] => {
                    if is_in_needs {
                        entry.needs.push((name.clone(), range.clone()));
                    }
                }
                _ => return Err(wrong("it is not a dependency of an entry")),
            },
            _ => return Err(wrong("it is indented as nothing is in a yarn.lock")),
        }
    }
    Ok(lock)
}

impl Lock {
    fn add(&mut self, patterns: Vec<String>, span: Range<usize>) {
        for pattern in &patterns {
            if self.by_pattern.insert(pattern.clone(), self.entries.len()).is_some() {
                self.repeated.push((pattern.clone(), span.clone()));
            }
        }
        self.entries.push(Entry { patterns, span, ..Entry::default() });
    }
}

impl Entry {
    /// Takes a field; whether what is below it is what the package needs. `None`: it is no field.
    fn field(&mut self, words: &[Word]) -> Option<bool> {
        match words {
            [Word::Text(key), Word::Text(value)] => {
                match key.as_str() {
                    "version" => self.version.clone_from(value),
                    "resolved" => self.resolved = Some(value.clone()),
                    "integrity" => self.integrity = Some(value.clone()),
                    _ => {}
                }
                Some(false)
            }
            [Word::Text(key), Word::Colon] => {
                Some(matches!(key.as_str(), "dependencies" | "optionalDependencies"))
            }
            _ => None,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Word {
    Text(String),
    Comma,
    Colon,
}

/// The words of a line; `None`: a quote is not closed.
fn words(line: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut rest = line.trim_end();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut text = String::new();
            let mut is_escaped = false;
            let mut end = None;
            for (at, c) in quoted.char_indices() {
                match c {
                    _ if is_escaped => {
                        text.push(c);
                        is_escaped = false;
                    }
                    '\\' => is_escaped = true,
                    '"' => {
                        end = Some(at + 1);
                        break;
                    }
                    _ => text.push(c),
                }
            }
            words.push(Word::Text(text));
            rest = quoted.get(end?..)?;
        } else if let Some(more) = rest.strip_prefix(',') {
            words.push(Word::Comma);
            rest = more;
        } else if let Some(more) = rest.strip_prefix(':') {
            words.push(Word::Colon);
            rest = more;
        } else if let Some(more) = rest.strip_prefix(' ') {
            rest = more;
        } else {
            let end = rest.find([' ', ',', ':']).unwrap_or(rest.len());
            words.push(Word::Text(rest.get(..end)?.to_owned()));
            rest = rest.get(end..)?;
        }
    }
    Some(words)
}

/// `a@^1, "b@>=1 <2":`
fn patterns(words: &[Word]) -> Option<Vec<String>> {
    let (last, rest) = words.split_last()?;
    if *last != Word::Colon || rest.len() % 2 == 0 {
        return None;
    }
    let mut patterns = Vec::new();
    for (at, word) in rest.iter().enumerate() {
        match word {
            Word::Text(text) if at % 2 == 0 => patterns.push(text.clone()),
            Word::Comma if at % 2 == 1 => {}
            _ => return None,
        }
    }
    Some(patterns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = "# yarn lockfile v1\n\n\n\"@s/a@^1\", a@1, \"b@>=1 <2\":\n  version \"1.0.0\"\n  resolved \"https://registry.example.org/a#0\"\n  integrity sha512-AA==\n  dependencies:\n    c \"^2\"\n    \"@s/d\" \"*\"\n  optionalDependencies:\n    e \"1\"\n";

    #[test]
    fn an_entry_has_patterns_and_fields() {
        let lock = parse(TEXT).unwrap();
        assert_eq!(lock.version.as_ref().unwrap().0, 1);
        let entry = &lock.entries[lock.by_pattern["b@>=1 <2"]];
        assert_eq!(entry.patterns, ["@s/a@^1", "a@1", "b@>=1 <2"]);
        assert_eq!((entry.version.as_str(), entry.integrity.as_deref()), ("1.0.0", Some("sha512-AA==")));
        let needs: Vec<_> = entry.needs.iter().map(|(name, range)| format!("{name} {range}")).collect();
        assert_eq!(needs, ["c ^2", "@s/d *", "e 1"]);
        assert!(TEXT.get(entry.span.clone()).unwrap().starts_with("\"@s/a@^1\""));
    }

    #[test]
    fn what_is_wrong_has_its_line() {
        let line = |text: &str| parse(text).unwrap_err().line;
        assert_eq!(line("a@1:\n  version \"1\n"), Some(2));
        assert_eq!(line("a@1\n"), Some(1));
        assert_eq!(line("a@1:\n   version 1\n"), Some(2));
        assert_eq!(line("  version 1\n"), Some(1));
        assert_eq!(line("a@1:\n  what: [is this\n"), Some(2));
        assert_eq!(parse("a@1:\n  version \"1\"\n\na@1:\n  version \"1\"\n").unwrap().repeated.len(), 1);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(a@1:|\"|,|:| |  |version|\n|\\PC){0,40}") {
            let _ = parse(&text);
        }
    }
}
