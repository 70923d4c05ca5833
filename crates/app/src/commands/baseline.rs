//! `gatepost baseline create | update | diff`: an old repository starts at once, only new secrets are refused.

use super::config::{escaped, snippet};
use gatepost_core::Finding;
use gatepost_core::baseline::{Baseline, BaselineError, Difference, Entry};

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
        "{}{}{} not in the baseline, {} no longer there\n",
        rows('+', added),
        rows('-', gone),
        added.len(),
        gone.len()
    )
}

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
