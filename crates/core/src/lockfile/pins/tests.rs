use super::*;
use crate::policy::{Layer, Origin, Policy};
use crate::sink::Collected;
use crate::{Check, Date, Document, DocumentKind, RepoPath, Stage};

/// What a file says under some lines of `[pins]`, when it is new.
fn found(options: &str, path: &str, text: &str) -> Vec<crate::Finding> {
    let text_of_policy = format!("[pins]\n{options}\n");
    let layer = Layer { origin: Origin::File("gatepost.toml".to_owned()), text: text_of_policy };
    let policy = Policy::load(&[layer]).unwrap();
    let judge = Judge::new(&policy, Stage::PreCommit, Date::parse("2026-11-24").unwrap()).unwrap();
    let path = RepoPath::from(path);
    let mut document = Document::new(DocumentKind::File, text.as_bytes());
    document.path = Some(&path);
    let mut sink = Collected::default();
    judge.document(&document, &mut sink);
    sink.findings
}

#[test]
fn every_finder_fires_on_its_example_and_is_silent_on_the_other() {
    for finder in FINDERS {
        let codes = |text: &str| -> Vec<String> {
            let found = found(finder.options, finder.example_path, text);
            found.into_iter().map(|finding| finding.code.to_string()).collect()
        };
        assert_eq!(codes(finder.info.fires), [finder.info.code], "{} fires", finder.info.name);
        assert!(
            !codes(finder.info.silent).iter().any(|code| code == finder.info.code),
            "{}",
            finder.info.name
        );
        assert!(CHECK.keys.iter().any(|key| key.name == finder.key), "[pins] has no `{}`", finder.key);
    }
}
