//! A repository that knows its directories and its configuration and nothing else, for tests.

use gatepost_core::{Change, Commit, Identity, ObjectId, RepoPath, Tag, TreeEntry};
use gatepost_source::{Backend, Error, ErrorKind, Head, ObjectKind, Reference, Repository, RepositoryInfo};
use std::path::Path;

#[derive(Clone)]
pub(crate) struct FakeRepository {
    pub(crate) info: RepositoryInfo,
    config: Vec<(String, String)>,
}

impl FakeRepository {
    pub(crate) fn new(root: &Path) -> Self {
        let info = RepositoryInfo {
            git_dir: root.join(".git"),
            common_dir: root.join(".git"),
            work_tree: Some(root.to_path_buf()),
            shallow: false,
            partial: false,
            hash_len: 20,
            backend: Backend::Libgit2,
        };
        Self { info, config: Vec::new() }
    }

    pub(crate) fn config(mut self, key: &str, value: Option<&str>) -> Self {
        self.config.extend(value.map(|value| (key.to_owned(), value.to_owned())));
        self
    }
}

fn unknown<T>() -> Result<T, Error> {
    Err(Error::new(ErrorKind::Unreadable, "a fake repository has no objects", ""))
}

impl Repository for FakeRepository {
    fn info(&self) -> &RepositoryInfo {
        &self.info
    }

    fn another(&self) -> Result<Box<dyn Repository>, Error> {
        Ok(Box::new(self.clone()))
    }

    fn head(&self) -> Result<Head, Error> {
        unknown()
    }

    fn staged(&self) -> Result<Vec<Change>, Error> {
        unknown()
    }

    fn resolve(&self, _: &str) -> Result<ObjectId, Error> {
        unknown()
    }

    fn commits(&self, _: &[ObjectId], _: &[ObjectId]) -> Result<Vec<ObjectId>, Error> {
        unknown()
    }

    fn commit(&self, _: &ObjectId) -> Result<Commit, Error> {
        unknown()
    }

    fn tag(&self, _: &ObjectId) -> Result<Option<Tag>, Error> {
        unknown()
    }

    fn raw(&self, _: &ObjectId, _: &mut Vec<u8>) -> Result<ObjectKind, Error> {
        unknown()
    }

    fn changes(&self, _: &ObjectId) -> Result<Vec<Change>, Error> {
        unknown()
    }

    fn changes_between(&self, _: &ObjectId, _: &ObjectId) -> Result<Vec<Change>, Error> {
        unknown()
    }

    fn merge_bases(&self, _: &ObjectId, _: &ObjectId) -> Result<Vec<ObjectId>, Error> {
        unknown()
    }

    fn entry(&self, _: &ObjectId, _: &RepoPath) -> Result<Option<TreeEntry>, Error> {
        unknown()
    }

    fn files(&self, _: &ObjectId) -> Result<Vec<(RepoPath, TreeEntry)>, Error> {
        unknown()
    }

    fn references(&self) -> Result<Vec<Reference>, Error> {
        unknown()
    }

    fn config(&self, key: &str) -> Result<Option<String>, Error> {
        Ok(self.config.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone()))
    }

    fn blob_size(&self, _: &ObjectId) -> Result<u64, Error> {
        unknown()
    }

    fn read_blob(&self, _: &ObjectId, _: &mut Vec<u8>) -> Result<(), Error> {
        unknown()
    }

    fn author(&self) -> Option<Identity> {
        None
    }
}
