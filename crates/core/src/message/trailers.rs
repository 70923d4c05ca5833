//! Trailers as Git itself sees them: what `git interpret-trailers --parse` and `%(trailers)` print is what audits and
//! release notes read, whatever a specification calls a footer.
//!
//! Source: Git 2.47, `trailer.c` (`find_trailer_block_start`, `trailer_info_get`) and `commit.c`
//! (`ignored_log_message_bytes`), with `:` for the only separator, `#` for comments and no trailers configured, which
//! are the defaults. A line `---` is text, as it is when Git reads a commit (`--no-divider`).

use super::header::Part;
use super::parse::Footer;
use std::ops::Range;

/// Lines by which Git knows a block that it wrote itself.
const GIT_LINES: [&str; 2] = ["Signed-off-by: ", "(cherry picked from commit "];

/// The trailers of a message, with unfolded values.
#[must_use]
pub fn trailers(text: &str) -> Vec<Footer<'_>> {
    let lines: Vec<Part<'_>> = lines(text);
    let lines = without_trailing_comments(&lines);
    let Some(block) = block(lines) else { return Vec::new() };
    let mut found: Vec<Footer<'_>> = Vec::new();
    // Whether a line that begins with white space goes on with the last trailer.
    let mut open = false;
    for line in block {
        let bare = line.text.trim_end_matches('\n');
        if open && starts_blank(line.text) {
            if let Some(last) = found.last_mut() {
                let more = bare.trim_matches(is_space);
                if !more.is_empty() && !last.value.is_empty() {
                    last.value.push(' ');
                }
                last.value.push_str(more);
                last.range.end = line.start.saturating_add(bare.trim_end_matches(is_space).len());
            }
            continue;
        }
        open = false;
        let Some((token, value)) = separated(line) else { continue };
        open = true;
        let end = line.start.saturating_add(bare.trim_end_matches(is_space).len());
        found.push(Footer { token, value: value.to_owned(), range: line.start..end });
    }
    found
}

/// The lines with their ends.
fn lines(text: &str) -> Vec<Part<'_>> {
    let mut start = 0;
    let part = |line| {
        let part = Part { text: line, start };
        start = start.saturating_add(line.len());
        part
    };
    text.split_inclusive('\n').map(part).collect()
}

/// Comments, blank lines and an old list of conflicts at the very end are no part of a message.
fn without_trailing_comments<'l, 'a>(lines: &'l [Part<'a>]) -> &'l [Part<'a>] {
    let (mut cut, mut in_conflicts) = (None, false);
    for (index, line) in lines.iter().enumerate() {
        if line.text.starts_with('#') || line.text == "\n" {
            cut = cut.or(Some(index));
        } else if line.text == "Conflicts:\n" {
            in_conflicts = true;
            cut = cut.or(Some(index));
        } else if !(in_conflicts && line.text.starts_with('\t')) && cut.is_some() {
            (cut, in_conflicts) = (None, false);
        }
    }
    cut.and_then(|cut| lines.get(..cut)).unwrap_or(lines)
}

/// The last paragraph, when it is one of trailers: nothing but trailers, or a line that Git writes and at least one
/// trailer for every three other lines. The title is none.
fn block<'l, 'a>(lines: &'l [Part<'a>]) -> Option<&'l [Part<'a>]> {
    let title = lines.iter().take_while(|line| is_comment(line) || !is_blank(line)).count();
    let (mut only_spaces, mut recognised) = (true, false);
    let (mut trailers, mut others, mut continuations) = (0_usize, 0_usize, 0_usize);
    for (index, line) in lines.iter().enumerate().skip(title).rev() {
        if is_comment(line) {
            others += std::mem::take(&mut continuations);
        } else if is_blank(line) {
            if only_spaces {
                continue;
            }
            others += continuations;
            let is_block = (recognised && trailers * 3 >= others) || (trailers > 0 && others == 0);
            return if is_block { lines.get(index + 1..) } else { None };
        } else {
            only_spaces = false;
            if GIT_LINES.iter().any(|own| line.text.starts_with(own)) {
                (trailers, continuations, recognised) = (trailers + 1, 0, true);
            } else if !starts_blank(line.text) && separated(line).is_some() {
                (trailers, continuations) = (trailers + 1, 0);
            } else if starts_blank(line.text) {
                continuations += 1;
            } else {
                others += 1 + std::mem::take(&mut continuations);
            }
        }
    }
    None
}

/// The token and the value of a line with a separator: letters, digits and hyphens, then blanks, then `:`.
fn separated<'a>(line: &Part<'a>) -> Option<(Part<'a>, &'a str)> {
    let at = line.text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))?;
    let (token, rest) = line.text.split_at_checked(at).filter(|(token, _)| !token.is_empty())?;
    let value = rest.trim_start_matches([' ', '\t']).strip_prefix(':')?;
    Some((Part { text: token, start: line.start }, value.trim_matches(is_space)))
}

fn is_comment(line: &Part<'_>) -> bool {
    line.text.starts_with('#')
}

fn is_blank(line: &Part<'_>) -> bool {
    line.text.chars().all(is_space)
}

fn starts_blank(line: &str) -> bool {
    line.starts_with(is_space)
}

/// Git's own `isspace`.
const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// The trailers by Git's rule and the footers by the specification's, each line once, in their order: a message that one
/// of the two finds a trailer in has it.
pub(super) fn both<'a>(text: &'a str, footers: &[Footer<'a>]) -> Vec<Footer<'a>> {
    let mut all = footers.to_vec();
    let known: Vec<Range<usize>> = footers.iter().map(|footer| footer.token.range()).collect();
    all.extend(trailers(text).into_iter().filter(|trailer| !known.contains(&trailer.token.range())));
    all.sort_by_key(|footer| footer.range.start);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Vec<String> {
        trailers(text).iter().map(|t| format!("{}: {}", t.token.text, t.value)).collect()
    }

    #[test]
    fn blocks_are_those_of_git() {
        let none: &[&str] = &[];
        for (text, expected) in [
            ("fix: x\n\nRefs: A-1\nRisk: low\n", &["Refs: A-1", "Risk: low"][..]),
            ("fix: x\n\nA: 1\n\nB: 2\n", &["B: 2"]),
            ("fix: x\n\nbody\nA: 1\n", none),
            ("fix: x\n\nbody\nSigned-off-by: Z\n", &["Signed-off-by: Z"]),
            ("fix: x\n\na\nb\nc\nd\nSigned-off-by: Z\n", none),
            ("fix: x\n\nA: 1\n  more\nB : 2\n", &["A: 1 more", "B: 2"]),
            ("fix: x\n\nBREAKING CHANGE: y\nRefs: 1\n", none),
            ("fix: x\n\nRefs #12\n", none),
            ("fix: x\n\nRefs:12\n", &["Refs: 12"]),
            ("A: 1\nB: 2\n", none),
            ("fix: x\n\nA: 1\n# a comment\n\n", &["A: 1"]),
            ("fix: x\n\nA: 1\n\nConflicts:\n\ta.rs\n", &["A: 1"]),
            ("", none),
        ] {
            assert_eq!(parsed(text), expected, "{text:?}");
        }
    }

    #[test]
    fn footers_and_trailers_are_told_once() {
        let text = "fix: x\n\nBREAKING CHANGE: y\n\nRefs:12\nRisk: low\n";
        let footers = super::super::layout(text).footers;
        let all: Vec<&str> = both(text, &footers).iter().map(|f| f.token.text).collect();
        assert_eq!(all, ["BREAKING CHANGE", "Refs", "Risk"]);
    }
}
