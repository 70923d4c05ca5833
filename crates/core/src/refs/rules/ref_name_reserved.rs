//! A branch that is named like one of Git's own refs.

use super::{Complaint, Judges, RefRule};
use crate::code::CodeInfo;
use crate::severity::Severity;

/// Names that Git itself keeps beside the branches, and prefixes that its abbreviations use
/// (gitrevisions(7), "refname").
const OWN: &[&[u8]] = &[
    b"HEAD",
    b"FETCH_HEAD",
    b"ORIG_HEAD",
    b"MERGE_HEAD",
    b"CHERRY_PICK_HEAD",
    b"REVERT_HEAD",
    b"REBASE_HEAD",
    b"BISECT_HEAD",
    b"AUTO_MERGE",
    b"@",
];

pub(super) const RULE: RefRule = RefRule {
    info: CodeInfo {
        code: "GP-REF-003",
        name: "ref-name-reserved",
        severity: Severity::Medium,
        summary: "A branch or a tag has the name of one of Git's own refs: HEAD, FETCH_HEAD, refs/…, heads/…",
        why: "Commands that are given the short name find another ref than people mean.",
        fix: "Rename the branch or the tag: `git branch -m NEW-NAME`.",
        fires: "refs/heads/HEAD",
        silent: "refs/heads/heading",
    },
    options: "reserved-names = \"deny\"",
    levels: |settings| settings.reserved_names,
    judge: Judges::Name(|_, name| {
        let short = name.branch().or_else(|| name.tag())?;
        let nested = [&b"refs/"[..], b"heads/", b"tags/", b"remotes/"];
        if !OWN.contains(&short) && !nested.iter().any(|prefix| short.starts_with(prefix)) {
            return None;
        }
        let message = format!("`{}` is a name of Git's own", crate::RefName::new(short).escaped());
        Some(Complaint { message, better: None, fix: Vec::new() })
    }),
};
