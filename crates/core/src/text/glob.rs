//! Globs over paths, one meaning everywhere: in excludes, per-path settings, exceptions and rules.

use crate::RepoPath;
use std::fmt;

/// A glob over paths: `*` and `?` stay within a directory, `**` crosses directories. A pattern without `/`
/// matches the file name in any directory, as in `.gitignore`; a leading `/` ties it to the root.
#[derive(Clone)]
pub struct PathGlob {
    pattern: String,
    matcher: globset::GlobMatcher,
}

impl PathGlob {
    /// Longest pattern, in bytes: as long as the longest path there is (`PATH_MAX` of Linux).
    pub const LONGEST: usize = 4096;

    /// Compiles a pattern.
    ///
    /// # Errors
    ///
    /// What is wrong with the pattern.
    pub fn new(pattern: &str) -> Result<Self, String> {
        // Beyond what its regular expressions may grow to, globset panics.
        if pattern.len() > Self::LONGEST {
            return Err(format!("a glob of {} bytes is too long: at most {}", pattern.len(), Self::LONGEST));
        }
        let anchored = match pattern.strip_prefix('/') {
            Some(rest) => rest.to_owned(),
            None if pattern.trim_end_matches('/').contains('/') => pattern.to_owned(),
            None => format!("**/{pattern}"),
        };
        let anchored = if anchored.ends_with('/') { format!("{anchored}**") } else { anchored };
        let matcher = globset::GlobBuilder::new(&anchored)
            .literal_separator(true)
            .build()
            .map_err(|error| format!("`{pattern}` is not a glob: {}", error.kind()))?
            .compile_matcher();
        Ok(Self { pattern: pattern.to_owned(), matcher })
    }

    /// Whether the path matches.
    #[must_use]
    pub fn is_match(&self, path: &RepoPath) -> bool {
        match std::str::from_utf8(path.as_bytes()) {
            Ok(text) => self.matcher.is_match(text),
            Err(_) => self.matcher.is_match(path.escaped().as_ref()),
        }
    }

    /// Whether it is one of those that pick nothing in particular: it takes paths that have nothing in common.
    #[must_use]
    pub fn covers_everything(&self) -> bool {
        ["a", ".Z", "0/Q.7", ".b/_/~", "x/y/z/w/9-k"].iter().all(|path| self.is_match(&RepoPath::from(*path)))
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.pattern
    }
}

impl fmt::Debug for PathGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PathGlob({:?})", self.pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_read_like_gitignore() {
        let matches = |glob: &str, path: &str| PathGlob::new(glob).unwrap().is_match(&RepoPath::from(path));
        assert!(matches("*.pfx", "a/b/c.pfx"));
        assert!(matches("testdata/**", "testdata/x/y"));
        assert!(!matches("testdata/**", "src/testdata/x"));
        assert!(matches("**/testdata/**", "src/testdata/x"));
        assert!(matches("/Makefile", "Makefile"));
        assert!(!matches("/Makefile", "sub/Makefile"));
        assert!(!matches("src/*.rs", "src/a/b.rs"));
        assert!(matches("vendor/", "vendor/a/b"));
        assert!(PathGlob::new("a[").is_err());
    }

    #[test]
    fn globs_that_pick_nothing_in_particular() {
        let everything = |glob: &str| PathGlob::new(glob).unwrap().covers_everything();
        for glob in ["**", "*", "**/*", "/**", "?*", "**/**", "{**,a}", "**/"] {
            assert!(everything(glob), "{glob}");
        }
        for glob in ["/*", "*.md", "docs/**", "**/docs/**", "*/**", "[!.]*", "?", "a"] {
            assert!(!everything(glob), "{glob}");
        }
    }
}
