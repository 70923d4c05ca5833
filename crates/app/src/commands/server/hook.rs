//! The hook file of a server: small POSIX shell, recognised by the marker line that all hooks of ours have.

use crate::commands::install::{BEFORE_SUFFIX, MARKER, binary_of, is_ours, quoted};
use std::path::{Path, PathBuf};

/// Its text. `before` is a hook that was there first: it reads the same input, and stops everything when it fails.
///
/// PATH is not asked where the program has gone: on a server it is whoever's pushes.
pub(super) fn script(binary: &Path, before: Option<&Path>) -> Vec<u8> {
    let mut text = format!(
        "#!/bin/sh\n{MARKER}\n# Written by `gatepost server install`; run it again after gatepost has moved.\ngatepost="
    )
    .into_bytes();
    text.extend_from_slice(&quoted(binary.as_os_str()));
    text.extend_from_slice(
        br#"
if [ ! -x "$gatepost" ]; then
    echo "${GL_ID:+GL-HOOK-ERR: }gatepost: the pre-receive hook cannot run: there is no $gatepost." >&2
    echo "${GL_ID:+GL-HOOK-ERR: }  help: tell the administrator: \`gatepost server install\` on the server mends it" >&2
    exit 1
fi
"#,
    );
    match before {
        None => text.extend_from_slice(b"exec \"$gatepost\" run pre-receive \"$@\"\n"),
        Some(before) => {
            text.extend_from_slice(b"before=");
            text.extend_from_slice(&quoted(before.as_os_str()));
            // The `x` keeps the line ends that `$(...)` would cut off.
            text.extend_from_slice(
                br#"
input=$(cat && printf x) || exit 1
input=${input%x}
if [ -x "$before" ]; then
    printf '%s' "$input" | "$before" "$@" || exit
fi
printf '%s' "$input" | "$gatepost" run pre-receive "$@"
"#,
            );
        }
    }
    text
}

/// Where a hook that was there first is put.
pub(super) fn before(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(BEFORE_SUFFIX);
    file.with_file_name(name)
}

/// What stands at the place of a hook.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum There {
    /// Nothing.
    Nothing,
    /// A file that we wrote, with its text.
    Ours(Vec<u8>),
    /// A link to the hook binary of gatepost, which somebody made by hand.
    Linked(PathBuf),
    /// Somebody else's.
    Foreign,
}

/// Looks at the place of a hook. What cannot be read is somebody else's.
pub(super) fn look(file: &Path) -> There {
    if file.symlink_metadata().is_err() {
        return There::Nothing;
    }
    if let Ok(real) = file.canonicalize()
        && real.file_stem().is_some_and(|name| name == "gatepost-pre-receive")
    {
        return There::Linked(real);
    }
    match std::fs::read(file) {
        Ok(text) if is_ours(&text) => There::Ours(text),
        _ => There::Foreign,
    }
}

/// The gatepost that the hook runs; `None` where it is not ours.
pub(super) fn runs(there: &There) -> Option<PathBuf> {
    match there {
        There::Ours(text) => binary_of(text).map(PathBuf::from),
        There::Linked(hook) => Some(hook.with_file_name(format!("gatepost{}", std::env::consts::EXE_SUFFIX))),
        There::Nothing | There::Foreign => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_says_whose_it_is_and_what_it_runs() {
        for before in [None, Some(Path::new("/srv/git/it's.git/hooks/pre-receive.before-gatepost"))] {
            let there = There::Ours(script(Path::new("/opt/it's here/gatepost"), before));
            assert_eq!(runs(&there), Some(PathBuf::from("/opt/it's here/gatepost")));
            let There::Ours(text) = there else { panic!() };
            assert!(is_ours(&text));
        }
        assert_eq!(before(Path::new("/a/pre-receive")), Path::new("/a/pre-receive.before-gatepost"));
    }
}
