//! Manifests and locks of any ecosystem: every tree gets its verdicts, whatever stands in its files.
//!
//! An input is a small tree, as text: `@@@ PATH` on a line of its own begins a file. `seeds.py` makes such texts from the
//! cases of the real package managers.
#![no_main]

use gatepost_core::lockfile::{Drift, ECOSYSTEMS, Place, Record, Source, State, Tree, Want, survey};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let files = files(&text);
    let read = |path: &str, _: u64| Ok(files.get(path).map(|text| text.as_bytes().to_vec()));
    let tree = Tree::new(files.keys().copied().collect(), &read);
    for record in survey(&tree, &Want::default()) {
        check(&record, &files);
    }
    for (path, text) in &files {
        let source = Source::new(path, text);
        for ecosystem in ECOSYSTEMS.iter().filter(|ecosystem| ecosystem.role(path).is_some()) {
            let _ = ecosystem.declared(&source);
            let _ = ecosystem.locked(&source);
        }
    }
});

fn files(text: &str) -> BTreeMap<&str, &str> {
    let parts = text.strip_prefix("@@@ ").unwrap_or(text).split("\n@@@ ");
    parts.map(|part| part.split_once('\n').unwrap_or((part, ""))).collect()
}

/// What is said points into files that are there.
fn check(record: &Record, files: &BTreeMap<&str, &str>) {
    let State::Judged(verdict) = &record.state else { return };
    for reason in &verdict.reasons {
        assert!(!reason.what.is_empty());
        let is_mendable = !matches!(reason.drift, None | Some(Drift::VersionUnknown));
        assert!(!is_mendable || !reason.mend.is_empty(), "{reason:?} says nothing of mending");
        for Place { path, span } in [&reason.manifest, &reason.lock].into_iter().flatten() {
            let Some(text) = files.get(path.as_str()) else { panic!("{path} is not there: {reason:?}") };
            assert!(span.is_none_or(|span| span.end_byte <= text.len() as u64 && span.line >= 1));
        }
    }
}
