//! `ci`: the commits of a range, judged by the policy of a revision that the range cannot alter.

use crate::args::{Ci, Cli};
use crate::bypass::named;
use crate::ci::{self, Emptiness, Named, Platform, Range, Seen, Variables};
use crate::collect::Collector;
use crate::exit::Failure;
use crate::policy_source::PolicySource;
use crate::session::Session;
use crate::{finish, judge, moves, next_policy, repo};
use gatepost_core::pull_request::PullRequest;
use gatepost_core::{ObjectId, Problem, RefName, Sink, Stage};
use gatepost_source::Repository;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, asked: &Ci) -> Result<ExitCode, Failure> {
    let variables = Variables::from_environment();
    let platform = ci::platform(&variables);
    judge(cli, asked, &variables, platform).map_err(|failure| ci::deepen(platform, failure))
}

fn judge(
    cli: &Cli,
    asked: &Ci,
    variables: &Variables,
    platform: Option<&'static Platform>,
) -> Result<ExitCode, Failure> {
    let repository = repo::open()?;
    let repository = repository.as_ref();
    let seen = platform.map(|platform| (platform, (platform.look)(variables)));
    let (range, request) = look(repository, asked, variables, seen)?;
    let mut session = Session::new(cli, Stage::Ci, PolicySource::Revision(repository, range.policy))?;
    session.branch = asked.branch.as_deref().map(full).or_else(|| range.branch.clone());
    let refs = session.branch.clone().map(|name| vec![name]);
    named::check(&asked.exceptions, session.policy(), refs.as_deref(), session.now.date())?;
    session.named = asked.exceptions.clone();
    let next = next_policy::check(cli, &session, repository, Some(range.policy), range.head);
    let gate = session.gate(|_| true)?;
    let mut changes = judge::range(repository, Stage::Ci, &[range.head], &range.without)?;
    changes.trusted = vec![range.policy];
    changes.base = Some(range.base);
    changes.pull_request = match request {
        Some(request) => Some(PullRequest { branches: ci::branches(repository)?, ..request }),
        None => None,
    };
    let commits = changes.commits.len();
    session.draft.range(range.base, range.head, &range.chosen);
    session.draft.commits(&session, &changes.commits);
    session.draft.pull_request(changes.pull_request.as_ref());
    let mut collected = judge::change_set(repository, &gate, &changes, session.threads)?;
    match asked.branch.as_deref().map(full).or_else(|| range.target.clone()) {
        Some(branch) => {
            let (update, known) = ci::arrival(repository, &range, branch)?;
            changes.ref_updates.push(update);
            collected.absorb(moves::judge(
                &session,
                repository,
                &gate,
                &changes,
                &changes.ref_updates,
                &known,
            ));
        }
        None => collected.notices.extend(ci::unknown(session.policy())),
    }
    tell(repository, &range, commits, &mut collected)?;
    let scope = format!("{} in {}", counted(commits), range.shown);
    next_policy::end(cli, next, finish::finish(&session, collected, scope)?)
}

/// The range that is named, or else the one that the system names; and the pull request that it is.
fn look(
    repository: &dyn Repository,
    asked: &Ci,
    variables: &Variables,
    seen: Option<(&'static Platform, Seen)>,
) -> Result<(Range, Option<PullRequest>), Failure> {
    let flag = |value: &Option<String>, by| value.as_ref().map(|value| Named::new(value.clone(), by));
    let from = flag(&asked.from_ref, "--from-ref").or_else(|| variables.named("PRE_COMMIT_FROM_REF"));
    let to = flag(&asked.to_ref, "--to-ref").or_else(|| variables.named("PRE_COMMIT_TO_REF"));
    let (platform, proposal, request) = match seen {
        Some((platform, seen)) => (Some(platform), Some(seen.range), seen.pull_request),
        None => (None, None, None),
    };
    let request = match &asked.pull_request {
        Some(file) => Some(ci::pull_request(&ci::read_event(file)?).ok_or_else(|| {
            Failure::usage(
                format!("{} has no pull request: neither `pull_request` nor `title`", file.display()),
                "hand over what the forge's interface gives for it (docs/ci.md)",
            )
        })?),
        None => request,
    };
    let range = match (from, platform.zip(proposal)) {
        (Some(from), _) => {
            let to = to.unwrap_or_else(|| Named::new("HEAD", "no --to-ref"));
            ci::explicit(repository, &from, &to, platform)?
        }
        (None, Some((platform, proposal))) => ci::find(repository, platform, &proposal?, to.as_ref())?,
        (None, None) => {
            return Err(Failure::usage(
                "the base of the range is not known: no CI system is recognised by its variables",
                "name it: gatepost run ci --from-ref origin/main --to-ref HEAD (or set PRE_COMMIT_FROM_REF)",
            ));
        }
    };
    Ok((range, request))
}

/// Says what was chosen, and what it means that there is nothing in it.
fn tell(
    repository: &dyn Repository,
    range: &Range,
    commits: usize,
    collected: &mut Collector,
) -> Result<(), Failure> {
    let mut said = vec![format!("{}: {}", range.chosen, counted(commits))];
    said.extend(range.notices.iter().cloned());
    if commits > 0 && repository.merge_bases(&range.base, &range.head)?.is_empty() {
        said.push(format!(
            "{} and {} have no history in common: every commit of the head was judged",
            range.base.short(),
            range.head.short()
        ));
    }
    if commits == 0 {
        said.extend(nothing(range, collected));
    }
    said.append(&mut collected.notices);
    collected.notices = said;
    Ok(())
}

/// An empty range: what to say of it, or a problem.
fn nothing(range: &Range, collected: &mut Collector) -> Option<String> {
    let (base, head): (ObjectId, ObjectId) = (range.base, range.head);
    if base == head {
        return Some(format!("0 commits were judged: base and head are the same commit, {}", head.short()));
    }
    let what = format!(
        "0 commits were judged: everything in the head {} is in {} already",
        head.short(),
        base.short()
    );
    if range.empty == Emptiness::Fine {
        return Some(format!("{what}, or on the default branch"));
    }
    collected.problem(Problem {
        what,
        place: Some(range.shown.clone()),
        fix: "name a head that is newer than the base: --to-ref; where the change is merged, there is nothing to judge again"
            .to_owned(),
    });
    None
}

fn counted(commits: usize) -> String {
    format!("{commits} {}", if commits == 1 { "commit" } else { "commits" })
}

fn full(branch: &str) -> RefName {
    RefName::new(format!("refs/heads/{}", branch.trim_start_matches("refs/heads/")))
}
