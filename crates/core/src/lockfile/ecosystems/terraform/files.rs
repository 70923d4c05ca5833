//! Which files of a folder Terraform reads.

use super::TERRAGRUNT;
use crate::lockfile::tree::{Tree, file_name, folder, join};

pub(super) fn files_of<'t>(tree: &Tree<'t>, at: &str) -> Vec<&'t str> {
    tree.files_in(at).filter(|path| is_configuration(path)).collect()
}

/// Links to configuration in a folder: Terraform follows them.
pub(super) fn links_of<'t>(tree: &Tree<'t>, at: &str) -> impl Iterator<Item = &'t str> {
    let own = tree.links_under(at).iter().copied().filter(move |path| folder(path) == at);
    own.filter(|path| is_configuration(path))
}

pub(super) fn is_configuration(path: &str) -> bool {
    [".tf", ".tf.json", ".tofu", ".tofu.json"].iter().any(|end| path.ends_with(end))
}

/// A test or a query of Terraform: `init` installs what it asks for too.
pub(super) fn is_test(path: &str) -> bool {
    let ends =
        [".tftest.hcl", ".tftest.json", ".tofutest.hcl", ".tofutest.json", ".tfquery.hcl", ".tfquery.json"];
    ends.iter().any(|end| path.ends_with(end))
}

/// The tests of a root, and links that may be some: Terraform follows them.
pub(super) fn tests_of<'t>(tree: &Tree<'t>, root: &str) -> impl Iterator<Item = &'t str> {
    let tests = join(root, "tests").unwrap_or_default();
    let files = tree.under(root).iter().chain(tree.links_under(root)).copied();
    files.filter(move |path| {
        let is_read = is_test(path) && (folder(path) == root || folder(path) == tests);
        is_read || (*path == tests && tree.is_linked(path))
    })
}

/// The settings of Terragrunt in a root, be they a link.
pub(super) fn terragrunt_of(tree: &Tree<'_>, root: &str) -> Option<String> {
    join(root, TERRAGRUNT).filter(|path| tree.has(path) || tree.is_linked(path))
}

/// Whether a file takes the place of what others say, and adds nothing.
pub(super) fn is_override(path: &str) -> bool {
    let stem = file_name(path).split('.').next().unwrap_or_default();
    stem == "override" || stem.ends_with("_override")
}

pub(super) fn is_local(source: &str) -> bool {
    source.starts_with("./") || source.starts_with("../")
}
