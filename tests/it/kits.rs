//! What stands in `docs/ci`, `action.yml` and `templates` to be copied: every command in it is run as it stands, over a change
//! that must not pass, over a history, and in a clone that is too shallow; and nothing that is not pinned is used.
//! That CI systems take the files is a matter of `tests/e2e/kits.rs`.

use crate::support::{GATEPOST, ROOT, Repo, Run, leak, run, token};
use std::path::{Path, PathBuf};

/// The files, and how a shallow clone is mended where the system has a word for it.
const KITS: [&str; 9] = [
    "action.yml",
    "templates/gatepost/template.yml",
    "docs/ci/github.yml",
    "docs/ci/gitlab.yml",
    "docs/ci/Jenkinsfile",
    "docs/ci/azure-pipelines.yml",
    "docs/ci/bitbucket-pipelines.yml",
    "docs/ci/circleci.yml",
    "docs/ci/buildkite.yml",
];

/// Those that use another one.
const BY_NAME: [&str; 2] = ["docs/ci/github.yml", "docs/ci/gitlab.yml"];

fn text(kit: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(kit)).unwrap()
}

/// The lines of a kit that run gatepost.
fn commands(kit: &str) -> Vec<String> {
    let lines = text(kit);
    let lines = lines.lines().map(|line| line.trim().trim_start_matches("- "));
    lines.filter(|line| line.starts_with("gatepost ") && line.contains(" -f ")).map(str::to_owned).collect()
}

/// The files that a command names.
fn files(command: &str) -> Vec<String> {
    let words: Vec<&str> = command.split(' ').collect();
    let named = words.windows(2).filter(|pair| pair[0] == "-o");
    named.map(|pair| pair[1].trim_matches('"').replace("$REPORTS", "reports")).collect()
}

/// Runs a command as a job would.
fn job(repo: &Repo, directory: &Path, command: &str) -> Run {
    let folder = Path::new(GATEPOST).parent().unwrap();
    let path = std::env::join_paths(
        std::iter::once(folder.to_path_buf())
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap()).collect::<Vec<PathBuf>>()),
    );
    for place in files(command) {
        std::fs::create_dir_all(directory.join(place).parent().unwrap()).unwrap();
    }
    let mut shell = repo.command("bash", directory);
    shell.env("PATH", path.unwrap()).env("REPORTS", "reports").env("PRE_COMMIT_FROM_REF", "HEAD~1");
    run(shell.arg("-c").arg(format!("code=0\n{command}\nexit $((code > 0 ? code : $?))")), b"")
}

/// A repository whose last commit brings a secret in.
fn leaking() -> Repo {
    let repo = Repo::new();
    repo.write("README.md", "hello\n");
    repo.commit_all("docs: say hello");
    repo.write("app.env", leak(&token()));
    repo.commit_all("feat: leak it");
    repo
}

#[test]
fn every_command_of_a_kit_refuses_a_leak_and_leaves_its_reports() {
    for kit in KITS.into_iter().filter(|kit| !BY_NAME.contains(kit)) {
        let commands = commands(kit);
        assert!(commands.iter().any(|command| command.starts_with("gatepost run ci")), "{kit}");
        assert!(commands.iter().any(|command| command.starts_with("gatepost scan --history")), "{kit}");
        for command in commands {
            let repo = leaking();
            let run = job(&repo, repo.root(), &command);
            assert_eq!(run.code, 1, "{kit}: {command}\n{}", run.said());
            assert!(run.said().contains("app.env"), "{kit}: {command}\n{}", run.said());
            let files = files(&command);
            assert!(!files.is_empty(), "{kit}: {command}");
            for file in files {
                let bytes = std::fs::read(repo.root().join(&file)).unwrap();
                let whole = match file.rsplit('.').next().unwrap() {
                    "xml" => bytes.ends_with(b"</testsuites>\n"),
                    "html" => bytes.ends_with(b"</html>\n"),
                    _ => serde_json::from_slice::<serde_json::Value>(&bytes).is_ok(),
                };
                assert!(whole, "{kit}: {file}");
            }
        }
    }
}

#[test]
fn every_command_of_a_kit_passes_what_is_clean() {
    for kit in KITS {
        for command in commands(kit) {
            let repo = Repo::new();
            repo.write("README.md", "hello\n");
            repo.commit_all("docs: say hello");
            repo.write("README.md", "hello, you\n");
            repo.commit_all("docs: say hello to you");
            job(&repo, repo.root(), &command).ok();
        }
    }
}

#[test]
fn in_a_shallow_clone_every_command_of_a_kit_fails_and_says_what_to_write() {
    for kit in KITS {
        for command in commands(kit) {
            let repo = leaking();
            let clone = repo.beside("shallow");
            let origin = format!("file://{}", repo.root().display());
            repo.git(["clone", "-q", "--depth", "1", &origin, clone.to_str().unwrap()]);
            let run = job(&repo, &clone, &command);
            // In a history that ends too early a leak can still be found: that is 1, and never 0.
            assert!([1, 3].contains(&run.code), "{kit}: {command}\n{}", run.said());
            assert!(run.said().contains("shallow"), "{kit}: {command}\n{}", run.said());
        }
    }
}

#[test]
fn a_kit_says_how_deep_its_clone_is() {
    let depths = [
        ("templates/gatepost/template.yml", "GIT_DEPTH: \"0\""),
        ("docs/ci/github.yml", "fetch-depth: 0"),
        ("docs/ci/Jenkinsfile", "no shallow clone"),
        ("docs/ci/azure-pipelines.yml", "fetchDepth: \"0\""),
        ("docs/ci/bitbucket-pipelines.yml", "depth: full"),
        ("docs/ci/circleci.yml", "method: full"),
        ("docs/ci/buildkite.yml", "do not clone with --depth"),
    ];
    for (kit, words) in depths {
        assert!(text(kit).contains(words), "{kit} does not say {words}");
    }
}

#[test]
fn everything_that_a_kit_uses_is_pinned() {
    let is_commit = |text: &str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    for kit in KITS {
        for line in text(kit).lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            let line = line.trim_start_matches("- ");
            if let Some(used) = line.strip_prefix("uses: ").or_else(|| line.strip_prefix("component: ")) {
                let (_, commit) = used.split(' ').next().unwrap().rsplit_once('@').unwrap();
                assert!(is_commit(commit), "{kit}: {line}");
            }
            if line.contains("cargo install") && line.contains("--git") {
                let revision = line.split("--rev ").nth(1).unwrap().split(' ').next().unwrap();
                let by_input = revision.starts_with("\"$[[");
                assert!(line.contains("--locked") && (by_input || is_commit(revision)), "{kit}: {line}");
            }
        }
    }
}

#[test]
fn the_action_takes_nothing_into_a_script_but_by_the_environment() {
    let text = text("action.yml");
    let (mut inside, mut depth) = (false, 0);
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        if inside && indent <= depth && !line.trim().is_empty() {
            inside = false;
        }
        if line.trim_start().starts_with("run:") {
            (inside, depth) = (true, indent);
        }
        assert!(!inside || !line.contains("${{"), "{line}");
    }
}

/// A Jenkinsfile has no schema: its blocks close, and its stages are the two.
#[test]
fn the_jenkinsfile_has_the_shape_of_a_pipeline() {
    let text = text("docs/ci/Jenkinsfile");
    let mut depth = 0_i32;
    let code: String = text.split("'''").step_by(2).collect();
    for character in code.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(str::chars) {
        depth += match character {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        assert!(depth >= 0);
    }
    assert_eq!((depth, text.matches("'''").count() % 2), (0, 0));
    for word in [
        "pipeline {",
        "agent any",
        "stages {",
        "when { triggeredBy 'TimerTrigger' }",
        "post {",
        "junit testResults:",
    ] {
        assert!(text.contains(word), "{word}");
    }
}
