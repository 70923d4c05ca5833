//! What people are told of a rule, gathered in one place and written in two ways: for a terminal (`gatepost explain`) and as
//! Markdown (`docs/rules/`).

use super::instead::in_general;
use super::looks::looks;
use super::rule::Rule;

/// What people are told of a rule.
#[derive(Debug)]
pub struct Facts<'r> {
    rule: &'r Rule,
    looks: String,
    instead: String,
}

impl<'r> Facts<'r> {
    /// Gathers what there is to tell: the regex is read, and not compiled.
    #[must_use]
    pub fn new(rule: &'r Rule) -> Self {
        Self { rule, looks: looks(rule), instead: in_general(rule) }
    }

    /// For a terminal, in plain text.
    #[must_use]
    pub fn plain(&self) -> String {
        let Rule { id, name, provider, severity, confidence, description, risk, reference, .. } = self.rule;
        let steps: String = self.rule.fix.iter().map(|step| format!("  - {step}\n")).collect();
        format!(
            "{id}: {name} ({provider}, {severity} severity, {confidence} confidence)\n\n{description}\n\n\
             How to recognise it: {}\n\nWhat somebody who has it can do: {risk}\n\nWhat to do:\n{steps}\n\
             How to write it instead: {}\n\n\
             If it is none: gatepost exceptions add FINGERPRINT, or write on the line\n  gatepost:allow {id} reason=\"...\"\n\n\
             Reference: {reference}\n",
            self.looks, self.instead
        )
    }

    /// As a section of a page, below a heading of the third level.
    #[must_use]
    pub fn markdown(&self) -> String {
        let Rule { id, name, severity, confidence, description, risk, reference, .. } = self.rule;
        let steps: Vec<String> = self.rule.fix.iter().map(|step| sentence(step)).collect();
        format!(
            "### `{id}`: {}\n\n{} *Severity {severity}, confidence {confidence}.*\n\n- Looks like: {}\n- What a thief can do: {}\n\
             - Revoke and rotate: {} ([vendor's page]({}))\n- Instead: {}\n",
            escaped(name),
            escaped(&sentence(description)),
            escaped(&self.looks),
            escaped(risk),
            escaped(&steps.join(" ")),
            reference.replace('(', "%28").replace(')', "%29").replace(' ', "%20"),
            escaped(&self.instead),
        )
    }
}

/// A step, with a point behind it.
fn sentence(step: &str) -> String {
    let step = step.trim();
    if step.ends_with(['.', '!', '?']) { step.to_owned() } else { format!("{step}.") }
}

/// Text that Markdown shows as it is, code between backticks apart.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_code = false;
    for letter in text.chars() {
        match letter {
            '`' => in_code = !in_code,
            '<' | '>' | '*' | '[' | ']' if !in_code => out.push('\\'),
            '\n' => {
                out.push(' ');
                continue;
            }
            _ => {}
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::RuleFile;

    #[test]
    fn both_markups_say_the_same() {
        let text = r#"
provider = "Acme"
[[rules]]
id = "acme-key"
name = "Acme <API> key"
description = "A key of the Acme API"
severity = "high"
confidence = "medium"
regex = '''\bacme_[0-9a-f]{32}\b'''
risk = "Order anvils."
fix = ["Revoke it at https://acme.example/keys", "Order fewer."]
reference = "https://acme.example/docs_(keys)"
examples = ["acme_{hex:32}", "key: acme_{hex:32}"]
counter-examples = ["acme_{hex:31}", "acme_{hex:33}"]
"#;
        let rules = RuleFile::parse(text).unwrap();
        let facts = Facts::new(&rules[0]);
        let (plain, markdown) = (facts.plain(), facts.markdown());
        for fact in
            ["`acme_`, then 32 hexadecimal digits", "Order anvils.", "https://acme.example/keys", "ACME_KEY"]
        {
            assert!(plain.contains(fact) && markdown.contains(fact), "{fact}\n{plain}\n{markdown}");
        }
        assert!(markdown.starts_with("### `acme-key`: Acme \\<API\\> key\n\nA key of the Acme API. *Severity high, confidence medium.*\n"));
        assert!(markdown.contains("([vendor's page](https://acme.example/docs_%28keys%29))"));
        assert!(plain.contains("  - Order fewer.\n"));
    }
}
