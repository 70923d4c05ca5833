//! Tokens, ids and numbers with a checksum or a form of their own.

use crate::secrets::structure::{ALPHABET, SEED, base36, crc16, luhn_sum, polymod, remainder};
use crate::secrets::template::{BASE62, Random};
use data_encoding::{BASE32_NOPAD, BASE64, BASE64_NOPAD, BASE64URL_NOPAD};

const DIGITS: &str = "0123456789";

/// A number in decimal of so many digits, the first of which is no zero.
fn number(length: usize, random: &mut Random) -> String {
    format!("{}{}", random.text("123456789", 1), random.text(DIGITS, length.saturating_sub(1)))
}

pub(super) fn age(random: &mut Random) -> String {
    let prefix = b"age-secret-key-";
    let letter = |digit: u8| ALPHABET.get(usize::from(digit)).copied().map_or('q', char::from);
    let mut digits: Vec<u8> = random.bytes(52).iter().map(|byte| byte & 31).collect();
    // 32 bytes leave four bits of the last digit unused.
    if let Some(last) = digits.last_mut() {
        *last &= 16;
    }
    let data = digits.clone();
    digits.extend([0; 6]);
    let sum = polymod(prefix, &digits) ^ 1;
    let check = (0..6u32).rev().map(|place| u8::try_from(sum >> (5 * place) & 31).unwrap_or(0));
    let text: String = data.iter().copied().chain(check).map(letter).collect();
    format!("AGE-SECRET-KEY-1{}", text.to_ascii_uppercase())
}

pub(super) fn aws_key_id(prefix: &str, random: &mut Random) -> String {
    let account = u128::from(random.next() % 1_000_000_000_000);
    let rest = u128::from(random.next() >> 25);
    let [_, _, _, _, _, _, raw @ ..] = ((1 << 79) | (account << 39) | rest).to_be_bytes();
    format!("{prefix}{}", BASE32_NOPAD.encode(&raw))
}

pub(super) fn base64_json(length: usize, random: &mut Random) -> String {
    let object = format!(r#"{{"k":"{}","n":"deploy","id":1}}"#, random.text(BASE62, length));
    BASE64.encode(object.as_bytes())
}

pub(super) fn discord(random: &mut Random) -> String {
    // Within eight years of 2015, in the unit of the ids: 1/2^22 of a millisecond. Ids of the first year are shorter.
    let milliseconds = 100_000_000_000 + random.next() % 130_000_000_000;
    let id = milliseconds << 22 | random.next() >> 42;
    let first = BASE64_NOPAD.encode(format!("{id:018}").as_bytes());
    format!("{first}.{}.{}", random.text(BASE62, 6), random.text(BASE62, 38))
}

pub(super) fn gitlab(prefix: &str, random: &mut Random) -> String {
    let mut payload =
        format!("o:1\nu:{}", random.text("123456789abcdefghijklmnopqrstuvwxyz", 4)).into_bytes();
    payload.extend(random.bytes(16));
    payload.push(16);
    let payload = BASE64URL_NOPAD.encode(&payload);
    let length = base36(u32::try_from(payload.len()).unwrap_or(0));
    let length: String = length.iter().skip(5).copied().map(char::from).collect();
    let body = format!("{prefix}{payload}.01.{length}");
    let sum: String = base36(crc32fast::hash(body.as_bytes())).iter().copied().map(char::from).collect();
    format!("{body}{sum}")
}

pub(super) fn grafana(random: &mut Random) -> String {
    let body = format!("glsa_{}", random.text(BASE62, 32));
    let sum = crc32fast::hash(body.as_bytes()).to_le_bytes();
    format!("{body}_{}", data_encoding::HEXLOWER.encode(&sum))
}

pub(super) fn iban(country: &str, random: &mut Random) -> Option<String> {
    let account = random.text(DIGITS, 18);
    let open = format!("{country}00{account}");
    let check = 98 - remainder(open.as_bytes())?;
    Some(format!("{country}{check:02}{account}"))
}

pub(super) fn jwk(random: &mut Random) -> String {
    let mut part = || BASE64URL_NOPAD.encode(&random.bytes(32));
    format!(r#"{{"kty":"EC","crv":"P-256","x":"{}","y":"{}","d":"{}"}}"#, part(), part(), part())
}

pub(super) fn luhn(length: usize, random: &mut Random) -> String {
    let text = number(length.saturating_sub(1), random);
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(10)).chain([0]).collect();
    format!("{text}{}", (10 - luhn_sum(&digits) % 10) % 10)
}

/// Without the prefix that PyPI puts before it.
pub(super) fn macaroon(location: &str, random: &mut Random) -> Option<String> {
    // Lengths below 128 are one byte.
    let field = |kind: u8, content: &[u8]| {
        let length = u8::try_from(content.len()).ok().filter(|length| *length < 128)?;
        Some([&[kind, length], content].concat())
    };
    let id = super::uuid('4', random);
    let caveat = format!(r#"[3, "{}"]"#, super::uuid('4', random));
    let parts = [
        vec![2],
        field(1, location.as_bytes())?,
        field(2, id.as_bytes())?,
        vec![0],
        field(2, caveat.as_bytes())?,
        vec![0, 0],
        field(6, &random.bytes(32))?,
    ];
    Some(BASE64URL_NOPAD.encode(&parts.concat()))
}

pub(super) fn nkey(owner: &str, random: &mut Random) -> Option<String> {
    let letter = owner.bytes().next().unwrap_or(b'U');
    let five = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ".iter().zip(0u8..).find(|(known, _)| **known == letter)?.1;
    let mut raw = vec![SEED | five >> 2, five << 6];
    raw.extend(random.bytes(32));
    raw.extend(crc16(&raw).to_le_bytes());
    Some(BASE32_NOPAD.encode(&raw))
}

pub(super) fn service_account(random: &mut Random) -> String {
    let hex = random.text("0123456789abcdef", 40);
    let key = super::key::pem("PRIVATE KEY", random).replace('\n', "\\n");
    let project = random.text("abcdefghijklmnopqrstuvwxyz", 10);
    format!(
        "{{\n  \"type\": \"service_account\",\n  \"project_id\": \"{project}\",\n  \"private_key_id\": \"{hex}\",\n  \
         \"private_key\": \"{key}\\n\",\n  \"client_email\": \"ci@{project}.iam.gserviceaccount.com\"\n}}"
    )
}

pub(super) fn slack_bot(random: &mut Random) -> String {
    format!("xoxb-{}-{}-{}", number(12, random), number(13, random), random.text(BASE62, 24))
}

pub(super) fn telegram(random: &mut Random) -> String {
    format!("{}:AA{}", number(10, random), random.text(BASE62, 33))
}
