//! How to write it instead: the line that reads the value at run time, in the language of the file.

use super::rule::Rule;
use crate::RepoPath;

/// What to put in the place of a secret assigned to `key` in the file at `path`; `None` where the language is not
/// known.
pub(super) fn instead(path: &RepoPath, key: &str) -> Option<String> {
    let name = variable(key);
    let file = String::from_utf8_lossy(path.file_name()).to_ascii_lowercase();
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    let in_workflow = path.as_bytes().starts_with(b".github/workflows/");
    let text = match extension {
        "yml" | "yaml" if in_workflow => format!("${{{{ secrets.{name} }}}}"),
        "py" => format!("os.environ[\"{name}\"]"),
        "js" | "mjs" | "cjs" | "ts" | "tsx" | "jsx" => format!("process.env.{name}"),
        "rs" => format!("std::env::var(\"{name}\")"),
        "go" => format!("os.Getenv(\"{name}\")"),
        "rb" => format!("ENV.fetch(\"{name}\")"),
        "php" => format!("getenv(\"{name}\")"),
        "java" | "kt" | "scala" | "groovy" => format!("System.getenv(\"{name}\")"),
        "cs" => format!("Environment.GetEnvironmentVariable(\"{name}\")"),
        "sh" | "bash" | "zsh" => format!("${{{name}:?}}"),
        "ps1" => format!("$env:{name}"),
        "tf" => format!("var.{}", name.to_ascii_lowercase()),
        _ => return None,
    };
    Some(format!("Read it when the program runs: `{text}`, set from a secret store."))
}

/// What to put in the place of what a rule finds, whatever the language.
pub(super) fn in_general(rule: &Rule) -> String {
    let name = variable(&rule.id);
    if rule.structure.as_ref().is_some_and(|structure| structure.kind == "pem")
        || rule.id.contains("private-key")
    {
        return format!(
            "Keep the key in a secret store, or in a file outside of the repository that only its user can read, and give the \
             program its path: `{name}_FILE`."
        );
    }
    if rule.regex.contains("://") {
        return format!(
            "Leave the credentials out of the address and read them, or the whole address, when the program runs: `{name}`, set \
             from a secret store."
        );
    }
    format!(
        "Read it from `{name}` when the program runs, set from a secret store: `os.environ[\"{name}\"]`, `process.env.{name}`, \
         `${{{{ secrets.{name} }}}}` in a workflow."
    )
}

/// A key as an environment variable: `github.apiToken` becomes `GITHUB_API_TOKEN`.
fn variable(key: &str) -> String {
    let mut out = String::new();
    let mut last_lower = false;
    for character in key.chars() {
        if !character.is_ascii_alphanumeric() {
            if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
        } else {
            if character.is_ascii_uppercase() && last_lower {
                out.push('_');
            }
            out.push(character.to_ascii_uppercase());
        }
        last_lower = character.is_ascii_lowercase();
    }
    let name = out.trim_matches('_');
    if name.is_empty() || name.len() > 64 || name.starts_with(|c: char| c.is_ascii_digit()) {
        "SECRET".to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_replacement_speaks_the_language_of_the_file() {
        let of = |path: &str, key: &str| instead(&RepoPath::from(path), key);
        assert_eq!(
            of("src/app.py", "github.apiToken").unwrap(),
            "Read it when the program runs: `os.environ[\"GITHUB_API_TOKEN\"]`, set from a secret store."
        );
        assert!(of(".github/workflows/ci.yml", "token").unwrap().contains("${{ secrets.TOKEN }}"));
        assert!(of("deploy.sh", "").unwrap().contains("${SECRET:?}"));
        assert_eq!(of("config.ini", "token"), None);
    }
}
