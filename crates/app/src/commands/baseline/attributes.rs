//! `.gitattributes`: has Git merge a baseline by keeping the lines of both sides, so that two branches that each add some
//! do not conflict.
//!
//! Git's `merge=union` works in `git merge`, `git rebase` and `git cherry-pick` alike, and needs nothing installed.

use super::unwritable;
use crate::exit::Failure;
use crate::output::replace;
use gatepost_core::RepoPath;
use gatepost_core::text::PathGlob;
use std::path::{Component, Path};

const FILE: &str = ".gitattributes";

/// How a file's attributes have Git merge the baseline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Merge {
    /// In no way that is the baseline's own.
    Unset,
    /// By keeping both sides.
    Union,
    /// In another way, which somebody wrote for this very file.
    Other,
}

/// Makes sure that the root's `.gitattributes` has Git merge `baseline` by keeping both sides; what was done, in words.
/// Nothing is done for a baseline outside the work tree, and for one that somebody gave another way to merge.
///
/// # Errors
///
/// When the file cannot be read or written.
pub(super) fn ensure(root: &Path, baseline: &Path) -> Result<Option<String>, Failure> {
    let Some(name) = relative(root, baseline) else { return Ok(None) };
    let file = root.join(FILE);
    let text = match std::fs::read(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            let what = format!("cannot read {}: {error}", file.display());
            return Err(Failure::usage(what, "make it a readable file: Git reads it too"));
        }
    };
    match merge(&text, &name) {
        Merge::Union => Ok(None),
        Merge::Other => Ok(Some(format!(
            "{FILE} has another way to merge {name} than `merge=union`, and was left: branches may conflict in it\n"
        ))),
        Merge::Unset => {
            replace(&file, &with_line(&text, &name)).map_err(|error| unwritable(&file, &error))?;
            Ok(Some(format!(
                "wrote {}: `merge=union` has Git keep the lines of both branches; commit it with the baseline\n",
                file.display()
            )))
        }
    }
}

/// The baseline's path as `.gitattributes` of the root names it.
fn relative(root: &Path, baseline: &Path) -> Option<String> {
    let inside = baseline.strip_prefix(root).ok()?;
    let mut parts = Vec::new();
    for component in inside.components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            _ => return None,
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// What the last line that decides says, as in Git.
fn merge(text: &[u8], name: &str) -> Merge {
    let text = String::from_utf8_lossy(text);
    let path = RepoPath::from(name);
    let mut merge = Merge::Unset;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let Some((pattern, attributes)) = split(line) else { continue };
        let is_own = pattern.trim_start_matches('/') == name || pattern == escaped(name);
        if !is_own && !PathGlob::new(&pattern).is_ok_and(|glob| glob.is_match(&path)) {
            continue;
        }
        for attribute in attributes.split_whitespace() {
            merge = match attribute {
                "merge=union" => Merge::Union,
                "merge" | "-merge" | "!merge" | "binary" if is_own => Merge::Other,
                "merge" | "-merge" | "!merge" | "binary" => Merge::Unset,
                other if other.starts_with("merge=") && is_own => Merge::Other,
                other if other.starts_with("merge=") => Merge::Unset,
                _ => merge,
            };
        }
    }
    merge
}

/// A line's pattern, freed of C's quotes, and its attributes.
fn split(line: &str) -> Option<(String, &str)> {
    let Some(quoted) = line.strip_prefix('"') else {
        let (pattern, rest) = line.split_once(char::is_whitespace)?;
        return Some((pattern.to_owned(), rest));
    };
    let (mut pattern, mut escape) = (String::new(), false);
    for (at, letter) in quoted.char_indices() {
        match letter {
            '"' if !escape => return Some((pattern, quoted.get(at + 1..)?)),
            '\\' if !escape => escape = true,
            other => {
                pattern.push(other);
                escape = false;
            }
        }
    }
    None
}

/// A file with our line at its end, in the line ends that it has.
fn with_line(text: &[u8], name: &str) -> Vec<u8> {
    let end: &[u8] = if text.windows(2).any(|pair| pair == b"\r\n") { b"\r\n" } else { b"\n" };
    let mut out = text.to_vec();
    if !out.is_empty() && !out.ends_with(b"\n") {
        out.extend_from_slice(end);
    }
    out.extend_from_slice(quoted(&escaped(name)).as_bytes());
    out.extend_from_slice(b" merge=union");
    out.extend_from_slice(end);
    out
}

/// A name as a pattern for it alone.
fn escaped(name: &str) -> String {
    let mut out = String::new();
    for (at, letter) in name.char_indices() {
        if matches!(letter, '*' | '?' | '[' | '\\') || (at == 0 && matches!(letter, '#' | '!')) {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

/// A pattern in C's quotes, where it needs them.
fn quoted(pattern: &str) -> String {
    if !pattern.contains(char::is_whitespace) && !pattern.starts_with('"') {
        return pattern.to_owned();
    }
    format!("\"{}\"", pattern.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "gatepost-baseline.txt";

    #[test]
    fn a_line_is_added_once_and_in_the_file_s_line_ends() {
        for (before, after) in [
            ("", "gatepost-baseline.txt merge=union\n"),
            ("*.png binary", "*.png binary\ngatepost-baseline.txt merge=union\n"),
            ("* text\r\n", "* text\r\ngatepost-baseline.txt merge=union\r\n"),
        ] {
            assert_eq!(merge(before.as_bytes(), NAME), Merge::Unset, "{before}");
            let now = with_line(before.as_bytes(), NAME);
            assert_eq!(String::from_utf8_lossy(&now), after);
            assert_eq!(merge(&now, NAME), Merge::Union, "{after}");
        }
    }

    #[test]
    fn what_stands_there_counts_as_it_does_for_git() {
        for (text, expected) in [
            ("/gatepost-baseline.txt -text merge=union", Merge::Union),
            ("*.txt merge=union", Merge::Union),
            ("\"gatepost-baseline.txt\" merge=union", Merge::Union),
            ("gatepost-baseline.txt merge=union\n*.txt -merge", Merge::Unset),
            ("gatepost-baseline.txt merge=ours", Merge::Other),
            ("gatepost-baseline.txt -merge\ngatepost-baseline.txt merge=union", Merge::Union),
            ("# gatepost-baseline.txt merge=union", Merge::Unset),
            ("other.txt merge=union", Merge::Unset),
            ("docs/*.txt merge=union", Merge::Unset),
            ("gatepost-baseline.txt", Merge::Unset),
        ] {
            assert_eq!(merge(text.as_bytes(), NAME), expected, "{text}");
        }
    }

    #[test]
    fn only_a_file_of_the_work_tree_has_attributes() {
        let root = Path::new("/r");
        let name = |path: &str| relative(root, &root.join(path));
        assert_eq!(name("security/./known.txt").as_deref(), Some("security/known.txt"));
        assert_eq!(name("../known.txt"), None);
        assert_eq!(name("/elsewhere/known.txt"), None);
    }

    #[test]
    fn whatever_the_name_its_line_is_found_again() {
        for name in ["a b.txt", "#1.txt", "!x", "\"q\".txt", "[a]*?.txt", "sub dir/b\\c.txt", "é.txt", "-"] {
            let text = with_line(b"* text=auto\n", name);
            assert_eq!(merge(&text, name), Merge::Union, "{}", String::from_utf8_lossy(&text));
            assert_eq!(merge(&text, "another.txt"), Merge::Unset, "{name}");
        }
    }
}
