//! Where the hooks of a repository really are.
//!
//! Git looks into `core.hooksPath` when it is set (in any configuration: of the repository, of the work tree, of
//! the user, of the machine) and otherwise into `hooks` of the directory that all work trees share.

use gatepost_source::{Error, Repository, RepositoryInfo};
use std::path::{Component, Path, PathBuf};

/// The hooks directory of a repository.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HooksPlace {
    /// The directory, absolute; it need not exist yet.
    pub directory: PathBuf,
    /// `core.hooksPath` as it is written, where it is set.
    pub configured: Option<String>,
    /// Whether the directory belongs to this repository: inside its work tree or its Git directory. One that does not
    /// is shared with other repositories.
    pub inside: bool,
}

impl HooksPlace {
    /// Finds the hooks directory of `repository`. `home` is the user's home directory, for `~/` in `core.hooksPath`.
    ///
    /// # Errors
    ///
    /// When the configuration cannot be read.
    pub fn of(repository: &dyn Repository, home: Option<&Path>) -> Result<Self, Error> {
        let configured = repository.config("core.hooksPath")?.filter(|path| !path.is_empty());
        Ok(Self::resolve(repository.info(), configured, home))
    }

    fn resolve(info: &RepositoryInfo, configured: Option<String>, home: Option<&Path>) -> Self {
        let Some(written) = configured else {
            return Self { directory: info.common_dir.join("hooks"), configured: None, inside: true };
        };
        let written_path = match (written.strip_prefix("~/"), home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(&written),
        };
        // Hooks run in the root of the work tree, in a bare repository in the Git directory: a relative path counts
        // from there (git-config(1), core.hooksPath).
        let base = info.work_tree.as_ref().unwrap_or(&info.git_dir);
        let directory = normal(&base.join(written_path));
        let roots = [Some(&info.git_dir), Some(&info.common_dir), info.work_tree.as_ref()];
        let inside = roots.into_iter().flatten().any(|root| is_inside(&directory, root));
        Self { directory, configured: Some(written), inside }
    }
}

fn is_inside(path: &Path, root: &Path) -> bool {
    path.starts_with(normal(root)) || real(path).starts_with(real(root))
}

/// `path` with the symbolic links of the part that exists followed.
fn real(path: &Path) -> PathBuf {
    for ancestor in path.ancestors() {
        if let (Ok(found), Ok(rest)) = (ancestor.canonicalize(), path.strip_prefix(ancestor)) {
            return found.join(rest);
        }
    }
    path.to_path_buf()
}

/// `path` without `.` and `..`, by its words alone.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatepost_source::Backend;

    fn info() -> RepositoryInfo {
        RepositoryInfo {
            git_dir: "/r/.git/worktrees/w".into(),
            common_dir: "/r/.git".into(),
            work_tree: Some("/w".into()),
            shallow: false,
            partial: false,
            hash_len: 20,
            backend: Backend::Libgit2,
        }
    }

    fn place(configured: Option<&str>) -> (String, bool) {
        let place = HooksPlace::resolve(&info(), configured.map(str::to_owned), Some(Path::new("/home/u")));
        (place.directory.display().to_string(), place.inside)
    }

    #[cfg(unix)]
    #[test]
    fn every_way_of_writing_a_hooks_path() {
        // Linked work trees share the hooks of the repository.
        assert_eq!(place(None), ("/r/.git/hooks".into(), true));
        assert_eq!(place(Some(".githooks")), ("/w/.githooks".into(), true));
        assert_eq!(place(Some("./.husky/_")), ("/w/.husky/_".into(), true));
        assert_eq!(place(Some("/r/.git/other")), ("/r/.git/other".into(), true));
        assert_eq!(place(Some("../shared")), ("/shared".into(), false));
        assert_eq!(place(Some("~/hooks")), ("/home/u/hooks".into(), false));
        assert_eq!(place(Some("/etc/git/hooks")), ("/etc/git/hooks".into(), false));
    }

    #[test]
    fn a_bare_repository_counts_from_its_own_directory() {
        let info = RepositoryInfo {
            work_tree: None,
            git_dir: "/b.git".into(),
            common_dir: "/b.git".into(),
            ..info()
        };
        let place = HooksPlace::resolve(&info, Some("h".into()), None);
        assert!(place.inside);
        assert_eq!(place.directory, Path::new("/b.git/h"));
    }
}
