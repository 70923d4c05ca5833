//! Files, folders and standard input.

use super::archives::{self, Outer};
use super::run::Run;
use super::settings::{clean, slashes};
use gatepost_compat::gitleaks::{Fragment, Pieces, packed};
use gatepost_core::text::display;
use gatepost_source::in_threads;
use std::fs::{DirEntry, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A file to look at.
struct Target {
    file: PathBuf,
    /// The symbolic link that led to it.
    link: Option<PathBuf>,
}

/// Looks at a file, or at all that is in a folder.
pub(super) fn scan(run: &Run<'_>, source: &Path, follows: bool) {
    let mut walk = Walk { run, follows, targets: Vec::new() };
    // A link that is named is meant; gitleaks would look at nothing.
    match std::fs::metadata(source) {
        Err(error) => run.problem(format!("{}: {error}", shown(source))),
        Ok(at) if at.is_dir() => walk.folder(source),
        Ok(at) => walk.file(source.to_owned(), None, &at),
    }
    let targets = walk.targets;
    let next = AtomicUsize::new(0);
    in_threads(Run::threads().min(targets.len()), || {
        let mut buffer = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(target) = targets.get(number) else { return };
            if !run.is_late() {
                read(run, number, target, &mut buffer);
            }
        }
    });
}

/// Looks at standard input.
pub(super) fn stdin(run: &Run<'_>) {
    let mut bytes = Vec::new();
    if let Err(error) = io::stdin().lock().read_to_end(&mut bytes) {
        run.problem(format!("standard input cannot be read: {error}"));
    }
    pieces(run, 0, Outer { path: b"", symlink: b"", commit: None }, &bytes);
}

fn shown(path: &Path) -> String {
    display(path.as_os_str().as_encoded_bytes()).into_owned()
}

fn read(run: &Run<'_>, number: usize, target: &Target, buffer: &mut Vec<u8>) {
    buffer.clear();
    let read = std::fs::File::open(&target.file).and_then(|mut file| file.read_to_end(buffer));
    if let Err(error) = read {
        run.problem(format!("{} cannot be read: {error}", shown(&target.file)));
        return;
    }
    let path = slashes(&target.file);
    let symlink = target.link.as_deref().map_or(Vec::new(), slashes);
    let outer = Outer { path: &path, symlink: &symlink, commit: None };
    match packed(&path) {
        None => pieces(run, number, outer, buffer),
        Some(_) if run.settings.archive_depth > 0 => archives::scan(run, number, outer, buffer),
        Some(_) => {
            run.log().debug(&format!("{}: it is packed, and --max-archive-depth is 0", display(&path)));
        }
    }
}

fn pieces(run: &Run<'_>, number: usize, outer: Outer<'_>, bytes: &[u8]) {
    for (index, piece) in Pieces::new(bytes).enumerate() {
        let fragment = Fragment {
            text: piece.text,
            path: outer.path,
            symlink: outer.symlink,
            commit: None,
            start_line: piece.start_line,
        };
        run.piece((number, index), &fragment);
    }
}

struct Walk<'r, 'a> {
    run: &'r Run<'a>,
    follows: bool,
    targets: Vec<Target>,
}

impl Walk<'_, '_> {
    fn passes(&self, path: &Path) -> bool {
        let is_repository = self.run.settings.config.has_own() && path.file_name() == Some(".git".as_ref());
        is_repository || self.run.detector.passes_path(&slashes(path))
    }

    fn folder(&mut self, folder: &Path) {
        if self.passes(folder) {
            self.run.log().debug(&format!("{}: the allowlist passes it", shown(folder)));
            return;
        }
        let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<DirEntry>>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                self.run.problem(format!("{} cannot be read: {error}", shown(folder)));
                return;
            }
        };
        entries.sort_by_key(DirEntry::file_name);
        for entry in entries {
            let path = clean(&folder.join(entry.file_name()));
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.folder(&path),
                Ok(kind) if kind.is_symlink() => self.link(path),
                Ok(kind) if kind.is_file() => match entry.metadata() {
                    Ok(at) => self.file(path, None, &at),
                    Err(error) => self.run.problem(format!("{}: {error}", shown(&path))),
                },
                // A socket, a pipe, a device.
                Ok(_) => {}
                Err(error) => self.run.problem(format!("{}: {error}", shown(&path))),
            }
        }
    }

    fn link(&mut self, link: PathBuf) {
        if !self.follows {
            return;
        }
        let real = std::fs::canonicalize(&link).and_then(|file| Ok((std::fs::metadata(&file)?, file)));
        match real {
            Ok((at, _)) if at.is_dir() => {}
            Ok((at, file)) if !self.passes(&link) => self.file(file, Some(link), &at),
            Ok(_) => {}
            Err(error) => self.run.problem(format!("{}: the link cannot be followed: {error}", shown(&link))),
        }
    }

    fn file(&mut self, file: PathBuf, link: Option<PathBuf>, at: &Metadata) {
        let most = self.run.settings.options.max_megabytes * 1_000_000;
        if at.is_file() && at.len() == 0 {
            return;
        }
        if most > 0 && at.len() > most {
            self.run
                .log()
                .warn(&format!("{}: larger than --max-target-megabytes, not looked at", shown(&file)));
            return;
        }
        if link.is_none() && self.passes(&file) {
            return;
        }
        self.targets.push(Target { file, link });
    }
}
