//! Which documents are files of a change, and what the rules say of them.

use super::config::{Encrypted, Settings};
use super::content::{LfsPointer, lfs_pointer};
use super::encrypted::ApprovedKeys;
use super::rules::{Complaint, FileRule, RULES};
use super::tree::TreeRules;
use crate::change::After;
use crate::policy::{Policy, PolicyError};
use crate::text::{PathGlob, shell_word};
use crate::{
    ChangeSet, Check, Code, Confidence, Date, Document, DocumentKind, FileMode, Finding, Fingerprint, Level,
    Location, ObjectId, RepoPath, Sink, SkipReason, Stage, TreeEntry,
};
use std::collections::HashSet;

/// The check of files, built from a policy for one stage.
#[derive(Debug)]
pub struct Judge {
    settings: Settings,
    stage: Stage,
}

/// What a rule is shown.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    pub(super) path: &'a RepoPath,
    pub(super) document: &'a Document<'a>,
    pub(super) max_size: u64,
    /// What the content has to do with Git LFS; `None`: nothing, or it was not read.
    pub(super) pointer: Option<LfsPointer>,
    pub(super) symlink: bool,
    /// The glob of `forbid` that the path matches.
    pub(super) forbidden: Option<&'a PathGlob>,
    pub(super) encrypted: Encrypted,
    /// The keys that may open what is encrypted.
    pub(super) approved: &'a ApprovedKeys,
    pub(super) tree: &'a TreeRules,
}

impl Judge {
    /// Builds the check for a stage and a day.
    ///
    /// # Errors
    ///
    /// A value of `[files]` that is impossible: a glob that does not compile, a block without paths.
    pub fn new(policy: &Policy, stage: Stage, today: Date) -> Result<Self, PolicyError> {
        Ok(Self { settings: Settings::new(policy, stage, today)?, stage })
    }
}

impl Check for Judge {
    fn read_limit(&self) -> u64 {
        self.settings.read_limit()
    }

    fn document(&self, document: &Document<'_>, sink: &mut dyn Sink) {
        let judged = match document.kind {
            DocumentKind::Blob => true,
            // A hook manager that runs over all files hands them over as files. A plain scan of folders is
            // nobody's commit, and what lies in them is not judged.
            DocumentKind::File => self.stage != Stage::Scan,
            _ => false,
        };
        let Some(path) = document.path.filter(|_| judged) else { return };
        if self.settings.is_excluded(path) {
            sink.skip(SkipReason::Excluded);
            return;
        }
        self.judge(path, document, sink);
    }

    fn is_reading_trees(&self, _: &[&RepoPath]) -> bool {
        self.settings.is_reading_trees()
    }

    fn after(&self, after: &After<'_>, sink: &mut dyn Sink) {
        super::after::judge(&self.settings, after, sink);
    }

    /// A submodule is no document: its content is another repository's.
    fn change_set(&self, change_set: &ChangeSet, sink: &mut dyn Sink) {
        let is_submodule =
            |entry: Option<TreeEntry>| entry.is_some_and(|entry| entry.mode == FileMode::Submodule);
        let mut seen = HashSet::new();
        for change in &change_set.changes {
            let is_new = is_submodule(change.new) && !is_submodule(change.old) && seen.insert(&change.path);
            if is_new && !self.settings.is_excluded(&change.path) {
                let mut document = Document::new(DocumentKind::Blob, b"");
                document.path = Some(&change.path);
                document.mode = Some(FileMode::Submodule);
                (document.id, document.commit) = (change.new.map(|entry| entry.id), change.commit);
                document.is_new = change.old.is_none();
                document.bytes = None;
                self.judge(&change.path, &document, sink);
            }
        }
    }
}

impl Judge {
    fn judge(&self, path: &RepoPath, document: &Document<'_>, sink: &mut dyn Sink) {
        let settings = self.settings.of(path);
        if settings.is_off() {
            return;
        }
        let is_submodule = document.mode == Some(FileMode::Submodule);
        let symlink = document.mode == Some(FileMode::Symlink);
        let pointer = document.bytes.filter(|_| !symlink).and_then(lfs_pointer);
        let forbidden = self.settings.forbidden_by(path);
        // A binary that is larger than `max-size` is told of anyway, and what is read is looked at.
        let for_binary =
            settings.binary != Level::Off && document.is_new && document.size <= settings.max_size;
        let unknown = document.bytes.is_none() && !symlink && !is_submodule;
        let is_executable = document.mode == Some(FileMode::Executable);
        // One that is too large is told of anyway.
        let for_content =
            document.size <= settings.max_size && self.settings.tree.reads_content_of(path, is_executable);
        if unknown && (for_binary || for_content || settings.encrypted != Encrypted::Allow) {
            sink.skip(SkipReason::TooLarge);
        }
        let subject = Subject {
            path,
            document,
            max_size: settings.max_size,
            pointer,
            symlink,
            forbidden,
            encrypted: settings.encrypted,
            approved: self.settings.approved_keys(path),
            tree: &self.settings.tree,
        };
        for rule in RULES {
            let level = (rule.level)(&settings, &rule.info);
            if level != Level::Off
                && let Some(complaint) = (rule.judge)(&subject)
            {
                sink.finding(finding(rule, level, complaint, path, document.commit, document.id));
            }
        }
    }
}

pub(super) fn finding(
    rule: &FileRule,
    level: Level,
    complaint: Complaint,
    path: &RepoPath,
    commit: Option<ObjectId>,
    object: Option<ObjectId>,
) -> Finding {
    Finding {
        rule: rule.info.name.to_owned(),
        code: Code::new(rule.info.code),
        family: super::CHECK.family,
        name: rule.info.name.replace('-', " "),
        severity: rule.info.severity,
        confidence: Confidence::High,
        level,
        message: complaint.message,
        why: vec![rule.info.why.to_owned()],
        fix: complaint.fix,
        fingerprint: Fingerprint::of_place(rule.info.code, path.as_bytes(), b""),
        secret: None,
        locations: vec![Location { path: Some(path.clone()), commit, object, ..Location::default() }],
    }
}

/// A path as one word of a POSIX shell.
pub(super) fn quoted(path: &RepoPath) -> String {
    let name = path.escaped();
    let word = if name.starts_with('-') { format!("./{name}") } else { name.into_owned() };
    shell_word(&word)
}
