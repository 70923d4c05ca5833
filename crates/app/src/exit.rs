//! How a run can fail before it has a report, and the exit code of each way.

use gatepost_core::policy::PolicyError;
use gatepost_source::ErrorKind;

/// Why there is no report.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Wrong usage, an output that cannot be written: exit code 2.
    Usage {
        /// What is wrong.
        what: String,
        /// What to do.
        fix: String,
    },
    /// A policy that cannot be obeyed: exit code 2.
    Policy(Vec<PolicyError>),
    /// Another file that cannot be obeyed, in words already: exit code 2.
    Rendered(String),
    /// Something could not be read. A question that names nothing (no repository, no such revision) is wrong
    /// usage, 2; something that is there and could not be read is "could not check", 3.
    Source(gatepost_source::Error),
}

impl Failure {
    /// Wrong usage.
    pub(crate) fn usage(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Usage { what: what.into(), fix: fix.into() }
    }

    /// The exit code of the process.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage { .. } | Self::Policy(_) | Self::Rendered(_) => 2,
            Self::Source(error) => match error.kind {
                ErrorKind::NotARepository | ErrorKind::UnknownRevision => 2,
                _ => 3,
            },
        }
    }
}

impl From<gatepost_source::Error> for Failure {
    fn from(error: gatepost_source::Error) -> Self {
        Self::Source(error)
    }
}

impl From<Vec<PolicyError>> for Failure {
    fn from(errors: Vec<PolicyError>) -> Self {
        Self::Policy(errors)
    }
}

impl From<PolicyError> for Failure {
    fn from(error: PolicyError) -> Self {
        Self::Policy(vec![error])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_names_nothing_is_usage_and_a_broken_answer_is_incomplete() {
        let code = |kind| Failure::from(gatepost_source::Error::new(kind, "x", "y")).exit_code();
        assert_eq!(code(ErrorKind::NotARepository), 2);
        assert_eq!(code(ErrorKind::UnknownRevision), 2);
        for kind in [
            ErrorKind::Unreadable,
            ErrorKind::MissingObject,
            ErrorKind::CorruptObject,
            ErrorKind::Shallow,
            ErrorKind::TimeOut,
            ErrorKind::DubiousOwnership,
            ErrorKind::GitCommand,
        ] {
            assert_eq!(code(kind), 3, "{kind:?}");
        }
        assert_eq!(Failure::usage("x", "y").exit_code(), 2);
    }
}
