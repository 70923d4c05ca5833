//! What came in past the gate, judged again where it is to go further than its record says.
//!
//! Refs reach these commits by now, so to the next push they are nothing new: without this, whatever was let in to one
//! branch would reach every other one unjudged.

use crate::exit::Failure;
use gatepost_core::{ObjectId, RefUpdate, Timestamp};
use gatepost_evidence::break_glass::{Cause, Commits, Log, Record, RefChange, named, rows};
use gatepost_source::{Error, ErrorKind, Head, Reference, Repository};
use std::collections::HashSet;

/// What the log says of commits that refs reach already.
#[derive(Debug)]
pub(crate) enum Recorded {
    /// These were let in.
    LetIn(Vec<LetIn>),
    /// The log cannot be believed: any of them may have been. The value of the default branch, with which a ref that is
    /// only made is compared.
    Unknown(Option<ObjectId>),
}

/// The commits of one record, as far as they are still to be judged elsewhere.
#[derive(Debug)]
pub(crate) struct LetIn {
    what: What,
    id: String,
    /// The refs that it moved, and to what.
    refs: Vec<(String, ObjectId)>,
    commits: Vec<ObjectId>,
}

#[derive(Clone, Copy, Debug)]
enum What {
    BreakGlass,
    TimeOut,
    Exception,
}

impl Recorded {
    /// Where nothing was ever let in.
    pub(crate) const fn nothing() -> Self {
        Self::LetIn(Vec::new())
    }

    /// What `log` says. What break-glass let in is believed everywhere once it is settled; what an exception let in, only
    /// where it was named.
    ///
    /// # Errors
    ///
    /// When the repository cannot be read.
    pub(crate) fn of(
        log: &Result<Option<Log>, Failure>,
        repository: &dyn Repository,
        references: &[Reference],
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let records: &[Record] = match log {
            Ok(log) => log.as_ref().map_or(&[], |log| log.records()),
            Err(_) => return Ok(Self::Unknown(default_branch(repository))),
        };
        let owed = rows(records, now).into_iter().filter(|row| row.state.is_owed());
        let owed = owed.map(|row| {
            let what = match row.cause {
                Cause::BreakGlass => What::BreakGlass,
                Cause::TimeOut => What::TimeOut,
            };
            (what, &row.activation.id, &row.activation.refs, &row.activation.commits)
        });
        let named = named(records).map(|n| (What::Exception, &n.id, &n.refs, &n.commits));
        let mut let_in = Vec::new();
        for (what, id, refs, commits) in owed.chain(named) {
            let commits = listed(repository, commits, refs, references)?;
            let moved =
                refs.iter().filter_map(|change| Some((change.name.clone(), object(change.new.as_ref()?)?)));
            let refs = moved.collect();
            let_in.push(LetIn { what, id: id.clone(), refs, commits });
        }
        Ok(Self::LetIn(let_in))
    }

    /// The commits that reach one of `updates` with this push, and that were never judged in full for it. `notices` gets
    /// a sentence for each record that has some.
    ///
    /// # Errors
    ///
    /// When the range of an update cannot be walked.
    pub(crate) fn again(
        &self,
        repository: &dyn Repository,
        updates: &[RefUpdate],
        notices: &mut Vec<String>,
    ) -> Result<Vec<ObjectId>, Error> {
        let mut again = Vec::new();
        for update in updates {
            let Some(new) = update.new else { continue };
            match self {
                Self::LetIn(records) => {
                    again.extend(elsewhere(records, repository, update, new, notices)?);
                }
                Self::Unknown(default) => {
                    let old: Vec<ObjectId> = update.old.or(*default).into_iter().collect();
                    again.extend(repository.commits(&[new], &old)?);
                }
            }
        }
        let mut seen = HashSet::new();
        again.retain(|id| seen.insert(*id));
        if matches!(self, Self::Unknown(_)) && !again.is_empty() {
            notices.push(
                "as long as the log of break-glass cannot be believed, everything that a ref did not have before is \
                 judged again for it"
                    .to_owned(),
            );
        }
        Ok(again)
    }
}

impl LetIn {
    /// The commits that it let in to one ref. A push that moves several need not bring each commit to each of them.
    fn let_in_to(&self, repository: &dyn Repository, name: &str) -> Result<Vec<ObjectId>, Error> {
        let moved = self.refs.iter().find(|(other, _)| other == name);
        match (moved, self.refs.len()) {
            (None, _) => Ok(Vec::new()),
            (Some(_), 1) => Ok(self.commits.clone()),
            // Git may have thrown away what the ref was moved to.
            (Some((_, to)), _) if repository.tag(to).is_ok() => {
                still_reached(repository, &self.commits, &[*to])
            }
            (Some(_), _) => Ok(Vec::new()),
        }
    }

    fn words(&self, count: usize, name: &str) -> String {
        let others = self.refs.iter().map(|(other, _)| other.as_str()).filter(|other| *other != name);
        let (id, refs) = (&self.id, others.collect::<Vec<_>>().join(", "));
        let (them, were) =
            if count == 1 { ("1 commit".to_owned(), "was") } else { (format!("{count} commits"), "were") };
        match self.what {
            What::BreakGlass => format!(
                "{them} that break-glass {id} let in for {refs} alone {were} judged again for {name}: until the record \
                 is settled, what is denied is refused here. Mend it, and run `gatepost break-glass check` on the server"
            ),
            What::TimeOut => format!(
                "{them} that came in for {refs} before the time sufficed to judge them ({id}) {were} judged again for \
                 {name}; `gatepost break-glass check` on the server judges them for good"
            ),
            What::Exception => format!(
                "{them} that came in for {refs} alone, by naming the exception {id}, {were} judged again for {name}. To \
                 take along what it covers, name it for this ref, too: git push -o gatepost.exception={id}"
            ),
        }
    }
}

/// The commits that reach the ref of `update` with it, and that no record has let in there but one for other refs.
fn elsewhere(
    records: &[LetIn],
    repository: &dyn Repository,
    update: &RefUpdate,
    new: ObjectId,
    notices: &mut Vec<String>,
) -> Result<Vec<ObjectId>, Error> {
    let name = update.name.escaped();
    let mut seen = HashSet::new();
    for record in records {
        seen.extend(record.let_in_to(repository, &name)?);
    }
    let mut asked = Vec::new();
    for record in records {
        let commits: Vec<ObjectId> = record.commits.iter().filter(|id| seen.insert(**id)).copied().collect();
        asked.push((record, commits));
    }
    let all: Vec<ObjectId> = asked.iter().flat_map(|(_, commits)| commits).copied().collect();
    let again = reached(repository, &all, new, update.old)?;
    let is_again: HashSet<ObjectId> = again.iter().copied().collect();
    for (record, commits) in asked {
        let count = commits.iter().filter(|id| is_again.contains(id)).count();
        if count > 0 {
            notices.push(record.words(count, &name));
        }
    }
    Ok(again)
}

/// Those of `commits` that `new` reaches and `old` does not.
fn reached(
    repository: &dyn Repository,
    commits: &[ObjectId],
    new: ObjectId,
    old: Option<ObjectId>,
) -> Result<Vec<ObjectId>, Error> {
    if commits.is_empty() {
        return Ok(Vec::new());
    }
    let Some(old) = old else {
        // Everything that a new ref reaches is the whole history: it is asked the other way round.
        return still_reached(repository, commits, &[new]);
    };
    let range: HashSet<ObjectId> = repository.commits(&[new], &[old])?.into_iter().collect();
    Ok(commits.iter().filter(|id| range.contains(id)).copied().collect())
}

/// Those of `commits` that are there, and that `tips` reach.
pub(crate) fn still_reached(
    repository: &dyn Repository,
    commits: &[ObjectId],
    tips: &[ObjectId],
) -> Result<Vec<ObjectId>, Error> {
    let mut there = present(repository, commits)?;
    let beyond: HashSet<ObjectId> = repository.commits(&there, tips)?.into_iter().collect();
    there.retain(|id| !beyond.contains(id));
    Ok(there)
}

/// The commits of a record, parents before children. Where there were too many to list, they are walked; and where Git
/// has thrown away a tip of them meanwhile, what the record's refs still have of them is among what those refs reach.
pub(crate) fn listed(
    repository: &dyn Repository,
    commits: &Commits,
    refs: &[RefChange],
    references: &[Reference],
) -> Result<Vec<ObjectId>, Error> {
    let listed = ids(&commits.ids);
    if !listed.is_empty() || commits.count == 0 {
        return Ok(listed);
    }
    let all = ids(&commits.tips);
    let mut tips = present(repository, &all)?;
    if tips.len() < all.len() {
        let own = |reference: &&Reference| refs.iter().any(|r| r.name == reference.name.escaped());
        tips.extend(references.iter().filter(own).map(|reference| reference.target));
    }
    repository.commits(&tips, &present(repository, &ids(&commits.boundary))?)
}

/// Those that Git still has: what no ref reaches is thrown away some day.
fn present(repository: &dyn Repository, commits: &[ObjectId]) -> Result<Vec<ObjectId>, Error> {
    let mut there = Vec::with_capacity(commits.len());
    for id in commits {
        match repository.commit(id) {
            Ok(_) => there.push(*id),
            Err(Error { kind: ErrorKind::MissingObject, .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(there)
}

fn ids(list: &[String]) -> Vec<ObjectId> {
    list.iter().filter_map(|hex| object(hex)).collect()
}

fn object(hex: &str) -> Option<ObjectId> {
    ObjectId::from_hex(hex.as_bytes())
}

/// Where HEAD cannot be read, more is judged.
fn default_branch(repository: &dyn Repository) -> Option<ObjectId> {
    match repository.head() {
        Ok(Head::Branch(_, id) | Head::Detached(id)) => Some(id),
        Ok(Head::Unborn(_)) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_judged_again_is_said_with_what_to_do() {
        let to = ObjectId::from_hex("1".repeat(40).as_bytes()).unwrap();
        let let_in = |what, id: &str, refs: &[&str]| LetIn {
            what,
            id: id.to_owned(),
            refs: refs.iter().map(|name| ((*name).to_owned(), to)).collect(),
            commits: Vec::new(),
        };
        let glass = let_in(What::BreakGlass, "BG-20261124-1", &["refs/heads/a", "refs/heads/main"]);
        let named = let_in(What::Exception, "EX-2026-0007", &["refs/heads/import/a"]);
        insta::assert_snapshot!(
            [glass.words(1, "refs/heads/main"), named.words(2, "refs/heads/main")].join("\n")
        );
    }
}
