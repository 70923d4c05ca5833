//! Ref updates as Git's hooks read them from standard input.

use crate::exit::Failure;
use gatepost_core::{ObjectId, RefName, RefUpdate};
use std::io::{self, IsTerminal, Read};

/// Everything on standard input.
///
/// # Errors
///
/// When it is a terminal (nobody will write updates there) or cannot be read.
pub(super) fn read_stdin(hook: &str, line: &str) -> Result<Vec<u8>, Failure> {
    let mut stdin = io::stdin().lock();
    if stdin.is_terminal() {
        return Err(Failure::usage(
            format!("{hook} reads the ref updates from standard input, and that is a terminal"),
            format!("Git writes lines of the form `{line}`; to scan by hand: gatepost scan --range A..B"),
        ));
    }
    let mut bytes = Vec::new();
    stdin.read_to_end(&mut bytes).map_err(|error| {
        Failure::usage(format!("cannot read the ref updates: {error}"), "run the hook as Git does")
    })?;
    Ok(bytes)
}

/// A line of `pre-push`: `<local ref> SP <local oid> SP <remote ref> SP <remote oid>` (githooks(5)). The name is the
/// remote's: that is the ref which moves.
///
/// # Errors
///
/// A line of another form.
pub(super) fn pre_push(input: &[u8]) -> Result<Vec<RefUpdate>, Failure> {
    lines(input, "<local ref> <local oid> <remote ref> <remote oid>", |line| {
        // The local ref can be any expression, `HEAD~1` or a name with spaces: count from the end.
        let mut fields = line.rsplitn(4, |&byte| byte == b' ');
        let old = ObjectId::from_hex(fields.next()?)?;
        let name = RefName::new(fields.next()?);
        let new = ObjectId::from_hex(fields.next()?)?;
        fields.next()?;
        Some(update(name, old, new))
    })
}

/// A line of `pre-receive`: `<old oid> SP <new oid> SP <ref>` (githooks(5)).
///
/// # Errors
///
/// A line of another form.
pub(super) fn pre_receive(input: &[u8]) -> Result<Vec<RefUpdate>, Failure> {
    lines(input, "<old oid> <new oid> <ref>", |line| {
        let mut fields = line.splitn(3, |&byte| byte == b' ');
        let old = ObjectId::from_hex(fields.next()?)?;
        let new = ObjectId::from_hex(fields.next()?)?;
        Some(update(RefName::new(fields.next()?), old, new))
    })
}

fn update(name: RefName, old: ObjectId, new: ObjectId) -> RefUpdate {
    let some = |id: ObjectId| (!id.is_null()).then_some(id);
    RefUpdate { name, old: some(old), new: some(new) }
}

fn lines(
    input: &[u8],
    form: &str,
    parse: impl Fn(&[u8]) -> Option<RefUpdate>,
) -> Result<Vec<RefUpdate>, Failure> {
    input
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| {
            parse(line).ok_or_else(|| {
                Failure::usage(
                    format!(
                        "standard input has a line that is no ref update: {:?}",
                        String::from_utf8_lossy(line)
                    ),
                    format!("each line is `{form}`"),
                )
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "1111111111111111111111111111111111111111";
    const ZERO: &str = "0000000000000000000000000000000000000000";

    #[test]
    fn the_remote_name_is_the_one_that_moves() {
        let line = format!("HEAD~1 {A} refs/heads/feature/x {ZERO}\n");
        let updates = pre_push(line.as_bytes()).unwrap();
        assert_eq!(updates.len(), 1);
        assert_eq!(updates[0].name, RefName::from("refs/heads/feature/x"));
        assert_eq!(updates[0].old, None);
        assert_eq!(updates[0].new.unwrap().to_string(), A);
    }

    #[test]
    fn a_deletion_has_no_new_value_with_either_hash() {
        let line = format!("(delete) {ZERO} refs/heads/x {A}\n");
        assert_eq!(pre_push(line.as_bytes()).unwrap()[0].new, None);
        let wide = "0".repeat(64);
        let line = format!("{} {wide} refs/heads/x\n", "2".repeat(64));
        assert_eq!(pre_receive(line.as_bytes()).unwrap()[0].new, None);
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(pre_receive(b"hello\n").is_err());
        assert!(pre_push(b"a b c d\n").is_err());
        assert!(pre_push(b"").unwrap().is_empty());
    }
}
