//! Key files of Google's service accounts: JSON with an id, an e-mail address and a private key.
//!
//! A rule's match is often only a part of the file, so that its members are looked for one by one.

use super::decode::{base64_head, word};
use super::key::{Contents, armor, der};
use super::{StructureCheck, Subject, Verdict, fails, holds};
use memchr::memmem::{find, find_iter};

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "google-service-account",
    about: "the private key of a service account's key file: whole, in PKCS #8, and beside it, where the match reaches so far, \
            `type`, `private_key_id`, `project_id` and `client_email` as Google writes them",
    params: &[],
    source: "https://cloud.google.com/iam/docs/keys-create-delete",
    example: "{gcp-service-account}",
    check,
};

fn check(subject: &Subject<'_>) -> Verdict {
    let text = subject.whole;
    let member = |name: &str| member(text, name);
    if member("type").is_some_and(|kind| kind != "service_account") {
        return fails("its `type` is not `service_account`");
    }
    let hex = |id: &str| id.len() == 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if member("private_key_id").is_some_and(|id| !hex(id)) {
        return fails("its `private_key_id` is not 40 hexadecimal digits");
    }
    let raw = armor::label(text).and_then(|_| base64_head(&armor::body(text)));
    let what = match raw.map(|raw| der::contents(&raw)) {
        Some(Contents::Private(what)) => what,
        Some(Contents::CutOff) => return fails("its private key is cut off"),
        _ => return fails("its private key is none: it is altered or made up"),
    };
    let mut facts = String::new();
    if let Some(email) = member("client_email").and_then(word) {
        facts.push_str(&format!("; it is of {email}"));
    } else if let Some(project) = member("project_id").and_then(word) {
        facts.push_str(&format!("; it is of the project {project}"));
    }
    holds(format!("its private key is {what}, in full{facts}"))
}

/// The text of a member of a JSON object that may be cut out of its file.
fn member<'a>(text: &'a [u8], name: &str) -> Option<&'a str> {
    let quoted = format!("\"{name}\"");
    let value = find_iter(text, quoted.as_bytes()).find_map(|at| {
        let rest = text.get(at + quoted.len()..)?.trim_ascii_start().strip_prefix(b":")?;
        let rest = rest.trim_ascii_start().strip_prefix(b"\"")?;
        rest.get(..find(rest, b"\"")?)
    });
    value.and_then(|value| std::str::from_utf8(value).ok())
}

#[cfg(test)]
mod tests {
    use crate::secrets::structure::Outcome;
    use crate::secrets::structure::tests::{judge, template};

    #[test]
    fn members_are_looked_at() {
        let of = |text: &str| judge("google-service-account", &[], text);
        let file = template("{gcp-service-account}", 4);
        let verdict = of(&file);
        assert_eq!(verdict.outcome, Outcome::Holds, "{}", verdict.why);
        assert!(verdict.why.contains(".iam.gserviceaccount.com"), "{}", verdict.why);
        assert_eq!(of(&file.replace("service_account", "authorized_user")).outcome, Outcome::Fails);
        assert_eq!(
            of(&file.replace("\"private_key_id\": \"", "\"private_key_id\": \"x")).outcome,
            Outcome::Fails
        );
        assert!(serde_json::from_str::<serde_json::Value>(&file).is_ok());
        let end = file.find("-----END").unwrap();
        assert_eq!(of(file.get(..end - 40).unwrap()).outcome, Outcome::Fails);
    }
}
