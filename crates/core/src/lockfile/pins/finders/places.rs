//! Which files are whose, by their paths: of pipelines, and of image builds.

use crate::lockfile::{file_name, folder};

/// Folders of files that CI systems run.
const FOLDERS: &[&str] = &[
    ".buildkite",
    ".circleci",
    ".forgejo/workflows",
    ".gitea/workflows",
    ".github/workflows",
    ".gitlab/ci",
    ".woodpecker",
];

/// Files that CI systems run, up to the end of their name.
const STEMS: &[&str] = &[
    ".drone",
    ".gitlab-ci",
    ".travis",
    ".woodpecker",
    "action",
    "azure-pipelines",
    "bitbucket-pipelines",
    "cloudbuild",
];

pub(super) fn is_yaml(path: &str) -> bool {
    path.ends_with(".yml") || path.ends_with(".yaml")
}

/// Whether a CI system runs a file.
pub(super) fn is_pipeline(path: &str) -> bool {
    let (name, folder) = (file_name(path), folder(path));
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let is_in = |known: &&str| folder == *known || folder.ends_with(&format!("/{known}"));
    is_yaml(path)
        && (FOLDERS.iter().any(is_in)
            || STEMS.contains(&stem)
            || stem.ends_with(".gitlab-ci")
            || stem.starts_with("azure-pipelines"))
}

/// Whether a file is a Dockerfile or the like.
pub(super) fn is_image_build(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    ["dockerfile", "containerfile"].iter().any(|word| {
        name == *word || name.starts_with(&format!("{word}.")) || name.ends_with(&format!(".{word}"))
    })
}
