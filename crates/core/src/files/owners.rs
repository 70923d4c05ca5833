//! Who owns the files that a change leaves, by the CODEOWNERS that it leaves.

use super::after::{stands, tell};
use super::config::Settings;
use super::rules::{Complaint, file_unowned};
use crate::change::After;
use crate::text::{Codeowners, OwnersDialect};
use crate::{Level, RepoPath, Sink};

/// Where forges look, and whose rules count there; `None`: the file itself tells.
const PLACES: [(&str, Option<OwnersDialect>); 4] = [
    (".github/CODEOWNERS", Some(OwnersDialect::GitHub)),
    ("CODEOWNERS", None),
    ("docs/CODEOWNERS", None),
    (".gitlab/CODEOWNERS", Some(OwnersDialect::GitLab)),
];

/// The places of a forge, in the order in which it looks: the first file counts.
const GITHUB: [usize; 3] = [0, 1, 2];
const GITLAB: [usize; 3] = [1, 2, 3];

/// Most files that are named at once.
const MOST_NAMED: usize = 5;

/// Whose rules count for the CODEOWNERS at a path; `None`: no forge looks there.
pub(super) fn dialect(path: &RepoPath) -> Option<Option<OwnersDialect>> {
    let place = PLACES.iter().find(|(place, _)| place.as_bytes() == path.as_bytes());
    place.map(|(_, dialect)| *dialect)
}

/// Has every changed file of `owned-paths` have an owner, and where the owners change, every file.
pub(super) fn judge(settings: &Settings, after: &After<'_>, sink: &mut dyn Sink) {
    let globs = &settings.tree.owned;
    if globs.is_empty() || settings.base().is_off() {
        return;
    }
    let wanted = |path: &RepoPath| {
        let glob = globs.iter().find(|glob| glob.is_match(path))?;
        (!settings.is_excluded(path) && !settings.of(path).is_off()).then_some(glob.as_str())
    };
    let changed: Vec<(&RepoPath, &str)> = after
        .added
        .iter()
        .filter(|path| stands(after.files, path))
        .filter_map(|path| Some((*path, wanted(path)?)))
        .collect();
    let is_touched = after.added.iter().chain(after.gone).any(|path| dialect(path).is_some());
    if changed.is_empty() && !is_touched {
        return;
    }
    let Some(read) = read(after, sink) else { return };
    let unowned = |path: &RepoPath| read.iter().find(|(_, owners)| owners.of(path).is_empty());
    let is_owned = |path: &RepoPath| !read.is_empty() && unowned(path).is_none();
    for (path, glob) in &changed {
        if is_owned(path) {
            continue;
        }
        let shown = path.escaped();
        let (message, place) = match unowned(path) {
            Some((place, _)) => {
                (format!("{shown} has no owner in {place}, and `{glob}` of owned-paths wants one"), *place)
            }
            None => (
                format!(
                    "{shown} has no owner: there is no CODEOWNERS in .github/, at the root, in docs/ or in \
                     .gitlab/, and `{glob}` of owned-paths wants one"
                ),
                "CODEOWNERS",
            ),
        };
        let fix =
            vec![format!("name one in {place}: /{shown} @org/team (or its folder, with a / at the end)")];
        tell(&file_unowned::RULE, Level::Deny, Complaint { message, fix }, path, after, sink);
    }
    if is_touched {
        let others = after.files.iter().map(|(path, _)| path);
        let others = others.filter(|path| changed.binary_search_by(|(known, _)| (*known).cmp(path)).is_err());
        let others: Vec<&RepoPath> =
            others.filter(|path| wanted(path).is_some() && !is_owned(path)).collect();
        tell_all(&others, read.first().map_or("CODEOWNERS", |(place, _)| *place), after, sink);
    }
}

/// The files that count, by the name of each. `None`: one cannot be read, and that was told.
fn read(after: &After<'_>, sink: &mut dyn Sink) -> Option<Vec<(&'static str, Codeowners)>> {
    let stands = |place: &&usize| {
        let path = PLACES.get(**place).map(|(path, _)| RepoPath::from(*path));
        path.is_some_and(|path| stands(after.files, &path))
    };
    // Which forge it is nobody says here: what each of them would read counts.
    let mut places = vec![GITHUB.iter().find(stands), GITLAB.iter().find(stands)];
    places.dedup();
    let mut read = Vec::new();
    for (place, dialect) in places.into_iter().flatten().filter_map(|place| PLACES.get(*place)) {
        let path = RepoPath::from(*place);
        let known = after.files.binary_search_by(|(known, _)| known.cmp(&path)).ok();
        let Some((_, entry)) = known.and_then(|at| after.files.get(at)) else { continue };
        let bytes = if entry.mode.is_blob() {
            match (after.blob)(&entry.id, Codeowners::MOST_BYTES) {
                Ok(bytes) => bytes,
                Err(unanswered) => {
                    sink.skip(unanswered.reason);
                    sink.problem(unanswered.problem);
                    return None;
                }
            }
        } else {
            None
        };
        // One that is too large names nobody.
        let text = bytes.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        read.push((*place, Codeowners::new(&text, *dialect)));
    }
    Some(read)
}

fn tell_all(paths: &[&RepoPath], place: &str, after: &After<'_>, sink: &mut dyn Sink) {
    if paths.is_empty() {
        return;
    }
    let mut shown: Vec<String> =
        paths.iter().take(MOST_NAMED).map(|path| path.escaped().into_owned()).collect();
    let left = paths.len().saturating_sub(shown.len());
    if left > 0 {
        shown.push(format!("and {left} more"));
    }
    let count = if paths.len() == 1 {
        "1 file of owned-paths has".to_owned()
    } else {
        format!("{} files of owned-paths have", paths.len())
    };
    let message = format!("{count} no owner in {place}: {}", shown.join(", "));
    let fix = vec![format!("name owners in {place}: /FOLDER/ @org/team")];
    tell(&file_unowned::RULE, Level::Deny, Complaint { message, fix }, &RepoPath::from(place), after, sink);
}
