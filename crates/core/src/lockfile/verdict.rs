//! The verdict on a lock and its manifests: two answers, and the reasons that they come from.

use super::source::Place;
use super::tree::Unread;
use std::fmt;

/// An answer to one of the two questions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Answer {
    /// The two agree.
    InSync,
    /// Nobody can tell from the files alone.
    CannotTell,
    /// They do not agree.
    OutOfSync,
}

impl Answer {
    /// The answer as reports write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InSync => "in-sync",
            Self::CannotTell => "cannot-tell",
            Self::OutOfSync => "out-of-sync",
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a drift makes of the two questions: would a strict install (`npm ci`, `--locked`, `--frozen-lockfile`) refuse, and
/// would an ordinary install rewrite the lock.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Breaks {
    /// The strict install refuses, and an ordinary one rewrites.
    Both,
    /// The strict install refuses; an ordinary one leaves the lock as it is.
    Strict,
    /// The strict install takes it; an ordinary one rewrites the lock.
    Rewrite,
    /// The strict install takes it or not, nobody can tell; an ordinary one rewrites the lock.
    RewriteAndPerhapsStrict,
    /// Something is wrong, and nobody can tell whether either install minds.
    Perhaps,
}

/// Why something cannot be told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unclear {
    /// Why, as a sentence without its stop: Gemfile has a condition in line 7.
    pub why: String,
    /// Where, where there is such a place.
    pub place: Option<Place>,
}

impl Unclear {
    /// Something that cannot be told.
    #[must_use]
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), place: None }
    }

    /// The same, at a place.
    #[must_use]
    pub fn at(why: impl Into<String>, place: Place) -> Self {
        Self { why: why.into(), place: Some(place) }
    }
}

/// The kind of a drift; each has a code of the family `GP-LOCK`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Drift {
    /// The manifest asks for something that the lock does not have.
    NotLocked,
    /// The lock has it at a version, or from a source, that the manifest does not allow.
    LockedDifferently,
    /// The lock's copy of what the manifest says, or the hash of it, is not that of the manifest.
    RecordStale,
    /// The lock has something that nothing asks for.
    NotAskedFor,
    /// The lock does not hold together: what a locked package needs is not locked, or not as it needs it.
    LockIncomplete,
    /// Settings that decide what is chosen are not those that the lock was made with: overrides, resolutions, patches.
    SettingsDiffer,
    /// The members of the workspace are not those that the lock knows.
    MembersDiffer,
    /// Something in the lock is not what it was when the tool wrote it: a checksum is gone, a header is of another form.
    Tampered,
    /// The lock, or the manifest, cannot be read as what it is.
    Unreadable,
    /// A key or an entry stands twice.
    Repeated,
    /// There are marks of a merge conflict. The survey finds them before an ecosystem is asked.
    Conflict,
    /// The lock is of a form that is not known. It goes with `cannot tell`, never with a verdict: see
    /// [`Verdict::version_unknown`].
    VersionUnknown,
}

/// Why a pair is out of sync, or why nobody can tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    /// What kind of drift it is; `None`: nobody can tell, and `what` is why.
    pub drift: Option<Drift>,
    /// Which of the two questions it decides; of a reason why nobody can tell, which it leaves open.
    pub breaks: Breaks,
    /// The dependency, where it is about one.
    pub dependency: Option<String>,
    /// What is wrong: one sentence with the particulars, without its stop.
    pub what: String,
    /// Where in the manifest.
    pub manifest: Option<Place>,
    /// Where in the lock.
    pub lock: Option<Place>,
    /// What the manifest asks for.
    pub expected: Option<String>,
    /// What the lock has.
    pub found: Option<String>,
    /// The command that mends it, for the version of the tool that wrote the lock.
    pub mend: String,
}

/// The verdict on a pair.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Verdict {
    /// Every reason that was found.
    pub reasons: Vec<Reason>,
}

impl Verdict {
    /// Would a strict install take the lock?
    #[must_use]
    pub fn strict(&self) -> Answer {
        self.answer(|breaks| match breaks {
            Breaks::Both | Breaks::Strict => Some(true),
            Breaks::Rewrite => None,
            Breaks::RewriteAndPerhapsStrict | Breaks::Perhaps => Some(false),
        })
    }

    /// Would an ordinary install leave the lock as it is?
    #[must_use]
    pub fn rewrite(&self) -> Answer {
        self.answer(|breaks| match breaks {
            Breaks::Strict => None,
            Breaks::Perhaps => Some(false),
            Breaks::Both | Breaks::Rewrite | Breaks::RewriteAndPerhapsStrict => Some(true),
        })
    }

    /// `part` says of a reason whether it is about the question, and whether it decides it.
    fn answer(&self, part: impl Fn(Breaks) -> Option<bool>) -> Answer {
        let answers = self.reasons.iter().filter_map(|reason| {
            let is_deciding = part(reason.breaks)?;
            let is_known = !matches!(reason.drift, None | Some(Drift::VersionUnknown));
            let is_certain = is_deciding && is_known;
            Some(if is_certain { Answer::OutOfSync } else { Answer::CannotTell })
        });
        answers.max().unwrap_or(Answer::InSync)
    }

    /// Something that cannot be told, whichever question is asked.
    pub fn unclear(&mut self, unclear: Unclear) {
        self.unclear_for(Breaks::Both, unclear);
    }

    /// Something that leaves only some of the questions open: `Breaks::Strict` that of the strict install alone.
    pub fn unclear_for(&mut self, breaks: Breaks, unclear: Unclear) {
        self.reasons.push(Reason {
            drift: None,
            breaks,
            dependency: None,
            what: unclear.why,
            manifest: unclear.place,
            lock: None,
            expected: None,
            found: None,
            mend: String::new(),
        });
    }

    /// The lock says that it is of a form that is not known: both questions are open, and it is told at the level of the
    /// strict one.
    pub fn version_unknown(&mut self, what: impl Into<String>, lock: Place) {
        let reason = Reason::new(Drift::VersionUnknown, Breaks::Both, what, "");
        self.reasons.push(reason.in_lock(lock));
    }

    /// A drift.
    pub fn drift(&mut self, reason: Reason) {
        self.reasons.push(reason);
    }

    /// A file that was not read: nobody can tell.
    pub fn unread(&mut self, path: &str, unread: &Unread) {
        self.unclear(Unclear {
            why: format!("{path} {unread}"),
            place: Some(Place { path: path.to_owned(), span: None }),
        });
    }
}

impl Reason {
    /// A drift with nothing further known of it; the rest is set field by field.
    #[must_use]
    pub fn new(drift: Drift, breaks: Breaks, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            drift: Some(drift),
            breaks,
            dependency: None,
            what: what.into(),
            manifest: None,
            lock: None,
            expected: None,
            found: None,
            mend: mend.into(),
        }
    }

    /// The dependency that it is about.
    #[must_use]
    pub fn dependency(mut self, name: impl Into<String>) -> Self {
        self.dependency = Some(name.into());
        self
    }

    /// Where in the manifest it stands.
    #[must_use]
    pub fn in_manifest(mut self, place: Place) -> Self {
        self.manifest = Some(place);
        self
    }

    /// Where in the lock it stands.
    #[must_use]
    pub fn in_lock(mut self, place: Place) -> Self {
        self.lock = Some(place);
        self
    }

    /// What the manifest asks for.
    #[must_use]
    pub fn expected(mut self, value: impl Into<String>) -> Self {
        self.expected = Some(value.into());
        self
    }

    /// What the lock has.
    #[must_use]
    pub fn found(mut self, value: impl Into<String>) -> Self {
        self.found = Some(value.into());
        self
    }
}
