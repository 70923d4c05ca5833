//! A symbolic link that leads out of the repository.

use super::super::judge::quoted;
use super::{Complaint, FileRule};
use crate::RepoPath;
use crate::code::CodeInfo;
use crate::severity::Severity;
use crate::text::display;

pub(super) const RULE: FileRule = FileRule {
    info: CodeInfo {
        code: "GP-FILE-008",
        name: "symlink-outside",
        severity: Severity::High,
        summary: "A symbolic link has a target that is absolute, above the root of the repository, or in `.git`.",
        why: "It is broken for everybody else, or has programs read and write files that are not the repository's.",
        fix: "Point the link at a file of the repository, relative to its own folder.",
        fires: "../../etc/passwd",
        silent: "../README.md",
    },
    options: "symlinks-outside = \"deny\"",
    level: |settings, _| settings.symlinks_outside,
    judge: |subject| {
        let target = subject.document.bytes.filter(|_| subject.symlink)?;
        let problem = problem(subject.path, target)?;
        Some(Complaint {
            message: format!(
                "{} is a symbolic link to {}, {problem}",
                subject.path.escaped(),
                display(target)
            ),
            fix: vec![
                "point it at a file of the repository, relative to its own folder: ln -sf TARGET LINK"
                    .to_owned(),
                format!("or take it out: git rm --cached {}", quoted(subject.path)),
            ],
        })
    },
};

/// What is wrong with a target: by its text, since what other links on its way lead to is not known here.
fn problem(link: &RepoPath, target: &[u8]) -> Option<&'static str> {
    let is_drive = matches!(target, [letter, b':', ..] if letter.is_ascii_alphabetic());
    if target.starts_with(b"/") || target.starts_with(b"\\") || is_drive {
        return Some("which is absolute");
    }
    let is_sign = |byte: &u8| matches!(byte, b'/' | b'\\');
    let mut folders: Vec<&[u8]> = link.as_bytes().split(|byte| *byte == b'/').collect();
    folders.pop();
    for name in target.split(is_sign) {
        match name {
            b"" | b"." => {}
            b".." => {
                if folders.pop().is_none() {
                    return Some("which is above the root of the repository");
                }
            }
            name => folders.push(name),
        }
    }
    folders.first().is_some_and(|name| name.eq_ignore_ascii_case(b".git")).then_some("which is Git's own")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_followed_from_the_links_folder() {
        let problem = |link: &str, target: &str| problem(&RepoPath::from(link), target.as_bytes());
        for (link, target) in [
            ("a", "../b"),
            ("a/b", "../../c"),
            ("a", "/etc"),
            ("a", "C:\\x"),
            ("a/b", "../.git/config"),
            ("a", "b/../../c"),
        ] {
            assert!(problem(link, target).is_some(), "{link} -> {target}");
        }
        for (link, target) in
            [("a/b", "../c"), ("a/b/c", "../../d"), ("a", "b/../c"), ("a", "."), ("a", ".github/x")]
        {
            assert_eq!(problem(link, target), None, "{link} -> {target}");
        }
    }
}
