//! What `go.sum` has beyond what `go.mod` asks for.

use super::compare::Comparison;
use super::version;
use crate::lockfile::ecosystem::{Breaks, Drift};
use std::collections::HashSet;

impl Comparison<'_> {
    /// Sums of another version than the one that is required. Those of modules that are not required may be needed by tests
    /// of dependencies, and sums of a `go.mod` of an earlier version by the choice.
    pub(super) fn left_over(&mut self) {
        let module = self.module;
        // Up to 1.17 the sums that the Go before it needs are kept as well.
        if !module.file.is_go(18) {
            return;
        }
        let replaced: HashSet<&str> =
            module.file.replaces.iter().flat_map(|to| [to.old.as_str(), to.new.as_str()]).collect();
        for key in &self.sums.order {
            let (path, version) = *key;
            let required = module.required.get(path).and_then(|at| module.file.requires.get(*at));
            let Some(require) = required.filter(|_| !replaced.contains(path)) else { continue };
            let (number, is_mod) =
                version.strip_suffix("/go.mod").map_or((version, false), |number| (number, true));
            let (Some(has), Some(asked)) = (version::version(number), version::version(&require.version))
            else {
                continue;
            };
            let is_higher = has.cmp_precedence(&asked).is_gt();
            if number == require.version || (is_mod && !is_higher) {
                continue;
            }
            let what = format!(
                "{} has a sum of {path} {version}, and {} is required",
                self.lock.path, require.version
            );
            let breaks = if is_higher { Breaks::RewriteAndPerhapsStrict } else { Breaks::Rewrite };
            let breaks = self.in_workspace(breaks);
            let reason = self.reason(Drift::NotAskedFor, breaks, what, require);
            let span = self.sums.of.get(key).and_then(|lines| lines.first()).map(|sum| sum.span.clone());
            self.verdict.drift(
                reason
                    .in_lock(self.lock.place(&span.unwrap_or_default()))
                    .expected(&*require.version)
                    .found(version),
            );
        }
    }
}
