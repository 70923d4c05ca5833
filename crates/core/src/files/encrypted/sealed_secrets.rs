//! Sealed Secrets: Kubernetes objects that only the controller of a cluster can open.
//!
//! Source: <https://github.com/bitnami-labs/sealed-secrets#overview>: `apiVersion: bitnami.com/v1alpha1`,
//! `kind: SealedSecret`, and values under `spec.encryptedData`. Which controller's certificate was used is not
//! told by the object.

use super::{Format, Found, Input, Keys};
use memchr::memmem;

pub(super) const FORMAT: Format = Format {
    name: "Sealed Secrets",
    other_keys: "kubeseal --re-encrypt, or put the secret in a store that the cluster reads and take FILE out",
    find,
};

fn find(input: &Input<'_>) -> Option<Found> {
    // A definition of the resource, a role or a patch names the kind and seals nothing.
    let sealed = is_set(input.bytes, b"kind", b"SealedSecret")
        && is_set(input.bytes, b"apiVersion", b"bitnami.com/")
        && memmem::find(input.bytes, b"encryptedData").is_some();
    sealed.then(|| Found { keys: Keys::one("sealed-secrets"), taken: Vec::new() })
}

/// Whether `key` has a value that begins with `value`, in YAML or JSON.
fn is_set(bytes: &[u8], key: &[u8], value: &[u8]) -> bool {
    memmem::find_iter(bytes, value).any(|at| {
        let before = bytes.get(..at).unwrap_or_default();
        let unquoted = before.iter().rposition(|b| !matches!(b, b' ' | b'\t' | b'"' | b'\''));
        let Some(before) = unquoted.and_then(|end| before.get(..=end)).and_then(|b| b.strip_suffix(b":"))
        else {
            return false;
        };
        let after = bytes.get(at + value.len()).copied().unwrap_or(b'\n');
        let ends = value.ends_with(b"/") || !after.is_ascii_alphanumeric();
        ends && before.trim_ascii_end().strip_suffix(b"\"").unwrap_or(before).ends_with(key)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_sealed(text: &str) -> bool {
        find(&Input::new(text.as_bytes())).is_some()
    }

    #[test]
    fn yaml_and_json_are_read() {
        let yaml = "---\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret # sealed\nspec:\n  encryptedData:\n    a: AgBy\n";
        assert!(is_sealed(yaml) && is_sealed(&yaml.replace("kind: SealedSecret", "kind: \"SealedSecret\"")));
        assert!(is_sealed(
            r#"{"kind":"SealedSecret","apiVersion":"bitnami.com/v1alpha1","spec":{"encryptedData":{"a":"AgBy"}}}"#
        ));
        assert!(is_sealed(
            "{\n  \"kind\": \"SealedSecret\",\n  \"apiVersion\": \"bitnami.com/v1alpha1\",\n  \"spec\": { \"encryptedData\": {} }\n}"
        ));
    }

    #[test]
    fn what_only_names_the_kind_is_not_sealed() {
        for text in [
            "kind: CustomResourceDefinition\nspec:\n  group: bitnami.com\n  names:\n    kind: SealedSecret\n  # encryptedData\n",
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: only-a-patch\n",
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecretList\nencryptedData: 1\n",
            "kinds: [SealedSecret]\napiVersion: bitnami.com/v1\nencryptedData:\n",
        ] {
            assert!(!is_sealed(text), "{text}");
        }
    }
}
