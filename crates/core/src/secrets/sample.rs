//! Texts to hold a rule against that have no credential in them: code, minified code, and values that are only random. Made
//! from the dictionary, the same every time, so that two people see the same numbers.

use super::generic;
use super::template::{Random, expand};

/// How much source-like text there is, in bytes.
const SOURCE_BYTES: usize = 1 << 20;
/// How many values of each kind there are.
const VALUES: u64 = 2_000;

/// Words that names in programs are made of far more often than the dictionary would have it.
const COMMON: &[&str] = &[
    "get", "set", "key", "name", "value", "data", "id", "user", "type", "list", "index", "token", "path",
    "file", "error", "result", "config", "options", "string", "number", "client", "server", "request",
    "response", "auth", "password", "secret", "url", "host", "port", "message", "event", "node", "item",
    "count", "size", "time", "date", "text", "line", "code", "state", "test", "api", "app", "service",
    "handler", "access", "login", "private", "public", "class", "function", "const", "return", "import",
    "export", "default", "this", "null", "true", "false", "new", "for", "while", "length", "parse", "format",
    "module", "package",
];

/// Texts without a credential in them.
pub struct Sample {
    source: Vec<u8>,
    values: Vec<(&'static str, Vec<String>)>,
}

impl std::fmt::Debug for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sample({} bytes, {} values)", self.source.len(), self.values().count())
    }
}

impl Default for Sample {
    fn default() -> Self {
        Self::new()
    }
}

impl Sample {
    /// Makes the texts: a few milliseconds.
    #[must_use]
    pub fn new() -> Self {
        let mut words = Words { random: Random::new(1), dictionary: generic::dictionary().collect() };
        let mut source = Vec::with_capacity(SOURCE_BYTES + 4096);
        while source.len() < SOURCE_BYTES {
            let line = words.line();
            source.extend_from_slice(line.as_bytes());
        }
        let random = |templates: &[&str]| {
            let at = |seed: u64| templates.get((seed % templates.len().max(1) as u64) as usize).copied();
            (0..VALUES).map(|seed| expand(at(seed).unwrap_or_default(), seed)).collect()
        };
        let values = vec![
            ("identifiers", (0..VALUES).map(|_| words.identifier()).collect()),
            ("words", (0..VALUES).map(|_| words.phrase()).collect()),
            (
                "hexadecimal numbers",
                random(&["{hex:8}", "{hex:16}", "{hex:24}", "{hex:32}", "{hex:40}", "{hex:64}"]),
            ),
            ("UUIDs", random(&["{uuid}"])),
            (
                "base64 texts",
                random(&[
                    "{base64:16}",
                    "{base64:20}",
                    "{base64:24}",
                    "{base64:32}",
                    "{base64:40}",
                    "{base64:88}",
                ]),
            ),
        ];
        Self { source, values }
    }

    /// A mebibyte of text that looks like source code, minified code and data in base64.
    #[must_use]
    pub fn source(&self) -> &[u8] {
        &self.source
    }

    /// Random values, each with its kind in the plural.
    pub fn values(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.values.iter().flat_map(|(kind, values)| values.iter().map(|value| (*kind, value.as_str())))
    }
}

/// Makes texts of words.
struct Words {
    random: Random,
    dictionary: Vec<&'static str>,
}

impl Words {
    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.random.next() % (limit.max(1) as u64)).unwrap_or(0)
    }

    fn word(&mut self) -> &'static str {
        let list: &[&'static str] = if self.below(2) == 0 { COMMON } else { &[] };
        let (index, len) = match list.len() {
            0 => (self.below(self.dictionary.len()), 0),
            len => (self.below(len), len),
        };
        let word = if len == 0 { self.dictionary.get(index) } else { list.get(index) };
        word.copied().unwrap_or("word")
    }

    /// `requestHandler`, `request_handler`, `RequestHandler`, `REQUEST_HANDLER`.
    fn identifier(&mut self) -> String {
        let count = 1 + self.below(3);
        let words: Vec<&str> = (0..count).map(|_| self.word()).collect();
        match self.below(4) {
            0 => words.join("_"),
            1 => words.join("_").to_ascii_uppercase(),
            2 => words.iter().map(|word| capital(word)).collect(),
            _ => {
                let rest = words.iter().skip(1).map(|word| capital(word));
                words.first().map(|word| (*word).to_owned()).into_iter().chain(rest).collect()
            }
        }
    }

    /// `some-words-in-a-row`, `some words`.
    fn phrase(&mut self) -> String {
        let count = 1 + self.below(6);
        let words: Vec<&str> = (0..count).map(|_| self.word()).collect();
        words.join(if self.below(2) == 0 { "-" } else { " " })
    }

    fn line(&mut self) -> String {
        let kind = self.below(100);
        let seed = self.random.next();
        match kind {
            0..30 => format!(
                "    {}.{}({}, {});\n",
                self.identifier(),
                self.identifier(),
                self.identifier(),
                self.below(100)
            ),
            30..50 => {
                format!("    let {} = {}(\"{}\");\n", self.identifier(), self.identifier(), self.phrase())
            }
            50..65 => format!("// {} {}\n", self.phrase(), self.phrase()),
            65..78 => format!("{}: \"{}\"\n", self.identifier(), self.phrase()),
            78..85 => {
                format!("export {}=/{}/{}/{}\n", self.identifier(), self.word(), self.word(), self.word())
            }
            85..92 => format!(
                "if ({} != {}) {{ return {}; }}\n",
                self.identifier(),
                self.identifier(),
                self.identifier()
            ),
            92..95 => format!("  \"integrity\": \"sha512-{}==\",\n", expand("{base64:86}", seed)),
            95..97 => format!("  {}: {}\n", self.identifier(), expand("{hex:40}", seed)),
            97..98 => format!("  id: {}\n", expand("{uuid}", seed)),
            98..99 => expand("{base64:76}\n{base64:76}\n{base64:76}\n{base64:44}\n", seed),
            _ => self.minified(),
        }
    }

    /// A line as minifiers write it.
    fn minified(&mut self) -> String {
        let mut out = String::new();
        for _ in 0..40 {
            let (one, other) =
                (self.random.text("abcdefghijklmnop", 1), self.random.text("abcdefghijklmnop", 1));
            out.push_str(&format!(
                "{one}.{}=function({other}){{return {other}.{}}},",
                self.identifier(),
                self.word()
            ));
        }
        out.push('\n');
        out
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_are_the_same_every_time_and_have_every_kind() {
        let (one, other) = (Sample::new(), Sample::new());
        assert!(one.source() == other.source() && one.source().len() >= SOURCE_BYTES);
        assert_eq!(one.values().count(), 10_000);
        assert!(one.values().zip(other.values()).all(|(a, b)| a == b));
        let text = std::str::from_utf8(one.source()).unwrap();
        assert!(text.contains("sha512-") && text.lines().any(|line| line.len() > 500));
    }
}
