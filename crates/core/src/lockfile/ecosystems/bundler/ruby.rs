//! The literal part of Ruby: enough of it to read a Gemfile and a gemspec that compute nothing. Whatever is more than that
//! is kept apart as dynamic, so that nobody takes it for read.

use std::ops::Range;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Token {
    Word(String),
    Text(String),
    /// A text, a regular expression or a command that is computed.
    Dynamic,
    Symbol(String),
    /// `key:`.
    Label(String),
    Mark(char),
    /// `=>`.
    Arrow,
}

/// Tokens up to the end of a line that ends a statement.
pub(super) struct Statement {
    pub(super) tokens: Vec<Token>,
    pub(super) span: Range<usize>,
}

/// An argument.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Value {
    Text(String),
    Symbol(String),
    /// `true`, `false`, `nil`, a number.
    Word(String),
    List(Vec<Value>),
    Dynamic,
}

impl Value {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A text, or a list of texts.
    pub(super) fn texts(&self) -> Option<Vec<String>> {
        match self {
            Self::Text(text) => Some(vec![text.clone()]),
            Self::List(items) => items.iter().map(|item| item.text().map(str::to_owned)).collect(),
            _ => None,
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    start: usize,
    depth: usize,
    heredocs: Vec<String>,
    statements: Vec<Statement>,
}

/// The statements of a text; `None`: something is left open, so nothing of it is known.
pub(super) fn statements(text: &str) -> Option<Vec<Statement>> {
    let text = text.split("\n__END__").next().unwrap_or_default();
    let mut lexer = Lexer {
        text,
        at: 0,
        tokens: Vec::new(),
        start: 0,
        depth: 0,
        heredocs: Vec::new(),
        statements: Vec::new(),
    };
    while lexer.at < text.len() {
        lexer.step()?;
    }
    lexer.finish();
    (lexer.depth == 0 && lexer.heredocs.is_empty()).then_some(lexer.statements)
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn finish(&mut self) {
        if !self.tokens.is_empty() {
            let (tokens, span) = (std::mem::take(&mut self.tokens), self.start..self.at);
            self.statements.push(Statement { tokens, span });
        }
    }

    fn push(&mut self, token: Token, length: usize) {
        if self.tokens.is_empty() {
            self.start = self.at;
        }
        self.tokens.push(token);
        self.at += length;
    }

    /// Whether a value may begin here, so that `/` opens a regular expression.
    fn is_before_value(&self) -> bool {
        match self.tokens.last() {
            None | Some(Token::Arrow | Token::Label(_)) => true,
            Some(Token::Mark(mark)) => !matches!(mark, ')' | ']' | '}'),
            Some(Token::Word(word)) => {
                matches!(word.as_str(), "if" | "unless" | "when" | "and" | "or" | "not" | "grep")
            }
            _ => false,
        }
    }

    fn step(&mut self) -> Option<()> {
        let rest = self.rest();
        let first = rest.chars().next()?;
        let is_line_start =
            self.text.get(..self.at).is_none_or(|before| before.is_empty() || before.ends_with('\n'));
        if let Some(more) = rest.strip_prefix("=begin").filter(|_| is_line_start) {
            self.at += "=begin".len() + more.find("\n=end")? + "\n=end".len();
            return Some(());
        }
        match first {
            '\n' => self.line_end()?,
            '\\' if rest.starts_with("\\\n") => self.at += 2,
            ';' => {
                self.finish();
                self.at += 1;
            }
            '#' => self.at += rest.find('\n').unwrap_or(rest.len()),
            '\'' | '"' | '`' => self.quoted(first, first, 1)?,
            '%' if self.is_before_value() || self.opens_percent() => self.percent()?,
            '/' if self.is_before_value() => {
                self.quoted('/', '/', 1)?;
                if let Some(last) = self.tokens.last_mut() {
                    *last = Token::Dynamic;
                }
            }
            '<' if rest.starts_with("<<") => self.heredoc(),
            '=' if rest.starts_with("=>") => self.push(Token::Arrow, 2),
            ':' if rest.starts_with("::") => self.push(Token::Mark(':'), 2),
            ':' if rest.starts_with(":\"") => {
                self.at += 1;
                self.quoted('"', '"', 1)?;
            }
            ':' => {
                let length = word_length(rest.get(1..)?);
                let name = rest.get(1..1 + length)?.to_owned();
                if name.is_empty() {
                    self.push(Token::Mark(':'), 1);
                } else {
                    self.push(Token::Symbol(name), 1 + length);
                }
            }
            _ if first.is_alphanumeric() || first == '_' || first == '@' || first == '$' => self.word()?,
            _ if first.is_whitespace() => self.at += first.len_utf8(),
            _ => {
                match first {
                    '(' | '[' | '{' => self.depth += 1,
                    ')' | ']' | '}' => self.depth = self.depth.checked_sub(1)?,
                    _ => {}
                }
                self.push(Token::Mark(first), first.len_utf8());
            }
        }
        Some(())
    }

    fn line_end(&mut self) -> Option<()> {
        let is_open = match self.tokens.last() {
            Some(Token::Arrow) => true,
            Some(Token::Mark(mark)) => matches!(mark, ',' | '.' | '&' | '=' | '+'),
            Some(Token::Label(_)) => true,
            _ => false,
        };
        // A call goes on in the next line where that begins with a point.
        let next = self.rest().trim_start();
        let goes_on = next.starts_with('.') && !next.starts_with("..");
        if self.depth == 0 && !is_open && !goes_on {
            self.finish();
        }
        self.at += 1;
        for end in std::mem::take(&mut self.heredocs) {
            loop {
                if self.at >= self.text.len() {
                    return None;
                }
                let line = self.rest().split_inclusive('\n').next()?;
                let is_end = line.trim() == end;
                self.at += line.len();
                if is_end {
                    break;
                }
            }
        }
        Some(())
    }

    fn word(&mut self) -> Option<()> {
        let rest = self.rest();
        let mut length = word_length(rest);
        if length == 0 {
            length = rest.chars().next()?.len_utf8();
        }
        // Numbers with a point are one word.
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            length =
                rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_')).count();
        }
        let word = rest.get(..length)?.to_owned();
        let after = rest.get(length..)?;
        if after.starts_with(':') && !after.starts_with("::") {
            self.push(Token::Label(word), length + 1);
        } else {
            self.push(Token::Word(word), length);
        }
        Some(())
    }

    fn quoted(&mut self, open: char, close: char, skip: usize) -> Option<()> {
        let rest = self.rest();
        let is_plain = open == '\'';
        let mut value = String::new();
        let mut is_dynamic = matches!(open, '`' | '/');
        let mut depth = 1;
        let mut characters = rest.get(skip..)?.char_indices();
        while let Some((at, character)) = characters.next() {
            if character == '\\' {
                let (_, next) = characters.next()?;
                if !is_plain && !matches!(next, '"' | '\\' | '/') {
                    is_dynamic = true;
                }
                value.push(next);
                continue;
            }
            depth -= usize::from(character == close);
            depth += usize::from(character == open && open != close);
            if depth == 0 {
                let length = skip + at + character.len_utf8();
                let is_label = rest.get(length..)?.starts_with(':') && !rest.get(length..)?.starts_with("::");
                let token = match (is_dynamic, is_label && matches!(open, '"' | '\'')) {
                    (true, _) => Token::Dynamic,
                    (_, true) => Token::Label(value),
                    _ => Token::Text(value),
                };
                let length = length + usize::from(matches!(token, Token::Label(_)));
                self.push(token, length);
                return Some(());
            }
            is_dynamic |= !is_plain && character == '#' && rest.get(skip + at + 1..)?.starts_with('{');
            value.push(character);
        }
        None
    }

    fn opens_percent(&self) -> bool {
        let mut characters = self.rest().chars().skip(1);
        matches!(characters.next(), Some('w' | 'W' | 'i' | 'I' | 'q' | 'Q' | 'r' | 'x'))
            && characters.next().is_some_and(|mark| "([{<|!/".contains(mark))
    }

    /// `%w[a b]` and the like.
    fn percent(&mut self) -> Option<()> {
        let rest = self.rest();
        let kind = rest.chars().nth(1)?;
        if !self.opens_percent() {
            self.push(Token::Mark('%'), 1);
            return Some(());
        }
        let open = rest.chars().nth(2)?;
        let close = match open {
            '(' => ')',
            '[' => ']',
            '{' => '}',
            '<' => '>',
            other => other,
        };
        self.quoted(open, close, 2 + open.len_utf8())?;
        let token = self.tokens.pop()?;
        match (kind, token) {
            ('w' | 'W' | 'i' | 'I', Token::Text(words)) => {
                self.tokens.push(Token::Mark('['));
                for word in words.split_whitespace() {
                    let word = word.to_owned();
                    let is_symbol = matches!(kind, 'i' | 'I');
                    self.tokens.push(if is_symbol { Token::Symbol(word) } else { Token::Text(word) });
                    self.tokens.push(Token::Mark(','));
                }
                self.tokens.push(Token::Mark(']'));
            }
            ('q' | 'Q', token) => self.tokens.push(token),
            _ => self.tokens.push(Token::Dynamic),
        }
        Some(())
    }

    fn heredoc(&mut self) {
        let rest = self.rest();
        let name = rest.get(2..).unwrap_or_default().trim_start_matches(['~', '-']);
        let name = name.trim_start_matches(['"', '\'']);
        let length = word_length(name);
        let id = name.get(..length).unwrap_or_default().to_owned();
        if id.starts_with(|c: char| c.is_ascii_uppercase()) {
            let skipped = rest.len() - name.len() + length;
            let quote = usize::from(name.get(length..).is_some_and(|rest| rest.starts_with(['"', '\''])));
            self.heredocs.push(id);
            self.push(Token::Dynamic, skipped + quote);
        } else {
            self.push(Token::Mark('<'), 2);
        }
    }
}

fn word_length(text: &str) -> usize {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '@' | '$');
    let length: usize = text.chars().take_while(|c| is_part(*c)).map(char::len_utf8).sum();
    let is_asked = text
        .get(length..)
        .is_some_and(|rest| rest.starts_with(['?', '!']) && !rest.starts_with("!=") && length > 0);
    length + usize::from(is_asked)
}

/// The arguments of a call, those by position and those by name, without its parentheses and its block.
pub(super) fn arguments(tokens: &[Token]) -> (Vec<Value>, Vec<(String, Value)>) {
    let end = tokens.iter().position(|token| *token == Token::Word("do".to_owned())).unwrap_or(tokens.len());
    let mut tokens = tokens.get(..end).unwrap_or_default();
    if let [Token::Mark('('), inner @ .., Token::Mark(')')] = tokens {
        tokens = inner;
    }
    let (mut values, mut options) = (Vec::new(), Vec::new());
    for part in parts(tokens) {
        match part {
            [Token::Label(key), value @ ..] => options.push((key.clone(), value_of(value, 0))),
            [Token::Symbol(key) | Token::Text(key), Token::Arrow, value @ ..] => {
                options.push((key.clone(), value_of(value, 0)));
            }
            [] => {}
            value => values.push(value_of(value, 0)),
        }
    }
    (values, options)
}

/// What commas part that stand in no brackets.
fn parts(tokens: &[Token]) -> Vec<&[Token]> {
    let mut found = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark('(' | '[' | '{') => depth += 1,
            Token::Mark(')' | ']' | '}') => depth = depth.saturating_sub(1),
            Token::Mark(',') if depth == 0 => {
                found.extend(tokens.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    found.extend(tokens.get(start..));
    found
}

fn value_of(tokens: &[Token], depth: usize) -> Value {
    match tokens {
        [Token::Text(text)] => Value::Text(text.clone()),
        [Token::Text(text), Token::Mark('.'), Token::Word(word)] if word == "freeze" => {
            Value::Text(text.clone())
        }
        [Token::Symbol(name)] => Value::Symbol(name.clone()),
        [Token::Word(word)] if is_constant(word) => Value::Word(word.clone()),
        [Token::Mark('['), inner @ .., Token::Mark(']')] if depth < 4 => {
            let items = parts(inner).into_iter().filter(|part| !part.is_empty());
            Value::List(items.map(|part| value_of(part, depth + 1)).collect())
        }
        _ => Value::Dynamic,
    }
}

fn is_constant(word: &str) -> bool {
    matches!(word, "true" | "false" | "nil") || word.starts_with(|c: char| c.is_ascii_digit())
}
