//! The exceptions of two versions of a policy, followed by their ids.

use super::{PolicyChange, PolicyChangeKind, shown};
use crate::Exception;
use crate::policy::record::Record;

/// What an exception is for, beside its rule: without one of these it is for more.
const SCOPE: &[&str] = &["fingerprint", "path", "commit", "ref", "on-request"];

pub(super) fn compare(before: &[Record], after: &[Record], changes: &mut Vec<PolicyChange>) {
    for record in after {
        let (new, line) = (&record.exception, record.at.line());
        let old = before.iter().map(|record| &record.exception).find(|old| old.id == new.id);
        let Some(old) = old else {
            let scope = SCOPE.iter().find_map(|key| field(new, key).map(|value| format!("{key} {value}")));
            let scope = scope.unwrap_or_default();
            changes.push(PolicyChange {
                kind: PolicyChangeKind::ExceptionAdded,
                path: format!("exception {}", new.id),
                old: shown(None),
                new: format!("{}, {scope}, until {}, owner {}", new.rule, new.expires, new.owner),
                why: String::new(),
                line,
            });
            continue;
        };
        for (key, was, now, why) in extended(old, new) {
            changes.push(PolicyChange {
                kind: PolicyChangeKind::ExceptionExtended,
                path: format!("exception {}, {key}", new.id),
                old: was.unwrap_or_else(|| shown(None)),
                new: now.unwrap_or_else(|| shown(None)),
                why: why.to_owned(),
                line,
            });
        }
    }
}

fn field(exception: &Exception, key: &str) -> Option<String> {
    let value = exception.fields().into_iter().find(|(name, _)| *name == key)?.1;
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

type Extended = (&'static str, Option<String>, Option<String>, &'static str);

/// In which fields an exception excuses more than it did.
fn extended(old: &Exception, new: &Exception) -> Vec<Extended> {
    let mut out: Vec<Extended> = Vec::new();
    if old.rule != new.rule {
        out.push(("rule", Some(old.rule.clone()), Some(new.rule.clone()), "the id is used for another rule"));
    }
    for key in SCOPE {
        let (was, now) = (field(old, key), field(new, key));
        let why = match (&was, &now) {
            (Some(was), Some(now)) if was != now && ["path", "ref"].contains(key) => "it is for other places",
            (Some(was), Some(now)) if was != now => "the id is used for something else",
            (Some(_), None) => "it is for more than it was",
            _ => continue,
        };
        out.push((key, was, now, why));
    }
    if new.expires > old.expires {
        let (was, now) = (Some(old.expires.to_string()), Some(new.expires.to_string()));
        out.push(("expires", was, now, "it holds longer"));
    }
    out
}
