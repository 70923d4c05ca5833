//! Go's regular expressions (RE2) in the syntax of the `regex` crate.
//!
//! The two are close relatives, and differ where it hurts most: a stray `{` is a letter in RE2 and an error in Rust, `\w` is
//! ASCII there and Unicode here, `\<` is a letter there and the start of a word here. The text is read once, item by item, and
//! written anew. What neither can do (look-around, back-references) is refused in words.
//!
//! Source: <https://github.com/google/re2/wiki/Syntax> and the parser of Go's `regexp/syntax`.

use std::fmt::Write as _;

/// The most that RE2 repeats something.
const MOST_REPEATS: u32 = 1000;

/// What letters `\d`, `\w`, `\s` stand for in RE2: ASCII, and without the vertical tab.
const fn perl_class(letter: char) -> Option<&'static str> {
    match letter {
        'd' | 'D' => Some("0-9"),
        'w' | 'W' => Some("0-9A-Za-z_"),
        's' | 'S' => Some(r"\t\n\f\r "),
        _ => None,
    }
}

/// The same expression for the `regex` crate.
///
/// # Errors
///
/// What RE2 refuses as well, and `\C`, which asks for half a character.
pub(super) fn translate(pattern: &str) -> Result<String, String> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut reader = Reader { chars: &chars, at: 0, out: String::with_capacity(pattern.len() + 16) };
    while let Some(c) = reader.next() {
        reader.item(c)?;
    }
    Ok(reader.out)
}

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
    out: String,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek(0)?;
        self.at += 1;
        Some(c)
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(ahead, c)| self.peek(ahead) == Some(c))
    }

    fn item(&mut self, c: char) -> Result<(), String> {
        match c {
            '\\' => self.escape(),
            '[' => self.class(),
            '(' => self.group(),
            '{' => self.brace(),
            '*' | '+' | '?' | '|' | ')' | '.' | '^' | '$' => {
                self.out.push(c);
                Ok(())
            }
            letter => {
                self.letter(letter);
                Ok(())
            }
        }
    }

    /// A letter that stands for itself.
    fn letter(&mut self, c: char) {
        if matches!(
            c,
            '\\' | '.'
                | '+'
                | '*'
                | '?'
                | '('
                | ')'
                | '|'
                | '['
                | ']'
                | '{'
                | '}'
                | '^'
                | '$'
                | '#'
                | '&'
                | '-'
                | '~'
        ) {
            self.out.push('\\');
        }
        if c == '\0' { self.out.push_str(r"\x00") } else { self.out.push(c) }
    }

    /// `(` and what says of which kind the group is.
    fn group(&mut self) -> Result<(), String> {
        self.out.push('(');
        if self.peek(0) != Some('?') {
            return Ok(());
        }
        for (look, name) in
            [("?=", "(?="), ("?!", "(?!"), ("?<=", "(?<="), ("?<!", "(?<!"), ("?>", "(?>"), ("?#", "(?#")]
        {
            if self.starts_with(look) {
                return Err(format!(
                    "`{name}` is not a part of RE2, which gitleaks uses: it has no look-around"
                ));
            }
        }
        // Names and flags are written alike.
        while let Some(c) = self.next() {
            self.out.push(c);
            if matches!(c, ':' | '>' | ')') {
                return Ok(());
            }
        }
        Err("a group is not closed".to_owned())
    }

    /// `{` is a repetition where it is one, else a letter.
    fn brace(&mut self) -> Result<(), String> {
        let Some((text, least, most)) = self.repetition() else {
            self.letter('{');
            return Ok(());
        };
        if least.max(most) > MOST_REPEATS {
            return Err(format!("`{{{text}}}` repeats more than {MOST_REPEATS} times, which RE2 refuses"));
        }
        self.at += text.chars().count() + 1;
        let _ = write!(self.out, "{{{text}}}");
        Ok(())
    }

    fn repetition(&self) -> Option<(String, u32, u32)> {
        let rest = self.chars.get(self.at..)?;
        let end = rest.iter().position(|&c| c == '}')?;
        let text: String = rest.get(..end)?.iter().collect();
        let number = |digits: &str| {
            let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let has_leading_zero = digits.len() > 1 && digits.starts_with('0');
            (is_plain && !has_leading_zero).then(|| digits.parse().unwrap_or(u32::MAX))
        };
        let (least, most) = match text.split_once(',') {
            None => (number(&text)?, 0),
            Some((least, "")) => (number(least)?, 0),
            Some((least, most)) => (number(least)?, number(most)?),
        };
        Some((text, least, most))
    }

    /// What follows a backslash outside of a class.
    fn escape(&mut self) -> Result<(), String> {
        let Some(c) = self.peek(0) else { return Err("it ends with a backslash".to_owned()) };
        if let Some(class) = perl_class(c) {
            self.at += 1;
            let not = if c.is_ascii_uppercase() { "^" } else { "" };
            let _ = write!(self.out, "[{not}{class}]");
            return Ok(());
        }
        match c {
            'b' | 'B' => {
                self.at += 1;
                let _ = write!(self.out, r"(?-u:\{c})");
            }
            'A' | 'z' => {
                self.at += 1;
                let _ = write!(self.out, r"\{c}");
            }
            'p' | 'P' => self.property(),
            'Q' => self.quoted(),
            'E' => self.at += 1,
            _ => {
                let c = self.escaped_letter()?;
                self.letter(c);
            }
        }
        Ok(())
    }

    /// `\pL`, `\p{Greek}`, `\P{^Greek}`.
    fn property(&mut self) {
        self.out.push('\\');
        let letter = self.next();
        self.out.extend(letter);
        if self.peek(0) != Some('{') {
            let class = self.next();
            self.out.extend(class);
            return;
        }
        while let Some(c) = self.next() {
            self.out.push(c);
            if c == '}' {
                return;
            }
        }
    }

    /// `\Q…\E`: everything in it stands for itself.
    fn quoted(&mut self) {
        self.at += 1;
        while self.at < self.chars.len() {
            if self.starts_with(r"\E") {
                self.at += 2;
                return;
            }
            if let Some(c) = self.next() {
                self.letter(c);
            }
        }
    }

    /// The letter that an escape stands for, in a class or out of one; the reader is behind the backslash.
    fn escaped_letter(&mut self) -> Result<char, String> {
        let Some(c) = self.next() else { return Err("it ends with a backslash".to_owned()) };
        Ok(match c {
            'a' => '\x07',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            'x' => return self.hexadecimal(),
            '1'..='9' if !(c < '8' && matches!(self.peek(0), Some('0'..='7'))) => {
                return Err(format!(r"`\{c}` refers to a group, which RE2 cannot"));
            }
            '0'..='7' => {
                let mut value = c.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    let Some(digit) = self.peek(0).and_then(|c| c.to_digit(8)) else { break };
                    value = value * 8 + digit;
                    self.at += 1;
                }
                return char::from_u32(value).ok_or_else(|| "an octal escape is no character".to_owned());
            }
            'C' => {
                return Err(r"`\C` asks for one byte of a character, which cannot be carried over".to_owned());
            }
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => c,
            c => return Err(format!(r"`\{c}` is not an escape that RE2 knows")),
        })
    }

    /// `\x7F` and `\x{10FFFF}`; the reader is behind the `x`.
    fn hexadecimal(&mut self) -> Result<char, String> {
        let mut digits = String::new();
        if self.peek(0) == Some('{') {
            self.at += 1;
            while let Some(c) = self.next() {
                if c == '}' {
                    break;
                }
                digits.push(c);
            }
        } else {
            digits.extend([self.next(), self.next()].into_iter().flatten());
        }
        u32::from_str_radix(&digits, 16)
            .ok()
            .and_then(char::from_u32)
            .ok_or_else(|| format!(r"`\x{digits}` is no character"))
    }

    /// `[…]`; the reader is behind the bracket.
    fn class(&mut self) -> Result<(), String> {
        self.out.push('[');
        if self.peek(0) == Some('^') {
            self.at += 1;
            self.out.push('^');
        }
        let mut is_first = true;
        loop {
            let Some(c) = self.peek(0) else { return Err("a `[` is not closed".to_owned()) };
            if c == ']' && !is_first {
                self.at += 1;
                self.out.push(']');
                return Ok(());
            }
            is_first = false;
            if !self.named_class() && !self.class_escape() {
                self.range()?;
            }
        }
    }

    /// `[:alpha:]` in a class.
    fn named_class(&mut self) -> bool {
        if !self.starts_with("[:") {
            return false;
        }
        let rest = self.chars.get(self.at..).unwrap_or(&[]);
        let Some(end) = rest.windows(2).position(|two| two == [':', ']']) else { return false };
        let name: String = rest.get(2..end).unwrap_or(&[]).iter().collect();
        if !name.trim_start_matches('^').bytes().all(|byte| byte.is_ascii_lowercase()) {
            return false;
        }
        let _ = write!(self.out, "[:{name}:]");
        self.at += end + 2;
        true
    }

    /// `\d` and `\pL` in a class.
    fn class_escape(&mut self) -> bool {
        let (Some('\\'), Some(c)) = (self.peek(0), self.peek(1)) else { return false };
        if let Some(class) = perl_class(c) {
            self.at += 2;
            if c.is_ascii_uppercase() {
                let _ = write!(self.out, "[^{class}]");
            } else {
                self.out.push_str(class);
            }
            return true;
        }
        if matches!(c, 'p' | 'P') {
            self.at += 1;
            self.property();
            return true;
        }
        false
    }

    /// A letter in a class, or a range of them.
    fn range(&mut self) -> Result<(), String> {
        let low = self.class_letter()?;
        self.class_put(low);
        if self.peek(0) == Some('-') && self.peek(1).is_some_and(|c| c != ']') {
            self.at += 1;
            let high = self.class_letter()?;
            if high < low {
                return Err(format!("`{low}-{high}` in a class is a range that ends before it begins"));
            }
            self.out.push('-');
            self.class_put(high);
        }
        Ok(())
    }

    fn class_letter(&mut self) -> Result<char, String> {
        match self.next() {
            Some('\\') => self.escaped_letter(),
            Some(c) => Ok(c),
            None => Err("a `[` is not closed".to_owned()),
        }
    }

    fn class_put(&mut self, c: char) {
        if c.is_ascii_alphanumeric() || !c.is_ascii() || c == ' ' || c == '_' {
            self.out.push(c);
        } else {
            let _ = write!(self.out, r"\x{:02x}", u32::from(c));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex_automata::meta::Regex;
    use regex_automata::util::syntax;

    fn compiled(pattern: &str) -> Regex {
        let text = translate(pattern).unwrap_or_else(|why| panic!("{pattern}: {why}"));
        Regex::builder()
            .syntax(syntax::Config::new().utf8(false))
            .build(&text)
            .unwrap_or_else(|why| panic!("{pattern} became {text}: {why}"))
    }

    #[test]
    fn what_re2_reads_otherwise_than_rust_is_written_anew() {
        // The pattern, what it finds, what it does not find.
        for (pattern, finds, not) in [
            (r"^\$(?:\d+|{\d+})$", "${12}", "${a}"),
            (r"a{,3}", "a{,3}", "aaa"),
            (r"x{2}", "xx", "x{2}"),
            (r"x{02}", "x{02}", "xx"),
            (r"{{[^}]+}}", "{{ a }}", "{ a }"),
            (r"[a[b]c", "[c", "dc"),
            (r"[&&a]{2}", "&a", "bb"),
            (r"[+--]", "-", "x"),
            (r"[]a]", "]", "b"),
            (r"[^]a]", "b", "]a"),
            (r"[[:alpha:]_]+=", "a_b=", "1="),
            (r"\<a\>", "<a>", " a "),
            (r"\Qa.b\E+", "a.bb", "axb"),
            (r"\101\x42\x{43}", "ABC", "abc"),
            (r"^\s$", "\t", "\u{b}"),
            (r"^\w$", "a", "é"),
            (r"^[\w]$", "a", "é"),
            (r"^\d$", "4", "٤"),
            (r"\bé\b", "aéb", "é"),
            (r"^\W$", "é", "a"),
            (r"^[\S]$", "\u{b}", "\n"),
            (r"^.$", "é", "\n"),
            (r"(?i)k", "\u{212a}", "j"),
            (r"(?P<name>a)(?:b)", "ab", "b"),
            (r"^[\w .-/]$", "/", "!"),
            ("a#b", "a#b", "ab"),
            (r"\_\%\!", "_%!", "x"),
        ] {
            let regex = compiled(pattern);
            assert!(regex.is_match(finds), "{pattern} misses {finds:?}");
            assert!(!regex.is_match(not), "{pattern} finds {not:?}");
        }
    }

    #[test]
    fn one_bad_byte_is_no_character() {
        assert!(!compiled("^a.b$").is_match(b"a\xffb"));
        assert!(compiled("a").is_match(b"\xffa"));
    }

    #[test]
    fn what_cannot_be_said_is_refused_with_the_reason() {
        for (pattern, why) in [
            ("(?=a)", "look-around"),
            ("(?<!a)b", "look-around"),
            (r"(a)\1", "group"),
            (r"\C", "one byte"),
            (r"\y", "not an escape"),
            ("a{1001}", "1000"),
            ("[a", "not closed"),
            ("(?i", "not closed"),
            (r"a\", "backslash"),
            ("[z-a]", "ends before"),
            (r"\x{110000}", "no character"),
        ] {
            let error = translate(pattern).unwrap_err();
            assert!(error.contains(why), "{pattern}: {error}");
        }
    }
}
