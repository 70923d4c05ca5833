//! Baselines: what secrets are let through because they were there already.

use super::super::codes::BASELINE_GROWN;
use super::super::gate::Weakening;
use super::{Watcher, broken, text};
use crate::change::FileChange;
use crate::{Baseline, Fingerprint};
use std::collections::BTreeSet;

/// How many fingerprints are named.
const NAMED: usize = 5;

pub(super) const WATCHER: Watcher = Watcher { watches: |path, settings| *path == settings.baseline, judge };

fn judge(changes: &[&FileChange<'_>]) -> Vec<Weakening> {
    changes.iter().filter_map(|change| grown(change)).collect()
}

fn grown(change: &FileChange<'_>) -> Option<Weakening> {
    let old = change.old.map(|bytes| Baseline::parse(&text(bytes)).unwrap_or_default()).unwrap_or_default();
    let new = text(change.new?);
    let new = match Baseline::parse(&new) {
        Ok(new) => new,
        Err(errors) => {
            let error = errors.first()?;
            let had = format!("{} entries", old.len());
            return Some(broken(change, u32::try_from(error.line).ok(), &error.message, &had));
        }
    };
    let added: BTreeSet<&Fingerprint> =
        new.entries().map(|(print, _)| print).filter(|print| !old.contains(print)).collect();
    let first = added.first()?;
    let line = text(change.new?).lines().position(|line| line.trim_start().starts_with(first.as_str()));
    let mut named: Vec<&str> = added.iter().take(NAMED).map(|print| print.as_str()).collect();
    if added.len() > NAMED {
        named.push("\u{2026}");
    }
    let count = match added.len() {
        1 => "1 entry was added".to_owned(),
        many => format!("{many} entries were added"),
    };
    Some(Weakening {
        code: &BASELINE_GROWN,
        path: change.path.clone(),
        line: line.and_then(|line| u32::try_from(line + 1).ok()),
        commit: change.commit,
        message: format!("{count} (had: {}, now: {}): {}", old.len(), new.len(), named.join(", ")),
        restore: "take the new entries out, and the secrets that they are for".to_owned(),
    })
}
