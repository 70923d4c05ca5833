//! What a tree may hold: keys of `[files]` about paths, modes and the form of contents, none of them on by default.

use super::config::level;
use super::owners;
use crate::Level;
use crate::RepoPath;
use crate::policy::{Key, Kind, Policy, PolicyError, Strictness};
use crate::text::PathGlob;
use serde::Deserialize;

/// These keys of the section, as the policy holds them.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Tree {
    /// The longest path, in bytes; 0: any.
    pub path_max: u64,
    /// What a new path means that Windows cannot hold.
    #[serde(deserialize_with = "level")]
    pub windows_paths: Level,
    /// What a symbolic link out of the repository means.
    #[serde(deserialize_with = "level")]
    pub symlinks_outside: Level,
    /// What a new submodule means.
    #[serde(deserialize_with = "level")]
    pub submodules: Level,
    /// What an executable text means that names no interpreter.
    #[serde(deserialize_with = "level")]
    pub executable_without_shebang: Level,
    /// What a text means that names its interpreter and is not executable.
    #[serde(deserialize_with = "level")]
    pub shebang_without_executable: Level,
    /// Paths whose lines end with LF.
    pub eol_lf: Vec<String>,
    /// Paths whose lines end with CR LF.
    pub eol_crlf: Vec<String>,
    /// Paths whose content Git LFS keeps.
    pub lfs_required: Vec<String>,
    /// Paths that may not be empty.
    pub not_empty: Vec<String>,
    /// Files that every revision has.
    pub require: Vec<String>,
    /// What a new path means that differs from another in capital letters alone.
    #[serde(deserialize_with = "level")]
    pub case_clashes: Level,
    /// What a line of CODEOWNERS means that forges pass over.
    #[serde(deserialize_with = "level")]
    pub codeowners: Level,
    /// Paths that CODEOWNERS names an owner for.
    pub owned_paths: Vec<String>,
}

const LEVEL: Kind = Kind::Choice(&["allow", "note", "warn", "deny"]);
const LEVEL_STRICTNESS: Strictness = Strictness::Words(&[&["allow"], &["note"], &["warn"], &["deny"]]);

const fn level_key(name: &'static str, help: &'static str) -> Key {
    Key { name, kind: LEVEL, default: "\"allow\"", strictness: LEVEL_STRICTNESS, help }
}

const fn paths_key(name: &'static str, help: &'static str) -> Key {
    Key { name, kind: Kind::List(&Kind::Glob), default: "[]", strictness: Strictness::MoreItems, help }
}

pub(super) const PATH_MAX: Key = Key {
    name: "path-max",
    kind: Kind::Integer { min: 0, max: 65_535 },
    default: "0",
    strictness: Strictness::SmallerOrNone,
    help: "The longest path of a new file, in bytes; 0 is no limit. Windows takes 260 characters with the folder of the clone.",
};

pub(super) const WINDOWS_PATHS: Key = level_key(
    "windows-paths",
    "What a new path means that Windows cannot check out (`aux.c`, `a:b`, a dot or a space at the end of a name): allow, note, warn or deny.",
);

pub(super) const SYMLINKS_OUTSIDE: Key = level_key(
    "symlinks-outside",
    "What a symbolic link means whose target is absolute, above the repository's root or in `.git`: allow, note, warn or deny.",
);

pub(super) const SUBMODULES: Key =
    level_key("submodules", "What a new submodule means: allow, note, warn or deny.");

pub(super) const EXECUTABLE_WITHOUT_SHEBANG: Key = level_key(
    "executable-without-shebang",
    "What a text means that is executable and does not begin with `#!`: allow, note, warn or deny.",
);

pub(super) const SHEBANG_WITHOUT_EXECUTABLE: Key = level_key(
    "shebang-without-executable",
    "What a text means that begins with `#!` and is not executable: allow, note, warn or deny.",
);

pub(super) const EOL_LF: Key = paths_key(
    "eol-lf",
    "Paths whose lines end with LF in the object database: `*.sh`. Others are a finding at `level`.",
);

pub(super) const EOL_CRLF: Key = paths_key(
    "eol-crlf",
    "Paths whose lines end with CR LF in the object database: `*.bat` where .gitattributes has `-text`. Others are a finding at `level`.",
);

pub(super) const LFS_REQUIRED: Key = paths_key(
    "lfs-required",
    "Paths that only Git LFS may keep: `*.psd`. A file there that is no valid pointer is denied unless the section is off.",
);

pub(super) const NOT_EMPTY: Key = paths_key(
    "not-empty",
    "Paths of files that may not be empty: `CODEOWNERS`. One that is added or changed and has nothing but white space is denied unless the section is off.",
);

pub(super) const REQUIRE: Key = paths_key(
    "require",
    "Files that stand in every revision that a branch points at, and are not empty: `CODEOWNERS`, `SECURITY.md`. Denied unless the section is off.",
);

pub(super) const CASE_CLASHES: Key = level_key(
    "case-clashes",
    "What a new path means that differs from another of the tree in capital letters alone: allow, note, warn or deny.",
);

pub(super) const CODEOWNERS: Key = level_key(
    "codeowners",
    "What a CODEOWNERS means, where it is added or changed, that names nobody or has a line that forges pass over: allow, note, warn or deny.",
);

pub(super) const OWNED_PATHS: Key = paths_key(
    "owned-paths",
    "Paths of files that CODEOWNERS names an owner for: `config/**`, `terraform/**`. One that is added or changed and has none is denied unless the section is off; where CODEOWNERS changes, every one.",
);

/// The same, compiled.
#[derive(Debug)]
pub(super) struct TreeRules {
    pub(super) path_max: u64,
    eol_lf: Vec<PathGlob>,
    eol_crlf: Vec<PathGlob>,
    lfs_required: Vec<PathGlob>,
    not_empty: Vec<PathGlob>,
    pub(super) require: Vec<PathGlob>,
    pub(super) owned: Vec<PathGlob>,
    looks_at_modes: bool,
    looks_at_owners: bool,
}

/// How lines end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Eol {
    Lf,
    CrLf,
}

impl TreeRules {
    pub(super) fn new(policy: &Policy, tree: &Tree) -> Result<Self, PolicyError> {
        let globs = |key: &str, globs: &[String]| super::config::globs(policy, key, globs);
        Ok(Self {
            path_max: tree.path_max,
            eol_lf: globs("files.eol-lf", &tree.eol_lf)?,
            eol_crlf: globs("files.eol-crlf", &tree.eol_crlf)?,
            lfs_required: globs("files.lfs-required", &tree.lfs_required)?,
            not_empty: globs("files.not-empty", &tree.not_empty)?,
            require: globs("files.require", &tree.require)?,
            owned: globs("files.owned-paths", &tree.owned_paths)?,
            looks_at_modes: tree.executable_without_shebang.max(tree.shebang_without_executable) > Level::Off,
            looks_at_owners: tree.codeowners > Level::Off,
        })
    }

    /// How the lines of a file are to end.
    pub(super) fn eol(&self, path: &RepoPath) -> Option<Eol> {
        if any(&self.eol_lf, path) {
            return Some(Eol::Lf);
        }
        any(&self.eol_crlf, path).then_some(Eol::CrLf)
    }

    /// The glob by which Git LFS must keep a file.
    pub(super) fn lfs_required(&self, path: &RepoPath) -> Option<&PathGlob> {
        self.lfs_required.iter().find(|glob| glob.is_match(path))
    }

    /// The glob by which a file may not be empty.
    pub(super) fn not_empty(&self, path: &RepoPath) -> Option<&PathGlob> {
        self.not_empty.iter().find(|glob| glob.is_match(path))
    }

    /// Whether any rule is about whole contents.
    pub(super) fn reads_contents(&self) -> bool {
        self.looks_at_modes || self.looks_at_owners || !self.eol_lf.is_empty() || !self.eol_crlf.is_empty()
    }

    /// Whether a rule is about the content of the file at a path: then it is told of when it was too large.
    pub(super) fn reads_content_of(&self, path: &RepoPath, is_executable: bool) -> bool {
        self.eol(path).is_some()
            || (self.looks_at_modes && is_executable)
            || (self.looks_at_owners && owners::dialect(path).is_some())
    }
}

fn any(globs: &[PathGlob], path: &RepoPath) -> bool {
    globs.iter().any(|glob| glob.is_match(path))
}
