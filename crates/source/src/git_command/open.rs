//! Opening a repository with the `git` program: what it is, and where.

use super::GitCommand;
use super::process::{Answer, Git, failed};
use crate::open::{Opening, shallow_boundary};
use crate::repository::config::{self, Setting};
use crate::{Backend, Error, ErrorKind, RepositoryInfo};
use std::cell::RefCell;
use std::path::{Path, PathBuf};

impl GitCommand {
    /// Opens the repository that Git finds, as it finds it.
    pub(crate) fn open(opening: Opening) -> Result<Self, Error> {
        let git = Git::new(opening.start());
        let arguments = [
            "rev-parse",
            "--path-format=absolute",
            "--git-dir",
            "--git-common-dir",
            "--show-object-format",
            "--is-bare-repository",
            "--is-inside-work-tree",
        ];
        let answer = git.run(&arguments, b"")?;
        if !answer.success {
            return Err(open_error(&answer, &opening));
        }
        let text = String::from_utf8_lossy(&answer.stdout);
        let lines: Vec<&str> = text.lines().collect();
        let [git_dir, common_dir, format, bare, inside] = lines.as_slice() else {
            return Err(failed(&arguments, "an unreadable answer; Git 2.31 or newer is needed"));
        };
        let hash_len = match *format {
            "sha1" => 20,
            "sha256" => 32,
            other => return Err(failed(&arguments, &format!("the object format `{other}` is unknown"))),
        };
        let (git_dir, common_dir) = (PathBuf::from(git_dir), PathBuf::from(common_dir));
        let settings = settings(&git)?;
        let work_tree = match (*bare, *inside) {
            ("true", _) => None,
            (_, "true") => Some(top_level(&git)?),
            _ => outside_work_tree(&git_dir, &settings),
        };
        let boundary = shallow_boundary(&common_dir)?;
        let info = RepositoryInfo {
            git_dir,
            common_dir,
            work_tree,
            shallow: !boundary.is_empty(),
            partial: settings.iter().any(|(key, value)| config::is_promisor(key, value)),
            hash_len,
            backend: Backend::GitCommand,
        };
        let (contents, headers) = (RefCell::new(None), RefCell::new(None));
        Ok(Self { git, opening, info, boundary, settings, contents, headers })
    }
}

fn open_error(answer: &Answer, opening: &Opening) -> Error {
    if answer.stderr.contains("dubious ownership") {
        let path = answer.stderr.split('\'').nth(1).map(str::to_owned);
        let path = path.or_else(|| opening.directory().map(|dir| dir.display().to_string()));
        return Error::dubious_ownership(&path.unwrap_or_else(|| "this directory".to_owned()));
    }
    if answer.stderr.contains("not a git repository") {
        return Error::not_a_repository(opening.named().as_deref());
    }
    Error::new(
        ErrorKind::Unreadable,
        format!("git cannot open the repository: {}", answer.reason()),
        "run `git status` there to see what is wrong",
    )
}

fn top_level(git: &Git) -> Result<PathBuf, Error> {
    let output = git.output(&["rev-parse", "--path-format=absolute", "--show-toplevel"], b"")?;
    let text = String::from_utf8_lossy(&output);
    Ok(PathBuf::from(text.strip_suffix('\n').unwrap_or(&text)))
}

/// The work tree, for somebody who stands in the Git directory.
fn outside_work_tree(git_dir: &Path, settings: &[Setting]) -> Option<PathBuf> {
    let told = config::last(settings, "core.worktree").map(|dir| git_dir.join(dir));
    let linked = || {
        let file = std::fs::read_to_string(git_dir.join("gitdir")).ok()?;
        git_dir.join(file.trim_end()).parent().map(Path::to_owned)
    };
    let usual = || git_dir.parent().filter(|_| git_dir.ends_with(".git")).map(Path::to_owned);
    let work_tree = told.or_else(linked).or_else(usual)?;
    Some(work_tree.canonicalize().unwrap_or(work_tree))
}

/// Every setting that Git sees, the strongest last.
fn settings(git: &Git) -> Result<Vec<Setting>, Error> {
    let output = git.output(&["config", "--list", "-z"], b"")?;
    let entries = output.split(|&b| b == 0).filter(|entry| !entry.is_empty());
    let setting = |entry: &[u8]| {
        let text = String::from_utf8_lossy(entry).into_owned();
        match text.split_once('\n') {
            Some((key, value)) => (key.to_owned(), value.to_owned()),
            None => (text, "true".to_owned()),
        }
    };
    Ok(entries.map(setting).collect())
}
