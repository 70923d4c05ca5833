//! branch, tag and ref names.

use crate::check::{Check, CheckInfo};

/// The check's entry in the registry.
pub static CHECK: CheckInfo = CheckInfo {
    section: "branch",
    family: "GP-REF",
    title: "branch, tag and ref names",
    codes: &[],
    keys: &[],
    build: |_| Ok(Box::new(Stub)),
};

#[derive(Debug)]
struct Stub;
impl Check for Stub {}
