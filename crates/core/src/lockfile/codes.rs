//! The codes of the family: one for each kind of drift, and those of what needs no reading of a lock.

use super::ecosystem::Drift;
use crate::code::CodeInfo;
use crate::severity::Severity;

const fn code(
    code: &'static str,
    name: &'static str,
    severity: Severity,
    words: [&'static str; 3],
    examples: [&'static str; 2],
) -> CodeInfo {
    let [summary, why, fix] = words;
    let [fires, silent] = examples;
    CodeInfo { code, name, severity, summary, why, fix, fires, silent }
}

const MEND: &str = "Run the command that the finding names, and commit the lock with its manifest.";

pub(super) const NOT_LOCKED: CodeInfo = code(
    "GP-LOCK-001",
    "dependency-not-locked",
    Severity::High,
    [
        "A manifest asks for a dependency that the lock does not have.",
        "A strict install refuses such a lock; any other picks a version that nobody has looked at.",
        MEND,
    ],
    ["package.json with `\"left-pad\": \"^1.3.0\"`, a lock without it", "the same, locked"],
);

pub(super) const LOCKED_DIFFERENTLY: CodeInfo = code(
    "GP-LOCK-002",
    "locked-differently",
    Severity::High,
    [
        "A dependency is locked at a version, or from a source, that the manifest does not allow.",
        "What is installed is not what the manifest says, or nothing is installed at all.",
        MEND,
    ],
    ["package.json with `\"left-pad\": \"^2.0.0\"`, a lock with 1.3.0", "a lock with 2.0.1"],
);

pub(super) const RECORD_STALE: CodeInfo = code(
    "GP-LOCK-003",
    "lock-record-stale",
    Severity::Medium,
    [
        "What the lock has written down of its manifest, or the hash of it, is not that of the manifest.",
        "The manifest was edited and the lock was not made again: the next install changes it, on whose machine that may be.",
        MEND,
    ],
    ["package.json with `^1.3.0`, a lock that recorded `^1.2.0`", "a lock that recorded `^1.3.0`"],
);

pub(super) const NOT_ASKED_FOR: CodeInfo = code(
    "GP-LOCK-004",
    "locked-without-need",
    Severity::Medium,
    [
        "The lock has a package that nothing asks for.",
        "It is installed all the same by some tools, nobody reviews it, and the next install drops it.",
        MEND,
    ],
    ["a dependency taken out of Cargo.toml and left in Cargo.lock", "taken out of both"],
);

pub(super) const LOCK_INCOMPLETE: CodeInfo = code(
    "GP-LOCK-005",
    "lock-incomplete",
    Severity::High,
    [
        "What a locked package needs is not locked, or not at a version that it takes.",
        "Locks come to this by hand edits and by merges that took lines from both sides.",
        MEND,
    ],
    ["an entry deleted from the lock", "the lock as the tool wrote it"],
);

pub(super) const SETTINGS_DIFFER: CodeInfo = code(
    "GP-LOCK-006",
    "lock-settings-differ",
    Severity::High,
    [
        "Overrides, resolutions, patches, catalogs or indexes are not those that the lock was made with.",
        "They decide what is chosen, often as the fix of a vulnerability: as long as the lock does not have them they do nothing.",
        MEND,
    ],
    ["an override added to package.json, a pnpm-lock.yaml without it", "the override in both"],
);

pub(super) const MEMBERS_DIFFER: CodeInfo = code(
    "GP-LOCK-007",
    "lock-members-differ",
    Severity::High,
    [
        "The members of a workspace are not those that the lock knows.",
        "What a new member needs is not locked, and what a removed one needed still is.",
        MEND,
    ],
    ["a crate added to the workspace, a Cargo.lock without it", "a Cargo.lock with it"],
);

pub(super) const TAMPERED: CodeInfo = code(
    "GP-LOCK-008",
    "lock-tampered",
    Severity::High,
    [
        "Something in the lock is not as the tool writes it: a checksum is gone, a header is of another form.",
        "Tools that notice refuse the lock; those that do not install what nothing vouches for.",
        MEND,
    ],
    ["a Cargo.lock with the checksum of a package taken out", "the lock as cargo wrote it"],
);

pub(super) const UNREADABLE: CodeInfo = code(
    "GP-LOCK-009",
    "lock-unreadable",
    Severity::High,
    [
        "A lock or its manifest is not what its name says: broken JSON, TOML or YAML, or a form that has no meaning.",
        "No tool can read it, so nothing can be installed from it.",
        "Mend the line that the finding names, or have the tool write the lock again.",
    ],
    ["a package-lock.json that ends in the middle", "a whole one"],
);

pub(super) const REPEATED: CodeInfo = code(
    "GP-LOCK-010",
    "lock-entry-repeated",
    Severity::High,
    [
        "A key or a package stands twice in a lock.",
        "Merges leave that; which of the two counts depends on who reads it.",
        MEND,
    ],
    ["two entries of one package and version in Cargo.lock", "one"],
);

pub(super) const CONFLICT: CodeInfo = code(
    "GP-LOCK-011",
    "lock-conflict",
    Severity::High,
    [
        "A lock or a manifest has the marks of a merge that was never resolved.",
        "Some tools resolve it by themselves, each in its own way; the others refuse the file.",
        "Take one side, and have the tool write the lock again.",
    ],
    ["a yarn.lock with `<<<<<<< HEAD`", "the merged file"],
);

pub(super) const VERSION_UNKNOWN: CodeInfo = code(
    "GP-LOCK-012",
    "lock-version-unknown",
    Severity::Medium,
    [
        "The lock says that it is of a form which this version of gatepost does not know.",
        "Nobody can tell whether it is in sync, and it is not taken for it.",
        "Use a newer gatepost, or a package manager that writes a known form.",
    ],
    ["a Cargo.lock of `version = 9`", "`version = 4`"],
);

pub(super) const CANNOT_TELL: CodeInfo = code(
    "GP-LOCK-013",
    "lock-cannot-tell",
    Severity::Info,
    [
        "The files alone do not say whether lock and manifest agree.",
        "The answer hangs on a registry, on a program that is the manifest, or on settings outside the repository.",
        "Run the strict install of the tool where that matters.",
    ],
    ["a Gemfile with `if ENV[\"CI\"]`", "a Gemfile of literal lines"],
);

pub(super) const MISSING: CodeInfo = code(
    "GP-LOCK-014",
    "lock-missing",
    Severity::High,
    [
        "A manifest asks for dependencies, the policy requires a lock, and there is none.",
        "Every install picks the newest versions of the moment, and no two are alike.",
        "Make the lock with the command that the finding names, and commit it.",
    ],
    ["package.json with dependencies and no lock, under `require = [\"**\"]`", "with package-lock.json"],
);

pub(super) const IGNORED: CodeInfo = code(
    "GP-LOCK-015",
    "lock-ignored",
    Severity::Medium,
    [
        "A lock is missing, and a line of .gitignore keeps it out, or a setting of the tool keeps it from being written.",
        "It is made on every machine anew, and no two are alike.",
        "Take the line out of .gitignore, or the setting out of the tool's file, and commit the lock.",
    ],
    ["`package-lock.json` in .gitignore", "no such line"],
);

pub(super) const ORPHAN: CodeInfo = code(
    "GP-LOCK-016",
    "lock-without-manifest",
    Severity::Medium,
    [
        "A lock has no manifest beside it.",
        "Nothing reads it, so nothing keeps it up to date, and scanners report what is in it for ever.",
        "Delete it, or put its manifest back.",
    ],
    ["a package-lock.json in a folder without package.json", "with package.json"],
);

pub(super) const RIVALS: CodeInfo = code(
    "GP-LOCK-017",
    "rival-locks",
    Severity::Medium,
    [
        "Two package managers have a lock for one manifest.",
        "Only one of them is used in CI; the other goes stale, and whoever uses it installs something else.",
        "Decide on one, and delete the lock of the other.",
    ],
    ["package-lock.json and yarn.lock beside one package.json", "one of them"],
);

pub(super) const MANIFEST_ALONE: CodeInfo = code(
    "GP-LOCK-018",
    "manifest-changed-alone",
    Severity::Medium,
    [
        "A change alters what a manifest asks for and not its lock, and nobody can tell from the files whether they still agree.",
        "Most such changes are a lock that was forgotten.",
        MEND,
    ],
    ["a gem added to a Gemfile with an `if`, the lock as it was", "both changed"],
);

pub(super) const LOCK_ALONE: CodeInfo = code(
    "GP-LOCK-019",
    "lock-changed-alone",
    Severity::Low,
    [
        "A change alters a lock and none of its manifests.",
        "It is right for an update within the ranges, `npm audit fix` and a lock that had gone stale; a hand that puts another package into a lock looks the same.",
        "Say in the message which command made it, and look at what it moves with gatepost deps diff.",
    ],
    ["Cargo.lock changed by `cargo update`", "with its Cargo.toml"],
);

pub(super) const UNKNOWN: CodeInfo = code(
    "GP-LOCK-020",
    "lock-not-judged",
    Severity::Info,
    [
        "A lock is of a tool that gatepost knows by name and does not judge.",
        "It is not taken for in sync: nobody has looked.",
        "Have CI run the tool's own strict install.",
    ],
    ["flake.lock", "Cargo.lock"],
);

/// Every code of the family, in order.
pub(super) static CODES: [CodeInfo; 20] = [
    NOT_LOCKED,
    LOCKED_DIFFERENTLY,
    RECORD_STALE,
    NOT_ASKED_FOR,
    LOCK_INCOMPLETE,
    SETTINGS_DIFFER,
    MEMBERS_DIFFER,
    TAMPERED,
    UNREADABLE,
    REPEATED,
    CONFLICT,
    VERSION_UNKNOWN,
    CANNOT_TELL,
    MISSING,
    IGNORED,
    ORPHAN,
    RIVALS,
    MANIFEST_ALONE,
    LOCK_ALONE,
    UNKNOWN,
];

impl Drift {
    /// Its code.
    #[must_use]
    pub const fn code(self) -> &'static CodeInfo {
        match self {
            Self::NotLocked => &NOT_LOCKED,
            Self::LockedDifferently => &LOCKED_DIFFERENTLY,
            Self::RecordStale => &RECORD_STALE,
            Self::NotAskedFor => &NOT_ASKED_FOR,
            Self::LockIncomplete => &LOCK_INCOMPLETE,
            Self::SettingsDiffer => &SETTINGS_DIFFER,
            Self::MembersDiffer => &MEMBERS_DIFFER,
            Self::Tampered => &TAMPERED,
            Self::Unreadable => &UNREADABLE,
            Self::Repeated => &REPEATED,
            Self::Conflict => &CONFLICT,
            Self::VersionUnknown => &VERSION_UNKNOWN,
        }
    }
}
