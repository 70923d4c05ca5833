//! YAML, by `saphyr-parser`. Plain scalars have the types of the core schema (YAML 1.2.2, section 10.3), which is what
//! the package managers that write YAML read it by.

use super::{Budget, DEEPEST, Data, Entry, Malformed, Map, Value, line_of, too_deep};
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::collections::HashMap;
use std::ops::Range;

/// Reads the one document of a text; an empty text is null.
///
/// # Errors
///
/// What is not YAML, an alias into its own node, several documents, and what is too deep or too large with its aliases
/// written out.
pub fn yaml(text: &str) -> Result<Value, Malformed> {
    let mut documents = yaml_documents(text)?.into_iter();
    let first = documents.next().unwrap_or(Value { span: 0..0, data: Data::Null });
    match documents.next() {
        Some(second) => Err(Malformed {
            line: Some(line_of(text, second.span.start)),
            message: "there is a second document".to_owned(),
        }),
        None => Ok(first),
    }
}

/// Reads every document of a text.
///
/// # Errors
///
/// As [`yaml`].
pub fn yaml_documents(text: &str) -> Result<Vec<Value>, Malformed> {
    let mut reader = Reader {
        text,
        offsets: Offsets::new(text),
        documents: Vec::new(),
        open: Vec::new(),
        anchors: HashMap::new(),
        budget: Budget::of(text, *b"\n,[")?,
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Malformed {
            // By the offset: the parser counts a lone carriage return as the end of a line, and nobody else does.
            line: Some(line_of(text, Offsets::new(text).byte(error.marker().index()))),
            message: error.info().to_owned(),
        })?;
        let span = reader.offsets.byte(span.start.index())..reader.offsets.byte(span.end.index());
        reader.event(event, span)?;
    }
    Ok(reader.documents)
}

/// Characters to bytes: the parser counts the former. It asks in ascending order, nearly always.
struct Offsets<'a> {
    text: &'a str,
    is_ascii: bool,
    character: usize,
    byte: usize,
}

impl<'a> Offsets<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, is_ascii: text.is_ascii(), character: 0, byte: 0 }
    }

    fn byte(&mut self, character: usize) -> usize {
        if self.is_ascii {
            return character.min(self.text.len());
        }
        if character < self.character {
            (self.character, self.byte) = (0, 0);
        }
        let rest = self.text.get(self.byte..).unwrap_or_default();
        let ahead = character - self.character;
        let bytes = rest.char_indices().nth(ahead).map_or(rest.len(), |(at, _)| at);
        (self.character, self.byte) = (character, self.byte + bytes);
        self.byte
    }
}

/// A collection whose end is still to come.
struct Open {
    start: usize,
    anchor: usize,
    is_map: bool,
    /// Of a map keys and values by turns.
    items: Vec<Value>,
    size: usize,
}

struct Reader<'a> {
    text: &'a str,
    offsets: Offsets<'a>,
    documents: Vec<Value>,
    open: Vec<Open>,
    /// What anchors name, with how many values it is.
    anchors: HashMap<usize, (Value, usize)>,
    budget: Budget,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, span: Range<usize>) -> Result<(), Malformed> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                self.budget.take(1)?;
                let data =
                    if style == ScalarStyle::Plain { plain(&text) } else { Data::Text(text.into_owned()) };
                self.place(Value { span, data }, 1, anchor);
                Ok(())
            }
            Event::SequenceStart(anchor, _) => self.open(span.start, anchor, false),
            Event::MappingStart(anchor, _) => self.open(span.start, anchor, true),
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    let (size, anchor) = (open.size + 1, open.anchor);
                    let value = Value { span: open.start..span.end.max(open.start), data: close(open) };
                    self.place(value, size, anchor);
                }
                Ok(())
            }
            Event::Alias(anchor) => {
                let Some((value, size)) = self.anchors.get(&anchor) else {
                    let line = Some(line_of(self.text, span.start));
                    return Err(Malformed { line, message: "an alias stands in its own value".to_owned() });
                };
                self.budget.take(*size)?;
                let (value, size) = (Value { span, data: value.data.clone() }, *size);
                self.place(value, size, 0);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, start: usize, anchor: usize, is_map: bool) -> Result<(), Malformed> {
        self.budget.take(1)?;
        if self.open.len() > DEEPEST {
            return Err(too_deep(self.text, start));
        }
        self.open.push(Open { start, anchor, is_map, items: Vec::new(), size: 0 });
        Ok(())
    }

    fn place(&mut self, value: Value, size: usize, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, (value.clone(), size));
        }
        match self.open.last_mut() {
            Some(open) => {
                open.size += size;
                open.items.push(value);
            }
            None => self.documents.push(value),
        }
    }
}

fn close(open: Open) -> Data {
    if !open.is_map {
        return Data::List(open.items);
    }
    let mut entries = Vec::with_capacity(open.items.len() / 2);
    let mut merged = Vec::new();
    let mut items = open.items.into_iter();
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        // What is no scalar is no key that any of these files has.
        let Some(name) = key.scalar().map(str::to_owned) else { continue };
        if name == "<<" {
            match value.data {
                Data::List(maps) => merged.extend(maps),
                _ => merged.push(value),
            }
        } else {
            entries.push(Entry { key: name, span: key.span, value });
        }
    }
    for map in &merged {
        for entry in map.entries() {
            if !entries.iter().any(|known| known.key == entry.key) {
                entries.push(entry.clone());
            }
        }
    }
    Data::Map(Map::new(entries))
}

fn plain(text: &str) -> Data {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Data::Null,
        "true" | "True" | "TRUE" => Data::Bool(true),
        "false" | "False" | "FALSE" => Data::Bool(false),
        _ if is_number(text) => Data::Number(text.to_owned()),
        _ => Data::Text(text.to_owned()),
    }
}

/// The numbers of the core schema.
fn is_number(text: &str) -> bool {
    let all = |digits: &str, is: fn(&u8) -> bool| !digits.is_empty() && digits.as_bytes().iter().all(is);
    if let Some(digits) = text.strip_prefix("0x") {
        return all(digits, u8::is_ascii_hexdigit);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return all(digits, |b| matches!(b, b'0'..=b'7'));
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    // `parse` takes `inf`, `nan` and `infinity` too, which are texts here.
    unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && unsigned.bytes().any(|b| b.is_ascii_digit())
        && unsigned.parse::<f64>().is_ok()
}
