//! A repository's own policy on top of the server's, where the administrator lets it (`repository-policy = "stricter"`).
//!
//! It is that of the default branch before the push. What would weaken the server's does not count, and is named. One
//! that is broken counts for nothing: refusing every push would shut out the mend as well. A push that would break it is refused,
//! so that nobody sheds it in that way.

use crate::exit::Failure;
use crate::policy_source::{self, Trusted};
use crate::rules;
use crate::session;
use crate::settings::{self, EXCEPTIONS_FILE, FILE_NAMES, Inputs, Start};
use crate::trees::Trees;
use gatepost_core::check::Context;
use gatepost_core::fingerprint::FingerprintKey;
use gatepost_core::policy::{LeftOut, Origin, Policy, PolicyError, Purpose, Schema};
use gatepost_core::{Gate, ObjectId, Stage};
use gatepost_source::{Head, Repository};
use std::path::Path;

/// What became of the repository's policy.
pub(crate) struct OnTop {
    /// The server's policy alone.
    pub(crate) server: settings::Settings,
    /// Whether the repository has one that counts for nothing, since it is broken.
    pub(crate) is_broken: bool,
    /// What is said of it.
    pub(crate) notices: Vec<String>,
}

/// Lays the policy of the default branch over the server's, `found`, and says what counts.
///
/// # Errors
///
/// A repository that cannot be read.
pub(crate) fn lay(
    found: &mut settings::Settings,
    repository: &dyn Repository,
    stage: Stage,
    key: Option<&FingerprintKey>,
) -> Result<OnTop, Failure> {
    let mut on_top = OnTop { server: found.clone(), is_broken: false, notices: Vec::new() };
    let tip = match repository.head()? {
        Head::Branch(_, commit) | Head::Detached(commit) => commit,
        Head::Unborn(name) => {
            if !repository.references()?.is_empty() {
                on_top.notices.push(format!(
                    "HEAD names {}, which does not exist: the server's policy alone is in force. If another branch is the default \
                     one: git symbolic-ref HEAD refs/heads/main, on the server",
                    name.escaped()
                ));
            }
            return Ok(on_top);
        }
    };
    match together(&on_top.server, repository, tip, stage, key) {
        Ok(None) => {}
        Ok(Some((both, left_out, file))) => {
            let place = format!("{file} at {}", tip.short());
            on_top.notices.push(format!("the policy is the server's, and what is stricter in {place}"));
            on_top.notices.extend(words_of(&left_out, &place));
            *found = both;
        }
        Err(Failure::Source(error)) => return Err(error.into()),
        Err(failure) => {
            on_top.is_broken = true;
            on_top.notices.push(format!(
                "the policy of the default branch, at {}, is broken and counts for nothing: the server's alone is in force until \
                 it is mended. {}",
                tip.short(),
                first_word(&failure)
            ));
        }
    }
    Ok(on_top)
}

/// Whether the policy of the new tip of the default branch could be laid over the server's. One that is broken already is no
/// reason to refuse what leaves it so: it was said, and the mend has to come in.
///
/// # Errors
///
/// What is wrong with it.
pub(crate) fn check_next(
    on_top: &OnTop,
    repository: &dyn Repository,
    after: ObjectId,
    stage: Stage,
    key: Option<&FingerprintKey>,
) -> Result<(), Failure> {
    if on_top.is_broken {
        return Ok(());
    }
    together(&on_top.server, repository, after, stage, key).map(|_| ())
}

/// Both policies, what of the repository's does not count, and the name of its file.
type Together = (settings::Settings, Vec<LeftOut>, &'static str);

fn together(
    server: &settings::Settings,
    repository: &dyn Repository,
    commit: ObjectId,
    stage: Stage,
    key: Option<&FingerprintKey>,
) -> Result<Option<Together>, Failure> {
    let Trusted { file: Some((name, bytes)), exceptions, .. } = policy_source::trusted(repository, commit)?
    else {
        return Ok(None);
    };
    let own = alone(repository, &commit.to_string(), name, &bytes)?;
    let (policy, mut left_out) = server.policy.with_stricter(&own.policy);
    if let Some(layer) = exceptions {
        let what = format!("everything in {EXCEPTIONS_FILE}");
        left_out.push(LeftOut { what, origin: layer.origin, line: None, weakens: true });
    }
    let mut both = settings::Settings { policy, ..server.clone() };
    both.layers.extend(own.layers);
    both.rule_files.extend(own.rule_files);
    // Keys that are revoked; whose signatures count is the server's to say.
    let named = |kind: &str| !left_out.iter().any(|out| out.what == format!("`{kind}`"));
    for file in own.trust_files.into_iter().filter(|file| named(file.kind.key())) {
        both.policy.add_contents(file.kind.key(), &file.bytes);
        both.trust_files.push(file);
    }
    builds(&both, stage, key)?;
    Ok(Some((both, left_out, name)))
}

/// The repository's policy as if it were the only one.
fn alone(
    repository: &dyn Repository,
    commit: &str,
    path: &'static str,
    bytes: &[u8],
) -> Result<settings::Settings, Failure> {
    let git_dir: &Path = &repository.info().git_dir;
    let inputs = Inputs {
        schema: Schema::built_in(),
        purpose: Purpose::Gate,
        start: Start::Revision {
            repository: git_dir,
            folder: git_dir,
            extends_disk: false,
            commit,
            path,
            bytes,
        },
        exceptions: &[],
        environment: &[],
        flags: &[],
    };
    let own = settings::Settings::discover(&inputs, &mut Trees::of(repository))?;
    let wrong = own.policy.own_rules_that_are_built_in(&gatepost_rules::BUILTIN.ids().collect::<Vec<_>>());
    if wrong.is_empty() { Ok(own) } else { Err(wrong.into()) }
}

/// Whether every check can be built from a policy, in each of its overlays too: what is found out later refuses the push.
fn builds(both: &settings::Settings, stage: Stage, key: Option<&FingerprintKey>) -> Result<(), Failure> {
    both.trust()?;
    let wrong = rules::broken(&both.policy);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let build = |policy: &Policy| {
        let now = session::now();
        Gate::new(&Context { policy, stage, rules: &gatepost_rules::BUILTIN, now, fingerprint_key: key })
    };
    build(&both.policy)?;
    for overlay in 0..both.policy.overlays().len() {
        build(&both.policy.with_overlays(&[overlay]))?;
    }
    Ok(())
}

/// How many things are named one by one.
const NAMED: usize = 10;

/// What does not count, in a sentence for each reason.
fn words_of(left_out: &[LeftOut], place: &str) -> Vec<String> {
    let list = |weakens: bool| {
        let chosen: Vec<&LeftOut> = left_out.iter().filter(|out| out.weakens == weakens).collect();
        let named = chosen.iter().take(NAMED).map(|out| {
            let line = out.line.map_or_else(String::new, |line| format!(" (line {line})"));
            format!("{}{line}", out.what)
        });
        let mut words = named.collect::<Vec<_>>().join(", ");
        if chosen.len() > NAMED {
            words.push_str(&format!(" and {} more", chosen.len() - NAMED));
        }
        words
    };
    let sentence = |weakens: bool, why: &str| {
        let words = list(weakens);
        (!words.is_empty()).then(|| format!("of {place} does not count, {why}: {words}"))
    };
    [
        sentence(true, "since it would weaken the server's policy"),
        sentence(false, "since nobody can tell whether it would weaken the server's policy"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The first thing that is wrong, where a pusher may read it: what stands in other files is not theirs.
fn first_word(failure: &Failure) -> String {
    let own = |error: &&PolicyError| matches!(&error.origin, Origin::Revision { path, .. } if FILE_NAMES.contains(&path.as_str()));
    match failure {
        Failure::Policy(errors) => match errors.iter().find(own) {
            Some(PolicyError { line: Some(line), message, .. }) => format!("Line {line}: {message}"),
            Some(PolicyError { message, .. }) => message.clone(),
            None => {
                "What is wrong stands in a file that it extends, or does not go together with the server's"
                    .to_owned()
            }
        },
        Failure::Usage { what, fix } => format!("{what}: {fix}"),
        Failure::Rendered(words) => words.clone(),
        Failure::Source(error) => error.message.clone(),
    }
}
