//! The order of commits, and what a shallow clone hides: the same for every backend.

use super::object::{self, Kind};
use super::store::{ObjectStore, read_kind};
use crate::{Error, Repository};
use gatepost_core::ObjectId;
use std::collections::{HashMap, HashSet};

/// The parents of each commit that was walked.
pub(crate) type Parents = HashMap<ObjectId, Vec<ObjectId>>;

/// The commits of `walked`, parents before children, in an order that depends on `tips` and the graph alone: depth
/// first from each tip in turn, first parents first.
pub(crate) fn parents_first(tips: &[ObjectId], walked: &Parents) -> Vec<ObjectId> {
    let mut order = Vec::with_capacity(walked.len());
    let mut seen = HashSet::with_capacity(walked.len());
    let mut stack: Vec<(ObjectId, usize)> = Vec::new();
    for tip in tips {
        if walked.contains_key(tip) && seen.insert(*tip) {
            stack.push((*tip, 0));
        }
        while let Some((id, next)) = stack.pop() {
            match walked.get(&id).and_then(|parents| parents.get(next)) {
                None => order.push(id),
                Some(parent) => {
                    stack.push((id, next.saturating_add(1)));
                    if walked.contains_key(parent) && seen.insert(*parent) {
                        stack.push((*parent, 0));
                    }
                }
            }
        }
    }
    order
}

/// The parents of a commit, as stored.
pub(crate) fn parents_of<S: ObjectStore + ?Sized>(
    store: &S,
    id: &ObjectId,
    buffer: &mut Vec<u8>,
) -> Result<Vec<ObjectId>, Error> {
    read_kind(store, id, Kind::Commit, buffer)?;
    object::parse_parents(*id, buffer)
}

/// That none of the `walked` commits lost its parents to a shallow clone; parents that were excluded anyway are no loss.
pub(crate) fn check_boundary<S: ObjectStore + ?Sized>(
    store: &S,
    walked: &Parents,
    exclude: &[ObjectId],
) -> Result<(), Error> {
    let mut buffer = Vec::new();
    for id in store.boundary().iter().filter(|id| walked.contains_key(id)) {
        let parents = parents_of(store, id, &mut buffer)?;
        if parents.iter().any(|parent| !exclude.contains(parent)) {
            return Err(Error::shallow(id));
        }
    }
    Ok(())
}

/// A walk that knows where a shallow clone ends, for a library that does not. It reads everything that `exclude`
/// reaches, which is little in such a clone.
pub(crate) fn walk_shallow<S: ObjectStore + ?Sized>(
    store: &S,
    include: &[ObjectId],
    exclude: &[ObjectId],
) -> Result<Parents, Error> {
    let boundary: HashSet<ObjectId> = store.boundary().iter().copied().collect();
    let hidden = reach(store, exclude, &HashSet::new(), &boundary)?;
    let hidden_ids = hidden.into_keys().collect();
    reach(store, include, &hidden_ids, &boundary)
}

fn reach<S: ObjectStore + ?Sized>(
    store: &S,
    tips: &[ObjectId],
    hidden: &HashSet<ObjectId>,
    boundary: &HashSet<ObjectId>,
) -> Result<Parents, Error> {
    let mut reached = Parents::new();
    let mut todo = tips.to_vec();
    let mut buffer = Vec::new();
    while let Some(id) = todo.pop() {
        if hidden.contains(&id) || reached.contains_key(&id) {
            continue;
        }
        let parents = if boundary.contains(&id) { Vec::new() } else { parents_of(store, &id, &mut buffer)? };
        todo.extend(&parents);
        reached.insert(id, parents);
    }
    Ok(reached)
}

/// See [`crate::Repository::merge_bases`]. Asked in terms of ranges, so that no history is read beyond what is not common,
/// and a shallow clone ends where every other question about it does.
pub(crate) fn merge_bases<R: Repository + ?Sized>(
    repository: &R,
    one: &ObjectId,
    other: &ObjectId,
) -> Result<Vec<ObjectId>, Error> {
    let own = repository.commits(&[*other], &[*one])?;
    if own.is_empty() {
        return Ok(vec![*other]);
    }
    let is_own: HashSet<&ObjectId> = own.iter().collect();
    let mut seen = HashSet::new();
    let mut common = Vec::new();
    for id in &own {
        let parents = repository.commit(id)?.parents.into_iter();
        common.extend(parents.filter(|parent| !is_own.contains(parent) && seen.insert(*parent)));
    }
    let mut best = Vec::with_capacity(common.len());
    for id in &common {
        let others: Vec<ObjectId> = common.iter().copied().filter(|other| other != id).collect();
        if others.is_empty() || !repository.commits(&[*id], &others)?.is_empty() {
            best.push(*id);
        }
    }
    best.sort();
    Ok(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: char) -> ObjectId {
        ObjectId::from_hex(digit.to_string().repeat(40).as_bytes()).unwrap()
    }

    fn graph(edges: &[(char, &str)]) -> Parents {
        edges.iter().map(|(child, parents)| (id(*child), parents.chars().map(id).collect())).collect()
    }

    fn order(tips: &str, edges: &[(char, &str)]) -> String {
        let tips: Vec<_> = tips.chars().map(id).collect();
        let short = |id: ObjectId| id.to_string().chars().next().unwrap();
        parents_first(&tips, &graph(edges)).into_iter().map(short).collect()
    }

    #[test]
    fn parents_come_before_children_and_first_parents_first() {
        // d merges b and c, both on a; `0` was excluded and is not walked.
        let edges = [('a', "0"), ('b', "a"), ('c', "a"), ('d', "bc")];
        assert_eq!(order("d", &edges), "abcd");
        assert_eq!(order("cd", &edges), "acbd");
        assert_eq!(order("0d", &edges), "abcd");
        assert_eq!(order("", &edges), "");
    }
}
