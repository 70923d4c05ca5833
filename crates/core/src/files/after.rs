//! What stands once a change is made: files that every revision has, and paths beside one another.

use super::config::Settings;
use super::judge::finding;
use super::rules::{Complaint, FileRule, case_clash, required_file_missing};
use crate::change::After;
use crate::text::PathGlob;
use crate::{Level, RepoPath, Sink, TreeEntry};
use std::collections::HashMap;

/// Largest required file that is looked at, in bytes: a larger one is not empty.
const MOST_READ: u64 = 64 << 10;

/// Judges what stands once a change is made.
pub(super) fn judge(settings: &Settings, after: &After<'_>, sink: &mut dyn Sink) {
    for glob in &settings.tree.require {
        require(settings, glob, after, sink);
    }
    clashes(settings, after, sink);
    super::owners::judge(settings, after, sink);
}

fn require(settings: &Settings, glob: &PathGlob, after: &After<'_>, sink: &mut dyn Sink) {
    let level = (required_file_missing::RULE.level)(&settings.base(), &required_file_missing::RULE.info);
    // Who commits answers for what the commit takes away; what was never there the server asks for.
    let is_touched = |paths: &[&RepoPath]| paths.iter().any(|path| glob.is_match(path));
    if level == Level::Off || (after.commit.is_none() && !is_touched(after.gone) && !is_touched(after.added))
    {
        return;
    }
    let mut empty: Option<&RepoPath> = None;
    for (path, entry) in
        after.files.iter().filter(|(path, entry)| entry.mode.is_blob() && glob.is_match(path))
    {
        match (after.blob)(&entry.id, MOST_READ) {
            Ok(Some(bytes)) if bytes.iter().all(u8::is_ascii_whitespace) => empty = Some(path),
            Ok(_) => return,
            Err(unanswered) => {
                sink.skip(unanswered.reason);
                sink.problem(unanswered.problem);
                return;
            }
        }
    }
    let (path, message) = match empty {
        Some(path) => (path.clone(), format!("{} is required, and is empty", path.escaped())),
        None => {
            let name = glob.as_str().trim_start_matches('/');
            (RepoPath::from(name), format!("there is no file `{name}`, which is required"))
        }
    };
    let fix = vec![
        format!(
            "write {}, or put it back: git checkout HEAD~1 -- {}",
            path.escaped(),
            super::judge::quoted(&path)
        ),
        format!("or take `{}` out of require in gatepost.toml", glob.as_str()),
    ];
    tell(&required_file_missing::RULE, level, Complaint { message, fix }, &path, after, sink);
}

/// Paths that the change adds and that are another path, or lie in a folder that is another one, in other letters.
fn clashes(settings: &Settings, after: &After<'_>, sink: &mut dyn Sink) {
    let levels: Vec<(&RepoPath, Level)> = after
        .added
        .iter()
        .filter(|path| !settings.is_excluded(path))
        .map(|path| (*path, settings.of(path).case_clashes))
        .filter(|(_, level)| *level != Level::Off)
        .collect();
    if levels.is_empty() {
        return;
    }
    let mut known: HashMap<String, Vec<&[u8]>> = HashMap::new();
    for (path, _) in after.files {
        for prefix in prefixes(path) {
            let same = known.entry(folded(prefix)).or_default();
            if !same.contains(&prefix) {
                same.push(prefix);
            }
        }
    }
    for (path, level) in levels {
        let clash = prefixes(path).find_map(|prefix| {
            let others = known.get(&folded(prefix))?;
            Some((prefix, *others.iter().find(|other| **other != prefix)?))
        });
        let Some((own, other)) = clash.filter(|_| stands(after.files, path)) else { continue };
        let shown = |bytes: &[u8]| RepoPath::new(bytes).escaped().into_owned();
        let complaint = Complaint {
            message: format!("{} differs from {} in capital letters alone", shown(own), shown(other)),
            fix: vec![format!("rename one of the two: git mv {} NEW", super::judge::quoted(path))],
        };
        tell(&case_clash::RULE, level, complaint, path, after, sink);
    }
}

pub(super) fn stands(files: &[(RepoPath, TreeEntry)], path: &RepoPath) -> bool {
    files.binary_search_by(|(known, _)| known.cmp(path)).is_ok()
}

/// The folders above a path, outermost first, and the path.
fn prefixes(path: &RepoPath) -> impl Iterator<Item = &[u8]> {
    let bytes = path.as_bytes();
    let ends = memchr::memchr_iter(b'/', bytes).chain([bytes.len()]);
    ends.filter_map(|end| bytes.get(..end))
}

fn folded(path: &[u8]) -> String {
    String::from_utf8_lossy(path).to_lowercase()
}

pub(super) fn tell(
    rule: &FileRule,
    level: Level,
    complaint: Complaint,
    path: &RepoPath,
    after: &After<'_>,
    sink: &mut dyn Sink,
) {
    sink.finding(finding(rule, level, complaint, path, after.commit, None));
}
