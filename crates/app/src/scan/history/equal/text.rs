//! What stands in the files: ordinary lines, and credentials that a generator makes of the templates of the built-in rules, as they
//! are, encoded, in pieces, in company, behind comments that allow them.

use super::random::Random;
use gatepost_core::secrets::{Rule, expand};
use gatepost_rules::BUILTIN;

const WORDS: &[&str] = &[
    "return",
    "error",
    "static",
    "const",
    "int",
    "key",
    "name",
    "token",
    "if (",
    ")",
    "{",
    "}",
    "=",
    ";",
    "struct",
    "use",
    "the",
    "path",
    "len",
    "for (",
    "license",
    "version",
    "Anna Berg <anna@example.com>",
    "#include",
    "end",
    "password",
    "url",
    "id =",
    "12345678",
    "0x7f",
    "größe",
    "ключ",
    "\"text\"",
    "--flag",
    "https://example.com/a",
    "==",
    "value",
    "def",
    "pub fn",
];

/// Some lines as they stand in any file.
pub(super) fn lines(random: &mut Random, count: usize) -> String {
    let line = |_| {
        let indentation = "    ".repeat(random.below(4));
        let words: Vec<&str> = (0..random.below(9)).map(|_| random.pick(WORDS)).collect();
        let end = if random.one_in(12) { " \\" } else { "" };
        format!("{indentation}{}{end}\n", words.join(" "))
    };
    (0..count).map(line).collect()
}

/// The rules that a history's credentials are made by: a few, since each of them has a regex that is compiled.
pub(super) struct Pool(Vec<&'static Rule>);

impl Pool {
    pub(super) fn new(random: &mut Random) -> Self {
        let mut rules: Vec<&'static Rule> =
            (0..5).filter_map(|_| BUILTIN.get(random.below(BUILTIN.len()))).collect();
        let in_company: Vec<&'static Rule> = BUILTIN.rules().filter(|rule| !rule.with.is_empty()).collect();
        rules.push(random.pick(&in_company));
        for id in ["github-pat", "aws-access-key", "private-key"] {
            rules.extend(BUILTIN.find(id));
        }
        Self(rules)
    }

    /// A few lines with something in them.
    pub(super) fn snippet(&self, random: &mut Random) -> String {
        let rule = random.pick(&self.0);
        let text = example(rule, random);
        match random.below(16) {
            0..3 => lines(random, 3),
            3..7 => format!("{text}\n"),
            7 => assignment(random),
            8 => self.company(random),
            9 => pieces(&text, random),
            10 => allowed(&rule.id, &text, random),
            11 => format!("{}{text}{}\n", touching(random), touching(random)),
            _ => format!("{}\n", encoded(&text, random)),
        }
    }

    /// Two parts of a credential, not always near enough.
    fn company(&self, random: &mut Random) -> String {
        let Some(rule) = self.0.iter().find(|rule| !rule.with.is_empty()) else { return String::new() };
        let partner = random.pick_ref(&rule.with);
        let Some(other) = BUILTIN.find(&partner.rule) else { return String::new() };
        let between = random.below(partner.lines as usize + 3);
        let (mut first, mut second) = (example(rule, random), example(other, random));
        if random.one_in(2) {
            std::mem::swap(&mut first, &mut second);
        }
        format!("{first}\n{}{second}\n", lines(random, between))
    }
}

fn example(rule: &Rule, random: &mut Random) -> String {
    let template = random.pick_ref(&rule.examples);
    // Few seeds, so that one secret stands at several places.
    expand(template, random.next() % 50)
}

/// What a boundary sees beside a token.
fn touching(random: &mut Random) -> &'static str {
    random.pick(&["", "a", "_", "-", "\"", "é", "×", "=", "\r", "\t", "0", "\\", "/"])
}

fn assignment(random: &mut Random) -> String {
    let name = random.pick(&["password", "db_passwd", "apiToken", "SECRET_KEY", "client-secret"]);
    let sign = random.pick(&[" = ", ": ", " := ", "=>"]);
    let value = expand(random.pick(&["{base62:20}", "{hex:32}", "{alnum:12}!", "changeme"]), random.next());
    format!("{name}{sign}\"{value}\"\n")
}

/// A line, cut in two or three and joined as programs do.
fn pieces(text: &str, random: &mut Random) -> String {
    let characters: Vec<char> = text.chars().collect();
    let joint = random.pick(&["\" + \"", "\"\n  \"", "\" \\\n  \"", "' . '", "\\\n    ", "`\r\n", "=\\\n"]);
    let at = random.below(characters.len());
    let (left, right) = characters.split_at(at);
    format!("x = \"{}{joint}{}\"\n", String::from_iter(left), String::from_iter(right))
}

/// A line with a comment that allows what is in it, or nearly so.
fn allowed(rule: &str, text: &str, random: &mut Random) -> String {
    let comment = match random.below(6) {
        0 | 1 => format!("gatepost:allow {rule} reason=\"made by a test\""),
        2 => format!("gatepost:allow {rule} reason=\"made by a test\" until=2020-01-01"),
        3 => format!("gatepost:allow {rule}"),
        4 => "gitleaks:allow".to_owned(),
        _ => "pragma: allowlist nextline secret".to_owned(),
    };
    if random.one_in(2) { format!("{text} # {comment}\n") } else { format!("# {comment}\n{text}\n") }
}

/// A line with something before and behind it, encoded, perhaps twice.
fn encoded(text: &str, random: &mut Random) -> String {
    let plain = format!("{}{text}{}", lines(random, 1), lines(random, 1)).into_bytes();
    let each = |escape: &dyn Fn(u8) -> String| plain.iter().map(|byte| escape(*byte)).collect::<String>();
    let once = match random.below(8) {
        0..3 => base64(&plain),
        3 => base64(base64(&plain).as_bytes()),
        4 => base64(&gzip(&plain)),
        5 => each(&|byte| format!("{byte:02x}")),
        6 => each(&|byte| format!("%{byte:02x}")),
        _ => each(&|byte| {
            if byte.is_ascii_alphabetic() { format!("\\u{byte:04x}") } else { format!("&#{byte};") }
        }),
    };
    let lead = random.pick(&["data: ", "", "\"", "x=/"]);
    if random.one_in(2) {
        return format!("{lead}{once}");
    }
    let width = random.pick(&[40, 64, 76, 41]);
    let wrapped: Vec<&str> =
        once.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
    format!("{lead}{}", wrapped.join(random.pick(&["\n", "\r\n", "\n  "])))
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let three = [0, 1, 2].map(|at| group.get(at).copied().unwrap_or(0));
        let bits = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= group.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// gzip without compression: one stored block (RFC 1951, section 3.2.4), and no checksum, which no reader of a part needs.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    let mut out = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1];
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&(!length).to_le_bytes());
    out.extend_from_slice(bytes);
    out
}
