//! From a message to findings: which rules it breaks, at what level, and what to type next.

use super::clean::clean;
use super::config::{BreakingMarks, Config, DependencyChanges, Grammar, OwnMessages, SignOff};
use super::decode::{EncodingProblem, decode, mended};
use super::header::{Header, ParseError, parse_header, parse_header_leniently};
use super::own::{Author, strip_fixup};
use super::parse::{Footer, Layout, layout};
use super::patterns::Patterns;
use super::place::{excerpt, span};
use super::rules::{MessageRule, REFUSES_OWN, RULES};
use super::trailers;
use crate::change::{Commit, Identity, PendingMessage};
use crate::policy::{Levels, Policy, PolicyError, SeverityLevels};
use crate::{
    ChangeSet, Check, Code, Confidence, Finding, Fingerprint, Level, Location, ObjectId, RepoPath, Sink,
    Stage,
};
use std::collections::HashMap;
use std::ops::Range;

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
    /// Its footers, and the trailers that Git sees.
    pub(super) trailers: &'a [Footer<'a>],
    /// Whether a person wrote it, or which of Git's commands.
    pub(super) author: Author,
    /// What the policy says of that kind of message.
    pub(super) own: OwnMessages,
    /// The author of the commit, where one is known.
    pub(super) identity: Option<&'a Identity>,
    /// The paths that the commit changes, where they are known.
    pub(super) paths: &'a [&'a RepoPath],
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

/// The message check, built from a policy: judges pending messages, commits, and any text.
#[derive(Debug)]
pub struct Judge {
    config: Config,
    patterns: Patterns,
    /// The level of each rule, in the order of the registry.
    levels: Vec<SeverityLevels>,
    own: Own,
    /// What judges the titles of pull requests, where the policy takes them for headers.
    titles: Option<Box<Self>>,
}

/// What the policy says, at this stage, of the messages that Git writes itself.
#[derive(Clone, Copy, Debug)]
struct Own {
    merge: OwnMessages,
    revert: OwnMessages,
    fixup: OwnMessages,
    initial: OwnMessages,
}

impl Own {
    fn new(config: &Config, stage: Stage) -> Self {
        Self {
            merge: OwnMessages::at(&config.merge, stage),
            revert: OwnMessages::at(&config.revert, stage),
            fixup: OwnMessages::at(&config.fixup, stage),
            initial: OwnMessages::at(&config.initial, stage),
        }
    }

    const fn of(self, author: Author) -> OwnMessages {
        match author {
            Author::Person => OwnMessages::Check,
            Author::Merge => self.merge,
            Author::Revert => self.revert,
            Author::Fixup => self.fixup,
            Author::Initial => self.initial,
        }
    }
}

/// The level of each rule, in the order of the registry: its own, or else `level`.
fn levels(config: &Config, level: &Levels, stage: Stage) -> Vec<SeverityLevels> {
    let of = |rule: &&MessageRule| config.rules.get(rule.info.name).unwrap_or(level).by_severity(stage);
    RULES.iter().map(of).collect()
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
        let titles = Self::of_titles(policy, stage, &config)?.map(Box::new);
        Ok(Self {
            levels: levels(&config, &config.level, stage),
            own: Own::new(&config, stage),
            config,
            patterns,
            titles,
        })
    }

    /// The check of titles, at the level of pull requests. What more than a header has is not asked of a title.
    fn of_titles(policy: &Policy, stage: Stage, config: &Config) -> Result<Option<Self>, PolicyError> {
        let level = policy.levels("pull-request");
        let wanted = policy.text("pull-request.title").is_some_and(|form| form == "conventional");
        let Some(level) = level.filter(|level| wanted && level.at(stage) != Level::Off) else {
            return Ok(None);
        };
        let mut config = config.clone();
        config.breaking = BreakingMarks::Either;
        config.body_required.clear();
        config.ticket_in.clear();
        config.trailers.required.clear();
        config.sign_off = SignOff::Optional;
        let patterns = Patterns::new(&config, policy)?;
        let (levels, own) = (levels(&config, &level, stage), Own::new(&config, stage));
        Ok(Some(Self { config, patterns, levels, own, titles: None }))
    }

    /// Judges a text. The findings have one location each, in the text.
    #[must_use]
    pub fn text(&self, text: &Text<'_>) -> Vec<Finding> {
        self.judge(text, None, &Place::default())
    }

    fn pending(&self, message: &PendingMessage) -> Vec<Finding> {
        let cleaned = clean(&message.bytes, &message.cleanup);
        let mut decoded = decode(&cleaned.bytes, message.encoding.as_deref());
        if let Some(EncodingProblem::NotUtf8 { .. }) = decoded.problem {
            decoded.text = mended(&cleaned.bytes);
        }
        // A message that Git wrote can be judged before the merge is a commit: the title is enough.
        let merge = message.is_merge.then_some(true);
        let text = Text { text: &decoded.text, subject: "commit message", merge };
        let step = Some("git commit -eF .git/COMMIT_EDITMSG".to_owned());
        let identity = message.author.as_ref();
        self.judge(&text, decoded.problem.as_ref(), &Place { identity, step, ..Place::default() })
    }

    fn commit(&self, commit: &Commit, paths: &[&RepoPath]) -> Vec<Finding> {
        let decoded = decode(&commit.message, commit.encoding.as_deref());
        let subject = format!("commit message of {}", commit.id.short());
        let text = Text { text: &decoded.text, subject: &subject, merge: Some(commit.parents.len() > 1) };
        let id = commit.id.short();
        let base = if commit.parents.is_empty() { "--root".to_owned() } else { format!("{id}^") };
        let step = format!("git rebase -i --rebase-merges {base}  # write reword before {id}");
        let identity = Some(&commit.author);
        self.judge(
            &text,
            decoded.problem.as_ref(),
            &Place { commit: Some(commit), identity, paths, step: Some(step) },
        )
    }

    /// The title of a pull request, as the header that a squash merge makes of it. That commit is no merge, whatever it is
    /// called.
    fn title(&self, name: &str, title: &str) -> Vec<Finding> {
        let subject = format!("title of {name}");
        let text = Text { text: title, subject: &subject, merge: Some(false) };
        let step =
            Some(format!("edit the title of {name}, and run the job again where an edit does not start it"));
        let mut findings = self.judge(&text, None, &Place { step, ..Place::default() });
        for step in findings.iter_mut().flat_map(|finding| &mut finding.fix) {
            *step = step.replace("make the first line: ", "make the title: ");
        }
        findings
    }

    fn judge(&self, of: &Text<'_>, encoding: Option<&EncodingProblem>, place: &Place<'_>) -> Vec<Finding> {
        if self.levels.iter().all(|levels| levels.strictest() == Level::Off) {
            return Vec::new();
        }
        let mut layout = layout(of.text);
        let author = Author::of(layout.header.text, of.merge);
        let own = self.own.of(author);
        let mut mark = "";
        if author == Author::Fixup {
            let title = strip_fixup(layout.header.text);
            mark = layout.header.text.strip_suffix(title).unwrap_or_default();
            layout.header.start = layout.header.start.saturating_add(mark.len());
            layout.header.text = title;
        }
        let header = match self.config.parse {
            Grammar::Strict => parse_header(layout.header),
            Grammar::Lenient => parse_header_leniently(layout.header),
        };
        let subject = Subject {
            config: &self.config,
            patterns: &self.patterns,
            text: of.text,
            layout: &layout,
            header: &header,
            encoding,
            trailers: &trailers::both(of.text, &layout.footers),
            author,
            own,
            identity: place.identity,
            paths: place.paths,
            mark,
        };
        let runs = |rule: &MessageRule| match own {
            OwnMessages::Ignore => false,
            OwnMessages::Deny => rule.info.name == REFUSES_OWN,
            OwnMessages::Check => true,
        };
        let mut findings = Vec::new();
        for (rule, levels) in RULES.iter().zip(&self.levels) {
            let level = levels.of(rule.info.severity);
            if level == Level::Off || !runs(rule) {
                continue;
            }
            let mut complaints = Vec::new();
            (rule.judge)(&subject, &mut complaints);
            findings.extend(complaints.into_iter().map(|c| finding(rule, level, c, of, &subject, place)));
        }
        findings
    }
}

fn finding(
    rule: &MessageRule,
    level: Level,
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
    fix.extend(place.step.clone().filter(|_| rule.rewords));
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
        level,
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

impl Check for Judge {
    fn change_set(&self, change_set: &ChangeSet, sink: &mut dyn Sink) {
        let pending = change_set.message.iter().flat_map(|message| self.pending(message));
        let mut paths: HashMap<ObjectId, Vec<&RepoPath>> = HashMap::new();
        if self.config.dependency_changes == DependencyChanges::Alone {
            for change in &change_set.changes {
                if let Some(id) = change.commit {
                    paths.entry(id).or_default().push(&change.path);
                }
            }
        }
        let commits = change_set.commits.iter().flat_map(|commit| {
            self.commit(commit, paths.get(&commit.id).map(Vec::as_slice).unwrap_or_default())
        });
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
    identity: Option<&'a Identity>,
    paths: &'a [&'a RepoPath],
    /// The command that opens the message again.
    step: Option<String>,
}
