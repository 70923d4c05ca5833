//! A version that the changelog does not tell of, or not in full.

use super::super::changelog::{Entry, section};
use super::super::judge::of_block;
use super::super::releases::{last_release, since};
use super::super::subject::{Complaint, Subject, named, picked_from};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;
use crate::text::{Tagged, commit_type, escape};
use crate::{Commit, ObjectId, RepoPath};
use regex::Regex;
use std::sync::Arc;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-050",
        name: "changelog-incomplete",
        severity: Severity::Medium,
        summary: "A version is tagged that the changelog has no section for, or whose entries do not say what they must.",
        why: "Who upgrades reads the changelog and no commits; a release note without ticket and pull request cannot be followed back.",
        fix: "Write the entry, land it, and tag the commit that has it.",
        fires: "git push origin v1.4.3 (CHANGELOG.md has no heading with 1.4.3)",
        silent: "git push origin v1.4.3 (below `## 1.4.3` stands `- keep the login (ABC-7, #12)`)",
    },
    levels: |block| of_block(block, !block.naming.changelog.is_empty()),
    in_ci: false,
    judge,
};

/// Largest changelog that is read, in bytes.
const LARGEST: u64 = 4 << 20;

/// The types that people who use it read of; what breaks others is told whatever its type.
const TOLD: [&str; 4] = ["feat", "fix", "perf", "security"];

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    let (Some(commit), Some(tagged)) = (subject.tagged_commit()?, moved.tagged()) else {
        return Ok(Vec::new());
    };
    // A pre-release is on the way to a version that has one.
    if !tagged.version.pre_release().is_empty() {
        return Ok(Vec::new());
    }
    let mut complaints = Vec::new();
    for path in &subject.block.block.naming.changelog {
        match read(subject, &commit, path)? {
            Ok(text) => complaints.extend(of_text(subject, &commit, &tagged, path, &text)?),
            Err(why) => {
                let mut complaint = Complaint::new(format!("{} {why}", escape(path)));
                complaint.detail.clone_from(path);
                complaints.push(complaint);
            }
        }
    }
    Ok(complaints)
}

/// The changelog at a commit, or what is wrong with it.
fn read(subject: &Subject<'_>, commit: &ObjectId, path: &str) -> Result<Result<String, String>, Unanswered> {
    let history = subject.moved.push.history;
    let entry = history.entry(commit, &RepoPath::from(path))?.filter(|entry| entry.mode.is_blob());
    let Some(entry) = entry else {
        return Ok(Err(format!("is not in the commit {} that is tagged", commit.short())));
    };
    let bytes = history.blob(&entry.id, LARGEST)?;
    let text = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok(text.ok_or_else(|| format!("has more than {} MiB, and was not read", LARGEST >> 20)))
}

fn of_text(
    subject: &Subject<'_>,
    commit: &ObjectId,
    tagged: &Tagged<'_>,
    path: &str,
    text: &str,
) -> Result<Vec<Complaint>, Unanswered> {
    let version = tagged.version.to_string();
    let file = escape(path);
    let Some(entries) = section(text, &version) else {
        let mut complaint = Complaint::new(format!("{file} has no heading with {version}"));
        complaint.detail = path.to_owned();
        return Ok(vec![complaint.fix(format!(
            "write one, with what has changed below it: `## {version}`, `- WHAT (TICKET, #NUMBER)`; land it, and tag that commit"
        ))]);
    };
    let ticket = &subject.block.naming.ticket;
    let mut complaints = Vec::new();
    for entry in &entries {
        let lacks = match (ticket.is_match(&entry.text), entry.names_request()) {
            (true, true) => continue,
            (false, true) => "no ticket",
            (true, false) => "no pull request (`#12`, `!12`)",
            (false, false) => "neither a ticket nor a pull request",
        };
        let mut complaint =
            Complaint::new(format!("in {file} an entry of {version} names {lacks}: “{}”", entry.shown()));
        complaint.detail = format!("{path} {}", entry.shown());
        complaints.push(complaint);
    }
    let Some(last) = last_release(subject, commit, tagged.series, &tagged.version)? else {
        return Ok(complaints);
    };
    for commit in since(subject, commit, &last.target)? {
        let origins = origins(subject, &commit, tagged)?;
        if let Some(what) = missing(&commit, &origins, &entries, ticket) {
            let message = format!("{file} does not tell of {} as it must: {what}", named(&commit));
            complaints.push(Complaint::about(&commit, message));
        }
    }
    Ok(complaints)
}

/// What a commit was picked from for this version. What an older version was released with comes forward with it, and is no
/// backport.
fn origins(
    subject: &Subject<'_>,
    commit: &Arc<Commit>,
    tagged: &Tagged<'_>,
) -> Result<Vec<String>, Unanswered> {
    let (moved, mut origins) = (subject.moved, Vec::new());
    let older = || {
        let releases = moved.releases(tagged.series).into_iter();
        releases
            .filter(|release| release.version < tagged.version)
            .map(|release| release.target)
            .collect::<Vec<_>>()
    };
    for origin in picked_from(&commit.message) {
        let is_here = moved.push.history.named_commit(&origin)?.is_some();
        if !is_here || !moved.push.history.commits(&[origin], &older())?.is_empty() {
            origins.push(origin.to_string());
        }
    }
    Ok(origins)
}

/// What the entries do not say of a commit; `None` where there is nothing to say, or all of it is said.
fn missing(commit: &Arc<Commit>, origins: &[String], entries: &[Entry], ticket: &Regex) -> Option<String> {
    let message = String::from_utf8_lossy(&commit.message);
    let kind = commit_type(&message);
    let breaking = kind.is_some_and(|kind| kind.breaking);
    let is_told = kind.is_some_and(|kind| TOLD.iter().any(|told| told.eq_ignore_ascii_case(kind.name)));
    if !breaking && !is_told {
        return None;
    }
    // A commit without a ticket is for `[message]` to judge: nobody could tell which entry is its.
    let tickets: Vec<&str> = ticket.find_iter(&message).map(|found| found.as_str()).collect();
    let first = tickets.first()?;
    let is_its =
        |entry: &&Entry| ticket.find_iter(&entry.text).any(|found| tickets.contains(&found.as_str()));
    let its: Vec<&Entry> = entries.iter().filter(is_its).collect();
    if its.is_empty() {
        return Some(format!("no entry names {first}"));
    }
    if breaking && !its.iter().any(|entry| entry.is_breaking()) {
        return Some(format!("it breaks others, and the entry of {first} is not marked as breaking"));
    }
    if !origins.is_empty() && !its.iter().any(|entry| entry.names_origin(origins)) {
        let origin = origins.first().map(|origin| origin.chars().take(12).collect::<String>());
        return Some(format!(
            "it is a backport, and the entry of {first} names neither its origin ({}) nor `backport of #NUMBER`",
            origin.unwrap_or_default()
        ));
    }
    None
}
