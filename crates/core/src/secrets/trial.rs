//! A rule on trial: whether it does what its examples say, and what it would cost and find where there is nothing.
//!
//! How long it takes is for a caller with a clock; what is warned of here is counted, and the same on every machine.

use super::literal::Hit;
use super::rule::{List, Rule, Window};
use super::ruleset::{Builtin, Ruleset};
use super::sample::Sample;
use super::scanner::{Scanner, Scratch};
use super::selftest::Failure;
use super::template::expand;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// How often each example is expanded anew.
const SEEDS: u64 = 12;
/// A keyword that stands oftener than once in so many bytes of source-like text is warned of.
const RARE: usize = 2_000;
/// A regex that sees more than this share of source-like text, in hundredths, is warned of.
const SMALL_SHARE: usize = 10;
/// A regex that is matched by more than this many of [`Sample::values`] is warned of.
const FEW: usize = 20;

/// A rule, alone and ready to be tried.
#[derive(Debug)]
pub struct Trial<'r> {
    rule: &'r Rule,
    scanner: Scanner,
}

/// What came of one example.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict<'r> {
    /// Whether it is an example; else a counter-example.
    pub is_example: bool,
    /// The template.
    pub template: &'r str,
    /// What happened that should not have.
    pub failure: Option<Failure>,
}

/// What is worth thinking about in a rule that works.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Warning {
    /// The rule has no literal, and its regex runs over every byte.
    Unannounced,
    /// A keyword that is in much of all source code.
    Common {
        /// The keyword that stands most often.
        keyword: String,
        /// In how many bytes of source-like text it stands once.
        every: usize,
        /// How much of the text the regex sees for the keywords, in hundredths.
        share: usize,
    },
    /// A regex that finds what is no credential.
    Broad {
        /// How many of the random values it matches.
        matched: usize,
        /// Out of how many.
        of: usize,
        /// How many of each kind, the most first.
        kinds: Vec<(&'static str, usize)>,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unannounced => f.write_str(
                "no literal can be drawn from its regex, which runs over every byte: state `keywords`",
            ),
            Self::Common { keyword, every, share } => write!(
                f,
                "its keyword `{keyword}` stands once in {every} bytes of source-like text, of which its regex sees {share} %: \
                 take a rarer one, or a smaller `window`"
            ),
            Self::Broad { matched, of, kinds } => {
                let kinds: Vec<String> =
                    kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
                write!(
                    f,
                    "its regex alone is matched by {matched} of {of} random values ({}): let it say what stands around the secret",
                    kinds.join(", ")
                )
            }
        }
    }
}

impl<'r> Trial<'r> {
    /// Compiles the rule.
    ///
    /// # Errors
    ///
    /// A rule that cannot be used at all.
    pub fn new(rule: &'r Rule) -> Result<Self, Failure> {
        // By itself it has no other part; what it is worth then is not what its examples are about.
        let by_itself = Rule { with: List::default(), alone: None, ..rule.clone() };
        let ruleset = Ruleset::new(Builtin::none(), vec![by_itself]).map_err(|error| Failure {
            rule: rule.id.to_string(),
            template: String::new(),
            message: error.message,
        })?;
        Ok(Self { rule, scanner: Scanner::new(Arc::new(ruleset)) })
    }

    /// Tries every example (exactly one secret in each) and every counter-example (none), each with several seeds.
    pub fn verdicts(&self) -> impl Iterator<Item = Verdict<'r>> + '_ {
        let rule = self.rule;
        let examples = rule.examples.iter().map(|template| (template, true));
        let silent = rule.counter_examples.iter().map(|template| (template, false));
        examples.chain(silent).map(|(template, is_example)| Verdict {
            is_example,
            template,
            failure: self.failure(template, is_example),
        })
    }

    fn failure(&self, template: &str, is_example: bool) -> Option<Failure> {
        let wanted = usize::from(is_example);
        let mut scratch = Scratch::default();
        let mut count = |seed| self.scanner.scan(expand(template, seed).as_bytes(), &mut scratch).len();
        let (seed, found) = (0..SEEDS).map(|seed| (seed, count(seed))).find(|(_, found)| *found != wanted)?;
        let kind = if is_example { "an example" } else { "a counter-example" };
        Some(Failure {
            rule: self.rule.id.to_string(),
            template: template.to_owned(),
            message: format!("{kind} (seed {seed}) has {found} secrets, not {wanted}"),
        })
    }

    /// Scans the source-like text once, for who has a clock; gives how many secrets the rule takes to be in it.
    #[must_use]
    pub fn scan(&self, sample: &Sample, scratch: &mut Scratch) -> usize {
        self.scanner.scan(sample.source(), scratch).len()
    }

    /// What is worth thinking about.
    #[must_use]
    pub fn warnings(&self, sample: &Sample) -> Vec<Warning> {
        [self.common(sample), self.broad(sample)].into_iter().flatten().collect()
    }

    fn common(&self, sample: &Sample) -> Option<Warning> {
        if self.rule.keywords.is_empty() {
            return Some(Warning::Unannounced);
        }
        let text = sample.source();
        let mut hits: Vec<Hit> = Vec::new();
        self.scanner.hits(text, 0..text.len(), &mut hits);
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        for hit in &hits {
            *counts.entry(hit.literal).or_default() += 1;
        }
        let (literal, most) = counts.into_iter().max_by_key(|(_, count)| *count)?;
        let every = text.len() / most.max(1);
        let share = self.seen(&mut hits, text.len()) * 100 / text.len().max(1);
        (every < RARE || share > SMALL_SHARE).then(|| {
            let keyword = self.scanner.ruleset().literals().text(literal);
            Warning::Common { keyword: String::from_utf8_lossy(keyword).into_owned(), every, share }
        })
    }

    /// The bytes within the window around a hit.
    fn seen(&self, hits: &mut [Hit], length: usize) -> usize {
        let Window::Bytes { before, after } = self.rule.window else {
            return if hits.is_empty() { 0 } else { length };
        };
        hits.sort_unstable_by_key(|hit| hit.offset);
        let literals = self.scanner.ruleset().literals();
        let (mut sum, mut reached) = (0, 0);
        for hit in hits {
            let end = hit.offset + literals.text(hit.literal).len() + after as usize;
            let (from, to) = (hit.offset.saturating_sub(before as usize).max(reached), end.min(length));
            sum += to.saturating_sub(from);
            reached = reached.max(to);
        }
        sum
    }

    fn broad(&self, sample: &Sample) -> Option<Warning> {
        let ruleset = self.scanner.ruleset();
        let regex = ruleset.compiled(0)?.regex.as_ref()?.whole().ok()?;
        let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
        let mut of = 0;
        for (kind, value) in sample.values() {
            of += 1;
            if regex.is_match(value) {
                *counts.entry(kind).or_default() += 1;
            }
        }
        let matched: usize = counts.values().sum();
        let mut kinds: Vec<(&'static str, usize)> = counts.into_iter().collect();
        kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        (matched > FEW).then_some(Warning::Broad { matched, of, kinds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::RuleFile;

    fn rule(keys: &str) -> Rule {
        let text = format!(
            "provider = \"Acme\"\n[[rules]]\nid = \"acme-key\"\nname = \"Acme key\"\ndescription = \"d\"\nseverity = \"high\"\n\
             confidence = \"high\"\nrisk = \"r\"\nfix = [\"f\"]\nreference = \"https://acme.example\"\n\
             examples = [\"acme_{{hex:32}}\", \"k=acme_{{hex:32}}\"]\ncounter-examples = [\"acme_{{hex:30}}\", \"acme\"]\n{keys}"
        );
        RuleFile::parse(&text).unwrap().remove(0)
    }

    fn warnings(keys: &str) -> Vec<String> {
        let rule = rule(keys);
        let trial = Trial::new(&rule).unwrap();
        trial.warnings(&Sample::new()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_good_rule_has_nothing_to_be_warned_of() {
        assert_eq!(warnings("regex = '\\bacme_[0-9a-f]{32}\\b'"), [""; 0]);
    }

    #[test]
    fn a_rule_without_a_literal_is_told() {
        let said = warnings("regex = '\\b[A-Z]{4}-[0-9a-f]{32}-[g-z]{9}\\b'");
        assert_eq!(
            said,
            ["no literal can be drawn from its regex, which runs over every byte: state `keywords`"]
        );
    }

    #[test]
    fn a_common_keyword_is_told_with_how_often_it_stands() {
        let said = warnings("regex = '\\bkey[ =]{1,4}acme_[0-9a-f]{32}\\b'\nkeywords = [\"key\"]");
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].starts_with("its keyword `key` stands once in "), "{said:?}");
        let every: usize = said[0].split_whitespace().nth(6).unwrap().parse().unwrap();
        assert!((50..RARE).contains(&every), "{said:?}");
    }

    #[test]
    fn a_broad_regex_is_told_with_what_matches_it() {
        let said =
            warnings("regex = '[0-9a-f]{32}'\nkeywords = [\"acme\"]\nwindow = { before = 40, after = 40 }");
        // The hexadecimal numbers of 32, 40 and 64 digits: three of six.
        let count = 2_000 / 6 * 3;
        assert!(
            said[0].contains(&format!("{count} of 10000 random values ({count} hexadecimal numbers)")),
            "{said:?}"
        );
    }

    #[test]
    fn verdicts_say_which_example_failed() {
        let rule = rule("regex = '\\bacme_[0-9a-f]{30}'");
        let trial = Trial::new(&rule).unwrap();
        let failed: Vec<_> = trial.verdicts().filter_map(|verdict| verdict.failure).collect();
        assert_eq!(failed.len(), 1);
        assert!(
            failed[0].to_string().contains("a counter-example (seed 0) has 1 secrets, not 0: acme_{hex:30}")
        );
        assert_eq!(trial.verdicts().filter(|verdict| verdict.is_example).count(), 2);
    }
}
