//! Names that differ only in case from one that is there.

use super::{Complaint, Judges, RefRule};
use crate::RefName;
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: RefRule = RefRule {
    info: CodeInfo {
        code: "GP-REF-043",
        name: "ref-name-case-clash",
        severity: Severity::Medium,
        summary: "The name of a new branch or tag, or a folder of it, differs only in case from one that is there.",
        why: "Where file names have no case (Windows, macOS) the two are one file: whoever fetches them finds one under the name of the other, and each fetch moves it.",
        fix: "Name it as the other one is written, or in other words: `git branch -m NEW-NAME`.",
        fires: "refs/heads/Feature/add-export (beside refs/heads/feature/add-import)",
        silent: "refs/heads/feature/add-export (beside refs/heads/feature/add-import)",
    },
    options: "case-clashes = \"deny\"",
    levels: |settings| settings.case_clashes,
    judge: Judges::Among(|name, others| {
        name.branch().or_else(|| name.tag())?;
        let other = others.iter().find(|other| clashes(name, other))?;
        let message =
            format!("`{}` differs only in case from `{}`, which is there", name.shown(), other.shown());
        Some(Complaint { message, better: None, fix: Vec::new() })
    }),
};

/// Whether two names come to lie in one place where names have no case: the first parts in which they differ, do so in case
/// alone.
fn clashes(one: &RefName, other: &RefName) -> bool {
    let parts = |name: &RefName| name.escaped().split('/').map(str::to_owned).collect::<Vec<_>>();
    let (one, other) = (parts(one), parts(other));
    let mut different = one.iter().zip(&other).filter(|(a, b)| a != b);
    different.next().is_some_and(|(a, b)| a.to_lowercase() == b.to_lowercase())
}
