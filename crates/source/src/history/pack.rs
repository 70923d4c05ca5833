//! One pack: its index, its mapped data, and its entries.

use super::ObjectKind;
use gatepost_core::ObjectId;
use gix_pack::data::{Entry, entry::Header};
use std::cmp::Ordering;
use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

/// A pack whose files are open.
pub(super) struct Pack {
    index: gix_pack::index::File,
    data: gix_pack::data::File,
    /// The file name, for people.
    pub(super) name: String,
    hash: gix_hash::Kind,
    /// Where the ids begin that start with each value of their first bits; made when the first id is looked up.
    fan: OnceLock<Fan>,
}

/// The ids of a pack by their first bits, so few to a value that what is left of a search is a glance. The index's own
/// table goes by the first eight bits, which leaves a dozen steps through memory for each of the millions of names in the
/// trees of a long history.
struct Fan {
    shift: u32,
    starts: Vec<u32>,
}

impl Fan {
    /// Counts the ids. There are about eight to a value.
    fn new(len: u32, id: impl Fn(u32) -> u32) -> Self {
        let bits = (32 - len.leading_zeros()).saturating_sub(3).clamp(1, 24);
        let shift = 32 - bits;
        let mut starts = vec![0; (1 << bits) + 1];
        for position in 0..len {
            if let Some(count) = starts.get_mut((id(position) >> shift) as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        Self { shift, starts }
    }

    /// The positions where an id with these first bytes can be.
    fn range(&self, first: u32) -> Range<u32> {
        let value = (first >> self.shift) as usize;
        match (self.starts.get(value), self.starts.get(value + 1)) {
            (Some(&start), Some(&end)) => start..end,
            _ => 0..0,
        }
    }
}

/// The first four bytes of an id.
fn first_bytes(id: &[u8]) -> u32 {
    id.first_chunk().map_or(0, |&bytes| u32::from_be_bytes(bytes))
}

/// Why a pack is not open.
#[derive(Debug)]
pub(super) enum NotOpen {
    /// A version that this reader does not know.
    NotUnderstood(String),
    /// A file is not there (any more).
    Gone,
    /// A file is broken or cannot be read.
    Broken(String),
}

impl Pack {
    /// Opens the pack of an index file.
    pub(super) fn open(index_path: &Path, hash: gix_hash::Kind) -> Result<Self, NotOpen> {
        let data_path = index_path.with_extension("pack");
        check_versions(index_path, &data_path)?;
        let broken = |path: &Path, error: &dyn std::fmt::Display| {
            if path.exists() {
                NotOpen::Broken(format!("{}: {error}", path.display()))
            } else {
                NotOpen::Gone
            }
        };
        let index =
            gix_pack::index::File::at(index_path, hash).map_err(|error| broken(index_path, &error))?;
        let data = gix_pack::data::File::at(&data_path, hash).map_err(|error| broken(&data_path, &error))?;
        let name = data_path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { index, data, name, hash, fan: OnceLock::new() })
    }

    /// In what the pack is not the one that its index was made for; Git refuses such a pack altogether.
    pub(super) fn mismatch(&self) -> Option<&'static str> {
        if self.data.num_objects() != self.index.num_objects() {
            Some("it does not hold as many objects as its index says")
        } else if self.data.checksum() != self.index.pack_checksum() {
            Some("it does not end with the checksum that its index says: it was cut short or overwritten")
        } else {
            None
        }
    }

    /// How many objects the index lists.
    pub(super) fn len(&self) -> u32 {
        self.index.num_objects()
    }

    /// The id at a position of the index; ids are sorted.
    pub(super) fn id(&self, position: u32) -> Option<ObjectId> {
        if position >= self.len() {
            return None;
        }
        ObjectId::from_bytes(self.index.oid_at_index(position).as_bytes())
    }

    /// The position of an id in the index.
    pub(super) fn find(&self, id: &ObjectId) -> Option<u32> {
        let id = id.as_bytes();
        if id.len() != self.hash.len_in_bytes() {
            return None;
        }
        let at = |position: u32| self.index.oid_at_index(position).as_bytes();
        let fan = self.fan.get_or_init(|| Fan::new(self.len(), |position| first_bytes(at(position))));
        let Range { mut start, mut end } = fan.range(first_bytes(id));
        while start < end {
            let middle = start + (end - start) / 2;
            match at(middle).cmp(id) {
                Ordering::Less => start = middle + 1,
                Ordering::Greater => end = middle,
                Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// The id of the entry at `offset`: slow, for when something is broken.
    pub(super) fn id_at(&self, offset: u64) -> Option<ObjectId> {
        (0..self.len()).find(|position| self.offset(*position) == Some(offset)).and_then(|at| self.id(at))
    }

    /// The offset of the object at a position of the index.
    pub(super) fn offset(&self, position: u32) -> Option<u64> {
        (position < self.len()).then(|| self.index.pack_offset_at_index(position))
    }

    /// Where the last entry ends.
    pub(super) fn end(&self) -> u64 {
        self.data.pack_end() as u64
    }

    /// The bytes of the pack in `range`, or as much of them as is there.
    pub(super) fn bytes(&self, range: Range<u64>) -> &[u8] {
        let end = range.end.min(self.end());
        if range.start >= end {
            return &[];
        }
        self.data.entry_slice(range.start..end).unwrap_or_default()
    }

    /// Whether the entry in `range` has the checksum that the index says. True where the index says nothing.
    pub(super) fn is_intact(&self, position: u32, range: Range<u64>) -> bool {
        let (Ok(size), Some(true)) =
            (usize::try_from(range.end.saturating_sub(range.start)), Some(range.end <= self.end()))
        else {
            return false;
        };
        match (position < self.len()).then(|| self.index.crc32_at_index(position)) {
            Some(Some(sum)) => self.data.entry_crc32(range.start, size) == sum,
            Some(None) => true,
            None => false,
        }
    }

    /// The header of the entry at `offset`.
    pub(super) fn header(&self, offset: u64) -> Option<EntryHeader> {
        // No header is longer: ten bytes of size, then an id or ten bytes of distance.
        let bytes = self.bytes(offset..offset.checked_add(64)?);
        let entry = Entry::from_bytes(bytes, offset, self.hash).ok()?;
        let base = match entry.header {
            Header::Commit => Base::None(ObjectKind::Commit),
            Header::Tree => Base::None(ObjectKind::Tree),
            Header::Blob => Base::None(ObjectKind::Blob),
            Header::Tag => Base::None(ObjectKind::Tag),
            Header::OfsDelta { base_distance } => {
                Base::Offset(offset.checked_sub(base_distance).filter(|&base| base < offset)?)
            }
            Header::RefDelta { base_id } => Base::Id(ObjectId::from_bytes(base_id.as_bytes())?),
        };
        Some(EntryHeader { base, size: entry.decompressed_size, data: entry.data_offset })
    }

    /// The kind of the entry at `offset`; or, where its chain of deltas leads to an object by its id, that id.
    pub(super) fn kind(&self, mut offset: u64) -> Option<Result<ObjectKind, ObjectId>> {
        loop {
            match self.header(offset)?.base {
                Base::None(kind) => return Some(Ok(kind)),
                Base::Offset(base) => offset = base,
                Base::Id(base) => return Some(Err(base)),
            }
        }
    }

    /// Every offset with its position in the index, sorted by offset.
    pub(super) fn by_offset(&self) -> Vec<(u64, u32)> {
        let mut all: Vec<(u64, u32)> =
            (0..self.len()).map(|position| (self.index.pack_offset_at_index(position), position)).collect();
        all.sort_unstable();
        all
    }
}

/// What an entry is stored as.
#[derive(Clone, Copy, Debug)]
pub(super) struct EntryHeader {
    /// What it is an edit of.
    pub(super) base: Base,
    /// The size of what is inflated: of the object, or of the delta.
    pub(super) size: u64,
    /// Where the compressed data begins.
    pub(super) data: u64,
}

/// What an entry is an edit of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Base {
    /// Nothing: it is stored whole.
    None(ObjectKind),
    /// The entry at this offset.
    Offset(u64),
    /// The object of this id.
    Id(ObjectId),
}

/// Tells versions that are merely unknown from files that are broken. Source: gitformat-pack(5).
fn check_versions(index_path: &Path, data_path: &Path) -> Result<(), NotOpen> {
    let index = read_start(index_path)?;
    if let Some(version) = index.strip_prefix(b"\xfftOc")
        && version != 2_u32.to_be_bytes()
    {
        return Err(NotOpen::NotUnderstood(format!("{} has another version", index_path.display())));
    }
    let data = read_start(data_path)?;
    if let Some(version) = data.strip_prefix(b"PACK")
        && version != 2_u32.to_be_bytes()
        && version != 3_u32.to_be_bytes()
    {
        return Err(NotOpen::NotUnderstood(format!("{} has another version", data_path.display())));
    }
    Ok(())
}

fn read_start(path: &Path) -> Result<[u8; 8], NotOpen> {
    use std::io::Read as _;
    let mut start = [0; 8];
    match std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start)) {
        Ok(()) => Ok(start),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(NotOpen::Gone),
        Err(error) => Err(NotOpen::Broken(format!("{}: {error}", path.display()))),
    }
}
