//! The built-in secret rules.
