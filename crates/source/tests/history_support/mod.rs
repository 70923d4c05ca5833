//! Repositories made by the real git, and what git itself says is in them.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use gatepost_core::{Change, Commit, Identity, ObjectId, RefName, RepoPath, Shard, Tag, TreeEntry};
use gatepost_source::history::{Edit, Kinds, Object, Options, Progress, Visitor, Walked, walk};
use gatepost_source::{Backend, Error, ErrorKind, Head, ObjectKind, Reference, Repository, RepositoryInfo};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A scratch repository.
pub struct Scratch {
    pub folder: TempDir,
    pub info: RepositoryInfo,
    random: u64,
}

/// Every object by id: its kind, size, and bytes if it came with them.
pub type Objects = BTreeMap<String, (String, u64, Option<Vec<u8>>)>;

impl Scratch {
    pub fn new() -> Self {
        Self::with(&["init", "-q", "-b", "main"])
    }

    pub fn with(init: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path(), init, b"");
        let path = |what: &str| {
            PathBuf::from(text(&run(folder.path(), &["rev-parse", "--absolute-git-dir"], b"")) + what)
        };
        let hash_len = match text(&run(folder.path(), &["rev-parse", "--show-object-format"], b"")).as_str() {
            "sha1" => 20,
            _ => 32,
        };
        let info = RepositoryInfo {
            git_dir: path(""),
            common_dir: path(""),
            work_tree: Some(folder.path().to_path_buf()),
            shallow: false,
            partial: false,
            hash_len,
            backend: Backend::GitCommand,
        };
        Self { folder, info, random: 0x9e37_79b9_7f4a_7c15 }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn objects_folder(&self) -> PathBuf {
        self.info.common_dir.join("objects")
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        text(&run(self.path(), arguments, b""))
    }

    pub fn git_with(&self, arguments: &[&str], input: &[u8]) -> String {
        text(&run(self.path(), arguments, input))
    }

    /// Git, which may fail.
    pub fn try_git(&self, arguments: &[&str]) -> Output {
        try_run(self.path(), arguments, b"")
    }

    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub fn random(&mut self, below: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random >> 20).unwrap() % below
    }

    pub fn noise(&mut self, lines: usize) -> String {
        (0..lines).map(|_| format!("line {:x} {:x}\n", self.random(1 << 30), self.random(1 << 30))).collect()
    }

    /// A history with edits, deltas, links, tags, notes, and something dangling.
    pub fn fill(&mut self, commits: usize) {
        let mut files: Vec<Vec<String>> =
            (0..4).map(|_| self.noise(120).lines().map(str::to_owned).collect()).collect();
        for number in 0..commits {
            let file = self.random(files.len());
            let at = self.random(100);
            files[file][at] = self.noise(1).trim().to_owned();
            if number % 5 == 0 {
                files[file].insert(at, self.noise(2));
            }
            self.write(&format!("dir{}/file{file}.txt", file % 2), files[file].join("\n"));
            self.commit(&format!("change {number}"));
        }
        self.write("empty", "");
        self.write("binary", [0, 1, 2, 0xff, 0xfe, 0]);
        self.commit("odds and ends");
        self.git(&["tag", "-f", "-a", "v1", "-m", "a tag"]);
        self.git(&["notes", "add", "-f", "-m", "a note"]);
        self.git_with(&["hash-object", "-w", "--stdin"], b"dangling");
    }

    /// Walks, checks the counts, and returns what was seen; every object exactly once.
    pub fn walk(&self, options: &Options) -> (Objects, Walked<Vec<Seen>>) {
        let progress = Progress::default();
        let mut walked = walk(&Plain(self.info.clone()), options, &Collect, &progress).unwrap();
        let mut objects = Objects::new();
        for seen in walked.workers.iter_mut().flat_map(std::mem::take) {
            let (id, rest) = seen;
            assert!(objects.insert(id.clone(), rest).is_none(), "{id} was visited twice");
        }
        assert_eq!(walked.objects, objects.len() as u64);
        let of = |kind: &str| objects.values().filter(|object| object.0 == kind).count() as u64;
        assert_eq!(
            (walked.blobs, walked.commits, walked.tags, walked.trees),
            (of("blob"), of("commit"), of("tag"), of("tree"))
        );
        let bytes: usize = objects.values().filter_map(|object| object.2.as_ref().map(Vec::len)).sum();
        assert_eq!(walked.bytes, bytes as u64);
        assert_eq!(progress.done(), walked.objects);
        (objects, walked)
    }

    /// Asserts that a walk sees what git sees, in one thread and in three.
    pub fn assert_same_as_git(&self) {
        let expected = self.expected();
        for threads in [1, 3] {
            let (seen, walked) = self.walk(&all(threads));
            assert_eq!(walked.problems, []);
            assert_eq!(seen.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
            assert!(seen == expected, "the same ids, but other contents");
        }
        let (seen, _) = self.walk(&Options { kinds: Kinds::CONTENT, ..all(2) });
        let content: Objects = expected.into_iter().filter(|(_, object)| object.0 != "tree").collect();
        assert!(seen == content, "without trees");
        self.assert_shards_are_the_whole(&content);
    }

    /// Asserts that each object is in one shard: the one that its id says.
    fn assert_shards_are_the_whole(&self, content: &Objects) {
        for of in [2, 5] {
            let mut all = Objects::new();
            for shard in (1..=of).map(|index| Shard::new(index, of).unwrap()) {
                let options = Options { kinds: Kinds::CONTENT, shard: Some(shard), ..self::all(2) };
                let (seen, walked) = self.walk(&options);
                assert_eq!(walked.problems, []);
                for (id, object) in seen {
                    assert!(shard.contains(&ObjectId::from_hex(id.as_bytes()).unwrap()), "{id} in {shard}");
                    assert!(all.insert(id, object).is_none());
                }
            }
            assert!(all == *content, "the shards of {of} are not the whole");
        }
    }

    /// Every object, as `git cat-file` has it.
    pub fn expected(&self) -> Objects {
        let arguments = ["cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer"];
        let output = run(self.path(), &arguments, b"");
        let (mut rest, mut objects) = (output.as_slice(), Objects::new());
        while !rest.is_empty() {
            let end = rest.iter().position(|&byte| byte == b'\n').unwrap();
            let header: Vec<String> =
                String::from_utf8_lossy(&rest[..end]).split(' ').map(str::to_owned).collect();
            let size: usize = header[2].parse().unwrap();
            let bytes = rest[end + 1..end + 1 + size].to_vec();
            objects.insert(header[0].clone(), (header[1].clone(), size as u64, Some(bytes)));
            rest = &rest[end + 2 + size..];
        }
        objects
    }

    /// Packs in `objects/pack`, by extension.
    pub fn packs(&self, extension: &str) -> Vec<PathBuf> {
        let mut all: Vec<PathBuf> = std::fs::read_dir(self.objects_folder().join("pack"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|found| found == extension))
            .collect();
        all.sort();
        all
    }
}

/// Everything, whole.
pub fn all(threads: usize) -> Options {
    Options { threads, max_blob: u64::MAX, kinds: Kinds::ALL, graph: false, shard: None }
}

pub type Seen = (String, (String, u64, Option<Vec<u8>>));

struct Collect;

impl Visitor for Collect {
    type Worker = Vec<Seen>;
    type Trace = Vec<u8>;

    fn worker(&self) -> Vec<Seen> {
        Vec::new()
    }

    fn visit(
        &self,
        worker: &mut Vec<Seen>,
        object: &Object<'_>,
        edit: Option<Edit<'_, Vec<u8>>>,
    ) -> Option<Vec<u8>> {
        check(object, edit.as_ref());
        let kind = object.kind.as_str().to_owned();
        worker.push((object.id.to_string(), (kind, object.size, object.bytes.map(<[u8]>::to_vec))));
        object.bytes.map(<[u8]>::to_vec)
    }

    fn pass(
        &self,
        _: &mut Vec<Seen>,
        object: &Object<'_>,
        edit: Option<Edit<'_, Vec<u8>>>,
    ) -> Option<Vec<u8>> {
        check(object, edit.as_ref());
        object.bytes.map(<[u8]>::to_vec)
    }
}

/// Asserts that an object is what it says, and made of its base as it says.
fn check(object: &Object<'_>, edit: Option<&Edit<'_, Vec<u8>>>) {
    if let Some(bytes) = object.bytes {
        assert_eq!(object.size, bytes.len() as u64);
    }
    if let Some(Edit { base, stretches }) = edit {
        // What is said to be copied is in the base, byte for byte, and the stretches leave no gap.
        let bytes = object.bytes.unwrap_or_default();
        let mut at = 0;
        for stretch in *stretches {
            assert_eq!(stretch.range.start, at);
            at = stretch.range.end;
            if let Some(from) = stretch.from {
                assert_eq!(&bytes[stretch.range.clone()], &base[from..from + stretch.range.len()]);
            }
        }
        assert_eq!(at, bytes.len());
    }
}

/// Runs git in a folder, away from the user's configuration; panics when it fails.
pub fn run(folder: &Path, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let output = try_run(folder, arguments, input);
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn try_run(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new("git");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"] {
        command.env_remove(name);
    }
    let mut child = command
        .current_dir(folder)
        .args(["-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "protocol.file.allow=always"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs([("GIT_AUTHOR_NAME", "A"), ("GIT_AUTHOR_EMAIL", "a@example.org")])
        .envs([("GIT_COMMITTER_NAME", "C"), ("GIT_COMMITTER_EMAIL", "c@example.org")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || pipe.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join();
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

/// A repository that answers only what history asks.
pub struct Plain(pub RepositoryInfo);

fn not_asked<T>() -> Result<T, Error> {
    Err(Error::new(ErrorKind::Unreadable, "the tests do not answer this", ""))
}

impl Repository for Plain {
    fn info(&self) -> &RepositoryInfo {
        &self.0
    }

    fn another(&self) -> Result<Box<dyn Repository>, Error> {
        Ok(Box::new(Self(self.0.clone())))
    }

    fn head(&self) -> Result<Head, Error> {
        let output = Command::new("git")
            .arg("--git-dir")
            .arg(&self.0.git_dir)
            .args(["rev-parse", "--verify", "-q", "HEAD"])
            .output()
            .unwrap();
        Ok(match ObjectId::from_hex(text(&output.stdout).as_bytes()) {
            Some(id) => Head::Detached(id),
            None => Head::Unborn(RefName::from("refs/heads/main")),
        })
    }

    fn staged(&self) -> Result<Vec<Change>, Error> {
        not_asked()
    }

    fn resolve(&self, _: &str) -> Result<ObjectId, Error> {
        not_asked()
    }

    fn commits(&self, _: &[ObjectId], _: &[ObjectId]) -> Result<Vec<ObjectId>, Error> {
        not_asked()
    }

    fn commit(&self, _: &ObjectId) -> Result<Commit, Error> {
        not_asked()
    }

    fn tag(&self, _: &ObjectId) -> Result<Option<Tag>, Error> {
        not_asked()
    }

    fn raw(&self, _: &ObjectId, _: &mut Vec<u8>) -> Result<ObjectKind, Error> {
        not_asked()
    }

    fn changes(&self, _: &ObjectId) -> Result<Vec<Change>, Error> {
        not_asked()
    }

    fn changes_between(&self, _: &ObjectId, _: &ObjectId) -> Result<Vec<Change>, Error> {
        not_asked()
    }

    fn merge_bases(&self, _: &ObjectId, _: &ObjectId) -> Result<Vec<ObjectId>, Error> {
        not_asked()
    }

    fn entry(&self, _: &ObjectId, _: &RepoPath) -> Result<Option<TreeEntry>, Error> {
        not_asked()
    }

    fn files(&self, _: &ObjectId) -> Result<Vec<(RepoPath, TreeEntry)>, Error> {
        not_asked()
    }

    fn references(&self) -> Result<Vec<Reference>, Error> {
        let listed = run(&self.0.git_dir, &["for-each-ref", "--format=%(objectname) %(refname)"], b"");
        let listed = text(&listed);
        let reference = |line: &str| {
            let (id, name) = line.split_once(' ').unwrap();
            Reference { name: RefName::from(name), target: ObjectId::from_hex(id.as_bytes()).unwrap() }
        };
        Ok(listed.lines().map(reference).collect())
    }

    fn config(&self, _: &str) -> Result<Option<String>, Error> {
        not_asked()
    }

    fn blob_size(&self, _: &ObjectId) -> Result<u64, Error> {
        not_asked()
    }

    fn read_blob(&self, _: &ObjectId, _: &mut Vec<u8>) -> Result<(), Error> {
        not_asked()
    }

    fn author(&self) -> Option<Identity> {
        None
    }
}
