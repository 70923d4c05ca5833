//! Small objects that are stored as edits of large ones. The large one is never in memory: it goes by, piece by piece, and
//! what the small ones copy from it is taken out.

use super::delta::{copy_operands, operand_bytes};
use super::inflate::{Chunks, Inflater};
use super::loose;
use super::pack::Base;
use super::store::{MAX_CHAIN, Store};
use gatepost_core::ObjectId;
use std::io::BufRead;

/// Of how many pieces of a large object others may be made at a time: each takes 24 bytes. An edit of 32 MiB in which
/// every copy is of sixteen bytes, the shortest that Git makes, has as many.
const MAX_PIECES: usize = 1 << 21;

/// Where an object is stored.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stored {
    /// In a pack, by its number, at an offset.
    Packed(usize, u64),
    /// In a file of its own.
    Loose(ObjectId),
}

/// Bytes of an object that others are made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    /// Where they begin in that object.
    from: u64,
    /// Where they go in the output.
    to: usize,
    length: usize,
}

impl Piece {
    /// The first `length` bytes of an object, to be put at `to`.
    pub(super) const fn start(to: usize, length: usize) -> Self {
        Self { from: 0, to, length }
    }

    fn end(&self) -> u64 {
        self.from.saturating_add(self.length as u64)
    }

    /// The part of it that lies in `start..end`.
    fn part(&self, start: u64, end: u64) -> Option<Self> {
        let (from, end) = (self.from.max(start), self.end().min(end));
        let skipped = usize::try_from(from.checked_sub(self.from)?).ok()?;
        let length = usize::try_from(end.checked_sub(from)?).ok()?;
        Some(Self { from, to: self.to.checked_add(skipped)?, length })
    }
}

impl Store {
    /// Copies pieces of an object (where it is, and its size) into `out`: through any chain of deltas to what is stored
    /// whole. `None` when some of it is broken or missing.
    pub(super) fn copy_out(
        &self,
        mut object: (Stored, u64),
        mut pieces: Vec<Piece>,
        out: &mut [u8],
        inflater: &mut Inflater,
    ) -> Option<()> {
        pieces.retain(|piece| piece.length > 0);
        for _ in 0..MAX_CHAIN {
            if pieces.is_empty() {
                return Some(());
            }
            let (at, size) = object;
            let step = self.copy_step(object, &mut pieces, out, inflater).or_else(|| {
                let copies = self.other_copies(at);
                copies.into_iter().find_map(|copy| self.copy_step((copy, size), &mut pieces, out, inflater))
            });
            match step? {
                Some(base) => object = base,
                None => return Some(()),
            }
        }
        None
    }

    /// Where else an object is that cannot be read at `at`.
    fn other_copies(&self, at: Stored) -> Vec<Stored> {
        let (not_in, id) = match at {
            Stored::Packed(number, offset) => {
                (Some(number), self.packs.get(number).and_then(|pack| pack.id_at(offset)))
            }
            Stored::Loose(id) => (None, Some(id)),
        };
        let Some(id) = id else { return Vec::new() };
        let packed = self.packs.iter().enumerate().filter(|(number, _)| Some(*number) != not_in);
        let packed =
            packed.filter_map(|(number, pack)| Some(Stored::Packed(number, pack.offset(pack.find(&id)?)?)));
        packed.chain([Stored::Loose(id)]).collect()
    }

    /// Copies what an object (where it is, and its size) has of the pieces itself, and leaves those that its base has;
    /// returns where the base is, if it has one, and its size.
    pub(super) fn copy_step(
        &self,
        (at, size): (Stored, u64),
        pieces: &mut Vec<Piece>,
        out: &mut [u8],
        inflater: &mut Inflater,
    ) -> Option<Option<(Stored, u64)>> {
        pieces.sort_unstable_by_key(|piece| piece.from);
        let (number, offset) = match at {
            Stored::Packed(number, offset) => (number, offset),
            Stored::Loose(id) => {
                let file = self
                    .directories
                    .iter()
                    .find_map(|directory| std::fs::File::open(loose::path(directory, &id)).ok())?;
                let mut chunks = inflater.chunks(std::io::BufReader::new(file));
                (loose::skip_header(&mut chunks)? == size).then_some(())?;
                copy_whole(&mut chunks, size, pieces, out)?;
                return Some(None);
            }
        };
        let pack = self.packs.get(number)?;
        let header = pack.header(offset)?;
        let mut chunks = inflater.chunks(pack.bytes(header.data..pack.end()));
        let base = match header.base {
            Base::None(_) => {
                copy_whole(&mut chunks, size, pieces, out)?;
                return Some(None);
            }
            Base::Offset(base) => Stored::Packed(number, base),
            Base::Id(id) => match self.locate(&id, number, None) {
                Some((number, offset)) => Stored::Packed(number, offset),
                None => Stored::Loose(id),
            },
        };
        let base_size = copy_edit(&mut chunks, size, pieces, out)?;
        Some(Some((base, base_size)))
    }
}

/// The pieces, sorted by where they begin, as the object that has them goes by.
struct Passing<'a> {
    rest: std::slice::Iter<'a, Piece>,
    open: Vec<Piece>,
}

impl<'a> Passing<'a> {
    fn new(sorted: &'a [Piece]) -> Self {
        Self { rest: sorted.iter(), open: Vec::new() }
    }

    /// Calls `each` with every part of a piece that lies in `start..end`, which is where the part before ended.
    fn part(&mut self, start: u64, end: u64, mut each: impl FnMut(Piece) -> Option<()>) -> Option<()> {
        while let Some(piece) = self.rest.as_slice().first().filter(|piece| piece.from < end) {
            self.open.push(*piece);
            self.rest.next();
        }
        let mut sound = Some(());
        self.open.retain(|piece| {
            sound = sound.and_then(|()| each(piece.part(start, end)?));
            piece.end() > end
        });
        sound
    }

    /// Whether every piece has gone by.
    fn is_over(&self) -> bool {
        self.open.is_empty() && self.rest.as_slice().is_empty()
    }
}

/// Copies pieces of an object that is stored whole, all of which is read: its checksum is at its end.
fn copy_whole<R: BufRead>(
    chunks: &mut Chunks<'_, R>,
    size: u64,
    pieces: &[Piece],
    out: &mut [u8],
) -> Option<()> {
    let mut passing = Passing::new(pieces);
    let mut at = 0_u64;
    loop {
        let bytes = chunks.take(usize::MAX)?;
        if bytes.is_empty() {
            return (at == size && passing.is_over()).then_some(());
        }
        let end = at.checked_add(bytes.len() as u64).filter(|end| *end <= size)?;
        passing.part(at, end, |part| {
            let start = usize::try_from(part.from.checked_sub(at)?).ok()?;
            let from = bytes.get(start..start.checked_add(part.length)?)?;
            out.get_mut(part.to..part.to.checked_add(part.length)?)?.copy_from_slice(from);
            Some(())
        })?;
        at = end;
    }
}

/// Copies what an edit inserts, and turns `pieces` into those of its base; returns the size of the base.
fn copy_edit<R: BufRead>(
    chunks: &mut Chunks<'_, R>,
    size: u64,
    pieces: &mut Vec<Piece>,
    out: &mut [u8],
) -> Option<u64> {
    let base_size = number(chunks)?;
    (number(chunks)? == size).then_some(())?;
    let mut of_base: Vec<Piece> = Vec::new();
    let mut passing = Passing::new(pieces);
    let (mut at, mut buffer) = (0_u64, [0; 127]);
    while let Some(command) = next_byte(chunks)? {
        if command & 0x80 == 0 {
            let inserted = buffer.get_mut(..usize::from(command)).filter(|bytes| !bytes.is_empty())?;
            chunks.exactly(inserted)?;
            let end = at.checked_add(u64::from(command))?;
            passing.part(at, end, |part| {
                let start = usize::try_from(part.from.checked_sub(at)?).ok()?;
                let from = inserted.get(start..start.checked_add(part.length)?)?;
                out.get_mut(part.to..part.to.checked_add(part.length)?)?.copy_from_slice(from);
                Some(())
            })?;
            at = end;
            continue;
        }
        let operands = buffer.get_mut(..operand_bytes(command))?;
        chunks.exactly(operands)?;
        let (from, length, _) = copy_operands(command, operands)?;
        let from = from as u64;
        let (end, end_of_copy) = (at.checked_add(length as u64)?, from.checked_add(length as u64)?);
        (end_of_copy <= base_size).then_some(())?;
        passing.part(at, end, |part| {
            let from = from.checked_add(part.from.checked_sub(at)?)?;
            match of_base.last_mut() {
                // Git splits long copies.
                Some(last) if last.end() == from && last.to + last.length == part.to => {
                    last.length += part.length;
                }
                _ => of_base.push(Piece { from, ..part }),
            }
            (of_base.len() <= MAX_PIECES).then_some(())
        })?;
        at = end;
    }
    (at == size && passing.is_over()).then_some(())?;
    *pieces = of_base;
    Some(base_size)
}

/// The next byte; the inner `None` is the end of a sound stream.
fn next_byte<R: BufRead>(chunks: &mut Chunks<'_, R>) -> Option<Option<u8>> {
    Some(chunks.take(1)?.first().copied())
}

/// A size, seven bits a byte, the least significant first.
fn number<R: BufRead>(chunks: &mut Chunks<'_, R>) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..63).step_by(7) {
        let byte = next_byte(chunks)??;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
