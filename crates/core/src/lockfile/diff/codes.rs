//! The signals, each with its code.

use crate::code::CodeInfo;
use crate::severity::Severity;

/// Something that a reviewer should not miss.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Signal {
    /// A package that a manifest asks for was not in the lock before.
    NewDirect,
    /// A package that came along with another was not in the lock before.
    NewTransitive,
    /// A package runs programs when it is installed, and nothing of its name did before.
    InstallScript,
    /// A package comes from another host than before.
    HostChanged,
    /// A package of the same version has another hash.
    IntegrityChanged,
    /// A version goes down.
    VersionDown,
    /// A new name is one edit away from one that many or that the own organisation uses.
    LookAlike,
    /// A package comes from a repository of Git or from an address, and not from a registry any more.
    LeftRegistry,
    /// A package is fetched without encryption, and was not before.
    Unencrypted,
    /// The hash of a package is gone, or of a weaker kind.
    IntegrityWeaker,
    /// The address that a package is fetched from is that of another package.
    OtherAddress,
}

impl Signal {
    /// Every signal, in the order of their codes.
    pub const ALL: [Self; 11] = [
        Self::NewDirect,
        Self::NewTransitive,
        Self::InstallScript,
        Self::HostChanged,
        Self::IntegrityChanged,
        Self::VersionDown,
        Self::LookAlike,
        Self::LeftRegistry,
        Self::Unencrypted,
        Self::IntegrityWeaker,
        Self::OtherAddress,
    ];

    /// Its code.
    #[must_use]
    pub fn code(self) -> &'static CodeInfo {
        match self {
            Self::NewDirect => &CODES[0],
            Self::NewTransitive => &CODES[1],
            Self::InstallScript => &CODES[2],
            Self::HostChanged => &CODES[3],
            Self::IntegrityChanged => &CODES[4],
            Self::VersionDown => &CODES[5],
            Self::LookAlike => &CODES[6],
            Self::LeftRegistry => &CODES[7],
            Self::Unencrypted => &CODES[8],
            Self::IntegrityWeaker => &CODES[9],
            Self::OtherAddress => &CODES[10],
        }
    }
}

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

/// Every code of the family, in the order of [`Signal::ALL`].
pub(super) static CODES: [CodeInfo; 11] = [
    code(
        "GP-LOCK-DIFF-001",
        "new-direct-dependency",
        Severity::Info,
        [
            "A package that a manifest asks for was not in the lock before.",
            "Every dependency is code of strangers that runs with the rights of the product.",
            "Look at who publishes it, and say in the message why it is needed.",
        ],
        ["left-pad added to package.json and its lock", "left-pad updated"],
    ),
    code(
        "GP-LOCK-DIFF-002",
        "new-transitive-dependency",
        Severity::Info,
        [
            "A package came into the lock along with another one.",
            "It was chosen by somebody else, and nobody here has looked at it.",
            "Look at which package asks for it; most package managers say so (`npm explain`, `cargo tree -i`).",
        ],
        ["a package that only another package asks for", "one that was there"],
    ),
    code(
        "GP-LOCK-DIFF-003",
        "new-install-script",
        Severity::High,
        [
            "A package runs programs when it is installed, and none of its versions did before.",
            "That is how most attacks by packages begin: they run on every machine that installs, before anybody calls them.",
            "Read the script, and install with scripts off where that works (`npm ci --ignore-scripts`).",
        ],
        ["an entry that gains `\"hasInstallScript\": true`", "one that had it"],
    ),
    code(
        "GP-LOCK-DIFF-004",
        "registry-host-changed",
        Severity::High,
        [
            "A package is fetched from another host than before.",
            "The same name at another registry is another package.",
            "Make sure that the new host is meant; if not, take the lock back and make it anew.",
        ],
        ["`resolved` moved from registry.npmjs.org to npm.example.org", "another version at the same host"],
    ),
    code(
        "GP-LOCK-DIFF-005",
        "integrity-changed",
        Severity::Critical,
        [
            "The hash of a package changed and its version did not.",
            "Registries do not replace what they have published: either the package or the lock was tampered with, or it comes from elsewhere.",
            "Take the lock back, make it anew, and compare.",
        ],
        ["another sha512 for left-pad 1.3.0", "another sha512 for left-pad 1.3.1"],
    ),
    code(
        "GP-LOCK-DIFF-006",
        "version-down",
        Severity::Medium,
        [
            "A package goes back to an older version.",
            "What was fixed since then is open again; merges of locks do that by accident.",
            "Say in the message why, or update it again.",
        ],
        ["lodash from 4.17.21 to 4.17.11", "lodash from 4.17.11 to 4.17.21"],
    ),
    code(
        "GP-LOCK-DIFF-007",
        "look-alike-name",
        Severity::High,
        [
            "A new package has a name that is one edit away from one that very many use, or from one of the own organisation.",
            "Such names are registered for those who mistype the other.",
            "Make sure that this is the package that is meant.",
        ],
        ["reqeusts beside requests", "requests"],
    ),
    code(
        "GP-LOCK-DIFF-008",
        "left-registry",
        Severity::High,
        [
            "A package came from a registry and comes from a repository of Git or an address now.",
            "Nothing keeps what stands there from being replaced but the commit or the hash in the lock.",
            "Say in the message why, and go back to a release as soon as there is one.",
        ],
        ["a crate whose source becomes `git+https://…`", "another version from the same registry"],
    ),
    code(
        "GP-LOCK-DIFF-009",
        "fetched-unencrypted",
        Severity::High,
        [
            "A package is fetched by plain http or git, and was not before.",
            "Whoever is on the way can put something else there.",
            "Use https.",
        ],
        ["`resolved` from https to http", "https before and after"],
    ),
    code(
        "GP-LOCK-DIFF-010",
        "integrity-weaker",
        Severity::High,
        [
            "The hash of a package is gone from the lock, or is of a weaker kind than before.",
            "Without it the package can be replaced without anybody noticing.",
            "Have the tool write the entry again.",
        ],
        ["sha512 replaced by sha1", "sha512 before and after"],
    ),
    code(
        "GP-LOCK-DIFF-011",
        "address-of-another-package",
        Severity::Critical,
        [
            "A package is fetched from the address of another package.",
            "The lock shows a name that everybody knows and installs something else.",
            "Take the lock back and make it anew; where an alias is meant, the manifest says `npm:`.",
        ],
        ["lodash with a `resolved` that ends in evil-1.0.0.tgz", "with one that ends in lodash-4.17.21.tgz"],
    ),
];
