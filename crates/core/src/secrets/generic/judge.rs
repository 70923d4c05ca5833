//! Whether a value that is given to a credential's name is a credential: first the tests that know what it is instead,
//! each with its reason, then how unexpected its characters are.
//!
//! Shannon's entropy knows only how often characters repeat; `correctpassword` has more of it than `hunter2x`. What is
//! measured here is the surprise of the letters as words, digits and signs added (see [`super::words`]).

use super::name::Kind;
use super::words::{covered, surprise};
use super::written::Form;
use crate::Confidence;
use crate::secrets::detector::Opinion;
use crate::secrets::placeholder::{PLACEHOLDERS, is_template, placeholder};

/// A value, and how it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) name: &'a [u8],
    pub(super) kind: Kind,
    pub(super) form: Form,
    pub(super) in_call: bool,
}

/// What a value can be instead of a credential.
struct Test {
    /// A clause that begins with `it`.
    why: &'static str,
    test: fn(&Value<'_>) -> bool,
}

static TESTS: &[Test] = &[
    Test { why: "it is too short for what its name says", test: short },
    Test { why: "it is a number, a date, a version or an address", test: number },
    Test { why: "it is filled in later, or names where the value is", test: filled_in },
    Test { why: "it is an expression or a variable, and no literal", test: expression },
    Test { why: "it is a URL, a path, a file name or an e-mail address", test: path },
    Test { why: "it says what its name says", test: repeats_name },
    Test { why: "it is text in another script, or no text at all", test: other_script },
    Test { why: "it is a digest or an encrypted value", test: digest },
    Test { why: "it is a sentence or a list of words", test: sentence },
    Test { why: "it is an identifier made of words", test: identifier },
];

/// What is thought of a value.
pub(super) fn judge(value: &Value<'_>) -> Opinion {
    if let Some(test) = TESTS.iter().find(|test| (test.test)(value)) {
        return Opinion::Nothing(test.why);
    }
    if let Some(name) = placeholder(value.bytes) {
        return Opinion::Nothing(
            PLACEHOLDERS.iter().find(|p| p.name == name).map_or("it is a placeholder", |p| p.about),
        );
    }
    random(value)
}

fn short(value: &Value<'_>) -> bool {
    let least = match (value.kind, value.form) {
        (Kind::Password, Form::Quoted | Form::Plain) => 4,
        (Kind::Password, Form::Loose) => 6,
        (Kind::Issued, _) => 7,
        (Kind::Perhaps, _) => 10,
    };
    value.bytes.len() < least
}

fn number(value: &Value<'_>) -> bool {
    let bytes = value.bytes;
    let hexadecimal = bytes.strip_prefix(b"0x").or_else(|| bytes.strip_prefix(b"#"));
    bytes.iter().all(|b| {
        b.is_ascii_digit()
            || matches!(b, b'.' | b',' | b':' | b'+' | b'-' | b'/' | b'_' | b' ' | b'T' | b'Z' | b'%' | b'*')
    }) || hexadecimal.is_some_and(|digits| digits.len() <= 10 && digits.iter().all(u8::is_ascii_hexdigit))
        || is_version_of(bytes)
        || is_address(bytes)
        || bytes.strip_prefix(b"v").is_some_and(|rest| rest.iter().all(|b| b.is_ascii_digit() || *b == b'.'))
}

/// `10.0.0.1:…`
fn is_address(bytes: &[u8]) -> bool {
    let mut parts = bytes.split(|b| matches!(b, b'.' | b':' | b'/'));
    let is_octet = |part: &[u8]| (1..4).contains(&part.len()) && part.iter().all(u8::is_ascii_digit);
    (0..4).all(|_| parts.next().is_some_and(is_octet))
}

/// `name:1.2.3`, `name@1.2`: an image or a package.
fn is_version_of(bytes: &[u8]) -> bool {
    let Some(at) = bytes.iter().rposition(|b| matches!(b, b':' | b'@')) else { return false };
    let (name, version) = (bytes.get(..at).unwrap_or(&[]), bytes.get(at + 1..).unwrap_or(&[]));
    !name.is_empty()
        && name
            .iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.' | b'/'))
        && version.contains(&b'.')
        && version.iter().all(|b| b.is_ascii_digit() || *b == b'.')
}

fn filled_in(value: &Value<'_>) -> bool {
    const STARTS: &[&[u8]] = &[
        b"$", b"%", b"<", b":", b"@{", b"{{", b"env.", b"var.", b"local.", b"module.", b"data.", b"self.",
        b"this.",
    ];
    const EXPRESSIONS: &[&[u8]] = &[b"!", b"&", b"*", b"?", b"-", b"+", b"~", b"^", b"}", b"@", b"\\", b"="];
    const HOLDS: &[&[u8]] = &[b"%s", b"%d", b"%v", b"{}", b"{0}", b"[redacted", b"xxxx", b"****", b"..."];
    let bytes = value.bytes;
    let is_name = bytes.iter().skip(1).all(|b| {
        b.is_ascii_alphanumeric() || matches!(b, b'_' | b'{' | b'}' | b'.' | b'>' | b'%' | b'-' | b':')
    });
    if (is_name || value.form == Form::Loose) && STARTS.iter().any(|start| bytes.starts_with(start)) {
        return true;
    }
    if value.form != Form::Quoted
        && EXPRESSIONS.iter().any(|start| bytes.starts_with(start))
        && is_name
        && value.form == Form::Loose
    {
        return true;
    }
    let lower = bytes.to_ascii_lowercase();
    let wrapped = |open: u8, close: u8| bytes.first() == Some(&open) && bytes.last() == Some(&close);
    HOLDS.iter().any(|mark| memchr::memmem::find(&lower, mark).is_some())
        || is_template(bytes)
        || wrapped(b'{', b'}')
        || wrapped(b'<', b'>')
        || wrapped(b'[', b']')
        || wrapped(b'(', b')')
        || has_hole(bytes)
}

/// `prefix-{name}`: a format string.
fn has_hole(bytes: &[u8]) -> bool {
    let Some(open) = memchr::memchr(b'{', bytes) else { return false };
    let inside = bytes.get(open + 1..).unwrap_or(&[]);
    memchr::memchr(b'}', inside).is_some_and(|end| {
        let name = inside.get(..end).unwrap_or(&[]);
        name.len() >= 2
            && name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'-'))
    })
}

fn expression(value: &Value<'_>) -> bool {
    let bytes = value.bytes;
    // Code in a literal: a call, an index, a member, a ternary.
    let code = |mark: &[u8]| memchr::memmem::find(bytes, mark).is_some();
    if [&b"()"[..], b"->", b"::", b"=>", b"?.", b" ? ", b"({", b"});", b"\" +", b"' +", b"+ \"", b"+ '"]
        .iter()
        .any(|mark| code(mark))
    {
        return true;
    }
    if is_pattern(bytes) {
        return true;
    }
    if value.form == Form::Quoted {
        return false;
    }
    if [&b"("[..], b"===", b"!=", b"&&", b"||"].iter().any(|mark| code(mark)) {
        return true;
    }
    if value.form == Form::Plain {
        return bytes.contains(&b'\\');
    }
    bytes.iter().any(|b| matches!(b, b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'*' | b'\\'))
        || is_member(bytes)
}

/// A regular expression.
fn is_pattern(bytes: &[u8]) -> bool {
    [&b"\\s"[..], b"\\S", b"\\w", b"\\d", b"[^", b"(?", b".*", b".+", b"[a-z", b"[A-Z", b"[0-9"]
        .iter()
        .filter(|mark| memchr::memmem::find(bytes, mark).is_some())
        .count()
        > 1
}

/// `config.database.password`
fn is_member(bytes: &[u8]) -> bool {
    let mut parts = bytes.split(|b| *b == b'.');
    let is_name = |part: &[u8]| {
        part.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
            && part.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
    };
    parts.clone().count() > 1 && parts.all(is_name)
}

fn path(value: &Value<'_>) -> bool {
    const STARTS: &[&[u8]] = &[
        b"/",
        b"./",
        b"../",
        b"~/",
        b"//",
        b"http:",
        b"https:",
        b"urn:",
        b"arn:",
        b"data:",
        b"mailto:",
        b"file:",
        b"c:\\",
        b"refs/",
        b"application/",
        b"text/",
        b"image/",
        b"com.",
        b"org.",
        b"io.",
        b"net.",
        b"@/",
        b"node_modules",
        b"www.",
        b"npm:",
        b"workspace:",
        b"link:",
        b"git+",
        b"pkg:",
        b"^",
        b"~",
    ];
    const ENDS: &[&[u8]] = &[
        b".js", b".ts", b".py", b".rb", b".go", b".java", b".json", b".yaml", b".yml", b".toml", b".xml",
        b".html", b".css", b".txt", b".md", b".pem", b".key", b".crt", b".cer", b".pub", b".jks", b".p12",
        b".pfx", b".env", b".conf", b".cfg", b".ini", b".sh", b".php", b".cs", b".png", b".svg", b".jpg",
        b".gif", b".zip", b".gz", b".log", b".csv", b".sql", b".db", b".com", b".org", b".net", b".io",
    ];
    let lower = value.bytes.to_ascii_lowercase();
    let parts = || lower.split(|b| *b == b'/');
    let worded = |part: &[u8]| part.len() < 24 && rate(part) < 4.2;
    let is_folder = |part: &[u8]| {
        part.len() < 16 && part.iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'.' | b'-' | b'_'))
    };
    let folders = value.bytes.split(|b| *b == b'/').filter(|part| !part.is_empty());
    if value.bytes.first() == Some(&b'/') && folders.clone().count() > 1 && folders.clone().all(is_folder) {
        return true;
    }
    let starts = STARTS.iter().any(|start| lower.starts_with(start));
    let rooted =
        starts && (lower.first() != Some(&b'/') || parts().filter(|part| !part.is_empty()).all(worded));
    rooted
        || ENDS.iter().any(|end| lower.ends_with(end))
        || memchr::memmem::find(&lower, b"://").is_some()
        || (parts().count() > 1 && parts().all(worded))
        || is_email(&lower)
}

fn is_email(lower: &[u8]) -> bool {
    let Some(at) = memchr::memchr(b'@', lower) else { return false };
    let (user, host) = lower.split_at(at);
    let named = |part: &[u8]| {
        !part.is_empty()
            && part.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+' | b'@'))
    };
    named(user)
        && named(host)
        && memchr::memrchr(b'.', host).is_some_and(|dot| (3..=5).contains(&(host.len() - dot)))
}

/// `pgPass = require('pgpass')`
fn repeats_name(value: &Value<'_>) -> bool {
    let letters = |bytes: &[u8]| -> Vec<u8> {
        bytes.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
    };
    let (name, text) = (letters(value.name), letters(value.bytes));
    !text.is_empty()
        && text.len() > 3
        && (memchr::memmem::find(&name, &text).is_some()
            || (name.len() > 5 && memchr::memmem::find(&text, &name).is_some()))
}

fn other_script(value: &Value<'_>) -> bool {
    value.bytes.iter().any(u8::is_ascii_control)
        || value.bytes.iter().filter(|b| !b.is_ascii()).count() * 3 > value.bytes.len()
}

fn digest(value: &Value<'_>) -> bool {
    const STARTS: &[&[u8]] = &[
        b"sha1-",
        b"sha256-",
        b"sha384-",
        b"sha512-",
        b"sha1:",
        b"sha256:",
        b"sha512:",
        b"md5:",
        b"$2a$",
        b"$2b$",
        b"$2y$",
        b"$1$",
        b"$5$",
        b"$6$",
        b"$argon2",
        b"$pbkdf2",
        b"pbkdf2_sha",
        b"pbkdf2:",
        b"scrypt:",
        b"{ssha",
        b"{sha",
        b"{md5",
        b"{crypt}",
        b"{bcrypt}",
        b"{cipher}",
        b"enc[",
        b"enc(",
        b"vault:v",
        b"$ansible_vault",
        b"aqicah",
        b"{aqaa",
        b"gaaaaa",
        b"ssh-rsa ",
        b"ssh-ed25519 ",
        b"-----begin public",
        b"-----begin certificate",
        b"-----begin",
        b"aqaaab",
        b"gpk1:",
        b"gp1:",
        b"miib",
        b"miic",
        b"miid",
        b"miie",
    ];
    let lower = value.bytes.get(..24).unwrap_or(value.bytes).to_ascii_lowercase();
    STARTS.iter().any(|start| lower.starts_with(start))
}

fn identifier(value: &Value<'_>) -> bool {
    let bytes = value.bytes;
    let is_name = bytes.iter().all(|b| {
        b.is_ascii_alphanumeric()
            || matches!(b, b'_' | b'-' | b'.' | b':' | b'/' | b'@' | b'$' | b' ' | b'=' | b'#')
    });
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    is_name
        && digits * 3 <= bytes.len()
        && rate(bytes) < if value.form == Form::Loose { 4.6 } else { NATURAL }
}

fn sentence(value: &Value<'_>) -> bool {
    let blanks = value.bytes.iter().filter(|b| **b == b' ').count();
    blanks > 0
        && (value.form != Form::Quoted
            || blanks > 3
            || value.kind != Kind::Password
            || rate(value.bytes) < 4.5)
}

/// Surprise a character below which a text reads as words, in bits.
const NATURAL: f64 = 4.25;

/// Bits a character.
fn rate(bytes: &[u8]) -> f64 {
    bits(bytes) / bytes.len().max(1) as f64
}

/// How unexpected a text is: words by their letters, anything else by the size of its alphabet.
fn bits(bytes: &[u8]) -> f64 {
    let mut sum = 0.0;
    let mut run: Vec<u8> = Vec::new();
    let mut before = 0u8;
    for (at, byte) in bytes.iter().enumerate() {
        let next = bytes.get(at + 1).copied().unwrap_or(0);
        let hump = byte.is_ascii_uppercase()
            && (before.is_ascii_lowercase() || (before.is_ascii_uppercase() && next.is_ascii_lowercase()));
        if !byte.is_ascii_alphabetic() || hump {
            sum += letters(&run);
            run.clear();
        }
        // Where capitals and digits begin and end is surprising too.
        let turns = hump
            || (byte.is_ascii_digit() && before.is_ascii_alphabetic())
            || (byte.is_ascii_alphabetic() && before.is_ascii_digit());
        sum += if turns { 1.0 } else { 0.0 };
        if byte.is_ascii_alphabetic() {
            run.push(byte.to_ascii_lowercase());
        } else {
            sum += match byte {
                b'0'..=b'9' => 3.3,
                b'_' | b'-' | b' ' | b'.' | b'/' | b':' => 1.5,
                _ => 5.0,
            };
        }
        before = *byte;
    }
    sum + letters(&run)
}

/// The surprise of a run of letters.
fn letters(run: &[u8]) -> f64 {
    let length = run.len() as f64;
    match run.len() {
        0 => 0.0,
        1 => 5.0,
        2 => 9.0,
        _ if covered(run) == run.len() => 2.7 * length,
        _ => surprise(run).min(6.5 * length),
    }
}

/// How sure the surprise of a value makes it.
fn random(value: &Value<'_>) -> Opinion {
    const WORDS: Opinion = Opinion::Nothing("it reads as words, not as a random value");
    let bytes = value.bytes;
    let seen = Seen::new(bytes);
    let doubtful = value.in_call || value.form == Form::Loose;
    let plain = seen.digits == 0 && seen.classes < 2;
    let (least, enough) = match value.kind {
        Kind::Password => (NATURAL, 14.0),
        Kind::Issued if plain => (4.9, 40.0),
        Kind::Issued => (NATURAL, 30.0),
        Kind::Perhaps => (4.6, 55.0),
    };
    let by_letters = seen.rate >= if doubtful { least.max(4.6) } else { least };
    // Three kinds of characters, and not a word with a number behind it.
    let by_mixture = value.kind != Kind::Perhaps
        && seen.digits > 0
        && seen.classes > 2
        && seen.rate > 3.2
        && seen.worded * 10 < seen.letters * 6;
    // What password rules ask for: all four kinds of characters.
    let by_rule = value.kind == Kind::Password
        && !doubtful
        && seen.classes == 4
        && bytes.len() >= 10
        && seen.digits > 1;
    // A passphrase with signs strewn over it.
    let by_signs =
        !doubtful && value.kind != Kind::Perhaps && seen.signs >= 4 && seen.signs * 4 >= bytes.len();
    if value.kind == Kind::Perhaps && is_uuid(bytes) {
        return Opinion::Nothing("it is a UUID, and its name does not say that it is a secret");
    }
    if !(by_letters || by_mixture || by_rule || by_signs || seen.hexadecimal) || seen.bits < enough {
        return WORDS;
    }
    if value.in_call && (bytes.len() < 8 || (seen.digits == 0 && seen.bits < 60.0)) {
        return WORDS;
    }
    let sure = seen.bits >= 80.0 && seen.classes >= 2 && (seen.digits > 0 || seen.classes >= 3);
    if sure && !doubtful && !is_uuid(bytes) && value.kind != Kind::Perhaps {
        Opinion::Credential(Confidence::Medium, "it is random: neither words nor a number, and long enough")
    } else {
        Opinion::Credential(Confidence::Low, "it reads neither as words nor as a number")
    }
}

fn is_uuid(bytes: &[u8]) -> bool {
    bytes.len() == 36
        && bytes
            .iter()
            .enumerate()
            .all(|(at, b)| if matches!(at, 8 | 13 | 18 | 23) { *b == b'-' } else { b.is_ascii_hexdigit() })
}

/// What a value is made of.
struct Seen {
    bits: f64,
    rate: f64,
    digits: usize,
    letters: usize,
    /// Letters that words cover.
    worded: usize,
    classes: usize,
    /// Signs that do not part words.
    signs: usize,
    hexadecimal: bool,
}

impl Seen {
    fn new(bytes: &[u8]) -> Self {
        let bits = bits(bytes);
        let count = |class: fn(&u8) -> bool| bytes.iter().filter(|b| class(b)).count();
        let (digits, letters) = (count(u8::is_ascii_digit), count(u8::is_ascii_alphabetic));
        let classes = [
            count(u8::is_ascii_lowercase),
            count(u8::is_ascii_uppercase),
            digits,
            count(u8::is_ascii_punctuation),
        ];
        let worded =
            bytes.split(|b| !b.is_ascii_alphabetic()).map(|run| covered(&run.to_ascii_lowercase())).sum();
        Self {
            bits,
            rate: bits / bytes.len().max(1) as f64,
            digits,
            letters,
            worded,
            classes: classes.iter().filter(|count| **count > 0).count(),
            signs: bytes.iter().filter(|b| b.is_ascii_punctuation() && !b"_-./:, ".contains(b)).count(),
            hexadecimal: bytes.len() >= 16
                && bytes.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-')
                && digits > 0
                && letters > 0,
        }
    }
}
