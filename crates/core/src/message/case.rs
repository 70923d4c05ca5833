//! The case of a scope or a description, by the names and the meaning that commitlint gave them, since that is where
//! most configurations come from.
//!
//! Source: `@commitlint/ensure` 20 (`case.js`, `to-case.js`). A text has a case when it is what that case would make of it;
//! what stands in quotes or backticks is left out first, since it may be a name.

use serde::Deserialize;

/// A case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Case {
    /// `like this one`: no capitals.
    LowerCase,
    /// `LIKE THIS ONE`.
    UpperCase,
    /// `likeThisOne`.
    CamelCase,
    /// `like-this-one`.
    KebabCase,
    /// `LikeThisOne`.
    PascalCase,
    /// `Like this one`, or `Like This`: an initial capital, whatever follows.
    SentenceCase,
    /// `like_this_one`.
    SnakeCase,
    /// `Like This One`.
    StartCase,
}

/// The cases, as policies write them.
pub(super) const WORDS: &[&str] = &[
    "lower-case",
    "upper-case",
    "camel-case",
    "kebab-case",
    "pascal-case",
    "sentence-case",
    "snake-case",
    "start-case",
];

impl Case {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LowerCase => "lower-case",
            Self::UpperCase => "upper-case",
            Self::CamelCase => "camel-case",
            Self::KebabCase => "kebab-case",
            Self::PascalCase => "pascal-case",
            Self::SentenceCase => "sentence-case",
            Self::SnakeCase => "snake-case",
            Self::StartCase => "start-case",
        }
    }

    /// Whether `text` has this case. A text of which the case makes nothing, or something that begins with a digit, has
    /// every case.
    #[must_use]
    pub fn is_of(self, text: &str) -> bool {
        let bare = unquoted(text);
        let bare = bare.trim();
        let made = self.apply(bare);
        made.is_empty() || made.starts_with(|c: char| c.is_ascii_digit()) || made == bare
    }

    /// The text in this case.
    #[must_use]
    pub fn apply(self, text: &str) -> String {
        let joined = |between: &str| {
            words(text).iter().map(|word| word.to_lowercase()).collect::<Vec<_>>().join(between)
        };
        match self {
            Self::LowerCase => text.to_lowercase(),
            Self::UpperCase => text.to_uppercase(),
            Self::SentenceCase => capitalised(text),
            Self::KebabCase => joined("-"),
            Self::SnakeCase => joined("_"),
            Self::CamelCase => camel(text),
            Self::PascalCase => capitalised(&camel(text)),
            Self::StartCase => words(text).iter().map(|word| capitalised(word)).collect::<Vec<_>>().join(" "),
        }
    }
}

/// The text without what stands between two quotes of a kind in one line.
fn unquoted(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(open) = rest.find(['`', '"', '\'']) {
        let (before, quoted) = rest.split_at(open);
        let mut after = quoted.chars();
        let quote = after.next().unwrap_or('"');
        let line = after.as_str().split('\n').next().unwrap_or_default();
        out.push_str(before);
        match line.find(quote).and_then(|end| after.as_str().get(end + 1..)) {
            Some(behind) => rest = behind,
            None => {
                out.push(quote);
                rest = after.as_str();
            }
        }
    }
    out.push_str(rest);
    out
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn camel(text: &str) -> String {
    let mut out = String::new();
    for word in words(text) {
        let lower = word.to_lowercase();
        out.push_str(&if out.is_empty() { lower } else { capitalised(&lower) });
    }
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Upper,
    Lower,
    Digit,
    Letter,
    Other,
}

fn kind(c: char) -> Kind {
    match c {
        c if c.is_ascii_digit() => Kind::Digit,
        c if c.is_uppercase() => Kind::Upper,
        c if c.is_lowercase() => Kind::Lower,
        c if c.is_alphabetic() => Kind::Letter,
        _ => Kind::Other,
    }
}

/// The words of a text: `HTTPRequest2 of` is `HTTP`, `Request`, `2`, `of`. An apostrophe does not part a word.
fn words(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().filter(|c| !matches!(c, '\'' | '\u{2019}')).collect();
    let mut found: Vec<String> = Vec::new();
    let mut before = Kind::Other;
    for (index, &letter) in letters.iter().enumerate() {
        let (now, next) = (kind(letter), letters.get(index + 1).map_or(Kind::Other, |c| kind(*c)));
        let goes_on = match (before, now) {
            (_, Kind::Other) => {
                before = now;
                continue;
            }
            (Kind::Upper, Kind::Upper) => next != Kind::Lower,
            (Kind::Upper | Kind::Lower, Kind::Lower) => true,
            (before, now) => before == now,
        };
        match found.last_mut().filter(|_| goes_on) {
            Some(word) => word.push(letter),
            None => found.push(letter.to_string()),
        }
        before = now;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_a_case_when_the_case_changes_nothing() {
        for (text, cases) in [
            ("some text", &["lower-case"][..]),
            ("Some text", &["sentence-case"]),
            ("Some Text", &["sentence-case", "start-case"]),
            ("SOME TEXT", &["upper-case", "sentence-case", "start-case"]),
            ("someText", &["camel-case"]),
            ("SomeText", &["pascal-case", "sentence-case"]),
            ("some-text", &["lower-case", "kebab-case"]),
            ("some_text", &["lower-case", "snake-case"]),
            ("text", &["lower-case", "camel-case", "kebab-case", "snake-case"]),
            ("Text", &["pascal-case", "sentence-case", "start-case"]),
            ("API", &["upper-case", "sentence-case", "start-case"]),
            ("use HTTP", &[]),
            ("use `HTTP` for it", &["lower-case"]),
            ("\u{e9}t\u{e9}", &["lower-case", "camel-case", "kebab-case", "snake-case"]),
            ("don't Stop", &[]),
        ] {
            let of: Vec<&str> =
                ALL.iter().filter(|case| case.is_of(text)).map(|case| case.as_str()).collect();
            assert_eq!(of, cases, "{text}");
        }
    }

    #[test]
    fn what_no_case_can_change_has_every_case() {
        for text in ["", "`API`", "\"Foo\" 'Bar'", "404 is found"] {
            assert!(Case::KebabCase.is_of(text) && Case::PascalCase.is_of(text), "{text}");
        }
        assert_eq!(unquoted("a `b` c 'd"), "a  c 'd");
    }

    #[test]
    fn words_are_told_apart_by_case_digits_and_signs() {
        assert_eq!(words("HTTPRequest2 of_the 'x"), ["HTTP", "Request", "2", "of", "the", "x"]);
    }

    const ALL: [Case; 8] = [
        Case::LowerCase,
        Case::UpperCase,
        Case::CamelCase,
        Case::KebabCase,
        Case::PascalCase,
        Case::SentenceCase,
        Case::SnakeCase,
        Case::StartCase,
    ];

    #[test]
    fn the_names_are_those_of_the_policy() {
        assert_eq!(ALL.map(Case::as_str), WORDS);
    }
}
