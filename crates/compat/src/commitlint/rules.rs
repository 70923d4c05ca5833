//! What becomes of each rule of commitlint. A rule is one row of [`RULES`].

use super::writer::{Severity, Writer};
use crate::script::FUNCTION;
use serde_json::{Map, Value};

/// A rule that is on.
struct Rule<'a> {
    name: &'a str,
    severity: Severity,
    /// `always`, not `never`.
    always: bool,
    value: &'a Value,
}

impl Rule<'_> {
    /// A length; `None`: no limit.
    fn length(&self) -> Result<Option<i64>, String> {
        match self.value {
            Value::Null => Ok(None),
            value => match value.as_i64().filter(|length| (0..=10_000).contains(length)) {
                Some(length) => Ok(Some(length)),
                None => Err("its length is no whole number up to 10000".to_owned()),
            },
        }
    }

    /// The words of a list, or one word; those of an object under `key`.
    fn words(&self, key: &str) -> Result<Vec<&str>, String> {
        let value = self.value.get(key).unwrap_or(self.value);
        match value {
            Value::String(word) if word == FUNCTION => Err("its value is computed".to_owned()),
            Value::String(word) => Ok(vec![word]),
            Value::Array(items) => {
                let words: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
                words.ok_or_else(|| "it has conditions of its own among its values".to_owned())
            }
            Value::Null => Ok(Vec::new()),
            _ => Err("its value has a form that is not known here".to_owned()),
        }
    }

    fn word_or<'w>(&'w self, default: &'w str) -> &'w str {
        self.value.as_str().unwrap_or(default)
    }
}

/// What carries a rule over; an error says why it cannot be.
type Carry = fn(&Rule<'_>, &mut Writer) -> Result<(), String>;

/// Everything before the description, by commitlint's own expression.
const PREFIX: &str = r"^\w*(?:\([^()]*\))?!?: ";

const RULES: &[(&str, Carry)] = &[
    ("type-enum", type_enum),
    ("type-case", type_case),
    ("type-empty", |rule, _| never(rule, "a header without a type is not conventional")),
    ("type-max-length", |rule, writer| longer(rule, writer, r"^\w", r"(?:\([^()]*\))?!?: ")),
    ("type-min-length", |rule, writer| shorter(rule, writer, r"^\w", r"(?:\([^()]*\))?!?: ")),
    ("scope-enum", scope_enum),
    ("scope-case", scope_case),
    ("scope-empty", |rule, writer| {
        let (word, ours) =
            if rule.always { ("forbidden", "scope-forbidden") } else { ("required", "scope-required") };
        writer.text("scope", word);
        level(rule, writer, ours)
    }),
    ("scope-max-length", |rule, writer| longer(rule, writer, r"^\w*\([^()]", r"\)!?: ")),
    ("scope-min-length", |rule, writer| shorter(rule, writer, r"^\w*\([^()]", r"\)!?: ")),
    ("subject-case", subject_case),
    ("subject-empty", |rule, _| never(rule, "a header without a description is not conventional")),
    ("subject-full-stop", |rule, writer| full_stop(rule, writer, true)),
    ("header-full-stop", |rule, writer| full_stop(rule, writer, false)),
    ("subject-max-length", |rule, writer| longer(rule, writer, &format!("{PREFIX}."), "$")),
    ("subject-min-length", |rule, writer| shorter(rule, writer, &format!("{PREFIX}."), "$")),
    ("subject-exclamation-mark", |rule, writer| {
        pattern(rule, writer, rule.always, r"^\w*(?:\([^()]*\))?!: ")
    }),
    ("header-max-length", |rule, writer| limit(rule, writer, "header-max", "header-too-long")),
    ("header-min-length", |rule, writer| limit(rule, writer, "header-min", "header-too-short")),
    // Git takes blanks at the end away, and a header that begins with one is not conventional.
    ("header-trim", |_, _| Ok(())),
    ("body-leading-blank", |rule, writer| {
        always(rule)?;
        level(rule, writer, "body-blank-line")
    }),
    ("body-empty", |rule, writer| {
        never(rule, "no key forbids a body")?;
        writer.texts("body-required", &["*"]);
        level(rule, writer, "body-required")
    }),
    ("body-min-length", |rule, writer| limit(rule, writer, "body-min", "body-too-short")),
    ("body-max-line-length", |rule, writer| {
        writer.texts("body-line-except", &["url"]);
        limit(rule, writer, "body-line-max", "body-line-too-long")
    }),
    ("footer-leading-blank", |rule, writer| {
        always(rule)?;
        writer.text("footer-blank-line", "require");
        level(rule, writer, "footer-blank-line")
    }),
    ("footer-max-line-length", |rule, writer| {
        writer.texts("body-line-except", &["url"]);
        limit(rule, writer, "footer-line-max", "footer-line-too-long")
    }),
    ("footer-empty", |_, _| {
        Err("no key asks for a footer of any name; `trailers.required` asks for one by its name".to_owned())
    }),
    ("signed-off-by", |rule, writer| {
        always(rule)?;
        writer.text("sign-off", "required");
        level(rule, writer, "sign-off")
    }),
    ("trailer-exists", trailer_exists),
    ("breaking-change-exclamation-mark", |rule, writer| {
        always(rule)?;
        writer.text("breaking", "agree");
        level(rule, writer, "breaking-mark")
    }),
    ("references-empty", |_, _| {
        Err("`ticket-in` and `ticket` ask for a ticket, whose form the policy gives".to_owned())
    }),
    ("scope-delimiter-style", |_, _| Err("several scopes are parted by `,`, `/` or `\\`".to_owned())),
    (
        "header-case",
        |_, _| Err("`type-case`, `scope-case` and `description-case` judge the parts".to_owned()),
    ),
    ("body-case", |_, _| Err("no key judges the case of a body".to_owned())),
    ("body-full-stop", |_, _| Err("no key judges how a body ends".to_owned())),
    ("body-max-length", |_, _| Err("no key limits the length of a body".to_owned())),
    ("footer-max-length", |_, _| Err("no key limits the length of all footers".to_owned())),
    ("footer-min-length", |_, _| Err("no key asks for a length of the footers".to_owned())),
];

/// Carries every rule over, and says how many are on.
pub(super) fn translate(rules: &Map<String, Value>, writer: &mut Writer) -> usize {
    let mut on = 0;
    let mut form = [Severity::Off; 2];
    for (name, value) in rules {
        let rule = match parse(name, value) {
            Ok(Some(rule)) => rule,
            Ok(None) => continue,
            Err(why) => {
                writer.leave(name, &why);
                continue;
            }
        };
        on += 1;
        match RULES.iter().find(|(known, _)| known == name) {
            Some((_, carry)) => match carry(&rule, writer) {
                Ok(()) if name == "type-empty" => form[0] = rule.severity,
                Ok(()) if name == "subject-empty" => form[1] = rule.severity,
                Ok(()) => {}
                Err(why) => writer.leave(name, &why),
            },
            None => writer.leave(name, "it is a rule of a plugin, or one that is not known here"),
        }
    }
    // A header that commitlint cannot read has neither a type nor a description.
    writer.level("not-conventional", form[0].max(form[1]));
    writer.level("empty-description", form[1].max(form[0]));
    if !rules.get("body-leading-blank").is_some_and(is_on) {
        writer.level("body-blank-line", Severity::Off);
    }
    on
}

fn is_on(value: &Value) -> bool {
    matches!(parse("", value), Ok(Some(_)))
}

/// `[level, "always", value]`.
fn parse<'a>(name: &'a str, value: &'a Value) -> Result<Option<Rule<'a>>, String> {
    const NOTHING: &Value = &Value::Null;
    let (severity, items) = match value {
        Value::Null => return Ok(None),
        Value::Number(level) => (level.as_i64(), [].as_slice()),
        Value::Array(items) => (items.first().and_then(Value::as_i64), items.as_slice()),
        _ => return Err("it is computed, or no list of a level, a condition and a value".to_owned()),
    };
    let severity = match severity {
        Some(0) => return Ok(None),
        Some(1) => Severity::Warning,
        Some(2) => Severity::Error,
        _ => return Err("its level is none of 0, 1 and 2".to_owned()),
    };
    let always = match items.get(1).map(Value::as_str) {
        None | Some(Some("always")) => true,
        Some(Some("never")) => false,
        Some(_) => return Err("its condition is neither `always` nor `never`".to_owned()),
    };
    Ok(Some(Rule { name, severity, always, value: items.get(2).unwrap_or(NOTHING) }))
}

fn always(rule: &Rule<'_>) -> Result<(), String> {
    if rule.always { Ok(()) } else { Err("no key says the opposite (`never`)".to_owned()) }
}

fn never(rule: &Rule<'_>, why: &str) -> Result<(), String> {
    if rule.always { Err(format!("`always` cannot be said: {why}")) } else { Ok(()) }
}

/// The level of the rule of ours that it becomes.
fn level(rule: &Rule<'_>, writer: &mut Writer, ours: &'static str) -> Result<(), String> {
    if writer.level(ours, rule.severity) {
        let name = format!("{} at its level", rule.name);
        let why =
            format!("it becomes `{ours}` together with another rule, and the stricter of their levels holds");
        writer.leave(&name, &why);
    }
    Ok(())
}

fn limit(rule: &Rule<'_>, writer: &mut Writer, key: &str, ours: &'static str) -> Result<(), String> {
    always(rule)?;
    let length = rule.length()?.unwrap_or(0);
    writer.set(key, toml::Value::Integer(length));
    level(rule, writer, ours)
}

/// An expression that a header must match, or must not.
fn pattern(rule: &Rule<'_>, writer: &mut Writer, wanted: bool, regex: &str) -> Result<(), String> {
    let (key, ours) =
        if wanted { ("header-match", "header-mismatch") } else { ("header-forbid", "header-forbidden") };
    writer.add(key, regex);
    level(rule, writer, ours)
}

/// Longest expression that is counted by repeating: what it compiles to is bounded.
const MOST_REPEATS: i64 = 1000;

fn longer(rule: &Rule<'_>, writer: &mut Writer, before: &str, after: &str) -> Result<(), String> {
    always(rule)?;
    match rule.length()? {
        None => Ok(()),
        Some(most) if most < MOST_REPEATS => {
            pattern(rule, writer, false, &format!("{before}{{{},}}{after}", most + 1))
        }
        Some(_) => Err("its length is too great for an expression".to_owned()),
    }
}

fn shorter(rule: &Rule<'_>, writer: &mut Writer, before: &str, after: &str) -> Result<(), String> {
    always(rule)?;
    match rule.length()? {
        None | Some(0) => Ok(()),
        // Nothing at all has no length: what is missing is told by another rule.
        Some(1) => Ok(()),
        Some(least) if least < MOST_REPEATS => {
            pattern(rule, writer, false, &format!("{before}{{1,{}}}{after}", least - 1))
        }
        Some(_) => Err("its length is too great for an expression".to_owned()),
    }
}

fn type_enum(rule: &Rule<'_>, writer: &mut Writer) -> Result<(), String> {
    let types = rule.words("types")?;
    match (types.is_empty(), rule.always) {
        (true, true) => Err("with an empty list it refuses every type".to_owned()),
        (true, false) => Ok(()),
        (false, true) => {
            writer.texts("types", &types);
            level(rule, writer, "unknown-type")
        }
        (false, false) => {
            pattern(rule, writer, false, &format!(r"^(?:{})(?:\([^()]*\))?!?: ", alternatives(&types)))
        }
    }
}

fn type_case(rule: &Rule<'_>, writer: &mut Writer) -> Result<(), String> {
    always(rule)?;
    let word = match rule.words("cases")?.as_slice() {
        ["lower-case" | "lowercase" | "lowerCase"] => "lower",
        ["upper-case" | "uppercase"] => "upper",
        _ => {
            return Err(
                "`type-case` is lower or upper case; `types` has each type as it is written".to_owned()
            );
        }
    };
    writer.text("type-case", word);
    level(rule, writer, "type-case")
}

fn scope_enum(rule: &Rule<'_>, writer: &mut Writer) -> Result<(), String> {
    default_delimiters(rule)?;
    let scopes = rule.words("scopes")?;
    if scopes.is_empty() {
        return Ok(());
    }
    if rule.always {
        writer.texts("scopes", &scopes);
        return level(rule, writer, "unknown-scope");
    }
    let regex = format!(r"^\w*\((?:.*[/\\,] ?)?(?:{})(?:[/\\,].*)?\)!?: ", alternatives(&scopes));
    pattern(rule, writer, false, &regex)
}

fn scope_case(rule: &Rule<'_>, writer: &mut Writer) -> Result<(), String> {
    always(rule)?;
    default_delimiters(rule)?;
    writer.texts("scope-case", &cases(rule)?);
    level(rule, writer, "scope-case")
}

fn subject_case(rule: &Rule<'_>, writer: &mut Writer) -> Result<(), String> {
    let key = if rule.always { "description-case" } else { "description-case-forbid" };
    writer.texts(key, &cases(rule)?);
    level(rule, writer, "description-case")
}

/// The names of cases, as policies write them.
fn cases<'r>(rule: &'r Rule<'_>) -> Result<Vec<&'r str>, String> {
    const KNOWN: [&str; 8] = [
        "lower-case",
        "upper-case",
        "camel-case",
        "kebab-case",
        "pascal-case",
        "sentence-case",
        "snake-case",
        "start-case",
    ];
    let words = rule.words("cases")?.into_iter().map(|word| match word {
        "lowercase" | "lowerCase" => "lower-case",
        "uppercase" => "upper-case",
        "sentencecase" => "sentence-case",
        word => word,
    });
    let words: Vec<&str> = words.collect();
    match words.iter().find(|word| !KNOWN.contains(word)) {
        Some(unknown) => Err(format!("`{unknown}` is no case that is known here")),
        None if words.is_empty() => Err("it names no case".to_owned()),
        None => Ok(words),
    }
}

fn default_delimiters(rule: &Rule<'_>) -> Result<(), String> {
    match rule.value.get("delimiters").and_then(Value::as_array) {
        Some(delimiters) if !delimiters.is_empty() => {
            Err("several scopes are parted by `,`, `/` or `\\`, and by nothing else".to_owned())
        }
        _ => Ok(()),
    }
}

fn full_stop(rule: &Rule<'_>, writer: &mut Writer, spares_ellipsis: bool) -> Result<(), String> {
    let stop = rule.word_or(".");
    if !rule.always && stop == "." && spares_ellipsis {
        writer.text("full-stop", "forbid");
        return level(rule, writer, "full-stop");
    }
    pattern(rule, writer, rule.always, &format!("{}$", escaped(stop)))
}

fn trailer_exists(rule: &Rule<'_>, writer: &mut Writer) -> Result<(), String> {
    always(rule)?;
    let name = rule.word_or("").trim_end().trim_end_matches(':');
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !is_name {
        return Err("`trailers.required` takes the name of a trailer".to_owned());
    }
    writer.add("trailers.required", name);
    level(rule, writer, "trailers-required")
}

fn alternatives(words: &[&str]) -> String {
    words.iter().map(|word| escaped(word)).collect::<Vec<_>>().join("|")
}

/// A text as an expression that matches it alone.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

/// The names of the rules that are known.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|(name, _)| *name)
}
