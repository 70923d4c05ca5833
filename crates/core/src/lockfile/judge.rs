//! The check: what the survey of a tree says, as findings at the levels of `[locks]`.

use super::codes;
use super::config::Settings;
use super::ecosystem::{Answer, Pair, Place, Reason, Verdict};
use super::survey::{KeptOut, Record, State, Want, concerns, survey};
use super::tree::Tree;
use crate::change::After;
use crate::check::Check;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::policy::{Policy, PolicyError};
use crate::{
    Code, Confidence, Date, FileMode, Finding, Fingerprint, Level, Location, ObjectId, RepoPath, Sink, Stage,
    TreeEntry,
};

/// The check of lock files.
#[derive(Debug)]
pub struct Judge {
    settings: Settings,
}

impl Judge {
    /// For a stage and a day.
    ///
    /// # Errors
    ///
    /// A setting that names an ecosystem which is not known, or a glob that is none.
    pub fn new(policy: &Policy, stage: Stage, today: Date) -> Result<Self, PolicyError> {
        Ok(Self { settings: Settings::new(policy, stage, today)? })
    }

    /// For somebody who asks for it by name: then it denies what it denies, also where nobody has written a policy.
    #[must_use]
    pub fn asked_for(mut self) -> Self {
        self.settings.ask_for();
        self
    }

    /// The size in bytes up to which manifests and locks are read.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.settings.limit()
    }

    /// Whether a record is about files that the policy leaves out.
    #[must_use]
    pub fn is_excluded(&self, record: &Record) -> bool {
        let Pair { manifest, lock, .. } = &record.pair;
        [manifest, lock].into_iter().flatten().any(|path| self.settings.is_excluded(path))
    }
}

impl Check for Judge {
    fn is_reading_trees(&self, changed: &[&RepoPath]) -> bool {
        let is_concerned = |path: &&RepoPath| std::str::from_utf8(path.as_bytes()).is_ok_and(concerns);
        !self.settings.is_off() && changed.iter().any(is_concerned)
    }

    fn after(&self, after: &After<'_>, sink: &mut dyn Sink) {
        let touched = texts(after.added.iter().chain(after.gone).copied());
        if self.settings.is_off() || !touched.iter().any(|path| concerns(path)) {
            return;
        }
        let read = |path: &str, limit: u64| read(after, path, limit);
        let files = after.files.iter().filter(|(_, entry)| is_file(*entry)).map(|(path, _)| path);
        let links = after.files.iter().filter(|(_, entry)| entry.mode == FileMode::Symlink);
        let links = texts(links.map(|(path, _)| path));
        let tree = Tree::new(texts(files), &read).with_links(links).with_limit(self.settings.limit());
        let records = survey(&tree, &Want { ecosystems: None, touched: Some(&touched) });
        for Unanswered { problem, reason } in tree.take_failures() {
            sink.skip(reason);
            sink.problem(problem);
        }
        for record in &records {
            if self.is_excluded(record) {
                sink.skip(crate::SkipReason::Excluded);
                continue;
            }
            for told in told(self, record, Some(&touched), after.commit) {
                sink.finding(told.finding);
            }
        }
    }
}

fn is_file(entry: TreeEntry) -> bool {
    matches!(entry.mode, FileMode::File | FileMode::Executable)
}

/// Paths that are text, sorted: no tool looks for a manifest of another name.
fn texts<'p>(paths: impl Iterator<Item = &'p RepoPath>) -> Vec<&'p str> {
    let mut texts: Vec<&str> = paths.filter_map(|path| std::str::from_utf8(path.as_bytes()).ok()).collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}

fn read(after: &After<'_>, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Unanswered> {
    let at = after.files.binary_search_by(|(known, _)| known.as_bytes().cmp(path.as_bytes()));
    match at.ok().and_then(|at| after.files.get(at)) {
        Some((_, entry)) => (after.blob)(&entry.id, limit),
        None => Ok(Some(Vec::new())),
    }
}

/// Something that the check says of a record.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    /// The finding.
    pub finding: Finding,
    /// The reason that it is made of, where it is one of a verdict.
    pub reason: Option<&'a Reason>,
}

/// What the check says of a record, at the levels of its policy; nothing for what is off. `touched` are the paths, sorted,
/// that a change touches; `None`: there is no change.
#[must_use]
pub fn told<'r>(
    judge: &Judge,
    record: &'r Record,
    touched: Option<&[&str]>,
    commit: Option<ObjectId>,
) -> Vec<Told<'r>> {
    let settings = &judge.settings;
    let telling = Telling { record, commit };
    let path = telling.path();
    let mut found = Vec::new();
    let mut reasons = Vec::new();
    match &record.state {
        State::Judged(verdict) => {
            for reason in &verdict.reasons {
                let code = reason.drift.map_or(&codes::CANNOT_TELL, super::Drift::code);
                let finding = telling.reason(code, settings.of(record.ecosystem, reason), reason);
                reasons.push(Told { finding, reason: Some(reason) });
            }
            found.extend(alone(judge, &telling, verdict, touched));
        }
        State::Missing { kept_out, make } => {
            found.extend(missing(settings, &telling, kept_out.as_ref(), make));
        }
        State::Orphan => found.push(telling.lock(
            &codes::ORPHAN,
            settings.level(|config| &config.orphans),
            format!("{path} has no manifest beside it"),
            "delete it, or put its manifest back",
        )),
        State::Rival(other) => found.push(telling.lock(
            &codes::RIVALS,
            settings.level(|config| &config.rivals),
            format!("{path} and {other} are both locks of {}", telling.manifest()),
            "decide on one of the tools, and delete the other's lock",
        )),
        State::Unknown => found.push(telling.lock(
            &codes::UNKNOWN,
            settings.level(|config| &config.cannot_tell),
            format!("{path} is of {}, whose locks gatepost does not judge", record.ecosystem),
            "have CI run the strict install of that tool",
        )),
    }
    reasons.extend(found.into_iter().map(|finding| Told { finding, reason: None }));
    reasons.retain(|told| told.finding.level != Level::Off);
    reasons
}

/// A manifest that asks for dependencies has no lock.
fn missing(
    settings: &Settings,
    telling: &Telling<'_>,
    kept_out: Option<&KeptOut>,
    make: &str,
) -> Vec<Finding> {
    let manifest = telling.manifest();
    let steps = vec![format!("make it, and commit it: {make}")];
    let mut found = Vec::new();
    if settings.is_required(manifest) {
        let what = format!("{manifest} asks for dependencies and has no lock");
        let level = settings.level(|config| &config.strict);
        found.push(telling.file(&codes::MISSING, level, what, steps.clone(), manifest));
    }
    if let Some(kept_out) = kept_out {
        let what = format!(
            "the lock of {manifest} is kept out of the repository by `{}` in {}",
            kept_out.line, kept_out.place.path
        );
        let steps = std::iter::once("take that line out".to_owned()).chain(steps).collect();
        let level = settings.level(|config| &config.ignored);
        found.push(telling.place(&codes::IGNORED, level, what, steps, Some(&kept_out.place)));
    }
    found
}

/// One of the two changed and the other did not.
fn alone(
    judge: &Judge,
    telling: &Telling<'_>,
    verdict: &Verdict,
    touched: Option<&[&str]>,
) -> Option<Finding> {
    let touched = touched?;
    let is_touched = |path: &String| touched.binary_search(&path.as_str()).is_ok();
    let pair = &telling.record.pair;
    let (lock, settings) = (pair.lock.as_ref()?, &judge.settings);
    let manifest = pair.manifest.iter().chain(&pair.members).find(|path| is_touched(path));
    let is_clear = verdict.strict() == Answer::InSync && verdict.rewrite() == Answer::InSync;
    match (manifest, is_touched(lock)) {
        // What is out of sync is told of anyway.
        (Some(manifest), false)
            if !is_clear && verdict.strict().max(verdict.rewrite()) == Answer::CannotTell =>
        {
            let what = format!(
                "{manifest} changes and {lock} does not, and the files do not say whether they agree"
            );
            let steps = vec!["run the tool's install, and commit what it makes of the lock".to_owned()];
            let level = settings.level(|config| &config.manifest_alone);
            Some(telling.file(&codes::MANIFEST_ALONE, level, what, steps, manifest))
        }
        (None, true) if !pair.inputs.iter().any(is_touched) => {
            let what = format!("{lock} changes and none of its manifests does");
            let steps = vec![codes::LOCK_ALONE.fix.to_owned()];
            let level = settings.level(|config| &config.lock_alone);
            Some(telling.file(&codes::LOCK_ALONE, level, what, steps, lock))
        }
        _ => None,
    }
}

/// How findings of a record are written.
struct Telling<'a> {
    record: &'a Record,
    commit: Option<ObjectId>,
}

impl Telling<'_> {
    fn reason(&self, code: &CodeInfo, level: Level, reason: &Reason) -> Finding {
        let mut what = reason.what.clone();
        if let (Some(expected), Some(found)) = (&reason.expected, &reason.found) {
            what = format!("{what}: the manifest has {expected}, the lock {found}");
        }
        let mut fix = Vec::new();
        if !reason.mend.is_empty() {
            fix.push(reason.mend.clone());
        }
        if fix.is_empty() {
            fix.push(code.fix.to_owned());
        }
        let place = reason.manifest.as_ref().or(reason.lock.as_ref());
        let mut finding = self.place(code, level, what, fix, place);
        if let (Some(_), Some(lock)) = (&reason.manifest, &reason.lock) {
            finding.locations.push(self.location(lock));
        }
        let subject = reason.dependency.as_deref().unwrap_or(&reason.what);
        let key = place.map_or_else(|| self.path(), |place| place.path.as_str());
        finding.fingerprint = Fingerprint::of_place(code.code, key.as_bytes(), subject.as_bytes());
        finding
    }

    /// Something about the lock as a whole.
    fn lock(&self, code: &CodeInfo, level: Level, what: String, fix: &str) -> Finding {
        self.file(code, level, what, vec![fix.to_owned()], self.path())
    }

    fn file(&self, code: &CodeInfo, level: Level, what: String, fix: Vec<String>, path: &str) -> Finding {
        self.place(code, level, what, fix, Some(&Place { path: path.to_owned(), span: None }))
    }

    fn place(
        &self,
        code: &CodeInfo,
        level: Level,
        message: String,
        fix: Vec<String>,
        place: Option<&Place>,
    ) -> Finding {
        let whole = Place { path: self.path().to_owned(), span: None };
        let place = place.unwrap_or(&whole);
        Finding {
            rule: code.name.to_owned(),
            code: Code::owned(code.code.to_owned()),
            family: super::CHECK.family,
            name: code.name.replace('-', " "),
            severity: code.severity,
            confidence: Confidence::High,
            level,
            message,
            why: vec![code.why.to_owned()],
            fix,
            fingerprint: Fingerprint::of_place(code.code, place.path.as_bytes(), b""),
            secret: None,
            locations: vec![self.location(place)],
        }
    }

    fn location(&self, place: &Place) -> Location {
        let path = Some(RepoPath::from(place.path.as_str()));
        Location { path, span: place.span, commit: self.commit, ..Location::default() }
    }

    fn manifest(&self) -> &str {
        self.record.pair.manifest.as_deref().unwrap_or_default()
    }

    /// The lock, or what should have one.
    fn path(&self) -> &str {
        let Pair { manifest, lock, .. } = &self.record.pair;
        lock.as_deref().or(manifest.as_deref()).unwrap_or_default()
    }
}
