//! `gatepost check refs`: the branches and tags that are there already. A policy is younger than most refs, and a hook
//! judges only what moves.

use crate::args::{CheckRefs, Cli};
use crate::collect::Collector;
use crate::exit::Failure;
use crate::policy_source::PolicySource;
use crate::session::Session;
use crate::{finish, moves, repo};
use gatepost_core::{Level, RefName, RefUpdate, Reference, Stage};
use gatepost_source::Repository;
use std::collections::BTreeMap;
use std::process::ExitCode;

/// The sections of the policy that say something of refs.
const SECTIONS: [&str; 2] = ["branch", "ref"];

/// `gatepost check refs`.
///
/// # Errors
///
/// Whatever keeps it from checking.
pub(super) fn run(cli: &Cli, asked: &CheckRefs) -> Result<ExitCode, Failure> {
    let repository = repo::open()?;
    let repository = repository.as_ref();
    let source = match repository.info().work_tree {
        Some(_) => PolicySource::WorkTree(Some(repository)),
        None => PolicySource::Server(repository),
    };
    let session = Session::new(cli, Stage::PreReceive, source)?;
    let Refs { refs, beside } = refs(repository, asked.at.as_deref())?;
    let mut collected = Collector::default();
    let standing = moves::Standing::new(&session, repository, &refs);
    for updates in groups(&session, &refs).into_values() {
        let branch = updates.first().map(|update| &update.name);
        let gate = session.gate_on(branch, |check| SECTIONS.contains(&check.section))?;
        collected.absorb(standing.judge(&gate, &updates));
        collected.coverage.texts += updates.len() as u64;
    }
    collected.coverage.shallow = repository.info().shallow;
    let branches = refs.iter().filter(|reference| reference.name.branch().is_some()).count();
    let at = asked.at.as_ref().map_or_else(String::new, |remote| format!(" of {remote}"));
    let plural =
        |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let scope = format!(
        "{}{at}, {}",
        plural(branches, "branch", "branches"),
        plural(refs.len() - branches, "tag", "tags")
    );
    collected.notices.push(format!("judged as they are: {scope}"));
    collected.notices.extend(notices(&session, &beside));
    finish::finish(&session, collected, scope)
}

/// What there is to judge.
pub(super) struct Refs {
    /// Branches and tags.
    pub(super) refs: Vec<Reference>,
    /// How many refs of a bare repository stand elsewhere, by their first two parts.
    beside: BTreeMap<String, usize>,
}

/// The branches and tags of the repository; with a remote, its branches under the names that they have there.
pub(super) fn refs(repository: &dyn Repository, remote: Option<&str>) -> Result<Refs, Failure> {
    let is_bare = repository.info().work_tree.is_none();
    let prefix = remote.map(|remote| format!("refs/remotes/{remote}/").into_bytes());
    let (mut refs, mut beside) = (Vec::new(), BTreeMap::new());
    for reference in repository.references()? {
        let fetched =
            prefix.as_ref().and_then(|prefix| reference.name.as_bytes().strip_prefix(prefix.as_slice()));
        // `HEAD` of a remote says which branch is its default, and is none.
        if let Some(branch) = fetched.filter(|name| *name != b"HEAD") {
            let name = RefName::new([b"refs/heads/", branch].concat());
            refs.push(Reference { name, ..reference });
        } else if reference.name.tag().is_some() || (prefix.is_none() && reference.name.branch().is_some()) {
            refs.push(reference);
        } else if prefix.is_none() && is_bare && reference.name.branch().is_none() {
            let name = reference.name.escaped().into_owned();
            let space: Vec<&str> = name.split('/').take(2).collect();
            *beside.entry(space.join("/")).or_default() += 1;
        }
    }
    if let Some(remote) = remote.filter(|_| !refs.iter().any(|reference| reference.name.branch().is_some())) {
        return Err(Failure::usage(
            format!("no branch of a remote `{remote}` is known here"),
            format!("git fetch {remote}; `git remote` lists the remotes"),
        ));
    }
    refs.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Refs { refs, beside })
}

/// The refs as updates, by the overlays of the policy that count for them.
fn groups(session: &Session, refs: &[Reference]) -> BTreeMap<Vec<usize>, Vec<RefUpdate>> {
    let mut groups: BTreeMap<Vec<usize>, Vec<RefUpdate>> = BTreeMap::new();
    for Reference { name, target } in refs {
        let update = RefUpdate { name: name.clone(), old: None, new: Some(*target) };
        groups.entry(session.policy().overlays_of_branch(Some(name))).or_default().push(update);
    }
    groups
}

fn notices(session: &Session, beside: &BTreeMap<String, usize>) -> Vec<String> {
    let policy = session.policy();
    let mut notices = Vec::new();
    if !beside.is_empty() {
        let spaces: Vec<String> = beside.iter().map(|(space, count)| format!("{space} ({count})")).collect();
        notices
            .push(format!("refs that are neither branches nor tags were not judged: {}", spaces.join(", ")));
    }
    let has_blocks = policy.blocks::<toml::Value>("ref").is_ok_and(|blocks| !blocks.is_empty());
    if !has_blocks {
        notices.push("the policy has no [[ref]], so nothing was asked of tags; docs/checks/ref.md has blocks to start from".to_owned());
    }
    if policy.levels("branch").is_some_and(|levels| levels.at(session.stage) == Level::Off) {
        notices.extend(session.notice_if_off("branch"));
    }
    notices
}
