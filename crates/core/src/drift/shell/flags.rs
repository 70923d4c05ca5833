//! What the flags of a command say of what a gate looks at, and whether it blocks.

use super::super::codes::{NARROWED, NOT_BLOCKING};
use super::super::gate::Setting;
use std::collections::BTreeSet;

/// How CI systems name the commit that is checked out; a range that begins there is empty.
const HEADS: &[&str] = &[
    "HEAD",
    "@",
    "HEAD~0",
    "HEAD^0",
    "@~0",
    "@^0",
    "git rev-parse HEAD",
    "github.sha",
    "GITHUB_SHA",
    "CI_COMMIT_SHA",
    "Build.SourceVersion",
    "BUILD_SOURCEVERSION",
    "BITBUCKET_COMMIT",
    "CIRCLE_SHA1",
    "GIT_COMMIT",
];

/// How they name the last commit of what is proposed.
const TIPS: &[&str] =
    &["github.event.pull_request.head.sha", "github.head_ref", "GITHUB_HEAD_REF", "CI_COMMIT_REF_NAME"];

/// Profiles that make nothing stricter.
const LENIENT: &[&str] = &["default", "audit"];

/// What the words in front of a program, and those behind its name, bring along.
pub(super) fn settings(before: &[String], words: &[String]) -> Vec<Setting> {
    let mut settings: Vec<Setting> = skipped(before).into_iter().collect();
    let (mut exceptions, mut from, mut to) =
        (BTreeSet::new(), variable(before, "PRE_COMMIT_FROM_REF="), variable(before, "PRE_COMMIT_TO_REF="));
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        let mut value = || value.or_else(|| words.next()).unwrap_or_default().to_owned();
        match name {
            "--exit-zero" => settings.push(Setting::softened(name, "set", true, &NOT_BLOCKING)),
            "--no-config" | "--allow-shallow" => {
                settings.push(Setting::softened(name, "set", true, &NARROWED));
            }
            "--min-confidence" | "--min-severity" => {
                settings.push(Setting::softened(name, &value(), false, &NARROWED));
            }
            "--exception" => drop(exceptions.insert((value(), true))),
            "--config" | "-c" => settings.push(Setting::fixed("--config", value(), &NARROWED)),
            "--profile" => {
                let value = value();
                let strictness = u64::from(!LENIENT.contains(&value.as_str()));
                settings.push(Setting::weighed(name, value, strictness, 0, &NARROWED));
            }
            "--from-ref" => from = Some(value()),
            "--to-ref" => to = Some(value()),
            "--range" => {
                let value = value();
                let sees = value.split_once("..").is_none_or(|(from, to)| {
                    sees(from, Some(to.trim_start_matches('.')).filter(|to| !to.is_empty()))
                });
                settings.push(Setting::weighed(name, value, u64::from(sees), 1, &NARROWED));
            }
            "--hook-stage" | "--pull-request" => settings.push(Setting::opaque(name, Some(value()))),
            _ => {}
        }
    }
    if !exceptions.is_empty() {
        settings.push(Setting::softened_by("--exception", exceptions, &NOT_BLOCKING));
    }
    if let Some(from) = from {
        let sees = sees(&from, to.as_deref());
        settings.push(Setting::weighed("--from-ref", from, u64::from(sees), 1, &NARROWED));
    }
    if let Some(to) = to.filter(|to| !is_one_of(to, HEADS)) {
        let mut setting = Setting::fixed("--to-ref", to, &NARROWED);
        setting.none = "HEAD";
        settings.push(setting);
    }
    settings
}

/// Whether there can be anything between two revisions; without the second one the range ends at the head.
fn sees(from: &str, to: Option<&str>) -> bool {
    let ends_at_head = to.is_none_or(|to| is_one_of(to, HEADS));
    let is_end = to.is_some_and(|to| bare(to) == bare(from));
    let is_head = ends_at_head && (is_one_of(from, HEADS) || is_one_of(from, TIPS));
    let is_tip = to.is_some_and(|to| is_one_of(to, TIPS)) && is_one_of(from, HEADS);
    !(is_end || is_head || is_tip)
}

fn is_one_of(revision: &str, names: &[&str]) -> bool {
    names.contains(&bare(revision.strip_prefix("origin/").unwrap_or(revision)))
}

/// A revision without what makes a variable, an expression or a command of it.
fn bare(revision: &str) -> &str {
    let text = revision.trim_start_matches(['$', '{', '(', '`']).trim_end_matches(['}', ')', '`']).trim();
    text.strip_prefix("env.").unwrap_or(text)
}

fn variable(words: &[String], name: &str) -> Option<String> {
    words.iter().find_map(|word| word.strip_prefix(name)).map(str::to_owned)
}

/// `SKIP=gatepost pre-commit run`: the manager's own way around a hook.
fn skipped(words: &[String]) -> Option<Setting> {
    let value = variable(words, "SKIP=").filter(|value| !value.is_empty())?;
    Some(Setting::softened("SKIP", &value, true, &NOT_BLOCKING))
}

#[cfg(test)]
mod tests {
    use super::super::tests::said;
    use super::*;

    #[test]
    fn flags_are_read_on_both_sides_of_the_verb() {
        for (script, settings) in [
            ("gatepost --config a.toml run ci", "[--config: a.toml]"),
            ("gatepost run ci --config=a.toml --exit-zero", "[--config: a.toml] [--exit-zero: set]"),
            ("gatepost run --profile strict ci", "[--profile: strict]"),
            ("gatepost run ci --exception EX-2 --exception=EX-1", "[--exception: EX-1, EX-2]"),
            ("gatepost run ci --to-ref HEAD --from-ref a", "[--from-ref: a]"),
            ("gatepost run ci --to-ref b", "[--to-ref: b]"),
            ("gatepost run ci --pull-request a.json", "[--pull-request: a.json]"),
            ("gatepost run ci --from-ref $(git merge-base a HEAD)", "[--from-ref: $(git merge-base a HEAD)]"),
            (
                "gatepost run ci --from-ref ${{ a.b }} | tee c",
                "[exit code: lost to | tee c] [--from-ref: ${{ a.b }}]",
            ),
            ("PRE_COMMIT_FROM_REF=a gatepost run ci", "[--from-ref: a]"),
        ] {
            assert_eq!(said(script), [format!("1 gatepost run ci {settings}")], "{script}");
        }
    }

    #[test]
    fn a_range_that_ends_where_it_begins_shows_nothing() {
        for (from, to) in [
            ("HEAD", None),
            ("@", Some("HEAD")),
            ("$GITHUB_SHA", None),
            ("${{ github.sha }}", Some("$(git rev-parse HEAD)")),
            ("${{ github.event.pull_request.head.sha }}", None),
            ("HEAD", Some("${{ github.event.pull_request.head.sha }}")),
            ("main", Some("main")),
        ] {
            assert!(!sees(from, to), "{from} {to:?}");
        }
        for (from, to) in
            [("origin/main", None), ("HEAD~1", None), ("HEAD", Some("v2")), ("$BASE", Some("HEAD"))]
        {
            assert!(sees(from, to), "{from} {to:?}");
        }
    }
}
