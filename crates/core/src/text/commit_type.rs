//! The type of a commit, read from its first line: all that rules for refs need of a message.
//!
//! The grammar of headers is the subject `message`; this reads no more than what stands before the colon, and as a commit
//! that has landed is read, not as one that is judged: leniently.

/// What a commit says that it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CommitType<'a> {
    /// The type, as it is written: `feat`; `revert` for the messages that `git revert` writes.
    pub name: &'a str,
    /// Whether it is marked as breaking in the header (`!`) or in a footer (`BREAKING CHANGE: `).
    pub breaking: bool,
}

/// The type of a commit with this message; `None` where the first line has none.
///
/// Source: Conventional Commits 1.0.0, rules 1, 4, 11, 12, 13 and 16; git-revert(1).
#[must_use]
pub fn commit_type(message: &str) -> Option<CommitType<'_>> {
    let mut lines = message.lines();
    let title = lines.by_ref().find(|line| !line.trim().is_empty())?.trim();
    let in_footer = lines.any(|line| {
        ["BREAKING CHANGE", "BREAKING-CHANGE"].iter().any(|token| {
            line.strip_prefix(token).is_some_and(|rest| rest.starts_with(": ") || rest.starts_with(" #"))
        })
    });
    if title.starts_with("Revert \"") || title.starts_with("Reapply \"") {
        return Some(CommitType { name: "revert", breaking: in_footer });
    }
    let (prefix, _) = title.split_once(": ").or_else(|| Some((title.strip_suffix(':')?, "")))?;
    let (prefix, marked) = prefix.strip_suffix('!').map_or((prefix, false), |prefix| (prefix, true));
    let name = match prefix.split_once('(') {
        Some((name, scope)) => Some(name).filter(|_| scope.ends_with(')')),
        None => Some(prefix),
    }?;
    let is_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    (!name.is_empty() && name.chars().all(is_word))
        .then_some(CommitType { name, breaking: marked || in_footer })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_from_the_first_line() {
        for (message, name, breaking) in [
            ("feat: x", "feat", false),
            ("feat(api): x", "feat", false),
            ("feat(api)!: x", "feat", true),
            ("fix!: x\n", "fix", true),
            ("\nfix: x\n\nbody\n\nBREAKING CHANGE: y", "fix", true),
            ("fix: x\n\nBREAKING-CHANGE: y\n", "fix", true),
            ("fix: x\n\nthe BREAKING CHANGE: y\n", "fix", false),
            ("fix: x\n\nbreaking change: y\n", "fix", false),
            ("Revert \"feat: x\"\n\nThis reverts commit 1.\n", "revert", false),
            ("build-dep: x", "build-dep", false),
        ] {
            assert_eq!(commit_type(message), Some(CommitType { name, breaking }), "{message:?}");
        }
        for message in ["", "update things", "see https://example.com/x", "two words: x", "feat(a: x", ": x"]
        {
            assert_eq!(commit_type(message), None, "{message:?}");
        }
    }
}
