//! Credentials of several parts: an id and its secret, two keys that are used together.
//!
//! One part says little by itself: an id is no secret, and forty characters of base64 are a thousand things. Next to
//! one another they are a credential that works. What a match is worth in company is therefore worked out where all
//! matches of a document are known, from bytes and lines alone: a scan of an edit has the same matches as a scan of
//! everything, and so the same company.

use super::rule::{Alone, Rule};
use super::ruleset::Ruleset;
use super::scanner::Match;
use crate::Part;
use crate::text::LineIndex;
use std::collections::BTreeMap;

/// A match and its company.
pub(super) struct Joined {
    /// The match, as severe and as sure as it is in this company.
    pub(super) found: Match,
    /// The other parts of the credential.
    pub(super) parts: Vec<Part>,
    /// What the company says of it: a sentence, or nothing.
    pub(super) why: Option<String>,
}

/// Where each rule's matches stand among all matches.
type ByRule<'r> = BTreeMap<usize, (&'r str, Vec<usize>)>;

/// Puts matches, which are in the order of their secrets, together with the other parts of their credentials. What counts
/// in company only and has none is left out.
pub(super) fn join(ruleset: &Ruleset, matches: &[Match], lines: &mut LineIndex<'_>) -> Vec<Joined> {
    let mut by_rule = ByRule::new();
    if matches.iter().any(|found| ruleset.rule(found.rule).is_some_and(|rule| !rule.with.is_empty())) {
        for (index, found) in matches.iter().enumerate() {
            let Some(rule) = ruleset.rule(found.rule) else { continue };
            by_rule.entry(found.rule).or_insert_with(|| (rule.id.as_ref(), Vec::new())).1.push(index);
        }
    }
    let mut joined: Vec<Joined> = matches
        .iter()
        .enumerate()
        .map(|(index, found)| match ruleset.rule(found.rule) {
            Some(rule) => in_company(ruleset, rule, matches, index, found, &by_rule, lines),
            None => Joined { found: found.clone(), parts: Vec::new(), why: None },
        })
        .collect();
    let yielding: Vec<usize> = (0..joined.len()).filter(|index| yields(ruleset, &joined, *index)).collect();
    for index in yielding.iter().copied() {
        speak_up(&mut joined, index);
    }
    let mut index = 0;
    joined.retain(|_| {
        index += 1;
        yielding.binary_search(&(index - 1)).is_err()
    });
    joined
}

/// The match as it stands beside the other parts that are near.
fn in_company(
    ruleset: &Ruleset,
    rule: &Rule,
    matches: &[Match],
    index: usize,
    found: &Match,
    by_rule: &ByRule<'_>,
    lines: &mut LineIndex<'_>,
) -> Joined {
    let mut found = found.clone();
    let mut parts: Vec<Part> = Vec::new();
    for partner in rule.with.iter() {
        let stands = by_rule.values().find(|(id, _)| *id == partner.rule);
        let Some(near) = stands.and_then(|(_, at)| nearest(matches, index, at, partner.lines, lines)) else {
            continue;
        };
        found.severity = found.severity.max(partner.severity.unwrap_or(found.severity));
        found.confidence = found.confidence.max(partner.confidence.unwrap_or(found.confidence));
        parts.push(Part {
            rule: partner.rule.to_string(),
            name: ruleset.rule(near.rule).map_or_else(String::new, |rule| rule.name.to_string()),
            span: lines.span(near.secret.clone()),
        });
    }
    parts.sort_by_key(|part| (part.span, part.rule.clone()));
    let why = match (parts.is_empty(), rule.alone) {
        (false, _) => {
            Some("The other part of the credential stands near it: whoever reads both can use them.")
        }
        (true, Some(Alone::Confidence(least))) if found.confidence > least => {
            found.confidence = least;
            Some("Nothing that belongs to it stands near it, so it is less likely to be a credential.")
        }
        (true, _) => None,
    };
    Joined { found, parts, why: why.map(str::to_owned) }
}

/// The nearest of the matches at `at` (their indexes, ascending): the one with the fewest bytes between, and of two
/// with equally many the earlier. `None` when more than `within` lines lie between.
fn nearest<'m>(
    matches: &'m [Match],
    index: usize,
    at: &[usize],
    within: u32,
    lines: &LineIndex<'_>,
) -> Option<&'m Match> {
    let own = matches.get(index)?;
    let behind = at.partition_point(|other| *other < index);
    let around = [behind.checked_sub(1).and_then(|before| at.get(before)), at.get(behind)];
    let around = around.into_iter().flatten().filter(|other| **other != index);
    around
        .filter_map(|other| matches.get(*other))
        .map(|other| {
            let (first, second) =
                if other.secret.start < own.secret.start { (other, own) } else { (own, other) };
            let last = first.secret.end.saturating_sub(1).max(first.secret.start);
            let apart = lines.line_of(second.secret.start).saturating_sub(lines.line_of(last));
            (second.secret.start.saturating_sub(first.secret.end), apart, other)
        })
        .filter(|(_, apart, _)| *apart <= within as usize)
        .min_by_key(|(between, _, _)| *between)
        .map(|(_, _, other)| other)
}

/// Whether a match leaves its place to what others see in it: it is worth nothing alone, or less than another one.
fn yields(ruleset: &Ruleset, joined: &[Joined], index: usize) -> bool {
    let Some(Joined { found, parts, .. }) = joined.get(index) else { return false };
    match ruleset.rule(found.rule).and_then(|rule| rule.alone).filter(|_| parts.is_empty()) {
        None => false,
        Some(Alone::Hidden) => true,
        Some(Alone::Confidence(_)) => {
            beside(joined, index).filter_map(|other| joined.get(other)).any(|other| {
                other.found.unless.contains(&found.rule) && other.found.confidence > found.confidence
            })
        }
    }
}

/// Lets the others that see the same value count.
fn speak_up(joined: &mut [Joined], index: usize) {
    let Some(rule) = joined.get(index).map(|joined| joined.found.rule) else { return };
    for other in beside(joined, index) {
        if let Some(other) = joined.get_mut(other) {
            other.found.unless.retain(|better| *better != rule);
        }
    }
}

/// The matches whose secrets overlap with this one's.
fn beside(joined: &[Joined], index: usize) -> impl Iterator<Item = usize> + use<> {
    let mut found = Vec::new();
    if let Some(own) = joined.get(index) {
        let overlaps = |other: &usize| {
            joined.get(*other).is_some_and(|other| {
                let (a, b) = (&own.found.secret, &other.found.secret);
                a.start < b.end && b.start < a.end
            })
        };
        found.extend((0..index).rev().take_while(overlaps));
        found.extend((index.saturating_add(1)..joined.len()).take_while(overlaps));
    }
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::{Builtin, RuleFile, Scanner, Scratch};
    use crate::{Confidence, Severity};
    use proptest::prelude::*;
    use std::sync::{Arc, LazyLock};

    /// An id that counts only beside its secret, a secret that is surer beside its id, a shape that is nothing alone, one
    /// that is less alone, and a generic rule that sees whatever stands behind `=`.
    const RULES: &str = r#"
provider = "Test"
[[rules]]
id = "id"
name = "Test id"
description = "d"
severity = "info"
confidence = "low"
regex = '''ID_[0-9a-f]{8}'''
with = [{ rule = "secret", lines = 2, confidence = "medium" }]
alone = "hidden"
risk = "r"
fix = ["f"]
reference = "https://example.com"
examples = ["ID_{hex:8}", "x ID_{hex:8}"]
counter-examples = ["a", "b"]

[[rules]]
id = "secret"
name = "Test secret"
description = "d"
severity = "high"
confidence = "medium"
regex = '''SE_[0-9a-f]{8}'''
with = [
    { rule = "id", lines = 2, severity = "critical", confidence = "high" },
    { rule = "shape", lines = 0 },
]
risk = "r"
fix = ["f"]
reference = "https://example.com"
examples = ["SE_{hex:8}", "x SE_{hex:8}"]
counter-examples = ["a", "b"]

[[rules]]
id = "shape"
name = "Test shape"
description = "d"
severity = "high"
confidence = "high"
regex = '''\b[0-9a-f]{12}\b'''
keywords = ["id_", "tok"]
window = { before = 60, after = 60 }
with = [{ rule = "id", lines = 1 }]
alone = "hidden"
risk = "r"
fix = ["f"]
reference = "https://example.com"
examples = ["id_ {hex:12}", "tok {hex:12}"]
counter-examples = ["a", "b"]

[[rules]]
id = "weak"
name = "Test weak"
description = "d"
severity = "high"
confidence = "high"
regex = '''WE[0-9a-f]{8}'''
with = [{ rule = "id", lines = 1 }]
alone = "low"
risk = "r"
fix = ["f"]
reference = "https://example.com"
examples = ["WE{hex:8}", "x WE{hex:8}"]
counter-examples = ["a", "b"]

[[rules]]
id = "generic-value"
name = "Test value"
description = "d"
severity = "low"
confidence = "medium"
regex = '''tok=([0-9A-Za-z]{8,16})'''
risk = "r"
fix = ["f"]
reference = "https://example.com"
examples = ["tok={hex:8}", "tok={hex:9}"]
counter-examples = ["a", "b"]
"#;

    static SCANNER: LazyLock<Scanner> = LazyLock::new(|| {
        let rules = RuleFile::parse(RULES).unwrap();
        Scanner::new(Arc::new(Ruleset::new(Builtin::none(), rules).unwrap()))
    });

    /// What is left of a text's matches: `rule@line severity confidence`, with the lines of the other parts, and `!` where a
    /// rule that is not there any more would have to say more.
    fn joined(text: &str) -> Vec<String> {
        let matches = SCANNER.scan(text.as_bytes(), &mut Scratch::default());
        let mut lines = LineIndex::new(text.as_bytes());
        let ruleset = SCANNER.ruleset();
        let joined = join(ruleset, &matches, &mut lines);
        joined
            .iter()
            .map(|Joined { found, parts, .. }| {
                let rule = ruleset.rule(found.rule).map_or("?", |rule| rule.id.as_ref());
                let line = lines.span(found.secret.clone()).line;
                let near: Vec<String> =
                    parts.iter().map(|part| format!("{}@{}", part.rule, part.span.line)).collect();
                let yields = if found.unless.is_empty() { "" } else { " unless" };
                let (severity, confidence) = (found.severity, found.confidence);
                format!("{rule}@{line} {severity} {confidence} [{}]{yields}", near.join(" "))
            })
            .collect()
    }

    const ID: &str = "ID_9f3c71e8";
    const SECRET: &str = "SE_4b07d2a6";

    #[test]
    fn near_its_id_a_secret_is_worse_and_surer_and_alone_an_id_is_nothing() {
        let raised = ["id@1 info medium [secret@3]", "secret@3 critical high [id@1]"];
        assert_eq!(joined(&format!("{ID}\n\n{SECRET}")), raised);
        let raised = ["secret@1 critical high [id@3]", "id@3 info medium [secret@1]"];
        assert_eq!(joined(&format!("{SECRET}\n\n{ID}\n")), raised);
        assert_eq!(joined(&format!("{ID}\n\n\n{SECRET}")), ["secret@4 high medium []"]);
        assert_eq!(joined(&format!("a {ID} b\n")), [""; 0]);
    }

    #[test]
    fn the_nearest_part_counts_and_of_two_the_earlier() {
        let parts = |text: &str| {
            let all = joined(text);
            all.iter().filter(|row| row.starts_with("secret")).cloned().collect::<Vec<_>>()
        };
        assert_eq!(parts(&format!("{ID}\n~~\n{SECRET}\n{ID}\n")), ["secret@3 critical high [id@4]"]);
        assert_eq!(parts(&format!("{ID}\n{SECRET}\n{ID}\n")), ["secret@2 critical high [id@1]"]);
        let two = format!("{ID},{SECRET}\n{ID},{SECRET}\n");
        assert_eq!(parts(&two), ["secret@1 critical high [id@1]", "secret@2 critical high [id@2]"]);
    }

    #[test]
    fn several_parts_are_named_in_their_order() {
        let text = format!("tok {SECRET} 7c1e9a40b3d5\n{ID}\n");
        assert_eq!(
            joined(&text),
            [
                "secret@1 critical high [shape@1 id@2]",
                "shape@1 high high [id@2]",
                "id@2 info medium [secret@1]"
            ]
        );
    }

    #[test]
    fn what_counts_in_company_only_silences_nobody_alone() {
        assert_eq!(joined("tok=7c1e9a40b3d5"), ["generic-value@1 low medium []"]);
        let near = joined(&format!("tok=7c1e9a40b3d5\n{ID}"));
        assert_eq!(near, ["shape@1 high high [id@2]", "generic-value@1 low medium [] unless"]);
    }

    #[test]
    fn what_is_less_sure_alone_leaves_its_place_to_what_is_surer() {
        assert_eq!(joined("x WE5d80c3f1"), ["weak@1 high low []"]);
        assert_eq!(joined("tok=WE5d80c3f1"), ["generic-value@1 low medium []"]);
        let near = joined(&format!("tok=WE5d80c3f1\n{ID}"));
        assert_eq!(near, ["weak@1 high high [id@2]", "generic-value@1 low medium [] unless"]);
    }

    #[test]
    fn a_part_that_no_rule_finds_is_an_error() {
        let error = |from: &str, to: &str| {
            let rules = RuleFile::parse(&RULES.replacen(from, to, 1));
            rules.and_then(|rules| Ruleset::new(Builtin::none(), rules)).unwrap_err().to_string()
        };
        let said = error("rule = \"secret\", lines = 2", "rule = \"other\", lines = 2");
        assert_eq!(said, "rule `id`: `with`: there is no rule `other`");
        let said = error("name = \"Test secret\"", "name = \"Test secret\"\npath = '''x'''");
        let why = "`secret` holds at some paths only, and a part is looked for at all";
        assert_eq!(said, format!("rule `id`: `with`: {why}"));
        let said = error("lines = 2, conf", "lines = 101, conf");
        assert_eq!(said, "line 3: rule `id`: `with`: 101 lines from `secret`; 100 is the most");
        let said = error("rule = \"secret\"", "rule = \"id\"");
        assert_eq!(said, "line 3: rule `id`: `with` names the rule itself; name the rule of the other part");
        let said = error("alone = \"hidden\"", "alone = \"low\"");
        assert!(said.contains("`alone = \"low\"`: a confidence below the rule's own (low)"), "{said}");
        let said = error("with = [{ rule = \"id\", lines = 1 }]\nalone = \"low\"", "alone = \"low\"");
        assert!(said.contains("`alone` needs `with`"), "{said}");
    }

    proptest! {
        /// What is said of each match is what looking at every pair says.
        #[test]
        fn the_nearest_is_the_nearest_of_all(
            pieces in prop::collection::vec(prop_oneof![
                Just(ID), Just(SECRET), Just("\n"), Just("\r\n"), Just(" "), Just("~~~~"),
            ], 0..40),
        ) {
            let text = pieces.concat();
            let matches = SCANNER.scan(text.as_bytes(), &mut Scratch::default());
            let mut lines = LineIndex::new(text.as_bytes());
            let joined = join(SCANNER.ruleset(), &matches, &mut lines);
            let at = |found: &Match| (found.secret.start, lines.line_of(found.secret.start));
            let secrets = joined.iter().filter(|j| text.as_bytes()[j.found.secret.start] == b'S');
            for Joined { found, parts, .. } in secrets {
                let (start, line) = at(found);
                let ids = matches.iter().filter(|m| text.as_bytes()[m.secret.start] == b'I').map(at);
                let nearest = ids
                    .filter(|(_, other)| other.abs_diff(line) <= 2)
                    .min_by_key(|(other, _)| (other.abs_diff(start), *other))
                    .map(|(other, _)| other as u64);
                prop_assert_eq!(parts.first().map(|part| part.span.start_byte), nearest);
                let worth = (found.severity, found.confidence);
                let expected = match nearest {
                    Some(_) => (Severity::Critical, Confidence::High),
                    None => (Severity::High, Confidence::Medium),
                };
                prop_assert_eq!(worth, expected);
            }
        }
    }
}
