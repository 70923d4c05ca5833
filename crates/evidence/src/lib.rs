//! What an auditor is handed: records of what gates let through, and of what became of it.
//!
//! Pure functions over bytes and values, as in `gatepost-core`: the time is an argument, and files are read and
//! written by whoever has them. What is here so far is the chained log ([`chain`]) and what stands in it about
//! break-glass and about exceptions that were named ([`break_glass`]). Statements about every run, and signatures, will come.

pub mod break_glass;
pub mod chain;
mod text;
