//! What a rule is shown: one ref that moves, what arrives with it, and the block that asks.

use super::config::Compiled;
use super::ports::Owed;
use crate::change::Push;
use crate::history::{Peeled, Unanswered};
use crate::{Commit, ObjectId, RefUpdate, Timestamp};
use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

/// A ref that moves. What takes a walk to know is looked up when the first rule asks, and once.
pub(super) struct Moved<'a> {
    pub(super) push: &'a Push<'a>,
    pub(super) update: &'a RefUpdate,
    /// Now, by the clock of the machine that judges.
    pub(super) now: Timestamp,
    /// Whether it is there already, and nothing moves.
    pub(super) standing: bool,
    tip: OnceCell<Option<Peeled>>,
    old: OnceCell<Option<Peeled>>,
    arriving: OnceCell<Vec<Arc<Commit>>>,
    /// What keeps it from moving because it was not ported, by the number of the block that asks.
    pub(super) owed: RefCell<HashMap<usize, Rc<[Owed]>>>,
}

/// A rule's question: a ref that moves, and a block that is for it.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) moved: &'a Moved<'a>,
    pub(super) block: &'a Compiled,
}

impl std::ops::Deref for Subject<'_> {
    type Target = Compiled;

    fn deref(&self) -> &Compiled {
        self.block
    }
}

/// What a rule has to say.
#[derive(Debug, Default)]
pub(super) struct Complaint {
    /// One sentence with the particulars.
    pub(super) message: String,
    /// What tells it from the rule's other complaints about the same ref: a commit, a path.
    pub(super) detail: String,
    /// What to do, one step each, before the rule's own advice.
    pub(super) fix: Vec<String>,
    /// The commit that it is about.
    pub(super) commit: Option<Arc<Commit>>,
}

impl Complaint {
    /// A complaint about the ref.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// A complaint about one commit.
    pub(super) fn about(commit: &Arc<Commit>, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            detail: commit.id.to_string(),
            commit: Some(Arc::clone(commit)),
            ..Self::default()
        }
    }

    /// With a step.
    pub(super) fn fix(mut self, step: impl Into<String>) -> Self {
        self.fix.push(step.into());
        self
    }
}

impl<'a> Moved<'a> {
    pub(super) fn new(push: &'a Push<'a>, update: &'a RefUpdate, now: Timestamp) -> Self {
        let (tip, old, arriving, owed) = Default::default();
        Self { push, update, now, standing: false, tip, old, arriving, owed }
    }

    /// A ref that is there already.
    pub(super) fn standing(push: &'a Push<'a>, update: &'a RefUpdate, now: Timestamp) -> Self {
        Self { standing: true, ..Self::new(push, update, now) }
    }

    /// Where the ref leads now; `None` where it is deleted.
    pub(super) fn tip(&self) -> Result<Option<&Peeled>, Unanswered> {
        self.peeled(&self.tip, self.update.new)
    }

    /// Where it led before; `None` where it is new.
    pub(super) fn old(&self) -> Result<Option<&Peeled>, Unanswered> {
        self.peeled(&self.old, self.update.old)
    }

    fn peeled<'s>(
        &'s self,
        cell: &'s OnceCell<Option<Peeled>>,
        id: Option<ObjectId>,
    ) -> Result<Option<&'s Peeled>, Unanswered> {
        if let Some(known) = cell.get() {
            return Ok(known.as_ref());
        }
        let peeled = id.map(|id| self.push.history.peel(&id)).transpose()?;
        Ok(cell.get_or_init(|| peeled).as_ref())
    }

    /// The commits that come to the ref, parents before children: those that its old value does not reach, or, of a new
    /// ref, that no ref reaches. Another branch may have them already.
    pub(super) fn arriving(&self) -> Result<&[Arc<Commit>], Unanswered> {
        if let Some(known) = self.arriving.get() {
            return Ok(known);
        }
        let tip = self.tip()?.and_then(|tip| tip.commit.as_ref());
        let Some(tip) = tip else { return Ok(&[]) };
        let history = self.push.history;
        let before = match self.update.old {
            Some(old) => vec![old],
            None => self.push.refs.iter().map(|reference| reference.target).collect(),
        };
        let mut commits = Vec::new();
        for id in history.commits(&[tip.id], &before)? {
            commits.extend(history.commit(&id)?);
        }
        Ok(self.arriving.get_or_init(|| commits))
    }

    /// Of the commits that come to the ref, those that are new to the repository.
    pub(super) fn new_commits(&self) -> Result<Vec<&Arc<Commit>>, Unanswered> {
        let new: HashSet<ObjectId> = self.push.commits.iter().map(|commit| commit.id).collect();
        Ok(self.arriving()?.iter().filter(|commit| new.contains(&commit.id)).collect())
    }

    /// Of the commits that come to the ref, those on its own line: the tip, its first parent, and so on.
    pub(super) fn own_line(&self) -> Result<Vec<&Arc<Commit>>, Unanswered> {
        let arriving = self.arriving()?;
        let by_id: HashMap<ObjectId, &Arc<Commit>> =
            arriving.iter().map(|commit| (commit.id, commit)).collect();
        let mut next = self.tip()?.and_then(|tip| tip.commit.as_ref()).map(|tip| tip.id);
        let mut line = Vec::new();
        while let Some(commit) = next.and_then(|id| by_id.get(&id)) {
            line.push(*commit);
            next = commit.parents.first().copied();
        }
        Ok(line)
    }

    /// The short name of the ref, escaped: `release/1.4`.
    pub(super) fn short(&self) -> String {
        self.update.name.shown().into_owned()
    }

    /// `branch release/1.4`, `tag v1.4.2`, `ref refs/notes/x`.
    pub(super) fn named(&self) -> String {
        self.update.name.described()
    }
}

/// `1a2b3c4d5e6f (fix: the header)`: a commit for people.
pub(super) fn named(commit: &Commit) -> String {
    format!("{} ({})", commit.id.short(), title(commit))
}

/// The first line of a commit's message, shortened.
pub(super) fn title(commit: &Commit) -> String {
    const SHOWN: usize = 60;
    let text = String::from_utf8_lossy(&commit.message);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    let mut shown: String = line.chars().take(SHOWN).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    shown
}

/// `Jane Doe <jane@example.com>`, as the object says.
pub(super) fn address(identity: &crate::Identity) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{} <{}>", text(&identity.name), text(&identity.email))
}

/// The commits that a message says it was picked from, in its order (`git cherry-pick -x`).
pub(super) fn picked_from(message: &[u8]) -> Vec<ObjectId> {
    let lines = message.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let id = |line: &[u8]| {
        ObjectId::from_hex(line.strip_prefix(b"(cherry picked from commit ")?.strip_suffix(b")")?)
    };
    lines.filter_map(id).collect()
}
