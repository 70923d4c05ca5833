//! OpenSSH's own container for private keys.

use super::Contents;
use crate::secrets::rule::Text;
use crate::secrets::structure::decode::{Reader, word};

/// What every such container begins with.
const MAGIC: &[u8] = b"openssh-key-v1\0";

/// What bytes hold; `None` when they are not of this format at all.
pub(in crate::secrets::structure) fn contents(raw: &[u8]) -> Option<Contents> {
    let rest = raw.strip_prefix(MAGIC)?;
    Some(parse(Reader(rest)).unwrap_or(Contents::CutOff))
}

/// `None` where it ends too early. Source: `PROTOCOL.key` of OpenSSH.
fn parse(mut reader: Reader<'_>) -> Option<Contents> {
    let cipher = reader.string()?;
    let _function = reader.string()?;
    let _options = reader.string()?;
    if reader.number(4)? != 1 {
        return Some(Contents::Other);
    }
    let mut public = Reader(reader.string()?);
    let mut private = Reader(reader.string()?);
    let kind = public.string().and_then(|kind| std::str::from_utf8(kind).ok()).and_then(word);
    let Some(kind) = kind else { return Some(Contents::Other) };
    if cipher != b"none" {
        let cipher = std::str::from_utf8(cipher).ok().and_then(word).unwrap_or("a cipher of its own");
        return Some(Contents::Encrypted(cipher.to_owned().into()));
    }
    // Two equal numbers, by which a wrong pass phrase would show, and the key with its type again.
    let equal = private.take(4).zip(private.take(4)).is_some_and(|(one, two)| one == two);
    let same = private.string() == Some(kind.as_bytes());
    Some(if equal && same { Contents::Private(named(kind)) } else { Contents::Other })
}

fn named(kind: &str) -> Text {
    format!("a key of type {kind}").into()
}
