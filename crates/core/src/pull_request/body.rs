//! The description of a pull request as people see it: Markdown, of which the template's comments are not shown.

/// A section of a description.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Section {
    /// The heading, bare: without marks of Markdown, in lower case, with single spaces.
    pub(super) heading: String,
    /// How deep it is: 1 for `#`.
    depth: usize,
    /// Whether somebody wrote something below it, in sections below it included.
    pub(super) has_text: bool,
}

/// What is seen of a description.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Visible {
    /// The text without its comments.
    pub(super) text: String,
    /// The sections, in order.
    pub(super) sections: Vec<Section>,
}

/// A line of a description.
struct Line {
    text: String,
    /// Whether it is code, where no heading begins.
    is_code: bool,
}

impl Visible {
    /// Reads a description. Headings are those of `CommonMark` (`## Risk`, and a line above one of `=` or `-`), outside of code blocks.
    pub(super) fn new(body: &str) -> Self {
        let lines = visible_lines(body);
        let mut sections = Vec::new();
        let mut rest = lines.iter().peekable();
        while let Some(line) = rest.next() {
            if line.is_code {
                add_text(&mut sections, &line.text);
            } else if let Some((depth, heading)) = atx(&line.text) {
                sections.push(Section { heading: bare(heading), depth, has_text: false });
            } else if let Some(depth) = rest.peek().and_then(|next| underlined(line, next)) {
                rest.next();
                sections.push(Section { heading: bare(&line.text), depth, has_text: false });
            } else {
                add_text(&mut sections, &line.text);
            }
        }
        let mut text = String::with_capacity(body.len());
        for line in &lines {
            text.push_str(&line.text);
            text.push('\n');
        }
        Self { text, sections }
    }

    /// Whether there is such a section, and something written in it. `None`: there is none.
    pub(super) fn section(&self, heading: &str) -> Option<bool> {
        let wanted = bare(heading);
        let mut those = self.sections.iter().filter(|section| section.heading == wanted).peekable();
        those.peek()?;
        Some(those.any(|section| section.has_text))
    }
}

/// A line counts for its section and for those that this one is a part of.
fn add_text(sections: &mut [Section], line: &str) {
    if !line.chars().any(char::is_alphanumeric) {
        return;
    }
    let mut depth = usize::MAX;
    for section in sections.iter_mut().rev() {
        if section.depth < depth {
            section.has_text = true;
            depth = section.depth;
        }
    }
}

/// The lines of a description without its comments, which are no comments in code.
fn visible_lines(body: &str) -> Vec<Line> {
    let (mut lines, mut fence, mut is_comment) = (Vec::new(), None, false);
    for line in body.lines() {
        let (text, is_code) = match fence {
            Some(_) => (line.to_owned(), true),
            None => (without_comments(line, &mut is_comment), false),
        };
        match (fence, fence_marks(&text)) {
            (None, Some((mark, count, _))) => fence = Some((mark, count)),
            (Some((mark, count)), Some((own, more, true))) if own == mark && more >= count => fence = None,
            _ => {}
        }
        lines.push(Line { text, is_code });
    }
    lines
}

/// The depth of the heading that `line` is by the line below it.
fn underlined(line: &Line, next: &Line) -> Option<usize> {
    let text = line.text.trim_start();
    let is_paragraph = !text.is_empty() && !text.starts_with(['-', '*', '+', '>', '|', '`', '~']);
    if next.is_code || !is_paragraph {
        return None;
    }
    let mark = next.text.trim();
    let all = |wanted: char| !mark.is_empty() && mark.chars().all(|c| c == wanted);
    if all('=') {
        Some(1)
    } else if all('-') {
        Some(2)
    } else {
        None
    }
}

/// A line without what is in comments (`<!-- … -->`), which go on over lines.
fn without_comments(line: &str, is_comment: &mut bool) -> String {
    let (mut out, mut rest) = (String::with_capacity(line.len()), line);
    loop {
        let mark = if *is_comment { "-->" } else { "<!--" };
        let Some((before, after)) = rest.split_once(mark) else {
            if !*is_comment {
                out.push_str(rest);
            }
            return out;
        };
        if !*is_comment {
            out.push_str(before);
        }
        *is_comment = !*is_comment;
        rest = after;
    }
}

/// The mark of a code fence, how often it stands there, and whether nothing follows it.
fn fence_marks(line: &str) -> Option<(char, usize, bool)> {
    let text = line.trim_start();
    let mark = text.chars().next().filter(|mark| ['`', '~'].contains(mark))?;
    let rest = text.trim_start_matches(mark);
    let count = text.len().saturating_sub(rest.len());
    // Three marks on one line with text between them are code within a line.
    (count >= 3 && !(mark == '`' && rest.contains('`'))).then(|| (mark, count, rest.trim().is_empty()))
}

/// A heading with `#` before it.
fn atx(line: &str) -> Option<(usize, &str)> {
    let text = line.trim_start();
    if line.len().saturating_sub(text.len()) > 3 {
        return None;
    }
    let rest = text.trim_start_matches('#');
    let depth = text.len().saturating_sub(rest.len());
    let is_heading = (1..=6).contains(&depth) && (rest.is_empty() || rest.starts_with([' ', '\t']));
    is_heading.then(|| (depth, rest.trim().trim_end_matches('#')))
}

/// A heading without emphasis, a colon at its end, case and double spaces.
fn bare(heading: &str) -> String {
    let plain = heading.replace(['*', '_', '`'], "");
    let words: Vec<&str> = plain.split_whitespace().collect();
    words.join(" ").trim_end_matches(':').trim_end().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(body: &str, heading: &str) -> Option<bool> {
        Visible::new(body).section(heading)
    }

    #[test]
    fn headings_in_their_forms() {
        let body = "## Summary\r\nit does\r\n### **Risk  Assessment**: ##\r\nlow\r\nRollback plan\r\n---\r\nrevert\r\nTop\n===\nx\n";
        for heading in ["Summary", "risk assessment", "Rollback Plan", "top"] {
            assert_eq!(section(body, heading), Some(true), "{heading}");
        }
        for (body, heading) in [
            ("Summary\n", "Summary"),
            ("#Summary\ntext\n", "Summary"),
            ("```\n## Summary\n```\ntext\n", "Summary"),
            ("<!-- ## Summary -->\ntext\n", "Summary"),
            ("    ## Summary\ntext\n", "Summary"),
            ("text\n\n---\n", "text"),
        ] {
            assert_eq!(section(body, heading), None, "{body:?}");
        }
    }

    #[test]
    fn an_empty_section_is_told_from_a_full_one() {
        for body in [
            "## Risk",
            "## Risk\n\n## Next\ntext\n",
            "## Risk\n<!-- say how\nhigh it is -->\n## Next\ntext\n",
            "## Risk\n- \n- [ ]\n---\n",
            "## Risk\n<!-- never closed\ntext",
            "text\n## Risk\n",
            "## Risk\n### Of what\n",
        ] {
            assert_eq!(section(body, "Risk"), Some(false), "{body:?}");
        }
        for body in [
            "## Risk\nlow",
            "## Risk\n<!-- a -->low<!-- b -->\n## Next\n",
            "## Risk\n### Of what\nnone\n## Next\n",
            "## Risk\n```\n# no heading\n```\n",
            "## Risk\n\n## Risk\nlow\n",
            "## Risk\nlow\nNext\n----\n",
            "## Risk\nlow\n## Next\n",
        ] {
            assert_eq!(section(body, "Risk"), Some(true), "{body:?}");
        }
    }

    #[test]
    fn comments_are_not_seen_and_code_is() {
        assert_eq!(Visible::new("a<!-- ABC-1 -->b\n<!--\nABC-2\n-->c\n").text, "ab\n\n\nc\n");
        assert_eq!(Visible::new("```\n<!-- x -->\n```").text, "```\n<!-- x -->\n```\n");
    }
}
