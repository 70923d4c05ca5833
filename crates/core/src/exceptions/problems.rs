//! What is wrong with the records of a policy, as far as it takes the whole policy, the rules or the day to see it.

use super::config::{Config, Group};
use super::next_id;
use crate::check::checks_named;
use crate::policy::{Policy, PolicyError, exception_keys};
use crate::text::PathGlob;
use crate::{Date, Exception, Severity};

/// What the policy does not know by itself.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// How bad a finding of a rule is; `None`: there is no such rule.
    pub severity: &'a dyn Fn(&str) -> Option<Severity>,
    /// The day, in UTC.
    pub today: Date,
}

impl std::fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Facts").field("today", &self.today).finish_non_exhaustive()
    }
}

/// A day that lies ahead by this much may be today: the calendar east of Greenwich is ahead of UTC.
const AHEAD_DAYS: i32 = 1;

/// As many names as fit into a line of advice.
const NAMES_SHOWN: usize = 6;

/// Everything that the policy does not allow in its own records, and in what it says of them.
#[must_use]
pub fn problems(policy: &Policy, facts: &Facts<'_>) -> Vec<PolicyError> {
    let config = match Config::of(policy) {
        Ok(config) => config,
        Err(error) => return vec![error],
    };
    let mut errors = Vec::new();
    groups(policy, &config, &mut errors);
    for exception in policy.exceptions() {
        let mut judge = Judge { policy, config: &config, facts, exception, errors: &mut errors };
        judge.id();
        judge.scope();
        judge.breadth();
        judge.required();
        judge.reason();
        judge.approver();
        judge.days();
        judge.life();
    }
    errors
}

/// Groups without a name or members, and lists that name a group which is not there.
fn groups(policy: &Policy, config: &Config, errors: &mut Vec<PolicyError>) {
    let mut wrong = |message: String, help: &str| {
        errors.push(policy.error("exceptions.group", message, Some(help.to_owned())));
    };
    for (index, group) in config.group.iter().enumerate() {
        let Group { name, members } = group;
        if name.trim().is_empty() {
            wrong("a group of [[exceptions.group]] has no name".to_owned(), "write name = \"security\"");
        } else if members.is_empty() {
            let message = format!("the group `{name}` has no members: nobody could approve");
            wrong(message, "write members = [\"@alice\", \"@bob\"]");
        }
        if config.group.iter().take(index).any(|other| other.name == *name) {
            wrong(format!("the group `{name}` stands twice"), "keep one of them");
        }
    }
    for (key, list) in config.approvers.lists() {
        let is_group = |name: &str| config.group.iter().any(|group| group.name == name);
        for name in list.iter().filter(|name| !name.contains('@') && !is_group(name)) {
            let path = format!("exceptions.approvers.{key}");
            let message = format!("`{path}` names `{name}`, which is no group and no handle or address");
            let help = format!("write it with an @, or add [[exceptions.group]] with name = \"{name}\"");
            errors.push(policy.error(&path, message, Some(help)));
        }
    }
}

/// One record under judgement.
struct Judge<'j> {
    policy: &'j Policy,
    config: &'j Config,
    facts: &'j Facts<'j>,
    exception: &'j Exception,
    errors: &'j mut Vec<PolicyError>,
}

impl Judge<'_> {
    fn fail(&mut self, key: &str, what: &str, help: String) {
        let id = &self.exception.id;
        let message = format!("exception `{id}` {what}");
        self.errors.push(self.policy.exception_error(id, key, message, Some(help)));
    }

    fn id(&mut self) {
        let id = &self.exception.id;
        if self.config.retired.iter().any(|retired| retired.eq_ignore_ascii_case(id)) {
            let free = next_id(self.policy, self.facts.today);
            let help = format!("give it an id of its own, such as {free}; ids are never used again");
            self.fail("id", "has an id that is retired: another one had it before", help);
        }
    }

    /// A record that can never match excuses nothing, and whoever wrote it believes that it does.
    fn scope(&mut self) {
        let exception = self.exception;
        let mut checks = checks_named(&exception.rule).peekable();
        if checks.peek().is_none() {
            return;
        }
        let (path, commit) = checks.fold((false, false), |(path, commit), check| {
            (path || check.places.path, commit || check.places.commit)
        });
        for (key, given, possible) in
            [("path", exception.path.is_some(), path), ("commit", exception.commit.is_some(), commit)]
        {
            if given && !possible {
                let what = format!(
                    "can never match: a finding of `{}` has no {key} to be excepted by",
                    exception.rule
                );
                let help = match (commit, exception.fingerprint.is_some()) {
                    (_, true) => format!("remove `{key}`: the fingerprint says which finding it is"),
                    (true, _) => {
                        format!("remove `{key}`; name the finding with `fingerprint`, or its `commit`")
                    }
                    (false, _) => format!("remove `{key}`; name the finding with `fingerprint`"),
                };
                self.fail(key, &what, help);
            }
        }
    }

    /// A path for everything is a rule switched off under another name.
    fn breadth(&mut self) {
        let Exception { fingerprint, commit, on_request, path, .. } = self.exception;
        let narrow = fingerprint.is_some() || commit.is_some() || *on_request;
        let glob = path.as_deref().filter(|_| !narrow).and_then(|glob| PathGlob::new(glob).ok());
        if glob.is_some_and(|glob| glob.covers_everything()) {
            let help = "name the finding with `fingerprint` (reports show it), or the paths that it is for";
            self.fail("path", "has a `path` that covers everything", help.to_owned());
        }
    }

    fn required(&mut self) {
        let config = self.config;
        for key in config.require.iter().filter(|key| !self.exception.has(key)) {
            let known = exception_keys().iter().find(|known| known.name == key);
            let help = known.map_or("", |known| known.help);
            let help = format!("add `{key}`. {help}");
            self.fail("id", &format!("has no `{key}`, which `exceptions.require` asks for"), help);
        }
    }

    fn reason(&mut self) {
        let least = self.config.min_reason;
        if self.exception.reason.chars().count() < least {
            let help = "say in a sentence why the finding may stand".to_owned();
            self.fail("reason", &format!("has a `reason` of fewer than {least} characters"), help);
        }
    }

    fn approver(&mut self) {
        let (config, exception) = (self.config, self.exception);
        let approver = exception.approver.as_deref();
        if let Some(approver) = approver
            && config.approver_must_differ
            && is_same(approver, &exception.owner)
        {
            let help = "nobody approves an exception of their own: name somebody else".to_owned();
            self.fail("approver", &format!("has `{approver}` as owner and as approver"), help);
        }
        let Some(severity) = (self.facts.severity)(&exception.rule) else { return };
        let Some((key, list)) = config.approvers.of(severity) else { return };
        let members = |name: &String| {
            let group = config.group.iter().find(|group| group.name == *name);
            group.map_or_else(|| vec![name.clone()], |group| group.members.clone())
        };
        let allowed: Vec<String> = list.iter().flat_map(members).collect();
        let help = format!("name {} as approver, by `exceptions.approvers.{key}`", one_of(&allowed));
        match approver {
            None => {
                let what = format!("has no `approver`, and a rule of {severity} severity needs one");
                self.fail("rule", &what, help);
            }
            Some(approver) if !allowed.iter().any(|name| is_same(name, approver)) => {
                let what =
                    format!("is approved by `{approver}`, who may not for a rule of {severity} severity");
                self.fail("approver", &what, help);
            }
            Some(_) => {}
        }
    }

    fn days(&mut self) {
        let (today, exception) = (self.facts.today, self.exception);
        let past = [("created", exception.created), ("rotated-on", exception.details.rotated_on)];
        for (key, day) in past {
            if let Some(day) = day
                && today.days_until(day) > AHEAD_DAYS
            {
                let help = format!("today is {today}: write the day on which it happened");
                self.fail(key, &format!("has a `{key}` that lies ahead: {day}"), help);
            }
        }
        if let Some(review) = exception.details.review
            && review > exception.expires
        {
            let help = "somebody looks at it again while it holds: name an earlier day".to_owned();
            let what =
                format!("is reviewed on {review}, after the last day that it holds: {}", exception.expires);
            self.fail("review", &what, help);
        }
    }

    fn life(&mut self) {
        let Exception { status, created, expires, .. } = *self.exception;
        let from = created.unwrap_or(self.facts.today);
        let (days, longest) = (from.days_until(expires), self.config.max_days.of(status));
        if days < 0 && created.is_some() {
            let help = "name a day after it".to_owned();
            self.fail("expires", &format!("expires on {expires}, before it was created on {from}"), help);
        } else if days > longest {
            let counted = if created.is_some() { "" } else { " from today (it has no `created`)" };
            let last = from.checked_add_days(longest).unwrap_or(expires);
            let help = format!("the last day possible is {last}, by `exceptions.max-days.{status}`");
            let what = format!("lasts {days} days{counted}; `{status}` may last {longest} at most");
            self.fail("expires", &what, help);
        }
    }
}

/// Whether two names are one person's: whoever writes `@Alice` is `@alice`.
fn is_same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn one_of(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMES_SHOWN).map(String::as_str).collect();
    let more = names.len().saturating_sub(NAMES_SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let lead = if names.len() > 1 { "one of " } else { "" };
    format!("{lead}{}{more}", shown.join(", "))
}
