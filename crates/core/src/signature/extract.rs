//! A signature and what it was made over, from the raw bytes of an object: `commit.c`, `tag.c` and `gpg-interface.c` of Git
//! say where it stands. A byte more or less in what was signed makes every signature a bad one.

use super::SignatureFormat;

/// A signature and what it was made over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed {
    /// The signature, in its armour.
    pub signature: Vec<u8>,
    /// What it was made over: the object without its signatures.
    pub payload: Vec<u8>,
}

/// The headers that hold signatures, for SHA-1 and for SHA-256. A commit can have both: each repository has a signature over
/// the commit as it is there.
const HEADERS: [&[u8]; 2] = [b"gpgsig", b"gpgsig-sha256"];

/// The signature of a commit whose ids are `hash_len` bytes long; `None` where it has none for that hash.
#[must_use]
pub fn signed_commit(raw: &[u8], hash_len: usize) -> Option<Signed> {
    let own = if hash_len == 32 { HEADERS[1] } else { HEADERS[0] };
    let mut signed = Signed { signature: Vec::new(), payload: Vec::with_capacity(raw.len()) };
    let (mut in_own, mut in_other, mut found) = (false, false, false);
    let mut rest = raw;
    while let Some((line, after)) = split_line(rest) {
        if line == b"\n" {
            // The message is signed as it is, whatever stands in it.
            signed.payload.extend_from_slice(rest);
            break;
        }
        rest = after;
        if let Some(continued) = line.strip_prefix(b" ").filter(|_| in_own) {
            signed.signature.extend_from_slice(continued);
        } else if let Some(value) = header(line, own) {
            signed.signature.extend_from_slice(value);
            (in_own, in_other, found) = (true, false, true);
        } else {
            in_other = line.starts_with(HEADERS[0]) || (in_other && line.starts_with(b" "));
            in_own = false;
            if !in_other {
                signed.payload.extend_from_slice(line);
            }
        }
    }
    found.then_some(signed)
}

/// The signature of a tag: it begins at the last line that begins one and ends with the tag. Headers with signatures for
/// another hash are not part of what was signed.
#[must_use]
pub fn signed_tag(raw: &[u8]) -> Option<Signed> {
    let (mut rest, mut start) = (raw, None);
    while let Some((_, after)) = split_line(rest) {
        if SignatureFormat::of(rest).is_some() {
            start = Some(raw.len().saturating_sub(rest.len()));
        }
        rest = after;
    }
    let (signed, signature) = raw.split_at_checked(start?)?;
    Some(Signed { signature: signature.to_vec(), payload: without_headers(signed) })
}

/// The bytes without the headers that hold signatures.
fn without_headers(raw: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(raw.len());
    let (mut rest, mut within) = (raw, false);
    while let Some((line, after)) = split_line(rest) {
        if line == b"\n" {
            kept.extend_from_slice(rest);
            break;
        }
        rest = after;
        within =
            HEADERS.iter().any(|name| header(line, name).is_some()) || (within && line.starts_with(b" "));
        if !within {
            kept.extend_from_slice(line);
        }
    }
    kept
}

/// The value of a header line of this name, with its line end.
fn header<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    line.strip_prefix(name)?.strip_prefix(b" ")
}

/// The first line with its end, and what follows it; `None` at the end.
fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at.saturating_add(1));
    bytes.split_at_checked(end).filter(|(line, _)| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SSH: &str = "-----BEGIN SSH SIGNATURE-----";

    fn commit(headers: &str) -> String {
        format!("tree 1\nparent 2\nauthor a\ncommitter c\n{headers}\nsubject\n\ngpgsig in the body\n stays\n")
    }

    #[test]
    fn a_commit_is_signed_without_its_signature_headers() {
        let headers = format!("gpgsig {SSH}\n AAAA\n \n -----END\nencoding latin1\n folded\n");
        let signed = signed_commit(commit(&headers).as_bytes(), 20).unwrap();
        assert_eq!(signed.signature, format!("{SSH}\nAAAA\n\n-----END\n").as_bytes());
        assert_eq!(signed.payload, commit("encoding latin1\n folded\n").as_bytes());
        assert_eq!(signed_commit(commit("").as_bytes(), 20), None);
    }

    #[test]
    fn each_hash_has_a_header_of_its_own_and_the_other_is_not_signed() {
        let headers = format!("gpgsig {SSH}\n one\ngpgsig-sha256 {SSH}\n two\nencoding x\n");
        for (len, own) in [(20, "one"), (32, "two")] {
            let signed = signed_commit(commit(&headers).as_bytes(), len).unwrap();
            assert_eq!(signed.signature, format!("{SSH}\n{own}\n").as_bytes());
            assert_eq!(signed.payload, commit("encoding x\n").as_bytes());
        }
        assert_eq!(signed_commit(commit(&format!("gpgsig-sha256 {SSH}\n x\n")).as_bytes(), 20), None);
    }

    #[test]
    fn a_tag_ends_with_its_signature() {
        let signed =
            signed_tag(format!("object 1\ntag v1\n\n{SSH}\nquoted\n\n{SSH}\nAAAA\n").as_bytes()).unwrap();
        assert_eq!(signed.signature, format!("{SSH}\nAAAA\n").as_bytes());
        assert_eq!(signed.payload, format!("object 1\ntag v1\n\n{SSH}\nquoted\n\n").as_bytes());
        assert_eq!(signed_tag(b"object 1\ntag v1\n\nno signature\n"), None);
        assert_eq!(signed_tag(format!("object 1\n\nx {SSH}\n").as_bytes()), None);
        let other = format!("object 1\ngpgsig-sha256 {SSH}\n two\ntag v1\n\ngpgsig stays\n{SSH}\nA\n");
        assert_eq!(signed_tag(other.as_bytes()).unwrap().payload, b"object 1\ntag v1\n\ngpgsig stays\n");
    }

    proptest! {
        /// What Git writes can be taken apart again, whatever the message and the other headers are.
        #[test]
        fn what_is_put_together_comes_apart(
            headers in proptest::collection::vec("[a-f]{1,8} [ -~]{0,20}(\n [ -~]{0,20}){0,2}", 0..4),
            message in "(\\PC|\n){0,80}",
            lines in proptest::collection::vec("[A-Za-z0-9+/=]{0,30}", 0..5),
            wide in any::<bool>(),
        ) {
            let signature: String = std::iter::once(SSH.to_owned()).chain(lines).map(|line| line + "\n").collect();
            let name = if wide { "gpgsig-sha256" } else { "gpgsig" };
            let folded: String = signature.lines().enumerate().map(|(at, line)| {
                if at == 0 { format!("{name} {line}\n") } else { format!(" {line}\n") }
            }).collect();
            let before: String = headers.iter().map(|header| format!("{header}\n")).collect();
            let payload = format!("tree 1\n{before}\n{message}");
            let raw = format!("tree 1\n{before}{folded}\n{message}");
            let signed = signed_commit(raw.as_bytes(), if wide { 32 } else { 20 }).unwrap();
            prop_assert_eq!(&signed.payload, payload.as_bytes());
            prop_assert_eq!(&signed.signature, signature.as_bytes());
            let before = format!("{payload}\n");
            let signed = signed_tag(format!("{before}{signature}").as_bytes()).unwrap();
            prop_assert_eq!(signed.payload, before.as_bytes());
            prop_assert_eq!(signed.signature, signature.as_bytes());
        }

        #[test]
        fn anything_can_be_looked_at(raw in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = (signed_commit(&raw, 20), signed_commit(&raw, 32), signed_tag(&raw));
        }
    }
}
