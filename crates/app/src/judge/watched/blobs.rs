//! The contents of watched files, each read once, and none that is larger than anybody writes one.

use super::super::{skip_reason, unreadable};
use super::Entry;
use gatepost_core::{ObjectId, Problem, RepoPath, SkipReason, TreeEntry};
use gatepost_source::{Error, Repository};
use std::collections::HashMap;

/// Largest watched file that is read, in bytes.
const MOST_BYTES: u64 = 16 << 20;

/// Blobs that were read, each once.
pub(super) struct Blobs<'r> {
    repository: &'r dyn Repository,
    read: HashMap<ObjectId, Result<Vec<u8>, Unread>>,
}

/// Why a blob was not read.
pub(super) enum Unread {
    Error(Error),
    TooLarge(u64),
}

impl Unread {
    pub(super) fn at(&self, path: &RepoPath) -> (SkipReason, Problem) {
        let place = path.escaped().into_owned();
        match self {
            Self::Error(error) => (skip_reason(error), unreadable(error, place)),
            Self::TooLarge(size) => {
                let problem = Problem {
                    what: format!("a file that gates rest on has {size} bytes and cannot be compared"),
                    place: Some(place),
                    fix: format!("make it smaller than {MOST_BYTES} bytes"),
                };
                (SkipReason::Unreadable, problem)
            }
        }
    }
}

impl<'r> Blobs<'r> {
    pub(super) fn of(repository: &'r dyn Repository) -> Self {
        Self { repository, read: HashMap::new() }
    }

    pub(super) fn load(&mut self, entry: &TreeEntry) {
        if entry.mode.is_blob() && !self.read.contains_key(&entry.id) {
            let read = self.fetch(&entry.id);
            self.read.insert(entry.id, read);
        }
    }

    fn fetch(&self, id: &ObjectId) -> Result<Vec<u8>, Unread> {
        let size = self.repository.blob_size(id).map_err(Unread::Error)?;
        if size > MOST_BYTES {
            return Err(Unread::TooLarge(size));
        }
        let mut bytes = Vec::new();
        self.repository.read_blob(id, &mut bytes).map_err(Unread::Error)?;
        Ok(bytes)
    }

    /// The bytes of an entry that was loaded; `None` where nothing stands there, or no file.
    pub(super) fn bytes(&self, entry: &Entry) -> Result<Option<&[u8]>, &Unread> {
        match entry.as_ref().and_then(|entry| self.read.get(&entry.id)) {
            Some(Ok(bytes)) => Ok(Some(bytes)),
            Some(Err(unread)) => Err(unread),
            None => Ok(None),
        }
    }
}
