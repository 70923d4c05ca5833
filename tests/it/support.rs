//! Temporary repositories over real git, tokens made at run time, and the binaries under test.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) const GATEPOST: &str = env!("CARGO_BIN_EXE_gatepost");

/// The root of this repository.
pub(crate) const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The letters of a token, in the order in which GitHub counts them.
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A new GitHub token with a right checksum: the CRC-32 of its 30 random characters in six digits of base 62. It is
/// made here so that no token stands in the repository.
pub(crate) fn token() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let mut state = COUNT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let random: Vec<u8> = (0..30)
        .map(|_| {
            // xorshift64*: evenly spread is all that is asked of it.
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            let index = state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
            BASE62[usize::try_from(index % 62).unwrap()]
        })
        .collect();
    let mut number = crc32(&random);
    let mut sum = [b'0'; 6];
    for digit in sum.iter_mut().rev() {
        *digit = BASE62[(number % 62) as usize];
        number /= 62;
    }
    format!("ghp_{}{}", String::from_utf8(random).unwrap(), String::from_utf8(sum.to_vec()).unwrap())
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

/// A line that holds `token` as configuration files do.
pub(crate) fn leak(token: &str) -> String {
    format!("github_token = \"{token}\"\n")
}

/// The day so many days from now, in UTC, as policies write it.
pub(crate) fn in_days(days: i64) -> String {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    // Days since 1970-01-01 to a date: https://howardhinnant.github.io/date_algorithms.html#civil_from_days
    let shifted = i64::try_from(seconds).unwrap() / 86_400 + days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// How a program ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    /// Everything it said.
    pub(crate) fn said(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.said());
        self
    }

    /// Each of `words` is in what it said.
    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        let said = self.said();
        for word in words {
            assert!(said.contains(word), "does not say `{word}`:\n{said}");
        }
        self
    }

    /// It failed, and each of `words` is in what it said.
    #[track_caller]
    pub(crate) fn refused(self, words: &[&str]) -> Self {
        let said = self.said();
        assert_ne!(self.code, 0, "passed, and should have been refused:\n{said}");
        for word in words {
            assert!(said.contains(word), "does not say `{word}`:\n{said}");
        }
        self
    }

    /// It ended with one of `codes`, and each of `words` is in what it said, whatever the case.
    #[track_caller]
    pub(crate) fn failed(self, codes: &[i32], words: &[&str]) -> Self {
        let said = self.said();
        assert!(codes.contains(&self.code), "exit code {}, expected one of {codes:?}:\n{said}", self.code);
        for word in words {
            assert!(said.to_lowercase().contains(&word.to_lowercase()), "does not say `{word}`:\n{said}");
        }
        self
    }
}

/// A repository in a temporary directory of its own.
pub(crate) struct Repo {
    temp: tempfile::TempDir,
    root: PathBuf,
}

impl Repo {
    /// An empty repository with an unborn `main`.
    pub(crate) fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        std::fs::create_dir(temp.path().join("home")).unwrap();
        let root = temp.path().join("r");
        std::fs::create_dir(&root).unwrap();
        let repo = Self { temp, root };
        repo.git(["init", "-q", "-b", "main"]);
        repo
    }

    /// A repository with one good commit and the hooks of gatepost.
    pub(crate) fn gated() -> Self {
        let repo = Self::new();
        repo.write("README.md", "hello\n");
        repo.commit_all("docs: say hello");
        repo.gatepost(["install"]).ok();
        repo
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A place beside the repository.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    /// Writes a file, making its folders.
    pub(crate) fn write(&self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        std::fs::remove_file(self.root.join(path)).unwrap();
    }

    /// A command in `directory` that sees nothing of the world but PATH.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>, directory: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(directory).env_clear();
        for name in ["PATH", "SYSTEMROOT", "TMPDIR", "TEMP"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .env("HOME", self.temp.path().join("home"))
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            // Git clones submodules from folders only where that is allowed.
            .env("GIT_CONFIG_COUNT", "2")
            .env("GIT_CONFIG_KEY_0", "protocol.file.allow")
            .env("GIT_CONFIG_VALUE_0", "always")
            .env("GIT_CONFIG_KEY_1", "commit.gpgSign")
            .env("GIT_CONFIG_VALUE_1", "false")
            .env("GIT_AUTHOR_NAME", "A U Thor")
            .env("GIT_AUTHOR_EMAIL", "author@example.com")
            .env("GIT_COMMITTER_NAME", "C O Mitter")
            .env("GIT_COMMITTER_EMAIL", "committer@example.com");
        command
    }

    /// Runs `program` in `directory` with `input`.
    pub(crate) fn run<A: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = A>,
        directory: &Path,
        input: &[u8],
    ) -> Run {
        run(self.command(program, directory).args(arguments), input)
    }

    /// git in the root; its exit code is the caller's to judge.
    pub(crate) fn try_git<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Run {
        self.run("git", arguments, &self.root, b"")
    }

    /// git in the root; what it printed.
    #[track_caller]
    pub(crate) fn git<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> String {
        self.try_git(arguments).ok().out.trim_end().to_owned()
    }

    /// gatepost in the root.
    pub(crate) fn gatepost<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Run {
        self.run(GATEPOST, arguments, &self.root, b"")
    }

    /// Commits everything, past every hook.
    #[track_caller]
    pub(crate) fn commit_all(&self, message: &str) -> String {
        self.git(["add", "-A"]);
        self.git(["commit", "-q", "--no-verify", "--allow-empty", "-m", message]);
        self.head()
    }

    /// The commit of HEAD, or `unborn`.
    pub(crate) fn head(&self) -> String {
        let run = self.try_git(["rev-parse", "-q", "--verify", "HEAD"]);
        if run.code == 0 { run.out.trim_end().to_owned() } else { "unborn".to_owned() }
    }

    /// The object file of a loose object, made writable.
    pub(crate) fn loose(&self, id: &str) -> PathBuf {
        let path = self.root.join(".git/objects").join(&id[..2]).join(&id[2..]);
        let mut permissions = std::fs::metadata(&path).unwrap().permissions();
        #[allow(
            clippy::permissions_set_readonly_false,
            reason = "a file in a temporary directory of our own"
        )]
        permissions.set_readonly(false);
        std::fs::set_permissions(&path, permissions).unwrap();
        path
    }
}

/// Runs a prepared command with `input`.
pub(crate) fn run(command: &mut Command, input: &[u8]) -> Run {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Who does not read its input has closed it: that is its affair.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn tokens_are_well_formed_and_differ() {
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    let (one, two) = (token(), token());
    assert_ne!(one, two);
    assert_eq!(one.len(), 40);
    assert!(one[4..].bytes().all(|byte| byte.is_ascii_alphanumeric()));
}
