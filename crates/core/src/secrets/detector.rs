//! What a regex cannot say: detectors in code, which a rule names in its `detector`. One file or folder each, one line each in
//! [`DETECTORS`].
//!
//! A detector sees a window and nothing beside it, so that what it finds depends on these bytes alone.

use super::generic;
use crate::Confidence;
use std::ops::Range;

/// A detector.
pub(super) struct Detector {
    /// The name that rules call it by.
    pub(super) name: &'static str,
    /// What it finds, in a few words.
    pub(super) about: &'static str,
    /// Calls its second argument with everything in the first that could be a secret.
    pub(super) find: fn(&[u8], &mut dyn FnMut(Candidate)),
}

/// What could be a secret, and what is thought of it. Offsets are into the window.
#[derive(Debug)]
pub(super) struct Candidate {
    /// The whole of it, context included.
    pub(super) range: Range<usize>,
    /// The value.
    pub(super) secret: Range<usize>,
    /// Whether it is one.
    pub(super) opinion: Opinion,
}

/// What a value test says. The text is a clause that begins with `it` or `its`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Opinion {
    /// A credential, as sure as this, and why.
    Credential(Confidence, &'static str),
    /// None, and why.
    Nothing(&'static str),
}

/// Every detector.
pub(super) static DETECTORS: &[&Detector] = &[&generic::DETECTOR];

/// The detector with this name.
pub(super) fn detector(name: &str) -> Option<&'static Detector> {
    DETECTORS.iter().copied().find(|detector| detector.name == name)
}

/// Whether a rule may use a detector: a detector has no literals and no reach to be drawn from.
pub(super) fn check(name: &str, keywords: &[String], has_window: bool) -> Result<(), String> {
    if detector(name).is_none() {
        let known: Vec<_> = DETECTORS.iter().map(|detector| detector.name).collect();
        return Err(format!("there is no detector `{name}`; there is {}", known.join(", ")));
    }
    if keywords.is_empty() || !has_window {
        return Err("a rule with a `detector` needs `keywords` and a `window`".into());
    }
    Ok(())
}
