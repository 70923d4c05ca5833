//! One secret, one match: where several matches are about one secret, the most specific of them stays.
//!
//! Somebody who writes a text can have thousands of matches overlap, so that comparing each with each is out of the
//! question. Matches that stand in the bytes as they are are rivals wherever they overlap; what is kept of them lies side
//! by side, and is looked up by place. A run of base64 or of compressed text can hold any number of secrets, which all
//! stand where the run does; those are told apart by their values, and each is compared with no more than
//! [`MOST_COMPARED`] others that have another value.

use super::rule::{Alone, Rule};
use super::ruleset::Ruleset;
use super::scanner::{Match, Observer, Rejected, Rejection};
use super::work;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The most others that a match is compared with for the sake of what they were decoded to. What has more rivals
/// than that may be told of twice.
const MOST_COMPARED: usize = 256;

/// Of matches that are rivals only the most specific stays: one that is not generic, then the surest, then one that
/// stands in the bytes as it is, then the longest.
pub(super) fn collapse(ruleset: &Ruleset, found: Vec<Match>) -> Vec<Match> {
    collapse_with(ruleset, found, &mut ())
}

/// [`collapse`] with somebody listening.
pub(super) fn collapse_with(
    ruleset: &Ruleset,
    mut found: Vec<Match>,
    observer: &mut impl Observer,
) -> Vec<Match> {
    found.sort_by_key(|m| (m.secret.start, Reverse(m.secret.end), m.rule));
    let mut kept: Vec<Match> = Vec::with_capacity(found.len());
    let mut cluster: Vec<Match> = Vec::new();
    let mut end = 0;
    for next in found {
        if next.secret.start >= end {
            settle(ruleset, &mut cluster, &mut kept, observer);
        }
        end = end.max(next.secret.end);
        cluster.push(next);
    }
    settle(ruleset, &mut cluster, &mut kept, observer);
    kept
}

/// Settles which of the overlapping matches of a cluster stay.
fn settle(ruleset: &Ruleset, cluster: &mut Vec<Match>, kept: &mut Vec<Match>, observer: &mut impl Observer) {
    if cluster.len() < 2 {
        return kept.append(cluster);
    }
    let from = kept.len();
    cluster.sort_by_key(|m| order(ruleset, m));
    let mut index = Index::default();
    for mut next in cluster.drain(..) {
        let rivals = index.rivals(ruleset, kept, &next);
        let is_better = |m: &Match| m.rule == next.rule || !yields(ruleset, m);
        let mut better = rivals.iter().copied().filter(|place| kept.get(*place).is_some_and(is_better));
        match better.next() {
            Some(better) => {
                let Some(better) = kept.get_mut(better) else { continue };
                better.mask = better.mask.start.min(next.mask.start)..better.mask.end.max(next.mask.end);
                // Of what was decoded nobody hears why it is rejected.
                if next.decoded.is_none() {
                    let by = Rejection::Overlap(better.rule);
                    observer.rejected(Rejected { rule: next.rule, secret: next.secret, by });
                }
            }
            None => {
                next.unless = rivals.iter().filter_map(|place| kept.get(*place)).map(|m| m.rule).collect();
                next.unless.sort_unstable();
                next.unless.dedup();
                index.insert(ruleset, &next, kept.len());
                kept.push(next);
            }
        }
    }
    if let Some(cluster) = kept.get_mut(from..) {
        cluster.sort_by_key(|m| m.secret.start);
    }
}

fn is_generic(ruleset: &Ruleset, m: &Match) -> bool {
    ruleset.rule(m.rule).is_some_and(|rule| rule.id.starts_with("generic-"))
}

/// Whether it is for later to say if a match counts: at which paths it stands, or what stands near it.
fn yields(ruleset: &Ruleset, m: &Match) -> bool {
    let may_yield = |rule: &Rule| rule.path.is_some() || rule.alone.is_some();
    ruleset.rule(m.rule).is_some_and(may_yield)
}

/// The most specific first. What says nothing alone says less than what does, however sure it is in company.
fn order(ruleset: &Ruleset, m: &Match) -> impl Ord + use<> {
    let hidden = ruleset.rule(m.rule).is_some_and(|rule| rule.alone == Some(Alone::Hidden));
    let length = m.decoded.as_ref().map_or(m.secret.len(), |decoded| decoded.value.len());
    (is_generic(ruleset, m), hidden, Reverse(m.confidence), m.decoded.is_some(), Reverse(length), m.rule)
}

/// Places in the list of what is kept, by where its secrets start. Nothing in it overlaps, so that what overlaps a range
/// stands side by side.
type Apart = BTreeMap<usize, usize>;

/// What is kept of a cluster, to be looked up by place. A class is what counts everywhere, or what is kept of one rule
/// that yields.
#[derive(Default)]
struct Index {
    /// What stands in the bytes as it is, by class.
    plain: BTreeMap<Option<usize>, Apart>,
    /// What was decoded, by value and class.
    same: BTreeMap<Box<[u8]>, BTreeMap<Option<usize>, Apart>>,
    /// What was decoded, by how many bits the length of its range has: start, and place in the list. These overlap, but
    /// what overlaps a range begins no farther before it than such a length.
    decoded: BTreeMap<u32, BTreeSet<(usize, usize)>>,
}

impl Index {
    fn insert(&mut self, ruleset: &Ruleset, m: &Match, place: usize) {
        let class = yields(ruleset, m).then_some(m.rule);
        let start = m.secret.start;
        let Some(decoded) = &m.decoded else {
            self.plain.entry(class).or_default().insert(start, place);
            return;
        };
        let same = self.same.entry(decoded.value.clone()).or_default();
        same.entry(class).or_default().insert(start, place);
        self.decoded.entry(bits(m.secret.len())).or_default().insert((start, place));
    }

    /// The places of what `next` is a rival of, sorted: the most specific first. Where a better one is among them, the
    /// others may be missing.
    fn rivals(&self, ruleset: &Ruleset, kept: &[Match], next: &Match) -> Vec<usize> {
        let own = [None, Some(next.rule)];
        let is_next_generic = is_generic(ruleset, next);
        let is_rival = |place: &usize| {
            work::step();
            let rival = |m: &Match| are_rivals(m, next, is_next_generic || is_generic(ruleset, m));
            kept.get(*place).is_some_and(rival)
        };
        let mut rivals: Vec<usize> = Vec::new();
        match &next.decoded {
            None => {
                for (class, apart) in &self.plain {
                    // Of any other class one is enough: it is for its rule's name.
                    let most = if own.contains(class) { usize::MAX } else { 1 };
                    rivals.extend(overlapping(apart, kept, &next.secret).take(most));
                }
            }
            Some(decoded) => {
                let same = self.same.get(&decoded.value).into_iter().flatten();
                let same = same.filter_map(|(class, apart)| own.contains(class).then_some(apart));
                rivals.extend(same.flat_map(|apart| overlapping(apart, kept, &next.secret)));
                let plain = self.plain.values().flat_map(|apart| overlapping(apart, kept, &next.secret));
                rivals.extend(plain.take(MOST_COMPARED).filter(is_rival));
            }
        }
        rivals.extend(self.decoded_near(kept, &next.secret).filter(is_rival));
        rivals.sort_unstable();
        rivals.dedup();
        rivals
    }

    /// What was decoded and overlaps a range, as far as it is compared.
    fn decoded_near(&self, kept: &[Match], range: &Range<usize>) -> impl Iterator<Item = usize> {
        let Range { start, end } = *range;
        let near = self.decoded.iter().flat_map(move |(bits, places)| {
            let reach = 1usize.checked_shl(*bits).unwrap_or(usize::MAX);
            places.range((start.saturating_sub(reach), 0)..(end, 0)).map(|(_, place)| *place)
        });
        let reaches = move |place: &usize| kept.get(*place).is_some_and(|m| m.secret.end > start);
        near.take(MOST_COMPARED).filter(reaches)
    }
}

/// What overlaps a range, the last first.
fn overlapping(apart: &Apart, kept: &[Match], range: &Range<usize>) -> impl Iterator<Item = usize> {
    let start = range.start;
    let reaches = move |place: &usize| kept.get(*place).is_some_and(|m| m.secret.end > start);
    apart.range(..range.end).rev().map(|(_, place)| *place).inspect(|_| work::step()).take_while(reaches)
}

/// How many bits a length has.
const fn bits(length: usize) -> u32 {
    usize::BITS - length.leading_zeros()
}

/// Whether two matches with overlapping places are about one secret.
///
/// In the bytes as they are, an overlap says so. A run of base64 can hold several secrets, and be a token itself:
/// a JSON Web Token with another token in its claims holds two. They are one where a value holds the other, and where the
/// decoded one takes up the run; what a generic rule sees on either side is never worth a second word.
fn are_rivals(one: &Match, other: &Match, is_one_generic: bool) -> bool {
    let holds = |a: &[u8], b: &[u8]| memchr::memmem::find(a, b).is_some();
    let (decoded, plain) = match (&one.decoded, &other.decoded) {
        (None, None) => return true,
        (Some(one), Some(other)) => {
            return holds(&one.value, &other.value) || holds(&other.value, &one.value);
        }
        (Some(_), None) => (one, other),
        (None, Some(_)) => (other, one),
    };
    is_one_generic || decoded.rule == plain.rule || decoded.secret.len() * 5 >= plain.secret.len() * 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::{Builtin, Decoded, RuleFile};
    use crate::{Confidence, Severity};
    use proptest::prelude::*;

    /// A generic rule, two that need a path, one that needs nothing, and one that counts in company only.
    fn ruleset() -> Ruleset {
        let rule = |id: &str, key: &str| {
            format!(
                "[[rules]]\nid = \"{id}\"\nname = \"n\"\ndescription = \"d\"\nseverity = \"high\"\nconfidence = \"high\"\n\
                 regex = 'key_[a-c0-9]{{4}}'\n{key}risk = \"r\"\nfix = [\"f\"]\nreference = \"https://example.com\"\n\
                 examples = [\"key_{{hex:4}}\", \"key_{{hex:5}}\"]\ncounter-examples = [\"a\", \"b\"]\n"
            )
        };
        let path = "path = '[.]env$'\n";
        let rules = [
            rule("generic-one", ""),
            rule("a", path),
            rule("b", path),
            rule("c", ""),
            rule("d", "alone = \"hidden\"\n"),
        ];
        let rules = RuleFile::parse(&format!("provider = \"Test\"\n{}", rules.concat())).unwrap();
        Ruleset::new(Builtin::none(), rules).unwrap()
    }

    fn found(rule: usize, secret: Range<usize>, confidence: Confidence) -> Match {
        let (range, mask) = (secret.clone(), secret.clone());
        let (severity, proof, unless) = (Severity::High, None, Vec::new());
        Match { rule, range, secret, mask, severity, confidence, proof, unless, decoded: None }
    }

    fn decoded(value: &str, found: Match) -> Match {
        let (inside, inside_mask) = (found.secret.clone(), found.mask.clone());
        let value = value.as_bytes().into();
        let decoded = Decoded { value, by: vec!["base64"], name: String::new(), inside, inside_mask };
        Match { decoded: Some(Box::new(decoded)), ..found }
    }

    /// [`settle`] as one would say it, in the square of the matches.
    fn said_plainly(ruleset: &Ruleset, mut cluster: Vec<Match>) -> Vec<Match> {
        cluster.sort_by_key(|m| order(ruleset, m));
        let mut kept: Vec<Match> = Vec::new();
        for mut next in cluster {
            let rivals = |m: &Match| {
                m.secret.start < next.secret.end
                    && next.secret.start < m.secret.end
                    && are_rivals(m, &next, is_generic(ruleset, m) || is_generic(ruleset, &next))
            };
            let better = |m: &&mut Match| rivals(m) && (!yields(ruleset, m) || m.rule == next.rule);
            if let Some(better) = kept.iter_mut().find(better) {
                better.mask = better.mask.start.min(next.mask.start)..better.mask.end.max(next.mask.end);
                continue;
            }
            next.unless = kept.iter().filter(|m| rivals(m)).map(|m| m.rule).collect();
            next.unless.sort_unstable();
            next.unless.dedup();
            kept.push(next);
        }
        kept.sort_by_key(|m| m.secret.start);
        kept
    }

    proptest! {
        #[test]
        fn of_overlapping_matches_the_most_specific_stay(
            matches in prop::collection::vec(
                (0usize..5, 0usize..40, 1usize..16, 0u8..3, prop::option::of("[ab]{1,3}")), 0..30,
            ),
        ) {
            let ruleset = ruleset();
            let of = |(rule, start, length, sure, value): (usize, usize, usize, u8, Option<String>)| {
                let sure = [Confidence::Low, Confidence::Medium, Confidence::High][usize::from(sure)];
                let plain = found(rule, start..start + length, sure);
                match value {
                    Some(value) => decoded(&value, plain),
                    None => plain,
                }
            };
            let matches: Vec<Match> = matches.into_iter().map(of).collect();
            let mut kept = Vec::new();
            settle(&ruleset, &mut matches.clone(), &mut kept, &mut ());
            prop_assert_eq!(kept, said_plainly(&ruleset, matches));
        }
    }

    #[test]
    fn a_cluster_of_many_matches_takes_steps_in_proportion() {
        let ruleset = ruleset();
        let steps = |count: usize| {
            // One doubtful match over everything makes a cluster of what stands side by side, each twice.
            let mut all = vec![found(0, 0..count * 20, Confidence::Low)];
            all.extend((0..count).map(|at| found(3, at * 20..at * 20 + 20, Confidence::High)));
            all.extend((0..count).map(|at| found(1, at * 20 + 5..at * 20 + 25, Confidence::Medium)));
            work::count(|| assert_eq!(collapse(&ruleset, all).len(), count))
        };
        assert!(steps(20_000) <= 11 * steps(2_000), "{} {}", steps(20_000), steps(2_000));
    }

    #[test]
    fn a_run_with_many_secrets_in_it_takes_steps_in_proportion_and_none_is_lost() {
        let ruleset = ruleset();
        let steps = |count: usize| {
            // Each twice, and beside them what stands in the same bytes as it is.
            let all = (0..2 * count).map(|at| {
                let value = format!("key_{:06}", at % count);
                decoded(&value, found(3, 0..count * 20, Confidence::High))
            });
            let plain = (0..count).map(|at| found(1, at * 20..at * 20 + 20, Confidence::High));
            let all = all.chain(plain).collect();
            work::count(|| assert_eq!(collapse(&ruleset, all).len(), 2 * count))
        };
        assert!(steps(10_000) <= 11 * steps(1_000), "{} {}", steps(10_000), steps(1_000));
    }
}
