//! What a lock of Terraform holds (`internal/depsfile`).

use super::written::{BUILTIN_HOST, address, literal};
use super::{LARGEST, Tool, constraint, hcl};
use crate::lockfile::ecosystem::{Breaks, Drift, Reason, Source, Unclear, Verdict};
use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, BlockLabel, Body};
use semver::Version;
use std::ops::Range;

/// A lock and who wrote it.
pub(super) struct Lock {
    pub entries: Vec<Entry>,
    pub tool: Tool,
}

/// An entry of the lock.
pub(super) struct Entry {
    pub address: String,
    pub version: Option<Version>,
    /// `None`: it has none at all.
    pub hashes: Option<Vec<String>>,
    pub span: Range<usize>,
}

/// Reads a lock; `None`: it cannot be read, which is told.
pub(super) fn read(source: &Source, verdict: &mut Verdict) -> Option<Lock> {
    // Where nothing can be parsed the name of the registry stands there all the same.
    let tool = match source.text.contains(Tool::OpenTofu.registry()) {
        true => Tool::OpenTofu,
        false => Tool::Terraform,
    };
    match hcl(source) {
        Ok(body) => Some(Lock { entries: entries(source, &body, tool, verdict), tool }),
        Err(unclear) if source.text.len() > LARGEST => {
            verdict.unclear(unclear);
            None
        }
        Err(unclear) => {
            let reason = Reason::new(Drift::Unreadable, Breaks::Both, unclear.why, tool.afresh());
            verdict.drift(reason.in_lock(unclear.place.unwrap_or_else(|| source.whole())));
            None
        }
    }
}

pub(super) fn entries(lock: &Source, body: &Body, tool: Tool, verdict: &mut Verdict) -> Vec<Entry> {
    let mut found = Vec::new();
    for structure in body {
        let span = structure.span().unwrap_or_default();
        match structure.as_block() {
            Some(block) if block.ident.as_str() == "provider" => {
                found.extend(entry(lock, block, tool, verdict));
            }
            // Terraform keeps the name for a later form of the lock, and warns.
            Some(block) if block.ident.as_str() == "module" => {
                let why = "the lock has a `module`, which no known Terraform writes";
                verdict.unclear(Unclear::at(why, lock.place(&span)));
            }
            _ => tampered(lock, &span, "the lock has something that is no `provider`", tool, verdict),
        }
    }
    found
}

fn tampered(lock: &Source, span: &Range<usize>, what: impl Into<String>, tool: Tool, verdict: &mut Verdict) {
    let reason = Reason::new(Drift::Tampered, Breaks::Both, what, tool.afresh());
    verdict.drift(reason.in_lock(lock.place(span)));
}

fn entry(lock: &Source, block: &Block, tool: Tool, verdict: &mut Verdict) -> Option<Entry> {
    let span = block.span().unwrap_or_default();
    let label = block.labels.first().map(BlockLabel::as_str).unwrap_or_default();
    let is_whole =
        address(label, "").is_some_and(|address| address == label && !address.starts_with(BUILTIN_HOST));
    if !is_whole || block.labels.len() != 1 {
        tampered(lock, &span, format!("`{label}` is no provider that a lock can hold"), tool, verdict);
        return None;
    }
    let mut entry = Entry { address: label.to_owned(), version: None, hashes: None, span: span.clone() };
    for structure in &block.body {
        let Some(attribute) = structure.as_attribute() else {
            tampered(lock, &span, format!("{label} has a block, which no lock has"), tool, verdict);
            continue;
        };
        let at = attribute.span().unwrap_or_default();
        let text = literal(&attribute.value).map(|(text, _)| text);
        let is_right = match attribute.key.as_str() {
            "version" => {
                entry.version = text.and_then(|text| Version::parse(text).ok());
                entry.version.is_some()
            }
            "constraints" => text.is_some_and(|text| constraint::parse(text).is_some()),
            "hashes" => {
                entry.hashes = hashes(&attribute.value);
                entry.hashes.as_ref().is_some_and(|hashes| !hashes.is_empty())
            }
            _ => false,
        };
        if !is_right {
            let what = format!("{label} has a `{}` that `init` does not take", attribute.key.as_str());
            tampered(lock, &at, what, tool, verdict);
        }
    }
    if block.body.get_attribute("version").is_none() {
        tampered(lock, &span, format!("{label} has no `version`"), tool, verdict);
    }
    let is_hashed = entry.hashes.iter().flatten().any(|hash| hash.starts_with("h1:"));
    if !is_hashed {
        let what = format!("{label} has no hash `h1:`, which `init` adds");
        let reason = Reason::new(Drift::Tampered, Breaks::Rewrite, what, tool.init());
        verdict.drift(reason.dependency(label).in_lock(lock.place(&span)));
    }
    Some(entry)
}

fn hashes(value: &Expression) -> Option<Vec<String>> {
    let Expression::Array(array) = value else { return None };
    let hash = |value| literal(value).filter(|(text, _)| text.contains(':')).map(|(text, _)| text.to_owned());
    array.iter().map(hash).collect()
}
