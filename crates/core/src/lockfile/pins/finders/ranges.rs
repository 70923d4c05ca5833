//! Dependencies of manifests that are asked for by a range. A lock holds them for whoever installs from it, and not for who
//! installs the package; policies that ask for exact versions mean both.

use super::super::loose::{Finder, Hold, Loose, Wanted};
use crate::code::CodeInfo;
use crate::lockfile::{Declared, Kind, Origin, Precision, Role, Source, ecosystems::ECOSYSTEMS};
use crate::severity::Severity;

pub(super) const FINDER: Finder = Finder {
    info: CodeInfo {
        code: "GP-PIN-007",
        name: "floating-range",
        severity: Severity::High,
        summary: "A manifest asks for a dependency by a range of versions.",
        why: "Two installs without the lock are not the same, and a bad release comes in by itself.",
        fix: "Write one version. Dependencies for development and of peers are left alone.",
        fires: "[dependencies]\nserde = \"^1.0\"\n",
        silent: "[dependencies]\nserde = \"=1.0.219\"\n\n[dev-dependencies]\nproptest = \"1\"\n",
    },
    key: "ranges",
    options: "ranges = \"warn\"",
    example_path: "Cargo.toml",
    reads: is_manifest,
    find,
};

pub(super) fn is_manifest(path: &str) -> bool {
    ECOSYSTEMS.iter().any(|ecosystem| ecosystem.role(path).is_some_and(Role::may_be_manifest))
}

/// What a manifest asks for; nothing where nobody can tell.
pub(super) fn declared(source: &Source) -> Vec<Declared> {
    crate::lockfile::declared(source).and_then(Result::ok).unwrap_or_default()
}

/// Whether what is shipped needs it.
pub(super) const fn is_shipped(kind: Kind) -> bool {
    matches!(kind, Kind::Production | Kind::Build | Kind::Optional)
}

fn find(source: &Source, _: &Wanted<'_>) -> Vec<Loose> {
    let loose = |declared: Declared| {
        let is_loose = is_shipped(declared.kind) && matches!(declared.origin, Origin::Registry(_));
        let (hold, how) = match declared.precision {
            Precision::Any => (Hold::Nothing, "any version".to_owned()),
            Precision::Range => (Hold::Name, format!("the range {}", declared.requirement)),
            Precision::Exact | Precision::None => return None,
        };
        is_loose.then(|| Loose {
            hold,
            key: format!("{} {}", declared.name, declared.requirement),
            what: format!("{} is asked for by {how}", declared.name),
            fix: "write the one version that is locked".to_owned(),
            span: declared.span,
        })
    };
    declared(source).into_iter().filter_map(loose).collect()
}
