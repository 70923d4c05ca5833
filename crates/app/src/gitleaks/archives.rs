//! What is packed, for `--max-archive-depth`. gitleaks tells it by its name; what is in it is named `outer!inner`.

use super::run::Run;
use gatepost_compat::gitleaks::{Commit, Fragment, Packed, Pieces, packed};
use gatepost_core::archive::{self, Limits, UNNAMED};
use gatepost_core::text::display;
use gatepost_core::{RepoPath, SkipReason};

/// What an archive may become. gitleaks has no limit; a run that a limit stopped is told as partial.
const TOTAL: u64 = 4 << 30;

/// A file that is packed by its name.
#[derive(Clone, Copy)]
pub(super) struct Outer<'a> {
    pub(super) path: &'a [u8],
    pub(super) symlink: &'a [u8],
    pub(super) commit: Option<&'a Commit>,
}

/// Looks at all that is in it.
pub(super) fn scan(run: &Run<'_>, number: usize, outer: Outer<'_>, bytes: &[u8]) {
    let limits = Limits {
        depth: run.settings.archive_depth,
        total: TOTAL,
        entry: TOTAL,
        ratio: u64::MAX,
        ..Limits::default()
    };
    if archive::recognise(bytes).is_none() {
        run.problem(format!("{}: it is no archive that can be opened here", display(outer.path)));
        return;
    }
    let mut index = 0;
    let skips = archive::open(bytes, &limits, &mut |entry| {
        let path = path(outer.path, entry.names);
        let name = entry.names.last().map_or(&[][..], RepoPath::as_bytes);
        // What is packed again was opened, and its bytes say nothing.
        let is_opened =
            path != outer.path && packed(name).is_some() && archive::recognise(entry.bytes).is_some();
        if is_opened || run.detector.passes_path(name) {
            return;
        }
        for piece in Pieces::new(entry.bytes) {
            let fragment = Fragment {
                text: piece.text,
                path: &path,
                symlink: outer.symlink,
                commit: outer.commit,
                start_line: piece.start_line,
            };
            run.piece((number, index), &fragment);
            index += 1;
        }
    });
    for (reason, count) in skips {
        if reason == SkipReason::ArchiveLimit {
            run.log()
                .warn(&format!("{}: {count} parts lie deeper than --max-archive-depth", display(outer.path)));
        } else {
            let reason = reason.as_str();
            run.problem(format!("{}: {count} parts could not be looked at ({reason})", display(outer.path)));
        }
    }
}

/// The name of what is in an archive. One compressed file has the name of what it is packed in.
fn path(outer: &[u8], names: &[RepoPath]) -> Vec<u8> {
    let mut path = outer.to_vec();
    for name in names {
        let of = path.rsplit(|&byte| byte == b'!').next().unwrap_or(&path);
        if name.as_bytes() == UNNAMED || packed(of) == Some(Packed::Compressed) {
            continue;
        }
        path.push(b'!');
        path.extend_from_slice(name.as_bytes());
    }
    path
}
