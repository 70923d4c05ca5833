//! Which layers a policy has, and where each is read from. What they mean is `gatepost_core::policy`.
//!
//! In order, each overriding the ones before: the built-in defaults, what the policy file extends, the policy
//! file itself, the file of exceptions beside it, `GATEPOST_*` environment variables, flags. The policy file is `gatepost.toml` or
//! `.gatepost.toml` at the root of the work tree, the one that `--config` names, or, where the change under
//! judgement is not trusted, the one of a base revision.

pub mod environment;
pub mod exceptions;
mod extends;
mod file;
mod rule_files;
mod trust_files;

pub use exceptions::EXCEPTIONS_FILE;
pub use extends::{ReadRevision, Revisions};

use gatepost_core::policy::{Layer, Origin, Policy, PolicyError, Purpose, Schema, exception_file_errors};
use gatepost_core::signature::{Trust, TrustFile};
use gatepost_core::signatures;
use std::ffi::OsString;
use std::path::Path;

/// The names of the policy file, the usual one first.
pub const FILE_NAMES: [&str; 2] = ["gatepost.toml", ".gatepost.toml"];

/// Where the policy file comes from.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    /// The root of the work tree; it may have no policy file.
    WorkTree(&'a Path),
    /// `--config FILE`: this file and no other.
    File(&'a Path),
    /// `--no-config`, or a place without a policy: the defaults.
    ///
    /// At a gate, a work tree at `root` that has a policy file is an error: a flag must not switch a gate's policy off.
    Nothing {
        /// The root of the work tree, where there is one.
        root: Option<&'a Path>,
    },
    /// The file of a revision that is trusted more than the change.
    Revision {
        /// The repository that the commit is in.
        repository: &'a Path,
        /// What relative paths to other repositories count from: the work tree's root, or a bare repository.
        folder: &'a Path,
        /// Whether it may extend files of the disk outside of `folder`: in CI, where the machine is that of whoever runs the
        /// job. On a server a pusher could ask for any file.
        extends_disk: bool,
        /// The commit, in hexadecimal.
        commit: &'a str,
        /// The file's path in it.
        path: &'a str,
        /// The file's bytes.
        bytes: &'a [u8],
    },
}

/// What settings are made of.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The keys there are.
    pub schema: Schema,
    /// A gate or a scan.
    pub purpose: Purpose,
    /// Where the policy file comes from.
    pub start: Start<'a>,
    /// Files of exceptions that stand in no folder: those of a revision. That of a folder is found beside the policy.
    pub exceptions: &'a [Layer],
    /// The process's environment.
    pub environment: &'a [(OsString, OsString)],
    /// The flags that set keys, one layer each.
    pub flags: &'a [Layer],
}

/// The layers that were found and the policy that they make.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The layers, in order, without the built-in one.
    pub layers: Vec<Layer>,
    /// The rule files that the layers name, in their order.
    pub rule_files: Vec<Layer>,
    /// The files of keys that the layers name.
    pub trust_files: Vec<TrustFile>,
    /// The policy, with the rules of these files.
    pub policy: Policy,
}

impl Settings {
    /// Finds and reads every layer and merges them. `revisions` has the files of commits, for `extends` and
    /// for rule files.
    ///
    /// # Errors
    ///
    /// Everything that is wrong: files that cannot be read, cycles, unknown variables, and every mistake in
    /// every layer.
    pub fn discover(inputs: &Inputs<'_>, revisions: &mut dyn Revisions) -> Result<Self, Vec<PolicyError>> {
        let mut errors = Vec::new();
        let extends::Resolved { mut layers, rule_files, trust_files } =
            extends::Resolver::new(inputs.schema, revisions).layers(inputs, &mut errors);
        match exceptions::layers(inputs) {
            Ok(found) => {
                errors.extend(found.iter().flat_map(exception_file_errors));
                layers.extend(found);
            }
            Err(error) => errors.push(error),
        }
        layers.extend(environment::layers(&inputs.schema, inputs.environment, &mut errors));
        layers.extend(inputs.flags.iter().cloned());
        let loaded = Policy::load_for(inputs.schema, inputs.purpose, &layers);
        let loaded = loaded.and_then(|mut policy| policy.add_rule_files(&rule_files).map(|()| policy));
        match loaded {
            Ok(mut policy) if errors.is_empty() => {
                for file in &trust_files {
                    policy.add_contents(file.kind.key(), &file.bytes);
                }
                Ok(Self { layers, rule_files, trust_files, policy })
            }
            Ok(_) => Err(errors),
            Err(wrong) => {
                errors.extend(wrong);
                Err(errors)
            }
        }
    }

    /// Whose signatures count: what the policy says, and the files that it names.
    ///
    /// # Errors
    ///
    /// What nobody understands in either.
    pub fn trust(&self) -> Result<Trust, Vec<PolicyError>> {
        let config = signatures::Config::new(&self.policy);
        let mut trust = config.and_then(|config| config.trust(&self.policy)).map_err(|error| vec![error])?;
        for file in &self.trust_files {
            let added = trust.add_file(file);
            added.map_err(|why| vec![whole(Origin::File(file.name.clone()), why, None)])?;
        }
        Ok(trust)
    }
}

/// An error about a whole layer.
fn whole(origin: Origin, message: String, help: impl Into<Option<String>>) -> PolicyError {
    PolicyError { origin, line: None, column: None, source_line: None, message, help: help.into() }
}

#[cfg(test)]
pub(crate) mod tests;
