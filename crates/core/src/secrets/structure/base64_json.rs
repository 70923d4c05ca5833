//! Tokens that are JSON in base64 behind a prefix: Sentry's, Grafana's and 1Password's.
//!
//! Sources: `src/sentry/utils/security/orgauthtoken_token.py` of Sentry; Grafana's API keys are `{"k":…,"n":…,"id":…}`.

use super::decode::{base64, day, word};
use super::{PREFIX, StructureCheck, Subject, Verdict, fails, holds};
use serde_json::Value;

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "base64-json",
    about: "behind the prefix, up to a `_` that is not part of it, is a JSON object in base64",
    params: &[PREFIX],
    source: "https://github.com/getsentry/sentry/blob/master/src/sentry/utils/security/orgauthtoken_token.py",
    example: "{base64-json:40}",
    check,
};

fn check(subject: &Subject<'_>) -> Verdict {
    let text = subject.unprefixed();
    let until = text.iter().position(|byte| *byte == b'_').and_then(|at| text.get(..at));
    let object = [Some(text), until].into_iter().flatten().find_map(object);
    let Some(object) = object else {
        return fails("it should be JSON in base64 and is not: it is cut off, altered or made up");
    };
    let mut facts = String::new();
    let org = object.get("org").and_then(Value::as_str).and_then(word);
    if let Some(org) = org {
        facts.push_str(&format!("; it is for the organisation {org}"));
    }
    // Sentry writes seconds with a fraction.
    let issued = object.get("iat").and_then(Value::as_f64).and_then(|seconds| day(seconds as i64));
    if let Some(day) = issued {
        facts.push_str(&format!("; it was issued on {day}"));
    }
    holds(format!("it decodes to JSON, so it is a token and not only shaped like one{facts}"))
}

fn object(text: &[u8]) -> Option<serde_json::Map<String, Value>> {
    serde_json::from_slice(&base64(text)?).ok()
}
