//! What an auditor is handed: **nothing is here yet.**
//!
//! What will live here are statements about runs: which policy, which rules and which commits a gate judged, with what
//! outcome, chained to the statement before and ready to be signed. Keys and the time will be arguments, as in
//! `gatepost-core`. Until then the crate has no items, nothing depends on it, and no run leaves a statement.
