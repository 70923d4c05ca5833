//! The repository as libgit2 sees it: in this process, without starting `git`.
//!
//! libgit2 answers by id and name; commits, tags and trees are read from their raw bytes by code that the
//! other backend shares. Replace refs are unknown to libgit2, grafts are kept out by reading raw bytes.

mod recent;
mod references;
mod staged;

use crate::git_command::GitCommand;
use crate::history::LooseBlobs;
use crate::open::Opening;
use crate::repository::config::{self, Setting};
use crate::repository::object::Kind;
use crate::repository::store::{self, ObjectStore};
use crate::repository::walk;
use crate::{Backend, Error, ErrorKind, Head, Reference, Repository, RepositoryInfo};
use gatepost_core::{Change, Commit, Identity, ObjectId, RefName, RepoPath, Tag, TreeEntry};
use git2::{ErrorClass, ErrorCode, ObjectType, Oid};
use recent::Recent;
use std::cell::RefCell;
use std::path::Path;

/// Length of a SHA-1 in bytes; libgit2 as built here knows no other hash.
const HASH_LEN: usize = 20;

/// Git gives up on a chain of symbolic refs after five (`SYMREF_MAXDEPTH` in `refs.c`).
const LONGEST_CHAIN: usize = 5;

/// A repository that libgit2 opened.
pub(crate) struct Libgit2 {
    repository: git2::Repository,
    opening: Opening,
    info: RepositoryInfo,
    boundary: Vec<ObjectId>,
    environment: Vec<Setting>,
    loose: RefCell<LooseBlobs>,
    recent: RefCell<Recent>,
}

impl Libgit2 {
    /// Takes over what libgit2 opened.
    pub(crate) fn new(repository: git2::Repository, opening: Opening) -> Result<Self, Error> {
        let environment = config::from_environment()?;
        let common_dir = canonical(repository.commondir());
        let boundary = crate::open::shallow_boundary(&common_dir)?;
        let mut info = RepositoryInfo {
            git_dir: canonical(repository.path()),
            work_tree: repository.workdir().map(canonical),
            common_dir,
            shallow: !boundary.is_empty(),
            partial: false,
            hash_len: HASH_LEN,
            backend: Backend::Libgit2,
        };
        let settings = repository.config().and_then(|mut config| config.snapshot());
        let settings = settings.map_err(|error| unreadable("the configuration", &error))?;
        info.partial = environment.iter().any(|(key, value)| config::is_promisor(key, value));
        for pattern in ["remote.*", "extensions.partialclone"] {
            let mut entries =
                settings.entries(Some(pattern)).map_err(|error| unreadable("the configuration", &error))?;
            while let Some(entry) = entries.next() {
                let entry = entry.map_err(|error| unreadable("the configuration", &error))?;
                let name = String::from_utf8_lossy(entry.name_bytes());
                info.partial |= config::is_promisor(&name, &value_of(entry));
            }
        }
        // Git takes the current directory for the work tree when it is told the Git directory alone.
        let told = |name| std::env::var_os(name).is_some();
        if info.work_tree.is_some()
            && told("GIT_DIR")
            && !told("GIT_WORK_TREE")
            && settings.get_entry("core.worktree").is_err()
        {
            info.work_tree = opening.directory().map(|dir| canonical(&dir));
        }
        let loose = RefCell::new(LooseBlobs::of(&info));
        Ok(Self { repository, opening, info, boundary, environment, loose, recent: RefCell::default() })
    }

    fn find_reference(&self, name: &str) -> Result<git2::Reference<'_>, git2::Error> {
        self.repository.find_reference(name)
    }

    /// The ids of the commits and their parents, walked by libgit2.
    fn walk(&self, include: &[ObjectId], exclude: &[ObjectId]) -> Result<walk::Parents, Error> {
        if self.info.shallow {
            return walk::walk_shallow(self, include, exclude);
        }
        let walked = self.walk_by_library(include, exclude);
        let ids = walked.map_err(|error| {
            // libgit2 does not always say which object stopped it; a walk of our own does.
            let found = walk::walk_shallow(self, include, exclude).err();
            found.unwrap_or_else(|| unreadable("the history", &error))
        })?;
        let mut walked = walk::Parents::with_capacity(ids.len());
        let mut buffer = Vec::new();
        for id in ids {
            let id = object_id(id)?;
            walked.insert(id, walk::parents_of(self, &id, &mut buffer)?);
        }
        Ok(walked)
    }

    fn walk_by_library(&self, include: &[ObjectId], exclude: &[ObjectId]) -> Result<Vec<Oid>, git2::Error> {
        let mut revwalk = self.repository.revwalk()?;
        for id in include {
            revwalk.push(Oid::from_bytes(id.as_bytes())?)?;
        }
        for id in exclude {
            revwalk.hide(Oid::from_bytes(id.as_bytes())?)?;
        }
        revwalk.collect()
    }
}

impl ObjectStore for Libgit2 {
    fn hash_len(&self) -> usize {
        HASH_LEN
    }

    fn read(&self, id: &ObjectId, buffer: &mut Vec<u8>) -> Result<Kind, Error> {
        buffer.clear();
        if let Some(tree) = self.recent.borrow().get(id) {
            buffer.extend_from_slice(tree);
            return Ok(Kind::Tree);
        }
        let failed = |error: git2::Error| object_error(&error, id);
        let objects = self.repository.odb().map_err(failed)?;
        let object = objects.read(oid(id)?).map_err(failed)?;
        buffer.extend_from_slice(object.data());
        let kind = kind(object.kind()).ok_or_else(|| Error::corrupt(id, "an object of no known type"))?;
        if kind == Kind::Tree {
            self.recent.borrow_mut().keep(*id, buffer);
        }
        Ok(kind)
    }

    fn header(&self, id: &ObjectId) -> Result<(Kind, u64), Error> {
        let failed = |error: git2::Error| object_error(&error, id);
        let objects = self.repository.odb().map_err(failed)?;
        let (size, found) = objects.read_header(oid(id)?).map_err(failed)?;
        let found = kind(found).ok_or_else(|| Error::corrupt(id, "an object of no known type"))?;
        Ok((found, u64::try_from(size).unwrap_or(u64::MAX)))
    }

    fn boundary(&self) -> &[ObjectId] {
        &self.boundary
    }
}

impl Repository for Libgit2 {
    fn info(&self) -> &RepositoryInfo {
        &self.info
    }

    fn another(&self) -> Result<Box<dyn Repository>, Error> {
        let repository = self.opening.libgit2().map_err(|error| unreadable("the repository", &error))?;
        Ok(Box::new(Self::new(repository, self.opening.clone())?))
    }

    fn head(&self) -> Result<Head, Error> {
        let mut name = "HEAD".to_owned();
        for _ in 0..=LONGEST_CHAIN {
            let reference = match self.find_reference(&name) {
                Ok(reference) => reference,
                Err(error) if error.code() == ErrorCode::NotFound && name != "HEAD" => {
                    return Ok(Head::Unborn(RefName::new(name)));
                }
                Err(error) => return Err(Error::broken_reference(&name, error.message())),
            };
            if let Some(target) = reference.target() {
                let target = object_id(target)?;
                let on_branch = name != "HEAD";
                return Ok(match on_branch {
                    true => Head::Branch(RefName::new(name), target),
                    false => Head::Detached(target),
                });
            }
            let target = reference.symbolic_target_bytes().map(String::from_utf8_lossy);
            name = target.ok_or_else(|| Error::broken_reference(&name, "it points nowhere"))?.into_owned();
        }
        Err(Error::broken_reference("HEAD", "its chain of symbolic refs does not end"))
    }

    fn staged(&self) -> Result<Vec<Change>, Error> {
        match staged::staged(self) {
            // libgit2 knows neither split nor sparse indexes; Git's own word on this index counts.
            Err(staged::Failure::Unsupported) => GitCommand::open(self.opening.clone())?.staged(),
            Err(staged::Failure::Other(error)) => Err(error),
            Ok(changes) => Ok(changes),
        }
    }

    fn resolve(&self, revision: &str) -> Result<ObjectId, Error> {
        match self.repository.revparse_single(revision) {
            Ok(object) => object_id(object.id()),
            Err(error) if error.code() == ErrorCode::Ambiguous => {
                Err(Error::unknown_revision(revision, "it is ambiguous"))
            }
            Err(error) => match (error.code(), error.class()) {
                (ErrorCode::GenericError, ErrorClass::Odb | ErrorClass::Zlib | ErrorClass::Object) => {
                    Err(Error::corrupt_revision(revision, error.message()))
                }
                _ => Err(Error::unknown_revision(revision, "")),
            },
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
        references::references(self)
    }

    fn config(&self, key: &str) -> Result<Option<String>, Error> {
        let key = config::normalised(key);
        if let Some(value) = config::last(&self.environment, &key) {
            return Ok(Some(value.to_owned()));
        }
        let settings = self.repository.config().map_err(|error| unreadable("the configuration", &error))?;
        match settings.get_entry(&key) {
            Ok(entry) => Ok(Some(value_of(&entry))),
            Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::InvalidSpec) => Ok(None),
            Err(error) => Err(unreadable("the configuration", &error)),
        }
    }

    fn blob_size(&self, id: &ObjectId) -> Result<u64, Error> {
        store::blob_size(self, id)
    }

    fn read_blob(&self, id: &ObjectId, buffer: &mut Vec<u8>) -> Result<(), Error> {
        store::read_kind(self, id, Kind::Blob, buffer)
    }

    fn read_blob_up_to(&self, id: &ObjectId, limit: u64, buffer: &mut Vec<u8>) -> Result<u64, Error> {
        if let Some(size) = self.loose.borrow_mut().read(id, limit, buffer) {
            return Ok(size);
        }
        let size = self.blob_size(id)?;
        if size <= limit {
            self.read_blob(id, buffer)?;
        }
        Ok(size)
    }

    fn author(&self) -> Option<Identity> {
        config::author(|key| self.config(key).ok().flatten())
    }
}

fn value_of(entry: &git2::ConfigEntry<'_>) -> String {
    if entry.has_value() {
        String::from_utf8_lossy(entry.value_bytes()).into_owned()
    } else {
        "true".to_owned()
    }
}

/// The path with every symbolic link resolved, where the file system allows it.
fn canonical(path: &Path) -> std::path::PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// libgit2's form of an id.
fn oid(id: &ObjectId) -> Result<Oid, Error> {
    Oid::from_bytes(id.as_bytes()).map_err(|_| Error::missing(id, false))
}

/// Our form of an id.
fn object_id(id: Oid) -> Result<ObjectId, Error> {
    ObjectId::from_bytes(id.as_bytes()).ok_or_else(|| {
        Error::new(
            ErrorKind::Unreadable,
            "libgit2 returned an id of unknown length",
            "please report this as a bug",
        )
    })
}

const fn kind(kind: ObjectType) -> Option<Kind> {
    match kind {
        ObjectType::Commit => Some(Kind::Commit),
        ObjectType::Tree => Some(Kind::Tree),
        ObjectType::Blob => Some(Kind::Blob),
        ObjectType::Tag => Some(Kind::Tag),
        ObjectType::Any => None,
    }
}

/// What libgit2's refusal to read the object `id` means.
fn object_error(error: &git2::Error, id: &ObjectId) -> Error {
    match (error.code(), error.class()) {
        (ErrorCode::NotFound, _) => Error::missing(id, false),
        (_, ErrorClass::Os | ErrorClass::Filesystem) => unreadable(&format!("object {id}"), error),
        _ => Error::corrupt(id, error.message()),
    }
}

fn unreadable(what: &str, error: &git2::Error) -> Error {
    Error::new(
        ErrorKind::Unreadable,
        format!("{what} cannot be read: {}", error.message()),
        "see what is wrong with `git status` and `git fsck`",
    )
}
