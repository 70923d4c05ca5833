//! What becomes of findings before they are reported: one secret in many places becomes one finding, and
//! exceptions and the baseline move findings aside. Nothing is lost on the way: every place of every finding
//! comes out once, as a finding or as suppressed, with the word of who suppressed it.

mod introductions;
mod same_secret;
mod shards;

pub use introductions::{Versions, introductions};
pub use same_secret::join_secrets;
pub use shards::join_shards;

use crate::baseline::is_secret;
use crate::exception::Scope;
use crate::report::Suppression;
use crate::{Baseline, Date, Exception, Finding, Fingerprint, Location, Secret, Suppressed};
use std::collections::{BTreeMap, HashMap};

/// What findings are settled against.
#[derive(Clone, Copy, Debug)]
pub struct Settle<'a> {
    /// The policy's exceptions.
    pub exceptions: &'a [Exception],
    /// The baseline, where there is one.
    pub baseline: Option<&'a Baseline>,
    /// The ids of exceptions that hold only where they are named ([`Exception::on_request`]), as far as they were.
    pub named: &'a [String],
    /// The day: an exception holds through the end of its last one, in UTC.
    pub today: Date,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Settled {
    /// The findings that stand.
    pub findings: Vec<Finding>,
    /// Those that do not, and by whose word.
    pub suppressed: Vec<Suppressed>,
    /// Expired exceptions whose findings are back, a sentence each.
    pub notices: Vec<String>,
    /// The exceptions that were for nothing that was found. Only a scan of everything can tell that they are no
    /// longer needed.
    pub unused: Vec<Exception>,
    /// How many findings each exception was for, by its id, also where another one, a comment or the baseline was
    /// quicker.
    pub uses: BTreeMap<String, usize>,
}

/// Settles findings. `suppressed` is what comments in the documents already suppressed.
///
/// Two findings are one when rule, fingerprint **and secret** are the same: without a key the fingerprint of a weak
/// secret is its place, and two passwords that followed one another there are two secrets to change.
#[must_use]
pub fn settle(findings: Vec<Finding>, suppressed: Vec<Suppressed>, with: &Settle<'_>) -> Settled {
    let nothing = findings.is_empty() && suppressed.is_empty();
    let mut exceptions: Vec<Asked<'_>> = with
        .exceptions
        .iter()
        .filter(|exception| !exception.on_request || with.named.contains(&exception.id))
        .map(|exception| Asked {
            exception,
            // Nobody compiles the globs of hundreds of records for a commit in which nothing was found.
            scope: if nothing { None } else { Scope::new(exception) },
            expired: exception.is_expired(with.today),
            uses: 0,
            returned: 0,
        })
        .collect();
    let mut settled = Settled { suppressed: merge_suppressed(suppressed), ..Settled::default() };
    let findings = merge_findings(findings);
    // Used is what is for something that is there, even where a comment, another exception or the
    // baseline is quicker; and what a comment points at, since the comment holds no longer than it does.
    let already = settled.suppressed.iter().map(|already| (&already.finding, already.by.exception_id()));
    for (finding, pointed_at) in findings.iter().map(|finding| (finding, None)).chain(already) {
        for asked in &mut exceptions {
            let is_named = pointed_at == Some(asked.exception.id.as_str());
            asked.uses += usize::from(is_named || asked.covers_any(finding));
        }
    }
    for finding in findings {
        if let Some(rest) = except(finding, &exceptions, &mut settled.suppressed) {
            let known = with.baseline.is_some_and(|baseline| baseline.contains(&rest.fingerprint));
            if known && is_secret(&rest) {
                settled.suppressed.push(Suppressed { finding: rest, by: Suppression::Baseline });
            } else {
                settled.findings.push(with_expired(rest, &mut exceptions));
            }
        }
    }
    for asked in exceptions {
        if asked.returned > 0 {
            settled.notices.push(asked.notice());
        }
        if asked.uses == 0 {
            settled.unused.push(asked.exception.clone());
        }
        settled.uses.insert(asked.exception.id.clone(), asked.uses);
    }
    settled
}

/// An exception and what came of asking it.
struct Asked<'a> {
    exception: &'a Exception,
    scope: Option<Scope<'a>>,
    expired: bool,
    /// How many findings it is for.
    uses: usize,
    /// How many findings are back because it expired.
    returned: usize,
}

impl Asked<'_> {
    fn concerns(&self, finding: &Finding) -> bool {
        self.scope.as_ref().is_some_and(|scope| scope.concerns(finding))
    }

    fn covers(&self, location: &Location) -> bool {
        self.scope.as_ref().is_some_and(|scope| scope.covers(location))
    }

    fn covers_any(&self, finding: &Finding) -> bool {
        self.concerns(finding)
            && (finding.locations.is_empty() || finding.locations.iter().any(|place| self.covers(place)))
    }

    fn notice(&self) -> String {
        let Exception { id, rule, owner, expires, .. } = self.exception;
        let findings = match self.returned {
            1 => "its finding is".to_owned(),
            many => format!("its {many} findings are"),
        };
        format!(
            "exception {id} for {rule} ended on {expires}: {findings} back. Renew it with {owner}, or mend what it excused"
        )
    }
}

/// Moves the places that exceptions cover aside; what is left of the finding comes back.
fn except(finding: Finding, exceptions: &[Asked<'_>], out: &mut Vec<Suppressed>) -> Option<Finding> {
    let mut rest = finding;
    for asked in exceptions {
        if asked.expired || !asked.concerns(&rest) {
            continue;
        }
        let (covered, open): (Vec<Location>, Vec<Location>) =
            std::mem::take(&mut rest.locations).into_iter().partition(|place| asked.covers(place));
        let whole = open.is_empty();
        if covered.is_empty() && !whole {
            rest.locations = open;
            continue;
        }
        let by = Suppression::Exception(Box::new(asked.exception.clone()));
        if whole {
            rest.locations = covered;
            out.push(Suppressed { finding: rest, by });
            return None;
        }
        out.push(Suppressed { finding: Finding { locations: covered, ..rest.clone() }, by });
        rest.locations = open;
    }
    Some(rest)
}

/// Says in the finding which exceptions would have covered it, had they not ended.
fn with_expired(mut finding: Finding, exceptions: &mut [Asked<'_>]) -> Finding {
    for asked in exceptions.iter_mut().filter(|asked| asked.expired) {
        if asked.covers_any(&finding) {
            asked.returned += 1;
            let Exception { id, expires, owner, .. } = asked.exception;
            finding.why.push(format!("{ENDED}{id} covered this until it ended on {expires}; ask {owner}."));
        }
    }
    finding
}

/// Says in findings which exception that comes with the same change would be for them. It is not obeyed: a change has no
/// say in its own judgement.
pub fn name_pending(findings: &mut [Finding], pending: &[Exception], today: Date) {
    let holding = pending.iter().filter(|exception| !exception.on_request && !exception.is_expired(today));
    let scopes: Vec<Scope<'_>> = holding.filter_map(Scope::new).collect();
    for finding in findings {
        let covers = |scope: &&Scope<'_>| {
            scope.concerns(finding) && finding.locations.iter().all(|place| scope.covers(place))
        };
        let Some(scope) = scopes.iter().find(covers) else { continue };
        let id = &scope.exception.id;
        finding
            .why
            .push(format!("Exception {id} for it is in this change; it counts once it is in the base."));
        finding.fix.push(format!("let exception {id} in first, by a change of its own"));
    }
}

/// How a finding begins to say that an exception for it has ended.
const ENDED: &str = "Exception ";

/// What makes two findings one.
type Identity = (String, Fingerprint, Option<Secret>);

fn identity(finding: &Finding) -> Option<Identity> {
    is_secret(finding).then(|| (finding.rule.clone(), finding.fingerprint.clone(), finding.secret.clone()))
}

/// Merges findings of one secret under one rule and fingerprint, in the order in which they first came: the places of
/// all, the words of the strictest.
#[must_use]
pub fn merge_findings(findings: Vec<Finding>) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut known: HashMap<Identity, usize> = HashMap::new();
    for finding in findings {
        let index = identity(&finding).map(|identity| *known.entry(identity).or_insert(merged.len()));
        match index.and_then(|index| merged.get_mut(index)) {
            Some(first) => absorb(first, finding),
            None => merged.push(finding),
        }
    }
    for finding in &mut merged {
        tidy(&mut finding.locations);
        if identity(finding).is_some() && finding.locations.len() > 1 {
            finding.name_place();
        }
    }
    merged
}

fn merge_suppressed(suppressed: Vec<Suppressed>) -> Vec<Suppressed> {
    let mut merged: Vec<Suppressed> = Vec::with_capacity(suppressed.len());
    let mut known: HashMap<Identity, Vec<usize>> = HashMap::new();
    for next in suppressed {
        if let Some(identity) = identity(&next.finding) {
            let indexes = known.entry(identity).or_default();
            let same = indexes.iter().copied().find(|i| merged.get(*i).is_some_and(|m| m.by == next.by));
            if let Some(first) = same.and_then(|index| merged.get_mut(index)) {
                absorb(&mut first.finding, next.finding);
                continue;
            }
            indexes.push(merged.len());
        }
        merged.push(next);
    }
    for suppressed in &mut merged {
        tidy(&mut suppressed.finding.locations);
    }
    merged
}

/// The stricter finding's words win; the places of both are kept.
fn absorb(first: &mut Finding, mut next: Finding) {
    let rank = |finding: &Finding| (finding.level, finding.confidence, finding.severity);
    if rank(&next) > rank(first) {
        std::mem::swap(first, &mut next);
    }
    first.confidence = first.confidence.max(next.confidence);
    first.severity = first.severity.max(next.severity);
    first.locations.append(&mut next.locations);
}

/// The order of places: those with a path first.
fn order(at: &Location) -> impl Ord + use<> {
    let Location {
        path,
        inner,
        subject,
        span,
        commit,
        committed: _,
        object,
        author: _,
        in_tip: _,
        decoded_by,
        excerpt: _,
        parts: _,
        known_as: _,
    } = at;
    let path = (path.is_none(), path.clone(), inner.clone());
    (path, subject.clone(), *span, *commit, *object, decoded_by.clone())
}

/// Sorts places and removes those that say the same.
fn tidy(locations: &mut Vec<Location>) {
    locations.sort_by_cached_key(order);
    locations.dedup_by(|next, first| {
        let same = order(next) == order(first);
        if same {
            // Whoever looked it up knows; whoever did not says nothing.
            first.in_tip = first.in_tip.max(next.in_tip);
            first.committed = first.committed.or(next.committed);
            first.author = first.author.take().or_else(|| next.author.take());
            first.excerpt = first.excerpt.take().or_else(|| next.excerpt.take());
            if first.parts.is_empty() {
                first.parts = std::mem::take(&mut next.parts);
            }
        }
        same
    });
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::exception::{Details, ExceptionStatus};
    use crate::{Code, Confidence, Level, ObjectId, RepoPath, Severity, Span};
    use proptest::prelude::*;

    pub(crate) fn finding(family: &'static str, rule: &str, print: u8, paths: &[&str]) -> Finding {
        Finding {
            rule: rule.to_owned(),
            code: Code::owned(rule.to_owned()),
            family,
            name: rule.to_owned(),
            severity: Severity::High,
            confidence: Confidence::High,
            level: Level::Deny,
            message: "found".to_owned(),
            why: Vec::new(),
            fix: Vec::new(),
            fingerprint: Fingerprint::of_value("test", &[print]),
            secret: (family == "GP-SEC").then(|| Secret::new([print])),
            locations: paths
                .iter()
                .map(|path| Location { path: Some(RepoPath::from(*path)), ..Location::default() })
                .collect(),
        }
    }

    pub(crate) fn secret(rule: &str, print: u8, paths: &[&str]) -> Finding {
        finding("GP-SEC", rule, print, paths)
    }

    fn exception(id: &str, rule: &str, path: Option<&str>, print: Option<u8>) -> Exception {
        Exception {
            id: id.to_owned(),
            rule: rule.to_owned(),
            fingerprint: print.map(|print| Fingerprint::of_value("test", &[print])),
            path: path.map(str::to_owned),
            commit: None,
            status: ExceptionStatus::TestCredential,
            reason: "documented example".to_owned(),
            owner: "@platform".to_owned(),
            approver: None,
            ticket: None,
            created: None,
            expires: day("2026-11-22"),
            on_request: false,
            refs: None,
            details: Details::default(),
        }
    }

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    fn settled(findings: Vec<Finding>, exceptions: &[Exception], today: &str) -> Settled {
        settle(findings, Vec::new(), &Settle { exceptions, baseline: None, named: &[], today: day(today) })
    }

    fn paths(finding: &Finding) -> Vec<String> {
        finding.locations.iter().map(|l| l.path.as_ref().unwrap().escaped().into_owned()).collect()
    }

    #[test]
    fn one_secret_in_many_places_is_one_finding() {
        let mut quiet = secret("github-pat", 1, &["b", "a"]);
        quiet.level = Level::Warn;
        quiet.confidence = Confidence::Medium;
        "quiet".clone_into(&mut quiet.name);
        let loud = secret("github-pat", 1, &["c", "a"]);
        let other = secret("generic", 1, &["a"]);
        let out = settled(vec![quiet, loud, other], &[], "2026-11-22");
        assert_eq!(out.findings.len(), 2, "another rule is another finding");
        assert_eq!(paths(&out.findings[0]), ["a", "b", "c"]);
        assert_eq!(
            (out.findings[0].level, out.findings[0].message.as_str()),
            (Level::Deny, "github-pat in a")
        );
        assert_eq!(out.findings[0].confidence, Confidence::High);
    }

    #[test]
    fn two_passwords_at_one_place_stay_two_findings() {
        let first = secret("password", 1, &["a"]);
        let mut second = first.clone();
        second.secret = Some(Secret::new(*b"another"));
        assert_eq!(settled(vec![first, second], &[], "2026-11-22").findings.len(), 2);
    }

    #[test]
    fn only_secrets_are_merged() {
        let twice = vec![finding("GP-FILE", "too-big", 1, &["a"]), finding("GP-FILE", "too-big", 1, &["b"])];
        assert_eq!(settled(twice, &[], "2026-11-22").findings.len(), 2);
    }

    #[test]
    fn places_are_merged_by_what_they_say() {
        let id = ObjectId::from_bytes(&[7; 20]);
        let at = |line, in_tip| Location {
            path: Some(RepoPath::from("a")),
            span: Some(Span { line, start_byte: u64::from(line), ..Span::default() }),
            commit: id,
            in_tip,
            ..Location::default()
        };
        let mut found = secret("r", 1, &[]);
        found.locations = vec![at(9, None), at(2, Some(false)), at(2, None), at(2, Some(true))];
        let out = settled(vec![found], &[], "2026-11-22");
        assert_eq!(out.findings[0].locations, [at(2, Some(true)), at(9, None)]);
    }

    #[test]
    fn an_exception_holds_through_its_last_day() {
        let exceptions = [exception("EX-1", "github-pat", None, Some(1))];
        let found = || vec![secret("github-pat", 1, &["a"])];
        for today in ["2026-11-21", "2026-11-22"] {
            let out = settled(found(), &exceptions, today);
            assert_eq!((out.findings.len(), out.suppressed.len(), out.unused.len()), (0, 1, 0));
            let by = Suppression::Exception(Box::new(exceptions[0].clone()));
            assert_eq!((&out.suppressed[0].by, out.uses["EX-1"]), (&by, 1));
        }
        let out = settled(found(), &exceptions, "2026-11-23");
        assert_eq!((out.findings.len(), out.suppressed.len(), out.unused.len()), (1, 0, 0));
        let why = "Exception EX-1 covered this until it ended on 2026-11-22; ask @platform.";
        assert_eq!(out.findings[0].why, [why]);
        assert_eq!(
            out.notices,
            [
                "exception EX-1 for github-pat ended on 2026-11-22: its finding is back. Renew it with @platform, or \
              mend what it excused"
            ]
        );
    }

    #[test]
    fn an_exception_on_request_holds_only_where_it_is_named() {
        let mut exceptions = [exception("EX-1", "github-pat", None, None)];
        exceptions[0].on_request = true;
        let found = || vec![secret("github-pat", 1, &["a"])];
        let out = settled(found(), &exceptions, "2026-11-22");
        assert_eq!((out.findings.len(), out.suppressed.len(), out.unused.len()), (1, 0, 0));
        let named = ["EX-1".to_owned()];
        let with =
            Settle { exceptions: &exceptions, baseline: None, named: &named, today: day("2026-11-22") };
        let out = settle(found(), Vec::new(), &with);
        assert_eq!((out.findings.len(), out.suppressed.len()), (0, 1));
    }

    #[test]
    fn a_family_is_excepted_on_request_alone() {
        let mut exceptions = [exception("EX-1", "GP-MSG", Some("*"), None)];
        let named = ["EX-1".to_owned()];
        let open = |exceptions: &[Exception]| {
            let with = Settle { exceptions, baseline: None, named: &named, today: day("2026-11-22") };
            let found =
                vec![finding("GP-MSG", "header-too-long", 1, &["a"]), secret("github-pat", 2, &["a"])];
            settle(found, Vec::new(), &with).findings.iter().map(|f| f.family).collect::<Vec<_>>()
        };
        assert_eq!(open(&exceptions), ["GP-MSG", "GP-SEC"]);
        exceptions[0].on_request = true;
        assert_eq!(open(&exceptions), ["GP-SEC"]);
    }

    #[test]
    fn a_path_exception_takes_only_its_own_places() {
        let exceptions = [exception("EX-1", "github-pat", Some("docs/**"), None)];
        let out = settled(vec![secret("github-pat", 1, &["docs/a", "src/b"])], &exceptions, "2026-11-22");
        assert_eq!(paths(&out.findings[0]), ["src/b"]);
        assert_eq!(paths(&out.suppressed[0].finding), ["docs/a"]);
        assert!(out.unused.is_empty());
    }

    #[test]
    fn a_commit_exception_takes_only_its_own_places() {
        let mut exceptions = [exception("EX-1", "github-pat", Some("docs/**"), None)];
        exceptions[0].commit = Some("07".repeat(20));
        let mut found = secret("github-pat", 1, &["docs/a", "docs/b", "src/c"]);
        found.locations[1].commit = ObjectId::from_bytes(&[7; 20]);
        found.locations[2].commit = ObjectId::from_bytes(&[7; 20]);
        let out = settled(vec![found], &exceptions, "2026-11-22");
        assert_eq!(paths(&out.suppressed[0].finding), ["docs/b"]);
        assert_eq!(paths(&out.findings[0]), ["docs/a", "src/c"]);
    }

    #[test]
    fn an_exception_of_the_same_change_is_named_and_not_obeyed() {
        let mut asked = exception("EX-asked", "github-pat", None, Some(1));
        asked.on_request = true;
        let mut over = exception("EX-over", "github-pat", None, Some(1));
        over.expires = day("2026-11-21");
        let elsewhere = exception("EX-elsewhere", "github-pat", Some("docs/**"), None);
        let pending = [asked, over, elsewhere, exception("EX-1", "github-pat", None, Some(1))];
        let mut findings = vec![secret("github-pat", 1, &["a"]), secret("github-pat", 2, &["docs/a", "b"])];
        name_pending(&mut findings, &pending, day("2026-11-22"));
        let why = "Exception EX-1 for it is in this change; it counts once it is in the base.";
        assert_eq!(findings[0].why, [why]);
        assert_eq!(findings[0].fix, ["let exception EX-1 in first, by a change of its own"]);
        assert!(findings[1].why.is_empty(), "one of its places is not covered");
    }

    #[test]
    fn exceptions_for_nothing_that_was_found_are_unused() {
        let exceptions = [
            exception("EX-rule", "gitlab-pat", None, Some(1)),
            exception("EX-print", "github-pat", None, Some(2)),
            exception("EX-path", "github-pat", Some("docs/**"), None),
            exception("EX-used", "github-pat", None, Some(1)),
            exception("EX-second", "github-pat", Some("a"), None),
        ];
        let out = settled(vec![secret("github-pat", 1, &["a"])], &exceptions, "2026-11-22");
        let unused: Vec<&str> = out.unused.iter().map(|exception| exception.id.as_str()).collect();
        assert_eq!(unused, ["EX-rule", "EX-print", "EX-path"]);
    }

    #[test]
    fn an_exception_for_what_a_comment_suppressed_is_used() {
        let exceptions = [exception("EX-1", "github-pat", None, Some(1))];
        let by = Suppression::Inline { dialect: "gatepost", reason: None, until: None, id: None };
        let suppressed = vec![Suppressed { finding: secret("github-pat", 1, &["a"]), by }];
        let with = Settle { exceptions: &exceptions, baseline: None, named: &[], today: day("2026-11-22") };
        let out = settle(Vec::new(), suppressed, &with);
        assert_eq!((out.suppressed.len(), out.unused.len()), (1, 0));
    }

    #[test]
    fn an_exception_that_a_comment_points_at_is_used() {
        let exceptions = [
            exception("EX-1", "github-pat", Some("docs/**"), None),
            exception("EX-2", "github-pat", Some("docs/**"), None),
        ];
        let by = Suppression::Inline {
            dialect: "gatepost",
            reason: None,
            until: None,
            id: Some("EX-1".to_owned()),
        };
        let suppressed = vec![Suppressed { finding: secret("github-pat", 1, &["a"]), by }];
        let with = Settle { exceptions: &exceptions, baseline: None, named: &[], today: day("2026-11-22") };
        let unused = settle(Vec::new(), suppressed, &with).unused;
        assert_eq!(unused.iter().map(|exception| exception.id.as_str()).collect::<Vec<_>>(), ["EX-2"]);
    }

    #[test]
    fn other_findings_are_excepted_by_code_or_name_as_well() {
        let mut found = finding("GP-MSG", "header-too-long", 1, &[]);
        found.code = Code::new("GP-MSG-001");
        found.locations =
            vec![Location { subject: Some("commit message".to_owned()), ..Location::default() }];
        for rule in ["GP-MSG-001", "header-too-long"] {
            let out = settled(vec![found.clone()], &[exception("EX-1", rule, None, Some(1))], "2026-11-22");
            assert_eq!((out.findings.len(), out.suppressed.len()), (0, 1), "{rule}");
        }
    }

    #[test]
    fn the_baseline_knows_secrets_by_fingerprint_alone() {
        let known = secret("github-pat", 1, &["a"]);
        let baseline = Baseline::of([&known]);
        let with =
            Settle { exceptions: &[], baseline: Some(&baseline), named: &[], today: day("2026-11-22") };
        let renamed = secret("github-pat-2", 1, &["moved"]);
        let file = finding("GP-FILE", "too-big", 1, &["a"]);
        let out = settle(vec![renamed, file, secret("github-pat", 2, &["a"])], Vec::new(), &with);
        assert_eq!(out.suppressed.len(), 1);
        assert_eq!(
            (&out.suppressed[0].by, out.suppressed[0].finding.rule.as_str()),
            (&Suppression::Baseline, "github-pat-2")
        );
        assert_eq!(out.findings.len(), 2);
    }

    fn any_finding() -> impl Strategy<Value = Finding> {
        let paths =
            proptest::collection::vec(prop_oneof![Just("a/1"), Just("a/2"), Just("b/1"), Just("c")], 1..4);
        (0u8..3, prop_oneof![Just("r1"), Just("r2")], 0u8..3, paths).prop_map(
            |(family, rule, print, paths)| {
                finding(if family == 0 { "GP-FILE" } else { "GP-SEC" }, rule, print, &paths)
            },
        )
    }

    fn any_exception() -> impl Strategy<Value = Exception> {
        let path = proptest::option::of(prop_oneof![Just("a/*"), Just("b/**"), Just("*")]);
        (prop_oneof![Just("r1"), Just("r2")], path, proptest::option::of(0u8..3), any::<bool>()).prop_map(
            |(rule, path, print, expired)| {
                let mut exception = exception("EX", rule, path, print);
                if expired {
                    exception.expires = day("2020-01-01");
                }
                exception
            },
        )
    }

    /// Every place with what makes its finding, as text.
    fn places<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<String> {
        let mut all: Vec<String> = findings
            .flat_map(|f| {
                paths(f)
                    .into_iter()
                    .map(move |path| format!("{} {} {} {path}", f.family, f.rule, f.fingerprint))
            })
            .collect();
        all.sort();
        all
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_doubled(
            findings in proptest::collection::vec(any_finding(), 0..12),
            exceptions in proptest::collection::vec(any_exception(), 0..6),
            known in proptest::collection::vec(any_finding(), 0..3),
        ) {
            let baseline = Baseline::of(&known);
            let with = Settle { exceptions: &exceptions, baseline: Some(&baseline), named: &[], today: day("2026-11-22") };
            // Places that say the same are one place; equal secrets share theirs, other findings do not.
            let mut expected = places(findings.iter().filter(|f| f.family == "GP-SEC"));
            expected.dedup();
            for other in findings.iter().filter(|f| f.family != "GP-SEC") {
                let mut own = places(std::iter::once(other));
                own.dedup();
                expected.extend(own);
            }
            expected.sort();
            let out = settle(findings, Vec::new(), &with);
            let came_out = out.findings.iter().chain(out.suppressed.iter().map(|s| &s.finding));
            prop_assert!(came_out.clone().all(|finding| !finding.locations.is_empty()));
            prop_assert_eq!(places(came_out), expected);
        }
    }
}
