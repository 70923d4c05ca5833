//! Running `ssh-keygen` and `gpg` where nothing but what they are handed has a say: in a private directory that is removed
//! afterwards, without the account's environment, for a limited time.

use crate::{Error, ErrorKind, platform};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long one run may take. A signature takes milliseconds.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// How much of what a program says is read, in bytes.
const MOST_OUTPUT: u64 = 64 << 10;
/// What is left of the environment: where programs are, and what Windows needs to start one.
const KEPT: [&str; 5] = ["PATH", "SYSTEMROOT", "PATHEXT", "TEMP", "TMP"];

/// The private directory.
#[derive(Debug)]
pub(super) struct Workshop {
    directory: tempfile::TempDir,
    jobs: AtomicU64,
    time_limit: Duration,
}

/// A folder in it for one signature; removed when it is dropped.
#[derive(Debug)]
pub(super) struct Job<'w> {
    workshop: &'w Workshop,
    folder: PathBuf,
}

/// What a run that ended said.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) success: bool,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// A program that verifies signatures.
#[derive(Clone, Copy, Debug)]
pub(super) struct Program {
    pub(super) name: &'static str,
    /// What signatures it is needed for.
    pub(super) what_for: &'static str,
    /// How to come by it.
    pub(super) install: &'static str,
}

impl Workshop {
    pub(super) fn new() -> Result<Self, Error> {
        let directory = platform::private_directory().map_err(|error| unwritable(&error))?;
        Ok(Self { directory, jobs: AtomicU64::new(0), time_limit: TIME_LIMIT })
    }

    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A folder of its own for one signature.
    pub(super) fn job(&self) -> Result<Job<'_>, Error> {
        let number = self.jobs.fetch_add(1, Ordering::Relaxed);
        let folder = self.path().join(format!("job-{number}"));
        std::fs::create_dir(&folder).map_err(|error| unwritable(&error))?;
        Ok(Job { workshop: self, folder })
    }

    /// Writes a file for all jobs: they find it one folder up.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        std::fs::write(self.path().join(name), bytes).map_err(|error| unwritable(&error))
    }
}

impl Job<'_> {
    /// Writes a file into the folder.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        std::fs::write(self.folder.join(name), bytes).map_err(|error| unwritable(&error))
    }

    /// Runs a program in the folder, with the file `input` of it on standard input.
    pub(super) fn run(
        &self,
        program: Program,
        arguments: &[&str],
        input: Option<&str>,
    ) -> Result<Ran, Error> {
        let open = |name: &str| File::create(self.folder.join(name)).map_err(|error| unwritable(&error));
        let (out, err) = (open("stdout")?, open("stderr")?);
        let stdin = match input {
            Some(name) => File::open(self.folder.join(name)).map_err(|error| unwritable(&error))?.into(),
            None => Stdio::null(),
        };
        let mut command = Command::new(program.name);
        command.args(arguments).current_dir(&self.folder).stdin(stdin).stdout(out).stderr(err).env_clear();
        command.envs(KEPT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        // Times without a zone are the same everywhere.
        command.env("LC_ALL", "C").env("TZ", "UTC").env("HOME", self.workshop.path());
        let mut child = command.spawn().map_err(|error| cannot_start(program, &error))?;
        let status = wait(&mut child, program, self.workshop.time_limit)?;
        if status.code().is_none() {
            return Err(failed(program, &format!("it was stopped: {status}")));
        }
        Ok(Ran { success: status.success(), stdout: self.said("stdout")?, stderr: self.said("stderr")? })
    }

    fn said(&self, name: &str) -> Result<String, Error> {
        let mut bytes = Vec::new();
        let read = File::open(self.folder.join(name))
            .and_then(|file| file.take(MOST_OUTPUT).read_to_end(&mut bytes));
        read.map_err(|error| unwritable(&error))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Drop for Job<'_> {
    fn drop(&mut self) {
        // What stays behind goes with the directory.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Waits for the end of a child, and ends it after the limit.
fn wait(child: &mut Child, program: Program, limit: Duration) -> Result<ExitStatus, Error> {
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if started.elapsed() < limit => {
                // Nearly all end within some milliseconds, and there are thousands of them in a large push.
                let is_long = started.elapsed() > Duration::from_millis(100);
                std::thread::sleep(Duration::from_micros(if is_long { 5000 } else { 300 }));
            }
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(failed(program, &format!("it did not end within {} s", limit.as_secs())));
            }
            Err(error) => return Err(failed(program, &format!("it could not be waited for: {error}"))),
        }
    }
}

fn cannot_start(program: Program, error: &std::io::Error) -> Error {
    let Program { name, what_for, install } = program;
    if error.kind() == std::io::ErrorKind::NotFound {
        let message = format!("{what_for} signatures are verified by `{name}`, which is not on PATH");
        return Error::new(ErrorKind::SignatureProgram, message, install);
    }
    Error::new(
        ErrorKind::SignatureProgram,
        format!("{what_for} signatures are verified by `{name}`, which cannot be started: {error}"),
        format!("check the `{name}` that PATH finds first"),
    )
}

/// A program that did not do its work: nobody knows what the signature is worth.
pub(super) fn failed(program: Program, why: &str) -> Error {
    Error::new(
        ErrorKind::SignatureProgram,
        format!("a signature could not be verified: `{}` failed: {}", program.name, why.trim()),
        format!("try again; if it stays, {}", program.install),
    )
}

fn unwritable(error: &std::io::Error) -> Error {
    Error::new(
        ErrorKind::SignatureProgram,
        format!("a signature could not be verified: no file can be written for it: {error}"),
        "make room in the folder of temporary files, or set TMPDIR to one that can be written to",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn program(name: &'static str) -> Program {
        Program { name, what_for: "SSH", install: "install it" }
    }

    #[test]
    fn a_program_that_is_missing_or_does_not_end_is_an_error() {
        let workshop = Workshop { time_limit: Duration::ZERO, ..Workshop::new().unwrap() };
        let job = workshop.job().unwrap();
        let error = job.run(program("gatepost-no-such-program"), &[], None).unwrap_err();
        assert_eq!(error.kind, ErrorKind::SignatureProgram);
        assert!(error.message.contains("not on PATH") && error.fix == "install it", "{error}");
        // Git reads standard input to its end, which does not come before the limit.
        let error = job.run(program("sleep"), &["30"], None).unwrap_err();
        assert!(error.message.contains("did not end"), "{error}");
    }

    #[test]
    fn a_program_sees_what_it_is_handed_and_nothing_stays() {
        let workshop = Workshop::new().unwrap();
        let (job, place) = (workshop.job().unwrap(), workshop.path().to_owned());
        job.write("input", b"[a]\n\tb = from a file\n").unwrap();
        let ran = job.run(program("git"), &["config", "-f", "-", "a.b"], Some("input")).unwrap();
        assert_eq!((ran.success, ran.stdout.as_str()), (true, "from a file\n"));
        drop(job);
        assert!(!place.join("job-0").exists());
        drop(workshop);
        assert!(!place.exists());
    }
}
