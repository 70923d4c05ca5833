//! What stands behind the name of a dependency in package.json: `^1.2.0`, `latest`, `npm:other@1`, `owner/project#v1`,
//! `file:../x`, an address. The grammar is that of npm (`npm-package-arg`, `hosted-git-info`, `semver` in its loose form),
//! which the other package managers of JavaScript share and extend by protocols of their own.

use super::ecosystem::{GitRef, Origin, Precision};
use super::npm_semver::{Range, Version};

/// What a specification asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Spec {
    /// One version of a registry: `1.2.3`.
    Version(String),
    /// Versions of a registry: `^1.2.0`, `1.x || 2`, nothing at all.
    Range(String),
    /// A name that the registry has given to a version: `latest`.
    Tag(String),
    /// A package of another name: `npm:other@^1`.
    Alias {
        /// Its name in the registry.
        name: String,
        /// What of it: a version, a range or a tag.
        spec: Box<Self>,
    },
    /// A folder: `file:../x`. The path is as seen from whoever asks; an absolute one begins with `/`, one of the user's
    /// home with `~/`.
    Folder(String),
    /// An archive beside the project: `file:x.tgz`.
    File(String),
    /// A repository of Git.
    Git(Git),
    /// An archive at an address.
    Url(String),
    /// A protocol that npm does not have: `workspace:`, `link:`, `portal:`, `patch:`, `catalog:`, `jsr:`.
    Other {
        /// Its name in lower case, without the colon.
        protocol: String,
        /// What follows the colon.
        rest: String,
    },
    /// Nothing of these; why, as the end of a sentence.
    Invalid(String),
}

/// A repository of Git, and what of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Git {
    /// The repository at a host whose addresses have a known form.
    pub hosted: Option<Hosted>,
    /// Its address, without what is asked of it.
    pub url: String,
    /// A branch, a tag or a commit.
    pub committish: Option<String>,
    /// A range that a tag is to satisfy: `#semver:^1`.
    pub range: Option<String>,
    /// A folder in it: `#path:packages/x`.
    pub folder: Option<String>,
}

/// A repository at a host whose addresses have a known form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hosted {
    /// `github`, `gitlab`, `bitbucket`, `gist` or `sourcehut`.
    pub site: &'static str,
    /// Whose it is; a gist may have nobody.
    pub user: String,
    /// Its name.
    pub project: String,
}

/// Hosts: the name, the domain, and the protocols that addresses may have.
const SITES: &[(&str, &str, &[&str])] = &[
    ("github", "github.com", &["git", "http", "git+ssh", "git+https", "ssh", "https"]),
    ("bitbucket", "bitbucket.org", &["git+ssh", "git+https", "ssh", "https"]),
    ("gitlab", "gitlab.com", &["git+ssh", "git+https", "ssh", "https"]),
    ("gist", "gist.github.com", &["git", "git+ssh", "git+https", "ssh", "https"]),
    ("sourcehut", "git.sr.ht", &["git+ssh", "https"]),
];

const ARCHIVES: &[&str] = &[".tgz", ".tar.gz", ".tar"];

impl Spec {
    /// Reads what stands behind a name.
    #[must_use]
    pub fn parse(spec: &str) -> Self {
        if let Some(rest) = strip_protocol(spec, "file") {
            return file(rest);
        }
        if is_path(spec) {
            return file(spec);
        }
        if let Some(rest) = strip_protocol(spec, "npm") {
            return alias(rest);
        }
        if let Some(git) = hosted(spec) {
            return Self::Git(git);
        }
        if let Some((protocol, _)) = protocol_of(spec) {
            return url(&protocol, spec);
        }
        if spec.contains('/') || is_archive(spec) {
            return file(spec);
        }
        registry(spec)
    }

    /// How much it leaves open.
    #[must_use]
    pub fn precision(&self) -> Precision {
        match self {
            Self::Version(_) => Precision::Exact,
            Self::Range(range) => of_range(range),
            Self::Tag(_) => Precision::Any,
            Self::Alias { spec, .. } => spec.precision(),
            Self::Other { protocol, rest } => match protocol.as_str() {
                "jsr" => Self::parse(split(rest).map_or(rest, |(_, spec)| spec)).precision(),
                _ => Precision::None,
            },
            _ => Precision::None,
        }
    }

    /// Where it comes from, as far as the specification says.
    #[must_use]
    pub fn origin(&self) -> Origin {
        match self {
            Self::Folder(path) | Self::File(path) => Origin::Path(path.clone()),
            Self::Git(git) => Origin::Git { url: git.url.clone(), at: git.at() },
            Self::Url(url) => Origin::Url { url: url.clone(), has_hash: url.contains('#') },
            Self::Other { protocol, rest } => match protocol.as_str() {
                "workspace" => Origin::Workspace,
                "link" | "portal" | "exec" => Origin::Path(rest.clone()),
                _ => Origin::Registry(None),
            },
            _ => Origin::Registry(None),
        }
    }

    /// The name that the registry knows the package by, where it is not the one that stands before the specification.
    #[must_use]
    pub fn package(&self) -> Option<&str> {
        match self {
            Self::Alias { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Whether it asks a registry.
    #[must_use]
    pub fn is_registry(&self) -> bool {
        matches!(self, Self::Version(_) | Self::Range(_) | Self::Tag(_) | Self::Alias { .. })
    }
}

impl Git {
    /// What of the repository is asked for.
    #[must_use]
    pub fn at(&self) -> GitRef {
        match &self.committish {
            Some(commit) if is_commit(commit) => GitRef::Commit(commit.clone()),
            Some(name) => GitRef::Name(name.clone()),
            None => {
                self.range.as_ref().map_or(GitRef::Default, |range| GitRef::Name(format!("semver:{range}")))
            }
        }
    }

    /// Whether it is the same repository, whatever is asked of it.
    #[must_use]
    pub fn is_same_repository(&self, other: &Self) -> bool {
        match (&self.hosted, &other.hosted) {
            (Some(one), Some(two)) => one == two,
            (None, None) => self.url == other.url,
            _ => false,
        }
    }
}

/// Whether a text is the full id of a commit.
#[must_use]
pub fn is_commit(text: &str) -> bool {
    (40..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A name and what stands behind it: `@scope/name@^1`. `None`: there is no `@` that parts them.
#[must_use]
pub fn split(text: &str) -> Option<(&str, &str)> {
    let at = text.char_indices().skip(1).find(|(_, c)| *c == '@')?.0;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// A version as npm reads it; `None`: it is none.
#[must_use]
pub fn version(text: &str) -> Option<Version> {
    Version::parse(text)
}

/// A range as npm reads it; `None`: it is none.
#[must_use]
pub fn range(text: &str) -> Option<Range> {
    Range::parse(text)
}

/// Whether a locked version satisfies a range; `None`: one of the two is none.
#[must_use]
pub fn satisfies(locked: &str, wanted: &str) -> Option<bool> {
    Some(range(wanted)?.satisfies(&version(locked)?))
}

fn of_range(range: &str) -> Precision {
    let range = range.trim();
    let is_any = matches!(range, "" | "*" | "x" | "X" | "*.*" | "*.*.*" | "x.x.x" | ">=0" | ">=0.0.0");
    let exact = range.strip_prefix('=').map(str::trim_start);
    match exact {
        _ if is_any => Precision::Any,
        Some(exact) if version(exact).is_some() => Precision::Exact,
        _ => Precision::Range,
    }
}

fn registry(spec: &str) -> Spec {
    let text = spec.trim();
    if version(text).is_some() {
        return Spec::Version(text.to_owned());
    }
    if range(text).is_some() {
        return Spec::Range(text.to_owned());
    }
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&b);
    if text.bytes().all(is_plain) {
        return Spec::Tag(text.to_owned());
    }
    Spec::Invalid("neither a version nor a range nor the name of a tag".to_owned())
}

fn alias(rest: &str) -> Spec {
    let (name, spec) = split(rest).unwrap_or((rest, "*"));
    match Spec::parse(if spec.is_empty() { "*" } else { spec }) {
        spec @ (Spec::Version(_) | Spec::Range(_) | Spec::Tag(_)) => {
            Spec::Alias { name: name.to_owned(), spec: Box::new(spec) }
        }
        _ => Spec::Invalid("an alias of something that is not in a registry".to_owned()),
    }
}

fn is_archive(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ARCHIVES.iter().any(|end| path.ends_with(end))
}

/// A path without `file:` before it.
fn is_path(spec: &str) -> bool {
    let bytes = spec.as_bytes();
    let is_drive = bytes.first().is_some_and(u8::is_ascii_alphabetic) && bytes.get(1) == Some(&b':');
    spec.starts_with(['.', '/']) || spec.starts_with("~/") || is_drive
}

fn file(rest: &str) -> Spec {
    let decoded = decode(rest);
    // `file:///x` and `file:/x` are absolute, `file:/./x` and `file:///../x` are what people write for relative ones.
    let slashes = decoded.len() - decoded.trim_start_matches('/').len();
    let path = decoded.trim_start_matches('/');
    let is_relative = matches!(path, "." | "..") || path.starts_with("./") || path.starts_with("../");
    let path = match slashes {
        0 => decoded,
        _ if is_relative || path.starts_with("~/") => path.to_owned(),
        _ => format!("/{path}"),
    };
    if is_archive(rest) { Spec::File(path) } else { Spec::Folder(path) }
}

/// The protocol at the beginning, and what follows its colon.
fn protocol_of(spec: &str) -> Option<(String, &str)> {
    let (protocol, rest) = spec.split_once(':')?;
    let letters = protocol.get(..4).filter(|start| start.eq_ignore_ascii_case("git+")).map_or(0, |_| 4);
    let name = protocol.get(letters..)?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic());
    is_name.then(|| (protocol.to_ascii_lowercase(), rest))
}

fn strip_protocol<'s>(spec: &'s str, protocol: &str) -> Option<&'s str> {
    let (start, rest) = spec.split_once(':')?;
    start.eq_ignore_ascii_case(protocol).then_some(rest)
}

fn url(protocol: &str, spec: &str) -> Spec {
    let rest = spec.split_once(':').map_or("", |(_, rest)| rest);
    match protocol {
        "http" | "https" => Spec::Url(spec.to_owned()),
        "git" | "git+http" | "git+https" | "git+rsync" | "git+ftp" | "git+file" | "git+ssh" => {
            let (url, hash) = spec.split_once('#').map_or((spec, None), |(url, hash)| (url, Some(hash)));
            // `git+ssh://git@host:path` is no address but what ssh takes: npm drops its protocol.
            let scp = url.strip_prefix("git+ssh://").filter(|rest| is_scp(rest));
            let url = scp.unwrap_or_else(|| url.strip_prefix("git+").unwrap_or(url));
            match attributes(hash.unwrap_or_default()) {
                Ok(git) => Spec::Git(Git { url: url.to_owned(), ..git }),
                Err(why) => Spec::Invalid(why.to_owned()),
            }
        }
        _ => Spec::Other { protocol: protocol.to_owned(), rest: rest.to_owned() },
    }
}

/// `git@host:path`, and no port.
fn is_scp(rest: &str) -> bool {
    let Some((_, path)) = rest.split_once(':') else { return false };
    let digits = path.len() - path.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let is_port = digits > 0 && matches!(path.as_bytes().get(digits), None | Some(b'/'));
    !is_port && !path.is_empty()
}

/// What stands behind the `#` of an address of Git.
fn attributes(hash: &str) -> Result<Git, &'static str> {
    let mut git = Git::default();
    for part in hash.split("::").filter(|part| !part.is_empty()) {
        match part.split_once(':') {
            None if git.range.is_some() || git.committish.is_some() => {
                return Err("two references of Git in one");
            }
            None => git.committish = Some(part.to_owned()),
            Some(("semver", _)) if git.range.is_some() || git.committish.is_some() => {
                return Err("two references of Git in one");
            }
            Some(("semver", range)) => git.range = Some(decode(range)),
            Some(("path", _)) if git.folder.is_some() => return Err("two folders of Git in one"),
            Some(("path", path)) => git.folder = Some(path.to_owned()),
            Some(_) => {}
        }
    }
    Ok(git)
}

/// An address or a shorthand of a host whose addresses have a known form.
fn hosted(spec: &str) -> Option<Git> {
    let (address, hash) = spec.split_once('#').unwrap_or((spec, ""));
    let git = attributes(&decode(hash)).ok()?;
    let (site, user, project) = if is_shorthand(address) {
        let (user, project) = address.split_once('/')?;
        ("github", user.to_owned(), project.to_owned())
    } else if let Some((site, rest)) = shortcut(address) {
        let rest = rest.trim_start_matches('/');
        let rest = rest.split_once('@').map_or(rest, |(_, rest)| rest);
        let (user, project) = rest.rsplit_once('/').unwrap_or(("", rest));
        (site, user.to_owned(), project.to_owned())
    } else {
        located(address)?
    };
    let project = decode(project.strip_suffix(".git").unwrap_or(&project));
    let domain = SITES.iter().find(|(name, ..)| *name == site)?.1;
    let user = decode(&user);
    let path = if user.is_empty() { project.clone() } else { format!("{user}/{project}") };
    let is_whole = !project.is_empty() && (!user.is_empty() || site == "gist");
    is_whole.then(|| Git {
        url: format!("https://{domain}/{path}.git"),
        hosted: Some(Hosted { site, user, project }),
        ..git
    })
}

/// `owner/project`
fn is_shorthand(address: &str) -> bool {
    let is_free =
        !address.starts_with('.') && !address.contains([':', '@']) && !address.contains(char::is_whitespace);
    let parts: Vec<&str> = address.split('/').collect();
    is_free && parts.len() == 2 && parts.iter().all(|part| !part.is_empty())
}

/// `gitlab:owner/project`
fn shortcut(address: &str) -> Option<(&'static str, &str)> {
    let (protocol, rest) = address.split_once(':')?;
    SITES.iter().find(|(name, ..)| name.eq_ignore_ascii_case(protocol)).map(|(name, ..)| (*name, rest))
}

/// An address at such a host: `git+ssh://git@github.com/owner/project.git`, `git@github.com:owner/project`.
fn located(address: &str) -> Option<(&'static str, String, String)> {
    let (protocol, rest) = match address.split_once("://") {
        Some((protocol, rest)) => (protocol.to_ascii_lowercase(), rest),
        None => match address.split_once(':') {
            Some(("git", rest)) if !rest.contains('@') => ("git".to_owned(), rest),
            Some((before, _)) if before.contains('@') => ("git+ssh".to_owned(), address),
            _ => return None,
        },
    };
    let authority_end = rest.find('/').unwrap_or(rest.len());
    let start = rest.get(..authority_end)?.rfind('@').map_or(0, |at| at + 1);
    let rest = rest.get(start..)?;
    let (host, path) = rest.split_once(['/', ':'])?;
    // What stood before a port is the host, and the port is none of a known one.
    let host = host.to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let (site, _, protocols) = SITES.iter().find(|(_, domain, _)| *domain == host)?;
    if !protocols.contains(&protocol.as_str()) {
        return None;
    }
    let parts: Vec<&str> = path.split('/').collect();
    let (user, project) = match (*site, parts.as_slice()) {
        ("gitlab", _) if path.contains("/-/") || path.contains("/archive.tar.gz") => return None,
        ("gitlab", [users @ .., project]) => (users.join("/"), *project),
        ("gist", [project]) => (String::new(), *project),
        ("gist", [_, _, "raw", ..]) => return None,
        // What follows the name is a page of the host, not the repository.
        ("github", [_, _, more, ..]) if !more.is_empty() => return None,
        ("bitbucket", [_, _, "get", ..]) | ("sourcehut", [_, _, "archive", ..]) => return None,
        (_, [user, project, ..]) => ((*user).to_owned(), *project),
        _ => return None,
    };
    Some((site, user, project.to_owned()))
}

/// Percent signs resolved; a text that is wrongly encoded stays as it is.
fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = text.get(at + 1..at + 3).filter(|_| *byte == b'%');
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(code) => {
                out.push(code);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn git(spec: &str) -> Git {
        match Spec::parse(spec) {
            Spec::Git(git) => git,
            other => panic!("{spec}: {other:?}"),
        }
    }

    #[test]
    fn what_asks_a_registry() {
        assert_eq!(Spec::parse("1.2.3"), Spec::Version("1.2.3".into()));
        assert_eq!(Spec::parse("v1.2.3"), Spec::Version("v1.2.3".into()));
        assert_eq!(Spec::parse("=1.2.3"), Spec::Version("=1.2.3".into()));
        for range in ["^1.2", "", "*", "1.x || >=2 <3", "1 - 2", "~1", "x"] {
            assert_eq!(Spec::parse(range), Spec::Range(range.into()));
        }
        assert_eq!(Spec::parse("latest"), Spec::Tag("latest".into()));
        assert_eq!(Spec::parse("npm:a"), Spec::parse("npm:a@*"));
        let alias = Spec::Alias { name: "@s/a".into(), spec: Box::new(Spec::Range("^1".into())) };
        assert_eq!(Spec::parse("npm:@s/a@^1"), alias);
        assert_eq!(alias.package(), Some("@s/a"));
        assert!(matches!(Spec::parse("npm:a@file:x"), Spec::Invalid(_)));
        assert!(matches!(Spec::parse("what is this"), Spec::Invalid(_)));
    }

    #[test]
    fn what_lies_beside_the_project() {
        assert_eq!(Spec::parse("file:../x"), Spec::Folder("../x".into()));
        assert_eq!(Spec::parse("./x"), Spec::Folder("./x".into()));
        assert_eq!(Spec::parse("file:x%20y"), Spec::Folder("x y".into()));
        assert_eq!(Spec::parse("file:///x/y"), Spec::Folder("/x/y".into()));
        assert_eq!(Spec::parse("file:/../x"), Spec::Folder("../x".into()));
        assert_eq!(Spec::parse("a/b/c"), Spec::Folder("a/b/c".into()));
        assert_eq!(Spec::parse("file:a/x-1.0.0.tgz"), Spec::File("a/x-1.0.0.tgz".into()));
        assert_eq!(Spec::parse("x.tar.gz"), Spec::File("x.tar.gz".into()));
    }

    #[test]
    fn repositories_of_known_hosts_are_the_same_however_they_are_written() {
        let one = git("owner/project#v1");
        assert_eq!(one.committish.as_deref(), Some("v1"));
        let others = [
            "github:owner/project",
            "git@github.com:owner/project.git",
            "git+ssh://git@github.com/owner/project.git#main",
            "git+https://token@github.com/owner/project",
            "https://github.com/owner/project",
            "https://www.github.com/owner/project.git",
            "git://github.com/owner/project.git",
            "git+ssh://git@github.com:owner/project.git",
        ];
        for other in others {
            assert!(one.is_same_repository(&git(other)), "{other}: {:?}", git(other));
        }
        assert!(!one.is_same_repository(&git("gitlab:owner/project")));
        assert!(!one.is_same_repository(&git("owner/other")));
        assert_eq!(git("gitlab:group/sub/project").hosted.unwrap().user, "group/sub");
        assert_eq!(git("gist:11081aaa281").hosted.unwrap().user, "");
        assert!(matches!(Spec::parse("https://github.com/o/p/archive/v1.tar.gz"), Spec::Url(_)));
    }

    #[test]
    fn repositories_of_other_hosts_and_what_of_them() {
        let one = git("git+https://git.example.org/a.git#semver:^1.2");
        assert_eq!((one.url.as_str(), one.range.as_deref()), ("https://git.example.org/a.git", Some("^1.2")));
        assert_eq!(git("git+ssh://git@git.example.org:a/b.git#x").url, "git@git.example.org:a/b.git");
        assert_eq!(git("git+ssh://git@git.example.org:22/b.git").url, "ssh://git@git.example.org:22/b.git");
        let commit = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(git(&format!("o/p#{commit}")).at(), GitRef::Commit(commit.into()));
        assert_eq!(git("o/p").at(), GitRef::Default);
        assert_eq!(git("o/p#path:packages/a::v1").folder.as_deref(), Some("packages/a"));
        assert!(matches!(Spec::parse("git+https://git.example.org/a.git#a::b"), Spec::Invalid(_)));
    }

    #[test]
    fn protocols_of_other_package_managers_are_named() {
        let other = |protocol: &str, rest: &str| Spec::Other { protocol: protocol.into(), rest: rest.into() };
        assert_eq!(Spec::parse("workspace:^"), other("workspace", "^"));
        assert_eq!(Spec::parse("catalog:"), other("catalog", ""));
        assert_eq!(Spec::parse("link:../x"), other("link", "../x"));
        assert_eq!(Spec::parse("patch:a@npm%3A1#./x.patch"), other("patch", "a@npm%3A1#./x.patch"));
        assert_eq!(Spec::parse("workspace:*").origin(), Origin::Workspace);
    }

    #[test]
    fn how_much_is_left_open() {
        let of = |spec: &str| Spec::parse(spec).precision();
        assert_eq!([of("1.2.3"), of("=1.2.3"), of("npm:a@1.2.3")], [Precision::Exact; 3]);
        assert_eq!([of("^1"), of("1"), of(">=1 <2")], [Precision::Range; 3]);
        assert_eq!([of("*"), of(""), of("latest")], [Precision::Any; 3]);
        assert_eq!([of("file:x"), of("o/p"), of("workspace:^")], [Precision::None; 3]);
    }

    #[test]
    fn locked_versions_against_ranges() {
        assert_eq!(satisfies("1.2.3", "^1.2.0"), Some(true));
        assert_eq!(satisfies("2.0.0", "^1.2.0"), Some(false));
        assert_eq!(satisfies("2.0.0-rc.1", "*"), Some(false));
        assert_eq!(satisfies("2.0.0-rc.1", "^2.0.0-rc.0"), Some(true));
        assert_eq!(satisfies("1.2.3", "latest"), None);
        assert_eq!(satisfies("x", "^1"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_a_specification(text in "\\PC{0,40}") {
            let spec = Spec::parse(&text);
            let _ = (spec.precision(), spec.origin(), split(&text), satisfies(&text, &text));
        }

        #[test]
        fn texts_that_are_almost_one(text in "(git\\+|npm:|file:|https?://|[@:/#.%a-z0-9^~-]){0,12}") {
            let _ = Spec::parse(&text).precision();
        }
    }
}
