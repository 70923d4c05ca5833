//! Ranges of versions as NuGet compares them (`VersionRangeFactory`, `VersionRangeComparer` in NuGet.Versioning).

/// A range, its versions in one spelling each.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Range {
    min: Option<String>,
    takes_min: bool,
    max: Option<String>,
    takes_max: bool,
}

impl Range {
    /// Reads `1.0`, `[1.0, 2.0)`, `1.*`; `None`: NuGet does not take it, or it is one of which nobody knows what it equals.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let Some(inner) = text.strip_prefix(['[', '(']) else {
            // A bare star has bounds of its own, which differ from those of what the lock records of it.
            let min = Some(version(text, true)?).filter(|_| text != "*")?;
            return Some(Self { min: Some(min), takes_min: true, max: None, takes_max: false });
        };
        let takes_min = text.starts_with('[');
        let takes_max = text.ends_with(']');
        let inner = inner.strip_suffix([']', ')'])?;
        let (low, high) = inner.split_once(',').unwrap_or((inner, inner));
        let is_pair = inner.contains(',');
        if high.contains(',') || !(is_pair || takes_min && takes_max) {
            return None;
        }
        let bound = |text: &str, may_float| match text.trim() {
            "" => Some(None),
            "*" => None,
            text => version(text, may_float).map(Some),
        };
        let (min, max) = (bound(low, is_pair)?, bound(high, false)?);
        (min.is_some() || max.is_some()).then_some(Self { min, takes_min, max, takes_max })
    }

    /// Whether it leaves no choice.
    pub(super) fn is_exact(&self) -> bool {
        self.takes_min && self.takes_max && self.min.is_some() && self.min == self.max
    }
}

/// A version in the one spelling that equal versions share: three numbers or four, without what follows `+`.
fn version(text: &str, may_float: bool) -> Option<String> {
    let text = text.trim().split('+').next()?;
    let (numbers, label) = match text.split_once('-') {
        Some((numbers, label)) => (numbers, Some(label)),
        None => (text, None),
    };
    let mut parts: Vec<u32> = Vec::new();
    let mut is_open = false;
    for part in numbers.split('.') {
        if is_open || parts.len() == 4 {
            return None;
        }
        if part == "*" && may_float {
            is_open = true;
        } else if part.bytes().all(|byte| byte.is_ascii_digit()) {
            parts.push(part.parse().ok()?);
        } else {
            return None;
        }
    }
    while parts.len() < 3 {
        parts.push(0);
    }
    if parts.get(3) == Some(&0) {
        parts.truncate(3);
    }
    let numbers: Vec<String> = parts.iter().map(u32::to_string).collect();
    let label = match label {
        None => return Some(numbers.join(".")),
        Some(label) if may_float && label.ends_with('*') => {
            let kept = label.trim_end_matches('*');
            // The lowest that begins so.
            if kept.is_empty() || kept.ends_with('.') {
                format!("{kept}0")
            } else {
                kept.trim_end_matches('-').to_owned()
            }
        }
        Some(label) => label.to_owned(),
    };
    let is_label = !label.is_empty()
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    is_label.then(|| format!("{}-{}", numbers.join("."), label.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_equal_however_they_are_written() {
        for (one, two) in [
            ("1.0", "[1.0.0, )"),
            ("1.2.3", "[1.2.3,)"),
            ("1.2.3.0", "1.2.3"),
            ("01.2", "1.2.0"),
            ("[1.0]", "[1.0.0, 1.0.0]"),
            ("1.2.*", "[1.2.*, )"),
            ("1.2.3-Beta+5", "[1.2.3-beta, )"),
            ("1.0.0-*", "[1.0.0-*, )"),
            ("(,2.0]", "(, 2.0.0]"),
        ] {
            assert!(Range::parse(one).is_some(), "{one}");
            assert_eq!(Range::parse(one), Range::parse(two), "{one} {two}");
        }
        for (one, two) in [("1.0", "[1.0]"), ("1.0", "1.0.1"), ("[1.0,2.0)", "[1.0,2.0]"), ("1.0", "1.0-a")] {
            assert_ne!(Range::parse(one), Range::parse(two), "{one} {two}");
        }
        for text in [
            "",
            "*",
            "latest",
            "[1.0",
            "(1.0)",
            "[1,2,3]",
            "1.2.3.4.5",
            "(,)",
            "[, ]",
            "1..2",
            "^1.0",
            "[*, )",
        ] {
            assert_eq!(Range::parse(text), None, "{text}");
        }
        assert!(Range::parse("[1.0]").is_some_and(|range| range.is_exact()));
        assert!(Range::parse("1.0").is_some_and(|range| !range.is_exact()));
    }
}
