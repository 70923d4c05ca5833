//! From a message to findings: which rules it breaks, at what level, and what to type next.

use super::clean::clean;
use super::config::{BreakingMarks, Config, OwnMessages};
use super::decode::{EncodingProblem, decode};
use super::header::{Header, ParseError, parse_header};
use super::own::{Author, strip_fixup};
use super::parse::{Layout, layout, lines};
use super::rules::{GIT_MESSAGE_DENIED, MessageRule, RULES};
use crate::change::{Commit, PendingMessage};
use crate::policy::{DEFAULT_TICKET, Policy, PolicyError, SeverityLevels, without_anchors};
use crate::{
    ChangeSet, Check, Code, Confidence, Excerpt, Finding, Fingerprint, Level, Location, Sink, Span, Stage,
};
use regex::Regex;
use std::ops::Range;
use std::sync::OnceLock;

/// What a rule is shown.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    /// The settings.
    pub(super) config: &'a Config,
    /// What the settings compile to.
    pub(super) patterns: &'a Patterns,
    /// The message, decoded and cleaned up.
    pub(super) text: &'a str,
    /// Its parts.
    pub(super) layout: &'a Layout<'a>,
    /// Its header, read by the grammar.
    pub(super) header: &'a Result<Header<'a>, ParseError>,
    /// What was wrong with its bytes.
    pub(super) encoding: Option<&'a EncodingProblem>,
    /// Who wrote it.
    pub(super) author: Author,
    /// `fixup! ` and the like, in front of the header that is judged.
    mark: &'a str,
}

/// What a rule has to say.
#[derive(Debug)]
pub(super) struct Complaint {
    /// One sentence with the particulars.
    pub(super) message: String,
    /// What tells it from the rule's other complaints about the same words: a trailer's name.
    pub(super) detail: String,
    /// Where, as bytes of the text.
    pub(super) range: Range<usize>,
    /// The header as it should be, where one can be built.
    pub(super) header: Option<String>,
    /// What else to change, one step each.
    pub(super) fix: Vec<String>,
}

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
}

impl Patterns {
    fn new(config: &Config, policy: &Policy) -> Result<Self, PolicyError> {
        let ticket = policy.ticket();
        let compile = |key: &str, pattern: &str, source: String| {
            Regex::new(&source).map_err(|error| {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default().trim().to_owned();
                let message = format!("`{key}`: `{pattern}` cannot be used: {reason}");
                policy.error(key, message, None)
            })
        };
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
        Ok(Self { ticket, ticket_source: source, scope, words })
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

/// The message check, built from a policy: judges pending messages, commits, and any text.
#[derive(Debug)]
pub struct Judge {
    config: Config,
    patterns: Patterns,
    levels: SeverityLevels,
    /// What judges the titles of pull requests, where the policy takes them for headers.
    titles: Option<Box<Self>>,
}

/// A message that is not in a change set, or not yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Text<'a> {
    /// The message, cleaned up and decoded.
    pub text: &'a str,
    /// What to call it: `commit message`.
    pub subject: &'a str,
    /// Whether its commit is a merge; `None`: not known, the title decides.
    pub merge: Option<bool>,
}

impl Judge {
    /// Builds the check for a stage.
    ///
    /// # Errors
    ///
    /// A value of `[message]` that is impossible: a pattern that does not compile.
    pub fn new(policy: &Policy, stage: Stage) -> Result<Self, PolicyError> {
        let config: Config = policy.section("message")?;
        let patterns = Patterns::new(&config, policy)?;
        let levels = config.level.by_severity(stage);
        let titles = Self::of_titles(policy, stage, &config)?.map(Box::new);
        Ok(Self { config, patterns, levels, titles })
    }

    /// The check of titles, at the level of pull requests. What more than a header has is not asked of a title.
    fn of_titles(policy: &Policy, stage: Stage, config: &Config) -> Result<Option<Self>, PolicyError> {
        let levels = policy.levels("pull-request").map(|levels| levels.by_severity(stage));
        let wanted = policy.text("pull-request.title").is_some_and(|form| form == "conventional");
        let Some(levels) = levels.filter(|levels| wanted && levels.strictest() != Level::Off) else {
            return Ok(None);
        };
        let mut config = config.clone();
        config.breaking = BreakingMarks::Either;
        config.ticket_in.clear();
        config.trailers.required.clear();
        let patterns = Patterns::new(&config, policy)?;
        Ok(Some(Self { config, patterns, levels, titles: None }))
    }

    /// Judges a text. The findings have one location each, in the text.
    #[must_use]
    pub fn text(&self, text: &Text<'_>) -> Vec<Finding> {
        self.judge(text, None, &Place::default())
    }

    fn pending(&self, message: &PendingMessage) -> Vec<Finding> {
        let cleaned = clean(&message.bytes, &message.cleanup);
        let decoded = decode(&cleaned.bytes, message.encoding.as_deref());
        // A message that Git wrote can be judged before the merge is a commit: the title is enough.
        let merge = message.is_merge.then_some(true);
        let text = Text { text: &decoded.text, subject: "commit message", merge };
        let step = Some("git commit -eF .git/COMMIT_EDITMSG".to_owned());
        self.judge(&text, decoded.problem.as_ref(), &Place { commit: None, step })
    }

    fn commit(&self, commit: &Commit) -> Vec<Finding> {
        let decoded = decode(&commit.message, commit.encoding.as_deref());
        let subject = format!("commit message of {}", commit.id.short());
        let text = Text { text: &decoded.text, subject: &subject, merge: Some(commit.parents.len() > 1) };
        let id = commit.id.short();
        let base = if commit.parents.is_empty() { "--root".to_owned() } else { format!("{id}^") };
        let step = format!("git rebase -i --rebase-merges {base}  # write reword before {id}");
        self.judge(&text, decoded.problem.as_ref(), &Place { commit: Some(commit), step: Some(step) })
    }

    /// The title of a pull request, as the header that a squash merge makes of it. That commit is no merge, whatever it is
    /// called.
    fn title(&self, name: &str, title: &str) -> Vec<Finding> {
        let subject = format!("title of {name}");
        let text = Text { text: title, subject: &subject, merge: Some(false) };
        let step =
            Some(format!("edit the title of {name}, and run the job again where an edit does not start it"));
        let mut findings = self.judge(&text, None, &Place { commit: None, step });
        for step in findings.iter_mut().flat_map(|finding| &mut finding.fix) {
            *step = step.replace("make the first line: ", "make the title: ");
        }
        findings
    }

    fn judge(&self, of: &Text<'_>, encoding: Option<&EncodingProblem>, place: &Place<'_>) -> Vec<Finding> {
        if self.levels.strictest() == Level::Off {
            return Vec::new();
        }
        let mut layout = layout(of.text);
        let author = Author::of(layout.header.text, of.merge);
        let setting = match author {
            Author::Person => OwnMessages::Check,
            Author::Merge => self.config.merge,
            Author::Revert => self.config.revert,
            Author::Fixup => self.config.fixup,
            Author::Initial => self.config.initial,
        };
        let mut mark = "";
        if author == Author::Fixup {
            let title = strip_fixup(layout.header.text);
            mark = layout.header.text.strip_suffix(title).unwrap_or_default();
            layout.header.start = layout.header.start.saturating_add(mark.len());
            layout.header.text = title;
        }
        let header = parse_header(layout.header);
        let subject = Subject {
            config: &self.config,
            patterns: &self.patterns,
            text: of.text,
            layout: &layout,
            header: &header,
            encoding,
            author,
            mark,
        };
        let rules = match setting {
            OwnMessages::Ignore => &[],
            OwnMessages::Deny => GIT_MESSAGE_DENIED,
            OwnMessages::Check => RULES,
        };
        let mut findings = Vec::new();
        for rule in rules.iter().filter(|rule| self.levels.of(rule.info.severity) != Level::Off) {
            let mut complaints = Vec::new();
            (rule.judge)(&subject, &mut complaints);
            findings.extend(complaints.into_iter().map(|c| self.finding(rule, c, of, &subject, place)));
        }
        findings
    }

    fn finding(
        &self,
        rule: &MessageRule,
        complaint: Complaint,
        of: &Text<'_>,
        subject: &Subject<'_>,
        place: &Place<'_>,
    ) -> Finding {
        let mut fix = Vec::new();
        if let Some(header) = &complaint.header {
            fix.push(format!("make the first line: {}{header}", subject.mark));
        }
        fix.extend(complaint.fix);
        if fix.is_empty() {
            fix.push(rule.info.fix.to_owned());
        }
        fix.extend(place.step.clone());
        // The place in the message is not part of the identity: a rebase, or a line more, keeps it.
        let judged = of.text.get(complaint.range.clone()).unwrap_or_default();
        let header = subject.layout.header.text;
        let about = format!("{}{judged}", complaint.detail);
        let fingerprint = Fingerprint::of_place(rule.info.code, header.as_bytes(), about.as_bytes());
        Finding {
            rule: rule.info.name.to_owned(),
            code: Code::new(rule.info.code),
            family: super::CHECK.family,
            name: rule.info.name.replace('-', " "),
            severity: rule.info.severity,
            confidence: Confidence::High,
            level: self.levels.of(rule.info.severity),
            message: complaint.message,
            why: vec![rule.info.why.to_owned()],
            fix,
            fingerprint,
            secret: None,
            locations: vec![Location {
                subject: Some(of.subject.to_owned()),
                span: Some(span(of.text, &complaint.range)),
                commit: place.commit.map(|commit| commit.id),
                author: place.commit.map(|commit| commit.author.clone()),
                excerpt: excerpt(of.text, &complaint.range),
                ..Location::default()
            }],
        }
    }
}

impl Check for Judge {
    fn change_set(&self, change_set: &ChangeSet, sink: &mut dyn Sink) {
        let pending = change_set.message.iter().flat_map(|message| self.pending(message));
        let commits = change_set.commits.iter().flat_map(|commit| self.commit(commit));
        let titles = change_set
            .pull_request
            .iter()
            .filter_map(|request| Some(self.titles.as_ref()?.title(&request.name, request.title.known()?)));
        for finding in pending.chain(commits).chain(titles.flatten()) {
            sink.finding(finding);
        }
    }
}

/// Where a message comes from, and how it is opened for a change.
#[derive(Debug, Default)]
struct Place<'a> {
    commit: Option<&'a Commit>,
    /// The command that opens the message again.
    step: Option<String>,
}

/// The line that `range` begins in, shortened around it, with `range` marked.
fn excerpt(text: &str, range: &Range<usize>) -> Option<Excerpt> {
    const SHOWN: usize = 200;
    let line = lines(text).take_while(|line| line.start <= range.start).last()?;
    let inside = |at: usize| at.saturating_sub(line.start).min(line.text.len());
    let (start, end) = (inside(range.start), inside(range.end));
    let mut from = if line.text.len() > SHOWN { start.saturating_sub(SHOWN / 2) } else { 0 };
    let mut to = from.saturating_add(SHOWN).min(line.text.len());
    while !line.text.is_char_boundary(from) {
        from = from.saturating_sub(1);
    }
    while !line.text.is_char_boundary(to) {
        to = to.saturating_add(1);
    }
    let shown = line.text.get(from..to)?;
    Some(Excerpt {
        text: shown.to_owned(),
        start: start.saturating_sub(from),
        end: end.saturating_sub(from).min(shown.len()),
    })
}

/// The lines and columns of a range of a text.
fn span(text: &str, range: &Range<usize>) -> Span {
    let place = |offset: usize| {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count();
        let tail = before.rsplit('\n').next().unwrap_or_default();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1);
        (count(line), count(tail.len()), count(tail.chars().count()), count(tail.encode_utf16().count()))
    };
    let (line, column, character, utf16) = place(range.start);
    let (end_line, end_column, end_character, end_utf16) = place(range.end);
    Span {
        start_byte: range.start as u64,
        end_byte: range.end as u64,
        line,
        column,
        character,
        utf16,
        end_line,
        end_column,
        end_character,
        end_utf16,
    }
}
