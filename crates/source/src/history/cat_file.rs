//! What only Git can tell: objects in a format that the pack reader does not know, and what a partial
//! clone lacks.

use super::directories::Environment;
use super::graph::{Part, Recorder};
use super::problems::Problems;
use super::work::Counts;
use super::{Object, ObjectKind, Options, Progress, Reader, Visitor, Walked};
use crate::{Error, ErrorKind, RepositoryInfo};
use gatepost_core::{ObjectId, Problem};
use std::io::{BufRead, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// An object on its way from Git to a thread.
struct Sent {
    id: ObjectId,
    kind: ObjectKind,
    size: u64,
    bytes: Option<Vec<u8>>,
}

/// Walks with `git cat-file --batch-all-objects`.
pub(super) fn walk<V: Visitor>(
    info: &RepositoryInfo,
    environment: &Environment,
    why: String,
    options: &Options,
    visitor: &V,
    progress: &Progress,
    recorder: Option<&Recorder>,
) -> Result<(Walked<V::Worker>, Vec<Part>), Error> {
    let mut command = git(info, environment);
    command.args(["cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer"]);
    let started = std::time::Instant::now();
    let (mut child, errors, output) = spawn(command)?;
    let threads = options.threads.max(1);
    let (sender, receiver) = sync_channel::<Sent>(threads.saturating_mul(2));
    let receiver = Mutex::new(receiver);
    let mut problems = Problems::default();
    let (read, done) = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .filter_map(|_| {
                let visit = || visit_all(&receiver, options, visitor, progress, recorder);
                std::thread::Builder::new().spawn_scoped(scope, visit).ok()
            })
            .collect();
        let read = if handles.is_empty() {
            Err("no thread can be started".to_owned())
        } else {
            read_all(BufReader::with_capacity(1 << 16, output), options, &sender, &mut problems)
        };
        drop(sender);
        let mut done = Vec::new();
        for handle in handles {
            match handle.join() {
                Ok(result) => done.push(result),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        (read, done)
    });
    if read.is_err() {
        // What Git would still write, nobody reads.
        let _ = child.kill();
    }
    let status = child.wait().map_err(|error| git_failed(&error.to_string()))?;
    let said = errors.join().unwrap_or_default();
    let failure = match read {
        Err(failure) => Some(failure),
        Ok(()) if !status.success() => Some(format!("it ended with {status}")),
        Ok(()) => None,
    };
    if failure.is_some() || !said.is_empty() {
        problems.other(Problem {
            what: format!("`git cat-file` could not read everything: {}{said}", failure.unwrap_or_default()),
            place: Some(info.git_dir.display().to_string()),
            fix: "run `git fsck`".into(),
        });
    }
    let mut counts = Counts::default();
    let (mut workers, mut parts) = (Vec::new(), Vec::new());
    for (worker, theirs, part) in done {
        workers.push(worker);
        counts.merge(&theirs);
        parts.push(part);
    }
    let mut walked = counts.walked(workers, Reader::GitCommand(why), problems);
    walked.work.walking = started.elapsed();
    Ok((walked, parts))
}

/// One thread's visits.
fn visit_all<V: Visitor>(
    receiver: &Mutex<Receiver<Sent>>,
    options: &Options,
    visitor: &V,
    progress: &Progress,
    recorder: Option<&Recorder>,
) -> (V::Worker, Counts, Part) {
    let mut worker = visitor.worker();
    let (mut counts, mut part) = (Counts::default(), Part::default());
    loop {
        let sent = match receiver.lock() {
            Ok(receiver) => receiver.recv(),
            Err(_) => break,
        };
        let Ok(sent) = sent else { break };
        let object = Object { id: sent.id, kind: sent.kind, size: sent.size, bytes: sent.bytes.as_deref() };
        progress.add(1, object.size);
        if let Some(recorder) = recorder {
            recorder.record(&mut part, &object, None);
        }
        counts.read(&object);
        if !options.kinds.contains(object.kind) || !options.is_here(&object.id) {
            continue;
        }
        counts.visited(&object);
        visitor.visit(&mut worker, &object, None);
    }
    (worker, counts, part)
}

/// Reads what Git writes: `<id> <kind> <size>`, a line feed, the bytes, a line feed. The error is in words.
fn read_all(
    mut output: BufReader<ChildStdout>,
    options: &Options,
    sender: &SyncSender<Sent>,
    problems: &mut Problems,
) -> Result<(), String> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if output.read_until(b'\n', &mut line).map_err(|error| error.to_string())? == 0 {
            return Ok(());
        }
        let header = line.strip_suffix(b"\n").unwrap_or(&line);
        let mut words = header.split(|&byte| byte == b' ');
        let id = words.next().and_then(ObjectId::from_hex);
        let (word, size) = (words.next().unwrap_or_default(), words.next());
        let size = size.and_then(|size| std::str::from_utf8(size).ok()?.parse::<u64>().ok());
        let (id, kind, size) = match (id, ObjectKind::from_name(word), size) {
            (Some(id), Some(kind), Some(size)) => (id, kind, size),
            (Some(id), None, None) => {
                problems.object(&id, "Git says that it is missing", "git cat-file".to_owned());
                continue;
            }
            _ => return Err(format!("it wrote {:?}", String::from_utf8_lossy(header))),
        };
        let wanted = options.concerns(kind, &id);
        let bytes = if wanted && size <= options.limit(kind) {
            let mut bytes = Vec::new();
            (&mut output).take(size).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
            (bytes.len() as u64 == size).then_some(bytes).ok_or("it stopped inside an object")?.into()
        } else {
            let skipped = std::io::copy(&mut (&mut output).take(size), &mut std::io::sink());
            if skipped.map_err(|error| error.to_string())? != size {
                return Err("it stopped inside an object".into());
            }
            None
        };
        let mut end = [0];
        output.read_exact(&mut end).map_err(|error| error.to_string())?;
        if wanted && sender.send(Sent { id, kind, size, bytes }).is_err() {
            return Err("every thread has ended".into());
        }
    }
}

/// The objects that are reachable from refs and reflogs and not here, sorted. Nothing is fetched.
pub(super) fn missing(info: &RepositoryInfo, environment: &Environment) -> Result<Vec<ObjectId>, Error> {
    let mut missing = Vec::new();
    let arguments = ["rev-list", "--objects", "--all", "--reflog", "--missing=print"];
    lines(info, environment, &arguments, |line| {
        let id = line.strip_prefix(b"?").map(<[u8]>::trim_ascii);
        missing.extend(id.and_then(ObjectId::from_hex));
    })?;
    missing.sort_unstable();
    missing.dedup();
    Ok(missing)
}

/// What refs, reflogs and the heads of all work trees name.
pub(super) fn tips(info: &RepositoryInfo, environment: &Environment) -> Result<Vec<ObjectId>, Error> {
    let mut tips = Vec::new();
    let mut add = |line: &[u8]| tips.extend(ObjectId::from_hex(line));
    // Refs by themselves too: `rev-list` leaves out those of blobs and trees.
    lines(info, environment, &["for-each-ref", "--format=%(objectname)"], &mut add)?;
    lines(info, environment, &["rev-list", "--no-walk", "--all", "--reflog"], &mut add)?;
    Ok(tips)
}

/// Runs Git and looks at each line that it writes.
fn lines(
    info: &RepositoryInfo,
    environment: &Environment,
    arguments: &[&str],
    mut look: impl FnMut(&[u8]),
) -> Result<(), Error> {
    let mut command = git(info, environment);
    command.args(arguments);
    let (mut child, errors, output) = spawn(command)?;
    for line in BufReader::new(output).split(b'\n') {
        look(&line.map_err(|error| git_failed(&error.to_string()))?);
    }
    let status = child.wait().map_err(|error| git_failed(&error.to_string()))?;
    let said = errors.join().unwrap_or_default();
    if status.success() { Ok(()) } else { Err(git_failed(&said)) }
}

/// Git, on this repository, with replace refs and lazy fetching switched off.
fn git(info: &RepositoryInfo, environment: &Environment) -> Command {
    let mut command = Command::new("git");
    command
        .arg("--git-dir")
        .arg(&info.git_dir)
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("LC_ALL", "C");
    let variables = [
        ("GIT_OBJECT_DIRECTORY", &environment.object_directory),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", &environment.alternates),
    ];
    for (name, value) in variables {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// Starts a command; a thread of its own collects what it complains about, up to a few thousand bytes.
fn spawn(mut command: Command) -> Result<(Child, std::thread::JoinHandle<String>, ChildStdout), Error> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| git_failed(&error.to_string()))?;
    let (Some(output), Some(mut complaints)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(git_failed("its output cannot be read"));
    };
    let errors = std::thread::Builder::new()
        .spawn(move || {
            let mut said = Vec::new();
            let _ = (&mut complaints).take(4096).read_to_end(&mut said);
            let _ = std::io::copy(&mut complaints, &mut std::io::sink());
            String::from_utf8_lossy(&said).trim().to_owned()
        })
        .map_err(|error| git_failed(&error.to_string()))?;
    Ok((child, errors, output))
}

fn git_failed(why: &str) -> Error {
    Error::new(
        ErrorKind::GitCommand,
        format!("`git` is needed for this repository and failed: {why}"),
        "install Git 2.36 or later so that `git` is on the PATH, and check the repository with `git fsck`",
    )
}
