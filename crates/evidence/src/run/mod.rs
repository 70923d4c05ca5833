//! What a gate leaves behind of every run: a statement in the form of in-toto, in a chained log.
//!
//! A statement says which commits were judged, by what, and how it ended. It holds fingerprints of findings and nothing of
//! what was found.

mod audit;
mod controls;
mod coverage;
mod facts;
mod log;
mod metrics;
mod statement;

pub use audit::{Audit, Control as AuditedControl, Row, audit};
pub use controls::{CONTROLS, Control, served_by};
pub use coverage::{Gap, Missing, gaps};
pub use facts::{
    Bypass, CiRun, Coverage, Exceptions, Finding, Findings, Policy, RefMove, Retention, Scope, Skipped, Tool,
    Used,
};
pub use log::{Entry, Log, Read, Stored, seal};
pub use metrics::metrics;
pub use statement::{
    Annotations, Enforcement, NOT_DECIDED, PREDICATE_TYPE, Place, Predicate, Role, RunResult, STATEMENT_TYPE,
    Statement, Subject,
};

#[cfg(test)]
pub(crate) mod testing;
