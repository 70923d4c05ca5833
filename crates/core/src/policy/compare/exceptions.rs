//! The exceptions of two versions of a policy, followed by their ids.

use super::{PolicyChange, PolicyChangeKind, shown};
use crate::policy::record::Record;
use crate::text::PathGlob;
use crate::{Exception, RepoPath};

/// What an exception is for, beside its rule: without one of these it is for more.
const SCOPE: &[&str] = &["fingerprint", "path", "commit", "ref", "on-request"];

pub(super) fn compare(before: &[Record], after: &[Record], changes: &mut Vec<PolicyChange>) {
    for record in after {
        let (new, line) = (&record.exception, record.at.line());
        let old = before.iter().map(|record| &record.exception).find(|old| old.id == new.id);
        let Some(old) = old else {
            let scope = SCOPE.iter().find_map(|key| field(new, key).map(|value| format!("{key} {value}")));
            let scope = scope.unwrap_or_default();
            let (kind, why) = match is_for_everything(new) {
                true => (PolicyChangeKind::ExceptionForEverything, "it excuses the rule in every file"),
                false => (PolicyChangeKind::ExceptionAdded, ""),
            };
            changes.push(PolicyChange {
                kind,
                path: format!("exception {}", new.id),
                old: shown(None),
                new: format!("{}, {scope}, until {}, owner {}", new.rule, new.expires, new.owner),
                why: why.to_owned(),
                line,
            });
            continue;
        };
        for (key, was, now, why) in extended(old, new) {
            changes.push(PolicyChange {
                kind: PolicyChangeKind::ExceptionExtended,
                path: format!("exception {}, {key}", new.id),
                old: was.unwrap_or_else(|| shown(None)),
                new: now.unwrap_or_else(|| shown(None)),
                why: why.to_owned(),
                line,
            });
        }
    }
}

/// Paths that have nothing in common: a glob that is for all of them is for every path.
const UNLIKE: [&str; 6] = ["a", ".env", "README.md", "src/main.rs", "Z/9/deeper/_.tar.gz", "\u{e9}/-"];

/// Whether an exception takes its rule out of force: neither a finding nor a commit is named, and no path is left out.
fn is_for_everything(exception: &Exception) -> bool {
    let glob = exception.path.as_deref().and_then(|path| PathGlob::new(path).ok());
    exception.fingerprint.is_none()
        && exception.commit.is_none()
        && glob.is_some_and(|glob| UNLIKE.iter().all(|path| glob.is_match(&RepoPath::from(*path))))
}

fn field(exception: &Exception, key: &str) -> Option<String> {
    let value = exception.fields().into_iter().find(|(name, _)| *name == key)?.1;
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

type Extended = (&'static str, Option<String>, Option<String>, &'static str);

/// In which fields an exception excuses more than it did.
fn extended(old: &Exception, new: &Exception) -> Vec<Extended> {
    let mut out: Vec<Extended> = Vec::new();
    if old.rule != new.rule {
        out.push(("rule", Some(old.rule.clone()), Some(new.rule.clone()), "the id is used for another rule"));
    }
    for key in SCOPE {
        let (was, now) = (field(old, key), field(new, key));
        let why = match (&was, &now) {
            (Some(was), Some(now)) if was != now && ["path", "ref"].contains(key) => "it is for other places",
            (Some(was), Some(now)) if was != now => "the id is used for something else",
            (Some(_), None) => "it is for more than it was",
            _ => continue,
        };
        out.push((key, was, now, why));
    }
    if new.expires > old.expires {
        let (was, now) = (Some(old.expires.to_string()), Some(new.expires.to_string()));
        out.push(("expires", was, now, "it holds longer"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::tests::changes;

    #[test]
    fn a_path_that_is_everything_is_known_however_it_is_written() {
        let kind = |path: &str, scope: &str| {
            let record = format!(
                "[[exception]]\nid = \"EX-1\"\nrule = \"binary-file\"\npath = \"{path}\"\n{scope}\nstatus = \"accepted-risk\"\n\
                 reason = \"a drawing of it\"\nowner = \"@me\"\nexpires = 2027-01-01\n"
            );
            let changes = changes("", &record);
            assert_eq!(changes.len(), 1, "{changes:?}");
            changes[0].split(' ').next().map(str::to_owned).unwrap()
        };
        for path in ["**", "*", "/**", "**/*", "**/**", "{*,**/*}", "?*", "**/?*"] {
            assert_eq!(kind(path, ""), "ExceptionForEverything", "{path}");
            assert_eq!(kind(path, "on-request = true"), "ExceptionForEverything", "{path}");
            let commit = format!("commit = \"{}\"", "1".repeat(40));
            assert_eq!(kind(path, &commit), "ExceptionAdded", "{path}");
            assert_eq!(kind(path, "fingerprint = \"gp1:aaaaaaaaaaaaaaaa\""), "ExceptionAdded", "{path}");
        }
        for path in ["a", "*.png", "/*", "src/**", "**/*.rs", "*/**"] {
            assert_eq!(kind(path, ""), "ExceptionAdded", "{path}");
        }
    }
}
