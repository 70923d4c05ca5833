//! What gitleaks calls a finding, field for field.

use super::detect::Commit;
use std::fmt::Write as _;

/// A leak.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Finding {
    /// The id of the rule.
    pub rule: String,
    /// The rule's description.
    pub description: String,
    /// The first line, from 1; 0 of a file that is a finding by its name.
    pub start_line: i64,
    /// The last line.
    pub end_line: i64,
    /// The first column, as gitleaks counts.
    pub start_column: i64,
    /// The last column, as gitleaks counts.
    pub end_column: i64,
    /// What it stands in: its lines, but not much more than is near it.
    pub line: Vec<u8>,
    /// All that the rule matched.
    pub text: Vec<u8>,
    /// The secret.
    pub secret: Vec<u8>,
    /// The file.
    pub file: Vec<u8>,
    /// The symbolic link by which the file was found.
    pub symlink: Vec<u8>,
    /// The id of the commit, where there is one.
    pub commit: String,
    /// Where it can be looked at on the web.
    pub link: String,
    /// The entropy of the secret.
    pub entropy: f32,
    /// Who wrote it.
    pub author: Vec<u8>,
    /// The author's address.
    pub email: Vec<u8>,
    /// When it was written, RFC 3339 in UTC.
    pub date: String,
    /// The message of the commit.
    pub message: Vec<u8>,
    /// The rule's tags, and how it was decoded.
    pub tags: Vec<String>,
    /// What `.gitleaksignore` calls it.
    pub fingerprint: String,
    /// The findings of other rules that this one needs, as `rule:line:secret`.
    pub required: Vec<(String, i64, Vec<u8>)>,
}

impl Finding {
    /// Takes over what is known of a commit.
    pub(super) fn of_commit(mut self, commit: Option<&Commit>) -> Self {
        if let Some(commit) = commit {
            self.commit.clone_from(&commit.id);
            self.author.clone_from(&commit.author);
            self.email.clone_from(&commit.email);
            self.date.clone_from(&commit.date);
            self.message.clone_from(&commit.message);
            self.link = commit.remote.as_ref().map_or(String::new(), |remote| remote.link(&self));
        }
        self
    }

    /// `file:rule:line`, which holds for every commit.
    #[must_use]
    pub fn global_fingerprint(&self) -> String {
        format!("{}:{}:{}", go_text(&self.file), self.rule, self.start_line)
    }

    /// Hides so many percent of the secret.
    pub(super) fn redact(&mut self, percent: u32) {
        if self.secret.is_empty() {
            return;
        }
        let shown = masked(&self.secret, percent);
        self.line = replaced(&self.line, &self.secret, &shown);
        self.text = replaced(&self.text, &self.secret, &shown);
        for (_, _, secret) in &mut self.required {
            *secret = masked(secret, percent);
        }
        self.secret = shown;
    }
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a part of a length"
)]
fn masked(secret: &[u8], percent: u32) -> Vec<u8> {
    if percent >= 100 {
        return b"REDACTED".to_vec();
    }
    let kept = (secret.len() as f64 * f64::from(100 - percent) / 100.0).round_ties_even() as usize;
    let mut shown = secret.get(..kept).unwrap_or(secret).to_vec();
    shown.extend_from_slice(b"...");
    shown
}

fn replaced(text: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, tail)) = rest.split_first() {
        match rest.strip_prefix(old) {
            Some(behind) => {
                out.extend_from_slice(new);
                rest = behind;
            }
            None => {
                out.push(first);
                rest = tail;
            }
        }
    }
    out
}

/// Shannon's entropy of the letters, by the number of bytes, as gitleaks counts it.
#[allow(clippy::cast_precision_loss, reason = "numbers of letters")]
pub(super) fn entropy(secret: &[u8]) -> f64 {
    let mut counts = [0u32; 128];
    let mut others = std::collections::BTreeMap::new();
    for c in letters(secret) {
        match counts.get_mut(c as usize) {
            Some(count) => *count += 1,
            None => *others.entry(c).or_insert(0u32) += 1,
        }
    }
    let length = secret.len() as f64;
    let of = |count: &u32| -> f64 {
        let share = f64::from(*count) / length;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).chain(others.values()).map(of).sum()
}

/// The letters of a text as Go goes through it: each byte that belongs to none is U+FFFD.
fn letters(bytes: &[u8]) -> impl Iterator<Item = char> + '_ {
    bytes.utf8_chunks().flat_map(|chunk| {
        chunk.valid().chars().chain(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER))
    })
}

/// A text as Go's encoders write it.
pub(super) fn go_text(bytes: &[u8]) -> String {
    letters(bytes).collect()
}

/// Where a repository lives on the web.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remote {
    /// What kind of place it is.
    pub platform: Platform,
    /// Its address, without a name or a password.
    pub url: String,
}

/// The kinds of places that links are known for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "they are names")]
pub enum Platform {
    GitHub,
    GitLab,
    AzureDevOps,
    Gitea,
    Bitbucket,
}

impl Platform {
    /// By the name that `--platform` has for it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name.to_lowercase().as_str() {
            "github" => Some(Self::GitHub),
            "gitlab" => Some(Self::GitLab),
            "azuredevops" => Some(Self::AzureDevOps),
            "gitea" => Some(Self::Gitea),
            "bitbucket" => Some(Self::Bitbucket),
            _ => None,
        }
    }

    fn from_host(host: &str) -> Option<Self> {
        match host.to_lowercase().as_str() {
            "github.com" => Some(Self::GitHub),
            "gitlab.com" => Some(Self::GitLab),
            "dev.azure.com" | "visualstudio.com" => Some(Self::AzureDevOps),
            "gitea.com" | "code.forgejo.org" | "codeberg.org" => Some(Self::Gitea),
            "bitbucket.org" => Some(Self::Bitbucket),
            _ => None,
        }
    }
}

impl Remote {
    /// From the address of a remote; `platform` where the host does not tell.
    #[must_use]
    pub fn of(address: &str, platform: Option<Platform>) -> Option<Self> {
        let address = address.trim();
        let ssh = address.strip_prefix("git@").and_then(|rest| rest.split_once(':')).map(|(host, path)| {
            let without_port = path.split_once('/').filter(|(port, _)| {
                (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit())
            });
            format!("https://{host}/{}", without_port.map_or(path, |(_, path)| path))
        });
        let address = ssh.as_deref().unwrap_or(address);
        let address = address.strip_suffix(".git").unwrap_or(address);
        let (scheme, rest) = address.split_once("://")?;
        let (authority, path) = rest.split_once('/').map_or((rest, None), |(host, path)| (host, Some(path)));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let name = host.split_once(':').map_or(host, |(name, _)| name);
        let platform = platform.or_else(|| Platform::from_host(name))?;
        let path = path.map_or(String::new(), |path| format!("/{path}"));
        Some(Self { platform, url: format!("{scheme}://{host}{path}") })
    }

    fn link(&self, finding: &Finding) -> String {
        if finding.commit.is_empty() {
            return String::new();
        }
        let file = go_text(&finding.file);
        let (path, is_inside) =
            file.split_once('!').map_or((file.as_str(), false), |(outer, _)| (outer, true));
        let path = path.replace('%', "%25").replace(' ', "%20");
        let (url, commit) = (&self.url, &finding.commit);
        let mut link = match self.platform {
            Platform::GitHub | Platform::GitLab => format!("{url}/blob/{commit}/{path}"),
            Platform::AzureDevOps => format!("{url}/commit/{commit}?path=/{path}"),
            Platform::Gitea => format!("{url}/src/commit/{commit}/{path}"),
            Platform::Bitbucket => format!("{url}/src/{commit}/{path}"),
        };
        if is_inside {
            return link;
        }
        let lower = path.to_lowercase();
        let is_rendered = lower.ends_with(".ipynb") || lower.ends_with(".md");
        let (first, last) = match self.platform {
            Platform::GitHub => {
                link.push_str(if is_rendered { "?plain=1" } else { "" });
                ("#L", "-L")
            }
            Platform::Gitea => {
                link.push_str(if is_rendered { "?display=source" } else { "" });
                ("#L", "-L")
            }
            Platform::GitLab => ("#L", "-"),
            Platform::AzureDevOps => ("&line=", "&lineEnd="),
            Platform::Bitbucket => ("#lines-", ":"),
        };
        if finding.start_line != 0 {
            let _ = write!(link, "{first}{}", finding.start_line);
        }
        if finding.end_line != finding.start_line {
            let _ = write!(link, "{last}{}", finding.end_line);
        }
        if self.platform == Platform::AzureDevOps {
            link.push_str("&lineStartColumn=1&lineEndColumn=10000000&type=2&lineStyle=plain&_a=files");
        }
        link
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_in_part_or_whole() {
        let mut finding =
            Finding { secret: b"abcdefghij".to_vec(), text: b"k=abcdefghij".to_vec(), ..Finding::default() };
        let mut part = finding.clone();
        part.redact(25);
        // 7.5 letters are 8: halves go to the even number.
        assert_eq!(
            (part.secret.as_slice(), part.text.as_slice()),
            (&b"abcdefgh..."[..], &b"k=abcdefgh..."[..])
        );
        finding.redact(100);
        assert_eq!(
            (finding.secret.as_slice(), finding.text.as_slice()),
            (&b"REDACTED"[..], &b"k=REDACTED"[..])
        );
    }

    #[test]
    fn the_entropy_is_that_of_letters_by_bytes() {
        assert!((entropy(b"abcd") - 2.0).abs() < 1e-9);
        assert!(entropy(b"aaaa").abs() < 1e-9 && entropy(b"").abs() < 1e-9);
        // Two letters of two bytes each: two quarters.
        assert!((entropy("éè".as_bytes()) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn links_are_those_of_each_platform() {
        let finding = Finding {
            file: b"a b/c%.md".to_vec(),
            commit: "abc".to_owned(),
            start_line: 3,
            end_line: 4,
            ..Finding::default()
        };
        let link = |address: &str| Remote::of(address, None).map(|remote| remote.link(&finding));
        assert_eq!(
            link("git@github.com:o/r.git").as_deref(),
            Some("https://github.com/o/r/blob/abc/a%20b/c%25.md?plain=1#L3-L4")
        );
        assert_eq!(
            link("https://user:pass@gitlab.com/o/r.git").as_deref(),
            Some("https://gitlab.com/o/r/blob/abc/a%20b/c%25.md#L3-4")
        );
        assert_eq!(link("https://git.example/o/r"), None);
        let named = Remote::of("https://git.example:8443/o/r", Platform::from_name("gitea"));
        assert_eq!(named.map(|remote| remote.url), Some("https://git.example:8443/o/r".to_owned()));
    }
}
