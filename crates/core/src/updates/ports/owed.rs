//! What keeps a ref from moving.

use super::{Ledger, PortState, Row};
use crate::history::Unanswered;
use crate::text::shell_word;
use crate::updates::subject::{Complaint, Moved, Subject, named};
use crate::{ObjectId, RefName};
use std::rc::Rc;

/// A commit that has not been ported, and why that counts now.
#[derive(Clone, Debug)]
pub(in crate::updates) struct Owed {
    pub(in crate::updates) row: Row,
    /// The tag that it was released with, where a further tag is made.
    pub(in crate::updates) released: Option<RefName>,
}

/// What keeps a ref from moving, by a block: of a branch that is deleted all that it owes, of one that is forced what it
/// would lose, of a tag what was released before it.
pub(in crate::updates) fn owed(subject: &Subject<'_>) -> Result<Rc<[Owed]>, Unanswered> {
    let (moved, block) = (subject.moved, subject.block);
    if let Some(known) = moved.owed.borrow().get(&block.number) {
        return Ok(Rc::clone(known));
    }
    let found = look(subject);
    // What cannot be answered is said once, though several rules ask.
    let kept = found.as_ref().map_or_else(|_| Rc::from([]), Rc::clone);
    moved.owed.borrow_mut().insert(block.number, kept);
    found
}

fn look(subject: &Subject<'_>) -> Result<Rc<[Owed]>, Unanswered> {
    let moved = subject.moved;
    let Some(ports) = &subject.block.ports else { return Ok(Rc::from([])) };
    let ledger = Ledger::new(moved.push, ports, &subject.block.reach);
    let name = &moved.update.name;
    let owed = if name.tag().is_some() {
        ledger.rows_before(moved.update)?
    } else {
        let id = |peeled: Option<&crate::history::Peeled>| -> Option<ObjectId> {
            Some(peeled?.commit.as_ref()?.id)
        };
        let rows = match (id(moved.old()?), id(moved.tip()?)) {
            (Some(old), None) if name.branch().is_some() => ledger.rows(name, old)?,
            (Some(old), Some(new)) if name.branch().is_some() => ledger.rows_lost(name, old, new)?,
            _ => Vec::new(),
        };
        rows.into_iter().map(|row| Owed { row, released: None }).collect()
    };
    Ok(owed.into_iter().filter(|owed| owed.row.state.is_owed()).collect())
}

/// What is said of a commit that has not been ported.
pub(in crate::updates) fn complaint(moved: &Moved<'_>, owed: &Owed) -> Complaint {
    let (from, fact) = (owed.row.from.shown(), fact(&owed.row));
    let message = match &owed.released {
        Some(tag) => {
            format!("the {} comes after {} of {from}, and of that {fact}", moved.named(), tag.shown())
        }
        None if moved.update.new.is_some() => {
            format!("{from} was released with it and would lose it: {fact}")
        }
        None => format!("{from} still owes a commit: {fact}"),
    };
    about(&owed.row, message)
}

/// The same, in these words.
pub(in crate::updates) fn about(row: &Row, message: String) -> Complaint {
    let Row { commit, to, state, .. } = row;
    let to = to.shown();
    let mut complaint = Complaint::about(commit, message);
    complaint.detail = format!("{} {to}", commit.id);
    complaint.fix(step(state, &to, &commit.id))
}

/// What has become of a commit on a target, where that is not enough.
pub(in crate::updates) fn fact(row: &Row) -> String {
    let Row { commit, to, state, .. } = row;
    let (to, what) = (to.shown(), named(commit));
    match state {
        PortState::Differs(other) => {
            format!("{what} is on {to} as {}, which makes another change and does not say why", other.short())
        }
        PortState::Unnamed(other) => {
            format!("{what} is on {to} as {}, which does not say that it was picked", other.short())
        }
        PortState::Dropped(merge) => {
            format!("{what} came to {to} by the merge {}, which took nothing of it", merge.short())
        }
        _ => format!("{what} is not on {to}"),
    }
}

/// The commands that mend it.
fn step(state: &PortState, to: &str, commit: &ObjectId) -> String {
    let (to, commit) = (shell_word(to), commit.short());
    let pick = format!("git cherry-pick -x {commit}");
    match state {
        PortState::Differs(other) => format!(
            "on {to}, take it back and pick it again: `git revert {}`, `{pick}`; where it must differ, say why in a trailer `Conflict-resolved: WHY`",
            other.short()
        ),
        PortState::Unnamed(other) => format!(
            "on {to}, record where it comes from: `git merge -s ours {commit}`, or `git revert {}` and `{pick}`",
            other.short()
        ),
        _ => format!("on a branch from {to}: `{pick}`, and land it on {to}"),
    }
}
