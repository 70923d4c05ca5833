//! PuTTY's private key files (`.ppk`), versions 2 and 3: encrypted or not, whole or not.

use super::decode::{Reader, base64, word};
use super::{StructureCheck, Subject, Verdict, fails, holds, weaker};

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "putty",
    about: "a PuTTY key file: the public half is of the algorithm that the first line names, and as many lines of the \
            private half are there as announced; one that is encrypted weighs less",
    params: &[],
    source: "https://the.earth.li/~sgtatham/putty/latest/htmldoc/AppendixC.html",
    example: "{putty}",
    check,
};

fn check(subject: &Subject<'_>) -> Verdict {
    let Ok(text) = std::str::from_utf8(subject.secret) else { return fails("it is not text throughout") };
    let value = |name: &str| {
        let found = text.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':'));
        found.map(str::trim)
    };
    let algorithm = ["PuTTY-User-Key-File-2", "PuTTY-User-Key-File-3"].into_iter().find_map(value);
    let (Some(algorithm), Some(public)) = (algorithm.and_then(word), blob(text, "Public-Lines:")) else {
        return fails("its public half is cut off or altered");
    };
    if Reader(&public).string() != Some(algorithm.as_bytes()) {
        return fails(
            "its public half is not of the algorithm that its first line names: it is altered or made up",
        );
    }
    if blob(text, "Private-Lines:").is_none_or(|private| private.is_empty()) {
        return fails("its private half is cut off or altered");
    }
    match value("Encryption").and_then(word) {
        Some("none") => holds(format!("it is a key of type {algorithm}, in full and without a pass phrase")),
        Some(cipher) => weaker(format!("it is encrypted with {cipher}: a thief needs its pass phrase too")),
        None => fails("it does not say whether it is encrypted"),
    }
}

/// The base64 behind a line that says how many lines of it there are.
fn blob(text: &str, name: &str) -> Option<Vec<u8>> {
    let mut lines = text.lines().map(str::trim).skip_while(|line| !line.starts_with(name));
    let count: usize = lines.next()?.strip_prefix(name)?.trim().parse().ok()?;
    let lines: Vec<&str> = lines.take(count).collect();
    (lines.len() == count).then(|| base64(lines.concat().as_bytes())).flatten()
}

#[cfg(test)]
mod tests {
    use crate::secrets::structure::Outcome;
    use crate::secrets::structure::tests::{judge, template};

    #[test]
    fn encryption_and_lines_count() {
        let of = |text: &str| judge("putty", &[], text).outcome;
        let key = template("{putty}", 3);
        assert_eq!(of(&key), Outcome::Holds);
        assert_eq!(of(&key.replace('\n', "\r\n")), Outcome::Holds);
        assert_eq!(of(&key.replace("Encryption: none", "Encryption: aes256-cbc")), Outcome::Weaker);
        assert_eq!(of(&key.replace("ssh-ed25519\n", "ssh-rsa\n")), Outcome::Fails);
        assert_eq!(of(key.rsplit_once('\n').unwrap().0), Outcome::Fails);
    }
}
