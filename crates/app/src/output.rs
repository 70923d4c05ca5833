//! Where reports go: the pairs of `-f` and `-o`, colour, and files that are never half written.

use crate::args::{Color, Output};
use crate::exit::Failure;
use crate::voice;
use gatepost_core::Report;
use gatepost_report::github::Github;
use gatepost_report::human::Human;
use gatepost_report::markdown::Markdown;
use gatepost_report::{FORMATS, Options, Reader, Reporter};
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

const STDOUT: &str = "standard output";
const STDERR: &str = "standard error";

/// The largest summary of a step of GitHub Actions, with room for a line.
const LARGEST_SUMMARY: u64 = 1000 * 1024;

/// The width of what goes to no terminal.
const PAGE_WIDTH: usize = 80;

/// Where one report goes.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    /// Standard output.
    Stdout,
    /// Standard error: where the hooks speak.
    Stderr,
    /// A file.
    File(PathBuf),
}

/// The reports that a run shall write, checked before anything is judged.
pub(crate) struct Outputs {
    reports: Vec<(&'static dyn Reporter, Target)>,
    options: Options,
    color: Color,
}

impl Outputs {
    /// Resolves the flags. `gate` says that a hook speaks: people's words go to standard error.
    ///
    /// # Errors
    ///
    /// An unknown format, two reports for one place, a file that cannot be written.
    pub(crate) fn new(args: &Output, gate: bool) -> Result<Self, Failure> {
        let mut reports = Vec::new();
        for (name, target) in targets(args, gate)? {
            reports.push((format(&name)?, target));
        }
        let options = Options {
            show_secrets: args.show_secrets,
            quiet: args.quiet,
            verbose: args.verbose,
            ..Options::default()
        };
        Ok(Self { reports, options, color: args.color })
    }

    /// People read this at the other end of a push.
    pub(crate) fn are_for_pusher(&mut self) {
        let has_whole = self.reports.iter().any(|(_, target)| matches!(target, Target::File(_)));
        self.options.reader = Reader::Pusher { has_whole };
    }

    /// Whether a format says what only the files that are checked out tell.
    pub(crate) fn want_checkout(&self) -> bool {
        self.reports.iter().any(|(reporter, _)| reporter.wants_checkout())
    }

    /// Writes every report.
    ///
    /// # Errors
    ///
    /// A place that cannot be written; the reports before it are written.
    pub(crate) fn write(&self, report: &Report) -> Result<(), Failure> {
        for (reporter, target) in &self.reports {
            let terminal = match target {
                Target::Stdout => io::stdout().is_terminal(),
                Target::Stderr => io::stderr().is_terminal(),
                Target::File(_) => false,
            };
            let options = Options {
                color: use_color(self.color, terminal),
                width: terminal.then(terminal_width),
                ..self.options
            };
            let reads = reporter.name() == Human.name() && !matches!(target, Target::File(_));
            let mut bytes = Vec::new();
            reporter
                .write(report, &options, &mut bytes)
                .map(|()| {
                    if reads {
                        voice::said(&String::from_utf8_lossy(&bytes), options.color).into_bytes()
                    } else {
                        bytes
                    }
                })
                .and_then(|bytes| put(target, &bytes))
                .map_err(|error| unwritable(&describe(target), &error))?;
            if reporter.name() == Github.name() {
                step_summary(report, &options)?;
            }
        }
        Ok(())
    }
}

/// Adds the report in Markdown to the summary of a job of GitHub Actions, where this is one. What other commands of the step
/// wrote there stays.
fn step_summary(report: &Report, options: &Options) -> Result<(), Failure> {
    let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|file| !file.is_empty()) else {
        return Ok(());
    };
    let mut bytes = Vec::new();
    let added = Markdown.write(report, options, &mut bytes).and_then(|()| {
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(&file)?;
        if file.metadata()?.len() + bytes.len() as u64 > LARGEST_SUMMARY {
            // GitHub would show nothing of the step at all.
            bytes = b"\ngatepost: the summary of this step is full; the log has the report\n".to_vec();
        }
        file.write_all(&bytes)
    });
    added
        .map_err(|error| unwritable(&format!("{} (GITHUB_STEP_SUMMARY)", Path::new(&file).display()), &error))
}

/// The places for what is no report: the formats are the command's own.
pub(crate) struct Places(Vec<(String, Target)>);

impl Places {
    /// Resolves the flags.
    ///
    /// # Errors
    ///
    /// A format that is not among `known`, two texts for one place, a file that cannot be written.
    pub(crate) fn new(args: &Output, known: &[&str]) -> Result<Self, Failure> {
        let places = targets(args, false)?;
        match places.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(unknown_format(name, known)),
            None => Ok(Self(places)),
        }
    }

    /// Writes each place what `text` gives for its format and the width of the terminal there, or of a page.
    ///
    /// # Errors
    ///
    /// A format that `text` has nothing for; a place that cannot be written. Those before it are written.
    pub(crate) fn write(&self, text: impl Fn(&str, usize) -> Option<String>) -> Result<(), Failure> {
        for (format, target) in &self.0 {
            let terminal = matches!(target, Target::Stdout) && io::stdout().is_terminal();
            let width = if terminal { usize::from(terminal_width()) } else { PAGE_WIDTH };
            let Some(text) = text(format, width) else {
                return Err(Failure::usage(
                    format!("there is no format `{format}` here"),
                    "gatepost help says which formats a command has",
                ));
            };
            put(target, text.as_bytes()).map_err(|error| unwritable(&describe(target), &error))?;
        }
        Ok(())
    }
}

/// The pairs of `-f` and `-o`.
fn targets(args: &Output, gate: bool) -> Result<Vec<(String, Target)>, Failure> {
    let default = [String::from("human")];
    let formats = if args.formats.is_empty() { &default[..] } else { &args.formats };
    if args.outputs.len() > formats.len() {
        return Err(Failure::usage(
            format!("{} -o for {} -f: each -o belongs to one -f", args.outputs.len(), formats.len()),
            "name a format for every file: -f json -o report.json",
        ));
    }
    let mut targets = Vec::new();
    for (index, name) in formats.iter().enumerate() {
        let target = match args.place(index) {
            Some(path) if path.as_os_str() == "-" || path == Path::new("/dev/stdout") => Target::Stdout,
            Some(path) if path == Path::new("/dev/stderr") => Target::Stderr,
            Some(path) => Target::File(path.clone()),
            None if gate && name == "human" => Target::Stderr,
            None => Target::Stdout,
        };
        if targets.iter().any(|(_, other)| *other == target) {
            return Err(Failure::usage(
                format!("two reports would go to {}", describe(&target)),
                "give each -f its own -o FILE",
            ));
        }
        if let Target::File(path) = &target {
            writable(path)?;
        }
        targets.push((name.clone(), target));
    }
    Ok(targets)
}

/// Whether to use colour on a stream.
pub(crate) fn use_color(color: Color, terminal: bool) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        // https://no-color.org: any value but the empty one.
        Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

/// What the environment says, else what the terminal says (0 says nothing), else a guess.
fn terminal_width() -> u16 {
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let asked = || {
        let ends =
            [terminal_size::terminal_size_of(io::stdout()), terminal_size::terminal_size_of(io::stderr())];
        ends.into_iter().flatten().map(|(width, _)| width.0).find(|&width| width > 0)
    };
    said.filter(|&width| width > 0).or_else(asked).unwrap_or(100)
}

fn format(name: &str) -> Result<&'static dyn Reporter, Failure> {
    FORMATS.iter().copied().find(|reporter| reporter.name() == name).ok_or_else(|| {
        let known: Vec<_> = FORMATS.iter().map(|reporter| reporter.name()).collect();
        unknown_format(name, &known)
    })
}

fn unknown_format(name: &str, known: &[&str]) -> Failure {
    Failure::usage(format!("there is no format `{name}`"), format!("formats: {}", known.join(", ")))
}

fn describe(target: &Target) -> String {
    match target {
        Target::Stdout => STDOUT.to_owned(),
        Target::Stderr => STDERR.to_owned(),
        Target::File(path) => path.display().to_string(),
    }
}

fn unwritable(place: &str, error: &io::Error) -> Failure {
    let fix = match place {
        STDOUT if error.kind() == io::ErrorKind::BrokenPipe => "let the reader of the pipe read to the end",
        STDOUT | STDERR => "see where it leads: the disk may be full",
        _ => "choose a file in a folder that exists and that you may write to",
    };
    Failure::usage(format!("cannot write {place}: {error}"), fix)
}

/// Tried before the run, so that nobody waits for a scan whose report has nowhere to go.
pub(crate) fn writable(path: &Path) -> Result<(), Failure> {
    // Opening a pipe only to close it again would end its reader.
    let Some(file) = replaceable(path) else { return Ok(()) };
    let probe = temporary(&file);
    std::fs::write(&probe, b"")
        .and_then(|()| std::fs::remove_file(&probe))
        .map_err(|error| unwritable(&path.display().to_string(), &error))?;
    if path.is_dir() {
        return Err(unwritable(&path.display().to_string(), &io::Error::other("it is a folder")));
    }
    Ok(())
}

fn put(target: &Target, bytes: &[u8]) -> io::Result<()> {
    match target {
        Target::Stdout => io::stdout().lock().write_all(bytes),
        Target::Stderr => io::stderr().lock().write_all(bytes),
        Target::File(path) => replace(path, bytes),
    }
}

/// Writes a file under another name and renames it: readers see the old file or the new one, never half of one.
/// A link stays a link, and a device or a pipe (`/dev/null`, `>(jq .)`) is written to.
///
/// # Errors
///
/// When a step fails; the old file is then untouched.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let Some(file) = replaceable(path) else {
        return std::fs::OpenOptions::new().write(true).open(path)?.write_all(bytes);
    };
    let temporary = temporary(&file);
    std::fs::write(&temporary, bytes).and_then(|()| std::fs::rename(&temporary, &file)).inspect_err(|_| {
        // The first error is the one that counts.
        let _ = std::fs::remove_file(&temporary);
    })
}

/// The file that a rename may replace: what stands at the path, or behind the links there. `None` is a device or
/// a pipe: for root a rename would succeed, and the machine would have a file for `/dev/null`.
fn replaceable(path: &Path) -> Option<PathBuf> {
    match std::fs::metadata(path) {
        Ok(at) if !at.is_file() && !at.is_dir() => None,
        Ok(_) => Some(std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())),
        Err(_) => Some(path.to_path_buf()),
    }
}

/// A name beside the file, so that the rename stays within one file system.
fn temporary(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

/// Standard error for people: escapes are gone from untrusted text.
pub(crate) fn say(text: &str) {
    tell(text, false);
}

/// The same, of a text that may be coloured.
pub(crate) fn tell(text: &str, color: bool) {
    // Nobody is left to tell when standard error is closed.
    let _ = io::stderr().lock().write_all(voice::said(&format!("{text}\n"), color).as_bytes());
}

/// What is wrong with the command line, or the help that was asked for. A hook manager hands names of files over, and one of
/// them may look like a flag.
///
/// # Errors
///
/// When the stream is closed or full.
pub(crate) fn complain(error: &clap::Error) -> io::Result<()> {
    let plain = error.render().to_string();
    let said = voice::said(&plain, false);
    if said == plain { error.print() } else { io::stderr().lock().write_all(said.as_bytes()) }
}

/// Standard output for commands that print text.
///
/// # Errors
///
/// When standard output is closed or full.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    io::stdout().lock().write_all(text.as_bytes()).map_err(|error| unwritable(STDOUT, &error))
}
