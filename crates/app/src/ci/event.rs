//! The event file of GitHub Actions, and of what is made after it: the webhook's JSON. It is also the form in which a pull request is
//! handed over where a system does not pass it on.

use crate::exit::Failure;
use gatepost_core::pull_request::{Body, Fact, PullRequest};
use gatepost_source::{Error, ErrorKind};
use serde_json::Value;
use std::path::Path;

/// Far more than a webhook has: GitHub cuts them at 25 MB.
const MAX_BYTES: u64 = 64 << 20;

/// Reads an event file.
///
/// # Errors
///
/// A file that is not there, too large, or no JSON.
pub(crate) fn read(file: &Path) -> Result<Value, Failure> {
    let failed = |why: String| {
        Failure::Source(Error::new(
            ErrorKind::File,
            format!("cannot read the event file {}: {why}", file.display()),
            "make it readable where gatepost runs (in a container: mount it), or name the range: --from-ref, --to-ref",
        ))
    };
    let size = std::fs::metadata(file).map_err(|error| failed(error.to_string()))?.len();
    if size > MAX_BYTES {
        return Err(failed(format!("{size} bytes are no event")));
    }
    let bytes = std::fs::read(file).map_err(|error| failed(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| failed(error.to_string()))
}

/// The text at a path of an event, where it has some.
pub(crate) fn text<'e>(event: &'e Value, pointer: &str) -> Option<&'e str> {
    event.pointer(pointer)?.as_str().filter(|text| !text.trim().is_empty())
}

/// The pull request of an event, or the event itself where it is one: what `pulls/N` of the interface gives. `None`: it has none.
pub(crate) fn pull_request(event: &Value) -> Option<PullRequest> {
    let request = match event.get("pull_request") {
        Some(request) if request.is_object() => request,
        _ if event.get("title").is_some_and(Value::is_string) => event,
        _ => return None,
    };
    let number = request.get("number").or_else(|| event.get("number")).and_then(Value::as_u64);
    let missing = |fact: &str| {
        (
            format!("the event has no `{fact}` of the pull request"),
            format!("hand an event over that has `{fact}`: --pull-request FILE (docs/ci.md)"),
        )
    };
    Some(PullRequest {
        name: number
            .map_or_else(|| "the pull request".to_owned(), |number| format!("pull request #{number}")),
        title: match request.get("title").and_then(Value::as_str) {
            Some(title) => Fact::Known(title.to_owned()),
            None => fact_missing(missing("title")),
        },
        // A description that nobody wrote is null.
        body: match request.get("body") {
            Some(Value::String(text)) => Fact::Known(Body { text: text.clone(), cut: None }),
            Some(Value::Null) => Fact::Known(Body { text: String::new(), cut: None }),
            _ => fact_missing(missing("body")),
        },
        labels: match request.get("labels").and_then(Value::as_array).and_then(|list| labels(list)) {
            Some(labels) => Fact::Known(labels),
            None => fact_missing(missing("labels")),
        },
        draft: match request.get("draft").and_then(Value::as_bool) {
            Some(draft) => Fact::Known(draft),
            None => fact_missing(missing("draft")),
        },
        branches: Vec::new(),
    })
}

fn fact_missing<T>((why, fix): (String, String)) -> Fact<T> {
    Fact::unknown(why, fix)
}

/// The names of labels, which are objects with a name, or names; `None` where one of them is neither.
fn labels(list: &[Value]) -> Option<Vec<String>> {
    let name = |label: &Value| label.get("name").unwrap_or(label).as_str().map(str::to_owned);
    list.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pull_request_is_read_from_an_event_and_from_itself() {
        let bare = json!({"number": 12, "title": "feat: x", "body": null, "draft": true,
            "labels": [{"name": "risk:low", "id": 1}, "bug"]});
        for event in [json!({"action": "edited", "pull_request": bare}), bare.clone()] {
            let request = pull_request(&event).unwrap();
            assert_eq!(request.name, "pull request #12");
            assert_eq!(request.title.known().map(String::as_str), Some("feat: x"));
            assert_eq!(request.body.known().map(|body| body.text.as_str()), Some(""));
            assert_eq!(request.labels.known().unwrap(), &["risk:low", "bug"]);
            assert_eq!(request.draft.known(), Some(&true));
        }
    }

    #[test]
    fn what_an_event_does_not_have_is_not_known() {
        let request = pull_request(&json!({"pull_request": {"labels": [{"id": 1}]}})).unwrap();
        assert_eq!(request.name, "the pull request");
        assert!(request.title.known().is_none() && request.body.known().is_none());
        assert!(request.labels.known().is_none() && request.draft.known().is_none());
        assert!(pull_request(&json!({"ref": "refs/heads/main"})).is_none());
        assert!(pull_request(&json!({"pull_request": null, "title": 7})).is_none());
        assert!(pull_request(&json!([])).is_none());
    }
}
