//! `[[exception]]`: from a table of the policy to an [`Exception`], or to what is missing in it.

use super::key::{Key, Kind};
use super::source::Source;
use super::strictness::Strictness;
use super::validate::{Errors, Value, table_value};
use super::{Origin, PolicyError};
use crate::exception::{Details, ExceptionStatus};
use crate::text::{LineIndex, excerpt};
use crate::{Date, Exception, Fingerprint, Location, ObjectId, RepoPath};
use std::ops::Range;
use std::sync::Arc;
use toml::de::DeTable;

const STATUS_WORDS: &[&str] = &["false-positive", "test-credential", "revoked", "accepted-risk", "fix-later"];

/// The keys of an exception.
pub(super) static EXCEPTION_KEYS: &[Key] = &[
    key("id", Kind::Text, "Its own id, such as `EX-2026-0007`: unique, never used again. Required."),
    key(
        "rule",
        Kind::Text,
        "The rule's id or code it is for: `github-pat`, `GP-MSG-001`; with `on-request` also a family, `GP-MSG`. Required.",
    ),
    key(
        "fingerprint",
        Kind::Text,
        "The finding it is for: the narrowest scope. At least one of `fingerprint`, `path` and `commit` is required; of several, all must hold.",
    ),
    key(
        "path",
        Kind::Glob,
        "The paths it is for. A finding that also stands elsewhere keeps its other places. Alone it cannot cover everything, and findings of messages and names have none.",
    ),
    key("commit", Kind::Text, "The commit it is for: all 40 or 64 digits of its id."),
    key(
        "status",
        Kind::Choice(STATUS_WORDS),
        "Why the finding may stand. It bounds the time from `created` to `expires`: `max-days` of `[exceptions]`. `revoked` needs `rotated-on`, `rotated-by` and `links`. Required.",
    ),
    key(
        "reason",
        Kind::Text,
        "Why it may stand, in a sentence of `min-reason` characters or more. Required.",
    ),
    key("owner", Kind::Text, "Who answers for it. Required."),
    key("approver", Kind::Text, "Who allowed it."),
    key("ticket", Kind::Text, "The ticket it was discussed in."),
    key("created", Kind::Date, "The day it was made. Without it, its life is counted from today."),
    key("expires", Kind::Date, "The last day it holds, through its end in UTC. Required."),
    key(
        "on-request",
        Kind::Bool,
        "With `true` it holds only for what names it: `git push -o gatepost.exception=ID`, `gatepost run ci --exception ID`.",
    ),
    key(
        "ref",
        Kind::Glob,
        "The refs that a push which names it may move, as a glob over full names: `refs/heads/import/**`. Only with `on-request`.",
    ),
    key("policy-ref", Kind::Text, "The requirement that it deviates from: a section of a standard."),
    key("scope", Kind::Text, "Where it applies, in words: repositories, branches, environments."),
    key("risk", Kind::Text, "The risk that is taken: impact and likelihood."),
    key("compensating-controls", Kind::Text, "What keeps the risk small meanwhile."),
    key("review", Kind::Date, "The day on which somebody looks at it again, no later than `expires`."),
    key("rollback", Kind::Text, "What to do when it turns out to have been wrong."),
    key("links", Kind::List(&Kind::Text), "Evidence: pull requests, builds, incidents."),
    key("rotated-on", Kind::Date, "The day on which the credential was replaced. Of `revoked`."),
    key("rotated-by", Kind::Text, "Who replaced it. Of `revoked`."),
];

const fn key(name: &'static str, kind: Kind, help: &'static str) -> Key {
    Key { name, kind, default: "", strictness: Strictness::Unordered, help }
}

/// An exception and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) exception: Exception,
    pub(super) at: RecordPlace,
}

/// Where a record and its values stand. Lines are counted when somebody asks: hundreds of records that are sound cost
/// nothing.
#[derive(Clone, Debug)]
pub(super) struct RecordPlace {
    pub(super) origin: Origin,
    text: Arc<str>,
    start: usize,
    values: Vec<(&'static str, Range<usize>)>,
}

impl RecordPlace {
    /// An error at the key's value; at the record when it has no such key.
    pub(super) fn error(&self, key: &str, message: String, help: Option<String>) -> PolicyError {
        let offset = self.value(key).map_or(self.start, |range| range.start);
        Source { origin: &self.origin, text: &self.text }.error(offset, message, help)
    }

    /// The line of the record, from 1.
    pub(super) fn line(&self) -> Option<u32> {
        Source { origin: &self.origin, text: &self.text }.place(self.start).line
    }

    /// Where a finding about the key's value stands. A layer that is no file has no path, and is named instead.
    pub(super) fn location(&self, key: &str) -> Location {
        let (path, subject) = match &self.origin {
            Origin::File(path) | Origin::Revision { path, .. } => (Some(RepoPath::from(path.as_str())), None),
            other => (None, Some(other.to_string())),
        };
        let range = self.value(key).cloned().unwrap_or(self.start..self.start);
        let bytes = self.text.as_bytes();
        let mut lines = LineIndex::new(bytes);
        let line = lines.range(lines.line_of(range.start));
        let mut shown = excerpt(bytes, line, range.clone(), &[]);
        let marked = self.text.get(range.clone()).unwrap_or_default();
        if let Some(start) = shown.text.find(marked) {
            (shown.start, shown.end) = (start, start + marked.len());
        }
        Location { path, subject, span: Some(lines.span(range)), excerpt: Some(shown), ..Location::default() }
    }

    fn value(&self, key: &str) -> Option<&Range<usize>> {
        self.values.iter().find(|(name, _)| *name == key).map(|(_, range)| range)
    }

    /// `gatepost.toml, line 7`.
    pub(super) fn words(&self) -> String {
        Source { origin: &self.origin, text: &self.text }.place(self.start).words(&self.origin)
    }
}

/// Reads every `[[exception]]`.
pub(super) fn records(found: &Value<'_>, errors: &mut Errors<'_>) -> Vec<Record> {
    let Some(items) = found.get_ref().as_array() else {
        let help = "write [[exception]], with two brackets, above each one".to_owned();
        errors.push(found.span(), "`exception`: expected a list of tables", help);
        return Vec::new();
    };
    let text = Arc::from(errors.source.text);
    items.iter().filter_map(|item| record(item, &text, errors)).collect()
}

fn record(found: &Value<'_>, text: &Arc<str>, errors: &mut Errors<'_>) -> Option<Record> {
    let Some(spanned) = found.get_ref().as_table() else {
        errors.push(found.span(), "`exception`: expected a table", "write [[exception]]".to_owned());
        return None;
    };
    let table = table_value(EXCEPTION_KEYS, spanned, "exception", errors);
    let sound = table.as_table().is_some_and(|kept| kept.len() == spanned.len());
    let name = spanned.get("id").and_then(|id| id.get_ref().as_str()).filter(|id| !id.trim().is_empty());
    let name = name.map_or_else(|| "the exception".to_owned(), |id| format!("exception `{id}`"));
    let mut reader = Reader { span: found.span(), spanned, table, errors, sound, name };
    let exception = reader.exception()?;
    let offset = |key: &Key| Some((key.name, spanned.get(key.name)?.span()));
    let at = RecordPlace {
        origin: errors.source.origin.clone(),
        text: Arc::clone(text),
        start: found.span().start,
        values: EXCEPTION_KEYS.iter().filter_map(offset).collect(),
    };
    Some(Record { exception, at })
}

/// Takes one exception apart. `sound` turns false with the first error.
struct Reader<'r, 'a, 'i> {
    span: Range<usize>,
    spanned: &'r DeTable<'i>,
    table: toml::Value,
    errors: &'r mut Errors<'a>,
    sound: bool,
    name: String,
}

impl Reader<'_, '_, '_> {
    fn exception(&mut self) -> Option<Exception> {
        let id = self.required("id", "such as id = \"EX-2026-0007\"");
        let rule = self.required("rule", "the rule's id or code, such as rule = \"github-pat\"");
        let status = self
            .required("status", "one of false-positive, test-credential, revoked, accepted-risk, fix-later")
            .and_then(|word| ExceptionStatus::from_word(&word));
        let reason = self.required("reason", "say in a sentence why the finding may stand");
        let owner = self.required("owner", "who answers for it, such as owner = \"@platform\"");
        self.required("expires", "the last day it holds, such as expires = 2027-05-22");
        let expires = self.day("expires");
        let (approver, ticket) = (self.text("approver"), self.text("ticket"));
        let created = self.day("created");
        let on_request = self.table.get("on-request").and_then(toml::Value::as_bool).unwrap_or(false);
        let refs = self.text("ref");
        if refs.is_some() && !on_request {
            let help = "add `on-request = true`, or name paths with `path`".to_owned();
            self.fail("ref", format!("{}: `ref` needs `on-request = true`", self.name), Some(help));
        }
        let (fingerprint, path, commit) = self.scope(on_request);
        let details = self.details();
        if status == Some(ExceptionStatus::Revoked) {
            self.proves_rotation();
        }
        if !self.sound {
            return None;
        }
        Some(Exception {
            id: id?,
            rule: rule?,
            fingerprint,
            path,
            commit,
            status: status?,
            reason: reason?,
            owner: owner?,
            approver,
            ticket,
            created,
            expires: expires?,
            on_request,
            refs,
            details,
        })
    }

    fn details(&mut self) -> Details {
        Details {
            policy_ref: self.text("policy-ref"),
            scope: self.text("scope"),
            risk: self.text("risk"),
            compensating_controls: self.text("compensating-controls"),
            review: self.day("review"),
            rollback: self.text("rollback"),
            links: self.texts("links"),
            rotated_on: self.day("rotated-on"),
            rotated_by: self.text("rotated-by"),
        }
    }

    /// Whoever says that a credential opens nothing any more says when that was, by whom, and where it can be seen.
    fn proves_rotation(&mut self) {
        let needed = [
            ("rotated-on", "the day it was replaced, such as rotated-on = 2026-11-20"),
            ("rotated-by", "who replaced it, such as rotated-by = \"@platform\""),
            ("links", "where that can be seen, such as links = [\"https://…\"]"),
        ];
        for (key, help) in needed {
            let empty = self.table.get(key).and_then(toml::Value::as_array).is_some_and(Vec::is_empty);
            if self.spanned.get(key).is_none() || empty {
                let message = format!("{} is `revoked` and has no `{key}`", self.name);
                self.fail(if empty { key } else { "status" }, message, Some(help.to_owned()));
            }
        }
    }

    /// A text that may be absent, never blank.
    fn text(&mut self, key: &str) -> Option<String> {
        let text = self.table.get(key)?.as_str()?.trim().to_owned();
        if text.is_empty() {
            self.fail(key, format!("{}: `{key}` is empty", self.name), None);
            return None;
        }
        Some(text)
    }

    /// A day that may be absent. One that is written as text is in the table as it is.
    fn day(&mut self, key: &str) -> Option<Date> {
        Date::parse(self.table.get(key)?.as_str()?.trim())
    }

    fn texts(&mut self, key: &str) -> Vec<String> {
        let items = self.table.get(key).and_then(toml::Value::as_array).cloned().unwrap_or_default();
        let texts: Vec<String> =
            items.iter().filter_map(|item| item.as_str()).map(|text| text.trim().to_owned()).collect();
        if texts.iter().any(String::is_empty) {
            self.fail(key, format!("{}: `{key}` has an empty item", self.name), None);
        }
        texts
    }

    fn required(&mut self, key: &str, help: &str) -> Option<String> {
        if self.spanned.get(key).is_none() {
            self.fail(key, format!("{} has no `{key}`", self.name), Some(help.to_owned()));
        }
        self.text(key)
    }

    /// Fingerprint, path and commit; at least one of them, unless it has to be asked for each time.
    fn scope(&mut self, on_request: bool) -> (Option<Fingerprint>, Option<String>, Option<String>) {
        if !on_request && ["fingerprint", "path", "commit"].iter().all(|key| self.spanned.get(*key).is_none())
        {
            let help =
                "name the finding with `fingerprint` (reports show it), or else a `path` or a `commit`";
            self.fail("", format!("{} names nothing that it is for", self.name), Some(help.to_owned()));
        }
        let fingerprint = self.text("fingerprint").and_then(|text| {
            let parsed = Fingerprint::parse(&text);
            if parsed.is_none() {
                let help = "it is `gp1:` and 16 of a-z and 2-7: copy it from a report";
                self.fail("fingerprint", format!("`{text}` is not a fingerprint"), Some(help.to_owned()));
            }
            parsed
        });
        let commit = self.text("commit").and_then(|text| {
            let id = ObjectId::from_hex(text.as_bytes());
            if id.is_none() {
                let help = "write all 40 or 64 hexadecimal digits: `git rev-parse COMMIT` prints them";
                self.fail("commit", format!("`{text}` is not a full commit id"), Some(help.to_owned()));
            }
            id.map(|id| id.to_string())
        });
        (fingerprint, self.text("path"), commit)
    }

    /// An error at the key's value; at the record when it has no such key.
    fn fail(&mut self, key: &str, message: String, help: Option<String>) {
        let span = self.spanned.get(key).map_or_else(|| self.span.clone(), toml::Spanned::span);
        self.errors.push(span, message, help);
        self.sound = false;
    }
}
