//! Where a script runs a gate, and whether its exit code still decides: for hooks, CI steps and package scripts.
//!
//! This is no shell. It takes a script apart into commands as far as words, quotes and operators go; what a script
//! builds at run time it does not see. Both versions of a script are read the same way, so what is not understood is
//! not a change either.

mod flags;
mod flow;
mod words;

use super::codes::{NARROWED, NOT_BLOCKING};
use super::gate::{MOST_GATES, Setting};
use flow::Flow;
use std::collections::BTreeSet;
use words::{Line, Segment, lines};

/// One command that runs a gate.
#[derive(Clone, Debug)]
pub(super) struct Invocation {
    /// What it is, without its flags: `gatepost run ci`.
    pub(super) command: String,
    /// The line in the script, from 1.
    pub(super) line: u32,
    /// What bears on whether it blocks, and what it looks at.
    pub(super) settings: Vec<Setting>,
}

/// Words that stand before a command and are none.
const BEFORE: &[&str] = &[
    "if", "then", "else", "elif", "do", "while", "until", "!", "{", "exec", "time", "sudo", "env", "-", "@",
];

/// Commands that have a gate's name among their words and do not run it.
const ABOUT: &[&str] = &[
    "echo",
    "printf",
    "command",
    "which",
    "type",
    "hash",
    "test",
    "[",
    "[[",
    "cargo-binstall",
    "pip",
    "pip3",
    "brew",
    "apt",
    "apt-get",
    "apk",
    "dnf",
    "curl",
    "wget",
    "ls",
    "cp",
    "mv",
    "rm",
    "ln",
    "chmod",
    "cat",
    "grep",
    "git",
];

/// Managers that run the gate where their configuration names it.
const MANAGERS: &[&str] = &["pre-commit", "prek", "lefthook"];

/// The stages that have a program of their own.
const STAGES: &[&str] = &["pre-commit", "commit-msg", "pre-push", "pre-receive"];

/// How far around a command is looked: in blocks, and in commands of its line.
const FARTHEST: usize = 20;

/// The commands of a script that run a gate; of very many the first.
pub(super) fn invocations(script: &str) -> Vec<Invocation> {
    invocations_in(&[(1, script)])
}

/// As `invocations`, of a script that stands in several parts, each with the line that it begins in.
pub(super) fn invocations_in(parts: &[(u32, &str)]) -> Vec<Invocation> {
    let lines = lines_of(parts);
    let pipefail = parts.iter().any(|(_, script)| script.contains("pipefail"));
    let (mut careless, mut flow) = (false, Flow::default());
    let mut out = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        for (at, segment) in line.segments.iter().enumerate() {
            flow.enter(line, at);
            if flow.is_over() || out.len() > MOST_GATES {
                return out;
            }
            match segment.words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                ["set", "+e", ..] | ["set", "+o", "errexit"] => careless = true,
                ["set", flags, ..] if flags.starts_with('-') && flags.contains('e') => careless = false,
                _ => {}
            }
            if let Some((command, flags)) = gate(&segment.words) {
                let rest = line.segments.get(at + 1..).unwrap_or_default();
                let rest = rest.get(..FARTHEST).unwrap_or(rest);
                let next = lines.get(index + 1).filter(|next| next.part == line.part);
                let careless = careless.then(|| "set +e".to_owned());
                let ignored = careless.into_iter().chain(ignored_by(segment, rest, next, pipefail));
                let ignored = ignored.map(|by| (format!("lost to {by}"), true)).collect();
                let mut exit_code = Setting::softened_by("exit code", ignored, &NOT_BLOCKING);
                exit_code.none = "it decides";
                let mut condition = Setting::softened_by("condition", flow.conditions(line, at), &NARROWED);
                condition.none = "none";
                let mut settings = vec![exit_code, condition, early_exit(flow.exits())];
                settings.extend(flags::settings(&segment.words, flags));
                out.push(Invocation { command, line: line.number, settings });
            }
            flow.open(line, at);
        }
    }
    out
}

/// What may end a script that runs before another one, so that both end.
pub(super) fn early_exits(parts: &[(u32, &str)]) -> Setting {
    let (lines, mut flow) = (lines_of(parts), Flow::default());
    for line in &lines {
        for at in 0..line.segments.len() {
            flow.enter(line, at);
            if flow.is_over() {
                let words = line.segments.get(at).map(|segment| segment.words.join(" "));
                return early_exit(BTreeSet::from([(words.unwrap_or_default(), true)]));
            }
            flow.open(line, at);
        }
    }
    early_exit(flow.exits())
}

fn early_exit(exits: BTreeSet<(String, bool)>) -> Setting {
    let mut setting = Setting::softened_by("early exit", exits, &NARROWED);
    setting.none = "none";
    setting
}

fn lines_of(parts: &[(u32, &str)]) -> Vec<Line> {
    let mut out = Vec::new();
    for (part, (first, script)) in parts.iter().enumerate() {
        out.extend(lines(script).into_iter().map(|mut line| {
            line.number = first.saturating_add(line.number).saturating_sub(1);
            line.part = part;
            line
        }));
    }
    out
}

/// What keeps the exit code of a command from being the script's.
fn ignored_by(segment: &Segment, rest: &[Segment], next: Option<&Line>, pipefail: bool) -> Option<String> {
    let words = |segment: Option<&Segment>| segment.map(|s| s.words.join(" ")).unwrap_or_default();
    let fails = |segments: &[Segment]| {
        segments.iter().any(|segment| {
            let words = segment.words.iter().map(String::as_str).filter(|word| *word != "{");
            match words.collect::<Vec<_>>().as_slice() {
                ["exit" | "return", code, ..] => *code != "0",
                ["exit" | "return" | "false"] => true,
                _ => false,
            }
        })
    };
    let follower = rest.first();
    match segment.operator {
        "||" if words(follower) == "{" || fails(rest) => None,
        "||" => Some(format!("|| {}", words(follower))),
        "|" if !pipefail => Some(format!("| {}", words(follower))),
        "&" => Some("&".to_owned()),
        ";" if is_success(&words(follower)) => Some(format!("; {}", words(follower))),
        "" | "(" => {
            let next = next.and_then(|line| line.segments.first());
            is_success(&words(next)).then(|| format!("{} on the next line", words(next)))
        }
        _ => None,
    }
}

fn is_success(command: &str) -> bool {
    matches!(command, "true" | ":" | "exit 0" | "return 0")
}

/// The gate that a command runs, and the words behind its name.
fn gate(words: &[String]) -> Option<(String, &[String])> {
    let is_assignment = |word: &str| word.split_once('=').is_some_and(|(name, _)| is_name(name));
    let start = words.iter().position(|word| !is_assignment(word) && !BEFORE.contains(&word.as_str()))?;
    let words = words.get(start..)?;
    let first = base(words.first()?);
    let second = words.get(1).map_or("", String::as_str);
    if ABOUT.contains(&first) || matches!(second, "install" | "uninstall" | "add" | "binstall") {
        return None;
    }
    if MANAGERS.contains(&first) {
        return (second == "run").then(|| manager(first, words.get(2..).unwrap_or_default()));
    }
    let at = words.iter().position(|word| is_ours(base(word)))?;
    let (name, rest) = (base(words.get(at)?), words.get(at + 1..).unwrap_or_default());
    match name.strip_prefix("gatepost-") {
        Some(stage) if STAGES.contains(&stage) => Some((format!("gatepost run {stage}"), rest)),
        Some(_) => None,
        None => {
            let flags = rest;
            let verb = rest.iter().position(|word| matches!(word.as_str(), "run" | "scan" | "check"))?;
            let (word, rest) = (rest.get(verb)?, rest.get(verb + 1..).unwrap_or_default());
            let what = match word.as_str() {
                "scan" => rest
                    .iter()
                    .find(|word| ["--history", "--staged", "--range", "--stdin"].contains(&word.as_str())),
                _ => {
                    let stage =
                        rest.iter().find(|word| word.as_str() == "ci" || STAGES.contains(&word.as_str()));
                    stage.or_else(|| rest.iter().find(|word| !word.starts_with('-')))
                }
            };
            let what = what.map_or_else(String::new, |what| format!(" {what}"));
            // Flags stand on both sides of the verb.
            Some((format!("gatepost {word}{what}"), flags))
        }
    }
}

/// `pre-commit run`, with the hook where it names one.
fn manager<'w>(name: &str, words: &'w [String]) -> (String, &'w [String]) {
    let hook = words.first().filter(|word| !word.starts_with('-'));
    let hook = hook.map_or_else(String::new, |hook| format!(" {hook}"));
    (format!("{name} run{hook}"), words)
}

/// Whether a program, a hook or an action is one of ours, by its name.
pub(super) fn is_ours(name: &str) -> bool {
    name == "gatepost" || name.starts_with("gatepost-") || name.starts_with("gatepost.")
}

/// A program's name without its folder and ending.
fn base(word: &str) -> &str {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    name.strip_suffix(".exe").unwrap_or(name)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Each command with its line and what bears on it.
    pub(super) fn said(script: &str) -> Vec<String> {
        let settings = |invocation: &Invocation| {
            let told = invocation.settings.iter().filter(|setting| setting.shown() != setting.none);
            told.map(|setting| format!(" [{}: {}]", setting.name, setting.shown())).collect::<String>()
        };
        invocations(script)
            .iter()
            .map(|one| format!("{} {}{}", one.line, one.command, settings(one)))
            .collect()
    }

    #[test]
    fn a_gate_is_known_however_it_is_called() {
        for (script, command) in [
            ("gatepost run ci", "1 gatepost run ci"),
            ("#!/bin/sh\n\nexec ./bin/gatepost-pre-commit \"$@\"", "3 gatepost run pre-commit"),
            ("X=1 npx gatepost -C sub run pre-push", "1 gatepost run pre-push"),
            (
                "cd a && /usr/bin/gatepost check message --range a..b",
                "1 gatepost check message [--range: a..b]",
            ),
            ("if ! gatepost scan --history; then exit 1; fi", "1 gatepost scan --history"),
            (
                "gatepost \\\n  run ci --from-ref \"origin/main\"",
                "1 gatepost run ci [--from-ref: origin/main]",
            ),
            (
                "pre-commit run gatepost-ci --hook-stage=manual",
                "1 pre-commit run gatepost-ci [--hook-stage: manual]",
            ),
            ("prek run --all-files", "1 prek run"),
        ] {
            assert_eq!(said(script), [command], "{script}");
        }
        for script in [
            "# gatepost run ci",
            "echo gatepost run ci",
            "cargo install gatepost",
            "command -v gatepost",
            "gatepost install",
            "gatepost --version # gatepost run ci",
            "echo 'not gatepost run ci; gatepost run ci'",
            "gatepost-viewer run",
        ] {
            assert_eq!(said(script), [""; 0], "{script}");
        }
    }

    #[test]
    fn what_a_command_waits_for_and_what_is_never_reached() {
        for (script, condition) in [
            (
                "if [ -n \"$CI\" ]; then\n  gatepost run ci\nfi",
                "2 gatepost run ci [condition: if [ -n $CI ]]",
            ),
            ("if false; then gatepost run ci; fi", "1 gatepost run ci [condition: if false]"),
            (
                "command -v gatepost && gatepost run ci",
                "1 gatepost run ci [condition: command -v gatepost &&]",
            ),
            ("true || gatepost run ci", "1 gatepost run ci [condition: true ||]"),
            ("if [ -t 1 ]; then\n exec < /dev/tty\nfi\ngatepost run ci", "4 gatepost run ci"),
            ("exec 1>&2\ngatepost run ci", "2 gatepost run ci"),
            ("cd sub && gatepost run ci", "1 gatepost run ci"),
            ("for a in b; do make; done\ngatepost run ci", "2 gatepost run ci"),
        ] {
            assert_eq!(said(script), [condition], "{script}");
        }
        for script in ["exit 0\ngatepost run ci", "exec make\ngatepost run ci"] {
            assert_eq!(said(script), [""; 0], "{script}");
        }
    }

    #[test]
    fn what_takes_the_exit_code_away() {
        for (script, ignored) in [
            ("gatepost run ci || true", "|| true"),
            ("gatepost run ci || echo oops", "|| echo oops"),
            ("gatepost run ci; exit 0", "; exit 0"),
            ("gatepost run ci\nexit 0", "exit 0 on the next line"),
            ("gatepost run ci | tee log", "| tee log"),
            ("gatepost run ci &", "&"),
            ("set +e\ngatepost run ci", "set +e"),
        ] {
            assert_eq!(
                said(script),
                [format!(
                    "{} gatepost run ci [exit code: lost to {ignored}]",
                    1 + u32::from(script.starts_with("set"))
                )]
            );
        }
        for script in [
            "gatepost run ci || exit 1",
            "gatepost run ci || { echo no; exit 1; }",
            "gatepost run ci || {\n exit 1\n}",
            "set -o pipefail; gatepost run ci | tee log",
            "gatepost run ci > log 2>&1",
            "gatepost run ci && echo good",
        ] {
            assert_eq!(said(script), ["1 gatepost run ci"], "{script}");
        }
        assert_eq!(said("gatepost run ci --exit-zero"), ["1 gatepost run ci [--exit-zero: set]"]);
        assert_eq!(said("SKIP=gatepost pre-commit run -a"), ["1 pre-commit run [SKIP: gatepost]"]);
    }

    proptest! {
        #[test]
        fn any_script_is_read(script in "[gatepost run|&;()\"'\\\\#\n$={}!-]{0,120}") {
            let lines = u32::try_from(script.lines().count()).unwrap();
            for invocation in invocations(&script) {
                prop_assert!((1..=lines).contains(&invocation.line), "{}", invocation.line);
            }
        }
    }
}
