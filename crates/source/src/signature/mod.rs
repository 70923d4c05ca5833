//! What signatures of commits and tags are worth, by the programs that Git itself asks.
//!
//! A program that is missing, crashes or does not end is an error, and never "unsigned".

mod openpgp;
mod program;
mod ssh;

use crate::{Error, ErrorKind, ObjectKind, Repository, in_threads, parse_commit, parse_tag};
use gatepost_core::signature::{Signed, Trust, signed_commit, signed_tag};
use gatepost_core::{ObjectId, Signature, SignatureFormat, SignatureState, Timestamp};
use openpgp::OpenPgp;
use program::Workshop;
use ssh::Ssh;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// How many objects are read before they are verified: their bytes are in memory meanwhile.
const AT_ONCE: usize = 256;

/// Verifies signatures by what one policy trusts. Each object is verified once.
#[derive(Debug)]
pub struct Verifier {
    trust: Trust,
    now: Timestamp,
    workshop: OnceLock<Result<Workshop, Error>>,
    ssh: Ssh,
    openpgp: OpenPgp,
    known: Mutex<HashMap<ObjectId, Result<Signature, Error>>>,
}

/// A signature on its way: the object's, and the date in it.
struct Case {
    id: ObjectId,
    signed: Signed,
    made: Option<Timestamp>,
}

impl Verifier {
    /// A verifier that trusts whom `trust` names, at `now`.
    #[must_use]
    pub fn new(trust: Trust, now: Timestamp) -> Self {
        Self {
            trust,
            now,
            workshop: OnceLock::new(),
            ssh: Ssh::default(),
            openpgp: OpenPgp::default(),
            known: Mutex::default(),
        }
    }

    /// What the signature of a commit or an annotated tag is worth.
    ///
    /// # Errors
    ///
    /// When the object cannot be read, or is neither; when the program that verifies such signatures is missing or failed
    /// ([`ErrorKind::SignatureProgram`]).
    pub fn signature(&self, repository: &dyn Repository, id: &ObjectId) -> Result<Signature, Error> {
        if let Some(known) = self.known().get(id) {
            return known.clone();
        }
        let found = match read(repository, id) {
            Ok(Some(case)) => self.verify(&case),
            Ok(None) => Ok(Signature::unsigned()),
            Err(error) => Err(error),
        };
        self.known().insert(*id, found.clone());
        found
    }

    /// Verifies many objects in `threads` threads, so that [`Verifier::signature`] has their answers ready.
    pub fn prepare(&self, repository: &dyn Repository, ids: &[ObjectId], threads: usize) {
        for ids in ids.chunks(AT_ONCE) {
            let mut cases = Vec::new();
            for id in ids {
                if self.known().contains_key(id) {
                    continue;
                }
                match read(repository, id) {
                    Ok(Some(case)) => cases.push(case),
                    Ok(None) => drop(self.known().insert(*id, Ok(Signature::unsigned()))),
                    Err(error) => drop(self.known().insert(*id, Err(error))),
                }
            }
            let next = AtomicUsize::new(0);
            in_threads(threads.min(cases.len()), || {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = self.verify(case);
                    self.known().insert(case.id, found);
                }
            });
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<ObjectId, Result<Signature, Error>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn verify(&self, case: &Case) -> Result<Signature, Error> {
        let format = SignatureFormat::of(&case.signed.signature);
        let Some(made) = case.made else {
            let bad = Signature::new(SignatureState::Bad, format);
            return Ok(
                bad.because("the object has no date that can be read, so that nobody knows when it was made")
            );
        };
        let workshop = || self.workshop.get_or_init(Workshop::new).as_ref().map_err(Clone::clone);
        let times = (made, self.now);
        match format {
            Some(SignatureFormat::Ssh) => self.ssh.verify(workshop()?, &self.trust, &case.signed, times),
            Some(SignatureFormat::OpenPgp) => {
                self.openpgp.verify(workshop()?, &self.trust, &case.signed, times)
            }
            Some(SignatureFormat::X509) => Ok(Signature::new(SignatureState::Unsupported, format)),
            None => Ok(Signature::new(SignatureState::Bad, None).because("it begins as no signature does")),
        }
    }
}

/// An object's signature; `None` where it has none.
fn read(repository: &dyn Repository, id: &ObjectId) -> Result<Option<Case>, Error> {
    let mut raw = Vec::new();
    let kind = repository.raw(id, &mut raw)?;
    let signed = match kind {
        ObjectKind::Commit => signed_commit(&raw, repository.info().hash_len),
        ObjectKind::Tag => signed_tag(&raw),
        ObjectKind::Tree | ObjectKind::Blob => {
            return Err(Error::new(
                ErrorKind::CorruptObject,
                format!("object {id} is a {}, and only commits and tags are signed", kind.name()),
                "name a commit or an annotated tag",
            ));
        }
    };
    let Some(signed) = signed else { return Ok(None) };
    // The date counts as it was signed.
    let made = match kind {
        ObjectKind::Tag => parse_tag(*id, &signed.payload)?.tagger.and_then(|tagger| tagger.time),
        _ => parse_commit(*id, &signed.payload)?.committer.time,
    };
    Ok(Some(Case { id: *id, signed, made }))
}
