//! Why a value is reported and another is not: the scan once more, with somebody listening to its tests.

use super::decode;
use super::detect::Secrets;
use super::entropy::shannon;
use super::parts::{self, Joined};
use super::placeholder::PLACEHOLDERS;
use super::rule::{Alone, Rule};
use super::scanner::{Match, Observer, Rejected, Rejection, Scanner, Scratch};
use crate::decision::{Decision, DecisionOutcome, DecisionTest};
use crate::text::LineIndex;
use crate::{Document, Level, Location, RepoPath, Secret, Sink};
use std::ops::Range;

/// What a scan said no to.
#[derive(Debug, Default)]
struct Listener(Vec<Rejected>);

impl Observer for Listener {
    fn rejected(&mut self, rejected: Rejected) {
        self.0.push(rejected);
    }
}

impl Scanner {
    /// What [`Scanner::scan`] finds, and everything that it looked at in the bytes as they are and rejected, by the tests that
    /// did. What it rejected in decoded text is not among it.
    #[must_use]
    pub fn explain(&self, bytes: &[u8], scratch: &mut Scratch) -> (Vec<Match>, Vec<Rejected>) {
        let mut listener = Listener::default();
        let found = self.scan_with(bytes, scratch, &mut listener);
        (found, listener.0)
    }
}

impl Secrets {
    /// A decision for every value of a document that a rule looked at. It judges anew what [`crate::Check::document`] judges,
    /// and leaves findings and skips to that.
    pub(super) fn decisions(&self, document: &Document<'_>, sink: &mut dyn Sink) {
        let Some(bytes) = document.bytes.filter(|_| self.is_on() && document.size <= self.limit()) else {
            return;
        };
        let (found, mut rejected) = self.scanner().explain(bytes, &mut Scratch::default());
        let mut text = Text { check: self, document, bytes, lines: LineIndex::new(bytes) };
        let excluded = document.path.is_some_and(|path| self.is_excluded(path));
        if excluded {
            // Nothing of it is judged; what would have been found is what somebody looks for.
            rejected.clear();
        }
        rejected.sort_by_key(|rejected| (rejected.secret.start, rejected.secret.end));
        for rejected in &rejected {
            text.rejected(rejected).into_iter().for_each(|decision| sink.decision(decision));
        }
        let Some(whole) = decode::whole(bytes) else {
            return text.all(&found, excluded, &mut |d| sink.decision(d));
        };
        // The lines of a text in UTF-16 are those of the text.
        let (inside, outside) = decode::inside(&found, &whole);
        text.all(&outside, excluded, &mut |decision| sink.decision(decision));
        let lines = LineIndex::new(&whole.bytes);
        let mut text = Text { check: self, document, bytes: &whole.bytes, lines };
        text.all(&inside, excluded, &mut |mut decision| {
            decision.location.span.iter_mut().for_each(|span| decode::place(&whole, span));
            sink.decision(decision);
        });
    }
}

/// A document whose decisions are told.
struct Text<'a> {
    check: &'a Secrets,
    document: &'a Document<'a>,
    bytes: &'a [u8],
    lines: LineIndex<'a>,
}

impl<'a> Text<'a> {
    fn rule(&self, index: usize) -> Option<&'a Rule> {
        self.check.scanner().ruleset().rule(index)
    }

    fn id(&self, index: usize) -> &'a str {
        self.rule(index).map_or("another rule", |rule| rule.id.as_ref())
    }

    /// The decisions about matches, which are in the order of their secrets, as they are judged in company.
    fn all(&mut self, found: &[Match], excluded: bool, tell: &mut dyn FnMut(Decision)) {
        let joined = parts::join(self.check.scanner().ruleset(), found, &mut self.lines);
        let mut joined = joined.into_iter().peekable();
        for found in found {
            let is_it = |joined: &Joined| {
                let other = &joined.found;
                (other.rule, &other.secret, &other.decoded) == (found.rule, &found.secret, &found.decoded)
            };
            let decision = match joined.next_if(is_it) {
                Some(Joined { found, parts, .. }) => {
                    let near: Vec<String> = parts.into_iter().map(|part| part.rule).collect();
                    self.found(&found, &near, excluded)
                }
                None => self.alone(found).filter(|_| !excluded),
            };
            decision.into_iter().for_each(&mut *tell);
        }
    }

    /// A decision that no test has spoken on.
    fn open(&mut self, rule: usize, secret: &Range<usize>, value: &[u8]) -> Option<(&'a Rule, Decision)> {
        let rule = self.rule(rule)?;
        let document = self.document;
        let decision = Decision {
            rule: rule.id.to_string(),
            value: Secret::new(value),
            location: Location {
                path: document.path.cloned(),
                subject: document.subject.map(str::to_owned),
                commit: document.commit,
                object: document.id,
                span: Some(self.lines.span(secret.clone())),
                ..Location::default()
            },
            outcome: DecisionOutcome::NotReported,
            tests: Vec::new(),
            entropy: shannon(value),
            severity: (rule.severity, rule.severity),
            confidence: (rule.confidence, rule.confidence),
        };
        Some((rule, decision))
    }

    fn rejected(&mut self, rejected: &Rejected) -> Option<Decision> {
        let value = self.bytes.get(rejected.secret.clone())?;
        let (rule, mut decision) = self.open(rejected.rule, &rejected.secret, value)?;
        let (name, clause) = match &rejected.by {
            Rejection::Entropy { least } => ("entropy", too_low(decision.entropy, *least)),
            Rejection::Placeholder(name) => ("placeholder", placeholder(name)),
            Rejection::Prose => ("prose", "it reads as words, and its issuer makes it at random".to_owned()),
            Rejection::Allow(index) => ("allow", allowed(rule, *index)),
            Rejection::Structure(clause) => ("structure", clause.clone().into_owned()),
            Rejection::Value(clause) => ("value", (*clause).to_owned()),
            Rejection::Overlap(better) => {
                ("overlap", format!("it is a part of what `{}` says more about", self.id(*better)))
            }
        };
        decision.decide(DecisionOutcome::NotReported, name, clause);
        Some(decision)
    }

    /// A match that the tests let through.
    fn opened(&mut self, found: &Match) -> Option<(&'a Rule, Decision)> {
        let (rule, mut decision) = self.open(found.rule, &found.secret, found.value(self.bytes))?;
        decision.severity.1 = found.severity;
        decision.confidence.1 = found.confidence;
        decision.location.decoded_by =
            found.decoded.as_ref().map(|decoded| decoded.by.clone()).unwrap_or_default();
        decision.tests = passed(rule, found, decision.entropy);
        Some((rule, decision))
    }

    /// A match that is worth nothing without the other parts of its credential.
    fn alone(&mut self, found: &Match) -> Option<Decision> {
        let (rule, mut decision) = self.opened(found)?;
        let clause = match rule.alone {
            Some(Alone::Hidden) if rule.with.is_empty() => "the rule only finds parts of other credentials",
            Some(Alone::Confidence(_)) => {
                "no other part of its credential stands near it, and another rule is surer of it then"
            }
            _ => "no other part of its credential stands near it, and it is worth nothing alone",
        };
        decision.decide(DecisionOutcome::NotReported, "parts", clause);
        Some(decision)
    }

    /// A match that is a finding where the paths and the policy have it; `near` are the rules of its other parts.
    fn found(&mut self, found: &Match, near: &[String], excluded: bool) -> Option<Decision> {
        let (rule, mut decision) = self.opened(found)?;
        if !rule.with.is_empty() {
            let clause = match near {
                [] => "no other part of its credential stands near it".to_owned(),
                near => format!("the other part of its credential stands near it: `{}`", near.join("`, `")),
            };
            decision.tests.push(DecisionTest { name: "parts", clause });
        }
        let paths: Vec<&RepoPath> = self.document.path.into_iter().collect();
        if excluded {
            let glob = self.document.path.and_then(|path| self.check.excluded_by(path));
            let clause = format!("the policy's `exclude` has its path: `{}`", glob.unwrap_or_default());
            decision.decide(DecisionOutcome::NotReported, "exclude", clause);
            return Some(decision);
        }
        if let Some((name, regex)) = self.check.misfit(found.rule, rule, &paths) {
            let clause = match name {
                "path" => format!("the rule counts only at paths like `{regex}`"),
                _ => format!("the rule does not count at paths like `{regex}`"),
            };
            decision.decide(DecisionOutcome::NotReported, name, clause);
            return Some(decision);
        }
        if let Some(other) = found.unless.iter().find(|rule| self.check.fits(**rule, &paths)) {
            let clause = format!("`{}`, which holds at this path, says more about it", self.id(*other));
            decision.decide(DecisionOutcome::NotReported, "overlap", clause);
            return Some(decision);
        }
        let level = self.check.level(found.severity, found.confidence);
        let outcome = match level {
            Level::Off => DecisionOutcome::NotReported,
            level => DecisionOutcome::Reported(level),
        };
        let clause = format!(
            "the policy's level for severity {} and confidence {} is `{}`",
            found.severity.as_str(),
            found.confidence.as_str(),
            level.as_str()
        );
        decision.decide(outcome, "policy", clause);
        Some(decision)
    }
}

/// What the tests said that let a match through.
fn passed(rule: &Rule, found: &Match, entropy: f64) -> Vec<DecisionTest> {
    let mut tests = Vec::new();
    let mut push = |name, clause: String| tests.push(DecisionTest { name, clause });
    let proof = found.proof.as_deref();
    if rule.detector.is_some() {
        push("value", proof.unwrap_or("it looks like a credential").to_owned());
        return tests;
    }
    if let Some(least) = rule.entropy {
        push("entropy", format!("its entropy is {entropy:.2} bits a byte, and {least} is enough"));
    }
    push("placeholder", format!("it is none of {} kinds of placeholders", PLACEHOLDERS.len()));
    if rule.strong {
        push("prose", "it does not read as words".to_owned());
    }
    if !rule.allow.is_empty() {
        push("allow", "no `allow` of the rule is for it".to_owned());
    }
    if rule.structure.is_some() {
        push("structure", proof.unwrap_or("it is of a form that carries no proof").to_owned());
    }
    tests
}

fn too_low(entropy: f64, least: f64) -> String {
    format!("its entropy is {entropy:.2} bits a byte, below {least}")
}

fn placeholder(name: &str) -> String {
    let about = PLACEHOLDERS.iter().find(|p| p.name == name).map_or("", |p| p.about);
    format!("it is a placeholder of the kind `{name}`: {about}")
}

fn allowed(rule: &Rule, index: usize) -> String {
    match rule.allow.get(index) {
        Some(allow) => format!("the rule's `allow` has `{}`: {}", allow.regex, allow.reason),
        None => "an `allow` of the rule is for it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::syntax::RuleFile;
    use super::super::template::expand;
    use super::*;
    use crate::check::{Check, Context};
    use crate::policy::{Layer, Origin, Policy};
    use crate::sink::Collected;
    use crate::{DocumentKind, Stage, Timestamp};
    use proptest::prelude::*;

    /// A rule with these keys, beside those that every rule has.
    fn rule(id: &str, keys: &str) -> String {
        format!(
            "[[rules]]\nid = \"{id}\"\nname = \"n\"\ndescription = \"d\"\nseverity = \"high\"\nconfidence = \"medium\"\n\
             risk = \"r\"\nfix = [\"f\"]\nreference = \"https://example.com\"\nexamples = [\"a\", \"b\"]\n\
             counter-examples = [\"c\", \"d\"]\n{keys}\n"
        )
    }

    fn check(policy: &str) -> Secrets {
        let rules = [
            rule(
                "token",
                "regex = 'tok_[0-9A-Za-z]{36}'\nentropy = 3.0\n\
                 structure = { kind = \"crc32-base62\", prefix = 4 }\n\
                 allow = [{ regex = '^tok_ALLOW', reason = \"the vendor's own example\" }]",
            ),
            rule("only-conf", "regex = 'conf_[0-9a-z]{30}'\npath = '[.]conf$'"),
            rule("no-lock", "regex = 'lock_[0-9a-z]{30}'\nexcept-path = '[.]lock$'"),
            rule(
                "block",
                "regex = '-----BEGIN [A-Z ]{1,40}-----[^-]{20,4000}-----END [A-Z ]{1,40}-----'\nstructure = { kind = \"pem\", fails = \"drop\" }",
            ),
            rule("random", "regex = 'rnd_[0-9a-z-]{40}'\nstrong = true"),
            rule(
                "key-id",
                "regex = 'kid_[0-9a-z]{20}'\nwith = [{ rule = \"token\", lines = 1 }]\nalone = \"hidden\"",
            ),
            rule(
                "generic-credential",
                "detector = \"assignment\"\nkeywords = [\"pass\", \"token\"]\nwindow = { before = 88, after = 400 }",
            ),
        ];
        let rules = RuleFile::parse(&format!("provider = \"Acme\"\n{}", rules.concat())).unwrap();
        let layer = Layer { origin: Origin::File("gatepost.toml".into()), text: policy.to_owned() };
        let policy = Policy::load(&[layer]).unwrap();
        let now = Timestamp { seconds: 1_795_305_600, offset_minutes: 0 };
        let rules = Box::leak(Box::new(crate::secrets::Builtin::new(&rules).unwrap()));
        Secrets::new(&Context { policy: &policy, stage: Stage::Scan, rules, now, fingerprint_key: None })
            .unwrap()
    }

    fn decisions(check: &Secrets, path: &str, text: &str) -> Vec<Decision> {
        let (mut sink, path) = (Collected::default(), RepoPath::from(path));
        let document = Document { path: Some(&path), ..Document::new(DocumentKind::File, text.as_bytes()) };
        check.explain(&document, &mut sink);
        assert!(sink.findings.is_empty() && sink.skips.is_empty());
        sink.decisions
    }

    /// Rule, line and outcome, then the test that decided and its clause, of the one decision about a text.
    fn only(policy: &str, path: &str, template: &str) -> (String, DecisionOutcome, &'static str, String) {
        let text = expand(template, 3);
        let mut all = decisions(&check(policy), path, &text);
        assert_eq!(all.len(), 1, "{template}: {all:#?}");
        let one = all.remove(0);
        let test = one.decided_by().unwrap().clone();
        assert!(!format!("{one:?}").contains(&text), "{one:?}");
        (one.rule, one.outcome, test.name, test.clause)
    }

    #[test]
    fn every_test_that_rejects_is_named_with_its_clause() {
        let x36 = "tok_".to_owned() + &"abcd".repeat(9);
        let cases = [
            ("a.env", &*x36, "token", "entropy", "its entropy is "),
            (
                "a.env",
                "tok_{base62:29}EXAMPLE",
                "token",
                "placeholder",
                "it is a placeholder of the kind `phrase`: says so",
            ),
            (
                "a.env",
                "tok_ALLOW{base62:31}",
                "token",
                "allow",
                "the rule's `allow` has `^tok_ALLOW`: the vendor's own example",
            ),
            (
                "a.env",
                "{pem:CERTIFICATE}",
                "block",
                "structure",
                "it is no private key: its label says what else it is",
            ),
            (
                "a.env",
                "password = \"${DB_PASSWORD}\"",
                "generic-credential",
                "value",
                "it is filled in later, or names where the value is",
            ),
            (
                "a.env",
                "rnd_the-people-of-the-country-have-no-number",
                "random",
                "prose",
                "it reads as words, and its issuer makes it at random",
            ),
            (
                "a.env",
                "kid_{hex:20}",
                "key-id",
                "parts",
                "no other part of its credential stands near it, and it is worth",
            ),
            ("a.env", "conf_{hex:30}", "only-conf", "path", "the rule counts only at paths like `[.]conf$`"),
            (
                "a.lock",
                "lock_{hex:30}",
                "no-lock",
                "except-path",
                "the rule does not count at paths like `[.]lock$`",
            ),
        ];
        for (path, template, rule, test, clause) in cases {
            let one = only("", path, template);
            assert_eq!(
                (one.0.as_str(), one.1, one.2),
                (rule, DecisionOutcome::NotReported, test),
                "{template}"
            );
            assert!(one.3.starts_with(clause), "{template}: {}", one.3);
        }
    }

    #[test]
    fn what_the_policy_leaves_out_is_named() {
        let excluded = "[secrets]\nexclude = [{ path = \"old/**\", reason = \"kept for the record\" }]\n";
        let one = only(excluded, "old/a.env", "tok_{base62:30}{crc32}");
        assert_eq!(one.3, "the policy's `exclude` has its path: `old/**`");
        let off = only(
            "[secrets]\nlevel = { high = \"off\", default = \"deny\" }\n",
            "a.env",
            "tok_{base62:30}{crc32}",
        );
        assert_eq!((off.1, off.2), (DecisionOutcome::NotReported, "policy"));
    }

    #[test]
    fn what_is_reported_says_which_tests_let_it_through_and_what_they_moved() {
        let text = expand("password = \"tok_{base62:30}{crc32}\"", 3);
        let all = decisions(&check(""), "a.env", &text);
        let reported = all.iter().find(|one| one.rule == "token").unwrap();
        let names: Vec<&str> = reported.tests.iter().map(|test| test.name).collect();
        assert_eq!(names, ["entropy", "placeholder", "allow", "structure", "policy"]);
        assert_eq!(reported.confidence, (crate::Confidence::Medium, crate::Confidence::High));
        assert_eq!(
            reported.decided_by().unwrap().clause,
            "the policy's level for severity high and confidence high is `deny`"
        );
        // The assignment saw the same value, and says less about it.
        let other = all.iter().find(|one| one.rule == "generic-credential").unwrap();
        assert_eq!(other.outcome, DecisionOutcome::NotReported);
        assert_eq!(
            other.decided_by().map(|test| (test.name, test.clause.as_str())),
            Some(("overlap", "it is a part of what `token` says more about"))
        );
        assert_eq!(other.location.span.unwrap().start_byte, 12);
    }

    #[test]
    fn what_is_decoded_is_explained_where_it_stands() {
        let token = expand("tok_{base62:30}{crc32}", 3);
        let hidden = format!("x: {}\n", data_encoding::BASE64.encode(format!("    {token}    ").as_bytes()));
        let wide: Vec<u8> =
            format!("first\nkey {token}\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let about = |bytes: &[u8]| {
            let (mut sink, path) = (Collected::default(), RepoPath::from("a.env"));
            let document = Document { path: Some(&path), ..Document::new(DocumentKind::File, bytes) };
            let check = check("");
            check.explain(&document, &mut sink);
            check.document(&document, &mut sink);
            assert_eq!((sink.decisions.len(), sink.findings.len()), (1, 1), "{:#?}", sink.decisions);
            let (decision, finding) = (sink.decisions.remove(0), sink.findings.remove(0));
            assert!(decision.is_about(&finding), "{decision:#?} {finding:#?}");
            assert_eq!(decision.location.span, finding.locations[0].span);
            assert_eq!(decision.value.reveal(), token.as_bytes());
            assert_eq!(decision.outcome, DecisionOutcome::Reported(Level::Deny));
            decision.location.decoded_by
        };
        assert_eq!(about(hidden.as_bytes()), ["base64"]);
        assert_eq!(about(&wide), ["utf-16le"]);
    }

    #[test]
    fn company_is_told() {
        let text = expand("id = kid_{hex:20}\ntok_{base62:30}{crc32}\n", 3);
        let all = decisions(&check(""), "a.env", &text);
        let id = all.iter().find(|one| one.rule == "key-id").unwrap();
        let parts = id.tests.iter().find(|test| test.name == "parts").unwrap();
        assert_eq!(parts.clause, "the other part of its credential stands near it: `token`");
        assert!(matches!(id.outcome, DecisionOutcome::Reported(_)));
    }

    proptest! {
        /// Who listens changes nothing, and everything that is found is among the decisions.
        #[test]
        fn an_explanation_finds_what_a_scan_finds(
            seed in 0u64..1000,
            pieces in prop::collection::vec(prop_oneof![
                Just("tok_{base62:30}{crc32} "), Just("password = \"{base62:20}\"\n"), Just("token=changeme\n"),
                Just("conf_{hex:30}\n"), Just("{pem:PRIVATE KEY}\n"), Just("tok_ALLOW{base62:31}\n"),
            ], 0..8),
        ) {
            let (check, text) = (check(""), expand(&pieces.concat(), seed));
            let scanner = check.scanner();
            let (found, rejected) = scanner.explain(text.as_bytes(), &mut Scratch::default());
            prop_assert_eq!(&found, &scanner.scan(text.as_bytes(), &mut Scratch::default()));
            let told = decisions(&check, "a.conf", &text).len();
            prop_assert_eq!(told, found.len() + rejected.len());
        }
    }
}
