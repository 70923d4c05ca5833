//! Constraints of versions as Terraform reads them: `~> 1.2, != 1.2.4`.

use semver::{Prerelease, Version};

/// One part of a constraint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Part {
    op: Op,
    version: Version,
    /// How many numbers are written: `~>` leaves the last of them open.
    written: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Op {
    Exact,
    Not,
    Above,
    AtLeast,
    Below,
    AtMost,
    Pessimistic,
}

const OPS: [(&str, Op); 7] = [
    ("~>", Op::Pessimistic),
    (">=", Op::AtLeast),
    ("<=", Op::AtMost),
    ("!=", Op::Not),
    (">", Op::Above),
    ("<", Op::Below),
    ("=", Op::Exact),
];

/// The parts of a constraint; `None`: Terraform would not take it.
pub(super) fn parse(text: &str) -> Option<Vec<Part>> {
    text.split(',').map(|part| one(part.trim())).collect()
}

fn one(text: &str) -> Option<Part> {
    let known = OPS.iter().find_map(|(sign, op)| Some((*op, text.strip_prefix(sign)?.trim_start())));
    let (op, rest) = known.unwrap_or((Op::Exact, text));
    let end = rest.find(['-', '+']).unwrap_or(rest.len());
    let (numbers, suffix) = rest.split_at_checked(end)?;
    let written = numbers.split('.').count();
    let missing = match written {
        1 => ".0.0",
        2 => ".0",
        3 => "",
        _ => return None,
    };
    // What is left open has no name of a pre-release.
    if !missing.is_empty() && !suffix.is_empty() {
        return None;
    }
    let version = Version::parse(&format!("{numbers}{missing}{suffix}")).ok()?;
    Some(Part { op, version, written })
}

/// Whether all parts take a version. One before a release is taken only where a part names it exactly.
pub(super) fn takes<'p>(parts: &(impl Iterator<Item = &'p Part> + Clone), version: &Version) -> bool {
    let is_named = || parts.clone().any(|part| part.op == Op::Exact && part.version == *version);
    (version.pre.is_empty() || is_named()) && parts.clone().all(|part| part.takes(version))
}

impl Part {
    /// Whether it leaves no choice.
    pub(super) fn is_exact(&self) -> bool {
        self.op == Op::Exact
    }

    fn takes(&self, version: &Version) -> bool {
        match self.op {
            Op::Exact => *version == self.version,
            Op::Not => *version != self.version,
            Op::Above => *version > self.version,
            Op::AtLeast => *version >= self.version,
            Op::Below => *version < self.version,
            Op::AtMost => *version <= self.version,
            Op::Pessimistic => *version >= self.version && *version < self.ceiling(),
        }
    }

    fn ceiling(&self) -> Version {
        let mut version = self.version.clone();
        version.pre = Prerelease::EMPTY;
        version.patch = 0;
        if self.written >= 3 {
            version.minor = version.minor.saturating_add(1);
        } else {
            version.minor = 0;
            version.major = version.major.saturating_add(1);
        }
        version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_take_what_terraform_takes() {
        let is_taken = |text: &str, version: &str| {
            parse(text).map(|parts| takes(&parts.iter(), &Version::parse(version).unwrap()))
        };
        for text in ["~> 1.2.0", "~>1.1", "~> 1", ">= 1.0, != 1.2.4", "= 1.2.5", "< 1.3", "~> 1.2.0-beta1"] {
            assert_eq!(is_taken(text, "1.2.5"), Some(true), "{text}");
        }
        for text in ["~> 1.1.0", "~> 2.0", "1.2", "!= 1.2.5", "> 1.2.5", "<= 1.2", "~> 0"] {
            assert_eq!(is_taken(text, "1.2.5"), Some(false), "{text}");
        }
        for text in ["", "latest", "^1.2", "1.2.*", "v1.2.5", "1.2.5.0", ">= 1.0,"] {
            assert_eq!(is_taken(text, "1.2.5"), None, "{text}");
        }
        assert_eq!(is_taken(">= 1.0", "2.0.0-beta1"), Some(false));
        assert_eq!(is_taken(">= 1.0, 2.0.0-beta1", "2.0.0-beta1"), Some(true));
    }
}
