//! Other tools' dialects: **nothing is here yet.**
//!
//! What will live here is the reading of what other tools have in a repository already (rules, configuration,
//! baselines and inline comments of gitleaks and detect-secrets, configuration of commitlint) as values of
//! `gatepost-core`, and the writing of their report formats. Reading stays pure: text in, values or errors with lines
//! out. Until then the crate has no items, and nothing depends on it.
