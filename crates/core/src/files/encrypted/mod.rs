//! Encrypted material in files, and who can open it.
//!
//! No scan reads what is encrypted: what such a file is worth depends on who holds the keys. Each format is recognised
//! by what its vendor documents, and the keys are read from what stands in the clear beside the data. Keys are called
//! by identifiers, `KIND` or `KIND:NAME`, which the policy approves by globs ([`ApprovedKeys`]).

mod age;
mod ansible_vault;
mod approved;
mod armor;
mod git_crypt;
mod openssl;
mod pgp;
mod sealed_secrets;
mod sops;

use std::collections::BTreeSet;
use std::ops::Range;

pub(super) use approved::ApprovedKeys;

/// The kinds of keys: what identifiers begin with.
pub(super) const KINDS: &[&str] = &[
    "age",
    "ansible-vault",
    "aws-kms",
    "azure-kv",
    "gcp-kms",
    "git-crypt",
    "hc-vault",
    "hckms",
    "openssl",
    "pgp",
    "sealed-secrets",
    "transcrypt",
];

/// A format. To add one, write its file and name it in [`FORMATS`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Format {
    /// Its name, for people.
    pub(super) name: &'static str,
    /// How a file is given other keys; `FILE` stands for its path.
    pub(super) other_keys: &'static str,
    find: fn(&Input<'_>) -> Option<Found>,
}

/// SOPS comes first: the data keys in its metadata are messages of age and of OpenPGP, and none of their own. It alone takes
/// stretches for itself.
const FORMATS: &[&Format] = &[
    &sops::FORMAT,
    &ansible_vault::FORMAT,
    &git_crypt::FORMAT,
    &sealed_secrets::FORMAT,
    &age::FORMAT,
    &pgp::FORMAT,
    &openssl::FORMAT,
];

/// What a format is shown.
struct Input<'a> {
    path: &'a [u8],
    bytes: &'a [u8],
    /// Stretches that belong to a format which was there before, in order and apart from one another.
    taken: Vec<Range<usize>>,
}

impl<'a> Input<'a> {
    #[cfg(test)]
    const fn new(bytes: &'a [u8]) -> Self {
        Self { path: b"", bytes, taken: Vec::new() }
    }

    fn is_taken(&self, at: usize) -> bool {
        let after = self.taken.partition_point(|range| range.start <= at);
        after.checked_sub(1).and_then(|last| self.taken.get(last)).is_some_and(|range| range.contains(&at))
    }
}

/// What a format found.
#[derive(Debug, Default)]
struct Found {
    keys: Keys,
    /// Stretches in which no other format is looked for, in order and apart from one another.
    taken: Vec<Range<usize>>,
}

/// The keys that open something, each of them alone or with others.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Keys {
    /// Their identifiers.
    pub(super) known: BTreeSet<String>,
    /// Why there may be others, as a clause of its own.
    pub(super) unreadable: Option<String>,
}

impl Keys {
    fn one(identifier: impl Into<String>) -> Self {
        Self { known: BTreeSet::from([identifier.into()]), unreadable: None }
    }

    fn absorb(&mut self, other: Self) {
        self.known.extend(other.known);
        self.unreadable = self.unreadable.take().or(other.unreadable);
    }

    /// The first reason stays: one that cannot be read is enough.
    fn cannot_read(&mut self, why: impl Into<String>) {
        self.unreadable.get_or_insert_with(|| why.into());
    }
}

/// The encrypted material of one format in a file.
#[derive(Clone, Debug)]
pub(super) struct Material {
    pub(super) format: &'static Format,
    pub(super) keys: Keys,
}

/// All encrypted material in a file. Linear in its size.
pub(super) fn find(path: &[u8], bytes: &[u8]) -> Vec<Material> {
    let mut input = Input { path, bytes, taken: Vec::new() };
    let mut materials = Vec::new();
    for format in FORMATS {
        if let Some(found) = (format.find)(&input) {
            if !found.taken.is_empty() {
                input.taken = found.taken;
            }
            materials.push(Material { format, keys: found.keys });
        }
    }
    materials
}

/// The lines of a text with their offsets, without line feeds.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    bytes.split_inclusive(|byte| *byte == b'\n').map(move |line| {
        let start = at;
        at += line.len();
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        (start, line.strip_suffix(b"\r").unwrap_or(line))
    })
}

/// Text without the mark that some editors put before UTF-8.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Pieces of every format, to be put together in ways that no tool would.
    const PIECES: &[&str] = &[
        "sops:\n",
        "    kms: []\n",
        "    pgp:\n",
        "    - fp: AB\n",
        "      enc: |-\n",
        "\"sops\":",
        "{",
        "}",
        "[",
        "]",
        ",",
        "\"kms\": [{\"arn\": \"a\"}]",
        "\n[sops]\n",
        "sops_age__list_0__map_recipient=age1x\n",
        "key_groups__list_1__map_pgp = 1\n",
        "ENC[AES256_GCM,data:aa,iv:bb,tag:cc,type:str]",
        "ENC[AES256_GCM,",
        "$ANSIBLE_VAULT;1.2;AES256;",
        "$ANSIBLE_VAULT;1.1;AES256\n3133\n",
        "\0GITCRYPT\0",
        "kind: SealedSecret\n",
        "apiVersion: bitnami.com/v1alpha1\n",
        "encryptedData:\n",
        "age-encryption.org/v1\n",
        "-> X25519 a\n",
        "--- ",
        "-----BEGIN AGE ENCRYPTED FILE-----\n",
        "-----END AGE ENCRYPTED FILE-----\n",
        "-----BEGIN PGP MESSAGE-----\n\n",
        "\\n",
        "hQEMA\n",
        "-----END PGP MESSAGE-----\n",
        "U2FsdGVkX1",
        "Salted__",
        "\n",
        " ",
        "\t",
        "'",
        "\"",
        "\\",
    ];

    proptest! {
        #[test]
        fn any_bytes_are_looked_through(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
            for material in find(b"", &bytes) {
                prop_assert!(!material.keys.known.is_empty() || material.keys.unreadable.is_some());
            }
        }

        #[test]
        fn any_mixture_is_looked_through_and_never_opens_to_nobody(
            pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..40),
        ) {
            for material in find(b"", pieces.concat().as_bytes()) {
                prop_assert!(!material.keys.known.is_empty() || material.keys.unreadable.is_some());
                for key in &material.keys.known {
                    let kind = key.split(':').next().unwrap_or_default();
                    prop_assert!(KINDS.contains(&kind), "{key}");
                }
            }
        }
    }

    #[test]
    fn kinds_are_sorted_and_every_format_says_how_to_change_its_keys() {
        assert!(KINDS.is_sorted());
        for format in FORMATS {
            assert!(format.other_keys.contains("FILE"), "{}", format.name);
        }
    }

    #[test]
    fn lines_know_where_they_are() {
        let found: Vec<_> = lines(b"a\r\n\nbc").collect();
        assert_eq!(found, [(0, &b"a"[..]), (3, b""), (4, b"bc")]);
    }
}
