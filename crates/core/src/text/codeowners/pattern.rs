//! Patterns of CODEOWNERS. There may be thousands, each asked once or twice: nothing is compiled.

/// A pattern, folder by folder.
#[derive(Debug)]
pub(super) struct Pattern {
    parts: Vec<Part>,
    end: End,
    /// Whether it knows ranges of characters.
    ranges: bool,
}

#[derive(Debug)]
enum Part {
    /// `**`: folders, as many as there are.
    Folders,
    Plain(Vec<u8>),
    /// With `*`, `?` and ranges.
    Wild(Vec<u8>),
}

/// What may follow what the parts match.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum End {
    /// Nothing.
    Here,
    /// Nothing, or what is in it.
    HereOrBelow,
    /// What is in it.
    Below,
}

impl Pattern {
    /// Longest pattern, in bytes: as long as the longest path there is.
    const LONGEST: usize = 4096;

    /// Reads a pattern; `None`: it is too long for any path.
    pub(super) fn new(text: &str, is_gitlab: bool) -> Option<Self> {
        if text.len() > Self::LONGEST {
            return None;
        }
        let text = text.strip_prefix('\\').filter(|rest| is_gitlab && rest.starts_with('#')).unwrap_or(text);
        let ranges = is_gitlab;
        if text == "*" {
            return Some(Self { parts: vec![Part::Folders], end: End::HereOrBelow, ranges });
        }
        let is_folder = text.ends_with('/');
        let inner = text.trim_end_matches('/');
        // For GitLab whatever does not begin with a slash may stand in any folder.
        let is_anchored = inner.starts_with('/') || (inner.contains('/') && !is_gitlab) || inner.is_empty();
        let mut parts = if is_anchored { Vec::new() } else { vec![Part::Folders] };
        let mut names = inner.split('/').filter(|name| !name.is_empty()).peekable();
        let mut end = if is_folder { End::Below } else { End::HereOrBelow };
        while let Some(name) = names.next() {
            let is_last = names.peek().is_none();
            match name {
                "**" if is_last => end = End::Below,
                "**" => parts.push(Part::Folders),
                _ => {
                    // `docs/*` is what is in the folder, and not what is in the folders of it.
                    if is_last && name == "*" && !is_folder {
                        end = End::Here;
                    }
                    parts.push(Part::new(name, ranges));
                }
            }
        }
        Some(Self { parts, end, ranges })
    }

    /// Whether it is for a path.
    pub(super) fn is_for(&self, path: &[u8]) -> bool {
        let names: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
        // Whether what was read of the pattern matches so many of the names.
        let mut reached = vec![false; names.len().saturating_add(1)];
        if let Some(first) = reached.first_mut() {
            *first = true;
        }
        for part in &self.parts {
            match part {
                Part::Folders => {
                    let mut is_reached = false;
                    for one in &mut reached {
                        is_reached |= *one;
                        *one = is_reached;
                    }
                }
                _ => {
                    let next = reached.iter().zip(&names).map(|(one, name)| *one && self.is_name(part, name));
                    let next: Vec<bool> = std::iter::once(false).chain(next).collect();
                    if !next.contains(&true) {
                        return false;
                    }
                    reached = next;
                }
            }
        }
        let (here, before) =
            reached.split_last().map_or((false, false), |(last, others)| (*last, others.contains(&true)));
        match self.end {
            End::Here => here,
            End::HereOrBelow => here || before,
            End::Below => before,
        }
    }

    fn is_name(&self, part: &Part, name: &[u8]) -> bool {
        match part {
            Part::Folders => true,
            Part::Plain(text) => text == name,
            Part::Wild(text) => matches(text, name, self.ranges),
        }
    }
}

impl Part {
    fn new(name: &str, ranges: bool) -> Self {
        let bytes = name.as_bytes();
        if name.contains(['*', '?']) || (ranges && name.contains('[')) {
            return Self::Wild(bytes.to_vec());
        }
        let mut plain = Vec::with_capacity(bytes.len());
        let mut rest = bytes.iter();
        while let Some(byte) = rest.next() {
            plain.push(if *byte == b'\\' { *rest.next().unwrap_or(byte) } else { *byte });
        }
        Self::Plain(plain)
    }
}

/// Whether a name matches, with one way back: to the last `*`.
fn matches(pattern: &[u8], name: &[u8], ranges: bool) -> bool {
    let (mut rest, mut left) = (pattern, name);
    let mut star: Option<(&[u8], &[u8])> = None;
    loop {
        if let Some(after) = rest.strip_prefix(b"*") {
            star = Some((after, left));
            rest = after;
            continue;
        }
        if left.is_empty() && rest.is_empty() {
            return true;
        }
        if let Some((after, tail)) = one(rest, left, ranges) {
            (rest, left) = (after, tail);
            continue;
        }
        // The last `*` takes one byte more.
        let Some((after, from)) = star else { return false };
        let Some((_, tail)) = from.split_first() else { return false };
        star = Some((after, tail));
        (rest, left) = (after, tail);
    }
}

/// What is left of a pattern and of a name, where they begin alike.
fn one<'p, 'n>(pattern: &'p [u8], name: &'n [u8], ranges: bool) -> Option<(&'p [u8], &'n [u8])> {
    let (first, tail) = name.split_first()?;
    match pattern.split_first()? {
        (b'?', after) => {
            // A character, which may have several bytes.
            let more = tail.iter().take_while(|byte| *first >= 0xc0 && (**byte & 0xc0) == 0x80).count();
            Some((after, tail.get(more..)?))
        }
        (b'[', after) if ranges => {
            let end = after.iter().skip(1).position(|byte| *byte == b']')?.checked_add(1)?;
            let set = after.get(..end)?;
            let (is_negated, set) = match set.split_first() {
                Some((b'!' | b'^', set)) => (true, set),
                _ => (false, set),
            };
            (is_in(*first, set) != is_negated).then_some((after.get(end.checked_add(1)?..)?, tail))
        }
        (b'\\', after) => {
            let (escaped, after) = after.split_first()?;
            (escaped == first).then_some((after, tail))
        }
        (byte, after) => (byte == first).then_some((after, tail)),
    }
}

/// Whether a byte is in a set like `a-z_`.
fn is_in(byte: u8, set: &[u8]) -> bool {
    let mut rest = set;
    loop {
        rest = match rest {
            [from, b'-', to, tail @ ..] => {
                if (*from..=*to).contains(&byte) {
                    return true;
                }
                tail
            }
            [one, tail @ ..] => {
                if *one == byte {
                    return true;
                }
                tail
            }
            [] => return false,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_for(pattern: &str, path: &str, is_gitlab: bool) -> bool {
        Pattern::new(pattern, is_gitlab).unwrap().is_for(path.as_bytes())
    }

    #[test]
    fn patterns_are_for_what_the_forges_say() {
        for (pattern, path, github, gitlab) in [
            ("*", "a/b", true, true),
            ("*.js", "a/b.js", true, true),
            ("/*.js", "a/b.js", false, false),
            ("/build/logs/", "build/logs/a/b", true, true),
            ("/build/logs/", "x/build/logs/a", false, false),
            ("docs/*", "docs/a.md", true, true),
            ("docs/*", "docs/a/b.md", false, false),
            ("docs/*", "x/docs/a.md", false, true),
            ("apps/", "x/apps/a/b", true, true),
            ("apps/", "apps", false, false),
            ("**/logs", "a/b/logs/c", true, true),
            ("/a/**", "a/b/c", true, true),
            ("/a/**", "a", false, false),
            ("a/**/z", "a/z", true, true),
            ("a/**/z", "a/b/c/z", true, true),
            ("/a*c?e", "abbce", false, false),
            ("/a*c?e", "abbcde", true, true),
            ("/?", "\u{e9}", true, true),
            ("/a[0-9]", "a7", false, true),
            ("/a[!0-9]", "ab", false, true),
            ("/a\\*", "a*", true, true),
            ("/a\\*", "ab", false, false),
            ("/", "a/b", true, true),
            ("/a", "ab", false, false),
        ] {
            assert_eq!(is_for(pattern, path, false), github, "GitHub: {pattern} {path}");
            assert_eq!(is_for(pattern, path, true), gitlab, "GitLab: {pattern} {path}");
        }
        assert!(Pattern::new(&"a".repeat(5000), false).is_none());
    }

    #[test]
    fn many_stars_take_no_longer_than_their_product() {
        let pattern = "*a".repeat(2000);
        assert!(!is_for(&pattern, &"a".repeat(1999), false));
        assert!(is_for(&pattern, &"a".repeat(2000), false));
    }
}
