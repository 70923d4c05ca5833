//! The whole history in every form in which Git keeps objects: what is hidden there is found, as many objects are seen as
//! `git cat-file` sees, and what is damaged is named.

use crate::support::{GATEPOST, Repo, Run, leak, run, token};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Every object there, one a line: its id and its kind.
const ALL_OBJECTS: [&str; 4] =
    ["cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname) %(objecttype)"];

/// A report of `scan --history`.
struct Scanned {
    report: serde_json::Value,
    out: String,
}

const SCAN: [&str; 5] = ["scan", "--history", "-f", "json", "--show-secrets"];

impl Scanned {
    #[track_caller]
    fn new(run: &Run) -> Self {
        let report = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.said()));
        Self { report, out: run.out.clone() }
    }

    /// The repository in `folder`, with more environment.
    #[track_caller]
    fn of(repo: &Repo, folder: &Path, environment: &[(&str, OsString)]) -> Self {
        Self::new(&with(repo, GATEPOST, &SCAN, folder, environment))
    }

    #[track_caller]
    fn has(&self, tokens: &[&String]) {
        for token in tokens {
            assert!(self.out.contains(token.as_str()), "does not show {token}:\n{}", self.out);
        }
        assert_eq!(self.report["findings"].as_array().unwrap().len(), tokens.len(), "{}", self.out);
    }

    /// Everything was seen: as many objects as git lists in the same place, without the trees.
    #[track_caller]
    fn is_whole(&self, listed: &str) {
        assert_eq!(self.report["complete"], true, "{}", self.out);
        let expected = listed.lines().filter(|line| !line.ends_with(" tree")).count();
        assert!(expected > 0);
        assert_eq!(self.report["coverage"]["objects"], expected, "{}", self.out);
    }
}

fn with(
    repo: &Repo,
    program: &str,
    arguments: &[&str],
    folder: &Path,
    environment: &[(&str, OsString)],
) -> Run {
    let mut command = repo.command(program, folder);
    run(command.args(arguments).envs(environment.iter().map(|(name, value)| (name, value))), b"")
}

/// A blob that no ref leads to.
fn hide(repo: &Repo, folder: &Path) -> String {
    let token = token();
    let written = repo.run("git", ["hash-object", "-w", "--stdin"], folder, leak(&token).as_bytes());
    written.ok();
    token
}

#[test]
fn alternates_in_a_file_and_in_the_environment() {
    let repo = Repo::new();
    repo.write("a.txt", "hello\n");
    repo.commit_all("feat: begin");
    let bare = |name: &str| {
        let path = repo.beside(name);
        repo.git(["init", "-q", "--bare", path.to_str().unwrap()]);
        (path.join("objects"), hide(&repo, &path))
    };
    let (in_file, nested) = (bare("in file"), bare("nested.git"));
    // The second has the separator in its name, and is quoted.
    let (named, quoted) =
        (bare("named.git"), bare(if cfg!(windows) { "quoted.git" } else { "quoted:\"1\".git" }));
    let write = |objects: &Path, list: &str| std::fs::write(objects.join("info/alternates"), list).unwrap();
    let own = repo.root().join(".git/objects");
    write(&own, &format!("# a comment\n{}\n", in_file.0.display()));
    write(&in_file.0, "../../nested.git/objects\n");
    let path = quoted.0.to_str().unwrap().replace('\\', "\\\\").replace('"', "\\\"");
    let list = format!("{}{}\"{path}\"", named.0.display(), if cfg!(windows) { ';' } else { ':' });
    let environment = [("GIT_ALTERNATE_OBJECT_DIRECTORIES", OsString::from(list))];

    let scanned = Scanned::of(&repo, repo.root(), &[]);
    scanned.has(&[&in_file.1, &nested.1]);
    scanned.is_whole(&repo.git(ALL_OBJECTS));
    let scanned = Scanned::of(&repo, repo.root(), &environment);
    scanned.has(&[&in_file.1, &nested.1, &named.1, &quoted.1]);
    scanned.is_whole(&with(&repo, "git", &ALL_OBJECTS, repo.root(), &environment).ok().out);

    std::fs::remove_dir_all(nested.0).unwrap();
    repo.gatepost(["scan", "--history"]).failed(&[1], &["alternate object directory", "nested.git", "fix:"]);
}

/// While `pre-receive` runs, what was pushed is in a directory of its own, loose or as a pack, whole as Git completes it.
#[test]
#[cfg(unix)]
fn what_is_in_quarantine_during_a_push() {
    use std::os::unix::fs::PermissionsExt as _;
    for unpack_limit in ["1000", "1"] {
        let repo = Repo::new();
        let bare = repo.beside("server.git");
        repo.git(["init", "-q", "--bare", "-b", "main", bare.to_str().unwrap()]);
        repo.git(["remote", "add", "origin", bare.to_str().unwrap()]);
        repo.run("git", ["config", "receive.unpackLimit", unpack_limit], &bare, b"").ok();
        let text: String = (0..400).map(|number| format!("line {number} of what stays the same\n")).collect();
        repo.write("a.txt", &text);
        let known = token();
        repo.write("known.env", leak(&known));
        repo.commit_all("feat: begin");
        repo.git(["push", "-q", "origin", "main"]);
        let report = |name: &str| repo.beside(name);
        let script = format!(
            "#!/bin/sh\ncat >/dev/null\ntest -d \"$GIT_QUARANTINE_PATH\" || exit 9\nfind \"$GIT_QUARANTINE_PATH\" -type f >'{}'\n\
             git {} >'{}'\n'{GATEPOST}' {} >'{}'\necho $? >'{}'\n",
            report("files").display(),
            ALL_OBJECTS.map(|word| format!("'{word}'")).join(" "),
            report("listed").display(),
            SCAN.join(" "),
            report("report").display(),
            report("code").display(),
        );
        let hook = bare.join("hooks/pre-receive");
        std::fs::write(&hook, script).unwrap();
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
        // An edit of what the server has: a push sends it as a delta whose base is not in the pack that is sent.
        let new = token();
        repo.write("a.txt", format!("{text}{}", leak(&new)));
        repo.commit_all("feat: more");
        repo.git(["push", "-q", "origin", "main"]);
        let read = |name: &str| std::fs::read_to_string(report(name)).unwrap();
        assert_eq!(read("files").contains(".pack"), unpack_limit == "1", "{}", read("files"));
        let scanned = Scanned::new(&Run { code: 1, out: read("report"), err: String::new() });
        assert_eq!(read("code"), "1\n");
        scanned.has(&[&known, &new]);
        scanned.is_whole(&read("listed"));
    }
}

/// Promisor packs, of a clone and of what was fetched one by one afterwards; and what is still with the promisor.
#[test]
fn a_partial_clone_before_and_after() {
    let repo = Repo::new();
    let (early, late) = (token(), token());
    repo.write("old.env", leak(&early));
    repo.commit_all("feat: begin");
    repo.remove("old.env");
    repo.write("new.env", leak(&late));
    repo.commit_all("feat: another");
    repo.git(["config", "uploadpack.allowFilter", "true"]);
    repo.git(["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let clone = repo.beside("partial");
    let url = format!("file://{}", repo.root().display());
    repo.git(["clone", "-q", "--filter=blob:none", &url, clone.to_str().unwrap()]);
    let scanned = Scanned::of(&repo, &clone, &[]);
    scanned.has(&[&late]);
    assert_eq!(scanned.report["complete"], false);
    assert_eq!(scanned.report["coverage"]["skipped"][0]["reason"], "missing");
    assert_eq!(scanned.report["coverage"]["skipped"][0]["count"], 1);
    repo.run("git", ["checkout", "-q", "HEAD~1"], &clone, b"").ok();
    let scanned = Scanned::of(&repo, &clone, &[]);
    scanned.has(&[&early, &late]);
    scanned.is_whole(&repo.run("git", ALL_OBJECTS, &clone, b"").ok().out);
}

#[test]
fn a_chain_of_four_thousand_deltas() {
    let repo = Repo::new();
    let (early, late) = (token(), token());
    let mut stream = String::new();
    let lines: String = (0..60).map(|line| format!("line {line} of a text that stays\n")).collect();
    for number in 0..4001 {
        let secret = match number {
            2000 => leak(&early),
            4000 => leak(&late),
            _ => String::new(),
        };
        let text = format!("{lines}{secret}{number}\n");
        stream += &format!("blob\ndata {}\n{text}\n", text.len());
    }
    let import = ["-c", "pack.depth=4000", "fast-import", "--quiet", "--depth=4000"];
    repo.run("git", import, repo.root(), stream.as_bytes()).ok();
    let index = packs(&repo, "idx").remove(0);
    let listed = repo.git(["verify-pack", "-v", index.to_str().unwrap()]);
    assert!(listed.contains("chain length = 4000: 1 object"), "{}", &listed[listed.len() - 200..]);
    let scanned = Scanned::of(&repo, repo.root(), &[]);
    scanned.has(&[&early, &late]);
    scanned.is_whole(&repo.git(ALL_OBJECTS));
}

fn packs(repo: &Repo, extension: &str) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(repo.root().join(".git/objects/pack"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    all.sort();
    all
}

/// A repository of one pack: in one commit a text that is stored whole, in the next an edit of it with a token.
struct Packed {
    repo: Repo,
    pack: PathBuf,
    token: String,
    /// The second version, which is stored whole, and the first, which is stored as an edit of it: the id, and the entry's
    /// offset and size.
    whole: (String, usize, usize),
    edit: (String, usize, usize),
}

impl Packed {
    fn new() -> Self {
        let (repo, token) = (Repo::new(), token());
        let text: String = (0..400).map(|number| format!("line {number} of what stays the same\n")).collect();
        repo.write("a.txt", &text);
        repo.commit_all("feat: begin");
        repo.write("a.txt", format!("{text}{}", leak(&token)));
        repo.commit_all("feat: more");
        repo.git(["repack", "-q", "-a", "-d", "-f"]);
        repo.git(["prune-packed"]);
        let pack = packs(&repo, "pack").remove(0);
        let listed = repo.git(["verify-pack", "-v", pack.to_str().unwrap()]);
        let entry = |revision: &str, words: usize| {
            let id = repo.git(["rev-parse", revision]);
            let line = listed.lines().find(|line| line.starts_with(&id)).unwrap();
            let found: Vec<&str> = line.split_whitespace().collect();
            assert_eq!(found.len(), words, "{line}");
            (id, found[4].parse().unwrap(), found[3].parse().unwrap())
        };
        let (whole, edit) = (entry("HEAD:a.txt", 5), entry("HEAD~1:a.txt", 7));
        Self { repo, pack, token, whole, edit }
    }

    /// Scans with a changed copy of the pack or its index in place.
    fn changed(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) -> Run {
        let sound = std::fs::read(path).unwrap();
        let mut bytes = sound.clone();
        change(&mut bytes);
        let replace = |bytes: &[u8]| {
            std::fs::remove_file(path).unwrap();
            std::fs::write(path, bytes).unwrap();
        };
        replace(&bytes);
        let run = self.repo.gatepost(["scan", "--history"]);
        replace(&sound);
        run
    }
}

#[test]
fn a_damaged_pack_is_named_to_the_object_and_the_byte() {
    let packed = Packed::new();
    let ((whole, whole_at, _), (edit, edit_at, edit_size)) = (&packed.whole, &packed.edit);
    let at = |offset: &usize| format!(".pack at offset {offset}");
    // An entry that nothing else is made of: the rest is found.
    packed.changed(&packed.pack, |bytes| bytes[edit_at + edit_size - 2] ^= 1).failed(
        &[1],
        &["github-pat", &format!("object {edit} cannot be read"), &at(edit_at), "git fsck", "fix:"],
    );
    // An entry that the other one is made of: both are named.
    packed.changed(&packed.pack, |bytes| bytes[whole_at + 30] ^= 1).failed(
        &[3],
        &[whole, &at(whole_at), edit, &at(edit_at), "its delta base cannot be read", "INCOMPLETE"],
    );
    packed.changed(&packed.pack, |bytes| *bytes.last_mut().unwrap() ^= 1).failed(
        &[1],
        &["github-pat", "a pack is damaged", "checksum", ".pack", "fix:", "1 thing could not be checked"],
    );
    packed
        .changed(&packed.pack, |bytes| bytes.truncate(edit_at + edit_size / 2 + 20))
        .failed(&[1, 3], &["a pack is damaged", "cut short", edit, &at(edit_at), "could not be checked"]);
    packed.changed(&packed.pack, Vec::clear).failed(&[3], &["a pack cannot be opened", ".pack"]);
}

#[test]
fn a_damaged_pack_index_hides_nothing() {
    let packed = Packed::new();
    let index = packed.pack.with_extension("idx");
    let raw: Vec<u8> =
        (0..20).map(|at| u8::from_str_radix(&packed.whole.0[2 * at..2 * at + 2], 16).unwrap()).collect();
    let sound = std::fs::read(&index).unwrap();
    let place = sound.windows(20).position(|window| window == raw).unwrap();
    // The blob has another name then: it is scanned all the same, and the one that the tree names is missed.
    packed
        .changed(&index, |bytes| bytes[place + 19] ^= 1)
        .failed(&[1], &["github-pat", "the repository is damaged", "could not be checked"]);
    packed.changed(&index, |bytes| bytes[300] ^= 0x80).failed(&[3], &["a pack cannot be opened", ".idx"]);
    packed.changed(&index, |bytes| bytes.truncate(900)).failed(&[3], &["a pack cannot be opened", ".idx"]);
    // Without its index Git does not see a pack at all, and what refs lead to is missed.
    std::fs::remove_file(&index).unwrap();
    packed.repo.gatepost(["scan", "--history"]).failed(
        &[3],
        &[
            "refs/heads/main leads to",
            &packed.repo.head(),
            "which is not here",
            "git index-pack",
            "INCOMPLETE",
        ],
    );
    packed.repo.write(".git/HEAD", format!("{}\n", packed.repo.head()));
    packed.repo.remove(".git/refs/heads/main");
    packed.repo.gatepost(["scan", "--history"]).failed(&[3], &["HEAD leads to", "which is not here"]);
    packed.repo.git(["index-pack", packed.pack.to_str().unwrap()]);
    assert!(packed.repo.gatepost(["scan", "--history", "--show-secrets"]).said().contains(&packed.token));
}

/// A pack whose deltas have their bases elsewhere is one that `git index-pack --fix-thin` was not asked to complete. Git
/// gives such packs no index, so that of the whole pack is made to fit.
#[test]
fn a_missing_base_is_told() {
    let packed = Packed::new();
    let repo = &packed.repo;
    repo.git(["config", "repack.useDeltaBaseOffset", "false"]);
    let blobs = [packed.whole.0.as_str(), &packed.edit.0].map(|id| format!("{id}\n")).concat();
    let name = repo.beside("both");
    let written = repo.run(
        "git",
        ["pack-objects", "-q", "--no-reuse-delta", name.to_str().unwrap()],
        repo.root(),
        blobs.as_bytes(),
    );
    let both = repo.beside(&format!("both-{}.pack", written.ok().out.trim()));
    let listed = repo.git(["verify-pack", "-v", both.to_str().unwrap()]);
    let line = listed.lines().find(|line| line.starts_with(&packed.edit.0)).unwrap();
    let (offset, size) = {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[6], packed.whole.0);
        (words[4].parse::<usize>().unwrap(), words[3].parse::<usize>().unwrap())
    };
    let bytes = std::fs::read(&both).unwrap();
    let entry = &bytes[offset..offset + size];
    let thin = [b"PACK\0\0\0\x02\0\0\0\x01", entry, &[0; 20]].concat();
    // An index of version 1: the counts by first byte, then the offset and the id, then two checksums.
    let raw: Vec<u8> =
        (0..20).map(|at| u8::from_str_radix(&packed.edit.0[2 * at..2 * at + 2], 16).unwrap()).collect();
    let mut index: Vec<u8> = (0..=255_u8).flat_map(|byte| u32::from(byte >= raw[0]).to_be_bytes()).collect();
    index.extend_from_slice(&12_u32.to_be_bytes());
    index.extend_from_slice(&raw);
    index.extend_from_slice(&[0; 40]);
    let empty = Repo::new();
    let folder = empty.root().join(".git/objects/pack");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("pack-thin.pack"), thin).unwrap();
    std::fs::write(folder.join("pack-thin.idx"), index).unwrap();
    empty
        .gatepost(["scan", "--history"])
        .failed(&[3], &[&packed.edit.0, "its delta base is missing", "pack-thin.pack at offset 12", "fix:"]);
    // The base alone, loose: now both are read.
    let text = repo.run("git", ["cat-file", "blob", &packed.whole.0], repo.root(), b"").ok().out;
    empty.run("git", ["hash-object", "-w", "--stdin"], empty.root(), text.as_bytes()).ok();
    empty.gatepost(["scan", "--history"]).failed(&[1], &["github-pat", "2 blobs"]);
}
