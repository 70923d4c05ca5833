//! Where the value of a name stands: how programs and files of any language write an assignment.
//!
//! The language is not known here, since detection sees bytes alone. So this reads what all of them have in common: what
//! closes the name, an operator or a bracket or nothing at all, what opens the value, and where that ends. A string in
//! quotes is a literal in every language. What stands without quotes is one in YAML, `.env` and on command lines, and a
//! variable in code: it is [`Form::Loose`] wherever both could be.

use std::ops::Range;

/// How a value is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// In quotes, or as the text of an element.
    Quoted,
    /// Without quotes, where nothing but a literal can stand.
    Plain,
    /// Without quotes, where code has expressions.
    Loose,
}

/// A value and where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Written {
    pub(super) range: Range<usize>,
    pub(super) form: Form,
    /// Whether it is an argument of a call whose name says nothing.
    pub(super) in_call: bool,
}

/// The longest value, in bytes.
const LONGEST: usize = 300;

/// The value that is given to the name at `name`.
pub(super) fn value(text: &[u8], name: &Range<usize>) -> Option<Written> {
    let mut at = Cursor { text, at: name.end };
    let before = text.get(..name.start).unwrap_or(&[]);
    let constant = text
        .get(name.clone())
        .is_some_and(|name| name.contains(&b'_') && !name.iter().any(u8::is_ascii_lowercase));
    let closed = at.skip_while(4, |b| matches!(b, b'"' | b'\'' | b'`' | b'*' | b']' | b'\\')) > 0;
    let name_closed = closed || constant || before.last().is_some_and(|b| is_quote(*b));
    if at.take(b"</") {
        // `<key>Password</key> <string>…</string>`
        at.skip_to(b'>', 16)?;
        at.skip_space();
        at.take(b"<").then_some(())?;
        at.skip_to(b'>', 24)?;
        return at.element();
    }
    if ends_with(before, b"<") {
        // `<password>…</password>`, with attributes or without.
        let _ = at.skip_to(b'>', 80);
        return at.element();
    }
    let spaced = at.skip_blank() > 0;
    match at.operator(name_closed) {
        Operator::Assign { spaced: behind } => at.assigned(spaced || behind),
        // `$HOME:/mnt` is a variable, and no name.
        Operator::Colon { .. } if ends_with(before, b"$") => None,
        Operator::Colon { spaced } => at.after_colon(spaced),
        Operator::Pair => at.right_side().filter(|v| v.form == Form::Quoted),
        Operator::Call => {
            let setter = text.get(name.clone()).is_some_and(is_setter);
            at.right_side().filter(|v| v.form == Form::Quoted && (setter || is_constructed(before)))
        }
        Operator::None if spaced => at.without_operator(ends_with(before, b"-")),
        Operator::None => None,
    }
}

/// The literal that the name at `name` is compared with, where that stands first: `"…" == password`.
pub(super) fn compared(text: &[u8], name: &Range<usize>) -> Option<Written> {
    let before = text.get(..name.start)?.trim_ascii_end();
    let head =
        [&b"==="[..], b"!==", b"==", b"!="].iter().find_map(|operator| before.strip_suffix(*operator))?;
    let head = head.trim_ascii_end();
    let (quote, inner) = head.split_last().filter(|(quote, _)| is_quote(**quote))?;
    let near = inner.len().saturating_sub(LONGEST + 1);
    let start = near + memchr::memrchr(*quote, inner.get(near..)?)? + 1;
    (inner.len() - start <= LONGEST).then_some(Written {
        range: start..inner.len(),
        form: Form::Quoted,
        in_call: false,
    })
}

enum Operator {
    Assign {
        spaced: bool,
    },
    Colon {
        spaced: bool,
    },
    /// A comma, or what joins a name to its value in a list of pairs.
    Pair,
    Call,
    None,
}

struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn rest(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or(&[])
    }

    fn take(&mut self, what: &[u8]) -> bool {
        let is_there = self.rest().starts_with(what);
        self.at += if is_there { what.len() } else { 0 };
        is_there
    }

    fn skip_while(&mut self, most: usize, is_skipped: impl Fn(u8) -> bool) -> usize {
        let count = self.rest().iter().take(most).take_while(|b| is_skipped(**b)).count();
        self.at += count;
        count
    }

    fn skip_blank(&mut self) -> usize {
        self.skip_while(16, |b| matches!(b, b' ' | b'\t'))
    }

    fn skip_space(&mut self) -> usize {
        self.skip_while(64, |b| b.is_ascii_whitespace())
    }

    /// Goes behind the next `byte`.
    fn skip_to(&mut self, byte: u8, most: usize) -> Option<()> {
        let near = self.rest().get(..most).unwrap_or(self.rest());
        self.at += memchr::memchr(byte, near)? + 1;
        Some(())
    }

    fn operator(&mut self, name_closed: bool) -> Operator {
        const ASSIGNS: &[&[u8]] = &[
            b":::=", b"::=", b":=", b"===", b"!==", b"==", b"!=", b"=>", b"??=", b"||=", b".=", b"+=", b"?=",
            b"=~", b"=",
        ];
        // A type: `password: &str =`, `token string =`, `key[] =`.
        self.skip_type();
        // `pass->field` is a member; an arrow that assigns has blanks around it.
        let spaced =
            self.at.checked_sub(1).and_then(|at| self.text.get(at)).is_some_and(u8::is_ascii_whitespace);
        let arrow = spaced && (self.take(b"-> ") || self.take(b"<- "));
        if arrow || ASSIGNS.iter().any(|operator| self.take(operator)) {
            return Operator::Assign { spaced: self.skip_blank() > 0 };
        }
        if self.take(b":") {
            return Operator::Colon { spaced: self.skip_blank() > 0 };
        }
        if self.take(b"(") {
            return Operator::Call;
        }
        if name_closed && self.pair() {
            return Operator::Pair;
        }
        Operator::None
    }

    /// Skips a type, when an operator follows it.
    fn skip_type(&mut self) {
        let start = self.at;
        let array = self.take(b"[");
        if array {
            self.skip_while(12, |b| b.is_ascii_alphanumeric() || b == b'_');
            let _ = self.take(b"]");
        }
        let _ = self.take(b":") || self.take(b"?:");
        self.skip_blank();
        let from = self.at;
        if self.take(b"&'") {
            self.skip_while(12, |b| b.is_ascii_alphanumeric());
            self.skip_blank();
        }
        self.skip_while(28, |b| {
            b.is_ascii_alphanumeric()
                || matches!(b, b'&' | b'*' | b'\'' | b'<' | b'>' | b'[' | b']' | b'?' | b'_' | b'.')
        });
        let is_type = self.at > from || array;
        let type_end = self.at;
        let blank = self.skip_blank();
        let assigns =
            self.peek() == Some(b'=') && !self.rest().starts_with(b"==") && !self.rest().starts_with(b"=>");
        // `name=value =…` is none: a type is followed by a blank or by nothing but the operator.
        if !(is_type
            && assigns
            && (blank > 0 || array || type_end > from && self.text.get(start) == Some(&b':')))
        {
            self.at = start;
        }
    }

    /// `"name", "…"`; `"name" value="…"`; `"name": "x", "value": "…"`; `name: x` and `value: …` below it.
    fn pair(&mut self) -> bool {
        const VALUES: &[&[u8]] = &[b"value", b"Value", b"val", b"content", b"default", b"defaultValue"];
        let start = self.at;
        let comma = self.take(b",");
        self.skip_space();
        let quoted = self.skip_while(1, is_quote) > 0;
        if VALUES.iter().any(|word| self.take(word)) {
            self.skip_while(1, is_quote);
            self.skip_blank();
            if self.take(b"=") || self.take(b":") {
                self.skip_blank();
                return true;
            }
        }
        if comma {
            self.at -= usize::from(quoted);
            self.at = if quoted { self.at } else { start + 1 };
            if !quoted {
                self.skip_space();
            }
            return true;
        }
        self.at = start;
        false
    }

    /// What stands behind `=` and its like.
    fn assigned(&mut self, spaced: bool) -> Option<Written> {
        let value = self.right_side()?;
        if value.form != Form::Loose {
            return Some(value);
        }
        if spaced {
            return Some(self.unless_more_follows(value));
        }
        // `NAME=value`: a literal in files and on command lines; `f(name=value, …)` is code.
        let behind = self.text.get(value.range.end..).unwrap_or(&[]);
        let code = behind.first().is_some_and(|b| matches!(b, b',' | b')' | b'(' | b'[' | b'.'));
        Some(Written { form: if code { Form::Loose } else { Form::Plain }, ..value })
    }

    /// What stands behind a colon: YAML's value ends with its line; in code something follows.
    fn after_colon(&mut self, spaced: bool) -> Option<Written> {
        let value = self.right_side()?;
        if value.form != Form::Loose {
            return Some(value);
        }
        let line = self.rest_of_line(&value);
        let ends = line.is_empty() || line.starts_with(b"#") || line.starts_with(b"\\n");
        if ends || !spaced {
            return Some(Written { form: Form::Plain, ..value });
        }
        Some(self.unless_more_follows(value))
    }

    /// What stands behind a name and a blank: `--password …`, `password "…"`, `password is …`, `%define token …`.
    fn without_operator(&mut self, is_flag: bool) -> Option<Written> {
        let said = self.take(b"is ");
        let value = self.right_side()?;
        let form = if is_flag && value.form == Form::Loose { Form::Plain } else { value.form };
        // Prose stands behind most names.
        Some(Written { form, in_call: value.in_call || said || form == Form::Loose, ..value })
    }

    /// A value with more behind it is a part of an expression or of a sentence.
    fn unless_more_follows(&self, value: Written) -> Written {
        let line = self.rest_of_line(&value);
        let ends = line.first().is_none_or(|b| {
            matches!(b, b',' | b';' | b'}' | b')' | b']' | b'#' | b'/' | b'\\' | b'"' | b'\'')
        });
        Written { in_call: value.in_call || !ends, ..value }
    }

    /// What stands behind a value in its line, as far as it tells anything: of a minified file the line is the file, and
    /// all of it for each of its values would be the square of it.
    fn rest_of_line(&self, value: &Written) -> &[u8] {
        let behind = self.text.get(value.range.end..).unwrap_or(&[]);
        let is_blank = |b: &&u8| b.is_ascii_whitespace() && **b != b'\n';
        let blanks = behind.iter().take(LONGEST).take_while(is_blank).count();
        let near = behind.get(blanks..).unwrap_or(&[]);
        near.get(..2).unwrap_or(near).split(|b| *b == b'\n').next().unwrap_or(&[])
    }

    /// A value where one is expected.
    fn right_side(&mut self) -> Option<Written> {
        let line_end = self.skip_blank_lines();
        // `("…")`, `["…"]`, `{"…"}`
        self.skip_while(2, |b| matches!(b, b'(' | b'[' | b'{'));
        let start = self.at;
        if let Some(range) = self.string() {
            return Some(Written { range, form: Form::Quoted, in_call: false });
        }
        self.at = start;
        if line_end {
            return None;
        }
        if let Some(value) = self.call().or_else(|| self.fallback(start)) {
            return Some(value);
        }
        self.at = start;
        let range = self.bare()?;
        Some(Written { range, form: Form::Loose, in_call: false })
    }

    /// Skips the line's end behind an operator, and says whether there was one.
    fn skip_blank_lines(&mut self) -> bool {
        self.skip_blank();
        let before = self.at;
        let continued = self.rest().starts_with(b"\\\n") || self.rest().starts_with(b"\\\r");
        if continued || matches!(self.peek(), Some(b'\n' | b'\r')) {
            self.at += usize::from(continued);
            self.skip_space();
        }
        self.at > before && self.text.get(before..self.at).is_some_and(|s| s.contains(&b'\n'))
    }

    /// A string in quotes, whatever they are.
    fn string(&mut self) -> Option<Range<usize>> {
        if self.take(b"&quot;") {
            let near = self.rest().get(..LONGEST).unwrap_or(self.rest());
            let length = memchr::memmem::find(near, b"&quot;").filter(|length| *length > 0)?;
            return Some(self.at..self.at + length);
        }
        self.skip_while(2, |b| {
            matches!(
                b,
                b'b' | b'B' | b'r' | b'R' | b'f' | b'F' | b'u' | b'U' | b'L' | b'N' | b'@' | b'$' | b'#'
            )
        });
        let escaped = self.take(b"\\");
        let quote = self.peek().filter(|b| is_quote(*b))?;
        self.at += 1;
        let many = if self.rest().starts_with(&[quote, quote]) { 2 } else { 0 };
        if many == 2 && self.text.get(self.at + 2).is_none_or(|b| !b.is_ascii_graphic() || is_quote(*b)) {
            // An empty string, or three quotes with a line's end behind them.
            return None;
        }
        self.at += many;
        let start = self.at;
        let rest = self.rest().get(..LONGEST + 1).unwrap_or(self.rest());
        let mut end = 0;
        while let Some(byte) = rest.get(end) {
            match byte {
                b'\n' | b'\r' => return None,
                b'\\' if escaped && rest.get(end + 1) == Some(&quote) => break,
                b'\\' => end += 2,
                byte if *byte == quote => break,
                _ => end += 1,
            }
        }
        (end < rest.len() && end > 0).then(|| {
            self.at = start + end;
            start..start + end
        })
    }

    /// `Some("…")`, `aws.String("…")`, `new Secret("…")`, `os.getenv("NAME", "…")`.
    fn call(&mut self) -> Option<Written> {
        let _ = self.take(b"new ") || self.take(b"await ");
        let from = self.at;
        self.skip_while(48, |b| {
            b.is_ascii_alphanumeric()
                || matches!(b, b'_' | b'.' | b':' | b'<' | b'>' | b'&' | b'*' | b'!' | b'[' | b']' | b'-')
        });
        let name = self.text.get(from..self.at)?.to_ascii_lowercase();
        let blank = self.skip_blank();
        let bracket = self.take(b"(");
        if name.is_empty() || !bracket && blank == 0 {
            return None;
        }
        if !bracket && !name.ends_with(b"securestring") {
            return None;
        }
        self.skip_while(2, |b| matches!(b, b'(' | b'[' | b'{'));
        self.skip_space();
        if let Some(inner) = [&b"[]byte("[..], b"byte("].iter().find(|inner| self.rest().starts_with(inner)) {
            self.at += inner.len();
        }
        let mut range = self.string()?;
        if READERS.iter().any(|reader| name.ends_with(reader)) {
            // The first argument is where the value is kept, the second stands in for it.
            self.skip_while(1, is_quote);
            self.skip_blank();
            self.take(b",").then_some(())?;
            self.skip_space();
            range = self.string()?;
        }
        let plain = WRAPPERS.iter().any(|wrapper| name.ends_with(wrapper));
        Some(Written { range, form: Form::Quoted, in_call: !plain })
    }

    /// `process.env.X || "…"`, `x ?? "…"`, `${X:-…}`, `os.environ["X"] or "…"`.
    fn fallback(&mut self, start: usize) -> Option<Written> {
        const ELSE: &[&[u8]] = &[b"|| ", b"?? ", b" or ", b"||", b"?: "];
        let near = self.text.get(start..)?;
        let line = near.get(..160).unwrap_or(near).split(|b| matches!(b, b'\n' | b';')).next()?;
        let at = ELSE.iter().find_map(|word| Some(memchr::memmem::find(line, word)? + word.len()))?;
        self.at = start + at;
        self.skip_blank();
        let range = self.string()?;
        Some(Written { range, form: Form::Quoted, in_call: false })
    }

    /// The text of an element.
    fn element(&mut self) -> Option<Written> {
        self.skip_space();
        let near = self.rest().get(..LONGEST).unwrap_or(self.rest());
        let inner = near.get(..memchr::memchr(b'<', near)?)?.trim_ascii_end();
        (!inner.is_empty() && !inner.contains(&b'\n')).then(|| Written {
            range: self.at..self.at + inner.len(),
            form: Form::Quoted,
            in_call: false,
        })
    }

    /// What stands there without quotes.
    fn bare(&mut self) -> Option<Range<usize>> {
        let ends = |b: &u8| {
            b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'<' | b'>' | b',' | b';' | b'|')
        };
        let rest = self.rest();
        let length =
            rest.iter().take(LONGEST + 1).position(ends).unwrap_or_else(|| rest.len().min(LONGEST + 1));
        if length == 0 || length > LONGEST {
            return None;
        }
        let mut value = rest.get(..length)?;
        // In a URL's query and in a form the next pair follows.
        if let Some(end) = memchr::memchr(b'&', value)
            .filter(|end| memchr::memchr(b'=', value.get(*end..).unwrap_or(&[])).is_some())
        {
            value = value.get(..end)?;
        }
        // An entity of HTML closes a quote or a tag.
        if let Some(end) = [&b"&quot"[..], b"&lt", b"&gt", b"&amp", b"&#"]
            .iter()
            .filter_map(|mark| memchr::memmem::find(value, mark))
            .min()
        {
            value = value.get(..end)?;
        }
        // `\n` written out in a string of another file.
        if let Some(end) = memchr::memmem::find(value, b"\\n").or_else(|| memchr::memmem::find(value, b"\\r"))
        {
            value = value.get(..end)?;
        }
        while let Some((last, head)) = value.split_last() {
            let closes = match last {
                b')' => !head.contains(&b'('),
                b']' => !head.contains(&b'['),
                b'}' => !head.contains(&b'{'),
                b'\\' => true,
                _ => false,
            };
            if !closes {
                break;
            }
            value = head;
        }
        (!value.is_empty()).then_some(self.at..self.at + value.len())
    }
}

/// Calls whose first argument says where a value is kept.
const READERS: &[&[u8]] = &[
    b"getenv",
    b"environ.get",
    b"env",
    b"env.get",
    b"fetch",
    b"config.get",
    b"config",
    b"get",
    b"getproperty",
    b"getvalue",
    b"getstring",
    b"lookup",
    b"var",
    b"lookupenv",
    b"getenvordefault",
    b"env.string",
    b"optional",
    b"default",
    b"process.env",
];

/// Calls that give their argument back, in another type at most.
const WRAPPERS: &[&[u8]] = &[
    b"some",
    b"just",
    b"string",
    b"str",
    b"bytes",
    b"ok",
    b"securestring",
    b"b64encode",
    b"buffer.from",
    b"from",
    b"encode",
    b"of",
    b"new",
    b"to_string",
    b"byte",
    b"secret",
    b"pointer.to",
    b"ptr",
    b"stringptr",
    b"literal",
    b"quote",
    b"raw",
    b"text",
    b"value",
    b"password",
];

fn ends_with(before: &[u8], end: &[u8]) -> bool {
    before.ends_with(end)
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// `setPassword(`, `withToken(`, `.password(`.
fn is_setter(name: &[u8]) -> bool {
    let last = name.rsplit(|b| *b == b'.').next().unwrap_or(name);
    let setter = |start: &[u8]| {
        last.len() > start.len() && last.get(..start.len()).is_some_and(|s| s.eq_ignore_ascii_case(start))
    };
    last.len() < name.len()
        || [&b"set"[..], b"with", b"put", b"add", b"use", b"encrypt", b"input", b"fill"]
            .iter()
            .any(|s| setter(s))
}

/// `std::string secret("…")`: a declaration has a type before the name.
fn is_constructed(before: &[u8]) -> bool {
    let trimmed = before.trim_ascii_end();
    ends_with(before, b".")
        || trimmed.len() < before.len()
            && (trimmed.ends_with(b"string")
                || trimmed.ends_with(b"String")
                || trimmed.ends_with(b"auto")
                || trimmed.ends_with(b"&&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<(&str, Form)> {
        let lower = line.to_ascii_lowercase();
        let end = lower.find("password")? + 8;
        let start =
            lower.get(..end)?.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
        let name = start..end;
        let found = value(line.as_bytes(), &name).or_else(|| compared(line.as_bytes(), &name))?;
        Some((line.get(found.range)?, found.form))
    }

    #[test]
    fn literals_are_found_in_every_language() {
        for line in [
            "password = \"V1\"",
            "password='V1'",
            "\"password\": \"V1\",",
            "password := `V1`",
            "var password string = \"V1\"",
            "let password: &'static str = \"V1\";",
            "password?: string = 'V1'",
            "char password[] = \"V1\";",
            "$password .= 'V1'",
            "'password' => 'V1',",
            "<password>V1</password>",
            "<password>\n  V1\n</password>",
            "<key>Password</key>\n<string>V1</string>",
            "<add key=\"Password\" value=\"V1\" />",
            "name: \"password\", value: \"V1\"",
            "put(\"password\", \"V1\")",
            "password = Some(\"V1\")",
            "password: aws.String(\"V1\")",
            "password = os.getenv(\"PW\", \"V1\")",
            "password = process.env.PW || 'V1'",
            "if (password == \"V1\") {",
            "if (\"V1\" != password) {",
            "{\\\"password\\\":\\\"V1\\\"}",
            "db.password(\"V1\")",
            "std::string password(\"V1\");",
            "password \"V1\";",
            "PASSWORD 'V1'",
            "password =\n    \"V1\"",
            "password=V1",
            "PASSWORD=V1 \\",
            "--password V1",
            "--password=V1",
            "password: V1",
            "password: V1 # comment",
            "export PASSWORD=V1;",
            "?password=V1&x=1",
            "PASSWORD:V1",
            "password = ConvertTo-SecureString 'V1' -AsPlainText",
            "password = [\"V1\"]",
            "password = b'V1'",
            "- name: \"PASSWORD\"\n  value: \"V1\"",
            "<password kind=\"x\">V1</password>",
            "CURLOPT_PASSWORD, \"V1\"",
            "(&quot;password:V1&quot;)",
            "password=&quot;V1&quot;",
        ] {
            let found = of(line);
            assert!(matches!(found, Some(("V1", Form::Quoted | Form::Plain))), "{line}: {found:?}");
        }
    }

    #[test]
    fn what_code_could_mean_by_a_name_is_loose() {
        for line in [
            "password: V1,",
            "password = V1",
            "f(password=V1, x)",
            "the password V1 is",
            "{user: a, password: V1}",
        ] {
            assert_eq!(of(line), Some(("V1", Form::Loose)), "{line}");
        }
        for line in
            ["password", "password = \"\"", "password()", "password.", "password = \"\"\"\n", "password)"]
        {
            assert_eq!(of(line), None, "{line}");
        }
    }
}
