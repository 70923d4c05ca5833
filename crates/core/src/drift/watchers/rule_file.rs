//! Files of secret rules that the policy in force names.

use super::super::codes::{POLICY_WEAKENED, SETTING_CHANGED};
use super::super::gate::{Weakening, shortened};
use super::{Watcher, broken, text};
use crate::change::FileChange;
use crate::policy::{Comparison, Strictness, Value};

/// Largest rule file that is compared, in bytes: thousands of rules.
const MOST_BYTES: usize = 4 << 20;

pub(super) const WATCHER: Watcher = Watcher { watches: |path, settings| settings.is_rule_file(path), judge };

fn judge(changes: &[&FileChange<'_>]) -> Vec<Weakening> {
    let mut out = Vec::new();
    // What leaves one file may come back in another.
    let mut after: Vec<Value> = Vec::new();
    for change in changes {
        match change.new.map_or(Ok(Vec::new()), rules) {
            Ok(rules) => after.extend(rules),
            Err(why) => {
                let had = change.old.and_then(|old| rules(old).ok()).unwrap_or_default();
                if !had.is_empty() {
                    out.push(broken(change, None, &why, &ids(&had)));
                    // Its rules are not said to be gone as well.
                    after.extend(had);
                }
            }
        }
    }
    for change in changes {
        let before = change.old.and_then(|old| rules(old).ok()).unwrap_or_default();
        out.extend(before.into_iter().filter_map(|rule| compared(change, rule, &after)));
    }
    out
}

/// What became of one rule.
fn compared(change: &FileChange<'_>, old: Value, after: &[Value]) -> Option<Weakening> {
    let id = id(&old).to_owned();
    let new: Vec<Value> = after.iter().filter(|rule| self::id(rule) == id).cloned().collect();
    let (code, why) =
        match Strictness::MoreRules.compare(Some(&Value::Array(vec![old])), Some(&Value::Array(new))) {
            Comparison::Weaker(why) => (&POLICY_WEAKENED, why),
            Comparison::Unknown => {
                (&SETTING_CHANGED, "nobody can tell whether what it looks for is more or less".to_owned())
            }
            Comparison::Same | Comparison::Stricter => return None,
        };
    Some(Weakening {
        code,
        path: change.path.clone(),
        line: None,
        commit: change.commit,
        message: format!("secret rule `{id}`: {}", shortened(&why)),
        restore: format!(
            "put the rule `{id}` back as it was; `disable-rules` switches a rule off with a reason"
        ),
    })
}

fn id(rule: &Value) -> &str {
    rule.get("id").and_then(Value::as_str).unwrap_or_default()
}

fn ids(rules: &[Value]) -> String {
    shortened(&rules.iter().map(id).collect::<Vec<_>>().join(", "))
}

/// The rules of a file; none for TOML of another kind.
fn rules(bytes: &[u8]) -> Result<Vec<Value>, String> {
    if bytes.len() > MOST_BYTES {
        return Err(format!("it has {} bytes, more than {MOST_BYTES}", bytes.len()));
    }
    let table: toml::Table =
        text(bytes).parse().map_err(|error: toml::de::Error| error.message().to_owned())?;
    let rules = table.get("rules").and_then(Value::as_array).cloned().unwrap_or_default();
    Ok(rules.into_iter().filter(|rule| !id(rule).is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RepoPath;

    fn said(changes: &[(&str, Option<&str>, Option<&str>)]) -> Vec<String> {
        let paths: Vec<RepoPath> = changes.iter().map(|(path, ..)| RepoPath::from(*path)).collect();
        let changes: Vec<FileChange<'_>> = paths
            .iter()
            .zip(changes)
            .map(|(path, (_, old, new))| FileChange {
                path,
                old: old.map(str::as_bytes),
                new: new.map(str::as_bytes),
                commit: None,
            })
            .collect();
        let found = judge(&changes.iter().collect::<Vec<_>>());
        found.iter().map(|one| format!("{} {}", one.code.code, one.message)).collect()
    }

    fn file(rules: &[(&str, &str)]) -> String {
        let rules =
            rules.iter().map(|(id, regex)| format!("[[rules]]\nid = \"{id}\"\nregex = \"{regex}\"\n"));
        format!("provider = \"Acme\"\n{}", rules.collect::<String>())
    }

    #[test]
    fn a_rule_that_is_gone_is_told_and_one_that_moved_is_not() {
        let (both, one, other) = (file(&[("a", "x"), ("b", "y")]), file(&[("a", "x")]), file(&[("b", "y")]));
        assert_eq!(said(&[("r/a.toml", Some(&both), Some(&both))]), [""; 0]);
        assert_eq!(said(&[("r/a.toml", Some(&both), Some(&one)), ("r/b.toml", None, Some(&other))]), [""; 0]);
        let gone = said(&[("r/a.toml", Some(&both), Some(&one))]);
        assert_eq!(gone.len(), 1);
        assert!(gone[0].starts_with(POLICY_WEAKENED.code) && gone[0].contains("`b`"), "{gone:?}");
        assert_eq!(said(&[("r/a.toml", Some(&both), None)]).len(), 2, "the file is gone");
        let other = said(&[("r/a.toml", Some(&one), Some(&file(&[("a", "z")])))]);
        assert!(other[0].starts_with(SETTING_CHANGED.code), "{other:?}");
    }

    #[test]
    fn a_file_that_breaks_is_told_once() {
        let both = file(&[("a", "x"), ("b", "y")]);
        let broken = said(&[("r/a.toml", Some(&both), Some("[[rules]\n"))]);
        assert_eq!(broken.len(), 1, "{broken:?}");
        assert!(broken[0].contains("a, b"), "{broken:?}");
        assert_eq!(said(&[("Cargo.toml", Some("[package]\n"), Some("[[x]\n"))]), [""; 0]);
    }
}
