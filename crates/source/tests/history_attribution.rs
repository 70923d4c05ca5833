//! Attribution against the slow way: list the whole tree of every commit and compare it with its parents'.
#![allow(clippy::unwrap_used, clippy::string_slice)]

mod history_support;

use gatepost_core::ObjectId;
use gatepost_source::history::{Appearance, attribute};
use history_support::{Plain, Scratch};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Blob, path, commit, whether it is in the tip.
type Row = (String, String, String, bool);

fn tree(scratch: &Scratch, commit: &str) -> BTreeSet<(String, String)> {
    let listed = scratch.git(&["ls-tree", "-r", "-z", "--full-tree", commit]);
    listed
        .split('\0')
        .filter(|line| !line.is_empty() && !line.contains(" commit "))
        .map(|line| {
            let (meta, path) = line.split_once('\t').unwrap();
            (path.to_owned(), meta.split(' ').nth(2).unwrap().to_owned())
        })
        .collect()
}

fn slowly(scratch: &Scratch) -> BTreeSet<Row> {
    let objects = scratch.expected();
    let commits: Vec<&String> =
        objects.iter().filter(|(_, object)| object.0 == "commit").map(|(id, _)| id).collect();
    let trees: BTreeMap<&String, _> = commits.iter().map(|id| (*id, tree(scratch, id))).collect();
    let tip = tree(scratch, "HEAD");
    let mut rows = BTreeSet::new();
    for id in &commits {
        let listed = scratch.git(&["rev-list", "--parents", "-n1", id]);
        let parents: Vec<&str> = listed.split(' ').skip(1).collect();
        for (path, blob) in &trees[id] {
            let entry = (path.clone(), blob.clone());
            if !parents.iter().any(|parent| trees[&(*parent).to_owned()].contains(&entry)) {
                rows.insert((blob.clone(), path.clone(), (*id).clone(), tip.contains(&entry)));
            }
        }
    }
    rows
}

fn quickly(scratch: &Scratch, targets: &HashSet<ObjectId>, threads: usize) -> BTreeSet<Row> {
    let found = attribute(&Plain(scratch.info.clone()), targets, threads).unwrap();
    assert_eq!(found.problems, []);
    let mut rows = BTreeSet::new();
    for (blob, appearances) in &found.appearances {
        for Appearance { path, commit, in_tip } in appearances {
            let row = (blob.to_string(), path.escaped().into_owned(), commit.to_string(), *in_tip);
            assert!(rows.insert(row), "listed twice");
        }
    }
    rows
}

fn blobs(scratch: &Scratch) -> Vec<ObjectId> {
    let objects = scratch.expected();
    let blobs = objects.iter().filter(|(_, object)| object.0 == "blob");
    blobs.map(|(id, _)| ObjectId::from_hex(id.as_bytes()).unwrap()).collect()
}

fn assert_same(scratch: &Scratch) {
    let expected = slowly(scratch);
    let all = blobs(scratch);
    assert_eq!(quickly(scratch, &all.iter().copied().collect(), 2), expected);
    for blob in all.iter().step_by(3) {
        let rows = expected.iter().filter(|row| row.0 == blob.to_string()).cloned().collect();
        assert_eq!(quickly(scratch, &HashSet::from([*blob]), 1), rows);
    }
}

#[test]
fn random_histories() {
    for seed in 0..2 {
        let mut scratch = Scratch::new();
        for _ in 0..seed {
            scratch.random(2);
        }
        scratch.write("start", "start\n");
        scratch.commit("start");
        scratch.commit("a second one, so that there is a parent");
        for number in 0..18 {
            step(&mut scratch, number);
        }
        assert_same(&scratch);
        scratch.git(&["gc", "-q", "--prune=never"]);
        assert_same(&scratch);
    }
}

/// One random thing that people do.
fn step(scratch: &mut Scratch, number: usize) {
    // Few names and contents, so that blobs come back at other paths and in other branches.
    let names = ["a", "b", "dir/a", "dir/deep/er/b", "dir/a b \"q\"", "other/dir/a"];
    let name = names[scratch.random(names.len())];
    let text = format!("content {}\n", scratch.random(6));
    match scratch.random(9) {
        0..=2 => {
            scratch.write(name, text);
            scratch.commit(&format!("write {number}"));
        }
        3 => {
            let _ = std::fs::remove_file(scratch.path().join(name));
            scratch.commit(&format!("remove {number}"));
        }
        4 => {
            let renamed = format!("renamed{}", scratch.random(2));
            let renamed = scratch.path().join(renamed);
            let _ = std::fs::rename(scratch.path().join(name), renamed);
            scratch.commit(&format!("rename {number}"));
        }
        5 => {
            scratch.write(name, text);
            scratch.git(&["add", "-A"]);
            scratch.git(&["commit", "-q", "--amend", "--allow-empty", "-m", &format!("amend {number}")]);
        }
        6 => {
            scratch.git(&["checkout", "-q", "--detach", "HEAD~1"]);
            scratch.write(name, text);
            scratch.commit(&format!("side {number}"));
            scratch.git(&["tag", &format!("side{number}")]);
            scratch.git(&["checkout", "-q", "main"]);
            // A merge with content of its own, whatever the two sides say.
            scratch.git(&["merge", "-q", "-s", "ours", "--no-commit", &format!("side{number}")]);
            let other = format!("content {}\n", scratch.random(6));
            scratch.write(name, other);
            scratch.commit(&format!("merge {number}"));
        }
        7 => {
            scratch.write("start", format!("stash {number}\n"));
            scratch.git(&["stash", "-q"]);
        }
        _ => {
            scratch.git(&["notes", "add", "-f", "-m", &text]);
        }
    }
}

#[test]
fn the_earliest_commit_comes_first_and_unknown_blobs_have_none() {
    let scratch = Scratch::new();
    scratch.write("dir/secret", "x\n");
    let first = scratch.commit("first");
    let blob = scratch.git(&["rev-parse", "HEAD:dir/secret"]);
    scratch.git(&["rm", "-q", "dir/secret"]);
    scratch.commit("removed");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    scratch.write("again", "x\n");
    let second = scratch.commit("again");
    let dangling = scratch.git_with(&["hash-object", "-w", "--stdin"], b"never committed");
    let id = |hex: &str| ObjectId::from_hex(hex.as_bytes()).unwrap();
    let targets = HashSet::from([id(&blob), id(&dangling)]);
    let found = attribute(&Plain(scratch.info.clone()), &targets, 1).unwrap();
    assert_eq!(
        found.appearances[&id(&blob)],
        [
            Appearance { path: "dir/secret".into(), commit: id(&first), in_tip: false },
            Appearance { path: "again".into(), commit: id(&second), in_tip: true },
        ]
    );
    assert!(!found.appearances.contains_key(&id(&dangling)));
}

#[test]
fn malformed_trees_and_commits_are_problems() {
    let scratch = Scratch::new();
    scratch.write("file", "x\n");
    scratch.commit("first");
    let literally = |kind: &str, bytes: &[u8]| {
        scratch.git_with(&["hash-object", "-w", "--literally", "-t", kind, "--stdin"], bytes)
    };
    let broken = [literally("tree", b"100644 cut short\0abc"), literally("commit", b"no tree\n\n")];
    let blob = scratch.git(&["rev-parse", "HEAD:file"]);
    let targets = HashSet::from([ObjectId::from_hex(blob.as_bytes()).unwrap()]);
    let found = attribute(&Plain(scratch.info.clone()), &targets, 1).unwrap();
    assert_eq!(found.appearances.len(), 1);
    let mut places: Vec<_> = found.problems.iter().filter_map(|problem| problem.place.clone()).collect();
    places.sort();
    let mut broken = broken.to_vec();
    broken.sort();
    assert_eq!(places, broken);
}
