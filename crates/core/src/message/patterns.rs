//! What the settings of `[message]` compile to: once, when the check is built, so that a mistake in the policy is found
//! before any message is judged.

use super::config::Config;
use crate::policy::{DEFAULT_TICKET, Policy, PolicyError, without_anchors};
use regex::Regex;
use std::ops::Range;
use std::sync::OnceLock;

/// The regular expressions of a [`Config`].
#[derive(Debug)]
pub(super) struct Patterns {
    /// A ticket, with nothing alphanumeric on either side; `None` when no rule asks for one.
    pub(super) ticket: Option<Regex>,
    /// The ticket pattern as the policy has it.
    pub(super) ticket_source: String,
    /// A whole scope.
    pub(super) scope: Option<Regex>,
    /// The forbidden words, in the order of the policy.
    pub(super) words: Vec<ForbiddenWord>,
    /// What a header matches.
    pub(super) header_match: Vec<Regex>,
    /// What it does not match.
    pub(super) header_forbid: Vec<Regex>,
    /// What the values of trailers look like.
    pub(super) trailers: Vec<TrailerPattern>,
    /// Trailers that some messages need.
    pub(super) when: Vec<NeededWhen>,
}

impl Patterns {
    pub(super) fn new(config: &Config, policy: &Policy) -> Result<Self, PolicyError> {
        let ticket = policy.ticket();
        let compile = |key: &str, pattern: &str, source: String| compile(policy, key, pattern, &source);
        // A hook starts for every commit: what no rule uses is not compiled. A pattern that the policy sets
        // always is, so that a mistake in it is found.
        let wanted = ticket.is_some() || !config.ticket_in.is_empty();
        let source = ticket.unwrap_or(DEFAULT_TICKET).to_owned();
        let bare = without_anchors(&source);
        let whole = format!(r"(?:^|[^0-9A-Za-z])(?:{bare})(?:$|[^0-9A-Za-z])");
        let ticket = wanted.then(|| compile("message.ticket", &source, whole)).transpose()?;
        let pattern = config.scope_pattern.as_str();
        let scope = (!pattern.is_empty())
            .then(|| compile("message.scope-pattern", pattern, format!("^(?:{pattern})$")))
            .transpose()?;
        let words = config.forbid_words.iter().map(|word| word.trim()).filter(|word| !word.is_empty());
        let words = words.map(|word| ForbiddenWord::new(word, policy)).collect::<Result<_, _>>()?;
        let all = |key: &str, sources: &[String]| {
            let compiled = sources.iter().map(|source| compile(key, source, source.clone()));
            compiled.collect::<Result<Vec<_>, _>>()
        };
        Ok(Self {
            ticket,
            ticket_source: source,
            scope,
            words,
            header_match: all("message.header-match", &config.header_match)?,
            header_forbid: all("message.header-forbid", &config.header_forbid)?,
            trailers: config
                .trailers
                .matching
                .iter()
                .map(|line| TrailerPattern::new("message.trailers.match", line, policy))
                .collect::<Result<_, _>>()?,
            when: config
                .trailers
                .when
                .iter()
                .map(|line| NeededWhen::new(line, policy))
                .collect::<Result<_, _>>()?,
        })
    }
}

fn compile(policy: &Policy, key: &str, pattern: &str, source: &str) -> Result<Regex, PolicyError> {
    Regex::new(source).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.lines().last().unwrap_or_default().trim().to_owned();
        let message = format!("`{key}`: `{pattern}` cannot be used: {reason}");
        policy.error(key, message, None)
    })
}

/// What the value of a trailer must look like: `Risk: low|medium|high`.
#[derive(Debug)]
pub(super) struct TrailerPattern {
    /// The trailer's name.
    pub(super) name: String,
    /// The expression, as the policy has it.
    pub(super) source: String,
    /// The same over a whole value.
    pub(super) regex: Regex,
}

impl TrailerPattern {
    fn new(key: &str, line: &str, policy: &Policy) -> Result<Self, PolicyError> {
        let Some((name, source)) = line.split_once(':').filter(|(name, _)| is_token(name)) else {
            let message = format!("`{key}`: `{line}` is no name, colon and expression");
            let help = "write it like the trailer: \"Risk: low|medium|high\"".to_owned();
            return Err(policy.error(key, message, Some(help)));
        };
        let source = source.trim();
        let regex = compile(policy, key, source, &format!("^(?:{source})$"))?;
        Ok(Self { name: name.to_owned(), source: source.to_owned(), regex })
    }
}

/// Whether a text is the name of a trailer.
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Trailers that some messages need: `Risk: high -> Approved-by`.
#[derive(Debug)]
pub(super) struct NeededWhen {
    pub(super) when: When,
    /// The names of the trailers.
    pub(super) required: Vec<String>,
}

/// Which messages need them.
#[derive(Debug)]
pub(super) enum When {
    /// Those with a trailer of this value.
    Trailer(TrailerPattern),
    /// Those of one of these types.
    Types(Vec<String>),
}

impl NeededWhen {
    fn new(line: &str, policy: &Policy) -> Result<Self, PolicyError> {
        const KEY: &str = "message.trailers.when";
        let fail = |what: &str| {
            let help =
                "write \"Risk: high -> Approved-by\", or with types \"security|perf -> Advisory\"".to_owned();
            policy.error(KEY, format!("`{KEY}`: `{line}` {what}"), Some(help))
        };
        // The last arrow: an expression may hold one.
        let (when, required) = line.rsplit_once("->").ok_or_else(|| fail("has no arrow `->`"))?;
        let required: Vec<String> = required.split(',').map(|name| name.trim().to_owned()).collect();
        if !required.iter().all(|name| is_token(name)) {
            return Err(fail("names no trailer behind the arrow"));
        }
        let when = when.trim();
        if when.contains(':') {
            return Ok(Self { when: When::Trailer(TrailerPattern::new(KEY, when, policy)?), required });
        }
        let types: Vec<String> = when.split('|').map(|kind| kind.trim().to_owned()).collect();
        let is_type = |kind: &String| {
            !kind.is_empty() && kind.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
        };
        if !types.iter().all(is_type) {
            return Err(fail("says nothing before the arrow of which messages it is for"));
        }
        Ok(Self { when: When::Types(types), required })
    }

    /// The names of all trailers that it speaks of.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        let own = match &self.when {
            When::Trailer(pattern) => Some(&pattern.name),
            When::Types(_) => None,
        };
        own.into_iter().chain(&self.required)
    }
}

/// A word that no message has. Its pattern knows the letters of every script, which takes longer to compile than all else
/// that a hook does: it waits for the first message.
#[derive(Debug)]
pub(super) struct ForbiddenWord {
    pub(super) word: String,
    pattern: OnceLock<Option<Regex>>,
}

impl ForbiddenWord {
    /// Far below what a regular expression may grow to.
    const LONGEST: usize = 1000;

    fn new(word: &str, policy: &Policy) -> Result<Self, PolicyError> {
        if word.len() > Self::LONGEST {
            let message = format!("`message.forbid-words`: a word of {} bytes is too long", word.len());
            let help = format!("a word has at most {} bytes", Self::LONGEST);
            return Err(policy.error("message.forbid-words", message, Some(help)));
        }
        Ok(Self { word: word.to_owned(), pattern: OnceLock::new() })
    }

    /// Where the word stands in a text, as a whole word, in any case.
    pub(super) fn find(&self, text: &str) -> Option<Range<usize>> {
        let pattern = self.pattern.get_or_init(|| {
            let word = regex::escape(&self.word);
            Regex::new(&format!(r"(?i)(?:^|[^\p{{L}}\p{{N}}_])({word})(?:$|[^\p{{L}}\p{{N}}_])")).ok()
        });
        Some(pattern.as_ref()?.captures(text)?.get(1)?.range())
    }
}
