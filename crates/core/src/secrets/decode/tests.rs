//! Each decoder over the same secret, and what is refused.

#![allow(clippy::string_slice, reason = "the texts are ASCII")]

use super::super::{Builtin, RuleFile, Ruleset, Scanner, Scratch, expand};
use super::*;
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, HEXLOWER, HEXUPPER};
use flate2::{Compression, write::GzEncoder, write::ZlibEncoder};
use proptest::prelude::*;
use std::io::Write as _;
use std::sync::Arc;

fn scanner() -> Scanner {
    let rules = RuleFile::parse(include_str!("../tests.toml")).unwrap();
    Scanner::new(Arc::new(Ruleset::new(Builtin::none(), rules).unwrap()))
}

fn token(seed: u64) -> String {
    expand("tok_{base62:30}{crc32}", seed)
}

/// Value, decoders and the original bytes of every match.
fn found(bytes: &[u8]) -> Vec<(String, String, Vec<u8>)> {
    found_with(&scanner(), bytes)
}

fn found_with(scanner: &Scanner, bytes: &[u8]) -> Vec<(String, String, Vec<u8>)> {
    let matches = scanner.scan(bytes, &mut Scratch::default());
    let row = |found: &Match| {
        let by = found.decoded.as_ref().map(|decoded| decoded.by.join(" > ")).unwrap_or_default();
        let value = String::from_utf8(found.value(bytes).to_vec()).unwrap();
        (value, by, bytes[found.secret.clone()].to_vec())
    };
    matches.iter().map(row).collect()
}

/// The one secret, and the original text that it was decoded from.
#[track_caller]
fn origin(text: &str, token: &str, by: &str) -> String {
    let found = found(text.as_bytes());
    assert_eq!(found.len(), 1, "{text}: {found:?}");
    assert_eq!((found[0].0.as_str(), found[0].1.as_str()), (token, by), "{text}");
    String::from_utf8(found[0].2.clone()).unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn each(text: &str, escape: impl Fn(u32) -> String) -> String {
    text.chars().map(|character| escape(u32::from(character))).collect()
}

#[test]
fn names_are_those_of_the_registry() {
    let names: Vec<&str> = DECODERS.iter().map(|decoder| decoder.name).collect();
    assert_eq!(names, NAMES);
    assert!(DECODERS.iter().all(|decoder| !decoder.about.is_empty()));
}

#[test]
fn base64_points_at_the_characters_that_hold_the_secret() {
    let token = token(1);
    for lead in ["", "x", "xy", "xyz = ", "token: "] {
        let lead = if lead.is_empty() || lead.ends_with(' ') { lead.to_owned() } else { format!("{lead} ") };
        let plain = format!("{lead}{token}\n");
        for encoding in [&BASE64, &BASE64_NOPAD, &BASE64URL] {
            let text = format!("data: \"{}\"\n", encoding.encode(plain.as_bytes()));
            let origin = origin(&text, &token, "base64");
            let start = lead.len() * 4 / 3;
            let end = ((lead.len() + token.len()) * 4).div_ceil(3);
            assert_eq!(origin, text[7 + start..7 + end], "{plain}");
        }
    }
}

#[test]
fn wrapped_base64_is_one_text() {
    let plain = format!("{} = 1\nsecret = {}\nmore = {}\n", "a".repeat(40), token(1), "b".repeat(60));
    let encoded = BASE64.encode(plain.as_bytes());
    for (indent, end) in [("", "\n"), ("    ", "\n"), ("\t", "\r\n")] {
        for width in [40, 64, 76] {
            let lines: Vec<String> = encoded
                .as_bytes()
                .chunks(width)
                .map(|l| format!("{indent}{}{end}", String::from_utf8_lossy(l)))
                .collect();
            let text = format!("data: |{end}{}", lines.concat());
            let origin = origin(&text, &token(1), "base64");
            let bare: String = origin.chars().filter(|c| !c.is_ascii_whitespace()).collect();
            assert!(encoded.contains(&bare), "{origin}");
        }
    }
    // A list of such values is not one text, and each is found.
    let list: Vec<String> =
        (1..4).map(|seed| BASE64.encode(format!("t={}", token(seed)).as_bytes())).collect();
    assert_eq!(found(list.join("\n").as_bytes()).len(), 3);
}

#[test]
fn encodings_within_each_other_are_followed() {
    let token = token(2);
    let text = format!("secret = {token}\n");
    let twice = BASE64.encode(BASE64.encode(text.as_bytes()).as_bytes());
    origin(&format!("x: {twice}"), &token, "base64 > base64");
    let zipped = BASE64.encode(&gzip(text.as_bytes()));
    assert_eq!(origin(&format!("x: {zipped}"), &token, "base64 > gzip"), zipped.trim_end_matches('='));
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(text.as_bytes()).unwrap();
    let zipped = HEXLOWER.encode(&zlib.finish().unwrap());
    assert_eq!(origin(&format!("x: {zipped}"), &token, "hex > zlib"), zipped);
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    origin(&format!("powershell -e {}", BASE64.encode(&wide)), &token, "base64 > utf-16le");
    let escaped = each(&BASE64.encode(text.as_bytes()), |c| format!("%{c:02X}"));
    origin(&escaped, &token, "percent > base64");
}

#[test]
fn the_depth_is_a_limit_and_decoders_can_be_left_out() {
    let mut text = format!("secret = {}", token(3));
    for depth in 1..=5 {
        text = BASE64.encode(text.as_bytes());
        let with =
            |depth| found_with(&scanner().with_decoding(Decoding::new(NAMES, depth)), text.as_bytes()).len();
        assert_eq!((with(depth), with(depth - 1)), (1, 0), "{depth}");
        assert_eq!(found(text.as_bytes()).len(), usize::from(depth <= DEPTH));
    }
    let hex = HEXUPPER.encode(token(3).as_bytes());
    assert_eq!(found_with(&scanner().with_decoding(Decoding::new(&["base64"], 4)), hex.as_bytes()), []);
    let both = Decoding::new(&["base64"], 1).or(Decoding::new(&["hex"], 3));
    assert!(both.covers(&["hex", "base64", "hex"]) && !both.covers(&["hex"; 4]) && !both.covers(&["gzip"]));
    assert_eq!(found_with(&scanner().with_decoding(both), hex.as_bytes()).len(), 1);
}

#[test]
fn hex_and_escapes_point_at_what_they_decode() {
    let token = token(4);
    for (encoded, by) in [
        (HEXLOWER.encode(token.as_bytes()), "hex"),
        (HEXUPPER.encode(token.as_bytes()), "hex"),
        (each(&token, |c| format!("%{c:02x}")), "percent"),
        (each(&token, |c| format!("\\u{c:04x}")), "escapes"),
        (each(&token, |c| format!("\\u{{{c:X}}}")), "escapes"),
        (each(&token, |c| format!("\\U{c:08x}")), "escapes"),
        (each(&token, |c| format!("\\x{c:02x}")), "escapes"),
        (each(&token, |c| format!("\\{c:03o}")), "escapes"),
        (each(&token, |c| format!("&#{c};")), "entities"),
        (each(&token, |c| format!("&#x{c:x};")), "entities"),
    ] {
        for (before, after) in [("", ""), ("a = \"", "\";\n"), ("<b>", "</b>"), ("  ", " ")] {
            assert_eq!(origin(&format!("{before}{encoded}{after}"), &token, by), encoded);
        }
    }
    assert_eq!(origin(&format!("0x{}", HEXLOWER.encode(token.as_bytes())), &token, "hex").len(), 80);
    // Escaped twice over, and with what need not be escaped left as it is.
    let twice = each(&token, |c| format!("\\\\u{c:04x}"));
    origin(&twice, &token, "escapes > escapes");
    let rest = &token[1..];
    assert_eq!(origin(&format!("\\n\\x74{rest}\\n"), &token, "escapes"), format!("\\x74{rest}"));
    assert_eq!(origin(&format!("?token%3d{token}%26"), &token, "percent"), token);
    let url = format!("https://x.example/cb?a=1&b=api-key%20=%20{}", expand("{base62:32}", 1));
    assert_eq!(found(url.as_bytes()).len(), 1);
    let attribute = format!("{{api-key=&quot;{}&quot;}}", expand("{base62:32}", 1));
    assert_eq!(found(attribute.as_bytes()).len(), 1);
}

#[test]
fn texts_in_utf_16_are_scanned() {
    let token = token(5);
    let text = format!("# caf\u{e9} \u{1f511}\r\nsecret = {token}\r\n");
    let plain = format!("secret = {token}\r\n");
    let little = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    for (bytes, by, wide) in [
        ([&[0xFF, 0xFE][..], &little(&text)].concat(), "utf-16le", little(&token)),
        ([&[0xFE, 0xFF][..], &big(&text)].concat(), "utf-16be", big(&token)),
        (little(&plain), "utf-16le", little(&token)),
        (big(&plain), "utf-16be", big(&token)),
    ] {
        assert_eq!(found(&bytes), [(token.clone(), by.to_owned(), wide)]);
    }
}

#[test]
fn pieces_are_joined() {
    let token = token(6);
    let (one, two, three) = (&token[..9], &token[9..20], &token[20..]);
    for (text, by) in [
        (format!("t = \"{one}\" + \"{two}{three}\"\n"), "concatenation"),
        (format!("t = '{one}' +\n    '{two}' +\n    '{three}'\n"), "concatenation"),
        (format!("t = '{one}'\n    + '{two}'\n  + '{three}';\n"), "concatenation"),
        (format!("$t = '{one}' . '{two}{three}';"), "concatenation"),
        (format!("t = \"{one}\" & _\r\n \"{two}{three}\"\r\n"), "concatenation"),
        (format!("select '{one}' || '{two}{three}'"), "concatenation"),
        (format!("t = \"{one}\" .. \"{two}{three}\""), "concatenation"),
        (format!("t = \"{one}\" <> \"{two}{three}\""), "concatenation"),
        (format!("t = \"{one}\" ~ \"{two}{three}\""), "concatenation"),
        (format!("t = (\"{one}\"\n     f\"{two}\"\n     \"{three}\")\n"), "concatenation"),
        (format!("t = \"{one}\" \\\n  \"{two}{three}\"\n"), "concatenation"),
        (format!("t: \"{one}\\\n   {two}\\\n   {three}\"\n"), "continuation"),
        (format!("T={one}\\\r\n{two}{three}\r\n"), "continuation"),
        (format!("$t = {one}`\n{two}{three}\n"), "continuation"),
        (format!("set T={one}^\n{two}{three}\n"), "continuation"),
        (format!("t = '{one}\\\n{two}' + '{three}'"), "continuation"),
    ] {
        let origin = origin(&text, &token, by);
        assert!(origin.starts_with(one) && origin.ends_with(&three[three.len() - 3..]), "{text}: {origin}");
    }
    // The name is in one place, and the value in two.
    let value = expand("{base62:32}", 7);
    let text = format!("api_key = \"{}\" + \"{}\"\n", &value[..11], &value[11..]);
    assert_eq!(found(text.as_bytes())[0].0, value);
    let text = format!("api-key = \\\n    {value}\n");
    assert_eq!(found(text.as_bytes()), [(value.clone(), "continuation".to_owned(), value.into_bytes())]);
}

#[test]
fn what_is_no_one_value_is_not_joined() {
    let token = token(6);
    let (one, two) = token.split_at(20);
    for text in [
        format!("f(\"{one}\", \"{two}\")"),
        format!("run \"{one}\" \"{two}\""),
        format!("\"{one}\": \"{two}\""),
        format!("\"{one}\" + {two}"),
        format!("\"{one}\"\n\n\n\n\n\"{two}\""),
        format!("run {one} \\\n    {two}"),
        format!("\"{one}\" + \"{}\" + \"{two}\"", "x".repeat(join::AHEAD)),
    ] {
        assert_eq!(found(text.as_bytes()), [], "{text}");
    }
}

#[test]
fn a_secret_that_stands_there_as_it_is_is_reported_once() {
    let token = token(8);
    // The literal joined to it adds nothing.
    assert_eq!(
        found(format!("t = \"{token}\" + \"\\n\"").as_bytes()),
        [(token.clone(), String::new(), token.clone().into_bytes())]
    );
    // What a generic rule sees in the encoded text is what was decoded.
    let encoded = BASE64_NOPAD.encode(format!("a={token}").as_bytes());
    assert_eq!(origin(&format!("api_key = '{encoded}'"), &token, "base64").len(), 54);
    // Two secrets of one compressed run are two.
    let both = format!("{}\napi-key = {}\n", token, expand("{base62:32}", 1));
    assert_eq!(found(format!("x {}", BASE64.encode(&gzip(both.as_bytes()))).as_bytes()).len(), 2);
}

#[test]
fn placeholders_and_entropy_count_in_decoded_text() {
    let encoded =
        BASE64.encode(b"api_key = \"your-api-key-goes-here\"; api_key = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    assert_eq!(found(encoded.as_bytes()), []);
}

/// A bomb gives what fits, and says that there was more.
#[test]
fn a_bomb_is_cut() {
    let token = token(9);
    let bomb = |text: &str| format!("x: {}\n", BASE64.encode(&gzip(text.as_bytes())));
    let early = bomb(&format!("{token}\n{}", "0 ".repeat(2 << 20)));
    let mut scratch = Scratch::default();
    assert_eq!(scanner().scan(early.as_bytes(), &mut scratch).len(), 1);
    assert!(scratch.is_cut());
    assert!(scanner().trace(early.as_bytes(), &mut Scratch::default()).is_cut());
    let nested = bomb(&early.repeat(3));
    let nested = bomb(&nested.repeat(3));
    assert!(scanner().scan(nested.as_bytes(), &mut scratch).len() <= 1);
    let small = bomb(&format!("{}\n{token}\n", "0 ".repeat(2 << 10)));
    assert_eq!(scanner().scan(small.as_bytes(), &mut scratch).len(), 1);
    assert!(!scratch.is_cut());
    // Broken in the middle: what came before is found.
    let cut =
        format!("x: {}", &BASE64.encode(&gzip(format!("{token}\n{}", each_number()).as_bytes()))[..400]);
    assert_eq!(scanner().scan(cut.as_bytes(), &mut scratch).len(), 1);
}

/// A header of zlib is two characters of text, after which a stream begins with whatever follows.
#[test]
fn a_text_that_begins_like_a_stream_is_text() {
    let token = token(1);
    for lead in ["x^ ", "x^b ", "x^c=", "x^# ", "x^\n"] {
        let encoded = HEXLOWER.encode(format!("{lead}{token} and more").as_bytes());
        assert_eq!(found(format!("x: {encoded}").as_bytes()).len(), 1, "{lead:?}");
    }
}

fn each_number() -> String {
    (0..500).map(|number| format!("{} ", number * 7919)).collect()
}

#[test]
fn what_only_looks_encoded_is_refused() {
    let refused = |text: &str| {
        let bytes = text.as_bytes();
        let mut at = 0;
        let mut taken = Vec::new();
        while let Some(token) = token::next(bytes, at..bytes.len()) {
            at = token.end;
            let mut from = token.start;
            while let Some(run) = token::next_base64(bytes, from, &token) {
                from = run.range.end;
                taken.extend(hex::view(bytes, &run).or_else(|| base64::view(bytes, &run)));
            }
            for view in [percent::view, escapes::view, entities::view] {
                taken.extend(view(bytes, token.clone()));
            }
        }
        taken.is_empty()
    };
    for text in [
        "a_rather_long_identifier_in_snake_case_as_rust_has_them",
        "ARatherLongIdentifierInCamelCaseAsJavaHasThem::andAMethodOfItThatIsNotShort",
        "crates/core/src/secrets/decode/mod_and_a_longer_path/with_more.rs",
        "https://example.com/a/path/of/some/length/and-words-with-hyphens-in-them/index.html",
        "C:\\Users\\name\\Documents\\some\\new\\table\\report_of_the_year.txt",
        "printf(\"%02x%02x%02x%02x%02x%02x%02x%02x%02x%02x\\n\");",
        "\\033[0m\\033[31m\\033[1m\\033[0m\\033[0m\\033[31m\\033[0m",
        "\\u4e2d\\u6587\\u4e2d\\u6587\\u4e2d\\u6587\\u4e2d\\u6587",
        "Vec&lt;Option&lt;String&gt;&gt;&amp;&amp;&nbsp;&nbsp;&nbsp;",
        "------------------------------------------------------------",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
    ] {
        assert!(refused(text), "{text}");
    }
    let digests =
        (0..300).map(|seed| expand("sha512-{base64:86}== {hex:40} {hex:64} {base64url:43}\n", seed));
    assert!(refused(&digests.collect::<String>()));
}

proptest! {
    /// Whatever the bytes, ranges stay within them.
    #[test]
    fn any_bytes_are_survived(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        pieces in prop::collection::vec(prop::sample::select(vec![
            "\\u", "\\u{", "%", "%4", "&#", "&#x;", "\\x4", "\\07", "H4sIAAAA", "eJwr", "\" + \"", "\\\n", "6465666768696a6b6c6d6e6f",
            "a2V5X2FiYzAxMiB4IGtleV9iMGMx", "tok_", "\\ud83d\\udd11", "\u{1f511}", "api_key", "\n", "\r\n", "=",
        ]), 0..40),
    ) {
        let mut text = pieces.concat().into_bytes();
        text.extend_from_slice(&bytes);
        for found in scanner().scan(&text, &mut Scratch::default()) {
            prop_assert!(found.secret.end <= text.len() && found.secret.start <= found.secret.end);
            prop_assert!(found.mask.start <= found.secret.start && found.secret.end <= found.mask.end);
        }
        prop_assert!(scanner().scan(&bytes, &mut Scratch::default()).len() < 9);
    }

    /// A token between any text, in base64 of any kind, is found where the text is text.
    #[test]
    fn a_token_in_encoded_text_is_found(lead in "[ -~]{0,60}", tail in "[ -~]{0,60}", seed in 0u64..9) {
        let plain = format!("{lead} {} {tail}", token(seed));
        for encoded in [BASE64.encode(plain.as_bytes()), BASE64URL.encode(plain.as_bytes()), HEXLOWER.encode(plain.as_bytes())] {
            let text = format!("x=\"{encoded}\"");
            prop_assert!(found(text.as_bytes()).iter().any(|(value, ..)| *value == token(seed)), "{plain}");
        }
    }
}
