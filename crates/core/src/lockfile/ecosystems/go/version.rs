//! Versions of modules, and of Go.

/// A version as Go writes it, `None`: it is none, or a name that stands for one.
pub(super) fn version(text: &str) -> Option<semver::Version> {
    let version = semver::Version::parse(text.strip_prefix('v')?).ok()?;
    matches!(version.build.as_str(), "" | "incompatible").then_some(version)
}

/// The major version that a path ends in.
pub(super) fn major_of(path: &str) -> Option<u64> {
    let number = match path.strip_prefix("gopkg.in/") {
        Some(rest) => rest.rsplit_once(".v")?.1.trim_end_matches("-unstable"),
        None => path.rsplit_once("/v")?.1,
    };
    (!number.starts_with('0') || path.starts_with("gopkg.in/")).then(|| number.parse().ok()).flatten()
}

/// What is wrong with a version for a path, which says the major version from 2 on.
pub(super) fn wrong_major(path: &str, text: &str) -> Option<String> {
    let version = version(text)?;
    let is_incompatible = version.build.as_str() == "incompatible";
    let is_gopkg = path.starts_with("gopkg.in/");
    match major_of(path) {
        Some(major) if is_gopkg || major >= 2 => {
            let is_first = is_gopkg && version.major == 0;
            (version.major != major && !is_first)
                .then(|| format!("{path} has versions v{major}, and {text} is none of them"))
        }
        _ => (version.major >= 2 && !is_incompatible)
            .then(|| format!("{path} has versions v0 and v1, and {text} is none of them")),
    }
}

/// Whether a `go` line takes it.
pub(super) fn is_go_version(text: &str) -> bool {
    let is_end =
        |rest: &str| rest.is_empty() || ["rc", "beta", "alpha"].iter().any(|word| rest.starts_with(word));
    let mut parts = text.splitn(3, '.');
    let first = parts.next().and_then(digits);
    let (second, third) = (parts.next().and_then(digits), parts.next());
    first == Some("")
        && second.is_some_and(|rest| rest.is_empty() || (third.is_none() && is_end(rest)))
        && third.is_none_or(|third| digits(third).is_some_and(is_end))
}

/// What follows the digits that a text begins with; `None`: it begins with none.
fn digits(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < text.len()).then_some(rest)
}

/// The first two numbers of a version of Go.
pub(super) fn go_version(text: &str) -> (u32, u32) {
    let mut numbers = text.split('.').map(|part| {
        let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        part.get(..end).and_then(|part| part.parse().ok()).unwrap_or(0)
    });
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_go() {
        for text in ["1.22", "1.21.0", "1.21rc1", "1.9", "1.22.3", "2.0"] {
            assert!(is_go_version(text), "{text}");
        }
        for text in ["1", "new", "1.x", "v1.22", "1.22.", "1.2.3.4"] {
            assert!(!is_go_version(text), "{text}");
        }
    }

    #[test]
    fn a_path_says_the_major_version() {
        for (path, text) in [
            ("a.org/x", "v1.2.3"),
            ("a.org/x", "v3.0.0+incompatible"),
            ("a.org/x/v2", "v2.0.0-0.20200102030405-0123456789ab"),
            ("gopkg.in/x.v1", "v1.0.0"),
            ("gopkg.in/x.v1", "v0.0.0-20200102030405-0123456789ab"),
            ("a.org/x", "main"),
        ] {
            assert_eq!(wrong_major(path, text), None, "{path} {text}");
        }
        for (path, text) in [("a.org/x", "v2.0.0"), ("a.org/x/v2", "v1.0.0"), ("gopkg.in/x.v1", "v2.0.0")] {
            assert!(wrong_major(path, text).is_some(), "{path} {text}");
        }
        assert!(version("v1.2").is_none() && version("1.2.3").is_none() && version("v1.2.3+x").is_none());
    }
}
