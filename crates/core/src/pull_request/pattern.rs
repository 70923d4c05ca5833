//! Patterns over names that are no paths: `*` stands for any characters, `/` among them, and everything else for itself.

/// A pattern with any number of `*`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Pattern(String);

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a name matches as a whole. Case counts: forges show labels as they were written.
    pub(super) fn is_match(&self, name: &str) -> bool {
        let mut parts = self.0.split('*');
        let Some(rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
        let Some(last) = parts.next_back() else { return rest.is_empty() };
        // Each part as early as it can stand leaves the most for those after it.
        let mut rest = rest;
        for part in parts {
            let Some((_, after)) = rest.split_once(part) else { return false };
            rest = after;
        }
        rest.ends_with(last)
    }

    /// What the one `*` of the pattern stands for in a name; `None` where the name does not match, or the pattern has none or
    /// several.
    pub(super) fn star<'n>(&self, name: &'n str) -> Option<&'n str> {
        let (before, after) = self.0.split_once('*').filter(|(_, after)| !after.contains('*'))?;
        name.strip_prefix(before)?.strip_suffix(after)
    }

    /// The name that the pattern stands for with this in the place of its one `*`.
    pub(super) fn filled(&self, star: &str) -> String {
        self.0.replacen('*', star, 1)
    }

    /// Whether it has exactly one `*`.
    pub(super) fn has_one_star(&self) -> bool {
        self.0.matches('*').count() == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_anything_and_the_rest_is_itself() {
        let matches = |pattern: &str, name: &str| Pattern::new(pattern).is_match(name);
        for (pattern, name) in [
            ("risk:*", "risk:high"),
            ("risk:*", "risk:"),
            ("*", "anything/at all"),
            ("bug", "bug"),
            ("a*b*c", "a-b-b-c"),
            ("*a*", "a"),
            ("type:*/*", "type:x/y"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("risk:*", "Risk:high"),
            ("risk:*", "my risk:high"),
            ("bug", "bugs"),
            ("a*b*c", "a-c"),
            ("ab*ba", "aba"),
            ("", "x"),
        ] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn what_one_star_stands_for() {
        let label = Pattern::new("backport:*");
        assert_eq!((label.star("backport:1.6"), label.star("back")), (Some("1.6"), None));
        assert_eq!(Pattern::new("*-*").star("a-b"), None);
        assert_eq!(Pattern::new("ab*ba").star("aba"), None);
        assert_eq!(Pattern::new("release/*").filled("1.6"), "release/1.6");
    }
}
