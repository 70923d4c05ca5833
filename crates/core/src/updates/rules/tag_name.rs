//! The names of tags and other refs that a block is for.

use super::super::judge::of_block;
use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;
use crate::text::Template;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-031",
        name: "tag-name",
        severity: Severity::Medium,
        summary: "The name of a tag is none that the policy takes.",
        why: "Pipelines and people read the version out of the name; one that is written another way is built, sorted and announced as something else, or not at all.",
        fix: "Give it a name of the policy's form: `git tag -a v1.4.2 -m 'Release v1.4.2' OLD-NAME^{} && git tag -d OLD-NAME`.",
        fires: "git push origin version-1.4.2 (where the policy takes v{semver})",
        silent: "git push origin v1.4.2 (where the policy takes v{semver})",
    },
    levels: |block| of_block(block, !block.naming.name.is_empty()),
    in_ci: false,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let (moved, templates) = (subject.moved, &subject.block.naming.names);
    if moved.update.new.is_none() {
        return Ok(Vec::new());
    }
    let name = &moved.update.name;
    let short = name.short();
    // A name that is not UTF-8 is in no template: those are text.
    if std::str::from_utf8(short).is_ok_and(|name| templates.iter().any(|template| template.is_match(name))) {
        return Ok(Vec::new());
    }
    let takes: Vec<String> = templates
        .iter()
        .map(|template| match template.example() {
            Some(example) => format!("{} (such as {example})", template.as_str()),
            None => template.as_str().to_owned(),
        })
        .collect();
    let patterns: Vec<&str> = templates.iter().map(Template::as_str).collect();
    let message = format!("the {} has no name that the policy takes: {}", moved.named(), patterns.join(", "));
    Ok(vec![Complaint::new(message).fix(format!("give it a name of the form {}", takes.join(" or ")))])
}
