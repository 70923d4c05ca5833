//! The section `[files]` of the policy, and the settings of one path.

use super::content::LONGEST_POINTER;
use super::encrypted::ApprovedKeys;
use super::tree::{self, Tree, TreeRules};
use crate::policy::{
    EXCUSED_PATHS, Excuse, Key, Kind, Levels, Policy, PolicyError, SeverityLevels, Strictness,
};
use crate::text::{PathGlob, Size};
use crate::{Date, Level, RepoPath, Stage};
use serde::{Deserialize, Deserializer, de};

/// The section, as the policy holds it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    /// What a broken rule means, by stage. `off` switches every rule of the section off.
    pub level: Levels,
    /// The largest file.
    pub max_size: Size,
    /// What a new binary means.
    #[serde(deserialize_with = "level")]
    pub binary: Level,
    /// Paths that no commit brings.
    pub forbid: Vec<String>,
    /// What encrypted material means.
    pub encrypted: Encrypted,
    /// The keys that may open it.
    pub key_management: Vec<String>,
    /// What a tree may hold.
    #[serde(flatten)]
    pub tree: Tree,
    /// Paths that are not judged.
    pub exclude: Vec<Excuse>,
    /// Settings of certain paths; of those that match, later blocks win, key by key.
    #[serde(default)]
    pub path: Vec<Override>,
}

/// One `[[files.path]]`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Override {
    /// The paths.
    #[serde(rename = "match")]
    pub paths: Vec<String>,
    /// Their `level`.
    pub level: Option<Levels>,
    /// Their `max-size`.
    pub max_size: Option<Size>,
    /// Their `binary`.
    #[serde(default, deserialize_with = "some_level")]
    pub binary: Option<Level>,
    /// Their `encrypted`.
    pub encrypted: Option<Encrypted>,
    /// Their `key-management`.
    pub key_management: Option<Vec<String>>,
}

/// What encrypted material means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encrypted {
    /// It is not looked for.
    Allow,
    /// Every key that can open it is approved, or it is denied.
    Approved,
    /// It is denied.
    Deny,
}

/// `allow` is a word for `off` that reads better after `binary =`.
pub(super) fn level<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Level, D::Error> {
    let word = String::deserialize(deserializer)?;
    match word.as_str() {
        "allow" => Ok(Level::Off),
        "off" => Err(de::Error::custom("`off` is not known here: allow, note, warn or deny")),
        other => Level::from_word(other).ok_or_else(|| {
            de::Error::custom(format!("`{other}` is not known here: allow, note, warn or deny"))
        }),
    }
}

fn some_level<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Level>, D::Error> {
    level(deserializer).map(Some)
}

const BINARY: Kind = Kind::Choice(&["allow", "note", "warn", "deny"]);
const ENCRYPTED: Kind = Kind::Choice(&["allow", "approved", "deny"]);
const ENCRYPTED_STRICTNESS: Strictness = Strictness::Words(&[&["allow"], &["approved"], &["deny"]]);

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "level",
        kind: Kind::Levels,
        default: "\"warn\"",
        strictness: Strictness::Levels,
        help: "What a file that is too large, or a broken LFS pointer, means: deny, warn, note, or one of these by stage. off switches the whole section off.",
    },
    Key {
        name: "max-size",
        kind: Kind::Size,
        default: "\"5 MiB\"",
        strictness: Strictness::Smaller,
        help: "The largest file, by its size in the object database. A pointer of Git LFS is small.",
    },
    Key {
        name: "binary",
        kind: BINARY,
        default: "\"warn\"",
        strictness: Strictness::Words(&[&["allow"], &["note"], &["warn"], &["deny"]]),
        help: "What a new file that is no text means: allow, note, warn or deny.",
    },
    Key {
        name: "forbid",
        kind: Kind::List(&Kind::Glob),
        default: "[]",
        strictness: Strictness::MoreItems,
        help: "Paths that no commit may add or change: `*.pfx`, `.env`, `id_rsa`. They are denied unless the section is off.",
    },
    Key {
        name: "encrypted",
        kind: ENCRYPTED,
        default: "\"allow\"",
        strictness: ENCRYPTED_STRICTNESS,
        help: "What a file with encrypted material (SOPS, Ansible Vault, git-crypt, Sealed Secrets, age, OpenPGP) means: allow, approved (every key that can open it is in key-management), deny. It is denied unless the section is off.",
    },
    Key {
        name: "key-management",
        kind: Kind::List(&Kind::Glob),
        default: "[]",
        strictness: Strictness::FewerItems,
        help: "The approved keys, as globs in which `*` crosses `/`: `aws-kms:arn:aws:kms:eu-central-1:111122223333:*`, `age:age1…`, `pgp:FINGERPRINT`, `ansible-vault:prod`, `sealed-secrets`.",
    },
    tree::PATH_MAX,
    tree::WINDOWS_PATHS,
    tree::SYMLINKS_OUTSIDE,
    tree::SUBMODULES,
    tree::EXECUTABLE_WITHOUT_SHEBANG,
    tree::SHEBANG_WITHOUT_EXECUTABLE,
    tree::EOL_LF,
    tree::EOL_CRLF,
    tree::LFS_REQUIRED,
    tree::NOT_EMPTY,
    tree::REQUIRE,
    tree::CASE_CLASHES,
    tree::CODEOWNERS,
    tree::OWNED_PATHS,
    Key {
        name: "exclude",
        kind: EXCUSED_PATHS,
        default: "[]",
        strictness: Strictness::FewerExcuses,
        help: "Paths that are not judged, each entry with a reason. They are counted in the report.",
    },
    Key {
        name: "path",
        kind: Kind::Tables(&[
            Key {
                name: "match",
                kind: Kind::List(&Kind::Glob),
                default: "",
                strictness: Strictness::Unordered,
                help: "The paths the block is for.",
            },
            Key {
                name: "level",
                kind: Kind::Levels,
                default: "",
                strictness: Strictness::Levels,
                help: "Their `level`.",
            },
            Key {
                name: "max-size",
                kind: Kind::Size,
                default: "",
                strictness: Strictness::Smaller,
                help: "Their `max-size`.",
            },
            Key {
                name: "binary",
                kind: BINARY,
                default: "",
                strictness: Strictness::Words(&[&["allow"], &["note"], &["warn"], &["deny"]]),
                help: "Their `binary`.",
            },
            Key {
                name: "encrypted",
                kind: ENCRYPTED,
                default: "",
                strictness: ENCRYPTED_STRICTNESS,
                help: "Their `encrypted`.",
            },
            Key {
                name: "key-management",
                kind: Kind::List(&Kind::Glob),
                default: "",
                strictness: Strictness::FewerItems,
                help: "Their `key-management`.",
            },
        ]),
        default: "",
        strictness: Strictness::Unordered,
        help: "Settings of certain paths. Of the blocks that match, later ones win, key by key.",
    },
];

/// The largest content that is read to see what it is, in bytes: a policy that allows files of many
/// gigabytes does not have a hook hold them in memory.
const MOST_READ: u64 = 50 << 20;

/// The section, compiled for a stage.
#[derive(Debug)]
pub(super) struct Settings {
    base: PathSettings,
    forbid: Vec<PathGlob>,
    exclude: Vec<PathGlob>,
    approved: ApprovedKeys,
    overrides: Vec<CompiledOverride>,
    pub(super) tree: TreeRules,
}

#[derive(Debug)]
struct CompiledOverride {
    paths: Vec<PathGlob>,
    level: Option<SeverityLevels>,
    max_size: Option<u64>,
    binary: Option<Level>,
    encrypted: Option<Encrypted>,
    approved: Option<ApprovedKeys>,
}

/// What holds for one path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct PathSettings {
    pub(super) level: SeverityLevels,
    pub(super) max_size: u64,
    pub(super) binary: Level,
    pub(super) encrypted: Encrypted,
    pub(super) windows_paths: Level,
    pub(super) symlinks_outside: Level,
    pub(super) submodules: Level,
    pub(super) executable_without_shebang: Level,
    pub(super) shebang_without_executable: Level,
    pub(super) case_clashes: Level,
    pub(super) codeowners: Level,
}

impl PathSettings {
    /// Whether the section is off for the path.
    pub(super) fn is_off(&self) -> bool {
        self.level.strictest() == Level::Off
    }
}

impl CompiledOverride {
    fn is_for(&self, path: &RepoPath) -> bool {
        self.paths.iter().any(|glob| glob.is_match(path))
    }
}

impl Settings {
    pub(super) fn new(policy: &Policy, stage: Stage, today: Date) -> Result<Self, PolicyError> {
        let config: Config = policy.section("files")?;
        let overrides = config.path.iter().map(|block| {
            if block.paths.is_empty() {
                let message = "`files.path`: a block without `match` is for no path".to_owned();
                return Err(policy.error("files.path", message, None));
            }
            Ok(CompiledOverride {
                paths: globs(policy, "files.path", &block.paths)?,
                level: block.level.as_ref().map(|levels| levels.by_severity(stage)),
                max_size: block.max_size.map(|size| size.0),
                binary: block.binary,
                encrypted: block.encrypted,
                approved: block
                    .key_management
                    .as_deref()
                    .map(|globs| approved(policy, "files.path", globs))
                    .transpose()?,
            })
        });
        let excluded = config.exclude.iter().filter(|excuse| excuse.holds(today));
        let excluded = excluded.filter_map(|excuse| excuse.path.as_ref());
        Ok(Self {
            base: PathSettings {
                level: config.level.by_severity(stage),
                max_size: config.max_size.0,
                binary: config.binary,
                encrypted: config.encrypted,
                windows_paths: config.tree.windows_paths,
                symlinks_outside: config.tree.symlinks_outside,
                submodules: config.tree.submodules,
                executable_without_shebang: config.tree.executable_without_shebang,
                shebang_without_executable: config.tree.shebang_without_executable,
                case_clashes: config.tree.case_clashes,
                codeowners: config.tree.codeowners,
            },
            forbid: globs(policy, "files.forbid", &config.forbid)?,
            exclude: globs(policy, "files.exclude", excluded)?,
            approved: approved(policy, "files.key-management", &config.key_management)?,
            overrides: overrides.collect::<Result<_, _>>()?,
            tree: TreeRules::new(policy, &config.tree)?,
        })
    }

    pub(super) fn is_excluded(&self, path: &RepoPath) -> bool {
        self.exclude.iter().any(|glob| glob.is_match(path))
    }

    /// The glob that forbids a path.
    pub(super) fn forbidden_by(&self, path: &RepoPath) -> Option<&PathGlob> {
        self.forbid.iter().find(|glob| glob.is_match(path))
    }

    /// The keys that may open what is encrypted at a path.
    pub(super) fn approved_keys(&self, path: &RepoPath) -> &ApprovedKeys {
        let blocks = self.overrides.iter().rev().filter(|block| block.is_for(path));
        blocks.filter_map(|block| block.approved.as_ref()).next().unwrap_or(&self.approved)
    }

    /// The size in bytes up to which contents tell something: those of pointers of Git LFS always, others where
    /// binaries are looked for, as far as their size is allowed at all, or encrypted material, whatever their size; and
    /// no further than [`MOST_READ`].
    pub(super) fn read_limit(&self) -> u64 {
        let levels = self.overrides.iter().filter_map(|block| block.level);
        if levels.chain([self.base.level]).all(|levels| levels.strictest() == Level::Off) {
            return 0;
        }
        let mut encrypted =
            self.overrides.iter().filter_map(|block| block.encrypted).chain([self.base.encrypted]);
        if encrypted.any(|encrypted| encrypted != Encrypted::Allow) {
            return MOST_READ;
        }
        let base = (self.base.binary != Level::Off).then_some(self.base.max_size);
        let sizes = self.overrides.iter().filter_map(|block| match block.binary {
            Some(Level::Off) => None,
            Some(_) => Some(block.max_size.unwrap_or(self.base.max_size)),
            None => block.max_size.filter(|_| self.looks_for_binaries()),
        });
        let contents = self.tree.reads_contents().then_some(self.base.max_size);
        // Git reads no longer target of a symbolic link than a path can be long.
        let least =
            if self.base.symlinks_outside == Level::Off { LONGEST_POINTER } else { PathGlob::LONGEST };
        sizes.chain(base).chain(contents).max().unwrap_or(0).clamp(least as u64, MOST_READ)
    }

    /// What holds where no block says otherwise.
    pub(super) const fn base(&self) -> PathSettings {
        self.base
    }

    /// Whether what stands once a change is made is judged at all.
    pub(super) fn is_reading_trees(&self) -> bool {
        let TreeRules { require, owned, .. } = &self.tree;
        !self.base.is_off()
            && (!require.is_empty() || !owned.is_empty() || self.base.case_clashes != Level::Off)
    }

    fn looks_for_binaries(&self) -> bool {
        let levels = self.overrides.iter().filter_map(|block| block.binary);
        levels.chain([self.base.binary]).any(|level| level != Level::Off)
    }

    /// What holds for a path. Where `level` is off, so is every rule.
    pub(super) fn of(&self, path: &RepoPath) -> PathSettings {
        let mut settings = self.base;
        for block in &self.overrides {
            if block.is_for(path) {
                settings.level = block.level.unwrap_or(settings.level);
                settings.max_size = block.max_size.unwrap_or(settings.max_size);
                settings.binary = block.binary.unwrap_or(settings.binary);
                settings.encrypted = block.encrypted.unwrap_or(settings.encrypted);
            }
        }
        if settings.is_off() {
            settings.encrypted = Encrypted::Allow;
            for level in [
                &mut settings.binary,
                &mut settings.windows_paths,
                &mut settings.symlinks_outside,
                &mut settings.submodules,
                &mut settings.executable_without_shebang,
                &mut settings.shebang_without_executable,
                &mut settings.case_clashes,
                &mut settings.codeowners,
            ] {
                *level = Level::Off;
            }
        }
        settings
    }
}

pub(super) fn globs<'p>(
    policy: &Policy,
    key: &str,
    patterns: impl IntoIterator<Item = &'p String>,
) -> Result<Vec<PathGlob>, PolicyError> {
    let compiled = patterns.into_iter().map(|pattern| PathGlob::new(pattern));
    compiled.collect::<Result<_, _>>().map_err(|error| policy.error(key, format!("`{key}`: {error}"), None))
}

fn approved(policy: &Policy, key: &str, globs: &[String]) -> Result<ApprovedKeys, PolicyError> {
    ApprovedKeys::new(globs).map_err(|(message, help)| {
        // Within a block, the error has the line of the first block.
        let name = if key == "files.path" { "files.path.key-management" } else { key };
        policy.error(key, format!("`{name}`: {message}"), help)
    })
}
