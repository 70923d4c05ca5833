//! The written form of rules: TOML, one file per provider. Built-in rules and a user's own go through this one
//! function.

use super::assigned;
use super::demand::Demand;
use super::derive;
use super::detector;
use super::error::RuleError;
use super::rule::{Allow, Alone, List, Partner, Rule, Text, Window};
use super::structure;
use crate::{Confidence, Severity};
use serde::{Deserialize, Deserializer, de};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeValue, ValueDeserializer};

/// A file of rules of one provider.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    provider: String,
    rules: Vec<Spanned<Written>>,
}

impl std::fmt::Debug for RuleFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RuleFile({}, {} rules)", self.provider, self.rules.len())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    id: String,
    /// Who issues it, where the file does not say so for all of its rules.
    provider: Option<String>,
    name: String,
    description: String,
    #[serde(deserialize_with = "word")]
    severity: Word<Severity>,
    #[serde(deserialize_with = "word")]
    confidence: Word<Confidence>,
    regex: Option<String>,
    assigned: Option<WrittenAssigned>,
    detector: Option<String>,
    #[serde(default)]
    keywords: Vec<String>,
    window: Option<WrittenWindow>,
    entropy: Option<f64>,
    secret_group: Option<u32>,
    strong: Option<bool>,
    path: Option<String>,
    except_path: Option<String>,
    structure: Option<toml::Table>,
    #[serde(default)]
    allow: Vec<WrittenAllow>,
    #[serde(default)]
    with: Vec<WrittenPartner>,
    alone: Option<String>,
    risk: String,
    fix: Vec<String>,
    reference: String,
    examples: Vec<String>,
    counter_examples: Vec<String>,
}

struct Word<T>(T);

trait FromWord: Sized + 'static {
    const ALL: &'static [Self];
    fn from_word(word: &str) -> Option<Self>;
    fn as_str(&self) -> &'static str;
}

macro_rules! from_word {
    ($($type:ty),+) => {$(
        impl FromWord for $type {
            const ALL: &'static [Self] = <$type>::ALL;
            fn from_word(word: &str) -> Option<Self> { <$type>::from_word(word) }
            fn as_str(&self) -> &'static str { <$type>::as_str(*self) }
        }
    )+};
}
from_word!(Severity, Confidence);

fn word<'de, D: Deserializer<'de>, T: FromWord>(deserializer: D) -> Result<Word<T>, D::Error> {
    let word = String::deserialize(deserializer)?;
    T::from_word(&word).map(Word).ok_or_else(|| {
        let known: Vec<_> = T::ALL.iter().map(T::as_str).collect();
        de::Error::custom(format!("`{word}` is not one of {}", known.join(", ")))
    })
}

/// See [`super::assigned`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAssigned {
    to: String,
    role: Option<String>,
    value: String,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a window is `\"whole\"` or `{ before = 0, after = 64 }`")]
enum WrittenWindow {
    Word(String),
    Bytes(WrittenBytes),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBytes {
    before: u32,
    after: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAllow {
    regex: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPartner {
    rule: String,
    lines: u32,
    #[serde(default, deserialize_with = "some_word")]
    severity: Option<Word<Severity>>,
    #[serde(default, deserialize_with = "some_word")]
    confidence: Option<Word<Confidence>>,
}

fn some_word<'de, D: Deserializer<'de>, T: FromWord>(deserializer: D) -> Result<Option<Word<T>>, D::Error> {
    word(deserializer).map(Some)
}

impl RuleFile {
    /// Reads a rule file and completes its rules: keywords and windows that the file leaves open are worked
    /// out from the regex.
    ///
    /// # Errors
    ///
    /// What is wrong, with its line: not TOML, an unknown or missing key, a regex that does not parse, a keyword of less
    /// than three bytes, a rule without examples, an id twice.
    pub fn parse(text: &str) -> Result<Vec<Rule>, RuleError> {
        let line_of = |offset: usize| {
            let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
            u32::try_from(memchr::memchr_iter(b'\n', before).count() + 1).unwrap_or(u32::MAX)
        };
        let file: Self = toml::from_str(text).map_err(|error| RuleError {
            rule: None,
            line: error.span().map(|span| line_of(span.start)),
            message: error.message().to_owned(),
        })?;
        let provider = Text::Owned(file.provider);
        let mut rules: Vec<Rule> = Vec::with_capacity(file.rules.len());
        for written in file.rules {
            let line = line_of(written.span().start);
            let rule = written.into_inner().complete(&provider).map_err(|error| error.at(line))?;
            if rules.iter().any(|other| other.id == rule.id) {
                return Err(RuleError::of(&rule.id, "the id is used twice; every rule has its own").at(line));
            }
            rules.push(rule);
        }
        Ok(rules)
    }
}

/// Reads one rule of a policy, or of a rule file whose rules are `provider`'s.
///
/// # Errors
///
/// What is wrong with it, and where in the text.
pub(crate) fn own_rule(
    found: &Spanned<DeValue<'_>>,
    provider: Option<&str>,
) -> Result<Rule, (Range<usize>, String)> {
    let written = Written::deserialize(ValueDeserializer::from(found.clone()))
        .map_err(|error| (error.span().unwrap_or(found.span()), error.message().to_owned()))?;
    let wrong = |error: RuleError| (found.span(), error.to_string());
    match (&written.provider, provider) {
        (None, None) => {
            Err(wrong(RuleError::of(&written.id, "needs a `provider`: who issues the credential")))
        }
        (_, provider) => {
            let provider = Text::Owned(provider.unwrap_or_default().to_owned());
            written.complete(&provider).map_err(wrong)
        }
    }
}

impl Written {
    fn complete(self, provider: &Text) -> Result<Rule, RuleError> {
        let wrong = |message: String| RuleError::of(&self.id, message);
        check_id(&self.id).map_err(wrong)?;
        if self.examples.len() < 2 || self.counter_examples.len() < 2 {
            return Err(wrong("needs two `examples` and two `counter-examples` at least".into()));
        }
        let regex = match (&self.regex, &self.assigned, &self.detector) {
            (Some(regex), None, None) => regex.clone(),
            (None, Some(WrittenAssigned { to, role, value }), None) => {
                assigned::regex(to, role.as_deref().unwrap_or(assigned::ROLE), value)
            }
            (None, None, Some(name)) => {
                detector::check(name, &self.keywords, self.window.is_some()).map_err(wrong)?;
                String::new()
            }
            _ => return Err(wrong("needs one of `regex`, `assigned` and `detector`".into())),
        };
        let hir = derive::parse(&regex).map_err(|e| wrong(format!("regex: {e}")))?;
        let regexes = self.allow.iter().map(|a| &a.regex).chain(&self.path).chain(&self.except_path);
        for regex in regexes {
            derive::parse(regex).map_err(|e| wrong(format!("`{regex}`: {e}")))?;
        }
        let groups = hir.properties().explicit_captures_len();
        if self.secret_group.is_some_and(|group| group as usize > groups) {
            return Err(wrong(format!("`secret-group` is beyond the regex's {groups} groups")));
        }
        if self.entropy.is_some_and(|bits| !(0.0..=8.0).contains(&bits)) {
            return Err(wrong("`entropy` is bits per byte, 0 to 8".into()));
        }
        let window = match &self.window {
            None => None,
            Some(WrittenWindow::Bytes(WrittenBytes { before, after })) => {
                Some(Window::Bytes { before: *before, after: *after })
            }
            Some(WrittenWindow::Word(word)) if word == "whole" => Some(Window::Whole),
            Some(WrittenWindow::Word(word)) => {
                return Err(wrong(format!("window `{word}`: only \"whole\" is a word")));
            }
        };
        let announced = match &self.assigned {
            // The words of the name announce it: the issuer's are rarer than `key` and `token`.
            Some(WrittenAssigned { to, .. }) if self.keywords.is_empty() => assigned::keywords(to),
            _ => self.keywords.clone(),
        };
        let (keywords, window) = search(&hir, &announced, window).map_err(wrong)?;
        let structure = self.structure.as_ref().map(structure::parse).transpose().map_err(wrong)?;
        let alone = alone(&self.id, self.confidence.0, &self.with, self.alone.as_deref()).map_err(wrong)?;
        Ok(Rule {
            provider: self.provider.map_or_else(|| provider.clone(), Text::Owned),
            name: self.name.into(),
            description: self.description.into(),
            severity: self.severity.0,
            confidence: self.confidence.0,
            regex: regex.into(),
            detector: self.detector.map(Text::Owned),
            demand: Demand::of(&hir, &keywords),
            keywords,
            window,
            entropy: self.entropy,
            secret_group: self.secret_group,
            strong: self.strong.unwrap_or(self.confidence.0 == Confidence::High),
            path: self.path.map(Text::Owned),
            except_path: self.except_path.map(Text::Owned),
            structure,
            allow: self
                .allow
                .into_iter()
                .map(|a| Allow { regex: a.regex.into(), reason: a.reason.into() })
                .collect(),
            with: self.with.into_iter().map(WrittenPartner::complete).collect(),
            alone,
            risk: self.risk.into(),
            fix: texts(self.fix),
            reference: self.reference.into(),
            examples: texts(self.examples),
            counter_examples: texts(self.counter_examples),
            id: self.id.into(),
        })
    }
}

impl WrittenPartner {
    fn complete(self) -> Partner {
        Partner {
            rule: self.rule.into(),
            lines: self.lines,
            severity: self.severity.map(|word| word.0),
            confidence: self.confidence.map(|word| word.0),
        }
    }
}

/// What `alone` says, and whether it and `with` make sense together.
fn alone(
    id: &str,
    confidence: Confidence,
    with: &[WrittenPartner],
    word: Option<&str>,
) -> Result<Option<Alone>, String> {
    for WrittenPartner { rule, lines, .. } in with {
        if rule == id {
            return Err("`with` names the rule itself; name the rule of the other part".to_owned());
        }
        if *lines > Partner::FARTHEST {
            return Err(format!("`with`: {lines} lines from `{rule}`; {} is the most", Partner::FARTHEST));
        }
    }
    let least = match word {
        None => return Ok(None),
        // Without `with` it is never reported, and there for the `with` of others.
        Some("hidden") => return Ok(Some(Alone::Hidden)),
        Some(_) if with.is_empty() => {
            return Err("`alone` needs `with`, which says in whose company it is not alone".to_owned());
        }
        Some(word) => word,
    };
    match Confidence::from_word(least).filter(|least| *least < confidence) {
        Some(least) => Ok(Some(Alone::Confidence(least))),
        None => Err(format!(
            "`alone = \"{least}\"`: a confidence below the rule's own ({confidence}), or \"hidden\""
        )),
    }
}

fn texts(list: Vec<String>) -> List<Text> {
    list.into_iter().map(Text::Owned).collect()
}

fn check_id(id: &str) -> Result<(), String> {
    let valid = id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if valid && id.starts_with(|c: char| c.is_ascii_lowercase()) && !id.ends_with('-') {
        Ok(())
    } else {
        Err("an id is lower-case letters, digits and hyphens, and begins with a letter".into())
    }
}

/// What the literal pass looks for, and how far around a hit the regex runs.
pub(super) fn search(
    hir: &regex_syntax::hir::Hir,
    keywords: &[impl AsRef<str>],
    window: Option<Window>,
) -> Result<(List<Text>, Window), String> {
    let mut folded: Vec<String> = keywords.iter().map(|k| k.as_ref().to_ascii_lowercase()).collect();
    folded.sort_unstable();
    folded.dedup();
    if let Some(bad) = folded.iter().find(|k| !k.is_ascii() || k.len() < derive::SHORTEST) {
        return Err(format!("keyword `{bad}`: a keyword is ASCII, three bytes or more"));
    }
    let bytes = |before: usize, after: usize| Window::Bytes {
        before: u32::try_from(before).unwrap_or(u32::MAX),
        after: u32::try_from(after).unwrap_or(u32::MAX),
    };
    if folded.is_empty() {
        let found = derive::required(hir).and_then(|r| {
            Some((
                r.literals.into_iter().map(|l| String::from_utf8(l).ok()).collect::<Option<Vec<_>>>()?,
                r.before,
                r.after,
            ))
        });
        return Ok(match found {
            Some((literals, before, after)) => (texts(literals), window.unwrap_or(bytes(before, after))),
            None => (List::default(), Window::Whole),
        });
    }
    let window = window.unwrap_or_else(|| {
        let literals: Vec<Vec<u8>> = folded.iter().map(|k| k.clone().into_bytes()).collect();
        let (before, after) = derive::reach(hir, &literals);
        bytes(before, after)
    });
    Ok((texts(folded), window))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
provider = "Acme"
[[rules]]
id = "acme-key"
name = "Acme key"
description = "d"
severity = "high"
confidence = "high"
regex = '''\bacme_[0-9a-z]{20}\b'''
risk = "r"
fix = ["f"]
reference = "https://example.com"
examples = ["acme_{alnum:20}", "k=acme_{alnum:20}"]
counter-examples = ["acme_{alnum:19}", "acme"]
"#;

    #[test]
    fn a_rule_is_completed_from_its_regex() {
        let rules = RuleFile::parse(GOOD).unwrap();
        assert_eq!(rules[0].keywords.as_ref(), ["acme_"]);
        assert_eq!(rules[0].window, Window::Bytes { before: 0, after: 20 });
        assert!(rules[0].strong);
        assert_eq!(rules[0].provider, "Acme");
    }

    #[test]
    fn errors_name_the_line_and_what_to_do() {
        let error = |from: &str, to: &str| RuleFile::parse(&GOOD.replace(from, to)).unwrap_err().to_string();
        assert_eq!(
            error("severity = \"high\"", "severity = \"huge\""),
            "line 7: `huge` is not one of info, low, medium, high, critical"
        );
        assert!(
            error("risk", "rusk").starts_with("line 10: unknown field `rusk`"),
            "{}",
            error("risk", "rusk")
        );
        assert!(error("{20}", "{20").starts_with("line 3: rule `acme-key`: regex: "));
        assert_eq!(
            error("risk =", "keywords = [\"ac\"]\nrisk ="),
            "line 3: rule `acme-key`: keyword `ac`: a keyword is ASCII, three bytes or more"
        );
        assert_eq!(
            error("risk =", "window = \"all\"\nrisk ="),
            "line 3: rule `acme-key`: window `all`: only \"whole\" is a word"
        );
        let twice = format!("{GOOD}{}", GOOD.split_once("\"Acme\"\n").unwrap().1);
        assert_eq!(
            RuleFile::parse(&twice).unwrap_err().to_string(),
            "line 15: rule `acme-key`: the id is used twice; every rule has its own"
        );
    }
}
