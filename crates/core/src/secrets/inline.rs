//! Comments in the judged text that allow a finding: gatepost's own, which names the rule and gives a reason, and
//! those of other tools, which say less.

use super::work;
use crate::check::find_code;
use crate::policy::{NamedLists, REASON_CHARACTERS};
use crate::report::Suppression;
use crate::text::nearest;
use crate::{Date, Exception};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

/// Every dialect: gatepost's own and those of [`DIALECTS`], in their order.
pub(super) const DIALECT_NAMES: &[&str] =
    &["gatepost", "gitleaks", "betterleaks", "kingfisher", "trufflehog", "detect-secrets", "secretlint"];

/// The dialect of this name, as reports have it; `None`: there is no such one.
#[must_use]
pub fn dialect(name: &str) -> Option<&'static str> {
    DIALECT_NAMES.iter().copied().find(|known| *known == name)
}

/// The words of `trust-inline` and the dialects that they stand for.
pub(super) const TRUSTED: NamedLists = &[("none", &[]), ("own", &["gatepost"]), ("all", DIALECT_NAMES)];

/// One tool's comments.
struct Dialect {
    name: &'static str,
    /// What allows a secret in the same line. Lower case, one space for any white space.
    same_line: &'static [&'static str],
    /// What allows a secret in the next line.
    line_above: &'static [&'static str],
}

/// gatepost's own word; rule, reason and the rest follow it.
const OWN: &str = "gatepost:allow";

/// The most of our own comments that are read in a line: each of them is asked for each of the line's findings.
const MOST_COMMENTS: usize = 32;

/// A reason as advice shows it.
const REASON_SHOWN: &str = "reason=\"why, in a sentence\"";

/// The other tools'. Sources: gitleaks `detect/detect.go`; betterleaks and kingfisher, their documentation;
/// trufflehog `pkg/engine/engine.go`; detect-secrets `filters/allowlist.py`; secretlint,
/// `secretlint-rule-filter-comments`.
const DIALECTS: &[Dialect] = &[
    Dialect { name: "gitleaks", same_line: &["gitleaks:allow"], line_above: &[] },
    Dialect { name: "betterleaks", same_line: &["betterleaks:allow"], line_above: &[] },
    Dialect { name: "kingfisher", same_line: &["kingfisher:ignore"], line_above: &["kingfisher:ignore"] },
    Dialect { name: "trufflehog", same_line: &["trufflehog:ignore"], line_above: &[] },
    Dialect {
        name: "detect-secrets",
        same_line: &["pragma: allowlist secret", "pragma: whitelist secret"],
        line_above: &["pragma: allowlist nextline secret", "pragma: whitelist nextline secret"],
    },
    Dialect {
        name: "secretlint",
        same_line: &["secretlint-disable-line"],
        line_above: &["secretlint-disable-next-line"],
    },
];

/// A comment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Comment {
    /// gatepost's own, well formed.
    Own { rule: String, reason: String, until: Option<Date>, id: Option<String> },
    /// gatepost's own, but wrong: what is wrong with it.
    Malformed(String),
    /// Nobody's, but meant to be gatepost's own: what stands there.
    NearMiss(String),
    /// Another tool's.
    Foreign(&'static str),
}

/// What the comments make of a finding.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Ruling {
    /// The comment that allows it.
    pub(super) allowed: Option<Suppression>,
    /// Whether the gate obeys that comment only where the trusted revision has it too.
    pub(super) disputed: bool,
    /// What to say about comments that were not obeyed.
    pub(super) sentences: Vec<String>,
}

/// Who vouches for a comment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Voucher {
    /// Whoever wrote the text: their machine, their scan.
    Author,
    /// Nobody yet: the gate does not obey what the judged change itself says.
    Nobody,
    /// The text stood there before. What a comment allowed then came in on its word, whatever became of the day and the
    /// exception that it names.
    Before,
}

/// The terms of a ruling.
#[derive(Clone, Copy)]
pub(super) struct Terms<'a> {
    /// The dialects whose comments the policy obeys.
    pub(super) trust: &'a [String],
    pub(super) today: Date,
    /// The exceptions that a comment can point at.
    pub(super) exceptions: &'a [Exception],
    pub(super) voucher: Voucher,
    /// The ids of all rules.
    pub(super) rules: &'a dyn Fn() -> Vec<&'a str>,
    /// What was found out about names before.
    pub(super) names: &'a Names,
}

/// The names that a document's comments have for rules: of those that nobody knows, the nearest that somebody does. Each
/// is looked for once, however many findings stand beside it.
#[derive(Debug, Default)]
pub(super) struct Names(RefCell<BTreeMap<String, Name>>);

#[derive(Clone, Debug)]
enum Name {
    Known,
    Unknown(Option<String>),
}

impl Names {
    fn get<'r>(&self, named: &str, rules: &dyn Fn() -> Vec<&'r str>) -> Name {
        if let Some(name) = self.0.borrow().get(named) {
            return name.clone();
        }
        work::step();
        let rules = rules();
        let name = if rules.contains(&named) || find_code(named).is_some() {
            Name::Known
        } else {
            Name::Unknown(nearest(named, rules).map(str::to_owned))
        };
        self.0.borrow_mut().insert(named.to_owned(), name.clone());
        name
    }
}

/// The comments that bear on a line: in it and in the line above.
pub(super) fn comments(line: &[u8], above: &[u8]) -> Vec<Comment> {
    let mut found = Vec::new();
    in_line(line, false, &mut found);
    in_line(above, true, &mut found);
    found
}

fn in_line(line: &[u8], above: bool, found: &mut Vec<Comment>) {
    // Without one of these bytes there is no comment in any dialect.
    if memchr::memchr2(b':', b'-', line).is_none() {
        return;
    }
    let counts = |text: &[u8], at: usize| !above || stands_alone(text.get(..at).unwrap_or(&[]));
    let own = memchr::memmem::find_iter(line, OWN.as_bytes()).filter(|at| counts(line, *at));
    let own = own.filter_map(|at| line.get(at + OWN.len()..)).map(parse).take(MOST_COMMENTS + 1);
    let mut own: Vec<Comment> = own.chain(near_misses(line, counts)).collect();
    if own.len() > MOST_COMMENTS {
        own.truncate(MOST_COMMENTS);
        own.push(Comment::Malformed(format!(
            "it is one of more than {MOST_COMMENTS} in a line, and the rest is not read"
        )));
    }
    found.append(&mut own);
    // A line of a minified file is long; nobody comments there.
    let folded = fold(line.get(line.len().saturating_sub(16 * 1024)..).unwrap_or(line));
    for dialect in DIALECTS {
        let phrases = if above { dialect.line_above } else { dialect.same_line };
        let stands = |phrase: &&str| {
            memchr::memmem::find(&folded, phrase.as_bytes()).is_some_and(|at| counts(&folded, at))
        };
        if phrases.iter().any(stands) {
            found.push(Comment::Foreign(dialect.name));
        }
    }
}

/// What was meant to be gatepost's own word and is not: `gatepost:alow`, `gatepost: allow`, `gatepost-allow`. Silence
/// would leave whoever wrote it wondering why it is not obeyed.
fn near_misses(line: &[u8], counts: impl Fn(&[u8], usize) -> bool) -> Vec<Comment> {
    let (tool, _) = OWN.split_once(':').unwrap_or((OWN, ""));
    let initials = memchr::memchr2_iter(b'g', b'G', line);
    let near = initials.filter_map(|at| {
        let rest = line.get(at..)?;
        let named = rest.get(..tool.len()).is_some_and(|word| word.eq_ignore_ascii_case(tool.as_bytes()));
        if !named || rest.starts_with(OWN.as_bytes()) || !counts(line, at) {
            return None;
        }
        let written = rest.get(..rest.len().min(tool.len() + 16)).unwrap_or(rest);
        let after = written.get(tool.len()..)?;
        let between = after.iter().take_while(|byte| b" \t:-_=.".contains(byte)).count();
        let word = after.get(between..)?.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let end = tool.len() + between + word;
        let text = String::from_utf8_lossy(written.get(..end)?).into_owned();
        nearest(text.get(end - word..)?, ["allow", "ignore"])?;
        (1..=2).contains(&between).then_some(Comment::NearMiss(text))
    });
    near.take(MOST_COMMENTS + 1).collect()
}

/// Whether nothing but the beginning of a comment is before it. A comment behind code is about that code, not about
/// the next line.
fn stands_alone(before: &[u8]) -> bool {
    let lead = before.trim_ascii();
    !lead.iter().any(u8::is_ascii_alphanumeric)
        || lead.eq_ignore_ascii_case(b"rem")
        || lead.eq_ignore_ascii_case(b"dnl")
}

/// Lower case, runs of white space made one space, and `pragma:allowlist-secret` as it is mostly written.
fn fold(line: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(line.len());
    for byte in line {
        let byte = if byte.is_ascii_whitespace() { b' ' } else { byte.to_ascii_lowercase() };
        if byte != b' ' || out.last() != Some(&b' ') {
            out.push(byte);
        }
    }
    if memchr::memmem::find(&out, b"pragma:").is_some() {
        let text =
            String::from_utf8_lossy(&out).replace("pragma:", "pragma: ").replace("pragma:  ", "pragma: ");
        out = text
            .replace("list-secret", "list secret")
            .replace("nextline-secret", "nextline secret")
            .into_bytes();
    }
    out
}

/// Reads what follows `gatepost:allow`: a rule, `reason="…"`, and if wanted `until=YYYY-MM-DD` and `id=…`.
fn parse(rest: &[u8]) -> Comment {
    let text = String::from_utf8_lossy(rest.get(..rest.len().min(1000)).unwrap_or(rest)).into_owned();
    let malformed = |what: &str| {
        Comment::Malformed(format!("{what}; write `{OWN} RULE {REASON_SHOWN} [until=YYYY-MM-DD]`"))
    };
    if !text.starts_with([' ', '\t']) {
        return malformed("its rule is missing");
    }
    let (rule, mut rest) = word(text.trim_start());
    if rule.is_empty() || rest.starts_with('=') {
        return malformed("its rule is missing");
    }
    let (mut reason, mut until, mut id) = (None, None, None);
    loop {
        let (key, after) = word(rest.trim_start());
        let Some(value) = after.strip_prefix('=').filter(|_| !key.is_empty()) else { break };
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => match quoted.split_once('"') {
                Some(parts) => parts,
                None => return malformed("a quotation mark is missing"),
            },
            None => word(value),
        };
        match key {
            "reason" => reason = Some(value.trim().to_owned()).filter(|reason| !reason.is_empty()),
            "id" => id = Some(value.to_owned()),
            "until" => match Date::parse(value) {
                Some(day) => until = Some(day),
                None => return malformed(&format!("`until={value}` is no day")),
            },
            _ => return malformed(&format!("`{key}=` is unknown")),
        }
        rest = after;
    }
    match reason {
        Some(reason) if reason.chars().count() < REASON_CHARACTERS => {
            malformed(&format!("its reason has fewer than {REASON_CHARACTERS} characters"))
        }
        Some(reason) => Comment::Own { rule: rule.to_owned(), reason, until, id },
        None => malformed("its reason is missing"),
    }
}

/// The word of letters, digits, `-`, `_`, `.` and `#` that a text begins with, and the rest.
fn word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.' | '#'));
    let (head, rest) = text.split_at_checked(end.unwrap_or(text.len())).unwrap_or((text, ""));
    // `-->` closes a comment and is no part of a word.
    if head.bytes().all(|b| b == b'-') { ("", text) } else { (head, rest) }
}

/// What the comments make of a finding of `rule`.
pub(super) fn rule_on(comments: &[Comment], rule: &str, terms: Terms<'_>) -> Ruling {
    let mut ruling = Ruling::default();
    for comment in comments {
        let (dialect, reason, until, id) = match comment {
            Comment::Malformed(what) => {
                ruling.sentences.push(format!("A `{OWN}` comment here is not obeyed: {what}."));
                continue;
            }
            Comment::NearMiss(text) => {
                ruling.sentences.push(format!(
                    "`{text}` here is no comment of gatepost: write `{OWN} {rule} {REASON_SHOWN}`."
                ));
                continue;
            }
            Comment::Own { rule: named, .. } if named != rule => {
                ruling.sentences.extend(unknown(named, rule, terms));
                continue;
            }
            Comment::Own { reason, until, id, .. } => {
                if let Some(why) = over(rule, *until, id.as_deref(), terms) {
                    ruling.sentences.push(format!("The `{OWN}` comment here {why}."));
                    continue;
                }
                ("gatepost", Some(reason.clone()), *until, id.clone())
            }
            Comment::Foreign(name) => (*name, None, None, None),
        };
        if !terms.trust.iter().any(|trusted| trusted == dialect) {
            ruling.sentences.push(format!(
                "A {dialect} comment here allows it, but the policy says `trust-inline = {}`.",
                in_words(terms.trust)
            ));
        } else if ruling.allowed.is_none() {
            ruling.allowed = Some(Suppression::Inline { dialect, reason, until, id });
            ruling.disputed = terms.voucher == Voucher::Nobody;
        }
    }
    ruling
}

/// What to say of a comment that names a rule which nobody knows; nothing where the rule is another one.
fn unknown(named: &str, rule: &str, terms: Terms<'_>) -> Option<String> {
    let Name::Unknown(near) = terms.names.get(named, terms.rules) else { return None };
    // The rule of the finding first: of equally near ones it is the one that is meant.
    let near = nearest(named, std::iter::once(rule).chain(near.as_deref()));
    let meant = near.map_or_else(|| format!("this is `{rule}`"), |near| format!("did you mean `{near}`?"));
    let end = if meant.ends_with('?') { "" } else { "." };
    Some(format!("The `{OWN}` comment here names the rule `{named}`, which is not known: {meant}{end}"))
}

/// Why one of our own comments holds no longer, or points at nothing.
fn over(rule: &str, until: Option<Date>, id: Option<&str>, terms: Terms<'_>) -> Option<String> {
    if terms.voucher == Voucher::Before {
        return None;
    }
    if let Some(until) = until.filter(|until| *until < terms.today) {
        return Some(format!("ended on {until}"));
    }
    let id = id?;
    match terms.exceptions.iter().find(|exception| exception.id == id) {
        None => Some(format!("points at exception {id}, which the policy does not have")),
        Some(exception) if exception.rule != rule => {
            Some(format!("points at exception {id}, which is for {}", exception.rule))
        }
        Some(exception) if exception.on_request => {
            Some(format!("points at exception {id}, which holds only where a push names it"))
        }
        Some(exception) if exception.is_expired(terms.today) => {
            Some(format!("points at exception {id}, which ended on {}", exception.expires))
        }
        Some(_) => None,
    }
}

/// A list of dialects as a policy writes it.
fn in_words(trust: &[String]) -> String {
    let word = TRUSTED.iter().find(|(_, dialects)| *dialects == trust);
    word.map_or_else(|| format!("{trust:?}"), |(word, _)| format!("\"{word}\""))
}

/// The comments of lines, kept for the line asked for last: a long line with many findings is read once.
#[derive(Debug, Default)]
pub(super) struct Cache {
    last: Option<(Range<usize>, Vec<Comment>)>,
}

impl Cache {
    /// The comments that bear on `line`, a range of `bytes`; `above` is the line above it.
    pub(super) fn get(&mut self, bytes: &[u8], line: Range<usize>, above: Range<usize>) -> &[Comment] {
        if self.last.as_ref().is_none_or(|(known, _)| *known != line) {
            let text = |range: Range<usize>| bytes.get(range).unwrap_or(&[]);
            let found = comments(text(line.clone()), text(above));
            self.last = Some((line, found));
        }
        self.last.as_ref().map_or(&[], |(_, comments)| comments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    fn terms(word: &str) -> (Vec<String>, Voucher) {
        let dialects = TRUSTED.iter().find(|(name, _)| *name == word).unwrap().1;
        (dialects.iter().map(|name| (*name).to_owned()).collect(), Voucher::Author)
    }

    fn exception(id: &str, rule: &str, expires: &str) -> Exception {
        Exception {
            id: id.to_owned(),
            rule: rule.to_owned(),
            fingerprint: None,
            path: Some("**".to_owned()),
            commit: None,
            status: crate::exception::ExceptionStatus::TestCredential,
            reason: "documented example".to_owned(),
            owner: "@platform".to_owned(),
            approver: None,
            ticket: None,
            created: None,
            expires: day(expires),
            on_request: id == "EX-2026-10",
            refs: None,
            details: crate::exception::Details::default(),
        }
    }

    fn ruling(line: &str, above: &str, (trust, voucher): (Vec<String>, Voucher)) -> Ruling {
        let exceptions = [
            exception("EX-2026-7", "acme-key", "2026-11-22"),
            exception("EX-2026-8", "acme-key", "2026-11-21"),
            exception("EX-2026-9", "other-key", "2026-11-22"),
            exception("EX-2026-10", "acme-key", "2026-11-22"),
        ];
        let today = day("2026-11-22");
        let terms = Terms {
            trust: &trust,
            today,
            exceptions: &exceptions,
            voucher,
            rules: &|| vec!["acme-key", "other-key"],
            names: &Names::default(),
        };
        rule_on(&comments(line.as_bytes(), above.as_bytes()), "acme-key", terms)
    }

    fn dialect(ruling: &Ruling) -> Option<&'static str> {
        ruling.allowed.as_ref().and_then(Suppression::dialect)
    }

    #[test]
    fn a_name_is_looked_for_once() {
        let (names, rules) = (Names::default(), || vec!["acme-key", "other-key"]);
        let steps = work::count(|| {
            for _ in 0..1000 {
                assert!(
                    matches!(names.get("acme-kay", &rules), Name::Unknown(Some(near)) if near == "acme-key")
                );
                assert!(matches!(names.get("acme-key", &rules), Name::Known));
            }
        });
        assert_eq!(steps, 2);
    }

    #[test]
    fn of_many_comments_in_a_line_some_are_read_and_the_rest_is_said() {
        let line = "x # gatepost:allow other-key reason=\"a documented example\" ".repeat(5000);
        let found = comments(line.as_bytes(), &[]);
        assert_eq!(found.len(), MOST_COMMENTS + 1);
        let Some(Comment::Malformed(what)) = found.last() else { panic!("{found:?}") };
        assert!(what.starts_with("it is one of more than 32 in a line"), "{what}");
        let near = comments("gatepost-allow gatepost:alow ".repeat(5000).as_bytes(), &[]);
        assert_eq!(near.len(), MOST_COMMENTS + 1);
    }

    #[test]
    fn our_own_comment_needs_a_rule_and_a_reason() {
        let allowed = |line: &str| ruling(line, "", terms("own")).allowed;
        let reason = |text: &str, until: Option<&str>, id: Option<&str>| {
            let (reason, until) = (Some(text.to_owned()), until.map(day));
            Some(Suppression::Inline { dialect: "gatepost", reason, until, id: id.map(str::to_owned) })
        };
        assert_eq!(
            allowed("x # gatepost:allow acme-key reason=\"docs example\""),
            reason("docs example", None, None)
        );
        assert_eq!(
            allowed(
                "x <!-- gatepost:allow acme-key reason=\"made for a test\" until=2027-03-31 id=EX-2026-7 -->"
            ),
            reason("made for a test", Some("2027-03-31"), Some("EX-2026-7"))
        );
        assert_eq!(allowed("x # gatepost:allow other-key reason=\"made for a test\""), None);
        for (wrong, sentence) in [
            ("gatepost:allow", "its rule is missing"),
            ("gatepost:allow reason=\"made for a test\"", "its rule is missing"),
            ("gatepost:allow acme-key", "its reason is missing"),
            ("gatepost:allow acme-key reason=\"\"", "its reason is missing"),
            ("gatepost:allow acme-key reason=\"too short\"", "its reason has fewer than 10 characters"),
            ("gatepost:allow acme-key reason=\"made for a test", "a quotation mark is missing"),
            ("gatepost:allow acme-key reason=\"made for a test\" untill=2027-01-01", "`untill=` is unknown"),
            (
                "gatepost:allow acme-key reason=\"made for a test\" until=2027-02-30",
                "`until=2027-02-30` is no day",
            ),
        ] {
            let said = ruling(wrong, "", terms("all"));
            assert_eq!(said.allowed, None, "{wrong}");
            assert!(said.sentences[0].contains(sentence), "{wrong}: {:?}", said.sentences);
        }
    }

    #[test]
    fn the_last_day_counts_and_the_next_does_not() {
        let comment = |day: &str| format!("gatepost:allow acme-key reason=\"made for a test\" until={day}");
        assert!(ruling(&comment("2026-11-22"), "", terms("own")).allowed.is_some());
        let over = ruling(&comment("2026-11-21"), "", terms("own"));
        assert_eq!(over.allowed, None);
        assert_eq!(over.sentences, ["The `gatepost:allow` comment here ended on 2026-11-21."]);
    }

    #[test]
    fn a_comment_points_at_an_exception_that_is_there_and_holds() {
        let said = |id: &str, voucher: Voucher| {
            let line = format!("gatepost:allow acme-key reason=\"made for a test\" id={id}");
            let ruling = ruling(&line, "", (terms("own").0, voucher));
            (ruling.allowed.is_some(), ruling.sentences.join("\n"))
        };
        assert_eq!(said("EX-2026-7", Voucher::Author), (true, String::new()));
        let wrong: Vec<String> = ["EX-2026-1", "EX-2026-8", "EX-2026-9", "EX-2026-10"]
            .map(|id| said(id, Voucher::Author).1)
            .into();
        insta::assert_snapshot!(wrong.join("\n"));
        for id in ["EX-2026-1", "EX-2026-8", "EX-2026-9"] {
            assert!(!said(id, Voucher::Nobody).0, "{id}");
            assert_eq!(said(id, Voucher::Before), (true, String::new()), "{id}");
        }
    }

    #[test]
    fn every_dialect_is_known_on_its_line() {
        let name = |line: &str, above: &str| dialect(&ruling(line, above, terms("all")));
        for (line, dialect) in [
            ("# gitleaks:allow", "gitleaks"),
            ("// betterleaks:allow", "betterleaks"),
            ("# kingfisher:ignore", "kingfisher"),
            ("# trufflehog:ignore", "trufflehog"),
            ("# pragma: allowlist secret", "detect-secrets"),
            ("# pragma: whitelist-secret", "detect-secrets"),
            ("# Pragma:  Allowlist secret", "detect-secrets"),
            ("// secretlint-disable-line", "secretlint"),
        ] {
            assert_eq!(name(line, ""), Some(dialect), "{line}");
            if dialect != "kingfisher" {
                assert_eq!(name("", line), None, "{line}");
            }
        }
        assert_eq!(name("", "code(); // kingfisher:ignore"), None);
        assert_eq!(name("", "code(); // gatepost:allow acme-key reason=\"made for a test\""), None);
        assert_eq!(name("", "# pragma: allowlist nextline secret"), Some("detect-secrets"));
        assert_eq!(name("", "// secretlint-disable-next-line"), Some("secretlint"));
        assert_eq!(name("", "# gatepost:allow acme-key reason=\"made for a test\""), Some("gatepost"));
    }

    #[test]
    fn the_names_are_those_of_the_dialects() {
        let names: Vec<&str> = std::iter::once("gatepost").chain(DIALECTS.iter().map(|d| d.name)).collect();
        assert_eq!(names, DIALECT_NAMES);
    }

    #[test]
    fn comments_that_are_not_trusted_are_named() {
        let said = ruling("# gitleaks:allow", "", terms("own"));
        assert_eq!(said.allowed, None);
        assert_eq!(
            said.sentences,
            ["A gitleaks comment here allows it, but the policy says `trust-inline = \"own\"`."]
        );
        let some = (vec!["gitleaks".to_owned(), "kingfisher".to_owned()], Voucher::Author);
        assert_eq!(dialect(&ruling("# gitleaks:allow", "", some.clone())), Some("gitleaks"));
        assert_eq!(
            ruling("# gatepost:allow acme-key reason=\"made for a test\"", "", some).sentences,
            [
                "A gatepost comment here allows it, but the policy says `trust-inline = [\"gitleaks\", \"kingfisher\"]`."
            ]
        );
        let said = ruling(
            "# gatepost:allow acme-key reason=\"made for a test\"",
            "",
            (terms("all").0, Voucher::Nobody),
        );
        assert!(said.disputed && said.allowed.is_some());
    }

    #[test]
    fn a_rule_that_nobody_knows_is_named() {
        let said = |named: &str| {
            let ruling =
                ruling(&format!("gatepost:allow {named} reason=\"made for a test\""), "", terms("own"));
            assert_eq!(ruling.allowed, None, "{named}");
            ruling.sentences.join("\n")
        };
        insta::assert_snapshot!(
            [said("acme-keyy"), said("no-such-thing-at-all"), said("Other_key")].join("\n")
        );
        // Of another finding on the line, or of a check that has no comments.
        assert_eq!([said("other-key"), said("header-too-long"), said("GP-MSG-001")].concat(), "");
    }

    #[test]
    fn a_near_miss_of_the_word_is_no_comment_and_says_so() {
        let said = |line: &str, above: &str| {
            let ruling = ruling(line, above, terms("all"));
            assert_eq!(ruling.allowed, None, "{line}");
            ruling.sentences.join("\n")
        };
        let missed = [
            "gatepost:alow",
            "gatepost: allow",
            "gatepost-allow",
            "gatepost :allow",
            "Gatepost:Allow",
            "gatepost:ignore",
            "gatepost_allow",
            "gatepost:allowed",
        ];
        for word in missed {
            let line = format!("x = 1 # {word} acme-key reason=\"made for a test\"");
            if word != "gatepost:allowed" {
                assert!(
                    said(&line, "").starts_with(&format!("`{word}` here is no comment of gatepost: write")),
                    "{word}"
                );
                assert_eq!(said("", &line), "", "behind code it is not about the next line");
            }
            assert!(!said(&line, "").is_empty(), "{word}");
        }
        assert_eq!(
            said("", "# gatepost:alow acme-key"),
            "`gatepost:alow` here is no comment of gatepost: write `gatepost:allow acme-key reason=\"why, in a sentence\"`."
        );
        let others = [
            "see https://github.com/gatepost/gatepost - allow-list",
            "gatepost: 3 files",
            "gatepostallow:",
            "gatepost:",
            "gatepost-pre-commit",
            "# g:",
            "gatepost.toml: allow",
        ];
        for line in others {
            assert_eq!(said(line, ""), "", "{line}");
        }
    }
}
