//! The commands that are neither gates nor scans: one file each.

pub(crate) mod baseline;
pub(crate) mod break_glass;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod deps;
pub mod doctor;
pub(crate) mod evidence;
pub(crate) mod exceptions;
pub(crate) mod explain;
pub(crate) mod hooks;
pub(crate) mod import;
pub(crate) mod init;
pub mod install;
pub(crate) mod policy;
pub(crate) mod report;
pub(crate) mod rules;
pub(crate) mod server;

#[cfg(test)]
mod fake;
