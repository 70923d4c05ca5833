//! The message file as Git will store it: what a person wrote, without the comments, the diff of `-v` and the
//! stray white space. A `commit-msg` hook is handed the file *before* Git tidies it, so a check that reads
//! it as it stands judges text that never becomes part of the commit.
//!
//! Source: Git's `cleanup_message` and `strbuf_stripspace` (sequencer.c, strbuf.c), `wt_status_locate_end`
//! (wt-status.c).

/// How Git cleans a message up before it stores it (`git commit --cleanup`, `commit.cleanup`).
///
/// Source: git-commit(1), "--cleanup".
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cleanup {
    /// The mode.
    pub mode: CleanupMode,
    /// The string that opens a comment line (`core.commentString`; one or more bytes). The value `auto` is
    /// resolved by whoever reads the configuration.
    pub comment: Vec<u8>,
}

/// The modes of [`Cleanup`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CleanupMode {
    /// Comment lines go too: what Git does when an editor was opened.
    Strip,
    /// Only white space is tidied: what Git does with `-m` and `-F`.
    Whitespace,
    /// Nothing is touched.
    Verbatim,
    /// As `Whitespace`, and everything from the scissors line on goes.
    Scissors,
}

/// What [`clean`] leaves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cleaned {
    /// The message as Git will store it.
    pub bytes: Vec<u8>,
    /// Whether something was cut off at a scissors line (the diff of `git commit -v`).
    pub cut: bool,
}

const SCISSORS: &[u8] = b" ------------------------ >8 ------------------------\n";

/// Tidies the bytes of a message file as Git will, once the hook has passed.
///
/// The diff that `git commit -v` puts below a scissors line is cut off in every mode, as Git does. A hook
/// is not told of `-v`; below a scissors line in a mode other than [`CleanupMode::Scissors`], only
/// comments and a diff (or nothing) are taken for it, and anything else stays part of the message, as it
/// does in Git.
#[must_use]
pub fn clean(bytes: &[u8], cleanup: &Cleanup) -> Cleaned {
    let kept = match scissors(bytes, &cleanup.comment) {
        Some((start, below)) if cleanup.mode == CleanupMode::Scissors || is_diff(below, &cleanup.comment) => {
            bytes.get(..start).unwrap_or(bytes)
        }
        _ => bytes,
    };
    let bytes_out = match cleanup.mode {
        CleanupMode::Verbatim => kept.to_vec(),
        CleanupMode::Strip if !cleanup.comment.is_empty() => strip_space(kept, Some(&cleanup.comment)),
        CleanupMode::Strip | CleanupMode::Whitespace | CleanupMode::Scissors => strip_space(kept, None),
    };
    Cleaned { bytes: bytes_out, cut: kept.len() < bytes.len() }
}

/// Where the first scissors line starts, and what stands below it.
fn scissors<'a>(bytes: &'a [u8], comment: &[u8]) -> Option<(usize, &'a [u8])> {
    let mut start = 0;
    for line in bytes.split_inclusive(|&b| b == b'\n') {
        if line.strip_prefix(comment) == Some(SCISSORS) {
            return Some((start, bytes.get(start + line.len()..).unwrap_or_default()));
        }
        start += line.len();
    }
    None
}

/// Whether what stands below a scissors line is what `git commit -v` writes there: comments, then a diff.
fn is_diff(below: &[u8], comment: &[u8]) -> bool {
    let first = below
        .split(|&b| b == b'\n')
        .find(|line| !line.trim_ascii().is_empty() && (comment.is_empty() || !line.starts_with(comment)));
    const OPENINGS: &[&[u8]] = &[b"diff --", b"Submodule ", b"* Unmerged path "];
    first.is_none_or(|line| OPENINGS.iter().any(|opening| line.starts_with(opening)))
}

/// `strbuf_stripspace`: no white space at line ends, one blank line where there were several, none at
/// either end, a line feed at the end.
fn strip_space(bytes: &[u8], comment: Option<&[u8]>) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 1);
    let mut blank_lines = false;
    for line in bytes.split_inclusive(|&b| b == b'\n') {
        if comment.is_some_and(|comment| line.starts_with(comment)) {
            continue;
        }
        // Git's own `isspace`: vertical tab and form feed are not white space to it.
        let blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r');
        let Some(last) = line.iter().rposition(|b| !blank(b)) else {
            blank_lines = true;
            continue;
        };
        if blank_lines && !out.is_empty() {
            out.push(b'\n');
        }
        blank_lines = false;
        out.extend_from_slice(line.get(..=last).unwrap_or(line));
        out.push(b'\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cleaned(mode: CleanupMode, comment: &str, text: &str) -> String {
        let cleanup = Cleanup { mode, comment: comment.as_bytes().to_vec() };
        String::from_utf8(clean(text.as_bytes(), &cleanup).bytes).unwrap()
    }

    const CUT: &str = "# ------------------------ >8 ------------------------\n\
                       # Do not modify or remove the line above.\n\
                       # Everything below it will be ignored.\n\
                       diff --git a/x b/x\n+token\n";

    #[test]
    fn comments_go_only_where_git_removes_them() {
        let text = "\n\nfeat: x  \t\r\n# note\n\n\n\nbody\r\n\n\n";
        assert_eq!(cleaned(CleanupMode::Strip, "#", text), "feat: x\n\nbody\n");
        assert_eq!(cleaned(CleanupMode::Whitespace, "#", text), "feat: x\n# note\n\nbody\n");
        assert_eq!(cleaned(CleanupMode::Verbatim, "#", text), text);
        assert_eq!(cleaned(CleanupMode::Strip, ";;", "a\n;; b\n; c\n"), "a\n; c\n");
        assert_eq!(cleaned(CleanupMode::Strip, "//", "//only\n\n"), "");
        assert_eq!(cleaned(CleanupMode::Strip, "#", "no line feed"), "no line feed\n");
        assert_eq!(cleaned(CleanupMode::Strip, "#", " # indented stays\n"), " # indented stays\n");
    }

    #[test]
    fn the_diff_of_a_verbose_commit_is_never_part_of_the_message() {
        for mode in
            [CleanupMode::Strip, CleanupMode::Whitespace, CleanupMode::Scissors, CleanupMode::Verbatim]
        {
            let text = format!("feat: x\n{CUT}");
            assert_eq!(cleaned(mode, "#", &text), "feat: x\n", "{mode:?}");
            assert_eq!(cleaned(mode, "#", CUT), "", "{mode:?}");
        }
        let own = CUT.replace('#', ";");
        assert_eq!(cleaned(CleanupMode::Scissors, ";", &format!("a\n# kept\n{own}")), "a\n# kept\n");
        assert!(cleaned(CleanupMode::Scissors, "#", &format!("a\n{own}")).contains("+token"));
    }

    #[test]
    fn text_below_a_scissors_line_stays_where_git_keeps_it() {
        let text = "feat: x\n\n# ------------------------ >8 ------------------------\ntext\n";
        assert_eq!(cleaned(CleanupMode::Strip, "#", text), "feat: x\n\ntext\n");
        assert_eq!(cleaned(CleanupMode::Whitespace, "#", text), text);
        assert_eq!(cleaned(CleanupMode::Scissors, "#", text), "feat: x\n");
        let cleanup = Cleanup { mode: CleanupMode::Scissors, comment: b"#".to_vec() };
        assert!(clean(text.as_bytes(), &cleanup).cut);
        assert!(!clean(b"feat: x\n", &cleanup).cut);
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_cleaned_and_cleaning_again_changes_nothing(
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
            lines in proptest::collection::vec("[#; a\t\r]{0,4}", 0..30),
            comment in proptest::collection::vec(any::<u8>(), 0..3),
        ) {
            for input in [bytes, lines.join("\n").into_bytes()] {
                for mode in [CleanupMode::Strip, CleanupMode::Whitespace, CleanupMode::Scissors] {
                    let cleanup = Cleanup { mode, comment: comment.clone() };
                    let once = clean(&input, &cleanup).bytes;
                    prop_assert!(once.is_empty() || once.ends_with(b"\n"));
                    prop_assert!(!once.starts_with(b"\n") && !once.windows(3).any(|w| w == b"\n\n\n"));
                    if mode == CleanupMode::Whitespace {
                        prop_assert_eq!(&clean(&once, &cleanup).bytes, &once);
                    }
                }
            }
        }
    }
}
