use super::*;

fn imported(name: &str, text: &str) -> Imported {
    import(&File { name, text }).unwrap()
}

fn left(imported: &Imported) -> Vec<&str> {
    imported.left.iter().map(|left| left.what.as_str()).collect()
}

#[test]
fn allowlists_become_entries_with_their_reason() {
    let text = r#"
[extend]
useDefault = true
disabledRules = ["generic-api-key"]
[allowlist]
description = "fixtures of the tests"
paths = ['''^tests/fixtures/''', '''\w+\.x$''']
regexes = ['''^EXAMPLE\s''']
stopwords = ["dummy"]
commits = ["abc"]
"#;
    let imported = imported(".gitleaks.toml", text);
    let policy: toml::Table = imported.policy.parse().unwrap();
    let allow = policy["secrets"]["allow"].as_array().unwrap();
    assert_eq!(allow.len(), 3, "{}", imported.policy);
    assert_eq!(allow[0]["path"].as_str(), Some("/tests/fixtures/**"));
    assert_eq!(allow[0]["reason"].as_str(), Some("fixtures of the tests"));
    assert_eq!(allow[2]["value"].as_str(), Some("(?i)dummy"));
    assert_eq!(
        left(&imported),
        ["extend.disabledRules generic-api-key", "[allowlist] commits", r"[allowlist] paths \w+\.x$"]
    );
}

#[test]
fn what_must_hold_together_is_one_entry_or_none() {
    let text = r#"
[[allowlists]]
condition = "AND"
paths = ['''^a/''', '''^b/''']
regexes = ['''x''']
[[allowlists]]
condition = "AND"
regexTarget = "line"
paths = ['''^c/''']
regexes = ['''y''']
"#;
    let imported = imported(".gitleaks.toml", text);
    let policy: toml::Table = imported.policy.parse().unwrap();
    let allow = policy["secrets"]["allow"].as_array().unwrap();
    assert_eq!(allow.len(), 2);
    assert!(allow.iter().all(|entry| entry["value"].as_str() == Some("x") && entry.get("path").is_some()));
    assert_eq!(left(&imported), ["[allowlist] regexes y", "[allowlist] condition = \"AND\""]);
}

#[test]
fn rules_come_with_examples_that_they_find() {
    let text = r#"
[[rules]]
id = "Acme Key"
description = "A key of Acme"
regex = '''(?i)acme[_-]key\s*[:=]\s*['"]?([a-z0-9]{32})\b'''
entropy = 3.0
keywords = ["acme"]
[[rules.allowlists]]
stopwords = ["example"]
[[rules.allowlists]]
paths = ['''^docs/''']
[[rules]]
id = "by-name"
path = '''\.p12$'''
[[rules]]
id = "aws-access-token"
[[rules.allowlists]]
regexes = ['''X''']
"#;
    let imported = imported("gitleaks.toml", text);
    let policy: toml::Table = imported.policy.parse().unwrap();
    let rules = policy["secrets"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 1, "{}", imported.policy);
    assert_eq!(rules[0]["id"].as_str(), Some("gitleaks-acme-key"));
    assert_eq!(rules[0]["examples"].as_array().unwrap().len(), 2);
    assert_eq!(policy["secrets"]["allow"][0]["rules"][0].as_str(), Some("gitleaks-acme-key"));
    assert_eq!(left(&imported), ["the rule `by-name`", "the rule `aws-access-token`"]);
    assert!(imported.left[0].why.contains("**/*.p12"), "{:?}", imported.left[0]);
}

#[test]
fn fingerprints_are_named_one_by_one() {
    let lines = left(&imported(".gitleaksignore", "# x\na.txt:r:3\nodd\n")).len();
    assert_eq!(lines, 2);
    let row = r#"[{"RuleID": "r", "File": "a.txt", "StartLine": 3, "Secret": "hush"}]"#;
    let imported = imported("baseline.json", row);
    assert_eq!(left(&imported), ["a.txt:r:3"]);
    assert!(!imported.policy.contains("hush"));
}

#[test]
fn ids_are_made_of_what_an_id_may_have() {
    for (id, expected) in [
        ("age secret key", "gitleaks-age-secret-key"),
        ("A__B", "gitleaks-a-b"),
        ("1password", "gitleaks-1password"),
        ("--", "gitleaks-rule"),
    ] {
        assert_eq!(rules::own_id(id), expected);
    }
}

#[test]
fn what_gitleaks_cannot_read_is_named_and_the_rest_is_carried() {
    let text = "[allowlist]\npaths = ['*.egg-info/']\n[[rules]]\nid = \"r\"\nregex = '(?=x)'\n[[rules]]\nid = \"good\"\nregex = 'good_[a-z0-9]{30}'\n";
    let imported = imported(".gitleaks.toml", text);
    assert_eq!(left(&imported), ["r", "[[allowlists]]"]);
    assert!(imported.policy.contains("gitleaks-good"), "{}", imported.policy);
}
