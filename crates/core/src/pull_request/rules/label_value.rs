//! A label has a value that there is not.

use super::{Complaint, PullRequestRule, Subject, Verdicts};
use crate::code::CodeInfo;
use crate::severity::Severity;
use crate::text::{escape, nearest};

pub(super) const RULE: PullRequestRule = PullRequestRule {
    info: CodeInfo {
        code: "GP-PR-008",
        name: "label-value",
        severity: Severity::Medium,
        summary: "A label is one of `labels.values` and has a value that is not listed there.",
        why: "Who filters by the value finds nothing under it: a risk that is called `huge` is in no list of high risks.",
        fix: "Use one of the values that the finding lists, or have the value added to the policy.",
        fires: "feat: add the export\nLabels: risk:huge\n\nText.",
        silent: "feat: add the export\nLabels: risk:high, bug\n\nText.",
    },
    options: "labels.values = [\"risk:{low,medium,high}\"]",
    judge,
};

fn judge(subject: &Subject<'_>, verdicts: &mut Verdicts) {
    let forms = &subject.settings.values;
    if forms.is_empty() {
        return;
    }
    let labels = match subject.facts.labels.get() {
        Ok(labels) => labels,
        Err(why) => return verdicts.unknown.push(("labels", why.clone())),
    };
    for label in labels {
        // A label may be of two forms (`risk:{…}` and `risk:team-{…}`); one of them is enough.
        let of_form = || forms.iter().filter_map(|form| Some((form, form.value(label)?)));
        if of_form().any(|(form, value)| form.values.iter().any(|known| known == value)) {
            continue;
        }
        let Some((form, _)) = of_form().next() else { continue };
        let name = |value: &String| format!("{}{value}{}", form.before, form.after);
        let known: Vec<String> = form.values.iter().map(name).collect();
        let near = nearest(label, known.iter().map(String::as_str));
        let mut fix: Vec<String> = near.map(|near| format!("did you mean `{near}`?")).into_iter().collect();
        fix.push(format!("use one of: {}", known.join(", ")));
        verdicts.complaints.push(Complaint {
            message: format!("`{}` has a value that `{}` does not list", escape(label), form.source),
            place: "labels",
            shown: Some(label.clone()),
            about: label.clone(),
            fix,
        });
    }
}
