//! Templates for names: `feature/{ticket}-{slug}` reads like the names it allows, and a mistake in one is
//! found when the policy is read, not when a branch is refused.

use crate::policy::{DEFAULT_TICKET, without_anchors};
use regex::Regex;
use std::fmt;

const NUMBER: &str = "(?:0|[1-9][0-9]*)";
const PRE_RELEASE: &str = r"(?:-[0-9A-Za-z]+(?:[.-][0-9A-Za-z]+)*)?";

/// The words in braces, what each stands for, and an example.
const PLACEHOLDERS: &[(&str, &str)] = &[
    ("ticket", "ABC-123"),
    ("slug", "short-description"),
    ("major", "1"),
    ("minor", "4"),
    ("patch", "2"),
    ("semver", "1.4.2"),
    ("version", "1.4"),
    ("yyyy", "2026"),
    ("yy", "26"),
    ("0y", "06"),
    ("mm", "2"),
    ("0m", "02"),
    ("ww", "7"),
    ("0w", "07"),
    ("dd", "9"),
    ("0d", "09"),
    ("micro", "0"),
    ("any", "anything"),
];

/// A compiled template.
#[derive(Clone)]
pub struct Template {
    source: String,
    pattern: Regex,
    example: Option<String>,
}

impl Template {
    /// Compiles a template, or a regular expression between slashes. `ticket` is the policy's pattern for
    /// tickets; `None`: [`DEFAULT_TICKET`].
    ///
    /// # Errors
    ///
    /// What is wrong with it: an unknown word in braces, a bracket without its partner, a character that no
    /// ref name has, a regular expression that does not compile.
    pub fn new(source: &str, ticket: Option<&str>) -> Result<Self, String> {
        let compile = |pattern: &str| {
            Regex::new(pattern).map_err(|error| {
                let reason = error.to_string();
                format!("`{source}`: {}", reason.lines().last().unwrap_or_default().trim())
            })
        };
        if let Some(inner) = source.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
            if inner.is_empty() {
                return Err(format!("`{source}` is an empty regular expression"));
            }
            return Ok(Self { source: source.to_owned(), pattern: compile(inner)?, example: None });
        }
        let ticket = without_anchors(ticket.unwrap_or(DEFAULT_TICKET));
        let (pattern, example) = translate(source, ticket)?;
        // `^` and `$` would allow a line feed at the end under some flags; these do not.
        Ok(Self {
            source: source.to_owned(),
            pattern: compile(&format!(r"\A(?:{pattern})\z"))?,
            example: Some(example),
        })
    }

    /// Whether a name matches.
    #[must_use]
    pub fn is_match(&self, name: &str) -> bool {
        self.pattern.is_match(name)
    }

    /// The template as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// A name that the template allows; `None` for a regular expression.
    #[must_use]
    pub fn example(&self) -> Option<&str> {
        self.example.as_deref()
    }

    /// Whether it has a part of a calendar version: `{yyyy}`, `{0m}`.
    #[must_use]
    pub fn is_calendar(&self) -> bool {
        ["{yyyy}", "{yy}", "{0y}"].iter().any(|word| self.example.is_some() && self.source.contains(word))
    }

    /// What every name of the template begins with: its text before the first brace or bracket.
    #[must_use]
    pub fn literal_prefix(&self) -> &str {
        if self.example.is_none() {
            return "";
        }
        self.source.split(['{', '[']).next().unwrap_or_default()
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Template({:?})", self.source)
    }
}

/// The template as a regular expression without anchors, and an example.
fn translate(source: &str, ticket: &str) -> Result<(String, String), String> {
    let (mut pattern, mut example) = (String::new(), String::new());
    let mut optional = false;
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = after;
        match c {
            '{' => {
                let Some((word, tail)) = after.split_once('}') else {
                    return Err(format!("`{source}`: `{{` is not closed"));
                };
                let (expression, shown) = placeholder(source, word, ticket)?;
                pattern.push_str(&expression);
                example.push_str(shown);
                rest = tail;
            }
            '[' if !optional => {
                optional = true;
                pattern.push_str("(?:");
            }
            ']' if optional => {
                optional = false;
                pattern.push_str(")?");
            }
            '[' => return Err(format!("`{source}`: an optional part inside another is not possible")),
            ']' | '}' => return Err(format!("`{source}`: `{c}` closes nothing")),
            '*' | '?' => {
                return Err(format!(
                    "`{source}` is a template, not a glob: write {{any}} or {{slug}} for `{c}`"
                ));
            }
            '^' | '$' | '\\' => {
                return Err(format!("`{source}`: write a regular expression between slashes: /^…$/"));
            }
            ' ' | '~' | ':' | '\u{7f}' | '\0'..='\u{1f}' => {
                return Err(format!("`{source}` can match nothing: no ref name has {c:?}"));
            }
            c => {
                pattern.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
                example.push(c);
            }
        }
    }
    if optional {
        return Err(format!("`{source}`: `[` is not closed"));
    }
    match impossible(&example) {
        Some(why) => Err(format!("`{source}` can match nothing: {why}")),
        None => Ok((pattern, example)),
    }
}

fn placeholder(source: &str, word: &str, ticket: &str) -> Result<(String, &'static str), String> {
    let expression = match word {
        "ticket" => format!("(?:{ticket})"),
        "slug" => "[a-z0-9]+(?:-[a-z0-9]+)*".to_owned(),
        "major" | "minor" | "patch" | "micro" => NUMBER.to_owned(),
        // The parts of calendar versions by the names of <https://calver.org>, in small letters: a 0 says that the part is
        // padded to two digits. Years of two digits count from 2000 and may pass 99.
        "yyyy" => "[1-9][0-9]{3}".to_owned(),
        "yy" => "(?:[1-9][0-9]{1,2}|[0-9])".to_owned(),
        "0y" => "(?:[1-9][0-9]{2}|[0-9]{2})".to_owned(),
        "mm" => "(?:1[0-2]|[1-9])".to_owned(),
        "0m" => "(?:0[1-9]|1[0-2])".to_owned(),
        "ww" => "(?:[1-4][0-9]|5[0-3]|[1-9])".to_owned(),
        "0w" => "(?:0[1-9]|[1-4][0-9]|5[0-3])".to_owned(),
        "dd" => "(?:[12][0-9]|3[01]|[1-9])".to_owned(),
        "0d" => "(?:0[1-9]|[12][0-9]|3[01])".to_owned(),
        "semver" => format!(r"{NUMBER}\.{NUMBER}\.{NUMBER}{PRE_RELEASE}"),
        "version" => format!(r"[0-9]+(?:\.[0-9]+)*{PRE_RELEASE}"),
        "any" => ".+".to_owned(),
        _ => {
            let words: Vec<String> = PLACEHOLDERS.iter().map(|(word, _)| format!("{{{word}}}")).collect();
            return Err(format!("`{source}`: `{{{word}}}` is unknown; there are {}", words.join(", ")));
        }
    };
    let example = PLACEHOLDERS.iter().find(|(name, _)| *name == word).map_or("", |(_, example)| example);
    Ok((expression, example))
}

/// Why Git has no branch of this name (git-check-ref-format(1)).
fn impossible(name: &str) -> Option<&'static str> {
    let parts = || name.split('/');
    if name.is_empty() {
        Some("it is empty")
    } else if parts().any(str::is_empty) {
        Some("a ref name does not begin or end with `/` or have two in a row")
    } else if parts().any(|part| part.starts_with('.') || part.ends_with(".lock")) {
        Some("no part of a ref name begins with `.` or ends with `.lock`")
    } else if name.contains("..") || name.contains("@{") || name.ends_with('.') || name.starts_with('-') {
        Some("a ref name has no `..` and no `@{`, and does not begin with `-` or end with `.`")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_match_the_whole_name() {
        for (template, ticket, name, matches) in [
            ("feature/{ticket}-{slug}", None, "feature/ABC-1-add-x", true),
            ("feature/{ticket}-{slug}", None, "feature/ABC-1", false),
            ("feature/{ticket}[-{slug}]", None, "feature/ABC-1", true),
            ("feature/{ticket}[-{slug}]", None, "feature/ABC-1-add-x\n", false),
            ("feature/{ticket}[-{slug}]", None, "my/feature/ABC-1", false),
            ("feature/{ticket}", Some("^[0-9]+$"), "feature/4711", true),
            ("feature/{ticket}", Some("INC[0-9]+|[0-9]+"), "feature/4711x", false),
            ("release/{major}.{minor}", None, "release/01.2", false),
            ("release/{semver}", None, "release/1.2.3-rc.1", true),
            ("release/{semver}", None, "release/1.2", false),
            ("release/{version}", None, "release/2026.02", true),
            ("v{yyyy}.{0m}.{micro}", None, "v2026.02.0", true),
            ("v{yyyy}.{0m}.{micro}", None, "v2026.2.0", false),
            ("v{yyyy}.{0m}.{micro}", None, "v2026.13.0", false),
            ("v{yyyy}.{0m}.{micro}", None, "v2026.02.01", false),
            ("v{yyyy}.{0m}.{0d}[-{micro}]", None, "v2026.02.28", true),
            ("v{yyyy}.{0m}.{0d}[-{micro}]", None, "v2026.02.28-1", true),
            ("v{yyyy}.{0m}.{0d}[-{micro}]", None, "v2026.02.32", false),
            ("{yy}.{mm}", None, "6.12", true),
            ("{yy}.{mm}", None, "26.4", true),
            ("{yy}.{mm}", None, "26.04", false),
            ("{0y}.{0m}", None, "06.04", true),
            ("{yyyy}w{0w}", None, "2026w07", true),
            ("{yyyy}w{ww}", None, "2026w54", false),
            ("{yyyy}-{mm}-{dd}", None, "2026-2-9", true),
            ("user/{any}", None, "user/a/b c", true),
            ("a.b", None, "axb", false),
            ("/^team-[a-z]+$/", None, "team-x", true),
            ("/^team-[a-z]+$/", None, "team-1", false),
        ] {
            let template = Template::new(template, ticket).unwrap();
            assert_eq!(template.is_match(name), matches, "{template:?} {name:?}");
        }
    }

    #[test]
    fn every_example_matches_its_own_template() {
        for source in [
            "main",
            "feature/{ticket}[-{slug}]",
            "x/{semver}-{ticket}",
            "{version}/{any}",
            "r/{major}.{minor}.{patch}",
            "{yyyy}.{yy}.{0y}-{mm}.{0m}-{ww}.{0w}-{dd}.{0d}.{micro}",
        ] {
            let template = Template::new(source, None).unwrap();
            assert!(template.is_match(template.example().unwrap()), "{source}");
        }
    }

    #[test]
    fn impossible_templates_say_why() {
        for (source, why) in [
            ("", "it is empty"),
            ("feature/*", "write {any}"),
            ("feature/{tiket}", "`{tiket}` is unknown"),
            ("feature/{ticket", "is not closed"),
            ("feature/ticket}", "closes nothing"),
            ("a[b", "is not closed"),
            ("a[b[c]]", "inside another"),
            ("^feature$", "between slashes"),
            ("feature x", "no ref name has ' '"),
            ("feature/", "end with `/`"),
            ("a..b", "no `..`"),
            ("x.lock", ".lock"),
            ("/(/", "unclosed group"),
            ("//", "empty regular expression"),
        ] {
            let error = Template::new(source, None).unwrap_err();
            assert!(error.contains(why), "{source}: {error}");
        }
        assert!(Template::new("x/{ticket}", Some("(")).is_err());
    }
}
