//! From what a system names to the commits of this clone: what is judged, by the policy of which revision, and why.
//!
//! A branch that anybody may push to is no place for the policy that judges it, and neither is the commit where a change left the
//! protected branch: whoever makes the change chooses both. So the policy is that of the target's newest commit, or of the default
//! branch's, wherever the clone has it; where it has not, that is said.

use super::{Base, Named, Platform, Proposal, shallow_fix};
use crate::exit::Failure;
use crate::repo;
use gatepost_core::{ObjectId, RefName};
use gatepost_source::{Error, ErrorKind, Reference, Repository};
use std::collections::BTreeSet;

/// The commits that are judged.
#[derive(Debug)]
pub(crate) struct Range {
    /// What the change is measured against.
    pub(crate) base: ObjectId,
    /// Its last commit.
    pub(crate) head: ObjectId,
    /// What the judged commits are not reachable from.
    pub(crate) without: Vec<ObjectId>,
    /// The revision whose policy is in force.
    pub(crate) policy: ObjectId,
    /// The branch whose overlays of the policy count.
    pub(crate) branch: Option<RefName>,
    /// The branch that the commits come to: the target of a pull request, or the one that was pushed.
    pub(crate) target: Option<RefName>,
    /// What that branch has without them; `None`: it is new, or nobody knows.
    pub(crate) old: Option<ObjectId>,
    /// What was chosen and why, in one line.
    pub(crate) chosen: String,
    /// What else there is to know of it.
    pub(crate) notices: Vec<String>,
    /// The range as it is shown: `origin/main..HEAD`.
    pub(crate) shown: String,
    /// What it means that there are no commits in it.
    pub(crate) empty: Emptiness,
}

/// What it means that a range is empty, though its ends are not the same commit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Emptiness {
    /// Commits were expected: something is wrong, and nothing was judged.
    Wrong,
    /// A push can take commits back, or bring to a branch what the default branch has.
    Fine,
}

/// A revision and where it was found.
struct Tip {
    id: ObjectId,
    /// `origin/main`
    shown: String,
    by: &'static str,
}

struct Lookup<'a> {
    repository: &'a dyn Repository,
    references: Vec<Reference>,
    platform: &'static Platform,
}

/// The range between two named revisions.
///
/// # Errors
///
/// A revision that names nothing here.
pub(crate) fn explicit(
    repository: &dyn Repository,
    from: &Named,
    to: &Named,
    platform: Option<&Platform>,
) -> Result<Range, Failure> {
    if is_null(&from.what) {
        let leave = platform.map_or_else(String::new, |platform| {
            format!(", or leave {} away: on {} the base is found without it", from.by, platform.name)
        });
        return Err(Failure::usage(
            format!("{} is the null id, which stands for a branch that was not there before", from.by),
            format!("name what the branch began at: --from-ref origin/main{leave}"),
        ));
    }
    let (base, head) = (repo::resolve(repository, &from.what)?, repo::resolve(repository, &to.what)?);
    let branch = named_branch(repository, &from.what)?;
    let mut range = Range {
        base,
        head,
        without: vec![base],
        policy: base,
        target: branch.clone(),
        branch,
        old: Some(base),
        chosen: String::new(),
        notices: Vec::new(),
        shown: format!("{}..{}", from.what, to.what),
        empty: Emptiness::Wrong,
    };
    let shown = |named: &Named, id: ObjectId| format!("{} = {} ({})", id.short(), named.what, named.by);
    range.chosen = format!("base {}, head {}", shown(from, base), shown(to, head));
    Ok(range)
}

/// The range that a system names. `to` takes the place of the head that it names.
///
/// # Errors
///
/// What is not in this clone, with what to do: the clone is shallow, or has not got the branch.
pub(crate) fn find(
    repository: &dyn Repository,
    platform: &'static Platform,
    proposal: &Proposal,
    to: Option<&Named>,
) -> Result<Range, Failure> {
    let lookup = Lookup { repository, references: repository.references()?, platform };
    let head = match to {
        Some(to) => repo::resolve(repository, &to.what)?,
        None => lookup.commit(&proposal.head)?.ok_or_else(|| lookup.missing(&proposal.head))?,
    };
    let mut range = match &proposal.base {
        Base::Target { branch, commit } => lookup.target(branch.as_ref(), commit.as_ref(), head)?,
        Base::Before { commit, branch, default, is_protected } => {
            lookup.before(commit.as_ref(), branch.as_deref(), default.as_ref(), *is_protected, head)?
        }
    };
    if to.is_some() {
        range.empty = Emptiness::Wrong;
    }
    let named = to.unwrap_or(&proposal.head);
    range.chosen.push_str(&format!(", head {} ({}), on {}", head.short(), named.by, platform.name));
    Ok(range)
}

impl Lookup<'_> {
    /// The commit of a pull request's target that counts, and what else is left out.
    fn target(
        &self,
        branch: Option<&Named>,
        commit: Option<&Named>,
        head: ObjectId,
    ) -> Result<Range, Failure> {
        let tip = branch.and_then(|branch| self.tip(branch));
        let named = commit.map(|commit| self.commit(commit)).transpose()?.flatten();
        let named = named.zip(commit).map(|(id, commit)| Tip::of(id, commit));
        // Once it is merged, everything is in the target: then only the commit that was told is left to compare with.
        let is_merged = match &tip {
            Some(tip) => self.contains(tip.id, head)?,
            None => false,
        };
        let target = branch.map(|branch| full(&branch.what));
        let range = match (tip, named) {
            (Some(tip), Some(named)) => {
                // A merge queue compares with what stands before it in the queue, and that builds on the target.
                let is_behind = is_merged || (named.id != tip.id && self.contains(named.id, tip.id)?);
                let policy = if is_merged { named.id } else { tip.id };
                let without = if is_merged { Vec::new() } else { vec![tip.id] };
                let base = if is_behind { &named } else { &tip };
                self.range(base, head, policy, without)?
            }
            (Some(tip), None) => self.range(&tip, head, tip.id, Vec::new())?,
            (None, Some(named)) => {
                let mut range = self.range(&named, head, named.id, Vec::new())?;
                if let Some(branch) = branch {
                    range.notices.push(format!(
                        "{} is not in this clone: the policy is read from {}, which may be older",
                        branch.what,
                        named.id.short()
                    ));
                }
                range
            }
            (None, None) => return Err(self.missing_of(branch, commit)),
        };
        Ok(Range { branch: target.clone(), target, ..range })
    }

    /// What a push brings.
    fn before(
        &self,
        commit: Option<&Named>,
        branch: Option<&str>,
        default: Option<&Named>,
        is_protected: bool,
        head: ObjectId,
    ) -> Result<Range, Failure> {
        let is_default = default.is_some_and(|default| Some(default.what.as_str()) == branch);
        let is_trusted = is_default || is_protected;
        let tip = default.filter(|_| !is_default).and_then(|default| self.tip(default));
        let old = commit.filter(|commit| !is_null(&commit.what));
        let found = old.map(|old| self.commit(old)).transpose()?.flatten();
        let mut range = match (old, found, tip) {
            (Some(old), Some(id), tip) => self.moved(&Tip::of(id, old), tip.as_ref(), is_trusted, head)?,
            (old, None, Some(tip)) if !(is_trusted && old.is_some()) => {
                let mut range = self.range(&tip, head, tip.id, Vec::new())?;
                range.notices.push(match old {
                    Some(old) => format!(
                        "{} ({}) is not in this clone: a push with force took it away, and the branch is judged from \
                         where it left {}",
                        old.what, old.by, tip.shown
                    ),
                    None => format!("what was there before is not known: the branch is judged from where it left {}", tip.shown),
                });
                range
            }
            (Some(old), None, _) => return Err(self.missing(old)),
            (None, ..) if is_default || default.is_none() => return Err(nothing_before(branch)),
            (None, ..) => return Err(self.missing_of(default, None)),
        };
        range.empty = Emptiness::Fine;
        range.target = branch.map(full);
        range.old = found;
        let trusted = if is_trusted { branch } else { default.map(|default| default.what.as_str()) };
        range.branch = trusted.map(full);
        Ok(range)
    }

    /// A branch that was there before.
    fn moved(
        &self,
        old: &Tip,
        tip: Option<&Tip>,
        is_trusted: bool,
        head: ObjectId,
    ) -> Result<Range, Failure> {
        let without = tip.filter(|_| !is_trusted).map(|tip| tip.id);
        let policy = without.unwrap_or(old.id);
        let mut range = self.range(old, head, policy, without.into_iter().collect())?;
        if !is_trusted && tip.is_none() {
            range.notices.push(format!(
                "the policy is read from {}, which whoever may push to the branch may have changed: the default branch is \
                 not known, or not in this clone",
                old.id.short()
            ));
        }
        let gone = self.repository.commits(&[old.id], &[head])?.len();
        if gone > 0 {
            let them = if gone == 1 { "1 commit".to_owned() } else { format!("{gone} commits") };
            range
                .notices
                .push(format!("the push was forced: {them} that the branch had are not in it any more"));
        }
        Ok(range)
    }

    fn range(
        &self,
        base: &Tip,
        head: ObjectId,
        policy: ObjectId,
        more: Vec<ObjectId>,
    ) -> Result<Range, Failure> {
        let mut without = vec![base.id];
        without.extend(more.into_iter().filter(|id| *id != base.id));
        Ok(Range {
            base: base.id,
            head,
            without,
            policy,
            branch: None,
            target: None,
            old: Some(base.id),
            chosen: format!("base {} = {} ({})", base.id.short(), base.shown, base.by),
            notices: Vec::new(),
            shown: format!("{}..{}", base.id.short(), head.short()),
            empty: Emptiness::Wrong,
        })
    }

    /// Whether everything in `part` is in `whole` as well.
    fn contains(&self, whole: ObjectId, part: ObjectId) -> Result<bool, Failure> {
        Ok(whole == part || self.repository.commits(&[part], &[whole])?.is_empty())
    }

    /// The commit of an id that a system names; `None`: it is not in this clone.
    fn commit(&self, named: &Named) -> Result<Option<ObjectId>, Failure> {
        let what = named.what.as_str();
        let is_id = (7..=64).contains(&what.len()) && what.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_id && what != "HEAD" {
            return Err(Failure::usage(
                format!("{} is no commit id: `{what}`", named.by),
                format!(
                    "pass the variable on as it is ({}), or name the range: --from-ref, --to-ref",
                    self.platform.documentation
                ),
            ));
        }
        match self.repository.resolve(&format!("{what}^{{commit}}")) {
            Ok(id) => Ok(Some(id)),
            Err(error) if matches!(error.kind, ErrorKind::UnknownRevision | ErrorKind::MissingObject) => {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The newest commit of a branch, as far as this clone has been told; the remote's word counts before that of a local
    /// branch. Looked up by its full name: what a variable holds is no expression.
    fn tip(&self, branch: &Named) -> Option<Tip> {
        let short = branch.what.trim_start_matches("refs/heads/");
        let by_name =
            |name: String| self.references.iter().find(|one| one.name.as_bytes() == name.as_bytes());
        let of_remote = || {
            let ending = format!("/{short}");
            let mut those = self.references.iter().filter(|one| {
                let rest = one.name.as_bytes().strip_prefix(b"refs/remotes/");
                rest.and_then(|rest| rest.strip_suffix(ending.as_bytes()))
                    .is_some_and(|remote| !remote.contains(&b'/'))
            });
            those.next().filter(|_| those.next().is_none())
        };
        let found = by_name(format!("refs/remotes/origin/{short}"))
            .or_else(of_remote)
            .or_else(|| by_name(format!("refs/heads/{short}")))?;
        let name = found.name.escaped();
        let shown = name.trim_start_matches("refs/remotes/").trim_start_matches("refs/heads/").to_owned();
        Some(Tip { id: found.target, shown, by: branch.by })
    }

    fn missing(&self, named: &Named) -> Failure {
        let what = format!("{} ({}) is not in this clone", named.what, named.by);
        if self.repository.info().shallow {
            return shallow(&what, self.platform);
        }
        Failure::Source(Error::new(
            ErrorKind::MissingObject,
            what,
            format!("fetch it in the job, before this: git fetch origin {}", named.what),
        ))
    }

    /// Neither of the two is here; one of them is named.
    fn missing_of(&self, branch: Option<&Named>, commit: Option<&Named>) -> Failure {
        let Some(branch) = branch else {
            return match commit {
                Some(commit) => self.missing(commit),
                None => Failure::usage(
                    format!("{} does not say what the change is for", self.platform.name),
                    "name the base: gatepost run ci --from-ref origin/main",
                ),
            };
        };
        let name = &branch.what;
        let mut what = format!("the branch {name} ({}) is not in this clone", branch.by);
        if let Some(commit) = commit {
            what.push_str(&format!(", and neither is {} ({})", commit.what, commit.by));
        }
        if self.repository.info().shallow {
            return shallow(&what, self.platform);
        }
        let refspec =
            gatepost_core::text::shell_word(&format!("+refs/heads/{name}:refs/remotes/origin/{name}"));
        let fix = format!("fetch it in the job, before this: git fetch origin {refspec}");
        Failure::Source(Error::new(ErrorKind::MissingObject, what, fix))
    }
}

impl Tip {
    /// A commit that was named by its id.
    fn of(id: ObjectId, named: &Named) -> Self {
        Self { id, shown: "the commit that was told".to_owned(), by: named.by }
    }
}

fn shallow(what: &str, platform: &Platform) -> Failure {
    Failure::Source(Error::new(
        ErrorKind::Shallow,
        format!("{what}: the clone is shallow, and what is older than its edge is not here"),
        shallow_fix(platform),
    ))
}

/// A first push, or one of which nobody tells what was there.
fn nothing_before(branch: Option<&str>) -> Failure {
    let branch = branch.unwrap_or("the pushed branch");
    Failure::Source(Error::new(
        ErrorKind::MissingObject,
        format!(
            "there is nothing to compare {branch} with: it is new, and no other branch is known that was there before"
        ),
        "scan everything once: gatepost scan --history; or name a base: gatepost run ci --from-ref REV",
    ))
}

/// The prefix of the refs that were fetched from the server: those of `origin`, or of the only remote that there is.
pub(super) fn remote_of(references: &[Reference]) -> Option<Vec<u8>> {
    let prefix = |reference: &Reference| {
        let rest = reference.name.as_bytes().strip_prefix(b"refs/remotes/")?;
        let at = rest.iter().position(|byte| *byte == b'/')?;
        Some([b"refs/remotes/", rest.get(..=at)?].concat())
    };
    let remotes: BTreeSet<Vec<u8>> = references.iter().filter_map(prefix).collect();
    let origin = remotes.get(b"refs/remotes/origin/".as_slice());
    origin.or_else(|| remotes.first().filter(|_| remotes.len() == 1)).cloned()
}

fn is_null(id: &str) -> bool {
    id.len() >= 40 && id.bytes().all(|byte| byte == b'0')
}

fn full(branch: &str) -> RefName {
    RefName::new(format!("refs/heads/{}", branch.trim_start_matches("refs/heads/")))
}

/// The branch that a revision is by its name, here or on a remote.
fn named_branch(repository: &dyn Repository, revision: &str) -> Result<Option<RefName>, Failure> {
    let names: Vec<RefName> = repository.references()?.into_iter().map(|reference| reference.name).collect();
    if names.contains(&full(revision)) {
        return Ok(Some(full(revision)));
    }
    let remote = revision.trim_start_matches("refs/").trim_start_matches("remotes/");
    let is_remote = names.contains(&RefName::new(format!("refs/remotes/{remote}")));
    Ok(remote.split_once('/').filter(|_| is_remote).map(|(_, branch)| full(branch)))
}
