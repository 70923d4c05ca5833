//! The messages that Git writes itself: of merges, reverts, `--fixup` commits and a repository's beginning.
//! They follow no convention of people's, so a policy says for each kind whether it is let through, judged
//! or refused.

/// Who a message is from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Author {
    /// A person.
    Person,
    /// `git merge`, or a forge's merge button.
    Merge,
    /// `git revert`: `Revert "…"` and `Reapply "…"`.
    Revert,
    /// `git commit --fixup` and `--squash`: `fixup!`, `squash!`, `amend!`.
    Fixup,
    /// `Initial commit`.
    Initial,
}

impl Author {
    /// Whose message it is, by its title. `merge` says that the commit is known to have more than one parent, or
    /// known not to have; `None`: not known, and the title decides.
    #[must_use]
    pub fn of(title: &str, merge: Option<bool>) -> Self {
        let title = title.trim_end();
        if merge.unwrap_or_else(|| is_merge_title(title)) {
            return Self::Merge;
        }
        let quoted = |word: &str| title.strip_prefix(word).is_some_and(|rest| rest.contains('"'));
        if quoted("Revert \"") || quoted("Reapply \"") {
            return Self::Revert;
        }
        if strip_fixup(title).len() < title.len() {
            return Self::Fixup;
        }
        if title.trim_end_matches('.').eq_ignore_ascii_case("initial commit") {
            return Self::Initial;
        }
        Self::Person
    }
}

/// The titles that Git (builtin/fmt-merge-msg.c), GitHub, GitLab, Bitbucket and Azure write for a merge.
fn is_merge_title(title: &str) -> bool {
    const AFTER_MERGE: &[&str] = &[
        "branch '",
        "branches '",
        "tag '",
        "tags '",
        "commit '",
        "commits '",
        "remote-tracking branch '",
        "remote-tracking branches '",
        "pull request #",
        "HEAD of ",
    ];
    const WHOLE: &[&str] = &["Merged in ", "Merged PR ", "Merge remote branch '"];
    let after = title.strip_prefix("Merge ");
    after.is_some_and(|rest| AFTER_MERGE.iter().any(|word| rest.starts_with(word)))
        || WHOLE.iter().any(|word| title.starts_with(word))
}

/// A title without the marks of `--fixup` and `--squash`, however many there are.
#[must_use]
pub fn strip_fixup(title: &str) -> &str {
    let mut rest = title;
    while let Some(after) = ["fixup! ", "squash! ", "amend! "].iter().find_map(|mark| rest.strip_prefix(mark))
    {
        rest = after.trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gits_own_titles_are_known() {
        for (title, author) in [
            ("Merge branch 'a' into b", Author::Merge),
            ("Merge branches 'a', 'b' and 'c'", Author::Merge),
            ("Merge tag 'v1'", Author::Merge),
            ("Merge commit 'abc'", Author::Merge),
            ("Merge remote-tracking branch 'origin/main'", Author::Merge),
            ("Merge pull request #12 from a/b", Author::Merge),
            ("Merged in feature/x (pull request #3)", Author::Merge),
            ("Merged PR 7: x", Author::Merge),
            ("Merge the two lists", Author::Person),
            ("Revert \"feat: x\"", Author::Revert),
            ("Revert \"feat: x\" (#12)", Author::Revert),
            ("Reapply \"feat: x\"", Author::Revert),
            ("Revert the thing", Author::Person),
            ("fixup! feat: x", Author::Fixup),
            ("squash! fixup! feat: x", Author::Fixup),
            ("amend! feat: x", Author::Fixup),
            ("fixup feat", Author::Person),
            ("Initial commit", Author::Initial),
            ("initial Commit.", Author::Initial),
            ("Initial commit of the parser", Author::Person),
            ("feat: x", Author::Person),
        ] {
            assert_eq!(Author::of(title, None), author, "{title}");
        }
        assert_eq!(Author::of("Merge branch 'a'", Some(false)), Author::Person);
        assert_eq!(Author::of("feat: x", Some(true)), Author::Merge);
        assert_eq!(strip_fixup("squash! fixup! feat: x"), "feat: x");
    }
}
