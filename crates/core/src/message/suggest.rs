//! What was probably meant: the nearest known word, and headers put right.

use super::header::ParseErrorKind;
use crate::text;

/// Words that people write for a type, and the type.
const ALIASES: &[(&str, &str)] = &[
    ("add", "feat"),
    ("added", "feat"),
    ("adds", "feat"),
    ("bug", "fix"),
    ("bugfix", "fix"),
    ("bump", "chore"),
    ("cd", "ci"),
    ("clean", "chore"),
    ("cleanup", "chore"),
    ("correct", "fix"),
    ("dep", "chore"),
    ("deps", "chore"),
    ("doc", "docs"),
    ("document", "docs"),
    ("documentation", "docs"),
    ("enhancement", "feat"),
    ("feature", "feat"),
    ("features", "feat"),
    ("fixed", "fix"),
    ("fixes", "fix"),
    ("hotfix", "fix"),
    ("implement", "feat"),
    ("improvement", "feat"),
    ("introduce", "feat"),
    ("maintenance", "chore"),
    ("new", "feat"),
    ("optimise", "perf"),
    ("optimize", "perf"),
    ("performance", "perf"),
    ("refactoring", "refactor"),
    ("rename", "refactor"),
    ("restructure", "refactor"),
    ("sec", "security"),
    ("support", "feat"),
    ("testing", "test"),
    ("tests", "test"),
    ("update", "chore"),
    ("upgrade", "chore"),
];

/// First words that say what a change does: they are kept in the description.
const VERBS: &[&str] = &[
    "add",
    "added",
    "adds",
    "bump",
    "clean",
    "correct",
    "document",
    "implement",
    "introduce",
    "optimise",
    "optimize",
    "rename",
    "restructure",
    "support",
    "update",
    "upgrade",
];

const TYPES: &[&str] = &[
    "feat", "fix", "docs", "style", "refactor", "perf", "test", "build", "ci", "chore", "revert", "security",
];

/// The word of `known` that `word` was probably meant to be: the same in another case, an alias, or the
/// nearest ([`text::nearest`]).
pub(super) fn nearest<'k>(word: &str, known: &'k [String]) -> Option<&'k str> {
    let lower = word.to_lowercase();
    let find = |wanted: &str| known.iter().find(|k| k.to_lowercase() == wanted).map(String::as_str);
    let alias = || find(ALIASES.iter().find(|(alias, _)| *alias == lower)?.1);
    find(&lower).or_else(alias).or_else(|| text::nearest(word, known.iter().map(String::as_str)))
}

/// A header put right, for an error of `kind`. The caller checks that it follows the grammar.
pub(super) fn header(text: &str, kind: ParseErrorKind) -> Option<String> {
    use ParseErrorKind as Kind;
    match kind {
        Kind::Empty | Kind::EmptyDescription => None,
        Kind::LeadingText => Some(text.trim_start_matches(|c: char| !c.is_alphanumeric()).to_owned()),
        Kind::MissingType => from_prose(text),
        _ => {
            let colon = text.find([':', '：', '﹕', '∶', 'ː']);
            let (prefix, rest) = text.split_at(colon?);
            let description = rest.trim_start_matches([':', '：', '﹕', '∶', 'ː']).trim();
            Some(format!("{}: {description}", prefix_put_right(prefix)?))
        }
    }
}

/// `feat !( api )` as `feat(api)!`; `None` when there is more than one scope to choose from.
fn prefix_put_right(prefix: &str) -> Option<String> {
    let breaking = if prefix.contains('!') { "!" } else { "" };
    let bare: String = prefix.chars().filter(|c| *c != '!').collect();
    let (kind, scope) = match bare.split_once(['(', '[', '{']) {
        Some((kind, scope)) => (kind.trim(), scope.trim().trim_end_matches([')', ']', '}']).trim()),
        None => (bare.trim(), ""),
    };
    if scope.contains(['(', ')', '[', ']', '{', '}']) {
        return None;
    }
    Some(if scope.is_empty() { format!("{kind}{breaking}") } else { format!("{kind}({scope}){breaking}") })
}

/// `Fixed the login` as `fix: the login`: a header from plain words whose first names a type.
fn from_prose(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(title) = text.strip_prefix("Revert \"") {
        return Some(format!("revert: {}", title.trim_end_matches('"')));
    }
    let (first, rest) = text.split_once(char::is_whitespace)?;
    let word = first.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '-' || c == ':');
    if rest.is_empty() {
        return None;
    }
    if TYPES.contains(&word.as_str()) {
        return Some(format!("{word}: {rest}"));
    }
    let kind = ALIASES.iter().find(|(alias, _)| *alias == word)?.1;
    Some(if VERBS.contains(&word.as_str()) {
        format!("{kind}: {word} {rest}")
    } else {
        format!("{kind}: {rest}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_the_one_that_was_meant() {
        let known: Vec<String> = TYPES.iter().map(|&t| t.to_owned()).collect();
        for (word, meant) in [
            ("Feat", Some("feat")),
            ("FEAT", Some("feat")),
            ("feature", Some("feat")),
            ("bugfix", Some("fix")),
            ("doc", Some("docs")),
            ("fxi", Some("fix")),
            ("refacter", Some("refactor")),
            ("tset", Some("test")),
            ("securtiy", Some("security")),
            ("unrelated", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, &known), meant, "{word}");
        }
        assert_eq!(nearest("feature", &["fix".to_owned()]), None);
    }
}
