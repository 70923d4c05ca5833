//! The repository as the `git` program sees it: SHA-256, reftable, partial clones, split and sparse indexes.
//!
//! Only plumbing with a fixed, NUL-separated output is used. Nothing is fetched, no hook runs, no lock is taken.

mod batch;
mod open;
mod printed;
mod process;
mod staged;

pub use printed::{Printed, printed, read_printed};

use crate::open::Opening;
use crate::repository::config::{self, Setting};
use crate::repository::object::{self, Kind};
use crate::repository::store::{self, ObjectStore};
use crate::repository::walk;
use crate::{Error, ErrorKind, Head, Reference, Repository, RepositoryInfo};
use batch::{Batch, Mode, Reply};
use gatepost_core::{Change, Commit, Identity, ObjectId, RefName, RepoPath, Tag, TreeEntry};
use process::{Answer, Git, failed};
use std::cell::RefCell;
use std::path::Path;

/// What `git cat-file` writes to standard error about an object that is there and broken.
const SIGNS_OF_CORRUPTION: [&str; 6] =
    ["corrupt", "inflate", "unable to unpack", "unable to parse", "hash mismatch", "garbage"];

/// A repository that the `git` program answers for.
#[derive(Debug)]
pub(crate) struct GitCommand {
    git: Git,
    opening: Opening,
    info: RepositoryInfo,
    boundary: Vec<ObjectId>,
    settings: Vec<Setting>,
    contents: RefCell<Option<Batch>>,
    headers: RefCell<Option<Batch>>,
}

/// The bytes of a file in a commit of the repository in a directory, whatever repository the environment is about; `None`
/// where the commit has no such file.
pub(crate) fn blob_elsewhere(
    repository: &Path,
    commit: &ObjectId,
    path: &RepoPath,
) -> Result<Option<Vec<u8>>, Error> {
    let git = Git::elsewhere(repository);
    let commit = commit.to_string();
    let listed = git.output(&["ls-tree", "-z", "--full-tree", &commit, "--", &path.escaped()], b"")?;
    if listed.is_empty() {
        return Ok(None);
    }
    let object = format!("{commit}:{}", path.escaped());
    git.output(&["cat-file", "blob", &object], b"").map(Some)
}

/// The line of standard error that says that an object is broken.
fn complaint(answer: &Answer) -> Option<&str> {
    let line = answer.stderr.lines().find(|line| SIGNS_OF_CORRUPTION.iter().any(|sign| line.contains(sign)));
    line.map(|line| line.trim_start_matches("error: ").trim_start_matches("fatal: "))
}

impl GitCommand {
    /// Asks one of the two children, starting it if it is not there. After an error it is started anew.
    fn ask<T>(&self, mode: Mode, ask: impl FnOnce(&mut Batch) -> Result<T, Error>) -> Result<T, Error> {
        let slot = match mode {
            Mode::Contents => &self.contents,
            Mode::Headers => &self.headers,
        };
        let mut slot = slot.borrow_mut();
        let mut child = match slot.take() {
            Some(child) => child,
            None => Batch::start(&self.git, mode)?,
        };
        let answer = ask(&mut child)?;
        *slot = Some(child);
        Ok(answer)
    }

    /// Why an object cannot be read: asked of a `git` whose standard error is read.
    fn diagnose(&self, id: &ObjectId) -> Error {
        let hex = id.to_string();
        let answer = match self.git.run(&["cat-file", "-t", &hex], b"") {
            Ok(answer) => answer,
            Err(error) => return error,
        };
        let complaint =
            answer.stderr.lines().find(|line| SIGNS_OF_CORRUPTION.iter().any(|s| line.contains(s)));
        match complaint {
            Some(line) => {
                Error::corrupt(id, line.trim_start_matches("error: ").trim_start_matches("fatal: "))
            }
            None if answer.success => Error::corrupt(id, "its contents cannot be read"),
            None => Error::missing(id, self.info.partial),
        }
    }

    /// Why a revision has no object: its name is unknown, or what it names is broken.
    fn unresolved(&self, revision: &str) -> Error {
        let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", revision];
        let answer = match self.git.run(&arguments, b"") {
            Ok(answer) => answer,
            Err(error) => return error,
        };
        let id = ObjectId::from_hex(answer.stdout.trim_ascii_end()).filter(|_| answer.success);
        match (complaint(&answer), id.map(|id| self.diagnose(&id))) {
            (Some(line), _) => Error::corrupt_revision(revision, line),
            (None, Some(error)) if error.kind == ErrorKind::CorruptObject => error,
            _ => Error::unknown_revision(revision, ""),
        }
    }

    /// What a failed run over objects means: Git names the object that stopped it, or the commit whose tree did.
    fn object_error(&self, arguments: &[&str], answer: &Answer) -> Error {
        let words = answer.stderr.split(|c: char| !c.is_ascii_hexdigit());
        for id in words.filter_map(|word| ObjectId::from_hex(word.as_bytes())) {
            let mut raw = Vec::new();
            let tree = match self.read(&id, &mut raw) {
                Err(error) => return error,
                Ok(Kind::Commit) => object::parse_commit(id, &raw).map(|commit| commit.tree),
                Ok(_) => continue,
            };
            if let Err(error) = tree.and_then(|tree| self.read(&tree, &mut raw)) {
                return error;
            }
        }
        failed(arguments, answer.reason())
    }

    fn walk(&self, include: &[ObjectId], exclude: &[ObjectId]) -> Result<walk::Parents, Error> {
        if include.is_empty() {
            return Ok(walk::Parents::new());
        }
        let mut input = String::new();
        for id in include {
            input.push_str(&format!("{id}\n"));
        }
        for id in exclude {
            input.push_str(&format!("^{id}\n"));
        }
        let arguments = ["rev-list", "--parents", "--stdin"];
        let answer = self.git.run(&arguments, input.as_bytes())?;
        if !answer.success {
            return Err(self.object_error(&arguments, &answer));
        }
        let mut walked = walk::Parents::new();
        for line in answer.stdout.split(|&b| b == b'\n').filter(|line| !line.is_empty()) {
            let ids: Option<Vec<ObjectId>> = line.split(|&b| b == b' ').map(ObjectId::from_hex).collect();
            let mut ids = ids.ok_or_else(|| failed(&arguments, "an unreadable answer"))?.into_iter();
            if let Some(id) = ids.next() {
                walked.insert(id, ids.collect());
            }
        }
        Ok(walked)
    }
}

impl ObjectStore for GitCommand {
    fn hash_len(&self) -> usize {
        self.info.hash_len
    }

    fn read(&self, id: &ObjectId, buffer: &mut Vec<u8>) -> Result<Kind, Error> {
        let read = self.ask(Mode::Contents, |child| match child.ask(&id.to_string())? {
            Reply::Found { kind, size, .. } => child.contents(size, buffer).map(|()| Some(kind)),
            Reply::Other(_) => Ok(None),
        });
        let kind = read.ok().flatten().ok_or_else(|| self.diagnose(id))?;
        Kind::from_name(&kind).ok_or_else(|| Error::corrupt(id, "an object of no known type"))
    }

    fn header(&self, id: &ObjectId) -> Result<(Kind, u64), Error> {
        let reply = self.ask(Mode::Headers, |child| child.ask(&id.to_string()));
        let Ok(Reply::Found { kind, size, .. }) = reply else { return Err(self.diagnose(id)) };
        let kind = Kind::from_name(&kind).ok_or_else(|| Error::corrupt(id, "an object of no known type"))?;
        Ok((kind, size))
    }

    fn boundary(&self) -> &[ObjectId] {
        &self.boundary
    }
}

impl Repository for GitCommand {
    fn info(&self) -> &RepositoryInfo {
        &self.info
    }

    fn another(&self) -> Result<Box<dyn Repository>, Error> {
        Ok(Box::new(Self::open(self.opening.clone())?))
    }

    fn head(&self) -> Result<Head, Error> {
        let arguments = ["symbolic-ref", "--quiet", "HEAD"];
        let symbolic = self.git.run(&arguments, b"")?;
        let name = match (symbolic.success, symbolic.stderr.is_empty()) {
            (true, _) => Some(RefName::new(symbolic.stdout.trim_ascii_end())),
            (false, true) => None,
            (false, false) => return Err(Error::broken_reference("HEAD", symbolic.reason())),
        };
        let target = self.git.run(&["rev-parse", "--verify", "--quiet", "HEAD"], b"")?;
        let id = ObjectId::from_hex(target.stdout.trim_ascii_end());
        match (name, id.filter(|_| target.success)) {
            (Some(name), Some(id)) => Ok(Head::Branch(name, id)),
            (None, Some(id)) => Ok(Head::Detached(id)),
            (Some(name), None) => {
                // Unborn, or broken? Only what is not there at all is unborn.
                let broken = self.references_named(&name.escaped());
                broken.map(|_| Head::Unborn(name))
            }
            (None, None) => Err(Error::broken_reference("HEAD", target.reason())),
        }
    }

    fn staged(&self) -> Result<Vec<Change>, Error> {
        staged::staged(self)
    }

    fn resolve(&self, revision: &str) -> Result<ObjectId, Error> {
        if revision.contains(['\n', '\0']) || revision.is_empty() {
            return Err(Error::unknown_revision(revision, ""));
        }
        // Over a broken object the child dies.
        match self.ask(Mode::Headers, |child| child.ask(revision)) {
            Ok(Reply::Found { id, .. }) => {
                ObjectId::from_hex(&id).ok_or_else(|| failed(&["cat-file"], "an unreadable answer"))
            }
            Ok(Reply::Other(line)) if line.ends_with(b" ambiguous") => {
                Err(Error::unknown_revision(revision, "it is ambiguous"))
            }
            Ok(Reply::Other(_)) | Err(_) => Err(self.unresolved(revision)),
        }
    }

    fn commits(&self, include: &[ObjectId], exclude: &[ObjectId]) -> Result<Vec<ObjectId>, Error> {
        let include = store::peel_to_commits(self, include)?;
        let exclude = store::peel_to_commits(self, exclude)?;
        let walked = self.walk(&include, &exclude)?;
        walk::check_boundary(self, &walked, &exclude)?;
        Ok(walk::parents_first(&include, &walked))
    }

    fn commit(&self, id: &ObjectId) -> Result<Commit, Error> {
        store::commit(self, id)
    }

    fn tag(&self, id: &ObjectId) -> Result<Option<Tag>, Error> {
        store::tag(self, id)
    }

    fn raw(&self, id: &ObjectId, buffer: &mut Vec<u8>) -> Result<Kind, Error> {
        self.read(id, buffer)
    }

    fn changes(&self, commit: &ObjectId) -> Result<Vec<Change>, Error> {
        store::changes(self, commit)
    }

    fn changes_between(&self, old: &ObjectId, new: &ObjectId) -> Result<Vec<Change>, Error> {
        store::changes_between(self, old, new)
    }

    fn merge_bases(&self, one: &ObjectId, other: &ObjectId) -> Result<Vec<ObjectId>, Error> {
        walk::merge_bases(self, one, other)
    }

    fn entry(&self, commit: &ObjectId, path: &RepoPath) -> Result<Option<TreeEntry>, Error> {
        store::entry(self, commit, path)
    }

    fn files(&self, commit: &ObjectId) -> Result<Vec<(RepoPath, TreeEntry)>, Error> {
        store::files(self, commit)
    }

    fn references(&self) -> Result<Vec<Reference>, Error> {
        self.references_named("refs/")
    }

    fn config(&self, key: &str) -> Result<Option<String>, Error> {
        Ok(config::last(&self.settings, &config::normalised(key)).map(str::to_owned))
    }

    fn blob_size(&self, id: &ObjectId) -> Result<u64, Error> {
        store::blob_size(self, id)
    }

    fn read_blob(&self, id: &ObjectId, buffer: &mut Vec<u8>) -> Result<(), Error> {
        store::read_kind(self, id, Kind::Blob, buffer)
    }

    fn author(&self) -> Option<Identity> {
        config::author(|key| self.config(key).ok().flatten())
    }
}

impl GitCommand {
    /// The refs at or below `prefix`. Git warns about a broken ref and goes on; here it is an error.
    fn references_named(&self, prefix: &str) -> Result<Vec<Reference>, Error> {
        let arguments = ["for-each-ref", "--format=%(objectname) %(refname) %(symref)", prefix];
        let answer = self.git.run(&arguments, b"")?;
        if !answer.success {
            return Err(failed(&arguments, answer.reason()));
        }
        for line in answer.stderr.lines() {
            if let Some((_, name)) =
                line.split_once("broken ref ").or_else(|| line.split_once("broken name "))
            {
                return Err(Error::broken_reference(name, "git cannot read it"));
            }
        }
        let mut found = Vec::new();
        for line in answer.stdout.split(|&b| b == b'\n').filter(|line| !line.is_empty()) {
            let words: Vec<&[u8]> = line.split(|&b| b == b' ').collect();
            let (id, name, symbolic) = match words.as_slice() {
                [id, name, symbolic] => (ObjectId::from_hex(id), RefName::new(*name), !symbolic.is_empty()),
                _ => return Err(failed(&arguments, "an unreadable answer")),
            };
            if !symbolic {
                let target =
                    id.ok_or_else(|| Error::broken_reference(&name.escaped(), "it names no object"))?;
                found.push(Reference { name, target });
            }
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }
}
