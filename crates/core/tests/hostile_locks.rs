//! Whatever stands where a manifest or a lock should stand: every ecosystem gives a clear verdict or says why it cannot,
//! within bounds, and none falls over.

#![cfg(feature = "locks")]

use gatepost_core::lockfile::{
    Answer, DEFAULT_LIMIT, ECOSYSTEMS, Ecosystem, Pair, Record, Role, Source, State, Tree, Want, survey,
};
use std::cell::Cell;

/// The pair of an ecosystem, found by the names that it says its files have.
fn pair(ecosystem: &dyn Ecosystem) -> (String, String) {
    let info = ecosystem.info();
    let plain = |names: &'static str, is_role: fn(Role) -> bool| {
        let mut names = names.split(", ").filter(|name| !name.contains(['*', '<', ' ']));
        names.find(|name| ecosystem.role(name).is_some_and(is_role)).map(str::to_owned)
    };
    let lock = plain(info.locks, Role::may_be_lock).unwrap_or_default();
    // Of several manifests the one that the lock is paired with.
    let all = info.manifests.split(", ").filter(|name| !name.contains(['*', '<', ' ']));
    let paths: Vec<&str> = all.chain([lock.as_str()]).collect();
    let read = |_: &str, _: u64| Ok(Some(Vec::new()));
    let tree = Tree::new(paths, &read);
    let pairs = ecosystem.pairs(&tree);
    let found = pairs.into_iter().find(|pair| pair.lock.as_ref() == Some(&lock) && pair.manifest.is_some());
    let manifest =
        found.and_then(|pair| pair.manifest).or_else(|| plain(info.manifests, Role::may_be_manifest));
    (manifest.unwrap_or_default(), lock)
}

/// Judges the pair of an ecosystem with these bytes for both of its files, and reads what they declare and lock.
fn judged(ecosystem: &dyn Ecosystem, manifest: &[u8], lock: &[u8]) -> (Answer, Answer) {
    let (manifest_path, lock_path) = pair(ecosystem);
    let read = |path: &str, _: u64| Ok(Some(if path == lock_path { lock } else { manifest }.to_vec()));
    let tree = Tree::new(vec![&manifest_path, &lock_path], &read);
    let name = ecosystem.info().name;
    let records = survey(&tree, &Want { ecosystems: Some(&[name]), touched: None });
    for (path, bytes) in [(&manifest_path, manifest), (&lock_path, lock)] {
        if let Ok(text) = std::str::from_utf8(bytes) {
            let _ = ecosystem.declared(&Source::new(path, text));
            let _ = ecosystem.locked(&Source::new(path, text));
        }
    }
    let worst = |of: fn(&Record) -> Answer| records.iter().map(of).max();
    let answers = (worst(Record::strict), worst(Record::rewrite));
    (answers.0.unwrap_or(Answer::CannotTell), answers.1.unwrap_or(Answer::CannotTell))
}

fn never_in_sync(bytes: &[u8], what: &str) {
    for ecosystem in ECOSYSTEMS {
        let answers = judged(*ecosystem, bytes, bytes);
        let name = ecosystem.info().name;
        assert!(
            answers.0 != Answer::InSync || answers.1 != Answer::InSync,
            "{name} takes {what} for in sync"
        );
    }
}

#[test]
fn bytes_that_are_no_text_are_never_in_sync() {
    let text = "{\"name\": \"app\", \"packages\": []}\n";
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    never_in_sync(&utf16, "UTF-16");
    never_in_sync(b"name: caf\xe9\npackages: []\n", "Latin-1");
    let binary: Vec<u8> = (0..200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    never_in_sync(&binary, "binary bytes");
}

#[test]
fn what_is_cut_off_gets_a_verdict() {
    for ecosystem in ECOSYSTEMS {
        for text in [
            "{\"name\": \"app\", \"dependencies\": {",
            "[package]\nname = \"a",
            "a:\n  - b: [c",
            "GEM\n  remote: x\n  sp",
            "\"a@^1\":\n  ver",
        ] {
            let _ = judged(*ecosystem, text.as_bytes(), text.as_bytes());
        }
    }
}

#[test]
fn deep_nesting_is_no_deep_recursion() {
    for open in ["[", "{\"a\":", "{", "(", "- ", "a: {", "a = [", "[[", "<a>", "\"${", "if x\n", "gem(["] {
        let text = open.repeat(20_000);
        for ecosystem in ECOSYSTEMS {
            let _ = judged(*ecosystem, text.as_bytes(), text.as_bytes());
        }
    }
}

#[test]
fn keys_that_stand_twice_do_no_harm() {
    let json = format!(
        "{{{}\"name\": \"a\"}}",
        "\"name\": \"a\", \"packages\": {}, \"dependencies\": {\"a\": \"1\", \"a\": \"2\"}, ".repeat(300)
    );
    let yaml = "packages:\n  a: 1\n  a: 2\n".repeat(300);
    for text in [json, yaml] {
        for ecosystem in ECOSYSTEMS {
            let _ = judged(*ecosystem, text.as_bytes(), text.as_bytes());
        }
    }
}

/// Nine levels of ten aliases each would be a thousand million values.
#[test]
fn aliases_do_not_grow_without_bound() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let row = format!("*a{}, ", level - 1).repeat(10);
        text.push_str(&format!("a{level}: &a{level} [{}]\n", row.trim_end_matches(", ")));
    }
    text.push_str("dependencies: *a9\npackages: *a9\n");
    never_in_sync(text.as_bytes(), "a bomb of aliases");
}

/// Nobody reads the 200 MB: the reader is told the limit, and says that the file is larger.
#[test]
fn a_file_of_200_megabytes_is_said_to_be_too_large() {
    const SIZE: u64 = 200 << 20;
    for ecosystem in ECOSYSTEMS {
        let (manifest, lock) = pair(*ecosystem);
        let asked = Cell::new(0);
        let read = |path: &str, limit: u64| {
            asked.set(limit.max(asked.get()));
            Ok(if path == lock && SIZE > limit { None } else { Some(b"{}".to_vec()) })
        };
        let tree = Tree::new(vec![&manifest, &lock], &read);
        let name = ecosystem.info().name;
        let records = survey(&tree, &Want { ecosystems: Some(&[name]), touched: None });
        assert!(asked.get() <= DEFAULT_LIMIT, "{name} reads beyond the limit");
        let judged = records
            .iter()
            .filter(|record| matches!(&record.pair, Pair { lock: Some(path), .. } if *path == lock));
        for record in judged {
            assert_eq!(
                (record.strict(), record.rewrite()),
                (Answer::CannotTell, Answer::CannotTell),
                "{name}"
            );
            if let State::Judged(verdict) = &record.state {
                assert!(
                    verdict.reasons.iter().any(|reason| reason.what.contains("is larger than")),
                    "{name}: {verdict:?}"
                );
            }
        }
    }
}
