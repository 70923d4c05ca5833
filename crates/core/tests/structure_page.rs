//! `docs/structure.md` has a table of the structure checks, made from their registry.

#![allow(clippy::disallowed_methods, reason = "the test reads and writes a page of docs")]

use gatepost_core::secrets::STRUCTURES;
use std::path::Path;

const MARKER: &str = "--test structure_page`. -->\n\n";

fn table() -> String {
    let mut out = String::from("| `kind` | holds for | parameters | source |\n|---|---|---|---|\n");
    for check in STRUCTURES {
        let params: Vec<String> = check
            .params
            .iter()
            .map(|param| {
                let default = match param.default {
                    Some(default) => format!("default {default}"),
                    None => "must be given".to_owned(),
                };
                format!("`{}`: {} ({default})", param.name, param.about)
            })
            .collect();
        let (_, page) = check.source.split_once("://").unwrap_or_default();
        let host = page.split('/').next().unwrap_or_default();
        out.push_str(&format!(
            "| `{}` | {} | {} | [{host}]({}) |\n",
            check.name,
            check.about,
            params.join("; "),
            check.source
        ));
    }
    out
}

#[test]
fn the_page_has_every_check() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/structure.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(MARKER).expect("docs/structure.md has lost its marker");
    let end = rest.find("\n## ").expect("docs/structure.md has lost what follows the table");
    let (written, after) = rest.split_at(end);
    if std::env::var_os("GATEPOST_UPDATE").is_some() {
        std::fs::write(&path, format!("{before}{MARKER}{}{after}", table())).unwrap();
        return;
    }
    assert!(
        written == table(),
        "docs/structure.md is not what the registry says; \
         GATEPOST_UPDATE=1 cargo test -p gatepost-core --test structure_page writes it"
    );
}
