//! Names that are too long.

use super::{Complaint, Judges, RefRule};
use crate::RefName;
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: RefRule = RefRule {
    info: CodeInfo {
        code: "GP-REF-042",
        name: "ref-name-too-long",
        severity: Severity::Low,
        summary: "The name of a branch or a tag is longer than the policy takes.",
        why: "Names become file names, labels of builds and names of environments, and what does not fit there is cut off or fails.",
        fix: "Shorten it: `git branch -m SHORTER-NAME`.",
        fires: "refs/heads/feature/ABC-123-add-the-export-of-all-invoices",
        silent: "refs/heads/feature/ABC-123-add-export",
    },
    options: "length-max = 40",
    levels: |settings| settings.length,
    judge: Judges::Name(|settings, name| {
        let short = name.branch().or_else(|| name.tag())?;
        let most = settings.length_max?;
        let length = u64::try_from(short.len()).unwrap_or(u64::MAX);
        if length <= most {
            return None;
        }
        let shown = RefName::new(short);
        let message = format!("`{}` has {length} bytes, and the most is {most}", shown.escaped());
        Some(Complaint { message, better: None, fix: Vec::new() })
    }),
};
