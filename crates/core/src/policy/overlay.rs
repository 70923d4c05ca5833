//! `[[overlay]]`: settings for some paths, some branches, or both, over everything that the layers say.
//!
//! Overlays are the last word and a policy's own: they come from files, never from the environment or from flags. What
//! is `final` in an earlier layer binds them as it binds every other setting.

use super::layer::Setting;
use super::merge::set;
use super::source::Place;
use super::{Origin, Policy};
use crate::text::PathGlob;
use crate::{RefName, RepoPath};

/// One `[[overlay]]`.
#[derive(Clone, Debug)]
pub struct Overlay {
    pub(super) paths: Vec<PathGlob>,
    pub(super) branches: Vec<PathGlob>,
    pub(super) settings: Vec<Setting>,
    pub(super) origin: Origin,
    pub(super) place: Place,
}

impl Overlay {
    /// Whether it is only for some paths.
    #[must_use]
    pub const fn has_paths(&self) -> bool {
        !self.paths.is_empty()
    }

    /// Whether it is only for some branches.
    #[must_use]
    pub const fn has_branches(&self) -> bool {
        !self.branches.is_empty()
    }

    /// What it is for, as the lines that the policy has for it: `paths = ["infra/**"]`.
    #[must_use]
    pub fn scope(&self) -> Vec<String> {
        let list = |key: &str, globs: &[PathGlob]| {
            let globs = globs.iter().map(|glob| toml::Value::String(glob.as_str().to_owned())).collect();
            let globs = toml::Value::Array(globs);
            globs.as_array().is_some_and(|globs| !globs.is_empty()).then(|| format!("{key} = {globs}"))
        };
        [list("paths", &self.paths), list("branches", &self.branches)].into_iter().flatten().collect()
    }

    /// What it sets: paths of keys with their values.
    pub fn settings(&self) -> impl Iterator<Item = (&str, &toml::Value)> {
        self.settings.iter().map(|setting| (setting.path.as_str(), &setting.value))
    }

    /// Where it stands.
    #[must_use]
    pub const fn origin(&self) -> (&Origin, Option<u32>) {
        (&self.origin, self.place.line)
    }

    fn is_for_branch(&self, branch: Option<&RefName>) -> bool {
        let name = branch.and_then(|branch| branch.branch()).map(RepoPath::new);
        self.branches.is_empty()
            || name.is_some_and(|name| self.branches.iter().any(|glob| glob.is_match(&name)))
    }
}

impl Policy {
    /// The overlays, in order: of two that set a key, the later one counts.
    #[must_use]
    pub fn overlays(&self) -> &[Overlay] {
        &self.overlays
    }

    /// The policy on a branch: overlays for this branch are laid over it, those for other branches are gone, and those
    /// for paths are kept for [`Policy::with_overlays`]. `None`: no branch, so no overlay for branches counts.
    #[must_use]
    pub fn on_branch(&self, branch: Option<&RefName>) -> Self {
        let mut policy = self.clone();
        if self.overlays.is_empty() {
            return policy;
        }
        let here = std::mem::take(&mut policy.overlays).into_iter().filter(|o| o.is_for_branch(branch));
        let (by_path, here): (Vec<Overlay>, Vec<Overlay>) = here.partition(Overlay::has_paths);
        for overlay in &here {
            policy.lay_over(overlay);
        }
        policy.overlays = by_path;
        policy
    }

    /// Which overlays for branches count on a branch: what tells two branches apart.
    #[must_use]
    pub fn overlays_of_branch(&self, branch: Option<&RefName>) -> Vec<usize> {
        let overlays = self.overlays.iter().enumerate();
        overlays
            .filter(|(_, o)| o.has_branches() && o.is_for_branch(branch))
            .map(|(index, _)| index)
            .collect()
    }

    /// Which overlays are for a path.
    #[must_use]
    pub fn overlays_of_path(&self, path: &RepoPath) -> Vec<usize> {
        let for_path = |overlay: &Overlay| overlay.paths.iter().any(|glob| glob.is_match(path));
        let overlays = self.overlays.iter().enumerate();
        overlays.filter(|(_, overlay)| for_path(overlay)).map(|(index, _)| index).collect()
    }

    /// The policy where these overlays count ([`Policy::overlays_of_path`]).
    #[must_use]
    pub fn with_overlays(&self, overlays: &[usize]) -> Self {
        let mut policy = self.clone();
        policy.overlays.clear();
        for overlay in overlays.iter().filter_map(|index| self.overlays.get(*index)) {
            policy.lay_over(overlay);
        }
        policy
    }

    fn lay_over(&mut self, overlay: &Overlay) {
        for setting in &overlay.settings {
            set(&mut self.merged, &setting.path, setting.value.clone());
            self.origins.insert(setting.path.clone(), (overlay.origin.clone(), setting.place.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Layer;
    use crate::{Level, Stage};

    fn read(name: &str, text: &str) -> Layer {
        Layer { origin: Origin::File(name.to_owned()), text: text.to_owned() }
    }

    fn load(text: &str) -> Policy {
        Policy::load(&[read("gatepost.toml", text)]).unwrap_or_else(|errors| panic!("{errors:#?}"))
    }

    fn errors(text: &str) -> String {
        let errors = Policy::load(&[read("gatepost.toml", text)]).unwrap_err();
        errors.iter().map(|error| format!("{error}\n")).collect()
    }

    const OVERLAYS: &str = r#"
    [files]
    level = "warn"
    [[overlay]]
    paths = ["infra/**"]
    [overlay.files]
    level = "deny"
    [[overlay]]
    branches = ["release/*"]
    [overlay.message]
    header-max = 50
    [[overlay]]
    branches = ["release/*"]
    paths = ["infra/*.tf"]
    files.level = "note"
    "#;

    #[test]
    fn overlays_hold_for_their_paths_and_branches() {
        let policy = load(OVERLAYS);
        let files = |policy: &Policy| policy.levels("files").unwrap().at(Stage::Ci);
        let path = |path: &str| RepoPath::from(path);
        let release = RefName::from("refs/heads/release/1.8");
        let here = policy.on_branch(None);
        assert_eq!(files(&here), Level::Warn);
        assert_eq!(here.overlays_of_path(&path("infra/a.tf")), [0]);
        assert_eq!(files(&here.with_overlays(&here.overlays_of_path(&path("infra/a.tf")))), Level::Deny);
        assert_eq!(here.origin("message.header-max"), &Origin::BuiltIn);
        let there = policy.on_branch(Some(&release));
        assert_eq!(there.entries().iter().find(|e| e.path == "message.header-max").unwrap().value, "50");
        // The later of two overlays counts.
        assert_eq!(files(&there.with_overlays(&there.overlays_of_path(&path("infra/a.tf")))), Level::Note);
        assert_eq!(files(&there.with_overlays(&there.overlays_of_path(&path("infra/b")))), Level::Deny);
        assert_ne!(policy.digest(), load("[files]\nlevel = \"warn\"\n").digest());
        assert_eq!(policy.overlays_of_branch(Some(&release)), [1, 2]);
        assert!(policy.overlays_of_branch(Some(&RefName::from("refs/heads/feature/release/1"))).is_empty());
    }

    #[test]
    fn overlays_that_are_for_nothing_are_errors() {
        insta::assert_snapshot!(errors(
            r#"
    [[overlay]]
    files.level = "deny"
    [[overlay]]
    paths = []
    branches = "main"
    [[overlay]]
    path = ["a"]
    branches = ["main"]
    [overlay.colours]
    level = "deny"
    [overlay.files]
    levle = "deny"
    [[overlay]]
    paths = ["a"]
    message.header-max = 50
    secrets.baseline = "elsewhere.txt"
    exceptions.unused = "off"
    [overlai]
    x = 1
    "#
        ));
    }

    #[test]
    fn overlays_obey_what_is_final() {
        let org = read("org.toml", "final = [\"files.level\"]\n[files]\nlevel = \"warn\"\n");
        let own = read("gatepost.toml", "[[overlay]]\npaths = [\"docs/**\"]\nfiles.level = \"off\"\n");
        let errors = Policy::load(&[org, own]).unwrap_err();
        assert_eq!(
            errors[0].to_string(),
            "gatepost.toml:3:7: `files.level = \"off\"` weakens what is final in org.toml, line 1: \"warn\" (at pre-commit \
             it would fall from \"warn\" to \"off\"; remove the line, or change it there)"
        );
    }
}
