//! Installing into temporary directories, and running what was installed under a real shell.

use super::*;
use crate::commands::fake::FakeRepository;

struct Place {
    temp: tempfile::TempDir,
    hooks_path: Option<String>,
    binary: PathBuf,
}

impl Place {
    fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(temp.path().join("r/.git")).unwrap();
        let binary = temp.path().join("gate post");
        Self { temp, hooks_path: None, binary }
    }

    fn root(&self) -> PathBuf {
        self.temp.path().join("r")
    }

    fn hooks(&self) -> PathBuf {
        self.root().join(".git/hooks")
    }

    fn with<T>(&self, act: impl FnOnce(&Context<'_>) -> T) -> T {
        let repository =
            FakeRepository::new(&self.root()).config("core.hooksPath", self.hooks_path.as_deref());
        act(&Context { repository: &repository, binary: &self.binary, home: None })
    }

    fn install(&self, force: bool) -> (String, u8) {
        self.words(&self.with(|context| install(context, &Options { force, ..Options::default() })))
    }

    fn uninstall(&self) -> (String, u8) {
        self.words(&self.with(uninstall))
    }

    fn words(&self, outcome: &Outcome) -> (String, u8) {
        let mut out = Vec::new();
        render(outcome, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap().replace(&self.temp.path().display().to_string(), "T");
        (text, outcome.exit_code())
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.hooks())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn executable(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    platform::make_executable(path).unwrap();
}

#[test]
fn installing_twice_changes_nothing_and_taking_away_leaves_nothing() {
    let mut place = Place::new();
    let wrote = "pre-commit: installed, T/r/.git/hooks/pre-commit\n\
                 commit-msg: installed, T/r/.git/hooks/commit-msg\n\
                 pre-push: installed, T/r/.git/hooks/pre-push\n";
    assert_eq!(place.install(false), (wrote.to_owned(), 0));
    assert_eq!(place.names(), ["commit-msg", "pre-commit", "pre-push"]);
    assert!(Hook::ALL.iter().all(|hook| platform::is_executable(&place.hooks().join(hook.name()))));

    let again = wrote.replace("installed", "already installed");
    assert_eq!(place.install(false), (again, 0));

    place.binary = place.temp.path().join("elsewhere");
    let (text, code) = place.install(false);
    assert!(
        text.starts_with("pre-commit: updated, T/r/.git/hooks/pre-commit (it ran T/gate post)\n"),
        "{text}"
    );
    assert_eq!(code, 0);

    assert_eq!(
        place.uninstall(),
        (
            "pre-commit: removed, T/r/.git/hooks/pre-commit\n\
             commit-msg: removed, T/r/.git/hooks/commit-msg\n\
             pre-push: removed, T/r/.git/hooks/pre-push\n"
                .to_owned(),
            0
        )
    );
    assert!(place.names().is_empty());
    assert_eq!(
        place.uninstall(),
        ("nothing to remove: no hook in T/r/.git/hooks is gatepost's\n".to_owned(), 0)
    );
}

#[test]
fn a_hook_that_was_there_first_is_kept_and_put_back() {
    let place = Place::new();
    let own = "#!/bin/sh\nexit 0\n";
    executable(&place.hooks().join("pre-commit"), own);
    let (text, code) = place.install(false);
    assert_eq!(code, 0);
    assert!(
        text.starts_with(
            "pre-commit: your own hook T/r/.git/hooks/pre-commit is kept as \
             T/r/.git/hooks/pre-commit.before-gatepost; it runs first"
        ),
        "{text}"
    );
    let kept = place.hooks().join("pre-commit.before-gatepost");
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), own);
    assert!(platform::is_executable(&kept));
    // A second time does not chain ours to ours.
    assert!(place.install(false).0.starts_with("pre-commit: already installed"));
    assert!(place.uninstall().0.contains("your own hook"));
    assert_eq!(std::fs::read_to_string(place.hooks().join("pre-commit")).unwrap(), own);
    assert_eq!(place.names(), ["pre-commit"]);
}

#[test]
fn two_foreign_hooks_are_not_laid_over_each_other() {
    let place = Place::new();
    executable(&place.hooks().join("pre-commit"), "#!/bin/sh\necho new\n");
    executable(&place.hooks().join("pre-commit.before-gatepost"), "#!/bin/sh\necho old\n");
    let (text, code) = place.install(false);
    assert_eq!(code, 2);
    assert!(text.contains("still in the way"), "{text}");
    assert_eq!(place.names(), ["pre-commit", "pre-commit.before-gatepost"]);
    assert_eq!(std::fs::read_to_string(place.hooks().join("pre-commit")).unwrap(), "#!/bin/sh\necho new\n");
}

#[test]
fn uninstall_leaves_other_hooks_alone() {
    let place = Place::new();
    executable(&place.hooks().join("pre-push"), "#!/bin/sh\n");
    assert!(place.uninstall().0.starts_with("nothing to remove"));
    assert_eq!(place.names(), ["pre-push"]);
}

#[test]
fn the_configured_directory_is_used_when_it_is_the_repositorys_own() {
    let mut place = Place::new();
    place.hooks_path = Some(".githooks".into());
    assert!(place.install(false).0.starts_with("pre-commit: installed, T/r/.githooks/pre-commit\n"));
}

#[test]
fn a_shared_directory_is_refused_unless_forced() {
    let mut place = Place::new();
    let shared = place.temp.path().join("shared");
    place.hooks_path = Some(shared.display().to_string());
    let (text, code) = place.install(false);
    assert_eq!(code, 2);
    assert!(text.contains("other repositories share") && text.contains("install --force"), "{text}");
    assert!(!shared.exists());
    assert_eq!(place.install(true).1, 0);
    assert!(shared.join("pre-commit").is_file());
}

#[test]
fn a_hook_manager_gets_lines_and_keeps_its_files() {
    let place = Place::new();
    let config = place.root().join(".pre-commit-config.yaml");
    std::fs::write(&config, "repos: []\n").unwrap();
    let (text, code) = place.install(false);
    assert_eq!(code, 2);
    assert!(text.contains("pre-commit manages the hooks") && text.contains("- repo: local"), "{text}");
    assert!(!place.hooks().exists());
    // With the lines added there is nothing left to do.
    std::fs::write(&config, place.with(|_| manager_lines(&place))).unwrap();
    let (text, code) = place.install(false);
    assert_eq!((text.lines().count(), code), (3, 0), "{text}");
    // Forced, the manager's hook is chained like any other.
    executable(&place.hooks().join("pre-commit"), "#!/bin/sh\n# File generated by pre-commit: x\n");
    assert_eq!(place.install(true).1, 0);
    assert!(place.hooks().join("pre-commit.before-gatepost").is_file());
}

fn manager_lines(place: &Place) -> String {
    place.with(|context| {
        let found = HooksPlace::of(context.repository, None).unwrap();
        detect_manager(&found, Some(&place.root())).unwrap().lines(&Hook::ALL)
    })
}

#[test]
fn an_unwritable_directory_is_an_error() {
    let place = Place::new();
    std::fs::write(place.root().join(".git/hooks"), "a file").unwrap();
    let (text, code) = place.install(false);
    assert_eq!(code, 2);
    assert!(text.starts_with("error: T/r/.git/hooks cannot be made: "), "{text}");
}

#[cfg(unix)]
mod run {
    //! The installed text under the system's `sh`.

    use super::*;
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    /// A gatepost that says how it was called and what it was told.
    const STUB: &str = "#!/bin/sh\nprintf 'gatepost:'; printf ' <%s>' \"$@\"; printf '\\n'; cat\n";

    fn run(place: &Place, hook: &str, arguments: &[&str], input: &str, path: &str) -> (String, Option<i32>) {
        let mut child = Command::new(place.hooks().join(hook))
            .args(arguments)
            .env("PATH", path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).unwrap().replace(&place.temp.path().display().to_string(), "T");
        (text, output.status.code())
    }

    fn installed() -> Place {
        let place = Place::new();
        executable(&place.binary, STUB);
        assert_eq!(place.install(false).1, 0);
        place
    }

    #[test]
    fn arguments_and_input_reach_gatepost() {
        let place = installed();
        let push = "refs/heads/a 1 refs/heads/a 0\n";
        assert_eq!(
            run(&place, "pre-push", &["origin", "a b"], push, "/usr/bin:/bin"),
            (format!("gatepost: <run> <pre-push> <origin> <a b>\n{push}"), Some(0))
        );
        assert_eq!(
            run(&place, "commit-msg", &[".git/MSG"], "", "/usr/bin:/bin"),
            ("gatepost: <run> <commit-msg> <.git/MSG>\n".to_owned(), Some(0))
        );
    }

    #[test]
    fn both_hooks_of_a_chain_read_the_whole_input() {
        let place = Place::new();
        executable(&place.binary, STUB);
        executable(
            &place.hooks().join("pre-push"),
            "#!/bin/sh\nprintf 'before:'; printf ' <%s>' \"$@\"; cat\n",
        );
        assert_eq!(place.install(false).1, 0);
        let push = "a 1 a 0\nb 2 b 0\n\n";
        assert_eq!(
            run(&place, "pre-push", &["o", "u"], push, "/usr/bin:/bin"),
            (format!("before: <o> <u>{push}gatepost: <run> <pre-push> <o> <u>\n{push}"), Some(0))
        );
    }

    #[test]
    fn the_failure_of_either_hook_stops() {
        let place = Place::new();
        executable(&place.binary, STUB);
        for hook in ["pre-commit", "pre-push"] {
            executable(&place.hooks().join(hook), "#!/bin/sh\necho no\nexit 7\n");
        }
        assert_eq!(place.install(false).1, 0);
        assert_eq!(run(&place, "pre-commit", &[], "", "/usr/bin:/bin"), ("no\n".to_owned(), Some(7)));
        assert_eq!(run(&place, "pre-push", &[], "x\n", "/usr/bin:/bin"), ("no\n".to_owned(), Some(7)));
        for hook in ["pre-commit", "pre-push"] {
            executable(&place.hooks().join(format!("{hook}.before-gatepost")), "#!/bin/sh\nexit 0\n");
        }
        executable(&place.binary, "#!/bin/sh\nexit 3\n");
        assert_eq!(run(&place, "pre-commit", &[], "", "/usr/bin:/bin").1, Some(3));
        assert_eq!(run(&place, "pre-push", &[], "x\n", "/usr/bin:/bin").1, Some(3));
    }

    #[test]
    fn a_binary_that_moved_is_found_in_path_and_one_that_is_gone_fails() {
        let place = installed();
        std::fs::remove_file(&place.binary).unwrap();
        let (text, code) = run(&place, "pre-commit", &[], "", "/nonexistent");
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("there is no T/gate post, and no gatepost in PATH"), "{text}");
        assert!(text.contains("help: install gatepost and run `gatepost install`"), "{text}");

        let bin = place.temp.path().join("bin");
        executable(&bin.join("gatepost"), STUB);
        let path = format!("{}:/usr/bin:/bin", bin.display());
        assert_eq!(
            run(&place, "pre-commit", &[], "", &path),
            ("gatepost: <run> <pre-commit>\n".to_owned(), Some(0))
        );
    }
}
