//! Allowlists as entries of `[[secrets.allow]]`.

use super::Writer;
use super::globs::globs;
use crate::gitleaks::allowlist::{Allowlist, Target};
use crate::gitleaks::config::Rule;
use gatepost_core::text::escape;
use toml::Value;

/// The shortest reason that a policy takes.
const SHORTEST_REASON: usize = 10;

/// An allowlist for rules, or for all of them where none are named.
pub(super) fn write(list: &Allowlist, rules: &[String], at: &str, writer: &mut Writer) {
    if !list.commits.is_empty() {
        writer.leave(
            format!("{at} commits"),
            "a policy lets no commit through as a whole: `gatepost exceptions add` with --commit, a reason, an owner and a last day",
        );
    }
    let globs = globs_of(list, at, writer);
    let values = values_of(list, at, writer);
    let reason = match list.description.trim() {
        text if text.chars().count() >= SHORTEST_REASON => escape(text).into_owned(),
        _ => "allowed in the configuration of gitleaks".to_owned(),
    };
    let mut entry = |path: Option<&str>, value: Option<&str>| {
        let mut text = "[[secrets.allow]]\n".to_owned();
        let rules = (!rules.is_empty())
            .then(|| Value::Array(rules.iter().map(|id| Value::from(id.as_str())).collect()));
        let fields = [
            ("path", path.map(Value::from)),
            ("value", value.map(Value::from)),
            ("rules", rules),
            ("reason", Some(Value::from(reason.as_str()))),
        ];
        for (key, value) in fields {
            if let Some(value) = value {
                text.push_str(&format!("{key} = {value}\n"));
            }
        }
        if !writer.allow.contains(&text) {
            writer.allow.push(text);
        }
    };
    if !list.is_and {
        globs.iter().for_each(|glob| entry(Some(glob), None));
        values.iter().for_each(|value| entry(None, Some(value)));
        return;
    }
    let is_whole = list.commits.is_empty()
        && (list.regexes.is_empty() || list.stopwords.is_empty())
        && (list.paths.is_empty() || !globs.is_empty())
        && ((list.regexes.is_empty() && list.stopwords.is_empty()) || !values.is_empty());
    if !is_whole {
        writer.leave(
            format!("{at} condition = \"AND\""),
            "not all that must hold together can be said, so nothing of it is: see above",
        );
        return;
    }
    let paths: Vec<Option<&str>> =
        if globs.is_empty() { vec![None] } else { globs.iter().map(|glob| Some(glob.as_str())).collect() };
    let values: Vec<Option<&str>> = if values.is_empty() {
        vec![None]
    } else {
        values.iter().map(|value| Some(value.as_str())).collect()
    };
    for path in &paths {
        values.iter().for_each(|value| entry(*path, *value));
    }
}

/// An allowlist with `targetRules`: for those of them that come along.
pub(super) fn targeted(list: &Allowlist, ids: &[String], rules: &[Rule], writer: &mut Writer) {
    let mut here = Vec::new();
    for id in ids {
        if rules.iter().any(|rule| rule.id == *id && rule.regex.is_some()) {
            here.push(super::rules::own_id(id));
        } else {
            writer.leave(
                format!("[[allowlists]] targetRules {id}"),
                "it is a rule of gitleaks; gatepost's have ids of their own: `gatepost rules list`, then `rules` of [[secrets.allow]]",
            );
        }
    }
    if !here.is_empty() {
        write(list, &here, "[[allowlists]]", writer);
    }
}

fn globs_of(list: &Allowlist, at: &str, writer: &mut Writer) -> Vec<String> {
    let mut all = Vec::new();
    for path in &list.paths {
        match globs(path.translated()) {
            Some(globs) => all.extend(globs),
            None => writer.leave(
                format!("{at} paths {}", path.source()),
                "it cannot be said in globs without letting more through: write `path` of [[secrets.allow]] for it",
            ),
        }
    }
    all
}

fn values_of(list: &Allowlist, at: &str, writer: &mut Writer) -> Vec<String> {
    let mut all = Vec::new();
    for regex in &list.regexes {
        match list.target {
            Target::Secret => all.push(regex.translated().to_owned()),
            Target::Match | Target::Line => writer.leave(
                format!("{at} regexes {}", regex.source()),
                "it looks at what stands around a secret: gatepost allows by value, by path, or by a comment on the line",
            ),
        }
    }
    if !list.stopwords.is_empty() {
        let words: Vec<String> = list.stopwords.iter().map(|word| regex_syntax::escape(word)).collect();
        all.push(format!("(?i){}", words.join("|")));
    }
    all
}
