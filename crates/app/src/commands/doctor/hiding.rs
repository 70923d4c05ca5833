//! What the policy's allow-lists hide: each entry's share of the files at HEAD and of what is found in them without it.
//!
//! An entry that was right when it was written grows with the repository, or outlives what it was for, and nothing else tells.

use super::Diagnosis;
use crate::collect::Collector;
use crate::exit::Failure;
use crate::session::Session;
use gatepost_core::check::{CHECKS, Context};
use gatepost_core::policy::{Excuse, Policy};
use gatepost_core::secrets::Allowed;
use gatepost_core::text::{PathGlob, escape};
use gatepost_core::{
    Date, Document, DocumentKind, Exception, Finding, Gate, Level, RefName, RepoPath, Stage, TreeEntry,
};
use gatepost_report::grouped;
use gatepost_source::{Error, Head, Repository};

/// The most bytes that are searched for findings: a second or two, also in a repository of many gigabytes.
const MOST_READ: u64 = 512 << 20;

/// What an entry is held against.
struct Sample {
    /// The files at HEAD, each with the number of its settings.
    files: Vec<(RepoPath, usize)>,
    /// What is found in them when nothing is hidden.
    findings: Vec<Found>,
    /// How many files were searched for findings; `None`: all of them.
    searched: Option<usize>,
    /// How many files could not be read.
    unreadable: usize,
    /// The names of the branches.
    branches: Vec<RepoPath>,
}

/// A finding with its one place.
struct Found {
    section: &'static str,
    finding: Finding,
    path: RepoPath,
    /// The number of the settings of its path.
    settings: usize,
}

/// An entry, ready to be asked.
struct Entry {
    label: String,
    reason: String,
    until: Option<Date>,
    ended: bool,
    hides: Hides,
    /// The numbers of the settings that have it; `None`: all of them.
    settings: Option<Vec<usize>>,
}

impl Entry {
    fn counts_in(&self, settings: usize) -> bool {
        self.settings.as_ref().is_none_or(|known| known.contains(&settings))
    }
}

/// What an entry hides.
enum Hides {
    /// Every finding of a section at some paths.
    Paths(PathGlob, String),
    /// The branches of some names.
    Names(PathGlob),
    /// Some secrets.
    Secrets(Box<Allowed>, Option<PathGlob>),
    /// Every finding of a secret rule.
    Rule(String),
    /// What an exception covers.
    Excepted(Box<Exception>, PathGlob),
}

/// The lines of the doctor about allow-lists; none when the policy has none.
pub(crate) fn diagnose(session: &Session, repository: &dyn Repository) -> Vec<Diagnosis> {
    let policy = session.policy().on_branch(session.branch.as_ref());
    if !policy.has_excuses() && policy.exceptions().iter().all(|exception| exception.path.is_none()) {
        return Vec::new();
    }
    match held_against(session, repository, &policy) {
        Ok(Some(lines)) => lines,
        Ok(None) => vec![Diagnosis::ok("allow-lists: there is no commit yet to hold them against")],
        Err(failure) => {
            let (what, fix) = match failure {
                Failure::Source(error) => (error.message, error.fix),
                _ => ("the policy does not build".to_owned(), "gatepost config check".to_owned()),
            };
            vec![Diagnosis::fail(format!("what the allow-lists hide cannot be told: {what}"), fix)]
        }
    }
}

/// A line for every entry; `None` while there is no commit.
fn held_against(
    session: &Session,
    repository: &dyn Repository,
    policy: &Policy,
) -> Result<Option<Vec<Diagnosis>>, Failure> {
    let (Head::Branch(_, head) | Head::Detached(head)) = repository.head()? else { return Ok(None) };
    let files = repository.files(&head)?.into_iter().filter(|(_, entry)| entry.mode.is_blob());
    // Overlays give some paths settings of their own. An overlay for no file at all is looked at as well.
    let mut settings: Vec<Vec<usize>> = vec![Vec::new()];
    settings.extend((0..policy.overlays().len()).map(|overlay| vec![overlay]));
    let files: Vec<(RepoPath, TreeEntry, usize)> = files
        .map(|(path, entry)| {
            let overlays = policy.overlays_of_path(&path);
            let number = settings.iter().position(|known| *known == overlays).unwrap_or_else(|| {
                settings.push(overlays);
                settings.len() - 1
            });
            (path, entry, number)
        })
        .collect();
    let entries = entries(policy, &settings, session.now.date());
    let sample = sample(session, repository, policy, files)?;
    let lines = entries.into_iter().map(|entry| match entry {
        Ok(entry) => line(&entry, &sample),
        Err(broken) => broken,
    });
    Ok(Some(std::iter::once(looked_at(&sample)).chain(lines).collect()))
}

/// Every entry of the allow-lists, and every exception with a path; or what is wrong with it.
fn entries(policy: &Policy, settings: &[Vec<usize>], today: Date) -> Vec<Result<Entry, Diagnosis>> {
    let mut listed: Vec<((String, Excuse), Vec<usize>)> = Vec::new();
    for (number, overlays) in settings.iter().enumerate() {
        for excuse in policy.with_overlays(overlays).excuses() {
            match listed.iter_mut().find(|(known, _)| *known == excuse) {
                Some((_, numbers)) => numbers.push(number),
                None => listed.push((excuse, vec![number])),
            }
        }
    }
    let listed = listed.into_iter().map(|((key, excuse), numbers)| {
        let label = format!("{key} {}", excuse.subject());
        let hides = hides(&key, &excuse).map_err(|what| broken(&label, &what))?;
        let (until, ended) = (excuse.until(), !excuse.holds(today));
        Ok(Entry { label, reason: excuse.reason, until, ended, hides, settings: Some(numbers) })
    });
    let excepted = policy.exceptions().iter().filter_map(|exception| {
        let path = exception.path.as_deref()?;
        let label = format!("exception {} {path} ({})", exception.id, exception.rule);
        Some(match PathGlob::new(path) {
            Err(what) => Err(broken(&label, &what)),
            Ok(glob) => Ok(Entry {
                label,
                reason: exception.reason.clone(),
                until: Some(exception.expires),
                ended: exception.is_expired(today),
                hides: Hides::Excepted(Box::new(exception.clone()), glob),
                settings: None,
            }),
        })
    });
    listed.chain(excepted).collect()
}

fn hides(key: &str, excuse: &Excuse) -> Result<Hides, String> {
    let glob = excuse.glob()?;
    if let Some(rule) = &excuse.rule {
        return Ok(Hides::Rule(rule.clone()));
    }
    Ok(match glob {
        glob if key == "secrets.allow" => Hides::Secrets(Box::new(Allowed::new(excuse)?), glob),
        Some(glob) if excuse.name.is_some() => Hides::Names(glob),
        Some(glob) => Hides::Paths(glob, key.split('.').next().unwrap_or(key).to_owned()),
        None => return Err("it names nothing".to_owned()),
    })
}

fn broken(label: &str, what: &str) -> Diagnosis {
    Diagnosis::fail(format!("{}: {}", escape(label), escape(what)), "gatepost config check")
}

/// Judges the files with nothing hidden.
fn sample(
    session: &Session,
    repository: &dyn Repository,
    policy: &Policy,
    files: Vec<(RepoPath, TreeEntry, usize)>,
) -> Result<Sample, Failure> {
    let bare = policy.without_excuses();
    let gates = CHECKS.iter().map(|wanted| {
        let context = Context { stage: stage(session, policy, wanted.section), ..session.context(&bare) };
        Gate::with_checks(&context, |check| check.section == wanted.section)
            .map(|gate| (wanted.section, gate))
    });
    let gates: Vec<_> = gates.collect::<Result<_, _>>()?;
    let (mut findings, mut searched, mut unreadable) = (Vec::new(), None, 0);
    let (mut read, mut buffer) = (0, Vec::new());
    for (index, (path, entry, settings)) in files.iter().enumerate() {
        if read > MOST_READ {
            searched = Some(index);
            break;
        }
        match judge(repository, &gates, path, entry, &mut buffer) {
            Ok(found) => findings.extend(found.into_iter().map(|(section, finding)| Found {
                section,
                finding,
                path: path.clone(),
                settings: *settings,
            })),
            Err(_) => unreadable += 1,
        }
        read += buffer.len() as u64;
    }
    let names = repository.references()?.into_iter();
    let branches =
        names.filter_map(|reference| RefName::branch(&reference.name).map(RepoPath::new)).collect();
    let files = files.into_iter().map(|(path, _, settings)| (path, settings)).collect();
    Ok(Sample { files, findings, searched, unreadable, branches })
}

/// A gate of a developer at which a section is on, where there is one; else one of a server.
fn stage(session: &Session, policy: &Policy, section: &str) -> Stage {
    let levels = policy.levels(section);
    let is_on = |stage: &&Stage| levels.as_ref().is_some_and(|levels| levels.at(**stage) != Level::Off);
    Stage::ALL.iter().find(is_on).copied().unwrap_or(session.stage)
}

/// What the gates say of one file, were it new.
fn judge(
    repository: &dyn Repository,
    gates: &[(&'static str, Gate)],
    path: &RepoPath,
    entry: &TreeEntry,
    buffer: &mut Vec<u8>,
) -> Result<Vec<(&'static str, Finding)>, Error> {
    buffer.clear();
    let size = repository.blob_size(&entry.id)?;
    let is_read = gates.iter().any(|(_, gate)| size <= gate.read_limit());
    if is_read {
        repository.read_blob(&entry.id, buffer)?;
    }
    let document = Document {
        path: Some(path),
        id: Some(entry.id),
        mode: Some(entry.mode),
        size,
        bytes: is_read.then_some(buffer.as_slice()),
        ..Document::new(DocumentKind::Blob, &[])
    };
    let mut all = Vec::new();
    for (section, gate) in gates {
        let mut found = Collector::default();
        gate.document(&document, &mut found);
        // What a comment allows is found as well: it is not the list that hides it.
        let allowed = found.suppressed.into_iter().map(|suppressed| suppressed.finding);
        all.extend(found.findings.into_iter().chain(allowed).map(|finding| (*section, finding)));
    }
    Ok(all)
}

fn looked_at(sample: &Sample) -> Diagnosis {
    let mut what = format!(
        "allow-lists are held against {} at HEAD and {} in them",
        count(sample.files.len(), "file", "files"),
        count(sample.findings.len(), "finding", "findings")
    );
    if let Some(searched) = sample.searched {
        let (searched, size) = (grouped(searched), MOST_READ >> 20);
        what.push_str(&format!("; only the first {searched} files, {size} MiB, were searched for findings"));
    }
    if sample.unreadable == 0 {
        return Diagnosis::ok(what);
    }
    let unreadable = count(sample.unreadable, "file", "files");
    Diagnosis::warn(format!("{what}; {unreadable} could not be read"), "`git fsck` names what is damaged")
}

/// What one entry hides, and whether that is nothing, or more than it should be.
fn line(entry: &Entry, sample: &Sample) -> Diagnosis {
    let of_files = |glob: &PathGlob| {
        let counts =
            |(path, settings): &&(RepoPath, usize)| entry.counts_in(*settings) && glob.is_match(path);
        let hidden = sample.files.iter().filter(counts).count();
        Share { hidden, all: sample.files.len(), one: "file", many: "files" }
    };
    let of_findings = |section: Option<&str>, hides: &dyn Fn(&Found) -> bool| {
        let all =
            || sample.findings.iter().filter(|found| section.is_none_or(|wanted| wanted == found.section));
        let hidden = all().filter(|found| entry.counts_in(found.settings) && hides(found)).count();
        Share { hidden, all: all().count(), one: "finding", many: "findings" }
    };
    let shares: Vec<Share> = match &entry.hides {
        Hides::Paths(glob, section) => {
            vec![of_files(glob), of_findings(Some(section), &|found| glob.is_match(&found.path))]
        }
        Hides::Names(glob) => {
            let hidden = sample.branches.iter().filter(|name| glob.is_match(name)).count();
            vec![Share { hidden, all: sample.branches.len(), one: "branch", many: "branches" }]
        }
        Hides::Secrets(allowed, glob) => {
            let covers =
                |found: &Found| allowed.covers(&found.finding, std::slice::from_ref(&found.path)).is_some();
            let files = glob.as_ref().map(of_files);
            files.into_iter().chain([of_findings(Some("secrets"), &covers)]).collect()
        }
        Hides::Rule(rule) => {
            vec![of_findings(Some("secrets"), &|found| found.finding.rule == *rule)]
        }
        Hides::Excepted(exception, glob) => {
            vec![of_files(glob), of_findings(None, &|found| exception.covers(&found.finding))]
        }
    };
    told(entry, &shares)
}

/// How much of what there is an entry hides.
struct Share {
    hidden: usize,
    all: usize,
    one: &'static str,
    many: &'static str,
}

impl Share {
    fn is_most(&self) -> bool {
        self.hidden.saturating_mul(2) > self.all
    }
}

fn told(entry: &Entry, shares: &[Share]) -> Diagnosis {
    let (label, reason) = (escape(&entry.label), escape(&entry.reason));
    let until = entry.until.map_or_else(String::new, |until| format!(", until {until}"));
    if let Some(until) = entry.until.filter(|_| entry.ended) {
        return Diagnosis::warn(
            format!("{label}  ended on {until}, hides nothing"),
            "renew it, or remove it",
        );
    }
    // An entry for secrets is used where it hides secrets; one that looks away is used where there are files.
    let counts = match entry.hides {
        Hides::Paths(..) | Hides::Names(_) => shares.first(),
        Hides::Secrets(..) | Hides::Rule(_) | Hides::Excepted(..) => shares.last(),
    };
    if counts.is_none_or(|share| share.hidden == 0) {
        let mend = "remove it, unless the history or another branch needs it";
        return Diagnosis::warn(
            format!("{label}  unused, hides nothing at HEAD  reason: {reason}{until}"),
            mend,
        );
    }
    let hidden: Vec<String> = shares.iter().map(shown).collect();
    let what = format!("{label}  hides {}  reason: {reason}{until}", hidden.join(", "));
    match shares.iter().find(|share| share.is_most()) {
        Some(share) => Diagnosis::warn(what, format!("it hides most {}: narrow it", share.many)),
        None => Diagnosis::ok(what),
    }
}

/// `120 of 1,430 files (8.4 %)`.
fn shown(share: &Share) -> String {
    let Share { hidden, all, one, many } = share;
    if *all == 0 {
        return format!("none of 0 {many}");
    }
    let thousandths = (hidden.saturating_mul(1000) + all / 2) / all;
    let percent = match (thousandths / 10, thousandths % 10) {
        (0, 0) if *hidden > 0 => "below 0.1".to_owned(),
        (whole, 0) => whole.to_string(),
        (whole, tenth) => format!("{whole}.{tenth}"),
    };
    let unit = if *all == 1 { one } else { many };
    format!("{} of {} {unit} ({percent} %)", grouped(*hidden), grouped(*all))
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_read_well() {
        let share = |hidden, all| shown(&Share { hidden, all, one: "file", many: "files" });
        assert_eq!(share(120, 1430), "120 of 1,430 files (8.4 %)");
        assert_eq!(share(3, 5), "3 of 5 files (60 %)");
        assert_eq!(share(1, 1), "1 of 1 file (100 %)");
        assert_eq!(share(1, 1_000_000), "1 of 1,000,000 files (below 0.1 %)");
        assert_eq!(share(0, 7), "0 of 7 files (0 %)");
        assert_eq!(share(0, 0), "none of 0 files");
    }

    #[test]
    fn what_was_not_searched_is_said() {
        let sample = |searched, unreadable| {
            let (findings, branches) = (Vec::new(), Vec::new());
            let sample = Sample {
                files: vec![(RepoPath::from("a"), 0); 1200],
                findings,
                searched,
                unreadable,
                branches,
            };
            let Diagnosis { mark, what, mend } = looked_at(&sample);
            format!("{mark} {what} {}", mend.unwrap_or_default())
        };
        insta::assert_snapshot!([sample(None, 0), sample(Some(1100), 0), sample(None, 1)].join("\n"));
    }

    #[test]
    fn an_entry_that_does_not_compile_is_told() {
        let text = format!(
            "[[secrets.allow]]\nvalue = \"a{}\"\nreason = \"a pattern too large\"\n",
            "{1000}".repeat(3)
        );
        let origin = gatepost_core::policy::Origin::File("gatepost.toml".to_owned());
        let policy =
            gatepost_core::policy::Policy::load(&[gatepost_core::policy::Layer { origin, text }]).unwrap();
        let told = entries(&policy, &[vec![]], Date::parse("2026-11-22").unwrap()).remove(0).err().unwrap();
        assert_eq!(told.mark, super::super::Mark::Fail);
        assert!(told.what.contains("`value` is not a regular expression"), "{}", told.what);
    }
}
