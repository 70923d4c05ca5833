//! Comments in the judged text that allow a finding: gatepost's own, which names the rule and gives a reason, and
//! those of other tools, which say less.

use crate::Date;
use std::ops::Range;

/// Whose comments a policy obeys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Trust {
    /// Nobody's.
    None,
    /// gatepost's own.
    Own,
    /// Every dialect's.
    All,
}

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
    /// Another tool's.
    Foreign(&'static str),
}

/// What the comments make of a finding.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Ruling {
    /// The dialect that allows it, and its reason.
    pub(super) allowed: Option<(&'static str, Option<String>)>,
    /// What to say about comments that were not obeyed.
    pub(super) sentences: Vec<String>,
}

/// The terms of a ruling.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) trust: Trust,
    pub(super) today: Date,
    /// The gate's name when it does not obey what the judged change itself says.
    pub(super) distrusting: Option<&'static str>,
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
    found.extend(own.filter_map(|at| line.get(at + OWN.len()..)).map(parse));
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
        Comment::Malformed(format!("{what}; write `{OWN} RULE reason=\"why\" [until=YYYY-MM-DD]`"))
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
pub(super) fn rule_on(comments: &[Comment], rule: &str, terms: Terms) -> Ruling {
    let mut ruling = Ruling::default();
    for comment in comments {
        let (dialect, reason) = match comment {
            Comment::Malformed(what) => {
                ruling.sentences.push(format!("A `{OWN}` comment here is not obeyed: {what}."));
                continue;
            }
            Comment::Own { rule: named, .. } if named != rule => continue,
            Comment::Own { until: Some(until), .. } if *until < terms.today => {
                ruling.sentences.push(format!("The `{OWN}` comment here ended on {until}."));
                continue;
            }
            Comment::Own { reason, id: Some(id), .. } => ("gatepost", Some(format!("{reason} ({id})"))),
            Comment::Own { reason, .. } => ("gatepost", Some(reason.clone())),
            Comment::Foreign(name) => (*name, None),
        };
        let trusted = match terms.trust {
            Trust::None => false,
            Trust::Own => dialect == "gatepost",
            Trust::All => true,
        };
        if let Some(gate) = terms.distrusting {
            ruling.sentences.push(format!(
                "A {dialect} comment here allows it, but at {gate} a change cannot exempt itself; an exception in the policy can."
            ));
        } else if !trusted {
            let word = if terms.trust == Trust::None { "none" } else { "own" };
            ruling.sentences.push(format!(
                "A {dialect} comment here allows it, but the policy says `trust-inline = \"{word}\"`."
            ));
        } else if ruling.allowed.is_none() {
            ruling.allowed = Some((dialect, reason));
        }
    }
    ruling
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

    fn terms(trust: Trust) -> Terms {
        Terms { trust, today: Date::parse("2026-11-22").unwrap(), distrusting: None }
    }

    fn ruling(line: &str, above: &str, terms: Terms) -> Ruling {
        rule_on(&comments(line.as_bytes(), above.as_bytes()), "acme-key", terms)
    }

    #[test]
    fn our_own_comment_needs_a_rule_and_a_reason() {
        let allowed = |line: &str| ruling(line, "", terms(Trust::Own)).allowed;
        let reason = |text: &str| Some(("gatepost", Some(text.to_owned())));
        assert_eq!(allowed("x # gatepost:allow acme-key reason=\"docs example\""), reason("docs example"));
        assert_eq!(
            allowed("x <!-- gatepost:allow acme-key reason=\"r\" until=2027-03-31 id=EX-2026-7 -->"),
            reason("r (EX-2026-7)")
        );
        assert_eq!(allowed("x # gatepost:allow other-key reason=\"r\""), None);
        for (wrong, sentence) in [
            ("gatepost:allow", "its rule is missing"),
            ("gatepost:allow reason=\"r\"", "its rule is missing"),
            ("gatepost:allow acme-key", "its reason is missing"),
            ("gatepost:allow acme-key reason=\"\"", "its reason is missing"),
            ("gatepost:allow acme-key reason=\"r", "a quotation mark is missing"),
            ("gatepost:allow acme-key reason=\"r\" untill=2027-01-01", "`untill=` is unknown"),
            ("gatepost:allow acme-key reason=\"r\" until=2027-02-30", "`until=2027-02-30` is no day"),
        ] {
            let said = ruling(wrong, "", terms(Trust::All));
            assert_eq!(said.allowed, None, "{wrong}");
            assert!(said.sentences[0].contains(sentence), "{wrong}: {:?}", said.sentences);
        }
    }

    #[test]
    fn the_last_day_counts_and_the_next_does_not() {
        let comment = |day: &str| format!("gatepost:allow acme-key reason=\"r\" until={day}");
        assert!(ruling(&comment("2026-11-22"), "", terms(Trust::Own)).allowed.is_some());
        let over = ruling(&comment("2026-11-21"), "", terms(Trust::Own));
        assert_eq!(over.allowed, None);
        assert_eq!(over.sentences, ["The `gatepost:allow` comment here ended on 2026-11-21."]);
    }

    #[test]
    fn every_dialect_is_known_on_its_line() {
        let name =
            |line: &str, above: &str| ruling(line, above, terms(Trust::All)).allowed.map(|(name, _)| name);
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
        assert_eq!(name("", "code(); // gatepost:allow acme-key reason=\"r\""), None);
        assert_eq!(name("", "# pragma: allowlist nextline secret"), Some("detect-secrets"));
        assert_eq!(name("", "// secretlint-disable-next-line"), Some("secretlint"));
        assert_eq!(name("", "# gatepost:allow acme-key reason=\"r\""), Some("gatepost"));
    }

    #[test]
    fn comments_that_are_not_trusted_are_named() {
        let said = ruling("# gitleaks:allow", "", terms(Trust::Own));
        assert_eq!(said.allowed, None);
        assert_eq!(
            said.sentences,
            ["A gitleaks comment here allows it, but the policy says `trust-inline = \"own\"`."]
        );
        let gate = Terms { distrusting: Some("pre-receive"), ..terms(Trust::All) };
        let said = ruling("# gatepost:allow acme-key reason=\"r\"", "", gate);
        assert_eq!(said.allowed, None);
        assert!(said.sentences[0].contains("at pre-receive a change cannot exempt itself"));
    }
}
