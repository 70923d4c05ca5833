//! Dependencies change together with something else.

use super::{Complaint, MessageRule, Subject};
use crate::RepoPath;
use crate::code::CodeInfo;
use crate::message::own::Author;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-032",
        name: "dependencies-alone",
        severity: Severity::Low,
        summary: "With `dependency-changes = \"alone\"`: a commit changes a dependency manifest or a lock file, and other files too.",
        why: "A change of dependencies that stands alone can be reviewed, reverted and bisected by itself.",
        fix: "Put the manifest and the lock file into a commit of their own.",
        fires: "feat: read dates with a library\n\nchanges: Cargo.toml, Cargo.lock, src/dates.rs",
        silent: "build(deps): add a library for dates\n\nchanges: Cargo.toml, Cargo.lock",
    },
    options: "dependency-changes = \"alone\"",
    rewords: false,
    judge,
};

/// Files that say which dependencies a project has, and those that say in which versions.
const FILES: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "package.json",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "bun.lock",
    "bun.lockb",
    "deno.json",
    "deno.lock",
    "go.mod",
    "go.sum",
    "go.work",
    "go.work.sum",
    "pyproject.toml",
    "poetry.lock",
    "uv.lock",
    "pdm.lock",
    "Pipfile",
    "Pipfile.lock",
    "setup.cfg",
    "environment.yml",
    "Gemfile",
    "Gemfile.lock",
    "composer.json",
    "composer.lock",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "gradle.lockfile",
    "libs.versions.toml",
    "packages.lock.json",
    "packages.config",
    "Directory.Packages.props",
    "mix.exs",
    "mix.lock",
    "pubspec.yaml",
    "pubspec.lock",
    "Package.swift",
    "Package.resolved",
    "Podfile",
    "Podfile.lock",
    "conanfile.txt",
    "conanfile.py",
    "conan.lock",
    "vcpkg.json",
    "flake.nix",
    "flake.lock",
];

fn is_dependency_file(path: &[u8]) -> bool {
    let name = path.rsplit(|&b| b == b'/').next().unwrap_or_default();
    let requirements =
        name.starts_with(b"requirements") && (name.ends_with(b".txt") || name.ends_with(b".in"));
    requirements || FILES.iter().any(|file| file.as_bytes() == name)
}

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    if subject.author == Author::Merge {
        return;
    }
    let (own, others): (Vec<&RepoPath>, Vec<&RepoPath>) =
        subject.paths.iter().copied().partition(|path| is_dependency_file(path.as_bytes()));
    let (Some(file), Some(other)) = (own.first(), others.first()) else { return };
    let more = others.len().saturating_sub(1);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    complaints.push(Complaint {
        detail: String::new(),
        message: format!(
            "the commit changes dependencies ({}) together with {}{more}",
            file.escaped(),
            other.escaped()
        ),
        range: subject.layout.header.range(),
        header: None,
        fix: vec![
            "split the commit: mark it `edit` in git rebase -i, then git reset HEAD^, and commit the dependency files by themselves"
                .to_owned(),
        ],
    });
}
