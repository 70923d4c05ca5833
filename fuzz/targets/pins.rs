//! References that are not held fast: every finder reads every text. The first line is the path.
#![no_main]

use gatepost_core::lockfile::pins::{FINDERS, Judge};
use gatepost_core::policy::{Layer, Origin, Policy};
use gatepost_core::sink::Collected;
use gatepost_core::{Check, Date, Document, DocumentKind, RepoPath, Stage};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

/// Every finder is on.
static JUDGE: LazyLock<Judge> = LazyLock::new(|| {
    let keys = FINDERS.iter().map(|finder| format!("{} = \"warn\"\n", finder.key));
    let text = format!("[pins]\n{}", keys.collect::<String>());
    let layer = Layer { origin: Origin::File("gatepost.toml".to_owned()), text };
    let policy = Policy::load(&[layer]).expect("the policy is one");
    let today = Date::parse("2026-12-01").expect("the date is one");
    Judge::new(&policy, Stage::PreCommit, today).expect("the settings are good")
});

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let (path, text) = text.split_once('\n').unwrap_or(("Dockerfile", &text));
    let path = RepoPath::from(path);
    let mut document = Document::new(DocumentKind::File, text.as_bytes());
    document.path = Some(&path);
    let mut sink = Collected::default();
    JUDGE.document(&document, &mut sink);
    for finding in &sink.findings {
        assert!(!finding.message.is_empty());
    }
});
