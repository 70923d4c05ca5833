//! Inflating: whole streams of known size with libdeflate, the beginning of a stream and streams too large for memory with
//! zlib-rs.

use gix_zlib::{Decompress, FlushDecompress, Status};
use libdeflater::Decompressor;
use std::io::BufRead;

/// The most that deflate can shrink data (`zlib` documentation: 1032:1), so that a header cannot ask for
/// memory that its data could never fill.
const MAX_RATIO: u64 = 1032;

/// How many bytes of a stream are inflated at a time.
const CHUNK: usize = 1 << 16;

/// Inflates; one for every thread.
pub(super) struct Inflater {
    whole: Decompressor,
    start: Decompress,
}

impl Inflater {
    pub(super) fn new() -> Self {
        Self { whole: Decompressor::new(), start: Decompress::default() }
    }

    /// Inflates a zlib stream that holds exactly `size` bytes into `out`; its checksum is verified. `None` when it
    /// does not.
    pub(super) fn whole(&mut self, stream: &[u8], size: u64, out: &mut Vec<u8>) -> Option<()> {
        if size > (stream.len() as u64).saturating_mul(MAX_RATIO) {
            return None;
        }
        let size = usize::try_from(size).ok()?;
        out.resize(size, 0);
        let written = self.whole.zlib_decompress(stream, out).ok()?;
        (written == size).then_some(())
    }

    /// Inflates the beginning of a zlib stream, as much as `out` takes, and returns how much that was.
    pub(super) fn start(&mut self, stream: &[u8], out: &mut [u8]) -> Option<usize> {
        self.start.reset();
        let room = out.len();
        self.start.decompress(stream, out, FlushDecompress::Sync).ok()?;
        usize::try_from(self.start.total_out()).ok().filter(|&written| written <= room)
    }
    /// Inflates a zlib stream piece by piece.
    pub(super) fn chunks<R: BufRead>(&mut self, input: R) -> Chunks<'_, R> {
        self.start.reset();
        Chunks { input, state: &mut self.start, buffer: vec![0; CHUNK], at: 0, end: 0, is_over: false }
    }
}

/// A zlib stream on its way through a small buffer.
pub(super) struct Chunks<'a, R> {
    input: R,
    state: &'a mut Decompress,
    buffer: Vec<u8>,
    /// What is inflated and not taken is `buffer[at..end]`.
    at: usize,
    end: usize,
    is_over: bool,
}

impl<R: BufRead> Chunks<'_, R> {
    /// The next bytes, at most `most` of them; none at the end of a stream that is sound. `None` where it is not, or ends
    /// too early.
    pub(super) fn take(&mut self, most: usize) -> Option<&[u8]> {
        if self.at == self.end && !self.is_over {
            self.fill()?;
        }
        let start = self.at;
        self.at = start.saturating_add(most).min(self.end);
        self.buffer.get(start..self.at)
    }

    /// Fills `out`; `None` where the stream ends before.
    pub(super) fn exactly(&mut self, out: &mut [u8]) -> Option<()> {
        let mut filled = 0;
        while filled < out.len() {
            let bytes = self.take(out.len() - filled)?;
            let end = filled + bytes.len();
            out.get_mut(filled..end).filter(|room| !room.is_empty())?.copy_from_slice(bytes);
            filled = end;
        }
        Some(())
    }

    /// Inflates until there is something in the empty buffer, or the stream is over.
    fn fill(&mut self) -> Option<()> {
        (self.at, self.end) = (0, 0);
        while self.end == 0 && !self.is_over {
            let input = self.input.fill_buf().ok()?;
            let (read, written) = (self.state.total_in(), self.state.total_out());
            let status = self.state.decompress(input, &mut self.buffer, FlushDecompress::None).ok()?;
            let read = usize::try_from(self.state.total_in() - read).ok()?;
            self.end = usize::try_from(self.state.total_out() - written).ok()?;
            self.input.consume(read);
            self.is_over = status == Status::StreamEnd;
            if read == 0 && self.end == 0 && !self.is_over {
                return None;
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "abc" three hundred thousand times, packed by libdeflate.
    fn packed() -> (Vec<u8>, Vec<u8>) {
        let text = b"abc".repeat(300_000);
        let mut packer = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
        let mut out = vec![0; packer.zlib_compress_bound(text.len())];
        let size = packer.zlib_compress(&text, &mut out).unwrap();
        out.truncate(size);
        (text, out)
    }

    #[test]
    fn piece_by_piece_comes_out_what_went_in() {
        let (text, packed) = packed();
        let mut inflater = Inflater::new();
        // Twice with the same state, and with input that trickles.
        for most in [1000, usize::MAX] {
            let stream = [&packed[..], b"what follows"].concat();
            let mut chunks = inflater.chunks(std::io::BufReader::with_capacity(7, stream.as_slice()));
            let mut out = Vec::new();
            loop {
                let bytes = chunks.take(most).unwrap();
                if bytes.is_empty() {
                    break;
                }
                out.extend_from_slice(bytes);
            }
            assert!(out == text);
            assert_eq!(chunks.exactly(&mut [0]), None, "nothing is left");
        }
    }

    #[test]
    fn what_is_cut_short_or_overwritten_is_noticed() {
        let (_, packed) = packed();
        let mut inflater = Inflater::new();
        let mut is_sound = |stream: &[u8]| {
            let mut chunks = inflater.chunks(stream);
            loop {
                match chunks.take(usize::MAX) {
                    None => return false,
                    Some([]) => return true,
                    Some(_) => {}
                }
            }
        };
        assert!(is_sound(&packed));
        for length in 0..packed.len() {
            assert!(!is_sound(&packed[..length]), "the first {length} bytes");
        }
        for at in [0, packed.len() / 2, packed.len() - 1] {
            let mut broken = packed.clone();
            broken[at] ^= 0x55;
            assert!(!is_sound(&broken), "byte {at}");
        }
    }
}
