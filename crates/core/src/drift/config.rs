//! The section `[drift]` of the policy, and which files the policy in force makes worth watching.

use crate::check::Context;
use crate::policy::{Key, Kind, Levels, Origin, Policy, PolicyError, SeverityLevels, Strictness};
use crate::signature::TrustFileKind;
use crate::{Level, RepoPath, signatures};
use serde::Deserialize;

/// The section, as the policy holds it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    /// What a weakened gate means, by stage.
    pub level: Levels,
}

pub(super) const KEYS: &[Key] = &[Key {
    name: "level",
    kind: Kind::Levels,
    default: "\"warn\"",
    strictness: Strictness::Levels,
    help: "What a change means that removes or weakens a gate: a policy that lets more through, a hook or CI step that is gone or no longer blocks.",
}];

/// The section, made ready for a stage.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) level: SeverityLevels,
    /// The path of the baseline.
    pub(super) baseline: RepoPath,
    /// The names of the layers that the policy in force was made of: of files with folders in front that are not the
    /// repository's, of revisions with `repository:` in front.
    layers: Vec<String>,
    /// The folders of the rule files, named as the layers are.
    rule_folders: Vec<String>,
    /// The files of keys that the policy in force names: what they are, and their paths without what leads out of a folder.
    key_files: Vec<(TrustFileKind, String)>,
}

/// The baseline's name, unless the policy has another.
const BASELINE: &str = "gatepost-baseline.txt";

impl Settings {
    pub(super) fn new(context: &Context<'_>) -> Result<Self, PolicyError> {
        let config: Config = context.policy.section("drift")?;
        let baseline = context.policy.text("secrets.baseline");
        Ok(Self {
            level: config.level.by_severity(context.stage),
            baseline: RepoPath::from(baseline.as_deref().unwrap_or(BASELINE)),
            layers: layers(context.policy),
            rule_folders: rule_folders(context.policy),
            key_files: key_files(&signatures::Config::new(context.policy)?),
        })
    }

    pub(super) fn is_off(&self) -> bool {
        self.level.strictest() == Level::Off
    }

    /// Whether this may be a file of rules that the policy in force names.
    pub(super) fn is_rule_file(&self, path: &RepoPath) -> bool {
        let path = path.escaped();
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path.as_ref()));
        let is_folder = |known: &String| {
            let before = known.strip_suffix(folder);
            before.is_some_and(|before| before.is_empty() || before.ends_with(['/', ':']))
        };
        name.ends_with(".toml") && self.rule_folders.iter().any(is_folder)
    }

    /// Whether this may be a file of such keys that the policy in force names. They stand where the policy stands, which may be
    /// a folder of its own.
    pub(super) fn is_key_file(&self, kind: TrustFileKind, path: &RepoPath) -> bool {
        let path = path.escaped();
        self.key_files.iter().any(|(known, name)| {
            let before = path.strip_suffix(name.as_str());
            *known == kind && before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
        })
    }

    /// Whether the policy in force extends this file, as far as a name can tell.
    pub(super) fn is_layer(&self, path: &RepoPath) -> bool {
        let path = path.escaped();
        let is_path = |name: &String| {
            let before = name.strip_suffix(path.as_ref());
            before.is_some_and(|before| before.is_empty() || before.ends_with(['/', ':']))
        };
        !path.is_empty() && self.layers.iter().any(is_path)
    }
}

fn key_files(config: &signatures::Config) -> Vec<(TrustFileKind, String)> {
    let lists = [
        (TrustFileKind::AllowedSigners, &config.allowed_signers_files),
        (TrustFileKind::OpenPgpKeys, &config.openpgp_keys_files),
        (TrustFileKind::RevokedKeys, &config.revoked_keys_files),
    ];
    let inside = |name: &String| {
        let parts = name.split('/').filter(|part| !matches!(*part, "" | "." | ".."));
        parts.collect::<Vec<_>>().join("/")
    };
    let files =
        lists.into_iter().flat_map(|(kind, names)| names.iter().map(move |name| (kind, inside(name))));
    files.filter(|(_, name)| !name.is_empty()).collect()
}

/// A file of rules can come into a folder and leave it: the folder is what is watched.
fn rule_folders(policy: &Policy) -> Vec<String> {
    let (mut out, layers) = (Vec::new(), layers(policy));
    for own in policy.own_rules() {
        if let (Origin::File(name) | Origin::Revision { path: name, .. }, _) = own.origin()
            && !layers.contains(name)
        {
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
            if !out.contains(&folder) {
                out.push(folder);
            }
        }
    }
    out
}

fn layers(policy: &Policy) -> Vec<String> {
    let overlays = policy.overlays().iter().map(|overlay| overlay.origin().0.clone());
    let mut out = Vec::new();
    for origin in policy.entries().into_iter().map(|entry| entry.origin).chain(overlays) {
        if let Origin::File(name) | Origin::Revision { path: name, .. } = origin
            && !out.contains(&name)
        {
            out.push(name);
        }
    }
    out
}
