//! A configuration as it is written. gitleaks reads it with viper: keys in any case, what is not known is ignored, a list
//! may be one text with commas.

use super::allowlist::{Allowlist, Written, lowered};
use super::config::{Required, Rule};
use super::pattern::Pattern;
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::{Table, Value};

/// One file.
#[derive(Default)]
pub(super) struct Document {
    pub(super) min_version: String,
    pub(super) extend: Extend,
    pub(super) rules: Vec<Rule>,
    pub(super) allowlists: Vec<Arc<Allowlist>>,
    /// Allowlists for some rules only.
    pub(super) targeted: Vec<(Vec<String>, Arc<Allowlist>)>,
    /// Keys that mean nothing.
    pub(super) unknown: Vec<String>,
    /// Expressions that are none, and why; what rests on them is not there.
    pub(super) broken: Vec<(String, String)>,
}

/// What is noticed by the way.
#[derive(Default)]
struct Notes {
    unknown: Vec<String>,
    broken: Vec<(String, String)>,
    /// An expression that is none is no error.
    is_tolerant: bool,
}

impl Notes {
    /// Whether something stands, in spite of one of its expressions.
    fn stands<T>(&mut self, what: &str, read: Result<T, String>) -> Result<Option<T>, String> {
        match read {
            Ok(value) => Ok(Some(value)),
            Err(why) if self.is_tolerant => {
                self.broken.push((what.to_owned(), why));
                Ok(None)
            }
            Err(why) => Err(why),
        }
    }
}

#[derive(Default)]
pub(super) struct Extend {
    pub(super) path: String,
    pub(super) use_default: bool,
    pub(super) disabled: Vec<String>,
}

const TOP: &[&str] = &["title", "description", "extend", "rules", "allowlist", "allowlists", "minversion"];
const EXTEND: &[&str] = &["path", "url", "usedefault", "disabledrules"];
const RULE: &[&str] = &[
    "id",
    "description",
    "path",
    "regex",
    "secretgroup",
    "entropy",
    "keywords",
    "tags",
    "allowlist",
    "allowlists",
    "required",
    "skipreport",
];
const REQUIRED: &[&str] = &["id", "withinlines", "withincolumns"];
const ALLOWLIST: &[&str] =
    &["description", "condition", "commits", "paths", "regextarget", "regexes", "stopwords"];

/// Reads a file. Where that is tolerant, an allowlist or a rule that gitleaks stumbles over is left out and told.
pub(super) fn document(text: &str, is_tolerant: bool) -> Result<Document, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let line =
            error.span().map(|span| text.bytes().take(span.start).filter(|&byte| byte == b'\n').count() + 1);
        let place = line.map_or(String::new(), |line| format!("line {line}: "));
        format!("{place}it is no TOML: {}", error.message())
    })?;
    let mut notes = Notes { is_tolerant, ..Notes::default() };
    let top = Section::of(&table, TOP, "", &mut notes);
    let mut document = Document { min_version: top.text("minversion")?, ..Document::default() };
    if let Some(extend) = top.section("extend", EXTEND, &mut notes)? {
        document.extend = Extend {
            path: extend.text("path")?,
            use_default: extend.truth("usedefault")?,
            disabled: extend.texts("disabledrules")?,
        };
        if !extend.text("url")?.is_empty() {
            notes.unknown.push("extend.url".to_owned());
        }
    }
    for written in top.sections("rules", RULE, &mut notes)? {
        let name = name_of(&written);
        let rule = rule(&written, &mut notes).map_err(|why| format!("{name}: {why}"));
        document.rules.extend(notes.stands(&name, rule)?);
    }
    let lists = one_or_many(&top, &mut notes, &[ALLOWLIST, &["targetrules"]].concat())?;
    for written in lists {
        let allowlist = allowlist(&written).map_err(|why| format!("[[allowlists]]: {why}"));
        let Some(allowlist) = notes.stands("[[allowlists]]", allowlist)? else { continue };
        let ids = written.texts("targetrules")?;
        if ids.is_empty() {
            document.allowlists.push(allowlist);
        } else {
            document.targeted.push((ids, allowlist));
        }
    }
    (document.unknown, document.broken) = (notes.unknown, notes.broken);
    Ok(document)
}

fn name_of(rule: &Section<'_>) -> String {
    rule.text("id").ok().filter(|id| !id.is_empty()).unwrap_or_else(|| rule.at.clone())
}

fn rule(written: &Section<'_>, notes: &mut Notes) -> Result<Rule, String> {
    let pattern = |key: &str| -> Result<Option<Arc<Pattern>>, String> {
        let text = written.text(key)?;
        if text.is_empty() {
            return Ok(None);
        }
        Pattern::new(&text)
            .map(|pattern| Some(Arc::new(pattern)))
            .map_err(|why| format!("{key} `{text}`: {why}"))
    };
    let mut allowlists = Vec::new();
    for list in one_or_many(written, notes, ALLOWLIST)? {
        let read = allowlist(&list).map_err(|why| format!("[[rules.allowlists]]: {why}"));
        allowlists.extend(notes.stands(&name_of(written), read)?);
    }
    let mut required = Vec::new();
    for one in written.sections("required", REQUIRED, notes)? {
        let id = one.text("id")?;
        if id.is_empty() {
            return Err("[[rules.required]]: it has no id".to_owned());
        }
        let (within_lines, within_columns) = (one.integer("withinlines")?, one.integer("withincolumns")?);
        required.push(Required { id, within_lines, within_columns });
    }
    let group = written.integer("secretgroup")?.unwrap_or(0);
    Ok(Rule {
        id: written.text("id")?,
        description: written.text("description")?,
        regex: pattern("regex")?,
        path: pattern("path")?,
        secret_group: usize::try_from(group).map_err(|_| format!("secretGroup is {group}"))?,
        entropy: written.number("entropy")?,
        keywords: written.texts("keywords")?.iter().map(|word| lowered(word)).collect(),
        tags: written.texts("tags")?,
        allowlists,
        required,
        skip_report: written.truth("skipreport")?,
    })
}

/// `[allowlist]`, as it used to be, or `[[allowlists]]`.
fn one_or_many<'t>(
    section: &Section<'t>,
    notes: &mut Notes,
    keys: &[&str],
) -> Result<Vec<Section<'t>>, String> {
    let many = section.sections("allowlists", keys, notes)?;
    // gitleaks takes one table here; a list of them cannot mean anything else.
    let old = section.sections("allowlist", keys, notes)?;
    if !many.is_empty() && !old.is_empty() {
        return Err("`allowlist` is the old form of `allowlists`, and only one of them can be".to_owned());
    }
    Ok(if many.is_empty() { old } else { many })
}

fn allowlist(written: &Section<'_>) -> Result<Arc<Allowlist>, String> {
    let written = Written {
        description: written.text("description")?,
        condition: written.text("condition")?,
        commits: written.texts("commits")?,
        paths: written.texts("paths")?,
        target: written.text("regextarget")?,
        regexes: written.texts("regexes")?,
        stopwords: written.texts("stopwords")?,
    };
    Allowlist::new(written).map(Arc::new)
}

/// A table whose keys may be in any case.
struct Section<'t> {
    values: BTreeMap<String, &'t Value>,
    /// Its name, for errors.
    at: String,
}

impl<'t> Section<'t> {
    fn of(table: &'t Table, known: &[&str], at: &str, notes: &mut Notes) -> Self {
        let values: BTreeMap<String, &Value> =
            table.iter().map(|(key, value)| (key.to_lowercase(), value)).collect();
        for key in table.keys().filter(|key| !known.contains(&key.to_lowercase().as_str())) {
            notes.unknown.push(if at.is_empty() { key.clone() } else { format!("{at}.{key}") });
        }
        Self { values, at: at.to_owned() }
    }

    fn wrong(&self, key: &str, expected: &str) -> String {
        let dot = if self.at.is_empty() { "" } else { "." };
        format!("`{}{dot}{key}` is not {expected}", self.at)
    }

    fn below(&self, key: &str) -> String {
        if self.at.is_empty() { key.to_owned() } else { format!("{}.{key}", self.at) }
    }

    fn section(&self, key: &str, known: &[&str], notes: &mut Notes) -> Result<Option<Self>, String> {
        match self.values.get(key) {
            None => Ok(None),
            Some(Value::Table(table)) => Ok(Some(Self::of(table, known, &self.below(key), notes))),
            Some(Value::Array(list)) if list.is_empty() => Ok(None),
            Some(_) => Err(self.wrong(key, &format!("one table: it is written [{}]", self.below(key)))),
        }
    }

    fn sections(&self, key: &str, known: &[&str], notes: &mut Notes) -> Result<Vec<Self>, String> {
        let wrong =
            || self.wrong(key, &format!("a list of tables: they are written [[{}]]", self.below(key)));
        match self.values.get(key) {
            None => Ok(Vec::new()),
            Some(Value::Table(table)) => Ok(vec![Self::of(table, known, &self.below(key), notes)]),
            Some(Value::Array(list)) => {
                let tables = list.iter().enumerate().map(|(index, value)| {
                    let table = value.as_table().ok_or_else(wrong)?;
                    Ok(Self::of(table, known, &format!("{}[{index}]", self.below(key)), notes))
                });
                tables.collect()
            }
            Some(_) => Err(wrong()),
        }
    }

    fn text(&self, key: &str) -> Result<String, String> {
        match self.values.get(key) {
            None => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Integer(number)) => Ok(number.to_string()),
            Some(Value::Float(number)) => Ok(number.to_string()),
            Some(Value::Boolean(truth)) => Ok(if *truth { "1" } else { "0" }.to_owned()),
            Some(_) => Err(self.wrong(key, "a text")),
        }
    }

    fn texts(&self, key: &str) -> Result<Vec<String>, String> {
        let wrong = || self.wrong(key, "a list of texts");
        match self.values.get(key) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) if text.is_empty() => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(text.split(',').map(str::to_owned).collect()),
            Some(Value::Array(list)) => {
                let one = |value: &Value| match value {
                    Value::String(text) => Ok(text.clone()),
                    Value::Integer(number) => Ok(number.to_string()),
                    Value::Float(number) => Ok(number.to_string()),
                    _ => Err(wrong()),
                };
                list.iter().map(one).collect()
            }
            Some(_) => Err(wrong()),
        }
    }

    fn number(&self, key: &str) -> Result<f64, String> {
        match self.values.get(key) {
            None => Ok(0.0),
            Some(Value::Float(number)) => Ok(*number),
            #[allow(clippy::cast_precision_loss, reason = "it is a number of bits a letter")]
            Some(Value::Integer(number)) => Ok(*number as f64),
            Some(Value::String(text)) if text.is_empty() => Ok(0.0),
            Some(Value::String(text)) => text.parse().map_err(|_| self.wrong(key, "a number")),
            Some(_) => Err(self.wrong(key, "a number")),
        }
    }

    fn integer(&self, key: &str) -> Result<Option<i64>, String> {
        match self.values.get(key) {
            None => Ok(None),
            Some(Value::Integer(number)) => Ok(Some(*number)),
            #[allow(
                clippy::cast_possible_truncation,
                reason = "viper cuts what stands behind the point, too"
            )]
            Some(Value::Float(number)) => Ok(Some(*number as i64)),
            Some(Value::String(text)) => {
                text.parse().map(Some).map_err(|_| self.wrong(key, "a whole number"))
            }
            Some(_) => Err(self.wrong(key, "a whole number")),
        }
    }

    fn truth(&self, key: &str) -> Result<bool, String> {
        match self.values.get(key) {
            None => Ok(false),
            Some(Value::Boolean(truth)) => Ok(*truth),
            Some(Value::Integer(number)) => Ok(*number != 0),
            Some(Value::String(text)) => match text.as_str() {
                "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
                "" | "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
                _ => Err(self.wrong(key, "true or false")),
            },
            Some(_) => Err(self.wrong(key, "true or false")),
        }
    }
}
