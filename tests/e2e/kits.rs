//! The files that are there to be copied, against the schemas of the systems that read them: check-jsonschema brings those
//! along. That of Azure Pipelines is none that it can apply.

use crate::reports::tool;
use crate::support::{ROOT, run};
use std::path::{Path, PathBuf};
use std::process::Command;

const HOW: &str = "target/tools/bin/pip install check-jsonschema";

fn check(schema: &str, file: &Path) {
    let program = tool("bin/check-jsonschema", HOW);
    let mut command = Command::new(program);
    command.args(["--builtin-schema", schema]).arg(file);
    run(&mut command, b"").ok();
}

#[test]
fn every_system_takes_its_file() {
    let at = |file: &str| Path::new(ROOT).join(file);
    check("vendor.github-actions", &at("action.yml"));
    check("vendor.github-workflows", &at("docs/ci/github.yml"));
    check("vendor.gitlab-ci", &at("docs/ci/gitlab.yml"));
    check("vendor.bitbucket-pipelines", &at("docs/ci/bitbucket-pipelines.yml"));
    check("vendor.circle-ci", &at("docs/ci/circleci.yml"));
    check("vendor.buildkite", &at("docs/ci/buildkite.yml"));
}

/// A component is two documents: what can be set, and the jobs.
#[test]
fn gitlab_takes_the_jobs_of_the_component() {
    let text = std::fs::read_to_string(Path::new(ROOT).join("templates/gatepost/template.yml")).unwrap();
    let (inputs, jobs) = text.split_once("\n---\n").unwrap();
    assert!(inputs.contains("\nspec:\n  inputs:\n"));
    for used in jobs.split("$[[ inputs.").skip(1) {
        let name = used.split(' ').next().unwrap();
        assert!(inputs.contains(&format!("\n    {name}:\n")), "{name} is no input");
    }
    let folder = tempfile::tempdir().unwrap();
    let file: PathBuf = folder.path().join("jobs.yml");
    std::fs::write(&file, jobs).unwrap();
    check("vendor.gitlab-ci", &file);
}

#[test]
fn a_file_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("action.yml");
    std::fs::write(
        &file,
        "name: x\nruns:\n  using: composite\n  steps: [{ run: 1, shell: bash, users: x }]\n",
    )
    .unwrap();
    let program = tool("bin/check-jsonschema", HOW);
    run(Command::new(program).args(["--builtin-schema", "vendor.github-actions"]).arg(&file), b"")
        .failed(&[1], &["users"]);
}
