//! The object that a JavaScript or TypeScript file exports, read as data: `module.exports = { … }`, `export default { … }`, or
//! the same by the name of a constant. Nothing is run. What is computed is an error, but for functions: they are skipped, and
//! stand in the tree as [`FUNCTION`], so that whoever reads it can say that they were there.

use crate::ImportError;
use serde_json::{Map, Value};

/// What stands in the tree for a function.
pub(crate) const FUNCTION: &str = "\u{0}function";

/// Deepest nesting.
const DEEPEST: usize = 64;

/// What names a value: a word, and the value.
type Names<'n> = &'n [(&'n str, i64)];

/// Reads what a file exports.
///
/// # Errors
///
/// What is computed, and what is no JavaScript.
pub(crate) fn exported(text: &str, names: Names<'_>, fix: &str) -> Result<Value, ImportError> {
    let mut reader = Reader { text, at: 0, names };
    reader.file().map_err(|message| {
        let line = text.get(..reader.at).unwrap_or(text).matches('\n').count();
        ImportError { line: u32::try_from(line + 1).ok(), message, fix: fix.to_owned() }
    })
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    names: Names<'t>,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn step(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Over white space and comments.
    fn blank(&mut self) {
        loop {
            let rest = self.rest();
            let bare = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            self.at += rest.len() - bare.len();
            let end = if bare.starts_with("//") {
                bare.find('\n')
            } else if bare.starts_with("/*") {
                bare.find("*/").map(|end| end + 2)
            } else {
                return;
            };
            self.at += end.unwrap_or(bare.len());
        }
    }

    fn take(&mut self, word: &str) -> bool {
        self.blank();
        let found = self.rest().starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn word(&mut self) -> &'t str {
        self.blank();
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$'))).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    /// Every statement of the file: what is exported, the constants that it may be the name of, and imports.
    fn file(&mut self) -> Result<Value, String> {
        let mut constants: Vec<(&str, Value)> = Vec::new();
        let mut exported = None;
        loop {
            while self.take(";") {}
            if self.rest().is_empty() {
                break;
            }
            let begin = self.at;
            if matches!(self.peek(), Some('"' | '\'')) {
                // "use strict"
                self.string()?;
                continue;
            }
            match self.word() {
                "import" => self.import()?,
                "const" | "let" | "var" => {
                    if let Some(constant) = self.constant()? {
                        constants.push(constant);
                    }
                }
                "export" => {
                    let named = self.word();
                    let is_export = named == "default" || (named.is_empty() && self.take("="));
                    exported = Some(self.export(is_export, &constants, begin)?);
                }
                "module" => {
                    let is_export =
                        self.take(".") && self.word() == "exports" && self.take("=") && !self.take("=");
                    exported = Some(self.export(is_export, &constants, begin)?);
                }
                _ => {
                    self.at = begin;
                    return Err("this statement is neither an import nor the export of an object".to_owned());
                }
            }
        }
        exported.ok_or_else(|| {
            "nothing is exported: neither `module.exports = { … }` nor `export default { … }`".to_owned()
        })
    }

    /// `import x from "y"`, `import "y"`, `import type { A } from "y"`.
    fn import(&mut self) -> Result<(), String> {
        while let Some(next) = self.peek() {
            if matches!(next, '"' | '\'') {
                self.string()?;
                return Ok(());
            }
            if matches!(next, '(' | '=') {
                break;
            }
            self.step();
            self.blank();
        }
        Err("this import has no name of a module".to_owned())
    }

    /// A constant that is an object or a list; `None` for `const x = require("y")`.
    fn constant(&mut self) -> Result<Option<(&'t str, Value)>, String> {
        if self.take("{") {
            // const { a, b } = require("y")
            let close = self.rest().find('}').ok_or("this brace is not closed")?;
            self.at += close + 1;
        }
        let name = self.word();
        if self.take(":") {
            self.kind();
        }
        if !self.take("=") {
            return Err("this constant has no value".to_owned());
        }
        self.blank();
        if self.rest().starts_with("require") {
            self.word();
            let is_plain = self.take("(")
                && matches!(self.peek(), Some('"' | '\''))
                && self.string().is_ok()
                && self.take(")");
            while self.take(".") {
                self.word();
            }
            return if is_plain { Ok(None) } else { Err("this `require` is computed".to_owned()) };
        }
        let value = self.value(0)?;
        self.cast();
        Ok(Some((name, value)))
    }

    fn export(
        &mut self,
        is_export: bool,
        constants: &[(&str, Value)],
        begin: usize,
    ) -> Result<Value, String> {
        if !is_export {
            self.at = begin;
            return Err("only `export default` and `module.exports =` are read".to_owned());
        }
        self.blank();
        let begin = self.at;
        let name = self.word();
        let known = constants.iter().find(|(constant, _)| *constant == name && !name.is_empty());
        let value = match known {
            Some((_, value)) => value.clone(),
            None => {
                self.at = begin;
                self.value(0)?
            }
        };
        self.cast();
        if value.is_object() {
            return Ok(value);
        }
        self.at = begin;
        Err("what is exported is no plain object".to_owned())
    }

    /// `as const`, `satisfies UserConfig`.
    fn cast(&mut self) {
        loop {
            self.blank();
            let begin = self.at;
            if !matches!(self.word(), "as" | "satisfies") {
                self.at = begin;
                return;
            }
            self.kind();
        }
    }

    /// The name of a type.
    fn kind(&mut self) {
        self.word();
        while self.take(".") {
            self.word();
        }
        if self.take("<") {
            self.at += self.rest().find('>').map_or(0, |end| end + 1);
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > DEEPEST {
            return Err(format!("it is nested deeper than {DEEPEST} levels"));
        }
        self.blank();
        if self.skip_function()? {
            return Ok(Value::from(FUNCTION));
        }
        match self.peek() {
            Some('{') => self.object(depth),
            Some('[') => self.list(depth),
            Some('"' | '\'' | '`') => self.string().map(Value::from),
            Some('/') => self.regex().map(Value::from),
            Some(c) if c.is_ascii_digit() || matches!(c, '-' | '+' | '.') => self.number(),
            _ => self.name(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        self.step();
        let mut map = Map::new();
        loop {
            if self.take("}") {
                return Ok(Value::Object(map));
            }
            self.blank();
            let begin = self.at;
            let key = match self.peek() {
                Some('"' | '\'') => self.string()?,
                Some('.') => return Err("`...` takes over something that is not written here".to_owned()),
                Some('[') => return Err("this key is computed".to_owned()),
                _ => self.word().to_owned(),
            };
            let value = if self.take(":") {
                self.value(depth + 1)?
            } else if self.rest().starts_with('(') {
                // A method.
                self.at = begin;
                self.skip_to_end()?;
                Value::from(FUNCTION)
            } else {
                self.at = begin;
                return Err(format!("there is no value for `{key}`"));
            };
            map.insert(key, value);
            self.cast();
            if !self.take(",") && !self.rest().starts_with('}') {
                return Err("a comma or a brace is missing, or the value is computed".to_owned());
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, String> {
        self.step();
        let mut items = Vec::new();
        loop {
            if self.take("]") {
                return Ok(Value::Array(items));
            }
            if self.rest().starts_with("...") {
                return Err("`...` takes over something that is not written here".to_owned());
            }
            items.push(self.value(depth + 1)?);
            self.cast();
            if !self.take(",") && !self.rest().starts_with(']') {
                return Err("a comma or a bracket is missing, or the value is computed".to_owned());
            }
        }
    }

    fn string(&mut self) -> Result<String, String> {
        let begin = self.at;
        let quote = self.step().unwrap_or('"');
        let mut out = String::new();
        while let Some(next) = self.step() {
            match next {
                next if next == quote => return Ok(out),
                '$' if quote == '`' && self.rest().starts_with('{') => {
                    return Err("this text is computed".to_owned());
                }
                '\n' if quote != '`' => break,
                '\\' => out.extend(self.escape()),
                next => out.push(next),
            }
        }
        self.at = begin;
        Err("this text has no end".to_owned())
    }

    fn escape(&mut self) -> Option<char> {
        let letter = self.step()?;
        let digits = match letter {
            'n' => return Some('\n'),
            't' => return Some('\t'),
            'r' => return Some('\r'),
            '\n' => return None,
            'x' => self.rest().get(..2)?,
            'u' if self.rest().starts_with('{') => {
                let end = self.rest().find('}')?;
                let digits = self.rest().get(1..end)?;
                self.at += end + 1;
                return u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
            }
            'u' => self.rest().get(..4)?,
            letter => return Some(letter),
        };
        let code = u32::from_str_radix(digits, 16).ok()?;
        self.at += digits.len();
        char::from_u32(code)
    }

    /// A regular expression as it is written.
    fn regex(&mut self) -> Result<String, String> {
        let begin = self.at;
        self.step();
        let mut in_class = false;
        while let Some(next) = self.step() {
            match next {
                '\\' => drop(self.step()),
                '[' => in_class = true,
                ']' => in_class = false,
                '\n' => break,
                '/' if !in_class => {
                    self.word();
                    return Ok(self.text.get(begin..self.at).unwrap_or_default().to_owned());
                }
                _ => {}
            }
        }
        self.at = begin;
        Err("this expression has no end".to_owned())
    }

    fn number(&mut self) -> Result<Value, String> {
        let rest = self.rest();
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let digits = rest.get(..end).unwrap_or_default().replace('_', "");
        let whole = digits.parse::<i64>().map(Value::from).ok();
        let value = whole.or_else(|| digits.parse::<f64>().ok().map(Value::from));
        let value = value.ok_or_else(|| format!("`{digits}` is no number that is read here"))?;
        self.at += end;
        Ok(value)
    }

    /// `true`, `null`, and the names that stand for numbers.
    fn name(&mut self) -> Result<Value, String> {
        let begin = self.at;
        let mut name = self.word().to_owned();
        while !name.is_empty() && self.rest().starts_with('.') {
            self.step();
            name = format!("{name}.{}", self.word());
        }
        let known = self.names.iter().find(|(known, _)| *known == name).map(|(_, value)| Value::from(*value));
        let value = match name.as_str() {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            // As JSON has it.
            "null" | "undefined" | "Infinity" => Some(Value::Null),
            _ => known,
        };
        value.ok_or_else(|| {
            self.at = begin;
            if name.is_empty() { "a value is missing".to_owned() } else { format!("`{name}` is computed") }
        })
    }

    /// Over a function, if one begins here.
    fn skip_function(&mut self) -> Result<bool, String> {
        let begin = self.at;
        let word = self.word();
        let is_function = match word {
            "async" | "function" => true,
            "" => self.rest().starts_with('('),
            _ => self.take("=>"),
        };
        self.at = begin;
        if is_function {
            self.skip_to_end()?;
        }
        Ok(is_function)
    }

    /// To the comma, brace or bracket behind an expression. Texts and expressions in it may hold any of these.
    fn skip_to_end(&mut self) -> Result<(), String> {
        let begin = self.at;
        let mut open = 0_usize;
        let mut before = '(';
        loop {
            self.blank();
            match self.peek() {
                Some('"' | '\'') => drop(self.string()?),
                Some('`') => {
                    self.step();
                    self.at += self.rest().find('`').map_or(self.rest().len(), |end| end + 1);
                }
                Some('/') if "(,=:[!&|?{};>".contains(before) => drop(self.regex()?),
                Some('(' | '[' | '{') => {
                    open += 1;
                    self.step();
                }
                Some(',' | ')' | ']' | '}') if open == 0 => return Ok(()),
                Some(next) => {
                    open -= usize::from(matches!(next, ')' | ']' | '}'));
                    self.step();
                }
                None => {
                    self.at = begin;
                    return Err("this function has no end".to_owned());
                }
            }
            before = self.text.get(..self.at).and_then(|text| text.chars().next_back()).unwrap_or('(');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NAMES: Names<'_> = &[("Level.Error", 2)];

    fn read(text: &str) -> Result<Value, ImportError> {
        exported(text, NAMES, "print it")
    }

    #[test]
    fn objects_are_read_as_they_are_written() {
        let object = json!({ "a": [2, "always", ["x"]], "b-c": true, "d": null, "e": "it's\n", "f": -1.5 });
        let body = r#"{
            a: [Level.Error, 'always', [`x`],], // a comment
            "b-c": true, /* another */ d: undefined,
            'e': 'it\'s\n', f: -1.5,
        }"#;
        for text in [
            format!("module.exports = {body};"),
            format!("'use strict';\nexport default {body}"),
            format!(
                "import type {{ UserConfig }} from '@commitlint/types';\nimport x from \"y\";\nconst c: UserConfig = {body};\nexport default c;\n"
            ),
            format!(
                "const {{ Level }} = require('z');\nconst c = {body} satisfies UserConfig\nmodule.exports = c\n"
            ),
            format!("/** @type {{import('x').A}} */\nexport default {body} as const;"),
        ] {
            assert_eq!(read(&text), Ok(object.clone()), "{text}");
        }
    }

    #[test]
    fn functions_are_skipped_and_told() {
        let text = "export default {\n a: [(c) => c.includes(', ]'), x => /[,\\]]/.test(x)],\n b: async () => { return [1, 2]; },\n c(d) { return `}` },\n e: function () { return {} },\n f: 1\n}";
        let expected =
            json!({ "a": [FUNCTION, FUNCTION], "b": FUNCTION, "c": FUNCTION, "e": FUNCTION, "f": 1 });
        assert_eq!(read(text), Ok(expected));
        assert_eq!(read("export default { a: /^(x),]/i }"), Ok(json!({ "a": "/^(x),]/i" })));
    }

    #[test]
    fn what_is_computed_is_told_with_its_line() {
        for (text, line, said) in [
            ("export default {\n a: b\n}", 2, "`b` is computed"),
            ("export default {\n ...base\n}", 2, "`...` takes over"),
            ("export default {\n a: [...base]\n}", 2, "`...` takes over"),
            ("export default {\n a: 1 + 1\n}", 2, "a comma or a brace is missing"),
            ("export default {\n a: `${b}`\n}", 2, "this text is computed"),
            ("export default {\n [a]: 1\n}", 2, "this key is computed"),
            ("\nmodule.exports.rules = {}", 2, "only `export default`"),
            ("export default defineConfig({})", 1, "`defineConfig` is computed"),
            ("const a = {}\n", 2, "nothing is exported"),
            ("console.log(1)", 1, "neither an import"),
            ("export default 'x'", 1, "no plain object"),
            ("export default {\n a: 'x\n}", 2, "this text has no end"),
            ("export default { a: () => {", 1, "this function has no end"),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!(error.line, Some(line), "{text}: {error}");
            assert!(error.message.contains(said), "{text}: {error}");
        }
        let deep = format!("export default {{ a: {} }}", "[".repeat(1000));
        assert!(read(&deep).unwrap_err().message.contains("nested deeper"));
    }
}
