//! The rules for files, one file each. To add a rule, write its file and name it twice below.

mod binary_file;
pub(super) mod case_clash;
mod codeowners_invalid;
mod empty_file;
mod encrypted_material;
mod executable_without_shebang;
mod file_too_large;
pub(super) mod file_unowned;
mod forbidden_path;
mod lfs_pointer_invalid;
mod lfs_required;
mod line_endings;
mod new_submodule;
mod path_too_long;
pub(super) mod required_file_missing;
mod shebang_without_executable;
mod symlink_outside;
mod windows_illegal_path;

use super::config::PathSettings;
use super::judge::Subject;
use crate::Level;
use crate::code::CodeInfo;

/// A rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileRule {
    /// Its code, name and words. The examples are contents of a new file `data/example.dat`; those of rules about paths
    /// are paths, that of a symbolic link is a target, and that of a submodule a mode and a path.
    pub(super) info: CodeInfo,
    /// The settings under which `info.fires` fires and `info.silent` is silent, as lines of `[files]`.
    /// Empty: the defaults.
    pub(super) options: &'static str,
    /// Its level for a path.
    pub(super) level: fn(&PathSettings, &CodeInfo) -> Level,
    /// Judges a file.
    pub(super) judge: fn(&Subject<'_>) -> Option<Complaint>,
}

/// What a rule has to say.
#[derive(Debug)]
pub(super) struct Complaint {
    /// One sentence with the particulars.
    pub(super) message: String,
    /// What to type or change, one step each.
    pub(super) fix: Vec<String>,
}

/// Every rule, by code.
pub(super) const RULES: &[&FileRule] = &[
    &file_too_large::RULE,
    &binary_file::RULE,
    &lfs_pointer_invalid::RULE,
    &forbidden_path::RULE,
    &encrypted_material::RULE,
    &path_too_long::RULE,
    &windows_illegal_path::RULE,
    &symlink_outside::RULE,
    &line_endings::RULE,
    &executable_without_shebang::RULE,
    &shebang_without_executable::RULE,
    &lfs_required::RULE,
    &new_submodule::RULE,
    &empty_file::RULE,
    &required_file_missing::RULE,
    &case_clash::RULE,
    &codeowners_invalid::RULE,
    &file_unowned::RULE,
];

pub(super) static CODES: [CodeInfo; RULES.len()] = crate::code::codes_of!(RULES);

/// The lines of `[files]` under which the examples of a code hold; empty: the defaults. `None`: there is no
/// such code or name.
#[must_use]
pub fn example_options(code: &str) -> Option<&'static str> {
    let rule = RULES.iter().find(|rule| rule.info.code == code || rule.info.name == code)?;
    Some(rule.options)
}
