//! What somebody asks a gate for: an exception by its id, or break-glass. Asking switches nothing off. The gate judges
//! in full, and what it lets through for the asking it says, and has the word of whom.

pub(crate) mod break_glass;
pub(crate) mod dry_run;
pub(crate) mod exempt;
pub(crate) mod log;
pub(crate) mod named;
pub(crate) mod options;
pub(crate) mod record;
pub(crate) mod recorded;
pub(crate) mod time_out;
