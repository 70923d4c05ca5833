//! gatepost's own rules in the place of those that gitleaks brings along: as gatepost judges them, with checksums and all.

use super::Fatal;
use super::settings::Settings;
use crate::session;
use gatepost_compat::gitleaks::{OwnFound, OwnRules};
use gatepost_core::check::Context;
use gatepost_core::policy::Policy;
use gatepost_core::secrets::{Scratch, Secrets};
use gatepost_core::{Document, DocumentKind, Level, RepoPath, Stage};
use std::cell::RefCell;

thread_local! {
    /// Buffers of the scanner, one for each thread.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// The rules.
#[derive(Debug)]
pub(super) struct Own(Secrets);

impl Own {
    /// Where the configuration asks for them.
    pub(super) fn new(settings: &Settings<'_>) -> Result<Option<Self>, Fatal> {
        if !settings.config.has_own() {
            return Ok(None);
        }
        let policy = Policy::load(&[]).map_err(|errors| format!("{errors:?}"))?;
        let now = session::now();
        let rules = &gatepost_rules::BUILTIN;
        let context = Context { policy: &policy, stage: Stage::Scan, rules, now, fingerprint_key: None };
        Secrets::new(&context).map(|secrets| Some(Self(secrets))).map_err(|error| error.to_string())
    }

    /// Whether one of the rules could not be used, and found nothing.
    pub(super) fn failure(&self) -> Option<String> {
        let failures = self.0.scanner().ruleset().failures();
        failures.first().map(|failure| format!("one of gatepost's own rules cannot be run: {failure}"))
    }
}

impl OwnRules for Own {
    fn find(&self, text: &[u8], path: &[u8]) -> Vec<OwnFound> {
        let document = Document::new(DocumentKind::Blob, text);
        let detections = SCRATCH.with_borrow_mut(|scratch| self.0.detect(&document, scratch));
        let paths = if path.is_empty() { Vec::new() } else { vec![RepoPath::new(path)] };
        let ruleset = self.0.scanner().ruleset();
        let counts = |level: Level| matches!(level, Level::Deny | Level::Warn);
        detections
            .into_iter()
            .filter(|detection| detection.suppression.is_none() && counts(detection.finding.level))
            .filter(|detection| self.0.admits(detection, &paths))
            .filter_map(|detection| {
                let place = detection.finding.locations.first()?;
                let span = place.span?;
                let range = usize::try_from(span.start_byte).ok()?..usize::try_from(span.end_byte).ok()?;
                let secret = detection.finding.secret.as_ref().map(|secret| secret.reveal().to_vec());
                let rule = detection.finding.rule;
                let description =
                    ruleset.get(&rule).map_or(String::new(), |rule| rule.description.to_string());
                Some(OwnFound { rule, description, secret: range, decoded: secret })
            })
            .collect()
    }
}
