//! Whatever form git has given a repository, a walk sees every object that `git cat-file --batch-all-objects` sees.
#![allow(clippy::unwrap_used, clippy::string_slice)]

mod history_support;

use history_support::{Scratch, run};

#[test]
fn an_empty_repository_has_nothing() {
    let (objects, walked) = Scratch::new().walk(&history_support::all(2));
    assert!(objects.is_empty());
    assert_eq!(walked.problems, []);
    assert_eq!(walked.workers.len(), 2);
}

#[test]
fn loose_objects() {
    let mut scratch = Scratch::new();
    scratch.fill(6);
    scratch.write(".git/objects/ab/tmp_obj_x", "git was interrupted here");
    scratch.assert_same_as_git();
}

#[test]
fn one_pack_with_offset_deltas_and_something_loose() {
    let mut scratch = Scratch::new();
    scratch.fill(25);
    scratch.git(&["repack", "-q", "-a", "-d", "-f", "--depth=50", "--window=10"]);
    scratch.assert_same_as_git();
}

#[test]
fn one_pack_with_deltas_that_name_their_base() {
    let mut scratch = Scratch::new();
    scratch.fill(25);
    scratch.git(&["config", "repack.useDeltaBaseOffset", "false"]);
    scratch.git(&["repack", "-q", "-a", "-d", "-f"]);
    scratch.assert_same_as_git();
}

#[test]
fn deep_chains() {
    let mut scratch = Scratch::new();
    let mut lines: Vec<String> = scratch.noise(60).lines().map(str::to_owned).collect();
    let mut input = Vec::new();
    for number in 0..1500 {
        let at = scratch.random(lines.len());
        lines[at] = scratch.noise(1).trim().to_owned();
        let text = lines.join("\n");
        input.extend_from_slice(
            format!("blob\nmark :{}\ndata {}\n{text}\n", number + 1, text.len()).as_bytes(),
        );
    }
    scratch.git_with(&["fast-import", "--quiet", "--depth=4000"], &input);
    scratch.assert_same_as_git();
    // A pack with no branches at all in its delta tree is the deepest stack there can be.
    let ids: String = scratch.expected().keys().map(|id| format!("{id}\n")).collect();
    let pack = scratch.objects_folder().join("pack").join("pack");
    scratch.git_with(
        &["pack-objects", "-q", "--no-reuse-delta", "--depth=4000", "--window=10", pack.to_str().unwrap()],
        ids.as_bytes(),
    );
    scratch.assert_same_as_git();
}

#[test]
fn several_packs_with_objects_in_common() {
    let mut scratch = Scratch::new();
    scratch.fill(12);
    scratch.git(&["repack", "-q", "-d"]);
    scratch.fill(12);
    scratch.git(&["repack", "-q", "-d"]);
    let pack = scratch.objects_folder().join("pack").join("pack");
    scratch.git_with(&["pack-objects", "-q", "--all", pack.to_str().unwrap()], b"");
    scratch.fill(3);
    let (objects, _) = scratch.walk(&history_support::all(1));
    assert_eq!(scratch.packs("pack").len(), 3);
    assert!(objects.len() > 100);
    scratch.assert_same_as_git();
}

#[test]
fn a_multi_pack_index_and_a_pack_that_only_it_knows() {
    let mut scratch = Scratch::new();
    scratch.fill(10);
    scratch.git(&["repack", "-q", "-d"]);
    scratch.fill(10);
    scratch.git(&["repack", "-q", "-d"]);
    scratch.git(&["multi-pack-index", "write"]);
    scratch.assert_same_as_git();
    let removed = scratch.packs("idx").remove(0);
    std::fs::remove_file(&removed).unwrap();
    let (_, walked) = scratch.walk(&history_support::all(2));
    assert_eq!(walked.problems.len(), 1);
    assert_eq!(walked.problems[0].place.as_deref(), removed.to_str());
    scratch.git(&["index-pack", removed.with_extension("pack").to_str().unwrap()]);
    scratch.assert_same_as_git();
}

#[test]
fn cruft_packs_and_what_nothing_leads_to() {
    let mut scratch = Scratch::new();
    scratch.fill(10);
    scratch.write("amended.txt", "to be dropped\n");
    let dropped = scratch.commit("amended away");
    scratch.git(&["reset", "-q", "--hard", "HEAD~3"]);
    scratch.git(&["reflog", "expire", "--expire=now", "--all"]);
    scratch.git(&["gc", "-q", "--cruft", "--prune=never"]);
    assert_eq!(scratch.packs("mtimes").len(), 1, "there is a cruft pack");
    let (objects, _) = scratch.walk(&history_support::all(1));
    assert!(objects.contains_key(&dropped));
    scratch.assert_same_as_git();
}

#[test]
fn alternates_and_their_alternates() {
    let mut first = Scratch::new();
    first.fill(10);
    first.git(&["repack", "-q", "-a", "-d"]);
    let second = Scratch::with(&["clone", "-q", "--shared", first.path().to_str().unwrap(), "."]);
    second.write("second.txt", "only here\n");
    second.commit("second");
    let third = Scratch::with(&["clone", "-q", "--shared", second.path().to_str().unwrap(), "."]);
    third.write("third.txt", "only there\n");
    third.commit("third");
    assert_eq!(third.packs("pack").len(), 0);
    third.assert_same_as_git();
}

#[test]
fn a_bare_repository() {
    let mut origin = Scratch::new();
    origin.fill(10);
    let bare = Scratch::with(&["clone", "-q", "--mirror", origin.path().to_str().unwrap(), "."]);
    bare.assert_same_as_git();
}

#[test]
fn sha256_repositories() {
    let mut scratch = Scratch::with(&["init", "-q", "-b", "main", "--object-format=sha256"]);
    scratch.fill(12);
    scratch.git(&["repack", "-q", "-d"]);
    scratch.fill(2);
    assert_eq!(scratch.info.hash_len, 32);
    scratch.assert_same_as_git();
}

#[test]
fn replaced_objects_are_seen_as_they_are_stored() {
    let mut scratch = Scratch::new();
    scratch.fill(4);
    let hidden = scratch.git_with(&["hash-object", "-w", "--stdin"], b"hidden");
    let shown = scratch.git_with(&["hash-object", "-w", "--stdin"], b"shown");
    scratch.git(&["replace", &hidden, &shown]);
    let (objects, _) = scratch.walk(&history_support::all(1));
    assert_eq!(objects[&hidden].2.as_deref(), Some(&b"hidden"[..]));
}

#[test]
fn a_newer_index_version_goes_through_git() {
    let mut scratch = Scratch::new();
    scratch.fill(12);
    scratch.git(&["repack", "-q", "-a", "-d"]);
    let expected = scratch.expected();
    // Another pack, which git will complain about and the rest of which it will give.
    let index = scratch.objects_folder().join("pack").join(format!("pack-{}.idx", "0".repeat(40)));
    std::fs::write(&index, b"\xfftOc\0\0\0\x07").unwrap();
    std::fs::write(index.with_extension("pack"), b"PACK\0\0\0\x02\0\0\0\0").unwrap();
    let (objects, walked) = scratch.walk(&history_support::all(3));
    assert!(matches!(walked.reader, gatepost_source::history::Reader::GitCommand(_)));
    assert!(objects == expected);
    assert!(walked.problems[0].what.contains("index"), "{:?}", walked.problems);
}

#[test]
fn a_partial_clone_says_how_much_it_lacks() {
    let mut origin = Scratch::new();
    origin.fill(12);
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", origin.path().display());
    let mut partial = Scratch::with(&["clone", "-q", "--no-checkout", "--filter=blob:none", &url, "."]);
    partial.info.partial = true;
    let blobs = origin.expected().values().filter(|object| object.0 == "blob").count() as u64;
    let (_, walked) = partial.walk(&history_support::all(1));
    assert_eq!((walked.blobs, walked.problems.len()), (0, 0));
    // Neither the dangling blob nor the note, which a clone does not ask for.
    assert_eq!(walked.missing, blobs - 2);
    run(partial.path(), &["fsck", "--no-dangling"], b"");
}
