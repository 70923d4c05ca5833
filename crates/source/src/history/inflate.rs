//! Inflating: whole streams of known size with libdeflate, the beginning of a stream with zlib-rs.

use gix_zlib::{Decompress, FlushDecompress};
use libdeflater::Decompressor;

/// The most that deflate can shrink data (`zlib` documentation: 1032:1), so that a header cannot ask for
/// memory that its data could never fill.
const MAX_RATIO: u64 = 1032;

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
}
