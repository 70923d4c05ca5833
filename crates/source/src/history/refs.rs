//! Whether what the refs lead to is there at all. Where a whole pack is lost, no object is left that could name another one
//! in vain, and a history of nothing would be clean.

use super::store::Store;
use crate::{Error, Head, Reference, Repository};
use gatepost_core::Problem;

/// How many refs are named one by one.
const NAMED: usize = 20;

/// The refs, and a HEAD without a branch, that lead to objects which are not here: a problem each.
pub(super) fn lost(repository: &dyn Repository, store: &Store) -> Result<Vec<Problem>, Error> {
    let references = repository.references()?;
    let head = match repository.head()? {
        Head::Detached(id) => Some(("HEAD".to_owned(), id)),
        Head::Branch(..) | Head::Unborn(_) => None,
    };
    let name = |reference: &Reference| String::from_utf8_lossy(reference.name.as_bytes()).into_owned();
    let refs = references.iter().map(|reference| (name(reference), reference.target));
    let mut lost = refs.chain(head).filter(|(_, id)| !store.contains(id));
    let problem = |what| {
        Problem {
        what,
        place: None,
        fix: "run `git fsck`; fetch the objects from a repository that has them, or, where objects/pack has a .pack file \
              without its .idx, run `git index-pack` on it; the history behind it was not judged"
            .to_owned(),
    }
    };
    let named = lost.by_ref().take(NAMED);
    let mut problems: Vec<Problem> =
        named.map(|(name, id)| problem(format!("{name} leads to {id}, which is not here"))).collect();
    let more = lost.count();
    if more > 0 {
        problems.push(problem(format!("{more} more refs lead to objects which are not here")));
    }
    Ok(problems)
}
