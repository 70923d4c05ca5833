use super::*;
use crate::lockfile::{GitRef, Kind, Origin, Precision};

const MANIFEST: &str = "\
[project]
name = \"app\"
dependencies = [\"six==1.16\", \"Lib_A\", \"tool\"]
[dependency-groups]
dev = [\"pytest>=8\"]
[tool.uv.sources]
tool = { git = \"https://example.org/tool\", tag = \"v1\" }
";

#[test]
fn a_manifest_says_what_it_declares() {
    let found = Uv.declared(&Source::new("pyproject.toml", MANIFEST)).unwrap();
    let names: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.kind, one.precision)).collect();
    assert_eq!(
        names,
        [
            ("six", Kind::Production, Precision::Exact),
            ("lib-a", Kind::Production, Precision::Any),
            ("tool", Kind::Production, Precision::None),
            ("pytest", Kind::Development, Precision::Range),
        ]
    );
    let at = GitRef::Tag("v1".to_owned());
    assert_eq!(found[2].origin, Origin::Git { url: "https://example.org/tool".to_owned(), at });
}

#[test]
fn a_lock_says_what_it_holds() {
    let text = "\
version = 1
[[package]]
name = \"app\"
source = { virtual = \".\" }
dependencies = [{ name = \"six\" }]
[[package]]
name = \"six\"
version = \"1.16.0\"
source = { registry = \"https://index.example.org/simple\" }
wheels = [{ url = \"https://files.example.org/six-1.16.0-py3-none-any.whl\", hash = \"sha256:00\" }]
[[package]]
name = \"bare\"
version = \"1\"
source = { registry = \"https://index.example.org/simple\" }
sdist = { url = \"https://files.example.org/bare-1.tar.gz\" }
";
    let found = Uv.locked(&Source::new("uv.lock", text)).unwrap();
    let six = &found[1];
    assert_eq!((six.name.as_str(), six.version.as_str(), six.is_direct), ("six", "1.16.0", Some(true)));
    assert_eq!((six.integrity.as_slice(), six.needs_integrity), (&["sha256:00".to_owned()][..], true));
    let bare = &found[2];
    assert!(bare.integrity.is_empty() && bare.needs_integrity);
    assert_eq!((bare.is_direct, bare.runs_scripts), (Some(false), Some(true)));
    assert!(!found[0].needs_integrity);
}
