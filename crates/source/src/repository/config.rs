//! Configuration that Git takes from the environment, and who the author of a commit in the making is.
//!
//! `git -c key=value` reaches hooks through `GIT_CONFIG_PARAMETERS`, scripts set `GIT_CONFIG_COUNT`. libgit2 knows
//! neither. Formats: `git-config`(1), ENVIRONMENT, and `parse_config_env_list` in Git's `config.c`.

use super::object::parse_date;
use crate::{Error, ErrorKind};
use gatepost_core::Identity;

/// One setting: the normalised key, and the value; a key without `=` counts as `true`.
pub(crate) type Setting = (String, String);

/// The settings of the environment, the strongest last.
pub(crate) fn from_environment() -> Result<Vec<Setting>, Error> {
    settings(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
}

fn settings(var: impl Fn(&str) -> Option<String>) -> Result<Vec<Setting>, Error> {
    let mut found = Vec::new();
    if let Some(count) = var("GIT_CONFIG_COUNT").filter(|count| !count.is_empty()) {
        let count: u16 = count.parse().map_err(|_| broken("GIT_CONFIG_COUNT", "is not a number"))?;
        for n in 0..count {
            let need = |name: String| var(&name).ok_or_else(|| broken(&name, "is not set"));
            let key = need(format!("GIT_CONFIG_KEY_{n}"))?;
            found.push((normalised(&key), need(format!("GIT_CONFIG_VALUE_{n}"))?));
        }
    }
    if let Some(parameters) = var("GIT_CONFIG_PARAMETERS") {
        let parsed = parse_parameters(&parameters);
        found.extend(parsed.ok_or_else(|| broken("GIT_CONFIG_PARAMETERS", "is malformed"))?);
    }
    Ok(found)
}

fn broken(name: &str, what: &str) -> Error {
    Error::new(
        ErrorKind::Unreadable,
        format!("the environment variable {name} {what}"),
        format!("unset {name}, or set it as git-config(1) says"),
    )
}

/// `'key'='value' 'key'= 'key=value' 'key'`: the second form and the last are keys without a value.
fn parse_parameters(text: &str) -> Option<Vec<Setting>> {
    let mut found = Vec::new();
    let mut rest = text.trim_ascii();
    while !rest.is_empty() {
        let (word, after) = dequote(rest)?;
        rest = after;
        let (key, value) = match rest.strip_prefix('=') {
            None => match word.split_once('=') {
                Some((key, value)) => (key.to_owned(), value.to_owned()),
                None => (word, "true".to_owned()),
            },
            Some(quoted) if quoted.starts_with('\'') => {
                let (value, after) = dequote(quoted)?;
                rest = after;
                (word, value)
            }
            Some(after) => {
                rest = after;
                (word, "true".to_owned())
            }
        };
        if !rest.is_empty() && !rest.starts_with(|c: char| c.is_ascii_whitespace()) {
            return None;
        }
        rest = rest.trim_ascii_start();
        found.push((normalised(&key), value));
    }
    Some(found)
}

/// A word in single quotes, in which `'\''` and `'\!'` stand for a quote and an exclamation mark
/// (`sq_dequote_step` in Git's `quote.c`).
fn dequote(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('\'')?;
    let mut word = String::new();
    loop {
        let (part, after) = rest.split_once('\'')?;
        word.push_str(part);
        let escaped = ["\\'", "\\!"].into_iter().find(|escape| after.starts_with(escape));
        match escaped.and_then(|escape| after.strip_prefix(escape)).and_then(|more| more.strip_prefix('\'')) {
            Some(more) => {
                word.push(if after.starts_with("\\!") { '!' } else { '\'' });
                rest = more;
            }
            None => return Some((word, after)),
        }
    }
}

/// `Section.Sub.Key` with section and key in lower case, as Git compares them.
pub(crate) fn normalised(key: &str) -> String {
    let Some((section, rest)) = key.split_once('.') else { return key.to_ascii_lowercase() };
    let section = section.to_ascii_lowercase();
    match rest.rsplit_once('.') {
        Some((middle, last)) => format!("{section}.{middle}.{}", last.to_ascii_lowercase()),
        None => format!("{section}.{}", rest.to_ascii_lowercase()),
    }
}

/// The last setting of `key`, which must be normalised.
pub(crate) fn last<'a>(settings: &'a [Setting], key: &str) -> Option<&'a str> {
    settings.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
}

/// Whether a value of the configuration means yes (`git_parse_maybe_bool` in Git's `parse.c`).
pub(crate) fn is_true(value: &str) -> bool {
    ["true", "yes", "on"].iter().any(|word| word.eq_ignore_ascii_case(value))
        || value.parse::<i64>().is_ok_and(|number| number != 0)
}

/// Whether a setting makes the repository a partial clone.
pub(crate) fn is_promisor(key: &str, value: &str) -> bool {
    let remote = |end| key.starts_with("remote.") && key.ends_with(end);
    (remote(".promisor") && is_true(value))
        || (remote(".partialclonefilter") && !value.is_empty())
        || key == "extensions.partialclone"
}

/// The author of a commit that would be made now (`fmt_ident` in Git's `ident.c`), as far as somebody said who it is:
/// nothing is made up from the machine's names.
pub(crate) fn author(config: impl Fn(&str) -> Option<String>) -> Option<Identity> {
    author_from(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()), config)
}

fn author_from(
    var: impl Fn(&str) -> Option<String>,
    config: impl Fn(&str) -> Option<String>,
) -> Option<Identity> {
    let first = |variables: &[&str], keys: &[&str]| {
        let set = |value: &String| !value.is_empty();
        let from_config = || keys.iter().find_map(|key| config(key).filter(set));
        variables.iter().find_map(|name| var(name).filter(set)).or_else(from_config)
    };
    let name = first(&["GIT_AUTHOR_NAME"], &["author.name", "user.name"]);
    let email = first(&["GIT_AUTHOR_EMAIL"], &["author.email", "user.email"]);
    let email = email.or_else(|| var("EMAIL").filter(|value| !value.is_empty()));
    if name.is_none() && email.is_none() {
        return None;
    }
    let date = var("GIT_AUTHOR_DATE");
    let time = date.as_deref().and_then(|date| parse_date(date.trim_start_matches('@').as_bytes()));
    let bytes = |text: Option<String>| text.unwrap_or_default().into_bytes();
    Some(Identity { name: bytes(name), email: bytes(email), time })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<String> {
        let settings = parse_parameters(text)?;
        Some(settings.into_iter().map(|(key, value)| format!("{key}={value};")).collect())
    }

    #[test]
    fn parameters_of_old_and_new_git() {
        assert_eq!(parse("'core.commentChar'=';'").as_deref(), Some("core.commentchar=;;"));
        assert_eq!(
            parse("'Core.CommentChar=;' 'a.B c.D'='1'").as_deref(),
            Some("core.commentchar=;;a.B c.d=1;")
        );
        assert_eq!(parse("'a.b'= 'c.d'").as_deref(), Some("a.b=true;c.d=true;"));
        assert_eq!(parse(r"'a.b'='it'\''s '\!'='").as_deref(), Some("a.b=it's !=;"));
        assert_eq!(parse("").as_deref(), Some(""));
        for bad in ["a.b=c", "'a.b", "'a.b'x", "'a.b'='c'x", "'a.b'=c"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn counted_settings_are_weaker_than_parameters() {
        let var = |name: &str| {
            let value = match name {
                "GIT_CONFIG_COUNT" => "1",
                "GIT_CONFIG_KEY_0" => "User.Name",
                "GIT_CONFIG_VALUE_0" => "counted",
                "GIT_CONFIG_PARAMETERS" => "'user.name'='parameter'",
                _ => return None,
            };
            Some(value.to_owned())
        };
        assert_eq!(last(&settings(var).unwrap(), "user.name"), Some("parameter"));
        let short = |name: &str| (name == "GIT_CONFIG_COUNT").then(|| "2".to_owned());
        assert_eq!(
            settings(short).unwrap_err().message,
            "the environment variable GIT_CONFIG_KEY_0 is not set"
        );
    }

    #[test]
    fn the_author_comes_from_the_environment_first() {
        let config = |key: &str| (key == "user.name").then(|| "Configured".to_owned());
        let nothing = |_: &str| None;
        assert_eq!(author_from(nothing, nothing), None);
        assert_eq!(author_from(nothing, config).unwrap().name, b"Configured");
        let var = |name: &str| match name {
            "GIT_AUTHOR_NAME" => Some("Given".to_owned()),
            "GIT_AUTHOR_DATE" => Some("@1700000000 +0100".to_owned()),
            _ => None,
        };
        let author = author_from(var, config).unwrap();
        assert_eq!(author.name, b"Given");
        assert_eq!(author.time.map(|time| (time.seconds, time.offset_minutes)), Some((1_700_000_000, 60)));
    }
}
