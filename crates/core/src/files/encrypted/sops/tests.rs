//! Metadata as SOPS writes it in each format, and metadata that somebody has changed.

use super::*;
use proptest::prelude::*;

fn input(text: &str) -> Input<'_> {
    Input::new(text.as_bytes())
}

fn keys(text: &str) -> Keys {
    find(&input(text)).unwrap_or_else(|| panic!("not recognised:\n{text}")).keys
}

#[track_caller]
fn opens(text: &str, expected: &[&str]) {
    let found = keys(text);
    assert_eq!(found.unreadable, None, "{text}");
    let known: Vec<&str> = found.known.iter().map(String::as_str).collect();
    assert_eq!(known, expected, "{text}");
}

#[track_caller]
fn unreadable(text: &str) -> String {
    keys(text).unreadable.unwrap_or_else(|| panic!("readable:\n{text}"))
}

const VALUE: &str = "ENC[AES256_GCM,data:dGV4dA==,iv:aXYgYW5kIGl2IGFuZCBpdiBhbmQgaXYgYW5kIGl2IQ==,tag:dGFnIGFuZCB0YWcgYW5kIA==,type:str]";

fn yaml(metadata: &str) -> String {
    format!(
        "user: {VALUE}\nsops:\n{metadata}    lastmodified: \"2026-01-01T00:00:00Z\"\n    mac: {VALUE}\n    unencrypted_suffix: _unencrypted\n    version: 3.10.2\nafter: 1\n"
    )
}

const EVERY_KIND: &str = r#"    shamir_threshold: 2
    kms:
        - arn: arn:aws:kms:eu-central-1:111122223333:key/1-2
          context:
            AppName: a
          created_at: "2026-01-01T00:00:00Z"
          enc: AQICAHh
          aws_profile: ""
    gcp_kms:
        - resource_id: projects/p/locations/global/keyRings/r/cryptoKeys/k
          created_at: "2026-01-01T00:00:00Z"
          enc: CiQA
    azure_kv:
        - vault_url: https://v.vault.azure.net
          name: k
          version: 0a1b
          created_at: "2026-01-01T00:00:00Z"
          enc: Eq1z
    hc_vault:
        - vault_address: https://vault.example:8200/
          engine_path: sops
          key_name: first
          created_at: "2026-01-01T00:00:00Z"
          enc: vault:v1:abc
    hckms:
        - key_id: tr-west-1:0a1b
          enc: AA
    age:
        - recipient: age1qqq
          enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==
            -----END AGE ENCRYPTED FILE-----
        - enc: "-----BEGIN\nx: y"
          recipient: 'ssh-ed25519 AAAA it''s me'
    pgp:
    -   created_at: '2026-01-01T00:00:00Z'
        enc: |-
            -----BEGIN PGP MESSAGE-----

            wcBMAyUpShfNkFB/AQgAE0MaWAQGbTKY7Xg3fDNtzlvnVBkkQRHsLt5kUTu2nAy4
            =RDyn
            -----END PGP MESSAGE-----
        fp: 0123456789ABCDEF0123456789ABCDEF01234567
"#;

const EVERY_KEY: [&str; 8] = [
    "age:age1qqq",
    "age:ssh-ed25519 AAAA it's me",
    "aws-kms:arn:aws:kms:eu-central-1:111122223333:key/1-2",
    "azure-kv:https://v.vault.azure.net/keys/k/0a1b",
    "gcp-kms:projects/p/locations/global/keyRings/r/cryptoKeys/k",
    "hc-vault:https://vault.example:8200/v1/sops/keys/first",
    "hckms:tr-west-1:0a1b",
    "pgp:0123456789ABCDEF0123456789ABCDEF01234567",
];

#[test]
fn yaml_names_every_kind_of_key() {
    let text = yaml(EVERY_KIND);
    opens(&text, &EVERY_KEY);
    opens(&text.replace('\n', "\r\n"), &EVERY_KEY);
    opens(&format!("\u{feff}{text}"), &EVERY_KEY);
    let found = super::super::find(b"", text.as_bytes());
    assert_eq!(found.len(), 1, "the data keys in the metadata are no messages of their own: {found:?}");
}

#[test]
fn folded_values_of_the_first_versions_are_read() {
    let note = "    attention: This section contains key material that should only be modified with\n        extra care. See `sops -h`.\n";
    opens(
        &yaml(&format!("{note}    pgp:\n    -   fp: >-\n            AA BB\n        enc: x\n")),
        &["pgp:AABB"],
    );
}

#[test]
fn every_document_and_every_group_counts() {
    let age = |recipient: &str| format!("    age:\n        - recipient: {recipient}\n          enc: x\n");
    opens(&format!("{}---\n{}", yaml(&age("age1a")), yaml(&age("age1b"))), &["age:age1a", "age:age1b"]);
    let groups = "    key_groups:\n        - pgp:\n            - fp: AA\n              enc: x\n          hc_vault: []\n          age: []\n        - hc_vault: []\n          age:\n            - recipient: age1b\n              enc: x\n            - recipient: age1c\n              enc: x\n    kms: []\n    gcp_kms: null\n";
    opens(&yaml(groups), &["age:age1b", "age:age1c", "pgp:AA"]);
}

#[test]
fn json_names_them_too() {
    let text = format!(
        r#"{{"user": "{VALUE}", "a": [1, {{"sops": "no"}}, "\"}}"], "sops": {{ "kms": [{{"arn": "arn:a", "enc": "x", "context": {{"a": "b"}}}}],
        "gcp_kms": null, "pgp": [{{"fp": "AA BB", "enc": "-----BEGIN PGP MESSAGE-----\n\nwcBMAyUpShfNkFB/AQgAE0MaWAQGbTKY7Xg3fDNtzlvnVBkk\n-----END PGP MESSAGE-----"}}, {{"fp": "\u0043C"}}],
        "key_groups": [{{"age": [{{"recipient": "age1a"}}]}}, {{"hc_vault": [{{"vault_address": "https://v", "engine_path": "e", "key_name": "k"}}]}}],
        "mac": "{VALUE}", "version": "3.9.0" }} }}"#
    );
    opens(&text, &["age:age1a", "aws-kms:arn:a", "hc-vault:https://v/v1/e/keys/k", "pgp:AABB", "pgp:CC"]);
    assert_eq!(super::super::find(b"", text.as_bytes()).len(), 1);
}

#[test]
fn dotenv_and_ini_name_them_too() {
    let dotenv = format!(
        "A={VALUE}\nsops_lastmodified=2026-01-01T00:00:00Z\nsops_age__list_0__map_enc=-----BEGIN AGE ENCRYPTED FILE-----\\nYWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBh\\n-----END AGE ENCRYPTED FILE-----\\n\nsops_age__list_0__map_recipient=age1a\nsops_key_groups__list_1__map_pgp__list_0__map_fp=AA\nsops_mac={VALUE}\nsops_version=3.9.0\n"
    );
    opens(&dotenv, &["age:age1a", "pgp:AA"]);
    assert_eq!(super::super::find(b"", dotenv.as_bytes()).len(), 1);
    let ini = format!(
        "[name]\nfirst = {VALUE}\n\n[sops]\nkms__list_0__map_arn     = `arn:a`\nkms__list_0__map_enc     = x\nlastmodified             = 2026-01-01T00:00:00Z\nmac                      = {VALUE}\n\n[other]\nkms__list_1__map_arn = arn:b\n"
    );
    opens(&ini, &["aws-kms:arn:a"]);
}

#[test]
fn what_is_not_as_sops_writes_it_is_not_passed_over() {
    for (metadata, says) in [
        ("    age: [{recipient: age1a, enc: x}]\n", "line 3"),
        ("    age: &a\n", "line 3"),
        ("    <<: *a\n", "line 3"),
        ("    age:\n    -\trecipient: age1a\n", "line 4"),
        ("    age:\n        - age1a\n", "holds something else"),
        ("    age:\n        - enc: x\n", "a key in the list `age` has no `recipient`"),
        ("    moon_kms:\n        - id: x\n          enc: x\n", "keys of the kind `moon_kms` are not known"),
        ("    age:\n        - recipient: age1a\n          recipient: age1b\n", "two values of `recipient`"),
        ("    age: age1a\n", "holds something else"),
        ("    age: []\n", "no metadata that names their keys"),
    ] {
        let why = unreadable(&yaml(metadata));
        assert!(why.contains(says), "{metadata}{why}");
    }
    assert!(unreadable(&format!("a: {VALUE}\nsops: {{age: []}}\n")).contains("line 2 is not in block style"));
    assert!(unreadable(&format!("a: {VALUE}\n")).contains("no metadata"));
    assert!(unreadable(&format!("{{\"a\": \"{VALUE}\", \"sops\": {{")).contains("ends in the middle"));
    assert!(
        unreadable(&format!("{{\"a\": \"{VALUE}\", \"sops\": {}", "[".repeat(300))).contains("too deeply")
    );
}

#[test]
fn mentions_settings_and_abbreviations_are_not_encrypted() {
    for text in [
        "creation_rules:\n    - age: age1qqq\n",
        "sops:\n    enabled: true\n",
        "decryption:\n    provider: sops\n",
        "sops_version = \"3.9.0\"\n",
        "a: ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\n",
        "values look like ENC[AES256_GCM,data:...,iv:...,tag:...,type:str]\n",
        "{\"sops\": {\"enabled\": true}}",
        "{\"sops\": ",
    ] {
        assert!(find(&input(text)).is_none(), "{text}");
    }
}

proptest! {
    /// The same keys, in whatever notation the file has them.
    #[test]
    fn no_notation_hides_a_key(
        names in proptest::collection::btree_set("age1[a-zA-Z0-9:/_.-]{0,20}[a-z0-9]", 1..8),
        quote in proptest::sample::select(&["", "\"", "'"]),
        indent in 0..5usize,
    ) {
        let mut yaml = format!("sops:\n{:indent$}  lastmodified: x\n{:indent$}  age:\n", "", "");
        let (mut json, mut dotenv, mut ini) = (Vec::new(), "sops_lastmodified=x\n".to_owned(), "[sops]\nmac=x\n".to_owned());
        for (number, name) in names.iter().enumerate() {
            yaml += &format!("{:indent$}  -   enc: |-\n{:indent$}        x\n{:indent$}      recipient: {quote}{name}{quote}\n", "", "", "");
            json.push(format!("{{\"enc\": \"\\n\", \"recipient\": \"{name}\"}}"));
            dotenv += &format!("sops_age__list_{number}__map_recipient={name}\n");
            ini += &format!("age__list_{number}__map_recipient = {name}\n");
        }
        let json = format!("{{\"sops\": {{\"lastmodified\": \"x\", \"age\": [{}]}}}}", json.join(", "));
        let expected: Vec<String> = names.iter().map(|name| format!("age:{name}")).collect();
        for text in [yaml, json, dotenv, ini] {
            let found = keys(&text);
            prop_assert_eq!(&found.unreadable, &None, "{}", text);
            prop_assert!(found.known.iter().eq(expected.iter()), "{:?}\n{}", found, text);
        }
    }
}
