//! What `gatepost baseline` says and writes.

use crate::commands::config::{escaped, snippet};
use gatepost_core::Finding;
use gatepost_core::baseline::{Baseline, BaselineError, Difference, Entry};
use std::path::Path;

/// The baseline that findings make, as its file's text. Suppressed findings are not part of it: whoever suppressed them
/// answers for them.
#[must_use]
pub(crate) fn create(findings: &[Finding]) -> String {
    Baseline::of(findings).render()
}

/// What differs from the findings of today, in words: one line each and a count of both.
#[must_use]
pub(crate) fn diff(difference: &Difference) -> String {
    let rows = |sign: char, entries: &[Entry]| -> String {
        entries.iter().map(|(print, rule)| format!("{sign} {print} {}\n", escaped(rule))).collect()
    };
    let Difference { added, gone } = difference;
    if added.is_empty() && gone.is_empty() {
        return "the baseline says what is there\n".to_owned();
    }
    format!(
        "{}{}{} not in the baseline, {} gone; `gatepost baseline update` takes this over\n",
        rows('+', added),
        rows('-', gone),
        added.len(),
        gone.len()
    )
}

/// What was written, and what is left to do.
#[must_use]
pub(super) fn written(path: &Path, accepted: usize, difference: &Difference) -> String {
    format!(
        "wrote {}: {} accepted ({} new, {} gone). What is in it still counts as leaked: rotate it, then \
         `gatepost baseline update`.\n",
        path.display(),
        match accepted {
            1 => "1 finding".to_owned(),
            count => format!("{count} findings"),
        },
        difference.added.len(),
        difference.gone.len()
    )
}

/// What it means that there is no key for fingerprints.
pub(super) const WITHOUT_A_KEY: &str = "\
without a key, a password is accepted by its place, and so is the next one there: set `fingerprint-key` of [secrets] to what \
`gatepost baseline key` prints, then `gatepost baseline update`\n";

/// The errors of a baseline file, each with its line.
#[must_use]
pub(crate) fn render_errors(file: &str, errors: &[BaselineError]) -> String {
    let rendered: Vec<String> = errors
        .iter()
        .map(|error| {
            let line = u32::try_from(error.line).ok();
            snippet(&error.message, file, line, Some(1), Some(&error.source_line), Some(&error.help))
        })
        .collect();
    rendered.join("\n")
}
