//! Graphs and trees for tests.

use super::{Graph, Recorder};
use crate::history::graph::Numbers;
use crate::history::{Object, ObjectKind};
use gatepost_core::ObjectId;
use std::collections::HashSet;

/// An entry: its mode, its name, and the byte of its id.
type Entry<'a> = (&'a str, &'a str, u8);

/// The id that is this byte twenty times.
pub(in crate::history) fn id(byte: u8) -> ObjectId {
    ObjectId::from_bytes(&[byte; 20]).unwrap()
}

/// A tree object of entries.
pub(in crate::history) fn tree(entries: &[Entry<'_>]) -> Vec<u8> {
    let entry = |(mode, name, byte): &Entry<'_>| {
        [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &[*byte; 20]].concat()
    };
    entries.iter().flat_map(entry).collect()
}

/// A recorder of what no store has.
pub(in crate::history) fn recorder() -> Recorder {
    Recorder { numbers: Numbers::new(None).unwrap(), cut_off: HashSet::new() }
}

/// The graph of whole trees and of commits with a tree each.
pub(in crate::history) fn graph(trees: &[(u8, Vec<Entry<'_>>)], commits: &[(u8, u8)]) -> Graph {
    let recorder = recorder();
    let mut part = super::Part::default();
    let mut record = |byte: u8, kind, bytes: &[u8]| {
        let object = Object { id: id(byte), kind, size: bytes.len() as u64, bytes: Some(bytes) };
        recorder.record(&mut part, &object, None);
    };
    for (byte, entries) in trees {
        record(*byte, ObjectKind::Tree, &tree(entries));
    }
    for (byte, tree) in commits {
        let text = format!("tree {}\ncommitter C <c@d> 1700000000 +0000\n\nx\n", id(*tree));
        record(*byte, ObjectKind::Commit, text.as_bytes());
    }
    recorder.finish(vec![part])
}
