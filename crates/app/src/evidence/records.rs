//! The records that gates have left, as rules ask for them.

use super::log::{self, LogFile};
use crate::args::Recording;
use crate::exit::Failure;
use gatepost_evidence::run::{Gap, Log, gaps};
use std::path::PathBuf;
use std::sync::OnceLock;

/// The gates that a commit cannot come to a shared branch without, unless somebody goes around them.
pub(crate) const SHARED: [&str; 2] = ["pre-receive", "ci"];

/// Where the records of a run's log are, which it will add its own to.
#[derive(Debug, Default)]
pub(crate) struct Records {
    folder: Option<PathBuf>,
    key: Option<PathBuf>,
    /// The log as it is before this run: a push of many tags asks for each.
    log: OnceLock<Log>,
}

impl Records {
    /// Those that the flags name.
    pub(crate) fn new(recording: &Recording) -> Self {
        let (folder, key) = (recording.evidence.clone(), recording.evidence_key.clone());
        Self { folder, key, log: OnceLock::new() }
    }

    /// Those of `commits` (each with its tree) that no record of a shared gate says to have passed. Records of a run that
    /// signs its own must be signed with the same key.
    ///
    /// # Errors
    ///
    /// When no log is named, and when it is not what was written.
    pub(crate) fn gaps(&self, commits: &[(String, String)]) -> Result<Vec<Gap>, Failure> {
        let log = match self.log.get() {
            Some(log) => log,
            None => {
                let read = self.read()?;
                self.log.get_or_init(|| read)
            }
        };
        let statements = log.records.iter().map(|stored| &stored.statement);
        Ok(gaps(statements, &SHARED.map(str::to_owned), commits))
    }

    fn read(&self) -> Result<Log, Failure> {
        let Some(folder) = &self.folder else {
            return Err(Failure::usage(
                "the policy asks for the records of a release, and this hook has none",
                "the administrator has it leave them: --evidence DIR, or GATEPOST_EVIDENCE",
            ));
        };
        let key = self.key.as_deref().map(log::secret_key).transpose()?;
        let keys: Vec<_> = key.iter().map(gatepost_evidence::dsse::SecretKey::public).collect();
        let file = LogFile::to_read(folder);
        // The first run of all has no log yet.
        if folder.is_dir() && file.is_err() { Ok(Log::default()) } else { file?.read(&keys) }
    }
}
