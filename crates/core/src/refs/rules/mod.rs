//! The rules for names, one file each. To add a rule, write its file and name it twice below.

mod branch_name;
mod case_clash;
mod name_length;
mod other_ref;
mod ref_name_hex;
mod ref_name_reserved;

use super::config::Settings;
use crate::RefName;
use crate::code::CodeInfo;
use crate::policy::SeverityLevels;

/// A rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct RefRule {
    /// Its code, name and words. The examples are full ref names.
    pub(super) info: CodeInfo,
    /// The settings under which `info.fires` fires and `info.silent` is silent, as lines of `[branch]`.
    pub(super) options: &'static str,
    /// Its level.
    pub(super) levels: fn(&Settings) -> SeverityLevels,
    /// Judges a full ref name.
    pub(super) judge: Judges,
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug)]
pub(super) enum Judges {
    /// The name alone.
    Name(fn(&Settings, &RefName) -> Option<Complaint>),
    /// The name among those that are there.
    Among(fn(&RefName, &[&RefName]) -> Option<Complaint>),
}

/// What a rule has to say.
#[derive(Debug)]
pub(super) struct Complaint {
    /// One sentence with the particulars.
    pub(super) message: String,
    /// The short name as it should be, where one can be built.
    pub(super) better: Option<String>,
    /// What else to know or change, one step each.
    pub(super) fix: Vec<String>,
}

/// Every rule, by code.
pub(super) const RULES: &[&RefRule] = &[
    &branch_name::RULE,
    &ref_name_hex::RULE,
    &ref_name_reserved::RULE,
    &name_length::RULE,
    &case_clash::RULE,
    &other_ref::RULE,
];

pub(super) static CODES: [CodeInfo; RULES.len()] = crate::code::codes_of!(RULES);

/// The lines of `[branch]` under which the examples of a code hold. `None`: there is no such code or name.
#[must_use]
pub fn example_options(code: &str) -> Option<&'static str> {
    let rule = RULES.iter().find(|rule| rule.info.code == code || rule.info.name == code)?;
    Some(rule.options)
}
