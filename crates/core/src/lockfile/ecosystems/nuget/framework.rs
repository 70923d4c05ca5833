//! Target frameworks: `net8.0-windows` of a project, `.NETCoreApp,Version=v3.1` of a lock.

/// A framework in the one spelling that both share.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Framework {
    /// `.NETCoreApp`, `.NETStandard`, `.NETFramework`.
    pub family: &'static str,
    /// `8.0`.
    pub version: String,
    /// `windows`, without its version, which the SDK fills in where none is written.
    pub platform: Option<String>,
    /// The version of the platform where it is written.
    platform_version: Option<String>,
}

pub(super) const CORE: &str = ".NETCoreApp";
pub(super) const STANDARD: &str = ".NETStandard";
pub(super) const CLASSIC: &str = ".NETFramework";

impl Framework {
    /// Reads either form; `None`: one that is not known here.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        if let Some((family, version)) = text.split_once(",version=v") {
            let family =
                [CORE, STANDARD, CLASSIC].into_iter().find(|known| known.eq_ignore_ascii_case(family))?;
            return Self::new(family, version, None);
        }
        if let Some(version) = text.strip_prefix("netcoreapp") {
            return Self::new(CORE, version, None);
        }
        if let Some(version) = text.strip_prefix("netstandard") {
            return Self::new(STANDARD, version, None);
        }
        let rest = text.strip_prefix("net")?;
        let (version, platform) = match rest.split_once('-') {
            Some((version, platform)) => (version, Some(platform)),
            None => (rest, None),
        };
        if version.contains('.') {
            let major: u32 = version.split('.').next()?.parse().ok()?;
            return Self::new(if major >= 5 { CORE } else { CLASSIC }, version, platform);
        }
        // `net472`: a digit a part.
        let parts: Vec<String> = version.chars().map(|digit| digit.to_string()).collect();
        (parts.len() >= 2 && platform.is_none()).then(|| Self::new(CLASSIC, &parts.join("."), None))?
    }

    fn new(family: &'static str, version: &str, platform: Option<&str>) -> Option<Self> {
        let mut parts: Vec<u32> = version.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        while parts.len() > 2 && parts.last() == Some(&0) {
            parts.pop();
        }
        if parts.len() < 2 {
            parts.push(0);
        }
        let version = parts.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
        let Some(platform) = platform else {
            return Some(Self { family, version, platform: None, platform_version: None });
        };
        let end = platform.find(|c: char| c.is_ascii_digit()).unwrap_or(platform.len());
        let (name, number) = platform.split_at_checked(end)?;
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        let platform_version = (!number.is_empty()).then(|| number.trim_end_matches(".0").to_owned());
        is_name.then(|| Self { family, version, platform: Some(name.to_owned()), platform_version })
    }

    /// Whether the framework of a lock is this one of a project.
    pub(super) fn is(&self, locked: &Self) -> bool {
        let is_platform = self.platform_version.is_none() || self.platform_version == locked.platform_version;
        self.family == locked.family
            && self.version == locked.version
            && self.platform == locked.platform
            && is_platform
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_projects_and_locks_are_one() {
        for (project, lock) in [
            ("net8.0", "net8.0"),
            ("net5.0", ".NETCoreApp,Version=v5.0"),
            ("netcoreapp3.1", ".NETCoreApp,Version=v3.1"),
            ("netstandard2.0", ".NETStandard,Version=v2.0"),
            ("net472", ".NETFramework,Version=v4.7.2"),
            ("net48", ".NETFramework,Version=v4.8"),
            ("net4.8", ".NETFramework,Version=v4.8"),
            ("net8.0-windows", "net8.0-windows7.0"),
            ("net8.0-windows10.0.19041.0", "net8.0-windows10.0.19041"),
        ] {
            assert!(Framework::parse(project).unwrap().is(&Framework::parse(lock).unwrap()), "{project}");
        }
        let is = |project: &str, lock: &str| {
            Framework::parse(project).unwrap().is(&Framework::parse(lock).unwrap())
        };
        assert!(
            !is("net8.0", "net9.0")
                && !is("net8.0", "net8.0-windows7.0")
                && !is("net8.0-windows8.0", "net8.0-windows7.0")
        );
        for text in [
            "",
            "uap10.0",
            "net",
            "portable-net45+win8",
            ".NETFramework,Version=v4.0,Profile=Client",
            "net8.0-",
            "é",
        ] {
            assert_eq!(Framework::parse(text), None, "{text}");
        }
    }
}
