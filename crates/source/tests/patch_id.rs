//! Patch ids against those of the real `git patch-id --stable`, over random commits and the same changes elsewhere.

#![allow(clippy::unwrap_used, clippy::panic, clippy::string_slice, reason = "a test that cannot go on fails")]

mod support;

use gatepost_core::ObjectId;
use gatepost_core::patch::{LARGEST, PatchId, patch_id, patch_parts};
use gatepost_source::{Backend, Repository, open_with};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use support::Scratch;

/// xorshift64*, so that a failure comes back.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % limit as u64).unwrap()
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// A line as code has them: few different ones, so that changes can stand at several places.
    fn line(&mut self) -> String {
        let indent = self.one(&["", "", "    ", "\t", "        ", " \t"]);
        let text =
            self.one(&["}", "{", "", "", "if (x) {", "else {", "return;", "call();", "// note", "\u{e9}"]);
        if self.below(4) == 0 {
            return format!("{indent}step({});\n", self.below(50));
        }
        format!("{indent}{text}\n")
    }

    fn lines(&mut self, most: usize) -> Vec<String> {
        (0..=self.below(most)).map(|_| self.line()).collect()
    }

    /// A few edits of some lines: inserted, removed, replaced, repeated, spaced anew.
    fn edit(&mut self, lines: &mut Vec<String>) {
        for _ in 0..=self.below(4) {
            let at = self.below(lines.len() + 1);
            let end = (at + 1 + self.below(4)).min(lines.len());
            let new = match self.below(6) {
                0 => self.lines(5),
                1 => Vec::new(),
                2 => [&lines[at..end], &lines[at..end]].concat(),
                3 => lines[at..end].iter().map(|line| format!("  {line}")).collect(),
                4 => lines[at..end].iter().map(|line| line.replace(' ', "")).collect(),
                _ => vec![self.line()],
            };
            lines.splice(at..end, new);
        }
    }
}

/// What stands at a path: a mode, and lines or, of a submodule, a commit.
type Tree = BTreeMap<String, (&'static str, Vec<u8>)>;

/// A stream for `git fast-import`.
#[derive(Default)]
struct Stream {
    bytes: Vec<u8>,
    mark: usize,
}

impl Stream {
    /// A commit of what is another than before, on top of the commit of mark `parent`.
    fn commit(&mut self, parent: usize, before: &Tree, tree: &Tree) -> usize {
        self.mark += 1;
        let mut head = format!(
            "commit refs/heads/m{}\nmark :{}\ncommitter A <a@b> 1 +0000\ndata 0\n",
            self.mark, self.mark
        );
        if parent > 0 {
            writeln!(head, "from :{parent}").unwrap();
        }
        self.bytes.extend(head.bytes());
        for path in before.keys().filter(|path| !tree.contains_key(*path)) {
            self.bytes.extend(format!("D {}\n", quoted(path)).bytes());
        }
        for (path, (mode, content)) in tree.iter().filter(|(path, entry)| before.get(*path) != Some(entry)) {
            if *mode == "160000" {
                let id = String::from_utf8(content.clone()).unwrap();
                self.bytes.extend(format!("M 160000 {id} {}\n", quoted(path)).bytes());
                continue;
            }
            self.bytes.extend(format!("M {mode} inline {}\ndata {}\n", quoted(path), content.len()).bytes());
            self.bytes.extend(content);
            self.bytes.push(b'\n');
        }
        self.bytes.push(b'\n');
        self.mark
    }
}

fn quoted(path: &str) -> String {
    format!(
        "\"{}\"",
        path.replace('\\', "\\\\").replace('"', "\\\"").replace('\t', "\\t").replace('\n', "\\n")
    )
}

const PATHS: [&str; 8] =
    ["a.c", "b/a.c", "b.c", "b/with space", "quote\"d\\", "tab\tnew\nline", "caf\u{e9}", "z"];

/// Changes a tree in one of the ways in which trees change.
fn change(random: &mut Random, tree: &mut Tree) {
    let path = random.one(&PATHS).to_owned();
    match random.below(12) {
        0 => drop(tree.remove(&path)),
        1 => {
            // A rename is a deletion and an addition.
            let moved = tree.remove(&path);
            tree.extend(moved.map(|entry| (format!("{path}.moved"), entry)));
        }
        2 => {
            let mode = random.one(&["100644", "100755"]);
            tree.entry(path).and_modify(|entry| entry.0 = if entry.0 == "160000" { "160000" } else { mode });
        }
        3 => {
            let bytes = (0..20).map(|_| u8::try_from(random.below(4)).unwrap()).collect();
            tree.insert(path, (random.one(&["100644", "100755"]), bytes));
        }
        4 => drop(tree.insert(path, ("120000", random.line().trim().as_bytes().to_vec()))),
        5 => drop(tree.insert(path, ("160000", format!("{:040x}", random.below(9) + 1).into_bytes()))),
        6 => drop(tree.insert(path, ("100644", Vec::new()))),
        7 => {
            // No binary file for Git, since it does not look so far, and `patch-id` reads each line up to the NUL.
            let far = "line\n".repeat(1700) + "before\0after\n" + &random.line();
            tree.insert(path, ("100644", far.into_bytes()));
        }
        _ => {
            let (mode, old) = tree.get(&path).cloned().unwrap_or(("100644", Vec::new()));
            let text =
                if mode == "160000" { String::new() } else { String::from_utf8_lossy(&old).into_owned() };
            let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
            if lines.is_empty() {
                lines = random.lines(40);
            } else {
                random.edit(&mut lines);
            }
            let mut text = lines.concat();
            if random.below(6) == 0 {
                text.truncate(text.trim_end().len());
            }
            tree.insert(path, (if mode == "160000" { "100644" } else { mode }, text.into_bytes()));
        }
    }
}

/// The same tree with other lines around those that are there: where a commit is picked to.
fn elsewhere(tree: &Tree, before: &[u8], after: &[u8]) -> Tree {
    let shifted = |(path, (mode, content)): (&String, &(&'static str, Vec<u8>))| {
        let is_text = mode.starts_with("100") && !content.is_empty() && content.ends_with(b"\n");
        let content = if is_text { [before, content, after].concat() } else { content.clone() };
        (path.clone(), (*mode, content))
    };
    tree.iter().map(shifted).collect()
}

/// What Git says: the id of each commit that changes something.
fn by_git(scratch: &Scratch) -> HashMap<ObjectId, String> {
    let commits = scratch.git(&["rev-list", "--all", "--no-merges"]);
    let diff = std::fs::File::create(scratch.root().join("diff")).unwrap();
    let list = scratch.root().join("list");
    std::fs::write(&list, commits + "\n").unwrap();
    let mut command = std::process::Command::new("git");
    command.args(["diff-tree", "--stdin", "-p", "--full-index", "--root"]).current_dir(scratch.path());
    command.stdin(std::fs::File::open(&list).unwrap()).stdout(diff);
    assert!(command.status().unwrap().success());
    let mut command = std::process::Command::new("git");
    command.args(["patch-id", "--stable"]).current_dir(scratch.path());
    let output = command.stdin(std::fs::File::open(scratch.root().join("diff")).unwrap()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let ids = text.lines().map(|line| {
        let (patch, commit) = line.split_once(' ').unwrap();
        (ObjectId::from_hex(commit.as_bytes()).unwrap(), patch.to_owned())
    });
    ids.collect()
}

/// The sums of the parts, added up as Git does it: little-endian numbers without their last carry.
fn as_git(parts: &[Vec<u8>]) -> String {
    let mut sum = [0u8; 20];
    for part in parts {
        let mut hasher = gix_hash::hasher(gix_hash::Kind::Sha1);
        hasher.update(part);
        let (hash, mut carry) = (hasher.try_finalize().unwrap(), 0u16);
        for (total, byte) in sum.iter_mut().zip(hash.as_slice()) {
            carry += u16::from(*total) + u16::from(*byte);
            *total = carry.to_le_bytes()[0];
            carry >>= 8;
        }
    }
    sum.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// Our id of a commit, and the parts behind it.
fn ours(repository: &dyn Repository, commit: &ObjectId) -> (Option<PatchId>, Vec<Vec<u8>>) {
    let blob = |id: &ObjectId| {
        let mut buffer = Vec::new();
        let size = repository.read_blob_up_to(id, LARGEST, &mut buffer)?;
        Ok::<_, gatepost_source::Error>((size <= LARGEST).then_some(buffer))
    };
    let changes = repository.changes(commit).unwrap();
    (patch_id(&changes, blob).unwrap(), patch_parts(&changes, blob).unwrap())
}

/// Compares every commit, and says how many have company: another commit of the same patch.
fn compare(scratch: &Scratch) -> usize {
    let git = by_git(scratch);
    let repository = open_with(Some(&scratch.path()), Backend::Libgit2).unwrap();
    let (mut ids, mut sums) = (HashMap::<PatchId, &str>::new(), HashMap::<&str, (PatchId, usize)>::new());
    let mut company = 0;
    for commit in scratch.git(&["rev-list", "--all", "--no-merges"]).lines() {
        let commit = ObjectId::from_hex(commit.as_bytes()).unwrap();
        let (id, parts) = ours(repository.as_ref(), &commit);
        let Some(sum) = git.get(&commit) else {
            assert_eq!(id, None, "{commit} changes nothing, says Git");
            continue;
        };
        let diff = || scratch.git(&["show", "--full-index", &commit.to_string()]);
        let shown = || parts.iter().map(|part| String::from_utf8_lossy(part)).collect::<Vec<_>>();
        assert_eq!(&as_git(&parts), sum, "{commit}\n{}\n{:#?}", diff(), shown());
        let id = id.unwrap();
        assert_eq!(*ids.entry(id).or_insert(sum), sum, "{commit}: one id here, two there");
        let known = sums.entry(sum).or_insert((id, 0));
        assert_eq!(known.0, id, "{commit}: one id there, two here");
        known.1 += 1;
        company += usize::from(known.1 > 1);
    }
    company
}

fn import(stream: &Stream) -> Scratch {
    let scratch = Scratch::new();
    let file = scratch.root().join("stream");
    std::fs::write(&file, &stream.bytes).unwrap();
    let mut command = std::process::Command::new("git");
    command.args(["fast-import", "--quiet"]).current_dir(scratch.path());
    assert!(command.stdin(std::fs::File::open(file).unwrap()).status().unwrap().success());
    scratch
}

#[test]
fn random_commits_and_the_same_changes_elsewhere_have_gits_ids() {
    let (mut random, mut stream) = (Random(0x5eed), Stream::default());
    let mut tree = Tree::new();
    let mut head = 0;
    for _ in 0..400 {
        let before = tree.clone();
        for _ in 0..=random.below(3) {
            change(&mut random, &mut tree);
        }
        // fast-import puts no file and folder of one name beside each other, and Git has no such trees.
        head = stream.commit(head, &before, &tree);
        // The same change on a branch of its own, between other lines.
        if random.below(3) == 0 {
            let (above, below) = (random.lines(8).concat(), random.lines(8).concat());
            let (above, below) = (above.as_bytes(), below.as_bytes());
            let (old, new) = (elsewhere(&before, above, below), elsewhere(&tree, above, below));
            let root = stream.commit(0, &Tree::new(), &old);
            stream.commit(root, &old, &new);
        }
    }
    let company = compare(&import(&stream));
    assert!(company > 30, "{company} commits have the patch of another: too few to say anything");
}

#[test]
fn long_files_with_many_equal_lines_have_gits_ids() {
    let (mut random, mut stream) = (Random(0x10a6), Stream::default());
    for _ in 0..40 {
        let mut lines = random.lines(1200);
        let tree =
            |lines: &[String]| Tree::from([("a.c".to_owned(), ("100644", lines.concat().into_bytes()))]);
        let (mut before, mut head) = (tree(&lines), 0);
        head = stream.commit(head, &Tree::new(), &before);
        for _ in 0..3 {
            for _ in 0..=random.below(12) {
                random.edit(&mut lines);
            }
            let after = tree(&lines);
            head = stream.commit(head, &before, &after);
            before = after;
        }
    }
    compare(&import(&stream));
}

#[test]
fn a_commit_that_git_picks_keeps_its_id_and_one_with_a_conflict_does_not() {
    let scratch = Scratch::new();
    let text = |middle: &str| format!("1\n2\n3\n4\n{middle}\n6\n7\n8\n9\n");
    scratch.write("a.txt", &text("5"));
    scratch.commit("first");
    scratch.git(&["branch", "release"]);
    scratch.write("a.txt", &format!("0\n0\n0\n0\n0\n{}", text("5")));
    scratch.commit("moves everything down");
    scratch.write("a.txt", &format!("0\n0\n0\n0\n0\n{}", text("five")));
    let fix = scratch.commit("fix");
    scratch.git(&["checkout", "--quiet", "release"]);
    scratch.git(&["cherry-pick", "-x", &fix.to_string()]);
    let repository = open_with(Some(&scratch.path()), Backend::Libgit2).unwrap();
    let id = |commit: &ObjectId| ours(repository.as_ref(), commit).0.unwrap();
    let picked = scratch.id("HEAD");
    assert_eq!(id(&fix), id(&picked));
    scratch.write("a.txt", &text("fife"));
    scratch.git(&["add", "-A"]);
    scratch.git(&["commit", "--quiet", "--amend", "--no-edit"]);
    assert_ne!(id(&fix), id(&scratch.id("HEAD")));
    compare(&scratch);
}
