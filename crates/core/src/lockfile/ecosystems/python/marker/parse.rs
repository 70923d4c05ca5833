//! Markers as they are written (PEP 508).

use super::super::normal;
use super::{Compare, Marker, Name};
use pep440_rs::Operator;
use std::str::FromStr;

/// Most parts of a marker.
const MOST_PARTS: usize = 64;

/// Deepest parentheses of a marker.
const DEEPEST: usize = 16;

/// How strings of the environment are called, and by which name they are known.
const TEXTS: &[(&str, &str)] = &[
    ("os_name", "os_name"),
    ("os.name", "os_name"),
    ("sys_platform", "sys_platform"),
    ("sys.platform", "sys_platform"),
    ("platform_machine", "platform_machine"),
    ("platform.machine", "platform_machine"),
    ("platform_python_implementation", "platform_python_implementation"),
    ("platform.python_implementation", "platform_python_implementation"),
    ("python_implementation", "platform_python_implementation"),
    ("platform_system", "platform_system"),
    ("platform_release", "platform_release"),
    ("platform_version", "platform_version"),
    ("implementation_name", "implementation_name"),
];

/// Reads a marker that is not empty.
pub(super) fn marker(text: &str) -> Option<Marker> {
    let tokens = tokens(text)?;
    let mut reader = Reader { tokens: &tokens, at: 0 };
    let marker = reader.any(0)?;
    (reader.at == tokens.len()).then_some(marker)
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Operator(Compare),
    Name(Name),
    Value(String),
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if tokens.len() > MOST_PARTS * 8 {
            return None;
        }
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '\'' | '"' => {
                let inner = rest.get(1..)?;
                let end = inner.find(first)?;
                (Token::Value(inner.get(..end)?.to_owned()), end + 2)
            }
            '<' | '>' | '=' | '!' | '~' => {
                let end = rest.find(|c| !matches!(c, '<' | '>' | '=' | '!' | '~')).unwrap_or(rest.len());
                let operator = Operator::from_str(rest.get(..end)?).ok()?;
                (Token::Operator(Compare::Version(operator)), end)
            }
            _ => {
                let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
                let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                (word(rest.get(..end)?, tokens.last())?, end)
            }
        };
        if tokens.last() == Some(&Token::Operator(Compare::NotIn)) && token == Token::Operator(Compare::In) {
            tokens.pop();
            tokens.push(Token::Operator(Compare::NotIn));
        } else {
            tokens.push(token);
        }
        rest = rest.get(length..)?.trim_start();
    }
    Some(tokens)
}

fn word(word: &str, before: Option<&Token>) -> Option<Token> {
    Some(match word {
        "and" => Token::And,
        "or" => Token::Or,
        // The `in` that follows it makes one operator of the two.
        "not" if before.is_some() => Token::Operator(Compare::NotIn),
        "in" => Token::Operator(Compare::In),
        "python_version" => Token::Name(Name::Python),
        "python_full_version" => Token::Name(Name::PythonFull),
        "extra" => Token::Name(Name::Extra),
        _ => Token::Name(Name::Text(TEXTS.iter().find(|(name, _)| *name == word)?.1)),
    })
}

struct Reader<'t> {
    tokens: &'t [Token],
    at: usize,
}

impl Reader<'_> {
    fn take(&mut self) -> Option<&Token> {
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        Some(token)
    }

    fn is_next(&mut self, token: &Token) -> bool {
        let is_next = self.tokens.get(self.at) == Some(token);
        self.at += usize::from(is_next);
        is_next
    }

    fn any(&mut self, depth: usize) -> Option<Marker> {
        if depth > DEEPEST {
            return None;
        }
        let mut parts = vec![self.all(depth)?];
        while self.is_next(&Token::Or) {
            parts.push(self.all(depth)?);
        }
        Some(if parts.len() == 1 { parts.pop()? } else { Marker::Any(parts) })
    }

    fn all(&mut self, depth: usize) -> Option<Marker> {
        let mut parts = vec![self.one(depth)?];
        while self.is_next(&Token::And) {
            parts.push(self.one(depth)?);
        }
        Some(if parts.len() == 1 { parts.pop()? } else { Marker::All(parts) })
    }

    fn one(&mut self, depth: usize) -> Option<Marker> {
        if self.is_next(&Token::Open) {
            let marker = self.any(depth + 1)?;
            return self.is_next(&Token::Close).then_some(marker);
        }
        let left = self.take()?.clone();
        let Token::Operator(operator) = *self.take()? else { return None };
        let right = self.take()?.clone();
        let (name, value, is_reversed) = match (left, right) {
            (Token::Name(name), Token::Value(value)) => (name, value, false),
            (Token::Value(value), Token::Name(name)) => (name, value, true),
            _ => return None,
        };
        let value = if name == Name::Extra { normal(&value) } else { value };
        let operator = if is_reversed { turned(operator)? } else { operator };
        Some(Marker::Compare { name, operator, value, is_reversed })
    }
}

/// The operator of a comparison whose sides are changed over.
fn turned(operator: Compare) -> Option<Compare> {
    Some(match operator {
        Compare::Version(operator) => Compare::Version(match operator {
            Operator::LessThan => Operator::GreaterThan,
            Operator::LessThanEqual => Operator::GreaterThanEqual,
            Operator::GreaterThan => Operator::LessThan,
            Operator::GreaterThanEqual => Operator::LessThanEqual,
            Operator::Equal | Operator::NotEqual => operator,
            _ => return None,
        }),
        inside => inside,
    })
}
