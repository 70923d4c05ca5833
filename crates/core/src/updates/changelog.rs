//! Changelogs, as people write them in Markdown: a heading for each version, and below it a list.

use super::versions::holds;
use regex::Regex;
use std::sync::LazyLock;

/// The number of a pull request: `#12`, `!5`, `PR 12`, an address that ends in it.
static REQUEST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^0-9A-Za-z&])[#!][0-9]+\b|\bPR[ -]?[0-9]+\b|/(?:pull|pulls|pull-requests|merge_requests)/[0-9]+\b").ok()
});

/// What the changelog says of one thing that has changed.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its text, all lines of it.
    pub(super) text: String,
    /// Whether it, or a heading that it stands below, says that it breaks others.
    breaking: bool,
}

impl Entry {
    /// Whether it names a pull request.
    pub(super) fn names_request(&self) -> bool {
        REQUEST.as_ref().is_some_and(|request| request.is_match(&self.text))
    }

    /// Whether it is marked as breaking.
    pub(super) fn is_breaking(&self) -> bool {
        self.breaking || says_breaking(&self.text)
    }

    /// Whether it says which commit, or which pull request, it brings to another version.
    pub(super) fn names_origin(&self, origins: &[String]) -> bool {
        let words = self.text.split(|c: char| !c.is_ascii_alphanumeric());
        let is_id = |word: &str| {
            let word = word.to_ascii_lowercase();
            word.len() >= 7 && origins.iter().any(|origin| origin.starts_with(&word))
        };
        let mut words = words.filter(|word| !word.is_empty());
        words.clone().any(is_id)
            || (words.any(|word| word.to_ascii_lowercase().starts_with("backport")) && self.names_request())
    }

    /// Its beginning, for people.
    pub(super) fn shown(&self) -> String {
        const SHOWN: usize = 60;
        let line = self.text.lines().next().unwrap_or_default();
        let mut shown: String = line.chars().take(SHOWN).collect();
        if shown.len() < line.len() {
            shown.push('…');
        }
        shown
    }
}

fn says_breaking(text: &str) -> bool {
    text.to_ascii_lowercase().contains("breaking")
}

/// The entries of a version; `None` where it has no section.
pub(super) fn section(text: &str, version: &str) -> Option<Vec<Entry>> {
    let lines: Vec<&str> = text.lines().collect();
    // The level of the version's heading, and the headings below it.
    let mut inside: Option<usize> = None;
    let mut breaking_below: Option<usize> = None;
    let mut entries: Vec<Entry> = Vec::new();
    let mut fenced = false;
    for (at, line) in lines.iter().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        let heading = if fenced { None } else { heading(line, lines.get(at.saturating_add(1)).copied()) };
        match (heading, inside) {
            (Some((level, title)), None) if holds(title, version) => inside = Some(level),
            (Some((level, _)), Some(own)) if level <= own => break,
            (Some((level, title)), Some(_)) => {
                breaking_below = breaking_below.filter(|above| level > *above);
                if says_breaking(title) {
                    breaking_below = breaking_below.or(Some(level));
                }
            }
            (None, Some(_)) => match (bullet(line), entries.last_mut()) {
                (Some((0..=1, text)), _) => {
                    let breaking = breaking_below.is_some();
                    entries.push(Entry { text: text.to_owned(), breaking });
                }
                (_, Some(entry)) if !line.trim().is_empty() && !is_underline(line) => {
                    entry.text.push('\n');
                    entry.text.push_str(line.trim());
                }
                _ => {}
            },
            (_, None) => {}
        }
    }
    inside.map(|_| entries)
}

/// The level and the text of a heading.
fn heading<'l>(line: &'l str, next: Option<&str>) -> Option<(usize, &'l str)> {
    let rest = line.trim_start_matches('#');
    let level = line.len().saturating_sub(rest.len());
    if (1..=6).contains(&level) && (rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return Some((level, rest.trim()));
    }
    let is_text = !line.trim().is_empty() && bullet(line).is_none() && !is_underline(line);
    let underline = next.filter(|next| is_text && is_underline(next))?;
    Some((if underline.starts_with('=') { 1 } else { 2 }, line.trim()))
}

fn is_underline(line: &str) -> bool {
    let line = line.trim_end();
    line.len() >= 3 && (line.bytes().all(|byte| byte == b'=') || line.bytes().all(|byte| byte == b'-'))
}

/// The depth and the text of an item of a list.
fn bullet(line: &str) -> Option<(usize, &str)> {
    let rest = line.trim_start();
    let depth = line.len().saturating_sub(rest.len());
    let text = rest.strip_prefix(['-', '*', '+'])?.strip_prefix([' ', '\t'])?;
    Some((depth, text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Changelog\n=========\n\n## Unreleased\n\n- soon\n\n## [1.4.20] - 2026-02-01\n- not this (ABC-1)\n\n\
                        ## [1.4.2] - 2026-01-01\n\n### Breaking changes\n\n- no port any more (ABC-2, #12)\n  it is a name\n\n\
                        ### Fixed\n* the login ABC-3, https://git.example.com/a/b/-/merge_requests/5\n  - on every page\n\n\
                        1.4.1\n-----\n- older\n";

    #[test]
    fn a_version_has_its_entries_and_no_others() {
        let entries = section(TEXT, "1.4.2").unwrap();
        let texts: Vec<&str> = entries.iter().map(|entry| entry.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "no port any more (ABC-2, #12)\nit is a name",
                "the login ABC-3, https://git.example.com/a/b/-/merge_requests/5\n- on every page"
            ]
        );
        assert!(entries.iter().all(Entry::names_request));
        assert_eq!(entries.iter().map(Entry::is_breaking).collect::<Vec<_>>(), [true, false]);
        assert_eq!(section(TEXT, "1.4.1").unwrap().len(), 1);
        assert!(section(TEXT, "1.5.0").is_none());
        assert_eq!(section("# 1.5.0\n", "1.5.0").unwrap().len(), 0);
    }

    #[test]
    fn numbers_and_origins_are_read_where_they_stand() {
        let entry = |text: &str| Entry { text: text.to_owned(), breaking: false };
        for text in ["a (#1)", "#1", "a !12", "a PR-7", "x/pull/3"] {
            assert!(entry(text).names_request(), "{text}");
        }
        for text in ["a", "ABC-1", "a&#39;b", "b#1", "# 1", "/pull/x"] {
            assert!(!entry(text).names_request(), "{text}");
        }
        let origin = ["0123456789abcdef0123456789abcdef01234567".to_owned()];
        for text in ["a (0123456)", "a, backport of #12", "Backported from !7"] {
            assert!(entry(text).names_origin(&origin), "{text}");
        }
        for text in ["a (012345)", "a #12", "a backport", "a (1234567)"] {
            assert!(!entry(text).names_origin(&origin), "{text}");
        }
        assert!(entry("**BREAKING** a").is_breaking());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "(?s).{0,200}", version in "[0-9.]{0,6}") {
            let _ = section(&text, &version);
        }
    }
}
