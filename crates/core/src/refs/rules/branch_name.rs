//! A branch that no pattern allows.

use super::super::suggest;
use super::{Complaint, Judges, RefRule};
use crate::code::CodeInfo;
use crate::severity::Severity;
use crate::text::Template;

pub(super) const RULE: RefRule = RefRule {
    info: CodeInfo {
        code: "GP-REF-001",
        name: "branch-name",
        severity: Severity::Low,
        summary: "The branch's name matches none of the policy's patterns.",
        why: "The name says what a branch is for and which ticket it serves; gates and clean-ups go by it.",
        fix: "Rename the branch: `git branch -m feature/ABC-123-short-description`.",
        fires: "refs/heads/Feature/abc-123_Add Export",
        silent: "refs/heads/feature/ABC-123-add-export",
    },
    options: "level = \"deny\"\npreset = \"standard\"",
    levels: |settings| settings.level,
    judge: Judges::Name(|settings, name| {
        let short = name.branch()?;
        let text = String::from_utf8_lossy(short);
        // A name that is not UTF-8 is in no pattern: templates are text.
        if std::str::from_utf8(short).is_ok_and(|text| settings.is_allowed(text)) {
            return None;
        }
        let patterns: Vec<&str> = settings.templates.iter().map(Template::as_str).collect();
        let near = suggest::nearest(settings, &text);
        let better = suggest::corrected(settings, &text);
        let mut fix = Vec::new();
        if let Some(near) = near {
            let example =
                near.example().map(|example| format!(", for example {example}")).unwrap_or_default();
            fix.push(format!("the nearest pattern is {}{example}", near.as_str()));
        }
        fix.push(format!("the patterns are: {}", patterns.join(", ")));
        let shown = crate::RefName::new(short);
        Some(Complaint {
            message: format!("the branch name `{}` matches no pattern of the policy", shown.escaped()),
            better,
            fix,
        })
    }),
};
