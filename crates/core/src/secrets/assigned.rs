//! How a value is given to a name, over all the ways that languages write it: `assigned = { to = "etsy", value = "[0-9a-z]{24}" }`
//! in a rule stands for a regex that finds `ETSY_KEY=…`, `etsyToken := "…"`, `<etsy_token>…</…>`, `put("etsy.key", "…")`
//! and their like. One place knows these ways, so that a rule has to say no more than who issues the value and what it
//! looks like.

use super::derive;

/// What the name says about the value when a rule does not ask for another word.
pub(super) const ROLE: &str = "key|token|secret|passw|pwd|auth|cred|pat|private|access|login|api";

/// What stands between a name and its value.
const BETWEEN: &str = concat!(
    // What closes the name.
    r#"[ \t"'`\]\)\\*]{0,6}"#,
    "(?:",
    // A C array, or a type: `token[] =`, `token: &str =`, `token string =`.
    r"(?:\[[0-9A-Za-z_]{0,12}\][ \t]{0,4})?",
    r"(?:[ \t:?]{1,3}(?:const |static |&(?:'[a-z]{1,8} )?)?(?i:string|str|text|char|any|bytes)[\]?*&>]{0,3}[ \t]{0,4})?",
    r"(?::{0,3}=|[.?+!|]=|={1,3}>?|->|\|\||[:,(>\-]|[ \t]is[ \t])",
    // Pairs: `name="…" value=`, `"name": "…", "value":`, `<key>…</key><string>`.
    r#"|,?\s{1,16}["']?(?i:value|val|content|default)["']?[ \t]{0,4}[:=]"#,
    // Terraform's `variable "name" { default = "…" }`.
    r#"|[ \t]{0,4}\{\s{1,24}(?:(?:type|description|sensitive)[ \t]{1,12}=[^\n]{0,80}\n\s{0,24}){0,3}default[ \t]{0,12}="#,
    r"|</[A-Za-z]{1,10}>\s{0,24}<[A-Za-z]{1,12}>",
    // A command line's `--name value`.
    "|[ \\t]",
    ")",
    // A call around it, and what opens the value.
    r#"[\s"'`\\(\[{>=]{0,24}(?:[A-Za-z_.:]{1,24}\((?:b|r|f)?["'`])?"#,
);

/// What may follow a value: nothing that could be a part of it.
const END: &str = r"(?:[^0-9A-Za-z_+/=\-]|$)";

/// The regex for values that look like `value` and are assigned to a name with `to` in it and a word of `role` behind
/// that; the value is its first group. All three are regexes, of any
/// case: vendors change the case of what they issue, and people that of what they copy. An empty role asks for no word.
pub(super) fn regex(to: &str, role: &str, value: &str) -> String {
    let role = if role.is_empty() { String::new() } else { format!("(?:{role})") };
    format!("(?i:(?:{to})[0-9a-z_.\\- /?&]{{0,32}}?{role}[0-9a-z_.\\-]{{0,16}}?){BETWEEN}((?i:{value})){END}")
}

/// The literals of which one is in every name with `to` in it; none when there are too many or too short ones.
pub(super) fn keywords(to: &str) -> Vec<String> {
    let hir = derive::parse(&format!("(?i:{to})")).ok();
    let literals = hir.and_then(|hir| derive::required(&hir)).map_or(Vec::new(), |found| found.literals);
    literals.into_iter().filter_map(|literal| String::from_utf8(literal).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::template::expand;
    use regex_automata::meta::Regex;

    #[test]
    fn every_way_to_assign_is_known() {
        let regex = Regex::new(&regex("acme", ROLE, "[0-9a-f]{32}")).unwrap();
        let value = expand("{hex:32}", 3);
        for way in [
            "ACME_TOKEN=V",
            "export ACME_API_KEY='V'",
            "acmeToken := \"V\"",
            "var acmeToken string = \"V\"",
            "acme_TOKEN ::= \"V\"",
            "acme_TOKEN ?= \"V\"",
            "$acmeToken .= \"V\"",
            "const ACME_KEY: &'static str = \"V\";",
            "char acme_key[] = \"V\";",
            "System.setProperty(\"ACME_TOKEN\", \"V\")",
            "\"acme.token\" => \"V\"",
            "{\"acme_token\": \"V\"}",
            "{\\\"acme_token\\\": \\\"V\\\"}",
            "<acmeToken>\n    V\n</acmeToken>",
            "<key>AcmeToken</key>\n<string>V</string>",
            "<add key=\"AcmeToken\" value=\"V\" />",
            "- name: ACME_TOKEN\n  value: V\n",
            "\"name\": \"ACME_TOKEN\", \"value\": \"V\"",
            "acme --acme-api-key V",
            "AcmeKey: aws.String(\"V\"),",
            "if (acme_token == \"V\") {",
            "process.env.ACME_KEY || 'V'",
            "acme-token-V",
            "the acme secret is V",
            "variable \"acme_token\" {\n  type = string\n  default = \"V\"\n}",
            "https://api.acme.com/v1?access_key=V&x=1",
        ] {
            let text = way.replace('V', &value);
            let mut groups = regex.create_captures();
            regex.captures(&text, &mut groups);
            let found = groups.get_group(1).and_then(|span| text.get(span.range()));
            assert_eq!(found, Some(value.as_str()), "{way}");
        }
        for not in ["acme_token=V0", "acme_token=V/path", "acme\nV", "token = V", "acme_url = \"V\""] {
            assert!(!regex.is_match(&not.replace('V', &value)), "{not}");
        }
    }
}
