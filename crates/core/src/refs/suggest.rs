//! A name put right: the nearest pattern, and the name that was probably meant.

use super::config::Settings;
use crate::text::Template;

/// Words that people begin a branch with, and what is meant by them.
const ALIASES: &[(&str, &[&str])] = &[
    ("feat", &["feature"]),
    ("features", &["feature"]),
    ("enhancement", &["feature"]),
    ("bug", &["bugfix", "fix"]),
    ("fix", &["bugfix", "hotfix"]),
    ("bugfix", &["fix"]),
    ("hot-fix", &["hotfix"]),
    ("hot", &["hotfix"]),
    ("rel", &["release"]),
    ("releases", &["release"]),
    ("deps", &["chore"]),
    ("task", &["chore", "feature"]),
    ("master", &["main"]),
    ("trunk", &["main"]),
    ("dev", &["develop"]),
    ("development", &["develop"]),
];

/// The template whose literal beginning is nearest to the name's.
pub(super) fn nearest<'s>(settings: &'s Settings, name: &str) -> Option<&'s Template> {
    let head = head(name).to_lowercase();
    let score = |template: &Template| {
        let literal = template.literal_prefix().trim_end_matches('/').to_lowercase();
        let meant = ALIASES.iter().any(|(alias, meant)| *alias == head && meant.contains(&literal.as_str()));
        let common = literal.chars().zip(head.chars()).take_while(|(a, b)| a == b).count();
        let longest = literal.chars().count().max(head.chars().count()).max(1);
        if literal.is_empty() {
            0
        } else if meant || literal == head {
            1000
        } else {
            common * 100 / longest
        }
    };
    // Of the patterns that are equally near, the first: a policy lists the usual ones first.
    let best = settings.templates.iter().rev().max_by_key(|template| score(template))?;
    (score(best) >= 40).then_some(best)
}

fn head(name: &str) -> &str {
    name.split(['/', '_', ' ']).next().unwrap_or(name)
}

/// The name put right, where one of the usual repairs makes it match: another prefix, a ticket in its own
/// case, the rest in small letters with hyphens.
pub(super) fn corrected(settings: &Settings, name: &str) -> Option<String> {
    let first = head(name);
    let rest = name.get(first.len()..).unwrap_or_default().trim_start_matches(['/', '_', ' ', '-']);
    let lower = first.to_lowercase();
    let mut heads: Vec<&str> = vec![&lower];
    for (_, meant) in ALIASES.iter().filter(|(alias, _)| *alias == lower) {
        heads.extend_from_slice(meant);
    }
    if let Some(template) = nearest(settings, name) {
        heads.push(template.literal_prefix().trim_end_matches('/'));
    }
    let bodies = bodies(settings, rest);
    let joined = heads.iter().flat_map(|head| {
        bodies
            .iter()
            .map(move |body| if body.is_empty() { (*head).to_owned() } else { format!("{head}/{body}") })
    });
    // A name that lacks only its first part: `ABC-1-add-x`.
    let whole = self::bodies(settings, name);
    let prefixes = settings.templates.iter().map(Template::literal_prefix).filter(|p| p.ends_with('/'));
    let prefixed = prefixes.flat_map(|prefix| whole.iter().map(move |body| format!("{prefix}{body}")));
    joined.chain(prefixed).find(|candidate| candidate != name && settings.is_allowed(candidate))
}

/// The part behind the first `/`, in the forms that a pattern may want.
fn bodies(settings: &Settings, rest: &str) -> Vec<String> {
    let mut forms = vec![rest.to_owned(), rest.to_lowercase(), slug(rest)];
    let Some(found) = settings.tickets.iter().find_map(|ticket| ticket.find(rest)) else { return forms };
    let ticket = found.as_str().trim_end_matches('_').to_uppercase();
    let before = rest.get(..found.start()).unwrap_or_default().trim_end_matches(['-', '_', '/', ' ']);
    let after = slug(rest.get(found.end()..).unwrap_or_default());
    let version = before.trim_start_matches(['v', 'V']);
    let tail = if after.is_empty() { String::new() } else { format!("-{after}") };
    if version.starts_with(|c: char| c.is_ascii_digit()) {
        forms.push(format!("{version}-{ticket}{tail}"));
    } else if !before.is_empty() {
        // `add-x-ABC-1`: the ticket comes first.
        forms.push(format!("{ticket}-{}", slug(&format!("{before}-{after}"))));
    }
    forms.push(format!("{ticket}{tail}"));
    forms
}

/// Small letters and digits, with one hyphen between.
fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}
