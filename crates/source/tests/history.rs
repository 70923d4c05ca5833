//! Whatever form git has given a repository, a walk sees every object that `git cat-file --batch-all-objects` sees.
#![allow(clippy::unwrap_used, clippy::string_slice)]

mod history_support;

use gatepost_source::history::Options;
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

/// The deepest chain there is, as deep as Git makes them (`pack.depth` is 4,095 at most).
#[test]
fn a_chain_of_four_thousand_deltas() {
    let mut scratch = Scratch::new();
    let mut lines: Vec<String> = scratch.noise(60).lines().map(str::to_owned).collect();
    let mut input = Vec::new();
    for number in 0..4001 {
        let at = scratch.random(lines.len());
        lines[at] = scratch.noise(1).trim().to_owned();
        let text = lines.join("\n");
        input.extend_from_slice(
            format!("blob\nmark :{}\ndata {}\n{text}\n", number + 1, text.len()).as_bytes(),
        );
    }
    scratch.git_with(&["fast-import", "--quiet", "--depth=4000"], &input);
    let listed = scratch.git(&["verify-pack", "-v", scratch.packs("idx")[0].to_str().unwrap()]);
    assert!(listed.contains("\nchain length = 4000: 1 object"), "one chain, without a branch");
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
fn a_multi_pack_index_with_bitmaps() {
    let mut scratch = Scratch::new();
    for _ in 0..3 {
        scratch.fill(8);
        scratch.git(&["repack", "-q", "-d"]);
    }
    scratch.git(&["multi-pack-index", "write", "--bitmap"]);
    assert_eq!(scratch.packs("bitmap").len(), 1);
    scratch.assert_same_as_git();
    scratch.git(&["repack", "-q", "-a", "-d", "-f", "--write-midx", "--write-bitmap-index"]);
    scratch.assert_same_as_git();
}

#[test]
fn an_incremental_multi_pack_index() {
    let mut scratch = Scratch::new();
    for _ in 0..3 {
        scratch.fill(8);
        scratch.git(&["repack", "-q", "-d"]);
        // Since Git 2.47.
        let written = scratch.try_git(&["multi-pack-index", "write", "--incremental"]);
        if !written.status.success() {
            let said = String::from_utf8_lossy(&written.stderr).into_owned();
            assert!(said.contains("unknown option"), "{said}");
            return;
        }
    }
    let chain = scratch.objects_folder().join("pack/multi-pack-index.d/multi-pack-index-chain");
    assert_eq!(std::fs::read_to_string(chain).unwrap().lines().count(), 3);
    scratch.assert_same_as_git();
    // A pack of the first layer that only the multi-pack-index still lists.
    for index in scratch.packs("idx") {
        let bytes = std::fs::read(&index).unwrap();
        std::fs::remove_file(&index).unwrap();
        let (_, walked) = scratch.walk(&history_support::all(2));
        assert_eq!(walked.problems.len(), 1, "{:?}", walked.problems);
        assert_eq!(walked.problems[0].place.as_deref(), index.to_str());
        std::fs::write(&index, bytes).unwrap();
    }
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
fn several_cruft_packs() {
    let mut scratch = Scratch::new();
    for _ in 0..3 {
        scratch.fill(4);
        let large: String = scratch.noise(60_000);
        scratch.write("large.txt", large);
        scratch.commit("a large file");
        scratch.git(&["reset", "-q", "--hard", "HEAD~3"]);
        scratch.git(&["reflog", "expire", "--expire=now", "--all"]);
        scratch.git(&["gc", "-q", "--cruft", "--prune=never", "--max-cruft-size=1m"]);
    }
    assert!(scratch.packs("mtimes").len() > 1, "there are cruft packs");
    scratch.assert_same_as_git();
}

/// As deep as Git follows them, and no deeper without a word.
#[test]
fn alternates_of_alternates_of_alternates() {
    let all: Vec<Scratch> = (0..8)
        .map(|number| {
            let scratch = Scratch::with(&["init", "-q", "--bare", "."]);
            let text = format!("only in number {number}");
            scratch.git_with(&["hash-object", "-w", "--stdin"], text.as_bytes());
            scratch
        })
        .collect();
    for pair in all[..7].windows(2) {
        let list = pair[0].objects_folder().join("info").join("alternates");
        std::fs::write(list, format!("{}\n", pair[1].objects_folder().display())).unwrap();
    }
    assert_eq!(all[0].expected().len(), 7);
    all[0].assert_same_as_git();
    let list = all[6].objects_folder().join("info").join("alternates");
    std::fs::write(&list, format!("{}\n", all[7].objects_folder().display())).unwrap();
    let (seen, walked) = all[0].walk(&history_support::all(1));
    assert!(seen == all[0].expected(), "Git ignores the last as well");
    assert_eq!(walked.problems.len(), 1);
    assert!(walked.problems[0].what.contains("too deep"), "{:?}", walked.problems);
    assert_eq!(walked.problems[0].place.as_deref(), list.to_str());
    all[1].assert_same_as_git();
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
    // Several packs, deltas that name their base, a multi-pack-index with bitmaps, a cruft pack, and alternates.
    scratch.git(&["config", "repack.useDeltaBaseOffset", "false"]);
    scratch.git(&["repack", "-q", "-a", "-d", "-f"]);
    scratch.fill(8);
    scratch.git(&["reset", "-q", "--hard", "HEAD~3"]);
    scratch.git(&["reflog", "expire", "--expire=now", "--all"]);
    scratch.git(&["repack", "-q", "-d", "--cruft", "--cruft-expiration=never"]);
    scratch.fill(3);
    scratch.git(&["repack", "-q", "-d"]);
    scratch.git(&["multi-pack-index", "write", "--bitmap"]);
    assert!(scratch.packs("pack").len() > 2 && !scratch.packs("mtimes").is_empty());
    scratch.assert_same_as_git();
    let second = Scratch::with(&["clone", "-q", "--shared", scratch.path().to_str().unwrap(), "."]);
    second.write("second.txt", "only here\n");
    second.commit("second");
    assert_eq!((second.info.hash_len, second.packs("pack").len()), (32, 0));
    second.assert_same_as_git();
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

#[test]
fn promisor_packs_of_several_fetches() {
    let mut origin = Scratch::new();
    origin.fill(12);
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    origin.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let url = format!("file://{}", origin.path().display());
    let mut partial = Scratch::with(&["clone", "-q", "--filter=blob:none", &url, "."]);
    partial.info.partial = true;
    origin.fill(3);
    partial.git(&["pull", "-q", "--no-rebase"]);
    assert!(partial.packs("promisor").len() > 2, "a pack for each fetch");
    partial.write("own.txt", "only here\n");
    partial.commit("own");
    let (_, walked) = partial.walk(&history_support::all(2));
    assert!(walked.missing > 0 && walked.blobs > 0);
    partial.assert_same_as_git();
    // Everything, as far as a clone asks for it.
    partial.git(&["fetch", "-q", "--refetch", "--no-filter"]);
    partial.git(&["config", "--unset", "remote.origin.partialclonefilter"]);
    let (_, walked) = partial.walk(&history_support::all(2));
    assert_eq!(walked.missing, 0);
    partial.assert_same_as_git();
}

#[test]
fn a_shard_is_read_with_the_bases_that_make_its_edits_cheap() {
    let mut scratch = Scratch::new();
    // One large file in many versions, each a small edit of another one, however git chains them.
    let mut lines: Vec<String> = scratch.noise(1500).lines().map(str::to_owned).collect();
    for number in 0..60 {
        let at = scratch.random(lines.len());
        lines[at] = scratch.noise(1).trim().to_owned();
        scratch.write("large.txt", lines.join("\n"));
        scratch.commit(&format!("change {number}"));
    }
    scratch.git(&["repack", "-q", "-a", "-d", "-f", "--depth=50", "--window=50"]);
    let shard = gatepost_core::Shard::new(1, 3);
    let (_, whole) = scratch.walk(&history_support::all(1));
    let (_, part) = scratch.walk(&Options { shard, ..history_support::all(1) });
    assert!(whole.work.edits >= 55 && whole.work.lent == 0, "{:?}", whole.work);
    // A third of the versions is made of what is in the other two; few are shown whole.
    assert!(part.work.lent > 0 && part.work.edits + 5 > part.blobs, "{:?}, {} blobs", part.work, part.blobs);
    assert!(part.work.inflated <= whole.work.inflated);
}
