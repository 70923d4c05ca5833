//! What a pusher is not told of a broken policy, kept for the administrator: `gatepost/broken-policy.txt` in the repository's
//! directory on the server, until a push finds the policy mended.

use crate::platform;
use gatepost_core::policy::PolicyError;
use gatepost_core::text::escape;
use gatepost_source::Repository;
use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

fn path(repository: &dyn Repository) -> PathBuf {
    repository.info().common_dir.join("gatepost").join("broken-policy.txt")
}

/// Writes it down. Where that cannot be done, the push is refused all the same, and the pusher tells the administrator.
pub(super) fn keep(repository: &dyn Repository, errors: &[PolicyError]) {
    let path = path(repository);
    let mut text = String::from("The last push was refused because the policy in force is broken:\n");
    for error in errors {
        text.push_str(&format!("\n{error}\n"));
        if let Some(help) = &error.help {
            text.push_str(&format!("  help: {help}\n"));
        }
    }
    // What a pushed policy says is untrusted.
    let lines: Vec<_> = text.lines().map(escape).collect();
    let text = format!("{}\n", lines.join("\n"));
    if let Some(folder) = path.parent() {
        let _ = DirBuilder::new().recursive(true).create(folder);
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    // It may have lines of files that only the server's account can read.
    platform::for_the_owner_alone(&mut options);
    let _ = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
}

/// Takes it away: the policy can be read.
pub(super) fn clear(repository: &dyn Repository) {
    let _ = std::fs::remove_file(path(repository));
}
