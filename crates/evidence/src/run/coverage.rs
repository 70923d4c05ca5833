//! Which commits have no record that says that they passed.

use super::statement::Statement;
use std::collections::HashMap;

/// A commit without a valid record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gap {
    /// The commit, in hexadecimal.
    pub commit: String,
    /// What there is instead.
    pub missing: Missing,
}

/// What there is where a valid record is missing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Missing {
    /// Nothing: the commit never came to one of the gates.
    Nothing,
    /// A record that says how else it ended: `FAIL`, `BYPASSED`.
    Result(&'static str),
    /// A record of another commit with the same tree, as a squash or a rebase leaves it: the content was judged, the
    /// message was not.
    SameTree(String),
}

/// The ones of `commits` (each with its tree, in hexadecimal) that no record of one of `gates` says to have passed.
///
/// Of several records of a commit one that says so is enough: what is refused at first is judged again when it is mended.
#[must_use]
pub fn gaps<'a>(
    records: impl Iterator<Item = &'a Statement>,
    gates: &[String],
    commits: &[(String, String)],
) -> Vec<Gap> {
    let mut best: HashMap<&str, super::RunResult> = HashMap::new();
    let mut trees: HashMap<&str, &str> = HashMap::new();
    for record in records.filter(|record| gates.contains(&record.predicate.gate)) {
        let result = record.predicate.result;
        for subject in record.judged() {
            let Some(commit) = subject.commit() else { continue };
            if !best.get(commit).is_some_and(|known| known.is_pass()) {
                best.insert(commit, result);
            }
            if let Some(tree) = subject.tree().filter(|_| result.is_pass()) {
                trees.insert(tree, commit);
            }
        }
    }
    let missing = |commit: &str, tree: &str| match best.get(commit) {
        Some(result) if result.is_pass() => None,
        Some(result) => Some(Missing::Result(result.as_str())),
        None => {
            Some(trees.get(tree).map_or(Missing::Nothing, |other| Missing::SameTree((*other).to_owned())))
        }
    };
    let gap = |(commit, tree): &(String, String)| {
        Some(Gap { commit: commit.clone(), missing: missing(commit, tree)? })
    };
    commits.iter().filter_map(gap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::testing::{oid, statement};

    #[test]
    fn a_commit_that_never_came_to_a_gate_is_found() {
        let mut local = statement("PASS", &["5"]);
        local.predicate.gate = "pre-push".to_owned();
        let records = [
            statement("FAIL", &["1", "2"]),
            statement("PASS", &["1"]),
            statement("FAIL", &["1"]),
            statement("BYPASSED", &["3"]),
            local,
        ];
        let commits: Vec<(String, String)> =
            ["1", "2", "3", "4", "5"].iter().map(|name| (oid(name), oid("f"))).collect();
        let gates = ["ci".to_owned(), "pre-receive".to_owned()];
        let found = gaps(records.iter(), &gates, &commits);
        let said: Vec<(String, Missing)> = found.into_iter().map(|gap| (gap.commit, gap.missing)).collect();
        assert_eq!(
            said,
            [
                (oid("2"), Missing::Result("FAIL")),
                (oid("3"), Missing::Result("BYPASSED")),
                (oid("4"), Missing::Nothing),
                (oid("5"), Missing::Nothing),
            ]
        );
        // The tree of the first commit is `e1…`, whatever commit has it now.
        let squashed = [(oid("9"), crate::run::testing::tree("1"))];
        let found = gaps(records.iter(), &gates, &squashed);
        assert_eq!(found[0].missing, Missing::SameTree(oid("1")));
    }
}
