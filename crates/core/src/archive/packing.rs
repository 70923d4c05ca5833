//! Archives for tests, made when they run: of this crate, and of the whole product, which includes this file.

use std::io::Write as _;

/// How an entry of a ZIP is packed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Method {
    Stored,
    Deflated,
    Bz2,
    Zst,
    Xz,
    /// What nobody knows.
    Unknown,
    /// Stored, with the flag of an encrypted entry.
    Encrypted,
}

impl Method {
    fn pack(self, bytes: &[u8]) -> (u16, Vec<u8>) {
        match self {
            Self::Stored | Self::Encrypted => (0, bytes.to_vec()),
            Self::Deflated => (8, deflated(bytes)),
            Self::Bz2 => (12, bz2(bytes)),
            Self::Zst => (93, zst(bytes)),
            Self::Xz => (95, xz(bytes)),
            Self::Unknown => (77, bytes.to_vec()),
        }
    }
}

/// A ZIP of these entries, in this order.
pub(crate) fn zip(entries: &[(&str, Method, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, method, bytes) in entries {
        let (number, packed) = method.pack(bytes);
        let flags = u16::from(*method == Method::Encrypted);
        let mut common = Vec::new();
        for half in [20, flags, number, 0, 0] {
            common.extend_from_slice(&u16::to_le_bytes(half));
        }
        for word in [crc32fast::hash(bytes), length(&packed), length(bytes)] {
            common.extend_from_slice(&word.to_le_bytes());
        }
        common.extend_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
        common.extend_from_slice(&[0, 0]);
        directory.extend(
            [&b"PK\x01\x02\x14\0"[..], &common, &[0; 10], &length(&out).to_le_bytes(), name.as_bytes()]
                .concat(),
        );
        out.extend([&b"PK\x03\x04"[..], &common, name.as_bytes(), &packed].concat());
    }
    let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
    let (start, size) = (length(&out).to_le_bytes(), length(&directory).to_le_bytes());
    out.extend([&directory[..], b"PK\x05\x06\0\0\0\0", &count, &count, &size, &start, &[0, 0]].concat());
    out
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap()
}

pub(crate) fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// gzip, with the name of what is in it if there is one.
pub(crate) fn gz(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut builder = flate2::GzBuilder::new();
    if !name.is_empty() {
        builder = builder.filename(name);
    }
    let mut encoder = builder.write(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

pub(crate) fn zst(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// A tar of files: ustar, with pax records for long names.
pub(crate) fn tar(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in entries {
        if name.len() > 100 {
            let record = format!(" path={name}\n");
            // The length counts its own digits.
            let total =
                (record.len()..).find(|total| total.to_string().len() + record.len() == *total).unwrap();
            tar_entry(&mut out, b'x', "pax", format!("{total}{record}").as_bytes());
        }
        tar_entry(&mut out, b'0', name.get(..100).unwrap_or(name), bytes);
    }
    out.resize(out.len() + 1024, 0);
    out
}

/// One entry of a tar, of a kind.
pub(crate) fn tar_entry(out: &mut Vec<u8>, kind: u8, name: &str, bytes: &[u8]) {
    let mut header = [0_u8; 512];
    let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000644\0");
    put(124, &format!("{:011o}\0", bytes.len()));
    put(148, "        ");
    put(257, "ustar\x0000");
    header[156] = kind;
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    out.extend_from_slice(&header);
    out.extend_from_slice(bytes);
    out.resize(out.len().next_multiple_of(512), 0);
}

/// bzip2 in blocks of one kilobyte and codes of one length: nobody's compressor, and every decompressor's format.
pub(crate) fn bz2(bytes: &[u8]) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(0x425a_6831, 32);
    let mut total = 0_u32;
    for chunk in bytes.chunks(1000) {
        let sum = bz2_sum(chunk);
        total = total.rotate_left(1) ^ sum;
        bz2_block(&mut bits, &runs(chunk), sum);
    }
    bits.put(0x1772_4538_5090, 48);
    bits.put(u64::from(total), 32);
    bits.out.extend((bits.count > 0).then(|| (bits.buffer << (8 - bits.count)) as u8));
    bits.out
}

#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    buffer: u64,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: u64, count: u32) {
        for bit in (0..count).rev() {
            self.buffer = (self.buffer << 1) | (value >> bit & 1);
            self.count += 1;
            if self.count == 8 {
                self.out.push(self.buffer as u8);
                (self.buffer, self.count) = (0, 0);
            }
        }
    }
}

fn bz2_sum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte) << 24, |sum, _| {
            (sum << 1) ^ (0x04c1_1db7 & (sum >> 31).wrapping_neg())
        })
    })
}

/// Four bytes of a kind, and how many more.
fn runs(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for run in bytes.chunk_by(|a, b| a == b) {
        for part in run.chunks(259) {
            out.extend(part.iter().take(4));
            out.extend((part.len() >= 4).then(|| (part.len() - 4) as u8));
        }
    }
    out
}

fn bz2_block(bits: &mut Bits, bytes: &[u8], sum: u32) {
    let mut sorted: Vec<usize> = (0..bytes.len()).collect();
    let rotation = |at: usize| bytes[at..].iter().chain(&bytes[..at]);
    sorted.sort_by(|a, b| rotation(*a).cmp(rotation(*b)));
    let origin = sorted.iter().position(|at| *at == 0).unwrap();
    let last = sorted.iter().map(|at| bytes[(at + bytes.len() - 1) % bytes.len()]);

    let mut order: Vec<u8> = (0..=255).filter(|byte| bytes.contains(byte)).collect();
    let used = order.clone();
    let (mut symbols, mut run) = (Vec::new(), 0_u32);
    let end_run = |symbols: &mut Vec<u64>, run: &mut u32| {
        while *run > 0 {
            *run -= 1;
            symbols.push(u64::from(*run & 1));
            *run >>= 1;
        }
    };
    for byte in last {
        let place = order.iter().position(|other| *other == byte).unwrap();
        if place == 0 {
            run += 1;
            continue;
        }
        end_run(&mut symbols, &mut run);
        symbols.push(place as u64 + 1);
        order[..=place].rotate_right(1);
    }
    end_run(&mut symbols, &mut run);
    symbols.push(used.len() as u64 + 1);

    bits.put(0x3141_5926_5359, 48);
    bits.put(u64::from(sum), 32);
    bits.put(origin as u64, 1 + 24);
    let has = |row: u8, column: u8| used.contains(&(row * 16 + column));
    let rows: Vec<u8> = (0..16).filter(|row| (0..16).any(|column| has(*row, column))).collect();
    (0..16).for_each(|row| bits.put(u64::from(rows.contains(&row)), 1));
    rows.iter().for_each(|row| (0..16).for_each(|column| bits.put(u64::from(has(*row, column)), 1)));
    // Two codes, since there have to be two, and the first one for every group.
    let groups = symbols.len().div_ceil(50);
    bits.put(2, 3);
    bits.put(groups as u64, 15);
    (0..groups).for_each(|_| bits.put(0, 1));
    for _ in 0..2 {
        bits.put(9, 5);
        (0..used.len() + 2).for_each(|_| bits.put(0, 1));
    }
    symbols.iter().for_each(|symbol| bits.put(*symbol, 9));
}
