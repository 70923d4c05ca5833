//! Dependencies of manifests that come from a repository of Git without a commit, or from an address without a hash.

use super::super::loose::{Finder, Hold, Loose, Wanted};
use super::ranges::{declared, is_manifest};
use crate::code::CodeInfo;
use crate::lockfile::{GitRef, Origin, Source};
use crate::severity::Severity;

pub(super) const GIT: Finder = Finder {
    info: CodeInfo {
        code: "GP-PIN-008",
        name: "git-dependency-not-pinned",
        severity: Severity::High,
        summary: "A manifest asks for a dependency from a repository of Git without its commit.",
        why: "Whoever can push there decides what the next update brings, and no registry keeps what was there.",
        fix: "Write the full commit id.",
        fires: "[dependencies]\nx = { git = \"https://example.org/x.git\", branch = \"main\" }\n",
        silent: "[dependencies]\nx = { git = \"https://example.org/x.git\", rev = \"0123456789abcdef0123456789abcdef01234567\" }\n",
    },
    key: "git-dependencies",
    options: "git-dependencies = \"warn\"",
    example_path: "Cargo.toml",
    reads: is_manifest,
    find: git,
};

pub(super) const URL: Finder = Finder {
    info: CodeInfo {
        code: "GP-PIN-009",
        name: "url-dependency-without-hash",
        severity: Severity::High,
        summary: "A manifest asks for a dependency from an address without its hash.",
        why: "What stands at an address can be replaced, and nobody would notice.",
        fix: "Write its hash behind it where the tool takes one, or take it from a registry.",
        fires: "{\"dependencies\": {\"x\": \"https://example.org/x.tgz\"}}\n",
        silent: "{\"dependencies\": {\"x\": \"^1.0.0\"}}\n",
    },
    key: "url-dependencies",
    options: "url-dependencies = \"warn\"",
    example_path: "package.json",
    reads: is_manifest,
    find: url,
};

fn git(source: &Source, _: &Wanted<'_>) -> Vec<Loose> {
    let mut found = Vec::new();
    for declared in declared(source) {
        let Origin::Git { url, at } = &declared.origin else { continue };
        let (hold, how) = match at {
            GitRef::Commit(id) if id.len() >= 40 => continue,
            GitRef::Commit(id) => (Hold::Nearly, format!("the short commit id {id}")),
            GitRef::Tag(name) => (Hold::Name, format!("the tag {name}")),
            GitRef::Name(name) => (Hold::Name, format!("{name}, a tag or a branch")),
            GitRef::Branch(name) => (Hold::Nothing, format!("the branch {name}")),
            GitRef::Default => (Hold::Nothing, "whatever its default branch is".to_owned()),
        };
        found.push(Loose {
            hold,
            key: format!("{} {}", declared.name, declared.requirement),
            what: format!("{} comes from {url} by {how}", declared.name),
            fix: "write the full commit id that is locked".to_owned(),
            span: declared.span.clone(),
        });
    }
    found
}

fn url(source: &Source, _: &Wanted<'_>) -> Vec<Loose> {
    let mut found = Vec::new();
    for declared in declared(source) {
        let Origin::Url { url, has_hash: false } = &declared.origin else { continue };
        found.push(Loose {
            hold: Hold::Nothing,
            key: format!("{} {url}", declared.name),
            what: format!("{} comes from {url}, and no hash says which file that is", declared.name),
            fix: "write its hash behind it where the tool takes one, or take it from a registry".to_owned(),
            span: declared.span.clone(),
        });
    }
    found
}
