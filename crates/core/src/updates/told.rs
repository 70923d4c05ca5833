//! What was found of one ref: of what several blocks say, the strictest, and what somebody is exempt from.

use super::reach::Reach;
use crate::report::{Suppressed, Suppression};
use crate::{Finding, Fingerprint, Pusher, Sink};
use std::collections::HashMap;

#[derive(Default)]
pub(super) struct Told {
    found: Vec<Finding>,
    exempt: Vec<Suppressed>,
    known: HashMap<Fingerprint, usize>,
}

impl Told {
    /// Takes what block `number` of `section` found, unless it does not bind the pusher.
    pub(super) fn tell(
        &mut self,
        finding: Finding,
        section: &str,
        number: usize,
        reach: &Reach,
        pusher: Option<&Pusher>,
    ) {
        let name = pusher.filter(|pusher| pusher.authenticated).and_then(|pusher| pusher.name.as_deref());
        if let Some((name, entry)) = name.and_then(|name| Some((name, reach.exemption(name)?))) {
            let entry_of = format!("[[{section}]] number {number}, exempt {name}");
            let by = Suppression::Exempt { entry: entry_of, reason: entry.reason.clone() };
            self.exempt.push(Suppressed { finding, by });
            return;
        }
        match self.known.get(&finding.fingerprint).and_then(|at| self.found.get_mut(*at)) {
            Some(known) if known.level < finding.level => *known = finding,
            Some(_) => {}
            None => {
                self.known.insert(finding.fingerprint.clone(), self.found.len());
                self.found.push(finding);
            }
        }
    }

    /// Hands everything over. What one block exempts from and another forbids is forbidden, and told once.
    pub(super) fn into_sink(self, sink: &mut dyn Sink) {
        for suppressed in self.exempt {
            if !self.known.contains_key(&suppressed.finding.fingerprint) {
                sink.suppressed(suppressed);
            }
        }
        self.found.into_iter().for_each(|finding| sink.finding(finding));
    }
}
