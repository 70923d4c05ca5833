//! One value against what its key takes. Every error has the offset of what is wrong.

use super::excuse::{entry_of, excuses};
use super::key::{Key, Kind, one_of};
use super::levels::LEVEL_WORDS;
use super::nearest;
use super::own_rules;
use super::source::{Place, Source};
use super::{Origin, PolicyError, Size};
use crate::text::PathGlob;
use crate::{Date, Level, Severity, Stage, Timestamp};
use std::collections::HashSet;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A parsed value with its place in the text.
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

const MOMENT_HELP: &str =
    "write a day, 2027-03-31, or an instant with its offset from UTC, 2027-03-31T18:00:00+01:00";
const DAY_HELP: &str = "write a day as year, month and day, without a time: 2027-03-31";

/// Collects the errors of one layer.
#[derive(Debug)]
pub(super) struct Errors<'a> {
    pub(super) source: Source<'a>,
    list: Vec<(usize, PolicyError)>,
    /// How many are not in the list any more.
    more: usize,
}

impl<'a> Errors<'a> {
    pub(super) fn new(source: Source<'a>) -> Self {
        Self { source, list: Vec::new(), more: 0 }
    }

    /// More than anybody reads; a file that is made of mistakes must not fill the memory.
    const MOST: usize = 100;

    pub(super) fn push(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) {
        self.add(span.start, self.source.error(span.start, message, help));
    }

    /// An error about a place that is known already.
    pub(super) fn push_at(&mut self, place: &Place, message: String, help: String) {
        let offset = self.source.offset(place);
        self.add(offset, place.error(self.source.origin, message, Some(help)));
    }

    fn add(&mut self, offset: usize, error: PolicyError) {
        if self.list.len() < Self::MOST {
            self.list.push((offset, error));
        } else {
            self.more += 1;
        }
    }

    /// The errors from the top of the file to its end.
    pub(super) fn into_sorted(mut self) -> Vec<PolicyError> {
        self.list.sort_by_key(|(offset, _)| *offset);
        let more = (self.more > 0).then(|| {
            let message = format!("and {} more mistakes in this file", self.more);
            Place::default().error(self.source.origin, message, Some("mend those above first".to_owned()))
        });
        self.list.into_iter().map(|(_, error)| error).chain(more).collect()
    }
}

/// Checks a value against its kind and takes it over. `None`: an error was pushed.
pub(super) fn value(
    kind: Kind,
    found: &Value<'_>,
    path: &str,
    errors: &mut Errors<'_>,
) -> Option<toml::Value> {
    let span = found.span();
    match (kind, found.get_ref()) {
        (Kind::Bool, DeValue::Boolean(flag)) => Some(toml::Value::Boolean(*flag)),
        (Kind::Integer { min, max }, DeValue::Integer(number)) => {
            let parsed = i64::from_str_radix(number.as_str(), number.radix()).ok();
            let Some(number) = parsed.filter(|n| (min..=max).contains(n)) else {
                let message = format!("`{path}`: expected {}, found {number}", kind.describe());
                errors.push(span, message, None);
                return None;
            };
            Some(toml::Value::Integer(number))
        }
        (Kind::Size, DeValue::Integer(number)) => {
            let parsed = i64::from_str_radix(number.as_str(), number.radix()).ok();
            let Some(number) = parsed.filter(|n| *n >= 0) else {
                errors.push(span, format!("`{path}`: expected {}, found {number}", kind.describe()), None);
                return None;
            };
            Some(toml::Value::Integer(number))
        }
        (Kind::Levels, DeValue::Table(table)) => levels(table, span, path, true, errors),
        (Kind::ChoiceByStage(words), DeValue::Table(table)) => {
            super::by_stage::table(words, table, span, path, errors)
        }
        (Kind::Date, DeValue::Datetime(moment)) => {
            let only_a_day = moment.time.is_none() && moment.offset.is_none();
            if !only_a_day {
                let message = format!("`{path}`: expected a day, found a time of day as well");
                errors.push(span, message, DAY_HELP.to_owned());
            }
            only_a_day.then(|| toml::Value::String(moment.to_string()))
        }
        (Kind::Moment, DeValue::Datetime(moment)) => {
            let text = moment.to_string();
            let problem = text_problem(kind, &text, path);
            let fine = problem.is_none();
            if let Some((message, help)) = problem {
                errors.push(span, message, help);
            }
            fine.then_some(toml::Value::String(text))
        }
        (Kind::List(item), DeValue::Array(items)) => list(*item, items, path, errors),
        (Kind::Table(keys), DeValue::Table(table)) => Some(table_value(keys, table, path, errors)),
        (Kind::Tables(keys), DeValue::Array(items)) => tables(keys, items, path, errors),
        (Kind::Excuses { subjects, further }, DeValue::Array(items)) => {
            excuses(subjects, further, items, path, errors)
        }
        (Kind::Rules, DeValue::Array(items)) => own_rules::value(items, path, errors),
        (Kind::ChoiceOrList { items, .. }, DeValue::Array(found)) => {
            list(Kind::Choice(items), found, path, errors)
        }
        (_, DeValue::String(text)) if takes_text(kind) => {
            let problem = text_problem(kind, text, path);
            let fine = problem.is_none();
            if let Some((message, help)) = problem {
                errors.push(span, message, help);
            }
            fine.then(|| toml::Value::String(text.to_string()))
        }
        (_, other) => {
            mismatch(kind, other, span, path, errors);
            None
        }
    }
}

/// What is wrong with a key's default.
pub(super) fn default_problems(key: &Key) -> Vec<String> {
    let source = Source { origin: &Origin::BuiltIn, text: key.default };
    let mut errors = Errors::new(source);
    match DeValue::parse(key.default) {
        Ok(found) => {
            value(key.kind, &found, key.name, &mut errors);
        }
        Err(error) => errors.push(0..0, format!("`{}`: {}", key.name, error.message()), None),
    }
    errors.into_sorted().into_iter().map(|error| error.message).collect()
}

const fn takes_text(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Size
            | Kind::Text
            | Kind::Choice(_)
            | Kind::ChoiceByStage(_)
            | Kind::ChoiceOrList { .. }
            | Kind::Levels
            | Kind::Regex
            | Kind::Glob
            | Kind::Date
            | Kind::Moment
    )
}

/// A table whose keys are all checked; what is wrong in it is left out and said.
pub(super) fn table_value(
    keys: &[Key],
    table: &DeTable<'_>,
    path: &str,
    errors: &mut Errors<'_>,
) -> toml::Value {
    let mut out = toml::Table::new();
    for (name, found) in table {
        let Some(key) = find(keys, name, path, errors) else { continue };
        if let Some(value) = value(key.kind, found, &format!("{path}.{}", key.name), errors) {
            out.insert(key.name.to_owned(), value);
        }
    }
    toml::Value::Table(out)
}

/// The key of that name, or an error that names the nearest.
pub(super) fn find<'k>(
    keys: &'k [Key],
    name: &Spanned<std::borrow::Cow<'_, str>>,
    path: &str,
    errors: &mut Errors<'_>,
) -> Option<&'k Key> {
    let word = name.get_ref().as_ref();
    let found = keys.iter().find(|key| key.name == word);
    if found.is_none() {
        let help = match nearest(word, keys.iter().map(|key| key.name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if keys.is_empty() => format!("[{path}] has no keys in this version"),
            None => {
                let known: Vec<String> = keys.iter().map(|key| format!("`{}`", key.name)).collect();
                format!("the keys of [{path}] are {}", known.join(", "))
            }
        };
        errors.push(name.span(), format!("unknown key `{word}` in [{path}]"), help);
    }
    found
}

fn list(item: Kind, items: &[Value<'_>], path: &str, errors: &mut Errors<'_>) -> Option<toml::Value> {
    let mut out: Vec<toml::Value> = Vec::with_capacity(items.len());
    let (mut seen, mut complete) = (HashSet::new(), true);
    for found in items {
        match value(item, found, path, errors) {
            Some(value) if !seen.insert(value.to_string()) => {
                errors.push(
                    found.span(),
                    format!("`{path}` lists {value} twice"),
                    "remove one of them".to_owned(),
                );
                complete = false;
            }
            Some(value) => out.push(value),
            None => complete = false,
        }
    }
    complete.then_some(toml::Value::Array(out))
}

fn tables(keys: &[Key], items: &[Value<'_>], path: &str, errors: &mut Errors<'_>) -> Option<toml::Value> {
    let mut out = Vec::with_capacity(items.len());
    for found in items {
        match found.get_ref() {
            DeValue::Table(table) => out.push(table_value(keys, table, path, errors)),
            other => {
                let message = format!("`{path}`: expected a table, found {}", found_in_words(other));
                errors.push(found.span(), message, format!("write each one as [[{path}]]"));
            }
        }
    }
    (out.len() == items.len()).then_some(toml::Value::Array(out))
}

/// A table of levels: by stage, by severity, or, where `outer`, both; a stage can have a table by severity.
fn levels(
    table: &DeTable<'_>,
    span: Range<usize>,
    path: &str,
    outer: bool,
    errors: &mut Errors<'_>,
) -> Option<toml::Value> {
    let severities = || Severity::ALL.iter().rev().map(|severity| severity.as_str());
    let stages = || Stage::ALL.iter().map(|stage| stage.as_str()).filter(|_| outer);
    let known = || stages().chain(severities()).chain(["default"]);
    let what = if outer { "stage or severity" } else { "severity" };
    let mut out = toml::Table::new();
    for (name, level) in table {
        let word = name.get_ref().as_ref();
        let inner = format!("{path}.{word}");
        if !known().any(|known| known == word) {
            let help = match nearest(word, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it takes {}", known().collect::<Vec<_>>().join(", ")),
            };
            errors.push(name.span(), format!("unknown {what} `{word}` in `{path}`"), help);
            continue;
        }
        if let (true, DeValue::Table(by_severity)) = (stages().any(|s| s == word), level.get_ref()) {
            if let Some(value) = levels(by_severity, level.span(), &inner, false, errors) {
                out.insert(word.to_owned(), value);
            }
            continue;
        }
        let Some(text) = level.get_ref().as_str() else {
            let message = format!(
                "`{inner}`: expected a level ({LEVEL_WORDS}), found {}",
                found_in_words(level.get_ref())
            );
            errors.push(level.span(), message, None);
            continue;
        };
        match text_problem(Kind::Levels, text, &inner) {
            Some((message, help)) => errors.push(level.span(), message, help),
            None => {
                out.insert(word.to_owned(), toml::Value::String(text.to_owned()));
            }
        }
    }
    if table.is_empty() {
        let help = "write \"off\" to switch it off at every stage".to_owned();
        errors.push(span, format!("`{path}` names no {what}"), help);
        return None;
    }
    // What is not named would be off, and nobody would notice which severity that was.
    let named = severities().filter(|severity| out.contains_key(*severity)).count();
    if named > 0 && named < Severity::ALL.len() && !out.contains_key("default") {
        let missing: Vec<&str> = severities().filter(|severity| !out.contains_key(*severity)).collect();
        let message = format!("`{path}` has no level for {}", missing.join(", "));
        errors.push(span, message, "add `default = \"deny\"`, or name each of them".to_owned());
        return None;
    }
    (out.len() == table.len()).then_some(toml::Value::Table(out))
}

/// What is wrong with a text, by what its key takes, and what was meant.
fn text_problem(kind: Kind, text: &str, path: &str) -> Option<(String, Option<String>)> {
    match kind {
        Kind::Size => Size::parse(text).err().map(|why| {
            let help = "write a number and B, KiB, MiB, GiB, kB, MB or GB, such as \"5 MiB\"";
            (format!("`{path}`: {why}"), Some(help.to_owned()))
        }),
        Kind::Choice(words) | Kind::ChoiceByStage(words) => (!words.contains(&text)).then(|| {
            let help = nearest(text, words.iter().copied()).map(|near| format!("did you mean \"{near}\"?"));
            (format!("`{path}`: expected one of {}, found \"{text}\"", one_of(words)), help)
        }),
        Kind::ChoiceOrList { words, items } => (!words.contains(&text)).then(|| {
            let help = if items.contains(&text) {
                Some(format!("write it as a list: [\"{text}\"]"))
            } else {
                nearest(text, words.iter().copied()).map(|near| format!("did you mean \"{near}\"?"))
            };
            (format!("`{path}`: expected {}, found \"{text}\"", kind.describe()), help)
        }),
        Kind::Levels => Level::from_word(text).is_none().then(|| {
            let help = level_meant(text).map(|near| format!("did you mean \"{near}\"?"));
            (format!("`{path}`: expected a level ({LEVEL_WORDS}), found \"{text}\""), help)
        }),
        Kind::Regex => regex_problem(text).map(|why| {
            let help =
                "the syntax is that of https://docs.rs/regex; in TOML, 'single quotes' keep backslashes";
            (format!("`{path}` is not a regular expression: {why}"), Some(help.to_owned()))
        }),
        Kind::Glob => glob_problem(text).map(|why| {
            let help = "`*` stays within a directory, `**` crosses directories, `{a,b}` and `[ab]` choose";
            (format!("`{path}` is not a glob: {why}"), Some(help.to_owned()))
        }),
        Kind::Moment => {
            (Date::parse(text).is_none() && Timestamp::parse_rfc3339(text).is_none()).then(|| {
                (
                    format!("`{path}`: expected {}, found \"{text}\"", kind.describe()),
                    Some(MOMENT_HELP.to_owned()),
                )
            })
        }
        Kind::Date => Date::parse(text)
            .is_none()
            .then(|| (format!("`{path}`: expected a day, found \"{text}\""), Some(DAY_HELP.to_owned()))),
        _ => None,
    }
}

/// The level that another tool's word stands for, or the nearest one.
fn level_meant(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "error" | "fail" | "block" | "forbid" | "reject" => Some("deny"),
        "warning" => Some("warn"),
        "info" | "notice" => Some("note"),
        "none" | "allow" | "ignore" | "disabled" | "false" => Some("off"),
        other => nearest(other, Level::ALL.iter().map(|level| level.as_str())),
    }
}

/// Syntax only: the check that uses the pattern compiles it, once.
fn regex_problem(pattern: &str) -> Option<String> {
    // Bytes that are no text may be matched: `(?-u)` is up to the check that compiles the pattern.
    match regex_syntax::ParserBuilder::new().utf8(false).build().parse(pattern) {
        Ok(_) => None,
        Err(regex_syntax::Error::Parse(error)) => {
            Some(format!("{} at character {}", error.kind(), error.span().start.column))
        }
        Err(regex_syntax::Error::Translate(error)) => {
            Some(format!("{} at character {}", error.kind(), error.span().start.column))
        }
        Err(error) => Some(error.to_string()),
    }
}

fn glob_problem(pattern: &str) -> Option<String> {
    if pattern.is_empty() {
        return Some("it is empty and matches no path".to_owned());
    }
    if pattern.len() > PathGlob::LONGEST {
        return Some(format!("it has {} bytes, more than {}", pattern.len(), PathGlob::LONGEST));
    }
    globset::Glob::new(pattern).err().map(|error| error.kind().to_string())
}

fn mismatch(kind: Kind, found: &DeValue<'_>, span: Range<usize>, path: &str, errors: &mut Errors<'_>) {
    let help = match (kind, found) {
        (Kind::List(_), DeValue::String(text)) => Some(format!("write it as a list: [\"{text}\"]")),
        (Kind::Bool, DeValue::String(text)) if text == "true" || text == "false" => {
            Some(format!("write it without quotes: {text}"))
        }
        (Kind::Bool, _) => Some("write true or false".to_owned()),
        (Kind::Date, _) => Some(DAY_HELP.to_owned()),
        (Kind::Moment, _) => Some(MOMENT_HELP.to_owned()),
        (Kind::Integer { .. }, DeValue::String(text)) if text.parse::<i64>().is_ok() => {
            Some(format!("write it without quotes: {text}"))
        }
        (Kind::Levels, DeValue::Boolean(true)) => Some("to block, write \"deny\"".to_owned()),
        (Kind::Levels, DeValue::Boolean(false)) => Some("to switch it off, write \"off\"".to_owned()),
        (Kind::Excuses { .. }, DeValue::Table(_)) => {
            Some("write it in square brackets: a list with one entry".to_owned())
        }
        (Kind::Excuses { subjects, .. }, DeValue::String(text)) => {
            Some(format!("write [{}]", entry_of(subjects, text)))
        }
        (Kind::Tables(_), DeValue::Table(_)) => Some(format!("write [[{path}]], with two brackets")),
        (Kind::Table(_), DeValue::Array(_)) => Some(format!("write [{path}], with one bracket")),
        _ => None,
    };
    let message = format!("`{path}`: expected {}, found {}", kind.describe(), found_in_words(found));
    errors.push(span, message, help);
}

/// What a value is, in words that follow "found".
pub(super) fn found_in_words(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(true) => "`true`",
        DeValue::Boolean(false) => "`false`",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
