//! What `git log -p` and `git diff` print, as pieces of text: the lines that each hunk adds.
//!
//! gitleaks reads it with a parser that gives up without a word at the first hunk that it does not understand; here that is
//! an error, since what follows was not looked at.

use super::detect::Commit;
use super::finding::Remote;
use std::io::{self, BufRead};
use std::sync::Arc;

/// The date of what is not committed yet, as Go writes none.
const NO_DATE: &str = "0001-01-01T00:00:00Z";

/// A file that a commit changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changed {
    /// The commit; without an id where there is none yet.
    pub commit: Arc<Commit>,
    /// The file's name afterwards.
    pub path: Vec<u8>,
    /// Git shows nothing of it.
    pub is_binary: bool,
    /// What is added.
    pub hunks: Vec<Hunk>,
}

/// The lines that one hunk adds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hunk {
    /// The number of the first of them.
    pub start_line: i64,
    /// The lines.
    pub text: Vec<u8>,
}

/// Why the rest of the output cannot be read.
#[derive(Debug)]
pub enum Broken {
    /// It could not be had.
    Read(io::Error),
    /// Git printed something that is no patch, at this line of its output.
    Line(u64, String),
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Read(error) => write!(f, "the output of git cannot be read: {error}"),
            Self::Line(line, what) => write!(f, "line {line} of git's output is no part of a patch: {what}"),
        }
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

/// Reads patches, one changed file after another.
pub struct Patches<R> {
    reader: R,
    remote: Option<Arc<Remote>>,
    /// The line that is looked at, with its line feed; empty at the end.
    line: Vec<u8>,
    number: u64,
    commit: Arc<Commit>,
    commits: u64,
}

impl<R: BufRead> Patches<R> {
    /// Of what git prints.
    pub fn new(reader: R, remote: Option<Arc<Remote>>) -> Self {
        let commit = Arc::new(Commit { date: NO_DATE.to_owned(), ..Commit::default() });
        Self { reader, remote, line: Vec::new(), number: 0, commit, commits: 0 }
    }

    /// How many commits there were so far.
    pub const fn commits(&self) -> u64 {
        self.commits
    }

    /// Whether there was any output.
    pub const fn has_read(&self) -> bool {
        self.number > 1
    }

    fn advance(&mut self) -> Result<(), Broken> {
        self.line.clear();
        self.reader.read_until(b'\n', &mut self.line)?;
        self.number += 1;
        Ok(())
    }

    /// The next file that is there afterwards; `None` at the end.
    ///
    /// # Errors
    ///
    /// Output that cannot be read, or that is no patch.
    pub fn next_file(&mut self) -> Result<Option<Changed>, Broken> {
        if self.number == 0 {
            self.advance()?;
        }
        let mut before: Vec<u8> = Vec::new();
        while !self.line.is_empty() {
            if !self.line.starts_with(b"diff --git ") {
                if self.line.starts_with(b"commit ") {
                    self.commits += 1;
                    before.clear();
                }
                before.extend_from_slice(&self.line);
                self.advance()?;
                continue;
            }
            self.take_commit(&before);
            before.clear();
            if let Some(changed) = self.file()? {
                return Ok(Some(changed));
            }
        }
        Ok(None)
    }

    fn take_commit(&mut self, header: &[u8]) {
        if header.starts_with(b"commit ") {
            self.commit = Arc::new(commit(header, self.remote.clone()));
        }
    }

    /// A file, whose first line is looked at; `None` of one that is gone.
    fn file(&mut self) -> Result<Option<Changed>, Broken> {
        let mut path = default_name(self.line.strip_prefix(b"diff --git ").unwrap_or(&[]));
        let (mut is_gone, mut is_binary) = (false, false);
        self.advance()?;
        loop {
            let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
            if let Some(name) = line.strip_prefix(b"+++ ") {
                let name = unquoted(name.split(|&byte| byte == b'\t').next().unwrap_or(name));
                if name != b"/dev/null" {
                    path = Some(without_first(&name).to_vec());
                }
            } else if let Some(name) =
                line.strip_prefix(b"rename to ").or_else(|| line.strip_prefix(b"copy to "))
            {
                path = Some(unquoted(name));
            } else if line.starts_with(b"deleted file mode ") {
                is_gone = true;
            } else if line.starts_with(b"Binary files ") || line == b"GIT binary patch" {
                is_binary = true;
            } else if !is_header(line) {
                break;
            }
            self.advance()?;
        }
        let mut hunks = Vec::new();
        while self.line.starts_with(b"@@ -") {
            hunks.push(self.hunk()?);
        }
        if is_gone {
            return Ok(None);
        }
        let Some(path) = path else {
            return Err(Broken::Line(self.number, "a change without the name of a file".to_owned()));
        };
        Ok(Some(Changed { commit: Arc::clone(&self.commit), path, is_binary, hunks }))
    }

    fn hunk(&mut self) -> Result<Hunk, Broken> {
        let Some((mut old, start_line, mut new)) = ranges(&self.line) else { return Err(self.broken()) };
        let mut text = Vec::new();
        let mut is_last_added = false;
        self.advance()?;
        while old > 0 || new > 0 {
            let (first, rest) = self.line.split_first().map_or((0, &[][..]), |(first, rest)| (*first, rest));
            match first {
                b'+' => {
                    text.extend_from_slice(rest);
                    (new, is_last_added) = (new - 1, true);
                }
                b'-' => (old, is_last_added) = (old - 1, false),
                b' ' | b'\n' => (old, new, is_last_added) = (old - 1, new - 1, false),
                b'\\' => drop_feed(&mut text, is_last_added),
                _ => return Err(self.broken()),
            }
            self.advance()?;
        }
        if self.line.starts_with(b"\\ ") {
            drop_feed(&mut text, is_last_added);
            self.advance()?;
        }
        Ok(Hunk { start_line, text })
    }

    fn broken(&self) -> Broken {
        let shown =
            if self.line.is_empty() { "it ends within a change".to_owned() } else { lossy(&self.line) };
        Broken::Line(self.number, shown.chars().take(80).collect())
    }
}

/// `\ No newline at end of file`.
fn drop_feed(text: &mut Vec<u8>, is_last_added: bool) {
    if is_last_added && text.last() == Some(&b'\n') {
        text.pop();
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

/// What stands between `diff --git` and the first hunk.
fn is_header(line: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 12] = [
        b"--- ",
        b"index ",
        b"old mode ",
        b"new mode ",
        b"new file mode ",
        b"copy from ",
        b"rename from ",
        b"rename old ",
        b"rename new ",
        b"similarity index ",
        b"dissimilarity index ",
        b"deleted file mode ",
    ];
    BEGINNINGS.iter().any(|beginning| line.starts_with(beginning))
}

/// `@@ -1,2 +3,4 @@`: how many old lines, the first new one, how many new ones.
fn ranges(line: &[u8]) -> Option<(i64, i64, i64)> {
    let text = String::from_utf8_lossy(line);
    let (old, rest) = text.strip_prefix("@@ -")?.split_once(" +")?;
    let (new, _) = rest.split_once(" @@")?;
    let count = |range: &str| match range.split_once(',') {
        Some((start, count)) => Some((start.parse().ok()?, count.parse().ok()?)),
        None => Some((range.parse().ok()?, 1i64)),
    };
    let ((_, old), (start, new)): ((i64, i64), (i64, i64)) = (count(old)?, count(new)?);
    Some((old, start, new))
}

/// The name in `a/NAME b/NAME`, where both are the same.
fn default_name(header: &[u8]) -> Option<Vec<u8>> {
    let header = header.strip_suffix(b"\n").unwrap_or(header);
    if header.contains(&b'"') {
        let second = header.windows(2).rposition(|two| two == b" \"").map(|at| at + 1);
        let name = second.and_then(|at| header.get(at..)).filter(|name| name.ends_with(b"\""));
        return name.map(|name| without_first(&unquoted(name)).to_vec());
    }
    let spaces = header.iter().enumerate().filter(|(_, byte)| **byte == b' ');
    let mut halves = spaces.filter_map(|(at, _)| Some((header.get(..at)?, header.get(at + 1..)?)));
    halves.find(|(a, b)| without_first(a) == without_first(b)).map(|(_, b)| without_first(b).to_vec())
}

/// Without the first folder: `b/`.
fn without_first(name: &[u8]) -> &[u8] {
    name.iter().position(|&byte| byte == b'/').and_then(|slash| name.get(slash + 1..)).unwrap_or(name)
}

/// A name as git quotes it: `"a\303\244\n"`.
fn unquoted(name: &[u8]) -> Vec<u8> {
    let inner = name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\""));
    let Some(mut rest) = inner else { return name.to_vec() };
    let mut out = Vec::with_capacity(rest.len());
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let octal = rest.get(..3).and_then(|three| std::str::from_utf8(three).ok());
        if let Some(byte) = octal.and_then(|three| u8::from_str_radix(three, 8).ok()) {
            out.push(byte);
            rest = rest.get(3..).unwrap_or(&[]);
            continue;
        }
        if let Some((&escaped, tail)) = rest.split_first() {
            rest = tail;
            out.push(match escaped {
                b'a' => 7,
                b'b' => 8,
                b't' => b'\t',
                b'n' => b'\n',
                b'v' => 0x0b,
                b'f' => 0x0c,
                b'r' => b'\r',
                other => other,
            });
        }
    }
    out
}

/// A commit from its header: id, author, date, message.
fn commit(header: &[u8], remote: Option<Arc<Remote>>) -> Commit {
    let mut lines = header.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let first = lines.next().and_then(|line| line.strip_prefix(b"commit ")).unwrap_or(&[]);
    let id = first.split(|&byte| byte == b' ').next().unwrap_or(&[]);
    let mut commit = Commit { id: lossy(id), date: NO_DATE.to_owned(), remote, ..Commit::default() };
    for line in lines.by_ref() {
        if line.trim_ascii().is_empty() {
            break;
        }
        if let Some(author) = line.strip_prefix(b"Author:") {
            (commit.author, commit.email) = identity(author);
        }
        if let Some(date) = line.strip_prefix(b"Date:").or_else(|| line.strip_prefix(b"AuthorDate:")) {
            commit.date = super::date::utc(lossy(date).trim()).unwrap_or_else(|| NO_DATE.to_owned());
        }
    }
    commit.message = message(lines);
    commit
}

fn identity(text: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let Some(open) = text.iter().position(|&byte| byte == b'<') else { return (Vec::new(), Vec::new()) };
    let (name, rest) = (text.get(..open).unwrap_or(&[]), text.get(open + 1..).unwrap_or(&[]));
    let email = rest.split(|&byte| byte == b'>').next().unwrap_or(&[]);
    (name.trim_ascii().to_vec(), email.trim_ascii().to_vec())
}

/// The title in one line, an empty line, and the rest with no more than one empty line in a row.
fn message<'l>(mut lines: impl Iterator<Item = &'l [u8]>) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    let mut indent = 0;
    for line in lines.by_ref() {
        let trimmed = line.trim_ascii();
        if trimmed.is_empty() {
            break;
        }
        if out.is_empty() {
            indent = line.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        } else {
            out.push(b' ');
        }
        out.extend_from_slice(trimmed);
    }
    if out.is_empty() {
        return out;
    }
    let mut body: Vec<u8> = Vec::new();
    let mut has_gap = false;
    for line in lines {
        let line = line.trim_ascii_end();
        let is_indented = line.get(..indent).is_some_and(|start| start.trim_ascii().is_empty());
        let line = if is_indented { line.get(indent..).unwrap_or(&[]) } else { line };
        if line.is_empty() {
            has_gap = true;
            continue;
        }
        if !body.is_empty() {
            body.extend_from_slice(if has_gap { b"\n\n" } else { b"\n" });
        }
        has_gap = false;
        body.extend_from_slice(line);
    }
    if !body.is_empty() {
        out.extend_from_slice(b"\n\n");
        out.extend_from_slice(&body);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(Vec<Changed>, u64), Broken> {
        let mut patches = Patches::new(text.as_bytes(), None);
        let mut all = Vec::new();
        while let Some(changed) = patches.next_file()? {
            all.push(changed);
        }
        Ok((all, patches.commits()))
    }

    const LOG: &str = "\
commit 0123456789012345678901234567890123456789
Author: A B <a@b.example>
Date:   Fri Nov 6 23:30:01 2026 +0200

    feat: two
    lines

    body


    more

diff --git a/x y.txt b/x y.txt
new file mode 100644
index 0000000..1111111
--- /dev/null
+++ b/x y.txt\t
@@ -0,0 +1,2 @@
+one
+commit 12
\\ No newline at end of file
diff --git \"a/\\303\\244\" \"b/\\303\\244\"
deleted file mode 100644
index 1111111..0000000
--- \"a/\\303\\244\"
+++ /dev/null
@@ -1 +0,0 @@
-gone

commit 1123456789012345678901234567890123456789 (HEAD)
Author: C <c@d.example>
Date:   Sat Nov 7 00:00:00 2026 +0000

    fix: x

diff --git a/old b/new
similarity index 90%
rename from old
rename to new
index 1..2 100644
--- a/old
+++ b/new
@@ -3 +3,2 @@ fn a()
-a
+b
+c
@@ -9,0 +11 @@
+d
diff --git a/pic.zip b/pic.zip
index 1..2 100644
Binary files a/pic.zip and b/pic.zip differ
";

    #[test]
    fn a_log_is_read_commit_by_commit_and_hunk_by_hunk() {
        let (all, commits) = read(LOG).unwrap();
        assert_eq!((all.len(), commits), (3, 2));
        let first = &all[0];
        assert_eq!((first.path.as_slice(), first.hunks[0].start_line), (&b"x y.txt"[..], 1));
        assert_eq!(first.hunks[0].text, b"one\ncommit 12");
        assert_eq!(first.commit.date, "2026-11-06T21:30:01Z");
        assert_eq!(first.commit.message, b"feat: two lines\n\nbody\n\nmore");
        assert_eq!(
            (first.commit.author.as_slice(), first.commit.email.as_slice()),
            (&b"A B"[..], &b"a@b.example"[..])
        );
        let second = &all[1];
        assert_eq!(second.path, b"new");
        assert_eq!(second.commit.id, "1123456789012345678901234567890123456789");
        let hunks: Vec<_> = second.hunks.iter().map(|hunk| (hunk.start_line, hunk.text.as_slice())).collect();
        assert_eq!(hunks, [(3, &b"b\nc\n"[..]), (11, b"d\n")]);
        assert!(all[2].is_binary && all[2].path == b"pic.zip" && all[2].hunks.is_empty());
    }

    #[test]
    fn a_change_that_is_not_committed_has_no_id_and_no_date() {
        let (all, commits) = read("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n").unwrap();
        assert_eq!((all[0].commit.id.as_str(), all[0].commit.date.as_str(), commits), ("", NO_DATE, 0));
    }

    #[test]
    fn output_that_ends_within_a_change_is_broken() {
        for text in [
            "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1,9 @@\n-a\n+b\n",
            "diff --git a/x b/x\n@@ -? +? @@\n",
        ] {
            assert!(matches!(read(text), Err(Broken::Line(..))), "{text}");
        }
    }
}
