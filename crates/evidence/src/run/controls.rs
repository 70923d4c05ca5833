//! The controls that records are evidence for: ids of catalogues that auditors use, and our own words for what a record
//! shows. The catalogues' texts are theirs, and not here.

/// A control of a catalogue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Control {
    /// The catalogue and its id there: `soc2:CC8.1`.
    pub id: &'static str,
    /// What records of gatepost show of it.
    pub shows: &'static str,
    /// The sections of the policy that serve it; empty: every run does.
    sections: &'static [&'static str],
    /// Whether only runs over commits serve it: before a commit is made there is no change to speak of.
    of_commits: bool,
}

impl Control {
    const fn new(id: &'static str, sections: &'static [&'static str], shows: &'static str) -> Self {
        Self { id, shows, sections, of_commits: false }
    }

    const fn of_commits(self) -> Self {
        Self { of_commits: true, ..self }
    }

    fn is_served(&self, sections: &[String], judges_commits: bool) -> bool {
        if self.of_commits && !judges_commits {
            return false;
        }
        self.sections.is_empty() || sections.iter().any(|section| self.sections.contains(&section.as_str()))
    }
}

/// The controls, by catalogue.
pub static CONTROLS: &[Control] = &[
    Control::new(
        "soc2:CC6.1",
        &["secrets"],
        "changes were searched for credentials before they were shared; who opened the gate, and by whose leave",
    ),
    Control::new(
        "soc2:CC7.1",
        &[],
        "which checks ran over each change, by which rules, what they found, and what could not be judged",
    ),
    Control::new(
        "soc2:CC8.1",
        &[],
        "each commit of a branch has a record, or is listed as having none; exceptions and bypasses with owner and reason",
    ).of_commits(),
    Control::new(
        "iso27001:A.8.4",
        &["ref", "branch", "secrets"],
        "which refs were to move, by whom, and whether the gate let them",
    ).of_commits(),
    Control::new(
        "iso27001:A.8.15",
        &[],
        "a log of runs, faults, exceptions and bypasses in which a change shows",
    ),
    Control::new(
        "iso27001:A.8.25",
        &[],
        "the policy in force at each run, by digest, and whether it was enforced",
    ),
    Control::new(
        "iso27001:A.8.28",
        &["secrets", "files", "locks", "lock-diff", "pins", "markers"],
        "what was found in code, by fingerprint, and what became of it",
    ),
    Control::new(
        "iso27001:A.8.32",
        &["message", "branch", "ref", "pull-request"],
        "the form of changes: messages, tickets, names of branches",
    ).of_commits(),
    Control::new("ssdf:PO.3.3", &[], "the gate leaves a record of every run, with how long to keep it"),
    Control::new(
        "ssdf:PO.4.1",
        &[],
        "criteria are a policy with a digest; exceptions are approved by name and end",
    ),
    Control::new("ssdf:PO.4.2", &[], "records are kept in a chain, and signed where there is a key"),
    Control::new(
        "ssdf:PS.1.1",
        &[],
        "each change with its authors as they claim, and the account that pushed where a platform vouches",
    ).of_commits(),
    Control::new("ssdf:PS.3.1", &[], "the records of a release's commits can be put together").of_commits(),
    Control::new(
        "ssdf:PW.7.2",
        &["secrets", "files", "markers"],
        "findings of every run, with what was done about each",
    ),
    Control::new(
        "slsa-source:history",
        &[],
        "moves of refs, with the commits before and after; rewriting and deletion are refused where the policy says so",
    ).of_commits(),
    Control::new(
        "slsa-source:continuity",
        &[],
        "commits without a record are found: from there on the controls must be shown anew",
    ).of_commits(),
    Control::new(
        "slsa-source:technical-controls",
        &[],
        "which controls were enforced when a ref moved, by which program and policy. No level of SLSA is claimed",
    ).of_commits(),
];

/// The ids of the controls that a run of these sections is evidence for. `judges_commits`: commits were judged, and not what
/// shall become one.
#[must_use]
pub fn served_by(sections: &[String], judges_commits: bool) -> Vec<String> {
    CONTROLS
        .iter()
        .filter(|control| control.is_served(sections, judges_commits))
        .map(|control| control.id.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_serves_what_it_judged_and_nothing_else() {
        let all = served_by(&["secrets".to_owned(), "message".to_owned()], false);
        assert!(all.iter().any(|id| id == "soc2:CC6.1"));
        assert!(!all.iter().any(|id| id == "soc2:CC8.1" || id.starts_with("slsa")), "{all:?}");
        let message = served_by(&["message".to_owned()], true);
        assert!(
            message.iter().any(|id| id == "iso27001:A.8.32") && !message.iter().any(|id| id == "soc2:CC6.1")
        );
        for needed in ["soc2:CC6.1", "soc2:CC7.1", "soc2:CC8.1", "iso27001:A.8.4", "iso27001:A.8.15"] {
            assert!(CONTROLS.iter().any(|control| control.id == needed), "{needed}");
        }
        let page = include_str!("../../../../docs/evidence.md");
        for control in CONTROLS {
            assert!(page.contains(control.id), "docs/evidence.md does not name {}", control.id);
        }
    }
}
