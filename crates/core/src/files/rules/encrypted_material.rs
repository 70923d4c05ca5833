//! A file with encrypted material that the policy does not take, or that somebody can open whom it does not approve.

use super::super::config::Encrypted;
use super::super::encrypted::{self, Material};
use super::super::judge::{Subject, quoted};
use super::{Complaint, FileRule};
use crate::Level;
use crate::code::CodeInfo;
use crate::severity::Severity;
use crate::text::escape;

pub(super) const RULE: FileRule = FileRule {
    info: CodeInfo {
        code: "GP-FILE-005",
        name: "encrypted-material",
        severity: Severity::High,
        summary: "A file has encrypted material, and `encrypted` denies it or approves other keys than those that can open it.",
        why: "What is encrypted is kept in every clone for ever, and whoever has one of its keys can read it.",
        fix: "Encrypt it for keys in `key-management`, keep it elsewhere, or have the key approved.",
        fires: "$ANSIBLE_VAULT;1.1;AES256\n39613266396132663961326639613266\n",
        silent: "vaults begin with $ANSIBLE_VAULT;1.1;AES256\n",
    },
    options: "encrypted = \"approved\"",
    level: |settings, _| if settings.encrypted == Encrypted::Allow { Level::Off } else { Level::Deny },
    judge,
};

/// How many keys a message names.
const MOST_NAMED: usize = 5;

/// How much of a key it shows, in characters: recipients of age that withstand quantum computers have two thousand.
const MOST_SHOWN: usize = 120;

fn judge(subject: &Subject<'_>) -> Option<Complaint> {
    let bytes = subject.document.bytes.filter(|_| !subject.symlink)?;
    let materials = encrypted::find(subject.path.as_bytes(), bytes);
    if materials.is_empty() {
        return None;
    }
    match subject.encrypted {
        Encrypted::Allow => None,
        Encrypted::Approved => not_approved(subject, &materials),
        Encrypted::Deny => Some(denied(subject, &materials)),
    }
}

fn denied(subject: &Subject<'_>, materials: &[Material]) -> Complaint {
    let path = quoted(subject.path);
    let formats: Vec<&str> = materials.iter().map(|material| material.format.name).collect();
    Complaint {
        message: format!(
            "{} has encrypted material ({}), and encrypted files are denied here",
            subject.path.escaped(),
            formats.join(", ")
        ),
        fix: vec![
            format!("git rm --cached {path}"),
            "keep the secret in a store that is read when it is needed".to_owned(),
            "if it belongs in the repository, set encrypted = \"approved\" for it in a [[files.path]] block of gatepost.toml"
                .to_owned(),
        ],
    }
}

fn not_approved(subject: &Subject<'_>, materials: &[Material]) -> Option<Complaint> {
    let (mut says, mut fix) = (Vec::new(), Vec::new());
    let mut has_key = false;
    for material in materials {
        let format = material.format;
        let known = &material.keys.known;
        let others: Vec<&String> = known.iter().filter(|key| !subject.approved.contains(key)).collect();
        if others.is_empty() && material.keys.unreadable.is_none() {
            continue;
        }
        if !others.is_empty() {
            has_key = true;
            let count = match others.len() {
                1 => "a key that is".to_owned(),
                several => format!("{several} keys that are"),
            };
            says.push(format!(
                "its {} data opens with {count} not approved: {}",
                format.name,
                named(&others)
            ));
        }
        if let Some(why) = &material.keys.unreadable {
            says.push(format!("not every key of its {} data can be read: {}", format.name, escape(why)));
        }
        fix.push(format.other_keys.replace("FILE", &quoted(subject.path)));
    }
    if says.is_empty() {
        return None;
    }
    if has_key {
        fix.push("if the key is a good one, have it added to key-management in gatepost.toml".to_owned());
    }
    Some(Complaint { message: format!("{}: {}", subject.path.escaped(), says.join("; ")), fix })
}

/// The first of the keys, and how many more there are.
fn named(keys: &[&String]) -> String {
    let shown: Vec<_> = keys.iter().take(MOST_NAMED).map(|key| shortened(key)).collect();
    match keys.len().saturating_sub(MOST_NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The start of a key, which a glob can be made of.
fn shortened(key: &str) -> String {
    let start: String = key.chars().take(MOST_SHOWN).collect();
    let more = if start.len() < key.len() { "\u{2026}" } else { "" };
    format!("{}{more}", escape(&start))
}
