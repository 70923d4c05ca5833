//! The hook files that gatepost writes: small POSIX shell, recognised by a marker line.

use std::ffi::OsStr;
use std::fmt;
use std::path::Path;

/// The line that says a hook file is ours, and which form it has. The number rises when the text changes in a way
/// that matters.
pub const MARKER: &str = "# gatepost hook 1";

/// Begins every marker, whatever its number.
const MARKER_STEM: &str = "# gatepost hook ";

/// What is put behind the name of a hook that was there first.
pub const BEFORE_SUFFIX: &str = ".before-gatepost";

/// A client-side hook that gatepost fills.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Hook {
    /// Before a commit: the index.
    PreCommit,
    /// The message of a commit.
    CommitMsg,
    /// Before a push: the commits that the remote does not have.
    PrePush,
}

impl Hook {
    /// Every hook, in the order in which Git runs them: what is installed unless somebody chooses.
    pub const ALL: [Self; 3] = [Self::PreCommit, Self::CommitMsg, Self::PrePush];

    /// Git's name for it, which is also the name of the stage.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::CommitMsg => "commit-msg",
            Self::PrePush => "pre-push",
        }
    }

    /// The hook that Git calls `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hook| hook.name() == name)
    }

    /// Whether Git tells this hook something on standard input.
    const fn reads_stdin(self) -> bool {
        matches!(self, Self::PrePush)
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether the text of a hook file carries our marker (of any version).
#[must_use]
pub fn is_ours(text: &[u8]) -> bool {
    text.split(|&b| b == b'\n').any(|line| line.starts_with(MARKER_STEM.as_bytes()))
}

/// The gatepost binary that a hook file of ours was written with; `None` when the line is not there.
#[must_use]
pub fn binary_of(text: &[u8]) -> Option<String> {
    let quoted =
        text.split(|&b| b == b'\n').find_map(|line| line.strip_prefix(b"gatepost='"))?.strip_suffix(b"'")?;
    Some(String::from_utf8_lossy(quoted).replace(r"'\''", "'"))
}

/// The hook file for `hook` that runs the gatepost at `binary` (absolute).
///
/// The path is written in because graphical clients start hooks without the user's PATH; PATH is asked only when the
/// binary has moved away. Without any binary the hook fails: a gate that cannot be judged is not open. A hook that
/// was there first runs first, with the same arguments and standard input, and stops everything when it fails.
#[must_use]
pub fn script(hook: Hook, binary: &Path) -> Vec<u8> {
    let name = hook.name();
    let mut text = format!(
        "#!/bin/sh\n{MARKER}\n# Written by `gatepost install`; `gatepost uninstall` takes it away again.\ngatepost="
    )
    .into_bytes();
    text.extend_from_slice(&quoted(binary.as_os_str()));
    text.extend_from_slice(
        format!(
            r#"
if [ ! -x "$gatepost" ]; then
    moved=$gatepost
    gatepost=$(command -v gatepost) || {{
        echo "gatepost: the {name} hook cannot run: there is no $moved, and no gatepost in PATH." >&2
        echo "  help: install gatepost and run \`gatepost install\` in this repository;" >&2
        echo "        to do without the gate, delete $0" >&2
        exit 1
    }}
fi
before="$0{BEFORE_SUFFIX}"
"#
        )
        .as_bytes(),
    );
    text.extend_from_slice(if hook.reads_stdin() { stdin_tail(name) } else { plain_tail(name) }.as_bytes());
    text
}

fn plain_tail(name: &str) -> String {
    format!(
        r#"if [ -x "$before" ]; then
    "$before" "$@" || exit
fi
exec "$gatepost" run {name} "$@"
"#
    )
}

/// Standard input can be read once and two must have it. The `x` keeps the line ends that `$(...)` would cut off.
fn stdin_tail(name: &str) -> String {
    format!(
        r#"if [ -x "$before" ]; then
    input=$(cat && printf x) || exit
    input=${{input%x}}
    printf '%s' "$input" | "$before" "$@" || exit
    printf '%s' "$input" | "$gatepost" run {name} "$@"
    exit
fi
exec "$gatepost" run {name} "$@"
"#
    )
}

/// A word for the shell. On Windows the shell wants `/`.
pub(crate) fn quoted(word: &OsStr) -> Vec<u8> {
    let mut out = vec![b'\''];
    for &byte in word.as_encoded_bytes() {
        match byte {
            b'\'' => out.extend_from_slice(br"'\''"),
            b'\\' if cfg!(windows) => out.push(b'/'),
            _ => out.push(byte),
        }
    }
    out.push(b'\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_says_whose_it_is_and_what_it_runs() {
        for hook in Hook::ALL {
            let text = script(hook, Path::new("/opt/it's here/gatepost"));
            assert!(is_ours(&text));
            assert_eq!(binary_of(&text).as_deref(), Some("/opt/it's here/gatepost"));
            assert_eq!(Hook::from_name(hook.name()), Some(hook));
        }
        assert!(!is_ours(b"#!/bin/sh\necho gatepost hook 1\n"));
        assert_eq!(binary_of(b"#!/bin/sh\n"), None);
    }

    #[test]
    fn the_text_is_as_agreed() {
        let text = String::from_utf8(script(Hook::CommitMsg, Path::new("/bin/gatepost"))).unwrap();
        assert_eq!(
            text,
            r#"#!/bin/sh
# gatepost hook 1
# Written by `gatepost install`; `gatepost uninstall` takes it away again.
gatepost='/bin/gatepost'
if [ ! -x "$gatepost" ]; then
    moved=$gatepost
    gatepost=$(command -v gatepost) || {
        echo "gatepost: the commit-msg hook cannot run: there is no $moved, and no gatepost in PATH." >&2
        echo "  help: install gatepost and run \`gatepost install\` in this repository;" >&2
        echo "        to do without the gate, delete $0" >&2
        exit 1
    }
fi
before="$0.before-gatepost"
if [ -x "$before" ]; then
    "$before" "$@" || exit
fi
exec "$gatepost" run commit-msg "$@"
"#
        );
    }
}
