//! One finding for each secret, whatever rules saw it.
//!
//! The same value can be an AWS secret in one file, where its key ID stands beside it, and a credential of unknown origin
//! in another. Somebody has one thing to revoke and several places to mend: one finding. The rule that says most speaks for
//! all of them.
//!
//! This is done last, with what stands after comments, exceptions and the baseline had their say: those are for a rule, a
//! fingerprint and a place, and must not reach further because two findings look like one. Each place keeps what it is
//! known as ([`crate::Location::known_as`]), so that an exception for it can be written.

use super::{is_secret, tidy};
use crate::{Finding, KnownAs, Secret};
use std::cmp::Reverse;
use std::collections::HashMap;

/// A value of so many bytes is the same secret wherever it stands. Shorter ones are chosen by people, and the same
/// password in two systems has to be changed in both.
const SURE: usize = 16;

/// Puts findings of the same value together. `findings` are what is left when everything else is settled; their order is
/// kept, with each secret where the first of its findings was.
#[must_use]
pub fn join_secrets(findings: Vec<Finding>) -> Vec<Finding> {
    let leaders = leaders(&findings);
    let mut joined: Vec<Option<Finding>> = findings.into_iter().map(Some).collect();
    let mut touched = Vec::new();
    for (index, leader) in leaders.iter().enumerate().filter(|(index, leader)| index != *leader) {
        let Some(follower) = joined.get_mut(index).and_then(Option::take) else { continue };
        if let Some(first) = joined.get_mut(*leader).and_then(Option::as_mut) {
            follow(first, follower);
            touched.push(*leader);
        }
    }
    for leader in touched {
        if let Some(finding) = joined.get_mut(leader).and_then(Option::as_mut) {
            tidy(&mut finding.locations);
            finding.name_place();
        }
    }
    joined.into_iter().flatten().collect()
}

/// For each finding the index of the one that speaks for it: its own where that is itself.
fn leaders(findings: &[Finding]) -> Vec<usize> {
    let mut of_value: HashMap<&Secret, Vec<usize>> = HashMap::new();
    for (index, finding) in findings.iter().enumerate().filter(|(_, finding)| is_secret(finding)) {
        if let Some(secret) = &finding.secret {
            of_value.entry(secret).or_default().push(index);
        }
    }
    let mut leaders: Vec<usize> = (0..findings.len()).collect();
    for (secret, mut same) in of_value {
        same.sort_by_cached_key(|index| findings.get(*index).map(rank));
        let mut spoken: Vec<usize> = Vec::new();
        for index in same {
            let Some(finding) = findings.get(index) else { continue };
            let joins = |leader: &Finding| {
                finding.rule == leader.rule || finding.is_generic() || secret.len() >= SURE
            };
            match spoken.iter().find(|leader| findings.get(**leader).is_some_and(joins)) {
                Some(leader) => leaders.get_mut(index).into_iter().for_each(|entry| *entry = *leader),
                None => spoken.push(index),
            }
        }
    }
    leaders
}

/// Who says most comes first: a rule that knows the issuer, then the surest, then the worst.
fn rank(finding: &Finding) -> impl Ord + use<> {
    let Finding { confidence, severity, rule, fingerprint, .. } = finding;
    (finding.is_generic(), Reverse(*confidence), Reverse(*severity), rule.clone(), fingerprint.clone())
}

/// The words are the leader's, the levels are the highest, the places are those of both.
fn follow(leader: &mut Finding, follower: Finding) {
    leader.severity = leader.severity.max(follower.severity);
    leader.confidence = leader.confidence.max(follower.confidence);
    leader.level = leader.level.max(follower.level);
    let Finding { rule, fingerprint, locations, .. } = follower;
    let is_other = (&rule, &fingerprint) != (&leader.rule, &leader.fingerprint);
    leader.locations.extend(locations.into_iter().map(|mut location| {
        if is_other && location.known_as.is_none() {
            let (rule, fingerprint) = (rule.clone(), fingerprint.clone());
            location.known_as = Some(Box::new(KnownAs { rule, fingerprint }));
        }
        location
    }));
}

#[cfg(test)]
mod tests {
    use super::super::tests::secret;
    use super::*;
    use crate::{Confidence, Fingerprint, Level, Severity};
    use proptest::prelude::*;

    fn of(rule: &str, value: &str, print: u8, paths: &[&str]) -> Finding {
        Finding { secret: Some(Secret::new(value)), ..secret(rule, print, paths) }
    }

    /// Rule, and each place with what it is known as.
    fn told(findings: &[Finding]) -> Vec<String> {
        let place = |at: &crate::Location| {
            let path = at.path.as_ref().map(|path| path.escaped().into_owned()).unwrap_or_default();
            let known = at.known_as.as_ref().map(|known| format!("={}", known.rule)).unwrap_or_default();
            format!(" {path}{known}")
        };
        findings
            .iter()
            .map(|finding| {
                let places: String = finding.locations.iter().map(place).collect();
                format!("{}:{places}", finding.rule)
            })
            .collect()
    }

    const LONG: &str = "a value of 16 bytes and more";
    const SHORT: &str = "hunter2";

    #[test]
    fn the_rule_that_says_more_speaks_for_every_place() {
        let mut generic = of("generic-credential", LONG, 1, &["a", "c"]);
        (generic.confidence, generic.level) = (Confidence::Medium, Level::Warn);
        let mut aws = of("aws-secret", LONG, 2, &["b"]);
        (aws.severity, aws.fix) = (Severity::Critical, vec!["revoke".to_owned()]);
        let out = join_secrets(vec![generic.clone(), aws.clone()]);
        assert_eq!(told(&out), ["aws-secret: a=generic-credential b c=generic-credential"]);
        let one = &out[0];
        let levels = (one.severity, one.confidence, one.level);
        assert_eq!(levels, (Severity::Critical, Confidence::High, Level::Deny));
        assert_eq!((one.fix[0].as_str(), one.message.as_str()), ("revoke", "aws-secret in a"));
        let known = one.locations[0].known_as.as_ref().map(|known| known.fingerprint.clone());
        assert_eq!(known, Some(Fingerprint::of_value("test", &[1])));
        // What is not so sure says more all the same, and nothing gets milder for that.
        aws.confidence = Confidence::Low;
        aws.level = Level::Note;
        let out = join_secrets(vec![generic, aws]);
        assert_eq!(told(&out), ["aws-secret: a=generic-credential b c=generic-credential"]);
        assert_eq!((out[0].confidence, out[0].level), (Confidence::Medium, Level::Warn));
    }

    #[test]
    fn the_same_password_of_two_systems_is_two_findings() {
        let found = vec![
            of("mysql-url", SHORT, 1, &["a"]),
            of("http-basic", SHORT, 2, &["b"]),
            of("generic-credential", SHORT, 3, &["c"]),
            of("generic-credential", SHORT, 4, &["d"]),
            of("mysql-url", SHORT, 5, &["e"]),
        ];
        let told = told(&join_secrets(found));
        let generic = "c=generic-credential d=generic-credential";
        assert_eq!(told, ["mysql-url: a e=mysql-url", &format!("http-basic: b {generic}")]);
        let two = vec![of("one", LONG, 1, &["a"]), of("two", LONG, 2, &["b"])];
        assert_eq!(self::told(&join_secrets(two)), ["one: a b=two"]);
    }

    #[test]
    fn other_values_and_other_checks_are_left_alone() {
        let mut no_secret = secret("generic-credential", 1, &["a"]);
        no_secret.family = "GP-FILE";
        no_secret.secret = None;
        let found = vec![
            no_secret.clone(),
            no_secret,
            of("generic-credential", "one", 1, &["a"]),
            of("generic-credential", "two", 1, &["a"]),
        ];
        assert_eq!(join_secrets(found).len(), 4);
    }

    proptest! {
        /// No place is lost or made up, nothing denies that did not, and the order in which findings come changes nothing.
        #[test]
        fn every_place_comes_out_once(
            plan in prop::collection::vec((0usize..4, 0usize..3, 0u8..4, 0usize..4), 0..12), turn in 0usize..12,
        ) {
            let rules = ["generic-credential", "aws-secret", "mysql-url", "generic-password"];
            let found: Vec<Finding> = plan
                .iter()
                .enumerate()
                .map(|(index, (rule, value, print, level))| {
                    let value = [LONG, SHORT, "another"][*value];
                    let path = format!("{index}");
                    let mut finding = of(rules[*rule], value, *print, &[path.as_str()]);
                    finding.level = Level::ALL[*level];
                    finding
                })
                .collect();
            let out = join_secrets(found.clone());
            let places = out.iter().map(|finding| finding.locations.len()).sum::<usize>();
            prop_assert_eq!(places, found.len());
            let strictest = |all: &[Finding]| all.iter().map(|finding| finding.level).max();
            prop_assert_eq!(strictest(&out), strictest(&found));
            let mut turned = found;
            if !turned.is_empty() {
                let by = turn % turned.len();
                turned.rotate_left(by);
            }
            let sorted = |mut told: Vec<String>| { told.sort(); told };
            prop_assert_eq!(sorted(told(&join_secrets(turned))), sorted(told(&out)));
        }
    }
}
