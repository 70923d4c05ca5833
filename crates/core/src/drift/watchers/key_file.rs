//! Files of keys that `[signatures]` of the policy in force names: whose signatures count, and whose no longer do.

use super::super::codes::{POLICY_WEAKENED, SETTING_CHANGED};
use super::super::gate::{Weakening, shortened};
use super::{Watcher, broken, text};
use crate::change::FileChange;
use crate::signature::{Revoked, TrustFileKind, allowed_signers, ssh_fingerprint};
use std::collections::BTreeMap;

pub(super) const SIGNERS: Watcher = Watcher {
    watches: |path, settings| settings.is_key_file(TrustFileKind::AllowedSigners, path),
    judge: |changes| more(changes, signers),
};

pub(super) const OPENPGP: Watcher = Watcher {
    watches: |path, settings| settings.is_key_file(TrustFileKind::OpenPgpKeys, path),
    judge: |changes| more(changes, blocks),
};

pub(super) const REVOKED: Watcher = Watcher {
    watches: |path, settings| settings.is_key_file(TrustFileKind::RevokedKeys, path),
    judge: |changes| changes.iter().filter_map(|change| fewer(change)).collect(),
};

/// What stands in a file: by what tells one from another, what it is called.
type Items = BTreeMap<String, String>;

/// What a file trusts that none of the files trusted before: what leaves one may come to another.
fn more(changes: &[&FileChange<'_>], read: impl Fn(&[u8]) -> Result<Items, String>) -> Vec<Weakening> {
    let mut before = Items::new();
    for change in changes {
        before.extend(change.old.and_then(|old| read(old).ok()).unwrap_or_default());
    }
    let mut out = Vec::new();
    for change in changes {
        let Some(new) = change.new else { continue };
        let old = change.old.and_then(|old| read(old).ok()).unwrap_or_default();
        match read(new) {
            Ok(now) => {
                let added: Vec<&str> = now
                    .iter()
                    .filter(|(key, _)| !before.contains_key(*key))
                    .map(|(_, name)| name.as_str())
                    .collect();
                if !added.is_empty() {
                    let added = shortened(&added.join(", "));
                    out.push(Weakening {
                        code: &POLICY_WEAKENED,
                        path: change.path.clone(),
                        line: None,
                        commit: change.commit,
                        message: format!(
                            "it trusts keys that were not trusted (had: {}, now: {}): {added}",
                            old.len(),
                            now.len()
                        ),
                        restore: format!("take out what was not agreed on: {added}"),
                    });
                }
            }
            Err(why) if !old.is_empty() => {
                let names: Vec<&str> = old.values().map(String::as_str).collect();
                out.push(broken(change, None, &why, &shortened(&names.join(", "))));
            }
            Err(_) => {}
        }
    }
    out
}

/// Lines of allowed signers. One that bounds its key otherwise is another line.
fn signers(bytes: &[u8]) -> Result<Items, String> {
    let signers = allowed_signers(&text(bytes)).map_err(|wrong| wrong.to_string())?;
    let item = |signer: &crate::signature::AllowedSigner| {
        let line = signer.line.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        (line, format!("{} {}", signer.principals, ssh_fingerprint(&signer.key)))
    };
    Ok(signers.iter().map(item).collect())
}

/// OpenPGP keys in their armour; a file without armour is one key.
fn blocks(bytes: &[u8]) -> Result<Items, String> {
    const BEGIN: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
    let all = text(bytes);
    let bare = |block: &str| block.split_ascii_whitespace().collect::<String>();
    let items: Items = match all.split_once(BEGIN) {
        None if bytes.is_empty() => return Err("it is empty".to_owned()),
        None => [(data_encoding::HEXLOWER.encode(bytes), "an OpenPGP key".to_owned())].into(),
        Some((_, rest)) => {
            rest.split(BEGIN).map(|block| (bare(block), "an OpenPGP key".to_owned())).collect()
        }
    };
    Ok(items)
}

/// What a file no longer revokes.
fn fewer(change: &FileChange<'_>) -> Option<Weakening> {
    let read = |bytes: Option<&[u8]>| {
        let mut revoked = Revoked::default();
        revoked.add_file(bytes.unwrap_or_default()).map(|()| revoked)
    };
    let old = read(change.old).ok()?;
    let new = match read(change.new) {
        Ok(new) => new,
        Err(why) if !old.is_empty() => return Some(broken(change, None, &why, "revoked keys")),
        Err(_) => return None,
    };
    let gone: Vec<&str> = old.names().filter(|name| !new.names().any(|other| other == *name)).collect();
    let weakening = |code, message, restore| Weakening {
        code,
        path: change.path.clone(),
        line: None,
        commit: change.commit,
        message,
        restore,
    };
    if !gone.is_empty() {
        let gone = shortened(&gone.join(", "));
        let (had, has) = (old.names().count(), new.names().count());
        let message = format!("keys are no longer revoked (had: {had}, now: {has}): {gone}");
        return Some(weakening(&POLICY_WEAKENED, message, format!("put them back: {gone}")));
    }
    if old.lists().iter().any(|list| !new.lists().contains(list)) {
        let message = format!(
            "its key revocation list is another one, and nobody can tell whether it revokes more or less (had: {}, now: {})",
            old.lists().len(),
            new.lists().len()
        );
        let code = if new.lists().is_empty() { &POLICY_WEAKENED } else { &SETTING_CHANGED };
        return Some(weakening(
            code,
            message,
            "compare what `ssh-keygen -Q -l -f FILE` lists of both".to_owned(),
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RepoPath;
    use data_encoding::BASE64;

    fn key(number: u8) -> String {
        let part = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat();
        format!("ssh-ed25519 {}", BASE64.encode(&[part(b"ssh-ed25519"), part(&[number; 32])].concat()))
    }

    fn said(watcher: &Watcher, files: &[(Option<&str>, Option<&str>)]) -> Vec<String> {
        let path = RepoPath::from("keys/file");
        let changes: Vec<FileChange<'_>> = files
            .iter()
            .map(|(old, new)| FileChange {
                path: &path,
                old: old.map(str::as_bytes),
                new: new.map(str::as_bytes),
                commit: None,
            })
            .collect();
        let found = (watcher.judge)(&changes.iter().collect::<Vec<_>>());
        found.iter().map(|one| format!("{} {}", one.code.code, one.message)).collect()
    }

    #[test]
    fn a_signer_more_is_told_and_one_that_moves_or_goes_is_not() {
        let (one, two) = (format!("dev@example.com {}\n", key(1)), format!("ops@example.com {}\n", key(2)));
        let both = format!("# keys\n{one}{two}");
        let added = said(&SIGNERS, &[(Some(&one), Some(&both))]);
        assert_eq!(added.len(), 1);
        assert!(
            added[0].starts_with(
                "GP-POL-001 it trusts keys that were not trusted (had: 1, now: 2): ops@example.com SHA256:"
            ),
            "{added:?}"
        );
        assert_eq!(said(&SIGNERS, &[(Some(&both), Some(&one))]), [""; 0]);
        assert_eq!(said(&SIGNERS, &[(Some(&both), Some(&one)), (None, Some(&two))]), [""; 0]);
        assert_eq!(said(&SIGNERS, &[(Some(&both), None)]), [""; 0]);
        let bound = format!("dev@example.com valid-before=\"20270101Z\" {}\n", key(1));
        assert_eq!(said(&SIGNERS, &[(Some(&bound), Some(&one))]).len(), 1, "it holds for longer");
        let broken = said(&SIGNERS, &[(Some(&one), Some("dev@example.com\n"))]);
        assert!(broken[0].starts_with("GP-POL-013"), "{broken:?}");
    }

    #[test]
    fn an_openpgp_key_more_is_told() {
        let block = |text: &str| {
            format!("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{text}\n-----END PGP PUBLIC KEY BLOCK-----\n")
        };
        let (one, two) = (block("aaaa"), block("bbbb"));
        let both = format!("{one}{two}");
        assert_eq!(said(&OPENPGP, &[(Some(&one), Some(&both))]).len(), 1);
        assert_eq!(said(&OPENPGP, &[(Some(&both), Some(&two))]), [""; 0]);
    }

    #[test]
    fn a_revocation_less_is_told() {
        let both = format!("{}\n{}\n", key(1), key(2));
        let less = said(&REVOKED, &[(Some(&both), Some(&key(2)))]);
        assert!(
            less[0].starts_with("GP-POL-001 keys are no longer revoked (had: 2, now: 1): SHA256:"),
            "{less:?}"
        );
        assert_eq!(said(&REVOKED, &[(Some(&key(1)), Some(&both))]), [""; 0]);
        assert_eq!(said(&REVOKED, &[(Some(&key(1)), None)]).len(), 1);
        let list = |text: &str| format!("SSHKRL\n\0{text}");
        let other = said(&REVOKED, &[(Some(&list("a")), Some(&list("b")))]);
        assert!(other[0].starts_with("GP-POL-004"), "{other:?}");
        assert!(said(&REVOKED, &[(Some(&list("a")), Some(""))])[0].starts_with("GP-POL-001"));
    }
}
