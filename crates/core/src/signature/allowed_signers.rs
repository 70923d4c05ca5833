//! Lines of allowed signers (ssh-keygen(1), ALLOWED SIGNERS). `ssh-keygen` passes over what it does not understand; here a
//! line that nobody understands is an error, since somebody meant it to count.

use super::ssh::public_key;
use std::fmt;

/// A line: who, and with which key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AllowedSigner {
    /// Who: patterns of principals, as the line has them.
    pub principals: String,
    /// The key, or that of the authority, as SSH writes keys.
    pub key: Vec<u8>,
    /// The line.
    pub line: String,
}

impl AllowedSigner {
    /// The principals, one by one, without those that are excepted (`!name`).
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.principals.trim_matches('"').split(',');
        names.filter(|name| !name.is_empty() && !name.starts_with('!'))
    }
}

/// A line that is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrongLine {
    /// Its number, from 1.
    pub number: usize,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for WrongLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.number, self.message)
    }
}

/// The allowed signers of a text, without empty lines and comments.
///
/// # Errors
///
/// The first line that is none.
pub fn allowed_signers(text: &str) -> Result<Vec<AllowedSigner>, WrongLine> {
    let mut signers = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let number = index.saturating_add(1);
        signers.push(signer(line).map_err(|message| WrongLine { number, message })?);
    }
    Ok(signers)
}

fn signer(line: &str) -> Result<AllowedSigner, String> {
    if line.contains('\0') {
        return Err("there is a NUL in it".to_owned());
    }
    let fields = fields(line)?;
    let mut fields = fields.iter().map(String::as_str);
    let principals = fields.next().unwrap_or_default();
    let mut kind = fields.next().ok_or("there is no key")?;
    if !is_key_type(kind) {
        options(kind)?;
        kind = fields.next().ok_or("there is no key")?;
    }
    let encoded = fields.next().ok_or_else(|| {
        let kind = kind.escape_debug();
        format!("there is no key after `{kind}`: a line is `principals [options] type base64-key`")
    })?;
    if principals.trim_matches('"').is_empty() {
        return Err("there is no principal".to_owned());
    }
    let key = public_key(kind, encoded)?;
    Ok(AllowedSigner { principals: principals.to_owned(), key, line: line.to_owned() })
}

/// The fields of a line; white space in quotes separates nothing.
fn fields(line: &str) -> Result<Vec<String>, String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    for character in line.chars() {
        match character {
            '"' => {
                quoted = !quoted;
                field.push('"');
            }
            ' ' | '\t' if !quoted => {
                if !field.is_empty() {
                    fields.push(std::mem::take(&mut field));
                }
            }
            other => field.push(other),
        }
    }
    if quoted {
        return Err("a quote is not closed".to_owned());
    }
    if !field.is_empty() {
        fields.push(field);
    }
    Ok(fields)
}

fn is_key_type(word: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-", "rsa-", "webauthn-"].iter().any(|prefix| word.starts_with(prefix))
}

/// The options that a line can have.
fn options(word: &str) -> Result<(), String> {
    let (mut option, mut quoted, mut options) = (String::new(), false, Vec::new());
    for character in word.chars() {
        quoted ^= character == '"';
        if character == ',' && !quoted {
            options.push(std::mem::take(&mut option));
        } else {
            option.push(character);
        }
    }
    options.push(option);
    for option in &options {
        let (name, value) = option.split_once('=').map_or((option.as_str(), None), |(n, v)| (n, Some(v)));
        let value = value.and_then(|value| value.strip_prefix('"')?.strip_suffix('"'));
        let is_right = match name.to_ascii_lowercase().as_str() {
            "cert-authority" => option.len() == name.len(),
            "namespaces" => value.is_some_and(|value| !value.is_empty()),
            "valid-after" | "valid-before" => value.is_some_and(is_time),
            _ => {
                let name = name.escape_debug();
                return Err(format!(
                    "`{name}` is neither an option nor a key type; options are cert-authority, namespaces=\"…\", \
                     valid-after=\"…\" and valid-before=\"…\""
                ));
            }
        };
        if !is_right {
            let (option, example) = (option.escape_debug(), "valid-before=\"20271231\", namespaces=\"git\"");
            return Err(format!("`{option}` has no value that ssh-keygen takes: write {example}"));
        }
    }
    Ok(())
}

/// `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`, with a `Z` if wanted.
fn is_time(text: &str) -> bool {
    let digits = text.strip_suffix('Z').unwrap_or(text);
    matches!(digits.len(), 8 | 12 | 14) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::ssh::tests::key;
    use super::*;
    use data_encoding::BASE64;

    fn line(before: &str) -> String {
        format!("{before} ssh-ed25519 {} a comment", BASE64.encode(&key("ssh-ed25519", 3)))
    }

    #[test]
    fn lines_as_ssh_keygen_takes_them() {
        let text = [
            "# who may sign".to_owned(),
            String::new(),
            line("dev@example.com"),
            line("\"two names\",*@example.com namespaces=\"git,file\",valid-after=\"20240101Z\",valid-before=\"202501011200\""),
            line("*@example.com cert-authority,namespaces=\"git\""),
        ]
        .join("\r\n");
        let signers = allowed_signers(&text).unwrap();
        let principals: Vec<&str> = signers.iter().map(|signer| signer.principals.as_str()).collect();
        assert_eq!(principals, ["dev@example.com", "\"two names\",*@example.com", "*@example.com"]);
        assert_eq!(signers[0].names().collect::<Vec<_>>(), ["dev@example.com"]);
        let excepted = allowed_signers(&line("\"two names,!not me,*\"")).unwrap();
        assert_eq!(excepted[0].names().collect::<Vec<_>>(), ["two names", "*"]);
        assert!(signers.iter().all(|signer| signer.key == key("ssh-ed25519", 3)));
    }

    #[test]
    fn a_line_that_nobody_understands_is_an_error() {
        let cut = line("dev").replace("AAAA", "AAA");
        for (text, word) in [
            ("dev@example.com", "there is no key"),
            ("dev@example.com ssh-ed25519", "no key after"),
            (line("dev valid_before=\"20240101\"").as_str(), "neither an option"),
            (line("dev valid-before=20240101").as_str(), "no value"),
            (line("dev valid-before=\"tomorrow\"").as_str(), "no value"),
            (line("dev namespaces=\"git").as_str(), "not closed"),
            (cut.as_str(), "base64"),
            (line("dev").replace("ssh-ed25519", "ssh-rsa").as_str(), "not ssh-rsa"),
        ] {
            let wrong = allowed_signers(&format!("# first\n{text}\n")).unwrap_err();
            assert_eq!(wrong.number, 2);
            assert!(wrong.message.contains(word), "{text}: {}", wrong.message);
        }
    }
}
