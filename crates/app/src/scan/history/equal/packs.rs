//! Histories by the real git, packed in every way that it knows.

use super::edit;
use super::random::Random;
use super::text::Pool;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A repository, and how it came about.
pub(super) struct Scratch {
    folder: TempDir,
    /// Whose objects it borrows.
    others: Vec<TempDir>,
    pub(super) log: Vec<String>,
}

/// A file whose versions are told to git.
struct File {
    name: String,
    bytes: Vec<u8>,
}

impl Scratch {
    /// A random history of some files, in chunks that are packed each in its own way.
    pub(super) fn random(random: &mut Random) -> Self {
        let format = if random.one_in(6) { "--object-format=sha256" } else { "--object-format=sha1" };
        let mut scratch = Self::init(format);
        let pool = Pool::new(random);
        let mut files: Vec<File> = (0..1 + random.below(3))
            .map(|number| File {
                name: format!("dir{}/file{number}.txt", number % 2),
                bytes: edit::fresh(&pool, random),
            })
            .collect();
        // One in a while a file with many versions: only those make deep chains.
        let is_long = random.one_in(8);
        for chunk in 0..1 + random.below(3) {
            let versions = if is_long { 60 + random.below(60) } else { 4 + random.below(12) };
            scratch.import(chunk == 0, versions, &mut files, &pool, random);
            if random.one_in(3) {
                scratch.pack(random);
            }
            if chunk > 0 && random.one_in(5) {
                scratch.borrow(format);
            }
        }
        if !random.one_in(10) {
            scratch.pack(random);
        }
        if random.one_in(4) {
            scratch.doubled(random);
        }
        if random.one_in(4) {
            scratch.loose(&files, &pool, random);
        }
        scratch
    }

    fn init(format: &str) -> Self {
        let mut scratch = Self { folder: tempfile::tempdir().unwrap(), others: Vec::new(), log: Vec::new() };
        scratch.git(&["init", "-q", "--bare", "-b", "main", format], b"");
        scratch
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs git, away from the user's configuration. It must succeed.
    pub(super) fn git(&mut self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        self.log.push(arguments.join(" "));
        let mut command = Command::new("git");
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"] {
            command.env_remove(name);
        }
        let mut child = command
            .current_dir(self.folder.path())
            .args(["-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "pack.threads=1"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = child.stdin.take().unwrap();
        let output = std::thread::scope(|scope| {
            // Who does not read its input has closed it.
            scope.spawn(move || drop(pipe.write_all(input)));
            child.wait_with_output().unwrap()
        });
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// Some commits more, on the branch or beside it.
    fn import(
        &mut self,
        is_first: bool,
        versions: usize,
        files: &mut [File],
        pool: &Pool,
        random: &mut Random,
    ) {
        let (mut stream, mut mark) = (Vec::new(), 0);
        for version in 0..versions {
            let at = random.below(files.len());
            let is_new = version == 0 && is_first;
            if !is_new {
                let others: Vec<Vec<u8>> = files.iter().map(|file| file.bytes.clone()).collect();
                edit::edit(&mut files[at].bytes, &others, pool, random);
            }
            let mut entries = String::new();
            for file in &files[if is_new { 0..files.len() } else { at..at + 1 }] {
                mark += 1;
                data(&mut stream, &format!("blob\nmark :{mark}"), &file.bytes);
                entries.push_str(&format!("M 100644 :{mark} {}\n", file.name));
            }
            // Now and then a branch of its own, which may be dropped later on.
            let (branch, from) = match version {
                0 if is_first => ("main".to_owned(), ""),
                0 => ("main".to_owned(), "from refs/heads/main^0\n"),
                _ if random.one_in(10) => (format!("aside{version}"), "from refs/heads/main\n"),
                _ => ("main".to_owned(), ""),
            };
            let time = 1_700_000_000 + version;
            let commit = format!("commit refs/heads/{branch}\ncommitter A <a@example.org> {time} +0000");
            data(&mut stream, &commit, b"change");
            stream.extend_from_slice(format!("{from}{entries}\n").as_bytes());
        }
        let depth = format!("--depth={}", depth(random));
        let limit = format!("fastimport.unpackLimit={}", random.pick(&["0", "100000"]));
        self.git(&["-c", &limit, "fast-import", "--quiet", "--force", &depth], &stream);
    }

    /// Packs what there is.
    fn pack(&mut self, random: &mut Random) {
        if random.one_in(3) {
            let branches =
                self.git(&["for-each-ref", "--format=delete %(refname)", "refs/heads/aside*"], b"");
            self.git(&["update-ref", "--stdin"], &branches);
        }
        let offsets = format!("repack.useDeltaBaseOffset={}", !random.one_in(4));
        let (depth, window) =
            (format!("--depth={}", depth(random)), format!("--window={}", random.pick(&[1, 2, 10, 50])));
        let mut arguments: Vec<&str> = vec!["-c", &offsets, "repack", "-q", &depth, &window];
        let form: &[&str] = match random.below(9) {
            0..3 => &["-a", "-d"],
            3 => &["-A", "-d"],
            4 => &["-d"],
            // The packs before stay, with the same objects.
            5 => &["-a"],
            6 => &["--geometric=2", "-d"],
            7 => &["--geometric=2", "-d", "--write-midx"],
            _ => &["--cruft", "-d"],
        };
        arguments.extend(form);
        if !form.contains(&"--geometric=2") && random.one_in(2) {
            // Deltas anew; objects anew.
            arguments.push(random.pick(&["-f", "-F"]));
        }
        if random.one_in(3) {
            arguments.push("-l");
        }
        self.git(&arguments, b"");
    }

    /// A pack more, with some of the objects again.
    fn doubled(&mut self, random: &mut Random) {
        let all = self.git(&["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"], b"");
        let some = all
            .split_inclusive(|byte| *byte == b'\n')
            .filter(|_| random.one_in(2))
            .collect::<Vec<_>>()
            .concat();
        let depth = format!("--depth={}", depth(random));
        self.git(
            &["pack-objects", "-q", "--no-reuse-delta", "--window=20", &depth, "objects/pack/pack"],
            &some,
        );
    }

    /// Goes on in a repository that borrows all objects from this one.
    fn borrow(&mut self, format: &str) {
        let refs = self.git(&["for-each-ref", "--format=create %(refname) %(objectname)"], b"");
        let mut next = Self::init(format);
        let objects = format!("{}\n", self.path().join("objects").display());
        std::fs::write(next.path().join("objects/info/alternates"), objects).unwrap();
        next.git(&["update-ref", "--stdin"], &refs);
        std::mem::swap(&mut self.folder, &mut next.folder);
        self.others.push(next.folder);
        self.log.append(&mut next.log);
    }

    /// Objects outside of packs: one more version of each file, or everything.
    fn loose(&mut self, files: &[File], pool: &Pool, random: &mut Random) {
        for file in files {
            let mut bytes = file.bytes.clone();
            edit::edit(&mut bytes, &[Vec::new()], pool, random);
            self.git(&["hash-object", "-w", "--stdin"], &bytes);
        }
        if random.one_in(2) {
            return;
        }
        let entries = std::fs::read_dir(self.path().join("objects/pack")).unwrap();
        let paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        let is_pack = |path: &&std::path::PathBuf| path.extension().is_some_and(|e| e == "pack");
        let packs: Vec<Vec<u8>> =
            paths.iter().filter(is_pack).map(|path| std::fs::read(path).unwrap()).collect();
        for path in paths {
            std::fs::remove_file(path).unwrap();
        }
        for pack in packs {
            self.git(&["unpack-objects", "-q"], &pack);
        }
    }
}

/// How long chains may become.
fn depth(random: &mut Random) -> usize {
    match random.below(4) {
        0 => random.below(4),
        1 => 50,
        2 => random.below(100),
        _ => random.below(4001),
    }
}

/// A command of git's import stream, and its data.
fn data(stream: &mut Vec<u8>, command: &str, bytes: &[u8]) {
    stream.extend_from_slice(format!("{command}\ndata {}\n", bytes.len()).as_bytes());
    stream.extend_from_slice(bytes);
    stream.push(b'\n');
}
