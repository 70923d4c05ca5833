//! What stands where a secret would, and is none: `changeme`, `${TOKEN}`, `xxxxxxxx`. One list for all rules, each test
//! with a name, so that a report can say which one spoke.
//!
//! None of the tests may be true of a random token but by a chance of one in a million; a property test holds that.

use super::work;
use memchr::memmem;

/// One test.
#[derive(Clone, Copy, Debug)]
pub struct Placeholder {
    /// Its name: `repeated`.
    pub name: &'static str,
    /// What it takes for a placeholder, in a few words.
    pub about: &'static str,
    test: fn(&Value<'_>) -> bool,
}

/// Every test.
pub static PLACEHOLDERS: &[Placeholder] = &[
    Placeholder {
        name: "template",
        about: "filled in later: `${VAR}`, `{{ var }}`, `<token>`, `%s`",
        test: template,
    },
    Placeholder {
        name: "reference",
        about: "names where the secret is kept: `op://`, `os.environ[…]`, `ENC[…]`",
        test: reference,
    },
    Placeholder { name: "masked", about: "cut short or starred out: `abc...`, `****`", test: masked },
    Placeholder {
        name: "repeated",
        about: "mostly one character, or one short piece again and again",
        test: repeated,
    },
    Placeholder { name: "sequence", about: "counts up or down: `0123456789abcdef`", test: sequence },
    Placeholder {
        name: "phrase", about: "says so itself: `…EXAMPLE`, `changeme`, `your-…`", test: phrase
    },
    Placeholder {
        name: "words",
        about: "made of words such as `my`, `api`, `key`, `here` alone",
        test: words,
    },
    Placeholder {
        name: "documented",
        about: "the value that everybody's documentation shows",
        test: documented,
    },
];

/// The name of the first test that takes `value` for a placeholder.
#[must_use]
pub fn placeholder(value: &[u8]) -> Option<&'static str> {
    let value = Value { bytes: value, lower: value.to_ascii_lowercase() };
    PLACEHOLDERS.iter().find(|p| (p.test)(&value)).map(|p| p.name)
}

struct Value<'a> {
    bytes: &'a [u8],
    lower: Vec<u8>,
}

impl Value<'_> {
    fn contains(&self, phrase: &str) -> bool {
        memmem::find(&self.lower, phrase.as_bytes()).is_some()
    }

    /// What follows a token's prefix (`sk_live_`), if it has one: what is behind the last `_` or `-`.
    fn tail(&self) -> &[u8] {
        let start = self.lower.iter().rposition(|b| matches!(b, b'_' | b'-')).map_or(0, |at| at + 1);
        self.lower.get(start..).filter(|tail| tail.len() >= 8).unwrap_or(&self.lower)
    }
}

fn template(value: &Value<'_>) -> bool {
    let (bytes, wrapped) = (value.bytes, |open: &[u8], close: &[u8]| {
        value.bytes.len() > open.len() + close.len()
            && value.bytes.starts_with(open)
            && value.bytes.ends_with(close)
    });
    let variable = |rest: &[u8]| {
        !rest.is_empty() && rest.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
    };
    is_template(bytes)
        || wrapped(b"<", b">")
        || wrapped(b"{", b"}")
        || wrapped(b"[", b"]")
        || wrapped(b"%", b"%")
        || wrapped(b"__", b"__")
        || wrapped(b"@", b"@")
        || bytes.strip_prefix(b"$").is_some_and(variable)
        || matches!(bytes, b"%s" | b"%v" | b"%d" | b"%@" | b"{}" | b"{0}" | b"?")
}

/// Whether a text has something in it that is filled in later: `${name}`, `{{ name }}`, `$(command)`, `<% … %>`. What is between
/// the marks has to read as a name or a call; a password may well have the marks alone.
pub(super) fn is_template(bytes: &[u8]) -> bool {
    const MARKS: &[(&[u8], &[u8])] = &[
        (b"${", b"}"),
        (b"{{", b"}}"),
        (b"$(", b")"),
        (b"#{", b"}"),
        (b"<%", b"%>"),
        (b"%(", b")"),
        (b"<?", b"?>"),
        (b"$[", b"]"),
        (b"@{", b"}"),
    ];
    let is_inside = |b: &u8| b.is_ascii_alphanumeric() || b" _.-:#$|'\"/=@(),?!+*&~\\".contains(b);
    MARKS.iter().any(|(open, close)| {
        // Where the next closing mark stands and where the next byte that cannot be inside: both hold for every opening
        // mark before them, and a value may be nothing but opening marks.
        let (mut end, mut strange) = (0, 0);
        memmem::find_iter(bytes, open).any(|at| {
            let start = at + open.len();
            let inside = bytes.get(start..).unwrap_or(&[]);
            if end < start {
                end = memmem::find(inside, close).map_or(bytes.len(), |found| start + found);
            }
            if strange < start {
                let found = inside.iter().inspect(|_| work::step()).position(|byte| !is_inside(byte));
                strange = found.map_or(bytes.len(), |found| start + found);
            }
            start < end && end <= strange
        })
    })
}

fn reference(value: &Value<'_>) -> bool {
    const STARTS: &[&[u8]] = &[
        b"op://",
        b"vault:",
        b"arn:aws:",
        b"enc[",
        b"env.",
        b"process.env",
        b"os.environ",
        b"os.getenv",
        b"system.getenv",
        b"getenv(",
        b"secrets.",
        b"config.",
        b"keyring:",
        b"aws-sm://",
        b"gcp-sm://",
        b"projects/",
        b"file://",
        b"/run/secrets/",
    ];
    STARTS.iter().any(|start| value.lower.starts_with(start))
}

fn masked(value: &Value<'_>) -> bool {
    // A key in full may well stand beside an ellipsis; a short value does not.
    value.bytes.len() <= 4096
        && ["...", "\u{2026}", "***", "\u{2022}\u{2022}"].iter().any(|mark| value.contains(mark))
}

fn repeated(value: &Value<'_>) -> bool {
    let same = |bytes: &[u8]| bytes.first().is_some_and(|first| bytes.iter().all(|b| b == first));
    let (all, tail) = (value.lower.as_slice(), value.tail());
    if same(all) || (tail.len() >= 4 && same(tail)) {
        return true;
    }
    let run = longest_run(all);
    (run >= 8 && run * 2 >= all.len()) || is_periodic(all) || is_periodic(tail)
}

fn longest_run(bytes: &[u8]) -> usize {
    let (mut longest, mut current, mut last) = (0, 0, None);
    for &byte in bytes {
        current = if last == Some(byte) { current + 1 } else { 1 };
        last = Some(byte);
        longest = longest.max(current);
    }
    longest
}

/// A piece of up to eight bytes, twice when it is long and at least three times when it is short.
fn is_periodic(bytes: &[u8]) -> bool {
    bytes.len() >= 12
        && (1..=8usize).any(|period| {
            bytes.len() >= period * if period < 6 { 3 } else { 2 }
                && bytes.iter().zip(bytes.iter().skip(period)).all(|(a, b)| a == b)
        })
}

/// Half of the value or more is in runs of four and more that count by one.
fn sequence(value: &Value<'_>) -> bool {
    let counts = |bytes: &[u8]| {
        let (mut covered, mut run, mut direction) = (0, 1, 0);
        let steps = bytes.iter().zip(bytes.iter().skip(1)).map(|(a, b)| step(*a, *b));
        for next in steps.chain([0]) {
            if next != 0 && next == direction {
                run += 1;
            } else {
                covered += if run >= 4 { run } else { 0 };
                run = if next == 0 { 1 } else { 2 };
                direction = next;
            }
        }
        bytes.len() >= 6 && covered * 2 >= bytes.len()
    };
    if counts_on(value.bytes) {
        return true;
    }
    counts(&value.lower) || counts(value.tail())
}

/// A run that counts by one and is longer than chance makes it: `…1234567…` is typed by hand.
fn counts_on(bytes: &[u8]) -> bool {
    if bytes.len() > 512 {
        return false;
    }
    bytes.split(|b| matches!(b, b'_' | b'-')).filter(|part| part.len() >= 16).any(has_long_run)
}

fn has_long_run(part: &[u8]) -> bool {
    // Among many characters a run is rarer.
    let classes = [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit];
    let least = if classes.iter().all(|class| part.iter().any(class)) { 6 } else { 7 };
    let (mut run, mut direction) = (1, 0);
    for (before, after) in part.iter().zip(part.iter().skip(1)) {
        let next = step(before.to_ascii_lowercase(), after.to_ascii_lowercase());
        run = match next {
            0 => 1,
            next if next == direction => run + 1,
            _ => 2,
        };
        direction = next;
        if run >= least {
            return true;
        }
    }
    false
}

const fn step(a: u8, b: u8) -> i8 {
    match (a, b) {
        (b'9', b'0' | b'a') | (b'z', b'0' | b'a') => 1,
        (b'0' | b'a', b'9') => -1,
        _ if !a.is_ascii_alphanumeric() || !b.is_ascii_alphanumeric() => 0,
        _ if a.wrapping_add(1) == b => 1,
        _ if b.wrapping_add(1) == a => -1,
        _ => 0,
    }
}

fn phrase(value: &Value<'_>) -> bool {
    const PHRASES: &[&str] = &[
        "example",
        "changeme",
        "change-me",
        "change_me",
        "placeholder",
        "replaceme",
        "replace-",
        "replace_",
        "redacted",
        "your-",
        "your_",
        "yourapi",
        "yourtoken",
        "yoursecret",
        "yourpassword",
        "my-secret",
        "my_secret",
        "mysecret",
        "xxxxxx",
        "insert-",
        "insert_",
        "not-a-real",
        "notareal",
        "not_a_real",
        "fake-",
        "fake_",
        "dummy-",
        "dummy_",
        "dummykey",
        "dummytoken",
        "sample-",
        "sample_",
        "do-not-use",
        "donotuse",
        "test-token",
        "test_token",
        "notasecret",
        "not-a-secret",
        "foobar",
        "lorem ipsum",
        "super-secret",
        "supersecret",
    ];
    value.bytes.len() <= 512 && PHRASES.iter().any(|phrase| value.contains(phrase))
}

/// Whether a value of a machine's making is prose: five words and more behind its last slash, with signs, digits or
/// capitals between them.
pub(super) fn prose(value: &[u8]) -> bool {
    let is_one = value.len() <= 300 && !value.iter().any(u8::is_ascii_whitespace);
    if !is_one {
        return false;
    }
    let tail = value.rsplit(|b| *b == b'/').next().unwrap_or(value);
    let (mut words, mut word) = (0, Vec::new());
    for byte in tail.iter().chain(b"-") {
        if !byte.is_ascii_lowercase() {
            words += usize::from(word.len() > 2 && super::generic::is_word(&word));
            word.clear();
        }
        if byte.is_ascii_alphabetic() {
            word.push(byte.to_ascii_lowercase());
        }
    }
    words >= 5
}

/// Words that stand in for a value, alone or joined.
const WORDS: &[&str] = &[
    "a",
    "access",
    "account",
    "admin",
    "an",
    "any",
    "api",
    "app",
    "auth",
    "authorization",
    "basic",
    "bar",
    "baz",
    "bearer",
    "change",
    "client",
    "code",
    "credential",
    "credentials",
    "db",
    "default",
    "demo",
    "dummy",
    "empty",
    "enter",
    "example",
    "fake",
    "false",
    "fill",
    "foo",
    "from",
    "goes",
    "here",
    "hidden",
    "id",
    "in",
    "insert",
    "invalid",
    "is",
    "it",
    "key",
    "live",
    "me",
    "mock",
    "my",
    "nil",
    "no",
    "none",
    "null",
    "of",
    "paste",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "passwort",
    "personal",
    "pk",
    "placeholder",
    "private",
    "prod",
    "public",
    "put",
    "pwd",
    "real",
    "redacted",
    "replace",
    "root",
    "sample",
    "secret",
    "service",
    "sk",
    "some",
    "string",
    "stub",
    "super",
    "test",
    "testing",
    "the",
    "this",
    "to",
    "todo",
    "token",
    "true",
    "undefined",
    "unset",
    "unused",
    "user",
    "username",
    "value",
    "webhook",
    "with",
    "xxx",
    "your",
];

fn words(value: &Value<'_>) -> bool {
    let lower = value.lower.as_slice();
    if lower.len() > 64
        || !lower.iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'_' | b' ' | b'.'))
    {
        return false;
    }
    let letters: Vec<u8> = lower.iter().copied().filter(u8::is_ascii_lowercase).collect();
    // reached[n]: the first n letters are words.
    let mut reached = vec![true];
    for end in 1..=letters.len() {
        let head = letters.get(..end).unwrap_or(&[]);
        let ends = |word: &str| {
            head.ends_with(word.as_bytes()) && reached.get(end - word.len()).copied().unwrap_or(false)
        };
        reached.push(WORDS.iter().any(|word| ends(word)));
    }
    !letters.is_empty() && reached.last() == Some(&true)
}

fn documented(value: &Value<'_>) -> bool {
    // The payload that jwt.io shows begins with the subject 1234567890.
    memmem::find(value.bytes, b".eyJzdWIiOiIxMjM0NTY3ODkwI").is_some()
        || matches!(
            value.lower.as_slice(),
            b"correct horse battery staple"
                | b"correcthorsebatterystaple"
                | b"hunter2"
                | b"toor"
                | b"s3cr3t"
                | b"p@ssw0rd"
                | b"passw0rd"
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::template::expand;

    #[test]
    fn a_value_of_nothing_but_opening_marks_takes_steps_in_proportion() {
        for mark in ["${", "$(", "{{", "<?"] {
            let steps = |count: usize| {
                let value = format!("{}\u{1}", mark.repeat(count));
                work::count(|| assert!(!is_template(value.as_bytes())))
            };
            assert!(steps(2000) <= 11 * steps(200), "{mark}: {} {}", steps(2000), steps(200));
        }
    }

    #[test]
    fn placeholders_are_known_by_name() {
        let cases: &[(&str, &[&str])] = &[
            (
                "template",
                &[
                    "${TOKEN}",
                    "{{ token }}",
                    "<your token>",
                    "%PASSWORD%",
                    "$PASSWORD",
                    "__TOKEN__",
                    "$(pass show x)",
                ],
            ),
            (
                "reference",
                &["op://vault/item/field", "process.env.TOKEN", "os.environ['T']", "/run/secrets/db"],
            ),
            ("masked", &["ghp_abc...", "********", "abcd****"]),
            ("repeated", &["ghp_xxxxxxxxxxxxxxxxxxxx", "00000000", "deadbeefdeadbeef", "abcabcabcabc"]),
            ("sequence", &["0123456789abcdef", "1234567890", "fedcba9876543210", "sk_live_abcdefghijklmnop"]),
            ("phrase", &["AKIAIOSFODNN7EXAMPLE", "changeme123", "your-api-key-1"]),
            ("words", &["password", "my_api_key", "ThisTokenHere", "test"]),
        ];
        for (name, values) in cases {
            for value in *values {
                assert_eq!(placeholder(value.as_bytes()), Some(*name), "{value}");
            }
        }
    }

    #[test]
    fn random_tokens_are_never_placeholders() {
        let shapes = [
            "ghp_{base62:36}",
            "{hex:32}",
            "{hex:40}",
            "sk_live_{base62:24}",
            "AKIA{base32:16}",
            "{base64:40}",
            "{base64url:43}",
            "{uuid}",
            "{alnum:20}",
            "{digits:20}",
            "{lower:24}",
            "{jwt}",
            "{pem:PRIVATE KEY}",
            "{base62:12}",
        ];
        for shape in shapes {
            for seed in 0..3000 {
                let value = expand(shape, seed);
                assert_eq!(placeholder(value.as_bytes()), None, "{shape}, seed {seed}");
            }
        }
        for real in ["Tr0ub4dor&3", "kJ8#mQ2!", "hUnTeR-seven", "letmein99!"] {
            assert_eq!(placeholder(real.as_bytes()), None, "{real}");
        }
    }
}
