//! What is asked for against what is locked.

use super::lock::{Entry, Lock};
use super::walk::{Asked, Walk};
use super::written::BUILTIN_HOST;
use super::{Tool, constraint};
use crate::lockfile::ecosystem::{Breaks, Drift, Reason, Source, Unclear, Verdict};
use std::collections::BTreeMap;

pub(super) fn compare(walk: &Walk, source: &Source, lock: &Lock, verdict: &mut Verdict) {
    // What could not be read may ask for more.
    let is_whole = verdict.reasons.iter().all(|reason| reason.drift.is_some());
    let mut known: BTreeMap<&str, &Entry> = BTreeMap::new();
    for entry in &lock.entries {
        if known.insert(&entry.address, entry).is_some() {
            let what = format!("the lock has {} twice", entry.address);
            let reason = Reason::new(Drift::Repeated, Breaks::Both, what, lock.tool.afresh());
            verdict.drift(reason.dependency(&entry.address).in_lock(source.place(&entry.span)));
        }
    }
    let mut asked: BTreeMap<&str, Vec<&Asked>> = BTreeMap::new();
    for one in walk.asked.iter().filter(|asked| !asked.address.starts_with(BUILTIN_HOST)) {
        asked.entry(&one.address).or_default().push(one);
    }
    for (address, wanted) in &asked {
        match known.get(address) {
            Some(entry) => fits(source, entry, wanted, lock.tool, verdict),
            None => {
                let Some(first) = wanted.first() else { continue };
                let what = format!("{address} is asked for, the lock does not have it");
                let reason = Reason::new(Drift::NotLocked, Breaks::Both, what, lock.tool.init());
                verdict.drift(reason.dependency(*address).in_manifest(first.place.clone()));
            }
        }
    }
    if is_whole {
        for (address, entry) in known.iter().filter(|(address, _)| !asked.contains_key(*address)) {
            let what = format!("the lock has {address}, which nothing asks for");
            let reason = Reason::new(Drift::NotAskedFor, Breaks::Both, what, lock.tool.init());
            verdict.drift(reason.dependency(*address).in_lock(source.place(&entry.span)));
        }
    }
}

/// Whether the locked version is one that every constraint takes.
fn fits(source: &Source, entry: &Entry, wanted: &[&Asked], tool: Tool, verdict: &mut Verdict) {
    let Some(version) = &entry.version else { return };
    if !version.build.is_empty() {
        let why = format!("{} is locked at a version with `+`", entry.address);
        verdict.unclear(Unclear::at(why, source.place(&entry.span)));
        return;
    }
    let all = wanted.iter().flat_map(|asked| &asked.parts);
    if constraint::takes(&all, version) {
        return;
    }
    // The one that does not take it alone; of a version before a release no one names it.
    let is_wrong = |asked: &&&Asked| !constraint::takes(&asked.parts.iter(), version);
    let Some(wrong) =
        wanted.iter().filter(|asked| asked.constraint.is_some()).find(is_wrong).or(wanted.first())
    else {
        return;
    };
    let expected = wrong.constraint.clone().unwrap_or_else(|| "a release".to_owned());
    let what = format!("{} is locked at {version}, {expected} is asked for", entry.address);
    let reason = Reason::new(Drift::LockedDifferently, Breaks::Both, what, tool.upgrade());
    verdict.drift(
        reason
            .dependency(&entry.address)
            .in_manifest(wrong.place.clone())
            .in_lock(source.place(&entry.span))
            .expected(expected)
            .found(version.to_string()),
    );
}
