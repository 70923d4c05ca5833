//! `docs/policy.md` ends with the reference of every key, made from the keys themselves; the policies that the pages show
//! are sound.

use gatepost_core::check::Context;
use gatepost_core::policy::{Layer, Origin, Policy, Schema, reference};
use gatepost_core::{Gate, Stage, Timestamp};
use std::fs;
use std::path::Path;

#[test]
fn the_reference_page_is_made_from_the_keys() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/policy.md");
    let page = fs::read_to_string(&path).unwrap();
    let marker = "<!-- keys:";
    let at = page.find(marker).expect("docs/policy.md has lost its marker");
    let (written, rest) = page.split_at(at);
    let (marker, generated) = rest.split_once("-->\n\n").expect("docs/policy.md has lost its marker's end");
    let wanted = reference(&Schema::built_in());
    if std::env::var_os("GATEPOST_UPDATE").is_some() {
        fs::write(&path, format!("{written}{marker}-->\n\n{wanted}")).unwrap();
        return;
    }
    assert!(
        generated == wanted,
        "docs/policy.md is not what the keys say; GATEPOST_UPDATE=1 cargo test -p gatepost-app --test policy_reference \
         writes it anew"
    );
}

#[test]
fn the_policies_of_the_readme_and_of_the_pages_are_sound() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut read = 0;
    for page in [
        "README.md",
        "docs/guide.md",
        "docs/policy.md",
        "docs/regulated.md",
        "docs/checks/files.md",
        "docs/checks/branch.md",
        "docs/checks/ref.md",
        "docs/forward-ports.md",
        "docs/checks/freeze.md",
        "docs/checks/window.md",
        "docs/signatures.md",
        "docs/checks/markers.md",
    ] {
        let text = fs::read_to_string(root.join(page)).unwrap();
        for block in text.split("\n```toml\n").skip(1) {
            let text = block.split("\n```").next().unwrap().to_owned();
            let layer = Layer { origin: Origin::File(page.to_owned()), text };
            let policy = Policy::load(&[layer]).unwrap_or_else(|errors| panic!("{page}: {errors:#?}"));
            let rules: Vec<&str> = gatepost_rules::BUILTIN.ids().collect();
            assert_eq!(policy.exceptions_for_unknown_rules(&rules), [], "{page}");
            let now = Timestamp { seconds: 1_795_305_600, offset_minutes: 0 };
            let rules = &gatepost_rules::BUILTIN;
            let context = Context { policy: &policy, stage: Stage::Ci, rules, now, fingerprint_key: None };
            Gate::new(&context).unwrap_or_else(|errors| panic!("{page}: {errors:#?}"));
            read += 1;
        }
    }
    assert!(read > 3, "the pages have lost their policies: {read}");
}
