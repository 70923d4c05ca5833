//! Metadata in YAML: the block under the top-level key `sops`.
//!
//! Machines write it, in block style, and this reads what they write: keys, lists, plain and quoted scalars on one
//! line, block scalars. Anything else (flow style, anchors, tags) is a problem and never passed over, for a key might
//! hide in it.

use super::{Metadata, json, lines, path_of};
use std::borrow::Cow;

pub(super) fn read(bytes: &[u8], metadata: &mut Metadata) {
    let mut reader = Reader { stack: Vec::new(), items: 0, inside: false, block: None };
    let mut begins = 0;
    for (index, (start, line)) in lines(bytes).enumerate() {
        let line = if index == 0 { super::without_mark(line) } else { line };
        if let Some(rest) = top_level(line) {
            reader.begin(true);
            begins = start;
            if !rest.is_empty() && !rest.starts_with('#') {
                metadata.problem(format!("line {} is not in block style", index + 1));
            }
            metadata.ranges.push(begins..start + line.len());
            continue;
        }
        if line.first().is_some_and(|byte| !matches!(byte, b' ' | b'\t' | b'#')) {
            reader.begin(false);
        }
        if !reader.inside {
            continue;
        }
        if let Some(range) = metadata.ranges.last_mut() {
            *range = begins..start + line.len();
        }
        let text = std::str::from_utf8(line).ok();
        if text.and_then(|text| reader.line(text, metadata)).is_none() {
            metadata.problem(format!("line {} is not in block style", index + 1));
        }
    }
}

/// What follows a top-level key `sops`.
fn top_level(line: &[u8]) -> Option<&str> {
    let line = std::str::from_utf8(line).ok()?;
    let names = ["sops", "\"sops\"", "'sops'"];
    let rest = names.iter().find_map(|name| line.strip_prefix(name))?.trim_start().strip_prefix(':')?;
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then(|| rest.trim())
}

/// A key or an item of a list that is open.
struct Open {
    column: usize,
    is_item: bool,
    segment: String,
}

struct Reader {
    stack: Vec<Open>,
    /// How many items of lists there were.
    items: usize,
    inside: bool,
    /// The scalar that may go on in lines further in: the column of what it belongs to, and its path.
    block: Option<(usize, Vec<String>)>,
}

impl Reader {
    /// Closes everything; what comes next is inside the metadata or not.
    fn begin(&mut self, inside: bool) {
        self.stack.clear();
        self.block = None;
        self.inside = inside;
    }

    /// Reads a line of the block; `None` when it is not written as machines write it.
    fn line(&mut self, line: &str, metadata: &mut Metadata) -> Option<()> {
        let content = line.trim_start_matches(' ');
        let mut column = line.len() - content.len();
        if content.trim().is_empty() {
            return Some(());
        }
        if let Some((owner, path)) = &self.block {
            if column > *owner {
                metadata.goes_on(path, content.trim_end());
                return Some(());
            }
            self.block = None;
        }
        if content.starts_with('#') {
            return Some(());
        }
        let mut content = content;
        while let Some(rest) =
            content.strip_prefix('-').filter(|rest| rest.is_empty() || rest.starts_with(' '))
        {
            self.stack.retain(|open| open.column < column || (open.column == column && !open.is_item));
            self.items += 1;
            self.stack.push(Open { column, is_item: true, segment: self.items.to_string() });
            let inner = rest.trim_start_matches(' ');
            column += content.len() - inner.len();
            content = inner;
        }
        if content.is_empty() {
            return Some(());
        }
        self.entry(column, content, metadata)
    }

    /// `key: value`, or a value alone.
    fn entry(&mut self, column: usize, content: &str, metadata: &mut Metadata) -> Option<()> {
        let Some((key, value)) = key_and_value(content) else {
            let is_item = self.stack.last().is_some_and(|open| open.is_item && open.column < column);
            let value = scalar(content).filter(|_| is_item)?;
            self.leaf(value, metadata);
            return Some(());
        };
        self.stack.retain(|open| open.column < column);
        self.stack.push(Open { column, is_item: false, segment: key.to_owned() });
        let value = value.trim();
        if value.is_empty() || value.starts_with('#') {
            return Some(());
        }
        if value.starts_with(['|', '>']) {
            let indicators = value.get(1..).unwrap_or_default();
            self.block = Some((column, path_of(self.segments())));
            return indicators.chars().all(|c| matches!(c, '+' | '-' | '0'..='9')).then_some(());
        }
        let is_plain = !value.starts_with(['"', '\'', '[', '{']);
        let value = scalar(value)?;
        if is_plain {
            self.block = Some((column, path_of(self.segments())));
        }
        self.leaf(value, metadata);
        Some(())
    }

    fn leaf(&self, value: Option<String>, metadata: &mut Metadata) {
        if let Some(value) = value {
            metadata.leaf(self.segments(), &value);
        }
    }

    fn segments(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.stack.iter().map(|open| Cow::Borrowed(open.segment.as_str()))
    }
}

/// A key without its quotes, and what follows the colon.
fn key_and_value(content: &str) -> Option<(&str, &str)> {
    let (key, value) = match content.chars().next()? {
        quote @ ('"' | '\'') => {
            let (key, rest) = content.get(1..)?.split_once(quote)?;
            (key, rest.trim_start().strip_prefix(':')?)
        }
        _ => {
            content.split_once(": ").or_else(|| content.trim_end().strip_suffix(':').map(|key| (key, "")))?
        }
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/' | ' ' | '@');
    (!key.is_empty() && key.chars().all(is_name)).then_some((key, value))
}

/// A scalar on one line; `Some(None)` when it stands for nothing, `None` when it is written in another way.
fn scalar(text: &str) -> Option<Option<String>> {
    let first = text.chars().next()?;
    match first {
        '"' => {
            let end = closing_quote(text.get(1..)?)?;
            let (inner, rest) = text.get(1..)?.split_at_checked(end)?;
            ends(rest.get(1..)?).then(|| json::unescape(inner))?.map(Some)
        }
        '\'' => {
            let inner = text.get(1..)?.replace("''", "\0");
            let (inner, rest) = inner.split_once('\'')?;
            ends(rest).then(|| Some(inner.replace('\0', "'")))
        }
        '[' | '{' => matches!(text.split(" #").next()?.trim(), "[]" | "{}").then_some(None),
        '&' | '*' | '!' | '?' | '%' | '@' | '`' | '|' | '>' => None,
        _ => {
            let plain = text.split(" #").next()?.trim();
            Some((!matches!(plain, "null" | "~" | "Null" | "NULL")).then(|| plain.to_owned()))
        }
    }
}

/// Where a double-quoted string ends.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

/// Whether nothing but a comment follows a quoted string.
fn ends(rest: &str) -> bool {
    rest.trim().is_empty() || rest.trim_start().starts_with('#')
}
