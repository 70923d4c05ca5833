//! Which policy and which baseline a run obeys, by where it runs.
//!
//! On a developer's machine both come from the work tree. On a server and in CI they come from what the change under
//! judgement cannot alter: the server's own file, the revision before the change, or a file that is named.

use crate::args::Common;
use crate::commands::{baseline, init};
use crate::exit::Failure;
use crate::fingerprint_key;
use crate::repository_policy::{self, OnTop};
use crate::rules;
use crate::session;
use crate::settings::exceptions::{self, RecordFile};
use crate::settings::{self, EXCEPTIONS_FILE, FILE_NAMES, Inputs, Start};
use crate::trees::Trees;
use gatepost_core::baseline::Baseline;
use gatepost_core::exceptions::{Facts, problems, severity};
use gatepost_core::fingerprint::FingerprintKey;
use gatepost_core::policy::{Layer, Origin, Policy, PolicyError, Purpose, Schema};
use gatepost_core::server::{Config, RepositoryPolicy};
use gatepost_core::{FileMode, ObjectId, RefUpdate, RepoPath, Stage};
use gatepost_source::{Head, Repository};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The name of the baseline, unless the policy has another.
const BASELINE: &str = "gatepost-baseline.txt";

/// Where the policy of a run comes from.
#[derive(Clone, Copy)]
pub(crate) enum PolicySource<'a> {
    /// The work tree of a repository, or none: a developer's machine.
    WorkTree(Option<&'a dyn Repository>),
    /// A commit that the change under judgement cannot alter.
    Revision(&'a dyn Repository, ObjectId),
    /// A server's repository: `gatepost.toml` in its directory, else that of the default branch before the push.
    Server(&'a dyn Repository),
}

/// The policy in force and what came with it.
pub(crate) struct Settings {
    /// The layers that were found and the policy that they make.
    pub(crate) found: settings::Settings,
    pub(crate) baseline: Option<Baseline>,
    /// Where the baseline is, or would be; `None` without a work tree.
    pub(crate) baseline_path: Option<PathBuf>,
    /// The policy file, where there is one on the disk.
    pub(crate) file: Option<PathBuf>,
    /// The files on the disk that records may stand in: that of exceptions, which need not be there, then the policy.
    pub(crate) record_files: Vec<RecordFile>,
    /// The key of fingerprints that the policy leaves to this machine.
    pub(crate) fingerprint_key: Option<FingerprintKey>,
    /// What is worth saying about where these came from.
    pub(crate) notices: Vec<String>,
    /// Where a server lets the repository's own policy make its own stricter: what became of it.
    pub(crate) on_top: Option<OnTop>,
}

/// A trusted revision's policy file and file of exceptions, where it has them.
pub(crate) struct Trusted {
    commit: ObjectId,
    pub(crate) file: Option<(&'static str, Vec<u8>)>,
    pub(crate) exceptions: Option<Layer>,
}

/// Reads the policy and the baseline of a run.
///
/// # Errors
///
/// Whatever is wrong with either.
pub(crate) fn load(common: &Common, stage: Stage, source: PolicySource<'_>) -> Result<Settings, Failure> {
    let repository = source.repository();
    let root = repository.and_then(|repository| repository.info().work_tree.clone());
    if let Some(file) = common.config.as_deref().filter(|_| stage != Stage::Scan) {
        refuse_own_judge(file, source, root.as_deref())?;
    }
    let server_file = source.server_file()?;
    let named = common.config.is_some() || common.no_config || server_file.is_some();
    let trusted = match (named, source) {
        (false, PolicySource::Revision(repository, commit)) => Some(trusted(repository, commit)?),
        (false, PolicySource::Server(repository)) => default_branch(repository)?,
        _ => None,
    };
    let git_dir = repository.map(|repository| repository.info().git_dir.clone()).unwrap_or_default();
    let commit = trusted.as_ref().map(|trusted| trusted.commit.to_string()).unwrap_or_default();
    let start = if let Some(file) = &common.config {
        Start::File(file)
    } else if common.no_config {
        Start::Nothing { root: root.as_deref() }
    } else if let Some(file) = &server_file {
        Start::File(file)
    } else if let Some(Trusted { file: Some((path, bytes)), .. }) = &trusted {
        Start::Revision {
            repository: &git_dir,
            folder: root.as_deref().unwrap_or(&git_dir),
            extends_disk: stage == Stage::Ci && root.is_some(),
            commit: &commit,
            path,
            bytes,
        }
    } else if let (PolicySource::WorkTree(_), Some(root)) = (source, &root) {
        Start::WorkTree(root)
    } else {
        Start::Nothing { root: None }
    };
    let environment: Vec<(OsString, OsString)> = std::env::vars_os().collect();
    let purpose = if stage == Stage::Scan { Purpose::Scan } else { Purpose::Gate };
    let mut elsewhere: Vec<Layer> = trusted.iter().filter_map(|trusted| trusted.exceptions.clone()).collect();
    if let (false, PolicySource::Server(_)) = (named, source) {
        // The administrator's own exceptions to the policy of the default branch.
        elsewhere.extend(exceptions::read(&exceptions::beside(&git_dir))?);
    }
    let flags = profile(common.profile.as_deref())?;
    let inputs = Inputs {
        schema: Schema::built_in(),
        purpose,
        start,
        exceptions: &elsewhere,
        environment: &environment,
        flags: &flags,
    };
    // Files of the same commit come from the repository as it is open: a push is still in quarantine.
    let mut found = settings::Settings::discover(&inputs, &mut Trees { repository, git_dir: &git_dir })?;
    let wrong = record_errors(&found.policy);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let key = fingerprint_key::external(&found.policy, repository)?;
    let on_top = match source {
        PolicySource::Server(repository) if named && is_laid_over(&found.policy)? => {
            Some(repository_policy::lay(&mut found, repository, stage, key.as_ref())?)
        }
        _ => None,
    };
    let record_files = [exceptions::file_of(&inputs.start), exceptions::policy_file_of(&inputs.start)];
    let mut settings = Settings {
        file: file_on_disk(&inputs.start),
        record_files: record_files.into_iter().flatten().collect(),
        fingerprint_key: key,
        found,
        baseline: None,
        baseline_path: None,
        notices: notices(&trusted, stage),
        on_top,
    };
    settings.notices.extend(settings.on_top.iter().flat_map(|on_top| on_top.notices.clone()));
    settings.read_baseline(source, root.as_deref(), trusted.as_ref())?;
    Ok(settings)
}

/// At a gate `--config` must not put another policy in the place of the repository's, nor, in CI, one that the judged change
/// brings along. On a server the hook is the administrator's, and so is the flag in it.
fn refuse_own_judge(file: &Path, source: PolicySource<'_>, root: Option<&Path>) -> Result<(), Failure> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (named, root) = (real(file), root.map(real));
    match (source, root) {
        (PolicySource::WorkTree(_), Some(root)) => {
            let own = FILE_NAMES.iter().map(|name| root.join(name)).find(|path| path.exists());
            let Some(own) = own.filter(|own| real(own) != named) else { return Ok(()) };
            Err(Failure::usage(
                format!(
                    "--config {} would take the place of the policy in {}",
                    file.display(),
                    own.display()
                ),
                "leave the flag away: at a gate the repository's policy is in force; it can extend that file",
            ))
        }
        (PolicySource::Revision(..), Some(root)) if named.starts_with(&root) => Err(Failure::usage(
            format!(
                "--config {} is a file of the judged work tree: a change could bring its own judge",
                file.display()
            ),
            "leave the flag away: the policy of --from-ref is in force; or name a file outside of the work tree",
        )),
        _ => Ok(()),
    }
}

/// The layer that `--profile` is.
fn profile(name: Option<&str>) -> Result<Vec<Layer>, Failure> {
    let Some(name) = name else { return Ok(Vec::new()) };
    let preset = init::find(name).map_err(|what| Failure::usage(what, "gatepost config presets"))?;
    let origin = Origin::Flag(format!("--profile {}", preset.name));
    Ok(vec![Layer { origin, text: preset.text.to_owned() }])
}

/// What is wrong with the records of a policy that is sound otherwise.
pub(crate) fn record_errors(policy: &Policy) -> Vec<PolicyError> {
    let mut wrong = policy.own_rules_that_are_built_in(&gatepost_rules::BUILTIN.ids().collect::<Vec<_>>());
    let rules: Vec<&str> = rules::ids(policy).collect();
    wrong.extend(policy.unknown_secret_rules(&rules));
    wrong.extend(policy.closed_code_errors(&rules));
    if policy.exceptions().is_empty() && policy.is_built_in("exceptions") {
        return wrong;
    }
    wrong.extend(policy.exceptions_for_unknown_rules(&rules));
    let severity = |name: &str| severity(rules::find(policy, name), name);
    wrong.extend(problems(policy, &Facts { severity: &severity, today: session::now().date() }));
    wrong
}

impl<'a> PolicySource<'a> {
    fn repository(self) -> Option<&'a dyn Repository> {
        match self {
            Self::WorkTree(repository) => repository,
            Self::Revision(repository, _) | Self::Server(repository) => Some(repository),
        }
    }

    /// The administrator's file in a server's repository: nobody who pushes can write there. A link that leads nowhere is
    /// there all the same, and fails aloud when it is read.
    fn server_file(self) -> Result<Option<PathBuf>, Failure> {
        let Self::Server(repository) = self else { return Ok(None) };
        let git_dir = &repository.info().git_dir;
        let mut found =
            FILE_NAMES.iter().map(|name| git_dir.join(name)).filter(|path| path.symlink_metadata().is_ok());
        match (found.next(), found.next()) {
            (Some(_), Some(_)) => Err(both(&git_dir.display().to_string())),
            (first, _) => Ok(first),
        }
    }
}

/// Whether the repository's own policy lies over the server's.
fn is_laid_over(policy: &Policy) -> Result<bool, PolicyError> {
    Ok(Config::new(policy)?.repository_policy == RepositoryPolicy::Stricter)
}

impl Settings {
    /// SHA-256 of what the policy says, without what a repository adds to a server's.
    pub(crate) fn digest(&self) -> String {
        self.on_top.as_ref().map_or(&self.found.policy, |on_top| &on_top.server.policy).digest()
    }

    /// The baseline: from the work tree at home, from the trusted revision where changes are not trusted.
    fn read_baseline(
        &mut self,
        source: PolicySource<'_>,
        root: Option<&Path>,
        trusted: Option<&Trusted>,
    ) -> Result<(), Failure> {
        let name = baseline_name(&self.found.policy);
        let text = match (source, trusted) {
            (PolicySource::WorkTree(_), _) => {
                let Some(root) = root else { return Ok(()) };
                let path = root.join(&name);
                let text = match std::fs::read_to_string(&path) {
                    Ok(text) => Some(text),
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                    Err(error) => {
                        return Err(Failure::usage(
                            format!("cannot read the baseline {}: {error}", path.display()),
                            "make it readable, or name another one: [secrets] baseline = \"FILE\"",
                        ));
                    }
                };
                self.baseline_path = Some(path);
                text
            }
            (PolicySource::Revision(repository, commit), _) => blob(repository, &commit, &name)?,
            (PolicySource::Server(repository), Some(trusted)) => blob(repository, &trusted.commit, &name)?,
            (PolicySource::Server(_), None) => None,
        };
        self.baseline = text.map(|text| parse(&text, &name)).transpose()?;
        Ok(())
    }
}

fn parse(text: &str, name: &str) -> Result<Baseline, Failure> {
    Baseline::parse(text).map_err(|errors| Failure::Rendered(baseline::render_errors(name, &errors)))
}

/// The policy file of a commit.
pub(crate) fn trusted(repository: &dyn Repository, commit: ObjectId) -> Result<Trusted, Failure> {
    let records = bytes(repository, &commit, EXCEPTIONS_FILE)?;
    let exceptions = records.map(|bytes| exceptions::of_revision(&commit.to_string(), bytes)).transpose()?;
    let mut file = None;
    for name in FILE_NAMES {
        match (bytes(repository, &commit, name)?, &file) {
            (Some(_), Some(_)) => return Err(both(&commit.to_string())),
            (Some(text), None) => file = Some((name, text)),
            (None, _) => {}
        }
    }
    Ok(Trusted { commit, file, exceptions })
}

/// Nobody could tell which of two policies is in force.
fn both(place: &str) -> Failure {
    Failure::usage(
        format!("{place} has both {} and {}", FILE_NAMES[0], FILE_NAMES[1]),
        "keep one of them: nobody could tell which one is in force",
    )
}

/// The name of the baseline, relative to the policy.
pub(crate) fn baseline_name(policy: &Policy) -> String {
    policy.text("secrets.baseline").unwrap_or_else(|| BASELINE.to_owned())
}

/// The default branch's value before and after a push, where the push changes it and policy is read from it.
///
/// # Errors
///
/// A HEAD that cannot be read.
pub(crate) fn next(
    settings: &Settings,
    repository: &dyn Repository,
    pushed: &[RefUpdate],
) -> Result<Option<(Option<ObjectId>, ObjectId)>, Failure> {
    if settings.on_top.is_none() && PolicySource::Server(repository).server_file()?.is_some() {
        return Ok(None);
    }
    let (Head::Branch(name, _) | Head::Unborn(name)) = repository.head()? else { return Ok(None) };
    let update = pushed.iter().find(|update| update.name == name);
    Ok(update.and_then(|update| Some((update.old, update.new?))))
}

/// The default branch of a server's repository before the push; `None` while it has no commit.
fn default_branch(repository: &dyn Repository) -> Result<Option<Trusted>, Failure> {
    match repository.head()? {
        Head::Branch(_, commit) | Head::Detached(commit) => Ok(Some(trusted(repository, commit)?)),
        Head::Unborn(name) => {
            // HEAD that names a branch which nobody uses: the policy would be looked for where there is none.
            for reference in repository.references()?.iter().filter(|one| one.name.branch().is_some()) {
                if let Trusted { file: Some((file, _)), .. } = trusted(repository, reference.target)? {
                    let (head, other) = (name.escaped(), reference.name.escaped());
                    return Err(Failure::usage(
                        format!(
                            "HEAD names {head}, which does not exist, and {other} has a {file} that would not be obeyed"
                        ),
                        "name the default branch on the server: git symbolic-ref HEAD refs/heads/main",
                    ));
                }
            }
            Ok(None)
        }
    }
}

fn bytes(repository: &dyn Repository, commit: &ObjectId, name: &str) -> Result<Option<Vec<u8>>, Failure> {
    let Some(entry) = repository.entry(commit, &RepoPath::from(name))? else { return Ok(None) };
    if !matches!(entry.mode, FileMode::File | FileMode::Executable) {
        return Err(Failure::usage(
            format!("{name} at {} is no file, but a link, a folder or a submodule", commit.short()),
            "put the file itself there: what it names cannot be followed in a revision",
        ));
    }
    let mut buffer = Vec::new();
    repository.read_blob(&entry.id, &mut buffer)?;
    Ok(Some(buffer))
}

fn blob(repository: &dyn Repository, commit: &ObjectId, name: &str) -> Result<Option<String>, Failure> {
    Ok(bytes(repository, commit, name)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

fn file_on_disk(start: &Start<'_>) -> Option<PathBuf> {
    match start {
        Start::WorkTree(root) => FILE_NAMES.iter().map(|name| root.join(name)).find(|path| path.exists()),
        Start::File(path) => Some(path.to_path_buf()),
        Start::Nothing { .. } | Start::Revision { .. } => None,
    }
}

/// A policy that is not where people look for it is said.
fn notices(trusted: &Option<Trusted>, stage: Stage) -> Vec<String> {
    match trusted {
        Some(Trusted { commit, file: Some((name, _)), .. }) => {
            vec![format!("the policy is {name} at {}", commit.short())]
        }
        Some(Trusted { commit, file: None, .. }) if stage.distrusts_change() => {
            vec![format!("{} has no gatepost.toml: the built-in policy is in force", commit.short())]
        }
        _ => Vec::new(),
    }
}
