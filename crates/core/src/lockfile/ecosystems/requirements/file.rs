//! A requirements file, as pip reads it: lines that go on, comments, options, requirements. Of the comments the `# via` that
//! pip-compile and uv write below a requirement is kept.

use super::entry::{Entry, HASHES, editable, requirement};
use std::ops::Range;

/// Most lines that say something: each requirement takes far more room than the two bytes that it may have been written in.
const MOST_LINES: usize = 200_000;

/// Most packages and files that one `# via` names.
const MOST_ASKERS: usize = 1024;

/// Options of a line of their own that have a value, and nothing to do with what is asked for.
const WITH_VALUE: &[&str] = &[
    "-i",
    "--index-url",
    "--pypi-url",
    "--extra-index-url",
    "-f",
    "--find-links",
    "--no-binary",
    "--only-binary",
    "--trusted-host",
    "--use-feature",
    "--config-settings",
    "--config-setting",
    "-C",
    "--global-option",
    "--hash",
    "--index",
    "--default-index",
    "--all-releases",
    "--only-final",
    "--uploaded-prior-to",
];

/// Such options without one.
const PLAIN: &[&str] = &["--no-index", "--pre", "--prefer-binary", "--require-hashes", "--no-require-hashes"];

/// What a requirements file says.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct File {
    /// Its requirements.
    pub(in super::super) entries: Vec<Entry>,
    /// The files that it takes in.
    pub(in super::super) includes: Vec<Include>,
    /// Whether it has `--require-hashes`.
    pub(in super::super) requires_hashes: bool,
    /// Whether it has `--no-require-hashes`, which pip 26 knows.
    pub(in super::super) refuses_hashes: bool,
    /// The comments at its top, without their `#`.
    pub(in super::super) header: Vec<String>,
    /// What pip does not take.
    pub(in super::super) wrong: Vec<(Range<usize>, String)>,
    /// Hashes of another kind than pip takes.
    pub(in super::super) weak: Vec<(Range<usize>, String)>,
    /// What hangs on the environment, or was not read.
    pub(in super::super) unclear: Vec<(Range<usize>, String)>,
    /// Whether it is so long that its end was not read.
    pub(in super::super) is_cut: bool,
}

/// A file that is taken in.
#[derive(Clone, Debug)]
pub(in super::super) struct Include {
    /// Its path, as it is written.
    pub(in super::super) path: String,
    /// Whether it only constrains (`-c`).
    pub(in super::super) is_constraint: bool,
    pub(in super::super) span: Range<usize>,
}

impl File {
    /// Reads a requirements file.
    pub(in super::super) fn parse(text: &str) -> Self {
        let mut reader = Reader {
            file: Self::default(),
            pending: None,
            is_listing: false,
            is_at_top: true,
            current: None,
            lines: 0,
        };
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let mut content = line.trim_end_matches(['\n', '\r']);
            let mut at = start;
            start += line.len();
            if at == 0
                && let Some(rest) = content.strip_prefix('\u{feff}')
            {
                content = rest;
                at = '\u{feff}'.len_utf8();
            }
            reader.line(content, at);
        }
        reader.finish();
        reader.file
    }

    /// Whether pip asks for a hash of everything, by this file alone.
    pub(in super::super) fn is_hashed(&self) -> bool {
        self.requires_hashes || self.entries.iter().any(|entry| !entry.hashes.is_empty())
    }

    /// Whether its requirements say who wants them.
    pub(in super::super) fn is_annotated(&self) -> bool {
        self.entries.iter().any(|entry| entry.via.is_some())
    }
}

struct Reader {
    file: File,
    /// A line that goes on: its text and where it began.
    pending: Option<(String, Range<usize>)>,
    /// Whether the lines of comments that follow are whom a `# via` names.
    is_listing: bool,
    is_at_top: bool,
    /// The requirement that the comments below it are about.
    current: Option<usize>,
    /// Lines that said something.
    lines: usize,
}

impl Reader {
    fn line(&mut self, line: &str, at: usize) {
        let is_comment = line.trim_start().starts_with('#');
        if line.ends_with('\\') && !is_comment {
            let part = line.trim_end_matches('\\');
            let pending = self.pending.get_or_insert_with(|| (String::new(), at..at));
            pending.0.push_str(part);
            pending.1.end = at + line.len();
            return;
        }
        if let Some((mut text, mut span)) = self.pending.take() {
            if !is_comment {
                text.push_str(line);
                span.end = at + line.len();
            }
            self.logical(&text, span);
            if !is_comment {
                return;
            }
        }
        if is_comment {
            let text = line.trim_start().trim_start_matches('#');
            if self.is_at_top {
                self.file.header.push(text.trim().to_owned());
            }
            self.comment(text.trim());
        } else {
            self.logical(line, at..at + line.len());
        }
    }

    fn finish(&mut self) {
        if let Some((text, span)) = self.pending.take() {
            self.logical(&text, span);
        }
    }

    fn comment(&mut self, text: &str) {
        let Some(entry) = self.current.and_then(|at| self.file.entries.get_mut(at)) else { return };
        let said = if text == "via" || text.starts_with("via ") {
            self.is_listing = true;
            entry.via.get_or_insert_with(Vec::new);
            text.strip_prefix("via").unwrap_or_default().trim()
        } else if self.is_listing {
            text
        } else {
            return;
        };
        let named = said.split(", ").map(str::trim).filter(|name| !name.is_empty());
        let via = entry.via.get_or_insert_with(Vec::new);
        via.extend(named.map(str::to_owned));
        if via.len() > MOST_ASKERS {
            via.truncate(MOST_ASKERS);
            let why = format!("a `# via` names more than {MOST_ASKERS}");
            self.file.unclear.push((entry.span.clone(), why));
            self.is_listing = false;
        }
    }

    /// A line with what it goes on to.
    fn logical(&mut self, line: &str, span: Range<usize>) {
        let (content, comment) = split_comment(line);
        let content = content.trim();
        (self.is_listing, self.current) = (false, None);
        if content.is_empty() {
            self.is_at_top &= comment.is_some() || self.file.header.is_empty();
            return;
        }
        self.is_at_top = false;
        self.lines += 1;
        if self.lines > MOST_LINES {
            if !std::mem::replace(&mut self.file.is_cut, true) {
                let why = format!("it has more than {MOST_LINES} lines, and the rest is not read");
                self.file.unclear.push((span, why));
            }
            return;
        }
        let lead = line.len() - line.trim_start().len();
        let span = (span.start + lead).min(span.end)..span.end;
        if content.contains("${") {
            let why = "an environment variable is put into it".to_owned();
            self.file.unclear.push((span.clone(), why));
        }
        if content.starts_with('-') {
            self.option(content, span);
        } else if let Some(entry) = self.entry(content, span) {
            self.current = Some(self.file.entries.len());
            self.file.entries.push(entry);
        }
        if let Some(comment) = comment {
            self.comment(comment.trim());
            self.is_listing = false;
        }
    }

    fn option(&mut self, content: &str, span: Range<usize>) {
        let (name, value) = match content.split_once(['=', ' ']) {
            Some((name, value)) => (name, value.trim().trim_matches(['"', '\''])),
            None => (content, ""),
        };
        let short = |letter: &str| {
            content.strip_prefix(letter).filter(|rest| !rest.starts_with('-') && !rest.is_empty())
        };
        let file = &mut self.file;
        match name {
            "-r" | "--requirement" | "-c" | "--constraint" => {
                let is_constraint = matches!(name, "-c" | "--constraint");
                file.includes.push(Include { path: value.to_owned(), is_constraint, span });
            }
            "-e" | "--editable" => {
                let mut entry = editable(value, span);
                entry.is_editable = true;
                self.current = Some(file.entries.len());
                file.entries.push(entry);
            }
            _ if PLAIN.contains(&name) => {
                file.requires_hashes |= name == "--require-hashes";
                file.refuses_hashes |= name == "--no-require-hashes";
            }
            _ if WITH_VALUE.contains(&name) => {}
            _ if let Some(path) = short("-r").or_else(|| short("-c")) => {
                let is_constraint = content.starts_with("-c");
                file.includes.push(Include { path: path.trim().to_owned(), is_constraint, span });
            }
            _ if short("-i").is_some() || short("-f").is_some() => {}
            _ => file.wrong.push((span, format!("`{name}` is no option of a requirements file"))),
        }
    }

    fn entry(&mut self, content: &str, span: Range<usize>) -> Option<Entry> {
        let words = content.split(' ');
        let length: usize = words.take_while(|word| !word.starts_with('-')).map(|word| word.len() + 1).sum();
        let (text, options) = content.split_at_checked(length.min(content.len()))?;
        let text = text.trim();
        let mut hashes = Vec::new();
        let mut words = options.split_whitespace();
        while let Some(word) = words.next() {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (word, None),
            };
            match name {
                "--hash" => {
                    let value = value.or_else(|| words.next()).unwrap_or_default().trim_matches(['"', '\'']);
                    let is_known = value.split_once(':').is_some_and(|(name, _)| HASHES.contains(&name));
                    let is_weak =
                        ["md5:", "sha1:", "sha224:", "blake2"].iter().any(|name| value.starts_with(name));
                    if is_known || is_weak {
                        hashes.push(value.to_owned());
                    }
                    if is_weak {
                        self.file.weak.push((span.clone(), shortened(value)));
                    } else if !is_known {
                        let what = format!("`{value}` is no hash that pip takes: sha256, sha384 or sha512");
                        self.file.wrong.push((span.clone(), what));
                    }
                }
                "--config-settings" | "--config-setting" | "-C" | "--global-option" => {
                    // The value may have spaces: whatever follows that is no option belongs to it.
                }
                _ if name.starts_with('-') => {
                    let what = format!("`{name}` is no option of a requirement");
                    self.file.wrong.push((span.clone(), what));
                }
                _ => {}
            }
        }
        hashes.sort();
        let Some(mut entry) = requirement(text, span.clone()) else {
            self.file.wrong.push((span, format!("`{}` is no requirement", shortened(text))));
            return None;
        };
        entry.hashes = hashes;
        Some(entry)
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

/// What stands before a comment, and the comment: it begins the line, or a space stands before it.
fn split_comment(line: &str) -> (&str, Option<&str>) {
    let mut from = 0;
    while let Some(at) = line.get(from..).and_then(|rest| rest.find('#')).map(|at| at + from) {
        let before = line.get(..at).unwrap_or_default();
        if before.is_empty() || before.ends_with(char::is_whitespace) {
            return (before, line.get(at + 1..));
        }
        from = at + 1;
    }
    (line, None)
}
