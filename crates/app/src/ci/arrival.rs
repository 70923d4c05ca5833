//! What a change would bring to the branch that it is for, as the move of a ref that the rules of `[[ref]]` can judge.
//!
//! Nothing moves yet: the move is the one that the server would see if the change were merged now, and its refs are those
//! that the clone was told of.

use super::Range;
use super::range::remote_of;
use crate::exit::Failure;
use crate::push::Known;
use gatepost_core::policy::Policy;
use gatepost_core::{RefName, RefUpdate};
use gatepost_source::Repository;
use std::collections::BTreeMap;

/// The sections that judge moves of refs.
const SECTIONS: [&str; 3] = ["ref", "freeze", "window"];

/// The move of `branch` that the change would be, and the refs beside which it would be made.
///
/// # Errors
///
/// Refs that cannot be listed.
pub(crate) fn arrival(
    repository: &dyn Repository,
    range: &Range,
    branch: RefName,
) -> Result<(RefUpdate, Vec<Known>), Failure> {
    let references = repository.references()?;
    let remote = remote_of(&references);
    let mut by_name = BTreeMap::new();
    for reference in &references {
        let name = reference.name.as_bytes();
        let fetched = remote.as_deref().and_then(|remote| name.strip_prefix(remote));
        match fetched {
            // Says which branch is the default one, and is none.
            Some(b"HEAD") => {}
            // The remote's word counts before that of a local branch, which may be older, or nobody's but the job's.
            Some(branch) => {
                by_name.insert(RefName::new([b"refs/heads/", branch].concat()), reference.target);
            }
            None if name.starts_with(b"refs/heads/") || name.starts_with(b"refs/tags/") => {
                by_name.entry(reference.name.clone()).or_insert(reference.target);
            }
            None => {}
        }
    }
    // After a push the clone has the branch as it is now.
    by_name.remove(&branch);
    by_name.extend(range.old.map(|old| (branch.clone(), old)));
    let known = by_name.into_iter().map(|(name, id)| Known { name: Some(name), id });
    Ok((RefUpdate { name: branch, old: range.old, new: Some(range.head) }, known.collect()))
}

/// What to say where nobody knows which branch a change is for, and the policy has rules for branches.
pub(crate) fn unknown(policy: &Policy) -> Option<String> {
    let is_there =
        |section: &str| policy.blocks::<toml::Value>(section).is_ok_and(|blocks| !blocks.is_empty());
    let sections = SECTIONS.into_iter().filter(|section| is_there(section));
    let sections: Vec<String> = sections.map(|section| format!("[[{section}]]")).collect();
    (!sections.is_empty()).then(|| {
        format!(
            "which branch this comes to is not known, so nothing of {} was judged; name it: --branch main",
            sections.join(", ")
        )
    })
}
