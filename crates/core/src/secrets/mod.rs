//! Finding secrets in bytes.

mod rule;

pub use rule::{Allow, List, Rule, Structure, Text, Window};

use crate::check::{Check, CheckInfo};

/// The check's entry in the registry.
pub static CHECK: CheckInfo = CheckInfo {
    section: "secrets",
    family: "GP-SEC",
    title: "credentials in files, messages and names",
    codes: &[],
    keys: &[],
    build: |_| Ok(Box::new(Stub)),
};

#[derive(Debug)]
struct Stub;
impl Check for Stub {}
