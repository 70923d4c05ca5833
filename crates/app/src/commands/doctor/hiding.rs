//! What the policy's allow-lists hide: each entry's share of the files at HEAD and of what is found in them without it.
//!
//! An entry that was right when it was written grows with the repository, or outlives what it was for, and nothing else tells.

use super::Diagnosis;
use crate::collect::Collector;
use crate::exit::Failure;
use crate::session::Session;
use gatepost_core::check::{CHECKS, Context};
use gatepost_core::policy::Excuse;
use gatepost_core::secrets::Allowed;
use gatepost_core::text::{PathGlob, escape};
use gatepost_core::{
    Date, Document, DocumentKind, Exception, Finding, Gate, Level, RefName, RepoPath, Stage, TreeEntry,
};
use gatepost_source::{Error, Head, Repository};

/// The most bytes that are searched for findings: a second or two, also in a repository of many gigabytes.
const MOST_READ: u64 = 512 << 20;

/// What an entry is held against.
pub(super) struct Sample {
    /// The files at HEAD.
    pub(super) files: Vec<RepoPath>,
    /// What is found in them when nothing is hidden: the section, and the finding with its one place.
    pub(super) findings: Vec<(&'static str, Finding)>,
    /// How many files were searched for findings; `None`: all of them.
    pub(super) searched: Option<usize>,
    /// How many files could not be read.
    pub(super) unreadable: usize,
    /// The names of the branches.
    pub(super) branches: Vec<RepoPath>,
}

/// An entry, ready to be asked.
struct Entry<'a> {
    label: String,
    reason: &'a str,
    until: Option<Date>,
    ended: bool,
    hides: Hides<'a>,
}

/// What an entry hides.
enum Hides<'a> {
    /// Every finding of a section at some paths.
    Paths(PathGlob, &'a str),
    /// The branches of some names.
    Names(PathGlob),
    /// Some secrets.
    Secrets(Box<Allowed>, Option<PathGlob>),
    /// What an exception covers.
    Excepted(&'a Exception, PathGlob),
}

/// The lines of the doctor about allow-lists; none when the policy has none.
pub(crate) fn diagnose(session: &Session, repository: &dyn Repository) -> Vec<Diagnosis> {
    let excuses = session.policy().excuses();
    let entries = entries(&excuses, session.policy().exceptions(), session.now.date());
    if entries.is_empty() {
        return Vec::new();
    }
    match sample(session, repository) {
        Ok(Some(sample)) => {
            let lines = entries.into_iter().map(|entry| match entry {
                Ok(entry) => line(&entry, &sample),
                Err(broken) => broken,
            });
            std::iter::once(looked_at(&sample)).chain(lines).collect()
        }
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

/// Every entry of the allow-lists, and every exception with a path; or what is wrong with it.
fn entries<'a>(
    excuses: &'a [(String, Excuse)],
    exceptions: &'a [Exception],
    today: Date,
) -> Vec<Result<Entry<'a>, Diagnosis>> {
    let listed = excuses.iter().map(|(key, excuse)| {
        let label = format!("{key} {}", excuse.subject());
        let hides = hides(key, excuse).map_err(|what| broken(&label, &what))?;
        let (until, ended) = (excuse.until(), !excuse.holds(today));
        Ok(Entry { label, reason: &excuse.reason, until, ended, hides })
    });
    let excepted = exceptions.iter().filter_map(|exception| Some((exception, exception.path.as_deref()?)));
    let excepted = excepted.map(|(exception, path)| {
        let label = format!("exception {} {path} ({})", exception.id, exception.rule);
        let hides = PathGlob::new(path).map(|glob| Hides::Excepted(exception, glob));
        let hides = hides.map_err(|what| broken(&label, &what))?;
        let (until, ended) = (Some(exception.expires), exception.is_expired(today));
        Ok(Entry { label, reason: &exception.reason, until, ended, hides })
    });
    listed.chain(excepted).collect()
}

fn hides<'a>(key: &'a str, excuse: &Excuse) -> Result<Hides<'a>, String> {
    let glob = excuse.glob()?;
    let section = key.split('.').next().unwrap_or(key);
    Ok(match glob {
        glob if key == "secrets.allow" => Hides::Secrets(Box::new(Allowed::new(excuse)?), glob),
        Some(glob) if excuse.name.is_some() => Hides::Names(glob),
        Some(glob) => Hides::Paths(glob, section),
        None => return Err("it names nothing".to_owned()),
    })
}

fn broken(label: &str, what: &str) -> Diagnosis {
    Diagnosis::fail(format!("{}: {}", escape(label), escape(what)), "gatepost config check")
}

/// Reads the files at HEAD and judges them with nothing hidden; `None` while there is no commit.
fn sample(session: &Session, repository: &dyn Repository) -> Result<Option<Sample>, Failure> {
    let (Head::Branch(_, head) | Head::Detached(head)) = repository.head()? else { return Ok(None) };
    let files: Vec<(RepoPath, TreeEntry)> =
        repository.files(&head)?.into_iter().filter(|(_, entry)| entry.mode.is_blob()).collect();
    let policy = session.policy().without_excuses();
    let gates = CHECKS.iter().map(|wanted| {
        let context = Context { stage: stage(session, wanted.section), ..session.context(&policy) };
        Gate::with_checks(&context, |check| check.section == wanted.section)
            .map(|gate| (wanted.section, gate))
    });
    let gates: Vec<_> = gates.collect::<Result<_, _>>()?;
    let (mut findings, mut searched, mut unreadable) = (Vec::new(), None, 0);
    let (mut read, mut buffer) = (0, Vec::new());
    for (index, (path, entry)) in files.iter().enumerate() {
        if read > MOST_READ {
            searched = Some(index);
            break;
        }
        match judge(repository, &gates, path, entry, &mut buffer) {
            Ok(found) => findings.extend(found),
            Err(_) => unreadable += 1,
        }
        read += buffer.len() as u64;
    }
    let names = repository.references()?.into_iter();
    let branches = names.filter_map(|reference| RefName::branch(&reference.name).map(RepoPath::new));
    let branches = branches.collect();
    let files = files.into_iter().map(|(path, _)| path).collect();
    Ok(Some(Sample { files, findings, searched, unreadable, branches }))
}

/// A gate of a developer at which a section is on, where there is one; else one of a server.
fn stage(session: &Session, section: &str) -> Stage {
    let levels = session.policy().levels(section);
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
fn line(entry: &Entry<'_>, sample: &Sample) -> Diagnosis {
    let files = |glob: &PathGlob| sample.files.iter().filter(|path| glob.is_match(path)).count();
    let places = |finding: &Finding| -> Vec<RepoPath> {
        finding.locations.iter().filter_map(|place| place.path.clone()).collect()
    };
    let in_section = |wanted: &str| -> Vec<&Finding> {
        let found = sample.findings.iter().filter(|(section, _)| *section == wanted);
        found.map(|(_, finding)| finding).collect()
    };
    let of_files = |hidden: usize| Share { hidden, all: sample.files.len(), one: "file", many: "files" };
    let of_findings = |hidden: usize, all: usize| Share { hidden, all, one: "finding", many: "findings" };
    let shares: Vec<Share> = match &entry.hides {
        Hides::Paths(glob, section) => {
            let covered = |finding: &Finding| places(finding).iter().any(|path| glob.is_match(path));
            let found = in_section(section);
            let hidden = found.iter().filter(|finding| covered(finding)).count();
            vec![of_files(files(glob)), of_findings(hidden, found.len())]
        }
        Hides::Names(glob) => {
            let hidden = sample.branches.iter().filter(|name| glob.is_match(name)).count();
            vec![Share { hidden, all: sample.branches.len(), one: "branch", many: "branches" }]
        }
        Hides::Secrets(allowed, glob) => {
            let covered = |finding: &Finding| allowed.covers(finding, &places(finding)).is_some();
            let found = in_section("secrets");
            let hidden = found.iter().filter(|finding| covered(finding)).count();
            let files = glob.as_ref().map(|glob| of_files(files(glob)));
            files.into_iter().chain([of_findings(hidden, found.len())]).collect()
        }
        Hides::Excepted(exception, glob) => {
            let hidden = sample.findings.iter().filter(|(_, finding)| exception.covers(finding)).count();
            vec![of_files(files(glob)), of_findings(hidden, sample.findings.len())]
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

fn told(entry: &Entry<'_>, shares: &[Share]) -> Diagnosis {
    let (label, reason) = (escape(&entry.label), escape(entry.reason));
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
        Hides::Secrets(..) | Hides::Excepted(..) => shares.last(),
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

/// `1,430`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
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
            let sample =
                Sample { files: vec![RepoPath::from("a"); 1200], findings, searched, unreadable, branches };
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
        let excuses = policy.excuses();
        let told = entries(&excuses, &[], Date::parse("2026-11-22").unwrap()).remove(0).err().unwrap();
        assert_eq!(told.mark, super::super::Mark::Fail);
        assert!(told.what.contains("`value` is not a regular expression"), "{}", told.what);
    }
}
