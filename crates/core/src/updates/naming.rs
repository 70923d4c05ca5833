//! What a block `[[ref]]` asks of tags and their versions, and of how branches begin.

use super::config::{TEXTS, level};
use super::reach::ref_glob;
use crate::policy::{DEFAULT_TICKET, Key, Kind, Levels, Strictness, without_anchors};
use crate::text::{PathGlob, Template};
use crate::{RefName, RepoPath};
use regex::Regex;
use serde::Deserialize;

/// The keys, as the policy holds them. What is not set asks for nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Naming {
    /// A tag that is not annotated, or leads to no commit.
    pub annotated: Option<Levels>,
    /// A tag whose object has another name than its ref.
    pub same_name: Option<Levels>,
    /// The short names there are, as templates.
    #[serde(default)]
    pub name: Vec<String>,
    /// The branches that must have the tag's commit.
    #[serde(default)]
    pub on: Vec<String>,
    /// A version that is not the greatest of its line.
    pub increasing: Option<Levels>,
    /// A version that says less than the commits since the last one.
    pub bump: Option<Levels>,
    /// A message of a tag without its version.
    pub message_names_version: Option<Levels>,
    /// What the addresses of taggers match.
    #[serde(default)]
    pub tagger_email: Vec<String>,
    /// A tag of commits without records.
    pub records: Option<Levels>,
    /// Where a branch may begin.
    #[serde(default)]
    pub starts_at: Vec<String>,
    /// The files in which a version has its entries.
    #[serde(default)]
    pub changelog: Vec<String>,
}

pub(super) const ANNOTATED: Key =
    level("annotated", "What a tag means that is not annotated (`git tag -a`), or that leads to no commit.");
pub(super) const SAME_NAME: Key = level(
    "same-name",
    "What an annotated tag means whose object has another name than the ref: `git push origin v1.4.2:refs/tags/v1.4.3`.",
);
pub(super) const NAME: Key = Key {
    name: "name",
    kind: TEXTS,
    default: "",
    strictness: Strictness::FewerOrAll,
    help: "The names there are, without refs/tags/ or refs/heads/: templates as in [branch] (`v{semver}`), a calendar version such as `v{yyyy}.{0m}.{micro}`, or a regular expression between slashes.",
};
pub(super) const ON: Key = Key {
    name: "on",
    kind: Kind::List(&Kind::Glob),
    default: "",
    strictness: Strictness::FewerOrAll,
    help: "The branches of which one must have the tag's commit, as they are or as the push leaves them: globs over full names. A tag that only `release/1.4` has is a version 1.4.",
};
pub(super) const INCREASING: Key = level(
    "increasing",
    "What a version means that is not greater than those before it: in the history of its commit, in its line (`1.4`), and on its branch of `on`.",
);
pub(super) const BUMP: Key = level(
    "bump",
    "What a version means that says less than the commits since the last one: a breaking change demands a major version, `feat` a minor one. Below 1.0.0 a breaking change demands a minor version.",
);
pub(super) const MESSAGE_NAMES_VERSION: Key = level(
    "message-names-version",
    "What an annotated tag means whose message does not hold its version; that of a hotfix holds a ticket too.",
);
pub(super) const TAGGER_EMAIL: Key = Key {
    name: "tagger-email",
    kind: Kind::List(&Kind::Regex),
    default: "",
    strictness: Strictness::Unordered,
    help: "What the address of an annotated tag's tagger must match as a whole, one of them.",
};
pub(super) const RECORDS: Key = level(
    "records",
    "What a tag means that is made of commits which no record says to have passed, in the log that `--evidence` names: of a version the commits since the last one, else all. Counts at pre-receive.",
);
pub(super) const STARTS_AT: Key = Key {
    name: "starts-at",
    kind: TEXTS,
    default: "",
    strictness: Strictness::FewerOrAll,
    help: "Where a new branch may begin: full names of refs, `*` as in globs. {version} is the version in the branch's name, {previous} the last release before it in its line; a branch without a version may begin at any.",
};

pub(super) const CHANGELOG: Key = Key {
    name: "changelog",
    kind: TEXTS,
    default: "",
    strictness: Strictness::MoreItems,
    help: "Files in which a version has a section before it is tagged, by their paths: `CHANGELOG.md`. Each entry names a ticket and the number of its pull request; each feature and fix since the last version has an entry, one that breaks others is marked as breaking, and a backport names its origin. Pre-releases need none.",
};

/// The keys, compiled.
#[derive(Debug)]
pub(super) struct CompiledNaming {
    pub(super) names: Vec<Template>,
    on: Vec<PathGlob>,
    pub(super) tagger_email: Vec<Regex>,
    pub(super) starts_at: Vec<StartsAt>,
    /// A ticket, anywhere in a text.
    pub(super) ticket: Regex,
}

/// The word of a pattern that a version takes the place of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Word {
    /// The version in the branch's name.
    Version,
    /// The last release before it.
    Previous,
}

/// Where a branch may begin.
#[derive(Debug)]
pub(super) struct StartsAt {
    /// As it was written.
    pub(super) source: String,
    /// Its word, with what stands before and behind it; `None`: it is a glob and nothing else.
    pub(super) word: Option<(String, Word, String)>,
    /// The refs, whatever the version.
    any: PathGlob,
}

type KeyError = (&'static str, String);

impl CompiledNaming {
    pub(super) fn new(naming: &Naming, ticket: Option<&str>) -> Result<Self, KeyError> {
        let names = naming.name.iter().map(|source| Template::new(source, ticket));
        let names = names.collect::<Result<Vec<_>, _>>().map_err(|error| ("name", error))?;
        if let Some(calendar) = names.iter().find(|name| naming.bump.is_some() && name.is_calendar()) {
            let error = format!(
                "a calendar version ({}) says nothing of what has changed, and `bump` goes by that: leave one of the two out",
                calendar.as_str()
            );
            return Err(("name", error));
        }
        let full = |key: &'static str, names: &[String]| match names
            .iter()
            .find(|name| !name.starts_with("refs/"))
        {
            Some(short) => Err((
                key,
                format!("`{short}` is no full name: write refs/heads/{short} or refs/tags/{short}"),
            )),
            None => Ok(()),
        };
        full("on", &naming.on)?;
        full("starts-at", &naming.starts_at)?;
        let on = naming.on.iter().map(|pattern| ref_glob(pattern));
        let taggers = naming.tagger_email.iter().map(|pattern| Regex::new(&format!(r"\A(?:{pattern})\z")));
        let ticket = without_anchors(ticket.unwrap_or(DEFAULT_TICKET));
        Ok(Self {
            names,
            on: on.collect::<Result<_, _>>().map_err(|error| ("on", error))?,
            tagger_email: taggers
                .collect::<Result<_, _>>()
                .map_err(|error| ("tagger-email", error.to_string()))?,
            starts_at: naming
                .starts_at
                .iter()
                .map(|source| StartsAt::new(source))
                .collect::<Result<_, _>>()
                .map_err(|error| ("starts-at", error))?,
            ticket: Regex::new(&format!(r"\b(?:{ticket})\b"))
                .map_err(|error| ("message-names-version", format!("`ticket` of [message]: {error}")))?,
        })
    }

    /// Whether `on` names the branch.
    pub(super) fn is_on(&self, name: &RefName) -> bool {
        let path = RepoPath::new(name.as_bytes());
        self.on.iter().any(|glob| glob.is_match(&path))
    }
}

impl StartsAt {
    fn new(source: &str) -> Result<Self, String> {
        let words = [("{version}", Word::Version), ("{previous}", Word::Previous)];
        let word = words.iter().find_map(|(text, word)| {
            let (before, behind) = source.split_once(text)?;
            Some((before.to_owned(), *word, behind.to_owned()))
        });
        let rest = word
            .as_ref()
            .map_or_else(|| source.to_owned(), |(before, _, behind)| format!("{before}*{behind}"));
        if rest.contains(['{', '}']) {
            return Err(format!("`{source}`: there are {{version}} and {{previous}}, one of them, once"));
        }
        Ok(Self { source: source.to_owned(), any: ref_glob(&rest)?, word })
    }

    /// Whether a ref is of this form, whatever its version.
    pub(super) fn is_of_form(&self, name: &RefName) -> bool {
        self.any.is_match(&RepoPath::new(name.as_bytes()))
    }
}
