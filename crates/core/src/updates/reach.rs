//! Which refs a block of the policy is for, by what way they move, and whom it does not bind.

use crate::policy::{Excuse, Key, Kind, Policy, PolicyError, Strictness};
use crate::text::PathGlob;
use crate::{Date, RefName, RepoPath, Via};
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

pub(super) const MATCH: Key = Key {
    name: "match",
    kind: Kind::List(&Kind::Glob),
    default: "",
    strictness: Strictness::Unordered,
    help: "The refs it is for: globs over full names, `refs/heads/release/*`. `*` stays within a part of the name, `**` crosses. Required.",
};

pub(super) const EXCEPT: Key = Key {
    name: "except",
    kind: Kind::List(&Kind::Glob),
    default: "",
    strictness: Strictness::Unordered,
    help: "Refs that match and that it is not for.",
};

pub(super) const VIA: Key = Key {
    name: "via",
    kind: Kind::Choice(&["push", "merge"]),
    default: "",
    strictness: Strictness::Unordered,
    help: "Counts only where somebody moves the ref (push), or only where the server merges a request (merge), as far as the server says so; what it does not say is a push. Not set: both.",
};

pub(super) const EXEMPT: Key = Key {
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
};

/// What a block is for, compiled.
#[derive(Debug)]
pub(super) struct Reach {
    via: Option<Way>,
    matches: Vec<PathGlob>,
    except: Vec<PathGlob>,
    /// Who is exempt, with the entry.
    exempt: Vec<(PathGlob, Excuse)>,
}

impl Reach {
    /// Compiles what block `number` of `section` is for: the globs of `match` and of `except`.
    pub(super) fn new(
        policy: &Policy,
        section: &str,
        number: usize,
        via: Option<Way>,
        [matches, except]: [&[String]; 2],
        exempt: &[Excuse],
        today: Date,
    ) -> Result<Self, PolicyError> {
        let fail = |key: &str, error: String| {
            policy.error(section, format!("`{key}` of [[{section}]] number {number}: {error}"), None)
        };
        if matches.is_empty() {
            let help = "add match = [\"refs/heads/main\"]".to_owned();
            let message = format!("[[{section}]] number {number} matches nothing");
            return Err(policy.error(section, message, Some(help)));
        }
        let is_short = |glob: &&String| !glob.starts_with("refs/") && !glob.starts_with("**");
        if let Some(short) = matches.iter().chain(except).find(is_short) {
            let help = format!("write the full name: refs/heads/{short} or refs/tags/{short}");
            let message =
                format!("`match` of [[{section}]] number {number}: no ref has a name like `{short}`");
            return Err(policy.error(section, message, Some(help)));
        }
        let globs = |key: &str, patterns: &[String]| {
            let compiled = patterns.iter().map(|pattern| ref_glob(pattern));
            compiled.collect::<Result<Vec<_>, _>>().map_err(|error| fail(key, error))
        };
        let exempt = exempt.iter().filter(|entry| entry.holds(today)).filter_map(|entry| {
            let glob = entry.glob().transpose()?;
            Some(glob.map(|glob| (glob, entry.clone())))
        });
        Ok(Self {
            via,
            matches: globs("match", matches)?,
            except: globs("except", except)?,
            exempt: exempt.collect::<Result<_, _>>().map_err(|error| fail("exempt", error))?,
        })
    }

    /// Whether the block is for a ref that moves this way.
    pub(super) fn is_for(&self, name: &RefName, via: Via) -> bool {
        let way = match self.via {
            None => true,
            Some(Way::Push) => via == Via::Push,
            Some(Way::Merge) => via == Via::Merge,
        };
        way && self.matches(name)
    }

    /// Whether the block is for a ref, by whatever way it moves.
    pub(super) fn matches(&self, name: &RefName) -> bool {
        let path = RepoPath::new(name.as_bytes());
        let any = |globs: &[PathGlob]| globs.iter().any(|glob| glob.is_match(&path));
        any(&self.matches) && !any(&self.except)
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
