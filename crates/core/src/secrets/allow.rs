//! The policy's allow-list of secrets: by path, by value, or both. What it covers is found and reported; it is not skipped.

use crate::policy::Excuse;
use crate::report::Suppression;
use crate::text::PathGlob;
use crate::{Finding, RepoPath};
use regex::bytes::Regex;

/// One entry, made ready to be asked about many findings.
#[derive(Debug)]
pub struct Allowed {
    path: Option<PathGlob>,
    value: Option<Regex>,
    rules: Vec<String>,
    entry: String,
    reason: String,
}

impl Allowed {
    /// Compiles an entry.
    ///
    /// # Errors
    ///
    /// A pattern that does not compile.
    pub fn new(excuse: &Excuse) -> Result<Self, String> {
        let value = excuse.value.as_deref().map(Regex::new).transpose();
        Ok(Self {
            path: excuse.glob()?,
            value: value.map_err(|error| format!("`value` is not a regular expression: {error}"))?,
            rules: excuse.rules.clone(),
            entry: excuse.subject(),
            reason: excuse.reason.clone(),
        })
    }

    /// What the entry says of a secret that stands at all of these paths; `None` when it is not for it.
    #[must_use]
    pub fn covers(&self, finding: &Finding, paths: &[RepoPath]) -> Option<Suppression> {
        // A glob covers no bytes without a path, and none that also stand elsewhere.
        let path = self.path.as_ref();
        let path = path.is_none_or(|glob| !paths.is_empty() && paths.iter().all(|path| glob.is_match(path)));
        let value = finding.secret.as_ref().map(crate::Secret::reveal).unwrap_or_default();
        let value = self.value.as_ref().is_none_or(|regex| regex.is_match(value));
        let rule = self.rules.is_empty() || self.rules.contains(&finding.rule);
        (path && value && rule)
            .then(|| Suppression::AllowList { entry: self.entry.clone(), reason: self.reason.clone() })
    }
}
