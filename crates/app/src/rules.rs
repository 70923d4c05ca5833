//! The secret rules in force: the built-in ones and those that the policy brings along.

use crate::args::Cli;
use crate::exit::Failure;
use crate::policy_source::PolicySource;
use crate::repo;
use crate::session::Session;
use gatepost_core::policy::{OwnRule, Policy, PolicyError};
use gatepost_core::secrets::{Rule, Trial, ruleset_digest};
use gatepost_core::text::display;
use gatepost_core::{Date, Stage};
use gatepost_rules::BUILTIN;
use std::borrow::Cow;

/// A rule and, of one that the policy brings along, where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) rule: Cow<'static, Rule>,
    pub(crate) from: Option<String>,
}

/// The ids of the built-in rules, then those of the policy's own.
pub(crate) fn ids<'p>(policy: &'p Policy) -> impl Iterator<Item = &'p str> {
    let built_in = BUILTIN.ids().map(|id| -> &'p str { id });
    built_in.chain(policy.own_rules().iter().map(|own| own.rule.id.as_ref()))
}

/// The rule of that id.
pub(crate) fn find<'p>(policy: &'p Policy, id: &str) -> Option<&'p Rule> {
    let own = || policy.own_rules().iter().map(|own| &own.rule).find(|rule| rule.id == id);
    BUILTIN.find(id).or_else(own)
}

/// What the reports say of the rules: two runs with the same digest looked for the same.
pub(crate) fn digest(policy: &Policy, today: Date) -> String {
    ruleset_digest(gatepost_rules::DIGEST, policy, today)
}

/// What is wrong with the policy's own rules that only compiling them shows. A run compiles what it needs and no more.
pub(crate) fn broken(policy: &Policy) -> Vec<PolicyError> {
    let tried = policy.own_rules().iter().map(|own| (own, Trial::new(&own.rule)));
    tried
        .filter_map(|(own, trial)| {
            let message = format!("rule `{}`: {}", own.rule.id, trial.err()?.message);
            Some(own.error(message, Some("`gatepost rules test` tries a rule".to_owned())))
        })
        .collect()
}

/// The built-in rules and those of the policy of the repository that one is in, or that `--config` names.
///
/// # Errors
///
/// A policy that is broken.
pub(crate) fn of_repository(cli: &Cli) -> Result<Vec<Named>, Failure> {
    let built_in = BUILTIN.rules().map(|rule| Named { rule: Cow::Borrowed(rule), from: None });
    let repository = repo::open_if_any()?;
    let session = Session::new(cli, Stage::Scan, PolicySource::WorkTree(repository.as_deref()))?;
    Ok(built_in.chain(session.policy().own_rules().iter().map(own)).collect())
}

/// The rule of that id. The policy is not read for a built-in one.
///
/// # Errors
///
/// As [`of_repository`].
pub(crate) fn named(cli: &Cli, id: &str) -> Result<Option<Named>, Failure> {
    if let Some(rule) = BUILTIN.find(&id.to_ascii_lowercase()) {
        return Ok(Some(Named { rule: Cow::Borrowed(rule), from: None }));
    }
    Ok(of_repository(cli)?.into_iter().find(|named| named.rule.id.eq_ignore_ascii_case(id)))
}

fn own(own: &OwnRule) -> Named {
    let (origin, line) = own.origin();
    let line = line.map_or_else(String::new, |line| format!(":{line}"));
    let from = display(format!("{origin}{line}").as_bytes()).into_owned();
    Named { rule: Cow::Owned(own.rule.clone()), from: Some(from) }
}
