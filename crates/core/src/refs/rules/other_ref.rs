//! Refs outside of the namespaces that are open.

use super::{Complaint, Judges, RefRule};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: RefRule = RefRule {
    info: CodeInfo {
        code: "GP-REF-044",
        name: "ref-namespace-closed",
        severity: Severity::Medium,
        summary: "A ref is pushed that is neither a branch nor a tag, nor in a namespace that the policy opens.",
        why: "`refs/replace/*` changes what every clone that fetches it sees in place of a commit, and what other namespaces hold is kept for ever and seen by nobody.",
        fix: "Push a branch or a tag: `git push origin HEAD:refs/heads/NAME`. What is wanted beside them is for `open-refs` of the policy.",
        fires: "refs/replace/0123456789abcdef0123456789abcdef01234567",
        silent: "refs/heads/feature/ABC-123-add-export",
    },
    options: "other-refs = \"deny\"",
    levels: |settings| settings.other_refs,
    judge: Judges::Name(|settings, name| {
        if settings.is_open(name) {
            return None;
        }
        let shown = name.escaped();
        let message = format!(
            "`{shown}` is none of the refs that may be pushed here: {}",
            settings.open_refs.join(", ")
        );
        let space: Vec<&str> = shown.split('/').take(2).collect();
        let fix = vec![format!(
            "push a branch or a tag; to open the namespace: \"{}/**\" in `open-refs` of [branch]",
            space.join("/")
        )];
        Some(Complaint { message, better: None, fix })
    }),
};
