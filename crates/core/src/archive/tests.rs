use super::packing::{self, Method, bz2, gz, tar, tar_entry, xz, zip, zlib, zst};
use super::*;
use proptest::prelude::*;
use std::sync::LazyLock;

/// A limit that small tests reach.
const SMALL: Limits = Limits { depth: 3, total: 64 << 10, entry: 20 << 10, ratio: 200, entries: 50 };

/// Everything that was handed out, by its path, and what was left out.
fn opened(bytes: &[u8], limits: &Limits) -> (Vec<(String, Vec<u8>)>, Skips) {
    let mut seen = Vec::new();
    let skips = open(bytes, limits, &mut |entry| {
        let names: Vec<_> = entry.names.iter().map(|name| name.escaped().into_owned()).collect();
        seen.push((names.join("!/"), entry.bytes.to_vec()));
    });
    (seen, skips)
}

/// The paths of what was handed out and holds `text`, and what was left out.
fn places(bytes: &[u8], text: &str) -> (Vec<String>, Vec<(SkipReason, u64)>) {
    let (seen, skips) = opened(bytes, &Limits::default());
    let holds = |bytes: &[u8]| memchr::memmem::find(bytes, text.as_bytes()).is_some();
    let places = seen.into_iter().filter(|(_, bytes)| holds(bytes)).map(|(path, _)| path).collect();
    (places, skips.into_iter().collect())
}

fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state & 0xff) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

#[test]
fn every_format_gives_back_what_was_packed() {
    let mut texts =
        vec![b"hello, archive\n".to_vec(), b"a".repeat(5000), noise(70_000), b"aaaabbbbb".repeat(300)];
    texts.push((0..=255).collect());
    for text in &texts {
        for (name, packed, path) in [
            ("gz", gz("a.txt", text), "a.txt"),
            ("gz", gz("", text), "content"),
            ("bz2", bz2(text), "content"),
            ("xz", xz(text), "content"),
            ("zst", zst(text), "content"),
            ("tar", tar(&[("dir/a.txt", text)]), "dir/a.txt"),
            ("zip", zip(&[("dir/a.txt", Method::Deflated, text)]), "dir/a.txt"),
            ("zip", zip(&[("a", Method::Stored, text)]), "a"),
            ("zip", zip(&[("a", Method::Bz2, text)]), "a"),
            ("zip", zip(&[("a", Method::Zst, text)]), "a"),
            ("zip", zip(&[("a", Method::Xz, text)]), "a"),
        ] {
            assert_eq!(recognise(&packed).map(|format| format.name), Some(name));
            let (seen, skips) = opened(&packed, &Limits::default());
            assert!(seen == [(path.to_owned(), text.clone())], "{name} {path} of {} bytes", text.len());
            assert_eq!(skips, Skips::new(), "{name} {path}");
        }
    }
}

#[test]
fn bzip2_of_others_is_read() {
    // `printf 'hello, bzip2\n' | bzip2 | xxd -p`.
    let packed = "425a6839314159265359b123de4300000359800010400410001264c0102000310340d02001a69103ab6c8284f8bb92\
                  29c28485891ef218";
    let packed = data_encoding::HEXLOWER.decode(packed.as_bytes()).unwrap();
    let (seen, skips) = opened(&packed, &Limits::default());
    assert_eq!((seen, skips), (vec![("content".to_owned(), b"hello, bzip2\n".to_vec())], Skips::new()));
}

#[test]
fn streams_in_a_row_are_one_file() {
    for packed in [
        [gz("a", b"one "), gz("b", b"two")].concat(),
        [bz2(b"one "), bz2(b"two")].concat(),
        [xz(b"one "), xz(b"two")].concat(),
        [zst(b"one "), b"\x50\x2a\x4d\x18\x03\0\0\0xyz".to_vec(), zst(b"two")].concat(),
    ] {
        let (seen, skips) = opened(&packed, &Limits::default());
        assert_eq!(seen[0].1, b"one two");
        assert_eq!((seen.len(), skips), (1, Skips::new()));
    }
}

#[test]
fn what_follows_a_stream_and_is_none_is_no_defect() {
    for mut packed in [gz("a", b"text"), bz2(b"text"), zst(b"text")] {
        packed.extend_from_slice(b"\0\0\0trailing");
        let (seen, skips) = opened(&packed, &Limits::default());
        assert_eq!((seen[0].1.as_slice(), skips), (&b"text"[..], Skips::new()));
    }
}

#[test]
fn archives_in_archives_are_opened_and_their_paths_joined() {
    let jar = zip(&[("conf/x.env", Method::Deflated, b"needle")]);
    let war = zip(&[("WEB-INF/lib/a.jar", Method::Stored, &jar)]);
    assert_eq!(places(&war, "needle").0, ["WEB-INF/lib/a.jar!/conf/x.env"]);
    // An archive that is all there is in a compressed file is taken for that file.
    let ball = tar(&[("lib/a.jar", &jar), ("b.txt", b"needle")]);
    for packed in [gz("x.tar", &ball), bz2(&ball), xz(&ball), zst(&ball)] {
        let (paths, skips) = places(&packed, "needle");
        assert_eq!(paths[..2], ["lib/a.jar!/conf/x.env", "b.txt"]);
        assert_eq!(skips, []);
    }
    // A tar and its compression are one level: three of them are not too deep, four are.
    let three = gz("", &tar(&[("w.war", &war)]));
    assert_eq!(places(&three, "needle"), (vec!["w.war!/WEB-INF/lib/a.jar!/conf/x.env".to_owned()], vec![]));
    let four = zip(&[("t.tgz", Method::Stored, &three)]);
    assert_eq!(places(&four, "needle"), (vec![], vec![(SkipReason::ArchiveLimit, 1)]));
}

#[test]
fn entries_come_after_what_is_in_them() {
    let inner = zip(&[("x", Method::Deflated, b"1"), ("y", Method::Deflated, b"2")]);
    let outer = zip(&[("a.zip", Method::Deflated, &inner), ("b", Method::Deflated, b"3")]);
    let mut seen = Vec::new();
    open(&outer, &Limits::default(), &mut |entry| seen.push((entry.level, entry.names.last().cloned())));
    let expected = [(2, "x"), (2, "y"), (1, "a.zip"), (1, "b")];
    assert_eq!(seen, expected.map(|(level, name)| (level, Some(RepoPath::from(name)))));
}

#[test]
fn tars_of_every_age_are_read() {
    let long = format!("{}/x.env", "d".repeat(150));
    assert_eq!(opened(&tar(&[(&long, b"t")]), &Limits::default()).0[0].0, long);
    let mut gnu = Vec::new();
    tar_entry(&mut gnu, b'L', "././@LongLink", format!("{long}\0").as_bytes());
    tar_entry(&mut gnu, b'0', "short", b"t");
    tar_entry(&mut gnu, b'2', "link", b"");
    tar_entry(&mut gnu, b'0', "./second", b"u");
    let (seen, skips) = opened(&gnu, &Limits::default());
    assert_eq!(seen, [(long, b"t".to_vec()), ("second".to_owned(), b"u".to_vec())]);
    assert_eq!(skips, Skips::new());
    // Without magic bytes, as in 1979.
    let mut old = tar(&[("a", b"t")]);
    old[257..265].fill(0);
    let sum: u32 = old[..148].iter().chain(&old[156..512]).map(|b| u32::from(*b)).sum::<u32>() + 8 * 32;
    old[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    assert_eq!(opened(&old, &Limits::default()).0.len(), 1);
    // Joined ones go on behind the end of the first.
    assert_eq!(opened(&[tar(&[("a", b"t")]), tar(&[("b", b"t")])].concat(), &Limits::default()).0.len(), 2);
}

#[test]
fn a_zip_is_read_without_its_directory_behind_a_program_and_in_its_gaps() {
    let sound = zip(&[("a", Method::Deflated, b"needle"), ("b", Method::Stored, b"needle")]);
    let directory = memchr::memmem::find(&sound, b"PK\x01\x02").unwrap();
    let (paths, skips) = places(&sound[..directory], "needle");
    assert_eq!(
        (paths, skips),
        (vec!["a".to_owned(), "b".to_owned()], vec![(SkipReason::UnreadableArchive, 1)])
    );
    let program = [b"#!/bin/sh\nexec java -jar $0\n".to_vec(), sound.clone()].concat();
    assert_eq!(recognise(&program).map(|format| format.name), Some("zip"));
    assert_eq!(places(&program, "needle"), (vec!["a".to_owned(), "b".to_owned()], vec![]));
    // An entry that was taken out of the directory and not out of the file.
    let hidden = zip(&[("hidden", Method::Deflated, b"needle")]);
    let end = memchr::memmem::find(&hidden, b"PK\x01\x02").unwrap();
    let other = [&hidden[..end], &zip(&[("a", Method::Deflated, b"hay")])].concat();
    assert_eq!(places(&other, "needle"), (vec!["hidden".to_owned()], vec![]));
}

#[test]
fn a_zip_that_was_written_to_a_pipe_has_its_sizes_in_the_directory() {
    let mut piped = zip(&[("a", Method::Deflated, b"needle")]);
    piped[6] |= 8;
    piped[14..26].fill(0);
    assert_eq!(places(&piped, "needle"), (vec!["a".to_owned()], vec![]));
    let directory = memchr::memmem::find(&piped, b"PK\x01\x02").unwrap();
    piped.truncate(directory);
    assert_eq!(places(&piped, "needle"), (vec!["a".to_owned()], vec![(SkipReason::UnreadableArchive, 1)]));
}

#[test]
fn what_cannot_be_opened_is_counted_and_the_rest_is_read() {
    let mixed = zip(&[
        ("a", Method::Encrypted, b"needle"),
        ("b", Method::Unknown, b"needle"),
        ("c", Method::Deflated, b"needle"),
    ]);
    let reasons = vec![(SkipReason::EncryptedArchive, 1), (SkipReason::UnsupportedArchive, 1)];
    assert_eq!(places(&mixed, "needle"), (vec!["c".to_owned()], reasons));
    for sealed in [&b"7z\xbc\xaf\x27\x1c\0\x04"[..], b"Rar!\x1a\x07\x01\0", b"Rar!\x1a\x07\0"] {
        assert_eq!(places(sealed, ""), (vec![], vec![(SkipReason::UnsupportedArchive, 1)]));
    }
}

#[test]
fn what_breaks_off_is_read_until_there() {
    let text = [b"needle\n".to_vec(), noise(100_000)].concat();
    let cut = |packed: &[u8]| places(&packed[..packed.len() - packed.len() / 10], "needle");
    let broken = vec![(SkipReason::UnreadableArchive, 1)];
    for packed in [gz("", &text), bz2(&text), xz(&text), tar(&[("content", &text)])] {
        let name = recognise(&packed).unwrap().name;
        assert_eq!(cut(&packed), (vec!["content".to_owned()], broken.clone()), "{name}");
    }
    // The decoder of Zstandard holds a whole window back until the end has come.
    assert_eq!(cut(&zst(&text)).1, broken);
}

#[test]
fn a_bomb_is_cut_and_its_beginning_read() {
    let text = [b"needle\n".to_vec(), vec![0; 8 << 20]].concat();
    for bomb in [gz("", &text), xz(&text), zip(&[("content", Method::Deflated, &text)])] {
        let (paths, skips) = places(&bomb, "needle");
        assert_eq!((paths, skips), (vec!["content".to_owned()], vec![(SkipReason::ArchiveRatio, 1)]));
    }
    // A file of zeros that is small unpacked is none.
    assert_eq!(places(&gz("", &vec![0; 1 << 20]), "needle"), (vec![], vec![]));
}

#[test]
fn the_limits_hold_for_all_levels_together() {
    let large = noise(15 << 10);
    let five: Vec<_> = ["a", "b", "c", "d", "e"].map(|name| (name, Method::Deflated, &large[..])).to_vec();
    let (seen, skips) = opened(&zip(&five), &SMALL);
    assert_eq!(seen.iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>(), SMALL.total);
    assert_eq!(skips, Skips::from([(SkipReason::ArchiveLimit, 1)]));
    let (seen, skips) = opened(&gz("", &noise(30 << 10)), &SMALL);
    assert_eq!((seen[0].1.len() as u64, skips), (SMALL.entry, Skips::from([(SkipReason::ArchiveLimit, 1)])));
    let many: Vec<_> = (0..60).map(|_| ("x", &b"t"[..])).collect();
    let (seen, skips) = opened(&tar(&many), &Limits { entry: 1 << 20, total: 1 << 20, ..SMALL });
    assert_eq!((seen.len(), skips), (50, Skips::from([(SkipReason::ArchiveLimit, 1)])));
    assert_eq!(opened(&zip(&five), &Limits { depth: 0, ..SMALL }), (vec![], Skips::new()));
}

#[test]
fn a_file_that_unpacks_to_itself_ends() {
    // What matters is that each level holds another one.
    let mut packed = gz("", b"bottom");
    for _ in 0..40 {
        packed = gz("", &packed);
    }
    let (seen, skips) = opened(&packed, &Limits::default());
    assert_eq!((seen.len(), skips), (3, Skips::from([(SkipReason::ArchiveLimit, 1)])));
}

/// A PDF with one stream under these entries of its dictionary.
fn pdf(dictionary: &str, stream: &[u8]) -> Vec<u8> {
    let head = format!("%PDF-1.4\n1 0 obj\n<< /Length {}{dictionary} >>\nstream\n", stream.len());
    [head.as_bytes(), stream, b"\nendstream\nendobj\n%%EOF\n"].concat()
}

#[test]
fn the_streams_of_a_pdf_are_entries() {
    let packed = zlib(b"BT (needle) Tj ET");
    for dictionary in [" /Filter /FlateDecode", "/Filter[/FlateDecode]", " /Filter /Fl"] {
        assert_eq!(
            places(&pdf(dictionary, &packed), "needle"),
            (vec!["stream 1".to_owned()], vec![]),
            "{dictionary}"
        );
    }
    assert_eq!(places(&pdf("", b"plain"), "plain"), (vec![], vec![]), "seen without unpacking");
    assert_eq!(places(&pdf(" /Filter /DCTDecode", b"picture"), "needle"), (vec![], vec![]));
    let unknown = pdf(" /Filter [/ASCII85Decode /FlateDecode]", b"text");
    assert_eq!(places(&unknown, "needle"), (vec![], vec![(SkipReason::UnsupportedArchive, 1)]));
    let broken = pdf(" /Filter /FlateDecode", b"text");
    assert_eq!(places(&broken, "needle"), (vec![], vec![(SkipReason::UnreadableArchive, 1)]));
    let sealed = [broken, b"trailer << /Encrypt 2 0 R >>".to_vec()].concat();
    assert_eq!(places(&sealed, "needle"), (vec![], vec![(SkipReason::EncryptedArchive, 1)]));
    // Who only says so hides nothing.
    let said = [pdf(" /Filter /FlateDecode", &packed), b"% /Encrypt".to_vec()].concat();
    assert_eq!(places(&said, "needle"), (vec!["stream 1".to_owned()], vec![]));
    // A PDF in an archive costs no level, and what is attached to it does.
    let attached = pdf(" /Filter /FlateDecode", &zlib(&zip(&[("k.env", Method::Deflated, b"needle")])));
    let outer = zip(&[("d.pdf", Method::Deflated, &attached)]);
    assert_eq!(places(&outer, "needle").0, ["d.pdf!/stream 1!/k.env"]);
}

/// A PNG with these chunks.
fn png(chunks: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [("IHDR", &[0; 13][..])].iter().chain(chunks).chain(&[("IEND", &[][..])]) {
        out.extend(
            [&u32::try_from(data.len()).unwrap().to_be_bytes(), kind.as_bytes(), data, &[0; 4]].concat(),
        );
    }
    out
}

#[test]
fn the_texts_of_a_png_are_entries() {
    let packed = [b"Comment\0\0".to_vec(), zlib(b"needle")].concat();
    let international = [b"Prompt\0\x01\0en\0\0".to_vec(), zlib(b"needle")].concat();
    let picture = png(&[
        ("tEXt", b"Author\0needle"),
        ("zTXt", &packed),
        ("iTXt", &international),
        ("iTXt", b"Title\0\0\0\0\0needle"),
        ("IDAT", b"needle"),
    ]);
    let expected = ["tEXt Author", "zTXt Comment", "iTXt Prompt", "iTXt Title"].map(str::to_owned).to_vec();
    assert_eq!(places(&picture, "needle"), (expected, vec![]));
    assert_eq!(places(&picture[..60], "needle").1, []);
    let broken = png(&[("zTXt", b"Comment\0\0needle"), ("tEXt", b"without a keyword")]);
    assert_eq!(places(&broken, "needle"), (vec![], vec![(SkipReason::UnreadableArchive, 2)]));
}

#[test]
fn ordinary_files_are_no_archives() {
    for text in
        ["", "P", "PK", "BZh9", "%PD", "package main\n", "{\"a\": 1}", "\u{feff}text", "7z", "BZh91AY&S"]
    {
        assert!(recognise(text.as_bytes()).is_none(), "{text}");
    }
    assert!(recognise(&noise(100_000)).is_none());
    assert!(recognise(&[0; 1000]).is_none());
    assert!(recognise("a line of some text\n".repeat(100).as_bytes()).is_none());
}

#[test]
fn names_of_formats_are_unique() {
    let names: std::collections::BTreeSet<_> = FORMATS.iter().map(|format| format.name).collect();
    assert_eq!(names.len(), FORMATS.len());
}

/// One of every format, each with something else in it.
static SAMPLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let text = [b"some text, some text, some\n".repeat(30), noise(300)].concat();
    let files = zip(&[
        ("a", Method::Deflated, &text),
        ("b", Method::Stored, b"text"),
        ("c", Method::Bz2, &text),
        ("d", Method::Zst, &text),
        ("e", Method::Xz, &text),
    ]);
    let long = "n".repeat(120);
    let ball = tar(&[("a", &text), (&long, b"text"), ("c.zip", &files)]);
    let packed = zlib(&text);
    vec![
        gz("name", &ball),
        bz2(&text),
        xz(&ball),
        zst(&text),
        pdf(" /Filter /FlateDecode", &packed),
        png(&[("zTXt", &[b"Comment\0\0", &packed[..]].concat()), ("tEXt", b"Author\0text")]),
        packing::tar(&[("only", b"text")]),
        files,
        ball,
    ]
});

/// Opens it, and holds what must be true of whatever is in it.
fn hold(bytes: &[u8]) -> Result<(), TestCaseError> {
    let (seen, skips) = opened(bytes, &SMALL);
    prop_assert!(seen.len() <= SMALL.entries as usize);
    for (_, entry) in &seen {
        prop_assert!(entry.len() as u64 <= SMALL.entry);
    }
    prop_assert!(skips.keys().all(|reason| reason.is_declared()), "{:?}", skips);
    prop_assert_eq!(opened(bytes, &SMALL), (seen, skips));
    Ok(())
}

proptest! {
    #[test]
    fn anything_behind_magic_bytes_is_survived(
        sample in 0..9_usize, keep in 0..40_usize, tail in proptest::collection::vec(any::<u8>(), 0..2000),
    ) {
        let sample = &SAMPLES[sample];
        hold(&[&sample[..keep.min(sample.len())], &tail].concat())?;
    }

    #[test]
    fn truncated_archives_are_survived(sample in 0..9_usize, at in any::<prop::sample::Index>()) {
        let sample = &SAMPLES[sample];
        hold(&sample[..at.index(sample.len())])?;
    }

    #[test]
    fn flipped_bits_are_survived(
        sample in 0..9_usize, flips in proptest::collection::vec((any::<prop::sample::Index>(), 0..8_u8), 1..6),
    ) {
        let mut sample = SAMPLES[sample].clone();
        for (at, bit) in flips {
            let at = at.index(sample.len());
            sample[at] ^= 1 << bit;
        }
        hold(&sample)?;
    }

    #[test]
    fn bzip2_gives_back_what_was_packed(bytes in proptest::collection::vec(0..6_u8, 0..3000)) {
        let (seen, skips) = opened(&bz2(&bytes), &Limits::default());
        prop_assert_eq!(skips, Skips::new());
        prop_assert_eq!(seen.first().map_or(&[][..], |(_, unpacked)| unpacked), bytes);
    }
}
