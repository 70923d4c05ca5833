//! The message that `clean` foresees against the one that the real Git stores.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "this test drives the real git"
)]

use gatepost_core::message::{Cleanup, CleanupMode, clean};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A repository that is gone when the test is done.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let scratch = Self(folder);
        scratch.git(&["init", "--quiet"]);
        scratch
    }

    fn git(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("git");
        for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_EDITOR", "GIT_CONFIG_PARAMETERS"] {
            command.env_remove(name);
        }
        command
            .current_dir(&self.0)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "A")
            .env("GIT_AUTHOR_EMAIL", "a@example.com")
            .env("GIT_COMMITTER_NAME", "A")
            .env("GIT_COMMITTER_EMAIL", "a@example.com")
            .args(arguments);
        command.output().unwrap()
    }

    /// What Git stores of a message; `None` when it refuses to commit (an empty message).
    fn stored(&self, message: &[u8], arguments: &[&str]) -> Option<Vec<u8>> {
        std::fs::write(self.0.join("message"), message).unwrap();
        let mut all = arguments.to_vec();
        all.extend(["commit", "--quiet", "--allow-empty"]);
        let (config, commit) = all.split_at(arguments.len());
        let mode = config.last().copied().unwrap();
        let mut line: Vec<&str> = config[..config.len() - 1].to_vec();
        line.extend(commit);
        line.extend([mode, "-F", "message"]);
        if !self.git(&line).status.success() {
            return None;
        }
        let object = self.git(&["cat-file", "commit", "HEAD"]).stdout;
        let split = object.windows(2).position(|pair| pair == b"\n\n").unwrap();
        Some(object[split + 2..].to_vec())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const MESSAGES: &[&[u8]] = &[
    b"feat: x",
    b"feat: x\n",
    b"\n\n \t\nfeat: x  \t\n\n\n\nbody \n  indented\n\n\n",
    b"feat: x\r\n\r\nbody\r\n",
    b"# a comment\nfeat: x\n# another\n\nbody\n #no comment\n",
    b"feat: x\n; semicolon\n;; two\n",
    b"feat: x\n\n# ------------------------ >8 ------------------------\ntext below\n",
    b"feat: x\n# ------------------------ >8 ------------------------ \ntext\n",
    b"feat: x\n\n;; ------------------------ >8 ------------------------\ntext below\n",
    b"feat: x\x0b\x0c\n\x0b\nbody\n",
    b"feat: \xc3\xbc\n\n\xe2\x80\xa8\n",
    b"#\n#\n",
    b"\n\n",
];

#[test]
fn clean_leaves_what_git_stores() {
    let scratch = Scratch::new("clean");
    let mut compared = 0;
    for comment in ["#", ";;"] {
        let setting = format!("core.commentString={comment}");
        for (word, mode) in [
            ("strip", CleanupMode::Strip),
            ("whitespace", CleanupMode::Whitespace),
            ("verbatim", CleanupMode::Verbatim),
        ] {
            for message in MESSAGES {
                let cleanup = Cleanup { mode, comment: comment.as_bytes().to_vec() };
                let ours = clean(message, &cleanup).bytes;
                let option = format!("--cleanup={word}");
                let shown = String::from_utf8_lossy(message);
                match scratch.stored(message, &["-c", &setting, &option]) {
                    Some(theirs) => {
                        assert_eq!(
                            String::from_utf8_lossy(&ours),
                            String::from_utf8_lossy(&theirs),
                            "{word} {comment} {shown:?}"
                        );
                        compared += 1;
                    }
                    None => {
                        assert!(ours.trim_ascii().is_empty(), "{word} {comment} {shown:?}: git refuses it");
                    }
                }
            }
        }
    }
    assert!(compared > 60, "only {compared} messages were compared");
}

/// With an editor Git judges the message file by the mode `scissors` too, and appends the diff of `-v`.
#[test]
fn the_diff_of_a_verbose_commit_is_foreseen() {
    let scratch = Scratch::new("verbose");
    std::fs::write(scratch.0.join("file"), "content\n").unwrap();
    let hook = scratch.0.join(".git/hooks/commit-msg");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\ncp \"$1\" seen\n").unwrap();
    Command::new("chmod").arg("+x").arg(&hook).status().unwrap();
    for (number, (word, mode)) in [
        ("strip", CleanupMode::Strip),
        ("scissors", CleanupMode::Scissors),
        ("whitespace", CleanupMode::Whitespace),
        ("verbatim", CleanupMode::Verbatim),
    ]
    .into_iter()
    .enumerate()
    {
        std::fs::write(scratch.0.join("file"), format!("content {number}\n")).unwrap();
        scratch.git(&["add", "file"]);
        let option = format!("--cleanup={word}");
        let made = scratch.git(&[
            "-c",
            "core.editor=sh -c 'printf \"feat: x  \\n\\n# kept?\\nbody\\n\" | cat - \"$1\" > m && cp m \"$1\"' -",
            "commit",
            "-v",
            &option,
        ]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let seen = std::fs::read(scratch.0.join("seen")).unwrap();
        assert!(String::from_utf8_lossy(&seen).contains("diff --git"), "{word}");
        let object = scratch.git(&["cat-file", "commit", "HEAD"]).stdout;
        let split = object.windows(2).position(|pair| pair == b"\n\n").unwrap();
        let ours = clean(&seen, &Cleanup { mode, comment: b"#".to_vec() });
        assert_eq!(
            String::from_utf8_lossy(&ours.bytes),
            String::from_utf8_lossy(&object[split + 2..]),
            "{word}"
        );
        assert!(ours.cut, "{word}");
    }
}
