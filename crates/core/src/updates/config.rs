//! A block `[[ref]]` of the policy.

use crate::policy::{Excuse, Key, Kind, Levels, Policy, PolicyError, Strictness};
use crate::text::PathGlob;
use crate::{Date, RefName, RepoPath, Stage, Via};
use regex::Regex;
use serde::Deserialize;

/// By which way of arriving a block counts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Somebody moves the ref.
    Push,
    /// The server merges a request.
    Merge,
}

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
    /// The furthest a commit's date may lie in the future, in minutes.
    pub max_future_minutes: Option<u64>,
    /// The furthest a commit's date may lie in the past, in days.
    pub max_age_days: Option<u64>,
}

/// The section as one key.
pub(super) static BLOCKS: Key = Key {
    name: "ref",
    kind: Kind::Tables(KEYS),
    default: "",
    strictness: Strictness::MoreItems,
    help: "Rules for refs, one block for each pattern. All that match count, and the strictest of their rules wins; a later layer adds blocks and takes none away.",
};

const TEXTS: Kind = Kind::List(&Kind::Text);

const fn level(name: &'static str, help: &'static str) -> Key {
    Key { name, kind: Kind::Levels, default: "", strictness: Strictness::Levels, help }
}

const fn most(name: &'static str, help: &'static str) -> Key {
    let kind = Kind::Integer { min: 0, max: i64::MAX };
    Key { name, kind, default: "", strictness: Strictness::Smaller, help }
}

const fn texts(name: &'static str, strictness: Strictness, help: &'static str) -> Key {
    Key { name, kind: TEXTS, default: "", strictness, help }
}

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "match",
        kind: Kind::List(&Kind::Glob),
        default: "",
        strictness: Strictness::Unordered,
        help: "The refs it is for: globs over full names, `refs/heads/release/*`. `*` stays within a part of the name, `**` crosses. Required.",
    },
    Key {
        name: "except",
        kind: Kind::List(&Kind::Glob),
        default: "",
        strictness: Strictness::Unordered,
        help: "Refs that match and that it is not for.",
    },
    Key {
        name: "via",
        kind: Kind::Choice(&["push", "merge"]),
        default: "",
        strictness: Strictness::Unordered,
        help: "Counts only where somebody moves the ref (push), or only where the server merges a request (merge), as far as the server says so; what it does not say is a push. Not set: both.",
    },
    level(
        "level",
        "What a broken rule means that has no level of its own (`types`, `max-commits` …); deny when it is not set.",
    ),
    Key {
        name: "exempt",
        kind: Kind::Excuses {
            subjects: &[Key {
                name: "name",
                kind: Kind::Glob,
                default: "",
                strictness: Strictness::Unordered,
                help: "The identity, as the server names it: a glob, `release-bot`. Required.",
            }],
            further: &[],
        },
        default: "",
        strictness: Strictness::FewerExcuses,
        help: "Identities that the block does not bind, each with a reason. It takes a name that the server vouches for, and leaves a record.",
    },
    level("create", "What it means to make such a ref."),
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
    most(
        "max-future-minutes",
        "How far the date of a new commit may lie in the future, by the clock of the machine that judges.",
    ),
    most("max-age-days", "How far the committer's date of a new commit may lie in the past."),
];

/// A block, compiled for a stage.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) block: Block,
    /// Its place among the blocks, from 1.
    pub(super) number: usize,
    matches: Vec<PathGlob>,
    except: Vec<PathGlob>,
    /// Who is exempt, with the entry.
    exempt: Vec<(PathGlob, Excuse)>,
    pub(super) cherry_pick_from: Vec<PathGlob>,
    pub(super) author_email: Vec<Regex>,
    pub(super) committer_email: Vec<Regex>,
}

/// The blocks of a policy, compiled.
pub(super) fn compile(policy: &Policy, _stage: Stage, today: Date) -> Result<Vec<Compiled>, PolicyError> {
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
        if block.matches.is_empty() {
            let help = "add match = [\"refs/heads/main\"]".to_owned();
            return Err(policy.error("ref", format!("[[ref]] number {number} matches nothing"), Some(help)));
        }
        if let Some(short) = block.matches.iter().chain(&block.except).find(|glob| !glob.starts_with("refs/"))
        {
            let help = format!("write the full name: refs/heads/{short} or refs/tags/{short}");
            let message = format!("`match` of [[ref]] number {number}: no ref has a name like `{short}`");
            return Err(policy.error("ref", message, Some(help)));
        }
        let patterns = |key: &str, patterns: &[String]| {
            let compiled = patterns.iter().map(|pattern| Regex::new(&format!(r"\A(?:{pattern})\z")));
            compiled.collect::<Result<Vec<_>, _>>().map_err(|error| fail(key, error.to_string()))
        };
        let exempt = block.exempt.iter().filter(|entry| entry.holds(today)).filter_map(|entry| {
            let glob = entry.glob().transpose()?;
            Some(glob.map(|glob| (glob, entry.clone())))
        });
        Ok(Self {
            number,
            matches: globs("match", &block.matches)?,
            except: globs("except", &block.except)?,
            exempt: exempt.collect::<Result<_, _>>().map_err(|error| fail("exempt", error))?,
            cherry_pick_from: globs("cherry-pick-from", &block.cherry_pick_from)?,
            author_email: patterns("author-email", &block.author_email)?,
            committer_email: patterns("committer-email", &block.committer_email)?,
            block,
        })
    }

    /// Whether it is for a ref that arrives this way.
    pub(super) fn is_for(&self, name: &RefName, via: Via) -> bool {
        let way = match self.block.via {
            None => true,
            Some(Way::Push) => via == Via::Push,
            Some(Way::Merge) => via == Via::Merge,
        };
        let path = RepoPath::new(name.as_bytes());
        let any = |globs: &[PathGlob]| globs.iter().any(|glob| glob.is_match(&path));
        way && any(&self.matches) && !any(&self.except)
    }

    /// Whether somebody is exempt from it.
    pub(super) fn exempts_anybody(&self) -> bool {
        !self.exempt.is_empty()
    }

    /// The entry that exempts `name`.
    pub(super) fn exemption(&self, name: &str) -> Option<&Excuse> {
        let path = RepoPath::from(name);
        self.exempt.iter().find(|(glob, _)| glob.is_match(&path)).map(|(_, entry)| entry)
    }
}

/// A glob over full ref names: tied to the beginning.
pub(super) fn ref_glob(pattern: &str) -> Result<PathGlob, String> {
    PathGlob::new(&format!("/{}", pattern.trim_start_matches('/')))
}
