//! The gates a change passes. A stage decides what is judged and which level a check has.

use crate::severity::words;

/// A gate: one of Git's hooks, CI over a range, or a scan somebody asked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Stage {
    /// Git's `pre-commit` hook: the index against HEAD.
    PreCommit,
    /// Git's `commit-msg` hook: the message as it will be stored.
    CommitMsg,
    /// Git's `pre-push` hook: what the remote does not have.
    PrePush,
    /// Git's `pre-receive` hook on a server: what the repository does not have.
    PreReceive,
    /// A range of commits in continuous integration.
    Ci,
    /// A scan outside every gate: files, standard input, a range, a history.
    Scan,
}

words!(Stage {
    PreCommit = "pre-commit",
    CommitMsg = "commit-msg",
    PrePush = "pre-push",
    PreReceive = "pre-receive",
    Ci = "ci",
    Scan = "scan",
});

impl Stage {
    /// Whether the change under judgement could have been written to fool the gate: on a server and in
    /// CI the policy and the inline comments of the change itself are not obeyed.
    #[must_use]
    pub const fn distrusts_change(self) -> bool {
        matches!(self, Self::PreReceive | Self::Ci)
    }
}
