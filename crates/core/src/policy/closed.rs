//! What no bypass may open: `never` of `[break-glass]`, against the names that the checks have and against the
//! exceptions that hold on request.

use super::{Policy, PolicyError, Schema, nearest};
use std::cell::LazyCell;
use std::collections::BTreeSet;

impl Schema {
    /// The codes that `word` stands for: itself for a code or a secret rule, its code for a name, all codes for a
    /// family; none for a word that nobody knows. `rules` has the ids of the secret rules.
    fn codes_of<'a>(&self, word: &str, rules: &[&'a str]) -> BTreeSet<&'a str> {
        let mut codes: BTreeSet<&'a str> = BTreeSet::new();
        for check in self.checks() {
            let named = |name: &str| name == word || check.family == word;
            codes.extend(check.codes.iter().filter(|c| named(c.code) || named(c.name)).map(|c| c.code));
            // Secret rules are codes of their own, of the one family without a table.
            if check.section == "secrets" {
                codes.extend(rules.iter().copied().filter(|rule| named(rule)));
            }
        }
        codes
    }

    /// Every family, code, name and secret rule.
    fn names_of_codes<'a>(&self, rules: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
        let checks = self.checks().iter();
        checks
            .flat_map(|check| {
                std::iter::once(check.family).chain(check.codes.iter().flat_map(|c| [c.code, c.name]))
            })
            .chain(rules.iter().copied())
    }
}

impl Policy {
    /// What is wrong with `never` of `[break-glass]` and with the exceptions that it closes. A word that nobody knows
    /// would keep nothing shut; and an exception on request that names no finding, no path and no commit would
    /// open at a word what nothing may open. `rules` has the ids of the secret rules.
    #[must_use]
    pub fn closed_code_errors(&self, rules: &[&str]) -> Vec<PolicyError> {
        let never = self.words("break-glass.never");
        let unknown = never.iter().filter(|word| !self.is_name(word, rules)).map(|word| {
            let help = nearest(word, self.schema.names_of_codes(rules))
                .map(|near| format!("did you mean \"{near}\"?"))
                .or_else(|| {
                    Some("name a family, a code or a rule: `gatepost explain` lists them".to_owned())
                });
            self.error("break-glass.never", format!("`never` names \"{word}\", which is not known"), help)
        });
        // Of thousands of rules: made when an exception asks for it.
        let closed = LazyCell::new(|| -> BTreeSet<&str> {
            never.iter().flat_map(|word| self.schema.codes_of(word, rules)).collect()
        });
        let broad = self.exceptions.iter().filter(|exception| {
            let unscoped =
                exception.fingerprint.is_none() && exception.path.is_none() && exception.commit.is_none();
            exception.on_request
                && unscoped
                && !closed.is_disjoint(&self.schema.codes_of(&exception.rule, rules))
        });
        let broad = broad.map(|exception| {
            let (id, rule) = (&exception.id, &exception.rule);
            let message =
                format!("exception `{id}` would open `{rule}`, which `never` of [break-glass] keeps shut");
            let help = "name what it is for with `fingerprint`, `path` or `commit`".to_owned();
            self.exception_error(id, "rule", message, Some(help))
        });
        unknown.chain(broad).collect()
    }

    fn is_name(&self, word: &str, rules: &[&str]) -> bool {
        self.schema.names_of_codes(rules).any(|name| name == word)
    }

    /// The words of a list; none when it is not set.
    fn words(&self, path: &str) -> Vec<String> {
        let items = super::merge::get(&self.merged, path).and_then(toml::Value::as_array);
        items.into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Layer, Origin};

    fn errors(text: &str) -> Vec<String> {
        let origin = Origin::File("gatepost.toml".to_owned());
        let policy = Policy::load(&[Layer { origin, text: text.to_owned() }]).unwrap();
        policy.closed_code_errors(&["github-pat", "gitlab-pat"]).iter().map(ToString::to_string).collect()
    }

    fn asked_for(rule: &str, more: &str) -> String {
        format!(
            "[[exception]]\nid = \"EX-1\"\nrule = \"{rule}\"\nstatus = \"accepted-risk\"\nreason = \"an import\"\n\
             owner = \"@o\"\nexpires = 2027-01-01\non-request = true\n{more}"
        )
        .replace("an import", "an import of old work")
    }

    #[test]
    fn what_never_opens_is_not_opened_by_a_word() {
        assert_eq!(errors(""), [] as [&str; 0]);
        assert_eq!(errors(&asked_for("GP-MSG", "")), [] as [&str; 0]);
        assert_eq!(errors(&asked_for("github-pat", "path = \"docs/**\"\n")), [] as [&str; 0]);
        insta::assert_snapshot!(
            errors(&asked_for("GP-SEC", "")).join("\n"),
            @"gatepost.toml:3:8: exception `EX-1` would open `GP-SEC`, which `never` of [break-glass] keeps shut (name what it is for with `fingerprint`, `path` or `commit`)"
        );
        for (never, rule) in [
            ("header-too-long", "GP-MSG-003"),
            ("GP-MSG-001", "GP-MSG"),
            ("GP-MSG", "header-too-long"),
            ("github-pat", "GP-SEC"),
        ] {
            let text = format!("[break-glass]\nnever = [\"{never}\"]\n\n{}", asked_for(rule, ""));
            assert_eq!(errors(&text).len(), 1, "{never} and {rule}");
        }
    }

    #[test]
    fn a_word_that_keeps_nothing_shut_is_an_error() {
        insta::assert_snapshot!(
            errors("[break-glass]\nnever = [\"GP-SEC\", \"GP-MGS\", \"gitlab-pat\"]\n").join("\n"),
            @"gatepost.toml:2:1: `never` names \"GP-MGS\", which is not known (did you mean \"GP-MSG\"?)"
        );
    }
}
