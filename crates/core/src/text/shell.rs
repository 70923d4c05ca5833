//! Words for commands that people paste into a shell.

/// Text as one word of a POSIX shell: as it is where the shell reads it so, in single quotes otherwise. A word that
/// could begin an option (`-f`) is the caller's to put behind `--` or `./`.
#[must_use]
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '+' | '@');
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::shell_word;

    #[test]
    fn a_word_stays_one_word() {
        for (text, word) in [
            ("src/a-b_c.d+e@f", "src/a-b_c.d+e@f"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$(rm -r .)", "'$(rm -r .)'"),
            ("ü", "'ü'"),
        ] {
            assert_eq!(shell_word(text), word);
        }
    }
}
