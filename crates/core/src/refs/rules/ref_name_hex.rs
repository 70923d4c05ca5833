//! A branch or a tag that is named like a commit.

use super::{Complaint, Judges, RefRule};
use crate::ObjectId;
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: RefRule = RefRule {
    info: CodeInfo {
        code: "GP-REF-002",
        name: "ref-name-hex",
        severity: Severity::Medium,
        summary: "A branch or a tag is named with 40 or 64 hexadecimal digits, like a commit's id.",
        why: "Git takes such a name for the commit and says so only in a warning: whoever checks out a pinned commit can be given the branch instead.",
        fix: "Rename the branch or the tag to a word: `git branch -m NEW-NAME`.",
        fires: "refs/heads/0123456789abcdef0123456789abcdef01234567",
        silent: "refs/heads/0123456789abcdef",
    },
    options: "hex-names = \"deny\"",
    levels: |settings| settings.hex_names,
    judge: Judges::Name(|_, name| {
        let short = name.branch().or_else(|| name.tag())?;
        ObjectId::from_hex(short)?;
        let fix = match name.tag() {
            Some(_) => vec![
                "give the tag a name that is no commit's id, and delete this one: git tag -d OLD-NAME"
                    .to_owned(),
            ],
            None => Vec::new(),
        };
        let message = format!("`{}` reads like a commit's id", crate::RefName::new(short).escaped());
        Some(Complaint { message, better: None, fix })
    }),
};
