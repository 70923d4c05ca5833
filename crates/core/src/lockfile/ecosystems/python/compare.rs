//! What a manifest asks for against the packages of a lock, for locks that hold no more of the manifest than a hash: the hash
//! says that the two differ, and this says where.

use super::{Requirement, normal};
use crate::lockfile::data::Value;
use crate::lockfile::{Breaks, Declared, Drift, Kind, Reason, Source};
use std::collections::HashMap;

/// A dependency that is not locked as it is asked for.
#[derive(Debug)]
pub(in super::super) struct Misfit<'v> {
    /// What is asked for.
    pub(in super::super) asked: Declared,
    /// What is locked, and its version; `None`: nothing.
    found: Option<(&'v Value, &'v str)>,
}

impl Misfit<'_> {
    /// What is wrong, as a sentence without its stop.
    pub(in super::super) fn what(&self) -> String {
        let name = &self.asked.name;
        match self.found {
            None => format!("{name} is asked for and is not locked"),
            Some(_) => format!("{name} is locked at a version that is not asked for"),
        }
    }

    /// The drift that it is.
    pub(in super::super) fn reason(
        &self,
        manifest: &Source,
        lock: &Source,
        breaks: Breaks,
        mend: &str,
    ) -> Reason {
        let drift = if self.found.is_some() { Drift::LockedDifferently } else { Drift::NotLocked };
        let reason = Reason::new(drift, breaks, self.what(), mend).dependency(&self.asked.name);
        let reason = reason.in_manifest(manifest.place(&self.asked.span));
        match self.found {
            None => reason,
            Some((package, version)) => {
                let reason = reason.in_lock(lock.place(&package.span));
                reason.expected(&self.asked.requirement).found(version)
            }
        }
    }
}

/// The dependencies that are not locked, or at no version that is asked for. `own` is the name of the project, which may ask
/// for its own extras.
pub(in super::super) fn misfits<'v>(
    declared: Vec<Declared>,
    packages: impl Iterator<Item = &'v Value>,
    own: Option<&str>,
) -> Vec<Misfit<'v>> {
    let mut known: HashMap<String, Vec<&Value>> = HashMap::new();
    for package in packages {
        known.entry(normal(package.text_of("name").unwrap_or_default())).or_default().push(package);
    }
    let mut found = Vec::new();
    for asked in declared.into_iter().filter(|one| one.kind != Kind::Build && own != Some(&*one.name)) {
        let Some(packages) = known.get(&asked.name) else {
            found.push(Misfit { asked, found: None });
            continue;
        };
        let Some(requirement) = Requirement::parse(&format!("{} {}", asked.name, asked.requirement)) else {
            continue;
        };
        let locked = packages.iter().filter_map(|package| Some((*package, package.text_of("version")?)));
        let locked: Vec<_> = locked.collect();
        if locked.iter().all(|(_, version)| requirement.allows(version) == Some(false))
            && let Some(first) = locked.first()
        {
            found.push(Misfit { asked, found: Some(*first) });
        }
    }
    found
}
