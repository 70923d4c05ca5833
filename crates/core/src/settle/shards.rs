//! From the findings of all shards of a history to those of the history.
//!
//! Every place is in one shard. What a whole run does with all places at once is done here: findings of one secret
//! become one, and of a file's versions the first counts, also where that one was let stand and a later one was not.

use super::introductions::{Versions, first};
use super::{ENDED, absorb, identity, merge_suppressed, order, tidy};
use crate::report::Suppression;
use crate::{Finding, Location, Suppressed};
use std::collections::HashMap;

/// Joins the findings of the shards of one history, and what was suppressed in them, as a scan of all of it would have
/// found them. The shards are given in their order. Secrets are compared by their values, or by whatever stands for them
/// and is the same for the same value. Afterwards [`super::join_secrets`] is still to be done.
#[must_use]
pub fn join_shards(parts: Vec<(Vec<Finding>, Vec<Suppressed>)>) -> (Vec<Finding>, Vec<Suppressed>) {
    let (mut groups, mut early): (Vec<Group>, _) = (Vec::new(), Vec::new());
    let mut known = HashMap::new();
    for (findings, suppressed) in parts {
        let findings = findings.into_iter().map(|finding| (finding, None));
        let (late, comments): (Vec<Suppressed>, Vec<Suppressed>) =
            suppressed.into_iter().partition(|suppressed| is_late(&suppressed.by));
        early.extend(comments);
        let late = late.into_iter().map(|Suppressed { finding, by }| (finding, Some(by)));
        for (finding, by) in findings.chain(late) {
            let index = identity(&finding).map(|identity| *known.entry(identity).or_insert(groups.len()));
            match index.and_then(|index| groups.get_mut(index)) {
                Some(group) => group.absorb(finding, by),
                None => groups.push(Group::new(finding, by)),
            }
        }
    }
    let (mut findings, mut suppressed) = (Vec::new(), merge_suppressed(early));
    groups.into_iter().for_each(|group| group.split(&mut findings, &mut suppressed));
    (findings, suppressed)
}

/// Whether a suppression is the word of a policy over a finding of a whole history. Comments and allow-lists have theirs
/// before versions are compared.
const fn is_late(by: &Suppression) -> bool {
    match by {
        Suppression::Exception(_) | Suppression::BreakGlass { .. } | Suppression::Baseline => true,
        Suppression::AllowList { .. } | Suppression::Exempt { .. } | Suppression::Inline { .. } => false,
    }
}

/// One secret: its words, and every place with the suppression that it has there.
struct Group {
    words: Finding,
    places: Vec<(Location, Option<Suppression>)>,
    /// For a finding without any place.
    by: Option<Suppression>,
}

impl Group {
    fn new(mut finding: Finding, by: Option<Suppression>) -> Self {
        let places = std::mem::take(&mut finding.locations);
        let places = places.into_iter().map(|place| (place, by.clone())).collect();
        Self { words: finding, places, by }
    }

    fn absorb(&mut self, next: Finding, by: Option<Suppression>) {
        let mut next = Self::new(next, by);
        self.places.append(&mut next.places);
        // What an exception that ended has to say was added after places were put together.
        let (ended, others): (Vec<String>, Vec<String>) =
            next.words.why.drain(..).partition(|line| line.starts_with(ENDED));
        next.words.why = others;
        let own = std::mem::take(&mut self.words.why);
        let (own_ended, own): (Vec<String>, Vec<String>) =
            own.into_iter().partition(|line| line.starts_with(ENDED));
        self.words.why = own;
        absorb(&mut self.words, next.words);
        self.words.why.extend(own_ended);
        let new: Vec<String> = ended.into_iter().filter(|line| !self.words.why.contains(line)).collect();
        self.words.why.extend(new);
    }

    /// The finding of the places that nobody let stand, and one for each word that let others stand.
    fn split(self, findings: &mut Vec<Finding>, suppressed: &mut Vec<Suppressed>) {
        let Self { words, mut places, by } = self;
        if places.is_empty() {
            match by {
                Some(by) => suppressed.push(Suppressed { finding: words, by }),
                None => findings.push(words),
            }
            return;
        }
        let is_secret = identity(&words).is_some();
        // Of places of one time the first in this order counts.
        places.sort_by_cached_key(|(place, _)| order(place));
        let places = if is_secret { first(places, Versions::All) } else { places };
        let mut whole = Finding { locations: places.iter().map(|(at, _)| at.clone()).collect(), ..words };
        tidy(&mut whole.locations);
        if is_secret && whole.locations.len() > 1 {
            whole.name_place();
        }
        let mut by_word: Vec<(Option<Suppression>, Vec<Location>)> = vec![(None, Vec::new())];
        for (place, by) in places {
            match by_word.iter_mut().find(|(known, _)| *known == by) {
                Some((_, list)) => list.push(place),
                None => by_word.push((by, vec![place])),
            }
        }
        for (by, mut locations) in by_word.into_iter().filter(|(_, locations)| !locations.is_empty()) {
            tidy(&mut locations);
            let finding = Finding { locations, ..whole.clone() };
            match by {
                Some(by) => suppressed.push(Suppressed { finding, by }),
                None => findings.push(finding),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::secret;
    use super::super::{introductions, merge_findings};
    use super::*;
    use crate::{ObjectId, Part, Span, Timestamp};
    use proptest::prelude::*;

    /// A version of a file: its path, the minute of its commit, whether the other part stands beside the secret, whether
    /// it is in the tip, and its shard.
    type Version = (usize, u8, bool, bool, usize);

    fn found(number: usize, (path, minute, together, in_tip, _): Version) -> Finding {
        let mut finding = secret("a-rule", 1, &[["a", "b", "dir/c"][path]]);
        let at = &mut finding.locations[0];
        at.commit = ObjectId::from_bytes(&[minute / 2; 20]);
        at.committed = Some(Timestamp { seconds: i64::from(minute) * 60, offset_minutes: 0 });
        at.object = ObjectId::from_bytes(&[u8::try_from(number).unwrap(); 20]);
        at.in_tip = Some(in_tip);
        let part = Part { rule: "id".to_owned(), name: "id".to_owned(), span: Span::default() };
        at.parts = together.then_some(part).into_iter().collect();
        finding.name_place();
        finding
    }

    /// What a scan of these versions reports.
    fn scan(findings: Vec<Finding>, versions: Versions) -> Vec<Finding> {
        let mut merged = merge_findings(findings);
        merged.iter_mut().for_each(|finding| introductions(finding, versions));
        merge_findings(merged)
    }

    /// Lets what stands under `path` stand, as an exception for it would.
    fn except(findings: Vec<Finding>, path: &str) -> (Vec<Finding>, Vec<Suppressed>) {
        let (mut open, mut suppressed) = (Vec::new(), Vec::new());
        for finding in findings {
            let is_there =
                |at: &Location| at.path.as_ref().is_some_and(|at| at.as_bytes() == path.as_bytes());
            let (covered, rest): (Vec<Location>, Vec<Location>) =
                finding.locations.clone().into_iter().partition(is_there);
            if !covered.is_empty() {
                let finding = Finding { locations: covered, ..finding.clone() };
                suppressed.push(Suppressed { finding, by: Suppression::Baseline });
            }
            if !rest.is_empty() {
                open.push(Finding { locations: rest, ..finding });
            }
        }
        (open, suppressed)
    }

    fn places(findings: &[Finding]) -> Vec<(String, Vec<Location>)> {
        findings.iter().map(|finding| (finding.message.clone(), finding.locations.clone())).collect()
    }

    proptest! {
        #[test]
        fn all_shards_together_are_the_whole(
            versions in prop::collection::vec((0usize..3, 0u8..6, any::<bool>(), any::<bool>(), 0usize..3), 1..14),
        ) {
            let all = || versions.iter().enumerate().map(|(number, version)| (version.4, found(number, *version)));
            let whole = scan(all().map(|(_, finding)| finding).collect(), Versions::All);
            let (open, covered) = except(whole, "a");
            let parts = (0..3)
                .map(|shard| {
                    let own = all().filter(|(of, _)| *of == shard).map(|(_, finding)| finding).collect();
                    except(scan(own, Versions::Some), "a")
                })
                .collect();
            let (findings, suppressed) = join_shards(parts);
            prop_assert_eq!(places(&findings), places(&open));
            let of = |list: Vec<Suppressed>| list.into_iter().map(|one| one.finding).collect::<Vec<_>>();
            prop_assert_eq!(places(&of(suppressed)), places(&of(covered)));
        }
    }
}
