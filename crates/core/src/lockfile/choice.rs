//! Which tool of a family a manifest without a lock is meant for: what is told to make one must be the tool that its project
//! uses. The manifest says so, or a file beside it or above it; where none does, every tool of the family is named.

use super::data::{Value, json, toml};
use super::source::Source;
use super::tree::{Tree, file_name, folder, join};
use std::cell::RefCell;
use std::collections::HashMap;

/// A tool by the ecosystem's name, which is that of its table below `[tool]`; the build backends that come with it; its files.
type Tool = (&'static str, &'static [&'static str], &'static [&'static str]);

/// The tools of Python.
const PYTHON: &[Tool] = &[
    ("uv", &["uv_build"], &["uv.toml"]),
    ("poetry", &["poetry."], &["poetry.toml"]),
    ("pdm", &["pdm."], &["pdm.toml", ".pdm.toml", ".pdm-python"]),
];

/// Files of a tool of JavaScript, by the ecosystem's name.
const JAVASCRIPT: &[(&str, &[&str])] = &[
    ("pnpm", &["pnpm-workspace.yaml", ".pnpmfile.cjs", "pnpm-lock.yaml"]),
    ("yarn-berry", &[".yarnrc.yml"]),
    ("yarn-classic", &[".yarnrc"]),
    ("bun", &["bunfig.toml", "bun.lockb"]),
    ("deno", &["deno.json", "deno.jsonc"]),
];

/// Chooses for the manifests of a tree.
pub(super) struct Chooser<'t> {
    tree: &'t Tree<'t>,
    /// What a package.json says of its package manager, by its path: a workspace has thousands of members under one.
    managers: RefCell<HashMap<String, Option<&'static str>>>,
}

impl<'t> Chooser<'t> {
    pub(super) fn new(tree: &'t Tree<'t>) -> Self {
        Self { tree, managers: RefCell::default() }
    }

    /// Of the ecosystems of a family that read a manifest, by name, those that it may be meant for; never none.
    pub(super) fn choose<'n>(&self, family: &str, names: &[&'n str], manifest: &Source) -> Vec<&'n str> {
        let meant = match family {
            "python" => self.python(manifest),
            "javascript" => self.javascript(manifest),
            _ => Vec::new(),
        };
        let pick = |is_meant: &dyn Fn(&&&str) -> bool| -> Vec<&'n str> {
            names.iter().filter(is_meant).copied().collect()
        };
        let chosen = pick(&|name| meant.contains(*name));
        if !chosen.is_empty() {
            return chosen;
        }
        // Deno reads a package.json as a guest: nobody is told to use it who does not.
        let usual = pick(&|name| **name != "deno");
        if usual.is_empty() { names.to_vec() } else { usual }
    }

    fn python(&self, manifest: &Source) -> Vec<&'static str> {
        let Ok(project) = toml(&manifest.text) else { return Vec::new() };
        let of = |is_meant: &dyn Fn(&&Tool) -> bool| -> Vec<&'static str> {
            PYTHON.iter().filter(is_meant).map(|(name, _, _)| *name).collect()
        };
        let tables = of(&|(name, _, _)| project.at(&["tool", name]).is_some());
        if !tables.is_empty() {
            return tables;
        }
        let at = folder(&manifest.path);
        let files = of(&|(_, _, files)| files.iter().any(|file| self.has(at, file)));
        if !files.is_empty() {
            return files;
        }
        let backend =
            project.at(&["build-system", "build-backend"]).and_then(Value::text).unwrap_or_default();
        of(&|(_, backends, _)| backends.iter().any(|known| backend.starts_with(known)))
    }

    fn javascript(&self, manifest: &Source) -> Vec<&'static str> {
        if file_name(&manifest.path) != "package.json" {
            return Vec::new();
        }
        let mut at = folder(&manifest.path);
        loop {
            if let Some(manager) = join(at, "package.json").and_then(|path| self.manager(path)) {
                return vec![manager];
            }
            let files = JAVASCRIPT.iter().filter(|(_, files)| files.iter().any(|file| self.has(at, file)));
            let found: Vec<&'static str> = files.map(|(name, _)| *name).collect();
            if !found.is_empty() {
                return found;
            }
            if at.is_empty() {
                return Vec::new();
            }
            at = folder(at);
        }
    }

    fn has(&self, folder: &str, name: &str) -> bool {
        join(folder, name).is_some_and(|path| self.tree.has(&path))
    }

    /// What a package.json names in `packageManager` or `devEngines`.
    fn manager(&self, path: String) -> Option<&'static str> {
        if let Some(known) = self.managers.borrow().get(&path) {
            return *known;
        }
        let source = if self.tree.has(&path) { self.tree.read(&path).ok() } else { None };
        let manager = source.and_then(|source| manager(&json(&source.text).ok()?));
        self.managers.borrow_mut().insert(path, manager);
        manager
    }
}

fn manager(package: &Value) -> Option<&'static str> {
    let (name, version) = match package.text_of("packageManager") {
        Some(written) => written.split_once('@').unwrap_or((written, "")),
        None => {
            let engine = package.at(&["devEngines", "packageManager"])?;
            (engine.text_of("name")?, engine.text_of("version").unwrap_or_default())
        }
    };
    let major = version.trim_start_matches(|c: char| !c.is_ascii_digit());
    match name {
        "npm" => Some("npm"),
        "pnpm" => Some("pnpm"),
        "bun" => Some("bun"),
        "deno" => Some("deno"),
        "yarn" if major == "1" || major.starts_with("1.") => Some("yarn-classic"),
        "yarn" => Some("yarn-berry"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockfile::{ECOSYSTEMS, State, Want, survey};

    /// The ecosystem and the command that the survey names for a manifest of a tree.
    fn told(files: &[(&str, &str)], manifest: &str) -> (&'static str, String) {
        let read = |path: &str, _: u64| {
            let found = files.iter().find(|(name, _)| *name == path);
            Ok(found.map(|(_, text)| text.as_bytes().to_vec()))
        };
        let tree = Tree::new(files.iter().map(|(path, _)| *path).collect(), &read);
        let records = survey(&tree, &Want::default());
        let record = records.into_iter().find(|record| record.pair.manifest.as_deref() == Some(manifest));
        match record.map(|record| (record.ecosystem, record.state)) {
            Some((ecosystem, State::Missing { make, .. })) => (ecosystem, make),
            other => panic!("{other:?}"),
        }
    }

    const PROJECT: &str = "[project]\nname = \"app\"\nversion = \"1\"\ndependencies = [\"six\"]\n";
    const PACKAGE: &str = "{\"dependencies\": {\"left-pad\": \"1\"}}";

    #[test]
    fn a_project_of_python_says_its_tool() {
        let of = |more: &str| {
            let text = format!("{PROJECT}{more}");
            told(&[("pyproject.toml", &text)], "pyproject.toml")
        };
        assert_eq!(of("[tool.poetry]\npackage-mode = false\n"), ("poetry", "poetry lock".to_owned()));
        assert_eq!(of("[tool.pdm]\n").0, "pdm");
        assert_eq!(of("[tool.uv]\n[build-system]\nbuild-backend = \"pdm.backend\"\n").0, "uv");
        assert_eq!(of("[build-system]\nbuild-backend = \"poetry.core.masonry.api\"\n").0, "poetry");
        assert_eq!(of("[tool.uv]\n[tool.poetry]\n").1, "uv lock or poetry lock");
        let every = "uv lock, poetry lock or pdm lock";
        assert_eq!(of("").1, every);
        assert_eq!(of("[build-system]\nbuild-backend = \"hatchling.build\"\n").1, every);
        let beside = [("pdm.toml", ""), ("pyproject.toml", PROJECT)];
        assert_eq!(told(&beside, "pyproject.toml").0, "pdm");
    }

    #[test]
    fn a_package_of_javascript_says_its_tool() {
        let of = |more: &str| {
            let text = PACKAGE.replacen('{', &format!("{{{more}, "), 1);
            told(&[("package.json", &text)], "package.json").0
        };
        assert_eq!(of("\"packageManager\": \"pnpm@9.1.0+sha512.00\""), "pnpm");
        assert_eq!(of("\"packageManager\": \"yarn@1.22.22\""), "yarn-classic");
        assert_eq!(of("\"packageManager\": \"yarn@4.1.0\""), "yarn-berry");
        assert_eq!(of("\"devEngines\": {\"packageManager\": {\"name\": \"bun\"}}"), "bun");
        let (_, make) = told(&[("package.json", PACKAGE)], "package.json");
        assert!(make.contains("npm install --package-lock-only, pnpm ") && !make.contains("deno"), "{make}");
    }

    #[test]
    fn what_stands_above_counts_for_what_is_below() {
        let root = "{\"packageManager\": \"bun@1.2.0\"}";
        let files = [("a/b/package.json", PACKAGE), ("package.json", root)];
        assert_eq!(told(&files, "a/b/package.json").0, "bun");
        let files = [(".yarnrc.yml", ""), ("a/package.json", PACKAGE)];
        assert_eq!(told(&files, "a/package.json").0, "yarn-berry");
        // What is nearer is meant.
        let files = [("a/b/package.json", PACKAGE), ("a/pnpm-workspace.yaml", ""), ("package.json", root)];
        assert_eq!(told(&files, "a/b/package.json").0, "pnpm");
    }

    #[test]
    fn the_lock_that_is_kept_out_is_of_the_tool_that_is_meant() {
        let kept_out = |ignored: &str| {
            let project = format!("{PROJECT}[tool.poetry]\n");
            let files = [(".gitignore", ignored), ("pyproject.toml", project.as_str())];
            let read = |path: &str, _: u64| {
                let found = files.iter().find(|(name, _)| *name == path);
                Ok(found.map(|(_, text)| text.as_bytes().to_vec()))
            };
            let tree = Tree::new(files.iter().map(|(path, _)| *path).collect(), &read);
            let records = survey(&tree, &Want::default());
            records.into_iter().any(|record| matches!(record.state, State::Missing { kept_out: Some(_), .. }))
        };
        assert!(kept_out("poetry.lock\n"));
        assert!(!kept_out("uv.lock\n"));
    }

    #[test]
    fn every_tool_that_is_chosen_is_an_ecosystem() {
        let names = PYTHON.iter().map(|(name, _, _)| *name).chain(JAVASCRIPT.iter().map(|(name, _)| *name));
        for name in names {
            assert!(ECOSYSTEMS.iter().any(|ecosystem| ecosystem.info().name == name), "{name}");
        }
    }
}
