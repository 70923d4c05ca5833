//! `[[exception]]`: from a table of the policy to an [`Exception`], or to what is missing in it.

use super::excuse::REASON_CHARACTERS;
use super::key::{Key, Kind};
use super::source::Place;
use super::strictness::Strictness;
use super::validate::{Errors, Value, table_value};
use crate::exception::ExceptionStatus;
use crate::{Date, Exception, Fingerprint, ObjectId};
use std::ops::Range;
use toml::de::DeTable;

const STATUS_WORDS: &[&str] = &["false-positive", "test-credential", "revoked", "accepted-risk", "fix-later"];

/// The keys of an exception.
pub(super) static EXCEPTION_KEYS: &[Key] = &[
    key("id", Kind::Text, "Its own id, such as `EX-2026-0007`: unique, never used again. Required."),
    key("rule", Kind::Text, "The rule's id or code it is for: `github-pat`, `GP-MSG-001`. Required."),
    key(
        "fingerprint",
        Kind::Text,
        "The finding it is for: the narrowest scope. At least one of `fingerprint`, `path` and `commit` is required; of several, all must hold.",
    ),
    key(
        "path",
        Kind::Glob,
        "The paths it is for. A finding that also stands elsewhere keeps its other places.",
    ),
    key("commit", Kind::Text, "The commit it is for: all 40 or 64 digits of its id."),
    key(
        "status",
        Kind::Choice(STATUS_WORDS),
        "Why the finding may stand. It bounds the time from `created` to `expires`: 30 days for `fix-later`, 180 for `accepted-risk`, 365 for the others. Required.",
    ),
    key("reason", Kind::Text, "Why it may stand, in a sentence of ten characters or more. Required."),
    key("owner", Kind::Text, "Who answers for it. Required."),
    key("approver", Kind::Text, "Who allowed it."),
    key("ticket", Kind::Text, "The ticket it was discussed in."),
    key("created", Kind::Date, "The day it was made."),
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
];

const fn key(name: &'static str, kind: Kind, help: &'static str) -> Key {
    Key { name, kind, default: "", strictness: Strictness::Unordered, help }
}

/// An exception and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) exception: Exception,
    pub(super) place: Place,
}

/// Reads every `[[exception]]`.
pub(super) fn records(found: &Value<'_>, errors: &mut Errors<'_>) -> Vec<Record> {
    let Some(items) = found.get_ref().as_array() else {
        let help = "write [[exception]], with two brackets, above each one".to_owned();
        errors.push(found.span(), "`exception`: expected a list of tables", help);
        return Vec::new();
    };
    items.iter().filter_map(|item| record(item, errors)).collect()
}

fn record(found: &Value<'_>, errors: &mut Errors<'_>) -> Option<Record> {
    let Some(spanned) = found.get_ref().as_table() else {
        errors.push(found.span(), "`exception`: expected a table", "write [[exception]]".to_owned());
        return None;
    };
    let table = table_value(EXCEPTION_KEYS, spanned, "exception", errors);
    let sound = table.as_table().is_some_and(|kept| kept.len() == spanned.len());
    let name = spanned.get("id").and_then(|id| id.get_ref().as_str()).filter(|id| !id.trim().is_empty());
    let name = name.map_or_else(|| "the exception".to_owned(), |id| format!("exception `{id}`"));
    let mut reader = Reader { span: found.span(), spanned, table, errors, sound, name };
    let exception = reader.exception();
    let place = reader.errors.source.place(found.span().start);
    exception.map(|exception| Record { exception, place })
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
        let expires = self
            .required("expires", "the last day it holds, such as expires = 2027-05-22")
            .and_then(|day| Date::parse(&day));
        let (approver, ticket) = (self.text("approver"), self.text("ticket"));
        let created = self.text("created").and_then(|day| Date::parse(&day));
        let on_request = self.table.get("on-request").and_then(toml::Value::as_bool).unwrap_or(false);
        let refs = self.text("ref");
        if refs.is_some() && !on_request {
            let help = "add `on-request = true`, or name paths with `path`".to_owned();
            self.fail("ref", format!("{}: `ref` needs `on-request = true`", self.name), Some(help));
        }
        let (fingerprint, path, commit) = self.scope(on_request);
        self.reason_is_one(reason.as_deref());
        self.life_is_allowed(status, created, expires);
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
        })
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

    fn reason_is_one(&mut self, reason: Option<&str>) {
        if let Some(reason) = reason
            && reason.chars().count() < REASON_CHARACTERS
        {
            let message = format!("{}: `reason` has fewer than {REASON_CHARACTERS} characters", self.name);
            self.fail("reason", message, Some("say in a sentence why the finding may stand".to_owned()));
        }
    }

    fn life_is_allowed(
        &mut self,
        status: Option<ExceptionStatus>,
        created: Option<Date>,
        expires: Option<Date>,
    ) {
        let (Some(created), Some(expires)) = (created, expires) else { return };
        let days = created.days_until(expires);
        if days < 0 {
            let message = format!("{} expires on {expires}, before it was created on {created}", self.name);
            self.fail("expires", message, None);
        } else if let Some(status) = status
            && days > status.longest_life_days()
        {
            let longest = status.longest_life_days();
            let message = format!("{} lasts {days} days; `{status}` may last {longest} at most", self.name);
            let help = created.checked_add_days(longest).map(|day| format!("the last day possible is {day}"));
            self.fail("expires", message, help);
        }
    }

    /// An error at the key's value; at the record when it has no such key.
    fn fail(&mut self, key: &str, message: String, help: Option<String>) {
        let span = self.spanned.get(key).map_or_else(|| self.span.clone(), toml::Spanned::span);
        self.errors.push(span, message, help);
        self.sound = false;
    }
}
