//! A block `[[ref]]` of the policy.

use super::naming::{self, CompiledNaming, Naming};
use super::ports::Ports;
use super::reach::{EXCEPT, EXEMPT, MATCH, Reach, VIA, Way, ref_glob};
use crate::policy::{Excuse, Key, Kind, Levels, Policy, PolicyError, Strictness};
use crate::signatures;
use crate::text::PathGlob;
use crate::{Date, SignatureLevel};
use regex::Regex;
use serde::Deserialize;

/// A block, as the policy holds it. What is not set asks for nothing.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Block {
    /// The refs: globs over full names.
    #[serde(rename = "match")]
    pub matches: Vec<String>,
    /// Refs that it is not for, though they match.
    #[serde(default)]
    pub except: Vec<String>,
    /// What a broken rule means that has no level of its own.
    pub level: Option<Levels>,
    /// The way of arriving by which it counts; `None`: by every way.
    pub via: Option<Way>,
    /// Who it is not for.
    #[serde(default)]
    pub exempt: Vec<Excuse>,
    /// Making such a ref.
    pub create: Option<Levels>,
    /// Making a branch together with commits that no ref had before.
    pub create_with_commits: Option<Levels>,
    /// Moving one.
    pub update: Option<Levels>,
    /// Moving a tag.
    #[serde(rename = "move")]
    pub moves: Option<Levels>,
    /// Deleting one.
    pub delete: Option<Levels>,
    /// Moving one to where its old value is not part of its history.
    pub force: Option<Levels>,
    /// Merge commits that arrive.
    pub merges: Option<Levels>,
    /// Commits that arrive on the branch's own line and are no merges.
    pub merge_required: Option<Levels>,
    /// Anything but exactly one commit.
    pub one_commit: Option<Levels>,
    /// A new history that has nothing in common with what is there.
    pub unrelated: Option<Levels>,
    /// A committer who is not the pusher.
    pub committer_is_pusher: Option<Levels>,
    /// The types of commits that may arrive.
    #[serde(default)]
    pub types: Vec<String>,
    /// The branches that every commit must be picked from.
    #[serde(default)]
    pub cherry_pick_from: Vec<String>,
    /// The branches that every own commit must come to as well.
    #[serde(default)]
    pub forward_port_to: Vec<String>,
    /// Of the release lines among them, those that are maintained.
    #[serde(default)]
    pub active_lines: Vec<String>,
    /// The days within which that is done.
    pub forward_port_days: Option<u64>,
    /// A commit that says that it was picked, and makes another change than its origin.
    pub picks: Option<Levels>,
    /// What the message of a picked commit names.
    #[serde(default)]
    pub pick_names: Vec<String>,
    /// The most new commits.
    pub max_commits: Option<u64>,
    /// The most changed files.
    pub max_files: Option<u64>,
    /// The most bytes of new files.
    pub max_size: Option<crate::text::Size>,
    /// What the addresses of authors match.
    #[serde(default)]
    pub author_email: Vec<String>,
    /// What the addresses of committers match.
    #[serde(default)]
    pub committer_email: Vec<String>,
    /// What the signature of a commit that arrives must be.
    #[serde(default)]
    pub commit_signatures: SignatureLevel,
    /// What the signature of a tag must be.
    #[serde(default)]
    pub tag_signatures: SignatureLevel,
    /// The furthest a commit's date may lie in the future, in minutes.
    pub max_future_minutes: Option<u64>,
    /// The furthest a commit's date may lie in the past, in days.
    pub max_age_days: Option<u64>,
    /// What it asks of tags, and of how branches begin.
    #[serde(flatten)]
    pub naming: Naming,
}

/// The section as one key.
pub(super) static BLOCKS: Key = Key {
    name: "ref",
    kind: Kind::Tables(KEYS),
    default: "",
    strictness: Strictness::MoreItems,
    help: "Rules for refs, one block for each pattern. All that match count, and the strictest of their rules wins; a later layer adds blocks and takes none away.",
};

pub(super) const TEXTS: Kind = Kind::List(&Kind::Text);

pub(super) const fn level(name: &'static str, help: &'static str) -> Key {
    Key { name, kind: Kind::Levels, default: "", strictness: Strictness::Levels, help }
}

const fn most(name: &'static str, help: &'static str) -> Key {
    let kind = Kind::Integer { min: 0, max: i64::MAX };
    Key { name, kind, default: "", strictness: Strictness::Smaller, help }
}

/// Levels of signatures, from the most lenient to the strictest.
const SIGNATURES: &[&[&str]] = &[&["any"], &["signed"], &["valid"], &["trusted"]];

const fn signatures(name: &'static str, help: &'static str) -> Key {
    let kind = Kind::Choice(SignatureLevel::WORDS);
    Key { name, kind, default: "", strictness: Strictness::Words(SIGNATURES), help }
}

const fn texts(name: &'static str, strictness: Strictness, help: &'static str) -> Key {
    Key { name, kind: TEXTS, default: "", strictness, help }
}

const fn texts_of_patterns(name: &'static str, help: &'static str) -> Key {
    let kind = Kind::List(&Kind::Regex);
    Key { name, kind, default: "", strictness: Strictness::Unordered, help }
}

pub(super) const KEYS: &[Key] = &[
    MATCH,
    EXCEPT,
    VIA,
    level(
        "level",
        "What a broken rule means that has no level of its own (`types`, `max-commits` …); deny when it is not set.",
    ),
    EXEMPT,
    level("create", "What it means to make such a ref."),
    level(
        "create-with-commits",
        "What it means to make a branch that brings commits which no ref had before: with deny a new branch stands on what is there, and whatever comes to it comes afterwards, in a merge request.",
    ),
    level("update", "What it means to move such a ref."),
    level("move", "What it means to move such a ref where it is a tag."),
    level("delete", "What it means to delete such a ref."),
    level("force", "What it means to move such a ref to where its old value is not part of its history."),
    level("merges", "What a merge commit means that arrives: with deny, history stays linear."),
    level(
        "merge-required",
        "What a commit means that arrives on the branch's own line (first parents) and is no merge commit.",
    ),
    level(
        "one-commit",
        "What it means when anything but exactly one commit arrives: a squash merge brings one.",
    ),
    level("unrelated", "What a new history means that has nothing in common with the refs that are there."),
    level(
        "committer-is-pusher",
        "What a new commit means whose committer is not the pusher, by address or by name as the server gives them.",
    ),
    texts(
        "types",
        Strictness::FewerOrAll,
        "The types of commits that may arrive: `fix`, `docs`. Merge commits are judged by what they bring.",
    ),
    Key {
        name: "cherry-pick-from",
        kind: Kind::List(&Kind::Glob),
        default: "",
        strictness: Strictness::Unordered,
        help: "The branches that every commit that arrives must be picked from with `git cherry-pick -x`: its message names a commit that one of them has.",
    },
    Key {
        name: "forward-port-to",
        kind: Kind::List(&Kind::Glob),
        default: "",
        strictness: Strictness::Unordered,
        help: "The branches that every own commit must come to as well, by a merge or picked with `git cherry-pick -x`: globs, `refs/heads/main`. Of release lines (`release/1.4`) those that are not older than the branch's own. Before that the branch cannot be deleted, nor the tag after the next one made.",
    },
    Key {
        name: "active-lines",
        kind: Kind::List(&Kind::Glob),
        default: "",
        strictness: Strictness::Unordered,
        help: "Of the release lines that `forward-port-to` matches, those that are still maintained. Not set: all.",
    },
    most(
        "forward-port-days",
        "Within how many days that is done, by the committer's date and the clock of the machine that judges: after that the branch takes nothing more until it is, and `gatepost check refs` tells of it.",
    ),
    level(
        "picks",
        "What it means when a commit that says that it was picked makes another change than its origin and has no trailer `Conflict-resolved: WHY`.",
    ),
    texts_of_patterns(
        "pick-names",
        "What the message of a commit that says that it was picked must name, each of them: an incident, the tag in production.",
    ),
    most("max-commits", "The most new commits that may arrive at once."),
    most("max-files", "The most files that may change at once."),
    Key {
        name: "max-size",
        kind: Kind::Size,
        default: "",
        strictness: Strictness::Smaller,
        help: "The most that the new versions of files may be together.",
    },
    Key {
        name: "author-email",
        kind: Kind::List(&Kind::Regex),
        default: "",
        strictness: Strictness::Unordered,
        help: "What the address of a new commit's author must match as a whole, one of them.",
    },
    Key {
        name: "committer-email",
        kind: Kind::List(&Kind::Regex),
        default: "",
        strictness: Strictness::Unordered,
        help: "What the address of a new commit's committer must match as a whole, one of them.",
    },
    signatures(
        "commit-signatures",
        "What the signature of each commit that arrives must be, also where another branch has it already: any (none is needed), signed, valid (verified, whoever's key it is), or trusted (by a key that `[signatures]` names).",
    ),
    signatures(
        "tag-signatures",
        "What the signature of a tag must be, by the same words. A lightweight tag has none.",
    ),
    most(
        "max-future-minutes",
        "How far the date of a new commit may lie in the future, by the clock of the machine that judges.",
    ),
    most("max-age-days", "How far the committer's date of a new commit may lie in the past."),
    naming::ANNOTATED,
    naming::SAME_NAME,
    naming::NAME,
    naming::ON,
    naming::INCREASING,
    naming::BUMP,
    naming::MESSAGE_NAMES_VERSION,
    naming::TAGGER_EMAIL,
    naming::RECORDS,
    naming::STARTS_AT,
    naming::CHANGELOG,
];

/// A block, compiled for a stage.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) block: Block,
    /// Its place among the blocks, from 1.
    pub(super) number: usize,
    /// The refs, and who is not bound.
    pub(super) reach: Reach,
    pub(super) cherry_pick_from: Vec<PathGlob>,
    /// What must be ported where.
    pub(super) ports: Option<Ports>,
    pub(super) pick_names: Vec<Regex>,
    pub(super) author_email: Vec<Regex>,
    pub(super) committer_email: Vec<Regex>,
    pub(super) naming: CompiledNaming,
}

/// The blocks of a policy, compiled.
pub(super) fn compile(policy: &Policy, today: Date) -> Result<Vec<Compiled>, PolicyError> {
    let blocks: Vec<Block> = policy.blocks("ref")?;
    let blocks = blocks.into_iter().enumerate();
    blocks.map(|(at, block)| Compiled::new(policy, block, at.saturating_add(1), today)).collect()
}

impl Compiled {
    fn new(policy: &Policy, block: Block, number: usize, today: Date) -> Result<Self, PolicyError> {
        let fail = |key: &str, error: String| {
            policy.error("ref", format!("`{key}` of [[ref]] number {number}: {error}"), None)
        };
        let globs = |key: &str, patterns: &[String]| {
            let compiled = patterns.iter().map(|pattern| ref_glob(pattern));
            compiled.collect::<Result<Vec<_>, _>>().map_err(|error| fail(key, error))
        };
        let demanded = block.commit_signatures.max(block.tag_signatures);
        if demanded == SignatureLevel::Trusted && !signatures::Config::new(policy)?.names_keys() {
            let message = format!("[[ref]] number {number} wants trusted signatures, and nobody is trusted");
            let help = "name keys in [signatures]: allowed-signers-files, openpgp-keys-files".to_owned();
            return Err(policy.error("ref", message, Some(help)));
        }
        let patterns = |key: &str, patterns: &[String]| {
            let compiled = patterns.iter().map(|pattern| Regex::new(&format!(r"\A(?:{pattern})\z")));
            compiled.collect::<Result<Vec<_>, _>>().map_err(|error| fail(key, error.to_string()))
        };
        let regexes = |key: &str, patterns: &[String]| {
            let compiled = patterns.iter().map(|pattern| Regex::new(pattern));
            compiled.collect::<Result<Vec<_>, _>>().map_err(|error| fail(key, error.to_string()))
        };
        let reach = Reach::new(
            policy,
            "ref",
            number,
            block.via,
            [&block.matches, &block.except],
            &block.exempt,
            today,
        )?;
        Ok(Self {
            number,
            reach,
            cherry_pick_from: globs("cherry-pick-from", &block.cherry_pick_from)?,
            ports: Ports::new(&block.forward_port_to, &block.active_lines)
                .map_err(|error| fail("forward-port-to", error))?,
            pick_names: regexes("pick-names", &block.pick_names)?,
            author_email: patterns("author-email", &block.author_email)?,
            committer_email: patterns("committer-email", &block.committer_email)?,
            naming: CompiledNaming::new(&block.naming, policy.ticket())
                .map_err(|(key, error)| fail(key, error))?,
            block,
        })
    }
}
