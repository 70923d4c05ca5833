//! Blobs that are stored loose, read one by one.
//!
//! What was staged a moment ago, and what a small push brings, is loose. libgit2 opens such a file once for its size and once for its
//! contents; here it is opened once, and inflated by a library that is made for buffers of known size. Whatever is not there
//! or not sound is left to libgit2, which looks everywhere and has the words for what is wrong.

use super::directories::Environment;
use super::inflate::Inflater;
use super::{ObjectKind, loose};
use crate::RepositoryInfo;
use gatepost_core::ObjectId;
use std::path::PathBuf;

/// So many blobs in a row that are not there: they are in packs, and so are the next ones.
const MISSES: u32 = 64;

/// The loose blobs of a repository's own object directory.
pub(crate) struct LooseBlobs {
    directory: PathBuf,
    /// Made when there is something to inflate.
    inflater: Option<Inflater>,
    misses: u32,
}

impl LooseBlobs {
    /// Those of a repository, or of the object directory that Git names instead: of a push in quarantine.
    pub(crate) fn of(info: &RepositoryInfo) -> Self {
        let named = Environment::of_process().object_directory;
        let directory = named.map_or_else(|| info.common_dir.join("objects"), PathBuf::from);
        Self { directory, inflater: None, misses: 0 }
    }

    /// The size of a blob, whose bytes are in `buffer` where they are no more than `limit`. `None` where it is not loose, no
    /// blob or not sound.
    pub(crate) fn read(&mut self, id: &ObjectId, limit: u64, buffer: &mut Vec<u8>) -> Option<u64> {
        if self.misses >= MISSES {
            return None;
        }
        let inflater = self.inflater.get_or_insert_with(Inflater::new);
        let Ok(found) = loose::read(&loose::path(&self.directory, id), |_| limit, inflater, buffer) else {
            self.misses += 1;
            return None;
        };
        self.misses = 0;
        if found.kind != ObjectKind::Blob {
            return None;
        }
        if found.whole {
            buffer.drain(..found.header.min(buffer.len()));
        }
        Some(found.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use libdeflater::{CompressionLvl, Compressor};

    fn id(digit: u8) -> ObjectId {
        ObjectId::from_hex(&[digit; 40]).unwrap()
    }

    #[test]
    fn a_loose_blob_is_read_and_everything_else_is_left_to_others() {
        let folder = tempfile::tempdir().unwrap();
        let store = |digit: u8, object: &[u8]| {
            let mut packer = Compressor::new(CompressionLvl::default());
            let mut stream = vec![0; packer.zlib_compress_bound(object.len())];
            let size = packer.zlib_compress(object, &mut stream).unwrap();
            stream.truncate(size);
            let path = loose::path(folder.path(), &id(digit));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &stream).unwrap();
            (path, stream)
        };
        store(b'1', b"blob 5\0hello");
        store(b'2', b"tree 0\0");
        store(b'3', b"blob 6\0hello");
        let (path, stream) = store(b'4', b"blob 5\0hallo");
        std::fs::write(path, &stream[..stream.len() - 1]).unwrap();
        store(b'5', b"blob 0\0");
        let mut blobs = LooseBlobs { directory: folder.path().into(), inflater: None, misses: 0 };
        let mut read = |digit: u8, limit: u64| {
            let mut buffer = b"before".to_vec();
            let size = blobs.read(&id(digit), limit, &mut buffer);
            (size, size.filter(|size| *size <= limit).map(|_| buffer))
        };
        assert_eq!(read(b'1', 5), (Some(5), Some(b"hello".to_vec())));
        assert_eq!(read(b'1', 4), (Some(5), None));
        assert_eq!(read(b'5', 0), (Some(0), Some(Vec::new())));
        for (digit, what) in [(b'2', "no blob"), (b'3', "too short"), (b'4', "cut off"), (b'6', "not there")]
        {
            assert_eq!(read(digit, 100), (None, None), "{what}");
        }
        for _ in 0..MISSES {
            assert_eq!(read(b'6', 5), (None, None));
        }
        assert_eq!(read(b'1', 5), (None, None), "nothing is loose, as it seems");
    }
}
