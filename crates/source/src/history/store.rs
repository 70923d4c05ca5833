//! The object database: every pack and every loose object of every object directory, each object once.

use super::ObjectKind;
use super::delta::{Delta, MAX_HEADER};
use super::directories::{self, Environment};
use super::inflate::Inflater;
use super::large::{Piece, Stored};
use super::loose;
use super::pack::{Base, NotOpen, Pack};
use super::set::Set;
use crate::{Error, ErrorKind, RepositoryInfo};
use gatepost_core::{ObjectId, Problem};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// How often the list of packs is read again when a pack has gone between the listing and the opening (`git gc`).
const RETRIES: usize = 3;

/// How many deltas a chain may have; Git makes chains of at most 4,095 (`pack.depth`).
pub(super) const MAX_CHAIN: usize = 1 << 16;

/// The most bytes of a delta beyond the largest object it may make.
pub(super) const DELTA_SLACK: u64 = 1 << 16;

/// The object database.
pub(super) struct Store {
    /// The packs.
    pub(super) packs: Vec<Pack>,
    /// For each pack, which positions of its index hold objects that an earlier pack has as well; empty: none.
    pub(super) duplicates: Vec<Set>,
    /// The object directories.
    pub(super) directories: Vec<PathBuf>,
    /// The loose objects that no pack has, with the number of their directory; sorted by id.
    pub(super) loose: Vec<(ObjectId, u32)>,
    /// What could not be opened.
    pub(super) problems: Vec<Problem>,
}

/// Whether the store could be opened by this reader.
pub(super) enum Opened {
    Store(Store),
    /// It has something that only Git understands: what.
    NotUnderstood(String),
}

/// An object, read on its own.
pub(super) struct Read {
    pub(super) kind: ObjectKind,
    pub(super) size: u64,
    /// Where it was found.
    pub(super) at: Stored,
    /// `None`: larger than the limit.
    pub(super) bytes: Option<Vec<u8>>,
}

impl Store {
    /// Whether an object is here, in a pack or loose.
    pub(super) fn contains(&self, id: &ObjectId) -> bool {
        self.packs.iter().any(|pack| pack.find(id).is_some())
            || self.loose.binary_search_by(|(loose, _)| loose.cmp(id)).is_ok()
    }

    /// Opens every pack and lists every loose object.
    pub(super) fn open(info: &RepositoryInfo, environment: &Environment) -> Result<Opened, Error> {
        let hash = match info.hash_len {
            20 => gix_hash::Kind::Sha1,
            32 => gix_hash::Kind::Sha256,
            other => return Ok(Opened::NotUnderstood(format!("object ids of {other} bytes"))),
        };
        let (directories, problems) = directories::find(info, environment)?;
        let mut store =
            Self { packs: Vec::new(), duplicates: Vec::new(), directories, loose: Vec::new(), problems };
        if let Some(why) = store.open_packs(hash)? {
            return Ok(Opened::NotUnderstood(why));
        }
        store.duplicates = duplicates(&store.packs);
        let (mut found, problems) = loose::list(&store.directories, info.hash_len);
        found.retain(|(id, _)| store.packs.iter().all(|pack| pack.find(id).is_none()));
        store.loose = found;
        store.problems.extend(problems);
        Ok(Opened::Store(store))
    }

    /// Opens the packs; returns what is not understood.
    fn open_packs(&mut self, hash: gix_hash::Kind) -> Result<Option<String>, Error> {
        let mut last = false;
        for attempt in 1..=RETRIES {
            last = attempt == RETRIES;
            let (mut gone, mut problems) = (Vec::new(), Vec::new());
            self.packs.clear();
            for index in list_packs(&self.directories, &mut problems)? {
                match index {
                    Listed::Index(path) => match Pack::open(&path, hash) {
                        Ok(pack) => {
                            problems.extend(pack.mismatch().map(|why| {
                                Problem {
                                what: format!("a pack is damaged: {why}"),
                                place: Some(path.with_extension("pack").display().to_string()),
                                fix: "run `git fsck`, then restore the pack from a copy of the repository; \
                                      what could still be read of it was judged"
                                    .into(),
                            }
                            }));
                            self.packs.push(pack);
                        }
                        Err(NotOpen::Gone) => gone.push(path),
                        Err(NotOpen::NotUnderstood(why)) => return Ok(Some(why)),
                        Err(NotOpen::Broken(why)) => problems.push(broken_pack(&path, &why)),
                    },
                    Listed::OnlyInMultiPackIndex(path) => problems.push(Problem {
                        what: "a pack has no index of its own, and Git cannot list it either".into(),
                        place: Some(path.display().to_string()),
                        fix: "run `git index-pack` on the pack file; its objects were not judged".into(),
                    }),
                }
            }
            if gone.is_empty() || last {
                problems.extend(
                    gone.iter().map(|path| broken_pack(path, "its pack file, or itself, is not there")),
                );
                self.problems.append(&mut problems);
                return Ok(None);
            }
        }
        debug_assert!(last);
        Ok(None)
    }

    /// Reads one object from anywhere but pack `not_in`, resolving its deltas; `None` when no sound copy is there.
    pub(super) fn read(
        &self,
        id: &ObjectId,
        not_in: Option<usize>,
        limit: u64,
        inflater: &mut Inflater,
    ) -> Option<Read> {
        self.packs
            .iter()
            .enumerate()
            .filter(|(number, _)| Some(*number) != not_in)
            .find_map(|(number, pack)| {
                let offset = pack.offset(pack.find(id)?)?;
                self.read_packed((number, offset), not_in, limit, inflater)
            })
            .or_else(|| self.read_loose(id, limit, inflater))
    }

    fn read_loose(&self, id: &ObjectId, limit: u64, inflater: &mut Inflater) -> Option<Read> {
        self.directories.iter().find_map(|directory| {
            let mut bytes = Vec::new();
            let loose = loose::read(&loose::path(directory, id), |_| limit, inflater, &mut bytes).ok()?;
            if loose.whole {
                bytes.drain(..loose.header);
            }
            let bytes = loose.whole.then_some(bytes);
            Some(Read { kind: loose.kind, size: loose.size, at: Stored::Loose(*id), bytes })
        })
    }

    /// Follows the chain of deltas from an entry (pack, offset) to what is stored whole, or to what is too large to be
    /// inflated, then applies them.
    fn read_packed(
        &self,
        entry: (usize, u64),
        not_in: Option<usize>,
        limit: u64,
        inflater: &mut Inflater,
    ) -> Option<Read> {
        let (mut number, mut offset) = entry;
        let mut deltas: Vec<Vec<u8>> = Vec::new();
        let mut read = loop {
            let pack = self.packs.get(number)?;
            let (header, at) = (pack.header(offset)?, Stored::Packed(number, offset));
            let stream = pack.bytes(header.data..pack.end());
            if let Base::None(kind) = header.base {
                let mut read = Read { kind, size: header.size, at, bytes: None };
                if header.size <= limit {
                    inflater.whole(stream, header.size, read.bytes.insert(Vec::new()))?;
                }
                break read;
            }
            let (base_size, size) = delta_sizes(stream, inflater)?;
            if size > limit || base_size > limit || header.size > limit.saturating_add(DELTA_SLACK) {
                break self.read_large(at, size, limit, inflater)?;
            }
            if deltas.len() >= MAX_CHAIN {
                return None;
            }
            let mut delta = Vec::new();
            inflater.whole(stream, header.size, &mut delta)?;
            deltas.push(delta);
            match header.base {
                Base::None(_) => return None,
                Base::Offset(base) => offset = base,
                Base::Id(id) => match self.locate(&id, number, not_in) {
                    Some(base) => (number, offset) = base,
                    None => break self.read_loose(&id, limit, inflater)?,
                },
            }
        };
        let mut spare = Vec::new();
        while let Some(delta) = deltas.pop() {
            let delta = Delta::parse(&delta)?;
            delta.apply(read.bytes.as_deref()?, &mut spare)?;
            read.size = delta.size;
            std::mem::swap(read.bytes.get_or_insert_default(), &mut spare);
        }
        Some(Read { at: Stored::Packed(entry.0, entry.1), ..read })
    }

    /// Reads an object that is an edit of one too large to be inflated, or is too large itself.
    fn read_large(&self, at: Stored, size: u64, limit: u64, inflater: &mut Inflater) -> Option<Read> {
        let Stored::Packed(number, offset) = at else { return None };
        let kind = self.kind_at(number, offset, inflater)?;
        let mut read = Read { kind, size, at, bytes: None };
        if size <= limit {
            let length = usize::try_from(size).ok()?;
            let bytes = read.bytes.insert(vec![0; length]);
            self.copy_out((at, size), vec![Piece::start(0, length)], bytes, inflater)?;
        }
        Some(read)
    }

    /// The pack and offset of an object: in pack `first` if it is there, else in any but `not_in`.
    pub(super) fn locate(&self, id: &ObjectId, first: usize, not_in: Option<usize>) -> Option<(usize, u64)> {
        let within = |number: usize| {
            let pack = self.packs.get(number)?;
            Some((number, pack.offset(pack.find(id)?)?))
        };
        within(first)
            .or_else(|| (0..self.packs.len()).filter(|number| Some(*number) != not_in).find_map(within))
    }

    /// The kind of one object, by its headers alone.
    pub(super) fn kind(&self, id: &ObjectId, inflater: &mut Inflater) -> Option<ObjectKind> {
        let mut id = *id;
        for _ in 0..MAX_CHAIN {
            let found = self.packs.iter().find_map(|pack| Some((pack, pack.offset(pack.find(&id)?)?)));
            let Some((pack, offset)) = found else {
                let mut none = Vec::new();
                return self.directories.iter().find_map(|directory| {
                    let path = loose::path(directory, &id);
                    loose::read(&path, |_| 0, inflater, &mut none).ok().map(|object| object.kind)
                });
            };
            match pack.kind(offset)? {
                Ok(kind) => return Some(kind),
                Err(base) => id = base,
            }
        }
        None
    }

    fn kind_at(&self, number: usize, offset: u64, inflater: &mut Inflater) -> Option<ObjectKind> {
        match self.packs.get(number)?.kind(offset)? {
            Ok(kind) => Some(kind),
            Err(base) => self.kind(&base, inflater),
        }
    }
}

/// The sizes that a delta declares, of its base and of what it makes, without inflating all of it.
pub(super) fn delta_sizes(stream: &[u8], inflater: &mut Inflater) -> Option<(u64, u64)> {
    let mut start = [0; MAX_HEADER];
    let written = inflater.start(stream, &mut start)?;
    Delta::parse(start.get(..written)?).map(|delta| (delta.base_size, delta.size))
}

fn broken_pack(path: &Path, why: &str) -> Problem {
    Problem {
        what: format!("a pack cannot be opened: {why}"),
        place: Some(path.display().to_string()),
        fix: "run `git fsck`; the objects of this pack that nothing else holds were not judged".into(),
    }
}

/// A pack that a directory lists.
enum Listed {
    Index(PathBuf),
    OnlyInMultiPackIndex(PathBuf),
}

/// Every pack of every directory. A pack without an index of its own is somebody's unfinished business, unless
/// the multi-pack-index has it.
fn list_packs(directories: &[PathBuf], problems: &mut Vec<Problem>) -> Result<Vec<Listed>, Error> {
    let mut all = Vec::new();
    for directory in directories {
        let directory = directory.join("pack");
        let entries = match std::fs::read_dir(&directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => {
                return Err(Error::new(
                    ErrorKind::Unreadable,
                    format!("{} cannot be listed: {error}", directory.display()),
                    "make the directory readable for the user that runs gatepost",
                ));
            }
        };
        let (mut indexes, mut packs) = (BTreeSet::new(), BTreeSet::new());
        for entry in entries {
            match entry {
                Ok(entry) => {
                    let path = entry.path();
                    match path.extension().and_then(|extension| extension.to_str()) {
                        Some("idx") => indexes.insert(path),
                        Some("pack") => packs.insert(path.with_extension("idx")),
                        _ => false,
                    };
                }
                Err(error) => problems.push(broken_pack(&directory, &error.to_string())),
            }
        }
        let bare: Vec<PathBuf> = packs.difference(&indexes).cloned().collect();
        if !bare.is_empty() {
            let known = multi_pack_index_names(&directory);
            all.extend(
                bare.into_iter()
                    .filter(|path| path.file_name().is_some_and(|name| known.iter().any(|k| k == name)))
                    .map(Listed::OnlyInMultiPackIndex),
            );
        }
        all.extend(indexes.into_iter().map(Listed::Index));
    }
    Ok(all)
}

/// The index names in a directory's multi-pack-index, or in the layers of an incremental one; none where they cannot be
/// read, as Git does.
fn multi_pack_index_names(directory: &Path) -> Vec<std::ffi::OsString> {
    let layers = directory.join("multi-pack-index.d");
    // Source: git/midx.h, `MIDX_CHAIN_FILENAME`: a line for each layer, the checksum in its name.
    let chain = std::fs::read_to_string(layers.join("multi-pack-index-chain")).unwrap_or_default();
    let layers = chain.lines().map(|checksum| layers.join(format!("multi-pack-index-{checksum}.midx")));
    layers
        .chain([directory.join("multi-pack-index")])
        .filter_map(|path| gix_pack::multi_index::File::at(path, None).ok())
        .flat_map(|file| file.index_names().to_vec())
        .map(std::path::PathBuf::into_os_string)
        .collect()
}

/// Which objects of each pack an earlier pack has too: one merge over the sorted indexes.
fn duplicates(packs: &[Pack]) -> Vec<Set> {
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;
    if packs.len() < 2 {
        return packs.iter().map(|_| Set::default()).collect();
    }
    let mut sets: Vec<Set> = packs.iter().map(|pack| Set::new(pack.len() as usize)).collect();
    let next = |number: usize, position: u32| {
        packs.get(number).and_then(|pack| pack.id(position)).map(|id| Reverse((id, number, position)))
    };
    let mut heap: BinaryHeap<_> = (0..packs.len()).filter_map(|number| next(number, 0)).collect();
    let mut last = None;
    while let Some(Reverse((id, number, position))) = heap.pop() {
        if last == Some(id)
            && let Some(set) = sets.get_mut(number)
        {
            set.insert(position);
        }
        last = Some(id);
        heap.extend(position.checked_add(1).and_then(|position| next(number, position)));
    }
    sets
}
