//! YAML, and with it JSON, as a tree with line numbers, for files that whoever pushes has written.
//!
//! An alias is another name for a node, never a copy of it, and what a document would be with its aliases written
//! out is bounded: nine lines of aliases to aliases stand for a billion nodes.

use saphyr_parser::{Event, Parser};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Largest text that is read, in bytes: twice what GitHub takes for a workflow.
const MOST_BYTES: usize = 1 << 20;

/// Deepest nesting, through aliases.
const DEEPEST: u32 = 100;

/// Most nodes of a document, with aliases written out.
const MOST_NODES: u64 = 200_000;

/// What is wrong with a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct YamlError {
    /// The line, from 1; `None` when the error is not about a line.
    pub line: Option<u32>,
    /// What is wrong, as the end of a sentence.
    pub message: String,
}

/// The documents of a text.
#[derive(Debug, Default)]
pub struct Yaml {
    nodes: Vec<Node>,
    roots: Vec<usize>,
}

#[derive(Debug)]
struct Node {
    line: u32,
    value: Value,
    tag: Option<String>,
    depth: u32,
    /// How many nodes it is with aliases written out.
    size: u64,
}

#[derive(Debug)]
enum Value {
    Scalar(String),
    Sequence(Vec<usize>),
    Mapping(Vec<(usize, usize)>),
}

/// A node of a [`Yaml`].
#[derive(Clone, Copy, Debug)]
pub struct YamlNode<'a> {
    yaml: &'a Yaml,
    node: &'a Node,
}

/// A collection whose end is still to come.
struct Open {
    line: u32,
    anchor: usize,
    tag: Option<String>,
    is_mapping: bool,
    items: Vec<usize>,
}

impl Yaml {
    /// Reads every document of a text.
    ///
    /// # Errors
    ///
    /// What is not YAML, an alias into its own node, and what is too large or too deep to be looked at.
    pub fn parse(text: &str) -> Result<Self, YamlError> {
        if text.len() > MOST_BYTES {
            let message = format!("it has {} bytes, more than {MOST_BYTES}", text.len());
            return Err(YamlError { line: None, message });
        }
        let text = with_pairs_joined(text);
        let mut reader = Reader::default();
        let mut parser = Parser::new_from_str(&text);
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| YamlError {
                line: Some(number(error.marker().line())),
                message: error.info().to_owned(),
            })?;
            reader.event(event, number(span.start.line()))?;
        }
        Ok(reader.yaml)
    }

    /// The top nodes, one for each document.
    pub fn documents(&self) -> impl Iterator<Item = YamlNode<'_>> {
        self.roots.iter().filter_map(|root| self.node(*root))
    }

    fn node(&self, index: usize) -> Option<YamlNode<'_>> {
        self.nodes.get(index).map(|node| YamlNode { yaml: self, node })
    }

    fn text(&self, index: usize) -> Option<&str> {
        self.node(index)?.text()
    }
}

/// The text with the pairs of escapes by which JSON writes what is beyond U+FFFF (RFC 8259, section 7) as characters:
/// YAML has no such pairs.
fn with_pairs_joined(text: &str) -> Cow<'_, str> {
    let unit = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let (mut out, mut copied) = (String::new(), 0);
    let mut escapes = text.match_indices('\\').map(|(at, _)| at).peekable();
    while let Some(at) = escapes.next() {
        if let Some(high @ 0xd800..=0xdbff) = unit(at)
            && let Some(low) = unit(at + 6)
            && let Some(Ok(character)) = char::decode_utf16([high, low]).next()
        {
            out.push_str(text.get(copied..at).unwrap_or_default());
            out.push(character);
            copied = at + 12;
            escapes.next();
        } else if escapes.peek() == Some(&(at + 1)) {
            // An escaped backslash escapes nothing.
            escapes.next();
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

fn number(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

#[derive(Default)]
struct Reader {
    yaml: Yaml,
    open: Vec<Open>,
    anchors: HashMap<usize, usize>,
}

impl Reader {
    fn event(&mut self, event: Event<'_>, line: u32) -> Result<(), YamlError> {
        let tag = |tag: Option<Cow<'_, saphyr_parser::Tag>>| tag.map(|tag| tag.suffix.clone());
        match event {
            Event::Scalar(text, _, anchor, name) => {
                self.add(line, Value::Scalar(text.into_owned()), tag(name), anchor)
            }
            Event::Alias(anchor) => {
                // A node gets its anchor when it ends, so that none can stand inside itself.
                let Some(index) = self.anchors.get(&anchor).copied() else {
                    let message = "an alias stands inside the node that it names".to_owned();
                    return Err(YamlError { line: Some(line), message });
                };
                self.place(index);
                Ok(())
            }
            Event::SequenceStart(anchor, name) => self.start(line, anchor, tag(name), false),
            Event::MappingStart(anchor, name) => self.start(line, anchor, tag(name), true),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                let value = if open.is_mapping {
                    Value::Mapping(self.pairs(&open.items))
                } else {
                    Value::Sequence(open.items)
                };
                self.add(open.line, value, open.tag, open.anchor)
            }
            _ => Ok(()),
        }
    }

    fn start(
        &mut self,
        line: u32,
        anchor: usize,
        tag: Option<String>,
        is_mapping: bool,
    ) -> Result<(), YamlError> {
        if self.open.len() >= DEEPEST as usize {
            return Err(too_deep(line));
        }
        self.open.push(Open { line, anchor, tag, is_mapping, items: Vec::new() });
        Ok(())
    }

    /// Keys with their values. Of a key that stands twice the later one counts, as in most readers.
    fn pairs(&self, items: &[usize]) -> Vec<(usize, usize)> {
        let mut pairs: Vec<(usize, usize)> = Vec::with_capacity(items.len() / 2);
        let mut places: HashMap<&str, usize> = HashMap::new();
        for pair in items.chunks_exact(2) {
            let [key, value] = *pair else { continue };
            match self.yaml.text(key).and_then(|name| places.insert(name, pairs.len())) {
                Some(earlier) if self.yaml.text(key) != Some("<<") => {
                    if let Some(name) = self.yaml.text(key) {
                        places.insert(name, earlier);
                    }
                    if let Some(slot) = pairs.get_mut(earlier) {
                        *slot = (key, value);
                    }
                }
                _ => pairs.push((key, value)),
            }
        }
        pairs
    }

    fn add(&mut self, line: u32, value: Value, tag: Option<String>, anchor: usize) -> Result<(), YamlError> {
        let inner: Vec<usize> = match &value {
            Value::Scalar(_) => Vec::new(),
            Value::Sequence(items) => items.clone(),
            Value::Mapping(pairs) => pairs.iter().flat_map(|(key, value)| [*key, *value]).collect(),
        };
        let nodes = inner.iter().filter_map(|index| self.yaml.nodes.get(*index));
        let (depth, size) = nodes.fold((0, 1_u64), |(depth, size), node| {
            (u32::max(depth, node.depth), size.saturating_add(node.size))
        });
        if depth >= DEEPEST {
            return Err(too_deep(line));
        }
        if size > MOST_NODES {
            let message = format!("it has more than {MOST_NODES} nodes");
            return Err(YamlError { line: Some(line), message });
        }
        let index = self.yaml.nodes.len();
        self.yaml.nodes.push(Node { line, value, tag, depth: depth + 1, size });
        if anchor != 0 {
            self.anchors.insert(anchor, index);
        }
        self.place(index);
        Ok(())
    }

    /// Puts a node where the reader stands.
    fn place(&mut self, index: usize) {
        match self.open.last_mut() {
            Some(open) => open.items.push(index),
            None => self.yaml.roots.push(index),
        }
    }
}

fn too_deep(line: u32) -> YamlError {
    YamlError { line: Some(line), message: format!("it is nested more than {DEEPEST} deep") }
}

impl<'a> YamlNode<'a> {
    /// The line that it begins in, from 1.
    #[must_use]
    pub fn line(self) -> u32 {
        self.node.line
    }

    /// How many nodes it is, with aliases written out.
    #[must_use]
    pub fn size(self) -> u64 {
        self.node.size
    }

    /// The tag, without its `!`.
    #[must_use]
    pub fn tag(self) -> Option<&'a str> {
        self.node.tag.as_deref()
    }

    /// The text of a scalar, whatever its type: `true` and `"true"` are one.
    #[must_use]
    pub fn text(self) -> Option<&'a str> {
        match &self.node.value {
            Value::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a sequence; nothing for other nodes.
    pub fn items(self) -> impl Iterator<Item = YamlNode<'a>> {
        let items: &[usize] = match &self.node.value {
            Value::Sequence(items) => items,
            _ => &[],
        };
        items.iter().filter_map(move |index| self.yaml.node(*index))
    }

    /// Keys and values of a mapping, those that a merge key (`<<`) brings after its own; nothing for other nodes.
    #[must_use]
    pub fn entries(self) -> Vec<(&'a str, YamlNode<'a>)> {
        let mut out: Vec<(&'a str, YamlNode<'a>)> = Vec::new();
        let mut merged = Vec::new();
        for (key, value) in self.pairs() {
            if key == "<<" {
                merged.extend(value.items().chain([value]).flat_map(YamlNode::entries));
            } else {
                out.push((key, value));
            }
        }
        if !merged.is_empty() {
            let mut known: HashSet<&str> = out.iter().map(|(key, _)| *key).collect();
            out.extend(merged.into_iter().filter(|(key, _)| known.insert(key)));
        }
        out
    }

    fn pairs(self) -> impl Iterator<Item = (&'a str, YamlNode<'a>)> {
        let pairs: &[(usize, usize)] = match &self.node.value {
            Value::Mapping(pairs) => pairs,
            _ => &[],
        };
        pairs.iter().filter_map(move |(key, value)| Some((self.yaml.text(*key)?, self.yaml.node(*value)?)))
    }

    /// The value of a key, its own or from a merge key.
    #[must_use]
    pub fn get(self, key: &str) -> Option<YamlNode<'a>> {
        let own = self.pairs().find(|(name, _)| *name == key);
        own.or_else(|| self.entries().into_iter().find(|(name, _)| *name == key)).map(|(_, value)| value)
    }

    /// The texts of a scalar or of a sequence of scalars: lists of one are often written without the list.
    #[must_use]
    pub fn texts(self) -> Vec<&'a str> {
        self.text().into_iter().chain(self.items().filter_map(YamlNode::text)).collect()
    }

    /// The node in one line, the same for the same content however it is written.
    #[must_use]
    pub fn flat(self) -> String {
        match &self.node.value {
            Value::Scalar(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
            Value::Sequence(_) => {
                let items: Vec<String> = self.items().map(YamlNode::flat).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Mapping(_) => {
                let mut entries = self.entries();
                entries.sort_by_key(|(key, _)| *key);
                let entries: Vec<String> =
                    entries.iter().map(|(key, value)| format!("{key}: {}", value.flat())).collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn flat(text: &str) -> String {
        let yaml = Yaml::parse(text).unwrap();
        yaml.documents().map(YamlNode::flat).collect::<Vec<_>>().join(" --- ")
    }

    #[test]
    fn yaml_and_json_are_one_tree() {
        assert_eq!(flat("b: [1, two]\na:\n  - x: \"y\"\n"), "{a: [{x: y}], b: [1, two]}");
        assert_eq!(flat("{\"a\": [{\"x\": \"y\"}],\n \"b\": [1, \"two\"]}"), "{a: [{x: y}], b: [1, two]}");
        assert_eq!(
            flat("{\n\t\"a\": {\n\t\t\"b\": \"c\\/d\"\n\t}\n}\n"),
            "{a: {b: c/d}}",
            "tabs, as npm keeps them"
        );
        assert_eq!(
            flat("{\"a\": \"\\u00fc \\ud83d\\ude00\"}"),
            "{a: \u{fc} \u{1f600}}",
            "pairs, as JSON writes them"
        );
        assert_eq!(flat("\"\\\\ud83d \\\\\\ud83d\\ude00\""), "\\ud83d \\\u{1f600}");
        assert_eq!(flat(""), "");
        assert_eq!(flat("a: 1\n---\nb: 2\n"), "{a: 1} --- {b: 2}");
        assert_eq!(flat("a: 1\na: 2\n"), "{a: 2}", "the later key counts");
    }

    #[test]
    fn lines_aliases_and_merges() {
        let text = "base: &base\n  on: x\n  off: y\njob:\n  <<: *base\n  off: z\nsame: *base\n";
        let yaml = Yaml::parse(text).unwrap();
        let root = yaml.documents().next().unwrap();
        let job = root.get("job").unwrap();
        assert_eq!(job.get("on").and_then(YamlNode::text), Some("x"));
        assert_eq!(job.get("off").map(|node| (node.text(), node.line())), Some((Some("z"), 6)));
        assert_eq!(root.get("same").unwrap().get("off").unwrap().line(), 3);
        assert_eq!(root.get("base").unwrap().texts(), [""; 0]);
    }

    #[test]
    fn what_is_broken_too_deep_or_too_large_says_where() {
        let error = |text: &str| Yaml::parse(text).unwrap_err();
        assert_eq!(error("a: [1,\nb: }\n").line, Some(2));
        assert_eq!(error("a: &a [*a]\n").message, "an alias stands inside the node that it names");
        assert_eq!(error(&"- ".repeat(200)).message, "it is nested more than 100 deep");
        assert!(error(&"#".repeat(MOST_BYTES + 1)).message.contains("more than 1048576"));
        let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..12 {
            let inner = vec![format!("*a{}", n - 1); 10].join(", ");
            laughs.push_str(&format!("a{n}: &a{n} [{inner}]\n"));
        }
        assert_eq!(error(&laughs).message, "it has more than 200000 nodes");
        let mut chain = "a0: &a0 {x: 1}\n".to_owned();
        for n in 1..150 {
            chain.push_str(&format!("a{n}: &a{n} {{<<: *a{}}}\n", n - 1));
        }
        assert_eq!(error(&chain).message, "it is nested more than 100 deep");
    }

    proptest! {
        #[test]
        fn any_text_is_a_tree_or_an_error(text in "[-a:&*<\\[\\]{}, \n\"'#|>!?]{0,80}") {
            match Yaml::parse(&text) {
                Ok(yaml) => {
                    let lines = text.lines().count() + 1;
                    for node in yaml.documents() {
                        prop_assert!(node.line() as usize <= lines, "{} of {lines}", node.line());
                        prop_assert!(!node.flat().contains('\n'));
                    }
                }
                Err(error) => prop_assert!(!error.message.is_empty()),
            }
        }
    }
}
