//! What is broken is named, and the rest is still seen.
#![allow(clippy::unwrap_used, clippy::string_slice)]

mod history_support;

use gatepost_source::history::{Kinds, Options};
use history_support::{Objects, Scratch, all};
use std::fs;
use std::path::{Path, PathBuf};

/// A repository of one pack, and that pack.
fn packed(commits: usize, options: &[&str]) -> (Scratch, PathBuf) {
    let mut scratch = Scratch::new();
    scratch.fill(commits);
    scratch.git(&[&["repack", "-q", "-a", "-d", "-f", "-k"], options].concat());
    let pack = scratch.packs("pack").remove(0);
    (scratch, pack)
}

/// Every entry of a pack: id, kind, offset, depth in its chain and base, sorted by offset.
fn entries(scratch: &Scratch, pack: &Path) -> Vec<(String, String, usize, usize, String)> {
    let listed = scratch.git(&["verify-pack", "-v", pack.to_str().unwrap()]);
    let mut all: Vec<_> = listed
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|words| words.len() >= 5 && words[0].len() == 40)
        .map(|words| {
            let depth = words.get(5).map_or(0, |depth| depth.parse().unwrap());
            let base = words.get(6).copied().unwrap_or_default().to_owned();
            (words[0].to_owned(), words[1].to_owned(), words[4].parse().unwrap(), depth, base)
        })
        .collect();
    all.sort_by_key(|entry| entry.2);
    all
}

fn overwrite(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Asserts that exactly the objects in `lost` are missing from a walk, each with a problem of its own.
fn assert_lost(scratch: &Scratch, expected: &Objects, lost: &[String]) {
    for threads in [1, 2] {
        let (seen, walked) = scratch.walk(&all(threads));
        let missing: Vec<&String> = expected.keys().filter(|id| !seen.contains_key(*id)).collect();
        let mut lost: Vec<&String> = lost.iter().collect();
        lost.sort();
        assert_eq!(missing, lost);
        assert!(seen.iter().all(|(id, object)| expected[id] == *object));
        assert_eq!(walked.unreadable, lost.len() as u64);
        let of_objects = walked.problems.iter().filter(|problem| problem.what.starts_with("object "));
        assert_eq!(of_objects.count(), lost.len());
        for id in lost {
            let problem = walked.problems.iter().find(|problem| problem.what.contains(id)).unwrap();
            assert!(problem.place.as_ref().unwrap().contains(".pack at offset "), "{problem:?}");
        }
    }
}

#[test]
fn every_flipped_byte_of_an_entry_is_noticed() {
    let (scratch, pack) = packed(6, &[]);
    let expected = scratch.expected();
    let entries = entries(&scratch, &pack);
    let whole = fs::read(&pack).unwrap();
    // An object that nothing is made from, so that it alone is lost.
    let at = (0..entries.len()).find(|&at| entries.iter().all(|other| other.4 != entries[at].0)).unwrap();
    let end = entries.get(at + 1).map_or(whole.len() - 20, |next| next.2);
    for position in entries[at].2..end {
        overwrite(&pack, |bytes| {
            bytes.clone_from(&whole);
            bytes[position] ^= 0x10;
        });
        let (seen, walked) = scratch.walk(&all(1));
        assert!(seen.iter().all(|(id, object)| expected[id] == *object), "byte {position}");
        let lost: Vec<&String> = expected.keys().filter(|id| !seen.contains_key(*id)).collect();
        assert_eq!(lost, [&entries[at].0], "byte {position}");
        assert_eq!(walked.unreadable, 1);
        assert!(walked.problems[0].what.contains(&entries[at].0));
    }
}

#[test]
fn a_broken_base_loses_what_is_made_from_it() {
    let (scratch, pack) = packed(40, &["--depth=50"]);
    let expected = scratch.expected();
    let entries = entries(&scratch, &pack);
    let base = &entries.iter().find(|entry| entry.3 == 2 && entry.1 == "blob").unwrap().4;
    let broken = entries.iter().find(|entry| entry.0 == *base).unwrap();
    let mut lost = vec![broken.0.clone()];
    let mut at = 0;
    while at < lost.len() {
        let made: Vec<String> = entries.iter().filter(|e| e.4 == lost[at]).map(|e| e.0.clone()).collect();
        lost.extend(made);
        at += 1;
    }
    assert!(lost.len() > 1);
    let next = entries.iter().map(|entry| entry.2).find(|&offset| offset > broken.2).unwrap();
    overwrite(&pack, |bytes| bytes[next - 3] ^= 0xff);
    assert_lost(&scratch, &expected, &lost);
}

#[test]
fn a_second_copy_stands_in_for_a_broken_one() {
    let (scratch, pack) = packed(20, &[]);
    let copy = scratch.objects_folder().join("pack").join("pack");
    let ids: String = scratch.expected().keys().map(|id| format!("{id}\n")).collect();
    scratch.git_with(
        &["pack-objects", "-q", "--no-reuse-delta", "--depth=1", copy.to_str().unwrap()],
        ids.as_bytes(),
    );
    assert_eq!(scratch.packs("pack").len(), 2);
    let expected = scratch.expected();
    overwrite(&pack, |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle..middle + 400].fill(0);
    });
    let (seen, walked) = scratch.walk(&all(2));
    assert_eq!(walked.problems, []);
    assert!(seen == expected);
}

#[test]
fn a_truncated_pack_loses_its_end() {
    let (scratch, pack) = packed(20, &[]);
    let expected = scratch.expected();
    let entries = entries(&scratch, &pack);
    let cut = entries[entries.len() / 2].2;
    // The last twenty bytes are taken for the checksum of the pack.
    overwrite(&pack, |bytes| bytes.truncate(cut + 20));
    let lost: Vec<String> = entries.iter().filter(|entry| entry.2 >= cut).map(|e| e.0.clone()).collect();
    assert_lost(&scratch, &expected, &lost);
    let (_, walked) = scratch.walk(&all(1));
    let of_the_pack: Vec<_> = walked.problems.iter().filter(|p| !p.what.starts_with("object ")).collect();
    assert_eq!(of_the_pack.len(), 1);
    assert!(of_the_pack[0].what.contains("cut short"), "{of_the_pack:?}");
    assert_eq!(of_the_pack[0].place.as_deref(), pack.to_str());
    overwrite(&pack, |bytes| bytes.truncate(8));
    let (seen, walked) = scratch.walk(&all(1));
    assert_eq!(seen.len(), 1, "one object is loose");
    assert_eq!(walked.problems.len(), 1);
}

#[test]
fn an_index_without_its_pack_and_a_broken_index_are_problems() {
    let (scratch, pack) = packed(5, &[]);
    overwrite(&pack.with_extension("idx"), |bytes| bytes.truncate(1100));
    let (seen, walked) = scratch.walk(&all(1));
    assert_eq!(seen.len(), 1, "one object is loose");
    assert!(walked.problems[0].what.starts_with("a pack cannot be opened"), "{:?}", walked.problems);
    fs::remove_file(&pack).unwrap();
    let (_, walked) = scratch.walk(&all(1));
    assert_eq!(walked.problems.len(), 1);
    assert!(walked.problems[0].what.contains("is not there"), "{:?}", walked.problems);
}

#[test]
fn a_base_that_is_in_no_pack_is_found_loose_and_missed_when_gone() {
    let mut scratch = Scratch::new();
    let text = scratch.noise(200);
    let base = scratch.git_with(&["hash-object", "-w", "--stdin"], text.as_bytes());
    let changed = format!("{text}one more line\n");
    let child = scratch.git_with(&["hash-object", "-w", "--stdin"], changed.as_bytes());
    // A thin pack as `git push` sends them, put where only whole ones belong, with an index made for it.
    let folder = scratch.objects_folder().join("pack");
    let other = Scratch::new();
    other.git_with(&["hash-object", "-w", "--stdin"], text.as_bytes());
    let both = format!("{base}\n{child}\n");
    scratch.git(&["config", "repack.useDeltaBaseOffset", "false"]);
    let name = scratch.git_with(
        &["pack-objects", "-q", "--window=10", folder.join("pack").to_str().unwrap()],
        both.as_bytes(),
    );
    let pack = folder.join(format!("pack-{name}.pack"));
    let listed = entries(&scratch, &pack);
    let (head, delta) = (&listed[0], &listed[1]);
    assert_eq!(delta.4, head.0, "the second is an edit of the first");
    // Take the first entry out of the pack and its index: the delta's base is now outside.
    let whole = fs::read(&pack).unwrap();
    let thin = thin_pack(1, &whole[delta.2..whole.len() - 20]);
    let index = old_index(&[(&delta.0, 12)]);
    for path in [pack.clone(), pack.with_extension("idx"), pack.with_extension("rev")] {
        let _ = fs::remove_file(path);
    }
    fs::write(&pack, thin).unwrap();
    fs::write(pack.with_extension("idx"), index).unwrap();
    let path = |id: &str| scratch.objects_folder().join(&id[..2]).join(&id[2..]);
    fs::remove_file(path(&delta.0)).unwrap();
    let (seen, walked) = scratch.walk(&all(1));
    assert_eq!(walked.problems, []);
    let expected = if delta.0 == child { changed } else { text };
    assert_eq!(seen[&delta.0].2.as_deref(), Some(expected.as_bytes()));
    assert_eq!(seen.len(), 2);
    fs::remove_file(path(&head.0)).unwrap();
    let (seen, walked) = scratch.walk(&all(1));
    assert!(seen.is_empty());
    assert_eq!(walked.unreadable, 1);
    assert!(walked.problems[0].what.contains("its delta base is missing"), "{:?}", walked.problems);
    assert!(walked.problems[0].place.as_ref().unwrap().ends_with("at offset 12"));
}

/// A pack of so many entries, with a checksum of zeros, as in the index.
fn thin_pack(count: u8, entries: &[u8]) -> Vec<u8> {
    [b"PACK\0\0\0\x02\0\0\0", &[count][..], entries, &[0; 20]].concat()
}

/// An index (version 1, without checksums of entries) of ids, sorted, with their offsets.
fn old_index(objects: &[(&str, u32)]) -> Vec<u8> {
    let raw = |id: &str| -> Vec<u8> {
        (0..20).map(|at| u8::from_str_radix(&id[2 * at..2 * at + 2], 16).unwrap()).collect()
    };
    let mut index = Vec::new();
    for byte in 0..=255_u8 {
        let upto = objects.iter().filter(|(id, _)| raw(id)[0] <= byte).count();
        index.extend_from_slice(&u32::try_from(upto).unwrap().to_be_bytes());
    }
    for (id, offset) in objects {
        index.extend_from_slice(&offset.to_be_bytes());
        index.extend_from_slice(&raw(id));
    }
    index.extend_from_slice(&[0; 40]);
    index
}

#[test]
fn deltas_that_go_round_in_a_circle_are_problems() {
    let scratch = Scratch::new();
    let ids = ["11".repeat(20), "22".repeat(20), "33".repeat(20)];
    // Three edits that name their base by id: the first two each other, the third the second.
    let entry = |base: u8| [&[0x74][..], &[base; 20], b"x\x9cno stream"].concat();
    let (size, entries) = (u32::try_from(entry(0).len()).unwrap(), [entry(0x22), entry(0x11), entry(0x22)]);
    let folder = scratch.objects_folder().join("pack");
    let pack = folder.join(format!("pack-{}.pack", "0".repeat(40)));
    fs::write(&pack, thin_pack(3, &entries.concat())).unwrap();
    let offsets = [(ids[0].as_str(), 12), (&ids[1], 12 + size), (&ids[2], 12 + 2 * size)];
    fs::write(pack.with_extension("idx"), old_index(&offsets)).unwrap();
    let (seen, walked) = scratch.walk(&all(2));
    assert!(seen.is_empty());
    assert_eq!((walked.unreadable, walked.problems.len()), (3, 3));
}

#[test]
fn loose_objects_that_are_broken_are_problems() {
    let mut scratch = Scratch::new();
    scratch.fill(3);
    let write = |text: &[u8]| scratch.git_with(&["hash-object", "-w", "--stdin"], text);
    let broken = [write(b"to be emptied"), write(b"to be cut"), write(b"to be overwritten")];
    let path = |id: &str| scratch.objects_folder().join(&id[..2]).join(&id[2..]);
    overwrite(&path(&broken[0]), Vec::clear);
    overwrite(&path(&broken[1]), |bytes| bytes.truncate(bytes.len() - 2));
    overwrite(&path(&broken[2]), |bytes| bytes.fill(b'x'));
    let (seen, walked) = scratch.walk(&all(2));
    assert!(seen.len() > 10);
    assert_eq!((walked.unreadable, walked.problems.len()), (3, 3));
    for id in &broken {
        assert!(!seen.contains_key(id));
        assert!(walked.problems.iter().any(|problem| problem.what.contains(id)));
    }
}

#[test]
fn a_missing_alternate_is_a_problem() {
    let scratch = Scratch::new();
    scratch.write(".git/objects/info/alternates", "# a comment\n/nowhere/objects\n");
    let (_, walked) = scratch.walk(&all(1));
    assert_eq!(walked.problems.len(), 1);
    assert!(walked.problems[0].what.contains("/nowhere/objects"));
}

/// Git refuses a pack whose last bytes are not what the index says; its entries are sound, and are read.
#[test]
fn a_wrong_trailer_is_a_problem_and_hides_nothing() {
    for format in ["sha1", "sha256"] {
        let mut scratch = Scratch::with(&["init", "-q", "-b", "main", &format!("--object-format={format}")]);
        scratch.fill(5);
        scratch.git(&["repack", "-q", "-a", "-d"]);
        let pack = scratch.packs("pack").remove(0);
        let expected = scratch.expected();
        let index = pack.with_extension("idx");
        let in_index = fs::metadata(&index).unwrap().len() as usize - 2 * scratch.info.hash_len;
        let in_pack = fs::metadata(&pack).unwrap().len() as usize - 1;
        for (path, at, why) in
            [(&pack, in_pack, "checksum"), (&index, in_index, "checksum"), (&pack, 11, "as many objects")]
        {
            overwrite(path, |bytes| bytes[at] ^= 1);
            let (seen, walked) = scratch.walk(&all(2));
            assert!(seen == expected);
            assert_eq!(walked.problems.len(), 1, "{format} {why}");
            assert!(walked.problems[0].what.contains(why), "{:?}", walked.problems);
            assert_eq!(walked.problems[0].place.as_deref(), pack.to_str());
            overwrite(path, |bytes| bytes[at] ^= 1);
        }
        scratch.assert_same_as_git();
    }
}

/// Whatever byte of an index is wrong: nothing falls over, and what is not seen is told.
#[test]
fn every_flipped_byte_of_an_index_is_noticed_or_hides_nothing() {
    let (scratch, pack) = packed(4, &[]);
    let index = pack.with_extension("idx");
    let expected = scratch.expected();
    let contents = |objects: &Objects| {
        let mut all: Vec<_> = objects.values().cloned().collect();
        all.sort();
        all
    };
    let (whole, sound) = (contents(&expected), fs::read(&index).unwrap());
    for position in 0..sound.len() {
        overwrite(&index, |bytes| {
            bytes.clone_from(&sound);
            bytes[position] ^= 0x41;
        });
        let (seen, walked) = scratch.walk(&all(1));
        // A wrong id is only a wrong name: the content is seen.
        assert!(!walked.problems.is_empty() || contents(&seen) == whole, "byte {position}");
    }
}

#[test]
fn large_blobs_are_announced_and_small_edits_of_them_are_read() {
    let mut scratch = Scratch::new();
    let large = scratch.noise(4000);
    let small = large[..20_000].to_owned();
    for text in [&large, &format!("{large}more\n"), &small, &"tiny".to_owned()] {
        scratch.write("file.txt", text);
        scratch.commit("a version");
    }
    let limits = Options { threads: 2, max_blob: 20_000, kinds: Kinds::CONTENT, graph: false, shard: None };
    let mut forms = Vec::new();
    forms.push(scratch.walk(&limits));
    scratch.git(&["repack", "-q", "-a", "-d", "-f", "--depth=50"]);
    let depth =
        entries(&scratch, &scratch.packs("pack")[0]).iter().filter(|e| e.1 == "blob").map(|e| e.3).max();
    assert!(depth > Some(0), "there are deltas");
    forms.push(scratch.walk(&limits));
    for (seen, walked) in forms {
        assert_eq!((walked.problems.len(), walked.too_large), (0, 2));
        let mut blobs: Vec<_> = seen.values().filter(|object| object.0 == "blob").collect();
        blobs.sort_by_key(|object| object.1);
        let sizes: Vec<_> = blobs.iter().map(|object| (object.1, object.2.is_some())).collect();
        let length = large.len() as u64;
        assert_eq!(sizes, [(4, true), (20_000, true), (length, false), (length + 5, false)]);
        assert_eq!(blobs[1].2.as_deref(), Some(small.as_bytes()));
    }
}

/// Versions of a file that grows, the largest of which Git stores whole; and the sizes of all.
fn growing(scratch: &mut Scratch, versions: usize) -> Vec<u64> {
    let mut text = scratch.noise(300);
    let mut sizes = Vec::new();
    for version in 0..versions {
        text = match version % 3 {
            0 => format!("{}{text}", scratch.noise(4)),
            1 => text.replacen("line 1", "edited", 3),
            _ => format!("{text}{}", scratch.noise(7)),
        };
        scratch.write("file.txt", &text);
        scratch.commit("a version");
        sizes.push(text.len() as u64);
    }
    sizes
}

/// Asserts that every object of at most `limit` bytes is seen whole, and every larger one without its bytes.
fn assert_limited(scratch: &Scratch, expected: &Objects, limit: u64) {
    for threads in [1, 2] {
        let (seen, walked) = scratch.walk(&Options { max_blob: limit, ..all(threads) });
        assert_eq!(walked.problems, []);
        let limited: Objects = expected
            .iter()
            .map(|(id, (kind, size, bytes))| {
                (id.clone(), (kind.clone(), *size, bytes.clone().filter(|_| *size <= limit)))
            })
            .collect();
        assert!(seen == limited, "at most {limit}");
        assert_eq!(walked.too_large, expected.values().filter(|object| object.1 > limit).count() as u64);
    }
}

#[test]
fn what_is_made_from_larger_objects_is_read_whatever_the_limit() {
    let mut scratch = Scratch::new();
    let sizes = growing(&mut scratch, 40);
    for deltas in ["true", "false"] {
        scratch.git(&["config", "repack.useDeltaBaseOffset", deltas]);
        scratch.git(&["repack", "-q", "-a", "-d", "-f", "--depth=12", "--window=20"]);
        let expected = scratch.expected();
        for &size in sizes.iter().step_by(5) {
            assert_limited(&scratch, &expected, size);
            assert_limited(&scratch, &expected, size - 1);
        }
    }
    // Many small ones of one large one.
    let mut star = Scratch::new();
    let large = star.noise(2000);
    let mut input = format!("blob\nmark :1\ndata {}\n{large}\n", large.len());
    for number in 0..50 {
        let from = 40 * number;
        let small: String = large.lines().skip(from).take(60).map(|line| format!("{line}\n")).collect();
        input += &format!(
            "blob\nmark :{}\ndata {}\n{small}{number}\n\n",
            number + 2,
            small.len() + number.to_string().len() + 1
        );
    }
    star.git_with(
        &["-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--depth=1"],
        input.as_bytes(),
    );
    let expected = star.expected();
    assert_limited(&star, &expected, 20_000);
}

#[test]
fn a_large_base_that_is_broken_or_outside() {
    let mut scratch = Scratch::new();
    let sizes = growing(&mut scratch, 12);
    let limit = sizes[4];
    scratch.git(&["repack", "-q", "-a", "-d", "-f", "--depth=50"]);
    let pack = scratch.packs("pack").remove(0);
    let expected = scratch.expected();
    let entries = entries(&scratch, &pack);
    let chain: Vec<_> = entries.iter().filter(|entry| entry.1 == "blob").collect();
    assert_eq!(chain[0].3, 0, "the largest comes first, and whole");
    assert!(chain.iter().skip(1).all(|entry| entry.3 > 0));
    let end = entries.iter().map(|entry| entry.2).find(|&offset| offset > chain[0].2).unwrap();
    let sound = fs::read(&pack).unwrap();
    overwrite(&pack, |bytes| bytes[end - 2] ^= 0x18);
    let (seen, walked) = scratch.walk(&Options { max_blob: limit, ..all(2) });
    let read: Vec<_> = seen.values().filter(|object| object.0 == "blob" && object.2.is_some()).collect();
    assert!(read.is_empty(), "all are made from what is broken");
    let small = expected.values().filter(|object| object.0 == "blob" && object.1 <= limit).count();
    let lost =
        walked.problems.iter().filter(|problem| problem.what.contains("its delta base cannot be read"));
    assert!(lost.count() >= small, "{:?}", walked.problems);
    // Another copy of what is broken, loose and then in a pack of its own.
    let large = expected[&chain[0].0].2.clone().unwrap();
    let other = Scratch::new();
    let id = other.git_with(&["hash-object", "-w", "--stdin"], &large);
    let loose = |scratch: &Scratch| scratch.objects_folder().join(&id[..2]).join(&id[2..]);
    fs::create_dir_all(loose(&scratch).parent().unwrap()).unwrap();
    fs::copy(loose(&other), loose(&scratch)).unwrap();
    assert_limited(&scratch, &expected, limit);
    fs::remove_file(loose(&scratch)).unwrap();
    let folder = scratch.objects_folder().join("pack");
    other.git_with(
        &["pack-objects", "-q", folder.join("pack").to_str().unwrap()],
        format!("{id}\n").as_bytes(),
    );
    assert_limited(&scratch, &expected, limit);
    overwrite(&pack, |bytes| *bytes = sound);
    assert_limited(&scratch, &expected, limit);
}
