//! What an auditor is handed: records of what gates let through, and of what became of it.
//!
//! Pure functions over bytes and values, as in `gatepost-core`: the time is an argument, and files are read and
//! written by whoever has them. Here are the chained log ([`chain`]) and what stands in it about
//! break-glass and about exceptions that were named ([`break_glass`]); statements about every run ([`run`]), and signatures over
//! them ([`dsse`]).

pub mod break_glass;
pub mod chain;
pub mod dsse;
pub mod run;
mod text;

/// SHA-256 in hexadecimal, as records have it.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&<sha2::Sha256 as sha2::Digest>::digest(bytes))
}
